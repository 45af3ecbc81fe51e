package constructs_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/replica"
)

const (
	primaryBucket = "orders-" + cdktest.Account + "-" + cdktest.Region
	standbyBucket = "orders-" + cdktest.Account + "-" + replicaStandby
)

func TestReplicatedBucket_Primary(t *testing.T) {
	stack := cdktest.Stack(t)
	b := replica.NewReplicatedBucket(stack, "Data", &replica.ReplicatedBucketProps{Pair: orderPair()})
	assert.Equal(t, standbyBucket, *b.BucketName(replicaStandby))
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("replica/bucket_primary")
	assertAlone(t, tpl)
	key := o{"Fn::GetAtt": a{cdktest.Text("^DataKey"), "Arn"}}
	bucket := tpl.Has("AWS::S3::Bucket", o{
		"BucketName": primaryBucket, "VersioningConfiguration": o{"Status": "Enabled"},
		"BucketEncryption":     o{"ServerSideEncryptionConfiguration": a{o{"BucketKeyEnabled": true, "ServerSideEncryptionByDefault": o{"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}}},
		"OwnershipControls":    o{"Rules": a{o{"ObjectOwnership": "BucketOwnerEnforced"}}},
		"LoggingConfiguration": o{"DestinationBucketName": o{"Ref": cdktest.Text("^DataAccessLogs")}},
		"LifecycleConfiguration": o{"Rules": a{o{
			"NoncurrentVersionExpiration": o{"NoncurrentDays": 30}, "AbortIncompleteMultipartUpload": o{"DaysAfterInitiation": 7}, "ExpiredObjectDeleteMarker": true, "Status": "Enabled",
		}}},
		"ReplicationConfiguration": o{"Role": o{"Fn::GetAtt": a{cdktest.Text("^DataRole"), "Arn"}}, "Rules": a{o{
			"Id": "To-us-west-2", "Priority": 1, "Status": "Enabled", "Filter": o{"Prefix": ""}, "DeleteMarkerReplication": o{"Status": "Enabled"},
			"SourceSelectionCriteria": o{"SseKmsEncryptedObjects": o{"Status": "Enabled"}, "ReplicaModifications": o{"Status": "Disabled"}},
			"Destination": o{
				"Bucket": join(":s3:::" + standbyBucket), "EncryptionConfiguration": o{"ReplicaKmsKeyID": join(":kms:us-west-2:" + cdktest.Account + ":alias/orders-bucket")},
				"Metrics": o{"Status": "Enabled", "EventThreshold": o{"Minutes": 15}}, "ReplicationTime": o{"Status": "Enabled", "Time": o{"Minutes": 15}},
			},
		}}},
	})
	tpl.HasResource("AWS::S3::Bucket", o{"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain", "Properties": o{"BucketName": primaryBucket}})
	tpl.Has("AWS::KMS::Alias", o{"AliasName": "alias/orders-bucket", "TargetKeyId": key})
	tpl.HasResource("AWS::KMS::Alias", o{"DeletionPolicy": "RetainExceptOnCreate"})
	tpl.Has("AWS::KMS::Key", o{"EnableKeyRotation": true})
	tpl.HasResource("AWS::KMS::Key", o{"DeletionPolicy": "Retain"})
	allow := func(resource any, condition any, actions ...string) o {
		var list any = cdktest.Array{}
		if len(actions) == 1 {
			list = actions[0]
		} else {
			for _, action := range actions {
				list = append(list.(a), action)
			}
		}
		return o{"Effect": "Allow", "Action": list, "Resource": resource, "Condition": condition}
	}
	through := func(region string) o {
		return o{"kms:ViaService": o{"Fn::Join": a{"", a{"s3." + region + ".", o{"Ref": "AWS::URLSuffix"}}}}}
	}
	tpl.Has("AWS::IAM::Role", o{
		"AssumeRolePolicyDocument": o{"Statement": a{o{"Principal": o{"Service": "s3.amazonaws.com"}}}},
		"Policies": a{o{"PolicyDocument": o{"Statement": a{
			allow(join(":s3:::"+primaryBucket), cdktest.Absent, "s3:GetReplicationConfiguration", "s3:ListBucket"),
			allow(join(":s3:::"+primaryBucket+"/*"), cdktest.Absent, "s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"),
			allow(join(":s3:::"+standbyBucket+"/*"), cdktest.Absent, "s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"),
			allow(key, o{"StringLike": through(cdktest.Region)}, "kms:Decrypt"),
			allow(join(":kms:us-west-2:"+cdktest.Account+":key/*"), o{
				"StringLike": through(replicaStandby), "ForAnyValue:StringEquals": o{"kms:ResourceAliases": "alias/orders-bucket"},
			}, "kms:Encrypt", "kms:GenerateDataKey"),
		}}}},
	})
	tpl.Has("AWS::S3::BucketPolicy", o{"Bucket": o{"Ref": bucket.LogicalID}, "PolicyDocument": o{"Statement": cdktest.ArrayWith(o{"Effect": "Deny", "Condition": o{"Bool": o{"aws:SecureTransport": "false"}}})}})
	tpl.Has("AWS::S3::BucketPolicy", o{"Bucket": o{"Ref": cdktest.Text("^DataAccessLogs")}, "PolicyDocument": o{"Statement": cdktest.ArrayWith(o{
		"Effect": "Allow", "Action": "s3:PutObject", "Principal": o{"Service": "logging.s3.amazonaws.com"},
		"Condition": o{"StringEquals": o{"aws:SourceAccount": cdktest.Account}, "ArnLike": o{"aws:SourceArn": o{"Fn::GetAtt": a{bucket.LogicalID, "Arn"}}}},
	})}})
	tpl.Count("AWS::CloudWatch::Alarm", 1)
	topic := o{"Ref": cdktest.Text("^DataAlarmTopic")}
	tpl.Has("AWS::CloudWatch::Alarm", o{
		"Namespace": "AWS/S3", "MetricName": "OperationsFailedReplication", "Threshold": 0, "ComparisonOperator": "GreaterThanThreshold", "Statistic": "Maximum", "Period": 60,
		"Dimensions": bucketDimensions(primaryBucket, standbyBucket, "To-us-west-2"), "AlarmActions": a{topic}, "OKActions": a{topic},
		"AlarmDescription": "Objects were not replicated to us-west-2, in 1 of 1 minutes (Test/Data)",
	})
}

func bucketDimensions(from, to, rule string) a {
	return a{o{"Name": "DestinationBucket", "Value": to}, o{"Name": "RuleId", "Value": rule}, o{"Name": "SourceBucket", "Value": from}}
}

func TestReplicatedBucket_Standby(t *testing.T) {
	stack := replicaStack(t, replicaStandby)
	b := replica.NewReplicatedBucket(stack, "Data", &replica.ReplicatedBucketProps{Pair: orderPair()})
	assert.Nil(t, b.Role)
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("replica/bucket_standby")
	assertAlone(t, tpl)
	tpl.Has("AWS::S3::Bucket", o{"BucketName": standbyBucket, "VersioningConfiguration": o{"Status": "Enabled"}, "ReplicationConfiguration": cdktest.Absent})
	tpl.Has("AWS::KMS::Alias", o{"AliasName": "alias/orders-bucket"})
	tpl.Count("AWS::IAM::Role", 0)
	tpl.Count("AWS::CloudWatch::Alarm", 1)
	tpl.Has("AWS::CloudWatch::Alarm", o{
		"Namespace": "AWS/S3", "MetricName": "ReplicationLatency", "Threshold": 900, "EvaluationPeriods": 5, "DatapointsToAlarm": 5, "TreatMissingData": "notBreaching",
		"Dimensions":       bucketDimensions(primaryBucket, standbyBucket, "To-us-west-2"),
		"AlarmDescription": "Replicas are more than 15m0s behind us-east-1, in 5 of 5 minutes (Standby/Data)",
	})
}

func TestReplicatedBucket_BothWays(t *testing.T) {
	props := &replica.ReplicatedBucketProps{Pair: orderPair(), BothWays: true, KeepDeletedInReplica: true, DisableTimeControl: true, OldVersionsDays: 3, AlarmLag: time.Hour}
	for region, other := range map[string]string{cdktest.Region: replicaStandby, replicaStandby: cdktest.Region} {
		stack := replicaStack(t, region)
		replica.NewReplicatedBucket(stack, "Data", props)
		tpl := cdktest.Synth(t, stack)
		assertAlone(t, tpl)
		here, there := "orders-"+cdktest.Account+"-"+region, "orders-"+cdktest.Account+"-"+other
		tpl.Has("AWS::S3::Bucket", o{
			"BucketName": here, "LifecycleConfiguration": o{"Rules": a{o{"NoncurrentVersionExpiration": o{"NoncurrentDays": 3}}}},
			"ReplicationConfiguration": o{"Rules": a{o{
				"Id": "To-" + other, "DeleteMarkerReplication": o{"Status": "Disabled"}, "SourceSelectionCriteria": o{"ReplicaModifications": o{"Status": "Enabled"}},
				"Destination": o{
					"Bucket": join(":s3:::" + there), "Metrics": o{"Status": "Enabled", "EventThreshold": cdktest.Absent}, "ReplicationTime": cdktest.Absent,
					"EncryptionConfiguration": o{"ReplicaKmsKeyID": join(":kms:" + other + ":" + cdktest.Account + ":alias/orders-bucket")},
				},
			}}},
		})
		tpl.Count("AWS::CloudWatch::Alarm", 2)
		tpl.Has("AWS::CloudWatch::Alarm", o{"MetricName": "OperationsFailedReplication", "Dimensions": bucketDimensions(here, there, "To-"+other)})
		tpl.Has("AWS::CloudWatch::Alarm", o{"MetricName": "ReplicationLatency", "Threshold": 3600, "Dimensions": bucketDimensions(there, here, "To-"+region)})
	}
}

func TestReplicatedBucket_Settings(t *testing.T) {
	stack := cdktest.Stack(t)
	key, topic := awskms.NewKey(stack, jsii.String("Mine"), nil), awssns.NewTopic(stack, jsii.String("Topic"), nil)
	b := replica.NewReplicatedBucket(stack, "Data", &replica.ReplicatedBucketProps{
		Pair: orderPair(), Side: replica.Side{Key: key, AlarmTopic: topic, RemovalPolicy: awscdk.RemovalPolicy_DESTROY}, DisableAccessLogs: true,
		ConfigureBucket: func(p *awss3.BucketProps) { p.TransferAcceleration = jsii.Bool(true) },
	})
	assert.Equal(t, topic, b.Topic)
	assert.Nil(t, b.AccessLogs)
	tpl := cdktest.Synth(t, stack)
	tpl.Count("AWS::KMS::Key", 1)
	tpl.Count("AWS::SNS::Topic", 1)
	tpl.Count("AWS::S3::Bucket", 1)
	tpl.HasResource("AWS::S3::Bucket", o{"DeletionPolicy": "Delete", "Properties": o{
		"LoggingConfiguration": cdktest.Absent, "AccelerateConfiguration": o{"AccelerationStatus": "Enabled"},
	}})
	tpl.HasResource("AWS::KMS::Alias", o{"DeletionPolicy": "Delete", "Properties": o{"TargetKeyId": o{"Fn::GetAtt": a{cdktest.Text("^Mine"), "Arn"}}}})

	silent := replicaStack(t, replicaStandby)
	s := replica.NewReplicatedBucket(silent, "Data", &replica.ReplicatedBucketProps{Pair: orderPair(), Side: replica.Side{DisableAlarms: true}})
	assert.Nil(t, s.Topic)
	tpl = cdktest.Synth(t, silent)
	tpl.Count("AWS::SNS::Topic", 0)
	tpl.Count("AWS::CloudWatch::Alarm", 0)
}

func TestReplicatedBucket_Refuses(t *testing.T) {
	require.ErrorContains(t, cdktest.Panic(func() { replica.NewReplicatedBucket(cdktest.Stack(t), "Data", nil) }), "Test/Data: invalid replica.ReplicatedBucketProps:\n  - Name: ")
	assertRefuses(t, "replica.ReplicatedBucketProps", func(stack awscdk.Stack) {
		replica.NewReplicatedBucket(stack, "Data", &replica.ReplicatedBucketProps{Pair: orderPair()})
	})
}

func TestReplicatedBucket_Nag(t *testing.T) {
	primary, standby := cdktest.Stack(t), replicaStack(t, replicaStandby)
	for _, stack := range []awscdk.Stack{primary, standby} {
		replica.NewReplicatedBucket(stack, "Data", &replica.ReplicatedBucketProps{Pair: orderPair(), BothWays: true})
	}
	assertNag(t, primary, standby)
}

func ExampleNewReplicatedBucket() {
	app := awscdk.NewApp(nil)
	for name, region := range map[string]string{"Primary": "us-east-1", "Standby": "us-west-2"} {
		stack := awscdk.NewStack(app, &name, &awscdk.StackProps{Env: &awscdk.Environment{Account: jsii.String("111122223333"), Region: &region}})
		bucket := replica.NewReplicatedBucket(stack, "Orders", &replica.ReplicatedBucketProps{
			Pair: replica.Pair{Name: "orders", Primary: "us-east-1", Standby: "us-west-2"},
		})
		fmt.Println(*bucket.BucketName(region))
	}
	// Unordered output:
	// orders-111122223333-us-east-1
	// orders-111122223333-us-west-2
}
