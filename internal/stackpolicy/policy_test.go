package stackpolicy_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/internal/stackpolicy"
)

func parse(t *testing.T, text string) *stackpolicy.Policy {
	t.Helper()
	p, err := stackpolicy.Parse([]byte(text))
	require.NoError(t, err)
	return p
}

// The examples of AWS's page: how a policy may be written.
func TestParse(t *testing.T) {
	p := parse(t, `{"Version": "2012-10-17", "Statement": {
		"Effect": "Deny", "Principal": {"AWS": "*"}, "NotAction": "Update:Modify", "NotResource": ["LogicalResourceId/My*", "LogicalResourceId/A?"],
		"Condition": {"StringLike": {"ResourceType": ["AWS::EC2::*"]}}}}`)
	assert.Equal(t, &stackpolicy.Policy{Statement: []stackpolicy.Statement{{
		Effect: stackpolicy.Deny, Principal: "*", NotAction: []stackpolicy.Action{stackpolicy.Modify},
		NotResource: []string{"LogicalResourceId/My*", "LogicalResourceId/A?"},
		Condition:   map[string]map[string][]string{"StringLike": {"ResourceType": {"AWS::EC2::*"}}},
	}}}, p)
	assert.Equal(t, `{"Statement":[{"Effect":"Allow","Principal":"*","Action":["Update:*"],"Resource":["*"]}]}`, stackpolicy.AllowAll().JSON())
	assert.Equal(t, stackpolicy.AllowAll(), parse(t, stackpolicy.AllowAll().JSON()))
}

func TestParse_ReportsEveryProblem(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"nothing":         {"", []string{"must be a JSON object: it ends too early"}},
		"cut off":         {`{"Statement": [`, []string{"must be a JSON object: it ends too early"}},
		"no object":       {`[]`, []string{"must be a JSON object: it is none"}},
		"null":            {`null`, []string{"must be a JSON object: it is none"}},
		"two":             {`{"Statement":[]} {}`, []string{"must be a JSON object: there is text after it"}},
		"twice":           {`{"Statement":[], "Statement":[]}`, []string{"must be a JSON object: it has Statement twice"}},
		"no UTF-8":        {"{\"\xff\":1}", []string{"must be UTF-8"}},
		"empty":           {`{}`, []string{"Statement: must be given"}},
		"other case":      {`{"statement":[]}`, []string{"statement: is unknown: a stack policy has Statement", "Statement: must be given"}},
		"no statements":   {`{"Statement":[]}`, []string{"Statement: must have at least one statement"}},
		"null statements": {`{"Statement":null}`, []string{"Statement: must be a JSON object: it is none"}},
		"too long":        {stackpolicy.AllowAll().JSON() + strings.Repeat(" ", 16384), []string{"must be at most 16384 bytes, got 16473"}},
		"many": {`{"Statement":[7, {}, {"Effect":"allow","Principal":"me","Action":["Update:Create", "update:modify"],"NotAction":"Update:*","Resource":"Table",
			"NotResource":"LogicalResourceId/","Else":1,"Sid":5,"Condition":{"StringNotEquals":{"ResourceType":"A"},"StringLike":{"Type":"A"},"StringEquals":{}}}]}`, []string{
			"Statement[0]: must be a JSON object: it is none",
			"Statement[1].Effect: must be given",
			"Statement[1].Principal: must be given",
			"Statement[1]: must have one of Action and NotAction",
			"Statement[1]: must have one of Resource and NotResource",
			"Statement[2].Effect: must be one of Allow, Deny, got allow",
			`Statement[2].Principal: must be "*", got "me"`,
			"Statement[2].Action: must be one of Update:Modify, Update:Replace, Update:Delete, Update:*, got Update:Create",
			"Statement[2].Action: must be one of Update:Modify, Update:Replace, Update:Delete, Update:*, got update:modify",
			`Statement[2].Resource: must be "*" or LogicalResourceId/ with a logical id, in which * and ? stand for any text and any character, got "Table"`,
			`Statement[2].NotResource: must be "*" or LogicalResourceId/ with a logical id, in which * and ? stand for any text and any character, got "LogicalResourceId/"`,
			"Statement[2].Else: is unknown: a statement has Sid, Effect, Principal, Action, NotAction, Resource, NotResource and Condition",
			"Statement[2].Sid: must be a string",
			"Statement[2].Condition.StringNotEquals: is unknown: there are StringEquals and StringLike",
			"Statement[2].Condition.StringLike.Type: is unknown: there is ResourceType",
			"Statement[2].Condition.StringEquals: must have ResourceType",
			"Statement[2]: must have one of Action and NotAction",
			"Statement[2]: must have one of Resource and NotResource",
		}},
		"kinds": {`{"Statement":[{"Effect":"Deny","Principal":"*","Action":[],"Resource":["*",null],"Condition":[]},{"Effect":"Deny","Principal":"*","Action":7,"Resource":"*","Condition":{}},
			{"Effect":"Deny","Principal":"*","Action":"Update:*","Resource":"*","Condition":{"StringLike":"x"}}]}`, []string{
			"Statement[0].Action: must be a string or a list of strings",
			"Statement[0].Resource: must be a string or a list of strings",
			"Statement[0].Condition: must be a JSON object: it is none",
			"Statement[1].Action: must be a string or a list of strings",
			"Statement[1].Condition: must have StringEquals or StringLike",
			"Statement[2].Condition.StringLike: must be a JSON object: it is none",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := stackpolicy.Parse([]byte(c.text))
			assert.Nil(t, p)
			assert.EqualError(t, err, "invalid stack policy:\n  - "+strings.Join(c.want, "\n  - "))
		})
	}
	_, err := stackpolicy.Parse([]byte(stackpolicy.AllowAll().JSON() + strings.Repeat(" ", 16384-len(stackpolicy.AllowAll().JSON()))))
	assert.NoError(t, err, "16384 bytes are fine")
}

