package apilambda

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"

	"github.com/strata-cdk/strata/constructs/webacl"
)

// Kind is the product of API Gateway that serves an API.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-vs-rest.html
type Kind string

const (
	// REST is a REST API: WAF, API keys, request validation, caching, private and edge endpoints, response streaming. The
	// zero value of Kind means this.
	REST Kind = "REST"
	// HTTP is an HTTP API: about a third of the price and faster, with JWT authorizers, without what REST lists.
	HTTP Kind = "HTTP"
)

// Endpoint is how clients reach a REST API.
type Endpoint string

const (
	// Regional serves clients from the region's own endpoint. The zero value of Endpoint means this.
	Regional Endpoint = "REGIONAL"
	// Edge puts Amazon's own CloudFront distribution in front. REST only.
	Edge Endpoint = "EDGE"
	// Private is reached through interface endpoints of a VPC only. REST only.
	Private Endpoint = "PRIVATE"
)

// APIProps configures an API.
type APIProps struct {
	// Kind is REST or HTTP. Changing it replaces the API and its URL.
	// Default: REST.
	Kind Kind
	// Description says what the API is for, in at most 1024 characters.
	// Default: none.
	Description string
	// Functions are the Lambda functions behind the API, at least one. Each has its own log group, role, alias and alarms.
	Functions []FunctionProps
	// Routes map requests to functions, at least one; each pair of method and path once.
	Routes []Route
	// Auth is who may call the routes that don't say otherwise.
	// Default: IAM{}, callers that sign their requests with AWS credentials.
	Auth Auth
	// RequireAPIKeys makes callers of every route send an API key of a usage plan, beside what Auth asks. REST only.
	// Default: false.
	RequireAPIKeys bool
	// StageName is the name of the stage, part of the URL: 1 to 128 letters, digits, hyphens and underscores.
	// Default: "live".
	StageName string
	// StageVariables are passed to the functions with each request. Values take letters, digits and -._~:/?#&=, .
	// Default: none.
	StageVariables map[string]string
	// CORS lets scripts of other origins call the API.
	// Default: nil, they can't.
	CORS *CORS
	// Domain is a domain name of one's own.
	// Default: nil, the name that API Gateway gives.
	Domain *Domain
	// Endpoint is Regional, Edge or Private. An HTTP API is always regional.
	// Default: Regional.
	Endpoint Endpoint
	// VPCEndpoints are the interface endpoints for execute-api through which a Private API is reached, at least one there.
	// Default: none.
	VPCEndpoints []awsec2.IVpcEndpoint
	// Throttle limits the requests to each route that has no Throttle of its own; the account's quota limits all together.
	// Default: 1000 requests a second, bursts of 500.
	Throttle Throttle
	// UsagePlans meter and limit the holders of API keys. REST only.
	// Default: none.
	UsagePlans []UsagePlan
	// Models are JSON Schemas (draft 4) of request bodies, by a name of letters and digits, for Route.Model. REST only.
	// Default: none.
	Models map[string]string
	// Cache adds a cache, which the routes with CacheTTL use. REST only. It is charged by the hour, from 0.02 USD.
	// Default: nil, no cache.
	Cache *Cache
	// WAF configures the web ACL of a REST API. An HTTP API cannot have one.
	// Default: the AWS managed rule groups AmazonIpReputationList, CommonRuleSet and KnownBadInputsRuleSet, which are free
	// of charge above the 1 USD a month a rule, and a limit for each address. The logs of a web ACL stay when it is turned
	// off with DisableWAF, and must be deleted by hand before it is turned on again in the same stack.
	WAF webacl.Props
	// DisableWAF leaves a REST API without a web ACL.
	// Default: false.
	DisableWAF bool
	// QuotaRaised says that the account's quota "Maximum integration timeout in milliseconds" was raised, so that routes
	// of a Regional or Private REST API may take up to 300 s.
	// Default: false, 29 s at most.
	QuotaRaised bool
	// Key encrypts logs, dead letters, alarms and the functions' environment. A key from another stack or account must let
	// logs.REGION.amazonaws.com and cloudwatch.amazonaws.com use it; one of the same app is made to.
	// Default: a new key that rotates yearly, 1 USD a month.
	Key awskms.IKey
	// LogRetentionDays is how long access logs and the functions' logs are kept: a period that CloudWatch Logs takes (1,
	// 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653 days).
	// Default: 365.
	LogRetentionDays int
	// DisableAccessLogs leaves requests unlogged.
	// Default: false.
	DisableAccessLogs bool
	// KeepAccountLogRole leaves the role with which API Gateway writes logs as it is: it is one for the whole account and
	// region, so set this when something else manages it. REST only.
	// Default: false, the stack sets the role, and leaves it when it is deleted.
	KeepAccountLogRole bool
	// DetailedMetrics gives each route CloudWatch metrics of its own, which are charged: 0.30 USD a metric and month.
	// Default: false, those of the stage, which are free.
	DetailedMetrics bool
	// DisableTracing turns AWS X-Ray off. HTTP APIs trace their functions only.
	// Default: false.
	DisableTracing bool
	// Alarms sets the thresholds and receiver of the alarms.
	Alarms Alarms
	// DisableDashboard leaves the CloudWatch dashboard out, which costs 3 USD a month beyond the account's third one.
	// Default: false.
	DisableDashboard bool
	// RemovalPolicy says what becomes of logs, dead letters and the key when the stack is deleted.
	// Default: awscdk.RemovalPolicy_RETAIN.
	RemovalPolicy awscdk.RemovalPolicy
	// ConfigureREST edits the L2 props of a REST API last, after all defaults.
	// Default: no edit.
	ConfigureREST func(*awsapigateway.RestApiProps)
	// ConfigureHTTP edits the L2 props of an HTTP API and its stage last, after all defaults.
	// Default: no edit.
	ConfigureHTTP func(*awsapigatewayv2.HttpApiProps, *awsapigatewayv2.HttpStageProps)
}

