package constructs_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/monitoring"
)

const (
	lambdaType    = "AWS::Lambda::Function"
	alarmType     = "AWS::CloudWatch::Alarm"
	compositeType = "AWS::CloudWatch::CompositeAlarm"
)

func watching(scopes ...constructs.IConstruct) *monitoring.MonitorProps {
	return &monitoring.MonitorProps{Watch: scopes}
}

// alarmNames are the names of a monitor's alarms, in order.
func alarmNames(m *monitoring.Monitor) []string { return slices.Sorted(maps.Keys(m.Alarms)) }

func TestMonitor_Overrides(t *testing.T) {
	stack := cdktest.Stack(t)
	newFunction(stack, "Orders", nil)
	newFunction(stack, "Batch", nil)
	m := monitoring.NewMonitor(stack, "Monitor", &monitoring.MonitorProps{
		Overrides: map[string]monitoring.Override{
			lambdaType + "/Throttles":    {Threshold: new(5.0), Datapoints: 4, Of: 6, Severity: monitoring.Critical},
			lambdaType + "/ErrorPercent": {Off: true},
			lambdaType + "/Duration":     {Threshold: new(900.0)},
		},
		PathOverrides: map[string]map[string]monitoring.Override{
			"Test/Batch":          {lambdaType + "/Throttles": {Threshold: new(50.0)}, lambdaType + "/Duration": {AnomalyBand: 2.5}},
			"Test/Batch/Resource": {lambdaType + "/Throttles": {Datapoints: 1, Of: 2}},
			"Test/Orders":         {lambdaType + "/ErrorPercent": {Severity: monitoring.Warning}},
		},
	})
	assert.Equal(t, []string{"Batch/Duration", "Batch/Throttles", "Orders/Duration", "Orders/ErrorPercent", "Orders/Throttles"}, alarmNames(m))
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("monitoring/overrides")
	tpl.Has(alarmType, o{"MetricName": "Throttles", "Threshold": 5, "DatapointsToAlarm": 4, "EvaluationPeriods": 6})
	tpl.Has(alarmType, o{"MetricName": "Throttles", "Threshold": 50, "DatapointsToAlarm": 1, "EvaluationPeriods": 2})
	tpl.Has(alarmType, o{"MetricName": "Duration", "Threshold": 900})
	id := idOf(t, tpl, lambdaType, "Batch")
	tpl.Has(alarmType, o{
		"ThresholdMetricId": "band", "ComparisonOperator": "GreaterThanUpperThreshold", "Threshold": cdktest.Absent, "MetricName": cdktest.Absent,
		"Metrics": cdktest.Exactly(a{
			o{"Id": "value", "ReturnData": true, "MetricStat": o{"Stat": "Maximum", "Period": 60, "Metric": o{
				"Namespace": "AWS/Lambda", "MetricName": "Duration", "Dimensions": a{o{"Name": "FunctionName", "Value": o{"Ref": id}}},
			}}},
			o{"Id": "band", "ReturnData": true, "Expression": "ANOMALY_DETECTION_BAND(value, 2.5)"},
		}),
		"AlarmDescription": cdktest.Text(`^Invocations come near the timeout: Duration above what is usual by more than 2\.5 standard deviations in 3 of 5 periods of 1 min \(Test/Batch/Resource\)\.$`),
	})
	// The composite alarms have what the severities say.
	rules := map[string]string{}
	for name, composite := range m.Composites {
		rules[name] = fmt.Sprint(stack.Resolve(composite.AlarmRule()))
	}
	assert.Equal(t, []string{"Test/Critical", "Test/Warning"}, slices.Sorted(maps.Keys(rules)))
	assert.Equal(t, 2, strings.Count(rules["Test/Critical"], "Throttles"))
	assert.Equal(t, 1, strings.Count(rules["Test/Warning"], "ErrorPercent"))
	assert.Equal(t, 2, strings.Count(rules["Test/Warning"], "Duration"))
	// The band is drawn, and the thresholds are lines.
	board := fmt.Sprint(body(t, tpl.All("AWS::CloudWatch::Dashboard")[0]))
	assert.Contains(t, board, "ANOMALY_DETECTION_BAND(g0value, 2.5)")
	assert.Contains(t, board, "map[color:#d62728 label:Throttles above 50, in 1 of 2 periods of 1 min value:50]")
}

