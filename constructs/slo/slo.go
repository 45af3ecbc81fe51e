// Package slo defines service level objectives of Amazon CloudWatch Application Signals, with alarms on their burn rates.
//
// A ServiceLevelObjective says which share of requests or of time must be good over an interval, by what Application Signals
// measures of a service, or by any metric of CloudWatch. What may be bad is the budget. Each BurnRate is an alarm of two windows
// that fires when errors use up the budget too fast, and goes to a topic. Application Signals computes the burn rates once a minute.
// An objective costs by the requests or periods that it evaluates; an alarm of two windows is three alarms of CloudWatch.
//
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-ServiceLevelObjectives.html
// https://sre.google/workbook/alerting-on-slos/
package slo

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapplicationsignals"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/encrypted"
	"github.com/strata-cdk/strata/internal/monitor"
)

// ServiceLevelObjective is an objective and the alarms on its burn rates. The fields are the underlying constructs.
type ServiceLevelObjective struct {
	constructs.Construct
	Objective awsapplicationsignals.CfnServiceLevelObjective
	// Name is the objective's name, which its metrics have as the dimension SloName.
	Name string
	// Alarms fire when both windows of a burn rate are over it, in the order of the burn rates.
	Alarms []awscloudwatch.CompositeAlarm
	// AlarmTopic receives the alarms; nil when they are disabled or all have topics of their own.
	AlarmTopic awssns.ITopic
}

// NewServiceLevelObjective defines a ServiceLevelObjective named id in scope. Where Application Signals is not in use in the account
// and region yet, it needs a Discovery there.
// It panics with a *check.Error that lists every invalid field of props.
func NewServiceLevelObjective(scope constructs.Construct, id string, props *ServiceLevelObjectiveProps) *ServiceLevelObjective {
	check.Must(scope.Node().Path(), id, props.Validate())
	p := props.withDefaults()

	o := &ServiceLevelObjective{}
	constructs.NewConstruct_Override(o, scope, &id)
	if o.Name = p.Name; o.Name == "" {
		o.Name = *awscdk.Names_UniqueResourceName(o, &awscdk.UniqueResourceNameOptions{MaxLength: jsii.Number(128), Separator: jsii.String("-")})
	}
	o.Objective = awsapplicationsignals.NewCfnServiceLevelObjective(o, jsii.String("Objective"), p.objective(o.Name))
	if p.DisableAlarms {
		return o
	}
	if o.AlarmTopic = p.AlarmTopic; o.AlarmTopic == nil && slices.ContainsFunc(p.BurnRates, func(b BurnRate) bool { return b.Topic == nil }) {
		if p.Key == nil {
			p.Key = encrypted.NewKey(o, "Alarms of a service level objective ("+*o.Node().Path()+")", p.RemovalPolicy)
		}
		o.AlarmTopic = monitor.NewTopic(o, p.Key)
	}
	for _, b := range p.BurnRates {
		o.Alarms = append(o.Alarms, o.addAlarm(b, p.interval()))
	}
	return o
}

func (p *ServiceLevelObjectiveProps) objective(name string) *awsapplicationsignals.CfnServiceLevelObjectiveProps {
	props := &awsapplicationsignals.CfnServiceLevelObjectiveProps{
		Name: &name, Description: cdkval.Text(p.Description),
		Goal: &awsapplicationsignals.CfnServiceLevelObjective_GoalProperty{
			AttainmentGoal: &p.Goal, WarningThreshold: &p.WarningPercent, Interval: p.intervalProperty(),
		},
		BurnRateConfigurations: p.burnRateConfigurations(),
		ExclusionWindows:       exclusionWindows(p.Exclusions),
	}
	switch {
	case p.Service != nil:
		props.RequestBasedSli = p.Service.sli()
	case p.Requests != nil:
		props.RequestBasedSli = p.Requests.sli()
	default:
		props.Sli = p.Periods.sli()
	}
	if p.ConfigureObjective != nil {
		p.ConfigureObjective(props)
	}
	return props
}

func (p *ServiceLevelObjectiveProps) intervalProperty() *awsapplicationsignals.CfnServiceLevelObjective_IntervalProperty {
	if c := p.Calendar; c != nil {
		return &awsapplicationsignals.CfnServiceLevelObjective_IntervalProperty{
			CalendarInterval: &awsapplicationsignals.CfnServiceLevelObjective_CalendarIntervalProperty{
				StartTime: jsii.Number(c.Start.Unix()), Duration: jsii.Number(c.Count), DurationUnit: jsii.String(string(c.Unit)),
			},
		}
	}
	return &awsapplicationsignals.CfnServiceLevelObjective_IntervalProperty{
		RollingInterval: &awsapplicationsignals.CfnServiceLevelObjective_RollingIntervalProperty{
			Duration: jsii.Number(p.RollingDays), DurationUnit: jsii.String(string(Day)),
		},
	}
}

