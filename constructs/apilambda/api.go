// Package apilambda defines an API Gateway API in front of Lambda functions.
//
// Requests reach a regional REST API (or an HTTP API), past a web ACL, throttling and request validation, and are signed
// with AWS credentials unless a route says otherwise. API Gateway calls the alias "live" of a function; a new version
// takes over by a canary deployment that is rolled back when its error alarm fires. Access logs, function logs, dead
// letters and alarms are encrypted with one key of the API's own. Alarms for errors, latency, throttles, durations and
// concurrency go to one topic, and a dashboard shows the same metrics.
//
// It costs, beside requests and compute time: 1 USD a month for the key, 5 USD for the web ACL and 1 USD for each of its
// four rules, 0.10 USD an alarm (2 for the API and 4 a function), 3 USD for a dashboard after the account's third, and
// 0.50 USD a GB of logs: a line for each request, and one more with a web ACL.
// DisableWAF, Alarms.Disable, DisableDashboard, DisableAccessLogs and Key take these away.
//
// See https://docs.aws.amazon.com/apigateway/latest/developerguide/security.html and
// https://docs.aws.amazon.com/lambda/latest/dg/best-practices.html
package apilambda

import (
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awswafv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/encrypted"
	"github.com/strata-cdk/strata/internal/monitor"
)

// API is an API with its functions. The fields are the underlying constructs, for grants, subscriptions and overrides;
// those that were not asked for are nil.
type API struct {
	constructs.Construct
	// Rest and RestStage are a REST API and its stage.
	Rest      awsapigateway.RestApi
	RestStage awsapigateway.Stage
	// HTTP and HTTPStage are an HTTP API and its stage.
	HTTP      awsapigatewayv2.HttpApi
	HTTPStage awsapigatewayv2.HttpStage
	// Functions are the functions by their names.
	Functions map[string]*Function
	// Key encrypts logs, dead letters, alarms and the functions' environment.
	Key awskms.IKey
	// AccessLogs has an event in JSON for each request.
	AccessLogs awslogs.LogGroup
	// WebACL is a REST API's own web ACL.
	WebACL awswafv2.CfnWebACL
	// Certificate is the one of Domain, new or given.
	Certificate awscertificatemanager.ICertificate
	// AlarmTopic receives the alarms.
	AlarmTopic awssns.ITopic
	// Alarms are the alarms of the API and of its functions, in the order in which the dashboard shows them.
	Alarms []awscloudwatch.Alarm
	// Dashboard shows alarms, requests and functions.
	Dashboard awscloudwatch.Dashboard

	url *string
}

// NewAPI defines an API named id in scope, and builds its functions in Go.
// It panics with a *check.Error that lists every invalid field of props, or every function that does not build.
func NewAPI(scope constructs.Construct, id string, props *APIProps) *API {
	path := scope.Node().Path()
	check.Must(path, id, props.Validate())
	p := props.withDefaults()
	code, err := p.buildFunctions(*awscdk.Stack_Of(scope).BundlingRequired())
	if code.dir != "" && scope.Node().TryGetContext(jsii.String("aws:cdk:disable-asset-staging")) == nil {
		defer os.RemoveAll(code.dir)
	}
	check.Must(path, id, err)

	a := &API{Functions: map[string]*Function{}, Key: p.Key, AlarmTopic: p.Alarms.Topic}
	constructs.NewConstruct_Override(a, scope, &id)
	if a.Key == nil {
		a.Key = encrypted.NewKey(a, "Logs, dead letters and alarms of "+*a.Node().Path(), p.RemovalPolicy)
	}
	encrypted.AllowLogs(a, a.Key)
	if !p.Alarms.Disable && a.AlarmTopic == nil {
		a.AlarmTopic = monitor.NewTopic(a, a.Key)
	}
	functions := constructs.NewConstruct(a, jsii.String("Functions"))
	for i := range p.Functions {
		a.Functions[p.Functions[i].Name] = a.newFunction(functions, &p, &p.Functions[i], code.of[p.Functions[i].Name])
	}
	if !p.DisableAccessLogs {
		a.AccessLogs = encrypted.NewLogGroup(a, "AccessLogs", "", a.Key, p.LogRetentionDays, p.RemovalPolicy)
	}
	if p.Kind == REST {
		a.addREST(&p)
	} else {
		a.addHTTP(&p)
	}
	if !p.Alarms.Disable {
		a.addAlarms(&p)
	}
	if !p.DisableDashboard {
		a.addDashboard(&p)
	}
	return a
}

// URL is the address of the API, with a slash at its end: that of Domain, or the one that API Gateway gives.
func (a *API) URL() *string { return a.url }

// uniqueName is a name that no other API of the account and region has. The metrics of a REST API go by its name.
func (a *API) uniqueName() *string {
	return awscdk.Names_UniqueResourceName(a, &awscdk.UniqueResourceNameOptions{MaxLength: jsii.Number(128), Separator: jsii.String("-")})
}

// target is the alias of the function that a route calls.
func (a *API) target(p *APIProps, r *Route) *Function {
	if r.Function == "" {
		return a.Functions[p.Functions[0].Name]
	}
	return a.Functions[r.Function]
}
