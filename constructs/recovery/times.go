package recovery

import (
	"cmp"
	"time"

	"github.com/strata-cdk/strata/check"
)

// Times are how long steps take for which AWS names no figure. The defaults are assumptions: a drill gives yours, and the alarms of a
// drill tell when they are no longer true.
type Times struct {
	// Decision is how long people take to find that the region is lost and to fail over. With ActiveActive nobody decides, unless a database
	// must be promoted.
	// Default: 15 min.
	Decision time.Duration
	// BackupEvery is the time between two backups: 1, 2, 3, 4, 6, 8, 12 or 24 h.
	// Default: 1 h with BackupAndRestore, else 24 h.
	BackupEvery time.Duration
	// BackupWindow is how late a backup may start, at least 1 h as AWS Backup has it.
	// Default: 1 h.
	BackupWindow time.Duration
	// Backup is how long a backup takes, and Copy the copy of it to the standby region.
	// Default: 30 min each.
	Backup, Copy time.Duration
	// Restore is how long it takes to restore the largest piece of data.
	// Default: 4 h.
	Restore time.Duration
	// Deploy is how long it takes to deploy what BackupAndRestore has not deployed in the standby region.
	// Default: 30 min.
	Deploy time.Duration
	// Start is how long it takes until computing that was stopped, or is to grow, is at its full size and healthy.
	// Default: 5 min.
	Start time.Duration
	// AddInstance is how long it takes to add an instance to a cluster of Aurora that has none.
	// Default: 10 min.
	AddInstance time.Duration
	// Promote is how long it takes to make a read replica of RDS a database of its own, with the restart of it.
	// Default: 10 min.
	Promote time.Duration
	// ReplicaLag is how far a read replica of RDS in another region is behind.
	// Default: 1 min.
	ReplicaLag time.Duration
}

func (t Times) withDefaults(s Strategy) Times {
	if s == BackupAndRestore {
		t.BackupEvery = cmp.Or(t.BackupEvery, time.Hour)
	}
	for _, f := range t.fields() {
		*f.value = cmp.Or(*f.value, f.zero)
	}
	return t
}

const day = 24 * time.Hour

// field is one of Times.
type field struct {
	name                  string
	value                 *time.Duration
	zero, shortest, limit time.Duration
}

func (t *Times) fields() []field {
	return []field{
		{"Decision", &t.Decision, 15 * time.Minute, time.Second, day},
		{"BackupEvery", &t.BackupEvery, day, time.Hour, day},
		{"BackupWindow", &t.BackupWindow, time.Hour, time.Hour, 7 * day},
		{"Backup", &t.Backup, 30 * time.Minute, time.Second, 7 * day},
		{"Copy", &t.Copy, 30 * time.Minute, time.Second, 7 * day},
		{"Restore", &t.Restore, 4 * time.Hour, time.Second, 7 * day},
		{"Deploy", &t.Deploy, 30 * time.Minute, time.Second, 7 * day},
		{"Start", &t.Start, 5 * time.Minute, time.Second, 7 * day},
		{"AddInstance", &t.AddInstance, 10 * time.Minute, time.Second, 7 * day},
		{"Promote", &t.Promote, 10 * time.Minute, time.Second, 7 * day},
		{"ReplicaLag", &t.ReplicaLag, time.Minute, time.Second, 7 * day},
	}
}

func (t Times) validate(c *check.List) {
	for _, f := range t.fields() {
		check.Range(c, f.name, *f.value, f.shortest, f.limit)
	}
	if t.BackupEvery >= time.Hour && t.BackupEvery <= day {
		c.That(t.BackupEvery%time.Hour == 0 && day%t.BackupEvery == 0, "BackupEvery", "must be whole hours that a day is a multiple of, got %v", t.BackupEvery)
	}
	c.That(t.BackupWindow%time.Minute == 0, "BackupWindow", "must be whole minutes, got %v", t.BackupWindow)
}

// figure is a time that AWS documents, or that a plan assumes.
type figure struct {
	time.Duration
	source string
}

func assumed(d time.Duration, field string) figure { return figure{d, "assumed: Times." + field} }

// What AWS documents.
var (
	// Three failures of checks 30 s apart.
	detection = figure{90 * time.Second, "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-values.html"}
	// How long resolvers keep the answer of an alias of a load balancer.
	dnsTTL = figure{time.Minute, "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-choosing-alias-non-alias.html"}
	// How long the promotion of a secondary cluster of Aurora takes.
	auroraPromotion = figure{time.Minute, "https://aws.amazon.com/rds/aurora/global-database/"}
)

// lags is how far data in the standby region is behind where it is replicated.
var lags = map[Kind]figure{
	TableKind:      {time.Second, "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GlobalTables.html"},
	ClusterKind:    {time.Second, "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database.html"},
	BucketKind:     {15 * time.Minute, "https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-time-control.html"},
	FileSystemKind: {15 * time.Minute, "https://docs.aws.amazon.com/efs/latest/ug/efs-replication.html"},
}
