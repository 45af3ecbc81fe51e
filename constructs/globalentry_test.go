package constructs_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsglobalaccelerator"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/globalentry"
)

const (
	entryALB = "arn:aws:elasticloadbalancing:us-east-1:111111111111:loadbalancer/app/shop/0123456789abcdef"
	entryNLB = "arn:aws:elasticloadbalancing:eu-west-1:111111111111:loadbalancer/net/shop/0123456789abcdef"
	entryEIP = "eipalloc-0123456789abcdef0"
)

// importedALB is a load balancer of another app.
func importedALB(stack awscdk.Stack) elb.IApplicationLoadBalancer {
	return elb.ApplicationLoadBalancer_FromApplicationLoadBalancerAttributes(stack, jsii.String("ALB"), &elb.ApplicationLoadBalancerAttributes{
		LoadBalancerArn: jsii.String(entryALB), SecurityGroupId: jsii.String("sg-0123456789abcdef0"),
	})
}

func importedNLB(stack awscdk.Stack) elb.INetworkLoadBalancer {
	return elb.NetworkLoadBalancer_FromNetworkLoadBalancerAttributes(stack, jsii.String("NLB"), &elb.NetworkLoadBalancerAttributes{LoadBalancerArn: jsii.String(entryNLB)})
}

// entry is a valid props value with one endpoint in the stack's region.
func entry(endpoints ...globalentry.Endpoint) *globalentry.AcceleratorProps {
	return &globalentry.AcceleratorProps{Listeners: []globalentry.Listener{{
		Name: "Web", Ports: []globalentry.PortRange{{From: 443}}, Groups: []globalentry.EndpointGroup{{Endpoints: endpoints}},
	}}}
}

// regional is an empty stack in a region, with a VPC.
func regional(t *testing.T, region string) (awscdk.Stack, awsec2.IVpc) {
	t.Helper()
	stack := awscdk.NewStack(cdktest.App(t, map[string]any{"aws:cdk:bundling-stacks": []string{}}), jsii.String("Test"), &awscdk.StackProps{
		Env:         &awscdk.Environment{Account: jsii.String(cdktest.Account), Region: &region},
		Synthesizer: awscdk.NewDefaultStackSynthesizer(&awscdk.DefaultStackSynthesizerProps{GenerateBootstrapVersionRule: jsii.Bool(false)}),
	})
	return stack, awsec2.NewVpc(stack, jsii.String("Vpc"), &awsec2.VpcProps{NatGateways: jsii.Number(0), RestrictDefaultSecurityGroup: jsii.Bool(false)})
}

