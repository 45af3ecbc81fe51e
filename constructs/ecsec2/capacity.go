package ecsec2

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"

	"github.com/strata-cdk/strata/internal/defaults"
)

// Capacity is a capacity provider and its share of the tasks. Exactly one of Group and ManagedInstances.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-capacity-providers.html
type Capacity struct {
	// Name is the construct id of what is made for it, and its key in Service.Providers: a letter, then letters and digits.
	Name string
	// Group is an Auto Scaling group.
	// Default: nil.
	Group *Group
	// ManagedInstances are instances that ECS picks, patches and replaces by itself.
	// Default: nil.
	ManagedInstances *ManagedInstances
	// Base is the number of tasks that run here first, 0 to 100000; above 0 for one provider at most.
	// Default: 0.
	Base int
	// Weight is the share of the other tasks that run here, 0 to 1000, relative to the weights of the other providers. One at
	// least is above 0.
	// Default: nil, which means 1.
	Weight *int
}

// Image is the operating system of instances.
type Image string

const (
	// AL2023 is the ECS-optimized Amazon Linux 2023. The zero value of Image means this.
	AL2023 Image = "AL2023"
	// Bottlerocket is an operating system for containers, with a read-only root and without a shell.
	Bottlerocket Image = "BOTTLEROCKET"
)

// Group is an Auto Scaling group whose size follows the tasks. Its instances have no public address, no SSH key, no open port,
// encrypted volumes and version 2 of the instance metadata service, which containers do not reach (but see Host). Deployments
// take the newest image; when image or settings change, and after MaxLifetime, instances are replaced, new ones first, and
// their tasks drained.
type Group struct {
	// Provider is the name of an existing provider of Cluster instead, such as Service.Providers["Instances"].Name of the
	// service that made it. All other settings are left out with it.
	// Default: "", a new group.
	Provider string
	// InstanceTypes are the types of the instances, at most 40, of one architecture; on-demand instances are the first one that
	// can be had. The image follows the architecture, and the presence of GPUs of NVIDIA.
	// Default: m6i.large, about 70 USD a month each.
	InstanceTypes []string
	// Image is AL2023 or Bottlerocket.
	// Default: AL2023.
	Image Image
	// Min is the least number of instances, 0 or more.
	// Default: nil, which means 2.
	Min *int
	// Max is the largest number of instances, 1 or more, and Min or more.
	// Default: 10, or Min if that is more.
	Max int
	// SpotPercent is the share of the instances, 0 to 100, that are Spot Instances: up to 90 % cheaper, and taken back with
	// two minutes' notice, in which their tasks are drained. Give several InstanceTypes.
	// Default: 0.
	SpotPercent int
	// OnDemandBase is the number of instances that are no Spot Instances whatever SpotPercent says, 0 or more.
	// Default: 0.
	OnDemandBase int
	// VolumeGiB is the size of the volume for images and containers, 30 to 16384.
	// Default: 50.
	VolumeGiB int
	// WarmPool keeps instances ready that are started already. It needs one instance type, and no Spot.
	// Default: nil, off.
	WarmPool *WarmPool
	// TargetPercent is the use of the instances that managed scaling aims at, 1 to 100: less keeps spare instances.
	// Default: 100.
	TargetPercent int
	// WarmUp is how long a new instance does not count in managed scaling, 0 to 10000 s in whole seconds.
	// Default: nil, which means 300 s.
	WarmUp *time.Duration
	// MinStep and MaxStep are the least and largest number of instances that managed scaling adds at a time, 1 to 10000.
	// Default: 0, as ECS has it: 1 and 10000.
	MinStep, MaxStep int
	// MaxLifetime is the age at which instances are replaced, 1 to 365 days in whole seconds.
	// Default: 30 days.
	MaxLifetime time.Duration
	// DisableManagedScaling leaves the number of instances to you. It needs DisableTerminationProtection.
	// Default: false.
	DisableManagedScaling bool
	// DisableTerminationProtection lets the group end instances with tasks when it shrinks. They are drained first.
	// Default: false, it ends empty ones.
	DisableTerminationProtection bool
	// AllowPrivileged lets containers be privileged, which gives them the instance.
	// Default: false.
	AllowPrivileged bool
	// AllowSessions lets operators open a shell on instances with Session Manager.
	// Default: false.
	AllowSessions bool
	// ConfigureLaunchTemplate, ConfigureGroup and ConfigureProvider edit the L2 props last, after all defaults.
	// Default: no edit.
	ConfigureLaunchTemplate func(*awsec2.LaunchTemplateProps)
	ConfigureGroup          func(*awsautoscaling.AutoScalingGroupProps)
	ConfigureProvider       func(*awsecs.AsgCapacityProviderProps)
}

