package constructs_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscodepipeline"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3assets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/aws-cdk-go/awscdk/v2/pipelines"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/delivery"
)

const shopConnection = "arn:aws:codeconnections:us-east-1:111111111111:connection/11111111-2222-3333-4444-555555555555"

// defineShop defines a stack with an output.
func defineShop(stage awscdk.Stage) {
	stack := awscdk.NewStack(stage, jsii.String("App"), nil)
	queue := awssqs.NewQueue(stack, jsii.String("Queue"), &awssqs.QueueProps{EnforceSSL: jsii.Bool(true)})
	awscdk.NewCfnOutput(stack, jsii.String("Url"), &awscdk.CfnOutputProps{Value: queue.QueueUrl()})
}

// shopPipeline deliver it to Dev.
func shopPipeline() *delivery.PipelineProps {
	return &delivery.PipelineProps{
		Source: delivery.Source{Connection: &delivery.Connection{ARN: shopConnection, Repository: "acme/shop", Branch: "main"}},
		Synth:  delivery.Synth{Commands: []string{"npx cdk synth"}},
		Stages: []delivery.Stage{{Name: "Dev", Define: defineShop}},
	}
}

// wholePipeline uses each feature of a pipeline that delivers: two accounts and regions, waves, steps, images, filters.
func wholePipeline(stack awscdk.Stack) *delivery.PipelineProps {
	repository := awsecr.Repository_FromRepositoryName(stack, jsii.String("Web"), jsii.String("shop/web"))
	withAsset := func(stage awscdk.Stage) {
		defineShop(stage)
		awss3assets.NewAsset(stage.Node().FindChild(jsii.String("App")).(awscdk.Stack), jsii.String("Asset"), &awss3assets.AssetProps{Path: jsii.String("main_test.go")})
	}
	return &delivery.PipelineProps{
		Name: "shop",
		Source: delivery.Source{Connection: &delivery.Connection{
			ARN: shopConnection, Repository: "acme/shop", Branch: "main",
			Push: []delivery.PushFilter{
				{Branches: delivery.Patterns{Include: []string{"main", "release/*"}, Exclude: []string{"release/old"}}, Files: delivery.Patterns{Exclude: []string{"docs/**"}}},
				{Tags: delivery.Patterns{Include: []string{"v*"}}},
			},
		}},
		ImageSources: []delivery.ImageSource{{Name: "Base", Repository: repository, Tag: "stable"}},
		Synth: delivery.Synth{
			Install: []string{"npm ci"}, Commands: []string{"npx cdk synth"}, Output: "out", Env: map[string]string{"CI": "true"},
			Runtimes: map[string]string{"golang": "1.24"}, Docker: true, Timeout: 20 * time.Minute,
		},
		Images: []delivery.Image{{Name: "Web", Repository: repository, Directory: "web", MaxHigh: 2}, {Name: "Job", Repository: repository, Tags: []string{"job"}, DisableScan: true}},
		Stages: []delivery.Stage{
			{
				Name: "Dev", Define: withAsset, OnFailure: delivery.Retry,
				Pre: []delivery.Step{{Name: "Lint", Commands: []string{"make lint"}}},
				Post: []delivery.Step{{
					Name: "Load", Commands: []string{"load $URL"}, Env: map[string]string{"USERS": "10"}, Outputs: map[string]string{"URL": "App/Url"},
					Permissions: []awsiam.PolicyStatement{awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
						Actions: jsii.Strings("sqs:GetQueueAttributes"), Resources: jsii.Strings("arn:aws:sqs:us-east-1:111111111111:orders"),
					})},
				}},
				SmokeTests: []delivery.SmokeTest{{Name: "Smoke", Output: "App/Url", Path: "/health", Status: 204, Attempts: 3}},
			},
			{Name: "Europe", Account: "222222222222", Region: "eu-west-1", Define: withAsset, Approval: &delivery.Approval{ReviewURL: "https://example.com/"}},
			{Name: "America", Account: "333333333333", Define: defineShop, After: []string{"Dev"}},
			{Name: "Report", Define: defineShop, After: []string{"Europe", "America"}, OnFailure: delivery.Stop},
		},
	}
}

