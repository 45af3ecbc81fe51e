package backupcopy

import (
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/awsid"
	"github.com/strata-cdk/strata/internal/defaults"
	"github.com/strata-cdk/strata/internal/sorted"
)

// Backups says what both regions must agree on. Give the same value to NewPlan and NewCopyVault.
type Backups struct {
	// Name is that of the vaults in both regions and what other names begin with: 3 to 30 letters, digits and hyphens, a letter first. It
	// is required. Another name is another vault.
	Name string
	// Region is where data is backed up, and CopyRegion where backups are copied to: another one. They are required.
	Region, CopyRegion string
	// Account is that of Region and CopyAccount that of CopyRegion, 12 digits, when they differ. Both must be of one organization whose
	// management account has turned cross-account backup on.
	// Default: the same account.
	Account, CopyAccount string
	// Rules say when backups are made and how long they are kept.
	// Default: one rule, Daily, with every default of Rule.
	Rules []Rule
	// Lock keeps backups in both vaults from being deleted too early.
	// Default: see Lock.
	Lock Lock
}

// Rule says when backups are made and how long they are kept.
type Rule struct {
	// Name is 1 to 50 letters, digits, hyphens, underscores and dots. It is required.
	Name string
	// Schedule is a cron expression in UTC, such as "cron(0 5 * * ? *)". AWS Backup makes at most one backup an hour.
	// Default: "cron(0 5 * * ? *)", at five each morning.
	Schedule string
	// StartWindow is the time in which a backup must start, in whole minutes, at least 1 h.
	// Default: 1 h.
	StartWindow time.Duration
	// CompletionWindow is the time in which it must be done, in whole minutes: at least 1 h more than StartWindow.
	// Default: 1 day.
	CompletionWindow time.Duration
	// KeepDays is how long backups are kept, 1 to 36500 days, and 1 to 35 when Continuous.
	// Default: 35.
	KeepDays int
	// ColdAfterDays is the age at which backups go to cold storage, for types of resources that have it: at least 90 days before they are
	// deleted. It goes without Continuous.
	// Default: 0, never.
	ColdAfterDays int
	// CopyKeepDays and CopyColdAfterDays are the same for copies.
	// Default: KeepDays and ColdAfterDays.
	CopyKeepDays, CopyColdAfterDays int
	// Continuous keeps what is needed to restore any moment of the last KeepDays, in Region, for types of resources that have it. Copies
	// of such backups are snapshots.
	// Default: false.
	Continuous bool
	// DisableCopy makes no copies.
	// Default: false.
	DisableCopy bool
}

// LockMode says who can take a lock off.
type LockMode string

const (
	// Governance locks can be changed by who may do so.
	Governance LockMode = "governance"
	// Compliance locks can be changed by nobody, AWS included, once ChangeableForDays are over. The vault cannot be deleted while it has
	// backups.
	Compliance LockMode = "compliance"
	// Unlocked vaults let who may delete backups do so.
	Unlocked LockMode = "unlocked"
)

// Lock keeps backups from being deleted before MinDays.
type Lock struct {
	// Mode says who can take the lock off.
	// Default: Governance.
	Mode LockMode
	// MinDays is the least time that backups in the vaults are kept, 1 to 36500. A rule that keeps them for a shorter time is refused.
	// Default: 7.
	MinDays int
	// MaxDays is the most time, at most 36500.
	// Default: 0, no limit.
	MaxDays int
	// ChangeableForDays is how long a Compliance lock can be taken off, 3 to 36500; it is required then, and goes with no other mode.
	// Default: 0.
	ChangeableForDays int
}

