package registry

import (
	"encoding/json"
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/nag"
)

// Replication copies images that are pushed to the registry of the stack's account and region to other registries. A
// registry has one replication configuration: define it once for an account and region.
//
// What was pushed before is not replicated. Repositories at a destination are created by ECR with its own defaults, unless
// the destination has a template for them.
type Replication struct {
	constructs.Construct
	// Replication is the replication configuration of the registry.
	Replication awsecr.CfnReplicationConfiguration
}

// NewReplication defines a Replication named id in scope.
// It panics with a *check.Error that lists every invalid field of props.
func NewReplication(scope constructs.Construct, id string, props *ReplicationProps) *Replication {
	stack := awscdk.Stack_Of(scope)
	var ownRegion string
	if !*awscdk.Token_IsUnresolved(stack.Region()) {
		ownRegion = *stack.Region()
	}
	check.Must(scope.Node().Path(), id, props.validateIn(*stack.Account(), ownRegion))

	r := &Replication{}
	constructs.NewConstruct_Override(r, scope, &id)
	rules := make([]any, len(props.Rules))
	for i, rule := range props.Rules {
		destinations := make([]any, len(rule.Destinations))
		for j, to := range rule.Destinations {
			if to.Account == "" {
				to.Account = *stack.Account()
			}
			destinations[j] = &awsecr.CfnReplicationConfiguration_ReplicationDestinationProperty{Region: &to.Region, RegistryId: &to.Account}
		}
		l1 := &awsecr.CfnReplicationConfiguration_ReplicationRuleProperty{Destinations: destinations}
		if len(rule.Prefixes) > 0 {
			filters := make([]any, len(rule.Prefixes))
			for j, prefix := range rule.Prefixes {
				filters[j] = &awsecr.CfnReplicationConfiguration_RepositoryFilterProperty{Filter: &prefix, FilterType: jsii.String("PREFIX_MATCH")}
			}
			l1.RepositoryFilters = filters
		}
		rules[i] = l1
	}
	l1 := &awsecr.CfnReplicationConfigurationProps{
		ReplicationConfiguration: &awsecr.CfnReplicationConfiguration_ReplicationConfigurationProperty{Rules: rules},
	}
	if props.ConfigureReplication != nil {
		props.ConfigureReplication(l1)
	}
	r.Replication = awsecr.NewCfnReplicationConfiguration(r, jsii.String("Replication"), l1)
	return r
}

// RegistryID is the id of the account whose registry is replicated.
func (r *Replication) RegistryID() *string { return r.Replication.AttrRegistryId() }

// PullThroughCache caches images of an upstream registry in the registry of the stack's account and region: the first
// pull of PREFIX/IMAGE creates a repository of that name and fetches the image, and later ones look for a newer image
// once a day at most. The fields are the underlying constructs; those that were not asked for are nil.
//
// Tags of cached images can be moved, as upstream moves them too.
type PullThroughCache struct {
	constructs.Construct
	// Rule is the rule of the registry.
	Rule awsecr.CfnPullThroughCacheRule
	// Template says how ECR creates the cached repositories.
	Template awsecr.CfnRepositoryCreationTemplate
	// Role is the role with which ECR creates repositories that Key encrypts; nil with AWSManagedEncryption.
	Role awsiam.Role
	// Key encrypts the cached images: the given key or a new one; nil with AWSManagedEncryption.
	Key awskms.IKey

	prefix string
}

// NewPullThroughCache defines a PullThroughCache named id in scope. Nil props take every default.
// It panics with a *check.Error that lists every invalid field of props.
func NewPullThroughCache(scope constructs.Construct, id string, props *PullThroughCacheProps) *PullThroughCache {
	check.Must(scope.Node().Path(), id, props.Validate())
	p := props.withDefaults()

	c := &PullThroughCache{prefix: p.Prefix}
	constructs.NewConstruct_Override(c, scope, &id)
	template := &awsecr.CfnRepositoryCreationTemplateProps{
		AppliedFor:              jsii.Strings("PULL_THROUGH_CACHE"),
		Prefix:                  &p.Prefix,
		Description:             jsii.String("Images of " + p.host()),
		EncryptionConfiguration: &awsecr.CfnRepositoryCreationTemplate_EncryptionConfigurationProperty{EncryptionType: jsii.String("AES256")},
		ImageTagMutability:      jsii.String("MUTABLE"),
		LifecyclePolicy:         jsii.String(expireAfter(p.ExpireDays)),
	}
	if c.Key = newKey(c, "Cached images of ", p.Key, p.AWSManagedEncryption, p.RemovalPolicy); c.Key != nil {
		c.newRole()
		template.CustomRoleArn = c.Role.RoleArn()
		template.EncryptionConfiguration = &awsecr.CfnRepositoryCreationTemplate_EncryptionConfigurationProperty{
			EncryptionType: jsii.String("KMS"), KmsKey: c.Key.KeyArn(),
		}
	}
	if p.ConfigureTemplate != nil {
		p.ConfigureTemplate(template)
	}
	c.Template = awsecr.NewCfnRepositoryCreationTemplate(c, jsii.String("Template"), template)

	rule := &awsecr.CfnPullThroughCacheRuleProps{
		EcrRepositoryPrefix: &p.Prefix,
		UpstreamRegistry:    jsii.String(string(p.Upstream)),
		UpstreamRegistryUrl: jsii.String(p.host()),
		CredentialArn:       cdkval.Text(p.SecretARN),
	}
	if p.ConfigureRule != nil {
		p.ConfigureRule(rule)
	}
	c.Rule = awsecr.NewCfnPullThroughCacheRule(c, jsii.String("Rule"), rule)
	c.Rule.Node().AddDependency(c.Template) // so that no repository is created without it
	if c.Role != nil {
		c.Rule.Node().AddDependency(c.Role)
	}
	return c
}

