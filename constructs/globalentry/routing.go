package globalentry

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/constructs/customresource"
	"github.com/strata-cdk/strata/internal/awsid"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/defaults"
	"github.com/strata-cdk/strata/internal/nag"
)

// CustomRoutingProps configures a CustomRouting.
type CustomRoutingProps struct {
	// Name is the name of the accelerator: 64 letters, digits and hyphens at most, no hyphen at either end.
	// Default: one made of the construct's path.
	Name string
	// Listeners are the ports that clients connect to, 1 to 10 listeners that share no port.
	Listeners []RoutingListener
	// IPAddresses are one or two IPv4 addresses of ranges that the account has brought to Global Accelerator (BYOIP), each of another /24.
	// They cannot change: an update that changes them fails.
	// Default: two addresses of AWS.
	IPAddresses []string
	// Disabled stops the accelerator, which keeps its addresses, and costs what it costs.
	// Default: false.
	Disabled bool
	// FlowLogs has the flow logs.
	FlowLogs FlowLogs
	// Architecture of the function is "arm64" or "x86_64".
	// Default: "arm64".
	Architecture string
	// Key encrypts the function's logs and variables.
	// Default: a new key that rotates yearly.
	Key awskms.IKey
	// LogRetentionDays is how long the function's logs are kept: a period that CloudWatch Logs takes (1, 3, 5, 7, 14, 30, 60, 90, ...).
	// Default: 365.
	LogRetentionDays int
	// RemovalPolicy says what becomes of the function's logs and the key when the stack is deleted.
	// Default: awscdk.RemovalPolicy_RETAIN.
	RemovalPolicy awscdk.RemovalPolicy
}

// RoutingListener is a set of ports, each of which stands for an address and a port in a subnet.
type RoutingListener struct {
	// Ports are 1 to 10 ranges that do not overlap. There must be one for each port of each address of all subnets. Another set makes
	// another listener, with another mapping.
	Ports []PortRange
	// Groups are the regions with subnets, one a region, at least one.
	Groups []RoutingGroup
}

// RoutingGroup is a region with subnets.
type RoutingGroup struct {
	// Region is where the subnets are.
	// Default: the region of the stack.
	Region string
	// Destinations are the ports of instances that can be reached, at least one range. Another set makes another group.
	Destinations []Destination
	// Subnets are those of the instances, of a VPC with an internet gateway.
	// Default: none yet.
	Subnets []RoutingSubnet
}

// Destination is a range of ports of instances.
type Destination struct {
	// Ports is the range.
	Ports PortRange
	// Protocols are TCP, UDP or both.
	// Default: both.
	Protocols []Protocol
}

// RoutingSubnet is a subnet with instances.
type RoutingSubnet struct {
	// ID is its id, such as "subnet-0123456789abcdef0".
	ID string
	// AllowAll lets clients reach every destination.
	// Default: false, none but those that an application allows, with AllowCustomRoutingTraffic of the API.
	AllowAll bool
}

// CustomRouting is a custom routing accelerator: an application tells each client which port leads to which instance. CloudFormation has no
// such resource, hence a function makes it.
//
// https://docs.aws.amazon.com/global-accelerator/latest/dg/work-with-custom-routing-accelerators.html
type CustomRouting struct {
	constructs.Construct
	// Provider has the function.
	Provider *customresource.Provider
	// Resource is the custom resource.
	Resource *customresource.Resource
	// FlowLogs is the bucket of the flow logs; nil when disabled.
	FlowLogs awss3.IBucket
}

