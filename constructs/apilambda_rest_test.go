package constructs_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscognito"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/apilambda"
	"github.com/strata-cdk/strata/constructs/webacl"
)

func TestREST_Defaults(t *testing.T) {
	tpl := synthAPI(t, minimal(apilambda.REST))
	tpl.Snapshot("apilambda/rest")

	tpl.Has("AWS::ApiGateway::RestApi", o{
		"EndpointConfiguration": o{"Types": a{"REGIONAL"}}, "DisableExecuteApiEndpoint": false, "Policy": cdktest.Absent,
	})
	tpl.Has("AWS::ApiGateway::Method", o{
		"HttpMethod": "GET", "AuthorizationType": "AWS_IAM", "ApiKeyRequired": false, "RequestValidatorId": cdktest.Any,
		"Integration": o{"Type": "AWS_PROXY", "TimeoutInMillis": 29000, "Uri": cdktest.Text("/invocations")},
	})
	tpl.Has("AWS::ApiGateway::RequestValidator", o{"ValidateRequestBody": true, "ValidateRequestParameters": true})
	tpl.HasResource("AWS::ApiGateway::Stage", o{
		"Properties": o{
			"StageName": "live", "TracingEnabled": true, "AccessLogSetting": o{"DestinationArn": cdktest.Any, "Format": cdktest.Text(`"requestId":"\$context.requestId"`)},
			"MethodSettings": a{o{
				"HttpMethod": "*", "ResourcePath": "/*", "LoggingLevel": "ERROR", "MetricsEnabled": false, "DataTraceEnabled": false,
				"ThrottlingRateLimit": 1000, "ThrottlingBurstLimit": 500,
			}},
			"CacheClusterEnabled": cdktest.Absent,
		},
		// The account's log role and the log group of execution errors come first.
		"DependsOn": cdktest.ArrayWith("ApiExecutionLogsB326CF6B", "ApiRestAccountECB9C6D4"),
	})
	tpl.HasResource("AWS::ApiGateway::Account", o{"DeletionPolicy": "Retain"})
	tpl.Has("AWS::Logs::LogGroup", o{"LogGroupName": cdktest.Text(`API-Gateway-Execution-Logs_.*/live`)})
	assert.NotContains(t, tpl.Body, "Outputs")
}

func TestREST_WAF(t *testing.T) {
	tpl := synthAPI(t, minimal(apilambda.REST))
	acl := tpl.Has("AWS::WAFv2::WebACL", o{"Scope": "REGIONAL", "DefaultAction": o{"Allow": o{}}, "Rules": a{
		o{"Priority": 0, "Action": o{"Block": o{}}, "Statement": o{"RateBasedStatement": o{"Limit": 2000, "AggregateKeyType": "IP"}}},
		o{"Priority": 1, "OverrideAction": o{"None": o{}}, "Statement": o{"ManagedRuleGroupStatement": o{"VendorName": "AWS", "Name": "AWSManagedRulesAmazonIpReputationList"}}},
		o{"Priority": 2, "Statement": o{"ManagedRuleGroupStatement": o{
			"Name":                "AWSManagedRulesCommonRuleSet",
			"RuleActionOverrides": a{o{"Name": "SizeRestrictions_BODY", "ActionToUse": o{"Count": o{}}}}, // bodies of over 8 KB pass
		}}},
		o{"Priority": 3, "Statement": o{"ManagedRuleGroupStatement": o{"Name": "AWSManagedRulesKnownBadInputsRuleSet"}}},
	}})
	arn := o{"Fn::GetAtt": a{acl.LogicalID, "Arn"}}
	tpl.Has("AWS::WAFv2::WebACLAssociation", o{"WebACLArn": arn, "ResourceArn": cdktest.Text(`/restapis/.*/stages/`)})
	tpl.Has("AWS::WAFv2::LoggingConfiguration", o{"ResourceArn": arn, "RedactedFields": cdktest.ArrayWith(
		o{"SingleHeader": o{"Name": "authorization"}}, o{"SingleHeader": o{"Name": "cookie"}}, o{"SingleHeader": o{"Name": "x-api-key"}},
	)})
	// The name is another one when the stack is made anew, and the group does not stay when the stack's creation fails.
	tpl.HasResource("AWS::Logs::LogGroup", o{"DeletionPolicy": "RetainExceptOnCreate", "Properties": o{
		"LogGroupName": cdktest.Text(`aws-waf-logs-.*AWS::StackId`), "KmsKeyId": cdktest.Any,
	}})

	tpl = edited(t, apilambda.REST, func(p *apilambda.APIProps) {
		p.WAF = webacl.Props{RateLimit: 50, ManagedRuleGroups: []string{"AWSManagedRulesSQLiRuleSet"}, CountOnly: true, LimitBodies: true}
	})
	tpl.Has("AWS::WAFv2::WebACL", o{"Rules": cdktest.ArrayWith(
		o{"Statement": o{"RateBasedStatement": o{"Limit": 50}}},
		o{"Statement": o{"ManagedRuleGroupStatement": o{"Name": "AWSManagedRulesCommonRuleSet", "RuleActionOverrides": cdktest.Absent}}},
		o{"OverrideAction": o{"Count": o{}}, "Statement": o{"ManagedRuleGroupStatement": o{"Name": "AWSManagedRulesSQLiRuleSet"}}},
	)})

	const existing = "arn:aws:wafv2:us-east-1:111111111111:regional/webacl/shared/1"
	tpl = edited(t, apilambda.REST, func(p *apilambda.APIProps) { p.WAF.WebACLArn = existing })
	tpl.Count("AWS::WAFv2::WebACL", 0)
	tpl.Has("AWS::WAFv2::WebACLAssociation", o{"WebACLArn": existing})

	tpl = edited(t, apilambda.REST, func(p *apilambda.APIProps) { p.DisableWAF = true })
	tpl.Count("AWS::WAFv2::WebACL", 0)
	tpl.Count("AWS::WAFv2::WebACLAssociation", 0)
}

