package constructs_test

import (
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskinesisfirehose"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/internal/firehose"
)

// addFirehose defines a delivery stream in the stack.
func addFirehose(stack awscdk.Stack, p firehose.Props) *firehose.Resources {
	p = p.WithDefaults()
	r := &firehose.Resources{}
	r.Add(stack, &p)
	return r
}

func synthFirehose(t *testing.T, p firehose.Props) *cdktest.Template {
	t.Helper()
	stack := cdktest.Stack(t)
	addFirehose(stack, p)
	return cdktest.Synth(t, stack)
}

const firehoseDates = "year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/"

func TestFirehose_Defaults(t *testing.T) {
	tpl := synthFirehose(t, firehose.Props{})
	tpl.Snapshot("firehose/default")
	key := tpl.HasResource("AWS::KMS::Key", o{"DeletionPolicy": "Retain", "Properties": o{"EnableKeyRotation": true}})
	keyARN := o{"Fn::GetAtt": a{key.LogicalID, "Arn"}}
	logs := tpl.HasResource("AWS::Logs::LogGroup", o{"DeletionPolicy": "Retain", "Properties": o{"KmsKeyId": keyARN, "RetentionInDays": 365.}})
	stream := tpl.Has("AWS::Logs::LogStream", o{"LogGroupName": o{"Ref": logs.LogicalID}})
	role := tpl.Has("AWS::IAM::Role", o{"AssumeRolePolicyDocument": o{"Statement": a{o{
		"Principal": o{"Service": "firehose.amazonaws.com"}, "Condition": o{"StringEquals": o{"sts:ExternalId": cdktest.Account}},
	}}}})
	bucket := tpl.HasResource("AWS::S3::Bucket", o{"DeletionPolicy": "Retain", "Properties": o{
		"BucketEncryption": o{"ServerSideEncryptionConfiguration": a{o{
			"BucketKeyEnabled": true, "ServerSideEncryptionByDefault": o{"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": keyARN},
		}}},
		"VersioningConfiguration": o{"Status": "Enabled"},
		"LifecycleConfiguration": o{"Rules": a{cdktest.Exactly(o{
			"Status": "Enabled", "AbortIncompleteMultipartUpload": o{"DaysAfterInitiation": 7.}, "NoncurrentVersionExpiration": o{"NoncurrentDays": 30.},
		})}},
	}})
	policy := tpl.Has("AWS::IAM::Policy", o{"PolicyDocument": o{"Statement": a{
		o{
			"Action":   a{"s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"},
			"Resource": o{"Fn::GetAtt": a{bucket.LogicalID, "Arn"}},
		},
		o{
			"Action":   a{"s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"},
			"Resource": a{cdktest.Text(`/logs/\*`), cdktest.Text(`/errors/\*`)},
		},
		o{"Action": "logs:PutLogEvents", "Resource": o{"Fn::GetAtt": a{logs.LogicalID, "Arn"}}},
		o{"Action": a{"kms:Decrypt", "kms:GenerateDataKey"}, "Resource": keyARN},
	}}})
	delivery := tpl.HasResource("AWS::KinesisFirehose::DeliveryStream", o{
		"DependsOn": cdktest.ArrayWith(policy.LogicalID, role.LogicalID),
		"Properties": cdktest.Exactly(o{
			"DeliveryStreamType":                         "DirectPut",
			"DeliveryStreamEncryptionConfigurationInput": o{"KeyType": "CUSTOMER_MANAGED_CMK", "KeyARN": keyARN},
			"ExtendedS3DestinationConfiguration": o{
				"BucketARN":         o{"Fn::GetAtt": a{bucket.LogicalID, "Arn"}},
				"RoleARN":           o{"Fn::GetAtt": a{role.LogicalID, "Arn"}},
				"Prefix":            "logs/" + firehoseDates,
				"ErrorOutputPrefix": "errors/!{firehose:error-output-type}/" + firehoseDates,
				"BufferingHints":    o{"SizeInMBs": 64., "IntervalInSeconds": 300.},
				"CloudWatchLoggingOptions": o{
					"Enabled": true, "LogGroupName": o{"Ref": logs.LogicalID}, "LogStreamName": o{"Ref": stream.LogicalID},
				},
				"CompressionFormat": "GZIP", "FileExtension": ".gz",
				"ProcessingConfiguration": o{"Enabled": true, "Processors": a{
					o{"Type": "Decompression", "Parameters": a{o{"ParameterName": "CompressionFormat", "ParameterValue": "GZIP"}}},
					o{"Type": "AppendDelimiterToRecord"},
				}},
			},
		}),
	})
	dimensions := a{o{"Name": "DeliveryStreamName", "Value": o{"Ref": delivery.LogicalID}}}
	topic := tpl.Has("AWS::SNS::Topic", o{"KmsMasterKeyId": keyARN})
	actions := a{o{"Ref": topic.LogicalID}}
	tpl.Count("AWS::CloudWatch::Alarm", 3)
	tpl.Each("AWS::CloudWatch::Alarm", o{"Namespace": "AWS/Firehose", "Dimensions": dimensions, "AlarmActions": actions, "OKActions": actions, "Period": 60.})
	tpl.Has("AWS::CloudWatch::Alarm", o{
		"MetricName": "DeliveryToS3.DataFreshness", "Statistic": "Maximum", "Threshold": 900., "ComparisonOperator": "GreaterThanThreshold",
	})
	tpl.Has("AWS::CloudWatch::Alarm", o{
		"MetricName": "DeliveryToS3.Success", "Statistic": "Average", "Threshold": 1., "ComparisonOperator": "LessThanThreshold",
	})
	tpl.Has("AWS::CloudWatch::Alarm", o{"MetricName": "ThrottledRecords", "Statistic": "Sum", "Threshold": 0.})
}

