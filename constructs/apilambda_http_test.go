package constructs_test

import (
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscognito"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/apilambda"
)

func TestHTTP_Defaults(t *testing.T) {
	tpl := synthAPI(t, minimal(apilambda.HTTP))
	tpl.Snapshot("apilambda/http")

	tpl.Has("AWS::ApiGatewayV2::Api", o{"ProtocolType": "HTTP", "DisableExecuteApiEndpoint": false, "CorsConfiguration": cdktest.Absent})
	tpl.Count("AWS::ApiGatewayV2::Stage", 1) // not the one that takes no logs and no throttling
	tpl.Has("AWS::ApiGatewayV2::Stage", o{
		"StageName": "live", "AutoDeploy": true,
		"AccessLogSettings":    o{"DestinationArn": cdktest.Any, "Format": cdktest.Text(`"resource":"\$context.routeKey"`)},
		"DefaultRouteSettings": o{"ThrottlingRateLimit": 1000, "ThrottlingBurstLimit": 500, "DetailedMetricsEnabled": false},
	})
	tpl.Has("AWS::ApiGatewayV2::Route", o{"RouteKey": "GET /hello", "AuthorizationType": "AWS_IAM"})
	tpl.Has("AWS::ApiGatewayV2::Integration", o{
		"PayloadFormatVersion": "2.0", "TimeoutInMillis": 29000, "IntegrationUri": o{"Ref": tpl.All("AWS::Lambda::Alias")[0].LogicalID},
	})
	tpl.Count("AWS::WAFv2::WebACL", 0)
	tpl.Count("AWS::ApiGateway::Account", 0)
}

func TestHTTP_Auth(t *testing.T) {
	stack := cdktest.Stack(t)
	pool := awscognito.NewUserPool(stack, jsii.String("Pool"), nil)
	client := pool.AddClient(jsii.String("Web"), nil)
	visitors := &apilambda.JWT{Name: "Visitors", Issuer: "https://id.example.com", Audience: []string{"notes"}}
	apilambda.NewAPI(stack, "Api", &apilambda.APIProps{
		Kind:      apilambda.HTTP,
		Functions: []apilambda.FunctionProps{script("Hello"), script("Decide")},
		Auth:      visitors,
		Routes: []apilambda.Route{
			{Method: "GET", Path: "/visitors", Function: "Hello", Scopes: []string{"read"}},
			{Method: "PUT", Path: "/visitors", Function: "Hello"},
			{Method: "GET", Path: "/members", Function: "Hello", Auth: &apilambda.Cognito{
				Name: "Members", UserPools: []awscognito.IUserPool{pool}, Clients: []awscognito.IUserPoolClient{client},
			}},
			{Method: "GET", Path: "/partners", Function: "Hello", Auth: &apilambda.LambdaAuth{Name: "Partners", Function: "Decide", CacheTTL: new(time.Duration(0))}},
			{Method: "GET", Path: "/signed", Function: "Hello", Auth: apilambda.IAM{}},
			{Method: "ANY", Path: "/open/{proxy+}", Function: "Hello", Auth: apilambda.NoAuth{}},
		},
	})
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("apilambda/http_auth")

	tpl.Count("AWS::ApiGatewayV2::Authorizer", 3)
	jwt := tpl.Has("AWS::ApiGatewayV2::Authorizer", o{"AuthorizerType": "JWT", "JwtConfiguration": o{"Issuer": "https://id.example.com", "Audience": a{"notes"}}})
	cognito := tpl.Has("AWS::ApiGatewayV2::Authorizer", o{"AuthorizerType": "JWT", "JwtConfiguration": o{"Audience": a{o{"Ref": cdktest.Any}}}})
	lambda := tpl.Has("AWS::ApiGatewayV2::Authorizer", o{
		"AuthorizerType": "REQUEST", "IdentitySource": a{"$request.header.Authorization"}, "AuthorizerResultTtlInSeconds": 0,
	})
	for key, want := range map[string]o{
		"GET /visitors":      {"AuthorizationType": "JWT", "AuthorizerId": o{"Ref": jwt.LogicalID}, "AuthorizationScopes": a{"read"}},
		"PUT /visitors":      {"AuthorizationType": "JWT", "AuthorizerId": o{"Ref": jwt.LogicalID}, "AuthorizationScopes": cdktest.Absent},
		"GET /members":       {"AuthorizationType": "JWT", "AuthorizerId": o{"Ref": cognito.LogicalID}},
		"GET /partners":      {"AuthorizationType": "CUSTOM", "AuthorizerId": o{"Ref": lambda.LogicalID}},
		"GET /signed":        {"AuthorizationType": "AWS_IAM"},
		"ANY /open/{proxy+}": {"AuthorizationType": "NONE"},
	} {
		want["RouteKey"] = key
		tpl.Has("AWS::ApiGatewayV2::Route", want)
	}
}

