package stackset

import (
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3assets"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/constructs/customresource"
	"github.com/strata-cdk/strata/internal/nag"
)

// function is the import path of the function that copies.
const function = "github.com/strata-cdk/strata/functions/assetcopier"

// addCopier has the CDK publish files to its own bucket, and copies them from there to the bucket of each region. Files of former
// deployments stay: stacks that are rolled back need them.
func (s *StackSet) addCopier(d *Props, files []file) constructs.Construct {
	stack := awscdk.Stack_Of(s)
	objects := make([]any, len(files))
	var source *string
	for i, f := range files {
		asset := awss3assets.NewAsset(s, jsii.String("File"+strconv.Itoa(i)), &awss3assets.AssetProps{Path: &f.path})
		source = asset.S3BucketName()
		objects[i] = map[string]any{"From": asset.S3ObjectKey(), "To": f.key}
	}
	var targets []any
	var buckets, objectARNs []*string
	for _, region := range d.regions() {
		name := d.AssetBucketPrefix + "-" + region
		targets = append(targets, map[string]any{"Bucket": name, "Region": region})
		buckets = append(buckets, arn(stack, name))
		objectARNs = append(objectARNs, arn(stack, name+"/*"))
	}
	s.Copier = customresource.NewProvider(s, "Copier", &customresource.ProviderProps{
		LibraryPackage:   function,
		Architecture:     d.Architecture,
		Description:      "Copies files of a stack set's template to where its accounts read them",
		Timeout:          15 * time.Minute,
		Key:              d.Key,
		LogRetentionDays: d.LogRetentionDays,
		RemovalPolicy:    d.RemovalPolicy,
	})
	allow := func(resources []*string, conditions *map[string]any, actions ...string) {
		s.Copier.Function.AddToRolePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Actions: jsii.Strings(actions...), Resources: &resources, Conditions: conditions,
		}))
	}
	allow([]*string{arn(stack, *source+"/*")}, nil, "s3:GetObject")
	allow(objectARNs, nil, "s3:PutObject")
	keys := stack.FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("kms"), Region: jsii.String("*"), Resource: jsii.String("key"), ResourceName: jsii.String("*"),
	})
	// Keys of the buckets, whichever they are. S3 names the bucket, or the object where the bucket has no key of its own.
	allow([]*string{keys}, &map[string]any{"StringLike": map[string]any{
		"kms:ViaService": "s3.*.amazonaws.com", "kms:EncryptionContext:aws:s3:arn": append(buckets, objectARNs...),
	}}, "kms:GenerateDataKey", "kms:Decrypt")
	nag.Suppress(s.Copier.Function.Role().Node().FindChild(jsii.String("DefaultPolicy")), "AwsSolutions-IAM5",
		"The function copies files between buckets that are named; their keys are those that S3 uses for these buckets.",
		`/^Resource::arn:.*\*$/`)
	return customresource.NewResource(s, "Files", &customresource.ResourceProps{
		Provider:   s.Copier,
		Type:       "Custom::StrataAssetCopies",
		Properties: map[string]any{"Bucket": source, "Objects": objects, "Targets": targets},
	})
}

func arn(stack awscdk.Stack, name string) *string {
	return jsii.String(fmt.Sprintf("arn:%s:s3:::%s", *stack.Partition(), name))
}
