package constructs_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsrds"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/replica"
)

// importedVPC is a network that costs a template nothing.
func importedVPC(stack awscdk.Stack) awsec2.IVpc {
	return awsec2.Vpc_FromVpcAttributes(stack, jsii.String("Vpc"), &awsec2.VpcAttributes{
		VpcId: jsii.String("vpc-12345678"), AvailabilityZones: jsii.Strings("a", "b"),
		PrivateSubnetIds: jsii.Strings("subnet-00000001", "subnet-00000002"), IsolatedSubnetIds: jsii.Strings("subnet-00000003", "subnet-00000004"),
	})
}

func orderAurora(stack awscdk.Stack) *replica.AuroraGlobalProps {
	return &replica.AuroraGlobalProps{Pair: orderPair(), Database: replica.Database{Version: "17.6", VPC: importedVPC(stack)}}
}

func orderInstance(stack awscdk.Stack) *replica.CrossRegionReplicaProps {
	return &replica.CrossRegionReplicaProps{Pair: orderPair(), Database: replica.Database{Version: "17.6", VPC: importedVPC(stack)}}
}

var dataKey = o{"Fn::GetAtt": a{cdktest.Text("^DataKey"), "Arn"}}

// credential is what the CDK makes of a field of a secret.
func credential(field string) o {
	return o{"Fn::Join": a{"", a{"{{resolve:secretsmanager:", o{"Ref": cdktest.Text("^DataSecret")}, ":SecretString:" + field + "::}}"}}}
}

func TestAuroraGlobal_Primary(t *testing.T) {
	stack := cdktest.Stack(t)
	g := replica.NewAuroraGlobal(stack, "Data", orderAurora(stack))
	assert.Nil(t, g.Topic)
	assert.Len(t, g.Instances, 2)
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("replica/aurora_primary")
	assertAlone(t, tpl)
	cluster := tpl.Has("AWS::RDS::DBCluster", o{
		"DBClusterIdentifier": "orders-us-east-1", "Engine": "aurora-postgresql", "EngineVersion": "17.6", "Port": 5432, "GlobalClusterIdentifier": cdktest.Absent, "SourceRegion": cdktest.Absent,
		"MasterUsername": credential("username"), "MasterUserPassword": credential("password"), "StorageEncrypted": true, "KmsKeyId": dataKey, "EnableGlobalWriteForwarding": cdktest.Absent,
		"EnableIAMDatabaseAuthentication": true, "DeletionProtection": true, "BackupRetentionPeriod": 7, "CopyTagsToSnapshot": true, "EnableCloudwatchLogsExports": a{"postgresql"},
		"ServerlessV2ScalingConfiguration": o{"MinCapacity": 0.5, "MaxCapacity": 16}, "DBClusterParameterGroupName": o{"Ref": cdktest.Text("^DataParameters")},
		"VpcSecurityGroupIds": a{o{"Fn::GetAtt": a{cdktest.Text("^DataSecurityGroup"), "GroupId"}}}, "DBSubnetGroupName": o{"Ref": cdktest.Text("^DataSubnets")}, "DatabaseName": cdktest.Absent,
	})
	tpl.HasResource("AWS::RDS::DBCluster", o{"DeletionPolicy": "RetainExceptOnCreate", "DependsOn": a{cdktest.Text("^DataLogspostgresql")}})
	tpl.Has("AWS::RDS::GlobalCluster", o{
		"GlobalClusterIdentifier": "orders", "SourceDBClusterIdentifier": o{"Fn::GetAtt": a{cluster.LogicalID, "DBClusterArn"}}, "DeletionProtection": true,
	})
	tpl.HasResource("AWS::RDS::GlobalCluster", o{"DeletionPolicy": "RetainExceptOnCreate"})
	tpl.HasResource("AWS::RDS::DBClusterParameterGroup", o{"DeletionPolicy": "Retain"})
	tpl.Has("AWS::RDS::DBClusterParameterGroup", o{"Family": "aurora-postgresql17", "Parameters": o{"rds.force_ssl": "1"}})
	tpl.Count("AWS::RDS::DBInstance", 2)
	tpl.Each("AWS::RDS::DBInstance", o{
		"DBClusterIdentifier": o{"Ref": cluster.LogicalID}, "DBInstanceClass": "db.serverless", "Engine": "aurora-postgresql", "PubliclyAccessible": false,
		"EnablePerformanceInsights": true, "PerformanceInsightsKMSKeyId": dataKey,
	})
	tpl.EachResource("AWS::RDS::DBInstance", o{"DeletionPolicy": "RetainExceptOnCreate"})
	tpl.Has("AWS::RDS::DBSubnetGroup", o{"SubnetIds": a{"subnet-00000003", "subnet-00000004"}})
	tpl.Has("AWS::EC2::SecurityGroup", o{"SecurityGroupIngress": cdktest.Absent, "SecurityGroupEgress": a{o{"CidrIp": "255.255.255.255/32"}}})
	secret := tpl.Has("AWS::SecretsManager::Secret", o{
		"Name": "orders-aurora-admin", "KmsKeyId": dataKey, "ReplicaRegions": a{o{"Region": replicaStandby, "KmsKeyId": cdktest.Absent}},
		"GenerateSecretString": o{"SecretStringTemplate": `{"username":"dbadmin"}`},
	})
	tpl.HasResource("AWS::SecretsManager::Secret", o{"DeletionPolicy": "RetainExceptOnCreate"})
	tpl.Has("AWS::SecretsManager::SecretTargetAttachment", o{"SecretId": o{"Ref": secret.LogicalID}, "TargetId": o{"Ref": cluster.LogicalID}, "TargetType": "AWS::RDS::DBCluster"})
	tpl.Has("AWS::Logs::LogGroup", o{"LogGroupName": "/aws/rds/cluster/orders-us-east-1/postgresql", "RetentionInDays": 30, "KmsKeyId": dataKey})
	tpl.Has("AWS::KMS::Key", o{"KeyPolicy": o{"Statement": cdktest.ArrayWith(o{"Principal": o{"Service": "logs.us-east-1.amazonaws.com"}})}})
	tpl.Count("AWS::CloudWatch::Alarm", 0)
}