func TestHTTP_CORS(t *testing.T) {
	tpl := edited(t, apilambda.HTTP, func(p *apilambda.APIProps) { p.CORS = &apilambda.CORS{Origins: []string{"*"}} })
	tpl.Has("AWS::ApiGatewayV2::Api", o{"CorsConfiguration": o{
		"AllowOrigins": a{"*"}, "AllowMethods": a{"GET"}, "AllowCredentials": false, "MaxAge": 3600, "AllowHeaders": cdktest.ArrayWith("Authorization"),
	}})
}

func TestHTTP_RouteThrottle(t *testing.T) {
	tpl := edited(t, apilambda.HTTP, func(p *apilambda.APIProps) {
		p.Routes[0].Throttle, p.DetailedMetrics = apilambda.Throttle{Rate: 3}, true
	})
	route := tpl.All("AWS::ApiGatewayV2::Route")[0].LogicalID
	tpl.HasResource("AWS::ApiGatewayV2::Stage", o{
		"DependsOn":  cdktest.ArrayWith(route),
		"Properties": o{"RouteSettings": o{"GET /hello": o{"ThrottlingRateLimit": 3, "ThrottlingBurstLimit": 1, "DetailedMetricsEnabled": true}}},
	})
}

func TestHTTP_PayloadFormatTimeoutAndVariables(t *testing.T) {
	tpl := edited(t, apilambda.HTTP, func(p *apilambda.APIProps) {
		p.Functions[0].PayloadFormat, p.Routes[0].Timeout = "1.0", 2*time.Second
		p.StageName, p.StageVariables = "v2", map[string]string{"color": "blue"}
	})
	tpl.Has("AWS::ApiGatewayV2::Integration", o{"PayloadFormatVersion": "1.0", "TimeoutInMillis": 2000})
	tpl.Has("AWS::ApiGatewayV2::Stage", o{"StageName": "v2", "StageVariables": o{"color": "blue"}})
}

func TestHTTP_Domain(t *testing.T) {
	stack := cdktest.Stack(t)
	props := minimal(apilambda.HTTP)
	props.Domain = &apilambda.Domain{Name: "api.example.com", Zone: awsroute53.HostedZone_FromHostedZoneAttributes(stack, jsii.String("Zone"), &awsroute53.HostedZoneAttributes{
		HostedZoneId: jsii.String("Z1"), ZoneName: jsii.String("example.com"),
	})}
	api := apilambda.NewAPI(stack, "Api", props)
	assert.Equal(t, "https://api.example.com/", *api.URL())
	tpl := cdktest.Synth(t, stack)
	assertDomain(t, tpl, "AWS::ApiGatewayV2::DomainName", o{
		"DomainName": "api.example.com", "DomainNameConfigurations": a{o{"SecurityPolicy": "TLS_1_2"}},
	}, "AWS::ApiGatewayV2::Api")
	tpl.Count("AWS::ApiGatewayV2::ApiMapping", 1)
}

func TestHTTP_OptOutsAndConfigure(t *testing.T) {
	tpl := edited(t, apilambda.HTTP, func(p *apilambda.APIProps) {
		p.DisableAccessLogs = true
		p.ConfigureHTTP = func(api *awsapigatewayv2.HttpApiProps, stage *awsapigatewayv2.HttpStageProps) {
			api.ApiName, stage.Description = jsii.String("greeter"), jsii.String("The only stage")
		}
	})
	tpl.Has("AWS::ApiGatewayV2::Api", o{"Name": "greeter"})
	tpl.Has("AWS::ApiGatewayV2::Stage", o{"Description": "The only stage", "AccessLogSettings": cdktest.Absent})
}
