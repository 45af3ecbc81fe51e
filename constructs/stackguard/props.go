package stackguard

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/defaults"
	"github.com/strata-cdk/strata/internal/stackpolicy"
)

// Stage is what a stack is for.
type Stage string

const (
	// Production keeps data, and cannot be without termination protection.
	Production Stage = "production"
	// Development keeps data, too.
	Development Stage = "development"
	// Ephemeral keeps nothing: the data go with their stack, updates may replace and delete everything, and the stack can be
	// deleted.
	Ephemeral Stage = "ephemeral"
)

// Action is what an update does to a resource.
type Action string

const (
	// Modify changes a resource, with or without interruption.
	Modify Action = Action(stackpolicy.Modify)
	// Replace makes a new resource in the place of the old one.
	Replace Action = Action(stackpolicy.Replace)
	// Delete removes a resource from the stack.
	Delete Action = Action(stackpolicy.Delete)
)

// Delivery is how the stack policy gets from the template to the stack. CloudFormation has no property for it, and the CDK command line
// deploys with change sets, which do not take one.
type Delivery string

const (
	// Events sets the policy by a function in the stack, whenever a change of the stack is done, and once a day.
	Events Delivery = "Events"
	// Command leaves it to "strata stack-policy apply" after each deployment.
	Command Delivery = "Command"
	// DependentStack leaves it to an Applier in a stack that is deployed after this one.
	DependentStack Delivery = "DependentStack"
)

// GuardProps configures a Guard. A nil *GuardProps, like its zero value, takes every default.
type GuardProps struct {
	// Stage is what the stack is for.
	// Default: Production.
	Stage Stage
	// DisableTerminationProtection lets the stack be deleted. With Stage Production it is an error.
	// Default: false, whoever wants to delete the stack has to turn the protection off first; Ephemeral stacks have none.
	DisableTerminationProtection bool
	// Replaceable are constructs of the stack whose resources updates may replace and delete although they hold data.
	// Default: none.
	Replaceable []constructs.IConstruct
	// Deny forbids updates more than the default does: that they replace or delete what holds data.
	// Default: nothing more.
	Deny []Rule
	// Retention says what becomes of resources that hold data, where that is not the default: when they are deleted or replaced.
	// The default is a snapshot where the type of the resource has these and it would be deleted, else that it stays; with
	// Ephemeral, that it is deleted.
	// Default: none.
	Retention []Retention
	// Delivery is how the stack policy is set.
	// Default: Events.
	Delivery Delivery

	// AlarmTopic receives the alarm that the policy was not set. It is for Events, like all below.
	// Default: a new topic, encrypted and for TLS only; subscribe to Guard.AlarmTopic.
	AlarmTopic awssns.ITopic
	// Architecture of the function is "arm64" or "x86_64".
	// Default: "arm64".
	Architecture string
	// Key encrypts the function's logs and variables, and the topic.
	// Default: a new key that rotates yearly.
	Key awskms.IKey
	// LogRetentionDays is how long logs are kept: a period that CloudWatch Logs takes (1, 3, 5, 7, 14, 30, 60, 90, ...).
	// Default: 365.
	LogRetentionDays int
	// ConfigureFunction edits the L2 props of the function last, after all defaults.
	// Default: no edit.
	ConfigureFunction func(*awslambda.FunctionProps)
}

// Rule forbids updates to do something.
type Rule struct {
	// Constructs are constructs of the stack; the rule is for each of their resources. At least one.
	Constructs []constructs.IConstruct
	// Actions are what updates must not do to them: Modify, Replace or Delete; at least one.
	Actions []Action
}

// Retention is what becomes of data.
type Retention struct {
	// Construct is a construct of the stack with resources that hold data.
	Construct constructs.IConstruct
	// Policy is awscdk.RemovalPolicy_RETAIN, _RETAIN_ON_UPDATE_OR_DELETE (it goes when its creation fails), _SNAPSHOT or _DESTROY.
	// Snapshots are for volumes of EC2, for clusters and instances of databases (RDS, Aurora, Neptune, DocumentDB, Redshift), and
	// for ElastiCache.
	Policy awscdk.RemovalPolicy
}

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *GuardProps) Validate() error {
	d, c := p.withDefaults(), check.For("stackguard.GuardProps")
	check.OneOf(c, "Stage", d.Stage, Production, Development, Ephemeral)
	c.That(d.Stage != Production || !d.DisableTerminationProtection, "DisableTerminationProtection", "must not be set in production")
	for i, construct := range d.Replaceable {
		c.That(construct != nil, check.Index("Replaceable", i), "must be given")
	}
	for i, rule := range d.Deny {
		c := c.At(check.Index("Deny", i))
		c.That(len(rule.Constructs) > 0, "Constructs", "must have at least one construct")
		for j, construct := range rule.Constructs {
			c.That(construct != nil, check.Index("Constructs", j), "must be given")
		}
		c.That(len(rule.Actions) > 0, "Actions", "must have at least one action")
		for j, action := range rule.Actions {
			check.OneOf(c, check.Index("Actions", j), action, Modify, Replace, Delete)
		}
	}
	for i, r := range d.Retention {
		c := c.At(check.Index("Retention", i))
		c.That(r.Construct != nil, "Construct", "must be given")
		check.OneOf(c, "Policy", r.Policy, awscdk.RemovalPolicy_RETAIN, awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE,
			awscdk.RemovalPolicy_SNAPSHOT, awscdk.RemovalPolicy_DESTROY)
	}
	check.OneOf(c, "Delivery", d.Delivery, Events, Command, DependentStack)
	if d.Delivery != Events {
		const unused = "must not be given: it is for Delivery Events"
		c.That(d.AlarmTopic == nil, "AlarmTopic", unused)
		c.That(d.Key == nil, "Key", unused)
		c.That(d.ConfigureFunction == nil, "ConfigureFunction", unused)
	}
	validateFunction(c, d.Architecture, d.LogRetentionDays)
	return c.Err()
}

