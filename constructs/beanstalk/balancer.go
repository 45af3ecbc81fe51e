package beanstalk

import (
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/defaults"
	"github.com/strata-cdk/strata/internal/sorted"
)

// LoadBalancerType is a kind of load balancer. An environment keeps the one that it was created with.
type LoadBalancerType string

// The kinds of load balancers.
const (
	// ApplicationLoadBalancer speaks HTTP and HTTPS.
	ApplicationLoadBalancer LoadBalancerType = "application"
	// NetworkLoadBalancer speaks TCP and TLS. Instances see the addresses of clients.
	NetworkLoadBalancer LoadBalancerType = "network"
	// ClassicLoadBalancer is the previous generation.
	ClassicLoadBalancer LoadBalancerType = "classic"
)

// LoadBalancer is how requests reach the instances of a web environment.
type LoadBalancer struct {
	// Type is application, network or classic.
	// Default: application.
	Type LoadBalancerType
	// Shared is an Application Load Balancer of yours that environments share, with its listeners: Certificates, redirects, access
	// logs and who may call are settings of it. Elastic Beanstalk adds rules that send what is for the environment's CNAME, and
	// what Rules say, to its instances. It cannot change them later.
	// Default: nil, a load balancer that Elastic Beanstalk makes for the environment alone.
	//
	// https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/environments-cfg-alb-shared.html
	Shared elb.IApplicationLoadBalancer
	// SharedPort is the port of the listener of Shared, 1 to 65535.
	// Default: 443.
	SharedPort int
	// Created is the load balancer that the environment was created with. Once it is deployed, say so here: a change of Type, or
	// between shared and not, then fails at synth, with what to do, and not in the middle of a deployment.
	// Default: nil, nothing is known.
	Created *CreatedLoadBalancer
	// Internal makes the load balancer reachable from within the VPC only.
	// Default: false, from the internet.
	Internal bool
	// Subnets are where the load balancer is, in two zones or more.
	// Default: the public subnets of VPC; those of the instances with Internal.
	Subnets *awsec2.SubnetSelection
	// AllowedCIDRs are who may call, as IPv4 or IPv6 ranges.
	// Default: everybody; the VPC's own range with Internal.
	AllowedCIDRs []string
	// Certificate is for HTTPS, or TLS with a network load balancer, on port 443. Required without AllowPlaintext.
	Certificate awscertificatemanager.ICertificate
	// TLSPolicy is the name of the security policy of HTTPS.
	// Default: "ELBSecurityPolicy-TLS13-1-2-2021-06"; with a classic load balancer "ELBSecurityPolicy-TLS-1-2-2017-01".
	TLSPolicy string
	// AllowPlaintext serves requests on port 80, over HTTP, or TCP with a network load balancer, instead of on 443.
	// Default: false.
	AllowPlaintext bool
	// DisableRedirect leaves port 80 of an application load balancer closed, instead of redirecting it to HTTPS with a
	// configuration file in the bundle. Other load balancers cannot redirect.
	// Default: false.
	DisableRedirect bool
	// IdleTimeout is how long a connection may be silent, 1 s to 1 h in whole seconds. It is not for network load balancers.
	// Default: 60 s.
	IdleTimeout time.Duration
	// AccessLogs is the bucket of the access logs of an application load balancer: of the same region, encrypted with SSE-S3, with a
	// policy that lets logdelivery.elasticloadbalancing.amazonaws.com write; one of the same app gets it.
	// Default: nil, a new bucket that keeps logs for 365 days.
	AccessLogs awss3.IBucket
	// DisableAccessLogs leaves requests unlogged.
	// Default: false.
	DisableAccessLogs bool
	// Processes are what listens on the instances, by name. The process "default" takes what no rule says.
	// Default: "default" on port 80, the proxy of the platform.
	Processes map[string]TargetProcess
	// Rules send requests to other processes, by name of the rule. They are for application load balancers.
	// Default: none.
	Rules map[string]Rule
}

// CreatedLoadBalancer is the load balancer of an environment that exists.
type CreatedLoadBalancer struct {
	// Type is its type: application, network or classic. Required.
	Type LoadBalancerType
	// Shared tells whether it is shared.
	// Default: false.
	Shared bool
}

