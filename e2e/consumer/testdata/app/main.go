// Command app is somebody else's CDK app: it uses Strata as a library. Its argument is the folder of a function in Go.
package main

import (
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/constructs/apilambda"
	"github.com/strata-cdk/strata/constructs/bucketemptier"
	"github.com/strata-cdk/strata/constructs/network"
	"github.com/strata-cdk/strata/constructs/stackguard"
	"github.com/strata-cdk/strata/constructs/stackset"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(&awscdk.AppProps{AnalyticsReporting: jsii.Bool(false)})
	newGreeter(app, os.Args[1])
	app.Synth(nil)
}

func newGreeter(scope constructs.Construct, function string) awscdk.Stack {
	stack := awscdk.NewStack(scope, jsii.String("Greeter"), nil)
	vpc := network.NewVPC(stack, "Network", &network.VPCProps{NAT: network.One})
	apilambda.NewAPI(stack, "Api", &apilambda.APIProps{
		Functions: []apilambda.FunctionProps{{Name: "Hello", GoPackage: function, VPC: vpc.Vpc}},
		Routes:    []apilambda.Route{{Method: "GET", Path: "/hello"}},
	})
	logs := awss3.NewBucket(stack, jsii.String("Logs"), &awss3.BucketProps{RemovalPolicy: awscdk.RemovalPolicy_DESTROY})
	bucketemptier.NewEmptier(stack, "Emptier", &bucketemptier.EmptierProps{Buckets: []bucketemptier.Bucket{{Name: "Logs", Bucket: logs}}})
	stackguard.NewGuard(stack, "Guard", &stackguard.GuardProps{
		Retention: []stackguard.Retention{{Construct: logs, Policy: awscdk.RemovalPolicy_DESTROY}},
	})
	stackset.NewStackSet(stack, "Baseline", &stackset.Props{
		Name: "baseline", AssetBucketPrefix: "example-assets",
		Template: func(inner awscdk.Stack) {
			awslambda.NewFunction(inner, jsii.String("Function"), &awslambda.FunctionProps{
				Runtime: awslambda.Runtime_PROVIDED_AL2023(), Handler: jsii.String("bootstrap"), Code: awslambda.Code_FromAsset(&function, nil),
			})
		},
		Targets: []stackset.Target{{Accounts: []string{"111122223333"}, Regions: []string{"us-east-1"}}},
	})
	return stack
}
