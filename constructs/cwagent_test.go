package constructs_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/cwagent"
	"github.com/strata-cdk/strata/constructs/network"
)

// fleet is an Auto Scaling group with Amazon Linux 2023 and encrypted volumes.
func fleet(scope constructs.Construct, id string, image awsec2.IMachineImage, data awsec2.UserData) awsautoscaling.AutoScalingGroup {
	inner := constructs.NewConstruct(scope, &id)
	vpc := network.NewVPC(inner, "Network", &network.VPCProps{NAT: network.One, DisableFlowLogs: true, KeepDefaultSecurityGroup: true}).Vpc
	template := awsec2.NewLaunchTemplate(inner, jsii.String("Template"), &awsec2.LaunchTemplateProps{
		MachineImage: image, UserData: data, InstanceType: awsec2.NewInstanceType(jsii.String("m7g.medium")), RequireImdsv2: jsii.Bool(true),
		Role:          awsiam.NewRole(inner, jsii.String("Role"), &awsiam.RoleProps{AssumedBy: awsiam.NewServicePrincipal(jsii.String("ec2.amazonaws.com"), nil)}),
		SecurityGroup: awsec2.NewSecurityGroup(inner, jsii.String("SecurityGroup"), &awsec2.SecurityGroupProps{Vpc: vpc}),
		BlockDevices: &[]*awsec2.BlockDevice{{DeviceName: jsii.String("/dev/xvda"), Volume: awsec2.BlockDeviceVolume_Ebs(jsii.Number(20), &awsec2.EbsDeviceOptions{
			Encrypted: jsii.Bool(true),
		})}},
	})
	return awsautoscaling.NewAutoScalingGroup(inner, jsii.String("Group"), &awsautoscaling.AutoScalingGroupProps{Vpc: vpc, LaunchTemplate: template})
}

func amazonLinux() awsec2.IMachineImage {
	return awsec2.MachineImage_LatestAmazonLinux2023(&awsec2.AmazonLinux2023ImageSsmParameterProps{CpuType: awsec2.AmazonLinuxCpuType_ARM_64})
}

// synthAgent synthesises an agent of props on a fleet.
func synthAgent(t *testing.T, props *cwagent.AgentProps) *cdktest.Template {
	t.Helper()
	stack := cdktest.Stack(t)
	cwagent.NewAgent(stack, "Agent", props).AttachToGroup("Fleet", fleet(stack, "Fleet", amazonLinux(), awsec2.UserData_ForLinux(nil)))
	return cdktest.Synth(t, stack)
}

// joined gives a text of a template, with the logical id, or the name, of what is known at deployment only between # and #.
func joined(t *testing.T, v any) string {
	t.Helper()
	switch v := v.(type) {
	case string:
		return v
	case o:
		if ref, ok := v["Ref"].(string); ok {
			return "#" + ref + "#"
		}
		if join, ok := v["Fn::Join"].(a); ok {
			var text strings.Builder
			for _, part := range join[1].(a) {
				text.WriteString(joined(t, part))
			}
			return text.String()
		}
	}
	t.Fatalf("not a text: %v", v)
	return ""
}

// agentConfig gives the configuration in the only parameter.
func agentConfig(t *testing.T, tpl *cdktest.Template) string {
	t.Helper()
	return joined(t, tpl.All("AWS::SSM::Parameter")[0].Properties["Value"])
}

// agentData gives the user data of the only launch template.
func agentData(t *testing.T, tpl *cdktest.Template) string {
	t.Helper()
	return joined(t, tpl.All("AWS::EC2::LaunchTemplate")[0].Properties["LaunchTemplateData"].(o)["UserData"].(o)["Fn::Base64"])
}

// agentStatements gives the statements of the policy of the attachment of a group or of Permit.
func agentStatements(t *testing.T, tpl *cdktest.Template) map[string]o {
	t.Helper()
	statements := map[string]o{}
	for _, p := range tpl.All("AWS::IAM::Policy") {
		if !strings.HasPrefix(p.LogicalID, "Agent") {
			continue
		}
		for _, s := range p.Properties["PolicyDocument"].(o)["Statement"].(a) {
			statements[s.(o)["Sid"].(string)] = s.(o)
		}
	}
	return statements
}

