package logmetrics

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/awsid"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/sorted"
)

// ContributorRuleProps configures a ContributorRule.
type ContributorRuleProps struct {
	// Name is the name of the rule: 1 to 128 characters of printable ASCII, without double quotes. Another name replaces the
	// rule, and its history is lost.
	// Default: the path of the construct, and a hash of it.
	Name string
	// LogGroups are the log groups whose events are looked at.
	// Default: none; LogGroups, LogGroupNames or LogGroupARNs must be given.
	LogGroups []awslogs.ILogGroup
	// LogGroupNames are names of more log groups, or beginnings of names, with a * at the end. Each event that matches is paid
	// for, so a short beginning may be dear.
	// Default: none.
	LogGroupNames []string
	// LogGroupARNs are ARNs of log groups of other accounts, for a rule in a monitoring account of cross-account observability,
	// such as "arn:aws:logs:eu-central-1:*:log-group:/shop/*". They go without LogGroups and LogGroupNames.
	// Default: none.
	LogGroupARNs []string
	// CLF reads events as the Common Log Format, fields with spaces between them, whose names are their positions, "1", "2" and
	// so on, or those that Fields gives them.
	// Default: false, events are JSON objects, whose fields are written as $.user.id or $.ids[0].
	CLF bool
	// Fields are names of fields by their position from 1. They need CLF.
	// Default: none.
	Fields map[int]string
	// Keys are 1 to 4 fields; each combination of their values is a contributor. Required.
	Keys []string
	// ValueOf is a field with numbers; contributors are ranked by their sum.
	// Default: none, contributors are ranked by how many events they have.
	ValueOf string
	// Filters are conditions that events meet all of; at most 4.
	// Default: none, all events count.
	Filters []Filter
	// Disabled keeps the rule from looking at events.
	// Default: false.
	Disabled bool
	// ApplyOnTransformedLogs looks at events as the transformer of the log group has made them.
	// Default: false, at events as they arrive.
	ApplyOnTransformedLogs bool
	// ConfigureRule edits the L1 props last, after all defaults.
	// Default: no edit.
	ConfigureRule func(*awscloudwatch.CfnInsightRuleProps)
}

// Filter is a condition on a field of an event. It has exactly one of the fields after Field.
type Filter struct {
	// Field is the field that is looked at. Required.
	Field string
	// In are values of which the field has one; at most 10.
	In []string
	// NotIn are values of which the field has none; at most 10.
	NotIn []string
	// StartsWith are beginnings of which the field has one; at most 10.
	StartsWith []string
	// GreaterThan, LessThan, EqualTo and NotEqualTo are numbers that the field's is compared with.
	GreaterThan, LessThan, EqualTo, NotEqualTo *float64
	// Present and Absent say that the field is there, or not; of JSON, only one that is neither an object nor an array.
	Present, Absent bool
}

// Limits of rules.
const (
	maxKeys        = 4
	maxRuleFilters = 4
	maxValues      = 10
	maxBody        = 8192
)

var (
	groupName = regexp.MustCompile(`^[._/#A-Za-z0-9-]{1,512}\*?$`)
	groupARN  = regexp.MustCompile(`^arn:[a-z-]+:logs:[a-z0-9-]+:(?:\*|[0-9]{12}):log-group[:/][._/#A-Za-z0-9-]{1,512}\*?$`)
	jsonField = regexp.MustCompile(`^\$(?:\.[A-Za-z0-9_-]+(?:\[[0-9]+\])*)+$`)
	position  = regexp.MustCompile(`^[1-9][0-9]*$`)
)

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *ContributorRuleProps) Validate() error {
	var d ContributorRuleProps
	if p != nil {
		d = *p
	}
	c := check.For("logmetrics.ContributorRuleProps")
	if d.Name != "" && !check.IsToken(d.Name) {
		c.That(isText(d.Name, `"`) && len(d.Name) <= 128, "Name", "must be 1 to 128 characters of printable ASCII, without double quotes, got %q", d.Name)
	}
	d.validateGroups(c)
	for at, name := range sorted.All(d.Fields) {
		field := fmt.Sprintf("Fields[%d]", at)
		c.That(at >= 1, field, "must be a position from 1")
		c.That(isText(name, "") && !strings.HasPrefix(name, "$") && !position.MatchString(name), field, "must be a name of printable ASCII that is no number and does not start with $, got %q", name)
	}
	c.That(d.CLF || len(d.Fields) == 0, "Fields", "must be left out without CLF")
	check.Range(c, "Keys", len(d.Keys), 1, maxKeys)
	for i, key := range d.Keys {
		d.validateField(c, check.Index("Keys", i), key)
	}
	awsid.OnceEach(c, "Keys", d.Keys)
	if d.ValueOf != "" {
		d.validateField(c, "ValueOf", d.ValueOf)
	}
	c.That(len(d.Filters) <= maxRuleFilters, "Filters", "must be at most %d, got %d", maxRuleFilters, len(d.Filters))
	for i, f := range d.Filters {
		c := c.At(check.Index("Filters", i))
		d.validateField(c, "Field", f.Field)
		f.validate(c)
	}
	if body, err := json.Marshal(d.body(nil)); err == nil {
		c.That(len(body) <= maxBody, "", "must be at most %d bytes as JSON, got %d", maxBody, len(body))
	}
	return c.Err()
}

