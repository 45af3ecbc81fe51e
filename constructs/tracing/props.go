package tracing

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsxray"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/sorted"
)

// Rule says how many of the requests that it matches are traced. Where it says nothing of a field, any value matches; in each
// field, * stands for any text and ? for any character.
type Rule struct {
	// Name is the rule's name in the account and region: 1 to 32 letters, digits, _ and -. Default is the rule that AWS has
	// and applies last, which cannot be made. Another name replaces the rule. Required.
	Name string
	// Priority is the rule's place among the rules of the account and region, 1 to 9999, and another one for each: the lowest that
	// matches a request decides. Required.
	Priority int
	// Reservoir is how many requests a second are traced first, by all services together; 0 or more.
	// Default: 0.
	Reservoir int
	// Rate is the share of the other requests that is traced, 0 to 1.
	// Default: 0, none. A rule that matches all requests needs Reservoir or Rate.
	Rate float64
	// Boost lets AWS X-Ray raise Rate for a short time when it sees anomalies.
	// Default: none.
	Boost *Boost
	// ServiceName is the name of the service, as it calls itself in segments; at most 64 characters.
	ServiceName string
	// ServiceType is what the service runs on, such as "AWS::ECS::Container"; at most 64 characters.
	ServiceType string
	// Host is the host of the URL; at most 64 characters.
	Host string
	// HTTPMethod is the method; at most 10 characters.
	HTTPMethod string
	// URLPath is the path of the URL; at most 128 characters.
	URLPath string
	// ResourceARN is the ARN of what the service runs on; at most 500 characters.
	ResourceARN string
	// Attributes are those of segments that are known when the decision is made: at most 5, with names and values of 1 to 32
	// characters.
	Attributes map[string]string
}

// Boost is a rate for anomalies.
type Boost struct {
	// MaxRate is the highest rate, above Rule.Rate and at most 1. Required.
	MaxRate float64
	// Cooldown is the time in which there is one boost at most, in whole minutes. Required.
	Cooldown time.Duration
}

// Group is a set of traces with metrics, a service map and, on demand, insights of its own.
type Group struct {
	// Name is the group's name in the account and region, 1 to 32 characters, but not Default. Required.
	Name string
	// FilterExpression says which traces are in the group, such as `service("web") AND fault`. Quotes and brackets are checked to be
	// pairs; everything else is not, and AWS X-Ray refuses what it does not understand. Required.
	FilterExpression string
	// Insights looks for anomalies in the group, which costs by the traces.
	// Default: false.
	Insights bool
	// Notifications sends insights to Amazon EventBridge. It goes with Insights.
	// Default: false.
	Notifications bool
}

// Props configures a Tracing. At least one rule or group is required.
type Props struct {
	// Rules say how many requests are traced: at most 25, the quota of an account and region.
	// Default: none but that of AWS, which traces one request a second and 5 % of the others.
	Rules []Rule
	// Groups are sets of traces: at most 25, the quota of an account and region.
	// Default: none.
	Groups []Group
	// ConfigureRule edits the L1 props of each rule last, after all defaults.
	// Default: no edit.
	ConfigureRule func(*awsxray.CfnSamplingRuleProps)
	// ConfigureGroup edits the L1 props of each group last, after all defaults.
	// Default: no edit.
	ConfigureGroup func(*awsxray.CfnGroupProps)
}

