package constructs_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseks"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/ekscluster"
)

// eksVPC is a VPC of another stack, with two private subnets.
func eksVPC(stack awscdk.Stack) awsec2.IVpc {
	return awsec2.Vpc_FromVpcAttributes(stack, jsii.String("Vpc"), &awsec2.VpcAttributes{
		VpcId: jsii.String("vpc-00000001"), VpcCidrBlock: jsii.String("10.0.0.0/16"), AvailabilityZones: jsii.Strings("us-east-1a", "us-east-1b"),
		PrivateSubnetIds:           jsii.Strings("subnet-0000000a", "subnet-0000000b"),
		PrivateSubnetRouteTableIds: jsii.Strings("rtb-0000000a", "rtb-0000000b"), PublicSubnetIds: jsii.Strings("subnet-0000000c", "subnet-0000000d"),
	})
}

// eksCluster defines a cluster with what the tests of it don't look at.
func eksCluster(stack awscdk.Stack, props ekscluster.ClusterProps) *ekscluster.Cluster {
	props.Version, props.VPC = "1.34", eksVPC(stack)
	return ekscluster.NewCluster(stack, "Cluster", &props)
}

func synthEKS(t *testing.T, props ekscluster.ClusterProps) *cdktest.Template {
	t.Helper()
	stack := cdktest.Stack(t)
	eksCluster(stack, props)
	return cdktest.Synth(t, stack)
}

// eksMixed has nodes of all kinds.
func eksMixed() ekscluster.ClusterProps {
	return ekscluster.ClusterProps{
		Name: "mixed",
		NodeGroups: map[string]ekscluster.NodeGroup{
			"Base": {},
			"Spot": {SpotPercent: 100, Image: ekscluster.Bottlerocket, Labels: map[string]string{"team": "batch"}, Taints: []ekscluster.Taint{{Key: "spot", Value: "yes"}}},
			"Own":  {SelfManaged: true, InstanceTypes: []string{"m7i.large", "m6i.large"}, SpotPercent: 75, OnDemandBase: 1},
		},
		FargateProfiles: map[string]ekscluster.FargateProfile{"Jobs": {Selectors: []ekscluster.Selector{{Namespace: "jobs", Labels: map[string]string{"run": "fargate"}}}}},
		AutoMode:        &ekscluster.AutoMode{},
		Access: map[string]ekscluster.Access{
			"Admin": {PrincipalARN: "arn:aws:iam::111111111111:role/Admin", Policy: ekscluster.ClusterAdmin},
			"Team":  {PrincipalARN: "arn:aws:iam::111111111111:role/Team", Policy: ekscluster.Edit, Namespaces: []string{"jobs"}, Groups: []string{"team"}},
		},
	}
}

func TestEKSCluster_Defaults(t *testing.T) {
	tpl := synthEKS(t, ekscluster.ClusterProps{})
	tpl.Snapshot("ekscluster/default")

	key := tpl.HasResource("AWS::KMS::Key", o{"DeletionPolicy": "Retain", "Properties": o{"EnableKeyRotation": true}})
	arn := o{"Fn::GetAtt": a{key.LogicalID, "Arn"}}
	logs := tpl.HasResource("AWS::Logs::LogGroup", o{
		"DeletionPolicy": "RetainExceptOnCreate",
		"Properties":     o{"LogGroupName": cdktest.Text(`^/aws/eks/.+/cluster$`), "RetentionInDays": 365, "KmsKeyId": arn},
	})
	cluster := tpl.Has("AWS::EKS::Cluster", o{
		"Version":            "1.34",
		"ResourcesVpcConfig": o{"SubnetIds": a{"subnet-0000000a", "subnet-0000000b"}, "EndpointPrivateAccess": true, "EndpointPublicAccess": false, "PublicAccessCidrs": cdktest.Absent},
		"AccessConfig":       o{"AuthenticationMode": "API", "BootstrapClusterCreatorAdminPermissions": false},
		"EncryptionConfig":   a{o{"Provider": o{"KeyArn": arn}, "Resources": a{"secrets"}}},
		"Logging": o{"ClusterLogging": o{"EnabledTypes": a{
			o{"Type": "api"}, o{"Type": "audit"}, o{"Type": "authenticator"}, o{"Type": "controllerManager"}, o{"Type": "scheduler"},
		}}},
		"BootstrapSelfManagedAddons": false, "DeletionProtection": true,
		"UpgradePolicy": o{"SupportType": "STANDARD"}, "ZonalShiftConfig": o{"Enabled": true},
		"ComputeConfig":           o{"Enabled": true, "NodePools": a{"general-purpose", "system"}, "NodeRoleArn": cdktest.Any},
		"KubernetesNetworkConfig": o{"IpFamily": "ipv4", "ServiceIpv4Cidr": "172.20.0.0/16", "ElasticLoadBalancing": o{"Enabled": true}},
		"StorageConfig":           o{"BlockStorage": o{"Enabled": true}},
	})
	name := cluster.Properties["Name"].(string)
	assert.Equal(t, "/aws/eks/"+name+"/cluster", logs.Properties["LogGroupName"])
	assert.Contains(t, cluster.Body["DependsOn"], logs.LogicalID, "or EKS makes the group, which keeps logs for ever")
	tpl.Has("AWS::IAM::Role", o{"AssumeRolePolicyDocument": o{"Statement": a{o{
		"Principal": o{"Service": "eks.amazonaws.com"}, "Action": a{"sts:AssumeRole", "sts:TagSession"},
	}}}})
	tpl.Count("AWS::EKS::Addon", 1)
	tpl.Has("AWS::EKS::Addon", o{"AddonName": "metrics-server"})
	tpl.Count("AWS::EKS::AccessEntry", 0)
}

