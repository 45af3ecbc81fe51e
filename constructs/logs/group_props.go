package logs

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/awsid"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/defaults"
)

// Class is the log class of a group, which cannot be changed later.
//
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch_Logs_Log_Classes.html
type Class string

const (
	// Standard can do everything. The zero value of Class means this.
	Standard Class = "STANDARD"
	// InfrequentAccess costs half for what comes in. It has no subscription filters, metric filters, field indexes nor Live Tail.
	InfrequentAccess Class = "INFREQUENT_ACCESS"
	// Delivery keeps events for one day, for logs of Lambda that go to S3 or Firehose. It has nothing that InfrequentAccess has not, no
	// queries and no data protection either.
	Delivery Class = "DELIVERY"
)

// SecureLogGroupProps configures a SecureLogGroup. A nil *SecureLogGroupProps, like its zero value, takes every default.
type SecureLogGroupProps struct {
	// Name is the name of the group, such as "/shop/orders": 1 to 512 letters, digits, and . - _ / #, not beginning with "aws/". Another
	// name replaces the group.
	// Default: a name that CloudFormation makes from the stack's.
	Name string
	// Key encrypts the events. Its policy lets CloudWatch Logs of this account and region use it, unless it is from elsewhere; then yours
	// must.
	// Default: a new key that rotates yearly.
	Key awskms.IKey
	// RetentionDays is how long events are kept, in days that CloudWatch Logs takes, such as 1, 7, 30, 90, 365, 731 or 3653. It goes
	// without KeepForever, and without Class Delivery, which keeps them for one day.
	// Default: 365.
	RetentionDays int
	// KeepForever never expires events.
	// Default: false, they are kept for RetentionDays.
	KeepForever bool
	// Class is the log class: Standard, InfrequentAccess or Delivery. Another class replaces the group.
	// Default: Standard.
	Class Class
	// DataProtection masks what is secret when it comes in. Who has the permission logs:Unmask can still see it. It goes without Class
	// Delivery.
	// Default: nil, nothing is masked.
	DataProtection *DataProtection
	// IndexFields are names of fields, such as "requestId", by which queries skip what does not match: at most 20, each once, of 1 to 100
	// characters. It asks for Class Standard.
	// Default: none but those of CloudWatch Logs.
	IndexFields []string
	// RemovalPolicy says what becomes of the group and a new key when the stack is deleted.
	// Default: awscdk.RemovalPolicy_RETAIN.
	RemovalPolicy awscdk.RemovalPolicy
	// ConfigureLogGroup edits the L2 props last, after all defaults.
	// Default: no edit.
	ConfigureLogGroup func(*awslogs.LogGroupProps)
}

// DataProtection says what is found in events and masked. It asks for an identifier, managed or custom.
//
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/mask-sensitive-log-data.html
type DataProtection struct {
	// Identifiers are kinds of data that AWS knows, such as EmailAddress, each once; Credentials lists the keys among them.
	// Default: none.
	Identifiers []Identifier
	// Custom are kinds of data that you describe; at most 10.
	// Default: none.
	Custom []CustomIdentifier
	// FindingsLogGroup is told what was found where: a group other than the one that is protected.
	// Default: none; the metric LogEventsWithFindings counts them in any case.
	FindingsLogGroup awslogs.ILogGroup
	// FindingsBucket is told what was found where. Its policy must let the service delivery.logs.amazonaws.com write.
	// Default: none.
	FindingsBucket awss3.IBucket
	// FindingsStream is the name of a delivery stream of Firehose that is told what was found where.
	// Default: none.
	FindingsStream string
}

// CustomIdentifier is a kind of data that a regular expression describes.
type CustomIdentifier struct {
	// Name is 1 to 128 letters, digits, _ and -. Required.
	Name string
	// Regex is 1 to 200 characters. Required.
	Regex string
}

var (
	groupName  = regexp.MustCompile(`^[.\-_/#A-Za-z0-9]{1,512}$`)
	customName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)
)

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *SecureLogGroupProps) Validate() error {
	d, c := p.withDefaults(), check.For("logs.SecureLogGroupProps")
	if d.Name != "" && !check.IsToken(d.Name) {
		c.That(groupName.MatchString(d.Name) && !strings.HasPrefix(d.Name, "aws/"), "Name",
			"must be 1 to 512 letters, digits and . - _ / #, not beginning with aws/, got %q", d.Name)
	}
	check.OneOf(c, "Class", d.Class, Standard, InfrequentAccess, Delivery)
	switch {
	case d.KeepForever:
		c.That(d.RetentionDays == 0, "RetentionDays", "must be left out with KeepForever")
	case d.Class == Delivery:
		c.That(d.RetentionDays == 0, "RetentionDays", "must be left out with Class %s", Delivery)
	default:
		check.OneOf(c, "RetentionDays", d.RetentionDays, cdkval.RetentionDays()...)
	}
	c.That(!d.KeepForever || d.Class != Delivery, "KeepForever", "must be left out with Class %s", Delivery)
	if d.DataProtection != nil {
		c.That(d.Class != Delivery, "DataProtection", "must be left out with Class %s", Delivery)
		d.DataProtection.validate(c.At("DataProtection"))
	}
	c.That(len(d.IndexFields) == 0 || d.Class == Standard, "IndexFields", "must be left out with Class %s", d.Class)
	c.That(len(d.IndexFields) <= 20, "IndexFields", "must be at most 20, got %d", len(d.IndexFields))
	for i, f := range d.IndexFields {
		n := utf8.RuneCountInString(f)
		c.That(1 <= n && n <= 100, check.Index("IndexFields", i), "must have 1 to 100 characters, got %d", n)
	}
	awsid.OnceEach(c, "IndexFields", d.IndexFields)
	check.OneOf(c, "RemovalPolicy", d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN, awscdk.RemovalPolicy_DESTROY)
	return c.Err()
}

func (d *DataProtection) validate(c *check.List) {
	c.That(len(d.Identifiers)+len(d.Custom) > 0, "", "must have an identifier")
	c.That(len(d.Custom) <= 10, "Custom", "must be at most 10, got %d", len(d.Custom))
	var names []string
	for i, id := range d.Identifiers {
		c.That(managed[id], check.Index("Identifiers", i), "must be an identifier that AWS manages, such as %s, got %q", EmailAddress, id)
		names = append(names, string(id))
	}
	awsid.OnceEach(c, "Identifiers", names)
	names = nil
	for i, custom := range d.Custom {
		c := c.At(check.Index("Custom", i))
		c.That(customName.MatchString(custom.Name), "Name", "must be 1 to 128 letters, digits, _ and -, got %q", custom.Name)
		c.That(!managed[Identifier(custom.Name)], "Name", "must be another name than that of a managed identifier, %s", custom.Name)
		n := utf8.RuneCountInString(custom.Regex)
		c.That(1 <= n && n <= 200, "Regex", "must have 1 to 200 characters, got %d", n)
		names = append(names, custom.Name)
	}
	awsid.OnceEach(c, "Custom", names)
}

func (p *SecureLogGroupProps) withDefaults() SecureLogGroupProps {
	var d SecureLogGroupProps
	if p != nil {
		d = *p
	}
	defaults.Or(&d.Class, Standard)
	if !d.KeepForever && d.Class != Delivery {
		defaults.Or(&d.RetentionDays, 365)
	}
	defaults.Or(&d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN)
	return d
}
