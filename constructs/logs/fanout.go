package logs

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/encrypted"
	"github.com/strata-cdk/strata/internal/firehose"
	"github.com/strata-cdk/strata/internal/monitor"
	"github.com/strata-cdk/strata/internal/nag"
)

// DeliveryResources are the constructs of a delivery stream to a bucket.
type DeliveryResources = firehose.Resources

// TargetResources are the constructs behind a Target; those that it has not are nil.
type TargetResources struct {
	// Role is the role of CloudWatch Logs for a stream of Kinesis or Firehose, or for the destination of an organization.
	Role awsiam.Role
	// Delivery has the delivery stream, its bucket and its alarms, of S3.
	Delivery *DeliveryResources
	// DeadLetters has the batches that Function failed for.
	DeadLetters awssqs.Queue
	// Alarm fires when there are dead letters.
	Alarm awscloudwatch.Alarm
	// AlarmTopic is told of Alarm, or of those of Delivery.
	AlarmTopic awssns.ITopic

	arn   *string
	ready []constructs.IDependable // what a filter must wait for
	scope constructs.Construct
}

// Fanout sends events of log groups to targets. The fields are the underlying constructs, for overrides.
type Fanout struct {
	constructs.Construct
	// Targets are the constructs of the targets, by their names.
	Targets map[string]*TargetResources
	// Filters are the subscription filters, by the names of targets and then of sources.
	Filters map[string]map[string]awslogs.CfnSubscriptionFilter
}

// NewFanout defines a Fanout named id in scope.
// It panics with a *check.Error that lists every invalid field of props. The synth fails where logs would be sent in a circle, or a log group
// has too many subscription filters, whoever defined them.
func NewFanout(scope constructs.Construct, id string, props *FanoutProps) *Fanout {
	check.Must(scope.Node().Path(), id, props.Validate())
	p := props.withDefaults()
	c := check.For("logs.FanoutProps")
	for i, t := range p.Targets {
		t.validateConstructs(c.At(check.Index("Targets", i)), scope)
	}
	check.Must(scope.Node().Path(), id, c.Err())

	f := &Fanout{Targets: map[string]*TargetResources{}, Filters: map[string]map[string]awslogs.CfnSubscriptionFilter{}}
	constructs.NewConstruct_Override(f, scope, &id)
	inspect(f)
	var groups []*string
	for _, s := range p.Sources {
		groups = append(groups, s.LogGroup.LogGroupArn())
	}
	for _, t := range p.Targets {
		r := newTarget(f, &t, p.AlarmTopic, p.RemovalPolicy, groups)
		f.Targets[t.Name], f.Filters[t.Name] = r, map[string]awslogs.CfnSubscriptionFilter{}
		filters := constructs.NewConstruct(r.scope, jsii.String("Filters"))
		for _, s := range p.Sources {
			props := &awslogs.CfnSubscriptionFilterProps{
				LogGroupName: s.LogGroup.LogGroupName(), FilterPattern: &t.Pattern, DestinationArn: r.arn,
			}
			if r.Role != nil {
				props.RoleArn = r.Role.RoleArn()
			}
			if t.Random {
				props.Distribution = jsii.String("Random")
			}
			filter := awslogs.NewCfnSubscriptionFilter(filters, &s.Name, props)
			filter.Node().AddDependency(r.ready...)
			if t.Function != nil {
				filter.Node().AddDependency(r.permit(t.Function, s.Name, s.LogGroup.LogGroupArn()))
			}
			f.Filters[t.Name][s.Name] = filter
		}
	}
	return f
}

// Filter is the subscription filter of a target and a source, or nil.
func (f *Fanout) Filter(target, source string) awslogs.CfnSubscriptionFilter {
	return f.Filters[target][source]
}

