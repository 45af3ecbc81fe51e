package beanstalk

import (
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/defaults"
	"github.com/strata-cdk/strata/internal/sorted"
)

// Scaling is how many instances run, between Min and Max, by a metric and by the clock.
type Scaling struct {
	// Min and Max are the least and the greatest number of instances, 1 to 10000.
	// Default: 2, so that a zone may fail; and 4, or Min where that is more.
	Min, Max int
	// Cooldown is how long scaling waits after a step, 0 to 10000 s in whole seconds.
	// Default: nil, which means 6 minutes.
	Cooldown *time.Duration
	// Trigger adds and removes instances with the load.
	// Default: by the average use of CPU, above 70 and below 30 percent.
	Trigger Trigger
	// Schedules change the limits at certain times.
	// Default: none.
	Schedules []Schedule
}

// Trigger adds instances when a metric is above Upper, and removes some when it is below Lower.
type Trigger struct {
	// Metric is one of CPUUtilization, NetworkIn, NetworkOut, DiskWriteOps, DiskReadBytes, DiskReadOps, DiskWriteBytes,
	// Latency, RequestCount, HealthyHostCount, UnhealthyHostCount and TargetResponseTime.
	// Default: CPUUtilization.
	Metric string
	// Statistic is Minimum, Maximum, Sum or Average.
	// Default: Average.
	Statistic string
	// Unit is that of the metric: Seconds, Percent, Bytes, Bits, Count, Bytes/Second, Bits/Second, Count/Second or None.
	// Default: Percent for CPUUtilization. Another Metric requires it.
	Unit string
	// Upper and Lower are the thresholds, 0 to 20000000.
	// Default: 70 and 30 for CPUUtilization. Another Metric requires Upper.
	Upper, Lower float64
	// UpperIncrement and LowerIncrement are the numbers of instances to add, and to remove as a number below 0.
	// Default: 1 and -1.
	UpperIncrement, LowerIncrement int
	// Period is the time between measurements, and Breach how long a threshold must be passed, in whole minutes up to 10 h.
	// Default: 1 and 5 minutes.
	Period, Breach time.Duration
}

// Schedule changes the limits of scaling at a certain time, once or again and again.
type Schedule struct {
	// Name tells schedules apart. Required.
	Name string
	// Recurrence is a cron expression of five fields in UTC, such as "0 6 * * 1-5".
	// Default: empty, once, at Start.
	Recurrence string
	// Start is when the schedule acts, or begins to.
	// Default: the zero time, at once. Required without Recurrence.
	Start time.Time
	// End is when the schedule ends.
	// Default: the zero time, never.
	End time.Time
	// Min, Max and Desired are the new limits, and the number of instances to have then, 0 to 10000. One at least is required.
	// Default: nil, as it is.
	Min, Max, Desired *int
	// Suspend turns the schedule off for now.
	// Default: false.
	Suspend bool
}

func (s *Scaling) setDefaults() {
	defaults.Or(&s.Min, 2)
	defaults.Or(&s.Max, max(4, s.Min))
	if s.Cooldown == nil {
		s.Cooldown = new(6 * time.Minute)
	}
	t := &s.Trigger
	defaults.Or(&t.Metric, "CPUUtilization")
	defaults.Or(&t.Statistic, "Average")
	defaults.Or(&t.UpperIncrement, 1)
	defaults.Or(&t.LowerIncrement, -1)
	defaults.Or(&t.Period, time.Minute)
	defaults.Or(&t.Breach, 5*time.Minute)
	if t.Metric == "CPUUtilization" {
		defaults.Or(&t.Unit, "Percent")
		defaults.Or(&t.Upper, 70)
		defaults.Or(&t.Lower, min(30, t.Upper))
	}
}

