package delivery

import (
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscodebuild"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscodepipeline"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/pipelines"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/accesslogs"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/encrypted"
	"github.com/strata-cdk/strata/internal/monitor"
	"github.com/strata-cdk/strata/internal/sorted"
)

// sourceAction is the name of the action that reads the code.
const sourceAction = "Source"

// Pipeline delivers an app. The fields are the underlying constructs, for grants, alarm actions and overrides; the pipeline is complete, nothing can be
// added to Delivery.
type Pipeline struct {
	constructs.Construct
	Pipeline  awscodepipeline.Pipeline
	Delivery  pipelines.CodePipeline
	Artifacts awss3.Bucket
	Key       awskms.IKey
	Logs      awslogs.LogGroup
	// Topic is told of Events and alarms. Subscribe to it.
	Topic awssns.Topic
	// FailureAlarm and DurationAlarm are nil with DisableAlarms.
	FailureAlarm, DurationAlarm awscloudwatch.Alarm
	// Stages are those of the CDK, by name. They are synthesised already: nothing can be added to their stacks.
	Stages map[string]awscdk.Stage
}

// narrowRoles are feature flags that let fewer principals assume the roles of a pipeline.
var narrowRoles = []string{
	"@aws-cdk/pipelines:reduceAssetRoleTrustScope", "@aws-cdk/pipelines:reduceCrossAccountActionRoleTrustScope", "@aws-cdk/pipelines:reduceStageRoleTrustScope",
}

// NewPipeline defines a Pipeline named id in scope, and calls Define of every stage.
// It panics with a *check.Error that lists every invalid field of props.
func NewPipeline(scope constructs.Construct, id string, props *PipelineProps) *Pipeline {
	check.Must(scope.Node().Path(), id, props.Validate())
	d := props.withDefaults()
	stack := awscdk.Stack_Of(scope)
	check.Must(scope.Node().Path(), id, d.checkEnvironments(stack))

	p := &Pipeline{Key: d.Key, Stages: map[string]awscdk.Stage{}}
	constructs.NewConstruct_Override(p, scope, &id)
	for _, flag := range narrowRoles {
		p.Node().SetContext(&flag, true)
	}
	if p.Key == nil {
		p.Key = encrypted.NewKey(p, "Artifacts and logs of "+*p.Node().Path(), d.RemovalPolicy)
	}
	p.Logs = encrypted.NewLogGroup(p, "Logs", "", p.Key, d.LogDays, d.RemovalPolicy)
	p.Topic = monitor.NewTopic(p, p.Key)
	p.Artifacts = p.newArtifacts(d)
	pipeline := &awscodepipeline.PipelineProps{
		PipelineName: cdkval.Text(d.Name), PipelineType: awscodepipeline.PipelineType_V2, ArtifactBucket: p.Artifacts, RestartExecutionOnUpdate: jsii.Bool(true),
		CrossAccountKeys: jsii.Bool(true), EnableKeyRotation: jsii.Bool(true),
	}
	if d.ConfigurePipeline != nil {
		d.ConfigurePipeline(pipeline)
	}
	p.Pipeline = awscodepipeline.NewPipeline(p, jsii.String("Pipeline"), pipeline)

	b := builder{of: p, props: d}
	b.source = b.newSource()
	b.newDelivery()
	check.Must(scope.Node().Path(), id, b.addStages())
	p.Delivery.BuildPipeline()
	b.addImages()
	b.addTrigger()
	b.handleFailures()
	b.logReplicas()
	p.watch(d)
	b.useConnection()
	suppress(p, *p.Node().Path())
	return p
}

// GrantStart lets grantee start the pipeline and see how it goes.
func (p *Pipeline) GrantStart(grantee awsiam.IGrantable) awsiam.Grant {
	return awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{
		Grantee: grantee, Actions: jsii.Strings("codepipeline:StartPipelineExecution", "codepipeline:GetPipelineExecution", "codepipeline:GetPipelineState"),
		ResourceArns: &[]*string{p.Pipeline.PipelineArn()},
	})
}

