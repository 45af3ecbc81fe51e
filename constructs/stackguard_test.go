package constructs_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/stackguard"
	"github.com/strata-cdk/strata/internal/stackpolicy"
)

func newTable(scope constructs.Construct, id string) awsdynamodb.Table {
	return awsdynamodb.NewTable(scope, &id, &awsdynamodb.TableProps{
		PartitionKey:  &awsdynamodb.Attribute{Name: jsii.String("id"), Type: awsdynamodb.AttributeType_STRING},
		BillingMode:   awsdynamodb.BillingMode_PAY_PER_REQUEST,
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
		PointInTimeRecoverySpecification: &awsdynamodb.PointInTimeRecoverySpecification{
			PointInTimeRecoveryEnabled: jsii.Bool(true),
		},
	})
}

// resource is an L1 of any type.
func resource(scope constructs.Construct, id, resourceType string, properties map[string]any) awscdk.CfnResource {
	return awscdk.NewCfnResource(scope, &id, &awscdk.CfnResourceProps{Type: &resourceType, Properties: &properties})
}

// byCommand has no function.
func byCommand(edit func(*stackguard.GuardProps)) *stackguard.GuardProps {
	p := &stackguard.GuardProps{Delivery: stackguard.Command}
	if edit != nil {
		edit(p)
	}
	return p
}

// templatePolicy is the policy in a template, whose logical ids must all be there.
func templatePolicy(t *testing.T, tpl *cdktest.Template) *stackpolicy.Policy {
	t.Helper()
	p, err := stackpolicy.FromTemplate(tpl.JSON)
	require.NoError(t, err)
	require.NotNil(t, p)
	for _, id := range p.LogicalIDs() {
		assert.Contains(t, tpl.Body["Resources"], id)
	}
	return p
}

const allowAll = `{"Effect":"Allow","Principal":"*","Action":["Update:*"],"Resource":["*"]}`

