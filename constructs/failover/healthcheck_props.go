package failover

import (
	"net/netip"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/awsid"
	"github.com/strata-cdk/strata/internal/defaults"
)

// Protocol is what an endpoint is asked with.
type Protocol string

const (
	// HTTPS is fine with a status of 200 to 399. Route 53 does not validate the certificate.
	HTTPS Protocol = "HTTPS"
	// HTTP is the same without TLS.
	HTTP Protocol = "HTTP"
	// TCP is fine when a connection is made.
	TCP Protocol = "TCP"
)

// Endpoint is asked by checkers of Route 53 all over the world.
//
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html
type Endpoint struct {
	// Domain is the name of the endpoint, asked for over IPv4, or what the checkers call the endpoint at IPAddress. One of both is required.
	Domain string
	// IPAddress is a public one.
	// Default: that of Domain.
	IPAddress string
	// Protocol is what the endpoint is asked with. It cannot be changed.
	// Default: HTTPS.
	Protocol Protocol
	// Port is 1 to 65535. It is required for TCP.
	// Default: 443, and 80 for HTTP.
	Port int
	// Path is what is asked for, with a slash at its start, at most 255 characters. It should fail when what the region needs fails, and nothing
	// of other regions. It goes without TCP.
	// Default: "/".
	Path string
	// Search is text that the first 5120 bytes of the answer must have, at most 255 characters.
	// Default: none.
	Search string
	// Interval is the time between two requests of each checker, 10 s or 30 s. It cannot be changed.
	// Default: 30 s.
	Interval time.Duration
	// FailureThreshold is how many requests in a row must fail, or not fail, to change the status, 1 to 10.
	// Default: 3.
	FailureThreshold int
	// CheckerRegions are those that requests come from, at least 3.
	// Default: all eight.
	CheckerRegions []string
	// DisableSNI asks without the name in the TLS handshake.
	// Default: false.
	DisableSNI bool
}

// Calculated is healthy when enough other health checks are.
type Calculated struct {
	// HealthCheckIDs are those of 1 to 255 others.
	HealthCheckIDs []string
	// HealthyAtLeast is how many must be healthy, 1 to all.
	// Default: all.
	HealthyAtLeast int
}

// Status is the health of what is not known.
type Status string

const (
	// LastKnown is what it was before, and healthy at first.
	LastKnown Status = "LastKnownStatus"
	// Healthy is healthy.
	Healthy Status = "Healthy"
	// Unhealthy is not.
	Unhealthy Status = "Unhealthy"
)

// Alarm is healthy while an alarm of CloudWatch is not on. Route 53 looks at the data of its metric: one of standard resolution, with Average,
// Minimum, Maximum, Sum or SampleCount.
type Alarm struct {
	// Name is that of the alarm, and Region where it is. An alarm in the region that may be lost tells nothing when it is: take one of
	// another region, or an Endpoint.
	Name, Region string
	// InsufficientData is the health while the alarm has no data.
	// Default: LastKnown.
	InsufficientData Status
}

// HealthCheckProps configures a HealthCheck. Exactly one of Endpoint, Calculated, Alarm and RoutingControlARN says what is checked; another kind
// is another health check.
type HealthCheckProps struct {
	// Endpoint is asked.
	// Default: nil.
	Endpoint *Endpoint
	// Calculated is made of other health checks.
	// Default: nil.
	Calculated *Calculated
	// Alarm is followed.
	// Default: nil.
	Alarm *Alarm
	// RoutingControlARN is a switch of Application Recovery Controller: on is healthy.
	// Default: none.
	RoutingControlARN string
	// Inverted is healthy when what is checked is not. It goes without RoutingControlARN.
	// Default: false.
	Inverted bool
	// DisableAlarm makes no alarm. A stack outside us-east-1 has none anyway, as only us-east-1 has the metrics of health checks: it warns.
	// Default: false.
	DisableAlarm bool
	// AlarmTopic gets the alarm, in us-east-1 only. When it is encrypted, the policy of its key must admit CloudWatch.
	// Default: a new one with a key of its own.
	AlarmTopic awssns.ITopic
	// ConfigureHealthCheck edits the L1 config last, after all defaults.
	// Default: no edit.
	ConfigureHealthCheck func(*awsroute53.CfnHealthCheck_HealthCheckConfigProperty)
}

var (
	routingControl = regexp.MustCompile(`^arn:[a-z-]+:route53-recovery-control::[0-9]{12}:controlpanel/[A-Za-z0-9]+/routingcontrol/[A-Za-z0-9]+$`)

	checkers = []string{"us-east-1", "us-west-1", "us-west-2", "eu-west-1", "ap-southeast-1", "ap-southeast-2", "ap-northeast-1", "sa-east-1"}
)

