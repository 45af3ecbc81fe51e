package recovery

import (
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/constructs/backupcopy"
	"github.com/strata-cdk/strata/constructs/replica"
	"github.com/strata-cdk/strata/internal/encrypted"
	"github.com/strata-cdk/strata/internal/monitor"
	"github.com/strata-cdk/strata/internal/sorted"
)

// RegionProps configures a region of a plan.
type RegionProps struct {
	// Plan is the plan. It is required, and the same for both regions.
	Plan *Plan
	// VPC is the network of this region, in which Data.Clusters are. It is required with them, but not in the standby region of BackupAndRestore.
	// Default: none.
	VPC awsec2.IVpc
	// Subnets are where clusters are, in two zones or more.
	// Default: the isolated subnets of VPC; those with a way out where it has none.
	Subnets *awsec2.SubnetSelection
}

// Primary is what a plan has in the region that serves.
// The fields are the underlying constructs, for grants and overrides.
type Primary struct {
	constructs.Construct
	// Tables, Buckets and Clusters are the data, by the names that the plan gives it.
	Tables   map[string]*replica.GlobalTable
	Buckets  map[string]*replica.ReplicatedBucket
	Clusters map[string]*replica.AuroraGlobal
	// Backups backs the data up and copies the backups to the standby region; nil without data.
	Backups *backupcopy.Plan
	// Topic gets all alarms. Subscribe to it.
	Topic awssns.ITopic
	// Key encrypts the vault and the topic.
	Key awskms.IKey

	plan Plan
}

// NewPrimary defines a Primary named id in scope, in a stack of the plan's primary region. Deploy the standby region first: data and backups are copied to
// what is there.
// It panics with a *check.Error that lists every invalid field of props.
func NewPrimary(scope constructs.Construct, id string, props *RegionProps) *Primary {
	d := props.must(scope, id, PrimarySide)
	p := &Primary{plan: d}
	constructs.NewConstruct_Override(p, scope, &id)
	if d.LastDrill == "" {
		awscdk.Annotations_Of(p).AddWarningV2(jsii.String("@strata/recovery:noDrill"),
			jsii.String("nobody knows whether this plan works: follow its runbook while nothing is lost, and write the day into LastDrill"))
	}
	if names := d.oneWay(); len(names) > 0 {
		awscdk.Annotations_Of(p).AddWarningV2(jsii.String("@strata/recovery:oneWay"), jsii.String(fmt.Sprintf(
			"what is written in %s to buckets does not reach %s: set BothWays, once both stacks are deployed, for %s", d.Standby, d.Primary, strings.Join(names, ", "))))
	}
	p.Key = encrypted.NewKey(p, "Backups and alarms of "+d.Name, d.RemovalPolicy)
	p.Topic = monitor.NewTopic(p, p.Key)
	data := d.define(p, p.Topic, props)
	p.Tables, p.Buckets, p.Clusters = data.tables, data.buckets, data.clusters
	p.tagForDrill()
	if len(d.Data.kinds()) > 0 {
		p.Backups = backupcopy.NewPlan(p, "Backups", &backupcopy.PlanProps{
			Backups: d.backups(), Constructs: p.constructs(), Tags: map[string]string{BackupTag: d.Name},
			AlarmTopic: p.Topic, Key: p.Key, RemovalPolicy: d.RemovalPolicy,
		})
	}
	return p
}

// constructs are those whose data is backed up.
func (p *Primary) constructs() []constructs.IConstruct {
	var all []constructs.IConstruct
	for _, t := range sorted.All(p.Tables) {
		all = append(all, t.Global)
	}
	for _, b := range sorted.All(p.Buckets) {
		all = append(all, b.Bucket)
	}
	for _, a := range sorted.All(p.Clusters) {
		all = append(all, a.Resource)
	}
	return all
}

// Tasks gives how many tasks or instances a service has here, of the full number; see Plan.Tasks.
func (p *Primary) Tasks(full int) int { return p.plan.Tasks(PrimarySide, full) }

// Standby is what a plan has in the region that is to take over. It refers to nothing in the primary region, and can be deployed while this is lost.
// The fields are the underlying constructs, for grants and overrides.
type Standby struct {
	constructs.Construct
	// Tables, Buckets and Clusters are the data, by the names that the plan gives it; none with BackupAndRestore.
	Tables   map[string]*replica.GlobalTable
	Buckets  map[string]*replica.ReplicatedBucket
	Clusters map[string]*replica.AuroraGlobal
	// Copies takes copies of backups, and tests that they can be restored; nil without data.
	Copies *backupcopy.CopyVault
	// Topic gets all alarms. Subscribe to it.
	Topic awssns.ITopic
	// Key encrypts the vault and the topic.
	Key awskms.IKey

	plan Plan
}

