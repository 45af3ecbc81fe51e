package constructs_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/globalentry"
)

func routing() *globalentry.CustomRoutingProps {
	return &globalentry.CustomRoutingProps{Listeners: []globalentry.RoutingListener{{
		Ports: []globalentry.PortRange{{From: 5000, To: 9000}, {From: 80}},
		Groups: []globalentry.RoutingGroup{
			{
				Destinations: []globalentry.Destination{{Ports: globalentry.PortRange{From: 7777}, Protocols: []globalentry.Protocol{globalentry.UDP}}},
				Subnets:      []globalentry.RoutingSubnet{{ID: "subnet-0123456789abcdef0", AllowAll: true}, {ID: "subnet-0123456789abcdef1"}},
			},
			{Region: "eu-west-1", Destinations: []globalentry.Destination{{Ports: globalentry.PortRange{From: 80, To: 81}}}},
		},
	}}}
}

func TestGlobalEntryCustomRouting_Defaults(t *testing.T) {
	stack := unbuilt(t)
	r := globalentry.NewCustomRouting(stack, "Game", routing())
	addresses := r.Addresses()
	for i, value := range []*string{r.ARN(), r.DNSName(), addresses[0], addresses[1]} {
		awscdk.NewCfnOutput(stack, jsii.String(fmt.Sprintf("Out%d", i)), &awscdk.CfnOutputProps{Value: value})
	}
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("globalentry/custom_routing")

	bucket := tpl.All("AWS::S3::Bucket")[0].LogicalID
	made := tpl.HasResource("Custom::StrataCustomRouting", o{
		"DependsOn": cdktest.ArrayWith(tpl.All("AWS::S3::BucketPolicy")[0].LogicalID),
		"Properties": cdktest.Exactly(o{
			"ServiceToken": o{"Fn::GetAtt": a{tpl.All("AWS::Lambda::Function")[0].LogicalID, "Arn"}}, "ServiceTimeout": 3600,
			"Name": "Test-Game-58053E0E", "Disabled": false, "FlowLogsBucket": o{"Ref": bucket}, "FlowLogsPrefix": "globalaccelerator",
			"Listeners": a{o{
				"Ports": a{o{"From": 5000, "To": 9000}, o{"From": 80, "To": 80}},
				"Groups": a{
					o{
						"Region": "us-east-1", "Destinations": a{o{"From": 7777, "To": 7777, "Protocols": a{"UDP"}}},
						"Subnets": a{o{"ID": "subnet-0123456789abcdef0", "Allow": true}, o{"ID": "subnet-0123456789abcdef1", "Allow": false}},
					},
					o{"Region": "eu-west-1", "Destinations": a{o{"From": 80, "To": 81, "Protocols": a{"TCP", "UDP"}}}},
				},
			}},
		}),
	})
	for i, want := range []any{
		o{"Ref": made.LogicalID}, o{"Fn::GetAtt": a{made.LogicalID, "DnsName"}}, o{"Fn::GetAtt": a{made.LogicalID, "Address1"}}, o{"Fn::GetAtt": a{made.LogicalID, "Address2"}},
	} {
		assert.Equal(t, want, tpl.Output(fmt.Sprintf("Out%d", i)))
	}
	tpl.Count("AWS::StepFunctions::StateMachine", 1)
	policy := tpl.Has("AWS::IAM::Policy", o{"Roles": a{o{"Ref": cdktest.Text("^GameProviderRole")}}})
	arn := func(middle string) o { return o{"Fn::Join": a{"", a{"arn:", o{"Ref": "AWS::Partition"}, middle}}} }
	statements := policy.Properties["PolicyDocument"].(o)["Statement"].(a)
	allowed := statements[len(statements)-6:]
	assert.Equal(t, o{"Effect": "Allow", "Action": "globalaccelerator:CreateCustomRoutingAccelerator", "Resource": "*"}, allowed[0])
	assert.Equal(t, arn(":globalaccelerator::111111111111:accelerator/*"), allowed[1].(o)["Resource"])
	assert.Len(t, allowed[1].(o)["Action"], 15)
	assert.Equal(t, a{
		o{
			"Effect": "Allow", "Action": "iam:CreateServiceLinkedRole", "Resource": arn(":iam::111111111111:role/aws-service-role/globalaccelerator.amazonaws.com/*"),
			"Condition": o{"StringEquals": o{"iam:AWSServiceName": "globalaccelerator.amazonaws.com"}},
		},
		o{"Effect": "Allow", "Action": "ec2:DescribeSubnets", "Resource": "*"},
		o{"Effect": "Allow", "Action": a{"logs:CreateLogDelivery", "logs:DeleteLogDelivery"}, "Resource": "*"},
		o{"Effect": "Allow", "Action": a{"s3:GetBucketPolicy", "s3:PutBucketPolicy"}, "Resource": o{"Fn::GetAtt": a{bucket, "Arn"}}},
	}, allowed[2:])
	note := assertions.Match_StringLikeRegexp(jsii.String("^An accelerator costs 0.025 USD an hour"))
	assert.Len(t, *assertions.Annotations_FromStack(stack).FindInfo(jsii.String("/Test/Game"), note), 1)
}

