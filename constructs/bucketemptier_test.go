package constructs_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/bucketemptier"
)

func TestBucketEmptier_Defaults(t *testing.T) {
	stack := unbuilt(t)
	logs := newBucket(stack, "Logs", awscdk.RemovalPolicy_DESTROY)
	e := bucketemptier.NewEmptier(stack, "Emptier", &bucketemptier.EmptierProps{Buckets: []bucketemptier.Bucket{{Name: "Logs", Bucket: logs}}})
	assert.NotNil(t, e.Resources["Logs"])
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("bucketemptier/default")

	bucket := tpl.All("AWS::S3::Bucket")[0].LogicalID
	resource := tpl.Has("Custom::StrataBucketEmptier", o{
		"Bucket": o{"Ref": bucket}, "Kept": false, "BypassGovernance": false, "ServiceTimeout": 3600,
	})
	tpl.HasResource("AWS::S3::BucketPolicy", o{"DependsOn": cdktest.ArrayWith(resource.LogicalID)})
	tpl.Has("AWS::Lambda::Function", o{"Timeout": 900, "MemorySize": 512, "Architectures": a{"arm64"}})
	tpl.Count("AWS::StepFunctions::StateMachine", 1)
	tpl.Each("AWS::Logs::LogGroup", o{"RetentionInDays": 365, "KmsKeyId": cdktest.Any})

	policy := tpl.Has("AWS::IAM::Policy", o{"Roles": a{o{"Ref": cdktest.Text("^EmptierProviderRole")}}})
	arn := o{"Fn::GetAtt": a{bucket, "Arn"}}
	allowed := policy.Properties["PolicyDocument"].(o)["Statement"].(a)
	assert.Equal(t, a{
		o{"Effect": "Allow", "Action": "cloudformation:DescribeStacks", "Resource": o{"Ref": "AWS::StackId"}},
		o{"Effect": "Allow", "Action": a{"s3:ListBucketVersions", "s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:PutLifecycleConfiguration"}, "Resource": arn},
		o{"Effect": "Allow", "Action": a{"s3:DeleteObject", "s3:DeleteObjectVersion"}, "Resource": o{"Fn::Join": a{"", a{arn, "/*"}}}},
	}, allowed[len(allowed)-3:])
	assert.Len(t, allowed, 6, "beside these: logs, traces, the state machine")
	assert.NotContains(t, string(tpl.JSON), "BypassGovernanceRetention")
}

func TestBucketEmptier_Settings(t *testing.T) {
	stack := unbuilt(t)
	mine, other := newBucket(stack, "Mine", awscdk.RemovalPolicy_RETAIN), awss3.Bucket_FromBucketName(stack, jsii.String("Other"), jsii.String("other"))
	bucketemptier.NewEmptier(stack, "Emptier", &bucketemptier.EmptierProps{
		Buckets: []bucketemptier.Bucket{
			{Name: "Mine", Bucket: mine, EmptyKept: true}, {Name: "Other", Bucket: other, EmptyKept: true, BypassGovernance: true},
		},
		Architecture: "x86_64", LogRetentionDays: 7, RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
		ConfigureFunction: func(p *awslambda.FunctionProps) { p.MemorySize = jsii.Number(1024) },
	})
	tpl := cdktest.Synth(t, stack)
	tpl.Count("AWS::Lambda::Function", 1)
	tpl.Has("AWS::Lambda::Function", o{"Architectures": a{"x86_64"}, "MemorySize": 1024})
	tpl.EachResource("AWS::Logs::LogGroup", o{"DeletionPolicy": "Delete", "Properties": o{"RetentionInDays": 7}})
	tpl.Count("Custom::StrataBucketEmptier", 2)
	tpl.Has("Custom::StrataBucketEmptier", o{"Bucket": "other", "Kept": true, "BypassGovernance": true})
	tpl.Has("Custom::StrataBucketEmptier", o{"Bucket": o{"Ref": cdktest.Any}, "Kept": true, "BypassGovernance": false})
	tpl.Has("AWS::IAM::Policy", o{"PolicyDocument": o{"Statement": cdktest.ArrayWith(
		o{"Action": "s3:BypassGovernanceRetention", "Resource": cdktest.Text("other/\\*")},
	)}})
	assert.Equal(t, 1, strings.Count(string(tpl.JSON), "BypassGovernanceRetention"))
}