func TestAgent_Defaults(t *testing.T) {
	tpl := synthAgent(t, nil)
	tpl.Snapshot("cwagent/default")

	parameter := tpl.Has("AWS::SSM::Parameter", o{"Type": "String", "Tier": "Intelligent-Tiering", "Name": cdktest.Text("AmazonCloudWatch-Test-")})
	assert.JSONEq(t, `{
		"agent": {"metrics_collection_interval": 60, "run_as_user": "cwagent", "debug": false},
		"metrics": {
			"namespace": "CWAgent", "force_flush_interval": 60,
			"append_dimensions": {"AutoScalingGroupName": "${aws:AutoScalingGroupName}", "InstanceId": "${aws:InstanceId}"},
			"aggregation_dimensions": [["AutoScalingGroupName"]],
			"metrics_collected": {
				"mem": {"measurement": ["used_percent"], "metrics_collection_interval": 60},
				"swap": {"measurement": ["used_percent"], "metrics_collection_interval": 60},
				"disk": {
					"measurement": ["used_percent"], "metrics_collection_interval": 60, "resources": ["/"], "drop_device": true,
					"ignore_file_system_types": ["devtmpfs", "overlay", "squashfs", "sysfs", "tmpfs"]
				}
			}
		}
	}`, agentConfig(t, tpl))

	statements := agentStatements(t, tpl)
	assert.Len(t, statements, 3)
	assert.Equal(t, o{"Sid": "Configuration", "Effect": "Allow", "Action": "ssm:GetParameter", "Resource": o{"Fn::Join": a{"", a{
		"arn:", o{"Ref": "AWS::Partition"}, ":ssm:us-east-1:111111111111:parameter/", o{"Ref": parameter.LogicalID},
	}}}}, statements["Configuration"])
	assert.Equal(t, o{"Sid": "Metrics", "Effect": "Allow", "Action": "cloudwatch:PutMetricData", "Resource": "*", "Condition": o{
		"StringEquals": o{"cloudwatch:namespace": "CWAgent"},
	}}, statements["Metrics"])
	assert.Equal(t, o{"Sid": "Dimensions", "Effect": "Allow", "Action": "ec2:DescribeTags", "Resource": "*"}, statements["Dimensions"])

	tpl.Count("AWS::Logs::LogGroup", 0)
	tpl.Count("AWS::CloudWatch::Alarm", 3)
	topic := tpl.All("AWS::SNS::Topic")[0]
	group := tpl.All("AWS::AutoScaling::AutoScalingGroup")[0]
	for metric, above := range map[string]float64{"mem_used_percent": 90, "swap_used_percent": 50, "disk_used_percent": 85} {
		tpl.Has("AWS::CloudWatch::Alarm", o{
			"Namespace": "CWAgent", "MetricName": metric, "Statistic": "Maximum", "Period": 60., "Threshold": above, "ComparisonOperator": "GreaterThanThreshold",
			"EvaluationPeriods": 3., "DatapointsToAlarm": 3., "TreatMissingData": "notBreaching",
			"Dimensions":   a{o{"Name": "AutoScalingGroupName", "Value": o{"Ref": group.LogicalID}}},
			"AlarmActions": a{o{"Ref": topic.LogicalID}}, "OKActions": a{o{"Ref": topic.LogicalID}},
		})
	}
	tpl.Has("AWS::CloudWatch::Alarm", o{"AlarmDescription": "An instance runs out of memory, in 3 of 3 minutes (Test/Agent/Fleet)"})
	assert.Contains(t, group.Body["DependsOn"], tpl.All("AWS::IAM::Policy")[0].LogicalID, "the first instances need the policy")
	assert.Contains(t, agentData(t, tpl), "-a fetch-config -m ec2 -s -c ssm:#"+parameter.LogicalID+"#")
}