// validateConstructs records what is wrong with t in the place where it is to be.
func (t *Target) validateConstructs(c *check.List, scope constructs.Construct) {
	c.That(t.Function == nil || t.KeepAsyncConfig || t.Function.Role() != nil, "KeepAsyncConfig", "must be set for a function from elsewhere whose role is not given")
	if t.DestinationARN != "" && !check.IsToken(t.DestinationARN) {
		region, got := *awscdk.Stack_Of(scope).Region(), strings.Split(t.DestinationARN, ":")[3]
		c.That(region == got || check.IsToken(region), "DestinationARN", "must be in the region of the log groups, %s, got %s", region, got)
	}
}

// newTarget defines what events of groups are sent to. It takes those of this account and region, and of senders that other conditions describe.
func newTarget(scope constructs.Construct, t *Target, topic awssns.ITopic, removal awscdk.RemovalPolicy, groups []*string, senders ...map[string]any) *TargetResources {
	r := &TargetResources{scope: constructs.NewConstruct(scope, &t.Name), arn: &t.DestinationARN, AlarmTopic: topic}
	stack := awscdk.Stack_Of(scope)
	trusted := append([]map[string]any{{"StringLike": map[string]any{"aws:SourceArn": logsOf(scope, *stack.Region(), *stack.Account())}}}, senders...)
	switch {
	case t.Function != nil:
		r.arn = t.Function.FunctionArn()
		if !t.KeepAsyncConfig {
			r.addDeadLetters(t.Function)
		}
	case t.Stream != nil:
		r.arn = t.Stream.StreamArn()
		r.addRole(trusted, []*string{r.arn}, "kinesis:PutRecord", "kinesis:PutRecords")
		if key := t.Stream.EncryptionKey(); key != nil {
			key.Grant(r.Role, jsii.String("kms:GenerateDataKey"))
		}
	case t.S3 != nil:
		r.addDelivery(t.S3, removal)
		r.addRole(trusted, []*string{r.arn}, "firehose:PutRecord", "firehose:PutRecordBatch")
	case t.OfOrganization:
		// AWS has no condition here: CloudWatch Logs looks by this role whether the account may send.
		r.addRole([]map[string]any{{}}, groups, "logs:PutLogEvents")
	}
	return r
}

// addDelivery defines the delivery stream.
func (r *TargetResources) addDelivery(s *S3, removal awscdk.RemovalPolicy) {
	p := s.props(r.AlarmTopic, removal)
	r.Delivery = &firehose.Resources{}
	r.Delivery.Add(constructs.NewConstruct(r.scope, jsii.String("S3")), &p)
	r.AlarmTopic = r.Delivery.AlarmTopic
	r.arn = r.Delivery.Stream.AttrArn()
}

// addRole defines a role of CloudWatch Logs for the actions on resources, under each of the conditions. Filters wait for its policy, as
// CloudWatch Logs tries it when a filter is made.
//
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
func (r *TargetResources) addRole(conditions []map[string]any, resources []*string, actions ...string) {
	principal := func(condition map[string]any) awsiam.IPrincipal {
		return awsiam.NewServicePrincipal(jsii.String("logs.amazonaws.com"), &awsiam.ServicePrincipalOpts{Conditions: &condition})
	}
	r.Role = awsiam.NewRole(r.scope, jsii.String("Role"), &awsiam.RoleProps{
		Description: jsii.String("Sends logs to " + *r.scope.Node().Path()),
		AssumedBy:   principal(conditions[0]),
	})
	for _, condition := range conditions[1:] {
		r.Role.AssumeRolePolicy().AddStatements(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Principals: &[]awsiam.IPrincipal{principal(condition)}, Actions: jsii.Strings("sts:AssumeRole"),
		}))
	}
	r.Role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{Actions: jsii.Strings(actions...), Resources: &resources}))
	r.ready = append(r.ready, r.Role)
}

// logsOf is the ARN of whatever belongs to CloudWatch Logs in a region of an account.
func logsOf(scope constructs.Construct, region, account string) *string {
	return awscdk.Stack_Of(scope).FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("logs"), Region: &region, Account: &account, Resource: jsii.String("*"),
	})
}

