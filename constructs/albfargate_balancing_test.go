package constructs_test

import (
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/albfargate"
	"github.com/strata-cdk/strata/constructs/ecsservice"
)

// Nobody but the load balancer reaches the tasks, and the load balancer is open where it listens only.
func TestFargateService_SecurityGroups(t *testing.T) {
	tpl := synthShop(t, nil)
	tasks := tpl.Has("AWS::EC2::SecurityGroup", o{"GroupDescription": "Tasks of Test/Shop", "SecurityGroupIngress": cdktest.Absent})
	tpl.Count("AWS::EC2::SecurityGroupIngress", 1)
	tpl.Has("AWS::EC2::SecurityGroupIngress", o{
		"FromPort": 8080, "ToPort": 8080, "GroupId": o{"Fn::GetAtt": a{tasks.LogicalID, "GroupId"}},
		"SourceSecurityGroupId": o{"Fn::GetAtt": a{cdktest.Text("LoadBalancer"), "GroupId"}},
	})
	tpl.Has("AWS::EC2::SecurityGroup", o{"SecurityGroupIngress": a{
		o{"CidrIp": "0.0.0.0/0", "FromPort": 443, "ToPort": 443, "IpProtocol": "tcp", "Description": cdktest.Any},
		o{"CidrIp": "0.0.0.0/0", "FromPort": 80, "ToPort": 80, "IpProtocol": "tcp", "Description": cdktest.Any},
	}})

	tpl = synthShop(t, func(p *albfargate.ServiceProps) {
		p.LoadBalancing.AllowedCIDRs, p.LoadBalancing.DisableRedirect = []string{"203.0.113.0/24", "2001:db8::/32"}, true
	})
	tpl.Has("AWS::EC2::SecurityGroup", o{"SecurityGroupIngress": a{
		o{"CidrIp": "203.0.113.0/24", "FromPort": 443, "ToPort": 443, "IpProtocol": "tcp", "Description": cdktest.Any},
		o{"CidrIpv6": "2001:db8::/32", "FromPort": 443, "ToPort": 443, "IpProtocol": "tcp", "Description": cdktest.Any},
	}})

	tpl = synthShop(t, func(p *albfargate.ServiceProps) { p.LoadBalancing.Internal = true })
	tpl.Has("AWS::ElasticLoadBalancingV2::LoadBalancer", o{"Scheme": "internal"})
	tpl.Has("AWS::EC2::SecurityGroup", o{"SecurityGroupIngress": cdktest.ArrayWith(o{"CidrIp": o{"Fn::GetAtt": a{cdktest.Text("Vpc"), "CidrBlock"}}})})
}

