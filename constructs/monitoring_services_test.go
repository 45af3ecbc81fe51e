package constructs_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/monitoring"
)

// added is a resource, given as in a template.
type added struct {
	id, kind   string
	properties o
}

// alarmsOn gives a line for each alarm that a Monitor makes by default on resources in a stack of a region, with all that matters,
// and the warnings of the monitor.
func alarmsOn(t *testing.T, region string, resources ...added) (lines []string, warnings []string) {
	t.Helper()
	app := cdktest.App(t, nil)
	stack := awscdk.NewStack(app, jsii.String("Test"), &awscdk.StackProps{
		Env: &awscdk.Environment{Account: jsii.String("111111111111"), Region: &region},
	})
	for _, r := range resources {
		awscdk.NewCfnResource(stack, &r.id, &awscdk.CfnResourceProps{Type: &r.kind, Properties: &r.properties})
	}
	m := monitoring.NewMonitor(stack, "Monitor", nil)
	for _, entry := range *m.Node().Metadata() {
		if *entry.Type == "aws:cdk:warning" {
			warnings = append(warnings, fmt.Sprint(entry.Data))
		}
	}
	tpl := cdktest.Synth(t, stack)
	severity := map[string]string{}
	for _, c := range tpl.All("AWS::CloudWatch::CompositeAlarm") {
		name := "Warning"
		if strings.Contains(c.LogicalID, "Critical") {
			name = "Critical"
		}
		for _, id := range reference.FindAllStringSubmatch(fmt.Sprint(c.Properties["AlarmRule"]), -1) {
			severity[id[1]] = name
		}
	}
	made := map[string]cdktest.Object{}
	for _, r := range tpl.All("AWS::CloudWatch::Alarm") {
		made[r.LogicalID] = r.Properties
	}
	for name, alarm := range m.Alarms {
		id := stack.Resolve(alarm.LogicalId()).(string)
		p := made[id]
		sign := map[string]string{"GreaterThanThreshold": ">", "LessThanThreshold": "<"}[p["ComparisonOperator"].(string)]
		metric, period := "", p["Period"]
		if queries, ok := p["Metrics"].(a); ok {
			var parts []string
			for _, q := range queries {
				query := q.(o)
				if stat, ok := query["MetricStat"].(o); ok {
					parts = append(parts, fmt.Sprintf("%s=[%s]", query["Id"], measure(stat["Metric"].(o), stat["Stat"])))
					period = stat["Period"]
				} else {
					parts = append(parts, query["Expression"].(string))
				}
			}
			metric = strings.Join(parts, " ")
		} else {
			statistic := p["Statistic"]
			if statistic == nil {
				statistic = p["ExtendedStatistic"]
			}
			metric = measure(p, statistic)
		}
		require.Contains(t, severity, id)
		lines = append(lines, fmt.Sprintf("%s: %s %s %s, %v of %v x %vs, %v, %s", name, metric, sign, strconv.FormatFloat(p["Threshold"].(float64), 'f', -1, 64), p["DatapointsToAlarm"], p["EvaluationPeriods"], period,
			p["TreatMissingData"], severity[id]))
	}
	slices.Sort(lines)
	return lines, warnings
}

// reference is a Ref as Go prints it.
var reference = regexp.MustCompile(`map\[Ref:(\w+)\]`)

// measure is a metric on a line.
func measure(m o, statistic any) string {
	dimensions := make([]string, 0, 2)
	for _, d := range m["Dimensions"].(a) {
		dimensions = append(dimensions, reference.ReplaceAllString(fmt.Sprintf("%s=%v", d.(o)["Name"], d.(o)["Value"]), "$1"))
	}
	return fmt.Sprintf("%s %s %s(%s)", statistic, m["Namespace"], m["MetricName"], strings.Join(dimensions, " "))
}

// wantAlarms compares the alarms on resources in eu-west-1 with lines of text.
func wantAlarms(t *testing.T, want string, resources ...added) {
	t.Helper()
	got, warnings := alarmsOn(t, "eu-west-1", resources...)
	assert.Equal(t, strings.TrimSpace(want), strings.Join(got, "\n"))
	assert.Empty(t, warnings)
}

func ref(id string) o { return o{"Ref": id} }

func TestMonitor_Streams(t *testing.T) {
	wantAlarms(t, `
Given/FailedRecords: Sum AWS/Kinesis PutRecords.FailedRecords(StreamName=Given) > 0, 3 of 5 x 60s, notBreaching, Warning
Given/IteratorAge: Maximum AWS/Kinesis GetRecords.IteratorAgeMilliseconds(StreamName=Given) > 3600000, 5 of 5 x 60s, notBreaching, Critical
Given/ReadProvisionedThroughputExceeded: Sum AWS/Kinesis ReadProvisionedThroughputExceeded(StreamName=Given) > 0, 5 of 5 x 60s, notBreaching, Warning
Given/WriteProvisionedThroughputExceeded: Sum AWS/Kinesis WriteProvisionedThroughputExceeded(StreamName=Given) > 0, 3 of 5 x 60s, notBreaching, Warning
OnDemand/FailedRecords: Sum AWS/Kinesis PutRecords.FailedRecords(StreamName=OnDemand) > 0, 3 of 5 x 60s, notBreaching, Warning
OnDemand/IteratorAge: Maximum AWS/Kinesis GetRecords.IteratorAgeMilliseconds(StreamName=OnDemand) > 3600000, 5 of 5 x 60s, notBreaching, Critical
OnDemand/ReadProvisionedThroughputExceeded: Sum AWS/Kinesis ReadProvisionedThroughputExceeded(StreamName=OnDemand) > 0, 5 of 5 x 60s, notBreaching, Warning
OnDemand/WriteProvisionedThroughputExceeded: Sum AWS/Kinesis WriteProvisionedThroughputExceeded(StreamName=OnDemand) > 0, 3 of 5 x 60s, notBreaching, Warning
Two/FailedRecords: Sum AWS/Kinesis PutRecords.FailedRecords(StreamName=Two) > 0, 3 of 5 x 60s, notBreaching, Warning
Two/IncomingBytes: Sum AWS/Kinesis IncomingBytes(StreamName=Two) > 100663296, 5 of 5 x 60s, notBreaching, Warning
Two/IncomingRecords: Sum AWS/Kinesis IncomingRecords(StreamName=Two) > 96000, 5 of 5 x 60s, notBreaching, Warning
Two/IteratorAge: Maximum AWS/Kinesis GetRecords.IteratorAgeMilliseconds(StreamName=Two) > 3600000, 5 of 5 x 60s, notBreaching, Critical
Two/ReadProvisionedThroughputExceeded: Sum AWS/Kinesis ReadProvisionedThroughputExceeded(StreamName=Two) > 0, 5 of 5 x 60s, notBreaching, Warning
Two/WriteProvisionedThroughputExceeded: Sum AWS/Kinesis WriteProvisionedThroughputExceeded(StreamName=Two) > 0, 3 of 5 x 60s, notBreaching, Warning
`,
		added{"Two", "AWS::Kinesis::Stream", o{"ShardCount": 2}},
		added{"Given", "AWS::Kinesis::Stream", o{"ShardCount": o{"Fn::ImportValue": "shards"}}},
		added{"OnDemand", "AWS::Kinesis::Stream", o{"StreamModeDetails": o{"StreamMode": "ON_DEMAND"}}},
	)
}

