package constructs_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsefs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsrds"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/backupcopy"
)

func orderBackups() backupcopy.Backups {
	return backupcopy.Backups{Name: "orders", Region: cdktest.Region, CopyRegion: "us-west-2"}
}

func backupTable(stack awscdk.Stack) awsdynamodb.TableV2 {
	return awsdynamodb.NewTableV2(stack, jsii.String("Orders"), &awsdynamodb.TablePropsV2{PartitionKey: &awsdynamodb.Attribute{Name: jsii.String("id"), Type: awsdynamodb.AttributeType_STRING}})
}

// copyStack is a stack in the region of copies.
func copyStack(t *testing.T) awscdk.Stack {
	t.Helper()
	return awscdk.NewStack(cdktest.App(t, nil), jsii.String("Standby"), &awscdk.StackProps{
		Env:         &awscdk.Environment{Account: jsii.String(cdktest.Account), Region: jsii.String("us-west-2")},
		Synthesizer: awscdk.NewDefaultStackSynthesizer(&awscdk.DefaultStackSynthesizerProps{GenerateBootstrapVersionRule: jsii.Bool(false)}),
	})
}

func TestBackupCopy_Plan(t *testing.T) {
	stack := cdktest.Stack(t)
	table := backupTable(stack)
	p := backupcopy.NewPlan(stack, "Backup", &backupcopy.PlanProps{Backups: orderBackups(), Constructs: []constructs.IConstruct{table}})
	assert.NotEmpty(t, p.VaultName())
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("backupcopy/plan")
	key := o{"Fn::GetAtt": a{cdktest.Text("^BackupKey"), "Arn"}}
	vault := tpl.Has("AWS::Backup::BackupVault", o{
		"BackupVaultName": "orders", "EncryptionKeyArn": key, "LockConfiguration": o{"MinRetentionDays": 7, "MaxRetentionDays": cdktest.Absent, "ChangeableForDays": cdktest.Absent},
		"AccessPolicy": cdktest.Absent,
	})
	tpl.HasResource("AWS::Backup::BackupVault", o{"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}) // the name is taken otherwise
	tpl.Has("AWS::KMS::Key", o{"EnableKeyRotation": true})
	days := o{"DeleteAfterDays": 35, "MoveToColdStorageAfterDays": cdktest.Absent}
	tpl.Has("AWS::Backup::BackupPlan", o{"BackupPlan": o{"BackupPlanName": "orders", "BackupPlanRule": a{o{
		"RuleName": "Daily", "ScheduleExpression": "cron(0 5 * * ? *)", "StartWindowMinutes": 60, "CompletionWindowMinutes": 1440, "Lifecycle": days, "EnableContinuousBackup": false,
		"TargetBackupVault": o{"Fn::GetAtt": a{vault.LogicalID, "BackupVaultName"}},
		"CopyActions": a{o{"Lifecycle": days, "DestinationBackupVaultArn": o{"Fn::Join": a{"", a{"arn:", o{"Ref": "AWS::Partition"},
			":backup:us-west-2:" + cdktest.Account + ":backup-vault:orders"}}}}},
	}}}})
	tpl.Count("AWS::Backup::BackupSelection", 1)
	tpl.Has("AWS::Backup::BackupSelection", o{"BackupSelection": o{
		"SelectionName": "orders-resources", "Resources": a{o{"Fn::GetAtt": a{cdktest.Text("^Orders"), "Arn"}}},
		"IamRoleArn": o{"Fn::GetAtt": a{cdktest.Text("^BackupRole"), "Arn"}},
	}})
	for _, report := range []string{"backup", "copy"} {
		tpl.Has("AWS::Backup::ReportPlan", o{"ReportPlanName": "orders_" + report, "ReportSetting": o{"ReportTemplate": map[string]string{"backup": "BACKUP_JOB_REPORT", "copy": "COPY_JOB_REPORT"}[report]}})
		tpl.HasResource("AWS::Backup::ReportPlan", o{"DependsOn": cdktest.ArrayWith(cdktest.Text("^BackupReportsPolicy"))})
	}
	// The role's own policy has no s3:PutObject, so the bucket's must name the role: its account as the principal would not do.
	tpl.Has("AWS::S3::BucketPolicy", o{"PolicyDocument": o{"Statement": cdktest.ArrayWith(o{
		"Effect": "Allow", "Principal": o{"AWS": "*"}, "Action": "s3:PutObject", "Condition": o{
			"StringEquals": o{"aws:PrincipalAccount": cdktest.Account},
			"ArnEquals": o{"aws:PrincipalArn": o{"Fn::Join": a{"", a{"arn:", o{"Ref": "AWS::Partition"},
				":iam::" + cdktest.Account + ":role/aws-service-role/reports.backup.amazonaws.com/AWSServiceRoleForBackupReports"}}}},
		},
	})}})
	failed := a{"ABORTED", "EXPIRED", "FAILED", "PARTIAL"}
	topic := o{"Ref": cdktest.Text("^BackupAlarmTopic")}
	for _, job := range []string{"Backup", "Copy"} {
		tpl.Has("AWS::Events::Rule", o{
			"EventPattern": o{"source": a{"aws.backup"}, "detail-type": a{job + " Job State Change"}, "detail": o{"state": failed}}, "Targets": a{o{"Arn": topic, "Id": "Topic"}},
		})
	}
	tpl.Has("AWS::SNS::TopicPolicy", o{"PolicyDocument": o{"Statement": cdktest.ArrayWith(o{"Principal": o{"Service": "events.amazonaws.com"}, "Action": "sns:Publish"})}})
	tpl.Has("AWS::CloudWatch::Alarm", o{
		"Namespace": "AWS/Backup", "MetricName": "NumberOfBackupJobsCompleted", "Dimensions": a{o{"Name": "BackupVaultName", "Value": "orders"}}, "Statistic": "Sum",
		"Period": 86400, "EvaluationPeriods": 2, "DatapointsToAlarm": 2, "Threshold": 1, "ComparisonOperator": "LessThanThreshold", "TreatMissingData": "breaching",
		"AlarmActions": a{topic}, "OKActions": a{topic}, "AlarmDescription": "No backup was made in a day, in 2 of 2 periods of 24h0m0s (Test/Backup)",
	})
}

func TestBackupCopy_PlanSettings(t *testing.T) {
	stack := cdktest.Stack(t)
	key, topic := awskms.NewKey(stack, jsii.String("Mine"), nil), awssns.NewTopic(stack, jsii.String("Topic"), nil)
	backups := orderBackups()
	backups.Account, backups.CopyAccount = cdktest.Account, "222222222222"
	backups.Lock = backupcopy.Lock{Mode: backupcopy.Compliance, MinDays: 30, MaxDays: 400, ChangeableForDays: 3}
	backups.Rules = []backupcopy.Rule{
		{Name: "Hourly", Schedule: "cron(0 * * * ? *)", StartWindow: 2 * time.Hour, CompletionWindow: 4 * time.Hour, KeepDays: 31, Continuous: true, CopyKeepDays: 120, CopyColdAfterDays: 30},
		{Name: "Here", KeepDays: 130, ColdAfterDays: 40, DisableCopy: true},
	}
	p := backupcopy.NewPlan(stack, "Backup", &backupcopy.PlanProps{
		Backups: backups, Tags: map[string]string{"b": "2", "a": "1"}, Resources: []string{"arn:aws:dynamodb:us-east-1:111111111111:table/*"},
		DisableReports: true, AlarmAfterDays: 7, AlarmTopic: topic, Key: key, RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	assert.Nil(t, p.Reports)
	assert.Equal(t, topic, p.Topic)
	tpl := cdktest.Synth(t, stack)
	tpl.Count("AWS::KMS::Key", 1)
	tpl.Count("AWS::SNS::Topic", 1)
	tpl.Count("AWS::S3::Bucket", 0)
	tpl.Count("AWS::Backup::ReportPlan", 0)
	tpl.HasResource("AWS::Backup::BackupVault", o{"DeletionPolicy": "Delete"})
	tpl.Has("AWS::Backup::BackupVault", o{"LockConfiguration": o{"MinRetentionDays": 30, "MaxRetentionDays": 400, "ChangeableForDays": 3}})
	tpl.Has("AWS::Backup::BackupPlan", o{"BackupPlan": o{"BackupPlanRule": a{
		o{
			"ScheduleExpression": "cron(0 * * * ? *)", "StartWindowMinutes": 120, "CompletionWindowMinutes": 240, "EnableContinuousBackup": true, "Lifecycle": o{"DeleteAfterDays": 31},
			"CopyActions": a{o{
				"Lifecycle":                 o{"DeleteAfterDays": 120, "MoveToColdStorageAfterDays": 30},
				"DestinationBackupVaultArn": o{"Fn::Join": a{"", a{"arn:", o{"Ref": "AWS::Partition"}, ":backup:us-west-2:222222222222:backup-vault:orders"}}},
			}},
		},
		o{"Lifecycle": o{"DeleteAfterDays": 130, "MoveToColdStorageAfterDays": 40}, "CopyActions": cdktest.Absent},
	}}})
	tpl.Has("AWS::Backup::BackupSelection", o{"BackupSelection": o{"Resources": a{"arn:aws:dynamodb:us-east-1:111111111111:table/*"}, "ListOfTags": cdktest.Absent}})
	tpl.Has("AWS::Backup::BackupSelection", o{"BackupSelection": o{"SelectionName": "orders-tags", "Resources": cdktest.Absent, "ListOfTags": a{
		o{"ConditionType": "STRINGEQUALS", "ConditionKey": "a", "ConditionValue": "1"}, o{"ConditionType": "STRINGEQUALS", "ConditionKey": "b", "ConditionValue": "2"},
	}}})
	other := o{"AWS": o{"Fn::Join": a{"", a{"arn:", o{"Ref": "AWS::Partition"}, ":iam::222222222222:root"}}}}
	tpl.Has("AWS::KMS::Key", o{"KeyPolicy": o{"Statement": cdktest.ArrayWith(
		o{"Principal": other, "Action": a{"kms:DescribeKey", "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*"}, "Condition": cdktest.Absent},
		o{
			"Principal": other, "Action": a{"kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"},
			"Condition": o{"Bool": o{"kms:GrantIsForAWSResource": "true"}},
		},
	)}})
	tpl.Has("AWS::CloudWatch::Alarm", o{"EvaluationPeriods": 7, "DatapointsToAlarm": 7})

	silent := cdktest.Stack(t)
	s := backupcopy.NewPlan(silent, "Backup", &backupcopy.PlanProps{Backups: orderBackups(), Tags: map[string]string{"a": "b"}, DisableAlarms: true})
	assert.Nil(t, s.Topic)
	tpl = cdktest.Synth(t, silent)
	tpl.Count("AWS::Backup::BackupSelection", 1)
	tpl.Count("AWS::SNS::Topic", 0)
	tpl.Count("AWS::Events::Rule", 0)
	tpl.Count("AWS::CloudWatch::Alarm", 0)
}

// Each type of resource has its ARN in its own way.
func TestBackupCopy_FindsResources(t *testing.T) {
	stack := cdktest.Stack(t)
	scope := constructs.NewConstruct(stack, jsii.String("Data"))
	vpc := awsec2.NewVpc(scope, jsii.String("Vpc"), &awsec2.VpcProps{NatGateways: jsii.Number(0)})
	isolated := &awsec2.SubnetSelection{SubnetType: awsec2.SubnetType_PRIVATE_ISOLATED}
	awsefs.NewFileSystem(scope, jsii.String("Files"), &awsefs.FileSystemProps{Vpc: vpc, VpcSubnets: isolated})
	awsrds.NewDatabaseCluster(scope, jsii.String("Cluster"), &awsrds.DatabaseClusterProps{
		Engine: awsrds.DatabaseClusterEngine_AuroraPostgres(&awsrds.AuroraPostgresClusterEngineProps{Version: awsrds.AuroraPostgresEngineVersion_VER_16_4()}), Vpc: vpc, VpcSubnets: isolated,
		Writer: awsrds.ClusterInstance_ServerlessV2(jsii.String("Writer"), nil),
	})
	awsrds.NewDatabaseInstance(scope, jsii.String("Instance"), &awsrds.DatabaseInstanceProps{Engine: awsrds.DatabaseInstanceEngine_POSTGRES(), Vpc: vpc, VpcSubnets: isolated})
	awsec2.NewVolume(scope, jsii.String("Volume"), &awsec2.VolumeProps{AvailabilityZone: jsii.String("us-east-1a"), Size: awscdk.Size_Gibibytes(jsii.Number(1))})
	bucket := newBucket(stack, "Bucket", awscdk.RemovalPolicy_RETAIN)
	backupcopy.NewPlan(stack, "Backup", &backupcopy.PlanProps{Backups: orderBackups(), Constructs: []constructs.IConstruct{scope, bucket}})
	got := cdktest.Synth(t, stack).All("AWS::Backup::BackupSelection")[0].Properties["BackupSelection"].(o)["Resources"].(a)
	var ids []string
	for _, arn := range got {
		ids = append(ids, fmt.Sprint(arn))
	}
	require.Len(t, ids, 5, "%v", ids)
	for i, pattern := range []string{
		`map\[Fn::GetAtt:\[DataFiles\w+ Arn\]\]`, `map\[Fn::GetAtt:\[DataCluster[0-9A-F]{8} DBClusterArn\]\]`, `map\[Fn::GetAtt:\[DataInstance\w+ DBInstanceArn\]\]`,
		`:ec2:us-east-1:111111111111:volume/ map\[Ref:DataVolume\w+\]`, `map\[Fn::GetAtt:\[Bucket\w+ Arn\]\]`,
	} {
		assert.Regexp(t, pattern, ids[i])
	}
}

func TestBackupCopy_CopyVault(t *testing.T) {
	stack := copyStack(t)
	v := backupcopy.NewCopyVault(stack, "Copies", &backupcopy.CopyVaultProps{
		Backups:      orderBackups(),
		RestoreTests: []backupcopy.RestoreTest{{ResourceType: "DynamoDB"}, {ResourceType: "Aurora", ValidationHours: 2, Overrides: map[string]string{"dbsubnetgroupname": "orders"}}},
	})
	assert.NotEmpty(t, v.VaultName())
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("backupcopy/copies")
	vault := tpl.Has("AWS::Backup::BackupVault", o{"BackupVaultName": "orders", "LockConfiguration": o{"MinRetentionDays": 7}, "AccessPolicy": cdktest.Absent, "EncryptionKeyArn": cdktest.Any})
	tpl.HasResource("AWS::Backup::BackupVault", o{"DeletionPolicy": "RetainExceptOnCreate"})
	plan := tpl.Has("AWS::Backup::RestoreTestingPlan", o{
		"RestoreTestingPlanName": "orders", "ScheduleExpression": "cron(0 6 ? * SUN *)", "StartWindowHours": 24, "RecoveryPointSelection": o{
			"Algorithm": "LATEST_WITHIN_WINDOW", "IncludeVaults": a{o{"Fn::GetAtt": a{vault.LogicalID, "BackupVaultArn"}}}, "RecoveryPointTypes": a{"SNAPSHOT"}, "SelectionWindowDays": 30,
		},
	})
	tpl.Has("AWS::Backup::RestoreTestingSelection", o{
		"RestoreTestingPlanName": o{"Ref": plan.LogicalID}, "RestoreTestingSelectionName": "orders_dynamodb", "ProtectedResourceType": "DynamoDB", "ProtectedResourceArns": a{"*"},
		"ValidationWindowHours": 0, "RestoreMetadataOverrides": cdktest.Absent, "IamRoleArn": o{"Fn::GetAtt": a{cdktest.Text("^CopiesRole"), "Arn"}},
	})
	tpl.Has("AWS::Backup::RestoreTestingSelection", o{"RestoreTestingSelectionName": "orders_aurora", "ValidationWindowHours": 2, "RestoreMetadataOverrides": o{"dbsubnetgroupname": "orders"}})
	failed := a{"ABORTED", "EXPIRED", "FAILED", "PARTIAL"}
	tpl.Has("AWS::Events::Rule", o{"EventPattern": o{"detail-type": a{"Copy Job State Change"}, "detail": o{"state": failed}}})
	tpl.Has("AWS::Events::Rule", o{"EventPattern": o{"detail-type": a{"Restore Job State Change"}, "detail": o{"status": failed}}})
	assert.NotContains(t, string(tpl.JSON), cdktest.Region, "the region that may be lost is nowhere")
	for _, reference := range []string{"Fn::ImportValue", "Fn::GetStackOutput", "resolve:ssm"} {
		assert.NotContains(t, string(tpl.JSON), reference)
	}
}

func TestBackupCopy_CopyVaultSettings(t *testing.T) {
	stack := copyStack(t)
	key, topic := awskms.NewKey(stack, jsii.String("Mine"), nil), awssns.NewTopic(stack, jsii.String("Topic"), nil)
	backups := orderBackups()
	backups.Account, backups.CopyAccount, backups.Lock.Mode = "222222222222", cdktest.Account, backupcopy.Unlocked
	v := backupcopy.NewCopyVault(stack, "Copies", &backupcopy.CopyVaultProps{
		Backups: backups, RestoreTests: []backupcopy.RestoreTest{{ResourceType: "S3"}}, TestSchedule: "cron(0 1 * * ? *)", TestWindowDays: 1, AlarmTopic: topic, Key: key,
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	assert.Equal(t, topic, v.Topic)
	tpl := cdktest.Synth(t, stack)
	tpl.Count("AWS::KMS::Key", 1)
	tpl.HasResource("AWS::Backup::BackupVault", o{"DeletionPolicy": "Delete"})
	tpl.Has("AWS::Backup::BackupVault", o{"LockConfiguration": cdktest.Absent, "AccessPolicy": o{"Statement": a{o{
		"Effect": "Allow", "Action": "backup:CopyIntoBackupVault", "Resource": "*",
		"Principal": o{"AWS": o{"Fn::Join": a{"", a{"arn:", o{"Ref": "AWS::Partition"}, ":iam::222222222222:root"}}}},
	}}}})
	tpl.Has("AWS::Backup::RestoreTestingPlan", o{"ScheduleExpression": "cron(0 1 * * ? *)", "RecoveryPointSelection": o{"SelectionWindowDays": 1}})

	untested := copyStack(t)
	u := backupcopy.NewCopyVault(untested, "Copies", &backupcopy.CopyVaultProps{Backups: orderBackups(), DisableAlarms: true})
	assert.Nil(t, u.Tests)
	tpl = cdktest.Synth(t, untested)
	tpl.Count("AWS::Events::Rule", 0)
	tpl.Count("AWS::SNS::Topic", 0)
	warned := false
	for _, m := range *u.Node().Metadata() {
		warned = warned || fmt.Sprint(m.Data) == "nobody knows whether copies can be restored: add RestoreTests [ack: @strata/backupcopy:noRestoreTest]"
	}
	assert.True(t, warned)
}

func TestBackupCopy_Refuses(t *testing.T) {
	stack := cdktest.Stack(t)
	require.ErrorContains(t, cdktest.Panic(func() { backupcopy.NewPlan(stack, "Backup", nil) }), "Test/Backup: invalid backupcopy.PlanProps:\n  - Name: ")
	require.ErrorContains(t, cdktest.Panic(func() { backupcopy.NewCopyVault(stack, "Backup", nil) }), "Test/Backup: invalid backupcopy.CopyVaultProps:\n  - Name: ")
	other := orderBackups()
	other.Region, other.CopyRegion, other.Account, other.CopyAccount = "eu-west-1", "eu-west-2", "222222222222", "333333333333"
	topic := awssns.NewTopic(stack, jsii.String("Topic"), nil)
	require.EqualError(t, cdktest.Panic(func() {
		backupcopy.NewPlan(stack, "Backup", &backupcopy.PlanProps{Backups: other, Tags: map[string]string{"a": "b"}})
	}), `Test/Backup: invalid backupcopy.PlanProps:
  - Region: must be the stack's region, which is us-east-1, got eu-west-1
  - Account: must be the stack's account, which is 111111111111, got 222222222222`)
	require.EqualError(t, cdktest.Panic(func() { backupcopy.NewCopyVault(stack, "Backup", &backupcopy.CopyVaultProps{Backups: other}) }), `Test/Backup: invalid backupcopy.CopyVaultProps:
  - CopyRegion: must be the stack's region, which is us-east-1, got eu-west-2
  - CopyAccount: must be the stack's account, which is 111111111111, got 333333333333`)
	require.EqualError(t, cdktest.Panic(func() {
		backupcopy.NewPlan(stack, "Backup", &backupcopy.PlanProps{Backups: orderBackups(), Constructs: []constructs.IConstruct{topic}})
	}), `Test/Backup: invalid backupcopy.PlanProps:
  - Constructs[0]: must have a resource that is backed up, Test/Topic has none`)
	require.EqualError(t, cdktest.Panic(func() {
		backupcopy.NewPlan(stack, "Backup", &backupcopy.PlanProps{Backups: orderBackups(), Tags: map[string]string{"a": "b"}, DisableAlarms: true, AlarmTopic: topic})
	}), `Test/Backup: invalid backupcopy.PlanProps:
  - AlarmTopic: must be left out with DisableAlarms`)
	agnostic := awscdk.NewStack(cdktest.App(t, nil), jsii.String("Anywhere"), nil)
	require.EqualError(t, cdktest.Panic(func() {
		backupcopy.NewCopyVault(agnostic, "Copies", &backupcopy.CopyVaultProps{Backups: orderBackups()})
	}), `Anywhere/Copies: invalid backupcopy.CopyVaultProps:
  - CopyRegion: must be the stack's region, which is known at deployment only, got us-west-2`)
	assert.Empty(t, cdktest.Synth(t, stack).All("AWS::Backup::BackupVault"), "nothing is half-made")
}

func TestBackupCopy_Nag(t *testing.T) {
	stack := cdktest.Stack(t)
	backupcopy.NewPlan(stack, "Backup", &backupcopy.PlanProps{Backups: orderBackups(), Tags: map[string]string{"a": "b"}})
	findings, _ := cdktest.Nag(t, stack)
	assert.Empty(t, findings)
	standby := copyStack(t)
	backupcopy.NewCopyVault(standby, "Copies", &backupcopy.CopyVaultProps{Backups: orderBackups(), RestoreTests: []backupcopy.RestoreTest{{ResourceType: "S3"}}})
	findings, _ = cdktest.Nag(t, standby)
	assert.Empty(t, findings)
}

func ExampleNewPlan() {
	app := awscdk.NewApp(nil)
	primary := awscdk.NewStack(app, jsii.String("Primary"), &awscdk.StackProps{Env: &awscdk.Environment{Region: jsii.String("us-east-1")}})
	plan := backupcopy.NewPlan(primary, "Backup", &backupcopy.PlanProps{
		Backups: backupcopy.Backups{Name: "orders", Region: "us-east-1", CopyRegion: "us-west-2"}, Tags: map[string]string{"backup": "yes"},
	})
	fmt.Println(*plan.Node().Path())
	// Output: Primary/Backup
}

func ExampleNewCopyVault() {
	app := awscdk.NewApp(nil)
	standby := awscdk.NewStack(app, jsii.String("Standby"), &awscdk.StackProps{Env: &awscdk.Environment{Region: jsii.String("us-west-2")}})
	copies := backupcopy.NewCopyVault(standby, "Copies", &backupcopy.CopyVaultProps{
		Backups:      backupcopy.Backups{Name: "orders", Region: "us-east-1", CopyRegion: "us-west-2"}, // as in the other region
		RestoreTests: []backupcopy.RestoreTest{{ResourceType: "DynamoDB"}},
	})
	fmt.Println(*copies.Node().Path())
	// Output: Standby/Copies
}