func validateFunction(c *check.List, architecture string, days int) {
	check.OneOf(c, "Architecture", architecture, "arm64", "x86_64")
	check.OneOf(c, "LogRetentionDays", days, cdkval.RetentionDays()...)
}

// validateTree reports constructs of other stacks, and a second guard.
func (p *GuardProps) validateTree(stack awscdk.Stack) error {
	c := check.For("stackguard.GuardProps")
	here := func(field string, construct constructs.IConstruct) {
		of := awscdk.Stack_Of(construct)
		c.That(*of.Node().Path() == *stack.Node().Path(), field, "must be of the stack %s, got %s", *stack.Node().Path(), *construct.Node().Path())
	}
	for i, construct := range p.Replaceable {
		here(check.Index("Replaceable", i), construct)
	}
	for i, rule := range p.Deny {
		for j, construct := range rule.Constructs {
			here(check.Index("Deny", i)+"."+check.Index("Constructs", j), construct)
		}
	}
	for i, r := range p.Retention {
		here(check.Index("Retention", i)+".Construct", r.Construct)
	}
	if metadata := stack.TemplateOptions().Metadata(); metadata != nil {
		_, second := (*metadata)[stackpolicy.MetadataKey]
		c.That(!second, "", "the stack has another guard: a stack has one policy")
	}
	return c.Err()
}

func (p *GuardProps) withDefaults() GuardProps {
	var d GuardProps
	if p != nil {
		d = *p
	}
	defaults.Or(&d.Stage, Production)
	defaults.Or(&d.Delivery, Events)
	defaults.Or(&d.Architecture, "arm64")
	defaults.Or(&d.LogRetentionDays, 365)
	return d
}

// ApplierProps configures an Applier.
type ApplierProps struct {
	// Guards are the guards of other stacks, with Delivery DependentStack, in the account and region of the Applier's. At
	// least one.
	Guards []*Guard
	// Architecture of the function is "arm64" or "x86_64".
	// Default: "arm64".
	Architecture string
	// Key encrypts the function's logs and variables.
	// Default: a new key that rotates yearly.
	Key awskms.IKey
	// LogRetentionDays is how long logs are kept: a period that CloudWatch Logs takes (1, 3, 5, 7, 14, 30, 60, 90, ...).
	// Default: 365.
	LogRetentionDays int
	// RemovalPolicy says what becomes of logs and the key when the stack is deleted.
	// Default: awscdk.RemovalPolicy_RETAIN.
	RemovalPolicy awscdk.RemovalPolicy
	// ConfigureFunction edits the L2 props of the function last, after all defaults.
	// Default: no edit.
	ConfigureFunction func(*awslambda.FunctionProps)
}

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *ApplierProps) Validate() error {
	d, c := p.withDefaults(), check.For("stackguard.ApplierProps")
	c.That(len(d.Guards) > 0, "Guards", "must have at least one guard")
	for i, g := range d.Guards {
		c.That(g != nil, check.Index("Guards", i), "must be given")
	}
	validateFunction(c, d.Architecture, d.LogRetentionDays)
	check.OneOf(c, "RemovalPolicy", d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN, awscdk.RemovalPolicy_DESTROY)
	return c.Err()
}

// validateGuards reports guards of which this stack cannot set the policy.
func (p *ApplierProps) validateGuards(stack awscdk.Stack) error {
	c := check.For("stackguard.ApplierProps")
	for i, g := range p.Guards {
		field := check.Index("Guards", i)
		c.That(g.delivery == DependentStack, field, "must have Delivery %s, got %s", DependentStack, g.delivery)
		c.That(g.applier == "", field, "must be of one Applier, is of %s", g.applier)
		c.That(!slices.Contains(p.Guards[:i], g), field, "must differ from the others, got %s again", *g.Node().Path())
		c.That(*g.stack.Node().Path() != *stack.Node().Path(), field, "must be of another stack: none sets its own policy")
		c.That(g.stack.NestedStackParent() == nil, field, "must not be of a nested stack, whose name is not known")
		c.That(*g.stack.Environment() == *stack.Environment(), field, "must be in %s, got %s", *stack.Environment(), *g.stack.Environment())
	}
	return c.Err()
}

func (p *ApplierProps) withDefaults() ApplierProps {
	var d ApplierProps
	if p != nil {
		d = *p
	}
	defaults.Or(&d.Architecture, "arm64")
	defaults.Or(&d.LogRetentionDays, 365)
	defaults.Or(&d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN)
	return d
}
