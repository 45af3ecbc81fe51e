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
	"time"

	"github.com/gkampitakis/go-snaps/snaps"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/constructs/recovery"
	"github.com/strata-cdk/strata/constructs/replica"
)

func items() replica.GlobalTableProps {
	return replica.GlobalTableProps{Pair: replica.Pair{Name: "items"}, PartitionKey: replica.Attribute{Name: "id"}}
}

func photos() replica.ReplicatedBucketProps {
	return replica.ReplicatedBucketProps{Pair: replica.Pair{Name: "photos"}}
}

func ledger() replica.AuroraGlobalProps {
	return replica.AuroraGlobalProps{Pair: replica.Pair{Name: "ledger"}, Database: replica.Database{Version: "16.6"}}
}

// full is a plan with all that a plan can have.
func full(s recovery.Strategy) recovery.Plan {
	return recovery.Plan{
		Name: "orders", Strategy: s, Primary: "us-east-1", Standby: "us-west-2", RPO: 6 * time.Hour, RTO: 6 * time.Hour,
		Data: recovery.Data{
			Tables: []replica.GlobalTableProps{items()}, Buckets: []replica.ReplicatedBucketProps{photos()}, Clusters: []replica.AuroraGlobalProps{ledger()},
			Others: []recovery.Kind{recovery.DatabaseKind},
		},
		Services: []recovery.Service{{Cluster: "orders", Name: "web", Tasks: 4}, {Cluster: "orders", Name: "worker", Tasks: 2}},
	}
}

func TestRunbook(t *testing.T) {
	for _, s := range recovery.Strategies {
		p := full(s)
		require.NoError(t, p.Validate())
		text := p.Runbook("OrdersPrimary", "OrdersStandby")
		snaps.WithConfig(snaps.Dir("testdata"), snaps.Filename(string(s)), snaps.Ext(".md")).MatchStandaloneSnapshot(t, text)
		for _, disaster := range []recovery.Disaster{recovery.RegionLost, recovery.DataCorrupted} {
			for _, e := range p.Simulate(disaster).Timeline {
				assert.Contains(t, text, "| "+e.Start.String()+" | "+e.End.String()+" | "+e.What+" |")
			}
		}
		assert.Contains(t, text, "There was no drill yet")
		p.LastDrill = "2026-11-25"
		assert.Contains(t, p.Runbook("OrdersPrimary", "OrdersStandby"), "The last drill was on 2026-11-25.")
	}
}

func TestRunbook_Partitions(t *testing.T) {
	for partition, regions := range map[string][2]string{"aws-cn": {"cn-north-1", "cn-northwest-1"}, "aws-us-gov": {"us-gov-west-1", "us-gov-east-1"}} {
		for _, s := range recovery.Strategies {
			p := full(s)
			p.Primary, p.Standby = regions[0], regions[1]
			text := p.Runbook("OrdersPrimary", "OrdersStandby")
			assert.NotContains(t, text, "arn:aws:")
			assert.Contains(t, text, "arn:"+partition+":")
		}
	}
}

var blocks = regexp.MustCompile("(?s)```sh\n(.*?)```")

// Every command of the runbooks is run by a shell, with programs in place of the AWS CLI and the CDK's that note what they are called with,
// and is then held against the models that the AWS CLI is made from.
func TestRunbook_Commands(t *testing.T) {
	python, err := filepath.Abs("../../.venv/bin/python")
	require.NoError(t, err)
	if _, err := os.Stat(python); err != nil {
		t.Skip("botocore is not installed: make install")
	}
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
