package beanstalk

import (
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/defaults"
	"github.com/strata-cdk/strata/internal/sorted"
)

func (p *EnvironmentProps) setDefaults() {
	i := &p.Instances
	defaults.Or(&i.Architecture, X86)
	if len(i.Types) == 0 {
		i.Types = []string{map[Architecture]string{ARM64: "t4g.small"}[i.Architecture]}
		defaults.Or(&i.Types[0], "t3.small")
	}
	defaults.Or(&i.RootVolumeGiB, 10)
	if i.Spot != nil {
		s := *i.Spot
		if s.OnDemandPercent == nil {
			s.OnDemandPercent = new(30)
		}
		defaults.Or(&s.Strategy, "price-capacity-optimized")
		i.Spot = &s
	}
	if !p.SingleInstance {
		p.Scaling.setDefaults()
	}
	p.Deployment.setDefaults(p.SingleInstance)
	if !p.Updates.Disable {
		defaults.Or(&p.Updates.Start, "Sun:03:00")
		defaults.Or(&p.Updates.Level, "minor")
	}
	if !p.Health.Basic {
		defaults.Or(&p.Health.SuccessThreshold, "Ok")
	}
	defaults.Or(&p.Logs.RetentionDays, 365)
	p.Alarms.setDefaults()
	if p.CoupledDatabase != nil {
		d := *p.CoupledDatabase
		d.setDefaults()
		p.CoupledDatabase = &d
	}
}

