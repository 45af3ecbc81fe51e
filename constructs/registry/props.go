package registry

import (
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/awsid"
)

// RepositoryProps configures a Repository. A nil *RepositoryProps, like its zero value, takes every default.
type RepositoryProps struct {
	// Name is the repository's name in the registry, such as "team/web": 2 to 256 lower case letters and digits, with single
	// . or _, two _, or any number of - between them, in parts that / divides. Another name replaces the repository.
	// Default: a name that CloudFormation makes from the stack's.
	Name string
	// MutableTags lets a push move a tag that exists to another image. It goes without MutableTagFilters.
	// Default: false, a tag stays what it is.
	MutableTags bool
	// MutableTagFilters are patterns of tags that may be moved although others may not, such as "latest*": at most 5, each
	// of 1 to 128 letters, digits, ., _, - and *, which stands for any text.
	// Default: none.
	MutableTagFilters []string
	// DisableScanOnPush leaves images unscanned when they are pushed. Where the registry's own scanning configuration asks
	// for scans, that prevails.
	// Default: false, each image is scanned when it is pushed.
	DisableScanOnPush bool
	// Key encrypts the images. It goes without AWSManagedEncryption. Another key replaces the repository, as ECR cannot
	// encrypt what it has anew.
	// Default: a new key that rotates yearly.
	Key awskms.IKey
	// AWSManagedEncryption encrypts the images with keys that AWS manages for Amazon S3 (AES-256), which cost nothing and
	// leave no trace in CloudTrail. A change of it replaces the repository.
	// Default: false, images are encrypted with Key.
	AWSManagedEncryption bool
	// KeepImages is how many images are kept; what was pushed before them expires within a day. An image for several
	// platforms counts as one for each platform and one for their index. 1 to 100000, the quota of a repository unless it
	// was raised.
	// Default: 100.
	KeepImages int
	// KeepAllImages expires no tagged image. It goes without KeepImages.
	// Default: false, KeepImages are kept.
	KeepAllImages bool
	// ExpireUntaggedDays is how long an image without a tag is kept after it was pushed, in days; 1 or more. Images for the
	// platforms of a tagged index stay with it.
	// Default: 7.
	ExpireUntaggedDays int
	// PullAccounts are ids of AWS accounts whose principals may pull, such as "111122223333": each once. Each principal
	// needs a policy of its account besides.
	// Default: none, only this account.
	PullAccounts []string
	// PullOrganization is the id of an organization of AWS Organizations, such as "o-abcde12345", all of whose accounts may
	// pull. Each principal needs a policy of its account besides.
	// Default: none.
	PullOrganization string
	// RemovalPolicy says what becomes of the repository and a new key when the stack is deleted. A repository that has
	// images is deleted with EmptyOnDelete only; without it, the deletion fails.
	// Default: awscdk.RemovalPolicy_RETAIN.
	RemovalPolicy awscdk.RemovalPolicy
	// EmptyOnDelete deletes every image together with the repository. It asks for RemovalPolicy DESTROY.
	// Default: false.
	EmptyOnDelete bool
	// ConfigureRepository edits the L2 props last, after all defaults.
	// Default: no edit.
	ConfigureRepository func(*awsecr.RepositoryProps)
}

var (
	nameParts = `[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*`
	name      = regexp.MustCompile(`^` + nameParts + `(?:/` + nameParts + `)*$`)
	tagFilter = regexp.MustCompile(`^[0-9a-zA-Z._*-]{1,128}$`)
)

