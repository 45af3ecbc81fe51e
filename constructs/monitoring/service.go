package monitoring

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// services is what a Monitor knows, in the order of the sections of its dashboard. A type of resource may be listed more
// than once, with conditions that leave one of them.
var services = slices.Concat(
	balancerServices,
	apiServices,
	ecsServices,
	lambdaServices,
	queueServices,
	topicServices,
	tableServices,
	streamServices,
	workflowServices,
	databaseServices,
	clusterServices,
	storageServices,
	instanceServices,
	kubernetesServices,
	edgeServices,
	networkServices,
)

// service is what a Monitor knows of one type of resource.
type service struct {
	// kind is the type of CloudFormation, such as "AWS::Lambda::Function".
	kind string
	// title is the heading of the section on the dashboard, such as "Lambda functions".
	title string
	// namespace of the metrics, such as "AWS/Lambda".
	namespace string
	// region has the metrics of a global service, such as "us-east-1": elsewhere there are graphs and no alarms.
	// Default: the region of the resource.
	region string
	// dimensions of the metrics. A resource without a value for one of them has none of the metrics.
	dimensions []dimension
	// page of AWS that names the metrics and their dimensions.
	page string
	// when tells whether a resource of the type is meant.
	// Default: each is.
	when func(*resource) bool
	// metrics in the order of the graphs.
	metrics []metric
}

// metric is a metric of a resource, or an expression over some.
type metric struct {
	// name is unique among those of the type: with it, it is the key of overrides.
	name string
	// metricName is that in CloudWatch.
	// Default: name.
	metricName string
	// namespace and dimensions.
	// Default: those of the service.
	namespace  string
	dimensions []dimension
	// statistic such as "Sum" or "p99".
	statistic string
	// period of a datapoint.
	// Default: a minute.
	period time.Duration
	// unit of the value, for people: "ms", "%", "messages".
	unit string
	// expression is metric math, in which {name} stands for the metric of that name in using. At most 10 fit in an alarm.
	// Default: none, it is a metric.
	expression string
	using      []metric
	// graph is the title of the widget that draws it, with the other metrics of the resource that have the same. Required.
	graph string
	// alarm on it.
	// Default: none, it is only drawn.
	alarm *alarm
	// when tells whether a resource has the metric.
	// Default: each has.
	when func(*resource) bool
}

// alarm is the alarm that a metric has by default.
type alarm struct {
	// text says what is wrong, for people who do not know the metric: "Invocations fail".
	text string
	// threshold is the highest value that is fine; the lowest one with lessThan.
	threshold float64
	// from works the threshold out of the properties of the resource; false means that they don't tell, and leaves the alarm
	// out unless an override has a threshold.
	// Default: threshold.
	from func(*resource) (float64, bool)
	// thresholdText says what from does: "80 % of the function's timeout". Required with from.
	thresholdText string
	// lessThan makes the alarm fire below the threshold.
	lessThan bool
	// datapoints among the last of must be beyond the threshold.
	datapoints, of int
	// missing says what a period without data means: "breaching", "ignore", "missing" or "notBreaching".
	// Default: "notBreaching", it is fine.
	missing string
	// severity of the alarm.
	severity Severity
	// reason says why the threshold is what it is, in a sentence.
	reason string
}

// dimension is a dimension of a metric. Its value may be a token; it is empty when the resource has none.
type dimension struct {
	name  string
	value func(*resource) string
}

// byRef is a dimension whose value is the Ref of the resource.
func byRef(name string) dimension {
	return dimension{name, func(r *resource) string { return r.ref() }}
}

// byAttribute is a dimension whose value is an attribute of the resource.
func byAttribute(name, attribute string) dimension {
	return dimension{name, func(r *resource) string { return r.attribute(attribute) }}
}

// byProperty is a dimension whose value is a property of the resource, by the names on the way to it.
func byProperty(name string, path ...string) dimension {
	return dimension{name, func(r *resource) string { return r.rawText(path...) }}
}

// fixed is a dimension whose value is the same for all resources.
func fixed(name, value string) dimension {
	return dimension{name, func(*resource) string { return value }}
}

func (s *service) matches(r *resource) bool { return s.kind == r.kind && (s.when == nil || s.when(r)) }

func (s *service) key(m *metric) string { return s.kind + "/" + m.name }

// complete gives m with the defaults of its service.
func (s *service) complete(m metric) metric {
	if m.metricName == "" {
		m.metricName = m.name
	}
	if m.namespace == "" {
		m.namespace = s.namespace
	}
	if m.dimensions == nil {
		m.dimensions = s.dimensions
	}
	if m.period == 0 {
		m.period = time.Minute
	}
	m.using = slices.Clone(m.using)
	for i := range m.using {
		u := &m.using[i]
		u.period = m.period
		if u.dimensions == nil {
			u.dimensions = m.dimensions
		}
		if u.namespace == "" {
			u.namespace = m.namespace
		}
		*u = s.complete(*u)
	}
	return m
}

