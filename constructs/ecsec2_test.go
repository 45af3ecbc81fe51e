package constructs_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/ecsec2"
	"github.com/strata-cdk/strata/constructs/ecsservice"
	"github.com/strata-cdk/strata/constructs/network"
)

// depot is a service behind an internal load balancer: the least that is valid.
func depot(stack constructs.Construct) *ecsec2.ServiceProps {
	return &ecsec2.ServiceProps{
		CommonProps: ecsservice.CommonProps{
			VPC: network.NewVPC(stack, "Network", &network.VPCProps{NAT: network.One, DisableFlowLogs: true, KeepDefaultSecurityGroup: true}).Vpc,
			Containers: []ecsservice.Container{{
				Name: "app", Image: awsecs.ContainerImage_FromRegistry(jsii.String("example/app:1"), nil), Ports: []ecsservice.Port{{Number: 8080, Name: "web"}},
			}},
		},
		LoadBalancing: &ecsservice.LoadBalancing{AllowPlaintext: true, Internal: true},
	}
}

// synthDepot synthesises depot with an edit.
func synthDepot(t *testing.T, edit func(*ecsec2.ServiceProps)) *cdktest.Template {
	t.Helper()
	stack := cdktest.Stack(t)
	props := depot(stack)
	if edit != nil {
		edit(props)
	}
	ecsec2.NewService(stack, "Depot", props)
	return cdktest.Synth(t, stack)
}

// group is a capacity of one new Auto Scaling group.
func group(g ecsec2.Group) []ecsec2.Capacity {
	return []ecsec2.Capacity{{Name: "Instances", Group: &g}}
}

// userData gives the user data of the only launch template, with a # for what is known at deployment only.
func userData(t *testing.T, tpl *cdktest.Template) string {
	t.Helper()
	join := tpl.All("AWS::EC2::LaunchTemplate")[0].Properties["LaunchTemplateData"].(o)["UserData"].(o)["Fn::Base64"].(o)["Fn::Join"].(a)
	var text strings.Builder
	for _, part := range join[1].(a) {
		if s, ok := part.(string); ok {
			text.WriteString(s)
		} else {
			text.WriteString("#")
		}
	}
	return text.String()
}

