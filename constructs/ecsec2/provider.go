package ecsec2

import (
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/monitor"
	"github.com/strata-cdk/strata/internal/nag"
	"github.com/strata-cdk/strata/internal/sorted"
)

// Provider is a capacity provider and what it is made of. Only Name is set for an existing one, and Managed for Managed
// Instances.
type Provider struct {
	// Name is the name of the provider, for Group.Provider or ManagedInstances.Provider of other services of the cluster.
	Name *string
	// Group is the Auto Scaling group.
	Group awsautoscaling.AutoScalingGroup
	// LaunchTemplate is how its instances are started.
	LaunchTemplate awsec2.LaunchTemplate
	// Role is what the instances may do: talk to ECS, for this cluster.
	Role awsiam.Role
	// Capacity is the provider over Group.
	Capacity awsecs.AsgCapacityProvider
	// Managed is the provider of Managed Instances.
	Managed awsecs.ManagedInstancesCapacityProvider
}

// addProviders defines the capacity providers and adds them to the cluster, which is a new one unless all of them exist.
func (s *Service) addProviders(p *ServiceProps) {
	var down *teardown
	for i := range p.Capacity {
		k := &p.Capacity[i]
		switch {
		case k.Group != nil && k.Group.Provider != "":
			s.Providers[k.Name] = &Provider{Name: &k.Group.Provider}
		case k.Group != nil:
			if down == nil {
				down = s.newTeardown(p)
				if p.Alarms.Topic == nil && s.AlarmTopic != nil {
					s.admitGroups()
				}
			}
			s.Providers[k.Name] = s.newGroup(constructs.NewConstruct(s, &k.Name), p, k.Group, down)
		case k.ManagedInstances.Provider != "":
			s.Providers[k.Name] = &Provider{Name: &k.ManagedInstances.Provider}
		default:
			s.Providers[k.Name] = s.newManaged(constructs.NewConstruct(s, &k.Name), p, k.ManagedInstances)
		}
	}
}

// newGroup defines an Auto Scaling group and its capacity provider.
func (s *Service) newGroup(scope constructs.Construct, p *ServiceProps, g *Group, down *teardown) *Provider {
	v := &Provider{Role: awsiam.NewRole(scope, jsii.String("Role"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("ec2.amazonaws.com"), nil), Description: jsii.String("Instances of " + *scope.Node().Path()),
	})}
	v.LaunchTemplate = s.newLaunchTemplate(scope, g, v.Role)
	props := &awsautoscaling.AutoScalingGroupProps{
		Vpc: p.VPC, VpcSubnets: p.TaskSubnets(), MinCapacity: cdkval.Number(g.Min), MaxCapacity: jsii.Number(g.Max),
		MaxInstanceLifetime: cdkval.Duration(g.MaxLifetime), Cooldown: cdkval.Duration(5 * time.Minute), DefaultInstanceWarmup: cdkval.Duration(*g.WarmUp),
		HealthChecks:         awsautoscaling.HealthChecks_Ec2(&awsautoscaling.Ec2HealthChecksOptions{GracePeriod: cdkval.Duration(5 * time.Minute)}),
		GroupMetrics:         &[]awsautoscaling.GroupMetrics{awsautoscaling.GroupMetrics_All()},
		MinHealthyPercentage: jsii.Number(100), MaxHealthyPercentage: jsii.Number(200),
		UpdatePolicy: awsautoscaling.UpdatePolicy_InstanceRefresh(&awsautoscaling.InstanceRefreshOptions{
			Strategy: awsautoscaling.InstanceRefreshStrategy_ROLLING, MinHealthyPercentage: jsii.Number(100), MaxHealthyPercentage: jsii.Number(200),
			ScaleInProtectedInstances: awsautoscaling.ScaleInProtectedInstances_REFRESH, SkipMatching: jsii.Bool(true),
		}),
	}
	if s.AlarmTopic != nil {
		props.Notifications = &[]*awsautoscaling.NotificationConfiguration{{Topic: s.AlarmTopic, ScalingEvents: awsautoscaling.ScalingEvents_ALL()}}
	}
	if g.mixed() {
		props.MixedInstancesPolicy, props.CapacityRebalance = g.mix(v.LaunchTemplate), jsii.Bool(g.SpotPercent > 0)
	} else {
		props.LaunchTemplate = v.LaunchTemplate
	}
	if g.ConfigureGroup != nil {
		g.ConfigureGroup(props)
	}
	v.Group = awsautoscaling.NewAutoScalingGroup(scope, jsii.String("Group"), props)
	if g.mixed() {
		nag.Suppress(v.Group, "AwsSolutions-EC26", "The launch template encrypts the volumes, which cdk-nag does not find in a policy of several types.")
	}

	provider := &awsecs.AsgCapacityProviderProps{
		AutoScalingGroup: v.Group, EnableManagedScaling: jsii.Bool(!g.DisableManagedScaling), EnableManagedDraining: jsii.Bool(true),
		EnableManagedTerminationProtection: jsii.Bool(!g.DisableTerminationProtection), MachineImageType: awsecs.MachineImageType_AMAZON_LINUX_2,
	}
	if g.Image == Bottlerocket {
		provider.MachineImageType = awsecs.MachineImageType_BOTTLEROCKET
	}
	if !g.DisableManagedScaling {
		provider.TargetCapacityPercent, provider.InstanceWarmupPeriod = jsii.Number(g.TargetPercent), jsii.Number(g.WarmUp.Seconds())
		if g.MinStep > 0 {
			provider.MinimumScalingStepSize = jsii.Number(g.MinStep)
		}
		if g.MaxStep > 0 {
			provider.MaximumScalingStepSize = jsii.Number(g.MaxStep)
		}
	}
	if g.ConfigureProvider != nil {
		g.ConfigureProvider(provider)
	}
	v.Capacity = awsecs.NewAsgCapacityProvider(scope, jsii.String("Provider"), provider)
	v.Name = v.Capacity.CapacityProviderName()
	if g.DisableManagedScaling {
		resource := v.Capacity.Node().FindChild(jsii.String("Provider")).(awscdk.CfnResource)
		resource.AddPropertyOverride(jsii.String("AutoScalingGroupProvider.ManagedScaling.Status"), "DISABLED")
	}
	s.Cluster.(awsecs.Cluster).AddAsgCapacityProvider(v.Capacity, nil)
	g.configureAgent(v)
	g.permit(v, s.Cluster)
	v.Group.Node().AddDependency(v.Role) // with its policies, or the first instances could not join the cluster
	last := down.add(scope, v.Group, s.Cluster)
	v.Capacity.Node().AddDependency(last)
	if w := g.WarmPool; w != nil {
		options := &awsautoscaling.WarmPoolOptions{MinSize: jsii.Number(w.Min), MaxGroupPreparedCapacity: cdkval.Number(w.MaxPrepared), PoolState: awsautoscaling.PoolState_STOPPED}
		if w.Running {
			options.PoolState = awsautoscaling.PoolState_RUNNING
		}
		v.Group.AddWarmPool(options).Node().AddDependency(last)
	}
	return v
}

