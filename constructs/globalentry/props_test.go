package globalentry_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/globalentry"
)

// They stand for constructs in tests that only look at props.
type (
	fakeALB    struct{ elb.IApplicationLoadBalancer }
	fakeNLB    struct{ elb.INetworkLoadBalancer }
	fakeZone   struct{ awsroute53.IHostedZone }
	fakeBucket struct{ awss3.IBucket }
	fakeTopic  struct{ awssns.ITopic }
	fakeKey    struct{ awskms.IKey }
	fakeVPC    struct{ awsec2.IVpc }
)

const token = "${Token[TOKEN.1]}"

func TestAcceleratorProps_Validate(t *testing.T) {
	type props = globalentry.AcceleratorProps
	type listener = globalentry.Listener
	type group = globalentry.EndpointGroup
	type endpoint = globalentry.Endpoint
	type ports = []globalentry.PortRange
	in := func(edit func(*listener)) func(*props) { return func(p *props) { edit(&p.Listeners[0]) } }
	inGroup := func(edit func(*group)) func(*props) { return in(func(l *listener) { edit(&l.Groups[0]) }) }
	with := func(e ...endpoint) func(*props) { return inGroup(func(g *group) { g.Endpoints = e }) }
	const (
		l, g = "Listeners[0].", "Listeners[0].Groups[0]."
		e    = g + "Endpoints[0]"
		eip  = "eipalloc-0123456789abcdef0"
		inst = "i-0123456789abcdef0"
	)
	cdktest.ValidateTable(t, func() props {
		return props{Listeners: []listener{{
			Name: "Web", Ports: ports{{From: 443}}, Groups: []group{{Endpoints: []endpoint{{ALB: fakeALB{}}}}},
		}}}
	}, []cdktest.Case[props]{
		{Name: "defaults", Edit: func(*props) {}},
		{Name: "names", Edit: func(p *props) { p.Name = "Shop-1" }},
		{Name: "one letter", Edit: func(p *props) { p.Name = "s" }},
		{Name: "token name", Edit: func(p *props) { p.Name = token }},
		{Name: "hyphen first", Edit: func(p *props) { p.Name = "-shop" },
			Want: []string{`Name: must have letters, digits and hyphens, 64 at most, no hyphen at either end, got "-shop"`}},
		{Name: "hyphen last", Edit: func(p *props) { p.Name = "shop-" },
			Want: []string{`Name: must have letters, digits and hyphens, 64 at most, no hyphen at either end, got "shop-"`}},
		{Name: "64", Edit: func(p *props) { p.Name = strings.Repeat("a", 64) }},
		{Name: "65", Edit: func(p *props) { p.Name = strings.Repeat("a", 65) },
			Want: []string{`Name: must have letters, digits and hyphens, 64 at most, no hyphen at either end, got "` + strings.Repeat("a", 65) + `"`}},

		{Name: "no listener", Edit: func(p *props) { p.Listeners = nil }, Want: []string{"Listeners: must be between 1 and 10, got 0"}},
		{Name: "ten listeners", Edit: func(p *props) { p.Listeners = many(p.Listeners[0], 10) }},
		{Name: "eleven listeners", Edit: func(p *props) { p.Listeners = many(p.Listeners[0], 11) }, Want: []string{"Listeners: must be between 1 and 10, got 11"}},
		{Name: "listener name", Edit: in(func(l *listener) { l.Name = "web-1" }), Want: []string{l + `Name: must be a letter, then letters and digits, got "web-1"`}},
		{Name: "twice", Edit: func(p *props) {
			second := p.Listeners[0]
			second.Ports = ports{{From: 80, To: 443}}
			p.Listeners = append(p.Listeners, second)
		}, Want: []string{`Listeners[1].Name: must differ from the others, got "Web" again`, "Listeners[1].Ports[0]: must not overlap with those of Web"}},
		{Name: "same port of UDP", Edit: func(p *props) {
			second := p.Listeners[0]
			second.Name, second.Protocol, second.Groups = "Quic", globalentry.UDP, []group{{}}
			p.Listeners = append(p.Listeners, second)
		}},
		{Name: "enums", Edit: in(func(l *listener) { l.Protocol, l.Affinity = "TLS", "COOKIE" }),
			Want: []string{l + "Protocol: must be one of TCP, UDP, got TLS", l + "Affinity: must be one of NONE, SOURCE_IP, got COOKIE"}},
		{Name: "affinity", Edit: in(func(l *listener) { l.Affinity = globalentry.SourceIP })},
		{Name: "no ports", Edit: in(func(l *listener) { l.Ports = nil }), Want: []string{l + "Ports: must be between 1 and 10, got 0"}},
		{Name: "all ports", Edit: in(func(l *listener) { l.Ports = ports{{From: 1, To: 65535}} })},
		{Name: "port ranges", Edit: in(func(l *listener) {
			l.Ports = ports{{From: 0, To: 5}, {From: 9, To: 8}, {From: 65535, To: 65536}, {From: 5}, {From: 6}}
		}), Want: []string{
			l + "Ports[0]: must be between 1 and 65535, with From before To, got 0 to 5",
			l + "Ports[1]: must be between 1 and 65535, with From before To, got 9 to 8",
			l + "Ports[2]: must be between 1 and 65535, with From before To, got 65535 to 65536",
			l + "Ports[3]: must not overlap with the others, got 5 to 5",
		}},
		{Name: "eleven port ranges", Edit: in(func(l *listener) {
			l.Ports = nil
			for i := range 11 {
				l.Ports = append(l.Ports, globalentry.PortRange{From: 100 + i})
			}
		}), Want: []string{l + "Ports: must be between 1 and 10, got 11"}},

		{Name: "no group", Edit: in(func(l *listener) { l.Groups = nil }), Want: []string{l + "Groups: must have at least one"}},
		{Name: "group twice", Edit: in(func(l *listener) {
			l.Groups = []group{{Region: "eu-west-1"}, {}, {Region: "eu-west-1"}, {}}
		}), Want: []string{
			l + "Groups[2].Region: must differ from the others: a region has one group", l + "Groups[3].Region: must differ from the others: a region has one group",
		}},
		{Name: "regions", Edit: in(func(l *listener) { l.Groups = []group{{Region: "Ireland"}, {Region: token}} }), Want: []string{
			l + `Groups[0].Region: must be a region such as eu-central-1, got "Ireland"`, l + "Groups[1].Region: must be known at synth",
		}},
		{Name: "dials", Edit: in(func(l *listener) { l.Groups = []group{{Dial: new(0)}, {Region: "eu-west-1", Dial: new(100)}} })},
		{Name: "default dial", Edit: in(func(l *listener) { l.Groups = []group{{Dial: new(0)}, {Region: "eu-west-1"}} })},
		{Name: "all dials 0", Edit: in(func(l *listener) { l.Groups = []group{{Dial: new(0)}, {Region: "eu-west-1", Dial: new(0)}} }),
			Want: []string{l + "Groups: must have one whose Dial is not 0"}},
		{Name: "dial", Edit: in(func(l *listener) { l.Groups = []group{{Dial: new(-1)}, {Region: "eu-west-1", Dial: new(101)}} }),
			Want: []string{l + "Groups[0].Dial: must be between 0 and 100, got -1", l + "Groups[1].Dial: must be between 0 and 100, got 101"}},

		{Name: "health", Edit: inGroup(func(g *group) {
			g.Health = globalentry.Health{Protocol: globalentry.HealthHTTPS, Path: "/health?x=1", Port: 65535, Interval: 30 * time.Second, Threshold: 10}
		})},
		{Name: "path with TCP", Edit: inGroup(func(g *group) { g.Health.Path = "/" }), Want: []string{g + "Health.Path: must be left out with TCP"}},
		{Name: "bad health", Edit: inGroup(func(g *group) {
			g.Health = globalentry.Health{Protocol: "UDP", Path: "health", Port: 65536, Interval: 20 * time.Second, Threshold: 11}
		}), Want: []string{
			g + "Health.Protocol: must be one of TCP, HTTP, HTTPS, got UDP",
			g + `Health.Path: must start with a slash and be a path of 255 characters at most, got "health"`,
			g + "Health.Port: must be between 1 and 65535, got 65536",
			g + "Health.Interval: must be one of 10s, 30s, got 20s",
			g + "Health.Threshold: must be between 1 and 10, got 11",
		}},
		{Name: "negative health", Edit: inGroup(func(g *group) { g.Health = globalentry.Health{Port: -1, Threshold: -1} }), Want: []string{
			g + "Health.Port: must be between 1 and 65535, got -1", g + "Health.Threshold: must be between 1 and 10, got -1",
		}},
		{Name: "255", Edit: inGroup(func(g *group) {
			g.Health.Protocol, g.Health.Path = globalentry.HealthHTTP, "/"+strings.Repeat("a", 254)
		})},
		{Name: "256", Edit: inGroup(func(g *group) {
			g.Health.Protocol, g.Health.Path = globalentry.HealthHTTP, "/"+strings.Repeat("a", 255)
		}),
			Want: []string{g + `Health.Path: must start with a slash and be a path of 255 characters at most, got "/` + strings.Repeat("a", 255) + `"`}},

		{Name: "overrides", Edit: inGroup(func(g *group) { g.PortOverrides = map[int]int{443: 65535} })},
		{Name: "bad overrides", Edit: inGroup(func(g *group) { g.PortOverrides = map[int]int{80: 8080, 443: 0} }), Want: []string{
			g + "PortOverrides[80]: must be of a port of the listener", g + "PortOverrides[443]: must be between 1 and 65535, got 0",
		}},
		{Name: "eleven overrides", Edit: in(func(l *listener) {
			l.Ports, l.Groups[0].PortOverrides = ports{{From: 1, To: 11}}, map[int]int{}
			for i := range 11 {
				l.Groups[0].PortOverrides[i+1] = 8080
			}
		}), Want: []string{g + "PortOverrides: must have at most 10, got 11"}},

		{Name: "endpoints", Edit: with(endpoint{ALB: fakeALB{}, ClientIP: globalentry.Hide}, endpoint{NLB: fakeNLB{}, ClientIP: globalentry.Preserve},
			endpoint{InstanceID: inst, ClientIP: globalentry.Preserve, Weight: new(0)}, endpoint{ElasticIP: eip, ClientIP: globalentry.Hide, Weight: new(255)}, endpoint{ElasticIP: token},
			endpoint{ElasticIP: "arn:aws:ec2:eu-west-1:111122223333:elastic-ip/" + eip, AttachmentARN: "arn:aws:globalaccelerator::111122223333:attachment/9c-0"})},
		{Name: "none yet", Edit: with()},
		{Name: "ten endpoints", Edit: with(make10(endpoint{NLB: fakeNLB{}})...)},
		{Name: "eleven endpoints", Edit: with(append(make10(endpoint{NLB: fakeNLB{}}), endpoint{NLB: fakeNLB{}})...), Want: []string{g + "Endpoints: must have at most 10, got 11"}},
		{Name: "nothing", Edit: with(endpoint{}), Want: []string{e + ": must have exactly one of ALB, NLB, InstanceID and ElasticIP, got 0"}},
		{Name: "all", Edit: with(endpoint{ALB: fakeALB{}, NLB: fakeNLB{}, InstanceID: inst, ElasticIP: eip}), Want: []string{e + ": must have exactly one of ALB, NLB, InstanceID and ElasticIP, got 4"}},
		{Name: "ALB of UDP", Edit: in(func(l *listener) { l.Protocol = globalentry.UDP }), Want: []string{e + ".ALB: must not be behind a UDP listener"}},
		{Name: "EIP preserves", Edit: with(endpoint{ElasticIP: eip, ClientIP: globalentry.Preserve}), Want: []string{e + ".ClientIP: must not be preserve for an Elastic IP address"}},
		{Name: "instance's id", Edit: with(endpoint{InstanceID: "web"}, endpoint{InstanceID: token}), Want: []string{e + `.InstanceID: must be an instance's id such as i-0123456789abcdef0, got "web"`}},
		{Name: "instance hides", Edit: with(endpoint{InstanceID: inst, ClientIP: globalentry.Hide}), Want: []string{e + ".ClientIP: must not be hide for an instance, which always sees its clients"}},
		{Name: "instance attached", Edit: with(endpoint{InstanceID: inst, AttachmentARN: token}),
			Want: []string{e + ".AttachmentARN: must not be for an instance: share a load balancer or an Elastic IP address"}},
		{Name: "endpoint's fields", Edit: with(endpoint{ElasticIP: "192.0.2.1", AttachmentARN: "x", Weight: new(256), ClientIP: "yes"}), Want: []string{
			e + `.ElasticIP: must be an allocation id such as eipalloc-0123456789abcdef0, or its ARN, got "192.0.2.1"`,
			e + `.AttachmentARN: must be the ARN of an attachment, got "x"`,
			e + ".Weight: must be between 0 and 255, got 256",
			e + ".ClientIP: must be one of preserve, hide, got yes",
		}},
		{Name: "weight", Edit: with(endpoint{ALB: fakeALB{}, Weight: new(-1)}), Want: []string{e + ".Weight: must be between 0 and 255, got -1"}},
		{Name: "dual stack", Edit: func(p *props) { p.DualStack = true }},
		{Name: "dual stack EIP", Edit: func(p *props) { p.DualStack = true; with(endpoint{ElasticIP: eip})(p) }, Want: []string{e + ".ElasticIP: must not be behind a dual-stack accelerator"}},

		{Name: "addresses", Edit: func(p *props) { p.IPAddresses = []string{"198.51.100.1", token} }},
		{Name: "three addresses", Edit: func(p *props) { p.IPAddresses = []string{"198.51.100.1", "203.0.113.1", "192.0.2.1"} }, Want: []string{"IPAddresses: must have at most two, got 3"}},
		{Name: "one range", Edit: func(p *props) { p.IPAddresses = []string{"198.51.100.1", "198.51.100.2"} },
			Want: []string{"IPAddresses[1]: must be of another /24 range than the other one, got 198.51.100.2"}},
		{Name: "no addresses of a pool", Edit: func(p *props) { p.IPAddresses = []string{"10.0.0.1", "2001:db8::1"} }, Want: []string{
			`IPAddresses[0]: must be a public IPv4 address of a range that was brought to Global Accelerator, got "10.0.0.1"`,
			`IPAddresses[1]: must be a public IPv4 address of a range that was brought to Global Accelerator, got "2001:db8::1"`,
		}},
		{Name: "a range", Edit: func(p *props) { p.IPAddresses = []string{"198.51.100.0/24", "127.0.0.1"} }, Want: []string{
			`IPAddresses[0]: must be a public IPv4 address of a range that was brought to Global Accelerator, got "198.51.100.0/24"`,
			`IPAddresses[1]: must be a public IPv4 address of a range that was brought to Global Accelerator, got "127.0.0.1"`,
		}},
		{Name: "domain", Edit: func(p *props) { p.Domain = &globalentry.Domain{Name: "shop.example.com", Zone: fakeZone{}} }},
		{Name: "half a domain", Edit: func(p *props) { p.Domain = &globalentry.Domain{} }, Want: []string{"Domain.Name: must be given", "Domain.Zone: must be given"}},
		{Name: "logs", Edit: func(p *props) { p.FlowLogs = globalentry.FlowLogs{Bucket: fakeBucket{}, Prefix: "edge/shop"} }},
		{Name: "no logs", Edit: func(p *props) { p.FlowLogs.Disable = true }},
		{Name: "logs both ways", Edit: func(p *props) { p.FlowLogs = globalentry.FlowLogs{Disable: true, Bucket: fakeBucket{}, Prefix: "/"} }, Want: []string{
			"FlowLogs.Bucket: must be left out with Disable", `FlowLogs.Prefix: must be a key's start without slashes at its ends, 255 characters at most, got "/"`,
		}},
		{Name: "long prefix", Edit: func(p *props) { p.FlowLogs.Prefix = strings.Repeat("a", 256) },
			Want: []string{`FlowLogs.Prefix: must be a key's start without slashes at its ends, 255 characters at most, got "` + strings.Repeat("a", 256) + `"`}},
		{Name: "alarms", Edit: func(p *props) {
			p.Alarms = globalentry.Alarms{Disable: true, Topic: fakeTopic{}, Key: fakeKey{}, RemovalPolicy: awscdk.RemovalPolicy_SNAPSHOT}
		}, Want: []string{
			"Alarms.Topic: must be left out with Disable", "Alarms.Key: must be left out with Topic", "Alarms.RemovalPolicy: must be one of RETAIN, DESTROY, got SNAPSHOT",
		}},
	})
	require.EqualError(t, (*props)(nil).Validate(), "invalid globalentry.AcceleratorProps:\n  - Listeners: must be between 1 and 10, got 0")
}

