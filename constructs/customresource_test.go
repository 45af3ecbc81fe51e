package constructs_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/customresource"
)

// thing defines a provider with an edit, and a resource of it.
func thing(t *testing.T, edit func(*customresource.ProviderProps)) (awscdk.Stack, *customresource.Provider) {
	t.Helper()
	stack := cdktest.Stack(t)
	props := &customresource.ProviderProps{GoPackage: "testdata/hello"}
	props.GoPackage, _ = filepath.Abs(props.GoPackage)
	edit(props)
	provider := customresource.NewProvider(stack, "Things", props)
	customresource.NewResource(stack, "Thing", &customresource.ResourceProps{
		Provider: provider, Type: "Custom::Thing", Properties: map[string]any{"Name": "a", "Size": 7, "List": []string{"x"}},
	})
	return stack, provider
}

func synthThing(t *testing.T, edit func(*customresource.ProviderProps)) *cdktest.Template {
	t.Helper()
	stack, _ := thing(t, edit)
	return cdktest.Synth(t, stack)
}

func TestCustomResource_Defaults(t *testing.T) {
	tpl := synthThing(t, func(*customresource.ProviderProps) {})
	tpl.Snapshot("customresource/default")

	key := tpl.HasResource("AWS::KMS::Key", o{"DeletionPolicy": "Retain", "Properties": o{"EnableKeyRotation": true}})
	encrypted := o{"Fn::GetAtt": a{key.LogicalID, "Arn"}}
	logs := tpl.HasResource("AWS::Logs::LogGroup", o{"DeletionPolicy": "Retain", "Properties": o{"RetentionInDays": 365, "KmsKeyId": encrypted}})
	function := tpl.Has("AWS::Lambda::Function", o{
		"Architectures": a{"arm64"}, "Handler": "bootstrap", "Runtime": "provided.al2023", "MemorySize": 256, "Timeout": 300,
		"KmsKeyArn": encrypted, "TracingConfig": o{"Mode": "Active"}, "LoggingConfig": o{"LogFormat": "JSON", "LogGroup": o{"Ref": logs.LogicalID}},
		"Environment": o{"Variables": cdktest.Exactly(o{"STRATA_SERVICE_TIMEOUT": "360"})},
	})
	arn := o{"Fn::GetAtt": a{function.LogicalID, "Arn"}}
	tpl.Has("AWS::Lambda::EventInvokeConfig", o{
		"FunctionName": o{"Ref": function.LogicalID}, "MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 360,
	})
	resource := tpl.HasResource("Custom::Thing", o{
		"DeletionPolicy": "Delete", "UpdateReplacePolicy": "Delete",
		"Properties": cdktest.Exactly(o{"ServiceToken": arn, "ServiceTimeout": 360, "Name": "a", "Size": 7, "List": a{"x"}}),
	})
	policy := tpl.All("AWS::IAM::Policy")[0]
	for id, r := range tpl.Resources {
		if r.Type != "Custom::Thing" {
			assert.Contains(t, resource.Body["DependsOn"], id, "the resource goes before its provider")
		}
	}
	assert.Equal(t, a{
		o{"Effect": "Allow", "Action": a{"logs:CreateLogStream", "logs:PutLogEvents"}, "Resource": o{"Fn::GetAtt": a{logs.LogicalID, "Arn"}}},
		o{"Effect": "Allow", "Action": a{"xray:PutTraceSegments", "xray:PutTelemetryRecords"}, "Resource": "*"},
	}, policy.Properties["PolicyDocument"].(o)["Statement"], "nothing else is allowed")
	for _, typ := range []string{"AWS::StepFunctions::StateMachine", "AWS::SNS::Topic"} {
		tpl.Count(typ, 0)
	}
}

