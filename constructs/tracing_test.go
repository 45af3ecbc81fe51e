package constructs_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsxray"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/tracing"
)

func TestTracing_Rules(t *testing.T) {
	stack := cdktest.Stack(t)
	traced := tracing.NewTracing(stack, "Tracing", &tracing.Props{
		Rules: []tracing.Rule{
			{Name: "no-health", Priority: 1, URLPath: "/health"},
			{
				Name: "orders", Priority: 20, Reservoir: 5, Rate: 0.25, ServiceName: "orders", ServiceType: "AWS::ECS::Container", Host: "*.example.com",
				HTTPMethod: "POST", ResourceARN: "arn:*", Attributes: map[string]string{"http.route": "/v2/*"},
				Boost: &tracing.Boost{MaxRate: 0.5, Cooldown: 10 * time.Minute},
			},
		},
		Groups: []tracing.Group{
			{Name: "faults", FilterExpression: "fault"},
			{Name: "errors", FilterExpression: "error", Insights: true},
			{Name: "slow", FilterExpression: `service("orders") AND responsetime > 2`, Insights: true, Notifications: true},
		},
	})
	assert.Len(t, traced.Rules, 2)
	assert.NotNil(t, traced.GroupARN("slow"))
	assert.Nil(t, traced.GroupARN("other"))
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("tracing/all")
	tpl.Has("AWS::XRay::SamplingRule", cdktest.Object{"SamplingRule": cdktest.Exactly(o{
		"RuleName": "no-health", "Priority": 1, "ReservoirSize": 0, "FixedRate": 0, "Version": 1, "URLPath": "/health",
		"ServiceName": "*", "ServiceType": "*", "Host": "*", "HTTPMethod": "*", "ResourceARN": "*",
	})})
	tpl.Has("AWS::XRay::SamplingRule", cdktest.Object{"SamplingRule": cdktest.Exactly(o{
		"RuleName": "orders", "Priority": 20, "ReservoirSize": 5, "FixedRate": 0.25, "Version": 1, "URLPath": "*",
		"ServiceName": "orders", "ServiceType": "AWS::ECS::Container", "Host": "*.example.com", "HTTPMethod": "POST", "ResourceARN": "arn:*",
		"Attributes": o{"http.route": "/v2/*"}, "SamplingRateBoost": o{"MaxRate": 0.5, "CooldownWindowMinutes": 10},
	})})
	tpl.Has("AWS::XRay::Group", o{"GroupName": "faults", "FilterExpression": "fault", "InsightsConfiguration": o{"InsightsEnabled": false, "NotificationsEnabled": false}})
	tpl.Has("AWS::XRay::Group", o{"GroupName": "errors", "InsightsConfiguration": o{"InsightsEnabled": true, "NotificationsEnabled": false}})
	tpl.Has("AWS::XRay::Group", o{
		"GroupName": "slow", "FilterExpression": `service("orders") AND responsetime > 2`,
		"InsightsConfiguration": o{"InsightsEnabled": true, "NotificationsEnabled": true},
	})
}

func TestTracing_Configure(t *testing.T) {
	stack := cdktest.Stack(t)
	tag := &[]*awscdk.CfnTag{{Key: jsii.String("team"), Value: jsii.String("web")}}
	tracing.NewTracing(stack, "Tracing", &tracing.Props{
		Rules: []tracing.Rule{{Name: "all", Priority: 1, Rate: 1}}, Groups: []tracing.Group{{Name: "all", FilterExpression: "ok"}},
		ConfigureRule:  func(p *awsxray.CfnSamplingRuleProps) { p.Tags = tag },
		ConfigureGroup: func(p *awsxray.CfnGroupProps) { p.Tags = tag },
	})
	tpl := cdktest.Synth(t, stack)
	tpl.Each("AWS::XRay::SamplingRule", o{"Tags": a{o{"Key": "team", "Value": "web"}}})
	tpl.Each("AWS::XRay::Group", o{"Tags": a{o{"Key": "team", "Value": "web"}}})
}

