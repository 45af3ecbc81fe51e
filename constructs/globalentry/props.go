package globalentry

import (
	"slices"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsglobalaccelerator"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"

	"github.com/strata-cdk/strata/internal/defaults"
)

// AcceleratorProps configures an Accelerator.
type AcceleratorProps struct {
	// Name is the name of the accelerator: 64 letters, digits and hyphens at most, no hyphen at either end.
	// Default: one made of the construct's path.
	Name string
	// Listeners are what clients connect to, 1 to 10. Those of a protocol share no port.
	Listeners []Listener
	// IPAddresses are one or two IPv4 addresses of ranges that the account has brought to Global Accelerator (BYOIP), each of
	// another range: of another /24. Changing them takes a new accelerator.
	// Default: two addresses of AWS; one beside a single one of yours.
	IPAddresses []string
	// DualStack adds two IPv6 addresses. All endpoints must then be dual stack: load balancers, or instances with a primary
	// IPv6 address.
	// Default: false, IPv4.
	DualStack bool
	// Disabled stops the accelerator, which keeps its addresses, and costs what it costs.
	// Default: false.
	Disabled bool
	// Domain is a name for the accelerator.
	// Default: nil, none but that of AWS.
	Domain *Domain
	// FlowLogs has the flow logs.
	FlowLogs FlowLogs
	// Alarms has the alarm, which there is only for stacks in us-west-2: Global Accelerator has its metrics there.
	Alarms Alarms
	// ConfigureAccelerator edits the L1 props of the accelerator last, after all defaults.
	// Default: no edit.
	ConfigureAccelerator func(*awsglobalaccelerator.CfnAcceleratorProps)
}

// Domain is a domain name in a public hosted zone of Route 53.
type Domain struct {
	// Name is the name, such as "shop.example.com".
	Name string
	// Zone is its zone.
	Zone awsroute53.IHostedZone
}

// FlowLogs are records of the flows through an accelerator, in a bucket.
type FlowLogs struct {
	// Disable leaves them out.
	// Default: false.
	Disable bool
	// Bucket gets the logs. An existing one of another app needs a policy that lets delivery.logs.amazonaws.com write.
	// Default: a new encrypted bucket, kept when the stack is deleted, whose logs expire after 365 days.
	Bucket awss3.IBucket
	// Prefix is what the keys start with, without a slash at either end, 255 characters at most.
	// Default: "globalaccelerator".
	Prefix string
}

const defaultPrefix = "globalaccelerator"

// Alarms has the alarm on unhealthy endpoints.
type Alarms struct {
	// Disable leaves the alarm out.
	// Default: false.
	Disable bool
	// Topic hears of it.
	// Default: a new encrypted topic.
	Topic awssns.ITopic
	// Key encrypts the new topic.
	// Default: a new key that rotates yearly.
	Key awskms.IKey
	// RemovalPolicy says what becomes of the new key when the stack is deleted.
	// Default: awscdk.RemovalPolicy_RETAIN.
	RemovalPolicy awscdk.RemovalPolicy
}

// Protocol is what a listener takes.
type Protocol string

// The protocols of listeners.
const (
	TCP Protocol = "TCP"
	UDP Protocol = "UDP"
)

// Affinity says which clients stay with an endpoint.
type Affinity string

const (
	// NoAffinity spreads the connections of a client over the endpoints.
	NoAffinity Affinity = "NONE"
	// SourceIP sends all connections from an address to the same endpoint.
	SourceIP Affinity = "SOURCE_IP"
)

// Listener is a set of ports of an accelerator with what is behind them.
type Listener struct {
	// Name is the construct id of the listener: a letter, then letters and digits. Changing it replaces the listener.
	Name string
	// Protocol is TCP or UDP.
	// Default: TCP.
	Protocol Protocol
	// Ports are what clients connect to, 1 to 10 ranges that do not overlap.
	Ports []PortRange
	// Affinity is NoAffinity or SourceIP.
	// Default: NoAffinity.
	Affinity Affinity
	// Groups are the regions with endpoints, one a region, at least one.
	Groups []EndpointGroup
	// ConfigureListener edits the L1 props of the listener last, after all defaults.
	// Default: no edit.
	ConfigureListener func(*awsglobalaccelerator.CfnListenerProps)
}

// PortRange is the ports from From to To, 1 to 65535.
type PortRange struct {
	// From is the first port.
	From int
	// To is the last one.
	// Default: From.
	To int
}

