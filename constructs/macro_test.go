package constructs_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/macro"
)

func newMacro(stack awscdk.Stack, edit func(*macro.Props)) *macro.Macro {
	hello, _ := filepath.Abs("testdata/hello")
	props := &macro.Props{Name: "Suffix", GoPackage: hello}
	edit(props)
	return macro.NewMacro(stack, "Suffix", props)
}

func TestMacro_Defaults(t *testing.T) {
	stack := cdktest.Stack(t)
	m := newMacro(stack, func(*macro.Props) {})
	m.GrantInvoke(awsiam.Role_FromRoleArn(stack, jsii.String("Deployer"), jsii.String("arn:aws:iam::111111111111:role/deployer"), nil))
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("macro/default")
	logs := tpl.HasResource("AWS::Logs::LogGroup", o{"DeletionPolicy": "Retain", "Properties": o{
		"RetentionInDays": 365, "KmsKeyId": o{"Fn::GetAtt": a{cdktest.Text("^SuffixKey"), "Arn"}},
	}})
	function := tpl.Has("AWS::Lambda::Function", o{
		"Architectures": a{"arm64"}, "Handler": "bootstrap", "Runtime": "provided.al2023", "MemorySize": 256, "Timeout": 30,
		"Environment": cdktest.Absent, "TracingConfig": o{"Mode": "Active"}, "LoggingConfig": o{"LogFormat": "JSON", "LogGroup": o{"Ref": logs.LogicalID}},
	})
	role := tpl.Has("AWS::IAM::Role", o{"AssumeRolePolicyDocument": o{"Statement": a{o{"Principal": o{"Service": "cloudformation.amazonaws.com"}}}}})
	arn := o{"Fn::GetAtt": a{function.LogicalID, "Arn"}}
	set := tpl.HasResource("AWS::CloudFormation::Macro", o{"Properties": cdktest.Exactly(o{
		"Name": "Suffix", "FunctionName": arn, "LogGroupName": o{"Ref": logs.LogicalID}, "LogRoleARN": o{"Fn::GetAtt": a{role.LogicalID, "Arn"}},
	})})
	policies := tpl.All("AWS::IAM::Policy")
	write := o{"Effect": "Allow", "Action": a{"logs:CreateLogStream", "logs:PutLogEvents"}, "Resource": o{"Fn::GetAtt": a{logs.LogicalID, "Arn"}}}
	tpl.Has("AWS::IAM::Policy", o{"Roles": a{o{"Ref": role.LogicalID}}, "PolicyDocument": o{"Statement": cdktest.Exactly(a{write})}})
	tpl.Has("AWS::IAM::Policy", o{"Roles": a{o{"Ref": cdktest.Text("^SuffixRole")}}, "PolicyDocument": o{"Statement": cdktest.Exactly(a{
		write, o{"Effect": "Allow", "Action": a{"xray:PutTraceSegments", "xray:PutTelemetryRecords"}, "Resource": "*"},
	})}})
	tpl.Has("AWS::IAM::Policy", o{"Roles": a{"deployer"}, "PolicyDocument": o{"Statement": a{o{"Action": "lambda:InvokeFunction", "Resource": a{arn, cdktest.Any}}}}})
	assert.Len(t, policies, 3, "nothing else is allowed")
	assert.Contains(t, set.Body["DependsOn"], role.LogicalID)
	tpl.Count("AWS::Lambda::Permission", 0)
}

func TestMacro_Settings(t *testing.T) {
	const arn = "arn:aws:kms:us-east-1:111111111111:key/k"
	stack := cdktest.Stack(t)
	newMacro(stack, func(p *macro.Props) {
		p.Architecture, p.Description, p.Memory, p.Timeout = "x86_64", "Adds a suffix", 512, time.Minute
		p.Environment = map[string]string{"SUFFIX": "x"}
		p.Key = awskms.Key_FromKeyArn(stack, jsii.String("Mine"), jsii.String(arn))
		p.LogRetentionDays, p.RemovalPolicy = 7, awscdk.RemovalPolicy_DESTROY
		p.ConfigureFunction = func(f *awslambda.FunctionProps) { f.FunctionName = jsii.String(*f.Handler + "-edited") }
	})
	tpl := cdktest.Synth(t, stack)
	tpl.Count("AWS::KMS::Key", 0)
	tpl.Has("AWS::Lambda::Function", o{
		"Architectures": a{"x86_64"}, "MemorySize": 512, "Timeout": 60, "KmsKeyArn": arn, "FunctionName": "bootstrap-edited",
		"Environment": o{"Variables": o{"SUFFIX": "x"}}, "Description": "Adds a suffix",
	})
	tpl.HasResource("AWS::Logs::LogGroup", o{"DeletionPolicy": "Delete", "Properties": o{"RetentionInDays": 7, "KmsKeyId": arn}})
	tpl.Has("AWS::CloudFormation::Macro", o{"Description": "Adds a suffix"})
}

