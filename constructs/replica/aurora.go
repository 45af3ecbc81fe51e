package replica

import (
	"fmt"
	"regexp"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsrds"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/defaults"
	"github.com/strata-cdk/strata/internal/monitor"
	"github.com/strata-cdk/strata/internal/nag"
)

// AuroraGlobalProps configures an AuroraGlobal.
type AuroraGlobalProps struct {
	Pair
	Side
	Database
	// InstanceClass is that of all instances: "db.serverless", which is Serverless v2, or one of the classes r and x, such as "db.r7g.large". Global databases have no
	// classes t.
	// Default: "db.serverless".
	InstanceClass string
	// MinCapacity and MaxCapacity are the limits of an instance of db.serverless, in Aurora capacity units of about 2 GiB, half ones too: 0.5 to 256. They go with that class
	// only.
	// Default: 0.5 and 16.
	MinCapacity, MaxCapacity float64
	// Instances is the number in Primary, 1 to 16: one writes, the others read and take over from it.
	// Default: 2.
	Instances int
	// StandbyInstances is the number in Standby, 0 to 16. With 0, the cluster has its data only, and instances are added when it takes over.
	// Default: nil, which means 1.
	StandbyInstances *int
	// WriteForwarding lets clients write in Standby: Aurora passes it on to Primary. Clients ask for it in their sessions.
	// Default: false.
	WriteForwarding bool
	// AlarmLag is how far Standby may be behind, in whole seconds, 1 s to 1 day.
	// Default: 1 min.
	AlarmLag time.Duration
	// ConfigureCluster edits the L1 props of the cluster last, after all defaults.
	// Default: no edit.
	ConfigureCluster func(*awsrds.CfnDBClusterProps)
}

// AuroraGlobal is an Aurora cluster in each region, of one global database.
// The fields are the underlying constructs, for grants and overrides.
type AuroraGlobal struct {
	constructs.Construct
	// Cluster is the one of this region.
	Cluster awsrds.IDatabaseCluster
	// Resource is what defines Cluster.
	Resource awsrds.CfnDBCluster
	// Global is the global database, in Primary; nil in Standby.
	Global awsrds.CfnGlobalCluster
	// Instances are those of Cluster.
	Instances []awsrds.CfnDBInstance
	// SecurityGroup is that of Cluster.
	SecurityGroup awsec2.SecurityGroup
	// Secret has the administrator's password: in Standby it is the replica of that in Primary.
	Secret awssecretsmanager.ISecret
	// Topic gets alarms, in Standby; nil in Primary, where nothing tells of the lag, and with DisableAlarms.
	Topic awssns.ITopic
	// Key encrypts data, logs and, in Primary, the secret.
	Key awskms.IKey

	port float64
}

const serverless = "db.serverless"

var (
	auroraVersions = map[Engine]*regexp.Regexp{
		PostgreSQL: regexp.MustCompile(`^1[1-9]\.[0-9]+(\.[0-9]+)?$`),
		MySQL:      regexp.MustCompile(`^8\.[0-9]+\.mysql_aurora\.[3-9]\.[0-9]+\.[0-9]+$`),
	}
	auroraExamples = map[Engine]string{PostgreSQL: "17.6", MySQL: "8.0.mysql_aurora.3.10.1"}
	auroraClass    = regexp.MustCompile(`^db\.(serverless|[rx][0-9][a-z0-9-]*\.[0-9]*x?large)$`)
)

