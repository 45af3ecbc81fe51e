// Command guarded is the app of the end-to-end test of stackguard. Its arguments are the architecture of functions, the name of a table,
// and the stage of the guard.
package main

import (
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/constructs/stackguard"
)

func main() {
	defer jsii.Close()
	architecture, name, stage := os.Args[1], os.Args[2], os.Args[3]
	app := awscdk.NewApp(nil)

	stack := awscdk.NewStack(app, jsii.String("Guarded"), nil)
	table := awsdynamodb.NewTable(stack, jsii.String("Notes"), &awsdynamodb.TableProps{
		TableName: &name, PartitionKey: &awsdynamodb.Attribute{Name: jsii.String("id"), Type: awsdynamodb.AttributeType_STRING},
	})
	guard := stackguard.NewGuard(stack, "Guard", &stackguard.GuardProps{Stage: stackguard.Stage(stage), Architecture: architecture})
	output(stack, "Function", guard.Provider.Function.FunctionName())
	output(stack, "Table", table.TableName())

	applied := awscdk.NewStack(app, jsii.String("Applied"), nil)
	awsdynamodb.NewTable(applied, jsii.String("Notes"), &awsdynamodb.TableProps{
		PartitionKey: &awsdynamodb.Attribute{Name: jsii.String("id"), Type: awsdynamodb.AttributeType_STRING},
	})
	guards := []*stackguard.Guard{stackguard.NewGuard(applied, "Guard", &stackguard.GuardProps{
		Stage: stackguard.Stage(stage), Delivery: stackguard.DependentStack,
	})}
	governance := awscdk.NewStack(app, jsii.String("Governance"), nil)
	stackguard.NewApplier(governance, "Policies", &stackguard.ApplierProps{
		Guards: guards, Architecture: architecture, RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	app.Synth(nil)
}

func output(stack awscdk.Stack, name string, value *string) {
	awscdk.NewCfnOutput(stack, &name, &awscdk.CfnOutputProps{Value: value})
}
