package constructs_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/network"
)

func synthVPC(t *testing.T, props *network.VPCProps) *cdktest.Template {
	t.Helper()
	stack := cdktest.Stack(t)
	network.NewVPC(stack, "Network", props)
	return cdktest.Synth(t, stack)
}

func TestVPC_Defaults(t *testing.T) {
	tpl := synthVPC(t, nil)
	tpl.Snapshot("network/default")

	tpl.Has("AWS::EC2::VPC", cdktest.Object{"CidrBlock": "10.0.0.0/16", "EnableDnsHostnames": true, "EnableDnsSupport": true})
	tpl.Count("AWS::EC2::Subnet", 4)
	tpl.Each("AWS::EC2::Subnet", cdktest.Object{"MapPublicIpOnLaunch": false, "Ipv6CidrBlock": cdktest.Absent})
	tpl.Count("AWS::EC2::NatGateway", 2)
	tpl.Count("AWS::EC2::VPCEndpoint", 2)
	tpl.Each("AWS::EC2::VPCEndpoint", cdktest.Object{"VpcEndpointType": "Gateway"})
	tpl.Count("Custom::VpcRestrictDefaultSG", 1)

	logs := tpl.HasResource("AWS::Logs::LogGroup", cdktest.Object{
		"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain",
		"Properties": cdktest.Object{"RetentionInDays": 365, "KmsKeyId": cdktest.Any},
	})
	tpl.Has("AWS::EC2::FlowLog", cdktest.Object{
		"TrafficType": "ALL", "LogDestinationType": "cloud-watch-logs", "LogGroupName": cdktest.Object{"Ref": logs.LogicalID},
	})
	tpl.HasResource("AWS::KMS::Key", cdktest.Object{
		"DeletionPolicy": "Retain",
		"Properties": cdktest.Object{
			"EnableKeyRotation": true,
			"KeyPolicy": cdktest.Object{"Statement": cdktest.ArrayWith(cdktest.Object{
				"Principal": cdktest.Object{"Service": "logs.us-east-1.amazonaws.com"},
				"Condition": cdktest.Object{"ArnLike": cdktest.Object{"kms:EncryptionContext:aws:logs:arn": cdktest.Text(`:logs:us-east-1:111111111111:\*`)}},
			})},
		},
	})
}

// A VPC of two zones that grows to three must keep each subnet that it has, or everything in them is replaced.
func TestVPC_GrowingKeepsTheSubnets(t *testing.T) {
	cidrs := func(zones int) map[string]any {
		out := map[string]any{}
		for _, s := range synthVPC(t, &network.VPCProps{MaxAZs: zones}).All("AWS::EC2::Subnet") {
			out[s.LogicalID] = s.Properties["CidrBlock"]
		}
		return out
	}
	three := cidrs(3)
	require.Len(t, three, 6)
	for id, cidr := range cidrs(2) {
		assert.Equal(t, cidr, three[id], id)
	}
}

func TestVPC_AddingIsolatedSubnetsKeepsTheOthers(t *testing.T) {
	before, after := synthVPC(t, nil), synthVPC(t, &network.VPCProps{IsolatedSubnets: true})
	after.Count("AWS::EC2::Subnet", 6)
	for _, s := range before.All("AWS::EC2::Subnet") {
		assert.Equal(t, s.Properties["CidrBlock"], after.Resources[s.LogicalID].Properties["CidrBlock"], s.LogicalID)
	}
}

func TestVPC_NAT(t *testing.T) {
	for nat, gateways := range map[network.NAT]int{network.OnePerAZ: 3, network.One: 1, network.None: 0} {
		t.Run(string(nat), func(t *testing.T) {
			tpl := synthVPC(t, &network.VPCProps{NAT: nat, MaxAZs: 3})
			tpl.Count("AWS::EC2::NatGateway", gateways)
			tpl.Count("AWS::EC2::Subnet", 6)
			routes := 0
			for _, r := range tpl.All("AWS::EC2::Route") {
				if r.Properties["NatGatewayId"] != nil {
					routes++
				}
			}
			if gateways == 0 {
				assert.Zero(t, routes)
			} else {
				assert.Equal(t, 3, routes, "each private subnet has a way out")
			}
		})
	}
}

