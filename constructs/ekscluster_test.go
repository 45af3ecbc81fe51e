package constructs_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
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
		PrivateSubnetIds: jsii.Strings("subnet-0000000a", "subnet-0000000b"), PublicSubnetIds: jsii.Strings("subnet-0000000c", "subnet-0000000d"),
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
		t.Log(s)
	}
}
