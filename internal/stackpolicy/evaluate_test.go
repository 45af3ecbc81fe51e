package stackpolicy_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/internal/stackpolicy"
)

const table, role = "AWS::DynamoDB::Table", "AWS::IAM::Role"

func statement(fields string) string { return `{"Principal":"*",` + fields + `}` }

// decisions are those about Modify, Replace and Delete of a resource: "yes no no".
func decisions(p *stackpolicy.Policy, id, resourceType string) string {
	var all []string
	for _, a := range actions {
		all = append(all, map[bool]string{true: "yes", false: "no"}[p.Evaluate(a, id, resourceType).Allowed])
	}
	return strings.Join(all, " ")
}

func TestEvaluate(t *testing.T) {
	const all = `"Action":"Update:*"`
	allow := statement(`"Effect":"Allow",` + all + `,"Resource":"*"`)
	deny := func(fields string) string { return statement(`"Effect":"Deny",` + fields) }
	for name, c := range map[string]struct {
		statements   []string
		notes, other string // decisions about the table Notes and the role Other
	}{
		"allow all":                {[]string{allow}, "yes yes yes", "yes yes yes"},
		"nothing is allowed":       {[]string{deny(all + `,"Resource":"LogicalResourceId/Nothing"`)}, "no no no", "no no no"},
		"one is allowed":           {[]string{statement(`"Effect":"Allow",` + all + `,"Resource":"LogicalResourceId/Notes"`)}, "yes yes yes", "no no no"},
		"one action is allowed":    {[]string{statement(`"Effect":"Allow","Action":["Update:Modify"],"Resource":"*"`)}, "yes no no", "yes no no"},
		"all but an action":        {[]string{statement(`"Effect":"Allow","NotAction":["Update:Modify"],"Resource":"*"`)}, "no yes yes", "no yes yes"},
		"all but all actions":      {[]string{statement(`"Effect":"Allow","NotAction":["Update:*"],"Resource":"*"`)}, "no no no", "no no no"},
		"deny wins when last":      {[]string{allow, deny(all + `,"Resource":"LogicalResourceId/Notes"`)}, "no no no", "yes yes yes"},
		"deny wins when first":     {[]string{deny(all + `,"Resource":"LogicalResourceId/Notes"`), allow}, "no no no", "yes yes yes"},
		"deny two actions":         {[]string{allow, deny(`"Action":["Update:Replace","Update:Delete"],"Resource":"*"`)}, "yes no no", "yes no no"},
		"deny all but a resource":  {[]string{allow, deny(all + `,"NotResource":"LogicalResourceId/Notes"`)}, "yes yes yes", "no no no"},
		"deny all but all":         {[]string{allow, deny(all + `,"NotResource":"*"`)}, "yes yes yes", "yes yes yes"},
		"start of an id":           {[]string{allow, deny(all + `,"Resource":"LogicalResourceId/No*"`)}, "no no no", "yes yes yes"},
		"middle of an id":          {[]string{allow, deny(all + `,"Resource":"LogicalResourceId/*t*s"`)}, "no no no", "yes yes yes"},
		"one character":            {[]string{allow, deny(all + `,"Resource":"LogicalResourceId/O?her"`)}, "yes yes yes", "no no no"},
		"every id":                 {[]string{allow, deny(all + `,"Resource":"LogicalResourceId/*"`)}, "no no no", "no no no"},
		"an id is no start":        {[]string{allow, deny(all + `,"Resource":"LogicalResourceId/Note"`)}, "yes yes yes", "yes yes yes"},
		"ids have case":            {[]string{allow, deny(all + `,"Resource":"LogicalResourceId/notes"`)}, "yes yes yes", "yes yes yes"},
		"a type":                   {[]string{allow, deny(all + `,"Resource":"*","Condition":{"StringEquals":{"ResourceType":["AWS::S3::Bucket","AWS::DynamoDB::Table"]}}`)}, "no no no", "yes yes yes"},
		"a pattern is no type":     {[]string{allow, deny(all + `,"Resource":"*","Condition":{"StringEquals":{"ResourceType":"AWS::*"}}`)}, "yes yes yes", "yes yes yes"},
		"a pattern of types":       {[]string{allow, deny(all + `,"Resource":"*","Condition":{"StringLike":{"ResourceType":"AWS::IAM::*"}}`)}, "yes yes yes", "no no no"},
		"both conditions":          {[]string{allow, deny(all + `,"Resource":"*","Condition":{"StringLike":{"ResourceType":"AWS::*"},"StringEquals":{"ResourceType":"AWS::IAM::Role"}}`)}, "yes yes yes", "no no no"},
		"type and id":              {[]string{allow, deny(all + `,"Resource":"LogicalResourceId/Notes","Condition":{"StringEquals":{"ResourceType":"AWS::IAM::Role"}}`)}, "yes yes yes", "yes yes yes"},
		"a condition on the Allow": {[]string{statement(`"Effect":"Allow",` + all + `,"Resource":"*","Condition":{"StringEquals":{"ResourceType":"AWS::IAM::Role"}}`)}, "no no no", "yes yes yes"},
	} {
		t.Run(name, func(t *testing.T) {
			p := parse(t, `{"Statement":[`+strings.Join(c.statements, ",")+`]}`)
			assert.Equal(t, c.notes, decisions(p, "Notes", table))
			assert.Equal(t, c.other, decisions(p, "Other", role))
		})
	}
	assert.Equal(t, "yes yes yes", decisions(nil, "Notes", table), "no policy")
}

