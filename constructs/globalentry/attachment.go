package globalentry

import (
	"net/netip"
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsglobalaccelerator"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/awsid"
)

// AttachmentProps configures an Attachment.
type AttachmentProps struct {
	// Name is the name of the attachment: 64 letters, digits and hyphens at most, no hyphen at either end.
	// Default: one made of the construct's path.
	Name string
	// Accounts and Accelerators are who may use what is shared: ids of accounts, and ARNs of accelerators. At least one of them.
	Accounts, Accelerators []string
	// Endpoints are the ARNs of load balancers and Elastic IP addresses of this account.
	Endpoints []string
	// CIDRs are IPv4 ranges that this account has brought to Global Accelerator, such as "203.0.113.0/24".
	CIDRs []string
	// ConfigureAttachment edits the L1 props of the attachment last, after all defaults.
	// Default: no edit.
	ConfigureAttachment func(*awsglobalaccelerator.CfnCrossAccountAttachmentProps)
}

// Attachment shares endpoints and address ranges of this account with accelerators of others.
//
// https://docs.aws.amazon.com/global-accelerator/latest/dg/cross-account-resources.html
type Attachment struct {
	constructs.Construct
	// Attachment is the attachment.
	Attachment awsglobalaccelerator.CfnCrossAccountAttachment
}

var (
	acceleratorARN = regexp.MustCompile(`^arn:[^:]+:globalaccelerator::\d{12}:accelerator/[0-9a-f-]+$`)
	endpointARN    = regexp.MustCompile(`^arn:[^:]+:(elasticloadbalancing:[^:]+:\d{12}:loadbalancer/(app|net)/.+|ec2:[^:]+:\d{12}:elastic-ip/.+)$`)
)

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *AttachmentProps) Validate() error {
	c := check.For("globalentry.AttachmentProps")
	if p == nil {
		p = &AttachmentProps{}
	}
	checkName(c, p.Name)
	c.That(len(p.Accounts)+len(p.Accelerators) > 0, "", "must have one of Accounts and Accelerators at least")
	for i, account := range p.Accounts {
		awsid.Account(c, check.Index("Accounts", i), account)
	}
	for i, arn := range p.Accelerators {
		c.That(acceleratorARN.MatchString(arn) || check.IsToken(arn), check.Index("Accelerators", i), "must be the ARN of an accelerator, got %q", arn)
	}
	c.That(len(p.Endpoints)+len(p.CIDRs) > 0, "", "must have one of Endpoints and CIDRs at least")
	for i, arn := range p.Endpoints {
		c.That(endpointARN.MatchString(arn) || check.IsToken(arn), check.Index("Endpoints", i),
			"must be the ARN of a load balancer or an Elastic IP address, got %q", arn)
	}
	for i, cidr := range p.CIDRs {
		block, err := netip.ParsePrefix(cidr)
		c.That(err == nil && block.Addr().Is4() && block == block.Masked() || check.IsToken(cidr), check.Index("CIDRs", i),
			"must be an IPv4 range such as 203.0.113.0/24, got %q", cidr)
	}
	return c.Err()
}

// NewAttachment defines an Attachment named id in scope.
// It panics with a *check.Error that lists every invalid field of props.
func NewAttachment(scope constructs.Construct, id string, props *AttachmentProps) *Attachment {
	check.Must(scope.Node().Path(), id, props.Validate())
	a := &Attachment{}
	constructs.NewConstruct_Override(a, scope, &id)
	var resources []any
	for _, arn := range props.Endpoints {
		resources = append(resources, &awsglobalaccelerator.CfnCrossAccountAttachment_ResourceProperty{EndpointId: &arn})
	}
	for _, cidr := range props.CIDRs {
		resources = append(resources, &awsglobalaccelerator.CfnCrossAccountAttachment_ResourceProperty{Cidr: &cidr})
	}
	p := &awsglobalaccelerator.CfnCrossAccountAttachmentProps{
		Name: nameOr(a, props.Name), Principals: jsii.Strings(append(append([]string{}, props.Accounts...), props.Accelerators...)...), Resources: resources,
	}
	if props.ConfigureAttachment != nil {
		props.ConfigureAttachment(p)
	}
	a.Attachment = awsglobalaccelerator.NewCfnCrossAccountAttachment(a, jsii.String("Attachment"), p)
	return a
}

// ARN is the ARN of the attachment, the AttachmentARN of an Endpoint.
func (a *Attachment) ARN() *string { return a.Attachment.AttrAttachmentArn() }
