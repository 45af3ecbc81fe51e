package constructs_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapplicationsignals"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/slo"
)

var webService = &slo.Service{Name: "web", Environment: "ecs:main"}

// balancerMetric is a metric of a load balancer.
func balancerMetric(name, statistic string) awscloudwatch.IMetric {
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace: jsii.String("AWS/ApplicationELB"), MetricName: &name, Statistic: &statistic, Period: awscdk.Duration_Minutes(jsii.Number(1)),
		DimensionsMap: &map[string]*string{"LoadBalancer": jsii.String("app/web/1")},
	})
}

// balancerQuery is balancerMetric in a template.
func balancerQuery(id, name, statistic string, returned bool) o {
	return o{"Id": id, "ReturnData": returned, "Expression": cdktest.Absent, "AccountId": cdktest.Absent, "MetricStat": o{
		"Period": 60, "Stat": statistic, "Metric": o{
			"Namespace": "AWS/ApplicationELB", "MetricName": name, "Dimensions": a{o{"Name": "LoadBalancer", "Value": "app/web/1"}},
		},
	}}
}

func TestSLO_Defaults(t *testing.T) {
	stack := cdktest.Stack(t)
	objective := slo.NewServiceLevelObjective(stack, "Web", &slo.ServiceLevelObjectiveProps{Service: webService})
	assert.Len(t, objective.Alarms, 3)
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("slo/defaults")

	tpl.Has("AWS::ApplicationSignals::ServiceLevelObjective", cdktest.Object{
		"Name": objective.Name, "Sli": cdktest.Absent, "ExclusionWindows": cdktest.Absent, "Description": cdktest.Absent,
		"Goal": o{"AttainmentGoal": 99.9, "WarningThreshold": 50, "Interval": o{
			"RollingInterval": o{"Duration": 30, "DurationUnit": "DAY"}, "CalendarInterval": cdktest.Absent,
		}},
		"BurnRateConfigurations": a{
			o{"LookBackWindowMinutes": 5}, o{"LookBackWindowMinutes": 30}, o{"LookBackWindowMinutes": 60}, o{"LookBackWindowMinutes": 360}, o{"LookBackWindowMinutes": 4320},
		},
		"RequestBasedSli": cdktest.Exactly(o{"RequestBasedSliMetric": o{
			"KeyAttributes": o{"Type": "Service", "Name": "web", "Environment": "ecs:main"}, "MetricType": "AVAILABILITY",
		}}),
	})
	key := tpl.HasResource("AWS::KMS::Key", o{"DeletionPolicy": "Retain", "Properties": o{"EnableKeyRotation": true}})
	topic := tpl.Has("AWS::SNS::Topic", o{"KmsMasterKeyId": o{"Fn::GetAtt": a{key.LogicalID, "Arn"}}})
	tpl.Count("AWS::CloudWatch::Alarm", 6)
	tpl.Count("AWS::CloudWatch::CompositeAlarm", 3)
	for _, c := range []struct {
		name, long, short string
		rate              float64
		text              string
	}{
		{"Fast", "60", "5", 14.4, "Errors use up 2 % of the budget within 1h, and went on for the last 5m (Test/Web)"},
		{"Slow", "360", "30", 6, "Errors use up 5 % of the budget within 6h, and went on for the last 30m (Test/Web)"},
		{"Gradual", "4320", "360", 1, "Errors use up 10 % of the budget within 72h, and went on for the last 6h (Test/Web)"},
	} {
		var ids []string
		for _, window := range []string{c.long, c.short} {
			ids = append(ids, tpl.Has("AWS::CloudWatch::Alarm", o{
				"Namespace": "AWS/ApplicationSignals", "MetricName": "BurnRate", "Statistic": "Maximum", "Period": 60,
				"Dimensions": a{o{"Name": "BurnRateWindowMinutes", "Value": window}, o{"Name": "SloName", "Value": objective.Name}},
				"Threshold":  c.rate, "ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 1, "DatapointsToAlarm": 1,
				"TreatMissingData": "notBreaching", "AlarmActions": cdktest.Absent, "OKActions": cdktest.Absent,
			}).LogicalID)
		}
		composite := tpl.Has("AWS::CloudWatch::CompositeAlarm", o{
			"AlarmDescription": c.text, "AlarmActions": a{o{"Ref": topic.LogicalID}}, "OKActions": a{o{"Ref": topic.LogicalID}},
		})
		assert.Equal(t, o{"Fn::Join": a{"", a{
			`(ALARM("`, o{"Fn::GetAtt": a{ids[0], "Arn"}}, `") AND ALARM("`, o{"Fn::GetAtt": a{ids[1], "Arn"}}, `"))`,
		}}}, composite.Properties["AlarmRule"])
	}
}

