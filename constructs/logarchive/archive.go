// Package logarchive archives log groups of CloudWatch Logs in S3, by export tasks.
//
//	schedule --> state machine --> CreateExportTask, one at a time --> bucket: exports/GROUP/Y/M/D/FROM-TO/TASK/...
//	                  |  \                                                     manifests/GROUP/Y/M/D/FROM-TO.json
//	             checkpoint  metric WindowsBehind --> alarm
//	             (DynamoDB)
//
// Each log group is cut into windows of time without a hole or an overlap. The checkpoint has the next window of each; a run that fails is taken
// up by the next one, which looks for the task that was begun before it creates another. The manifest of a window names the one
// task that has it.
//
// It costs the requests and the storage of S3, some state transitions an hour, a key of KMS and two alarms; exporting itself is charged by
// the size of the data.
//
// See https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/S3Export.html
package logarchive

import (
	"fmt"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/accesslogs"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/encrypted"
	"github.com/strata-cdk/strata/internal/monitor"
	"github.com/strata-cdk/strata/internal/nag"
)

// The metric that each run writes: how many windows of the log group that is most behind are due, but not exported.
const (
	namespace    = "Strata/LogArchive"
	behindMetric = "WindowsBehind"
	dimension    = "Archive"
)

// Archive exports log groups to Bucket.
// The fields are the underlying constructs, for grants, alarm actions and overrides.
type Archive struct {
	constructs.Construct
	// Bucket has the exports and their manifests.
	Bucket awss3.IBucket
	// AccessLogs has the access logs of a new bucket; nil when the bucket was given.
	AccessLogs awss3.Bucket
	// Key encrypts them.
	Key awskms.IKey
	// Checkpoint is the table that has the next window of each log group, and the run at work.
	Checkpoint awsdynamodb.Table
	// StateMachine is what exports.
	StateMachine awsstepfunctions.StateMachine
	// Logs are the logs of the runs.
	Logs awslogs.LogGroup
	// Schedule starts the runs.
	Schedule awsscheduler.CfnSchedule
	// Role is the state machine's.
	Role awsiam.Role
	// AlarmTopic gets the alarms.
	AlarmTopic awssns.ITopic
	// FailedAlarm fires when a run failed: a log group could not be exported, or a service did not answer.
	FailedAlarm awscloudwatch.Alarm
	// BehindAlarm fires when the archive of a log group is behind, and when nothing runs.
	BehindAlarm awscloudwatch.Alarm
}

// NewArchive defines an Archive named id in scope.
// It panics with a *check.Error that lists every invalid field of props.
func NewArchive(scope constructs.Construct, id string, props *ArchiveProps) *Archive {
	stack := awscdk.Stack_Of(scope)
	problems := props.check()
	if props != nil {
		props.checkRegions(problems, *stack.Region())
	}
	check.Must(scope.Node().Path(), id, problems.Err())
	d := props.withDefaults()

	a := &Archive{Key: d.Key, Bucket: d.Bucket, AlarmTopic: d.AlarmTopic}
	constructs.NewConstruct_Override(a, scope, &id)
	if a.Key == nil {
		a.Key = encrypted.NewKey(a, "Encrypts the archive "+*a.Node().Path(), awscdk.RemovalPolicy_RETAIN)
	}
	encrypted.AllowLogs(a, a.Key)
	if a.Bucket == nil {
		a.newBucket(&d)
	}
	a.allowExports(stack)
	a.Checkpoint = awsdynamodb.NewTable(a, jsii.String("Checkpoint"), &awsdynamodb.TableProps{
		PartitionKey:  &awsdynamodb.Attribute{Name: jsii.String("id"), Type: awsdynamodb.AttributeType_STRING},
		BillingMode:   awsdynamodb.BillingMode_PAY_PER_REQUEST,
		EncryptionKey: a.Key,
		// Without it, everything would be exported again.
		RemovalPolicy:                    awscdk.RemovalPolicy_RETAIN,
		DeletionProtection:               jsii.Bool(true),
		PointInTimeRecoverySpecification: &awsdynamodb.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: jsii.Bool(true)},
	})
	a.newStateMachine(stack, &d)
	a.newSchedule(stack, d.Export.Every)
	a.newAlarms(&d)
	return a
}