// NewCustomRouting defines a CustomRouting named id in scope.
// It panics with a *check.Error that lists every invalid field of props, or what the compiler says of the function.
func NewCustomRouting(scope constructs.Construct, id string, props *CustomRoutingProps) *CustomRouting {
	path, stack := scope.Node().Path(), awscdk.Stack_Of(scope)
	check.Must(path, id, props.Validate())
	d := props.withDefaults()
	c := check.For("globalentry.CustomRoutingProps")
	for i, l := range d.Listeners {
		checkOwnRegion(c.At(check.Index("Listeners", i)), *stack.Region(), l.regions())
	}
	check.Must(path, id, c.Err())

	r := &CustomRouting{}
	constructs.NewConstruct_Override(r, scope, &id)
	r.Provider = customresource.NewProvider(r, "Provider", &customresource.ProviderProps{
		LibraryPackage:   "github.com/strata-cdk/strata/functions/customrouting",
		Architecture:     d.Architecture,
		Description:      "Makes a custom routing accelerator",
		Poll:             true,
		Key:              d.Key,
		LogRetentionDays: d.LogRetentionDays,
		RemovalPolicy:    d.RemovalPolicy,
	})
	properties := map[string]any{"Name": nameOr(r, d.Name), "Disabled": d.Disabled, "Listeners": d.listeners(*stack.Region())}
	if len(d.IPAddresses) > 0 {
		properties["IPAddresses"] = d.IPAddresses
	}
	if !d.FlowLogs.Disable {
		r.FlowLogs = logsBucket(r, &d.FlowLogs)
		properties["FlowLogsBucket"], properties["FlowLogsPrefix"] = r.FlowLogs.BucketName(), d.FlowLogs.Prefix
	}
	r.grant(stack)
	r.Resource = customresource.NewResource(r, "Accelerator", &customresource.ResourceProps{
		Provider: r.Provider, Type: "Custom::StrataCustomRouting", Properties: properties,
	})
	if r.FlowLogs != nil && r.FlowLogs.Policy() != nil {
		r.Resource.Node().AddDependency(r.FlowLogs.Policy())
	}
	awscdk.Annotations_Of(r).AddInfoV2(jsii.String("strata:globalentry.cost"), jsii.String(cost))
	return r
}

// ARN is the ARN of the accelerator.
func (r *CustomRouting) ARN() *string { return r.Resource.PhysicalID() }

// DNSName is the name that AWS gives the accelerator.
func (r *CustomRouting) DNSName() *string { return r.Resource.Attribute("DnsName") }

// Addresses are the two static IPv4 addresses.
func (r *CustomRouting) Addresses() [2]*string {
	return [2]*string{r.Resource.Attribute("Address1"), r.Resource.Attribute("Address2")}
}

// grant lets the function do what it does. What it needs beside Global Accelerator is what AWS names for that of CloudFormation.
func (r *CustomRouting) grant(stack awscdk.Stack) {
	allow := func(resource *string, conditions map[string]any, actions ...string) {
		statement := &awsiam.PolicyStatementProps{Actions: jsii.Strings(actions...), Resources: &[]*string{resource}}
		if conditions != nil {
			statement.Conditions = &conditions
		}
		r.Provider.Function.AddToRolePolicy(awsiam.NewPolicyStatement(statement))
	}
	all := jsii.String("*")
	allow(all, nil, "globalaccelerator:CreateCustomRoutingAccelerator")
	var actions []string
	for _, action := range []string{
		"AddCustomRoutingEndpoints", "AllowCustomRoutingTraffic", "CreateCustomRoutingEndpointGroup", "CreateCustomRoutingListener", "DeleteCustomRoutingAccelerator",
		"DeleteCustomRoutingEndpointGroup", "DeleteCustomRoutingListener", "DenyCustomRoutingTraffic", "DescribeCustomRoutingAccelerator",
		"DescribeCustomRoutingAcceleratorAttributes", "ListCustomRoutingEndpointGroups", "ListCustomRoutingListeners", "RemoveCustomRoutingEndpoints",
		"UpdateCustomRoutingAccelerator", "UpdateCustomRoutingAcceleratorAttributes",
	} {
		actions = append(actions, "globalaccelerator:"+action)
	}
	allow(stack.FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("globalaccelerator"), Region: jsii.String(""), Resource: jsii.String("accelerator"), ResourceName: all,
	}), nil, actions...)
	allow(stack.FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("iam"), Region: jsii.String(""), Resource: jsii.String("role"), ResourceName: jsii.String("aws-service-role/globalaccelerator.amazonaws.com/*"),
	}), map[string]any{"StringEquals": map[string]any{"iam:AWSServiceName": "globalaccelerator.amazonaws.com"}}, "iam:CreateServiceLinkedRole")
	allow(all, nil, "ec2:DescribeSubnets")
	if r.FlowLogs != nil {
		allow(all, nil, "logs:CreateLogDelivery", "logs:DeleteLogDelivery")
		allow(r.FlowLogs.BucketArn(), nil, "s3:GetBucketPolicy", "s3:PutBucketPolicy")
	}
	nag.Suppress(r.Provider.Function.Role().Node().FindChild(jsii.String("DefaultPolicy")), "AwsSolutions-IAM5",
		"Accelerators and service-linked roles have ids that AWS makes; making an accelerator, looking at subnets and deliveries of logs cannot be allowed for single ones.",
		"Resource::*", `/^Resource::arn:.*:globalaccelerator::.*:accelerator/\*$/`, `/^Resource::arn:.*:iam::.*:role/aws-service-role/globalaccelerator\.amazonaws\.com/\*$/`)
}