func TestMonitor_Firehose(t *testing.T) {
	wantAlarms(t, `
Http/HttpEndpointDataFreshness: Maximum AWS/Firehose DeliveryToHttpEndpoint.DataFreshness(DeliveryStreamName=Http) > 900, 5 of 5 x 60s, notBreaching, Critical
Http/ThrottledRecords: Sum AWS/Firehose ThrottledRecords(DeliveryStreamName=Http) > 0, 3 of 5 x 60s, notBreaching, Warning
Long/S3DataFreshness: Maximum AWS/Firehose DeliveryToS3.DataFreshness(DeliveryStreamName=Long) > 2700, 5 of 5 x 60s, notBreaching, Critical
Long/ThrottledRecords: Sum AWS/Firehose ThrottledRecords(DeliveryStreamName=Long) > 0, 3 of 5 x 60s, notBreaching, Warning
Plain/S3DataFreshness: Maximum AWS/Firehose DeliveryToS3.DataFreshness(DeliveryStreamName=Plain) > 900, 5 of 5 x 60s, notBreaching, Critical
Plain/ThrottledRecords: Sum AWS/Firehose ThrottledRecords(DeliveryStreamName=Plain) > 0, 3 of 5 x 60s, notBreaching, Warning
Search/AmazonOpenSearchServiceDataFreshness: Maximum AWS/Firehose DeliveryToAmazonOpenSearchService.DataFreshness(DeliveryStreamName=Search) > 900, 5 of 5 x 60s, notBreaching, Critical
Search/ThrottledRecords: Sum AWS/Firehose ThrottledRecords(DeliveryStreamName=Search) > 0, 3 of 5 x 60s, notBreaching, Warning
Short/S3DataFreshness: Maximum AWS/Firehose DeliveryToS3.DataFreshness(DeliveryStreamName=Short) > 900, 5 of 5 x 60s, notBreaching, Critical
Short/ThrottledRecords: Sum AWS/Firehose ThrottledRecords(DeliveryStreamName=Short) > 0, 3 of 5 x 60s, notBreaching, Warning
Splunk/SplunkDataFreshness: Maximum AWS/Firehose DeliveryToSplunk.DataFreshness(DeliveryStreamName=Splunk) > 900, 5 of 5 x 60s, notBreaching, Critical
Splunk/ThrottledRecords: Sum AWS/Firehose ThrottledRecords(DeliveryStreamName=Splunk) > 0, 3 of 5 x 60s, notBreaching, Warning
`,
		added{"Plain", "AWS::KinesisFirehose::DeliveryStream", o{"ExtendedS3DestinationConfiguration": o{"BucketARN": "arn:aws:s3:::b", "RoleARN": "r"}}},
		added{"Long", "AWS::KinesisFirehose::DeliveryStream", o{"ExtendedS3DestinationConfiguration": o{"BucketARN": "b", "RoleARN": "r", "BufferingHints": o{"IntervalInSeconds": 900}}}},
		added{"Short", "AWS::KinesisFirehose::DeliveryStream", o{"S3DestinationConfiguration": o{"BucketARN": "b", "RoleARN": "r", "BufferingHints": o{"IntervalInSeconds": 60}}}},
		added{"Http", "AWS::KinesisFirehose::DeliveryStream", o{"HttpEndpointDestinationConfiguration": o{"EndpointConfiguration": o{"Url": "https://x"}}}},
		added{"Search", "AWS::KinesisFirehose::DeliveryStream", o{"AmazonopensearchserviceDestinationConfiguration": o{"IndexName": "i"}}},
		added{"Splunk", "AWS::KinesisFirehose::DeliveryStream", o{"SplunkDestinationConfiguration": o{"HECToken": "t"}}},
	)
}

func TestMonitor_StateMachines(t *testing.T) {
	wantAlarms(t, `
Express/ExecutionThrottled: Sum AWS/States ExecutionThrottled(StateMachineArn=Express) > 0, 5 of 5 x 60s, notBreaching, Warning
Express/FailedPercent: mFailed=[Sum AWS/States ExecutionsFailed(StateMachineArn=Express)] mTimedOut=[Sum AWS/States ExecutionsTimedOut(StateMachineArn=Express)] mStarted=[Sum AWS/States ExecutionsStarted(StateMachineArn=Express)] 100*(mFailed+mTimedOut)/mStarted > 1, 3 of 5 x 60s, notBreaching, Critical
Standard/ExecutionThrottled: Sum AWS/States ExecutionThrottled(StateMachineArn=Standard) > 0, 5 of 5 x 60s, notBreaching, Warning
Standard/ExecutionsFailed: Sum AWS/States ExecutionsFailed(StateMachineArn=Standard) > 0, 1 of 1 x 60s, notBreaching, Critical
Standard/ExecutionsTimedOut: Sum AWS/States ExecutionsTimedOut(StateMachineArn=Standard) > 0, 1 of 1 x 60s, notBreaching, Critical
`,
		added{"Standard", "AWS::StepFunctions::StateMachine", o{"RoleArn": "r"}},
		added{"Express", "AWS::StepFunctions::StateMachine", o{"RoleArn": "r", "StateMachineType": "EXPRESS"}},
	)
}

func TestMonitor_Rules(t *testing.T) {
	target := o{"Id": "T", "Arn": "arn:aws:lambda:eu-west-1:111111111111:function:f"}
	wantAlarms(t, `
OnBus/BusFailedInvocations: Sum AWS/Events FailedInvocations(EventBusName=Bus RuleName=map[Fn::Select:[1 map[Fn::Split:[| OnBus]]]]) > 0, 1 of 1 x 60s, notBreaching, Critical
OnBus/BusThrottledRules: Sum AWS/Events ThrottledRules(EventBusName=Bus RuleName=map[Fn::Select:[1 map[Fn::Split:[| OnBus]]]]) > 0, 5 of 5 x 60s, notBreaching, Warning
Queued/FailedInvocations: Sum AWS/Events FailedInvocations(RuleName=Queued) > 0, 1 of 1 x 60s, notBreaching, Critical
Queued/InvocationsFailedToBeSentToDlq: Sum AWS/Events InvocationsFailedToBeSentToDlq(RuleName=Queued) > 0, 1 of 1 x 60s, notBreaching, Critical
Queued/ThrottledRules: Sum AWS/Events ThrottledRules(RuleName=Queued) > 0, 5 of 5 x 60s, notBreaching, Warning
Rule/FailedInvocations: Sum AWS/Events FailedInvocations(RuleName=Rule) > 0, 1 of 1 x 60s, notBreaching, Critical
Rule/ThrottledRules: Sum AWS/Events ThrottledRules(RuleName=Rule) > 0, 5 of 5 x 60s, notBreaching, Warning
`,
		added{"Rule", "AWS::Events::Rule", o{"ScheduleExpression": "rate(1 day)", "EventBusName": "default", "Targets": a{target}}},
		added{"Queued", "AWS::Events::Rule", o{"ScheduleExpression": "rate(1 day)", "Targets": a{target, o{"Id": "U", "Arn": "u", "DeadLetterConfig": o{"Arn": "arn:aws:sqs:q"}}}}},
		added{"Bus", "AWS::Events::EventBus", o{"Name": "orders"}},
		added{"OnBus", "AWS::Events::Rule", o{"EventPattern": o{"source": a{"x"}}, "EventBusName": ref("Bus"), "Targets": a{target}}},
	)
}

