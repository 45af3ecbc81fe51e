package failover

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/awsid"
	"github.com/strata-cdk/strata/internal/defaults"
	"github.com/strata-cdk/strata/internal/sorted"
)

// Approach says which regions have clients.
type Approach string

const (
	// ActivePassive has clients in one region.
	ActivePassive Approach = "activePassive"
	// ActiveActive has clients in both.
	ActiveActive Approach = "activeActive"
)

// Action is what a workflow does to a region.
type Action string

const (
	// Activate brings clients to a region.
	Activate Action = "activate"
	// Deactivate takes them off it, with ActiveActive.
	Deactivate Action = "deactivate"
	// PostRecovery makes the other region ready again.
	PostRecovery Action = "postRecovery"
)

// Workflow is what is done for an action, step by step.
type Workflow struct {
	// Action is what it does.
	// Default: Activate.
	Action Action
	// Region is the one that it is for.
	// Default: none, either of them.
	Region string
	// Description says what it is for.
	// Default: none.
	Description string
	// Steps are done in this order. They are required.
	Steps []Step
}

// Trigger runs the plan by itself.
type Trigger struct {
	// Action is what is done.
	// Default: Activate.
	Action Action
	// Region is the one that it is done to. It is required.
	Region string
	// Red and Green are names of TriggerAlarms: all of Red must be on and all of Green off. They are 1 to 10 together.
	Red, Green []string
	// MinDelay is the least time between two runs, in whole minutes, 1 minute to 1 week.
	// Default: 1 h.
	MinDelay time.Duration
}

// PlanReport is written after each run.
type PlanReport struct {
	// Bucket takes the reports. It is required.
	Bucket awss3.IBucket
	// Prefix is what their keys begin with, without a slash.
	// Default: "region-switch".
	Prefix string
}

// PlanProps configures a Plan.
//
// https://docs.aws.amazon.com/r53recovery/latest/dg/region-switch.html
type PlanProps struct {
	// Name is 1 to 32 letters, digits and hyphens, with no hyphen at either end. It is required. Another name is another plan.
	Name string
	// Description says what the plan is for.
	// Default: none.
	Description string
	// Regions are two, with ActivePassive the primary first. They are required.
	Regions []string
	// Approach says which regions have clients. It cannot be changed.
	// Default: ActivePassive.
	Approach Approach
	// Workflows have one for Activate, and with ActiveActive one for Deactivate: for either region, or one for each. They are required.
	Workflows []Workflow
	// RecoveryTime is the recovery time objective, in whole minutes, 1 minute to 1 week: Region switch compares runs with it.
	// Default: none.
	RecoveryTime time.Duration
	// HealthAlarms are alarms, by a name of yours, that tell whether the application is healthy: Region switch takes the time of a run until
	// they are off. The values are ARNs.
	// Default: none.
	HealthAlarms map[string]string
	// TriggerAlarms are alarms that Triggers look at. The values are ARNs.
	// Default: none.
	TriggerAlarms map[string]string
	// Triggers run the plan by themselves. A false alarm then moves the service: people are the better trigger unless the move is cheap.
	// Default: none, people run it.
	Triggers []Trigger
	// Report is written after each run.
	// Default: nil.
	Report *PlanReport
}

var (
	planName = regexp.MustCompile(`^[a-zA-Z0-9]([a-zA-Z0-9-]{0,30}[a-zA-Z0-9])?$`)
	alarmARN = regexp.MustCompile(`^arn:aws[a-zA-Z-]*:cloudwatch:[a-z0-9-]+:\d{12}:alarm:.+$`)
)

