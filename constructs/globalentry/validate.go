package globalentry

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/awsid"
	"github.com/strata-cdk/strata/internal/sorted"
)

const (
	// most is what there can be of listeners in an accelerator, of endpoints, port ranges and port overrides.
	most    = 10
	maxPort = 65535
)

var (
	validName       = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$`)
	validPath       = regexp.MustCompile(`^/[-a-zA-Z0-9@:%_\\+.~#?&/=]*$`)
	validPrefix     = regexp.MustCompile(`^[A-Za-z0-9!_.*'()-]+(/[A-Za-z0-9!_.*'()-]+)*$`)
	validSubnet     = regexp.MustCompile(`^subnet-[0-9a-f]+$`)
	validInstance   = regexp.MustCompile(`^i-[0-9a-f]+$`)
	validAllocation = regexp.MustCompile(`^(arn:[^:]+:ec2:[^:]+:\d{12}:elastic-ip/)?eipalloc-[0-9a-f]+$`)
	validAttachment = regexp.MustCompile(`^arn:[^:]+:globalaccelerator::\d{12}:attachment/[0-9a-f-]+$`)
)

func checkName(c *check.List, text string) {
	c.That(text == "" || check.IsToken(text) || validName.MatchString(text) && len(text) <= 64, "Name",
		"must have letters, digits and hyphens, 64 at most, no hyphen at either end, got %q", text)
}

// Validate reports every invalid field at once. It is pure Go: no construct is made. The stack adds what depends on its region, and on the
// load balancers.
func (p *AcceleratorProps) Validate() error {
	d, c := p.withDefaults(), check.For("globalentry.AcceleratorProps")
	checkName(c, d.Name)
	check.Range(c.At("Listeners"), "", len(d.Listeners), 1, most)
	for i := range d.Listeners {
		l, c := &d.Listeners[i], c.At(check.Index("Listeners", i))
		c.That(check.IsConstructID(l.Name), "Name", "must be a letter, then letters and digits, got %q", l.Name)
		c.That(!slices.ContainsFunc(d.Listeners[:i], func(o Listener) bool { return o.Name == l.Name }), "Name", "must differ from the others, got %q again", l.Name)
		l.validate(c, d.DualStack)
		for j, r := range l.Ports {
			for _, other := range d.Listeners[:i] {
				c.That(other.Protocol != l.Protocol || !slices.ContainsFunc(other.Ports, r.overlaps), check.Index("Ports", j), "must not overlap with those of %s", other.Name)
			}
		}
	}
	validateAddresses(c, d.IPAddresses)
	if d.Domain != nil {
		c := c.At("Domain")
		c.That(d.Domain.Name != "", "Name", "must be given")
		c.That(d.Domain.Zone != nil, "Zone", "must be given")
	}
	d.FlowLogs.validate(c.At("FlowLogs"))
	c.That(!d.Alarms.Disable || d.Alarms.Topic == nil, "Alarms.Topic", "must be left out with Disable")
	c.That(d.Alarms.Topic == nil || d.Alarms.Key == nil, "Alarms.Key", "must be left out with Topic")
	check.OneOf(c, "Alarms.RemovalPolicy", d.Alarms.RemovalPolicy, awscdk.RemovalPolicy_RETAIN, awscdk.RemovalPolicy_DESTROY)
	return c.Err()
}

// validateAddresses looks at the user's own addresses.
func validateAddresses(c *check.List, addresses []string) {
	c.That(len(addresses) <= 2, "IPAddresses", "must have at most two, got %d", len(addresses))
	var ranges []netip.Prefix
	for i, text := range addresses {
		field := check.Index("IPAddresses", i)
		if check.IsToken(text) {
			continue
		}
		address, err := netip.ParseAddr(text)
		if err != nil || !address.Is4() || address.IsPrivate() || !address.IsGlobalUnicast() {
			c.Add(field, "must be a public IPv4 address of a range that was brought to Global Accelerator, got %q", text)
			continue
		}
		block, _ := address.Prefix(24)
		c.That(!slices.Contains(ranges, block), field, "must be of another /24 range than the other one, got %s", text)
		ranges = append(ranges, block)
	}
}

func (r PortRange) overlaps(o PortRange) bool { return r.From <= o.To && o.From <= r.To }

func (r PortRange) validate(c *check.List, field string) {
	c.That(1 <= r.From && r.From <= r.To && r.To <= maxPort, field, "must be between 1 and %d, with From before To, got %d to %d", maxPort, r.From, r.To)
}

// checkPorts looks at the ports of a listener.
func checkPorts(c *check.List, ranges []PortRange) {
	check.Range(c.At("Ports"), "", len(ranges), 1, most)
	for i, r := range ranges {
		field := check.Index("Ports", i)
		r.validate(c, field)
		c.That(!slices.ContainsFunc(ranges[:i], r.overlaps), field, "must not overlap with the others, got %d to %d", r.From, r.To)
	}
}

// checkRegions looks at the regions of a listener's groups.
func checkRegions(c *check.List, regions []string) {
	c.That(len(regions) > 0, "Groups", "must have at least one")
	for i, r := range regions {
		field := check.Index("Groups", i) + ".Region"
		if r != "" {
			awsid.Region(c, field, r)
			c.That(!check.IsToken(r), field, "must be known at synth")
		}
		c.That(!slices.Contains(regions[:i], r), field, "must differ from the others: a region has one group")
	}
}

// checkOwnRegion reports groups in the stack's region, which has one already that does not name it.
func checkOwnRegion(c *check.List, stack string, regions []string) {
	for i, r := range regions {
		c.That(r != stack || !slices.Contains(regions, ""), check.Index("Groups", i)+".Region", "must differ from the others: a region has one group, and that of the stack has one without Region")
	}
}

func (f *FlowLogs) validate(c *check.List) {
	c.That(!f.Disable || f.Bucket == nil, "Bucket", "must be left out with Disable")
	c.That(validPrefix.MatchString(f.Prefix) && len(f.Prefix) <= 255, "Prefix",
		"must be a key's start without slashes at its ends, 255 characters at most, got %q", f.Prefix)
}

func (l *Listener) regions() []string {
	all := make([]string, len(l.Groups))
	for i, g := range l.Groups {
		all[i] = g.Region
	}
	return all
}

func (l *Listener) validate(c *check.List, dualStack bool) {
	check.OneOf(c, "Protocol", l.Protocol, TCP, UDP)
	check.OneOf(c, "Affinity", l.Affinity, NoAffinity, SourceIP)
	checkPorts(c, l.Ports)
	checkRegions(c, l.regions())
	off := 0
	for i := range l.Groups {
		g := &l.Groups[i]
		if g.Dial != nil && *g.Dial == 0 {
			off++
		}
		g.validate(c.At(check.Index("Groups", i)), l, dualStack)
	}
	c.That(off == 0 || off < len(l.Groups), "Groups", "must have one whose Dial is not 0")
}

func (g *EndpointGroup) validate(c *check.List, l *Listener, dualStack bool) {
	if g.Dial != nil {
		check.Range(c, "Dial", *g.Dial, 0, 100)
	}
	g.Health.validate(c.At("Health"))
	c.That(len(g.PortOverrides) <= most, "PortOverrides", "must have at most %d, got %d", most, len(g.PortOverrides))
	for from, to := range sorted.All(g.PortOverrides) {
		field := check.Index("PortOverrides", from)
		c.That(slices.ContainsFunc(l.Ports, PortRange{from, from}.overlaps), field, "must be of a port of the listener")
		c.That(1 <= to && to <= maxPort, field, "must be between 1 and %d, got %d", maxPort, to)
	}
	c.That(len(g.Endpoints) <= most, "Endpoints", "must have at most %d, got %d", most, len(g.Endpoints))
	for i := range g.Endpoints {
		g.Endpoints[i].validate(c.At(check.Index("Endpoints", i)), l.Protocol, dualStack)
	}
}

func (h *Health) validate(c *check.List) {
	check.OneOf(c, "Protocol", h.Protocol, HealthTCP, HealthHTTP, HealthHTTPS)
	if h.Path != "" {
		c.That(h.Protocol != HealthTCP, "Path", "must be left out with TCP")
		c.That(validPath.MatchString(h.Path) && len(h.Path) <= 255, "Path", "must start with a slash and be a path of 255 characters at most, got %q", h.Path)
	}
	c.That(0 <= h.Port && h.Port <= maxPort, "Port", "must be between 1 and %d, got %d", maxPort, h.Port)
	check.OneOf(c, "Interval", h.Interval, 10*time.Second, 30*time.Second)
	check.Range(c, "Threshold", h.Threshold, 1, 10)
}

func (e *Endpoint) validate(c *check.List, protocol Protocol, dualStack bool) {
	n := 0
	for _, given := range []bool{e.ALB != nil, e.NLB != nil, e.InstanceID != "", e.ElasticIP != ""} {
		if given {
			n++
		}
	}
	c.That(n == 1, "", "must have exactly one of ALB, NLB, InstanceID and ElasticIP, got %d", n)
	c.That(e.ALB == nil || protocol != UDP, "ALB", "must not be behind a UDP listener")
	c.That(e.InstanceID == "" || validInstance.MatchString(e.InstanceID) || check.IsToken(e.InstanceID), "InstanceID", "must be an instance's id such as i-0123456789abcdef0, got %q", e.InstanceID)
	if e.ElasticIP != "" {
		c.That(validAllocation.MatchString(e.ElasticIP) || check.IsToken(e.ElasticIP), "ElasticIP", "must be an allocation id such as eipalloc-0123456789abcdef0, or its ARN, got %q", e.ElasticIP)
		c.That(!dualStack, "ElasticIP", "must not be behind a dual-stack accelerator")
		c.That(e.ClientIP != Preserve, "ClientIP", "must not be preserve for an Elastic IP address")
	}
	c.That(e.AttachmentARN == "" || validAttachment.MatchString(e.AttachmentARN) || check.IsToken(e.AttachmentARN), "AttachmentARN", "must be the ARN of an attachment, got %q", e.AttachmentARN)
	c.That(e.AttachmentARN == "" || e.InstanceID == "", "AttachmentARN", "must not be for an instance: share a load balancer or an Elastic IP address")
	if e.Weight != nil {
		check.Range(c, "Weight", *e.Weight, 0, 255)
	}
	if e.ClientIP != "" {
		check.OneOf(c, "ClientIP", e.ClientIP, Preserve, Hide)
		c.That(e.InstanceID == "" || e.ClientIP != Hide, "ClientIP", "must not be hide for an instance, which always sees its clients")
	}
}

// validateIn reports what depends on the stack and on the load balancers.
func (p *AcceleratorProps) validateIn(stack awscdk.Stack) error {
	d, c := p.withDefaults(), check.For("globalentry.AcceleratorProps")
	own := *stack.Region()
	for i, l := range d.Listeners {
		c := c.At(check.Index("Listeners", i))
		checkOwnRegion(c, own, l.regions())
		for j, g := range l.Groups {
			c := c.At(check.Index("Groups", j))
			for k, e := range g.Endpoints {
				c := c.At(check.Index("Endpoints", k))
				if made := balancer(e.ALB); made != nil && e.ClientIP == Hide {
					c.That(made.Scheme() == nil || *made.Scheme() != "internal", "ClientIP", "must not be hide for an internal ALB, which always sees its clients")
				}
				if d.DualStack && e.ALB != nil {
					c.That(dual(e.ALB), "ALB", "must be dual stack, as the accelerator is")
				}
				if d.DualStack && e.NLB != nil {
					c.That(dual(e.NLB), "NLB", "must be dual stack, as the accelerator is")
				}
			}
		}
	}
	c.That(d.Alarms.Topic == nil || own == controlRegion, "Alarms.Topic", "must be left out: the metrics are in %s, the stack is in %s", controlRegion, own)
	return c.Err()
}

// balancer is the load balancer's resource; nil when it is imported, or nil.
func balancer(of constructs.IConstruct) elb.CfnLoadBalancer {
	if of == nil {
		return nil
	}
	made, _ := of.Node().DefaultChild().(elb.CfnLoadBalancer)
	return made
}

// dual tells whether a load balancer has IPv6 addresses. It takes the word of those that are imported.
func dual(of constructs.IConstruct) bool {
	made := balancer(of)
	return made == nil || made.IpAddressType() != nil && strings.HasPrefix(*made.IpAddressType(), "dualstack")
}

// preservingNLB is a validation, at synth, when the listeners of a load balancer are final.
type preservingNLB struct {
	path string
	nlb  elb.INetworkLoadBalancer
}

// Validate reports what keeps the load balancer from preserving the clients' addresses.
func (v *preservingNLB) Validate() *[]*string {
	var problems []string
	if groups := v.nlb.SecurityGroups(); groups == nil || len(*groups) == 0 {
		problems = append(problems, v.path+" cannot preserve the clients' addresses: the load balancer has no security groups")
	}
	for _, child := range *v.nlb.Node().FindAll("") {
		if l, ok := child.(elb.CfnListener); ok && l.Protocol() != nil && *l.Protocol() == "TLS" {
			problems = append(problems, v.path+" cannot preserve the clients' addresses: "+*l.Node().Path()+" is a TLS listener")
		}
	}
	return jsii.Strings(problems...)
}
