// The Strata app: the stacks Network, Api, Web, Containers, Beanstalk, Governance and Observability, and on request Edge and
// Kubernetes, configured by the context key "strata".
package main

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/constructs/apilambda"
	"github.com/strata-cdk/strata/constructs/recovery"
	"github.com/strata-cdk/strata/constructs/stackguard"
	"github.com/strata-cdk/strata/internal/node"
	"github.com/strata-cdk/strata/internal/strict"
	"github.com/strata-cdk/strata/stacks"
)

// Config is the context key "strata" of cdk.json.
type Config struct {
	// Stage is what the environment is for: dev, prod or local.
	// Default: dev.
	Stage stacks.Stage `json:"stage"`
	// Account is the id of the AWS account, 12 digits.
	// Default: that of the credentials at deployment.
	Account string `json:"account"`
	// Region is the AWS region.
	// Default: us-east-1.
	Region string `json:"region"`
	// Architecture is what functions run on: arm64 or x86_64.
	// Default: arm64.
	Architecture string `json:"architecture"`
	// API is the kind of API: REST or HTTP.
	// Default: REST.
	API apilambda.Kind `json:"api"`
	// Domain is the name of the page of Web, such as board.example.com, in a public hosted zone of Route 53, whose name
	// and id are HostedZone and HostedZoneID.
	// Default: none, the page is served inside the VPC only.
	Domain       string `json:"domain"`
	HostedZone   string `json:"hostedZone"`
	HostedZoneID string `json:"hostedZoneId"`
	// GreenPercent is the share of the clients, 0 to 100, that the green environment of Beanstalk gets. It needs Domain.
	// Default: 0, blue gets all.
	GreenPercent int `json:"greenPercent"`
	// Recovery is how the stacks RecoveryPrimary, in Region, and RecoveryStandby, in us-west-2, survive the loss of the former: backup-and-restore,
	// pilot-light, warm-standby or active-active.
	// Default: none, there are no such stacks.
	Recovery recovery.Strategy `json:"recovery"`
	// FailedOver says that RecoveryStandby has taken over.
	// Default: false.
	FailedOver bool `json:"failedOver"`
	// Accelerator puts AWS Global Accelerator in front of the page: two static addresses, and the load balancer is internal. It needs Domain, and
	// costs 0.025 USD an hour and a premium for traffic.
	// Default: false, there is no stack Edge.
	Accelerator bool `json:"accelerator"`
	// Kubernetes adds the stack Kubernetes, a cluster of Amazon EKS, which costs 0.10 USD an hour and its nodes. KubernetesAdmin is the ARN of the
	// role that administers it, and KubectlLayer that of a version of a layer with kubectl, with which it gets StorageClasses.
	// Default: false.
	Kubernetes      bool   `json:"kubernetes"`
	KubernetesAdmin string `json:"kubernetesAdmin"`
	KubectlLayer    string `json:"kubectlLayer"`
}

var (
	accountID  = regexp.MustCompile(`^\d{12}$`)
	layerARN   = regexp.MustCompile(`^arn:[a-z-]+:lambda:[a-z0-9-]+:\d{12}:layer:[A-Za-z0-9_-]+:\d+$`)
	regionName = regexp.MustCompile(`^[a-z]{2,}(-[a-z]+)+-\d$`)
)

// validationFailed is how the CDK's panic starts when its template validation finds something.
const validationFailed = "ValidationFailed"

func main() {
	stderr := os.Stderr
	if err := run(); err != nil {
		fmt.Fprintln(stderr, err)
		os.Exit(1)
	}
}

// closeRuntime ends the jsii runtime, which would leave a folder behind otherwise. While it ends, jsii now and then writes
// "Runtime process exited abnormally: waitid: no child processes" to os.Stderr, about a process that exited as it should.
func closeRuntime() {
	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		os.Stderr = null
	}
	jsii.Close()
}

// run synthesises the app that the CDK CLI asks for.
func run() (err error) {
	if err := node.Check(); err != nil {
		return err
	}
	defer closeRuntime()
	defer func() {
		p := recover()
		var invalid *check.Error
		e, isError := p.(error)
		switch {
		case p == nil:
		case isError && errors.As(e, &invalid):
			err = invalid
		case isError && strings.HasPrefix(e.Error(), validationFailed):
			err = e // the CDK has printed what it found
		default:
			panic(p) // a defect, with its trace
		}
	}()
	app := awscdk.NewApp(nil)
	if err := build(app); err != nil {
		return err
	}
	app.Synth(nil)
	return nil
}