// eksAddons are the names of the add-ons, with what each depends on.
func eksAddons(tpl *cdktest.Template) map[string][]any {
	addons := map[string][]any{}
	for _, r := range tpl.All("AWS::EKS::Addon") {
		depends, _ := r.Body["DependsOn"].(a)
		addons[r.Properties["AddonName"].(string)] = depends
	}
	return addons
}

func TestEKSCluster_Mixed(t *testing.T) {
	tpl := synthEKS(t, eksMixed())
	tpl.Snapshot("ekscluster/mixed")

	tpl.Count("AWS::EKS::Nodegroup", 2)
	base := tpl.Has("AWS::EKS::Nodegroup", o{
		"AmiType": "AL2023_ARM_64_STANDARD", "CapacityType": "ON_DEMAND", "InstanceTypes": a{"m7g.large"}, "Version": "1.34",
		"ScalingConfig": o{"MinSize": 2, "DesiredSize": 2, "MaxSize": 10}, "UpdateConfig": o{"MaxUnavailablePercentage": 33, "MaxUnavailable": cdktest.Absent},
		"NodeRepairConfig": o{"Enabled": true}, "Subnets": a{"subnet-0000000a", "subnet-0000000b"}, "Labels": cdktest.Absent, "Taints": cdktest.Absent,
	})
	spot := tpl.Has("AWS::EKS::Nodegroup", o{
		"AmiType": "BOTTLEROCKET_ARM_64", "CapacityType": "SPOT", "InstanceTypes": a{"m7g.large", "m6g.large", "m8g.large", "r7g.large", "r6g.large"},
		"Labels": o{"team": "batch"}, "Taints": a{o{"Key": "spot", "Value": "yes", "Effect": "NO_SCHEDULE"}},
	})
	own := tpl.HasResource("AWS::AutoScaling::AutoScalingGroup", o{
		"UpdatePolicy": o{"AutoScalingInstanceRefresh": o{"Strategy": "Rolling", "Preferences": o{"MinHealthyPercentage": 100, "MaxHealthyPercentage": 200, "SkipMatching": true}}},
		"Properties": o{
			"MinSize": "2", "MaxSize": "10", "DesiredCapacity": "2", "CapacityRebalance": true,
			"MixedInstancesPolicy": o{
				"InstancesDistribution": o{"OnDemandBaseCapacity": 1, "OnDemandPercentageAboveBaseCapacity": 25, "SpotAllocationStrategy": "price-capacity-optimized"},
				"LaunchTemplate":        o{"Overrides": a{o{"InstanceType": "m7i.large"}, o{"InstanceType": "m6i.large"}}},
			},
			"Tags": cdktest.ArrayWith(o{"Key": "kubernetes.io/cluster/mixed", "Value": "owned", "PropagateAtLaunch": true}),
		},
	})
	tpl.Has("AWS::EKS::AccessEntry", o{"Type": "EC2_LINUX"})
	profile := tpl.Has("AWS::EKS::FargateProfile", o{"Selectors": a{o{"Namespace": "jobs", "Labels": a{o{"Key": "run", "Value": "fargate"}}}}, "Subnets": a{"subnet-0000000a", "subnet-0000000b"}})
	tpl.Has("AWS::IAM::Role", o{"AssumeRolePolicyDocument": o{"Statement": a{o{
		"Principal": o{"Service": "eks-fargate-pods.amazonaws.com"}, "Condition": o{"ArnLike": o{"aws:SourceArn": cdktest.Text(":eks:us-east-1:111111111111:fargateprofile/mixed/")}},
	}}}})
	tpl.Has("AWS::EKS::AccessEntry", o{"PrincipalArn": "arn:aws:iam::111111111111:role/Admin", "AccessPolicies": a{o{
		"AccessScope": o{"Type": "cluster", "Namespaces": cdktest.Absent}, "PolicyArn": cdktest.Text("eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"),
	}}})
	tpl.Has("AWS::EKS::AccessEntry", o{"PrincipalArn": "arn:aws:iam::111111111111:role/Team", "KubernetesGroups": a{"team"}, "AccessPolicies": a{o{
		"AccessScope": o{"Type": "namespace", "Namespaces": a{"jobs"}}, "PolicyArn": cdktest.Text("AmazonEKSEditPolicy"),
	}}})

	// The roles of managed and self-managed nodes differ: EKS makes the entry of the first.
	role := base.Properties["NodeRole"]
	assert.Equal(t, role, spot.Properties["NodeRole"])
	tpl.HasNot("AWS::EKS::AccessEntry", o{"PrincipalArn": role})

	addons := eksAddons(tpl)
	require.Len(t, addons, 6)
	ids := map[string]string{}
	for _, r := range tpl.All("AWS::EKS::Addon") {
		ids[r.Properties["AddonName"].(string)] = r.LogicalID
	}
	for _, name := range []string{"vpc-cni", "kube-proxy", "eks-pod-identity-agent"} {
		for _, nodes := range []cdktest.Resource{base, spot, own} {
			assert.Contains(t, nodes.Body["DependsOn"], ids[name], "%s before the nodes", name)
			assert.NotContains(t, addons[name], nodes.LogicalID)
		}
	}
	for _, name := range []string{"coredns", "metrics-server", "aws-ebs-csi-driver"} {
		for _, id := range []string{base.LogicalID, spot.LogicalID, own.LogicalID, profile.LogicalID} {
			assert.Contains(t, addons[name], id, "%s after the nodes", name)
		}
	}
}

