package monitoring

import "strings"

var lambdaServices = []service{{
	kind: "AWS::Lambda::Function", title: "Lambda functions", namespace: "AWS/Lambda", dimensions: []dimension{byRef("FunctionName")},
	page: "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html",
	metrics: []metric{{
		name: "Invocations", statistic: "Sum", unit: "invocations", graph: "Invocations",
	}, {
		name: "Errors", statistic: "Sum", unit: "invocations", graph: "Invocations",
	}, {
		name: "Throttles", statistic: "Sum", unit: "invocations", graph: "Invocations",
		alarm: &alarm{
			text: "Invocations are throttled", threshold: 0, datapoints: 2, of: 3, severity: Warning,
			reason: "A throttled call is lost to a caller that waits, so none is expected; two minutes let one burst pass.",
		},
	}, {
		name: "DeadLetterErrors", statistic: "Sum", unit: "events", graph: "Invocations",
		when: func(r *resource) bool { return r.has("DeadLetterConfig", "TargetArn") },
		alarm: &alarm{
			text: "Events that failed could not be put in the dead-letter queue", threshold: 0, datapoints: 1, of: 1, severity: Critical,
			reason: "Each such event is lost for good.",
		},
	}, {
		name: "ErrorPercent", expression: "100*{Errors}/{Invocations}", unit: "%", graph: "Errors, %",
		using: []metric{{name: "Errors", statistic: "Sum"}, {name: "Invocations", statistic: "Sum"}},
		alarm: &alarm{
			text: "Invocations fail", threshold: 1, datapoints: 3, of: 5, severity: Critical,
			reason: "One failure in a hundred, for three minutes, is more than what retries make up for.",
		},
	}, {
		name: "Duration", statistic: "Maximum", unit: "ms", graph: "Duration, ms",
		alarm: &alarm{
			text: "Invocations come near the timeout", from: func(r *resource) (float64, bool) {
				timeout, ok := r.numberOr(3, "Timeout")
				return timeout * 1000 * 0.8, ok
			},
			thresholdText: "80 % of the function's timeout", datapoints: 3, of: 5, severity: Warning,
			reason: "A fifth of the timeout is left to raise it or to find what slowed down, before invocations are cut off.",
		},
	}, {
		name: "DurationMedian", metricName: "Duration", statistic: "p50", unit: "ms", graph: "Duration, ms",
	}, {
		name: "ConcurrentExecutions", statistic: "Maximum", unit: "executions", graph: "Concurrent executions",
		alarm: &alarm{
			text: "Concurrency nears what is reserved", from: func(r *resource) (float64, bool) {
				reserved, ok := r.number("ReservedConcurrentExecutions")
				return reserved * 0.8, ok && reserved > 0
			},
			thresholdText: "80 % of the reserved concurrency, where it is reserved", datapoints: 3, of: 5, severity: Warning,
			reason: "Above what is reserved calls are throttled; a fifth leaves time to raise it.",
		},
	}, {
		name: "IteratorAge", statistic: "Maximum", unit: "ms", graph: "Age of records, ms", when: readsStream,
		alarm: &alarm{
			text: "The function falls behind the stream that it reads", threshold: 300_000, datapoints: 5, of: 5, severity: Warning,
			reason: "Streams keep records for a day or more: five minutes behind is no loss yet, and no pause for a retry either.",
		},
	}},
}}

// readsStream tells whether a stream of Kinesis or DynamoDB is an event source of a function.
func readsStream(r *resource) bool {
	for _, mapping := range r.tree.of("AWS::Lambda::EventSourceMapping") {
		function := mapping.target("FunctionName")
		if function != nil && function.kind != r.kind { // an alias or a version
			function = function.target("FunctionName")
		}
		if function != r {
			continue
		}
		source := mapping.target("EventSourceArn")
		text, _ := mapping.text("EventSourceArn")
		if source != nil && (source.kind == "AWS::Kinesis::Stream" || strings.HasPrefix(source.kind, "AWS::DynamoDB::")) ||
			strings.Contains(text, ":kinesis:") || strings.Contains(text, ":dynamodb:") {
			return true
		}
	}
	return false
}
