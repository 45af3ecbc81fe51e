package ekscluster

import (
	"regexp"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseks"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/awsid"
	"github.com/strata-cdk/strata/internal/defaults"
	"github.com/strata-cdk/strata/internal/sorted"
)

// Image is the operating system of nodes.
type Image string

// The images that AWS keeps for EKS.
const (
	// AL2023 is Amazon Linux 2023. The zero value of Image means this.
	AL2023 Image = "AL2023"
	// Bottlerocket has no shell and a read-only root.
	Bottlerocket Image = "BOTTLEROCKET"
)

// NodeGroup is a group of instances of one architecture. Its zero value takes every default: two instances of AWS Graviton, managed by EKS.
//
// https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html
type NodeGroup struct {
	// SelfManaged runs an Auto Scaling group of your own instead of a node group of EKS: for a mix of on-demand and Spot instances. Its nodes
	// are replaced by CloudFormation, two at a time, without being drained.
	// Default: false.
	SelfManaged bool
	// InstanceTypes are the types of instances, in order of preference, all arm64 or all x86_64: at most 20. A managed on-demand group takes
	// the first that is available.
	// Default: m7g.large; with Spot, m7g.large, m6g.large, m8g.large, r7g.large and r6g.large.
	InstanceTypes []string
	// SpotPercent is the share of Spot instances above OnDemandBase: 0 to 100, without SelfManaged 0 or 100.
	// Default: 0.
	SpotPercent int
	// OnDemandBase is the number of on-demand instances that come first, with SelfManaged only.
	// Default: 0.
	OnDemandBase int
	// Min and Desired are the least number of instances and the number that a deployment sets; 0 to 1000. A deployment that changes the group
	// sets Desired anew.
	// Default: nil, which means 2 for Min, and Min for Desired.
	Min, Desired *int
	// Max is the greatest number of instances, 1 to 1000. Nothing but a cluster autoscaler makes use of it.
	// Default: 10, or Desired where that is more.
	Max int
	// Image is the operating system: AL2023 or Bottlerocket.
	// Default: AL2023.
	Image Image
	// DiskGiB is the size of the volume of images, logs and scratch data, in GiB: 20 to 16384. It is encrypted.
	// Default: 50.
	DiskGiB int
	// Labels are labels of the nodes.
	// Default: none.
	Labels map[string]string
	// Taints keep pods away that do not tolerate them.
	// Default: none.
	Taints []Taint
	// MaxUnavailablePercent is how many of the nodes an update replaces at a time, 1 to 100. It goes without SelfManaged and MaxUnavailable.
	// Default: 33.
	MaxUnavailablePercent int
	// MaxUnavailable is that number of nodes, 1 to 100.
	// Default: 0, MaxUnavailablePercent counts.
	MaxUnavailable int
	// Subnets are those of the nodes, such as one zone for a group with volumes of EBS.
	// Default: the cluster's.
	Subnets *awsec2.SubnetSelection
	// ConfigureLaunchTemplate, ConfigureNodeGroup (managed) and ConfigureAutoScalingGroup (self-managed) edit the L1 props last, after all
	// defaults.
	// Default: no edit.
	ConfigureLaunchTemplate   func(*awsec2.CfnLaunchTemplateProps)
	ConfigureNodeGroup        func(*awseks.CfnNodegroupProps)
	ConfigureAutoScalingGroup func(*awsautoscaling.CfnAutoScalingGroupProps)
}

// Taint keeps pods away that do not tolerate it.
type Taint struct {
	// Key and Value are what a toleration names. Key is required.
	Key, Value string
	// Effect is NoSchedule, PreferNoSchedule or NoExecute.
	// Default: NoSchedule.
	Effect TaintEffect
}

// TaintEffect says what happens to pods that do not tolerate a taint.
type TaintEffect string

// The effects of taints.
const (
	// NoSchedule keeps new pods away. The zero value of TaintEffect means this.
	NoSchedule TaintEffect = "NoSchedule"
	// PreferNoSchedule keeps new pods away where another node has room.
	PreferNoSchedule TaintEffect = "PreferNoSchedule"
	// NoExecute removes running pods too.
	NoExecute TaintEffect = "NoExecute"
)

// effects are the names of the API of EKS.
var effects = map[TaintEffect]string{NoSchedule: "NO_SCHEDULE", PreferNoSchedule: "PREFER_NO_SCHEDULE", NoExecute: "NO_EXECUTE"}

