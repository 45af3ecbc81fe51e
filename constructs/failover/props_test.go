package failover_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/failover"
)

func TestRecordProps_Validate(t *testing.T) {
	type props = failover.RecordProps
	valid := func() props {
		return props{
			Route:     failover.Route{Name: "api.example.com", ZoneID: "Z1D633PJN98FT9", ZoneName: "example.com", Regions: []string{"us-east-1", "us-west-2"}},
			Addresses: []string{"192.0.2.1"},
		}
	}
	weights := func(w map[string]int) func(*props) {
		return func(p *props) { p.Policy, p.Weights = failover.Weighted, w }
	}
	const name = "must be a domain name in lower case, without a dot at its end, got "
	cdktest.ValidateTable(t, valid, []cdktest.Case[props]{
		{Name: "valid", Edit: func(*props) {}},
		{Name: "zero", Edit: func(p *props) { *p = props{} }, Want: []string{
			"Name: " + name + `""`, "ZoneName: " + name + `""`, `ZoneID: must be the id of a hosted zone such as Z1D633PJN98FT9, in plain text, got ""`,
			"Regions: must be two, the primary first, with Failover, got 0", "must have exactly one of Alias, Addresses and Host",
		}},
		{Name: "names", Edit: func(p *props) { p.Name, p.ZoneName = "api.example.com.", "Example.com" }, Want: []string{
			"Name: " + name + `"api.example.com."`, "ZoneName: " + name + `"Example.com"`, "Name: must be in the zone Example.com, got api.example.com.",
		}},
		{Name: "another zone", Edit: func(p *props) { p.Name = "api.myexample.com" }, Want: []string{"Name: must be in the zone example.com, got api.myexample.com"}},
		{Name: "apex", Edit: func(p *props) { p.Name = p.ZoneName }},
		{Name: "token zone", Edit: func(p *props) { p.ZoneID = "${Token[Zone.1]}" }, Want: []string{
			`ZoneID: must be the id of a hosted zone such as Z1D633PJN98FT9, in plain text, got "${Token[Zone.1]}"`,
		}},
		{Name: "policy", Edit: func(p *props) { p.Policy = "nearest" }, Want: []string{"Policy: must be one of failover, weighted, latency, got nearest"}},
		{Name: "three regions", Edit: func(p *props) { p.Regions = append(p.Regions, "eu-west-1") }, Want: []string{"Regions: must be two, the primary first, with Failover, got 3"}},
		{Name: "three regions by latency", Edit: func(p *props) { p.Policy, p.Regions = failover.Latency, append(p.Regions, "eu-west-1") }},
		{Name: "one region by latency", Edit: func(p *props) { p.Policy, p.Regions = failover.Latency, p.Regions[:1] }, Want: []string{"Regions: must be two or more, got 1"}},
		{Name: "regions", Edit: func(p *props) { p.Regions = []string{"us-east-1", "us-east-1"} }, Want: []string{`Regions: must be listed once each, got "us-east-1" again`}},
		{Name: "no regions", Edit: func(p *props) { p.Regions = []string{"Virginia", "${Token[AWS.Region.1]}"} }, Want: []string{
			`Regions[0]: must be a region such as eu-central-1, got "Virginia"`, "Regions[1]: must be plain text",
		}},
		{Name: "weights", Edit: weights(map[string]int{"us-east-1": 255, "us-west-2": 0})},
		{Name: "weights out of range", Edit: weights(map[string]int{"us-east-1": 256, "us-west-2": -1}), Want: []string{
			`Weights["us-east-1"]: must be between 0 and 255, got 256`, `Weights["us-west-2"]: must be between 0 and 255, got -1`,
		}},
		{Name: "no weight", Edit: weights(map[string]int{"us-east-1": 0, "us-west-2": 0}), Want: []string{"Weights: must have one above 0"}},
		{Name: "weights of others", Edit: weights(map[string]int{"us-east-1": 1, "eu-west-1": 1}), Want: []string{
			`Weights["us-west-2"]: must be given`, `Weights["eu-west-1"]: must be one of Regions`,
		}},
		{Name: "weights by latency", Edit: func(p *props) { p.Policy, p.Weights = failover.Latency, map[string]int{"us-east-1": 1} }, Want: []string{
			"Weights: must be left out unless Policy is weighted",
		}},
		{Name: "alias", Edit: func(p *props) {
			p.Addresses, p.Alias = nil, &failover.Alias{DNSName: "${Token[Lb.1]}", HostedZoneID: "${Token[Zone.2]}"}
		}},
		{Name: "wrong alias", Edit: func(p *props) { p.Addresses, p.Alias, p.TTL = nil, &failover.Alias{}, time.Minute }, Want: []string{
			"Alias.DNSName: must be given", "Alias.HostedZoneID: must be given", "TTL: must be left out with Alias",
		}},
		{Name: "cloudfront", Edit: func(p *props) {
			p.Addresses, p.Alias = nil, &failover.Alias{DNSName: "d111111abcdef8.cloudfront.net", HostedZoneID: "Z2FDTNDATAQYW2"}
		}, Want: []string{"Alias.HostedZoneID: must not be that of CloudFront: distributions have no health that a record can follow"}},
		{Name: "addresses", Edit: func(p *props) {
			p.Addresses = []string{"192.0.2.1", "2001:db8::1", "fe80::1%eth0", "192.0.2.256", "192.0.2.1"}
		}, Want: []string{
			`Addresses[2]: must be an IP address, got "fe80::1%eth0"`, `Addresses[3]: must be an IP address, got "192.0.2.256"`, `Addresses: must be listed once each, got "192.0.2.1" again`,
		}},
		{Name: "host", Edit: func(p *props) { p.Addresses, p.Host = nil, "us-east-1.example.com" }},
		{Name: "wrong host", Edit: func(p *props) { p.Addresses, p.Host = nil, "a b" }, Want: []string{`Host: must be a domain name in lower case, got "a b"`}},
		{Name: "host itself", Edit: func(p *props) { p.Addresses, p.Host = nil, p.Name }, Want: []string{"Host: must be another name than Name"}},
		{Name: "host at the apex", Edit: func(p *props) { p.Addresses, p.Host, p.Name = nil, "us-east-1.example.com", p.ZoneName }, Want: []string{
			"Host: must be left out where Name is ZoneName: the root of a zone has no CNAME",
		}},
		{Name: "two targets", Edit: func(p *props) { p.Host = "us-east-1.example.com" }, Want: []string{"must have exactly one of Alias, Addresses and Host"}},
		{Name: "ttl", Edit: func(p *props) { p.TTL = 25 * time.Hour }, Want: []string{"TTL: must be between 1s and 24h0m0s, got 25h0m0s"}},
		{Name: "ttl of parts", Edit: func(p *props) { p.TTL = 1500 * time.Millisecond }, Want: []string{"TTL: must be whole seconds, got 1.5s"}},
		{Name: "health check", Edit: func(p *props) {
			p.HealthCheckID, p.HealthCheck = "id", &failover.HealthCheckProps{Endpoint: &failover.Endpoint{Domain: p.Name, Port: 65536}}
		}, Want: []string{
			"HealthCheckID: must be left out with HealthCheck", "HealthCheck.Endpoint.Port: must be between 1 and 65535, got 65536",
			"HealthCheck.Endpoint.Domain: must be this region's own, not Name: Route 53 would check any region",
		}},
	})
	require.Error(t, (*props)(nil).Validate())
}