func TestEvaluate_Reason(t *testing.T) {
	p := parse(t, `{"Statement":[`+statement(`"Effect":"Allow","Action":"Update:Modify","Resource":"*"`)+`,`+
		statement(`"Sid":"Data","Effect":"Deny","Action":"Update:Modify","Resource":"LogicalResourceId/Notes"`)+`]}`)
	assert.Equal(t, stackpolicy.Decision{Index: 1, Sid: "Data"}, p.Evaluate(stackpolicy.Modify, "Notes", table))
	assert.Equal(t, "Statement[1] Data", p.Evaluate(stackpolicy.Modify, "Notes", table).Reason())
	assert.Equal(t, "Statement[0]", p.Evaluate(stackpolicy.Modify, "Other", table).Reason())
	assert.Equal(t, "no statement allows it", p.Evaluate(stackpolicy.Delete, "Other", table).Reason())
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// random makes a statement of everything that a statement may have.
func random(r *rand.Rand) stackpolicy.Statement {
	s := stackpolicy.Statement{Effect: pick(r, []stackpolicy.Effect{stackpolicy.Allow, stackpolicy.Deny}), Principal: "*"}
	a := []stackpolicy.Action{pick(r, append(actions, stackpolicy.All))}
	if s.Action = a; r.IntN(3) == 0 {
		s.Action, s.NotAction = nil, a
	}
	res := []string{"LogicalResourceId/" + pick(r, []string{"A*", "B", "AB", "?B", "*"}), pick(r, []string{"*", "LogicalResourceId/C", "LogicalResourceId/A"})}
	if s.Resource = res; r.IntN(3) == 0 {
		s.Resource, s.NotResource = nil, res
	}
	if r.IntN(3) == 0 {
		s.Condition = map[string]map[string][]string{pick(r, []string{"StringEquals", "StringLike"}): {"ResourceType": {pick(r, []string{table, role, "AWS::*"})}}}
	}
	return s
}

// An independent reading of the rules: patterns as regular expressions, statements as a whole.
func allowed(p *stackpolicy.Policy, a stackpolicy.Action, id, resourceType string) bool {
	matches := func(patterns []string, text string) bool {
		return slices.ContainsFunc(patterns, func(p string) bool {
			p = strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(p))
			return regexp.MustCompile("^(?:" + p + ")$").MatchString(text)
		})
	}
	yes, no := false, false
	for _, s := range p.Statement {
		act := func(list []stackpolicy.Action) bool {
			return slices.Contains(list, a) || slices.Contains(list, stackpolicy.All)
		}
		applies := (act(s.Action) || s.NotAction != nil && !act(s.NotAction)) &&
			(matches(s.Resource, "LogicalResourceId/"+id) || s.NotResource != nil && !matches(s.NotResource, "LogicalResourceId/"+id))
		if eq, ok := s.Condition["StringEquals"]; ok {
			applies = applies && slices.Contains(eq["ResourceType"], resourceType)
		}
		if like, ok := s.Condition["StringLike"]; ok {
			applies = applies && matches(like["ResourceType"], resourceType)
		}
		yes, no = yes || applies && s.Effect == stackpolicy.Allow, no || applies && s.Effect == stackpolicy.Deny
	}
	return yes && !no
}

func TestEvaluate_Properties(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		p := &stackpolicy.Policy{}
		for range 1 + r.IntN(4) {
			p.Statement = append(p.Statement, random(r))
		}
		shuffled := &stackpolicy.Policy{Statement: slices.Clone(p.Statement)}
		r.Shuffle(len(p.Statement), func(i, j int) {
			shuffled.Statement[i], shuffled.Statement[j] = shuffled.Statement[j], shuffled.Statement[i]
		})
		more := &stackpolicy.Policy{Statement: append(slices.Clone(p.Statement), random(r))}
		for _, id := range []string{"A", "B", "AB", "C", "D"} {
			for _, resourceType := range []string{table, role} {
				for _, a := range actions {
					what := fmt.Sprint(a, id, resourceType, p.JSON())
					got := p.Evaluate(a, id, resourceType)
					require.Equal(t, allowed(p, a, id, resourceType), got.Allowed, what)
					require.Equal(t, got.Allowed, shuffled.Evaluate(a, id, resourceType).Allowed, "order is nothing: %s", what)
					last := more.Statement[len(more.Statement)-1].Effect
					if now := more.Evaluate(a, id, resourceType).Allowed; now != got.Allowed {
						require.Equal(t, last == stackpolicy.Allow, now, "an Allow allows, a Deny denies: %s", what)
					}
				}
			}
		}
	}
}