// checkRegions records what is not in the stack's region, where that is known: export tasks stay in one.
func (p *ArchiveProps) checkRegions(c *check.List, region string) {
	other := func(field, got string) {
		c.That(got == region || check.IsToken(got) || check.IsToken(region), field, "must be in the stack's region %s, got %s", region, got)
	}
	for i, g := range p.LogGroups {
		if g != nil {
			other(check.Index("LogGroups", i), *g.Env().Region)
		}
	}
	if p.Bucket != nil {
		other("Bucket", *p.Bucket.Env().Region)
	}
}

func (a *Archive) newBucket(d *ArchiveProps) {
	rule := &awss3.LifecycleRule{AbortIncompleteMultipartUploadAfter: awscdk.Duration_Days(jsii.Number(7))}
	if !d.KeepInStandard {
		rule.Transitions = &[]*awss3.Transition{{
			StorageClass: awss3.StorageClass_GLACIER(), TransitionAfter: awscdk.Duration_Days(jsii.Number(d.GlacierAfterDays)),
		}}
	}
	if d.ExpireAfterDays > 0 {
		rule.Expiration = awscdk.Duration_Days(jsii.Number(d.ExpireAfterDays))
		rule.NoncurrentVersionExpiration = awscdk.Duration_Days(jsii.Number(1))
	}
	props := &awss3.BucketProps{
		Encryption: awss3.BucketEncryption_KMS, EncryptionKey: a.Key, BucketKeyEnabled: jsii.Bool(true),
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(), EnforceSSL: jsii.Bool(true), Versioned: jsii.Bool(true),
		ObjectOwnership: awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED, RemovalPolicy: awscdk.RemovalPolicy_RETAIN,
		MinimumTLSVersion: jsii.Number(1.2), LifecycleRules: &[]*awss3.LifecycleRule{rule},
	}
	if d.LockDays > 0 {
		props.ObjectLockDefaultRetention = awss3.ObjectLockRetention_Compliance(awscdk.Duration_Days(jsii.Number(d.LockDays)))
	}
	if d.ConfigureBucket != nil {
		d.ConfigureBucket(props)
	}
	bucket := awss3.NewBucket(a, jsii.String("Bucket"), props)
	a.AccessLogs = accesslogs.OfBucket(a, bucket, awscdk.RemovalPolicy_RETAIN)
	a.Bucket = bucket
}

// allowExports lets CloudWatch Logs write the exports of this account, as AWS's page about exports says.
func (a *Archive) allowExports(stack awscdk.Stack) {
	logs := &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("logs."+*stack.Region()+".amazonaws.com"), nil)}
	conditions := func(more map[string]any) *map[string]any {
		all := map[string]any{
			"StringEquals": map[string]any{"aws:SourceAccount": stack.Account()},
			"ArnLike":      map[string]any{"aws:SourceArn": arn(stack, "logs", "log-group", "*", awscdk.ArnFormat_COLON_RESOURCE_NAME)},
		}
		for k, v := range more {
			all["StringEquals"].(map[string]any)[k] = v
		}
		return &all
	}
	a.Bucket.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: logs, Actions: jsii.Strings("s3:GetBucketAcl"), Resources: &[]*string{a.Bucket.BucketArn()}, Conditions: conditions(nil),
	}))
	a.Bucket.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: logs, Actions: jsii.Strings("s3:PutObject"), Resources: &[]*string{a.Bucket.ArnForObjects(jsii.String("*"))},
		Conditions: conditions(map[string]any{"s3:x-amz-acl": "bucket-owner-full-control"}),
	}))
	if key := a.Bucket.EncryptionKey(); key != nil {
		key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Principals: logs, Actions: jsii.Strings("kms:GenerateDataKey", "kms:Decrypt"), Resources: jsii.Strings("*"),
		}), nil)
	}
}

func arn(stack awscdk.Stack, service, resource, name string, format awscdk.ArnFormat) *string {
	return stack.FormatArn(&awscdk.ArnComponents{Service: &service, Resource: &resource, ResourceName: &name, ArnFormat: format})
}

