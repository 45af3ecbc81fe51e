package logarchive

import (
	"fmt"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

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

// allowExports lets CloudWatch Logs write the exports of this account, as AWS's page about exports says.
// It returns what has to be there before an export.
func (a *Archive) allowExports(stack awscdk.Stack) constructs.IDependable {
	service := &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("logs."+*stack.Region()+".amazonaws.com"), nil)}
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
		Principals: service, Actions: jsii.Strings("s3:GetBucketAcl"), Resources: &[]*string{a.Bucket.BucketArn()}, Conditions: conditions(nil),
	}))
	added := a.Bucket.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: service, Actions: jsii.Strings("s3:PutObject"), Resources: &[]*string{a.Bucket.ArnForObjects(jsii.String("*"))},
		Conditions: conditions(map[string]any{"s3:x-amz-acl": "bucket-owner-full-control"}),
	}))
	if key := a.Bucket.EncryptionKey(); key != nil {
		key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Principals: service, Actions: jsii.Strings("kms:GenerateDataKey", "kms:Decrypt"), Resources: jsii.Strings("*"),
		}), nil)
	}
	return added.PolicyDependable
}

func arn(stack awscdk.Stack, service, resource, name string, format awscdk.ArnFormat) *string {
	return stack.FormatArn(&awscdk.ArnComponents{Service: &service, Resource: &resource, ResourceName: &name, ArnFormat: format})
}

// newStateMachine defines the state machine and its role. It returns a policy that comes after the state machine.
func (a *Archive) newStateMachine(stack awscdk.Stack, d *ArchiveProps) awsiam.Policy {
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

	a.Logs = encrypted.NewLogGroup(a, "Logs", "", a.Key, 365, d.RemovalPolicy)
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
	return holder
}

// newSchedule defines the schedule, which waits for what a run needs.
func (a *Archive) newSchedule(stack awscdk.Stack, every time.Duration, needed ...constructs.IDependable) {
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
	for _, n := range needed {
		if n != nil { // as of a bucket from elsewhere
			a.Schedule.Node().AddDependency(n)
		}
	}
}

func (a *Archive) newAlarms(d *ArchiveProps) {
	if a.AlarmTopic == nil {
		a.AlarmTopic = monitor.NewTopic(a, a.Key)
	}
	failed := awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
		Expression: jsii.String("FILL(failed, 0) + FILL(aborted, 0) + FILL(late, 0)"), Label: jsii.String("Runs that failed"), Period: cdkval.Duration(time.Minute),
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

func (a *Archive) addCheckpoint(removal awscdk.RemovalPolicy) {
	a.Checkpoint = awsdynamodb.NewTable(a, jsii.String("Checkpoint"), &awsdynamodb.TableProps{
		PartitionKey:  &awsdynamodb.Attribute{Name: jsii.String("id"), Type: awsdynamodb.AttributeType_STRING},
		BillingMode:   awsdynamodb.BillingMode_PAY_PER_REQUEST,
		EncryptionKey: a.Key,
		// Without it, everything would be exported again.
		RemovalPolicy:                    removal,
		DeletionProtection:               jsii.Bool(removal == awscdk.RemovalPolicy_RETAIN),
		PointInTimeRecoverySpecification: &awsdynamodb.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: jsii.Bool(true)},
	})
}
