package apilambda_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscognito"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"

	"github.com/strata-cdk/strata/cdktest"
	api "github.com/strata-cdk/strata/constructs/apilambda"
	"github.com/strata-cdk/strata/constructs/webacl"
)

// Stand-ins for constructs in tests that only look at props.
type (
	fakeVpc      struct{ awsec2.IVpc }
	fakeEndpoint struct{ awsec2.IVpcEndpoint }
	fakeZone     struct{ awsroute53.IHostedZone }
	fakeCert     struct {
		awscertificatemanager.ICertificate
	}
	fakeTopic   struct{ awssns.ITopic }
	fakePool    struct{ awscognito.IUserPool }
	fakeClient  struct{ awscognito.IUserPoolClient }
	fakeHandler struct{ awslambda.IFunction }
	fakeCode    struct{ awslambda.Code }
	fakeRuntime struct{ awslambda.Runtime }
	fakeSecret  struct{ awssecretsmanager.ISecret }
)

type (
	props = api.APIProps
	row   = cdktest.Case[props]
)

func valid(kind api.Kind) func() props {
	return func() props {
		return props{
			Kind:      kind,
			Functions: []api.FunctionProps{{Name: "Hello", GoPackage: "../testdata/hello"}},
			Routes:    []api.Route{{Method: "GET", Path: "/hello"}},
		}
	}
}

