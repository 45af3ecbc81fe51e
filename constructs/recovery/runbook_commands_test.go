//go:build e2e && unix

package recovery_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/constructs/recovery"
)

var blocks = regexp.MustCompile("(?s)```sh\n(.*?)```")

// Every command of the runbooks is run by a shell, with programs in place of the AWS CLI and the CDK's that note what they are called with,
// and is then held against the models of botocore that the AWS CLI is made from: make test-e2e installs it.
func TestRunbook_Commands(t *testing.T) {
	python, err := filepath.Abs("../../.venv/bin/python")
	require.NoError(t, err)
	seen := map[string]bool{}
	for _, s := range recovery.Strategies {
		p := full(s)
		var script strings.Builder
		for _, block := range blocks.FindAllStringSubmatch(p.Runbook("OrdersPrimary", "OrdersStandby"), -1) {
			script.WriteString(block[1])
		}
		calls := shell(t, script.String())
		require.NotEmpty(t, calls)
		var lines bytes.Buffer
		for _, call := range calls {
			if call[0] == "npx" {
				assert.Regexp(t, "^npx cdk deploy --exclusively Orders(Primary|Standby)$", strings.Join(call, " "))
				continue
			}
			line, err := json.Marshal(call[1:])
			require.NoError(t, err)
			lines.Write(append(line, '\n'))
			seen[call[1]+" "+call[2]] = true
		}
		cmd := exec.Command(python, "testdata/commands.py")
		cmd.Stdin = &lines
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s: %s", s, out)
	}
	for _, command := range []string{"sts get-caller-identity", "backup start-restore-job", "rds failover-global-cluster", "rds promote-read-replica", "ecs update-service", "ecs wait", "fis start-experiment"} {
		assert.True(t, seen[command], command)
	}
}

// shell runs a script and returns with what it called aws and npx. Both print a text.
func shell(t *testing.T, script string) [][]string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"aws", "npx"} {
		program := "#!/bin/sh\nprintf '" + name + "\\0' >>\"$CALLS\"\nprintf '%s\\0' \"$@\" >>\"$CALLS\"\nprintf '\\n' >>\"$CALLS\"\necho text\n"
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(program), 0o755))
	}
	calls := filepath.Join(dir, "calls")
	cmd := exec.Command("bash", "-euc", script)
	cmd.Env = []string{"PATH=" + dir + ":/usr/bin:/bin", "CALLS=" + calls}
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	text, err := os.ReadFile(calls)
	require.NoError(t, err)
	var all [][]string
	for line := range strings.Lines(string(text)) {
		all = append(all, strings.Split(strings.TrimSuffix(line, "\x00\n"), "\x00"))
	}
	return all
}