// TargetProcess is a process that the load balancer sends requests to.
//
// https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/environments-cfg-alb.html
type TargetProcess struct {
	// Port is where it listens, 1 to 65535.
	// Default: 80.
	Port int
	// Protocol is HTTP or HTTPS; TCP for a network load balancer.
	// Default: HTTP, or TCP.
	Protocol string
	// HealthPath is the path that the load balancer asks for.
	// Default: "/".
	HealthPath string
	// HealthCodes are the answers that mean healthy: numbers and ranges of HTTP, such as "200,300-302". They are for application
	// load balancers.
	// Default: "200".
	HealthCodes string
	// HealthInterval and HealthTimeout are the time between checks, 5 s to 300 s, and that to wait for an answer, 2 s to 60 s, in
	// whole seconds. The timeout must be less. A network load balancer takes 10 s or 30 s as the interval, and has its own timeout.
	// Default: 15 s and 5 s; 10 s with a network load balancer.
	HealthInterval, HealthTimeout time.Duration
	// HealthyThreshold and UnhealthyThreshold are how many checks in a row change the health, 2 to 10.
	// Default: 3 and 5.
	HealthyThreshold, UnhealthyThreshold int
	// DeregistrationDelay is how long an instance that leaves may finish its requests, 0 to 1 h in whole seconds.
	// Default: nil, which means 20 s.
	DeregistrationDelay *time.Duration
	// Stickiness sends a client to the same instance for this long, 1 s to 7 days in whole seconds.
	// Default: 0, off.
	Stickiness time.Duration
}

// Rule says which requests go to a process.
type Rule struct {
	// Hosts and Paths are what a request must match, such as "api.example.com" and "/admin/*"; one at least, five together at most.
	Hosts, Paths []string
	// Priority orders rules, 1 to 1000, unique; the least comes first.
	Priority int
	// Process is the name of a process. Required.
	Process string
}

// defaultProcess is the name of the process that takes what no rule says.
const defaultProcess = "default"

func (b *LoadBalancer) shared() bool { return b.Shared != nil }

// redirects tells whether port 80 is redirected to HTTPS.
func (b *LoadBalancer) redirects() bool {
	return b.Type == ApplicationLoadBalancer && !b.shared() && !b.AllowPlaintext && !b.DisableRedirect
}

func (b *LoadBalancer) logs() bool {
	return b.Type == ApplicationLoadBalancer && !b.shared() && !b.DisableAccessLogs
}

func (b *LoadBalancer) setDefaults() {
	defaults.Or(&b.Type, ApplicationLoadBalancer)
	if b.shared() {
		defaults.Or(&b.SharedPort, 443)
	}
	policy := "ELBSecurityPolicy-TLS13-1-2-2021-06"
	if b.Type == ClassicLoadBalancer {
		policy = "ELBSecurityPolicy-TLS-1-2-2017-01"
	}
	defaults.Or(&b.TLSPolicy, policy)
	if b.Type != NetworkLoadBalancer {
		defaults.Or(&b.IdleTimeout, time.Minute)
	}
	processes := map[string]TargetProcess{defaultProcess: {}}
	for name, p := range b.Processes {
		processes[name] = p
	}
	for name, p := range processes {
		defaults.Or(&p.Port, 80)
		defaults.Or(&p.HealthPath, "/")
		defaults.Or(&p.HealthyThreshold, 3)
		defaults.Or(&p.UnhealthyThreshold, 5)
		defaults.Or(&p.HealthTimeout, 5*time.Second)
		if b.Type == NetworkLoadBalancer {
			defaults.Or(&p.Protocol, "TCP")
			defaults.Or(&p.HealthInterval, 10*time.Second)
		} else {
			defaults.Or(&p.Protocol, "HTTP")
			defaults.Or(&p.HealthInterval, 15*time.Second)
		}
		if b.Type == ApplicationLoadBalancer {
			defaults.Or(&p.HealthCodes, "200")
		}
		if p.DeregistrationDelay == nil {
			p.DeregistrationDelay = new(20 * time.Second)
		}
		processes[name] = p
	}
	b.Processes = processes
}

const migration = "which an environment keeps: clone it under another id with the new load balancer, move the weights of its records " +
	"to the clone (see BlueGreen), then remove this one"

