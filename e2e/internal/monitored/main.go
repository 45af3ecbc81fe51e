// Command monitored is an app whose stacks watch a queue, for the test of constructs/monitoring: alarms of Each tell topics themselves, those of
// Composed through composite alarms. What is told comes to a queue.
package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/constructs/monitoring"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	for name, each := range map[string]bool{"Each": true, "Composed": false} {
		stack := awscdk.NewStack(app, &name, nil)
		failed := awssqs.NewQueue(stack, jsii.String("Failed"), nil)
		work := awssqs.NewQueue(stack, jsii.String("Work"), &awssqs.QueueProps{DeadLetterQueue: &awssqs.DeadLetterQueue{Queue: failed, MaxReceiveCount: jsii.Number(3)}})
		told := awssqs.NewQueue(stack, jsii.String("Told"), nil)
		told.GrantSendMessages(awsiam.NewServicePrincipal(jsii.String("sns.amazonaws.com"), nil))
		m := monitoring.NewMonitor(stack, "Monitor", &monitoring.MonitorProps{NotifyEachAlarm: each, RunbookURL: "https://example.com/runbook"})
		for severity, topic := range m.Topics {
			awssns.NewSubscription(stack, jsii.String(string(severity)), &awssns.SubscriptionProps{
				Topic: topic, Endpoint: told.QueueArn(), Protocol: awssns.SubscriptionProtocol_SQS, RawMessageDelivery: jsii.Bool(true),
			})
		}
		for output, value := range map[string]*string{"Work": work.QueueName(), "Failed": failed.QueueName(), "Told": told.QueueUrl()} {
			awscdk.NewCfnOutput(stack, jsii.String(output+"Output"), &awscdk.CfnOutputProps{Value: value})
		}
	}
	app.Synth(nil)
}
