// Package tracing defines how AWS X-Ray samples requests, groups their traces and keeps their spans.
//
// A Tracing has sampling rules, which the X-Ray and OpenTelemetry SDKs read while they run, and groups of traces with metrics of
// their own. A TransactionSearch sends all spans to the log group aws/spans of CloudWatch Logs, where they can be searched, and
// a share of them to the index of X-Ray. All are settings of an account and region. X-Ray bills traces, insights and indexed spans;
// CloudWatch Logs bills spans by size. The encryption of X-Ray with a key of yours is no resource of CloudFormation.
//
// https://docs.aws.amazon.com/xray/latest/devguide/xray-console-sampling.html
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Transaction-Search.html
package tracing

import (
	"cmp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsxray"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/cdkval"
)

// Tracing is the sampling rules and groups of an account and region.
type Tracing struct {
	constructs.Construct
	// Rules and Groups are the L1s, by name, which is the construct id below Rules and Groups.
	Rules  map[string]awsxray.CfnSamplingRule
	Groups map[string]awsxray.CfnGroup
}

// NewTracing defines a Tracing named id in scope.
// It panics with a *check.Error that lists every invalid field of props.
func NewTracing(scope constructs.Construct, id string, props *Props) *Tracing {
	check.Must(scope.Node().Path(), id, props.Validate())
	t := &Tracing{Rules: map[string]awsxray.CfnSamplingRule{}, Groups: map[string]awsxray.CfnGroup{}}
	constructs.NewConstruct_Override(t, scope, &id)
	rules, groups := constructs.NewConstruct(t, jsii.String("Rules")), constructs.NewConstruct(t, jsii.String("Groups"))
	for _, r := range props.Rules {
		rule := r.props()
		if props.ConfigureRule != nil {
			props.ConfigureRule(rule)
		}
		t.Rules[r.Name] = awsxray.NewCfnSamplingRule(rules, &r.Name, rule)
	}
	for _, g := range props.Groups {
		group := &awsxray.CfnGroupProps{
			GroupName: &g.Name, FilterExpression: &g.FilterExpression,
			InsightsConfiguration: &awsxray.CfnGroup_InsightsConfigurationProperty{InsightsEnabled: &g.Insights, NotificationsEnabled: &g.Notifications},
		}
		if props.ConfigureGroup != nil {
			props.ConfigureGroup(group)
		}
		t.Groups[g.Name] = awsxray.NewCfnGroup(groups, &g.Name, group)
	}
	return t
}

// GroupARN gives the ARN of a group, or nil where there is none of that name.
func (t *Tracing) GroupARN(name string) *string {
	g, ok := t.Groups[name]
	if !ok {
		return nil
	}
	return g.AttrGroupArn()
}

func (r Rule) props() *awsxray.CfnSamplingRuleProps {
	orAny := func(s string) *string { return jsii.String(cmp.Or(s, "*")) }
	rule := &awsxray.CfnSamplingRule_SamplingRuleProperty{
		RuleName: &r.Name, Priority: jsii.Number(r.Priority), ReservoirSize: jsii.Number(r.Reservoir), FixedRate: &r.Rate, Version: jsii.Number(1),
		ServiceName: orAny(r.ServiceName), ServiceType: orAny(r.ServiceType), Host: orAny(r.Host), HttpMethod: orAny(r.HTTPMethod), UrlPath: orAny(r.URLPath),
		ResourceArn: orAny(r.ResourceARN),
	}
	if len(r.Attributes) > 0 {
		rule.Attributes = cdkval.TextMap(r.Attributes)
	}
	if r.Boost != nil {
		rule.SamplingRateBoost = &awsxray.CfnSamplingRule_SamplingRateBoostProperty{
			MaxRate: &r.Boost.MaxRate, CooldownWindowMinutes: jsii.Number(r.Boost.Cooldown.Minutes()),
		}
	}
	return &awsxray.CfnSamplingRuleProps{SamplingRule: rule}
}

// TransactionSearch sends the spans of an account and region to CloudWatch Logs. The fields are the underlying constructs.
type TransactionSearch struct {
	constructs.Construct
	Config awsxray.CfnTransactionSearchConfig
	// Policy lets AWS X-Ray write spans.
	Policy awslogs.CfnResourcePolicy
}

// NewTransactionSearch defines a TransactionSearch named id in scope. An account and region has one.
// It panics with a *check.Error that lists every invalid field of props.
func NewTransactionSearch(scope constructs.Construct, id string, props *TransactionSearchProps) *TransactionSearch {
	check.Must(scope.Node().Path(), id, props.Validate())
	p := props.withDefaults()
	s := &TransactionSearch{}
	constructs.NewConstruct_Override(s, scope, &id)
	stack := awscdk.Stack_Of(s)
	group := func(name string) *string {
		return stack.FormatArn(&awscdk.ArnComponents{
			Service: jsii.String("logs"), Resource: jsii.String("log-group"), ArnFormat: awscdk.ArnFormat_COLON_RESOURCE_NAME, ResourceName: jsii.String(name + ":*"),
		})
	}
	s.Policy = awslogs.NewCfnResourcePolicy(s, jsii.String("Policy"), &awslogs.CfnResourcePolicyProps{
		PolicyName: &p.PolicyName,
		PolicyDocument: stack.ToJsonString(map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{
			"Sid": "Spans", "Effect": "Allow", "Principal": map[string]any{"Service": "xray.amazonaws.com"}, "Action": "logs:PutLogEvents",
			"Resource": []any{group("aws/spans"), group("/aws/application-signals/data")},
			"Condition": map[string]any{
				"ArnLike":      map[string]any{"aws:SourceArn": stack.FormatArn(&awscdk.ArnComponents{Service: jsii.String("xray"), Resource: jsii.String("*")})},
				"StringEquals": map[string]any{"aws:SourceAccount": stack.Account()},
			},
		}}}, nil),
	})
	s.Config = awsxray.NewCfnTransactionSearchConfig(s, jsii.String("Config"), &awsxray.CfnTransactionSearchConfigProps{IndexingPercentage: p.IndexingPercent})
	s.Config.AddResourceDependency(s.Policy, nil)
	return s
}

// LogGroup is the name of the log group that has the spans.
func (s *TransactionSearch) LogGroup() string { return "aws/spans" }