// deliveryActions gives the actions of the pipeline in tpl, those of a stage in their order, and the stages themselves.
func deliveryActions(tpl *cdktest.Template) (stages []o, byStage map[string][]o) {
	byStage = map[string][]o{}
	for _, s := range tpl.All("AWS::CodePipeline::Pipeline")[0].Properties["Stages"].(a) {
		stage := s.(o)
		stages = append(stages, stage)
		for _, action := range stage["Actions"].(a) {
			byStage[stage["Name"].(string)] = append(byStage[stage["Name"].(string)], action.(o))
		}
	}
	return stages, byStage
}

// namesOf gives the Name of each.
func namesOf(of []o) []string {
	var n []string
	for _, x := range of {
		n = append(n, x["Name"].(string))
	}
	return n
}

// buildSpec gives the build specification of the project whose logical id has a text.
func buildSpec(t *testing.T, tpl *cdktest.Template, id string) o {
	t.Helper()
	for _, p := range tpl.All("AWS::CodeBuild::Project") {
		if strings.Contains(p.LogicalID, id) {
			var spec o
			require.NoError(t, json.Unmarshal([]byte(p.Properties["Source"].(o)["BuildSpec"].(string)), &spec))
			return spec
		}
	}
	t.Fatalf("no project %s", id)
	return nil
}

func TestNewPipeline_Defaults(t *testing.T) {
	stack := cdktest.Stack(t)
	p := delivery.NewPipeline(stack, "Delivery", shopPipeline())
	assert.Equal(t, "Test/Delivery/Stages/Dev", *p.Stages["Dev"].Node().Path())
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("delivery/defaults")

	key := tpl.HasResource("AWS::KMS::Key", o{"DeletionPolicy": "Retain", "Properties": o{"EnableKeyRotation": true}})
	keyARN := o{"Fn::GetAtt": a{key.LogicalID, "Arn"}}
	bucket := tpl.HasResource("AWS::S3::Bucket", o{"DeletionPolicy": "Retain", "Properties": o{
		"BucketEncryption":     o{"ServerSideEncryptionConfiguration": a{o{"ServerSideEncryptionByDefault": o{"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": keyARN}}}},
		"LoggingConfiguration": cdktest.Any, "VersioningConfiguration": o{"Status": "Enabled"},
		"LifecycleConfiguration":         o{"Rules": a{o{"ExpirationInDays": 90, "NoncurrentVersionExpiration": o{"NoncurrentDays": 1}, "Status": "Enabled"}}},
		"PublicAccessBlockConfiguration": o{"BlockPublicAcls": true, "RestrictPublicBuckets": true},
	}})
	tpl.Has("AWS::CodePipeline::Pipeline", o{
		"PipelineType": "V2", "RestartExecutionOnUpdate": true, "Triggers": cdktest.Absent, "Name": cdktest.Absent,
		"ArtifactStore": o{"Location": o{"Ref": bucket.LogicalID}, "EncryptionKey": o{"Id": keyARN, "Type": "KMS"}},
	})
	stages, in := deliveryActions(tpl)
	assert.Equal(t, []string{"Source", "Build", "UpdatePipeline", "Dev"}, namesOf(stages))
	assert.Equal(t, true, in["Source"][0]["Configuration"].(o)["DetectChanges"])
	assert.Equal(t, map[string]any{"Result": "ROLLBACK"}, stages[3]["OnFailure"])
	assert.Equal(t, a{"cdk -a . deploy Test --require-approval=never --verbose"}, buildSpec(t, tpl, "SelfMutation")["phases"].(o)["build"].(o)["commands"])
	assert.Equal(t, a{"npm install -g aws-cdk@2.1148.1"}, buildSpec(t, tpl, "SelfMutation")["phases"].(o)["install"].(o)["commands"])

	logs := tpl.Has("AWS::Logs::LogGroup", o{"RetentionInDays": 365, "KmsKeyId": keyARN})
	tpl.Each("AWS::CodeBuild::Project", o{
		"EncryptionKey": keyARN, "Environment": o{"PrivilegedMode": false}, "LogsConfig": o{"CloudWatchLogs": o{"GroupName": o{"Ref": logs.LogicalID}, "Status": "ENABLED"}},
	})
	tpl.Has("AWS::CodeBuild::Project", o{"TimeoutInMinutes": 60, "Environment": o{"ComputeType": "BUILD_GENERAL1_MEDIUM"}})
	tpl.Has("AWS::IAM::Policy", o{"PolicyDocument": o{"Statement": cdktest.ArrayWith(
		o{"Action": "codestar-connections:UseConnection", "Effect": "Allow", "Resource": shopConnection},
		o{"Action": "codeconnections:UseConnection", "Effect": "Allow", "Resource": shopConnection},
	)}})

	topic := o{"Ref": tpl.Has("AWS::SNS::Topic", o{"KmsMasterKeyId": keyARN}).LogicalID}
	tpl.Has("AWS::CodeStarNotifications::NotificationRule", o{"Targets": a{o{"TargetAddress": topic, "TargetType": "SNS"}}, "EventTypeIds": a{
		"codepipeline-pipeline-pipeline-execution-failed", "codepipeline-pipeline-pipeline-execution-superseded", "codepipeline-pipeline-manual-approval-needed",
	}})
	tpl.Has("AWS::KMS::Key", o{"KeyPolicy": o{"Statement": cdktest.ArrayWith(
		o{"Action": a{"kms:Decrypt", "kms:GenerateDataKey*"}, "Principal": o{"Service": "codestar-notifications.amazonaws.com"}},
	)}})
	dimensions := a{o{"Name": "PipelineName", "Value": o{"Ref": tpl.All("AWS::CodePipeline::Pipeline")[0].LogicalID}}}
	tpl.Has("AWS::CloudWatch::Alarm", o{
		"Namespace": "AWS/CodePipeline", "MetricName": "FailedPipelineExecutions", "Statistic": "Sum", "Period": 300, "Threshold": 0,
		"ComparisonOperator": "GreaterThanThreshold", "Dimensions": dimensions, "AlarmActions": a{topic},
	})
	tpl.Has("AWS::CloudWatch::Alarm", o{
		"MetricName": "PipelineDuration", "Statistic": "Maximum", "Threshold": 14400, "Dimensions": dimensions, "AlarmActions": a{topic},
		"AlarmDescription": cdktest.Text("took longer than 4h0m0s"),
	})
}

