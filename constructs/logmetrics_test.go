package constructs_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/logmetrics"
)

func newLogs(stack awscdk.Stack, id string, class awslogs.LogGroupClass) awslogs.LogGroup {
	return awslogs.NewLogGroup(stack, &id, &awslogs.LogGroupProps{LogGroupClass: class, Retention: awslogs.RetentionDays_ONE_MONTH})
}

func newAlarmTopic(stack awscdk.Stack) awssns.Topic {
	return awssns.NewTopic(stack, jsii.String("Topic"), &awssns.TopicProps{EnforceSSL: jsii.Bool(true)})
}

func TestMetricFilter_Defaults(t *testing.T) {
	stack := cdktest.Stack(t)
	f := logmetrics.NewMetricFilter(stack, "Errors", &logmetrics.MetricFilterProps{
		LogGroup: newLogs(stack, "Logs", ""), Pattern: `{ $.level = "ERROR" }`, Namespace: "Shop", Name: "Errors",
	})
	assert.Nil(t, f.Alarm)
	tpl := cdktest.Synth(t, stack)
	logs := tpl.All("AWS::Logs::LogGroup")[0]
	tpl.Count("AWS::CloudWatch::Alarm", 0)
	tpl.Has("AWS::Logs::MetricFilter", o{
		"LogGroupName": o{"Ref": logs.LogicalID}, "FilterPattern": `{ $.level = "ERROR" }`, "FilterName": cdktest.Absent,
		"ApplyOnTransformedLogs": cdktest.Absent,
		"MetricTransformations":  cdktest.Exactly(a{o{"MetricNamespace": "Shop", "MetricName": "Errors", "MetricValue": "1"}}),
	})
}

// fullFilter defines metric filters with every prop.
func fullFilter(stack awscdk.Stack) *logmetrics.MetricFilter {
	logs := newLogs(stack, "Logs", awslogs.LogGroupClass_STANDARD)
	logmetrics.NewMetricFilter(stack, "Latency", &logmetrics.MetricFilterProps{
		LogGroup: logs, Pattern: `{ $.ms = * }`, Namespace: "Shop", Name: "Latency", Value: "$.ms", Unit: awscloudwatch.Unit_MILLISECONDS,
		Dimensions: map[string]string{"Service": "$.service", "Method": "$.request.method"}, ApplyOnTransformedLogs: true,
	})
	return logmetrics.NewMetricFilter(stack, "Bytes", &logmetrics.MetricFilterProps{
		LogGroup: logs, Pattern: `[..., status = 5*, bytes]`, Namespace: "Shop", Name: "Bytes", Value: "$bytes", DefaultValue: new(0.0),
		FilterName:      "bytes",
		Alarm:           &logmetrics.Alarm{Topic: newAlarmTopic(stack), Text: "Errors are large", Statistic: "p99", Threshold: 1e6, Minutes: 2, Of: 3},
		ConfigureFilter: func(p *awslogs.MetricFilterProps) { p.Unit = awscloudwatch.Unit_BYTES },
	})
}

func TestMetricFilter_Full(t *testing.T) {
	stack := cdktest.Stack(t)
	f := fullFilter(stack)
	assert.NotNil(t, f.Alarm)
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("logmetrics/filters")
	tpl.Has("AWS::Logs::MetricFilter", o{"ApplyOnTransformedLogs": true, "MetricTransformations": cdktest.Exactly(a{o{
		"MetricNamespace": "Shop", "MetricName": "Latency", "MetricValue": "$.ms", "Unit": "Milliseconds",
		"Dimensions": a{o{"Key": "Method", "Value": "$.request.method"}, o{"Key": "Service", "Value": "$.service"}},
	}})})
	tpl.Has("AWS::Logs::MetricFilter", o{"FilterName": "bytes", "MetricTransformations": cdktest.Exactly(a{o{
		"MetricNamespace": "Shop", "MetricName": "Bytes", "MetricValue": "$bytes", "DefaultValue": 0, "Unit": "Bytes",
	}})})
	topic := tpl.All("AWS::SNS::Topic")[0].LogicalID
	tpl.Has("AWS::CloudWatch::Alarm", o{
		"Namespace": "Shop", "MetricName": "Bytes", "ExtendedStatistic": "p99", "Period": 60, "Threshold": 1e6, "Dimensions": cdktest.Absent,
		"ComparisonOperator": "GreaterThanThreshold", "DatapointsToAlarm": 2, "EvaluationPeriods": 3, "TreatMissingData": "notBreaching",
		"AlarmActions": a{o{"Ref": topic}}, "OKActions": a{o{"Ref": topic}},
		"AlarmDescription": "Errors are large, in 2 of 3 minutes (Test/Bytes)",
	})
}

