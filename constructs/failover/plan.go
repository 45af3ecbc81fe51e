package failover

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsarcregionswitch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/nag"
	"github.com/strata-cdk/strata/internal/sorted"
)

// Plan is a plan of ARC Region switch with its role. It is one for both regions, and each of them can run it while the other is lost.
// The fields are the underlying constructs, for grants and overrides.
type Plan struct {
	constructs.Construct
	// Plan is what is run.
	Plan awsarcregionswitch.CfnPlan
	// Role is that of runs: it may do only what the steps need.
	Role awsiam.Role
}

// NewPlan defines a Plan named id in scope.
// It panics with a *check.Error that lists every invalid field of props.
func NewPlan(scope constructs.Construct, id string, props *PlanProps) *Plan {
	check.Must(scope.Node().Path(), id, props.Validate())
	d := props.withDefaults()

	p := &Plan{}
	constructs.NewConstruct_Override(p, scope, &id)
	p.Role = awsiam.NewRole(p, jsii.String("Role"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("arc-region-switch.amazonaws.com"), nil),
	})
	policy := p.newPolicy(&d)
	plan := &awsarcregionswitch.CfnPlanProps{
		Name: &d.Name, Description: cdkval.Text(d.Description), Regions: jsii.Strings(d.Regions...), RecoveryApproach: jsii.String(string(d.Approach)),
		ExecutionRole: p.Role.RoleArn(), Workflows: d.workflows(), AssociatedAlarms: d.alarms(), Triggers: d.triggers(),
	}
	if d.Approach == ActivePassive {
		plan.PrimaryRegion = &d.Regions[0]
	}
	if d.RecoveryTime != 0 {
		plan.RecoveryTimeObjectiveMinutes = jsii.Number(d.RecoveryTime.Minutes())
	}
	if d.Report != nil {
		plan.ReportConfiguration = &awsarcregionswitch.CfnPlan_ReportConfigurationProperty{
			ReportOutput: []any{&awsarcregionswitch.CfnPlan_ReportOutputConfigurationProperty{S3Configuration: &awsarcregionswitch.CfnPlan_S3ReportOutputConfigurationProperty{
				BucketOwner: awscdk.Stack_Of(p).Account(), BucketPath: jsii.String(*d.Report.Bucket.BucketName() + "/" + d.Report.Prefix),
			}}},
		}
	}
	p.Plan = awsarcregionswitch.NewCfnPlan(p, jsii.String("Plan"), plan)
	p.Plan.Node().AddDependency(policy)
	for _, s := range d.steps() {
		if s.Approval != nil {
			s.Approval.Role.AddToPrincipalPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
				Actions: jsii.Strings("arc-region-switch:ApprovePlanExecutionStep"), Resources: &[]*string{p.ARN()},
			}))
		}
	}
	return p
}

// ARN is what a run, and PlanARN of a Step, name the plan by.
func (p *Plan) ARN() *string { return p.Plan.AttrArn() }

// steps gives those of all workflows, with those in Parallel.
func (p *PlanProps) steps() []Step {
	var all []Step
	for _, w := range p.Workflows {
		for _, s := range w.Steps {
			all = append(append(all, s), s.Parallel...)
		}
	}
	return all
}

func (p *PlanProps) workflows() []any {
	var workflows []any
	for _, w := range p.Workflows {
		workflows = append(workflows, &awsarcregionswitch.CfnPlan_WorkflowProperty{
			WorkflowTargetAction: jsii.String(string(w.Action)), WorkflowTargetRegion: cdkval.Text(w.Region), WorkflowDescription: cdkval.Text(w.Description), Steps: p.define(w.Steps),
		})
	}
	return workflows
}

// alarms gives nil without any.
func (p *PlanProps) alarms() any {
	alarms := map[string]any{}
	for typ, named := range map[string]map[string]string{"applicationHealth": p.HealthAlarms, "trigger": p.TriggerAlarms} {
		for name, arn := range named {
			alarms[name] = &awsarcregionswitch.CfnPlan_AssociatedAlarmProperty{AlarmType: &typ, ResourceIdentifier: &arn}
		}
	}
	if len(alarms) == 0 {
		return nil
	}
	return alarms
}

// triggers gives nil without any.
func (p *PlanProps) triggers() any {
	var triggers []any
	for _, t := range p.Triggers {
		var conditions []any
		add := func(names []string, condition string) {
			for _, name := range names {
				conditions = append(conditions, &awsarcregionswitch.CfnPlan_TriggerConditionProperty{AssociatedAlarmName: &name, Condition: &condition})
			}
		}
		add(t.Red, "red")
		add(t.Green, "green")
		triggers = append(triggers, &awsarcregionswitch.CfnPlan_TriggerProperty{
			Action: jsii.String(string(t.Action)), TargetRegion: &t.Region, Conditions: conditions, MinDelayMinutesBetweenExecutions: jsii.Number(t.MinDelay.Minutes()),
		})
	}
	if triggers == nil {
		return nil
	}
	return triggers
}

// newPolicy lets the role do what a run needs.
//
// https://docs.aws.amazon.com/r53recovery/latest/dg/security_iam_region_switch_execution_blocks.html
func (p *Plan) newPolicy(d *PlanProps) awsiam.Policy {
	stack := awscdk.Stack_Of(p)
	var statements []awsiam.PolicyStatement
	allow := func(resources []string, actions ...string) {
		statements = append(statements, awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{Actions: jsii.Strings(actions...), Resources: jsii.Strings(resources...)}))
	}
	// The ARN of the plan ends with what AWS chooses, once the role is there.
	self := *stack.FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("arc-region-switch"), Region: jsii.String(""), Resource: jsii.String("plan"), ResourceName: jsii.String(d.Name + ":*"),
	})
	allow([]string{self}, "arc-region-switch:GetPlan", "arc-region-switch:GetPlanExecution", "arc-region-switch:ListPlanExecutions")
	allow([]string{*p.Role.RoleArn()}, "iam:SimulatePrincipalPolicy")
	if len(d.Triggers) > 0 {
		allow([]string{self}, "arc-region-switch:StartPlanExecution")
	}
	var alarms []string
	for _, named := range []map[string]string{d.HealthAlarms, d.TriggerAlarms} {
		for _, arn := range sorted.All(named) {
			alarms = append(alarms, arn)
		}
	}
	if alarms != nil {
		allow(alarms, "cloudwatch:DescribeAlarms", "cloudwatch:DescribeAlarmHistory")
	}
	for _, s := range d.steps() {
		s.allow(stack, allow)
	}
	if r := d.Report; r != nil {
		allow([]string{*r.Bucket.ArnForObjects(jsii.String(r.Prefix + "*"))}, "s3:PutObject")
		if key := r.Bucket.EncryptionKey(); key != nil {
			allow([]string{*key.KeyArn()}, "kms:GenerateDataKey", "kms:Encrypt")
		}
		for _, s := range d.steps() {
			if s.PlanARN != "" {
				allow([]string{s.PlanARN}, "arc-region-switch:ListPlanExecutionEvents")
			}
		}
	}
	policy := awsiam.NewPolicy(p, jsii.String("Policy"), &awsiam.PolicyProps{Statements: &statements, Roles: &[]awsiam.IRole{p.Role}})
	nag.Suppress(policy, "AwsSolutions-IAM5", "These are the resources that AWS gives for the steps: what lists or describes has no narrower ones, and the plan's ARN ends with what AWS chooses.")
	return policy
}