// PlanProps configures a Plan. At least one of Tags, Resources and Constructs says what is backed up.
type PlanProps struct {
	Backups
	// Tags are those of resources that are backed up: any of them suffices.
	// Default: none.
	Tags map[string]string
	// Resources are ARNs of resources that are backed up; they may have wildcards.
	// Default: none.
	Resources []string
	// Constructs are those whose resources, with those of all below them, are backed up: tables of DynamoDB, buckets (with versions), file
	// systems of EFS, instances and clusters of RDS, instances and volumes of EC2. At least one must be found in each.
	// Default: none.
	Constructs []constructs.IConstruct
	// DisableReports makes no daily reports of backups and copies, and no bucket for them.
	// Default: false.
	DisableReports bool
	// DisableAlarms makes no topic, no rules for failures, and no alarm for a day without a backup.
	// Default: false.
	DisableAlarms bool
	// AlarmAfterDays is how many days in a row without a backup fire the alarm, 1 to 7. Rules that make backups less often need more, and those that
	// make them less than once a week DisableAlarms.
	// Default: 2.
	AlarmAfterDays int
	// AlarmTopic gets failures and alarms. When it is encrypted, the policy of its key must admit CloudWatch and EventBridge.
	// Default: a new one, encrypted with Key.
	AlarmTopic awssns.ITopic
	// Key encrypts the vault and the new topic.
	// Default: a new key that rotates yearly.
	Key awskms.IKey
	// RemovalPolicy says what becomes of vault, key and reports when the stack is deleted. A vault with backups cannot be deleted.
	// Default: awscdk.RemovalPolicy_RETAIN.
	RemovalPolicy awscdk.RemovalPolicy
}

// RestoreTest restores the newest copies of a type of resource, and deletes what was restored.
type RestoreTest struct {
	// ResourceType is one that AWS Backup can test: "Aurora", "DocumentDB", "DynamoDB", "EBS", "EC2", "EFS", "FSx", "Neptune", "RDS" or "S3".
	ResourceType string
	// ValidationHours is how long what was restored is kept for a check of yours, 1 to 168 h.
	// Default: 0, it is deleted once it is restored.
	ValidationHours int
	// Overrides are metadata for the restore, such as the subnet group of a database in this region.
	// Default: none, AWS Backup infers them.
	Overrides map[string]string
}

// CopyVaultProps configures a CopyVault.
type CopyVaultProps struct {
	Backups
	// RestoreTests restore copies regularly. Without one, nobody knows whether copies can be restored: a warning says so.
	// Default: none.
	RestoreTests []RestoreTest
	// TestSchedule is a cron expression in UTC.
	// Default: "cron(0 6 ? * SUN *)", at six each Sunday.
	TestSchedule string
	// TestWindowDays is how old a copy that is tested may be, 1 to 365 days.
	// Default: 30.
	TestWindowDays int
	// DisableAlarms makes no topic and no rules for failures.
	// Default: false.
	DisableAlarms bool
	// AlarmTopic gets failures of copies and restores.
	// Default: a new one, encrypted with Key.
	AlarmTopic awssns.ITopic
	// Key encrypts the vault and the new topic.
	// Default: a new key that rotates yearly.
	Key awskms.IKey
	// RemovalPolicy says what becomes of vault and key when the stack is deleted.
	// Default: awscdk.RemovalPolicy_RETAIN.
	RemovalPolicy awscdk.RemovalPolicy
}

const (
	daily    = "cron(0 5 * * ? *)"
	sundays  = "cron(0 6 ? * SUN *)"
	mostDays = 36500
	// coldDays is how long AWS Backup keeps at least what is in cold storage.
	coldDays = 90
)

