package constructs_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/monitoring"
)

// newFunction is a function with inline code.
func newFunction(scope constructs.Construct, id string, edit func(*awslambda.FunctionProps)) awslambda.Function {
	props := &awslambda.FunctionProps{
		Runtime: awslambda.Runtime_NODEJS_LATEST(), Handler: jsii.String("index.handler"), Code: awslambda.Code_FromInline(jsii.String("exports.handler = async () => {}")),
	}
	if edit != nil {
		edit(props)
	}
	return awslambda.NewFunction(scope, &id, props)
}

// newShop has a function, a queue with a dead-letter queue and a table.
func newShop(stack awscdk.Stack) {
	newFunction(stack, "Orders", func(p *awslambda.FunctionProps) { p.Timeout = awscdk.Duration_Seconds(jsii.Number(30)) })
	dead := awssqs.NewQueue(stack, jsii.String("Dead"), &awssqs.QueueProps{EnforceSSL: jsii.Bool(true)})
	awssqs.NewQueue(stack, jsii.String("Work"), &awssqs.QueueProps{
		EnforceSSL: jsii.Bool(true), DeadLetterQueue: &awssqs.DeadLetterQueue{Queue: dead, MaxReceiveCount: jsii.Number(3)},
	})
	awsdynamodb.NewTable(stack, jsii.String("Table"), &awsdynamodb.TableProps{
		PartitionKey: &awsdynamodb.Attribute{Name: jsii.String("id"), Type: awsdynamodb.AttributeType_STRING}, BillingMode: awsdynamodb.BillingMode_PAY_PER_REQUEST,
		PointInTimeRecoverySpecification: &awsdynamodb.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: jsii.Bool(true)},
	})
}

// ids gives the logical id of the only resource of a type whose id starts with prefix.
func idOf(t *testing.T, tpl *cdktest.Template, typ, prefix string) string {
	t.Helper()
	var found []string
	for _, r := range tpl.All(typ) {
		if strings.HasPrefix(r.LogicalID, prefix) {
			found = append(found, r.LogicalID)
		}
	}
	require.Len(t, found, 1, "%s %s", typ, prefix)
	return found[0]
}

func TestMonitor_Defaults(t *testing.T) {
	stack := cdktest.Stack(t)
	newShop(stack)
	m := monitoring.NewMonitor(stack, "Monitor", nil)
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("monitoring/defaults")

	names := []string{}
	for name := range m.Alarms {
		names = append(names, name)
	}
	assert.ElementsMatch(t, []string{
		"Orders/Throttles", "Orders/ErrorPercent", "Orders/Duration", "Dead/DeadLetters", "Dead/ApproximateNumberOfMessagesNotVisible",
		"Work/ApproximateNumberOfMessagesNotVisible", "Work/ApproximateAgeOfOldestMessage", "Table/ReadThrottleEvents", "Table/WriteThrottleEvents", "Table/SystemErrors",
	}, names)
	tpl.Has("AWS::CloudWatch::Alarm", o{
		"Namespace": "AWS/Lambda", "MetricName": "Duration", "Statistic": "Maximum", "Period": 60, "Threshold": 24000, "ComparisonOperator": "GreaterThanThreshold",
		"DatapointsToAlarm": 3, "EvaluationPeriods": 5, "TreatMissingData": "notBreaching",
		"Dimensions": cdktest.Exactly(a{o{"Name": "FunctionName", "Value": o{"Ref": idOf(t, tpl, "AWS::Lambda::Function", "Orders")}}}),
		"AlarmDescription": "Invocations come near the timeout: Duration above 24000 ms in 3 of 5 periods of 1 min (Test/Orders/Resource). " +
			"A fifth of the timeout is left to raise it or to find what slowed down, before invocations are cut off.",
	})
	tpl.Each("AWS::CloudWatch::Alarm", o{"AlarmActions": cdktest.Absent, "OKActions": cdktest.Absent})
	critical := a{o{"Ref": idOf(t, tpl, "AWS::SNS::Topic", "MonitorCritical")}}
	warning := a{o{"Ref": idOf(t, tpl, "AWS::SNS::Topic", "MonitorWarning")}}
	tpl.Count("AWS::CloudWatch::CompositeAlarm", 2)
	loud := tpl.Has("AWS::CloudWatch::CompositeAlarm", o{"AlarmActions": critical, "OKActions": critical, "ActionsSuppressor": cdktest.Absent})
	tpl.Has("AWS::CloudWatch::CompositeAlarm", o{
		"AlarmActions": warning, "OKActions": warning, "ActionsSuppressor": o{"Fn::GetAtt": a{loud.LogicalID, "Arn"}},
		"ActionsSuppressorWaitPeriod": 120, "ActionsSuppressorExtensionPeriod": 120,
	})
	tpl.Each("AWS::SNS::Topic", o{"KmsMasterKeyId": o{"Fn::GetAtt": a{idOf(t, tpl, "AWS::KMS::Key", "Monitor"), "Arn"}}})
}