func TestNewPipeline_Everything(t *testing.T) {
	stack := cdktest.Stack(t)
	delivery.NewPipeline(stack, "Delivery", wholePipeline(stack))
	templates := cdktest.SynthApp(t, awscdk.Stage_Of(stack))
	tpl := templates["Test"]
	tpl.Snapshot("delivery/everything")

	stages, in := deliveryActions(tpl)
	assert.Equal(t, []string{"Source", "Build", "UpdatePipeline", "Images", "Assets", "Dev", "ApproveWave2", "Wave2", "Report"}, namesOf(stages))
	assert.Equal(t, map[string]any{"Result": "RETRY", "RetryConfiguration": map[string]any{"RetryMode": "FAILED_ACTIONS"}}, stages[5]["OnFailure"])
	assert.Nil(t, stages[6]["OnFailure"], "an approval that is rejected rolls nothing back")
	assert.Equal(t, map[string]any{"Result": "ROLLBACK"}, stages[7]["OnFailure"])
	assert.Nil(t, stages[8]["OnFailure"])
	tpl.Has("AWS::CodePipeline::Pipeline", o{"Name": "shop", "Triggers": a{o{"ProviderType": "CodeStarSourceConnection", "GitConfiguration": cdktest.Exactly(o{
		"SourceActionName": "Source", "Push": a{
			o{"Branches": o{"Includes": a{"main", "release/*"}, "Excludes": a{"release/old"}}, "FilePaths": o{"Excludes": a{"docs/**"}}},
			o{"Tags": o{"Includes": a{"v*"}}},
		},
	})}}})
	assert.Equal(t, []string{"Source", "Base"}, namesOf(in["Source"]))
	assert.Equal(t, false, in["Source"][0]["Configuration"].(o)["DetectChanges"], "filters say what starts the pipeline")
	assert.Equal(t, o{"RepositoryName": "shop/web", "ImageTag": "stable"}, in["Source"][1]["Configuration"])

	assert.Equal(t, []string{"BuildWeb", "ScanWeb", "BuildJob"}, namesOf(in["Images"]))
	assert.Equal(t, o{"ECRRepositoryName": "shop/web", "DockerFilePath": "web", "ImageTags": "#{codepipeline.PipelineExecutionId}"}, in["Images"][0]["Configuration"])
	assert.Equal(t, a{o{"Name": "acme_shop_Source"}}, in["Images"][0]["InputArtifacts"])
	assert.Equal(t, o{
		"InspectorRunMode": "ECRImageScan", "ECRRepositoryName": "shop/web", "ImageTag": "#{codepipeline.PipelineExecutionId}", "CriticalThreshold": 0., "HighThreshold": 2.,
	}, in["Images"][1]["Configuration"])
	assert.Equal(t, []any{1., 2., 1.}, []any{in["Images"][0]["RunOrder"], in["Images"][1]["RunOrder"], in["Images"][2]["RunOrder"]})

	assert.Equal(t, []string{"Lint", "App.Prepare", "App.Deploy", "Load", "Smoke"}, namesOf(in["Dev"]))
	for _, step := range []int{0, 3, 4} {
		assert.Equal(t, a{o{"Name": "acme_shop_Source"}}, in["Dev"][step]["InputArtifacts"], "steps have the code")
	}
	assert.Contains(t, in["Dev"][3]["Configuration"].(o)["EnvironmentVariables"], `"name":"URL"`)
	assert.Equal(t, a{"load $URL"}, buildSpec(t, tpl, "DevLoad")["phases"].(o)["build"].(o)["commands"])
	tpl.Has("AWS::IAM::Policy", o{"PolicyDocument": o{"Statement": cdktest.ArrayWith(
		o{"Action": "sqs:GetQueueAttributes", "Effect": "Allow", "Resource": "arn:aws:sqs:us-east-1:111111111111:orders"},
	)}})
	assert.Equal(t, []string{"Europe"}, namesOf(in["ApproveWave2"]))
	assert.Equal(t, o{"CustomData": "Deploy to Europe", "ExternalEntityLink": "https://example.com/"}, in["ApproveWave2"][0]["Configuration"])
	assert.Equal(t, []string{"Europe.App.Prepare", "America.App.Prepare", "Europe.App.Deploy", "America.App.Deploy"}, namesOf(in["Wave2"]))
	assert.Equal(t, []any{"eu-west-1", nil}, []any{in["Wave2"][0]["Region"], in["Wave2"][1]["Region"]})
	assert.Contains(t, fmt.Sprint(in["Wave2"][0]["RoleArn"]), "222222222222:role/cdk-hnb659fds-deploy-role-222222222222-eu-west-1")

	spec := buildSpec(t, tpl, "CdkBuildProject")
	install := spec["phases"].(o)["install"].(o)
	assert.Equal(t, o{"golang": "1.24"}, install["runtime-versions"])
	assert.Contains(t, install["commands"].(a)[0], "images/Base")
	assert.Equal(t, "npm ci", install["commands"].(a)[1])
	assert.Equal(t, "out", spec["artifacts"].(o)["base-directory"])
	tpl.Has("AWS::CodeBuild::Project", o{"TimeoutInMinutes": 20, "Environment": o{"PrivilegedMode": true, "EnvironmentVariables": a{o{"Name": "CI", "Value": "true"}}}})
	assert.Equal(t, a{"npm install -g cdk-assets@4.7.3"}, buildSpec(t, tpl, "AssetsFileAsset1")["phases"].(o)["install"].(o)["commands"])

	// Another account reads the artifacts with the key, and another region has its own.
	for _, account := range []string{"222222222222", "333333333333"} {
		for _, typ := range []string{"AWS::KMS::Key", "AWS::S3::BucketPolicy"} {
			found := false
			for _, r := range tpl.All(typ) {
				found = found || strings.Contains(fmt.Sprint(r.Properties), account+":role/cdk-hnb659fds-deploy-role")
			}
			// The artifacts of eu-west-1 are in another stack.
			assert.Equal(t, account == "333333333333" || typ == "AWS::KMS::Key" && found, found, "%s %s", account, typ)
		}
	}
	support := templates["Test-support-eu-west-1"]
	require.NotNil(t, support)
	support.Has("AWS::KMS::Key", o{"EnableKeyRotation": true})
	support.Has("AWS::S3::Bucket", o{"LoggingConfiguration": cdktest.Any, "BucketEncryption": o{"ServerSideEncryptionConfiguration": a{
		o{"ServerSideEncryptionByDefault": o{"SSEAlgorithm": "aws:kms"}},
	}}})
}

