package network

import (
	"net/netip"
	"regexp"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/cdkval"
)

// NAT says how private subnets reach the internet.
type NAT string

const (
	// OnePerAZ is a NAT gateway in each Availability Zone: a zone that fails takes no other with it. The zero value of NAT
	// means this.
	OnePerAZ NAT = "one per AZ"
	// One is a single NAT gateway: cheaper, but all egress depends on its zone, and traffic between zones is charged.
	One NAT = "one"
	// None leaves private subnets without a route to the internet: only endpoints are reached.
	None NAT = "none"
)

// VPCProps configures a VPC. A nil *VPCProps, like its zero value, takes every default.
type VPCProps struct {
	// Existing is a VPC to use instead of a new one, such as from awsec2.Vpc_FromLookup. Endpoints can be added to it; the
	// fields that shape a new VPC must be left out, and no flow log is added.
	// Default: nil, a new VPC.
	Existing awsec2.IVpc
	// CIDR is the IPv4 range of the VPC, from /16 to /24.
	// Default: "10.0.0.0/16".
	CIDR string
	// AvailabilityZones are the names of the zones, such as "us-east-1a"; 1 to 6, each once. It goes without MaxAZs.
	// Default: the first MaxAZs zones of the region.
	AvailabilityZones []string
	// MaxAZs is the number of zones, 1 to 6. Address space for three is set aside, so that two can become three later
	// without replacing a subnet. Not every region and account has three.
	// Default: 2.
	MaxAZs int
	// NAT says how private subnets reach the internet: OnePerAZ, One or None.
	// Default: OnePerAZ.
	NAT NAT
	// IsolatedSubnets adds a subnet without any route out of the VPC in each zone, for databases. Their addresses are set
	// aside even when they are not asked for.
	// Default: false.
	IsolatedSubnets bool
	// IPv6 gives the VPC an address range of Amazon's and makes its subnets dual-stack; private ones reach out through an
	// egress-only internet gateway.
	// Default: false.
	IPv6 bool
	// GatewayEndpoints are the services reached through a gateway endpoint, which is free: "s3", "dynamodb".
	// Default: both. An empty slice that is not nil means none. An existing VPC gets none by default.
	GatewayEndpoints []string
	// InterfaceEndpoints are the services reached through an interface endpoint, by the last part of the service's name,
	// such as "secretsmanager", "ecr.api" or "execute-api". At most 50 for a VPC.
	// Default: none.
	//
	// https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
	InterfaceEndpoints []string
	// DisableFlowLogs leaves traffic unlogged.
	// Default: false, all traffic is logged.
	DisableFlowLogs bool
	// FlowLogRetentionDays is how long flow logs are kept, in days: a period that CloudWatch Logs takes (1, 3, 5, 7, 14,
	// 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653).
	// Default: 365.
	FlowLogRetentionDays int
	// KeepDefaultSecurityGroup leaves the rules of the VPC's default security group, which admits everything from its own
	// members, and saves the custom resource (a Lambda function) that removes them.
	// Default: false, the default security group admits nothing.
	KeepDefaultSecurityGroup bool
	// RemovalPolicy says what becomes of the flow logs and their key when the stack is deleted.
	// Default: awscdk.RemovalPolicy_RETAIN.
	RemovalPolicy awscdk.RemovalPolicy
	// ConfigureVPC edits the L2 props of a new VPC last, after all defaults.
	// Default: no edit.
	ConfigureVPC func(*awsec2.VpcProps)
}