func (b *LoadBalancer) check(c *check.List) {
	check.OneOf(c, "Type", b.Type, ApplicationLoadBalancer, NetworkLoadBalancer, ClassicLoadBalancer)
	if was := b.Created; was != nil {
		check.OneOf(c, "Created.Type", was.Type, ApplicationLoadBalancer, NetworkLoadBalancer, ClassicLoadBalancer)
		c.That(was.Type == b.Type, "Type", "is %s, but the environment was created with %s, %s", b.Type, was.Type, migration)
		c.That(was.Shared == b.shared(), "Shared", "is %s, but the environment was created with a %s load balancer, %s",
			map[bool]string{true: "given", false: "nil"}[b.shared()], map[bool]string{true: "shared", false: "dedicated"}[was.Shared], migration)
	}
	if b.shared() {
		c.That(b.Type == ApplicationLoadBalancer, "Shared", "needs a load balancer of type application, got %s", b.Type)
		check.Range(c, "SharedPort", b.SharedPort, 1, 65535)
		for name, given := range sorted.All(map[string]bool{
			"AccessLogs": b.AccessLogs != nil, "AllowPlaintext": b.AllowPlaintext, "AllowedCIDRs": len(b.AllowedCIDRs) > 0,
			"Certificate": b.Certificate != nil, "DisableAccessLogs": b.DisableAccessLogs, "DisableRedirect": b.DisableRedirect,
			"Internal": b.Internal, "Subnets": b.Subnets != nil,
		}) {
			c.That(!given, name, "must be left out with Shared: it is a setting of that load balancer")
		}
	} else {
		c.That(b.SharedPort == 0, "SharedPort", "is for Shared only")
		c.That(b.AllowPlaintext || b.Certificate != nil, "Certificate", "must be given for HTTPS; AllowPlaintext does without")
		c.That(!b.AllowPlaintext || b.Certificate == nil, "Certificate", "must be left out with AllowPlaintext")
		c.That(!b.AllowPlaintext || !b.DisableRedirect, "DisableRedirect", "must be left out with AllowPlaintext: nothing is redirected")
		c.That(!b.DisableRedirect || b.Type == ApplicationLoadBalancer, "DisableRedirect", "is for load balancers of type application, which alone redirect")
		c.That(b.AccessLogs == nil || !b.DisableAccessLogs, "AccessLogs", "must be left out with DisableAccessLogs")
		c.That(b.Type == ApplicationLoadBalancer || b.AccessLogs == nil, "AccessLogs", "is for load balancers of type application")
	}
	b.checkCIDRs(c)
	if b.Type == NetworkLoadBalancer {
		c.That(b.IdleTimeout == 0, "IdleTimeout", "is not for network load balancers")
	} else {
		check.Range(c, "IdleTimeout", b.IdleTimeout, time.Second, time.Hour)
		check.WholeSeconds(c, "IdleTimeout", b.IdleTimeout)
	}
	for name, p := range sorted.All(b.Processes) {
		at := c.At(check.Key("Processes", name))
		at.That(namePart.MatchString(name), "", "must be named with letters, digits, _ and -")
		at.That(name == defaultProcess || b.Type != ClassicLoadBalancer, "", "is a second process, which a classic load balancer cannot have")
		p.check(at, b.Type)
	}
	b.checkRules(c)
}

var healthCodes = regexp.MustCompile(`^[2-4]\d\d(?:-[2-4]\d\d)?(?:,[2-4]\d\d(?:-[2-4]\d\d)?)*$`)

func (p *TargetProcess) check(c *check.List, kind LoadBalancerType) {
	check.Range(c, "Port", p.Port, 1, 65535)
	if kind == NetworkLoadBalancer {
		check.OneOf(c, "Protocol", p.Protocol, "TCP")
		check.OneOf(c, "HealthInterval", p.HealthInterval, 10*time.Second, 30*time.Second)
	} else {
		check.OneOf(c, "Protocol", p.Protocol, "HTTP", "HTTPS")
		check.Range(c, "HealthInterval", p.HealthInterval, 5*time.Second, 300*time.Second)
		check.WholeSeconds(c, "HealthInterval", p.HealthInterval)
		check.Range(c, "HealthTimeout", p.HealthTimeout, 2*time.Second, 60*time.Second)
		check.WholeSeconds(c, "HealthTimeout", p.HealthTimeout)
		c.That(p.HealthTimeout < p.HealthInterval, "HealthTimeout", "must be less than HealthInterval, got %v", p.HealthTimeout)
	}
	c.That(strings.HasPrefix(p.HealthPath, "/") && !strings.ContainsAny(p.HealthPath, " \t\r\n"), "HealthPath", "must be a path that starts with /, got %q", p.HealthPath)
	if kind == ApplicationLoadBalancer {
		c.That(healthCodes.MatchString(p.HealthCodes), "HealthCodes", `must be codes of HTTP from 200 to 499 and ranges, such as "200,300-302", got %q`, p.HealthCodes)
	} else {
		c.That(p.HealthCodes == "", "HealthCodes", "is for load balancers of type application")
	}
	check.Range(c, "HealthyThreshold", p.HealthyThreshold, 2, 10)
	check.Range(c, "UnhealthyThreshold", p.UnhealthyThreshold, 2, 10)
	check.Range(c, "DeregistrationDelay", *p.DeregistrationDelay, 0, time.Hour)
	check.WholeSeconds(c, "DeregistrationDelay", *p.DeregistrationDelay)
	if p.Stickiness != 0 {
		check.Range(c, "Stickiness", p.Stickiness, time.Second, 7*24*time.Hour)
		check.WholeSeconds(c, "Stickiness", p.Stickiness)
		c.That(kind == ApplicationLoadBalancer, "Stickiness", "is for load balancers of type application")
	}
}