// The nodes' disks are encrypted, and pods do not reach the metadata of instances.
func TestEKSCluster_LaunchTemplates(t *testing.T) {
	tpl := synthEKS(t, eksMixed())
	tpl.Count("AWS::EC2::LaunchTemplate", 3)
	key := o{"Fn::GetAtt": a{tpl.All("AWS::KMS::Key")[0].LogicalID, "Arn"}}
	tpl.Each("AWS::EC2::LaunchTemplate", o{"LaunchTemplateData": o{"MetadataOptions": o{"HttpTokens": "required", "HttpPutResponseHopLimit": 1}}})
	disk := func(device string, size int) o {
		return o{"DeviceName": device, "Ebs": o{"Encrypted": true, "KmsKeyId": key, "VolumeType": "gp3", "VolumeSize": size}}
	}
	tpl.Has("AWS::EC2::LaunchTemplate", o{"LaunchTemplateData": o{"BlockDeviceMappings": a{disk("/dev/xvda", 50)}}})
	tpl.Has("AWS::EC2::LaunchTemplate", o{"LaunchTemplateData": o{"BlockDeviceMappings": a{disk("/dev/xvda", 4), disk("/dev/xvdb", 50)}}})
	scaling := o{"AWS": "*"}
	tpl.Has("AWS::KMS::Key", o{"KeyPolicy": o{"Statement": cdktest.ArrayWith(
		o{"Principal": scaling, "Action": a{"kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"},
			"Condition": o{"ArnEquals": o{"aws:PrincipalArn": cdktest.Text("role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling")}}},
		o{"Principal": scaling, "Action": "kms:CreateGrant", "Condition": o{"Bool": o{"kms:GrantIsForAWSResource": "true"}, "ArnEquals": cdktest.Any}},
	)}})
}