func TestAPIProps_Validate_API(t *testing.T) {
	cdktest.ValidateTable(t, valid(api.REST), []row{
		{Name: "least", Edit: func(*props) {}},
		{Name: "nothing", Edit: func(p *props) { *p = props{} }, Want: []string{
			"Functions: must have at least one function", "Routes: must have at least one route"}},
		{Name: "kind", Edit: func(p *props) { p.Kind = "GRAPHQL" }, Want: []string{"Kind: must be one of REST, HTTP, got GRAPHQL"}},
		{Name: "description", Edit: func(p *props) { p.Description = strings.Repeat("x", 1025) },
			Want: []string{"Description: must be at most 1024 characters, got 1025"}},
		{Name: "stage name", Edit: func(p *props) { p.StageName = "a b" },
			Want: []string{`StageName: must be 1 to 128 letters, digits, hyphens and underscores, got "a b"`}},
		{Name: "stage variables", Edit: func(p *props) {
			p.StageVariables = map[string]string{"a-b": "x", "c": "<>", "e": "", "t": "${Token[T.1]}"}
		}, Want: []string{
			`StageVariables["a-b"]: must have a name of letters, digits and underscores, 64 at most`,
			`StageVariables["c"]: must have letters, digits and -._~:/?#&=, only, 1 to 512, got "<>"`,
			`StageVariables["e"]: must have letters, digits and -._~:/?#&=, only, 1 to 512, got ""`}},
		{Name: "CORS", Edit: func(p *props) {
			p.CORS = &api.CORS{Origins: []string{"*", "example.com"}, AllowCredentials: true, MaxAge: 25 * time.Hour, Methods: []string{"ANY"}}
		}, Want: []string{
			`CORS.Origins: must have no others beside "*"`,
			`CORS.Origins[1]: must be "*" or start with https:// or http://, got "example.com"`,
			`CORS.AllowCredentials: must not be set with the origin "*": browsers refuse it`,
			"CORS.MaxAge: must be between 0s and 24h0m0s, got 25h0m0s",
			"CORS.Methods[0]: must be one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, got ANY"}},
		{Name: "CORS without origin", Edit: func(p *props) { p.CORS = &api.CORS{MaxAge: 1500 * time.Millisecond} }, Want: []string{
			"CORS.Origins: must have at least one origin", "CORS.MaxAge: must be whole seconds, got 1.5s"}},
		{Name: "domain", Edit: func(p *props) { p.Domain = &api.Domain{} }, Want: []string{
			"Domain.Name: must be given", "Domain: must have a Certificate, or a Zone that validates a new one"}},
		{Name: "domain of a private API", Edit: func(p *props) {
			p.Endpoint, p.VPCEndpoints = api.Private, []awsec2.IVpcEndpoint{fakeEndpoint{}}
			p.Domain = &api.Domain{Name: "a.b", Certificate: fakeCert{}}
		}, Want: []string{"Domain: must be left out for a Private endpoint"}},
		{Name: "edge domain without certificate", Edit: func(p *props) { p.Endpoint, p.Domain = api.Edge, &api.Domain{Name: "a.b", Zone: fakeZone{}} },
			Want: []string{"Domain.Certificate: must be given for an Edge endpoint: one from us-east-1"}},
		{Name: "endpoint", Edit: func(p *props) { p.Endpoint = "GLOBAL" }, Want: []string{"Endpoint: must be one of REGIONAL, EDGE, PRIVATE, got GLOBAL"}},
		{Name: "private without endpoint", Edit: func(p *props) { p.Endpoint = api.Private },
			Want: []string{"VPCEndpoints: must be given for a Private endpoint, and for no other"}},
		{Name: "endpoints of a regional API", Edit: func(p *props) { p.VPCEndpoints = []awsec2.IVpcEndpoint{fakeEndpoint{}} },
			Want: []string{"VPCEndpoints: must be given for a Private endpoint, and for no other"}},
		{Name: "throttle", Edit: func(p *props) { p.Throttle = api.Throttle{Rate: -1, Burst: -2} }, Want: []string{
			"Throttle.Rate: must be 0 or more, got -1", "Throttle.Burst: must be 0 or more, got -2"}},
		{Name: "usage plans", Edit: func(p *props) {
			p.UsagePlans = []api.UsagePlan{
				{Name: "One", Keys: []string{"A", "b-c"}, Quota: -1, Period: "YEAR"},
				{Name: "One", Keys: []string{"A"}, Throttle: api.Throttle{Burst: 3}},
			}
		}, Want: []string{
			`UsagePlans[0].Keys[1]: must be a letter, then letters and digits, got "b-c"`,
			"UsagePlans[0].Quota: must be 0 or more, got -1",
			"UsagePlans[0].Period: must be one of DAY, WEEK, MONTH, got YEAR",
			`UsagePlans[1].Name: must differ from the others, got "One" again`,
			`UsagePlans[1].Keys[0]: must be in one plan once, got "A" again`,
			"UsagePlans[1].Throttle.Rate: must be given with Burst"}},
		{Name: "keys for nobody", Edit: func(p *props) { p.RequireAPIKeys = true },
			Want: []string{"UsagePlans: must have a plan with a key, or nobody can call the routes that need one"}},
		{Name: "CORS and OPTIONS", Edit: func(p *props) {
			p.CORS, p.Routes[0].Method = &api.CORS{Origins: []string{"*"}, Methods: []string{"GET"}}, "OPTIONS"
		}, Want: []string{"Routes[0].Method: must not be OPTIONS with CORS, which answers OPTIONS itself on a REST API"}},
		{Name: "model with null", Edit: func(p *props) { p.Models = map[string]string{"N": `{"properties":{"a":{"enum":["x",null]}}}`} },
			Want: []string{`Models["N"]: must have no null, which the CDK drops; allow it with "type":["null"]`}},
		{Name: "models", Edit: func(p *props) { p.Models = map[string]string{"a b": "{}", "B": "[1]", "C": "{"} }, Want: []string{
			`Models["B"]: must be a JSON Schema, a JSON object`,
			`Models["C"]: must be a JSON Schema, a JSON object`,
			`Models["a b"]: must have a name of letters and digits that starts with a letter`}},
		{Name: "cache", Edit: func(p *props) { p.Cache = &api.Cache{SizeGB: "2"} }, Want: []string{
			"Cache.SizeGB: must be one of 0.5, 1.6, 6.1, 13.5, 28.4, 58.2, 118, 237, got 2",
			"Cache: is used by no route: set CacheTTL on one"}},
		{Name: "WAF", Edit: func(p *props) { p.WAF = webacl.Props{RateLimit: 9, WebACLArn: "${Token[T.1]}"} }, Want: []string{
			"WAF: must have WebACLArn or rules, not both",
			"WAF.RateLimit: must be between 10 and 2000000000, got 9"}},
		{Name: "WAF disabled", Edit: func(p *props) { p.DisableWAF, p.WAF.RateLimit = true, 100 }, Want: []string{"WAF: must be left out when it is disabled"}},
		{Name: "quota of an edge endpoint", Edit: func(p *props) { p.Endpoint, p.QuotaRaised = api.Edge, true },
			Want: []string{"QuotaRaised: is for Regional and Private endpoints only: an Edge endpoint waits 29s at most"}},
		{Name: "retention", Edit: func(p *props) { p.LogRetentionDays = 2 }, Want: []string{
			"LogRetentionDays: must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653, got 2"}},
		{Name: "alarms", Edit: func(p *props) {
			p.Alarms = api.Alarms{ServerErrorPercent: 101, Latency: time.Hour, FunctionErrors: -1, Throttles: -1, DurationPercent: 101,
				ConcurrencyPercent: -1, AccountConcurrency: -1, Disable: true, Topic: fakeTopic{}}
		}, Want: []string{
			"Alarms.ServerErrorPercent: must be above 0 and at most 100, got 101",
			"Alarms.Latency: must be between 1ms and 15m0s, got 1h0m0s",
			"Alarms.FunctionErrors: must be 0 or more, got -1",
			"Alarms.Throttles: must be 0 or more, got -1",
			"Alarms.DurationPercent: must be between 1 and 100, got 101",
			"Alarms.ConcurrencyPercent: must be between 1 and 100, got -1",
			"Alarms.AccountConcurrency: must be 1 or more, got -1",
			"Alarms.Topic: must be left out when alarms are disabled"}},
		{Name: "removal policy", Edit: func(p *props) { p.RemovalPolicy = "SNAPSHOT" }, Want: []string{"RemovalPolicy: must be one of RETAIN, DESTROY, got SNAPSHOT"}},
	})
}

