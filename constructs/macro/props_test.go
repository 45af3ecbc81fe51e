package macro_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/macro"
)

func TestProps_Validate(t *testing.T) {
	type props = macro.Props
	built := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(built, "bootstrap"), nil, 0o700))
	const nameRule = "Name: must be a letter, then letters, digits, _ and -, 128 at most, got "
	cdktest.ValidateTable(t, func() props { return props{Name: "Suffix", GoPackage: "../testdata/hello"} }, []cdktest.Case[props]{
		{Name: "defaults", Edit: func(*props) {}},
		{Name: "longest name", Edit: func(p *props) { p.Name = "a_-" + strings.Repeat("1", 125) }},
		{Name: "long name", Edit: func(p *props) { p.Name = strings.Repeat("a", 129) }, Want: []string{nameRule + `"` + strings.Repeat("a", 129) + `"`}},
		{Name: "name of AWS", Edit: func(p *props) { p.Name = "AWS::Include" }, Want: []string{nameRule + `"AWS::Include"`}},
		{Name: "library", Edit: func(p *props) { p.GoPackage, p.LibraryPackage = "", "example.com/function" }},
		{Name: "built", Edit: func(p *props) { p.GoPackage, p.Directory = "", built }},
		{Name: "much code", Edit: func(p *props) { p.LibraryPackage, p.Directory = "example.com/function", built },
			Want: []string{"must have exactly one of GoPackage, LibraryPackage and Directory, got 3"}},
		{Name: "least", Edit: func(p *props) { p.Memory, p.Timeout = 128, time.Second }},
		{Name: "most", Edit: func(p *props) { p.Memory, p.Timeout, p.Architecture = 10240, 15*time.Minute, "x86_64" }},
		{Name: "everything else", Edit: func(p *props) {
			p.Architecture, p.Description, p.Memory, p.Timeout = "amd64", strings.Repeat("ü", 257), 127, 500*time.Millisecond
			p.Environment = map[string]string{"A": ""}
			p.LogRetentionDays, p.RemovalPolicy = 2, awscdk.RemovalPolicy_SNAPSHOT
		}, Want: []string{
			"Architecture: must be one of arm64, x86_64, got amd64", "Description: must be at most 256 characters, got 257",
			"Memory: must be between 128 and 10240, got 127", "Timeout: must be between 1s and 15m0s, got 500ms", "Timeout: must be whole seconds, got 500ms",
			`Environment["A"]: must have a name of letters, digits and underscores, two at least, that starts with a letter`,
			"LogRetentionDays: must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653, got 2",
			"RemovalPolicy: must be one of RETAIN, DESTROY, got SNAPSHOT",
		}},
	})
	require.EqualError(t, (*props)(nil).Validate(), `invalid macro.Props:
  - Name: must be a letter, then letters, digits, _ and -, 128 at most, got ""
  - must have exactly one of GoPackage, LibraryPackage and Directory, got 0`)
}