func TestEKSCluster_Nag(t *testing.T) {
	stack := cdktest.Stack(t)
	eksCluster(stack, eksMixed())
	open, suppressed := cdktest.Nag(t, stack)
	assert.Empty(t, open)
	for _, s := range suppressed {
		assert.Greater(t, len(s.Reason), 20, s)
	}
}

func TestEKSCluster_OptOuts(t *testing.T) {
	stack := cdktest.Stack(t)
	arn := "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-0000-0000-000000000001"
	cluster := eksCluster(stack, ekscluster.ClusterProps{
		Name: "open", PublicAccess: []string{"198.51.100.0/24"}, ServiceCIDR: "10.100.0.0/16", ExtendedSupport: true, AllowDeletion: true, DisableZonalShift: true,
		Key: awskms.Key_FromKeyArn(stack, jsii.String("Mine"), &arn), LogRetentionDays: 30, RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
		AutoMode:         &ekscluster.AutoMode{NodePools: []ekscluster.NodePool{ekscluster.System}},
		ConfigureCluster: func(p *awseks.CfnClusterProps) { p.Force = jsii.Bool(true) },
	})
	cluster.AllowAPI(awsec2.Peer_Ipv4(jsii.String("10.1.0.0/16")), "VPN")
	tpl := cdktest.Synth(t, stack)
	tpl.Count("AWS::KMS::Key", 0)
	tpl.HasResource("AWS::Logs::LogGroup", o{"DeletionPolicy": "Delete", "Properties": o{"LogGroupName": "/aws/eks/open/cluster", "RetentionInDays": 30, "KmsKeyId": arn}})
	tpl.Has("AWS::EKS::Cluster", o{
		"Name": "open", "ResourcesVpcConfig": o{"EndpointPrivateAccess": true, "EndpointPublicAccess": true, "PublicAccessCidrs": a{"198.51.100.0/24"}},
		"DeletionProtection": false, "UpgradePolicy": o{"SupportType": "EXTENDED"}, "ZonalShiftConfig": o{"Enabled": false}, "Force": true,
		"ComputeConfig": o{"NodePools": cdktest.Exactly(a{"system"})}, "KubernetesNetworkConfig": o{"ServiceIpv4Cidr": "10.100.0.0/16"},
		"EncryptionConfig": a{o{"Provider": o{"KeyArn": arn}}},
	})
	tpl.Has("AWS::EC2::SecurityGroupIngress", o{
		"CidrIp": "10.1.0.0/16", "FromPort": 443, "ToPort": 443, "IpProtocol": "tcp", "Description": "VPN",
		"GroupId": o{"Fn::GetAtt": a{tpl.All("AWS::EKS::Cluster")[0].LogicalID, "ClusterSecurityGroupId"}},
	})
}