func TestVPC_IPv6(t *testing.T) {
	tpl := synthVPC(t, &network.VPCProps{IPv6: true})
	tpl.Has("AWS::EC2::VPCCidrBlock", cdktest.Object{"AmazonProvidedIpv6CidrBlock": true})
	tpl.Each("AWS::EC2::Subnet", cdktest.Object{"Ipv6CidrBlock": cdktest.Any})
	tpl.Count("AWS::EC2::EgressOnlyInternetGateway", 1)
}

func TestVPC_Endpoints(t *testing.T) {
	stack := cdktest.Stack(t)
	vpc := network.NewVPC(stack, "Network", &network.VPCProps{
		GatewayEndpoints:   []string{"s3"},
		InterfaceEndpoints: []string{"ecr.api", "secretsmanager"},
	})
	assert.NotNil(t, vpc.Endpoints["ecr.api"])
	tpl := cdktest.Synth(t, stack)
	tpl.Count("AWS::EC2::VPCEndpoint", 3)
	tpl.Has("AWS::EC2::VPCEndpoint", cdktest.Object{"VpcEndpointType": "Gateway", "ServiceName": cdktest.Text(`\.s3`)})
	for _, name := range []string{"com.amazonaws.us-east-1.ecr.api", "com.amazonaws.us-east-1.secretsmanager"} {
		tpl.Has("AWS::EC2::VPCEndpoint", cdktest.Object{"VpcEndpointType": "Interface", "ServiceName": name, "PrivateDnsEnabled": true})
	}
	tpl.Each("AWS::EC2::SecurityGroup", cdktest.Object{"SecurityGroupIngress": cdktest.Array{
		cdktest.Object{"CidrIp": "10.0.0.0/16", "FromPort": 443, "ToPort": 443},
	}})
}

func TestVPC_OptOuts(t *testing.T) {
	tpl := synthVPC(t, &network.VPCProps{
		GatewayEndpoints: []string{}, DisableFlowLogs: true, KeepDefaultSecurityGroup: true, NAT: network.None,
	})
	for _, typ := range []string{
		"AWS::EC2::VPCEndpoint", "AWS::EC2::FlowLog", "AWS::Logs::LogGroup", "AWS::KMS::Key",
		"Custom::VpcRestrictDefaultSG", "AWS::Lambda::Function",
	} {
		tpl.Count(typ, 0)
	}
}

func TestVPC_RetentionAndRemoval(t *testing.T) {
	tpl := synthVPC(t, &network.VPCProps{FlowLogRetentionDays: 30, RemovalPolicy: awscdk.RemovalPolicy_DESTROY})
	tpl.EachResource("AWS::Logs::LogGroup", cdktest.Object{"DeletionPolicy": "Delete", "Properties": cdktest.Object{"RetentionInDays": 30}})
	tpl.EachResource("AWS::KMS::Key", cdktest.Object{"DeletionPolicy": "Delete"})
}

func TestVPC_NamedZones(t *testing.T) {
	tpl := synthVPC(t, &network.VPCProps{AvailabilityZones: []string{"us-east-1b", "us-east-1d", "us-east-1f"}})
	tpl.Count("AWS::EC2::NatGateway", 3)
	for _, zone := range []string{"us-east-1b", "us-east-1d", "us-east-1f"} {
		tpl.Has("AWS::EC2::Subnet", cdktest.Object{"AvailabilityZone": zone})
	}
}

