package registry_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/registry"
)

// fakeKey stands for a key in tests that only look at props.
type fakeKey struct{ awskms.IKey }

// token is what a value that is known only at deployment looks like.
const token = "${Token[TOKEN.7]}"

const nameRule = "must be lower case letters and digits, with ., _, __ or hyphens between them, in parts that / divides, got "

func TestRepositoryProps_Validate(t *testing.T) {
	type props = registry.RepositoryProps
	cdktest.ValidateTable(t, func() props { return props{} }, []cdktest.Case[props]{
		{Name: "defaults", Edit: func(p *props) {}},
		{Name: "names", Edit: func(p *props) { p.Name = "team/web__api--2.x_y" }},
		{Name: "shortest name", Edit: func(p *props) { p.Name = "ab" }},
		{Name: "longest name", Edit: func(p *props) { p.Name = strings.Repeat("a", 256) }},
		{Name: "name too short", Edit: func(p *props) { p.Name = "a" }, Want: []string{"Name: must have 2 to 256 characters, got 1"}},
		{Name: "name too long", Edit: func(p *props) { p.Name = strings.Repeat("a", 257) },
			Want: []string{"Name: must have 2 to 256 characters, got 257"}},
		{Name: "name in capitals", Edit: func(p *props) { p.Name = "Team/web" }, Want: []string{"Name: " + nameRule + `"Team/web"`}},
		{Name: "name with an empty part", Edit: func(p *props) { p.Name = "team//web" }, Want: []string{"Name: " + nameRule + `"team//web"`}},
		{Name: "name with a slash last", Edit: func(p *props) { p.Name = "team/" }, Want: []string{"Name: " + nameRule + `"team/"`}},
		{Name: "name with a hyphen last", Edit: func(p *props) { p.Name = "team-" }, Want: []string{"Name: " + nameRule + `"team-"`}},
		{Name: "name with three _", Edit: func(p *props) { p.Name = "a___b" }, Want: []string{"Name: " + nameRule + `"a___b"`}},
		{Name: "name with two dots", Edit: func(p *props) { p.Name = "a..b" }, Want: []string{"Name: " + nameRule + `"a..b"`}},
		{Name: "tokens", Edit: func(p *props) {
			p.Name, p.PullAccounts, p.PullOrganization, p.MutableTagFilters = token, []string{token}, token, []string{token}
		}},
		{Name: "mutable tags", Edit: func(p *props) { p.MutableTags = true }},
		{Name: "filters", Edit: func(p *props) {
			p.MutableTagFilters = []string{"latest", "dev-*", "pr_*", "*.x", strings.Repeat("a", 128)}
		}},
		{Name: "six filters", Edit: func(p *props) { p.MutableTagFilters = []string{"a", "b", "c", "d", "e", "f"} },
			Want: []string{"MutableTagFilters: must be at most 5, got 6"}},
		{Name: "filters of other characters", Edit: func(p *props) { p.MutableTagFilters = []string{"", "a?", strings.Repeat("a", 129)} }, Want: []string{
			`MutableTagFilters[0]: must be 1 to 128 letters, digits, ., _, - and *, got ""`,
			`MutableTagFilters[1]: must be 1 to 128 letters, digits, ., _, - and *, got "a?"`,
			`MutableTagFilters[2]: must be 1 to 128 letters, digits, ., _, - and *, got "` + strings.Repeat("a", 129) + `"`,
		}},
		{Name: "filter twice", Edit: func(p *props) { p.MutableTagFilters = []string{"a", "a"} },
			Want: []string{`MutableTagFilters: must be listed once each, got "a" again`}},
		{Name: "filters and mutable tags", Edit: func(p *props) { p.MutableTags, p.MutableTagFilters = true, []string{"a"} },
			Want: []string{"MutableTagFilters: must be left out when all tags are mutable"}},
		{Name: "key", Edit: func(p *props) { p.Key = fakeKey{} }},
		{Name: "key and none", Edit: func(p *props) { p.Key, p.AWSManagedEncryption = fakeKey{}, true },
			Want: []string{"Key: must be left out with AWSManagedEncryption"}},
		{Name: "fewest images", Edit: func(p *props) { p.KeepImages, p.ExpireUntaggedDays = 1, 1 }},
		{Name: "most images", Edit: func(p *props) { p.KeepImages = 100000 }},
		{Name: "too few images", Edit: func(p *props) { p.KeepImages = -1 }, Want: []string{"KeepImages: must be between 1 and 100000, got -1"}},
		{Name: "too many images", Edit: func(p *props) { p.KeepImages = 100001 }, Want: []string{"KeepImages: must be between 1 and 100000, got 100001"}},
		{Name: "all images", Edit: func(p *props) { p.KeepAllImages = true }},
		{Name: "all images and some", Edit: func(p *props) { p.KeepAllImages, p.KeepImages = true, 100 },
			Want: []string{"KeepImages: must be left out with KeepAllImages"}},
		{Name: "untagged days", Edit: func(p *props) { p.ExpireUntaggedDays = -1 }, Want: []string{"ExpireUntaggedDays: must be 1 or more, got -1"}},
		{Name: "pull", Edit: func(p *props) { p.PullAccounts, p.PullOrganization = []string{"222222222222"}, "o-abcde12345" }},
		{Name: "accounts", Edit: func(p *props) {
			p.PullAccounts = []string{"22222222222", "222222222222", "222222222222", "22222222222x"}
		}, Want: []string{
			`PullAccounts[0]: must be the 12 digits of an account's id, got "22222222222"`,
			`PullAccounts[3]: must be the 12 digits of an account's id, got "22222222222x"`,
			`PullAccounts: must be listed once each, got "222222222222" again`,
		}},
		{Name: "organization", Edit: func(p *props) { p.PullOrganization = "r-abcd" },
			Want: []string{`PullOrganization: must be the id of an organization, such as o-abcde12345, got "r-abcd"`}},
		{Name: "removal policy", Edit: func(p *props) { p.RemovalPolicy = "SNAPSHOT" },
			Want: []string{"RemovalPolicy: must be one of RETAIN, DESTROY, got SNAPSHOT"}},
		{Name: "emptied", Edit: func(p *props) { p.EmptyOnDelete, p.RemovalPolicy = true, awscdk.RemovalPolicy_DESTROY }},
		{Name: "emptied but retained", Edit: func(p *props) { p.EmptyOnDelete = true },
			Want: []string{"EmptyOnDelete: needs RemovalPolicy DESTROY, got RETAIN"}},
		{Name: "several", Edit: func(p *props) {
			*p = props{Name: "A", MutableTags: true, MutableTagFilters: []string{"#"}, Key: fakeKey{}, AWSManagedEncryption: true,
				KeepAllImages: true, KeepImages: -3, ExpireUntaggedDays: -7, PullAccounts: []string{"me"}, PullOrganization: "us", EmptyOnDelete: true}
		}, Want: []string{
			"Name: must have 2 to 256 characters, got 1",
			"Name: " + nameRule + `"A"`,
			"MutableTagFilters: must be left out when all tags are mutable",
			`MutableTagFilters[0]: must be 1 to 128 letters, digits, ., _, - and *, got "#"`,
			"Key: must be left out with AWSManagedEncryption",
			"KeepImages: must be between 1 and 100000, got -3",
			"KeepImages: must be left out with KeepAllImages",
			"ExpireUntaggedDays: must be 1 or more, got -7",
			`PullAccounts[0]: must be the 12 digits of an account's id, got "me"`,
			`PullOrganization: must be the id of an organization, such as o-abcde12345, got "us"`,
			"EmptyOnDelete: needs RemovalPolicy DESTROY, got RETAIN",
		}},
	})
}

