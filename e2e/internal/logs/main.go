// Command logs is the app of the end-to-end test of logs. Its argument is the architecture of functions.
package main

import (
	"os"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/constructs/logs"
	"github.com/strata-cdk/strata/internal/gofunction"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Logs"), nil)
	group := func(id string) *logs.SecureLogGroup {
		return logs.NewSecureLogGroup(stack, id, &logs.SecureLogGroupProps{RemovalPolicy: awscdk.RemovalPolicy_DESTROY})
	}
	orders, own := group("Orders"), group("Own")
	taken := awss3.NewBucket(stack, jsii.String("Taken"), &awss3.BucketProps{EnforceSSL: jsii.Bool(true), RemovalPolicy: awscdk.RemovalPolicy_DESTROY})

	tap := &gofunction.Props{
		GoPackage: "./e2e/internal/logs/tap", Architecture: os.Args[1], Memory: 128, Timeout: time.Minute,
		Environment: map[string]string{"BUCKET": *taken.BucketName()},
	}
	dir, remove, err := tap.Build(stack, "logs")
	defer remove()
	if err != nil {
		panic(err)
	}
	function := tap.New(stack, dir, gofunction.NewRole(stack, own.LogGroup), nil, own.LogGroup)
	taken.GrantWrite(function, nil, nil)

	fanout := logs.NewFanout(stack, "Fanout", &logs.FanoutProps{
		Sources: []logs.Source{{Name: "Orders", LogGroup: orders.LogGroup}},
		Targets: []logs.Target{
			{Name: "Tap", Function: function, Pattern: "ERROR"},
			{Name: "Archive", S3: &logs.S3{}},
		},
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	archive := fanout.Targets["Archive"].Delivery
	output(stack, "GroupName", orders.LogGroup.LogGroupName())
	output(stack, "TakenName", taken.BucketName())
	output(stack, "ArchiveName", archive.Bucket.BucketName())
	output(stack, "StreamName", archive.Stream.Ref())
	app.Synth(nil)
}

func output(stack awscdk.Stack, name string, value *string) {
	awscdk.NewCfnOutput(stack, &name, &awscdk.CfnOutputProps{Value: value})
}