func TestAPIProps_Validate_Functions(t *testing.T) {
	one := func(edit func(*api.FunctionProps)) func(*props) { return func(p *props) { edit(&p.Functions[0]) } }
	cdktest.ValidateTable(t, valid(api.REST), []row{
		{Name: "name", Edit: one(func(f *api.FunctionProps) { f.Name = "hello-world" }),
			Want: []string{`Functions[0].Name: must be a letter, then letters and digits, 64 at most, got "hello-world"`}},
		{Name: "long name", Edit: one(func(f *api.FunctionProps) { f.Name = strings.Repeat("x", 65) }),
			Want: []string{`Functions[0].Name: must be a letter, then letters and digits, 64 at most, got "` + strings.Repeat("x", 65) + `"`}},
		{Name: "name twice", Edit: func(p *props) { p.Functions, p.Routes[0].Function = append(p.Functions, p.Functions[0]), "Hello" },
			Want: []string{`Functions[1].Name: must differ from the others, got "Hello" again`}},
		{Name: "no code", Edit: one(func(f *api.FunctionProps) { f.GoPackage = "" }),
			Want: []string{"Functions[0]: must have exactly one of GoPackage, Directory and Code, got 0"}},
		{Name: "two codes", Edit: one(func(f *api.FunctionProps) { f.Code = fakeCode{} }),
			Want: []string{"Functions[0]: must have exactly one of GoPackage, Directory and Code, got 2"}},
		{Name: "handler in Go", Edit: one(func(f *api.FunctionProps) { f.Handler = "main" }),
			Want: []string{`Functions[0].Handler: must be left out with GoPackage, got "main"`}},
		{Name: "directory", Edit: one(func(f *api.FunctionProps) { f.GoPackage, f.Directory = "", "./nowhere" }), Want: []string{
			`Functions[0].Directory: must be a directory, got "./nowhere"`,
			"Functions[0].Runtime: must be given with Directory and Code",
			"Functions[0].Handler: must be given with Directory and Code"}},
		{Name: "given code", Edit: one(func(f *api.FunctionProps) {
			f.GoPackage, f.Code, f.Runtime, f.Handler = "", fakeCode{}, fakeRuntime{}, "index.handler"
		})},
		{Name: "numbers", Edit: one(func(f *api.FunctionProps) {
			f.Architecture, f.Memory, f.EphemeralStorage, f.Timeout = "mips", 10241, 511, 1500*time.Millisecond
			f.Description, f.ProvisionedConcurrency = strings.Repeat("x", 257), -1
			f.Layers = make([]awslambda.ILayerVersion, 6)
		}), Want: []string{
			"Functions[0].Architecture: must be one of arm64, x86_64, got mips",
			"Functions[0].Description: must be at most 256 characters, got 257",
			"Functions[0].Memory: must be between 128 and 10240, got 10241",
			"Functions[0].EphemeralStorage: must be between 512 and 10240, got 511",
			"Functions[0].Timeout: must be whole seconds, got 1.5s",
			"Functions[0].ProvisionedConcurrency: must be 0 or more, got -1",
			"Functions[0].Layers: must be at most 5, got 6"}},
		{Name: "environment", Edit: one(func(f *api.FunctionProps) {
			f.Environment = map[string]string{"1A": "x", "A": "x", "AWS_REGION": "x", "TWICE": strings.Repeat("x", 4096)}
			f.Parameters = map[string]awsssm.IParameter{"TWICE": nil}
			f.Secrets = map[string]awssecretsmanager.ISecret{"SECRET": nil, "TOKEN": fakeSecret{}}
		}), Want: []string{
			`Functions[0].Environment["1A"]: must have a name of letters, digits and underscores, two at least, that starts with a letter`,
			`Functions[0].Environment["A"]: must have a name of letters, digits and underscores, two at least, that starts with a letter`,
			`Functions[0].Environment["AWS_REGION"]: is set by Lambda itself`,
			`Functions[0].Parameters["TWICE"]: is in Environment too`,
			`Functions[0].Parameters["TWICE"]: must be a parameter, got nil`,
			`Functions[0].Secrets["SECRET"]: must be a secret, got nil`,
			"Functions[0].Environment: must be at most 4096 bytes in all, got 8229"}},
		{Name: "concurrency", Edit: one(func(f *api.FunctionProps) { f.ReservedConcurrency, f.ProvisionedConcurrency = new(-1), 2 }), Want: []string{
			"Functions[0].ReservedConcurrency: must be 0 or more, got -1",
			"Functions[0].ProvisionedConcurrency: must be at most ReservedConcurrency, -1, got 2"}},
		{Name: "subnets of nothing", Edit: one(func(f *api.FunctionProps) {
			f.Subnets, f.SecurityGroups = &awsec2.SubnetSelection{}, make([]awsec2.ISecurityGroup, 1)
		}), Want: []string{
			"Functions[0].Subnets: must be left out without VPC", "Functions[0].SecurityGroups: must be left out without VPC"}},
		{Name: "subnets", Edit: one(func(f *api.FunctionProps) { f.VPC, f.Subnets = fakeVpc{}, &awsec2.SubnetSelection{} })},
		{Name: "async", Edit: one(func(f *api.FunctionProps) { f.Async = &api.Async{MaxAge: time.Second, Retries: new(3)} }), Want: []string{
			"Functions[0].Async.MaxAge: must be between 1m0s and 6h0m0s, got 1s", "Functions[0].Async.Retries: must be between 0 and 2, got 3"}},
		{Name: "rollout", Edit: one(func(f *api.FunctionProps) {
			f.Rollout = api.Rollout{Strategy: "slow", Percent: 100, Interval: 90 * time.Second}
		}), Want: []string{
			"Functions[0].Rollout.Strategy: must be one of canary, linear, all at once, got slow",
			"Functions[0].Rollout.Percent: must be between 1 and 99, got 100",
			"Functions[0].Rollout.Interval: must be whole minutes, 1 at least, got 1m30s"}},
		{Name: "long rollout", Edit: one(func(f *api.FunctionProps) {
			f.Rollout = api.Rollout{Strategy: api.Linear, Percent: 30, Interval: 17 * time.Hour}
		}),
			Want: []string{"Functions[0].Rollout.Interval: must make at most 48h in all, got 51h0m0s"}},
		{Name: "rollout at once", Edit: one(func(f *api.FunctionProps) { f.Rollout = api.Rollout{Strategy: api.AllAtOnce, Percent: 5} }),
			Want: []string{"Functions[0].Rollout: must have no Percent and no Interval with AllAtOnce"}},
		{Name: "payload of REST", Edit: one(func(f *api.FunctionProps) { f.PayloadFormat = "1.0" }),
			Want: []string{"Functions[0].PayloadFormat: must be left out on a REST API, which has but one"}},
	})
}