func TestAuroraGlobal_Standby(t *testing.T) {
	stack := replicaStack(t, replicaStandby)
	props := orderAurora(stack)
	g := replica.NewAuroraGlobal(stack, "Data", props)
	g.AllowFrom(awsec2.NewSecurityGroup(stack, jsii.String("Client"), &awsec2.SecurityGroupProps{Vpc: props.VPC}))
	role := awsiam.NewRole(stack, jsii.String("Role"), &awsiam.RoleProps{AssumedBy: awsiam.NewAccountRootPrincipal()})
	g.Secret.GrantRead(role, nil)
	g.Cluster.GrantConnect(role, jsii.String("reader"))
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("replica/aurora_standby")
	assertAlone(t, tpl)
	cluster := tpl.Has("AWS::RDS::DBCluster", o{
		"DBClusterIdentifier": "orders-us-west-2", "GlobalClusterIdentifier": "orders", "SourceRegion": cdktest.Region, "KmsKeyId": dataKey, "StorageEncrypted": true,
		"MasterUsername": cdktest.Absent, "MasterUserPassword": cdktest.Absent, "DatabaseName": cdktest.Absent, "EnableGlobalWriteForwarding": false, "EngineVersion": "17.6",
	})
	tpl.Count("AWS::RDS::GlobalCluster", 0)
	tpl.Count("AWS::RDS::DBInstance", 1)
	tpl.Count("AWS::SecretsManager::Secret", 0)
	tpl.Has("AWS::CloudWatch::Alarm", o{
		"Namespace": "AWS/RDS", "MetricName": "AuroraGlobalDBReplicationLag", "Threshold": 60000, "EvaluationPeriods": 5, "Dimensions": a{o{"Name": "DBClusterIdentifier", "Value": "orders-us-west-2"}},
		"AlarmDescription": "The cluster is more than 1m0s behind us-east-1, in 5 of 5 minutes (Standby/Data)",
	})
	tpl.Has("AWS::EC2::SecurityGroupIngress", o{"FromPort": 5432, "ToPort": 5432, "IpProtocol": "tcp", "SourceSecurityGroupId": o{"Fn::GetAtt": a{cdktest.Text("^Client"), "GroupId"}}})
	statement := func(action, resource any) {
		tpl.Has("AWS::IAM::Policy", o{"PolicyDocument": o{"Statement": cdktest.ArrayWith(o{"Action": action, "Resource": resource})}})
	}
	statement(cdktest.ArrayWith("secretsmanager:GetSecretValue"), join(":secretsmanager:us-west-2:"+cdktest.Account+":secret:orders-aurora-admin-??????"))
	statement("rds-db:connect", join(":rds-db:us-west-2:"+cdktest.Account+":dbuser:", o{"Fn::GetAtt": a{cluster.LogicalID, "DBClusterResourceId"}}, "/reader"))
}

