package constructs_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
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

// container gives the definition of a container.
func container(t *testing.T, tpl *cdktest.Template, name string) o {
	t.Helper()
	for _, c := range tpl.All("AWS::ECS::TaskDefinition")[0].Properties["ContainerDefinitions"].(a) {
		if c.(o)["Name"] == name {
			return c.(o)
		}
	}
	t.Fatalf("no container %s", name)
	return nil
}

func TestFargateService_Defaults(t *testing.T) {
	tpl := synthShop(t, nil)
	tpl.Snapshot("albfargate/default")

	tpl.Has("AWS::ECS::TaskDefinition", o{
		"Cpu": "256", "Memory": "512", "NetworkMode": "awsvpc", "RuntimePlatform": o{"CpuArchitecture": "X86_64", "OperatingSystemFamily": "LINUX"},
		"EphemeralStorage": cdktest.Absent,
	})
	app := container(t, tpl, "app")
	assert.Equal(t, true, app["ReadonlyRootFilesystem"])
	assert.Equal(t, true, app["Essential"])
	assert.Equal(t, "non-blocking", app["LogConfiguration"].(o)["Options"].(o)["mode"])
	tpl.Has("AWS::ECS::Service", o{
		"DesiredCount": 2, "EnableExecuteCommand": false, "HealthCheckGracePeriodSeconds": 60, "PropagateTags": "SERVICE",
		"AvailabilityZoneRebalancing": "ENABLED",
		"DeploymentConfiguration": o{
			"Strategy": "ROLLING", "BakeTimeInMinutes": 10, "MinimumHealthyPercent": 100, "MaximumPercent": 200,
			"DeploymentCircuitBreaker": o{"Enable": true, "Rollback": true},
			"Alarms":                   o{"Enable": true, "Rollback": true, "AlarmNames": a{o{"Ref": cdktest.Text("ServerErrors")}}},
		},
		"NetworkConfiguration": o{"AwsvpcConfiguration": o{"AssignPublicIp": "DISABLED", "Subnets": a{o{"Ref": cdktest.Text("Private")}, o{"Ref": cdktest.Text("Private")}}}},
	})
	tpl.Has("AWS::ECS::Cluster", o{"ClusterSettings": a{o{"Name": "containerInsights", "Value": "enabled"}}})
	tpl.Has("AWS::ElasticLoadBalancingV2::LoadBalancer", o{
		"Scheme": "internet-facing",
		"LoadBalancerAttributes": cdktest.ArrayWith(
			o{"Key": "deletion_protection.enabled", "Value": "true"}, o{"Key": "routing.http.drop_invalid_header_fields.enabled", "Value": "true"},
			o{"Key": "access_logs.s3.enabled", "Value": "true"}, o{"Key": "routing.http.desync_mitigation_mode", "Value": "defensive"},
		),
	})
	tpl.Has("AWS::ElasticLoadBalancingV2::Listener", o{"Port": 443, "Protocol": "HTTPS", "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06"})
	tpl.Has("AWS::ElasticLoadBalancingV2::Listener", o{"Port": 80, "DefaultActions": a{o{
		"Type": "redirect", "RedirectConfig": o{"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"},
	}}})
	tpl.Count("AWS::ElasticLoadBalancingV2::ListenerRule", 0)
	tpl.Has("AWS::ElasticLoadBalancingV2::TargetGroup", o{
		"Port": 8080, "Protocol": "HTTP", "ProtocolVersion": "HTTP1", "TargetType": "ip", "HealthCheckPath": "/", "HealthCheckIntervalSeconds": 15,
		"HealthCheckTimeoutSeconds": 5, "HealthyThresholdCount": 2, "UnhealthyThresholdCount": 3, "Matcher": o{"HttpCode": "200"},
		"TargetGroupAttributes": cdktest.ArrayWith(o{"Key": "deregistration_delay.timeout_seconds", "Value": "30"}),
	})
	tpl.Has("AWS::CertificateManager::Certificate", o{"DomainName": "shop.example.com", "SubjectAlternativeNames": a{"www.example.com"}})
	tpl.Count("AWS::Route53::RecordSet", 2)
	tpl.Each("AWS::Route53::RecordSet", o{"Type": "A", "AliasTarget": o{"DNSName": cdktest.Text("dualstack")}})
	tpl.Count("AWS::WAFv2::WebACLAssociation", 1)
	tpl.EachResource("AWS::Logs::LogGroup", o{"DeletionPolicy": cdktest.Text("^Retain"), "Properties": o{"RetentionInDays": 365, "KmsKeyId": cdktest.Any}})
	tpl.Count("AWS::CloudWatch::Alarm", 6)
	tpl.Each("AWS::CloudWatch::Alarm", o{"AlarmActions": a{o{"Ref": tpl.All("AWS::SNS::Topic")[0].LogicalID}}, "TreatMissingData": "notBreaching"})
	tpl.Count("AWS::CloudWatch::Dashboard", 1)
}

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