// What is read can be decided about, and written and read again.
func FuzzParse(f *testing.F) {
	f.Add([]byte(stackpolicy.AllowAll().JSON()), "Table", "AWS::DynamoDB::Table")
	f.Add([]byte(`{"Statement":{"Effect":"Deny","Principal":"*","NotAction":"Update:*","NotResource":"LogicalResourceId/A*b?c","Condition":{"StringLike":{"ResourceType":"*::?"}}}}`), "A", "é")
	f.Add([]byte(`{"Statement":{"Effect":"Allow","Principal":"*","Action":"Update:*","Resource":"*","Condition":{"StringLike":{"ResourceType":"?"}}}}`), "Table", "A")
	f.Add([]byte(`{"Statement":[{"Condition":{"StringEquals":null}}]}`), "", "")
	f.Fuzz(func(t *testing.T, text []byte, id, resourceType string) {
		p, err := stackpolicy.Parse(text)
		if err != nil {
			return
		}
		again, err := stackpolicy.Parse([]byte(p.JSON()))
		if len(p.JSON()) <= stackpolicy.MaxBytes {
			require.NoError(t, err)
			require.Equal(t, p, again)
		}
		loose, err := p.Loosen("Table")
		for _, a := range actions {
			d := p.Evaluate(a, id, resourceType)
			require.True(t, d.Index >= -1 && d.Index < len(p.Statement))
			if err == nil {
				require.True(t, loose.Evaluate(a, "Table", resourceType).Allowed)
				if id != "Table" {
					require.Equal(t, d.Allowed, loose.Evaluate(a, id, resourceType).Allowed)
				}
			}
		}
	})
}

var actions = []stackpolicy.Action{stackpolicy.Modify, stackpolicy.Replace, stackpolicy.Delete}

func TestPolicy_JSONIsShort(t *testing.T) {
	assert.True(t, json.Valid([]byte(stackpolicy.AllowAll().JSON())))
	assert.NotContains(t, stackpolicy.AllowAll().JSON(), "Sid")
}

func TestFromTemplate(t *testing.T) {
	p, err := stackpolicy.FromTemplate([]byte(`{"Metadata":{"Strata::StackPolicy":` + stackpolicy.AllowAll().JSON() + `},"Resources":{}}`))
	require.NoError(t, err)
	assert.Equal(t, stackpolicy.AllowAll(), p)
	p, err = stackpolicy.FromTemplate([]byte(`{"Metadata":{"Else":{}}}`))
	require.NoError(t, err)
	assert.Nil(t, p)
	_, err = stackpolicy.FromTemplate([]byte(`{"Metadata":{"Strata::StackPolicy":{}}}`))
	assert.EqualError(t, err, "invalid stack policy:\n  - Statement: must be given")
	_, err = stackpolicy.FromTemplate([]byte("Metadata:"))
	assert.EqualError(t, err, "the template is not in JSON: invalid character 'M' looking for beginning of value")
}