// The roles of a pipeline trust services and each other, not the account.
func TestNewPipeline_NarrowRoles(t *testing.T) {
	stack := cdktest.Stack(t)
	delivery.NewPipeline(stack, "Delivery", wholePipeline(stack))
	for _, role := range cdktest.Synth(t, stack).All("AWS::IAM::Role") {
		assert.NotContains(t, fmt.Sprint(role.Properties["AssumeRolePolicyDocument"]), ":root", role.LogicalID)
	}
}

// A pipeline of pull requests synthesises them, and neither deploys them nor lets them change it.
func TestNewPipeline_PullRequests(t *testing.T) {
	stack := cdktest.Stack(t)
	props := shopPipeline()
	props.Stages = nil
	props.Source.Connection.PullRequests = []delivery.PullRequestFilter{{Branches: delivery.Patterns{Include: []string{"main"}}, Files: delivery.Patterns{Include: []string{"src/**"}}}}
	delivery.NewPipeline(stack, "Delivery", props)
	tpl := cdktest.Synth(t, stack)
	stages, _ := deliveryActions(tpl)
	assert.Equal(t, []string{"Source", "Build"}, namesOf(stages))
	tpl.Has("AWS::CodePipeline::Pipeline", o{"Triggers": a{o{"GitConfiguration": cdktest.Exactly(o{
		"SourceActionName": "Source", "PullRequest": a{o{"Branches": o{"Includes": a{"main"}}, "FilePaths": o{"Includes": a{"src/**"}}, "Events": a{"OPEN", "UPDATED"}}},
	})}}})
}

