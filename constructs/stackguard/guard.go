// Package stackguard protects a stack of CloudFormation: its termination, its updates by a stack policy, its data by retention.
//
//	deploy -> stack, with the policy in its template's metadata
//	            |-> status change: rule -> function: SetStackPolicy     (Delivery Events)
//	            |-> strata stack-policy apply                           (Delivery Command)
//	            '-> Applier in a stack that is deployed after this one  (Delivery DependentStack)
//
// The policy allows every update but those that replace or delete what holds data, and names constructs, not logical ids. A policy governs
// the updates after the one that brings it. "strata stack-policy check" says what an update would be denied before it is tried.
//
// With Events it costs 1 USD a month for the key, unless one is given, and 0.10 USD for the alarm; the others cost nothing.
//
// See https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/protect-stack-resources.html
package stackguard

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/constructs/customresource"
	"github.com/strata-cdk/strata/internal/stackpolicy"
)

// Guard protects the stack that it is in. Nested stacks in it need guards of their own.
// The fields are the underlying constructs, for overrides; all are nil without Delivery Events.
type Guard struct {
	constructs.Construct
	// Provider has the function.
	Provider *customresource.Provider
	// DeadLetters has events for which the policy was not set.
	DeadLetters awssqs.Queue
	// AlarmTopic receives the alarm.
	AlarmTopic awssns.ITopic
	// Alarm fires when the policy was not set.
	Alarm awscloudwatch.Alarm

	stack    awscdk.Stack
	named    paths
	props    GuardProps
	delivery Delivery
	applier  string // the path of the Applier
	policy   *string
	found    inventory
}

// NewGuard defines a Guard named id in scope. It gives the scope's stack termination protection, and its resources that hold data their
// retention, also those that are defined later.
// It panics with a *check.Error that lists every invalid field of props, or what the compiler says of the function.
func NewGuard(scope constructs.Construct, id string, props *GuardProps) *Guard {
	path := scope.Node().Path()
	check.Must(path, id, props.Validate())
	d := props.withDefaults()
	stack := awscdk.Stack_Of(scope)
	check.Must(path, id, d.validateTree(stack))

	g := &Guard{stack: stack, props: d, delivery: d.Delivery}
	constructs.NewConstruct_Override(g, scope, &id)
	g.named = newPaths(g)
	g.policy = awscdk.Lazy_UncachedString(&policyText{g}, nil)
	stack.AddMetadata(jsii.String(stackpolicy.MetadataKey), awscdk.Lazy_UncachedAny(&policyObject{g}, nil))
	if stack.NestedStackParent() == nil {
		stack.SetTerminationProtection(jsii.Bool(d.Stage != Ephemeral && !d.DisableTerminationProtection))
	}
	if d.Delivery == Events {
		g.addFunction()
	}
	// After those of users, and of awscdk.RemovalPolicies.
	awscdk.Aspects_Of(stack).Add(&inspector{g}, &awscdk.AspectOptions{Priority: jsii.Number(900)})
	g.Node().AddValidation(&final{g.problems})
	g.Node().AddValidation(&final{g.retentionProblems})
	g.Node().AddValidation(&final{g.policyProblems})
	return g
}

// Policy is the stack policy in JSON, as a token that is known when the stack is synthesised, and is empty before.
func (g *Guard) Policy() *string { return g.policy }

// final is a validation, at synth, when the tree is complete.
type final struct{ problems func() []string }

// Validate reports what would not be protected.
func (f *final) Validate() *[]*string { return jsii.Strings(f.problems()...) }

func (g *Guard) problems() []string {
	var problems []string
	root := g.stack
	for root.NestedStackParent() != nil {
		root = root.NestedStackParent()
	}
	if g.props.Stage == Production && (root.TerminationProtection() == nil || !*root.TerminationProtection()) {
		problems = append(problems, "the stack "+*root.Node().Path()+" is in production and has no termination protection")
	}
	if g.delivery == DependentStack && g.applier == "" {
		problems = append(problems, "nobody sets the stack policy: Delivery is DependentStack, and no Applier has this guard")
	}
	return problems
}
