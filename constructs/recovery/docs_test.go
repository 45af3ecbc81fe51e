package recovery_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/constructs/recovery"
)

// quoted are the RPO and RTO that AWS gives strategies (REL13-BP02).
var quoted = map[recovery.Strategy][2]string{
	recovery.BackupAndRestore: {"hours", "24 h or less"}, recovery.PilotLight: {"minutes", "tens of minutes"},
	recovery.WarmStandby: {"seconds", "minutes"}, recovery.ActiveActive: {"near zero", "potentially zero"},
}

func figures() string {
	var b strings.Builder
	b.WriteString("| Strategy | AWS: RPO / RTO | a table | a table and a bucket | an Aurora cluster | a read replica of RDS | wrong data in a table |\n|---|---|---|---|---|---|---|\n")
	for _, s := range recovery.Strategies {
		fmt.Fprintf(&b, "| %s | %s / %s |", s, quoted[s][0], quoted[s][1])
		for _, data := range [][]recovery.Kind{{recovery.TableKind}, {recovery.TableKind, recovery.BucketKind}, {recovery.ClusterKind}, {recovery.DatabaseKind}} {
			o := simulate(s, recovery.RegionLost, data...)
			fmt.Fprintf(&b, " %v / %v |", o.RPO, o.RTO)
		}
		o := simulate(s, recovery.DataCorrupted, recovery.TableKind)
		fmt.Fprintf(&b, " %v / %v |\n", o.RPO, o.RTO)
	}
	return b.String()
}

// template is what is read of one.
type template struct {
	Resources map[string]struct {
		Type       string
		Properties map[string]any
	}
}

func read(t *testing.T, s recovery.Strategy, side string) template {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "testdata", "recovery", string(s)+"_"+side+"_1.snap.json"))
	require.NoError(t, err)
	var tpl template
	require.NoError(t, json.Unmarshal(text, &tpl))
	return tpl
}

// priced is what runs, with USD a month for each: 730 hours at the prices of us-east-1, which change.
var priced = []struct {
	what  string
	count func(template) float64
	price float64
}{
	{"tasks of 0.25 vCPU and 0.5 GiB on Fargate", func(t template) (tasks float64) {
		for _, r := range t.Resources {
			if r.Type == "AWS::ECS::Service" {
				tasks += r.Properties["DesiredCount"].(float64)
			}
		}
		return tasks
	}, 730 * (0.25*0.04048 + 0.5*0.004445)},
	{"instances of Aurora Serverless v2, of 0.5 units at least", of("AWS::RDS::DBInstance"), 730 * 0.5 * 0.12},
	{"load balancers", of("AWS::ElasticLoadBalancingV2::LoadBalancer"), 730 * 0.0225},
	{"NAT gateways with their address", of("AWS::EC2::NatGateway"), 730 * (0.045 + 0.005)},
	{"KMS keys", of("AWS::KMS::Key"), 1},
	{"alarms", of("AWS::CloudWatch::Alarm"), 0.1},
	{"dashboards", of("AWS::CloudWatch::Dashboard"), 3},
	{"secrets, each with its replica", of("AWS::SecretsManager::Secret"), 0.8},
	{"tables of DynamoDB and their replicas", func(t template) (replicas float64) {
		for _, r := range t.Resources {
			if r.Type == "AWS::DynamoDB::GlobalTable" {
				replicas += float64(len(r.Properties["Replicas"].([]any)))
			}
		}
		return replicas
	}, 0},
	{"clusters of Aurora", of("AWS::RDS::DBCluster"), 0},
	{"buckets", of("AWS::S3::Bucket"), 0},
	{"vaults of AWS Backup", of("AWS::Backup::BackupVault"), 0},
}

func of(kind string) func(template) float64 {
	return func(t template) (n float64) {
		for _, r := range t.Resources {
			if r.Type == kind {
				n++
			}
		}
		return n
	}
}

func regions(t *testing.T) string {
	var b strings.Builder
	b.WriteString("| |")
	totals := map[string]float64{}
	for _, s := range recovery.Strategies {
		fmt.Fprintf(&b, " %s: primary | standby |", s)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|---|", len(recovery.Strategies)) + "\n")
	for _, p := range priced {
		b.WriteString("| " + p.what + " |")
		for _, s := range recovery.Strategies {
			for _, side := range []string{"primary", "standby"} {
				n := p.count(read(t, s, side))
				totals[string(s)+side] += n * p.price
				fmt.Fprintf(&b, " %v |", n)
			}
		}
		b.WriteString("\n")
	}
	b.WriteString("| **USD a month** |")
	for _, s := range recovery.Strategies {
		for _, side := range []string{"primary", "standby"} {
			fmt.Fprintf(&b, " **%.0f** |", totals[string(s)+side])
		}
	}
	for i, s := range recovery.Strategies[1:] {
		assert.Greater(t, totals[string(s)+"standby"], totals[string(recovery.Strategies[i])+"standby"], "strategies are listed the cheapest first")
	}
	return b.String() + "\n"
}

// The tables in docs are what the simulation and the templates give. UPDATE_SNAPS=true go test writes them.
func TestDocs(t *testing.T) {
	const path = "../../docs/recovery.md"
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	want := string(text)
	for name, table := range map[string]string{"figures": figures(), "regions": regions(t)} {
		section := regexp.MustCompile(`(?s)(<!-- ` + name + ` -->\n).*?(<!-- end -->)`)
		require.Regexp(t, section, want)
		want = section.ReplaceAllString(want, "${1}"+strings.ReplaceAll(table, "$", "$$")+"${2}")
	}
	if os.Getenv("UPDATE_SNAPS") == "true" {
		require.NoError(t, os.WriteFile(path, []byte(want), 0o644))
		return
	}
	assert.Equal(t, want, string(text), "UPDATE_SNAPS=true go test ./constructs/recovery writes it")
}
