package ecsservice

import (
	"regexp"
	"slices"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/defaults"
)

// Scaling changes the number of tasks between Min and Max. Several policies may be given: the one that wants most tasks
// wins. Without any, CPUPercent is 70.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-auto-scaling.html
type Scaling struct {
	// Min is the least number of tasks, 0 or more.
	// Default: nil, which means 2, or 0 with Queue.
	Min *int
	// Max is the largest number of tasks, Min or more.
	Max int
	// CPUPercent and MemoryPercent are the use of what the tasks reserve that is aimed at, 1 to 100, on average.
	// Default: 0, not looked at; CPUPercent is 70 when no policy is given.
	CPUPercent, MemoryPercent int
	// RequestsPerTarget is the number of requests to each task in a minute that is aimed at. It counts the requests to both
	// target groups of a blue/green service. For services behind a load balancer.
	// Default: 0, not looked at.
	RequestsPerTarget int
	// Queue scales on the messages that wait for each task.
	// Default: nil.
	Queue *QueueScaling
	// Steps scales by steps on a metric.
	// Default: nil.
	Steps *StepScaling
	// Schedules change Min and Max at certain times.
	// Default: none.
	Schedules []Schedule
	// ScaleOutCooldown and ScaleInCooldown are how long nothing is added, or taken away, after the last change, in whole
	// seconds. A scale-out is never held up by a scale-in.
	// Default: 60 s to scale out, 300 s to scale in.
	ScaleOutCooldown, ScaleInCooldown time.Duration
	// DisableScaleIn keeps target tracking (CPU, memory, requests, queue) from taking tasks away.
	// Default: false.
	DisableScaleIn bool
}

// QueueScaling aims at a number of waiting messages for each task: AcceptableLatency divided by ProcessingTime. The number
// of tasks comes from Container Insights, which the cluster must have on.
//
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-using-sqs-queue.html
type QueueScaling struct {
	// Queue is the queue that the tasks work on.
	Queue awssqs.IQueue
	// ProcessingTime is how long a task takes for a message, on average.
	ProcessingTime time.Duration
	// AcceptableLatency is how long a message may wait, ProcessingTime or more.
	AcceptableLatency time.Duration
}

// StepScaling changes the number of tasks by a step that depends on a metric.
type StepScaling struct {
	// Metric is what is looked at, with a period of a minute at best.
	Metric awscloudwatch.IMetric
	// Steps are the ranges of the metric and what they do, 2 to 40, in rising order without overlaps. At least one changes
	// nothing by leaving a gap, as the CDK computes the two alarms from it.
	Steps []Step
	// OfLast are the data points that must agree, and how many are looked at.
	// Default: 1.
	OfLast int
}

// Step is what happens while a metric is in a range.
type Step struct {
	// AtLeast and Below bound the range. One of them may be nil: no bound.
	AtLeast, Below *float64
	// Change is the number of tasks to add, or to take away when it is negative.
	Change int
}

// Schedule changes the bounds of the number of tasks at certain times.
type Schedule struct {
	// Name is the schedule's construct id: a letter, then letters and digits.
	Name string
	// Expression is when: cron(minute hour day month weekday year), rate(n unit) or at(yyyy-mm-ddThh:mm:ss).
	Expression string
	// TimeZone is what the times of Expression are in, such as "Europe/Berlin".
	// Default: UTC.
	TimeZone string
	// Min and Max are the new bounds; one of them at least.
	// Default: nil, as it is.
	Min, Max *int
}

func (s *Scaling) setDefaults() {
	if s.Min == nil {
		s.Min = new(2)
		if s.Queue != nil {
			s.Min = new(0)
		}
	}
	if s.CPUPercent == 0 && s.MemoryPercent == 0 && s.RequestsPerTarget == 0 && s.Queue == nil && s.Steps == nil {
		s.CPUPercent = 70
	}
	defaults.Or(&s.ScaleOutCooldown, time.Minute)
	defaults.Or(&s.ScaleInCooldown, 5*time.Minute)
	if s.Steps != nil {
		steps := *s.Steps
		defaults.Or(&steps.OfLast, 1)
		s.Steps = &steps
	}
}