func TestReplicationProps_Validate(t *testing.T) {
	type props = registry.ReplicationProps
	to := func(n int) []registry.Destination {
		all := make([]registry.Destination, n)
		for i := range all {
			all[i] = registry.Destination{Region: "eu-west-1", Account: fmt.Sprintf("2222222222%02d", i)}
		}
		return all
	}
	prefixes := func(n int) []string {
		all := make([]string, n)
		for i := range all {
			all[i] = fmt.Sprintf("team%d/", i)
		}
		return all
	}
	valid := func() props { return props{Rules: []registry.ReplicationRule{{Destinations: to(1)}}} }
	cdktest.ValidateTable(t, valid, []cdktest.Case[props]{
		{Name: "least", Edit: func(p *props) { p.Rules[0].Destinations[0].Account = "" }},
		{Name: "most", Edit: func(p *props) {
			p.Rules[0] = registry.ReplicationRule{Destinations: to(25), Prefixes: prefixes(100)}
			for range 9 {
				p.Rules = append(p.Rules, p.Rules[0]) // the same destinations
			}
		}},
		{Name: "no rule", Edit: func(p *props) { p.Rules = nil }, Want: []string{"Rules: must be between 1 and 10, got 0"}},
		{Name: "11 rules", Edit: func(p *props) {
			for range 10 {
				p.Rules = append(p.Rules, p.Rules[0])
			}
		}, Want: []string{"Rules: must be between 1 and 10, got 11"}},
		{Name: "26 destinations", Edit: func(p *props) {
			p.Rules = []registry.ReplicationRule{{Destinations: to(20)}, {Destinations: to(26)[20:]}}
		}, Want: []string{"Rules: must have at most 25 different destinations, got 26"}},
		{Name: "no destination", Edit: func(p *props) { p.Rules[0].Destinations = nil }, Want: []string{"Rules[0].Destinations: must be given"}},
		{Name: "destination twice", Edit: func(p *props) { p.Rules[0].Destinations = append(to(1), to(1)...) },
			Want: []string{"Rules[0].Destinations[1]: must be listed once in a rule"}},
		{Name: "destination", Edit: func(p *props) { p.Rules[0].Destinations[0] = registry.Destination{Region: "Ireland", Account: "2"} }, Want: []string{
			`Rules[0].Destinations[0].Region: must be a region such as eu-central-1, got "Ireland"`,
			`Rules[0].Destinations[0].Account: must be the 12 digits of an account's id, got "2"`,
		}},
		{Name: "region left out", Edit: func(p *props) { p.Rules[0].Destinations[0].Region = "" },
			Want: []string{`Rules[0].Destinations[0].Region: must be a region such as eu-central-1, got ""`}},
		{Name: "regions", Edit: func(p *props) {
			p.Rules[0].Destinations = []registry.Destination{{Region: "us-gov-west-1"}, {Region: "cn-north-1"}, {Region: "ap-southeast-4"}}
		}},
		{Name: "tokens", Edit: func(p *props) {
			p.Rules[0] = registry.ReplicationRule{Destinations: []registry.Destination{{Region: token, Account: token}}, Prefixes: []string{token}}
		}},
		{Name: "101 prefixes", Edit: func(p *props) { p.Rules[0].Prefixes = prefixes(101) }, Want: []string{"Rules[0].Prefixes: must be at most 100, got 101"}},
		{Name: "prefixes", Edit: func(p *props) {
			p.Rules[0].Prefixes = []string{"prod", "prod/web-", "p", "Prod", strings.Repeat("a", 257), "prod"}
		}, Want: []string{
			`Rules[0].Prefixes[2]: must be the beginning of the names of repositories, 2 to 256 characters, got "p"`,
			`Rules[0].Prefixes[3]: must be the beginning of the names of repositories, 2 to 256 characters, got "Prod"`,
			`Rules[0].Prefixes[4]: must be the beginning of the names of repositories, 2 to 256 characters, got "` + strings.Repeat("a", 257) + `"`,
			`Rules[0].Prefixes: must be listed once each, got "prod" again`,
		}},
	})
}