// maxImages is the quota of the images of a repository.
const maxImages = 100_000

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *RepositoryProps) Validate() error {
	d, c := p.withDefaults(), check.For("registry.RepositoryProps")
	if d.Name != "" && !check.IsToken(d.Name) {
		validateName(c, "Name", d.Name, 256)
	}
	c.That(!d.MutableTags || len(d.MutableTagFilters) == 0, "MutableTagFilters", "must be left out when all tags are mutable")
	c.That(len(d.MutableTagFilters) <= 5, "MutableTagFilters", "must be at most 5, got %d", len(d.MutableTagFilters))
	for i, f := range d.MutableTagFilters {
		c.That(tagFilter.MatchString(f) || check.IsToken(f), check.Index("MutableTagFilters", i),
			"must be 1 to 128 letters, digits, ., _, - and *, got %q", f)
	}
	awsid.OnceEach(c, "MutableTagFilters", d.MutableTagFilters)
	c.That(d.Key == nil || !d.AWSManagedEncryption, "Key", "must be left out with AWSManagedEncryption")
	check.Range(c, "KeepImages", d.KeepImages, 1, maxImages)
	c.That(!d.KeepAllImages || p.KeepImages == 0, "KeepImages", "must be left out with KeepAllImages")
	c.That(d.ExpireUntaggedDays >= 1, "ExpireUntaggedDays", "must be 1 or more, got %d", d.ExpireUntaggedDays)
	for i, id := range d.PullAccounts {
		awsid.Account(c, check.Index("PullAccounts", i), id)
	}
	awsid.OnceEach(c, "PullAccounts", d.PullAccounts)
	if d.PullOrganization != "" {
		awsid.Organization(c, "PullOrganization", d.PullOrganization)
	}
	check.OneOf(c, "RemovalPolicy", d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN, awscdk.RemovalPolicy_DESTROY)
	c.That(!d.EmptyOnDelete || d.RemovalPolicy == awscdk.RemovalPolicy_DESTROY, "EmptyOnDelete", "needs RemovalPolicy DESTROY, got %s", d.RemovalPolicy)
	return c.Err()
}

func validateName(c *check.List, field, s string, longest int) {
	c.That(2 <= len(s) && len(s) <= longest, field, "must have 2 to %d characters, got %d", longest, len(s))
	c.That(name.MatchString(s), field, "must be lower case letters and digits, with ., _, __ or hyphens between them, in parts that / divides, got %q", s)
}

func (p *RepositoryProps) withDefaults() RepositoryProps {
	var d RepositoryProps
	if p != nil {
		d = *p
	}
	if d.KeepImages == 0 {
		d.KeepImages = 100
	}
	if d.ExpireUntaggedDays == 0 {
		d.ExpireUntaggedDays = 7
	}
	if d.RemovalPolicy == "" {
		d.RemovalPolicy = awscdk.RemovalPolicy_RETAIN
	}
	return d
}

// Destination is a registry that images are replicated to.
type Destination struct {
	// Region is the region of the registry, such as "eu-central-1", of the same partition of AWS. Required.
	Region string
	// Account is the id of the registry's account, such as "111122223333". Another account must allow the replication in the
	// policy of its registry.
	// Default: the account of the stack.
	Account string
}

// ReplicationRule says which repositories are replicated, and where to.
type ReplicationRule struct {
	// Destinations are the registries that images are replicated to, each once in a rule. Required.
	Destinations []Destination
	// Prefixes are the beginnings of the names of the repositories that are replicated, such as "prod/"; at most 100, each of
	// 2 to 256 characters, each once.
	// Default: none, every repository of the registry.
	Prefixes []string
}

// ReplicationProps configures a Replication.
type ReplicationProps struct {
	// Rules are the rules; 1 to 10, with at most 25 different destinations in all. Required.
	Rules []ReplicationRule
	// ConfigureReplication edits the L1 props last, after all defaults.
	// Default: no edit.
	ConfigureReplication func(*awsecr.CfnReplicationConfigurationProps)
}

var prefix = regexp.MustCompile(`^(?:[a-z0-9]+(?:[._-][a-z0-9]*)*/)*[a-z0-9]*(?:[._-][a-z0-9]*)*$`)

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *ReplicationProps) Validate() error { return p.validateIn("", "") }