func (s *Service) newLaunchTemplate(scope constructs.Construct, g *Group, role awsiam.IRole) awsec2.LaunchTemplate {
	volume := func(device string, size int) *awsec2.BlockDevice {
		return &awsec2.BlockDevice{DeviceName: &device, Volume: awsec2.BlockDeviceVolume_Ebs(jsii.Number(size), &awsec2.EbsDeviceOptions{
			Encrypted: jsii.Bool(true), VolumeType: awsec2.EbsDeviceVolumeType_GP3, DeleteOnTermination: jsii.Bool(true),
		})}
	}
	props := &awsec2.LaunchTemplateProps{
		InstanceType: awsec2.NewInstanceType(&g.InstanceTypes[0]), Role: role, SecurityGroup: s.InstanceSecurityGroup,
		AssociatePublicIpAddress: jsii.Bool(false), DetailedMonitoring: jsii.Bool(true),
		// One hop: a container behind a bridge is two away, and its requests are dropped.
		RequireImdsv2: jsii.Bool(true), HttpPutResponseHopLimit: jsii.Number(1),
	}
	if g.Image == Bottlerocket {
		image := &awsecs.BottleRocketImageProps{Variant: awsecs.BottlerocketEcsVariant_AWS_ECS_2, Architecture: awsec2.InstanceArchitecture_X86_64}
		if gpu(g.InstanceTypes[0]) {
			image.Variant = awsecs.BottlerocketEcsVariant_AWS_ECS_2_NVIDIA
		}
		if arm(g.InstanceTypes[0]) {
			image.Architecture = awsec2.InstanceArchitecture_ARM_64
		}
		props.MachineImage, props.UserData = awsecs.NewBottleRocketImage(image), awsec2.UserData_Custom(jsii.String(""))
		props.BlockDevices = &[]*awsec2.BlockDevice{volume("/dev/xvda", 4), volume("/dev/xvdb", g.VolumeGiB)}
	} else {
		hardware := awsecs.AmiHardwareType_STANDARD
		switch {
		case gpu(g.InstanceTypes[0]):
			hardware = awsecs.AmiHardwareType_GPU
		case arm(g.InstanceTypes[0]):
			hardware = awsecs.AmiHardwareType_ARM
		}
		props.MachineImage, props.UserData = awsecs.EcsOptimizedImage_AmazonLinux2023(hardware, nil), awsec2.UserData_ForLinux(nil)
		props.BlockDevices = &[]*awsec2.BlockDevice{volume("/dev/xvda", g.VolumeGiB)}
	}
	if g.ConfigureLaunchTemplate != nil {
		g.ConfigureLaunchTemplate(props)
	}
	return awsec2.NewLaunchTemplate(scope, jsii.String("LaunchTemplate"), props)
}