func (p *ContributorRuleProps) validateGroups(c *check.List) {
	named := len(p.LogGroups) + len(p.LogGroupNames)
	c.That(named+len(p.LogGroupARNs) > 0, "LogGroups", "must be given, or LogGroupNames or LogGroupARNs")
	c.That(named == 0 || len(p.LogGroupARNs) == 0, "LogGroupARNs", "must be left out with LogGroups and LogGroupNames")
	for i, g := range p.LogGroups {
		c.That(g != nil, check.Index("LogGroups", i), "must be given")
	}
	for i, name := range p.LogGroupNames {
		c.That(groupName.MatchString(name) || check.IsToken(name), check.Index("LogGroupNames", i), "must be the name of a log group, or its beginning and *, got %q", name)
	}
	awsid.OnceEach(c, "LogGroupNames", p.LogGroupNames)
	for i, arn := range p.LogGroupARNs {
		c.That(groupARN.MatchString(arn) || check.IsToken(arn), check.Index("LogGroupARNs", i), "must be the ARN of log groups, got %q", arn)
	}
	awsid.OnceEach(c, "LogGroupARNs", p.LogGroupARNs)
}

// validateField validates a reference to a field of the events.
func (p *ContributorRuleProps) validateField(c *check.List, field, name string) {
	if check.IsToken(name) {
		return
	}
	if !p.CLF {
		c.That(jsonField.MatchString(name), field, "must be a field such as $.user.id or $.ids[0], got %q", name)
		return
	}
	for _, alias := range p.Fields {
		if name == alias {
			return
		}
	}
	c.That(position.MatchString(name), field, "must be a name in Fields or a position from 1, got %q", name)
}

func (f *Filter) validate(c *check.List) {
	conditions := len(f.conditions())
	if f.Present && f.Absent {
		conditions++ // they are one in a rule
	}
	c.That(conditions == 1, "", "must have exactly one condition, got %d", conditions)
	for name, v := range sorted.All(f.numbers()) {
		if v != nil {
			c.That(!math.IsNaN(*v) && !math.IsInf(*v, 0), name, "must be finite, got %v", *v)
		}
	}
	for name, values := range sorted.All(f.lists()) {
		c.That(len(values) <= maxValues, name, "must be at most %d, got %d", maxValues, len(values))
		for i, v := range values {
			c.That(v != "" && !strings.ContainsFunc(v, func(r rune) bool { return r > 0x7f }), check.Index(name, i), "must be ASCII and not empty, got %q", v)
		}
	}
}

func (f *Filter) lists() map[string][]string {
	return map[string][]string{"In": f.In, "NotIn": f.NotIn, "StartsWith": f.StartsWith}
}

func (f *Filter) numbers() map[string]*float64 {
	return map[string]*float64{"GreaterThan": f.GreaterThan, "LessThan": f.LessThan, "EqualTo": f.EqualTo, "NotEqualTo": f.NotEqualTo}
}

// conditions are the condition, under its name in a rule; more or none where the filter is invalid.
func (f *Filter) conditions() map[string]any {
	all := map[string]any{}
	for name, values := range f.lists() {
		if len(values) > 0 {
			all[name] = values
		}
	}
	for name, v := range f.numbers() {
		if v != nil {
			all[name] = *v
		}
	}
	if f.Present {
		all["IsPresent"] = true
	}
	if f.Absent {
		all["IsPresent"] = false
	}
	return all
}

