package monitoring

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"
)

// props gives the props of the alarm on a metric.
func (item *planned) props(description string) *awscloudwatch.CfnAlarmProps {
	a := item.alarm
	p := &awscloudwatch.CfnAlarmProps{
		AlarmDescription: &description, DatapointsToAlarm: jsii.Number(a.datapoints), EvaluationPeriods: jsii.Number(a.of), TreatMissingData: jsii.String(a.missingData()),
	}
	m := &item.metric
	switch {
	case a.band > 0:
		p.ComparisonOperator, p.ThresholdMetricId = jsii.String("GreaterThanUpperThreshold"), jsii.String("band")
		if a.lessThan {
			p.ComparisonOperator = jsii.String("LessThanLowerThreshold")
		}
		p.Metrics = append(item.queries(), &awscloudwatch.CfnAlarm_MetricDataQueryProperty{
			Id: jsii.String("band"), Expression: jsii.String(fmt.Sprintf("ANOMALY_DETECTION_BAND(value, %s)", number(a.band))), ReturnData: jsii.Bool(true),
		})
		return p
	case m.expression != "":
		p.Metrics = item.queries()
	default:
		p.Namespace, p.MetricName, p.Period = &m.namespace, &m.metricName, jsii.Number(m.period.Seconds())
		p.Dimensions = dimensionsOf(item.dimensions[m.name])
		if isPlain(m.statistic) {
			p.Statistic = &m.statistic
		} else {
			p.ExtendedStatistic = &m.statistic
		}
	}
	p.Threshold, p.ComparisonOperator = &a.threshold, jsii.String("GreaterThanThreshold")
	if a.lessThan {
		p.ComparisonOperator = jsii.String("LessThanThreshold")
	}
	return p
}

// isPlain tells a statistic from an extended one, such as a percentile.
func isPlain(statistic string) bool {
	switch statistic {
	case "Sum", "Average", "Minimum", "Maximum", "SampleCount":
		return true
	}
	return false
}

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// queries gives a metric as queries, of which the one with the id value is its value.
func (item *planned) queries() []any {
	var queries []any
	m := &item.metric
	for _, part := range m.parts() {
		id := queryID(part.name)
		if m.expression == "" {
			id = "value"
		}
		queries = append(queries, &awscloudwatch.CfnAlarm_MetricDataQueryProperty{
			Id: &id, ReturnData: jsii.Bool(m.expression == ""),
			MetricStat: &awscloudwatch.CfnAlarm_MetricStatProperty{
				Stat: &part.statistic, Period: jsii.Number(part.period.Seconds()),
				Metric: &awscloudwatch.CfnAlarm_MetricProperty{
					Namespace: &part.namespace, MetricName: &part.metricName, Dimensions: dimensionsOf(item.dimensions[part.name]),
				},
			},
		})
	}
	if m.expression != "" {
		queries = append(queries, &awscloudwatch.CfnAlarm_MetricDataQueryProperty{
			Id: jsii.String("value"), Expression: jsii.String(m.expressionWith(queryID)), Label: &m.name, ReturnData: jsii.Bool(true),
		})
	}
	return queries
}

// queryID turns the name of a metric into an id of metric math, which begins with a small letter.
func queryID(name string) string { return "m" + name }

func dimensionsOf(values []value) []any {
	out := make([]any, len(values))
	for i := range values {
		out[i] = &awscloudwatch.CfnAlarm_DimensionProperty{Name: &values[i].name, Value: &values[i].value}
	}
	return out
}

// maxDescription is the limit of CloudWatch for the description of an alarm.
const maxDescription = 1024

// description says what is wrong, when the alarm fires, where, why at that threshold and what to do.
func (item *planned) description(runbook string) string {
	a, m := item.alarm, &item.metric
	beyond := side(a.lessThan) + " " + quantity(a.threshold, m.unit)
	reason := " " + a.reason
	if a.band > 0 {
		beyond, reason = fmt.Sprintf("%s what is usual by more than %s standard deviations", side(a.lessThan), number(a.band)), ""
	}
	head := fmt.Sprintf("%s: %s %s %s (", a.text, m.name, beyond, within(a.datapoints, a.of, m.period))
	tail := ")." + reason
	if runbook != "" {
		tail += " Runbook: " + runbook + "#" + anchor(item.key)
	}
	path := item.resource.path
	if long := len(head) + len(path) + len(tail) - maxDescription; long > 0 {
		path = "…" + strings.ToValidUTF8(path[min(len(path), long+len("…")):], "")
	}
	return head + path + tail
}
