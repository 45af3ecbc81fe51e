package constructs_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/albfargate"
	"github.com/strata-cdk/strata/constructs/ecsservice"
	"github.com/strata-cdk/strata/constructs/network"
)

// shop is a service with a domain name: the least that HTTPS needs.
func shop(stack constructs.Construct, image string) *albfargate.ServiceProps {
	return &albfargate.ServiceProps{
		CommonProps: ecsservice.CommonProps{
			VPC: network.NewVPC(stack, "Network", &network.VPCProps{NAT: network.One, DisableFlowLogs: true, KeepDefaultSecurityGroup: true}).Vpc,
			Containers: []ecsservice.Container{{
				Name: "app", Image: awsecs.ContainerImage_FromRegistry(&image, nil), Ports: []ecsservice.Port{{Number: 8080, Name: "web"}},
			}},
		},
		LoadBalancing: ecsservice.LoadBalancing{Domain: &ecsservice.Domain{
			Names: []string{"shop.example.com", "www.example.com"},
			Zone: awsroute53.HostedZone_FromHostedZoneAttributes(stack, jsii.String("Zone"), &awsroute53.HostedZoneAttributes{
				HostedZoneId: jsii.String("Z1"), ZoneName: jsii.String("example.com"),
			}),
		}},
	}
}

// synthShop synthesises shop with an edit.
func synthShop(t *testing.T, edit func(*albfargate.ServiceProps)) *cdktest.Template {
	t.Helper()
	stack := cdktest.Stack(t)
	props := shop(stack, "example/app:1")
	if edit != nil {
		edit(props)
	}
	albfargate.NewService(stack, "Shop", props)
	return cdktest.Synth(t, stack)
}

