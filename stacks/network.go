package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/constructs/network"
	"github.com/strata-cdk/strata/internal/nag"
)

// NetworkStackProps configures a NetworkStack.
type NetworkStackProps struct {
	awscdk.StackProps
	// Stage is what the network is for.
	Stage Stage
}

// NetworkStack is the VPC that the other stacks run in.
type NetworkStack struct {
	awscdk.Stack
	// VPC is the VPC.
	VPC *network.VPC
}

// vpcRange are the addresses of the VPC.
const vpcRange = "10.0.0.0/16"

// NewNetworkStack defines a NetworkStack named id in scope. It panics with a *check.Error when props are invalid.
func NewNetworkStack(scope constructs.Construct, id string, props *NetworkStackProps) *NetworkStack {
	check.Must(scope.Node().Path(), id, props.Validate())
	s := &NetworkStack{}
	awscdk.NewStack_Override(s, scope, &id, &props.StackProps)
	vpc := &network.VPCProps{CIDR: vpcRange, RemovalPolicy: props.Stage.removal()}
	switch props.Stage {
	case Dev:
		vpc.NAT = network.One
	case Local:
		vpc.NAT, vpc.DisableFlowLogs, vpc.KeepDefaultSecurityGroup, vpc.RemovalPolicy = network.None, true, true, ""
	}
	s.VPC = network.NewVPC(s, "Network", vpc)
	if props.Stage == Local {
		nag.Suppress(s.VPC.Vpc, "AwsSolutions-VPC7", "The local emulator has no flow logs, and no traffic.")
	}
	return s
}

// Subnets gives the ids of the subnets of workloads.
func (s *NetworkStack) Subnets() *[]*string {
	return s.VPC.Vpc.SelectSubnets(s.VPC.Workloads()).SubnetIds
}

// Validate reports every invalid field at once.
func (p *NetworkStackProps) Validate() error {
	c := check.For("stacks.NetworkStackProps")
	if p == nil {
		p = &NetworkStackProps{}
	}
	p.Stage.validate(c)
	return c.Err()
}