func TestCustomResource_Settings(t *testing.T) {
	tpl := synthThing(t, func(p *customresource.ProviderProps) {
		p.Architecture, p.Description, p.Memory, p.Timeout, p.ServiceTimeout = "x86_64", "Makes things", 512, 20*time.Second, 30*time.Second
		p.Environment = map[string]string{"TABLE": "things"}
		p.LogRetentionDays, p.RemovalPolicy = 7, awscdk.RemovalPolicy_DESTROY
		p.ConfigureFunction = func(f *awslambda.FunctionProps) {
			assert.Equal(t, "bootstrap", *f.Handler, "the defaults are there to be edited")
			f.FunctionName = jsii.String("things")
		}
	})
	tpl.Has("AWS::Lambda::Function", o{
		"Architectures": a{"x86_64"}, "Description": "Makes things", "MemorySize": 512, "Timeout": 20, "FunctionName": "things",
		"Environment": o{"Variables": o{"TABLE": "things", "STRATA_SERVICE_TIMEOUT": "30"}},
	})
	tpl.Has("AWS::Lambda::EventInvokeConfig", o{"MaximumEventAgeInSeconds": 60})
	tpl.Has("Custom::Thing", o{"ServiceTimeout": 30})
	tpl.EachResource("AWS::Logs::LogGroup", o{"DeletionPolicy": "Delete", "Properties": o{"RetentionInDays": 7}})
	tpl.EachResource("AWS::KMS::Key", o{"DeletionPolicy": "Delete"})
}

func TestCustomResource_Key(t *testing.T) {
	const arn = "arn:aws:kms:us-east-1:111111111111:key/k"
	stack := cdktest.Stack(t)
	key := awskms.Key_FromKeyArn(stack, jsii.String("Mine"), jsii.String(arn))
	hello, _ := filepath.Abs("testdata/hello")
	customresource.NewProvider(stack, "Things", &customresource.ProviderProps{GoPackage: hello, Key: key, Poll: true})
	tpl := cdktest.Synth(t, stack)
	tpl.Count("AWS::KMS::Key", 0)
	tpl.Each("AWS::Logs::LogGroup", o{"KmsKeyId": arn})
	tpl.Each("AWS::Lambda::Function", o{"KmsKeyArn": arn})
}

// states are those of the state machine's definition.
func states(t *testing.T, tpl *cdktest.Template) (definition struct {
	StartAt        string
	TimeoutSeconds int
	States         map[string]struct {
		Type, Resource, Next, Default, SecondsPath, OutputPath string
		Parameters                                             map[string]string
		Retry                                                  []struct{ ErrorEquals []string }
		Catch                                                  []struct {
			ErrorEquals      []string
			ResultPath, Next string
		}
		Choices []struct {
			Variable, Next string
			BooleanEquals  bool
		}
	}
}) {
	t.Helper()
	text := tpl.All("AWS::StepFunctions::StateMachine")[0].Properties["DefinitionString"].(o)["Fn::Sub"].(string)
	require.NoError(t, json.Unmarshal([]byte(text), &definition))
	return definition
}

func TestCustomResource_Poll(t *testing.T) {
	tpl := synthThing(t, func(p *customresource.ProviderProps) { p.Poll = true })
	tpl.Snapshot("customresource/poll")

	machine := tpl.HasResource("AWS::StepFunctions::StateMachine", o{
		"DependsOn": cdktest.ArrayWith(cdktest.Text("^ThingsWaiterRoleDefaultPolicy")),
		"Properties": o{
			"LoggingConfiguration": o{"Level": "ALL", "IncludeExecutionData": false}, "TracingConfiguration": o{"Enabled": true},
		},
	})
	function := tpl.Has("AWS::Lambda::Function", o{
		"Environment": o{"Variables": cdktest.Exactly(o{"STRATA_SERVICE_TIMEOUT": "3600", "STRATA_WAITER": o{"Ref": machine.LogicalID}})},
	})
	tpl.Has("Custom::Thing", o{"ServiceTimeout": 3600})
	tpl.Has("AWS::IAM::Policy", o{"PolicyDocument": o{"Statement": cdktest.ArrayWith(
		o{"Effect": "Allow", "Action": "states:StartExecution", "Resource": o{"Ref": machine.LogicalID}},
	)}})
	tpl.Has("AWS::IAM::Policy", o{
		"PolicyDocument": o{"Statement": a{o{"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": o{"Fn::GetAtt": a{function.LogicalID, "Arn"}}}}},
		"Roles":          a{o{"Ref": cdktest.Text("^ThingsWaiterRole")}},
	})
	tpl.Count("AWS::Logs::LogGroup", 2)
	tpl.EachResource("AWS::Logs::LogGroup", o{"DeletionPolicy": "Retain", "Properties": o{"RetentionInDays": 365, "KmsKeyId": cdktest.Any}})

	d := states(t, tpl)
	assert.Equal(t, "Wait", d.StartAt)
	assert.Equal(t, 3600, d.TimeoutSeconds)
	assert.Equal(t, "$.after", d.States["Wait"].SecondsPath)
	assert.Equal(t, "Handle", d.States["Wait"].Next)
	for _, call := range []string{"Handle", "Answer for it"} {
		assert.Equal(t, "arn:${AWS::Partition}:states:::lambda:invoke", d.States[call].Resource)
		assert.Equal(t, map[string]string{"FunctionName.$": "$.function", "Payload.$": "$"}, d.States[call].Parameters)
		assert.Equal(t, "$.Payload", d.States[call].OutputPath)
		assert.NotContains(t, d.States[call].Retry[0].ErrorEquals, "States.ALL")
	}
	handle := d.States["Handle"]
	assert.Equal(t, "$.error", handle.Catch[0].ResultPath)
	assert.Equal(t, []string{"States.ALL"}, handle.Catch[0].ErrorEquals)
	assert.Equal(t, "Answer for it", handle.Catch[0].Next)
	done := d.States[handle.Next]
	assert.Equal(t, "$.done", done.Choices[0].Variable)
	assert.True(t, done.Choices[0].BooleanEquals)
	assert.Equal(t, "Succeed", d.States[done.Choices[0].Next].Type)
	assert.Equal(t, "Wait", done.Default)
	assert.Equal(t, "Fail", d.States[d.States["Answer for it"].Next].Type)
}