func TestFargateService_Defaults(t *testing.T) {
	tpl := synthShop(t, nil)
	tpl.Snapshot("albfargate/default")

	tpl.Has("AWS::ECS::TaskDefinition", o{
		"Cpu": "256", "Memory": "512", "NetworkMode": "awsvpc", "RuntimePlatform": o{"CpuArchitecture": "X86_64", "OperatingSystemFamily": "LINUX"},
		"EphemeralStorage": cdktest.Absent,
	})
	tpl.Has("AWS::ECS::TaskDefinition", o{"ContainerDefinitions": a{o{
		"Name": "app", "Image": "example/app:1", "Essential": true, "ReadonlyRootFilesystem": true, "StopTimeout": 30,
		"PortMappings": a{cdktest.Exactly(o{"ContainerPort": 8080, "Protocol": "tcp", "Name": "web"})},
		"LogConfiguration": o{"LogDriver": "awslogs", "Options": o{
			"awslogs-group": o{"Ref": cdktest.Text("^ShopLogs")}, "awslogs-stream-prefix": "app", "awslogs-region": "us-east-1", "mode": "non-blocking",
		}},
	}}})
	assert.Len(t, container(t, tpl, "app"), 7, "what was not asked for is left to the image and to ECS")
	tpl.Has("AWS::ECS::Service", o{
		"DesiredCount": 2, "EnableExecuteCommand": false, "EnableECSManagedTags": true, "HealthCheckGracePeriodSeconds": 60, "PropagateTags": "SERVICE",
		"AvailabilityZoneRebalancing": "ENABLED",
		"DeploymentConfiguration": o{
			"Strategy": "ROLLING", "BakeTimeInMinutes": 10, "MinimumHealthyPercent": 100, "MaximumPercent": 200,
			"DeploymentCircuitBreaker": o{"Enable": true, "Rollback": true},
			"Alarms":                   o{"Enable": true, "Rollback": true, "AlarmNames": a{o{"Ref": cdktest.Text("ServerErrors")}}},
		},
		"NetworkConfiguration": o{"AwsvpcConfiguration": o{"AssignPublicIp": "DISABLED", "Subnets": a{o{"Ref": cdktest.Text("Private")}, o{"Ref": cdktest.Text("Private")}}}},
	})
	tpl.Has("AWS::ECS::Cluster", o{"ClusterSettings": a{o{"Name": "containerInsights", "Value": "enabled"}}, "Configuration": cdktest.Absent, "ServiceConnectDefaults": cdktest.Absent})
	tpl.Has("AWS::ECS::ClusterCapacityProviderAssociations", o{"CapacityProviders": a{"FARGATE", "FARGATE_SPOT"}})
	tpl.Has("AWS::ElasticLoadBalancingV2::LoadBalancer", o{
		"Scheme": "internet-facing", "Subnets": a{o{"Ref": cdktest.Text("Public")}, o{"Ref": cdktest.Text("Public")}},
		"LoadBalancerAttributes": cdktest.ArrayWith(
			o{"Key": "deletion_protection.enabled", "Value": "true"}, o{"Key": "routing.http.drop_invalid_header_fields.enabled", "Value": "true"},
			o{"Key": "access_logs.s3.enabled", "Value": "true"}, o{"Key": "routing.http.desync_mitigation_mode", "Value": "defensive"},
		),
	})
	tpl.Has("AWS::ElasticLoadBalancingV2::Listener", o{"Port": 443, "Protocol": "HTTPS", "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06"})
	tpl.Has("AWS::ElasticLoadBalancingV2::Listener", o{"Port": 80, "DefaultActions": a{o{
		"Type": "redirect", "RedirectConfig": o{"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"},
	}}})
	tpl.Count("AWS::ElasticLoadBalancingV2::Listener", 2)
	tpl.Count("AWS::ElasticLoadBalancingV2::ListenerRule", 0)
	tpl.Count("AWS::ElasticLoadBalancingV2::TargetGroup", 1)
	tpl.Has("AWS::ElasticLoadBalancingV2::TargetGroup", o{
		"Port": 8080, "Protocol": "HTTP", "ProtocolVersion": "HTTP1", "TargetType": "ip", "HealthCheckPath": "/", "HealthCheckIntervalSeconds": 15,
		"HealthCheckTimeoutSeconds": 5, "HealthyThresholdCount": 2, "UnhealthyThresholdCount": 3, "Matcher": o{"HttpCode": "200"},
		"TargetGroupAttributes": a{o{"Key": "deregistration_delay.timeout_seconds", "Value": "30"}, o{"Key": "stickiness.enabled", "Value": "false"}},
	})
	tpl.Has("AWS::CertificateManager::Certificate", o{
		"DomainName": "shop.example.com", "SubjectAlternativeNames": a{"www.example.com"}, "ValidationMethod": "DNS",
		"DomainValidationOptions": a{o{"DomainName": "shop.example.com", "HostedZoneId": "Z1"}, o{"DomainName": "www.example.com", "HostedZoneId": "Z1"}},
	})
	tpl.Count("AWS::Route53::RecordSet", 2)
	tpl.Each("AWS::Route53::RecordSet", o{"Type": "A", "AliasTarget": o{"DNSName": cdktest.Text("dualstack")}})
	tpl.Count("AWS::WAFv2::WebACLAssociation", 1)
	tpl.EachResource("AWS::Logs::LogGroup", o{"DeletionPolicy": cdktest.Text("^Retain"), "Properties": o{"RetentionInDays": 365, "KmsKeyId": cdktest.Any}})
	tpl.Count("AWS::CloudWatch::Alarm", 6)
	tpl.Each("AWS::CloudWatch::Alarm", o{"AlarmActions": a{o{"Ref": tpl.All("AWS::SNS::Topic")[0].LogicalID}}, "TreatMissingData": "notBreaching"})
	tpl.Count("AWS::CloudWatch::Dashboard", 1)
}

