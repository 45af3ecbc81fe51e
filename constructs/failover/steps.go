package failover

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/awsid"
	"github.com/strata-cdk/strata/internal/defaults"
)

// Step is a part of a workflow. Exactly one of ScaleECS, ScaleEC2, ScaleEKS, Aurora, Route, Lambda, Approval, Parallel and PlanARN says what it
// does.
//
// https://docs.aws.amazon.com/r53recovery/latest/dg/working-with-rs-execution-blocks.html
type Step struct {
	// Name tells the step from others of the workflow. It is required.
	Name string
	// Description says what it is for.
	// Default: none.
	Description string
	// Timeout is how long it may take, in whole minutes, 1 minute to 1 week. Parallel and PlanARN have none.
	// Default: 1 h.
	Timeout time.Duration

	// ScaleECS gives a service of ECS in the region that is activated the tasks of that in the other region.
	ScaleECS *ScaleECS
	// ScaleEC2 does so with instances of Auto Scaling groups.
	ScaleEC2 *ScaleEC2
	// ScaleEKS does so with replicas in clusters of EKS.
	ScaleEKS *ScaleEKS
	// Aurora makes the cluster in the region that is activated the primary of its global database.
	Aurora *Aurora
	// Route has Route 53 send clients to the region that is activated. Region switch makes a health check for each region: its id is the
	// HealthCheckID of the Record there.
	Route *Route
	// Lambda runs a function.
	Lambda *Lambda
	// Approval waits for a person.
	Approval *Approval
	// Parallel are steps that run at once, without Parallel of their own.
	Parallel []Step
	// PlanARN is that of another plan that is run: one that runs no other.
	PlanARN string
}

// Service is a service of ECS.
type Service struct {
	// ClusterARN and ServiceARN are required.
	ClusterARN, ServiceARN string
}

// Scaling says how much capacity is made.
type Scaling struct {
	// TargetPercent is the capacity that is made, in percent of that in the other region, 1 to 100.
	// Default: 100.
	TargetPercent int
	// UngracefulPercent is the least capacity, in percent of what is aimed at, with which an ungraceful run goes on, 0 to 99.
	// Default: nil, it waits for all.
	UngracefulPercent *int
}

// ScaleECS scales a service of ECS in each region.
type ScaleECS struct {
	Scaling
	// Services are two, one in each region.
	Services []Service
	// ContainerInsights takes the capacity of the other region from Container Insights, each minute, where Region switch samples it less often.
	// Default: false.
	ContainerInsights bool
}

// ScaleEC2 scales an Auto Scaling group in each region.
type ScaleEC2 struct {
	Scaling
	// GroupARNs are two, one in each region. They have the group's id, which CloudFormation does not give: look it up.
	GroupARNs []string
	// GroupMetrics takes the capacity of the other region from the metrics of the group, where Region switch samples it less often.
	// Default: false.
	GroupMetrics bool
}

// ScaleEKS scales a workload in a cluster of EKS in each region. The role of the plan needs an access entry with
// AmazonARCRegionSwitchScalingPolicy in both.
type ScaleEKS struct {
	Scaling
	// ClusterARNs are two, one in each region.
	ClusterARNs []string
	// APIVersion and Kind are what is scaled.
	// Default: "apps/v1" and "Deployment".
	APIVersion, Kind string
	// Namespace and Name are those of the workload in both clusters. They are required.
	Namespace, Name string
	// Autoscaler is the name of its HorizontalPodAutoscaler.
	// Default: none.
	Autoscaler string
}

// Aurora moves the primary of a global database. A graceful run switches over: nothing is lost, and both regions must be healthy. An ungraceful
// one fails over, and loses what was not replicated.
type Aurora struct {
	// GlobalCluster is the id of the global database. It is required.
	GlobalCluster string
	// ClusterARNs are those of the cluster in each region.
	ClusterARNs []string
	// Failover has graceful runs fail over too, when the switchover is not possible.
	// Default: false.
	Failover bool
	// DisableUngracefulFailover has ungraceful runs switch over only.
	// Default: false.
	DisableUngracefulFailover bool
}

// RunIn is where a function runs.
type RunIn string

const (
	// Activating is the region that is activated.
	Activating RunIn = "activatingRegion"
	// Deactivating is the other one.
	Deactivating RunIn = "deactivatingRegion"
	// ActiveRegion is that with clients, for PostRecovery.
	ActiveRegion RunIn = "activeRegion"
	// InactiveRegion is that without, for PostRecovery.
	InactiveRegion RunIn = "inactiveRegion"
)

