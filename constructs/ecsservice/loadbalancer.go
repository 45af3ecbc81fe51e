package ecsservice

import (
	"strconv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/constructs/webacl"
	"github.com/strata-cdk/strata/internal/accesslogs"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/domain"
	"github.com/strata-cdk/strata/internal/nag"
	"github.com/strata-cdk/strata/internal/sorted"
)

// lastPriority is that of the rule that takes all requests of a service's own listener: others may come before it.
const lastPriority = 50000

// Balance defines load balancer, listeners, rules and target groups. lb has its defaults and was checked.
func (r *Resources) Balance(scope constructs.Construct, p *CommonProps, lb *LoadBalancing, targets elb.TargetType) {
	r.TargetGroup = newTargetGroup(scope, "TargetGroup", p, lb, targets)
	if p.Deployment.twoGroups() {
		r.AlternateTargetGroup = newTargetGroup(scope, "AlternateTargetGroup", p, lb, targets)
	}
	r.Listener, r.LoadBalancer = lb.Listener, lb.LoadBalancer
	if r.Listener == nil {
		certificates := r.certificates(scope, lb)
		if r.LoadBalancer == nil {
			r.LoadBalancer = r.newLoadBalancer(scope, p, lb)
		}
		r.addListeners(scope, p, lb, certificates)
		addRecords(scope, lb, r.LoadBalancer)
	}
	rules := lb.Rules
	if len(rules) == 0 && p.Deployment.blueGreen() {
		rules = []Rule{{Priority: lastPriority, Paths: []string{"/*"}}}
	}
	for i := range rules {
		// Nothing here may depend on what differs from deployment to deployment: ECS sets the weights of this rule, and
		// CloudFormation would set them back if the rule's template changed.
		r.rules = append(r.rules, elb.NewApplicationListenerRule(scope, jsii.String("Rule"+strconv.Itoa(rules[i].Priority)), &elb.ApplicationListenerRuleProps{
			Listener: r.Listener, Priority: jsii.Number(rules[i].Priority), Conditions: rules[i].conditions(),
			Action: forward(r.TargetGroup),
		}))
	}
	if !p.Alarms.Disable {
		r.addErrorAlarm(scope, p)
	}
}

// URL is the address of a service, with its port if it is an unusual one and a slash at its end: that of the first name of Domain,
// or of its load balancer. It is nil on a shared listener.
func (b *LoadBalancing) URL(balancer elb.IApplicationLoadBalancer) *string {
	scheme, end := "https://", "/"
	if b.AllowPlaintext {
		scheme = "http://"
	}
	if b.Port != b.defaultPort() {
		end = ":" + strconv.Itoa(b.Port) + "/"
	}
	switch {
	case b.Domain != nil:
		return jsii.String(scheme + b.Domain.Names[0] + end)
	case balancer != nil:
		return jsii.String(scheme + *balancer.LoadBalancerDnsName() + end)
	}
	return nil
}

func forward(group elb.IApplicationTargetGroup) elb.ListenerAction {
	return elb.ListenerAction_Forward(&[]elb.IApplicationTargetGroup{group}, nil)
}

func newTargetGroup(scope constructs.Construct, id string, p *CommonProps, lb *LoadBalancing, targets elb.TargetType) elb.ApplicationTargetGroup {
	h := lb.Health
	props := &elb.ApplicationTargetGroupProps{
		Vpc: p.VPC, Port: jsii.Number(lb.ContainerPort), Protocol: elb.ApplicationProtocol_HTTP, TargetType: targets,
		ProtocolVersion:     elb.ApplicationProtocolVersion(lb.Protocol),
		DeregistrationDelay: cdkval.Duration(*lb.DeregistrationDelay),
		HealthCheck: &elb.HealthCheck{
			Path: &h.Path, Interval: cdkval.Duration(h.Interval), Timeout: cdkval.Duration(h.Timeout),
			HealthyThresholdCount: jsii.Number(h.HealthyThreshold), UnhealthyThresholdCount: jsii.Number(h.UnhealthyThreshold),
		},
	}
	if targets == elb.TargetType_INSTANCE {
		props.HealthCheck.Port = jsii.String("traffic-port") // that which ECS picks, which is the default too
	}
	if lb.Protocol == GRPC {
		props.HealthCheck.HealthyGrpcCodes = &h.Codes
	} else {
		props.HealthCheck.HealthyHttpCodes = &h.Codes
	}
	if lb.SlowStart > 0 {
		props.SlowStart = cdkval.Duration(lb.SlowStart)
	}
	if lb.Stickiness > 0 {
		props.StickinessCookieDuration = cdkval.Duration(lb.Stickiness)
	}
	if lb.ConfigureTargetGroup != nil {
		lb.ConfigureTargetGroup(props)
	}
	return elb.NewApplicationTargetGroup(scope, &id, props)
}