func TestFargateService_OptingOut(t *testing.T) {
	tpl := synthShop(t, func(p *albfargate.ServiceProps) {
		p.Alarms.Disable, p.DisableDashboard = true, true
		p.LoadBalancing = ecsservice.LoadBalancing{
			AllowPlaintext: true, DisableAccessLogs: true, DisableWAF: true, DisableDeletionProtection: true,
		}
		p.Deployment.DisableCircuitBreaker = true
		p.Containers[0].WritableRoot = true
	})
	for _, typ := range []string{
		"AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard", "AWS::SNS::Topic", "AWS::S3::Bucket", "AWS::WAFv2::WebACL",
		"AWS::CertificateManager::Certificate", "AWS::Route53::RecordSet",
	} {
		tpl.Count(typ, 0)
	}
	tpl.Count("AWS::ElasticLoadBalancingV2::Listener", 1)
	tpl.Has("AWS::ElasticLoadBalancingV2::Listener", o{"Port": 80, "Protocol": "HTTP", "DefaultActions": a{o{"Type": "forward"}}})
	tpl.Has("AWS::ElasticLoadBalancingV2::LoadBalancer", o{"LoadBalancerAttributes": cdktest.ArrayWith(o{"Key": "deletion_protection.enabled", "Value": "false"})})
	tpl.Has("AWS::ECS::Service", o{"DeploymentConfiguration": o{"DeploymentCircuitBreaker": o{"Enable": false, "Rollback": false}, "Alarms": o{"Enable": false}}})
	assert.Equal(t, false, container(t, tpl, "app")["ReadonlyRootFilesystem"])
}

func TestFargateService_HooksOfL2(t *testing.T) {
	stack := cdktest.Stack(t)
	props := shop(stack, "example/app:1")
	props.Alarms.Topic = awssns.Topic_FromTopicArn(stack, jsii.String("Topic"), jsii.String("arn:aws:sns:us-east-1:111111111111:ops"))
	props.ConfigureTask = func(p *awsecs.FargateTaskDefinitionProps) { p.Family = jsii.String("shop") }
	props.ConfigureService = func(p *awsecs.FargateServiceProps) { p.ServiceName = jsii.String("shop") }
	props.ConfigureCluster = func(p *awsecs.ClusterProps) { p.ContainerInsightsV2 = awsecs.ContainerInsights_ENHANCED }
	props.ConfigureContainer = func(name string, p *awsecs.ContainerDefinitionOptions) { p.Hostname = jsii.String("host-" + name) }
	albfargate.NewService(stack, "Shop", props)
	tpl := cdktest.Synth(t, stack)
	tpl.Has("AWS::ECS::TaskDefinition", o{"Family": "shop"})
	tpl.Has("AWS::ECS::Service", o{"ServiceName": "shop"})
	tpl.Has("AWS::ECS::Cluster", o{"ClusterSettings": a{o{"Value": "enhanced"}}})
	assert.Equal(t, "host-app", container(t, tpl, "app")["Hostname"])
	tpl.Count("AWS::SNS::Topic", 0)
}

func TestFargateWorker(t *testing.T) {
	stack := cdktest.Stack(t)
	vpc := network.NewVPC(stack, "Network", nil)
	queue := awssqs.NewQueue(stack, jsii.String("Queue"), nil)
	worker := albfargate.NewWorker(stack, "Worker", &albfargate.WorkerProps{CommonProps: ecsservice.CommonProps{
		VPC:        vpc.Vpc,
		Containers: []ecsservice.Container{{Name: "worker", Image: awsecs.ContainerImage_FromRegistry(jsii.String("example/worker:1"), nil)}},
		Scaling: &ecsservice.Scaling{Max: 10, Queue: &ecsservice.QueueScaling{
			Queue: queue, ProcessingTime: time.Second, AcceptableLatency: 30 * time.Second,
		}},
	}})
	queue.GrantConsumeMessages(worker.TaskDefinition.TaskRole())
	assert.NotNil(t, worker.TaskRoleArn())
	tpl := cdktest.Synth(t, stack)
	tpl.Count("AWS::ElasticLoadBalancingV2::LoadBalancer", 0)
	tpl.Count("AWS::CloudWatch::Alarm", 3)
	tpl.Has("AWS::ECS::Service", o{"LoadBalancers": cdktest.Absent, "DeploymentConfiguration": o{"Alarms": o{"Enable": false}, "DeploymentCircuitBreaker": o{"Enable": true}}})
	tpl.Has("AWS::ApplicationAutoScaling::ScalableTarget", o{"MinCapacity": 0, "MaxCapacity": 10})
}

