package delivery

import (
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/defaults"
)

// issuer is who GitHub's tokens are from, and audience is whom they are for.
const (
	issuer   = "token.actions.githubusercontent.com"
	audience = "sts.amazonaws.com"
)

// bootstrapRoles are what the CDK's command line assumes to deploy.
var bootstrapRoles = []string{"deploy", "file-publishing", "image-publishing", "lookup"}

// GitHubRoleProps configures a GitHubRole. Repository and one of Branches, Tags and Environments are required.
type GitHubRoleProps struct {
	// Repository is "owner/name".
	Repository string
	// Branches, Tags and Environments say which jobs get the role: those of these branches, of tags by these patterns, in which * stands for any text,
	// and in these environments of GitHub, which can ask somebody to approve. A job with an environment is known by that only, whatever its branch.
	Branches, Tags, Environments []string
	// Targets are the accounts and regions that may be deployed to.
	// Default: those of the stack.
	Targets []Target
	// Qualifier is that of the bootstrap stacks.
	// Default: hnb659fds, the CDK's own.
	Qualifier string
	// ProviderARN is the account's identity provider for GitHub, of which there can be one.
	// Default: a new one.
	ProviderARN string
	// Name is the role's, 1 to 64 letters, digits and +=,.@_-. Another name replaces the role.
	// Default: a name that CloudFormation makes.
	Name string
	// MaxSession is how long credentials last, whole seconds from 1h to 12h.
	// Default: 1 h.
	MaxSession time.Duration
	// ConfigureRole edits the props of the role last.
	// Default: no edit.
	ConfigureRole func(*awsiam.RoleProps)
}

// Target is where something is deployed to.
type Target struct{ Account, Region string }

// GitHubRole is what workflows of one repository deploy with, without long-term keys. The fields are the underlying constructs.
type GitHubRole struct {
	constructs.Construct
	// Provider is nil with ProviderARN.
	Provider awsiam.OidcProviderNative
	Role     awsiam.Role
}

// NewGitHubRole defines a GitHubRole named id in scope. It may assume the roles of the CDK's bootstrap stack in Targets, and nothing else.
// It panics with a *check.Error that lists every invalid field of props.
func NewGitHubRole(scope constructs.Construct, id string, props *GitHubRoleProps) *GitHubRole {
	check.Must(scope.Node().Path(), id, props.Validate())
	d := props.withDefaults()
	g := &GitHubRole{}
	constructs.NewConstruct_Override(g, scope, &id)
	provider := &d.ProviderARN
	if *provider == "" {
		g.Provider = awsiam.NewOidcProviderNative(g, jsii.String("Provider"), &awsiam.OidcProviderNativeProps{
			Url: jsii.String("https://" + issuer), ClientIds: jsii.Strings(audience),
		})
		provider = g.Provider.OidcProviderArn()
	}
	role := &awsiam.RoleProps{
		RoleName: cdkval.Text(d.Name), Description: jsii.String("Deploys from workflows of " + d.Repository), MaxSessionDuration: cdkval.Duration(d.MaxSession),
		AssumedBy: awsiam.NewFederatedPrincipal(provider, &map[string]any{
			"StringEquals": map[string]any{issuer + ":aud": audience},
			"StringLike":   map[string]any{issuer + ":sub": d.subjects()},
		}, jsii.String("sts:AssumeRoleWithWebIdentity")),
	}
	if d.ConfigureRole != nil {
		d.ConfigureRole(role)
	}
	g.Role = awsiam.NewRole(g, jsii.String("Role"), role)
	stack := awscdk.Stack_Of(g)
	targets := d.Targets
	if targets == nil {
		targets = []Target{{Account: *stack.Account(), Region: *stack.Region()}}
	}
	var roles []*string
	for _, to := range targets {
		for _, kind := range bootstrapRoles {
			roles = append(roles, stack.FormatArn(&awscdk.ArnComponents{
				Service: jsii.String("iam"), Region: jsii.String(""), Account: &to.Account, Resource: jsii.String("role"),
				ResourceName: jsii.String(strings.Join([]string{"cdk", d.Qualifier, kind, "role", to.Account, to.Region}, "-")),
			}))
		}
	}
	g.Role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{Actions: jsii.Strings("sts:AssumeRole"), Resources: &roles}))
	return g
}