func TestAPIProps_Validate_GoPackageThatIsNotThere(t *testing.T) {
	p := valid(api.REST)()
	p.Functions[0].GoPackage = "./nowhere"
	if err := p.Validate(); err == nil || !strings.Contains(err.Error(), "Functions[0].GoPackage: must be a main package: no Go files in /") {
		t.Fatal(err)
	}
}

func TestAPIProps_Validate_Routes(t *testing.T) {
	one := func(r api.Route) func(*props) { return func(p *props) { p.Routes = []api.Route{r} } }
	cdktest.ValidateTable(t, valid(api.REST), []row{
		{Name: "method and path", Edit: one(api.Route{Method: "get", Path: "hello"}), Want: []string{
			"Routes[0].Method: must be one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, ANY, got get",
			`Routes[0].Path: must start with /, got "hello"`}},
		{Name: "root", Edit: one(api.Route{Method: "ANY", Path: "/"})},
		{Name: "path parts", Edit: one(api.Route{Method: "GET", Path: "/a b/{x+}/"}), Want: []string{
			`Routes[0].Path: must have parts of letters, digits and ._:$- or a parameter like {id}, got "a b"`,
			"Routes[0].Path: must have {x+} as its last part",
			`Routes[0].Path: must have parts of letters, digits and ._:$- or a parameter like {id}, got ""`}},
		{Name: "twice", Edit: func(p *props) { p.Routes = append(p.Routes, p.Routes[0]) }, Want: []string{"Routes[1]: repeats GET /hello"}},
		{Name: "two parameters at a place", Edit: func(p *props) {
			p.Routes = []api.Route{{Method: "GET", Path: "/notes/{id}"}, {Method: "GET", Path: "/notes/{key}/text"}}
		}, Want: []string{"Routes[1].Path: must use {id} after /notes/, as another route does; a REST API takes but one parameter there, got {key}"}},
		{Name: "unknown function", Edit: one(api.Route{Method: "GET", Path: "/", Function: "Bye"}),
			Want: []string{`Routes[0].Function: must be one of Functions, got "Bye"`}},
		{Name: "which function", Edit: func(p *props) {
			p.Functions = append(p.Functions, api.FunctionProps{Name: "Bye", GoPackage: "../testdata/hello"})
		},
			Want: []string{"Routes[0].Function: must be given, because there are several: Hello, Bye"}},
		{Name: "timeout", Edit: one(api.Route{Method: "GET", Path: "/", Timeout: 30 * time.Second}),
			Want: []string{"Routes[0].Timeout: must be between 50ms and 29s, got 30s"}},
		{Name: "timeout too short", Edit: one(api.Route{Method: "GET", Path: "/", Timeout: 49 * time.Millisecond}),
			Want: []string{"Routes[0].Timeout: must be between 50ms and 29s, got 49ms"}},
		{Name: "timeout with a raised quota", Edit: func(p *props) { p.QuotaRaised, p.Routes[0].Timeout = true, 301*time.Second },
			Want: []string{"Routes[0].Timeout: must be between 50ms and 5m0s, got 5m1s"}},
		{Name: "timeout of a stream", Edit: one(api.Route{Method: "GET", Path: "/", Stream: true, Timeout: 16 * time.Minute}),
			Want: []string{"Routes[0].Timeout: must be between 50ms and 15m0s, got 16m0s"}},
		{Name: "model", Edit: one(api.Route{Method: "POST", Path: "/", Model: "Note"}), Want: []string{`Routes[0].Model: must be one of Models, got "Note"`}},
		{Name: "throttle", Edit: one(api.Route{Method: "GET", Path: "/", Throttle: api.Throttle{Burst: 1}}),
			Want: []string{"Routes[0].Throttle.Rate: must be given with Burst"}},
		{Name: "parameter names", Edit: one(api.Route{Method: "GET", Path: "/", RequiredHeaders: []string{"a b", "X", "X"}, RequiredQuery: []string{""}}), Want: []string{
			`Routes[0].RequiredQuery[0]: must be a name of letters, digits and ._$-, got ""`,
			`Routes[0].RequiredHeaders[0]: must be a name of letters, digits and ._$-, got "a b"`,
			`Routes[0].RequiredHeaders[2]: must be there once, got "X" again`}},
		{Name: "cache without cache", Edit: one(api.Route{Method: "POST", Path: "/", CacheTTL: 2 * time.Hour, Stream: true}), Want: []string{
			"Routes[0].CacheTTL: must be left out without the API's Cache",
			"Routes[0].CacheTTL: must be left out unless Method is GET, got POST",
			"Routes[0].CacheTTL: must be left out with Stream",
			"Routes[0].CacheTTL: must be left out with IAM: signatures differ from request to request, so nothing would be found",
			"Routes[0].CacheTTL: must be between 1s and 1h0m0s, got 2h0m0s"}},
		{Name: "cache keys without cache", Edit: one(api.Route{Method: "GET", Path: "/", CacheQuery: []string{"q"}}),
			Want: []string{"Routes[0].CacheQuery: must be left out without CacheTTL"}},
		{Name: "scopes", Edit: one(api.Route{Method: "GET", Path: "/", Scopes: []string{"read"}}),
			Want: []string{"Routes[0].Scopes: must be left out unless Auth is JWT or Cognito"}},
		{Name: "keys for nobody", Edit: one(api.Route{Method: "GET", Path: "/", Auth: api.APIKey{}}),
			Want: []string{"UsagePlans: must have a plan with a key, or nobody can call the routes that need one"}},
	})
}

