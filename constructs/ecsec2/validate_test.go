package ecsec2_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/stretchr/testify/assert"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/ecsec2"
	"github.com/strata-cdk/strata/constructs/ecsservice"
)

// Fakes stand for resources in tests that only look at props.
type (
	fakeVpc     struct{ awsec2.IVpc }
	fakeImage   struct{ awsecs.ContainerImage }
	fakeCluster struct{ awsecs.ICluster }
	fakeGroup   struct{ awsec2.ISecurityGroup }
)

func valid() ecsec2.ServiceProps {
	return ecsec2.ServiceProps{
		CommonProps: ecsservice.CommonProps{
			VPC:        fakeVpc{},
			Containers: []ecsservice.Container{{Name: "app", Image: fakeImage{}, Ports: []ecsservice.Port{{Number: 8080, Name: "web"}}}},
		},
		LoadBalancing: &ecsservice.LoadBalancing{AllowPlaintext: true},
	}
}

func TestServiceProps_Validate(t *testing.T) {
	type props = ecsec2.ServiceProps
	group := func(edit func(g *ecsec2.Group)) func(p *props) {
		return func(p *props) {
			g := &ecsec2.Group{}
			edit(g)
			p.Capacity = []ecsec2.Capacity{{Name: "G", Group: g}}
		}
	}
	managed := func(edit func(p *props, m *ecsec2.ManagedInstances)) func(p *props) {
		return func(p *props) {
			m := &ecsec2.ManagedInstances{}
			p.Capacity = []ecsec2.Capacity{{Name: "M", ManagedInstances: m}}
			edit(p, m)
		}
	}
	daemon := func(edit func(p *props)) func(p *props) {
		return func(p *props) {
			p.Daemon, p.LoadBalancing = true, nil
			edit(p)
		}
	}
	const picks = "must be left out with ManagedInstances: ECS picks these instances for the tasks, spread over Availability Zones"
	const each = "must be left out for a Daemon: each instance has one task"
	cdktest.ValidateTable(t, valid, []cdktest.Case[props]{
		{Name: "valid", Edit: func(p *props) {}},
		{Name: "worker", Edit: func(p *props) { p.LoadBalancing = nil }},
		{Name: "bridge", Edit: func(p *props) { p.NetworkMode, p.Containers[0].Ports[0].HostPort = ecsec2.Bridge, 80 }},
		{Name: "host", Edit: func(p *props) {
			p.NetworkMode, p.Containers[0].Ports = ecsec2.Host, []ecsservice.Port{{Number: 8080, HostPort: 8080}}
		}},
		{Name: "daemon", Edit: daemon(func(p *props) { p.MemberOf = []string{"x"} })},
		{Name: "daemon of a cluster", Edit: daemon(func(p *props) { p.Cluster = fakeCluster{} })},
		{Name: "managed", Edit: managed(func(p *props, m *ecsec2.ManagedInstances) { p.Deployment.Strategy = ecsservice.Canary })},
		{Name: "providers of a cluster", Edit: func(p *props) {
			p.Cluster = fakeCluster{}
			p.Capacity = []ecsec2.Capacity{{Name: "A", Group: &ecsec2.Group{Provider: "${Token[A]}"}}, {Name: "B", Group: &ecsec2.Group{Provider: "spare"}}}
		}},
		{Name: "size", Edit: func(p *props) { p.CPU, p.Memory = 127, 5 }, Want: []string{
			"CPU: must be between 128 and 196608, got 127", "Memory: must be 6 MiB or more, got 5",
		}},
		{Name: "containers", Edit: func(p *props) { p.Containers[0].CPU, p.Containers[0].Memory = 300, 600 }, Want: []string{
			"Containers[0].Memory: must be at most the task's Memory, 512 MiB, got 600", "CPU: must be at least what the containers ask for together, 300, got 256",
		}},
		{Name: "network mode", Edit: func(p *props) { p.NetworkMode = "none" }, Want: []string{
			"NetworkMode: must be one of awsvpc, bridge, host, got none",
		}},
		{Name: "host port of awsvpc", Edit: func(p *props) { p.Containers[0].Ports[0].HostPort = 80 }, Want: []string{
			"Containers[0].Ports[0].HostPort: must be left out, or 8080: each task has a network interface of its own; got 80",
		}},
		{Name: "host port of host", Edit: func(p *props) {
			p.NetworkMode, p.Containers[0].Ports[0].HostPort = ecsec2.Host, 80
			p.ServiceConnect = &ecsservice.ServiceConnect{Namespace: "a"}
		}, Want: []string{
			"Containers[0].Ports[0].HostPort: must be left out, or 8080: the containers are on the network of the instance; got 80",
			"ServiceConnect: must be left out with host, which it does not support", `Containers[0].Ports[0].Name: must be left out with host: it is for Service Connect, got "web"`,
		}},
		{Name: "host port", Edit: func(p *props) { p.NetworkMode, p.Containers[0].Ports[0].HostPort = ecsec2.Bridge, 65536 }, Want: []string{
			"Containers[0].Ports[0].HostPort: must be between 0 and 65535, got 65536",
		}},
		{Name: "blue/green with bridge", Edit: func(p *props) { p.NetworkMode, p.Deployment.Strategy = ecsec2.Bridge, ecsservice.BlueGreen }, Want: []string{
			"Deployment.Strategy: must be ROLLING with bridge: ECS moves requests between tasks that have addresses of their own, in awsvpc; got BLUE_GREEN",
		}},
		{Name: "CodeDeploy", Edit: func(p *props) { p.Deployment.Strategy = ecsservice.CodeDeploy }, Want: []string{
			"Deployment.Strategy: must not be CODE_DEPLOY, which does not deploy to capacity providers; BLUE_GREEN does",
		}},
		{Name: "group of instances", Edit: func(p *props) { p.InstanceSecurityGroup = fakeGroup{} }, Want: []string{
			"InstanceSecurityGroup: must be left out, unless Cluster is given with bridge or host",
		}},
		{Name: "cluster without capacity", Edit: func(p *props) { p.Cluster, p.NetworkMode = fakeCluster{}, ecsec2.Bridge }, Want: []string{
			"Capacity: must be 1 to 20, got 0", "InstanceSecurityGroup: must be given with Cluster and bridge: the tasks are behind it",
		}},
		{Name: "new capacity of a cluster", Edit: func(p *props) {
			p.Cluster, p.Capacity = fakeCluster{}, []ecsec2.Capacity{{Name: "A", Group: &ecsec2.Group{}}}
		}, Want: []string{
			"Capacity[0].Group.Provider: must be given with Cluster: providers belong to the stack of their cluster",
		}},
		{Name: "provider", Edit: func(p *props) {
			p.Capacity = []ecsec2.Capacity{{Name: "A", Group: &ecsec2.Group{Provider: "FARGATE_SPOT", Max: 3}}}
		}, Want: []string{
			"Capacity[0].Group.Provider: needs Cluster, whose provider it is",
			`Capacity[0].Group.Provider: must not start with aws, ecs or fargate, got "FARGATE_SPOT"; a service on Fargate is one of package albfargate`,
			"Capacity[0].Group.Provider: must be the only setting: an existing provider has its own",
		}},
		{Name: "capacity", Edit: func(p *props) {
			p.Capacity = []ecsec2.Capacity{
				{Name: "a-b", Group: &ecsec2.Group{}, Base: 1, Weight: new(0)}, {Name: "B", Group: &ecsec2.Group{}, Base: 100001, Weight: new(1001)}, {Name: "B"},
			}
		}, Want: []string{
			`Capacity[0].Name: must be a letter, then letters and digits, got "a-b"`,
			"Capacity[1].Base: must be between 0 and 100000, got 100001", "Capacity[1].Weight: must be between 0 and 1000, got 1001", "Capacity[1].Base: must be above 0 for one provider at most",
			`Capacity[2].Name: must differ from the others, got "B" again`, "Capacity[2].Group: must be given, or ManagedInstances, and not both",
		}},
		{Name: "two kinds", Edit: func(p *props) {
			p.Capacity = []ecsec2.Capacity{{Name: "A", Group: &ecsec2.Group{}, Weight: new(0)}, {Name: "B", ManagedInstances: &ecsec2.ManagedInstances{}, Weight: new(0)}}
		}, Want: []string{
			"Capacity[1].Group: must be of the same kind as that of the first one: the tasks of a service run on groups, or on Managed Instances",
			"Capacity: must have one with a Weight above 0",
		}},
		{Name: "too many providers", Edit: func(p *props) {
			for i := range 21 {
				p.Capacity = append(p.Capacity, ecsec2.Capacity{Name: string(rune('A' + i)), Group: &ecsec2.Group{}})
			}
		}, Want: []string{"Capacity: must be 1 to 20, got 21"}},
		{Name: "instance types", Edit: group(func(g *ecsec2.Group) {
			g.InstanceTypes = []string{"m6i.large", "m6i", "m6i.large", "m7g.large", "g5.xlarge"}
		}), Want: []string{
			`Capacity[0].Group.InstanceTypes[1]: must be an instance type such as m6i.large, got "m6i"`,
			`Capacity[0].Group.InstanceTypes[2]: must differ from the others, got "m6i.large" again`,
			`Capacity[0].Group.InstanceTypes[3]: must have the architecture of the first type, m6i.large, got "m7g.large"`,
			`Capacity[0].Group.InstanceTypes[4]: must have a GPU, or none, as the first type, m6i.large, got "g5.xlarge"`,
		}},
		{Name: "too many types", Edit: group(func(g *ecsec2.Group) {
			for i := range 41 {
				g.InstanceTypes = append(g.InstanceTypes, fmt.Sprintf("m6i.%dxlarge", i+2))
			}
		}), Want: []string{"Capacity[0].Group.InstanceTypes: must be at most 40, got 41"}},
		{Name: "too many types for managed instances", Edit: managed(func(_ *props, m *ecsec2.ManagedInstances) {
			m.InstanceTypes = slices.Repeat([]string{"m7*"}, 401)
		}), Want: []string{"Capacity[0].ManagedInstances.InstanceTypes: must be at most 400, got 401"}},
		{Name: "real instance types", Edit: group(func(g *ecsec2.Group) {
			g.InstanceTypes = []string{"t3.nano", "c5.metal", "m7i-flex.xlarge", "u7i-12tb.224xlarge", "r7iz.metal-16xl", "u-6tb1.112xlarge", "inf2.8xlarge", "hpc6a.48xlarge"}
		})},
		{Name: "types of Graviton", Edit: group(func(g *ecsec2.Group) {
			g.InstanceTypes = []string{"a1.large", "t4g.micro", "im4gn.large", "is4gen.medium", "x2gd.metal", "hpc7g.4xlarge", "c8gb.large", "i8ge.large"}
		})},
		{Name: "GPU on Graviton", Edit: group(func(g *ecsec2.Group) { g.InstanceTypes = []string{"g5g.xlarge"} }), Want: []string{
			`Capacity[0].Group.InstanceTypes[0]: must not be "g5g.xlarge" with AL2023, whose image for GPUs is for x86_64`,
		}},
		{Name: "group", Edit: group(func(g *ecsec2.Group) {
			g.Image, g.Min, g.SpotPercent, g.OnDemandBase, g.VolumeGiB = "AL2", new(-1), 101, -1, 29
		}), Want: []string{
			"Capacity[0].Group.Image: must be one of AL2023, BOTTLEROCKET, got AL2", "Capacity[0].Group.Min: must be 0 or more, got -1",
			"Capacity[0].Group.SpotPercent: must be between 0 and 100, got 101", "Capacity[0].Group.OnDemandBase: must be 0 or more, got -1",
			"Capacity[0].Group.VolumeGiB: must be between 30 and 16384, got 29",
		}},
		{Name: "sizes", Edit: group(func(g *ecsec2.Group) { g.Min, g.Max, g.OnDemandBase = new(3), 2, 1 }), Want: []string{
			"Capacity[0].Group.Max: must be 1 or more and not less than Min, 3, got 2", "Capacity[0].Group.OnDemandBase: must be left out without SpotPercent",
		}},
		{Name: "many instances", Edit: group(func(g *ecsec2.Group) { g.Min = new(50) })},
		{Name: "warm pool", Edit: group(func(g *ecsec2.Group) { g.SpotPercent, g.WarmPool = 1, &ecsec2.WarmPool{Min: 2, MaxPrepared: new(1)} }), Want: []string{
			"Capacity[0].Group.WarmPool: needs one instance type and no Spot: a group of several has no warm pool",
			"Capacity[0].Group.WarmPool.MaxPrepared: must not be less than Min, 2, got 1",
		}},
		{Name: "size of the warm pool", Edit: group(func(g *ecsec2.Group) { g.WarmPool = &ecsec2.WarmPool{Min: -1} }), Want: []string{"Capacity[0].Group.WarmPool.Min: must be 0 or more, got -1"}},
		{Name: "managed scaling", Edit: group(func(g *ecsec2.Group) {
			g.TargetPercent, g.WarmUp, g.MinStep, g.MaxStep, g.MaxLifetime = 101, new(10001*time.Second), 9, 8, 23*time.Hour
		}), Want: []string{
			"Capacity[0].Group.TargetPercent: must be between 1 and 100, got 101", "Capacity[0].Group.WarmUp: must be between 0s and 2h46m40s, got 2h46m41s",
			"Capacity[0].Group.MaxStep: must not be less than MinStep, 9, got 8", "Capacity[0].Group.MaxLifetime: must be between 24h0m0s and 8760h0m0s, got 23h0m0s",
		}},
		{Name: "lifetime", Edit: group(func(g *ecsec2.Group) { g.MaxLifetime = 24*time.Hour + time.Millisecond }), Want: []string{
			"Capacity[0].Group.MaxLifetime: must be whole seconds, got 24h0m0.001s",
		}},
		{Name: "longest warm-up", Edit: group(func(g *ecsec2.Group) { g.WarmUp = new(10000 * time.Second) })},
		{Name: "steps", Edit: group(func(g *ecsec2.Group) { g.MinStep, g.MaxStep, g.WarmUp = -1, 10001, new(1500*time.Millisecond) }), Want: []string{
			"Capacity[0].Group.WarmUp: must be whole seconds, got 1.5s", "Capacity[0].Group.MinStep: must be between 0 and 10000, got -1", "Capacity[0].Group.MaxStep: must be between 0 and 10000, got 10001",
		}},
		{Name: "no managed scaling", Edit: group(func(g *ecsec2.Group) {
			g.DisableManagedScaling, g.TargetPercent, g.WarmUp, g.MinStep = true, 50, new(time.Second), 2
		}), Want: []string{
			"Capacity[0].Group.DisableTerminationProtection: must be true with DisableManagedScaling: managed termination protection needs managed scaling",
			"Capacity[0].Group.TargetPercent: must be left out with DisableManagedScaling", "Capacity[0].Group.WarmUp: must be left out with DisableManagedScaling",
			"Capacity[0].Group.MinStep: must be left out with DisableManagedScaling, and MaxStep",
		}},
		{Name: "managed instances", Edit: managed(func(p *props, m *ecsec2.ManagedInstances) {
			m.MinVCPUs, m.MaxVCPUs, m.MinMemory, m.MaxMemory, m.InstanceTypes, m.VolumeGiB = 4, 2, 511, 510, []string{"M7*"}, 16385
			p.CPU, p.Memory = 4096, 1024
		}), Want: []string{
			"Capacity[0].ManagedInstances.MaxVCPUs: must not be less than MinVCPUs, 4, got 2", "Capacity[0].ManagedInstances.MinMemory: must be 512 MiB or more, got 511",
			"Capacity[0].ManagedInstances.MaxMemory: must not be less than MinMemory, 511, got 510", "Capacity[0].ManagedInstances.MaxMemory: must be at least the task's Memory, 1024 MiB, got 510",
			"Capacity[0].ManagedInstances.MaxVCPUs: must be at least the task's CPU, 4096 units, got 2",
			`Capacity[0].ManagedInstances.InstanceTypes[0]: must be an instance type such as m7i.large, or a pattern such as m7*, got "M7*"`,
			"Capacity[0].ManagedInstances.VolumeGiB: must be between 1 and 16384, got 16385",
		}},
		{Name: "least of managed instances", Edit: managed(func(_ *props, m *ecsec2.ManagedInstances) { m.MinVCPUs = -1 }), Want: []string{"Capacity[0].ManagedInstances.MinVCPUs: must be 1 or more, got -1"}},
		{Name: "placement of managed instances", Edit: managed(func(p *props, _ *ecsec2.ManagedInstances) {
			p.PlacementStrategies, p.DistinctInstances, p.MemberOf = []ecsec2.PlacementStrategy{ecsec2.Random}, true, []string{"x"}
			p.NetworkMode = ecsec2.Bridge
			p.ConfigureService = func(*awsecs.Ec2ServiceProps) {}
		}), Want: []string{
			"NetworkMode: must be awsvpc with ManagedInstances, got bridge",
			"PlacementStrategies: " + picks, "DistinctInstances: " + picks, "MemberOf: " + picks,
			"ConfigureService: must be left out with ManagedInstances: ConfigureManagedService is for those",
		}},
		{Name: "hook of managed instances", Edit: func(p *props) { p.ConfigureManagedService = func(*awsecs.FargateServiceProps) {} }, Want: []string{
			"ConfigureManagedService: must be left out without ManagedInstances: ConfigureService is for groups",
		}},
		{Name: "existing managed instances", Edit: managed(func(_ *props, m *ecsec2.ManagedInstances) { m.Provider, m.Spot = "ecs-x", true }), Want: []string{
			"Capacity[0].ManagedInstances.Provider: needs Cluster, whose provider it is",
			`Capacity[0].ManagedInstances.Provider: must not start with aws, ecs or fargate, got "ecs-x"; a service on Fargate is one of package albfargate`,
			"Capacity[0].ManagedInstances.Provider: must be the only setting: an existing provider has its own",
		}},
		{Name: "placement", Edit: func(p *props) {
			p.PlacementStrategies = []ecsec2.PlacementStrategy{ecsec2.Random, ecsec2.BinpackCPU, ecsec2.BinpackMemory, ecsec2.SpreadOverInstances, ecsec2.SpreadOver("a b"), "binpack:gpu"}
			p.DistinctInstances, p.MemberOf = true, append(strings.Split("abcdefghi", ""), strings.Repeat("x", 2001))
		}, Want: []string{
			"PlacementStrategies: must be at most 5, got 6",
			`PlacementStrategies[4]: must be spread:attribute:NAME, spread:instanceId, spread:host, binpack:cpu, binpack:memory or random, got "spread:attribute:a b"`,
			`PlacementStrategies[5]: must be spread:attribute:NAME, spread:instanceId, spread:host, binpack:cpu, binpack:memory or random, got "binpack:gpu"`,
			"MemberOf: must be at most 10 together with DistinctInstances, got 11", "MemberOf[9]: must be an expression of 1 to 2000 characters, got 2001",
		}},
		{Name: "most constraints", Edit: func(p *props) {
			p.MemberOf = append(strings.Split("abcdefghi", ""), strings.Repeat("x", 2000))
		}},
		{Name: "empty expression", Edit: func(p *props) { p.MemberOf = []string{" "} }, Want: []string{"MemberOf[0]: must be an expression of 1 to 2000 characters, got 1"}},
		{Name: "count of a daemon", Edit: daemon(func(p *props) {
			p.DesiredCount, p.PlacementStrategies, p.DistinctInstances, p.Deployment.MaxPercent = new(1), []ecsec2.PlacementStrategy{ecsec2.Random}, true, 200
		}), Want: []string{
			"DesiredCount: " + each, "PlacementStrategies: " + each, "DistinctInstances: " + each, "Deployment.MaxPercent: must be 100 for a Daemon, got 200",
		}},
		{Name: "scaling of a daemon", Edit: daemon(func(p *props) { p.Scaling = &ecsservice.Scaling{Max: 3} }), Want: []string{"Scaling: " + each}},
		{Name: "strategy of a daemon", Edit: func(p *props) { p.Daemon, p.Deployment.Strategy = true, ecsservice.BlueGreen }, Want: []string{
			"Deployment.MinHealthyPercent: must be left out with BLUE_GREEN", "Deployment.MaxPercent: must be left out with BLUE_GREEN", "Deployment.Strategy: must be ROLLING for a Daemon, got BLUE_GREEN",
		}},
		{Name: "shares of a daemon", Edit: daemon(func(p *props) {
			p.Capacity = []ecsec2.Capacity{{Name: "A", Group: &ecsec2.Group{}, Base: 1, Weight: new(2)}}
		}), Want: []string{
			"Capacity[0].Base: must be left out for a Daemon, which runs on all instances", "Capacity[0].Weight: must be left out for a Daemon, which runs on all instances",
		}},
		{Name: "capacity of a daemon of a cluster", Edit: daemon(func(p *props) {
			p.Cluster, p.Capacity = fakeCluster{}, []ecsec2.Capacity{{Name: "A", Group: &ecsec2.Group{Provider: "x"}}}
		}), Want: []string{"Capacity: must be left out for a Daemon with Cluster: it runs on all instances of that"}},
		{Name: "managed daemon", Edit: managed(func(p *props, _ *ecsec2.ManagedInstances) { p.Daemon = true }), Want: []string{
			"Daemon: must be left out with ManagedInstances: their daemons are a resource of their own, AWS::ECS::Daemon",
		}},
		{Name: "load balancing", Edit: func(p *props) { p.LoadBalancing = &ecsservice.LoadBalancing{} }, Want: []string{
			"LoadBalancing.Domain: must be given, or Certificates, for HTTPS; AllowPlaintext does without",
		}},
		{Name: "shared rules", Edit: func(p *props) { p.VPC = nil }, Want: []string{"VPC: must be given: the VPC that the tasks run in"}},
	})
}

func TestServiceProps_ValidateNil(t *testing.T) {
	var none *ecsec2.ServiceProps
	assert.EqualError(t, none.Validate(), `invalid ecsec2.ServiceProps:
  - VPC: must be given: the VPC that the tasks run in
  - Containers: must be 1 to 10, sidecars included, got 0`)
}