func TestGlobalEntryCustomRouting_Settings(t *testing.T) {
	stack := unbuilt(t)
	props := routing()
	props.Name, props.Disabled, props.IPAddresses, props.FlowLogs.Disable = "game", true, []string{"198.51.100.1"}, true
	props.Architecture, props.LogRetentionDays, props.RemovalPolicy = "x86_64", 7, awscdk.RemovalPolicy_DESTROY
	props.Key = awskms.Key_FromKeyArn(stack, jsii.String("Mine"), jsii.String("arn:aws:kms:us-east-1:111111111111:key/k"))
	assert.Nil(t, globalentry.NewCustomRouting(stack, "Game", props).FlowLogs)
	tpl := cdktest.Synth(t, stack)
	tpl.Has("Custom::StrataCustomRouting", o{"Name": "game", "Disabled": true, "IPAddresses": a{"198.51.100.1"}, "FlowLogsBucket": cdktest.Absent, "FlowLogsPrefix": cdktest.Absent})
	tpl.Count("AWS::KMS::Key", 0)
	tpl.Count("AWS::S3::Bucket", 0)
	tpl.Has("AWS::Lambda::Function", o{"Architectures": a{"x86_64"}})
	tpl.EachResource("AWS::Logs::LogGroup", o{"DeletionPolicy": "Delete", "Properties": o{"RetentionInDays": 7}})
}

func TestGlobalEntryCustomRouting_ReportsProblemsOfTheStack(t *testing.T) {
	stack := unbuilt(t)
	props := routing()
	props.Listeners[0].Groups[1].Region = cdktest.Region
	require.EqualError(t, cdktest.Panic(func() { globalentry.NewCustomRouting(stack, "Game", props) }), `Test/Game: invalid globalentry.CustomRoutingProps:
  - Listeners[0].Groups[1].Region: must differ from the others: a region has one group, and that of the stack has one without Region`)
	require.ErrorContains(t, cdktest.Panic(func() { globalentry.NewCustomRouting(stack, "None", nil) }), "Test/None: invalid globalentry.CustomRoutingProps:")
	fresh := routing()
	globalentry.NewCustomRouting(stack, "Fresh", fresh)
	assert.Equal(t, routing(), fresh, "the props that a user gave stay as they are")
}

func TestGlobalEntryCustomRouting_PassesNag(t *testing.T) {
	stack := unbuilt(t)
	globalentry.NewCustomRouting(stack, "Game", routing())
	findings, suppressed := cdktest.Nag(t, stack)
	assert.Empty(t, findings)
	var rules []string
	for _, s := range suppressed {
		rules = append(rules, s.Rule)
	}
	assert.Equal(t, []string{"AwsSolutions-IAM5", "AwsSolutions-IAM5", "AwsSolutions-IAM5", "AwsSolutions-IAM5", "AwsSolutions-S1"}, rules)
}

func ExampleNewCustomRouting() {
	app := awscdk.NewApp(&awscdk.AppProps{Context: &map[string]any{"aws:cdk:bundling-stacks": []string{}}}) // an app builds the function
	stack := awscdk.NewStack(app, jsii.String("Edge"), nil)
	game := globalentry.NewCustomRouting(stack, "Game", &globalentry.CustomRoutingProps{Listeners: []globalentry.RoutingListener{{
		Ports: []globalentry.PortRange{{From: 10000, To: 20000}},
		Groups: []globalentry.RoutingGroup{{
			Destinations: []globalentry.Destination{{Ports: globalentry.PortRange{From: 7777}, Protocols: []globalentry.Protocol{globalentry.UDP}}},
			Subnets:      []globalentry.RoutingSubnet{{ID: "subnet-0123456789abcdef0"}},
		}},
	}}})
	fmt.Println(*game.Resource.Node().Path())
	// Output: Edge/Game/Accelerator
}
