package bucketemptier

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/defaults"
)

// EmptierProps configures an Emptier.
type EmptierProps struct {
	// Buckets are the buckets to empty; at least one.
	Buckets []Bucket
	// Architecture of the function is "arm64" or "x86_64".
	// Default: "arm64".
	Architecture string
	// Key encrypts the function's logs and variables.
	// Default: a new key that rotates yearly.
	Key awskms.IKey
	// LogRetentionDays is how long logs are kept: a period that CloudWatch Logs takes (1, 3, 5, 7, 14, 30, 60, 90, ...).
	// Default: 365.
	LogRetentionDays int
	// RemovalPolicy says what becomes of logs and the key when the stack is deleted. It has nothing to do with the buckets.
	// Default: awscdk.RemovalPolicy_RETAIN.
	RemovalPolicy awscdk.RemovalPolicy
	// ConfigureFunction edits the L2 props of the function last, after all defaults.
	// Default: no edit.
	ConfigureFunction func(*awslambda.FunctionProps)
}

// Bucket is a bucket that is emptied.
type Bucket struct {
	// Name is the construct id of the custom resource: a letter, then letters and digits. Changing it replaces the resource, which
	// empties nothing.
	Name string
	// Bucket is the bucket. One of this stack must have RemovalPolicy DESTROY.
	Bucket awss3.IBucket
	// EmptyKept empties a bucket that is not deleted with this stack: one of another stack, or of none, or with another
	// RemovalPolicy. It stays, without contents and with a policy that denies writes.
	// Default: false, such a bucket is an error.
	EmptyKept bool
	// BypassGovernance deletes also what S3 Object Lock holds in governance mode. Nothing deletes what it holds in compliance
	// mode or by a legal hold: the stack's deletion fails then, and names an object.
	// Default: false, it fails for governance mode too.
	BypassGovernance bool
}

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *EmptierProps) Validate() error {
	d, c := p.withDefaults(), check.For("bucketemptier.EmptierProps")
	c.That(len(d.Buckets) > 0, "Buckets", "must have at least one bucket")
	for i, b := range d.Buckets {
		c := c.At(check.Index("Buckets", i))
		c.That(check.IsConstructID(b.Name) && b.Name != "Provider", "Name", `must be a letter, then letters and digits, and not "Provider", got %q`, b.Name)
		c.That(!slices.ContainsFunc(d.Buckets[:i], func(o Bucket) bool { return o.Name == b.Name }), "Name", "must differ from the others, got %q again", b.Name)
		c.That(b.Bucket != nil, "Bucket", "must be given")
	}
	check.OneOf(c, "Architecture", d.Architecture, "arm64", "x86_64")
	check.OneOf(c, "LogRetentionDays", d.LogRetentionDays, cdkval.RetentionDays()...)
	check.OneOf(c, "RemovalPolicy", d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN, awscdk.RemovalPolicy_DESTROY)
	return c.Err()
}

// validateOwners reports buckets that are not of the stack and must not be emptied.
func (p *EmptierProps) validateOwners(stack awscdk.Stack) error {
	c := check.For("bucketemptier.EmptierProps")
	for i, b := range p.Buckets {
		_, made := b.Bucket.Node().DefaultChild().(awss3.CfnBucket)
		own := made && *awscdk.Stack_Of(b.Bucket).Node().Path() == *stack.Node().Path()
		c.That(own || b.EmptyKept, check.Index("Buckets", i)+".EmptyKept", "must be set for a bucket that is not deleted with this stack")
	}
	return c.Err()
}

func (p *EmptierProps) withDefaults() EmptierProps {
	var d EmptierProps
	if p != nil {
		d = *p
	}
	defaults.Or(&d.Architecture, "arm64")
	defaults.Or(&d.LogRetentionDays, 365)
	defaults.Or(&d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN)
	return d
}
