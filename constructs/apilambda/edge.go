package apilambda

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awswafv2"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/internal/domain"
	"github.com/strata-cdk/strata/internal/encrypted"
)

// accessLogFields are what an event of the access logs has, as variables of API Gateway.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
var accessLogFields = map[Kind]map[string]string{
	REST: {
		"resource": "$context.resourcePath", "caller": "$context.identity.userArn", "xrayTraceId": "$context.xrayTraceId",
		"wafStatus": "$context.waf.status", "apiKeyId": "$context.identity.apiKeyId",
	},
	HTTP: {
		"resource": "$context.routeKey", "caller": "$context.identity.userArn", "sub": "$context.authorizer.claims.sub",
	},
	"": {
		"requestId": "$context.requestId", "requestTime": "$context.requestTime", "ip": "$context.identity.sourceIp",
		"userAgent": "$context.identity.userAgent", "method": "$context.httpMethod", "path": "$context.path",
		"protocol": "$context.protocol", "status": "$context.status", "responseLength": "$context.responseLength",
		"responseLatency": "$context.responseLatency", "integrationLatency": "$context.integrationLatency",
		"integrationStatus": "$context.integrationStatus", "integrationError": "$context.integrationErrorMessage",
		"error": "$context.error.message", "authorizerError": "$context.authorizer.error",
	},
}

// accessLogFormat is the format of an event in JSON, with its fields in alphabetical order.
func accessLogFormat(kind Kind) string {
	fields := maps.Clone(accessLogFields[""])
	maps.Copy(fields, accessLogFields[kind])
	parts := make([]string, 0, len(fields))
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		parts = append(parts, `"`+name+`":"`+fields[name]+`"`)
	}
	return "{" + strings.Join(parts, ",") + "}"
}

func (a *API) addRESTDomain(p *APIProps) {
	name := p.Domain.name()
	a.Certificate = name.CertificateOrNew(a)
	endpoint := a.Rest.AddDomainName(jsii.String("Domain"), &awsapigateway.DomainNameOptions{
		DomainName: &p.Domain.Name, Certificate: a.Certificate,
		EndpointType: awsapigateway.EndpointType(p.Endpoint), SecurityPolicy: awsapigateway.SecurityPolicy_TLS_1_2,
	})
	name.AddRecords(a, endpoint.DomainNameAliasDomainName(), endpoint.DomainNameAliasHostedZoneId())
	a.url = name.URL()
}

func (a *API) newHTTPDomain(p *APIProps) awsapigatewayv2.DomainName {
	name := p.Domain.name()
	a.Certificate = name.CertificateOrNew(a)
	endpoint := awsapigatewayv2.NewDomainName(a, jsii.String("Domain"), &awsapigatewayv2.DomainNameProps{
		DomainName: &p.Domain.Name, Certificate: a.Certificate, SecurityPolicy: awsapigatewayv2.SecurityPolicy_TLS_1_2,
	})
	name.AddRecords(a, endpoint.RegionalDomainName(), endpoint.RegionalHostedZoneId())
	a.url = name.URL()
	return endpoint
}

func (d *Domain) name() domain.Name {
	return domain.Name{Name: d.Name, Zone: d.Zone, Certificate: d.Certificate}
}

// managedRuleGroups are on in each web ACL of ours, and cost nothing beyond a rule.
//
// https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
var managedRuleGroups = []string{"AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet"}

// defaultRateLimit is the number of requests that one address may make in five minutes.
const defaultRateLimit = 2000

func (a *API) addWAF(p *APIProps) {
	arn := &p.WAF.WebACLArn
	if *arn == "" {
		a.WebACL = a.newWebACL(&p.WAF)
		a.addWAFLogs(p)
		arn = a.WebACL.AttrArn()
	}
	awswafv2.NewCfnWebACLAssociation(a, jsii.String("WebACLAssociation"), &awswafv2.CfnWebACLAssociationProps{
		ResourceArn: a.RestStage.StageArn(), WebAclArn: arn,
	})
}

