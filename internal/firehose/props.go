// Package firehose defines delivery streams of Amazon Data Firehose that keep what CloudWatch Logs sends in Amazon S3.
package firehose

import (
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskinesisfirehose"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/defaults"
)

// Format is what objects hold.
type Format string

const (
	// JSON is a batch of log events a line, compressed with gzip. The zero value of Format means this.
	JSON Format = "JSON"
	// Messages is the message of a log event a line, compressed with gzip, without its time, log group and stream.
	Messages Format = "Messages"
	// Parquet is a batch of log events a row of a table of AWS Glue, compressed with Snappy.
	Parquet Format = "Parquet"
)

// Props are what the props of patterns say of their delivery stream, by the same names.
type Props struct {
	Bucket           awss3.IBucket
	Key              awskms.IKey
	ExpireDays       int
	Format           Format
	Prefix           string
	ErrorPrefix      string
	BufferSize       int
	BufferInterval   time.Duration
	StaleAfter       time.Duration
	LogRetentionDays int
	AlarmTopic       awssns.ITopic
	RemovalPolicy    awscdk.RemovalPolicy
	ConfigureBucket  func(*awss3.BucketProps)
	ConfigureStream  func(*awskinesisfirehose.CfnDeliveryStreamProps)
}

// WithDefaults gives p with its zero values filled in.
func (p Props) WithDefaults() Props {
	defaults.Or(&p.Format, JSON)
	defaults.Or(&p.Prefix, "logs/")
	defaults.Or(&p.ErrorPrefix, "errors/")
	defaults.Or(&p.BufferSize, 64)
	defaults.Or(&p.BufferInterval, 5*time.Minute)
	defaults.Or(&p.StaleAfter, p.BufferInterval+10*time.Minute)
	defaults.Or(&p.LogRetentionDays, 365)
	defaults.Or(&p.RemovalPolicy, awscdk.RemovalPolicy_RETAIN)
	return p
}

var prefix = regexp.MustCompile(`^(?:[0-9A-Za-z_.=-]+/)+$`)

// Validate records what is wrong with p, which has its defaults.
//
// https://docs.aws.amazon.com/firehose/latest/dev/buffering-hints.html
func (p *Props) Validate(c *check.List) {
	check.OneOf(c, "Format", p.Format, JSON, Messages, Parquet)
	c.That(p.Bucket == nil || p.ExpireDays == 0, "ExpireDays", "must be left out with Bucket")
	c.That(p.ExpireDays >= 0, "ExpireDays", "must be 0 or more, got %d", p.ExpireDays)
	c.That(p.Bucket == nil || p.ConfigureBucket == nil, "ConfigureBucket", "must be left out with Bucket")
	for _, f := range []struct{ field, value string }{{"Prefix", p.Prefix}, {"ErrorPrefix", p.ErrorPrefix}} {
		c.That(prefix.MatchString(f.value) && len(f.value) <= 512, f.field,
			"must be folders of letters, digits, ., _, = and -, each with a / behind it, at most 512 characters, got %q", f.value)
	}
	c.That(!strings.HasPrefix(p.ErrorPrefix, p.Prefix) && !strings.HasPrefix(p.Prefix, p.ErrorPrefix), "ErrorPrefix",
		"must be neither within Prefix nor around it, got %q and %q", p.ErrorPrefix, p.Prefix)
	smallest := 1
	if p.Format == Parquet {
		smallest = 64
	}
	check.Range(c, "BufferSize", p.BufferSize, smallest, 128)
	check.Range(c, "BufferInterval", p.BufferInterval, time.Second, 15*time.Minute)
	check.WholeSeconds(c, "BufferInterval", p.BufferInterval)
	c.That(p.StaleAfter > p.BufferInterval, "StaleAfter", "must be longer than BufferInterval, %v, got %v", p.BufferInterval, p.StaleAfter)
	check.WholeSeconds(c, "StaleAfter", p.StaleAfter)
	check.OneOf(c, "LogRetentionDays", p.LogRetentionDays, cdkval.RetentionDays()...)
	check.OneOf(c, "RemovalPolicy", p.RemovalPolicy, awscdk.RemovalPolicy_RETAIN, awscdk.RemovalPolicy_DESTROY)
}
