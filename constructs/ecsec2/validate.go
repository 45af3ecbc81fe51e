package ecsec2

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/constructs/ecsservice"
)

const (
	maxProviders   = 20
	maxStrategies  = 5
	maxConstraints = 10
	maxExpression  = 2000
)

var (
	instanceType     = regexp.MustCompile(`^[a-z][a-z0-9-]*[0-9][a-z0-9-]*\.(nano|micro|small|medium|large|[0-9]*xlarge|metal(-[0-9]+xl)?)$`)
	instancePattern  = regexp.MustCompile(`^[a-z0-9.*-]{1,30}$`)
	graviton         = regexp.MustCompile(`^(a1|[a-z]+[0-9]+[a-z]*g[a-z]*)\.`)
	nvidia           = regexp.MustCompile(`^(p|gr?)[0-9]`)
	strategyPattern  = regexp.MustCompile(`^(random|binpack:(cpu|memory)|spread:(instanceId|host|attribute:[A-Za-z0-9_.-]{1,128}))$`)
	reservedProvider = regexp.MustCompile(`(?i)^(aws|ecs|fargate)`)
)

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *ServiceProps) Validate() error {
	d, c := p.withDefaults(), check.For("ecsec2.ServiceProps")
	d.Check(c, d.LoadBalancing)
	d.checkCapacity(c)
	check.Range(c, "CPU", d.CPU, 128, 196608)
	c.That(d.Memory >= 6, "Memory", "must be 6 MiB or more, got %d", d.Memory)
	d.CheckSizes(c, d.CPU, d.Memory)
	d.checkNetwork(c)
	d.checkPlacement(c)
	if d.Daemon {
		d.checkDaemon(c)
	}
	if d.LoadBalancing != nil {
		d.LoadBalancing.Check(c.At("LoadBalancing"), &d.CommonProps)
	}
	c.At("Deployment").That(d.Deployment.Strategy != ecsservice.CodeDeploy, "Strategy", "must not be CODE_DEPLOY, which does not deploy to capacity providers; BLUE_GREEN does")
	c.That(d.ConfigureService == nil || !d.managed(), "ConfigureService", "must be left out with ManagedInstances: ConfigureManagedService is for those")
	c.That(d.ConfigureManagedService == nil || d.managed(), "ConfigureManagedService", "must be left out without ManagedInstances: ConfigureService is for groups")
	return c.Err()
}

func (p *ServiceProps) checkCapacity(c *check.List) {
	n := len(p.Capacity)
	switch {
	case p.Daemon && p.Cluster != nil:
		c.That(n == 0, "Capacity", "must be left out for a Daemon with Cluster: it runs on all instances of that")
	default:
		c.That(n >= 1 && n <= maxProviders, "Capacity", "must be 1 to %d, got %d", maxProviders, n)
	}
	bases, weights := 0, 0
	for i := range p.Capacity {
		k, at := &p.Capacity[i], c.At(check.Index("Capacity", i))
		at.That(check.IsConstructID(k.Name), "Name", "must be a letter, then letters and digits, got %q", k.Name)
		at.That(!slices.ContainsFunc(p.Capacity[:i], func(o Capacity) bool { return o.Name == k.Name }), "Name", "must differ from the others, got %q again", k.Name)
		check.Range(at, "Base", k.Base, 0, 100000)
		check.Range(at, "Weight", *k.Weight, 0, 1000)
		if k.Base > 0 {
			bases++
			at.That(bases == 1, "Base", "must be above 0 for one provider at most")
		}
		weights += *k.Weight
		at.That((k.Group != nil) != (k.ManagedInstances != nil), "Group", "must be given, or ManagedInstances, and not both")
		at.That(p.managed() == (k.ManagedInstances != nil), "Group", "must be of the same kind as that of the first one: the tasks of a service run on groups, or on Managed Instances")
		if k.Group != nil {
			k.Group.check(at.At("Group"), p)
		}
		if k.ManagedInstances != nil {
			k.ManagedInstances.check(at.At("ManagedInstances"), p)
		}
	}
	c.That(n == 0 || weights > 0, "Capacity", "must have one with a Weight above 0")
}