func TestMonitor_Databases(t *testing.T) {
	instance := func(id, class, engine string, more o) added {
		p := o{"DBInstanceClass": class, "Engine": engine}
		for k, v := range more {
			p[k] = v
		}
		return added{id, "AWS::RDS::DBInstance", p}
	}
	wantAlarms(t, `
Cluster/ACUUtilization: Maximum AWS/RDS ACUUtilization(DBClusterIdentifier=Cluster) > 90, 10 of 10 x 60s, notBreaching, Warning
Cluster/AuroraReplicaLagMaximum: Maximum AWS/RDS AuroraReplicaLagMaximum(DBClusterIdentifier=Cluster) > 2000, 5 of 5 x 60s, notBreaching, Warning
MultiAZ/ClusterCPUUtilization: Maximum AWS/RDS CPUUtilization(DBClusterIdentifier=MultiAZ) > 90, 10 of 10 x 60s, notBreaching, Warning
MultiAZ/FreeStorageSpace: Minimum AWS/RDS FreeStorageSpace(DBClusterIdentifier=MultiAZ) < 21474836480, 5 of 5 x 60s, notBreaching, Critical
MySQL/BurstBalance: Minimum AWS/RDS BurstBalance(DBInstanceIdentifier=MySQL) < 20, 5 of 5 x 60s, notBreaching, Warning
MySQL/CPUUtilization: Average AWS/RDS CPUUtilization(DBInstanceIdentifier=MySQL) > 90, 10 of 10 x 60s, notBreaching, Warning
MySQL/DatabaseConnections: Maximum AWS/RDS DatabaseConnections(DBInstanceIdentifier=MySQL) > 51, 5 of 5 x 60s, notBreaching, Warning
MySQL/FreeStorageSpace: Minimum AWS/RDS FreeStorageSpace(DBInstanceIdentifier=MySQL) < 10737418240, 5 of 5 x 60s, notBreaching, Critical
MySQL/FreeableMemory: Minimum AWS/RDS FreeableMemory(DBInstanceIdentifier=MySQL) < 53687091, 15 of 15 x 60s, notBreaching, Warning
Postgres/CPUUtilization: Average AWS/RDS CPUUtilization(DBInstanceIdentifier=Postgres) > 90, 10 of 10 x 60s, notBreaching, Warning
Postgres/DatabaseConnections: Maximum AWS/RDS DatabaseConnections(DBInstanceIdentifier=Postgres) > 3000, 5 of 5 x 60s, notBreaching, Warning
Postgres/FreeStorageSpace: Minimum AWS/RDS FreeStorageSpace(DBInstanceIdentifier=Postgres) < 5368709120, 5 of 5 x 60s, notBreaching, Critical
Postgres/FreeableMemory: Minimum AWS/RDS FreeableMemory(DBInstanceIdentifier=Postgres) < 3435973836, 15 of 15 x 60s, notBreaching, Warning
Reader/CPUUtilization: Average AWS/RDS CPUUtilization(DBInstanceIdentifier=Reader) > 90, 10 of 10 x 60s, notBreaching, Warning
Reader/DatabaseConnections: Maximum AWS/RDS DatabaseConnections(DBInstanceIdentifier=Reader) > 2162, 5 of 5 x 60s, notBreaching, Warning
Reader/FreeableMemory: Minimum AWS/RDS FreeableMemory(DBInstanceIdentifier=Reader) < 1717986918, 15 of 15 x 60s, notBreaching, Warning
Replica/CPUUtilization: Average AWS/RDS CPUUtilization(DBInstanceIdentifier=Replica) > 90, 10 of 10 x 60s, notBreaching, Warning
Replica/FreeableMemory: Minimum AWS/RDS FreeableMemory(DBInstanceIdentifier=Replica) < 429496729, 15 of 15 x 60s, notBreaching, Warning
Replica/ReplicaLag: Maximum AWS/RDS ReplicaLag(DBInstanceIdentifier=Replica) > 60, 5 of 5 x 60s, notBreaching, Warning
Serverless/CPUUtilization: Average AWS/RDS CPUUtilization(DBInstanceIdentifier=Serverless) > 90, 10 of 10 x 60s, notBreaching, Warning
`,
		instance("MySQL", "db.t4g.micro", "mysql", o{"AllocatedStorage": "100", "StorageType": "gp2"}),
		instance("Postgres", "db.r7g.2xlarge", "postgres", o{"AllocatedStorage": "100", "MaxAllocatedStorage": 1000, "StorageType": "gp3"}),
		instance("Replica", "db.m7g.large", "oracle-ee", o{"SourceDBInstanceIdentifier": ref("Postgres")}),
		instance("Reader", "db.r7g.xlarge", "aurora-postgresql", o{"DBClusterIdentifier": ref("Cluster")}),
		instance("Serverless", "db.serverless", "aurora-mysql", o{"DBClusterIdentifier": ref("Cluster")}),
		added{"Cluster", "AWS::RDS::DBCluster", o{"Engine": "aurora-postgresql", "ServerlessV2ScalingConfiguration": o{"MinCapacity": 0.5, "MaxCapacity": 4}}},
		added{"MultiAZ", "AWS::RDS::DBCluster", o{"Engine": "mysql", "AllocatedStorage": 200, "DBClusterInstanceClass": "db.m6gd.large"}},
	)
}

