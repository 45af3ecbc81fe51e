// Package globalentry gives an application one entry for the world: two static addresses of AWS Global Accelerator in front of load
// balancers, instances and Elastic IP addresses in several regions.
//
//	clients -> two addresses, announced at every edge -> listener: ports
//	                -> endpoint group: a region, its dial and health check
//	                      -> ALB, NLB, instance or Elastic IP address: its weight
//	        -> alias record; flow logs -> encrypted bucket; SecurityGroup admits who comes this way, and nobody else
//
// Clients enter AWS's network near them. When a region fails its health checks they are sent to the next one within about a minute, without
// a change of DNS. A web ACL is that of the load balancer; AWS Shield Standard is in front.
//
// CustomRouting instead maps each port to one instance's address and port, as an application with sessions needs it.
//
// It costs 0.025 USD an hour for the accelerator, enabled or not, and for each GB in the dominant direction a premium by regions and
// edges beside what data transfer costs; 1 USD a month for the key of the alarm's topic.
//
// See https://docs.aws.amazon.com/global-accelerator/latest/dg/what-is-global-accelerator.html and
// https://aws.amazon.com/global-accelerator/pricing/.
package globalentry

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsglobalaccelerator"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/accesslogs"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/domain"
	"github.com/strata-cdk/strata/internal/encrypted"
	"github.com/strata-cdk/strata/internal/monitor"
	"github.com/strata-cdk/strata/internal/sorted"
)

const (
	// controlRegion is where Global Accelerator is managed, and has its metrics.
	controlRegion = "us-west-2"
	// aliasZone is the hosted zone of the names of accelerators.
	aliasZone = "Z2BJ6XQ5FK7U4H"
	// cost is said at synth, as a note.
	cost = "An accelerator costs 0.025 USD an hour, about 18 USD a month, enabled or not, and a premium for each GB in the dominant direction, by regions and edges, " +
		"beside data transfer (as of 2026; https://aws.amazon.com/global-accelerator/pricing/)"
)

// Accelerator is a standard accelerator.
// The fields are the underlying constructs, for overrides.
type Accelerator struct {
	constructs.Construct
	// Accelerator is the accelerator.
	Accelerator awsglobalaccelerator.CfnAccelerator
	// Listeners are its listeners, by the names of the props.
	Listeners map[string]awsglobalaccelerator.CfnListener
	// Groups are the endpoint groups: those of a listener by its name, each by its region; "" is the stack's.
	Groups map[string]map[string]awsglobalaccelerator.CfnEndpointGroup
	// FlowLogs is the bucket of the flow logs; nil when disabled.
	FlowLogs awss3.IBucket
	// Unhealthy is the alarm on unhealthy endpoints, and AlarmTopic hears of it; nil when disabled and outside of us-west-2.
	Unhealthy  awscloudwatch.Alarm
	AlarmTopic awssns.ITopic
	// Key encrypts AlarmTopic; nil when the topic was given, or is not there.
	Key awskms.IKey

	dualStack bool
}

// NewAccelerator defines an Accelerator named id in scope.
// It panics with a *check.Error that lists every invalid field of props.
func NewAccelerator(scope constructs.Construct, id string, props *AcceleratorProps) *Accelerator {
	path, stack := scope.Node().Path(), awscdk.Stack_Of(scope)
	check.Must(path, id, props.Validate())
	check.Must(path, id, props.validateIn(stack))
	d := props.withDefaults()

	a := &Accelerator{
		Listeners: map[string]awsglobalaccelerator.CfnListener{},
		Groups:    map[string]map[string]awsglobalaccelerator.CfnEndpointGroup{},
		dualStack: d.DualStack,
	}
	constructs.NewConstruct_Override(a, scope, &id)
	a.addAccelerator(&d)
	listeners := constructs.NewConstruct(a, jsii.String("Listeners")) // their names are the user's
	for i := range d.Listeners {
		a.addListener(stack, listeners, &d.Listeners[i])
	}
	if d.Domain != nil {
		types := []string{"A"}
		if d.DualStack {
			types = append(types, "AAAA")
		}
		domain.Name{Name: d.Domain.Name, Zone: d.Domain.Zone}.AddRecords(a, a.DNSName(), jsii.String(aliasZone), types...)
	}
	if !d.Alarms.Disable && *stack.Region() == controlRegion {
		a.addAlarm(&d.Alarms)
	}
	awscdk.Annotations_Of(a).AddInfoV2(jsii.String("strata:globalentry.cost"), jsii.String(cost))
	return a
}

// ARN is the ARN of the accelerator.
func (a *Accelerator) ARN() *string { return a.Accelerator.AttrAcceleratorArn() }

