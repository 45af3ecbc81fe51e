// Package drill shows that a plan for a disaster works: experiments of AWS FIS that cut a region or an Availability Zone off.
//
//	people, or a schedule --> experiment --> faults: network cut, replication paused, instances stopped
//	                              ^   \----> logs, report
//	        StopAlarms stop it ---/
//
// An experiment hits only what its tags or ARNs choose, by a role that may do only what its faults need, and ends by itself: what was cut is
// connected again after Duration. No alarm to stop it, and nothing to hit, are errors unless you say otherwise.
//
// It costs 0.10 USD for each minute of each action, and what AWS takes for a report.
//
// See https://docs.aws.amazon.com/fis/latest/userguide/what-is.html
package drill

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsfis"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/encrypted"
	"github.com/strata-cdk/strata/internal/nag"
)

// Experiment is an experiment template of AWS FIS with its role and logs.
// The fields are the underlying constructs, for grants and overrides.
type Experiment struct {
	constructs.Construct
	// Template is what is started.
	Template awsfis.CfnExperimentTemplate
	// Role is that of FIS.
	Role awsiam.Role
	// Logs has what happened; nil with LogBucket.
	Logs awslogs.LogGroup
	// Schedule starts it; nil without Schedule.
	Schedule awsscheduler.CfnSchedule
}

// NewExperiment defines an Experiment named id in scope, in a stack of the region that faults hit.
// It panics with a *check.Error that lists every invalid field of props.
func NewExperiment(scope constructs.Construct, id string, props *ExperimentProps) *Experiment {
	path, stack := scope.Node().Path(), awscdk.Stack_Of(scope)
	check.Must(path, id, props.Validate())
	d := props.withDefaults()
	check.Must(path, id, d.validateRegion(*stack.Region()))

	e := &Experiment{}
	constructs.NewConstruct_Override(e, scope, &id)
	e.Role = awsiam.NewRole(e, jsii.String("Role"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("fis.amazonaws.com"), &awsiam.ServicePrincipalOpts{Conditions: &map[string]any{
			"StringEquals": map[string]any{"aws:SourceAccount": stack.Account()},
			"ArnLike":      map[string]any{"aws:SourceArn": experimentARN(stack, "experiment", "*")},
		}}),
	})
	var statements []awsiam.PolicyStatement
	actions, targets := map[string]any{}, map[string]any{}
	network := false
	for i := range d.Actions {
		a := &d.Actions[i]
		actions[a.ID], targets[a.ID] = a.define()
		statements = append(statements, a.statements(stack)...)
		network = network || strings.HasPrefix(string(a.Fault), "aws:network:")
	}
	for _, key := range d.VolumeKeys {
		statements = append(statements, awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Actions: jsii.Strings("kms:CreateGrant"), Resources: &[]*string{key.KeyArn()},
			Conditions: &map[string]any{"Bool": map[string]any{"kms:GrantIsForAWSResource": "true"}},
		}))
	}
	if network {
		e.Role.AddManagedPolicy(awsiam.ManagedPolicy_FromAwsManagedPolicyName(jsii.String("service-role/AWSFaultInjectionSimulatorNetworkAccess")))
		nag.Suppress(e.Role, "AwsSolutions-IAM4", "This is the policy of AWS for the network faults: it holds changes to what has FIS's own tag.")
	}
	logs, logStatements := e.newLogs(&d)
	report, reportStatements := e.report(d.Report)
	statements = append(append(statements, logStatements...), reportStatements...)
	policy := awsiam.NewPolicy(e, jsii.String("Policy"), &awsiam.PolicyProps{Statements: &statements, Roles: &[]awsiam.IRole{e.Role}})
	nag.Suppress(policy, "AwsSolutions-IAM5", "FIS finds its targets by tags, so that their names are not known. Conditions hold the faults to the tags, the account or the fault where the service has such conditions.")

	mode := "fail"
	if d.SkipEmptyTargets {
		mode = "skip"
	}
	e.Template = awsfis.NewCfnExperimentTemplate(e, jsii.String("Template"), &awsfis.CfnExperimentTemplateProps{
		Description: &d.Description, RoleArn: e.Role.RoleArn(), Actions: actions, Targets: targets, StopConditions: d.stopConditions(),
		ExperimentOptions: &awsfis.CfnExperimentTemplate_ExperimentTemplateExperimentOptionsProperty{
			AccountTargeting: jsii.String("single-account"), EmptyTargetResolutionMode: &mode,
		},
		LogConfiguration: logs, Tags: &map[string]*string{"Name": e.Node().Path()},
	})
	if report != nil {
		e.Template.SetExperimentReportConfiguration(report)
	}
	e.Template.Node().AddDependency(policy)
	if d.Schedule != "" {
		e.newSchedule(d.Schedule)
	}
	return e
}