func TestNewPipeline_ObjectAndOptOuts(t *testing.T) {
	stack := cdktest.Stack(t)
	key := awskms.NewKey(stack, jsii.String("Mine"), nil)
	props := shopPipeline()
	props.Source = delivery.Source{Object: &delivery.Object{Bucket: newBucket(stack, "Code", awscdk.RemovalPolicy_RETAIN), Key: "app.zip"}}
	props.DisableSelfMutation, props.DisableAlarms, props.Key, props.RemovalPolicy = true, true, key, awscdk.RemovalPolicy_DESTROY
	props.LogDays, props.ArtifactDays = 30, 7
	props.Events = []awscodepipeline.PipelineNotificationEvents{awscodepipeline.PipelineNotificationEvents_STAGE_EXECUTION_FAILED}
	props.Images = []delivery.Image{{Name: "Web", Repository: awsecr.Repository_FromRepositoryName(stack, jsii.String("Web"), jsii.String("web"))}}
	props.ConfigurePipeline = func(p *awscodepipeline.PipelineProps) { p.ExecutionMode = awscodepipeline.ExecutionMode_QUEUED }
	props.ConfigureDelivery = func(p *pipelines.CodePipelineProps) { p.UseChangeSets = jsii.Bool(false) }
	p := delivery.NewPipeline(stack, "Delivery", props)
	assert.Nil(t, p.FailureAlarm)
	assert.Nil(t, p.DurationAlarm)
	tpl := cdktest.Synth(t, stack)
	stages, in := deliveryActions(tpl)
	assert.Equal(t, []string{"Source", "Build", "Images", "Dev"}, namesOf(stages))
	assert.Equal(t, "S3", in["Source"][0]["ActionTypeId"].(o)["Provider"])
	assert.Equal(t, []string{"Deploy"}, namesOf(in["Dev"]))
	tpl.Count("AWS::KMS::Key", 1)
	tpl.Count("AWS::CloudWatch::Alarm", 0)
	tpl.Has("AWS::CodePipeline::Pipeline", o{"ExecutionMode": "QUEUED"})
	tpl.HasResource("AWS::Logs::LogGroup", o{"DeletionPolicy": "Delete", "Properties": o{"RetentionInDays": 30}})
	tpl.Has("AWS::S3::Bucket", o{"LifecycleConfiguration": o{"Rules": a{o{"ExpirationInDays": 7}}}, "LoggingConfiguration": cdktest.Any})
	tpl.Has("AWS::CodeStarNotifications::NotificationRule", o{"EventTypeIds": a{"codepipeline-pipeline-stage-execution-failed"}})
}

