package delivery_test

import (
	"encoding/json"
	"io"
	"os"
	"testing"

	"github.com/gkampitakis/go-snaps/snaps"
	"github.com/rhysd/actionlint"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/delivery"
)

func workflow() delivery.WorkflowProps {
	return delivery.WorkflowProps{
		Branch: "main", IgnoreFiles: []string{"docs/**"}, Commands: []string{"make tools prime", "make synth"},
		Jobs: []delivery.Job{
			{Name: "Dev", RoleARN: "arn:aws:iam::111111111111:role/deploy", Region: "eu-west-1", Stacks: []string{"Dev/*", "Dev-Api"}},
			{Name: "Prod", RoleARN: "arn:aws:iam::222222222222:role/deploy", Region: "eu-west-1"},
		},
	}
}

// lint gives what actionlint finds in a workflow.
func lint(t *testing.T, text string) []string {
	t.Helper()
	linter, err := actionlint.NewLinter(io.Discard, &actionlint.LinterOptions{})
	require.NoError(t, err)
	problems, err := linter.Lint(".github/workflows/deploy.yml", []byte(text), nil)
	require.NoError(t, err)
	var found []string
	for _, p := range problems {
		found = append(found, p.Error())
	}
	return found
}

func TestWorkflow(t *testing.T) {
	props := workflow()
	text, err := delivery.Workflow(&props)
	require.NoError(t, err)
	assert.Empty(t, lint(t, text))
	snaps.WithConfig(snaps.Dir("testdata"), snaps.Filename("workflow"), snaps.Ext(".yml")).MatchStandaloneSnapshot(t, text)
	minimal := workflow()
	minimal.IgnoreFiles, minimal.Jobs = nil, minimal.Jobs[1:]
	text, err = delivery.Workflow(&minimal)
	require.NoError(t, err)
	assert.Empty(t, lint(t, text))
	assert.NotContains(t, text, "paths-ignore")
}

// That nothing is found is worth something only if something would be.
func TestWorkflow_LintFinds(t *testing.T) {
	assert.NotEmpty(t, lint(t, "on: push\njobs:\n  a:\n    needs: b\n    runs-on: ubuntu-24.04\n    steps:\n      - run: echo ${{ github.nothing }}\n"))
}

func TestWorkflow_ReportsEveryProblem(t *testing.T) {
	_, err := delivery.Workflow(nil)
	require.EqualError(t, err, `invalid delivery.WorkflowProps:
  - Branch: must be a name without *, ?, : and spaces, got ""
  - Commands: must have a command
  - Jobs: must have a job`)
	cdktest.ValidateTable(t, workflow, []cdktest.Case[delivery.WorkflowProps]{
		{Name: "valid", Edit: func(*delivery.WorkflowProps) {}},
		{Name: "output", Edit: func(p *delivery.WorkflowProps) { p.Output = "../out" }, Want: []string{`Output: must be a path below the code, got "../out"`}},
		{Name: "version", Edit: func(p *delivery.WorkflowProps) { p.CLIVersion = "latest" }, Want: []string{`CLIVersion: must be a version such as 2.1148.1, got "latest"`}},
		{Name: "twice", Edit: func(p *delivery.WorkflowProps) { p.Jobs[1].Name = "DEV" }, Want: []string{`Jobs[1].Name: must be unique, got "dev" again`}},
		{Name: "reserved", Edit: func(p *delivery.WorkflowProps) { p.Jobs[1].Name = "Synth" }, Want: []string{`Jobs[1].Name: must be unique, got "synth" again`}},
		{Name: "role", Edit: func(p *delivery.WorkflowProps) { p.Jobs[0].RoleARN = "deploy" }, Want: []string{`Jobs[0].RoleARN: must be the ARN of a role, got "deploy"`}},
		{Name: "region", Edit: func(p *delivery.WorkflowProps) { p.Jobs[0].Region = "Mars" }, Want: []string{`Jobs[0].Region: must be a region such as eu-west-1, got "Mars"`}},
		{Name: "stacks", Edit: func(p *delivery.WorkflowProps) { p.Jobs[0].Stacks = []string{} }, Want: []string{`Jobs[0].Stacks: must have a stack, or be nil for all`}},
		{Name: "stack", Edit: func(p *delivery.WorkflowProps) { p.Jobs[0].Stacks = []string{"a'; rm"} }, Want: []string{`Jobs[0].Stacks[0]: must be letters, digits, *, /, _ and -, got "a'; rm"`}},
	})
}

// The command line that updates and deploys by default is the one of this repository.
func TestDefaultVersionIsThePinnedOne(t *testing.T) {
	text, err := os.ReadFile("../../package.json")
	require.NoError(t, err)
	var pinned struct {
		DevDependencies map[string]string `json:"devDependencies"`
	}
	require.NoError(t, json.Unmarshal(text, &pinned))
	props := workflow()
	written, err := delivery.Workflow(&props)
	require.NoError(t, err)
	assert.Contains(t, written, "npx --yes aws-cdk@"+pinned.DevDependencies["aws-cdk"]+" deploy ")
}
