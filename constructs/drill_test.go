package constructs_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/drill"
)

var drillTags = map[string]string{"drill": "yes"}

func drillAlarm(stack awscdk.Stack) awscloudwatch.IAlarm {
	return awscloudwatch.Alarm_FromAlarmArn(stack, jsii.String("Errors"), jsii.String("arn:aws:cloudwatch:us-east-1:111111111111:alarm:errors"))
}

func TestDrill_CutRegion(t *testing.T) {
	stack := cdktest.Stack(t)
	e := drill.NewExperiment(stack, "Drill", &drill.ExperimentProps{
		Description: "The standby takes over", Actions: drill.CutRegion("us-west-2", 90*time.Minute, drillTags), StopAlarms: []awscloudwatch.IAlarm{drillAlarm(stack)},
	})
	assert.NotEmpty(t, e.TemplateID())
	assert.Nil(t, e.Schedule)
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("drill/region")
	target := func(typ string) o {
		return o{"ResourceType": typ, "ResourceTags": o{"drill": "yes"}, "SelectionMode": "ALL"}
	}
	action := func(id, name, target string, parameters o) o {
		return o{"ActionId": id, "Parameters": parameters, "Targets": o{target: name}}
	}
	cut := o{"duration": "PT90M", "region": "us-west-2"}
	tpl.Has("AWS::FIS::ExperimentTemplate", o{
		"Description": "The standby takes over", "RoleArn": o{"Fn::GetAtt": a{cdktest.Text("^DrillRole"), "Arn"}}, "Tags": o{"Name": "Test/Drill"},
		"Actions": cdktest.Exactly(o{
			"CutRouteTables":     action("aws:network:route-table-disrupt-cross-region-connectivity", "CutRouteTables", "Subnets", cut),
			"CutTransitGateways": action("aws:network:transit-gateway-disrupt-cross-region-connectivity", "CutTransitGateways", "TransitGateways", cut),
			"PauseBuckets":       action("aws:s3:bucket-pause-replication", "PauseBuckets", "Buckets", cut),
			"PauseTables":        action("aws:dynamodb:global-table-pause-replication", "PauseTables", "Tables", o{"duration": "PT90M"}),
		}),
		"Targets": cdktest.Exactly(o{
			"CutRouteTables": target("aws:ec2:subnet"), "CutTransitGateways": target("aws:ec2:transit-gateway"),
			"PauseBuckets": target("aws:s3:bucket"), "PauseTables": target("aws:dynamodb:global-table"),
		}),
		"StopConditions":    a{o{"Source": "aws:cloudwatch:alarm", "Value": "arn:aws:cloudwatch:us-east-1:111111111111:alarm:errors"}},
		"ExperimentOptions": o{"AccountTargeting": "single-account", "EmptyTargetResolutionMode": "fail"},
		"LogConfiguration": o{"LogSchemaVersion": 2, "S3Configuration": cdktest.Absent, "CloudWatchLogsConfiguration": o{
			"LogGroupArn": o{"Fn::GetAtt": a{cdktest.Text("^DrillLogs"), "Arn"}},
		}},
		"ExperimentReportConfiguration": cdktest.Absent,
	})
	tpl.HasResource("AWS::FIS::ExperimentTemplate", o{"DependsOn": cdktest.ArrayWith(cdktest.Text("^DrillPolicy"))})
	tpl.Has("AWS::Logs::LogGroup", o{"RetentionInDays": 365, "KmsKeyId": cdktest.Any})
	tpl.HasResource("AWS::Logs::LogGroup", o{"DeletionPolicy": "Retain"})
	partition := o{"Ref": "AWS::Partition"}
	tpl.Has("AWS::IAM::Role", o{
		"AssumeRolePolicyDocument": o{"Statement": a{o{"Principal": o{"Service": "fis.amazonaws.com"}, "Condition": o{
			"StringEquals": o{"aws:SourceAccount": cdktest.Account},
			"ArnLike":      o{"aws:SourceArn": o{"Fn::Join": a{"", a{"arn:", partition, ":fis:us-east-1:111111111111:experiment/*"}}}},
		}}}},
		"ManagedPolicyArns": a{o{"Fn::Join": a{"", a{"arn:", partition, ":iam::aws:policy/service-role/AWSFaultInjectionSimulatorNetworkAccess"}}}},
	})
	buckets := o{"Fn::Join": a{"", a{"arn:", partition, ":s3:::*"}}}
	for _, statement := range []o{
		{"Action": "s3:PauseReplication", "Resource": buckets, "Condition": o{"StringEquals": o{"s3:DestinationRegion": "us-west-2", "aws:ResourceAccount": cdktest.Account}}},
		{
			"Action": a{"s3:GetReplicationConfiguration", "s3:PutReplicationConfiguration"}, "Resource": buckets,
			"Condition": o{"BoolIfExists": o{"s3:IsReplicationPauseRequest": "true"}, "StringEquals": o{"aws:ResourceAccount": cdktest.Account}},
		},
		{
			"Action":   a{"dynamodb:DescribeTable", "dynamodb:GetResourcePolicy", "dynamodb:PutResourcePolicy", "dynamodb:DeleteResourcePolicy", "dynamodb:InjectError"},
			"Resource": o{"Fn::Join": a{"", a{"arn:", partition, ":dynamodb:us-east-1:111111111111:table/*"}}},
		},
		{"Action": "tag:GetResources", "Resource": "*"},
		{"Action": a{"logs:CreateLogDelivery", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups"}, "Resource": "*"},
	} {
		tpl.Has("AWS::IAM::Policy", o{"PolicyDocument": o{"Statement": cdktest.ArrayWith(statement)}})
	}
	tpl.Count("AWS::Scheduler::Schedule", 0)
}

func TestDrill_CutZone(t *testing.T) {
	stack := cdktest.Stack(t)
	key, reportKey := awskms.NewKey(stack, jsii.String("Volumes"), nil), awskms.NewKey(stack, jsii.String("Reports"), nil)
	logs := newBucket(stack, "Logs", awscdk.RemovalPolicy_RETAIN)
	reports := awss3.NewBucket(stack, jsii.String("ReportBucket"), &awss3.BucketProps{EncryptionKey: reportKey})
	e := drill.NewExperiment(stack, "Drill", &drill.ExperimentProps{
		Description: "A zone is lost", Actions: drill.CutZone("us-east-1a", 0, drillTags), StopAlarms: []awscloudwatch.IAlarm{drillAlarm(stack)}, SkipEmptyTargets: true,
		Schedule: "cron(0 9 ? * TUE#1 *)", VolumeKeys: []awskms.IKey{key}, LogBucket: logs, Report: &drill.Report{Bucket: reports, DashboardNames: []string{"Orders"}},
	})
	assert.Nil(t, e.Logs)
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("drill/zone")
	tpl.Count("AWS::Logs::LogGroup", 0)
	half := o{"duration": "PT30M"}
	dashboard := o{"Fn::Join": a{"", a{"arn:", o{"Ref": "AWS::Partition"}, ":cloudwatch::111111111111:dashboard/Orders"}}}
	bucket := o{"Ref": cdktest.Text("^ReportBucket")}
	tpl.Has("AWS::FIS::ExperimentTemplate", o{
		"Actions": o{
			"StopInstances":    o{"ActionId": "aws:ec2:stop-instances", "Parameters": cdktest.Exactly(o{"startInstancesAfterDuration": "PT30M", "completeIfInstancesTerminated": "true"}), "Targets": o{"Instances": "StopInstances"}},
			"RefuseCapacity":   o{"ActionId": "aws:ec2:asg-insufficient-instance-capacity-error", "Parameters": o{"duration": "PT30M", "availabilityZoneIdentifiers": "us-east-1a"}, "Targets": o{"AutoScalingGroups": "RefuseCapacity"}},
			"CutSubnets":       o{"ActionId": "aws:network:disrupt-connectivity", "Parameters": cdktest.Exactly(o{"scope": "all", "duration": half["duration"]}), "Targets": o{"Subnets": "CutSubnets"}},
			"FailoverClusters": o{"ActionId": "aws:rds:failover-db-cluster", "Parameters": cdktest.Absent, "Targets": o{"Clusters": "FailoverClusters"}},
		},
		"Targets": o{
			"StopInstances": o{"ResourceType": "aws:ec2:instance", "Filters": a{
				o{"Path": "State.Name", "Values": a{"running"}}, o{"Path": "Placement.AvailabilityZone", "Values": a{"us-east-1a"}},
			}},
			"RefuseCapacity":   o{"ResourceType": "aws:ec2:autoscaling-group", "Parameters": cdktest.Absent},
			"CutSubnets":       o{"ResourceType": "aws:ec2:subnet", "Parameters": o{"availabilityZoneIdentifier": "us-east-1a"}},
			"FailoverClusters": o{"ResourceType": "aws:rds:cluster", "Parameters": o{"writerAvailabilityZoneIdentifiers": "us-east-1a"}},
		},
		"ExperimentOptions": o{"EmptyTargetResolutionMode": "skip"},
		"LogConfiguration":  o{"CloudWatchLogsConfiguration": cdktest.Absent, "S3Configuration": o{"BucketName": o{"Ref": cdktest.Text("^Logs")}}},
		"ExperimentReportConfiguration": o{
			"Outputs":     o{"ExperimentReportS3Configuration": o{"BucketName": bucket, "Prefix": "drill"}},
			"DataSources": o{"CloudWatchDashboards": a{o{"DashboardIdentifier": dashboard}}}, "PreExperimentDuration": "PT20M", "PostExperimentDuration": "PT20M",
		},
	})
	tagged := o{"StringEquals": o{"aws:ResourceTag/drill": "yes"}}
	arn := func(rest string) o { return o{"Fn::Join": a{"", a{"arn:", o{"Ref": "AWS::Partition"}, rest}}} }
	for _, statement := range []o{
		{"Action": a{"ec2:StopInstances", "ec2:StartInstances"}, "Condition": tagged, "Resource": arn(":ec2:us-east-1:111111111111:instance/*")},
		{"Action": "ec2:InjectApiError", "Resource": "*", "Condition": cdktest.Exactly(o{"StringEquals": o{"ec2:FisActionId": "aws:ec2:asg-insufficient-instance-capacity-error"}})},
		{"Action": "rds:FailoverDBCluster", "Condition": tagged, "Resource": arn(":rds:us-east-1:111111111111:cluster:*")},
		{"Action": "kms:CreateGrant", "Resource": o{"Fn::GetAtt": a{cdktest.Text("^Volumes"), "Arn"}}, "Condition": o{"Bool": o{"kms:GrantIsForAWSResource": "true"}}},
		{"Action": a{"s3:GetBucketPolicy", "s3:PutBucketPolicy"}, "Resource": o{"Fn::GetAtt": a{cdktest.Text("^Logs"), "Arn"}}},
		{"Action": a{"s3:PutObject", "s3:GetObject"}, "Resource": o{"Fn::Join": a{"", a{o{"Fn::GetAtt": a{cdktest.Text("^ReportBucket"), "Arn"}}, "/drill*"}}}},
		{"Action": a{"kms:Decrypt", "kms:GenerateDataKey"}, "Resource": o{"Fn::GetAtt": a{cdktest.Text("^Reports"), "Arn"}}},
		{"Action": "cloudwatch:GetDashboard", "Resource": dashboard},
		{"Action": "cloudwatch:GetMetricWidgetImage", "Resource": "*"},
	} {
		tpl.Has("AWS::IAM::Policy", o{"PolicyDocument": o{"Statement": cdktest.ArrayWith(statement)}})
	}
	template := tpl.All("AWS::FIS::ExperimentTemplate")[0].LogicalID
	id := o{"Fn::GetAtt": a{template, "Id"}}
	tpl.Has("AWS::Scheduler::Schedule", o{
		"ScheduleExpression": "cron(0 9 ? * TUE#1 *)", "FlexibleTimeWindow": o{"Mode": "OFF"}, "Target": o{
			"Arn": arn(":scheduler:::aws-sdk:fis:startExperiment"), "RetryPolicy": o{"MaximumRetryAttempts": 0},
			"Input": o{"Fn::Join": a{"", a{`{"ClientToken":"<aws.scheduler.execution-id>","ExperimentTemplateId":"`, id, `"}`}}},
		},
	})
	tpl.Has("AWS::IAM::Policy", o{"PolicyDocument": o{"Statement": a{o{"Action": "fis:StartExperiment", "Resource": a{
		o{"Fn::Join": a{"", a{"arn:", o{"Ref": "AWS::Partition"}, ":fis:us-east-1:111111111111:experiment-template/", id}}}, arn(":fis:us-east-1:111111111111:experiment/*"),
	}}}}})
}

func TestDrill_ByARN(t *testing.T) {
	stack := cdktest.Stack(t)
	key := awskms.NewKey(stack, jsii.String("Mine"), nil)
	const table, instance = "arn:aws:dynamodb:us-east-1:111111111111:table/orders", "arn:aws:ec2:us-east-1:111111111111:instance/i-1"
	const group, cluster = "arn:aws:autoscaling:us-east-1:111111111111:autoScalingGroup:u:autoScalingGroupName/g", "arn:aws:rds:us-east-1:111111111111:cluster:c"
	drill.NewExperiment(stack, "Drill", &drill.ExperimentProps{
		Description: "By ARN", DisableStopAlarms: true, Key: key, LogRetentionDays: 30, RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
		Actions: []drill.Action{
			{Fault: drill.PauseTables, ID: "Tables", ARNs: []string{table}},
			{Fault: drill.StopInstances, ARNs: []string{instance}, After: []string{"Tables"}},
			{Fault: drill.RefuseCapacity, ARNs: []string{group}, AvailabilityZone: "us-east-1a"},
			{Fault: drill.FailoverClusters, ARNs: []string{cluster}},
			{Fault: drill.StopInstances, ID: "Tagged", Tags: drillTags},
			{Fault: drill.CutSubnets, Tags: drillTags},
		},
	})
	tpl := cdktest.Synth(t, stack)
	tpl.Count("AWS::KMS::Key", 1)
	tpl.Has("AWS::Logs::LogGroup", o{"RetentionInDays": 30, "KmsKeyId": o{"Fn::GetAtt": a{cdktest.Text("^Mine"), "Arn"}}})
	tpl.HasResource("AWS::Logs::LogGroup", o{"DeletionPolicy": "Delete"})
	tpl.Has("AWS::FIS::ExperimentTemplate", o{
		"StopConditions": a{o{"Source": "none", "Value": cdktest.Absent}},
		"Actions":        o{"StopInstances": o{"StartAfter": a{"Tables"}}, "Tables": o{"StartAfter": cdktest.Absent, "Targets": o{"Tables": "Tables"}}},
		"Targets": o{
			"Tables": o{"ResourceArns": a{table}, "ResourceTags": cdktest.Absent}, "FailoverClusters": o{"Parameters": cdktest.Absent},
			"StopInstances": o{"ResourceArns": a{instance}, "Filters": cdktest.Absent}, "CutSubnets": o{"Parameters": cdktest.Absent},
			"Tagged": o{"Filters": cdktest.Exactly(a{o{"Path": "State.Name", "Values": a{"running"}}})},
		},
	})
	for _, statement := range []o{
		{"Action": cdktest.ArrayWith("dynamodb:PutResourcePolicy"), "Resource": a{table, table + "/stream/*"}},
		{"Action": a{"ec2:StopInstances", "ec2:StartInstances"}, "Resource": instance, "Condition": cdktest.Absent},
		{"Action": "ec2:InjectApiError", "Condition": o{"ForAllValues:ArnLike": o{"ec2:FisTargetArns": a{group}}}},
		{"Action": "rds:FailoverDBCluster", "Resource": cluster, "Condition": cdktest.Absent},
	} {
		tpl.Has("AWS::IAM::Policy", o{"PolicyDocument": o{"Statement": cdktest.ArrayWith(statement)}})
	}
}

// Without faults of the network, the role has no policy of AWS.
func TestDrill_NoManagedPolicy(t *testing.T) {
	stack := cdktest.Stack(t)
	drill.NewExperiment(stack, "Drill", &drill.ExperimentProps{
		Description: "Tables", DisableStopAlarms: true, Actions: []drill.Action{{Fault: drill.PauseTables, Tags: drillTags}},
	})
	cdktest.Synth(t, stack).Has("AWS::IAM::Role", o{"ManagedPolicyArns": cdktest.Absent})
}

func TestDrill_Refuses(t *testing.T) {
	stack := cdktest.Stack(t)
	require.ErrorContains(t, cdktest.Panic(func() { drill.NewExperiment(stack, "Drill", nil) }), "Test/Drill: invalid drill.ExperimentProps:\n  - Description: ")
	require.EqualError(t, cdktest.Panic(func() {
		drill.NewExperiment(stack, "Drill", &drill.ExperimentProps{Description: "Itself", Actions: drill.CutRegion(cdktest.Region, 0, drillTags), DisableStopAlarms: true})
	}), `Test/Drill: invalid drill.ExperimentProps:
  - Actions[0].OtherRegion: must be another region than the stack's, which is us-east-1
  - Actions[1].OtherRegion: must be another region than the stack's, which is us-east-1
  - Actions[2].OtherRegion: must be another region than the stack's, which is us-east-1`)
	require.EqualError(t, cdktest.Panic(func() {
		drill.NewExperiment(stack, "Drill", &drill.ExperimentProps{
			Description: "Logs", Actions: drill.CutZone("us-east-1a", 0, drillTags), DisableStopAlarms: true,
			LogBucket: newBucket(stack, "Bucket", awscdk.RemovalPolicy_RETAIN), LogRetentionDays: 1, Key: awskms.NewKey(stack, jsii.String("Key"), nil),
		})
	}), `Test/Drill: invalid drill.ExperimentProps:
  - LogRetentionDays: must be left out with LogBucket
  - Key: must be left out with LogBucket`)
	assert.Empty(t, cdktest.Synth(t, stack).All("AWS::FIS::ExperimentTemplate"), "nothing is half-made")
}

func TestDrill_Nag(t *testing.T) {
	stack := cdktest.Stack(t)
	drill.NewExperiment(stack, "Drill", &drill.ExperimentProps{
		Description: "All", Actions: append(drill.CutZone("us-east-1a", 0, drillTags), drill.CutRegion("us-west-2", 0, drillTags)...),
		StopAlarms: []awscloudwatch.IAlarm{drillAlarm(stack)}, Schedule: "cron(0 9 ? * TUE#1 *)",
	})
	findings, _ := cdktest.Nag(t, stack)
	assert.Empty(t, findings)
}

func ExampleNewExperiment() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Primary"), &awscdk.StackProps{Env: &awscdk.Environment{Region: jsii.String("us-east-1")}})
	errors := awscloudwatch.Alarm_FromAlarmArn(stack, jsii.String("Errors"), jsii.String("arn:aws:cloudwatch:us-east-1:111111111111:alarm:errors"))
	experiment := drill.NewExperiment(stack, "Drill", &drill.ExperimentProps{
		Description: "The standby takes over while us-east-1 cannot reach us-west-2",
		Actions:     drill.CutRegion("us-west-2", time.Hour, map[string]string{"drill": "yes"}),
		StopAlarms:  []awscloudwatch.IAlarm{errors},
	})
	fmt.Println(*experiment.Node().Path())
	// Output: Primary/Drill
}
