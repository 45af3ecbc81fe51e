package constructs_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/failover"
)

func apiRoute(policy failover.Policy) failover.Route {
	return failover.Route{Name: "api.example.com", ZoneID: "Z1D633PJN98FT9", ZoneName: "example.com", Policy: policy, Regions: []string{"us-east-1", "us-west-2"}}
}

// failoverSide is a stack in a region.
func failoverSide(t *testing.T, region string) awscdk.Stack {
	t.Helper()
	return awscdk.NewStack(cdktest.App(t, nil), jsii.String("Side"), &awscdk.StackProps{
		Env:         &awscdk.Environment{Account: jsii.String(cdktest.Account), Region: &region},
		Synthesizer: awscdk.NewDefaultStackSynthesizer(&awscdk.DefaultStackSynthesizerProps{GenerateBootstrapVersionRule: jsii.Bool(false)}),
	})
}

func regionalAlias(region string) *failover.Alias {
	return &failover.Alias{DNSName: "api." + region + ".elb.amazonaws.com", HostedZoneID: "Z35SXDOTRQ7X7K"}
}

func regionalCheck(region string) *failover.HealthCheckProps {
	return &failover.HealthCheckProps{Endpoint: &failover.Endpoint{Domain: region + ".example.com", Path: "/health"}}
}

// failoverWarnings gives the warnings of a construct.
func failoverWarnings(c constructs.IConstruct) string {
	var all []string
	for _, m := range *c.Node().Metadata() {
		if *m.Type == "aws:cdk:warning" {
			all = append(all, fmt.Sprint(m.Data))
		}
	}
	return strings.Join(all, "\n")
}

func TestFailover_Primary(t *testing.T) {
	stack := failoverSide(t, "us-east-1")
	r := failover.NewRecord(stack, "Api", &failover.RecordProps{Route: apiRoute(""), Alias: regionalAlias("us-east-1"), HealthCheck: regionalCheck("us-east-1")})
	assert.Equal(t, "api.example.com", *r.DomainName())
	assert.Equal(t, "us-east-1", *r.SetIdentifier())
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("failover/primary")
	h := tpl.Has("AWS::Route53::HealthCheck", o{
		"HealthCheckConfig": cdktest.Exactly(o{
			"Type": "HTTPS", "FullyQualifiedDomainName": "us-east-1.example.com", "Port": 443, "ResourcePath": "/health", "RequestInterval": 30, "FailureThreshold": 3, "EnableSNI": true,
		}),
		"HealthCheckTags": a{o{"Key": "Name", "Value": "Side/Api/HealthCheck"}},
	})
	id := o{"Fn::GetAtt": a{h.LogicalID, "HealthCheckId"}}
	tpl.Count("AWS::Route53::RecordSet", 1)
	tpl.Has("AWS::Route53::RecordSet", cdktest.Object{
		"Name": "api.example.com.", "Type": "A", "HostedZoneId": "Z1D633PJN98FT9", "SetIdentifier": "us-east-1", "Failover": "PRIMARY", "HealthCheckId": id,
		"AliasTarget": o{"DNSName": "api.us-east-1.elb.amazonaws.com", "HostedZoneId": "Z35SXDOTRQ7X7K", "EvaluateTargetHealth": true},
		"TTL":         cdktest.Absent, "Weight": cdktest.Absent, "Region": cdktest.Absent,
	})
	topic := o{"Ref": cdktest.Text("^ApiHealthCheckAlarmTopic")}
	tpl.Has("AWS::CloudWatch::Alarm", o{
		"Namespace": "AWS/Route53", "MetricName": "HealthCheckStatus", "Dimensions": a{o{"Name": "HealthCheckId", "Value": id}}, "Statistic": "Minimum", "Period": 60,
		"Threshold": 1, "ComparisonOperator": "LessThanThreshold", "EvaluationPeriods": 1, "TreatMissingData": "breaching", "AlarmActions": a{topic}, "OKActions": a{topic},
	})
	tpl.Has("AWS::SNS::Topic", o{"KmsMasterKeyId": cdktest.Any})
}

func TestFailover_Nag(t *testing.T) {
	stack := failoverSide(t, "us-east-1")
	failover.NewRecord(stack, "Api", &failover.RecordProps{Route: apiRoute(""), Alias: regionalAlias("us-east-1"), HealthCheck: regionalCheck("us-east-1")})
	findings, _ := cdktest.Nag(t, stack)
	assert.Empty(t, findings)
}

