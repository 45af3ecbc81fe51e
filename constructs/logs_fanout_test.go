package constructs_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskinesis"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskinesisfirehose"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/logs"
)

// fanout defines a Fanout from two groups, App and Jobs.
func fanout(stack constructs.Construct, targets ...logs.Target) *logs.Fanout {
	var sources []logs.Source
	for _, name := range []string{"App", "Jobs"} {
		sources = append(sources, logs.Source{Name: name, LogGroup: logs.NewSecureLogGroup(stack, name, nil).LogGroup})
	}
	return logs.NewFanout(stack, "Fanout", &logs.FanoutProps{Sources: sources, Targets: targets})
}

// groupID is the logical id of a group of fanout.
func groupID(tpl *cdktest.Template, name string) string {
	for _, g := range tpl.All("AWS::Logs::LogGroup") {
		if len(g.LogicalID) > len(name) && g.LogicalID[:len(name)+8] == name+"LogGroup" {
			return g.LogicalID
		}
	}
	return ""
}

func TestLogsFanout_Function(t *testing.T) {
	stack := cdktest.Stack(t)
	reader := newReader(stack, "Reader", nil)
	f := fanout(stack, logs.Target{Name: "Reader", Function: reader, Pattern: `{ $.level = "ERROR" }`})
	assert.NotNil(t, f.Filter("Reader", "App"))
	assert.Nil(t, f.Filter("Reader", "Other"))
	assert.Nil(t, f.Filter("Other", "App"))
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("logs/function")

	function := tpl.All("AWS::Lambda::Function")[0].LogicalID
	arn := o{"Fn::GetAtt": a{function, "Arn"}}
	queue := tpl.Has("AWS::SQS::Queue", o{"SqsManagedSseEnabled": true, "MessageRetentionPeriod": 1209600.})
	queueARN := o{"Fn::GetAtt": a{queue.LogicalID, "Arn"}}
	policy := tpl.Has("AWS::IAM::Policy", o{"PolicyDocument": o{"Statement": a{o{"Action": "sqs:SendMessage", "Resource": queueARN}}}})
	config := tpl.HasResource("AWS::Lambda::EventInvokeConfig", o{
		"DependsOn": cdktest.ArrayWith(policy.LogicalID),
		"Properties": cdktest.Exactly(o{
			"FunctionName": o{"Ref": function}, "Qualifier": "$LATEST", "MaximumRetryAttempts": 2.,
			"DestinationConfig": o{"OnFailure": o{"Destination": queueARN}},
		}),
	})
	tpl.Count("AWS::Logs::SubscriptionFilter", 2)
	for _, name := range []string{"App", "Jobs"} {
		group := groupID(tpl, name)
		permission := tpl.HasResource("AWS::Lambda::Permission", o{"Properties": cdktest.Exactly(o{
			"Action": "lambda:InvokeFunction", "FunctionName": arn, "Principal": "logs.amazonaws.com",
			"SourceAccount": cdktest.Account, "SourceArn": o{"Fn::GetAtt": a{group, "Arn"}},
		})})
		tpl.HasResource("AWS::Logs::SubscriptionFilter", o{
			"DependsOn": cdktest.ArrayWith(permission.LogicalID, config.LogicalID),
			"Properties": cdktest.Exactly(o{
				"LogGroupName": o{"Ref": group}, "DestinationArn": arn, "FilterPattern": `{ $.level = "ERROR" }`,
			}),
		})
	}
	topic := tpl.All("AWS::SNS::Topic")[0].LogicalID
	tpl.Has("AWS::CloudWatch::Alarm", o{
		"Namespace": "AWS/SQS", "MetricName": "ApproximateNumberOfMessagesVisible", "Statistic": "Maximum", "Threshold": 0.,
		"Dimensions":   a{o{"Name": "QueueName", "Value": o{"Fn::GetAtt": a{queue.LogicalID, "QueueName"}}}},
		"AlarmActions": a{o{"Ref": topic}},
	})
}