func TestFargateService_Containers(t *testing.T) {
	stack := cdktest.Stack(t)
	props := shop(stack, "example/app:1")
	image := props.Containers[0].Image
	props.CPU, props.Memory, props.Architecture, props.EphemeralStorageGiB = 1024, 3072, albfargate.ARM64, 50
	props.Volumes = []ecsservice.Volume{
		{Name: "shared"}, {Name: "data", EFS: &ecsservice.EFS{}}, {Name: "fast", EBS: &ecsservice.EBS{SizeGiB: 20, IOPS: 4000, ThroughputMiB: 200, XFS: true}},
	}
	props.Containers[0] = ecsservice.Container{
		Name: "app", Image: image, Ports: []ecsservice.Port{{Number: 8080, Name: "web", AppProtocol: ecsservice.AppHTTP}, {Number: 9000, UDP: true}},
		Command: []string{"serve"}, EntryPoint: []string{"/init"}, User: "1000:1000", WorkingDirectory: "/srv",
		Environment: map[string]string{"LEVEL": "info"},
		Parameters: map[string]awsssm.IParameter{
			"LIMIT": awsssm.StringParameter_FromSecureStringParameterAttributes(stack, jsii.String("Limit"), &awsssm.SecureStringParameterAttributes{
				ParameterName: jsii.String("/shop/limit"),
			}),
		},
		Secrets:     map[string]ecsservice.Secret{"TOKEN": {Secret: awssecretsmanager.NewSecret(stack, jsii.String("Token"), nil), Field: "token"}},
		Mounts:      []ecsservice.Mount{{Volume: "shared", Path: "/shared"}, {Volume: "data", Path: "/data"}, {Volume: "fast", Path: "/fast", ReadOnly: true}},
		ScratchDirs: []string{"/tmp", "/var/cache"},
		DependsOn:   []ecsservice.Dependency{{Container: "proxy", Condition: ecsservice.Healthy}, {Container: "setup", Condition: ecsservice.Succeeded}},
		CPU:         512, Memory: 2048, MemoryReservation: 1024, StopTimeout: 90 * time.Second,
	}
	props.Containers = append(props.Containers,
		ecsservice.Container{
			Name: "proxy", Image: image, NonEssential: true, Mounts: []ecsservice.Mount{{Volume: "shared", Path: "/shared", ReadOnly: true}},
			Health:  &ecsservice.ContainerHealth{Command: []string{"CMD", "/ok"}, StartPeriod: 20 * time.Second},
			Restart: &ecsservice.Restart{IgnoredExitCodes: []int{3}},
		},
		ecsservice.Container{Name: "setup", Image: image, NonEssential: true})
	s := albfargate.NewService(stack, "Shop", props)
	assert.Equal(t, "https://shop.example.com/", *s.URL())
	assert.NotNil(t, s.FileSystems["data"])
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("albfargate/containers")

	tpl.Has("AWS::ECS::TaskDefinition", o{
		"Cpu": "1024", "Memory": "3072", "EphemeralStorage": o{"SizeInGiB": 50}, "RuntimePlatform": o{"CpuArchitecture": "ARM64"},
		"Volumes": a{
			o{"Name": "shared"},
			o{"Name": "data", "EFSVolumeConfiguration": o{
				"TransitEncryption": "ENABLED", "AuthorizationConfig": o{"IAM": "ENABLED", "AccessPointId": cdktest.Any}, "RootDirectory": cdktest.Absent,
			}},
			o{"Name": "fast", "ConfiguredAtLaunch": true}, o{"Name": "app-scratch-1"}, o{"Name": "app-scratch-2"},
		},
	})
	app := container(t, tpl, "app")
	for key, want := range map[string]any{
		"Command": a{"serve"}, "EntryPoint": a{"/init"}, "User": "1000:1000", "WorkingDirectory": "/srv", "Cpu": 512.0, "Memory": 2048.0,
		"MemoryReservation": 1024.0, "StopTimeout": 90.0, "Environment": a{o{"Name": "LEVEL", "Value": "info"}},
		"DependsOn": a{o{"ContainerName": "proxy", "Condition": "HEALTHY"}, o{"ContainerName": "setup", "Condition": "SUCCESS"}},
		"MountPoints": a{
			o{"ContainerPath": "/tmp", "SourceVolume": "app-scratch-1", "ReadOnly": false}, o{"ContainerPath": "/var/cache", "SourceVolume": "app-scratch-2", "ReadOnly": false},
			o{"ContainerPath": "/shared", "SourceVolume": "shared", "ReadOnly": false}, o{"ContainerPath": "/data", "SourceVolume": "data", "ReadOnly": false},
			o{"ContainerPath": "/fast", "SourceVolume": "fast", "ReadOnly": true},
		},
	} {
		assert.Equal(t, want, app[key], key)
	}
	require.Len(t, app["Secrets"], 2)
	proxy := container(t, tpl, "proxy")
	assert.Equal(t, o{"Command": a{"CMD", "/ok"}, "Interval": 30.0, "Timeout": 5.0, "Retries": 3.0, "StartPeriod": 20.0}, proxy["HealthCheck"])
	assert.Equal(t, o{"Enabled": true, "IgnoredExitCodes": a{3.0}, "RestartAttemptPeriod": 300.0}, proxy["RestartPolicy"])
	assert.Equal(t, false, proxy["Essential"])

	tpl.HasResource("AWS::EFS::FileSystem", o{"DeletionPolicy": "Retain", "Properties": o{
		"Encrypted": true, "KmsKeyId": cdktest.Any, "ThroughputMode": "elastic", "BackupPolicy": o{"Status": "ENABLED"},
	}})
	tpl.Count("AWS::EFS::MountTarget", 2)
	tpl.HasResource("AWS::ECS::Service", o{"DependsOn": cdktest.ArrayWith(tpl.All("AWS::EFS::MountTarget")[0].LogicalID, tpl.All("AWS::EFS::MountTarget")[1].LogicalID)})
	tpl.Has("AWS::EFS::AccessPoint", o{
		"PosixUser": o{"Uid": "1000", "Gid": "1000"}, "RootDirectory": o{"Path": "/data", "CreationInfo": o{"OwnerUid": "1000", "OwnerGid": "1000", "Permissions": "750"}},
	})
	tpl.Has("AWS::EC2::SecurityGroupIngress", o{"FromPort": 2049, "SourceSecurityGroupId": o{"Fn::GetAtt": a{cdktest.Text("ShopSecurityGroup"), "GroupId"}}})
	tpl.Has("AWS::ECS::Service", o{"VolumeConfigurations": a{o{"Name": "fast", "ManagedEBSVolume": o{
		"Encrypted": true, "SizeInGiB": 20, "Iops": 4000, "Throughput": 200, "VolumeType": "gp3", "FilesystemType": "xfs",
	}}}})
	tpl.Has("AWS::IAM::Policy", o{"PolicyDocument": o{"Statement": cdktest.ArrayWith(o{"Action": a{"elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"}})}})
}

