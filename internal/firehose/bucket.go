package firehose

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsglue"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskinesisfirehose"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/internal/accesslogs"
)

// addBucket defines the bucket, and one for its access logs.
func (r *Resources) addBucket(scope constructs.Construct, p *Props) {
	days := func(n int) awscdk.Duration { return awscdk.Duration_Days(jsii.Number(n)) }
	rule := &awss3.LifecycleRule{AbortIncompleteMultipartUploadAfter: days(7), NoncurrentVersionExpiration: days(30)}
	if p.ExpireDays > 0 {
		rule.Expiration = days(p.ExpireDays)
	}
	props := &awss3.BucketProps{
		Encryption: awss3.BucketEncryption_KMS, EncryptionKey: r.Key, BucketKeyEnabled: jsii.Bool(true),
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(), EnforceSSL: jsii.Bool(true), MinimumTLSVersion: jsii.Number(1.2),
		ObjectOwnership: awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED, Versioned: jsii.Bool(true), RemovalPolicy: p.RemovalPolicy,
		LifecycleRules: &[]*awss3.LifecycleRule{rule},
	}
	if p.ConfigureBucket != nil {
		p.ConfigureBucket(props)
	}
	bucket := awss3.NewBucket(scope, jsii.String("Bucket"), props)
	r.Bucket = bucket
	r.AccessLogs = accesslogs.OfBucket(scope, bucket, p.RemovalPolicy)
}

// columns are those of what CloudWatch Logs sends. Names are in lower case, as AWS Glue has them; JSON is read in any case.
var columns = []struct{ name, typ string }{
	{"messagetype", "string"},
	{"owner", "string"},
	{"loggroup", "string"},
	{"logstream", "string"},
	{"subscriptionfilters", "array<string>"},
	{"logevents", "array<struct<id:string,timestamp:bigint,message:string>>"},
}

// addTable defines the table of the objects, whose partitions Athena finds without a crawler.
//
// https://docs.aws.amazon.com/athena/latest/ug/partition-projection.html
func (r *Resources) addTable(scope constructs.Construct, p *Props) {
	stack := awscdk.Stack_Of(scope)
	r.Database = awsglue.NewCfnDatabase(scope, jsii.String("Database"), &awsglue.CfnDatabaseProps{
		CatalogId: stack.Account(),
		DatabaseInput: &awsglue.CfnDatabase_DatabaseInputProperty{
			Description: jsii.String("Logs of " + *scope.Node().Path()), LocationUri: r.Bucket.S3UrlForObject(nil),
		},
	})
	var all, partitions []any
	for _, c := range columns {
		all = append(all, &awsglue.CfnTable_ColumnProperty{Name: jsii.String(c.name), Type: jsii.String(c.typ)})
	}
	location := *r.Bucket.S3UrlForObject(nil) + "/" + p.Prefix
	parameters := map[string]any{
		"classification": "parquet", "projection.enabled": "true",
		"projection.year.type": "integer", "projection.year.range": "2020,2120",
		"projection.month.type": "integer", "projection.month.range": "1,12", "projection.month.digits": "2",
		"projection.day.type": "integer", "projection.day.range": "1,31", "projection.day.digits": "2",
		"storage.location.template": location + "year=${year}/month=${month}/day=${day}/",
	}
	for _, name := range []string{"year", "month", "day"} {
		partitions = append(partitions, &awsglue.CfnTable_ColumnProperty{Name: &name, Type: jsii.String("string")})
	}
	r.Table = awsglue.NewCfnTable(scope, jsii.String("Table"), &awsglue.CfnTableProps{
		CatalogId: stack.Account(), DatabaseName: r.Database.Ref(),
		TableInput: &awsglue.CfnTable_TableInputProperty{
			Name: jsii.String("logs"), TableType: jsii.String("EXTERNAL_TABLE"), Parameters: parameters, PartitionKeys: partitions,
			StorageDescriptor: &awsglue.CfnTable_StorageDescriptorProperty{
				Columns: all, Location: &location,
				InputFormat:  jsii.String("org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"),
				OutputFormat: jsii.String("org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"),
				SerdeInfo: &awsglue.CfnTable_SerdeInfoProperty{
					SerializationLibrary: jsii.String("org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"),
				},
			},
		},
	})
	if p.RemovalPolicy == awscdk.RemovalPolicy_RETAIN {
		r.Database.ApplyRemovalPolicy(p.RemovalPolicy, nil)
		r.Table.ApplyRemovalPolicy(p.RemovalPolicy, nil)
	}
	var described []*string
	for _, resource := range []string{"catalog", "database/" + *r.Database.Ref(), "table/" + *r.Database.Ref() + "/" + *r.Table.Ref()} {
		described = append(described, stack.FormatArn(&awscdk.ArnComponents{Service: jsii.String("glue"), Resource: &resource}))
	}
	r.allow(described, "glue:GetTable", "glue:GetTableVersion", "glue:GetTableVersions")
}

func (r *Resources) conversion(scope constructs.Construct) any {
	return &awskinesisfirehose.CfnDeliveryStream_DataFormatConversionConfigurationProperty{
		Enabled: jsii.Bool(true),
		InputFormatConfiguration: &awskinesisfirehose.CfnDeliveryStream_InputFormatConfigurationProperty{
			Deserializer: &awskinesisfirehose.CfnDeliveryStream_DeserializerProperty{
				OpenXJsonSerDe: &awskinesisfirehose.CfnDeliveryStream_OpenXJsonSerDeProperty{CaseInsensitive: jsii.Bool(true)},
			},
		},
		OutputFormatConfiguration: &awskinesisfirehose.CfnDeliveryStream_OutputFormatConfigurationProperty{
			Serializer: &awskinesisfirehose.CfnDeliveryStream_SerializerProperty{
				ParquetSerDe: &awskinesisfirehose.CfnDeliveryStream_ParquetSerDeProperty{Compression: jsii.String("SNAPPY")},
			},
		},
		SchemaConfiguration: &awskinesisfirehose.CfnDeliveryStream_SchemaConfigurationProperty{
			RoleArn: r.Role.RoleArn(), DatabaseName: r.Database.Ref(), TableName: r.Table.Ref(), VersionId: jsii.String("LATEST"),
			CatalogId: awscdk.Stack_Of(scope).Account(), Region: awscdk.Stack_Of(scope).Region(),
		},
	}
}