func TestMonitor_ReportsEveryProblem(t *testing.T) {
	stack := cdktest.Stack(t)
	newFunction(stack, "Orders", nil)
	err := cdktest.Panic(func() {
		monitoring.NewMonitor(stack, "Monitor", &monitoring.MonitorProps{
			Overrides:  map[string]monitoring.Override{"AWS::Lambda::Function/Throttle": {}, "AWS::Lambda::Function/Invocations": {}},
			RunbookURL: "http://wiki#x",
		})
	})
	require.EqualError(t, err, `Test/Monitor: invalid monitoring.MonitorProps:
  - Overrides["AWS::Lambda::Function/Invocations"]: has no alarm
  - Overrides["AWS::Lambda::Function/Throttle"]: no such metric; near ones: AWS::Lambda::Function/Throttles, AWS::Lambda::Function/Duration, AWS::Lambda::Function/IteratorAge
  - RunbookURL: must start with https://, got "http://wiki#x"
  - RunbookURL: must have no #, as each alarm adds its own, got "http://wiki#x"`)
	assert.Nil(t, stack.Node().TryFindChild(jsii.String("Monitor")), "nothing was defined")
}

// What can only be said of the resources that are there is reported with the same type.
func TestMonitor_ReportsWhatItCannotWatch(t *testing.T) {
	app := cdktest.App(t, nil)
	home := cdktest.StackIn(app, "Home")
	far := awscdk.NewStack(app, jsii.String("Far"), &awscdk.StackProps{Env: &awscdk.Environment{Account: jsii.String(cdktest.Account), Region: jsii.String("eu-west-1")}})
	other := awscdk.NewStack(app, jsii.String("Other"), &awscdk.StackProps{Env: &awscdk.Environment{Account: jsii.String("222222222222"), Region: jsii.String(cdktest.Region)}})
	anywhere := awscdk.NewStack(app, jsii.String("Anywhere"), nil)
	stage := awscdk.NewStage(app, jsii.String("Prod"), nil)
	staged := awscdk.NewStack(stage, jsii.String("Staged"), nil)
	for _, stack := range []awscdk.Stack{far, other, anywhere, staged} {
		awssqs.NewQueue(stack, jsii.String("Queue"), nil)
	}
	err := cdktest.Panic(func() {
		monitoring.NewMonitor(home, "Monitor", &monitoring.MonitorProps{
			Watch:         []constructs.IConstruct{app},
			PathOverrides: map[string]map[string]monitoring.Override{"Far/Queue": {}, "Far/Que": {}},
		})
	})
	require.EqualError(t, err, `Home/Monitor: invalid monitoring.MonitorProps:
  - Watch: the stack Anywhere is in the account of its deployment, the region of its deployment, and alarms of the monitor's stack in 111111111111, us-east-1
  - Watch: the stack Far is in 111111111111, eu-west-1, and alarms of the monitor's stack in 111111111111, us-east-1
  - Watch: the stack Other is in 222222222222, us-east-1, and alarms of the monitor's stack in 111111111111, us-east-1
  - Watch: the stack Prod/Staged is in another stage than the monitor
  - PathOverrides["Far/Que"]: no monitored resource is there`)
	assert.Nil(t, home.Node().TryFindChild(jsii.String("Monitor")), "nothing was defined")
}