func TestPullThroughCacheProps_Validate(t *testing.T) {
	type props = registry.PullThroughCacheProps
	const secret = "arn:aws:secretsmanager:us-east-1:111111111111:secret:ecr-pullthroughcache/hub-AbCdEf"
	const secretRule = "SecretARN: must be the ARN of a secret whose name starts with ecr-pullthroughcache/, got "
	cdktest.ValidateTable(t, func() props { return props{} }, []cdktest.Case[props]{
		{Name: "defaults", Edit: func(p *props) {}},
		{Name: "Kubernetes", Edit: func(p *props) { p.Upstream = registry.Kubernetes }},
		{Name: "Quay", Edit: func(p *props) { p.Upstream = registry.Quay }},
		{Name: "Docker Hub", Edit: func(p *props) { p.Upstream, p.SecretARN = registry.DockerHub, secret }},
		{Name: "GitHub", Edit: func(p *props) { p.Upstream, p.SecretARN = registry.GitHub, secret }},
		{Name: "GitLab", Edit: func(p *props) { p.Upstream, p.SecretARN = registry.GitLab, secret }},
		{Name: "Chainguard", Edit: func(p *props) { p.Upstream, p.SecretARN = registry.Chainguard, secret }},
		{Name: "Azure", Edit: func(p *props) { p.Upstream, p.SecretARN, p.AzureRegistry = registry.Azure, secret, "Mine5" }},
		{Name: "upstream", Edit: func(p *props) { p.Upstream = "ecr" }, Want: []string{
			"Upstream: must be one of ecr-public, k8s, quay, docker-hub, github-container-registry, gitlab-container-registry, chainguard, azure-container-registry, got ecr",
		}},
		{Name: "no credentials", Edit: func(p *props) { p.Upstream = registry.DockerHub }, Want: []string{secretRule + `""`}},
		{Name: "another secret", Edit: func(p *props) {
			p.Upstream, p.SecretARN = registry.GitHub, "arn:aws:secretsmanager:us-east-1:111111111111:secret:hub-AbCdEf"
		}, Want: []string{secretRule + `"arn:aws:secretsmanager:us-east-1:111111111111:secret:hub-AbCdEf"`}},
		{Name: "credentials for no use", Edit: func(p *props) { p.Upstream, p.SecretARN = registry.Quay, secret },
			Want: []string{"SecretARN: must be left out with Upstream quay"}},
		{Name: "Azure without a registry", Edit: func(p *props) { p.Upstream, p.SecretARN = registry.Azure, secret },
			Want: []string{`AzureRegistry: must be 5 to 50 letters and digits, got ""`}},
		{Name: "Azure's host", Edit: func(p *props) { p.Upstream, p.SecretARN, p.AzureRegistry = registry.Azure, secret, "mine.azurecr.io" },
			Want: []string{`AzureRegistry: must be 5 to 50 letters and digits, got "mine.azurecr.io"`}},
		{Name: "Azure's registry elsewhere", Edit: func(p *props) { p.AzureRegistry = "mine5" },
			Want: []string{"AzureRegistry: must be left out with Upstream ecr-public"}},
		{Name: "tokens", Edit: func(p *props) {
			p.Upstream, p.SecretARN, p.AzureRegistry, p.Prefix = registry.Azure, token, token, token
		}},
		{Name: "prefixes", Edit: func(p *props) { p.Prefix = "upstream/public" }},
		{Name: "prefix with a slash last", Edit: func(p *props) { p.Prefix = "public/" }, Want: []string{"Prefix: " + nameRule + `"public/"`}},
		{Name: "prefix for all", Edit: func(p *props) { p.Prefix = "ROOT" }, Want: []string{"Prefix: " + nameRule + `"ROOT"`}},
		{Name: "prefix too long", Edit: func(p *props) { p.Prefix = strings.Repeat("a", 31) }, Want: []string{"Prefix: must have 2 to 30 characters, got 31"}},
		{Name: "longest prefix", Edit: func(p *props) { p.Prefix = strings.Repeat("a", 30) }},
		{Name: "several", Edit: func(p *props) {
			*p = props{Upstream: registry.Azure, AzureRegistry: "a b", Prefix: "A", ExpireDays: -1, Key: fakeKey{}, AWSManagedEncryption: true, RemovalPolicy: "KEEP"}
		}, Want: []string{
			`AzureRegistry: must be 5 to 50 letters and digits, got "a b"`,
			secretRule + `""`,
			"Prefix: must have 2 to 30 characters, got 1",
			"Prefix: " + nameRule + `"A"`,
			"ExpireDays: must be 1 or more, got -1",
			"Key: must be left out with AWSManagedEncryption",
			"RemovalPolicy: must be one of RETAIN, DESTROY, got KEEP",
		}},
	})
}

func TestValidate_Nil(t *testing.T) {
	if err := (*registry.RepositoryProps)(nil).Validate(); err != nil {
		t.Error(err)
	}
	if err := (*registry.PullThroughCacheProps)(nil).Validate(); err != nil {
		t.Error(err)
	}
	if err := (*registry.ReplicationProps)(nil).Validate(); err == nil {
		t.Error("want rules")
	}
}
