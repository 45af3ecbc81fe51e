package stackguard

import (
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/stackpolicy"
)

// build makes the policy for the tree as it is, and says what in the props has no resource in it.
func (g *Guard) build() (*stackpolicy.Policy, []string) {
	policy, problems := stackpolicy.AllowAll(), []string{}
	types := map[string]bool{}
	for _, r := range g.found.resources {
		if r.stateful {
			types[r.resourceType] = true
		}
	}
	names := func(field, path string, which func(found) bool, what string) []string {
		var ids []string
		for _, r := range g.found.resources {
			if r.within(path) && which(r) && r.logicalID != "" {
				ids = append(ids, stackpolicy.Resource(r.logicalID))
			}
		}
		if len(ids) == 0 {
			problems = append(problems, fmt.Sprintf("%s: %s has no resource %sin the template", field, path, what))
		}
		return ids
	}

	var exempt []string
	for i, path := range g.named.replaceable {
		exempt = append(exempt, names(check.Index("Replaceable", i), path, holdsData, "that holds data ")...)
	}
	if g.Provider != nil { // or the guard could never be changed or removed
		exempt = append(exempt, names("", g.named.self, holdsData, "")...)
	}
	if len(types) > 0 && g.props.Stage != Ephemeral {
		s := stackpolicy.Statement{
			Effect: stackpolicy.Deny, Principal: "*", Action: []stackpolicy.Action{stackpolicy.Replace, stackpolicy.Delete},
			Condition: map[string]map[string][]string{"StringEquals": {"ResourceType": slices.Sorted(maps.Keys(types))}},
		}
		if slices.Sort(exempt); len(exempt) > 0 {
			s.NotResource = slices.Compact(exempt)
		} else {
			s.Resource = []string{"*"}
		}
		policy.Statement = append(policy.Statement, s)
	}
	for i, rule := range g.props.Deny {
		s := stackpolicy.Statement{Effect: stackpolicy.Deny, Principal: "*"}
		for _, a := range rule.Actions {
			s.Action = append(s.Action, stackpolicy.Action(a))
		}
		for j, path := range g.named.deny[i] {
			field := check.Index("Deny", i) + "." + check.Index("Constructs", j)
			s.Resource = append(s.Resource, names(field, path, func(found) bool { return true }, "")...)
		}
		slices.Sort(s.Resource)
		if s.Resource = slices.Compact(s.Resource); len(s.Resource) > 0 {
			policy.Statement = append(policy.Statement, s)
		}
	}
	return policy, problems
}

func holdsData(r found) bool { return r.stateful }

func (g *Guard) policyProblems() []string {
	policy, problems := g.build()
	if size := len(policy.JSON()); size > stackpolicy.MaxBytes {
		problems = append(problems, fmt.Sprintf("the stack policy has %d bytes, CloudFormation takes %d at most: name fewer constructs in Deny and Replaceable", size, stackpolicy.MaxBytes))
	}
	return problems
}

// policyText gives the policy in JSON.
type policyText struct{ guard *Guard }

// Produce is called at synth.
func (p *policyText) Produce(awscdk.IResolveContext) *string {
	if !p.guard.found.begun {
		// A panic would say more, but jsii never gets out of a callback that panics.
		return new("")
	}
	policy, _ := p.guard.build()
	return new(policy.JSON())
}

// policyObject gives the policy as an object of the template.
type policyObject struct{ guard *Guard }

// Produce is called at synth.
func (p *policyObject) Produce(awscdk.IResolveContext) any {
	policy, _ := p.guard.build()
	return object(policy)
}

// object has the names that the policy has in JSON, in types that the CDK takes.
func object(policy *stackpolicy.Policy) map[string]any {
	var statements []any
	for _, s := range policy.Statement {
		o := map[string]any{"Effect": string(s.Effect), "Principal": s.Principal, "Action": s.Action}
		if s.NotResource != nil {
			o["NotResource"] = s.NotResource
		} else {
			o["Resource"] = s.Resource
		}
		if s.Condition != nil {
			o["Condition"] = s.Condition
		}
		statements = append(statements, o)
	}
	return map[string]any{"Statement": statements}
}
