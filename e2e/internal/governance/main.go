// Command governance is the app of the end-to-end tests of nested stacks, stack sets and macros. Its argument is the architecture of
// functions.
package main

import (
	"fmt"
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/constructs/macro"
	"github.com/strata-cdk/strata/constructs/stackset"
)

func main() {
	defer jsii.Close()
	architecture := os.Args[1]
	app := awscdk.NewApp(nil)
	newSplit(app)
	newStackSet(app, architecture)

	macros := awscdk.NewStack(app, jsii.String("Macros"), nil)
	copies := macro.NewMacro(macros, "Copies", &macro.Props{
		Name: "Copies", GoPackage: "./functions/copies", Architecture: architecture, RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	output(macros, "Function", copies.Function.FunctionName())
	app.Synth(nil)
}

// newSplit defines 600 parameters and a topic that they name, in a stack with three nested ones.
func newSplit(app awscdk.App) {
	stack := awscdk.NewStack(app, jsii.String("Split"), nil)
	topic := awssns.NewTopic(stack, jsii.String("Topic"), nil)
	for part := range 3 {
		nested := awscdk.NewNestedStack(stack, jsii.String(fmt.Sprintf("Part%d", part)), nil)
		var first awsssm.CfnParameter
		for i := range 200 {
			name := fmt.Sprintf("/split/%d/%03d", part, i)
			p := awsssm.NewCfnParameter(nested, jsii.String(fmt.Sprintf("Parameter%03d", i)), &awsssm.CfnParameterProps{
				Name: &name, Type: jsii.String("String"), Value: topic.TopicArn(),
			})
			if i == 0 {
				first = p
			}
		}
		output(stack, fmt.Sprintf("First%d", part), first.Ref())
	}
	output(stack, "TopicArn", topic.TopicArn())
}

// newStackSet defines a bucket of assets, and a stack set whose template reads code from it.
func newStackSet(app awscdk.App, architecture string) {
	assets := awscdk.NewStack(app, jsii.String("Assets"), nil)
	bucket := stackset.NewAssetBucket(assets, "Assets", &stackset.AssetBucketProps{
		Prefix: "strata-assets", Accounts: []string{"222222222222"}, RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	output(assets, "Bucket", bucket.Name())

	stack := awscdk.NewStack(app, jsii.String("Baseline"), nil)
	stackset.NewStackSet(stack, "Baseline", &stackset.Props{
		Name: "baseline",
		Template: func(inner awscdk.Stack) {
			awslambda.NewFunction(inner, jsii.String("Function"), &awslambda.FunctionProps{
				Runtime: awslambda.Runtime_PROVIDED_AL2023(), Handler: jsii.String("bootstrap"),
				Code: awslambda.Code_FromAsset(jsii.String("functions/copies"), nil),
			})
		},
		AssetBucketPrefix: "strata-assets",
		Targets:           []stackset.Target{{Accounts: []string{"222222222222"}, Regions: []string{"us-east-1"}}},
		Architecture:      architecture,
		RemovalPolicy:     awscdk.RemovalPolicy_DESTROY,
	})
	stack.AddStackDependency(assets, nil)
}

func output(scope constructs.Construct, name string, value *string) {
	awscdk.NewCfnOutput(scope, &name, &awscdk.CfnOutputProps{Value: value})
}