func TestNewPipeline_DisableTrigger(t *testing.T) {
	stack := cdktest.Stack(t)
	props := shopPipeline()
	props.Source.Connection.DisableTrigger = true
	delivery.NewPipeline(stack, "Delivery", props)
	_, in := deliveryActions(cdktest.Synth(t, stack))
	assert.Equal(t, false, in["Source"][0]["Configuration"].(o)["DetectChanges"])
}

func TestNewPipeline_Grants(t *testing.T) {
	stack := cdktest.Stack(t)
	p := delivery.NewPipeline(stack, "Delivery", shopPipeline())
	role := awsiam.NewRole(stack, jsii.String("Person"), &awsiam.RoleProps{AssumedBy: awsiam.NewAccountRootPrincipal()})
	p.GrantStart(role)
	p.GrantApprove(role)
	tpl := cdktest.Synth(t, stack)
	arn := cdktest.Text(`:codepipeline:us-east-1:111111111111:",\{"Ref":"\w+"\}\]\]`)
	tpl.Has("AWS::IAM::Policy", o{"PolicyDocument": o{"Statement": a{
		o{"Action": a{"codepipeline:StartPipelineExecution", "codepipeline:GetPipelineExecution", "codepipeline:GetPipelineState"}, "Resource": arn},
		o{"Action": a{"codepipeline:GetPipelineState", "codepipeline:PutApprovalResult"}, "Resource": a{arn, cdktest.Text(`\},"/Approve\*/\*"`)}},
	}}})
}

func TestNewPipeline_ReportsEveryProblem(t *testing.T) {
	err := cdktest.Panic(func() { delivery.NewPipeline(cdktest.Stack(t), "Delivery", nil) })
	require.EqualError(t, err, `Test/Delivery: invalid delivery.PipelineProps:
  - Source: must have one of Connection and Object
  - Synth.Commands: must have a command
  - Stages: must have a stage`)

	err = cdktest.Panic(func() {
		props := shopPipeline()
		props.Stages[0].Post = []delivery.Step{{Name: "A", Commands: []string{"true"}, Outputs: map[string]string{"U": "App/Uri", "V": "App/Queue"}}}
		props.Stages[0].SmokeTests = []delivery.SmokeTest{{Name: "B", Output: "Api/Url"}}
		props.Stages = append(props.Stages, delivery.Stage{Name: "Empty", Define: func(awscdk.Stage) {}})
		delivery.NewPipeline(cdktest.Stack(t), "Delivery", props)
	})
	require.EqualError(t, err, `Test/Delivery: invalid delivery.PipelineProps:
  - Stages[0].Post[0].Outputs["U"]: must be the path of an output of the stage, got "App/Uri"
  - Stages[0].Post[0].Outputs["V"]: must be the path of an output of the stage, got "App/Queue"
  - Stages[0].SmokeTests[0].Output: must be the path of an output of the stage, got "Api/Url"
  - Stages[1].Define: must define a stack`)

	anywhere := awscdk.NewStack(cdktest.App(t, nil), jsii.String("Anywhere"), nil)
	props := shopPipeline()
	props.Stages[0].Account, props.Stages[0].Region = "222222222222", "eu-west-1"
	err = cdktest.Panic(func() { delivery.NewPipeline(anywhere, "Delivery", props) })
	require.EqualError(t, err, `Anywhere/Delivery: invalid delivery.PipelineProps:
  - Stages[0].Account: must be empty, as the pipeline's stack has no explicit account and region
  - Stages[0].Region: must be empty, as the pipeline's stack has no explicit account and region`)
	delivery.NewPipeline(anywhere, "Delivery", shopPipeline())
	assert.NotNil(t, cdktest.Synth(t, anywhere))
}

func TestNewPipeline_PassesNag(t *testing.T) {
	stack := cdktest.Stack(t)
	delivery.NewPipeline(stack, "Delivery", wholePipeline(stack))
	findings, suppressed := cdktest.Nag(t, stack)
	assert.Empty(t, findings)
	for _, s := range suppressed {
		assert.Equal(t, "AwsSolutions-IAM5", s.Rule)
	}
}

