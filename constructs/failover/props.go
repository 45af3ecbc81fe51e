package failover

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/awsid"
	"github.com/strata-cdk/strata/internal/defaults"
	"github.com/strata-cdk/strata/internal/sorted"
)

// Policy says which region a client is sent to.
//
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy.html
type Policy string

const (
	// Failover sends all clients to the first region while it is healthy, and to the second one when it is not.
	Failover Policy = "failover"
	// Weighted sends each region that is healthy its share of clients.
	Weighted Policy = "weighted"
	// Latency sends clients to the region that is nearest to them among those that are healthy.
	Latency Policy = "latency"
)

// Route says what all regions must agree on. Give the same value to NewRecord in each of them.
type Route struct {
	// Name is what clients ask for, such as "api.example.com". It is required.
	Name string
	// ZoneID and ZoneName are those of the public hosted zone that has Name, such as "Z1D633PJN98FT9" and "example.com". They are plain text:
	// a stack that made the zone would have to be there for the others to be deployed. They are required.
	ZoneID, ZoneName string
	// Policy says which region a client is sent to. A record cannot change it in place: delete the records of all regions first.
	// Default: Failover.
	Policy Policy
	// Regions are those that have a record: two with Failover, the primary first, and two or more with others. They are required.
	Regions []string
	// Weights are the shares of regions, 0 to 255 each, for Weighted only. Clients go to a region of weight 0 when all others are unhealthy.
	// Default: nil, equal shares.
	Weights map[string]int
}

// Alias is a resource of AWS that a record leads to, with an address of its own in the region, such as a load balancer. Its health counts: an
// Application Load Balancer is unhealthy while one of its target groups has no healthy target. CloudFront distributions have no
// such health and no region, and are refused.
type Alias struct {
	// DNSName is the name of the resource, and HostedZoneID that of its zone: for a load balancer, *lb.LoadBalancerDnsName() and
	// *lb.LoadBalancerCanonicalHostedZoneId(). They are required.
	DNSName, HostedZoneID string
	// DualStack answers with IPv6 addresses too. The resource must have them.
	// Default: false.
	DualStack bool
}

// RecordProps configures a Record. Exactly one of Alias, Addresses and Host says where it leads to.
type RecordProps struct {
	Route
	// Alias is the resource of AWS in this region.
	// Default: nil.
	Alias *Alias
	// Addresses are those of this region, IPv4, IPv6 or both.
	// Default: none.
	Addresses []string
	// Host is a domain name of this region's own. It cannot be used where Name is ZoneName.
	// Default: none.
	Host string
	// TTL is how long clients may keep an answer of Addresses or Host, in whole seconds, 1 s to 1 day. Over 60 s a warning says what that means. An
	// Alias has that of its resource: 60 s for load balancers.
	// Default: 60 s.
	TTL time.Duration
	// HealthCheck tells whether this region is healthy, besides the health of an Alias. Its endpoint must be this region's own: not Name. The
	// primary of a Failover needs one, or HealthCheckID, and so do all regions without an Alias with other policies.
	// Default: nil.
	HealthCheck *HealthCheckProps
	// HealthCheckID is a health check that is there already, such as one of a Plan or of a routing control.
	// Default: none.
	HealthCheckID string
}

const (
	mostTTL = time.Minute
	// cloudFrontZone is that of all distributions.
	cloudFrontZone = "Z2FDTNDATAQYW2"
)

var (
	domainName = regexp.MustCompile(`^(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$`)
	zoneID     = regexp.MustCompile(`^Z[A-Z0-9]{1,31}$`)
)

func (r Route) withDefaults() Route {
	defaults.Or(&r.Policy, Failover)
	return r
}

func (r *Route) validate(c *check.List) {
	validDomain(c, "Name", r.Name)
	validDomain(c, "ZoneName", r.ZoneName)
	if r.Name != "" && r.ZoneName != "" {
		c.That(r.Name == r.ZoneName || strings.HasSuffix(r.Name, "."+r.ZoneName), "Name", "must be in the zone %s, got %s", r.ZoneName, r.Name)
	}
	c.That(zoneID.MatchString(r.ZoneID), "ZoneID", "must be the id of a hosted zone such as Z1D633PJN98FT9, in plain text, got %q", r.ZoneID)
	check.OneOf(c, "Policy", r.Policy, Failover, Weighted, Latency)
	regions(c, r.Regions)
	if r.Policy == Failover {
		c.That(len(r.Regions) == 2, "Regions", "must be two, the primary first, with Failover, got %d", len(r.Regions))
	} else {
		c.That(len(r.Regions) >= 2, "Regions", "must be two or more, got %d", len(r.Regions))
	}
	r.validateWeights(c)
}

