package delivery

import (
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/defaults"
)

// WorkflowProps configures a workflow of GitHub Actions. Branch, Commands and Jobs are required.
type WorkflowProps struct {
	// Name is the workflow's.
	// Default: Deploy.
	Name string
	// Branch is what is delivered when it is pushed to.
	Branch string
	// IgnoreFiles are patterns of files that alone do not start the workflow.
	// Default: none.
	IgnoreFiles []string
	// Commands are shell commands that synthesise the app, once, into Output. The version of Go is that of go.mod.
	Commands []string
	// Output is the folder that they write the cloud assembly to.
	// Default: cdk.out.
	Output string
	// CLIVersion is the version of the CDK's command line, aws-cdk, that deploys.
	// Default: 2.1148.1.
	CLIVersion string
	// Jobs deploy one after the other.
	Jobs []Job
}

// Job deploys stacks. It runs in the environment of GitHub with its name in lower case, where you can ask for an approval.
type Job struct {
	// Name is a letter, then letters and digits.
	Name string
	// RoleARN is the role of a GitHubRole that has the environment among its Environments.
	RoleARN string
	// Region is where the role's session is.
	Region string
	// Stacks are names or patterns of stacks, such as "Prod/*".
	// Default: all.
	Stacks []string
}

// The parts of a workflow, in the order in which they are written.
type (
	workflow struct {
		Name        string            `yaml:"name"`
		On          trigger           `yaml:"on"`
		Permissions map[string]string `yaml:"permissions"`
		Concurrency concurrency       `yaml:"concurrency"`
		Jobs        yaml.Node         `yaml:"jobs"`
	}
	trigger struct {
		Push struct {
			Branches    []string `yaml:"branches"`
			PathsIgnore []string `yaml:"paths-ignore,omitempty"`
		} `yaml:"push"`
	}
	concurrency struct {
		Group            string `yaml:"group"`
		CancelInProgress bool   `yaml:"cancel-in-progress"`
	}
	job struct {
		Needs       string            `yaml:"needs,omitempty"`
		RunsOn      string            `yaml:"runs-on"`
		Environment string            `yaml:"environment,omitempty"`
		Permissions map[string]string `yaml:"permissions"`
		Timeout     int               `yaml:"timeout-minutes"`
		Steps       []step            `yaml:"steps"`
	}
	step struct {
		Uses string         `yaml:"uses,omitempty"`
		Run  string         `yaml:"run,omitempty"`
		With map[string]any `yaml:"with,omitempty"`
	}
)

// Workflow writes a workflow of GitHub Actions that synthesises an app and deploys it with roles of GitHubRole: no long-term keys are stored. Put what it
// returns into .github/workflows/deploy.yml. Its error is a *check.Error.
//
// The cloud assembly goes from job to job in a tar file, as artifacts of GitHub lose the permissions of files, which programs of Lambda need.
func Workflow(props *WorkflowProps) (string, error) {
	if err := props.Validate(); err != nil {
		return "", err
	}
	const (
		runner   = "ubuntu-24.04"
		assembly = "assembly"
		minutes  = 60
	)
	d := props.withDefaults()
	w := workflow{
		Name: d.Name, Permissions: map[string]string{"contents": "read"}, Concurrency: concurrency{Group: "deploy-" + d.Branch}, Jobs: yaml.Node{Kind: yaml.MappingNode},
	}
	w.On.Push.Branches, w.On.Push.PathsIgnore = []string{d.Branch}, d.IgnoreFiles
	add := func(name string, j job) error {
		var key, value yaml.Node
		key.SetString(name)
		err := value.Encode(j)
		w.Jobs.Content = append(w.Jobs.Content, &key, &value)
		return err
	}
	synth := job{RunsOn: runner, Permissions: map[string]string{"contents": "read"}, Timeout: minutes, Steps: []step{
		{Uses: "actions/checkout@v4", With: map[string]any{"persist-credentials": false}},
		{Uses: "actions/setup-go@v5", With: map[string]any{"go-version-file": "go.mod"}},
	}}
	for _, command := range d.Commands {
		synth.Steps = append(synth.Steps, step{Run: command})
	}
	synth.Steps = append(synth.Steps,
		step{Run: fmt.Sprintf("tar --create --file assembly.tar --directory %s .", d.Output)},
		step{Uses: "actions/upload-artifact@v4", With: map[string]any{"name": assembly, "path": "assembly.tar", "if-no-files-found": "error", "retention-days": 7}})
	before := "synth"
	if err := add(before, synth); err != nil {
		return "", err
	}
	for _, j := range d.Jobs {
		name := strings.ToLower(j.Name)
		stacks := "--all"
		if j.Stacks != nil {
			stacks = "'" + strings.Join(j.Stacks, "' '") + "'"
		}
		if err := add(name, job{
			Needs: before, RunsOn: runner, Environment: name, Permissions: map[string]string{"id-token": "write"}, Timeout: minutes, Steps: []step{
				{Uses: "actions/download-artifact@v4", With: map[string]any{"name": assembly}},
				{Run: "mkdir cdk.out && tar --extract --file assembly.tar --directory cdk.out"},
				{Uses: "aws-actions/configure-aws-credentials@v4", With: map[string]any{"role-to-assume": j.RoleARN, "aws-region": j.Region}},
				{Run: fmt.Sprintf("npx --yes aws-cdk@%s deploy --app cdk.out --require-approval never %s", d.CLIVersion, stacks)},
			},
		}); err != nil {
			return "", err
		}
		before = name
	}
	text, err := yaml.Marshal(w)
	return string(text), err
}

func (p *WorkflowProps) withDefaults() *WorkflowProps {
	d := WorkflowProps{}
	if p != nil {
		d = *p
	}
	defaults.Or(&d.Name, "Deploy")
	defaults.Or(&d.Output, "cdk.out")
	defaults.Or(&d.CLIVersion, cliVersion)
	return &d
}

var (
	roleARN      = regexp.MustCompile(`^arn:[a-z-]+:iam::\d{12}:role/[A-Za-z0-9+=,.@_/-]+$`)
	stackPattern = regexp.MustCompile(`^[A-Za-z0-9*/_-]+$`)
)

// Validate reports every invalid field at once.
func (p *WorkflowProps) Validate() error {
	d, c := p.withDefaults(), check.For("delivery.WorkflowProps")
	c.That(gitName.MatchString(d.Branch), "Branch", "must be a name without *, ?, : and spaces, got %q", d.Branch)
	c.That(len(d.Commands) > 0, "Commands", "must have a command")
	c.That(relative.MatchString(d.Output), "Output", "must be a path below the code, got %q", d.Output)
	c.That(version.MatchString(d.CLIVersion), "CLIVersion", "must be a version such as 2.1148.1, got %q", d.CLIVersion)
	c.That(len(d.Jobs) > 0, "Jobs", "must have a job")
	names := map[string]bool{"synth": true}
	for i, j := range d.Jobs {
		at := c.At(check.Index("Jobs", i))
		identifier(at, "Name", strings.ToLower(j.Name), names)
		at.That(roleARN.MatchString(j.RoleARN), "RoleARN", "must be the ARN of a role, got %q", j.RoleARN)
		at.That(regionName.MatchString(j.Region), "Region", "must be a region such as eu-west-1, got %q", j.Region)
		at.That(j.Stacks == nil || len(j.Stacks) > 0, "Stacks", "must have a stack, or be nil for all")
		for k, s := range j.Stacks {
			at.That(stackPattern.MatchString(s), check.Index("Stacks", k), "must be letters, digits, *, /, _ and -, got %q", s)
		}
	}
	return c.Err()
}
