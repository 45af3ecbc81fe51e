package constructs_test

import (
	"encoding/json"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/internal/monitor"
)

// What internal/monitor has beyond what the tests of the patterns look at.
func TestMonitor(t *testing.T) {
	stack := cdktest.Stack(t)
	topic := monitor.NewTopic(stack, awskms.NewKey(stack, jsii.String("Key"), nil))
	tasks := awscloudwatch.NewMetric(&awscloudwatch.MetricProps{Namespace: jsii.String("ECS"), MetricName: jsii.String("Tasks"), Period: monitor.PerMinute("Sum").Period})
	twice := awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
		Expression: jsii.String("2 * t"), UsingMetrics: &map[string]awscloudwatch.IMetric{"t": tasks}, Label: jsii.String("Twice"),
	})
	above := monitor.NewAlarm(stack, monitor.Watch{ID: "Above", Text: "Many tasks run", Metric: tasks, Threshold: 3, Minutes: 2, Of: 4}, topic)
	below := monitor.NewAlarm(stack, monitor.Watch{
		ID: "Below", Text: "Few tasks run", Metric: twice, Threshold: 2, LessThan: true, Minutes: 3, Of: 3, Missing: awscloudwatch.TreatMissingData_BREACHING,
	}, topic)
	board := awscloudwatch.NewDashboard(stack, jsii.String("Board"), nil)
	board.AddWidgets(monitor.Status([]awscloudwatch.Alarm{above, below}))
	board.AddWidgets(monitor.Graph("Tasks", 12, tasks, twice))
	tpl := cdktest.Synth(t, stack)

	tpl.Has("AWS::CloudWatch::Alarm", o{
		"MetricName": "Tasks", "Period": 60, "Threshold": 3, "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "notBreaching",
		"DatapointsToAlarm": 2, "EvaluationPeriods": 4, "AlarmDescription": "Many tasks run, in 2 of 4 minutes (Test)",
	})
	tpl.Has("AWS::CloudWatch::Alarm", o{
		"Metrics": cdktest.ArrayWith(o{"Expression": "2 * t"}), "Threshold": 2, "ComparisonOperator": "LessThanThreshold", "TreatMissingData": "breaching",
		"DatapointsToAlarm": 3, "EvaluationPeriods": 3,
	})
	arn := a{o{"Ref": tpl.All("AWS::SNS::Topic")[0].LogicalID}}
	tpl.Each("AWS::CloudWatch::Alarm", o{"AlarmActions": arn, "OKActions": arn})
	text, err := json.Marshal(tpl.All("AWS::CloudWatch::Dashboard")[0].Properties["DashboardBody"])
	require.NoError(t, err)
	for _, want := range []string{`\"type\":\"alarm\",\"width\":24`, "Above", "Below", `\"title\":\"Tasks\"`, `\"width\":12`, `\"label\":\"Twice\"`, `\"min\":0`} {
		assert.Contains(t, string(text), want)
	}
}
