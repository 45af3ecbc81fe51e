package replica

import (
	"regexp"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsefs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/defaults"
	"github.com/strata-cdk/strata/internal/monitor"
)

// ReplicatedFileSystemProps configures a ReplicatedFileSystem.
type ReplicatedFileSystemProps struct {
	Pair
	Side
	// VPC is the network in the region of the stack. It is required.
	VPC awsec2.IVpc
	// Subnets are where mount targets are, one in each zone.
	// Default: the isolated subnets of VPC; those with a way out where it has none.
	Subnets *awsec2.SubnetSelection
	// StandbyFileSystem is the id of the file system of Standby, such as "fs-0123456789abcdef0", which nobody can tell before it is there: deploy Standby, take it from its output
	// FileSystemId, and give it to Primary, which is not replicated before. Amazon EFS overwrites what Standby has.
	// Default: none; synth of Primary warns.
	StandbyFileSystem string
	// AlarmLag is how old the newest whole copy in Standby may be, in whole seconds, 15 min to 1 day.
	// Default: 30 min.
	AlarmLag time.Duration
	// ConfigureFileSystem edits the L2 props last, after all defaults.
	// Default: no edit.
	ConfigureFileSystem func(*awsefs.FileSystemProps)
}

// ReplicatedFileSystem is a file system of Amazon EFS with a copy in another region, which can be read only until it takes over.
// The fields are the underlying constructs, for grants and overrides.
type ReplicatedFileSystem struct {
	constructs.Construct
	// FileSystem is the one of this region. Its clients need TLS and a mount target.
	FileSystem awsefs.FileSystem
	// Topic gets alarms, in Primary, which knows how old the copy is; nil in Standby, without StandbyFileSystem and with DisableAlarms.
	Topic awssns.ITopic
	// Key encrypts files.
	Key awskms.IKey
}

var fileSystem = regexp.MustCompile(`^fs-([0-9a-f]{8}|[0-9a-f]{17})$`)

func (p *ReplicatedFileSystemProps) withDefaults() ReplicatedFileSystemProps {
	var d ReplicatedFileSystemProps
	if p != nil {
		d = *p
	}
	d.setDefaults()
	defaults.Or(&d.AlarmLag, 30*time.Minute)
	return d
}

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *ReplicatedFileSystemProps) Validate() error {
	d, c := p.withDefaults(), check.For("replica.ReplicatedFileSystemProps")
	d.Pair.validate(c)
	d.Side.validate(c)
	c.That(d.VPC != nil, "VPC", "must be given")
	c.That(d.StandbyFileSystem == "" || fileSystem.MatchString(d.StandbyFileSystem), "StandbyFileSystem",
		"must be the id of a file system, such as fs-0123456789abcdef0, got %q", d.StandbyFileSystem)
	check.Range(c, "AlarmLag", d.AlarmLag, 15*time.Minute, 24*time.Hour)
	check.WholeSeconds(c, "AlarmLag", d.AlarmLag)
	return c.Err()
}

// NewReplicatedFileSystem defines a ReplicatedFileSystem named id in scope, in a stack of either region. Deploy that of Standby first.
// It panics with a *check.Error that lists every invalid field of props.
//
// https://docs.aws.amazon.com/efs/latest/ug/efs-replication.html
func NewReplicatedFileSystem(scope constructs.Construct, id string, props *ReplicatedFileSystemProps) *ReplicatedFileSystem {
	path, stack := scope.Node().Path(), awscdk.Stack_Of(scope)
	check.Must(path, id, props.Validate())
	d := props.withDefaults()
	check.Must(path, id, d.validateIn("replica.ReplicatedFileSystemProps", stack))

	f := &ReplicatedFileSystem{}
	constructs.NewConstruct_Override(f, scope, &id)
	f.Key = d.newKey(f, "alias/"+d.Name+"-files", "Files of "+d.Name)
	primary := *stack.Region() == d.Primary
	files := &awsefs.FileSystemProps{
		FileSystemName: &d.Name, Vpc: d.VPC, VpcSubnets: inside(d.VPC, d.Subnets), Encrypted: jsii.Bool(true), KmsKey: f.Key, RemovalPolicy: d.RemovalPolicy,
		ThroughputMode: awsefs.ThroughputMode_ELASTIC, LifecyclePolicy: awsefs.LifecyclePolicy_AFTER_30_DAYS, EnableAutomaticBackups: jsii.Bool(true),
		AllowAnonymousAccess: jsii.Bool(false),
	}
	if !primary {
		files.ReplicationOverwriteProtection = awsefs.ReplicationOverwriteProtection_DISABLED
	}
	if d.ConfigureFileSystem != nil {
		d.ConfigureFileSystem(files)
	}
	f.FileSystem = awsefs.NewFileSystem(f, jsii.String("FileSystem"), files)
	f.FileSystem.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Effect: awsiam.Effect_DENY, Principals: &[]awsiam.IPrincipal{awsiam.NewAnyPrincipal()}, Actions: jsii.Strings("*"),
		Conditions: &map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}},
	}))
	switch {
	case !primary:
		awscdk.NewCfnOutput(f, jsii.String("FileSystemId"), &awscdk.CfnOutputProps{
			Value: f.FileSystem.FileSystemId(), Description: jsii.String("StandbyFileSystem of " + d.Name + " in " + d.Primary),
		})
	case d.StandbyFileSystem == "":
		awscdk.Annotations_Of(f).AddWarningV2(jsii.String("@strata/replica:notReplicated"),
			jsii.String("files are not replicated: give the output FileSystemId of "+d.Standby+" as StandbyFileSystem"))
	default:
		f.replicate(&d)
	}
	return f
}

// AllowFrom lets peer mount the file system.
func (f *ReplicatedFileSystem) AllowFrom(peer awsec2.IConnectable) {
	f.FileSystem.Connections().AllowDefaultPortFrom(peer, nil)
}

func (f *ReplicatedFileSystem) replicate(d *ReplicatedFileSystemProps) {
	// The L2 takes the region of the stack for that of a file system that is known by its id.
	f.FileSystem.Node().DefaultChild().(awsefs.CfnFileSystem).SetReplicationConfiguration(&awsefs.CfnFileSystem_ReplicationConfigurationProperty{
		Destinations: []any{&awsefs.CfnFileSystem_ReplicationDestinationProperty{FileSystemId: &d.StandbyFileSystem, Region: &d.Standby}},
	})
	f.Topic = d.newTopic(f, f.Key)
	if f.Topic == nil {
		return
	}
	monitor.NewAlarm(f, monitor.Watch{
		ID: "Lag", Text: "The newest whole copy in " + d.Standby + " is older than " + d.AlarmLag.String(),
		Metric: metric("AWS/EFS", "TimeSinceLastSync", map[string]string{
			"FileSystemId": *f.FileSystem.FileSystemId(), "DestinationFileSystemId": d.StandbyFileSystem,
		}),
		Threshold: d.AlarmLag.Seconds(), Minutes: 5, Of: 5,
	}, f.Topic)
}
