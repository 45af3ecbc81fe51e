// Package stacks puts the patterns together: the stacks of the Strata app.
package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/constructs/stackguard"
)

// Stage is what an environment is for. It decides between cost and durability.
type Stage string

const (
	// Dev is for development: one NAT gateway, everything is removed with its stack, new code is live at once.
	Dev Stage = "dev"
	// Prod is for production: a NAT gateway in each zone, data is kept and protected, new code goes live by a canary.
	Prod Stage = "prod"
	// Local is Dev without what the local emulator of AWS does not have: NAT gateways, flow logs, web ACLs of a stage, the
	// custom resource that empties the default security group.
	Local Stage = "local"
)

// validate records a problem unless s is a stage.
func (s Stage) validate(c *check.List) { check.OneOf(c, "Stage", s, Dev, Prod, Local) }

// Guard is what a stackguard.Guard of a stack of this stage is for: what Prod keeps is protected.
func (s Stage) Guard() stackguard.Stage {
	if s == Prod {
		return stackguard.Production
	}
	return stackguard.Ephemeral
}

// removal says what becomes of a stage's data when its stack is deleted.
func (s Stage) removal() awscdk.RemovalPolicy {
	if s == Prod {
		return awscdk.RemovalPolicy_RETAIN
	}
	return awscdk.RemovalPolicy_DESTROY
}
