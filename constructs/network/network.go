// Package network defines the VPC that the other patterns run in.
//
// A VPC spans two Availability Zones or more. Each has a public subnet (load balancers, NAT gateways), a private one
// (workloads) and, on request, an isolated one (databases). Workloads reach the internet through a NAT gateway in their
// own zone, Amazon S3 and DynamoDB through gateway endpoints, and further AWS services through interface endpoints that
// are asked for by name. All traffic is logged to an encrypted log group.
//
// It protects: instances in public subnets get no public address by themselves, the default security group admits
// nothing, and flow logs show who talked to whom.
//
// It costs, in us-east-1: about 33 USD a month for each NAT gateway plus 0.045 USD a GB through it, about 7 USD a month
// for each interface endpoint and zone, 1 USD a month for the key, 0.50 USD a GB of flow logs. NAT: None and
// DisableFlowLogs bring all of that to nothing but the key's absence.
//
// See https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-best-practices.html
package network

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/encrypted"
)

// VPC is a VPC with its subnets, endpoints and flow log. The fields are the underlying constructs, for overrides and
// grants; those that were not asked for are nil.
type VPC struct {
	constructs.Construct
	// Vpc is the VPC, new or existing.
	Vpc awsec2.IVpc
	// FlowLogs is the log group of the flow log; nil with DisableFlowLogs or an existing VPC.
	FlowLogs awslogs.LogGroup
	// Key encrypts FlowLogs; nil when FlowLogs is.
	Key awskms.Key
	// Endpoints are the interface endpoints, by the names in InterfaceEndpoints.
	Endpoints map[string]awsec2.InterfaceVpcEndpoint

	workloads *awsec2.SubnetSelection
}

// NewVPC defines a VPC named id in scope. Nil props take every default.
// It panics with a *check.Error that lists every invalid field of props.
func NewVPC(scope constructs.Construct, id string, props *VPCProps) *VPC {
	check.Must(scope.Node().Path(), id, props.Validate())
	p := props.withDefaults()

	v := &VPC{Endpoints: map[string]awsec2.InterfaceVpcEndpoint{}}
	constructs.NewConstruct_Override(v, scope, &id)
	if p.Existing != nil {
		v.Vpc, v.workloads = p.Existing, &awsec2.SubnetSelection{SubnetType: awsec2.SubnetType_PRIVATE_WITH_EGRESS, OnePerAz: jsii.Bool(true)}
	} else {
		v.Vpc, v.workloads = v.newVpc(&p), &awsec2.SubnetSelection{SubnetGroupName: jsii.String(privateGroup)}
	}
	for _, name := range p.GatewayEndpoints {
		awsec2.NewGatewayVpcEndpoint(v, jsii.String("Gateway"+pascal(name)), &awsec2.GatewayVpcEndpointProps{
			Vpc:     v.Vpc,
			Service: awsec2.NewGatewayVpcEndpointAwsService(&name, nil),
		})
	}
	for _, name := range p.InterfaceEndpoints {
		endpoint := awsec2.NewInterfaceVpcEndpoint(v, jsii.String("Interface"+pascal(name)), &awsec2.InterfaceVpcEndpointProps{
			Vpc:     v.Vpc,
			Service: awsec2.NewInterfaceVpcEndpointAwsService(&name, nil, nil, nil),
			Open:    jsii.Bool(false),
		})
		// The same rule as with Open, but with the range written out where it is known, so that rules about open ranges
		// can be evaluated.
		cidr := &p.CIDR
		if p.Existing != nil {
			cidr = p.Existing.VpcCidrBlock()
		}
		endpoint.Connections().AllowDefaultPortFrom(awsec2.Peer_Ipv4(cidr), jsii.String("HTTPS from the VPC"))
		v.Endpoints[name] = endpoint
	}
	return v
}

// Workloads selects a private subnet in each Availability Zone: of an existing VPC, one with a way out.
func (v *VPC) Workloads() *awsec2.SubnetSelection { return v.workloads }

// The names of the subnet groups are part of the construct ids of the subnets: a group keeps its name whatever its type.
const (
	publicGroup   = "Public"
	privateGroup  = "Private"
	isolatedGroup = "Isolated"
)

// plannedZones is the number of zones that address space is set aside for, so that a VPC of two zones can grow to three
// without a change of the subnets that exist.
const plannedZones = 3

func (v *VPC) newVpc(p *VPCProps) awsec2.Vpc {
	if len(p.AvailabilityZones) == 0 {
		// Not MaxAzs: that gives no more than two zones where the account is not known.
		for i := range p.MaxAZs {
			p.AvailabilityZones = append(p.AvailabilityZones, *awscdk.Fn_Select(jsii.Number(i), awscdk.Fn_GetAzs(nil)))
		}
	}
	private := awsec2.SubnetType_PRIVATE_WITH_EGRESS
	if p.NAT == None {
		private = awsec2.SubnetType_PRIVATE_ISOLATED
	}
	groups := []*awsec2.SubnetConfiguration{
		{Name: jsii.String(publicGroup), SubnetType: awsec2.SubnetType_PUBLIC, MapPublicIpOnLaunch: jsii.Bool(false)},
		{Name: jsii.String(privateGroup), SubnetType: private},
		{Name: jsii.String(isolatedGroup), SubnetType: awsec2.SubnetType_PRIVATE_ISOLATED, Reserved: jsii.Bool(!p.IsolatedSubnets)},
	}
	props := &awsec2.VpcProps{
		IpAddresses:                  awsec2.IpAddresses_Cidr(&p.CIDR),
		AvailabilityZones:            jsii.Strings(p.AvailabilityZones...),
		ReservedAzs:                  jsii.Number(max(0, plannedZones-len(p.AvailabilityZones))),
		NatGateways:                  jsii.Number(p.natGateways()),
		SubnetConfiguration:          &groups,
		RestrictDefaultSecurityGroup: jsii.Bool(!p.KeepDefaultSecurityGroup),
	}
	if p.IPv6 {
		props.IpProtocol = awsec2.IpProtocol_DUAL_STACK
	}
	if p.ConfigureVPC != nil {
		p.ConfigureVPC(props)
	}
	vpc := awsec2.NewVpc(v, jsii.String("Vpc"), props)
	if !p.DisableFlowLogs {
		v.Key = encrypted.NewKey(v, "Flow logs of "+*v.Node().Path(), p.RemovalPolicy)
		encrypted.AllowLogs(v, v.Key)
		v.FlowLogs = encrypted.NewLogGroup(v, "FlowLogs", "", v.Key, p.FlowLogRetentionDays, p.RemovalPolicy)
		vpc.AddFlowLog(jsii.String("FlowLog"), &awsec2.FlowLogOptions{
			Destination: awsec2.FlowLogDestination_ToCloudWatchLogs(v.FlowLogs, nil),
			TrafficType: awsec2.FlowLogTrafficType_ALL,
		})
	}
	return vpc
}

// pascal turns an endpoint's name, such as "ecr.api" or "execute-api", into part of a construct id.
func pascal(name string) string {
	var b strings.Builder
	for part := range strings.FieldsFuncSeq(name, func(r rune) bool { return r == '.' || r == '-' || r == '_' }) {
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return b.String()
}
