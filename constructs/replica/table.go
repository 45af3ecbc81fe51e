package replica

import (
	"slices"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/awsid"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/defaults"
	"github.com/strata-cdk/strata/internal/monitor"
)

// Attribute is an attribute of the key of a table.
type Attribute struct {
	// Name is 1 to 255 bytes long.
	Name string
	// Type is that of the values: STRING, NUMBER or BINARY.
	// Default: awsdynamodb.AttributeType_STRING.
	Type awsdynamodb.AttributeType
}

// GlobalTableProps configures a GlobalTable.
type GlobalTableProps struct {
	Pair
	Side
	// Alone keeps the table in Primary, with no replica, until this is taken away: the name and what is in it stay then.
	// Default: false.
	Alone bool
	// PartitionKey is required.
	PartitionKey Attribute
	// SortKey is the second attribute of the key.
	// Default: none.
	SortKey Attribute
	// TimeToLiveAttribute has the time at which an item expires, in seconds since 1970. It goes without StrongConsistency.
	// Default: none, items stay.
	TimeToLiveAttribute string
	// OtherRegions have a replica besides Primary and Standby. Each needs a GlobalTable in a stack of its own.
	// Default: none.
	OtherRegions []string
	// StrongConsistency lets strongly consistent reads in each region see what was written in any, at the cost of slower writes. It asks for three regions of
	// one set (us-east-1, us-east-2, us-west-2; eu-west-1, eu-west-2, eu-west-3, eu-central-1; ap-northeast-1, -2, -3): one of OtherRegions or WitnessRegion. A table that is there cannot get it.
	// Default: false, other regions see a write after about a second.
	StrongConsistency bool
	// WitnessRegion has what strong consistency needs of a third region, but no replica.
	// Default: none.
	WitnessRegion string
	// RecoveryDays is how far back each replica can be restored to any second, 1 to 35 days.
	// Default: 35.
	RecoveryDays int
	// AlarmLag is how far another region may be behind, in whole seconds, 1 s to 1 day. Without effect with StrongConsistency, which has no such metric.
	// Default: 1 min.
	AlarmLag time.Duration
	// ConfigureTable edits the L2 props last, after all defaults, in Primary: indexes, capacity, streams. Keys, name and replicas must stay.
	// Default: no edit.
	ConfigureTable func(*awsdynamodb.TablePropsV2)
}

// GlobalTable is a table of DynamoDB with a replica in each region.
// The fields are the underlying constructs, for grants and overrides.
type GlobalTable struct {
	constructs.Construct
	// Table is the replica of this region.
	Table awsdynamodb.ITableV2
	// Global is what defines all replicas, in Primary; nil elsewhere.
	Global awsdynamodb.TableV2
	// Topic gets alarms; nil with DisableAlarms.
	Topic awssns.ITopic
	// Key encrypts the replica.
	Key awskms.IKey

	pair Pair
}

// consistencySets are the regions that strong consistency is to be had among.
var consistencySets = [][]string{
	{"us-east-1", "us-east-2", "us-west-2"},
	{"eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1"},
	{"ap-northeast-1", "ap-northeast-2", "ap-northeast-3"},
}

func (p *GlobalTableProps) withDefaults() GlobalTableProps {
	var d GlobalTableProps
	if p != nil {
		d = *p
	}
	d.Side.setDefaults()
	defaults.Or(&d.PartitionKey.Type, awsdynamodb.AttributeType_STRING)
	defaults.Or(&d.SortKey.Type, awsdynamodb.AttributeType_STRING)
	defaults.Or(&d.RecoveryDays, 35)
	defaults.Or(&d.AlarmLag, time.Minute)
	return d
}

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *GlobalTableProps) Validate() error {
	d, c := p.withDefaults(), check.For("replica.GlobalTableProps")
	d.Pair.validate(c)
	d.Side.validate(c)
	d.PartitionKey.validate(c.At("PartitionKey"))
	if d.SortKey.Name != "" {
		d.SortKey.validate(c.At("SortKey"))
		c.That(d.SortKey.Name != d.PartitionKey.Name, "SortKey.Name", "must be another attribute than PartitionKey")
	}
	c.That(len(d.TimeToLiveAttribute) <= 255, "TimeToLiveAttribute", "must be at most 255 bytes, got %d", len(d.TimeToLiveAttribute))
	for i, region := range d.OtherRegions {
		d.region(c, check.Index("OtherRegions", i), region)
		c.That(region != d.Primary && region != d.Standby, check.Index("OtherRegions", i), "must be neither Primary nor Standby")
	}
	awsid.OnceEach(c, "OtherRegions", d.OtherRegions)
	d.validateConsistency(c)
	c.That(!d.Alone || len(d.OtherRegions) == 0 && !d.StrongConsistency, "Alone", "must be left out with OtherRegions and StrongConsistency")
	check.Range(c, "RecoveryDays", d.RecoveryDays, 1, 35)
	validateLag(c, d.AlarmLag)
	return c.Err()
}

func (a *Attribute) validate(c *check.List) {
	c.That(1 <= len(a.Name) && len(a.Name) <= 255, "Name", "must be 1 to 255 bytes, got %d", len(a.Name))
	check.OneOf(c, "Type", a.Type, awsdynamodb.AttributeType_STRING, awsdynamodb.AttributeType_NUMBER, awsdynamodb.AttributeType_BINARY)
}