func TestREST_Auth(t *testing.T) {
	stack := cdktest.Stack(t)
	pool := awscognito.NewUserPool(stack, jsii.String("Pool"), nil)
	members := &apilambda.Cognito{Name: "Members", UserPools: []awscognito.IUserPool{pool}}
	partners := &apilambda.LambdaAuth{Name: "Partners", Function: "Decide", IdentityHeaders: []string{"X-Partner"}, CacheTTL: new(time.Minute)}
	apilambda.NewAPI(stack, "Api", &apilambda.APIProps{
		Functions: []apilambda.FunctionProps{script("Hello"), script("Decide")},
		Auth:      members,
		Routes: []apilambda.Route{
			{Method: "GET", Path: "/members", Function: "Hello", Scopes: []string{"notes/read"}},
			{Method: "PUT", Path: "/members", Function: "Hello"},
			{Method: "GET", Path: "/partners", Function: "Hello", Auth: partners},
			{Method: "PUT", Path: "/partners", Function: "Hello", Auth: partners},
			{Method: "GET", Path: "/signed", Function: "Hello", Auth: apilambda.IAM{}},
			{Method: "GET", Path: "/open", Function: "Hello", Auth: apilambda.NoAuth{}},
			{Method: "POST", Path: "/metered", Function: "Hello", Auth: apilambda.APIKey{}},
		},
		UsagePlans: []apilambda.UsagePlan{{
			Name: "Basic", Keys: []string{"Alice", "Bob"}, Quota: 1000, Period: apilambda.Day, Throttle: apilambda.Throttle{Rate: 10},
		}},
	})
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("apilambda/rest_auth")

	cognito := tpl.Has("AWS::ApiGateway::Authorizer", o{"Type": "COGNITO_USER_POOLS", "ProviderARNs": a{o{"Fn::GetAtt": cdktest.Any}}})
	lambda := tpl.Has("AWS::ApiGateway::Authorizer", o{
		"Type": "REQUEST", "IdentitySource": "method.request.header.X-Partner", "AuthorizerResultTtlInSeconds": 60,
	})
	tpl.Count("AWS::ApiGateway::Authorizer", 2)
	for method, want := range map[string]o{
		"GET notes/read": {"AuthorizationType": "COGNITO_USER_POOLS", "AuthorizerId": o{"Ref": cognito.LogicalID}, "AuthorizationScopes": a{"notes/read"}},
		"PUT any token":  {"AuthorizationType": "COGNITO_USER_POOLS", "AuthorizerId": o{"Ref": cognito.LogicalID}, "AuthorizationScopes": cdktest.Absent},
		"PUT partners":   {"AuthorizationType": "CUSTOM", "AuthorizerId": o{"Ref": lambda.LogicalID}},
		"GET signed":     {"AuthorizationType": "AWS_IAM"},
		"GET open":       {"AuthorizationType": "NONE", "ApiKeyRequired": false},
		"POST metered":   {"AuthorizationType": "NONE", "ApiKeyRequired": true},
	} {
		want["HttpMethod"], _, _ = strings.Cut(method, " ")
		tpl.Has("AWS::ApiGateway::Method", want)
	}
	// What tells partners apart stays out of the logs of the web ACL.
	tpl.Has("AWS::WAFv2::LoggingConfiguration", o{"RedactedFields": cdktest.ArrayWith(o{"SingleHeader": o{"Name": "x-partner"}})})
	tpl.Count("AWS::ApiGateway::ApiKey", 2)
	tpl.Count("AWS::ApiGateway::UsagePlanKey", 2)
	tpl.Has("AWS::ApiGateway::UsagePlan", o{
		"Quota": o{"Limit": 1000, "Period": "DAY"}, "Throttle": o{"RateLimit": 10, "BurstLimit": 5}, "ApiStages": a{o{"Stage": cdktest.Any}},
	})
}