var (
	hostPattern = regexp.MustCompile(`^[^,\s]{1,128}$`)
	pathPattern = regexp.MustCompile(`^/[^,\s]{0,127}$`)
)

func (b *LoadBalancer) checkRules(c *check.List) {
	taken := map[int]string{}
	for name, r := range sorted.All(b.Rules) {
		at := c.At(check.Key("Rules", name))
		at.That(namePart.MatchString(name) && name != defaultProcess, "", "must be named with letters, digits, _ and -, not default")
		at.That(b.Type == ApplicationLoadBalancer, "", "is for load balancers of type application")
		n := len(r.Hosts) + len(r.Paths)
		most := 5
		if b.shared() {
			most = 4 // one is for the CNAME
		}
		at.That(n >= 1 && n <= most, "", "must have 1 to %d Hosts and Paths, got %d", most, n)
		for i, h := range r.Hosts {
			at.That(hostPattern.MatchString(h), check.Index("Hosts", i), "must be 1 to 128 characters without comma and space, got %q", h)
		}
		for i, p := range r.Paths {
			at.That(pathPattern.MatchString(p), check.Index("Paths", i), "must start with / and have at most 128 characters without comma and space, got %q", p)
		}
		check.Range(at, "Priority", r.Priority, 1, 1000)
		if other, ok := taken[r.Priority]; ok {
			at.Add("Priority", "is that of Rules[%q] as well: %d", other, r.Priority)
		}
		taken[r.Priority] = name
		_, known := b.Processes[r.Process]
		at.That(known, "Process", "must be one of Processes, got %q", r.Process)
	}
}

// options are those of the load balancer, for what r stands for.
func (b *LoadBalancer) options(l *optionList, r *references) {
	l.set("aws:elasticbeanstalk:environment", "LoadBalancerType", string(b.Type), "LoadBalancerIsShared", strconv.FormatBool(b.shared()))
	if b.Type == ClassicLoadBalancer {
		b.classicOptions(l, r)
		return
	}
	for name, p := range b.Processes {
		p.options(l, name, b.Type)
	}
	var rules []string
	for name, rule := range sorted.All(b.Rules) {
		rules = append(rules, name)
		var set []string
		if len(rule.Hosts) > 0 {
			set = append(set, "HostHeaders", strings.Join(rule.Hosts, ","))
		}
		if len(rule.Paths) > 0 {
			set = append(set, "PathPatterns", strings.Join(rule.Paths, ","))
		}
		l.set("aws:elbv2:listenerrule:"+name, append(set, "Priority", strconv.Itoa(rule.Priority), "Process", rule.Process)...)
	}
	if b.shared() {
		l.set("aws:elbv2:loadbalancer", "SharedLoadBalancer", r.sharedBalancer, "SecurityGroups", r.balancerGroups)
		l.set("aws:elbv2:listener:"+strconv.Itoa(b.SharedPort), "Rules", strings.Join(slices.Concat([]string{defaultProcess}, rules), ","))
		return
	}
	plaintext, secure := "HTTP", "HTTPS"
	if b.Type == NetworkLoadBalancer {
		plaintext, secure = "TCP", "TLS"
	} else {
		l.set("aws:elbv2:loadbalancer", "IdleTimeout", seconds(b.IdleTimeout), "AccessLogsS3Enabled", strconv.FormatBool(b.logs()),
			"SecurityGroups", r.balancerGroups, "ManagedSecurityGroup", r.balancerGroups)
		if b.logs() {
			l.set("aws:elbv2:loadbalancer", "AccessLogsS3Bucket", r.accessLogs)
		}
	}
	serve := func(namespace string, pairs ...string) {
		if len(rules) > 0 {
			pairs = append(pairs, "Rules", strings.Join(rules, ","))
		}
		l.set(namespace, append(pairs, "ListenerEnabled", "true", "DefaultProcess", defaultProcess)...)
	}
	const port80 = "aws:elbv2:listener:default"
	if b.AllowPlaintext {
		serve(port80, "Protocol", plaintext)
		return
	}
	l.set(port80, "ListenerEnabled", strconv.FormatBool(b.redirects()), "Protocol", plaintext, "DefaultProcess", defaultProcess)
	serve("aws:elbv2:listener:443", "Protocol", secure, "SSLCertificateArns", r.certificate, "SSLPolicy", b.TLSPolicy)
}

