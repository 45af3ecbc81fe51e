// Package stackpolicy reads, writes and evaluates stack policies of CloudFormation.
//
// Once a stack has a policy, an update may do nothing to its resources but what a statement allows and none denies. Policies
// say nothing about resources that an update adds, and nothing about the deletion of the stack.
//
// See https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/protect-stack-resources.html
package stackpolicy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/strata-cdk/strata/check"
)

// MaxBytes is the longest policy that CloudFormation takes.
const MaxBytes = 16384

// MetadataKey is where the metadata of a guarded stack's template has the policy.
const MetadataKey = "Strata::StackPolicy"

// Action is what an update does to a resource.
type Action string

const (
	// Modify changes a resource, with or without interruption.
	Modify Action = "Update:Modify"
	// Replace makes a new resource in the place of the old one.
	Replace Action = "Update:Replace"
	// Delete removes a resource from the stack.
	Delete Action = "Update:Delete"
	// All is every action.
	All Action = "Update:*"
)

// Effect is what a statement does.
type Effect string

const (
	// Allow lets an update do what no statement denies.
	Allow Effect = "Allow"
	// Deny forbids it, whatever other statements say.
	Deny Effect = "Deny"
)

// Policy is a stack policy.
type Policy struct {
	Statement []Statement
}

// Statement is a statement of a policy. It has one of Action and NotAction, and one of Resource and NotResource.
type Statement struct {
	Sid         string `json:",omitempty"`
	Effect      Effect
	Principal   string
	Action      []Action `json:",omitempty"`
	NotAction   []Action `json:",omitempty"`
	Resource    []string `json:",omitempty"`
	NotResource []string `json:",omitempty"`
	// Condition has the operators StringEquals and StringLike, which both must hold. Each has patterns for the resource's
	// type, of which one must fit.
	Condition map[string]map[string][]string `json:",omitempty"`
}

const resourcePrefix = "LogicalResourceId/"

// Resource is the name of a resource in a statement.
func Resource(logicalID string) string { return resourcePrefix + logicalID }

// AllowAll is the policy that forbids nothing. It is what loosens a policy, as none can be removed.
func AllowAll() *Policy {
	return &Policy{Statement: []Statement{{Effect: Allow, Principal: "*", Action: []Action{All}, Resource: []string{"*"}}}}
}

// JSON is the policy as CloudFormation takes it.
func (p *Policy) JSON() string {
	text, err := json.Marshal(p)
	if err != nil {
		panic(err) // it is plain text
	}
	return string(text)
}

// Parse reads a policy strictly: what it returns is what CloudFormation would take. It reports every problem at once.
func Parse(text []byte) (*Policy, error) {
	c := check.For("stack policy")
	c.That(len(text) <= MaxBytes, "", "must be at most %d bytes, got %d", MaxBytes, len(text))
	if !utf8.Valid(text) {
		c.Add("", "must be UTF-8")
		return nil, c.Err()
	}
	fields, err := object(text)
	if err != nil {
		c.Add("", "must be a JSON object: %v", err)
		return nil, c.Err()
	}
	p := &Policy{}
	for _, f := range fields {
		switch f.name {
		case "Statement":
			p.Statement = statements(c, f.value)
		case "Version", "Id":
		default:
			c.Add(f.name, "is unknown: a stack policy has Statement")
		}
	}
	c.That(has(fields, "Statement"), "Statement", "must be given")
	if err := c.Err(); err != nil {
		return nil, err
	}
	return p, nil
}

// FromTemplate reads the policy that a guard wrote into a template in JSON; nil when there is none.
func FromTemplate(text []byte) (*Policy, error) {
	var template struct{ Metadata map[string]json.RawMessage }
	if err := json.Unmarshal(text, &template); err != nil {
		return nil, fmt.Errorf("the template is not in JSON: %w", err)
	}
	if policy, ok := template.Metadata[MetadataKey]; ok {
		return Parse(policy)
	}
	return nil, nil
}

func statements(c *check.List, text json.RawMessage) []Statement {
	var list []json.RawMessage
	if json.Unmarshal(text, &list) != nil || list == nil {
		return []Statement{statement(c.At("Statement"), text)}
	}
	c.That(len(list) > 0, "Statement", "must have at least one statement")
	all := make([]Statement, len(list))
	for i, s := range list {
		all[i] = statement(c.At(check.Index("Statement", i)), s)
	}
	return all
}