// One more resource changes no id of what was there.
func TestMonitor_IdsStayWhenResourcesAreAdded(t *testing.T) {
	ids := func(more bool) map[string]string {
		stack := cdktest.Stack(t)
		if more {
			newFunction(stack, "Another", nil)
			awssqs.NewQueue(stack, jsii.String("A"), nil)
		}
		newShop(stack)
		if more {
			newFunction(stack, "Yet", nil)
		}
		monitoring.NewMonitor(stack, "Monitor", nil)
		tpl := cdktest.Synth(t, stack)
		found := map[string]string{}
		for _, kind := range []string{alarmType, compositeType, "AWS::CloudWatch::Dashboard", "AWS::SNS::Topic"} {
			for _, r := range tpl.All(kind) {
				found[r.LogicalID] = fmt.Sprint(r.Properties["AlarmDescription"], r.Properties["DashboardName"])
			}
		}
		return found
	}
	before, after := ids(false), ids(true)
	require.Greater(t, len(after), len(before))
	for id, text := range before {
		assert.Equal(t, text, after[id], id)
	}
}

func TestMonitor_SynthIsDeterministic(t *testing.T) {
	synth := func() string {
		stack := cdktest.Stack(t)
		newShop(stack)
		monitoring.NewMonitor(stack, "Monitor", nil)
		return string(cdktest.Synth(t, stack).JSON) // with the order, which Body has not
	}
	first := synth()
	for range 3 {
		require.Equal(t, first, synth())
	}
}

func TestMonitor_ReportsWhatComesLate(t *testing.T) {
	app := cdktest.App(t, nil)
	stack := cdktest.StackIn(app, "Test")
	newFunction(stack, "Orders", nil)
	left := constructs.NewConstruct(stack, jsii.String("Left"))
	monitoring.NewMonitor(stack, "Monitor", &monitoring.MonitorProps{Exclude: []constructs.IConstruct{left}})
	awssns.NewTopic(left, jsii.String("Excluded"), nil)
	awskms.NewKey(stack, jsii.String("LateKey"), nil)
	awssqs.NewQueue(stack, jsii.String("Late"), nil)
	err := cdktest.Panic(func() { app.Synth(nil) })
	require.ErrorContains(t, err, "[Test/Monitor] Test/Late/Resource (AWS::SQS::Queue) was defined after the monitor, which does not see it: define the monitor last")
	assert.NotContains(t, err.Error(), "Excluded")
	assert.NotContains(t, err.Error(), "Test/Monitor/")
}

// Monitors of parts of a stack are no latecomers to each other, and a later one makes no alarm twice.
func TestMonitor_Several(t *testing.T) {
	stack := cdktest.Stack(t)
	newFunction(stack, "Orders", nil)
	awssqs.NewQueue(stack, jsii.String("Queue"), nil)
	first := monitoring.NewMonitor(stack, "First", &monitoring.MonitorProps{DisableNotifications: true, DisableDashboard: true})
	second := monitoring.NewMonitor(stack, "Second", &monitoring.MonitorProps{DisableDashboard: true})
	assert.Len(t, first.Alarms, 5)
	assert.Empty(t, second.Alarms)
	assert.Len(t, second.Adopted(), 5)
	cdktest.Synth(t, stack).Count(alarmType, 5)
}

func TestMonitor_ExcludesAndNames(t *testing.T) {
	stack := cdktest.Stack(t)
	group := constructs.NewConstruct(stack, jsii.String("Group"))
	newFunction(group, "In", nil)
	out := newFunction(group, "Out", nil)
	newFunction(stack, "Beside", nil)
	m := monitoring.NewMonitor(group, "Monitor", &monitoring.MonitorProps{Exclude: []constructs.IConstruct{out}})
	assert.Equal(t, []string{"Group/In/Duration", "Group/In/ErrorPercent", "Group/In/Throttles"}, alarmNames(m), "the scope is watched")
	assert.Equal(t, []string{"Test/Group/Critical", "Test/Group/Warning"}, slices.Sorted(maps.Keys(m.Composites)))
}

