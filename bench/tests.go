//go:build unix

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// jest is the project of the twin tests: the bench's own, or a copy to edit.
type jest struct{ dir string }

func (j jest) command(b *bench, args ...string) command {
	return command{dir: j.dir, args: append([]string{b.node, b.path("bench", "node_modules", "jest", "bin", "jest.js"), "--ci"}, args...)}
}

// tests are the names of the twin tests, which both sides run.
func (b *bench) tests(ctx context.Context) ([]string, error) {
	report := filepath.Join(b.tmp, "jest.json")
	c := jest{b.path("bench")}.command(b, "--json", "--outputFile="+report)
	c.env = []string{validation(false).env()}
	if _, err := b.exec(ctx, c); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(report)
	if err != nil {
		return nil, err
	}
	var r struct {
		TestResults []struct {
			AssertionResults []struct {
				AncestorTitles []string
				Title          string
			}
		}
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, err
	}
	var twins []string
	for _, file := range r.TestResults {
		for _, test := range file.AssertionResults {
			twins = append(twins, append(test.AncestorTitles, test.Title)[0])
		}
	}
	slices.Sort(twins)
	twins = slices.Compact(twins)
	ours, err := b.exec(ctx, command{args: []string{"go", "test", "./constructs/", "-run", "^$", "-list", exactly(twins)}})
	if err != nil {
		return nil, err
	}
	for _, twin := range twins {
		if !slices.Contains(strings.Split(ours.output, "\n"), twin) {
			return nil, fmt.Errorf("%s is no test of ./constructs any more; bring bench/jest up to date", twin)
		}
	}
	return twins, nil
}

func exactly(tests []string) string { return "^(" + strings.Join(tests, "|") + ")$" }

func (b *bench) commandVariant(name string, c command, before func() error) variant {
	return variant{name, func(ctx context.Context) (float64, error) {
		if before != nil {
			if err := before(); err != nil {
				return 0, err
			}
		}
		r, err := b.exec(ctx, c)
		return r.seconds, err
	}}
}

// files is how many files of tests, one a pattern, stand for a whole suite, and fewTests is what each has.
const files = 12

var fewTests = []string{"TestVPC_IPv6", "TestVPC_Endpoints"}

func measureSuite(ctx context.Context, b *bench) ([]comparison, error) {
	tests, err := b.tests(ctx)
	if err != nil {
		return nil, err
	}
	binary := filepath.Join(b.tmp, "constructs.test")
	if _, err := b.exec(ctx, command{args: []string{"go", "test", "-c", "-o", binary, "./constructs/"}}); err != nil {
		return nil, err
	}
	many, err := b.copyTwins("suite", files)
	if err != nil {
		return nil, err
	}
	var variants []variant
	for _, v := range bothValidations {
		env := []string{v.env()}
		add := func(kind string, c command) {
			c.env = append(c.env, env...)
			variants = append(variants, b.commandVariant(name(kind, v), c, nil))
		}
		add("go test", command{args: []string{"go", "test", "./constructs/", "-count=1", "-run", exactly(tests)}})
		add("test binary", command{dir: b.path("constructs"), args: []string{binary, "-test.run", exactly(tests)}})
		add("jest", jest{b.path("bench")}.command(b))
		add("go test, 12 times", command{args: []string{"go", "test", "./constructs/", fmt.Sprintf("-count=%d", files), "-run", exactly(fewTests)}})
		add("jest, 12 files", many.command(b, "--testNamePattern", exactly(fewTests)))
	}
	s, err := b.interleave(ctx, true, variants...)
	if err != nil {
		return nil, err
	}
	var rows []comparison
	for _, v := range bothValidations {
		rows = append(rows, s.compare(fmt.Sprintf("%d synth tests, %d files, %v", files*len(fewTests), files, v), "s",
			name("go test, 12 times", v), name("jest, 12 files", v), v.target(0.35, 0.16)))
	}
	for _, v := range bothValidations {
		what := fmt.Sprintf("all synth tests of the network, 1 file, %v", v)
		rows = append(rows, s.compare(what, "s", name("go test", v), name("jest", v), 0),
			s.compare(what, "s", name("test binary", v), name("jest", v), 0))
	}
	return plain(rows), nil
}