func statement(c *check.List, text json.RawMessage) Statement {
	var s Statement
	fields, err := object(text)
	if err != nil {
		c.Add("", "must be a JSON object: %v", err)
		return s
	}
	for _, f := range fields {
		switch f.name {
		case "Sid":
			s.Sid = one(c, f)
		case "Effect":
			s.Effect = Effect(one(c, f))
			check.OneOf(c, "Effect", s.Effect, Allow, Deny)
		case "Principal":
			s.Principal = principal(c, f)
		case "Action":
			s.Action = actions(c, f)
		case "NotAction":
			s.NotAction = actions(c, f)
		case "Resource":
			s.Resource = resources(c, f)
		case "NotResource":
			s.NotResource = resources(c, f)
		case "Condition":
			s.Condition = condition(c.At("Condition"), f.value)
		default:
			c.Add(f.name, "is unknown: a statement has Sid, Effect, Principal, Action, NotAction, Resource, NotResource and Condition")
		}
	}
	for _, name := range []string{"Effect", "Principal"} {
		c.That(has(fields, name), name, "must be given")
	}
	c.That(has(fields, "Action") != has(fields, "NotAction"), "", "must have one of Action and NotAction")
	c.That(has(fields, "Resource") != has(fields, "NotResource"), "", "must have one of Resource and NotResource")
	return s
}

func principal(c *check.List, f field) string {
	var aws struct{ AWS string }
	if json.Unmarshal(f.value, &aws) == nil && aws.AWS == "*" {
		return "*"
	}
	p := one(c, f)
	c.That(p == "*", "Principal", `must be "*", got %q`, p)
	return p
}

func actions(c *check.List, f field) []Action {
	var all []Action
	for _, text := range many(c, f) {
		check.OneOf(c, f.name, Action(text), Modify, Replace, Delete, All)
		all = append(all, Action(text))
	}
	return all
}

// A logical id has letters and digits.
var resourcePattern = regexp.MustCompile(`^(\*|LogicalResourceId/[A-Za-z0-9*?]+)$`)

func resources(c *check.List, f field) []string {
	all := many(c, f)
	for _, r := range all {
		c.That(resourcePattern.MatchString(r), f.name, `must be "*" or LogicalResourceId/ with a logical id, in which * and ? stand for any text and any character, got %q`, r)
	}
	return all
}

func condition(c *check.List, text json.RawMessage) map[string]map[string][]string {
	operators, err := object(text)
	if err != nil {
		c.Add("", "must be a JSON object: %v", err)
		return nil
	}
	c.That(len(operators) > 0, "", "must have StringEquals or StringLike")
	all := map[string]map[string][]string{}
	for _, op := range operators {
		c.That(op.name == "StringEquals" || op.name == "StringLike", op.name, "is unknown: there are StringEquals and StringLike")
		keys, err := object(op.value)
		if err != nil {
			c.Add(op.name, "must be a JSON object: %v", err)
			continue
		}
		c.That(len(keys) > 0, op.name, "must have ResourceType")
		all[op.name] = map[string][]string{}
		for _, key := range keys {
			c.That(key.name == "ResourceType", op.name+"."+key.name, "is unknown: there is ResourceType")
			all[op.name][key.name] = many(c.At(op.name), key)
		}
	}
	return all
}

// field is a field of a JSON object.
type field struct {
	name  string
	value json.RawMessage
}

func has(fields []field, name string) bool {
	return slices.ContainsFunc(fields, func(f field) bool { return f.name == name })
}

// object reads the fields of an object, as they are written. Package json would take other cases and the last of several.
func object(text []byte) ([]field, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	if start, err := d.Token(); err != nil {
		return nil, plain(err)
	} else if start != json.Delim('{') {
		return nil, errors.New("it is none")
	}
	var fields []field
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, plain(err)
		}
		var f field
		f.name = name.(string)
		if err := d.Decode(&f.value); err != nil {
			return nil, plain(err)
		}
		if has(fields, f.name) {
			return nil, fmt.Errorf("it has %s twice", f.name)
		}
		fields = append(fields, f)
	}
	if _, err := d.Token(); err != nil {
		return nil, plain(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is text after it")
	}
	return fields, nil
}

// plain says what "EOF" means.
func plain(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("it ends too early")
	}
	return err
}

func one(c *check.List, f field) string {
	var text *string
	if json.Unmarshal(f.value, &text) != nil || text == nil {
		c.Add(f.name, "must be a string")
		return ""
	}
	return *text
}

// many reads a string or a list of strings.
func many(c *check.List, f field) []string {
	if strings.HasPrefix(string(bytes.TrimSpace(f.value)), `"`) {
		return []string{one(c, f)}
	}
	var list []*string
	if json.Unmarshal(f.value, &list) != nil || len(list) == 0 || slices.Contains(list, nil) {
		c.Add(f.name, "must be a string or a list of strings")
		return nil
	}
	all := make([]string, len(list))
	for i, text := range list {
		all[i] = *text
	}
	return all
}
