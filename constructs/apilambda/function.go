package apilambda

import (
	"maps"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscodedeploy"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces/interfacesawscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/encrypted"
	"github.com/strata-cdk/strata/internal/gobuild"
	"github.com/strata-cdk/strata/internal/nag"
	"github.com/strata-cdk/strata/internal/sorted"
)

// Function is a Lambda function of an API.
type Function struct {
	// Function is the function. Grant it what it needs: api.Functions["Notes"].Function.
	Function awslambda.Function
	// Alias is the alias "live", which API Gateway calls.
	Alias awslambda.Alias
	// Logs are the function's logs.
	Logs awslogs.LogGroup
	// DeadLetters has the asynchronous events that failed; nil without Async.
	DeadLetters awssqs.Queue
	// Deployments moves requests to new versions; nil with AllAtOnce.
	Deployments awscodedeploy.LambdaDeploymentGroup

	props  *FunctionProps
	alarms []awscloudwatch.Alarm
}

// codes are the code of functions by their names, and the folder that has what was built.
type codes struct {
	dir string
	of  map[string]awslambda.Code
}

// goArchs are the names that Go has for the architectures of Lambda.
var goArchs = map[string]string{"arm64": "arm64", "x86_64": "amd64"}

// buildFunctions builds the functions in Go. With required false, as for "cdk list" and "cdk destroy", nothing is built,
// and a folder of no use stands for the code.
func (p *APIProps) buildFunctions(required bool) (codes, error) {
	dir, err := os.MkdirTemp("", "strata-")
	if err != nil {
		return codes{}, err
	}
	built := codes{dir: dir, of: map[string]awslambda.Code{}}
	c := check.For("apilambda.APIProps")
	for i, f := range p.Functions {
		out := filepath.Join(dir, f.Name)
		switch {
		case f.Code != nil:
			built.of[f.Name] = f.Code
			continue
		case f.Directory != "":
			out = f.Directory
		default:
			if err := os.Mkdir(out, 0o755); err != nil {
				return built, err
			}
			if !required {
				break
			}
			if err := gobuild.Build(f.GoPackage, goArchs[f.Architecture], out); err != nil {
				c.Add(check.Index("Functions", i)+".GoPackage", "%s: %v", f.GoPackage, err)
				continue
			}
		}
		built.of[f.Name] = awslambda.Code_FromAsset(&out, nil)
	}
	return built, c.Err()
}

func (a *API) newFunction(parent constructs.Construct, p *APIProps, f *FunctionProps, code awslambda.Code) *Function {
	scope := constructs.NewConstruct(parent, &f.Name)
	fn := &Function{props: f}
	fn.Logs = encrypted.NewLogGroup(scope, "Logs", "", a.Key, p.LogRetentionDays, p.RemovalPolicy)
	role := awsiam.NewRole(scope, jsii.String("Role"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
	})
	fn.Logs.GrantWrite(role)
	props := &awslambda.FunctionProps{
		Code:                         code,
		Handler:                      &f.Handler,
		Runtime:                      f.Runtime,
		Architecture:                 awslambda.Architecture_ARM_64(),
		Description:                  cdkval.Text(f.Description),
		MemorySize:                   jsii.Number(f.Memory),
		EphemeralStorageSize:         awscdk.Size_Mebibytes(jsii.Number(f.EphemeralStorage)),
		Timeout:                      cdkval.Duration(f.Timeout),
		Environment:                  cdkval.TextMap(f.variables()),
		EnvironmentEncryption:        a.Key,
		Layers:                       &f.Layers,
		LogGroup:                     fn.Logs,
		LoggingFormat:                awslambda.LoggingFormat_JSON,
		Role:                         role,
		Tracing:                      awslambda.Tracing_ACTIVE,
		ReservedConcurrentExecutions: cdkval.Number(f.ReservedConcurrency),
	}
	if f.Runtime == nil {
		props.Runtime = awslambda.Runtime_PROVIDED_AL2023()
	}
	if f.Architecture == "x86_64" {
		props.Architecture = awslambda.Architecture_X86_64()
	}
	if p.DisableTracing {
		props.Tracing = awslambda.Tracing_DISABLED
	}
	if f.VPC != nil {
		props.Vpc, props.VpcSubnets = f.VPC, f.Subnets
		if len(f.SecurityGroups) > 0 {
			props.SecurityGroups = &f.SecurityGroups
		}
		allowNetworkInterfaces(role)
	}
	if f.Async != nil {
		fn.DeadLetters = awssqs.NewQueue(scope, jsii.String("DeadLetters"), &awssqs.QueueProps{
			EncryptionMasterKey: a.Key,
			EnforceSSL:          jsii.Bool(true),
			RetentionPeriod:     cdkval.Duration(14 * 24 * time.Hour),
			RemovalPolicy:       p.RemovalPolicy,
		})
		nag.Suppress(fn.DeadLetters, "AwsSolutions-SQS3", "This queue is the dead-letter queue of the function.")
		props.DeadLetterQueue = fn.DeadLetters
		a.Key.Grant(role, jsii.String("kms:Decrypt"), jsii.String("kms:GenerateDataKey")) // to send to an encrypted queue
	}
	if f.ConfigureFunction != nil {
		f.ConfigureFunction(props)
	}
	fn.Function = awslambda.NewFunction(scope, jsii.String("Function"), props)
	for _, parameter := range sorted.All(f.Parameters) {
		parameter.GrantRead(fn.Function)
	}
	for _, secret := range sorted.All(f.Secrets) {
		secret.GrantRead(fn.Function, nil)
	}
	alias := &awslambda.AliasProps{AliasName: jsii.String("live"), Version: fn.Function.CurrentVersion()}
	if f.ProvisionedConcurrency > 0 {
		alias.ProvisionedConcurrentExecutions = jsii.Number(f.ProvisionedConcurrency)
	}
	if f.Async != nil {
		alias.MaxEventAge, alias.RetryAttempts = cdkval.Duration(f.Async.MaxAge), cdkval.Number(f.Async.Retries)
	}
	fn.Alias = awslambda.NewAlias(scope, jsii.String("Alias"), alias)
	if props.Tracing == awslambda.Tracing_ACTIVE || f.VPC != nil {
		nag.Suppress(role.Node().FindChild(jsii.String("DefaultPolicy")), "AwsSolutions-IAM5",
			"Traces (xray:Put*) and network interfaces (ec2:*NetworkInterface*) have no resource to name in a policy.", "Resource::*")
	}
	if !p.Alarms.Disable {
		a.addFunctionAlarms(scope, p, fn)
	}
	if f.Rollout.Strategy != AllAtOnce {
		fn.Deployments = newDeployments(scope, f.Rollout, fn)
	}
	return fn
}