func TestAgent_HighResolution(t *testing.T) {
	props := &cwagent.AgentProps{Config: cwagent.Config{Interval: 10 * time.Second, Namespace: "Shop"}}
	props.Alarms.Memory = cwagent.Alarm{Period: 10 * time.Second, Periods: 2, Of: 6, Above: 75.5}
	props.Alarms.Disk = cwagent.Alarm{Period: 30 * time.Second, Periods: 1}
	props.Alarms.Swap.Disable = true
	tpl := synthAgent(t, props)
	tpl.Count("AWS::CloudWatch::Alarm", 2)
	tpl.Has("AWS::CloudWatch::Alarm", o{
		"MetricName": "mem_used_percent", "Namespace": "Shop", "Period": 10., "EvaluationPeriods": 6., "DatapointsToAlarm": 2., "Threshold": 75.5,
		"AlarmDescription": "An instance runs out of memory, in 2 of 6 periods of 10s (Test/Agent/Fleet)",
	})
	tpl.Has("AWS::CloudWatch::Alarm", o{"MetricName": "disk_used_percent", "Period": 30., "EvaluationPeriods": 1., "DatapointsToAlarm": 1.})
	config := agentConfig(t, tpl)
	assert.Contains(t, config, `"mem":{"measurement":["used_percent"],"metrics_collection_interval":10}`)
	assert.Contains(t, config, `"force_flush_interval":10`, "the alarm looks at metrics that were sent")
	assert.Contains(t, config, `"namespace":"Shop"`)
	assert.Equal(t, "Shop", agentStatements(t, tpl)["Metrics"]["Condition"].(o)["StringEquals"].(o)["cloudwatch:namespace"])
}

// everything has each setting of Config.
func everything(group awslogs.ILogGroup) cwagent.Config {
	section := func(s ...string) *cwagent.Section { return &cwagent.Section{Measurements: s} }
	return cwagent.Config{
		Interval: 30 * time.Second, RunAs: "root", Debug: true, Namespace: "Shop/Hosts", FlushInterval: 5 * time.Second,
		Dimensions:   []cwagent.Dimension{cwagent.InstanceID, cwagent.InstanceType, cwagent.ImageID, cwagent.AutoScalingGroupName},
		Aggregations: [][]string{{"AutoScalingGroupName"}, {"AutoScalingGroupName", "path"}, {}},
		CPU:          &cwagent.CPU{PerCore: true, Section: cwagent.Section{DropOriginal: true}},
		Memory:       section("mem_used_percent", "available"), Swap: section("swap_used_percent"),
		Disk: &cwagent.Disk{
			Section: cwagent.Section{Measurements: []string{"used_percent", "inodes_free"}, Interval: time.Minute},
			Paths:   []string{"/", "/data"}, IgnoreFileSystemTypes: []string{"nfs"}, KeepDevice: true,
		},
		DiskIO: &cwagent.Devices{}, Net: &cwagent.Devices{Names: []string{"ens5"}}, Netstat: section(), Processes: section(),
		Procstat: []cwagent.Process{
			{Exe: "nginx"}, {Pattern: "java.*shop<1>", Section: cwagent.Section{Measurements: []string{"pid_count"}}}, {PIDFile: "/run/app.pid"},
		},
		StatsD: &cwagent.StatsD{}, OTLP: &cwagent.OTLP{GRPC: "0.0.0.0:4317"},
		Logs: []cwagent.LogFile{
			{Path: "/var/log/app/*.log", TimestampFormat: "%Y-%m-%dT%H:%M:%S", UTC: true, MultiLineStart: "{timestamp_format}", Filters: []cwagent.Filter{
				{Expression: "ERROR|WARN"}, {Expression: "health", Exclude: true},
			}},
			{Path: "/var/log/messages", Group: group, Stream: "{hostname}", TimestampFormat: "%b %d %H:%M:%S"},
		},
		Traces: &cwagent.Traces{XRay: "127.0.0.1:2000", OTLP: &cwagent.OTLP{}},
	}
}

