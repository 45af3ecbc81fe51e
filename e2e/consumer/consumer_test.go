//go:build e2e

// Package consumer_test uses Strata as somebody else does: vendored into a module of its own.
package consumer_test

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// command runs a command in dir and returns its output; it must end well.
func command(t *testing.T, dir string, env []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s %v:\n%s", name, args, out)
	return string(out)
}

// bootstraps are the main modules of the functions in a cloud assembly, by the hashes of their programs.
func bootstraps(t *testing.T, assembly string) map[string]string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(assembly, "asset.*", "bootstrap"))
	require.NoError(t, err)
	found := map[string]string{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		info, err := buildinfo.Read(bytes.NewReader(text))
		require.NoError(t, err)
		found[fmt.Sprintf("%x", sha256.Sum256(text))] = info.Main.Path
	}
	return found
}

func TestVendoredConsumer(t *testing.T) {
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	function := filepath.Join(root, "constructs", "testdata", "hello")
	offline := []string{"GOPROXY=off", "GOFLAGS=-mod=vendor -trimpath", "CDK_VALIDATION=false", "FUNCTION=" + function}

	// A fresh module outside the repository.
	module := t.TempDir()
	require.NoError(t, os.CopyFS(module, os.DirFS("testdata/app")))
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(module, "go.sum"), sums, 0o600))
	command(t, module, nil, "go", "mod", "init", "example.com/app")
	command(t, module, nil, "go", "mod", "edit", "-require=github.com/strata-cdk/strata@v0.0.0", "-replace=github.com/strata-cdk/strata="+root)
	command(t, module, nil, "go", "mod", "tidy")
	command(t, module, nil, "go", "mod", "vendor")
	command(t, module, offline, "go", "build", "-o", "app", ".")
	assert.NoDirExists(t, filepath.Join(module, "vendor", "github.com", "aws", "aws-cdk-go", "awscdk", "v2", "awsecspatterns"), "nothing is vendored that no pattern needs")

	// The same program, from the repository.
	inRepo := filepath.Join(t.TempDir(), "app")
	command(t, root, nil, "go", "build", "-trimpath", "-o", inRepo, "./e2e/consumer/testdata/app")

	// Both run in their modules, where they find the function that Strata ships, and give the same.
	vendored, repo := filepath.Join(t.TempDir(), "vendored"), filepath.Join(t.TempDir(), "repo")
	command(t, module, append(offline, "CDK_OUTDIR="+vendored), filepath.Join(module, "app"), function)
	command(t, root, []string{"CDK_VALIDATION=false", "CDK_OUTDIR=" + repo}, inRepo, function)
	for _, name := range []string{"Greeter.template.json", "Greeter.assets.json"} {
		one, err := os.ReadFile(filepath.Join(vendored, name))
		require.NoError(t, err)
		other, err := os.ReadFile(filepath.Join(repo, name))
		require.NoError(t, err)
		assert.Equal(t, string(other), string(one), name)
	}

	functions := bootstraps(t, vendored)
	assert.Equal(t, functions, bootstraps(t, repo), "the functions are the same, byte for byte")
	assert.Len(t, functions, 4)
	for _, main := range functions {
		assert.Contains(t, []string{"github.com/strata-cdk/strata", "example.com/hello"}, main, "the consumer has no part in it")
	}
	assert.NotContains(t, command(t, module, offline, "go", "list", "-deps", "."), "aws-sdk-go-v2/service/s3\n", "the app does not compile what the function needs")

	// The consumer tests its stack with cdktest: the first run writes a snapshot, the next finds it, CI needs it.
	command(t, module, append(offline, "UPDATE_SNAPS=always"), "go", "test", "./...")
	command(t, module, append(offline, "CI=true", "UPDATE_SNAPS="), "go", "test", "-count=1", "./...")
	require.NoError(t, os.Remove(filepath.Join(module, "testdata", "greeter_1.snap.json")))
	missing := exec.CommandContext(t.Context(), "go", "test", "-count=1", "./...")
	missing.Dir, missing.Env = module, append(os.Environ(), append(offline, "CI=true", "UPDATE_SNAPS=")...)
	out, err := missing.CombinedOutput()
	require.Error(t, err, "a missing snapshot fails in CI")
	assert.Contains(t, string(out), "snapshot not found")
}