func (p *PlanProps) withDefaults() PlanProps {
	var d PlanProps
	if p != nil {
		d = *p
	}
	defaults.Or(&d.Approach, ActivePassive)
	d.Workflows = slices.Clone(d.Workflows)
	for i := range d.Workflows {
		w := &d.Workflows[i]
		defaults.Or(&w.Action, Activate)
		w.Steps = slices.Clone(w.Steps)
		for j := range w.Steps {
			w.Steps[j] = w.Steps[j].withDefaults(w.Action)
		}
	}
	d.Triggers = slices.Clone(d.Triggers)
	for i := range d.Triggers {
		defaults.Or(&d.Triggers[i].Action, Activate)
		defaults.Or(&d.Triggers[i].MinDelay, time.Hour)
	}
	if d.Report != nil {
		r := *d.Report
		defaults.Or(&r.Prefix, "region-switch")
		d.Report = &r
	}
	return d
}

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *PlanProps) Validate() error {
	d, c := p.withDefaults(), check.For("failover.PlanProps")
	c.That(planName.MatchString(d.Name), "Name", "must be 1 to 32 letters, digits and hyphens, no hyphen at either end, got %q", d.Name)
	c.That(len(d.Regions) == inEach, "Regions", "must be two, got %d", len(d.Regions))
	regions(c, d.Regions)
	check.OneOf(c, "Approach", d.Approach, ActivePassive, ActiveActive)
	d.validateWorkflows(c)
	if d.RecoveryTime != 0 {
		wholeMinutes(c, "RecoveryTime", d.RecoveryTime, week)
	}
	for name, arn := range sorted.All(d.HealthAlarms) {
		validAlarm(c, check.Key("HealthAlarms", name), arn)
		_, both := d.TriggerAlarms[name]
		c.That(!both, check.Key("TriggerAlarms", name), "must have another name than one of HealthAlarms")
	}
	for name, arn := range sorted.All(d.TriggerAlarms) {
		validAlarm(c, check.Key("TriggerAlarms", name), arn)
	}
	for i := range d.Triggers {
		d.Triggers[i].validate(c.At(check.Index("Triggers", i)), &d)
	}
	if r := d.Report; r != nil {
		c.That(r.Bucket != nil, "Report.Bucket", "must be given")
		c.That(!strings.Contains(r.Prefix, "/"), "Report.Prefix", "must have no slash, got %q", r.Prefix)
	}
	return c.Err()
}

func (p *PlanProps) validateWorkflows(c *check.List) {
	covered := map[Action][]string{} // by region, "" is either
	for i, w := range p.Workflows {
		c := c.At(check.Index("Workflows", i))
		check.OneOf(c, "Action", w.Action, Activate, Deactivate, PostRecovery)
		c.That(w.Action != Deactivate || p.Approach == ActiveActive, "Action", "must be another one unless Approach is activeActive")
		if w.Region != "" {
			check.OneOf(c, "Region", w.Region, p.Regions...)
		}
		c.That(!slices.Contains(covered[w.Action], w.Region), "", "must be the only one that does %s for the same region", w.Action)
		covered[w.Action] = append(covered[w.Action], w.Region)
		c.That(len(w.Steps) > 0, "Steps", "must be given")
		var names []string
		for j := range w.Steps {
			w.Steps[j].validate(c.At(check.Index("Steps", j)), p, w.Action, false)
			names = append(names, w.Steps[j].Name)
			for _, s := range w.Steps[j].Parallel {
				names = append(names, s.Name)
			}
		}
		awsid.OnceEach(c, "Steps", names)
	}
	needed := []Action{Activate}
	if p.Approach == ActiveActive {
		needed = append(needed, Deactivate)
	}
	for _, action := range needed {
		either, each := slices.Contains(covered[action], ""), len(covered[action]) == inEach && !slices.Contains(covered[action], "")
		c.That(each || either && len(covered[action]) == 1, "Workflows", "must have one for %s of either region, or one for each", action)
	}
}

func (t *Trigger) validate(c *check.List, plan *PlanProps) {
	check.OneOf(c, "Action", t.Action, Activate, Deactivate)
	c.That(t.Action != Deactivate || plan.Approach == ActiveActive, "Action", "must be another one unless Approach is activeActive")
	check.OneOf(c, "Region", t.Region, plan.Regions...)
	all := slices.Concat(t.Red, t.Green)
	c.That(len(all) >= 1 && len(all) <= 10, "Red", "must be 1 to 10 alarms with Green, got %d", len(all))
	awsid.OnceEach(c, "Red", all)
	for _, name := range all {
		_, given := plan.TriggerAlarms[name]
		c.That(given, "Red", "must be names of TriggerAlarms, as must those of Green, got %q", name)
	}
	wholeMinutes(c, "MinDelay", t.MinDelay, week)
}

func validAlarm(c *check.List, field, arn string) {
	c.That(alarmARN.MatchString(arn) || check.IsToken(arn), field, "must be the ARN of an alarm, got %q", arn)
}