func TestFargateService_Nag(t *testing.T) {
	for name, edit := range map[string]func(awscdk.Stack, *albfargate.ServiceProps){
		"canary": func(stack awscdk.Stack, props *albfargate.ServiceProps) {
			app := &props.Containers[0]
			app.Environment, app.WritableRoot, props.EnableExec = map[string]string{"LEVEL": "info"}, true, true
			app.Mounts = []ecsservice.Mount{{Volume: "data", Path: "/data"}, {Volume: "fast", Path: "/fast"}}
			props.Volumes = []ecsservice.Volume{{Name: "data", EFS: &ecsservice.EFS{}}, {Name: "fast", EBS: &ecsservice.EBS{SizeGiB: 10}}}
			check := awslambda.NewFunction(stack, jsii.String("Check"), &awslambda.FunctionProps{
				Code: awslambda.Code_FromInline(jsii.String("x")), Handler: jsii.String("index.handler"), Runtime: awslambda.Runtime_NODEJS_LATEST(),
				Role: awsiam.Role_FromRoleArn(stack, jsii.String("CheckRole"), jsii.String("arn:aws:iam::111111111111:role/check"), nil),
			})
			props.Deployment = ecsservice.Deployment{Strategy: ecsservice.Canary, TestPort: 8443, Hooks: []ecsservice.Hook{{Stages: []ecsservice.Stage{ecsservice.PostScaleUp}, Function: check}}}
		},
		"CodeDeploy": func(_ awscdk.Stack, props *albfargate.ServiceProps) {
			props.Deployment.Strategy = ecsservice.CodeDeploy
		},
		"internal": func(_ awscdk.Stack, props *albfargate.ServiceProps) { props.LoadBalancing.Internal = true },
	} {
		t.Run(name, func(t *testing.T) {
			stack := cdktest.Stack(t)
			props := shop(stack, "example/app:1")
			images := awsecr.Repository_FromRepositoryName(stack, jsii.String("Images"), jsii.String("app"))
			props.Containers[0].Image = awsecs.ContainerImage_FromEcrRepository(images, jsii.String("1"))
			edit(stack, props)
			albfargate.NewService(stack, "Shop", props)
			findings, suppressed := cdktest.Nag(t, stack)
			for _, f := range findings {
				assert.Equal(t, "AwsSolutions-VPC7", f.Rule, "only the network of this test, which has no flow logs: %s", f)
			}
			for _, s := range suppressed {
				assert.Greater(t, len(s.Reason), 20, s)
			}
		})
	}
}

