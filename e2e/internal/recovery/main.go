// Command recovery is the app of the end-to-end test of a recovery: both regions of a plan. Its argument is the strategy.
package main

import (
	"os"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/constructs/recovery"
	"github.com/strata-cdk/strata/constructs/replica"
)

func main() {
	defer jsii.Close()
	plan := &recovery.Plan{
		Name: "orders", Strategy: recovery.Strategy(os.Args[1]), Primary: "us-east-1", Standby: "us-west-2", RPO: 12 * time.Hour, RTO: 12 * time.Hour,
		Data: recovery.Data{
			Tables:  []replica.GlobalTableProps{{Pair: replica.Pair{Name: "items"}, PartitionKey: replica.Attribute{Name: "id"}}},
			Buckets: []replica.ReplicatedBucketProps{{Pair: replica.Pair{Name: "photos"}}},
		},
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	}
	app := awscdk.NewApp(nil)
	stack := func(id, region string) awscdk.Stack {
		return awscdk.NewStack(app, &id, &awscdk.StackProps{Env: &awscdk.Environment{Account: jsii.String("000000000000"), Region: &region}})
	}
	primary := recovery.NewPrimary(stack("RecoveryPrimary", plan.Primary), "Orders", &recovery.RegionProps{Plan: plan})
	standby := recovery.NewStandby(stack("RecoveryStandby", plan.Standby), "Orders", &recovery.RegionProps{Plan: plan})
	awscdk.NewCfnOutput(awscdk.Stack_Of(primary), jsii.String("Topic"), &awscdk.CfnOutputProps{Value: primary.Topic.TopicArn()})
	awscdk.NewCfnOutput(awscdk.Stack_Of(standby), jsii.String("Topic"), &awscdk.CfnOutputProps{Value: standby.Topic.TopicArn()})
	app.Synth(nil)
}
