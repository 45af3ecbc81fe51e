package delivery

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscodebuild"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscodepipeline"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/pipelines"
)

// PipelineProps configures a Pipeline. Source, Synth.Commands and Stages are required.
type PipelineProps struct {
	// Name is the pipeline's name: 1 to 100 letters, digits, ., @, - and _. Another name replaces the pipeline, with its history.
	// Default: a name that CloudFormation makes.
	Name string
	// Source is where the code of the app is.
	Source Source
	// ImageSources start the pipeline when an image is pushed, and give the synth what is known of it.
	// Default: none.
	ImageSources []ImageSource
	// Synth makes the cloud assembly.
	Synth Synth
	// Images are built, pushed and scanned before the first stage is deployed.
	// Default: none.
	Images []Image
	// Stages are deployed after each other, or side by side, as their After says. They go without Source.Connection.PullRequests, with which the
	// pipeline does nothing but a synth: a pull request is not to be deployed before it is merged.
	Stages []Stage
	// DisableSelfMutation leaves the pipeline as it is until you deploy its stack. It is so for pull requests too.
	// Default: false, the pipeline deploys its own stack first, then starts anew when that changed it.
	DisableSelfMutation bool
	// CLIVersion is the version of the CDK's command line, aws-cdk, that updates the pipeline.
	// Default: 2.1148.1.
	CLIVersion string
	// AssetsVersion is the version of cdk-assets, which publishes the assets.
	// Default: 4.7.3.
	AssetsVersion string
	// Key encrypts artifacts, logs and the topic. The accounts of the stages use it too: of a key from elsewhere the CDK cannot change the policy.
	// Default: a new key that rotates yearly.
	Key awskms.IKey
	// ArtifactDays is the number of days, 1 or more, after which artifacts expire. A stage can be rolled back to an execution whose artifacts are there.
	// Default: 90.
	ArtifactDays int
	// LogDays is the number of days that the logs of builds are kept, one that CloudWatch Logs takes.
	// Default: 365.
	LogDays int
	// MaxDuration is how long an execution may take, whole seconds from 1m to 24h, before an alarm fires. The time that an approval waits is in it.
	// Default: 4 h.
	MaxDuration time.Duration
	// DisableAlarms leaves out both alarms, of failures and of long executions.
	// Default: false.
	DisableAlarms bool
	// Events are what the topic is told of.
	// Default: failed and superseded executions, and approvals that are needed.
	Events []awscodepipeline.PipelineNotificationEvents
	// RemovalPolicy says what becomes of the artifacts, the key and the logs when the stack is deleted.
	// Default: RETAIN.
	RemovalPolicy awscdk.RemovalPolicy
	// ConfigurePipeline edits the props of the CodePipeline last.
	// Default: no edit.
	ConfigurePipeline func(*awscodepipeline.PipelineProps)
	// ConfigureDelivery edits the props of CDK Pipelines last.
	// Default: no edit.
	ConfigureDelivery func(*pipelines.CodePipelineProps)
}

// Source is where code comes from: one of Connection and Object.
type Source struct {
	// Connection is a repository at GitHub, GitLab or Bitbucket.
	Connection *Connection
	// Object is a zip file in S3.
	Object *Object
}

// Connection is a repository that AWS reads through a connection of CodeConnections.
type Connection struct {
	// ARN is the connection's, arn:aws:codeconnections:... or arn:aws:codestar-connections:... Somebody has to complete it in the console once.
	ARN string
	// Repository is "owner/name"; at GitLab with all groups.
	Repository string
	// Branch is what is delivered, and what starts the pipeline where there are no filters.
	Branch string
	// Push are filters of which one must match for a push to start the pipeline, at most 3. The execution has the code that was pushed,
	// whatever its branch.
	// Default: each push to Branch.
	Push []PushFilter
	// PullRequests are filters of which one must match for a pull request to start the pipeline, at most 3. See PipelineProps.Stages.
	// Default: none.
	PullRequests []PullRequestFilter
	// DisableTrigger leaves it to you to start the pipeline. It goes without filters.
	// Default: false.
	DisableTrigger bool
}

// PushFilter is about pushes: it has Tags, or Branches, to which Files can be added.
type PushFilter struct {
	// Branches are those that are pushed to.
	Branches Patterns
	// Tags are those that are pushed.
	Tags Patterns
	// Files are those that a push changes, as paths from the root of the repository.
	Files Patterns
}

// PullRequestFilter is about pull requests.
type PullRequestFilter struct {
	// Branches are those that the pull request is to be merged to. They are required.
	Branches Patterns
	// Files are those that it changes.
	Files Patterns
	// Events are what happens to it.
	// Default: it is opened or updated.
	Events []awscodepipeline.GitPullRequestEvent
}

// Patterns are globs, such as "release/*" or "src/**", at most 8 each. What both lists have is excluded.
type Patterns struct {
	// Include are what matches.
	// Default: all, where there is Exclude.
	Include []string
	// Exclude are what does not.
	Exclude []string
}

// Object is a zip file with code in a bucket that keeps versions.
type Object struct {
	// Bucket has the file. It must keep versions, and send its events to EventBridge for a new version to start the pipeline.
	Bucket awss3.IBucket
	// Key is the file's.
	Key string
}

