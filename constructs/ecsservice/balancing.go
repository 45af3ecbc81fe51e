package ecsservice

import (
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/constructs/webacl"
	"github.com/strata-cdk/strata/internal/defaults"
	"github.com/strata-cdk/strata/internal/sorted"
)

// Protocol is what a load balancer speaks with the tasks.
type Protocol string

// The protocols between a load balancer and tasks.
const (
	// HTTP1 is HTTP/1.1. The zero value of Protocol means this.
	HTTP1 Protocol = "HTTP1"
	// HTTP2 is HTTP/2 to the tasks, without TLS.
	HTTP2 Protocol = "HTTP2"
	// GRPC is gRPC to the tasks; callers must use HTTPS.
	GRPC Protocol = "GRPC"
)

// LoadBalancing is how requests reach a service: an Application Load Balancer of its own, or a shared one.
type LoadBalancing struct {
	// Listener is a shared listener, such as that of another service; Rules say which requests are this service's.
	// Default: nil, a listener of its own.
	Listener elb.IApplicationListener
	// LoadBalancer is a shared load balancer, on which the service gets a listener of its own, on Port. One service on it can
	// redirect port 80; the others need DisableRedirect.
	// Default: nil, a load balancer of its own.
	LoadBalancer elb.IApplicationLoadBalancer
	// Rules say which requests are this service's. Needed with Listener; one with a blue/green deployment.
	// Default: none, all requests.
	Rules []Rule
	// Internal makes the load balancer reachable from within the VPC only.
	// Default: false, from the internet.
	Internal bool
	// AllowedCIDRs are who may call, as IPv4 or IPv6 ranges.
	// Default: everybody; the VPC's own range with Internal.
	AllowedCIDRs []string
	// Domain gives the service domain names of its own.
	// Default: nil, the name of the load balancer.
	Domain *Domain
	// Certificates are further certificates for HTTPS, for other names.
	// Default: none.
	Certificates []awscertificatemanager.ICertificate
	// AllowPlaintext serves requests over HTTP, without TLS.
	// Default: false, HTTPS only; it needs Domain or Certificates.
	AllowPlaintext bool
	// Port is the port of the listener, 1 to 65535.
	// Default: 443; 80 with AllowPlaintext.
	Port int
	// TLSPolicy is the security policy of HTTPS.
	// Default: elb.SslPolicy_RECOMMENDED_TLS, TLS 1.3 and 1.2.
	//
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
	TLSPolicy elb.SslPolicy
	// DisableRedirect leaves port 80 closed, instead of redirecting it to HTTPS.
	// Default: false.
	DisableRedirect bool
	// Container is the name of the container that takes the requests, and ContainerPort its port.
	// Default: the first container with a port, and its first port.
	Container     string
	ContainerPort int
	// Protocol is HTTP1, HTTP2 or GRPC.
	// Default: HTTP1.
	Protocol Protocol
	// Health is how the load balancer tells whether a task works.
	Health TargetHealth
	// Stickiness sends a client to the same task for this long, 1 s to 7 days in whole seconds.
	// Default: 0, off.
	Stickiness time.Duration
	// SlowStart is how long a new task gets a growing share of the requests, 30 s to 900 s in whole seconds.
	// Default: 0, off.
	SlowStart time.Duration
	// DeregistrationDelay is how long a task that leaves may finish its requests, 0 to 3600 s in whole seconds.
	// Default: nil, which means 30 s.
	DeregistrationDelay *time.Duration
	// IdleTimeout is how long a connection may be silent, 1 s to 4000 s in whole seconds.
	// Default: 60 s.
	IdleTimeout time.Duration
	// HealthCheckGrace is how long a new task may be unhealthy, in whole seconds up to 2147483647 s.
	// Default: 60 s.
	HealthCheckGrace time.Duration
	// AccessLogs is the bucket of the access logs: of the same region, encrypted with SSE-S3, with a policy that lets
	// logdelivery.elasticloadbalancing.amazonaws.com write; one of the same app gets it.
	// Default: nil, a new bucket that keeps logs for 365 days.
	AccessLogs awss3.IBucket
	// DisableAccessLogs leaves requests unlogged.
	// Default: false.
	DisableAccessLogs bool
	// WAF configures the web ACL in front of the load balancer.
	// Default: the AWS managed rule groups AmazonIpReputationList, CommonRuleSet and KnownBadInputsRuleSet, and a limit for
	// each address.
	WAF webacl.Props
	// DisableWAF leaves the load balancer without a web ACL.
	// Default: false.
	DisableWAF bool
	// DisableDeletionProtection lets the load balancer be deleted with its stack.
	// Default: false.
	DisableDeletionProtection bool
	// ConfigureLoadBalancer, ConfigureTargetGroup and ConfigureListener edit the L2 props last, after all defaults; those of
	// a target group for each of the two of a blue/green service.
	// Default: no edit.
	ConfigureLoadBalancer func(*elb.ApplicationLoadBalancerProps)
	ConfigureTargetGroup  func(*elb.ApplicationTargetGroupProps)
	ConfigureListener     func(*elb.BaseApplicationListenerProps)
}

