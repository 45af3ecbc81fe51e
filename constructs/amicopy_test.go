package constructs_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/amicopy"
)

func TestAMICopy_Defaults(t *testing.T) {
	stack := unbuilt(t)
	c := amicopy.NewCopy(stack, "Image", &amicopy.CopyProps{SourceRegion: "eu-central-1", SourceImage: "ami-0123456789abcdef0"})
	awsec2.NewLaunchTemplate(stack, jsii.String("Template"), &awsec2.LaunchTemplateProps{MachineImage: c.MachineImage()})
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("amicopy/default")

	key := o{"Fn::GetAtt": a{tpl.All("AWS::KMS::Key")[0].LogicalID, "Arn"}}
	resource := tpl.Has("Custom::StrataAMICopy", o{
		"Family": "Test/Image", "SourceRegion": "eu-central-1", "SourceImage": "ami-0123456789abcdef0", "SourceName": cdktest.Absent, "Name": "copy", "Keep": 2, "Key": key,
		"ServiceTimeout": 3600,
	})
	tpl.HasResource("Custom::StrataAMICopy", o{"DeletionPolicy": "Retain"})
	tpl.Has("AWS::EC2::LaunchTemplate", o{"LaunchTemplateData": cdktest.Object{"ImageId": o{"Fn::GetAtt": a{resource.LogicalID, "ImageId"}}}})
	tpl.Has("AWS::KMS::Key", o{"EnableKeyRotation": true})
	tpl.Count("AWS::KMS::Key", 1)
	tpl.Count("AWS::StepFunctions::StateMachine", 1)

	policy := tpl.Has("AWS::IAM::Policy", o{"Roles": a{o{"Ref": cdktest.Text("^ImageProviderRole")}}})
	allowed := policy.Properties["PolicyDocument"].(o)["Statement"].(a)
	of := func(kind string) o {
		return o{"Fn::Join": a{"", a{"arn:", o{"Ref": "AWS::Partition"}, ":ec2:*::" + kind + "/*"}}}
	}
	both := a{of("image"), of("snapshot")}
	via := o{"kms:ViaService": o{"Fn::Join": a{"", a{"ec2.us-east-1.", o{"Ref": "AWS::URLSuffix"}}}}}
	assert.Equal(t, a{
		o{"Effect": "Allow", "Action": a{"ec2:DescribeImages", "ec2:DescribeSnapshots"}, "Resource": "*"},
		o{"Effect": "Allow", "Action": "ec2:CopyImage", "Resource": both},
		o{"Effect": "Allow", "Action": "ec2:CreateTags", "Resource": both, "Condition": o{"StringEquals": o{"ec2:CreateAction": "CopyImage"}}},
		o{"Effect": "Allow", "Action": a{"ec2:DeregisterImage", "ec2:DeleteSnapshot"}, "Resource": both, "Condition": o{"StringEquals": o{"aws:ResourceTag/strata:amicopy": "Test/Image"}}},
		o{"Effect": "Allow", "Action": a{"kms:DescribeKey", "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKeyWithoutPlaintext"}, "Resource": key, "Condition": o{"StringEquals": via}},
		o{"Effect": "Allow", "Action": "kms:CreateGrant", "Resource": key, "Condition": o{"StringEquals": via, "Bool": o{"kms:GrantIsForAWSResource": "true"}}},
	}, allowed[len(allowed)-6:])
}

