package constructs_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awselasticbeanstalk"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/beanstalk"
)

func TestBeanstalkWeb_OptOuts(t *testing.T) {
	tpl := synthWeb(t, func(_ awscdk.Stack, p *beanstalk.WebEnvironmentProps) {
		p.Health.Basic, p.Updates.Disable, p.Logs.Disable, p.DisableXRay = true, true, true, true
		p.Alarms.Disable, p.DisableDashboard, p.LoadBalancer.DisableAccessLogs = true, true, true
	})
	tpl.Count("AWS::CloudWatch::Alarm", 0)
	tpl.Count("AWS::CloudWatch::Dashboard", 0)
	tpl.Count("AWS::S3::Bucket", 0)
	for _, policy := range tpl.All("AWS::IAM::Policy") {
		text, err := json.Marshal(policy.Properties)
		require.NoError(t, err)
		if strings.HasPrefix(policy.LogicalID, "ShopInstanceRole") {
			for _, action := range []string{"xray:", "logs:", "PutInstanceStatistics", "s3:PutObject", `"Resource":"*"`} {
				assert.NotContains(t, string(text), action)
			}
		}
	}
}

func TestBeanstalkWeb_LoadBalancers(t *testing.T) {
	t.Run("network", func(t *testing.T) {
		tpl := synthWeb(t, func(_ awscdk.Stack, p *beanstalk.WebEnvironmentProps) {
			p.LoadBalancer.Type, p.LoadBalancer.AllowedCIDRs = beanstalk.NetworkLoadBalancer, []string{"192.0.2.0/24"}
		})
		subset(t, map[string]any{
			"aws:elasticbeanstalk:environment|LoadBalancerType": "network", "aws:elbv2:listener:443|Protocol": "TLS",
			"aws:elbv2:listener:default|ListenerEnabled": "false", "aws:elasticbeanstalk:environment:process:default|Protocol": "TCP",
		}, onlyEnvironment(t, tpl))
		tpl.Has("AWS::EC2::SecurityGroup", o{"GroupDescription": "Instances of Test/Shop", "SecurityGroupIngress": a{
			o{"CidrIp": "192.0.2.0/24", "FromPort": 80.}, o{"CidrIp": o{"Fn::GetAtt": cdktest.Exactly(a{tpl.All("AWS::EC2::VPC")[0].LogicalID, "CidrBlock"})}, "FromPort": 80.},
		}})
	})
	t.Run("classic", func(t *testing.T) {
		subset(t, map[string]any{
			"aws:elasticbeanstalk:environment|LoadBalancerType":                   "classic",
			"aws:elb:listener|ListenerEnabled":                                    "false",
			"aws:elb:listener:443|ListenerProtocol":                               "HTTPS",
			"aws:elb:listener:443|SSLCertificateId":                               "arn:aws:acm:us-east-1:111122223333:certificate/1",
			"aws:elb:listener:443|InstanceProtocol":                               "HTTP",
			"aws:elb:policies:TLS|SSLReferencePolicy":                             "ELBSecurityPolicy-TLS-1-2-2017-01",
			"aws:elb:policies|ConnectionDrainingEnabled":                          "true",
			"aws:elasticbeanstalk:application|Application Healthcheck URL":        "HTTP:80/",
			"aws:elbv2:listener:443|Protocol":                                     nil,
			"aws:elasticbeanstalk:environment:process:default|HealthCheckTimeout": nil,
		}, onlyEnvironment(t, synthWeb(t, func(_ awscdk.Stack, p *beanstalk.WebEnvironmentProps) {
			p.LoadBalancer.Type = beanstalk.ClassicLoadBalancer
		})))
	})
	t.Run("internal and in plaintext", func(t *testing.T) {
		tpl := synthWeb(t, func(_ awscdk.Stack, p *beanstalk.WebEnvironmentProps) {
			p.LoadBalancer = beanstalk.LoadBalancer{AllowPlaintext: true, Internal: true}
		})
		got := onlyEnvironment(t, tpl)
		subset(t, map[string]any{
			"aws:ec2:vpc|ELBScheme": "internal", "aws:elbv2:listener:default|Protocol": "HTTP", "aws:elbv2:listener:default|ListenerEnabled": "true",
			"aws:elbv2:listener:443|Protocol": nil, "aws:ec2:vpc|ELBSubnets": got["aws:ec2:vpc|Subnets"],
		}, got)
		tpl.Has("AWS::EC2::SecurityGroup", o{"GroupDescription": "Load balancer of Test/Shop", "SecurityGroupIngress": a{o{"CidrIp": cdktest.Exactly(o{"Fn::GetAtt": a{tpl.All("AWS::EC2::VPC")[0].LogicalID, "CidrBlock"}}), "FromPort": 80.}}})
	})
	t.Run("shared", func(t *testing.T) {
		tpl := synthWeb(t, func(stack awscdk.Stack, p *beanstalk.WebEnvironmentProps) {
			p.LoadBalancer = beanstalk.LoadBalancer{
				Shared: elb.NewApplicationLoadBalancer(stack, jsii.String("Shared"), &elb.ApplicationLoadBalancerProps{Vpc: p.VPC}),
				Rules:  map[string]beanstalk.Rule{"host": {Hosts: []string{"shop.example.com"}, Priority: 1, Process: "default"}},
			}
		})
		balancer := tpl.All("AWS::ElasticLoadBalancingV2::LoadBalancer")[0]
		got := onlyEnvironment(t, tpl)
		subset(t, map[string]any{
			"aws:elasticbeanstalk:environment|LoadBalancerIsShared": "true",
			"aws:elbv2:loadbalancer|SharedLoadBalancer":             o{"Ref": balancer.LogicalID},
			"aws:elbv2:listener:443|Rules":                          "default,host",
			"aws:elbv2:listener:443|Protocol":                       nil,
			"aws:elbv2:loadbalancer|IdleTimeout":                    nil,
			"aws:elbv2:listenerrule:host|HostHeaders":               "shop.example.com",
		}, got)
		tpl.Has("AWS::EC2::SecurityGroupIngress", o{"FromPort": 80., "SourceSecurityGroupId": got["aws:elbv2:loadbalancer|SecurityGroups"]})
	})
	t.Run("single instance", func(t *testing.T) {
		for port, lb := range map[float64]beanstalk.LoadBalancer{443: {}, 80: {AllowPlaintext: true}} {
			tpl := synthWeb(t, func(_ awscdk.Stack, p *beanstalk.WebEnvironmentProps) { p.SingleInstance, p.LoadBalancer = true, lb })
			subset(t, map[string]any{
				"aws:elasticbeanstalk:environment|EnvironmentType": "SingleInstance", "aws:elasticbeanstalk:environment|LoadBalancerType": nil,
				"aws:autoscaling:asg|MinSize": "1", "aws:autoscaling:asg|MaxSize": "1", "aws:ec2:vpc|AssociatePublicIpAddress": "true",
				"aws:elasticbeanstalk:command|DeploymentPolicy": "Immutable", "aws:autoscaling:trigger|MeasureName": nil,
			}, onlyEnvironment(t, tpl))
			tpl.Has("AWS::EC2::SecurityGroup", o{"GroupDescription": "Instances of Test/Shop", "SecurityGroupIngress": a{o{"FromPort": port}}})
		}
	})
}

