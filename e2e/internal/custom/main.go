// Command custom is the app of the end-to-end tests of custom resources. Its arguments are the architecture of functions, the name of a
// bucket that is there, and what is special about this run: "" or changed, failing, dying, or released.
package main

import (
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/constructs/bucketemptier"
	"github.com/strata-cdk/strata/constructs/customresource"
)

func main() {
	defer jsii.Close()
	architecture, outside, special := os.Args[1], os.Args[2], os.Args[3]
	app := awscdk.NewApp(nil)

	things := awscdk.NewStack(app, jsii.String("Things"), nil)
	props := map[string]any{"Name": "first", "Calls": 3, "Fail": special == "failing", "Die": special == "dying"}
	if special == "changed" {
		props["Name"] = "second"
	}
	provider := customresource.NewProvider(things, "Provider", &customresource.ProviderProps{
		GoPackage: "./e2e/internal/custom/thing", Architecture: architecture, Poll: true, RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	thing := customresource.NewResource(things, "Thing", &customresource.ResourceProps{Provider: provider, Type: "Custom::Thing", Properties: props})
	once := customresource.NewProvider(things, "Once", &customresource.ProviderProps{
		GoPackage: "./e2e/internal/custom/thing", Architecture: architecture, RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	customresource.NewResource(things, "Simple", &customresource.ResourceProps{Provider: once, Properties: map[string]any{"Name": "simple"}})
	output(things, "Id", thing.PhysicalID())
	output(things, "Calls", thing.Attribute("Calls"))
	output(things, "Name", thing.Attribute("Name"))

	buckets := awscdk.NewStack(app, jsii.String("Buckets"), nil)
	inside := awss3.NewBucket(buckets, jsii.String("Inside"), &awss3.BucketProps{
		Versioned: jsii.Bool(true), EnforceSSL: jsii.Bool(true), RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	list := []bucketemptier.Bucket{{Name: "Inside", Bucket: inside}}
	if special != "released" {
		list = append(list, bucketemptier.Bucket{
			Name: "Outside", Bucket: awss3.Bucket_FromBucketName(buckets, jsii.String("OutsideBucket"), &outside), EmptyKept: true,
		})
	}
	bucketemptier.NewEmptier(buckets, "Emptier", &bucketemptier.EmptierProps{
		Buckets: list, Architecture: architecture, RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	output(buckets, "InsideName", inside.BucketName())
	app.Synth(nil)
}

func output(stack awscdk.Stack, name string, value *string) {
	awscdk.NewCfnOutput(stack, &name, &awscdk.CfnOutputProps{Value: value})
}
