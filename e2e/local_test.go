//go:build e2e && unix

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/e2e/emulator"
	"github.com/strata-cdk/strata/e2e/internal/proc"
)

// What make deploy-local and its friends run, in a checkout of its own.
func TestLocal(t *testing.T) {
	dir := copyRepo(t)
	local := func(args ...string) (string, error) {
		cmd := exec.Command(program(t, "./e2e/local"), args...)
		cmd.Dir = dir
		// A shell that is set up for a real account.
		cmd.Env = append(os.Environ(), "AWS_PROFILE=production", "AWS_ENDPOINT_URL=https://example.com", "AWS_ACCESS_KEY_ID=AKIDEXAMPLE",
			"AWS_SECRET_ACCESS_KEY=example", "AWS_REGION=eu-west-1", "CDK_DEFAULT_ACCOUNT=111122223333", "HTTPS_PROXY=http://127.0.0.1:1")
		out, err := cmd.CombinedOutput()
		t.Logf("%v\n%s", args, out)
		return string(out), err
	}
	t.Cleanup(func() {
		_, err := local("stop")
		require.NoError(t, err)
	})
	succeeds := func(args ...string) string {
		t.Helper()
		out, err := local(args...)
		require.NoError(t, err, out)
		return out
	}

	out, err := local("up", "--api", "SOAP")
	require.Error(t, err)
	require.Equal(t, "Error: --api must be REST or HTTP, got \"SOAP\"\n", out)
	out, err = local("sideways")
	require.Error(t, err)
	require.Contains(t, out, "Error: usage: go run ./e2e/local up")
	require.Contains(t, succeeds("status"), "No emulator runs for this checkout.")

	out = succeeds("up", "--api", "HTTP")
	require.Contains(t, out, "\nDeployed (")
	require.Contains(t, out, "\nURL: https://127.0.0.1:")
	require.Contains(t, out, "\nLeft out of Web, because the emulator does not have them: AWS::ApplicationAutoScaling::ScalableTarget, ")
	require.Contains(t, out, "\nLeft out: Containers, because the emulator does not have AWS::")
	require.Contains(t, out, "\nLeft out: Governance, because the emulator does not have AWS::")
	require.Equal(t, 2, strings.Count(out, "Left out:"), "no other stack as a whole")
	curl := regexp.MustCompile(`(?m)^curl .*$`).FindString(out)
	require.NotEmpty(t, curl)
	if _, err := exec.LookPath("curl"); err == nil {
		answer, err := exec.Command("sh", "-c", curl+" --silent --show-error").CombinedOutput()
		require.NoError(t, err, "%s", answer)
		require.Contains(t, string(answer), `"body":"Deployed on this machine."`)
	}
	e, err := emulator.Attach(t.Context(), emulator.Options{Root: dir, Dir: filepath.Join(dir, ".local")})
	require.NoError(t, err)
	require.NotNil(t, e)
	require.ElementsMatch(t, allStacks, stacks(t, e))

	out = succeeds("up", "--api", "HTTP")
	require.Contains(t, out, "The emulator already runs")
	require.Contains(t, out, "The account is bootstrapped already.")
	require.Contains(t, out, "\nNo changes (")
	require.Contains(t, succeeds("status"), e.Endpoint())

	require.Contains(t, succeeds("down"), "Nothing is left in the account")
	require.Empty(t, stacks(t, e))
	require.Contains(t, succeeds("status"), "No stack is deployed.")

	require.Contains(t, succeeds("stop"), "no process and no port of it is left")
	pids, err := proc.Group(e.PID())
	require.NoError(t, err)
	require.Empty(t, pids)
	require.NoFileExists(t, filepath.Join(dir, ".local", "emulator.json"))
	require.Contains(t, succeeds("down"), "No emulator runs for this checkout.")
}