// A wildcard that a step asks for is not covered by the reasons for the CDK's own.
func TestNewPipeline_NagFindsOtherWildcards(t *testing.T) {
	stack := cdktest.Stack(t)
	props := shopPipeline()
	props.Stages[0].Pre = []delivery.Step{{Name: "Wide", Commands: []string{"true"}, Permissions: []awsiam.PolicyStatement{
		awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{Actions: jsii.Strings("ecr:ListImages"), Resources: jsii.Strings("*")}),
	}}}
	delivery.NewPipeline(stack, "Delivery", props)
	findings, _ := cdktest.Nag(t, stack)
	require.Len(t, findings, 1)
	assert.Contains(t, findings[0].Resource, "/Pipeline/Dev/Wide/")
}

func TestNewPipeline_IsDeterministic(t *testing.T) {
	text := func() string {
		stack := cdktest.Stack(t)
		delivery.NewPipeline(stack, "Delivery", wholePipeline(stack))
		return string(cdktest.Synth(t, stack).JSON)
	}
	assert.Equal(t, text(), text())
}

// The commands of a smoke test are run as CodeBuild runs them: in one shell, and each must succeed.
func TestNewPipeline_SmokeTestRuns(t *testing.T) {
	stack := cdktest.Stack(t)
	props := shopPipeline()
	props.Stages[0].SmokeTests = []delivery.SmokeTest{{Name: "Smoke", Output: "App/Url", Path: "/health?deep=1", Status: 204, Attempts: 3}}
	delivery.NewPipeline(stack, "Delivery", props)
	commands := buildSpec(t, cdktest.Synth(t, stack), "DevSmoke")["phases"].(o)["build"].(o)["commands"].(a)
	script := []string{"set -e"}
	for _, c := range commands {
		script = append(script, c.(string))
	}
	asked, right := []string(nil), 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.String())
		if len(asked) == right {
			w.WriteHeader(http.StatusNoContent)
		}
	}))
	defer server.Close()
	run := func(url string) ([]byte, error) {
		cmd := exec.Command("sh", "-c", strings.Join(script, "\n"))
		cmd.Env = append(os.Environ(), "URL="+url, "WAIT=0")
		return cmd.CombinedOutput()
	}
	for _, url := range []string{server.URL, server.URL + "/"} {
		asked, right = nil, 2
		out, err := run(url)
		require.NoError(t, err, string(out))
		assert.Equal(t, []string{"/health?deep=1", "/health?deep=1"}, asked)
	}
	asked, right = nil, 4
	out, err := run(server.URL)
	require.Error(t, err)
	assert.Len(t, asked, 3)
	assert.Contains(t, string(out), "attempt 3: "+server.URL+"/health?deep=1 answers 200")
	server.Close()
	out, err = run(server.URL)
	require.Error(t, err)
	assert.Contains(t, string(out), "answers 000")
}