// Route maps requests with a method and a path to a function.
type Route struct {
	// Method is GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS or ANY.
	Method string
	// Path starts with a slash. A part may be a parameter, {id}; the last one may take all the rest, {proxy+}.
	Path string
	// Function is the Name of the function to call.
	// Default: the function, when there is only one.
	Function string
	// Auth is who may call.
	// Default: the API's Auth.
	Auth Auth
	// Scopes are the OAuth scopes of which a token needs one, for JWT and Cognito.
	// Default: none, any valid token.
	Scopes []string
	// Model is the name in APIProps.Models of the schema that the body must follow, whatever its content type: API Gateway
	// answers 400 otherwise. REST only.
	// Default: none, any body.
	Model string
	// RequiredQuery and RequiredHeaders are the parameters without which API Gateway answers 400. REST only.
	// Default: none.
	RequiredQuery, RequiredHeaders []string
	// Timeout is how long API Gateway waits for the function: 50 ms to 29 s; 30 s on HTTP; up to 300 s with
	// APIProps.QuotaRaised; up to 15 min with Stream.
	// Default: 29 s.
	Timeout time.Duration
	// Stream passes the response on while the function writes it. REST only.
	// Default: false, responses are passed on when they are complete, up to 10 MB.
	//
	// https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html
	Stream bool
	// Throttle limits the requests to this route, instead of the API's Throttle.
	// Default: the API's.
	Throttle Throttle
	// CacheTTL keeps responses of a GET route in the API's Cache, 1 s to 1 h in whole seconds. A response is kept for the
	// path, the query parameters in CacheQuery and the headers that tell who calls (Authorization, those of a LambdaAuth,
	// X-Api-Key), so that no caller gets what was made for another. Not with IAM, whose signatures differ from request to
	// request, and not with Stream. REST only.
	// Default: 0, not kept.
	CacheTTL time.Duration
	// CacheQuery are the query parameters that tell cached responses apart.
	// Default: none.
	CacheQuery []string
}