// checkProvider checks the name of an existing provider. It tells whether the rest, which is empty then, has nothing to check.
func checkProvider[T any](c *check.List, p *ServiceProps, provider string, rest T) bool {
	if provider == "" {
		c.That(p.Cluster == nil, "Provider", "must be given with Cluster: providers belong to the stack of their cluster")
		return false
	}
	c.That(p.Cluster != nil, "Provider", "needs Cluster, whose provider it is")
	c.That(check.IsToken(provider) || !reservedProvider.MatchString(provider), "Provider",
		"must not start with aws, ecs or fargate, got %q; a service on Fargate is one of package albfargate", provider)
	c.That(reflect.ValueOf(rest).IsZero(), "Provider", "must be the only setting: an existing provider has its own")
	return true
}

func (g *Group) check(c *check.List, p *ServiceProps) {
	rest := *g
	rest.Provider = ""
	if checkProvider(c, p, g.Provider, rest) {
		return
	}
	c.That(len(g.InstanceTypes) <= 40, "InstanceTypes", "must be at most 40, got %d", len(g.InstanceTypes))
	for i, t := range g.InstanceTypes {
		field := check.Index("InstanceTypes", i)
		c.That(instanceType.MatchString(t), field, "must be an instance type such as m6i.large, got %q", t)
		c.That(!slices.Contains(g.InstanceTypes[:i], t), field, "must differ from the others, got %q again", t)
		c.That(arm(t) == arm(g.InstanceTypes[0]), field, "must have the architecture of the first type, %s, got %q", g.InstanceTypes[0], t)
		c.That(gpu(t) == gpu(g.InstanceTypes[0]), field, "must have a GPU, or none, as the first type, %s, got %q", g.InstanceTypes[0], t)
		c.That(g.Image != AL2023 || !arm(t) || !gpu(t), field, "must not be %q with AL2023, whose image for GPUs is for x86_64", t)
	}
	check.OneOf(c, "Image", g.Image, AL2023, Bottlerocket)
	c.That(*g.Min >= 0, "Min", "must be 0 or more, got %d", *g.Min)
	c.That(g.Max >= 1 && g.Max >= *g.Min, "Max", "must be 1 or more and not less than Min, %d, got %d", *g.Min, g.Max)
	check.Range(c, "SpotPercent", g.SpotPercent, 0, 100)
	c.That(g.OnDemandBase >= 0, "OnDemandBase", "must be 0 or more, got %d", g.OnDemandBase)
	c.That(g.SpotPercent > 0 || g.OnDemandBase == 0, "OnDemandBase", "must be left out without SpotPercent")
	check.Range(c, "VolumeGiB", g.VolumeGiB, 30, 16384)
	if w := g.WarmPool; w != nil {
		at := c.At("WarmPool")
		at.That(!g.mixed(), "", "needs one instance type and no Spot: a group of several has no warm pool")
		at.That(w.Min >= 0, "Min", "must be 0 or more, got %d", w.Min)
		at.That(w.MaxPrepared == nil || *w.MaxPrepared >= w.Min, "MaxPrepared", "must not be less than Min, %d, got %d", w.Min, value(w.MaxPrepared))
	}
	g.checkScaling(c)
	check.Range(c, "MaxLifetime", g.MaxLifetime, 24*time.Hour, 365*24*time.Hour)
	check.WholeSeconds(c, "MaxLifetime", g.MaxLifetime)
}