// addDeadLetters gives the function a queue for the batches that it fails for, and an alarm. Subscriptions call it asynchronously.
func (r *TargetResources) addDeadLetters(function awslambda.IFunction) {
	if r.AlarmTopic == nil {
		r.AlarmTopic = monitor.NewTopic(r.scope, encrypted.NewKey(r.scope, "Alarms of "+*r.scope.Node().Path(), awscdk.RemovalPolicy_DESTROY))
	}
	r.DeadLetters = awssqs.NewQueue(r.scope, jsii.String("DeadLetters"), &awssqs.QueueProps{
		Encryption: awssqs.QueueEncryption_SQS_MANAGED, EnforceSSL: jsii.Bool(true), RetentionPeriod: cdkval.Duration(14 * 24 * time.Hour),
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	nag.Suppress(r.DeadLetters, "AwsSolutions-SQS3", "It is a queue of dead letters itself, of what Lambda gives up on.")
	// A policy of its own: one with the role would tie the stack of a function from another one to this stack, which is tied to that one.
	policy := awsiam.NewPolicy(r.scope, jsii.String("DeadLettersPolicy"), &awsiam.PolicyProps{
		Statements: &[]awsiam.PolicyStatement{awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Actions: jsii.Strings("sqs:SendMessage"), Resources: &[]*string{r.DeadLetters.QueueArn()},
		})},
	})
	function.Role().AttachInlinePolicy(policy)
	of, qualifier := underlying(function)
	config := awslambda.NewCfnEventInvokeConfig(r.scope, jsii.String("OnFailure"), &awslambda.CfnEventInvokeConfigProps{
		FunctionName: of.FunctionName(), Qualifier: qualifier, MaximumRetryAttempts: jsii.Number(2),
		DestinationConfig: &awslambda.CfnEventInvokeConfig_DestinationConfigProperty{
			OnFailure: &awslambda.CfnEventInvokeConfig_OnFailureProperty{Destination: r.DeadLetters.QueueArn()},
		},
	})
	config.Node().AddDependency(policy) // as Lambda looks whether the function may send to the queue
	r.ready = append(r.ready, config)
	r.Alarm = monitor.NewAlarm(r.scope, monitor.Watch{
		ID: "Failed", Text: "The function failed for log events, which are in the queue of dead letters", Minutes: 1, Of: 1,
		Metric: r.DeadLetters.MetricApproximateNumberOfMessagesVisible(monitor.PerMinute("Maximum")),
	}, r.AlarmTopic)
}

// permit lets CloudWatch Logs call the function for one log group, or for all of the account.
func (r *TargetResources) permit(function awslambda.IFunction, id string, source *string) awslambda.CfnPermission {
	permissions, ok := r.scope.Node().TryFindChild(jsii.String("Permissions")).(constructs.Construct)
	if !ok {
		permissions = constructs.NewConstruct(r.scope, jsii.String("Permissions"))
	}
	return awslambda.NewCfnPermission(permissions, &id, &awslambda.CfnPermissionProps{
		Action: jsii.String("lambda:InvokeFunction"), FunctionName: function.FunctionArn(), Principal: jsii.String("logs.amazonaws.com"),
		SourceAccount: awscdk.Stack_Of(r.scope).Account(), SourceArn: source,
	})
}

// AccountFanout sends events of all log groups of the account and region to a target. An account and region has at most one.
type AccountFanout struct {
	constructs.Construct
	// Policy is the policy of the account.
	Policy awslogs.CfnAccountPolicy
	// Target has the constructs of the target.
	Target *TargetResources
}

