package constructs_test

import (
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3assets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/delivery"
)

const connection = "arn:aws:codeconnections:us-east-1:111111111111:connection/11111111-2222-3333-4444-555555555555"

// app defines a stack with an output.
func app(stage awscdk.Stage) {
	stack := awscdk.NewStack(stage, jsii.String("App"), nil)
	queue := awssqs.NewQueue(stack, jsii.String("Queue"), &awssqs.QueueProps{EnforceSSL: jsii.Bool(true)})
	awscdk.NewCfnOutput(stack, jsii.String("Url"), &awscdk.CfnOutputProps{Value: queue.QueueUrl()})
}

// pipelineProps deliver app to Dev.
func pipelineProps() *delivery.PipelineProps {
	return &delivery.PipelineProps{
		Source: delivery.Source{Connection: &delivery.Connection{ARN: connection, Repository: "acme/shop", Branch: "main"}},
		Synth:  delivery.Synth{Commands: []string{"npx cdk synth"}},
		Stages: []delivery.Stage{{Name: "Dev", Define: app}},
	}
}

func TestNewPipeline_Defaults(t *testing.T) {
	stack := cdktest.Stack(t)
	delivery.NewPipeline(stack, "Delivery", pipelineProps())
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("delivery/defaults")
}

// everything uses each feature of a pipeline that delivers: two accounts and regions, waves, steps, images, filters.
func everything(stack awscdk.Stack) *delivery.PipelineProps {
	repository := awsecr.Repository_FromRepositoryName(stack, jsii.String("Web"), jsii.String("shop/web"))
	withAsset := func(stage awscdk.Stage) {
		app(stage)
		awss3assets.NewAsset(stage.Node().FindChild(jsii.String("App")).(awscdk.Stack), jsii.String("Asset"), &awss3assets.AssetProps{Path: jsii.String("main_test.go")})
	}
	return &delivery.PipelineProps{
		Name: "shop",
		Source: delivery.Source{Connection: &delivery.Connection{
			ARN: connection, Repository: "acme/shop", Branch: "main",
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
				Pre: []delivery.Step{{Name: "Lint", Commands: []string{"make lint"}, Code: true}},
				Post: []delivery.Step{{
					Name: "Load", Commands: []string{"load $URL"}, Env: map[string]string{"USERS": "10"}, Outputs: map[string]string{"URL": "App/Url"},
					Permissions: []awsiam.PolicyStatement{awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
						Actions: jsii.Strings("sqs:GetQueueAttributes"), Resources: jsii.Strings("arn:aws:sqs:us-east-1:111111111111:orders"),
					})},
				}},
				SmokeTests: []delivery.SmokeTest{{Name: "Smoke", Output: "App/Url", Path: "/health", Status: 204, Attempts: 3}},
			},
			{Name: "Europe", Account: "222222222222", Region: "eu-west-1", Define: withAsset, Approval: &delivery.Approval{ReviewURL: "https://example.com/"}},
			{Name: "America", Account: "333333333333", Define: app, After: []string{"Dev"}},
			{Name: "Report", Define: app, After: []string{"Europe", "America"}, OnFailure: delivery.Stop},
		},
	}
}

func TestZZ(t *testing.T) {
	stack := cdktest.Stack(t)
	delivery.NewPipeline(stack, "Delivery", everything(stack))
	findings, _ := cdktest.Nag(t, stack)
	for _, f := range findings {
		t.Log(f.Rule, f.Resource)
	}
}

func TestZY(t *testing.T) {
	stack := cdktest.Stack(t)
	delivery.NewPipeline(stack, "Delivery", everything(stack))
	cdktest.Synth(t, stack).Snapshot("delivery/everything")
}