func TestTracing_TransactionSearch(t *testing.T) {
	stack := cdktest.Stack(t)
	s := tracing.NewTransactionSearch(stack, "Search", nil)
	assert.Equal(t, "aws/spans", s.LogGroup())
	tpl := cdktest.Synth(t, stack)
	policy := tpl.Has("AWS::Logs::ResourcePolicy", o{"PolicyName": "TransactionSearch"})
	join := policy.Properties["PolicyDocument"].(o)["Fn::Join"].(a)[1].(a)
	var text strings.Builder
	for _, part := range join {
		if s, ok := part.(string); ok {
			text.WriteString(s)
		} else {
			assert.Equal(t, o{"Ref": "AWS::Partition"}, part)
			text.WriteString("aws")
		}
	}
	var document o
	require.NoError(t, json.Unmarshal([]byte(text.String()), &document))
	assert.Equal(t, a{o{
		"Sid": "Spans", "Effect": "Allow", "Principal": o{"Service": "xray.amazonaws.com"}, "Action": "logs:PutLogEvents",
		"Resource": a{"arn:aws:logs:us-east-1:111111111111:log-group:aws/spans:*", "arn:aws:logs:us-east-1:111111111111:log-group:/aws/application-signals/data:*"},
		"Condition": o{
			"ArnLike":      o{"aws:SourceArn": "arn:aws:xray:us-east-1:111111111111:*"},
			"StringEquals": o{"aws:SourceAccount": "111111111111"},
		},
	}}, document["Statement"])
	tpl.HasResource("AWS::XRay::TransactionSearchConfig", o{"DependsOn": a{policy.LogicalID}, "Properties": o{"IndexingPercentage": 1}})

	other := cdktest.Stack(t)
	tracing.NewTransactionSearch(other, "Search", &tracing.TransactionSearchProps{IndexingPercent: new(0.0), PolicyName: "Mine"})
	tpl = cdktest.Synth(t, other)
	tpl.Has("AWS::XRay::TransactionSearchConfig", o{"IndexingPercentage": 0})
	tpl.Has("AWS::Logs::ResourcePolicy", o{"PolicyName": "Mine"})
}

func TestTracing_ReportsEveryProblem(t *testing.T) {
	stack := cdktest.Stack(t)
	require.EqualError(t, cdktest.Panic(func() {
		tracing.NewTracing(stack, "Tracing", &tracing.Props{Rules: []tracing.Rule{{Name: "Default", Rate: 2}}})
	}), `Test/Tracing: invalid tracing.Props:
  - Rules[0].Name: must not be Default, which AWS has
  - Rules[0].Priority: must be between 1 and 9999, got 0
  - Rules[0].Rate: must be between 0 and 1, got 2`)
	require.EqualError(t, cdktest.Panic(func() {
		tracing.NewTransactionSearch(stack, "Search", &tracing.TransactionSearchProps{IndexingPercent: new(101.0)})
	}), `Test/Search: invalid tracing.TransactionSearchProps:
  - IndexingPercent: must be between 0 and 100, got 101`)
}

func TestTracing_PassesNag(t *testing.T) {
	stack := cdktest.Stack(t)
	tracing.NewTracing(stack, "Tracing", &tracing.Props{
		Rules: []tracing.Rule{{Name: "all", Priority: 1, Rate: 1}}, Groups: []tracing.Group{{Name: "all", FilterExpression: "ok"}},
	})
	tracing.NewTransactionSearch(stack, "Search", nil)
	findings, suppressed := cdktest.Nag(t, stack)
	assert.Empty(t, findings)
	assert.Empty(t, suppressed)
}

func ExampleNewTracing() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Signals"), nil)
	traced := tracing.NewTracing(stack, "Tracing", &tracing.Props{
		Rules: []tracing.Rule{
			{Name: "no-health-checks", Priority: 1, URLPath: "/health"},
			{Name: "everything-else", Priority: 9000, Reservoir: 1, Rate: 0.1},
		},
		Groups: []tracing.Group{{Name: "faults", FilterExpression: "fault"}},
	})
	fmt.Println(*traced.Rules["everything-else"].Node().Path())
	// Output: Signals/Tracing/Rules/everything-else
}

func ExampleNewTransactionSearch() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Signals"), nil)
	fmt.Println(tracing.NewTransactionSearch(stack, "Search", nil).LogGroup())
	// Output: aws/spans
}