func TestMonitor_Clusters(t *testing.T) {
	wantAlarms(t, `
Memcached/CPUUtilization: Maximum AWS/ElastiCache CPUUtilization(CacheClusterId=Memcached) > 90, 5 of 5 x 60s, notBreaching, Warning
Memcached/CurrConnections: Maximum AWS/ElastiCache CurrConnections(CacheClusterId=Memcached) > 52000, 5 of 5 x 60s, notBreaching, Warning
Memcached/SwapUsage: Maximum AWS/ElastiCache SwapUsage(CacheClusterId=Memcached) > 314572800, 5 of 5 x 60s, notBreaching, Warning
Valkey/CPUUtilization: Maximum AWS/ElastiCache CPUUtilization(CacheClusterId=Valkey) > 90, 5 of 5 x 60s, notBreaching, Warning
Valkey/CurrConnections: Maximum AWS/ElastiCache CurrConnections(CacheClusterId=Valkey) > 52000, 5 of 5 x 60s, notBreaching, Warning
Valkey/DatabaseMemoryUsagePercentage: Maximum AWS/ElastiCache DatabaseMemoryUsagePercentage(CacheClusterId=Valkey) > 85, 5 of 5 x 60s, notBreaching, Warning
Valkey/EngineCPUUtilization: Maximum AWS/ElastiCache EngineCPUUtilization(CacheClusterId=Valkey) > 90, 5 of 5 x 60s, notBreaching, Warning
Valkey/SwapUsage: Maximum AWS/ElastiCache SwapUsage(CacheClusterId=Valkey) > 314572800, 5 of 5 x 60s, notBreaching, Warning
`,
		added{"Valkey", "AWS::ElastiCache::CacheCluster", o{"Engine": "redis", "CacheNodeType": "cache.t4g.small", "NumCacheNodes": 1}},
		added{"Memcached", "AWS::ElastiCache::CacheCluster", o{"Engine": "memcached", "CacheNodeType": "cache.t4g.small", "NumCacheNodes": 2}},
	)
	wantAlarms(t, `
Large/AutomatedSnapshotFailure: Maximum AWS/ES AutomatedSnapshotFailure(DomainName=Large ClientId=111111111111) > 0, 1 of 1 x 60s, notBreaching, Warning
Large/CPUUtilization: Maximum AWS/ES CPUUtilization(DomainName=Large ClientId=111111111111) > 80, 15 of 15 x 60s, notBreaching, Warning
Large/ClusterIndexWritesBlocked: Maximum AWS/ES ClusterIndexWritesBlocked(DomainName=Large ClientId=111111111111) > 0, 5 of 5 x 60s, notBreaching, Critical
Large/FreeStorageSpace: Minimum AWS/ES FreeStorageSpace(DomainName=Large ClientId=111111111111) < 25600, 1 of 1 x 60s, notBreaching, Critical
Large/JVMMemoryPressure: Maximum AWS/ES JVMMemoryPressure(DomainName=Large ClientId=111111111111) > 95, 3 of 3 x 60s, notBreaching, Warning
Large/KMSKeyError: Maximum AWS/ES KMSKeyError(DomainName=Large ClientId=111111111111) > 0, 1 of 1 x 60s, notBreaching, Critical
Large/KMSKeyInaccessible: Maximum AWS/ES KMSKeyInaccessible(DomainName=Large ClientId=111111111111) > 0, 1 of 1 x 60s, notBreaching, Critical
Large/MasterCPUUtilization: Maximum AWS/ES MasterCPUUtilization(DomainName=Large ClientId=111111111111) > 50, 15 of 15 x 60s, notBreaching, Warning
Large/MasterJVMMemoryPressure: Maximum AWS/ES MasterJVMMemoryPressure(DomainName=Large ClientId=111111111111) > 95, 3 of 3 x 60s, notBreaching, Warning
Large/Nodes: Minimum AWS/ES Nodes(DomainName=Large ClientId=111111111111) < 9, 2 of 2 x 3600s, notBreaching, Warning
Large/Red: Maximum AWS/ES ClusterStatus.red(DomainName=Large ClientId=111111111111) > 0, 1 of 1 x 60s, notBreaching, Critical
Large/Yellow: Maximum AWS/ES ClusterStatus.yellow(DomainName=Large ClientId=111111111111) > 0, 5 of 5 x 60s, notBreaching, Warning
Small/AutomatedSnapshotFailure: Maximum AWS/ES AutomatedSnapshotFailure(DomainName=Small ClientId=111111111111) > 0, 1 of 1 x 60s, notBreaching, Warning
Small/CPUUtilization: Maximum AWS/ES CPUUtilization(DomainName=Small ClientId=111111111111) > 80, 15 of 15 x 60s, notBreaching, Warning
Small/ClusterIndexWritesBlocked: Maximum AWS/ES ClusterIndexWritesBlocked(DomainName=Small ClientId=111111111111) > 0, 5 of 5 x 60s, notBreaching, Critical
Small/FreeStorageSpace: Minimum AWS/ES FreeStorageSpace(DomainName=Small ClientId=111111111111) < 20480, 1 of 1 x 60s, notBreaching, Critical
Small/JVMMemoryPressure: Maximum AWS/ES JVMMemoryPressure(DomainName=Small ClientId=111111111111) > 95, 3 of 3 x 60s, notBreaching, Warning
Small/Nodes: Minimum AWS/ES Nodes(DomainName=Small ClientId=111111111111) < 1, 2 of 2 x 3600s, notBreaching, Warning
Small/Red: Maximum AWS/ES ClusterStatus.red(DomainName=Small ClientId=111111111111) > 0, 1 of 1 x 60s, notBreaching, Critical
Small/Yellow: Maximum AWS/ES ClusterStatus.yellow(DomainName=Small ClientId=111111111111) > 0, 5 of 5 x 60s, notBreaching, Warning
`,
		added{"Small", "AWS::OpenSearchService::Domain", o{}},
		added{"Large", "AWS::OpenSearchService::Domain", o{
			"EBSOptions": o{"EBSEnabled": true, "VolumeSize": 100}, "EncryptionAtRestOptions": o{"Enabled": true, "KmsKeyId": "k"},
			"ClusterConfig": o{"InstanceCount": 4, "DedicatedMasterEnabled": true, "DedicatedMasterCount": 3, "WarmEnabled": true, "WarmCount": 2},
		}},
	)
	wantAlarms(t, `
Kafka/ActiveControllerCount: Maximum AWS/Kafka ActiveControllerCount(Cluster Name=orders) < 1, 3 of 5 x 60s, notBreaching, Critical
Kafka/OfflinePartitionsCount: Maximum AWS/Kafka OfflinePartitionsCount(Cluster Name=orders) > 0, 3 of 5 x 60s, notBreaching, Critical
`, added{"Kafka", "AWS::MSK::Cluster", o{"ClusterName": "orders", "KafkaVersion": "3.8.x", "NumberOfBrokerNodes": 3}})
}