// expressionWith gives the expression with names in place of those of the metrics that it uses.
func (m *metric) expressionWith(name func(string) string) string {
	text := m.expression
	for i := range m.using {
		text = strings.ReplaceAll(text, "{"+m.using[i].name+"}", name(m.using[i].name))
	}
	return text
}

// parts are the metrics of CloudWatch that m is made of.
func (m *metric) parts() []metric {
	if m.expression == "" {
		return []metric{*m}
	}
	return m.using
}

// Entry is a metric that a Monitor knows, with the alarm that it makes by default.
type Entry struct {
	// Type of the resource, such as "AWS::Lambda::Function", and the Name of the metric, such as "Throttles", or of an
	// expression over metrics. Key is both, as Overrides take it: "AWS::Lambda::Function/Throttles".
	Type, Name, Key string
	// Service is the heading on the dashboard, and Graph the title of the widget.
	Service, Graph string
	// Namespace, Dimensions, Statistic and Period are those of CloudWatch. Statistic is empty for an expression over several.
	Namespace  string
	Dimensions []string
	Statistic  string
	Period     time.Duration
	// Unit of the value.
	Unit string
	// Expression is metric math, in which the metrics that it uses stand in braces. It is empty for a metric.
	Expression string
	// Page of AWS that names the metric.
	Page string

	// Alarm tells whether there is an alarm by default. What follows is empty without it.
	Alarm bool
	// Text says what is wrong when the alarm fires.
	Text string
	// Threshold says when it fires: "above 80 % of the function's timeout".
	Threshold string
	// Datapoints among the last Of periods must be beyond the threshold.
	Datapoints, Of int
	// Missing says what a period without data means to the alarm.
	Missing string
	// Severity of the alarm.
	Severity Severity
	// Reason of the threshold.
	Reason string
	// RunbookAnchor is what follows # in the address of the runbook.
	RunbookAnchor string
}

// Catalog lists every metric that a Monitor knows, in the order of the dashboard. It is pure Go: no construct is made.
func Catalog() []Entry {
	var entries []Entry
	for i := range services {
		s := &services[i]
		for _, m := range s.metrics {
			entries = append(entries, s.entry(s.complete(m)))
		}
	}
	return entries
}

func (s *service) entry(m metric) Entry {
	e := Entry{
		Type: s.kind, Name: m.name, Key: s.key(&m), Service: s.title, Graph: m.graph, Namespace: m.namespace, Period: m.period,
		Unit: m.unit, Page: s.page,
	}
	names, statistics := map[string]bool{}, map[string]bool{}
	for _, part := range m.parts() {
		names[part.metricName], statistics[part.statistic] = true, true
		for _, d := range part.dimensions {
			if !slices.Contains(e.Dimensions, d.name) {
				e.Dimensions = append(e.Dimensions, d.name)
			}
		}
		e.Statistic = part.statistic
	}
	if len(statistics) > 1 {
		e.Statistic = ""
	}
	e.Expression = m.expression
	for _, part := range m.using {
		if len(names) == len(m.using) { // else the names here tell apart what is one metric in CloudWatch
			e.Expression = strings.ReplaceAll(e.Expression, "{"+part.name+"}", "{"+part.metricName+"}")
		}
	}
	if a := m.alarm; a != nil {
		e.Alarm, e.Text, e.Datapoints, e.Of, e.Missing, e.Severity, e.Reason = true, a.text, a.datapoints, a.of, a.missingData(), a.severity, a.reason
		text := a.thresholdText
		if a.from == nil {
			text = quantity(a.threshold, m.unit)
		}
		e.Threshold = side(a.lessThan) + " " + text
		e.RunbookAnchor = anchor(e.Key)
	}
	return e
}

func (a *alarm) missingData() string {
	if a.missing == "" {
		return "notBreaching"
	}
	return a.missing
}

func side(lessThan bool) string {
	if lessThan {
		return "below"
	}
	return "above"
}

func quantity(v float64, unit string) string {
	return strings.TrimSpace(strconv.FormatFloat(v, 'f', -1, 64) + " " + unit)
}

// anchor turns a key into the part of an address after #: "aws-lambda-function-throttles".
func anchor(key string) string {
	return strings.ToLower(strings.NewReplacer("::", "-", "/", "-").Replace(key))
}

// within says in how many periods, and of what length, something must be so.
func within(datapoints, of int, period time.Duration) string {
	length := fmt.Sprintf("%d s", int(period.Seconds()))
	if period%time.Minute == 0 {
		length = fmt.Sprintf("%d min", int(period.Minutes()))
	}
	return fmt.Sprintf("in %d of %d periods of %s", datapoints, of, length)
}