// Lambda runs a function in one of the regions.
type Lambda struct {
	// FunctionARNs are two, one in each region.
	FunctionARNs []string
	// RunIn is where it runs.
	// Default: Activating, and ActiveRegion in PostRecovery.
	RunIn RunIn
	// RetryInterval is the time until a function that failed runs again, in whole minutes, 1 minute to 1 h.
	// Default: 1 minute.
	RetryInterval time.Duration
	// SkipUngraceful skips the step in ungraceful runs.
	// Default: false.
	SkipUngraceful bool
}

// Approval waits for a person who has taken on a role.
type Approval struct {
	// Role is allowed to approve. It is required.
	Role awsiam.IRole
}

const (
	week = 7 * 24 * time.Hour
	// inEach is how many resources scaling takes: one in each region.
	inEach = 2
)

var (
	ecsCluster = regexp.MustCompile(`^arn:aws[a-zA-Z-]*:ecs:[a-z0-9-]+:\d{12}:cluster/[a-zA-Z0-9_-]{1,255}$`)
	ecsService = regexp.MustCompile(`^arn:aws[a-zA-Z-]*:ecs:[a-z0-9-]+:\d{12}:service/[a-zA-Z0-9_-]+/[a-zA-Z0-9_-]{1,255}$`)
	group      = regexp.MustCompile(`^arn:aws[a-zA-Z-]*:autoscaling:[a-z0-9-]+:\d{12}:autoScalingGroup:[0-9a-f-]{36}:autoScalingGroupName/.{1,255}$`)
	eksCluster = regexp.MustCompile(`^arn:aws[a-zA-Z-]*:eks:[a-z0-9-]+:\d{12}:cluster/[a-zA-Z0-9][a-zA-Z0-9-_]{0,99}$`)
	dbCluster  = regexp.MustCompile(`^arn:aws[a-zA-Z-]*:rds:[a-z0-9-]+:\d{12}:cluster:[A-Za-z0-9-]{1,63}$`)
	function   = regexp.MustCompile(`^arn:aws[a-zA-Z-]*:lambda:[a-z0-9-]+:\d{12}:function:[a-zA-Z0-9-_]+(:[a-zA-Z0-9-_$]+)?$`)
	planARN    = regexp.MustCompile(`^arn:aws[a-zA-Z-]*:arc-region-switch::\d{12}:plan/[a-zA-Z0-9-]{1,32}:[a-z0-9]{6}$`)
	globalID   = regexp.MustCompile(`^[A-Za-z][0-9A-Za-z-:._]*$`)
	namespace  = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
)

// withDefaults gives a copy for a workflow of the given action.
func (s Step) withDefaults(action Action) Step {
	if s.Parallel == nil && s.PlanARN == "" {
		defaults.Or(&s.Timeout, time.Hour)
	}
	if s.ScaleECS != nil {
		c := *s.ScaleECS
		defaults.Or(&c.TargetPercent, 100)
		s.ScaleECS = &c
	}
	if s.ScaleEC2 != nil {
		c := *s.ScaleEC2
		defaults.Or(&c.TargetPercent, 100)
		s.ScaleEC2 = &c
	}
	if s.ScaleEKS != nil {
		c := *s.ScaleEKS
		defaults.Or(&c.TargetPercent, 100)
		defaults.Or(&c.APIVersion, "apps/v1")
		defaults.Or(&c.Kind, "Deployment")
		s.ScaleEKS = &c
	}
	if s.Route != nil {
		r := s.Route.withDefaults()
		s.Route = &r
	}
	if s.Lambda != nil {
		l := *s.Lambda
		defaults.Or(&l.RetryInterval, time.Minute)
		if action == PostRecovery {
			defaults.Or(&l.RunIn, ActiveRegion)
		}
		defaults.Or(&l.RunIn, Activating)
		s.Lambda = &l
	}
	steps := make([]Step, len(s.Parallel))
	for i := range s.Parallel {
		steps[i] = s.Parallel[i].withDefaults(action)
	}
	if s.Parallel != nil {
		s.Parallel = steps
	}
	return s
}