// Access logs work where the region is not known at synth.
func TestFargateService_AccessLogsInAnyEnvironment(t *testing.T) {
	app := cdktest.App(t, nil)
	stack := awscdk.NewStack(app, jsii.String("Test"), nil)
	service := albfargate.NewService(stack, "Shop", shop(stack, "example/app:1"))
	awscdk.Tags_Of(service.AccessLogs).Add(jsii.String("of"), jsii.String("Shop"), nil)
	tpl := cdktest.Synth(t, stack)
	bucket := tpl.HasResource("AWS::S3::Bucket", o{"DeletionPolicy": "Retain", "Properties": o{
		"Tags":                           a{o{"Key": "of", "Value": "Shop"}},
		"PublicAccessBlockConfiguration": o{"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true},
		"OwnershipControls":              o{"Rules": a{o{"ObjectOwnership": "BucketOwnerEnforced"}}},
		"BucketEncryption":               o{"ServerSideEncryptionConfiguration": a{o{"ServerSideEncryptionByDefault": o{"SSEAlgorithm": "AES256"}}}},
		"LifecycleConfiguration":         o{"Rules": a{o{"ExpirationInDays": 365, "Status": "Enabled"}}},
	}})
	policy := tpl.Has("AWS::S3::BucketPolicy", o{"PolicyDocument": o{"Statement": cdktest.ArrayWith(
		o{"Effect": "Deny", "Condition": o{"Bool": o{"aws:SecureTransport": "false"}}},
		o{
			"Effect": "Allow", "Action": "s3:PutObject", "Principal": o{"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
			"Resource": cdktest.Text(`AWSLogs/.*AWS::AccountId.*/\*`),
		},
	)}})
	tpl.HasResource("AWS::ElasticLoadBalancingV2::LoadBalancer", o{
		"DependsOn":  cdktest.ArrayWith(policy.LogicalID),
		"Properties": o{"LoadBalancerAttributes": cdktest.ArrayWith(o{"Key": "access_logs.s3.bucket", "Value": o{"Ref": bucket.LogicalID}})},
	})
}

// A second service shares the listener of the first.
func TestFargateService_SharedListener(t *testing.T) {
	stack := cdktest.Stack(t)
	props := shop(stack, "example/app:1")
	first := albfargate.NewService(stack, "Shop", props)
	second := albfargate.NewService(stack, "Admin", &albfargate.ServiceProps{
		CommonProps: ecsservice.CommonProps{VPC: props.VPC, Cluster: first.Cluster, Containers: props.Containers},
		LoadBalancing: ecsservice.LoadBalancing{Listener: first.Listener, Rules: []ecsservice.Rule{
			{Priority: 10, Paths: []string{"/admin/*"}, Hosts: []string{"*.example.com"}},
			{Priority: 20, Methods: []string{"PUT"}, SourceIPs: []string{"203.0.113.0/24"}, Headers: map[string][]string{"X-Admin": {"yes"}}, Query: map[string]string{"admin": "1"}},
		}},
	})
	assert.Nil(t, second.URL())
	assert.Nil(t, second.LoadBalancer)
	tpl := cdktest.Synth(t, stack)
	// The tasks of each are reached by the load balancer only, and each service waits for its rules: without one its target
	// group would belong to no load balancer.
	tpl.Count("AWS::EC2::SecurityGroupIngress", 2)
	rules := tpl.All("AWS::ElasticLoadBalancingV2::ListenerRule")
	tpl.HasResource("AWS::ECS::Service", o{"DependsOn": cdktest.ArrayWith(rules[0].LogicalID, rules[1].LogicalID)})
	tpl.Each("AWS::ElasticLoadBalancingV2::ListenerRule", o{
		"ListenerArn": o{"Ref": cdktest.Text("^ShopListener")}, "Actions": a{o{"Type": "forward", "TargetGroupArn": o{"Ref": cdktest.Text("^AdminTargetGroup")}}},
	})
	for typ, n := range map[string]int{
		"AWS::ElasticLoadBalancingV2::LoadBalancer": 1, "AWS::ElasticLoadBalancingV2::Listener": 2, "AWS::ElasticLoadBalancingV2::ListenerRule": 2,
		"AWS::ECS::Cluster": 1, "AWS::ECS::Service": 2, "AWS::WAFv2::WebACL": 1,
	} {
		tpl.Count(typ, n)
	}
	tpl.Has("AWS::ElasticLoadBalancingV2::ListenerRule", o{"Priority": 10, "Conditions": a{
		o{"Field": "host-header", "HostHeaderConfig": o{"Values": a{"*.example.com"}}}, o{"Field": "path-pattern", "PathPatternConfig": o{"Values": a{"/admin/*"}}},
	}})
	tpl.Has("AWS::ElasticLoadBalancingV2::ListenerRule", o{"Priority": 20, "Conditions": a{
		o{"Field": "http-request-method", "HttpRequestMethodConfig": o{"Values": a{"PUT"}}},
		o{"Field": "source-ip", "SourceIpConfig": o{"Values": a{"203.0.113.0/24"}}},
		o{"Field": "http-header", "HttpHeaderConfig": o{"HttpHeaderName": "X-Admin", "Values": a{"yes"}}},
		o{"Field": "query-string", "QueryStringConfig": o{"Values": a{o{"Key": "admin", "Value": "1"}}}},
	}})
}

func TestFargateService_Targets(t *testing.T) {
	tpl := synthShop(t, func(p *albfargate.ServiceProps) {
		b := &p.LoadBalancing
		b.Protocol, b.Stickiness, b.SlowStart, b.DeregistrationDelay, b.IdleTimeout = ecsservice.GRPC, time.Hour, 45*time.Second, new(time.Duration(0)), 2*time.Minute
		b.Health = ecsservice.TargetHealth{Codes: "0,12", Interval: 30 * time.Second, Timeout: 10 * time.Second, HealthyThreshold: 3, UnhealthyThreshold: 4}
	})
	tpl.Has("AWS::ElasticLoadBalancingV2::TargetGroup", o{
		"ProtocolVersion": "GRPC", "Matcher": o{"GrpcCode": "0,12"}, "HealthCheckPath": "/AWS.ALB/healthcheck", "HealthyThresholdCount": 3, "UnhealthyThresholdCount": 4,
		"HealthCheckIntervalSeconds": 30, "HealthCheckTimeoutSeconds": 10,
		"TargetGroupAttributes": cdktest.ArrayWith(
			o{"Key": "stickiness.enabled", "Value": "true"}, o{"Key": "stickiness.lb_cookie.duration_seconds", "Value": "3600"},
			o{"Key": "slow_start.duration_seconds", "Value": "45"}, o{"Key": "deregistration_delay.timeout_seconds", "Value": "0"},
		),
	})
	tpl.Has("AWS::ElasticLoadBalancingV2::LoadBalancer", o{"LoadBalancerAttributes": cdktest.ArrayWith(o{"Key": "idle_timeout.timeout_seconds", "Value": "120"})})
}

func TestFargateService_GivenBucketForAccessLogs(t *testing.T) {
	for _, existing := range []bool{false, true} {
		stack := cdktest.Stack(t)
		props := shop(stack, "example/app:1")
		if props.LoadBalancing.AccessLogs = awss3.NewBucket(stack, jsii.String("Mine"), nil); existing {
			props.LoadBalancing.AccessLogs = awss3.Bucket_FromBucketName(stack, jsii.String("Old"), jsii.String("mine")) // its policy is for its owner
		}
		albfargate.NewService(stack, "Shop", props)
		tpl := cdktest.Synth(t, stack)
		tpl.Count("AWS::S3::Bucket", 1) // Mine
		name := any("mine")
		if !existing {
			name = o{"Ref": cdktest.Text("^Mine")}
			policy := tpl.Has("AWS::S3::BucketPolicy", o{"PolicyDocument": o{"Statement": cdktest.ArrayWith(o{"Principal": o{"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}})}})
			tpl.HasResource("AWS::ElasticLoadBalancingV2::LoadBalancer", o{"DependsOn": cdktest.ArrayWith(policy.LogicalID)})
		} else {
			tpl.Count("AWS::S3::BucketPolicy", 0)
		}
		tpl.Has("AWS::ElasticLoadBalancingV2::LoadBalancer", o{"LoadBalancerAttributes": cdktest.ArrayWith(o{"Key": "access_logs.s3.bucket", "Value": name})})
	}
}

func TestFargateService_Certificates(t *testing.T) {
	certificate := func(stack constructs.Construct, name string) awscertificatemanager.ICertificate {
		return awscertificatemanager.Certificate_FromCertificateArn(stack, &name, jsii.String("arn:aws:acm:us-east-1:111111111111:certificate/"+name))
	}
	arn := func(name string) o { return o{"CertificateArn": cdktest.Text("certificate/" + name + "$")} }
	stack := cdktest.Stack(t)
	props := shop(stack, "example/app:1")
	props.LoadBalancing.Domain.Certificate, props.LoadBalancing.Domain.Zone = certificate(stack, "one"), nil
	props.LoadBalancing.Certificates = []awscertificatemanager.ICertificate{certificate(stack, "two"), certificate(stack, "three")}
	props.LoadBalancing.TLSPolicy = elb.SslPolicy_TLS13_RES
	s := albfargate.NewService(stack, "Shop", props)
	assert.Equal(t, "https://shop.example.com/", *s.URL())
	tpl := cdktest.Synth(t, stack)
	tpl.Count("AWS::CertificateManager::Certificate", 0)
	tpl.Count("AWS::Route53::RecordSet", 0)
	listener := tpl.Has("AWS::ElasticLoadBalancingV2::Listener", o{"Port": 443, "Certificates": a{arn("one")}, "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"})
	tpl.Has("AWS::ElasticLoadBalancingV2::ListenerCertificate", o{"ListenerArn": o{"Ref": listener.LogicalID}, "Certificates": a{arn("two")}})
	tpl.Has("AWS::ElasticLoadBalancingV2::ListenerCertificate", o{"ListenerArn": o{"Ref": listener.LogicalID}, "Certificates": a{arn("three")}})

	stack = cdktest.Stack(t)
	props = shop(stack, "example/app:1")
	props.LoadBalancing.Domain, props.LoadBalancing.Certificates = nil, []awscertificatemanager.ICertificate{certificate(stack, "two")}
	s = albfargate.NewService(stack, "Shop", props)
	assert.Regexp(t, `^https://\$\{Token\[.*\]\}/$`, *s.URL())
	tpl = cdktest.Synth(t, stack)
	tpl.Count("AWS::CertificateManager::Certificate", 0)
	tpl.Has("AWS::ElasticLoadBalancingV2::Listener", o{"Port": 443, "Certificates": a{arn("two")}})
}

func TestFargateService_NamesInPlaintext(t *testing.T) {
	stack := cdktest.Stack(t)
	props := shop(stack, "example/app:1")
	props.LoadBalancing.AllowPlaintext, props.LoadBalancing.Port = true, 8081
	s := albfargate.NewService(stack, "Shop", props)
	assert.Equal(t, "http://shop.example.com:8081/", *s.URL())
	tpl := cdktest.Synth(t, stack)
	tpl.Count("AWS::CertificateManager::Certificate", 0)
	tpl.Count("AWS::Route53::RecordSet", 2)
	tpl.Has("AWS::Route53::RecordSet", o{"Name": "shop.example.com.", "HostedZoneId": "Z1", "AliasTarget": o{
		"DNSName": o{"Fn::Join": a{"", a{"dualstack.", o{"Fn::GetAtt": a{cdktest.Text("LoadBalancer"), "DNSName"}}}}}, "HostedZoneId": o{"Fn::GetAtt": a{cdktest.Text("LoadBalancer"), "CanonicalHostedZoneID"}},
	}})
	tpl.Has("AWS::Route53::RecordSet", o{"Name": "www.example.com."})
	tpl.Has("AWS::ElasticLoadBalancingV2::Listener", o{"Port": 8081, "Protocol": "HTTP"})
}

// A second service has a listener of its own on the load balancer of the first.
func TestFargateService_SharedLoadBalancer(t *testing.T) {
	stack := cdktest.Stack(t)
	props := shop(stack, "example/app:1")
	first := albfargate.NewService(stack, "Shop", props)
	second := albfargate.NewService(stack, "Admin", &albfargate.ServiceProps{
		CommonProps: ecsservice.CommonProps{VPC: props.VPC, Cluster: first.Cluster, Containers: props.Containers},
		LoadBalancing: ecsservice.LoadBalancing{
			LoadBalancer: first.LoadBalancer, Port: 9443, DisableRedirect: true, Domain: &ecsservice.Domain{Names: []string{"admin.example.com"}, Zone: props.LoadBalancing.Domain.Zone},
		},
	})
	assert.Equal(t, "https://admin.example.com:9443/", *second.URL())
	tpl := cdktest.Synth(t, stack)
	for typ, n := range map[string]int{
		"AWS::ElasticLoadBalancingV2::LoadBalancer": 1, "AWS::ElasticLoadBalancingV2::Listener": 3, "AWS::WAFv2::WebACL": 1, "AWS::S3::Bucket": 1, "AWS::Route53::RecordSet": 3,
	} {
		tpl.Count(typ, n)
	}
	balancer := tpl.All("AWS::ElasticLoadBalancingV2::LoadBalancer")[0].LogicalID
	tpl.Has("AWS::ElasticLoadBalancingV2::Listener", o{
		"Port": 9443, "LoadBalancerArn": o{"Ref": balancer}, "DefaultActions": a{o{"Type": "forward", "TargetGroupArn": o{"Ref": cdktest.Text("^AdminTargetGroup")}}},
	})
	tpl.Has("AWS::Route53::RecordSet", o{"Name": "admin.example.com.", "AliasTarget": o{"HostedZoneId": o{"Fn::GetAtt": a{balancer, "CanonicalHostedZoneID"}}}})
	tpl.Has("AWS::EC2::SecurityGroup", o{"SecurityGroupIngress": cdktest.ArrayWith(o{"CidrIp": "0.0.0.0/0", "FromPort": 443}, o{"CidrIp": "0.0.0.0/0", "FromPort": 9443})})
}

// The listener of another stack is known by its ARN and security group.
func TestFargateService_ListenerOfAnotherStack(t *testing.T) {
	stack := cdktest.Stack(t)
	props := shop(stack, "example/app:1")
	const arn = "arn:aws:elasticloadbalancing:us-east-1:111111111111:listener/app/main/50dc6c495c0c9188/f2f7dc8efc522ab2"
	props.LoadBalancing = ecsservice.LoadBalancing{
		Listener: elb.ApplicationListener_FromApplicationListenerAttributes(stack, jsii.String("Main"), &elb.ApplicationListenerAttributes{
			ListenerArn: jsii.String(arn), SecurityGroup: awsec2.SecurityGroup_FromSecurityGroupId(stack, jsii.String("MainGroup"), jsii.String("sg-1"), nil),
		}),
		Rules: []ecsservice.Rule{{Priority: 10, Hosts: []string{"shop.example.com"}}},
	}
	albfargate.NewService(stack, "Shop", props)
	tpl := cdktest.Synth(t, stack)
	tpl.Has("AWS::ElasticLoadBalancingV2::ListenerRule", o{"ListenerArn": arn})
	tpl.Has("AWS::EC2::SecurityGroupIngress", o{"FromPort": 8080, "SourceSecurityGroupId": "sg-1"})
	tpl.Has("AWS::CloudWatch::Alarm", o{"Metrics": cdktest.ArrayWith(o{"MetricStat": o{"Metric": o{"MetricName": "RequestCount", "Dimensions": cdktest.ArrayWith(o{"Name": "LoadBalancer", "Value": "app/main/50dc6c495c0c9188"})}}})})
}

func TestFargateService_HooksOfBalancing(t *testing.T) {
	tpl := synthShop(t, func(p *albfargate.ServiceProps) {
		p.Deployment = ecsservice.Deployment{Strategy: ecsservice.BlueGreen, TestPort: 8443}
		b := &p.LoadBalancing
		b.ConfigureLoadBalancer = func(p *elb.ApplicationLoadBalancerProps) { p.Http2Enabled = jsii.Bool(false) }
		b.ConfigureTargetGroup = func(p *elb.ApplicationTargetGroupProps) {
			p.LoadBalancingAlgorithmType = elb.TargetGroupLoadBalancingAlgorithmType_LEAST_OUTSTANDING_REQUESTS
		}
		b.ConfigureListener = func(p *elb.BaseApplicationListenerProps) {
			p.MutualAuthentication = &elb.MutualAuthentication{MutualAuthenticationMode: elb.MutualAuthenticationMode_PASS_THROUGH}
			p.DefaultTargetGroups, p.DefaultAction = nil, elb.ListenerAction_FixedResponse(jsii.Number(404), nil)
		}
	})
	tpl.Has("AWS::ElasticLoadBalancingV2::LoadBalancer", o{"LoadBalancerAttributes": cdktest.ArrayWith(o{"Key": "routing.http2.enabled", "Value": "false"})})
	tpl.Count("AWS::ElasticLoadBalancingV2::TargetGroup", 2)
	tpl.Each("AWS::ElasticLoadBalancingV2::TargetGroup", o{"TargetGroupAttributes": cdktest.ArrayWith(o{"Key": "load_balancing.algorithm.type", "Value": "least_outstanding_requests"})})
	for _, port := range []int{443, 8443} {
		tpl.Has("AWS::ElasticLoadBalancingV2::Listener", o{"Port": port, "MutualAuthentication": o{"Mode": "passthrough"}, "DefaultActions": a{o{"Type": "fixed-response"}}})
	}
	tpl.Has("AWS::ElasticLoadBalancingV2::Listener", o{"Port": 80, "MutualAuthentication": cdktest.Absent, "DefaultActions": a{o{"Type": "redirect"}}})

	tpl = synthShop(t, func(p *albfargate.ServiceProps) {
		p.LoadBalancing.ConfigureListener = func(p *elb.BaseApplicationListenerProps) {
			group := elb.ApplicationTargetGroup_FromTargetGroupAttributes(awscdk.NewStack(nil, nil, nil), jsii.String("Old"), &elb.TargetGroupAttributes{
				TargetGroupArn: jsii.String("arn:aws:elasticloadbalancing:us-east-1:111111111111:targetgroup/old/1"),
			})
			p.DefaultAction, p.DefaultTargetGroups = nil, &[]elb.IApplicationTargetGroup{group}
		}
		p.LoadBalancing.Rules = []ecsservice.Rule{{Priority: 1, Paths: []string{"/a"}}}
	})
	tpl.Has("AWS::ElasticLoadBalancingV2::Listener", o{"Port": 443, "DefaultActions": a{o{"Type": "forward", "TargetGroupArn": cdktest.Text("targetgroup/old/1$")}}})
}

// The second container takes the requests on its second port.
func TestFargateService_OtherContainer(t *testing.T) {
	tpl := synthShop(t, func(p *albfargate.ServiceProps) {
		p.Containers = append(p.Containers, ecsservice.Container{Name: "front", Image: p.Containers[0].Image, Ports: []ecsservice.Port{{Number: 1}, {Number: 9000}}})
		p.LoadBalancing.Container, p.LoadBalancing.ContainerPort, p.LoadBalancing.HealthCheckGrace = "front", 9000, 90*time.Second
	})
	tpl.Has("AWS::ECS::Service", o{"LoadBalancers": a{o{"ContainerName": "front", "ContainerPort": 9000}}, "HealthCheckGracePeriodSeconds": 90})
	tpl.Has("AWS::ElasticLoadBalancingV2::TargetGroup", o{"Port": 9000})
	tpl.Has("AWS::EC2::SecurityGroupIngress", o{"FromPort": 9000, "ToPort": 9000})
}
