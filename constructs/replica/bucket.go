package replica

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/accesslogs"
	"github.com/strata-cdk/strata/internal/defaults"
	"github.com/strata-cdk/strata/internal/monitor"
	"github.com/strata-cdk/strata/internal/nag"
)

// ReplicatedBucketProps configures a ReplicatedBucket.
type ReplicatedBucketProps struct {
	Pair
	Side
	// Alone keeps the bucket in Primary, with no replica, until this is taken away: the name and what is in it stay then.
	// Default: false.
	Alone bool
	// BothWays replicates what is written in Standby to Primary too, and changes of tags and of other metadata of replicas. Amazon S3 takes no rule to a bucket that is
	// not there: set it once the stacks of both regions have been deployed.
	// Default: false, from Primary to Standby only.
	BothWays bool
	// KeepDeletedInReplica does not replicate delete markers: an object that is deleted in one region stays in the other. The deletion of
	// a version is never replicated.
	// Default: false.
	KeepDeletedInReplica bool
	// DisableTimeControl does without S3 Replication Time Control, which replicates 99.9 % of objects within 15 minutes in a month by its service level agreement,
	// and costs 0.015 USD for a GB.
	// Default: false.
	DisableTimeControl bool
	// OldVersionsDays is how long a version is kept after it was overwritten or deleted, 1 day or more.
	// Default: 30.
	OldVersionsDays int
	// AlarmLag is how far the other bucket may be behind, in whole seconds, 1 min to 7 days. The alarm is in the region that replicas go to.
	// Default: 15 min.
	AlarmLag time.Duration
	// DisableAccessLogs keeps no log of requests.
	// Default: false.
	DisableAccessLogs bool
	// ConfigureBucket edits the L2 props last, after all defaults. The bucket's name and its versions must stay.
	// Default: no edit.
	ConfigureBucket func(*awss3.BucketProps)
}

// ReplicatedBucket is a bucket with the same objects in another region.
// The fields are the underlying constructs, for grants and overrides.
type ReplicatedBucket struct {
	constructs.Construct
	// Bucket is the one of this region.
	Bucket awss3.Bucket
	// Role is that of Amazon S3: it replicates to the other region. It is nil in Standby without BothWays.
	Role awsiam.Role
	// AccessLogs has the log of requests; nil with DisableAccessLogs.
	AccessLogs awss3.Bucket
	// Topic gets alarms; nil with DisableAlarms.
	Topic awssns.ITopic
	// Key encrypts objects.
	Key awskms.IKey

	pair Pair
}

func (p *ReplicatedBucketProps) withDefaults() ReplicatedBucketProps {
	var d ReplicatedBucketProps
	if p != nil {
		d = *p
	}
	d.Side.setDefaults()
	defaults.Or(&d.OldVersionsDays, 30)
	defaults.Or(&d.AlarmLag, 15*time.Minute)
	return d
}

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *ReplicatedBucketProps) Validate() error {
	d, c := p.withDefaults(), check.For("replica.ReplicatedBucketProps")
	d.Pair.validate(c)
	d.Side.validate(c)
	c.That(!d.Alone || !d.BothWays, "BothWays", "must be left out with Alone")
	c.That(d.OldVersionsDays >= 1, "OldVersionsDays", "must be 1 or more, got %d", d.OldVersionsDays)
	check.Range(c, "AlarmLag", d.AlarmLag, time.Minute, 7*24*time.Hour)
	check.WholeSeconds(c, "AlarmLag", d.AlarmLag)
	return c.Err()
}

// NewReplicatedBucket defines a ReplicatedBucket named id in scope, in a stack of either region. Deploy that of Standby first.
// It panics with a *check.Error that lists every invalid field of props.
//
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication.html
func NewReplicatedBucket(scope constructs.Construct, id string, props *ReplicatedBucketProps) *ReplicatedBucket {
	path, stack := scope.Node().Path(), awscdk.Stack_Of(scope)
	check.Must(path, id, props.Validate())
	d := props.withDefaults()
	check.Must(path, id, d.validateIn("replica.ReplicatedBucketProps", stack))
	check.Must(path, id, d.validateAlone("replica.ReplicatedBucketProps", stack, d.Alone))

	b := &ReplicatedBucket{pair: d.Pair}
	constructs.NewConstruct_Override(b, scope, &id)
	b.Key = d.newKey(b, d.bucketAlias(), "Objects of "+d.Name)
	here, other := *stack.Region(), d.other(stack)
	bucket := &awss3.BucketProps{
		BucketName: b.BucketName(here), Versioned: jsii.Bool(true), RemovalPolicy: d.removal(),
		Encryption: awss3.BucketEncryption_KMS, EncryptionKey: b.Key, BucketKeyEnabled: jsii.Bool(true),
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(), EnforceSSL: jsii.Bool(true), ObjectOwnership: awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED,
		LifecycleRules: &[]*awss3.LifecycleRule{{
			NoncurrentVersionExpiration:         awscdk.Duration_Days(jsii.Number(d.OldVersionsDays)),
			AbortIncompleteMultipartUploadAfter: awscdk.Duration_Days(jsii.Number(7)), ExpiredObjectDeleteMarker: jsii.Bool(true),
		}},
	}
	if d.ConfigureBucket != nil {
		d.ConfigureBucket(bucket)
	}
	b.Bucket = awss3.NewBucket(b, jsii.String("Bucket"), bucket)
	resource := b.Bucket.Node().DefaultChild().(awss3.CfnBucket)
	if !d.DisableAccessLogs {
		b.AccessLogs = accesslogs.OfBucket(b, b.Bucket, d.RemovalPolicy)
	}
	sends := (here == d.Primary || d.BothWays) && !d.Alone
	if sends {
		b.Role = b.newRole(stack, here, other)
		resource.SetReplicationConfiguration(b.replication(&d, stack, other))
	}
	b.Topic = d.newTopic(b, b.Key)
	if b.Topic == nil {
		return b
	}
	// Amazon S3 tells of failures in the region of the source, and of the lag in the region of the destination.
	if sends {
		monitor.NewAlarm(b, monitor.Watch{
			ID: "Failed", Text: "Objects were not replicated to " + other, Metric: b.metric("OperationsFailedReplication", here, other), Minutes: 1, Of: 1,
		}, b.Topic)
	}
	if other == d.Primary || d.BothWays {
		monitor.NewAlarm(b, monitor.Watch{
			ID: "Lag", Text: "Replicas are more than " + d.AlarmLag.String() + " behind " + other, Metric: b.metric("ReplicationLatency", other, here),
			Threshold: d.AlarmLag.Seconds(), Minutes: 5, Of: 5,
		}, b.Topic)
	}
	return b
}