// RoleARN gives the role's ARN, for Workflow.
func (g *GitHubRole) RoleARN() *string { return g.Role.RoleArn() }

func (p *GitHubRoleProps) withDefaults() *GitHubRoleProps {
	d := GitHubRoleProps{}
	if p != nil {
		d = *p
	}
	defaults.Or(&d.Qualifier, "hnb659fds")
	defaults.Or(&d.MaxSession, time.Hour)
	return &d
}

// subjects are what GitHub calls the jobs that get the role.
func (p *GitHubRoleProps) subjects() []string {
	var s []string
	for _, from := range []struct {
		kind  string
		names []string
	}{{"ref:refs/heads/", p.Branches}, {"ref:refs/tags/", p.Tags}, {"environment:", p.Environments}} {
		for _, name := range from.names {
			s = append(s, "repo:"+p.Repository+":"+from.kind+name)
		}
	}
	return s
}

var (
	gitHubRepository = regexp.MustCompile(`^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$`)
	gitName          = regexp.MustCompile(`^[^*?:\s]{1,255}$`)
	tagPattern       = regexp.MustCompile(`^[^?:\s]{1,255}$`)
	providerARN      = regexp.MustCompile(`^arn:[a-z-]+:iam::\d{12}:oidc-provider/` + regexp.QuoteMeta(issuer) + `$`)
	qualifier        = regexp.MustCompile(`^[A-Za-z0-9_-]{1,10}$`)
	roleName         = regexp.MustCompile(`^[A-Za-z0-9+=,.@_-]{1,64}$`)
)

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *GitHubRoleProps) Validate() error {
	d, c := p.withDefaults(), check.For("delivery.GitHubRoleProps")
	c.That(gitHubRepository.MatchString(d.Repository), "Repository", "must be owner/name, got %q", d.Repository)
	c.That(len(d.subjects()) > 0, "", "must have one of Branches, Tags and Environments")
	for i, name := range d.Branches {
		c.That(gitName.MatchString(name), check.Index("Branches", i), "must be a name without *, ?, : and spaces, got %q", name)
	}
	for i, name := range d.Tags {
		c.That(tagPattern.MatchString(name) && name != "*", check.Index("Tags", i), "must be a pattern without ?, : and spaces, more than *, got %q", name)
	}
	for i, name := range d.Environments {
		c.That(gitName.MatchString(name), check.Index("Environments", i), "must be a name without *, ?, : and spaces, got %q", name)
	}
	c.That(d.Targets == nil || len(d.Targets) > 0, "Targets", "must have a target, or be nil for the default")
	for i, to := range d.Targets {
		at := c.At(check.Index("Targets", i))
		at.That(check.IsToken(to.Account) || accountID.MatchString(to.Account), "Account", "must be 12 digits, got %q", to.Account)
		at.That(check.IsToken(to.Region) || regionName.MatchString(to.Region), "Region", "must be a region such as eu-west-1, got %q", to.Region)
	}
	c.That(qualifier.MatchString(d.Qualifier), "Qualifier", "must be 1 to 10 letters, digits, _ and -, got %q", d.Qualifier)
	c.That(d.ProviderARN == "" || check.IsToken(d.ProviderARN) || providerARN.MatchString(d.ProviderARN), "ProviderARN",
		"must be the ARN of an identity provider for %s, got %q", issuer, d.ProviderARN)
	c.That(d.Name == "" || check.IsToken(d.Name) || roleName.MatchString(d.Name), "Name", "must be 1 to 64 letters, digits and +=,.@_-, got %q", d.Name)
	check.Range(c, "MaxSession", d.MaxSession, time.Hour, 12*time.Hour)
	check.WholeSeconds(c, "MaxSession", d.MaxSession)
	return c.Err()
}