// Domain is the names of a service.
type Domain struct {
	// Names are the domain names, such as "shop.example.com"; one at least. An alias record is made for each.
	Names []string
	// Zone is the public hosted zone of Names.
	// Default: nil, no records; needed without Certificate.
	Zone awsroute53.IHostedZone
	// Certificate is for Names, in the region of the service.
	// Default: nil, one that Zone validates.
	Certificate awscertificatemanager.ICertificate
}

// TargetHealth is a health check of a load balancer.
type TargetHealth struct {
	// Path is what is asked for.
	// Default: "/"; with GRPC "/AWS.ALB/healthcheck".
	Path string
	// Codes are the answers that mean healthy: numbers and ranges from 200 to 499, with GRPC from 0 to 99.
	// Default: "200"; with GRPC "12".
	Codes string
	// Interval is the time between checks, 5 s to 300 s in whole seconds.
	// Default: 15 s.
	Interval time.Duration
	// Timeout is how long an answer may take, 2 s to 120 s, less than Interval, in whole seconds.
	// Default: 5 s.
	Timeout time.Duration
	// HealthyThreshold and UnhealthyThreshold are the number of checks in a row that change a task's state, 2 to 10.
	// Default: 2 and 3.
	HealthyThreshold, UnhealthyThreshold int
}

// Rule picks requests of a listener: all of its conditions must hold. It has at most 5 values together.
type Rule struct {
	// Priority orders the rules of a listener, 1 to 50000, each once; the lowest that fits wins.
	Priority int
	// Hosts are host names, with * and ?, at most 128 characters each.
	Hosts []string
	// Paths start with a slash, with * and ?, at most 128 characters each.
	Paths []string
	// Methods are HTTP methods.
	Methods []string
	// SourceIPs are ranges of callers' addresses.
	SourceIPs []string
	// Headers are values of request headers, by their names of at most 40 characters. Values may have * and ?, and 128
	// characters at most.
	Headers map[string][]string
	// Query are values of query parameters, by their names, with * and ?, at most 128 characters each. The name "" stands
	// for any.
	Query map[string]string
}

func (b *LoadBalancing) setDefaults(p *CommonProps) {
	defaults.Or(&b.Protocol, HTTP1)
	if b.Listener == nil {
		defaults.Or(&b.Port, b.defaultPort())
		defaults.Or(&b.TLSPolicy, elb.SslPolicy_RECOMMENDED_TLS)
	}
	if b.DeregistrationDelay == nil {
		b.DeregistrationDelay = new(30 * time.Second)
	}
	if b.Listener == nil && b.LoadBalancer == nil {
		defaults.Or(&b.IdleTimeout, time.Minute)
	}
	defaults.Or(&b.HealthCheckGrace, time.Minute)
	h := &b.Health
	if b.Protocol == GRPC {
		defaults.Or(&h.Path, "/AWS.ALB/healthcheck")
		defaults.Or(&h.Codes, "12")
	}
	defaults.Or(&h.Path, "/")
	defaults.Or(&h.Codes, "200")
	defaults.Or(&h.Interval, 15*time.Second)
	defaults.Or(&h.Timeout, 5*time.Second)
	defaults.Or(&h.HealthyThreshold, 2)
	defaults.Or(&h.UnhealthyThreshold, 3)
	for i := range p.Containers {
		k := &p.Containers[i]
		if b.Container == "" && len(k.Ports) > 0 {
			b.Container = k.Name
		}
		if b.Container == k.Name && b.ContainerPort == 0 && len(k.Ports) > 0 {
			b.ContainerPort = k.Ports[0].Number
		}
	}
}