// A resource with a condition may not be there.
func TestMonitor_LeavesOutConditions(t *testing.T) {
	stack := cdktest.Stack(t)
	fn := newFunction(stack, "Orders", nil)
	condition := awscdk.NewCfnCondition(stack, jsii.String("If"), &awscdk.CfnConditionProps{Expression: awscdk.Fn_ConditionEquals("a", "b")})
	fn.Node().DefaultChild().(awslambda.CfnFunction).CfnOptions().SetCondition(condition)
	m := monitoring.NewMonitor(stack, "Monitor", nil)
	assert.Empty(t, m.Alarms)
	assert.Empty(t, m.Dashboards)
	var warnings []any
	for _, entry := range *m.Node().Metadata() {
		warnings = append(warnings, entry.Data)
	}
	assert.Contains(t, fmt.Sprint(warnings), "Test/Orders/Resource is not monitored: it has a condition, and alarms on what is not there cannot be deployed")
}

// A threshold that depends on a value which only the deployment knows is left to an override.
func TestMonitor_UnknownProperties(t *testing.T) {
	for _, override := range []bool{false, true} {
		stack := cdktest.Stack(t)
		seconds := awscdk.NewCfnParameter(stack, jsii.String("Seconds"), &awscdk.CfnParameterProps{Type: jsii.String("Number")})
		fn := newFunction(stack, "Orders", nil)
		fn.Node().DefaultChild().(awslambda.CfnFunction).SetTimeout(seconds.ValueAsNumber())
		props := &monitoring.MonitorProps{}
		if override {
			props.Overrides = map[string]monitoring.Override{lambdaType + "/Duration": {Threshold: new(2000.0)}}
		}
		m := monitoring.NewMonitor(stack, "Monitor", props)
		assert.Equal(t, override, m.Alarms["Orders/Duration"] != nil)
	}
}

func TestMonitor_NotifyEachAlarm(t *testing.T) {
	stack := cdktest.Stack(t)
	newShop(stack)
	monitoring.NewMonitor(stack, "Monitor", &monitoring.MonitorProps{NotifyEachAlarm: true})
	tpl := cdktest.Synth(t, stack)
	tpl.Count(compositeType, 0)
	warning, critical := a{o{"Ref": idOf(t, tpl, "AWS::SNS::Topic", "MonitorWarning")}}, a{o{"Ref": idOf(t, tpl, "AWS::SNS::Topic", "MonitorCritical")}}
	tpl.Has(alarmType, o{"MetricName": "Throttles", "AlarmActions": warning, "OKActions": warning})
	tpl.Has(alarmType, o{"MetricName": "ApproximateNumberOfMessagesNotVisible", "AlarmActions": critical, "OKActions": critical})
}

func TestMonitor_TopicsAndSilence(t *testing.T) {
	stack := cdktest.Stack(t)
	newFunction(stack, "Orders", nil)
	topics := map[monitoring.Severity]awssns.ITopic{}
	for _, severity := range []monitoring.Severity{monitoring.Critical, monitoring.Warning, monitoring.Info} {
		topics[severity] = awssns.NewTopic(stack, jsii.String("My"+string(severity)), nil)
	}
	window := awscloudwatch.Alarm_FromAlarmName(stack, jsii.String("Window"), jsii.String("maintenance"))
	m := monitoring.NewMonitor(stack, "Monitor", &monitoring.MonitorProps{
		Topics: topics, Maintenance: window, DisableDashboard: true, Overrides: map[string]monitoring.Override{lambdaType + "/Duration": {Severity: monitoring.Info}},
	})
	assert.Nil(t, m.Key)
	assert.Equal(t, topics, m.Topics)
	tpl := cdktest.Synth(t, stack)
	tpl.Count("AWS::SNS::Topic", 3)
	tpl.Count("AWS::KMS::Key", 0)
	tpl.Count("AWS::CloudWatch::Dashboard", 0)
	action := func(severity monitoring.Severity) a {
		return a{o{"Ref": idOf(t, tpl, "AWS::SNS::Topic", "My"+string(severity))}}
	}
	critical := tpl.Has(compositeType, o{"AlarmActions": action(monitoring.Critical), "ActionsSuppressor": o{"Fn::Join": a{"", a{
		"arn:", o{"Ref": "AWS::Partition"}, ":cloudwatch:us-east-1:111111111111:alarm:maintenance",
	}}}})
	suppressor := func(severity monitoring.Severity) string {
		r := tpl.Has(compositeType, o{"AlarmActions": action(severity)})
		id := r.Properties["ActionsSuppressor"].(o)["Fn::GetAtt"].(a)[0].(string)
		for _, c := range tpl.All(compositeType) {
			if c.LogicalID == id {
				assert.NotContains(t, c.Properties, "AlarmActions", "what silences tells nobody")
				return fmt.Sprint(c.Properties["AlarmRule"])
			}
		}
		return ""
	}
	warning := tpl.Has(compositeType, o{"AlarmActions": action(monitoring.Warning)})
	assert.Regexp(t, `ALARM\(".*:alarm:maintenance"\) OR ALARM\(".*`+critical.LogicalID+` Arn.*"\)`, suppressor(monitoring.Warning))
	assert.Regexp(t, `maintenance.* OR .*`+critical.LogicalID+`.* OR .*`+warning.LogicalID, suppressor(monitoring.Info))
}