// listeners are the listeners as the function takes them.
func (p *CustomRoutingProps) listeners(own string) []any {
	numbers := func(r PortRange) map[string]any { return map[string]any{"From": r.From, "To": r.To} }
	var all []any
	for _, l := range p.Listeners {
		var ports, groups []any
		for _, r := range l.Ports {
			ports = append(ports, numbers(r))
		}
		for _, g := range l.Groups {
			var destinations, subnets []any
			for _, t := range g.Destinations {
				d := numbers(t.Ports)
				d["Protocols"] = t.Protocols
				destinations = append(destinations, d)
			}
			for _, s := range g.Subnets {
				subnets = append(subnets, map[string]any{"ID": s.ID, "Allow": s.AllowAll})
			}
			region := g.Region
			if region == "" {
				region = own
			}
			group := map[string]any{"Region": region, "Destinations": destinations}
			if subnets != nil {
				group["Subnets"] = subnets
			}
			groups = append(groups, group)
		}
		all = append(all, map[string]any{"Ports": ports, "Groups": groups})
	}
	return all
}

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *CustomRoutingProps) Validate() error {
	d, c := p.withDefaults(), check.For("globalentry.CustomRoutingProps")
	checkName(c, d.Name)
	check.Range(c.At("Listeners"), "", len(d.Listeners), 1, most)
	for i, l := range d.Listeners {
		c := c.At(check.Index("Listeners", i))
		checkPorts(c, l.Ports)
		for j, r := range l.Ports {
			for k, other := range d.Listeners[:i] {
				c.That(!slices.ContainsFunc(other.Ports, r.overlaps), check.Index("Ports", j), "must not overlap with those of Listeners[%d]", k)
			}
		}
		checkRegions(c, l.regions())
		for j, g := range l.Groups {
			g.validate(c.At(check.Index("Groups", j)))
		}
	}
	validateAddresses(c, d.IPAddresses)
	d.FlowLogs.validate(c.At("FlowLogs"))
	check.OneOf(c, "Architecture", d.Architecture, "arm64", "x86_64")
	check.OneOf(c, "LogRetentionDays", d.LogRetentionDays, cdkval.RetentionDays()...)
	check.OneOf(c, "RemovalPolicy", d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN, awscdk.RemovalPolicy_DESTROY)
	return c.Err()
}

func (l *RoutingListener) regions() []string {
	all := make([]string, len(l.Groups))
	for i, g := range l.Groups {
		all[i] = g.Region
	}
	return all
}

func (g *RoutingGroup) validate(c *check.List) {
	c.That(len(g.Destinations) > 0, "Destinations", "must have at least one")
	for i, d := range g.Destinations {
		c := c.At(check.Index("Destinations", i))
		d.Ports.validate(c, "Ports")
		for j, protocol := range d.Protocols {
			check.OneOf(c, check.Index("Protocols", j), protocol, TCP, UDP)
			c.That(!slices.Contains(d.Protocols[:j], protocol), check.Index("Protocols", j), "must be listed once each, got %s again", protocol)
		}
	}
	var ids []string
	for i, s := range g.Subnets {
		ids = append(ids, s.ID)
		c.That(validSubnet.MatchString(s.ID) || check.IsToken(s.ID), check.Index("Subnets", i)+".ID", "must be a subnet's id such as subnet-0123456789abcdef0, got %q", s.ID)
	}
	awsid.OnceEach(c, "Subnets", ids)
}

func (p *CustomRoutingProps) withDefaults() CustomRoutingProps {
	var d CustomRoutingProps
	if p != nil {
		d = *p
	}
	defaults.Or(&d.FlowLogs.Prefix, defaultPrefix)
	defaults.Or(&d.Architecture, "arm64")
	defaults.Or(&d.LogRetentionDays, 365)
	defaults.Or(&d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN)
	listeners := make([]RoutingListener, len(d.Listeners))
	for i, l := range d.Listeners {
		l.Ports = closed(l.Ports)
		l.Groups = slices.Clone(l.Groups)
		for j := range l.Groups {
			g := &l.Groups[j]
			g.Destinations = slices.Clone(g.Destinations)
			for k := range g.Destinations {
				t := &g.Destinations[k]
				defaults.Or(&t.Ports.To, t.Ports.From)
				if len(t.Protocols) == 0 {
					t.Protocols = []Protocol{TCP, UDP}
				}
			}
		}
		listeners[i] = l
	}
	d.Listeners = listeners
	return d
}
