package webacl

import (
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/defaults"
)

// Props configures a web ACL. A nil *Props, like its zero value, takes every default.
type Props struct {
	// WebACLArn is an existing regional web ACL to use instead of a new one; the fields below go without it.
	// Default: a new one.
	WebACLArn string
	// RateLimit is the number of requests that one address may make in five minutes, 10 to 2000000000.
	// Default: 2000.
	RateLimit int
	// ManagedRuleGroups are further rule groups of AWS, by name, such as "AWSManagedRulesSQLiRuleSet".
	// Default: none.
	ManagedRuleGroups []string
	// LimitBodies blocks requests with a body of over 8 KB, as the rule SizeRestrictions_BODY of CommonRuleSet does by
	// itself. WAF looks at the first 16 KB of a body that goes to API Gateway, the first 8 KB to a load balancer.
	// Default: false, such requests are only counted.
	LimitBodies bool
	// CountOnly lets through what the managed rule groups would block, and only counts it.
	// Default: false.
	CountOnly bool
}

// Options say what a web ACL protects and how it logs.
type Options struct {
	// ResourceArn is the ARN of what is protected: a stage of a REST API, an Application Load Balancer or another regional
	// resource that takes a web ACL.
	ResourceArn string
	// Key encrypts the logs. It must let logs.REGION.amazonaws.com use it. Needed for a new web ACL.
	Key awskms.IKey
	// LogRetentionDays is how long the logs are kept: a period that CloudWatch Logs takes (1, 3, 5, 7, 14, 30, 60, 90, 120,
	// 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653 days).
	// Default: 365.
	LogRetentionDays int
	// RemovalPolicy says what becomes of the logs when the stack is deleted.
	// Default: awscdk.RemovalPolicy_RETAIN.
	RemovalPolicy awscdk.RemovalPolicy
	// RedactHeaders are further request headers that the logs leave out, in any case.
	// Default: Authorization, Cookie, X-Amz-Security-Token and X-Api-Key, which are always left out.
	RedactHeaders []string
}

// managedRuleGroups are on in each web ACL of ours, and cost nothing beyond a rule.
//
// https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
var managedRuleGroups = []string{"AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet"}

// configuredRuleGroups are rule groups of AWS that do not work without settings.
var configuredRuleGroups = []string{"AWSManagedRulesATPRuleSet", "AWSManagedRulesACFPRuleSet"}

// IsZero tells whether p leaves every field out.
func (p *Props) IsZero() bool { return p == nil || p.WebACLArn == "" && !p.hasRules() }

func (p *Props) hasRules() bool {
	return p.RateLimit != 0 || len(p.ManagedRuleGroups) > 0 || p.LimitBodies || p.CountOnly
}

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *Props) Validate() error {
	d, c := p.withDefaults(), check.For("webacl.Props")
	if d.WebACLArn != "" {
		c.That(!p.hasRules(), "", "must have WebACLArn or rules, not both")
		c.That(check.IsToken(d.WebACLArn) || strings.Contains(d.WebACLArn, ":regional/webacl/"), "WebACLArn", "must be the ARN of a regional web ACL, got %q", d.WebACLArn)
	}
	check.Range(c, "RateLimit", d.RateLimit, 10, 2_000_000_000)
	for i, group := range d.ManagedRuleGroups {
		field := check.Index("ManagedRuleGroups", i)
		c.That(!slices.Contains(configuredRuleGroups, group), field, "needs settings of its own that are not here: %s; use WebACLArn", group)
		c.That(strings.HasPrefix(group, "AWSManagedRules"), field, "must be a rule group of AWS, such as AWSManagedRulesSQLiRuleSet, got %q", group)
		c.That(!slices.Contains(managedRuleGroups, group) && !slices.Contains(d.ManagedRuleGroups[:i], group), field, "is there already: %s", group)
	}
	return c.Err()
}

func (p *Props) withDefaults() Props {
	var d Props
	if p != nil {
		d = *p
	}
	defaults.Or(&d.RateLimit, 2000)
	return d
}

func (o Options) validate(p *Props) error {
	o, c := o.withDefaults(), check.For("webacl.Options")
	c.That(o.ResourceArn != "", "ResourceArn", "must be given")
	c.That(o.Key != nil || p.WebACLArn != "", "Key", "must be given for a new web ACL")
	check.OneOf(c, "LogRetentionDays", o.LogRetentionDays, cdkval.RetentionDays()...)
	check.OneOf(c, "RemovalPolicy", o.RemovalPolicy, awscdk.RemovalPolicy_RETAIN, awscdk.RemovalPolicy_DESTROY)
	return c.Err()
}

func (o Options) withDefaults() Options {
	defaults.Or(&o.LogRetentionDays, 365)
	defaults.Or(&o.RemovalPolicy, awscdk.RemovalPolicy_RETAIN)
	return o
}