func TestMonitor_NobodyIsTold(t *testing.T) {
	stack := cdktest.Stack(t)
	newFunction(stack, "Orders", nil)
	m := monitoring.NewMonitor(stack, "Monitor", &monitoring.MonitorProps{DisableNotifications: true})
	assert.Empty(t, m.Topics)
	tpl := cdktest.Synth(t, stack)
	for _, kind := range []string{"AWS::SNS::Topic", "AWS::KMS::Key", compositeType} {
		tpl.Count(kind, 0)
	}
	tpl.Count(alarmType, 3)
	tpl.Count("AWS::CloudWatch::Dashboard", 1)
}

func TestMonitor_KeyAndConfigure(t *testing.T) {
	stack := cdktest.Stack(t)
	newFunction(stack, "Orders", nil)
	key := awskms.NewKey(stack, jsii.String("Mine"), nil)
	monitoring.NewMonitor(stack, "Monitor", &monitoring.MonitorProps{Key: key, ConfigureAlarm: func(metric string, p *awscloudwatch.CfnAlarmProps) {
		if metric == lambdaType+"/Throttles" {
			p.AlarmName = jsii.String("edited")
		}
	}})
	tpl := cdktest.Synth(t, stack)
	tpl.Count("AWS::KMS::Key", 1)
	tpl.Each("AWS::SNS::Topic", o{"KmsMasterKeyId": o{"Fn::GetAtt": a{cdktest.Text("^Mine"), "Arn"}}})
	tpl.Has(alarmType, o{"AlarmName": "edited", "MetricName": "Throttles"})
	tpl.Has(alarmType, o{"AlarmName": cdktest.Absent, "MetricName": "Duration"})
}

func TestMonitor_Runbook(t *testing.T) {
	stack := cdktest.Stack(t)
	var scope constructs.Construct = stack
	for range 10 {
		scope = constructs.NewConstruct(scope, jsii.String(strings.Repeat("é", 60)))
	}
	newFunction(scope, "Deep", nil)
	newFunction(stack, "Orders", nil)
	m := monitoring.NewMonitor(stack, "Monitor", &monitoring.MonitorProps{RunbookURL: "https://wiki.example.com/runbook"})
	throttles := *m.Alarms["Orders/Throttles"].AlarmDescription()
	assert.True(t, strings.HasSuffix(throttles, " Runbook: https://wiki.example.com/runbook#aws-lambda-function-throttles"), throttles)
	deep := 0
	for name, alarm := range m.Alarms {
		text := *alarm.AlarmDescription()
		assert.LessOrEqual(t, len(text), 1024, name)
		if strings.HasSuffix(name, "Deep/Throttles") {
			deep++
			assert.Regexp(t, regexp.MustCompile(`\(…é+/.*/Deep/Resource\)\. .*#aws-lambda-function-throttles$`), text, "the path is cut at its beginning")
		}
	}
	assert.Equal(t, 1, deep)
}