// body gives the widgets of a dashboard, with logical names in the place of references.
func body(t *testing.T, r cdktest.Resource) []any {
	t.Helper()
	text, ok := r.Properties["DashboardBody"].(string)
	if !ok {
		var b strings.Builder
		for _, part := range r.Properties["DashboardBody"].(o)["Fn::Join"].(a)[1].(a) {
			if s, ok := part.(string); ok {
				b.WriteString(s)
				continue
			}
			reference, err := json.Marshal(part)
			require.NoError(t, err)
			b.WriteString(strings.ReplaceAll(string(reference), `"`, "'"))
		}
		text = b.String()
	}
	var parsed struct{ Widgets []any }
	require.NoError(t, json.Unmarshal([]byte(text), &parsed))
	return parsed.Widgets
}

// A Monitor in a stack of its own looks at others by weak references, so that what is watched may change.
func TestMonitor_OtherStacks(t *testing.T) {
	app := cdktest.App(t, nil)
	api, home := cdktest.StackIn(app, "Api"), cdktest.StackIn(app, "Observability")
	newShop(api)
	monitoring.NewMonitor(home, "Monitor", &monitoring.MonitorProps{Watch: []constructs.IConstruct{api}})
	tpls := cdktest.SynthApp(t, app)
	require.Len(t, *home.Dependencies(), 1, "what is watched is deployed first")
	assert.Equal(t, "Api", *(*home.Dependencies())[0].StackName())
	for _, output := range tpls["Api"].Body["Outputs"].(o) {
		assert.NotContains(t, output, "Export")
	}
	tpls["Observability"].For(t).Has("AWS::CloudWatch::Alarm", o{
		"MetricName": "Throttles", "Dimensions": a{o{"Value": o{"Fn::GetStackOutput": o{"StackName": "Api"}}}},
	})
	tpls["Api"].For(t).Count("AWS::CloudWatch::Alarm", 0)
	assert.False(t, strings.Contains(fmt.Sprint(tpls["Observability"].Body), "Fn::ImportValue"), "no exports")
}

func TestMonitor_AdoptsAlarms(t *testing.T) {
	stack := cdktest.Stack(t)
	fn := newFunction(stack, "Orders", nil)
	throttles := awscloudwatch.NewAlarm(stack, jsii.String("Mine"), &awscloudwatch.AlarmProps{
		Metric: fn.MetricThrottles(nil), Threshold: jsii.Number(7), EvaluationPeriods: jsii.Number(1),
	})
	m := monitoring.NewMonitor(stack, "Monitor", nil)
	assert.Equal(t, []string{"Test/Mine/Resource"}, m.Adopted())
	assert.NotContains(t, m.Alarms, "Orders/Throttles")
	assert.Contains(t, m.Alarms, "Orders/Duration")
	tpl := cdktest.Synth(t, stack)
	id := stack.Resolve(throttles.Node().DefaultChild().(awscloudwatch.CfnAlarm).LogicalId()).(string)
	rules := fmt.Sprint(tpl.Has("AWS::CloudWatch::CompositeAlarm", o{"ActionsSuppressor": o{}}).Properties["AlarmRule"])
	assert.Contains(t, rules, "map[Ref:"+id+"]")
	assert.Contains(t, fmt.Sprint(body(t, tpl.All("AWS::CloudWatch::Dashboard")[0])[0]), "{'Fn::GetAtt':['"+id+"','Arn']}")
}

func ExampleNewMonitor() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Shop"), nil)
	awssqs.NewQueue(stack, jsii.String("Work"), nil)
	m := monitoring.NewMonitor(stack, "Monitor", nil)
	fmt.Println(*m.Alarms["Work/ApproximateAgeOfOldestMessage"].Threshold(), "seconds")
	// Output: 34560 seconds
}
