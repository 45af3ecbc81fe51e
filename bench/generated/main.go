// Command generated is an app of 10 stacks and 500 resources. Its twins are ../js/generated.js and ../ts/generated.ts.
package main

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/jsii-runtime-go"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	for s := range 10 {
		stack := awscdk.NewStack(app, jsii.Sprintf("Stack%d", s), &awscdk.StackProps{
			Env: &awscdk.Environment{Account: jsii.String("111111111111"), Region: jsii.String("us-east-1")},
		})
		for g := range 5 {
			group(stack, s, g)
		}
	}
	app.Synth(nil)
}

// group adds ten resources: two queues, a topic and the policies of the three, a log group, a role and its policy, a
// parameter.
func group(stack awscdk.Stack, s, g int) {
	id := func(name string) *string { return jsii.String(fmt.Sprint(name, g)) }
	dead := awssqs.NewQueue(stack, id("Dead"), &awssqs.QueueProps{
		EnforceSSL: jsii.Bool(true), RetentionPeriod: awscdk.Duration_Days(jsii.Number(14)),
	})
	work := awssqs.NewQueue(stack, id("Work"), &awssqs.QueueProps{
		EnforceSSL:        jsii.Bool(true),
		VisibilityTimeout: awscdk.Duration_Seconds(jsii.Number(60)),
		DeadLetterQueue:   &awssqs.DeadLetterQueue{Queue: dead, MaxReceiveCount: jsii.Number(5)},
	})
	awssns.NewTopic(stack, id("Topic"), &awssns.TopicProps{EnforceSSL: jsii.Bool(true), DisplayName: id("Topic ")})
	awslogs.NewLogGroup(stack, id("Logs"), &awslogs.LogGroupProps{
		Retention: awslogs.RetentionDays_ONE_MONTH, RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	role := awsiam.NewRole(stack, id("Role"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
	})
	work.GrantConsumeMessages(role)
	awsssm.NewCfnParameter(stack, id("Parameter"), &awsssm.CfnParameterProps{
		Name: jsii.Sprintf("/bench/%d/%d", s, g), Type: jsii.String("String"), Value: work.QueueUrl(),
	})
}