// validateIn validates the props of a stack in the given account and region, where these are known.
func (p *ReplicationProps) validateIn(ownAccount, ownRegion string) error {
	var d ReplicationProps
	if p != nil {
		d = *p
	}
	c := check.For("registry.ReplicationProps")
	check.Range(c, "Rules", len(d.Rules), 1, 10)
	all := map[Destination]bool{}
	for i, r := range d.Rules {
		c := c.At(check.Index("Rules", i))
		c.That(len(r.Destinations) > 0, "Destinations", "must be given")
		for j, to := range r.Destinations {
			c := c.At(check.Index("Destinations", j))
			awsid.Region(c, "Region", to.Region)
			if to.Account != "" {
				awsid.Account(c, "Account", to.Account)
			} else {
				to.Account = ownAccount
			}
			c.That(ownRegion == "" || to != Destination{Region: ownRegion, Account: ownAccount}, "", "must be another registry than the stack's own")
			c.That(!slices.Contains(r.Destinations[:j], r.Destinations[j]), "", "must be listed once in a rule")
			all[to] = true
		}
		for j, s := range r.Prefixes {
			if !check.IsToken(s) {
				c.That(2 <= len(s) && len(s) <= 256 && prefix.MatchString(s), check.Index("Prefixes", j),
					"must be the beginning of the names of repositories, 2 to 256 characters, got %q", s)
			}
		}
		c.That(len(r.Prefixes) <= 100, "Prefixes", "must be at most 100, got %d", len(r.Prefixes))
		awsid.OnceEach(c, "Prefixes", r.Prefixes)
	}
	c.That(len(all) <= 25, "Rules", "must have at most 25 different destinations, got %d", len(all))
	return c.Err()
}

// Upstream is a registry that a PullThroughCache keeps images of.
type Upstream string

const (
	// ECRPublic is the Amazon ECR Public Gallery, public.ecr.aws. The zero value of Upstream means this.
	ECRPublic Upstream = "ecr-public"
	// Kubernetes is the registry of Kubernetes, registry.k8s.io.
	Kubernetes Upstream = "k8s"
	// Quay is quay.io.
	Quay Upstream = "quay"
	// DockerHub is Docker Hub; it asks for credentials.
	DockerHub Upstream = "docker-hub"
	// GitHub is the GitHub Container Registry, ghcr.io; it asks for credentials.
	GitHub Upstream = "github-container-registry"
	// GitLab is the GitLab Container Registry, registry.gitlab.com; it asks for credentials.
	GitLab Upstream = "gitlab-container-registry"
	// Chainguard is the Chainguard Registry, cgr.dev; it asks for credentials.
	Chainguard Upstream = "chainguard"
	// Azure is a registry of yours in the Microsoft Azure Container Registry; it asks for credentials and AzureRegistry.
	Azure Upstream = "azure-container-registry"
)

// upstreams has the host of each upstream registry, and whether it asks for credentials.
var upstreams = map[Upstream]struct {
	host   string
	secret bool
}{
	ECRPublic:  {host: "public.ecr.aws"},
	Kubernetes: {host: "registry.k8s.io"},
	Quay:       {host: "quay.io"},
	DockerHub:  {host: "registry-1.docker.io", secret: true},
	GitHub:     {host: "ghcr.io", secret: true},
	GitLab:     {host: "registry.gitlab.com", secret: true},
	Chainguard: {host: "cgr.dev", secret: true},
	Azure:      {host: ".azurecr.io", secret: true},
}