func TestREST_RequireAPIKeys(t *testing.T) {
	tpl := edited(t, apilambda.REST, func(p *apilambda.APIProps) {
		p.RequireAPIKeys = true
		p.UsagePlans = []apilambda.UsagePlan{{Name: "All", Keys: []string{"Only"}}}
	})
	tpl.Has("AWS::ApiGateway::Method", o{"AuthorizationType": "AWS_IAM", "ApiKeyRequired": true})
	tpl.Has("AWS::ApiGateway::UsagePlan", o{"Quota": cdktest.Absent, "Throttle": cdktest.Absent})
}

func TestREST_CORS(t *testing.T) {
	tpl := edited(t, apilambda.REST, func(p *apilambda.APIProps) {
		p.Routes = append(p.Routes, apilambda.Route{Method: "DELETE", Path: "/hello"})
		p.CORS = &apilambda.CORS{Origins: []string{"https://example.com"}, AllowCredentials: true, MaxAge: time.Minute, ExposeHeaders: []string{"ETag"}}
	})
	tpl.Has("AWS::ApiGateway::Method", o{"HttpMethod": "OPTIONS", "AuthorizationType": "NONE", "Integration": o{
		"Type": "MOCK",
		"IntegrationResponses": a{o{"ResponseParameters": o{
			"method.response.header.Access-Control-Allow-Origin":      "'https://example.com'",
			"method.response.header.Access-Control-Allow-Methods":     "'DELETE,GET'",
			"method.response.header.Access-Control-Allow-Credentials": "'true'",
			"method.response.header.Access-Control-Max-Age":           "'60'",
			"method.response.header.Access-Control-Expose-Headers":    "'ETag'",
		}}},
	}})
	for _, typ := range []string{"DEFAULT_4XX", "DEFAULT_5XX"} {
		tpl.Has("AWS::ApiGateway::GatewayResponse", o{"ResponseType": typ, "ResponseParameters": o{
			"gatewayresponse.header.Access-Control-Allow-Origin":      "'https://example.com'",
			"gatewayresponse.header.Access-Control-Allow-Credentials": "'true'",
		}})
	}
}

func TestREST_RequestValidation(t *testing.T) {
	tpl := edited(t, apilambda.REST, func(p *apilambda.APIProps) {
		p.Models = map[string]string{"Note": `{"type":"object","required":["title"],"properties":{"title":{"type":"string","maxLength":200}}}`}
		p.Routes[0] = apilambda.Route{Method: "POST", Path: "/notes", Model: "Note", RequiredQuery: []string{"draft"}, RequiredHeaders: []string{"Idempotency-Key"}}
	})
	model := tpl.Has("AWS::ApiGateway::Model", o{"Name": "Note", "ContentType": "application/json", "Schema": o{"type": "object", "required": a{"title"}}})
	tpl.Has("AWS::ApiGateway::Method", o{
		"HttpMethod": "POST", "RequestModels": cdktest.Exactly(o{"$default": o{"Ref": model.LogicalID}}), "RequestValidatorId": cdktest.Any,
		"RequestParameters": cdktest.Exactly(o{"method.request.querystring.draft": true, "method.request.header.Idempotency-Key": true}),
	})
}

