package apilambda

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/encrypted"
	"github.com/strata-cdk/strata/internal/nag"
	"github.com/strata-cdk/strata/internal/sorted"
)

func (a *API) addREST(p *APIProps) {
	props := a.restProps(p)
	a.Rest = awsapigateway.NewRestApi(a, jsii.String("Rest"), props)
	a.RestStage = a.Rest.DeploymentStage()
	a.Rest.Node().TryRemoveChild(jsii.String("Endpoint")) // an output; the stack decides what it puts out
	if !p.KeepAccountLogRole {
		nag.Suppress(a.Rest.Node().FindChild(jsii.String("CloudWatchRole")), "AwsSolutions-IAM4",
			"The managed policy that API Gateway asks for in the role that writes the logs of all APIs of the account.",
			"Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs")
	}
	a.addExecutionLogs(p, *props.DeployOptions.StageName)
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
		RestApiName: a.uniqueName(),
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
			MetricsEnabled:       jsii.Bool(p.DetailedMetrics),
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
		props.Policy = p.privatePolicy()
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

// methodOptions are the settings of single methods: throttles and caching. They replace those of the stage as a whole, so
// each repeats what the stage says.
func methodOptions(p *APIProps) *map[string]*awsapigateway.MethodDeploymentOptions {
	options := map[string]*awsapigateway.MethodDeploymentOptions{}
	for i := range p.Routes {
		r := &p.Routes[i]
		if r.Throttle.Rate == 0 && r.CacheTTL == 0 {
			continue
		}
		throttle := p.Throttle
		if r.Throttle.Rate > 0 {
			throttle = r.Throttle
		}
		o := awsapigateway.MethodDeploymentOptions{
			MetricsEnabled:      jsii.Bool(p.DetailedMetrics),
			LoggingLevel:        awsapigateway.MethodLoggingLevel_ERROR,
			DataTraceEnabled:    jsii.Bool(false),
			ThrottlingRateLimit: jsii.Number(throttle.Rate), ThrottlingBurstLimit: jsii.Number(throttle.Burst),
		}
		if r.CacheTTL > 0 {
			o.CachingEnabled, o.CacheDataEncrypted, o.CacheTtl = jsii.Bool(true), jsii.Bool(true), cdkval.Duration(r.CacheTTL)
		}
		for _, method := range r.methods() {
			options[r.Path+"/"+method] = &o
		}
	}
	if len(options) == 0 {
		return nil
	}
	return &options
}

// methods are the methods of a route, with ANY spelled out: settings are for one method each.
func (r *Route) methods() []string {
	if r.Method == "ANY" {
		return methods[:len(methods)-1]
	}
	return []string{r.Method}
}

// privatePolicy refuses callers that come by other ways than the endpoints. It admits callers to the routes that have no
// policies of their callers' own; to routes with IAM and LambdaAuth those policies admit, and an Allow here would do
// instead of them.
func (p *APIProps) privatePolicy() awsiam.PolicyDocument {
	ids := make([]*string, len(p.VPCEndpoints))
	for i, e := range p.VPCEndpoints {
		ids[i] = e.VpcEndpointId()
	}
	statements := []awsiam.PolicyStatement{awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Effect:     awsiam.Effect_DENY,
		Principals: &[]awsiam.IPrincipal{awsiam.NewAnyPrincipal()},
		Actions:    jsii.Strings("execute-api:Invoke"),
		Resources:  jsii.Strings("execute-api:/*"),
		Conditions: &map[string]any{"StringNotEquals": map[string]any{"aws:SourceVpce": ids}},
	})}
	var open []string
	for i := range p.Routes {
		r := &p.Routes[i]
		switch r.auth(p).(type) {
		case NoAuth, APIKey, *Cognito:
			method := strings.Replace(r.Method, "ANY", "*", 1)
			open = append(open, "execute-api:/"+p.StageName+"/"+method+parameter.ReplaceAllString(r.Path, "*"))
		}
	}
	if len(open) > 0 {
		statements = append(statements, awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Principals: &[]awsiam.IPrincipal{awsiam.NewAnyPrincipal()},
			Actions:    jsii.Strings("execute-api:Invoke"),
			Resources:  cdkval.Texts(open),
		}))
	}
	return awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: &statements})
}

var parameter = regexp.MustCompile(`\{[^}]*\}`)

// addExecutionLogs defines the log group that API Gateway writes execution errors to. It would make the group itself,
// unencrypted and for ever, at the first error; its name cannot be chosen.
func (a *API) addExecutionLogs(p *APIProps, stage string) {
	name := fmt.Sprintf("API-Gateway-Execution-Logs_%s/%s", *a.Rest.RestApiId(), stage)
	a.RestStage.Node().AddDependency(encrypted.NewLogGroup(a, "ExecutionLogs", name, a.Key, p.LogRetentionDays, p.RemovalPolicy))
}