func TestBeanstalkApp_Options(t *testing.T) {
	stack := cdktest.Stack(t)
	app := beanstalk.NewApp(stack, "Other", &beanstalk.AppProps{
		Name: "shop", Lifecycle: beanstalk.Lifecycle{MaxAgeDays: 90, DeleteSourceBundles: true}, RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
		ConfigureApplication: func(p *awselasticbeanstalk.CfnApplicationProps) { p.Description = jsii.String("edited") },
	})
	props := webProps(stack)
	props.App = app
	beanstalk.NewWebEnvironment(stack, "Shop", props)
	props.Bundle = sourceBundle("two")
	beanstalk.NewWebEnvironment(stack, "Again", props)
	tpl := cdktest.Synth(t, stack)
	tpl.Has("AWS::ElasticBeanstalk::Application", o{"ApplicationName": "shop", "Description": "edited", "ResourceLifecycleConfig": o{"VersionLifecycleConfig": o{
		"MaxCountRule": o{"Enabled": false}, "MaxAgeRule": o{"Enabled": true, "MaxAgeInDays": 90., "DeleteSourceFromS3": true},
	}}})
	policies := 0
	for _, p := range tpl.All("AWS::IAM::Policy") {
		text, err := json.Marshal(p.Properties)
		require.NoError(t, err)
		policies += strings.Count(string(text), "s3:DeleteObjectVersion")
	}
	assert.Equal(t, 1, policies, "granted once for all bundles")
	tpl.HasResource("AWS::KMS::Key", o{"DeletionPolicy": "Delete"})
}
