package drill

import (
	"regexp"
	"slices"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/awsid"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/defaults"
	"github.com/strata-cdk/strata/internal/sorted"
)

// Action is a fault and what it hits. Exactly one of Tags and ARNs is given.
type Action struct {
	// Fault is what goes wrong. It is required.
	Fault Fault
	// ID names the action and its target in the experiment: a letter, then letters and digits, once each.
	// Default: the name of Fault's constant, such as "CutSubnets".
	ID string
	// Tags choose the resources that are hit: those that have all of them. They are at most 50.
	// Default: none.
	Tags map[string]string
	// ARNs are those of the resources that are hit, up to 5. Faults of buckets take Tags only.
	// Default: none.
	ARNs []string
	// Duration is how long it lasts, in whole minutes, from 1 minute to 12 h. FailoverClusters has none.
	// Default: 30 minutes.
	Duration time.Duration
	// OtherRegion is the one that is cut off: CutRouteTables, CutTransitGateways and PauseBuckets require it, and others have none.
	OtherRegion string
	// AvailabilityZone is that which is lost, by name. RefuseCapacity requires it; with Tags it is that of what CutSubnets and StopInstances hit, and
	// for FailoverClusters that of the writer. Others have none.
	// Default: any.
	AvailabilityZone string
	// After are IDs of actions before this one in the list that must be over first.
	// Default: none, it starts at once.
	After []string
}

// Report is a PDF of each experiment with what dashboards showed. An experiment that is stopped by hand has none.
//
// https://docs.aws.amazon.com/fis/latest/userguide/experiment-report-configuration.html
type Report struct {
	// Bucket takes the reports. It is required.
	Bucket awss3.IBucket
	// Prefix is what their keys begin with.
	// Default: "drill".
	Prefix string
	// DashboardNames are dashboards of this account and region that are in the report, at most 5.
	// Default: none.
	DashboardNames []string
	// Before and After are how much of the time around the experiment is shown, in whole minutes, at most 12 h each.
	// Default: 20 minutes.
	Before, After time.Duration
}

// ExperimentProps configures an Experiment.
type ExperimentProps struct {
	// Description says what the drill shows, at most 512 characters. It is required.
	Description string
	// Actions are 1 to 20. They are required; CutRegion and CutZone give sets of them.
	Actions []Action
	// StopAlarms are alarms of this region that stop the experiment, at most 5: those which tell that more goes wrong than is meant to. At least
	// one is required but for DisableStopAlarms.
	StopAlarms []awscloudwatch.IAlarm
	// DisableStopAlarms lets the experiment go on whatever happens.
	// Default: false.
	DisableStopAlarms bool
	// SkipEmptyTargets skips actions that find nothing to hit. A drill that hits nothing then shows nothing.
	// Default: false, the experiment fails.
	SkipEmptyTargets bool
	// Schedule starts the experiment by a cron expression in UTC, such as "cron(0 9 ? * TUE#1 *)". It needs StopAlarms.
	// Default: none, people start it.
	Schedule string
	// VolumeKeys are those of encrypted volumes of instances that StopInstances starts again. The role may use keys of this account by
	// their policies' leave only.
	// Default: none.
	VolumeKeys []awskms.IKey
	// LogBucket takes the logs instead of a log group.
	// Default: a new log group, encrypted with Key.
	LogBucket awss3.IBucket
	// LogRetentionDays is how long the log group keeps logs, one of the values that CloudWatch Logs takes.
	// Default: 365.
	LogRetentionDays int
	// Report is made of each experiment.
	// Default: nil.
	Report *Report
	// Key encrypts the log group.
	// Default: a new key that rotates yearly; none with LogBucket.
	Key awskms.IKey
	// RemovalPolicy says what becomes of log group and key when the stack is deleted.
	// Default: awscdk.RemovalPolicy_RETAIN.
	RemovalPolicy awscdk.RemovalPolicy
}

const (
	mostActions, mostAlarms, mostDashboards = 20, 5, 5
	longest                                 = 12 * time.Hour
)

var zone = regexp.MustCompile(`^[a-z]{2,}(-[a-z0-9]+)+-[0-9]+[a-z]$`)