// defaultPort is the usual port of HTTPS, or of HTTP with AllowPlaintext.
func (b *LoadBalancing) defaultPort() int {
	if b.AllowPlaintext {
		return 80
	}
	return 443
}

// WithDefaults gives a copy with every default filled in.
func (b LoadBalancing) WithDefaults(p *CommonProps) LoadBalancing {
	b.setDefaults(p)
	return b
}

var (
	codes      = regexp.MustCompile(`^\d{1,3}(-\d{1,3})?(,\d{1,3}(-\d{1,3})?)*$`)
	hostHeader = regexp.MustCompile(`^[A-Za-z0-9*?._-]+$`)
	methodName = regexp.MustCompile(`^[A-Z_-]{1,40}$`)
	domainName = regexp.MustCompile(`^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$`)
)

// Check records every invalid field of b, which has its defaults, for the service p.
func (b *LoadBalancing) Check(c *check.List, p *CommonProps) {
	if b.Listener != nil {
		b.checkShared(c)
	} else {
		b.checkOwn(c)
	}
	b.checkTarget(c, p)
	b.checkHealth(c)
	b.checkRules(c, p)
	inSeconds := func(field string, d, lo, hi time.Duration) {
		check.Range(c, field, d, lo, hi)
		check.WholeSeconds(c, field, d)
	}
	if b.Stickiness != 0 {
		inSeconds("Stickiness", b.Stickiness, time.Second, 7*24*time.Hour)
	}
	if b.SlowStart != 0 {
		inSeconds("SlowStart", b.SlowStart, 30*time.Second, 900*time.Second)
	}
	inSeconds("DeregistrationDelay", *b.DeregistrationDelay, 0, 3600*time.Second)
	if b.Listener == nil && b.LoadBalancer == nil {
		inSeconds("IdleTimeout", b.IdleTimeout, time.Second, 4000*time.Second)
	}
	inSeconds("HealthCheckGrace", b.HealthCheckGrace, 0, 2147483647*time.Second)
}

// checkShared rejects what the owner of a shared listener decides.
func (b *LoadBalancing) checkShared(c *check.List) {
	for _, f := range []struct {
		name  string
		given bool
	}{
		{"LoadBalancer", b.LoadBalancer != nil},
		{"Internal", b.Internal},
		{"AllowedCIDRs", len(b.AllowedCIDRs) > 0},
		{"Domain", b.Domain != nil},
		{"Certificates", len(b.Certificates) > 0},
		{"AllowPlaintext", b.AllowPlaintext},
		{"Port", b.Port != 0},
		{"TLSPolicy", b.TLSPolicy != ""},
		{"DisableRedirect", b.DisableRedirect},
		{"IdleTimeout", b.IdleTimeout != 0},
		{"AccessLogs", b.AccessLogs != nil},
		{"DisableAccessLogs", b.DisableAccessLogs},
		{"WAF", !b.WAF.IsZero()},
		{"DisableWAF", b.DisableWAF},
		{"DisableDeletionProtection", b.DisableDeletionProtection},
		{"ConfigureLoadBalancer", b.ConfigureLoadBalancer != nil},
		{"ConfigureListener", b.ConfigureListener != nil},
	} {
		c.That(!f.given, f.name, "must be left out with a shared Listener, whose owner decides it")
	}
	c.That(len(b.Rules) > 0, "Rules", "must be given with a shared Listener: they say which requests are this service's")
}

