package gobuild

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/strata-cdk/strata/internal/sorted"
)

// listed is what "go list" says of a package.
type listed struct {
	Name, Dir, ImportPath                          string
	GoFiles, SFiles, HFiles, SysoFiles, EmbedFiles []string
	Standard                                       bool
	Module                                         *struct{ Path, Version, GoVersion string }
}

// BuildLibrary builds the main package with an import path that a library ships, as Build does. The module that uses the library,
// in whose folder this process must run, has no part in it: the package is built as if from the library's own module, with
// the versions of other modules that are in use here, and from where they are, such as the vendor folder. So
// everybody gets the same bytes from the same versions, and nothing is downloaded that is there.
func BuildLibrary(pkg, goarch, out string) error {
	env := environment(goarch, moduleFlags(os.Getenv("GOFLAGS")))
	text, err := run("", env, "go list", slices.Concat([]string{"list", "-deps", "-json"}, flags[2:], []string{pkg})...)
	if err != nil {
		return fmt.Errorf("%w\n  (run in the folder of the module that uses it, after go mod tidy)", err)
	}
	packages, err := decode(text, pkg)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "strata-build-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := copyModule(dir, packages); err != nil {
		return err
	}
	return build(dir, pkg, out, append(environment(goarch, "-mod=vendor"), "GOWORK=off"))
}

// decode reads the output of "go list", in which the package that was asked for is last. Packages of Go itself are left out.
func decode(text []byte, pkg string) ([]listed, error) {
	var packages []listed
	for d := json.NewDecoder(bytes.NewReader(text)); ; {
		var p listed
		err := d.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if !p.Standard {
			packages = append(packages, p)
		}
	}
	if len(packages) == 0 || packages[len(packages)-1].Name != "main" {
		return nil, fmt.Errorf("%s is not a main package", pkg)
	}
	return packages, nil
}

// copyModule makes dir the module of the last package, with those packages of other modules that it needs vendored.
func copyModule(dir string, packages []listed) error {
	main := packages[len(packages)-1].Module
	mod, vendored := []string{"module " + main.Path, "go " + main.GoVersion}, []string{}
	modules := map[string][]listed{}
	for _, p := range packages {
		to := filepath.Join(dir, "vendor", filepath.FromSlash(p.ImportPath))
		if p.Module.Path == main.Path {
			to = filepath.Join(dir, filepath.FromSlash(strings.TrimPrefix(p.ImportPath, main.Path)))
		} else {
			modules[p.Module.Path] = append(modules[p.Module.Path], p)
		}
		for _, name := range slices.Concat(p.GoFiles, p.SFiles, p.HFiles, p.SysoFiles, p.EmbedFiles) {
			if err := copyFile(filepath.Join(to, filepath.FromSlash(name)), filepath.Join(p.Dir, filepath.FromSlash(name))); err != nil {
				return err
			}
		}
	}
	for module, packages := range sorted.All(modules) {
		m := packages[0].Module
		mod = append(mod, "require "+module+" "+m.Version)
		vendored = append(vendored, "# "+module+" "+m.Version)
		if m.GoVersion == "" {
			vendored = append(vendored, "## explicit")
		} else {
			vendored = append(vendored, "## explicit; go "+m.GoVersion)
		}
		for _, p := range packages {
			vendored = append(vendored, p.ImportPath)
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, "vendor"), 0o755); err != nil {
		return err
	}
	lines := func(l []string) []byte { return []byte(strings.Join(l, "\n") + "\n") }
	return errors.Join(
		os.WriteFile(filepath.Join(dir, "go.mod"), lines(mod), 0o600),
		os.WriteFile(filepath.Join(dir, "vendor", "modules.txt"), lines(vendored), 0o600),
	)
}

func copyFile(to, from string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o600)
}