// What would be emptied and kept must be named.
func TestBucketEmptier_KeptBuckets(t *testing.T) {
	stack := unbuilt(t)
	elsewhere := cdktest.StackIn(awscdk.Stage_Of(stack).(awscdk.App), "Elsewhere")
	err := cdktest.Panic(func() {
		bucketemptier.NewEmptier(stack, "Emptier", &bucketemptier.EmptierProps{Buckets: []bucketemptier.Bucket{
			{Name: "Imported", Bucket: awss3.Bucket_FromBucketName(stack, jsii.String("Imported"), jsii.String("imported"))},
			{Name: "Elsewhere", Bucket: newBucket(elsewhere, "Bucket", awscdk.RemovalPolicy_DESTROY)},
		}})
	})
	require.EqualError(t, err, `Test/Emptier: invalid bucketemptier.EmptierProps:
  - Buckets[0].EmptyKept: must be set for a bucket that is not deleted with this stack
  - Buckets[1].EmptyKept: must be set for a bucket that is not deleted with this stack`)

	for name, edit := range map[string]func(awss3.Bucket){
		"from the start": func(awss3.Bucket) {},
		"later":          func(b awss3.Bucket) { b.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN) },
		"after a while":  func(b awss3.Bucket) { b.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE) },
	} {
		t.Run(name, func(t *testing.T) {
			stack := unbuilt(t)
			removal := awscdk.RemovalPolicy_DESTROY
			if name == "from the start" {
				removal = awscdk.RemovalPolicy_RETAIN
			}
			bucket := newBucket(stack, "Bucket", removal)
			bucketemptier.NewEmptier(stack, "Emptier", &bucketemptier.EmptierProps{Buckets: []bucketemptier.Bucket{{Name: "Logs", Bucket: bucket}}})
			edit(bucket)
			err := cdktest.Panic(func() { cdktest.Synth(t, stack) })
			require.ErrorContains(t, err, "[Test/Emptier] the bucket Logs is kept when the stack is deleted, and would be emptied: give it RemovalPolicy DESTROY, or set EmptyKept")
		})
	}
}

// Also a policy that the bucket gets later is deleted before the custom resource.
func TestBucketEmptier_LaterPolicy(t *testing.T) {
	stack := unbuilt(t)
	bucket := awss3.NewBucket(stack, jsii.String("Bucket"), &awss3.BucketProps{RemovalPolicy: awscdk.RemovalPolicy_DESTROY})
	e := bucketemptier.NewEmptier(stack, "Emptier", &bucketemptier.EmptierProps{Buckets: []bucketemptier.Bucket{{Name: "Logs", Bucket: bucket}}})
	bucket.GrantRead(e.Provider.Function, nil)
	bucket.AddToResourcePolicy(denyAll(bucket))
	tpl := cdktest.Synth(t, stack)
	tpl.HasResource("AWS::S3::BucketPolicy", o{"DependsOn": cdktest.ArrayWith(tpl.All("Custom::StrataBucketEmptier")[0].LogicalID)})
}

func TestBucketEmptier_PassesNag(t *testing.T) {
	stack := unbuilt(t)
	logs := awss3.NewBucket(stack, jsii.String("Logs"), &awss3.BucketProps{
		EnforceSSL: jsii.Bool(true), RemovalPolicy: awscdk.RemovalPolicy_DESTROY, ServerAccessLogsPrefix: jsii.String("self/"),
	})
	bucketemptier.NewEmptier(stack, "Emptier", &bucketemptier.EmptierProps{Buckets: []bucketemptier.Bucket{{Name: "Logs", Bucket: logs}}})
	findings, suppressed := cdktest.Nag(t, stack)
	assert.Empty(t, findings)
	assert.Len(t, suppressed, 3, "traces, deliveries of logs, objects")
}

func ExampleNewEmptier() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Shop"), nil)
	logs := awss3.NewBucket(stack, jsii.String("Logs"), &awss3.BucketProps{RemovalPolicy: awscdk.RemovalPolicy_DESTROY})
	emptier := bucketemptier.NewEmptier(stack, "Emptier", &bucketemptier.EmptierProps{
		Buckets: []bucketemptier.Bucket{{Name: "Logs", Bucket: logs}},
	})
	fmt.Println(*emptier.Resources["Logs"].Node().Path())
	// Output: Shop/Emptier/Logs
}

func denyAll(bucket awss3.Bucket) awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Effect: awsiam.Effect_DENY, Actions: jsii.Strings("s3:*"), Resources: &[]*string{bucket.BucketArn()},
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("ec2.amazonaws.com"), nil)},
	})
}