// GrantApprove lets grantee decide on every approval.
func (p *Pipeline) GrantApprove(grantee awsiam.IGrantable) awsiam.Grant {
	return awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{
		Grantee: grantee, Actions: jsii.Strings("codepipeline:GetPipelineState", "codepipeline:PutApprovalResult"),
		ResourceArns: &[]*string{p.Pipeline.PipelineArn(), jsii.String(*p.Pipeline.PipelineArn() + "/Approve*/*")},
	})
}

// checkEnvironments records stages whose account or region the CDK cannot compare with those of the pipeline.
func (p *PipelineProps) checkEnvironments(stack awscdk.Stack) error {
	c := check.For("delivery.PipelineProps")
	if *awscdk.Token_IsUnresolved(stack.Account()) || *awscdk.Token_IsUnresolved(stack.Region()) {
		for i, s := range p.Stages {
			at := c.At(check.Index("Stages", i))
			at.That(s.Account == "", "Account", "must be empty, as the pipeline's stack has no explicit account and region")
			at.That(s.Region == "", "Region", "must be empty, as the pipeline's stack has no explicit account and region")
		}
	}
	return c.Err()
}

// newArtifacts defines the bucket that hands on what actions make.
func (p *Pipeline) newArtifacts(d *PipelineProps) awss3.Bucket {
	bucket := awss3.NewBucket(p, jsii.String("Artifacts"), &awss3.BucketProps{
		Encryption: awss3.BucketEncryption_KMS, EncryptionKey: p.Key, BucketKeyEnabled: jsii.Bool(true), EnforceSSL: jsii.Bool(true),
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(), Versioned: jsii.Bool(true), RemovalPolicy: d.RemovalPolicy,
		LifecycleRules: &[]*awss3.LifecycleRule{{
			Expiration: awscdk.Duration_Days(jsii.Number(d.ArtifactDays)), NoncurrentVersionExpiration: awscdk.Duration_Days(jsii.Number(1)),
			AbortIncompleteMultipartUploadAfter: awscdk.Duration_Days(jsii.Number(1)),
		}},
	})
	accesslogs.OfBucket(p, bucket, d.RemovalPolicy)
	return bucket
}

// logReplicas gives the buckets that the CDK defines for artifacts in other regions access logs.
func (b *builder) logReplicas() {
	for _, support := range sorted.All(*b.of.Pipeline.CrossRegionSupport()) {
		if bucket, ok := support.ReplicationBucket.(awss3.Bucket); ok {
			accesslogs.OfBucket(support.Stack, bucket, b.props.RemovalPolicy)
		}
	}
}

// watch defines the notifications and the alarms.
// https://docs.aws.amazon.com/codepipeline/latest/userguide/metrics-dimensions.html
func (p *Pipeline) watch(d *PipelineProps) {
	p.Pipeline.NotifyOn(jsii.String("Notifications"), p.Topic, &awscodepipeline.PipelineNotifyOnOptions{Events: &d.Events})
	if d.DisableAlarms {
		return
	}
	const period = 5 * time.Minute
	alarm := func(id, text, metric, statistic string, threshold float64) awscloudwatch.Alarm {
		return monitor.NewAlarm(p, monitor.Watch{
			ID: id, Text: text, Threshold: threshold, Minutes: 1, Of: 1, Period: period,
			Metric: awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
				Namespace: jsii.String("AWS/CodePipeline"), MetricName: &metric, DimensionsMap: &map[string]*string{"PipelineName": p.Pipeline.PipelineName()},
				Statistic: &statistic, Period: cdkval.Duration(period),
			}),
		}, p.Topic)
	}
	p.FailureAlarm = alarm("FailureAlarm", "An execution of the pipeline failed", "FailedPipelineExecutions", "Sum", 0)
	p.DurationAlarm = alarm("DurationAlarm", fmt.Sprintf("An execution of the pipeline took longer than %v", d.MaxDuration), "PipelineDuration", "Maximum", d.MaxDuration.Seconds())
}

// builder makes the steps of a pipeline.
type builder struct {
	of     *Pipeline
	props  *PipelineProps
	source pipelines.CodePipelineSource
}