// Node groups without Auto Mode: EKS runs nothing itself, and the control plane has no more permissions than it needs.
func TestEKSCluster_NodeGroupsAlone(t *testing.T) {
	tpl := synthEKS(t, ekscluster.ClusterProps{NodeGroups: map[string]ekscluster.NodeGroup{"Base": {
		InstanceTypes: []string{"m7i.xlarge"}, Min: new(0), Desired: new(3), Max: 3, MaxUnavailable: 1, DiskGiB: 100,
		Taints:                  []ekscluster.Taint{{Key: "a", Effect: ekscluster.NoExecute}, {Key: "b", Effect: ekscluster.PreferNoSchedule}},
		Subnets:                 &awsec2.SubnetSelection{AvailabilityZones: jsii.Strings("us-east-1b"), SubnetType: awsec2.SubnetType_PRIVATE_WITH_EGRESS},
		ConfigureNodeGroup:      func(p *awseks.CfnNodegroupProps) { p.ForceUpdateEnabled = jsii.Bool(true) },
		ConfigureLaunchTemplate: func(p *awsec2.CfnLaunchTemplateProps) { p.VersionDescription = jsii.String("mine") },
	}}})
	tpl.Has("AWS::EKS::Cluster", o{
		"ComputeConfig": o{"Enabled": false, "NodePools": cdktest.Absent, "NodeRoleArn": cdktest.Absent},
		"StorageConfig": o{"BlockStorage": o{"Enabled": false}}, "KubernetesNetworkConfig": o{"ElasticLoadBalancing": o{"Enabled": false}},
	})
	tpl.Has("AWS::EKS::Nodegroup", o{
		"AmiType": "AL2023_x86_64_STANDARD", "ScalingConfig": o{"MinSize": 0, "DesiredSize": 3, "MaxSize": 3}, "Subnets": cdktest.Exactly(a{"subnet-0000000b"}),
		"UpdateConfig": o{"MaxUnavailable": 1, "MaxUnavailablePercentage": cdktest.Absent}, "ForceUpdateEnabled": true,
		"Taints": a{o{"Key": "a", "Value": cdktest.Absent, "Effect": "NO_EXECUTE"}, o{"Key": "b", "Effect": "PREFER_NO_SCHEDULE"}},
	})
	tpl.Has("AWS::EC2::LaunchTemplate", o{"VersionDescription": "mine", "LaunchTemplateData": o{"BlockDeviceMappings": a{o{"Ebs": o{"VolumeSize": 100}}}}})
	policies := []string{}
	for _, r := range tpl.All("AWS::IAM::Role") {
		for _, p := range r.Properties["ManagedPolicyArns"].(a) {
			policies = append(policies, p.(o)["Fn::Join"].(a)[1].(a)[2].(string))
		}
	}
	assert.ElementsMatch(t, []string{
		":iam::aws:policy/AmazonEKSClusterPolicy", ":iam::aws:policy/AmazonEKS_CNI_Policy", ":iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy",
		":iam::aws:policy/AmazonEKSWorkerNodePolicy", ":iam::aws:policy/AmazonEC2ContainerRegistryPullOnly", ":iam::aws:policy/AmazonSSMManagedInstanceCore",
	}, policies)
	tpl.Has("AWS::EKS::Addon", o{"AddonName": "vpc-cni", "ConfigurationValues": `{"enableNetworkPolicy":"true"}`, "PodIdentityAssociations": a{o{"ServiceAccount": "aws-node"}}, "ResolveConflicts": "OVERWRITE"})
	tpl.Has("AWS::EKS::Addon", o{"AddonName": "coredns", "ConfigurationValues": cdktest.Absent, "PodIdentityAssociations": cdktest.Absent})
}

func TestEKSCluster_FargateAlone(t *testing.T) {
	tpl := synthEKS(t, ekscluster.ClusterProps{FargateProfiles: map[string]ekscluster.FargateProfile{"All": {
		Selectors:        []ekscluster.Selector{{Namespace: "kube-*"}, {Namespace: "default"}},
		ConfigureProfile: func(p *awseks.CfnFargateProfileProps) { p.FargateProfileName = jsii.String("all") },
	}}})
	tpl.Has("AWS::EKS::FargateProfile", o{"FargateProfileName": "all", "Selectors": a{o{"Namespace": "kube-*"}, o{"Namespace": "default"}}})
	tpl.Count("AWS::EKS::Addon", 1)
	addon := tpl.Has("AWS::EKS::Addon", o{"AddonName": "coredns", "ConfigurationValues": `{"computeType":"Fargate"}`})
	assert.Contains(t, addon.Body["DependsOn"], tpl.All("AWS::EKS::FargateProfile")[0].LogicalID)
}

// eksUserData decodes the data of the launch template of a group, with tokens in angle brackets.
func eksUserData(t *testing.T, group ekscluster.NodeGroup) string {
	t.Helper()
	group.SelfManaged = true
	tpl := synthEKS(t, ekscluster.ClusterProps{Name: "own", ServiceCIDR: "10.100.0.0/16", NodeGroups: map[string]ekscluster.NodeGroup{"Own": group}})
	data := tpl.All("AWS::EC2::LaunchTemplate")[0].Properties["LaunchTemplateData"].(o)
	assert.Equal(t, a{o{"Fn::GetAtt": a{tpl.All("AWS::EKS::Cluster")[0].LogicalID, "ClusterSecurityGroupId"}}}, data["SecurityGroupIds"])
	assert.NotNil(t, data["IamInstanceProfile"])
	parameter := tpl.Body["Parameters"].(o)[data["ImageId"].(o)["Ref"].(string)].(o)
	assert.Equal(t, "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>", parameter["Type"])
	text := &strings.Builder{}
	fmt.Fprintln(text, parameter["Default"])
	for _, part := range data["UserData"].(o)["Fn::Base64"].(o)["Fn::Join"].(a)[1].(a) {
		if token, ok := part.(o); ok {
			part = fmt.Sprintf("<%s>", token["Fn::GetAtt"].(a)[1])
		}
		text.WriteString(part.(string))
	}
	return text.String()
}