func TestHealthCheckProps_Validate(t *testing.T) {
	type props = failover.HealthCheckProps
	endpoint := func(e failover.Endpoint) func(*props) { return func(p *props) { p.Endpoint = &e } }
	ip := func(address string) func(*props) { return endpoint(failover.Endpoint{IPAddress: address}) }
	private := func(address string) []string {
		return []string{`Endpoint.IPAddress: must be a public IP address: checkers reach no other, got "` + address + `"`}
	}
	const one = "must have exactly one of Endpoint, Calculated, Alarm and RoutingControlARN"
	const arn = "arn:aws:route53-recovery-control::111111111111:controlpanel/abc123/routingcontrol/def456"
	cdktest.ValidateTable(t, func() props { return props{} }, []cdktest.Case[props]{
		{Name: "zero", Edit: func(*props) {}, Want: []string{one}},
		{Name: "two", Edit: func(p *props) {
			p.Alarm, p.RoutingControlARN = &failover.Alarm{Name: "a", Region: "us-west-2"}, arn
		}, Want: []string{one}},
		{Name: "endpoint", Edit: endpoint(failover.Endpoint{Domain: "us-east-1.example.com"})},
		{Name: "any name", Edit: endpoint(failover.Endpoint{Domain: "Lb-1.elb.amazonaws.com", Interval: 10 * time.Second, FailureThreshold: 10, Port: 65535})},
		{Name: "token", Edit: endpoint(failover.Endpoint{Domain: "${Token[Lb.1]}", IPAddress: "${Token[Ip.1]}"})},
		{Name: "no endpoint", Edit: endpoint(failover.Endpoint{}), Want: []string{"Endpoint.Domain: must be given, or IPAddress"}},
		{Name: "wrong domain", Edit: endpoint(failover.Endpoint{Domain: "https://example.com"}), Want: []string{`Endpoint.Domain: must be a domain name, got "https://example.com"`}},
		{Name: "wildcard", Edit: endpoint(failover.Endpoint{Domain: "*.example.com"}), Want: []string{`Endpoint.Domain: must be a domain name, got "*.example.com"`}},
		{Name: "public", Edit: ip("198.51.100.7")},
		{Name: "public IPv6", Edit: ip("2001:db8::1")},
		{Name: "private", Edit: ip("10.0.0.1"), Want: private("10.0.0.1")},
		{Name: "loopback", Edit: ip("127.0.0.1"), Want: private("127.0.0.1")},
		{Name: "multicast", Edit: ip("224.0.0.1"), Want: private("224.0.0.1")},
		{Name: "no address", Edit: ip("here"), Want: private("here")},
		{Name: "settings", Edit: endpoint(failover.Endpoint{
			Domain: "example.com", Protocol: "UDP", Port: -1, Path: "health", Search: strings.Repeat("a", 256), Interval: 20 * time.Second, FailureThreshold: 11,
			CheckerRegions: []string{"us-east-1", "us-east-1"}, DisableSNI: true,
		}), Want: []string{
			"Endpoint.Protocol: must be one of HTTPS, HTTP, TCP, got UDP", "Endpoint.Port: must be between 1 and 65535, got -1",
			`Endpoint.Path: must be at most 255 characters with a slash first, got "health"`, "Endpoint.Search: must be at most 255 characters, got 256",
			"Endpoint.DisableSNI: must be left out unless Protocol is HTTPS", "Endpoint.Interval: must be one of 10s, 30s, got 20s",
			"Endpoint.FailureThreshold: must be between 1 and 10, got 11", "Endpoint.CheckerRegions: must be at least 3, got 2",
			`Endpoint.CheckerRegions: must be listed once each, got "us-east-1" again`,
		}},
		{Name: "tcp", Edit: endpoint(failover.Endpoint{Domain: "example.com", Protocol: failover.TCP, Port: 5432})},
		{Name: "wrong tcp", Edit: endpoint(failover.Endpoint{Domain: "example.com", Protocol: failover.TCP, Path: "/", Search: "ok"}), Want: []string{
			"Endpoint.Port: must be between 1 and 65535, got 0", "Endpoint.Path: must be left out with TCP", "Endpoint.Search: must be left out with TCP",
		}},
		{Name: "checkers", Edit: endpoint(failover.Endpoint{Domain: "example.com", CheckerRegions: []string{"us-east-1", "us-west-2", "eu-central-1"}}), Want: []string{
			"Endpoint.CheckerRegions[2]: must be one of us-east-1, us-west-1, us-west-2, eu-west-1, ap-southeast-1, ap-southeast-2, ap-northeast-1, sa-east-1, got eu-central-1",
		}},
		{Name: "calculated", Edit: func(p *props) { p.Calculated = &failover.Calculated{HealthCheckIDs: []string{"a", "b"}} }},
		{Name: "calculated of none", Edit: func(p *props) { p.Calculated = &failover.Calculated{} }, Want: []string{"Calculated.HealthCheckIDs: must be 1 to 255, got 0"}},
		{Name: "never healthy", Edit: func(p *props) {
			p.Calculated = &failover.Calculated{HealthCheckIDs: []string{"a", "a"}, HealthyAtLeast: 3}
		}, Want: []string{`Calculated.HealthCheckIDs: must be listed once each, got "a" again`, "Calculated.HealthyAtLeast: must be between 1 and 2, got 3"}},
		{Name: "alarm", Edit: func(p *props) { p.Alarm = &failover.Alarm{Name: "lag", Region: "us-west-2"} }},
		{Name: "wrong alarm", Edit: func(p *props) { p.Alarm = &failover.Alarm{Region: "west", InsufficientData: "Ill"} }, Want: []string{
			"Alarm.Name: must be given", `Alarm.Region: must be a region such as eu-central-1, got "west"`,
			"Alarm.InsufficientData: must be one of LastKnownStatus, Healthy, Unhealthy, got Ill",
		}},
		{Name: "routing control", Edit: func(p *props) { p.RoutingControlARN = arn }},
		{Name: "wrong routing control", Edit: func(p *props) { p.RoutingControlARN, p.Inverted = "on", true }, Want: []string{
			`RoutingControlARN: must be the ARN of a routing control, got "on"`, "Inverted: must be left out with RoutingControlARN",
		}},
	})
	require.Error(t, (*props)(nil).Validate())
}