// mix spreads the instances over types, and over on-demand and Spot.
func (g *Group) mix(template awsec2.LaunchTemplate) *awsautoscaling.MixedInstancesPolicy {
	overrides := make([]*awsautoscaling.LaunchTemplateOverrides, len(g.InstanceTypes))
	for i, t := range g.InstanceTypes {
		overrides[i] = &awsautoscaling.LaunchTemplateOverrides{InstanceType: awsec2.NewInstanceType(&t)}
	}
	return &awsautoscaling.MixedInstancesPolicy{
		LaunchTemplate: template, LaunchTemplateOverrides: &overrides,
		InstancesDistribution: &awsautoscaling.InstancesDistribution{
			OnDemandBaseCapacity: jsii.Number(g.OnDemandBase), OnDemandPercentageAboveBaseCapacity: jsii.Number(100 - g.SpotPercent),
			OnDemandAllocationStrategy: awsautoscaling.OnDemandAllocationStrategy_PRIORITIZED,
			SpotAllocationStrategy:     awsautoscaling.SpotAllocationStrategy_PRICE_CAPACITY_OPTIMIZED,
		},
	}
}

// configureAgent adds to what the cluster has written to the user data: for Bottlerocket, that ends in the table of ECS.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-agent-config.html
func (g *Group) configureAgent(v *Provider) {
	add := func(lines ...string) { v.Group.AddUserData(*jsii.Strings(lines...)...) }
	if g.Image == Bottlerocket {
		add("awsvpc-block-imds = true", "enable-spot-instance-draining = true")
		if g.AllowPrivileged {
			add("allow-privileged-containers = true")
		}
		if g.WarmPool != nil {
			add("[settings.autoscaling]", "should-wait = true")
		}
		return
	}
	settings := []string{"ECS_AWSVPC_BLOCK_IMDS=true", "ECS_ENABLE_SPOT_INSTANCE_DRAINING=true", "ECS_ENABLE_AWSLOGS_EXECUTIONROLE_OVERRIDE=true"}
	if !g.AllowPrivileged {
		settings = append(settings, "ECS_DISABLE_PRIVILEGED=true")
	}
	if g.WarmPool != nil {
		settings = append(settings, "ECS_WARM_POOLS_CHECK=true")
	}
	add("cat >>/etc/ecs/ecs.config <<'EOF'\n" + strings.Join(settings, "\n") + "\nEOF")
}

// permit completes what the instances may do.
func (g *Group) permit(v *Provider, cluster awsecs.ICluster) {
	v.Role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid: jsii.String("Drain"), Actions: jsii.Strings("ecs:UpdateContainerInstancesState"), Resources: jsii.Strings("*"),
		Conditions: &map[string]any{"ArnEquals": map[string]any{"ecs:cluster": cluster.ClusterArn()}},
	}))
	nag.Suppress(v.Role.Node().FindChild(jsii.String("DefaultPolicy")), "AwsSolutions-IAM5",
		"Finding the endpoint of ECS and pulling images are for no single resource; the rest is limited to the cluster.", "Resource::*", "Action::ecs:Submit*")
	role, policies := v.Role.Node().DefaultChild().(awsiam.CfnRole), []*string{}
	if g.AllowSessions {
		policies = append(policies, jsii.String("arn:"+*awscdk.Stack_Of(role).Partition()+":iam::aws:policy/AmazonSSMManagedInstanceCore"))
		nag.Suppress(role, "AwsSolutions-IAM4", "The policy that AWS keeps for the agent of Session Manager.")
	}
	if g.AllowSessions || g.Image == Bottlerocket {
		role.SetManagedPolicyArns(&policies) // instead of those that the CDK gives to Bottlerocket, more than it needs
	}
}