func TestLogsFanout_FunctionKeepsItsConfig(t *testing.T) {
	stack := cdktest.Stack(t)
	r := fanout(stack, logs.Target{Name: "Reader", Function: newReader(stack, "Reader", nil), KeepAsyncConfig: true}).Targets["Reader"]
	assert.Nil(t, r.DeadLetters)
	tpl := cdktest.Synth(t, stack)
	tpl.Count("AWS::Lambda::EventInvokeConfig", 0)
	tpl.Count("AWS::SQS::Queue", 0)
	tpl.Count("AWS::SNS::Topic", 0)
	tpl.Each("AWS::Logs::SubscriptionFilter", o{"FilterPattern": ""})
}

// The stack of the function does not depend on that of the Fanout, which depends on it.
func TestLogsFanout_FunctionOfAnotherStack(t *testing.T) {
	app := cdktest.App(t, nil)
	readers, stack := cdktest.StackIn(app, "Readers"), cdktest.StackIn(app, "Test")
	fanout(stack, logs.Target{Name: "Reader", Function: newReader(readers, "Reader", nil)})
	tpl := cdktest.SynthApp(t, app)["Test"]
	queue := tpl.All("AWS::SQS::Queue")[0].LogicalID
	policy := tpl.Has("AWS::IAM::Policy", o{
		"Roles":          a{o{"Fn::ImportValue": cdktest.Text("^Readers:.*ReaderServiceRole")}},
		"PolicyDocument": o{"Statement": a{o{"Action": "sqs:SendMessage", "Resource": o{"Fn::GetAtt": a{queue, "Arn"}}}}},
	})
	tpl.HasResource("AWS::Lambda::EventInvokeConfig", o{"DependsOn": cdktest.ArrayWith(policy.LogicalID)})
}

func TestLogsFanout_RefusesWhatCannotBeThere(t *testing.T) {
	stack := cdktest.Stack(t)
	reader := awslambda.Function_FromFunctionName(stack, jsii.String("Reader"), jsii.String("reader"))
	group := awslogs.NewLogGroup(stack, jsii.String("Group"), nil)
	abroad := logs.Target{Name: "Central", DestinationARN: "arn:aws:logs:eu-central-1:222222222222:destination:central"}
	err := cdktest.Panic(func() {
		logs.NewFanout(stack, "Fanout", &logs.FanoutProps{
			Sources: []logs.Source{{Name: "Group", LogGroup: group}}, Targets: []logs.Target{{Name: "Reader", Function: reader}, abroad},
		})
	})
	require.EqualError(t, err, `Test/Fanout: invalid logs.FanoutProps:
  - Targets[0].KeepAsyncConfig: must be set for a function from elsewhere whose role is not given
  - Targets[1].DestinationARN: must be in the region of the log groups, us-east-1, got eu-central-1`)
	err = cdktest.Panic(func() { logs.NewAccountFanout(stack, "All", &logs.AccountFanoutProps{Name: "all", Target: abroad}) })
	require.EqualError(t, err, `Test/All: invalid logs.AccountFanoutProps:
  - Target.DestinationARN: must be in the region of the log groups, us-east-1, got eu-central-1`)
	assert.Nil(t, stack.Node().TryFindChild(jsii.String("Fanout")), "nothing was defined")
	free := awscdk.NewStack(cdktest.App(t, nil), jsii.String("Free"), nil)
	logs.NewAccountFanout(free, "All", &logs.AccountFanoutProps{Name: "all", Target: abroad})
}