func TestStackGuard_Defaults(t *testing.T) {
	stack := unbuilt(t)
	newTable(stack, "Notes")
	g := stackguard.NewGuard(stack, "Guard", nil)
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("stackguard/default")

	assert.True(t, *stack.TerminationProtection())
	tpl.EachResource("AWS::DynamoDB::Table", o{"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"})
	policy := templatePolicy(t, tpl)
	own := []string{}
	for _, resourceType := range []string{"AWS::KMS::Key", "AWS::Logs::LogGroup", "AWS::SQS::Queue"} {
		own = append(own, `"LogicalResourceId/`+tpl.All(resourceType)[0].LogicalID+`"`)
	}
	assert.Equal(t, `{"Statement":[`+allowAll+`,{"Effect":"Deny","Principal":"*","Action":["Update:Replace","Update:Delete"],"NotResource":[`+
		strings.Join([]string{own[2], own[0], own[1]}, ",")+
		`],"Condition":{"StringEquals":{"ResourceType":["AWS::DynamoDB::Table","AWS::KMS::Key","AWS::Logs::LogGroup","AWS::SQS::Queue"]}}}]}`, policy.JSON())
	notes := tpl.All("AWS::DynamoDB::Table")[0].LogicalID
	for action, want := range map[stackpolicy.Action]bool{stackpolicy.Modify: true, stackpolicy.Replace: false, stackpolicy.Delete: false} {
		assert.Equal(t, want, policy.Evaluate(action, notes, "AWS::DynamoDB::Table").Allowed, action)
		assert.True(t, policy.Evaluate(action, tpl.All("AWS::SQS::Queue")[0].LogicalID, "AWS::SQS::Queue").Allowed, "the guard can go")
		assert.True(t, policy.Evaluate(action, "Fn", "AWS::Lambda::Function").Allowed)
	}

	function := tpl.Has("AWS::Lambda::Function", o{
		"Timeout": 60, "Architectures": a{"arm64"}, "DeadLetterConfig": o{"TargetArn": o{"Fn::GetAtt": a{tpl.All("AWS::SQS::Queue")[0].LogicalID, "Arn"}}},
		"Environment": o{"Variables": o{"STRATA_STACK": o{"Ref": "AWS::StackId"}, "STRATA_POLICY_SHA256": cdktest.Text("^[0-9a-f]{64}$")}},
	})
	tpl.Has("AWS::Lambda::EventInvokeConfig", o{"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 3600})
	tpl.Has("AWS::IAM::Policy", o{"PolicyDocument": o{"Statement": cdktest.ArrayWith(o{
		"Effect": "Allow", "Action": a{"cloudformation:DescribeStacks", "cloudformation:GetTemplate", "cloudformation:SetStackPolicy"}, "Resource": o{"Ref": "AWS::StackId"},
	})}})
	target := cdktest.ArrayWith(o{"Arn": o{"Fn::GetAtt": a{function.LogicalID, "Arn"}}, "DeadLetterConfig": o{"Arn": cdktest.Any}})
	rule := tpl.Has("AWS::Events::Rule", o{"Targets": target, "EventPattern": cdktest.Exactly(o{
		"source": a{"aws.cloudformation"}, "detail-type": a{"CloudFormation Stack Status Change"},
		"detail": o{"stack-id": a{o{"Ref": "AWS::StackId"}}, "status-details": o{"status": a{
			"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE",
		}}},
	})})
	daily := tpl.Has("AWS::Events::Rule", o{"Targets": target, "ScheduleExpression": "rate(1 day)"})
	for _, r := range []cdktest.Resource{rule, daily} {
		arn := o{"Fn::GetAtt": a{r.LogicalID, "Arn"}}
		tpl.Has("AWS::Lambda::Permission", o{"Principal": "events.amazonaws.com", "SourceArn": arn})
		tpl.Has("AWS::SQS::QueuePolicy", o{"PolicyDocument": o{"Statement": cdktest.ArrayWith(o{
			"Effect": "Allow", "Action": "sqs:SendMessage", "Principal": o{"Service": "events.amazonaws.com"}, "Condition": o{"ArnEquals": o{"aws:SourceArn": arn}},
		})}})
	}
	tpl.HasResource("AWS::SQS::Queue", o{"DeletionPolicy": "Delete", "Properties": o{"SqsManagedSseEnabled": true}})
	tpl.Has("AWS::CloudWatch::Alarm", o{
		"MetricName": "ApproximateNumberOfMessagesVisible", "Threshold": 0, "ComparisonOperator": "GreaterThanThreshold",
		"AlarmActions": a{o{"Ref": tpl.All("AWS::SNS::Topic")[0].LogicalID}},
	})
	assert.NotNil(t, g.Alarm)
}

// A policy alone does not update a stack: its hash is in the function's environment.
func TestStackGuard_ChangedPolicyChangesAResource(t *testing.T) {
	hash := func(types ...string) any {
		stack := unbuilt(t)
		for i, resourceType := range types {
			resource(stack, fmt.Sprintf("R%d", i), resourceType, nil)
		}
		stackguard.NewGuard(stack, "Guard", nil)
		return cdktest.Synth(t, stack).All("AWS::Lambda::Function")[0].Properties["Environment"].(o)["Variables"].(o)["STRATA_POLICY_SHA256"]
	}
	assert.Equal(t, hash("AWS::S3::Bucket"), hash("AWS::S3::Bucket", "AWS::S3::Bucket"))
	assert.NotEqual(t, hash("AWS::S3::Bucket"), hash("AWS::EFS::FileSystem"))
}

func TestStackGuard_EventsSettings(t *testing.T) {
	stack := unbuilt(t)
	topic := awssns.NewTopic(stack, jsii.String("Ops"), nil)
	key := awskms.NewKey(stack, jsii.String("Mine"), nil)
	stackguard.NewGuard(stack, "Guard", &stackguard.GuardProps{
		Stage: stackguard.Ephemeral, AlarmTopic: topic, Key: key, Architecture: "x86_64", LogRetentionDays: 7,
		ConfigureFunction: func(p *awslambda.FunctionProps) {
			assert.NotNil(t, p.DeadLetterQueue, "it comes last")
			p.MemorySize = jsii.Number(512)
		},
	})
	tpl := cdktest.Synth(t, stack)
	tpl.Count("AWS::KMS::Key", 1)
	tpl.Count("AWS::SNS::Topic", 1)
	tpl.Has("AWS::CloudWatch::Alarm", o{"AlarmActions": a{o{"Ref": tpl.All("AWS::SNS::Topic")[0].LogicalID}}})
	tpl.Has("AWS::Lambda::Function", o{"Architectures": a{"x86_64"}, "MemorySize": 512})
	tpl.EachResource("AWS::Logs::LogGroup", o{"DeletionPolicy": "Delete", "Properties": o{"RetentionInDays": 7}})
}

func TestStackGuard_Ephemeral(t *testing.T) {
	stack := cdktest.Stack(t)
	bucket := newBucket(stack, "Kept", awscdk.RemovalPolicy_RETAIN)
	newBucket(stack, "Gone", awscdk.RemovalPolicy_RETAIN)
	resource(stack, "Db", "AWS::RDS::DBInstance", nil).ApplyRemovalPolicy(awscdk.RemovalPolicy_SNAPSHOT, nil)
	stackguard.NewGuard(stack, "Guard", byCommand(func(p *stackguard.GuardProps) {
		p.Stage = stackguard.Ephemeral
		p.Retention = []stackguard.Retention{{Construct: bucket, Policy: awscdk.RemovalPolicy_RETAIN}}
	}))
	tpl := cdktest.Synth(t, stack)
	assert.False(t, *stack.TerminationProtection())
	assert.Equal(t, `{"Statement":[`+allowAll+`]}`, templatePolicy(t, tpl).JSON(), "which also undoes an earlier one")
	assert.Equal(t, map[string]string{"Kept": "Retain Retain", "Gone": "Delete Delete", "Db": "Delete Delete"}, retentions(tpl))
}

// retentions are DeletionPolicy and UpdateReplacePolicy by the start of the logical id.
func retentions(tpl *cdktest.Template) map[string]string {
	all := map[string]string{}
	for id, r := range tpl.Body["Resources"].(o) {
		r := r.(o)
		if r["DeletionPolicy"] != nil || r["UpdateReplacePolicy"] != nil {
			all[strings.TrimRight(id, "0123456789ABCDEF")] = fmt.Sprint(r["DeletionPolicy"], " ", r["UpdateReplacePolicy"])
		}
	}
	return all
}

func TestStackGuard_Retention(t *testing.T) {
	stack := cdktest.Stack(t)
	group := constructs.NewConstruct(stack, jsii.String("Group"))
	stackguard.NewGuard(stack, "Guard", byCommand(func(p *stackguard.GuardProps) {
		p.Stage = stackguard.Development
		p.DisableTerminationProtection = true
		p.Retention = []stackguard.Retention{
			{Construct: constructs.NewConstruct(group, jsii.String("First")), Policy: awscdk.RemovalPolicy_RETAIN},
			{Construct: group, Policy: awscdk.RemovalPolicy_DESTROY},
			{Construct: constructs.NewConstruct(group, jsii.String("Inner")), Policy: awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE},
		}
	}))
	// Also what is defined after the guard, and set by an aspect.
	awscdk.RemovalPolicies_Of(stack).Destroy(nil)
	for id, c := range map[string]struct {
		resourceType string
		properties   map[string]any
	}{
		"Bucket": {"AWS::S3::Bucket", nil}, "Topic": {"AWS::SNS::Topic", nil}, "Volume": {"AWS::EC2::Volume", nil},
		"Cluster": {"AWS::RDS::DBCluster", nil}, "Single": {"AWS::RDS::DBInstance", nil},
		"Member": {"AWS::RDS::DBInstance", map[string]any{"DBClusterIdentifier": "x"}}, "Twin": {"AWS::RDS::DBInstance", map[string]any{"SourceDBInstanceIdentifier": "x"}},
		"Redis": {"AWS::ElastiCache::CacheCluster", map[string]any{"Engine": "redis"}}, "Memcached": {"AWS::ElastiCache::CacheCluster", map[string]any{"Engine": "memcached"}},
	} {
		resource(stack, id, c.resourceType, c.properties)
	}
	awss3.NewBucket(group, jsii.String("Logs"), &awss3.BucketProps{EnforceSSL: jsii.Bool(true)})
	for _, id := range []string{"First", "Inner"} {
		resource(group.Node().FindChild(&id).(constructs.Construct), "Table", "AWS::DynamoDB::Table", nil)
	}
	resource(stack, "Groups", "AWS::DynamoDB::Table", nil)
	tpl := cdktest.Synth(t, stack)
	assert.False(t, *stack.TerminationProtection())
	assert.Equal(t, map[string]string{
		"Bucket": "Retain Retain", "Topic": "Delete Delete", "Volume": "Snapshot Snapshot", "Cluster": "Snapshot Snapshot", "Single": "Snapshot Snapshot",
		"Member": "Delete Delete", "Twin": "Delete Delete", "Redis": "Snapshot Snapshot", "Memcached": "Delete Delete",
		"GroupLogs": "Delete Delete", "GroupLogsPolicy": "Delete Delete", "GroupInnerTable": "RetainExceptOnCreate Retain",
		"GroupFirstTable": "Retain Retain", "Groups": "Retain Retain",
	}, retentions(tpl))
}

// Resources that a late aspect defines are protected, too.
func TestStackGuard_LateResources(t *testing.T) {
	stack := cdktest.Stack(t)
	topic := resource(stack, "Topic", "AWS::SNS::Topic", nil)
	awscdk.Aspects_Of(topic).Add(&definer{stack}, &awscdk.AspectOptions{Priority: jsii.Number(950)})
	stackguard.NewGuard(stack, "Guard", byCommand(nil))
	tpl := cdktest.Synth(t, stack)
	assert.Equal(t, map[string]string{"Added": "Retain Retain"}, retentions(tpl))
	assert.Contains(t, templatePolicy(t, tpl).JSON(), "AWS::S3::Bucket")
}

// definer is an aspect that defines a resource.
type definer struct{ stack awscdk.Stack }

func (d *definer) Visit(constructs.IConstruct) {
	if d.stack.Node().TryFindChild(jsii.String("Added")) == nil {
		resource(d.stack, "Added", "AWS::S3::Bucket", nil)
	}
}

// What keeps more than the default stays as it is, with both policies.
func TestStackGuard_RetentionThatKeepsStays(t *testing.T) {
	stack := cdktest.Stack(t)
	set := func(id, resourceType string, onDelete, onReplace awscdk.CfnDeletionPolicy) {
		r := resource(stack, id, resourceType, nil)
		if onDelete != "" {
			r.CfnOptions().SetDeletionPolicy(onDelete)
		}
		if onReplace != "" {
			r.CfnOptions().SetUpdateReplacePolicy(onReplace)
		}
	}
	set("Keep", "AWS::RDS::DBCluster", awscdk.CfnDeletionPolicy_RETAIN, "")
	set("Shot", "AWS::RDS::DBCluster", awscdk.CfnDeletionPolicy_SNAPSHOT, "")
	set("Late", "AWS::RDS::DBCluster", "", awscdk.CfnDeletionPolicy_RETAIN)
	set("Once", "AWS::S3::Bucket", awscdk.CfnDeletionPolicy_RETAIN_EXCEPT_ON_CREATE, awscdk.CfnDeletionPolicy_DELETE)
	stackguard.NewGuard(stack, "Guard", byCommand(nil))
	assert.Equal(t, map[string]string{
		"Keep": "Retain Retain", "Shot": "Snapshot Snapshot", "Late": "Snapshot Retain", "Once": "RetainExceptOnCreate Retain",
	}, retentions(cdktest.Synth(t, stack)))
}

func TestStackGuard_Rules(t *testing.T) {
	stack := cdktest.Stack(t)
	table, cache := newTable(stack, "Notes"), newTable(stack, "Cache")
	service := constructs.NewConstruct(stack, jsii.String("Service"))
	role := awsiam.NewRole(service, jsii.String("Role"), &awsiam.RoleProps{AssumedBy: awsiam.NewAccountRootPrincipal()})
	awsiam.NewPolicy(service, jsii.String("Nothing"), nil) // has no statements, and so no resource in the template
	stackguard.NewGuard(stack, "Guard", byCommand(func(p *stackguard.GuardProps) {
		p.Replaceable = []constructs.IConstruct{cache, cache}
		p.Deny = []stackguard.Rule{
			{Constructs: []constructs.IConstruct{service, role}, Actions: []stackguard.Action{stackguard.Modify, stackguard.Delete}},
		}
	}))
	table.Node().DefaultChild().(awscdk.CfnResource).OverrideLogicalId(jsii.String("Renamed"))
	cache.Node().DefaultChild().(awscdk.CfnResource).OverrideLogicalId(jsii.String("CacheTable"))
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("stackguard/rules")
	policy := templatePolicy(t, tpl)
	assert.Equal(t, `{"Statement":[`+allowAll+
		`,{"Effect":"Deny","Principal":"*","Action":["Update:Replace","Update:Delete"],"NotResource":["LogicalResourceId/CacheTable"],"Condition":{"StringEquals":{"ResourceType":["AWS::DynamoDB::Table"]}}}`+
		`,{"Effect":"Deny","Principal":"*","Action":["Update:Modify","Update:Delete"],"Resource":["LogicalResourceId/`+tpl.All("AWS::IAM::Role")[0].LogicalID+`"]}]}`, policy.JSON())
}

// Policy is known at synth, also for users of their own.
func TestStackGuard_Policy(t *testing.T) {
	stack := cdktest.Stack(t)
	g := stackguard.NewGuard(stack, "Guard", byCommand(nil))
	awscdk.NewCfnOutput(stack, jsii.String("Policy"), &awscdk.CfnOutputProps{Value: g.Policy()})
	newTable(stack, "Notes")
	assert.Empty(t, stack.Resolve(g.Policy()), "rather than a policy that allows everything")
	tpl := cdktest.Synth(t, stack)
	assert.Equal(t, templatePolicy(t, tpl).JSON(), tpl.Body["Outputs"].(o)["Policy"].(o)["Value"])
}

func TestStackGuard_OtherStacksAndNestedOnes(t *testing.T) {
	stack := cdktest.Stack(t)
	nested := awscdk.NewNestedStack(stack, jsii.String("Nested"), nil)
	data := newBucket(nested, "Data", awscdk.RemovalPolicy_DESTROY)
	stackguard.NewGuard(stack, "Guard", byCommand(nil))
	tpl := cdktest.Synth(t, stack)
	assert.Equal(t, `{"Statement":[`+allowAll+`]}`, templatePolicy(t, tpl).JSON(), "a guard is for one stack")
	assert.Equal(t, awscdk.CfnDeletionPolicy_DELETE, data.Node().DefaultChild().(awscdk.CfnResource).CfnOptions().DeletionPolicy())

	// A nested stack has its own policy, and the root's termination protection.
	stack = cdktest.Stack(t)
	nested = awscdk.NewNestedStack(stack, jsii.String("Nested"), nil)
	data = newBucket(nested, "Data", awscdk.RemovalPolicy_DESTROY)
	stackguard.NewGuard(nested, "Guard", byCommand(nil))
	err := cdktest.Panic(func() { cdktest.Synth(t, stack) })
	require.ErrorContains(t, err, "[Test/Nested/Guard] the stack Test is in production and has no termination protection")
	stack.SetTerminationProtection(jsii.Bool(true))
	cdktest.Synth(t, stack)
	assert.Equal(t, awscdk.CfnDeletionPolicy_RETAIN, data.Node().DefaultChild().(awscdk.CfnResource).CfnOptions().DeletionPolicy())
}

func TestStackGuard_ReportsWrongConstructs(t *testing.T) {
	stack := cdktest.Stack(t)
	elsewhere := newTable(cdktest.StackIn(awscdk.Stage_Of(stack).(awscdk.App), "Elsewhere"), "Table")
	stackguard.NewGuard(stack, "First", byCommand(nil))
	err := cdktest.Panic(func() {
		stackguard.NewGuard(stack, "Guard", byCommand(func(p *stackguard.GuardProps) {
			p.Replaceable = []constructs.IConstruct{elsewhere}
			p.Deny = []stackguard.Rule{{Constructs: []constructs.IConstruct{stack, elsewhere}, Actions: []stackguard.Action{stackguard.Modify}}}
			p.Retention = []stackguard.Retention{{Construct: elsewhere, Policy: awscdk.RemovalPolicy_DESTROY}}
		}))
	})
	require.EqualError(t, err, `Test/Guard: invalid stackguard.GuardProps:
  - Replaceable[0]: must be of the stack Test, got Elsewhere/Table
  - Deny[0].Constructs[1]: must be of the stack Test, got Elsewhere/Table
  - Retention[0].Construct: must be of the stack Test, got Elsewhere/Table
  - the stack has another guard: a stack has one policy`)
}

// What only the final tree shows is reported at synth, every problem at once.
func TestStackGuard_SynthErrors(t *testing.T) {
	stack := cdktest.Stack(t)
	gone := newTable(stack, "Gone")
	empty := awsiam.NewPolicy(stack, jsii.String("Empty"), nil)
	role := awsiam.NewRole(stack, jsii.String("Role"), &awsiam.RoleProps{AssumedBy: awsiam.NewAccountRootPrincipal()})
	shot := newBucket(stack, "Shot", awscdk.RemovalPolicy_RETAIN)
	late := newBucket(stack, "Late", awscdk.RemovalPolicy_RETAIN)
	topic := resource(stack, "Topic", "AWS::SNS::Topic", nil)
	topic.CfnOptions().SetUpdateReplacePolicy(awscdk.CfnDeletionPolicy_SNAPSHOT)
	stackguard.NewGuard(stack, "Guard", byCommand(func(p *stackguard.GuardProps) {
		p.Replaceable = []constructs.IConstruct{gone, role}
		p.Deny = []stackguard.Rule{{Constructs: []constructs.IConstruct{empty}, Actions: []stackguard.Action{stackguard.Modify}}}
		p.Retention = []stackguard.Retention{{Construct: shot, Policy: awscdk.RemovalPolicy_SNAPSHOT}, {Construct: role, Policy: awscdk.RemovalPolicy_RETAIN}}
	}))
	stack.Node().TryRemoveChild(jsii.String("Gone"))
	stack.SetTerminationProtection(jsii.Bool(false))
	awscdk.Aspects_Of(late).Add(&destroyer{late.Node().DefaultChild().(awscdk.CfnResource)}, &awscdk.AspectOptions{Priority: jsii.Number(950)})
	err := cdktest.Panic(func() { cdktest.Synth(t, stack) })
	require.Error(t, err)
	for _, want := range []string{
		"Test/Shot/Resource: AWS::S3::Bucket has no snapshots: CloudFormation would delete it without one",
		"Test/Late/Resource: the retention was changed after the guard set it: use Retention",
		"Test/Topic: AWS::SNS::Topic has no snapshots: CloudFormation would delete it without one",
		"Retention[1]: Test/Role has no resource that holds data, apart from what others name",
		"Replaceable[0]: Test/Gone has no resource that holds data in the template",
		"Replaceable[1]: Test/Role has no resource that holds data in the template",
		"Deny[0].Constructs[0]: Test/Empty has no resource in the template",
		"the stack Test is in production and has no termination protection",
	} {
		assert.ErrorContains(t, err, "[Test/Guard] "+want)
	}
	assert.Equal(t, 8, strings.Count(err.Error(), "[Test/Guard]"), err.Error())
}

type destroyer struct{ resource awscdk.CfnResource }

func (d *destroyer) Visit(constructs.IConstruct) {
	d.resource.CfnOptions().SetDeletionPolicy(awscdk.CfnDeletionPolicy_DELETE)
}

func TestStackGuard_PolicyThatIsTooLong(t *testing.T) {
	stack := cdktest.Stack(t)
	var all []constructs.IConstruct
	for i := range 400 {
		all = append(all, resource(stack, fmt.Sprintf("ATopicWithAVeryLongName%03d", i), "AWS::SNS::Topic", nil))
	}
	stackguard.NewGuard(stack, "Guard", byCommand(func(p *stackguard.GuardProps) {
		p.Deny = []stackguard.Rule{{Constructs: all, Actions: []stackguard.Action{stackguard.Modify}}}
	}))
	err := cdktest.Panic(func() { cdktest.Synth(t, stack) })
	require.ErrorContains(t, err, "[Test/Guard] the stack policy has 18963 bytes, CloudFormation takes 16384 at most: name fewer constructs in Deny and Replaceable")
}

func TestStackGuard_PassesNag(t *testing.T) {
	stack := unbuilt(t)
	stackguard.NewGuard(stack, "Guard", nil)
	findings, suppressed := cdktest.Nag(t, stack)
	assert.Empty(t, findings)
	assert.Len(t, suppressed, 1, "traces")
}

// A guard in a stack of usual size must not cost a synth much.
func TestStackGuard_IsFast(t *testing.T) {
	stack := cdktest.Stack(t)
	var all []constructs.IConstruct
	for i := range 450 {
		all = append(all, resource(stack, fmt.Sprintf("R%d", i), []string{"AWS::S3::Bucket", "AWS::SNS::Topic"}[i%2], nil))
	}
	stackguard.NewGuard(stack, "Guard", byCommand(func(p *stackguard.GuardProps) {
		p.Deny = []stackguard.Rule{{Constructs: all, Actions: []stackguard.Action{stackguard.Modify}}}
	}))
	began := time.Now()
	cdktest.Synth(t, stack)
	t.Log("synth of 450 resources with a guard:", time.Since(began))
	assert.Less(t, time.Since(began), 30*time.Second)
}

// dependent is a guarded stack, and the stack that sets its policy.
func dependent(t *testing.T) (guarded, governance awscdk.Stack, g *stackguard.Guard) {
	t.Helper()
	guarded = unbuilt(t)
	governance = cdktest.StackIn(awscdk.Stage_Of(guarded).(awscdk.App), "Governance")
	g = stackguard.NewGuard(guarded, "Guard", &stackguard.GuardProps{Delivery: stackguard.DependentStack})
	return guarded, governance, g
}

func TestStackGuardApplier(t *testing.T) {
	guarded, governance, g := dependent(t)
	applier := stackguard.NewApplier(governance, "Policies", &stackguard.ApplierProps{Guards: []*stackguard.Guard{g}, LogRetentionDays: 7, Architecture: "x86_64"})
	newTable(guarded, "Notes")
	templates := cdktest.SynthApp(t, awscdk.Stage_Of(guarded).(awscdk.App))
	tpl := templates["Governance"]
	tpl.Snapshot("stackguard/applier")
	policy := templatePolicy(t, templates["Test"])
	templates["Test"].Count("AWS::Lambda::Function", 0)
	tpl.Has("Custom::StrataStackPolicy", o{"Stack": "Test", "Policy": policy.JSON()})
	assert.Contains(t, policy.JSON(), "AWS::DynamoDB::Table", "also what came later")
	tpl.Has("AWS::IAM::Policy", o{"PolicyDocument": o{"Statement": cdktest.ArrayWith(o{
		"Effect": "Allow", "Action": "cloudformation:SetStackPolicy", "Resource": cdktest.Text("cloudformation:us-east-1:111111111111:stack/Test/\\*"),
	})}})
	tpl.Has("AWS::Lambda::Function", o{"Architectures": a{"x86_64"}, "Timeout": 60})
	tpl.Has("AWS::Logs::LogGroup", o{"RetentionInDays": 7})
	assert.NotNil(t, applier.Resources["Test/Guard"])
	assert.NotNil(t, applier.Function())
	assert.Equal(t, []string{"Test"}, dependencies(governance))
	assert.NotContains(t, string(tpl.JSON), "ImportValue", "the guarded stack can change")
}

func dependencies(stack awscdk.Stack) []string {
	var all []string
	for _, s := range *stack.Dependencies() {
		all = append(all, *s.Node().Path())
	}
	return all
}

func TestStackGuardApplier_PassesNag(t *testing.T) {
	_, governance, g := dependent(t)
	stackguard.NewApplier(governance, "Policies", &stackguard.ApplierProps{Guards: []*stackguard.Guard{g}})
	findings, suppressed := cdktest.Nag(t, governance)
	assert.Empty(t, findings)
	assert.Len(t, suppressed, 2, "traces, the ARN of the stack")
}

func TestStackGuardApplier_ReportsWrongGuards(t *testing.T) {
	guarded, governance, g := dependent(t)
	app := awscdk.Stage_Of(guarded).(awscdk.App)
	far := awscdk.NewStack(app, jsii.String("Far"), &awscdk.StackProps{Env: &awscdk.Environment{Account: jsii.String(cdktest.Account), Region: jsii.String("eu-west-1")}})
	nested := awscdk.NewNestedStack(guarded, jsii.String("Nested"), nil)
	dependentStack := &stackguard.GuardProps{Delivery: stackguard.DependentStack, Stage: stackguard.Ephemeral}
	used := stackguard.NewGuard(cdktest.StackIn(app, "Used"), "Guard", dependentStack)
	stackguard.NewApplier(governance, "First", &stackguard.ApplierProps{Guards: []*stackguard.Guard{used}})
	err := cdktest.Panic(func() {
		stackguard.NewApplier(governance, "Policies", &stackguard.ApplierProps{Guards: []*stackguard.Guard{
			g, g, stackguard.NewGuard(far, "Guard", dependentStack), stackguard.NewGuard(nested, "Guard", dependentStack),
			stackguard.NewGuard(governance, "Guard", byCommand(nil)), used,
		}})
	})
	require.EqualError(t, err, `Governance/Policies: invalid stackguard.ApplierProps:
  - Guards[1]: must differ from the others, got Test/Guard again
  - Guards[2]: must be in aws://111111111111/us-east-1, got aws://111111111111/eu-west-1
  - Guards[3]: must not be of a nested stack, whose name is not known
  - Guards[4]: must have Delivery DependentStack, got Command
  - Guards[4]: must be of another stack: none sets its own policy
  - Guards[5]: must be of one Applier, is of Governance/First`)
}

func TestStackGuard_DependentStackNeedsAnApplier(t *testing.T) {
	guarded, _, _ := dependent(t)
	err := cdktest.Panic(func() { cdktest.Synth(t, guarded) })
	require.ErrorContains(t, err, "[Test/Guard] nobody sets the stack policy: Delivery is DependentStack, and no Applier has this guard")
}

func ExampleNewGuard() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Shop"), nil)
	volume := awsec2.NewCfnVolume(stack, jsii.String("Scratch"), &awsec2.CfnVolumeProps{AvailabilityZone: jsii.String("us-east-1a"), Size: jsii.Number(1)})
	guard := stackguard.NewGuard(stack, "Guard", &stackguard.GuardProps{
		Delivery:    stackguard.Command,
		Replaceable: []constructs.IConstruct{volume},
	})
	assembly := app.Synth(nil)
	policy, _ := stackpolicy.FromTemplate([]byte(text(assembly.GetStackByName(jsii.String("Shop")).TemplateFullPath())))
	fmt.Println(*guard.Node().Path(), *stack.TerminationProtection(), policy.Statement[1].Effect, policy.Statement[1].Action, policy.Statement[1].NotResource)
	// Output: Shop/Guard true Deny [Update:Replace Update:Delete] [LogicalResourceId/Scratch]
}

func text(path *string) string {
	b, err := os.ReadFile(*path)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func ExampleNewApplier() {
	app := awscdk.NewApp(&awscdk.AppProps{Context: &map[string]any{"aws:cdk:bundling-stacks": []string{}}})
	shop := awscdk.NewStack(app, jsii.String("Shop"), nil)
	guard := stackguard.NewGuard(shop, "Guard", &stackguard.GuardProps{Delivery: stackguard.DependentStack})
	governance := awscdk.NewStack(app, jsii.String("Governance"), nil)
	applier := stackguard.NewApplier(governance, "Policies", &stackguard.ApplierProps{Guards: []*stackguard.Guard{guard}})
	fmt.Println(*applier.Resources["Shop/Guard"].Node().Path())
	// Output: Governance/Policies/Shop
}