// admitGroups lets Auto Scaling, which acts with its role of this account, use the key of the topic. A principal that does not
// exist yet must not be named in a policy, but in a condition it may be.
func (s *Service) admitGroups() {
	stack := awscdk.Stack_Of(s)
	s.Key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: &[]awsiam.IPrincipal{awsiam.NewAnyPrincipal()}, Actions: jsii.Strings("kms:Decrypt", "kms:GenerateDataKey*"), Resources: jsii.Strings("*"),
		Conditions: &map[string]any{
			"StringEquals": map[string]any{"kms:CallerAccount": stack.Account()},
			"ArnLike": map[string]any{
				"aws:PrincipalArn": "arn:" + *stack.Partition() + ":iam::" + *stack.Account() + ":role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling",
			},
		},
	}), nil)
}

// newManaged defines a capacity provider of Managed Instances.
func (s *Service) newManaged(scope constructs.Construct, p *ServiceProps, m *ManagedInstances) *Provider {
	requirements := &awsec2.InstanceRequirementsConfig{
		VCpuCountMin: jsii.Number(m.MinVCPUs), MemoryMin: awscdk.Size_Mebibytes(jsii.Number(m.MinMemory)),
		CpuManufacturers: &[]awsec2.CpuManufacturer{awsec2.CpuManufacturer_INTEL, awsec2.CpuManufacturer_AMD},
	}
	if m.ARM64 {
		requirements.CpuManufacturers = &[]awsec2.CpuManufacturer{awsec2.CpuManufacturer_AWS}
	}
	if m.MaxVCPUs > 0 {
		requirements.VCpuCountMax = jsii.Number(m.MaxVCPUs)
	}
	if m.MaxMemory > 0 {
		requirements.MemoryMax = awscdk.Size_Mebibytes(jsii.Number(m.MaxMemory))
	}
	if len(m.InstanceTypes) > 0 {
		requirements.AllowedInstanceTypes = cdkval.Texts(m.InstanceTypes)
	}
	props := &awsecs.ManagedInstancesCapacityProviderProps{
		Subnets: p.VPC.SelectSubnets(p.TaskSubnets()).Subnets, SecurityGroups: &[]awsec2.ISecurityGroup{s.InstanceSecurityGroup},
		InstanceRequirements: requirements, TaskVolumeStorage: awscdk.Size_Gibibytes(jsii.Number(m.VolumeGiB)),
		Monitoring: awsecs.InstanceMonitoring_DETAILED, PropagateTags: awsecs.PropagateManagedInstancesTags_CAPACITY_PROVIDER,
		CapacityOptionType: awsecs.CapacityOptionType_ON_DEMAND,
	}
	if m.Spot {
		props.CapacityOptionType = awsecs.CapacityOptionType_SPOT
	}
	if m.ConfigureProvider != nil {
		m.ConfigureProvider(props)
	}
	provider := awsecs.NewManagedInstancesCapacityProvider(scope, jsii.String("Provider"), props)
	s.Cluster.(awsecs.Cluster).AddManagedInstancesCapacityProvider(provider)
	if props.InfrastructureRole == nil {
		nag.Suppress(provider.Node().FindChild(jsii.String("ProviderRole")), "AwsSolutions-IAM4", "The policy that AWS keeps for ECS to run Managed Instances.")
	}
	if props.Ec2InstanceProfile == nil {
		nag.Suppress(provider.Node().FindChild(jsii.String("InstanceRole")), "AwsSolutions-IAM5", "The agent talks to ECS as an instance, which has no name beforehand.")
	}
	return &Provider{Name: provider.CapacityProviderName(), Managed: provider}
}

// addWidgets shows the new providers on the dashboard.
func (s *Service) addWidgets() {
	for name, v := range sorted.All(s.Providers) {
		if v.Group == nil {
			continue
		}
		metric := func(namespace, metric, dimension string, value *string, more map[string]*string) awscloudwatch.IMetric {
			dimensions := map[string]*string{dimension: value}
			for k, v := range more {
				dimensions[k] = v
			}
			return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
				Namespace: &namespace, MetricName: &metric, Statistic: jsii.String("Average"), Period: cdkval.Duration(time.Minute), DimensionsMap: &dimensions,
			})
		}
		group := func(m string) awscloudwatch.IMetric {
			return metric("AWS/AutoScaling", m, "AutoScalingGroupName", v.Group.AutoScalingGroupName(), nil)
		}
		s.Dashboard.AddWidgets(
			monitor.Graph("Instances of "+name, 12, group("GroupDesiredCapacity"), group("GroupInServiceInstances")),
			monitor.Graph("Need of "+name+", % of its instances", 12, metric("AWS/ECS/ManagedScaling", "CapacityProviderReservation",
				"CapacityProviderName", v.Name, map[string]*string{"ClusterName": s.Cluster.ClusterName()})),
		)
	}
}