// An alarm about what must happen fires when nothing does.
func TestMetricFilter_AlarmBelow(t *testing.T) {
	stack := cdktest.Stack(t)
	props := &logmetrics.MetricFilterProps{
		LogGroup: newLogs(stack, "Logs", ""), Pattern: "done", Namespace: "Shop", Name: "Backups",
		Alarm: &logmetrics.Alarm{Topic: newAlarmTopic(stack), Text: "No backup", Threshold: 1, LessThan: true, Minutes: 60},
	}
	logmetrics.NewMetricFilter(stack, "Backups", props)
	assert.Empty(t, props.Alarm.Statistic, "props stay as they are")
	cdktest.Synth(t, stack).Has("AWS::CloudWatch::Alarm", o{
		"ComparisonOperator": "LessThanThreshold", "TreatMissingData": "breaching", "Statistic": "Sum", "EvaluationPeriods": 60, "DatapointsToAlarm": 60,
	})
}

func TestMetricFilter_Metric(t *testing.T) {
	stack := cdktest.Stack(t)
	f := fullFilter(stack)
	awscloudwatch.NewAlarm(stack, jsii.String("Mine"), &awscloudwatch.AlarmProps{
		Metric: f.Metric("Maximum", map[string]string{"Service": "orders"}), Threshold: jsii.Number(1), EvaluationPeriods: jsii.Number(1),
	})
	cdktest.Synth(t, stack).Has("AWS::CloudWatch::Alarm", o{
		"MetricName": "Bytes", "Statistic": "Maximum", "Period": 60, "Dimensions": a{o{"Name": "Service", "Value": "orders"}},
	})
}

func TestMetricFilter_ReportsEveryProblem(t *testing.T) {
	stack := cdktest.Stack(t)
	err := cdktest.Panic(func() {
		logmetrics.NewMetricFilter(stack, "Errors", &logmetrics.MetricFilterProps{Pattern: "a-b", Namespace: "AWS/X", Name: "Errors"})
	})
	require.EqualError(t, err, `Test/Errors: invalid logmetrics.MetricFilterProps:
  - LogGroup: must be given
  - Pattern: column 2: "-" is only in a "quoted string"
  - Namespace: must not start with AWS/, which is for services of AWS, got "AWS/X"`)
	assert.Nil(t, stack.Node().TryFindChild(jsii.String("Errors")), "nothing is made")

	err = cdktest.Panic(func() {
		logmetrics.NewMetricFilter(stack, "Bytes", &logmetrics.MetricFilterProps{
			LogGroup: newLogs(stack, "Logs", ""), Pattern: "[..., size]", Namespace: "Shop", Name: "Bytes", Value: "$bytes",
			Dimensions: map[string]string{"Path": "$path"}, DefaultValue: new(0.0), Alarm: &logmetrics.Alarm{Topic: newAlarmTopic(stack), Text: "Much"},
		})
	})
	require.EqualError(t, err, `Test/Bytes: invalid logmetrics.MetricFilterProps:
  - Value: must refer to what the events have, got "$bytes": the pattern has no field bytes
  - Dimensions["Path"]: must refer to what the events have, got "$path": the pattern has no field path
  - DefaultValue: must be left out with Dimensions
  - Alarm: must be left out with Dimensions, as each combination of them is a metric of its own`)
	assert.Error(t, cdktest.Panic(func() { logmetrics.NewMetricFilter(stack, "Errors", nil) }))
}

func TestMetricFilter_QuotasOfALogGroup(t *testing.T) {
	filters := func(group awslogs.ILogGroup, n int, pattern string) {
		for i := range n {
			logmetrics.NewMetricFilter(awscdk.Stack_Of(group), *group.Node().Id()+pattern[:1]+strconv.Itoa(i), &logmetrics.MetricFilterProps{
				LogGroup: group, Pattern: pattern, Namespace: "Shop", Name: "N",
			})
		}
	}
	stack := cdktest.Stack(t)
	imported := awslogs.LogGroup_FromLogGroupName(stack, jsii.String("Imported"), jsii.String("/there"))
	full := newLogs(stack, "Full", "")
	filters(full, 95, "a")
	filters(full, 5, "%a%")
	filters(imported, 5, "%a%")
	cdktest.Synth(t, stack).Count("AWS::Logs::MetricFilter", 105)

	stack = cdktest.Stack(t)
	imported = awslogs.LogGroup_FromLogGroupName(stack, jsii.String("Imported"), jsii.String("/there"))
	full = newLogs(stack, "Full", "")
	rare := newLogs(stack, "Rare", awslogs.LogGroupClass_INFREQUENT_ACCESS)
	filters(full, 95, "a")
	filters(full, 6, "%a%")
	filters(imported, 101, "a")
	filters(rare, 1, "a")
	err := cdktest.Panic(func() { awscdk.Stage_Of(stack).Synth(nil) })
	for _, want := range []string{
		"the log group Test/Full has at most 100 metric filters, got 101",
		"the log group Test/Full has at most 5 filters with a regular expression, got 6",
		"the log group Test/Imported has at most 100 metric filters, got 101",
		"the log group Test/Rare is of the class INFREQUENT_ACCESS, which has no metric filters",
	} {
		assert.ErrorContains(t, err, want)
	}
	assert.Equal(t, 4, strings.Count(err.Error(), "the log group"), err.Error())
}

