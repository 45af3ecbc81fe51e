// Package layers_test holds the direction of imports: app -> stacks -> constructs -> internal, check.
package layers_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/strata-cdk/strata"

// mayImport are the packages of this module that those below a folder may depend on. What is not listed is not bound.
var mayImport = map[string][]string{
	"check":      {},
	"internal":   {"check", "internal"},
	"constructs": {"check", "internal"},
	"stacks":     {"check", "internal", "constructs"},
	"cdktest":    {"check"},
	"functions":  {},
}

// heavy are packages of the CDK that would cost every consumer of a pattern seconds of compile time; see docs/benchmarks.md.
var heavy = []string{"awsecspatterns", "awseventstargets", "awsroute53targets", "awsstepfunctionstasks", "awscloudwatchactions"}

// packages lists packages with their dependencies of all depths.
func packages(t *testing.T) map[string][]string {
	t.Helper()
	out, err := exec.Command("go", "list", "-f", "{{.ImportPath}} {{join .Deps \" \"}}", module+"/...").Output()
	require.NoError(t, err)
	deps := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line)
		deps[f[0]] = f[1:]
	}
	return deps
}

func TestDirectionOfImports(t *testing.T) {
	deps := packages(t)
	for _, top := range []string{"check", "internal", "constructs", "stacks", "cdktest"} {
		assert.True(t, has(deps, top), "the rule for %s is about something", top)
	}
	for pkg, imports := range deps {
		top, _, _ := strings.Cut(strings.TrimPrefix(pkg, module+"/"), "/")
		allowed, bound := mayImport[top]
		for _, dep := range imports {
			name, ours := strings.CutPrefix(dep, module+"/")
			if !ours || !bound {
				continue
			}
			from, _, _ := strings.Cut(name, "/")
			ok := from == top && top == "internal"
			for _, a := range allowed {
				ok = ok || from == a
			}
			assert.True(t, ok, "%s must not depend on %s", pkg, dep)
		}
	}
}

func TestNoTestHelperInOtherCode(t *testing.T) {
	for pkg, imports := range packages(t) {
		if strings.HasPrefix(pkg, module+"/cdktest") || strings.HasPrefix(pkg, module+"/e2e") || strings.HasPrefix(pkg, module+"/bench") {
			continue
		}
		for _, dep := range imports {
			assert.False(t, dep == "testing" || strings.HasPrefix(dep, module+"/cdktest") || strings.Contains(dep, "testify"), "%s depends on %s", pkg, dep)
		}
	}
}

func TestNoHeavyImportsInPatterns(t *testing.T) {
	for pkg, imports := range packages(t) {
		if !strings.HasPrefix(pkg, module+"/constructs/") {
			continue
		}
		for _, dep := range imports {
			for _, h := range heavy {
				assert.NotEqual(t, "github.com/aws/aws-cdk-go/awscdk/v2/"+h, dep, pkg)
			}
		}
	}
}

func has(deps map[string][]string, top string) bool {
	for pkg := range deps {
		if strings.HasPrefix(pkg, module+"/"+top) {
			return true
		}
	}
	return false
}
