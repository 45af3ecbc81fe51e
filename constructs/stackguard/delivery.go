package stackguard

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/constructs/customresource"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/monitor"
	"github.com/strata-cdk/strata/internal/nag"
)

// The import paths of the functions.
const (
	onEvents   = "github.com/strata-cdk/strata/functions/stackguard"
	asResource = "github.com/strata-cdk/strata/functions/stackpolicy"
)

// addFunction defines the function with what calls it, and what tells when it fails.
func (g *Guard) addFunction() {
	removal := awscdk.RemovalPolicy_RETAIN
	if g.props.Stage == Ephemeral {
		removal = awscdk.RemovalPolicy_DESTROY
	}
	g.DeadLetters = awssqs.NewQueue(g, jsii.String("DeadLetters"), &awssqs.QueueProps{
		Encryption: awssqs.QueueEncryption_SQS_MANAGED, EnforceSSL: jsii.Bool(true), RetentionPeriod: cdkval.Duration(14 * 24 * time.Hour),
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	g.Provider = customresource.NewProvider(g, "Provider", &customresource.ProviderProps{
		LibraryPackage:   onEvents,
		Architecture:     g.props.Architecture,
		Description:      "Sets the stack policy when a change of the stack is done",
		Timeout:          time.Minute,
		Environment:      map[string]string{"STRATA_STACK": *g.stack.StackId(), "STRATA_POLICY_SHA256": *awscdk.Lazy_UncachedString(&policyHash{g}, nil)},
		Key:              g.props.Key,
		LogRetentionDays: g.props.LogRetentionDays,
		RemovalPolicy:    removal,
		ConfigureFunction: func(p *awslambda.FunctionProps) {
			// It can be called as often as one likes: Lambda tries again after a minute and after two more.
			p.RetryAttempts, p.MaxEventAge = jsii.Number(2), cdkval.Duration(time.Hour)
			p.DeadLetterQueue = g.DeadLetters
			if g.props.ConfigureFunction != nil {
				g.props.ConfigureFunction(p)
			}
		},
	})
	allow(g.Provider, g.stack.StackId(), "cloudformation:DescribeStacks", "cloudformation:GetTemplate", "cloudformation:SetStackPolicy")
	g.addRule("Rule", &awsevents.CfnRuleProps{
		Description: jsii.String("A change of the stack is done"),
		EventPattern: map[string]any{
			"source": jsii.Strings("aws.cloudformation"), "detail-type": jsii.Strings("CloudFormation Stack Status Change"),
			"detail": map[string]any{
				"stack-id": []*string{g.stack.StackId()},
				"status-details": map[string]any{"status": jsii.Strings(
					"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE")},
			},
		},
	})
	// The rule is as old as the stack: should it miss the creation's end, the stack is not without a policy for long.
	g.addRule("Daily", &awsevents.CfnRuleProps{
		Description: jsii.String("In case an event was missed"), ScheduleExpression: jsii.String("rate(1 day)"),
	})
	if g.AlarmTopic = g.props.AlarmTopic; g.AlarmTopic == nil {
		g.AlarmTopic = monitor.NewTopic(g, g.Provider.Key)
	}
	g.Alarm = monitor.NewAlarm(g, monitor.Watch{
		ID: "NotSet", Text: "The stack policy was not set", Minutes: 1, Of: 1,
		Metric: g.DeadLetters.MetricApproximateNumberOfMessagesVisible(monitor.PerMinute("Maximum")),
	}, g.AlarmTopic)
}

// addRule defines a rule of EventBridge that calls the function.
func (g *Guard) addRule(id string, props *awsevents.CfnRuleProps) {
	props.Targets = []any{&awsevents.CfnRule_TargetProperty{
		Id: jsii.String("Function"), Arn: g.Provider.Function.FunctionArn(),
		DeadLetterConfig: &awsevents.CfnRule_DeadLetterConfigProperty{Arn: g.DeadLetters.QueueArn()},
	}}
	rule := awsevents.NewCfnRule(g, &id, props)
	events := awsiam.NewServicePrincipal(jsii.String("events.amazonaws.com"), nil)
	g.Provider.Function.AddPermission(&id, &awslambda.Permission{Principal: events, SourceArn: rule.AttrArn()})
	g.DeadLetters.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: &[]awsiam.IPrincipal{events}, Actions: jsii.Strings("sqs:SendMessage"), Resources: &[]*string{g.DeadLetters.QueueArn()},
		Conditions: &map[string]any{"ArnEquals": map[string]any{"aws:SourceArn": rule.AttrArn()}},
	}))
}

func allow(p *customresource.Provider, resource *string, actions ...string) {
	p.Function.AddToRolePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings(actions...), Resources: &[]*string{resource},
	}))
}

// policyHash changes with the policy. CloudFormation updates the metadata of a template only along with a resource.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/metadata-section-structure.html
type policyHash struct{ guard *Guard }

// Produce is called at synth.
func (p *policyHash) Produce(awscdk.IResolveContext) *string {
	policy, _ := p.guard.build()
	sum := sha256.Sum256([]byte(policy.JSON()))
	return new(hex.EncodeToString(sum[:]))
}

// Applier sets the stack policies of other stacks, which are deployed before its own.
// The fields are the underlying constructs, for overrides.
type Applier struct {
	constructs.Construct
	// Provider has the function.
	Provider *customresource.Provider
	// Resources are the custom resources, by the paths of the guards.
	Resources map[string]*customresource.Resource
}

// NewApplier defines an Applier named id in scope.
// It panics with a *check.Error that lists every invalid field of props, or what the compiler says of the function.
func NewApplier(scope constructs.Construct, id string, props *ApplierProps) *Applier {
	path := scope.Node().Path()
	check.Must(path, id, props.Validate())
	stack := awscdk.Stack_Of(scope)
	check.Must(path, id, props.validateGuards(stack))
	d := props.withDefaults()

	a := &Applier{Resources: map[string]*customresource.Resource{}}
	constructs.NewConstruct_Override(a, scope, &id)
	a.Provider = customresource.NewProvider(a, "Provider", &customresource.ProviderProps{
		LibraryPackage:    asResource,
		Architecture:      d.Architecture,
		Description:       "Sets the stack policies of other stacks",
		Timeout:           time.Minute,
		Key:               d.Key,
		LogRetentionDays:  d.LogRetentionDays,
		RemovalPolicy:     d.RemovalPolicy,
		ConfigureFunction: d.ConfigureFunction,
	})
	for _, g := range d.Guards {
		a.add(stack, g)
	}
	nag.Suppress(a.Provider.Function.Role().Node().FindChild(jsii.String("DefaultPolicy")), "AwsSolutions-IAM5",
		"The ARN of a stack ends with an id that is known only when it is there.", `/^Resource::.*:stack\/.*\/\*$/`)
	return a
}

func (a *Applier) add(stack awscdk.Stack, g *Guard) {
	g.applier = *a.Node().Path()
	stack.AddStackDependency(g.stack, jsii.String("its policy is set when it is there"))
	allow(a.Provider, stack.FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("cloudformation"), Resource: jsii.String("stack"), ResourceName: jsii.String(*g.stack.StackName() + "/*"),
	}), "cloudformation:SetStackPolicy")
	a.Resources[*g.Node().Path()] = customresource.NewResource(a, *g.stack.ArtifactId(), &customresource.ResourceProps{
		Provider: a.Provider, Type: "Custom::StrataStackPolicy",
		Properties: map[string]any{"Stack": g.stack.StackName(), "Policy": g.Policy()},
	})
}

// Function is the function that sets the policies.
func (a *Applier) Function() awslambda.Function { return a.Provider.Function }