func TestREST_TimeoutsAndStreaming(t *testing.T) {
	tpl := edited(t, apilambda.REST, func(p *apilambda.APIProps) {
		p.QuotaRaised = true
		p.Routes = []apilambda.Route{
			{Method: "GET", Path: "/short", Timeout: 50 * time.Millisecond},
			{Method: "GET", Path: "/long", Timeout: 5 * time.Minute},
			{Method: "GET", Path: "/stream", Timeout: 15 * time.Minute, Stream: true},
		}
	})
	for ms, uri := range map[int]string{50: "/invocations", 300000: "/invocations", 900000: "/response-streaming-invocations"} {
		tpl.Has("AWS::ApiGateway::Method", o{"Integration": o{"TimeoutInMillis": ms, "Uri": cdktest.Text(uri)}})
	}
	tpl.Has("AWS::ApiGateway::Method", o{"Integration": o{"ResponseTransferMode": "STREAM"}})
}

// Settings of a method replace those of the stage as a whole, so each must say everything.
func TestREST_SettingsOfARouteRepeatThoseOfTheStage(t *testing.T) {
	tpl := edited(t, apilambda.REST, func(p *apilambda.APIProps) {
		p.Throttle, p.Cache, p.DetailedMetrics = apilambda.Throttle{Rate: 50, Burst: 7}, &apilambda.Cache{SizeGB: "1.6"}, true
		p.Routes = []apilambda.Route{
			{Method: "GET", Path: "/open", Auth: apilambda.NoAuth{}, CacheTTL: time.Hour},
			{Method: "PUT", Path: "/notes/{id}", Throttle: apilambda.Throttle{Rate: 4, Burst: 9}},
			{Method: "ANY", Path: "/any", Throttle: apilambda.Throttle{Rate: 3, Burst: 3}},
		}
	})
	stage := tpl.Has("AWS::ApiGateway::Stage", o{"CacheClusterEnabled": true, "CacheClusterSize": "1.6", "MethodSettings": cdktest.ArrayWith(
		o{"HttpMethod": "*", "ResourcePath": "/*", "ThrottlingRateLimit": 50, "ThrottlingBurstLimit": 7, "CachingEnabled": cdktest.Absent},
		o{"HttpMethod": "GET", "ResourcePath": "/~1open", "CachingEnabled": true, "CacheDataEncrypted": true, "CacheTtlInSeconds": 3600, "ThrottlingRateLimit": 50, "ThrottlingBurstLimit": 7},
		o{"HttpMethod": "PUT", "ResourcePath": "/~1notes~1{id}", "ThrottlingRateLimit": 4, "ThrottlingBurstLimit": 9, "CachingEnabled": cdktest.Absent},
		o{"HttpMethod": "PATCH", "ResourcePath": "/~1any", "ThrottlingRateLimit": 3},
	)})
	settings := stage.Properties["MethodSettings"].(a)
	assert.Len(t, settings, 1+1+1+7, "ANY is spelled out")
	for _, s := range settings {
		assert.Subset(t, s, o{"LoggingLevel": "ERROR", "MetricsEnabled": true, "DataTraceEnabled": false})
	}
}