// productionRule gives the rule that ECS moves requests with, and what else of the template is about listeners.
func productionRule(tpl *cdktest.Template) map[string]any {
	out := map[string]any{}
	for _, typ := range []string{"AWS::ElasticLoadBalancingV2::ListenerRule", "AWS::ElasticLoadBalancingV2::Listener", "AWS::ElasticLoadBalancingV2::TargetGroup"} {
		for _, r := range tpl.All(typ) {
			out[r.LogicalID] = r.Body
		}
	}
	return out
}

func TestFargateService_BlueGreen(t *testing.T) {
	for strategy, want := range map[ecsservice.Strategy]o{
		ecsservice.BlueGreen: {"CanaryConfiguration": cdktest.Absent, "LinearConfiguration": cdktest.Absent},
		ecsservice.Linear:    {"LinearConfiguration": o{"StepPercent": 10, "StepBakeTimeInMinutes": 5}},
		ecsservice.Canary:    {"CanaryConfiguration": o{"CanaryPercent": 10, "CanaryBakeTimeInMinutes": 5}},
	} {
		tpl := synthShop(t, func(p *albfargate.ServiceProps) {
			p.Deployment = ecsservice.Deployment{Strategy: strategy, TestPort: 8443}
		})
		want["Strategy"], want["BakeTimeInMinutes"], want["DeploymentCircuitBreaker"] = string(strategy), 10, cdktest.Absent
		rule := func(listener, group string) string {
			return tpl.Has("AWS::ElasticLoadBalancingV2::ListenerRule", o{
				"Priority": 50000, "ListenerArn": o{"Ref": cdktest.Text(listener)}, "Conditions": a{o{"Field": "path-pattern", "PathPatternConfig": o{"Values": a{"/*"}}}},
				"Actions": a{o{"Type": "forward", "TargetGroupArn": o{"Ref": cdktest.Text(group)}}},
			}).LogicalID
		}
		production, test := rule("^ShopListener", "^ShopTargetGroup"), rule("^ShopTestListener", "^ShopAlternateTargetGroup")
		service := tpl.HasResource("AWS::ECS::Service", o{
			"DependsOn": cdktest.ArrayWith(production, test),
			"Properties": o{"DeploymentConfiguration": want, "LoadBalancers": a{o{"ContainerName": "app", "ContainerPort": 8080, "AdvancedConfiguration": o{
				"AlternateTargetGroupArn": o{"Ref": cdktest.Text("AlternateTargetGroup")}, "ProductionListenerRule": o{"Ref": production},
				"TestListenerRule": o{"Ref": test}, "RoleArn": cdktest.Any,
			}}}},
		})
		assert.NotContains(t, service.Properties["DeploymentConfiguration"], "LifecycleHooks")
		tpl.Count("AWS::ElasticLoadBalancingV2::TargetGroup", 2)
		tpl.Has("AWS::EC2::SecurityGroup", o{"SecurityGroupIngress": cdktest.ArrayWith(o{"FromPort": 8443, "CidrIp": o{"Fn::GetAtt": a{cdktest.Text("Vpc"), "CidrBlock"}}})})
		if strategy == ecsservice.Canary {
			tpl.Snapshot("albfargate/canary")
		}
	}
}

