package beanstalk

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsrds"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/defaults"
	"github.com/strata-cdk/strata/internal/encrypted"
	"github.com/strata-cdk/strata/internal/nag"
)

// Engine is a database engine.
type Engine string

// The engines.
const (
	Postgres Engine = "postgres"
	MySQL    Engine = "mysql"
)

// DatabaseProps configures a Database.
type DatabaseProps struct {
	// VPC is where the database runs. Required.
	VPC awsec2.IVpc
	// Subnets are where the database runs, in two zones or more.
	// Default: the private subnets of VPC.
	Subnets *awsec2.SubnetSelection
	// Engine is postgres or mysql.
	// Default: postgres.
	Engine Engine
	// Version is the version of Engine, such as "17.4" or "8.4.5". Required.
	Version string
	// Name is the name of the database in the instance: a letter, then letters and digits, 63 at most.
	// Default: "app".
	Name string
	// InstanceClass is the class of the instance without db., such as "t4g.micro".
	// Default: "t4g.micro".
	InstanceClass string
	// StorageGiB is the size of the storage, 20 to 32768 GiB; it grows to twice that by itself.
	// Default: 20.
	StorageGiB int
	// Port is where the database listens, 1150 to 65535.
	// Default: 5433, or 3307 for mysql: not the usual ports, which are tried first by those who look for databases.
	Port int
	// DisableMultiAZ runs one instance only, without a standby in another zone, for half the price.
	// Default: false.
	DisableMultiAZ bool
	// BackupDays is how long daily backups are kept, 1 to 35 days.
	// Default: 7.
	BackupDays int
	// DisableDeletionProtection lets the database be deleted.
	// Default: false.
	DisableDeletionProtection bool
	// RemovalPolicy says what becomes of the database when the stack is deleted.
	// Default: awscdk.RemovalPolicy_SNAPSHOT.
	RemovalPolicy awscdk.RemovalPolicy
	// Key encrypts storage and secret, such as App.Key.
	// Default: a new key that rotates yearly, 1 USD a month.
	Key awskms.IKey
	// ConfigureInstance edits the L2 props last, after all defaults.
	// Default: no edit.
	ConfigureInstance func(*awsrds.DatabaseInstanceProps)
}

// Database is a database of RDS outside of environments: with a lifecycle, security group and secret of its own. It outlives
// the environments that use it, and both sides of a BlueGreen can. The fields are the underlying constructs.
type Database struct {
	constructs.Construct
	// Instance is the instance.
	Instance awsrds.DatabaseInstance
	// SecurityGroup admits the environments that use the database.
	SecurityGroup awsec2.SecurityGroup
	// Secret has user and password.
	Secret awssecretsmanager.ISecret
	// Key encrypts storage and secret.
	Key awskms.IKey

	name string
}

// databaseSecret is the environment property that has user and password, as JSON.
const databaseSecret = "RDS_SECRET"

// NewDatabase defines a Database named id in scope.
// It panics with a *check.Error that lists every invalid field of props.
func NewDatabase(scope constructs.Construct, id string, props *DatabaseProps) *Database {
	check.Must(scope.Node().Path(), id, props.Validate())
	p := props.withDefaults()
	d := &Database{name: p.Name}
	constructs.NewConstruct_Override(d, scope, &id)
	d.Key = p.Key
	if d.Key == nil {
		d.Key = encrypted.NewKey(d, "Database "+*d.Node().Path(), awscdk.RemovalPolicy_RETAIN) // snapshots need it
	}
	d.SecurityGroup = awsec2.NewSecurityGroup(d, jsii.String("SecurityGroup"), &awsec2.SecurityGroupProps{
		Vpc: p.VPC, Description: jsii.String("Database " + *d.Node().Path()), AllowAllOutbound: jsii.Bool(false),
	})
	secret := awsrds.NewDatabaseSecret(d, jsii.String("Secret"), &awsrds.DatabaseSecretProps{Username: jsii.String("app"), EncryptionKey: d.Key})
	nag.Suppress(secret, "AwsSolutions-SMG4", "Instances read the secret when they start: a rotation without them would lock the application out.")
	instance := &awsrds.DatabaseInstanceProps{
		Vpc: p.VPC, VpcSubnets: p.Subnets, SecurityGroups: &[]awsec2.ISecurityGroup{d.SecurityGroup}, Engine: p.engine(),
		InstanceType: awsec2.NewInstanceType(&p.InstanceClass), Port: jsii.Number(p.Port), DatabaseName: &p.Name,
		Credentials:      awsrds.Credentials_FromSecret(secret, jsii.String("app")),
		StorageType:      awsrds.StorageType_GP3,
		AllocatedStorage: jsii.Number(p.StorageGiB), MaxAllocatedStorage: jsii.Number(2 * p.StorageGiB), StorageEncryptionKey: d.Key,
		MultiAz: jsii.Bool(!p.DisableMultiAZ), BackupRetention: awscdk.Duration_Days(jsii.Number(p.BackupDays)), CopyTagsToSnapshot: jsii.Bool(true),
		PubliclyAccessible: jsii.Bool(false), AutoMinorVersionUpgrade: jsii.Bool(true), DeletionProtection: jsii.Bool(!p.DisableDeletionProtection),
		RemovalPolicy: p.RemovalPolicy, Parameters: p.parameters(),
	}
	if p.ConfigureInstance != nil {
		p.ConfigureInstance(instance)
	}
	d.Instance = awsrds.NewDatabaseInstance(d, jsii.String("Instance"), instance)
	d.Secret = d.Instance.Secret()
	return d
}