func (p *ExperimentProps) withDefaults() ExperimentProps {
	var d ExperimentProps
	if p != nil {
		d = *p
	}
	d.Actions = slices.Clone(d.Actions)
	for i := range d.Actions {
		a := &d.Actions[i]
		defaults.Or(&a.ID, kinds[a.Fault].id)
		if !kinds[a.Fault].instant {
			defaults.Or(&a.Duration, 30*time.Minute)
		}
	}
	if d.Report != nil {
		r := *d.Report
		defaults.Or(&r.Prefix, "drill")
		defaults.Or(&r.Before, 20*time.Minute)
		defaults.Or(&r.After, 20*time.Minute)
		d.Report = &r
	}
	if d.LogBucket == nil {
		defaults.Or(&d.LogRetentionDays, 365)
	}
	defaults.Or(&d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN)
	return d
}

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *ExperimentProps) Validate() error {
	d, c := p.withDefaults(), check.For("drill.ExperimentProps")
	c.That(d.Description != "" && len(d.Description) <= 512, "Description", "must be 1 to 512 characters, got %d", len(d.Description))
	c.That(len(d.Actions) >= 1 && len(d.Actions) <= mostActions, "Actions", "must be 1 to %d, got %d", mostActions, len(d.Actions))
	var ids []string
	for i := range d.Actions {
		d.Actions[i].validate(c.At(check.Index("Actions", i)), ids)
		ids = append(ids, d.Actions[i].ID)
	}
	awsid.OnceEach(c, "Actions", ids)
	switch {
	case d.DisableStopAlarms:
		c.That(len(d.StopAlarms) == 0, "StopAlarms", "must be left out with DisableStopAlarms")
		c.That(d.Schedule == "", "Schedule", "must be left out with DisableStopAlarms: nobody looks on")
	default:
		c.That(len(d.StopAlarms) >= 1, "StopAlarms", "must have an alarm that stops the experiment; DisableStopAlarms waives that")
	}
	c.That(len(d.StopAlarms) <= mostAlarms, "StopAlarms", "must be at most %d, got %d", mostAlarms, len(d.StopAlarms))
	for i, a := range d.StopAlarms {
		c.That(a != nil, check.Index("StopAlarms", i), "must be given")
	}
	if d.Schedule != "" {
		awsid.Cron(c, "Schedule", d.Schedule, "cron(0 9 ? * TUE#1 *)")
	}
	for i, k := range d.VolumeKeys {
		c.That(k != nil, check.Index("VolumeKeys", i), "must be given")
	}
	if d.LogBucket != nil {
		c.That(d.LogRetentionDays == 0, "LogRetentionDays", "must be left out with LogBucket")
		c.That(d.Key == nil, "Key", "must be left out with LogBucket")
	} else {
		check.OneOf(c, "LogRetentionDays", d.LogRetentionDays, cdkval.RetentionDays()...)
	}
	if d.Report != nil {
		d.Report.validate(c.At("Report"))
	}
	check.OneOf(c, "RemovalPolicy", d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN, awscdk.RemovalPolicy_DESTROY)
	return c.Err()
}

// validate reports what is wrong with an action that comes after those with the given IDs.
func (a *Action) validate(c *check.List, before []string) {
	k, known := kinds[a.Fault]
	check.OneOf(c, "Fault", a.Fault, faults()...)
	c.That(!known || check.IsConstructID(a.ID), "ID", "must be a letter, then letters and digits, got %q", a.ID)
	c.That((len(a.Tags) > 0) != (len(a.ARNs) > 0), "Tags", "must be given, or ARNs, and not both")
	c.That(len(a.Tags) <= 50, "Tags", "must be at most 50, got %d", len(a.Tags))
	for key, value := range sorted.All(a.Tags) {
		c.That(key != "" && value != "", check.Key("Tags", key), "must have a key and a value")
	}
	c.That(len(a.ARNs) <= 5, "ARNs", "must be at most 5, got %d", len(a.ARNs))
	for i, r := range a.ARNs {
		awsid.ARN(c, check.Index("ARNs", i), r)
	}
	for i, id := range a.After {
		c.That(slices.Contains(before, id), check.Index("After", i), "must be the ID of an action before this one, got %q", id)
	}
	if !known {
		return
	}
	c.That(!k.byTags || len(a.ARNs) == 0, "ARNs", "must be left out with %s: only Tags choose its targets", k.id)
	if k.instant {
		c.That(a.Duration == 0, "Duration", "must be left out with %s", k.id)
	} else {
		minutes(c, "Duration", a.Duration)
	}
	if k.otherRegion {
		awsid.Region(c, "OtherRegion", a.OtherRegion)
	} else {
		c.That(a.OtherRegion == "", "OtherRegion", "must be left out with %s", k.id)
	}
	c.That(!k.zoned || a.AvailabilityZone == "" || len(a.ARNs) == 0, "AvailabilityZone", "must be left out with ARNs: FIS chooses by zone among what has Tags only")
	switch {
	case k.zone, k.zoned && a.AvailabilityZone != "":
		c.That(zone.MatchString(a.AvailabilityZone) || check.IsToken(a.AvailabilityZone), "AvailabilityZone", "must be a zone such as us-east-1a, got %q", a.AvailabilityZone)
	case !k.zoned:
		c.That(a.AvailabilityZone == "", "AvailabilityZone", "must be left out with %s", k.id)
	}
}

func (r *Report) validate(c *check.List) {
	c.That(r.Bucket != nil, "Bucket", "must be given")
	c.That(len(r.DashboardNames) <= mostDashboards, "DashboardNames", "must be at most %d, got %d", mostDashboards, len(r.DashboardNames))
	for i, name := range r.DashboardNames {
		c.That(name != "", check.Index("DashboardNames", i), "must be given")
	}
	minutes(c, "Before", r.Before)
	minutes(c, "After", r.After)
}

func minutes(c *check.List, field string, d time.Duration) {
	check.Range(c, field, d, time.Minute, longest)
	check.WholeMinutes(c, field, d)
}