// NewStandby defines a Standby named id in scope, in a stack of the plan's standby region.
// It panics with a *check.Error that lists every invalid field of props.
func NewStandby(scope constructs.Construct, id string, props *RegionProps) *Standby {
	d := props.must(scope, id, StandbySide)
	s := &Standby{plan: d}
	constructs.NewConstruct_Override(s, scope, &id)
	s.Key = encrypted.NewKey(s, "Backups and alarms of "+d.Name, d.RemovalPolicy)
	s.Topic = monitor.NewTopic(s, s.Key)
	if d.Strategy != BackupAndRestore {
		data := d.define(s, s.Topic, props)
		s.Tables, s.Buckets, s.Clusters = data.tables, data.buckets, data.clusters
	}
	if kinds := d.Data.kinds(); len(kinds) > 0 {
		var tests []backupcopy.RestoreTest
		for _, kind := range kinds {
			test := backupcopy.RestoreTest{ResourceType: backupTypes[kind]}
			if kind == ClusterKind {
				for _, a := range sorted.All(s.Clusters) { // any network will do; without one, AWS Backup takes the default VPC, which may be gone
					test.Overrides = map[string]string{"dbSubnetGroupName": *a.Resource.DbSubnetGroupName()}
				}
			}
			tests = append(tests, test)
		}
		s.Copies = backupcopy.NewCopyVault(s, "Copies", &backupcopy.CopyVaultProps{
			Backups: d.backups(), RestoreTests: tests, AlarmTopic: s.Topic, Key: s.Key, RemovalPolicy: d.RemovalPolicy,
		})
		// The runbook names the role.
		s.Copies.Role.Node().DefaultChild().(awsiam.CfnRole).SetRoleName(jsii.String(d.restoreRole()))
	}
	return s
}

// Tasks gives how many tasks or instances a service has here, of the full number; see Plan.Tasks.
func (s *Standby) Tasks(full int) int { return s.plan.Tasks(StandbySide, full) }

// BackupTag is the tag of what is backed up beside what the plan defines, with the name of the plan as its value.
const BackupTag = "strata:recovery"

// backupTypes are what AWS Backup calls kinds.
var backupTypes = map[Kind]string{TableKind: "DynamoDB", ClusterKind: "Aurora", DatabaseKind: "RDS", BucketKind: "S3", FileSystemKind: "EFS"}

// must panics unless the plan is valid and the stack of scope is in the region of the side. It returns the plan with its defaults.
func (p *RegionProps) must(scope constructs.Construct, id string, side Side) Plan {
	path := scope.Node().Path()
	check.Must(path, id, p.Validate())
	d := p.Plan.withDefaults()
	c := check.For("recovery.RegionProps")
	field, want := "Plan.Primary", d.Primary
	if side == StandbySide {
		field, want = "Plan.Standby", d.Standby
	}
	c.That(p.VPC != nil || len(d.Data.Clusters) == 0 || side == StandbySide && d.Strategy == BackupAndRestore, "VPC", "must be given: Plan.Data has clusters")
	region := *awscdk.Stack_Of(scope).Region()
	if check.IsToken(region) {
		region = "known at deployment only"
	}
	c.That(region == want, field, "must be the region of the stack, which is %s, got %s", region, want)
	check.Must(path, id, c.Err())
	return d
}

// Validate reports every invalid field at once, those of the plan included. It is pure Go: no construct is made.
func (p *RegionProps) Validate() error {
	c := check.For("recovery.RegionProps")
	if p == nil {
		p = &RegionProps{}
	}
	c.At("Plan").Join(p.Plan.Validate())
	return c.Err()
}

// backups are the rules of both sides: one as often as the plan says, for a week, and one a day for longer.
func (p *Plan) backups() backupcopy.Backups {
	window := p.Times.BackupWindow
	completion := max(day, window+time.Hour)
	daily := backupcopy.Rule{Name: "Daily", StartWindow: window, CompletionWindow: completion}
	b := backupcopy.Backups{Name: p.Name, Region: p.Primary, CopyRegion: p.Standby, Rules: []backupcopy.Rule{daily}}
	if p.Times.BackupEvery < day {
		b.Rules = append(b.Rules, backupcopy.Rule{
			Name: "Often", Schedule: fmt.Sprintf("cron(0 0/%d * * ? *)", int(p.Times.BackupEvery.Hours())), StartWindow: window, CompletionWindow: completion, KeepDays: 7,
		})
	}
	return b
}
