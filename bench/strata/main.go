// Command strata is the part of this repository's app that has a twin in JavaScript (../js/strata.js): the stacks Network and
// Api with stage dev.
package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"

	"github.com/strata-cdk/strata/constructs/apilambda"
	"github.com/strata-cdk/strata/stacks"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	props := awscdk.StackProps{Env: &awscdk.Environment{Region: jsii.String("us-east-1")}}
	stacks.NewNetworkStack(app, "Network", &stacks.NetworkStackProps{StackProps: props, Stage: stacks.Dev})
	stacks.NewAPIStack(app, "Api", &stacks.APIStackProps{StackProps: props, Stage: stacks.Dev, Kind: apilambda.REST, Architecture: "arm64"})
	awscdk.Tags_Of(app).Add(jsii.String("project"), jsii.String("strata"), nil)
	awscdk.Tags_Of(app).Add(jsii.String("stage"), jsii.String("dev"), nil)
	awscdk.Aspects_Of(app).Add(cdknag.NewAwsSolutionsChecks(&cdknag.NagPackProps{
		Verbose: jsii.Bool(true), ReportFormats: &[]cdknag.NagReportFormat{cdknag.NagReportFormat_JSON},
	}), nil)
	app.Synth(nil)
}
