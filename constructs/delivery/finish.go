package delivery

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscodepipeline"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscodepipelineactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/nag"
)

// iam5 is the rule of cdk-nag about wildcards.
const iam5 = "AwsSolutions-IAM5"

// stage finds a stage of the pipeline and its index.
func (p *Pipeline) stage(name string) (int, awscodepipeline.IStage) {
	for i, s := range *p.Pipeline.Stages() {
		if *s.StageName() == name {
			return i, s
		}
	}
	return -1, nil
}

// addTrigger says what starts the pipeline.
func (b *builder) addTrigger() {
	from := b.props.Source.Connection
	if from == nil || !from.filtered() {
		return
	}
	git := &awscodepipeline.GitConfiguration{}
	for _, action := range *(*b.of.Pipeline.Stages())[0].Actions() {
		if *action.ActionProperties().ActionName == sourceAction {
			git.SourceAction = action
		}
	}
	var pushes []*awscodepipeline.GitPushFilter
	for _, f := range from.Push {
		pushes = append(pushes, &awscodepipeline.GitPushFilter{
			BranchesIncludes: cdkval.Texts(f.Branches.Include), BranchesExcludes: cdkval.Texts(f.Branches.Exclude),
			TagsIncludes: cdkval.Texts(f.Tags.Include), TagsExcludes: cdkval.Texts(f.Tags.Exclude),
			FilePathsIncludes: cdkval.Texts(f.Files.Include), FilePathsExcludes: cdkval.Texts(f.Files.Exclude),
		})
	}
	var pulls []*awscodepipeline.GitPullRequestFilter
	for _, f := range from.PullRequests {
		pulls = append(pulls, &awscodepipeline.GitPullRequestFilter{
			BranchesIncludes: cdkval.Texts(f.Branches.Include), BranchesExcludes: cdkval.Texts(f.Branches.Exclude),
			FilePathsIncludes: cdkval.Texts(f.Files.Include), FilePathsExcludes: cdkval.Texts(f.Files.Exclude), Events: &f.Events,
		})
	}
	if pushes != nil {
		git.PushFilter = &pushes
	}
	if pulls != nil {
		git.PullRequestFilter = &pulls
	}
	b.of.Pipeline.AddTrigger(&awscodepipeline.TriggerProps{
		ProviderType: awscodepipeline.ProviderType_CODE_STAR_SOURCE_CONNECTION, GitConfiguration: git,
	})
}

// addImages adds a stage that builds, pushes and scans the images, once the pipeline is what it should be and before anything is published.
func (b *builder) addImages() {
	if len(b.props.Images) == 0 {
		return
	}
	_, before := b.of.stage("UpdatePipeline")
	if before == nil {
		_, before = b.of.stage("Build")
	}
	source := (*(*b.of.Pipeline.Stages())[0].Actions())[0]
	code := (*source.ActionProperties().Outputs)[0]
	var actions []awscodepipeline.IAction
	for _, image := range b.props.Images {
		actions = append(actions, awscodepipelineactions.NewEcrBuildAndPublishAction(&awscodepipelineactions.EcrBuildAndPublishActionProps{
			ActionName: jsii.String("Build" + image.Name), Input: code, RepositoryName: image.Repository.RepositoryName(),
			DockerfileDirectoryPath: cdkval.Text(image.Directory), ImageTags: cdkval.Texts(image.Tags), RunOrder: jsii.Number(1),
		}))
		if !image.DisableScan {
			actions = append(actions, awscodepipelineactions.NewInspectorEcrImageScanAction(&awscodepipelineactions.InspectorEcrImageScanActionProps{
				ActionName: jsii.String("Scan" + image.Name), Repository: image.Repository, ImageTag: &image.Tags[0], RunOrder: jsii.Number(2),
				Output:            awscodepipeline.NewArtifact(jsii.String("Scan"+image.Name), nil),
				CriticalThreshold: jsii.Number(image.MaxCritical), HighThreshold: jsii.Number(image.MaxHigh),
			}))
		}
	}
	b.of.Pipeline.AddStage(&awscodepipeline.StageOptions{
		StageName: jsii.String("Images"), Actions: &actions, Placement: &awscodepipeline.StagePlacement{JustAfter: before},
	})
}

// handleFailures says what happens when a stage fails. CDK Pipelines has no setting for it, so it is set in the CloudFormation resource.
// https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-conditions.html
func (b *builder) handleFailures() {
	resource := b.of.Pipeline.Node().DefaultChild().(awscodepipeline.CfnPipeline)
	for number, wave := range waves(check.For(""), b.props.Stages) {
		onFailure := b.props.Stages[wave[0]].OnFailure
		if onFailure == Stop {
			continue
		}
		i, _ := b.of.stage(waveName(b.props.Stages, wave, number))
		at := fmt.Sprintf("Stages.%d.OnFailure", i)
		resource.AddPropertyOverride(jsii.String(at+".Result"), string(onFailure))
		if onFailure == Retry {
			resource.AddPropertyOverride(jsii.String(at+".RetryConfiguration.RetryMode"), "FAILED_ACTIONS")
		}
	}
}

// useConnection gives the role that reads the code the permission by the connection's present name, which the CDK does not know yet.
func (b *builder) useConnection() {
	from := b.props.Source.Connection
	if from == nil {
		return
	}
	role := b.of.Pipeline.Node().FindChild(jsii.String("Source")).Node().FindChild(jsii.String(sourceAction)).Node().FindChild(jsii.String("CodePipelineActionRole"))
	role.(awsiam.Role).AddToPrincipalPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("codeconnections:UseConnection"), Resources: &[]*string{&from.ARN},
	}))
}

// suppress says why the policies that the CDK writes have wildcards. It looks at no stack but the pipeline's own.
func (p *Pipeline) suppress(c constructs.IConstruct) {
	if policy, ok := c.(awsiam.CfnPolicy); ok {
		nag.Suppress(policy, iam5, "The CDK grants the use of the artifacts of this pipeline and of their key by these groups of actions.",
			"Action::s3:GetObject*", "Action::s3:GetBucket*", "Action::s3:List*", "Action::s3:DeleteObject*", "Action::s3:Abort*",
			"Action::kms:ReEncrypt*", "Action::kms:GenerateDataKey*", `/^Resource::<\w*Artifacts\w+\.Arn>\/\*$/`)
		nag.Suppress(policy, iam5, "Log streams and report groups of a build get their names when it runs.",
			`/^Resource::arn:.+:logs:.+:log-group:\/aws\/code(build|pipeline)\/.+:\*$/`, `/^Resource::arn:.+:codebuild:.+:report-group\/.*\*$/`)
		if strings.Contains(*policy.Node().Path(), "/UpdatePipeline/SelfMutation/") {
			nag.Suppress(policy, iam5, "It may assume roles of the CDK's bootstrap stack only, which a condition on their tag says; what else it may do, read stacks and list "+
				"buckets, the CDK's command line asks for before it knows the stack.", `/^Resource::arn:\*:iam::.+:role\/\*$/`, "Resource::*")
		}
		return
	}
	for _, child := range *c.Node().Children() {
		if !*awscdk.Stage_IsStage(child) {
			p.suppress(child)
		}
	}
}
