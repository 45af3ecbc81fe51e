package constructs_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/stackset"
)

func TestAssetBucket(t *testing.T) {
	stack := cdktest.Stack(t)
	stackset.NewAssetBucket(stack, "Assets", &stackset.AssetBucketProps{
		Prefix: "my-assets", Organization: "o-abcde12345", Accounts: []string{"222222222222", "333333333333"},
	})
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("stackset/bucket")
	bucket := tpl.HasResource("AWS::S3::Bucket", o{"DeletionPolicy": "RetainExceptOnCreate", "Properties": o{
		"BucketName":                     "my-assets-us-east-1",
		"PublicAccessBlockConfiguration": o{"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true},
		"BucketEncryption":               o{"ServerSideEncryptionConfiguration": a{o{"ServerSideEncryptionByDefault": o{"SSEAlgorithm": "AES256"}}}},
		"OwnershipControls":              o{"Rules": a{o{"ObjectOwnership": "BucketOwnerEnforced"}}},
	}})
	objects := o{"Fn::Join": a{"", a{o{"Fn::GetAtt": a{bucket.LogicalID, "Arn"}}, "/*"}}}
	policy := tpl.All("AWS::S3::BucketPolicy")[0]
	root := func(id string) o {
		return o{"Fn::Join": a{"", a{"arn:", o{"Ref": "AWS::Partition"}, ":iam::" + id + ":root"}}}
	}
	statements := policy.Properties["PolicyDocument"].(o)["Statement"].(a)
	assert.Equal(t, a{
		o{"Effect": "Allow", "Action": "s3:GetObject", "Principal": o{"AWS": "*"}, "Resource": objects, "Condition": o{"StringEquals": o{"aws:PrincipalOrgID": "o-abcde12345"}}},
		o{"Effect": "Allow", "Action": "s3:GetObject", "Principal": o{"AWS": a{root("222222222222"), root("333333333333")}}, "Resource": objects},
	}, statements[1:], "after the one that asks for TLS")
	assert.Equal(t, o{"Bool": o{"aws:SecureTransport": "false"}}, statements[0].(o)["Condition"])
}

func TestAssetBucket_KeyAndSettings(t *testing.T) {
	stack := cdktest.Stack(t)
	key := awskms.NewKey(stack, jsii.String("Key"), nil)
	stackset.NewAssetBucket(stack, "Assets", &stackset.AssetBucketProps{
		Prefix: "my-assets", Organization: "o-abcde12345", Key: key, RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
		ConfigureBucket: func(p *awss3.BucketProps) {
			assert.Equal(t, "my-assets-us-east-1", *p.BucketName, "the defaults are there to be edited")
			p.Versioned = jsii.Bool(true)
		},
	})
	tpl := cdktest.Synth(t, stack)
	tpl.HasResource("AWS::S3::Bucket", o{"DeletionPolicy": "Delete", "Properties": o{
		"VersioningConfiguration": o{"Status": "Enabled"},
		"BucketEncryption": o{"ServerSideEncryptionConfiguration": a{o{"BucketKeyEnabled": true, "ServerSideEncryptionByDefault": o{
			"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": o{"Fn::GetAtt": a{cdktest.Text("^Key"), "Arn"}},
		}}}},
	}})
	tpl.Has("AWS::KMS::Key", o{"KeyPolicy": o{"Statement": cdktest.ArrayWith(o{
		"Effect": "Allow", "Action": "kms:Decrypt", "Principal": o{"AWS": "*"}, "Resource": "*",
		"Condition": o{"StringEquals": cdktest.Exactly(o{"aws:PrincipalOrgID": "o-abcde12345", "kms:ViaService": "s3.us-east-1.amazonaws.com"})},
	})}})
}

func ExampleNewAssetBucket() {
	app := awscdk.NewApp(nil)
	for _, region := range []string{"eu-central-1", "us-east-1"} {
		stack := awscdk.NewStack(app, jsii.String("Assets-"+region), &awscdk.StackProps{Env: &awscdk.Environment{Region: &region}})
		bucket := stackset.NewAssetBucket(stack, "Assets", &stackset.AssetBucketProps{Prefix: "example-assets", Organization: "o-abcde12345"})
		fmt.Println(*bucket.Node().Path())
	}
	// Output:
	// Assets-eu-central-1/Assets
	// Assets-us-east-1/Assets
}
