package beanstalk

import (
	"strconv"
	"time"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/defaults"
)

// DeploymentPolicy is how a new version takes over.
type DeploymentPolicy string

// The policies. docs/beanstalk.md compares their downtime, capacity and cost.
const (
	// AllAtOnce deploys on all instances at the same time: no request is answered meanwhile.
	AllAtOnce DeploymentPolicy = "AllAtOnce"
	// Rolling deploys batch by batch: a batch is out of service meanwhile.
	Rolling DeploymentPolicy = "Rolling"
	// RollingWithAdditionalBatch is Rolling with a further batch of instances meanwhile, so that the capacity stays.
	RollingWithAdditionalBatch DeploymentPolicy = "RollingWithAdditionalBatch"
	// Immutable deploys on new instances beside the old ones, which go when the new ones are healthy.
	Immutable DeploymentPolicy = "Immutable"
	// TrafficSplitting is Immutable with a share of the requests for the new instances first. It needs an Application Load
	// Balancer.
	TrafficSplitting DeploymentPolicy = "TrafficSplitting"
)

// Deployment is how a new version takes over. Changes of the configuration that replace instances go the same way: immutable
// with Immutable and TrafficSplitting, else batch by batch, each healthy before the next.
//
// https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/using-features.rolling-version-deploy.html
type Deployment struct {
	// Policy is one of AllAtOnce, Rolling, RollingWithAdditionalBatch, Immutable and TrafficSplitting.
	// Default: RollingWithAdditionalBatch; Immutable for a single instance.
	Policy DeploymentPolicy
	// BatchPercent is the size of a batch of the rolling policies in percent of the instances, 1 to 100. It excludes BatchSize.
	// Default: 25, unless BatchSize is set.
	BatchPercent int
	// BatchSize is the size of a batch of the rolling policies as a number of instances, 1 to Scaling.Max.
	// Default: 0, BatchPercent decides.
	BatchSize int
	// NewVersionPercent is the share of the requests that TrafficSplitting sends to the new version first, 1 to 100.
	// Default: 10.
	NewVersionPercent int
	// EvaluationTime is how long TrafficSplitting watches the new version then, 3 to 600 minutes in whole minutes.
	// Default: 5 minutes.
	EvaluationTime time.Duration
	// Timeout is how long an instance may take to carry out commands, 1 s to 1 h in whole seconds.
	// Default: 10 minutes.
	Timeout time.Duration
	// IgnoreHealthCheck goes on although instances are unhealthy.
	// Default: false.
	IgnoreHealthCheck bool
}

func (d *Deployment) rolling() bool {
	return d.Policy == Rolling || d.Policy == RollingWithAdditionalBatch
}

func (d *Deployment) setDefaults(single bool) {
	if single {
		defaults.Or(&d.Policy, Immutable)
	}
	defaults.Or(&d.Policy, RollingWithAdditionalBatch)
	if d.rolling() && d.BatchSize == 0 {
		defaults.Or(&d.BatchPercent, 25)
	}
	if d.Policy == TrafficSplitting {
		defaults.Or(&d.NewVersionPercent, 10)
		defaults.Or(&d.EvaluationTime, 5*time.Minute)
	}
	defaults.Or(&d.Timeout, 10*time.Minute)
}

// check records what is wrong; balancer is empty without a load balancer.
func (d *Deployment) check(c *check.List, single bool, most int, balancer LoadBalancerType) {
	check.OneOf(c, "Policy", d.Policy, AllAtOnce, Rolling, RollingWithAdditionalBatch, Immutable, TrafficSplitting)
	c.That(!single || d.Policy == AllAtOnce || d.Policy == Immutable, "Policy", "must be AllAtOnce or Immutable for a single instance, got %s", d.Policy)
	c.That(single || d.Policy != TrafficSplitting || balancer == ApplicationLoadBalancer, "Policy",
		"TrafficSplitting needs a load balancer of type application, got %s", orNone(string(balancer)))
	if d.rolling() {
		c.That(d.BatchPercent == 0 || d.BatchSize == 0, "BatchSize", "must be left out with BatchPercent")
		c.That(d.BatchSize != 0 || d.BatchPercent >= 1 && d.BatchPercent <= 100, "BatchPercent", "must be between 1 and 100, got %d", d.BatchPercent)
		c.That(d.BatchSize >= 0 && d.BatchSize <= most, "BatchSize", "must be between 1 and %d (Scaling.Max), got %d", most, d.BatchSize)
	} else {
		c.That(d.BatchPercent == 0, "BatchPercent", "is for rolling deployments only")
		c.That(d.BatchSize == 0, "BatchSize", "is for rolling deployments only")
	}
	if d.Policy == TrafficSplitting {
		check.Range(c, "NewVersionPercent", d.NewVersionPercent, 1, 100)
		check.Range(c, "EvaluationTime", d.EvaluationTime, 3*time.Minute, 600*time.Minute)
		check.WholeMinutes(c, "EvaluationTime", d.EvaluationTime)
	} else {
		c.That(d.NewVersionPercent == 0, "NewVersionPercent", "is for TrafficSplitting only")
		c.That(d.EvaluationTime == 0, "EvaluationTime", "is for TrafficSplitting only")
	}
	check.Range(c, "Timeout", d.Timeout, time.Second, time.Hour)
	check.WholeSeconds(c, "Timeout", d.Timeout)
}

func orNone(v string) string {
	if v == "" {
		return "none"
	}
	return v
}

// options says all that a policy leaves unused with its default of Elastic Beanstalk, so that another policy takes its settings back.
func (d *Deployment) options(l *optionList, single bool, least, most int) {
	batch, kind := "100", "Percentage"
	switch {
	case d.rolling() && d.BatchSize > 0:
		batch, kind = strconv.Itoa(d.BatchSize), "Fixed"
	case d.rolling():
		batch = strconv.Itoa(d.BatchPercent)
	}
	l.set("aws:elasticbeanstalk:command", "DeploymentPolicy", string(d.Policy), "BatchSizeType", kind, "BatchSize", batch,
		"Timeout", seconds(d.Timeout), "IgnoreHealthCheck", strconv.FormatBool(d.IgnoreHealthCheck))
	if d.Policy == TrafficSplitting {
		l.set("aws:elasticbeanstalk:trafficsplitting", "NewVersionPercent", strconv.Itoa(d.NewVersionPercent),
			"EvaluationTime", strconv.Itoa(int(d.EvaluationTime/time.Minute)))
	}
	const namespace = "aws:autoscaling:updatepolicy:rollingupdate"
	switch {
	case d.Policy == Immutable || d.Policy == TrafficSplitting:
		l.set(namespace, "RollingUpdateEnabled", "true", "RollingUpdateType", "Immutable", "Timeout", "PT30M")
	case single:
		l.set(namespace, "RollingUpdateEnabled", "false")
	default:
		l.set(namespace, "RollingUpdateEnabled", "true", "RollingUpdateType", "Health", "Timeout", "PT30M",
			"MaxBatchSize", "1", "MinInstancesInService", strconv.Itoa(max(min(least, most-1), 0)))
	}
}