func TestMonitor_FileSystems(t *testing.T) {
	wantAlarms(t, `
Elastic/PercentIOLimit: Maximum AWS/EFS PercentIOLimit(FileSystemId=Elastic) > 95, 15 of 15 x 60s, notBreaching, Warning
MaxIO/BurstCreditBalance: Minimum AWS/EFS BurstCreditBalance(FileSystemId=MaxIO) < 192000000000, 3 of 3 x 60s, notBreaching, Warning
Plain/BurstCreditBalance: Minimum AWS/EFS BurstCreditBalance(FileSystemId=Plain) < 192000000000, 3 of 3 x 60s, notBreaching, Warning
Plain/PercentIOLimit: Maximum AWS/EFS PercentIOLimit(FileSystemId=Plain) > 95, 15 of 15 x 60s, notBreaching, Warning
Provisioned/PercentIOLimit: Maximum AWS/EFS PercentIOLimit(FileSystemId=Provisioned) > 95, 15 of 15 x 60s, notBreaching, Warning
Provisioned/ThroughputPercent: mMetered=[Sum AWS/EFS MeteredIOBytes(FileSystemId=Provisioned)] mPermitted=[Average AWS/EFS PermittedThroughput(FileSystemId=Provisioned)] 100*mMetered/PERIOD(mMetered)/mPermitted > 90, 10 of 10 x 60s, notBreaching, Warning
`,
		added{"Plain", "AWS::EFS::FileSystem", o{}},
		added{"MaxIO", "AWS::EFS::FileSystem", o{"PerformanceMode": "maxIO", "ThroughputMode": "bursting"}},
		added{"Provisioned", "AWS::EFS::FileSystem", o{"ThroughputMode": "provisioned", "ProvisionedThroughputInMibps": 10}},
		added{"Elastic", "AWS::EFS::FileSystem", o{"ThroughputMode": "elastic"}},
	)
}

func TestMonitor_Backup(t *testing.T) {
	plan := func(id, vault string, rule o) added {
		rule["RuleName"], rule["TargetBackupVault"] = "r", ref(vault)
		return added{id, "AWS::Backup::BackupPlan", o{"BackupPlan": o{"BackupPlanName": id, "BackupPlanRule": a{rule}}}}
	}
	wantAlarms(t, `
Copies/NumberOfBackupJobsExpired: Sum AWS/Backup NumberOfBackupJobsExpired(BackupVaultName=Copies) > 0, 1 of 1 x 3600s, notBreaching, Critical
Copies/NumberOfBackupJobsFailed: Sum AWS/Backup NumberOfBackupJobsFailed(BackupVaultName=Copies) > 0, 1 of 1 x 3600s, notBreaching, Critical
Copies/NumberOfCopyJobsFailed: Sum AWS/Backup NumberOfCopyJobsFailed(BackupVaultName=Copies) > 0, 1 of 1 x 3600s, notBreaching, Critical
Daily/DailyBackups: Sum AWS/Backup NumberOfBackupJobsCompleted(BackupVaultName=Daily) < 1, 1 of 1 x 86400s, breaching, Critical
Daily/NumberOfBackupJobsExpired: Sum AWS/Backup NumberOfBackupJobsExpired(BackupVaultName=Daily) > 0, 1 of 1 x 3600s, notBreaching, Critical
Daily/NumberOfBackupJobsFailed: Sum AWS/Backup NumberOfBackupJobsFailed(BackupVaultName=Daily) > 0, 1 of 1 x 3600s, notBreaching, Critical
Daily/NumberOfCopyJobsFailed: Sum AWS/Backup NumberOfCopyJobsFailed(BackupVaultName=Daily) > 0, 1 of 1 x 3600s, notBreaching, Critical
`,
		added{"Daily", "AWS::Backup::BackupVault", o{"BackupVaultName": "daily"}},
		added{"Copies", "AWS::Backup::BackupVault", o{"BackupVaultName": "copies"}},
		plan("EachNight", "Daily", o{"ScheduleExpression": "cron(0 5 ? * * *)"}),
	)
	for schedule, daily := range map[string]bool{
		"": true, "cron(0 5 * * ? *)": true, "cron(0 0/6 * * ? *)": true, "cron(0 5 ? * MON *)": false, "cron(0 5 1 * ? *)": false, "cron(0 5 ? 1 * *)": false, "rate(7 days)": false, "cron(0 5)": false,
	} {
		rule := o{}
		if schedule != "" {
			rule["ScheduleExpression"] = schedule
		}
		lines, _ := alarmsOn(t, "eu-west-1", added{"Vault", "AWS::Backup::BackupVault", o{"BackupVaultName": "v"}}, plan("Plan", "Vault", rule))
		assert.Equal(t, daily, slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, "Vault/DailyBackups: ") }), schedule)
	}
}