func TestEC2Service_Defaults(t *testing.T) {
	tpl := synthDepot(t, nil)
	tpl.Snapshot("ecsec2/default")

	tpl.Has("AWS::ECS::TaskDefinition", o{
		"Cpu": "256", "Memory": "512", "NetworkMode": "awsvpc", "RequiresCompatibilities": a{"EC2"}, "RuntimePlatform": cdktest.Absent,
	})
	app := container(t, tpl, "app")
	assert.Equal(t, true, app["ReadonlyRootFilesystem"])
	assert.NotContains(t, app, "Environment", "the CDK adds AWS_REGION to tasks on EC2, and not on Fargate")
	tpl.Has("AWS::ECS::Service", o{
		"DesiredCount": 2, "SchedulingStrategy": "REPLICA", "LaunchType": cdktest.Absent, "AvailabilityZoneRebalancing": "ENABLED", "PropagateTags": "SERVICE",
		"CapacityProviderStrategy": a{o{"CapacityProvider": o{"Ref": cdktest.Text("InstancesProvider")}, "Weight": 1, "Base": cdktest.Absent}},
		"PlacementStrategies":      a{o{"Type": "spread", "Field": "attribute:ecs.availability-zone"}, o{"Type": "binpack", "Field": "MEMORY"}},
		"PlacementConstraints":     cdktest.Absent,
		"DeploymentConfiguration":  o{"Strategy": "ROLLING", "DeploymentCircuitBreaker": o{"Enable": true, "Rollback": true}},
		"NetworkConfiguration":     o{"AwsvpcConfiguration": o{"AssignPublicIp": "DISABLED", "SecurityGroups": a{o{"Fn::GetAtt": a{cdktest.Text("^DepotSecurityGroup"), "GroupId"}}}}},
	})
	tpl.Has("AWS::ECS::CapacityProvider", o{"AutoScalingGroupProvider": o{
		"ManagedScaling": o{"Status": "ENABLED", "TargetCapacity": 100, "InstanceWarmupPeriod": 300}, "ManagedTerminationProtection": "ENABLED", "ManagedDraining": "ENABLED",
	}})
	topic := o{"Ref": tpl.All("AWS::SNS::Topic")[0].LogicalID}
	tpl.HasResource("AWS::AutoScaling::AutoScalingGroup", o{
		"Properties": o{
			"MinSize": "2", "MaxSize": "10", "DesiredCapacity": cdktest.Absent, "NewInstancesProtectedFromScaleIn": true, "MaxInstanceLifetime": 2592000,
			"Cooldown": "300", "HealthCheckType": "EC2", "HealthCheckGracePeriod": 300, "MetricsCollection": a{o{"Granularity": "1Minute"}},
			"InstanceMaintenancePolicy": o{"MinHealthyPercentage": 100, "MaxHealthyPercentage": 200},
			"VPCZoneIdentifier":         a{o{"Ref": cdktest.Text("PrivateSubnet1")}, o{"Ref": cdktest.Text("PrivateSubnet2")}},
			"LaunchTemplate":            cdktest.Any, "MixedInstancesPolicy": cdktest.Absent,
			"NotificationConfigurations": a{o{"TopicARN": topic, "NotificationTypes": a{
				"autoscaling:EC2_INSTANCE_LAUNCH", "autoscaling:EC2_INSTANCE_LAUNCH_ERROR", "autoscaling:EC2_INSTANCE_TERMINATE", "autoscaling:EC2_INSTANCE_TERMINATE_ERROR",
			}}},
		},
		"UpdatePolicy": o{"AutoScalingInstanceRefresh": o{"Strategy": "Rolling", "Preferences": o{
			"MinHealthyPercentage": 100, "MaxHealthyPercentage": 200, "ScaleInProtectedInstances": "Refresh", "SkipMatching": true,
		}}},
	})
	template := tpl.Has("AWS::EC2::LaunchTemplate", o{"LaunchTemplateData": o{
		"InstanceType": "m6i.large", "ImageId": o{"Ref": cdktest.Text("amazonlinux2023recommended")}, "KeyName": cdktest.Absent,
		"MetadataOptions":     o{"HttpTokens": "required", "HttpPutResponseHopLimit": 1},
		"Monitoring":          o{"Enabled": true},
		"BlockDeviceMappings": a{o{"DeviceName": "/dev/xvda", "Ebs": o{"Encrypted": true, "VolumeSize": 50, "VolumeType": "gp3", "DeleteOnTermination": true}}},
		"NetworkInterfaces":   a{o{"AssociatePublicIpAddress": false, "Groups": a{o{"Fn::GetAtt": a{cdktest.Text("^DepotInstanceSecurityGroup"), "GroupId"}}}}},
		"IamInstanceProfile":  cdktest.Any,
	}})
	assert.NotEmpty(t, template.LogicalID)
	assert.Equal(t, `#!/bin/bash
echo ECS_CLUSTER=# >> /etc/ecs/ecs.config
cat >>/etc/ecs/ecs.config <<'EOF'
ECS_AWSVPC_BLOCK_IMDS=true
ECS_ENABLE_SPOT_INSTANCE_DRAINING=true
ECS_ENABLE_AWSLOGS_EXECUTIONROLE_OVERRIDE=true
ECS_DISABLE_PRIVILEGED=true
EOF`, userData(t, tpl))
	tpl.Each("AWS::IAM::Role", o{"ManagedPolicyArns": cdktest.Absent})
	tpl.Has("AWS::KMS::Key", o{"KeyPolicy": o{"Statement": cdktest.ArrayWith(o{
		"Action": a{"kms:Decrypt", "kms:GenerateDataKey*"}, "Principal": o{"AWS": "*"},
		"Condition": o{"StringEquals": o{"kms:CallerAccount": "111111111111"}, "ArnLike": o{"aws:PrincipalArn": cdktest.Any}},
	})}})
	tpl.Count("AWS::EC2::SecurityGroupIngress", 1)
	tpl.Has("AWS::EC2::SecurityGroupIngress", o{
		"FromPort": 8080, "ToPort": 8080, "GroupId": o{"Fn::GetAtt": a{cdktest.Text("^DepotSecurityGroup"), "GroupId"}},
		"SourceSecurityGroupId": o{"Fn::GetAtt": a{cdktest.Text("LoadBalancer"), "GroupId"}},
	})
	tpl.Each("AWS::ElasticLoadBalancingV2::TargetGroup", o{"TargetType": "ip"})
	board, err := json.Marshal(tpl.All("AWS::CloudWatch::Dashboard")[0].Properties)
	require.NoError(t, err)
	assert.Contains(t, string(board), "GroupInServiceInstances")
	assert.Contains(t, string(board), "CapacityProviderReservation")
}

