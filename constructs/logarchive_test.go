package constructs_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskinesisfirehose"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/logarchive"
	"github.com/strata-cdk/strata/constructs/logs"
)

// archiveIn is an archive in stack of the log groups "/app/a", "/app/b", ...
func archiveIn(stack awscdk.Stack, groups int, edit func(*logarchive.ArchiveProps)) *logarchive.Archive {
	props := &logarchive.ArchiveProps{Export: &logarchive.Export{}}
	for i := range groups {
		name := "/app/" + string(rune('a'+i))
		props.LogGroups = append(props.LogGroups, awslogs.LogGroup_FromLogGroupName(stack, jsii.String("Group"+string(rune('A'+i))), &name))
	}
	if edit != nil {
		edit(props)
	}
	return logarchive.NewArchive(stack, "Archive", props)
}

func archiveOf(t *testing.T, groups int, edit func(*logarchive.ArchiveProps)) (*logarchive.Archive, *cdktest.Template) {
	t.Helper()
	stack := cdktest.Stack(t)
	archive := archiveIn(stack, groups, edit)
	return archive, cdktest.Synth(t, stack)
}

func TestLogArchive_PassesNag(t *testing.T) {
	for name, stack := range map[string]awscdk.Stack{
		"known": cdktest.Stack(t), "anywhere": awscdk.NewStack(cdktest.App(t, nil), jsii.String("Anywhere"), nil),
	} {
		t.Run(name, func(t *testing.T) {
			archive := archiveIn(stack, 1, func(p *logarchive.ArchiveProps) {
				p.LogGroups = append(p.LogGroups, awslogs.NewLogGroup(stack, jsii.String("Group"), nil))
			})
			logarchive.NewArchive(stack, "Continuous", &logarchive.ArchiveProps{LogGroups: []awslogs.ILogGroup{awslogs.NewLogGroup(stack, jsii.String("Other"), nil)}})
			findings, suppressed := cdktest.Nag(t, stack)
			assert.Empty(t, findings)
			for _, s := range suppressed {
				assert.Contains(t, []string{"AwsSolutions-IAM5", "AwsSolutions-S1"}, s.Rule)
			}
			assert.NotNil(t, archive)
		})
	}
}

func TestLogArchive_NagFindsOtherWildcards(t *testing.T) {
	stack := cdktest.Stack(t)
	archive := archiveIn(stack, 1, nil)
	archive.Role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{Actions: jsii.Strings("s3:DeleteObject"), Resources: jsii.Strings("arn:aws:s3:::b/x/*")}))
	findings, _ := cdktest.Nag(t, stack)
	require.Len(t, findings, 1)
	assert.Equal(t, "AwsSolutions-IAM5", findings[0].Rule)
}

