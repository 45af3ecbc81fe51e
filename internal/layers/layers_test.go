// Package layers_test holds the direction of imports: app -> stacks -> constructs -> internal, check.
package layers_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/strata-cdk/strata"

// mayImport are the packages of this module that those in a folder may depend on, with what is below them. What is not
// listed is not bound. Patterns don't import each other: of constructs, they share but the building blocks that are named
// here.
var mayImport = map[string][]string{
	"check":    {},
	"internal": {"check", "internal"},
	"constructs": {
		"check", "filterpattern", "internal",
		"constructs/backupcopy", "constructs/customresource", "constructs/drill", "constructs/ecsservice", "constructs/failover",
		"constructs/logs", "constructs/replica", "constructs/webacl",
	},
	"stacks":  {"check", "constructs", "filterpattern", "internal"},
	"cdktest": {"check"},
	// What runs in Lambda has no part of the CDK.
	"functions":   {"cfnmacro", "cfnresource", "logevents", "internal/provider", "internal/stackpolicy", "check"},
	"cfnmacro":    {},
	"cfnresource": {"internal/provider"},
	"logevents":   {},
	"metrics":     {"check"},
	// Programs and their tests use it without the CDK.
	"filterpattern": {},
}

// may tells whether a package of this module may depend on another one.
func may(pkg, dep string) bool {
	folder, _, _ := strings.Cut(strings.TrimPrefix(pkg, module+"/"), "/")
	allowed, bound := mayImport[folder]
	return !bound || slices.ContainsFunc(allowed, func(a string) bool {
		return dep == module+"/"+a || strings.HasPrefix(dep, module+"/"+a+"/")
	})
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
		for _, dep := range imports {
			if strings.HasPrefix(dep, module+"/") {
				assert.True(t, may(pkg, dep), "%s must not depend on %s", pkg, dep)
			}
		}
	}
}

func TestPatternsShareOnlyBuildingBlocks(t *testing.T) {
	for _, c := range []struct {
		pkg, dep string
		want     bool
	}{
		{"constructs/apilambda", "constructs/webacl", true},
		{"constructs/albfargate", "constructs/ecsservice", true},
		{"constructs/bucketemptier", "constructs/customresource", true},
		{"constructs/apilambda", "constructs/logs", true},
		{"constructs/apilambda", "internal/monitor", true},
		{"stacks", "constructs/network", true},
		{"constructs/apilambda", "constructs/network", false},
		{"constructs/webacl", "constructs/apilambda", false},
		{"constructs/apilambda", "constructs/webaclextra", false},
		{"constructs/apilambda", "stacks", false},
		{"internal/monitor", "constructs/webacl", false},
	} {
		assert.Equal(t, c.want, may(module+"/"+c.pkg, module+"/"+c.dep), "%s on %s", c.pkg, c.dep)
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

// The command builds and starts fast because the CDK is not in it, and what users run with their programs is without it too.
func TestNoCDKInWhatRuns(t *testing.T) {
	all := packages(t)
	for _, pkg := range []string{"cmd/strata", "logevents", "metrics"} {
		deps := all[module+"/"+pkg]
		require.NotEmpty(t, deps, pkg)
		for _, dep := range deps {
			assert.False(t, strings.Contains(dep, "aws-cdk-go") || strings.Contains(dep, "jsii"), "%s depends on %s", pkg, dep)
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