// TemplateID is what an experiment is started by: aws fis start-experiment --experiment-template-id.
func (e *Experiment) TemplateID() *string { return e.Template.AttrId() }

func experimentARN(stack awscdk.Stack, resource, name string) *string {
	return stack.FormatArn(&awscdk.ArnComponents{Service: jsii.String("fis"), Resource: &resource, ResourceName: &name})
}

// validateRegion reports a region that is cut off itself.
func (p *ExperimentProps) validateRegion(region string) error {
	c := check.For("drill.ExperimentProps")
	for i, a := range p.Actions {
		c.At(check.Index("Actions", i)).That(a.OtherRegion != region, "OtherRegion", "must be another region than the stack's, which is %s", region)
	}
	return c.Err()
}

func (p *ExperimentProps) stopConditions() []any {
	if p.DisableStopAlarms {
		return []any{&awsfis.CfnExperimentTemplate_ExperimentTemplateStopConditionProperty{Source: jsii.String("none")}}
	}
	var conditions []any
	for _, a := range p.StopAlarms {
		conditions = append(conditions, &awsfis.CfnExperimentTemplate_ExperimentTemplateStopConditionProperty{Source: jsii.String("aws:cloudwatch:alarm"), Value: a.AlarmArn()})
	}
	return conditions
}

// newLogs says where logs go, and what FIS needs to have them delivered there.
//
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
func (e *Experiment) newLogs(d *ExperimentProps) (*awsfis.CfnExperimentTemplate_ExperimentTemplateLogConfigurationProperty, []awsiam.PolicyStatement) {
	// The CDK writes the typed configurations of destinations with the names of its own fields, which CloudFormation does not know: hence maps.
	logs := &awsfis.CfnExperimentTemplate_ExperimentTemplateLogConfigurationProperty{LogSchemaVersion: jsii.Number(2)}
	if d.LogBucket != nil {
		logs.S3Configuration = map[string]any{"BucketName": d.LogBucket.BucketName()}
		return logs, []awsiam.PolicyStatement{
			awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{Actions: jsii.Strings("logs:CreateLogDelivery"), Resources: jsii.Strings("*")}),
			awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{Actions: jsii.Strings("s3:GetBucketPolicy", "s3:PutBucketPolicy"), Resources: &[]*string{d.LogBucket.BucketArn()}}),
		}
	}
	key := d.Key
	if key == nil {
		key = encrypted.NewKey(e, "Logs of the drill "+*e.Node().Path(), d.RemovalPolicy)
	}
	encrypted.AllowLogs(e, key)
	e.Logs = encrypted.NewLogGroup(e, "Logs", "", key, d.LogRetentionDays, d.RemovalPolicy)
	logs.CloudWatchLogsConfiguration = map[string]any{"LogGroupArn": e.Logs.LogGroupArn()}
	return logs, []awsiam.PolicyStatement{awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions:   jsii.Strings("logs:CreateLogDelivery", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups"),
		Resources: jsii.Strings("*"),
	})}
}