func TestNewGitHubRole(t *testing.T) {
	stack := cdktest.Stack(t)
	g := delivery.NewGitHubRole(stack, "GitHub", &delivery.GitHubRoleProps{
		Repository: "acme/shop", Branches: []string{"main"}, Tags: []string{"v*"}, Environments: []string{"prod"}, Name: "deploy",
		Targets: []delivery.Target{{Account: "222222222222", Region: "eu-west-1"}, {Account: "333333333333", Region: "us-west-2"}}, Qualifier: "abc", MaxSession: 2 * time.Hour,
	})
	assert.NotNil(t, g.RoleARN())
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("delivery/github")
	provider := tpl.Has("AWS::IAM::OIDCProvider", o{"Url": "https://token.actions.githubusercontent.com", "ClientIdList": a{"sts.amazonaws.com"}})
	tpl.Has("AWS::IAM::Role", o{"RoleName": "deploy", "MaxSessionDuration": 7200, "AssumeRolePolicyDocument": o{"Statement": a{cdktest.Exactly(o{
		"Action": "sts:AssumeRoleWithWebIdentity", "Effect": "Allow", "Principal": o{"Federated": o{"Ref": provider.LogicalID}},
		"Condition": o{
			"StringEquals": o{"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
			"StringLike": o{"token.actions.githubusercontent.com:sub": a{
				"repo:acme/shop:ref:refs/heads/main", "repo:acme/shop:ref:refs/tags/v*", "repo:acme/shop:environment:prod",
			}},
		},
	})}}})
	var roles a
	for _, to := range []string{"222222222222-eu-west-1", "333333333333-us-west-2"} {
		for _, kind := range []string{"deploy", "file-publishing", "image-publishing", "lookup"} {
			roles = append(roles, cdktest.Text(`:iam::`+to[:12]+`:role/cdk-abc-`+kind+`-role-`+to+`"`))
		}
	}
	tpl.Has("AWS::IAM::Policy", o{"PolicyDocument": o{"Statement": a{o{"Action": "sts:AssumeRole", "Effect": "Allow", "Resource": roles}}}})
}

func TestNewGitHubRole_Defaults(t *testing.T) {
	stack := cdktest.Stack(t)
	const provider = "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"
	g := delivery.NewGitHubRole(stack, "GitHub", &delivery.GitHubRoleProps{
		Repository: "acme/shop", Environments: []string{"prod"}, ProviderARN: provider,
		ConfigureRole: func(p *awsiam.RoleProps) { p.Path = jsii.String("/ci/") },
	})
	assert.Nil(t, g.Provider)
	findings, suppressed := cdktest.Nag(t, stack)
	assert.Empty(t, findings)
	assert.Empty(t, suppressed)
	again := cdktest.Stack(t)
	delivery.NewGitHubRole(again, "GitHub", &delivery.GitHubRoleProps{Repository: "acme/shop", Environments: []string{"prod"}, ProviderARN: provider,
		ConfigureRole: func(p *awsiam.RoleProps) { p.Path = jsii.String("/ci/") }})
	tpl := cdktest.Synth(t, again)
	tpl.Count("AWS::IAM::OIDCProvider", 0)
	tpl.Has("AWS::IAM::Role", o{"Path": "/ci/", "MaxSessionDuration": 3600, "AssumeRolePolicyDocument": o{"Statement": a{o{"Principal": o{"Federated": provider}}}}})
	tpl.Has("AWS::IAM::Policy", o{"PolicyDocument": o{"Statement": a{o{"Resource": cdktest.ArrayWith(
		cdktest.Text(`:iam::111111111111:role/cdk-hnb659fds-deploy-role-111111111111-us-east-1"`),
	)}}}})
	err := cdktest.Panic(func() { delivery.NewGitHubRole(cdktest.Stack(t), "GitHub", nil) })
	require.EqualError(t, err, `Test/GitHub: invalid delivery.GitHubRoleProps:
  - Repository: must be owner/name, got ""
  - must have one of Branches, Tags and Environments`)
}

func ExampleNewPipeline() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Pipeline"), nil)
	p := delivery.NewPipeline(stack, "Delivery", &delivery.PipelineProps{
		Source: delivery.Source{Connection: &delivery.Connection{
			ARN: "arn:aws:codeconnections:eu-west-1:111122223333:connection/11111111-2222-3333-4444-555555555555", Repository: "acme/shop", Branch: "main",
		}},
		Synth: delivery.Synth{Commands: []string{"npx cdk synth"}},
		Stages: []delivery.Stage{
			{Name: "Dev", Define: func(stage awscdk.Stage) { awscdk.NewStack(stage, jsii.String("Shop"), nil) }},
			{Name: "Prod", Define: func(stage awscdk.Stage) { awscdk.NewStack(stage, jsii.String("Shop"), nil) }, Approval: &delivery.Approval{}},
		},
	})
	for _, stage := range *p.Pipeline.Stages() {
		fmt.Println(*stage.StageName())
	}
	// Output:
	// Source
	// Build
	// UpdatePipeline
	// Dev
	// ApproveProd
	// Prod
}

func ExampleNewGitHubRole() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("GitHub"), nil)
	g := delivery.NewGitHubRole(stack, "Deploy", &delivery.GitHubRoleProps{Repository: "acme/shop", Environments: []string{"prod"}})
	fmt.Println(*g.Role.Node().Path())
	// Output: GitHub/Deploy/Role
}