func TestEKSCluster_UserData(t *testing.T) {
	labels, taints := map[string]string{"team": "a", "b": "c"}, []ekscluster.Taint{{Key: "spot", Value: "yes"}, {Key: "spot", Value: "no", Effect: ekscluster.NoExecute}}
	assert.Equal(t, `/aws/service/eks/optimized-ami/1.34/amazon-linux-2023/arm64/standard/recommended/image_id
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="STRATA"

--STRATA
Content-Type: application/node.eks.aws

apiVersion: node.eks.aws/v1alpha1
kind: NodeConfig
spec:
  cluster:
    name: own
    apiServerEndpoint: <Endpoint>
    certificateAuthority: <CertificateAuthorityData>
    cidr: 10.100.0.0/16
  kubelet:
    flags:
      - "--node-labels=b=c,team=a"
      - "--register-with-taints=spot=yes:NoSchedule,spot=no:NoExecute"

--STRATA--
`, eksUserData(t, ekscluster.NodeGroup{Labels: labels, Taints: taints}))
	assert.Equal(t, `/aws/service/bottlerocket/aws-k8s-1.34/x86_64/latest/image_id
[settings.kubernetes]
cluster-name = "own"
api-server = "<Endpoint>"
cluster-certificate = "<CertificateAuthorityData>"
cluster-dns-ip = "10.100.0.10"
[settings.kubernetes.node-labels]
"b" = "c"
"team" = "a"
[settings.kubernetes.node-taints]
"spot" = ["yes:NoSchedule", "no:NoExecute"]
`, eksUserData(t, ekscluster.NodeGroup{Labels: labels, Taints: taints, Image: ekscluster.Bottlerocket, InstanceTypes: []string{"c7i.large"}}))
	plain := eksUserData(t, ekscluster.NodeGroup{ConfigureAutoScalingGroup: func(p *awsautoscaling.CfnAutoScalingGroupProps) { p.Cooldown = jsii.String("60") }})
	assert.NotContains(t, plain, "kubelet")
}

func TestEKSCluster_SelfManagedOnDemand(t *testing.T) {
	tpl := synthEKS(t, ekscluster.ClusterProps{NodeGroups: map[string]ekscluster.NodeGroup{"Own": {
		SelfManaged: true, ConfigureAutoScalingGroup: func(p *awsautoscaling.CfnAutoScalingGroupProps) { p.Cooldown = jsii.String("60") },
	}}})
	group := tpl.HasResource("AWS::AutoScaling::AutoScalingGroup", o{"Properties": o{
		"Cooldown": "60", "CapacityRebalance": false, "MixedInstancesPolicy": o{"InstancesDistribution": o{"OnDemandPercentageAboveBaseCapacity": 100}},
		"NotificationConfigurations": a{o{"TopicARN": cdktest.Any}},
	}})
	entry := tpl.Has("AWS::EKS::AccessEntry", o{"Type": "EC2_LINUX"})
	assert.Contains(t, group.Body["DependsOn"], entry.LogicalID, "nodes join with access")
	tpl.Count("AWS::EKS::Nodegroup", 0)
}