func TestSLO_Latency(t *testing.T) {
	stack := cdktest.Stack(t)
	slo.NewServiceLevelObjective(stack, "Web", &slo.ServiceLevelObjectiveProps{
		Service: &slo.Service{Name: "web", Environment: "ecs:main", Operation: "GET /", LatencyBelow: 250 * time.Millisecond}, DisableAlarms: true,
	})
	tpl := cdktest.Synth(t, stack)
	tpl.Has("AWS::ApplicationSignals::ServiceLevelObjective", o{
		"BurnRateConfigurations": cdktest.Absent,
		"RequestBasedSli": o{"ComparisonOperator": "LessThan", "MetricThreshold": 250, "RequestBasedSliMetric": o{
			"MetricType": "LATENCY", "OperationName": "GET /",
		}},
	})
	for _, none := range []string{"AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm", "AWS::SNS::Topic", "AWS::KMS::Key"} {
		tpl.Count(none, 0)
	}
}

func TestSLO_Requests(t *testing.T) {
	total, bad := balancerMetric("RequestCount", "Sum"), balancerMetric("HTTPCode_Target_5XX_Count", "Sum")
	stack := cdktest.Stack(t)
	slo.NewServiceLevelObjective(stack, "Bad", &slo.ServiceLevelObjectiveProps{Name: "by bad", Requests: &slo.Requests{Total: total, Bad: bad}})
	slo.NewServiceLevelObjective(stack, "Good", &slo.ServiceLevelObjectiveProps{Name: "by good", Requests: &slo.Requests{
		Total: total, Good: awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
			Expression: jsii.String("n - b"), UsingMetrics: &map[string]awscloudwatch.IMetric{"n": total, "b": bad}, Period: awscdk.Duration_Minutes(jsii.Number(1)),
		}),
	}})
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("slo/requests")
	all := a{balancerQuery("total", "RequestCount", "Sum", true)}
	tpl.Has("AWS::ApplicationSignals::ServiceLevelObjective", o{"Name": "by bad", "RequestBasedSli": o{"RequestBasedSliMetric": o{
		"TotalRequestCountMetric": all, "KeyAttributes": cdktest.Absent, "MetricType": cdktest.Absent,
		"MonitoredRequestCountMetric": o{"BadCountMetric": a{balancerQuery("bad", "HTTPCode_Target_5XX_Count", "Sum", true)}, "GoodCountMetric": cdktest.Absent},
	}}})
	tpl.Has("AWS::ApplicationSignals::ServiceLevelObjective", o{"Name": "by good", "RequestBasedSli": o{"RequestBasedSliMetric": o{
		"TotalRequestCountMetric": all,
		"MonitoredRequestCountMetric": o{"BadCountMetric": cdktest.Absent, "GoodCountMetric": a{
			o{"Id": "good", "Expression": "n - b", "ReturnData": true, "MetricStat": cdktest.Absent},
			balancerQuery("b", "HTTPCode_Target_5XX_Count", "Sum", false), balancerQuery("n", "RequestCount", "Sum", false),
		}},
	}}})
}

