package constructs_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsefs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/replica"
)

func TestReplicatedSecret_Primary(t *testing.T) {
	stack := cdktest.Stack(t)
	replica.NewReplicatedSecret(stack, "Data", &replica.ReplicatedSecretProps{Pair: orderPair()})
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("replica/secret_primary")
	assertAlone(t, tpl)
	tpl.Has("AWS::SecretsManager::Secret", o{
		"Name": "orders", "KmsKeyId": dataKey, "ReplicaRegions": a{o{"Region": replicaStandby, "KmsKeyId": "alias/orders-secret"}}, "GenerateSecretString": o{},
	})
	tpl.HasResource("AWS::SecretsManager::Secret", o{"DeletionPolicy": "RetainExceptOnCreate"})
	tpl.Has("AWS::KMS::Alias", o{"AliasName": "alias/orders-secret"})
}

func TestReplicatedSecret_Standby(t *testing.T) {
	stack := replicaStack(t, replicaStandby)
	s := replica.NewReplicatedSecret(stack, "Data", &replica.ReplicatedSecretProps{Pair: orderPair()})
	s.GrantRead(awsiam.NewRole(stack, jsii.String("Role"), &awsiam.RoleProps{AssumedBy: awsiam.NewAccountRootPrincipal()}))
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("replica/secret_standby")
	assertAlone(t, tpl)
	tpl.Count("AWS::SecretsManager::Secret", 0)
	tpl.Has("AWS::KMS::Alias", o{"AliasName": "alias/orders-secret", "TargetKeyId": dataKey})
	tpl.Has("AWS::IAM::Policy", o{"PolicyDocument": o{"Statement": cdktest.ArrayWith(o{
		"Action": a{"secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"}, "Resource": join(":secretsmanager:us-west-2:" + cdktest.Account + ":secret:orders-??????"),
	})}})
	tpl.Has("AWS::KMS::Key", o{"KeyPolicy": o{"Statement": cdktest.ArrayWith(o{
		"Action": "kms:Decrypt", "Principal": o{"AWS": o{"Fn::GetAtt": a{cdktest.Text("^Role"), "Arn"}}},
	})}})
}

func TestReplicatedSecret_Settings(t *testing.T) {
	stack := cdktest.Stack(t)
	replica.NewReplicatedSecret(stack, "Data", &replica.ReplicatedSecretProps{
		Pair: orderPair(), Key: awskms.NewKey(stack, jsii.String("Mine"), nil), RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
		ConfigureSecret: func(p *awssecretsmanager.SecretProps) { p.Description = jsii.String("Of the shop") },
	})
	tpl := cdktest.Synth(t, stack)
	tpl.Count("AWS::KMS::Key", 1)
	tpl.HasResource("AWS::SecretsManager::Secret", o{"DeletionPolicy": "Delete", "Properties": o{"Description": "Of the shop", "KmsKeyId": o{"Fn::GetAtt": a{cdktest.Text("^Mine"), "Arn"}}}})
}

// A secret that nothing rotates is a finding, which its user answers.
func TestReplicatedSecret_Nag(t *testing.T) {
	primary, standby := cdktest.Stack(t), replicaStack(t, replicaStandby)
	for _, stack := range []awscdk.Stack{primary, standby} {
		replica.NewReplicatedSecret(stack, "Data", &replica.ReplicatedSecretProps{Pair: orderPair()})
	}
	findings, _ := cdktest.Nag(t, primary)
	require.Len(t, findings, 1)
	assert.Equal(t, "AwsSolutions-SMG4", findings[0].Rule)
	assertNag(t, standby)
}

const standbyFiles = "fs-0123456789abcdef0"

func orderFiles(stack awscdk.Stack) *replica.ReplicatedFileSystemProps {
	return &replica.ReplicatedFileSystemProps{Pair: orderPair(), VPC: importedVPC(stack), StandbyFileSystem: standbyFiles}
}