// DNSName is the name that AWS gives the accelerator: the dual-stack one with DualStack.
func (a *Accelerator) DNSName() *string {
	if a.dualStack {
		return a.Accelerator.AttrDualStackDnsName()
	}
	return a.Accelerator.AttrDnsName()
}

// Addresses are the two static IPv4 addresses.
func (a *Accelerator) Addresses() [2]*string {
	all := a.Accelerator.AttrIpv4Addresses()
	return [2]*string{awscdk.Fn_Select(jsii.Number(0), all), awscdk.Fn_Select(jsii.Number(1), all)}
}

// IPv6Addresses are the two static IPv6 addresses. They are there with DualStack only.
func (a *Accelerator) IPv6Addresses() [2]*string {
	all := a.Accelerator.AttrIpv6Addresses()
	return [2]*string{awscdk.Fn_Select(jsii.Number(0), all), awscdk.Fn_Select(jsii.Number(1), all)}
}

func (a *Accelerator) addAccelerator(d *AcceleratorProps) {
	props := &awsglobalaccelerator.CfnAcceleratorProps{
		Name: nameOr(a, d.Name), Enabled: !d.Disabled, IpAddresses: cdkval.Texts(d.IPAddresses), IpAddressType: jsii.String("IPV4"),
	}
	if d.DualStack {
		props.IpAddressType = jsii.String("DUAL_STACK")
	}
	if !d.FlowLogs.Disable {
		a.FlowLogs = logsBucket(a, &d.FlowLogs)
		props.FlowLogsEnabled, props.FlowLogsS3Bucket, props.FlowLogsS3Prefix = true, a.FlowLogs.BucketName(), &d.FlowLogs.Prefix
	}
	if d.ConfigureAccelerator != nil {
		d.ConfigureAccelerator(props)
	}
	a.Accelerator = awsglobalaccelerator.NewCfnAccelerator(a, jsii.String("Accelerator"), props)
	if a.FlowLogs != nil && a.FlowLogs.Policy() != nil { // a bucket of the same app
		a.Accelerator.Node().AddDependency(a.FlowLogs.Policy())
	}
}

// nameOr is name, or else one made of the path of scope.
func nameOr(scope constructs.Construct, name string) *string {
	if name == "" {
		return awscdk.Names_UniqueResourceName(scope, &awscdk.UniqueResourceNameOptions{MaxLength: jsii.Number(64), Separator: jsii.String("-")})
	}
	return &name
}

// logsBucket lets the service that delivers logs write to the bucket of the props, or to a new one.
//
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-S3.html
func logsBucket(scope constructs.Construct, logs *FlowLogs) awss3.IBucket {
	bucket := logs.Bucket
	if bucket == nil {
		bucket = accesslogs.NewBucket(scope, "FlowLogs", awscdk.RemovalPolicy_RETAIN)
	}
	stack := awscdk.Stack_Of(scope)
	source := map[string]any{"aws:SourceAccount": stack.Account()}
	from := map[string]any{"aws:SourceArn": stack.FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("logs"), Region: jsii.String("*"), Resource: jsii.String("*"), ArnFormat: awscdk.ArnFormat_NO_RESOURCE_NAME,
	})}
	delivery := &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("delivery.logs.amazonaws.com"), nil)}
	bucket.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid: jsii.String("AWSLogDeliveryWrite"), Principals: delivery, Actions: jsii.Strings("s3:PutObject"),
		Resources: &[]*string{bucket.ArnForObjects(jsii.String(logs.Prefix + "/AWSLogs/" + *stack.Account() + "/*"))},
		Conditions: &map[string]any{
			"StringEquals": map[string]any{"aws:SourceAccount": stack.Account(), "s3:x-amz-acl": "bucket-owner-full-control"}, "ArnLike": from,
		},
	}))
	bucket.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid: jsii.String("AWSLogDeliveryAclCheck"), Principals: delivery, Actions: jsii.Strings("s3:GetBucketAcl", "s3:ListBucket"),
		Resources: &[]*string{bucket.BucketArn()}, Conditions: &map[string]any{"StringEquals": source, "ArnLike": from},
	}))
	return bucket
}