var (
	instanceType = regexp.MustCompile(`^[a-z][a-z0-9-]*\.[a-z0-9-]+$`)
	graviton     = regexp.MustCompile(`^(a1|[a-z]+[0-9]+g[a-z0-9-]*)\.`)
	labelName    = regexp.MustCompile(`^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[0-9A-Za-z]([-0-9A-Za-z_.]{0,61}[0-9A-Za-z])?$`)
	labelValue   = regexp.MustCompile(`^([0-9A-Za-z]([-0-9A-Za-z_.]{0,61}[0-9A-Za-z])?)?$`)
)

func (g *NodeGroup) arm() bool { return graviton.MatchString(g.InstanceTypes[0]) }

func (g *NodeGroup) withDefaults() NodeGroup {
	d := *g
	if len(d.InstanceTypes) == 0 {
		d.InstanceTypes = []string{"m7g.large"}
		if d.SpotPercent > 0 {
			d.InstanceTypes = []string{"m7g.large", "m6g.large", "m8g.large", "r7g.large", "r6g.large"}
		}
	}
	if d.Min == nil {
		d.Min = new(2)
	}
	if d.Desired == nil {
		d.Desired = d.Min
	}
	defaults.Or(&d.Max, max(10, *d.Desired))
	defaults.Or(&d.Image, AL2023)
	defaults.Or(&d.DiskGiB, 50)
	if !d.SelfManaged && d.MaxUnavailable == 0 {
		defaults.Or(&d.MaxUnavailablePercent, 33)
	}
	d.Taints = slices.Clone(d.Taints)
	for i := range d.Taints {
		defaults.Or(&d.Taints[i].Effect, NoSchedule)
	}
	return d
}

func (g *NodeGroup) validate(c *check.List) {
	for i, t := range g.InstanceTypes {
		field := check.Index("InstanceTypes", i)
		c.That(instanceType.MatchString(t), field, "must be a type of instances such as m7g.large, got %q", t)
		c.That(graviton.MatchString(t) == g.arm(), field, "must have the architecture of %s, got %s", g.InstanceTypes[0], t)
	}
	c.That(len(g.InstanceTypes) <= 20, "InstanceTypes", "must be at most 20, got %d", len(g.InstanceTypes))
	awsid.OnceEach(c, "InstanceTypes", g.InstanceTypes)
	check.Range(c, "SpotPercent", g.SpotPercent, 0, 100)
	c.That(g.SelfManaged || g.SpotPercent <= 0 || g.SpotPercent >= 100, "SpotPercent", "must be 0 or 100 without SelfManaged, got %d", g.SpotPercent)
	check.Range(c, "OnDemandBase", g.OnDemandBase, 0, 1000)
	c.That(g.SelfManaged || g.OnDemandBase == 0, "OnDemandBase", "must be left out without SelfManaged")
	check.Range(c, "Min", *g.Min, 0, 1000)
	c.That(*g.Min <= *g.Desired && *g.Desired <= g.Max, "Desired", "must be between Min and Max, %d and %d, got %d", *g.Min, g.Max, *g.Desired)
	check.Range(c, "Max", g.Max, 1, 1000)
	check.OneOf(c, "Image", g.Image, AL2023, Bottlerocket)
	check.Range(c, "DiskGiB", g.DiskGiB, 20, 16384)
	for name, value := range sorted.All(g.Labels) {
		c.That(labelName.MatchString(name) && labelValue.MatchString(value), check.Key("Labels", name), "must be a label of Kubernetes, got %q", value)
	}
	for i, t := range g.Taints {
		c := c.At(check.Index("Taints", i))
		c.That(labelName.MatchString(t.Key), "Key", "must be a key of Kubernetes, got %q", t.Key)
		c.That(labelValue.MatchString(t.Value), "Value", "must be a value of Kubernetes, got %q", t.Value)
		check.OneOf(c, "Effect", t.Effect, NoSchedule, PreferNoSchedule, NoExecute)
	}
	c.That(g.MaxUnavailable == 0 || g.MaxUnavailablePercent == 0, "MaxUnavailable", "must be left out with MaxUnavailablePercent")
	if g.SelfManaged {
		c.That(g.MaxUnavailable == 0, "MaxUnavailable", "must be left out with SelfManaged")
		c.That(g.MaxUnavailablePercent == 0, "MaxUnavailablePercent", "must be left out with SelfManaged")
	} else {
		check.Range(c, "MaxUnavailable", g.MaxUnavailable, 0, 100)
		check.Range(c, "MaxUnavailablePercent", g.MaxUnavailablePercent, 0, 100)
	}
	c.That(g.ConfigureNodeGroup == nil || !g.SelfManaged, "ConfigureNodeGroup", "must be left out with SelfManaged")
	c.That(g.ConfigureAutoScalingGroup == nil || g.SelfManaged, "ConfigureAutoScalingGroup", "must be left out without SelfManaged")
}