func (p *AuroraGlobalProps) withDefaults() AuroraGlobalProps {
	var d AuroraGlobalProps
	if p != nil {
		d = *p
	}
	d.Side.setDefaults()
	d.Database.setDefaults()
	defaults.Or(&d.InstanceClass, serverless)
	if d.InstanceClass == serverless {
		defaults.Or(&d.MinCapacity, 0.5)
		defaults.Or(&d.MaxCapacity, 16)
	}
	defaults.Or(&d.Instances, 2)
	if d.StandbyInstances == nil {
		d.StandbyInstances = new(1)
	}
	defaults.Or(&d.AlarmLag, time.Minute)
	return d
}

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *AuroraGlobalProps) Validate() error {
	d, c := p.withDefaults(), check.For("replica.AuroraGlobalProps")
	d.Pair.validate(c)
	d.Side.validate(c)
	d.Database.validate(c, auroraVersions, auroraExamples)
	c.That(auroraClass.MatchString(d.InstanceClass), "InstanceClass", "must be db.serverless or a class r or x, such as db.r7g.large, got %q", d.InstanceClass)
	if d.InstanceClass == serverless {
		halves := func(field string, units, lo float64) {
			check.Range(c, field, units, lo, 256)
			c.That(units*2 == float64(int(units*2)), field, "must be whole or half units, got %v", units)
		}
		halves("MinCapacity", d.MinCapacity, 0.5)
		halves("MaxCapacity", d.MaxCapacity, max(1, d.MinCapacity))
	} else {
		c.That(d.MinCapacity == 0 && d.MaxCapacity == 0, "MaxCapacity", "must be left out, with MinCapacity, unless InstanceClass is db.serverless")
	}
	check.Range(c, "Instances", d.Instances, 1, 16)
	check.Range(c, "StandbyInstances", *d.StandbyInstances, 0, 16)
	validateLag(c, d.AlarmLag)
	return c.Err()
}

// NewAuroraGlobal defines an AuroraGlobal named id in scope, in a stack of either region. Deploy that of Primary first: a cluster joins a global database that is
// there. It panics with a *check.Error that lists every invalid field of props.
//
// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database.html
func NewAuroraGlobal(scope constructs.Construct, id string, props *AuroraGlobalProps) *AuroraGlobal {
	path, stack := scope.Node().Path(), awscdk.Stack_Of(scope)
	check.Must(path, id, props.Validate())
	d := props.withDefaults()
	check.Must(path, id, d.validateIn("replica.AuroraGlobalProps", stack))

	g := &AuroraGlobal{port: d.port()}
	constructs.NewConstruct_Override(g, scope, &id)
	here := *stack.Region()
	primary := here == d.Primary
	at := d.newPlace(g, &d.Pair, &d.Side, "aurora", primary)
	g.Key, g.SecurityGroup, g.Secret = at.key, at.securityGroup, at.secret
	g.addCluster(&d, at.subnets, here)
	at.attach(g.Cluster)
	if primary {
		g.Global = awsrds.NewCfnGlobalCluster(g, jsii.String("Global"), &awsrds.CfnGlobalClusterProps{
			GlobalClusterIdentifier: &d.Name, SourceDbClusterIdentifier: g.Resource.AttrDbClusterArn(), DeletionProtection: d.protects(),
		})
		g.Global.ApplyRemovalPolicy(d.removal(), nil)
		return g
	}
	g.Topic = d.newTopic(g, g.Key)
	if g.Topic != nil {
		monitor.NewAlarm(g, monitor.Watch{
			ID: "Lag", Text: "The cluster is more than " + d.AlarmLag.String() + " behind " + d.Primary,
			Metric:    metric("AWS/RDS", "AuroraGlobalDBReplicationLag", map[string]string{"DBClusterIdentifier": d.identifier(here)}),
			Threshold: float64(d.AlarmLag.Milliseconds()), Minutes: 5, Of: 5,
		}, g.Topic)
	}
	return g
}

// AllowFrom lets peer connect to the cluster.
func (g *AuroraGlobal) AllowFrom(peer awsec2.IConnectable) {
	g.SecurityGroup.Connections().AllowFrom(peer, awsec2.Port_Tcp(&g.port), nil)
}