// A cached answer is for the caller that it was made for.
func TestREST_CacheKeysTellCallersApart(t *testing.T) {
	stack := cdktest.Stack(t)
	partners := &apilambda.LambdaAuth{Name: "Partners", Function: "Hello", IdentityHeaders: []string{"X-Partner", "X-Site"}}
	members := &apilambda.Cognito{Name: "Members", UserPools: []awscognito.IUserPool{awscognito.NewUserPool(stack, jsii.String("Pool"), nil)}}
	route := func(path string, auth apilambda.Auth) apilambda.Route {
		return apilambda.Route{Method: "GET", Path: path, Auth: auth, CacheTTL: time.Minute, CacheQuery: []string{"lang"}}
	}
	props := minimal(apilambda.REST)
	props.Cache = &apilambda.Cache{}
	props.UsagePlans = []apilambda.UsagePlan{{Name: "P", Keys: []string{"K"}}}
	props.Routes = []apilambda.Route{
		route("/partners/{id}", partners), route("/members", members), route("/metered", apilambda.APIKey{}), route("/open", apilambda.NoAuth{}),
	}
	apilambda.NewAPI(stack, "Api", props)
	props.RequireAPIKeys = true
	apilambda.NewAPI(stack, "Metered", props)
	tpl := cdktest.Synth(t, stack)
	const lang, key = "method.request.querystring.lang", "method.request.header.X-Api-Key"
	for _, want := range []a{
		{"method.request.path.id", lang, "method.request.header.X-Partner", "method.request.header.X-Site"},
		{lang, "method.request.header.Authorization"},
		{lang, key},
		{lang},
		{"method.request.path.id", lang, "method.request.header.X-Partner", "method.request.header.X-Site", key},
		{lang, "method.request.header.Authorization", key},
	} {
		parameters := o{}
		for _, p := range want {
			parameters[p.(string)] = p == "method.request.path.id"
		}
		tpl.Has("AWS::ApiGateway::Method", o{"Integration": o{"CacheKeyParameters": want}, "RequestParameters": cdktest.Exactly(parameters)})
	}
}

// The stage serves a copy of the API: a change of what the CDK does not look at must make a new copy too.
func TestREST_ModelsAndAuthorizersAreDeployed(t *testing.T) {
	deployment := func(schema string, ttl time.Duration) string {
		tpl := edited(t, apilambda.REST, func(p *apilambda.APIProps) {
			p.Models = map[string]string{"Note": schema}
			p.Routes[0] = apilambda.Route{Method: "POST", Path: "/", Model: "Note", Auth: &apilambda.LambdaAuth{Name: "L", Function: "Hello", CacheTTL: &ttl}}
		})
		return tpl.All("AWS::ApiGateway::Deployment")[0].LogicalID
	}
	first := deployment(`{"type":"object"}`, time.Minute)
	assert.Equal(t, first, deployment(`{"type":"object"}`, time.Minute))
	assert.NotEqual(t, first, deployment(`{"type":"object","required":["title"]}`, time.Minute))
	assert.NotEqual(t, first, deployment(`{"type":"object"}`, 2*time.Minute))
}

func TestREST_StageVariablesAndName(t *testing.T) {
	tpl := edited(t, apilambda.REST, func(p *apilambda.APIProps) {
		p.StageName, p.StageVariables, p.Description = "v2", map[string]string{"color": "blue"}, "Greets"
	})
	tpl.Has("AWS::ApiGateway::Stage", o{"StageName": "v2", "Variables": o{"color": "blue"}})
	tpl.Has("AWS::ApiGateway::RestApi", o{"Description": "Greets"})
	tpl.Has("AWS::Logs::LogGroup", o{"LogGroupName": cdktest.Text(`/v2`)})
}

func TestREST_Domain(t *testing.T) {
	stack := cdktest.Stack(t)
	zone := awsroute53.HostedZone_FromHostedZoneAttributes(stack, jsii.String("Zone"), &awsroute53.HostedZoneAttributes{
		HostedZoneId: jsii.String("Z1"), ZoneName: jsii.String("example.com"),
	})
	props := minimal(apilambda.REST)
	props.Domain = &apilambda.Domain{Name: "api.example.com", Zone: zone}
	api := apilambda.NewAPI(stack, "Api", props)
	assert.Equal(t, "https://api.example.com/", *api.URL())
	assertDomain(t, cdktest.Synth(t, stack), "AWS::ApiGateway::DomainName", o{
		"DomainName": "api.example.com", "SecurityPolicy": "TLS_1_2", "EndpointConfiguration": o{"Types": a{"REGIONAL"}},
	}, "AWS::ApiGateway::RestApi")
}