func (a *Accelerator) addListener(stack awscdk.Stack, listeners constructs.Construct, l *Listener) {
	scope := constructs.NewConstruct(listeners, &l.Name)
	ports := make([]any, len(l.Ports))
	for i, r := range l.Ports {
		ports[i] = &awsglobalaccelerator.CfnListener_PortRangeProperty{FromPort: jsii.Number(r.From), ToPort: jsii.Number(r.To)}
	}
	props := &awsglobalaccelerator.CfnListenerProps{
		AcceleratorArn: a.ARN(), Protocol: jsii.String(string(l.Protocol)), PortRanges: ports, ClientAffinity: jsii.String(string(l.Affinity)),
	}
	if l.ConfigureListener != nil {
		l.ConfigureListener(props)
	}
	listener := awsglobalaccelerator.NewCfnListener(scope, jsii.String("Resource"), props)
	a.Listeners[l.Name], a.Groups[l.Name] = listener, map[string]awsglobalaccelerator.CfnEndpointGroup{}
	for i := range l.Groups {
		g := &l.Groups[i]
		a.Groups[l.Name][g.Region] = a.addGroup(stack, scope, listener.AttrListenerArn(), g)
	}
}

func (a *Accelerator) addGroup(stack awscdk.Stack, scope constructs.Construct, listener *string, g *EndpointGroup) awsglobalaccelerator.CfnEndpointGroup {
	id, region := "Group", stack.Region()
	if g.Region != "" {
		id, region = "Group-"+g.Region, &g.Region
	}
	endpoints := make([]any, len(g.Endpoints))
	for i := range g.Endpoints {
		endpoints[i] = a.endpoint(*scope.Node().Path()+"/"+id, &g.Endpoints[i])
	}
	var overrides []any
	for from, to := range sorted.All(g.PortOverrides) {
		overrides = append(overrides, &awsglobalaccelerator.CfnEndpointGroup_PortOverrideProperty{ListenerPort: jsii.Number(from), EndpointPort: jsii.Number(to)})
	}
	props := &awsglobalaccelerator.CfnEndpointGroupProps{
		ListenerArn: listener, EndpointGroupRegion: region, EndpointConfigurations: endpoints, TrafficDialPercentage: cdkval.Number(g.Dial),
		HealthCheckProtocol: jsii.String(string(g.Health.Protocol)), HealthCheckPath: cdkval.Text(g.Health.Path),
		HealthCheckIntervalSeconds: jsii.Number(g.Health.Interval / time.Second), ThresholdCount: jsii.Number(g.Health.Threshold),
	}
	if overrides != nil {
		props.PortOverrides = overrides
	}
	if g.Health.Port != 0 {
		props.HealthCheckPort = jsii.Number(g.Health.Port)
	}
	if g.ConfigureGroup != nil {
		g.ConfigureGroup(props)
	}
	return awsglobalaccelerator.NewCfnEndpointGroup(scope, &id, props)
}

func (a *Accelerator) endpoint(group string, e *Endpoint) *awsglobalaccelerator.CfnEndpointGroup_EndpointConfigurationProperty {
	c := &awsglobalaccelerator.CfnEndpointGroup_EndpointConfigurationProperty{
		AttachmentArn: cdkval.Text(e.AttachmentARN), ClientIpPreservationEnabled: e.preserves(), Weight: jsii.Number(128),
	}
	if e.Weight != nil {
		c.Weight = cdkval.Number(e.Weight)
	}
	switch {
	case e.ALB != nil:
		c.EndpointId = e.ALB.LoadBalancerArn()
	case e.NLB != nil:
		c.EndpointId = e.NLB.LoadBalancerArn()
		if balancer(e.NLB) != nil && e.preserves() {
			a.Node().AddValidation(&preservingNLB{path: group, nlb: e.NLB})
		}
	case e.InstanceID != "":
		c.EndpointId = &e.InstanceID
	default:
		c.EndpointId = &e.ElasticIP
	}
	return c
}

// addAlarm defines the alarm. There is data only while clients come.
//
// https://docs.aws.amazon.com/global-accelerator/latest/dg/cloudwatch-monitoring.html
func (a *Accelerator) addAlarm(alarms *Alarms) {
	a.AlarmTopic = alarms.Topic
	if a.AlarmTopic == nil {
		a.Key = alarms.Key
		if a.Key == nil {
			a.Key = encrypted.NewKey(a, "Alarm of "+*a.Node().Path(), alarms.RemovalPolicy)
		}
		a.AlarmTopic = monitor.NewTopic(a, a.Key)
	}
	acceleratorID := awscdk.Fn_Select(jsii.Number(1), awscdk.Fn_Split(jsii.String("/"), a.ARN(), nil))
	a.Unhealthy = monitor.NewAlarm(a, monitor.Watch{
		ID: "Unhealthy", Text: "Endpoints are unhealthy", Minutes: 2, Of: 3,
		Metric: awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
			Namespace: jsii.String("AWS/GlobalAccelerator"), MetricName: jsii.String("UnhealthyEndpointCount"),
			DimensionsMap: &map[string]*string{"Accelerator": acceleratorID}, Statistic: jsii.String("Maximum"), Period: cdkval.Duration(time.Minute),
		}),
	}, a.AlarmTopic)
}