func (b *LoadBalancing) checkOwn(c *check.List) {
	if b.LoadBalancer != nil {
		for _, f := range []struct {
			name  string
			given bool
		}{
			{"Internal", b.Internal},
			{"IdleTimeout", b.IdleTimeout != 0},
			{"AccessLogs", b.AccessLogs != nil},
			{"DisableAccessLogs", b.DisableAccessLogs},
			{"WAF", !b.WAF.IsZero()},
			{"DisableWAF", b.DisableWAF},
			{"DisableDeletionProtection", b.DisableDeletionProtection},
			{"ConfigureLoadBalancer", b.ConfigureLoadBalancer != nil},
		} {
			c.That(!f.given, f.name, "must be left out with a shared LoadBalancer, whose owner decides it")
		}
	}
	c.That(b.AllowPlaintext || b.Domain != nil || len(b.Certificates) > 0, "Domain",
		"must be given, or Certificates, for HTTPS; AllowPlaintext does without")
	c.That(!b.AllowPlaintext || len(b.Certificates) == 0, "Certificates", "must be left out with AllowPlaintext")
	c.That(!b.AllowPlaintext || !b.DisableRedirect, "DisableRedirect", "must be left out with AllowPlaintext")
	c.That(!b.AllowPlaintext || b.Protocol != GRPC, "AllowPlaintext", "must be left out with GRPC, which needs HTTPS")
	check.Range(c, "Port", b.Port, 1, 65535)
	c.That(b.AllowPlaintext || b.DisableRedirect || b.Port != 80, "Port", "must not be 80, which redirects to HTTPS")
	for i, certificate := range b.Certificates {
		c.That(certificate != nil, check.Index("Certificates", i), "must be a certificate, got nil")
	}
	for i, cidr := range b.AllowedCIDRs {
		checkCIDR(c, check.Index("AllowedCIDRs", i), cidr)
	}
	if d := b.Domain; d != nil {
		at := c.At("Domain")
		at.That(len(d.Names) > 0, "Names", "must be one or more")
		for i, name := range d.Names {
			at.That(domainName.MatchString(name) && len(name) <= 255, check.Index("Names", i), "must be a domain name such as shop.example.com, known at synth, got %q", name)
			at.That(!slices.Contains(d.Names[:i], name), "Names", "must be listed once each, got %q again", name)
		}
		at.That(d.Zone != nil || d.Certificate != nil || b.AllowPlaintext, "Zone", "must be given, or Certificate: the zone validates the certificate")
		at.That(d.Certificate == nil || !b.AllowPlaintext, "Certificate", "must be left out with AllowPlaintext")
	}
	c.That(b.AccessLogs == nil || !b.DisableAccessLogs, "AccessLogs", "must be left out when access logs are disabled")
	c.That(!b.DisableWAF || b.WAF.IsZero(), "WAF", "must be left out when it is disabled")
	c.At("WAF").Join(b.WAF.Validate())
}

func (b *LoadBalancing) checkTarget(c *check.List, p *CommonProps) {
	check.OneOf(c, "Protocol", b.Protocol, HTTP1, HTTP2, GRPC)
	k := p.container(b.Container)
	switch {
	case b.Container == "":
		c.Add("Container", "needs a container with a port")
	case k == nil:
		c.Add("Container", "must be the name of one of Containers, got %q", b.Container)
	case b.ContainerPort == 0:
		c.Add("ContainerPort", "must be given: %s has no port", b.Container)
	default:
		c.That(slices.ContainsFunc(k.Ports, func(port Port) bool { return port.Number == b.ContainerPort && !port.UDP }), "ContainerPort",
			"must be a TCP port of %s, got %d", b.Container, b.ContainerPort)
		c.That(!k.NonEssential, "Container", "must be essential, got %s", b.Container)
	}
}

