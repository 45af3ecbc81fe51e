package constructs_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsefs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/albfargate"
	"github.com/strata-cdk/strata/constructs/ecsservice"
	"github.com/strata-cdk/strata/constructs/network"
)

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
			Ports:   []ecsservice.Port{{Number: 50051, Name: "rpc", AppProtocol: ecsservice.AppGRPC}, {Number: 8081, Name: "h2", AppProtocol: ecsservice.AppHTTP2}},
			Health:  &ecsservice.ContainerHealth{Command: []string{"CMD", "/ok"}, Interval: 20 * time.Second, Timeout: 10 * time.Second, Retries: 7, StartPeriod: 15 * time.Second},
			Restart: &ecsservice.Restart{IgnoredExitCodes: []int{3}, AttemptPeriod: 2 * time.Minute},
		},
		ecsservice.Container{
			Name: "setup", Image: image, NonEssential: true, Health: &ecsservice.ContainerHealth{Command: []string{"CMD", "/ok"}}, Restart: &ecsservice.Restart{},
		})
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
	assert.Equal(t, a{
		o{"ContainerPort": 8080.0, "Protocol": "tcp", "Name": "web", "AppProtocol": "http"}, o{"ContainerPort": 9000.0, "Protocol": "udp"},
	}, app["PortMappings"])
	proxy := container(t, tpl, "proxy")
	assert.Equal(t, o{"Command": a{"CMD", "/ok"}, "Interval": 20.0, "Timeout": 10.0, "Retries": 7.0, "StartPeriod": 15.0}, proxy["HealthCheck"])
	assert.Equal(t, o{"Enabled": true, "IgnoredExitCodes": a{3.0}, "RestartAttemptPeriod": 120.0}, proxy["RestartPolicy"])
	assert.Equal(t, false, proxy["Essential"])
	assert.Equal(t, a{
		o{"ContainerPort": 50051.0, "Protocol": "tcp", "Name": "rpc", "AppProtocol": "grpc"}, o{"ContainerPort": 8081.0, "Protocol": "tcp", "Name": "h2", "AppProtocol": "http2"},
	}, proxy["PortMappings"])
	setup := container(t, tpl, "setup")
	assert.Equal(t, o{"Command": a{"CMD", "/ok"}, "Interval": 30.0, "Timeout": 5.0, "Retries": 3.0, "StartPeriod": 0.0}, setup["HealthCheck"])
	assert.Equal(t, o{"Enabled": true, "RestartAttemptPeriod": 300.0}, setup["RestartPolicy"])

	tpl.HasResource("AWS::EFS::FileSystem", o{"DeletionPolicy": "Retain", "Properties": o{
		"Encrypted": true, "KmsKeyId": cdktest.Any, "ThroughputMode": "elastic", "BackupPolicy": o{"Status": "ENABLED"},
		"LifecyclePolicies": a{o{"TransitionToIA": "AFTER_30_DAYS"}, o{"TransitionToPrimaryStorageClass": "AFTER_1_ACCESS"}},
		// Nobody mounts it but those whom IAM lets.
		"FileSystemPolicy": o{"Statement": a{o{"Effect": "Allow", "Principal": o{"AWS": "*"}, "Condition": o{"Bool": o{"elasticfilesystem:AccessedViaMountTarget": "true"}}}}},
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
	tpl.Has("AWS::IAM::Role", o{
		"AssumeRolePolicyDocument": o{"Statement": a{o{"Principal": o{"Service": "ecs.amazonaws.com"}}}},
		"ManagedPolicyArns":        a{cdktest.Text("service-role/AmazonECSInfrastructureRolePolicyForVolumes")},
	})
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

func TestFargateService_Variables(t *testing.T) {
	stack := cdktest.Stack(t)
	props := shop(stack, "example/app:1")
	bucket := awss3.Bucket_FromBucketName(stack, jsii.String("Bucket"), jsii.String("settings"))
	secret := awssecretsmanager.NewSecret(stack, jsii.String("Token"), nil)
	app := &props.Containers[0]
	app.Parameters = map[string]awsssm.IParameter{
		"LIMIT": awsssm.StringParameter_FromSecureStringParameterAttributes(stack, jsii.String("Limit"), &awsssm.SecureStringParameterAttributes{
			ParameterName: jsii.String("/shop/limit"),
		}),
	}
	app.Secrets = map[string]ecsservice.Secret{"ALL": {Secret: secret}, "TOKEN": {Secret: secret, Field: "token"}}
	file := filepath.Join(t.TempDir(), "local.env")
	require.NoError(t, os.WriteFile(file, []byte("A=1\n"), 0o600))
	app.EnvironmentFiles = []awsecs.EnvironmentFile{awsecs.EnvironmentFile_FromBucket(bucket, jsii.String("app.env"), nil), awsecs.EnvironmentFile_FromAsset(&file, nil)}
	albfargate.NewService(stack, "Shop", props)
	tpl := cdktest.Synth(t, stack)
	ref := o{"Ref": cdktest.Text("^Token")}
	tpl.Has("AWS::ECS::TaskDefinition", o{"ContainerDefinitions": a{o{
		"Secrets": cdktest.ArrayWith(
			o{"Name": "ALL", "ValueFrom": ref}, o{"Name": "TOKEN", "ValueFrom": o{"Fn::Join": a{"", a{ref, ":token::"}}}}, o{"Name": "LIMIT", "ValueFrom": cdktest.Text("ssm:.*:parameter/shop/limit")},
		),
		"EnvironmentFiles": a{o{"Type": "s3", "Value": cdktest.Text("settings/app.env")}, o{"Type": "s3", "Value": cdktest.Text("cdk-hnb659fds-assets.*\\.env")}},
		"Environment":      cdktest.Absent,
	}}})
	// What ECS may read to start a task, and the containers may not.
	tpl.Has("AWS::IAM::Policy", o{
		"Roles": a{o{"Ref": cdktest.Text("^ShopTaskExecutionRole")}},
		"PolicyDocument": o{"Statement": cdktest.ArrayWith(
			o{"Action": cdktest.ArrayWith("secretsmanager:GetSecretValue"), "Resource": ref}, o{"Action": cdktest.ArrayWith("ssm:GetParameters"), "Resource": cdktest.Text("parameter/shop/limit")},
			o{"Action": "s3:GetObject", "Resource": cdktest.Text("settings/app.env")}, o{"Action": "s3:GetBucketLocation", "Resource": cdktest.Text(":s3:::settings\"")},
			o{"Action": "s3:GetObject", "Resource": cdktest.Text("cdk-hnb659fds-assets.*\\.env")}, o{"Action": "s3:GetBucketLocation", "Resource": cdktest.Text("cdk-hnb659fds-assets")},
		)},
	})
	tpl.HasNot("AWS::IAM::Policy", o{"Roles": a{o{"Ref": cdktest.Text("^ShopTaskTaskRole")}}})
}

func TestFargateService_ExistingFileSystems(t *testing.T) {
	stack := cdktest.Stack(t)
	props := shop(stack, "example/app:1")
	old := awsefs.FileSystem_FromFileSystemAttributes(stack, jsii.String("Old"), &awsefs.FileSystemAttributes{
		FileSystemId: jsii.String("fs-1"), SecurityGroup: awsec2.SecurityGroup_FromSecurityGroupId(stack, jsii.String("OldGroup"), jsii.String("sg-1"), nil),
	})
	point := awsefs.AccessPoint_FromAccessPointAttributes(stack, jsii.String("Point"), &awsefs.AccessPointAttributes{AccessPointId: jsii.String("fsap-1"), FileSystem: old})
	props.RemovalPolicy = awscdk.RemovalPolicy_DESTROY
	props.Volumes = []ecsservice.Volume{
		{Name: "root", EFS: &ecsservice.EFS{FileSystem: old, RootDirectory: "/shared"}}, {Name: "point", EFS: &ecsservice.EFS{FileSystem: old, AccessPoint: point}},
		{Name: "new", EFS: &ecsservice.EFS{UID: 7, GID: 8, Path: "/some/where", DisableBackups: true}},
	}
	props.Containers[0].Mounts = []ecsservice.Mount{{Volume: "root", Path: "/a"}, {Volume: "point", Path: "/b"}, {Volume: "new", Path: "/c"}}
	s := albfargate.NewService(stack, "Shop", props)
	assert.Len(t, s.FileSystems, 1)
	tpl := cdktest.Synth(t, stack)
	tpl.Has("AWS::ECS::TaskDefinition", o{"Volumes": a{
		o{"Name": "root", "EFSVolumeConfiguration": cdktest.Exactly(o{"FilesystemId": "fs-1", "RootDirectory": "/shared", "TransitEncryption": "ENABLED"})},
		o{"Name": "point", "EFSVolumeConfiguration": cdktest.Exactly(o{
			"FilesystemId": "fs-1", "TransitEncryption": "ENABLED", "AuthorizationConfig": o{"AccessPointId": "fsap-1", "IAM": "ENABLED"},
		})},
		o{"Name": "new", "EFSVolumeConfiguration": o{"FilesystemId": o{"Ref": cdktest.Text("VolumesnewFileSystem")}}},
	}})
	tpl.Has("AWS::EC2::SecurityGroupIngress", o{"GroupId": "sg-1", "FromPort": 2049, "SourceSecurityGroupId": o{"Fn::GetAtt": a{cdktest.Text("ShopSecurityGroup"), "GroupId"}}})
	tpl.Has("AWS::IAM::Policy", o{
		"Roles": a{o{"Ref": cdktest.Text("^ShopTaskTaskRole")}}, "PolicyDocument": o{"Statement": cdktest.ArrayWith(o{"Resource": cdktest.Text("file-system/fs-1")})},
	})
	tpl.Count("AWS::EFS::FileSystem", 1)
	tpl.HasResource("AWS::EFS::FileSystem", o{"DeletionPolicy": "Delete", "Properties": o{"BackupPolicy": o{"Status": "DISABLED"}}})
	tpl.Has("AWS::EFS::AccessPoint", o{
		"PosixUser": o{"Uid": "7", "Gid": "8"}, "RootDirectory": o{"Path": "/some/where", "CreationInfo": o{"OwnerUid": "7", "OwnerGid": "8"}},
	})
}

// The size of a volume may come from its snapshot.
func TestFargateService_VolumeOfSnapshot(t *testing.T) {
	tpl := synthShop(t, func(p *albfargate.ServiceProps) {
		p.Volumes = []ecsservice.Volume{{Name: "fast", EBS: &ecsservice.EBS{Type: awsec2.EbsDeviceVolumeType_IO2, IOPS: 500, SnapshotID: "snap-1"}}}
		p.Containers[0].Mounts = []ecsservice.Mount{{Volume: "fast", Path: "/fast"}}
	})
	tpl.Has("AWS::ECS::Service", o{"VolumeConfigurations": a{o{"Name": "fast", "ManagedEBSVolume": cdktest.Exactly(o{
		"Encrypted": true, "VolumeType": "io2", "Iops": 500, "SnapshotId": "snap-1", "FilesystemType": "ext4",
		"RoleArn": o{"Fn::GetAtt": a{tpl.Has("AWS::IAM::Role", o{"ManagedPolicyArns": a{cdktest.Text("ForVolumes")}}).LogicalID, "Arn"}},
	})}}})
	assert.Equal(t, a{o{"ContainerPath": "/fast", "SourceVolume": "fast", "ReadOnly": false}}, container(t, tpl, "app")["MountPoints"])
}

func TestFargateService_KeySubnetsAndRole(t *testing.T) {
	stack := cdktest.Stack(t)
	props := shop(stack, "example/app:1")
	const arn = "arn:aws:kms:us-east-1:111111111111:key/k"
	props.Key = awskms.Key_FromKeyArn(stack, jsii.String("Old"), jsii.String(arn))
	props.EnableExec, props.Containers[0].WritableRoot = true, true
	props.TaskRole = awsiam.Role_FromRoleArn(stack, jsii.String("Role"), jsii.String("arn:aws:iam::111111111111:role/app"), nil)
	props.Subnets, props.LoadBalancing.Internal = &awsec2.SubnetSelection{SubnetType: awsec2.SubnetType_PUBLIC}, true
	props.LogRetentionDays, props.RemovalPolicy = 30, awscdk.RemovalPolicy_DESTROY
	props.Volumes, props.Containers[0].Mounts = []ecsservice.Volume{{Name: "data", EFS: &ecsservice.EFS{}}}, []ecsservice.Mount{{Volume: "data", Path: "/data"}}
	s := albfargate.NewService(stack, "Shop", props)
	assert.Equal(t, props.Key, s.Key)
	tpl := cdktest.Synth(t, stack)
	tpl.Count("AWS::KMS::Key", 0)
	tpl.Count("AWS::Logs::LogGroup", 3) // of the containers, of ECS Exec and of the web ACL
	tpl.EachResource("AWS::Logs::LogGroup", o{"DeletionPolicy": "Delete", "Properties": o{"RetentionInDays": 30, "KmsKeyId": arn}})
	tpl.Has("AWS::SNS::Topic", o{"KmsMasterKeyId": arn})
	tpl.Has("AWS::ECS::TaskDefinition", o{"TaskRoleArn": "arn:aws:iam::111111111111:role/app"})
	public := a{o{"Ref": cdktest.Text("Public")}, o{"Ref": cdktest.Text("Public")}}
	tpl.Has("AWS::ECS::Service", o{"NetworkConfiguration": o{"AwsvpcConfiguration": o{"AssignPublicIp": "DISABLED", "Subnets": public}}})
	tpl.Has("AWS::ElasticLoadBalancingV2::LoadBalancer", o{"Subnets": public})
	tpl.Each("AWS::EFS::MountTarget", o{"SubnetId": public[0]})
	tpl.Has("AWS::EFS::FileSystem", o{"KmsKeyId": arn})
	tpl.HasResource("AWS::S3::Bucket", o{"DeletionPolicy": "Retain"}) // a bucket with objects cannot be deleted

	// The policy of a new key lets the logs of its region use it.
	synthShop(t, nil).Has("AWS::KMS::Key", o{"EnableKeyRotation": true, "KeyPolicy": o{"Statement": cdktest.ArrayWith(o{"Principal": o{"Service": cdktest.Text("^logs.")}})}})
}

// Tasks, file systems and an internal load balancer are in one private subnet of each zone, and never in a public one.
func TestFargateService_PrivateSubnets(t *testing.T) {
	stack := cdktest.Stack(t)
	props := shop(stack, "example/app:1")
	props.VPC = awsec2.NewVpc(stack, jsii.String("Wide"), &awsec2.VpcProps{MaxAzs: jsii.Number(2), SubnetConfiguration: &[]*awsec2.SubnetConfiguration{
		{Name: jsii.String("Public"), SubnetType: awsec2.SubnetType_PUBLIC},
		{Name: jsii.String("One"), SubnetType: awsec2.SubnetType_PRIVATE_WITH_EGRESS}, {Name: jsii.String("Two"), SubnetType: awsec2.SubnetType_PRIVATE_WITH_EGRESS},
	}})
	props.LoadBalancing.Internal = true
	props.Volumes = []ecsservice.Volume{{Name: "data", EFS: &ecsservice.EFS{}}}
	props.Containers[0].Mounts = []ecsservice.Mount{{Volume: "data", Path: "/data"}}
	albfargate.NewService(stack, "Shop", props)
	tpl := cdktest.Synth(t, stack)
	subnets := a{o{"Ref": cdktest.Text("WideOneSubnet1")}, o{"Ref": cdktest.Text("WideOneSubnet2")}}
	tpl.Has("AWS::ECS::Service", o{"NetworkConfiguration": o{"AwsvpcConfiguration": o{"Subnets": subnets}}})
	tpl.Has("AWS::ElasticLoadBalancingV2::LoadBalancer", o{"Subnets": subnets})
	tpl.Count("AWS::EFS::MountTarget", 2)
	tpl.Each("AWS::EFS::MountTarget", o{"SubnetId": o{"Ref": cdktest.Text("WideOneSubnet")}})

	stack = cdktest.Stack(t)
	props = shop(stack, "example/app:1")
	props.VPC = network.NewVPC(stack, "Closed", &network.VPCProps{NAT: network.None, DisableFlowLogs: true, KeepDefaultSecurityGroup: true}).Vpc
	err := cdktest.Panic(func() { albfargate.NewService(stack, "Shop", props) })
	require.ErrorContains(t, err, "There are no 'Private' subnet groups in this VPC")
}

// The service knows its namespace by name only, so it must wait for it.
func TestFargateService_ServiceConnectWaits(t *testing.T) {
	tpl := synthShop(t, func(p *albfargate.ServiceProps) {
		p.ServiceConnect = &ecsservice.ServiceConnect{Namespace: "shop.internal"}
	})
	tpl.HasResource("AWS::ECS::Service", o{"DependsOn": cdktest.ArrayWith(tpl.All("AWS::ServiceDiscovery::HttpNamespace")[0].LogicalID)})
}

func TestFargateService_ServiceConnectInGivenCluster(t *testing.T) {
	stack := cdktest.Stack(t)
	props := shop(stack, "example/app:1")
	props.Cluster = awsecs.Cluster_FromClusterAttributes(stack, jsii.String("Old"), &awsecs.ClusterAttributes{ClusterName: jsii.String("old"), Vpc: props.VPC})
	props.ServiceConnect = &ecsservice.ServiceConnect{Namespace: "shop.internal", Offer: []ecsservice.Offer{{Port: "web"}}}
	albfargate.NewService(stack, "Shop", props)
	tpl := cdktest.Synth(t, stack)
	tpl.Count("AWS::ECS::Cluster", 0)
	tpl.Count("AWS::ServiceDiscovery::HttpNamespace", 0)
	tpl.Has("AWS::ECS::Service", o{"Cluster": "old", "ServiceConnectConfiguration": o{
		"Namespace": "shop.internal", "Services": a{o{"PortName": "web", "ClientAliases": a{cdktest.Exactly(o{"Port": 8080})}}},
		"LogConfiguration": o{"LogDriver": "awslogs", "Options": o{
			"awslogs-group": o{"Ref": cdktest.Text("^ShopLogs")}, "awslogs-stream-prefix": "service-connect", "mode": "non-blocking",
		}},
	}})
}

// What is not offered is within reach of the hooks; docs/albfargate.md says how.
func TestFargateService_FireLens(t *testing.T) {
	stack := cdktest.Stack(t)
	props := shop(stack, "example/app:1")
	props.ConfigureContainer = func(name string, options *awsecs.ContainerDefinitionOptions) {
		options.Logging = awsecs.LogDrivers_Firelens(&awsecs.FireLensLogDriverProps{Options: &map[string]*string{"Name": jsii.String("datadog")}})
	}
	s := albfargate.NewService(stack, "Shop", props)
	s.TaskDefinition.AddFirelensLogRouter(jsii.String("router"), &awsecs.FirelensLogRouterDefinitionOptions{
		Image:          awsecs.ContainerImage_FromRegistry(jsii.String("example/fluent-bit:1"), nil),
		FirelensConfig: &awsecs.FirelensConfig{Type: awsecs.FirelensLogRouterType_FLUENTBIT},
		Logging:        awsecs.LogDriver_AwsLogs(&awsecs.AwsLogDriverProps{LogGroup: s.Logs, StreamPrefix: jsii.String("router")}),
	})
	tpl := cdktest.Synth(t, stack)
	assert.Equal(t, o{"LogDriver": "awsfirelens", "Options": o{"Name": "datadog"}}, container(t, tpl, "app")["LogConfiguration"])
	assert.Equal(t, o{"Type": "fluentbit"}, container(t, tpl, "router")["FirelensConfiguration"])
	tpl.Count("AWS::Logs::LogGroup", 2) // of the containers and of the web ACL: none that is not encrypted
}

func TestFargateService_Windows(t *testing.T) {
	tpl := synthShop(t, func(p *albfargate.ServiceProps) {
		p.CPU, p.Memory, p.Containers[0].WritableRoot = 1024, 2048, true
		p.ConfigureTask = func(task *awsecs.FargateTaskDefinitionProps) {
			task.RuntimePlatform.OperatingSystemFamily = awsecs.OperatingSystemFamily_WINDOWS_SERVER_2022_CORE()
		}
		p.ConfigureContainer = func(name string, options *awsecs.ContainerDefinitionOptions) { options.ReadonlyRootFilesystem = nil }
	})
	tpl.Has("AWS::ECS::TaskDefinition", o{"RuntimePlatform": o{"OperatingSystemFamily": "WINDOWS_SERVER_2022_CORE"}, "ContainerDefinitions": a{o{"ReadonlyRootFilesystem": cdktest.Absent}}})
}
