package main

import (
	"errors"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"

	"github.com/strata-cdk/strata/constructs/stackguard"
	"github.com/strata-cdk/strata/stacks"
)

// plan has the settings of the stacks of one stage.
type plan struct {
	config        Config
	network       *stacks.NetworkStackProps
	api           *stacks.APIStackProps
	web           *stacks.WebStackProps
	edge          *stacks.EdgeStackProps
	containers    *stacks.ContainersStackProps
	governance    *stacks.GovernanceStackProps
	greeter       *stacks.BeanstalkStackProps
	observability *stacks.ObservabilityStackProps
	kubernetes    *stacks.KubernetesStackProps
	orders        *stacks.RecoveryStackProps
}

// stackProps say where the stacks of a configuration are.
func (c Config) stackProps() awscdk.StackProps {
	base := awscdk.StackProps{Env: &awscdk.Environment{Region: &c.Region}}
	if c.Account != "" {
		base.Env.Account = &c.Account
	}
	return base
}

// of is the configuration of a stage that the pipeline delivers. Dev has no name, and what needs one.
func (c Config) of(stage stacks.Stage) Config {
	c.Stage = stage
	if stage == stacks.Prod {
		c.Account = c.Pipeline.ProdAccount
	} else {
		c.Domain, c.HostedZone, c.HostedZoneID, c.GreenPercent, c.Accelerator = "", "", "", 0, false
	}
	return c
}

func newPlan(config Config) *plan {
	base, stage, architecture := config.stackProps(), config.Stage, config.Architecture
	domain := stacks.Domain{Name: config.Domain, HostedZone: config.HostedZone, HostedZoneID: config.HostedZoneID}
	return &plan{
		config:        config,
		network:       &stacks.NetworkStackProps{StackProps: base, Stage: stage},
		api:           &stacks.APIStackProps{StackProps: base, Stage: stage, Kind: config.API, Architecture: architecture},
		web:           &stacks.WebStackProps{StackProps: base, Stage: stage, Architecture: architecture, Accelerated: config.Accelerator, Domain: domain},
		edge:          &stacks.EdgeStackProps{StackProps: base, Stage: stage, Architecture: architecture, Domain: domain},
		containers:    &stacks.ContainersStackProps{StackProps: base, Stage: stage},
		governance:    &stacks.GovernanceStackProps{StackProps: base, Stage: stage, Architecture: architecture},
		greeter:       &stacks.BeanstalkStackProps{StackProps: base, Stage: stage, Architecture: architecture, Domain: domain.Sibling("greeter"), GreenPercent: config.GreenPercent},
		observability: &stacks.ObservabilityStackProps{StackProps: base, Stage: stage, Architecture: architecture},
		kubernetes:    &stacks.KubernetesStackProps{StackProps: base, Stage: stage, AdminARN: config.KubernetesAdmin, KubectlLayerARN: config.KubectlLayer},
		orders: &stacks.RecoveryStackProps{
			StackProps: base, Stage: stage, Plan: stacks.OrdersPlan(config.Recovery, config.Region, stage, config.FailedOver), Domain: domain.Sibling("orders"),
		},
	}
}

// validate reports every invalid setting of every stack.
func (p *plan) validate() error {
	err := errors.Join(p.network.Validate(), p.api.Validate(), p.web.Validate(), p.containers.Validate(), p.governance.Validate(), p.greeter.Validate(), p.observability.Validate())
	for _, optional := range []struct { // what Edge needs, Web asks for
		is    bool
		props interface{ Validate() error }
	}{
		{p.config.Recovery != "", p.orders},
		{p.config.Kubernetes, p.kubernetes},
	} {
		if optional.is {
			err = errors.Join(err, optional.props.Validate())
		}
	}
	return err
}

// define defines the stacks in scope, the app or a stage of it, which it tags.
func (p *plan) define(scope constructs.Construct) {
	vpc := stacks.NewNetworkStack(scope, "Network", p.network)
	p.web.Network, p.containers.Network, p.greeter.Network, p.edge.Network = vpc, vpc, vpc, vpc
	notes, board := stacks.NewAPIStack(scope, "Api", p.api), stacks.NewWebStack(scope, "Web", p.web)
	stacks.NewContainersStack(scope, "Containers", p.containers)
	if p.config.Stage != stacks.Local { // the emulator has no instances to run it on
		stacks.NewBeanstalkStack(scope, "Beanstalk", p.greeter)
	}
	stacks.NewGovernanceStack(scope, "Governance", p.governance)
	if p.config.Recovery != "" {
		stacks.NewRecoveryPrimaryStack(scope, "RecoveryPrimary", p.orders)
		standby := *p.orders
		standby.Env = &awscdk.Environment{Account: p.orders.Env.Account, Region: &p.orders.Plan.Standby}
		stacks.NewRecoveryStandbyStack(scope, "RecoveryStandby", &standby)
	}
	guard := func(stack awscdk.Stack, key awskms.IKey) {
		stackguard.NewGuard(stack, "Guard", &stackguard.GuardProps{Stage: p.config.Stage.Guard(), Architecture: p.config.Architecture, Key: key})
	}
	guard(notes, notes.API.Key)
	guard(board, board.Service.Key)
	p.observability.API, p.observability.Web = notes, board
	stacks.NewObservabilityStack(scope, "Observability", p.observability)
	if p.config.Kubernetes {
		p.kubernetes.Network = vpc
		stacks.NewKubernetesStack(scope, "Kubernetes", p.kubernetes)
	}
	if p.config.Accelerator {
		p.edge.Web = board
		entry := stacks.NewEdgeStack(scope, "Edge", p.edge)
		guard(entry, entry.Clients.Provider.Key)
	}
	tagAndCheck(scope, p.config.Stage)
}

// tagAndCheck tags what is in scope, and has cdk-nag look at it. Aspects of an app do not reach its stages.
func tagAndCheck(scope constructs.Construct, stage stacks.Stage) {
	awscdk.Tags_Of(scope).Add(jsii.String("project"), jsii.String("strata"), nil)
	awscdk.Tags_Of(scope).Add(jsii.String("stage"), jsii.String(string(stage)), nil)
	awscdk.Aspects_Of(scope).Add(cdknag.NewAwsSolutionsChecks(&cdknag.NagPackProps{
		Verbose:       jsii.Bool(true),
		ReportFormats: &[]cdknag.NagReportFormat{cdknag.NagReportFormat_JSON},
	}), nil)
}