// body is the definition of the rule, on log groups with the given names besides those in LogGroupNames.
func (p *ContributorRuleProps) body(names []string) map[string]any {
	contribution := map[string]any{"Keys": p.Keys}
	body := map[string]any{
		"Schema":       map[string]any{"Name": "CloudWatchLogRule", "Version": 1},
		"LogFormat":    "JSON",
		"Contribution": contribution,
		"AggregateOn":  "Count",
	}
	if len(p.LogGroupARNs) > 0 {
		body["LogGroupARNs"] = p.LogGroupARNs
	} else {
		body["LogGroupNames"] = append(names, p.LogGroupNames...)
	}
	if p.CLF {
		body["LogFormat"] = "CLF"
	}
	if len(p.Fields) > 0 {
		fields := map[string]any{}
		for at, name := range p.Fields {
			fields[strconv.Itoa(at)] = name
		}
		body["Fields"] = fields
	}
	if p.ValueOf != "" {
		contribution["ValueOf"] = p.ValueOf
		body["AggregateOn"] = "Sum"
	}
	filters := make([]any, len(p.Filters))
	for i, f := range p.Filters {
		filter := f.conditions()
		filter["Match"] = f.Field
		filters[i] = filter
	}
	if len(filters) > 0 {
		contribution["Filters"] = filters
	}
	return body
}

// ContributorRule is a Contributor Insights rule: CloudWatch shows the top contributors of its log groups, by how many
// events they have or by the sum of a field.
type ContributorRule struct {
	constructs.Construct
	// Rule is the rule.
	Rule awscloudwatch.CfnInsightRule
}

// NewContributorRule defines a ContributorRule named id in scope.
// It panics with a *check.Error that lists every invalid field of props.
func NewContributorRule(scope constructs.Construct, id string, props *ContributorRuleProps) *ContributorRule {
	check.Must(scope.Node().Path(), id, props.Validate())
	p := *props

	r := &ContributorRule{}
	constructs.NewConstruct_Override(r, scope, &id)
	names := make([]string, len(p.LogGroups))
	for i, group := range p.LogGroups {
		names[i] = *group.LogGroupName()
	}
	l1 := &awscloudwatch.CfnInsightRuleProps{
		RuleName:  cdkval.Text(p.Name),
		RuleBody:  awscdk.Stack_Of(r).ToJsonString(p.body(names), nil),
		RuleState: jsii.String("ENABLED"),
	}
	if l1.RuleName == nil {
		l1.RuleName = awscdk.Names_UniqueResourceName(r, &awscdk.UniqueResourceNameOptions{MaxLength: jsii.Number(128), Separator: jsii.String("-")})
	}
	if p.Disabled {
		l1.RuleState = jsii.String("DISABLED")
	}
	if p.ApplyOnTransformedLogs {
		l1.ApplyOnTransformedLogs = true
	}
	if p.ConfigureRule != nil {
		p.ConfigureRule(l1)
	}
	r.Rule = awscloudwatch.NewCfnInsightRule(r, jsii.String("Rule"), l1)
	return r
}

// Insight is a number about all contributors of a rule.
type Insight string

const (
	// UniqueContributors is the number of contributors.
	UniqueContributors Insight = "UniqueContributors"
	// MaxContributorValue is the value of the top contributor.
	MaxContributorValue Insight = "MaxContributorValue"
	// SampleCount is the number of events that match.
	SampleCount Insight = "SampleCount"
	// Sum is the sum of the values of all contributors.
	Sum Insight = "Sum"
)

// Metric is a number about the rule's contributors as a metric with a value a minute, for alarms and dashboards.
//
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/ContributorInsights-GraphReportData.html
func (r *ContributorRule) Metric(insight Insight) awscloudwatch.MathExpression {
	return awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
		Expression: jsii.String(fmt.Sprintf("INSIGHT_RULE_METRIC(%q, %q)", *r.Rule.AttrRuleName(), insight)),
		Label:      jsii.String(string(insight)),
		Period:     cdkval.Duration(time.Minute),
	})
}