// warnings are those of a construct.
func replicaWarnings(c constructs.Construct) []string {
	var all []string
	for _, m := range *c.Node().Metadata() {
		all = append(all, fmt.Sprint(m.Data))
	}
	return all
}

func TestReplicatedFileSystem_Primary(t *testing.T) {
	stack := cdktest.Stack(t)
	f := replica.NewReplicatedFileSystem(stack, "Data", orderFiles(stack))
	assert.Empty(t, replicaWarnings(f))
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("replica/files_primary")
	assertAlone(t, tpl)
	files := tpl.Has("AWS::EFS::FileSystem", o{
		"Encrypted": true, "KmsKeyId": dataKey, "ThroughputMode": "elastic", "BackupPolicy": o{"Status": "ENABLED"}, "LifecyclePolicies": a{o{"TransitionToIA": "AFTER_30_DAYS"}},
		"FileSystemProtection": cdktest.Absent, "ReplicationConfiguration": o{"Destinations": a{o{"FileSystemId": standbyFiles, "Region": replicaStandby}}},
		"FileSystemPolicy": o{"Statement": cdktest.ArrayWith(o{"Effect": "Deny", "Action": "*", "Principal": o{"AWS": "*"}, "Condition": o{"Bool": o{"aws:SecureTransport": "false"}}})},
		"FileSystemTags":   a{o{"Key": "Name", "Value": "orders"}},
	})
	tpl.Has("AWS::EFS::FileSystem", o{"FileSystemPolicy": o{"Statement": cdktest.ArrayWith(o{"Effect": "Allow", "Condition": o{"Bool": o{"elasticfilesystem:AccessedViaMountTarget": "true"}}})}})
	tpl.HasResource("AWS::EFS::FileSystem", o{"DeletionPolicy": "Retain"})
	tpl.Count("AWS::EFS::MountTarget", 2)
	tpl.Has("AWS::EFS::MountTarget", o{"SubnetId": "subnet-00000003"})
	tpl.Has("AWS::CloudWatch::Alarm", o{
		"Namespace": "AWS/EFS", "MetricName": "TimeSinceLastSync", "Threshold": 1800, "EvaluationPeriods": 5,
		"Dimensions": a{o{"Name": "DestinationFileSystemId", "Value": standbyFiles}, o{"Name": "FileSystemId", "Value": o{"Ref": files.LogicalID}}},
	})
}

func TestReplicatedFileSystem_Standby(t *testing.T) {
	stack := replicaStack(t, replicaStandby)
	props := orderFiles(stack)
	f := replica.NewReplicatedFileSystem(stack, "Data", props)
	f.AllowFrom(awsec2.NewSecurityGroup(stack, jsii.String("Client"), &awsec2.SecurityGroupProps{Vpc: props.VPC}))
	assert.Nil(t, f.Topic)
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("replica/files_standby")
	assertAlone(t, tpl)
	files := tpl.Has("AWS::EFS::FileSystem", o{
		"Encrypted": true, "FileSystemProtection": o{"ReplicationOverwriteProtection": "DISABLED"}, "ReplicationConfiguration": cdktest.Absent,
	})
	assert.Equal(t, o{"Ref": files.LogicalID}, tpl.Output("DataFileSystemId"))
	tpl.Has("AWS::EC2::SecurityGroupIngress", o{"FromPort": 2049, "SourceSecurityGroupId": o{"Fn::GetAtt": a{cdktest.Text("^Client"), "GroupId"}}})
	tpl.Count("AWS::CloudWatch::Alarm", 0)
}

