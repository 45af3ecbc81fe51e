// Package registry defines Amazon ECR repositories for container images, and the settings of the registry that they are
// in: replication to other regions and accounts, and caches of public registries.
//
// A repository is private, scans each image that is pushed, and refuses to move a tag that exists. It keeps a number of
// images and drops untagged ones after a while. Other accounts, or an organization, pull from it when they are named.
// A pull through cache fetches images of an upstream registry once and keeps them in repositories that ECR creates from a
// template: encrypted, and with images that expire.
//
// It protects: images are encrypted with a key of yours, a tag that was tested stays what was tested, and nobody outside
// the account pulls unless named.
//
// It costs, in us-east-1: 0.10 USD a GB and month, 0.09 USD a GB that is pulled from outside the region, and 1 USD a
// month for each key; nothing for the key with AWSManagedEncryption. A replica is stored and charged again, and its
// transfer between regions is charged.
//
// See https://docs.aws.amazon.com/AmazonECR/latest/userguide/what-is-ecr.html
package registry

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/encrypted"
	"github.com/strata-cdk/strata/internal/nag"
)

// Repository is a repository for container images. The fields are the underlying constructs, for overrides and grants.
type Repository struct {
	constructs.Construct
	// Repository is the repository.
	Repository awsecr.Repository
	// Key encrypts the images: the given key or a new one; nil with AWSManagedEncryption.
	Key awskms.IKey
}

// NewRepository defines a Repository named id in scope. Nil props take every default.
// It panics with a *check.Error that lists every invalid field of props.
func NewRepository(scope constructs.Construct, id string, props *RepositoryProps) *Repository {
	check.Must(scope.Node().Path(), id, props.Validate())
	p := props.withDefaults()

	r := &Repository{}
	constructs.NewConstruct_Override(r, scope, &id)
	l2 := &awsecr.RepositoryProps{
		RepositoryName:     cdkval.Text(p.Name),
		ImageScanOnPush:    jsii.Bool(!p.DisableScanOnPush),
		ImageTagMutability: awsecr.TagMutability_IMMUTABLE,
		Encryption:         awsecr.RepositoryEncryption_AES_256(),
		LifecycleRules:     p.lifecycle(),
		RemovalPolicy:      p.RemovalPolicy,
		EmptyOnDelete:      jsii.Bool(p.EmptyOnDelete),
	}
	switch {
	case p.MutableTags:
		l2.ImageTagMutability = awsecr.TagMutability_MUTABLE
	case len(p.MutableTagFilters) > 0:
		filters := make([]awsecr.ImageTagMutabilityExclusionFilter, len(p.MutableTagFilters))
		for i, f := range p.MutableTagFilters {
			filters[i] = awsecr.ImageTagMutabilityExclusionFilter_Wildcard(&f)
		}
		l2.ImageTagMutability, l2.ImageTagMutabilityExclusionFilters = awsecr.TagMutability_IMMUTABLE_WITH_EXCLUSION, &filters
	}
	if p.Name != "" {
		l2.RemovalPolicy = cdkval.Named(p.RemovalPolicy)
	}
	if r.Key = newKey(r, "Images of ", p.Key, p.AWSManagedEncryption, p.RemovalPolicy); r.Key != nil {
		l2.Encryption, l2.EncryptionKey = awsecr.RepositoryEncryption_KMS(), r.Key
	}
	if p.ConfigureRepository != nil {
		p.ConfigureRepository(l2)
	}
	r.Repository = awsecr.NewRepository(r, jsii.String("Repository"), l2)
	if len(p.PullAccounts) > 0 {
		accounts := make([]awsiam.IPrincipal, len(p.PullAccounts))
		for i, id := range p.PullAccounts {
			accounts[i] = awsiam.NewAccountPrincipal(id)
		}
		r.allowPull("PullFromAccounts", accounts...)
	}
	if p.PullOrganization != "" {
		r.allowPull("PullFromOrganization", awsiam.NewOrganizationPrincipal(&p.PullOrganization))
		nag.Suppress(r.Repository, "AwsSolutions-ECR1", "Any principal is bound to the organization by the statement's condition, aws:PrincipalOrgID.")
	}
	return r
}

// GrantPull lets grantee pull images: of this account by its own policy, of another by the repository's too. A grantee
// of PullAccounts or PullOrganization needs a policy of its own account besides.
func (r *Repository) GrantPull(grantee awsiam.IGrantable) awsiam.Grant {
	return r.Repository.GrantPull(grantee)
}

func (r *Repository) allowPull(sid string, who ...awsiam.IPrincipal) {
	r.Repository.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        &sid,
		Principals: &who,
		Actions:    jsii.Strings(pullActions...),
	}))
}

// pullActions are what it takes to pull an image from a repository. ecr:GetAuthorizationToken, which is not about a
// certain repository, comes from the puller's own policy.
var pullActions = []string{"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"}

// newKey gives the key that was given, a new one, or nil for encryption by AWS.
func newKey(scope constructs.Construct, of string, given awskms.IKey, byAWS bool, removal awscdk.RemovalPolicy) awskms.IKey {
	switch {
	case byAWS:
		return nil
	case given != nil:
		return given
	default:
		return encrypted.NewKey(scope, of+*scope.Node().Path(), removal)
	}
}

func (p *RepositoryProps) lifecycle() *[]*awsecr.LifecycleRule {
	rules := []*awsecr.LifecycleRule{{
		RulePriority: jsii.Number(1),
		Description:  jsii.String(fmt.Sprintf("Untagged images expire after %d days", p.ExpireUntaggedDays)),
		TagStatus:    awsecr.TagStatus_UNTAGGED,
		MaxImageAge:  awscdk.Duration_Days(jsii.Number(p.ExpireUntaggedDays)),
	}}
	if !p.KeepAllImages {
		rules = append(rules, &awsecr.LifecycleRule{
			RulePriority:  jsii.Number(2), // a rule about all images comes last
			Description:   jsii.String(fmt.Sprintf("The last %d images stay", p.KeepImages)),
			TagStatus:     awsecr.TagStatus_ANY,
			MaxImageCount: jsii.Number(p.KeepImages),
		})
	}
	return &rules
}