func (r *Route) validateWeights(c *check.List) {
	if r.Weights == nil {
		return
	}
	if r.Policy != Weighted {
		c.Add("Weights", "must be left out unless Policy is weighted")
		return
	}
	sum := 0
	for _, region := range r.Regions {
		_, given := r.Weights[region]
		c.That(given, check.Key("Weights", region), "must be given")
	}
	for region, weight := range sorted.All(r.Weights) {
		c.That(slices.Contains(r.Regions, region), check.Key("Weights", region), "must be one of Regions")
		check.Range(c, check.Key("Weights", region), weight, 0, 255)
		sum += weight
	}
	c.That(sum > 0, "Weights", "must have one above 0")
}

func (p *RecordProps) withDefaults() RecordProps {
	var d RecordProps
	if p != nil {
		d = *p
	}
	d.Route = d.Route.withDefaults()
	defaults.Or(&d.TTL, mostTTL)
	return d
}

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *RecordProps) Validate() error {
	d, c := p.withDefaults(), check.For("failover.RecordProps")
	d.validate(c)
	targets := 0
	for _, given := range []bool{d.Alias != nil, len(d.Addresses) > 0, d.Host != ""} {
		if given {
			targets++
		}
	}
	c.That(targets == 1, "", "must have exactly one of Alias, Addresses and Host")
	if d.Alias != nil {
		c := c.At("Alias")
		c.That(d.Alias.DNSName != "", "DNSName", "must be given")
		c.That(d.Alias.HostedZoneID != "", "HostedZoneID", "must be given")
		c.That(d.Alias.HostedZoneID != cloudFrontZone, "HostedZoneID", "must not be that of CloudFront: distributions have no health that a record can follow")
	}
	c.That(d.Alias == nil || p.TTL == 0, "TTL", "must be left out with Alias")
	for i, a := range d.Addresses {
		c.That(addressType(a) != "", check.Index("Addresses", i), "must be an IP address, got %q", a)
	}
	awsid.OnceEach(c, "Addresses", d.Addresses)
	if d.Host != "" {
		c.That(check.IsToken(d.Host) || domainName.MatchString(d.Host), "Host", "must be a domain name in lower case, got %q", d.Host)
		c.That(d.Name != d.ZoneName, "Host", "must be left out where Name is ZoneName: the root of a zone has no CNAME")
		c.That(d.Host != d.Name, "Host", "must be another name than Name")
	}
	check.Range(c, "TTL", d.TTL, time.Second, 24*time.Hour)
	check.WholeSeconds(c, "TTL", d.TTL)
	if h := d.HealthCheck; h != nil {
		c.That(d.HealthCheckID == "", "HealthCheckID", "must be left out with HealthCheck")
		c.At("HealthCheck").Join(h.Validate())
		if h.Endpoint != nil {
			c.That(h.Endpoint.Domain == "" || h.Endpoint.Domain != d.Name, "HealthCheck.Endpoint.Domain", "must be this region's own, not Name: Route 53 would check any region")
		}
	}
	return c.Err()
}

// regions records regions that are none, or listed twice.
func regions(c *check.List, names []string) {
	for i, r := range names {
		c.That(!check.IsToken(r), check.Index("Regions", i), "must be plain text")
		awsid.Region(c, check.Index("Regions", i), r)
	}
	awsid.OnceEach(c, "Regions", names)
}

func validDomain(c *check.List, field, name string) {
	c.That(domainName.MatchString(name) && len(name) <= 255, field, "must be a domain name in lower case, without a dot at its end, got %q", name)
}

// addressType gives the type of record for an address, and nothing for what is none.
func addressType(address string) string {
	a, err := netip.ParseAddr(address)
	switch {
	case check.IsToken(address), err == nil && a.Is4():
		return "A"
	case err == nil && a.Zone() == "":
		return "AAAA"
	}
	return ""
}
