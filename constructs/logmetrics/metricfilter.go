// Package logmetrics makes metrics of what is in logs: metric filters of Amazon CloudWatch Logs, whose patterns are checked
// before anything is deployed, and Contributor Insights rules, which rank who or what causes most of it.
//
// A metric filter looks at each event when it arrives in a log group, and adds to a metric for those that match. A rule looks
// at the events of one or more log groups, groups those that match by up to four of their fields, and keeps the top
// contributors.
//
// It protects: a pattern with a mistake, or a value and dimensions that the messages cannot have, are errors at synth with
// the column; an alarm on a metric that nobody writes is refused; so are more filters than a log group has.
//
// It costs, in us-east-1: a filter 0.30 USD a month for its metric, for each combination of dimensions; a rule 0.50 USD a
// month, and 0.02 USD for a million events that match.
//
// See https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/MonitoringLogData.html and
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/ContributorInsights.html
package logmetrics

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/filterpattern"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/monitor"
)

// MetricFilter is a metric filter on a log group, with the alarm on its metric. The fields are the underlying constructs.
type MetricFilter struct {
	constructs.Construct
	// Filter is the metric filter.
	Filter awslogs.MetricFilter
	// Alarm is the alarm on the metric; nil without one.
	Alarm awscloudwatch.Alarm
}

// NewMetricFilter defines a MetricFilter named id in scope.
// It panics with a *check.Error that lists every invalid field of props.
func NewMetricFilter(scope constructs.Construct, id string, props *MetricFilterProps) *MetricFilter {
	check.Must(scope.Node().Path(), id, props.Validate())
	p := props.withDefaults()

	f := &MetricFilter{}
	constructs.NewConstruct_Override(f, scope, &id)
	l2 := &awslogs.MetricFilterProps{
		LogGroup:        p.LogGroup,
		FilterName:      cdkval.Text(p.FilterName),
		FilterPattern:   awslogs.FilterPattern_Literal(&p.Pattern),
		MetricNamespace: &p.Namespace,
		MetricName:      &p.Name,
		MetricValue:     &p.Value,
		DefaultValue:    p.DefaultValue,
		Unit:            p.Unit,
		Dimensions:      cdkval.TextMap(p.Dimensions),
	}
	if p.ApplyOnTransformedLogs {
		l2.ApplyOnTransformedLogs = jsii.Bool(true)
	}
	if p.ConfigureFilter != nil {
		p.ConfigureFilter(l2)
	}
	f.Filter = awslogs.NewMetricFilter(f, jsii.String("Filter"), l2)
	count(p.LogGroup, &p)
	if a := p.Alarm; a != nil {
		f.Alarm = monitor.NewAlarm(f, monitor.Watch{
			ID: "Alarm", Text: a.Text, Metric: f.Metric(a.Statistic, nil), Threshold: a.Threshold, LessThan: a.LessThan,
			Minutes: a.Minutes, Of: a.Of, Missing: a.Missing,
		}, a.Topic)
	}
	return f
}

// Metric is the metric that the filter writes, with a value a minute of a statistic, such as "Sum" or "p99". Where the
// filter has dimensions, give the value of each: every combination is a metric of its own.
func (f *MetricFilter) Metric(statistic string, dimensions map[string]string) awscloudwatch.Metric {
	options := monitor.PerMinute(statistic)
	options.DimensionsMap = cdkval.TextMap(dimensions)
	return f.Filter.Metric(options)
}

// Quotas of a log group.
const (
	maxFilters      = 100
	maxRegexFilters = 5
)

// quota counts the metric filters of a log group. It defines no resource.
type quota struct {
	constructs.Construct
	group            awslogs.ILogGroup
	filters, regexes int
}

// count adds a filter to those of a log group.
func count(group awslogs.ILogGroup, p *MetricFilterProps) {
	stack := awscdk.Stack_Of(group)
	id := jsii.String("StrataMetricFilters-" + *group.Node().Addr())
	q, ok := stack.Node().TryFindChild(id).(*quota)
	if !ok {
		q = &quota{group: group}
		constructs.NewConstruct_Override(q, stack, id)
		q.Node().AddValidation(q)
	}
	q.filters++
	if !check.IsToken(p.Pattern) {
		if pattern, err := filterpattern.Parse(p.Pattern); err == nil && pattern.Regexes() > 0 {
			q.regexes++
		}
	}
}

// Validate reports, at synth, what the log group cannot have.
func (q *quota) Validate() *[]*string {
	var problems []string
	path := *q.group.Node().Path()
	if q.filters > maxFilters {
		problems = append(problems, fmt.Sprintf("the log group %s has at most %d metric filters, got %d", path, maxFilters, q.filters))
	}
	if q.regexes > maxRegexFilters {
		problems = append(problems, fmt.Sprintf("the log group %s has at most %d filters with a regular expression, got %d", path, maxRegexFilters, q.regexes))
	}
	if l1, ok := q.group.Node().DefaultChild().(awslogs.CfnLogGroup); ok {
		if class := l1.LogGroupClass(); class != nil && *class != string(awslogs.LogGroupClass_STANDARD) && !check.IsToken(*class) {
			problems = append(problems, fmt.Sprintf("the log group %s is of the class %s, which has no metric filters", path, *class))
		}
	}
	return jsii.Strings(problems...)
}