var ruleName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,32}$`)

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *Props) Validate() error {
	var d Props
	if p != nil {
		d = *p
	}
	c := check.For("tracing.Props")
	c.That(len(d.Rules)+len(d.Groups) > 0, "", "must have Rules or Groups")
	c.That(len(d.Rules) <= 25, "Rules", "must be at most 25, got %d", len(d.Rules))
	for i, r := range d.Rules {
		at := c.At(check.Index("Rules", i))
		r.validate(at)
		before := d.Rules[:i]
		at.That(!slices.ContainsFunc(before, func(b Rule) bool { return b.Name == r.Name }), "Name", "must be another one for each rule, got %q again", r.Name)
		at.That(!slices.ContainsFunc(before, func(b Rule) bool { return b.Priority == r.Priority }), "Priority",
			"must be another one for each rule, got %d again", r.Priority)
	}
	c.That(len(d.Groups) <= 25, "Groups", "must be at most 25, got %d", len(d.Groups))
	for i, g := range d.Groups {
		at := c.At(check.Index("Groups", i))
		g.validate(at)
		at.That(!slices.ContainsFunc(d.Groups[:i], func(b Group) bool { return b.Name == g.Name }), "Name", "must be another one for each group, got %q again", g.Name)
	}
	return c.Err()
}

func (r Rule) validate(c *check.List) {
	c.That(ruleName.MatchString(r.Name), "Name", "must be 1 to 32 letters, digits, _ and -, got %q", r.Name)
	c.That(r.Name != "Default", "Name", "must not be Default, which AWS has")
	check.Range(c, "Priority", r.Priority, 1, 9999)
	c.That(r.Reservoir >= 0, "Reservoir", "must be 0 or more, got %d", r.Reservoir)
	check.Range(c, "Rate", r.Rate, 0, 1)
	if r.Boost != nil {
		c.That(r.Rate < r.Boost.MaxRate && r.Boost.MaxRate <= 1, "Boost.MaxRate", "must be above Rate, which is %v, and at most 1, got %v", r.Rate, r.Boost.MaxRate)
		c.That(r.Boost.Cooldown >= time.Minute && r.Boost.Cooldown%time.Minute == 0, "Boost.Cooldown", "must be whole minutes, 1 or more, got %v", r.Boost.Cooldown)
	}
	all := true
	for _, m := range r.matches() {
		c.That(len(m.value) <= m.longest || check.IsToken(m.value), m.field, "must have at most %d characters, got %d", m.longest, len(m.value))
		all = all && (m.value == "" || m.value == "*")
	}
	c.That(!all || len(r.Attributes) > 0 || r.Reservoir > 0 || r.Rate > 0, "", "must have Reservoir or Rate where it matches all requests: nothing would be traced")
	c.That(len(r.Attributes) <= 5, "Attributes", "must be at most 5, got %d", len(r.Attributes))
	for k, v := range sorted.All(r.Attributes) {
		c.That(1 <= len(k) && len(k) <= 32 && 1 <= len(v) && len(v) <= 32, check.Key("Attributes", k), "must have a name and a value of 1 to 32 characters, got %q", v)
	}
}

type match struct {
	field, value string
	longest      int
}

// matches are the fields that a request must match, but its attributes.
func (r Rule) matches() []match {
	return []match{
		{"ServiceName", r.ServiceName, 64}, {"ServiceType", r.ServiceType, 64}, {"Host", r.Host, 64}, {"HTTPMethod", r.HTTPMethod, 10},
		{"URLPath", r.URLPath, 128}, {"ResourceARN", r.ResourceARN, 500},
	}
}

func (g Group) validate(c *check.List) {
	c.That(1 <= len(g.Name) && len(g.Name) <= 32, "Name", "must have 1 to 32 characters, got %d", len(g.Name))
	c.That(g.Name != "Default", "Name", "must not be Default, which AWS has")
	c.That(strings.TrimSpace(g.FilterExpression) != "", "FilterExpression", "must be given")
	if problem := unpaired(g.FilterExpression); problem != "" {
		c.Add("FilterExpression", "%s", problem)
	}
	c.That(!g.Notifications || g.Insights, "Notifications", "must be left out without Insights")
}

// unpaired says which quote or bracket of a filter expression has no other, or nothing.
func unpaired(expression string) string {
	var open []rune
	closes := map[rune]rune{')': '(', '}': '{', ']': '['}
	quoted, escaped := false, false
	for i, r := range expression {
		switch {
		case escaped:
			escaped = false
		case quoted && r == '\\':
			escaped = true
		case r == '"':
			quoted = !quoted
		case quoted:
		case strings.ContainsRune("({[", r):
			open = append(open, r)
		case closes[r] != 0:
			if len(open) == 0 || open[len(open)-1] != closes[r] {
				return "must have pairs of brackets, got " + string(r) + " without its other half before " + quote(expression[i+1:])
			}
			open = open[:len(open)-1]
		}
	}
	switch {
	case quoted:
		return `must have pairs of ", got one that is not closed`
	case len(open) > 0:
		return "must have pairs of brackets, got " + string(open[len(open)-1]) + " that is not closed"
	}
	return ""
}

func quote(s string) string {
	if s == "" {
		return "the end"
	}
	return `"` + s + `"`
}

// TransactionSearchProps configures a TransactionSearch. A nil *TransactionSearchProps, like its zero value, takes every default.
type TransactionSearchProps struct {
	// IndexingPercent is the share of traces that AWS X-Ray indexes for its own console and API, 0 to 100.
	// Default: nil, which means 1.
	IndexingPercent *float64
	// PolicyName is the name of the resource policy of CloudWatch Logs, of which an account and region has at most 10.
	// Default: "TransactionSearch".
	PolicyName string
}

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *TransactionSearchProps) Validate() error {
	d, c := p.withDefaults(), check.For("tracing.TransactionSearchProps")
	check.Range(c, "IndexingPercent", *d.IndexingPercent, 0, 100)
	c.That(len(d.PolicyName) <= 255, "PolicyName", "must have at most 255 characters, got %d", len(d.PolicyName))
	return c.Err()
}

func (p *TransactionSearchProps) withDefaults() TransactionSearchProps {
	var d TransactionSearchProps
	if p != nil {
		d = *p
	}
	if d.IndexingPercent == nil {
		d.IndexingPercent = new(1.0)
	}
	if d.PolicyName == "" {
		d.PolicyName = "TransactionSearch"
	}
	return d
}