// The agents may do what they need to, and nothing to other clusters.
func TestEC2Service_InstanceRole(t *testing.T) {
	tpl := synthDepot(t, nil)
	cluster := o{"Fn::GetAtt": a{tpl.All("AWS::ECS::Cluster")[0].LogicalID, "Arn"}}
	same := o{"ArnEquals": o{"ecs:cluster": cluster}}
	tpl.HasResource("AWS::IAM::Policy", o{"Properties": o{"PolicyDocument": o{"Statement": cdktest.Exactly(a{
		o{"Effect": "Allow", "Action": a{"ecs:DeregisterContainerInstance", "ecs:RegisterContainerInstance", "ecs:Submit*"}, "Resource": cluster},
		o{"Effect": "Allow", "Action": a{"ecs:Poll", "ecs:StartTelemetrySession"}, "Resource": "*", "Condition": same},
		o{"Effect": "Allow", "Action": a{"ecs:DiscoverPollEndpoint", "ecr:GetAuthorizationToken", "logs:CreateLogStream", "logs:PutLogEvents"}, "Resource": "*"},
		o{"Effect": "Allow", "Action": "ecs:UpdateContainerInstancesState", "Resource": "*", "Condition": same, "Sid": "Drain"},
	})}}})
	tpl = synthDepot(t, func(p *ecsec2.ServiceProps) {
		p.Capacity = group(ecsec2.Group{AllowSessions: true, Image: ecsec2.Bottlerocket})
	})
	tpl.Has("AWS::IAM::Role", o{"ManagedPolicyArns": a{o{"Fn::Join": a{"", a{"arn:", o{"Ref": "AWS::Partition"}, ":iam::aws:policy/AmazonSSMManagedInstanceCore"}}}}})
}

