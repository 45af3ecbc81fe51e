// Package accesslogs gives logs of traffic a bucket: the access logs of Application Load Balancers and of buckets, and others.
package accesslogs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/internal/nag"
)

// Bucket lets load balancers write to bucket, or, where that is nil, to a new one with the id AccessLogs. It does not use
// LogAccessLogs of the CDK, which needs to know the region at synth. Load balancers must depend on the bucket's policy.
//
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
func Bucket(scope constructs.Construct, bucket awss3.IBucket) awss3.IBucket {
	if bucket == nil {
		bucket = NewBucket(scope, "AccessLogs", awscdk.RemovalPolicy_RETAIN)
	}
	bucket.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("logdelivery.elasticloadbalancing.amazonaws.com"), nil)},
		Actions:    jsii.Strings("s3:PutObject"),
		Resources:  &[]*string{bucket.ArnForObjects(jsii.String("AWSLogs/" + *awscdk.Stack_Of(scope).Account() + "/*"))},
	}))
	return bucket
}

// OfBucket defines a bucket with the id AccessLogs for the server access logs of bucket. It does what ServerAccessLogsBucket of
// the CDK would do, with a bucket policy whatever the app's feature flags are.
//
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
func OfBucket(scope constructs.Construct, bucket awss3.Bucket, removal awscdk.RemovalPolicy) awss3.Bucket {
	made := NewBucket(scope, "AccessLogs", removal)
	bucket.Node().DefaultChild().(awss3.CfnBucket).SetLoggingConfiguration(&awss3.CfnBucket_LoggingConfigurationProperty{
		DestinationBucketName: made.BucketName(),
	})
	made.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("logging.s3.amazonaws.com"), nil)},
		Actions:    jsii.Strings("s3:PutObject"),
		Resources:  &[]*string{made.ArnForObjects(jsii.String("*"))},
		Conditions: &map[string]any{
			"ArnLike":      map[string]any{"aws:SourceArn": bucket.BucketArn()},
			"StringEquals": map[string]any{"aws:SourceAccount": awscdk.Stack_Of(scope).Account()},
		},
	}))
	return made
}

// NewBucket is an encrypted bucket for logs, for TLS only, which expire after 365 days.
func NewBucket(scope constructs.Construct, id string, removal awscdk.RemovalPolicy) awss3.Bucket {
	bucket := awss3.NewBucket(scope, &id, &awss3.BucketProps{
		Encryption: awss3.BucketEncryption_S3_MANAGED, BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(), EnforceSSL: jsii.Bool(true),
		ObjectOwnership: awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED, RemovalPolicy: removal,
		LifecycleRules: &[]*awss3.LifecycleRule{{Expiration: awscdk.Duration_Days(jsii.Number(365))}},
	})
	nag.Suppress(bucket, "AwsSolutions-S1", "The bucket holds access logs itself.")
	return bucket
}