func ruleBody(t *testing.T, tpl *cdktest.Template) map[string]any {
	t.Helper()
	var body map[string]any
	require.NoError(t, json.Unmarshal([]byte(tpl.All("AWS::CloudWatch::InsightRule")[0].Properties["RuleBody"].(string)), &body))
	return body
}

func TestContributorRule_Defaults(t *testing.T) {
	stack := cdktest.Stack(t)
	logmetrics.NewContributorRule(stack, "Callers", &logmetrics.ContributorRuleProps{LogGroupNames: []string{"/shop/*"}, Keys: []string{"$.ip"}})
	tpl := cdktest.Synth(t, stack)
	tpl.Has("AWS::CloudWatch::InsightRule", o{
		"RuleName": cdktest.Text("^Test-Callers-[0-9A-F]{8}$"), "RuleState": "ENABLED", "ApplyOnTransformedLogs": cdktest.Absent, "Tags": cdktest.Absent,
	})
	assert.Equal(t, map[string]any{
		"Schema":        map[string]any{"Name": "CloudWatchLogRule", "Version": 1.},
		"LogGroupNames": []any{"/shop/*"}, "LogFormat": "JSON", "AggregateOn": "Count",
		"Contribution": map[string]any{"Keys": []any{"$.ip"}},
	}, ruleBody(t, tpl))
}

func TestContributorRule_Full(t *testing.T) {
	stack := cdktest.Stack(t)
	logs := newLogs(stack, "Logs", "")
	r := logmetrics.NewContributorRule(stack, "Bytes", &logmetrics.ContributorRuleProps{
		Name: "bytes", LogGroups: []awslogs.ILogGroup{logs}, LogGroupNames: []string{"/more"}, CLF: true,
		Fields: map[int]string{4: "source", 5: "target", 10: "bytes"}, Keys: []string{"source", "target", "7"}, ValueOf: "bytes",
		Filters: []logmetrics.Filter{
			{Field: "source", StartsWith: []string{"10.", "192.168."}}, {Field: "bytes", GreaterThan: new(0.0)}, {Field: "13", Absent: true},
		},
		Disabled: true, ApplyOnTransformedLogs: true,
		ConfigureRule: func(p *awscloudwatch.CfnInsightRuleProps) {
			p.Tags = &[]*awscdk.CfnTag{{Key: jsii.String("a"), Value: jsii.String("b")}}
		},
	})
	awscloudwatch.NewAlarm(stack, jsii.String("Many"), &awscloudwatch.AlarmProps{
		Metric: r.Metric(logmetrics.UniqueContributors), Threshold: jsii.Number(1000), EvaluationPeriods: jsii.Number(1),
	})
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("logmetrics/rule")
	rule := tpl.Has("AWS::CloudWatch::InsightRule", o{"RuleName": "bytes", "RuleState": "DISABLED", "ApplyOnTransformedLogs": true, "Tags": a{o{"Key": "a", "Value": "b"}}})
	assert.Equal(t, o{"Fn::Join": a{"", a{
		`{"AggregateOn":"Sum","Contribution":{"Filters":[{"Match":"source","StartsWith":["10.","192.168."]},{"GreaterThan":0,"Match":"bytes"},` +
			`{"IsPresent":false,"Match":"13"}],"Keys":["source","target","7"],"ValueOf":"bytes"},"Fields":{"4":"source","5":"target","10":"bytes"},` +
			`"LogFormat":"CLF","LogGroupNames":["`,
		o{"Ref": tpl.All("AWS::Logs::LogGroup")[0].LogicalID},
		`","/more"],"Schema":{"Name":"CloudWatchLogRule","Version":1}}`,
	}}}, rule.Properties["RuleBody"])
	tpl.Has("AWS::CloudWatch::Alarm", o{"Metrics": a{o{"Label": "UniqueContributors", "Period": 60, "Expression": o{"Fn::Join": a{"", a{
		`INSIGHT_RULE_METRIC("`, o{"Fn::GetAtt": a{rule.LogicalID, "RuleName"}}, `", "UniqueContributors")`,
	}}}}}})
}