// WarmPool keeps instances ready for a group.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using-warm-pool.html
type WarmPool struct {
	// Min is the least number of instances in the pool, 0 or more.
	// Default: 0.
	Min int
	// MaxPrepared is the largest number of instances of group and pool together.
	// Default: nil, Max of the group.
	MaxPrepared *int
	// Running keeps the instances running instead of stopped: faster, and paid for.
	// Default: false.
	Running bool
}

// ManagedInstances are instances that ECS picks for the tasks, patches, and replaces after 14 days at most, for a fee on top of
// theirs. They have AWSVPC tasks; ECS spreads these over Availability Zones by itself, so that there are no placement strategies
// or constraints, and has a resource of its own for daemons.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ManagedInstances.html
type ManagedInstances struct {
	// Provider is the name of an existing provider of Cluster instead. All other settings are left out with it.
	// Default: "", a new one.
	Provider string
	// MinVCPUs and MaxVCPUs bound the number of vCPUs of an instance, from 1.
	// Default: 2, no upper bound.
	MinVCPUs, MaxVCPUs int
	// MinMemory and MaxMemory bound the memory of an instance in MiB, from 512.
	// Default: 4096, no upper bound.
	MinMemory, MaxMemory int
	// InstanceTypes are the types that ECS picks from, with * for any characters, such as "m7*": at most 400.
	// Default: all current types that are wide enough.
	InstanceTypes []string
	// ARM64 takes instances with AWS Graviton. The images must be for it.
	// Default: false, x86_64.
	ARM64 bool
	// Spot takes Spot Instances, which AWS takes back with two minutes' notice.
	// Default: false, on-demand instances.
	Spot bool
	// VolumeGiB is the size of the encrypted volume for images and containers, 1 to 16384.
	// Default: 80.
	VolumeGiB int
	// ConfigureProvider edits the L2 props last, after all defaults.
	// Default: no edit.
	ConfigureProvider func(*awsecs.ManagedInstancesCapacityProviderProps)
}

func (c *Capacity) setDefaults() {
	if c.Weight == nil {
		c.Weight = new(1)
	}
	if c.Group != nil && c.Group.Provider == "" {
		g := *c.Group
		g.setDefaults()
		c.Group = &g
	}
	if c.ManagedInstances != nil && c.ManagedInstances.Provider == "" {
		m := *c.ManagedInstances
		defaults.Or(&m.MinVCPUs, 2)
		defaults.Or(&m.MinMemory, 4096)
		defaults.Or(&m.VolumeGiB, 80)
		c.ManagedInstances = &m
	}
}

func (g *Group) setDefaults() {
	if len(g.InstanceTypes) == 0 {
		g.InstanceTypes = []string{"m6i.large"}
	}
	defaults.Or(&g.Image, AL2023)
	if g.Min == nil {
		g.Min = new(2)
	}
	defaults.Or(&g.Max, max(10, *g.Min))
	defaults.Or(&g.VolumeGiB, 50)
	defaults.Or(&g.TargetPercent, 100)
	if g.WarmUp == nil {
		g.WarmUp = new(300 * time.Second)
	}
	defaults.Or(&g.MaxLifetime, 30*24*time.Hour)
}
