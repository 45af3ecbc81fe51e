package amicopy

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/awsid"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/defaults"
	"github.com/strata-cdk/strata/internal/sorted"
)

// CopyProps configures a Copy. Either SourceImage says what is copied, or SourceName and SourceOwner.
type CopyProps struct {
	// SourceRegion is the region of the image, such as "us-east-1": another one than the stack's. It is required.
	SourceRegion string
	// SourceImage is the id of the image, such as "ami-0123456789abcdef0". Another id is another copy; launch templates that take ImageID
	// change with it.
	SourceImage string
	// SourceName is a name with wildcards (* and ?), such as "orders-*": the newest image with such a name is copied, each time that the
	// props change. SourceOwner is the account that it must be of, 12 digits, or "self" or "amazon".
	SourceName, SourceOwner string
	// SourceKeyARN is the KMS key in SourceRegion that encrypts the image, which the function must be able to use. The key's own policy must admit
	// the function's role when it is of another account.
	// Default: none, the image is not encrypted, or with a key of AWS.
	SourceKeyARN string
	// Name is what names of copies begin with, 3 to 100 letters, digits, spaces and ( ) [ ] . / - ' @ _; the id of the source follows.
	// Default: "copy".
	Name string
	// Keep is how many copies there are at most, 2 to 100: with the one before, an update can be rolled back without waiting for a copy. That of the
	// SourceImage before an update is one of them, however old it is.
	// Default: 2.
	Keep int
	// Tags are for copies and their snapshots. What the source has of its owner's tags is copied too.
	// Default: none.
	Tags map[string]string
	// Architecture of the function is "arm64" or "x86_64".
	// Default: "arm64".
	Architecture string
	// Key encrypts copies, and the function's logs and variables. A key without which nobody can start the copies must outlive them.
	// Default: a new key that rotates yearly.
	Key awskms.IKey
	// LogRetentionDays is how long logs are kept: a period that CloudWatch Logs takes (1, 3, 5, 7, 14, 30, 60, 90, ...).
	// Default: 365.
	LogRetentionDays int
	// RemovalPolicy says what becomes of copies, logs and the key when they leave the stack.
	// Default: awscdk.RemovalPolicy_RETAIN.
	RemovalPolicy awscdk.RemovalPolicy
	// ConfigureFunction edits the L2 props of the function last, after all defaults.
	// Default: no edit.
	ConfigureFunction func(*awslambda.FunctionProps)
}

var (
	imageID   = regexp.MustCompile(`^ami-[0-9a-f]{8,17}$`)
	copyName  = regexp.MustCompile(`^[A-Za-z0-9()\[\] ./\-'@_]{3,100}$`)
	owner     = regexp.MustCompile(`^([0-9]{12}|self|amazon)$`)
	sourceKey = regexp.MustCompile(`^arn:[a-z-]+:kms:([a-z0-9-]+):[0-9]{12}:key/.+$`)
)

// mostTags is how many tags EC2 takes, without the two of the family.
const mostTags = 48

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *CopyProps) Validate() error {
	d, c := p.withDefaults(), check.For("amicopy.CopyProps")
	awsid.Region(c, "SourceRegion", d.SourceRegion)
	byName := d.SourceName != "" || d.SourceOwner != ""
	switch {
	case (d.SourceImage == "") == !byName:
		c.Add("SourceImage", "must be given, or SourceName and SourceOwner: one of both")
	case byName:
		n := utf8.RuneCountInString(d.SourceName)
		c.That(n >= 3 && n <= 128, "SourceName", "must be 3 to 128 characters, got %d", n)
		c.That(owner.MatchString(d.SourceOwner) || check.IsToken(d.SourceOwner), "SourceOwner", `must be an account of 12 digits, "self" or "amazon", got %q`, d.SourceOwner)
	default:
		c.That(imageID.MatchString(d.SourceImage) || check.IsToken(d.SourceImage), "SourceImage", "must be the id of an image, such as ami-0123456789abcdef0, got %q", d.SourceImage)
	}
	if d.SourceKeyARN != "" && !check.IsToken(d.SourceKeyARN) {
		m := sourceKey.FindStringSubmatch(d.SourceKeyARN)
		c.That(m != nil && (m[1] == d.SourceRegion || check.IsToken(d.SourceRegion)), "SourceKeyARN", "must be the ARN of a key in SourceRegion, got %q", d.SourceKeyARN)
	}
	c.That(copyName.MatchString(d.Name) || check.IsToken(d.Name), "Name", "must be 3 to 100 letters, digits, spaces and ( ) [ ] . / - ' @ _, got %q", d.Name)
	check.Range(c, "Keep", d.Keep, 2, 100)
	c.That(len(d.Tags) <= mostTags, "Tags", "must be at most %d, got %d", mostTags, len(d.Tags))
	for key, value := range sorted.All(d.Tags) {
		field := check.Key("Tags", key)
		c.That(key != "" && utf8.RuneCountInString(key) <= 128 && !strings.HasPrefix(strings.ToLower(key), "aws:"), field, `must have a key of 1 to 128 characters that does not start with "aws:"`)
		c.That(!strings.HasPrefix(key, "strata:amicopy"), field, "must have another key: copies are found by this one")
		c.That(utf8.RuneCountInString(value) <= 256, field, "must be at most 256 characters, got %d", utf8.RuneCountInString(value))
	}
	check.OneOf(c, "Architecture", d.Architecture, "arm64", "x86_64")
	check.OneOf(c, "LogRetentionDays", d.LogRetentionDays, cdkval.RetentionDays()...)
	check.OneOf(c, "RemovalPolicy", d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN, awscdk.RemovalPolicy_DESTROY)
	return c.Err()
}

// validateStack reports a stack that the image cannot be copied to.
func (p *CopyProps) validateStack(stack awscdk.Stack) error {
	c := check.For("amicopy.CopyProps")
	region := *stack.Region()
	c.That(!check.IsToken(region), "SourceRegion", "must be another region than the stack's, so the stack must have one: set Env")
	c.That(p.SourceRegion != region, "SourceRegion", "must be another region than the stack's, got %s for both", region)
	return c.Err()
}

func (p *CopyProps) withDefaults() CopyProps {
	var d CopyProps
	if p != nil {
		d = *p
	}
	defaults.Or(&d.Name, "copy")
	defaults.Or(&d.Keep, 2)
	defaults.Or(&d.Architecture, "arm64")
	defaults.Or(&d.LogRetentionDays, 365)
	defaults.Or(&d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN)
	return d
}