func TestFailover_Standby(t *testing.T) {
	stack := failoverSide(t, "us-west-2")
	alias := regionalAlias("us-west-2")
	alias.DualStack = true
	r := failover.NewRecord(stack, "Api", &failover.RecordProps{Route: apiRoute(failover.Failover), Alias: alias})
	assert.Nil(t, r.HealthCheck)
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("failover/standby")
	for _, typ := range []string{"A", "AAAA"} {
		tpl.Has("AWS::Route53::RecordSet", o{"Type": typ, "SetIdentifier": "us-west-2", "Failover": "SECONDARY", "HealthCheckId": cdktest.Absent, "AliasTarget": o{"EvaluateTargetHealth": true}})
	}
	assert.NotContains(t, string(tpl.JSON), "us-east-1", "the region that may be lost is nowhere")
	for _, reference := range []string{"Fn::ImportValue", "Fn::GetStackOutput", "resolve:ssm", "Parameters"} {
		assert.NotContains(t, string(tpl.JSON), reference)
	}
}

func TestFailover_Weighted(t *testing.T) {
	route := apiRoute(failover.Weighted)
	stack := failoverSide(t, "us-west-2")
	failover.NewRecord(stack, "Equal", &failover.RecordProps{Route: route, Alias: regionalAlias("us-west-2")})
	route.Weights = map[string]int{"us-east-1": 200, "us-west-2": 0}
	r := failover.NewRecord(stack, "Given", &failover.RecordProps{
		Route: route, Addresses: []string{"192.0.2.1", "2001:db8::1", "192.0.2.2"}, HealthCheckID: "given", TTL: 61 * time.Second,
	})
	assert.Contains(t, failoverWarnings(r), "clients go on asking a region that is lost for 1m1s: make TTL 1m0s or less [ack: @strata/failover:longTTL]")
	tpl := cdktest.Synth(t, stack)
	tpl.Count("AWS::Route53::HealthCheck", 0)
	tpl.Has("AWS::Route53::RecordSet", o{"Type": "A", "Weight": 1, "AliasTarget": cdktest.Any, "Failover": cdktest.Absent})
	tpl.Has("AWS::Route53::RecordSet", o{
		"Type": "A", "Weight": 0, "SetIdentifier": "us-west-2", "TTL": "61", "ResourceRecords": cdktest.Exactly(a{"192.0.2.1", "192.0.2.2"}), "HealthCheckId": "given", "AliasTarget": cdktest.Absent,
	})
	tpl.Has("AWS::Route53::RecordSet", o{"Type": "AAAA", "Weight": 0, "ResourceRecords": cdktest.Exactly(a{"2001:db8::1"}), "HealthCheckId": "given"})
}

func TestFailover_Latency(t *testing.T) {
	stack := failoverSide(t, "us-west-2")
	quiet := regionalCheck("us-west-2")
	quiet.DisableAlarm = true
	r := failover.NewRecord(stack, "Api", &failover.RecordProps{Route: apiRoute(failover.Latency), Host: "us-west-2.example.com", HealthCheck: quiet})
	assert.Empty(t, failoverWarnings(r))
	assert.Empty(t, failoverWarnings(r.HealthCheck))
	cdktest.Synth(t, stack).Has("AWS::Route53::RecordSet", o{
		"Type": "CNAME", "Region": "us-west-2", "SetIdentifier": "us-west-2", "TTL": "60", "ResourceRecords": a{"us-west-2.example.com"}, "HealthCheckId": cdktest.Any,
		"Failover": cdktest.Absent, "Weight": cdktest.Absent,
	})
}