func TestEC2Service_Bridge(t *testing.T) {
	tpl := synthDepot(t, func(p *ecsec2.ServiceProps) {
		p.NetworkMode = ecsec2.Bridge
		p.Containers[0].Ports = append(p.Containers[0].Ports, ecsservice.Port{Number: 9000, HostPort: 9001})
		p.Containers[0].Mounts = []ecsservice.Mount{{Volume: "data", Path: "/data"}}
		p.Volumes = []ecsservice.Volume{{Name: "data", EFS: &ecsservice.EFS{}}}
		p.Capacity = []ecsec2.Capacity{
			{Name: "OnDemand", Base: 2, Group: &ecsec2.Group{Min: new(1), Max: 4, TargetPercent: 90, WarmUp: new(60 * time.Second), MinStep: 1, MaxStep: 5}},
			{Name: "Spot", Weight: new(3), Group: &ecsec2.Group{
				InstanceTypes: []string{"c7g.large", "m7g.large"}, Image: ecsec2.Bottlerocket, SpotPercent: 80, OnDemandBase: 1, Min: new(0), VolumeGiB: 100,
				DisableTerminationProtection: true, MaxLifetime: 7 * 24 * time.Hour,
			}},
		}
		p.PlacementStrategies = []ecsec2.PlacementStrategy{ecsec2.SpreadOverInstances, ecsec2.SpreadOver("ecs.instance-type"), ecsec2.BinpackCPU, ecsec2.Random, ecsec2.SpreadOverZones}
		p.DistinctInstances, p.MemberOf = true, []string{"attribute:ecs.os-type == linux"}
	})
	tpl.Snapshot("ecsec2/bridge")
	tpl.Has("AWS::ECS::TaskDefinition", o{"NetworkMode": "bridge"})
	assert.Equal(t, a{
		o{"ContainerPort": 8080.0, "HostPort": 0.0, "Name": "web", "Protocol": "tcp"}, o{"ContainerPort": 9000.0, "HostPort": 9001.0, "Protocol": "tcp"},
	}, container(t, tpl, "app")["PortMappings"])
	tpl.Has("AWS::ECS::Service", o{
		"NetworkConfiguration": cdktest.Absent, "AvailabilityZoneRebalancing": "DISABLED",
		"CapacityProviderStrategy": a{
			o{"CapacityProvider": o{"Ref": cdktest.Text("OnDemand")}, "Base": 2, "Weight": 1}, o{"CapacityProvider": o{"Ref": cdktest.Text("Spot")}, "Weight": 3},
		},
		"PlacementStrategies": a{
			o{"Type": "spread", "Field": "instanceId"}, o{"Type": "spread", "Field": "attribute:ecs.instance-type"}, o{"Type": "binpack", "Field": "CPU"},
			o{"Type": "random"}, o{"Type": "spread", "Field": "attribute:ecs.availability-zone"},
		},
		"PlacementConstraints": a{o{"Type": "distinctInstance"}, o{"Type": "memberOf", "Expression": "attribute:ecs.os-type == linux"}},
	})
	tpl.Each("AWS::ElasticLoadBalancingV2::TargetGroup", o{"TargetType": "instance", "HealthCheckPort": "traffic-port"})
	// The load balancer, and nobody else, reaches the ports that ECS picks; the file system takes the instances.
	instances := o{"Fn::GetAtt": a{cdktest.Text("^DepotInstanceSecurityGroup"), "GroupId"}}
	tpl.Count("AWS::EC2::SecurityGroupIngress", 2)
	tpl.Has("AWS::EC2::SecurityGroupIngress", o{
		"FromPort": 32768, "ToPort": 65535, "GroupId": instances, "SourceSecurityGroupId": o{"Fn::GetAtt": a{cdktest.Text("LoadBalancer"), "GroupId"}},
	})
	tpl.Has("AWS::EC2::SecurityGroupIngress", o{"FromPort": 2049, "SourceSecurityGroupId": instances})
	for _, r := range tpl.All("AWS::EC2::SecurityGroup") {
		assert.NotEqual(t, "Tasks of Test/Depot", r.Properties["GroupDescription"], "tasks have no group of their own")
		if r.Properties["GroupDescription"] == "Instances of Test/Depot" {
			assert.NotContains(t, r.Properties, "SecurityGroupIngress")
		}
	}
	tpl.Has("AWS::ECS::CapacityProvider", o{"AutoScalingGroupProvider": o{"ManagedScaling": o{
		"TargetCapacity": 90, "InstanceWarmupPeriod": 60, "MinimumScalingStepSize": 1, "MaximumScalingStepSize": 5,
	}, "ManagedTerminationProtection": "ENABLED"}})
	tpl.Has("AWS::ECS::CapacityProvider", o{"AutoScalingGroupProvider": o{"ManagedTerminationProtection": "DISABLED", "ManagedDraining": "ENABLED"}})
	tpl.Has("AWS::AutoScaling::AutoScalingGroup", o{"MinSize": "1", "MaxSize": "4", "CapacityRebalance": cdktest.Absent})
	tpl.Has("AWS::AutoScaling::AutoScalingGroup", o{
		"MinSize": "0", "MaxSize": "10", "CapacityRebalance": true, "MaxInstanceLifetime": 604800, "NewInstancesProtectedFromScaleIn": cdktest.Absent,
		"LaunchTemplate": cdktest.Absent,
		"MixedInstancesPolicy": o{
			"InstancesDistribution": o{
				"OnDemandBaseCapacity": 1, "OnDemandPercentageAboveBaseCapacity": 20, "OnDemandAllocationStrategy": "prioritized", "SpotAllocationStrategy": "price-capacity-optimized",
			},
			"LaunchTemplate": o{"Overrides": a{o{"InstanceType": "c7g.large"}, o{"InstanceType": "m7g.large"}}},
		},
	})
}

// On the network of the instance a task listens on its own port, and the load balancer alone reaches it.
func TestEC2Service_Host(t *testing.T) {
	tpl := synthDepot(t, func(p *ecsec2.ServiceProps) { p.NetworkMode, p.Containers[0].Ports[0].Name = ecsec2.Host, "" })
	tpl.Has("AWS::ECS::TaskDefinition", o{"NetworkMode": "host"})
	tpl.Each("AWS::ElasticLoadBalancingV2::TargetGroup", o{"TargetType": "instance"})
	tpl.Count("AWS::EC2::SecurityGroupIngress", 1)
	tpl.Has("AWS::EC2::SecurityGroupIngress", o{
		"FromPort": 8080, "ToPort": 8080, "GroupId": o{"Fn::GetAtt": a{cdktest.Text("^DepotInstanceSecurityGroup"), "GroupId"}},
		"SourceSecurityGroupId": o{"Fn::GetAtt": a{cdktest.Text("LoadBalancer"), "GroupId"}},
	})
}