// CORS is what browsers let scripts of other origins do. On a REST API the functions themselves must answer with the
// header Access-Control-Allow-Origin; preflight requests carry it already, and the errors that API Gateway makes do for
// the first of Origins.
type CORS struct {
	// Origins are the origins, such as "https://example.com", or just "*" for all; at least one.
	Origins []string
	// Methods are the methods that scripts may use.
	// Default: the methods of the API's routes.
	Methods []string
	// Headers are the request headers that scripts may send.
	// Default: Content-Type, Authorization, X-Amz-Date, X-Api-Key, X-Amz-Security-Token.
	Headers []string
	// ExposeHeaders are the response headers that scripts may read.
	// Default: none.
	ExposeHeaders []string
	// AllowCredentials lets scripts send cookies and the like; it goes with named origins only.
	// Default: false.
	AllowCredentials bool
	// MaxAge is how long browsers keep the answer to a preflight request, in whole seconds, up to 24 h.
	// Default: 1 h.
	MaxAge time.Duration
}

// Domain is a domain name for an API, with TLS 1.2 or later. The name that API Gateway gives is turned off with it.
type Domain struct {
	// Name is the domain name, such as "api.example.com".
	Name string
	// Zone is the public hosted zone of Name: alias records (A, AAAA) are added to it.
	// Default: nil, no records; needed without Certificate.
	Zone awsroute53.IHostedZone
	// Certificate is for Name, in the API's region; in us-east-1 for Edge.
	// Default: nil, a certificate that Zone validates.
	Certificate awscertificatemanager.ICertificate
	// KeepDefaultEndpoint lets clients go on using the name that API Gateway gave.
	// Default: false.
	KeepDefaultEndpoint bool
}

// Throttle is a limit of requests: a token bucket. API Gateway answers 429 above it.
type Throttle struct {
	// Rate is the number of requests a second, 1 or more; the account's quota is 10000.
	Rate int
	// Burst is the size of the bucket, 1 or more; the account's quota is 5000.
	// Default: half of Rate, 1 at least.
	Burst int
}

// UsagePlan gives the holders of API keys a limit and a quota.
type UsagePlan struct {
	// Name is the plan's construct id: a letter, then letters and digits.
	Name string
	// Keys are the names of the API keys to make, in which a letter is followed by letters and digits. Their values are
	// made by API Gateway; look them up there.
	Keys []string
	// Throttle limits each key.
	// Default: only the API's limit.
	Throttle Throttle
	// Quota is the number of requests that each key has in Period.
	// Default: 0, no quota.
	Quota int
	// Period is what Quota counts in: Day, Week or Month.
	// Default: Month.
	Period Period
}

// Period is the time in which a quota counts.
type Period string

// The periods of a quota.
const (
	Day   Period = "DAY"
	Week  Period = "WEEK"
	Month Period = "MONTH"
)

// Cache is a cache of responses, encrypted.
type Cache struct {
	// SizeGB is the size of the cache: "0.5", "1.6", "6.1", "13.5", "28.4", "58.2", "118" or "237".
	// Default: "0.5".
	SizeGB string
}

// Alarms sets when the alarms fire and whom they tell. Alarms need data: a metric without any is fine.
type Alarms struct {
	// Topic receives the alarms.
	// Default: a new topic, encrypted and for TLS only; subscribe to API.AlarmTopic.
	Topic awssns.ITopic
	// Disable leaves all alarms out, and with them the rollback of a rollout.
	// Default: false.
	Disable bool
	// ServerErrorPercent is the share of 5xx answers, above 0 up to 100, over which an alarm fires (in 3 of 5 minutes).
	// Default: 1.
	ServerErrorPercent float64
	// Latency is the 99th percentile of the time to answer over which an alarm fires (in 3 of 5 minutes).
	// Default: 3 s.
	Latency time.Duration
	// FunctionErrors is the number of failed invocations of a function in a minute over which an alarm fires (in 2 of 3
	// minutes), and a rollout is rolled back.
	// Default: 0.
	FunctionErrors int
	// Throttles is the number of refused invocations of a function in a minute over which an alarm fires (in 2 of 3).
	// Default: 0.
	Throttles int
	// DurationPercent is the share of its timeout, 1 to 100, over which a function's longest invocation fires an alarm (in
	// 3 of 5 minutes).
	// Default: 80.
	DurationPercent int
	// ConcurrencyPercent is the share of its concurrency, 1 to 100, over which a function fires an alarm (in 3 of 5
	// minutes): the reserved one, or AccountConcurrency.
	// Default: 80.
	ConcurrencyPercent int
	// AccountConcurrency is the account's quota of concurrent executions.
	// Default: 1000.
	AccountConcurrency int
}