func TestContributorRule_ARNsAndConditions(t *testing.T) {
	stack := cdktest.Stack(t)
	arn := "arn:aws:logs:us-east-1:*:log-group:/shop/*"
	logmetrics.NewContributorRule(stack, "Callers", &logmetrics.ContributorRuleProps{
		LogGroupARNs: []string{arn}, Keys: []string{"$.ip", "$.path"},
		Filters: []logmetrics.Filter{
			{Field: "$.a", In: []string{"x"}}, {Field: "$.b", NotIn: []string{"y"}}, {Field: "$.c", LessThan: new(1.5)}, {Field: "$.d", Present: true},
		},
	})
	body := ruleBody(t, cdktest.Synth(t, stack))
	assert.Equal(t, []any{arn}, body["LogGroupARNs"])
	assert.NotContains(t, body, "LogGroupNames")
	assert.Equal(t, []any{
		map[string]any{"Match": "$.a", "In": []any{"x"}}, map[string]any{"Match": "$.b", "NotIn": []any{"y"}},
		map[string]any{"Match": "$.c", "LessThan": 1.5}, map[string]any{"Match": "$.d", "IsPresent": true},
	}, body["Contribution"].(map[string]any)["Filters"])

	stack = cdktest.Stack(t)
	logmetrics.NewContributorRule(stack, "Callers", &logmetrics.ContributorRuleProps{
		LogGroupNames: []string{"/shop"}, Keys: []string{"$.ip"},
		Filters: []logmetrics.Filter{{Field: "$.a", EqualTo: new(0.0)}, {Field: "$.b", NotEqualTo: new(1.0)}},
	})
	assert.Equal(t, []any{map[string]any{"Match": "$.a", "EqualTo": 0.}, map[string]any{"Match": "$.b", "NotEqualTo": 1.}},
		ruleBody(t, cdktest.Synth(t, stack))["Contribution"].(map[string]any)["Filters"])
}

func TestContributorRule_ReportsEveryProblem(t *testing.T) {
	err := cdktest.Panic(func() { logmetrics.NewContributorRule(cdktest.Stack(t), "Callers", nil) })
	require.EqualError(t, err, `Test/Callers: invalid logmetrics.ContributorRuleProps:
  - LogGroups: must be given, or LogGroupNames or LogGroupARNs
  - Keys: must be between 1 and 4, got 0`)
}

func TestLogMetrics_Nag(t *testing.T) {
	stack := cdktest.Stack(t)
	fullFilter(stack)
	logmetrics.NewContributorRule(stack, "Callers", &logmetrics.ContributorRuleProps{LogGroupNames: []string{"/shop/*"}, Keys: []string{"$.ip"}})
	open, suppressed := cdktest.Nag(t, stack)
	assert.Empty(t, open)
	assert.Empty(t, suppressed)
}

func ExampleNewMetricFilter() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Shop"), nil)
	logs := awslogs.NewLogGroup(stack, jsii.String("Logs"), nil)
	f := logmetrics.NewMetricFilter(stack, "Failures", &logmetrics.MetricFilterProps{
		LogGroup: logs, Pattern: `{ $.status >= 500 && $.path != "/health*" }`, Namespace: "Shop", Name: "Failures",
		Alarm: &logmetrics.Alarm{Topic: awssns.NewTopic(stack, jsii.String("Topic"), nil), Text: "Requests fail", Minutes: 2, Of: 3},
	})
	fmt.Println(*f.Filter.Metric(nil).Namespace(), *f.Filter.Metric(nil).MetricName())
	// Output: Shop Failures
}

func ExampleNewContributorRule() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Shop"), nil)
	logs := awslogs.NewLogGroup(stack, jsii.String("Logs"), nil)
	r := logmetrics.NewContributorRule(stack, "Failing", &logmetrics.ContributorRuleProps{
		Name: "failing", LogGroups: []awslogs.ILogGroup{logs}, Keys: []string{"$.ip", "$.path"},
		Filters: []logmetrics.Filter{{Field: "$.status", StartsWith: []string{"5"}}},
	})
	fmt.Println(*r.Rule.RuleName(), *r.Rule.RuleState())
	// Output: failing ENABLED
}