func TestVPC_Existing(t *testing.T) {
	stack := cdktest.Stack(t)
	existing := awsec2.Vpc_FromVpcAttributes(stack, jsii.String("Old"), &awsec2.VpcAttributes{
		VpcId:             jsii.String("vpc-1"),
		VpcCidrBlock:      jsii.String("10.9.0.0/16"),
		AvailabilityZones: jsii.Strings("us-east-1a"), PrivateSubnetIds: jsii.Strings("subnet-1"),
		PrivateSubnetRouteTableIds: jsii.Strings("rtb-1"),
	})
	vpc := network.NewVPC(stack, "Network", &network.VPCProps{
		Existing: existing, GatewayEndpoints: []string{"s3"}, InterfaceEndpoints: []string{"logs"},
	})
	assert.Equal(t, "vpc-1", *vpc.Vpc.VpcId())
	tpl := cdktest.Synth(t, stack)
	tpl.Count("AWS::EC2::VPC", 0)
	tpl.Count("AWS::EC2::FlowLog", 0)
	tpl.Has("AWS::EC2::VPCEndpoint", cdktest.Object{"VpcEndpointType": "Gateway", "VpcId": "vpc-1", "RouteTableIds": cdktest.Array{"rtb-1"}})
	tpl.Has("AWS::EC2::VPCEndpoint", cdktest.Object{"VpcEndpointType": "Interface", "VpcId": "vpc-1", "SubnetIds": cdktest.Array{"subnet-1"}})
}

// The private subnets of an existing VPC go by their type: their group may have any name.
func TestVPC_WorkloadsOfAnExistingVPC(t *testing.T) {
	stack := cdktest.Stack(t)
	existing := awsec2.NewVpc(stack, jsii.String("Old"), &awsec2.VpcProps{SubnetConfiguration: &[]*awsec2.SubnetConfiguration{
		{Name: jsii.String("web"), SubnetType: awsec2.SubnetType_PUBLIC}, {Name: jsii.String("app"), SubnetType: awsec2.SubnetType_PRIVATE_WITH_EGRESS},
	}})
	vpc := network.NewVPC(stack, "Network", &network.VPCProps{Existing: existing})
	assert.Equal(t, *existing.SelectSubnets(&awsec2.SubnetSelection{SubnetGroupName: jsii.String("app")}).SubnetIds, *vpc.Vpc.SelectSubnets(vpc.Workloads()).SubnetIds)
}

func TestVPC_Configure(t *testing.T) {
	tpl := synthVPC(t, &network.VPCProps{ConfigureVPC: func(p *awsec2.VpcProps) { p.VpcName = jsii.String("shared") }})
	tpl.Has("AWS::EC2::VPC", cdktest.Object{"Tags": cdktest.ArrayWith(cdktest.Object{"Key": "Name", "Value": "shared"})})
}

func TestVPC_WorkloadsSelectsPrivateSubnets(t *testing.T) {
	vpc := network.NewVPC(cdktest.Stack(t), "Network", &network.VPCProps{NAT: network.None, IsolatedSubnets: true})
	ids := *vpc.Vpc.SelectSubnets(vpc.Workloads()).SubnetIds
	assert.Len(t, ids, 2)
}

func TestVPC_ReportsEveryProblem(t *testing.T) {
	err := cdktest.Panic(func() {
		network.NewVPC(cdktest.Stack(t), "Network", &network.VPCProps{CIDR: "10.0.0.1/30", MaxAZs: 9, NAT: "two"})
	})
	require.EqualError(t, err, `Test/Network: invalid network.VPCProps:
  - CIDR: must be from /16 to /24, got /30
  - MaxAZs: must be between 1 and 6, got 9
  - NAT: must be one of one per AZ, one, none, got two`)
}

func TestVPC_PassesNag(t *testing.T) {
	stack := cdktest.Stack(t)
	network.NewVPC(stack, "Network", &network.VPCProps{IsolatedSubnets: true, InterfaceEndpoints: []string{"logs"}})
	findings, suppressed := cdktest.Nag(t, stack)
	assert.Empty(t, findings)
	assert.Empty(t, suppressed)
}

func ExampleNewVPC() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Net"), nil)
	vpc := network.NewVPC(stack, "Network", &network.VPCProps{NAT: network.One, InterfaceEndpoints: []string{"secretsmanager"}})
	fmt.Println(len(*vpc.Vpc.SelectSubnets(vpc.Workloads()).Subnets), "private subnets")
	// Output: 2 private subnets
}
