package albfargate_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/ecsservice"
	"github.com/strata-cdk/strata/constructs/webacl"
)

// cidr is the message about a range.
const cidr = "must be a range such as 203.0.113.0/24, starting at its first address, got "

func TestServiceProps_Validate_LoadBalancing(t *testing.T) {
	// of edits the load balancing.
	of := func(edit func(*ecsservice.LoadBalancing)) func(*props) {
		return func(p *props) { edit(&p.LoadBalancing) }
	}
	health := func(h ecsservice.TargetHealth) func(*props) { return func(p *props) { p.LoadBalancing.Health = h } }
	const day = 24 * time.Hour
	label := letters(63)
	zone := func(names ...string) *ecsservice.Domain { return &ecsservice.Domain{Names: names, Zone: fakeZone{}} }
	// leftOut are the messages about what is for the owner of what is shared.
	leftOut := func(shared string, fields ...string) (all []string) {
		for _, f := range fields {
			all = append(all, "LoadBalancing."+f+": must be left out with a shared "+shared+", whose owner decides it")
		}
		return all
	}
	one := []ecsservice.Rule{{Priority: 1, Paths: []string{"/a"}}}
	cdktest.ValidateTable(t, valid, []row{
		{Name: "largest", Edit: of(func(b *ecsservice.LoadBalancing) {
			b.Domain = zone(label + "." + label + "." + label + "." + label)
			b.Port, b.Stickiness, b.SlowStart, b.DeregistrationDelay, b.IdleTimeout, b.HealthCheckGrace = 65535, 7*day, 900*time.Second, new(time.Hour), 4000*time.Second, 2147483647*time.Second
			b.Health = ecsservice.TargetHealth{Path: "/" + letters(1023), Codes: "200-499,201", Interval: 5 * time.Minute, Timeout: 2 * time.Minute, HealthyThreshold: 10, UnhealthyThreshold: 10}
			b.Rules = []ecsservice.Rule{
				{Priority: 50000, Hosts: []string{letters(128), "*.b", "c?", "D", "e-f_g"}}, {Priority: 49999, Paths: []string{"/" + letters(127)}, Methods: []string{strings.Repeat("A", 40)}},
				{Priority: 2, Headers: map[string][]string{letters(40): {letters(128), "b", "c", "d"}}, Query: map[string]string{letters(128): letters(128)}},
				{Priority: 3, SourceIPs: []string{"0.0.0.0/0", "::/0"}},
			}
		})},
		{Name: "smallest", Edit: of(func(b *ecsservice.LoadBalancing) {
			b.Port, b.Stickiness, b.SlowStart, b.DeregistrationDelay, b.IdleTimeout, b.HealthCheckGrace = 1, time.Second, 30*time.Second, new(time.Duration(0)), time.Second, time.Second
			b.Health = ecsservice.TargetHealth{Path: "/", Codes: "200", Interval: 5 * time.Second, Timeout: 2 * time.Second, HealthyThreshold: 2, UnhealthyThreshold: 2}
			b.Rules = []ecsservice.Rule{{Priority: 1, Query: map[string]string{"": "a"}}}
		})},
		{Name: "no certificate", Edit: of(func(b *ecsservice.LoadBalancing) { b.Certificates = nil }), Want: []string{
			"LoadBalancing.Domain: must be given, or Certificates, for HTTPS; AllowPlaintext does without",
		}},
		{Name: "nil certificate", Edit: of(func(b *ecsservice.LoadBalancing) { b.Certificates = append(b.Certificates, nil) }), Want: []string{
			"LoadBalancing.Certificates[1]: must be a certificate, got nil",
		}},
		{Name: "domain", Edit: of(func(b *ecsservice.LoadBalancing) {
			b.Certificates, b.Domain = nil, zone("a.example.com", "*.example.com")
		})},
		{Name: "domain with certificate", Edit: of(func(b *ecsservice.LoadBalancing) {
			b.Certificates, b.Domain = nil, &ecsservice.Domain{Names: []string{"a.example.com"}, Certificate: fakeCertificate{}}
		})},
		{Name: "names", Edit: of(func(b *ecsservice.LoadBalancing) {
			b.Domain = zone("Shop", "a.b", "a.bc", "a.bc", "${Token[X]}", label+"a.com", label+"."+label+"."+label+"."+letters(62)+".a", label+"."+label+"."+label+"."+letters(31)+"."+letters(32))
		}), Want: []string{
			`LoadBalancing.Domain.Names[0]: must be a domain name such as shop.example.com, known at synth, got "Shop"`,
			`LoadBalancing.Domain.Names[1]: must be a domain name such as shop.example.com, known at synth, got "a.b"`,
			`LoadBalancing.Domain.Names: must be listed once each, got "a.bc" again`,
			`LoadBalancing.Domain.Names[4]: must be a domain name such as shop.example.com, known at synth, got "${Token[X]}"`,
			`LoadBalancing.Domain.Names[5]: must be a domain name such as shop.example.com, known at synth, got "` + label + `a.com"`,
			`LoadBalancing.Domain.Names[6]: must be a domain name such as shop.example.com, known at synth, got "` + label + "." + label + "." + label + "." + letters(62) + `.a"`,
			`LoadBalancing.Domain.Names[7]: must be a domain name such as shop.example.com, known at synth, got "` + label + "." + label + "." + label + "." + letters(31) + "." + letters(32) + `"`,
		}},
		{Name: "domain without zone", Edit: of(func(b *ecsservice.LoadBalancing) { b.Domain = &ecsservice.Domain{} }), Want: []string{
			"LoadBalancing.Domain.Names: must be one or more", "LoadBalancing.Domain.Zone: must be given, or Certificate: the zone validates the certificate",
		}},
		{Name: "plaintext", Edit: of(func(b *ecsservice.LoadBalancing) {
			b.AllowPlaintext, b.DisableRedirect, b.Domain = true, true, &ecsservice.Domain{Names: []string{"a.example.com"}, Certificate: fakeCertificate{}}
		}), Want: []string{
			"LoadBalancing.Certificates: must be left out with AllowPlaintext", "LoadBalancing.DisableRedirect: must be left out with AllowPlaintext",
			"LoadBalancing.Domain.Certificate: must be left out with AllowPlaintext",
		}},
		{Name: "valid plaintext", Edit: of(func(b *ecsservice.LoadBalancing) {
			b.AllowPlaintext, b.Certificates, b.Domain = true, nil, &ecsservice.Domain{Names: []string{"a.example.com"}}
		})},
		{Name: "GRPC without TLS", Edit: of(func(b *ecsservice.LoadBalancing) {
			*b = ecsservice.LoadBalancing{AllowPlaintext: true, Protocol: ecsservice.GRPC}
		}), Want: []string{"LoadBalancing.AllowPlaintext: must be left out with GRPC, which needs HTTPS"}},
		{Name: "GRPC", Edit: of(func(b *ecsservice.LoadBalancing) { b.Protocol = ecsservice.GRPC })},
		{Name: "port", Edit: of(func(b *ecsservice.LoadBalancing) { b.Port = 65536 }), Want: []string{"LoadBalancing.Port: must be between 1 and 65535, got 65536"}},
		{Name: "port of the redirect", Edit: of(func(b *ecsservice.LoadBalancing) { b.Port = 80 }), Want: []string{"LoadBalancing.Port: must not be 80, which redirects to HTTPS"}},
		{Name: "port 80 without redirect", Edit: of(func(b *ecsservice.LoadBalancing) { b.Port, b.DisableRedirect = 80, true })},
		{Name: "callers", Edit: of(func(b *ecsservice.LoadBalancing) {
			b.AllowedCIDRs = []string{"10.0.0.1/8", "10.0.0.0", "2001:db8::/129", "2001:db8::/32", "10.0.0.0/8"}
		}), Want: []string{
			`LoadBalancing.AllowedCIDRs[0]: ` + cidr + `"10.0.0.1/8"`, `LoadBalancing.AllowedCIDRs[1]: ` + cidr + `"10.0.0.0"`, `LoadBalancing.AllowedCIDRs[2]: ` + cidr + `"2001:db8::/129"`,
		}},
		{Name: "access logs", Edit: of(func(b *ecsservice.LoadBalancing) { b.AccessLogs, b.DisableAccessLogs = fakeBucket{}, true }), Want: []string{
			"LoadBalancing.AccessLogs: must be left out when access logs are disabled",
		}},
		{Name: "own bucket", Edit: of(func(b *ecsservice.LoadBalancing) { b.AccessLogs = fakeBucket{} })},
		{Name: "no access logs", Edit: of(func(b *ecsservice.LoadBalancing) { b.DisableAccessLogs = true })},
		{Name: "WAF", Edit: of(func(b *ecsservice.LoadBalancing) { b.DisableWAF, b.WAF.RateLimit = true, 100 }), Want: []string{"LoadBalancing.WAF: must be left out when it is disabled"}},
		{Name: "no WAF", Edit: of(func(b *ecsservice.LoadBalancing) { b.DisableWAF = true })},
		{Name: "own limit", Edit: of(func(b *ecsservice.LoadBalancing) { b.WAF.RateLimit = 100 })},
		{Name: "shared listener", Edit: of(func(b *ecsservice.LoadBalancing) {
			*b = ecsservice.LoadBalancing{
				Listener: fakeListener{}, LoadBalancer: fakeBalancer{}, Internal: true, AllowedCIDRs: []string{"x"}, Domain: zone("x"), Certificates: make([]awscertificatemanager.ICertificate, 1), AllowPlaintext: true,
				Port: 443, TLSPolicy: elb.SslPolicy_RECOMMENDED_TLS, DisableRedirect: true, IdleTimeout: time.Minute, AccessLogs: fakeBucket{}, DisableAccessLogs: true,
				WAF: webacl.Props{RateLimit: 1}, DisableWAF: true, DisableDeletionProtection: true,
				ConfigureLoadBalancer: func(*elb.ApplicationLoadBalancerProps) {}, ConfigureListener: func(*elb.BaseApplicationListenerProps) {},
			}
		}), Want: append(leftOut("Listener", "LoadBalancer", "Internal", "AllowedCIDRs", "Domain", "Certificates", "AllowPlaintext", "Port", "TLSPolicy", "DisableRedirect", "IdleTimeout", "AccessLogs",
			"DisableAccessLogs", "WAF", "DisableWAF", "DisableDeletionProtection", "ConfigureLoadBalancer", "ConfigureListener"),
			"LoadBalancing.Rules: must be given with a shared Listener: they say which requests are this service's")},
		{Name: "valid shared listener", Edit: of(func(b *ecsservice.LoadBalancing) {
			*b = ecsservice.LoadBalancing{Listener: fakeListener{}, Rules: one, Protocol: ecsservice.GRPC}
		})},
		{Name: "shared load balancer", Edit: of(func(b *ecsservice.LoadBalancing) {
			b.LoadBalancer, b.Internal, b.IdleTimeout, b.AccessLogs, b.WAF.RateLimit, b.DisableDeletionProtection = fakeBalancer{}, true, time.Minute, fakeBucket{}, 100, true
			b.ConfigureLoadBalancer = func(*elb.ApplicationLoadBalancerProps) {}
		}), Want: leftOut("LoadBalancer", "Internal", "IdleTimeout", "AccessLogs", "WAF", "DisableDeletionProtection", "ConfigureLoadBalancer")},
		{Name: "shared load balancer without", Edit: of(func(b *ecsservice.LoadBalancing) {
			b.LoadBalancer, b.DisableAccessLogs, b.DisableWAF = fakeBalancer{}, true, true
		}), Want: leftOut("LoadBalancer", "DisableAccessLogs", "DisableWAF")},
		{Name: "valid shared load balancer", Edit: of(func(b *ecsservice.LoadBalancing) {
			b.LoadBalancer, b.Port, b.AllowedCIDRs, b.ConfigureListener = fakeBalancer{}, 444, []string{"10.0.0.0/8"}, func(*elb.BaseApplicationListenerProps) {}
		})},
		{Name: "protocol", Edit: of(func(b *ecsservice.LoadBalancing) { b.Protocol = "HTTP3" }), Want: []string{"LoadBalancing.Protocol: must be one of HTTP1, HTTP2, GRPC, got HTTP3"}},
		{Name: "container", Edit: of(func(b *ecsservice.LoadBalancing) { b.Container = "b" }), Want: []string{`LoadBalancing.Container: must be the name of one of Containers, got "b"`}},
		{Name: "container without port", Edit: func(p *props) {
			sidecar(p, ecsservice.Container{Name: "b"})
			p.LoadBalancing.Container = "b"
		}, Want: []string{"LoadBalancing.ContainerPort: must be given: b has no port"}},
		{Name: "no port at all", Edit: func(p *props) { p.Containers[0].Ports = nil }, Want: []string{"LoadBalancing.Container: needs a container with a port"}},
		{Name: "port of the container", Edit: of(func(b *ecsservice.LoadBalancing) { b.ContainerPort = 9 }), Want: []string{"LoadBalancing.ContainerPort: must be a TCP port of app, got 9"}},
		{Name: "UDP port", Edit: func(p *props) { p.Containers[0].Ports = []ecsservice.Port{{Number: 53, UDP: true}} }, Want: []string{"LoadBalancing.ContainerPort: must be a TCP port of app, got 53"}},
		{Name: "first with a port", Edit: func(p *props) {
			app := p.Containers[0]
			p.Containers = nil
			sidecar(p, ecsservice.Container{Name: "b", NonEssential: true})
			p.Containers = append(p.Containers, app)
			sidecar(p, ecsservice.Container{Name: "c", NonEssential: true, Ports: []ecsservice.Port{{Number: 1}}})
		}},
		{Name: "second port", Edit: func(p *props) {
			p.Containers[0].Ports = append(p.Containers[0].Ports, ecsservice.Port{Number: 9000})
			p.LoadBalancing.ContainerPort = 9000
		}},
		{Name: "last container", Edit: func(p *props) {
			p.Containers[0].NonEssential = true
			sidecar(p, ecsservice.Container{Name: "b", Ports: []ecsservice.Port{{Number: 1}}})
			p.LoadBalancing.Container = "b"
		}},
		{Name: "short health check", Edit: health(ecsservice.TargetHealth{Path: "ok", Codes: "199", Interval: 4 * time.Second, Timeout: time.Second, HealthyThreshold: 1, UnhealthyThreshold: 1}), Want: []string{
			`LoadBalancing.Health.Path: must start with / and have 1024 characters at most, got "ok"`, `LoadBalancing.Health.Codes: must be numbers and ranges from 200 to 499, such as "200,204", got "199"`,
			"LoadBalancing.Health.Interval: must be between 5s and 5m0s, got 4s", "LoadBalancing.Health.Timeout: must be between 2s and 2m0s, got 1s",
			"LoadBalancing.Health.HealthyThreshold: must be between 2 and 10, got 1", "LoadBalancing.Health.UnhealthyThreshold: must be between 2 and 10, got 1",
		}},
		{Name: "long health check", Edit: health(ecsservice.TargetHealth{Path: "/" + letters(1024), Codes: "200-500", Interval: 301 * time.Second, Timeout: 121 * time.Second, HealthyThreshold: 11, UnhealthyThreshold: 11}), Want: []string{
			`LoadBalancing.Health.Path: must start with / and have 1024 characters at most, got "/` + letters(1024) + `"`,
			`LoadBalancing.Health.Codes: must be numbers and ranges from 200 to 499, such as "200,204", got "200-500"`,
			"LoadBalancing.Health.Interval: must be between 5s and 5m0s, got 5m1s", "LoadBalancing.Health.Timeout: must be between 2s and 2m0s, got 2m1s",
			"LoadBalancing.Health.HealthyThreshold: must be between 2 and 10, got 11", "LoadBalancing.Health.UnhealthyThreshold: must be between 2 and 10, got 11",
		}},
		{Name: "health check in parts of seconds", Edit: health(ecsservice.TargetHealth{Codes: "200,,300", Interval: 5500 * time.Millisecond, Timeout: 5500 * time.Millisecond}), Want: []string{
			`LoadBalancing.Health.Codes: must be numbers and ranges from 200 to 499, such as "200,204", got "200,,300"`, "LoadBalancing.Health.Timeout: must be less than Interval, 5.5s, got 5.5s",
			"LoadBalancing.Health.Interval: must be whole seconds, got 5.5s", "LoadBalancing.Health.Timeout: must be whole seconds, got 5.5s",
		}},
		{Name: "GRPC codes", Edit: of(func(b *ecsservice.LoadBalancing) { b.Protocol, b.Health.Codes = ecsservice.GRPC, "0-100" }), Want: []string{
			`LoadBalancing.Health.Codes: must be numbers and ranges from 0 to 99, such as "200,204", got "0-100"`,
		}},
		{Name: "all GRPC codes", Edit: of(func(b *ecsservice.LoadBalancing) { b.Protocol, b.Health.Codes = ecsservice.GRPC, "0-99" })},
		{Name: "times too long", Edit: of(func(b *ecsservice.LoadBalancing) {
			b.Stickiness, b.SlowStart, b.DeregistrationDelay, b.IdleTimeout, b.HealthCheckGrace = 7*day+time.Second, 901*time.Second, new(3601*time.Second), 4001*time.Second, 2147483648*time.Second
		}), Want: []string{
			"LoadBalancing.Stickiness: must be between 1s and 168h0m0s, got 168h0m1s", "LoadBalancing.SlowStart: must be between 30s and 15m0s, got 15m1s",
			"LoadBalancing.DeregistrationDelay: must be between 0s and 1h0m0s, got 1h0m1s", "LoadBalancing.IdleTimeout: must be between 1s and 1h6m40s, got 1h6m41s",
			"LoadBalancing.HealthCheckGrace: must be between 0s and 596523h14m7s, got 596523h14m8s",
		}},
		{Name: "times too short", Edit: of(func(b *ecsservice.LoadBalancing) {
			b.Stickiness, b.SlowStart, b.DeregistrationDelay, b.IdleTimeout, b.HealthCheckGrace = -time.Second, 29*time.Second, new(-time.Second), -time.Second, -time.Second
		}), Want: []string{
			"LoadBalancing.Stickiness: must be between 1s and 168h0m0s, got -1s", "LoadBalancing.SlowStart: must be between 30s and 15m0s, got 29s",
			"LoadBalancing.DeregistrationDelay: must be between 0s and 1h0m0s, got -1s", "LoadBalancing.IdleTimeout: must be between 1s and 1h6m40s, got -1s",
			"LoadBalancing.HealthCheckGrace: must be between 0s and 596523h14m7s, got -1s",
		}},
		{Name: "parts of seconds", Edit: of(func(b *ecsservice.LoadBalancing) {
			b.Stickiness, b.SlowStart = 1500*time.Millisecond, 30500*time.Millisecond
		}), Want: []string{"LoadBalancing.Stickiness: must be whole seconds, got 1.5s", "LoadBalancing.SlowStart: must be whole seconds, got 30.5s"}},
		{Name: "rules", Edit: of(func(b *ecsservice.LoadBalancing) {
			b.Rules = []ecsservice.Rule{
				{Priority: 50001, Paths: []string{"a", "/" + letters(128)}}, {Priority: 1, Hosts: []string{"a b", letters(129)}}, {Priority: 1, SourceIPs: []string{"here"}},
				{Priority: 0, Methods: []string{"get", strings.Repeat("A", 41)}},
			}
		}), Want: []string{
			"LoadBalancing.Rules[0].Priority: must be between 1 and 50000, got 50001", `LoadBalancing.Rules[0].Paths[0]: must start with / and have 128 characters at most, got "a"`,
			`LoadBalancing.Rules[0].Paths[1]: must start with / and have 128 characters at most, got "/` + letters(128) + `"`,
			`LoadBalancing.Rules[1].Hosts[0]: must be a host name, with * and ?, of 128 characters at most, got "a b"`,
			`LoadBalancing.Rules[1].Hosts[1]: must be a host name, with * and ?, of 128 characters at most, got "` + letters(129) + `"`,
			"LoadBalancing.Rules[2].Priority: must differ from the others, got 1 again", `LoadBalancing.Rules[2].SourceIPs[0]: ` + cidr + `"here"`,
			"LoadBalancing.Rules[3].Priority: must be between 1 and 50000, got 0", `LoadBalancing.Rules[3].Methods[0]: must be an HTTP method in capital letters, got "get"`,
			`LoadBalancing.Rules[3].Methods[1]: must be an HTTP method in capital letters, got "` + strings.Repeat("A", 41) + `"`,
		}},
		{Name: "headers and query", Edit: of(func(b *ecsservice.LoadBalancing) {
			b.Rules = []ecsservice.Rule{
				{Priority: 1, Headers: map[string][]string{"": {"a"}, "A": nil, letters(41): {"", letters(129)}}},
				{Priority: 2, Query: map[string]string{"a": "", letters(129): "b", "c": letters(129)}},
			}
		}), Want: []string{
			`LoadBalancing.Rules[0].Headers[""]: must have a name of 1 to 40 characters`, `LoadBalancing.Rules[0].Headers["A"]: must have a value`,
			`LoadBalancing.Rules[0].Headers["` + letters(41) + `"]: must have a name of 1 to 40 characters`,
			`LoadBalancing.Rules[0].Headers["` + letters(41) + `"][0]: must have 1 to 128 characters, got ""`,
			`LoadBalancing.Rules[0].Headers["` + letters(41) + `"][1]: must have 1 to 128 characters, got "` + letters(129) + `"`,
			`LoadBalancing.Rules[1].Query["a"]: must have 1 to 128 characters, got ""`,
			`LoadBalancing.Rules[1].Query["` + letters(129) + `"]: must have a name of 128 characters at most`,
			`LoadBalancing.Rules[1].Query["c"]: must have 1 to 128 characters, got "` + letters(129) + `"`,
		}},
		{Name: "too many values", Edit: of(func(b *ecsservice.LoadBalancing) {
			b.Rules = []ecsservice.Rule{{
				Priority: 1, Hosts: []string{"a"}, Paths: []string{"/a"}, Methods: []string{"GET"}, SourceIPs: []string{"10.0.0.0/8"}, Headers: map[string][]string{"A": {"a"}}, Query: map[string]string{"a": "b"},
			}, {Priority: 2}}
		}), Want: []string{"LoadBalancing.Rules[0]: must have 1 to 5 values in its conditions, got 6", "LoadBalancing.Rules[1]: must have 1 to 5 values in its conditions, got 0"}},
		{Name: "rules of a canary", Edit: func(p *props) {
			p.Deployment.Strategy = ecsservice.Canary
			p.LoadBalancing.Rules = append(slices.Clone(one), ecsservice.Rule{Priority: 2, Paths: []string{"/b"}})
		}, Want: []string{"LoadBalancing.Rules: must be one with CANARY: ECS moves the requests of one rule"}},
		{Name: "rule of a canary", Edit: func(p *props) { p.Deployment.Strategy, p.LoadBalancing.Rules = ecsservice.Canary, one }},
		{Name: "rule with CodeDeploy", Edit: func(p *props) { p.Deployment.Strategy, p.LoadBalancing.Rules = ecsservice.CodeDeploy, one }, Want: []string{
			"LoadBalancing.Rules: must be left out with CODE_DEPLOY, which moves all requests of a listener",
		}},
	})
}
