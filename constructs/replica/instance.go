package replica

import (
	"regexp"
	"strconv"
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

// CrossRegionReplicaProps configures a CrossRegionReplica.
type CrossRegionReplicaProps struct {
	Pair
	Side
	Database
	// InstanceClass is that of the instance, such as "db.m7g.large". Classes small and micro do without Performance Insights, which MySQL does not have there.
	// Default: "db.m7g.large".
	InstanceClass string
	// StorageGiB is the size of the storage, 20 to 65536 GiB, of type gp3. Standby takes that of Primary.
	// Default: 100.
	StorageGiB int
	// MaxStorageGiB is up to where it grows by itself, more than StorageGiB and at most 65536.
	// Default: 0, twice StorageGiB.
	MaxStorageGiB int
	// SingleAZ does without a copy in a second zone of the region of the stack.
	// Default: false, in Standby too, so that it need not be made when Standby takes over.
	SingleAZ bool
	// AlarmLag is how far Standby may be behind, in whole seconds, 1 s to 1 day. Where nothing is written, PostgreSQL tells of a lag of up to 5 minutes.
	// Default: 10 min.
	AlarmLag time.Duration
	// ConfigureInstance edits the L1 props of the instance last, after all defaults.
	// Default: no edit.
	ConfigureInstance func(*awsrds.CfnDBInstanceProps)
}

// CrossRegionReplica is an instance of RDS with a read replica in another region.
// The fields are the underlying constructs, for grants and overrides.
type CrossRegionReplica struct {
	constructs.Construct
	// Instance is the one of this region.
	Instance awsrds.IDatabaseInstance
	// Resource is what defines Instance.
	Resource awsrds.CfnDBInstance
	// SecurityGroup is that of Instance.
	SecurityGroup awsec2.SecurityGroup
	// Secret has the administrator's password: in Standby it is the replica of that in Primary.
	Secret awssecretsmanager.ISecret
	// Topic gets alarms, in Standby; nil in Primary, where nothing tells of the lag, and with DisableAlarms.
	Topic awssns.ITopic
	// Key encrypts data, logs and, in Primary, the secret.
	Key awskms.IKey

	port float64
}

var (
	instanceVersions = map[Engine]*regexp.Regexp{
		PostgreSQL: regexp.MustCompile(`^1[1-9]\.[0-9]+$`),
		MySQL:      regexp.MustCompile(`^[89]\.[0-9]+\.[0-9]+$`),
	}
	instanceExamples = map[Engine]string{PostgreSQL: "17.6", MySQL: "8.4.7"}
	instanceEngines  = map[Engine]string{PostgreSQL: "postgres", MySQL: "mysql"}
	instanceClass    = regexp.MustCompile(`^db\.[a-z][a-z0-9-]*\.([0-9]*x?large|medium|small|micro)$`)
	smallClass       = regexp.MustCompile(`\.(small|micro)$`)
)

func (p *CrossRegionReplicaProps) withDefaults() CrossRegionReplicaProps {
	var d CrossRegionReplicaProps
	if p != nil {
		d = *p
	}
	d.Side.setDefaults()
	d.Database.setDefaults()
	defaults.Or(&d.InstanceClass, "db.m7g.large")
	defaults.Or(&d.StorageGiB, 100)
	defaults.Or(&d.MaxStorageGiB, min(2*d.StorageGiB, mostStorage))
	defaults.Or(&d.AlarmLag, 10*time.Minute)
	return d
}

const mostStorage = 65536

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *CrossRegionReplicaProps) Validate() error {
	d, c := p.withDefaults(), check.For("replica.CrossRegionReplicaProps")
	d.Pair.validate(c)
	d.Side.validate(c)
	d.Database.validate(c, instanceVersions, instanceExamples)
	c.That(instanceClass.MatchString(d.InstanceClass), "InstanceClass", "must be a class such as db.m7g.large, got %q", d.InstanceClass)
	check.Range(c, "StorageGiB", d.StorageGiB, 20, mostStorage)
	if d.StorageGiB < mostStorage {
		check.Range(c, "MaxStorageGiB", d.MaxStorageGiB, d.StorageGiB+1, mostStorage)
	}
	validateLag(c, d.AlarmLag)
	return c.Err()
}