func TestLogicalIDs(t *testing.T) {
	p := parse(t, `{"Statement":[`+statement(`"Effect":"Allow","Action":"Update:*","Resource":["*","LogicalResourceId/B","LogicalResourceId/C*","LogicalResourceId/?D"]`)+`,`+
		statement(`"Effect":"Deny","Action":"Update:*","NotResource":["LogicalResourceId/A","LogicalResourceId/B"]`)+`]}`)
	assert.Equal(t, []string{"A", "B"}, p.LogicalIDs())
}

func TestLoosen(t *testing.T) {
	allow := statement(`"Effect":"Allow","Action":"Update:*","Resource":"*"`)
	deny := func(resource string) string { return statement(`"Effect":"Deny","Action":"Update:*",` + resource) }
	for name, c := range map[string]struct{ statements, want string }{
		"all":                 {allow + "," + deny(`"Resource":"*"`), `"NotResource":["LogicalResourceId/A","LogicalResourceId/B"]`},
		"every id":            {allow + "," + deny(`"Resource":"LogicalResourceId/*"`), `"NotResource":["LogicalResourceId/A","LogicalResourceId/B"]`},
		"all but":             {allow + "," + deny(`"NotResource":["LogicalResourceId/C","LogicalResourceId/B"]`), `"NotResource":["LogicalResourceId/C","LogicalResourceId/B","LogicalResourceId/A"]`},
		"by name":             {allow + "," + deny(`"Resource":["LogicalResourceId/A","LogicalResourceId/C"]`), `"Resource":["LogicalResourceId/C"]`},
		"only by name":        {allow + "," + deny(`"Resource":["LogicalResourceId/A"]`), `{"Statement":[{"Effect":"Allow","Principal":"*","Action":["Update:*"],"Resource":["*"]}]}`},
		"others":              {allow + "," + deny(`"Resource":["LogicalResourceId/C*"]`), `"Resource":["LogicalResourceId/C*"]`},
		"not allowed at all":  {statement(`"Effect":"Allow","Action":"Update:Modify","Resource":"LogicalResourceId/A"`), `,{"Effect":"Allow","Principal":"*","Action":["Update:*"],"Resource":["LogicalResourceId/A","LogicalResourceId/B"]}]`},
		"allowed for others":  {statement(`"Effect":"Allow","Action":"Update:*","Resource":"LogicalResourceId/B"`), `,{"Effect":"Allow","Principal":"*","Action":["Update:*"],"Resource":["LogicalResourceId/A"]}]`},
		"allowed for a type":  {statement(`"Effect":"Allow","Action":"Update:*","Resource":"*","Condition":{"StringEquals":{"ResourceType":"AWS::S3::Bucket"}}`), `,{"Effect":"Allow","Principal":"*","Action":["Update:*"],"Resource":["LogicalResourceId/A","LogicalResourceId/B"]}]`},
		"allowed for no type": {statement(`"Effect":"Allow","Action":"Update:*","Resource":"*","Condition":{"StringEquals":{"ResourceType":""}}`), `,{"Effect":"Allow","Principal":"*","Action":["Update:*"],"Resource":["LogicalResourceId/A","LogicalResourceId/B"]}]}`},
		"only denials are so": {deny(`"Resource":"*"`), `{"Statement":[{"Effect":"Deny","Principal":"*","Action":["Update:*"],"NotResource":["LogicalResourceId/A","LogicalResourceId/B"]},{"Effect":"Allow","Principal":"*","Action":["Update:*"],"Resource":["LogicalResourceId/A","LogicalResourceId/B"]}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			p := parse(t, `{"Statement":[`+c.statements+`]}`)
			before := p.JSON()
			loose, err := p.Loosen("A", "B")
			require.NoError(t, err)
			assert.Contains(t, loose.JSON(), c.want)
			assert.Equal(t, before, p.JSON(), "the policy itself is as it was")
		})
	}
	_, err := parse(t, `{"Statement":[`+allow+","+deny(`"Resource":"LogicalResourceId/A*"`)+`]}`).Loosen("A")
	assert.EqualError(t, err, "Statement[1] denies it to LogicalResourceId/A*, among others; change the policy by hand")
}

// Whatever the policy, what is loosened is allowed everything, and everything else is as before.
func TestLoosen_Properties(t *testing.T) {
	r, worked := rand.New(rand.NewPCG(3, 4)), 0
	for range 3000 {
		p := &stackpolicy.Policy{Statement: []stackpolicy.Statement{random(r), random(r), random(r)}}
		loose, err := p.Loosen("A", "B")
		if err != nil {
			continue
		}
		worked++
		for _, resourceType := range []string{table, role} {
			for _, a := range actions {
				for _, id := range []string{"A", "B"} {
					require.True(t, loose.Evaluate(a, id, resourceType).Allowed, "%s %s: %s", a, id, p.JSON())
				}
				for _, id := range []string{"AB", "C", "D"} {
					require.Equal(t, p.Evaluate(a, id, resourceType).Allowed, loose.Evaluate(a, id, resourceType).Allowed, "%s %s: %s", a, id, p.JSON())
				}
			}
		}
	}
	assert.Greater(t, worked, 1000)
}