// ECS sets the weights of the production rule. CloudFormation would set them back, to a target group without tasks, if the rule in
// the template changed with what is deployed (aws-cdk#36649).
func TestFargateService_ProductionRuleStaysTheSame(t *testing.T) {
	synth := func(image string, edit func(*albfargate.ServiceProps)) map[string]any {
		stack := cdktest.Stack(t)
		props := shop(stack, image)
		props.Deployment = ecsservice.Deployment{Strategy: ecsservice.Canary, TestPort: 8443}
		edit(props)
		albfargate.NewService(stack, "Shop", props)
		return productionRule(cdktest.Synth(t, stack))
	}
	before := synth("example/app:1", func(p *albfargate.ServiceProps) {})
	after := synth("example/app:2", func(p *albfargate.ServiceProps) {
		p.Scaling = &ecsservice.Scaling{Max: 20, RequestsPerTarget: 500}
		p.Containers[0].Environment = map[string]string{"LEVEL": "debug"}
		p.CPU, p.Memory = 512, 2048
	})
	require.Len(t, before, 7)
	assert.Equal(t, before, after)
}

func TestFargateService_Hooks(t *testing.T) {
	stack := cdktest.Stack(t)
	props := shop(stack, "example/app:1")
	check := awslambda.Function_FromFunctionArn(stack, jsii.String("Check"), jsii.String("arn:aws:lambda:us-east-1:111111111111:function:check"))
	props.Deployment = ecsservice.Deployment{Strategy: ecsservice.BlueGreen, Hooks: []ecsservice.Hook{
		{Stages: []ecsservice.Stage{ecsservice.PostTestTrafficShift}, Function: check},
		{Stages: []ecsservice.Stage{ecsservice.PreScaleUp}, Pause: true, Timeout: 2 * time.Hour, ContinueOnTimeout: true},
	}}
	albfargate.NewService(stack, "Shop", props)
	tpl := cdktest.Synth(t, stack)
	tpl.Has("AWS::ECS::Service", o{"DeploymentConfiguration": o{"Strategy": "BLUE_GREEN", "LifecycleHooks": a{
		o{"LifecycleStages": a{"POST_TEST_TRAFFIC_SHIFT"}, "TargetType": "AWS_LAMBDA", "HookTargetArn": "arn:aws:lambda:us-east-1:111111111111:function:check", "RoleArn": cdktest.Any, "TimeoutConfiguration": cdktest.Absent},
		o{"LifecycleStages": a{"PRE_SCALE_UP"}, "TargetType": "PAUSE", "TimeoutConfiguration": o{"TimeoutInMinutes": 120, "Action": "CONTINUE"}},
	}}})
	tpl.Has("AWS::IAM::Policy", o{"PolicyDocument": o{"Statement": cdktest.ArrayWith(o{"Action": "lambda:InvokeFunction"})}})
}

