package firehose

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsglue"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskinesisfirehose"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/encrypted"
	"github.com/strata-cdk/strata/internal/monitor"
	"github.com/strata-cdk/strata/internal/nag"
)

// Resources are the constructs of a delivery stream; those that it has not are nil.
type Resources struct {
	// Stream is the delivery stream.
	Stream awskinesisfirehose.CfnDeliveryStream
	// Bucket is where it delivers to: the given bucket or a new one.
	Bucket awss3.IBucket
	// AccessLogs has the access logs of a new bucket.
	AccessLogs awss3.Bucket
	// Key encrypts the stream, a new bucket and the log group: the given key or a new one.
	Key awskms.IKey
	// Role is the role of the stream.
	Role awsiam.Role
	// Logs has what went wrong with deliveries.
	Logs awslogs.LogGroup
	// Database and Table describe the objects of Parquet.
	Database awsglue.CfnDatabase
	Table    awsglue.CfnTable
	// AlarmTopic is told of alarms: the given topic or a new one.
	AlarmTopic awssns.ITopic
	// Alarms are the alarms.
	Alarms []awscloudwatch.Alarm
}

// Add defines a delivery stream in scope, which has no other construct in it. p has its defaults and is valid.
func (r *Resources) Add(scope constructs.Construct, p *Props) {
	path := *scope.Node().Path()
	if r.Key = p.Key; r.Key == nil {
		r.Key = encrypted.NewKey(scope, "Logs of "+path, p.RemovalPolicy)
	}
	encrypted.AllowLogs(scope, r.Key)
	r.Logs = encrypted.NewLogGroup(scope, "Logs", "", r.Key, p.LogRetentionDays, p.RemovalPolicy)
	stream := awslogs.NewLogStream(scope, jsii.String("LogStream"), &awslogs.LogStreamProps{LogGroup: r.Logs, RemovalPolicy: p.RemovalPolicy})
	if r.Bucket = p.Bucket; r.Bucket == nil {
		r.addBucket(scope, p)
	}
	r.addRole(scope, p)

	destination := &awskinesisfirehose.CfnDeliveryStream_ExtendedS3DestinationConfigurationProperty{
		BucketArn:         r.Bucket.BucketArn(),
		RoleArn:           r.Role.RoleArn(),
		Prefix:            jsii.String(p.Prefix + dates),
		ErrorOutputPrefix: jsii.String(p.ErrorPrefix + "!{firehose:error-output-type}/" + dates),
		BufferingHints: &awskinesisfirehose.CfnDeliveryStream_BufferingHintsProperty{
			SizeInMBs: jsii.Number(p.BufferSize), IntervalInSeconds: jsii.Number(p.BufferInterval.Seconds()),
		},
		CloudWatchLoggingOptions: &awskinesisfirehose.CfnDeliveryStream_CloudWatchLoggingOptionsProperty{
			Enabled: jsii.Bool(true), LogGroupName: r.Logs.LogGroupName(), LogStreamName: stream.LogStreamName(),
		},
		ProcessingConfiguration: processing(p.Format),
	}
	if p.Format == Parquet {
		r.addTable(scope, p)
		destination.CompressionFormat = jsii.String("UNCOMPRESSED") // which leaves it to the format
		destination.DataFormatConversionConfiguration = r.conversion(scope)
	} else {
		destination.CompressionFormat, destination.FileExtension = jsii.String("GZIP"), jsii.String(".gz")
	}
	props := &awskinesisfirehose.CfnDeliveryStreamProps{
		DeliveryStreamType: jsii.String("DirectPut"),
		DeliveryStreamEncryptionConfigurationInput: &awskinesisfirehose.CfnDeliveryStream_DeliveryStreamEncryptionConfigurationInputProperty{
			KeyType: jsii.String("CUSTOMER_MANAGED_CMK"), KeyArn: r.Key.KeyArn(),
		},
		ExtendedS3DestinationConfiguration: destination,
	}
	if p.ConfigureStream != nil {
		p.ConfigureStream(props)
	}
	r.Stream = awskinesisfirehose.NewCfnDeliveryStream(scope, jsii.String("Stream"), props)
	r.Stream.Node().AddDependency(r.Role) // with its policy: without it, the stream is refused, or drops what it gets
	r.addAlarms(scope, p)
}

// dates are the folders of a day, in UTC, by the names of the columns that partition the table.
const dates = "year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/"

