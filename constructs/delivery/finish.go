package delivery

import (
	"fmt"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscodepipeline"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscodepipelineactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/cdkval"
)

// stage finds a stage of the pipeline and its index.
func (p *Pipeline) stage(name string) (int, awscodepipeline.IStage) {
	for i, s := range *p.Pipeline.Stages() {
		if *s.StageName() == name {
			return i, s
		}
	}
	return -1, nil
}

// reader is the action that reads the code.
func (b *builder) reader() awscodepipeline.IAction {
	actions := *(*b.of.Pipeline.Stages())[0].Actions()
	return actions[slices.IndexFunc(actions, func(a awscodepipeline.IAction) bool { return *a.ActionProperties().ActionName == sourceAction })]
}

// addTrigger says what starts the pipeline.
func (b *builder) addTrigger() {
	from := b.props.Source.Connection
	if from == nil || !from.filtered() {
		return
	}
	git := &awscodepipeline.GitConfiguration{SourceAction: b.reader()}
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
	code := (*b.reader().ActionProperties().Outputs)[0]
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
	// cfn-lint takes its own hint, to write Fn::Sub for the Fn::Join of a role's ARN, for an error in the configuration of an action.
	resource.AddMetadata(jsii.String("cfn-lint"), map[string]any{"config": map[string]any{"ignore_checks": []string{"E3703"}}})
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