func TestAuroraGlobal_Settings(t *testing.T) {
	edit := func(p *replica.AuroraGlobalProps) *replica.AuroraGlobalProps {
		p.Engine, p.Version, p.InstanceClass, p.Instances, p.StandbyInstances = replica.MySQL, "8.0.mysql_aurora.3.10.1", "db.r7g.large", 3, new(0)
		p.Username, p.DatabaseName, p.BackupDays, p.LogDays, p.AlarmLag, p.WriteForwarding = "root1", "shop", 35, 90, 5*time.Second, true
		p.RemovalPolicy = awscdk.RemovalPolicy_DESTROY
		p.Subnets = &awsec2.SubnetSelection{SubnetType: awsec2.SubnetType_PRIVATE_WITH_EGRESS}
		p.ConfigureCluster = func(c *awsrds.CfnDBClusterProps) { c.StorageType = jsii.String("aurora-iopt1") }
		return p
	}
	stack := cdktest.Stack(t)
	replica.NewAuroraGlobal(stack, "Data", edit(orderAurora(stack)))
	tpl := cdktest.Synth(t, stack)
	tpl.Has("AWS::RDS::DBCluster", o{
		"Engine": "aurora-mysql", "Port": 3306, "DatabaseName": "shop", "BackupRetentionPeriod": 35, "DeletionProtection": false, "ServerlessV2ScalingConfiguration": cdktest.Absent,
		"EnableCloudwatchLogsExports": a{"error", "slowquery"}, "StorageType": "aurora-iopt1", "EnableGlobalWriteForwarding": cdktest.Absent,
	})
	tpl.HasResource("AWS::RDS::DBCluster", o{"DeletionPolicy": "Delete"})
	tpl.EachResource("AWS::RDS::DBInstance", o{"DeletionPolicy": "Delete", "Properties": o{"DBInstanceClass": "db.r7g.large"}})
	tpl.Count("AWS::RDS::DBInstance", 3)
	tpl.Has("AWS::RDS::GlobalCluster", o{"DeletionProtection": false})
	tpl.Has("AWS::RDS::DBClusterParameterGroup", o{"Family": "aurora-mysql8.0", "Parameters": o{"require_secure_transport": "ON"}})
	tpl.Has("AWS::RDS::DBSubnetGroup", o{"SubnetIds": a{"subnet-00000001", "subnet-00000002"}})
	tpl.Has("AWS::SecretsManager::Secret", o{"GenerateSecretString": o{"SecretStringTemplate": `{"username":"root1"}`}})
	tpl.Has("AWS::Logs::LogGroup", o{"LogGroupName": "/aws/rds/cluster/orders-us-east-1/slowquery", "RetentionInDays": 90})

	standby := replicaStack(t, replicaStandby)
	g := replica.NewAuroraGlobal(standby, "Data", edit(orderAurora(standby)))
	assert.Empty(t, g.Instances)
	tpl = cdktest.Synth(t, standby)
	tpl.Has("AWS::RDS::DBCluster", o{"EnableGlobalWriteForwarding": true})
	tpl.Count("AWS::RDS::DBInstance", 0)
	tpl.Has("AWS::CloudWatch::Alarm", o{"Threshold": 5000})

	plain := replicaStack(t, replicaStandby)
	props := orderAurora(plain)
	props.AllowPlaintext, props.DisableAlarms = true, true
	props.VPC = awsec2.Vpc_FromVpcAttributes(plain, jsii.String("NoIsolated"), &awsec2.VpcAttributes{
		VpcId: jsii.String("vpc-12345678"), AvailabilityZones: jsii.Strings("a", "b"), PrivateSubnetIds: jsii.Strings("subnet-00000001", "subnet-00000002"),
	})
	replica.NewAuroraGlobal(plain, "Data", props)
	tpl = cdktest.Synth(t, plain)
	tpl.Has("AWS::RDS::DBCluster", o{"DBClusterParameterGroupName": cdktest.Absent})
	tpl.Has("AWS::RDS::DBSubnetGroup", o{"SubnetIds": a{"subnet-00000001", "subnet-00000002"}})
	tpl.Count("AWS::SNS::Topic", 0)
}

