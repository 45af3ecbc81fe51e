package constructs_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssynthetics"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/canary"
)

// homePage is a canary that asks for one page.
func homePage(edit func(*canary.Props)) *canary.Props {
	p := &canary.Props{Steps: []canary.Step{{URL: "https://www.example.com/"}}}
	if edit != nil {
		edit(p)
	}
	return p
}

// roleStatements are those of the only role of a template, by their first action.
func roleStatements(t *testing.T, tpl *cdktest.Template) map[string]o {
	t.Helper()
	tpl.Count("AWS::IAM::Policy", 0)
	statements := map[string]o{}
	for _, policy := range tpl.Has("AWS::IAM::Role", nil).Properties["Policies"].(a) {
		for _, s := range policy.(o)["PolicyDocument"].(o)["Statement"].(a) {
			actions, ok := s.(o)["Action"].(a)
			if !ok {
				actions = a{s.(o)["Action"]}
			}
			statements[actions[0].(string)] = s.(o)
		}
	}
	return statements
}

func TestCanary_Defaults(t *testing.T) {
	stack := cdktest.Stack(t)
	c := canary.NewCanary(stack, "Home", homePage(nil))
	assert.NotNil(t, c.AlarmTopic)
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("canary/defaults")

	key := tpl.HasResource("AWS::KMS::Key", o{"DeletionPolicy": "Retain", "Properties": o{"EnableKeyRotation": true}})
	keyARN := o{"Fn::GetAtt": a{key.LogicalID, "Arn"}}
	bucket := tpl.HasResource("AWS::S3::Bucket", o{"DeletionPolicy": "Retain", "Properties": o{
		"BucketEncryption": o{"ServerSideEncryptionConfiguration": a{o{"BucketKeyEnabled": true, "ServerSideEncryptionByDefault": o{
			"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": keyARN,
		}}}},
		"LifecycleConfiguration":         o{"Rules": a{o{"ExpirationInDays": 31, "Status": "Enabled"}}},
		"PublicAccessBlockConfiguration": o{"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true},
		"OwnershipControls":              o{"Rules": a{o{"ObjectOwnership": "BucketOwnerEnforced"}}},
	}})
	tpl.Has("AWS::S3::BucketPolicy", o{"PolicyDocument": o{"Statement": a{o{"Effect": "Deny", "Condition": o{"Bool": o{"aws:SecureTransport": "false"}}}}}})
	role := tpl.Has("AWS::IAM::Role", o{"AssumeRolePolicyDocument": o{"Statement": a{o{"Principal": o{"Service": "lambda.amazonaws.com"}}}}})
	resource := tpl.Has("AWS::Synthetics::Canary", o{
		"Name":               cdktest.Text(`^[a-z0-9-]{1,64}$`),
		"RuntimeVersion":     "syn-nodejs-puppeteer-15.0",
		"Schedule":           o{"Expression": "rate(5 minutes)", "RetryConfig": cdktest.Absent},
		"RunConfig":          o{"ActiveTracing": true, "TimeoutInSeconds": 60, "EnvironmentVariables": cdktest.Absent},
		"ExecutionRoleArn":   o{"Fn::GetAtt": a{role.LogicalID, "Arn"}},
		"ArtifactConfig":     o{"S3Encryption": o{"EncryptionMode": "SSE_KMS", "KmsKeyArn": keyARN}},
		"ArtifactS3Location": cdktest.Text(`s3://.*` + bucket.LogicalID),

		"SuccessRetentionPeriod": 31, "FailureRetentionPeriod": 31, "StartCanaryAfterCreation": true, "ProvisionedResourceCleanup": "AUTOMATIC",
		"DryRunAndUpdate": cdktest.Absent, "VPCConfig": cdktest.Absent, "Code": o{"Handler": "index.handler"},
	})
	name := resource.Properties["Name"].(string)

	statements := roleStatements(t, tpl)
	assert.Len(t, statements, 7)
	bucketARN := o{"Fn::GetAtt": a{bucket.LogicalID, "Arn"}}
	assert.Equal(t, o{"Fn::Join": a{"", a{bucketARN, "/*"}}}, statements["s3:PutObject"]["Resource"])
	assert.Equal(t, bucketARN, statements["s3:GetBucketLocation"]["Resource"])
	assert.Equal(t, keyARN, statements["kms:Decrypt"]["Resource"])
	assert.Equal(t, a{"kms:Decrypt", "kms:GenerateDataKey"}, statements["kms:Decrypt"]["Action"])
	assert.Equal(t, o{"StringEquals": o{"cloudwatch:namespace": "CloudWatchSynthetics"}}, statements["cloudwatch:PutMetricData"]["Condition"])
	assert.Contains(t, fmt.Sprint(statements["logs:CreateLogGroup"]["Resource"]), ":logs:us-east-1:111111111111:log-group:/aws/lambda/cwsyn-"+name[:min(len(name), 21)]+"*")
	assert.Contains(t, statements, "s3:ListAllMyBuckets")
	assert.Contains(t, statements, "xray:PutTraceSegments")

	topic := tpl.Has("AWS::SNS::Topic", o{"KmsMasterKeyId": keyARN})
	tpl.Count("AWS::CloudWatch::Alarm", 2)
	dimensions := a{o{"Name": "CanaryName", "Value": o{"Ref": resource.LogicalID}}}
	tpl.Has("AWS::CloudWatch::Alarm", o{
		"Namespace": "CloudWatchSynthetics", "MetricName": "SuccessPercent", "Statistic": "Average", "Period": 300, "Dimensions": dimensions,
		"Threshold": 100, "ComparisonOperator": "LessThanThreshold", "DatapointsToAlarm": 2, "EvaluationPeriods": 3, "TreatMissingData": "breaching",
		"AlarmActions": a{o{"Ref": topic.LogicalID}}, "OKActions": a{o{"Ref": topic.LogicalID}},
		"AlarmDescription": "Runs of the canary fail, or do not take place, in 10 of 15 minutes (Test/Home)",
	})
	tpl.Has("AWS::CloudWatch::Alarm", o{
		"MetricName": "Duration", "Statistic": "Maximum", "Period": 300, "Dimensions": dimensions,
		"Threshold": 48000, "ComparisonOperator": "GreaterThanThreshold", "DatapointsToAlarm": 2, "EvaluationPeriods": 3, "TreatMissingData": "notBreaching",
	})
}

func TestCanary_Settings(t *testing.T) {
	stack := cdktest.Stack(t)
	topic := awssns.NewTopic(stack, jsii.String("Mine"), nil)
	key := awskms.NewKey(stack, jsii.String("Key"), nil)
	c := canary.NewCanary(stack, "Home", homePage(func(p *canary.Props) {
		p.Name, p.RuntimeVersion, p.Interval, p.Timeout, p.MaxRetries = "a-name-of-more-than-21-characters", "syn-nodejs-puppeteer-14.0", time.Minute, 30*time.Second, 2
		p.DryRunAndUpdate, p.DisableStart, p.DisableTracing, p.RetentionDays, p.Key = true, true, true, 455, key
		p.Alarms = canary.Alarms{Topic: topic, SuccessPercent: 50, Duration: 20 * time.Second}
		p.ArtifactsBucket = newBucket(stack, "Bucket", awscdk.RemovalPolicy_RETAIN)
	}))
	assert.Equal(t, topic, c.AlarmTopic)
	tpl := cdktest.Synth(t, stack)
	tpl.Count("AWS::S3::Bucket", 1)
	tpl.Count("AWS::KMS::Key", 1)
	tpl.Count("AWS::SNS::Topic", 1)
	tpl.Has("AWS::Synthetics::Canary", o{
		"Name": "a-name-of-more-than-21-characters", "RuntimeVersion": "syn-nodejs-puppeteer-14.0",
		"Schedule":        o{"Expression": "rate(1 minute)", "RetryConfig": o{"MaxRetries": 2}},
		"RunConfig":       o{"ActiveTracing": false, "TimeoutInSeconds": 30},
		"DryRunAndUpdate": true, "StartCanaryAfterCreation": false, "SuccessRetentionPeriod": 455, "FailureRetentionPeriod": 455,
		"ArtifactS3Location": cdktest.Text(`s3://.*Bucket`),
	})
	statements := roleStatements(t, tpl)
	assert.NotContains(t, statements, "xray:PutTraceSegments")
	assert.Contains(t, fmt.Sprint(statements["logs:CreateLogGroup"]["Resource"]), "/cwsyn-a-name-of-more-than-2*")
	tpl.Has("AWS::CloudWatch::Alarm", o{
		"MetricName": "SuccessPercent", "Threshold": 50, "Period": 60, "DatapointsToAlarm": 2, "EvaluationPeriods": 3, "TreatMissingData": "notBreaching",
		"AlarmDescription": cdktest.Text("in 2 of 3 minutes"),
	})
	tpl.Has("AWS::CloudWatch::Alarm", o{"MetricName": "Duration", "Threshold": 20000})
}

func TestCanary_ScriptOfYourOwn(t *testing.T) {
	stack := cdktest.Stack(t)
	canary.NewCanary(stack, "Home", &canary.Props{
		Script: "exports.handler = async () => {};", Environment: map[string]string{"STAGE": "prod"},
		Alarms: canary.Alarms{Disable: true}, RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
		ConfigureCanary: func(p *awssynthetics.CanaryProps) { p.Memory = awscdk.Size_Mebibytes(jsii.Number(2048)) },
	})
	tpl := cdktest.Synth(t, stack)
	tpl.Has("AWS::Synthetics::Canary", o{
		"Code": o{"Script": "exports.handler = async () => {};"}, "RunConfig": o{"EnvironmentVariables": o{"STAGE": "prod"}, "MemoryInMB": 2048},
	})
	tpl.Count("AWS::CloudWatch::Alarm", 0)
	tpl.Count("AWS::SNS::Topic", 0)
	tpl.EachResource("AWS::S3::Bucket", o{"DeletionPolicy": "Delete"})
	tpl.EachResource("AWS::KMS::Key", o{"DeletionPolicy": "Delete"})
}

func TestCanary_VPC(t *testing.T) {
	stack := cdktest.Stack(t)
	vpc := awsec2.NewVpc(stack, jsii.String("VPC"), &awsec2.VpcProps{MaxAzs: jsii.Number(2)})
	group := awsec2.NewSecurityGroup(stack, jsii.String("Group"), &awsec2.SecurityGroupProps{Vpc: vpc})
	canary.NewCanary(stack, "Private", homePage(func(p *canary.Props) { p.VPC = vpc }))
	canary.NewCanary(stack, "Public", homePage(func(p *canary.Props) {
		p.VPC, p.SecurityGroups = vpc, []awsec2.ISecurityGroup{group}
		p.Subnets = &awsec2.SubnetSelection{SubnetType: awsec2.SubnetType_PUBLIC}
	}))
	tpl := cdktest.Synth(t, stack)
	tpl.Has("AWS::Synthetics::Canary", o{"VPCConfig": o{
		"SubnetIds": a{o{"Ref": cdktest.Text("Private")}, o{"Ref": cdktest.Text("Private")}}, "SecurityGroupIds": a{o{"Fn::GetAtt": a{cdktest.Text("^Private"), "GroupId"}}},
	}})
	tpl.Has("AWS::Synthetics::Canary", o{"VPCConfig": o{
		"SubnetIds": a{o{"Ref": cdktest.Text("Public")}, o{"Ref": cdktest.Text("Public")}}, "SecurityGroupIds": a{o{"Fn::GetAtt": a{cdktest.Text("^Group"), "GroupId"}}},
	}})
	tpl.Has("AWS::IAM::Role", o{"Policies": a{o{"PolicyDocument": o{"Statement": cdktest.ArrayWith(o{
		"Action": a{"ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface"}, "Resource": "*",
	})}}}})
}

// The address of something of the same deployment is a token, which the script must keep.
func TestCanary_TokenInURL(t *testing.T) {
	stack := cdktest.Stack(t)
	topic := awssns.NewTopic(stack, jsii.String("Other"), nil)
	canary.NewCanary(stack, "Home", &canary.Props{Steps: []canary.Step{{URL: "https://" + *topic.TopicName() + "/a?b&c"}}})
	tpl := cdktest.Synth(t, stack)
	script := tpl.Has("AWS::Synthetics::Canary", nil).Properties["Code"].(o)["Script"].(o)["Fn::Join"].(a)[1].(a)
	require.Len(t, script, 3)
	assert.True(t, strings.HasSuffix(script[0].(string), `"url": "https://`), script[0])
	assert.True(t, strings.HasPrefix(script[2].(string), `/a?b&c",`), script[2])
}

func TestCanary_StepSuccess(t *testing.T) {
	stack := cdktest.Stack(t)
	c := canary.NewCanary(stack, "Home", homePage(nil))
	m := c.StepSuccess("step-1").ToMetricConfig().MetricStat
	assert.Equal(t, "SuccessPercent", *m.MetricName)
	dimensions := map[string]any{}
	for _, d := range *m.Dimensions {
		dimensions[*d.Name] = d.Value
	}
	assert.Equal(t, "step-1", dimensions["StepName"])
	assert.Contains(t, dimensions, "CanaryName")
}

func TestCanary_ReportsEveryProblem(t *testing.T) {
	err := cdktest.Panic(func() {
		canary.NewCanary(cdktest.Stack(t), "Home", homePage(func(p *canary.Props) { p.Name, p.MaxRetries = "Home", 3 }))
	})
	require.EqualError(t, err, `Test/Home: invalid canary.Props:
  - Name: must be 1 to 255 lower case letters, digits, _ and -, got "Home"
  - MaxRetries: must be between 0 and 2, got 3`)
}

func TestCanary_PassesNag(t *testing.T) {
	stack := cdktest.Stack(t)
	vpc := awsec2.Vpc_FromVpcAttributes(stack, jsii.String("VPC"), &awsec2.VpcAttributes{
		VpcId: jsii.String("vpc-1"), AvailabilityZones: jsii.Strings("us-east-1a"), PrivateSubnetIds: jsii.Strings("subnet-1"),
	})
	canary.NewCanary(stack, "Home", homePage(nil))
	canary.NewCanary(stack, "Inside", homePage(func(p *canary.Props) { p.VPC = vpc }))
	findings, suppressed := cdktest.Nag(t, stack)
	assert.Empty(t, findings)
	rules := map[string]int{}
	for _, s := range suppressed {
		rules[s.Rule]++
	}
	assert.Equal(t, map[string]int{"AwsSolutions-IAM5": 6, "AwsSolutions-S1": 2}, rules)
}

func TestCanary_PassesNagAnywhere(t *testing.T) {
	stack := awscdk.NewStack(cdktest.App(t, nil), jsii.String("Anywhere"), nil)
	canary.NewCanary(stack, "Home", homePage(nil))
	findings, _ := cdktest.Nag(t, stack)
	assert.Empty(t, findings)
}

func ExampleNewCanary() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Web"), nil)
	c := canary.NewCanary(stack, "Site", &canary.Props{Name: "site", Steps: []canary.Step{
		{Name: "home", URL: "https://www.example.com/", BodyContains: "Welcome"},
		{Name: "moved", URL: "https://www.example.com/old", Status: []int{301, 308}},
	}})
	fmt.Println(*c.Canary.Node().Path())
	// Output: Web/Site/Canary
}