func TestMonitor_Instances(t *testing.T) {
	wantAlarms(t, `
Old/CPUCreditBalance: Minimum AWS/EC2 CPUCreditBalance(InstanceId=Old) < 10, 1 of 1 x 300s, notBreaching, Warning
Old/CPUUtilization: Average AWS/EC2 CPUUtilization(InstanceId=Old) > 90, 3 of 3 x 300s, notBreaching, Warning
Old/StatusCheckFailed: Maximum AWS/EC2 StatusCheckFailed(InstanceId=Old) > 0, 2 of 2 x 60s, notBreaching, Critical
Old/VolumeCheckFailed: Maximum AWS/EC2 StatusCheckFailed_AttachedEBS(InstanceId=Old) > 0, 2 of 2 x 60s, notBreaching, Critical
OldUnlimited/CPUUtilization: Average AWS/EC2 CPUUtilization(InstanceId=OldUnlimited) > 90, 3 of 3 x 300s, notBreaching, Warning
OldUnlimited/StatusCheckFailed: Maximum AWS/EC2 StatusCheckFailed(InstanceId=OldUnlimited) > 0, 2 of 2 x 60s, notBreaching, Critical
OldUnlimited/VolumeCheckFailed: Maximum AWS/EC2 StatusCheckFailed_AttachedEBS(InstanceId=OldUnlimited) > 0, 2 of 2 x 60s, notBreaching, Critical
Server/CPUUtilization: Average AWS/EC2 CPUUtilization(InstanceId=Server) > 90, 3 of 3 x 300s, notBreaching, Warning
Server/StatusCheckFailed: Maximum AWS/EC2 StatusCheckFailed(InstanceId=Server) > 0, 2 of 2 x 60s, notBreaching, Critical
Server/VolumeCheckFailed: Maximum AWS/EC2 StatusCheckFailed_AttachedEBS(InstanceId=Server) > 0, 2 of 2 x 60s, notBreaching, Critical
Standard/CPUCreditBalance: Minimum AWS/EC2 CPUCreditBalance(InstanceId=Standard) < 10, 1 of 1 x 300s, notBreaching, Warning
Standard/CPUUtilization: Average AWS/EC2 CPUUtilization(InstanceId=Standard) > 90, 3 of 3 x 300s, notBreaching, Warning
Standard/StatusCheckFailed: Maximum AWS/EC2 StatusCheckFailed(InstanceId=Standard) > 0, 2 of 2 x 60s, notBreaching, Critical
Standard/VolumeCheckFailed: Maximum AWS/EC2 StatusCheckFailed_AttachedEBS(InstanceId=Standard) > 0, 2 of 2 x 60s, notBreaching, Critical
`,
		added{"Server", "AWS::EC2::Instance", o{"InstanceType": "t4g.small"}},
		added{"Old", "AWS::EC2::Instance", o{"InstanceType": "t2.small"}},
		added{"OldUnlimited", "AWS::EC2::Instance", o{"InstanceType": "t2.small", "CreditSpecification": o{"CPUCredits": "unlimited"}}},
		added{"Standard", "AWS::EC2::Instance", o{"InstanceType": "t3.small", "CreditSpecification": o{"CPUCredits": "standard"}}},
	)
	wantAlarms(t, `
Fixed/CPUUtilization: Average AWS/EC2 CPUUtilization(AutoScalingGroupName=Fixed) > 90, 3 of 3 x 300s, notBreaching, Warning
Fixed/MissingInstances: mDesired=[Average AWS/AutoScaling GroupDesiredCapacity(AutoScalingGroupName=Fixed)] mInService=[Average AWS/AutoScaling GroupInServiceInstances(AutoScalingGroupName=Fixed)] mDesired-mInService > 0, 15 of 15 x 60s, notBreaching, Warning
Group/CPUUtilization: Average AWS/EC2 CPUUtilization(AutoScalingGroupName=Group) > 90, 3 of 3 x 300s, notBreaching, Warning
Group/CapacityPercent: mDesired=[Average AWS/AutoScaling GroupDesiredCapacity(AutoScalingGroupName=Group)] mMax=[Average AWS/AutoScaling GroupMaxSize(AutoScalingGroupName=Group)] 100*mDesired/mMax > 99, 15 of 15 x 60s, notBreaching, Warning
Group/MissingInstances: mDesired=[Average AWS/AutoScaling GroupDesiredCapacity(AutoScalingGroupName=Group)] mInService=[Average AWS/AutoScaling GroupInServiceInstances(AutoScalingGroupName=Group)] mDesired-mInService > 0, 15 of 15 x 60s, notBreaching, Warning
Plain/CPUUtilization: Average AWS/EC2 CPUUtilization(AutoScalingGroupName=Plain) > 90, 3 of 3 x 300s, notBreaching, Warning
`,
		added{"Group", "AWS::AutoScaling::AutoScalingGroup", o{"MinSize": "1", "MaxSize": "4", "MetricsCollection": a{o{"Granularity": "1Minute"}}}},
		added{"Fixed", "AWS::AutoScaling::AutoScalingGroup", o{"MinSize": "2", "MaxSize": "2", "MetricsCollection": a{o{"Granularity": "1Minute"}}}},
		added{"Plain", "AWS::AutoScaling::AutoScalingGroup", o{"MinSize": "1", "MaxSize": "4"}},
	)
	document := `{"CloudWatchMetrics":{"Environment":{"ApplicationRequests5xx":60,"ApplicationRequestsTotal":60}},"Version":1}`
	wantAlarms(t, `
Basic/EnvironmentHealth: Maximum AWS/ElasticBeanstalk EnvironmentHealth(EnvironmentName=Basic) > 15, 3 of 5 x 60s, notBreaching, Critical
Web/EnvironmentHealth: Maximum AWS/ElasticBeanstalk EnvironmentHealth(EnvironmentName=Web) > 15, 3 of 5 x 60s, notBreaching, Critical
Web/ServerErrorPercent: mBad=[Sum AWS/ElasticBeanstalk ApplicationRequests5xx(EnvironmentName=Web)] mAll=[Sum AWS/ElasticBeanstalk ApplicationRequestsTotal(EnvironmentName=Web)] 100*mBad/mAll > 1, 3 of 5 x 60s, notBreaching, Critical
`,
		added{"Basic", "AWS::ElasticBeanstalk::Environment", o{"ApplicationName": "a"}},
		added{"Web", "AWS::ElasticBeanstalk::Environment", o{"ApplicationName": "a", "OptionSettings": a{
			o{"Namespace": "aws:elasticbeanstalk:healthreporting:system", "OptionName": "ConfigDocument", "Value": document},
		}}},
	)
}

func TestMonitor_Kubernetes(t *testing.T) {
	wantAlarms(t, `
Cluster/FailedNodes: Maximum ContainerInsights cluster_failed_node_count(ClusterName=Cluster) > 0, 5 of 5 x 60s, notBreaching, Warning
Cluster/NodeCPU: Average ContainerInsights node_cpu_utilization(ClusterName=Cluster) > 80, 5 of 5 x 60s, notBreaching, Warning
Cluster/NodeDisk: Maximum ContainerInsights node_filesystem_utilization(ClusterName=Cluster) > 80, 5 of 5 x 60s, notBreaching, Warning
Cluster/NodeMemory: Average ContainerInsights node_memory_utilization(ClusterName=Cluster) > 80, 5 of 5 x 60s, notBreaching, Warning
Cluster/ServerErrorPercent: mBad=[Sum AWS/EKS apiserver_request_total_5XX(ClusterName=Cluster)] mAll=[Sum AWS/EKS apiserver_request_total(ClusterName=Cluster)] 100*mBad/mAll > 1, 5 of 5 x 60s, notBreaching, Warning
Cluster/StorageSize: Maximum AWS/EKS apiserver_storage_size_bytes(ClusterName=Cluster) > 6871947673.6, 5 of 5 x 60s, notBreaching, Critical
Cluster/ThrottledPercent: mBad=[Sum AWS/EKS apiserver_request_total_429(ClusterName=Cluster)] mAll=[Sum AWS/EKS apiserver_request_total(ClusterName=Cluster)] 100*mBad/mAll > 1, 5 of 5 x 60s, notBreaching, Warning
Cluster/UnschedulablePods: Maximum AWS/EKS scheduler_pending_pods_UNSCHEDULABLE(ClusterName=Cluster) > 0, 15 of 15 x 60s, notBreaching, Warning
`,
		added{"Cluster", "AWS::EKS::Cluster", o{"RoleArn": "r", "ResourcesVpcConfig": o{"SubnetIds": a{"s"}}}},
		added{"Insights", "AWS::EKS::Addon", o{"AddonName": "amazon-cloudwatch-observability", "ClusterName": ref("Cluster")}},
	)
	wantAlarms(t, `
Older/ServerErrorPercent: mBad=[Sum AWS/EKS apiserver_request_total_5XX(ClusterName=Older)] mAll=[Sum AWS/EKS apiserver_request_total(ClusterName=Older)] 100*mBad/mAll > 1, 5 of 5 x 60s, notBreaching, Warning
Older/StorageSize: Maximum AWS/EKS apiserver_storage_size_bytes(ClusterName=Older) > 6871947673.6, 5 of 5 x 60s, notBreaching, Critical
Older/ThrottledPercent: mBad=[Sum AWS/EKS apiserver_request_total_429(ClusterName=Older)] mAll=[Sum AWS/EKS apiserver_request_total(ClusterName=Older)] 100*mBad/mAll > 1, 5 of 5 x 60s, notBreaching, Warning
Older/UnschedulablePods: Maximum AWS/EKS scheduler_pending_pods_UNSCHEDULABLE(ClusterName=Older) > 0, 15 of 15 x 60s, notBreaching, Warning
`,
		added{"Older", "Custom::AWSCDK-EKS-Cluster", o{"ServiceToken": "arn:aws:lambda:eu-west-1:111111111111:function:f"}},
		added{"Proxy", "AWS::EKS::Addon", o{"AddonName": "kube-proxy", "ClusterName": ref("Older")}},
	)
}