func TestFailover_HealthChecks(t *testing.T) {
	stack := failoverSide(t, "us-east-1")
	topic := awssns.NewTopic(stack, jsii.String("Topic"), nil)
	all := []string{"us-east-1", "us-west-2", "eu-west-1"}
	add := func(id string, p failover.HealthCheckProps) *failover.HealthCheck {
		p.DisableAlarm = p.AlarmTopic == nil
		return failover.NewHealthCheck(stack, id, &p)
	}
	search := add("Search", failover.HealthCheckProps{AlarmTopic: topic, Inverted: true, Endpoint: &failover.Endpoint{
		Domain: "a.example.com", IPAddress: "192.0.2.9", Port: 8443, Search: "fine", Interval: 10 * time.Second, FailureThreshold: 1, CheckerRegions: all, DisableSNI: true,
	}})
	assert.Equal(t, topic, search.Topic)
	plain := add("Plain", failover.HealthCheckProps{Endpoint: &failover.Endpoint{Domain: "b.example.com", Protocol: failover.HTTP, Search: "fine"}})
	assert.Nil(t, plain.Alarm)
	add("TCP", failover.HealthCheckProps{Endpoint: &failover.Endpoint{IPAddress: "192.0.2.9", Protocol: failover.TCP, Port: 25}})
	add("All", failover.HealthCheckProps{Calculated: &failover.Calculated{HealthCheckIDs: []string{*search.ID(), *plain.ID()}}})
	add("Any", failover.HealthCheckProps{Calculated: &failover.Calculated{HealthCheckIDs: []string{"x", "y"}, HealthyAtLeast: 1}})
	add("Alarm", failover.HealthCheckProps{Alarm: &failover.Alarm{Name: "lag", Region: "us-west-2"}})
	add("Control", failover.HealthCheckProps{RoutingControlARN: "arn:aws:route53-recovery-control::111111111111:controlpanel/a/routingcontrol/b"})
	add("Configured", failover.HealthCheckProps{
		Endpoint:             &failover.Endpoint{Domain: "c.example.com"},
		ConfigureHealthCheck: func(c *awsroute53.CfnHealthCheck_HealthCheckConfigProperty) { c.MeasureLatency = true },
	})
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("failover/checks")
	tpl.Count("AWS::CloudWatch::Alarm", 1)
	tpl.Count("AWS::SNS::Topic", 1)
	is := func(config o) {
		tpl.Has("AWS::Route53::HealthCheck", o{"HealthCheckConfig": cdktest.Exactly(config)})
	}
	is(o{
		"Type": "HTTPS_STR_MATCH", "Inverted": true, "FullyQualifiedDomainName": "a.example.com", "IPAddress": "192.0.2.9", "Port": 8443, "ResourcePath": "/", "SearchString": "fine",
		"RequestInterval": 10, "FailureThreshold": 1, "EnableSNI": false, "Regions": all,
	})
	is(o{"Type": "HTTP_STR_MATCH", "FullyQualifiedDomainName": "b.example.com", "Port": 80, "ResourcePath": "/", "SearchString": "fine", "RequestInterval": 30, "FailureThreshold": 3})
	is(o{"Type": "TCP", "IPAddress": "192.0.2.9", "Port": 25, "RequestInterval": 30, "FailureThreshold": 3})
	tpl.Has("AWS::Route53::HealthCheck", o{"HealthCheckConfig": o{"Type": "CALCULATED", "HealthThreshold": 2, "ChildHealthChecks": a{
		o{"Fn::GetAtt": a{cdktest.Text("^Search"), "HealthCheckId"}}, o{"Fn::GetAtt": a{cdktest.Text("^Plain"), "HealthCheckId"}},
	}, "RequestInterval": cdktest.Absent}})
	is(o{"Type": "CALCULATED", "HealthThreshold": 1, "ChildHealthChecks": a{"x", "y"}})
	is(o{"Type": "CLOUDWATCH_METRIC", "AlarmIdentifier": o{"Name": "lag", "Region": "us-west-2"}, "InsufficientDataHealthStatus": "LastKnownStatus"})
	is(o{"Type": "RECOVERY_CONTROL", "RoutingControlArn": "arn:aws:route53-recovery-control::111111111111:controlpanel/a/routingcontrol/b"})
	tpl.Has("AWS::Route53::HealthCheck", o{"HealthCheckConfig": o{"MeasureLatency": true}})
}