// ImageSource is a tag in a repository of ECR, in the account and region of the pipeline.
type ImageSource struct {
	// Name is the action's: a letter, then letters and digits.
	Name string
	// Repository has the image.
	Repository awsecr.IRepository
	// Tag is what is looked at.
	// Default: latest.
	Tag string
	// Directory is where the synth finds imageDetail.json, which has the digest and the URI of the image: a path below the code, that must not be there.
	// Default: images/ and Name.
	Directory string
}

// Synth is how the cloud assembly is made, in CodeBuild.
type Synth struct {
	// Install are shell commands that install the toolchain.
	// Default: none.
	Install []string
	// Commands are shell commands that synthesise the app.
	Commands []string
	// Output is the folder that they write the cloud assembly to.
	// Default: cdk.out.
	Output string
	// Env are environment variables, no secrets.
	// Default: none.
	Env map[string]string
	// Runtimes are versions of languages that CodeBuild installs, such as "golang": "1.24".
	// Default: what the image has.
	Runtimes map[string]string
	// ComputeType is the size of the machine.
	// Default: MEDIUM, 7 GiB of memory and 4 vCPUs: less is short for a compilation of the CDK in Go.
	ComputeType awscodebuild.ComputeType
	// Docker lets the commands use Docker, in privileged mode.
	// Default: false.
	Docker bool
	// Timeout ends the build, 5m to 8h in whole minutes.
	// Default: 1 h.
	Timeout time.Duration
}

// Image is built from the code with a Dockerfile, pushed to ECR and scanned.
type Image struct {
	// Name is the actions': a letter, then letters and digits.
	Name string
	// Repository is where it is pushed to, in the account and region of the pipeline.
	Repository awsecr.IRepository
	// Directory is that of the Dockerfile, from the root of the code.
	// Default: the root.
	Directory string
	// Tags are given to the image; variables of CodePipeline can be in them.
	// Default: the id of the execution, "#{codepipeline.PipelineExecutionId}".
	Tags []string
	// MaxCritical and MaxHigh are the numbers of vulnerabilities that Amazon Inspector may find without a failure.
	// Default: 0.
	MaxCritical, MaxHigh int
	// DisableScan leaves out the scan.
	// Default: false.
	DisableScan bool
}

// Failure is what happens when a stage fails.
type Failure string

const (
	// Rollback deploys what the last successful execution of the stage deployed. There must be one.
	Rollback Failure = "ROLLBACK"
	// Retry runs the actions that failed a second time.
	Retry Failure = "RETRY"
	// Stop leaves all as it is.
	Stop Failure = "FAIL"
)

// Stage is the app in one account and region.
type Stage struct {
	// Name is the id of the CDK's Stage: a letter, then letters and digits, at most 40. It starts the names of the stacks, as in "Prod-Api". Another
	// name deploys all stacks anew, beside the old ones.
	Name string
	// Account and Region are where the stage is deployed. Both are bootstrapped to trust the pipeline's account. They ask for a stack of the pipeline
	// with explicit account and region.
	// Default: those of the pipeline.
	Account, Region string
	// Define defines the stacks in the stage, with their tags and aspects: those of the app do not reach it.
	Define func(stage awscdk.Stage)
	// After are the names of the stages that must be deployed before. Stages of which none waits for another go side by side.
	// Default: nil, the stage before this one in the list; none of them with an empty list.
	After []string
	// Approval makes the pipeline wait for somebody before the stage, for at most 7 days.
	// Default: none.
	Approval *Approval
	// Pre and Post are run before and after the stacks are deployed.
	// Default: none.
	Pre, Post []Step
	// SmokeTests ask the app over HTTP, side by side with Post, after the stacks are deployed.
	// Default: none.
	SmokeTests []SmokeTest
	// OnFailure is what happens when a stack, a step or a smoke test fails. It is the same for stages that go side by side.
	// Default: Rollback.
	OnFailure Failure
}

// Approval is a decision by somebody who may call codepipeline:PutApprovalResult.
type Approval struct {
	// Comment says what is decided.
	// Default: "Deploy to " and the stage.
	Comment string
	// ReviewURL is where it can be looked at.
	// Default: none.
	ReviewURL string
}

// Step runs shell commands in CodeBuild, where the code is. Steps before stacks are side by side, and so are those after them.
type Step struct {
	// Name is unique in its stage: a letter, then letters and digits.
	Name string
	// Commands fail the step when one of them fails.
	Commands []string
	// Env are environment variables, no secrets.
	// Default: none.
	Env map[string]string
	// Outputs are environment variables that have outputs of the stage's stacks, such as "URL": "Api/Url", the construct path of a CfnOutput from the stage.
	// Default: none.
	Outputs map[string]string
	// Permissions are what the step may do.
	// Default: to write its log.
	Permissions []awsiam.PolicyStatement
}

// SmokeTest asks a URL until it answers as it should.
type SmokeTest struct {
	// Name is unique among the stage's steps: a letter, then letters and digits.
	Name string
	// Output is the construct path of a CfnOutput from the stage, such as "Api/Url", that has the URL.
	Output string
	// Path is put after the URL, such as "notes".
	// Default: nothing.
	Path string
	// Status is the HTTP status that is right, 100 to 599.
	// Default: 200.
	Status int
	// Attempts is how often it is asked, 1 to 60, 10 seconds apart.
	// Default: 6.
	Attempts int
}