func (b *LoadBalancing) checkHealth(c *check.List) {
	h, at := b.Health, c.At("Health")
	at.That(check.IsToken(h.Path) || strings.HasPrefix(h.Path, "/") && len(h.Path) <= 1024, "Path", "must start with / and have 1024 characters at most, got %q", h.Path)
	lo, hi := 200, 499
	if b.Protocol == GRPC {
		lo, hi = 0, 99
	}
	at.That(codes.MatchString(h.Codes) && within(h.Codes, lo, hi), "Codes", "must be numbers and ranges from %d to %d, such as %q, got %q", lo, hi, "200,204", h.Codes)
	check.Range(at, "Interval", h.Interval, 5*time.Second, 300*time.Second)
	check.Range(at, "Timeout", h.Timeout, 2*time.Second, 120*time.Second)
	at.That(h.Timeout < h.Interval, "Timeout", "must be less than Interval, %v, got %v", h.Interval, h.Timeout)
	check.WholeSeconds(at, "Interval", h.Interval)
	check.WholeSeconds(at, "Timeout", h.Timeout)
	check.Range(at, "HealthyThreshold", h.HealthyThreshold, 2, 10)
	check.Range(at, "UnhealthyThreshold", h.UnhealthyThreshold, 2, 10)
}

// within tells whether each number of text, which codes matches, is in a range.
func within(text string, lo, hi int) bool {
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == '-' }) {
		if n, _ := strconv.Atoi(part); n < lo || n > hi {
			return false
		}
	}
	return true
}

func (b *LoadBalancing) checkRules(c *check.List, p *CommonProps) {
	c.That(len(b.Rules) <= 1 || !p.Deployment.blueGreen(), "Rules", "must be one with %s: ECS moves the requests of one rule", p.Deployment.Strategy)
	c.That(len(b.Rules) == 0 || p.Deployment.Strategy != CodeDeploy, "Rules", "must be left out with CODE_DEPLOY, which moves all requests of a listener")
	for i := range b.Rules {
		r, at := &b.Rules[i], c.At(check.Index("Rules", i))
		check.Range(at, "Priority", r.Priority, 1, 50000)
		at.That(!slices.ContainsFunc(b.Rules[:i], func(o Rule) bool { return o.Priority == r.Priority }), "Priority", "must differ from the others, got %d again", r.Priority)
		r.check(at)
	}
}

func (r *Rule) check(c *check.List) {
	values := len(r.Hosts) + len(r.Paths) + len(r.Methods) + len(r.SourceIPs) + len(r.Query)
	for _, header := range r.Headers {
		values += len(header)
	}
	c.That(values >= 1 && values <= 5, "", "must have 1 to 5 values in its conditions, got %d", values)
	for i, host := range r.Hosts {
		c.That(check.IsToken(host) || hostHeader.MatchString(host) && len(host) <= 128, check.Index("Hosts", i), "must be a host name, with * and ?, of 128 characters at most, got %q", host)
	}
	for i, path := range r.Paths {
		c.That(check.IsToken(path) || strings.HasPrefix(path, "/") && len(path) <= 128, check.Index("Paths", i), "must start with / and have 128 characters at most, got %q", path)
	}
	for name, values := range sorted.All(r.Headers) {
		at := check.Key("Headers", name)
		c.That(name != "" && len(name) <= 40, at, "must have a name of 1 to 40 characters")
		c.That(len(values) > 0, at, "must have a value")
		for i, value := range values {
			c.That(value != "" && (check.IsToken(value) || len(value) <= 128), check.Index(at, i), "must have 1 to 128 characters, got %q", value)
		}
	}
	for name, value := range sorted.All(r.Query) {
		at := check.Key("Query", name)
		c.That(check.IsToken(name) || len(name) <= 128, at, "must have a name of 128 characters at most")
		c.That(value != "" && (check.IsToken(value) || len(value) <= 128), at, "must have 1 to 128 characters, got %q", value)
	}
	for i, method := range r.Methods {
		c.That(methodName.MatchString(method), check.Index("Methods", i), "must be an HTTP method in capital letters, got %q", method)
	}
	for i, cidr := range r.SourceIPs {
		checkCIDR(c, check.Index("SourceIPs", i), cidr)
	}
}

func checkCIDR(c *check.List, field, cidr string) {
	if check.IsToken(cidr) {
		return
	}
	prefix, err := netip.ParsePrefix(cidr)
	c.That(err == nil && prefix == prefix.Masked(), field, "must be a range such as 203.0.113.0/24, starting at its first address, got %q", cidr)
}