func TestEKSCluster_Addons(t *testing.T) {
	stack := cdktest.Stack(t)
	role := awsiam.NewRole(stack, jsii.String("Own"), &awsiam.RoleProps{AssumedBy: awsiam.NewServicePrincipal(jsii.String("pods.eks.amazonaws.com"), nil)})
	cluster := eksCluster(stack, ekscluster.ClusterProps{NodeGroups: map[string]ekscluster.NodeGroup{"Base": {}}, Addons: []ekscluster.Addon{
		{Name: ekscluster.VPCCNI, Version: "v1.20.4-eksbuild.1", Configuration: `{"env":{}}`, ConfigureAddon: func(p *awseks.CfnAddonProps) { p.PreserveOnDelete = jsii.Bool(true) }},
		{Name: ekscluster.CloudWatch}, {Name: ekscluster.SnapshotController}, {Name: "external-dns", Roles: map[string]awsiam.IRole{"external-dns": role}},
	}})
	cluster.NewServiceAccountRole("Web", "shop", "web")
	tpl := cdktest.Synth(t, stack)
	assert.Len(t, eksAddons(tpl), 9)
	tpl.Has("AWS::EKS::Addon", o{"AddonName": "vpc-cni", "AddonVersion": "v1.20.4-eksbuild.1", "ConfigurationValues": `{"env":{}}`, "PreserveOnDelete": true})
	tpl.Has("AWS::EKS::Addon", o{"AddonName": "amazon-cloudwatch-observability", "PodIdentityAssociations": a{o{"ServiceAccount": "cloudwatch-agent"}}})
	own := tpl.Has("AWS::IAM::Role", o{"AssumeRolePolicyDocument": o{"Statement": a{o{"Principal": o{"Service": "pods.eks.amazonaws.com"}, "Condition": cdktest.Absent}}}})
	tpl.Has("AWS::EKS::Addon", o{"AddonName": "external-dns", "PodIdentityAssociations": a{o{"ServiceAccount": "external-dns", "RoleArn": o{"Fn::GetAtt": a{own.LogicalID, "Arn"}}}}})
	web := tpl.Has("AWS::IAM::Role", o{"AssumeRolePolicyDocument": o{"Statement": a{o{"Condition": o{"StringEquals": o{
		"aws:RequestTag/kubernetes-namespace": "shop", "aws:RequestTag/kubernetes-service-account": "web",
	}}}}}})
	tpl.Has("AWS::EKS::PodIdentityAssociation", o{"Namespace": "shop", "ServiceAccount": "web", "RoleArn": o{"Fn::GetAtt": a{web.LogicalID, "Arn"}}})
	assert.EqualError(t, cdktest.Panic(func() { cluster.NewServiceAccountRole("Bad", "Shop", "") }), `Test/Cluster/Bad: invalid NewServiceAccountRole:
  - namespace: must be the name of a namespace, got "Shop"
  - account: must be the name of a service account, got ""`)
}

func TestEKSCluster_NoPrivateSubnets(t *testing.T) {
	stack := cdktest.Stack(t)
	vpc := awsec2.Vpc_FromVpcAttributes(stack, jsii.String("Vpc"), &awsec2.VpcAttributes{
		VpcId: jsii.String("vpc-00000001"), AvailabilityZones: jsii.Strings("us-east-1a"), PublicSubnetIds: jsii.Strings("subnet-0000000c"),
	})
	err := cdktest.Panic(func() { ekscluster.NewCluster(stack, "Cluster", &ekscluster.ClusterProps{Version: "1.34", VPC: vpc}) })
	assert.EqualError(t, err, "Test/Cluster: invalid ekscluster.ClusterProps:\n  - VPC: must have private subnets in two zones or more, or Subnets must be given")
	err = cdktest.Panic(func() { ekscluster.NewCluster(stack, "Cluster", nil) })
	assert.EqualError(t, err, "Test/Cluster: invalid ekscluster.ClusterProps:\n  - Version: must be between 1.30 and 1.36, got \"\"\n  - VPC: must be given")
}

func ExampleNewCluster() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Shop"), nil)
	cluster := ekscluster.NewCluster(stack, "Kubernetes", &ekscluster.ClusterProps{
		Name: "shop", Version: "1.34", VPC: awsec2.NewVpc(stack, jsii.String("Vpc"), nil),
		NodeGroups: map[string]ekscluster.NodeGroup{
			"Base": {},
			"Jobs": {SelfManaged: true, SpotPercent: 80, InstanceTypes: []string{"c7g.xlarge", "c6g.xlarge"}},
		},
		Access: map[string]ekscluster.Access{"Admin": {PrincipalARN: "arn:aws:iam::111122223333:role/Admin", Policy: ekscluster.ClusterAdmin}},
	})
	fmt.Println(*cluster.Logs.Node().Path(), len(cluster.Addons), cluster.Nodes["Base"].Managed != nil, cluster.Nodes["Jobs"].SelfManaged != nil)
	// Output: Shop/Kubernetes/Logs 6 true true
}