// PullThroughCacheProps configures a PullThroughCache. A nil *PullThroughCacheProps, like its zero value, takes every
// default: a cache of the ECR Public Gallery.
type PullThroughCacheProps struct {
	// Upstream is the registry whose images are cached: ECRPublic, Kubernetes, Quay, DockerHub, GitHub, GitLab, Chainguard
	// or Azure. Another one needs another Prefix too, as ECR has one rule for a prefix and CloudFormation creates the new
	// rule before it deletes the old.
	// Default: ECRPublic.
	Upstream Upstream
	// AzureRegistry is the name of a registry in Azure, NAME of NAME.azurecr.io: 5 to 50 letters and digits. It goes with
	// Upstream Azure only, which asks for it.
	// Default: none.
	AzureRegistry string
	// SecretARN is the ARN of a secret of AWS Secrets Manager with the credentials for the upstream registry (username and
	// accessToken), in the region of the stack, whose name must start with "ecr-pullthroughcache/". Upstreams that ask for
	// credentials require it, the others go without.
	// Default: none.
	SecretARN string
	// Prefix is the beginning of the names of the cached repositories, without a / at its end: 2 to 30 characters as of a
	// repository's name. A registry has at most 50 prefixes.
	// Default: the name of Upstream, such as "ecr-public".
	Prefix string
	// ExpireDays is how long a cached image is kept after it was fetched, in days; 1 or more. After that it is fetched again
	// by the next pull.
	// Default: 30.
	ExpireDays int
	// Key encrypts the cached images. It goes without AWSManagedEncryption. Repositories that are there keep the key they
	// were created with.
	// Default: a new key that rotates yearly.
	Key awskms.IKey
	// AWSManagedEncryption encrypts the cached images with keys that AWS manages for Amazon S3 (AES-256), which cost nothing
	// and leave no trace in CloudTrail.
	// Default: false, images are encrypted with Key.
	AWSManagedEncryption bool
	// RemovalPolicy says what becomes of a new key when the stack is deleted. The cached repositories stay in any case, and
	// are of no use without their key.
	// Default: awscdk.RemovalPolicy_RETAIN.
	RemovalPolicy awscdk.RemovalPolicy
	// ConfigureTemplate edits the L1 props of the template of the cached repositories last, after all defaults.
	// Default: no edit.
	ConfigureTemplate func(*awsecr.CfnRepositoryCreationTemplateProps)
	// ConfigureRule edits the L1 props of the rule last, after all defaults.
	// Default: no edit.
	ConfigureRule func(*awsecr.CfnPullThroughCacheRuleProps)
}

var (
	azureRegistry = regexp.MustCompile(`^[a-zA-Z0-9]{5,50}$`)
	cacheSecret   = regexp.MustCompile(`^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:ecr-pullthroughcache/[a-zA-Z0-9/_+=.@-]+$`)
)

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *PullThroughCacheProps) Validate() error {
	d, c := p.withDefaults(), check.For("registry.PullThroughCacheProps")
	check.OneOf(c, "Upstream", d.Upstream, ECRPublic, Kubernetes, Quay, DockerHub, GitHub, GitLab, Chainguard, Azure)
	if upstream, known := upstreams[d.Upstream]; known {
		switch {
		case d.Upstream != Azure:
			c.That(d.AzureRegistry == "", "AzureRegistry", "must be left out with Upstream %s", d.Upstream)
		case !check.IsToken(d.AzureRegistry):
			c.That(azureRegistry.MatchString(d.AzureRegistry), "AzureRegistry", "must be 5 to 50 letters and digits, got %q", d.AzureRegistry)
		}
		switch {
		case !upstream.secret:
			c.That(d.SecretARN == "", "SecretARN", "must be left out with Upstream %s", d.Upstream)
		case !check.IsToken(d.SecretARN):
			c.That(cacheSecret.MatchString(d.SecretARN), "SecretARN",
				"must be the ARN of a secret whose name starts with ecr-pullthroughcache/, got %q", d.SecretARN)
		}
		if !check.IsToken(d.Prefix) {
			validateName(c, "Prefix", d.Prefix, 30)
		}
	}
	c.That(d.ExpireDays >= 1, "ExpireDays", "must be 1 or more, got %d", d.ExpireDays)
	c.That(d.Key == nil || !d.AWSManagedEncryption, "Key", "must be left out with AWSManagedEncryption")
	check.OneOf(c, "RemovalPolicy", d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN, awscdk.RemovalPolicy_DESTROY)
	return c.Err()
}

func (p *PullThroughCacheProps) withDefaults() PullThroughCacheProps {
	var d PullThroughCacheProps
	if p != nil {
		d = *p
	}
	if d.Upstream == "" {
		d.Upstream = ECRPublic
	}
	if d.Prefix == "" {
		d.Prefix = string(d.Upstream)
	}
	if d.ExpireDays == 0 {
		d.ExpireDays = 30
	}
	if d.RemovalPolicy == "" {
		d.RemovalPolicy = awscdk.RemovalPolicy_RETAIN
	}
	return d
}

// host is the host of the upstream registry.
func (p *PullThroughCacheProps) host() string {
	host := upstreams[p.Upstream].host
	if strings.HasPrefix(host, ".") {
		return p.AzureRegistry + host
	}
	return host
}
