//go:build e2e && unix

// Package e2e deploys the app with the real CDK command line to an emulator on this machine, and looks at what it did.
package e2e

import (
	"context"
	"encoding/json"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/e2e/cdkcli"
	"github.com/strata-cdk/strata/e2e/emulator"
)

const root = ".."

// built are the programs that several tests run, each built once into a directory that TestMain removes.
var built struct {
	dir   string
	paths map[string]string
}

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "strata-e2e-")
	if err != nil {
		panic(err)
	}
	if err := cdkcli.Prefetch(context.Background(), root); err != nil {
		panic(err)
	}
	built.dir, built.paths = dir, map[string]string{}
	code := m.Run()
	if err := os.RemoveAll(dir); err != nil {
		panic(err)
	}
	os.Exit(code)
}

// program builds a package of this repository, such as "./cmd/strata", and returns the path of the program. The tests run
// one after the other.
func program(t *testing.T, pkg string) string {
	t.Helper()
	if path, ok := built.paths[pkg]; ok {
		return path
	}
	path := filepath.Join(built.dir, strconv.Itoa(len(built.paths)), filepath.Base(filepath.Join("app", pkg)))
	cmd := exec.Command("go", "build", "-o", path, pkg)
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	built.paths[pkg] = path
	return path
}

func startEmulator(t *testing.T) *emulator.Emulator {
	t.Helper()
	e, err := emulator.Start(t.Context(), emulator.Options{Root: root, Dir: t.TempDir()})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.Stop(context.Background())) })
	return e
}

// newCLI runs cdk in dir for the stage local, with the app built once.
func newCLI(t *testing.T, e *emulator.Emulator, dir, api string) *cdkcli.CLI {
	t.Helper()
	return &cdkcli.CLI{
		Dir: dir, Env: e.Env(), App: program(t, "."),
		Config: cdkcli.Config{Stage: "local", Architecture: map[string]string{"amd64": "x86_64", "arm64": "arm64"}[runtime.GOARCH], API: api},
		Line:   func(line string) { t.Log(line) },
	}
}

// synth makes an assembly outside of the app's directory, without what the emulator does not have, and returns a CLI that
// works on it and the types that were left out of each stack.
func synth(t *testing.T, e *emulator.Emulator, c *cdkcli.CLI) (*cdkcli.CLI, map[string][]string) {
	t.Helper()
	assembly := *c
	assembly.App, assembly.Config = filepath.Join(t.TempDir(), "cdk.out"), cdkcli.Config{}
	_, err := c.Synth(t.Context(), assembly.App)
	require.NoError(t, err)
	types, err := e.SupportedTypes(t.Context())
	require.NoError(t, err)
	pruned, err := cdkcli.Prune(assembly.App, types)
	require.NoError(t, err)
	return &assembly, pruned
}

// deploy deploys all stacks of an assembly.
func deploy(t *testing.T, assembly *cdkcli.CLI) (*cdkcli.Deployment, error) {
	t.Helper()
	return assembly.Deploy(t.Context(), allStacks, filepath.Join(t.TempDir(), "outputs.json"))
}

// copyRepo copies what git knows or would add, as it is now, and links the installed tools.
func copyRepo(t *testing.T) string {
	t.Helper()
	to := t.TempDir()
	cmd := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	cmd.Dir = root
	files, err := cmd.Output()
	require.NoError(t, err)
	for name := range strings.SplitSeq(strings.TrimSuffix(string(files), "\x00"), "\x00") {
		info, err := os.Lstat(filepath.Join(root, name))
		if os.IsNotExist(err) {
			continue // deleted, but not yet committed
		}
		require.NoError(t, err)
		if !info.Mode().IsRegular() {
			continue
		}
		b, err := os.ReadFile(filepath.Join(root, name))
		require.NoError(t, err)
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(to, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(to, name), b, info.Mode().Perm()))
	}
	tools, err := filepath.Abs(root)
	require.NoError(t, err)
	for _, name := range []string{"node_modules", ".venv"} {
		require.NoError(t, os.RemoveAll(filepath.Join(to, name)))
		require.NoError(t, os.Symlink(filepath.Join(tools, name), filepath.Join(to, name)))
	}
	return to
}

// replace changes a file of a copied repository, in which old must occur.
func replace(t *testing.T, file, old, text string) {
	t.Helper()
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Contains(t, string(b), old, file)
	require.NoError(t, os.WriteFile(file, []byte(strings.ReplaceAll(string(b), old, text)), fs.FileMode(0o644)))
}

// stacks are the names of the stacks that exist.
func stacks(t *testing.T, e *emulator.Emulator) []string {
	t.Helper()
	names, err := e.Stacks(t.Context())
	require.NoError(t, err)
	return names
}

// query calls a query API and returns its answer, in XML.
func query(t *testing.T, e *emulator.Emulator, service, version string, args url.Values) string {
	t.Helper()
	args.Set("Version", version)
	resp, err := e.Do(t.Context(), emulator.Request{
		Method: http.MethodPost, URL: e.Endpoint() + "/", Body: []byte(args.Encode()), Service: service, Credentials: emulator.Root,
		Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
	})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, resp.Status, "%s", resp.Body)
	return string(resp.Body)
}

// newUser makes an IAM user with a policy, or without one if statement is nil.
func newUser(t *testing.T, e *emulator.Emulator, name string, statement map[string]any) aws.Credentials {
	t.Helper()
	iam := func(action string, args url.Values) string {
		args.Set("Action", action)
		args.Set("UserName", name)
		return query(t, e, "iam", "2010-05-08", args)
	}
	iam("CreateUser", url.Values{})
	if statement != nil {
		b, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": []any{statement}})
		require.NoError(t, err)
		iam("PutUserPolicy", url.Values{"PolicyName": {"test"}, "PolicyDocument": {string(b)}})
	}
	key := iam("CreateAccessKey", url.Values{})
	return aws.Credentials{AccessKeyID: element(t, key, "AccessKeyId"), SecretAccessKey: element(t, key, "SecretAccessKey")}
}

func element(t *testing.T, xml, name string) string {
	t.Helper()
	m := regexp.MustCompile("<" + name + ">([^<]+)</" + name + ">").FindStringSubmatch(xml)
	require.NotNil(t, m, "%s in %s", name, xml)
	return m[1]
}