// processing unpacks what CloudWatch Logs sends.
//
// https://docs.aws.amazon.com/firehose/latest/dev/writing-with-cloudwatch-logs-decompression.html
func processing(f Format) any {
	processor := func(typ string, parameter ...string) any {
		p := &awskinesisfirehose.CfnDeliveryStream_ProcessorProperty{Type: &typ}
		if len(parameter) > 0 {
			p.Parameters = []any{&awskinesisfirehose.CfnDeliveryStream_ProcessorParameterProperty{
				ParameterName: &parameter[0], ParameterValue: &parameter[1],
			}}
		}
		return p
	}
	processors := []any{processor("Decompression", "CompressionFormat", "GZIP")}
	if f == Messages {
		processors = append(processors, processor("CloudWatchLogProcessing", "DataMessageExtraction", "true"))
	}
	if f != Parquet {
		processors = append(processors, processor("AppendDelimiterToRecord")) // which is a line feed
	}
	return &awskinesisfirehose.CfnDeliveryStream_ProcessingConfigurationProperty{Enabled: jsii.Bool(true), Processors: processors}
}

// addRole defines the role with what the documentation lists, on the bucket, its key, the log group and the table only.
//
// https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html
func (r *Resources) addRole(scope constructs.Construct, p *Props) {
	account := map[string]any{"StringEquals": map[string]any{"sts:ExternalId": awscdk.Stack_Of(scope).Account()}}
	r.Role = awsiam.NewRole(scope, jsii.String("Role"), &awsiam.RoleProps{
		Description: jsii.String("Delivers logs of " + *scope.Node().Path()),
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String("firehose.amazonaws.com"), &awsiam.ServicePrincipalOpts{Conditions: &account}),
	})
	r.allow([]*string{r.Bucket.BucketArn()}, "s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads")
	objects := []*string{r.Bucket.ArnForObjects(jsii.String(p.Prefix + "*")), r.Bucket.ArnForObjects(jsii.String(p.ErrorPrefix + "*"))}
	r.allow(objects, "s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject")
	r.allow([]*string{r.Logs.LogGroupArn()}, "logs:PutLogEvents")
	actions := jsii.Strings("kms:Decrypt", "kms:GenerateDataKey")
	r.Key.Grant(r.Role, *actions...)
	if own := r.Bucket.EncryptionKey(); own != nil && *own.KeyArn() != *r.Key.KeyArn() {
		own.Grant(r.Role, *actions...)
	}
	nag.Suppress(r.Role.Node().FindChild(jsii.String("DefaultPolicy")), "AwsSolutions-IAM5",
		"The objects have names that Firehose makes: only their folders are known.", `/^Resource::.*\/\*$/`)
}

func (r *Resources) allow(resources []*string, actions ...string) {
	r.Role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{Actions: jsii.Strings(actions...), Resources: &resources}))
}

func (r *Resources) addAlarms(scope constructs.Construct, p *Props) {
	if r.AlarmTopic = p.AlarmTopic; r.AlarmTopic == nil {
		r.AlarmTopic = monitor.NewTopic(scope, r.Key)
	}
	metric := func(name, statistic string) awscloudwatch.IMetric {
		m := &awscloudwatch.MetricProps{
			Namespace: jsii.String("AWS/Firehose"), MetricName: &name,
			DimensionsMap: &map[string]*string{"DeliveryStreamName": r.Stream.Ref()},
		}
		cdkval.Inherit(m, monitor.PerMinute(statistic))
		return awscloudwatch.NewMetric(m)
	}
	watches := []monitor.Watch{{
		ID: "Stale", Text: fmt.Sprintf("Logs wait for their delivery to S3 for more than %v", p.StaleAfter), Minutes: 5, Of: 5,
		Metric: metric("DeliveryToS3.DataFreshness", "Maximum"), Threshold: p.StaleAfter.Seconds(),
	}, {
		ID: "Undelivered", Text: "Deliveries of logs to S3 fail", Minutes: 3, Of: 5, LessThan: true,
		Metric: metric("DeliveryToS3.Success", "Average"), Threshold: 1,
	}, {
		ID: "Throttled", Text: "Logs come faster than the delivery stream takes them", Minutes: 3, Of: 5,
		Metric: metric("ThrottledRecords", "Sum"),
	}}
	if p.Format == Parquet {
		watches = append(watches, monitor.Watch{
			ID: "Unconverted", Text: "Logs were not converted to Parquet, and are in the folder of errors", Minutes: 1, Of: 1,
			Metric: metric("FailedConversion.Records", "Sum"),
		})
	}
	for _, w := range watches {
		r.Alarms = append(r.Alarms, monitor.NewAlarm(scope, w, r.AlarmTopic))
	}
}
