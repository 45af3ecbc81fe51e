package customresource

import (
	"regexp"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/defaults"
	"github.com/strata-cdk/strata/internal/gofunction"
	"github.com/strata-cdk/strata/internal/provider"
)

// ProviderProps configures a Provider. Exactly one of GoPackage, LibraryPackage and Directory is its code, a main function that
// calls cfnresource.Start.
type ProviderProps struct {
	// GoPackage is a main package in Go that is built with "go build" at synth, without Docker: a directory
	// ("./functions/thing", which may be a module of its own) or an import path. The bytes depend on nothing but the
	// source, the modules and the Go release.
	GoPackage string
	// LibraryPackage is the import path of a main package that a library ships. It is built from the copy that the app's module
	// uses, vendored or not, as if in the library's own module: with the same versions every app gets the same bytes. The
	// app must run in a folder of its module.
	LibraryPackage string
	// Directory is a folder with a program named bootstrap that was built before.
	Directory string
	// Architecture is "arm64" or "x86_64".
	// Default: "arm64".
	Architecture string
	// Description says what the function is for, in at most 256 characters.
	// Default: none.
	Description string
	// Memory is the memory in MB, 128 to 10240.
	// Default: 256.
	Memory int
	// Timeout is how long a call of the handler may take, 10 s to 15 min, in whole seconds. A handler that takes longer is
	// answered for: the resource fails. It has ten seconds less than this, or three quarters where these are more.
	// Default: 5 min.
	Timeout time.Duration
	// ServiceTimeout is how long CloudFormation waits for an answer, all calls together: from Timeout to 1 h, in whole seconds.
	// Default: 1 h with Poll, else Timeout and one minute.
	ServiceTimeout time.Duration
	// Poll lets the handler ask to be called again until its work is done, with cfnresource.Again. A state machine of AWS
	// Step Functions does all calls, and has the resource fail when the function ends without a word, such as for lack of
	// memory.
	// Default: false, each request is one call.
	Poll bool
	// Topic puts an Amazon SNS topic in front of the function, as for stacks of other accounts, whose CloudFormation may
	// publish to a topic when its policy says so: provider.Topic.GrantPublish.
	// Default: false, CloudFormation invokes the function.
	Topic bool
	// Environment are variables for the function. They are no place for secrets.
	// Default: none.
	Environment map[string]string
	// Key encrypts logs, variables and the topic.
	// Default: a new key that rotates yearly.
	Key awskms.IKey
	// LogRetentionDays is how long logs are kept: a period that CloudWatch Logs takes (1, 3, 5, 7, 14, 30, 60, 90, ...).
	// Default: 365.
	LogRetentionDays int
	// RemovalPolicy says what becomes of logs and the key when the stack is deleted.
	// Default: awscdk.RemovalPolicy_RETAIN.
	RemovalPolicy awscdk.RemovalPolicy
	// ConfigureFunction edits the L2 props of the function last, after all defaults. What it replaces it answers for.
	// Default: no edit.
	ConfigureFunction func(*awslambda.FunctionProps)
}

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *ProviderProps) Validate() error {
	d, c := p.withDefaults(), check.For("customresource.ProviderProps")
	d.function().Validate(c, 10*time.Second, provider.Timeout, provider.Waiter)
	check.Range(c, "ServiceTimeout", d.ServiceTimeout, d.Timeout, time.Hour)
	check.WholeSeconds(c, "ServiceTimeout", d.ServiceTimeout)
	check.OneOf(c, "LogRetentionDays", d.LogRetentionDays, cdkval.RetentionDays()...)
	check.OneOf(c, "RemovalPolicy", d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN, awscdk.RemovalPolicy_DESTROY)
	return c.Err()
}

func (p *ProviderProps) function() *gofunction.Props {
	return &gofunction.Props{
		GoPackage: p.GoPackage, LibraryPackage: p.LibraryPackage, Directory: p.Directory, Architecture: p.Architecture,
		Description: p.Description, Memory: p.Memory, Timeout: p.Timeout, Environment: p.Environment,
	}
}

func (p *ProviderProps) withDefaults() ProviderProps {
	var d ProviderProps
	if p != nil {
		d = *p
	}
	defaults.Or(&d.Architecture, "arm64")
	defaults.Or(&d.Memory, 256)
	defaults.Or(&d.Timeout, 5*time.Minute)
	if d.ServiceTimeout == 0 {
		d.ServiceTimeout = d.Timeout + time.Minute
		if d.Poll {
			d.ServiceTimeout = time.Hour
		}
	}
	defaults.Or(&d.LogRetentionDays, 365)
	defaults.Or(&d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN)
	return d
}

// ResourceProps configures a Resource.
type ResourceProps struct {
	// Provider manages the resource. It is required.
	Provider *Provider
	// Type is the type in the template: "Custom::", then letters, digits, _, @ and -, 60 characters at most in all.
	// CloudFormation refuses to change it.
	// Default: "AWS::CloudFormation::CustomResource".
	Type string
	// Properties are what the handler gets: names with strings, numbers, bools, and lists and maps of these; values known only
	// at deployment too. A change of one is an Update. ServiceToken and ServiceTimeout are CloudFormation's.
	// Default: none.
	Properties map[string]any
	// RemovalPolicy says whether the handler is asked to delete the resource when it leaves the stack.
	// Default: awscdk.RemovalPolicy_DESTROY, it is.
	RemovalPolicy awscdk.RemovalPolicy
}

var resourceType = regexp.MustCompile(`^Custom::[A-Za-z0-9_@-]+$`)

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *ResourceProps) Validate() error {
	d, c := p.withDefaults(), check.For("customresource.ResourceProps")
	c.That(d.Provider != nil, "Provider", "must be given")
	if d.Type != "" {
		c.That(resourceType.MatchString(d.Type) && len(d.Type) <= 60, "Type",
			"must be Custom:: with letters, digits, _, @ and - after it, 60 characters at most in all, got %q", d.Type)
	}
	for _, name := range []string{"ServiceTimeout", "ServiceToken"} {
		_, given := d.Properties[name]
		c.That(!given, check.Key("Properties", name), "must have another name: this one is CloudFormation's")
	}
	check.OneOf(c, "RemovalPolicy", d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN, awscdk.RemovalPolicy_DESTROY)
	return c.Err()
}

func (p *ResourceProps) withDefaults() ResourceProps {
	var d ResourceProps
	if p != nil {
		d = *p
	}
	defaults.Or(&d.RemovalPolicy, awscdk.RemovalPolicy_DESTROY)
	return d
}
