package logs

import (
	"regexp"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskinesis"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskinesisfirehose"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/filterpattern"
	"github.com/strata-cdk/strata/internal/awsid"
	"github.com/strata-cdk/strata/internal/defaults"
	"github.com/strata-cdk/strata/internal/firehose"
)

// Format is what the objects in a bucket hold.
type Format = firehose.Format

const (
	// JSON is a batch of log events a line, compressed with gzip. The zero value of Format means this.
	JSON = firehose.JSON
	// Messages is the message of a log event a line, compressed with gzip, without its time, log group and stream.
	Messages = firehose.Messages
	// Parquet is a batch of log events a row of a table of AWS Glue, compressed with Snappy.
	Parquet = firehose.Parquet
)

// Source is a log group that a Fanout sends from.
type Source struct {
	// Name is the construct id of the subscription filters: letters and digits, a letter first, each once. It is required.
	Name string
	// LogGroup is the log group. It must be of Class Standard. It is required.
	LogGroup awslogs.ILogGroup
}

// Target is where events are sent. It asks for exactly one of Function, Stream, S3 and DestinationARN.
type Target struct {
	// Name is the construct id of the target: letters and digits, a letter first, each once. It is required.
	Name string
	// Pattern says which events are sent, in the syntax of filter patterns that package filterpattern describes, such as `{ $.level = "ERROR" }`: at most 1024 characters.
	// Default: all events.
	Pattern string
	// Function is called with each batch; package logevents decodes it. The function must not write its logs to a log group that is sent to
	// it. What it fails for after two more tries goes to a queue of dead letters that raises an alarm.
	Function awslambda.IFunction
	// KeepAsyncConfig leaves to Function what becomes of events that it fails for: one that has a dead letter queue or an
	// EventInvokeConfig, which a function has one of, keeps it. It must be set for a function from elsewhere whose role is not given.
	// Default: false, the target has a queue of dead letters.
	KeepAsyncConfig bool
	// Stream gets each batch as a record. A function that reads from it must not write its logs to a log group that is sent to it: that
	// cannot be seen here.
	Stream awskinesis.IStream
	// Random spreads batches over the shards of Stream, or of that behind DestinationARN.
	// Default: false, the batches of a log stream stay in order, in one shard.
	Random bool
	// S3 has the events put into a bucket.
	S3 *S3
	// DestinationARN is the ARN of a Destination of another account, in the same region. What that writes to may be in another one.
	DestinationARN string
	// OfOrganization says that DestinationARN lets in an organization rather than this account by its id, as DestinationProps.Organization
	// does: CloudWatch Logs then asks for a role of this account.
	// Default: false, there is no role.
	OfOrganization bool
}

// S3 is a bucket that events are put into by way of a delivery stream of Firehose. The zero value takes every default.
type S3 struct {
	// Bucket is where objects go. Server access logs, encryption and versions are as it has them. Where a key encrypts it that is from
	// elsewhere, its policy must let the role of the delivery stream use it.
	// Default: a new bucket, encrypted with Key, for TLS only, with versions and server access logs.
	Bucket awss3.IBucket
	// Key encrypts the delivery stream, its log group and a new bucket.
	// Default: a new key that rotates yearly.
	Key awskms.IKey
	// ExpireDays is how long objects are kept in a new bucket, in days; 0 or more. It goes without Bucket.
	// Default: 0, they are kept forever.
	ExpireDays int
	// Format is what objects hold: JSON, Messages or Parquet.
	// Default: JSON.
	Format Format
	// Prefix is the folder of objects, with a / at its end; below it are folders year=2026/month=01/day=31/ in UTC.
	// Default: "logs/".
	Prefix string
	// ErrorPrefix is the folder of what could not be unpacked, converted or delivered, by kinds of errors and days. It is neither within Prefix
	// nor around it.
	// Default: "errors/".
	ErrorPrefix string
	// BufferSize is how much is gathered for an object, in MiB before compression: 1 to 128, with Parquet 64 at least.
	// Default: 64.
	BufferSize int
	// BufferInterval is how long is gathered for an object, if BufferSize does not come first: whole seconds, at most 15 minutes.
	// Default: 5 minutes.
	BufferInterval time.Duration
	// StaleAfter is how long events may wait for their delivery before the alarm fires: whole seconds, more than BufferInterval.
	// Default: BufferInterval and 10 minutes.
	StaleAfter time.Duration
	// LogRetentionDays is how long the errors of the delivery stream are kept in its log group, as of SecureLogGroupProps.RetentionDays.
	// Default: 365.
	LogRetentionDays int
	// ConfigureBucket edits the L2 props of a new bucket last, after all defaults.
	// Default: no edit.
	ConfigureBucket func(*awss3.BucketProps)
	// ConfigureStream edits the L1 props of the delivery stream last, after all defaults.
	// Default: no edit.
	ConfigureStream func(*awskinesisfirehose.CfnDeliveryStreamProps)
}

