package constructs_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/constructs/apilambda"
	"github.com/strata-cdk/strata/constructs/network"
)

// script is a function that need not be built.
func script(name string) apilambda.FunctionProps {
	return apilambda.FunctionProps{
		Name: name, Directory: "testdata/script", Runtime: awslambda.Runtime_NODEJS_24_X(), Handler: "index.handler",
	}
}

// minimal is the least that an API needs.
func minimal(kind apilambda.Kind) *apilambda.APIProps {
	return &apilambda.APIProps{
		Kind:      kind,
		Functions: []apilambda.FunctionProps{script("Hello")},
		Routes:    []apilambda.Route{{Method: "GET", Path: "/hello"}},
	}
}

func synthAPI(t *testing.T, props *apilambda.APIProps) *cdktest.Template {
	t.Helper()
	stack := cdktest.Stack(t)
	apilambda.NewAPI(stack, "Api", props)
	return cdktest.Synth(t, stack)
}

// edited is minimal with an edit.
func edited(t *testing.T, kind apilambda.Kind, edit func(*apilambda.APIProps)) *cdktest.Template {
	t.Helper()
	props := minimal(kind)
	edit(props)
	return synthAPI(t, props)
}

func TestAPI_FunctionDefaults(t *testing.T) {
	for _, kind := range []apilambda.Kind{apilambda.REST, apilambda.HTTP} {
		t.Run(string(kind), func(t *testing.T) {
			tpl := synthAPI(t, minimal(kind))
			key := tpl.All("AWS::KMS::Key")[0].LogicalID
			encrypted := o{"Fn::GetAtt": a{key, "Arn"}}
			tpl.Has("AWS::Lambda::Function", o{
				"Architectures": a{"arm64"}, "MemorySize": 256, "Timeout": 10, "EphemeralStorage": o{"Size": 512},
				"TracingConfig": o{"Mode": "Active"}, "KmsKeyArn": encrypted, "LoggingConfig": o{"LogFormat": "JSON", "LogGroup": cdktest.Any},
				"ReservedConcurrentExecutions": cdktest.Absent, "DeadLetterConfig": cdktest.Absent, "VpcConfig": cdktest.Absent,
			})
			tpl.EachResource("AWS::Logs::LogGroup", o{
				"DeletionPolicy": cdktest.Text("^Retain"), "Properties": o{"RetentionInDays": 365, "KmsKeyId": encrypted},
			})
			tpl.HasResource("AWS::Lambda::Alias", o{
				"Properties":   o{"Name": "live"},
				"UpdatePolicy": o{"CodeDeployLambdaAliasUpdate": o{"ApplicationName": cdktest.Any}},
			})
			tpl.Has("AWS::CodeDeploy::DeploymentConfig", o{"TrafficRoutingConfig": o{
				"Type": "TimeBasedCanary", "TimeBasedCanary": o{"CanaryInterval": 5, "CanaryPercentage": 10},
			}})
			errors := tpl.Has("AWS::CloudWatch::Alarm", o{"MetricName": "Errors", "Threshold": 0, "DatapointsToAlarm": 2, "EvaluationPeriods": 3})
			tpl.Has("AWS::CodeDeploy::DeploymentGroup", o{
				"AlarmConfiguration":        o{"Enabled": true, "Alarms": a{o{"Name": o{"Ref": errors.LogicalID}}}},
				"AutoRollbackConfiguration": o{"Enabled": true, "Events": cdktest.ArrayWith("DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_FAILURE")},
			})
			tpl.Has("AWS::Lambda::Permission", o{"FunctionName": o{"Ref": tpl.All("AWS::Lambda::Alias")[0].LogicalID}})
		})
	}
}

// A function's policy is limited to 20 kB: a permission for each route would end the API at some fifty.
func TestAPI_OnePermissionForAllRoutes(t *testing.T) {
	for _, kind := range []apilambda.Kind{apilambda.REST, apilambda.HTTP} {
		tpl := edited(t, kind, func(p *apilambda.APIProps) {
			p.Routes = append(p.Routes, apilambda.Route{Method: "PUT", Path: "/hello"}, apilambda.Route{Method: "GET", Path: "/other/{id}"})
		})
		tpl.Count("AWS::Lambda::Permission", 1)
	}
}

