package cwagent

import (
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/monitor"
	"github.com/strata-cdk/strata/internal/nag"
)

// Attachment is what was defined for a group or an instance.
type Attachment struct {
	// Policy is what its role may do for the agent.
	Policy awsiam.Policy
	// MemoryAlarm, SwapAlarm and DiskAlarm are its alarms; nil where there is none.
	MemoryAlarm, SwapAlarm, DiskAlarm awscloudwatch.Alarm
}

// AttachToGroup installs and starts the agent on the instances of an Auto Scaling group with Amazon Linux or Ubuntu by
// its user data, which must be a shell script: Bottlerocket and Windows are refused. The launch template changes with the
// configuration; the group needs an update policy for instances to be replaced then, as those of package ecsec2 have.
//
// id is that of the constructs for the group, in the scope of the agent. Group and agent are in one stack. It panics with a
// *check.Error for a group that it cannot be attached to.
func (a *Agent) AttachToGroup(id string, group awsautoscaling.AutoScalingGroup) *Attachment {
	c := check.For("cwagent.Agent")
	a.checkTarget(c, id, group, group.UserData(), AutoScalingGroupName)
	check.Must(a.Node().Path(), id, c.Err())
	t := a.attach(id, group.Role(), AutoScalingGroupName, group.AutoScalingGroupName())
	group.AddUserData(a.script())
	needs(group, t.Policy)
	return t
}

// AttachToInstance is AttachToGroup for an instance. Alarms of an instance need {"InstanceId"} in Config.Aggregations. User data
// runs when an instance is new: set UserDataCausesReplacement of the instance for one that can be replaced when the
// configuration changes, and use Permit and Associate for one that cannot.
func (a *Agent) AttachToInstance(id string, instance awsec2.Instance) *Attachment {
	c := check.For("cwagent.Agent")
	a.checkTarget(c, id, instance, instance.UserData(), InstanceID)
	check.Must(a.Node().Path(), id, c.Err())
	t := a.attach(id, instance.Role(), InstanceID, instance.InstanceId())
	instance.UserData().AddCommands(a.script())
	needs(instance, t.Policy)
	return t
}

// Permit lets the agent on instances with role do its work. id is that of the policy's scope.
func (a *Agent) Permit(id string, role awsiam.IRole) awsiam.Policy {
	return a.permit(constructs.NewConstruct(a, &id), role)
}

// Associate installs and starts the agent on instances with Amazon Linux or Ubuntu that Systems Manager manages, by an
// association of State Manager: at once, when one appears, and when the configuration changes, a tenth of them at a time, without
// replacing them. Their role needs Permit, called before, and what the agent of Systems Manager needs, such as the policy
// AmazonSSMManagedInstanceCore. Have 1 to 5 targets.
//
// https://docs.aws.amazon.com/systems-manager/latest/userguide/state-manager-about.html
func (a *Agent) Associate(id string, targets ...Target) awsssm.CfnAssociation {
	c := check.For("cwagent.Agent")
	check.Range(c, "targets", len(targets), 1, 5)
	all := make([]any, len(targets))
	for i, t := range targets {
		at := c.At(check.Index("targets", i))
		known := t.Key == "InstanceIds" || strings.HasPrefix(t.Key, "tag:") && len(t.Key) > len("tag:") || strings.HasPrefix(t.Key, "resource-groups:")
		at.That(known, "Key", `must be "InstanceIds", "tag:" and the key of a tag, or begin with "resource-groups:", got %q`, t.Key)
		at.That(0 < len(t.Values) && len(t.Values) <= 50, "Values", "must be 1 to 50, got %d", len(t.Values))
		all[i] = &awsssm.CfnAssociation_TargetProperty{Key: &t.Key, Values: jsii.Strings(t.Values...)}
	}
	check.Must(a.Node().Path(), id, c.Err())
	association := awsssm.NewCfnAssociation(a, &id, &awsssm.CfnAssociationProps{
		Name: jsii.String("AWS-RunShellScript"), AssociationName: jsii.String("CloudWatchAgent-" + a.hash), Targets: &all,
		Parameters:     &map[string]any{"commands": []any{*a.script(), `test "${agent:-}" = started`}, "executionTimeout": []any{"900"}},
		MaxConcurrency: jsii.String("10%"), MaxErrors: jsii.String("100%"),
	})
	for _, policy := range a.policies {
		association.Node().AddDependency(policy)
	}
	return association
}

// Target selects instances for an association.
type Target struct {
	// Key is "tag:" and the key of a tag, "InstanceIds", or begins with "resource-groups:".
	Key string
	// Values are the values of the tag, or the ids: 1 to 50.
	Values []string
}

// needs defines target after policy, which the agent of the first instance needs. Only the resource depends on it: the policy
// itself depends on the role, which may be a part of target too.
func needs(target constructs.IConstruct, policy awsiam.Policy) {
	resource := target.Node().DefaultChild().(awscdk.CfnResource)
	resource.AddResourceDependency(policy.Node().DefaultChild().(awscdk.CfnResource), nil)
}

