package logmetrics

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/filterpattern"
	"github.com/strata-cdk/strata/internal/defaults"
	"github.com/strata-cdk/strata/internal/sorted"
)

// MetricFilterProps configures a MetricFilter.
type MetricFilterProps struct {
	// LogGroup is the log group whose events are looked at: of the standard class, with at most 100 metric filters, 5 of
	// them with a regular expression. For several groups, define a filter for each with the same Namespace and Name.
	// Required.
	LogGroup awslogs.ILogGroup
	// Pattern says which events count, at most 1024 characters: terms, conditions on JSON, or on fields between spaces, as
	// package filterpattern describes. The pattern " ", a space in double quotes, matches every event. Optional terms, with
	// a question mark, go without others, because CloudWatch Logs ignores them then. Required.
	Pattern string
	// Namespace is the namespace of the metric: 1 to 255 characters of printable ASCII, without :, * and $, that do not start
	// with AWS/. Required.
	Namespace string
	// Name is the name of the metric: 1 to 255 characters of printable ASCII, without :, * and $. Required.
	Name string
	// Value is what an event adds to the metric: a number; or what is in the event, as $.latency with a JSON pattern or
	// $bytes, a field of a space-delimited pattern. An event without a number there adds nothing. At most 100 characters.
	// Default: "1", which counts events.
	Value string
	// DefaultValue is the metric's value in a minute with events of which none matches. It goes without Dimensions.
	// Default: nil, such a minute has no value.
	DefaultValue *float64
	// Unit is the unit of the metric.
	// Default: none.
	Unit awscloudwatch.Unit
	// Dimensions are dimensions of the metric by name, with what is in the event for a value, as in Value: at most 3, of names
	// of 1 to 255 characters of printable ASCII that do not start with a colon. Each combination of values is a metric,
	// which is paid for: use what has few values.
	// Default: none.
	Dimensions map[string]string
	// FilterName is the name of the filter: at most 512 characters, without : and *. Another name replaces the filter.
	// Default: a name that CloudFormation makes from the stack's.
	FilterName string
	// ApplyOnTransformedLogs looks at events as the transformer of the log group has made them.
	// Default: false, at events as they arrive.
	ApplyOnTransformedLogs bool
	// Alarm is an alarm on the metric. It goes without Dimensions; make one from Metric for each combination there.
	// Default: none.
	Alarm *Alarm
	// ConfigureFilter edits the L2 props last, after all defaults.
	// Default: no edit.
	ConfigureFilter func(*awslogs.MetricFilterProps)
}

// Alarm is an alarm on the metric of a filter.
type Alarm struct {
	// Topic is told when the alarm fires and when it is over. An encrypted one must let CloudWatch use its key. Required.
	Topic awssns.ITopic
	// Text says what is wrong when the alarm fires, such as "Payments fail". Required.
	Text string
	// Statistic is what of a minute's values is compared: Sum, Average, Minimum, Maximum, SampleCount, or a percentile such as
	// p99.
	// Default: Sum.
	Statistic string
	// Threshold is the highest value that is fine; the lowest one with LessThan.
	// Default: 0, which one event exceeds.
	Threshold float64
	// LessThan makes the alarm fire under Threshold, for what must happen.
	// Default: false.
	LessThan bool
	// Minutes is how many of the last Of minutes must be over or under Threshold; 1 to Of.
	// Default: 1.
	Minutes int
	// Of is how many of the last minutes are looked at; at most 1440, a day.
	// Default: Minutes.
	Of int
	// Missing says what a minute without a value means.
	// Default: awscloudwatch.TreatMissingData_NOT_BREACHING, it is fine; with LessThan, TreatMissingData_BREACHING.
	Missing awscloudwatch.TreatMissingData
}

var statistic = regexp.MustCompile(`^(?:Sum|Average|Minimum|Maximum|SampleCount|p(?:100|[0-9]{1,2}(?:\.[0-9]{1,10})?))$`)

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *MetricFilterProps) Validate() error {
	d, c := p.withDefaults(), check.For("logmetrics.MetricFilterProps")
	c.That(d.LogGroup != nil, "LogGroup", "must be given")
	d.validatePattern(c)
	validateName(c, "Namespace", d.Namespace)
	c.That(!strings.HasPrefix(d.Namespace, "AWS/"), "Namespace", "must not start with AWS/, which is for services of AWS, got %q", d.Namespace)
	validateName(c, "Name", d.Name)
	c.That(len(d.Value) <= 100, "Value", "must be at most 100 characters, got %d", len(d.Value))
	c.That(d.DefaultValue == nil || len(d.Dimensions) == 0, "DefaultValue", "must be left out with Dimensions")
	c.That(len(d.Dimensions) <= 3, "Dimensions", "must be at most 3, got %d", len(d.Dimensions))
	if !check.IsToken(d.FilterName) {
		c.That(len(d.FilterName) <= 512 && !strings.ContainsAny(d.FilterName, ":*"), "FilterName", "must be at most 512 characters, without : and *, got %q", d.FilterName)
	}
	if d.Alarm != nil {
		c.That(len(d.Dimensions) == 0, "Alarm", "must be left out with Dimensions, as each combination of them is a metric of its own")
		d.Alarm.validate(c.At("Alarm"))
	}
	return c.Err()
}