func TestAPI_FunctionSettings(t *testing.T) {
	tpl := edited(t, apilambda.REST, func(p *apilambda.APIProps) {
		f := &p.Functions[0]
		f.Architecture, f.Memory, f.Timeout, f.EphemeralStorage = "x86_64", 1024, time.Minute, 2048
		f.Description, f.Environment = "Says hello", map[string]string{"GREETING": "hello"}
		f.ReservedConcurrency, f.ProvisionedConcurrency = new(20), 5
		p.DisableTracing, p.LogRetentionDays, p.RemovalPolicy = true, 30, awscdk.RemovalPolicy_DESTROY
	})
	tpl.Has("AWS::Lambda::Function", o{
		"Architectures": a{"x86_64"}, "MemorySize": 1024, "Timeout": 60, "EphemeralStorage": o{"Size": 2048}, "Description": "Says hello",
		"Environment": o{"Variables": o{"GREETING": "hello"}}, "ReservedConcurrentExecutions": 20, "TracingConfig": cdktest.Absent,
	})
	tpl.Has("AWS::Lambda::Alias", o{"ProvisionedConcurrencyConfig": o{"ProvisionedConcurrentExecutions": 5}})
	tpl.Has("AWS::CloudWatch::Alarm", o{"MetricName": "ConcurrentExecutions", "Threshold": 16})
	tpl.Has("AWS::CloudWatch::Alarm", o{"MetricName": "Duration", "Threshold": 48000})
	tpl.Has("AWS::ApiGateway::Stage", o{"TracingEnabled": false})
	tpl.EachResource("AWS::Logs::LogGroup", o{"DeletionPolicy": "Delete", "Properties": o{"RetentionInDays": 30}})
	tpl.EachResource("AWS::KMS::Key", o{"DeletionPolicy": "Delete"})
}

func TestAPI_ReservedConcurrencyOfZeroStopsTheFunction(t *testing.T) {
	tpl := edited(t, apilambda.HTTP, func(p *apilambda.APIProps) { p.Functions[0].ReservedConcurrency = new(0) })
	tpl.Has("AWS::Lambda::Function", o{"ReservedConcurrentExecutions": 0})
}

func TestAPI_EnvironmentFromParametersAndSecrets(t *testing.T) {
	stack := cdktest.Stack(t)
	secret := awssecretsmanager.NewSecret(stack, jsii.String("Token"), nil)
	limit := awsssm.StringParameter_FromStringParameterName(stack, jsii.String("Limit"), jsii.String("/notes/limit"))
	props := minimal(apilambda.HTTP)
	props.Functions[0].Parameters = map[string]awsssm.IParameter{"LIMIT_NAME": limit}
	props.Functions[0].Secrets = map[string]awssecretsmanager.ISecret{"TOKEN_ARN": secret}
	apilambda.NewAPI(stack, "Api", props)
	tpl := cdktest.Synth(t, stack)

	arn := o{"Ref": tpl.All("AWS::SecretsManager::Secret")[0].LogicalID}
	tpl.Has("AWS::Lambda::Function", o{"Environment": o{"Variables": cdktest.Exactly(o{"LIMIT_NAME": "/notes/limit", "TOKEN_ARN": arn})}})
	tpl.Has("AWS::IAM::Policy", o{"PolicyDocument": o{"Statement": cdktest.ArrayWith(
		o{"Action": a{"secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"}, "Resource": arn},
		o{"Action": cdktest.ArrayWith("ssm:GetParameter"), "Resource": cdktest.Text("parameter/notes/limit")},
	)}})
}

func TestAPI_InVPC(t *testing.T) {
	stack := cdktest.Stack(t)
	vpc := network.NewVPC(stack, "Network", nil)
	props := minimal(apilambda.REST)
	props.Functions[0].VPC = vpc.Vpc
	apilambda.NewAPI(stack, "Api", props)
	tpl := cdktest.Synth(t, stack)
	tpl.Has("AWS::Lambda::Function", o{"VpcConfig": o{
		"SubnetIds":        a{o{"Ref": "NetworkVpcPrivateSubnet1Subnet6DD86AE6"}, o{"Ref": "NetworkVpcPrivateSubnet2Subnet1BDBE877"}},
		"SecurityGroupIds": cdktest.Any,
	}})
	tpl.Has("AWS::IAM::Policy", o{"PolicyDocument": o{"Statement": cdktest.ArrayWith(o{"Action": cdktest.ArrayWith("ec2:CreateNetworkInterface")})}})
	for _, role := range tpl.All("AWS::IAM::Role") {
		if role.LogicalID == "ApiFunctionsHelloRole59CF1C1E" {
			assert.NotContains(t, role.Properties, "ManagedPolicyArns")
		}
	}
}