var (
	scheduleExpr = regexp.MustCompile(`^(cron\(\S+ \S+ \S+ \S+ \S+ \S+\)|rate\([1-9]\d* (minute|hour|day)s?\)|at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\))$`)
)

func (s *Scaling) check(c *check.List, lb *LoadBalancing) {
	c.That(*s.Min >= 0, "Min", "must be 0 or more, got %d", *s.Min)
	c.That(s.Max >= 1 && s.Max >= *s.Min, "Max", "must be 1 or more and not less than Min, %d, got %d", *s.Min, s.Max)
	if s.CPUPercent != 0 {
		check.Range(c, "CPUPercent", s.CPUPercent, 1, 100)
	}
	if s.MemoryPercent != 0 {
		check.Range(c, "MemoryPercent", s.MemoryPercent, 1, 100)
	}
	c.That(s.RequestsPerTarget >= 0, "RequestsPerTarget", "must be 1 or more, got %d", s.RequestsPerTarget)
	c.That(s.RequestsPerTarget == 0 || lb != nil, "RequestsPerTarget", "needs a load balancer, which this service has not")
	if q := s.Queue; q != nil {
		at := c.At("Queue")
		at.That(q.Queue != nil, "Queue", "must be given")
		at.That(q.ProcessingTime > 0, "ProcessingTime", "must be above 0, got %v", q.ProcessingTime)
		at.That(q.AcceptableLatency > 0 && q.AcceptableLatency >= q.ProcessingTime, "AcceptableLatency",
			"must be above 0 and not less than ProcessingTime, %v, got %v", q.ProcessingTime, q.AcceptableLatency)
	}
	if s.Steps != nil {
		s.Steps.check(c.At("Steps"))
	}
	for i, schedule := range s.Schedules {
		at := c.At(check.Index("Schedules", i))
		at.That(check.IsConstructID(schedule.Name), "Name", "must be a letter, then letters and digits, got %q", schedule.Name)
		at.That(!slices.ContainsFunc(s.Schedules[:i], func(o Schedule) bool { return o.Name == schedule.Name }), "Name", "must differ from the others, got %q again", schedule.Name)
		at.That(scheduleExpr.MatchString(schedule.Expression), "Expression", "must be cron(...) with six fields, rate(...) or at(...), got %q", schedule.Expression)
		least, most := schedule.Min, schedule.Max
		at.That(least != nil || most != nil, "Min", "must be given, or Max")
		at.That(least == nil || *least >= 0, "Min", "must be 0 or more, got %d", value(least))
		at.That(most == nil || *most >= value(least), "Max", "must not be less than Min, %d, got %d", value(least), value(most))
	}
	check.Range(c, "ScaleOutCooldown", s.ScaleOutCooldown, 0, 24*time.Hour)
	check.Range(c, "ScaleInCooldown", s.ScaleInCooldown, 0, 24*time.Hour)
	check.WholeSeconds(c, "ScaleOutCooldown", s.ScaleOutCooldown)
	check.WholeSeconds(c, "ScaleInCooldown", s.ScaleInCooldown)
}

func (s *StepScaling) check(c *check.List) {
	c.That(s.Metric != nil, "Metric", "must be given")
	n := len(s.Steps)
	c.That(n >= 2 && n <= 40, "Steps", "must be 2 to 40, got %d", n)
	check.Range(c, "OfLast", s.OfLast, 1, 100)
	for i, step := range s.Steps {
		at := c.At(check.Index("Steps", i))
		at.That(step.AtLeast != nil || step.Below != nil, "AtLeast", "must be given, or Below")
		at.That(step.AtLeast == nil || step.Below == nil || *step.AtLeast < *step.Below, "Below", "must be more than AtLeast, %v, got %v", value(step.AtLeast), value(step.Below))
		at.That(step.Change != 0, "Change", "must not be 0: leave the range out")
		if i > 0 {
			before := s.Steps[i-1].Below
			at.That(before != nil && step.AtLeast != nil && *step.AtLeast >= *before, "AtLeast", "must be where the step before ends, or more: steps rise and do not overlap")
		}
	}
}

func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