// The access logs of the bucket are written by the bucket's own policy, whatever the feature flags of the app are.
func TestFirehose_AccessLogs(t *testing.T) {
	tpl := synthFirehose(t, firehose.Props{})
	tpl.Count("AWS::S3::Bucket", 2)
	tpl.Each("AWS::S3::Bucket", o{
		"OwnershipControls":              o{"Rules": a{o{"ObjectOwnership": "BucketOwnerEnforced"}}},
		"PublicAccessBlockConfiguration": o{"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true},
		"AccessControl":                  cdktest.Absent,
	})
	target := tpl.Has("AWS::S3::Bucket", o{
		"BucketEncryption":       o{"ServerSideEncryptionConfiguration": a{o{"ServerSideEncryptionByDefault": o{"SSEAlgorithm": "AES256"}}}},
		"LifecycleConfiguration": o{"Rules": a{o{"ExpirationInDays": 365.}}}, "LoggingConfiguration": cdktest.Absent,
	})
	source := tpl.Has("AWS::S3::Bucket", o{"LoggingConfiguration": o{"DestinationBucketName": o{"Ref": target.LogicalID}}})
	sourceARN := o{"Fn::GetAtt": a{source.LogicalID, "Arn"}}
	denied := o{"Effect": "Deny", "Condition": o{"Bool": o{"aws:SecureTransport": "false"}}}
	tpl.Has("AWS::S3::BucketPolicy", o{"Bucket": o{"Ref": target.LogicalID}, "PolicyDocument": o{"Statement": a{denied, o{
		"Effect": "Allow", "Action": "s3:PutObject", "Principal": o{"Service": "logging.s3.amazonaws.com"},
		"Condition": o{"ArnLike": o{"aws:SourceArn": sourceARN}, "StringEquals": o{"aws:SourceAccount": cdktest.Account}},
	}}}})
	tpl.Has("AWS::S3::BucketPolicy", o{"Bucket": o{"Ref": source.LogicalID}, "PolicyDocument": o{"Statement": cdktest.ArrayWith(
		denied, o{"Effect": "Deny", "Condition": o{"NumericLessThan": o{"s3:TlsVersion": 1.2}}},
	)}})
}

func TestFirehose_Messages(t *testing.T) {
	synthFirehose(t, firehose.Props{Format: firehose.Messages}).Has("AWS::KinesisFirehose::DeliveryStream", o{"ExtendedS3DestinationConfiguration": o{
		"ProcessingConfiguration": o{"Processors": a{
			o{"Type": "Decompression"},
			o{"Type": "CloudWatchLogProcessing", "Parameters": a{o{"ParameterName": "DataMessageExtraction", "ParameterValue": "true"}}},
			o{"Type": "AppendDelimiterToRecord"},
		}},
	}})
}

func TestFirehose_Parquet(t *testing.T) {
	stack := cdktest.Stack(t)
	r := addFirehose(stack, firehose.Props{Format: firehose.Parquet, Prefix: "prod/logs/"})
	require.Len(t, r.Alarms, 4)
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("firehose/parquet")
	database := tpl.HasResource("AWS::Glue::Database", o{"DeletionPolicy": "Retain"})
	table := tpl.HasResource("AWS::Glue::Table", o{"DeletionPolicy": "Retain", "Properties": o{
		"DatabaseName": o{"Ref": database.LogicalID},
		"TableInput": o{
			"Parameters":    o{"projection.enabled": "true", "storage.location.template": cdktest.Text(`/prod/logs/year=\$\{year\}/month=\$\{month\}/day=\$\{day\}/"`)},
			"PartitionKeys": a{o{"Name": "year", "Type": "string"}, o{"Name": "month", "Type": "string"}, o{"Name": "day", "Type": "string"}},
			"StorageDescriptor": o{
				"Location": cdktest.Text(`"/prod/logs/"`),
				"Columns": a{
					o{"Name": "messagetype", "Type": "string"}, o{"Name": "owner", "Type": "string"}, o{"Name": "loggroup", "Type": "string"},
					o{"Name": "logstream", "Type": "string"}, o{"Name": "subscriptionfilters", "Type": "array<string>"},
					o{"Name": "logevents", "Type": "array<struct<id:string,timestamp:bigint,message:string>>"},
				},
			},
		},
	}})
	role := tpl.Has("AWS::IAM::Role", o{"AssumeRolePolicyDocument": o{"Statement": a{o{"Principal": o{"Service": "firehose.amazonaws.com"}}}}})
	tpl.Has("AWS::KinesisFirehose::DeliveryStream", o{"ExtendedS3DestinationConfiguration": o{
		"Prefix": "prod/logs/" + firehoseDates, "CompressionFormat": "UNCOMPRESSED", "FileExtension": cdktest.Absent,
		"ProcessingConfiguration": o{"Processors": a{o{"Type": "Decompression"}}},
		"DataFormatConversionConfiguration": o{
			"Enabled":                   true,
			"InputFormatConfiguration":  o{"Deserializer": o{"OpenXJsonSerDe": o{"CaseInsensitive": true}}},
			"OutputFormatConfiguration": o{"Serializer": o{"ParquetSerDe": o{"Compression": "SNAPPY"}}},
			"SchemaConfiguration": o{
				"DatabaseName": o{"Ref": database.LogicalID}, "TableName": o{"Ref": table.LogicalID}, "CatalogId": cdktest.Account,
				"Region": cdktest.Region, "RoleARN": o{"Fn::GetAtt": a{role.LogicalID, "Arn"}}, "VersionId": "LATEST",
			},
		},
	}})
	tpl.Has("AWS::IAM::Policy", o{"PolicyDocument": o{"Statement": cdktest.ArrayWith(o{
		"Action":   a{"glue:GetTable", "glue:GetTableVersion", "glue:GetTableVersions"},
		"Resource": a{cdktest.Text(`:catalog"`), cdktest.Text(":database/"), cdktest.Text(":table/")},
	})}})
	tpl.Has("AWS::CloudWatch::Alarm", o{"MetricName": "FailedConversion.Records", "Statistic": "Sum"})
}

// What is given is used, and nothing is made in its place.
func TestFirehose_Given(t *testing.T) {
	stack := cdktest.Stack(t)
	own := awskms.NewKey(stack, jsii.String("BucketKey"), nil)
	bucket := awss3.NewBucket(stack, jsii.String("Mine"), &awss3.BucketProps{EncryptionKey: own})
	key := awskms.NewKey(stack, jsii.String("StreamKey"), nil)
	topic := awssns.NewTopic(stack, jsii.String("Topic"), nil)
	r := addFirehose(stack, firehose.Props{Bucket: bucket, Key: key, AlarmTopic: topic})
	assert.Nil(t, r.AccessLogs)
	assert.Nil(t, r.Database)
	tpl := cdktest.Synth(t, stack)
	tpl.Count("AWS::KMS::Key", 2)
	tpl.Count("AWS::S3::Bucket", 1)
	tpl.Count("AWS::SNS::Topic", 1)
	for _, k := range []string{"^BucketKey", "^StreamKey"} {
		tpl.Has("AWS::IAM::Policy", o{"PolicyDocument": o{"Statement": cdktest.ArrayWith(o{
			"Action": a{"kms:Decrypt", "kms:GenerateDataKey"}, "Resource": o{"Fn::GetAtt": a{cdktest.Text(k), "Arn"}},
		})}})
	}
	tpl.Has("AWS::KinesisFirehose::DeliveryStream", o{"DeliveryStreamEncryptionConfigurationInput": o{
		"KeyARN": o{"Fn::GetAtt": a{cdktest.Text("^StreamKey"), "Arn"}},
	}})
}

func TestFirehose_SettingsAndHooks(t *testing.T) {
	tpl := synthFirehose(t, firehose.Props{
		ExpireDays: 90, BufferSize: 1, BufferInterval: time.Minute, StaleAfter: 2 * time.Minute, LogRetentionDays: 30, ErrorPrefix: "bad/",
		RemovalPolicy:   awscdk.RemovalPolicy_DESTROY,
		ConfigureBucket: func(p *awss3.BucketProps) { p.BucketName = jsii.String("mine-and-only-mine") },
		ConfigureStream: func(p *awskinesisfirehose.CfnDeliveryStreamProps) { p.DeliveryStreamName = jsii.String("edited") },
	})
	tpl.Has("AWS::S3::Bucket", o{"BucketName": "mine-and-only-mine", "LifecycleConfiguration": o{"Rules": a{o{"ExpirationInDays": 90.}}}})
	tpl.Has("AWS::KinesisFirehose::DeliveryStream", o{"DeliveryStreamName": "edited", "ExtendedS3DestinationConfiguration": o{
		"BufferingHints": o{"SizeInMBs": 1., "IntervalInSeconds": 60.}, "ErrorOutputPrefix": "bad/!{firehose:error-output-type}/" + firehoseDates,
	}})
	tpl.Has("AWS::CloudWatch::Alarm", o{"MetricName": "DeliveryToS3.DataFreshness", "Threshold": 120.})
	tpl.Has("AWS::Logs::LogGroup", o{"RetentionInDays": 30.})
	for _, typ := range []string{"AWS::S3::Bucket", "AWS::KMS::Key", "AWS::Logs::LogGroup"} {
		tpl.EachResource(typ, o{"DeletionPolicy": "Delete"})
	}
}

func TestFirehose_PassesNag(t *testing.T) {
	stack := cdktest.Stack(t)
	addFirehose(stack, firehose.Props{Format: firehose.Parquet})
	findings, suppressed := cdktest.Nag(t, stack)
	assert.Empty(t, findings)
	var rules []string
	for _, s := range suppressed {
		rules = append(rules, s.Rule)
	}
	assert.Equal(t, []string{"AwsSolutions-IAM5", "AwsSolutions-IAM5"}, rules, "the folders of logs and of errors")
}