func TestLogArchive_Export(t *testing.T) {
	_, tpl := archiveOf(t, 1, nil)
	tpl.Snapshot("logarchive/export")

	tpl.EachResource("AWS::S3::Bucket", o{"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"})
	tpl.EachResource("AWS::KMS::Key", o{"DeletionPolicy": "Retain", "Properties": o{"EnableKeyRotation": true}})
	key := tpl.All("AWS::KMS::Key")[0]
	keyARN := o{"Fn::GetAtt": a{key.LogicalID, "Arn"}}
	access := tpl.Has("AWS::S3::Bucket", o{"LoggingConfiguration": cdktest.Absent})
	bucket := tpl.Has("AWS::S3::Bucket", o{
		"LoggingConfiguration":           o{"DestinationBucketName": o{"Ref": access.LogicalID}},
		"VersioningConfiguration":        o{"Status": "Enabled"},
		"OwnershipControls":              o{"Rules": a{o{"ObjectOwnership": "BucketOwnerEnforced"}}},
		"PublicAccessBlockConfiguration": o{"BlockPublicAcls": true, "RestrictPublicBuckets": true},
		"ObjectLockConfiguration":        cdktest.Absent,
		"BucketEncryption": o{"ServerSideEncryptionConfiguration": a{o{
			"BucketKeyEnabled": true, "ServerSideEncryptionByDefault": o{"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": keyARN},
		}}},
		"LifecycleConfiguration": o{"Rules": a{cdktest.Exactly(o{
			"Status": "Enabled", "AbortIncompleteMultipartUpload": o{"DaysAfterInitiation": 7},
			"Transitions": a{o{"StorageClass": "GLACIER", "TransitionInDays": 90}},
		})}},
	})
	bucketARN := o{"Fn::GetAtt": a{bucket.LogicalID, "Arn"}}
	service := o{"Service": "logs.us-east-1.amazonaws.com"}
	from := o{
		"StringEquals": o{"aws:SourceAccount": cdktest.Account},
		"ArnLike":      o{"aws:SourceArn": cdktest.Text(`:logs:us-east-1:111111111111:log-group:\*`)},
	}
	allowed := tpl.Has("AWS::S3::BucketPolicy", o{"Bucket": o{"Ref": bucket.LogicalID}, "PolicyDocument": o{"Statement": cdktest.ArrayWith(
		o{"Effect": "Deny", "Action": "s3:*", "Condition": o{"Bool": o{"aws:SecureTransport": "false"}}},
		o{"Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl", "Resource": bucketARN, "Condition": from},
		o{"Effect": "Allow", "Principal": service, "Action": "s3:PutObject", "Resource": o{"Fn::Join": a{"", a{bucketARN, "/*"}}}, "Condition": o{
			"StringEquals": o{"aws:SourceAccount": cdktest.Account, "s3:x-amz-acl": "bucket-owner-full-control"}, "ArnLike": from["ArnLike"],
		}},
	)}})
	tpl.Has("AWS::KMS::Key", o{"KeyPolicy": o{"Statement": cdktest.ArrayWith(
		o{"Principal": service, "Action": a{"kms:GenerateDataKey", "kms:Decrypt"}, "Resource": "*"},
		o{"Principal": service, "Condition": o{"ArnLike": o{"kms:EncryptionContext:aws:logs:arn": cdktest.Any}}},
	)}})
	table := tpl.HasResource("AWS::DynamoDB::Table", o{"DeletionPolicy": "Retain", "Properties": o{
		"DeletionProtectionEnabled": true, "PointInTimeRecoverySpecification": o{"PointInTimeRecoveryEnabled": true},
		"KeySchema": a{o{"AttributeName": "id", "KeyType": "HASH"}}, "SSESpecification": o{"SSEEnabled": true, "KMSMasterKeyId": keyARN},
	}})
	runs := tpl.HasResource("AWS::Logs::LogGroup", o{"DeletionPolicy": "Retain", "Properties": o{"KmsKeyId": keyARN, "RetentionInDays": 365}})
	machine := tpl.Has("AWS::StepFunctions::StateMachine", o{
		"StateMachineType": "STANDARD", "TracingConfiguration": o{"Enabled": true},
		"LoggingConfiguration": o{"Level": "ALL", "IncludeExecutionData": true, "Destinations": a{o{"CloudWatchLogsLogGroup": o{"LogGroupArn": o{"Fn::GetAtt": a{runs.LogicalID, "Arn"}}}}}},
	})
	role := tpl.Has("AWS::IAM::Role", o{"AssumeRolePolicyDocument": o{"Statement": a{o{"Principal": o{"Service": "states.amazonaws.com"}}}}})
	ofRole := a{o{"Ref": role.LogicalID}}
	tpl.Has("AWS::IAM::Policy", o{"Roles": ofRole, "PolicyDocument": o{"Statement": cdktest.ArrayWith(
		o{"Action": a{"dynamodb:GetItem", "dynamodb:UpdateItem"}, "Resource": cdktest.Text(table.LogicalID)},
		o{"Action": "logs:CreateExportTask", "Resource": cdktest.Text(`:logs:us-east-1:111111111111:log-group:/app/a:\*`)},
		o{"Action": "s3:PutObject", "Resource": a{o{"Fn::Join": a{"", a{bucketARN, "/exports/*"}}}, o{"Fn::Join": a{"", a{bucketARN, "/manifests/*"}}}}},
		o{"Action": "cloudwatch:PutMetricData", "Resource": "*", "Condition": o{"StringEquals": o{"cloudwatch:namespace": "Strata/LogArchive"}}},
	)}})
	holder := tpl.Has("AWS::IAM::Policy", o{"Roles": ofRole, "PolicyDocument": o{"Statement": a{
		o{"Action": "states:DescribeExecution", "Resource": cdktest.Text(`:states:us-east-1:111111111111:execution:.*` + machine.LogicalID)},
	}}})
	starts := tpl.Has("AWS::IAM::Role", o{"AssumeRolePolicyDocument": o{"Statement": a{o{
		"Principal": o{"Service": "scheduler.amazonaws.com"}, "Condition": o{"StringEquals": o{"aws:SourceAccount": cdktest.Account}},
	}}}})
	tpl.Has("AWS::IAM::Policy", o{"Roles": a{o{"Ref": starts.LogicalID}}, "PolicyDocument": o{"Statement": a{
		o{"Action": "states:StartExecution", "Resource": o{"Ref": machine.LogicalID}},
	}}})
	tpl.HasResource("AWS::Scheduler::Schedule", o{"DependsOn": cdktest.ArrayWith(holder.LogicalID, allowed.LogicalID), "Properties": o{
		"ScheduleExpression": "rate(60 minutes)", "FlexibleTimeWindow": o{"Mode": "OFF"}, "State": cdktest.Absent,
		"Target": o{"Arn": o{"Ref": machine.LogicalID}, "RoleArn": o{"Fn::GetAtt": a{starts.LogicalID, "Arn"}}},
	}})
}

