//go:build e2e && unix

package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/e2e/cdkcli"
	"github.com/strata-cdk/strata/e2e/emulator"
)

// guardedStack is the app of stackguard, for one test.
type guardedStack struct {
	t *testing.T
	e *emulator.Emulator
}

func (g guardedStack) cli(table, stage string) *cdkcli.CLI {
	c := newCLI(g.t, g.e, root, "")
	c.Config = cdkcli.Config{}
	c.App = fmt.Sprintf("%s %s %s %s", program(g.t, "./e2e/internal/guarded"), map[string]string{"amd64": "x86_64", "arm64": "arm64"}[runtime.GOARCH], table, stage)
	return c
}

func (g guardedStack) deploy(table, stage string, stacks ...string) map[string]map[string]string {
	d, err := g.cli(table, stage).Deploy(g.t.Context(), stacks, filepath.Join(g.t.TempDir(), "outputs.json"))
	require.NoError(g.t, err)
	return d.Outputs
}

// strata runs strata stack-policy.
func (g guardedStack) strata(args ...string) (string, error) {
	cmd := exec.CommandContext(g.t.Context(), program(g.t, "./cmd/strata"), append([]string{"stack-policy"}, args...)...)
	cmd.Env = g.e.Env()
	out, err := cmd.CombinedOutput()
	g.t.Logf("strata stack-policy %v\n%s", args, out)
	return string(out), err
}

// event has the guard's function believe that an update is done: the emulator sends no events of CloudFormation.
func (g guardedStack) event(function string) {
	resp, err := g.e.Do(g.t.Context(), emulator.Request{
		Method: http.MethodPost, URL: g.e.Endpoint() + "/2015-03-31/functions/" + function + "/invocations", Service: "lambda", Credentials: emulator.Root,
		Body: []byte(`{"detail-type":"CloudFormation Stack Status Change","time":"2026-01-01T00:00:00Z"}`),
	})
	require.NoError(g.t, err)
	require.Equal(g.t, http.StatusOK, resp.Status, "%s", resp.Body)
	require.Empty(g.t, resp.Header.Get("X-Amz-Function-Error"), "%s", resp.Body)
}

// statements are those of the policy in force.
func (g guardedStack) statements(stack string) []map[string]any {
	out, err := g.strata("show", stack)
	require.NoError(g.t, err)
	var policy struct{ Statement []map[string]any }
	require.NoError(g.t, json.Unmarshal([]byte(out), &policy), out)
	return policy.Statement
}

// A stack policy from its first delivery through an update that it denies, a loosened one, and its end.
func TestStackPolicy(t *testing.T) {
	g := guardedStack{t, startEmulator(t)}
	require.NoError(t, g.cli("one", "production").Bootstrap(t.Context()))
	outputs := g.deploy("one", "production", "Guarded")["Guarded"]
	out, err := g.strata("show", "Guarded")
	require.NoError(t, err)
	require.Equal(t, "The stack Guarded has no policy: every update is allowed.\n", out)

	g.event(outputs["Function"])
	tight := g.statements("Guarded")
	require.Len(t, tight, 2)
	require.Equal(t, "Deny", tight[1]["Effect"])

	// An update that would replace the table, as templates and as a change set.
	assembly := filepath.Join(t.TempDir(), "cdk.out")
	_, err = g.cli("two", "production").Synth(t.Context(), assembly)
	require.NoError(t, err)
	check := func() (string, error) { return g.strata("check", "Guarded", "--app", assembly) }
	out, err = check()
	require.Error(t, err)
	require.Contains(t, out, "Error: the stack policy denies 1 of the changes, see above\n")
	require.Regexp(t, `(?m)^yes +Update:Replace +Notes[0-9A-F]{8} +AWS::DynamoDB::Table +Statement\[1\] +Properties.TableName$`, out)
	_, err = g.cli("two", "production").Run(t.Context(), "deploy", "Guarded", "--require-approval", "never", "--no-execute", "--change-set-name", "next")
	require.NoError(t, err)
	out, err = g.strata("check", "Guarded", "--change-set", "next")
	require.Error(t, err)
	require.Regexp(t, `(?m)^(yes|maybe) +Update:Replace +Notes`, out)

	// Loosened, it passes, and is tight again after it.
	fields := strings.Fields(out[strings.Index(out, "Update:Replace"):])
	_, err = g.strata("apply", "Guarded", "--allow", fields[1])
	require.NoError(t, err)
	out, err = check()
	require.NoError(t, err, out)
	outputs = g.deploy("two", "production", "Guarded")["Guarded"]
	require.Equal(t, "two", outputs["Table"])
	g.event(outputs["Function"])
	require.Equal(t, tight, g.statements("Guarded"))

	// The policy of a stack that another one sets.
	g.deploy("two", "production", "Governance")
	require.Contains(t, stacks(t, g.e), "Applied")
	require.Equal(t, []any{"AWS::DynamoDB::Table"}, g.statements("Applied")[1]["Condition"].(map[string]any)["StringEquals"].(map[string]any)["ResourceType"])

	// Nothing of production goes by accident.
	output, err := g.cli("two", "production").Run(t.Context(), "destroy", "Guarded", "--force")
	requireFailure(t, err)
	require.Contains(t, output, "TerminationProtection")
	g.deploy("two", "ephemeral", "--all")
	g.event(outputs["Function"])
	require.Len(t, g.statements("Guarded"), 1, "nothing is denied")
	require.Len(t, g.statements("Applied"), 1, "nothing is denied")
	require.NoError(t, g.cli("two", "ephemeral").Destroy(t.Context()))
}
