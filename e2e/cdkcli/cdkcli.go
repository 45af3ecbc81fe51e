//go:build unix

// Package cdkcli runs the real CDK command line against an emulator, and against nothing else.
package cdkcli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/strata-cdk/strata/e2e/emulator"
)

// Config is the app's configuration as far as a local deployment sets it.
type Config struct {
	Stage        string `json:"stage"`
	Architecture string `json:"architecture"`
	API          string `json:"api"`
}

// CLI runs cdk. All fields but App, Config and Line are required.
type CLI struct {
	// Dir is where cdk runs: a directory with a cdk.json, or any if App is set.
	Dir string
	// Env is the whole environment, usually emulator.Env. Run refuses one that could reach another machine.
	Env []string
	// App replaces the app that cdk.json names: a command, or the directory of a synthesized app.
	App string
	// Config is given to the app. Default: the zero Config sets nothing.
	Config Config
	// Line gets every line of output as it comes.
	Line func(string)
}

// Error is a cdk command that failed.
type Error struct {
	Command string
	// Output is all that the command printed.
	Output string
	err    error
}

func (e *Error) Error() string { return fmt.Sprintf("cdk %s failed: %v", e.Command, e.err) }
func (e *Error) Unwrap() error { return e.err }

// Run runs one cdk command and returns what it printed, standard error included. Everything it started ends with ctx.
func (c *CLI) Run(ctx context.Context, command string, args ...string) (string, error) {
	if err := emulator.LocalOnly(c.Env); err != nil {
		return "", err
	}
	args = append([]string{command, "--no-notices", "--no-color"}, args...)
	if c.App != "" {
		args = append(args, "--app", c.App)
	}
	if c.Config != (Config{}) {
		b, err := json.Marshal(c.Config)
		if err != nil {
			return "", err
		}
		args = append(args, "--context", "strata="+string(b))
	}
	path, err := lookPath("cdk", c.Env)
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir, cmd.Env = c.Dir, c.Env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	out := &lines{line: c.Line}
	cmd.Stdout, cmd.Stderr = out, out // the same writer: os/exec then writes from one goroutine only
	err = cmd.Run()
	out.flush()
	text := out.all.String()
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		return text, &Error{Command: command, Output: text, err: err}
	}
	return text, nil
}

// Prefetch downloads the Go modules of the app in dir and of its functions. It has the whole environment of this process,
// with the proxy and the certificates that a download may need; what Run runs has not, and downloads nothing.
func Prefetch(ctx context.Context, dir string) error {
	cmd := exec.CommandContext(ctx, "go", "list", "-deps", ".", "./functions/...")
	cmd.Dir = dir
	var problem bytes.Buffer
	cmd.Stderr = &problem
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("cannot get the Go modules of the app: %w\n%s", err, strings.TrimSpace(problem.String()))
	}
	return nil
}

// Synth makes the cloud assembly in the directory out and describes its stacks.
func (c *CLI) Synth(ctx context.Context, out string) ([]Stack, error) {
	if _, err := c.Run(ctx, "synth", "--quiet", "--output", out); err != nil {
		return nil, err
	}
	return ReadAssembly(out)
}

// Bootstrap prepares the account for deployments.
func (c *CLI) Bootstrap(ctx context.Context) error {
	_, err := c.Run(ctx, "bootstrap", "aws://"+emulator.Account+"/"+emulator.Region)
	return err
}

// Deployment is what a deployment did.
type Deployment struct {
	// Outputs are the outputs of each stack.
	Outputs map[string]map[string]string
	// Unchanged are the stacks that were already as they should be.
	Unchanged []string
}

var unchanged = regexp.MustCompile(`(?m)^\s*✅\s+(\S+) \(no changes\)`)

// Deploy deploys the stacks and writes their outputs to a file.
func (c *CLI) Deploy(ctx context.Context, stacks []string, outputsFile string) (*Deployment, error) {
	text, err := c.Run(ctx, "deploy", append([]string{"--require-approval", "never", "--outputs-file", outputsFile}, stacks...)...)
	if err != nil {
		return nil, err
	}
	d := &Deployment{Outputs: map[string]map[string]string{}}
	for _, m := range unchanged.FindAllStringSubmatch(text, -1) {
		d.Unchanged = append(d.Unchanged, m[1])
	}
	return d, readJSON(outputsFile, &d.Outputs)
}

