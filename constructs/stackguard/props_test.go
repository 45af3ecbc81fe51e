package stackguard

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/stretchr/testify/assert"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/internal/stackchange"
)

func TestGuardProps_Validate(t *testing.T) {
	one := []constructs.IConstruct{&Guard{}}
	cdktest.ValidateTable(t, func() GuardProps { return GuardProps{} }, []cdktest.Case[GuardProps]{
		{Name: "zero", Edit: func(*GuardProps) {}},
		{Name: "all", Edit: func(p *GuardProps) {
			*p = GuardProps{
				Stage: Development, DisableTerminationProtection: true, Replaceable: one, Deny: []Rule{{Constructs: one, Actions: []Action{Modify, Replace, Delete}}},
				Retention: []Retention{{one[0], awscdk.RemovalPolicy_RETAIN}, {one[0], awscdk.RemovalPolicy_DESTROY}, {one[0], awscdk.RemovalPolicy_SNAPSHOT}, {one[0], awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE}},
				Delivery:  Events, Architecture: "x86_64", LogRetentionDays: 3653, ConfigureFunction: func(*awslambda.FunctionProps) {},
			}
		}},
		{Name: "ephemeral", Edit: func(p *GuardProps) { p.Stage, p.DisableTerminationProtection = Ephemeral, true }},
		{Name: "production without protection", Edit: func(p *GuardProps) { p.DisableTerminationProtection = true }, Want: []string{"DisableTerminationProtection: must not be set in production"}},
		{Name: "named production without protection", Edit: func(p *GuardProps) { p.Stage, p.DisableTerminationProtection = Production, true }, Want: []string{"DisableTerminationProtection: must not be set in production"}},
		{Name: "words", Edit: func(p *GuardProps) {
			p.Stage, p.Delivery, p.Architecture, p.LogRetentionDays = "prod", "Email", "mips", 2
		}, Want: []string{
			"Stage: must be one of production, development, ephemeral, got prod",
			"Delivery: must be one of Events, Command, DependentStack, got Email",
			"Architecture: must be one of arm64, x86_64, got mips",
			"LogRetentionDays: must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653, got 2",
		}},
		{Name: "nothing", Edit: func(p *GuardProps) {
			p.Replaceable = []constructs.IConstruct{one[0], nil}
			p.Deny = []Rule{{}, {Constructs: []constructs.IConstruct{nil}, Actions: []Action{"Update:*", Delete}}}
			p.Retention = []Retention{{}}
		}, Want: []string{
			"Replaceable[1]: must be given",
			"Deny[0].Constructs: must have at least one construct",
			"Deny[0].Actions: must have at least one action",
			"Deny[1].Constructs[0]: must be given",
			"Deny[1].Actions[0]: must be one of Update:Modify, Update:Replace, Update:Delete, got Update:*",
			"Retention[0].Construct: must be given",
			"Retention[0].Policy: must be one of RETAIN, RETAIN_ON_UPDATE_OR_DELETE, SNAPSHOT, DESTROY, got ",
		}},
		{Name: "unused", Edit: func(p *GuardProps) {
			p.Delivery, p.ConfigureFunction = Command, func(*awslambda.FunctionProps) {}
		}, Want: []string{"ConfigureFunction: must not be given: it is for Delivery Events"}},
	})
	assert.NoError(t, (*GuardProps)(nil).Validate())
}

func TestApplierProps_Validate(t *testing.T) {
	cdktest.ValidateTable(t, func() ApplierProps { return ApplierProps{Guards: []*Guard{{}}} }, []cdktest.Case[ApplierProps]{
		{Name: "valid", Edit: func(p *ApplierProps) { p.RemovalPolicy = awscdk.RemovalPolicy_DESTROY }},
		{Name: "none", Edit: func(p *ApplierProps) { p.Guards = nil }, Want: []string{"Guards: must have at least one guard"}},
		{Name: "wrong", Edit: func(p *ApplierProps) {
			p.Guards, p.RemovalPolicy, p.Architecture = append(p.Guards, nil), awscdk.RemovalPolicy_SNAPSHOT, "arm"
		}, Want: []string{
			"Guards[1]: must be given", "Architecture: must be one of arm64, x86_64, got arm", "RemovalPolicy: must be one of RETAIN, DESTROY, got SNAPSHOT",
		}},
	})
	assert.EqualError(t, (*ApplierProps)(nil).Validate(), "invalid stackguard.ApplierProps:\n  - Guards: must have at least one guard")
}

// A type that is misspelt would protect nothing.
func TestStateful_TypesExist(t *testing.T) {
	snapshots := 0
	for resourceType, hasSnapshots := range stateful {
		assert.True(t, stackchange.Known(resourceType), resourceType)
		if hasSnapshots {
			snapshots++
		}
	}
	assert.Equal(t, 8, snapshots)
}