// Alarms that scale are on in normal times.
func TestMonitor_LeavesAlarmsThatScale(t *testing.T) {
	stack := cdktest.Stack(t)
	fn := newFunction(stack, "Orders", nil)
	policy := awscdk.NewCfnResource(stack, jsii.String("Policy"), &awscdk.CfnResourceProps{Type: jsii.String("AWS::ApplicationAutoScaling::ScalingPolicy")})
	alarm := awscloudwatch.NewAlarm(stack, jsii.String("Scale"), &awscloudwatch.AlarmProps{
		Metric: fn.MetricThrottles(nil), Threshold: jsii.Number(1), EvaluationPeriods: jsii.Number(1),
	})
	alarm.Node().DefaultChild().(awscloudwatch.CfnAlarm).SetAlarmActions(&[]*string{policy.Ref()})
	m := monitoring.NewMonitor(stack, "Monitor", nil)
	assert.Empty(t, m.Adopted())
	assert.Contains(t, m.Alarms, "Orders/Throttles")
}

// Alarms on other resources, other metrics or parts of a resource are not taken for one on it; those on its versions are.
func TestMonitor_AdoptsOnlyTheSame(t *testing.T) {
	stack := cdktest.Stack(t)
	fn, other := newFunction(stack, "Orders", nil), newFunction(stack, "Other", nil)
	alias := awslambda.NewAlias(stack, jsii.String("Live"), &awslambda.AliasProps{AliasName: jsii.String("live"), Version: fn.CurrentVersion()})
	on := func(id string, metric awscloudwatch.IMetric) {
		awscloudwatch.NewAlarm(stack, &id, &awscloudwatch.AlarmProps{Metric: metric, Threshold: jsii.Number(1), EvaluationPeriods: jsii.Number(1)})
	}
	on("Alias", alias.MetricErrors(nil))
	on("OtherDuration", other.MetricDuration(nil))
	on("Unrelated", awscloudwatch.NewMetric(&awscloudwatch.MetricProps{Namespace: jsii.String("Mine"), MetricName: jsii.String("Throttles"), DimensionsMap: &map[string]*string{"FunctionName": fn.FunctionName()}}))
	on("Part", awscloudwatch.NewMetric(&awscloudwatch.MetricProps{Namespace: jsii.String("AWS/Lambda"), MetricName: jsii.String("Throttles"), DimensionsMap: &map[string]*string{"FunctionName": fn.FunctionName(), "Part": jsii.String("x")}}))
	m := monitoring.NewMonitor(stack, "Monitor", nil)
	assert.Equal(t, []string{"Orders/Duration", "Orders/Throttles", "Other/ErrorPercent", "Other/Throttles"}, alarmNames(m))
	assert.Len(t, m.Adopted(), 4)
	// An alarm on errors is as critical as the metric it stands for.
	critical := fmt.Sprint(stack.Resolve(m.Composites["Test/Critical"].AlarmRule()))
	assert.Contains(t, critical, "Ref:Alias")
	assert.NotContains(t, critical, "Ref:Unrelated")
}

// Twins have the same logical ids: an alarm in one is not about the other.
func TestMonitor_Twins(t *testing.T) {
	app := cdktest.App(t, nil)
	var stacks []constructs.IConstruct
	for _, name := range []string{"Blue", "Green"} {
		stack := cdktest.StackIn(app, name)
		fn := newFunction(stack, "Orders", nil)
		if name == "Blue" {
			awscloudwatch.NewAlarm(stack, jsii.String("Mine"), &awscloudwatch.AlarmProps{Metric: fn.MetricThrottles(nil), Threshold: jsii.Number(1), EvaluationPeriods: jsii.Number(1)})
		}
		stacks = append(stacks, stack)
	}
	home := cdktest.StackIn(app, "Home")
	m := monitoring.NewMonitor(home, "Monitor", watching(stacks...))
	assert.NotContains(t, m.Alarms, "Blue/Orders/Throttles")
	assert.Contains(t, m.Alarms, "Green/Orders/Throttles")
	assert.Equal(t, []string{"Blue/Critical", "Blue/Warning", "Green/Critical", "Green/Warning"}, slices.Sorted(maps.Keys(m.Composites)))
	tpls := cdktest.SynthApp(t, app)
	text := fmt.Sprint(tpls["Home"].Body)
	assert.Contains(t, fmt.Sprint(home.Resolve(m.Composites["Blue/Warning"].AlarmRule())), "Mine")
	assert.False(t, strings.Contains(text, "Fn::ImportValue"), "alarms are adopted without exports")
	tpls["Home"].For(t).Snapshot("monitoring/twins")
}