// EndpointAddress is the DNS name of the database.
func (d *Database) EndpointAddress() *string { return d.Instance.DbInstanceEndpointAddress() }

// variables are the environment properties that lead to the database. The values of an unfinished database are empty.
func (d *Database) variables() map[string]string {
	v := map[string]string{"RDS_HOSTNAME": "", "RDS_PORT": "", "RDS_DB_NAME": d.name}
	if d.Instance != nil {
		v["RDS_HOSTNAME"], v["RDS_PORT"] = *d.Instance.DbInstanceEndpointAddress(), *d.Instance.DbInstanceEndpointPort()
	}
	return v
}

// allow lets the instances of an environment connect, and read the secret. All of it is in scope and in the role of the instances,
// so that a database in another stack does not depend on the environment, as it would with GrantRead.
func (d *Database) allow(scope constructs.Construct, r *Resources) {
	port := awscdk.Token_AsNumber(d.Instance.DbInstanceEndpointPort())
	awsec2.NewCfnSecurityGroupIngress(scope, jsii.String("DatabaseIngress"), &awsec2.CfnSecurityGroupIngressProps{
		GroupId: d.SecurityGroup.SecurityGroupId(), SourceSecurityGroupId: r.SecurityGroup.SecurityGroupId(), IpProtocol: jsii.String("tcp"),
		FromPort: port, ToPort: port, Description: jsii.String("Instances of " + *scope.Node().Path()),
	})
	allow := func(arn *string, conditions map[string]any, actions ...string) {
		r.InstanceRole.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Actions: jsii.Strings(actions...), Resources: &[]*string{arn}, Conditions: &conditions,
		}))
	}
	allow(d.Secret.SecretArn(), nil, "secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret")
	allow(d.Key.KeyArn(), map[string]any{"StringEquals": map[string]any{
		"kms:ViaService": "secretsmanager." + *awscdk.Stack_Of(scope).Region() + ".amazonaws.com",
	}}, "kms:Decrypt")
}

func (p *DatabaseProps) engine() awsrds.IInstanceEngine {
	major, _, _ := strings.Cut(p.Version, ".")
	if p.Engine == MySQL {
		parts := strings.SplitN(p.Version, ".", 3)
		major = strings.Join(parts[:2], ".")
		return awsrds.DatabaseInstanceEngine_Mysql(&awsrds.MySqlInstanceEngineProps{Version: awsrds.MysqlEngineVersion_Of(&p.Version, &major)})
	}
	return awsrds.DatabaseInstanceEngine_Postgres(&awsrds.PostgresInstanceEngineProps{Version: awsrds.PostgresEngineVersion_Of(&p.Version, &major, nil)})
}

// parameters refuse connections without TLS.
func (p *DatabaseProps) parameters() *map[string]*string {
	if p.Engine == MySQL {
		return &map[string]*string{"require_secure_transport": jsii.String("ON")}
	}
	return &map[string]*string{"rds.force_ssl": jsii.String("1")}
}

