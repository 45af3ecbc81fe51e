package logarchive

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskinesisfirehose"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/constructs/logs"
	"github.com/strata-cdk/strata/internal/defaults"
)

// ArchiveProps configures an Archive.
type ArchiveProps struct {
	// LogGroups are the log groups to archive, of the stack's account and region: 1 to 100, each once. With Export, a group that
	// is taken out keeps its place in the checkpoint, and goes on from there when it comes back. Without, one subscription filter of
	// the two that a group can have is taken. Required.
	LogGroups []awslogs.ILogGroup
	// Export archives by export tasks on a schedule. &Export{} takes every default.
	// Default: nil, log events are archived as they come, through a delivery stream.
	Export *Export
	// Format is what objects hold that a delivery stream makes: logs.JSON, logs.Messages or logs.Parquet. Exports have a format
	// of their own, so it goes without Export.
	// Default: logs.JSON.
	Format logs.Format
	// ConfigureStream edits the L1 props of the delivery stream last, after all defaults. It goes without Export.
	// Default: no edit.
	ConfigureStream func(*awskinesisfirehose.CfnDeliveryStreamProps)
	// Bucket takes the archive: one of the stack's region, with bucket owner enforced, whose policy and key policy the CDK can change.
	// Default: a new one, encrypted with Key, versioned, for TLS only, retained.
	Bucket awss3.IBucket
	// Key encrypts the new bucket, the alarms' topic, and what the way there keeps: checkpoint, logs, delivery stream.
	// Default: a new key that rotates yearly.
	Key awskms.IKey
	// GlacierAfterDays is the age at which objects of the new bucket go to S3 Glacier Flexible Retrieval, in days; 1 or more.
	// Default: 90.
	GlacierAfterDays int
	// KeepInStandard leaves the objects of the new bucket in S3 Standard. It goes without GlacierAfterDays.
	// Default: false.
	KeepInStandard bool
	// ExpireAfterDays is the age at which objects of the new bucket are deleted, in days; more than GlacierAfterDays and LockDays.
	// Default: 0, never.
	ExpireAfterDays int
	// LockDays is how long nobody may delete or change an object of the new bucket, in days, up to 36500: S3 Object Lock in
	// compliance mode, which the root user cannot lift either.
	// Default: 0, no lock.
	LockDays int
	// AlarmTopic gets the alarms.
	// Default: a new topic.
	AlarmTopic awssns.ITopic
	// RemovalPolicy says what becomes of a new key and bucket, its access logs, and what the way there keeps when the stack is deleted. A bucket
	// that has objects cannot be deleted.
	// Default: awscdk.RemovalPolicy_RETAIN.
	RemovalPolicy awscdk.RemovalPolicy
	// ConfigureBucket edits the L2 props of the new bucket last, after all defaults.
	// Default: no edit.
	ConfigureBucket func(*awss3.BucketProps)
}

// Export says how log groups are exported by CreateExportTask.
type Export struct {
	// Window is the length of the time that a task exports, in whole minutes, 1 h to 30 days. Windows end at multiples of it
	// since 1970, in UTC. Another length holds from the window on that follows the next one.
	// Default: 24 h.
	Window time.Duration
	// Lag is how long after its end a window is exported, in whole minutes, 12 h to 30 days: log data can take up to 12 h until
	// it can be exported. What arrives later, with a time in a window that was exported, is not archived.
	// Default: 24 h.
	Lag time.Duration
	// Every is how often a run starts, in whole minutes, 5 min to 24 h. A run takes what is due; while one is at work, the
	// next ends at once.
	// Default: 1 h.
	Every time.Duration
	// From is when the archive of a log group starts that is new to it. It must not be older than the group's retention.
	// Default: 14 days before the group was created, which is as old as an event can be then.
	From time.Time
	// BehindWindows is the number of windows that may be due for a log group, but not exported, before the alarm fires; 1 or more.
	// Default: 2.
	BehindWindows int
	// ConfigureStateMachine edits the L2 props of the state machine last, after all defaults.
	// Default: no edit.
	ConfigureStateMachine func(*awsstepfunctions.StateMachineProps)
}

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *ArchiveProps) Validate() error {
	return p.check().Err()
}

func (p *ArchiveProps) check() *check.List {
	d, c := p.withDefaults(), check.For("logarchive.ArchiveProps")
	check.Range(c, "LogGroups", len(d.LogGroups), 1, 100)
	for i, g := range d.LogGroups {
		c.That(g != nil, check.Index("LogGroups", i), "must be given")
	}
	if e := d.Export; e == nil {
		check.OneOf(c, "Format", d.Format, logs.JSON, logs.Messages, logs.Parquet)
	} else {
		c.That(p.Format == "", "Format", "must be left out with Export")
		c.That(d.ConfigureStream == nil, "ConfigureStream", "must be left out with Export")
		c := c.At("Export")
		minutes(c, "Window", e.Window, time.Hour, 30*24*time.Hour)
		minutes(c, "Lag", e.Lag, 12*time.Hour, 30*24*time.Hour)
		minutes(c, "Every", e.Every, 5*time.Minute, 24*time.Hour)
		c.That(e.From.IsZero() || e.From.UnixMilli() >= 0, "From", "must be 1970 or later, got %s", e.From.UTC().Format(time.RFC3339))
		c.That(e.BehindWindows >= 1, "BehindWindows", "must be 1 or more, got %d", e.BehindWindows)
	}
	if d.Bucket != nil {
		const only = "must be left out with Bucket"
		c.That(p.GlacierAfterDays == 0, "GlacierAfterDays", only)
		c.That(!d.KeepInStandard, "KeepInStandard", only)
		c.That(d.ExpireAfterDays == 0, "ExpireAfterDays", only)
		c.That(d.LockDays == 0, "LockDays", only)
		c.That(d.ConfigureBucket == nil, "ConfigureBucket", only)
	} else {
		c.That(p == nil || p.GlacierAfterDays == 0 || !p.KeepInStandard, "GlacierAfterDays", "must be left out with KeepInStandard")
		c.That(d.KeepInStandard || d.GlacierAfterDays >= 1, "GlacierAfterDays", "must be 1 or more, got %d", d.GlacierAfterDays)
		check.Range(c, "LockDays", d.LockDays, 0, 36500)
		if d.ExpireAfterDays != 0 {
			atLeast := d.LockDays
			if !d.KeepInStandard {
				atLeast = max(atLeast, d.GlacierAfterDays)
			}
			c.That(d.ExpireAfterDays > atLeast, "ExpireAfterDays", "must be more than %d, got %d", atLeast, d.ExpireAfterDays)
		}
	}
	check.OneOf(c, "RemovalPolicy", d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN, awscdk.RemovalPolicy_DESTROY)
	return c
}

func minutes(c *check.List, field string, d, lo, hi time.Duration) {
	check.Range(c, field, d, lo, hi)
	check.WholeMinutes(c, field, d)
}

func (p *ArchiveProps) withDefaults() ArchiveProps {
	var d ArchiveProps
	if p != nil {
		d = *p
	}
	defaults.Or(&d.GlacierAfterDays, 90)
	defaults.Or(&d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN)
	defaults.Or(&d.Format, logs.JSON)
	if d.Export != nil {
		e := *d.Export
		defaults.Or(&e.Window, 24*time.Hour)
		defaults.Or(&e.Lag, 24*time.Hour)
		defaults.Or(&e.Every, time.Hour)
		defaults.Or(&e.BehindWindows, 2)
		d.Export = &e
	}
	return d
}