// An alias is called, and has the queue, by its own name.
func TestLogsFanout_Alias(t *testing.T) {
	stack := cdktest.Stack(t)
	reader := newReader(stack, "Reader", nil)
	alias := awslambda.NewAlias(stack, jsii.String("Live"), &awslambda.AliasProps{AliasName: jsii.String("live"), Version: reader.CurrentVersion()})
	fanout(stack, logs.Target{Name: "Reader", Function: alias})
	tpl := cdktest.Synth(t, stack)
	live := o{"Ref": tpl.All("AWS::Lambda::Alias")[0].LogicalID}
	tpl.Each("AWS::Logs::SubscriptionFilter", o{"DestinationArn": live})
	tpl.Each("AWS::Lambda::Permission", o{"FunctionName": live})
	tpl.Has("AWS::Lambda::EventInvokeConfig", o{"FunctionName": o{"Ref": tpl.All("AWS::Lambda::Function")[0].LogicalID}, "Qualifier": "live"})
}

func TestLogsFanout_Stream(t *testing.T) {
	stack := cdktest.Stack(t)
	stream := awskinesis.NewStream(stack, jsii.String("Stream"), &awskinesis.StreamProps{EncryptionKey: awskms.NewKey(stack, jsii.String("StreamKey"), nil)})
	fanout(stack, logs.Target{Name: "Stream", Stream: stream, Random: true}, logs.Target{Name: "Central", DestinationARN: elsewhere})
	tpl := cdktest.Synth(t, stack)
	arn := o{"Fn::GetAtt": a{tpl.All("AWS::Kinesis::Stream")[0].LogicalID, "Arn"}}
	role := tpl.Has("AWS::IAM::Role", o{"AssumeRolePolicyDocument": o{"Statement": a{o{
		"Principal": o{"Service": "logs.amazonaws.com"},
		"Condition": o{"StringLike": o{"aws:SourceArn": cdktest.Text(`:logs:us-east-1:111111111111:\*`)}},
	}}}})
	policy := tpl.Has("AWS::IAM::Policy", o{"PolicyDocument": o{"Statement": a{
		o{"Action": a{"kinesis:PutRecord", "kinesis:PutRecords"}, "Resource": arn},
		o{"Action": "kms:GenerateDataKey", "Resource": o{"Fn::GetAtt": a{cdktest.Text("^StreamKey"), "Arn"}}},
	}}})
	tpl.Count("AWS::Logs::SubscriptionFilter", 4)
	tpl.HasResource("AWS::Logs::SubscriptionFilter", o{
		"DependsOn": cdktest.ArrayWith(policy.LogicalID, role.LogicalID),
		"Properties": o{
			"LogGroupName": o{"Ref": groupID(tpl, "Jobs")}, "DestinationArn": arn, "RoleArn": o{"Fn::GetAtt": a{role.LogicalID, "Arn"}}, "Distribution": "Random",
		},
	})
	tpl.HasResource("AWS::Logs::SubscriptionFilter", o{"Properties": cdktest.Exactly(o{
		"LogGroupName": o{"Ref": groupID(tpl, "App")}, "DestinationArn": elsewhere, "FilterPattern": "",
	})})
}

func TestLogsFanout_S3(t *testing.T) {
	stack := cdktest.Stack(t)
	f := fanout(stack, logs.Target{Name: "Archive", S3: &logs.S3{
		Format: logs.Parquet, Prefix: "app/", ErrorPrefix: "bad/", ExpireDays: 400, BufferSize: 100, LogRetentionDays: 30,
		ConfigureBucket: func(p *awss3.BucketProps) { p.BucketName = jsii.String("only-mine") },
		ConfigureStream: func(p *awskinesisfirehose.CfnDeliveryStreamProps) { p.DeliveryStreamName = jsii.String("mine") },
	}})
	require.NotNil(t, f.Targets["Archive"].Delivery.Table)
	assert.Len(t, f.Targets["Archive"].Delivery.Alarms, 4)
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("logs/s3")
	tpl.Has("AWS::S3::Bucket", o{"BucketName": "only-mine", "LifecycleConfiguration": o{"Rules": a{o{"ExpirationInDays": 400.}}}})
	stream := tpl.Has("AWS::KinesisFirehose::DeliveryStream", o{
		"DeliveryStreamName": "mine", "ExtendedS3DestinationConfiguration": o{
			"Prefix": cdktest.Text("^app/year="), "ErrorOutputPrefix": cdktest.Text("^bad/"), "BufferingHints": o{"SizeInMBs": 100.},
			"DataFormatConversionConfiguration": o{"Enabled": true},
		},
	})
	arn := o{"Fn::GetAtt": a{stream.LogicalID, "Arn"}}
	policy := tpl.Has("AWS::IAM::Policy", o{"PolicyDocument": o{"Statement": a{o{"Action": a{"firehose:PutRecord", "firehose:PutRecordBatch"}, "Resource": arn}}}})
	tpl.EachResource("AWS::Logs::SubscriptionFilter", o{
		"DependsOn": cdktest.ArrayWith(policy.LogicalID), "Properties": o{"DestinationArn": arn, "Distribution": cdktest.Absent},
	})
	tpl.Has("AWS::Logs::LogGroup", o{"RetentionInDays": 30.})
}

