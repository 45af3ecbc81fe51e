package constructs_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskinesisfirehose"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/logs"
)

// newReader is a function whose code does nothing.
func newReader(scope constructs.Construct, id string, edit func(*awslambda.FunctionProps)) awslambda.Function {
	props := &awslambda.FunctionProps{
		Runtime: awslambda.Runtime_NODEJS_22_X(), Handler: jsii.String("index.handler"), Code: awslambda.Code_FromInline(jsii.String("//")),
	}
	if edit != nil {
		edit(props)
	}
	return awslambda.NewFunction(scope, &id, props)
}

// subscribe defines a subscription filter without this library.
func subscribe(scope constructs.Construct, id string, group, destination *string) awslogs.CfnSubscriptionFilter {
	return awslogs.NewCfnSubscriptionFilter(scope, &id, &awslogs.CfnSubscriptionFilterProps{
		LogGroupName: group, DestinationArn: destination, FilterPattern: jsii.String(""),
	})
}

// subscribeAccount defines an account-level subscription without this library.
func subscribeAccount(scope constructs.Construct, id string, document, criteria *string) {
	awslogs.NewCfnAccountPolicy(scope, &id, &awslogs.CfnAccountPolicyProps{
		PolicyName: &id, PolicyType: jsii.String("SUBSCRIPTION_FILTER_POLICY"), PolicyDocument: document, SelectionCriteria: criteria,
	})
}

const elsewhere = "arn:aws:logs:us-east-1:222222222222:destination:central"