func TestMacro_Use(t *testing.T) {
	app := cdktest.App(t, map[string]any{"aws:cdk:bundling-stacks": []string{}})
	m := newMacro(cdktest.StackIn(app, "Macros"), func(*macro.Props) {})
	user := cdktest.StackIn(app, "User")
	topic := awssns.NewTopic(user, jsii.String("Topic"), &awssns.TopicProps{DisplayName: jsii.String("alarms")})
	user.AddTransform(jsii.String("AWS::LanguageExtensions"))
	m.TransformStack(user)
	m.TransformProperties(topic.Node().DefaultChild().(awscdk.CfnResource), map[string]any{"Suffix": "-a", "Stage": user.StackName()})
	awscdk.NewCfnOutput(user, jsii.String("Name"), &awscdk.CfnOutputProps{Value: awscdk.Token_AsString(m.Value(user, nil), nil)})
	templates := cdktest.SynthApp(t, app)

	tpl := templates["User"]
	assert.Equal(t, a{"AWS::LanguageExtensions", "Suffix"}, tpl.Body["Transform"], "in the order of the calls")
	tpl.Has("AWS::SNS::Topic", o{"DisplayName": "alarms", "Fn::Transform": o{"Name": "Suffix", "Parameters": o{"Suffix": "-a", "Stage": "User"}}})
	assert.Equal(t, o{"Fn::Transform": o{"Name": "Suffix"}}, tpl.Output("Name"))
	assert.Contains(t, *user.Dependencies(), awscdk.Stack_Of(m), "the macro is deployed first")
	assert.NotContains(t, templates["Macros"].Body, "Transform")
}

func TestMacro_StacksThatItCannotServe(t *testing.T) {
	app := cdktest.App(t, map[string]any{"aws:cdk:bundling-stacks": []string{}})
	own := cdktest.StackIn(app, "Macros")
	m := newMacro(own, func(*macro.Props) {})
	other := awscdk.NewStack(app, jsii.String("Other"), &awscdk.StackProps{Env: &awscdk.Environment{Account: jsii.String(cdktest.Account), Region: jsii.String("eu-west-1")}})
	topic := awssns.NewTopic(other, jsii.String("Topic"), nil).Node().DefaultChild().(awscdk.CfnResource)

	err := cdktest.Panic(func() { m.TransformStack(own) })
	require.EqualError(t, err, "Macros: invalid stack for the macro Suffix:\n  - must be another stack than the macro's: a macro must be there before a template is processed")
	const region = "Other: invalid stack for the macro Suffix:\n  - must be in the account and region of the macro, 111111111111 in us-east-1"
	for _, use := range []func(){
		func() { m.TransformStack(other) }, func() { m.TransformProperties(topic, nil) }, func() { m.Value(topic, nil) },
	} {
		require.EqualError(t, cdktest.Panic(use), region)
	}
	assert.NotContains(t, cdktest.SynthApp(t, app)["Other"].Body, "Transform")
}

func TestMacro_ReportsProblems(t *testing.T) {
	stack := cdktest.Stack(t)
	err := cdktest.Panic(func() { macro.NewMacro(stack, "Suffix", nil) })
	require.EqualError(t, err, `Test/Suffix: invalid macro.Props:
  - Name: must be a letter, then letters, digits, _ and -, 128 at most, got ""
  - must have exactly one of GoPackage, LibraryPackage and Directory, got 0`)
	broken := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(broken, "main.go"), []byte("package main\n\nfunc main() { nothing() }\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(broken, "go.mod"), []byte("module example.com/f\n\ngo 1.26\n"), 0o600))
	err = cdktest.Panic(func() { newMacro(stack, func(p *macro.Props) { p.GoPackage = broken }) })
	require.ErrorContains(t, err, "Test/Suffix: invalid macro.Props:\n  - GoPackage: "+broken+": go build failed:")
	assert.Empty(t, *stack.Node().Children(), "nothing was defined")
}

func TestMacro_PassesNag(t *testing.T) {
	stack := unbuilt(t)
	newMacro(stack, func(*macro.Props) {})
	findings, suppressed := cdktest.Nag(t, stack)
	assert.Empty(t, findings)
	assert.Len(t, suppressed, 1, "traces")
}

func ExampleNewMacro() {
	app := awscdk.NewApp(nil)
	macros := awscdk.NewStack(app, jsii.String("Macros"), nil)
	suffix := macro.NewMacro(macros, "Suffix", &macro.Props{Name: "Suffix", GoPackage: "./testdata/hello"})

	shop := awscdk.NewStack(app, jsii.String("Shop"), nil)
	suffix.TransformStack(shop)
	fmt.Println(*(*shop.TemplateOptions().Transforms())[0], len(*shop.Dependencies()))
	// Output: Suffix 1
}