// many are listeners of different names and ports.
func many(l globalentry.Listener, n int) []globalentry.Listener {
	var all []globalentry.Listener
	for i := range n {
		l.Name, l.Ports = "L"+strings.Repeat("x", i), []globalentry.PortRange{{From: 100 + i}}
		all = append(all, l)
	}
	return all
}

func make10(e globalentry.Endpoint) []globalentry.Endpoint {
	all := make([]globalentry.Endpoint, 10)
	for i := range all {
		all[i] = e
	}
	return all
}

func TestAttachmentProps_Validate(t *testing.T) {
	type props = globalentry.AttachmentProps
	const nlb = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/x/1"
	cdktest.ValidateTable(t, func() props {
		return props{Accounts: []string{"111122223333"}, Endpoints: []string{nlb}}
	}, []cdktest.Case[props]{
		{Name: "valid", Edit: func(*props) {}},
		{Name: "everything", Edit: func(p *props) {
			p.Name, p.Accelerators, p.CIDRs = "shared", []string{"arn:aws:globalaccelerator::111122223333:accelerator/1a-2b", token}, []string{"203.0.113.0/24", token}
			p.Endpoints = append(p.Endpoints, "arn:aws:ec2:eu-west-1:111122223333:elastic-ip/eipalloc-1", token)
		}},
		{Name: "accelerators only", Edit: func(p *props) { p.Accounts, p.Accelerators = nil, []string{token} }},
		{Name: "ranges only", Edit: func(p *props) { p.Endpoints, p.CIDRs = nil, []string{token} }},
		{Name: "nothing", Edit: func(p *props) { *p = props{Name: "-"} }, Want: []string{
			`Name: must have letters, digits and hyphens, 64 at most, no hyphen at either end, got "-"`,
			"must have one of Accounts and Accelerators at least", "must have one of Endpoints and CIDRs at least",
		}},
		{Name: "fields", Edit: func(p *props) {
			*p = props{Accounts: []string{"1"}, Accelerators: []string{"x"}, Endpoints: []string{"arn:aws:ec2:eu-west-1:111122223333:instance/i-1"}, CIDRs: []string{"203.0.113.1/24", "2001:db8::/32", "x"}}
		}, Want: []string{
			`Accounts[0]: must be the 12 digits of an account's id, got "1"`,
			`Accelerators[0]: must be the ARN of an accelerator, got "x"`,
			`Endpoints[0]: must be the ARN of a load balancer or an Elastic IP address, got "arn:aws:ec2:eu-west-1:111122223333:instance/i-1"`,
			`CIDRs[0]: must be an IPv4 range such as 203.0.113.0/24, got "203.0.113.1/24"`,
			`CIDRs[1]: must be an IPv4 range such as 203.0.113.0/24, got "2001:db8::/32"`,
			`CIDRs[2]: must be an IPv4 range such as 203.0.113.0/24, got "x"`,
		}},
	})
	require.EqualError(t, (*props)(nil).Validate(),
		"invalid globalentry.AttachmentProps:\n  - must have one of Accounts and Accelerators at least\n  - must have one of Endpoints and CIDRs at least")
}