// Images follow the instance types, and so does what the agent is told.
func TestEC2Service_Images(t *testing.T) {
	for _, c := range []struct {
		group ecsec2.Group
		image string
	}{
		{ecsec2.Group{InstanceTypes: []string{"m7g.large"}}, "amazonlinux2023arm64recommended"},
		{ecsec2.Group{InstanceTypes: []string{"g5.xlarge"}}, "amazonlinux2023gpurecommended"},
		{ecsec2.Group{InstanceTypes: []string{"g4ad.xlarge"}}, "amazonlinux2023recommended"},
		{ecsec2.Group{InstanceTypes: []string{"im4gn.large"}}, "amazonlinux2023arm64"},
		{ecsec2.Group{Image: ecsec2.Bottlerocket}, "bottlerocketawsecs2x8664"},
		{ecsec2.Group{Image: ecsec2.Bottlerocket, InstanceTypes: []string{"t4g.small"}}, "bottlerocketawsecs2arm64"},
		{ecsec2.Group{Image: ecsec2.Bottlerocket, InstanceTypes: []string{"g5g.xlarge"}}, "bottlerocketawsecs2nvidiaarm64"},
	} {
		tpl := synthDepot(t, func(p *ecsec2.ServiceProps) { p.Capacity = group(c.group) })
		tpl.Has("AWS::EC2::LaunchTemplate", o{"LaunchTemplateData": o{"ImageId": o{"Ref": cdktest.Text(c.image)}}})
	}
	tpl := synthDepot(t, func(p *ecsec2.ServiceProps) {
		p.Capacity = group(ecsec2.Group{Image: ecsec2.Bottlerocket, AllowPrivileged: true, VolumeGiB: 60, WarmPool: &ecsec2.WarmPool{Min: 1, MaxPrepared: new(5)}})
	})
	assert.Equal(t, "\n[settings.ecs]\ncluster = \"#\"\nawsvpc-block-imds = true\nenable-spot-instance-draining = true\nallow-privileged-containers = true\n[settings.autoscaling]\nshould-wait = true", userData(t, tpl))
	tpl.Has("AWS::EC2::LaunchTemplate", o{"LaunchTemplateData": o{"BlockDeviceMappings": a{
		o{"DeviceName": "/dev/xvda", "Ebs": o{"Encrypted": true, "VolumeSize": 4}}, o{"DeviceName": "/dev/xvdb", "Ebs": o{"Encrypted": true, "VolumeSize": 60}},
	}}})
	tpl.Has("AWS::AutoScaling::WarmPool", o{"MinSize": 1, "MaxGroupPreparedCapacity": 5, "PoolState": "Stopped", "InstanceReusePolicy": cdktest.Absent})
	tpl.Has("AWS::IAM::Role", o{"ManagedPolicyArns": a{}})
	for _, r := range tpl.All("AWS::IAM::Role") {
		assert.Empty(t, r.Properties["ManagedPolicyArns"], r.LogicalID)
	}

	tpl = synthDepot(t, func(p *ecsec2.ServiceProps) {
		p.Capacity = group(ecsec2.Group{AllowPrivileged: true, WarmPool: &ecsec2.WarmPool{Running: true}})
	})
	assert.Contains(t, userData(t, tpl), "\nECS_WARM_POOLS_CHECK=true\n")
	assert.NotContains(t, userData(t, tpl), "ECS_DISABLE_PRIVILEGED")
	tpl.Has("AWS::AutoScaling::WarmPool", o{"PoolState": "Running"})
}

func TestEC2Service_OptingOut(t *testing.T) {
	tpl := synthDepot(t, func(p *ecsec2.ServiceProps) {
		p.LoadBalancing, p.Alarms.Disable, p.DisableDashboard = nil, true, true
		p.Capacity = group(ecsec2.Group{DisableManagedScaling: true, DisableTerminationProtection: true})
		p.MemberOf = []string{"attribute:ecs.availability-zone == us-east-1a"}
	})
	for _, typ := range []string{"AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::SNS::Topic", "AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard"} {
		tpl.Count(typ, 0)
	}
	tpl.Has("AWS::ECS::CapacityProvider", o{"AutoScalingGroupProvider": o{
		"ManagedScaling": o{"Status": "DISABLED", "TargetCapacity": cdktest.Absent}, "ManagedTerminationProtection": "DISABLED",
	}})
	tpl.Has("AWS::AutoScaling::AutoScalingGroup", o{"NotificationConfigurations": cdktest.Absent})
	// ECS does not move tasks to zones that a constraint names.
	tpl.Has("AWS::ECS::Service", o{"AvailabilityZoneRebalancing": "DISABLED"})
}