func TestAgent_Everything(t *testing.T) {
	stack := cdktest.Stack(t)
	mine := awslogs.LogGroup_FromLogGroupName(stack, jsii.String("Mine"), jsii.String("/mine"))
	agent := cwagent.NewAgent(stack, "Agent", &cwagent.AgentProps{
		Config: everything(mine), ParameterName: "AmazonCloudWatch-shop", LogRetentionDays: 30, RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	agent.AttachToGroup("Fleet", fleet(stack, "Fleet", amazonLinux(), awsec2.UserData_ForLinux(nil)))
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("cwagent/everything")

	logs := tpl.HasResource("AWS::Logs::LogGroup", o{"DeletionPolicy": "Delete", "Properties": o{"RetentionInDays": 30., "KmsKeyId": cdktest.Any}})
	assert.JSONEq(t, strings.ReplaceAll(`{
		"agent": {"metrics_collection_interval": 30, "run_as_user": "root", "debug": true},
		"metrics": {
			"namespace": "Shop/Hosts", "force_flush_interval": 5,
			"append_dimensions": {
				"AutoScalingGroupName": "${aws:AutoScalingGroupName}", "ImageId": "${aws:ImageId}", "InstanceId": "${aws:InstanceId}",
				"InstanceType": "${aws:InstanceType}"
			},
			"aggregation_dimensions": [["AutoScalingGroupName"], ["AutoScalingGroupName", "path"], []],
			"metrics_collected": {
				"cpu": {
					"measurement": ["usage_active", "usage_iowait", "usage_steal"], "metrics_collection_interval": 30, "totalcpu": true, "resources": ["*"],
					"drop_original_metrics": ["usage_active", "usage_iowait", "usage_steal"]
				},
				"mem": {"measurement": ["used_percent", "available"], "metrics_collection_interval": 30},
				"swap": {"measurement": ["used_percent"], "metrics_collection_interval": 30},
				"disk": {
					"measurement": ["used_percent", "inodes_free"], "metrics_collection_interval": 60, "resources": ["/", "/data"],
					"ignore_file_system_types": ["nfs"], "drop_device": false
				},
				"diskio": {"measurement": ["io_time", "read_bytes", "write_bytes"], "metrics_collection_interval": 30, "resources": ["*"]},
				"net": {"measurement": ["bytes_recv", "bytes_sent", "drop_in", "drop_out"], "metrics_collection_interval": 30, "resources": ["ens5"]},
				"netstat": {"measurement": ["tcp_established", "tcp_time_wait"], "metrics_collection_interval": 30},
				"processes": {"measurement": ["blocked", "running", "zombies"], "metrics_collection_interval": 30},
				"procstat": [
					{"exe": "nginx", "measurement": ["cpu_usage", "memory_rss"], "metrics_collection_interval": 30},
					{"pattern": "java.*shop<1>", "measurement": ["pid_count"], "metrics_collection_interval": 30},
					{"pid_file": "/run/app.pid", "measurement": ["cpu_usage", "memory_rss"], "metrics_collection_interval": 30}
				],
				"statsd": {"service_address": "127.0.0.1:8125", "metrics_collection_interval": 10, "metrics_aggregation_interval": 60},
				"otlp": {"grpc_endpoint": "0.0.0.0:4317", "http_endpoint": "127.0.0.1:4318"}
			}
		},
		"logs": {"logs_collected": {"files": {"collect_list": [
			{
				"file_path": "/var/log/app/*.log", "log_group_name": "#LOGS#", "log_stream_name": "{instance_id}/var/log/app/_.log",
				"timestamp_format": "%Y-%m-%dT%H:%M:%S", "timezone": "UTC", "multi_line_start_pattern": "{timestamp_format}",
				"filters": [{"type": "include", "expression": "ERROR|WARN"}, {"type": "exclude", "expression": "health"}]
			},
			{
				"file_path": "/var/log/messages", "log_group_name": "/mine", "log_stream_name": "{hostname}", "timestamp_format": "%b %d %H:%M:%S",
				"timezone": "Local"
			}
		]}}},
		"traces": {"traces_collected": {
			"xray": {"bind_address": "127.0.0.1:2000", "tcp_proxy": {"bind_address": "127.0.0.1:2000"}},
			"otlp": {"grpc_endpoint": "127.0.0.1:4317", "http_endpoint": "127.0.0.1:4318"}
		}}
	}`, "LOGS", logs.LogicalID), agentConfig(t, tpl))
	assert.Contains(t, agentConfig(t, tpl), "shop<1>", "< is one character")

	statements := agentStatements(t, tpl)
	assert.Len(t, statements, 5)
	assert.Equal(t, a{"logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"}, statements["Logs"]["Action"])
	assert.Len(t, statements["Logs"]["Resource"], 2)
	assert.Equal(t, o{"Fn::GetAtt": a{logs.LogicalID, "Arn"}}, statements["Logs"]["Resource"].(a)[0])
	assert.Equal(t, a{"xray:GetSamplingRules", "xray:GetSamplingStatisticSummaries", "xray:GetSamplingTargets", "xray:PutTelemetryRecords", "xray:PutTraceSegments"},
		statements["Traces"]["Action"])
}

// Without metrics, there are neither permissions for them nor alarms of them.
func TestAgent_LogsOnly(t *testing.T) {
	stack := cdktest.Stack(t)
	agent := cwagent.NewAgent(stack, "Agent", &cwagent.AgentProps{Config: cwagent.Config{DisableMetrics: true, Logs: []cwagent.LogFile{{Path: "/var/log/a"}}}})
	assert.Nil(t, agent.AlarmTopic)
	got := agent.AttachToGroup("Fleet", fleet(stack, "Fleet", amazonLinux(), awsec2.UserData_ForLinux(nil)))
	assert.Nil(t, got.MemoryAlarm)
	tpl := cdktest.Synth(t, stack)
	assert.Len(t, agentStatements(t, tpl), 2)
	assert.NotContains(t, agentConfig(t, tpl), `"metrics":`)
	tpl.Count("AWS::CloudWatch::Alarm", 0)
	tpl.Count("AWS::SNS::Topic", 0)
	tpl.HasResource("AWS::Logs::LogGroup", o{"DeletionPolicy": "Retain", "Properties": o{"RetentionInDays": 365.}})
	tpl.Has("AWS::KMS::Key", o{"KeyPolicy": o{"Statement": cdktest.ArrayWith(o{"Principal": o{"Service": "logs.us-east-1.amazonaws.com"}})}})
}

func TestAgent_AlarmsOfWhatIsCollected(t *testing.T) {
	tpl := synthAgent(t, &cwagent.AgentProps{Config: cwagent.Config{
		Memory: &cwagent.Section{Measurements: []string{"available"}}, Swap: &cwagent.Section{Measurements: []string{"swap_used_percent"}},
	}})
	tpl.Count("AWS::CloudWatch::Alarm", 1)
	tpl.Has("AWS::CloudWatch::Alarm", o{"MetricName": "swap_used_percent"})

	tpl = synthAgent(t, &cwagent.AgentProps{Alarms: cwagent.Alarms{Disable: true}})
	tpl.Count("AWS::CloudWatch::Alarm", 0)
	tpl.Count("AWS::KMS::Key", 0)
	tpl.Count("AWS::SNS::Topic", 0)
}

func TestAgent_Topic(t *testing.T) {
	stack := cdktest.Stack(t)
	topic := awssns.NewTopic(stack, jsii.String("Mine"), &awssns.TopicProps{EnforceSSL: jsii.Bool(true)})
	agent := cwagent.NewAgent(stack, "Agent", &cwagent.AgentProps{Alarms: cwagent.Alarms{Topic: topic}})
	agent.AttachToGroup("Fleet", fleet(stack, "Fleet", amazonLinux(), awsec2.UserData_ForLinux(nil)))
	assert.Nil(t, agent.Key)
	tpl := cdktest.Synth(t, stack)
	tpl.Count("AWS::SNS::Topic", 1)
	tpl.Each("AWS::CloudWatch::Alarm", o{"AlarmActions": a{o{"Ref": tpl.All("AWS::SNS::Topic")[0].LogicalID}}})
}

func TestAgent_Key(t *testing.T) {
	stack := cdktest.Stack(t)
	key := awskms.NewKey(stack, jsii.String("Mine"), nil)
	agent := cwagent.NewAgent(stack, "Agent", &cwagent.AgentProps{Key: key, Config: cwagent.Config{Memory: &cwagent.Section{}, Logs: []cwagent.LogFile{{Path: "/a"}}}})
	assert.Equal(t, key, agent.Key)
	tpl := cdktest.Synth(t, stack)
	tpl.Count("AWS::KMS::Key", 1)
	mine := o{"Fn::GetAtt": a{tpl.All("AWS::KMS::Key")[0].LogicalID, "Arn"}}
	tpl.Each("AWS::SNS::Topic", o{"KmsMasterKeyId": mine})
	tpl.Each("AWS::Logs::LogGroup", o{"KmsKeyId": mine})
}

// A name with slashes is that of the parameter, and of the permission to read it.
func TestAgent_ParameterName(t *testing.T) {
	for name, arn := range map[string]string{"/shop/agent": ":parameter", "AmazonCloudWatch-shop": ":parameter/"} {
		tpl := synthAgent(t, &cwagent.AgentProps{ParameterName: name})
		parameter := tpl.Has("AWS::SSM::Parameter", o{"Name": name})
		assert.Equal(t, o{"Fn::Join": a{"", a{"arn:", o{"Ref": "AWS::Partition"}, ":ssm:us-east-1:111111111111" + arn, o{"Ref": parameter.LogicalID}}}},
			agentStatements(t, tpl)["Configuration"]["Resource"])
	}
}

func TestAgent_ConfigureParameter(t *testing.T) {
	synthAgent(t, &cwagent.AgentProps{ConfigureParameter: func(p *awsssm.StringParameterProps) {
		assert.Contains(t, *p.StringValue, `"mem"`, "the defaults are there to be edited")
		p.Description = jsii.String("Mine")
	}}).Has("AWS::SSM::Parameter", o{"Description": "Mine"})
}

func TestAgent_ReportsEveryProblem(t *testing.T) {
	stack := cdktest.Stack(t)
	err := cdktest.Panic(func() {
		props := &cwagent.AgentProps{Config: cwagent.Config{Interval: 60 * time.Second}, LogRetentionDays: 2}
		props.Alarms.Memory.Period = 10 * time.Second
		cwagent.NewAgent(stack, "Agent", props)
	})
	require.ErrorContains(t, err, "Test/Agent: invalid cwagent.AgentProps:\n  - LogRetentionDays: must be one of 1, 3,")
	require.ErrorContains(t, err, "\n  - Alarms.Memory.Period: must not be shorter than the interval of Config.Memory, 1m0s, got 10s")
	assert.Nil(t, stack.Node().TryFindChild(jsii.String("Agent")), "nothing was defined")
}

func TestAgent_Nag(t *testing.T) {
	stack := cdktest.Stack(t)
	agent := cwagent.NewAgent(stack, "Agent", &cwagent.AgentProps{Config: everything(nil)})
	role := awsiam.NewRole(stack, jsii.String("Role"), &awsiam.RoleProps{AssumedBy: awsiam.NewServicePrincipal(jsii.String("ec2.amazonaws.com"), nil)})
	agent.Permit("Others", role)
	agent.Associate("Association", cwagent.Target{Key: "tag:Fleet", Values: []string{"others"}})
	open, suppressed := cdktest.Nag(t, stack)
	assert.Empty(t, open)
	assert.NotEmpty(t, suppressed)
}

func ExampleNewAgent() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Test"), nil)
	agent := cwagent.NewAgent(stack, "Agent", &cwagent.AgentProps{
		Config: cwagent.Config{
			Memory: &cwagent.Section{Interval: 10 * time.Second},
			Logs:   []cwagent.LogFile{{Path: "/var/log/app.log"}},
		},
		Alarms: cwagent.Alarms{Memory: cwagent.Alarm{Period: 10 * time.Second, Above: 80}},
	})
	// agent.AttachToGroup("Instances", service.Providers["Instances"].Group)
	fmt.Println(*agent.LogGroup.Node().Path())
	fmt.Println(*agent.AlarmTopic.Node().Path())
	// Output:
	// Test/Agent/Logs
	// Test/Agent/AlarmTopic
}