func (f *FunctionProps) variables() map[string]string {
	env := maps.Clone(f.Environment)
	if env == nil {
		env = map[string]string{}
	}
	for name, parameter := range f.Parameters {
		env[name] = *parameter.ParameterName()
	}
	for name, secret := range f.Secrets {
		env[name] = *secret.SecretArn()
	}
	return env
}

// allowNetworkInterfaces gives a role what a function in a VPC needs, as the managed policy AWSLambdaENIManagementAccess
// does.
func allowNetworkInterfaces(role awsiam.Role) {
	role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets",
			"ec2:DeleteNetworkInterface", "ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"),
		Resources: jsii.Strings("*"),
	}))
}

func newDeployments(scope constructs.Construct, r Rollout, fn *Function) awscodedeploy.LambdaDeploymentGroup {
	routing := awscodedeploy.TrafficRouting(nil)
	if r.Strategy == Linear {
		routing = awscodedeploy.NewTimeBasedLinearTrafficRouting(&awscodedeploy.TimeBasedLinearTrafficRoutingProps{
			Interval: cdkval.Duration(r.Interval), Percentage: jsii.Number(r.Percent),
		})
	} else {
		routing = awscodedeploy.NewTimeBasedCanaryTrafficRouting(&awscodedeploy.TimeBasedCanaryTrafficRoutingProps{
			Interval: cdkval.Duration(r.Interval), Percentage: jsii.Number(r.Percent),
		})
	}
	var alarms []interfacesawscloudwatch.IAlarmRef
	for _, alarm := range fn.alarms[:min(1, len(fn.alarms))] { // the error alarm, the first one
		alarms = append(alarms, alarm)
	}
	group := awscodedeploy.NewLambdaDeploymentGroup(scope, jsii.String("Deployments"), &awscodedeploy.LambdaDeploymentGroupProps{
		Alias:  fn.Alias,
		Alarms: &alarms,
		AutoRollback: &awscodedeploy.AutoRollbackConfig{
			FailedDeployment: jsii.Bool(true), StoppedDeployment: jsii.Bool(true), DeploymentInAlarm: jsii.Bool(len(alarms) > 0),
		},
		DeploymentConfig: awscodedeploy.NewLambdaDeploymentConfig(scope, jsii.String("Rollout"), &awscodedeploy.LambdaDeploymentConfigProps{
			TrafficRouting: routing,
		}),
	})
	nag.Suppress(group.Role().(awsiam.Role), "AwsSolutions-IAM4",
		"CodeDeploy's own managed policy for Lambda, which is limited to what a rollout does.",
		"Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited")
	return group
}
