package stacks

import (
	"regexp"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/constructs/delivery"
)

// PipelineStackProps configures a PipelineStack. All but StackProps are required; Env has an explicit account and region.
type PipelineStackProps struct {
	awscdk.StackProps
	// Connection is the ARN of a connection of CodeConnections, by which AWS reads Repository, "owner/name".
	Connection, Repository string
	// Branch is what is delivered.
	Branch string
	// ProdAccount is the account of the stage Prod, 12 digits. Dev is in the account of the pipeline, which must be another: an account has one stack
	// Governance.
	ProdAccount string
	// Define defines the stacks of the app, those of Dev or of Prod, in a stage of the pipeline.
	Define func(stage awscdk.Stage, as Stage)
}

// PipelineStack delivers this app: Dev, then, once the API of Dev answers and somebody has agreed, Prod. Its output is TopicArn, of the topic that
// is told when something fails or waits.
type PipelineStack struct {
	awscdk.Stack
	// Delivery is the pipeline.
	Delivery *delivery.Pipeline
}

var digits12 = regexp.MustCompile(`^\d{12}$`)

// NewPipelineStack defines a PipelineStack named id in scope. It panics with a *check.Error when props are invalid.
func NewPipelineStack(scope constructs.Construct, id string, props *PipelineStackProps) *PipelineStack {
	check.Must(scope.Node().Path(), id, props.Validate())
	s := &PipelineStack{}
	awscdk.NewStack_Override(s, scope, &id, &props.StackProps)
	s.Delivery = delivery.NewPipeline(s, "Delivery", props.delivery())
	awscdk.NewCfnOutput(s, jsii.String("TopicArn"), &awscdk.CfnOutputProps{
		Value: s.Delivery.Topic.TopicArn(), Description: jsii.String("Topic that is told when something fails or waits"),
	})
	return s
}

// Topic gives the ARN of the topic that is told when something fails or waits.
func (s *PipelineStack) Topic() *string { return s.Delivery.Topic.TopicArn() }

// Validate reports every invalid field at once, those of the pipeline included.
func (p *PipelineStackProps) Validate() error {
	c := check.For("stacks.PipelineStackProps")
	if p == nil {
		p = &PipelineStackProps{}
	}
	explicit := p.Env != nil && p.Env.Account != nil && p.Env.Region != nil
	c.That(explicit, "Env", "must have an account and a region")
	c.That(digits12.MatchString(p.ProdAccount), "ProdAccount", "must be 12 digits, got %q", p.ProdAccount)
	c.That(!explicit || *p.Env.Account != p.ProdAccount, "ProdAccount", "must be another account than the pipeline's")
	c.That(p.Define != nil, "Define", "is required")
	c.Join(p.delivery().Validate())
	return c.Err()
}

func (p *PipelineStackProps) delivery() *delivery.PipelineProps {
	// Without credentials the API answers so, which shows that it is there and lets nobody in.
	const forbidden = 403
	smoke := []delivery.SmokeTest{{Name: "ApiIsUp", Output: "Api/Url", Path: "notes", Status: forbidden}}
	stage := func(as Stage) func(awscdk.Stage) {
		return func(stage awscdk.Stage) { p.Define(stage, as) }
	}
	return &delivery.PipelineProps{
		Source: delivery.Source{Connection: &delivery.Connection{
			ARN: p.Connection, Repository: p.Repository, Branch: p.Branch,
			Push: []delivery.PushFilter{{Branches: delivery.Patterns{Include: []string{p.Branch}}, Files: delivery.Patterns{Exclude: []string{"docs/**", "*.md"}}}},
		}},
		Synth: delivery.Synth{
			// Go and npm are those of CodeBuild; Go then fetches the version that go.mod asks for, and make the pinned Node.js and CDK.
			Runtimes: map[string]string{"golang": "1.24", "nodejs": "22"},
			Install:  []string{"make tools prime"},
			Commands: []string{"make synth"},
			Timeout:  30 * time.Minute,
		},
		Stages: []delivery.Stage{
			{Name: "Dev", Define: stage(Dev), SmokeTests: smoke},
			{Name: "Prod", Account: p.ProdAccount, Define: stage(Prod), Approval: &delivery.Approval{}, SmokeTests: smoke},
		},
	}
}