func TestMonitor_Edge(t *testing.T) {
	origin := func(timeout any) o {
		p := o{"OriginProtocolPolicy": "https-only"}
		if timeout != nil {
			p["OriginReadTimeout"] = timeout
		}
		return o{"Id": "o", "DomainName": "o.example.com", "CustomOriginConfig": p}
	}
	resources := []added{
		{"Site", "AWS::CloudFront::Distribution", o{"DistributionConfig": o{"Enabled": true, "Origins": a{origin(nil)}}}},
		{"Shop", "AWS::CloudFront::Distribution", o{"DistributionConfig": o{"Enabled": true, "Origins": a{origin(nil), origin(10)}}}},
		{"More", "AWS::CloudFront::MonitoringSubscription", o{
			"DistributionId": ref("Shop"), "MonitoringSubscription": o{"RealtimeMetricsSubscriptionConfig": o{"RealtimeMetricsSubscriptionStatus": "Enabled"}},
		}},
		{"Entry", "AWS::GlobalAccelerator::Accelerator", o{"Name": "entry"}},
	}
	lines, warnings := alarmsOn(t, "us-east-1", resources...)
	assert.Equal(t, strings.TrimSpace(`
Shop/OriginLatency: p90 AWS/CloudFront OriginLatency(DistributionId=Shop Region=Global) > 8000, 5 of 5 x 60s, notBreaching, Warning
Shop/ServerErrorRate: Average AWS/CloudFront 5xxErrorRate(DistributionId=Shop Region=Global) > 1, 5 of 5 x 60s, notBreaching, Critical
Site/ServerErrorRate: Average AWS/CloudFront 5xxErrorRate(DistributionId=Site Region=Global) > 1, 5 of 5 x 60s, notBreaching, Critical
`), strings.Join(lines, "\n"))
	assert.Len(t, warnings, 2, "of the accelerator")
	lines, warnings = alarmsOn(t, "us-west-2", resources...)
	assert.Equal(t, strings.TrimSpace(`
Entry/HealthyEndpointCount: Minimum AWS/GlobalAccelerator HealthyEndpointCount(Accelerator=map[Fn::Select:[1 map[Fn::Split:[/ Entry]]]]) < 1, 2 of 2 x 60s, notBreaching, Critical
Entry/UnhealthyEndpointCount: Maximum AWS/GlobalAccelerator UnhealthyEndpointCount(Accelerator=map[Fn::Select:[1 map[Fn::Split:[/ Entry]]]]) > 0, 5 of 5 x 60s, notBreaching, Warning
`), strings.Join(lines, "\n"))
	assert.Len(t, warnings, 3, "of the distributions")
}

func TestMonitor_Keys(t *testing.T) {
	wantAlarms(t, `
Cert/DaysToExpiry: Minimum AWS/CertificateManager DaysToExpiry(CertificateArn=Cert) < 30, 1 of 1 x 86400s, notBreaching, Warning
Cert/LastDays: Minimum AWS/CertificateManager DaysToExpiry(CertificateArn=Cert) < 7, 1 of 1 x 86400s, notBreaching, Critical
Imported/SecondsUntilKeyMaterialExpiration: Minimum AWS/KMS SecondsUntilKeyMaterialExpiration(KeyId=Imported) < 1209600, 1 of 1 x 3600s, notBreaching, Critical
`,
		added{"Cert", "AWS::CertificateManager::Certificate", o{"DomainName": "example.com"}},
		added{"Imported", "AWS::KMS::Key", o{"KeyPolicy": o{}, "Origin": "EXTERNAL"}},
		added{"Made", "AWS::KMS::Key", o{"KeyPolicy": o{}}},
	)
}

func TestMonitor_Networks(t *testing.T) {
	wantAlarms(t, `
Nat/DroppedPercent: mDropped=[Sum AWS/NATGateway PacketsDropCount(NatGatewayId=Nat)] mFromSource=[Sum AWS/NATGateway PacketsInFromSource(NatGatewayId=Nat)] mFromDestination=[Sum AWS/NATGateway PacketsInFromDestination(NatGatewayId=Nat)] 100*mDropped/(mFromSource+mFromDestination) > 0.01, 5 of 5 x 60s, notBreaching, Warning
Nat/ErrorPortAllocation: Sum AWS/NATGateway ErrorPortAllocation(NatGatewayId=Nat) > 0, 3 of 5 x 60s, notBreaching, Critical
Transit/PacketDropCountBlackhole: Sum AWS/TransitGateway PacketDropCountBlackhole(TransitGateway=Transit) > 0, 15 of 15 x 60s, notBreaching, Warning
Transit/PacketDropCountNoRoute: Sum AWS/TransitGateway PacketDropCountNoRoute(TransitGateway=Transit) > 0, 15 of 15 x 60s, notBreaching, Warning
Vpn/TunnelState: Maximum AWS/VPN TunnelState(VpnId=Vpn) < 1, 1 of 1 x 300s, notBreaching, Critical
Vpn/WorstTunnelState: Minimum AWS/VPN TunnelState(VpnId=Vpn) < 1, 3 of 3 x 300s, notBreaching, Warning
`,
		added{"Nat", "AWS::EC2::NatGateway", o{"SubnetId": "s"}},
		added{"Vpn", "AWS::EC2::VPNConnection", o{"Type": "ipsec.1", "CustomerGatewayId": "c"}},
		added{"Transit", "AWS::EC2::TransitGateway", o{}},
	)
}

