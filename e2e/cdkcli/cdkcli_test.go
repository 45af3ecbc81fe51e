//go:build unix

package cdkcli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/e2e/emulator"
)

// fakeCDK runs the script instead of cdk.
func fakeCDK(t *testing.T, script string) *CLI {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "cdk"), []byte("#!/bin/sh\n"+script), 0o755))
	return &CLI{Dir: dir, Env: []string{"PATH=" + dir + ":/usr/bin:/bin", "AWS_ENDPOINT_URL=https://127.0.0.1:1", "DIR=" + dir}}
}

func TestRun_RefusesOtherMachines(t *testing.T) {
	c := fakeCDK(t, "touch $DIR/ran")
	c.Env[1] = "AWS_ENDPOINT_URL=https://example.com"
	_, err := c.Run(t.Context(), "deploy")
	require.ErrorContains(t, err, "https://example.com is not on this machine")
	c.Env[1] = ""
	_, err = c.Run(t.Context(), "deploy")
	require.ErrorContains(t, err, "AWS clients would talk to a real account")
	require.NoFileExists(t, filepath.Join(c.Dir, "ran"))
}

func TestRun_StreamsAndKeepsTheOutput(t *testing.T) {
	c := fakeCDK(t, `echo "$@"; echo problem >&2; printf end`)
	c.App, c.Config = "the app", Config{Stage: "local", Architecture: "arm64", API: "HTTP"}
	var got []string
	c.Line = func(line string) { got = append(got, line) }
	out, err := c.Run(t.Context(), "deploy", "--all")
	require.NoError(t, err)
	want := []string{`deploy --no-notices --no-color --all --app the app --context strata={"stage":"local","architecture":"arm64","api":"HTTP"}`, "problem", "end"}
	require.Equal(t, want, got)
	require.Equal(t, strings.Join(want, "\n"), out)
}

func TestRun_ReportsFailures(t *testing.T) {
	c := fakeCDK(t, "echo why; exit 3")
	_, err := c.Run(t.Context(), "deploy")
	require.EqualError(t, err, "cdk deploy failed: exit status 3")
	failed, ok := errors.AsType[*Error](err)
	require.True(t, ok)
	require.Equal(t, "why\n", failed.Output)

	c.Env[0] = "PATH=/nowhere"
	_, err = c.Run(t.Context(), "deploy")
	require.EqualError(t, err, "cdk is not installed; run make tools")
}

func TestRun_EndsWhatItStartedWithTheContext(t *testing.T) {
	c := fakeCDK(t, "(sleep 60; touch $DIR/survived) & echo started; wait")
	ctx, cancel := context.WithCancel(t.Context())
	c.Line = func(string) { cancel() }
	start := time.Now()
	_, err := c.Run(ctx, "deploy")
	require.ErrorIs(t, err, context.Canceled)
	require.Less(t, time.Since(start), 9*time.Second, "the sleep holds the output open as long as it lives")
}

func TestDeploy(t *testing.T) {
	c := fakeCDK(t, `printf ' ✅  Network (no changes)\n ✅  Api\n'; echo '{"Api":{"Url":"u"}}' > $DIR/out.json`)
	d, err := c.Deploy(t.Context(), []string{"Api", "Network"}, filepath.Join(c.Dir, "out.json"))
	require.NoError(t, err)
	require.Equal(t, &Deployment{Outputs: map[string]map[string]string{"Api": {"Url": "u"}}, Unchanged: []string{"Network"}}, d)
}

func TestReadAssembly(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"manifest.json": `{"artifacts": {
			"B": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "B.json"}, "dependencies": ["A", "B.assets"]},
			"A": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "A.json"}},
			"B.assets": {"type": "cdk:asset-manifest", "properties": {"file": "B.assets.json"}},
			"Tree": {"type": "cdk:tree"}}}`,
		"A.json": `{"Resources": {"One": {"Type": "AWS::X::Y"}, "Two": {"Type": "AWS::X::Y"}, "Three": {"Type": "AWS::A::B"}}}`,
		"B.json": `{}`,
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	stacks, err := ReadAssembly(dir)
	require.NoError(t, err)
	require.Equal(t, []Stack{{Name: "A", Types: []string{"AWS::A::B", "AWS::X::Y"}}, {Name: "B", DependsOn: []string{"A"}}}, stacks)
	_, err = ReadAssembly(t.TempDir())
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestDeployable(t *testing.T) {
	names, out := Deployable([]Stack{
		{Name: "Above", DependsOn: []string{"Middle"}},
		{Name: "Middle", DependsOn: []string{"Network"}},
		{Name: "Network", Types: []string{"AWS::EC2::EIP", "AWS::EC2::NatGateway", "AWS::EC2::VPC"}},
		{Name: "Tables", Types: []string{"AWS::DynamoDB::Table", "Custom::Fill"}},
	}, emulator.Types{"AWS::EC2::VPC": true, "AWS::DynamoDB::Table": true})
	require.Equal(t, []string{"Tables"}, names)
	require.Equal(t, []LeftOut{
		{"Above", "it depends on Middle"}, {"Middle", "it depends on Network"}, {"Network", "the emulator does not have AWS::EC2::EIP, AWS::EC2::NatGateway"},
	}, out)
}