// checkTarget records why the agent cannot be attached to target.
func (a *Agent) checkTarget(c *check.List, id string, target constructs.IConstruct, data awsec2.UserData, by Dimension) {
	c.That(check.IsConstructID(id), "id", "must be a letter, then letters and digits, got %q", id)
	c.That(*awscdk.Stack_Of(target).Node().Addr() == *awscdk.Stack_Of(a).Node().Addr(), "", "must be in the stack of the agent")
	c.That(strings.HasPrefix(*data.Render(), "#!"), "", "must have user data that is a shell script, which Bottlerocket and Windows do not")
	if len(a.props.watched()) > 0 {
		only := func(set []string) bool { return slices.Equal(set, []string{string(by)}) }
		c.That(slices.ContainsFunc(a.props.Config.Aggregations, only), "", "must have {%q} in Config.Aggregations for its alarms", by)
		c.That(slices.Contains(a.props.Config.Dimensions, by), "", "must have %s in Config.Dimensions for its alarms", by)
	}
}

func (a *Agent) attach(id string, role awsiam.IRole, by Dimension, value *string) *Attachment {
	scope := constructs.NewConstruct(a, &id)
	t := &Attachment{Policy: a.permit(scope, role)}
	alarms := map[string]*awscloudwatch.Alarm{"MemoryAlarm": &t.MemoryAlarm, "SwapAlarm": &t.SwapAlarm, "DiskAlarm": &t.DiskAlarm}
	for _, w := range a.props.watched() {
		*alarms[w.id] = monitor.NewAlarm(scope, monitor.Watch{
			ID: w.id, Text: w.text, Threshold: w.alarm.Above, Minutes: w.alarm.Periods, Of: w.alarm.Of, Period: w.alarm.Period,
			Metric: awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
				Namespace: &a.props.Config.Namespace, MetricName: &w.metric, Statistic: jsii.String("Maximum"),
				Period: cdkval.Duration(w.alarm.Period), DimensionsMap: &map[string]*string{string(by): value},
			}),
		}, a.AlarmTopic)
	}
	return t
}

// permit defines the policy of a role in scope.
func (a *Agent) permit(scope constructs.Construct, role awsiam.IRole) awsiam.Policy {
	config := &a.props.Config
	var statements []awsiam.PolicyStatement
	allow := func(sid string, resources, actions []*string, conditions map[string]any) {
		props := &awsiam.PolicyStatementProps{Sid: &sid, Actions: &actions, Resources: &resources}
		if conditions != nil {
			props.Conditions = &conditions
		}
		statements = append(statements, awsiam.NewPolicyStatement(props))
	}
	all := *jsii.Strings("*")
	allow("Configuration", []*string{a.Parameter.ParameterArn()}, *jsii.Strings("ssm:GetParameter"), nil)
	if config.hasMetrics() {
		allow("Metrics", all, *jsii.Strings("cloudwatch:PutMetricData"), map[string]any{"StringEquals": map[string]any{"cloudwatch:namespace": config.Namespace}})
		if slices.Contains(config.Dimensions, AutoScalingGroupName) {
			allow("Dimensions", all, *jsii.Strings("ec2:DescribeTags"), nil)
		}
	}
	if len(config.Logs) > 0 {
		var groups []*string
		for i := range config.Logs {
			if arn := a.group(&config.Logs[i]).LogGroupArn(); !slices.ContainsFunc(groups, func(g *string) bool { return *g == *arn }) {
				groups = append(groups, arn)
			}
		}
		allow("Logs", groups, *jsii.Strings("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"), nil)
	}
	if config.Traces != nil {
		allow("Traces", all, *jsii.Strings("xray:GetSamplingRules", "xray:GetSamplingStatisticSummaries", "xray:GetSamplingTargets",
			"xray:PutTelemetryRecords", "xray:PutTraceSegments"), nil)
	}
	policy := awsiam.NewPolicy(scope, jsii.String("Policy"), &awsiam.PolicyProps{Roles: &[]awsiam.IRole{role}, Statements: &statements})
	nag.Suppress(policy, "AwsSolutions-IAM5",
		"Sending metrics, here of one namespace, reading the tags of instances and sending traces are for no single resource; log streams are named by the agent.")
	a.policies = append(a.policies, policy)
	return policy
}

// script installs the agent, and starts it with the configuration. It tries for some minutes, and does not keep an instance
// from starting, also where set -e stands before it. It is for any shell, as Systems Manager takes sh.
func (a *Agent) script() *string {
	stack := awscdk.Stack_Of(a)
	lines := strings.NewReplacer(
		"HASH", a.hash, "PARAMETER", *a.Parameter.ParameterName(), "REGION", *stack.Region(), "SUFFIX", *stack.UrlSuffix(),
	).Replace(`# CloudWatch agent, configuration HASH
for try in 1 2 3 4 5; do
  if command -v yum >/dev/null; then
    yum install -y amazon-cloudwatch-agent || true
  else
    deb=$(mktemp --suffix=.deb)
    curl -fsSo "$deb" "https://amazoncloudwatch-agent-REGION.s3.REGION.SUFFIX/ubuntu/$(dpkg --print-architecture)/latest/amazon-cloudwatch-agent.deb" &&
      dpkg -i -E "$deb" || true
    rm -f "$deb"
  fi
  /opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -s -c ssm:PARAMETER && agent=started && break
  sleep 20
done`)
	return &lines
}