func TestMonitor_NestedStacks(t *testing.T) {
	stack := cdktest.Stack(t)
	nested := awscdk.NewNestedStack(stack, jsii.String("Part"), nil)
	newFunction(nested, "Orders", nil)
	m := monitoring.NewMonitor(stack, "Monitor", nil)
	assert.Contains(t, m.Alarms, "Part/Orders/Throttles")
	cdktest.Synth(t, stack).Has(alarmType, o{"MetricName": "Throttles", "Dimensions": a{o{"Name": "FunctionName", "Value": o{"Fn::GetAtt": a{cdktest.Text("^PartNestedStack"), cdktest.Text("^Outputs")}}}}})
}

// More alarms than a rule takes, and more widgets than a dashboard takes, are split.
func TestMonitor_Splits(t *testing.T) {
	app := cdktest.App(t, nil)
	busy, home := cdktest.StackIn(app, "Busy"), cdktest.StackIn(app, "Home")
	const queues = 180
	for i := range queues {
		awssqs.NewCfnQueue(busy, jsii.String(fmt.Sprintf("Queue%03d", i)), nil)
	}
	m := monitoring.NewMonitor(home, "Monitor", watching(busy))
	assert.Len(t, m.Alarms, 2*queues)
	require.Len(t, m.Dashboards, 2)
	tpl := cdktest.SynthApp(t, app)["Home"].For(t)
	parents, children := 0, map[string]int{}
	for _, r := range tpl.All(compositeType) {
		rule := fmt.Sprint(r.Properties["AlarmRule"])
		terms := strings.Count(rule, "ALARM(")
		assert.LessOrEqual(t, terms, 100)
		if _, notifies := r.Properties["AlarmActions"]; notifies {
			parents++
			assert.Greater(t, terms, 1)
			assert.NotContains(t, rule, "Queue")
			continue
		}
		for _, id := range regexp.MustCompile(`Ref:(\w*Queue\w*)`).FindAllStringSubmatch(rule, -1) {
			children[id[1]]++
		}
	}
	assert.Equal(t, 2, parents)
	assert.Len(t, children, 2*queues)
	for id, n := range children {
		assert.Equal(t, 1, n, id)
	}
	widgets, graphs := 0, 0
	marks := map[string]bool{}
	for _, r := range tpl.All("AWS::CloudWatch::Dashboard") {
		all := body(t, r)
		assert.LessOrEqual(t, len(all), 500)
		widgets += len(all)
		marks[all[0].(o)["properties"].(o)["markdown"].(string)] = true
		for _, w := range all {
			if w.(o)["type"] == "metric" {
				graphs++
			}
		}
	}
	assert.Equal(t, map[string]bool{
		"Dashboards: **1** [2](#dashboards/dashboard/Home-us-east-1-HomeMonitor534F8330-2)": true,
		"Dashboards: [1](#dashboards/dashboard/Home-us-east-1-HomeMonitor534F8330) **2**":   true,
	}, marks)
	assert.Equal(t, 4*queues, graphs)
	assert.Equal(t, 4*queues+2+2+4, widgets, "links and headings on both, four widgets for the state of 360 alarms")
}

func TestMonitor_PassesNag(t *testing.T) {
	app := cdktest.App(t, nil)
	watched, home := cdktest.StackIn(app, "Watched"), cdktest.StackIn(app, "Home")
	newShop(watched)
	monitoring.NewMonitor(home, "Monitor", watching(watched))
	findings, suppressed := cdktest.Nag(t, home)
	assert.Empty(t, slices.DeleteFunc(findings, func(f cdktest.Finding) bool { return strings.HasPrefix(f.Resource, "Watched/") }))
	assert.Empty(t, suppressed)
}