func TestLogArchive_Alarms(t *testing.T) {
	_, tpl := archiveOf(t, 1, func(p *logarchive.ArchiveProps) { p.Export.Every, p.Export.BehindWindows = 90*time.Minute, 4 })
	topic := a{o{"Ref": tpl.All("AWS::SNS::Topic")[0].LogicalID}}
	tpl.Count("AWS::CloudWatch::Alarm", 2)
	tpl.Each("AWS::CloudWatch::Alarm", o{"AlarmActions": topic, "OKActions": topic})
	behind := tpl.Has("AWS::CloudWatch::Alarm", o{
		"Namespace": "Strata/LogArchive", "MetricName": "WindowsBehind", "Dimensions": a{o{"Name": "Archive", "Value": "Test/Archive"}},
		"Threshold": 4, "ComparisonOperator": "GreaterThanThreshold", "Statistic": "Maximum", "Period": 7200, "EvaluationPeriods": 2, "DatapointsToAlarm": 2,
		"TreatMissingData": "breaching",
	})
	assert.Equal(t, "Windows are due but not exported, or nothing runs, in 2 of 2 periods of 2h0m0s (Test/Archive)", behind.Properties["AlarmDescription"])
	failed := tpl.Has("AWS::CloudWatch::Alarm", o{"Threshold": 0, "Metrics": cdktest.ArrayWith(o{"Expression": "FILL(failed, 0) + FILL(aborted, 0) + FILL(late, 0)"})})
	for _, name := range []string{"ExecutionsFailed", "ExecutionsAborted", "ExecutionsTimedOut"} {
		text, err := json.Marshal(failed.Properties)
		require.NoError(t, err)
		assert.Contains(t, string(text), name)
	}
}

func TestLogArchive_Bucket(t *testing.T) {
	_, tpl := archiveOf(t, 1, func(p *logarchive.ArchiveProps) {
		p.KeepInStandard, p.ExpireAfterDays, p.LockDays = true, 400, 365
		p.ConfigureBucket = func(b *awss3.BucketProps) { b.BucketName = jsii.String("mine") }
	})
	tpl.Has("AWS::S3::Bucket", o{
		"BucketName": "mine",
		"LifecycleConfiguration": o{"Rules": a{cdktest.Exactly(o{
			"Status": "Enabled", "AbortIncompleteMultipartUpload": o{"DaysAfterInitiation": 7}, "ExpirationInDays": 400,
			"NoncurrentVersionExpiration": o{"NoncurrentDays": 1},
		})}},
		"ObjectLockConfiguration": o{"Rule": o{"DefaultRetention": o{"Mode": "COMPLIANCE", "Days": 365}}},
	})
}