func (p *TargetProcess) options(l *optionList, name string, kind LoadBalancerType) {
	namespace := "aws:elasticbeanstalk:environment:process:" + name
	l.set(namespace, "Port", strconv.Itoa(p.Port), "Protocol", p.Protocol, "HealthCheckPath", p.HealthPath,
		"HealthCheckInterval", seconds(p.HealthInterval), "HealthyThresholdCount", strconv.Itoa(p.HealthyThreshold),
		"UnhealthyThresholdCount", strconv.Itoa(p.UnhealthyThreshold), "DeregistrationDelay", seconds(*p.DeregistrationDelay))
	if kind != ApplicationLoadBalancer {
		return
	}
	l.set(namespace, "HealthCheckTimeout", seconds(p.HealthTimeout), "MatcherHTTPCode", p.HealthCodes,
		"StickinessEnabled", strconv.FormatBool(p.Stickiness > 0))
	if p.Stickiness > 0 {
		l.set(namespace, "StickinessType", "lb_cookie", "StickinessLBCookieDuration", seconds(p.Stickiness))
	}
}

func (b *LoadBalancer) classicOptions(l *optionList, r *references) {
	p := b.Processes[defaultProcess]
	l.set("aws:elb:loadbalancer", "CrossZone", "true", "SecurityGroups", r.balancerGroups, "ManagedSecurityGroup", r.balancerGroups)
	l.set("aws:elb:policies", "ConnectionSettingIdleTimeout", seconds(b.IdleTimeout),
		"ConnectionDrainingEnabled", strconv.FormatBool(*p.DeregistrationDelay > 0), "ConnectionDrainingTimeout", strconv.Itoa(max(1, int(p.DeregistrationDelay.Seconds()))))
	l.set("aws:elb:healthcheck", "Interval", seconds(p.HealthInterval), "Timeout", seconds(p.HealthTimeout),
		"HealthyThreshold", strconv.Itoa(p.HealthyThreshold), "UnhealthyThreshold", strconv.Itoa(p.UnhealthyThreshold))
	l.set("aws:elasticbeanstalk:application", "Application Healthcheck URL", p.Protocol+":"+strconv.Itoa(p.Port)+p.HealthPath)
	listener := []string{"InstancePort", strconv.Itoa(p.Port), "InstanceProtocol", p.Protocol}
	l.set("aws:elb:listener", append(listener, "ListenerEnabled", strconv.FormatBool(b.AllowPlaintext), "ListenerProtocol", "HTTP")...)
	if !b.AllowPlaintext {
		l.set("aws:elb:listener:443", append(listener, "ListenerEnabled", "true", "ListenerProtocol", "HTTPS", "SSLCertificateId", r.certificate,
			"PolicyNames", "TLS")...)
		l.set("aws:elb:policies:TLS", "SSLReferencePolicy", b.TLSPolicy)
	}
}

// checkSingle records settings that a single instance, which has no load balancer, cannot have.
func (b *LoadBalancer) checkSingle(c *check.List) {
	b.checkCIDRs(c)
	for name, given := range sorted.All(map[string]bool{
		"AccessLogs": b.AccessLogs != nil, "Certificate": b.Certificate != nil, "Created": b.Created != nil,
		"DisableAccessLogs": b.DisableAccessLogs, "DisableRedirect": b.DisableRedirect, "IdleTimeout": b.IdleTimeout != 0,
		"Internal": b.Internal, "Processes": len(b.Processes) > 0, "Rules": len(b.Rules) > 0, "Shared": b.Shared != nil,
		"SharedPort": b.SharedPort != 0, "Subnets": b.Subnets != nil, "TLSPolicy": b.TLSPolicy != "", "Type": b.Type != "",
	}) {
		c.That(!given, name, "must be left out with SingleInstance, which has no load balancer")
	}
}

func (b *LoadBalancer) checkCIDRs(c *check.List) {
	for i, cidr := range b.AllowedCIDRs {
		if _, err := netip.ParsePrefix(cidr); err != nil && !check.IsToken(cidr) {
			c.Add(check.Index("AllowedCIDRs", i), "must be a range such as 192.0.2.0/24, got %q", cidr)
		}
	}
}