var scheduleName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`)

func (s *Scaling) check(c *check.List) {
	check.Range(c, "Min", s.Min, 1, 10000)
	check.Range(c, "Max", s.Max, 1, 10000)
	c.That(s.Min <= s.Max, "Max", "must be %d (Min) or more, got %d", s.Min, s.Max)
	check.Range(c, "Cooldown", *s.Cooldown, 0, 10000*time.Second)
	check.WholeSeconds(c, "Cooldown", *s.Cooldown)
	s.Trigger.check(c.At("Trigger"))
	first := map[string]int{}
	for i := range s.Schedules {
		e, at := &s.Schedules[i], c.At(check.Index("Schedules", i))
		at.That(scheduleName.MatchString(e.Name), "Name", "must be 1 to 255 letters, digits, _ and -, got %q", e.Name)
		if j, ok := first[e.Name]; ok {
			at.Add("Name", "is the name of Schedules[%d] as well: %s", j, e.Name)
		} else {
			first[e.Name] = i
		}
		at.That(e.Recurrence != "" || !e.Start.IsZero(), "Recurrence", "must be given, or Start")
		if problem := cronProblem(e.Recurrence); e.Recurrence != "" && problem != "" {
			at.Add("Recurrence", "%s", problem)
		}
		at.That(e.End.IsZero() || e.End.After(e.Start), "End", "must be after Start")
		at.That(e.Min != nil || e.Max != nil || e.Desired != nil || e.Suspend, "", "must change Min, Max or Desired")
		for name, n := range sorted.All(map[string]*int{"Desired": e.Desired, "Max": e.Max, "Min": e.Min}) {
			if n != nil && (*n < 0 || *n > 10000) {
				at.Add(name, "must be between 0 and 10000, got %d", *n)
			}
		}
		if e.Min != nil && e.Max != nil {
			at.That(*e.Min <= *e.Max, "Max", "must be %d (Min) or more, got %d", *e.Min, *e.Max)
		}
	}
}

// allowedValues are the values that the table of options has for an option.
func allowedValues(namespace, name string) []string {
	return documented().namespace(namespace).option(name).Values
}

func (t *Trigger) check(c *check.List) {
	const namespace = "aws:autoscaling:trigger"
	check.OneOf(c, "Metric", t.Metric, allowedValues(namespace, "MeasureName")...)
	check.OneOf(c, "Statistic", t.Statistic, allowedValues(namespace, "Statistic")...)
	check.OneOf(c, "Unit", t.Unit, allowedValues(namespace, "Unit")...)
	c.That(t.Upper > 0 && t.Upper <= 20000000, "Upper", "must be above 0, 20000000 at most, got %v", t.Upper)
	c.That(t.Lower >= 0 && t.Lower <= t.Upper, "Lower", "must be between 0 and Upper, got %v", t.Lower)
	c.That(t.UpperIncrement > 0, "UpperIncrement", "must be 1 or more, got %d", t.UpperIncrement)
	c.That(t.LowerIncrement < 0, "LowerIncrement", "must be -1 or less, got %d", t.LowerIncrement)
	for name, d := range sorted.All(map[string]time.Duration{"Breach": t.Breach, "Period": t.Period}) {
		if d%time.Minute != 0 || d < time.Minute || d > 10*time.Hour {
			c.Add(name, "must be whole minutes between 1m0s and 10h0m0s, got %v", d)
		}
	}
	c.That(t.Breach >= t.Period, "Breach", "must be %v (Period) or more, got %v", t.Period, t.Breach)
}

// options are those of a group of instances that scales.
func (s *Scaling) options(l *optionList) {
	l.set("aws:autoscaling:asg", "MinSize", strconv.Itoa(s.Min), "MaxSize", strconv.Itoa(s.Max),
		"Cooldown", seconds(*s.Cooldown), "Availability Zones", "Any")
	t := s.Trigger
	minutes := func(d time.Duration) string { return strconv.Itoa(int(d / time.Minute)) }
	l.set("aws:autoscaling:trigger", "MeasureName", t.Metric, "Statistic", t.Statistic, "Unit", t.Unit,
		"UpperThreshold", plain(t.Upper), "LowerThreshold", plain(t.Lower),
		"UpperBreachScaleIncrement", strconv.Itoa(t.UpperIncrement), "LowerBreachScaleIncrement", strconv.Itoa(t.LowerIncrement),
		"Period", minutes(t.Period), "BreachDuration", minutes(t.Breach), "EvaluationPeriods", strconv.Itoa(int(t.Breach/max(t.Period, 1))))
	for _, e := range s.Schedules {
		add := func(name, value string) {
			*l = append(*l, Option{Namespace: scheduledActionNamespace, Name: name, Value: value, ResourceName: e.Name})
		}
		for name, n := range map[string]*int{"MinSize": e.Min, "MaxSize": e.Max, "DesiredCapacity": e.Desired} {
			if n != nil {
				add(name, strconv.Itoa(*n))
			}
		}
		for name, at := range map[string]time.Time{"StartTime": e.Start, "EndTime": e.End} {
			if !at.IsZero() {
				add(name, at.UTC().Format(time.RFC3339))
			}
		}
		if e.Recurrence != "" {
			add("Recurrence", e.Recurrence)
		}
		add("Suspend", strconv.FormatBool(e.Suspend))
	}
}

// optionList collects options.
type optionList []Option

// set adds options of a namespace, given as names and values in turn.
func (l *optionList) set(namespace string, pairs ...string) {
	for pair := range slices.Chunk(pairs, 2) {
		*l = append(*l, Option{Namespace: namespace, Name: pair[0], Value: pair[1]})
	}
}

func seconds(d time.Duration) string { return strconv.Itoa(int(d / time.Second)) }
