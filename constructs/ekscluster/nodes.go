package ekscluster

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseks"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/sorted"
)

// Nodes are the constructs of a group of nodes.
type Nodes struct {
	// LaunchTemplate is how its instances are started.
	LaunchTemplate awsec2.CfnLaunchTemplate
	// Managed is the node group of EKS; nil with SelfManaged.
	Managed awseks.CfnNodegroup
	// SelfManaged is the Auto Scaling group; nil without SelfManaged.
	SelfManaged awsautoscaling.CfnAutoScalingGroup
}

// resource is what runs the nodes.
func (n *Nodes) resource() constructs.IDependable {
	if n.Managed != nil {
		return n.Managed
	}
	return n.SelfManaged
}

// nodePolicies are those of a node. The permissions of pods, those of the network plugin among them, come by Pod Identity.
var nodePolicies = []string{"AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly", "AmazonSSMManagedInstanceCore"}

// newCompute defines node groups and Fargate profiles.
func (k *Cluster) newCompute() {
	ec2 := awsiam.NewServicePrincipal(jsii.String("ec2.amazonaws.com"), nil)
	var shared *selfManaged
	if len(k.props.NodeGroups) > 0 {
		k.allowNodes()
	}
	for id, g := range sorted.All(k.props.NodeGroups) {
		if !g.SelfManaged {
			if k.NodeRole == nil {
				k.NodeRole = k.newRole("NodeRole", ec2, nodePolicies...)
			}
			k.Nodes[id] = k.newManaged("Nodes"+id, &g)
			continue
		}
		if shared == nil {
			// EKS makes the access entry of the role of a managed group itself, hence a role for the others.
			shared = k.newSelfManagedShared(ec2)
		}
		k.Nodes[id] = k.newSelfManaged("Nodes"+id, &g, shared)
	}
	for id, f := range sorted.All(k.props.FargateProfiles) {
		k.FargateProfiles[id] = k.newFargateProfile("Fargate"+id, &f)
	}
}

// waitForNodes has nodes wait for the add-ons without which they would not become ready, and the other add-ons for the nodes, as they would
// fail without.
func (k *Cluster) waitForNodes() {
	var nodes []constructs.IDependable
	for _, n := range sorted.All(k.Nodes) {
		nodes = append(nodes, n.resource())
	}
	for _, name := range beforeNodes {
		if addon, ok := k.Addons[name]; ok {
			for _, n := range nodes {
				n.(constructs.IConstruct).Node().AddDependency(addon)
			}
		}
	}
	for _, f := range sorted.All(k.FargateProfiles) {
		nodes = append(nodes, f)
	}
	if len(nodes) == 0 {
		return
	}
	for name, addon := range sorted.All(k.Addons) {
		if !slices.Contains(beforeNodes, name) {
			addon.Node().AddDependency(nodes...)
		}
	}
}

// newLaunchTemplate defines a launch template. Self-managed nodes have data of their own.
func (k *Cluster) newLaunchTemplate(id string, g *NodeGroup, data *awsec2.CfnLaunchTemplate_LaunchTemplateDataProperty) awsec2.CfnLaunchTemplate {
	disk := func(device string, size int) any {
		return &awsec2.CfnLaunchTemplate_BlockDeviceMappingProperty{DeviceName: &device, Ebs: &awsec2.CfnLaunchTemplate_EbsProperty{
			Encrypted: jsii.Bool(true), KmsKeyId: k.Key.KeyArn(), VolumeType: jsii.String("gp3"), VolumeSize: jsii.Number(size), DeleteOnTermination: jsii.Bool(true),
		}}
	}
	disks := []any{disk("/dev/xvda", g.DiskGiB)}
	if g.Image == Bottlerocket { // the system has a volume of its own
		disks = []any{disk("/dev/xvda", 4), disk("/dev/xvdb", g.DiskGiB)}
	}
	data.BlockDeviceMappings = &disks
	// One hop: the network of pods is one further away.
	data.MetadataOptions = &awsec2.CfnLaunchTemplate_MetadataOptionsProperty{HttpTokens: jsii.String("required"), HttpPutResponseHopLimit: jsii.Number(1)}
	tags := []any{}
	for _, t := range []string{"instance", "volume"} {
		tags = append(tags, &awsec2.CfnLaunchTemplate_TagSpecificationProperty{
			ResourceType: &t, Tags: &[]*awscdk.CfnTag{{Key: jsii.String("Name"), Value: jsii.String(k.name + "/" + id)}},
		})
	}
	data.TagSpecifications = &tags
	props := &awsec2.CfnLaunchTemplateProps{LaunchTemplateData: data}
	if g.ConfigureLaunchTemplate != nil {
		g.ConfigureLaunchTemplate(props)
	}
	return awsec2.NewCfnLaunchTemplate(k, jsii.String(id+"Template"), props)
}

