package ecsservice

import (
	"math"
	"slices"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscodedeploy"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/defaults"
)

// Strategy is how new tasks take over from old ones.
type Strategy string

const (
	// Rolling replaces tasks some at a time. The zero value of Strategy means this.
	Rolling Strategy = "ROLLING"
	// BlueGreen starts all new tasks beside the old ones, then moves all requests at once. ECS does it by itself.
	BlueGreen Strategy = "BLUE_GREEN"
	// Linear is BlueGreen that moves requests in equal steps.
	Linear Strategy = "LINEAR"
	// Canary is BlueGreen that moves a small share of the requests first, and then the rest.
	Canary Strategy = "CANARY"
	// CodeDeploy is blue/green by AWS CodeDeploy. CloudFormation then deploys no new task definition of the service: a
	// pipeline, or the aws ecs deploy command, does. Prefer BlueGreen, Linear or Canary.
	CodeDeploy Strategy = "CODE_DEPLOY"
)

// Stage is a part of a blue/green deployment in which hooks run.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-lifecycle-hooks.html
type Stage string

// The stages of a deployment, in their order.
const (
	ReconcileService           Stage = "RECONCILE_SERVICE"
	PreScaleUp                 Stage = "PRE_SCALE_UP"
	PostScaleUp                Stage = "POST_SCALE_UP"
	TestTrafficShift           Stage = "TEST_TRAFFIC_SHIFT"
	PostTestTrafficShift       Stage = "POST_TEST_TRAFFIC_SHIFT"
	ProductionTrafficShift     Stage = "PRODUCTION_TRAFFIC_SHIFT"
	PostProductionTrafficShift Stage = "POST_PRODUCTION_TRAFFIC_SHIFT"
)

// Deployment is how new tasks take over.
type Deployment struct {
	// Strategy is Rolling, BlueGreen, Linear, Canary or CodeDeploy. All but Rolling need a load balancer.
	// Default: Rolling.
	Strategy Strategy
	// MinHealthyPercent is the share of the desired tasks that must run during a rolling deployment, 0 to 100.
	// Default: nil, which means 100.
	MinHealthyPercent *int
	// MaxPercent is the share of the desired tasks that may run during a rolling deployment, 100 to 200, more than
	// MinHealthyPercent.
	// Default: 200.
	MaxPercent int
	// DisableCircuitBreaker lets a rolling deployment go on whose tasks do not start, for up to three hours.
	// Default: false, it is stopped and rolled back.
	DisableCircuitBreaker bool
	// BakeTime is how long alarms are watched, and old tasks kept, after the requests have moved: whole minutes up to 24 h.
	// ECS itself would take 36 h, or 3 h for a rolling deployment.
	// Default: nil, which means 10 min.
	BakeTime *time.Duration
	// StepPercent is the share of the requests that moves at a time: 3 to 100 for Linear, 0.1 to 100 for Canary, in tenths.
	// Default: 10.
	StepPercent float64
	// StepBakeTime is the time between steps: whole minutes up to 24 h.
	// Default: nil, which means 5 min.
	StepBakeTime *time.Duration
	// TestPort is the port of a second listener, which sends requests to new tasks before production does: 1 to 65535. Not
	// for Rolling.
	// Default: 0, no test listener.
	TestPort int
	// TestCIDRs are who may call TestPort, as IPv4 or IPv6 ranges.
	// Default: the VPC's own range.
	TestCIDRs []string
	// Hooks run in stages of BlueGreen, Linear and Canary deployments.
	// Default: none.
	Hooks []Hook
	// Alarms roll a deployment back, beside the service's own alarm on 5xx answers.
	// Default: none.
	Alarms []awscloudwatch.IAlarm
	// CodeDeployConfig is how CodeDeploy moves requests.
	// Default: awscodedeploy.EcsDeploymentConfig_CANARY_10PERCENT_5MINUTES.
	CodeDeployConfig awscodedeploy.IEcsDeploymentConfig
}

