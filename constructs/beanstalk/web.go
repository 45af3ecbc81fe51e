package beanstalk

import (
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2/awselasticbeanstalk"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/cdkval"
)

// WebEnvironmentProps configures a WebEnvironment.
type WebEnvironmentProps struct {
	// EnvironmentProps are the settings that web and worker environments share.
	EnvironmentProps
	// CNAMEPrefix is the first part of the environment's address, PREFIX.REGION.elasticbeanstalk.com, 4 to 63 letters, digits and
	// hyphens. Nobody else may have it in the region, in any account. Another one replaces the environment.
	// Default: empty, Elastic Beanstalk chooses one.
	CNAMEPrefix string
	// LoadBalancer is how requests reach the instances. With SingleInstance all of it must be left out but AllowPlaintext and
	// AllowedCIDRs: the instance has an address of its own, with port 443, where the bundle has to bring the certificate, or, with
	// AllowPlaintext, port 80.
	LoadBalancer LoadBalancer
}

// WebEnvironment is an environment that answers requests. The fields of Resources are the underlying constructs.
type WebEnvironment struct {
	constructs.Construct
	*Resources

	props WebEnvironmentProps
}

// NewWebEnvironment defines a WebEnvironment named id in scope.
// It panics with a *check.Error that lists every invalid field of props.
func NewWebEnvironment(scope constructs.Construct, id string, props *WebEnvironmentProps) *WebEnvironment {
	check.Must(scope.Node().Path(), id, props.Validate())
	p := props.withDefaults()
	// Before the override, and never replaced: jsii takes the address of what is embedded for the construct, for good.
	e := &WebEnvironment{Resources: &Resources{}, props: copied(*props)}
	constructs.NewConstruct_Override(e, scope, &id)
	r := e.start(e, &p.EnvironmentProps, false)
	e.connect(e, &p, r)
	l := &optionList{}
	p.webOptions(l, r)
	config := p.ownConfig()
	if p.LoadBalancer.redirects() && !p.SingleInstance {
		config.Resources["AWSEBV2LoadBalancerListener"] = redirect
	}
	e.define(e, &p.EnvironmentProps, config, &awselasticbeanstalk.CfnEnvironmentProps{
		CnamePrefix: cdkval.Text(p.CNAMEPrefix),
		Tier:        &awselasticbeanstalk.CfnEnvironment_TierProperty{Name: new("WebServer"), Type: new("Standard")},
	}, *l)
	e.observe(e, &p.EnvironmentProps, nil)
	return e
}

// redirect is the listener of port 80, changed to send clients to HTTPS.
//
// https://github.com/awsdocs/elastic-beanstalk-samples/tree/main/configuration-files/aws-provided/resource-configuration
var redirect = map[string]any{
	"Type": "AWS::ElasticLoadBalancingV2::Listener",
	"Properties": map[string]any{
		"LoadBalancerArn": map[string]any{"Ref": "AWSEBV2LoadBalancer"}, "Port": 80, "Protocol": "HTTP",
		"DefaultActions": []any{map[string]any{"Type": "redirect", "RedirectConfig": map[string]any{
			"Protocol": "HTTPS", "Port": "443", "Host": "#{host}", "Path": "/#{path}", "Query": "#{query}", "StatusCode": "HTTP_301",
		}}},
	},
}

// Clone defines a new environment in scope with the configuration of e, of which edit changes a copy. Name, CNAMEPrefix and
// LoadBalancer.Created, which are of e alone, are left out. A coupled database is a new, empty one; Database is the same one.
// It panics with a *check.Error that lists every invalid field.
func (e *WebEnvironment) Clone(scope constructs.Construct, id string, edit func(*WebEnvironmentProps)) *WebEnvironment {
	p := copied(e.props)
	p.Name, p.CNAMEPrefix, p.LoadBalancer.Created = "", "", nil
	if edit != nil {
		edit(&p)
	}
	return NewWebEnvironment(scope, id, &p)
}

// EndpointURL is the DNS name of the load balancer, or the address of the single instance.
func (e *WebEnvironment) EndpointURL() *string { return e.Environment.AttrEndpointUrl() }

// webOptions are all options of the environment.
func (p *WebEnvironmentProps) webOptions(l *optionList, r *references) {
	p.EnvironmentProps.options(l, r)
	if p.SingleInstance {
		l.set("aws:ec2:vpc", "AssociatePublicIpAddress", "true")
		return
	}
	scheme := "public"
	if p.LoadBalancer.Internal {
		scheme = "internal"
	}
	l.set("aws:ec2:vpc", "AssociatePublicIpAddress", "false", "ELBScheme", scheme, "ELBSubnets", r.balancerSubnets)
	p.LoadBalancer.options(l, r)
}

var cnamePrefix = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]$`)

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *WebEnvironmentProps) Validate() error {
	d, c := p.withDefaults(), check.For("beanstalk.WebEnvironmentProps")
	balancer := d.LoadBalancer.Type
	if d.SingleInstance {
		balancer = ""
	}
	d.EnvironmentProps.check(c, false, balancer)
	c.That(d.CNAMEPrefix == "" || check.IsToken(d.CNAMEPrefix) || cnamePrefix.MatchString(d.CNAMEPrefix), "CNAMEPrefix",
		"must be 4 to 63 letters, digits and hyphens, without a hyphen at an end, got %q", d.CNAMEPrefix)
	if d.SingleInstance {
		d.LoadBalancer.checkSingle(c.At("LoadBalancer"))
	} else {
		d.LoadBalancer.check(c.At("LoadBalancer"))
	}
	l := &optionList{}
	d.webOptions(l, unresolved)
	d.checkRaw(c, *l, false)
	return c.Err()
}

func (p *WebEnvironmentProps) withDefaults() WebEnvironmentProps {
	var d WebEnvironmentProps
	if p != nil {
		d = *p
	}
	d.setDefaults()
	if !d.SingleInstance {
		d.LoadBalancer.setDefaults()
	}
	return d
}
