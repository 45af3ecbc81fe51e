// Package gobuild builds Lambda functions written in Go.
package gobuild

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// Check tells, without building, why pkg cannot be a package to build; nil when it may be one.
func Check(pkg string) error {
	if !isDir(pkg) {
		return nil // an import path, which only the go command can look up
	}
	sources, err := filepath.Glob(filepath.Join(pkg, "*.go"))
	if err != nil {
		return err
	}
	if len(sources) == 0 {
		abs, err := filepath.Abs(pkg)
		if err != nil {
			return err
		}
		return fmt.Errorf("no Go files in %s", abs)
	}
	return nil
}

// Build builds the main package pkg, a directory or an import path, for Linux on a GOARCH, as out/bootstrap.
//
// The same source, modules and Go release give the same bytes in every folder and on every machine, though not on Windows
// the same as elsewhere: paths and version control state are left out, and settings of the environment that change code
// are pinned. The folder out must exist.
func Build(pkg, goarch, out string) error {
	target, err := filepath.Abs(filepath.Join(out, "bootstrap"))
	if err != nil {
		return err
	}
	dir := ""
	if isDir(pkg) {
		dir, pkg = pkg, "."
	}
	flags := []string{"-trimpath", "-buildvcs=false", "-tags=lambda.norpc", "-ldflags=-s -w"}
	args := slices.Concat([]string{"build"}, flags, []string{"-o", target, pkg})
	if runtime.GOOS != "windows" {
		// "go run" keeps the program in the build cache, where "go build" would link it anew each time: 0.3 s instead of
		// 1.1 s at every synth. -exec makes it copy the program instead of running it.
		args = slices.Concat([]string{"run", "-exec=cp"}, flags, []string{pkg, target})
	}
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH="+goarch, "CGO_ENABLED=0", "GOAMD64=v1", "GOARM64=v8.0",
		"GOEXPERIMENT=", "GOFIPS140=off", "GOFLAGS="+moduleFlags(os.Getenv("GOFLAGS")))
	text, err := cmd.CombinedOutput()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return errors.New("the go command is not on PATH; install Go from https://go.dev/dl")
	case err != nil:
		return fmt.Errorf("go build failed:\n%s", indent(strings.TrimSpace(string(text))))
	}
	return nil
}

// moduleFlags keeps those of GOFLAGS that say where modules come from.
func moduleFlags(goflags string) string {
	var keep []string
	for _, f := range strings.Fields(goflags) {
		if strings.HasPrefix(f, "-mod=") || strings.HasPrefix(f, "-modfile=") || strings.HasPrefix(f, "-modcacherw") {
			keep = append(keep, f)
		}
	}
	return strings.Join(keep, " ")
}

func isDir(pkg string) bool {
	return pkg == "." || pkg == ".." || strings.HasPrefix(pkg, "./") || strings.HasPrefix(pkg, "../") || filepath.IsAbs(pkg)
}

func indent(text string) string {
	return "    " + strings.ReplaceAll(text, "\n", "\n    ")
}