// Hook is what a deployment waits for. Exactly one of Function and Pause.
type Hook struct {
	// Stages are when it runs, one at least.
	Stages []Stage
	// Function is called, again and again while it answers {"hookStatus": "IN_PROGRESS"}, until it answers SUCCEEDED or
	// FAILED, which rolls back.
	Function awslambda.IFunction
	// Pause waits until an operator lets the deployment go on.
	Pause bool
	// Timeout is how long it may take, whole minutes from 1 min to 14 days.
	// Default: 0, as ECS has it: 24 h.
	Timeout time.Duration
	// ContinueOnTimeout lets the deployment go on after Timeout.
	// Default: false, it is rolled back.
	ContinueOnTimeout bool
}

func (d *Deployment) setDefaults() {
	defaults.Or(&d.Strategy, Rolling)
	if d.MinHealthyPercent == nil {
		d.MinHealthyPercent = new(100)
	}
	defaults.Or(&d.MaxPercent, 200)
	if d.BakeTime == nil {
		d.BakeTime = new(10 * time.Minute)
	}
	if d.Strategy == Linear || d.Strategy == Canary {
		defaults.Or(&d.StepPercent, 10)
		if d.StepBakeTime == nil {
			d.StepBakeTime = new(5 * time.Minute)
		}
	}
}

// blueGreen tells whether ECS itself moves requests between two target groups.
func (d *Deployment) blueGreen() bool {
	return d.Strategy == BlueGreen || d.Strategy == Linear || d.Strategy == Canary
}

// maxLength is how long the steps of a deployment may take: CloudFormation itself gives up after 36 h.
const maxLength = 33 * time.Hour

// minLinear is the smallest step of a linear deployment, in percent.
const minLinear = 3

// length is how long a deployment takes at least, as CloudFormation computes it: nothing is waited for after the last step.
func (d *Deployment) length() time.Duration {
	switch {
	case d.Strategy == Linear && d.StepPercent >= minLinear:
		steps := math.Ceil(100/d.StepPercent-1e-9) - 1
		return *d.BakeTime + time.Duration(steps)**d.StepBakeTime
	case d.Strategy == Canary:
		return *d.BakeTime + *d.StepBakeTime
	}
	return *d.BakeTime
}

// twoGroups tells whether there are two target groups.
func (d *Deployment) twoGroups() bool { return d.blueGreen() || d.Strategy == CodeDeploy }

var stages = []Stage{ReconcileService, PreScaleUp, PostScaleUp, TestTrafficShift, PostTestTrafficShift, ProductionTrafficShift, PostProductionTrafficShift}