func (r *Resources) newLoadBalancer(scope constructs.Construct, p *CommonProps, lb *LoadBalancing) elb.ApplicationLoadBalancer {
	props := &elb.ApplicationLoadBalancerProps{
		Vpc: p.VPC, InternetFacing: jsii.Bool(!lb.Internal), DeletionProtection: jsii.Bool(!lb.DisableDeletionProtection),
		DropInvalidHeaderFields: jsii.Bool(true), DesyncMitigationMode: elb.DesyncMitigationMode_DEFENSIVE, IdleTimeout: cdkval.Duration(lb.IdleTimeout),
	}
	if lb.Internal {
		props.VpcSubnets = p.TaskSubnets()
	}
	if lb.ConfigureLoadBalancer != nil {
		lb.ConfigureLoadBalancer(props)
	}
	balancer := elb.NewApplicationLoadBalancer(scope, jsii.String("LoadBalancer"), props)
	if !lb.DisableAccessLogs {
		r.AccessLogs = logTo(scope, balancer, lb.AccessLogs)
	}
	if !lb.DisableWAF {
		r.WebACL = webacl.Protect(scope, &lb.WAF, webacl.Options{
			ResourceArn: *balancer.LoadBalancerArn(), Key: r.Key, LogRetentionDays: p.LogRetentionDays, RemovalPolicy: p.RemovalPolicy,
		})
	}
	return balancer
}

// logTo turns access logs on, and returns their bucket.
func logTo(scope constructs.Construct, balancer elb.ApplicationLoadBalancer, bucket awss3.IBucket) awss3.IBucket {
	bucket = accesslogs.Bucket(scope, bucket)
	if policy := bucket.Policy(); policy != nil { // one of the same app
		balancer.Node().AddDependency(policy)
	}
	balancer.SetAttribute(jsii.String("access_logs.s3.enabled"), jsii.String("true"))
	balancer.SetAttribute(jsii.String("access_logs.s3.bucket"), bucket.BucketName())
	return bucket
}

func (r *Resources) certificates(scope constructs.Construct, lb *LoadBalancing) []elb.IListenerCertificate {
	if lb.AllowPlaintext {
		return nil
	}
	var all []awscertificatemanager.ICertificate
	if d := lb.Domain; d != nil && d.Certificate != nil {
		all = append(all, d.Certificate)
	} else if d != nil {
		all = append(all, awscertificatemanager.NewCertificate(scope, jsii.String("Certificate"), &awscertificatemanager.CertificateProps{
			DomainName: &d.Names[0], SubjectAlternativeNames: cdkval.Texts(d.Names[1:]),
			Validation: awscertificatemanager.CertificateValidation_FromDns(d.Zone),
		}))
	}
	all = append(all, lb.Certificates...)
	certificates := make([]elb.IListenerCertificate, len(all))
	for i, c := range all {
		certificates[i] = elb.ListenerCertificate_FromCertificateManager(c)
	}
	return certificates
}