func (a *API) newWebACL(w *WAF) awswafv2.CfnWebACL {
	visible := func(metric string) *awswafv2.CfnWebACL_VisibilityConfigProperty {
		return &awswafv2.CfnWebACL_VisibilityConfigProperty{
			CloudWatchMetricsEnabled: jsii.Bool(true), MetricName: &metric, SampledRequestsEnabled: jsii.Bool(true),
		}
	}
	rules := []any{&awswafv2.CfnWebACL_RuleProperty{
		Name: jsii.String("RateLimit"), Priority: jsii.Number(0), VisibilityConfig: visible("RateLimit"),
		Action: &awswafv2.CfnWebACL_RuleActionProperty{Block: &awswafv2.CfnWebACL_BlockActionProperty{}},
		Statement: &awswafv2.CfnWebACL_StatementProperty{RateBasedStatement: &awswafv2.CfnWebACL_RateBasedStatementProperty{
			AggregateKeyType: jsii.String("IP"), Limit: jsii.Number(cmp.Or(w.RateLimit, defaultRateLimit)),
		}},
	}}
	override := &awswafv2.CfnWebACL_OverrideActionProperty{None: map[string]any{}}
	if w.CountOnly {
		override = &awswafv2.CfnWebACL_OverrideActionProperty{Count: map[string]any{}}
	}
	for i, group := range slices.Concat(managedRuleGroups, w.ManagedRuleGroups) {
		statement := &awswafv2.CfnWebACL_ManagedRuleGroupStatementProperty{VendorName: jsii.String("AWS"), Name: &group}
		if group == "AWSManagedRulesCommonRuleSet" && !w.LimitBodies {
			statement.RuleActionOverrides = &[]any{&awswafv2.CfnWebACL_RuleActionOverrideProperty{
				Name: jsii.String("SizeRestrictions_BODY"), ActionToUse: &awswafv2.CfnWebACL_RuleActionProperty{Count: &awswafv2.CfnWebACL_CountActionProperty{}},
			}}
		}
		rules = append(rules, &awswafv2.CfnWebACL_RuleProperty{
			Name: &group, Priority: jsii.Number(i + 1), VisibilityConfig: visible(group), OverrideAction: override,
			Statement: &awswafv2.CfnWebACL_StatementProperty{ManagedRuleGroupStatement: statement},
		})
	}
	return awswafv2.NewCfnWebACL(a, jsii.String("WebACL"), &awswafv2.CfnWebACLProps{
		Scope: jsii.String("REGIONAL"), DefaultAction: &awswafv2.CfnWebACL_DefaultActionProperty{Allow: &awswafv2.CfnWebACL_AllowActionProperty{}},
		VisibilityConfig: visible("WebACL"), Rules: &rules,
	})
}

// addWAFLogs logs the requests that the web ACL looks at, without the headers that hold credentials.
func (a *API) addWAFLogs(p *APIProps) {
	// WAF takes no other names. The last part differs from stack to stack, also when one is made anew.
	stackID := awscdk.Fn_Select(jsii.Number(2), awscdk.Fn_Split(jsii.String("/"), awscdk.Aws_STACK_ID(), nil))
	name := "aws-waf-logs-" + *a.uniqueName(200) + "-" + *stackID
	encrypted.NewLogGroup(a, "WAFLogs", name, a.Key, p.LogRetentionDays, p.RemovalPolicy)
	headers := []string{"authorization", "cookie", "x-amz-security-token", "x-api-key"}
	for i := range p.Routes {
		if auth, ok := p.Routes[i].auth(p).(*LambdaAuth); ok {
			for _, header := range auth.identityHeaders() {
				headers = append(headers, strings.ToLower(header))
			}
		}
	}
	slices.Sort(headers)
	redacted := []any{}
	for _, header := range slices.Compact(headers) {
		redacted = append(redacted, &awswafv2.CfnLoggingConfiguration_FieldToMatchProperty{SingleHeader: map[string]any{"Name": header}})
	}
	logging := awswafv2.NewCfnLoggingConfiguration(a, jsii.String("WAFLogging"), &awswafv2.CfnLoggingConfigurationProps{
		ResourceArn: a.WebACL.AttrArn(),
		LogDestinationConfigs: &[]any{awscdk.Stack_Of(a).FormatArn(&awscdk.ArnComponents{
			Service: jsii.String("logs"), Resource: jsii.String("log-group"), ResourceName: &name, ArnFormat: awscdk.ArnFormat_COLON_RESOURCE_NAME,
		})},
		RedactedFields: &redacted,
	})
	logging.Node().AddDependency(a.Node().FindChild(jsii.String("WAFLogs")))
}
