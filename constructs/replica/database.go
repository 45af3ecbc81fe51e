package replica

import (
	"regexp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsrds"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/defaults"
	"github.com/strata-cdk/strata/internal/encrypted"
	"github.com/strata-cdk/strata/internal/nag"
)

// Engine is what a database speaks.
type Engine string

const (
	// PostgreSQL is the engine postgres, or aurora-postgresql.
	PostgreSQL Engine = "postgresql"
	// MySQL is the engine mysql, or aurora-mysql.
	MySQL Engine = "mysql"
)

// Database is what AuroraGlobal and CrossRegionReplica have in common.
type Database struct {
	// Engine is PostgreSQL or MySQL. Another engine is another database.
	// Default: PostgreSQL.
	Engine Engine
	// Version is the version of the engine, the same in both regions, as AWS writes it: "17.6" of PostgreSQL, "8.0.44" or "8.4.7" of MySQL,
	// "8.0.mysql_aurora.3.10.1" of Aurora MySQL. It is required. A read replica takes that of its source when it is made, and is upgraded by hand, before Primary is.
	Version string
	// VPC is the network in the region of the stack. It is required.
	VPC awsec2.IVpc
	// Subnets are where the database is, in two zones or more.
	// Default: the isolated subnets of VPC; those with a way out where it has none.
	Subnets *awsec2.SubnetSelection
	// DatabaseName is a first database, made in Primary: 1 to 63 letters, digits and underscores, a letter first.
	// Default: none.
	DatabaseName string
	// Username is the administrator's name: 1 to 16 letters and digits, a letter first. The password is in a secret of Primary, with a replica in Standby.
	// Default: "dbadmin".
	Username string
	// BackupDays is how long backups are kept in each region, 1 to 35 days.
	// Default: 7.
	BackupDays int
	// LogDays is how long the engine's logs are kept, in days that CloudWatch Logs takes.
	// Default: 30.
	LogDays int
	// AllowPlaintext lets clients connect without TLS.
	// Default: false.
	AllowPlaintext bool
}

var (
	databaseName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,62}$`)
	username     = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]{0,15}$`)
)

func (b *Database) setDefaults() {
	defaults.Or(&b.Engine, PostgreSQL)
	defaults.Or(&b.Username, "dbadmin")
	defaults.Or(&b.BackupDays, 7)
	defaults.Or(&b.LogDays, 30)
}

// validate asks for a version that one of the patterns knows, by engine.
func (b *Database) validate(c *check.List, versions map[Engine]*regexp.Regexp, examples map[Engine]string) {
	check.OneOf(c, "Engine", b.Engine, PostgreSQL, MySQL)
	if version, known := versions[b.Engine]; known {
		c.That(version.MatchString(b.Version), "Version", "must be a version such as %s, got %q", examples[b.Engine], b.Version)
	}
	c.That(b.VPC != nil, "VPC", "must be given")
	c.That(b.DatabaseName == "" || databaseName.MatchString(b.DatabaseName), "DatabaseName", "must be 1 to 63 letters, digits and underscores, a letter first, got %q", b.DatabaseName)
	c.That(username.MatchString(b.Username), "Username", "must be 1 to 16 letters and digits, a letter first, got %q", b.Username)
	check.Range(c, "BackupDays", b.BackupDays, 1, 35)
	check.OneOf(c, "LogDays", b.LogDays, cdkval.RetentionDays()...)
}

func (b *Database) port() float64 {
	if b.Engine == MySQL {
		return 3306
	}
	return 5432
}

// family is that of parameter groups: the engine with the version's first number, or the first two of MySQL.
func (b *Database) family(engine string) *string {
	parts := strings.SplitN(b.Version, ".", 3)
	if b.Engine == MySQL {
		return jsii.String(engine + parts[0] + "." + parts[1])
	}
	return jsii.String(engine + parts[0])
}

// parameters ask clients for TLS.
func (b *Database) parameters() map[string]any {
	if b.Engine == MySQL {
		return map[string]any{"require_secure_transport": "ON"}
	}
	return map[string]any{"rds.force_ssl": "1"}
}

func (b *Database) logs() []string {
	if b.Engine == MySQL {
		return []string{"error", "slowquery"}
	}
	return []string{"postgresql"}
}

// place is what a database has around it.
type place struct {
	key           awskms.IKey
	subnets       awsrds.SubnetGroup
	securityGroup awsec2.SecurityGroup
	secret        awssecretsmanager.ISecret
	// attach adds to the secret where the database is.
	attach func(awssecretsmanager.ISecretAttachmentTarget)
}

func (b *Database) newPlace(scope constructs.Construct, pair *Pair, side *Side, kind string, primary bool) place {
	at := place{
		key: side.newKey(scope, "alias/"+pair.Name+"-"+kind, "Data of "+pair.Name),
		subnets: awsrds.NewSubnetGroup(scope, jsii.String("Subnets"), &awsrds.SubnetGroupProps{
			Description: jsii.String("Where " + *scope.Node().Path() + " is"), Vpc: b.VPC, VpcSubnets: inside(b.VPC, b.Subnets), RemovalPolicy: side.RemovalPolicy,
		}),
		securityGroup: awsec2.NewSecurityGroup(scope, jsii.String("SecurityGroup"), &awsec2.SecurityGroupProps{
			Vpc: b.VPC, AllowAllOutbound: jsii.Bool(false), Description: jsii.String("Who may connect to " + *scope.Node().Path()),
		}),
		attach: func(awssecretsmanager.ISecretAttachmentTarget) {},
	}
	at.securityGroup.ApplyRemovalPolicy(side.RemovalPolicy) // a database that stays needs it
	name := pair.Name + "-" + kind + "-admin"
	if !primary {
		at.secret = awssecretsmanager.Secret_FromSecretNameV2(scope, jsii.String("Secret"), &name)
		return at
	}
	// The replica is encrypted with the key of AWS for secrets, as Primary is deployed before Standby has a key.
	secret := awsrds.NewDatabaseSecret(scope, jsii.String("Secret"), &awsrds.DatabaseSecretProps{
		Username: &b.Username, SecretName: &name, EncryptionKey: at.key, ReplicaRegions: &[]*awssecretsmanager.ReplicaRegion{{Region: &pair.Standby}},
	})
	secret.ApplyRemovalPolicy(side.removal())
	nag.Suppress(secret, "AwsSolutions-SMG4", "A rotation must suit the clients; they can do without the password, as IAM authentication is on.")
	at.secret = secret
	at.attach = func(target awssecretsmanager.ISecretAttachmentTarget) { secret.Attach(target) }
	return at
}

// newLogGroups defines the log groups that RDS would make without key and retention: path is "cluster" or "instance", with the identifier.
func (s *Side) newLogGroups(scope constructs.Construct, key awskms.IKey, path string, days int, logs []string, resource awscdk.CfnResource) {
	encrypted.AllowLogs(scope, key)
	for _, log := range logs {
		group := encrypted.NewLogGroup(scope, "Logs-"+log, "/aws/rds/"+path+"/"+log, key, days, s.RemovalPolicy)
		resource.Node().AddDependency(group)
	}
}

// identifier is that of a cluster or an instance in a region: no two regions have the same.
func (p *Pair) identifier(region string) string { return p.Name + "-" + region }

const (
	portReason      = "Who may connect is said by AllowFrom; another port keeps nobody off."
	backtrackReason = "Aurora has no backtracking in global databases."
)