func TestAPI_AsyncFunctionHasDeadLetters(t *testing.T) {
	tpl := edited(t, apilambda.REST, func(p *apilambda.APIProps) {
		p.Functions[0].Async = &apilambda.Async{MaxAge: time.Hour, Retries: new(0)}
	})
	queue := tpl.Has("AWS::SQS::Queue", o{"KmsMasterKeyId": cdktest.Any, "MessageRetentionPeriod": 1209600})
	tpl.Has("AWS::SQS::QueuePolicy", o{"PolicyDocument": o{"Statement": cdktest.ArrayWith(o{
		"Effect": "Deny", "Condition": o{"Bool": o{"aws:SecureTransport": "false"}},
	})}})
	tpl.Has("AWS::Lambda::Function", o{"DeadLetterConfig": o{"TargetArn": o{"Fn::GetAtt": a{queue.LogicalID, "Arn"}}}})
	tpl.Has("AWS::IAM::Policy", o{"PolicyDocument": o{"Statement": cdktest.ArrayWith(
		o{"Action": "sqs:SendMessage", "Resource": o{"Fn::GetAtt": a{queue.LogicalID, "Arn"}}},
		o{"Action": a{"kms:Decrypt", "kms:GenerateDataKey"}},
	)}})
	// For the alias: settings of the function itself do not reach it.
	tpl.Has("AWS::Lambda::EventInvokeConfig", o{"Qualifier": cdktest.Text("Alias"), "MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 0})
	tpl.Has("AWS::CloudWatch::Alarm", o{"MetricName": "ApproximateNumberOfMessagesVisible", "Threshold": 0})
}

func TestAPI_Rollouts(t *testing.T) {
	tpl := edited(t, apilambda.HTTP, func(p *apilambda.APIProps) {
		p.Functions[0].Rollout = apilambda.Rollout{Strategy: apilambda.Linear, Percent: 20, Interval: 3 * time.Minute}
	})
	tpl.Has("AWS::CodeDeploy::DeploymentConfig", o{"ComputePlatform": "Lambda", "TrafficRoutingConfig": o{
		"Type": "TimeBasedLinear", "TimeBasedLinear": o{"LinearInterval": 3, "LinearPercentage": 20},
	}})

	tpl = edited(t, apilambda.HTTP, func(p *apilambda.APIProps) { p.Functions[0].Rollout.Strategy = apilambda.AllAtOnce })
	for _, typ := range []string{"AWS::CodeDeploy::Application", "AWS::CodeDeploy::DeploymentGroup", "AWS::CodeDeploy::DeploymentConfig"} {
		tpl.Count(typ, 0)
	}
	tpl.EachResource("AWS::Lambda::Alias", o{"UpdatePolicy": cdktest.Absent})
}

// A change makes a new version, which the alias moves to.
func TestAPI_NewCodeIsANewVersion(t *testing.T) {
	versions := func(environment string) *cdktest.Template {
		return edited(t, apilambda.HTTP, func(p *apilambda.APIProps) { p.Functions[0].Environment = map[string]string{"VERSION": environment} })
	}
	one, two := versions("1"), versions("2")
	assert.NotEqual(t, one.All("AWS::Lambda::Version")[0].LogicalID, two.All("AWS::Lambda::Version")[0].LogicalID)
	assert.Equal(t, one.All("AWS::Lambda::Alias")[0].LogicalID, two.All("AWS::Lambda::Alias")[0].LogicalID)
}

func TestAPI_GivenKeyAndTopic(t *testing.T) {
	stack := cdktest.Stack(t)
	key := awskms.Key_FromKeyArn(stack, jsii.String("K"), jsii.String("arn:aws:kms:us-east-1:111111111111:key/k"))
	topic := awssns.Topic_FromTopicArn(stack, jsii.String("T"), jsii.String("arn:aws:sns:us-east-1:111111111111:ops"))
	props := minimal(apilambda.REST)
	props.Key, props.Alarms.Topic = key, topic
	api := apilambda.NewAPI(stack, "Api", props)
	assert.Equal(t, *topic.TopicArn(), *api.AlarmTopic.TopicArn())
	tpl := cdktest.Synth(t, stack)
	tpl.Count("AWS::KMS::Key", 0)
	tpl.Count("AWS::SNS::Topic", 0)
	tpl.Each("AWS::Logs::LogGroup", o{"KmsKeyId": "arn:aws:kms:us-east-1:111111111111:key/k"})
	tpl.Each("AWS::CloudWatch::Alarm", o{"AlarmActions": a{"arn:aws:sns:us-east-1:111111111111:ops"}, "OKActions": a{"arn:aws:sns:us-east-1:111111111111:ops"}})
}

// A key of the same app is made to admit CloudWatch.
func TestAPI_KeyOfTheSameApp(t *testing.T) {
	stack := cdktest.Stack(t)
	props := minimal(apilambda.REST)
	props.Key = awskms.NewKey(stack, jsii.String("Own"), nil)
	apilambda.NewAPI(stack, "Api", props)
	apilambda.NewAPI(stack, "Other", props)
	tpl := cdktest.Synth(t, stack)
	tpl.Count("AWS::KMS::Key", 1)
	tpl.Has("AWS::KMS::Key", o{"KeyPolicy": o{"Statement": cdktest.ArrayWith(
		o{"Principal": o{"Service": "logs.us-east-1.amazonaws.com"}}, o{"Principal": o{"Service": "cloudwatch.amazonaws.com"}},
	)}})
}

func TestAPI_Alarms(t *testing.T) {
	for kind, names := range map[apilambda.Kind][2]string{apilambda.REST: {"5XXError", "ApiName"}, apilambda.HTTP: {"5xx", "ApiId"}} {
		t.Run(string(kind), func(t *testing.T) {
			tpl := synthAPI(t, minimal(kind))
			tpl.Count("AWS::CloudWatch::Alarm", 6)
			topic := o{"Ref": tpl.All("AWS::SNS::Topic")[0].LogicalID}
			tpl.Each("AWS::CloudWatch::Alarm", o{
				"AlarmActions": a{topic}, "OKActions": a{topic}, "TreatMissingData": "notBreaching", "Period": 60,
				"ComparisonOperator": "GreaterThanThreshold", "AlarmDescription": cdktest.Text("minutes"),
			})
			stage := o{"Name": "Stage", "Value": cdktest.Any}
			tpl.Has("AWS::CloudWatch::Alarm", o{
				"MetricName": names[0], "Statistic": "Average", "Threshold": 0.01, "Dimensions": cdktest.ArrayWith(stage, o{"Name": names[1], "Value": cdktest.Any}),
			})
			tpl.Has("AWS::CloudWatch::Alarm", o{"MetricName": "Latency", "ExtendedStatistic": "p99", "Threshold": 3000, "Dimensions": cdktest.ArrayWith(stage)})
			alias := o{"Name": "Resource", "Value": cdktest.Text("live")}
			tpl.Has("AWS::CloudWatch::Alarm", o{"MetricName": "Errors", "Dimensions": cdktest.ArrayWith(alias)})
			tpl.Has("AWS::CloudWatch::Alarm", o{"MetricName": "Duration", "Statistic": "Maximum", "Threshold": 8000, "Dimensions": cdktest.ArrayWith(alias)})
			tpl.Has("AWS::CloudWatch::Alarm", o{"MetricName": "Throttles", "Threshold": 0})
			tpl.Has("AWS::CloudWatch::Alarm", o{"MetricName": "ConcurrentExecutions", "Threshold": 800})
			tpl.Has("AWS::KMS::Key", o{"KeyPolicy": o{"Statement": cdktest.ArrayWith(o{"Principal": o{"Service": "cloudwatch.amazonaws.com"}})}})
			tpl.Has("AWS::SNS::TopicPolicy", o{"PolicyDocument": o{"Statement": cdktest.ArrayWith(
				o{"Effect": "Allow", "Action": "sns:Publish", "Principal": o{"Service": "cloudwatch.amazonaws.com"}},
				o{"Effect": "Deny", "Condition": o{"Bool": o{"aws:SecureTransport": "false"}}},
			)}})
		})
	}
}

// The metrics of a REST API go by its name: alarms of one must not look at another.
func TestAPI_AlarmsOfTwoAPIsLookAtDifferentMetrics(t *testing.T) {
	app := cdktest.App(t, nil)
	names := map[any]bool{}
	for _, name := range []string{"One", "Two"} {
		stack := cdktest.StackIn(app, name)
		apilambda.NewAPI(stack, "Api", minimal(apilambda.REST))
		apilambda.NewAPI(stack, "Other", minimal(apilambda.REST))
	}
	for _, tpl := range cdktest.SynthApp(t, app) {
		for _, alarm := range tpl.All("AWS::CloudWatch::Alarm") {
			if alarm.Properties["MetricName"] == "5XXError" {
				names[alarm.Properties["Dimensions"].(a)[0].(o)["Value"]] = true
			}
		}
	}
	assert.Len(t, names, 4)
}

func TestAPI_AlarmThresholds(t *testing.T) {
	tpl := edited(t, apilambda.REST, func(p *apilambda.APIProps) {
		p.Alarms = apilambda.Alarms{
			ServerErrorPercent: 5, Latency: 700 * time.Millisecond, FunctionErrors: 3, Throttles: 4, DurationPercent: 50,
			ConcurrencyPercent: 90, AccountConcurrency: 500,
		}
	})
	for metric, threshold := range map[string]float64{
		"5XXError": 0.05, "Latency": 700, "Errors": 3, "Throttles": 4, "Duration": 5000, "ConcurrentExecutions": 450,
	} {
		tpl.Has("AWS::CloudWatch::Alarm", o{"MetricName": metric, "Threshold": threshold})
	}
}

func TestAPI_WithoutAlarms(t *testing.T) {
	tpl := edited(t, apilambda.REST, func(p *apilambda.APIProps) { p.Alarms.Disable = true })
	tpl.Count("AWS::CloudWatch::Alarm", 0)
	tpl.Count("AWS::SNS::Topic", 0)
	tpl.Has("AWS::CodeDeploy::DeploymentGroup", o{"AutoRollbackConfiguration": o{"Events": a{"DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_REQUEST"}}})
}

func TestAPI_Dashboard(t *testing.T) {
	for kind, errors := range map[apilambda.Kind]string{apilambda.REST: "5XXError", apilambda.HTTP: "5xx"} {
		tpl := edited(t, kind, func(p *apilambda.APIProps) {
			p.Functions = append(p.Functions, script("Bye"))
			p.Routes[0].Function = "Bye"
		})
		board := tpl.All("AWS::CloudWatch::Dashboard")[0].Properties["DashboardBody"]
		text, err := json.Marshal(board)
		require.NoError(t, err)
		for _, want := range []string{"Alarms", errors, "Latency", "Requests a minute", "Hello: duration, ms", "Bye: invocations a minute"} {
			assert.Contains(t, string(text), want, kind)
		}
	}
	tpl := edited(t, apilambda.REST, func(p *apilambda.APIProps) { p.DisableDashboard = true })
	tpl.Count("AWS::CloudWatch::Dashboard", 0)
}

func TestAPI_ConfigureFunction(t *testing.T) {
	tpl := edited(t, apilambda.HTTP, func(p *apilambda.APIProps) {
		p.Functions[0].ConfigureFunction = func(f *awslambda.FunctionProps) { f.MemorySize = jsii.Number(3008) }
	})
	tpl.Has("AWS::Lambda::Function", o{"MemorySize": 3008})
}

func TestAPI_GivenCode(t *testing.T) {
	tpl := edited(t, apilambda.HTTP, func(p *apilambda.APIProps) {
		p.Functions[0].Directory, p.Functions[0].Code = "", awslambda.Code_FromInline(jsii.String("exports.handler = async () => 1"))
	})
	tpl.Has("AWS::Lambda::Function", o{"Code": o{"ZipFile": cdktest.Text("=> 1")}})
}

// A function in Go has the same asset wherever its source lies, and is built again for another architecture.
func TestAPI_GoPackage(t *testing.T) {
	hello := func(dir, architecture string) any {
		stack := cdktest.Stack(t)
		apilambda.NewAPI(stack, "Api", &apilambda.APIProps{
			Kind:      apilambda.HTTP,
			Functions: []apilambda.FunctionProps{{Name: "Hello", GoPackage: dir, Architecture: architecture}},
			Routes:    []apilambda.Route{{Method: "GET", Path: "/"}},
		})
		f := cdktest.Synth(t, stack).Has("AWS::Lambda::Function", o{"Runtime": "provided.al2023", "Handler": "bootstrap"})
		return f.Properties["Code"].(o)["S3Key"]
	}
	elsewhere := t.TempDir()
	require.NoError(t, os.CopyFS(elsewhere, os.DirFS("testdata/hello")))
	assert.Equal(t, hello("./testdata/hello", ""), hello(elsewhere, ""))
	assert.NotEqual(t, hello("./testdata/hello", ""), hello("./testdata/hello", "x86_64"))
}

func TestAPI_FunctionThatDoesNotBuild(t *testing.T) {
	broken := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(broken, "go.mod"), []byte("module example.com/broken\n\ngo 1.26\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(broken, "main.go"), []byte("package main\n\nfunc main() { nothing() }\n"), 0o600))
	stack := cdktest.Stack(t)
	err := cdktest.Panic(func() {
		apilambda.NewAPI(stack, "Api", &apilambda.APIProps{
			Functions: []apilambda.FunctionProps{{Name: "One", GoPackage: broken}, {Name: "Two", GoPackage: broken}},
			Routes:    []apilambda.Route{{Method: "GET", Path: "/", Function: "One"}},
		})
	})
	var invalid *check.Error
	require.True(t, errors.As(err, &invalid))
	require.Len(t, invalid.Problems, 2, "each function that does not build is reported")
	assert.Equal(t, "Functions[0].GoPackage", invalid.Problems[0].Field)
	assert.Contains(t, invalid.Problems[1].Message, "undefined: nothing")
	assert.Nil(t, stack.Node().TryFindChild(jsii.String("Api")), "nothing was defined")
}

// "cdk list" and "cdk destroy" ask for no bundling: they work with a function that does not build, and take no time for it.
func TestAPI_BuildsOnlyWhatIsAskedFor(t *testing.T) {
	app := cdktest.App(t, map[string]any{"aws:cdk:bundling-stacks": []any{}})
	broken := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(broken, "main.go"), []byte("no Go at all"), 0o600))
	assert.NotPanics(t, func() {
		apilambda.NewAPI(cdktest.StackIn(app, "Test"), "Api", &apilambda.APIProps{
			Functions: []apilambda.FunctionProps{{Name: "Hello", GoPackage: broken}},
			Routes:    []apilambda.Route{{Method: "GET", Path: "/"}},
		})
	})
}

func TestAPI_ReportsEveryProblem(t *testing.T) {
	stack := cdktest.Stack(t)
	err := cdktest.Panic(func() {
		apilambda.NewAPI(stack, "Api", &apilambda.APIProps{
			Kind:      "SOAP",
			Functions: []apilambda.FunctionProps{{Name: "Hello", GoPackage: "./testdata/hello", Memory: 64, Timeout: time.Hour}},
			Routes:    []apilambda.Route{{Method: "GRAB", Path: "hello"}},
		})
	})
	require.EqualError(t, err, `Test/Api: invalid apilambda.APIProps:
  - Kind: must be one of REST, HTTP, got SOAP
  - Functions[0].Memory: must be between 128 and 10240, got 64
  - Functions[0].Timeout: must be between 1s and 15m0s, got 1h0m0s
  - Routes[0].Method: must be one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, ANY, got GRAB
  - Routes[0].Path: must start with /, got "hello"`)
	assert.Nil(t, stack.Node().TryFindChild(jsii.String("Api")), "nothing was defined")
}

func TestAPI_PassesNag(t *testing.T) {
	for _, kind := range []apilambda.Kind{apilambda.REST, apilambda.HTTP} {
		stack := cdktest.Stack(t)
		vpc := network.NewVPC(stack, "Network", nil)
		props := minimal(kind)
		props.Functions[0].VPC, props.Functions[0].Async = vpc.Vpc, &apilambda.Async{}
		apilambda.NewAPI(stack, "Api", props)
		findings, suppressed := cdktest.Nag(t, stack)
		assert.Empty(t, findings, kind)
		for _, s := range suppressed {
			assert.Contains(t, []string{"AwsSolutions-COG4", "AwsSolutions-IAM4", "AwsSolutions-IAM5", "AwsSolutions-SQS3"}, s.Rule)
		}
	}
}

// What is opened by name stays a finding, for whoever opens it to explain.
func TestAPI_NagFindsAnOpenRoute(t *testing.T) {
	for _, kind := range []apilambda.Kind{apilambda.REST, apilambda.HTTP} {
		stack := cdktest.Stack(t)
		props := minimal(kind)
		props.Auth = apilambda.NoAuth{}
		apilambda.NewAPI(stack, "Api", props)
		findings, _ := cdktest.Nag(t, stack)
		require.Len(t, findings, 1, kind)
		assert.Equal(t, "AwsSolutions-APIG4", findings[0].Rule, kind)
	}
}

func ExampleNewAPI() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Greeter"), nil)
	api := apilambda.NewAPI(stack, "Api", &apilambda.APIProps{
		Functions: []apilambda.FunctionProps{{Name: "Hello", GoPackage: "./testdata/hello"}},
		Routes:    []apilambda.Route{{Method: "GET", Path: "/hello"}},
	})
	fmt.Println(*api.Functions["Hello"].Alias.AliasName(), len(api.Alarms), "alarms")
	// Output: live 6 alarms
}
