package customresource_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/customresource"
)

func TestProviderProps_Validate(t *testing.T) {
	type props = customresource.ProviderProps
	empty, err := filepath.Abs(t.TempDir())
	require.NoError(t, err)
	built := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(built, "bootstrap"), nil, 0o700))
	cdktest.ValidateTable(t, func() props { return props{GoPackage: "../testdata/hello"} }, []cdktest.Case[props]{
		{Name: "defaults", Edit: func(*props) {}},
		{Name: "import path", Edit: func(p *props) { p.GoPackage = "example.com/function" }},
		{Name: "library", Edit: func(p *props) { p.GoPackage, p.LibraryPackage = "", "example.com/function" }},
		{Name: "built", Edit: func(p *props) { p.GoPackage, p.Directory = "", built }},
		{Name: "no code", Edit: func(p *props) { p.GoPackage = "" },
			Want: []string{"must have exactly one of GoPackage, LibraryPackage and Directory, got 0"}},
		{Name: "much code", Edit: func(p *props) { p.LibraryPackage, p.Directory = "example.com/function", built },
			Want: []string{"must have exactly one of GoPackage, LibraryPackage and Directory, got 3"}},
		{Name: "no Go", Edit: func(p *props) { p.GoPackage = empty }, Want: []string{"GoPackage: must be a main package: no Go files in " + empty}},
		{Name: "not built", Edit: func(p *props) { p.GoPackage, p.Directory = "", "x" },
			Want: []string{`Directory: must be a folder with a program named bootstrap, got "x"`}},
		{Name: "architecture", Edit: func(p *props) { p.Architecture = "x86_64" }},
		{Name: "unknown architecture", Edit: func(p *props) { p.Architecture = "amd64" }, Want: []string{"Architecture: must be one of arm64, x86_64, got amd64"}},
		{Name: "longest description", Edit: func(p *props) { p.Description = strings.Repeat("ü", 256) }},
		{Name: "long description", Edit: func(p *props) { p.Description = strings.Repeat("ü", 257) }, Want: []string{"Description: must be at most 256 characters, got 257"}},
		{Name: "least", Edit: func(p *props) { p.Memory, p.Timeout, p.ServiceTimeout = 128, 10*time.Second, 10*time.Second }},
		{Name: "most", Edit: func(p *props) { p.Memory, p.Timeout, p.ServiceTimeout = 10240, 15*time.Minute, time.Hour }},
		{Name: "too little", Edit: func(p *props) { p.Memory, p.Timeout, p.ServiceTimeout = 127, 9*time.Second, 8*time.Second }, Want: []string{
			"Memory: must be between 128 and 10240, got 127", "Timeout: must be between 10s and 15m0s, got 9s",
			"ServiceTimeout: must be between 9s and 1h0m0s, got 8s",
		}},
		{Name: "too much", Edit: func(p *props) { p.Memory, p.Timeout, p.ServiceTimeout = 10241, 901*time.Second, 3601*time.Second }, Want: []string{
			"Memory: must be between 128 and 10240, got 10241", "Timeout: must be between 10s and 15m0s, got 15m1s",
			"ServiceTimeout: must be between 15m1s and 1h0m0s, got 1h0m1s",
		}},
		{Name: "parts of a second", Edit: func(p *props) { p.Timeout, p.ServiceTimeout = 10500*time.Millisecond, 11500*time.Millisecond }, Want: []string{
			"Timeout: must be whole seconds, got 10.5s", "ServiceTimeout: must be whole seconds, got 11.5s",
		}},
		{Name: "environment", Edit: func(p *props) { p.Environment = map[string]string{"TABLE_1": "x"} }},
		{Name: "environment's names", Edit: func(p *props) {
			p.Environment = map[string]string{"A": "", "1A": "", "STRATA_WAITER": "", "STRATA_SERVICE_TIMEOUT": ""}
		}, Want: []string{
			`Environment["1A"]: must have a name of letters, digits and underscores, two at least, that starts with a letter`,
			`Environment["A"]: must have a name of letters, digits and underscores, two at least, that starts with a letter`,
			`Environment["STRATA_SERVICE_TIMEOUT"]: must have another name: this one is the provider's`,
			`Environment["STRATA_WAITER"]: must have another name: this one is the provider's`,
		}},
		{Name: "log retention", Edit: func(p *props) { p.LogRetentionDays = 2 }, Want: []string{
			"LogRetentionDays: must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653, got 2",
		}},
		{Name: "removal", Edit: func(p *props) { p.RemovalPolicy = awscdk.RemovalPolicy_SNAPSHOT }, Want: []string{"RemovalPolicy: must be one of RETAIN, DESTROY, got SNAPSHOT"}},
	})
}

func TestProviderProps_ValidateNil(t *testing.T) {
	require.EqualError(t, (*customresource.ProviderProps)(nil).Validate(),
		"invalid customresource.ProviderProps:\n  - must have exactly one of GoPackage, LibraryPackage and Directory, got 0")
}

func TestResourceProps_Validate(t *testing.T) {
	type props = customresource.ResourceProps
	const typeRule = "Type: must be Custom:: with letters, digits, _, @ and - after it, 60 characters at most in all, got "
	cdktest.ValidateTable(t, func() props { return props{Provider: &customresource.Provider{}} }, []cdktest.Case[props]{
		{Name: "defaults", Edit: func(*props) {}},
		{Name: "type", Edit: func(p *props) { p.Type = "Custom::a_B@c-1" }},
		{Name: "longest type", Edit: func(p *props) { p.Type = "Custom::" + strings.Repeat("a", 52) }},
		{Name: "long type", Edit: func(p *props) { p.Type = "Custom::" + strings.Repeat("a", 53) },
			Want: []string{typeRule + `"Custom::` + strings.Repeat("a", 53) + `"`}},
		{Name: "empty type", Edit: func(p *props) { p.Type = "Custom::" }, Want: []string{typeRule + `"Custom::"`}},
		{Name: "other type", Edit: func(p *props) { p.Type = "AWS::S3::Bucket" }, Want: []string{typeRule + `"AWS::S3::Bucket"`}},
		{Name: "no provider", Edit: func(p *props) { p.Provider = nil }, Want: []string{"Provider: must be given"}},
		{Name: "properties", Edit: func(p *props) { p.Properties = map[string]any{"ServiceToken": "", "ServiceTimeout": 1, "Mine": 1} }, Want: []string{
			`Properties["ServiceTimeout"]: must have another name: this one is CloudFormation's`,
			`Properties["ServiceToken"]: must have another name: this one is CloudFormation's`,
		}},
		{Name: "removal", Edit: func(p *props) { p.RemovalPolicy = awscdk.RemovalPolicy_SNAPSHOT }, Want: []string{"RemovalPolicy: must be one of RETAIN, DESTROY, got SNAPSHOT"}},
	})
}

func TestResourceProps_ValidateNil(t *testing.T) {
	require.EqualError(t, (*customresource.ResourceProps)(nil).Validate(), "invalid customresource.ResourceProps:\n  - Provider: must be given")
}
