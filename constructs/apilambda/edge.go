package apilambda

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/constructs/webacl"
	"github.com/strata-cdk/strata/internal/domain"
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

// addWAF protects the stage. What tells callers apart for a LambdaAuth stays out of the logs.
func (a *API) addWAF(p *APIProps) {
	var secret []string
	for i := range p.Routes {
		if auth, ok := p.Routes[i].auth(p).(*LambdaAuth); ok {
			secret = append(secret, auth.identityHeaders()...)
		}
	}
	a.WebACL = webacl.Protect(a, &p.WAF, webacl.Options{
		ResourceArn: *a.RestStage.StageArn(), Key: a.Key, LogRetentionDays: p.LogRetentionDays, RemovalPolicy: p.RemovalPolicy,
		RedactHeaders: secret,
	})
}
