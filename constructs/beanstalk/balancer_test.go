package beanstalk

import (
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
)

func TestLoadBalancer_Validate(t *testing.T) {
	processes := func(p TargetProcess) map[string]TargetProcess { return map[string]TargetProcess{"default": p} }
	validate(t, validWeb(t), []row[webProps]{
		{"type", func(p *webProps) { p.LoadBalancer.Type = "gateway" }, []string{"LoadBalancer.Type: must be one of application, network, classic, got gateway"}},
		{"classic", func(p *webProps) { p.LoadBalancer.Type = ClassicLoadBalancer }, nil},
		{"network", func(p *webProps) { p.LoadBalancer.Type = NetworkLoadBalancer }, nil},
		{"plaintext with a certificate", func(p *webProps) { p.LoadBalancer.AllowPlaintext, p.LoadBalancer.DisableRedirect = true, true }, []string{
			"LoadBalancer.Certificate: must be left out with AllowPlaintext",
			"LoadBalancer.DisableRedirect: must be left out with AllowPlaintext: nothing is redirected",
		}},
		{"redirect and logs of others", func(p *webProps) {
			p.LoadBalancer.Type, p.LoadBalancer.DisableRedirect, p.LoadBalancer.AccessLogs = NetworkLoadBalancer, true, fakeBucket{}
			p.LoadBalancer.IdleTimeout, p.LoadBalancer.SharedPort = time.Second, 443
		}, []string{
			"LoadBalancer.SharedPort: is for Shared only",
			"LoadBalancer.DisableRedirect: is for load balancers of type application, which alone redirect",
			"LoadBalancer.AccessLogs: is for load balancers of type application",
			"LoadBalancer.IdleTimeout: is not for network load balancers",
		}},
		{"access logs on and off", func(p *webProps) { p.LoadBalancer.AccessLogs, p.LoadBalancer.DisableAccessLogs = fakeBucket{}, true },
			[]string{"LoadBalancer.AccessLogs: must be left out with DisableAccessLogs"}},
		{"ranges", func(p *webProps) {
			p.LoadBalancer.AllowedCIDRs = []string{"10.0.0.0/8", "::/0", "10.0.0.1", "${Token[X]}"}
		},
			[]string{`LoadBalancer.AllowedCIDRs[2]: must be a range such as 192.0.2.0/24, got "10.0.0.1"`}},
		{"ranges of a single instance", func(p *webProps) { single(p); p.LoadBalancer.AllowedCIDRs = []string{"x"} },
			[]string{`LoadBalancer.AllowedCIDRs[0]: must be a range such as 192.0.2.0/24, got "x"`}},
		{"idle timeout", func(p *webProps) { p.LoadBalancer.IdleTimeout = 2 * time.Hour }, []string{"LoadBalancer.IdleTimeout: must be between 1s and 1h0m0s, got 2h0m0s"}},
		{"shared", func(p *webProps) { p.LoadBalancer = LoadBalancer{Shared: fakeBalancer{}} }, nil},
		{"settings of a shared load balancer", func(p *webProps) {
			p.LoadBalancer = LoadBalancer{
				Shared: fakeBalancer{}, Type: NetworkLoadBalancer, SharedPort: 65536, Certificate: fakeCertificate{}, Internal: true, DisableAccessLogs: true,
				AllowPlaintext: true, AllowedCIDRs: []string{"::/0"}, DisableRedirect: true, AccessLogs: fakeBucket{}, Subnets: &awsec2.SubnetSelection{},
			}
		}, []string{
			"LoadBalancer.Shared: needs a load balancer of type application, got network",
			"LoadBalancer.SharedPort: must be between 1 and 65535, got 65536",
			"LoadBalancer.AccessLogs: must be left out with Shared: it is a setting of that load balancer",
			"LoadBalancer.AllowPlaintext: must be left out with Shared: it is a setting of that load balancer",
			"LoadBalancer.AllowedCIDRs: must be left out with Shared: it is a setting of that load balancer",
			"LoadBalancer.Certificate: must be left out with Shared: it is a setting of that load balancer",
			"LoadBalancer.DisableAccessLogs: must be left out with Shared: it is a setting of that load balancer",
			"LoadBalancer.DisableRedirect: must be left out with Shared: it is a setting of that load balancer",
			"LoadBalancer.Internal: must be left out with Shared: it is a setting of that load balancer",
			"LoadBalancer.Subnets: must be left out with Shared: it is a setting of that load balancer",
		}},
		{"process", func(p *webProps) {
			p.LoadBalancer.Processes = processes(TargetProcess{
				Port: 65536, Protocol: "TCP", HealthPath: "health", HealthCodes: "200-", HealthInterval: 4 * time.Second, HealthTimeout: 61 * time.Second,
				HealthyThreshold: 1, UnhealthyThreshold: 11, DeregistrationDelay: new(2 * time.Hour), Stickiness: 8 * 24 * time.Hour,
			})
		}, []string{
			`LoadBalancer.Processes["default"].Port: must be between 1 and 65535, got 65536`,
			`LoadBalancer.Processes["default"].Protocol: must be one of HTTP, HTTPS, got TCP`,
			`LoadBalancer.Processes["default"].HealthInterval: must be between 5s and 5m0s, got 4s`,
			`LoadBalancer.Processes["default"].HealthTimeout: must be between 2s and 1m0s, got 1m1s`,
			`LoadBalancer.Processes["default"].HealthTimeout: must be less than HealthInterval, got 1m1s`,
			`LoadBalancer.Processes["default"].HealthPath: must be a path that starts with /, got "health"`,
			`LoadBalancer.Processes["default"].HealthCodes: must be codes of HTTP from 200 to 499 and ranges, such as "200,300-302", got "200-"`,
			`LoadBalancer.Processes["default"].HealthyThreshold: must be between 2 and 10, got 1`,
			`LoadBalancer.Processes["default"].UnhealthyThreshold: must be between 2 and 10, got 11`,
			`LoadBalancer.Processes["default"].DeregistrationDelay: must be between 0s and 1h0m0s, got 2h0m0s`,
			`LoadBalancer.Processes["default"].Stickiness: must be between 1s and 168h0m0s, got 192h0m0s`,
		}},
		{"process of a network load balancer", func(p *webProps) {
			p.LoadBalancer.Type = NetworkLoadBalancer
			p.LoadBalancer.Processes = processes(TargetProcess{Protocol: "HTTP", HealthInterval: 15 * time.Second, HealthCodes: "200", Stickiness: time.Minute})
		}, []string{
			`LoadBalancer.Processes["default"].Protocol: must be one of TCP, got HTTP`,
			`LoadBalancer.Processes["default"].HealthInterval: must be one of 10s, 30s, got 15s`,
			`LoadBalancer.Processes["default"].HealthCodes: is for load balancers of type application`,
			`LoadBalancer.Processes["default"].Stickiness: is for load balancers of type application`,
		}},
		{"second process of a classic load balancer", func(p *webProps) {
			p.LoadBalancer.Type, p.LoadBalancer.Processes = ClassicLoadBalancer, map[string]TargetProcess{"admin": {}}
		}, []string{`LoadBalancer.Processes["admin"]: is a second process, which a classic load balancer cannot have`}},
		{"rules", func(p *webProps) {
			p.LoadBalancer.Processes = map[string]TargetProcess{"ad min": {}}
			p.LoadBalancer.Rules = map[string]Rule{
				"api":     {Hosts: []string{"a,b"}, Paths: []string{"api"}, Priority: 1, Process: "api"},
				"default": {Priority: 1001, Process: "default"},
				"more":    {Paths: []string{"/1", "/2", "/3", "/4", "/5", "/6"}, Priority: 1, Process: "default"},
			}
		}, []string{
			`LoadBalancer.Processes["ad min"]: must be named with letters, digits, _ and -`,
			`LoadBalancer.Rules["api"].Hosts[0]: must be 1 to 128 characters without comma and space, got "a,b"`,
			`LoadBalancer.Rules["api"].Paths[0]: must start with / and have at most 128 characters without comma and space, got "api"`,
			`LoadBalancer.Rules["api"].Process: must be one of Processes, got "api"`,
			`LoadBalancer.Rules["default"]: must be named with letters, digits, _ and -, not default`,
			`LoadBalancer.Rules["default"]: must have 1 to 5 Hosts and Paths, got 0`,
			`LoadBalancer.Rules["default"].Priority: must be between 1 and 1000, got 1001`,
			`LoadBalancer.Rules["more"]: must have 1 to 5 Hosts and Paths, got 6`,
			`LoadBalancer.Rules["more"].Priority: is that of Rules["api"] as well: 1`,
		}},
		{"rule of a network load balancer", func(p *webProps) {
			p.LoadBalancer.Type = NetworkLoadBalancer
			p.LoadBalancer.Rules = map[string]Rule{"api": {Paths: []string{"/api"}, Priority: 1, Process: "default"}}
		}, []string{`LoadBalancer.Rules["api"]: is for load balancers of type application`}},
		{"rule on a shared load balancer", func(p *webProps) {
			p.LoadBalancer = LoadBalancer{Shared: fakeBalancer{}, Rules: map[string]Rule{"api": {Paths: []string{"/1", "/2", "/3", "/4", "/5"}, Priority: 1, Process: "default"}}}
		}, []string{`LoadBalancer.Rules["api"]: must have 1 to 4 Hosts and Paths, got 5`}},
	})
}