// A second service runs on the capacity of the first, behind its security group.
func TestEC2Service_SharedCapacity(t *testing.T) {
	stack := cdktest.Stack(t)
	props := depot(stack)
	props.NetworkMode = ecsec2.Bridge
	first := ecsec2.NewService(stack, "Depot", props)
	assert.Equal(t, first.InstanceSecurityGroup, first.SecurityGroup)
	ecsec2.NewService(stack, "Admin", &ecsec2.ServiceProps{
		CommonProps: ecsservice.CommonProps{VPC: props.VPC, Cluster: first.Cluster, Containers: props.Containers},
		NetworkMode: ecsec2.Bridge, InstanceSecurityGroup: first.InstanceSecurityGroup,
		Capacity:      []ecsec2.Capacity{{Name: "Shared", Group: &ecsec2.Group{Provider: *first.Providers["Instances"].Name}}},
		LoadBalancing: &ecsservice.LoadBalancing{AllowPlaintext: true, Internal: true},
	})
	tpl := cdktest.Synth(t, stack)
	tpl.Count("AWS::AutoScaling::AutoScalingGroup", 1)
	tpl.Count("AWS::ECS::CapacityProvider", 1)
	tpl.Count("AWS::ECS::Service", 2)
	tpl.Each("AWS::ECS::Service", o{"CapacityProviderStrategy": a{o{"CapacityProvider": o{"Ref": cdktest.Text("DepotInstancesProvider")}}}})
	for _, balancer := range []string{"^DepotLoadBalancer", "^AdminLoadBalancer"} {
		tpl.Has("AWS::EC2::SecurityGroupIngress", o{
			"FromPort": 32768, "ToPort": 65535, "GroupId": o{"Fn::GetAtt": a{cdktest.Text("^DepotInstanceSecurityGroup"), "GroupId"}},
			"SourceSecurityGroupId": o{"Fn::GetAtt": a{cdktest.Text(balancer), "GroupId"}},
		})
	}
	tpl.Count("AWS::EC2::SecurityGroupIngress", 2)
}

func TestEC2Service_ManagedInstances(t *testing.T) {
	stack := cdktest.Stack(t)
	props := depot(stack)
	props.Capacity = []ecsec2.Capacity{
		{Name: "Managed", Base: 1, ManagedInstances: &ecsec2.ManagedInstances{}},
		{Name: "Cheap", ManagedInstances: &ecsec2.ManagedInstances{Spot: true, MinVCPUs: 4, MaxVCPUs: 16, MinMemory: 8192, MaxMemory: 65536, InstanceTypes: []string{"m7*"}, VolumeGiB: 120}},
	}
	props.Deployment.Strategy = ecsservice.BlueGreen
	s := ecsec2.NewService(stack, "Depot", props)
	assert.NotNil(t, s.Providers["Managed"].Managed)
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("ecsec2/managed")
	tpl.Has("AWS::ECS::TaskDefinition", o{
		"RequiresCompatibilities": a{"MANAGED_INSTANCES"}, "NetworkMode": "awsvpc", "Cpu": "256", "Memory": "512",
		"RuntimePlatform": o{"CpuArchitecture": "X86_64", "OperatingSystemFamily": "LINUX"}, "EphemeralStorage": cdktest.Absent,
	})
	tpl.Has("AWS::ECS::Service", o{
		"LaunchType": cdktest.Absent, "PlacementStrategies": cdktest.Absent, "PlacementConstraints": cdktest.Absent, "AvailabilityZoneRebalancing": "DISABLED",
		"CapacityProviderStrategy": a{o{"CapacityProvider": o{"Ref": cdktest.Text("Managed")}, "Base": 1, "Weight": 1}, o{"CapacityProvider": o{"Ref": cdktest.Text("Cheap")}, "Weight": 1}},
		"DeploymentConfiguration":  o{"Strategy": "BLUE_GREEN"},
	})
	cluster := o{"Ref": tpl.All("AWS::ECS::Cluster")[0].LogicalID}
	provider := func(template o) {
		template["NetworkConfiguration"] = o{
			"Subnets":        a{o{"Ref": cdktest.Text("PrivateSubnet1")}, o{"Ref": cdktest.Text("PrivateSubnet2")}},
			"SecurityGroups": a{o{"Fn::GetAtt": a{cdktest.Text("^DepotInstanceSecurityGroup"), "GroupId"}}},
		}
		template["Monitoring"] = "DETAILED"
		tpl.Has("AWS::ECS::CapacityProvider", o{"ClusterName": cluster, "ManagedInstancesProvider": o{"PropagateTags": "CAPACITY_PROVIDER", "InstanceLaunchTemplate": template}})
	}
	provider(o{"CapacityOptionType": "ON_DEMAND", "StorageConfiguration": o{"StorageSizeGiB": 80}, "InstanceRequirements": o{
		"VCpuCount": o{"Min": 2, "Max": cdktest.Absent}, "MemoryMiB": o{"Min": 4096}, "CpuManufacturers": a{"intel", "amd"}, "AllowedInstanceTypes": cdktest.Absent,
	}})
	provider(o{"CapacityOptionType": "SPOT", "StorageConfiguration": o{"StorageSizeGiB": 120}, "InstanceRequirements": o{
		"VCpuCount": o{"Min": 4, "Max": 16}, "MemoryMiB": o{"Min": 8192, "Max": 65536}, "AllowedInstanceTypes": a{"m7*"},
	}})
	for _, typ := range []string{"AWS::AutoScaling::AutoScalingGroup", "AWS::Lambda::Function"} {
		tpl.Count(typ, 0)
	}
	order := before(t, tpl)
	service := tpl.All("AWS::ECS::Service")[0].LogicalID
	for _, p := range tpl.All("AWS::ECS::CapacityProvider") {
		assert.True(t, order[service][p.LogicalID], "the service is deleted before its provider")
		assert.True(t, order[p.LogicalID][cluster["Ref"].(string)], "the provider is deleted before the cluster")
		role := slices.ContainsFunc(tpl.All("AWS::IAM::Role"), func(r cdktest.Resource) bool { return order[p.LogicalID][r.LogicalID] })
		assert.True(t, role, "ECS may end the instances while the provider is deleted")
	}

	tpl = synthDepot(t, func(p *ecsec2.ServiceProps) {
		p.Capacity = []ecsec2.Capacity{{Name: "Managed", ManagedInstances: &ecsec2.ManagedInstances{ARM64: true}}}
	})
	tpl.Has("AWS::ECS::TaskDefinition", o{"RuntimePlatform": o{"CpuArchitecture": "ARM64"}})
	tpl.Has("AWS::ECS::CapacityProvider", o{"ManagedInstancesProvider": o{"InstanceLaunchTemplate": o{"InstanceRequirements": o{"CpuManufacturers": a{"amazon-web-services"}}}}})
	tpl.Has("AWS::ECS::Service", o{"AvailabilityZoneRebalancing": "ENABLED"})
}

