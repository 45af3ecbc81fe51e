package stackpolicy

import (
	"fmt"
	"slices"
	"strings"
)

// Decision says whether an update may do something to a resource, and why.
type Decision struct {
	Allowed bool
	// Index is that of the statement which decided, of an Allow only the first; -1 when none applies.
	Index int
	// Sid is the statement's, if it has one.
	Sid string
}

// Reason names the statement.
func (d Decision) Reason() string {
	switch {
	case d.Index < 0:
		return "no statement allows it"
	case d.Sid != "":
		return fmt.Sprintf("Statement[%d] %s", d.Index, d.Sid)
	default:
		return fmt.Sprintf("Statement[%d]", d.Index)
	}
}

// Evaluate decides about one action, which is not All, on a resource. A nil policy, as a stack has at first, allows everything.
func (p *Policy) Evaluate(action Action, logicalID, resourceType string) Decision {
	if p == nil {
		return Decision{Allowed: true, Index: -1}
	}
	d := Decision{Index: -1}
	for i, s := range p.Statement {
		if !s.applies(action, logicalID, resourceType) {
			continue
		}
		if s.Effect == Deny {
			return Decision{Index: i, Sid: s.Sid}
		}
		if !d.Allowed {
			d = Decision{Allowed: true, Index: i, Sid: s.Sid}
		}
	}
	return d
}

func (s *Statement) applies(action Action, logicalID, resourceType string) bool {
	is := func(a Action) bool { return a == All || a == action }
	if s.NotAction != nil && slices.ContainsFunc(s.NotAction, is) || s.NotAction == nil && !slices.ContainsFunc(s.Action, is) {
		return false
	}
	if s.NotResource != nil && names(s.NotResource, logicalID) || s.NotResource == nil && !names(s.Resource, logicalID) {
		return false
	}
	for operator, keys := range s.Condition {
		for _, values := range keys {
			if !slices.ContainsFunc(values, func(v string) bool {
				return v == resourceType || operator == "StringLike" && like(v, resourceType)
			}) {
				return false
			}
		}
	}
	return true
}

func names(patterns []string, logicalID string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return p == "*" || like(p, Resource(logicalID)) })
}

// like tells whether * for any text and ? for any character make text of pattern.
func like(pattern, text string) bool {
	// After a mismatch, the last * takes one character more.
	star, from, i := -1, 0, 0
	p := 0
	for i < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, i
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[i]):
			p++
			i++
		case star >= 0:
			from++
			p, i = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// LogicalIDs are those that the policy names without wildcards. CloudFormation takes no policy with one that the stack does not have.
func (p *Policy) LogicalIDs() []string {
	var ids []string
	for _, s := range p.Statement {
		for _, r := range slices.Concat(s.Resource, s.NotResource) {
			if id, ok := strings.CutPrefix(r, resourcePrefix); ok && !strings.ContainsAny(id, "*?") {
				ids = append(ids, id)
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Loosen returns a policy that allows every action on the resources with these logical ids, and is the same for all others. It fails
// where that cannot be said: where a statement denies something to a pattern that fits other ids, too.
func (p *Policy) Loosen(logicalIDs ...string) (*Policy, error) {
	loose := &Policy{}
	for i, s := range p.Statement {
		if s.Effect == Allow {
			loose.Statement = append(loose.Statement, s)
			continue
		}
		s, err := s.except(logicalIDs)
		if err != nil {
			return nil, fmt.Errorf("%s %w", Decision{Index: i, Sid: s.Sid}.Reason(), err)
		}
		if s.NotResource != nil || len(s.Resource) > 0 {
			loose.Statement = append(loose.Statement, s)
		}
	}
	// Types are unknown here: an Allow for some of them is none.
	always := &Policy{Statement: slices.DeleteFunc(slices.Clone(loose.Statement), func(s Statement) bool { return s.Effect == Allow && s.Condition != nil })}
	var names []string
	for _, id := range logicalIDs {
		for _, a := range []Action{Modify, Replace, Delete} {
			if !always.Evaluate(a, id, "").Allowed && !slices.Contains(names, Resource(id)) {
				names = append(names, Resource(id))
			}
		}
	}
	if names != nil {
		loose.Statement = append(loose.Statement, Statement{Effect: Allow, Principal: "*", Action: []Action{All}, Resource: names})
	}
	return loose, nil
}

// except takes ids out of a statement.
func (s Statement) except(ids []string) (Statement, error) {
	var named []string
	for _, id := range ids {
		if s.NotResource == nil && names(s.Resource, id) || s.NotResource != nil && !names(s.NotResource, id) {
			named = append(named, Resource(id))
		}
	}
	switch {
	case named == nil:
	case s.NotResource != nil:
		s.NotResource = slices.Concat(s.NotResource, named)
	case slices.Contains(s.Resource, "*"), slices.Contains(s.Resource, Resource("*")):
		s.Resource, s.NotResource = nil, named
	default:
		s.Resource = slices.DeleteFunc(slices.Clone(s.Resource), func(r string) bool { return slices.Contains(named, r) })
		for _, n := range named {
			if r := slices.IndexFunc(s.Resource, func(r string) bool { return like(r, n) }); r >= 0 {
				return s, fmt.Errorf("denies it to %s, among others; change the policy by hand", s.Resource[r])
			}
		}
	}
	return s, nil
}