// newRole defines the role that ECR needs for templates with a key.
//
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates-custom.html
func (c *PullThroughCache) newRole() {
	c.Role = awsiam.NewRole(c, jsii.String("Role"), &awsiam.RoleProps{
		Description: jsii.String("Creates the repositories of the pull through cache " + *c.Node().Path()),
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String("ecr.amazonaws.com"), nil),
	})
	c.Role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions:   jsii.Strings("ecr:CreateRepository", "ecr:ReplicateImage", "ecr:TagResource"),
		Resources: &[]*string{c.repositories()},
	}))
	c.Key.Grant(c.Role, jsii.String("kms:CreateGrant"), jsii.String("kms:DescribeKey"), jsii.String("kms:RetireGrant"))
	stack := awscdk.Stack_Of(c)
	nag.Suppress(c.Role.Node().FindChild(jsii.String("DefaultPolicy")), "AwsSolutions-IAM5",
		"The names of the cached repositories are those of upstream: only their prefix is known.",
		fmt.Sprintf("Resource::arn:<AWS::Partition>:ecr:%s:%s:repository/%s/*", nagText(stack.Region(), "Region"), nagText(stack.Account(), "AccountId"), c.prefix))
}

// nagText is how cdk-nag writes a value that may be the pseudo parameter of the given name.
func nagText(value *string, parameter string) string {
	if *awscdk.Token_IsUnresolved(value) {
		return "<AWS::" + parameter + ">"
	}
	return *value
}

// repositories is the ARN of all repositories of the cache.
func (c *PullThroughCache) repositories() *string {
	return awscdk.Stack_Of(c).FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("ecr"), Resource: jsii.String("repository"), ResourceName: jsii.String(c.prefix + "/*"),
	})
}

// URI is the address of an image of the upstream registry in the cache, such as "docker/library/nginx:1.29" of the ECR
// Public Gallery. Official images of Docker Hub are below "library/".
func (c *PullThroughCache) URI(image string) *string {
	stack := awscdk.Stack_Of(c)
	return jsii.String(fmt.Sprintf("%s.dkr.ecr.%s.%s/%s/%s", *stack.Account(), *stack.Region(), *stack.UrlSuffix(), c.prefix, image))
}

// GrantPull lets grantee pull through the cache: images that are there, and others with the repositories for them. It
// is about principals of the stack's account.
func (c *PullThroughCache) GrantPull(grantee awsiam.IGrantable) awsiam.Grant {
	actions := append([]string{"ecr:BatchImportUpstreamImage", "ecr:CreateRepository"}, pullActions...)
	pull := awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{
		Grantee: grantee, Actions: jsii.Strings(actions...), ResourceArns: &[]*string{c.repositories()},
	})
	return pull.Combine(awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{
		Grantee: grantee, Actions: jsii.Strings("ecr:GetAuthorizationToken"), ResourceArns: jsii.Strings("*"),
	}))
}

// expireAfter is the text of a lifecycle policy by which images expire.
func expireAfter(days int) string {
	text, err := json.Marshal(map[string]any{"rules": []any{map[string]any{
		"rulePriority": 1,
		"description":  fmt.Sprintf("Images expire %d days after they were fetched", days),
		"selection":    map[string]any{"tagStatus": "any", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": days},
		"action":       map[string]any{"type": "expire"},
	}}})
	if err != nil {
		panic(err) // not of such values
	}
	return string(text)
}