func TestLogArchive_Given(t *testing.T) {
	stack := cdktest.Stack(t)
	key := awskms.NewKey(stack, jsii.String("Mine"), nil)
	other := awskms.NewKey(stack, jsii.String("Other"), nil)
	bucket := awss3.NewBucket(stack, jsii.String("Store"), &awss3.BucketProps{EncryptionKey: other})
	topic := awssns.NewTopic(stack, jsii.String("Topic"), nil)
	archive := archiveIn(stack, 2, func(p *logarchive.ArchiveProps) {
		p.Key, p.Bucket, p.AlarmTopic = key, bucket, topic
		p.Export.ConfigureStateMachine = func(m *awsstepfunctions.StateMachineProps) { m.StateMachineName = jsii.String("mine") }
	})
	assert.Nil(t, archive.AccessLogs)
	reader := awsiam.NewRole(stack, jsii.String("Reader"), &awsiam.RoleProps{AssumedBy: awsiam.NewServicePrincipal(jsii.String("ec2.amazonaws.com"), nil)})
	archive.GrantRead(reader)
	tpl := cdktest.Synth(t, stack)
	tpl.Count("AWS::KMS::Key", 2)
	tpl.Count("AWS::S3::Bucket", 1)
	tpl.Count("AWS::SNS::Topic", 1)
	tpl.Has("AWS::StepFunctions::StateMachine", o{"StateMachineName": "mine"})
	tpl.Has("AWS::S3::BucketPolicy", o{"PolicyDocument": o{"Statement": cdktest.ArrayWith(o{"Action": "s3:GetBucketAcl"}, o{"Action": "s3:PutObject"})}})
	tpl.Has("AWS::IAM::Policy", o{"PolicyDocument": o{"Statement": cdktest.ArrayWith(
		o{"Action": a{"kms:GenerateDataKey", "kms:Decrypt"}, "Resource": o{"Fn::GetAtt": a{cdktest.Text("^Other"), "Arn"}}},
		o{"Action": "logs:CreateExportTask", "Resource": cdktest.ArrayWith(cdktest.Text("/app/a"), cdktest.Text("/app/b"))},
	)}})
	tpl.Has("AWS::IAM::Policy", o{"PolicyName": cdktest.Text("^Reader"), "PolicyDocument": o{"Statement": cdktest.ArrayWith(
		o{"Action": a{"s3:GetObject*", "s3:GetBucket*", "s3:List*"}},
	)}})
	tpl.Has("AWS::KMS::Key", o{"KeyPolicy": o{"Statement": cdktest.ArrayWith(
		o{"Principal": o{"Service": "logs.us-east-1.amazonaws.com"}, "Action": a{"kms:GenerateDataKey", "kms:Decrypt"}},
	)}})
}

func TestLogArchive_Continuous(t *testing.T) {
	archive, tpl := archiveOf(t, 2, func(p *logarchive.ArchiveProps) {
		p.Export, p.LockDays = nil, 30
		p.ConfigureStream = func(s *awskinesisfirehose.CfnDeliveryStreamProps) { s.DeliveryStreamName = jsii.String("edited") }
	})
	tpl.Snapshot("logarchive/continuous")
	assert.NotNil(t, archive.AlarmTopic)
	assert.Nil(t, archive.StateMachine)
	bucket := tpl.HasResource("AWS::S3::Bucket", o{"DeletionPolicy": "Retain", "Properties": o{
		"LoggingConfiguration": cdktest.Any, "ObjectLockConfiguration": o{"Rule": o{"DefaultRetention": o{"Days": 30}}},
		"LifecycleConfiguration": o{"Rules": a{o{"Transitions": a{o{"StorageClass": "GLACIER", "TransitionInDays": 90}}}}},
	}})
	key := tpl.All("AWS::KMS::Key")[0]
	tpl.Count("AWS::KMS::Key", 1)
	stream := tpl.Has("AWS::KinesisFirehose::DeliveryStream", o{
		"DeliveryStreamName": "edited", "DeliveryStreamEncryptionConfigurationInput": o{"KeyARN": o{"Fn::GetAtt": a{key.LogicalID, "Arn"}}},
		"ExtendedS3DestinationConfiguration": o{
			"BucketARN": o{"Fn::GetAtt": a{bucket.LogicalID, "Arn"}}, "CompressionFormat": "GZIP", "Prefix": cdktest.Text("^logs/"),
		},
	})
	tpl.Count("AWS::Logs::SubscriptionFilter", 2)
	for _, name := range []string{"/app/a", "/app/b"} {
		tpl.Has("AWS::Logs::SubscriptionFilter", o{"LogGroupName": name, "FilterPattern": "", "DestinationArn": o{"Fn::GetAtt": a{stream.LogicalID, "Arn"}}})
	}
	tpl.Count("AWS::StepFunctions::StateMachine", 0)
	tpl.Count("AWS::Scheduler::Schedule", 0)
	tpl.Count("AWS::DynamoDB::Table", 0)
	tpl.Count("AWS::SNS::Topic", 1)

	_, tpl = archiveOf(t, 1, func(p *logarchive.ArchiveProps) { p.Export, p.Format = nil, logs.Parquet })
	tpl.Count("AWS::Glue::Table", 1)
}