func (b *builder) newSource() pipelines.CodePipelineSource {
	if object := b.props.Source.Object; object != nil {
		return pipelines.CodePipelineSource_S3(object.Bucket, &object.Key, &pipelines.S3SourceOptions{ActionName: jsii.String(sourceAction)})
	}
	from := b.props.Source.Connection
	return pipelines.CodePipelineSource_Connection(&from.Repository, &from.Branch, &pipelines.ConnectionSourceOptions{
		ActionName: jsii.String(sourceAction), ConnectionArn: &from.ARN, TriggerOnPush: jsii.Bool(!from.DisableTrigger && !from.filtered()),
	})
}

// filtered tells whether filters say what starts the pipeline.
func (n *Connection) filtered() bool { return len(n.Push)+len(n.PullRequests) > 0 }

func (b *builder) newDelivery() {
	d := b.props
	images := map[string]pipelines.IFileSetProducer{}
	for _, from := range d.ImageSources {
		images[from.Directory] = pipelines.CodePipelineSource_Ecr(from.Repository, &pipelines.ECRSourceOptions{ActionName: &from.Name, ImageTag: &from.Tag})
	}
	synth := &pipelines.CodeBuildStepProps{
		Input: b.source, AdditionalInputs: &images, InstallCommands: cdkval.Texts(d.Synth.Install), Commands: cdkval.Texts(d.Synth.Commands),
		Env: cdkval.TextMap(d.Synth.Env), PrimaryOutputDirectory: &d.Synth.Output, Timeout: cdkval.Duration(d.Synth.Timeout),
		BuildEnvironment: &awscodebuild.BuildEnvironment{ComputeType: d.Synth.ComputeType},
	}
	if len(d.Synth.Runtimes) > 0 {
		synth.PartialBuildSpec = awscodebuild.BuildSpec_FromObject(&map[string]any{
			"phases": map[string]any{"install": map[string]any{"runtime-versions": d.Synth.Runtimes}},
		})
	}
	pulls := d.Source.Connection != nil && len(d.Source.Connection.PullRequests) > 0
	delivery := &pipelines.CodePipelineProps{
		CodePipeline: b.of.Pipeline, Synth: pipelines.NewCodeBuildStep(jsii.String("Synth"), synth), SelfMutation: jsii.Bool(!d.DisableSelfMutation && !pulls),
		CliVersion: &d.CLIVersion, CdkAssetsCliVersion: &d.AssetsVersion, DockerEnabledForSynth: &d.Synth.Docker,
		CodeBuildDefaults: &pipelines.CodeBuildOptions{
			Logging: &awscodebuild.LoggingOptions{CloudWatch: &awscodebuild.CloudWatchLoggingOptions{LogGroup: b.of.Logs}},
		},
	}
	if d.ConfigureDelivery != nil {
		d.ConfigureDelivery(delivery)
	}
	b.of.Delivery = pipelines.NewCodePipeline(b.of, jsii.String("Delivery"), delivery)
}

// addStages defines the stages and what is done before and after them. Its error is about what Define did.
func (b *builder) addStages() error {
	c := check.For("delivery.PipelineProps")
	scope := constructs.NewConstruct(b.of, jsii.String("Stages")) // so that their names are free
	for number, wave := range waves(c, b.props.Stages) {
		name := waveName(b.props.Stages, wave, number)
		b.addApprovals(name, wave)
		w := b.of.Delivery.AddWave(&name, nil)
		for _, i := range wave {
			s, at := b.props.Stages[i], c.At(check.Index("Stages", i))
			stage := awscdk.NewStage(scope, &s.Name, &awscdk.StageProps{Env: environment(s, awscdk.Stack_Of(b.of))})
			b.of.Stages[s.Name] = stage
			s.Define(stage)
			if !hasStack(stage) {
				at.Add("Define", "must define a stack")
				continue
			}
			options := &pipelines.AddStageOpts{Pre: &[]pipelines.Step{}, Post: &[]pipelines.Step{}}
			for j, step := range s.Pre {
				*options.Pre = append(*options.Pre, newStep(at.At(check.Index("Pre", j)), stage, step))
			}
			for j, step := range s.Post {
				*options.Post = append(*options.Post, newStep(at.At(check.Index("Post", j)), stage, step))
			}
			for j, test := range s.SmokeTests {
				if output := findOutput(at.At(check.Index("SmokeTests", j)), "Output", stage, test.Output); output != nil {
					*options.Post = append(*options.Post, pipelines.NewCodeBuildStep(&test.Name, &pipelines.CodeBuildStepProps{
						Commands: cdkval.Texts(test.commands()), EnvFromCfnOutputs: &map[string]awscdk.CfnOutput{"URL": output},
					}))
				}
			}
			w.AddStage(stage, options)
		}
	}
	return c.Err()
}

