package globalentry

import (
	"strconv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/constructs/customresource"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/defaults"
	"github.com/strata-cdk/strata/internal/nag"
)

// SecurityGroupProps configures a SecurityGroup.
type SecurityGroupProps struct {
	// VPC is the VPC of the endpoints, in the region of the stack. It needs an internet gateway.
	VPC awsec2.IVpc
	// Accelerator has an endpoint in VPC that preserves the addresses of clients.
	Accelerator *Accelerator
	// Architecture of the function is "arm64" or "x86_64".
	// Default: "arm64".
	Architecture string
	// Key encrypts the function's logs and variables.
	// Default: a new key that rotates yearly.
	Key awskms.IKey
	// LogRetentionDays is how long logs are kept: a period that CloudWatch Logs takes (1, 3, 5, 7, 14, 30, 60, 90, ...).
	// Default: 365.
	LogRetentionDays int
	// RemovalPolicy says what becomes of logs and the key when the stack is deleted.
	// Default: awscdk.RemovalPolicy_RETAIN.
	RemovalPolicy awscdk.RemovalPolicy
}

// SecurityGroup is the security group GlobalAccelerator of a VPC, which Global Accelerator makes and which no template can name: a
// function finds it. All accelerators with endpoints in the VPC share it. Clients whose addresses are preserved come through
// network interfaces that have it, so that a security group that admits nothing else keeps everyone else out.
//
// https://docs.aws.amazon.com/global-accelerator/latest/dg/best-practices-aga.html
type SecurityGroup struct {
	constructs.Construct
	// Provider has the function.
	Provider *customresource.Provider
	// Resource is the custom resource.
	Resource *customresource.Resource
}

// NewSecurityGroup defines a SecurityGroup named id in scope.
// It panics with a *check.Error that lists every invalid field of props, or what the compiler says of the function.
func NewSecurityGroup(scope constructs.Construct, id string, props *SecurityGroupProps) *SecurityGroup {
	check.Must(scope.Node().Path(), id, props.Validate())
	d := props.withDefaults()
	g := &SecurityGroup{}
	constructs.NewConstruct_Override(g, scope, &id)
	g.Provider = customresource.NewProvider(g, "Provider", &customresource.ProviderProps{
		LibraryPackage:   "github.com/strata-cdk/strata/functions/acceleratorgroup",
		Architecture:     d.Architecture,
		Description:      "Finds the security group of Global Accelerator in a VPC",
		Key:              d.Key,
		LogRetentionDays: d.LogRetentionDays,
		RemovalPolicy:    d.RemovalPolicy,
	})
	g.Provider.Function.AddToRolePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("ec2:DescribeSecurityGroups"), Resources: jsii.Strings("*"),
	}))
	nag.Suppress(g.Provider.Function.Role().Node().FindChild(jsii.String("DefaultPolicy")), "AwsSolutions-IAM5",
		"To look at security groups cannot be allowed for single ones.", "Resource::*")
	g.Resource = customresource.NewResource(g, "Group", &customresource.ResourceProps{
		Provider: g.Provider, Type: "Custom::StrataAcceleratorGroup", Properties: map[string]any{"VpcId": d.VPC.VpcId()},
	})
	g.Resource.Node().AddDependency(d.Accelerator)
	return g
}

// ID is the id of the security group.
func (g *SecurityGroup) ID() *string { return g.Resource.Attribute("GroupId") }

// Admit lets those who come through an accelerator reach port of what has the security group to. The rule has the construct id id, and is of
// this stack, also when the group is not. It panics with a *check.Error for a port or protocol that is none.
func (g *SecurityGroup) Admit(id string, to awsec2.ISecurityGroup, protocol Protocol, port int) awsec2.CfnSecurityGroupIngress {
	c := check.For("globalentry.SecurityGroup.Admit")
	c.That(to != nil, "to", "must be given")
	check.OneOf(c, "protocol", protocol, TCP, UDP)
	check.Range(c, "port", port, 1, maxPort)
	check.Must(g.Node().Path(), id, c.Err())
	name := strings.ToLower(string(protocol))
	return awsec2.NewCfnSecurityGroupIngress(g, &id, &awsec2.CfnSecurityGroupIngressProps{
		GroupId: to.SecurityGroupId(), SourceSecurityGroupId: g.ID(), IpProtocol: &name, FromPort: jsii.Number(port), ToPort: jsii.Number(port),
		Description: jsii.String("Clients of the accelerator, port " + strconv.Itoa(port)),
	})
}

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *SecurityGroupProps) Validate() error {
	d, c := p.withDefaults(), check.For("globalentry.SecurityGroupProps")
	c.That(d.VPC != nil, "VPC", "must be given")
	c.That(d.Accelerator != nil, "Accelerator", "must be given")
	check.OneOf(c, "Architecture", d.Architecture, "arm64", "x86_64")
	check.OneOf(c, "LogRetentionDays", d.LogRetentionDays, cdkval.RetentionDays()...)
	check.OneOf(c, "RemovalPolicy", d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN, awscdk.RemovalPolicy_DESTROY)
	return c.Err()
}

func (p *SecurityGroupProps) withDefaults() SecurityGroupProps {
	var d SecurityGroupProps
	if p != nil {
		d = *p
	}
	defaults.Or(&d.Architecture, "arm64")
	defaults.Or(&d.LogRetentionDays, 365)
	defaults.Or(&d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN)
	return d
}
