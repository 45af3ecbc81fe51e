package stackset_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/stackset"
)

type props = stackset.Props

func selfManaged() props {
	return props{
		Name: "baseline", Template: func(awscdk.Stack) {},
		Targets: []stackset.Target{{Accounts: []string{"111122223333"}, Regions: []string{"eu-central-1", "us-east-1"}}},
	}
}

func serviceManaged() props {
	p := selfManaged()
	p.PermissionModel, p.AutoDeployment = stackset.ServiceManaged, &stackset.AutoDeployment{}
	p.Targets = []stackset.Target{{OrganizationalUnits: []string{"ou-abcd-12345678"}, Regions: []string{"eu-central-1"}}}
	return p
}

// role is some role: validation does not look into it.
type role struct{ awsiam.IRole }

func TestProps_Validate(t *testing.T) {
	tags := func(n int) map[string]string {
		all := map[string]string{}
		for i := range n {
			all[fmt.Sprintf("key-%02d", i)] = strings.Repeat("ü", 256)
		}
		return all
	}
	const nameRule = "Name: must be a letter, then letters, digits and hyphens, 128 at most, got "
	cdktest.ValidateTable(t, selfManaged, []cdktest.Case[props]{
		{Name: "defaults", Edit: func(*props) {}},
		{Name: "longest name", Edit: func(p *props) { p.Name = strings.Repeat("a", 128) }},
		{Name: "long name", Edit: func(p *props) { p.Name = strings.Repeat("a", 129) }, Want: []string{nameRule + `"` + strings.Repeat("a", 129) + `"`}},
		{Name: "no name", Edit: func(p *props) { p.Name = "" }, Want: []string{nameRule + `""`}},
		{Name: "name starts with a digit", Edit: func(p *props) { p.Name = "1a" }, Want: []string{nameRule + `"1a"`}},
		{Name: "name with an underscore", Edit: func(p *props) { p.Name = "a_b" }, Want: []string{nameRule + `"a_b"`}},
		{Name: "longest description", Edit: func(p *props) { p.Description = strings.Repeat("ü", 1024) }},
		{Name: "long description", Edit: func(p *props) { p.Description = strings.Repeat("ü", 1025) }, Want: []string{"Description: must be at most 1024 characters, got 1025"}},
		{Name: "no template", Edit: func(p *props) { p.Template = nil }, Want: []string{"Template: must be given"}},
		{Name: "prefix", Edit: func(p *props) { p.AssetBucketPrefix = "a" + strings.Repeat("-", 47) }},
		{Name: "long prefix", Edit: func(p *props) { p.AssetBucketPrefix = strings.Repeat("a", 49) },
			Want: []string{`AssetBucketPrefix: must be 3 to 48 lower case letters, digits and hyphens, with no hyphen first, got "` + strings.Repeat("a", 49) + `"`}},
		{Name: "copier", Edit: func(p *props) { p.Architecture, p.LogRetentionDays = "x86_64", 1 }},
		{Name: "wrong copier", Edit: func(p *props) { p.Architecture, p.LogRetentionDays = "amd64", 2 }, Want: []string{
			"Architecture: must be one of arm64, x86_64, got amd64",
			"LogRetentionDays: must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653, got 2",
		}},
		{Name: "model", Edit: func(p *props) { p.PermissionModel = "MINE" }, Want: []string{"PermissionModel: must be one of SELF_MANAGED, SERVICE_MANAGED, got MINE"}},
		{Name: "roles", Edit: func(p *props) { p.AdministrationRole, p.ExecutionRoleName = role{}, "a_Z0+=,.@-" }},
		{Name: "execution role", Edit: func(p *props) { p.ExecutionRoleName = "path/role" },
			Want: []string{`ExecutionRoleName: must be 1 to 64 letters, digits and +=,.@_-, got "path/role"`}},
		{Name: "service-managed only", Edit: func(p *props) {
			p.AutoDeployment, p.DelegatedAdmin = &stackset.AutoDeployment{Enabled: true}, true
			p.Targets[0].OrganizationalUnits, p.Targets[0].AccountFilter = []string{"ou-abcd-12345678"}, stackset.Union
		}, Want: []string{
			"AutoDeployment: is for PermissionModel SERVICE_MANAGED only", "DelegatedAdmin: is for PermissionModel SERVICE_MANAGED only",
			"Targets[0].OrganizationalUnits: are for PermissionModel SERVICE_MANAGED only", "Targets[0].AccountFilter: is for PermissionModel SERVICE_MANAGED only",
		}},
		{Name: "no targets", Edit: func(p *props) { p.Targets = nil }, Want: []string{"Targets: must be given"}},
		{Name: "no accounts and regions", Edit: func(p *props) { p.Targets = []stackset.Target{{}} },
			Want: []string{"Targets[0].Accounts: must be given with PermissionModel SELF_MANAGED", "Targets[0].Regions: must be given"}},
		{Name: "accounts and regions", Edit: func(p *props) {
			p.Targets[0].Accounts = []string{"1", "111122223333", "111122223333"}
			p.Targets[0].Regions = []string{"Frankfurt", "eu-central-1", "eu-central-1"}
		}, Want: []string{
			`Targets[0].Accounts[0]: must be the 12 digits of an account's id, got "1"`, `Targets[0].Accounts: must be listed once each, got "111122223333" again`,
			`Targets[0].Regions[0]: must be a region such as eu-central-1, got "Frankfurt"`, `Targets[0].Regions: must be listed once each, got "eu-central-1" again`,
		}},
		{Name: "other targets", Edit: func(p *props) {
			p.Targets = append(p.Targets, stackset.Target{Accounts: []string{"111122223333"}, Regions: []string{"eu-west-1"}},
				stackset.Target{Accounts: []string{"444455556666"}, Regions: []string{"us-east-1"}})
		}},
		{Name: "the same target", Edit: func(p *props) {
			p.Targets = append(p.Targets, stackset.Target{Accounts: []string{"444455556666", "111122223333"}, Regions: []string{"us-east-1"}})
		}, Want: []string{"Targets[1]: must not have 111122223333 in us-east-1, which another target has"}},
		{Name: "preferences", Edit: func(p *props) {
			p.OperationPreferences = stackset.OperationPreferences{FailureToleranceCount: 4, MaxConcurrentCount: 5, RegionOrder: []string{"us-east-1", "eu-central-1"}}
		}},
		{Name: "percentages", Edit: func(p *props) {
			p.OperationPreferences = stackset.OperationPreferences{FailureTolerancePercentage: 100, MaxConcurrentPercentage: 100, ParallelRegions: true}
		}},
		{Name: "strict", Edit: func(p *props) {
			p.OperationPreferences.FailureToleranceCount, p.OperationPreferences.MaxConcurrentCount = 4, 6
		}, Want: []string{
			"OperationPreferences.MaxConcurrentCount: must be at most FailureToleranceCount and 1 with ConcurrencyMode STRICT_FAILURE_TOLERANCE: 5, got 6",
		}},
		{Name: "soft", Edit: func(p *props) {
			p.OperationPreferences.MaxConcurrentCount, p.OperationPreferences.ConcurrencyMode = 6, stackset.Soft
		}},
		{Name: "counts and percentages", Edit: func(p *props) {
			p.OperationPreferences = stackset.OperationPreferences{FailureToleranceCount: 1, FailureTolerancePercentage: 1, MaxConcurrentCount: 1, MaxConcurrentPercentage: 1}
		}, Want: []string{
			"OperationPreferences.FailureTolerancePercentage: must be left out with FailureToleranceCount",
			"OperationPreferences.MaxConcurrentPercentage: must be left out with MaxConcurrentCount",
		}},
		{Name: "numbers too small", Edit: func(p *props) {
			p.OperationPreferences = stackset.OperationPreferences{FailureToleranceCount: -1, MaxConcurrentCount: -1, ConcurrencyMode: "EASY"}
		}, Want: []string{
			"OperationPreferences.FailureToleranceCount: must be 0 or more, got -1", "OperationPreferences.MaxConcurrentCount: must be 1 or more, got -1",
			"OperationPreferences.ConcurrencyMode: must be one of STRICT_FAILURE_TOLERANCE, SOFT_FAILURE_TOLERANCE, got EASY",
		}},
		{Name: "percentages out of range", Edit: func(p *props) {
			p.OperationPreferences = stackset.OperationPreferences{FailureTolerancePercentage: 101, MaxConcurrentPercentage: -1}
		}, Want: []string{
			"OperationPreferences.FailureTolerancePercentage: must be between 0 and 100, got 101",
			"OperationPreferences.MaxConcurrentPercentage: must be between 1 and 100, got -1",
		}},
		{Name: "order of regions", Edit: func(p *props) { p.OperationPreferences.RegionOrder = []string{"us-east-1", "eu-west-1"} },
			Want: []string{"OperationPreferences.RegionOrder: must have each region of the targets once: eu-central-1, us-east-1"}},
		{Name: "order of parallel regions", Edit: func(p *props) {
			p.OperationPreferences.RegionOrder, p.OperationPreferences.ParallelRegions = []string{"us-east-1", "eu-central-1"}, true
		}, Want: []string{"OperationPreferences.RegionOrder: must be left out with ParallelRegions"}},
		{Name: "most tags", Edit: func(p *props) { p.Tags = tags(50) }},
		{Name: "too many tags", Edit: func(p *props) { p.Tags = tags(51) }, Want: []string{"Tags: must be at most 50, got 51"}},
		{Name: "tags", Edit: func(p *props) {
			p.Tags = map[string]string{"a@b": "x", "AWS:x": "", strings.Repeat("k", 129): strings.Repeat("v", 257)}
		}, Want: []string{
			`Tags["AWS:x"]: must have a key that does not start with aws:`, `Tags["AWS:x"]: must have 1 to 256 characters, got 0`,
			`Tags["a@b"]: must have a key of 1 to 128 letters, digits, spaces and _.:/=+-`,
			`Tags["` + strings.Repeat("k", 129) + `"]: must have a key of 1 to 128 letters, digits, spaces and _.:/=+-`,
			`Tags["` + strings.Repeat("k", 129) + `"]: must have 1 to 256 characters, got 257`,
		}},
		{Name: "removal", Edit: func(p *props) { p.RemovalPolicy = awscdk.RemovalPolicy_SNAPSHOT }, Want: []string{"RemovalPolicy: must be one of RETAIN, DESTROY, got SNAPSHOT"}},
	})
}