func TestCustomResource_Topic(t *testing.T) {
	tpl := synthThing(t, func(p *customresource.ProviderProps) { p.Topic = true })
	key := tpl.Has("AWS::KMS::Key", o{"KeyPolicy": o{"Statement": cdktest.ArrayWith(o{
		"Effect": "Allow", "Principal": o{"AWS": "*"}, "Action": a{"kms:Decrypt", "kms:GenerateDataKey*"},
		"Condition": o{"StringEquals": cdktest.Exactly(o{"kms:CallerAccount": "111111111111", "kms:ViaService": "sns.us-east-1.amazonaws.com"})},
	})}})
	topic := tpl.Has("AWS::SNS::Topic", o{"KmsMasterKeyId": o{"Fn::GetAtt": a{key.LogicalID, "Arn"}}})
	ref := o{"Ref": topic.LogicalID}
	function := o{"Fn::GetAtt": a{tpl.All("AWS::Lambda::Function")[0].LogicalID, "Arn"}}
	subscription := tpl.Has("AWS::SNS::Subscription", o{"TopicArn": ref, "Protocol": "lambda", "Endpoint": function})
	permission := tpl.Has("AWS::Lambda::Permission", o{"Principal": "sns.amazonaws.com", "SourceArn": ref, "FunctionName": function})
	tpl.Has("AWS::SNS::TopicPolicy", o{"PolicyDocument": o{"Statement": a{o{"Effect": "Deny", "Condition": o{"Bool": o{"aws:SecureTransport": "false"}}}}}})
	tpl.HasResource("Custom::Thing", o{
		"Properties": o{"ServiceToken": ref}, "DependsOn": cdktest.ArrayWith(subscription.LogicalID, permission.LogicalID),
	})
}

func TestCustomResource_ResourceSettings(t *testing.T) {
	stack, provider := thing(t, func(*customresource.ProviderProps) {})
	kept := customresource.NewResource(stack, "Kept", &customresource.ResourceProps{Provider: provider, RemovalPolicy: awscdk.RemovalPolicy_RETAIN})
	awscdk.NewCfnOutput(stack, jsii.String("Id"), &awscdk.CfnOutputProps{Value: kept.PhysicalID()})
	awscdk.NewCfnOutput(stack, jsii.String("Colour"), &awscdk.CfnOutputProps{Value: kept.Attribute("Colour")})
	tpl := cdktest.Synth(t, stack)
	resource := tpl.HasResource("AWS::CloudFormation::CustomResource", o{"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"})
	assert.Equal(t, o{"Ref": resource.LogicalID}, tpl.Output("Id"))
	assert.Equal(t, o{"Fn::GetAtt": a{resource.LogicalID, "Colour"}}, tpl.Output("Colour"))
}

