package constructs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// In docs, a table whose last column is "Shown by" names a test of this package in each row.
func TestDocs_NameTestsThatExist(t *testing.T) {
	var source strings.Builder
	files, err := filepath.Glob("*_test.go")
	require.NoError(t, err)
	for _, f := range files {
		text, err := os.ReadFile(f)
		require.NoError(t, err)
		source.Write(text)
	}
	docs, err := filepath.Glob("../docs/*.md")
	require.NoError(t, err)
	name := regexp.MustCompile("`((?:Test|Example)\\w+)`")
	rows := 0
	for _, f := range docs {
		text, err := os.ReadFile(f)
		require.NoError(t, err)
		shows := false
		for line := range strings.Lines(string(text)) {
			cells := strings.Split(strings.TrimSpace(line), "|")
			switch {
			case len(cells) < 3:
				shows = false
			case strings.TrimSpace(cells[len(cells)-2]) == "Shown by":
				shows = true
			case shows && !strings.Contains(line, "|---"):
				rows++
				tests := name.FindAllStringSubmatch(cells[len(cells)-2], -1)
				assert.NotEmpty(t, tests, "%s: %s", f, line)
				for _, m := range tests {
					assert.Contains(t, source.String(), "\nfunc "+m[1]+"(", "%s: %s", f, line)
				}
			}
		}
	}
	assert.Greater(t, rows, 20)
}