// Destroy deletes all stacks of the app.
func (c *CLI) Destroy(ctx context.Context) error {
	_, err := c.Run(ctx, "destroy", "--all", "--force")
	return err
}

// Stack is a stack of a cloud assembly.
type Stack struct {
	Name string
	// Types are the resource types of its template, sorted.
	Types []string
	// DependsOn are the names of the stacks that are deployed before it.
	DependsOn []string
}

// ReadAssembly describes the stacks of a cloud assembly, in the order of their names. Stages are not looked into.
func ReadAssembly(dir string) ([]Stack, error) {
	manifest, err := readManifest(dir)
	if err != nil {
		return nil, err
	}
	var stacks []Stack
	for name, a := range manifest.Artifacts {
		if a.Type != isStack {
			continue
		}
		var template struct {
			Resources map[string]struct{ Type string }
		}
		if err := readJSON(filepath.Join(dir, a.Properties.TemplateFile), &template); err != nil {
			return nil, err
		}
		s := Stack{Name: name}
		for _, r := range template.Resources {
			s.Types = append(s.Types, r.Type)
		}
		slices.Sort(s.Types)
		s.Types = slices.Compact(s.Types)
		for _, d := range a.Dependencies {
			if manifest.Artifacts[d].Type == isStack {
				s.DependsOn = append(s.DependsOn, d)
			}
		}
		stacks = append(stacks, s)
	}
	slices.SortFunc(stacks, func(a, b Stack) int { return strings.Compare(a.Name, b.Name) })
	return stacks, nil
}

// manifest is what a cloud assembly has.
type manifest struct {
	Artifacts map[string]struct {
		Type         string
		Dependencies []string
		Properties   struct{ TemplateFile string }
	}
}

const isStack = "aws:cloudformation:stack"

func readManifest(dir string) (manifest, error) {
	var m manifest
	err := readJSON(filepath.Join(dir, "manifest.json"), &m)
	return m, err
}

// LeftOut is a stack that the emulator cannot deploy, and why.
type LeftOut struct{ Stack, Because string }

// Deployable divides the stacks into those whose resource types are all supported and the others, stacks that depend on
// one of the others included.
func Deployable(stacks []Stack, types emulator.Types) (names []string, out []LeftOut) {
	because := map[string]string{}
	for _, s := range stacks {
		missing := slices.DeleteFunc(slices.Clone(s.Types), types.Has)
		if len(missing) > 0 {
			because[s.Name] = "the emulator does not have " + strings.Join(missing, ", ")
		}
	}
	for changed := true; changed; {
		changed = false
		for _, s := range stacks {
			for _, d := range s.DependsOn {
				if because[d] != "" && because[s.Name] == "" {
					because[s.Name], changed = "it depends on "+d, true
				}
			}
		}
	}
	for _, s := range stacks {
		if b := because[s.Name]; b != "" {
			out = append(out, LeftOut{s.Name, b})
		} else {
			names = append(names, s.Name)
		}
	}
	return names, out
}

func readJSON(path string, into any) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, into); err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	return nil
}

// lookPath finds a program in the PATH of env, not in that of this process.
func lookPath(name string, env []string) (string, error) {
	for _, v := range slices.Backward(env) {
		dirs, ok := strings.CutPrefix(v, "PATH=")
		if !ok {
			continue
		}
		for _, dir := range filepath.SplitList(dirs) {
			if path := filepath.Join(dir, name); isProgram(path) {
				return path, nil
			}
		}
		break
	}
	return "", errors.New(name + " is not installed; run make tools")
}

func isProgram(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

// lines keeps everything that is written and hands it out line by line.
type lines struct {
	all, rest bytes.Buffer
	line      func(string)
}

func (l *lines) Write(p []byte) (int, error) {
	l.all.Write(p)
	l.rest.Write(p)
	for {
		i := bytes.IndexByte(l.rest.Bytes(), '\n')
		if i < 0 {
			return len(p), nil
		}
		l.emit(string(l.rest.Next(i + 1)))
	}
}

func (l *lines) flush() {
	if l.rest.Len() > 0 {
		l.emit(l.rest.String())
		l.rest.Reset()
	}
}

func (l *lines) emit(s string) {
	if l.line != nil {
		l.line(strings.TrimRight(s, "\r\n"))
	}
}