func TestAPIProps_Validate_Auth(t *testing.T) {
	pools := []awscognito.IUserPool{fakePool{}}
	cdktest.ValidateTable(t, valid(api.REST), []row{
		{Name: "JWT", Edit: func(p *props) { p.Auth = &api.JWT{Name: "J", Issuer: "https://a", Audience: []string{"x"}} },
			Want: []string{"Routes[0].Auth: must not be JWT: a REST API does not have it; use Cognito or LambdaAuth, or Kind HTTP"}},
		{Name: "Cognito", Edit: func(p *props) {
			p.Auth = &api.Cognito{Name: "c-1", Clients: []awscognito.IUserPoolClient{fakeClient{}}}
		}, Want: []string{
			`Auth.Name: must be a letter, then letters and digits, got "c-1"`,
			"Auth.UserPools: must be between 1 and 1000, got 0",
			"Auth.Clients: must be left out on a REST API, which does not look at them"}},
		{Name: "Lambda", Edit: func(p *props) {
			p.Auth = &api.LambdaAuth{Name: "L", Function: "Nobody", Handler: fakeHandler{}, CacheTTL: new(2 * time.Hour)}
		}, Want: []string{
			"Auth: must have one of Function and Handler",
			`Auth.Function: must be one of Functions, got "Nobody"`,
			"Auth.CacheTTL: must be between 0s and 1h0m0s, got 2h0m0s"}},
		{Name: "same name", Edit: func(p *props) {
			p.Auth, p.Routes[0].Auth = &api.Cognito{Name: "C", UserPools: pools}, &api.Cognito{Name: "C", UserPools: pools}
		}, Want: []string{`Routes[0].Auth.Name: must differ from other authorizers, got "C" again; routes share an authorizer by sharing its pointer`}},
		{Name: "nil", Edit: func(p *props) { p.Auth = (*api.Cognito)(nil) }, Want: []string{"Auth: must not be a nil *apilambda.Cognito"}},
	})
	cdktest.ValidateTable(t, valid(api.HTTP), []row{
		{Name: "HTTP: JWT", Edit: func(p *props) { p.Auth = &api.JWT{Name: "J", Issuer: "http://a"} }, Want: []string{
			`Auth.Issuer: must start with https://, got "http://a"`, "Auth.Audience: must be between 1 and 50, got 0"}},
		{Name: "HTTP: pointer to a value", Edit: func(p *props) { p.Auth = &api.NoAuth{} },
			Want: []string{"Auth: must be IAM{}, NoAuth{}, APIKey{}, *JWT, *Cognito or *LambdaAuth, got *apilambda.NoAuth"}},
		{Name: "HTTP: many scopes", Edit: func(p *props) {
			p.Routes[0].Auth, p.Routes[0].Scopes = &api.JWT{Name: "J", Issuer: "https://a", Audience: []string{"x"}}, make([]string, 11)
		}, Want: []string{"Routes[0].Scopes: must be at most 10, got 11"}},
		{Name: "HTTP: Cognito", Edit: func(p *props) {
			p.Auth = &api.Cognito{Name: "C", UserPools: []awscognito.IUserPool{fakePool{}, fakePool{}}}
		}, Want: []string{
			"Auth.UserPools: must be one on an HTTP API, got 2", "Auth.Clients: must have at least one client on an HTTP API"}},
		{Name: "HTTP: API key", Edit: func(p *props) { p.Auth = api.APIKey{} },
			Want: []string{"Routes[0].Auth: must not be APIKey: an HTTP API does not have it; use Kind REST"}},
	})
}