func TestSecurityGroupProps_Validate(t *testing.T) {
	type props = globalentry.SecurityGroupProps
	cdktest.ValidateTable(t, func() props { return props{VPC: fakeVPC{}, Accelerator: &globalentry.Accelerator{}} }, []cdktest.Case[props]{
		{Name: "defaults", Edit: func(*props) {}},
		{Name: "all", Edit: func(p *props) {
			p.Architecture, p.LogRetentionDays, p.RemovalPolicy = "z80", 2, awscdk.RemovalPolicy_SNAPSHOT
		}, Want: []string{
			"Architecture: must be one of arm64, x86_64, got z80",
			"LogRetentionDays: must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653, got 2",
			"RemovalPolicy: must be one of RETAIN, DESTROY, got SNAPSHOT",
		}},
	})
	require.EqualError(t, (*props)(nil).Validate(), "invalid globalentry.SecurityGroupProps:\n  - VPC: must be given\n  - Accelerator: must be given")
}

func TestCustomRoutingProps_Validate(t *testing.T) {
	type props = globalentry.CustomRoutingProps
	type group = globalentry.RoutingGroup
	type ports = globalentry.PortRange
	destinations := []globalentry.Destination{{Ports: ports{From: 80}}}
	cdktest.ValidateTable(t, func() props {
		return props{Listeners: []globalentry.RoutingListener{{Ports: []ports{{From: 5000, To: 9000}}, Groups: []group{{Destinations: destinations}}}}}
	}, []cdktest.Case[props]{
		{Name: "defaults", Edit: func(*props) {}},
		{Name: "subnets", Edit: func(p *props) {
			p.Listeners[0].Groups[0].Subnets = []globalentry.RoutingSubnet{{ID: "subnet-0123456789abcdef0", AllowAll: true}, {ID: token}}
			p.Listeners[0].Groups[0].Destinations = []globalentry.Destination{{Ports: ports{From: 1, To: 65535}, Protocols: []globalentry.Protocol{globalentry.UDP, globalentry.TCP}}}
		}},
		{Name: "nothing", Edit: func(p *props) { *p = props{} }, Want: []string{"Listeners: must be between 1 and 10, got 0"}},
		{Name: "eleven", Edit: func(p *props) {
			l := p.Listeners[0]
			p.Listeners = nil
			for i := range 11 {
				l.Ports = []ports{{From: 100 + i}}
				p.Listeners = append(p.Listeners, l)
			}
		}, Want: []string{"Listeners: must be between 1 and 10, got 11"}},
		{Name: "listener", Edit: func(p *props) { p.Listeners[0] = globalentry.RoutingListener{} },
			Want: []string{"Listeners[0].Ports: must be between 1 and 10, got 0", "Listeners[0].Groups: must have at least one"}},
		{Name: "same ports", Edit: func(p *props) {
			p.Listeners = append(p.Listeners, p.Listeners[0])
			p.Listeners[1].Ports = []ports{{From: 80}, {From: 9000}}
		}, Want: []string{"Listeners[1].Ports[1]: must not overlap with those of Listeners[0]"}},
		{Name: "regions", Edit: func(p *props) {
			p.Listeners[0].Groups = []group{{Region: "eu-west-1", Destinations: destinations}, {Region: "x", Destinations: destinations}, {Region: "eu-west-1", Destinations: destinations}}
		}, Want: []string{
			`Listeners[0].Groups[1].Region: must be a region such as eu-central-1, got "x"`,
			"Listeners[0].Groups[2].Region: must differ from the others: a region has one group",
		}},
		{Name: "group", Edit: func(p *props) {
			p.Listeners[0].Groups = []group{{Subnets: []globalentry.RoutingSubnet{{ID: "a"}, {ID: "subnet-1"}, {ID: "subnet-1"}}}, {Region: "eu-west-1", Destinations: []globalentry.Destination{
				{Ports: ports{From: 9, To: 8}, Protocols: []globalentry.Protocol{"ICMP", globalentry.TCP, globalentry.TCP}},
			}}}
		}, Want: []string{
			"Listeners[0].Groups[0].Destinations: must have at least one",
			`Listeners[0].Groups[0].Subnets[0].ID: must be a subnet's id such as subnet-0123456789abcdef0, got "a"`,
			`Listeners[0].Groups[0].Subnets: must be listed once each, got "subnet-1" again`,
			"Listeners[0].Groups[1].Destinations[0].Ports: must be between 1 and 65535, with From before To, got 9 to 8",
			"Listeners[0].Groups[1].Destinations[0].Protocols[0]: must be one of TCP, UDP, got ICMP",
			"Listeners[0].Groups[1].Destinations[0].Protocols[2]: must be listed once each, got TCP again",
		}},
		{Name: "others", Edit: func(p *props) {
			p.Name, p.IPAddresses, p.FlowLogs = "-", []string{"10.0.0.1"}, globalentry.FlowLogs{Disable: true, Bucket: fakeBucket{}}
			p.Architecture, p.LogRetentionDays, p.RemovalPolicy = "z80", 2, awscdk.RemovalPolicy_SNAPSHOT
		}, Want: []string{
			`Name: must have letters, digits and hyphens, 64 at most, no hyphen at either end, got "-"`,
			`IPAddresses[0]: must be a public IPv4 address of a range that was brought to Global Accelerator, got "10.0.0.1"`,
			"FlowLogs.Bucket: must be left out with Disable",
			"Architecture: must be one of arm64, x86_64, got z80",
			"LogRetentionDays: must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653, got 2",
			"RemovalPolicy: must be one of RETAIN, DESTROY, got SNAPSHOT",
		}},
	})
	require.EqualError(t, (*props)(nil).Validate(), "invalid globalentry.CustomRoutingProps:\n  - Listeners: must be between 1 and 10, got 0")
}