func TestLogsInspect(t *testing.T) {
	group := func(s constructs.Construct, id string) awslogs.LogGroup { return awslogs.NewLogGroup(s, &id, nil) }
	reads := func(s constructs.Construct, f awslambda.IFunction) { // the group of f, to f
		subscribe(s, "Filter", f.(awslambda.Function).LogGroup().LogGroupName(), f.FunctionArn())
	}
	named := func(name string) func(*awslambda.FunctionProps) {
		return func(p *awslambda.FunctionProps) { p.FunctionName = &name }
	}
	toStream := func(s constructs.Construct, log *string) awskinesisfirehose.CfnDeliveryStream {
		return awskinesisfirehose.NewCfnDeliveryStream(s, jsii.String("Stream"), &awskinesisfirehose.CfnDeliveryStreamProps{
			ExtendedS3DestinationConfiguration: &awskinesisfirehose.CfnDeliveryStream_ExtendedS3DestinationConfigurationProperty{
				BucketArn: jsii.String("arn:aws:s3:::b"), RoleArn: jsii.String("arn:aws:iam::111111111111:role/r"),
				CloudWatchLoggingOptions: &awskinesisfirehose.CfnDeliveryStream_CloudWatchLoggingOptionsProperty{Enabled: true, LogGroupName: log},
			},
		})
	}
	for name, c := range map[string]struct {
		define func(s awscdk.Stack)
		want   []string
	}{
		"two filters": {func(s awscdk.Stack) {
			g := group(s, "Group")
			subscribe(s, "A", g.LogGroupName(), jsii.String(elsewhere))
			subscribe(s, "B", g.LogGroupName(), jsii.String(elsewhere))
		}, nil},
		"three filters": {func(s awscdk.Stack) {
			g := group(s, "Group")
			subscribe(s, "A", g.LogGroupName(), jsii.String(elsewhere))
			subscribe(s, "B", g.Node().DefaultChild().(awslogs.CfnLogGroup).Ref(), jsii.String(elsewhere))
			other := cdktest.StackIn(s.Node().Root().(awscdk.App), "Other")
			subscribe(other, "C", g.LogGroupName(), jsii.String(elsewhere))
		}, []string{"Other/C: a log group has at most 2 subscription filters, and Test/Group/Resource has 3: Other/C, Test/A, Test/B"}},
		"three filters of a name": {func(s awscdk.Stack) {
			g := awslogs.NewLogGroup(s, jsii.String("Group"), &awslogs.LogGroupProps{LogGroupName: jsii.String("/app")})
			subscribe(s, "A", g.LogGroupName(), jsii.String(elsewhere))
			subscribe(s, "B", jsii.String("/app"), jsii.String(elsewhere))
			subscribe(s, "C", awslogs.LogGroup_FromLogGroupName(s, jsii.String("Same"), jsii.String("/app")).LogGroupName(), jsii.String(elsewhere))
			other := awscdk.NewStack(s.Node().Root().(awscdk.App), jsii.String("Elsewhere"), &awscdk.StackProps{Env: &awscdk.Environment{
				Account: jsii.String(cdktest.Account), Region: jsii.String("eu-west-1"),
			}})
			subscribe(other, "D", jsii.String("/app"), jsii.String(elsewhere))
		}, []string{"Test/A: a log group has at most 2 subscription filters, and 111111111111/us-east-1 /app has 3: Test/A, Test/B, Test/C"}},
		"infrequent access": {func(s awscdk.Stack) {
			g := awslogs.NewLogGroup(s, jsii.String("Group"), &awslogs.LogGroupProps{LogGroupClass: awslogs.LogGroupClass_INFREQUENT_ACCESS})
			subscribe(s, "A", g.LogGroupName(), jsii.String(elsewhere))
		}, []string{"Test/A: the log group Test/Group/Resource is of class INFREQUENT_ACCESS, which has no subscription filters"}},
		"function with a group": {func(s awscdk.Stack) {
			reads(s, newReader(s, "Reader", func(p *awslambda.FunctionProps) { p.LogGroup = group(s, "Group") }))
		}, []string{"Test/Filter: would send to the function Test/Reader/Resource the logs of itself, without an end"}},
		"function with a named group": {func(s awscdk.Stack) {
			g := awslogs.NewLogGroup(s, jsii.String("Group"), &awslogs.LogGroupProps{LogGroupName: jsii.String("/app")})
			f := newReader(s, "Reader", func(p *awslambda.FunctionProps) { p.LogGroup = g })
			subscribe(s, "Filter", jsii.String("/app"), f.FunctionArn())
		}, []string{"Test/Filter: would send to the function Test/Reader/Resource the logs of itself, without an end"}},
		"function with the group of Lambda": {func(s awscdk.Stack) {
			f := newReader(s, "Reader", nil)
			subscribe(s, "Filter", jsii.String("/aws/lambda/"+*f.FunctionName()), f.FunctionArn())
		}, []string{"Test/Filter: would send to the function Test/Reader/Resource the logs of itself, without an end"}},
		"named function": {func(s awscdk.Stack) {
			f := newReader(s, "Reader", named("reader"))
			subscribe(s, "Filter", jsii.String("/aws/lambda/reader"), f.FunctionArn())
			subscribe(s, "Filter2", jsii.String("/aws/lambda/"+*f.FunctionName()), f.FunctionArn())
		}, []string{
			"Test/Filter: would send to the function Test/Reader/Resource the logs of itself, without an end",
			"Test/Filter2: would send to the function Test/Reader/Resource the logs of itself, without an end",
		}},
		"function of another stack": {func(s awscdk.Stack) {
			f := newReader(s, "Reader", func(p *awslambda.FunctionProps) { p.LogGroup = group(s, "Group") })
			reads(cdktest.StackIn(s.Node().Root().(awscdk.App), "Other"), f)
		}, []string{"Other/Filter: would send to the function Test/Reader/Resource the logs of itself, without an end"}},
		"alias of a version": {func(s awscdk.Stack) {
			f := newReader(s, "Reader", func(p *awslambda.FunctionProps) { p.LogGroup = group(s, "Group") })
			alias := awslambda.NewAlias(s, jsii.String("Live"), &awslambda.AliasProps{AliasName: jsii.String("live"), Version: f.CurrentVersion()})
			subscribe(s, "Filter", f.LogGroup().LogGroupName(), alias.FunctionArn())
			subscribe(s, "Filter2", f.LogGroup().LogGroupName(), f.CurrentVersion().FunctionArn())
		}, []string{
			"Test/Filter: would send to the function Test/Reader/Resource the logs of itself, without an end",
			"Test/Filter2: would send to the function Test/Reader/Resource the logs of itself, without an end",
		}},
		"function by ARN": {func(s awscdk.Stack) {
			subscribe(s, "Filter", jsii.String("/aws/lambda/far"), jsii.String("arn:aws:lambda:us-east-1:111111111111:function:far:live"))
			subscribe(s, "Fine", jsii.String("/aws/lambda/near"), jsii.String("arn:aws:lambda:us-east-1:111111111111:function:far"))
		}, []string{"Test/Filter: would send to the function far the logs of itself, without an end"}},
		"function of a name that others have in other regions": {func(s awscdk.Stack) {
			newReader(s, "Reader", named("reader"))
			for _, region := range []string{"eu-west-1", "eu-west-2", "eu-west-3", "eu-north-1", "eu-central-1"} {
				other := awscdk.NewStack(s.Node().Root().(awscdk.App), &region, &awscdk.StackProps{Env: &awscdk.Environment{Account: jsii.String(cdktest.Account), Region: &region}})
				newReader(other, "Reader", func(p *awslambda.FunctionProps) {
					p.FunctionName, p.LogGroup = jsii.String("reader"), awslogs.LogGroup_FromLogGroupName(other, jsii.String("App"), jsii.String("/app"))
				})
			}
			subscribe(s, "Filter", jsii.String("/app"), jsii.String("arn:aws:lambda:us-east-1:111111111111:function:reader"))
		}, nil},
		"other function": {func(s awscdk.Stack) {
			f := newReader(s, "Reader", func(p *awslambda.FunctionProps) { p.LogGroup = group(s, "Group") })
			subscribe(s, "Filter", newReader(s, "Writer", nil).LogGroup().LogGroupName(), f.FunctionArn())
		}, nil},
		"delivery stream": {func(s awscdk.Stack) {
			g := group(s, "Group")
			subscribe(s, "Filter", g.LogGroupName(), toStream(s, g.LogGroupName()).AttrArn())
		}, []string{"Test/Filter: would send to the delivery stream Test/Stream the logs of itself, without an end"}},
		"other delivery stream": {func(s awscdk.Stack) {
			subscribe(s, "Filter", group(s, "Group").LogGroupName(), toStream(s, group(s, "Errors").LogGroupName()).AttrArn())
		}, nil},
		"account": {func(s awscdk.Stack) {
			f := newReader(s, "Reader", func(p *awslambda.FunctionProps) { p.LogGroup = group(s, "Group") })
			subscribeAccount(s, "Account", s.ToJsonString(map[string]any{"DestinationArn": f.FunctionArn()}, nil), nil)
		}, []string{"Test/Account: would send to the function Test/Reader/Resource the logs of itself, without an end: its log group must be in SelectionCriteria"}},
		"account without the group": {func(s awscdk.Stack) {
			g := group(s, "Group")
			f := newReader(s, "Reader", func(p *awslambda.FunctionProps) { p.LogGroup = g })
			subscribeAccount(s, "Account", jsii.String(`{"DestinationArn":"`+*f.FunctionArn()+`"}`), jsii.String(`LogGroupName NOT IN ["`+*g.LogGroupName()+`"]`))
		}, nil},
		"account with the group of Lambda": {func(s awscdk.Stack) {
			f := newReader(s, "Reader", nil)
			subscribeAccount(s, "Account", jsii.String(`{"DestinationArn":"`+*f.FunctionArn()+`"}`), jsii.String(`LogGroupName NOT IN ["/aws/lambda/x"]`))
		}, []string{"Test/Account: would send to the function Test/Reader/Resource the logs of itself, without an end: its log group must be in SelectionCriteria"}},
		"account without the group of Lambda": {func(s awscdk.Stack) {
			f := newReader(s, "Reader", nil)
			subscribeAccount(s, "Account", jsii.String(`{"DestinationArn":"`+*f.FunctionArn()+`"}`), jsii.String(`LogGroupName NOT IN ["/aws/lambda/`+*f.FunctionName()+`"]`))
		}, nil},
		"account without a named group": {func(s awscdk.Stack) {
			g := awslogs.NewLogGroup(s, jsii.String("Group"), &awslogs.LogGroupProps{LogGroupName: jsii.String("/app")})
			f := newReader(s, "Reader", func(p *awslambda.FunctionProps) { p.LogGroup = g })
			subscribeAccount(s, "Account", jsii.String(`{"DestinationArn":"`+*f.FunctionArn()+`"}`), jsii.String(`LogGroupName NOT IN ["/app"]`))
		}, nil},
		"account with a group of a like name": {func(s awscdk.Stack) {
			g := awslogs.NewLogGroup(s, jsii.String("Group"), &awslogs.LogGroupProps{LogGroupName: jsii.String("/app")})
			f := newReader(s, "Reader", func(p *awslambda.FunctionProps) { p.LogGroup = g })
			subscribeAccount(s, "Account", jsii.String(`{"DestinationArn":"`+*f.FunctionArn()+`"}`), jsii.String(`LogGroupName NOT IN ["/my/app"]`))
		}, []string{"Test/Account: would send to the function Test/Reader/Resource the logs of itself, without an end: its log group must be in SelectionCriteria"}},
		"account to a delivery stream": {func(s awscdk.Stack) {
			subscribeAccount(s, "Account", jsii.String(`{"DestinationArn":"`+*toStream(s, group(s, "Errors").LogGroupName()).AttrArn()+`"}`), nil)
		}, []string{"Test/Account: would send to the delivery stream Test/Stream the logs of itself, without an end: its log group must be in SelectionCriteria"}},
		"like names in another stack": {func(s awscdk.Stack) {
			other := cdktest.StackIn(s.Node().Root().(awscdk.App), "Other")
			f := newReader(s, "Reader", func(p *awslambda.FunctionProps) { p.LogGroup = group(s, "Group") })
			subscribe(other, "Fine", group(other, "Group").LogGroupName(), f.FunctionArn())
			subscribe(s, "Filter", f.LogGroup().LogGroupName(), f.FunctionArn())
		}, []string{"Test/Filter: would send to the function Test/Reader/Resource the logs of itself, without an end"}},
		"account with like names in another stack": {func(s awscdk.Stack) {
			g := group(s, "Group")
			f := newReader(s, "Reader", func(p *awslambda.FunctionProps) { p.LogGroup = g })
			newReader(cdktest.StackIn(s.Node().Root().(awscdk.App), "Other"), "Reader", nil)
			subscribeAccount(s, "Account", jsii.String(`{"DestinationArn":"`+*f.FunctionArn()+`"}`), jsii.String(`LogGroupName NOT IN ["`+*g.LogGroupName()+`"]`))
		}, nil},
		"named function by ARN": {func(s awscdk.Stack) {
			newReader(s, "Reader", func(p *awslambda.FunctionProps) {
				p.FunctionName, p.LogGroup = jsii.String("reader"), group(s, "Group")
			})
			subscribe(s, "Filter", s.Node().FindChild(jsii.String("Group")).(awslogs.LogGroup).LogGroupName(),
				jsii.String("arn:aws:lambda:us-east-1:111111111111:function:reader"))
		}, []string{"Test/Filter: would send to the function Test/Reader/Resource the logs of itself, without an end"}},
		"two accounts": {func(s awscdk.Stack) {
			subscribeAccount(s, "A", jsii.String(`{"DestinationArn":"`+elsewhere+`"}`), nil)
			subscribeAccount(s, "B", jsii.String(`{"DestinationArn":"`+elsewhere+`"}`), nil)
			awslogs.NewCfnAccountPolicy(s, jsii.String("C"), &awslogs.CfnAccountPolicyProps{
				PolicyName: jsii.String("C"), PolicyType: jsii.String("FIELD_INDEX_POLICY"), PolicyDocument: jsii.String("{}"),
			})
		}, []string{"Test/B: an account and region has one account-level subscription, and Test/A is another one"}},
	} {
		t.Run(name, func(t *testing.T) {
			stack := cdktest.Stack(t)
			// What this library defines anywhere in the app looks at what others defined, once.
			logs.NewSecureLogGroup(stack, "Looks", nil)
			logs.NewSecureLogGroup(stack, "LooksToo", nil)
			c.define(stack)
			err := cdktest.Panic(func() { stack.Node().Root().(awscdk.App).Synth(nil) })
			if c.want == nil {
				require.NoError(t, err)
				return
			}
			require.Error(t, err)
			want := "ValidationFailedWithErrors: Validation failed with the following errors:"
			for _, w := range c.want {
				want += "\n  [] " + w
			}
			assert.Equal(t, want, err.Error())
		})
	}
}