func TestProps_ValidateServiceManaged(t *testing.T) {
	const dependency = "arn:aws:cloudformation:us-east-1:111122223333:stackset/roles:0a1b2c3d-0000-1111-2222-333344445555"
	cdktest.ValidateTable(t, serviceManaged, []cdktest.Case[props]{
		{Name: "defaults", Edit: func(*props) {}},
		{Name: "everything", Edit: func(p *props) {
			p.AutoDeployment = &stackset.AutoDeployment{Enabled: true, RetainStacksOnAccountRemoval: true, DependsOn: []string{dependency}}
			p.DelegatedAdmin = true
			p.Targets[0].OrganizationalUnits = []string{"r-abcd", "ou-abcd-12345678"}
		}},
		{Name: "self-managed only", Edit: func(p *props) { p.AdministrationRole, p.ExecutionRoleName = role{}, "role" }, Want: []string{
			"AdministrationRole: is for PermissionModel SELF_MANAGED only", "ExecutionRoleName: is for PermissionModel SELF_MANAGED only",
		}},
		{Name: "no auto-deployment", Edit: func(p *props) { p.AutoDeployment = nil }, Want: []string{"AutoDeployment: must be given with PermissionModel SERVICE_MANAGED"}},
		{Name: "disabled auto-deployment", Edit: func(p *props) {
			p.AutoDeployment = &stackset.AutoDeployment{RetainStacksOnAccountRemoval: true, DependsOn: []string{"roles"}}
		}, Want: []string{
			"AutoDeployment.RetainStacksOnAccountRemoval: needs Enabled", "AutoDeployment.DependsOn: needs Enabled",
			`AutoDeployment.DependsOn[0]: must be the ARN of a stack set, got "roles"`,
		}},
		{Name: "dependencies", Edit: func(p *props) {
			p.AutoDeployment = &stackset.AutoDeployment{Enabled: true, DependsOn: []string{dependency, dependency}}
		}, Want: []string{`AutoDeployment.DependsOn: must be listed once each, got "` + dependency + `" again`}},
		{Name: "no units", Edit: func(p *props) { p.Targets[0].OrganizationalUnits = nil },
			Want: []string{"Targets[0].OrganizationalUnits: must be given with PermissionModel SERVICE_MANAGED"}},
		{Name: "units", Edit: func(p *props) { p.Targets[0].OrganizationalUnits = []string{"r-abcd", "r-abcd", "Sales"} }, Want: []string{
			`Targets[0].OrganizationalUnits[2]: must be the id of an organizational unit or of the root, such as ou-abcd-12345678, got "Sales"`,
			`Targets[0].OrganizationalUnits: must be listed once each, got "r-abcd" again`,
		}},
		{Name: "filter", Edit: func(p *props) {
			p.Targets[0].Accounts, p.Targets[0].AccountFilter = []string{"111122223333"}, stackset.Difference
		}},
		{Name: "no filter", Edit: func(p *props) { p.Targets[0].Accounts = []string{"111122223333"} }, Want: []string{"Targets[0].AccountFilter: must be given with Accounts"}},
		{Name: "no accounts", Edit: func(p *props) { p.Targets[0].AccountFilter = stackset.Difference }, Want: []string{"Targets[0].AccountFilter: needs Accounts"}},
		{Name: "unknown filter", Edit: func(p *props) { p.Targets[0].Accounts, p.Targets[0].AccountFilter = []string{"111122223333"}, "SOME" },
			Want: []string{"Targets[0].AccountFilter: must be one of INTERSECTION, DIFFERENCE, UNION, got SOME"}},
		{Name: "the same unit", Edit: func(p *props) { p.Targets = append(p.Targets, p.Targets[0]) },
			Want: []string{"Targets[1]: must not have ou-abcd-12345678 in eu-central-1, which another target has"}},
		{Name: "the same account of units", Edit: func(p *props) {
			p.Targets[0].Accounts, p.Targets[0].AccountFilter = []string{"111122223333"}, stackset.Intersection
			p.Targets = append(p.Targets, p.Targets[0])
		}, Want: []string{"Targets[1]: must not have 111122223333 in eu-central-1, which another target has"}},
		{Name: "the same unit without an account", Edit: func(p *props) {
			p.Targets = append(p.Targets, p.Targets[0])
			p.Targets[1].Accounts, p.Targets[1].AccountFilter = []string{"111122223333"}, stackset.Difference
		}, Want: []string{"Targets[1]: must not have ou-abcd-12345678 in eu-central-1, which another target has"}},
		{Name: "an account apart from the others", Edit: func(p *props) {
			p.Targets = append(p.Targets, p.Targets[0])
			for i, filter := range []stackset.AccountFilter{stackset.Intersection, stackset.Difference} {
				p.Targets[i].Accounts, p.Targets[i].AccountFilter = []string{"111122223333"}, filter
			}
		}},
	})
}

