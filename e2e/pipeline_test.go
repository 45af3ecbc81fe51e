//go:build e2e && unix

package e2e

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
)

// The step Synth of the stack Pipeline runs its commands in a clean clone of this repository, with the configuration that the stack was made with, and gives
// a cloud assembly with the same pipeline and everything that it deploys.
func TestPipelineSynthInACleanClone(t *testing.T) {
	want := cdktest.Read(t, filepath.Join(root, "testdata", "pipeline_1.snap.json")) // a test of the app holds that a synth gives it
	clone := filepath.Join(t.TempDir(), "strata")
	out, err := exec.Command("git", "clone", "--quiet", "--no-local", root, clone).CombinedOutput()
	require.NoError(t, err, string(out))
	zones := []string{"eu-west-1a", "eu-west-1b", "eu-west-1c"}
	addContext(t, filepath.Join(clone, "cdk.json"), map[string]any{
		"strata": map[string]any{
			"account": "111111111111", "region": "eu-west-1", "domain": "board.example.com", "hostedZone": "example.com", "hostedZoneId": "Z0123456789EXAMPLE",
			"pipeline": map[string]any{
				"connection": "arn:aws:codeconnections:eu-west-1:111111111111:connection/11111111-2222-3333-4444-555555555555",
				"repository": "acme/strata", "branch": "main", "prodAccount": "222222222222",
			},
		},
		// What a synth looks up in AWS is committed, as docs/delivery.md says: the step may not look anything up.
		"availability-zones:account=111111111111:region=eu-west-1": zones, "availability-zones:account=222222222222:region=eu-west-1": zones,
	})
	commands, output := synthStep(t, want)
	require.Equal(t, []string{"make tools prime", "make synth"}, commands)

	cmd := exec.Command("sh", "-ec", strings.Join(commands, "\n"))
	cmd.Dir = clone
	for _, v := range os.Environ() { // what the tests were started with, other than make, is not there
		if name, _, _ := strings.Cut(v, "="); name != "JSII_NODE" && !strings.HasPrefix(name, "MAKE") && !strings.HasPrefix(name, "CDK_") && name != "MFLAGS" {
			cmd.Env = append(cmd.Env, v)
		}
	}
	out, err = cmd.CombinedOutput()
	require.NoError(t, err, string(out))

	got := cdktest.Read(t, filepath.Join(clone, output, "Pipeline.template.json"))
	again, _ := synthStep(t, got)
	assert.Equal(t, commands, again)
	assert.Equal(t, stageNames(want), stageNames(got))
	for _, stage := range []string{"Dev", "Prod"} {
		templates, err := filepath.Glob(filepath.Join(clone, output, "assembly-Pipeline-Delivery-Stages-"+stage, "*.template.json"))
		require.NoError(t, err)
		assert.Len(t, templates, 7, stage)
	}
	assert.NotEmpty(t, programs(t, filepath.Join(clone, output)), "functions in Go were built")
	changed, err := exec.Command("git", "-C", clone, "status", "--porcelain").Output()
	require.NoError(t, err)
	assert.Equal(t, " M cdk.json\n", string(changed), "the synth leaves nothing behind that is not ignored")
}

// addContext adds to the context of a cdk.json.
func addContext(t *testing.T, path string, context map[string]any) {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	var cdk map[string]any
	require.NoError(t, json.Unmarshal(text, &cdk))
	maps.Copy(cdk["context"].(map[string]any), context)
	text, err = json.MarshalIndent(cdk, "", "  ")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, text, 0o600))
}

// synthStep gives the commands of the step that synthesises, and the folder that it hands on.
func synthStep(t *testing.T, tpl *cdktest.Template) (commands []string, output string) {
	t.Helper()
	for _, project := range tpl.All("AWS::CodeBuild::Project") {
		if !strings.Contains(project.LogicalID, "CdkBuildProject") {
			continue
		}
		var spec struct {
			Phases    struct{ Install, Build struct{ Commands []string } }
			Artifacts struct {
				BaseDirectory string `json:"base-directory"`
			}
		}
		require.NoError(t, json.Unmarshal([]byte(project.Properties["Source"].(cdktest.Object)["BuildSpec"].(string)), &spec))
		return append(spec.Phases.Install.Commands, spec.Phases.Build.Commands...), spec.Artifacts.BaseDirectory
	}
	require.Fail(t, "no project")
	return nil, ""
}

func stageNames(tpl *cdktest.Template) []any {
	var names []any
	for _, stage := range tpl.All("AWS::CodePipeline::Pipeline")[0].Properties["Stages"].(cdktest.Array) {
		names = append(names, stage.(cdktest.Object)["Name"])
	}
	return names
}

// programs are the executables of functions in a cloud assembly.
func programs(t *testing.T, dir string) []string {
	t.Helper()
	var found []string
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Name() == "bootstrap" {
			info, err := d.Info()
			require.NoError(t, err)
			assert.NotZero(t, info.Mode()&0o100, path)
			found = append(found, path)
		}
		return err
	}))
	return found
}