func (r *Resources) addListeners(scope constructs.Construct, p *CommonProps, lb *LoadBalancing, certificates []elb.IListenerCertificate) {
	callers := peers(lb.AllowedCIDRs)
	if len(callers) == 0 && lb.Internal {
		callers = r.wholeVPC(p, lb)
	} else if len(callers) == 0 {
		callers = []awsec2.IPeer{awsec2.Peer_AnyIpv4()}
	}
	r.Listener = r.addListener(scope, "Listener", lb, lb.Port, certificates, forward(r.TargetGroup), callers)
	if !lb.AllowPlaintext && !lb.DisableRedirect {
		r.addListener(scope, "Redirect", nil, 80, nil, elb.ListenerAction_Redirect(&elb.RedirectOptions{
			Protocol: jsii.String("HTTPS"), Port: jsii.String(strconv.Itoa(lb.Port)), Permanent: jsii.Bool(true),
		}), callers)
	}
	if d := &p.Deployment; d.TestPort != 0 {
		testers := peers(d.TestCIDRs)
		if len(testers) == 0 {
			testers = r.wholeVPC(p, lb)
		}
		r.TestListener = r.addListener(scope, "TestListener", lb, d.TestPort, certificates, forward(r.AlternateTargetGroup), testers)
		if d.blueGreen() {
			r.testRule = elb.NewApplicationListenerRule(scope, jsii.String("TestRule"), &elb.ApplicationListenerRuleProps{
				Listener: r.TestListener, Priority: jsii.Number(lastPriority), Action: forward(r.AlternateTargetGroup),
				Conditions: &[]elb.ListenerCondition{elb.ListenerCondition_PathPatterns(jsii.Strings("/*"))},
			})
		}
	}
	if !lb.Internal && lb.LoadBalancer == nil && len(lb.AllowedCIDRs) == 0 {
		nag.Suppress(r.balancerGroup(), "AwsSolutions-EC23", "The service is public: AllowedCIDRs limits who may call it, and a web ACL looks at what they send.")
	}
}

// wholeVPC are all addresses of the VPC.
func (r *Resources) wholeVPC(p *CommonProps, lb *LoadBalancing) []awsec2.IPeer {
	cidr := p.VPC.VpcCidrBlock()
	if group := r.balancerGroup(); check.IsToken(*cidr) && lb.LoadBalancer == nil && !suppressed(group) {
		nag.Suppress(group, "CdkNagValidationFailure", "The range of the VPC is known at deployment only.", "AwsSolutions-EC23")
	}
	return []awsec2.IPeer{awsec2.Peer_Ipv4(cidr)}
}

// balancerGroup is the security group of the service's own load balancer.
func (r *Resources) balancerGroup() awsec2.ISecurityGroup {
	return (*r.LoadBalancer.Connections().SecurityGroups())[0]
}

func peers(cidrs []string) []awsec2.IPeer {
	all := make([]awsec2.IPeer, len(cidrs))
	for i, cidr := range cidrs {
		if strings.Contains(cidr, ":") {
			all[i] = awsec2.Peer_Ipv6(&cidr)
		} else {
			all[i] = awsec2.Peer_Ipv4(&cidr)
		}
	}
	return all
}

// addListener adds a listener that only callers reach; lb is nil for the redirect.
func (r *Resources) addListener(scope constructs.Construct, id string, lb *LoadBalancing, port int, certificates []elb.IListenerCertificate, action elb.ListenerAction, callers []awsec2.IPeer) elb.ApplicationListener {
	props := &elb.BaseApplicationListenerProps{Port: jsii.Number(port), Protocol: elb.ApplicationProtocol_HTTP, DefaultAction: action, Open: jsii.Bool(false)}
	if len(certificates) > 0 {
		props.Protocol, props.SslPolicy, props.Certificates = elb.ApplicationProtocol_HTTPS, lb.TLSPolicy, &certificates
	}
	if lb != nil && lb.ConfigureListener != nil {
		lb.ConfigureListener(props)
	}
	listener := elb.NewApplicationListener(scope, &id, &elb.ApplicationListenerProps{
		LoadBalancer: r.LoadBalancer, Port: props.Port, Protocol: props.Protocol, SslPolicy: props.SslPolicy, Certificates: props.Certificates,
		DefaultAction: props.DefaultAction, DefaultTargetGroups: props.DefaultTargetGroups, Open: props.Open, MutualAuthentication: props.MutualAuthentication,
	})
	for _, caller := range callers {
		listener.Connections().AllowDefaultPortFrom(caller, jsii.String(id))
	}
	return listener
}