func (d *Deployment) check(c *check.List, p *CommonProps, lb *LoadBalancing) {
	check.OneOf(c, "Strategy", d.Strategy, Rolling, BlueGreen, Linear, Canary, CodeDeploy)
	c.That(d.Strategy == Rolling || lb != nil, "Strategy", "must be ROLLING for a service without a load balancer, got %s", d.Strategy)
	if d.Strategy == Rolling {
		check.Range(c, "MinHealthyPercent", *d.MinHealthyPercent, 0, 100)
		check.Range(c, "MaxPercent", d.MaxPercent, 100, 200)
		c.That(d.MaxPercent > *d.MinHealthyPercent, "MaxPercent", "must be more than MinHealthyPercent, %d, or no task could be replaced; got %d", *d.MinHealthyPercent, d.MaxPercent)
		c.That(d.TestPort == 0, "TestPort", "must be left out with ROLLING: nothing is tested before it goes live")
	} else {
		c.That(*d.MinHealthyPercent == 100, "MinHealthyPercent", "must be left out with %s", d.Strategy)
		c.That(d.MaxPercent == 200, "MaxPercent", "must be left out with %s", d.Strategy)
		c.That(!d.DisableCircuitBreaker, "DisableCircuitBreaker", "must be left out with %s: the circuit breaker is for ROLLING", d.Strategy)
	}
	minutes(c, "BakeTime", *d.BakeTime)
	switch d.Strategy {
	case Linear:
		check.Range(c, "StepPercent", d.StepPercent, minLinear, 100)
		minutes(c, "StepBakeTime", *d.StepBakeTime)
	case Canary:
		check.Range(c, "StepPercent", d.StepPercent, 0.1, 100)
		minutes(c, "StepBakeTime", *d.StepBakeTime)
	default:
		c.That(d.StepPercent == 0, "StepPercent", "must be left out with %s: it is for LINEAR and CANARY", d.Strategy)
		c.That(d.StepBakeTime == nil, "StepBakeTime", "must be left out with %s: it is for LINEAR and CANARY", d.Strategy)
	}
	c.That(tenths(d.StepPercent), "StepPercent", "must be in tenths, got %v", d.StepPercent)
	c.That(d.length() <= maxLength, "BakeTime", "must be shorter: with its steps the deployment would take %v, and CloudFormation takes %v at most", d.length(), maxLength)
	if d.TestPort != 0 {
		check.Range(c, "TestPort", d.TestPort, 1, 65535)
		if lb != nil {
			c.That(lb.Listener == nil, "TestPort", "must be left out with a shared Listener, beside which there is no other")
			c.That(d.TestPort != lb.Port && (d.TestPort != 80 || lb.DisableRedirect || lb.AllowPlaintext), "TestPort", "must differ from the ports of the load balancer, got %d", d.TestPort)
		}
	}
	c.That(d.TestPort != 0 || len(d.TestCIDRs) == 0, "TestCIDRs", "must be left out without TestPort")
	for i, cidr := range d.TestCIDRs {
		checkCIDR(c, check.Index("TestCIDRs", i), cidr)
	}
	c.That(d.blueGreen() || len(d.Hooks) == 0, "Hooks", "must be left out with %s: they are for BLUE_GREEN, LINEAR and CANARY", d.Strategy)
	for i := range d.Hooks {
		d.Hooks[i].check(c.At(check.Index("Hooks", i)))
	}
	c.That(d.CodeDeployConfig == nil || d.Strategy == CodeDeploy, "CodeDeployConfig", "must be left out with %s: it is for CODE_DEPLOY", d.Strategy)
	if d.Strategy == CodeDeploy {
		c.That(p.ServiceConnect == nil, "Strategy", "must not be CODE_DEPLOY with ServiceConnect, which CodeDeploy does not know")
		c.That(lb == nil || lb.Listener == nil, "Strategy", "must not be CODE_DEPLOY on a shared listener: CodeDeploy moves all requests of a listener")
	}
	for i, alarm := range d.Alarms {
		c.That(alarm != nil, check.Index("Alarms", i), "must be an alarm, got nil")
	}
}

func (h *Hook) check(c *check.List) {
	c.That(len(h.Stages) > 0, "Stages", "must be one or more")
	for i, stage := range h.Stages {
		check.OneOf(c, check.Index("Stages", i), stage, stages...)
		c.That(!slices.Contains(h.Stages[:i], stage), "Stages", "must be listed once each, got %s again", stage)
	}
	c.That((h.Function != nil) != h.Pause, "Function", "must be given, or Pause, and not both")
	if h.Timeout != 0 {
		check.Range(c, "Timeout", h.Timeout, time.Minute, 20160*time.Minute)
		c.That(h.Timeout%time.Minute == 0, "Timeout", "must be in whole minutes, got %v", h.Timeout)
	}
	c.That(h.Timeout != 0 || !h.ContinueOnTimeout, "ContinueOnTimeout", "needs Timeout")
}

func minutes(c *check.List, field string, d time.Duration) {
	check.Range(c, field, d, 0, 1440*time.Minute)
	c.That(d%time.Minute == 0, field, "must be in whole minutes, got %v", d)
}

// tenths tells whether percent is a multiple of 0.1, which is not exact in binary.
func tenths(percent float64) bool {
	scaled := percent * 10
	return math.Abs(scaled-math.Round(scaled)) < 1e-9
}