// NewAccountFanout defines an AccountFanout named id in scope.
// It panics with a *check.Error that lists every invalid field of props. The synth fails where logs would be sent in a circle, or another
// policy of the kind is in the app.
func NewAccountFanout(scope constructs.Construct, id string, props *AccountFanoutProps) *AccountFanout {
	check.Must(scope.Node().Path(), id, props.Validate())
	p := props.withDefaults()
	c := check.For("logs.AccountFanoutProps")
	p.Target.validateConstructs(c.At("Target"), scope)
	check.Must(scope.Node().Path(), id, c.Err())

	f := &AccountFanout{}
	constructs.NewConstruct_Override(f, scope, &id)
	inspect(f)
	stack := awscdk.Stack_Of(f)
	groups := stack.FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("logs"), Resource: jsii.String("log-group"), ResourceName: jsii.String("*"), ArnFormat: awscdk.ArnFormat_COLON_RESOURCE_NAME,
	})
	f.Target = newTarget(f, &p.Target, p.AlarmTopic, p.RemovalPolicy, []*string{groups})
	if p.Target.OfOrganization {
		nag.Suppress(f.Target.Role.Node().FindChild(jsii.String("DefaultPolicy")), "AwsSolutions-IAM5",
			"An account-level subscription is of all log groups of the account and region.", `/^Resource::.*:log-group:\*$/`)
	}
	document := map[string]string{"DestinationArn": *f.Target.arn, "FilterPattern": p.Target.Pattern}
	if f.Target.Role != nil {
		document["RoleArn"] = *f.Target.Role.RoleArn()
	}
	if p.Target.Random {
		document["Distribution"] = "Random"
	}
	var excluded []string
	for _, g := range p.Exclude {
		excluded = append(excluded, *g.LogGroupName())
	}
	if d := f.Target.Delivery; d != nil {
		excluded = append(excluded, *d.Logs.LogGroupName())
	}
	ready := f.Target.ready
	if p.Target.Function != nil {
		excluded = append(excluded, *groupOf(p.Target.Function))
		ready = append(ready, f.Target.permit(p.Target.Function, "Account", logsOf(f, *stack.Region(), *stack.Account())))
	}
	l1 := &awslogs.CfnAccountPolicyProps{
		PolicyName: &p.Name, PolicyType: jsii.String(subscriptionPolicy), Scope: jsii.String("ALL"), PolicyDocument: text(document),
	}
	if len(excluded) > 0 {
		l1.SelectionCriteria = jsii.String("LogGroupName NOT IN " + *text(excluded))
	}
	f.Policy = awslogs.NewCfnAccountPolicy(f, jsii.String("Policy"), l1)
	f.Policy.Node().AddDependency(ready...)
	return f
}

// Name is the name of the policy.
func (f *AccountFanout) Name() *string { return f.Policy.PolicyName() }

// underlying is the function that an alias or a version is of, and their qualifier; or the function itself and that of its latest code.
func underlying(function awslambda.IFunction) (of awslambda.IFunction, qualifier *string) {
	switch f := function.(type) {
	case awslambda.IAlias:
		return f.Version().Lambda(), f.AliasName()
	case awslambda.IVersion:
		return f.Lambda(), f.Version()
	}
	return function, jsii.String("$LATEST")
}

// groupOf is the name of the log group of a function: that which it names, or the one that Lambda makes.
func groupOf(function awslambda.IFunction) *string {
	function, _ = underlying(function)
	f, ok := function.(awslambda.Function)
	if !ok {
		return jsii.String(lambdaGroup + *function.FunctionName())
	}
	l1 := f.Node().DefaultChild().(awslambda.CfnFunction)
	if addressIn(l1.LoggingConfig(), l1, "logGroup") != (address{}) {
		return f.LogGroup().LogGroupName() // which would define one where there is none
	}
	return jsii.String(lambdaGroup + *f.FunctionName())
}

// text is JSON in which tokens stay what they are.
func text(v any) *string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err) // not of such values
	}
	return jsii.String(strings.TrimSuffix(b.String(), "\n"))
}