func TestAssetBucketProps_Validate(t *testing.T) {
	type props = stackset.AssetBucketProps
	valid := func() props { return props{Prefix: "my-assets", Organization: "o-abcde12345"} }
	const prefixRule = "Prefix: must be 3 to 48 lower case letters, digits and hyphens, with no hyphen first, got "
	cdktest.ValidateTable(t, valid, []cdktest.Case[props]{
		{Name: "defaults", Edit: func(*props) {}},
		{Name: "shortest prefix", Edit: func(p *props) { p.Prefix = "1ab" }},
		{Name: "short prefix", Edit: func(p *props) { p.Prefix = "ab" }, Want: []string{prefixRule + `"ab"`}},
		{Name: "upper case", Edit: func(p *props) { p.Prefix = "Assets" }, Want: []string{prefixRule + `"Assets"`}},
		{Name: "hyphen first", Edit: func(p *props) { p.Prefix = "-abc" }, Want: []string{prefixRule + `"-abc"`}},
		{Name: "accounts", Edit: func(p *props) { p.Organization, p.Accounts = "", []string{"111122223333"} }},
		{Name: "nobody", Edit: func(p *props) { p.Organization = "" }, Want: []string{"must have Organization or Accounts"}},
		{Name: "ids", Edit: func(p *props) {
			p.Organization, p.Accounts = "my-company", []string{"1", "111122223333", "111122223333"}
		}, Want: []string{
			`Organization: must be the id of an organization, such as o-abcde12345, got "my-company"`,
			`Accounts[0]: must be the 12 digits of an account's id, got "1"`, `Accounts: must be listed once each, got "111122223333" again`,
		}},
		{Name: "removal", Edit: func(p *props) { p.RemovalPolicy = awscdk.RemovalPolicy_SNAPSHOT }, Want: []string{"RemovalPolicy: must be one of RETAIN, DESTROY, got SNAPSHOT"}},
	})
}

func TestValidateNil(t *testing.T) {
	require.EqualError(t, (*stackset.Props)(nil).Validate(), `invalid stackset.Props:
  - Name: must be a letter, then letters, digits and hyphens, 128 at most, got ""
  - Template: must be given
  - Targets: must be given`)
	require.EqualError(t, (*stackset.AssetBucketProps)(nil).Validate(), `invalid stackset.AssetBucketProps:
  - Prefix: must be 3 to 48 lower case letters, digits and hyphens, with no hyphen first, got ""
  - must have Organization or Accounts`)
}