// Whatever a Monitor knows beyond the services of newShop, as it looks on a dashboard.
func TestMonitor_Services(t *testing.T) {
	const role, key = "arn:aws:iam::111111111111:role/service", "arn:aws:kms:us-east-1:111111111111:key/11111111-2222-3333-4444-555555555555"
	app := cdktest.App(t, nil)
	stack := awscdk.NewStack(app, jsii.String("Test"), &awscdk.StackProps{
		Env: &awscdk.Environment{Account: jsii.String("111111111111"), Region: jsii.String("us-east-1")},
	})
	have := map[string]bool{}
	for _, r := range []added{
		{"Stream", "AWS::Kinesis::Stream", o{"ShardCount": 2}},
		{"Delivery", "AWS::KinesisFirehose::DeliveryStream", o{"ExtendedS3DestinationConfiguration": o{"BucketARN": "arn:aws:s3:::records", "RoleARN": role}}},
		{"Machine", "AWS::StepFunctions::StateMachine", o{"RoleArn": role, "DefinitionString": `{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}`}},
		{"Express", "AWS::StepFunctions::StateMachine", o{"RoleArn": role, "StateMachineType": "EXPRESS", "DefinitionString": `{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}`}},
		{"Rule", "AWS::Events::Rule", o{"ScheduleExpression": "rate(1 day)", "Targets": a{o{
			"Id": "T", "Arn": "arn:aws:lambda:us-east-1:111111111111:function:f", "DeadLetterConfig": o{"Arn": "arn:aws:sqs:us-east-1:111111111111:q"},
		}}}},
		{"OnBus", "AWS::Events::Rule", o{"EventPattern": o{"source": a{"orders"}}, "EventBusName": "orders"}},
		{"Database", "AWS::RDS::DBInstance", o{
			"DBInstanceClass": "db.t4g.medium", "Engine": "postgres", "AllocatedStorage": "100", "StorageType": "gp2", "ManageMasterUserPassword": true, "MasterUsername": "owner",
		}},
		{"Replica", "AWS::RDS::DBInstance", o{"DBInstanceClass": "db.t4g.medium", "SourceDBInstanceIdentifier": ref("Database")}},
		{"Aurora", "AWS::RDS::DBCluster", o{
			"Engine": "aurora-postgresql", "ServerlessV2ScalingConfiguration": o{"MinCapacity": 0.5, "MaxCapacity": 4}, "ManageMasterUserPassword": true, "MasterUsername": "owner",
		}},
		{"Cache", "AWS::ElastiCache::CacheCluster", o{"Engine": "redis", "CacheNodeType": "cache.t4g.small", "NumCacheNodes": 1}},
		{"Search", "AWS::OpenSearchService::Domain", o{
			"EBSOptions": o{"EBSEnabled": true, "VolumeSize": 100}, "EncryptionAtRestOptions": o{"Enabled": true, "KmsKeyId": key},
			"ClusterConfig": o{"InstanceCount": 3, "DedicatedMasterEnabled": true, "DedicatedMasterCount": 3},
		}},
		{"Kafka", "AWS::MSK::Cluster", o{
			"ClusterName": "orders", "KafkaVersion": "3.8.x", "NumberOfBrokerNodes": 3,
			"BrokerNodeGroupInfo": o{"InstanceType": "kafka.m7g.large", "ClientSubnets": a{"subnet-11111111", "subnet-22222222", "subnet-33333333"}},
		}},
		{"Files", "AWS::EFS::FileSystem", o{"Encrypted": true}},
		{"FastFiles", "AWS::EFS::FileSystem", o{"Encrypted": true, "ThroughputMode": "provisioned", "ProvisionedThroughputInMibps": 10}},
		{"Vault", "AWS::Backup::BackupVault", o{"BackupVaultName": "vault"}},
		{"Plan", "AWS::Backup::BackupPlan", o{"BackupPlan": o{"BackupPlanName": "daily", "BackupPlanRule": a{o{"RuleName": "daily", "TargetBackupVault": ref("Vault")}}}}},
		{"Server", "AWS::EC2::Instance", o{"InstanceType": "t2.small", "ImageId": "ami-0123456789abcdef0"}},
		{"Group", "AWS::AutoScaling::AutoScalingGroup", o{
			"MinSize": "1", "MaxSize": "4", "VPCZoneIdentifier": a{"subnet-11111111"}, "MetricsCollection": a{o{"Granularity": "1Minute"}},
			"LaunchTemplate": o{"LaunchTemplateId": "lt-0123456789abcdef0", "Version": "1"},
		}},
		{"Web", "AWS::ElasticBeanstalk::Environment", o{"ApplicationName": "web", "OptionSettings": a{o{
			"Namespace": "aws:elasticbeanstalk:healthreporting:system", "OptionName": "ConfigDocument",
			"Value": `{"CloudWatchMetrics":{"Environment":{"ApplicationLatencyP99":60,"ApplicationRequests5xx":60,"ApplicationRequestsTotal":60}},"Version":1}`,
		}}}},
		{"Kubernetes", "AWS::EKS::Cluster", o{"RoleArn": role, "ResourcesVpcConfig": o{"SubnetIds": a{"subnet-11111111", "subnet-22222222"}}}},
		{"Insights", "AWS::EKS::Addon", o{"AddonName": "amazon-cloudwatch-observability", "ClusterName": ref("Kubernetes")}},
		{"Site", "AWS::CloudFront::Distribution", o{"DistributionConfig": o{
			"Enabled": true, "Origins": a{o{"Id": "o", "DomainName": "origin.example.com", "CustomOriginConfig": o{"OriginProtocolPolicy": "https-only"}}},
			"DefaultCacheBehavior": o{"TargetOriginId": "o", "ViewerProtocolPolicy": "redirect-to-https", "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6"},
		}}},
		{"SiteMetrics", "AWS::CloudFront::MonitoringSubscription", o{
			"DistributionId": ref("Site"), "MonitoringSubscription": o{"RealtimeMetricsSubscriptionConfig": o{"RealtimeMetricsSubscriptionStatus": "Enabled"}},
		}},
		{"Entry", "AWS::GlobalAccelerator::Accelerator", o{"Name": "entry"}},
		{"Cert", "AWS::CertificateManager::Certificate", o{"DomainName": "example.com", "ValidationMethod": "DNS"}},
		{"Imported", "AWS::KMS::Key", o{"Origin": "EXTERNAL"}},
		{"Nat", "AWS::EC2::NatGateway", o{"SubnetId": "subnet-11111111", "ConnectivityType": "private"}},
		{"Vpn", "AWS::EC2::VPNConnection", o{"Type": "ipsec.1", "CustomerGatewayId": "cgw-11111111", "VpnGatewayId": "vgw-11111111"}},
		{"Transit", "AWS::EC2::TransitGateway", o{}},
	} {
		awscdk.NewCfnResource(stack, &r.id, &awscdk.CfnResourceProps{Type: &r.kind, Properties: &r.properties})
		have[r.kind] = true
	}
	monitoring.NewMonitor(stack, "Monitor", nil)
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("monitoring/services")

	// Each graph of the catalog is there for the types that the stack has.
	var drawn strings.Builder
	for _, dashboard := range tpl.All("AWS::CloudWatch::Dashboard") {
		fmt.Fprint(&drawn, dashboard.Properties["DashboardBody"])
	}
	var missing []string
	for _, e := range monitoring.Catalog() {
		if have[e.Type] && !strings.Contains(drawn.String(), e.Graph) {
			missing = append(missing, e.Key+" "+e.Graph)
		}
	}
	assert.Empty(t, missing)
}
