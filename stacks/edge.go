package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/constructs/bucketemptier"
	"github.com/strata-cdk/strata/constructs/globalentry"
)

// EdgeStackProps configures an EdgeStack.
type EdgeStackProps struct {
	awscdk.StackProps
	// Stage is what the entry is for.
	Stage Stage
	// Network and Web are what is behind the entry: Web has been made with Accelerated. Validate does not look at them, so that settings can
	// be checked before any stack is built.
	Network *NetworkStack
	Web     *WebStack
	// Architecture is what functions run on, "arm64" or "x86_64".
	// Default: "arm64".
	Architecture string
	// Domain is the name of the page. It is required.
	Domain Domain
}

// EdgeStack is the entry to the page of a WebStack: an accelerator in front of its load balancer, which clients reach no other way. It refers to
// the other stacks weakly, so that each can be deleted.
// Its outputs are Address1, Address2 and DnsName.
type EdgeStack struct {
	awscdk.Stack
	// Entry is the accelerator.
	Entry *globalentry.Accelerator
	// Clients are who come through it.
	Clients *globalentry.SecurityGroup
}

// NewEdgeStack defines an EdgeStack named id in scope. It panics with a *check.Error when props are invalid.
func NewEdgeStack(scope constructs.Construct, id string, props *EdgeStackProps) *EdgeStack {
	check.Must(scope.Node().Path(), id, props.Validate())
	s := &EdgeStack{}
	awscdk.NewStack_Override(s, scope, &id, &props.StackProps)
	awscdk.CrossStackReferences_Of(s).Consume(awscdk.ReferenceStrength_WEAK)
	const plain, secure = 80, 443 // the load balancer redirects plain to secure
	balancer := props.Web.Service.LoadBalancer
	s.Entry = globalentry.NewAccelerator(s, "Entry", &globalentry.AcceleratorProps{
		Listeners: []globalentry.Listener{{
			Name: "Web", Ports: []globalentry.PortRange{{From: plain}, {From: secure}},
			Groups: []globalentry.EndpointGroup{{Endpoints: []globalentry.Endpoint{{ALB: balancer}}}},
		}},
		Domain: &globalentry.Domain{Name: props.Domain.Name, Zone: awsroute53.HostedZone_FromHostedZoneAttributes(s, jsii.String("Zone"), &awsroute53.HostedZoneAttributes{
			HostedZoneId: &props.Domain.HostedZoneID, ZoneName: &props.Domain.HostedZone,
		})},
		Alarms: globalentry.Alarms{RemovalPolicy: props.Stage.removal()},
	})
	s.Clients = globalentry.NewSecurityGroup(s, "Clients", &globalentry.SecurityGroupProps{
		VPC: props.Network.VPC.Vpc, Accelerator: s.Entry, Architecture: props.Architecture, RemovalPolicy: props.Stage.removal(),
	})
	group := (*balancer.Connections().SecurityGroups())[0]
	s.Clients.Admit("Plain", group, globalentry.TCP, plain)
	s.Clients.Admit("Secure", group, globalentry.TCP, secure)
	if props.Stage != Prod {
		s.Entry.FlowLogs.ApplyRemovalPolicy(awscdk.RemovalPolicy_DESTROY)
		bucketemptier.NewEmptier(s, "Emptier", &bucketemptier.EmptierProps{
			Buckets: []bucketemptier.Bucket{{Name: "FlowLogs", Bucket: s.Entry.FlowLogs}}, Architecture: props.Architecture,
			Key: s.Clients.Provider.Key, RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
		})
	}
	output := func(id, description string, value *string) {
		awscdk.NewCfnOutput(s, &id, &awscdk.CfnOutputProps{Value: value, Description: &description})
	}
	addresses := s.Entry.Addresses()
	output("Address1", "First static address of the page", addresses[0])
	output("Address2", "Second static address of the page", addresses[1])
	output("DnsName", "Name that AWS gives the accelerator", s.Entry.DNSName())
	return s
}

// Addresses are the two static addresses of the page.
func (s *EdgeStack) Addresses() [2]*string { return s.Entry.Addresses() }

// Validate reports every invalid field at once.
func (p *EdgeStackProps) Validate() error {
	c := check.For("stacks.EdgeStackProps")
	if p == nil {
		p = &EdgeStackProps{}
	}
	p.Stage.validate(c)
	c.That(p.Domain.complete(), "Domain", "must have all of Name, HostedZone and HostedZoneID")
	return c.Err()
}