func TestSLO_Settings(t *testing.T) {
	stack := cdktest.Stack(t)
	pages, tickets := awssns.NewTopic(stack, jsii.String("Pages"), nil), awssns.NewTopic(stack, jsii.String("Tickets"), nil)
	objective := slo.NewServiceLevelObjective(stack, "Web", &slo.ServiceLevelObjectiveProps{
		Name: "web latency", Description: "Pages are fast", Goal: 99, WarningPercent: 25,
		Periods:  &slo.Periods{Metric: balancerMetric("TargetResponseTime", "p99"), Comparison: slo.LessThan, Threshold: 0.5, Period: 5 * time.Minute},
		Calendar: &slo.Calendar{Start: time.Unix(1796083200, 0), Unit: slo.Day, Count: 7},
		BurnRates: []slo.BurnRate{
			{Name: "Page", BudgetPercent: 10, Long: time.Hour, Short: 5 * time.Minute, Topic: pages},
			{Name: "Ticket", BudgetPercent: 50, Long: 90 * time.Minute, Short: time.Hour, Topic: tickets},
		},
		Exclusions: []slo.Exclusion{
			{Duration: 90 * time.Minute, Start: time.Date(2026, 12, 6, 3, 0, 0, 0, time.FixedZone("", 3600)), Every: "rate(7 day)", Reason: "Maintenance"},
			{Duration: time.Hour},
		},
		ConfigureObjective: func(p *awsapplicationsignals.CfnServiceLevelObjectiveProps) {
			p.Tags = &[]*awscdk.CfnTag{{Key: jsii.String("team"), Value: jsii.String("web")}}
		},
	})
	assert.Nil(t, objective.AlarmTopic)
	tpl := cdktest.Synth(t, stack)
	tpl.Count("AWS::SNS::Topic", 2)
	tpl.Count("AWS::KMS::Key", 0)
	tpl.Has("AWS::ApplicationSignals::ServiceLevelObjective", o{
		"Name": "web latency", "Description": "Pages are fast", "RequestBasedSli": cdktest.Absent, "Tags": a{o{"Key": "team", "Value": "web"}},
		"Goal": o{"AttainmentGoal": 99, "WarningThreshold": 25, "Interval": o{
			"CalendarInterval": o{"StartTime": 1796083200, "Duration": 7, "DurationUnit": "DAY"}, "RollingInterval": cdktest.Absent,
		}},
		"Sli": o{"ComparisonOperator": "LessThan", "MetricThreshold": 0.5, "SliMetric": o{
			"PeriodSeconds": 300, "MetricDataQueries": a{balancerQuery("value", "TargetResponseTime", "p99", true)},
		}},
		"BurnRateConfigurations": a{o{"LookBackWindowMinutes": 5}, o{"LookBackWindowMinutes": 60}, o{"LookBackWindowMinutes": 90}},
		"ExclusionWindows": a{
			o{
				"Window": o{"Duration": 90, "DurationUnit": "MINUTE"}, "StartTime": "2026-12-06T02:00:00Z",
				"RecurrenceRule": o{"Expression": "rate(7 day)"}, "Reason": "Maintenance",
			},
			cdktest.Exactly(o{"Window": o{"Duration": 60, "DurationUnit": "MINUTE"}}),
		},
	})
	// 10 % of 7 days in an hour.
	tpl.Has("AWS::CloudWatch::Alarm", o{"Threshold": 16.8, "AlarmDescription": "The burn rate of the last 1h is above 16.8, in 1 of 1 minutes (Test/Web)"})
	tpl.Has("AWS::CloudWatch::Alarm", o{"Threshold": 56, "AlarmDescription": cdktest.Text("^The burn rate of the last 1h30m is above 56,")})
	tpl.Has("AWS::CloudWatch::CompositeAlarm", o{"AlarmDescription": cdktest.Text("^Errors use up 10 %"), "AlarmActions": a{o{"Ref": cdktest.Text("^Pages")}}})
	tpl.Has("AWS::CloudWatch::CompositeAlarm", o{"AlarmDescription": cdktest.Text("^Errors use up 50 %"), "AlarmActions": a{o{"Ref": cdktest.Text("^Tickets")}}})
}