func (g *Group) checkScaling(c *check.List) {
	check.Range(c, "TargetPercent", g.TargetPercent, 1, 100)
	check.Range(c, "WarmUp", *g.WarmUp, 0, 10000*time.Second)
	check.WholeSeconds(c, "WarmUp", *g.WarmUp)
	check.Range(c, "MinStep", g.MinStep, 0, 10000)
	check.Range(c, "MaxStep", g.MaxStep, 0, 10000)
	c.That(g.MaxStep == 0 || g.MinStep <= g.MaxStep, "MaxStep", "must not be less than MinStep, %d, got %d", g.MinStep, g.MaxStep)
	if g.DisableManagedScaling {
		c.That(g.DisableTerminationProtection, "DisableTerminationProtection", "must be true with DisableManagedScaling: managed termination protection needs managed scaling")
		c.That(g.TargetPercent == 100, "TargetPercent", "must be left out with DisableManagedScaling")
		c.That(*g.WarmUp == 300*time.Second, "WarmUp", "must be left out with DisableManagedScaling")
		c.That(g.MinStep == 0 && g.MaxStep == 0, "MinStep", "must be left out with DisableManagedScaling, and MaxStep")
	}
}

func (m *ManagedInstances) check(c *check.List, p *ServiceProps) {
	rest := *m
	rest.Provider = ""
	if checkProvider(c, p, m.Provider, rest) {
		return
	}
	c.That(m.MinVCPUs >= 1, "MinVCPUs", "must be 1 or more, got %d", m.MinVCPUs)
	c.That(m.MaxVCPUs == 0 || m.MaxVCPUs >= m.MinVCPUs, "MaxVCPUs", "must not be less than MinVCPUs, %d, got %d", m.MinVCPUs, m.MaxVCPUs)
	c.That(m.MinMemory >= 512, "MinMemory", "must be 512 MiB or more, got %d", m.MinMemory)
	c.That(m.MaxMemory == 0 || m.MaxMemory >= m.MinMemory, "MaxMemory", "must not be less than MinMemory, %d, got %d", m.MinMemory, m.MaxMemory)
	c.That(m.MaxMemory == 0 || m.MaxMemory >= p.Memory, "MaxMemory", "must be at least the task's Memory, %d MiB, got %d", p.Memory, m.MaxMemory)
	c.That(m.MaxVCPUs == 0 || m.MaxVCPUs*1024 >= p.CPU, "MaxVCPUs", "must be at least the task's CPU, %d units, got %d", p.CPU, m.MaxVCPUs)
	c.That(len(m.InstanceTypes) <= 400, "InstanceTypes", "must be at most 400, got %d", len(m.InstanceTypes))
	for i, t := range m.InstanceTypes {
		c.That(instancePattern.MatchString(t), check.Index("InstanceTypes", i), `must be an instance type such as m7i.large, or a pattern such as m7*, got %q`, t)
	}
	check.Range(c, "VolumeGiB", m.VolumeGiB, 1, 16384)
}

func (p *ServiceProps) checkNetwork(c *check.List) {
	check.OneOf(c, "NetworkMode", p.NetworkMode, AWSVPC, Bridge, Host)
	c.That(!p.managed() || p.NetworkMode == AWSVPC, "NetworkMode", "must be awsvpc with ManagedInstances, got %s", p.NetworkMode)
	switch p.NetworkMode {
	case AWSVPC:
		p.CheckHostPorts(c, "each task has a network interface of its own")
	case Host:
		p.CheckHostPorts(c, "the containers are on the network of the instance")
		c.That(p.ServiceConnect == nil, "ServiceConnect", "must be left out with host, which it does not support")
		for i := range p.Containers {
			for j, port := range p.Containers[i].Ports {
				c.At(check.Index("Containers", i)).That(port.Name == "", check.Index("Ports", j)+".Name", "must be left out with host: it is for Service Connect, got %q", port.Name)
			}
		}
	}
	shared := p.NetworkMode != AWSVPC
	if shared {
		c.At("Deployment").That(p.Deployment.Strategy == ecsservice.Rolling, "Strategy",
			"must be ROLLING with %s: ECS moves requests between tasks that have addresses of their own, in awsvpc; got %s", p.NetworkMode, p.Deployment.Strategy)
	}
	given := p.InstanceSecurityGroup != nil
	c.That(given || !shared || p.Cluster == nil, "InstanceSecurityGroup", "must be given with Cluster and %s: the tasks are behind it", p.NetworkMode)
	c.That(!given || shared && p.Cluster != nil, "InstanceSecurityGroup", "must be left out, unless Cluster is given with bridge or host")
}