func (g *AuroraGlobal) addCluster(d *AuroraGlobalProps, subnets awsrds.SubnetGroup, here string) {
	engine := "aurora-" + string(d.Engine)
	props := &awsrds.CfnDBClusterProps{
		DbClusterIdentifier: jsii.String(d.identifier(here)), Engine: &engine, EngineVersion: &d.Version, Port: &g.port,
		DbSubnetGroupName: subnets.SubnetGroupName(), VpcSecurityGroupIds: &[]any{g.SecurityGroup.SecurityGroupId()},
		StorageEncrypted: jsii.Bool(true), KmsKeyId: g.Key.KeyArn(), EnableIamDatabaseAuthentication: jsii.Bool(true), CopyTagsToSnapshot: jsii.Bool(true),
		DeletionProtection: d.protects(), BackupRetentionPeriod: jsii.Number(d.BackupDays), EnableCloudwatchLogsExports: jsii.Strings(d.logs()...),
	}
	count := d.Instances
	if here == d.Primary {
		props.DatabaseName = cdkval.Text(d.DatabaseName)
		props.MasterUsername = g.Secret.SecretValueFromJson(jsii.String("username")).UnsafeUnwrap()
		props.MasterUserPassword = g.Secret.SecretValueFromJson(jsii.String("password")).UnsafeUnwrap()
	} else { // what Primary has, credentials above all, it must not be given
		count = *d.StandbyInstances
		props.GlobalClusterIdentifier, props.SourceRegion, props.EnableGlobalWriteForwarding = &d.Name, &d.Primary, jsii.Bool(d.WriteForwarding)
	}
	if d.InstanceClass == serverless {
		props.ServerlessV2ScalingConfiguration = &awsrds.CfnDBCluster_ServerlessV2ScalingConfigurationProperty{MinCapacity: &d.MinCapacity, MaxCapacity: &d.MaxCapacity}
	}
	if !d.AllowPlaintext {
		parameters := awsrds.NewCfnDBClusterParameterGroup(g, jsii.String("Parameters"), &awsrds.CfnDBClusterParameterGroupProps{
			Description: jsii.String("Parameters of " + *g.Node().Path()), Family: d.family(engine), Parameters: d.parameters(),
		})
		parameters.ApplyRemovalPolicy(d.RemovalPolicy, nil)
		props.DbClusterParameterGroupName = parameters.Ref()
	}
	if d.ConfigureCluster != nil {
		d.ConfigureCluster(props)
	}
	g.Resource = awsrds.NewCfnDBCluster(g, jsii.String("Cluster"), props)
	g.Resource.ApplyRemovalPolicy(d.removal(), nil)
	nag.Suppress(g.Resource, "AwsSolutions-RDS11", portReason)
	nag.Suppress(g.Resource, "AwsSolutions-RDS14", backtrackReason)
	d.newLogGroups(g, g.Key, "cluster/"+d.identifier(here), d.LogDays, d.logs(), g.Resource)
	for i := range count {
		instance := awsrds.NewCfnDBInstance(g, jsii.String(fmt.Sprintf("Instance%d", i+1)), &awsrds.CfnDBInstanceProps{
			DbClusterIdentifier: g.Resource.Ref(), DbInstanceClass: &d.InstanceClass, Engine: &engine, PubliclyAccessible: jsii.Bool(false),
			EnablePerformanceInsights: jsii.Bool(true), PerformanceInsightsKmsKeyId: g.Key.KeyArn(),
		})
		instance.ApplyRemovalPolicy(d.removal(), nil)
		g.Instances = append(g.Instances, instance)
	}
	g.Cluster = awsrds.DatabaseCluster_FromDatabaseClusterAttributes(g, jsii.String("Database"), &awsrds.DatabaseClusterAttributes{
		ClusterIdentifier: g.Resource.Ref(), ClusterResourceIdentifier: g.Resource.AttrDbClusterResourceId(), Port: &g.port,
		ClusterEndpointAddress: g.Resource.AttrEndpointAddress(), ReaderEndpointAddress: g.Resource.AttrReadEndpointAddress(),
		SecurityGroups: &[]awsec2.ISecurityGroup{g.SecurityGroup}, Secret: g.Secret,
	})
}