// assertDomain looks at what both kinds of API make for a domain with a zone.
func assertDomain(t *testing.T, tpl *cdktest.Template, typ string, want o, api string) {
	t.Helper()
	domain := tpl.Has(typ, want)
	tpl.Has("AWS::CertificateManager::Certificate", o{"DomainName": "api.example.com", "ValidationMethod": "DNS"})
	for _, record := range []string{"A", "AAAA"} {
		tpl.Has("AWS::Route53::RecordSet", o{"Type": record, "Name": "api.example.com.", "HostedZoneId": "Z1", "AliasTarget": o{
			"DNSName":      o{"Fn::GetAtt": a{domain.LogicalID, "RegionalDomainName"}},
			"HostedZoneId": o{"Fn::GetAtt": a{domain.LogicalID, "RegionalHostedZoneId"}},
		}})
	}
	tpl.Has(api, o{"DisableExecuteApiEndpoint": true})
}

func TestREST_EdgeDomainWithCertificate(t *testing.T) {
	stack := cdktest.Stack(t)
	props := minimal(apilambda.REST)
	props.Endpoint = apilambda.Edge
	props.Domain = &apilambda.Domain{
		Name: "api.example.com", KeepDefaultEndpoint: true,
		Certificate: awscertificatemanager.Certificate_FromCertificateArn(stack, jsii.String("C"), jsii.String("arn:aws:acm:us-east-1:111111111111:certificate/c")),
	}
	apilambda.NewAPI(stack, "Api", props)
	tpl := cdktest.Synth(t, stack)
	tpl.Has("AWS::ApiGateway::DomainName", o{"CertificateArn": cdktest.Text("certificate/c"), "EndpointConfiguration": o{"Types": a{"EDGE"}}})
	tpl.Has("AWS::ApiGateway::RestApi", o{"DisableExecuteApiEndpoint": false, "EndpointConfiguration": o{"Types": a{"EDGE"}}})
	tpl.Count("AWS::Route53::RecordSet", 0)
}

func TestREST_Private(t *testing.T) {
	stack := cdktest.Stack(t)
	props := minimal(apilambda.REST)
	props.Endpoint = apilambda.Private
	props.VPCEndpoints = []awsec2.IVpcEndpoint{awsec2.InterfaceVpcEndpoint_FromInterfaceVpcEndpointAttributes(stack, jsii.String("E"), &awsec2.InterfaceVpcEndpointAttributes{
		VpcEndpointId: jsii.String("vpce-1"), Port: jsii.Number(443),
	})}
	props.Routes = append(props.Routes, apilambda.Route{Method: "ANY", Path: "/open/{id}", Auth: apilambda.NoAuth{}})
	apilambda.NewAPI(stack, "Api", props)
	cdktest.Synth(t, stack).Has("AWS::ApiGateway::RestApi", o{
		"EndpointConfiguration": o{"Types": a{"PRIVATE"}, "VpcEndpointIds": a{"vpce-1"}},
		"Policy": o{"Statement": a{
			// Nobody comes in by another way, whatever their own policies say ...
			o{"Effect": "Deny", "Resource": "execute-api:/*", "Condition": o{"StringNotEquals": o{"aws:SourceVpce": a{"vpce-1"}}}},
			// ... and the signed route is not opened to those who may not call it.
			o{"Effect": "Allow", "Resource": "execute-api:/live/*/open/*", "Condition": cdktest.Absent},
		}},
	})
}

func TestREST_OptOuts(t *testing.T) {
	tpl := edited(t, apilambda.REST, func(p *apilambda.APIProps) { p.DisableAccessLogs, p.KeepAccountLogRole = true, true })
	tpl.Has("AWS::ApiGateway::Stage", o{"AccessLogSetting": cdktest.Absent})
	tpl.Count("AWS::ApiGateway::Account", 0)
}

func TestREST_Configure(t *testing.T) {
	tpl := edited(t, apilambda.REST, func(p *apilambda.APIProps) {
		p.ConfigureREST = func(r *awsapigateway.RestApiProps) {
			r.RestApiName, r.DeployOptions.StageName = jsii.String("greeter"), jsii.String("v9")
		}
	})
	tpl.Has("AWS::ApiGateway::RestApi", o{"Name": "greeter"})
	tpl.Has("AWS::Logs::LogGroup", o{"LogGroupName": cdktest.Text(`API-Gateway-Execution-Logs_.*/v9`)})
}