func TestGlobalEntry_Defaults(t *testing.T) {
	stack := cdktest.Stack(t)
	e := globalentry.NewAccelerator(stack, "Entry", entry(globalentry.Endpoint{ALB: importedALB(stack)}))
	assert.Nil(t, e.Unhealthy)
	assert.Nil(t, e.AlarmTopic)
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("globalentry/default")

	bucket := tpl.HasResource("AWS::S3::Bucket", o{"DeletionPolicy": "Retain", "Properties": o{
		"BucketEncryption":               o{"ServerSideEncryptionConfiguration": a{o{"ServerSideEncryptionByDefault": o{"SSEAlgorithm": "AES256"}}}},
		"PublicAccessBlockConfiguration": o{"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true},
		"LifecycleConfiguration":         o{"Rules": a{o{"ExpirationInDays": 365, "Status": "Enabled"}}},
	}})
	arn := o{"Fn::GetAtt": a{bucket.LogicalID, "Arn"}}
	from := o{"aws:SourceArn": o{"Fn::Join": a{"", a{"arn:", o{"Ref": "AWS::Partition"}, ":logs:*:111111111111:*"}}}}
	policy := tpl.Has("AWS::S3::BucketPolicy", o{"PolicyDocument": o{"Statement": cdktest.ArrayWith(
		o{"Effect": "Deny", "Condition": o{"Bool": o{"aws:SecureTransport": "false"}}},
		o{
			"Sid": "AWSLogDeliveryWrite", "Effect": "Allow", "Principal": o{"Service": "delivery.logs.amazonaws.com"}, "Action": "s3:PutObject",
			"Resource":  o{"Fn::Join": a{"", a{arn, "/globalaccelerator/AWSLogs/111111111111/*"}}},
			"Condition": o{"StringEquals": o{"aws:SourceAccount": cdktest.Account, "s3:x-amz-acl": "bucket-owner-full-control"}, "ArnLike": from},
		},
		o{
			"Sid": "AWSLogDeliveryAclCheck", "Effect": "Allow", "Principal": o{"Service": "delivery.logs.amazonaws.com"},
			"Action": a{"s3:GetBucketAcl", "s3:ListBucket"}, "Resource": arn,
			"Condition": o{"StringEquals": o{"aws:SourceAccount": cdktest.Account}, "ArnLike": from},
		},
	)}})
	accelerator := tpl.HasResource("AWS::GlobalAccelerator::Accelerator", o{
		"DependsOn": a{policy.LogicalID},
		"Properties": cdktest.Exactly(o{
			"Name": "Test-Entry-F6C7A64A", "Enabled": true, "IpAddressType": "IPV4",
			"FlowLogsEnabled": true, "FlowLogsS3Bucket": o{"Ref": bucket.LogicalID}, "FlowLogsS3Prefix": "globalaccelerator",
		}),
	})
	listener := tpl.HasResource("AWS::GlobalAccelerator::Listener", o{"Properties": cdktest.Exactly(o{
		"AcceleratorArn": o{"Fn::GetAtt": a{accelerator.LogicalID, "AcceleratorArn"}}, "Protocol": "TCP", "ClientAffinity": "NONE",
		"PortRanges": a{o{"FromPort": 443, "ToPort": 443}},
	})})
	tpl.HasResource("AWS::GlobalAccelerator::EndpointGroup", o{"Properties": cdktest.Exactly(o{
		"ListenerArn": o{"Fn::GetAtt": a{listener.LogicalID, "ListenerArn"}}, "EndpointGroupRegion": "us-east-1",
		"EndpointConfigurations": a{o{"EndpointId": entryALB, "ClientIPPreservationEnabled": true, "Weight": 128}},
		"HealthCheckProtocol":    "TCP", "HealthCheckIntervalSeconds": 10, "ThresholdCount": 3,
	})})
	tpl.Count("AWS::Route53::RecordSet", 0)
	tpl.Count("AWS::CloudWatch::Alarm", 0)
	tpl.Count("AWS::Lambda::Function", 0)

	note := assertions.Match_StringLikeRegexp(jsii.String("^An accelerator costs 0.025 USD an hour, about 18 USD a month, .*https://aws.amazon.com/global-accelerator/pricing/"))
	assert.Len(t, *assertions.Annotations_FromStack(stack).FindInfo(jsii.String("/Test/Entry"), note), 1)
}

func TestGlobalEntry_TwoRegions(t *testing.T) {
	stack := cdktest.Stack(t)
	zone := awsroute53.HostedZone_FromHostedZoneAttributes(stack, jsii.String("Zone"), &awsroute53.HostedZoneAttributes{
		HostedZoneId: jsii.String("Z0123456789EXAMPLE"), ZoneName: jsii.String("example.com"),
	})
	nlb := importedNLB(stack)
	attached := "arn:aws:globalaccelerator::222222222222:attachment/9c-0"
	e := globalentry.NewAccelerator(stack, "Entry", &globalentry.AcceleratorProps{
		Name: "shop", IPAddresses: []string{"198.51.100.1", "203.0.113.1"}, Disabled: true,
		Domain:   &globalentry.Domain{Name: "shop.example.com", Zone: zone},
		FlowLogs: globalentry.FlowLogs{Disable: true},
		Listeners: []globalentry.Listener{
			{
				Name: "Game", Protocol: globalentry.UDP, Affinity: globalentry.SourceIP, Ports: []globalentry.PortRange{{From: 7000, To: 7010}, {From: 53}},
				Groups: []globalentry.EndpointGroup{
					{
						Endpoints: []globalentry.Endpoint{{ElasticIP: entryEIP, Weight: new(0)}, {ElasticIP: "eipalloc-1", AttachmentARN: attached}},
						Dial:      new(0), PortOverrides: map[int]int{53: 5353, 7001: 9000},
						Health: globalentry.Health{Protocol: globalentry.HealthHTTP, Path: "/health", Port: 8080, Interval: 30 * time.Second, Threshold: 5},
					},
					{Region: "eu-west-1", Endpoints: []globalentry.Endpoint{{NLB: nlb, ClientIP: globalentry.Preserve}}},
				},
			},
			{
				Name: "Web", Ports: []globalentry.PortRange{{From: 443}},
				Groups: []globalentry.EndpointGroup{{
					Region: "eu-west-1", Endpoints: []globalentry.Endpoint{
						{NLB: nlb},
						{InstanceID: "i-0123456789abcdef0"},
					},
				}},
			},
		},
	})
	assert.Len(t, e.Groups["Game"], 2)
	assert.NotNil(t, e.Groups["Game"][""])
	assert.NotNil(t, e.Groups["Web"]["eu-west-1"])
	assert.Nil(t, e.FlowLogs)
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("globalentry/two_regions")

	accelerator := tpl.HasResource("AWS::GlobalAccelerator::Accelerator", o{"Properties": cdktest.Exactly(o{
		"Name": "shop", "Enabled": false, "IpAddressType": "IPV4", "IpAddresses": a{"198.51.100.1", "203.0.113.1"},
	})})
	tpl.Count("AWS::S3::Bucket", 0)
	game := tpl.Has("AWS::GlobalAccelerator::Listener", o{
		"Protocol": "UDP", "ClientAffinity": "SOURCE_IP", "PortRanges": a{o{"FromPort": 7000, "ToPort": 7010}, o{"FromPort": 53, "ToPort": 53}},
	})
	listener := o{"Fn::GetAtt": a{game.LogicalID, "ListenerArn"}}
	tpl.HasResource("AWS::GlobalAccelerator::EndpointGroup", o{"Properties": cdktest.Exactly(o{
		"ListenerArn": listener, "EndpointGroupRegion": "us-east-1", "TrafficDialPercentage": 0,
		"EndpointConfigurations": a{
			o{"EndpointId": entryEIP, "ClientIPPreservationEnabled": false, "Weight": 0},
			o{"EndpointId": "eipalloc-1", "ClientIPPreservationEnabled": false, "Weight": 128, "AttachmentArn": attached},
		},
		"PortOverrides":       a{o{"ListenerPort": 53, "EndpointPort": 5353}, o{"ListenerPort": 7001, "EndpointPort": 9000}},
		"HealthCheckProtocol": "HTTP", "HealthCheckPath": "/health", "HealthCheckPort": 8080, "HealthCheckIntervalSeconds": 30, "ThresholdCount": 5,
	})})
	tpl.Has("AWS::GlobalAccelerator::EndpointGroup", o{
		"ListenerArn": listener, "EndpointGroupRegion": "eu-west-1",
		"EndpointConfigurations": a{o{"EndpointId": entryNLB, "ClientIPPreservationEnabled": true}},
	})
	tpl.Has("AWS::GlobalAccelerator::EndpointGroup", o{"EndpointGroupRegion": "eu-west-1", "EndpointConfigurations": a{
		o{"EndpointId": entryNLB, "ClientIPPreservationEnabled": false}, o{"EndpointId": "i-0123456789abcdef0", "ClientIPPreservationEnabled": true},
	}})
	tpl.Count("AWS::Route53::RecordSet", 1)
	tpl.HasResource("AWS::Route53::RecordSet", o{"Properties": cdktest.Exactly(o{
		"Name": "shop.example.com.", "Type": "A", "HostedZoneId": "Z0123456789EXAMPLE",
		"AliasTarget": o{"DNSName": o{"Fn::GetAtt": a{accelerator.LogicalID, "DnsName"}}, "HostedZoneId": "Z2BJ6XQ5FK7U4H"},
	})})
}

func TestGlobalEntry_DualStack(t *testing.T) {
	stack, vpc := regional(t, "us-east-1")
	zone := awsroute53.HostedZone_FromHostedZoneAttributes(stack, jsii.String("Zone"), &awsroute53.HostedZoneAttributes{
		HostedZoneId: jsii.String("Z0123456789EXAMPLE"), ZoneName: jsii.String("example.com"),
	})
	props := entry(globalentry.Endpoint{ALB: importedALB(stack)}, globalentry.Endpoint{NLB: importedNLB(stack)})
	props.DualStack, props.Domain = true, &globalentry.Domain{Name: "shop.example.com", Zone: zone}
	e := globalentry.NewAccelerator(stack, "Entry", props)
	four, six := e.Addresses(), e.IPv6Addresses()
	for i, value := range []*string{four[0], four[1], six[0], six[1], e.DNSName(), e.ARN()} {
		awscdk.NewCfnOutput(stack, jsii.String(fmt.Sprintf("Out%d", i)), &awscdk.CfnOutputProps{Value: value})
	}
	tpl := cdktest.Synth(t, stack)
	accelerator := tpl.Has("AWS::GlobalAccelerator::Accelerator", o{"IpAddressType": "DUAL_STACK"}).LogicalID
	get := func(name string) o { return o{"Fn::GetAtt": a{accelerator, name}} }
	for _, typ := range []string{"A", "AAAA"} {
		tpl.Has("AWS::Route53::RecordSet", o{"Type": typ, "AliasTarget": o{"DNSName": get("DualStackDnsName")}})
	}
	for i, want := range []any{
		o{"Fn::Select": a{0., get("Ipv4Addresses")}}, o{"Fn::Select": a{1., get("Ipv4Addresses")}},
		o{"Fn::Select": a{0., get("Ipv6Addresses")}}, o{"Fn::Select": a{1., get("Ipv6Addresses")}}, get("DualStackDnsName"), get("AcceleratorArn"),
	} {
		assert.Equal(t, want, tpl.Output(fmt.Sprintf("Out%d", i)))
	}

	// What is of the app is known.
	alb := elb.NewApplicationLoadBalancer(stack, jsii.String("V4"), &elb.ApplicationLoadBalancerProps{Vpc: vpc})
	nlb := elb.NewNetworkLoadBalancer(stack, jsii.String("N4"), &elb.NetworkLoadBalancerProps{Vpc: vpc})
	props.Listeners[0].Groups[0].Endpoints = []globalentry.Endpoint{{ALB: alb}, {NLB: nlb}}
	err := cdktest.Panic(func() { globalentry.NewAccelerator(stack, "Wrong", props) })
	require.EqualError(t, err, `Test/Wrong: invalid globalentry.AcceleratorProps:
  - Listeners[0].Groups[0].Endpoints[0].ALB: must be dual stack, as the accelerator is
  - Listeners[0].Groups[0].Endpoints[1].NLB: must be dual stack, as the accelerator is`)
	alb.Node().DefaultChild().(elb.CfnLoadBalancer).SetIpAddressType(jsii.String("dualstack-without-public-ipv4"))
	nlb.Node().DefaultChild().(elb.CfnLoadBalancer).SetIpAddressType(jsii.String("dualstack"))
	globalentry.NewAccelerator(stack, "Right", props)
}

// What depends on the stack and on load balancers of the app is reported with its path too.
func TestGlobalEntry_ReportsProblemsOfTheStack(t *testing.T) {
	stack, vpc := regional(t, "us-east-1")
	alb := elb.NewApplicationLoadBalancer(stack, jsii.String("Internal"), &elb.ApplicationLoadBalancerProps{Vpc: vpc})
	public := elb.NewApplicationLoadBalancer(stack, jsii.String("Public"), &elb.ApplicationLoadBalancerProps{Vpc: vpc, InternetFacing: jsii.Bool(true)})
	props := entry(globalentry.Endpoint{ALB: alb, ClientIP: globalentry.Hide}, globalentry.Endpoint{ALB: public, ClientIP: globalentry.Hide}, globalentry.Endpoint{ALB: alb})
	props.Listeners[0].Groups = append(props.Listeners[0].Groups, globalentry.EndpointGroup{Region: "us-east-1"}, globalentry.EndpointGroup{Region: "us-west-2"})
	props.Alarms.Topic = awssns.Topic_FromTopicArn(stack, jsii.String("Topic"), jsii.String("arn:aws:sns:us-west-2:111111111111:alarms"))
	err := cdktest.Panic(func() { globalentry.NewAccelerator(stack, "Entry", props) })
	require.EqualError(t, err, `Test/Entry: invalid globalentry.AcceleratorProps:
  - Listeners[0].Groups[1].Region: must differ from the others: a region has one group, and that of the stack has one without Region
  - Listeners[0].Groups[0].Endpoints[0].ClientIP: must not be hide for an internal ALB, which always sees its clients
  - Alarms.Topic: must be left out: the metrics are in us-west-2, the stack is in us-east-1`)
	require.EqualError(t, cdktest.Panic(func() { globalentry.NewAccelerator(stack, "None", nil) }),
		"Test/None: invalid globalentry.AcceleratorProps:\n  - Listeners: must be between 1 and 10, got 0")
}

// A region that is named is not that of the stack when that is known at deployment only.
func TestGlobalEntry_Anywhere(t *testing.T) {
	stack := awscdk.NewStack(cdktest.App(t, nil), jsii.String("Anywhere"), nil)
	props := entry(globalentry.Endpoint{ALB: importedALB(stack)})
	props.Listeners[0].Groups = append(props.Listeners[0].Groups, globalentry.EndpointGroup{Region: "us-east-1"})
	globalentry.NewAccelerator(stack, "Entry", props)
	tpl := cdktest.Synth(t, stack)
	tpl.Has("AWS::GlobalAccelerator::EndpointGroup", o{"EndpointGroupRegion": o{"Ref": "AWS::Region"}})
	tpl.Has("AWS::GlobalAccelerator::EndpointGroup", o{"EndpointGroupRegion": "us-east-1"})
	tpl.Count("AWS::CloudWatch::Alarm", 0)
}

func TestGlobalEntry_PreservingNLB(t *testing.T) {
	for name, c := range map[string]struct {
		groups, tls bool
		clientIP    globalentry.Preservation
		want        []string
	}{
		"preserves":       {groups: true, clientIP: globalentry.Preserve},
		"TLS":             {groups: true, tls: true, clientIP: globalentry.Preserve, want: []string{"Test/NLB/Late/Resource is a TLS listener"}},
		"no groups":       {clientIP: globalentry.Preserve, want: []string{"the load balancer has no security groups"}},
		"neither":         {tls: true, clientIP: globalentry.Preserve, want: []string{"the load balancer has no security groups", "is a TLS listener"}},
		"hides TLS":       {tls: true, clientIP: globalentry.Hide},
		"hides by itself": {tls: true},
	} {
		t.Run(name, func(t *testing.T) {
			stack, vpc := regional(t, "us-east-1")
			props := &elb.NetworkLoadBalancerProps{Vpc: vpc}
			if c.groups {
				props.SecurityGroups = &[]awsec2.ISecurityGroup{awsec2.NewSecurityGroup(stack, jsii.String("Group"), &awsec2.SecurityGroupProps{Vpc: vpc})}
			}
			nlb := elb.NewNetworkLoadBalancer(stack, jsii.String("NLB"), props)
			globalentry.NewAccelerator(stack, "Entry", entry(globalentry.Endpoint{NLB: nlb, ClientIP: c.clientIP}))
			listener := &elb.BaseNetworkListenerProps{Port: jsii.Number(443), Protocol: elb.Protocol_TCP}
			if c.tls {
				listener.Protocol = elb.Protocol_TLS
				listener.Certificates = &[]elb.IListenerCertificate{elb.ListenerCertificate_FromArn(jsii.String("arn:aws:acm:us-east-1:111111111111:certificate/1"))}
			}
			listener.DefaultTargetGroups = &[]elb.INetworkTargetGroup{elb.NewNetworkTargetGroup(stack, jsii.String("Targets"), &elb.NetworkTargetGroupProps{
				Vpc: vpc, Port: jsii.Number(80), TargetType: elb.TargetType_IP,
			})}
			nlb.AddListener(jsii.String("Late"), listener)
			err := cdktest.Panic(func() { cdktest.Synth(t, stack) })
			if c.want == nil {
				require.NoError(t, err)
			}
			for _, want := range c.want {
				require.ErrorContains(t, err, want)
				require.ErrorContains(t, err, "[Test/Entry] Test/Entry/Listeners/Web/Group cannot preserve the clients' addresses: ")
			}
		})
	}
}

func TestGlobalEntry_Alarm(t *testing.T) {
	stack, _ := regional(t, "us-west-2")
	e := globalentry.NewAccelerator(stack, "Entry", entry())
	tpl := cdktest.Synth(t, stack)
	accelerator := tpl.All("AWS::GlobalAccelerator::Accelerator")[0].LogicalID
	key := tpl.HasResource("AWS::KMS::Key", o{"DeletionPolicy": "Retain", "Properties": o{"EnableKeyRotation": true}})
	topic := tpl.Has("AWS::SNS::Topic", o{"KmsMasterKeyId": o{"Fn::GetAtt": a{key.LogicalID, "Arn"}}})
	tpl.Has("AWS::CloudWatch::Alarm", o{
		"AlarmDescription": "Endpoints are unhealthy, in 2 of 3 minutes (Test/Entry)", "Namespace": "AWS/GlobalAccelerator", "MetricName": "UnhealthyEndpointCount",
		"Dimensions": a{o{"Name": "Accelerator", "Value": o{"Fn::Select": a{1, o{"Fn::Split": a{"/", o{"Fn::GetAtt": a{accelerator, "AcceleratorArn"}}}}}}}},
		"Statistic":  "Maximum", "Threshold": 0, "Period": 60, "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "notBreaching",
		"AlarmActions": a{o{"Ref": topic.LogicalID}},
	})
	assert.NotNil(t, e.Unhealthy)
	assert.NotNil(t, e.Key)

	off, _ := regional(t, "us-west-2")
	props := entry()
	props.Alarms.Disable = true
	assert.Nil(t, globalentry.NewAccelerator(off, "Entry", props).Unhealthy)
	none := cdktest.Synth(t, off)
	none.Count("AWS::CloudWatch::Alarm", 0)
	none.Count("AWS::SNS::Topic", 0)

	own, _ := regional(t, "us-west-2")
	props.Alarms = globalentry.Alarms{Topic: awssns.Topic_FromTopicArn(own, jsii.String("Topic"), jsii.String("arn:aws:sns:us-west-2:111111111111:alarms"))}
	assert.Nil(t, globalentry.NewAccelerator(own, "Entry", props).Key)
	given := cdktest.Synth(t, own)
	given.Has("AWS::CloudWatch::Alarm", o{"AlarmActions": a{"arn:aws:sns:us-west-2:111111111111:alarms"}})
	given.Count("AWS::KMS::Key", 0)

	keyed, _ := regional(t, "us-west-2")
	props.Alarms = globalentry.Alarms{Key: awskms.Key_FromKeyArn(keyed, jsii.String("Mine"), jsii.String("arn:aws:kms:us-west-2:111111111111:key/k"))}
	globalentry.NewAccelerator(keyed, "Entry", props)
	mine := cdktest.Synth(t, keyed)
	mine.Count("AWS::KMS::Key", 0)
	mine.Has("AWS::SNS::Topic", o{"KmsMasterKeyId": "arn:aws:kms:us-west-2:111111111111:key/k"})

	destroyed, _ := regional(t, "us-west-2")
	props.Alarms = globalentry.Alarms{RemovalPolicy: awscdk.RemovalPolicy_DESTROY}
	globalentry.NewAccelerator(destroyed, "Entry", props)
	cdktest.Synth(t, destroyed).HasResource("AWS::KMS::Key", o{"DeletionPolicy": "Delete"})
}

func TestGlobalEntry_OwnBucket(t *testing.T) {
	stack := cdktest.Stack(t)
	props := entry()
	props.FlowLogs = globalentry.FlowLogs{Bucket: newBucket(stack, "Logs", awscdk.RemovalPolicy_DESTROY), Prefix: "edge/shop"}
	globalentry.NewAccelerator(stack, "Entry", props)
	tpl := cdktest.Synth(t, stack)
	bucket := tpl.All("AWS::S3::Bucket")
	require.Len(t, bucket, 1)
	tpl.Has("AWS::S3::BucketPolicy", o{"PolicyDocument": o{"Statement": cdktest.ArrayWith(
		o{"Sid": "AWSLogDeliveryWrite", "Resource": o{"Fn::Join": a{"", a{o{"Fn::GetAtt": a{bucket[0].LogicalID, "Arn"}}, "/edge/shop/AWSLogs/111111111111/*"}}}},
	)}})
	tpl.Has("AWS::GlobalAccelerator::Accelerator", o{"FlowLogsS3Bucket": o{"Ref": bucket[0].LogicalID}, "FlowLogsS3Prefix": "edge/shop"})

	other := cdktest.Stack(t)
	props.FlowLogs = globalentry.FlowLogs{Bucket: awss3.Bucket_FromBucketName(other, jsii.String("Logs"), jsii.String("logs"))}
	globalentry.NewAccelerator(other, "Entry", props)
	tpl = cdktest.Synth(t, other)
	tpl.Count("AWS::S3::BucketPolicy", 0)
	tpl.HasResource("AWS::GlobalAccelerator::Accelerator", o{"DependsOn": cdktest.Absent, "Properties": o{"FlowLogsEnabled": true, "FlowLogsS3Bucket": "logs"}})
}

func TestGlobalEntry_Configure(t *testing.T) {
	stack := cdktest.Stack(t)
	props := entry()
	props.ConfigureAccelerator = func(p *awsglobalaccelerator.CfnAcceleratorProps) { p.Name = jsii.String("edited") }
	props.Listeners[0].ConfigureListener = func(p *awsglobalaccelerator.CfnListenerProps) { p.ClientAffinity = jsii.String("SOURCE_IP") }
	props.Listeners[0].Groups[0].ConfigureGroup = func(p *awsglobalaccelerator.CfnEndpointGroupProps) { p.ThresholdCount = jsii.Number(7) }
	globalentry.NewAccelerator(stack, "Entry", props)
	tpl := cdktest.Synth(t, stack)
	tpl.Has("AWS::GlobalAccelerator::Accelerator", o{"Name": "edited"})
	tpl.Has("AWS::GlobalAccelerator::Listener", o{"ClientAffinity": "SOURCE_IP"})
	tpl.Has("AWS::GlobalAccelerator::EndpointGroup", o{"ThresholdCount": 7})
}

// A listener may have the name of anything else that is there.
func TestGlobalEntry_NamesOfListeners(t *testing.T) {
	stack, _ := regional(t, "us-west-2")
	props := entry()
	first := props.Listeners[0]
	props.Listeners = nil
	for i, name := range []string{"Accelerator", "FlowLogs", "Key", "AlarmTopic", "Unhealthy", "Listeners", "Resource"} {
		first.Name, first.Ports = name, []globalentry.PortRange{{From: 80 + i}}
		props.Listeners = append(props.Listeners, first)
	}
	globalentry.NewAccelerator(stack, "Entry", props)
	cdktest.Synth(t, stack).Count("AWS::GlobalAccelerator::Listener", 7)
}

// The props that a user gave stay as they are.
func TestGlobalEntry_LeavesItsProps(t *testing.T) {
	stack := cdktest.Stack(t)
	props := entry()
	globalentry.NewAccelerator(stack, "Entry", props)
	assert.Equal(t, entry(), props)
}

func TestGlobalEntryAttachment(t *testing.T) {
	stack := cdktest.Stack(t)
	at := globalentry.NewAttachment(stack, "Shared", &globalentry.AttachmentProps{
		Accounts: []string{"222222222222"}, Accelerators: []string{"arn:aws:globalaccelerator::333333333333:accelerator/1a-2b"},
		Endpoints: []string{entryNLB}, CIDRs: []string{"203.0.113.0/24"},
	})
	awscdk.NewCfnOutput(stack, jsii.String("Arn"), &awscdk.CfnOutputProps{Value: at.ARN()})
	tpl := cdktest.Synth(t, stack)
	made := tpl.HasResource("AWS::GlobalAccelerator::CrossAccountAttachment", o{"Properties": cdktest.Exactly(o{
		"Name": "Test-Shared-2165D12E", "Principals": a{"222222222222", "arn:aws:globalaccelerator::333333333333:accelerator/1a-2b"},
		"Resources": a{o{"EndpointId": entryNLB}, o{"Cidr": "203.0.113.0/24"}},
	})})
	assert.Equal(t, o{"Fn::GetAtt": a{made.LogicalID, "AttachmentArn"}}, tpl.Output("Arn"))

	named := cdktest.Stack(t)
	globalentry.NewAttachment(named, "Shared", &globalentry.AttachmentProps{
		Name: "shared", Accounts: []string{"222222222222"}, CIDRs: []string{"203.0.113.0/24"},
		ConfigureAttachment: func(p *awsglobalaccelerator.CfnCrossAccountAttachmentProps) {
			p.Principals = jsii.Strings("444444444444")
		},
	})
	cdktest.Synth(t, named).Has("AWS::GlobalAccelerator::CrossAccountAttachment", o{"Name": "shared", "Principals": a{"444444444444"}})
	require.ErrorContains(t, cdktest.Panic(func() { globalentry.NewAttachment(named, "Wrong", nil) }), "Test/Wrong: invalid globalentry.AttachmentProps:")
}

func TestGlobalEntrySecurityGroup(t *testing.T) {
	stack := unbuilt(t)
	vpc := awsec2.Vpc_FromVpcAttributes(stack, jsii.String("Vpc"), &awsec2.VpcAttributes{
		VpcId: jsii.String("vpc-0123456789abcdef0"), AvailabilityZones: jsii.Strings("us-east-1a", "us-east-1b"), PrivateSubnetIds: jsii.Strings("subnet-0123456789abcdef0", "subnet-0123456789abcdef1"),
	})
	group := awsec2.NewSecurityGroup(stack, jsii.String("Group"), &awsec2.SecurityGroupProps{Vpc: vpc})
	alb := elb.NewApplicationLoadBalancer(stack, jsii.String("ALB"), &elb.ApplicationLoadBalancerProps{Vpc: vpc, SecurityGroup: group})
	e := globalentry.NewAccelerator(stack, "Entry", entry(globalentry.Endpoint{ALB: alb}))
	g := globalentry.NewSecurityGroup(stack, "Clients", &globalentry.SecurityGroupProps{VPC: vpc, Accelerator: e})
	g.Admit("HTTPS", group, globalentry.TCP, 443)
	g.Admit("QUIC", group, globalentry.UDP, 443)
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("globalentry/security_group")

	found := tpl.HasResource("Custom::StrataAcceleratorGroup", o{
		"DependsOn":  cdktest.ArrayWith(tpl.All("AWS::GlobalAccelerator::EndpointGroup")[0].LogicalID),
		"Properties": o{"VpcId": "vpc-0123456789abcdef0"},
	})
	to := o{"Fn::GetAtt": a{tpl.All("AWS::EC2::SecurityGroup")[0].LogicalID, "GroupId"}}
	from := o{"Fn::GetAtt": a{found.LogicalID, "GroupId"}}
	tpl.Count("AWS::EC2::SecurityGroupIngress", 2)
	for _, protocol := range []string{"tcp", "udp"} {
		tpl.Has("AWS::EC2::SecurityGroupIngress", o{"GroupId": to, "SourceSecurityGroupId": from, "IpProtocol": protocol, "FromPort": 443, "ToPort": 443})
	}
	tpl.Each("AWS::EC2::SecurityGroup", o{"SecurityGroupIngress": cdktest.Absent}) // nobody else may come
	tpl.Has("AWS::IAM::Policy", o{"PolicyDocument": o{"Statement": cdktest.ArrayWith(
		o{"Effect": "Allow", "Action": "ec2:DescribeSecurityGroups", "Resource": "*"},
	)}})
	tpl.Has("AWS::Lambda::Function", o{"Architectures": a{"arm64"}, "Timeout": 300})

	set, made := regional(t, "us-east-1")
	globalentry.NewSecurityGroup(set, "Clients", &globalentry.SecurityGroupProps{
		VPC: made, Accelerator: globalentry.NewAccelerator(set, "Entry", entry()), Architecture: "x86_64", LogRetentionDays: 7,
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY, Key: awskms.Key_FromKeyArn(set, jsii.String("Mine"), jsii.String("arn:aws:kms:us-east-1:111111111111:key/k")),
	})
	tpl = cdktest.Synth(t, set)
	tpl.Has("Custom::StrataAcceleratorGroup", o{"VpcId": o{"Ref": tpl.All("AWS::EC2::VPC")[0].LogicalID}})
	tpl.Count("AWS::KMS::Key", 0)
	tpl.Has("AWS::Lambda::Function", o{"Architectures": a{"x86_64"}})
	tpl.HasResource("AWS::Logs::LogGroup", o{"DeletionPolicy": "Delete", "Properties": o{"RetentionInDays": 7}})
	require.ErrorContains(t, cdktest.Panic(func() { globalentry.NewSecurityGroup(set, "Wrong", nil) }), "Test/Wrong: invalid globalentry.SecurityGroupProps:")
	require.EqualError(t, cdktest.Panic(func() { g.Admit("Wrong", nil, "TLS", 65536) }), `Test/Clients/Wrong: invalid globalentry.SecurityGroup.Admit:
  - to: must be given
  - protocol: must be one of TCP, UDP, got TLS
  - port: must be between 1 and 65535, got 65536`)
}

func TestGlobalEntry_PassesNag(t *testing.T) {
	stack := unbuilt(t)
	vpc := awsec2.Vpc_FromVpcAttributes(stack, jsii.String("Vpc"), &awsec2.VpcAttributes{VpcId: jsii.String("vpc-0123456789abcdef0"), AvailabilityZones: jsii.Strings("us-east-1a")})
	e := globalentry.NewAccelerator(stack, "Entry", entry(globalentry.Endpoint{ALB: importedALB(stack)}))
	g := globalentry.NewSecurityGroup(stack, "Clients", &globalentry.SecurityGroupProps{VPC: vpc, Accelerator: e})
	g.Admit("HTTPS", awsec2.NewSecurityGroup(stack, jsii.String("Group"), &awsec2.SecurityGroupProps{Vpc: vpc}), globalentry.TCP, 443)
	globalentry.NewAttachment(stack, "Shared", &globalentry.AttachmentProps{Accounts: []string{"222222222222"}, Endpoints: []string{entryNLB}})
	findings, suppressed := cdktest.Nag(t, stack)
	assert.Empty(t, findings)
	var rules []string
	for _, s := range suppressed {
		rules = append(rules, s.Rule)
	}
	assert.Equal(t, []string{"AwsSolutions-IAM5", "AwsSolutions-S1"}, rules)
}

func ExampleNewAccelerator() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Edge"), nil)
	entry := globalentry.NewAccelerator(stack, "Entry", &globalentry.AcceleratorProps{Listeners: []globalentry.Listener{{
		Name: "Web", Ports: []globalentry.PortRange{{From: 443}},
		Groups: []globalentry.EndpointGroup{
			{Region: "us-east-1", Endpoints: []globalentry.Endpoint{{ALB: importedALB(stack)}}},
			{Region: "eu-west-1", Endpoints: []globalentry.Endpoint{{NLB: importedNLB(stack)}}},
		},
	}}})
	fmt.Println(*entry.Groups["Web"]["eu-west-1"].EndpointGroupRegion())
	// Output: eu-west-1
}