func (a *API) addRESTRoutes(p *APIProps) {
	validator := a.Rest.AddRequestValidator(jsii.String("Validator"), &awsapigateway.RequestValidatorOptions{
		ValidateRequestBody: jsii.Bool(true), ValidateRequestParameters: jsii.Bool(true),
	})
	models := map[string]awsapigateway.IModel{}
	for name, schema := range sorted.All(p.Models) {
		model := awsapigateway.NewCfnModel(a, jsii.String("Model"+name), &awsapigateway.CfnModelProps{
			RestApiId: a.Rest.RestApiId(), Name: jsii.String(name), ContentType: jsii.String("application/json"), Schema: decodeJSON(schema),
		})
		a.redeployFor(map[string]any{"model": name, "schema": schema})
		models[name] = awsapigateway.Model_FromModelName(a, jsii.String("UseModel"+name), model.Ref())
	}
	authorizers, scope := map[string]awsapigateway.IAuthorizer{}, constructs.NewConstruct(a, jsii.String("Authorizers"))
	for i := range p.Routes {
		r := &p.Routes[i]
		parameters, cacheKeys := requestParameters(p, r)
		method := &awsapigateway.MethodOptions{
			RequestValidator:  validator,
			RequestParameters: &parameters,
			ApiKeyRequired:    jsii.Bool(p.keyNeeded(r)),
		}
		if r.Model != "" {
			// For every content type: with "application/json", a body of another type would not be looked at.
			method.RequestModels = &map[string]awsapigateway.IModel{"$default": models[r.Model]}
		}
		a.authorizeREST(scope, method, r, p, authorizers)
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
func requestParameters(p *APIProps, r *Route) (parameters map[string]*bool, cacheKeys []string) {
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
	for _, header := range p.callerHeaders(r) {
		cacheKeys = append(cacheKeys, "method.request.header."+header)
	}
	for _, key := range cacheKeys {
		if parameters[key] == nil {
			parameters[key] = jsii.Bool(strings.HasPrefix(key, "method.request.path."))
		}
	}
	return parameters, cacheKeys
}

// callerHeaders are the request headers that tell callers of a route apart.
func (p *APIProps) callerHeaders(r *Route) (headers []string) {
	switch auth := r.auth(p).(type) {
	case *LambdaAuth:
		headers = auth.identityHeaders()
	case *Cognito:
		headers = []string{"Authorization"}
	}
	if p.keyNeeded(r) {
		headers = append(slices.Clip(headers), "X-Api-Key")
	}
	return headers
}

// keyNeeded tells whether callers of a route send an API key.
func (p *APIProps) keyNeeded(r *Route) bool { return p.RequireAPIKeys || r.auth(p) == APIKey{} }

// redeployFor makes a deployment of the API's stage when what it stands for changes: a deployment is a copy of the API, and
// the CDK takes but methods and resources into account.
func (a *API) redeployFor(what map[string]any) { a.Rest.LatestDeployment().AddToLogicalId(what) }

func (a *API) authorizeREST(scope constructs.Construct, method *awsapigateway.MethodOptions, r *Route, p *APIProps, authorizers map[string]awsapigateway.IAuthorizer) {
	switch auth := r.auth(p).(type) {
	case IAM:
		method.AuthorizationType = awsapigateway.AuthorizationType_IAM
	case NoAuth, APIKey:
		method.AuthorizationType = awsapigateway.AuthorizationType_NONE
	case *Cognito:
		if authorizers[auth.Name] == nil {
			authorizers[auth.Name] = awsapigateway.NewCognitoUserPoolsAuthorizer(scope, &auth.Name, &awsapigateway.CognitoUserPoolsAuthorizerProps{
				CognitoUserPools: &auth.UserPools,
			})
			pools := []any{}
			for _, pool := range auth.UserPools {
				pools = append(pools, pool.UserPoolArn())
			}
			a.redeployFor(map[string]any{"authorizer": auth.Name, "pools": pools})
		}
		method.AuthorizationType, method.Authorizer = awsapigateway.AuthorizationType_COGNITO, authorizers[auth.Name]
		method.AuthorizationScopes = cdkval.Texts(r.Scopes)
	case *LambdaAuth:
		if authorizers[auth.Name] == nil {
			var sources []*string
			for _, header := range auth.identityHeaders() {
				sources = append(sources, awsapigateway.IdentitySource_Header(&header))
			}
			authorizers[auth.Name] = awsapigateway.NewRequestAuthorizer(scope, &auth.Name, &awsapigateway.RequestAuthorizerProps{
				Handler: a.authorizer(auth), IdentitySources: &sources, ResultsCacheTtl: cdkval.Duration(auth.cacheTTL()),
			})
			a.redeployFor(map[string]any{
				"authorizer": auth.Name, "handler": a.authorizer(auth).FunctionArn(), "headers": auth.identityHeaders(), "cache": auth.cacheTTL().String(),
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
	if c.AllowCredentials {
		headers["Access-Control-Allow-Credentials"] = jsii.String("'true'")
	}
	a.Rest.AddGatewayResponse(jsii.String("ClientErrors"), &awsapigateway.GatewayResponseOptions{
		Type: awsapigateway.ResponseType_DEFAULT_4XX(), ResponseHeaders: &headers,
	})
	a.Rest.AddGatewayResponse(jsii.String("ServerErrors"), &awsapigateway.GatewayResponseOptions{
		Type: awsapigateway.ResponseType_DEFAULT_5XX(), ResponseHeaders: &headers,
	})
}