func TestCustomResource_Directory(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "bootstrap"), []byte("x"), 0o700))
	app := cdktest.App(t, nil)
	stack := cdktest.StackIn(app, "Test")
	customresource.NewProvider(stack, "Things", &customresource.ProviderProps{Directory: dir})
	tpl := cdktest.Synth(t, stack)
	tpl.Count("AWS::Lambda::Function", 1)
	assert.FileExists(t, filepath.Join(dir, "bootstrap"), "what is not ours stays")
	found, err := filepath.Glob(filepath.Join(*app.Outdir(), "asset.*", "bootstrap"))
	require.NoError(t, err)
	assert.Len(t, found, 1)
}

func TestCustomResource_LeavesNothingBehind(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	synthThing(t, func(*customresource.ProviderProps) {})
	left, err := filepath.Glob(filepath.Join(os.Getenv("TMPDIR"), "strata-*"))
	require.NoError(t, err)
	assert.Empty(t, left)
}

func TestCustomResource_ReportsProblems(t *testing.T) {
	stack := cdktest.Stack(t)
	err := cdktest.Panic(func() { customresource.NewProvider(stack, "Things", &customresource.ProviderProps{Memory: 1}) })
	require.EqualError(t, err, `Test/Things: invalid customresource.ProviderProps:
  - must have exactly one of GoPackage, LibraryPackage and Directory, got 0
  - Memory: must be between 128 and 10240, got 1`)
	err = cdktest.Panic(func() { customresource.NewResource(stack, "Thing", nil) })
	require.EqualError(t, err, "Test/Thing: invalid customresource.ResourceProps:\n  - Provider: must be given")

	broken := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(broken, "go.mod"), []byte("module example.com/f\n\ngo 1.26\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(broken, "main.go"), []byte("package main\n\nfunc main() { nothing() }\n"), 0o600))
	err = cdktest.Panic(func() { customresource.NewProvider(stack, "Things", &customresource.ProviderProps{GoPackage: broken}) })
	require.ErrorContains(t, err, "Test/Things: invalid customresource.ProviderProps:\n  - GoPackage: "+broken+": go build failed:")
	require.ErrorContains(t, err, "main.go:3:15: undefined: nothing")
	err = cdktest.Panic(func() {
		customresource.NewProvider(stack, "Things", &customresource.ProviderProps{LibraryPackage: "example.com/nowhere"})
	})
	require.ErrorContains(t, err, "  - LibraryPackage: example.com/nowhere: go list failed:")
	assert.Len(t, *stack.Node().Children(), 0, "nothing was defined")
}

func TestCustomResource_NoCodeWhereNoneIsNeeded(t *testing.T) {
	app := cdktest.App(t, map[string]any{"aws:cdk:bundling-stacks": []string{}})
	customresource.NewProvider(cdktest.StackIn(app, "Test"), "Things", &customresource.ProviderProps{LibraryPackage: "example.com/nowhere"})
	app.Synth(nil)
}

func TestCustomResource_PassesNag(t *testing.T) {
	stack, _ := thing(t, func(p *customresource.ProviderProps) { p.Poll, p.Topic = true, true })
	findings, suppressed := cdktest.Nag(t, stack)
	assert.Empty(t, findings)
	var got []string
	for _, f := range suppressed {
		got = append(got, f.Rule+" "+strings.TrimPrefix(f.Resource, "Test/Things/"))
	}
	assert.Equal(t, []string{
		"AwsSolutions-IAM5 Role/DefaultPolicy/Resource",
		"AwsSolutions-IAM5 Waiter/Role/DefaultPolicy/Resource",
	}, got)
}

func ExampleNewProvider() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Shop"), nil)
	provider := customresource.NewProvider(stack, "Things", &customresource.ProviderProps{GoPackage: "./testdata/hello", Poll: true})
	fmt.Println(*provider.Function.Node().Path())
	// Output: Shop/Things/Function
}

func ExampleNewResource() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Shop"), nil)
	provider := customresource.NewProvider(stack, "Things", &customresource.ProviderProps{GoPackage: "./testdata/hello"})
	thing := customresource.NewResource(stack, "Thing", &customresource.ResourceProps{
		Provider: provider, Type: "Custom::Thing", Properties: map[string]any{"Name": "a", "Size": 7},
	})
	fmt.Println(*thing.Resource.Node().Path())
	// Output: Shop/Thing/Resource
}
