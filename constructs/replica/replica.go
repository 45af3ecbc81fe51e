// Package replica keeps data in two regions, so that one of them can be lost.
//
//	primary region                          standby region
//	NewX: data, own key  -- replication -->  NewX: data, own key
//	failures --> topic                       lag --> topic
//
// Each constructor takes the same props in a stack of either region, and defines what that region has. The stacks hold no reference to each other:
// names are made from Pair.Name, the account and the region, keys are known by their aliases. Both regions are of one account.
// docs/replica.md says which side is deployed first, what can be lost and what a failover does.
//
// Each side costs 1 USD a month for its key, its storage, and the transfer between the regions (0.02 USD for a GB from us-east-1 to us-west-2).
//
// See https://docs.aws.amazon.com/whitepapers/latest/disaster-recovery-workloads-on-aws/disaster-recovery-options-in-the-cloud.html
package replica

import (
	"regexp"
	"slices"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/awsid"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/defaults"
	"github.com/strata-cdk/strata/internal/encrypted"
	"github.com/strata-cdk/strata/internal/monitor"
)

// Pair says which regions have the data and what it is called there. Both sides are given the same value.
type Pair struct {
	// Name is what names in both regions are made from: 3 to 30 lower-case letters, digits and single hyphens, a letter first and no hyphen
	// last. It is required. Two of a kind in one account need two names; another name is other data.
	Name string
	// Primary is the region where data is written, such as "us-east-1", and Standby the one that it is replicated to. They are required, and
	// differ.
	Primary, Standby string
}

// Side is what each region has of its own.
type Side struct {
	// Key encrypts data and the new topic in the region of the stack.
	// Default: a new key that rotates yearly.
	Key awskms.IKey
	// DisableAlarms makes no topic and no alarms.
	// Default: false.
	DisableAlarms bool
	// AlarmTopic gets the alarms. When it is encrypted, the policy of its key must admit CloudWatch.
	// Default: a new one, encrypted with Key.
	AlarmTopic awssns.ITopic
	// RemovalPolicy says what becomes of data and new keys when the stack is deleted. With DESTROY, data is not protected from deletion either.
	// Default: awscdk.RemovalPolicy_RETAIN.
	RemovalPolicy awscdk.RemovalPolicy
}

var name = regexp.MustCompile(`^[a-z](-?[a-z0-9])+$`)

func (p *Pair) validate(c *check.List) {
	c.That(name.MatchString(p.Name) && 3 <= len(p.Name) && len(p.Name) <= 30, "Name",
		"must be 3 to 30 lower-case letters, digits and single hyphens, a letter first and no hyphen last, got %q", p.Name)
	p.region(c, "Primary", p.Primary)
	p.region(c, "Standby", p.Standby)
	c.That(p.Primary == "" || p.Primary != p.Standby, "Standby", "must be another region than Primary: both would be lost together")
}

func (p *Pair) region(c *check.List, field, region string) {
	awsid.Region(c, field, region)
	c.That(!check.IsToken(region), field, "must be known at synth: names in the other region are made from it")
}

// validateIn reports a stack that is in none of the regions.
func (p *Pair) validateIn(props string, stack awscdk.Stack, others ...string) error {
	c, region := check.For(props), *stack.Region()
	if check.IsToken(region) {
		c.Add("", "the stack must have a region of its own: set Env")
	} else {
		c.That(slices.Contains(append(others, p.Primary, p.Standby), region), "Primary", "must be the stack's region, or Standby must: the stack is in %s", region)
	}
	return c.Err()
}

// validateAlone reports a stack that is to have nothing.
func (p *Pair) validateAlone(props string, stack awscdk.Stack, alone bool) error {
	c := check.For(props)
	c.That(!alone || *stack.Region() == p.Primary, "Alone", "must be left out for a stack that is not in Primary")
	return c.Err()
}

// other is the region at the other side of that of the stack.
func (p *Pair) other(stack awscdk.Stack) string {
	if *stack.Region() == p.Primary {
		return p.Standby
	}
	return p.Primary
}

// arn is that of a resource of the account in a region.
func arn(stack awscdk.Stack, service, region, resource string) *string {
	return jsii.String("arn:" + *stack.Partition() + ":" + service + ":" + region + ":" + *stack.Account() + ":" + resource)
}

func (s *Side) setDefaults() { defaults.Or(&s.RemovalPolicy, awscdk.RemovalPolicy_RETAIN) }

func (s *Side) validate(c *check.List) {
	c.That(!s.DisableAlarms || s.AlarmTopic == nil, "AlarmTopic", "must be left out with DisableAlarms")
	check.OneOf(c, "RemovalPolicy", s.RemovalPolicy, awscdk.RemovalPolicy_RETAIN, awscdk.RemovalPolicy_DESTROY)
}

// removal is the policy of what has a certain name.
func (s *Side) removal() awscdk.RemovalPolicy { return cdkval.Named(s.RemovalPolicy) }

func (s *Side) protects() *bool { return jsii.Bool(s.RemovalPolicy == awscdk.RemovalPolicy_RETAIN) }

// newKey gives the key, a new one where none is given, the alias by which the other side knows it.
func (s *Side) newKey(scope constructs.Construct, alias, description string) awskms.IKey {
	key := s.Key
	if key == nil {
		key = encrypted.NewKey(scope, description, s.RemovalPolicy)
	}
	awskms.NewAlias(scope, jsii.String("Alias"), &awskms.AliasProps{AliasName: &alias, TargetKey: key, RemovalPolicy: s.removal()})
	return key
}

// newTopic gives the topic of the alarms: a new one where none is given, and nil with DisableAlarms.
func (s *Side) newTopic(scope constructs.Construct, key awskms.IKey) awssns.ITopic {
	if s.DisableAlarms {
		return nil
	}
	if s.AlarmTopic != nil {
		return s.AlarmTopic
	}
	return monitor.NewTopic(scope, key)
}

// metric is the maximum of a metric in each minute.
func metric(namespace, name string, dimensions map[string]string) awscloudwatch.IMetric {
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace: &namespace, MetricName: &name, DimensionsMap: cdkval.TextMap(dimensions),
		Statistic: jsii.String("Maximum"), Period: cdkval.Duration(time.Minute),
	})
}

func validateLag(c *check.List, lag time.Duration) {
	check.Range(c, "AlarmLag", lag, time.Second, 24*time.Hour)
	check.WholeSeconds(c, "AlarmLag", lag)
}

// inside gives the subnets, the isolated ones where none are given, or those with a way out where there are none of these.
func inside(vpc awsec2.IVpc, subnets *awsec2.SubnetSelection) *awsec2.SubnetSelection {
	switch {
	case subnets != nil:
		return subnets
	case len(*vpc.IsolatedSubnets()) > 0:
		return &awsec2.SubnetSelection{SubnetType: awsec2.SubnetType_PRIVATE_ISOLATED}
	}
	return &awsec2.SubnetSelection{SubnetType: awsec2.SubnetType_PRIVATE_WITH_EGRESS}
}