// burnRateConfigurations has each window once, the shortest first.
func (p *ServiceLevelObjectiveProps) burnRateConfigurations() any {
	if p.DisableAlarms {
		return nil
	}
	windows := map[time.Duration]bool{}
	for _, b := range p.BurnRates {
		windows[b.Long], windows[b.Short] = true, true
	}
	var all []any
	for _, w := range slices.Sorted(maps.Keys(windows)) {
		all = append(all, &awsapplicationsignals.CfnServiceLevelObjective_BurnRateConfigurationProperty{LookBackWindowMinutes: jsii.Number(w.Minutes())})
	}
	return all
}

func exclusionWindows(exclusions []Exclusion) any {
	var all []any
	for _, e := range exclusions {
		window := &awsapplicationsignals.CfnServiceLevelObjective_ExclusionWindowProperty{
			Window: &awsapplicationsignals.CfnServiceLevelObjective_WindowProperty{
				Duration: jsii.Number(e.Duration.Minutes()), DurationUnit: jsii.String("MINUTE"),
			},
			Reason: cdkval.Text(e.Reason),
		}
		if !e.Start.IsZero() {
			window.StartTime = jsii.String(e.Start.UTC().Format(time.RFC3339))
		}
		if e.Every != "" {
			window.RecurrenceRule = &awsapplicationsignals.CfnServiceLevelObjective_RecurrenceRuleProperty{Expression: &e.Every}
		}
		all = append(all, window)
	}
	if all == nil {
		return nil
	}
	return all
}

func (s *Service) sli() *awsapplicationsignals.CfnServiceLevelObjective_RequestBasedSliProperty {
	metric := &awsapplicationsignals.CfnServiceLevelObjective_RequestBasedSliMetricProperty{
		KeyAttributes: map[string]string{"Type": "Service", "Name": s.Name, "Environment": s.Environment},
		OperationName: cdkval.Text(s.Operation), MetricType: jsii.String("AVAILABILITY"),
	}
	sli := &awsapplicationsignals.CfnServiceLevelObjective_RequestBasedSliProperty{RequestBasedSliMetric: metric}
	if s.LatencyBelow > 0 {
		metric.MetricType = jsii.String("LATENCY")
		sli.ComparisonOperator, sli.MetricThreshold = jsii.String(string(LessThan)), jsii.Number(s.LatencyBelow.Milliseconds())
	}
	return sli
}

func (r *Requests) sli() *awsapplicationsignals.CfnServiceLevelObjective_RequestBasedSliProperty {
	monitored := &awsapplicationsignals.CfnServiceLevelObjective_MonitoredRequestCountMetricProperty{}
	if r.Good != nil {
		monitored.GoodCountMetric = queries("good", r.Good)
	} else {
		monitored.BadCountMetric = queries("bad", r.Bad)
	}
	return &awsapplicationsignals.CfnServiceLevelObjective_RequestBasedSliProperty{
		RequestBasedSliMetric: &awsapplicationsignals.CfnServiceLevelObjective_RequestBasedSliMetricProperty{
			TotalRequestCountMetric: queries("total", r.Total), MonitoredRequestCountMetric: monitored,
		},
	}
}

func (d *Periods) sli() *awsapplicationsignals.CfnServiceLevelObjective_SliProperty {
	return &awsapplicationsignals.CfnServiceLevelObjective_SliProperty{
		SliMetric:          &awsapplicationsignals.CfnServiceLevelObjective_SliMetricProperty{MetricDataQueries: queries("value", d.Metric), PeriodSeconds: jsii.Number(d.Period.Seconds())},
		ComparisonOperator: jsii.String(string(d.Comparison)), MetricThreshold: &d.Threshold,
	}
}

// queries are those of a metric, or of an expression and, after it, what it is made of. The first one has the given id and is what
// they are for.
func queries(id string, metric awscloudwatch.IMetric) []any {
	query := &awsapplicationsignals.CfnServiceLevelObjective_MetricDataQueryProperty{Id: &id, ReturnData: jsii.Bool(true)}
	all := []any{query}
	config := metric.ToMetricConfig()
	if config.MathExpression == nil {
		query.MetricStat, query.AccountId = metricStat(config.MetricStat), config.MetricStat.AccountOverride
		return all
	}
	query.Expression = config.MathExpression.Expression
	using := *config.MathExpression.UsingMetrics
	for _, name := range slices.Sorted(maps.Keys(using)) {
		parts := queries(name, using[name])
		parts[0].(*awsapplicationsignals.CfnServiceLevelObjective_MetricDataQueryProperty).ReturnData = jsii.Bool(false)
		all = append(all, parts...)
	}
	return all
}