// NewCrossRegionReplica defines a CrossRegionReplica named id in scope, in a stack of either region. Deploy that of Primary first: a replica is made of an instance that is
// there. It panics with a *check.Error that lists every invalid field of props.
//
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ReadRepl.XRgn.html
func NewCrossRegionReplica(scope constructs.Construct, id string, props *CrossRegionReplicaProps) *CrossRegionReplica {
	path, stack := scope.Node().Path(), awscdk.Stack_Of(scope)
	check.Must(path, id, props.Validate())
	d := props.withDefaults()
	check.Must(path, id, d.validateIn("replica.CrossRegionReplicaProps", stack))

	r := &CrossRegionReplica{port: d.port()}
	constructs.NewConstruct_Override(r, scope, &id)
	here := *stack.Region()
	primary := here == d.Primary
	at := d.newPlace(r, &d.Pair, &d.Side, "database", primary)
	r.Key, r.SecurityGroup, r.Secret = at.key, at.securityGroup, at.secret
	r.addInstance(&d, at.subnets, stack)
	at.attach(r.Instance)
	if primary {
		return r
	}
	r.Topic = d.newTopic(r, r.Key)
	if r.Topic != nil {
		lag := metric("AWS/RDS", "ReplicaLag", map[string]string{"DBInstanceIdentifier": d.identifier(here)})
		monitor.NewAlarm(r, monitor.Watch{
			ID: "Lag", Text: "The replica is more than " + d.AlarmLag.String() + " behind " + d.Primary, Metric: lag,
			Threshold: d.AlarmLag.Seconds(), Minutes: 5, Of: 5,
		}, r.Topic)
		monitor.NewAlarm(r, monitor.Watch{ // RDS gives -1 then
			ID: "Stopped", Text: "The replica is not replicated to any more from " + d.Primary, Metric: lag, LessThan: true, Minutes: 5, Of: 5,
		}, r.Topic)
	}
	return r
}

// AllowFrom lets peer connect to the instance.
func (r *CrossRegionReplica) AllowFrom(peer awsec2.IConnectable) {
	r.SecurityGroup.Connections().AllowFrom(peer, awsec2.Port_Tcp(&r.port), nil)
}

func (r *CrossRegionReplica) addInstance(d *CrossRegionReplicaProps, subnets awsrds.SubnetGroup, stack awscdk.Stack) {
	here, engine := *stack.Region(), instanceEngines[d.Engine]
	props := &awsrds.CfnDBInstanceProps{
		DbInstanceIdentifier: jsii.String(d.identifier(here)), DbInstanceClass: &d.InstanceClass, Port: jsii.String(strconv.Itoa(int(r.port))),
		DbSubnetGroupName: subnets.SubnetGroupName(), VpcSecurityGroups: &[]any{r.SecurityGroup.SecurityGroupId()}, PubliclyAccessible: jsii.Bool(false),
		StorageType: jsii.String("gp3"), MaxAllocatedStorage: jsii.Number(d.MaxStorageGiB), MultiAz: jsii.Bool(!d.SingleAZ),
		KmsKeyId: r.Key.KeyArn(), EnableIamDatabaseAuthentication: jsii.Bool(true), CopyTagsToSnapshot: jsii.Bool(true),
		DeletionProtection: d.protects(), BackupRetentionPeriod: jsii.Number(d.BackupDays), EnableCloudwatchLogsExports: jsii.Strings(d.logs()...),
	}
	if !smallClass.MatchString(d.InstanceClass) {
		props.EnablePerformanceInsights, props.PerformanceInsightsKmsKeyId = jsii.Bool(true), r.Key.KeyArn()
	}
	if here == d.Primary {
		props.StorageEncrypted = jsii.Bool(true) // a replica is as its source is
		props.Engine, props.EngineVersion, props.DbName, props.AllocatedStorage = &engine, &d.Version, cdkval.Text(d.DatabaseName), jsii.String(strconv.Itoa(d.StorageGiB))
		props.MasterUsername = r.Secret.SecretValueFromJson(jsii.String("username")).UnsafeUnwrap()
		props.MasterUserPassword = r.Secret.SecretValueFromJson(jsii.String("password")).UnsafeUnwrap()
	} else { // what Primary has, credentials above all, it must not be given
		props.SourceDbInstanceIdentifier, props.SourceRegion = arn(stack, "rds", d.Primary, "db:"+d.identifier(d.Primary)), &d.Primary
	}
	if !d.AllowPlaintext {
		parameters := awsrds.NewCfnDBParameterGroup(r, jsii.String("Parameters"), &awsrds.CfnDBParameterGroupProps{
			Description: jsii.String("Parameters of " + *r.Node().Path()), Family: d.family(engine), Parameters: d.parameters(),
		})
		parameters.ApplyRemovalPolicy(d.RemovalPolicy, nil)
		props.DbParameterGroupName = parameters.Ref()
	}
	if d.ConfigureInstance != nil {
		d.ConfigureInstance(props)
	}
	r.Resource = awsrds.NewCfnDBInstance(r, jsii.String("Instance"), props)
	r.Resource.ApplyRemovalPolicy(d.removal(), nil)
	nag.Suppress(r.Resource, "AwsSolutions-RDS11", portReason)
	if here != d.Primary {
		nag.Suppress(r.Resource, "AwsSolutions-RDS2", "A replica of an encrypted instance is encrypted, with KmsKeyId; CloudFormation takes no StorageEncrypted for it.")
	}
	d.newLogGroups(r, r.Key, "instance/"+d.identifier(here), d.LogDays, d.logs(), r.Resource)
	r.Instance = awsrds.DatabaseInstance_FromDatabaseInstanceAttributes(r, jsii.String("Database"), &awsrds.DatabaseInstanceAttributes{
		InstanceIdentifier: r.Resource.Ref(), InstanceResourceId: r.Resource.AttrDbiResourceId(), InstanceEndpointAddress: r.Resource.AttrEndpointAddress(), Port: &r.port,
		SecurityGroups: &[]awsec2.ISecurityGroup{r.SecurityGroup},
	})
}
