package stackset

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/awsid"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/sorted"
)

var (
	setName  = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9-]{0,127}$`)
	roleName = regexp.MustCompile(`^[a-zA-Z0-9_+=,.@-]{1,64}$`)
	unit     = regexp.MustCompile(`^(ou-[a-z0-9]{4,32}-[a-z0-9]{8,32}|r-[a-z0-9]{4,32})$`)
	tagKey   = regexp.MustCompile(`^[a-zA-Z0-9\s:_./=+-]{1,128}$`)
	setARN   = regexp.MustCompile(`^arn:[a-z-]+:cloudformation:[a-z0-9-]+:[0-9]{12}:stackset/[a-zA-Z][a-zA-Z0-9-]*:[a-z0-9-]+$`)
)

// maxTags is how many tags a stack set has at most.
const maxTags = 50

// Validate reports every invalid field at once. It is pure Go: no construct is made, and Template is not called.
func (p *Props) Validate() error {
	d, c := p.withDefaults(), check.For("stackset.Props")
	c.That(setName.MatchString(d.Name), "Name", "must be a letter, then letters, digits and hyphens, 128 at most, got %q", d.Name)
	c.That(utf8.RuneCountInString(d.Description) <= 1024, "Description", "must be at most 1024 characters, got %d", utf8.RuneCountInString(d.Description))
	c.That(d.Template != nil, "Template", "must be given")
	if d.AssetBucketPrefix != "" {
		validatePrefix(c, "AssetBucketPrefix", d.AssetBucketPrefix)
	}
	check.OneOf(c, "Architecture", d.Architecture, "arm64", "x86_64")
	check.OneOf(c, "LogRetentionDays", d.LogRetentionDays, cdkval.RetentionDays()...)
	check.OneOf(c, "PermissionModel", d.PermissionModel, SelfManaged, ServiceManaged)
	d.validatePermissions(c)
	c.That(len(d.Targets) > 0, "Targets", "must be given")
	stacks := map[string]bool{}
	for i := range d.Targets {
		d.Targets[i].validate(c.At(check.Index("Targets", i)), d.PermissionModel, stacks)
	}
	d.OperationPreferences.validate(c.At("OperationPreferences"), d.regions())
	validateTags(c, d.Tags)
	check.OneOf(c, "RemovalPolicy", d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN, awscdk.RemovalPolicy_DESTROY)
	return c.Err()
}

// validatePermissions holds what belongs to one permission model only.
func (p *Props) validatePermissions(c *check.List) {
	switch p.PermissionModel {
	case ServiceManaged:
		c.That(p.AdministrationRole == nil, "AdministrationRole", "is for PermissionModel SELF_MANAGED only")
		c.That(p.ExecutionRoleName == "", "ExecutionRoleName", "is for PermissionModel SELF_MANAGED only")
		c.That(p.AutoDeployment != nil, "AutoDeployment", "must be given with PermissionModel SERVICE_MANAGED")
	case SelfManaged:
		if p.ExecutionRoleName != "" && !check.IsToken(p.ExecutionRoleName) {
			c.That(roleName.MatchString(p.ExecutionRoleName), "ExecutionRoleName", "must be 1 to 64 letters, digits and +=,.@_-, got %q", p.ExecutionRoleName)
		}
		c.That(p.AutoDeployment == nil, "AutoDeployment", "is for PermissionModel SERVICE_MANAGED only")
		c.That(!p.DelegatedAdmin, "DelegatedAdmin", "is for PermissionModel SERVICE_MANAGED only")
	}
	if a := p.AutoDeployment; a != nil {
		c := c.At("AutoDeployment")
		c.That(!a.RetainStacksOnAccountRemoval || a.Enabled, "RetainStacksOnAccountRemoval", "needs Enabled")
		c.That(len(a.DependsOn) == 0 || a.Enabled, "DependsOn", "needs Enabled")
		for i, arn := range a.DependsOn {
			c.That(setARN.MatchString(arn) || check.IsToken(arn), check.Index("DependsOn", i), "must be the ARN of a stack set, got %q", arn)
		}
		awsid.OnceEach(c, "DependsOn", a.DependsOn)
	}
}

// validate reports also stacks that another target has, of all in stacks, and adds its own.
func (t *Target) validate(c *check.List, model PermissionModel, stacks map[string]bool) {
	switch model {
	case SelfManaged:
		c.That(len(t.Accounts) > 0, "Accounts", "must be given with PermissionModel SELF_MANAGED")
		c.That(len(t.OrganizationalUnits) == 0, "OrganizationalUnits", "are for PermissionModel SERVICE_MANAGED only")
		c.That(t.AccountFilter == "", "AccountFilter", "is for PermissionModel SERVICE_MANAGED only")
	case ServiceManaged:
		c.That(len(t.OrganizationalUnits) > 0, "OrganizationalUnits", "must be given with PermissionModel SERVICE_MANAGED")
		c.That(t.AccountFilter == "" || len(t.Accounts) > 0, "AccountFilter", "needs Accounts")
		c.That(t.AccountFilter != "" || len(t.Accounts) == 0, "AccountFilter", "must be given with Accounts")
		if t.AccountFilter != "" {
			check.OneOf(c, "AccountFilter", t.AccountFilter, Intersection, Difference, Union)
		}
	}
	for i, id := range t.Accounts {
		awsid.Account(c, check.Index("Accounts", i), id)
	}
	awsid.OnceEach(c, "Accounts", t.Accounts)
	for i, id := range t.OrganizationalUnits {
		c.That(unit.MatchString(id) || check.IsToken(id), check.Index("OrganizationalUnits", i),
			"must be the id of an organizational unit or of the root, such as ou-abcd-12345678, got %q", id)
	}
	awsid.OnceEach(c, "OrganizationalUnits", t.OrganizationalUnits)
	c.That(len(t.Regions) > 0, "Regions", "must be given")
	for i, name := range t.Regions {
		awsid.Region(c, check.Index("Regions", i), name)
	}
	awsid.OnceEach(c, "Regions", t.Regions)
	own := map[string]bool{}
	for _, owner := range t.owners() {
		for _, region := range t.Regions {
			stack := owner + " in " + region
			c.That(!stacks[stack], "", "must not have %s, which another target has", stack)
			own[stack] = true
		}
	}
	maps.Copy(stacks, own)
}

// owners are those accounts and organizational units of which a region can have but one target.
func (t *Target) owners() []string {
	switch t.AccountFilter {
	case Intersection:
		return t.Accounts
	case Difference:
		return t.OrganizationalUnits
	default:
		return slices.Concat(t.Accounts, t.OrganizationalUnits)
	}
}

func (o *OperationPreferences) validate(c *check.List, regions []string) {
	c.That(o.FailureToleranceCount >= 0, "FailureToleranceCount", "must be 0 or more, got %d", o.FailureToleranceCount)
	check.Range(c, "FailureTolerancePercentage", o.FailureTolerancePercentage, 0, 100)
	c.That(o.FailureToleranceCount == 0 || o.FailureTolerancePercentage == 0, "FailureTolerancePercentage", "must be left out with FailureToleranceCount")
	c.That(o.MaxConcurrentCount >= 0, "MaxConcurrentCount", "must be 1 or more, got %d", o.MaxConcurrentCount)
	if o.MaxConcurrentPercentage != 0 {
		check.Range(c, "MaxConcurrentPercentage", o.MaxConcurrentPercentage, 1, 100)
		c.That(o.MaxConcurrentCount == 0, "MaxConcurrentPercentage", "must be left out with MaxConcurrentCount")
	}
	check.OneOf(c, "ConcurrencyMode", o.ConcurrencyMode, Strict, Soft)
	if o.ConcurrencyMode == Strict && o.FailureTolerancePercentage == 0 && o.MaxConcurrentPercentage == 0 {
		c.That(o.MaxConcurrentCount <= o.FailureToleranceCount+1, "MaxConcurrentCount",
			"must be at most FailureToleranceCount and 1 with ConcurrencyMode STRICT_FAILURE_TOLERANCE: %d, got %d", o.FailureToleranceCount+1, o.MaxConcurrentCount)
	}
	if len(o.RegionOrder) == 0 {
		return
	}
	c.That(!o.ParallelRegions, "RegionOrder", "must be left out with ParallelRegions")
	order := slices.Sorted(slices.Values(o.RegionOrder))
	c.That(slices.Equal(order, regions), "RegionOrder", "must have each region of the targets once: %s", strings.Join(regions, ", "))
}

func validateTags(c *check.List, tags map[string]string) {
	c.That(len(tags) <= maxTags, "Tags", "must be at most %d, got %d", maxTags, len(tags))
	for key, value := range sorted.All(tags) {
		field := check.Key("Tags", key)
		c.That(tagKey.MatchString(key), field, "must have a key of 1 to 128 letters, digits, spaces and _.:/=+-")
		c.That(!strings.HasPrefix(strings.ToLower(key), "aws:"), field, "must have a key that does not start with aws:")
		n := utf8.RuneCountInString(value)
		c.That(1 <= n && n <= 256, field, "must have 1 to 256 characters, got %d", n)
	}
}

// regions are those of all targets, sorted.
func (p *Props) regions() []string {
	all := map[string]bool{}
	for _, t := range p.Targets {
		for _, region := range t.Regions {
			all[region] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}