// What a service does not have is not explained to cdk-nag.
func TestFargateService_SuppressesWhatItMust(t *testing.T) {
	rules := func(tpl *cdktest.Template, typ, id string) (all []string) {
		for _, r := range tpl.All(typ) {
			metadata, _ := r.Body["Metadata"].(o)
			if explained, ok := metadata["cdk_nag"].(o); ok && strings.Contains(r.LogicalID, id) {
				for _, rule := range explained["rules_to_suppress"].(a) {
					all = append(all, rule.(o)["id"].(string))
				}
			}
		}
		return all
	}
	for name, edit := range map[string]func(*ecsservice.LoadBalancing){
		"internal": func(b *ecsservice.LoadBalancing) { b.Internal, b.AllowedCIDRs = true, []string{"10.0.0.0/8"} },
		"limited":  func(b *ecsservice.LoadBalancing) { b.AllowedCIDRs = []string{"203.0.113.0/24"} },
	} {
		t.Run(name, func(t *testing.T) {
			tpl := synthShop(t, func(p *albfargate.ServiceProps) {
				edit(&p.LoadBalancing)
				p.Containers[0].Mounts, p.Volumes = []ecsservice.Mount{{Volume: "data", Path: "/data"}}, []ecsservice.Volume{{Name: "data", EFS: &ecsservice.EFS{}}}
			})
			assert.Empty(t, rules(tpl, "AWS::EC2::SecurityGroup", "LoadBalancer"))
			assert.Empty(t, rules(tpl, "AWS::ECS::TaskDefinition", ""))
			assert.Empty(t, rules(tpl, "AWS::IAM::Policy", "TaskTaskRole"))
		})
	}
	tpl := synthShop(t, func(p *albfargate.ServiceProps) {
		p.Containers[0].Environment = map[string]string{"A": "1"}
		p.Containers = append(p.Containers, ecsservice.Container{Name: "b", Image: p.Containers[0].Image, Environment: map[string]string{"B": "2"}})
	})
	assert.Equal(t, []string{"AwsSolutions-ECS2"}, rules(tpl, "AWS::ECS::TaskDefinition", ""), "once for all containers")
	assert.Equal(t, []string{"AwsSolutions-EC23"}, rules(tpl, "AWS::EC2::SecurityGroup", "LoadBalancer"))

	tpl = synthShop(t, func(p *albfargate.ServiceProps) {
		p.LoadBalancing.Internal, p.Deployment = true, ecsservice.Deployment{Strategy: ecsservice.BlueGreen, TestPort: 8443}
	})
	assert.Equal(t, []string{"CdkNagValidationFailure"}, rules(tpl, "AWS::EC2::SecurityGroup", "LoadBalancer"), "once for both listeners")
	tpl = synthShop(t, func(p *albfargate.ServiceProps) {
		p.LoadBalancing.Internal = true
		p.VPC = awsec2.Vpc_FromVpcAttributes(p.VPC.Stack(), jsii.String("Known"), &awsec2.VpcAttributes{
			VpcId: jsii.String("vpc-1"), VpcCidrBlock: jsii.String("10.0.0.0/16"), AvailabilityZones: jsii.Strings("us-east-1a", "us-east-1b"), PrivateSubnetIds: jsii.Strings("subnet-1", "subnet-2"),
		})
	})
	assert.Empty(t, rules(tpl, "AWS::EC2::SecurityGroup", "LoadBalancer"))
	tpl.Has("AWS::EC2::SecurityGroup", o{"SecurityGroupIngress": a{o{"CidrIp": "10.0.0.0/16", "FromPort": 443}, o{"CidrIp": "10.0.0.0/16", "FromPort": 80}}})

	// What others share is theirs to explain.
	stack := cdktest.Stack(t)
	props := shop(stack, "example/app:1")
	props.Deployment = ecsservice.Deployment{Strategy: ecsservice.BlueGreen, TestPort: 8443}
	props.LoadBalancing.LoadBalancer = elb.NewApplicationLoadBalancer(stack, jsii.String("Old"), &elb.ApplicationLoadBalancerProps{Vpc: props.VPC})
	albfargate.NewService(stack, "Shop", props)
	assert.Empty(t, rules(cdktest.Synth(t, stack), "AWS::EC2::SecurityGroup", "Old"))
}

func TestFargateService_ReportsEveryProblem(t *testing.T) {
	stack := cdktest.Stack(t)
	err := cdktest.Panic(func() {
		albfargate.NewService(stack, "Shop", &albfargate.ServiceProps{Task: albfargate.Task{CPU: 300}})
	})
	require.EqualError(t, err, `Test/Shop: invalid albfargate.ServiceProps:
  - VPC: must be given: the VPC that the tasks run in
  - Containers: must be 1 to 10, sidecars included, got 0
  - CPU: must be one of 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, got 300
  - LoadBalancing.Domain: must be given, or Certificates, for HTTPS; AllowPlaintext does without
  - LoadBalancing.Container: needs a container with a port`)
	err = cdktest.Panic(func() { albfargate.NewWorker(stack, "Worker", nil) })
	require.EqualError(t, err, `Test/Worker: invalid albfargate.WorkerProps:
  - VPC: must be given: the VPC that the tasks run in
  - Containers: must be 1 to 10, sidecars included, got 0`)
	assert.Empty(t, *stack.Node().Children(), "nothing is made")
}