// EndpointGroup is a region with endpoints.
type EndpointGroup struct {
	// Region is where the endpoints are. Changing it replaces the group.
	// Default: the region of the stack.
	Region string
	// Endpoints are what serves the clients, 10 at most.
	// Default: none yet.
	Endpoints []Endpoint
	// Dial is the share of the clients near this region that it gets, in percent, 0 to 100. The others go to the next
	// region. It must not be 0 for all groups of a listener.
	// Default: nil, which means 100.
	Dial *int
	// Health says when an endpoint is healthy.
	Health Health
	// PortOverrides maps ports of the listener to others on the endpoints, 10 at most.
	// Default: none, the ports are the same.
	PortOverrides map[int]int
	// ConfigureGroup edits the L1 props of the group last, after all defaults.
	// Default: no edit.
	ConfigureGroup func(*awsglobalaccelerator.CfnEndpointGroupProps)
}

// HealthProtocol is how an endpoint is asked whether it is healthy.
type HealthProtocol string

// The protocols of health checks.
const (
	HealthTCP   HealthProtocol = "TCP"
	HealthHTTP  HealthProtocol = "HTTP"
	HealthHTTPS HealthProtocol = "HTTPS"
)

// Health is the health check of instances and Elastic IP addresses. Load balancers have their own, which counts for them.
type Health struct {
	// Protocol is HealthTCP, HealthHTTP or HealthHTTPS.
	// Default: HealthTCP.
	Protocol HealthProtocol
	// Path is what is asked for with HTTP and HTTPS; it starts with a slash and has 255 characters at most.
	// Default: "/".
	Path string
	// Port is the port of the endpoint that is asked, 1 to 65535.
	// Default: the first port of the listener.
	Port int
	// Interval is the time between two checks, 10 s or 30 s.
	// Default: 10 s.
	Interval time.Duration
	// Threshold is the number of checks in a row that change an endpoint's state, 1 to 10.
	// Default: 3.
	Threshold int
}

// Preservation says whether an endpoint sees the addresses of the clients, or those of Global Accelerator.
type Preservation string

const (
	// Preserve shows the addresses of the clients. Network interfaces with the security group GlobalAccelerator then bring
	// the clients to the endpoint: see SecurityGroup.
	Preserve Preservation = "preserve"
	// Hide shows addresses of Global Accelerator, which no security group of AWS stands for.
	Hide Preservation = "hide"
)

// Endpoint is what serves clients: exactly one of ALB, NLB, InstanceID and ElasticIP.
type Endpoint struct {
	// ALB is an Application Load Balancer, internal or not, for TCP only.
	ALB elb.IApplicationLoadBalancer
	// NLB is a Network Load Balancer, internal or not.
	NLB elb.INetworkLoadBalancer
	// InstanceID is the id of an instance of EC2, such as "i-0123456789abcdef0".
	InstanceID string
	// ElasticIP is the allocation id of an Elastic IP address, such as "eipalloc-0123456789abcdef0"; its ARN when it is of another
	// account.
	ElasticIP string
	// AttachmentARN is the attachment by which another account shares the endpoint: see Attachment.
	// Default: none, the endpoint is of the accelerator's account.
	AttachmentARN string
	// Weight is the endpoint's share among those of its group, 0 to 255. 0 sends nobody there.
	// Default: nil, which means 128.
	Weight *int
	// ClientIP is Preserve or Hide. An Elastic IP address cannot preserve, an instance cannot hide, nor can an internal ALB. An NLB
	// can preserve when it has security groups and no TLS listener.
	// Default: Preserve for ALB and InstanceID, Hide for NLB and ElasticIP.
	ClientIP Preservation
}

// preserves tells whether the endpoint sees the clients' addresses.
func (e *Endpoint) preserves() bool {
	if e.ClientIP == "" {
		return e.ALB != nil || e.InstanceID != ""
	}
	return e.ClientIP == Preserve
}

func (p *AcceleratorProps) withDefaults() AcceleratorProps {
	var d AcceleratorProps
	if p != nil {
		d = *p
	}
	defaults.Or(&d.FlowLogs.Prefix, defaultPrefix)
	defaults.Or(&d.Alarms.RemovalPolicy, awscdk.RemovalPolicy_RETAIN)
	listeners := make([]Listener, len(d.Listeners))
	for i, l := range d.Listeners {
		defaults.Or(&l.Protocol, TCP)
		defaults.Or(&l.Affinity, NoAffinity)
		l.Ports = closed(l.Ports)
		l.Groups = slices.Clone(l.Groups)
		for j := range l.Groups {
			h := &l.Groups[j].Health
			defaults.Or(&h.Protocol, HealthTCP)
			defaults.Or(&h.Interval, 10*time.Second)
			defaults.Or(&h.Threshold, 3)
		}
		listeners[i] = l
	}
	d.Listeners = listeners
	return d
}

// closed are ranges with their ends.
func closed(ranges []PortRange) []PortRange {
	ranges = slices.Clone(ranges)
	for i := range ranges {
		defaults.Or(&ranges[i].To, ranges[i].From)
	}
	return ranges
}