func TestAPIProps_Validate_WhatHTTPDoesNotHave(t *testing.T) {
	const not = ": must be left out: an HTTP API does not have it; use Kind REST"
	cdktest.ValidateTable(t, valid(api.HTTP), []row{
		{Name: "least", Edit: func(*props) {}},
		{Name: "payload", Edit: func(p *props) { p.Functions[0].PayloadFormat = "3.0" }, Want: []string{"Functions[0].PayloadFormat: must be one of 1.0, 2.0, got 3.0"}},
		{Name: "timeout", Edit: func(p *props) { p.Routes[0].Timeout = 31 * time.Second }, Want: []string{"Routes[0].Timeout: must be between 50ms and 30s, got 31s"}},
		{Name: "two parameters at a place", Edit: func(p *props) {
			p.Routes = []api.Route{{Method: "GET", Path: "/notes/{id}"}, {Method: "GET", Path: "/notes/{key}/text"}}
		}},
		{Name: "all of it", Edit: func(p *props) {
			p.RequireAPIKeys, p.Endpoint, p.QuotaRaised, p.KeepAccountLogRole = true, api.Edge, true, true
			p.UsagePlans = []api.UsagePlan{{Name: "U"}}
			p.Models = map[string]string{"M": "{}"}
			p.Cache = &api.Cache{}
			p.WAF.CountOnly = true
			p.ConfigureREST = func(*awsapigateway.RestApiProps) {}
			p.Routes[0] = api.Route{Method: "GET", Path: "/", Model: "M", RequiredQuery: []string{"q"}, RequiredHeaders: []string{"H"}, Stream: true, CacheTTL: time.Minute}
		}, Want: []string{
			"Routes[0].Model" + not, "Routes[0].RequiredQuery" + not, "Routes[0].RequiredHeaders" + not, "Routes[0].Stream" + not, "Routes[0].CacheTTL" + not,
			"RequireAPIKeys" + not, "Endpoint" + not, "UsagePlans" + not, "Models" + not, "Cache" + not, "WAF" + not, "QuotaRaised" + not,
			"KeepAccountLogRole" + not, "ConfigureREST" + not,
			"QuotaRaised: is for Regional and Private endpoints only: an Edge endpoint waits 29s at most"}},
	})
}

func TestAPIProps_Validate_LetsTokensThrough(t *testing.T) {
	const token = "${Token[TOKEN.7]}"
	cdktest.ValidateTable(t, valid(api.HTTP), []row{{Name: "tokens", Edit: func(p *props) {
		p.StageVariables = map[string]string{"V": token}
		p.CORS = &api.CORS{Origins: []string{token}}
		p.Auth = &api.JWT{Name: "J", Issuer: token, Audience: []string{token}}
	}}})
}

func TestAPIProps_Validate_Nil(t *testing.T) {
	if err := (*props)(nil).Validate(); err == nil || !strings.Contains(err.Error(), "Functions: must have at least one function") {
		t.Fatal(err)
	}
}