func (p *ServiceProps) checkPlacement(c *check.List) {
	strategies, constraints := len(p.PlacementStrategies), len(p.MemberOf)
	if p.DistinctInstances {
		constraints++
	}
	if p.managed() {
		const reason = "must be left out with ManagedInstances: ECS picks these instances for the tasks, spread over Availability Zones"
		c.That(strategies == 0, "PlacementStrategies", reason)
		c.That(!p.DistinctInstances, "DistinctInstances", reason)
		c.That(len(p.MemberOf) == 0, "MemberOf", reason)
		return
	}
	c.That(strategies <= maxStrategies, "PlacementStrategies", "must be at most %d, got %d", maxStrategies, strategies)
	for i, s := range p.PlacementStrategies {
		c.That(strategyPattern.MatchString(string(s)), check.Index("PlacementStrategies", i),
			"must be spread:attribute:NAME, spread:instanceId, spread:host, binpack:cpu, binpack:memory or random, got %q", s)
	}
	c.That(constraints <= maxConstraints, "MemberOf", "must be at most %d together with DistinctInstances, got %d", maxConstraints, constraints)
	for i, expression := range p.MemberOf {
		n := len(expression)
		c.That(strings.TrimSpace(expression) != "" && n <= maxExpression, check.Index("MemberOf", i), "must be an expression of 1 to %d characters, got %d", maxExpression, n)
	}
}

// checkDaemon rejects what is about a number of tasks.
func (p *ServiceProps) checkDaemon(c *check.List) {
	c.That(p.DesiredCount == nil, "DesiredCount", "must be left out for a Daemon: each instance has one task")
	c.That(p.Scaling == nil, "Scaling", "must be left out for a Daemon: each instance has one task")
	c.That(len(p.PlacementStrategies) == 0, "PlacementStrategies", "must be left out for a Daemon: each instance has one task")
	c.That(!p.DistinctInstances, "DistinctInstances", "must be left out for a Daemon: each instance has one task")
	d := c.At("Deployment")
	d.That(p.Deployment.MaxPercent == 100, "MaxPercent", "must be 100 for a Daemon, got %d", p.Deployment.MaxPercent)
	d.That(p.Deployment.Strategy == ecsservice.Rolling, "Strategy", "must be ROLLING for a Daemon, got %s", p.Deployment.Strategy)
	c.That(!p.managed(), "Daemon", "must be left out with ManagedInstances: their daemons are a resource of their own, AWS::ECS::Daemon")
	for i := range p.Capacity {
		k, at := &p.Capacity[i], c.At(check.Index("Capacity", i))
		at.That(k.Base == 0, "Base", "must be left out for a Daemon, which runs on all instances")
		at.That(*k.Weight == 1, "Weight", "must be left out for a Daemon, which runs on all instances")
	}
}

// arm tells whether an instance type has AWS Graviton.
func arm(t string) bool { return graviton.MatchString(t) }

// gpu tells whether an instance type has GPUs of NVIDIA; those of g4ad are of AMD.
func gpu(t string) bool { return nvidia.MatchString(t) && !strings.HasPrefix(t, "g4ad.") }

// mixed tells whether the group needs a mixed instances policy.
func (g *Group) mixed() bool { return len(g.InstanceTypes) > 1 || g.SpotPercent > 0 }

func value(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}
