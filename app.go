// The Strata app: the stacks Network, Api, Web, Containers, Beanstalk, Governance and Observability, on request also Edge, Kubernetes and those of
// a recovery, and Pipeline, which delivers them; configured by the context key "strata".
package main

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/constructs/apilambda"
	"github.com/strata-cdk/strata/constructs/recovery"
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
	// Pipeline delivers this app to dev and prod. It needs Account. The names and the traffic, from Domain to Accelerator, are those of prod.
	// Default: none, the stacks are deployed by you.
	Pipeline *Pipeline `json:"pipeline"`
}

// Pipeline says where the app is delivered from and to; see stacks.PipelineStackProps.
type Pipeline struct {
	Connection  string `json:"connection"`
	Repository  string `json:"repository"`
	Branch      string `json:"branch"`
	ProdAccount string `json:"prodAccount"`
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
	if config.Pipeline != nil {
		return buildPipeline(app, config)
	}
	p := newPlan(config)
	if err := p.validate(); err != nil {
		return err
	}
	p.define(app)
	return nil
}

// buildPipeline defines the stack Pipeline, which has the app's other stacks in its stages.
func buildPipeline(app awscdk.App, config Config) error {
	plans := map[stacks.Stage]*plan{}
	for _, stage := range []stacks.Stage{stacks.Dev, stacks.Prod} {
		plans[stage] = newPlan(config.of(stage))
	}
	pipeline := &stacks.PipelineStackProps{
		StackProps: config.stackProps(), Connection: config.Pipeline.Connection, Repository: config.Pipeline.Repository, Branch: config.Pipeline.Branch,
		ProdAccount: config.Pipeline.ProdAccount, Define: func(stage awscdk.Stage, as stacks.Stage) { plans[as].define(stage) },
	}
	if err := errors.Join(pipeline.Validate(), plans[stacks.Dev].validate(), plans[stacks.Prod].validate()); err != nil {
		return err
	}
	stacks.NewPipelineStack(app, "Pipeline", pipeline)
	tagAndCheck(app, stacks.Prod)
	return nil
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
	c.That(config.Pipeline == nil || config.Stage == stacks.Dev, "stage", "must be dev with pipeline, which delivers dev and prod, got %s", config.Stage)
	c.That(config.Pipeline == nil || config.Recovery == "", "recovery", "must be left out with pipeline: its standby is deployed by hand")
	c.That(config.Pipeline == nil || !config.Kubernetes, "kubernetes", "must be left out with pipeline: its administrator is of one account")
	c.That(config.Pipeline == nil || config.Account != "", "account", "is required with pipeline")
	c.That(!config.Accelerator || config.Stage != stacks.Local, "accelerator", "must be false with the stage local: the emulator has no Global Accelerator")
	c.That(!config.Kubernetes || config.Stage != stacks.Local, "kubernetes", "must be false with the stage local: the emulator has no EKS")
	c.That(config.Kubernetes || config.KubernetesAdmin == "", "kubernetesAdmin", "needs kubernetes")
	c.That(config.Kubernetes || config.KubectlLayer == "", "kubectlLayer", "needs kubernetes")
	c.That(config.KubectlLayer == "" || layerARN.MatchString(config.KubectlLayer), "kubectlLayer", "must be the ARN of a version of a layer, got %q", config.KubectlLayer)
	return config, c.Err()
}
