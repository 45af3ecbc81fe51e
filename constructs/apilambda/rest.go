package apilambda

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/nag"
)

func (a *API) addREST(p *APIProps) {
	a.Rest = awsapigateway.NewRestApi(a, jsii.String("Rest"), a.restProps(p))
	a.RestStage = a.Rest.DeploymentStage()
	a.Rest.Node().TryRemoveChild(jsii.String("Endpoint")) // an output; the stack decides what it puts out
	if !p.KeepAccountLogRole {
		nag.Suppress(a.Rest.Node().FindChild(jsii.String("CloudWatchRole")), "AwsSolutions-IAM4",
			"The managed policy that API Gateway asks for in the role that writes the logs of all APIs of the account.",
			"Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs")
	}
	a.addExecutionLogs(p)
	a.addRESTRoutes(p)
	a.addUsagePlans(p)
	if p.CORS != nil {
		a.addErrorCORS(p.CORS)
	}
	if p.Domain != nil {
		a.addRESTDomain(p)
	} else {
		a.url = a.RestStage.UrlForPath(jsii.String("/"))
	}
	if !p.DisableWAF {
		a.addWAF(p)
	}
}

func (a *API) restProps(p *APIProps) *awsapigateway.RestApiProps {
	props := &awsapigateway.RestApiProps{
		RestApiName: a.uniqueName(128),
		Description: cdkval.Text(p.Description),
		EndpointConfiguration: &awsapigateway.EndpointConfiguration{
			Types: &[]awsapigateway.EndpointType{awsapigateway.EndpointType(p.Endpoint)},
		},
		CloudWatchRole:              jsii.Bool(!p.KeepAccountLogRole),
		CloudWatchRoleRemovalPolicy: awscdk.RemovalPolicy_RETAIN,
		DisableExecuteApiEndpoint:   jsii.Bool(p.Domain != nil && !p.Domain.KeepDefaultEndpoint),
		DeployOptions: &awsapigateway.StageOptions{
			StageName:            &p.StageName,
			Variables:            cdkval.TextMap(p.StageVariables),
			TracingEnabled:       jsii.Bool(!p.DisableTracing),
			MetricsEnabled:       jsii.Bool(true),
			LoggingLevel:         awsapigateway.MethodLoggingLevel_ERROR,
			DataTraceEnabled:     jsii.Bool(false),
			ThrottlingRateLimit:  jsii.Number(p.Throttle.Rate),
			ThrottlingBurstLimit: jsii.Number(p.Throttle.Burst),
			MethodOptions:        methodOptions(p),
		},
	}
	if p.KeepAccountLogRole {
		props.CloudWatchRoleRemovalPolicy = ""
	}
	if a.AccessLogs != nil {
		props.DeployOptions.AccessLogDestination = awsapigateway.NewLogGroupLogDestination(a.AccessLogs)
		props.DeployOptions.AccessLogFormat = awsapigateway.AccessLogFormat_Custom(jsii.String(accessLogFormat(REST)))
	}
	if p.Cache != nil {
		props.DeployOptions.CacheClusterEnabled, props.DeployOptions.CacheClusterSize = jsii.Bool(true), &p.Cache.SizeGB
	}
	if p.Endpoint == Private {
		props.EndpointConfiguration.VpcEndpoints = &p.VPCEndpoints
		props.Policy = privatePolicy(p.VPCEndpoints)
	}
	if c := p.CORS; c != nil {
		props.DefaultCorsPreflightOptions = &awsapigateway.CorsOptions{
			AllowOrigins: cdkval.Texts(c.Origins), AllowMethods: cdkval.Texts(c.Methods), AllowHeaders: cdkval.Texts(c.Headers),
			ExposeHeaders: cdkval.Texts(c.ExposeHeaders), AllowCredentials: jsii.Bool(c.AllowCredentials), MaxAge: cdkval.Duration(c.MaxAge),
		}
	}
	if p.ConfigureREST != nil {
		p.ConfigureREST(props)
	}
	return props
}

// methodOptions are the settings of single methods: throttles and caching.
func methodOptions(p *APIProps) *map[string]*awsapigateway.MethodDeploymentOptions {
	options := map[string]*awsapigateway.MethodDeploymentOptions{}
	for i := range p.Routes {
		r := &p.Routes[i]
		var o awsapigateway.MethodDeploymentOptions
		if r.Throttle.Rate > 0 {
			o.ThrottlingRateLimit, o.ThrottlingBurstLimit = jsii.Number(r.Throttle.Rate), jsii.Number(r.Throttle.Burst)
		}
		if r.CacheTTL > 0 {
			o.CachingEnabled, o.CacheDataEncrypted, o.CacheTtl = jsii.Bool(true), jsii.Bool(true), cdkval.Duration(r.CacheTTL)
		}
		if o != (awsapigateway.MethodDeploymentOptions{}) {
			options[r.Path+"/"+r.Method] = &o
		}
	}
	if len(options) == 0 {
		return nil
	}
	return &options
}