func TestReplicatedFileSystem_Settings(t *testing.T) {
	stack := cdktest.Stack(t)
	props := orderFiles(stack)
	props.AlarmLag, props.RemovalPolicy = time.Hour, awscdk.RemovalPolicy_DESTROY
	props.Subnets = &awsec2.SubnetSelection{SubnetType: awsec2.SubnetType_PRIVATE_WITH_EGRESS}
	props.ConfigureFileSystem = func(p *awsefs.FileSystemProps) { p.ThroughputMode = awsefs.ThroughputMode_BURSTING }
	replica.NewReplicatedFileSystem(stack, "Data", props)
	tpl := cdktest.Synth(t, stack)
	tpl.HasResource("AWS::EFS::FileSystem", o{"DeletionPolicy": "Delete", "Properties": o{"ThroughputMode": "bursting"}})
	tpl.Has("AWS::EFS::MountTarget", o{"SubnetId": "subnet-00000001"})
	tpl.Has("AWS::CloudWatch::Alarm", o{"Threshold": 3600})

	first := cdktest.Stack(t)
	props = orderFiles(first)
	props.StandbyFileSystem = ""
	f := replica.NewReplicatedFileSystem(first, "Data", props)
	assert.Equal(t, []string{"files are not replicated: give the output FileSystemId of us-west-2 as StandbyFileSystem [ack: @strata/replica:notReplicated]"}, replicaWarnings(f))
	tpl = cdktest.Synth(t, first)
	tpl.Has("AWS::EFS::FileSystem", o{"ReplicationConfiguration": cdktest.Absent})
	tpl.Count("AWS::SNS::Topic", 0)

	silent := cdktest.Stack(t)
	props = orderFiles(silent)
	props.DisableAlarms = true
	replica.NewReplicatedFileSystem(silent, "Data", props)
	tpl = cdktest.Synth(t, silent)
	tpl.Count("AWS::SNS::Topic", 0)
	tpl.Count("AWS::CloudWatch::Alarm", 0)
}

func TestReplicaMore_Refuse(t *testing.T) {
	require.ErrorContains(t, cdktest.Panic(func() { replica.NewReplicatedSecret(cdktest.Stack(t), "Data", nil) }), "Test/Data: invalid replica.ReplicatedSecretProps:\n  - Name: ")
	require.ErrorContains(t, cdktest.Panic(func() { replica.NewReplicatedFileSystem(cdktest.Stack(t), "Data", nil) }), "Test/Data: invalid replica.ReplicatedFileSystemProps:\n  - Name: ")
	assertRefuses(t, "replica.ReplicatedSecretProps", func(stack awscdk.Stack) {
		replica.NewReplicatedSecret(stack, "Data", &replica.ReplicatedSecretProps{Pair: orderPair()})
	})
	assertRefuses(t, "replica.ReplicatedFileSystemProps", func(stack awscdk.Stack) { replica.NewReplicatedFileSystem(stack, "Data", orderFiles(stack)) })
}

func TestReplicatedFileSystem_Nag(t *testing.T) {
	for _, stack := range []awscdk.Stack{cdktest.Stack(t), replicaStack(t, replicaStandby)} {
		replica.NewReplicatedFileSystem(stack, "Data", orderFiles(stack))
		assertNag(t, stack)
	}
}

func ExampleNewReplicatedSecret() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Standby"), &awscdk.StackProps{Env: &awscdk.Environment{Account: jsii.String("111122223333"), Region: jsii.String("us-west-2")}})
	token := replica.NewReplicatedSecret(stack, "Token", &replica.ReplicatedSecretProps{ // and in the stack of us-east-1
		Pair: replica.Pair{Name: "shop-token", Primary: "us-east-1", Standby: "us-west-2"},
	})
	fmt.Println(*token.Secret.SecretName())
	// Output: shop-token
}

func ExampleNewReplicatedFileSystem() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Primary"), &awscdk.StackProps{Env: &awscdk.Environment{Account: jsii.String("111122223333"), Region: jsii.String("us-east-1")}})
	vpc := awsec2.NewVpc(stack, jsii.String("Vpc"), nil)
	files := replica.NewReplicatedFileSystem(stack, "Files", &replica.ReplicatedFileSystemProps{
		Pair: replica.Pair{Name: "shop", Primary: "us-east-1", Standby: "us-west-2"}, VPC: vpc,
		StandbyFileSystem: "fs-0123456789abcdef0", // the output FileSystemId of us-west-2
	})
	fmt.Println(*files.Node().Path())
	// Output: Primary/Files
}