// A subscription filter belongs to its log group, wherever that is in the list.
func TestLogArchive_ContinuousInAnyOrder(t *testing.T) {
	filters := func(edit func([]awslogs.ILogGroup)) map[string]any {
		_, tpl := archiveOf(t, 3, func(p *logarchive.ArchiveProps) {
			p.Export = nil
			edit(p.LogGroups)
		})
		ids := map[string]any{}
		for _, r := range tpl.All("AWS::Logs::SubscriptionFilter") {
			ids[r.LogicalID] = r.Properties["LogGroupName"]
		}
		return ids
	}
	assert.Equal(t, filters(func([]awslogs.ILogGroup) {}), filters(slices.Reverse))
}

// The owner of a bucket from elsewhere lets CloudWatch Logs write: the CDK cannot.
func TestLogArchive_BucketFromElsewhere(t *testing.T) {
	_, tpl := archiveOf(t, 1, func(p *logarchive.ArchiveProps) {
		p.Bucket = awss3.Bucket_FromBucketName(p.LogGroups[0].Stack(), jsii.String("Theirs"), jsii.String("theirs"))
	})
	tpl.Count("AWS::S3::BucketPolicy", 0)
	tpl.Has("AWS::IAM::Policy", o{"PolicyDocument": o{"Statement": cdktest.ArrayWith(o{
		"Action": "s3:PutObject", "Resource": a{cdktest.Text("theirs/exports/"), cdktest.Text("theirs/manifests/")},
	})}})
}

func TestLogArchive_ReportsEveryProblem(t *testing.T) {
	stack := cdktest.Stack(t)
	elsewhere := awss3.Bucket_FromBucketAttributes(stack, jsii.String("Far"), &awss3.BucketAttributes{BucketName: jsii.String("far"), Region: jsii.String("eu-west-1")})
	err := cdktest.Panic(func() {
		archiveIn(stack, 1, func(p *logarchive.ArchiveProps) {
			p.LogGroups = append(p.LogGroups, nil, p.LogGroups[0], awslogs.LogGroup_FromLogGroupArn(stack, jsii.String("FarGroup"), jsii.String("arn:aws:logs:eu-west-1:111111111111:log-group:far")))
			p.Bucket, p.Export.Lag, p.LockDays = elsewhere, time.Hour, 1
		})
	})
	require.EqualError(t, err, `Test/Archive: invalid logarchive.ArchiveProps:
  - LogGroups[1]: must be given
  - Export.Lag: must be between 12h0m0s and 720h0m0s, got 1h0m0s
  - LockDays: must be left out with Bucket
  - LogGroups[2]: must be listed once
  - LogGroups[3]: must be in the stack's region us-east-1, got eu-west-1
  - Bucket: must be in the stack's region us-east-1, got eu-west-1`)
	assert.Nil(t, stack.Node().TryFindChild(jsii.String("Archive")), "nothing was defined")
}

// What is asked to go with its stack does, all of it.
func TestLogArchive_RemovalPolicy(t *testing.T) {
	for _, export := range []*logarchive.Export{nil, {}} {
		_, tpl := archiveOf(t, 1, func(p *logarchive.ArchiveProps) { p.Export, p.RemovalPolicy = export, awscdk.RemovalPolicy_DESTROY })
		for _, r := range tpl.Resources {
			assert.NotContains(t, []any{"Retain", "RetainExceptOnCreate"}, r.Body["DeletionPolicy"], r.LogicalID)
		}
		if export != nil {
			tpl.Has("AWS::DynamoDB::Table", o{"DeletionProtectionEnabled": false})
		}
		_, kept := archiveOf(t, 1, func(p *logarchive.ArchiveProps) { p.Export = export })
		for _, kind := range []string{"AWS::S3::Bucket", "AWS::KMS::Key", "AWS::Logs::LogGroup", "AWS::DynamoDB::Table"} {
			for _, r := range kept.All(kind) {
				assert.Equal(t, "Retain", r.Body["DeletionPolicy"], r.LogicalID)
			}
		}
	}
}

func ExampleNewArchive() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Logs"), nil)
	web := awslogs.NewLogGroup(stack, jsii.String("Web"), nil)
	archive := logarchive.NewArchive(stack, "Archive", &logarchive.ArchiveProps{LogGroups: []awslogs.ILogGroup{web}})
	fmt.Println(*archive.Bucket.Node().Path())
	// Output: Logs/Archive/Bucket
}