func TestCrossRegionReplica_Primary(t *testing.T) {
	stack := cdktest.Stack(t)
	r := replica.NewCrossRegionReplica(stack, "Data", orderInstance(stack))
	assert.Nil(t, r.Topic)
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("replica/instance_primary")
	assertAlone(t, tpl)
	instance := tpl.Has("AWS::RDS::DBInstance", o{
		"DBInstanceIdentifier": "orders-us-east-1", "Engine": "postgres", "EngineVersion": "17.6", "Port": "5432", "DBInstanceClass": "db.m7g.large", "MultiAZ": true,
		"AllocatedStorage": "100", "MaxAllocatedStorage": 200, "StorageType": "gp3", "StorageEncrypted": true, "KmsKeyId": dataKey, "BackupRetentionPeriod": 7,
		"MasterUsername": credential("username"), "MasterUserPassword": credential("password"), "DeletionProtection": true, "PubliclyAccessible": false, "CopyTagsToSnapshot": true,
		"EnableIAMDatabaseAuthentication": true, "EnableCloudwatchLogsExports": a{"postgresql"}, "DBParameterGroupName": o{"Ref": cdktest.Text("^DataParameters")},
		"SourceDBInstanceIdentifier": cdktest.Absent, "EnablePerformanceInsights": true, "PerformanceInsightsKMSKeyId": dataKey, "DBSubnetGroupName": o{"Ref": cdktest.Text("^DataSubnets")},
		"VPCSecurityGroups": a{o{"Fn::GetAtt": a{cdktest.Text("^DataSecurityGroup"), "GroupId"}}},
	})
	for _, kind := range []string{"AWS::RDS::DBParameterGroup", "AWS::RDS::DBSubnetGroup", "AWS::EC2::SecurityGroup"} {
		tpl.HasResource(kind, o{"DeletionPolicy": "Retain"})
	}
	tpl.HasResource("AWS::RDS::DBInstance", o{"DeletionPolicy": "RetainExceptOnCreate", "DependsOn": a{cdktest.Text("^DataLogspostgresql")}})
	tpl.Has("AWS::RDS::DBParameterGroup", o{"Family": "postgres17", "Parameters": o{"rds.force_ssl": "1"}})
	tpl.Has("AWS::SecretsManager::Secret", o{"Name": "orders-database-admin", "ReplicaRegions": a{o{"Region": replicaStandby}}})
	tpl.Has("AWS::SecretsManager::SecretTargetAttachment", o{"TargetId": o{"Ref": instance.LogicalID}, "TargetType": "AWS::RDS::DBInstance"})
	tpl.Has("AWS::Logs::LogGroup", o{"LogGroupName": "/aws/rds/instance/orders-us-east-1/postgresql"})
}