func TestFargateService_CodeDeploy(t *testing.T) {
	tpl := synthShop(t, func(p *albfargate.ServiceProps) {
		p.Deployment = ecsservice.Deployment{Strategy: ecsservice.CodeDeploy, TestPort: 8443}
	})
	tpl.Has("AWS::ECS::Service", o{"DeploymentController": o{"Type": "CODE_DEPLOY"}, "DeploymentConfiguration": o{"Strategy": cdktest.Absent}})
	tpl.Has("AWS::CodeDeploy::DeploymentGroup", o{
		"DeploymentConfigName": "CodeDeployDefault.ECSCanary10Percent5Minutes", "AlarmConfiguration": o{"Enabled": true, "Alarms": a{o{"Name": o{"Ref": cdktest.Text("ServerErrors")}}}},
		"AutoRollbackConfiguration": o{"Events": cdktest.ArrayWith("DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_FAILURE")},
		"LoadBalancerInfo": o{"TargetGroupPairInfoList": a{o{
			"ProdTrafficRoute": o{"ListenerArns": a{cdktest.Any}}, "TestTrafficRoute": o{"ListenerArns": a{cdktest.Any}}, "TargetGroups": a{cdktest.Any, cdktest.Any},
		}}},
	})
}

func TestFargateService_Scaling(t *testing.T) {
	stack := cdktest.Stack(t)
	props := shop(stack, "example/app:1")
	queue := awssqs.NewQueue(stack, jsii.String("Queue"), nil)
	props.Deployment.Strategy = ecsservice.BlueGreen
	props.Scaling = &ecsservice.Scaling{
		Min: new(3), Max: 12, CPUPercent: 60, MemoryPercent: 65, RequestsPerTarget: 400,
		Queue: &ecsservice.QueueScaling{Queue: queue, ProcessingTime: 2 * time.Second, AcceptableLatency: time.Minute},
		Steps: &ecsservice.StepScaling{Metric: queue.MetricApproximateAgeOfOldestMessage(nil), Steps: []ecsservice.Step{
			{Below: new(10.0), Change: -1}, {AtLeast: new(100.0), Below: new(200.0), Change: 2}, {AtLeast: new(200.0), Change: 4},
		}},
		Schedules:        []ecsservice.Schedule{{Name: "Morning", Expression: "cron(0 7 ? * MON-FRI *)", TimeZone: "Europe/Berlin", Min: new(6)}},
		ScaleOutCooldown: 30 * time.Second,
	}
	albfargate.NewService(stack, "Shop", props)
	tpl := cdktest.Synth(t, stack)
	// A number in the template would be set anew with every deployment.
	tpl.Has("AWS::ECS::Service", o{"DesiredCount": cdktest.Absent})
	tpl.Has("AWS::ApplicationAutoScaling::ScalableTarget", o{
		"MinCapacity": 3, "MaxCapacity": 12, "ScheduledActions": a{o{
			"Schedule": "cron(0 7 ? * MON-FRI *)", "Timezone": "Europe/Berlin", "ScalableTargetAction": o{"MinCapacity": 6, "MaxCapacity": cdktest.Absent},
		}},
	})
	policy := func(want o) {
		want["ScaleOutCooldown"], want["ScaleInCooldown"] = 30, 300
		tpl.Has("AWS::ApplicationAutoScaling::ScalingPolicy", o{"TargetTrackingScalingPolicyConfiguration": want})
	}
	policy(o{"TargetValue": 60, "PredefinedMetricSpecification": o{"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}})
	policy(o{"TargetValue": 65, "PredefinedMetricSpecification": o{"PredefinedMetricType": "ECSServiceAverageMemoryUtilization"}})
	requests := func(group string) o {
		return o{"ReturnData": false, "MetricStat": o{"Stat": "Sum", "Metric": o{
			"Namespace": "AWS/ApplicationELB", "MetricName": "RequestCountPerTarget", "Dimensions": cdktest.ArrayWith(
				o{"Name": "TargetGroup", "Value": o{"Fn::GetAtt": a{cdktest.Text(group), "TargetGroupFullName"}}}, o{"Name": "LoadBalancer", "Value": cdktest.Any},
			),
		}}}
	}
	policy(o{"TargetValue": 400, "CustomizedMetricSpecification": o{"Metrics": a{
		requests("^ShopTargetGroup"), requests("^ShopAlternateTargetGroup"),
		o{"Id": "target", "Expression": "FILL(m0,0)+FILL(m1,0)", "ReturnData": true},
	}}})
	policy(o{"TargetValue": 30, "CustomizedMetricSpecification": o{"Metrics": a{
		o{"Id": "waiting", "MetricStat": o{"Metric": o{"Namespace": "AWS/SQS", "MetricName": "ApproximateNumberOfMessagesVisible", "Dimensions": a{o{"Name": "QueueName", "Value": cdktest.Any}}}}},
		o{"Id": "running", "MetricStat": o{"Metric": o{"Namespace": "ECS/ContainerInsights", "MetricName": "RunningTaskCount"}}},
		o{"Id": "target", "Expression": "FILL(waiting,0)/IF(FILL(running,0)>0,FILL(running,0),1)"},
	}}})
	tpl.Has("AWS::ApplicationAutoScaling::ScalingPolicy", o{"StepScalingPolicyConfiguration": o{"StepAdjustments": a{
		o{"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 100, "ScalingAdjustment": 2}, o{"MetricIntervalLowerBound": 100, "ScalingAdjustment": 4},
	}}})
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

func TestFargateService_ExecSpotAndServiceConnect(t *testing.T) {
	tpl := synthShop(t, func(p *albfargate.ServiceProps) {
		p.EnableExec, p.Containers[0].WritableRoot = true, true
		p.SpotPercent, p.OnDemandBase = 75, 1
		p.ServiceConnect = &ecsservice.ServiceConnect{Namespace: "shop.internal", Offer: []ecsservice.Offer{{Port: "web", DNSName: "shop", AtPort: 80}}}
	})
	tpl.Has("AWS::ECS::Cluster", o{
		"Configuration":          o{"ExecuteCommandConfiguration": o{"KmsKeyId": cdktest.Any, "Logging": "OVERRIDE", "LogConfiguration": o{"CloudWatchEncryptionEnabled": true, "CloudWatchLogGroupName": cdktest.Any}}},
		"ServiceConnectDefaults": o{"Namespace": cdktest.Any},
	})
	// A provider that a service uses cannot be dissociated from the cluster.
	tpl.HasResource("AWS::ECS::Service", o{"DependsOn": cdktest.ArrayWith(tpl.All("AWS::ECS::ClusterCapacityProviderAssociations")[0].LogicalID)})
	namespace := tpl.Has("AWS::ServiceDiscovery::HttpNamespace", o{"Name": "shop.internal"})
	tpl.HasResource("AWS::ECS::Service", o{"DependsOn": cdktest.ArrayWith(namespace.LogicalID)})
	tpl.Has("AWS::ECS::Service", o{
		"EnableExecuteCommand": true, "LaunchType": cdktest.Absent,
		"CapacityProviderStrategy": a{o{"CapacityProvider": "FARGATE", "Base": 1, "Weight": 25}, o{"CapacityProvider": "FARGATE_SPOT", "Weight": 75}},
		"ServiceConnectConfiguration": o{"Enabled": true, "Namespace": "shop.internal", "LogConfiguration": cdktest.Any, "Services": a{o{
			"PortName": "web", "ClientAliases": a{o{"DnsName": "shop", "Port": 80}},
		}}},
	})
}

func TestFargateService_Alarms(t *testing.T) {
	tpl := synthShop(t, func(p *albfargate.ServiceProps) {
		p.Deployment.Strategy = ecsservice.BlueGreen
		p.Alarms = ecsservice.Alarms{ServerErrorPercent: 5, Latency: 500 * time.Millisecond, CPUPercent: 70, MemoryPercent: 80}
	})
	tpl.Has("AWS::CloudWatch::Alarm", o{"Threshold": 5, "DatapointsToAlarm": 3, "EvaluationPeriods": 5, "Metrics": cdktest.ArrayWith(
		o{"Expression": "100*(FILL(m00,0)+FILL(m01,0))/(FILL(m10,0)+FILL(m11,0))"},
	)})
	tpl.Has("AWS::CloudWatch::Alarm", o{"Threshold": 0.5, "Metrics": cdktest.ArrayWith(o{"Expression": "MAX([m0,m1])"})})
	tpl.Has("AWS::CloudWatch::Alarm", o{"Threshold": 0, "EvaluationPeriods": 5, "Metrics": cdktest.ArrayWith(o{"Expression": "MAX([m0,m1])"})})
	tpl.Has("AWS::CloudWatch::Alarm", o{"Threshold": 70, "MetricName": "CPUUtilization"})
	tpl.Has("AWS::CloudWatch::Alarm", o{"Threshold": 80, "MetricName": "MemoryUtilization"})
	tpl.Has("AWS::CloudWatch::Alarm", o{"Threshold": 0, "EvaluationPeriods": 10, "Metrics": cdktest.ArrayWith(o{"Expression": "wanted-running"})})
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
	stack := cdktest.Stack(t)
	props := shop(stack, "example/app:1")
	props.EnableExec, props.Containers[0].WritableRoot = true, true
	props.Containers[0].Environment = map[string]string{"LEVEL": "info"}
	props.Containers[0].Mounts = []ecsservice.Mount{{Volume: "data", Path: "/data"}, {Volume: "fast", Path: "/fast"}}
	props.Volumes = []ecsservice.Volume{{Name: "data", EFS: &ecsservice.EFS{}}, {Name: "fast", EBS: &ecsservice.EBS{SizeGiB: 10}}}
	check := awslambda.Function_FromFunctionArn(stack, jsii.String("Check"), jsii.String("arn:aws:lambda:us-east-1:111111111111:function:check"))
	props.Deployment = ecsservice.Deployment{Strategy: ecsservice.Canary, TestPort: 8443, Hooks: []ecsservice.Hook{{Stages: []ecsservice.Stage{ecsservice.PostScaleUp}, Function: check}}}
	albfargate.NewService(stack, "Shop", props)
	findings, suppressed := cdktest.Nag(t, stack)
	for _, f := range findings {
		assert.Equal(t, "AwsSolutions-VPC7", f.Rule, "only the network of this test, which has no flow logs: %s", f)
	}
	for _, s := range suppressed {
		assert.Greater(t, len(s.Reason), 20, s)
	}
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