// FanoutProps configures a Fanout. Sources and Targets are required.
type FanoutProps struct {
	// Sources are the log groups, each once. A group has at most two subscription filters in the whole app.
	Sources []Source
	// Targets are where their events are sent: one or two.
	Targets []Target
	// AlarmTopic is told of alarms.
	// Default: a new topic for each target that has alarms.
	AlarmTopic awssns.ITopic
	// RemovalPolicy says what becomes of new keys, buckets, tables and log groups when the stack is deleted.
	// Default: awscdk.RemovalPolicy_RETAIN.
	RemovalPolicy awscdk.RemovalPolicy
}

// AccountFanoutProps configures an AccountFanout. Name and Target are required.
type AccountFanoutProps struct {
	// Name is the name of the policy in the account and region: 1 to 256 characters, without : and *. Another name replaces the policy.
	Name string
	// Target is where events are sent. The log group of its function, or of its delivery stream, is left out.
	Target Target
	// Exclude are log groups whose events are not sent, such as those of functions that read from Target.Stream.
	// Default: none.
	Exclude []awslogs.ILogGroup
	// AlarmTopic is told of alarms.
	// Default: a new topic, where the target has alarms.
	AlarmTopic awssns.ITopic
	// RemovalPolicy says what becomes of a new key, bucket, table and log group when the stack is deleted.
	// Default: awscdk.RemovalPolicy_RETAIN.
	RemovalPolicy awscdk.RemovalPolicy
}

// MaxFilters is how many subscription filters CloudWatch Logs takes for a log group.
//
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
const MaxFilters = 2

var (
	destinationARN = regexp.MustCompile(`^arn:[a-z-]+:logs:[a-z0-9-]+:[0-9]{12}:destination:[^:*]{1,512}$`)
	policyName     = regexp.MustCompile(`^[^:*]{1,256}$`)
)

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *FanoutProps) Validate() error {
	d, c := p.withDefaults(), check.For("logs.FanoutProps")
	c.That(len(d.Sources) > 0, "Sources", "must be given")
	var names []string
	for i, s := range d.Sources {
		c := c.At(check.Index("Sources", i))
		validateName(c, s.Name)
		c.That(s.LogGroup != nil, "LogGroup", "must be given")
		names = append(names, s.Name)
	}
	awsid.OnceEach(c, "Sources", names)
	check.Range(c, "Targets", len(d.Targets), 1, MaxFilters)
	names = nil
	for i := range d.Targets {
		d.Targets[i].validate(c.At(check.Index("Targets", i)))
		names = append(names, d.Targets[i].Name)
	}
	awsid.OnceEach(c, "Targets", names)
	check.OneOf(c, "RemovalPolicy", d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN, awscdk.RemovalPolicy_DESTROY)
	return c.Err()
}

func (p *FanoutProps) withDefaults() FanoutProps {
	var d FanoutProps
	if p != nil {
		d = *p
	}
	defaults.Or(&d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN)
	return d
}

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *AccountFanoutProps) Validate() error {
	d, c := p.withDefaults(), check.For("logs.AccountFanoutProps")
	c.That(policyName.MatchString(d.Name) || check.IsToken(d.Name), "Name", "must be 1 to 256 characters without : and *, got %q", d.Name)
	d.Target.validate(c.At("Target"))
	for i, g := range d.Exclude {
		c.That(g != nil, check.Index("Exclude", i), "must be given")
	}
	check.OneOf(c, "RemovalPolicy", d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN, awscdk.RemovalPolicy_DESTROY)
	return c.Err()
}

func (p *AccountFanoutProps) withDefaults() AccountFanoutProps {
	var d AccountFanoutProps
	if p != nil {
		d = *p
	}
	defaults.Or(&d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN)
	return d
}

func validateName(c *check.List, name string) {
	c.That(check.IsConstructID(name), "Name", "must be letters and digits with a letter first, got %q", name)
}

