package slo

import (
	"fmt"
	"iter"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapplicationsignals"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/defaults"
)

// Service is what Application Signals measures of a service that it knows: the share of requests without a fault, or of those
// that are fast.
type Service struct {
	// Name is the service's name, as Application Signals shows it. Required.
	Name string
	// Environment is where the service runs, as Application Signals shows it, such as "ecs:my-cluster" or "lambda:default".
	// Required.
	Environment string
	// Operation is an operation of the service, such as "GET /orders"; up to 255 characters.
	// Default: none, all operations.
	Operation string
	// LatencyBelow is how long an answer may take to be good, in whole milliseconds.
	// Default: 0, requests without a fault are good, whatever they take.
	LatencyBelow time.Duration
}

// Requests counts requests with metrics of CloudWatch, whatever their unit. Exactly one of Good and Bad is required.
type Requests struct {
	// Total counts all requests, such as the sum of RequestCount of a load balancer. Required.
	Total awscloudwatch.IMetric
	// Good counts those that are good.
	Good awscloudwatch.IMetric
	// Bad counts those that are not, such as the sum of HTTPCode_Target_5XX_Count.
	Bad awscloudwatch.IMetric
}

// Comparison is how the value of a period that is good compares with the threshold.
type Comparison string

// The comparisons.
const (
	LessThan             Comparison = "LessThan"
	LessThanOrEqualTo    Comparison = "LessThanOrEqualTo"
	GreaterThan          Comparison = "GreaterThan"
	GreaterThanOrEqualTo Comparison = "GreaterThanOrEqualTo"
)

// Periods calls a period of time good by a metric of CloudWatch, such as the 99th percentile of a latency. Its values
// count whatever their unit.
type Periods struct {
	// Metric is a metric, or an expression over metrics. Required.
	Metric awscloudwatch.IMetric
	// Comparison is how Metric compares with Threshold in a good period: LessThan, LessThanOrEqualTo, GreaterThan or
	// GreaterThanOrEqualTo.
	// Default: LessThanOrEqualTo.
	Comparison Comparison
	// Threshold is in the unit of Metric.
	// Default: 0.
	Threshold float64
	// Period is the length of a period, in whole minutes, 1 to 15.
	// Default: 1 min.
	Period time.Duration
}

// Unit is a unit of a calendar.
type Unit string

// The units.
const (
	Day   Unit = "DAY"
	Month Unit = "MONTH"
)

// Calendar starts each interval at a certain time, with a new budget.
type Calendar struct {
	// Start is when the first interval starts, in whole seconds, after 2000. Required.
	Start time.Time
	// Unit is Day or Month.
	// Default: Month.
	Unit Unit
	// Count is the length of an interval in Units, 1 to 366 days or 1 to 12 months.
	// Default: 1.
	Count int
}

// BurnRate is a pace of errors at which somebody is told: that which uses up BudgetPercent of the budget of the interval within
// Long. An alarm fires when both windows are over it: Long, so that it matters, and Short, so that it goes on and the alarm
// ends soon after it ends.
type BurnRate struct {
	// Name is the construct id of the alarm: a letter, then letters and digits. Required.
	Name string
	// BudgetPercent is the share of the budget of the whole interval, above 0 up to 100. The pace must be 1 or more: a slower one
	// never misses the goal. It must also be one that errors can reach. Required.
	BudgetPercent float64
	// Long is the long window in whole minutes, up to 7 days and the interval. Required.
	Long time.Duration
	// Short is the short window in whole minutes, shorter than Long. Required.
	Short time.Duration
	// Topic receives the alarm, such as one for tickets where others page.
	// Default: ServiceLevelObjectiveProps.AlarmTopic.
	Topic awssns.ITopic
}

// Exclusion is a time that does not count, such as maintenance.
type Exclusion struct {
	// Duration is how long it takes, in whole minutes. Required.
	Duration time.Duration
	// Start is when it starts, which must be in the future when it is deployed, in whole seconds.
	// Default: when it is deployed.
	Start time.Time
	// Every repeats it: rate(N hour), rate(N day), rate(N month), or cron with six fields, in UTC.
	// Default: once.
	Every string
	// Reason is why, in at most 1024 characters.
	// Default: none.
	Reason string
}