// privatePolicy admits callers that come through the endpoints.
func privatePolicy(endpoints []awsec2.IVpcEndpoint) awsiam.PolicyDocument {
	ids := make([]*string, len(endpoints))
	for i, e := range endpoints {
		ids[i] = e.VpcEndpointId()
	}
	return awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: &[]awsiam.PolicyStatement{
		awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Principals: &[]awsiam.IPrincipal{awsiam.NewAnyPrincipal()},
			Actions:    jsii.Strings("execute-api:Invoke"),
			Resources:  jsii.Strings("execute-api:/*"),
			Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceVpce": ids}},
		}),
	}})
}

// addExecutionLogs defines the log group that API Gateway writes execution errors to. It would make the group itself,
// unencrypted and for ever, at the first error; its name cannot be chosen.
func (a *API) addExecutionLogs(p *APIProps) {
	group := awslogs.NewLogGroup(a, jsii.String("ExecutionLogs"), &awslogs.LogGroupProps{
		LogGroupName:  jsii.String(fmt.Sprintf("API-Gateway-Execution-Logs_%s/%s", *a.Rest.RestApiId(), p.StageName)),
		EncryptionKey: a.Key,
		Retention:     cdkval.Retention(p.LogRetentionDays),
		RemovalPolicy: p.RemovalPolicy,
	})
	a.RestStage.Node().AddDependency(group)
}

func (a *API) addRESTRoutes(p *APIProps) {
	validator := a.Rest.AddRequestValidator(jsii.String("Validator"), &awsapigateway.RequestValidatorOptions{
		ValidateRequestBody: jsii.Bool(true), ValidateRequestParameters: jsii.Bool(true),
	})
	models := map[string]awsapigateway.IModel{}
	for name, schema := range sorted(p.Models) {
		model := awsapigateway.NewCfnModel(a, jsii.String("Model"+name), &awsapigateway.CfnModelProps{
			RestApiId: a.Rest.RestApiId(), Name: jsii.String(name), ContentType: jsii.String("application/json"), Schema: decodeJSON(schema),
		})
		models[name] = awsapigateway.Model_FromModelName(a, jsii.String("UseModel"+name), model.Ref())
	}
	authorizers := map[string]awsapigateway.IAuthorizer{}
	for i := range p.Routes {
		r := &p.Routes[i]
		parameters, cacheKeys := requestParameters(r, r.auth(p))
		method := &awsapigateway.MethodOptions{
			RequestValidator:  validator,
			RequestParameters: &parameters,
			ApiKeyRequired:    jsii.Bool(p.RequireAPIKeys || r.auth(p) == APIKey{}),
		}
		if r.Model != "" {
			method.RequestModels = &map[string]awsapigateway.IModel{"application/json": models[r.Model]}
		}
		a.authorizeREST(method, r, p, authorizers)
		integration := &awsapigateway.LambdaIntegrationOptions{
			// One permission for the API instead of one or two a route: a function's policy is limited to 20 kB.
			ScopePermissionToMethod: jsii.Bool(false),
			Timeout:                 cdkval.Duration(r.Timeout),
			CacheKeyParameters:      cdkval.Texts(cacheKeys),
		}
		if r.Stream {
			integration.ResponseTransferMode = awsapigateway.ResponseTransferMode_STREAM
		}
		resource := a.Rest.Root().ResourceForPath(&r.Path)
		explainAuth(resource.AddMethod(&r.Method, awsapigateway.NewLambdaIntegration(a.target(p, r).Alias, integration), method), r.auth(p))
	}
}

// requestParameters gives the parameters of a route, whether each is required, and those that tell cached responses apart.
func requestParameters(r *Route, auth Auth) (parameters map[string]*bool, cacheKeys []string) {
	parameters = map[string]*bool{}
	for _, q := range r.RequiredQuery {
		parameters["method.request.querystring."+q] = jsii.Bool(true)
	}
	for _, h := range r.RequiredHeaders {
		parameters["method.request.header."+h] = jsii.Bool(true)
	}
	if r.CacheTTL == 0 {
		return parameters, nil
	}
	for part := range strings.SplitSeq(r.Path, "/") {
		if strings.HasPrefix(part, "{") {
			cacheKeys = append(cacheKeys, "method.request.path."+strings.Trim(part, "{}+"))
		}
	}
	for _, q := range r.CacheQuery {
		cacheKeys = append(cacheKeys, "method.request.querystring."+q)
	}
	if (auth != NoAuth{}) {
		cacheKeys = append(cacheKeys, "method.request.header."+callerHeader(auth))
	}
	for _, key := range cacheKeys {
		if parameters[key] == nil {
			parameters[key] = jsii.Bool(strings.HasPrefix(key, "method.request.path."))
		}
	}
	return parameters, cacheKeys
}