func (t *Target) validate(c *check.List) {
	validateName(c, t.Name)
	if t.Pattern != "" && !check.IsToken(t.Pattern) {
		if _, err := filterpattern.Parse(t.Pattern); err != nil {
			c.Add("Pattern", "%v", err)
		}
	}
	given := 0
	for _, is := range []bool{t.Function != nil, t.Stream != nil, t.S3 != nil, t.DestinationARN != ""} {
		if is {
			given++
		}
	}
	c.That(given == 1, "", "must have exactly one of Function, Stream, S3 and DestinationARN, got %d", given)
	c.That(!t.KeepAsyncConfig || t.Function != nil, "KeepAsyncConfig", "must be left out without Function")
	c.That(!t.Random || t.Stream != nil || t.DestinationARN != "", "Random", "must be left out without Stream and DestinationARN")
	c.That(!t.OfOrganization || t.DestinationARN != "", "OfOrganization", "must be left out without DestinationARN")
	if t.S3 != nil {
		p := t.S3.props(nil, awscdk.RemovalPolicy_RETAIN)
		p.Validate(c.At("S3"))
	}
	if t.DestinationARN != "" && !check.IsToken(t.DestinationARN) {
		c.That(destinationARN.MatchString(t.DestinationARN), "DestinationARN", "must be the ARN of a destination of CloudWatch Logs, got %q", t.DestinationARN)
	}
}

// props are those of the delivery stream, with defaults.
func (s *S3) props(topic awssns.ITopic, removal awscdk.RemovalPolicy) firehose.Props {
	return firehose.Props{
		Bucket: s.Bucket, Key: s.Key, ExpireDays: s.ExpireDays, Format: s.Format, Prefix: s.Prefix, ErrorPrefix: s.ErrorPrefix,
		BufferSize: s.BufferSize, BufferInterval: s.BufferInterval, StaleAfter: s.StaleAfter, LogRetentionDays: s.LogRetentionDays,
		AlarmTopic: topic, RemovalPolicy: removal, ConfigureBucket: s.ConfigureBucket, ConfigureStream: s.ConfigureStream,
	}.WithDefaults()
}

// DestinationProps configures a Destination. It asks for Name, exactly one of Stream and S3, and Accounts or Organization.
type DestinationProps struct {
	// Name is the name of the destination in the account and region, which senders know it by: 1 to 512 characters, without : and *.
	// Another name replaces the destination. It is required.
	Name string
	// Stream gets each batch as a record.
	Stream awskinesis.IStream
	// S3 has the events put into a bucket.
	S3 *S3
	// Accounts are the ids of the accounts that may send, each once.
	// Default: none.
	Accounts []string
	// Organization is the id of an organization, such as "o-abcde12345", all of whose accounts may send, with Target.OfOrganization.
	// Default: none.
	Organization string
	// AlarmTopic is told of alarms of S3.
	// Default: a new topic.
	AlarmTopic awssns.ITopic
	// RemovalPolicy says what becomes of a new key, bucket, table and log group when the stack is deleted.
	// Default: awscdk.RemovalPolicy_RETAIN.
	RemovalPolicy awscdk.RemovalPolicy
}

var destinationName = regexp.MustCompile(`^[^:*]{1,512}$`)

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *DestinationProps) Validate() error {
	d, c := p.withDefaults(), check.For("logs.DestinationProps")
	c.That(destinationName.MatchString(d.Name) && !check.IsToken(d.Name), "Name", "must be 1 to 512 characters without : and *, got %q", d.Name)
	c.That((d.Stream == nil) != (d.S3 == nil), "", "must have exactly one of Stream and S3")
	if d.S3 != nil {
		p := d.S3.props(nil, awscdk.RemovalPolicy_RETAIN)
		p.Validate(c.At("S3"))
	}
	c.That(len(d.Accounts) > 0 || d.Organization != "", "", "must have Accounts or Organization")
	for i, id := range d.Accounts {
		awsid.Account(c, check.Index("Accounts", i), id)
	}
	awsid.OnceEach(c, "Accounts", d.Accounts)
	if d.Organization != "" {
		awsid.Organization(c, "Organization", d.Organization)
	}
	check.OneOf(c, "RemovalPolicy", d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN, awscdk.RemovalPolicy_DESTROY)
	return c.Err()
}

func (p *DestinationProps) withDefaults() DestinationProps {
	var d DestinationProps
	if p != nil {
		d = *p
	}
	defaults.Or(&d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN)
	return d
}
