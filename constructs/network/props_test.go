package network_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/network"
)

// fakeVpc stands for a VPC in tests that only look at props.
type fakeVpc struct{ awsec2.IVpc }

func TestVPCProps_Validate(t *testing.T) {
	type props = network.VPCProps
	many := make([]string, 51)
	for i := range many {
		many[i] = "logs" + string(rune('a'+i/26)) + string(rune('a'+i%26))
	}
	cdktest.ValidateTable(t, func() props { return props{} }, []cdktest.Case[props]{
		{Name: "defaults", Edit: func(p *props) {}},
		{Name: "smallest range", Edit: func(p *props) { p.CIDR = "192.168.1.0/24" }},
		{Name: "CIDR syntax", Edit: func(p *props) { p.CIDR = "10.0.0.0" },
			Want: []string{`CIDR: must be an IPv4 range such as 10.0.0.0/16, got "10.0.0.0"`}},
		{Name: "CIDR of IPv6", Edit: func(p *props) { p.CIDR = "fd00::/16" },
			Want: []string{`CIDR: must be an IPv4 range such as 10.0.0.0/16, got "fd00::/16"`}},
		{Name: "CIDR too large", Edit: func(p *props) { p.CIDR = "10.0.0.0/8" }, Want: []string{"CIDR: must be from /16 to /24, got /8"}},
		{Name: "CIDR with host bits", Edit: func(p *props) { p.CIDR = "10.0.1.0/16" },
			Want: []string{"CIDR: must start at its first address, 10.0.0.0/16; got 10.0.1.0/16"}},
		{Name: "CIDR token", Edit: func(p *props) { p.CIDR = "${Token[TOKEN.1]}" },
			Want: []string{"CIDR: must be known at synth, because the subnets are cut from it; got a token"}},
		{Name: "zones", Edit: func(p *props) { p.MaxAZs = 7 }, Want: []string{"MaxAZs: must be between 1 and 6, got 7"}},
		{Name: "zones given twice", Edit: func(p *props) { p.AvailabilityZones, p.MaxAZs = []string{"a", "a"}, 2 }, Want: []string{
			"MaxAZs: must be left out when AvailabilityZones are given",
			`AvailabilityZones: must be listed once each, got "a" again`,
		}},
		{Name: "too many zones", Edit: func(p *props) { p.AvailabilityZones = []string{"a", "b", "c", "d", "e", "f", "g"} },
			Want: []string{"AvailabilityZones: must be at most 6, got 7"}},
		{Name: "NAT", Edit: func(p *props) { p.NAT = "many" }, Want: []string{"NAT: must be one of one per AZ, one, none, got many"}},
		{Name: "gateway endpoint", Edit: func(p *props) { p.GatewayEndpoints = []string{"s3", "sqs", "s3"} }, Want: []string{
			"GatewayEndpoints[1]: must be one of s3, dynamodb, got sqs",
			`GatewayEndpoints: must be listed once each, got "s3" again`,
		}},
		{Name: "interface endpoint", Edit: func(p *props) { p.InterfaceEndpoints = []string{"ecr.api", "com/aws", "ecr.api"} }, Want: []string{
			`InterfaceEndpoints[1]: must be the last part of a service's name, such as secretsmanager or ecr.api, got "com/aws"`,
			`InterfaceEndpoints: must be listed once each, got "ecr.api" again`,
		}},
		{Name: "too many endpoints", Edit: func(p *props) { p.InterfaceEndpoints = many },
			Want: []string{"InterfaceEndpoints: must be at most 50, got 51"}},
		{Name: "retention", Edit: func(p *props) { p.FlowLogRetentionDays = 31 }, Want: []string{
			"FlowLogRetentionDays: must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653, got 31"}},
		{Name: "retention of nothing", Edit: func(p *props) { p.DisableFlowLogs, p.FlowLogRetentionDays = true, 30 },
			Want: []string{"FlowLogRetentionDays: must be left out when flow logs are disabled"}},
		{Name: "removal policy", Edit: func(p *props) { p.RemovalPolicy = "SNAPSHOT" },
			Want: []string{"RemovalPolicy: must be one of RETAIN, DESTROY, got SNAPSHOT"}},
		{Name: "existing", Edit: func(p *props) { p.Existing, p.InterfaceEndpoints = fakeVpc{}, []string{"logs"} }},
		{Name: "existing, shaped anew", Edit: func(p *props) {
			*p = props{
				Existing: fakeVpc{}, CIDR: "10.0.0.0/16", MaxAZs: 3, NAT: network.One, IsolatedSubnets: true, IPv6: true,
				DisableFlowLogs: true, KeepDefaultSecurityGroup: true, RemovalPolicy: "RETAIN", ConfigureVPC: func(*awsec2.VpcProps) {},
			}
		}, Want: []string{
			"CIDR: must be left out with an existing VPC",
			"MaxAZs: must be left out with an existing VPC",
			"NAT: must be left out with an existing VPC",
			"IsolatedSubnets: must be left out with an existing VPC",
			"IPv6: must be left out with an existing VPC",
			"DisableFlowLogs: must be left out with an existing VPC",
			"KeepDefaultSecurityGroup: must be left out with an existing VPC",
			"RemovalPolicy: must be left out with an existing VPC",
			"ConfigureVPC: must be left out with an existing VPC",
		}},
	})
}

func TestVPCProps_Validate_Nil(t *testing.T) {
	if err := (*network.VPCProps)(nil).Validate(); err != nil {
		t.Fatal(err)
	}
}
