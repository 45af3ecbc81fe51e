package apilambda

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscognito"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
)

// FunctionProps configures one Lambda function of an API. Exactly one of GoPackage, Directory and Code is its code.
type FunctionProps struct {
	// Name is the function's construct id and what routes call it by: a letter, then letters and digits, 64 at most.
	// Changing it replaces the function and its logs.
	Name string
	// GoPackage is a main package in Go that is built with "go build" at synth, without Docker: a directory ("./cmd/api",
	// which may be a module of its own) or an import path. The bytes depend on nothing but the source, the modules and the
	// Go release: not on the folder, nor on the machine.
	GoPackage string
	// Directory holds code that is ready to run on Runtime.
	Directory string
	// Code is any other code of the CDK, such as awslambda.Code_FromBucket.
	Code awslambda.Code
	// Runtime and Handler are what runs Directory or Code, both needed there.
	// Default: PROVIDED_AL2023 and "bootstrap" with GoPackage.
	Runtime awslambda.Runtime
	Handler string
	// Architecture is "arm64" or "x86_64".
	// Default: "arm64", at a fifth less for the same time.
	Architecture string
	// Description says what the function is for, in at most 256 characters.
	// Default: none.
	Description string
	// Memory is the memory in MB, 128 to 10240; computing power grows with it.
	// Default: 256.
	Memory int
	// EphemeralStorage is the size of /tmp in MB, 512 to 10240.
	// Default: 512.
	EphemeralStorage int
	// Timeout is how long an invocation may take, 1 s to 15 min, in whole seconds.
	// Default: 10 s.
	Timeout time.Duration
	// Environment are variables for the function: names of two characters and more, 4 kB in all with the other variables.
	// They are no place for secrets; see Secrets.
	// Default: none.
	Environment map[string]string
	// Parameters are variables with the name of a parameter of the SSM Parameter Store, which the function may read. Not
	// with its value: CloudFormation would resolve that once, and versions of the function that exist would not see another.
	// Default: none.
	Parameters map[string]awsssm.IParameter
	// Secrets are variables with the ARN of a secret, which the function may read: the value itself never gets into the
	// template or the function's configuration.
	// Default: none.
	Secrets map[string]awssecretsmanager.ISecret
	// ReservedConcurrency is the number of executions at a time that are set aside for the function, and its limit; 0 stops
	// it.
	// Default: nil, as many as the account has left.
	ReservedConcurrency *int
	// ProvisionedConcurrency is the number of executions that are kept ready, at most ReservedConcurrency. Change it in a
	// deployment of its own: Lambda refuses it while a rollout shares requests between versions.
	// Default: 0.
	ProvisionedConcurrency int
	// VPC is the VPC to run in.
	// Default: nil, none.
	VPC awsec2.IVpc
	// Subnets are the subnets of VPC to run in.
	// Default: nil, the private ones.
	Subnets *awsec2.SubnetSelection
	// SecurityGroups are those of the function in VPC.
	// Default: none, a new one that admits nothing.
	SecurityGroups []awsec2.ISecurityGroup
	// Layers are up to 5 layers.
	// Default: none.
	Layers []awslambda.ILayerVersion
	// Async is for a function that is also invoked asynchronously: events that it fails go to a dead-letter queue.
	// Default: nil.
	Async *Async
	// Rollout is how a new version takes over.
	// Default: a canary: 10 % of the requests for 5 minutes, and back when the error alarm fires.
	Rollout Rollout
	// PayloadFormat is what an HTTP API passes to the function: "1.0", the same as a REST API, or "2.0".
	// Default: "2.0" on HTTP. A REST API has no choice.
	PayloadFormat string
	// ConfigureFunction edits the L2 props last, after all defaults. What it replaces it answers for: a Role needs what the
	// default one has.
	// Default: no edit.
	ConfigureFunction func(*awslambda.FunctionProps)
}

// Async says how long and how often Lambda tries an asynchronous event before it goes to the dead-letter queue.
type Async struct {
	// MaxAge is the age up to which an event is tried, 1 min to 6 h, in whole seconds.
	// Default: 6 h.
	MaxAge time.Duration
	// Retries is the number of tries after the first, 0 to 2.
	// Default: nil, which means 2.
	Retries *int
}

// Strategy is how requests move to a new version of a function.
type Strategy string

const (
	// Canary moves a share of the requests at once and the rest after an interval. The zero value of Strategy means this.
	Canary Strategy = "canary"
	// Linear moves an equal share in each interval.
	Linear Strategy = "linear"
	// AllAtOnce moves all requests as soon as the version is there, without AWS CodeDeploy and without a rollback.
	AllAtOnce Strategy = "all at once"
)

// Rollout moves requests to a new version of a function with AWS CodeDeploy, which moves them back when the function's
// error alarm fires. While that alarm is on, CodeDeploy starts no rollout: to mend a function that fails already, deploy it
// with AllAtOnce.
//
// https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html
type Rollout struct {
	// Strategy is Canary, Linear or AllAtOnce.
	// Default: Canary.
	Strategy Strategy
	// Percent is the share of a step, 1 to 99.
	// Default: 10.
	Percent int
	// Interval is the time between steps, in whole minutes. All steps together take at most 48 h.
	// Default: 5 min for Canary, 1 min for Linear.
	Interval time.Duration
}

// Auth is who may call a route: IAM, NoAuth, APIKey, *JWT, *Cognito or *LambdaAuth. Routes with the same authorizer share
// one pointer.
type Auth interface{ isAuth() }

// IAM admits callers that sign requests with AWS credentials and whose policies allow execute-api:Invoke.
type IAM struct{}

// NoAuth admits everybody.
type NoAuth struct{}

// APIKey admits holders of a key of a usage plan. AWS advises against keys as the only means to tell who calls. REST only.
type APIKey struct{}

// JWT admits bearers of a token of an OpenID Connect issuer. HTTP only; a REST API has Cognito or LambdaAuth.
type JWT struct {
	// Name is the authorizer's construct id: a letter, then letters and digits.
	Name string
	// Issuer is the issuer's URL, https.
	Issuer string
	// Audience are the audiences, or client ids, of which a token must have one; at least one.
	Audience []string
}

// Cognito admits bearers of a token of Amazon Cognito user pools.
type Cognito struct {
	// Name is the authorizer's construct id: a letter, then letters and digits.
	Name string
	// UserPools are the pools: 1 to 1000 on REST, 1 on HTTP.
	UserPools []awscognito.IUserPool
	// Clients are the app clients that tokens may be for, at least one on HTTP. A REST API does not look at clients.
	Clients []awscognito.IUserPoolClient
}

// LambdaAuth asks a function, which answers with an IAM policy.
type LambdaAuth struct {
	// Name is the authorizer's construct id: a letter, then letters and digits.
	Name string
	// Function is the Name of one of the API's functions; Handler is another function. One of the two is given.
	Function string
	Handler  awslambda.IFunction
	// IdentityHeaders are the request headers that the decision depends on: without one of them API Gateway answers 401.
	// Default: Authorization.
	IdentityHeaders []string
	// CacheTTL is how long a decision is kept for the same headers, up to 1 h, in whole seconds; 0 asks each time. A kept
	// decision counts for all routes of the authorizer, so its policy must name them all.
	// Default: nil, which means 5 min.
	CacheTTL *time.Duration
}

func (IAM) isAuth()         {}
func (NoAuth) isAuth()      {}
func (APIKey) isAuth()      {}
func (*JWT) isAuth()        {}
func (*Cognito) isAuth()    {}
func (*LambdaAuth) isAuth() {}
