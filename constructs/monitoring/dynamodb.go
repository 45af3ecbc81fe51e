package monitoring

import (
	"slices"
	"strings"
	"time"
)

const tablePage = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html"

var tableServices = []service{{
	kind: "AWS::DynamoDB::Table", title: "DynamoDB tables", namespace: "AWS/DynamoDB", dimensions: []dimension{byRef("TableName")}, page: tablePage,
	metrics: slices.Concat(tableMetrics, []metric{
		capacity("Read"), capacity("Write"),
	}),
}, {
	kind: "AWS::DynamoDB::GlobalTable", title: "DynamoDB global tables", namespace: "AWS/DynamoDB", dimensions: []dimension{byRef("TableName")}, page: tablePage,
	metrics: tableMetrics,
}}

var tableMetrics = []metric{{
	name: "ConsumedReadCapacityUnits", statistic: "Sum", unit: "units", graph: "Consumed capacity a minute",
}, {
	name: "ConsumedWriteCapacityUnits", statistic: "Sum", unit: "units", graph: "Consumed capacity a minute",
}, throttles("Read"), throttles("Write"), systemErrors}

// throttles are those of the table itself: its indexes have their own.
func throttles(direction string) metric {
	return metric{
		name: direction + "ThrottleEvents", statistic: "Sum", unit: "events", graph: "Throttles and errors",
		alarm: &alarm{
			text: direction + "s are throttled", threshold: 0, datapoints: 3, of: 5, severity: Warning,
			reason: "The SDKs try throttled calls again, so that one burst passes; three minutes of them are a lack of capacity or a hot key.",
		},
	}
}

// operations are those whose errors are counted: an alarm has room for ten.
var operations = []string{
	"GetItem", "BatchGetItem", "Query", "Scan", "TransactGetItems", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems",
}

var systemErrors = func() metric {
	m := metric{
		name: "SystemErrors", unit: "requests", graph: "Throttles and errors",
		alarm: &alarm{
			text: "DynamoDB answers with internal errors", threshold: 0, datapoints: 3, of: 5, severity: Critical,
			reason: "The SDKs try again after a single one; three minutes of them are an event of the service.",
		},
	}
	var terms []string
	for _, operation := range operations {
		m.using = append(m.using, metric{
			name: operation, metricName: "SystemErrors", statistic: "Sum", dimensions: []dimension{byRef("TableName"), fixed("Operation", operation)},
		})
		terms = append(terms, "FILL({"+operation+"},0)")
	}
	m.expression = strings.Join(terms, "+")
	return m
}()

// capacity is the use of the provisioned capacity, which is reported every five minutes.
func capacity(direction string) metric {
	return metric{
		name: direction + "CapacityPercent", expression: "100*{Consumed}/PERIOD({Consumed})/{Provisioned}", period: 5 * time.Minute, unit: "%", graph: "Use of the provisioned capacity, %",
		using: []metric{
			{name: "Consumed", metricName: "Consumed" + direction + "CapacityUnits", statistic: "Sum"},
			{name: "Provisioned", metricName: "Provisioned" + direction + "CapacityUnits", statistic: "Average"},
		},
		when: func(r *resource) bool {
			mode, _ := r.text("BillingMode")
			return mode != "PAY_PER_REQUEST"
		},
		alarm: &alarm{
			text: direction + "s use most of the capacity", threshold: 85, datapoints: 3, of: 3, severity: Warning,
			reason: "Auto scaling aims at 70 % by default; 15 minutes above 85 % are more than it can add.",
		},
	}
}
