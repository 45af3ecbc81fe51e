package recovery

import (
	"cmp"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/constructs/replica"
	"github.com/strata-cdk/strata/internal/awsid"
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

// Data is what is to survive. NewPrimary and NewStandby define it: with BackupAndRestore in the primary region only. The plan gives the regions, the
// topic of alarms, the removal policy, and the network and the number of instances of clusters; names come after the plan's, such as "orders-items" for "items".
type Data struct {
	// Tables are tables of DynamoDB.
	// Default: none.
	Tables []replica.GlobalTableProps
	// Buckets are buckets of S3.
	// Default: none.
	Buckets []replica.ReplicatedBucketProps
	// Clusters are clusters of Aurora. They need RegionProps.VPC. In the standby region, PilotLight has no instance of them and WarmStandby one.
	// Default: none.
	Clusters []replica.AuroraGlobalProps
	// Others are kinds of data that you define yourself, such as with constructs/replica. They count in what a strategy can meet and in the
	// runbook, and are backed up when they have the tag BackupTag.
	// Default: none.
	Others []Kind
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

func (p *Plan) validateData(c *check.List) {
	mine := func(c *check.List, pair replica.Pair, side replica.Side, err error) {
		c.That(pair.Primary == "" && pair.Standby == "", "Primary", "must be left out, with Standby: the plan says them")
		c.That(side.RemovalPolicy == "", "RemovalPolicy", "must be left out: the plan says it")
		c.That(side.Key == nil && side.AlarmTopic == nil, "Key", "must be left out, with AlarmTopic: each region has its own")
		c.That(!side.DisableAlarms, "DisableAlarms", "must be left out: the plan's topic gets them")
		c.Join(err)
	}
	var tables, buckets, clusters []string
	for i, t := range p.Data.Tables {
		tables = append(tables, t.Name)
		mine(c.At(check.Index("Tables", i)), t.Pair, t.Side, p.table(t, nil).Validate())
	}
	for i, b := range p.Data.Buckets {
		buckets = append(buckets, b.Name)
		mine(c.At(check.Index("Buckets", i)), b.Pair, b.Side, p.bucket(b, nil).Validate())
	}
	for i, a := range p.Data.Clusters {
		clusters = append(clusters, a.Name)
		c := c.At(check.Index("Clusters", i))
		c.That(a.VPC == nil && a.Subnets == nil, "VPC", "must be left out, with Subnets: RegionProps has those of each region")
		c.That(a.StandbyInstances == nil, "StandbyInstances", "must be left out: the strategy says it")
		mine(c, a.Pair, a.Side, p.cluster(a, nil, &RegionProps{VPC: struct{ awsec2.IVpc }{}}).Validate())
	}
	awsid.OnceEach(c, "Tables", tables)
	awsid.OnceEach(c, "Buckets", buckets)
	awsid.OnceEach(c, "Clusters", clusters)
	for i, kind := range p.Data.Others {
		check.OneOf(c, check.Index("Others", i), kind, kinds...)
		c.That(slices.Index(p.Data.Others, kind) == i, check.Index("Others", i), "must be there once, got %q again", kind)
	}
}

// pair is where data is, by the name that it has in the plan.
func (p *Plan) pair(name string) replica.Pair {
	return replica.Pair{Name: p.Name + "-" + name, Primary: p.Primary, Standby: p.Standby}
}

// table is what both regions define a table from.
func (p *Plan) table(t replica.GlobalTableProps, topic awssns.ITopic) *replica.GlobalTableProps {
	t.Pair, t.AlarmTopic, t.RemovalPolicy = p.pair(t.Name), topic, p.RemovalPolicy
	t.Alone = p.Strategy == BackupAndRestore
	return &t
}

// bucket is what both regions define a bucket from.
func (p *Plan) bucket(b replica.ReplicatedBucketProps, topic awssns.ITopic) *replica.ReplicatedBucketProps {
	b.Pair, b.AlarmTopic, b.RemovalPolicy = p.pair(b.Name), topic, p.RemovalPolicy
	b.Alone = p.Strategy == BackupAndRestore
	return &b
}

// oneWay are the buckets that both regions write to, but which are replicated from the primary region only.
func (p *Plan) oneWay() []string {
	var names []string
	for _, b := range p.Data.Buckets {
		if p.Strategy == ActiveActive && !b.BothWays {
			names = append(names, b.Name)
		}
	}
	return names
}

// cluster is what both regions define a cluster from.
func (p *Plan) cluster(a replica.AuroraGlobalProps, topic awssns.ITopic, region *RegionProps) *replica.AuroraGlobalProps {
	a.Pair, a.AlarmTopic, a.RemovalPolicy = p.pair(a.Name), topic, p.RemovalPolicy
	a.VPC, a.Subnets = region.VPC, region.Subnets
	full := cmp.Or(a.Instances, 2) // as AuroraGlobalProps has it
	a.StandbyInstances = new(min(1, p.Tasks(StandbySide, full)))
	if p.FailedOver || p.Strategy == ActiveActive {
		a.StandbyInstances = &full
	}
	return &a
}

// datasets are what a region has of the data, by the names that the plan gives it.
type datasets struct {
	tables   map[string]*replica.GlobalTable
	buckets  map[string]*replica.ReplicatedBucket
	clusters map[string]*replica.AuroraGlobal
}

// define defines the data in a region.
func (p *Plan) define(scope constructs.Construct, topic awssns.ITopic, region *RegionProps) datasets {
	d := datasets{map[string]*replica.GlobalTable{}, map[string]*replica.ReplicatedBucket{}, map[string]*replica.AuroraGlobal{}}
	for _, t := range p.Data.Tables {
		d.tables[t.Name] = replica.NewGlobalTable(scope, "Table-"+t.Name, p.table(t, topic))
	}
	for _, b := range p.Data.Buckets {
		d.buckets[b.Name] = replica.NewReplicatedBucket(scope, "Bucket-"+b.Name, p.bucket(b, topic))
	}
	for _, a := range p.Data.Clusters {
		d.clusters[a.Name] = replica.NewAuroraGlobal(scope, "Cluster-"+a.Name, p.cluster(a, topic, region))
	}
	return d
}

// restoreRole is the name of the role with which AWS Backup restores in the standby region.
func (p *Plan) restoreRole() string { return p.Name + "-restore" }