func metricStat(m *awscloudwatch.MetricStatConfig) *awsapplicationsignals.CfnServiceLevelObjective_MetricStatProperty {
	dimensions := []any{}
	if m.Dimensions != nil {
		for _, d := range *m.Dimensions {
			value, _ := d.Value.(string)
			dimensions = append(dimensions, &awsapplicationsignals.CfnServiceLevelObjective_DimensionProperty{Name: d.Name, Value: &value})
		}
	}
	return &awsapplicationsignals.CfnServiceLevelObjective_MetricStatProperty{
		Metric: &awsapplicationsignals.CfnServiceLevelObjective_MetricProperty{Namespace: m.Namespace, MetricName: m.MetricName, Dimensions: dimensions},
		Period: m.Period.ToSeconds(nil), Stat: m.Statistic,
	}
}

// addAlarm defines the alarm on a burn rate, and those on its windows, which tell nobody.
func (o *ServiceLevelObjective) addAlarm(b BurnRate, interval time.Duration) awscloudwatch.CompositeAlarm {
	rate := b.Rate(interval)
	var both []awscloudwatch.IAlarmRule
	for field, window := range b.windows() {
		both = append(both, awscloudwatch.AlarmRule_FromAlarm(monitor.NewAlarm(o, monitor.Watch{
			ID: b.Name + field, Text: fmt.Sprintf("The burn rate of the last %s is above %.4g", text(window), rate),
			Metric: o.BurnRate(window), Threshold: rate, Minutes: 1, Of: 1,
		}, nil), awscloudwatch.AlarmState_ALARM))
	}
	alarm := awscloudwatch.NewCompositeAlarm(o, &b.Name, &awscloudwatch.CompositeAlarmProps{
		AlarmRule: awscloudwatch.AlarmRule_AllOf(both...),
		AlarmDescription: jsii.String(fmt.Sprintf("Errors use up %g %% of the budget within %s, and went on for the last %s (%s)",
			b.BudgetPercent, text(b.Long), text(b.Short), *o.Node().Path())),
	})
	topic := cmp.Or(b.Topic, o.AlarmTopic)
	// What awscloudwatchactions would do, without compiling the five services that it knows.
	resource := alarm.Node().DefaultChild().(awscloudwatch.CfnCompositeAlarm)
	resource.SetAlarmActions(&[]*string{topic.TopicArn()})
	resource.SetOkActions(&[]*string{topic.TopicArn()})
	return alarm
}

// BurnRate gives the metric of the burn rate of a window, with a value a minute: the share of errors in the last minutes, as a
// multiple of that which uses up the budget in the interval. Metrics are there for the windows of the BurnRates.
func (o *ServiceLevelObjective) BurnRate(window time.Duration) awscloudwatch.IMetric {
	return o.metric("BurnRate", "Maximum", map[string]*string{
		"SloName": &o.Name, "BurnRateWindowMinutes": jsii.String(strconv.Itoa(int(window.Minutes()))),
	})
}

// AttainmentRate gives the metric of the share that was good in the interval, in percent, with a value a minute.
func (o *ServiceLevelObjective) AttainmentRate() awscloudwatch.IMetric {
	return o.metric("AttainmentRate", "Average", map[string]*string{"SloName": &o.Name})
}

func (o *ServiceLevelObjective) metric(name, statistic string, dimensions map[string]*string) awscloudwatch.IMetric {
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace: jsii.String("AWS/ApplicationSignals"), MetricName: &name, Statistic: &statistic, Period: cdkval.Duration(time.Minute),
		DimensionsMap: &dimensions,
	})
}

// Discovery lets Application Signals find the services of an account and region, with the service-linked role
// AWSServiceRoleForCloudWatchApplicationSignals. Define it once for an account and region.
type Discovery struct {
	constructs.Construct
	Discovery awsapplicationsignals.CfnDiscovery
}

// NewDiscovery defines a Discovery named id in scope.
func NewDiscovery(scope constructs.Construct, id string) *Discovery {
	d := &Discovery{}
	constructs.NewConstruct_Override(d, scope, &id)
	d.Discovery = awsapplicationsignals.NewCfnDiscovery(d, jsii.String("Discovery"), &awsapplicationsignals.CfnDiscoveryProps{})
	return d
}

// Account is the account whose services are found.
func (d *Discovery) Account() *string { return d.Discovery.AttrAccountId() }
