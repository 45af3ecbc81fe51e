package gobuild_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/internal/gobuild"
)

// module writes a module with one file to a new folder.
func module(t *testing.T, source string) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.com/f\n\ngo 1.26\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main.go"), []byte(source), 0o600))
	return dir
}

func build(t *testing.T, dir, goarch string) []byte {
	t.Helper()
	out := t.TempDir()
	require.NoError(t, gobuild.Build(dir, goarch, out))
	text, err := os.ReadFile(filepath.Join(out, "bootstrap"))
	require.NoError(t, err)
	return text
}

const hello = "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(\"hello\") }\n"

func TestBuild_SameBytesInEveryFolderAndEnvironment(t *testing.T) {
	one := build(t, module(t, hello), "arm64")
	t.Setenv("GOARM64", "v9.0")
	t.Setenv("GOFLAGS", "-gcflags=-N -buildvcs=true -mod=mod")
	t.Setenv("CGO_ENABLED", "1")
	other := build(t, module(t, hello), "arm64")
	assert.True(t, string(one) == string(other), "the bytes differ")
	assert.False(t, string(one) == string(build(t, module(t, hello), "amd64")), "another architecture is another binary")
}

func TestBuild_TellsWhatTheCompilerSays(t *testing.T) {
	err := gobuild.Build(module(t, "package main\n\nfunc main() { undefinedThing() }\n"), "arm64", t.TempDir())
	assert.ErrorContains(t, err, "go build failed:\n    # example.com/f\n    ./main.go:3:15: undefined: undefinedThing")
}

func TestBuild_WithoutGo(t *testing.T) {
	dir := module(t, hello)
	t.Setenv("PATH", "")
	assert.EqualError(t, gobuild.Build(dir, "arm64", t.TempDir()), "the go command is not on PATH; install Go from https://go.dev/dl")
}

func TestBuild_ImportPath(t *testing.T) {
	t.Chdir(module(t, hello))
	out := t.TempDir()
	require.NoError(t, gobuild.Build("example.com/f", "amd64", out))
	assert.FileExists(t, filepath.Join(out, "bootstrap"))
}

func TestCheck(t *testing.T) {
	empty := t.TempDir()
	assert.EqualError(t, gobuild.Check(empty), "no Go files in "+empty)
	assert.ErrorContains(t, gobuild.Check("./nowhere"), "no Go files in /")
	assert.NoError(t, gobuild.Check(module(t, hello)))
	assert.NoError(t, gobuild.Check("example.com/import/path"))
}
