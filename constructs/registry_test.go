package constructs_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/registry"
)

func synthRepository(t *testing.T, props *registry.RepositoryProps) *cdktest.Template {
	t.Helper()
	stack := cdktest.Stack(t)
	registry.NewRepository(stack, "Images", props)
	return cdktest.Synth(t, stack)
}

// lifecycleRules are the rules in the text of a lifecycle policy.
func lifecycleRules(t *testing.T, text any) []any {
	t.Helper()
	var policy struct {
		Rules []any `json:"rules"`
	}
	require.NoError(t, json.Unmarshal([]byte(text.(string)), &policy))
	return policy.Rules
}

// repositoryLifecycle are the lifecycle rules of the one repository.
func repositoryLifecycle(t *testing.T, tpl *cdktest.Template) []any {
	t.Helper()
	policy := tpl.All("AWS::ECR::Repository")[0].Properties["LifecyclePolicy"].(cdktest.Object)
	return lifecycleRules(t, policy["LifecyclePolicyText"])
}

func TestRegistryRepository_Defaults(t *testing.T) {
	tpl := synthRepository(t, nil)
	tpl.Snapshot("registry/default")

	key := tpl.HasResource("AWS::KMS::Key", cdktest.Object{"DeletionPolicy": "Retain", "Properties": cdktest.Object{"EnableKeyRotation": true}})
	tpl.Count("AWS::ECR::Repository", 1)
	tpl.HasResource("AWS::ECR::Repository", cdktest.Object{
		"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain",
		"Properties": cdktest.Object{
			"RepositoryName":                     cdktest.Absent,
			"ImageScanningConfiguration":         cdktest.Object{"ScanOnPush": true},
			"ImageTagMutability":                 "IMMUTABLE",
			"ImageTagMutabilityExclusionFilters": cdktest.Absent,
			"EncryptionConfiguration": cdktest.Object{
				"EncryptionType": "KMS", "KmsKey": cdktest.Object{"Fn::GetAtt": cdktest.Array{key.LogicalID, "Arn"}},
			},
			"RepositoryPolicyText": cdktest.Absent,
			"EmptyOnDelete":        false,
		},
	})
	assert.Equal(t, []any{
		map[string]any{
			"rulePriority": 1., "description": "Untagged images expire after 7 days",
			"selection": map[string]any{"tagStatus": "untagged", "countType": "sinceImagePushed", "countNumber": 7., "countUnit": "days"},
			"action":    map[string]any{"type": "expire"},
		},
		map[string]any{
			"rulePriority": 2., "description": "The last 100 images stay",
			"selection": map[string]any{"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 100.},
			"action":    map[string]any{"type": "expire"},
		},
	}, repositoryLifecycle(t, tpl))
}

func TestRegistryRepository_NameAndLifecycle(t *testing.T) {
	tpl := synthRepository(t, &registry.RepositoryProps{Name: "team/web", KeepImages: 20, ExpireUntaggedDays: 1})
	tpl.HasResource("AWS::ECR::Repository", cdktest.Object{
		"DeletionPolicy": "RetainExceptOnCreate", "Properties": cdktest.Object{"RepositoryName": "team/web"},
	})
	rules := repositoryLifecycle(t, tpl)
	require.Len(t, rules, 2)
	assert.Equal(t, 1., rules[0].(map[string]any)["selection"].(map[string]any)["countNumber"])
	assert.Equal(t, 20., rules[1].(map[string]any)["selection"].(map[string]any)["countNumber"])
}

func TestRegistryRepository_KeepAllImages(t *testing.T) {
	rules := repositoryLifecycle(t, synthRepository(t, &registry.RepositoryProps{KeepAllImages: true}))
	require.Len(t, rules, 1)
	assert.Equal(t, "untagged", rules[0].(map[string]any)["selection"].(map[string]any)["tagStatus"])
}

func TestRegistryRepository_Tags(t *testing.T) {
	synthRepository(t, &registry.RepositoryProps{MutableTags: true}).Has("AWS::ECR::Repository", cdktest.Object{"ImageTagMutability": "MUTABLE"})
	synthRepository(t, &registry.RepositoryProps{MutableTagFilters: []string{"latest*", "dev-*"}}).Has("AWS::ECR::Repository", cdktest.Object{
		"ImageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
		"ImageTagMutabilityExclusionFilters": cdktest.Array{
			cdktest.Object{"ImageTagMutabilityExclusionFilterType": "WILDCARD", "ImageTagMutabilityExclusionFilterValue": "latest*"},
			cdktest.Object{"ImageTagMutabilityExclusionFilterType": "WILDCARD", "ImageTagMutabilityExclusionFilterValue": "dev-*"},
		},
	})
}

func TestRegistryRepository_OptOuts(t *testing.T) {
	stack := cdktest.Stack(t)
	r := registry.NewRepository(stack, "Images", &registry.RepositoryProps{
		DisableScanOnPush: true, AWSManagedEncryption: true, RemovalPolicy: awscdk.RemovalPolicy_DESTROY, EmptyOnDelete: true,
	})
	assert.Nil(t, r.Key)
	tpl := cdktest.Synth(t, stack)
	tpl.Count("AWS::KMS::Key", 0)
	tpl.HasResource("AWS::ECR::Repository", cdktest.Object{
		"DeletionPolicy": "Delete",
		"Properties": cdktest.Object{
			"ImageScanningConfiguration": cdktest.Object{"ScanOnPush": false},
			"EncryptionConfiguration":    cdktest.Absent, // which means AES256
			"EmptyOnDelete":              true,
		},
	})
}

func TestRegistryRepository_Key(t *testing.T) {
	stack := cdktest.Stack(t)
	const arn = "arn:aws:kms:us-east-1:111111111111:key/k"
	key := awskms.Key_FromKeyArn(stack, jsii.String("Mine"), jsii.String(arn))
	assert.Equal(t, arn, *registry.NewRepository(stack, "Images", &registry.RepositoryProps{Key: key}).Key.KeyArn())
	tpl := cdktest.Synth(t, stack)
	tpl.Count("AWS::KMS::Key", 0)
	tpl.Has("AWS::ECR::Repository", cdktest.Object{"EncryptionConfiguration": cdktest.Object{"EncryptionType": "KMS", "KmsKey": arn}})
}

func TestRegistryRepository_DestroyedWithItsKey(t *testing.T) {
	tpl := synthRepository(t, &registry.RepositoryProps{Name: "web", RemovalPolicy: awscdk.RemovalPolicy_DESTROY})
	for _, typ := range []string{"AWS::ECR::Repository", "AWS::KMS::Key"} {
		tpl.EachResource(typ, cdktest.Object{"DeletionPolicy": "Delete"})
	}
}

func TestRegistryRepository_PullPolicy(t *testing.T) {
	pull := cdktest.Array{"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"}
	tpl := synthRepository(t, &registry.RepositoryProps{PullAccounts: []string{"222222222222", "333333333333"}, PullOrganization: "o-abcde12345"})
	tpl.Has("AWS::ECR::Repository", cdktest.Object{"RepositoryPolicyText": cdktest.Object{"Statement": cdktest.Array{
		cdktest.Object{
			"Sid": "PullFromAccounts", "Effect": "Allow", "Action": pull, "Condition": cdktest.Absent,
			"Principal": cdktest.Object{"AWS": cdktest.Array{cdktest.Text("222222222222:root"), cdktest.Text("333333333333:root")}},
		},
		cdktest.Object{
			"Sid": "PullFromOrganization", "Effect": "Allow", "Action": pull, "Principal": cdktest.Object{"AWS": "*"},
			"Condition": cdktest.Object{"StringEquals": cdktest.Object{"aws:PrincipalOrgID": "o-abcde12345"}},
		},
	}}})
}

func TestRegistryRepository_GrantPull(t *testing.T) {
	stack := cdktest.Stack(t)
	role := awsiam.NewRole(stack, jsii.String("Puller"), &awsiam.RoleProps{AssumedBy: awsiam.NewServicePrincipal(jsii.String("ecs-tasks.amazonaws.com"), nil)})
	registry.NewRepository(stack, "Images", nil).GrantPull(role)
	tpl := cdktest.Synth(t, stack)
	repository := tpl.All("AWS::ECR::Repository")[0].LogicalID
	tpl.Has("AWS::IAM::Policy", cdktest.Object{"PolicyDocument": cdktest.Object{"Statement": cdktest.ArrayWith(
		cdktest.Object{
			"Action":   cdktest.ArrayWith("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"),
			"Resource": cdktest.Object{"Fn::GetAtt": cdktest.Array{repository, "Arn"}},
		},
		cdktest.Object{"Action": "ecr:GetAuthorizationToken", "Resource": "*"},
	)}})
}

func TestRegistryRepository_Configure(t *testing.T) {
	tpl := synthRepository(t, &registry.RepositoryProps{ConfigureRepository: func(p *awsecr.RepositoryProps) {
		assert.Equal(t, awsecr.TagMutability_IMMUTABLE, p.ImageTagMutability, "the defaults are there to be edited")
		p.RepositoryName = jsii.String("edited")
	}})
	tpl.Has("AWS::ECR::Repository", cdktest.Object{"RepositoryName": "edited"})
}

func TestRegistryRepository_ReportsEveryProblem(t *testing.T) {
	stack := cdktest.Stack(t)
	err := cdktest.Panic(func() {
		registry.NewRepository(stack, "Images", &registry.RepositoryProps{Name: "Web", KeepImages: -1, EmptyOnDelete: true})
	})
	require.EqualError(t, err, `Test/Images: invalid registry.RepositoryProps:
  - Name: must be lower case letters and digits, with ., _, __ or hyphens between them, in parts that / divides, got "Web"
  - KeepImages: must be between 1 and 100000, got -1
  - EmptyOnDelete: needs RemovalPolicy DESTROY, got RETAIN`)
	assert.Nil(t, stack.Node().TryFindChild(jsii.String("Images")), "nothing was defined")
}

func TestRegistryReplication(t *testing.T) {
	stack := cdktest.Stack(t)
	r := registry.NewReplication(stack, "Replication", &registry.ReplicationProps{Rules: []registry.ReplicationRule{
		{Destinations: []registry.Destination{{Region: "eu-central-1"}, {Region: "us-east-1", Account: "222222222222"}}, Prefixes: []string{"prod/", "base/"}},
		{Destinations: []registry.Destination{{Region: "eu-west-1"}}},
	}})
	assert.NotNil(t, r.RegistryID())
	tpl := cdktest.Synth(t, stack)
	tpl.Has("AWS::ECR::ReplicationConfiguration", cdktest.Object{"ReplicationConfiguration": cdktest.Exactly(cdktest.Object{"Rules": cdktest.Array{
		cdktest.Object{
			"Destinations": cdktest.Array{
				cdktest.Object{"Region": "eu-central-1", "RegistryId": cdktest.Account},
				cdktest.Object{"Region": "us-east-1", "RegistryId": "222222222222"},
			},
			"RepositoryFilters": cdktest.Array{
				cdktest.Object{"Filter": "prod/", "FilterType": "PREFIX_MATCH"}, cdktest.Object{"Filter": "base/", "FilterType": "PREFIX_MATCH"},
			},
		},
		cdktest.Object{"Destinations": cdktest.Array{cdktest.Object{"Region": "eu-west-1", "RegistryId": cdktest.Account}}},
	}})})
}

// What is wrong only in the stack's own account and region is reported with the rest.
func TestRegistryReplication_NotToItself(t *testing.T) {
	own := &registry.ReplicationProps{Rules: []registry.ReplicationRule{{
		Destinations: []registry.Destination{{Region: cdktest.Region}, {Region: cdktest.Region, Account: cdktest.Account}, {Region: "x"}},
	}}}
	err := cdktest.Panic(func() { registry.NewReplication(cdktest.Stack(t), "Replication", own) })
	require.EqualError(t, err, `Test/Replication: invalid registry.ReplicationProps:
  - Rules[0].Destinations[0]: must be another registry than the stack's own
  - Rules[0].Destinations[1]: must be another registry than the stack's own
  - Rules[0].Destinations[2].Region: must be a region such as eu-central-1, got "x"`)

	anywhere := awscdk.NewStack(cdktest.App(t, nil), jsii.String("Anywhere"), nil)
	own.Rules[0].Destinations = own.Rules[0].Destinations[:2]
	registry.NewReplication(anywhere, "Replication", own)
	cdktest.Synth(t, anywhere).Has("AWS::ECR::ReplicationConfiguration", cdktest.Object{"ReplicationConfiguration": cdktest.Object{"Rules": cdktest.Array{
		cdktest.Object{"Destinations": cdktest.Array{
			cdktest.Object{"RegistryId": cdktest.Object{"Ref": "AWS::AccountId"}}, cdktest.Object{"RegistryId": cdktest.Account},
		}},
	}}})
}

func TestRegistryReplication_Configure(t *testing.T) {
	stack := cdktest.Stack(t)
	registry.NewReplication(stack, "Replication", &registry.ReplicationProps{
		Rules: []registry.ReplicationRule{{Destinations: []registry.Destination{{Region: "eu-west-1"}}}},
		ConfigureReplication: func(p *awsecr.CfnReplicationConfigurationProps) {
			p.ReplicationConfiguration = &awsecr.CfnReplicationConfiguration_ReplicationConfigurationProperty{Rules: []any{}}
		},
	})
	cdktest.Synth(t, stack).Has("AWS::ECR::ReplicationConfiguration", cdktest.Object{"ReplicationConfiguration": cdktest.Object{"Rules": cdktest.Array{}}})
}

func TestRegistryCache_Defaults(t *testing.T) {
	stack := cdktest.Stack(t)
	cache := registry.NewPullThroughCache(stack, "Public", nil)
	assert.Regexp(t, `^111111111111\.dkr\.ecr\.us-east-1\.\$\{Token\[.*\]\}/ecr-public/docker/library/nginx:1\.29$`, *cache.URI("docker/library/nginx:1.29"))
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("registry/cache")

	key := tpl.HasResource("AWS::KMS::Key", cdktest.Object{"DeletionPolicy": "Retain", "Properties": cdktest.Object{"EnableKeyRotation": true}})
	keyARN := cdktest.Object{"Fn::GetAtt": cdktest.Array{key.LogicalID, "Arn"}}
	role := tpl.Has("AWS::IAM::Role", cdktest.Object{"AssumeRolePolicyDocument": cdktest.Object{"Statement": cdktest.Array{
		cdktest.Object{"Principal": cdktest.Object{"Service": "ecr.amazonaws.com"}},
	}}})
	policy := tpl.Has("AWS::IAM::Policy", cdktest.Object{"PolicyDocument": cdktest.Object{"Statement": cdktest.Array{
		cdktest.Object{
			"Action":   cdktest.Array{"ecr:CreateRepository", "ecr:ReplicateImage", "ecr:TagResource"},
			"Resource": cdktest.Text(`:ecr:us-east-1:111111111111:repository/ecr-public/\*`),
		},
		cdktest.Object{"Action": cdktest.Array{"kms:CreateGrant", "kms:DescribeKey", "kms:RetireGrant"}, "Resource": keyARN},
	}}})
	template := tpl.Has("AWS::ECR::RepositoryCreationTemplate", cdktest.Object{
		"AppliedFor": cdktest.Array{"PULL_THROUGH_CACHE"}, "Prefix": "ecr-public", "Description": "Images of public.ecr.aws",
		"EncryptionConfiguration": cdktest.Object{"EncryptionType": "KMS", "KmsKey": keyARN},
		"CustomRoleArn":           cdktest.Object{"Fn::GetAtt": cdktest.Array{role.LogicalID, "Arn"}},
		"ImageTagMutability":      "MUTABLE",
	})
	assert.Equal(t, []any{map[string]any{
		"rulePriority": 1., "description": "Images expire 30 days after they were fetched",
		"selection": map[string]any{"tagStatus": "any", "countType": "sinceImagePushed", "countNumber": 30., "countUnit": "days"},
		"action":    map[string]any{"type": "expire"},
	}}, lifecycleRules(t, template.Properties["LifecyclePolicy"]))
	tpl.HasResource("AWS::ECR::PullThroughCacheRule", cdktest.Object{
		"DependsOn": cdktest.ArrayWith(template.LogicalID, policy.LogicalID),
		"Properties": cdktest.Exactly(cdktest.Object{
			"EcrRepositoryPrefix": "ecr-public", "UpstreamRegistry": "ecr-public", "UpstreamRegistryUrl": "public.ecr.aws",
		}),
	})
}

func TestRegistryCache_Upstreams(t *testing.T) {
	const secret = "arn:aws:secretsmanager:us-east-1:111111111111:secret:ecr-pullthroughcache/x-AbCdEf"
	for upstream, host := range map[registry.Upstream]string{
		registry.Kubernetes: "registry.k8s.io", registry.Quay: "quay.io", registry.DockerHub: "registry-1.docker.io", registry.GitHub: "ghcr.io",
		registry.GitLab: "registry.gitlab.com", registry.Chainguard: "cgr.dev", registry.Azure: "mine5.azurecr.io",
	} {
		t.Run(string(upstream), func(t *testing.T) {
			props := &registry.PullThroughCacheProps{Upstream: upstream}
			var credentials any = cdktest.Absent
			if upstream != registry.Kubernetes && upstream != registry.Quay {
				props.SecretARN, credentials = secret, secret
			}
			if upstream == registry.Azure {
				props.AzureRegistry = "mine5"
			}
			stack := cdktest.Stack(t)
			registry.NewPullThroughCache(stack, "Cache", props)
			tpl := cdktest.Synth(t, stack)
			tpl.Has("AWS::ECR::PullThroughCacheRule", cdktest.Object{
				"EcrRepositoryPrefix": string(upstream), "UpstreamRegistry": string(upstream), "UpstreamRegistryUrl": host, "CredentialArn": credentials,
			})
			tpl.Has("AWS::ECR::RepositoryCreationTemplate", cdktest.Object{"Prefix": string(upstream)})
		})
	}
}

func TestRegistryCache_OptOutsAndConfigure(t *testing.T) {
	stack := cdktest.Stack(t)
	cache := registry.NewPullThroughCache(stack, "Cache", &registry.PullThroughCacheProps{
		Prefix: "upstream/public", ExpireDays: 5, AWSManagedEncryption: true,
		ConfigureTemplate: func(p *awsecr.CfnRepositoryCreationTemplateProps) { p.Description = jsii.String("edited") },
		ConfigureRule: func(p *awsecr.CfnPullThroughCacheRuleProps) {
			p.UpstreamRepositoryPrefix = jsii.String("docker/library")
		},
	})
	assert.Nil(t, cache.Key)
	assert.Nil(t, cache.Role)
	tpl := cdktest.Synth(t, stack)
	tpl.Count("AWS::KMS::Key", 0)
	tpl.Count("AWS::IAM::Role", 0)
	template := tpl.Has("AWS::ECR::RepositoryCreationTemplate", cdktest.Object{
		"Prefix": "upstream/public", "Description": "edited", "CustomRoleArn": cdktest.Absent,
		"EncryptionConfiguration": cdktest.Exactly(cdktest.Object{"EncryptionType": "AES256"}),
	})
	assert.Contains(t, template.Properties["LifecyclePolicy"], `"countNumber":5`)
	tpl.Has("AWS::ECR::PullThroughCacheRule", cdktest.Object{"EcrRepositoryPrefix": "upstream/public", "UpstreamRepositoryPrefix": "docker/library"})
}

func TestRegistryCache_Key(t *testing.T) {
	stack := cdktest.Stack(t)
	key := awskms.NewKey(stack, jsii.String("Mine"), nil)
	registry.NewPullThroughCache(stack, "Cache", &registry.PullThroughCacheProps{Key: key})
	tpl := cdktest.Synth(t, stack)
	tpl.Count("AWS::KMS::Key", 1)
	tpl.Has("AWS::ECR::RepositoryCreationTemplate", cdktest.Object{"EncryptionConfiguration": cdktest.Object{
		"KmsKey": cdktest.Object{"Fn::GetAtt": cdktest.Array{cdktest.Text("^Mine"), "Arn"}},
	}})
	destroyed := cdktest.Stack(t)
	registry.NewPullThroughCache(destroyed, "Cache", &registry.PullThroughCacheProps{RemovalPolicy: awscdk.RemovalPolicy_DESTROY})
	cdktest.Synth(t, destroyed).EachResource("AWS::KMS::Key", cdktest.Object{"DeletionPolicy": "Delete"})
}

func TestRegistryCache_GrantPull(t *testing.T) {
	stack := cdktest.Stack(t)
	role := awsiam.NewRole(stack, jsii.String("Puller"), &awsiam.RoleProps{AssumedBy: awsiam.NewServicePrincipal(jsii.String("ecs-tasks.amazonaws.com"), nil)})
	grant := registry.NewPullThroughCache(stack, "Cache", &registry.PullThroughCacheProps{AWSManagedEncryption: true}).GrantPull(role)
	assert.True(t, *grant.Success())
	cdktest.Synth(t, stack).Has("AWS::IAM::Policy", cdktest.Object{"PolicyDocument": cdktest.Object{"Statement": cdktest.Array{
		cdktest.Object{
			"Action": cdktest.Array{
				"ecr:BatchImportUpstreamImage", "ecr:CreateRepository", "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer",
			},
			"Resource": cdktest.Text(`:repository/ecr-public/\*`),
		},
		cdktest.Object{"Action": "ecr:GetAuthorizationToken", "Resource": "*"},
	}}})
}

func TestRegistryCache_ReportsEveryProblem(t *testing.T) {
	err := cdktest.Panic(func() {
		registry.NewPullThroughCache(cdktest.Stack(t), "Cache", &registry.PullThroughCacheProps{Upstream: registry.DockerHub, Prefix: "hub/", ExpireDays: -1})
	})
	require.EqualError(t, err, `Test/Cache: invalid registry.PullThroughCacheProps:
  - SecretARN: must be the ARN of a secret whose name starts with ecr-pullthroughcache/, got ""
  - Prefix: must be lower case letters and digits, with ., _, __ or hyphens between them, in parts that / divides, got "hub/"
  - ExpireDays: must be 1 or more, got -1`)
}

func TestRegistry_PassesNag(t *testing.T) {
	stack := cdktest.Stack(t)
	registry.NewRepository(stack, "Images", &registry.RepositoryProps{PullAccounts: []string{"222222222222"}, PullOrganization: "o-abcde12345"})
	registry.NewReplication(stack, "Replication", &registry.ReplicationProps{
		Rules: []registry.ReplicationRule{{Destinations: []registry.Destination{{Region: "eu-west-1"}}}},
	})
	registry.NewPullThroughCache(stack, "Cache", nil)
	findings, suppressed := cdktest.Nag(t, stack)
	assert.Empty(t, findings)
	var rules []string
	for _, s := range suppressed {
		rules = append(rules, s.Rule)
	}
	assert.Equal(t, []string{"AwsSolutions-ECR1", "AwsSolutions-IAM5"}, rules)
}

// The suppression names what it is about also where account and region are known only at deployment.
func TestRegistryCache_PassesNagAnywhere(t *testing.T) {
	stack := awscdk.NewStack(cdktest.App(t, nil), jsii.String("Anywhere"), nil)
	registry.NewPullThroughCache(stack, "Cache", nil)
	findings, suppressed := cdktest.Nag(t, stack)
	assert.Empty(t, findings)
	assert.Len(t, suppressed, 1)
}

// A wildcard that somebody else adds to the role is not covered by the reason for the cache's own.
func TestRegistryCache_NagFindsOtherWildcards(t *testing.T) {
	stack := cdktest.Stack(t)
	cache := registry.NewPullThroughCache(stack, "Cache", nil)
	cache.Role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{Actions: jsii.Strings("ecr:ListImages"), Resources: jsii.Strings("*")}))
	findings, _ := cdktest.Nag(t, stack)
	require.Len(t, findings, 1)
	assert.Equal(t, "AwsSolutions-IAM5", findings[0].Rule)
}

func ExampleNewRepository() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Images"), nil)
	images := registry.NewRepository(stack, "Web", &registry.RepositoryProps{MutableTagFilters: []string{"latest*"}, PullAccounts: []string{"111122223333"}})
	fmt.Println(*images.Repository.Node().Path())
	// Output: Images/Web/Repository
}

func ExampleNewReplication() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Registry"), nil)
	replication := registry.NewReplication(stack, "Replication", &registry.ReplicationProps{Rules: []registry.ReplicationRule{{
		Destinations: []registry.Destination{{Region: "eu-central-1"}}, Prefixes: []string{"prod/"},
	}}})
	fmt.Println(*replication.Node().Path())
	// Output: Registry/Replication
}

func ExampleNewPullThroughCache() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Registry"), &awscdk.StackProps{Env: &awscdk.Environment{
		Account: jsii.String("111122223333"), Region: jsii.String("eu-central-1"),
	}})
	cache := registry.NewPullThroughCache(stack, "Public", nil)
	fmt.Println(*cache.Template.Prefix())
	// Output: ecr-public
}
