package recovery

import (
	"slices"

	"github.com/strata-cdk/strata/check"
)

// Kind is a kind of data that is to survive.
type Kind string

const (
	// TableKind is a table of DynamoDB.
	TableKind Kind = "DynamoDB table"
	// ClusterKind is a cluster of Aurora.
	ClusterKind Kind = "Aurora cluster"
	// DatabaseKind is an instance of RDS.
	DatabaseKind Kind = "RDS instance"
	// BucketKind is a bucket of S3.
	BucketKind Kind = "S3 bucket"
	// FileSystemKind is a file system of EFS.
	FileSystemKind Kind = "EFS file system"
)

// kinds are all, in the order in which they are told.
var kinds = []Kind{TableKind, ClusterKind, DatabaseKind, BucketKind, FileSystemKind}

// Data is what is to survive. Tables, Buckets and Clusters are defined by NewPrimary and NewStandby.
type Data struct {
	// Tables are tables of DynamoDB.
	Tables []Table
	// Buckets are buckets of S3.
	Buckets []Bucket
	// Clusters are clusters of Aurora.
	Clusters []Cluster
	// Others are kinds of data that you define yourself, such as with constructs/replica. They count in what the strategy can meet and in the
	// runbook.
	Others []Kind
}

// Table is a table of DynamoDB.
type Table struct {
	// Name is what its name ends with.
	Name string
}

// Bucket is a bucket of S3.
type Bucket struct {
	// Name is what its name ends with.
	Name string
}

// Cluster is a cluster of Aurora.
type Cluster struct {
	// Name is what its name ends with.
	Name string
}

// kinds are those of all data, each once.
func (d *Data) kinds() []Kind {
	all := slices.Clone(d.Others)
	for kind, some := range map[Kind]bool{TableKind: len(d.Tables) > 0, BucketKind: len(d.Buckets) > 0, ClusterKind: len(d.Clusters) > 0} {
		if some && !slices.Contains(all, kind) {
			all = append(all, kind)
		}
	}
	slices.SortFunc(all, func(a, b Kind) int { return slices.Index(kinds, a) - slices.Index(kinds, b) })
	return all
}

func (d *Data) validate(c *check.List) {
	for i, kind := range d.Others {
		check.OneOf(c, check.Index("Others", i), kind, kinds...)
		c.That(slices.Index(d.Others, kind) == i, check.Index("Others", i), "must be there once, got %q again", kind)
	}
}

func (p *Plan) tableName(t Table) string { return p.Name + "-" + t.Name }

func (p *Plan) bucketName(b Bucket, region string) string {
	return p.Name + "-" + b.Name + "-$ACCOUNT-" + region
}

func (p *Plan) clusterID(c Cluster, region string) string {
	return p.Name + "-" + c.Name + "-" + region
}

func (p *Plan) globalClusterID(c Cluster) string { return p.Name + "-" + c.Name }

// restoreRole is the name of the role with which AWS Backup restores in the standby region.
func (p *Plan) restoreRole() string { return p.Name + "-restore" }