func (a *Archive) newStateMachine(stack awscdk.Stack, d *ArchiveProps) {
	m := &machine{
		partition: *stack.Partition(), table: *a.Checkpoint.TableName(), bucket: *a.Bucket.BucketName(), archive: *a.Node().Path(),
		window: d.Export.Window, lag: d.Export.Lag, from: d.Export.From,
	}
	create := make([]*string, len(d.LogGroups))
	for i, g := range d.LogGroups {
		m.groups = append(m.groups, *g.LogGroupName())
		create[i] = arn(stack, "logs", "log-group", *g.LogGroupName()+":*", awscdk.ArnFormat_COLON_RESOURCE_NAME)
	}
	a.Role = awsiam.NewRole(a, jsii.String("Role"), &awsiam.RoleProps{AssumedBy: awsiam.NewServicePrincipal(jsii.String("states.amazonaws.com"), nil)})
	allow := func(resources []*string, actions ...string) {
		a.Role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{Actions: jsii.Strings(actions...), Resources: &resources}))
	}
	a.Checkpoint.Grant(a.Role, jsii.String("dynamodb:GetItem"), jsii.String("dynamodb:UpdateItem"))
	a.Key.GrantEncryptDecrypt(a.Role)
	allow(create, "logs:CreateExportTask")
	allow([]*string{arn(stack, "logs", "log-group", "*", awscdk.ArnFormat_COLON_RESOURCE_NAME)}, "logs:DescribeLogGroups")
	allow(*jsii.Strings("*"), "logs:DescribeExportTasks")
	// Who creates a task must be allowed to write where it writes.
	allow([]*string{a.Bucket.ArnForObjects(jsii.String(exports + "/*")), a.Bucket.ArnForObjects(jsii.String(manifests + "/*"))}, "s3:PutObject")
	if key := a.Bucket.EncryptionKey(); key != nil && key != a.Key {
		key.Grant(a.Role, jsii.String("kms:GenerateDataKey"), jsii.String("kms:Decrypt"))
	}
	a.Role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("cloudwatch:PutMetricData"), Resources: jsii.Strings("*"),
		Conditions: &map[string]any{"StringEquals": map[string]any{"cloudwatch:namespace": namespace}},
	}))

	a.Logs = encrypted.NewLogGroup(a, "Logs", "", a.Key, 365, awscdk.RemovalPolicy_RETAIN)
	props := &awsstepfunctions.StateMachineProps{
		StateMachineType: awsstepfunctions.StateMachineType_STANDARD,
		DefinitionBody:   awsstepfunctions.DefinitionBody_FromString(jsii.String(m.definition())),
		Role:             a.Role,
		TracingEnabled:   jsii.Bool(true),
		Logs: &awsstepfunctions.LogOptions{
			Destination: a.Logs, Level: awsstepfunctions.LogLevel_ALL, IncludeExecutionData: jsii.Bool(true),
		},
	}
	if d.Export.ConfigureStateMachine != nil {
		d.Export.ConfigureStateMachine(props)
	}
	a.StateMachine = awsstepfunctions.NewStateMachine(a, jsii.String("StateMachine"), props)
	// A policy of its own: the state machine waits for the role's, and this one for the state machine's name.
	holder := awsiam.NewPolicy(a, jsii.String("HolderPolicy"), &awsiam.PolicyProps{
		Roles: &[]awsiam.IRole{a.Role},
		Statements: &[]awsiam.PolicyStatement{awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Actions:   jsii.Strings("states:DescribeExecution"),
			Resources: &[]*string{arn(stack, "states", "execution", *a.StateMachine.StateMachineName()+":*", awscdk.ArnFormat_COLON_RESOURCE_NAME)},
		})},
	})
	nag.Suppress(holder, "AwsSolutions-IAM5", "The executions of the state machine itself.", `/^Resource::arn:.*:execution:.*:\*$/`)
	policy := a.Role.Node().FindChild(jsii.String("DefaultPolicy"))
	nag.Suppress(policy, "AwsSolutions-IAM5", "Export tasks, metrics, traces and log deliveries have no resource to name in a policy.", "Resource::*")
	nag.Suppress(policy, "AwsSolutions-IAM5", "The ARN of a log group ends so, and groups are described by the beginning of their names.", `/^Resource::.*:log-group:.*\*$/`)
	nag.Suppress(policy, "AwsSolutions-IAM5", "The objects are those of the archive.", `/^Resource::.*\/(exports|manifests)\/\*$/`)
	nag.Suppress(policy, "AwsSolutions-IAM5", "What DynamoDB and S3 ask of a key, on that key.", "Action::kms:GenerateDataKey*", "Action::kms:ReEncrypt*")
}

