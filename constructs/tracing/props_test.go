package tracing_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/tracing"
)

func TestProps_Validate(t *testing.T) {
	type p = tracing.Props
	rule := func(edit func(*tracing.Rule)) func(*p) {
		return func(d *p) { edit(&d.Rules[0]) }
	}
	group := func(expression string) func(*p) {
		return func(d *p) { d.Groups = []tracing.Group{{Name: "g", FilterExpression: expression}} }
	}
	valid := func() p { return p{Rules: []tracing.Rule{{Name: "all", Priority: 1, Rate: 0.1}}} }
	long := func(n int) string { return strings.Repeat("a", n) }
	cdktest.ValidateTable(t, valid, []cdktest.Case[p]{
		{Name: "rule", Edit: func(*p) {}},
		{Name: "nothing", Edit: func(d *p) { d.Rules = nil }, Want: []string{"must have Rules or Groups"}},
		{Name: "group only", Edit: func(d *p) { d.Rules, d.Groups = nil, []tracing.Group{{Name: long(32), FilterExpression: "fault"}} }},
		{Name: "name", Edit: rule(func(r *tracing.Rule) { r.Name = "a b" }), Want: []string{
			`Rules[0].Name: must be 1 to 32 letters, digits, _ and -, got "a b"`}},
		{Name: "long name", Edit: rule(func(r *tracing.Rule) { r.Name = long(33) }), Want: []string{
			`Rules[0].Name: must be 1 to 32 letters, digits, _ and -, got "` + long(33) + `"`}},
		{Name: "Default", Edit: rule(func(r *tracing.Rule) { r.Name = "Default" }), Want: []string{"Rules[0].Name: must not be Default, which AWS has"}},
		{Name: "priority", Edit: rule(func(r *tracing.Rule) { r.Priority = 10000 }), Want: []string{"Rules[0].Priority: must be between 1 and 9999, got 10000"}},
		{Name: "no priority", Edit: rule(func(r *tracing.Rule) { r.Priority = 0 }), Want: []string{"Rules[0].Priority: must be between 1 and 9999, got 0"}},
		{Name: "last priority", Edit: rule(func(r *tracing.Rule) { r.Priority = 9999 })},
		{Name: "same again", Edit: func(d *p) { d.Rules = append(d.Rules, d.Rules[0]) }, Want: []string{
			`Rules[1].Name: must be another one for each rule, got "all" again`, "Rules[1].Priority: must be another one for each rule, got 1 again"}},
		{Name: "reservoir", Edit: rule(func(r *tracing.Rule) { r.Reservoir = -1 }), Want: []string{"Rules[0].Reservoir: must be 0 or more, got -1"}},
		{Name: "rate", Edit: rule(func(r *tracing.Rule) { r.Rate = 5 }), Want: []string{"Rules[0].Rate: must be between 0 and 1, got 5"}},
		{Name: "all traced", Edit: rule(func(r *tracing.Rule) { r.Rate = 1 })},
		{Name: "nothing traced", Edit: rule(func(r *tracing.Rule) { r.Rate, r.Host = 0, "*" }), Want: []string{
			"Rules[0]: must have Reservoir or Rate where it matches all requests: nothing would be traced"}},
		{Name: "only a reservoir", Edit: rule(func(r *tracing.Rule) { r.Rate, r.Reservoir = 0, 1 })},
		{Name: "health checks are not traced", Edit: rule(func(r *tracing.Rule) { r.Rate, r.URLPath = 0, "/health" })},
		{Name: "attributes are not traced", Edit: rule(func(r *tracing.Rule) { r.Rate, r.Attributes = 0, map[string]string{"a": "b"} })},
		{Name: "boost", Edit: rule(func(r *tracing.Rule) { r.Boost = &tracing.Boost{MaxRate: 1, Cooldown: time.Minute} })},
		{Name: "bad boost", Edit: rule(func(r *tracing.Rule) { r.Boost = &tracing.Boost{MaxRate: 0.1, Cooldown: time.Second} }), Want: []string{
			"Rules[0].Boost.MaxRate: must be above Rate, which is 0.1, and at most 1, got 0.1",
			"Rules[0].Boost.Cooldown: must be whole minutes, 1 or more, got 1s"}},
		{Name: "boost over 1", Edit: rule(func(r *tracing.Rule) { r.Boost = &tracing.Boost{MaxRate: 1.1} }), Want: []string{
			"Rules[0].Boost.MaxRate: must be above Rate, which is 0.1, and at most 1, got 1.1",
			"Rules[0].Boost.Cooldown: must be whole minutes, 1 or more, got 0s"}},
		{Name: "longest", Edit: rule(func(r *tracing.Rule) {
			r.ServiceName, r.ServiceType, r.Host, r.HTTPMethod, r.URLPath, r.ResourceARN = long(64), long(64), long(64), long(10), long(128), long(500)
		})},
		{Name: "too long", Edit: rule(func(r *tracing.Rule) {
			r.ServiceName, r.ServiceType, r.Host, r.HTTPMethod, r.URLPath, r.ResourceARN = long(65), long(65), long(65), long(11), long(129), long(501)
		}), Want: []string{
			"Rules[0].ServiceName: must have at most 64 characters, got 65", "Rules[0].ServiceType: must have at most 64 characters, got 65",
			"Rules[0].Host: must have at most 64 characters, got 65", "Rules[0].HTTPMethod: must have at most 10 characters, got 11",
			"Rules[0].URLPath: must have at most 128 characters, got 129", "Rules[0].ResourceARN: must have at most 500 characters, got 501"}},
		{Name: "attributes", Edit: rule(func(r *tracing.Rule) {
			r.Attributes = map[string]string{"a": "", "b": long(33), "c": "c", "d": "d", "e": "e", long(33): "f"}
		}), Want: []string{
			"Rules[0].Attributes: must be at most 5, got 6",
			`Rules[0].Attributes["a"]: must have a name and a value of 1 to 32 characters, got ""`,
			`Rules[0].Attributes["` + long(33) + `"]: must have a name and a value of 1 to 32 characters, got "f"`,
			`Rules[0].Attributes["b"]: must have a name and a value of 1 to 32 characters, got "` + long(33) + `"`}},
		{Name: "26 of each", Edit: func(d *p) {
			for i := range 25 {
				d.Rules = append(d.Rules, tracing.Rule{Name: strconv.Itoa(i), Priority: i + 2, Rate: 1})
			}
			for i := range 26 {
				d.Groups = append(d.Groups, tracing.Group{Name: strconv.Itoa(i), FilterExpression: "ok"})
			}
		}, Want: []string{
			"Rules: must be at most 25, got 26", "Groups: must be at most 25, got 26"}},
		{Name: "bad group", Edit: func(d *p) { d.Groups = []tracing.Group{{Notifications: true}} }, Want: []string{
			"Groups[0].Name: must have 1 to 32 characters, got 0", "Groups[0].FilterExpression: must be given",
			"Groups[0].Notifications: must be left out without Insights"}},
		{Name: "default and long group", Edit: func(d *p) {
			d.Groups = []tracing.Group{{Name: "Default", FilterExpression: "ok"}, {Name: long(33), FilterExpression: "ok"}}
		}, Want: []string{
			"Groups[0].Name: must not be Default, which AWS has", "Groups[1].Name: must have 1 to 32 characters, got 33"}},
		{Name: "same group", Edit: func(d *p) {
			d.Groups = []tracing.Group{{Name: "a", FilterExpression: "ok"}, {Name: "a", FilterExpression: "ok"}}
		}, Want: []string{
			`Groups[1].Name: must be another one for each group, got "a" again`}},
		{Name: "expression", Edit: group(`service(id(name: "a)", type: "b\"}")) { fault = true } AND annotation[x] = "{"`)},
		{Name: "open quote", Edit: group(`user = "me`), Want: []string{`Groups[0].FilterExpression: must have pairs of ", got one that is not closed`}},
		{Name: "escaped quote", Edit: group(`user = "me\"`), Want: []string{`Groups[0].FilterExpression: must have pairs of ", got one that is not closed`}},
		{Name: "open bracket", Edit: group(`service("a") { fault`), Want: []string{
			"Groups[0].FilterExpression: must have pairs of brackets, got { that is not closed"}},
		{Name: "closed bracket", Edit: group(`service("a")) AND ok`), Want: []string{
			`Groups[0].FilterExpression: must have pairs of brackets, got ) without its other half before " AND ok"`}},
		{Name: "other bracket", Edit: group(`service("a"}`), Want: []string{
			"Groups[0].FilterExpression: must have pairs of brackets, got } without its other half before the end"}},
	})
}

func TestTransactionSearchProps_Validate(t *testing.T) {
	type p = tracing.TransactionSearchProps
	cdktest.ValidateTable(t, func() p { return p{} }, []cdktest.Case[p]{
		{Name: "defaults", Edit: func(*p) {}},
		{Name: "none", Edit: func(d *p) { d.IndexingPercent = new(0.0) }},
		{Name: "all", Edit: func(d *p) { d.IndexingPercent = new(100.0) }},
		{Name: "more", Edit: func(d *p) { d.IndexingPercent, d.PolicyName = new(100.5), strings.Repeat("a", 256) }, Want: []string{
			"IndexingPercent: must be between 0 and 100, got 100.5", "PolicyName: must have at most 255 characters, got 256"}},
		{Name: "less", Edit: func(d *p) { d.IndexingPercent = new(-1.0) }, Want: []string{"IndexingPercent: must be between 0 and 100, got -1"}},
	})
}

func TestProps_ValidateNil(t *testing.T) {
	var p *tracing.Props
	require.EqualError(t, p.Validate(), "invalid tracing.Props:\n  - must have Rules or Groups")
	var s *tracing.TransactionSearchProps
	require.NoError(t, s.Validate())
}