// validate reports what is wrong with a step of a workflow of the given action; nested is for steps in Parallel.
func (s *Step) validate(c *check.List, plan *PlanProps, action Action, nested bool) {
	c.That(s.Name != "", "Name", "must be given")
	kinds := 0
	for _, given := range []bool{
		s.ScaleECS != nil, s.ScaleEC2 != nil, s.ScaleEKS != nil, s.Aurora != nil, s.Route != nil, s.Lambda != nil, s.Approval != nil, s.Parallel != nil, s.PlanARN != "",
	} {
		if given {
			kinds++
		}
	}
	c.That(kinds == 1, "", "must have exactly one of ScaleECS, ScaleEC2, ScaleEKS, Aurora, Route, Lambda, Approval, Parallel and PlanARN")
	if s.Parallel != nil || s.PlanARN != "" {
		c.That(s.Timeout == 0, "Timeout", "must be left out with Parallel and PlanARN")
	} else {
		wholeMinutes(c, "Timeout", s.Timeout, week)
	}
	s.validateScaling(c, plan.Regions)
	if a := s.Aurora; a != nil {
		c := c.At("Aurora")
		c.That(globalID.MatchString(a.GlobalCluster) || check.IsToken(a.GlobalCluster), "GlobalCluster", "must be the id of a global database, got %q", a.GlobalCluster)
		oneInEach(c, "ClusterARNs", a.ClusterARNs, dbCluster, "a cluster of Aurora", plan.Regions)
	}
	if s.Route != nil {
		s.Route.validate(c.At("Route"))
		c.That(slices.Equal(s.Route.Regions, plan.Regions), "Route.Regions", "must be those of the plan, in the same order")
	}
	if l := s.Lambda; l != nil {
		c := c.At("Lambda")
		oneInEach(c, "FunctionARNs", l.FunctionARNs, function, "a function", plan.Regions)
		if action == PostRecovery {
			check.OneOf(c, "RunIn", l.RunIn, ActiveRegion, InactiveRegion)
		} else {
			check.OneOf(c, "RunIn", l.RunIn, Activating, Deactivating)
		}
		wholeMinutes(c, "RetryInterval", l.RetryInterval, time.Hour)
	}
	if s.Approval != nil {
		c.That(s.Approval.Role != nil, "Approval.Role", "must be given")
	}
	if s.PlanARN != "" {
		c.That(planARN.MatchString(s.PlanARN) || check.IsToken(s.PlanARN), "PlanARN", "must be the ARN of a plan, got %q", s.PlanARN)
	}
	if s.Parallel == nil {
		return
	}
	c.That(!nested, "Parallel", "must be left out in Parallel")
	c.That(len(s.Parallel) >= 2, "Parallel", "must be two or more, got %d", len(s.Parallel))
	for i := range s.Parallel {
		s.Parallel[i].validate(c.At(check.Index("Parallel", i)), plan, action, true)
	}
}

func (s *Step) validateScaling(c *check.List, regions []string) {
	if e := s.ScaleECS; e != nil {
		c := c.At("ScaleECS")
		var clusters, services []string
		for _, service := range e.Services {
			clusters, services = append(clusters, service.ClusterARN), append(services, service.ServiceARN)
		}
		oneInEach(c, "Services", services, ecsService, "a service of ECS", regions)
		for i, cluster := range clusters {
			c.That(ecsCluster.MatchString(cluster) || check.IsToken(cluster), check.Index("Services", i)+".ClusterARN", "must be the ARN of a cluster of ECS, got %q", cluster)
		}
		e.validate(c)
	}
	if e := s.ScaleEC2; e != nil {
		c := c.At("ScaleEC2")
		oneInEach(c, "GroupARNs", e.GroupARNs, group, "an Auto Scaling group", regions)
		e.validate(c)
	}
	if e := s.ScaleEKS; e != nil {
		c := c.At("ScaleEKS")
		oneInEach(c, "ClusterARNs", e.ClusterARNs, eksCluster, "a cluster of EKS", regions)
		for i, arn := range e.ClusterARNs {
			c.That(!check.IsToken(arn), check.Index("ClusterARNs", i), "must be plain text")
		}
		c.That(namespace.MatchString(e.Namespace), "Namespace", "must be a namespace of Kubernetes, got %q", e.Namespace)
		c.That(e.Name != "", "Name", "must be given")
		e.validate(c)
	}
}

func (s *Scaling) validate(c *check.List) {
	check.Range(c, "TargetPercent", s.TargetPercent, 1, 100)
	if s.UngracefulPercent != nil {
		check.Range(c, "UngracefulPercent", *s.UngracefulPercent, 0, 99)
	}
}

// oneInEach records ARNs that are not one in each region. Those that are tokens may be anywhere.
func oneInEach(c *check.List, field string, arns []string, pattern *regexp.Regexp, what string, regions []string) {
	c.That(len(arns) == inEach, field, "must be %d, one in each region, got %d", inEach, len(arns))
	var in []string
	for i, arn := range arns {
		if check.IsToken(arn) {
			continue
		}
		if !pattern.MatchString(arn) {
			c.Add(check.Index(field, i), "must be the ARN of %s, got %q", what, arn)
			continue
		}
		region := strings.Split(arn, ":")[3]
		c.That(slices.Contains(regions, region), check.Index(field, i), "must be in one of Regions, got %s", region)
		in = append(in, region)
	}
	awsid.OnceEach(c, field, in)
}

func wholeMinutes(c *check.List, field string, d, longest time.Duration) {
	check.Range(c, field, d, time.Minute, longest)
	check.WholeMinutes(c, field, d)
}