func (a *Archive) newSchedule(stack awscdk.Stack, every time.Duration) {
	role := awsiam.NewRole(a, jsii.String("ScheduleRole"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("scheduler.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": stack.Account()}},
		}),
	})
	a.StateMachine.GrantStartExecution(role)
	rate := fmt.Sprintf("rate(%d minutes)", int(every.Minutes()))
	a.Schedule = awsscheduler.NewCfnSchedule(a, jsii.String("Schedule"), &awsscheduler.CfnScheduleProps{
		Description: jsii.String("Starts the archive " + *a.Node().Path()), ScheduleExpression: &rate,
		FlexibleTimeWindow: &awsscheduler.CfnSchedule_FlexibleTimeWindowProperty{Mode: jsii.String("OFF")},
		Target: &awsscheduler.CfnSchedule_TargetProperty{
			Arn: a.StateMachine.StateMachineArn(), RoleArn: role.RoleArn(),
			// The next run comes soon enough.
			RetryPolicy: &awsscheduler.CfnSchedule_RetryPolicyProperty{MaximumEventAgeInSeconds: jsii.Number(min(every.Seconds(), 86400)), MaximumRetryAttempts: jsii.Number(3)},
		},
	})
	a.Schedule.Node().AddDependency(role)
}

func (a *Archive) newAlarms(d *ArchiveProps) {
	if a.AlarmTopic == nil {
		a.AlarmTopic = monitor.NewTopic(a, a.Key)
	}
	failed := awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
		Expression: jsii.String("failed + aborted + late"), Label: jsii.String("Runs that failed"), Period: cdkval.Duration(time.Minute),
		UsingMetrics: &map[string]awscloudwatch.IMetric{
			"failed":  a.StateMachine.MetricFailed(monitor.PerMinute("Sum")),
			"aborted": a.StateMachine.MetricAborted(monitor.PerMinute("Sum")),
			"late":    a.StateMachine.MetricTimedOut(monitor.PerMinute("Sum")),
		},
	})
	a.FailedAlarm = monitor.NewAlarm(a, monitor.Watch{
		ID: "FailedAlarm", Text: "A run of the archive failed", Metric: failed, Minutes: 1, Of: 1,
	}, a.AlarmTopic)
	behind := awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace: jsii.String(namespace), MetricName: jsii.String(behindMetric),
		DimensionsMap: &map[string]*string{dimension: a.Node().Path()},
		Statistic:     jsii.String("Maximum"), Period: cdkval.Duration(alarmPeriod(d.Export.Every)),
	})
	a.BehindAlarm = monitor.NewAlarm(a, monitor.Watch{
		ID: "BehindAlarm", Text: "Windows are due but not exported, or nothing runs", Metric: behind, Threshold: float64(d.Export.BehindWindows),
		Minutes: 2, Of: 2, Period: alarmPeriod(d.Export.Every), Missing: awscloudwatch.TreatMissingData_BREACHING,
	}, a.AlarmTopic)
}

// alarmPeriod is the shortest number of hours in which at least one run starts.
func alarmPeriod(every time.Duration) time.Duration {
	return (every + time.Hour - 1).Truncate(time.Hour)
}

// GrantRead lets grantee read the archive, and decrypt it.
func (a *Archive) GrantRead(grantee awsiam.IGrantable) awsiam.Grant {
	return a.Bucket.GrantRead(grantee, nil)
}