// build defines every stack in app, after it has found the configuration of all of them to be valid.
func build(app awscdk.App) error {
	config, err := readConfig(app.Node().TryGetContext(jsii.String("strata")))
	if err != nil {
		return err
	}
	base := awscdk.StackProps{Env: &awscdk.Environment{Region: &config.Region}}
	if config.Account != "" {
		base.Env.Account = &config.Account
	}
	network := &stacks.NetworkStackProps{StackProps: base, Stage: config.Stage}
	api := &stacks.APIStackProps{StackProps: base, Stage: config.Stage, Kind: config.API, Architecture: config.Architecture}
	web := &stacks.WebStackProps{StackProps: base, Stage: config.Stage, Architecture: config.Architecture, Accelerated: config.Accelerator, Domain: stacks.Domain{
		Name: config.Domain, HostedZone: config.HostedZone, HostedZoneID: config.HostedZoneID,
	}}
	edge := &stacks.EdgeStackProps{StackProps: base, Stage: config.Stage, Architecture: config.Architecture, Domain: web.Domain}
	containers := &stacks.ContainersStackProps{StackProps: base, Stage: config.Stage}
	governance := &stacks.GovernanceStackProps{StackProps: base, Stage: config.Stage, Architecture: config.Architecture}
	greeter := &stacks.BeanstalkStackProps{
		StackProps: base, Stage: config.Stage, Architecture: config.Architecture, Domain: web.Domain.Sibling("greeter"), GreenPercent: config.GreenPercent,
	}
	kubernetes := &stacks.KubernetesStackProps{StackProps: base, Stage: config.Stage, AdminARN: config.KubernetesAdmin, KubectlLayerARN: config.KubectlLayer}
	observability := &stacks.ObservabilityStackProps{StackProps: base, Stage: config.Stage, Architecture: config.Architecture}
	orders := &stacks.RecoveryStackProps{StackProps: base, Stage: config.Stage, Plan: stacks.OrdersPlan(config.Recovery, config.Region, config.Stage, config.FailedOver),
		Domain: web.Domain.Sibling("orders")}
	if err := errors.Join(network.Validate(), api.Validate(), web.Validate(), containers.Validate(), governance.Validate(), greeter.Validate(), observability.Validate(),
		config.validateRecovery(orders)); err != nil {
		return err
	}
	vpc := stacks.NewNetworkStack(app, "Network", network)
	web.Network, containers.Network, greeter.Network, edge.Network = vpc, vpc, vpc, vpc
	notes, board := stacks.NewAPIStack(app, "Api", api), stacks.NewWebStack(app, "Web", web)
	stacks.NewContainersStack(app, "Containers", containers)
	if config.Stage != stacks.Local { // the emulator has no instances to run it on
		stacks.NewBeanstalkStack(app, "Beanstalk", greeter)
	}
	stacks.NewGovernanceStack(app, "Governance", governance)
	if config.Recovery != "" {
		stacks.NewRecoveryPrimaryStack(app, "RecoveryPrimary", orders)
		standby := *orders
		standby.Env = &awscdk.Environment{Account: base.Env.Account, Region: &orders.Plan.Standby}
		stacks.NewRecoveryStandbyStack(app, "RecoveryStandby", &standby)
	}
	guard := func(stack awscdk.Stack, key awskms.IKey) {
		stackguard.NewGuard(stack, "Guard", &stackguard.GuardProps{Stage: config.Stage.Guard(), Architecture: config.Architecture, Key: key})
	}
	guard(notes, notes.API.Key)
	guard(board, board.Service.Key)
	observability.API, observability.Web = notes, board
	stacks.NewObservabilityStack(app, "Observability", observability)
	if config.Kubernetes {
		kubernetes.Network = vpc
		stacks.NewKubernetesStack(app, "Kubernetes", kubernetes)
	}
	if config.Accelerator {
		edge.Web = board
		entry := stacks.NewEdgeStack(app, "Edge", edge)
		guard(entry, entry.Clients.Provider.Key)
	}

	awscdk.Tags_Of(app).Add(jsii.String("project"), jsii.String("strata"), nil)
	awscdk.Tags_Of(app).Add(jsii.String("stage"), jsii.String(string(config.Stage)), nil)
	awscdk.Aspects_Of(app).Add(cdknag.NewAwsSolutionsChecks(&cdknag.NagPackProps{
		Verbose:       jsii.Bool(true),
		ReportFormats: &[]cdknag.NagReportFormat{cdknag.NagReportFormat_JSON},
	}), nil)
	return nil
}

// validateRecovery reports what is wrong with the stacks of a recovery, if there are any.
func (c *Config) validateRecovery(orders *stacks.RecoveryStackProps) error {
	if c.Recovery == "" {
		return nil
	}
	return orders.Validate()
}

// readConfig decodes the configuration strictly and reports every problem.
func readConfig(context any) (Config, error) {
	config := Config{Stage: stacks.Dev, Region: "us-east-1", Architecture: "arm64", API: apilambda.REST}
	c := check.For(`context "strata"`)
	strict.Decode(c, context, &config)
	check.OneOf(c, "stage", config.Stage, stacks.Dev, stacks.Prod, stacks.Local)
	c.That(config.Account == "" || accountID.MatchString(config.Account), "account", "must be 12 digits, got %q", config.Account)
	c.That(regionName.MatchString(config.Region), "region", "must be a region such as us-east-1, got %q", config.Region)
	check.OneOf(c, "architecture", config.Architecture, "arm64", "x86_64")
	check.OneOf(c, "api", config.API, apilambda.REST, apilambda.HTTP)
	c.That(!config.Accelerator || config.Stage != stacks.Local, "accelerator", "must be false with the stage local: the emulator has no Global Accelerator")
	c.That(!config.Kubernetes || config.Stage != stacks.Local, "kubernetes", "must be false with the stage local: the emulator has no EKS")
	c.That(config.Kubernetes || config.KubernetesAdmin == "", "kubernetesAdmin", "needs kubernetes")
	c.That(config.Kubernetes || config.KubectlLayer == "", "kubectlLayer", "needs kubernetes")
	c.That(config.KubectlLayer == "" || layerARN.MatchString(config.KubectlLayer), "kubectlLayer", "must be the ARN of a version of a layer, got %q", config.KubectlLayer)
	return config, c.Err()
}