func TestFargateService_Spot(t *testing.T) {
	spot := func(percent, base int) *cdktest.Template {
		return synthShop(t, func(p *albfargate.ServiceProps) { p.SpotPercent, p.OnDemandBase = percent, base })
	}
	only := cdktest.Exactly(o{"CapacityProvider": "FARGATE_SPOT", "Weight": 100})
	spot(100, 0).Has("AWS::ECS::Service", o{"LaunchType": cdktest.Absent, "CapacityProviderStrategy": a{only}})
	spot(100, 2).Has("AWS::ECS::Service", o{"CapacityProviderStrategy": a{o{"CapacityProvider": "FARGATE", "Base": 2, "Weight": 0}, only}})
	spot(40, 0).Has("AWS::ECS::Service", o{"CapacityProviderStrategy": a{o{"CapacityProvider": "FARGATE", "Weight": 60}, o{"CapacityProvider": "FARGATE_SPOT", "Weight": 40}}})
	spot(0, 0).Has("AWS::ECS::Service", o{"LaunchType": "FARGATE", "CapacityProviderStrategy": cdktest.Absent})
}

func ExampleNewService_fargate() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Shop"), nil)
	vpc := network.NewVPC(stack, "Network", nil)
	web := albfargate.NewService(stack, "Web", &albfargate.ServiceProps{
		CommonProps: ecsservice.CommonProps{
			VPC: vpc.Vpc,
			Containers: []ecsservice.Container{{
				Name: "web", Image: awsecs.ContainerImage_FromRegistry(jsii.String("public.ecr.aws/nginx/nginx:1.29"), nil),
				Ports: []ecsservice.Port{{Number: 8080}}, ScratchDirs: []string{"/tmp", "/var/cache/nginx"},
			}},
			Deployment: ecsservice.Deployment{Strategy: ecsservice.Canary},
			Scaling:    &ecsservice.Scaling{Max: 10},
		},
		Task:          albfargate.Task{CPU: 512, Memory: 1024},
		LoadBalancing: ecsservice.LoadBalancing{AllowPlaintext: true, Internal: true},
	})
	fmt.Println(len(web.Alarms), "alarms")
	// Output: 6 alarms
}

func ExampleNewWorker_fargate() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Shop"), nil)
	vpc := network.NewVPC(stack, "Network", nil)
	orders := awssqs.NewQueue(stack, jsii.String("Orders"), &awssqs.QueueProps{EnforceSSL: jsii.Bool(true)})
	worker := albfargate.NewWorker(stack, "Worker", &albfargate.WorkerProps{
		CommonProps: ecsservice.CommonProps{
			VPC: vpc.Vpc,
			Containers: []ecsservice.Container{{
				Name: "worker", Image: awsecs.ContainerImage_FromRegistry(jsii.String("public.ecr.aws/docker/library/busybox:1.37"), nil),
				Environment: map[string]string{"QUEUE_URL": *orders.QueueUrl()},
			}},
			// Three tasks for 30 messages that wait and take 3 s each, none for an empty queue.
			Scaling: &ecsservice.Scaling{Max: 10, Queue: &ecsservice.QueueScaling{
				Queue: orders, ProcessingTime: 3 * time.Second, AcceptableLatency: 30 * time.Second,
			}},
		},
		Task: albfargate.Task{Architecture: albfargate.ARM64, SpotPercent: 75, OnDemandBase: 1},
	})
	orders.GrantConsumeMessages(worker.TaskDefinition.TaskRole())
	fmt.Println(len(worker.Alarms), "alarms, load balancer:", worker.LoadBalancer != nil)
	// Output: 3 alarms, load balancer: false
}