func TestCrossRegionReplica_Standby(t *testing.T) {
	stack := replicaStack(t, replicaStandby)
	props := orderInstance(stack)
	r := replica.NewCrossRegionReplica(stack, "Data", props)
	r.AllowFrom(awsec2.NewSecurityGroup(stack, jsii.String("Client"), &awsec2.SecurityGroupProps{Vpc: props.VPC}))
	role := awsiam.NewRole(stack, jsii.String("Role"), &awsiam.RoleProps{AssumedBy: awsiam.NewAccountRootPrincipal()})
	r.Instance.GrantConnect(role, jsii.String("reader"))
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("replica/instance_standby")
	assertAlone(t, tpl)
	tpl.Has("AWS::RDS::DBInstance", o{
		"DBInstanceIdentifier": "orders-us-west-2", "SourceDBInstanceIdentifier": join(":rds:us-east-1:" + cdktest.Account + ":db:orders-us-east-1"), "SourceRegion": cdktest.Region,
		"KmsKeyId": dataKey, "MasterUsername": cdktest.Absent, "MasterUserPassword": cdktest.Absent, "AllocatedStorage": cdktest.Absent, "DBName": cdktest.Absent, "StorageEncrypted": cdktest.Absent,
		"Engine": cdktest.Absent, "EngineVersion": cdktest.Absent, "DeletionProtection": true, "BackupRetentionPeriod": 7, "MultiAZ": true,
	})
	tpl.Count("AWS::SecretsManager::Secret", 0)
	tpl.Count("AWS::CloudWatch::Alarm", 2)
	dimensions := a{o{"Name": "DBInstanceIdentifier", "Value": "orders-us-west-2"}}
	tpl.Has("AWS::CloudWatch::Alarm", o{"MetricName": "ReplicaLag", "Namespace": "AWS/RDS", "Threshold": 600, "ComparisonOperator": "GreaterThanThreshold", "Dimensions": dimensions})
	tpl.Has("AWS::CloudWatch::Alarm", o{"MetricName": "ReplicaLag", "Threshold": 0, "ComparisonOperator": "LessThanThreshold", "Dimensions": dimensions})
	tpl.Has("AWS::EC2::SecurityGroupIngress", o{"FromPort": 5432, "SourceSecurityGroupId": o{"Fn::GetAtt": a{cdktest.Text("^Client"), "GroupId"}}})
	tpl.Has("AWS::IAM::Policy", o{"PolicyDocument": o{"Statement": a{o{"Action": "rds-db:connect"}}}})
}

func TestCrossRegionReplica_Settings(t *testing.T) {
	stack := cdktest.Stack(t)
	p := orderInstance(stack)
	p.Engine, p.Version, p.InstanceClass, p.StorageGiB, p.MaxStorageGiB, p.SingleAZ = replica.MySQL, "8.4.7", "db.t4g.small", 20, 30, true
	p.DatabaseName, p.RemovalPolicy = "shop", awscdk.RemovalPolicy_DESTROY
	p.ConfigureInstance = func(c *awsrds.CfnDBInstanceProps) { c.CaCertificateIdentifier = jsii.String("rds-ca-rsa4096-g1") }
	replica.NewCrossRegionReplica(stack, "Data", p)
	tpl := cdktest.Synth(t, stack)
	tpl.Has("AWS::RDS::DBInstance", o{
		"Engine": "mysql", "Port": "3306", "DBInstanceClass": "db.t4g.small", "AllocatedStorage": "20", "MaxAllocatedStorage": 30, "MultiAZ": false, "DBName": "shop", "DeletionProtection": false,
		"CACertificateIdentifier": "rds-ca-rsa4096-g1", "EnablePerformanceInsights": cdktest.Absent, "PerformanceInsightsKMSKeyId": cdktest.Absent, "EnableCloudwatchLogsExports": a{"error", "slowquery"},
	})
	for _, kind := range []string{"AWS::RDS::DBInstance", "AWS::RDS::DBParameterGroup", "AWS::RDS::DBSubnetGroup", "AWS::EC2::SecurityGroup"} {
		tpl.HasResource(kind, o{"DeletionPolicy": "Delete"})
	}
	tpl.Has("AWS::RDS::DBParameterGroup", o{"Family": "mysql8.4", "Parameters": o{"require_secure_transport": "ON"}})

	standby := replicaStack(t, replicaStandby)
	p = orderInstance(standby)
	p.AllowPlaintext, p.DisableAlarms = true, true
	r := replica.NewCrossRegionReplica(standby, "Data", p)
	assert.Nil(t, r.Topic)
	tpl = cdktest.Synth(t, standby)
	tpl.Has("AWS::RDS::DBInstance", o{"DBParameterGroupName": cdktest.Absent})
	tpl.Count("AWS::CloudWatch::Alarm", 0)
	tpl.Count("AWS::SNS::Topic", 0)
}