var (
	databaseName  = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]{0,62}$`)
	engineVersion = map[Engine]*regexp.Regexp{Postgres: regexp.MustCompile(`^\d+\.\d+$`), MySQL: regexp.MustCompile(`^\d+\.\d+\.\d+$`)}
	instanceClass = regexp.MustCompile(`^[a-z0-9-]+\.[a-z0-9-]+$`)
)

// checkEngine checks what databases outside and inside of environments have in common.
func checkEngine(c *check.List, engine Engine, version, class string) {
	check.OneOf(c, "Engine", engine, Postgres, MySQL)
	if form, ok := engineVersion[engine]; ok {
		c.That(form.MatchString(version), "Version", "must be a version of %s such as %s, got %q", engine, map[Engine]string{Postgres: "17.4", MySQL: "8.4.5"}[engine], version)
	}
	c.That(instanceClass.MatchString(class) && !strings.HasPrefix(class, "db."), "InstanceClass", "must be a class without db., such as t4g.micro, got %q", class)
}

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *DatabaseProps) Validate() error {
	d, c := p.withDefaults(), check.For("beanstalk.DatabaseProps")
	c.That(d.VPC != nil, "VPC", "must be given: the VPC that the database runs in")
	checkEngine(c, d.Engine, d.Version, d.InstanceClass)
	c.That(databaseName.MatchString(d.Name), "Name", "must be a letter, then letters and digits, 63 at most, got %q", d.Name)
	check.Range(c, "StorageGiB", d.StorageGiB, 20, 32768)
	check.Range(c, "Port", d.Port, 1150, 65535)
	check.Range(c, "BackupDays", d.BackupDays, 1, 35)
	check.OneOf(c, "RemovalPolicy", d.RemovalPolicy, awscdk.RemovalPolicy_SNAPSHOT, awscdk.RemovalPolicy_RETAIN, awscdk.RemovalPolicy_DESTROY)
	return c.Err()
}

func (p *DatabaseProps) withDefaults() DatabaseProps {
	var d DatabaseProps
	if p != nil {
		d = *p
	}
	defaults.Or(&d.Engine, Postgres)
	defaults.Or(&d.Name, "app")
	defaults.Or(&d.InstanceClass, "t4g.micro")
	defaults.Or(&d.StorageGiB, 20)
	defaults.Or(&d.Port, map[Engine]int{Postgres: 5433, MySQL: 3307}[d.Engine])
	defaults.Or(&d.BackupDays, 7)
	defaults.Or(&d.RemovalPolicy, awscdk.RemovalPolicy_SNAPSHOT)
	return d
}

// CoupledDatabase is a database that Elastic Beanstalk makes in the environment. It ends with the environment, and always leaves a
// snapshot. It is not for BlueGreen, whose sides would have one each. The application finds it in RDS_HOSTNAME, RDS_PORT, RDS_DB_NAME,
// RDS_USERNAME and RDS_PASSWORD.
//
// https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/using-features.managing.db.html
type CoupledDatabase struct {
	// Engine is postgres or mysql.
	// Default: postgres.
	Engine Engine
	// Version is the version of Engine, such as "17.4" or "8.4.5". Required.
	Version string
	// InstanceClass is the class of the instance without db., such as "t4g.micro".
	// Default: "t4g.micro".
	InstanceClass string
	// StorageGiB is the size of the storage, 5 to 1024 GiB.
	// Default: 20.
	StorageGiB int
	// DisableMultiAZ runs one instance only, without a standby in another zone, for half the price.
	// Default: false.
	DisableMultiAZ bool
	// Subnets are where the database runs, in two zones or more.
	// Default: the private subnets of the VPC.
	Subnets *awsec2.SubnetSelection
	// Snapshot is the id of a snapshot that the database starts from.
	// Default: empty, an empty database.
	Snapshot string
}

func (d *CoupledDatabase) setDefaults() {
	defaults.Or(&d.Engine, Postgres)
	defaults.Or(&d.InstanceClass, "t4g.micro")
	defaults.Or(&d.StorageGiB, 20)
}

func (d *CoupledDatabase) check(c *check.List) {
	checkEngine(c, d.Engine, d.Version, d.InstanceClass)
	check.Range(c, "StorageGiB", d.StorageGiB, 5, 1024)
}

func (d *CoupledDatabase) options(l *optionList, r *references) {
	l.set(databaseNamespace, "DBEngine", string(d.Engine), "DBEngineVersion", d.Version, "DBInstanceClass", "db."+d.InstanceClass,
		"DBAllocatedStorage", strconv.Itoa(d.StorageGiB), "MultiAZDatabase", strconv.FormatBool(!d.DisableMultiAZ),
		"DBUser", r.databaseUser, "DBPassword", r.databasePassword)
	l.set("aws:ec2:vpc", "DBSubnets", r.databaseSubnets)
	if d.Snapshot != "" {
		l.set(databaseNamespace, "DBSnapshotIdentifier", d.Snapshot)
	}
}

// couple defines the secret of a coupled database, which CloudFormation resolves: its values are not in the template.
func (r *Resources) couple(scope constructs.Construct, p *EnvironmentProps, refs *references) {
	d := p.CoupledDatabase
	secret := awsrds.NewDatabaseSecret(scope, jsii.String("DatabaseSecret"), &awsrds.DatabaseSecretProps{Username: jsii.String("app"), EncryptionKey: p.App.Key})
	nag.Suppress(secret, "AwsSolutions-SMG4", "Elastic Beanstalk sets the password of a coupled database, and would not know of another one.")
	r.DatabaseSecret = secret
	refs.databaseUser = *secret.SecretValueFromJson(jsii.String("username")).UnsafeUnwrap()
	refs.databasePassword = *secret.SecretValueFromJson(jsii.String("password")).UnsafeUnwrap()
	where := d.Subnets
	if where == nil {
		where = &awsec2.SubnetSelection{SubnetType: awsec2.SubnetType_PRIVATE_WITH_EGRESS}
	}
	refs.databaseSubnets = subnetIDs(p.VPC, where)
}
