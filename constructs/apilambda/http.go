package apilambda

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2authorizers"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2integrations"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/internal/cdkval"
)

func (a *API) addHTTP(p *APIProps) {
	api := &awsapigatewayv2.HttpApiProps{
		ApiName:     a.uniqueName(),
		Description: cdkval.Text(p.Description),
		// The stage that an HTTP API makes by itself takes neither access logs nor throttling nor metrics.
		CreateDefaultStage:        jsii.Bool(false),
		DisableExecuteApiEndpoint: jsii.Bool(p.Domain != nil && !p.Domain.KeepDefaultEndpoint),
	}
	if c := p.CORS; c != nil {
		methods := make([]awsapigatewayv2.CorsHttpMethod, len(c.Methods))
		for i, m := range c.Methods {
			methods[i] = awsapigatewayv2.CorsHttpMethod(m)
		}
		api.CorsPreflight = &awsapigatewayv2.CorsPreflightOptions{
			AllowOrigins: cdkval.Texts(c.Origins), AllowMethods: &methods, AllowHeaders: cdkval.Texts(c.Headers),
			ExposeHeaders: cdkval.Texts(c.ExposeHeaders), AllowCredentials: jsii.Bool(c.AllowCredentials), MaxAge: cdkval.Duration(c.MaxAge),
		}
	}
	stage := &awsapigatewayv2.HttpStageProps{
		StageName:              &p.StageName,
		AutoDeploy:             jsii.Bool(true),
		DetailedMetricsEnabled: jsii.Bool(p.DetailedMetrics),
		StageVariables:         cdkval.TextMap(p.StageVariables),
		Throttle:               &awsapigatewayv2.ThrottleSettings{RateLimit: jsii.Number(p.Throttle.Rate), BurstLimit: jsii.Number(p.Throttle.Burst)},
	}
	if p.Domain != nil {
		stage.DomainMapping = &awsapigatewayv2.DomainMappingOptions{DomainName: a.newHTTPDomain(p)}
	}
	if p.ConfigureHTTP != nil {
		p.ConfigureHTTP(api, stage)
	}
	a.HTTP = awsapigatewayv2.NewHttpApi(a, jsii.String("Http"), api)
	stage.HttpApi = a.HTTP
	a.HTTPStage = awsapigatewayv2.NewHttpStage(a, jsii.String("Stage"), stage)
	if a.AccessLogs != nil && stage.AccessLogSettings == nil {
		a.HTTPStage.Node().DefaultChild().(awsapigatewayv2.CfnStage).SetAccessLogSettings(&awsapigatewayv2.CfnStage_AccessLogSettingsProperty{
			DestinationArn: a.AccessLogs.LogGroupArn(), Format: jsii.String(accessLogFormat(HTTP)),
		})
	}
	if p.Domain == nil {
		a.url = jsii.String(*a.HTTPStage.Url() + "/")
	}
	a.addHTTPRoutes(p)
}

func (a *API) addHTTPRoutes(p *APIProps) {
	authorizers := map[string]awsapigatewayv2.IHttpRouteAuthorizer{}
	settings := map[string]any{}
	for i := range p.Routes {
		r := &p.Routes[i]
		fn := a.target(p, r)
		format := awsapigatewayv2.PayloadFormatVersion_VERSION_2_0()
		if fn.props.PayloadFormat == "1.0" {
			format = awsapigatewayv2.PayloadFormatVersion_VERSION_1_0()
		}
		routes := a.HTTP.AddRoutes(&awsapigatewayv2.AddRoutesOptions{
			Path:    &r.Path,
			Methods: &[]awsapigatewayv2.HttpMethod{awsapigatewayv2.HttpMethod(r.Method)},
			Integration: awsapigatewayv2integrations.NewHttpLambdaIntegration(&fn.props.Name, fn.Alias, &awsapigatewayv2integrations.HttpLambdaIntegrationProps{
				PayloadFormatVersion: format, Timeout: cdkval.Duration(r.Timeout), ScopePermissionToRoute: jsii.Bool(false),
			}),
			Authorizer:          a.authorizeHTTP(r.auth(p), authorizers),
			AuthorizationScopes: cdkval.Texts(r.Scopes),
		})
		if r.Throttle.Rate > 0 {
			for _, route := range *routes {
				a.HTTPStage.Node().AddDependency(route) // settings are for a route that exists
			}
			settings[r.Method+" "+r.Path] = map[string]any{
				"ThrottlingRateLimit": r.Throttle.Rate, "ThrottlingBurstLimit": r.Throttle.Burst, "DetailedMetricsEnabled": p.DetailedMetrics,
			}
		}
	}
	if len(settings) > 0 {
		a.HTTPStage.Node().DefaultChild().(awsapigatewayv2.CfnStage).SetRouteSettings(settings)
	}
}

func (a *API) authorizeHTTP(auth Auth, authorizers map[string]awsapigatewayv2.IHttpRouteAuthorizer) awsapigatewayv2.IHttpRouteAuthorizer {
	switch auth := auth.(type) {
	case *JWT:
		if authorizers[auth.Name] == nil {
			authorizers[auth.Name] = awsapigatewayv2authorizers.NewHttpJwtAuthorizer(jsii.String("Authorizer"+auth.Name), &auth.Issuer, &awsapigatewayv2authorizers.HttpJwtAuthorizerProps{
				JwtAudience: cdkval.Texts(auth.Audience),
			})
		}
		return authorizers[auth.Name]
	case *Cognito:
		if authorizers[auth.Name] == nil {
			authorizers[auth.Name] = awsapigatewayv2authorizers.NewHttpUserPoolAuthorizer(jsii.String("Authorizer"+auth.Name), auth.UserPools[0], &awsapigatewayv2authorizers.HttpUserPoolAuthorizerProps{
				UserPoolClients: &auth.Clients,
			})
		}
		return authorizers[auth.Name]
	case *LambdaAuth:
		if authorizers[auth.Name] == nil {
			var sources []string
			for _, header := range auth.identityHeaders() {
				sources = append(sources, "$request.header."+header)
			}
			authorizers[auth.Name] = awsapigatewayv2authorizers.NewHttpLambdaAuthorizer(jsii.String("Authorizer"+auth.Name), a.authorizer(auth), &awsapigatewayv2authorizers.HttpLambdaAuthorizerProps{
				IdentitySource:  cdkval.Texts(sources),
				ResultsCacheTtl: cdkval.Duration(auth.cacheTTL()),
				ResponseTypes:   &[]awsapigatewayv2authorizers.HttpLambdaResponseType{awsapigatewayv2authorizers.HttpLambdaResponseType_IAM},
			})
		}
		return authorizers[auth.Name]
	case NoAuth:
		return awsapigatewayv2.NewHttpNoneAuthorizer()
	default:
		return awsapigatewayv2authorizers.NewHttpIamAuthorizer()
	}
}
