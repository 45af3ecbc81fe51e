package customresource

import (
	"encoding/json"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/internal/encrypted"
	"github.com/strata-cdk/strata/internal/nag"
)

// addWaiter defines the state machine. It knows the function only from its input, because the function knows the state machine.
func (p *Provider) addWaiter(d *ProviderProps) awsiam.Role {
	scope := constructs.NewConstruct(p, jsii.String("Waiter"))
	logs := encrypted.NewLogGroup(scope, "Logs", "", p.Key, d.LogRetentionDays, d.RemovalPolicy)
	role := awsiam.NewRole(scope, jsii.String("Role"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("states.amazonaws.com"), nil),
	})
	// https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html and .../xray-iam.html
	role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery",
			"logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups",
			"xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets"),
		Resources: jsii.Strings("*"),
	}))
	policy := role.Node().FindChild(jsii.String("DefaultPolicy"))
	nag.Suppress(policy, "AwsSolutions-IAM5", "Log deliveries and traces have no resource to name in a policy.", "Resource::*")
	p.Waiter = awsstepfunctions.NewCfnStateMachine(scope, jsii.String("StateMachine"), &awsstepfunctions.CfnStateMachineProps{
		RoleArn:          role.RoleArn(),
		DefinitionString: awscdk.Fn_Sub(jsii.String(definition(d.ServiceTimeout)), nil),
		LoggingConfiguration: &awsstepfunctions.CfnStateMachine_LoggingConfigurationProperty{
			Level: jsii.String("ALL"),
			// The data has the URL with which anybody could answer CloudFormation.
			IncludeExecutionData: jsii.Bool(false),
			Destinations: []any{&awsstepfunctions.CfnStateMachine_LogDestinationProperty{
				CloudWatchLogsLogGroup: &awsstepfunctions.CfnStateMachine_CloudWatchLogsLogGroupProperty{LogGroupArn: logs.LogGroupArn()},
			}},
		},
		TracingConfiguration: &awsstepfunctions.CfnStateMachine_TracingConfigurationProperty{Enabled: jsii.Bool(true)},
	})
	p.Waiter.Node().AddDependency(policy) // CreateStateMachine tries whether the role may deliver logs
	return role
}

// connectWaiter lets the state machine call the function: in a policy of its own, as the state machine is there before the function.
func (p *Provider) connectWaiter(role awsiam.Role) {
	policy := awsiam.NewPolicy(p, jsii.String("WaiterCalls"), &awsiam.PolicyProps{
		Statements: &[]awsiam.PolicyStatement{awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Actions: jsii.Strings("lambda:InvokeFunction"), Resources: &[]*string{p.Function.FunctionArn()},
		})},
	})
	policy.AttachToRole(role)
}

// definition is the state machine in the Amazon States Language. ${AWS::Partition} is resolved by CloudFormation.
func definition(timeout time.Duration) string {
	type object = map[string]any
	call := func(next string) object {
		return object{
			"Type": "Task", "Resource": "arn:${AWS::Partition}:states:::lambda:invoke",
			"Parameters": object{"FunctionName.$": "$.function", "Payload.$": "$"},
			"OutputPath": "$.Payload",
			// What is Lambda's fault, or that of the account's concurrency, passes. What the function did is not done twice.
			"Retry": []object{{
				"ErrorEquals":     []string{"Lambda.TooManyRequestsException", "Lambda.ServiceException", "Lambda.SdkClientException"},
				"IntervalSeconds": 2, "MaxAttempts": 6, "BackoffRate": 2,
			}},
			"Next": next,
		}
	}
	handle := call("Done?")
	handle["Catch"] = []object{{"ErrorEquals": []string{"States.ALL"}, "ResultPath": "$.error", "Next": "Answer for it"}}
	text, err := json.Marshal(object{
		"StartAt": "Wait", "TimeoutSeconds": int(timeout / time.Second),
		"States": object{
			"Wait":   object{"Type": "Wait", "SecondsPath": "$.after", "Next": "Handle"},
			"Handle": handle,
			"Done?": object{
				"Type": "Choice", "Choices": []object{{"Variable": "$.done", "BooleanEquals": true, "Next": "Done"}}, "Default": "Wait",
			},
			"Done":          object{"Type": "Succeed"},
			"Answer for it": call("Failed"),
			"Failed":        object{"Type": "Fail"},
		},
	})
	if err != nil {
		panic(err) // it is plain text and numbers
	}
	return string(text)
}