func TestFailover_AlarmsInVirginiaOnly(t *testing.T) {
	stack := failoverSide(t, "us-west-2")
	h := failover.NewHealthCheck(stack, "Check", regionalCheck("us-west-2"))
	assert.Nil(t, h.Alarm)
	assert.Contains(t, failoverWarnings(h), "nobody is told when this is unhealthy")
	tpl := cdktest.Synth(t, stack)
	tpl.Count("AWS::CloudWatch::Alarm", 0)
	tpl.Count("AWS::SNS::Topic", 0)
	other := failoverSide(t, "us-west-2")
	require.EqualError(t, cdktest.Panic(func() {
		failover.NewHealthCheck(other, "Check", &failover.HealthCheckProps{
			Endpoint: regionalCheck("us-west-2").Endpoint, AlarmTopic: awssns.NewTopic(other, jsii.String("Topic"), nil),
		})
	}), `Side/Check: invalid failover.HealthCheckProps:
  - AlarmTopic: must be left out in a stack outside us-east-1: no other region has the metrics of health checks`)
	require.EqualError(t, cdktest.Panic(func() {
		failover.NewHealthCheck(other, "Check", &failover.HealthCheckProps{
			Endpoint: regionalCheck("us-west-2").Endpoint, DisableAlarm: true, AlarmTopic: awssns.NewTopic(other, jsii.String("Topic2"), nil),
		})
	}), `Side/Check: invalid failover.HealthCheckProps:
  - AlarmTopic: must be left out with DisableAlarm`)
}

func TestFailover_Refuses(t *testing.T) {
	stack := failoverSide(t, "us-east-1")
	refuses := func(stack awscdk.Stack, p failover.RecordProps, want string) {
		t.Helper()
		require.EqualError(t, cdktest.Panic(func() { failover.NewRecord(stack, "Api", &p) }), *stack.StackName()+"/Api: invalid failover.RecordProps:\n  - "+want)
	}
	require.ErrorContains(t, cdktest.Panic(func() { failover.NewRecord(stack, "Api", nil) }), "Side/Api: invalid failover.RecordProps:\n  - Name: ")
	require.ErrorContains(t, cdktest.Panic(func() { failover.NewHealthCheck(stack, "Check", nil) }), "Side/Check: invalid failover.HealthCheckProps:\n  - ")
	refuses(stack, failover.RecordProps{Route: apiRoute(""), Alias: regionalAlias("us-east-1")},
		"HealthCheck: must be given, or HealthCheckID: nothing tells when the primary is lost without one")
	for _, policy := range []failover.Policy{failover.Weighted, failover.Latency} {
		refuses(stack, failover.RecordProps{Route: apiRoute(policy), Addresses: []string{"192.0.2.1"}},
			"HealthCheck: must be given, or HealthCheckID: clients go on asking a region that is lost without one")
	}
	refuses(failoverSide(t, "eu-west-1"), failover.RecordProps{Route: apiRoute(""), Alias: regionalAlias("eu-west-1")}, "Regions: must have the stack's region, which is eu-west-1")
	refuses(awscdk.NewStack(cdktest.App(t, nil), jsii.String("Anywhere"), nil), failover.RecordProps{Route: apiRoute(""), Alias: regionalAlias("eu-west-1")},
		"Regions: must have the stack's region, which is known at deployment only")
	assert.Empty(t, cdktest.Synth(t, stack).All("AWS::Route53::RecordSet"), "nothing is half-made")
}

func ExampleNewRecord() {
	route := failover.Route{Name: "api.example.com", ZoneID: "Z1D633PJN98FT9", ZoneName: "example.com", Regions: []string{"us-east-1", "us-west-2"}}
	app := awscdk.NewApp(nil)
	for _, region := range route.Regions { // each stack stands alone
		stack := awscdk.NewStack(app, jsii.String("Api-"+region), &awscdk.StackProps{Env: &awscdk.Environment{Region: &region}})
		record := failover.NewRecord(stack, "Api", &failover.RecordProps{
			Route: route, Host: "api-" + region + ".example.com",
			HealthCheck: &failover.HealthCheckProps{Endpoint: &failover.Endpoint{Domain: "api-" + region + ".example.com", Path: "/health"}},
		})
		fmt.Println(*record.Node().Path(), *record.Records[0].Failover())
	}
	// Output:
	// Api-us-east-1/Api PRIMARY
	// Api-us-west-2/Api SECONDARY
}

func ExampleNewHealthCheck() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Edge"), &awscdk.StackProps{Env: &awscdk.Environment{Region: jsii.String("us-east-1")}})
	health := failover.NewHealthCheck(stack, "Api", &failover.HealthCheckProps{Endpoint: &failover.Endpoint{Domain: "api-us-east-1.example.com", Path: "/health"}})
	fmt.Println(*health.Node().Path())
	// Output: Edge/Api
}