// ServiceLevelObjectiveProps configures a ServiceLevelObjective. Exactly one of Service, Requests and Periods is required.
type ServiceLevelObjectiveProps struct {
	// Name is the name of the objective: 2 to 128 letters, digits, spaces, ., _ and -, with a letter or digit first and last.
	// Another name replaces the objective.
	// Default: a name that is made from the construct's path.
	Name string
	// Description says what the objective is for, in at most 1024 characters.
	// Default: none.
	Description string
	// Service measures the requests of a service that Application Signals knows.
	Service *Service
	// Requests measures requests by metrics that count them.
	Requests *Requests
	// Periods measures periods of time by a metric.
	Periods *Periods
	// Goal is the share of requests or periods that must be good, in percent, above 0 and below 100. The rest is the budget.
	// Default: 99.9.
	Goal float64
	// RollingDays is the interval that Goal is about, as the last days, 1 to 366.
	// Default: 30, unless Calendar is given.
	RollingDays int
	// Calendar is the interval that Goal is about, as days or months of the calendar.
	// Default: none, it is RollingDays.
	Calendar *Calendar
	// WarningPercent is the share of the budget under which what is left of it is shown as a warning, above 0 and below 100.
	// Default: 50.
	WarningPercent float64
	// BurnRates are the paces of errors that fire alarms: at most 5, with at most 10 different windows.
	// Default: those of Google's SRE Workbook: Fast (2 % of the budget in 1 h and 5 min), Slow (5 % in 6 h and 30 min) and
	// Gradual (10 % in 3 d and 6 h); in 30 days these are 14.4, 6 and 1 times the pace that uses up the budget. Those that
	// cannot fire with Goal, or are slower than 1 in the interval, are left out.
	BurnRates []BurnRate
	// DisableAlarms leaves the alarms out. It goes without BurnRates.
	// Default: false.
	DisableAlarms bool
	// AlarmTopic receives the alarms.
	// Default: a new topic, encrypted and for TLS only; subscribe to ServiceLevelObjective.AlarmTopic.
	AlarmTopic awssns.ITopic
	// Key encrypts a new topic.
	// Default: a new key that rotates yearly.
	Key awskms.IKey
	// Exclusions are times that do not count: at most 10.
	// Default: none.
	Exclusions []Exclusion
	// RemovalPolicy says what becomes of a new key when the stack is deleted.
	// Default: awscdk.RemovalPolicy_RETAIN.
	RemovalPolicy awscdk.RemovalPolicy
	// ConfigureObjective edits the L1 props last, after all defaults.
	// Default: no edit.
	ConfigureObjective func(*awsapplicationsignals.CfnServiceLevelObjectiveProps)
}

var (
	objectiveName = regexp.MustCompile(`^[0-9A-Za-z][-._0-9A-Za-z ]{0,126}[0-9A-Za-z]$`)
	recurrence    = regexp.MustCompile(`^(rate\([1-9][0-9]* (hour|day|month)s?\)|cron\(\S+( \S+){5}\))$`)
)

const (
	day           = 24 * time.Hour
	longestWindow = 7 * day
)

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *ServiceLevelObjectiveProps) Validate() error {
	d, c := p.withDefaults(), check.For("slo.ServiceLevelObjectiveProps")
	c.That(d.Name == "" || objectiveName.MatchString(d.Name), "Name",
		"must be 2 to 128 letters, digits, spaces, ., _ and -, with a letter or digit first and last, got %q", d.Name)
	c.That(len(d.Description) <= 1024, "Description", "must have at most 1024 characters, got %d", len(d.Description))
	d.validateIndicator(c)
	c.That(0 < d.Goal && d.Goal < 100, "Goal", "must be above 0 and below 100, got %v", d.Goal)
	d.validateInterval(c)
	c.That(0 < d.WarningPercent && d.WarningPercent < 100, "WarningPercent", "must be above 0 and below 100, got %v", d.WarningPercent)
	d.validateBurnRates(c, p != nil && len(p.BurnRates) > 0)
	c.That(len(d.Exclusions) <= 10, "Exclusions", "must be at most 10, got %d", len(d.Exclusions))
	for i, e := range d.Exclusions {
		e.validate(c.At(check.Index("Exclusions", i)))
	}
	check.OneOf(c, "RemovalPolicy", d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN, awscdk.RemovalPolicy_DESTROY)
	return c.Err()
}

