// Package stackchange finds out what an update of a stack does to its resources, from a change set or from two templates, and what
// of it a stack policy denies.
package stackchange

import (
	"slices"
	"strings"

	"github.com/strata-cdk/strata/internal/stackpolicy"
)

// Change is what an update does to a resource. Resources that it adds are none: stack policies say nothing about them.
type Change struct {
	LogicalID string `json:"logicalId"`
	Type      string `json:"type"`
	// Actions are what the update does, or, where there are several, what it may do: one of them.
	Actions []stackpolicy.Action `json:"actions"`
	// Maybe tells that the update may also do nothing to the resource.
	Maybe bool `json:"maybe"`
	// Because says what the change follows from.
	Because []string `json:"because"`
}

// Finding is an action that a policy denies.
type Finding struct {
	Change
	// Action is what is denied.
	Action stackpolicy.Action `json:"action"`
	// Certain tells that the update does it. Otherwise it may.
	Certain bool `json:"certain"`
	// Reason names the statement that denies it, or says that none allows it.
	Reason string `json:"reason"`
	// Statement is the index of the statement that denies it; -1 when none allows it.
	Statement int `json:"statement"`
}

// Denied lists what of the changes the policy denies, in the order of the logical ids.
func Denied(policy *stackpolicy.Policy, changes []Change) []Finding {
	findings := []Finding{}
	for _, c := range changes {
		for _, a := range c.Actions {
			if d := policy.Evaluate(a, c.LogicalID, c.Type); !d.Allowed {
				findings = append(findings, Finding{
					Change: c, Action: a, Certain: !c.Maybe && len(c.Actions) == 1, Reason: d.Reason(), Statement: d.Index,
				})
			}
		}
	}
	slices.SortStableFunc(findings, func(a, b Finding) int { return strings.Compare(a.LogicalID, b.LogicalID) })
	return findings
}