var (
	environmentName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{2,38}[A-Za-z0-9]$`)
	platformBranch  = regexp.MustCompile(`^[^/]+ running on [^/]+$`)
	platformVersion = regexp.MustCompile(`^\d+\.\d+\.\d+$`)
	platformARN     = regexp.MustCompile(`^arn:[a-z-]+:elasticbeanstalk:[a-z0-9-]+:(?:\d{12})?:platform/[^/]+/\d+\.\d+\.\d+$`)
	startTime       = regexp.MustCompile(`^(?:Sun|Mon|Tue|Wed|Thu|Fri|Sat):(?:[01]\d|2[0-3]):[0-5]\d$`)
	imageID         = regexp.MustCompile(`^ami-[0-9a-f]+$`)
	instanceType    = regexp.MustCompile(`^([a-z]+)(\d+)([a-z0-9-]*)\.([a-z0-9-]+)$`)
)

const nameForm = "must be 4 to 40 letters, digits and hyphens, without a hyphen at an end, got %q"

// check records every invalid field that both tiers have; balancer is empty without a load balancer.
func (p *EnvironmentProps) check(c *check.List, worker bool, balancer LoadBalancerType) {
	c.That(p.App != nil, "App", "must be given")
	c.That(p.Bundle != nil, "Bundle", "must be given: what runs")
	c.That(p.Name == "" || check.IsToken(p.Name) || environmentName.MatchString(p.Name), "Name", nameForm, p.Name)
	c.That(len(p.Description) <= 200, "Description", "must be at most 200 characters, got %d", len(p.Description))
	p.Platform.check(c.At("Platform"), worker)
	c.That(p.VPC != nil, "VPC", "must be given: the VPC that the instances run in")
	p.Instances.check(c.At("Instances"))
	if p.SingleInstance {
		s := p.Scaling
		c.That(s.Min == 0 && s.Max == 0 && s.Cooldown == nil && s.Trigger == Trigger{} && len(s.Schedules) == 0, "Scaling", "must be left out with SingleInstance")
		c.That(p.Instances.Spot == nil, "Instances.Spot", "must be nil with SingleInstance: it would be away with its only instance")
	} else {
		p.Scaling.check(c.At("Scaling"))
	}
	p.Deployment.check(c.At("Deployment"), p.SingleInstance, p.Scaling.Max, balancer)
	p.checkUpdates(c)
	p.checkHealth(c.At("Health"), worker)
	logs := documented().namespace("aws:elasticbeanstalk:cloudwatch:logs").option("RetentionInDays")
	if !slices.Contains(logs.Values, plain(float64(p.Logs.RetentionDays))) {
		c.Add("Logs.RetentionDays", "must be one of %s, got %d", strings.Join(logs.Values, ", "), p.Logs.RetentionDays)
	}
	c.That(!p.Logs.Disable || !p.Logs.DeleteOnTerminate, "Logs.DeleteOnTerminate", "must be left out with Disable")
	p.checkVariables(c)
	c.That(p.Database == nil || p.CoupledDatabase == nil, "CoupledDatabase", "must be nil with Database")
	if p.CoupledDatabase != nil {
		p.CoupledDatabase.check(c.At("CoupledDatabase"))
	}
	p.Alarms.check(c.At("Alarms"))
	p.checkBundle(c, worker)
}

func (p Platform) check(c *check.List, worker bool) {
	byBranch := p.Branch != "" || p.Version != ""
	switch {
	case byBranch && p.ARN != "":
		c.Add("ARN", "must be left out with Branch and Version")
	case p.ARN != "":
		c.That(check.IsToken(p.ARN) || platformARN.MatchString(p.ARN), "ARN", "must be the ARN of a version of a platform, got %q", p.ARN)
	case byBranch:
		c.That(platformBranch.MatchString(p.Branch), "Branch", `must be a branch such as "Go 1 running on 64bit Amazon Linux 2023", got %q`, p.Branch)
		c.That(check.IsToken(p.Version) || platformVersion.MatchString(p.Version), "Version", "must be a version such as 4.4.0, got %q", p.Version)
	default:
		c.Add("", "must have Branch and Version, or ARN")
	}
	c.That(!worker || !strings.Contains(p.Branch+p.ARN, "Windows"), "", "is of Windows, which has no workers")
}

func (i *Instances) check(c *check.List) {
	check.OneOf(c, "Architecture", i.Architecture, X86, ARM64)
	c.That(len(i.Types) <= 40, "Types", "must be at most 40, got %d", len(i.Types))
	for n, typ := range i.Types {
		at := check.Index("Types", n)
		m := instanceType.FindStringSubmatch(typ)
		if m == nil {
			c.That(check.IsToken(typ), at, "must be an instance type such as t3.small, got %q", typ)
			continue
		}
		// Graviton has a g after the generation, and was a1 first.
		runs := X86
		if strings.HasPrefix(m[3], "g") || m[1] == "a" && m[2] == "1" {
			runs = ARM64
		}
		c.That(runs == i.Architecture || !slices.Contains([]Architecture{X86, ARM64}, i.Architecture), at, "must be of %s (Architecture), got %s of %s", i.Architecture, typ, runs)
	}
	if s := i.Spot; s != nil {
		at := c.At("Spot")
		check.Range(at, "OnDemandBase", s.OnDemandBase, 0, 10000)
		check.Range(at, "OnDemandPercent", *s.OnDemandPercent, 0, 100)
		at.That(s.MaxPrice == 0 || s.MaxPrice >= 0.001 && s.MaxPrice <= 20, "MaxPrice", "must be between 0.001 and 20, or 0 for that of on-demand instances, got %v", s.MaxPrice)
		check.OneOf(at, "Strategy", s.Strategy, allowedValues("aws:ec2:instances", "SpotAllocationStrategy")...)
	}
	c.That(i.ImageID == "" || check.IsToken(i.ImageID) || imageID.MatchString(i.ImageID), "ImageID", "must be the id of an AMI, such as ami-1f316660, got %q", i.ImageID)
	check.Range(c, "RootVolumeGiB", i.RootVolumeGiB, 10, 16384)
}

func (p *EnvironmentProps) checkUpdates(c *check.List) {
	u, at := p.Updates, c.At("Updates")
	if u.Disable {
		at.That(u.Start == "" && u.Level == "" && !u.RefreshInstances, "Disable", "must be left out with Start, Level or RefreshInstances")
		return
	}
	at.That(startTime.MatchString(u.Start), "Start", "must be day, hour and minute in UTC, such as Tue:09:00, got %q", u.Start)
	check.OneOf(at, "Level", u.Level, "minor", "patch")
	c.That(!p.Health.Basic, "Updates", "needs enhanced health: leave out Health.Basic, or set Updates.Disable")
}

// healthMetrics are the metrics of an environment that enhanced health can send to CloudWatch.
//
// https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/health-enhanced-cloudwatch.html
var healthMetrics = []string{
	"ApplicationLatencyP10", "ApplicationLatencyP50", "ApplicationLatencyP75", "ApplicationLatencyP85", "ApplicationLatencyP90",
	"ApplicationLatencyP95", "ApplicationLatencyP99", "ApplicationLatencyP99.9", "ApplicationRequests2xx", "ApplicationRequests3xx",
	"ApplicationRequests4xx", "ApplicationRequests5xx", "ApplicationRequestsTotal", "InstancesDegraded", "InstancesInfo",
	"InstancesNoData", "InstancesOk", "InstancesPending", "InstancesSevere", "InstancesUnknown", "InstancesWarning",
}

func (p *EnvironmentProps) checkHealth(c *check.List, worker bool) {
	h := p.Health
	if h.Basic {
		c.That(h.SuccessThreshold == "" && !h.IgnoreApplication4xx && !h.IgnoreLoadBalancer4xx && len(h.Metrics) == 0, "Basic",
			"must be left out with SuccessThreshold, IgnoreApplication4xx, IgnoreLoadBalancer4xx or Metrics: they are of enhanced health")
		return
	}
	check.OneOf(c, "SuccessThreshold", h.SuccessThreshold, "Ok", "Warning", "Degraded", "Severe")
	c.That(!h.IgnoreLoadBalancer4xx || !worker && !p.SingleInstance, "IgnoreLoadBalancer4xx", "needs a load balancer")
	for i, m := range h.Metrics {
		check.OneOf(c, check.Index("Metrics", i), m, healthMetrics...)
	}
}

// checkVariables checks the environment properties, which share one set of names.
func (p *EnvironmentProps) checkVariables(c *check.List) {
	named := documented().namespace(environmentNamespace)
	first := map[string]string{}
	size := 0
	one := func(field, name string) {
		at := check.Key(field, name)
		c.That(named.AnyName.MatchString(name), at, "must be named with %s", named.AnyForm)
		if by, ok := first[name]; ok {
			c.Add(at, "is set by %s as well", by)
		}
		first[name] = field
	}
	if p.Database != nil {
		for name := range sorted.All(p.Database.variables()) {
			first[name] = "Database"
		}
		first[databaseSecret] = "Database"
	}
	for name, value := range sorted.All(p.Variables) {
		one("Variables", name)
		if !check.IsToken(value) {
			size += len(name) + len(value) + 1
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.Secrets)) {
		one("Secrets", name)
		c.That(p.Secrets[name] != nil, check.Key("Secrets", name), "must not be nil")
	}
	for _, name := range slices.Sorted(maps.Keys(p.Parameters)) {
		one("Parameters", name)
		c.That(p.Parameters[name] != nil, check.Key("Parameters", name), "must not be nil")
	}
	c.That(size <= environmentBytes, "Variables", "take %d bytes, at most %d fit", size, environmentBytes)
}

// checkBundle records what of the bundle does not go with the environment.
func (p *EnvironmentProps) checkBundle(c *check.List, worker bool) {
	if p.Bundle == nil {
		return
	}
	c.That(worker || len(p.Bundle.Tasks) == 0, "Bundle", "has periodic tasks (cron.yaml), which only a worker environment runs")
	c.That(!p.Bundle.has(ownConfig), "Bundle", "must not have %s, which the environment adds", ownConfig)
	for _, o := range sorted.All(p.Bundle.options) {
		switch {
		case o.Namespace == databaseNamespace:
			c.Add("Bundle", "%s: %s couples a database to the environment, which it ends with: use Database, or ask for CoupledDatabase", o.place, o.Option)
		case !worker && o.Namespace == sqsdNamespace:
			c.Add("Bundle", "%s: %s is for worker environments only", o.place, o.Option)
		}
	}
}

// checkRaw checks RawOptions together with those that the environment sets. Of problems between several options it reports none
// that the props above, which set them, have already.
func (p *EnvironmentProps) checkRaw(c *check.List, managed []Option, worker bool) {
	if len(p.RawOptions) == 0 {
		return
	}
	clean := c.Err() == nil
	raw := check.For("")
	CheckOptions(raw, "RawOptions", p.RawOptions, managed...)
	for i, o := range p.RawOptions {
		at := raw.At(check.Index("RawOptions", i))
		at.That(o.Namespace != databaseNamespace, "", "couples a database to the environment, which it ends with: use Database, or ask for CoupledDatabase")
		at.That(worker || o.Namespace != sqsdNamespace, "", "%s is for worker environments only", o)
	}
	var invalid *check.Error
	if !errors.As(raw.Err(), &invalid) {
		return
	}
	for _, problem := range invalid.Problems {
		if clean || problem.Field != "RawOptions" {
			c.Add(problem.Field, "%s", problem.Message)
		}
	}
}
