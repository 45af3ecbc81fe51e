package gobuild_test

import (
	"bytes"
	"debug/buildinfo"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
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

const library = "example.com/lib/cmd/tool"

// writeFiles writes files below a new folder.
func writeFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	return dir
}

// command runs a go command offline.
func command(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOPROXY=off", "GOFLAGS=", "GOWORK=off")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "go %v: %s", args, out)
}

// modules makes a library with a command, a module that it uses, and a consumer of the library.
func modules(t *testing.T) (lib, consumer string) {
	t.Helper()
	dep := writeFiles(t, map[string]string{
		"go.mod":    "module example.com/dep\n\ngo 1.25\n",
		"dep.go":    "// Package dep says hello.\npackage dep\n\nimport _ \"embed\"\n\n//go:embed hello.txt\nvar Hello string\n",
		"hello.txt": "hello\n",
	})
	lib = writeFiles(t, map[string]string{
		"go.mod":           "module example.com/lib\n\ngo 1.26.0\n\nrequire example.com/dep v1.2.3\n\nreplace example.com/dep => " + dep + "\n",
		"lib.go":           "// Package lib is what the consumer imports.\npackage lib\n",
		"vendor_strata.go": "//go:build never\n\npackage lib\n\nimport _ \"" + library + "\"\n",
		"cmd/tool/main.go": "package main\n\nimport \"example.com/lib/inner\"\n\nfunc main() { inner.Run() }\n",
		"inner/inner.go":   "package inner\n\nimport \"example.com/dep\"\n\nfunc Run() { print(dep.Hello) }\n",
		"inner/other.go":   "//go:build windows\n\npackage inner\n\nvar broken int = \"\"\n",
	})
	consumer = writeFiles(t, map[string]string{
		"go.mod": "module example.com/app\n\ngo 1.26.0\n\nrequire example.com/lib v0.1.0\n\nrequire example.com/dep v1.2.3 // indirect\n\n" +
			"replace example.com/lib => " + lib + "\n\nreplace example.com/dep => " + dep + "\n",
		"main.go": "package main\n\nimport _ \"example.com/lib\"\n\nfunc main() {}\n",
	})
	return lib, consumer
}

func buildLibrary(t *testing.T, dir string) []byte {
	t.Helper()
	t.Chdir(dir)
	out := t.TempDir()
	require.NoError(t, gobuild.BuildLibrary(library, runtime.GOARCH, out))
	text, err := os.ReadFile(filepath.Join(out, "bootstrap"))
	require.NoError(t, err)
	return text
}

// The library itself, who uses it, and who vendors it without the library's folder being there, get the same.
func TestBuildLibrary_SameBytesForEveryConsumer(t *testing.T) {
	lib, consumer := modules(t)
	own := buildLibrary(t, lib)
	for _, flags := range []string{"", "-mod=mod"} {
		t.Setenv("GOFLAGS", flags)
		assert.True(t, string(own) == string(buildLibrary(t, consumer)), "used, GOFLAGS=%s", flags)
	}
	command(t, consumer, "mod", "vendor")
	require.NoError(t, os.RemoveAll(lib))
	t.Setenv("GOPROXY", "off")
	for _, flags := range []string{"", "-mod=vendor", "-tags=other -gcflags=-N"} {
		t.Setenv("GOFLAGS", flags)
		assert.True(t, string(own) == string(buildLibrary(t, consumer)), "vendored, GOFLAGS=%s", flags)
	}

	info, err := buildinfo.Read(bytes.NewReader(own))
	require.NoError(t, err)
	assert.Equal(t, "example.com/lib", info.Main.Path)
	require.Len(t, info.Deps, 1)
	assert.Equal(t, "v1.2.3", info.Deps[0].Version, "what scanners look for is there")
	if runtime.GOOS == "linux" {
		program := filepath.Join(t.TempDir(), "program")
		require.NoError(t, os.WriteFile(program, own, 0o700))
		out, err := exec.Command(program).CombinedOutput()
		require.NoError(t, err)
		assert.Equal(t, "hello\n", string(out))
	}
}

func TestBuildLibrary_OfAnotherVersionIsAnother(t *testing.T) {
	lib, consumer := modules(t)
	own := buildLibrary(t, lib)
	gomod := filepath.Join(consumer, "go.mod")
	text, err := os.ReadFile(gomod)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(gomod, bytes.ReplaceAll(text, []byte("v1.2.3"), []byte("v1.2.4")), 0o600))
	assert.False(t, string(own) == string(buildLibrary(t, consumer)))
}

func TestBuildLibrary_SaysWhatIsWrong(t *testing.T) {
	t.Chdir(t.TempDir())
	err := gobuild.BuildLibrary(library, "arm64", t.TempDir())
	assert.ErrorContains(t, err, "go list failed:\n    ")
	assert.ErrorContains(t, err, "\n  (run in the folder of the module that uses it, after go mod tidy)")

	lib, _ := modules(t)
	t.Chdir(lib)
	assert.EqualError(t, gobuild.BuildLibrary("example.com/lib/inner", "arm64", t.TempDir()), "example.com/lib/inner is not a main package")
	require.NoError(t, os.WriteFile("inner/inner.go", []byte("package inner\n\nfunc Run() { nothing() }\n"), 0o600))
	assert.ErrorContains(t, gobuild.BuildLibrary(library, "arm64", t.TempDir()), "inner/inner.go:3:14: undefined: nothing")
}