// validatePattern validates the pattern, and what refers to parts of the events that it matches.
func (p *MetricFilterProps) validatePattern(c *check.List) {
	var pattern *filterpattern.Pattern
	if !check.IsToken(p.Pattern) {
		var err error
		pattern, err = filterpattern.Parse(p.Pattern)
		switch {
		case p.Pattern == "":
			c.Add("Pattern", `must be given; the pattern " " in double quotes matches every event`)
			pattern = nil
		case err != nil:
			c.Add("Pattern", "%v", err)
		case pattern.IgnoresOptional():
			c.Add("Pattern", "must have only terms with a question mark or none, as CloudWatch Logs ignores these beside others")
		}
	}
	if _, err := strconv.ParseFloat(p.Value, 64); err != nil || strings.ContainsAny(p.Value, "xXnN_") {
		validateReference(c, "Value", "a number or ", p.Value, pattern)
	}
	for name, value := range sorted.All(p.Dimensions) {
		field := check.Key("Dimensions", name)
		c.That(isText(name, "") && name[0] != ':', field, "must have a name of 1 to 255 characters of printable ASCII that does not start with a colon")
		validateReference(c, field, "", value, pattern)
	}
}

// validateReference validates $.name or $name, also against the pattern where it is known.
func validateReference(c *check.List, field, or, value string, pattern *filterpattern.Pattern) {
	if check.IsToken(value) {
		return
	}
	if !strings.HasPrefix(value, "$") {
		c.Add(field, "must be %s$.name of a JSON pattern or $name of a space-delimited one, got %q", or, value)
	} else if pattern != nil {
		if err := pattern.CheckReference(value); err != nil {
			c.Add(field, "must refer to what the events have, got %q: %v", value, err)
		}
	}
}

func validateName(c *check.List, field, s string) {
	if !check.IsToken(s) {
		c.That(isText(s, ":*$"), field, "must be 1 to 255 characters of printable ASCII, without :, * and $, got %q", s)
	}
}

// isText tells whether s is 1 to 255 characters of printable ASCII, not only spaces, and none of without.
func isText(s, without string) bool {
	return strings.Trim(s, " ") != "" && len(s) <= 255 && !strings.ContainsAny(s, without) &&
		!strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}

func (a *Alarm) validate(c *check.List) {
	c.That(a.Topic != nil, "Topic", "must be given")
	c.That(a.Text != "", "Text", "must be given")
	c.That(statistic.MatchString(a.Statistic), "Statistic", "must be Sum, Average, Minimum, Maximum, SampleCount or a percentile such as p99, got %q", a.Statistic)
	check.Range(c, "Of", a.Of, 1, 1440)
	c.That(1 <= a.Minutes && a.Minutes <= a.Of, "Minutes", "must be between 1 and Of, %d, got %d", a.Of, a.Minutes)
	check.OneOf(c, "Missing", a.Missing, awscloudwatch.TreatMissingData_NOT_BREACHING, awscloudwatch.TreatMissingData_BREACHING,
		awscloudwatch.TreatMissingData_IGNORE, awscloudwatch.TreatMissingData_MISSING)
}

func (p *MetricFilterProps) withDefaults() MetricFilterProps {
	var d MetricFilterProps
	if p != nil {
		d = *p
	}
	defaults.Or(&d.Value, "1")
	if d.Alarm != nil {
		a := *d.Alarm
		defaults.Or(&a.Statistic, "Sum")
		defaults.Or(&a.Minutes, 1)
		defaults.Or(&a.Of, a.Minutes)
		if a.LessThan {
			defaults.Or(&a.Missing, awscloudwatch.TreatMissingData_BREACHING)
		}
		defaults.Or(&a.Missing, awscloudwatch.TreatMissingData_NOT_BREACHING)
		d.Alarm = &a
	}
	return d
}