// BucketName is the name of the bucket in a region.
func (b *ReplicatedBucket) BucketName(region string) *string {
	return jsii.String(b.pair.Name + "-" + *awscdk.Stack_Of(b).Account() + "-" + region)
}

func (b *ReplicatedBucket) arn(region string) string {
	return "arn:" + *awscdk.Stack_Of(b).Partition() + ":s3:::" + *b.BucketName(region)
}

func (p *Pair) bucketAlias() string { return "alias/" + p.Name + "-bucket" }

func ruleID(destination string) string { return "To-" + destination }

// newRole defines the role that Amazon S3 replicates with. Its policies are there before the bucket is.
//
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html
func (b *ReplicatedBucket) newRole(stack awscdk.Stack, here, other string) awsiam.Role {
	allow := func(resource string, conditions *map[string]any, actions ...string) awsiam.PolicyStatement {
		return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{Actions: jsii.Strings(actions...), Resources: jsii.Strings(resource), Conditions: conditions})
	}
	through := func(region string) map[string]any {
		return map[string]any{"kms:ViaService": "s3." + region + "." + *stack.UrlSuffix()}
	}
	role := awsiam.NewRole(b, jsii.String("Role"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("s3.amazonaws.com"), nil),
		InlinePolicies: &map[string]awsiam.PolicyDocument{"Replicate": awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: &[]awsiam.PolicyStatement{
			allow(b.arn(here), nil, "s3:GetReplicationConfiguration", "s3:ListBucket"),
			allow(b.arn(here)+"/*", nil, "s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"),
			allow(b.arn(other)+"/*", nil, "s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"),
			allow(*b.Key.KeyArn(), &map[string]any{"StringLike": through(here)}, "kms:Decrypt"),
			allow(*arn(stack, "kms", other, "key/*"), &map[string]any{
				"StringLike": through(other), "ForAnyValue:StringEquals": map[string]any{"kms:ResourceAliases": b.pair.bucketAlias()},
			}, "kms:Encrypt", "kms:GenerateDataKey"),
		}})},
	})
	nag.Suppress(role, "AwsSolutions-IAM5", "All objects are replicated. The key of the other region is known by its alias, which the condition asks for.",
		`/^Resource::arn:.*:s3:::.*\/\*$/`, `/^Resource::arn:.*:kms:.*:key\/\*$/`)
	return role
}

func (b *ReplicatedBucket) replication(d *ReplicatedBucketProps, stack awscdk.Stack, other string) *awss3.CfnBucket_ReplicationConfigurationProperty {
	status := func(on bool) *string {
		if on {
			return jsii.String("Enabled")
		}
		return jsii.String("Disabled")
	}
	metrics := &awss3.CfnBucket_MetricsProperty{Status: status(true)}
	destination := &awss3.CfnBucket_ReplicationDestinationProperty{
		Bucket: jsii.String(b.arn(other)), Metrics: metrics,
		EncryptionConfiguration: &awss3.CfnBucket_EncryptionConfigurationProperty{ReplicaKmsKeyId: arn(stack, "kms", other, d.bucketAlias())},
	}
	if !d.DisableTimeControl {
		quarter := &awss3.CfnBucket_ReplicationTimeValueProperty{Minutes: jsii.Number(15)} // S3 has no other value
		metrics.EventThreshold = quarter
		destination.ReplicationTime = &awss3.CfnBucket_ReplicationTimeProperty{Status: status(true), Time: quarter}
	}
	return &awss3.CfnBucket_ReplicationConfigurationProperty{Role: b.Role.RoleArn(), Rules: []any{&awss3.CfnBucket_ReplicationRuleProperty{
		Id: jsii.String(ruleID(other)), Priority: jsii.Number(1), Status: status(true), Destination: destination,
		Filter:                  &awss3.CfnBucket_ReplicationRuleFilterProperty{Prefix: jsii.String("")},
		DeleteMarkerReplication: &awss3.CfnBucket_DeleteMarkerReplicationProperty{Status: status(!d.KeepDeletedInReplica)},
		SourceSelectionCriteria: &awss3.CfnBucket_SourceSelectionCriteriaProperty{
			SseKmsEncryptedObjects: &awss3.CfnBucket_SseKmsEncryptedObjectsProperty{Status: status(true)},
			ReplicaModifications:   &awss3.CfnBucket_ReplicaModificationsProperty{Status: status(d.BothWays)},
		},
	}}}
}

func (b *ReplicatedBucket) metric(name, from, to string) awscloudwatch.IMetric {
	return metric("AWS/S3", name, map[string]string{"SourceBucket": *b.BucketName(from), "DestinationBucket": *b.BucketName(to), "RuleId": ruleID(to)})
}