func (p *ServiceLevelObjectiveProps) validateIndicator(c *check.List) {
	n := 0
	if s := p.Service; s != nil {
		n++
		c := c.At("Service")
		c.That(s.Name != "", "Name", "must be given")
		c.That(s.Environment != "", "Environment", "must be given")
		c.That(len(s.Operation) <= 255, "Operation", "must have at most 255 characters, got %d", len(s.Operation))
		c.That(s.LatencyBelow >= 0 && s.LatencyBelow%time.Millisecond == 0, "LatencyBelow", "must be whole milliseconds, 0 or more, got %v", s.LatencyBelow)
	}
	if r := p.Requests; r != nil {
		n++
		c := c.At("Requests")
		c.That(r.Total != nil, "Total", "must be given")
		c.That((r.Good != nil) != (r.Bad != nil), "", "must have either Good or Bad")
	}
	if d := p.Periods; d != nil {
		n++
		c := c.At("Periods")
		c.That(d.Metric != nil, "Metric", "must be given")
		check.OneOf(c, "Comparison", d.Comparison, LessThan, LessThanOrEqualTo, GreaterThan, GreaterThanOrEqualTo)
		check.Range(c, "Period", d.Period, time.Minute, 15*time.Minute)
		check.WholeMinutes(c, "Period", d.Period)
	}
	c.That(n == 1, "", "must have exactly one of Service, Requests and Periods, got %d", n)
}

func (p *ServiceLevelObjectiveProps) validateInterval(c *check.List) {
	if p.Calendar == nil {
		check.Range(c, "RollingDays", p.RollingDays, 1, 366)
		return
	}
	c.That(p.RollingDays == 0, "RollingDays", "must be left out with Calendar")
	c = c.At("Calendar")
	c.That(p.Calendar.Start.Year() >= 2000, "Start", "must be given, after 2000")
	c.That(p.Calendar.Start.Nanosecond() == 0, "Start", "must be whole seconds")
	check.OneOf(c, "Unit", p.Calendar.Unit, Day, Month)
	most := 366
	if p.Calendar.Unit == Month {
		most = 12
	}
	check.Range(c, "Count", p.Calendar.Count, 1, most)
}

func (p *ServiceLevelObjectiveProps) validateBurnRates(c *check.List, given bool) {
	if p.DisableAlarms {
		c.That(!given, "BurnRates", "must be left out with DisableAlarms")
		return
	}
	c.That(len(p.BurnRates) <= 5, "BurnRates", "must be at most 5, got %d", len(p.BurnRates))
	c.That(len(p.BurnRates) > 0, "BurnRates", "must be given, or DisableAlarms be set: none of the defaults can fire with Goal in this interval")
	for i, b := range p.BurnRates {
		at := c.At(check.Index("BurnRates", i))
		b.validate(at, p.interval(), p.Goal)
		for _, before := range p.BurnRates[:i] {
			at.That(b.Name != before.Name, "Name", "must be another one for each, got %q again", b.Name)
		}
	}
}

func (b BurnRate) validate(c *check.List, interval time.Duration, goal float64) {
	c.That(check.IsConstructID(b.Name), "Name", "must be a letter, then letters and digits, got %q", b.Name)
	c.That(0 < b.BudgetPercent && b.BudgetPercent <= 100, "BudgetPercent", "must be above 0 and at most 100, got %v", b.BudgetPercent)
	for field, window := range b.windows() {
		check.Range(c, field, window, time.Minute, longestWindow)
		check.WholeMinutes(c, field, window)
	}
	c.That(b.Short < b.Long, "Short", "must be shorter than Long, which is %v, got %v", b.Long, b.Short)
	c.That(b.Long <= interval, "Long", "must be at most the interval, which is %v, got %v", interval, b.Long)
	if b.Long <= 0 || b.BudgetPercent <= 0 {
		return
	}
	rate := b.Rate(interval)
	c.That(rate >= 1, "BudgetPercent", "must be more, or Long shorter: a rate of %.3g never misses the goal", rate)
	c.That(rate*(100-goal) < 100, "BudgetPercent", "must be less, or Long longer: a rate of %.3g asks for %.3g %% of errors", rate, rate*(100-goal))
}