// What is shared with Fargate works on EC2: blue/green with scaling, exec, Service Connect.
func TestEC2Service_Shared(t *testing.T) {
	tpl := synthDepot(t, func(p *ecsec2.ServiceProps) {
		p.Deployment = ecsservice.Deployment{Strategy: ecsservice.Canary, TestPort: 8443}
		p.Scaling = &ecsservice.Scaling{Max: 20, RequestsPerTarget: 300}
		p.EnableExec, p.Containers[0].WritableRoot = true, true
		p.ServiceConnect = &ecsservice.ServiceConnect{Namespace: "shop.internal", Offer: []ecsservice.Offer{{Port: "web"}}}
		p.CPU, p.Memory = 1024, 1500
	})
	tpl.Has("AWS::ECS::Service", o{
		"DesiredCount": cdktest.Absent, "EnableExecuteCommand": true, "AvailabilityZoneRebalancing": "DISABLED",
		"DeploymentConfiguration":     o{"Strategy": "CANARY", "CanaryConfiguration": o{"CanaryPercent": 10}},
		"LoadBalancers":               a{o{"AdvancedConfiguration": o{"ProductionListenerRule": cdktest.Any, "TestListenerRule": cdktest.Any}}},
		"ServiceConnectConfiguration": o{"Namespace": "shop.internal"},
	})
	tpl.Has("AWS::ApplicationAutoScaling::ScalableTarget", o{"MinCapacity": 2, "MaxCapacity": 20})
	tpl.Has("AWS::ECS::TaskDefinition", o{"Cpu": "1024", "Memory": "1500"})
}