func (p *GlobalTableProps) validateConsistency(c *check.List) {
	if !p.StrongConsistency {
		c.That(p.WitnessRegion == "", "WitnessRegion", "must be left out without StrongConsistency")
		return
	}
	third := slices.Clone(p.OtherRegions)
	if p.WitnessRegion != "" {
		third = append(third, p.WitnessRegion)
	}
	c.That(len(third) == 1, "StrongConsistency", "must have a third region: one of OtherRegions, or WitnessRegion, got %d", len(third))
	c.That(p.WitnessRegion == "" || p.WitnessRegion != p.Primary && p.WitnessRegion != p.Standby, "WitnessRegion", "must be neither Primary nor Standby")
	all := append(third, p.Primary, p.Standby)
	together := slices.ContainsFunc(consistencySets, func(set []string) bool {
		return !slices.ContainsFunc(all, func(region string) bool { return !slices.Contains(set, region) })
	})
	c.That(together, "StrongConsistency", "must have all regions of one set, %v", consistencySets)
	c.That(p.TimeToLiveAttribute == "", "TimeToLiveAttribute", "must be left out with StrongConsistency")
}

// NewGlobalTable defines a GlobalTable named id in scope. CloudFormation has one resource for all replicas: it is in the stack of Primary. That of any other
// region has the key of its replica, and must be deployed before.
// It panics with a *check.Error that lists every invalid field of props.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GlobalTables.html
func NewGlobalTable(scope constructs.Construct, id string, props *GlobalTableProps) *GlobalTable {
	path, stack := scope.Node().Path(), awscdk.Stack_Of(scope)
	check.Must(path, id, props.Validate())
	d := props.withDefaults()
	check.Must(path, id, d.validateIn("replica.GlobalTableProps", stack, d.OtherRegions...))
	check.Must(path, id, d.validateAlone("replica.GlobalTableProps", stack, d.Alone))

	t := &GlobalTable{pair: d.Pair}
	constructs.NewConstruct_Override(t, scope, &id)
	t.Key = d.newKey(t, d.tableAlias(), "Items of "+d.Name)
	here := *stack.Region()
	if here == d.Primary {
		t.Global = d.newTable(t, t.Key, stack)
		t.Table = t.Global
	} else {
		t.Table = awsdynamodb.TableV2_FromTableAttributes(t, jsii.String("Replica"), &awsdynamodb.TableAttributesV2{
			TableArn: t.TableARN(here), EncryptionKey: t.Key, GrantIndexPermissions: jsii.Bool(true),
		})
	}
	t.Topic = d.newTopic(t, t.Key)
	if t.Topic == nil || d.StrongConsistency || d.Alone {
		return t
	}
	for _, other := range append([]string{d.Primary, d.Standby}, d.OtherRegions...) {
		if other == here {
			continue
		}
		monitor.NewAlarm(t, monitor.Watch{
			ID: "Lag-" + other, Text: "The table's replica in " + other + " is more than " + d.AlarmLag.String() + " behind",
			Metric:    metric("AWS/DynamoDB", "ReplicationLatency", map[string]string{"TableName": d.Name, "ReceivingRegion": other}),
			Threshold: float64(d.AlarmLag.Milliseconds()), Minutes: 5, Of: 5,
		}, t.Topic)
	}
	return t
}

// TableName is the name of the table in all regions.
func (t *GlobalTable) TableName() *string { return &t.pair.Name }

// TableARN is the ARN of the replica in a region.
func (t *GlobalTable) TableARN(region string) *string {
	return arn(awscdk.Stack_Of(t), "dynamodb", region, "table/"+t.pair.Name)
}

func (p *Pair) tableAlias() string { return "alias/" + p.Name + "-table" }

func (p *GlobalTableProps) newTable(scope constructs.Construct, key awskms.IKey, stack awscdk.Stack) awsdynamodb.TableV2 {
	attribute := func(a Attribute) *awsdynamodb.Attribute {
		if a.Name == "" {
			return nil
		}
		return &awsdynamodb.Attribute{Name: &a.Name, Type: a.Type}
	}
	var replicas []*awsdynamodb.ReplicaTableProps
	keys := map[string]*string{}
	for _, region := range append([]string{p.Standby}, p.OtherRegions...) {
		if p.Alone {
			break
		}
		replicas = append(replicas, &awsdynamodb.ReplicaTableProps{Region: &region})
		keys[region] = arn(stack, "kms", region, p.tableAlias())
	}
	table := &awsdynamodb.TablePropsV2{
		TableName: &p.Name, PartitionKey: attribute(p.PartitionKey), SortKey: attribute(p.SortKey), TimeToLiveAttribute: cdkval.Text(p.TimeToLiveAttribute),
		Replicas: &replicas, Encryption: awsdynamodb.TableEncryptionV2_CustomerManagedKey(key, &keys), WitnessRegion: cdkval.Text(p.WitnessRegion),
		DeletionProtection: p.protects(), RemovalPolicy: p.removal(),
		PointInTimeRecoverySpecification: &awsdynamodb.PointInTimeRecoverySpecification{
			PointInTimeRecoveryEnabled: jsii.Bool(true), RecoveryPeriodInDays: jsii.Number(p.RecoveryDays),
		},
	}
	if p.StrongConsistency {
		table.MultiRegionConsistency = awsdynamodb.MultiRegionConsistency_STRONG
	}
	if p.ConfigureTable != nil {
		p.ConfigureTable(table)
	}
	return awsdynamodb.NewTableV2(scope, jsii.String("Table"), table)
}