// subnetsOf are the ids of the subnets of a group.
func (k *Cluster) subnetsOf(g *NodeGroup) []*string {
	if g.Subnets == nil {
		return *k.subnets.SubnetIds
	}
	return *k.props.VPC.SelectSubnets(g.Subnets).SubnetIds
}

func (k *Cluster) newManaged(id string, g *NodeGroup) *Nodes {
	n := &Nodes{LaunchTemplate: k.newLaunchTemplate(id, g, &awsec2.CfnLaunchTemplate_LaunchTemplateDataProperty{})}
	subnets := []any{}
	for _, s := range k.subnetsOf(g) {
		subnets = append(subnets, s)
	}
	taints := []any{}
	for _, t := range g.Taints {
		taints = append(taints, &awseks.CfnNodegroup_TaintProperty{Key: &t.Key, Value: cdkval.Text(t.Value), Effect: jsii.String(effects[t.Effect])})
	}
	ami := map[Image]map[bool]string{
		AL2023:       {true: "AL2023_ARM_64_STANDARD", false: "AL2023_x86_64_STANDARD"},
		Bottlerocket: {true: "BOTTLEROCKET_ARM_64", false: "BOTTLEROCKET_x86_64"},
	}[g.Image][g.arm()]
	props := &awseks.CfnNodegroupProps{
		ClusterName: k.Cluster.Ref(), NodeRole: k.NodeRole.RoleArn(), Subnets: &subnets, AmiType: &ami, Version: &k.props.Version,
		CapacityType:     jsii.String(map[bool]string{true: "SPOT", false: "ON_DEMAND"}[g.SpotPercent > 0]),
		InstanceTypes:    cdkval.Texts(g.InstanceTypes),
		Labels:           cdkval.TextMap(g.Labels),
		NodeRepairConfig: &awseks.CfnNodegroup_NodeRepairConfigProperty{Enabled: jsii.Bool(true)},
		ScalingConfig:    &awseks.CfnNodegroup_ScalingConfigProperty{MinSize: jsii.Number(*g.Min), DesiredSize: jsii.Number(*g.Desired), MaxSize: jsii.Number(g.Max)},
		LaunchTemplate: &awseks.CfnNodegroup_LaunchTemplateSpecificationProperty{
			Id: n.LaunchTemplate.Ref(), Version: n.LaunchTemplate.AttrLatestVersionNumber(),
		},
	}
	if len(taints) > 0 {
		props.Taints = &taints
	}
	update := &awseks.CfnNodegroup_UpdateConfigProperty{MaxUnavailablePercentage: jsii.Number(g.MaxUnavailablePercent)}
	if g.MaxUnavailable > 0 {
		update = &awseks.CfnNodegroup_UpdateConfigProperty{MaxUnavailable: jsii.Number(g.MaxUnavailable)}
	}
	props.UpdateConfig = update
	if g.ConfigureNodeGroup != nil {
		g.ConfigureNodeGroup(props)
	}
	n.Managed = awseks.NewCfnNodegroup(k, &id, props)
	n.Managed.Node().AddDependency(k.NodeRole)
	return n
}

func (k *Cluster) newFargateProfile(id string, f *FargateProfile) awseks.CfnFargateProfile {
	if k.FargateRole == nil {
		stack := awscdk.Stack_Of(k)
		pods := awsiam.NewServicePrincipal(jsii.String("eks-fargate-pods.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: &map[string]any{"ArnLike": map[string]any{"aws:SourceArn": stack.FormatArn(&awscdk.ArnComponents{
				Service: jsii.String("eks"), Resource: jsii.String("fargateprofile"), ResourceName: jsii.String(k.name + "/*"),
			})}},
		})
		k.FargateRole = k.newRole("FargateRole", pods, "AmazonEKSFargatePodExecutionRolePolicy")
	}
	selectors := []any{}
	for _, s := range f.Selectors {
		selector := &awseks.CfnFargateProfile_SelectorProperty{Namespace: &s.Namespace}
		if len(s.Labels) > 0 {
			labels := []any{}
			for name, value := range sorted.All(s.Labels) {
				labels = append(labels, &awseks.CfnFargateProfile_LabelProperty{Key: &name, Value: &value})
			}
			selector.Labels = &labels
		}
		selectors = append(selectors, selector)
	}
	props := &awseks.CfnFargateProfileProps{
		ClusterName: k.Cluster.Ref(), PodExecutionRoleArn: k.FargateRole.RoleArn(), Selectors: &selectors, Subnets: k.subnets.SubnetIds,
	}
	if f.ConfigureProfile != nil {
		f.ConfigureProfile(props)
	}
	return awseks.NewCfnFargateProfile(k, &id, props)
}