func TestSLO_TopicAndKey(t *testing.T) {
	stack := cdktest.Stack(t)
	topic := awssns.NewTopic(stack, jsii.String("Mine"), nil)
	with := slo.NewServiceLevelObjective(stack, "Topic", &slo.ServiceLevelObjectiveProps{Service: webService, AlarmTopic: topic, BurnRates: []slo.BurnRate{
		{Name: "Other", BudgetPercent: 3, Long: time.Hour, Short: time.Minute, Topic: awssns.NewTopic(stack, jsii.String("Another"), nil)},
		{Name: "Own", BudgetPercent: 4, Long: time.Hour, Short: time.Minute},
	}})
	assert.Equal(t, topic, with.AlarmTopic)
	slo.NewServiceLevelObjective(stack, "Key", &slo.ServiceLevelObjectiveProps{Service: webService, Key: awskms.NewKey(stack, jsii.String("MyKey"), nil)})
	slo.NewServiceLevelObjective(stack, "Gone", &slo.ServiceLevelObjectiveProps{Service: webService, RemovalPolicy: awscdk.RemovalPolicy_DESTROY})
	tpl := cdktest.Synth(t, stack)
	tpl.Count("AWS::SNS::Topic", 4)
	tpl.Has("AWS::CloudWatch::CompositeAlarm", o{"AlarmDescription": cdktest.Text("^Errors use up 3 %"), "AlarmActions": a{o{"Ref": cdktest.Text("^Another")}}})
	tpl.Has("AWS::CloudWatch::CompositeAlarm", o{"AlarmDescription": cdktest.Text("^Errors use up 4 %"), "AlarmActions": a{o{"Ref": cdktest.Text("^Mine")}}})
	tpl.Has("AWS::SNS::Topic", o{"KmsMasterKeyId": o{"Fn::GetAtt": a{cdktest.Text("^MyKey"), "Arn"}}})
	tpl.HasResource("AWS::KMS::Key", o{"DeletionPolicy": "Delete"})
}

// What cannot fire is left out, so that nobody relies on it.
func TestSLO_LeavesOutWhatCannotFire(t *testing.T) {
	stack := cdktest.Stack(t)
	low := slo.NewServiceLevelObjective(stack, "Low", &slo.ServiceLevelObjectiveProps{Service: webService, Goal: 90})
	week := slo.NewServiceLevelObjective(stack, "Week", &slo.ServiceLevelObjectiveProps{Service: webService, RollingDays: 7})
	ids := func(s *slo.ServiceLevelObjective) (all []string) {
		for _, alarm := range s.Alarms {
			all = append(all, *alarm.Node().Id())
		}
		return all
	}
	assert.Equal(t, []string{"Slow", "Gradual"}, ids(low))
	assert.Equal(t, []string{"Fast", "Slow"}, ids(week))
}

func TestSLO_Discovery(t *testing.T) {
	stack := cdktest.Stack(t)
	d := slo.NewDiscovery(stack, "Discovery")
	assert.NotEmpty(t, *d.Account())
	cdktest.Synth(t, stack).Count("AWS::ApplicationSignals::Discovery", 1)
}

func TestSLO_ReportsEveryProblem(t *testing.T) {
	err := cdktest.Panic(func() {
		slo.NewServiceLevelObjective(cdktest.Stack(t), "Web", &slo.ServiceLevelObjectiveProps{Name: "-", Goal: 101})
	})
	require.EqualError(t, err, `Test/Web: invalid slo.ServiceLevelObjectiveProps:
  - Name: must be 2 to 128 letters, digits, spaces, ., _ and -, with a letter or digit first and last, got "-"
  - must have exactly one of Service, Requests and Periods, got 0
  - Goal: must be above 0 and below 100, got 101`)
}

func TestSLO_PassesNag(t *testing.T) {
	stack := cdktest.Stack(t)
	slo.NewServiceLevelObjective(stack, "Web", &slo.ServiceLevelObjectiveProps{Service: webService})
	slo.NewDiscovery(stack, "Discovery")
	findings, suppressed := cdktest.Nag(t, stack)
	assert.Empty(t, findings)
	assert.Empty(t, suppressed)
}

func ExampleNewServiceLevelObjective() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Web"), nil)
	objective := slo.NewServiceLevelObjective(stack, "Availability", &slo.ServiceLevelObjectiveProps{
		Name: "web availability", Goal: 99.9,
		Service: &slo.Service{Name: "web", Environment: "ecs:main"},
	})
	for _, alarm := range objective.Alarms {
		fmt.Println(*alarm.Node().Path())
	}
	// Output:
	// Web/Availability/Fast
	// Web/Availability/Slow
	// Web/Availability/Gradual
}

func ExampleNewDiscovery() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Signals"), nil)
	fmt.Println(*slo.NewDiscovery(stack, "Discovery").Discovery.Node().Path())
	// Output: Signals/Discovery/Discovery
}
