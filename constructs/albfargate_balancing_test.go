package constructs_test

import (
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
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
	albfargate.NewService(stack, "Shop", shop(stack, "example/app:1"))
	tpl := cdktest.Synth(t, stack)
	bucket := tpl.HasResource("AWS::S3::Bucket", o{"DeletionPolicy": "Retain", "Properties": o{
		"BucketEncryption":       o{"ServerSideEncryptionConfiguration": a{o{"ServerSideEncryptionByDefault": o{"SSEAlgorithm": "AES256"}}}},
		"LifecycleConfiguration": o{"Rules": a{o{"ExpirationInDays": 365, "Status": "Enabled"}}},
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