var endpointName = regexp.MustCompile(`^[a-z][a-z0-9-]*([._][a-z0-9-]+)*$`)

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *VPCProps) Validate() error {
	d, c := p.withDefaults(), check.For("network.VPCProps")
	if p != nil && p.Existing != nil {
		p.validateExisting(c)
	}
	validateCIDR(c, d.CIDR)
	if p != nil && len(p.AvailabilityZones) > 0 {
		c.That(p.MaxAZs == 0, "MaxAZs", "must be left out when AvailabilityZones are given")
		c.That(len(p.AvailabilityZones) <= 6, "AvailabilityZones", "must be at most 6, got %d", len(p.AvailabilityZones))
		validateNames(c, "AvailabilityZones", p.AvailabilityZones)
	}
	check.Range(c, "MaxAZs", d.MaxAZs, 1, 6)
	check.OneOf(c, "NAT", d.NAT, OnePerAZ, One, None)
	for i, name := range d.GatewayEndpoints {
		check.OneOf(c, check.Index("GatewayEndpoints", i), name, "s3", "dynamodb")
	}
	validateNames(c, "GatewayEndpoints", d.GatewayEndpoints)
	for i, name := range d.InterfaceEndpoints {
		c.That(endpointName.MatchString(name), check.Index("InterfaceEndpoints", i),
			"must be the last part of a service's name, such as secretsmanager or ecr.api, got %q", name)
	}
	validateNames(c, "InterfaceEndpoints", d.InterfaceEndpoints)
	c.That(len(d.InterfaceEndpoints) <= 50, "InterfaceEndpoints", "must be at most 50, got %d", len(d.InterfaceEndpoints))
	check.OneOf(c, "FlowLogRetentionDays", d.FlowLogRetentionDays, cdkval.RetentionDays()...)
	c.That(!d.DisableFlowLogs || p.FlowLogRetentionDays == 0, "FlowLogRetentionDays", "must be left out when flow logs are disabled")
	check.OneOf(c, "RemovalPolicy", d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN, awscdk.RemovalPolicy_DESTROY)
	return c.Err()
}

func (p *VPCProps) validateExisting(c *check.List) {
	for _, f := range []struct {
		name  string
		given bool
	}{
		{"CIDR", p.CIDR != ""},
		{"AvailabilityZones", len(p.AvailabilityZones) > 0},
		{"MaxAZs", p.MaxAZs != 0},
		{"NAT", p.NAT != ""},
		{"IsolatedSubnets", p.IsolatedSubnets},
		{"IPv6", p.IPv6},
		{"DisableFlowLogs", p.DisableFlowLogs},
		{"FlowLogRetentionDays", p.FlowLogRetentionDays != 0},
		{"KeepDefaultSecurityGroup", p.KeepDefaultSecurityGroup},
		{"RemovalPolicy", p.RemovalPolicy != ""},
		{"ConfigureVPC", p.ConfigureVPC != nil},
	} {
		c.That(!f.given, f.name, "must be left out with an existing VPC")
	}
}

func validateCIDR(c *check.List, cidr string) {
	if check.IsToken(cidr) {
		c.Add("CIDR", "must be known at synth, because the subnets are cut from it; got a token")
		return
	}
	prefix, err := netip.ParsePrefix(cidr)
	switch {
	case err != nil || !prefix.Addr().Is4():
		c.Add("CIDR", "must be an IPv4 range such as 10.0.0.0/16, got %q", cidr)
	case prefix.Bits() < 16 || prefix.Bits() > 24:
		c.Add("CIDR", "must be from /16 to /24, got /%d", prefix.Bits())
	case prefix != prefix.Masked():
		c.Add("CIDR", "must start at its first address, %s; got %s", prefix.Masked(), prefix)
	}
}

func validateNames(c *check.List, field string, names []string) {
	for i, name := range names {
		c.That(!slices.Contains(names[:i], name), field, "must be listed once each, got %q again", name)
	}
}

func (p *VPCProps) withDefaults() VPCProps {
	var d VPCProps
	if p != nil {
		d = *p
	}
	if d.CIDR == "" {
		d.CIDR = "10.0.0.0/16"
	}
	if d.MaxAZs == 0 {
		d.MaxAZs = 2
	}
	if d.NAT == "" {
		d.NAT = OnePerAZ
	}
	if d.GatewayEndpoints == nil && d.Existing == nil {
		d.GatewayEndpoints = []string{"s3", "dynamodb"}
	}
	if d.FlowLogRetentionDays == 0 {
		d.FlowLogRetentionDays = 365
	}
	if d.RemovalPolicy == "" {
		d.RemovalPolicy = awscdk.RemovalPolicy_RETAIN
	}
	return d
}

func (p *VPCProps) natGateways() int {
	switch p.NAT {
	case None:
		return 0
	case One:
		return 1
	default:
		return len(p.AvailabilityZones)
	}
}