func (p *HealthCheckProps) withDefaults() HealthCheckProps {
	var d HealthCheckProps
	if p != nil {
		d = *p
	}
	if d.Endpoint != nil {
		e := *d.Endpoint
		defaults.Or(&e.Protocol, HTTPS)
		switch e.Protocol {
		case HTTPS:
			defaults.Or(&e.Port, 443)
		case HTTP:
			defaults.Or(&e.Port, 80)
		}
		if e.Protocol != TCP {
			defaults.Or(&e.Path, "/")
		}
		defaults.Or(&e.Interval, 30*time.Second)
		defaults.Or(&e.FailureThreshold, 3)
		d.Endpoint = &e
	}
	if d.Calculated != nil {
		k := *d.Calculated
		defaults.Or(&k.HealthyAtLeast, len(k.HealthCheckIDs))
		d.Calculated = &k
	}
	if d.Alarm != nil {
		a := *d.Alarm
		defaults.Or(&a.InsufficientData, LastKnown)
		d.Alarm = &a
	}
	return d
}

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *HealthCheckProps) Validate() error {
	d, c := p.withDefaults(), check.For("failover.HealthCheckProps")
	kinds := 0
	for _, given := range []bool{d.Endpoint != nil, d.Calculated != nil, d.Alarm != nil, d.RoutingControlARN != ""} {
		if given {
			kinds++
		}
	}
	c.That(kinds == 1, "", "must have exactly one of Endpoint, Calculated, Alarm and RoutingControlARN")
	if d.Endpoint != nil {
		d.Endpoint.validate(c.At("Endpoint"))
	}
	if k := d.Calculated; k != nil {
		c := c.At("Calculated")
		c.That(len(k.HealthCheckIDs) >= 1 && len(k.HealthCheckIDs) <= 255, "HealthCheckIDs", "must be 1 to 255, got %d", len(k.HealthCheckIDs))
		awsid.OnceEach(c, "HealthCheckIDs", k.HealthCheckIDs)
		if len(k.HealthCheckIDs) > 0 {
			check.Range(c, "HealthyAtLeast", k.HealthyAtLeast, 1, len(k.HealthCheckIDs))
		}
	}
	if a := d.Alarm; a != nil {
		c := c.At("Alarm")
		c.That(a.Name != "", "Name", "must be given")
		awsid.Region(c, "Region", a.Region)
		check.OneOf(c, "InsufficientData", a.InsufficientData, LastKnown, Healthy, Unhealthy)
	}
	if d.RoutingControlARN != "" {
		c.That(routingControl.MatchString(d.RoutingControlARN) || check.IsToken(d.RoutingControlARN), "RoutingControlARN", "must be the ARN of a routing control, got %q", d.RoutingControlARN)
		c.That(!d.Inverted, "Inverted", "must be left out with RoutingControlARN")
	}
	c.That(!d.DisableAlarm || d.AlarmTopic == nil, "AlarmTopic", "must be left out with DisableAlarm")
	return c.Err()
}

func (e *Endpoint) validate(c *check.List) {
	c.That(e.Domain != "" || e.IPAddress != "", "Domain", "must be given, or IPAddress")
	if e.Domain != "" && !check.IsToken(e.Domain) {
		c.That(domainName.MatchString(strings.ToLower(e.Domain)) && !strings.HasPrefix(e.Domain, "*"), "Domain", "must be a domain name, got %q", e.Domain)
	}
	if e.IPAddress != "" && !check.IsToken(e.IPAddress) {
		a, err := netip.ParseAddr(e.IPAddress)
		c.That(err == nil && a.IsGlobalUnicast() && !a.IsPrivate(), "IPAddress", "must be a public IP address: checkers reach no other, got %q", e.IPAddress)
	}
	check.OneOf(c, "Protocol", e.Protocol, HTTPS, HTTP, TCP)
	check.Range(c, "Port", e.Port, 1, 65535)
	if e.Protocol == TCP {
		c.That(e.Path == "", "Path", "must be left out with TCP")
		c.That(e.Search == "", "Search", "must be left out with TCP")
	} else {
		c.That(strings.HasPrefix(e.Path, "/") && len(e.Path) <= 255, "Path", "must be at most 255 characters with a slash first, got %q", e.Path)
		c.That(len(e.Search) <= 255, "Search", "must be at most 255 characters, got %d", len(e.Search))
	}
	c.That(e.Protocol == HTTPS || !e.DisableSNI, "DisableSNI", "must be left out unless Protocol is HTTPS")
	check.OneOf(c, "Interval", e.Interval, 10*time.Second, 30*time.Second)
	check.Range(c, "FailureThreshold", e.FailureThreshold, 1, 10)
	c.That(len(e.CheckerRegions) == 0 || len(e.CheckerRegions) >= 3, "CheckerRegions", "must be at least 3, got %d", len(e.CheckerRegions))
	for i, r := range e.CheckerRegions {
		check.OneOf(c, check.Index("CheckerRegions", i), r, checkers...)
	}
	awsid.OnceEach(c, "CheckerRegions", e.CheckerRegions)
}