func TestReplicaDatabases_Refuse(t *testing.T) {
	require.ErrorContains(t, cdktest.Panic(func() { replica.NewAuroraGlobal(cdktest.Stack(t), "Data", nil) }), "Test/Data: invalid replica.AuroraGlobalProps:\n  - Name: ")
	require.ErrorContains(t, cdktest.Panic(func() { replica.NewCrossRegionReplica(cdktest.Stack(t), "Data", nil) }), "Test/Data: invalid replica.CrossRegionReplicaProps:\n  - Name: ")
	assertRefuses(t, "replica.AuroraGlobalProps", func(stack awscdk.Stack) { replica.NewAuroraGlobal(stack, "Data", orderAurora(stack)) })
	assertRefuses(t, "replica.CrossRegionReplicaProps", func(stack awscdk.Stack) { replica.NewCrossRegionReplica(stack, "Data", orderInstance(stack)) })
}

func TestReplicaDatabases_Nag(t *testing.T) {
	for _, engine := range []replica.Database{{Version: "17.6"}, {Engine: replica.MySQL, Version: "8.0.mysql_aurora.3.10.1"}} {
		for _, stack := range []awscdk.Stack{cdktest.Stack(t), replicaStack(t, replicaStandby)} {
			engine.VPC = importedVPC(stack)
			replica.NewAuroraGlobal(stack, "Data", &replica.AuroraGlobalProps{Pair: orderPair(), Database: engine})
			assertNag(t, stack)
		}
	}
	for _, stack := range []awscdk.Stack{cdktest.Stack(t), replicaStack(t, replicaStandby)} {
		replica.NewCrossRegionReplica(stack, "Data", orderInstance(stack))
		assertNag(t, stack)
	}
}

func ExampleNewAuroraGlobal() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Standby"), &awscdk.StackProps{Env: &awscdk.Environment{Account: jsii.String("111122223333"), Region: jsii.String("us-west-2")}})
	vpc := awsec2.NewVpc(stack, jsii.String("Vpc"), nil)
	orders := replica.NewAuroraGlobal(stack, "Orders", &replica.AuroraGlobalProps{ // and in the stack of us-east-1
		Pair:     replica.Pair{Name: "orders", Primary: "us-east-1", Standby: "us-west-2"},
		Database: replica.Database{Version: "17.6", VPC: vpc}, StandbyInstances: new(0),
	})
	fmt.Println(*orders.Resource.DbClusterIdentifier(), len(orders.Instances))
	// Output: orders-us-west-2 0
}

func ExampleNewCrossRegionReplica() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Standby"), &awscdk.StackProps{Env: &awscdk.Environment{Account: jsii.String("111122223333"), Region: jsii.String("us-west-2")}})
	vpc := awsec2.NewVpc(stack, jsii.String("Vpc"), nil)
	orders := replica.NewCrossRegionReplica(stack, "Orders", &replica.CrossRegionReplicaProps{ // and in the stack of us-east-1
		Pair:     replica.Pair{Name: "orders", Primary: "us-east-1", Standby: "us-west-2"},
		Database: replica.Database{Version: "17.6", VPC: vpc},
	})
	fmt.Println(*orders.Resource.DbInstanceIdentifier())
	// Output: orders-us-west-2
}