func measureLoop(ctx context.Context, b *bench) ([]comparison, error) {
	tests, err := b.tests(ctx)
	if err != nil {
		return nil, err
	}
	twins, err := b.copyTwins("loop", 1)
	if err != nil {
		return nil, err
	}
	editTwin, err := editor(filepath.Join(twins.dir, "js", "network.js"), filepath.Join(twins.dir, "js", "network.js"))
	if err != nil {
		return nil, err
	}
	// Go reads the edited file through an overlay, so that the tree stays as it is.
	source, edited := b.path("constructs", "network", "network.go"), filepath.Join(b.tmp, "network.go")
	overlay, err := b.overlay("loop", map[string]string{source: edited})
	if err != nil {
		return nil, err
	}
	edit, err := editor(source, edited)
	if err != nil {
		return nil, err
	}
	env := []string{validation(false).env()}
	test := twins.command(b)
	test.env = env
	s, err := b.interleave(ctx, true,
		// What make test-pattern runs.
		b.commandVariant("go test", command{env: env, dir: b.path("constructs"), args: []string{"go", "test", overlay, "main_test.go", "network_test.go"}}, edit),
		b.commandVariant("go test of the package", command{env: env, args: []string{"go", "test", overlay, "./constructs/", "-run", exactly(tests)}}, edit),
		b.commandVariant("jest", test, editTwin),
		b.commandVariant("go test, no synth", command{env: env, args: []string{"go", "test", overlay, "./constructs/network/"}}, edit),
	)
	if err != nil {
		return nil, err
	}
	return []comparison{
		s.compare("inner loop after an edit of the network, synth tests", "s", "go test", "jest", 0).within(2),
		s.compare("the same, all patterns linked", "s", "go test of the package", "jest", 0),
		s.compare("inner loop after an edit of the network, tests of its props", "s", "go test, no synth", "jest", 0),
	}, nil
}

// copyTwins copies the twins, with their tests in so many files.
func (b *bench) copyTwins(folder string, files int) (jest, error) {
	dir := filepath.Join(b.tmp, folder)
	snapshots := filepath.Join(dir, "jest", "__snapshots__")
	err := errors.Join(os.MkdirAll(snapshots, 0o755), os.CopyFS(filepath.Join(dir, "js"), os.DirFS(b.path("bench", "js"))))
	for i := range files {
		file := fmt.Sprintf("network%d.test.js", i)
		err = errors.Join(err, copyFile(b.path("bench", "jest", "network.test.js"), filepath.Join(dir, "jest", file)),
			copyFile(b.path("bench", "jest", "__snapshots__", "network.test.js.snap"), filepath.Join(snapshots, file+".snap")))
	}
	return jest{dir}, errors.Join(err, copyFile(b.path("bench", "jest.config.js"), filepath.Join(dir, "jest.config.js")),
		os.WriteFile(filepath.Join(dir, "package.json"), []byte("{}"), 0o600),
		os.Symlink(b.path("bench", "node_modules"), filepath.Join(dir, "node_modules")))
}

func copyFile(from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o600)
}

// editor returns a function that writes source to target with one more comment line at its start each time: the code stays
// the same, and every line number in it moves.
func editor(source, target string) (func() error, error) {
	text, err := os.ReadFile(source)
	if err != nil {
		return nil, err
	}
	return func() error {
		text = append(fmt.Appendf(nil, "// An edit, %d.\n\n", time.Now().UnixNano()), text...)
		return os.WriteFile(target, text, 0o600)
	}, nil
}

// overlay writes a file that lets the go command read other files in place of those of the tree, and returns the flag.
func (b *bench) overlay(name string, replace map[string]string) (string, error) {
	text, err := json.Marshal(map[string]any{"Replace": replace})
	path := filepath.Join(b.tmp, name+"-overlay.json")
	return "-overlay=" + path, errors.Join(err, os.WriteFile(path, text, 0o600))
}
