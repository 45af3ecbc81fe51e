package ecsec2

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"

	"github.com/strata-cdk/strata/constructs/ecsservice"
	"github.com/strata-cdk/strata/internal/defaults"
)

// NetworkMode is how tasks are connected to the network.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking.html
type NetworkMode string

const (
	// AWSVPC gives each task a network interface with addresses and a security group of its own. The zero value of NetworkMode
	// means this. An instance has few network interfaces: two tasks run on an m6i.large, more once the account setting
	// awsvpcTrunking is on.
	AWSVPC NetworkMode = "awsvpc"
	// Bridge puts tasks behind ports of the instance that ECS picks, 32768 to 65535, so that many tasks of a service run on
	// one instance. They share its security group.
	Bridge NetworkMode = "bridge"
	// Host puts tasks on the network of the instance itself, so that one task of a service runs on an instance. It reaches the
	// metadata of the instance, and with it the role of the instance.
	Host NetworkMode = "host"
)

// PlacementStrategy is how ECS picks the instances of tasks: one of the constants, or SpreadOver.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement-strategies.html
type PlacementStrategy string

const (
	// SpreadOverZones spreads tasks evenly over Availability Zones.
	SpreadOverZones PlacementStrategy = "spread:attribute:ecs.availability-zone"
	// SpreadOverInstances spreads tasks evenly over instances.
	SpreadOverInstances PlacementStrategy = "spread:instanceId"
	// BinpackCPU fills the instances with the least CPU left.
	BinpackCPU PlacementStrategy = "binpack:cpu"
	// BinpackMemory fills the instances with the least memory left.
	BinpackMemory PlacementStrategy = "binpack:memory"
	// Random picks any instance.
	Random PlacementStrategy = "random"
)

// SpreadOver spreads tasks evenly over the values of an attribute of the instances, such as "ecs.instance-type".
func SpreadOver(attribute string) PlacementStrategy {
	return PlacementStrategy("spread:attribute:" + attribute)
}

// ServiceProps configures a Service.
type ServiceProps struct {
	// CommonProps are the settings that services on Fargate and on EC2 share.
	ecsservice.CommonProps
	// LoadBalancing is how requests reach the tasks. Its HTTPS needs a Domain or Certificates.
	// Default: nil, no load balancer.
	LoadBalancing *ecsservice.LoadBalancing
	// Capacity is what the tasks run on, up to 20 capacity providers: Auto Scaling groups all, or Managed Instances all. With
	// Cluster, they are providers of that.
	// Default: one Auto Scaling group, named "Instances", of two to ten m6i.large; nothing new for a Daemon with Cluster.
	Capacity []Capacity
	// CPU is the CPU that is set aside for a task, in units of 1/1024 vCPU, 128 to 196608.
	// Default: 256.
	CPU int
	// Memory is the limit of a task in MiB, which is set aside for it, from 6.
	// Default: 512.
	Memory int
	// NetworkMode is AWSVPC, Bridge or Host. Managed Instances have AWSVPC.
	// Default: AWSVPC.
	NetworkMode NetworkMode
	// InstanceSecurityGroup is the security group of the instances of Cluster, which the load balancer must get through in
	// Bridge and Host; Service.InstanceSecurityGroup of the service that made them.
	// Default: a new one. Needed with Cluster in Bridge and Host, and to be left out else.
	InstanceSecurityGroup awsec2.ISecurityGroup
	// Daemon runs one task on each instance of the cluster, such as an agent.
	// Default: false, DesiredCount or Scaling says how many.
	Daemon bool
	// PlacementStrategies are how ECS picks instances, at most 5; a strategy decides between those that the ones before it
	// leave equal. ECS moves tasks to even out Availability Zones when SpreadOverZones is the first one, and the deployment
	// Rolling with room for it. Not for a Daemon, and not for Managed Instances, where ECS decides; on Fargate, where there are
	// no instances, package albfargate has no such field.
	// Default: SpreadOverZones, then BinpackMemory.
	PlacementStrategies []PlacementStrategy
	// DistinctInstances runs each task on an instance of its own.
	// Default: false.
	DistinctInstances bool
	// MemberOf are expressions of the cluster query language that all instances of the tasks fulfil, such as
	// "attribute:ecs.instance-type =~ m6i.*": at most 10 together with DistinctInstances, of 2000 characters each.
	// Default: none.
	//
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-query-language.html
	MemberOf []string
	// ConfigureTask edits the L2 props of the task definition last, after all defaults.
	// Default: no edit.
	ConfigureTask func(*awsecs.TaskDefinitionProps)
	// ConfigureService edits the L2 props of a service on Auto Scaling groups last, after all defaults.
	// Default: no edit.
	ConfigureService func(*awsecs.Ec2ServiceProps)
	// ConfigureManagedService edits the L2 props of a service on Managed Instances last, after all defaults.
	// Default: no edit.
	ConfigureManagedService func(*awsecs.FargateServiceProps)
}

func (p *ServiceProps) withDefaults() ServiceProps {
	var d ServiceProps
	if p != nil {
		d = *p
	}
	if d.Daemon {
		d.daemonDefaults()
	} else {
		d.CommonProps = d.WithDefaults()
	}
	if d.LoadBalancing != nil {
		b := d.LoadBalancing.WithDefaults(&d.CommonProps)
		d.LoadBalancing = &b
	}
	if len(d.Capacity) == 0 && d.Cluster == nil {
		d.Capacity = []Capacity{{Name: "Instances", Group: &Group{}}}
	}
	capacity := make([]Capacity, len(d.Capacity))
	for i, c := range d.Capacity {
		c.setDefaults()
		capacity[i] = c
	}
	d.Capacity = capacity
	defaults.Or(&d.CPU, 256)
	defaults.Or(&d.Memory, 512)
	defaults.Or(&d.NetworkMode, AWSVPC)
	if len(d.PlacementStrategies) == 0 && !d.Daemon && !d.managed() {
		d.PlacementStrategies = []PlacementStrategy{SpreadOverZones, BinpackMemory}
	}
	return d
}

// daemonDefaults are those of a service that has one task on each instance: no number of tasks, and old tasks stop before new
// ones start.
func (p *ServiceProps) daemonDefaults() {
	if p.Deployment.MinHealthyPercent == nil {
		p.Deployment.MinHealthyPercent = new(0)
	}
	defaults.Or(&p.Deployment.MaxPercent, 100)
	given := p.DesiredCount
	p.CommonProps = p.WithDefaults()
	p.DesiredCount = given
}

// managed tells whether the tasks run on Managed Instances.
func (p *ServiceProps) managed() bool {
	return len(p.Capacity) > 0 && p.Capacity[0].ManagedInstances != nil
}