func TestEC2Service_HooksOfL2(t *testing.T) {
	tpl := synthDepot(t, func(p *ecsec2.ServiceProps) {
		p.Capacity = group(ecsec2.Group{
			ConfigureLaunchTemplate: func(p *awsec2.LaunchTemplateProps) { p.LaunchTemplateName = jsii.String("depot") },
			ConfigureGroup:          func(p *awsautoscaling.AutoScalingGroupProps) { p.MaxCapacity = jsii.Number(7) },
			ConfigureProvider:       func(p *awsecs.AsgCapacityProviderProps) { p.CapacityProviderName = jsii.String("depot") },
		})
		p.ConfigureTask = func(p *awsecs.TaskDefinitionProps) { p.Family = jsii.String("depot") }
		p.ConfigureService = func(p *awsecs.Ec2ServiceProps) { p.ServiceName = jsii.String("depot") }
	})
	tpl.Has("AWS::EC2::LaunchTemplate", o{"LaunchTemplateName": "depot"})
	tpl.Has("AWS::AutoScaling::AutoScalingGroup", o{"MaxSize": "7"})
	tpl.Has("AWS::ECS::CapacityProvider", o{"Name": "depot"})
	tpl.Has("AWS::ECS::TaskDefinition", o{"Family": "depot"})
	tpl.Has("AWS::ECS::Service", o{"ServiceName": "depot"})

	tpl = synthDepot(t, func(p *ecsec2.ServiceProps) {
		p.Capacity = []ecsec2.Capacity{{Name: "Managed", ManagedInstances: &ecsec2.ManagedInstances{
			ConfigureProvider: func(p *awsecs.ManagedInstancesCapacityProviderProps) { p.CapacityProviderName = jsii.String("depot") },
		}}}
		p.ConfigureManagedService = func(p *awsecs.FargateServiceProps) { p.ServiceName = jsii.String("depot") }
	})
	tpl.Has("AWS::ECS::CapacityProvider", o{"Name": "depot"})
	tpl.Has("AWS::ECS::Service", o{"ServiceName": "depot"})
}

func TestEC2Service_Nag(t *testing.T) {
	for name, edit := range map[string]func(*ecsec2.ServiceProps){
		"groups": func(p *ecsec2.ServiceProps) {
			p.NetworkMode = ecsec2.Bridge
			p.Capacity = []ecsec2.Capacity{
				{Name: "A", Group: &ecsec2.Group{AllowSessions: true}},
				{Name: "B", Group: &ecsec2.Group{Image: ecsec2.Bottlerocket, SpotPercent: 50, InstanceTypes: []string{"m6i.large", "m5.large"}}},
			}
		},
		"managed": func(p *ecsec2.ServiceProps) {
			p.Capacity = []ecsec2.Capacity{{Name: "A", ManagedInstances: &ecsec2.ManagedInstances{}}}
		},
	} {
		stack := cdktest.Stack(t)
		props := depot(stack)
		edit(props)
		ecsec2.NewService(stack, "Depot", props)
		findings, suppressed := cdktest.Nag(t, stack)
		for _, f := range findings {
			assert.Equal(t, "AwsSolutions-VPC7", f.Rule, "%s: only the network of this test, which has no flow logs: %s", name, f)
		}
		for _, s := range suppressed {
			assert.Greater(t, len(s.Reason), 20, s)
		}
	}
}

func TestEC2Service_ReportsEveryProblem(t *testing.T) {
	err := cdktest.Panic(func() {
		stack := cdktest.Stack(t)
		props := depot(stack)
		props.CPU, props.NetworkMode = 1, "none"
		ecsec2.NewService(stack, "Depot", props)
	})
	require.EqualError(t, err, `Test/Depot: invalid ecsec2.ServiceProps:
  - CPU: must be between 128 and 196608, got 1
  - NetworkMode: must be one of awsvpc, bridge, host, got none`)
}

func ExampleNewService_ec2() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Depot"), nil)
	vpc := network.NewVPC(stack, "Network", nil)
	web := ecsec2.NewService(stack, "Web", &ecsec2.ServiceProps{
		CommonProps: ecsservice.CommonProps{
			VPC: vpc.Vpc,
			Containers: []ecsservice.Container{{
				Name: "web", Image: awsecs.ContainerImage_FromRegistry(jsii.String("public.ecr.aws/nginx/nginx:1.29"), nil),
				Ports: []ecsservice.Port{{Number: 8080}}, ScratchDirs: []string{"/tmp", "/var/cache/nginx"},
			}},
			Scaling: &ecsservice.Scaling{Max: 40},
		},
		NetworkMode: ecsec2.Bridge,
		Capacity: []ecsec2.Capacity{
			{Name: "Steady", Base: 2, Group: &ecsec2.Group{InstanceTypes: []string{"m7g.large"}}},
			{Name: "Cheap", Weight: new(3), Group: &ecsec2.Group{InstanceTypes: []string{"m7g.large", "c7g.large", "r7g.large"}, SpotPercent: 100, Min: new(0)}},
		},
		LoadBalancing: &ecsservice.LoadBalancing{AllowPlaintext: true, Internal: true},
	})
	fmt.Println(len(web.Providers), "capacity providers,", len(web.Alarms), "alarms")
	// Output: 2 capacity providers, 6 alarms
}