func addRecords(scope constructs.Construct, lb *LoadBalancing, balancer elb.IApplicationLoadBalancer) {
	if lb.Domain == nil {
		return
	}
	records := constructs.NewConstruct(scope, jsii.String("Records"))
	target := jsii.String("dualstack." + *balancer.LoadBalancerDnsName())
	for _, name := range lb.Domain.Names {
		n := domain.Name{Name: name, Zone: lb.Domain.Zone}
		n.AddRecords(constructs.NewConstruct(records, &name), target, balancer.LoadBalancerCanonicalHostedZoneId(), "A")
	}
}

func (r *Rule) conditions() *[]elb.ListenerCondition {
	var all []elb.ListenerCondition
	if len(r.Hosts) > 0 {
		all = append(all, elb.ListenerCondition_HostHeaders(cdkval.Texts(r.Hosts)))
	}
	if len(r.Paths) > 0 {
		all = append(all, elb.ListenerCondition_PathPatterns(cdkval.Texts(r.Paths)))
	}
	if len(r.Methods) > 0 {
		all = append(all, elb.ListenerCondition_HttpRequestMethods(cdkval.Texts(r.Methods)))
	}
	if len(r.SourceIPs) > 0 {
		all = append(all, elb.ListenerCondition_SourceIps(cdkval.Texts(r.SourceIPs)))
	}
	for name, values := range sorted.All(r.Headers) {
		all = append(all, elb.ListenerCondition_HttpHeader(&name, cdkval.Texts(values)))
	}
	if len(r.Query) > 0 {
		var query []*elb.QueryStringCondition
		for name, value := range sorted.All(r.Query) {
			query = append(query, &elb.QueryStringCondition{Key: cdkval.Text(name), Value: &value})
		}
		all = append(all, elb.ListenerCondition_QueryStrings(&query))
	}
	return &all
}

// attach makes the tasks targets of the load balancer.
func (r *Resources) attach(scope constructs.Construct, p *CommonProps, lb *LoadBalancing) {
	options := &awsecs.LoadBalancerTargetOptions{ContainerName: &lb.Container, ContainerPort: jsii.Number(lb.ContainerPort)}
	if p.Deployment.blueGreen() {
		role := awsiam.NewRole(scope, jsii.String("BalancingRole"), &awsiam.RoleProps{
			AssumedBy: awsiam.NewServicePrincipal(jsii.String("ecs.amazonaws.com"), nil),
			ManagedPolicies: &[]awsiam.IManagedPolicy{
				awsiam.ManagedPolicy_FromAwsManagedPolicyName(jsii.String("AmazonECSInfrastructureRolePolicyForLoadBalancers")),
			},
		})
		nag.Suppress(role, "AwsSolutions-IAM4", "The policy that AWS keeps for ECS to move requests between target groups.")
		alternate := &awsecs.AlternateTargetProps{
			AlternateTargetGroup: r.AlternateTargetGroup, Role: role,
			ProductionListener: awsecs.ListenerRuleConfiguration_ApplicationListenerRule(r.rules[0]),
		}
		if r.testRule != nil {
			alternate.TestListener = awsecs.ListenerRuleConfiguration_ApplicationListenerRule(r.testRule)
		}
		options.AlternateTarget = awsecs.NewAlternateTarget(jsii.String("Alternate"), alternate)
		r.Service.Node().AddDependency(role)
	}
	r.TargetGroup.AddTarget(r.Service.LoadBalancerTarget(options))
	if r.testRule != nil {
		r.Service.Node().AddDependency(r.testRule)
	}
	if p.Deployment.Strategy == CodeDeploy {
		r.addCodeDeploy(scope, p)
	}
}
