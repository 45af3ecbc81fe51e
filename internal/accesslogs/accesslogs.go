// Package accesslogs gives access logs a bucket, those of Application Load Balancers above all.
package accesslogs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/internal/nag"
)

// New defines a bucket for access logs with the id AccessLogs, which keeps them for a year.
func New(scope constructs.Construct) awss3.Bucket {
	bucket := awss3.NewBucket(scope, jsii.String("AccessLogs"), &awss3.BucketProps{
		Encryption: awss3.BucketEncryption_S3_MANAGED, BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(), EnforceSSL: jsii.Bool(true),
		ObjectOwnership: awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED, RemovalPolicy: awscdk.RemovalPolicy_RETAIN,
		LifecycleRules: &[]*awss3.LifecycleRule{{Expiration: awscdk.Duration_Days(jsii.Number(365))}},
	})
	nag.Suppress(bucket, "AwsSolutions-S1", "The bucket holds access logs itself.")
	return bucket
}

// Bucket lets load balancers write to bucket, or, where that is nil, to a new one. It does not use
// LogAccessLogs of the CDK, which needs to know the region at synth. Load balancers must depend on the bucket's policy.
//
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
func Bucket(scope constructs.Construct, bucket awss3.IBucket) awss3.IBucket {
	if bucket == nil {
		bucket = New(scope)
	}
	bucket.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("logdelivery.elasticloadbalancing.amazonaws.com"), nil)},
		Actions:    jsii.Strings("s3:PutObject"),
		Resources:  &[]*string{bucket.ArnForObjects(jsii.String("AWSLogs/" + *awscdk.Stack_Of(scope).Account() + "/*"))},
	}))
	return bucket
}