// callerHeader is the request header that tells callers apart.
func callerHeader(auth Auth) string {
	if (auth == APIKey{}) {
		return "X-Api-Key"
	}
	return "Authorization"
}

func (a *API) authorizeREST(method *awsapigateway.MethodOptions, r *Route, p *APIProps, authorizers map[string]awsapigateway.IAuthorizer) {
	switch auth := r.auth(p).(type) {
	case IAM:
		method.AuthorizationType = awsapigateway.AuthorizationType_IAM
	case NoAuth, APIKey:
		method.AuthorizationType = awsapigateway.AuthorizationType_NONE
	case *Cognito:
		if authorizers[auth.Name] == nil {
			authorizers[auth.Name] = awsapigateway.NewCognitoUserPoolsAuthorizer(a, &auth.Name, &awsapigateway.CognitoUserPoolsAuthorizerProps{
				CognitoUserPools: &auth.UserPools,
			})
		}
		method.AuthorizationType, method.Authorizer = awsapigateway.AuthorizationType_COGNITO, authorizers[auth.Name]
		method.AuthorizationScopes = cdkval.Texts(r.Scopes)
	case *LambdaAuth:
		if authorizers[auth.Name] == nil {
			var sources []*string
			for _, header := range auth.identityHeaders() {
				sources = append(sources, awsapigateway.IdentitySource_Header(&header))
			}
			authorizers[auth.Name] = awsapigateway.NewRequestAuthorizer(a, &auth.Name, &awsapigateway.RequestAuthorizerProps{
				Handler: a.authorizer(auth), IdentitySources: &sources, ResultsCacheTtl: cdkval.Duration(auth.cacheTTL()),
			})
		}
		method.AuthorizationType, method.Authorizer = awsapigateway.AuthorizationType_CUSTOM, authorizers[auth.Name]
	}
}

// explainAuth tells cdk-nag why a method asks for no Cognito token. That a method asks for nothing at all is for those to
// explain who chose NoAuth or APIKey.
func explainAuth(method awsapigateway.Method, auth Auth) {
	if _, ok := auth.(*Cognito); !ok {
		nag.Suppress(method, "AwsSolutions-COG4", "Who may call is decided by other means than Cognito: see the method's authorization type.")
	}
}

func (a *API) addUsagePlans(p *APIProps) {
	for i := range p.UsagePlans {
		u := &p.UsagePlans[i]
		props := &awsapigateway.UsagePlanProps{
			ApiStages: &[]*awsapigateway.UsagePlanPerApiStage{{Api: a.Rest, Stage: a.RestStage}},
		}
		if u.Throttle.Rate > 0 {
			props.Throttle = &awsapigateway.ThrottleSettings{RateLimit: jsii.Number(u.Throttle.Rate), BurstLimit: jsii.Number(u.Throttle.Burst)}
		}
		if u.Quota > 0 {
			props.Quota = &awsapigateway.QuotaSettings{Limit: jsii.Number(u.Quota), Period: awsapigateway.Period(u.Period)}
		}
		plan := awsapigateway.NewUsagePlan(a, jsii.String("UsagePlan"+u.Name), props)
		for _, key := range u.Keys {
			plan.AddApiKey(awsapigateway.NewApiKey(a, jsii.String("APIKey"+key), nil), nil)
		}
	}
}

// addErrorCORS lets scripts read the errors that API Gateway makes itself: 401, 403, 429, ...
func (a *API) addErrorCORS(c *CORS) {
	headers := map[string]*string{
		"Access-Control-Allow-Origin":  jsii.String("'" + c.Origins[0] + "'"),
		"Access-Control-Allow-Headers": jsii.String("'" + strings.Join(c.Headers, ",") + "'"),
	}
	a.Rest.AddGatewayResponse(jsii.String("ClientErrors"), &awsapigateway.GatewayResponseOptions{
		Type: awsapigateway.ResponseType_DEFAULT_4XX(), ResponseHeaders: &headers,
	})
	a.Rest.AddGatewayResponse(jsii.String("ServerErrors"), &awsapigateway.GatewayResponseOptions{
		Type: awsapigateway.ResponseType_DEFAULT_5XX(), ResponseHeaders: &headers,
	})
}
