// Package webacl puts a web ACL of AWS WAF in front of the regional resource of a pattern: it is what patterns share, and
// not one itself.
//
// The web ACL limits the requests of each address, then applies the managed rule groups AmazonIpReputationList,
// CommonRuleSet and KnownBadInputsRuleSet of AWS, and admits the rest. It logs each request that it looks at, encrypted and
// without the headers that hold credentials.
//
// It costs 5 USD a month for the web ACL and 1 USD for each of its four rules, and 0.50 USD a GB of logs, beside 0.60 USD
// for a million requests.
//
// See https://docs.aws.amazon.com/waf/latest/developerguide/web-acl.html
package webacl

import (
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awswafv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/encrypted"
)

// Protect defines a web ACL for the resource in o, or puts the existing one of props in front of it, and returns the new
// one; nil when there is none. Its constructs are children of scope, a construct of its own for each resource: WebACL,
// WAFLogs, WAFLogging and WebACLAssociation.
//
// It panics with a *check.Error that lists every invalid field of props, or else of o.
func Protect(scope constructs.Construct, props *Props, o Options) awswafv2.CfnWebACL {
	path := scope.Node().Path()
	check.Must(path, "WebACL", props.Validate())
	p := props.withDefaults()
	check.Must(path, "WebACL", o.validate(&p))
	o = o.withDefaults()

	var acl awswafv2.CfnWebACL
	arn := &p.WebACLArn
	if *arn == "" {
		acl = newWebACL(scope, &p)
		arn = acl.AttrArn()
		addLogs(scope, arn, o)
	}
	awswafv2.NewCfnWebACLAssociation(scope, jsii.String("WebACLAssociation"), &awswafv2.CfnWebACLAssociationProps{
		ResourceArn: &o.ResourceArn, WebAclArn: arn,
	})
	return acl
}

func newWebACL(scope constructs.Construct, p *Props) awswafv2.CfnWebACL {
	visible := func(metric string) *awswafv2.CfnWebACL_VisibilityConfigProperty {
		return &awswafv2.CfnWebACL_VisibilityConfigProperty{
			CloudWatchMetricsEnabled: jsii.Bool(true), MetricName: &metric, SampledRequestsEnabled: jsii.Bool(true),
		}
	}
	rules := []any{&awswafv2.CfnWebACL_RuleProperty{
		Name: jsii.String("RateLimit"), Priority: jsii.Number(0), VisibilityConfig: visible("RateLimit"),
		Action: &awswafv2.CfnWebACL_RuleActionProperty{Block: &awswafv2.CfnWebACL_BlockActionProperty{}},
		Statement: &awswafv2.CfnWebACL_StatementProperty{RateBasedStatement: &awswafv2.CfnWebACL_RateBasedStatementProperty{
			AggregateKeyType: jsii.String("IP"), Limit: jsii.Number(p.RateLimit),
		}},
	}}
	override := &awswafv2.CfnWebACL_OverrideActionProperty{None: map[string]any{}}
	if p.CountOnly {
		override = &awswafv2.CfnWebACL_OverrideActionProperty{Count: map[string]any{}}
	}
	for i, group := range slices.Concat(managedRuleGroups, p.ManagedRuleGroups) {
		statement := &awswafv2.CfnWebACL_ManagedRuleGroupStatementProperty{VendorName: jsii.String("AWS"), Name: &group}
		if group == "AWSManagedRulesCommonRuleSet" && !p.LimitBodies {
			statement.RuleActionOverrides = &[]any{&awswafv2.CfnWebACL_RuleActionOverrideProperty{
				Name: jsii.String("SizeRestrictions_BODY"), ActionToUse: &awswafv2.CfnWebACL_RuleActionProperty{Count: &awswafv2.CfnWebACL_CountActionProperty{}},
			}}
		}
		rules = append(rules, &awswafv2.CfnWebACL_RuleProperty{
			Name: &group, Priority: jsii.Number(i + 1), VisibilityConfig: visible(group), OverrideAction: override,
			Statement: &awswafv2.CfnWebACL_StatementProperty{ManagedRuleGroupStatement: statement},
		})
	}
	return awswafv2.NewCfnWebACL(scope, jsii.String("WebACL"), &awswafv2.CfnWebACLProps{
		Scope: jsii.String("REGIONAL"), DefaultAction: &awswafv2.CfnWebACL_DefaultActionProperty{Allow: &awswafv2.CfnWebACL_AllowActionProperty{}},
		VisibilityConfig: visible("WebACL"), Rules: &rules,
	})
}

// addLogs logs the requests that the web ACL looks at, without the headers that hold credentials.
func addLogs(scope constructs.Construct, arn *string, o Options) {
	// WAF takes no other names. The last part differs from stack to stack, also when one is made anew.
	unique := awscdk.Names_UniqueResourceName(scope, &awscdk.UniqueResourceNameOptions{MaxLength: jsii.Number(200), Separator: jsii.String("-")})
	stackID := awscdk.Fn_Select(jsii.Number(2), awscdk.Fn_Split(jsii.String("/"), awscdk.Aws_STACK_ID(), nil))
	name := "aws-waf-logs-" + *unique + "-" + *stackID
	logs := encrypted.NewLogGroup(scope, "WAFLogs", name, o.Key, o.LogRetentionDays, o.RemovalPolicy)
	headers := []string{"authorization", "cookie", "x-amz-security-token", "x-api-key"}
	for _, header := range o.RedactHeaders {
		headers = append(headers, strings.ToLower(header))
	}
	slices.Sort(headers)
	redacted := []any{}
	for _, header := range slices.Compact(headers) {
		redacted = append(redacted, &awswafv2.CfnLoggingConfiguration_FieldToMatchProperty{SingleHeader: map[string]any{"Name": header}})
	}
	logging := awswafv2.NewCfnLoggingConfiguration(scope, jsii.String("WAFLogging"), &awswafv2.CfnLoggingConfigurationProps{
		ResourceArn: arn,
		LogDestinationConfigs: &[]any{awscdk.Stack_Of(scope).FormatArn(&awscdk.ArnComponents{
			Service: jsii.String("logs"), Resource: jsii.String("log-group"), ResourceName: &name, ArnFormat: awscdk.ArnFormat_COLON_RESOURCE_NAME,
		})},
		RedactedFields: &redacted,
	})
	logging.Node().AddDependency(logs)
}