func TestLogsFanout_GivenTopicAndRemoval(t *testing.T) {
	stack := cdktest.Stack(t)
	group := awslogs.NewLogGroup(stack, jsii.String("Group"), &awslogs.LogGroupProps{RemovalPolicy: awscdk.RemovalPolicy_DESTROY})
	topic := awssns.NewTopic(stack, jsii.String("Topic"), nil)
	f := logs.NewFanout(stack, "Fanout", &logs.FanoutProps{
		Sources:    []logs.Source{{Name: "Group", LogGroup: group}},
		Targets:    []logs.Target{{Name: "Archive", S3: &logs.S3{}}, {Name: "Reader", Function: newReader(stack, "Reader", nil)}},
		AlarmTopic: topic, RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	assert.Equal(t, *topic.TopicArn(), *f.Targets["Reader"].AlarmTopic.TopicArn())
	tpl := cdktest.Synth(t, stack)
	tpl.Count("AWS::SNS::Topic", 1)
	tpl.Count("AWS::CloudWatch::Alarm", 4)
	tpl.Each("AWS::CloudWatch::Alarm", o{"AlarmActions": a{o{"Ref": cdktest.Text("^Topic")}}})
	for _, typ := range []string{"AWS::S3::Bucket", "AWS::KMS::Key", "AWS::Logs::LogGroup"} {
		tpl.EachResource(typ, o{"DeletionPolicy": "Delete"})
	}
}

// The constructs of a Fanout are themselves looked through.
func TestLogsFanout_RefusesCircles(t *testing.T) {
	stack := cdktest.Stack(t)
	own := logs.NewSecureLogGroup(stack, "Own", nil).LogGroup
	logs.NewFanout(stack, "Fanout", &logs.FanoutProps{
		Sources: []logs.Source{{Name: "Own", LogGroup: own}},
		Targets: []logs.Target{{Name: "Reader", Function: newReader(stack, "Reader", func(p *awslambda.FunctionProps) { p.LogGroup = own })}},
	})
	archive := logs.NewFanout(stack, "First", &logs.FanoutProps{
		Sources: []logs.Source{{Name: "App", LogGroup: logs.NewSecureLogGroup(stack, "App", nil).LogGroup}}, Targets: []logs.Target{logsArchive},
	}).Targets["Archive"].Delivery
	logs.NewFanout(stack, "Second", &logs.FanoutProps{
		Sources: []logs.Source{{Name: "Errors", LogGroup: archive.Logs}},
		Targets: []logs.Target{{Name: "Again", DestinationARN: *archive.Stream.AttrArn()}},
	})
	err := cdktest.Panic(func() { stack.Node().Root().(awscdk.App).Synth(nil) })
	require.Error(t, err)
	assert.Equal(t, `ValidationFailedWithErrors: Validation failed with the following errors:
  [] Test/Fanout/Reader/Filters/Own: would send to the function Test/Reader/Resource the logs of itself, without an end
  [] Test/Second/Again/Filters/Errors: would send to the delivery stream Test/First/Archive/S3/Stream the logs of itself, without an end`, err.Error())
}

// A stage is looked through by itself.
func TestLogsFanout_InStages(t *testing.T) {
	app := cdktest.App(t, nil)
	for _, name := range []string{"Beta", "Prod"} {
		stage := awscdk.NewStage(app, &name, nil)
		stack := awscdk.NewStack(stage, jsii.String("Logs"), nil)
		group := logs.NewSecureLogGroup(stack, "Group", nil).LogGroup
		for i := range map[string]int{"Beta": 2, "Prod": 3}[name] {
			subscribe(stack, fmt.Sprintf("Filter%d", i), group.LogGroupName(), jsii.String(elsewhere))
		}
	}
	err := cdktest.Panic(func() { app.Synth(nil) })
	require.Error(t, err)
	assert.Contains(t, err.Error(), "[Prod] Prod/Logs/Filter0: a log group has at most 2 subscription filters, and Prod/Logs/Group/LogGroup/Resource has 3")
	assert.NotContains(t, err.Error(), "Beta")
}

func TestLogsFanout_ReportsEveryProblem(t *testing.T) {
	stack := cdktest.Stack(t)
	err := cdktest.Panic(func() {
		logs.NewFanout(stack, "Fanout", &logs.FanoutProps{Targets: []logs.Target{{Name: "A", S3: &logs.S3{Format: "ORC"}}}})
	})
	require.EqualError(t, err, `Test/Fanout: invalid logs.FanoutProps:
  - Sources: must be given
  - Targets[0].S3.Format: must be one of JSON, Messages, Parquet, got ORC`)
	assert.Nil(t, stack.Node().TryFindChild(jsii.String("Fanout")), "nothing was defined")
}

// withNames is a text of a template, with its intrinsic functions as "<Resource.Arn>" or "<Resource>".
func withNames(value any) string {
	parts, ok := value.(o)
	if !ok {
		return value.(string)
	}
	var text strings.Builder
	for _, p := range parts["Fn::Join"].(a)[1].(a) {
		switch p := p.(type) {
		case string:
			text.WriteString(p)
		case o:
			name, _ := p["Ref"].(string)
			if att, ok := p["Fn::GetAtt"].(a); ok {
				name = fmt.Sprintf("%s.%s", att...)
			}
			text.WriteString("<" + name + ">")
		}
	}
	return text.String()
}

// policyTexts are document and criteria of the account-level policy.
func policyTexts(t *testing.T, tpl *cdktest.Template) (document map[string]string, criteria string) {
	t.Helper()
	policy := tpl.All("AWS::Logs::AccountPolicy")[0].Properties
	assert.Equal(t, "SUBSCRIPTION_FILTER_POLICY", policy["PolicyType"])
	assert.Equal(t, "ALL", policy["Scope"])
	require.NoError(t, json.Unmarshal([]byte(withNames(policy["PolicyDocument"])), &document))
	if policy["SelectionCriteria"] != nil {
		criteria = withNames(policy["SelectionCriteria"])
	}
	return document, criteria
}

func TestLogsAccountFanout_Function(t *testing.T) {
	stack := cdktest.Stack(t)
	reader := newReader(stack, "Reader", nil)
	busy := logs.NewSecureLogGroup(stack, "Busy", &logs.SecureLogGroupProps{Name: "/busy"})
	f := logs.NewAccountFanout(stack, "All", &logs.AccountFanoutProps{
		Name: "all", Target: logs.Target{Name: "Reader", Function: reader, Pattern: `"<ERROR>"`}, Exclude: []awslogs.ILogGroup{busy.LogGroup},
	})
	assert.Equal(t, "all", *f.Name())
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("logs/account")
	function := tpl.All("AWS::Lambda::Function")[0].LogicalID
	document, criteria := policyTexts(t, tpl)
	assert.Equal(t, map[string]string{"DestinationArn": "<" + function + ".Arn>", "FilterPattern": `"<ERROR>"`}, document)
	assert.Equal(t, `LogGroupName NOT IN ["<`+groupID(tpl, "Busy")+`>","/aws/lambda/<`+function+`>"]`, criteria)
	permission := tpl.Has("AWS::Lambda::Permission", o{"SourceArn": cdktest.Text(`:logs:us-east-1:111111111111:\*`), "SourceAccount": cdktest.Account})
	tpl.HasResource("AWS::Logs::AccountPolicy", o{"DependsOn": cdktest.ArrayWith(permission.LogicalID), "Properties": o{"PolicyName": "all"}})
}

// The log group that a function names is left out, also behind an alias.
func TestLogsAccountFanout_FunctionWithGroup(t *testing.T) {
	stack := cdktest.Stack(t)
	own := logs.NewSecureLogGroup(stack, "Own", nil).LogGroup
	reader := newReader(stack, "Reader", func(p *awslambda.FunctionProps) { p.LogGroup = own })
	alias := awslambda.NewAlias(stack, jsii.String("Live"), &awslambda.AliasProps{AliasName: jsii.String("live"), Version: reader.CurrentVersion()})
	logs.NewAccountFanout(stack, "All", &logs.AccountFanoutProps{Name: "all", Target: logs.Target{Name: "Reader", Function: alias}})
	tpl := cdktest.Synth(t, stack)
	_, criteria := policyTexts(t, tpl)
	assert.Equal(t, `LogGroupName NOT IN ["<`+groupID(tpl, "Own")+`>"]`, criteria)
}

func TestLogsAccountFanout_Streams(t *testing.T) {
	stack := cdktest.Stack(t)
	logs.NewAccountFanout(stack, "All", &logs.AccountFanoutProps{Name: "all", Target: logsArchive})
	tpl := cdktest.Synth(t, stack)
	document, criteria := policyTexts(t, tpl)
	assert.Equal(t, "<"+tpl.All("AWS::KinesisFirehose::DeliveryStream")[0].LogicalID+".Arn>", document["DestinationArn"])
	assert.Regexp(t, `^<AllArchiveRole.*\.Arn>$`, document["RoleArn"])
	assert.Equal(t, `LogGroupName NOT IN ["<`+tpl.All("AWS::Logs::LogGroup")[0].LogicalID+`>"]`, criteria)

	stack = cdktest.Stack(t)
	stream := awskinesis.NewStream(stack, jsii.String("Stream"), nil)
	logs.NewAccountFanout(stack, "All", &logs.AccountFanoutProps{Name: "all", Target: logs.Target{Name: "Stream", Stream: stream, Random: true}})
	document, criteria = policyTexts(t, cdktest.Synth(t, stack))
	assert.Equal(t, "Random", document["Distribution"])
	assert.Empty(t, criteria)
}

// A destination that lets in an organization asks for a role of the sender, which may write to what it sends.
func TestLogsFanout_OfOrganization(t *testing.T) {
	central := logs.Target{Name: "Central", DestinationARN: elsewhere, OfOrganization: true}
	trusted := o{"AssumeRolePolicyDocument": o{"Statement": a{cdktest.Exactly(o{
		"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": o{"Service": "logs.amazonaws.com"},
	})}}}
	stack := cdktest.Stack(t)
	fanout(stack, central)
	tpl := cdktest.Synth(t, stack)
	role := tpl.Has("AWS::IAM::Role", trusted)
	groups := a{o{"Fn::GetAtt": a{groupID(tpl, "App"), "Arn"}}, o{"Fn::GetAtt": a{groupID(tpl, "Jobs"), "Arn"}}}
	policy := tpl.Has("AWS::IAM::Policy", o{"PolicyDocument": o{"Statement": a{o{"Action": "logs:PutLogEvents", "Resource": groups}}}})
	tpl.EachResource("AWS::Logs::SubscriptionFilter", o{
		"DependsOn": cdktest.ArrayWith(policy.LogicalID), "Properties": o{"DestinationArn": elsewhere, "RoleArn": o{"Fn::GetAtt": a{role.LogicalID, "Arn"}}},
	})

	stack = cdktest.Stack(t)
	logs.NewAccountFanout(stack, "All", &logs.AccountFanoutProps{Name: "all", Target: central})
	findings, _ := cdktest.Nag(t, stack)
	assert.Empty(t, findings)
	stack = cdktest.Stack(t)
	logs.NewAccountFanout(stack, "All", &logs.AccountFanoutProps{Name: "all", Target: central})
	tpl = cdktest.Synth(t, stack)
	tpl.Has("AWS::IAM::Role", trusted)
	tpl.Has("AWS::IAM::Policy", o{"PolicyDocument": o{"Statement": a{o{"Action": "logs:PutLogEvents", "Resource": cdktest.Text(`:logs:us-east-1:111111111111:log-group:\*"`)}}}})
	document, _ := policyTexts(t, tpl)
	assert.Equal(t, "<"+tpl.All("AWS::IAM::Role")[0].LogicalID+".Arn>", document["RoleArn"])
}

var logsArchive = logs.Target{Name: "Archive", S3: &logs.S3{}}

func TestLogsDestination(t *testing.T) {
	stack := cdktest.Stack(t)
	stream := awskinesis.NewStream(stack, jsii.String("Stream"), nil)
	d := logs.NewDestination(stack, "Central", &logs.DestinationProps{
		Name: "central", Stream: stream, Accounts: []string{"222222222222", "333333333333"}, Organization: "o-abcde12345",
	})
	assert.NotNil(t, d.ARN())
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("logs/destination")
	logsService := o{"Service": "logs.amazonaws.com"}
	role := tpl.Has("AWS::IAM::Role", o{"AssumeRolePolicyDocument": o{"Statement": a{
		o{"Principal": logsService, "Condition": o{"StringLike": o{"aws:SourceArn": cdktest.Text(`:logs:us-east-1:111111111111:\*`)}}},
		o{
			"Action": "sts:AssumeRole", "Principal": logsService,
			"Condition": o{"StringLike": o{"aws:SourceArn": a{cdktest.Text(`:logs:\*:222222222222:\*`), cdktest.Text(`:logs:\*:333333333333:\*`)}}},
		},
		o{"Action": "sts:AssumeRole", "Principal": logsService, "Condition": o{"StringEquals": o{"aws:SourceOrgID": "o-abcde12345"}}},
	}}})
	policy := tpl.Has("AWS::IAM::Policy", o{"PolicyDocument": o{"Statement": a{o{"Action": a{"kinesis:PutRecord", "kinesis:PutRecords"}}}}})
	destination := tpl.HasResource("AWS::Logs::Destination", o{
		"DependsOn": cdktest.ArrayWith(policy.LogicalID, role.LogicalID),
		"Properties": o{
			"DestinationName": "central", "RoleArn": o{"Fn::GetAtt": a{role.LogicalID, "Arn"}},
			"TargetArn": o{"Fn::GetAtt": a{tpl.All("AWS::Kinesis::Stream")[0].LogicalID, "Arn"}},
		},
	})
	assert.JSONEq(t, `{"Version":"2012-10-17","Statement":[
		{"Sid":"Accounts","Effect":"Allow","Principal":{"AWS":["222222222222","333333333333"]},"Action":["logs:PutSubscriptionFilter","logs:PutAccountPolicy"],
			"Resource":"arn:<AWS::Partition>:logs:us-east-1:111111111111:destination:central"},
		{"Sid":"Organization","Effect":"Allow","Principal":"*","Action":["logs:PutSubscriptionFilter","logs:PutAccountPolicy"],
			"Resource":"arn:<AWS::Partition>:logs:us-east-1:111111111111:destination:central","Condition":{"StringEquals":{"aws:PrincipalOrgID":["o-abcde12345"]}}}]}`,
		withNames(destination.Properties["DestinationPolicy"]))
}

func TestLogsDestination_S3(t *testing.T) {
	stack := cdktest.Stack(t)
	logs.NewDestination(stack, "Central", &logs.DestinationProps{Name: "central", S3: &logs.S3{}, Accounts: []string{"222222222222"}})
	tpl := cdktest.Synth(t, stack)
	tpl.Has("AWS::Logs::Destination", o{"TargetArn": o{"Fn::GetAtt": a{tpl.All("AWS::KinesisFirehose::DeliveryStream")[0].LogicalID, "Arn"}}})
}

func TestLogsDestination_ReportsEveryProblem(t *testing.T) {
	err := cdktest.Panic(func() { logs.NewDestination(cdktest.Stack(t), "Central", nil) })
	require.EqualError(t, err, `Test/Central: invalid logs.DestinationProps:
  - Name: must be 1 to 512 characters without : and *, got ""
  - must have exactly one of Stream and S3
  - must have Accounts or Organization`)
}

func TestLogs_PassesNag(t *testing.T) {
	stack := cdktest.Stack(t)
	fanout(stack, logs.Target{Name: "Archive", S3: &logs.S3{Format: logs.Parquet}}, logs.Target{Name: "Central", DestinationARN: elsewhere})
	reader := awslambda.Function_FromFunctionName(stack, jsii.String("Reader"), jsii.String("reader"))
	logs.NewAccountFanout(stack, "All", &logs.AccountFanoutProps{Name: "all", Target: logs.Target{Name: "Reader", Function: reader, KeepAsyncConfig: true}})
	logs.NewDestination(stack, "Destination", &logs.DestinationProps{Name: "central", S3: &logs.S3{}, Accounts: []string{"222222222222"}})
	findings, suppressed := cdktest.Nag(t, stack)
	assert.Empty(t, findings)
	for _, s := range suppressed {
		assert.Equal(t, "AwsSolutions-IAM5", s.Rule)
	}
	assert.Len(t, suppressed, 4, "the folders of logs and of errors of two delivery streams")
}

func TestLogs_DeadLettersPassNag(t *testing.T) {
	stack := cdktest.Stack(t)
	logs.NewFanout(stack, "Fanout", &logs.FanoutProps{
		Sources: []logs.Source{{Name: "App", LogGroup: logs.NewSecureLogGroup(stack, "App", nil).LogGroup}},
		Targets: []logs.Target{{Name: "Reader", Function: newReader(stack, "Reader", nil)}},
	})
	findings, _ := cdktest.Nag(t, stack)
	for _, f := range findings {
		assert.NotContains(t, f.String(), "Fanout")
	}
}

func ExampleNewFanout() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Shop"), nil)
	orders := logs.NewSecureLogGroup(stack, "Orders", nil)
	fanout := logs.NewFanout(stack, "Fanout", &logs.FanoutProps{
		Sources: []logs.Source{{Name: "Orders", LogGroup: orders.LogGroup}},
		Targets: []logs.Target{{Name: "Archive", S3: &logs.S3{Format: logs.Parquet}}},
	})
	fmt.Println(*fanout.Filter("Archive", "Orders").Node().Path())
	// Output: Shop/Fanout/Archive/Filters/Orders
}

func ExampleNewAccountFanout() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Audit"), nil)
	all := logs.NewAccountFanout(stack, "All", &logs.AccountFanoutProps{
		Name: "to-audit", Target: logs.Target{Name: "Audit", DestinationARN: "arn:aws:logs:eu-central-1:111122223333:destination:audit"},
	})
	fmt.Println(*all.Policy.PolicyType())
	// Output: SUBSCRIPTION_FILTER_POLICY
}

func ExampleNewDestination() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Audit"), nil)
	audit := logs.NewDestination(stack, "Audit", &logs.DestinationProps{Name: "audit", S3: &logs.S3{}, Organization: "o-abcde12345"})
	fmt.Println(*audit.Destination.DestinationName())
	// Output: audit
}