// addApprovals makes the pipeline wait in a stage of its own: one that is rejected fails that stage, and rolls nothing back.
func (b *builder) addApprovals(wave string, stages []int) {
	var steps []pipelines.Step
	for _, i := range stages {
		if a := b.props.Stages[i].Approval; a != nil {
			steps = append(steps, pipelines.NewManualApprovalStep(&b.props.Stages[i].Name, &pipelines.ManualApprovalStepProps{
				Comment: &a.Comment, ReviewUrl: cdkval.Text(a.ReviewURL),
			}))
		}
	}
	if steps != nil {
		b.of.Delivery.AddWave(jsii.String("Approve"+wave), &pipelines.WaveOptions{Pre: &steps})
	}
}

func newStep(c *check.List, stage awscdk.Stage, s Step) pipelines.Step {
	outputs := map[string]awscdk.CfnOutput{}
	for name, path := range s.Outputs {
		if output := findOutput(c, check.Key("Outputs", name), stage, path); output != nil {
			outputs[name] = output
		}
	}
	return pipelines.NewCodeBuildStep(&s.Name, &pipelines.CodeBuildStepProps{
		Commands: cdkval.Texts(s.Commands), Env: cdkval.TextMap(s.Env), EnvFromCfnOutputs: &outputs, RolePolicyStatements: &s.Permissions,
	})
}

// commands ask the URL in the environment variable URL. Between attempts they wait WAIT seconds.
func (t SmokeTest) commands() []string {
	return []string{
		fmt.Sprintf(`target="${URL%%/}/%s"`, strings.TrimPrefix(t.Path, "/")),
		`passed=`,
		fmt.Sprintf(`for attempt in $(seq %d); do status=$(curl --silent --show-error --output /dev/null --max-time 10 --write-out '%%{http_code}' "$target" || true); `+
			`echo "attempt $attempt: $target answers $status"; if [ "$status" = %d ]; then passed=yes; break; fi; sleep "${WAIT:-10}"; done`, t.Attempts, t.Status),
		`test -n "$passed"`,
	}
}

// environment is where a stage is: what it says, else where the pipeline is, as far as that is known at synth.
func environment(s Stage, stack awscdk.Stack) *awscdk.Environment {
	env := &awscdk.Environment{Account: cdkval.Text(s.Account), Region: cdkval.Text(s.Region)}
	if env.Account == nil && !*awscdk.Token_IsUnresolved(stack.Account()) {
		env.Account = stack.Account()
	}
	if env.Region == nil && !*awscdk.Token_IsUnresolved(stack.Region()) {
		env.Region = stack.Region()
	}
	return env
}

func hasStack(stage awscdk.Stage) bool {
	for _, child := range *stage.Node().Children() {
		if *awscdk.Stack_IsStack(child) {
			return true
		}
	}
	return false
}

// findOutput finds an output by its path from the stage. It records a problem when there is none.
func findOutput(c *check.List, field string, stage awscdk.Stage, path string) awscdk.CfnOutput {
	var at constructs.IConstruct = stage
	for name := range strings.SplitSeq(path, "/") {
		if at = at.Node().TryFindChild(&name); at == nil {
			c.Add(field, "must be the path of an output of the stage, got %q", path)
			return nil
		}
	}
	output, ok := at.(awscdk.CfnOutput)
	c.That(ok, field, "must be the path of an output of the stage, got %q", path)
	return output
}
