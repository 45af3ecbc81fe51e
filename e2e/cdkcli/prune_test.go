//go:build unix

package cdkcli

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/e2e/emulator"
)

func TestPrune(t *testing.T) {
	types := emulator.Types{"Known": true}
	for name, c := range map[string]struct {
		template, want string
		pruned         []string
	}{
		"nothing is missing": {
			template: `{"Resources":{"A":{"Type":"Known"}}}`, want: `{"Resources":{"A":{"Type":"Known"}}}`,
		},
		"nothing refers to it": {
			template: `{"Resources":{"A":{"Type":"Known","DependsOn":["B","C"]},"B":{"Type":"New","Properties":{"P":{"Ref":"A"}}},"C":{"Type":"Known","DependsOn":"B"}}}`,
			want:     `{"Resources":{"A":{"DependsOn":["C"],"Type":"Known"},"C":{"Type":"Known"}}}`,
			pruned:   []string{"New"},
		},
		"what is missing refers to what is missing": {
			template: `{"Resources":{"A":{"Type":"Known"},"B":{"Type":"New"},"C":{"Type":"Newer","Properties":{"P":{"Fn::GetAtt":["B","Arn"]}}},"D":{"Type":"New"}}}`,
			want:     `{"Resources":{"A":{"Type":"Known"}}}`,
			pruned:   []string{"New", "Newer"},
		},
		"Ref":              {template: `{"Resources":{"A":{"Type":"Known","Properties":{"P":[{"Ref":"B"}]}},"B":{"Type":"New"}}}`},
		"GetAtt":           {template: `{"Outputs":{"O":{"Value":{"Fn::GetAtt":["B","Arn"]}}},"Resources":{"B":{"Type":"New"}}}`},
		"Sub":              {template: `{"Resources":{"A":{"Type":"Known","Properties":{"P":{"Fn::Sub":"x${B.Arn}"}}},"B":{"Type":"New"}}}`},
		"Sub of variables": {template: `{"Resources":{"A":{"Type":"Known","Properties":{"P":{"Fn::Sub":["x${B}",{}]}}},"B":{"Type":"New"}}}`},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			manifest := `{"artifacts":{"S":{"type":"aws:cloudformation:stack","properties":{"templateFile":"S.json"}},"Tree":{"type":"cdk:tree"}}}`
			require.NoError(t, os.WriteFile(filepath.Join(dir, "manifest.json"), []byte(manifest), 0o600))
			require.NoError(t, os.WriteFile(filepath.Join(dir, "S.json"), []byte(c.template), 0o600))
			pruned, err := Prune(dir, types)
			require.NoError(t, err)
			require.Equal(t, c.pruned, pruned["S"])
			text, err := os.ReadFile(filepath.Join(dir, "S.json"))
			require.NoError(t, err)
			if c.want == "" {
				c.want = c.template // left as it is
			}
			require.Equal(t, c.want, string(text))
		})
	}
}
