// Package logarchive archives log groups of CloudWatch Logs in S3: as events come, through a delivery stream, or by export tasks.
//
//	default: log groups --> subscription filters --> Firehose --> bucket: logs/year=/month=/day=/...
//
//	Export:  schedule --> state machine --> CreateExportTask, one at a time --> bucket: exports/GROUP/Y/M/D/FROM-TO/TASK/...
//	                        |  \                                                        manifests/GROUP/Y/M/D/FROM-TO.json
//	                   checkpoint  metric WindowsBehind --> alarm
//
// For exports, each log group is cut into windows of time without a hole or an overlap. The checkpoint has the next window of each; a run that
// fails is taken up by the next one, which looks for the task that was begun before it creates another. The manifest of a window
// names the one task that has it.
//
// It costs the requests and the storage of S3, a key of KMS and alarms; and the data that goes through Firehose, or that is exported, with
// some state transitions an hour.
//
// See https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/S3Export.html
package logarchive

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/constructs/logs"
	"github.com/strata-cdk/strata/internal/accesslogs"
	"github.com/strata-cdk/strata/internal/encrypted"
)

// Archive keeps log groups in Bucket.
// The fields are the underlying constructs, for grants, alarm actions and overrides.
type Archive struct {
	constructs.Construct
	// Bucket has the exports and their manifests.
	Bucket awss3.IBucket
	// AccessLogs has the access logs of a new bucket; nil when the bucket was given.
	AccessLogs awss3.Bucket
	// Key encrypts them.
	Key awskms.IKey
	// AlarmTopic gets the alarms.
	AlarmTopic awssns.ITopic
	// Fanout has the subscription filters and the delivery stream with its alarms; nil with Export.
	Fanout *logs.Fanout

	// What follows is there with Export, and nil without.

	// Checkpoint is the table that has the next window of each log group, and the run at work.
	Checkpoint awsdynamodb.Table
	// StateMachine is what exports.
	StateMachine awsstepfunctions.StateMachine
	// Logs are the logs of the runs.
	Logs awslogs.LogGroup
	// Schedule starts the runs.
	Schedule awsscheduler.CfnSchedule
	// Role is the state machine's.
	Role awsiam.Role
	// FailedAlarm fires when a run failed: a log group could not be exported, or a service did not answer.
	FailedAlarm awscloudwatch.Alarm
	// BehindAlarm fires when the archive of a log group is behind, and when nothing runs.
	BehindAlarm awscloudwatch.Alarm
}

// NewArchive defines an Archive named id in scope.
// It panics with a *check.Error that lists every invalid field of props.
func NewArchive(scope constructs.Construct, id string, props *ArchiveProps) *Archive {
	stack := awscdk.Stack_Of(scope)
	problems := props.check()
	if props != nil {
		props.checkConstructs(problems, *stack.Region())
	}
	check.Must(scope.Node().Path(), id, problems.Err())
	d := props.withDefaults()

	a := &Archive{Key: d.Key, Bucket: d.Bucket, AlarmTopic: d.AlarmTopic}
	constructs.NewConstruct_Override(a, scope, &id)
	if a.Key == nil {
		a.Key = encrypted.NewKey(a, "Encrypts the archive "+*a.Node().Path(), d.RemovalPolicy)
	}
	if a.Bucket == nil {
		a.newBucket(&d)
	}
	if d.Export == nil {
		a.addFanout(&d)
		return a
	}
	encrypted.AllowLogs(a, a.Key)
	allowed := a.allowExports(stack)
	a.addCheckpoint(d.RemovalPolicy)
	holder := a.newStateMachine(stack, &d)
	a.newSchedule(stack, d.Export.Every, allowed, holder)
	a.newAlarms(&d)
	return a
}

// addFanout sends the events of all log groups to the bucket as they come.
func (a *Archive) addFanout(d *ArchiveProps) {
	props := &logs.FanoutProps{AlarmTopic: d.AlarmTopic, RemovalPolicy: d.RemovalPolicy, Targets: []logs.Target{{Name: "Bucket", S3: &logs.S3{
		Bucket: a.Bucket, Key: a.Key, Format: d.Format, ConfigureStream: d.ConfigureStream,
	}}}}
	for _, g := range d.LogGroups {
		// The order of the groups may change: an address in the tree of constructs does not.
		props.Sources = append(props.Sources, logs.Source{Name: "Group" + *g.Node().Addr(), LogGroup: g})
	}
	a.Fanout = logs.NewFanout(a, "Fanout", props)
	a.AlarmTopic = a.Fanout.Targets["Bucket"].AlarmTopic
}

// checkConstructs records log groups that are listed again, and what is not in the stack's region, where that is known: export tasks stay in one.
func (p *ArchiveProps) checkConstructs(c *check.List, region string) {
	other := func(field, got string) {
		c.That(got == region || check.IsToken(got) || check.IsToken(region), field, "must be in the stack's region %s, got %s", region, got)
	}
	seen := map[string]bool{}
	for i, g := range p.LogGroups {
		if g != nil {
			name := *g.LogGroupName()
			other(check.Index("LogGroups", i), *g.Env().Region)
			c.That(!seen[name], check.Index("LogGroups", i), "must be listed once")
			seen[name] = true
		}
	}
	if p.Bucket != nil {
		other("Bucket", *p.Bucket.Env().Region)
	}
}

func (a *Archive) newBucket(d *ArchiveProps) {
	rule := &awss3.LifecycleRule{AbortIncompleteMultipartUploadAfter: awscdk.Duration_Days(jsii.Number(7))}
	if !d.KeepInStandard {
		rule.Transitions = &[]*awss3.Transition{{
			StorageClass: awss3.StorageClass_GLACIER(), TransitionAfter: awscdk.Duration_Days(jsii.Number(d.GlacierAfterDays)),
		}}
	}
	if d.ExpireAfterDays > 0 {
		rule.Expiration = awscdk.Duration_Days(jsii.Number(d.ExpireAfterDays))
		rule.NoncurrentVersionExpiration = awscdk.Duration_Days(jsii.Number(1))
	}
	props := &awss3.BucketProps{
		Encryption: awss3.BucketEncryption_KMS, EncryptionKey: a.Key, BucketKeyEnabled: jsii.Bool(true),
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(), EnforceSSL: jsii.Bool(true), Versioned: jsii.Bool(true),
		ObjectOwnership: awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED, RemovalPolicy: d.RemovalPolicy,
		MinimumTLSVersion: jsii.Number(1.2), LifecycleRules: &[]*awss3.LifecycleRule{rule},
	}
	if d.LockDays > 0 {
		props.ObjectLockDefaultRetention = awss3.ObjectLockRetention_Compliance(awscdk.Duration_Days(jsii.Number(d.LockDays)))
	}
	if d.ConfigureBucket != nil {
		d.ConfigureBucket(props)
	}
	bucket := awss3.NewBucket(a, jsii.String("Bucket"), props)
	a.AccessLogs = accesslogs.OfBucket(a, bucket, d.RemovalPolicy)
	a.Bucket = bucket
}

// GrantRead lets grantee read the archive, and decrypt it.
func (a *Archive) GrantRead(grantee awsiam.IGrantable) awsiam.Grant {
	return a.Bucket.GrantRead(grantee, nil)
}