func TestAMICopy_Settings(t *testing.T) {
	stack := unbuilt(t)
	key := awskms.NewKey(stack, jsii.String("Mine"), &awskms.KeyProps{EnableKeyRotation: jsii.Bool(true)})
	c := amicopy.NewCopy(stack, "Image", &amicopy.CopyProps{
		SourceRegion: "eu-central-1", SourceName: "orders-*", SourceOwner: "self", SourceKeyARN: "arn:aws:kms:eu-central-1:222222222222:key/theirs",
		Name: "orders", Keep: 5, Tags: map[string]string{"team": "a"}, Architecture: "x86_64", Key: key, LogRetentionDays: 30, RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
		ConfigureFunction: func(p *awslambda.FunctionProps) { p.MemorySize = jsii.Number(1024) },
	})
	assert.Equal(t, key, c.Key)
	tpl := cdktest.Synth(t, stack)
	tpl.Has("Custom::StrataAMICopy", o{"SourceName": "orders-*", "SourceOwner": "self", "SourceImage": cdktest.Absent, "Name": "orders", "Keep": 5, "Tags": o{"team": "a"}})
	tpl.HasResource("Custom::StrataAMICopy", o{"DeletionPolicy": "Delete"})
	tpl.Count("AWS::KMS::Key", 1)
	tpl.Has("AWS::Lambda::Function", o{"Architectures": a{"x86_64"}, "MemorySize": 1024})
	tpl.Each("AWS::Logs::LogGroup", o{"RetentionInDays": 30})
	policy := tpl.Has("AWS::IAM::Policy", o{"Roles": a{o{"Ref": cdktest.Text("^ImageProviderRole")}}})
	allowed := policy.Properties["PolicyDocument"].(o)["Statement"].(a)
	via := o{"kms:ViaService": o{"Fn::Join": a{"", a{"ec2.eu-central-1.", o{"Ref": "AWS::URLSuffix"}}}}}
	assert.Equal(t, o{
		"Effect": "Allow", "Action": "kms:CreateGrant", "Resource": "arn:aws:kms:eu-central-1:222222222222:key/theirs",
		"Condition": o{"StringEquals": via, "Bool": o{"kms:GrantIsForAWSResource": "true"}},
	}, allowed[len(allowed)-1])
}

func TestAMICopy_Refuses(t *testing.T) {
	stack := unbuilt(t)
	require.EqualError(t, cdktest.Panic(func() { amicopy.NewCopy(stack, "Image", nil) }), `Test/Image: invalid amicopy.CopyProps:
  - SourceRegion: must be a region such as eu-central-1, got ""
  - SourceImage: must be given, or SourceName and SourceOwner: one of both`)
	props := &amicopy.CopyProps{SourceRegion: cdktest.Region, SourceImage: "ami-0123456789abcdef0"}
	require.EqualError(t, cdktest.Panic(func() { amicopy.NewCopy(stack, "Image", props) }), `Test/Image: invalid amicopy.CopyProps:
  - SourceRegion: must be another region than the stack's, got us-east-1 for both`)
	agnostic := awscdk.NewStack(cdktest.App(t, nil), jsii.String("Anywhere"), nil)
	require.EqualError(t, cdktest.Panic(func() { amicopy.NewCopy(agnostic, "Image", props) }), `Anywhere/Image: invalid amicopy.CopyProps:
  - SourceRegion: must be another region than the stack's, so the stack must have one: set Env`)
	tpl := cdktest.Synth(t, stack)
	assert.Empty(t, tpl.All("AWS::KMS::Key"), "nothing is half-made")
}

func TestAMICopy_Nag(t *testing.T) {
	stack := unbuilt(t)
	amicopy.NewCopy(stack, "Image", &amicopy.CopyProps{
		SourceRegion: "eu-central-1", SourceImage: "ami-0123456789abcdef0", SourceKeyARN: "arn:aws:kms:eu-central-1:222222222222:key/theirs",
	})
	findings, _ := cdktest.Nag(t, stack)
	assert.Empty(t, findings)
}

func ExampleNewCopy() {
	app := awscdk.NewApp(&awscdk.AppProps{Context: &map[string]any{"aws:cdk:bundling-stacks": []string{}}}) // no function is built, as this is a test
	stack := awscdk.NewStack(app, jsii.String("Standby"), &awscdk.StackProps{Env: &awscdk.Environment{Region: jsii.String("us-west-2")}})
	image := amicopy.NewCopy(stack, "Image", &amicopy.CopyProps{SourceRegion: "us-east-1", SourceName: "orders-*", SourceOwner: "self"})
	awsec2.NewLaunchTemplate(stack, jsii.String("Template"), &awsec2.LaunchTemplateProps{MachineImage: image.MachineImage()})
	fmt.Println(*image.Node().Path())
	// Output: Standby/Image
}