var (
	vaultName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{2,29}$`)
	ruleName  = regexp.MustCompile(`^[A-Za-z0-9\-_.]{1,50}$`)

	testable = []string{"Aurora", "DocumentDB", "DynamoDB", "EBS", "EC2", "EFS", "FSx", "Neptune", "RDS", "S3"}
)

func (b Backups) withDefaults() Backups {
	if len(b.Rules) == 0 {
		b.Rules = []Rule{{Name: "Daily"}}
	}
	rules := make([]Rule, len(b.Rules))
	for i, r := range b.Rules {
		defaults.Or(&r.Schedule, daily)
		defaults.Or(&r.StartWindow, time.Hour)
		defaults.Or(&r.CompletionWindow, 24*time.Hour)
		defaults.Or(&r.KeepDays, 35)
		defaults.Or(&r.CopyKeepDays, r.KeepDays)
		defaults.Or(&r.CopyColdAfterDays, r.ColdAfterDays)
		rules[i] = r
	}
	b.Rules = rules
	defaults.Or(&b.Lock.Mode, Governance)
	if b.Lock.Mode != Unlocked {
		defaults.Or(&b.Lock.MinDays, 7)
	}
	return b
}

func (b *Backups) validate(c *check.List) {
	c.That(vaultName.MatchString(b.Name), "Name", "must be 3 to 30 letters, digits and hyphens, a letter first, got %q", b.Name)
	awsid.Region(c, "Region", b.Region)
	awsid.Region(c, "CopyRegion", b.CopyRegion)
	c.That(b.Region == "" || b.Region != b.CopyRegion, "CopyRegion", "must be another region than Region: both would be lost together")
	c.That((b.Account == "") == (b.CopyAccount == ""), "CopyAccount", "must be given with Account, and this one with it")
	if b.Account != "" && b.CopyAccount != "" {
		awsid.Account(c, "Account", b.Account)
		awsid.Account(c, "CopyAccount", b.CopyAccount)
		c.That(b.Account != b.CopyAccount, "CopyAccount", "must be left out, with Account, when both are the same")
	}
	b.Lock.validate(c.At("Lock"))
	var names []string
	copies := false
	for i, r := range b.Rules {
		r.validate(c.At(check.Index("Rules", i)), b.Lock)
		names = append(names, r.Name)
		copies = copies || !r.DisableCopy
	}
	awsid.OnceEach(c, "Rules", names)
	c.That(copies, "Rules", "must have one that makes copies")
}

func (l Lock) validate(c *check.List) {
	check.OneOf(c, "Mode", l.Mode, Governance, Compliance, Unlocked)
	if l.Mode == Unlocked {
		c.That(l == Lock{Mode: Unlocked}, "Mode", "must be another one for MinDays, MaxDays or ChangeableForDays")
		return
	}
	check.Range(c, "MinDays", l.MinDays, 1, mostDays)
	if l.MaxDays != 0 {
		check.Range(c, "MaxDays", l.MaxDays, max(1, l.MinDays), mostDays)
	}
	if l.Mode == Compliance {
		check.Range(c, "ChangeableForDays", l.ChangeableForDays, 3, mostDays)
	} else {
		c.That(l.ChangeableForDays == 0, "ChangeableForDays", "must be left out unless Mode is compliance: other locks can be changed")
	}
}

func (r Rule) validate(c *check.List, lock Lock) {
	c.That(ruleName.MatchString(r.Name), "Name", "must be 1 to 50 letters, digits, hyphens, underscores and dots, got %q", r.Name)
	awsid.Cron(c, "Schedule", r.Schedule, daily)
	wholeMinutes(c, "StartWindow", r.StartWindow, time.Hour, 7*24*time.Hour)
	wholeMinutes(c, "CompletionWindow", r.CompletionWindow, r.StartWindow+time.Hour, 100*24*time.Hour)
	most := mostDays
	if r.Continuous {
		most = 35
		c.That(r.ColdAfterDays == 0, "ColdAfterDays", "must be left out with Continuous: such backups have no cold storage")
	}
	check.Range(c, "KeepDays", r.KeepDays, 1, most)
	keep := func(field, cold string, days, coldAfter int) {
		if lock.Mode != Unlocked {
			c.That(days >= lock.MinDays, field, "must be at least the %d days of Lock.MinDays, got %d", lock.MinDays, days)
			c.That(lock.MaxDays == 0 || days <= lock.MaxDays, field, "must be at most the %d days of Lock.MaxDays, got %d", lock.MaxDays, days)
		}
		c.That(coldAfter >= 0, cold, "must be 0 or more, got %d", coldAfter)
		c.That(coldAfter <= 0 || days >= coldAfter+coldDays, cold, "must be at least %d days before backups are deleted, after %d, got %d", coldDays, days, coldAfter)
	}
	keep("KeepDays", "ColdAfterDays", r.KeepDays, r.ColdAfterDays)
	if r.DisableCopy {
		return
	}
	check.Range(c, "CopyKeepDays", r.CopyKeepDays, 1, mostDays)
	if r.CopyKeepDays != r.KeepDays || r.CopyColdAfterDays != r.ColdAfterDays { // else it is said already
		keep("CopyKeepDays", "CopyColdAfterDays", r.CopyKeepDays, r.CopyColdAfterDays)
	}
}

func wholeMinutes(c *check.List, field string, d, shortest, longest time.Duration) {
	check.Range(c, field, d, shortest, longest)
	check.WholeMinutes(c, field, d)
}

func (p *PlanProps) withDefaults() PlanProps {
	var d PlanProps
	if p != nil {
		d = *p
	}
	d.Backups = d.Backups.withDefaults()
	defaults.Or(&d.AlarmAfterDays, 2)
	defaults.Or(&d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN)
	return d
}

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *PlanProps) Validate() error {
	d, c := p.withDefaults(), check.For("backupcopy.PlanProps")
	d.validate(c)
	c.That(len(d.Tags)+len(d.Resources)+len(d.Constructs) > 0, "Constructs", "must have what is backed up, or Tags or Resources")
	for key, value := range sorted.All(d.Tags) {
		c.That(key != "" && value != "", check.Key("Tags", key), "must have a key and a value")
	}
	for i, r := range d.Resources {
		awsid.ARN(c, check.Index("Resources", i), r)
	}
	for i, r := range d.Constructs {
		c.That(r != nil, check.Index("Constructs", i), "must be given")
	}
	check.Range(c, "AlarmAfterDays", d.AlarmAfterDays, 1, 7)
	c.That(!d.DisableAlarms || d.AlarmTopic == nil, "AlarmTopic", "must be left out with DisableAlarms")
	check.OneOf(c, "RemovalPolicy", d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN, awscdk.RemovalPolicy_DESTROY)
	return c.Err()
}

func (p *CopyVaultProps) withDefaults() CopyVaultProps {
	var d CopyVaultProps
	if p != nil {
		d = *p
	}
	d.Backups = d.Backups.withDefaults()
	defaults.Or(&d.TestSchedule, sundays)
	defaults.Or(&d.TestWindowDays, 30)
	defaults.Or(&d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN)
	return d
}

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *CopyVaultProps) Validate() error {
	d, c := p.withDefaults(), check.For("backupcopy.CopyVaultProps")
	d.validate(c)
	var types []string
	for i, t := range d.RestoreTests {
		c := c.At(check.Index("RestoreTests", i))
		check.OneOf(c, "ResourceType", t.ResourceType, testable...)
		check.Range(c, "ValidationHours", t.ValidationHours, 0, 168)
		types = append(types, t.ResourceType)
	}
	awsid.OnceEach(c, "RestoreTests", types)
	awsid.Cron(c, "TestSchedule", d.TestSchedule, sundays)
	check.Range(c, "TestWindowDays", d.TestWindowDays, 1, 365)
	c.That(!d.DisableAlarms || d.AlarmTopic == nil, "AlarmTopic", "must be left out with DisableAlarms")
	check.OneOf(c, "RemovalPolicy", d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN, awscdk.RemovalPolicy_DESTROY)
	return c.Err()
}

// validateStack reports a stack that is not in the region and account that it is for.
func (b *Backups) validateStack(props string, stack awscdk.Stack, field, region, account string) error {
	c := check.For(props)
	c.That(*stack.Region() == region, field, "must be the stack's region, which is %s, got %s", known(*stack.Region()), region)
	if account != "" {
		c.That(check.IsToken(*stack.Account()) || *stack.Account() == account, strings.Replace(field, "Region", "Account", 1), "must be the stack's account, which is %s, got %s", *stack.Account(), account)
	}
	return c.Err()
}

func known(region string) string {
	if check.IsToken(region) {
		return "known at deployment only"
	}
	return region
}