// report says what reports have and where they go, and what FIS needs for them.
func (e *Experiment) report(r *Report) (*awsfis.CfnExperimentTemplate_ExperimentTemplateExperimentReportConfigurationProperty, []awsiam.PolicyStatement) {
	if r == nil {
		return nil, nil
	}
	stack := awscdk.Stack_Of(e)
	config := &awsfis.CfnExperimentTemplate_ExperimentTemplateExperimentReportConfigurationProperty{
		Outputs: &awsfis.CfnExperimentTemplate_OutputsProperty{
			ExperimentReportS3Configuration: &awsfis.CfnExperimentTemplate_ExperimentReportS3ConfigurationProperty{BucketName: r.Bucket.BucketName(), Prefix: &r.Prefix},
		},
		PreExperimentDuration: iso(r.Before), PostExperimentDuration: iso(r.After),
	}
	statements := []awsiam.PolicyStatement{awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("s3:PutObject", "s3:GetObject"), Resources: &[]*string{r.Bucket.ArnForObjects(jsii.String(r.Prefix + "*"))},
	})}
	if key := r.Bucket.EncryptionKey(); key != nil {
		statements = append(statements, awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Actions: jsii.Strings("kms:Decrypt", "kms:GenerateDataKey"), Resources: &[]*string{key.KeyArn()},
		}))
	}
	if len(r.DashboardNames) > 0 {
		var dashboards []any
		var arns []*string
		for _, name := range r.DashboardNames {
			arn := stack.FormatArn(&awscdk.ArnComponents{Service: jsii.String("cloudwatch"), Region: jsii.String(""), Resource: jsii.String("dashboard"), ResourceName: &name})
			dashboards, arns = append(dashboards, &awsfis.CfnExperimentTemplate_CloudWatchDashboardProperty{DashboardIdentifier: arn}), append(arns, arn)
		}
		config.DataSources = &awsfis.CfnExperimentTemplate_DataSourcesProperty{CloudWatchDashboards: dashboards}
		statements = append(statements,
			awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{Actions: jsii.Strings("cloudwatch:GetDashboard"), Resources: &arns}),
			awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{Actions: jsii.Strings("cloudwatch:GetMetricWidgetImage"), Resources: jsii.Strings("*")}),
		)
	}
	return config, statements
}

// newSchedule has EventBridge Scheduler start the experiment. It is not tried again: a drill that comes late may meet people who have not been
// told.
func (e *Experiment) newSchedule(cron string) {
	stack := awscdk.Stack_Of(e)
	role := awsiam.NewRole(e, jsii.String("ScheduleRole"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("scheduler.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": stack.Account()}},
		}),
	})
	policy := awsiam.NewPolicy(e, jsii.String("SchedulePolicy"), &awsiam.PolicyProps{
		Roles: &[]awsiam.IRole{role},
		Statements: &[]awsiam.PolicyStatement{awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Actions: jsii.Strings("fis:StartExperiment"), Resources: &[]*string{experimentARN(stack, "experiment-template", *e.TemplateID()), experimentARN(stack, "experiment", "*")},
		})},
	})
	nag.Suppress(policy, "AwsSolutions-IAM5", "An experiment has its id when it is started.")
	e.Schedule = awsscheduler.NewCfnSchedule(e, jsii.String("Schedule"), &awsscheduler.CfnScheduleProps{
		Description: jsii.String("Starts the drill " + *e.Node().Path()), ScheduleExpression: &cron,
		FlexibleTimeWindow: &awsscheduler.CfnSchedule_FlexibleTimeWindowProperty{Mode: jsii.String("OFF")},
		Target: &awsscheduler.CfnSchedule_TargetProperty{
			Arn: jsii.String("arn:" + *awscdk.Aws_PARTITION() + ":scheduler:::aws-sdk:fis:startExperiment"), RoleArn: role.RoleArn(),
			Input: stack.ToJsonString(map[string]any{
				"ClientToken": "<aws.scheduler.execution-id>", "ExperimentTemplateId": e.TemplateID(),
			}, nil),
			RetryPolicy: &awsscheduler.CfnSchedule_RetryPolicyProperty{MaximumRetryAttempts: jsii.Number(0)},
		},
	})
	e.Schedule.Node().AddDependency(policy)
}