// windows are both windows, by the names of their fields.
func (b BurnRate) windows() iter.Seq2[string, time.Duration] {
	return func(yield func(string, time.Duration) bool) {
		_ = yield("Long", b.Long) && yield("Short", b.Short)
	}
}

// Rate is the pace of errors over which the alarm fires, as a multiple of that which uses up the budget in the interval:
// BudgetPercent of the budget within Long.
func (b BurnRate) Rate(interval time.Duration) float64 {
	return b.BudgetPercent * float64(interval) / float64(b.Long) / 100
}

// canFire tells whether errors can be over the rate, and miss the goal by it.
func (b BurnRate) canFire(interval time.Duration, goal float64) bool {
	c := check.For("")
	b.validate(c, interval, goal)
	return c.Err() == nil
}

func (e Exclusion) validate(c *check.List) {
	c.That(e.Duration >= time.Minute && e.Duration%time.Minute == 0, "Duration", "must be whole minutes, 1 or more, got %v", e.Duration)
	c.That(e.Start.Nanosecond() == 0, "Start", "must be whole seconds")
	c.That(e.Every == "" || recurrence.MatchString(e.Every), "Every",
		"must be rate(N hour), rate(N day), rate(N month) or cron with six fields, got %q", e.Every)
	c.That(len(e.Reason) <= 1024, "Reason", "must have at most 1024 characters, got %d", len(e.Reason))
}

// interval is the length of the interval, with months of 30 days.
func (p *ServiceLevelObjectiveProps) interval() time.Duration {
	switch {
	case p.Calendar == nil:
		return time.Duration(p.RollingDays) * day
	case p.Calendar.Unit == Day:
		return time.Duration(p.Calendar.Count) * day
	default:
		return time.Duration(p.Calendar.Count) * 30 * day
	}
}

func (p *ServiceLevelObjectiveProps) withDefaults() ServiceLevelObjectiveProps {
	var d ServiceLevelObjectiveProps
	if p != nil {
		d = *p
	}
	if d.Periods != nil {
		d.Periods = new(*d.Periods)
		defaults.Or(&d.Periods.Comparison, LessThanOrEqualTo)
		defaults.Or(&d.Periods.Period, time.Minute)
	}
	defaults.Or(&d.Goal, 99.9)
	if d.Calendar != nil {
		d.Calendar = new(*d.Calendar)
		defaults.Or(&d.Calendar.Unit, Month)
		defaults.Or(&d.Calendar.Count, 1)
	} else {
		defaults.Or(&d.RollingDays, 30)
	}
	defaults.Or(&d.WarningPercent, 50)
	if len(d.BurnRates) == 0 {
		d.BurnRates = slices.DeleteFunc([]BurnRate{
			{Name: "Fast", BudgetPercent: 2, Long: time.Hour, Short: 5 * time.Minute},
			{Name: "Slow", BudgetPercent: 5, Long: 6 * time.Hour, Short: 30 * time.Minute},
			{Name: "Gradual", BudgetPercent: 10, Long: 3 * day, Short: 6 * time.Hour},
		}, func(b BurnRate) bool { return !b.canFire(d.interval(), d.Goal) })
	}
	defaults.Or(&d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN)
	return d
}

// text writes a duration of whole minutes without the seconds that are 0.
func text(d time.Duration) string {
	if d%time.Hour == 0 {
		return fmt.Sprintf("%dh", d/time.Hour)
	}
	return strings.TrimSuffix(d.String(), "0s")
}