func ExampleNewAttachment() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Shared"), nil)
	shared := globalentry.NewAttachment(stack, "Shop", &globalentry.AttachmentProps{
		Accounts: []string{"111122223333"}, Endpoints: []string{*importedALB(stack).LoadBalancerArn()},
	})
	fmt.Println(*shared.Node().Path())
	// Output: Shared/Shop
}

func ExampleNewSecurityGroup() {
	app := awscdk.NewApp(&awscdk.AppProps{Context: &map[string]any{"aws:cdk:bundling-stacks": []string{}}}) // an app builds the function
	stack := awscdk.NewStack(app, jsii.String("Edge"), nil)
	vpc := awsec2.NewVpc(stack, jsii.String("Vpc"), nil)
	alb := elb.NewApplicationLoadBalancer(stack, jsii.String("ALB"), &elb.ApplicationLoadBalancerProps{Vpc: vpc})
	clients := globalentry.NewSecurityGroup(stack, "Clients", &globalentry.SecurityGroupProps{
		VPC: vpc, Accelerator: globalentry.NewAccelerator(stack, "Entry", entry(globalentry.Endpoint{ALB: alb})),
	})
	rule := clients.Admit("HTTPS", (*alb.Connections().SecurityGroups())[0], globalentry.TCP, 443)
	fmt.Println(*rule.Description())
	// Output: Clients of the accelerator, port 443
}
