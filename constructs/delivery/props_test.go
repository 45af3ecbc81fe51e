package delivery_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscodepipeline"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/delivery"
)

// They stand for constructs in tests that only look at props.
type (
	fakeBucket     struct{ awss3.IBucket }
	fakeRepository struct{ awsecr.IRepository }
)

const token = "${Token[TOKEN.1]}"

func define(awscdk.Stage) {}

func pipelineProps() delivery.PipelineProps {
	return delivery.PipelineProps{
		Source: delivery.Source{Connection: &delivery.Connection{
			ARN: "arn:aws:codeconnections:us-east-1:111111111111:connection/11111111-2222-3333-4444-555555555555", Repository: "acme/shop", Branch: "main",
		}},
		Synth:        delivery.Synth{Commands: []string{"make synth"}},
		ImageSources: []delivery.ImageSource{{Name: "Base", Repository: fakeRepository{}}},
		Images:       []delivery.Image{{Name: "Web", Repository: fakeRepository{}}},
		Stages: []delivery.Stage{{
			Name: "Dev", Define: define,
			Pre:        []delivery.Step{{Name: "Lint", Commands: []string{"make lint"}}},
			Post:       []delivery.Step{{Name: "Load", Commands: []string{"make load"}, Outputs: map[string]string{"URL": "Api/Url"}}},
			SmokeTests: []delivery.SmokeTest{{Name: "Smoke", Output: "Api/Url"}},
		}, {Name: "Prod", Account: "222222222222", Region: "eu-west-1", Define: define}},
	}
}

func TestPipelineProps_Validate(t *testing.T) {
	type props = delivery.PipelineProps
	connection := func(edit func(*delivery.Connection)) func(*props) {
		return func(p *props) { edit(p.Source.Connection) }
	}
	push := func(f delivery.PushFilter) func(*props) {
		return connection(func(c *delivery.Connection) { c.Push = []delivery.PushFilter{f} })
	}
	some := delivery.Patterns{Include: []string{"a"}}
	// pulls makes the pipeline one for pull requests.
	pulls := func(filters ...delivery.PullRequestFilter) func(*props) {
		return func(p *props) { p.Source.Connection.PullRequests, p.Stages, p.Images = filters, nil, nil }
	}
	stage := func(edit func(*delivery.Stage)) func(*props) { return func(p *props) { edit(&p.Stages[0]) } }
	cdktest.ValidateTable(t, pipelineProps, []cdktest.Case[props]{
		{Name: "valid", Edit: func(*props) {}},
		{Name: "name", Edit: func(p *props) { p.Name = "a b" }, Want: []string{`Name: must be 1 to 100 letters, digits, ., @, - and _, got "a b"`}},
		{Name: "name token", Edit: func(p *props) { p.Name = token }},
		{Name: "long name", Edit: func(p *props) { p.Name = strings.Repeat("a", 101) }, Want: []string{`Name: must be 1 to 100 letters, digits, ., @, - and _, got "` + strings.Repeat("a", 101) + `"`}},
		{Name: "both sources", Edit: func(p *props) { p.Source.Object = &delivery.Object{} }, Want: []string{
			"Source: must have one of Connection and Object", "Source.Object.Bucket: is required", "Source.Object.Key: is required",
		}},
		{Name: "object", Edit: func(p *props) {
			p.Source = delivery.Source{Object: &delivery.Object{Bucket: fakeBucket{}, Key: "a.zip"}}
		}},
		{Name: "connection", Edit: connection(func(c *delivery.Connection) { *c = delivery.Connection{ARN: "x", Repository: "shop"} }), Want: []string{
			`Source.Connection.ARN: must be the ARN of a connection, got "x"`, `Source.Connection.Repository: must be owner/name, got "shop"`, "Source.Connection.Branch: is required",
		}},
		{Name: "group", Edit: connection(func(c *delivery.Connection) { c.Repository, c.ARN = "a/b/c", token })},
		{Name: "trigger", Edit: connection(func(c *delivery.Connection) { c.DisableTrigger, c.Push = true, []delivery.PushFilter{{Branches: some}} }), Want: []string{
			"Source.Connection.DisableTrigger: must be false with Push or PullRequests",
		}},
		{Name: "four filters", Edit: connection(func(c *delivery.Connection) {
			c.Push = make([]delivery.PushFilter, 4)
			for i := range c.Push {
				c.Push[i].Tags = some
			}
		}), Want: []string{
			"Source.Connection.Push: must have at most 3 filters, got 4",
		}},
		{Name: "empty filter", Edit: push(delivery.PushFilter{}), Want: []string{"Source.Connection.Push[0]: must have one of Branches and Tags"}},
		{Name: "branches and tags", Edit: push(delivery.PushFilter{Branches: some, Tags: some}), Want: []string{"Source.Connection.Push[0]: must have one of Branches and Tags"}},
		{Name: "files of tags", Edit: push(delivery.PushFilter{Tags: some, Files: some}), Want: []string{"Source.Connection.Push[0].Files: must go with Branches"}},
		{Name: "nine patterns", Edit: push(delivery.PushFilter{Branches: delivery.Patterns{Exclude: strings.Fields("a b c d e f g h i")}}), Want: []string{
			"Source.Connection.Push[0].Branches.Exclude: must have at most 8 patterns, got 9",
		}},
		{Name: "eight patterns", Edit: push(delivery.PushFilter{Tags: delivery.Patterns{Include: strings.Fields("a b c d e f g h")}})},
		{Name: "empty pattern", Edit: push(delivery.PushFilter{Branches: some, Files: delivery.Patterns{Include: []string{""}}}), Want: []string{
			`Source.Connection.Push[0].Files.Include[0]: must have 1 to 255 characters, got ""`,
		}},
		{Name: "pull requests", Edit: pulls(delivery.PullRequestFilter{Branches: some})},
		{Name: "deployed pull requests", Edit: connection(func(c *delivery.Connection) { c.PullRequests = []delivery.PullRequestFilter{{Branches: some}} }), Want: []string{
			"Stages: must be empty with Source.Connection.PullRequests: they would be deployed before they are merged",
			"Images: must be empty with Source.Connection.PullRequests: they would be pushed before they are merged",
		}},
		{Name: "pull request filter", Edit: pulls(delivery.PullRequestFilter{Events: []awscodepipeline.GitPullRequestEvent{"MERGED"}}), Want: []string{
			"Source.Connection.PullRequests[0].Branches: must have Include or Exclude", "Source.Connection.PullRequests[0].Events[0]: must be one of OPEN, UPDATED, CLOSED, got MERGED",
		}},
		{Name: "no events", Edit: pulls(delivery.PullRequestFilter{Branches: some, Events: []awscodepipeline.GitPullRequestEvent{}}), Want: []string{
			"Source.Connection.PullRequests[0].Events: must have an event, or be nil for the default",
		}},
		{Name: "four pull request filters", Edit: pulls(make([]delivery.PullRequestFilter, 4)...), Want: []string{
			"Source.Connection.PullRequests: must have at most 3 filters, got 4",
			"Source.Connection.PullRequests[0].Branches: must have Include or Exclude", "Source.Connection.PullRequests[1].Branches: must have Include or Exclude",
			"Source.Connection.PullRequests[2].Branches: must have Include or Exclude", "Source.Connection.PullRequests[3].Branches: must have Include or Exclude",
		}},
		{Name: "image sources", Edit: func(p *props) { p.ImageSources = []delivery.ImageSource{{Name: "a-b", Directory: "/x"}} }, Want: []string{
			`ImageSources[0].Name: must be a letter, then letters and digits, got "a-b"`, "ImageSources[0].Repository: is required", `ImageSources[0].Directory: must be a path below the code, got "/x"`,
		}},
		{Name: "synth", Edit: func(p *props) {
			p.Synth = delivery.Synth{Output: "..", Env: map[string]string{"1": ""}, Timeout: 90 * time.Second}
		}, Want: []string{
			"Synth.Commands: must have a command", `Synth.Output: must be a path below the code, got ".."`, `Synth.Env["1"]: must be named by letters, digits and _, not a digit first`,
			"Synth.Timeout: must be between 5m0s and 8h0m0s, got 1m30s", "Synth.Timeout: must be whole minutes, got 1m30s",
		}},
		{Name: "images", Edit: func(p *props) {
			p.Images = []delivery.Image{{Name: "A", Directory: "../x", Tags: []string{}, MaxCritical: -1, MaxHigh: -1}}
		}, Want: []string{
			"Images[0].Repository: is required", `Images[0].Directory: must be a path below the code, got "../x"`, "Images[0].Tags: must have a tag, or be nil for the default",
			"Images[0].MaxCritical: must be 0 or more, got -1", "Images[0].MaxHigh: must be 0 or more, got -1",
		}},
		{Name: "image twice", Edit: func(p *props) { p.Images = append(p.Images, p.Images[0]) }, Want: []string{`Images[1].Name: must be unique, got "Web" again`}},
		{Name: "no stage", Edit: func(p *props) { p.Stages = nil }, Want: []string{"Stages: must have a stage"}},
		{Name: "stage", Edit: stage(func(s *delivery.Stage) {
			*s = delivery.Stage{Name: "dev-1", Account: "1", Region: "Mars", OnFailure: "x"}
		}), Want: []string{
			`Stages[0].Name: must be a letter, then letters and digits, got "dev-1"`, `Stages[0].Account: must be 12 digits, got "1"`,
			`Stages[0].Region: must be a region such as eu-west-1, got "Mars"`, "Stages[0].Define: is required", "Stages[0].OnFailure: must be one of ROLLBACK, RETRY, FAIL, got x",
		}},
		{Name: "long stage", Edit: stage(func(s *delivery.Stage) { s.Name = strings.Repeat("a", 41) }), Want: []string{"Stages[0].Name: must have at most 40 characters, got 41"}},
		{Name: "stage twice", Edit: func(p *props) { p.Stages[1].Name = "Dev" }, Want: []string{`Stages[1].Name: must be unique, got "Dev" again`}},
		{Name: "reserved stages", Edit: func(p *props) { p.Stages[0].Name, p.Stages[1].Name = "Assets", "Wave2" }, Want: []string{
			`Stages[0].Name: must not be the name of a stage that every pipeline can have, got "Assets"`,
			`Stages[1].Name: must not be the name of a stage that every pipeline can have, got "Wave2"`,
		}},
		{Name: "approval stage", Edit: stage(func(s *delivery.Stage) { s.Name = "ApproveProd" }), Want: []string{
			`Stages[0].Name: must not be the name of a stage that every pipeline can have, got "ApproveProd"`,
		}},
		{Name: "id of the pipeline", Edit: stage(func(s *delivery.Stage) { s.Name = "Pipeline" })},
		{Name: "reserved image source", Edit: func(p *props) { p.ImageSources[0].Name = "Source" }, Want: []string{`ImageSources[0].Name: must be unique, got "Source" again`}},
		{Name: "unknown stage", Edit: func(p *props) { p.Stages[1].After = []string{"Test"} }, Want: []string{`Stages[1].After[0]: must be the name of a stage, got "Test"`}},
		{Name: "circle", Edit: stage(func(s *delivery.Stage) { s.After = []string{"Prod"} }), Want: []string{
			"Stages[0].After: must not lead in a circle: the stage can never be deployed", "Stages[1].After: must not lead in a circle: the stage can never be deployed",
		}},
		{Name: "itself", Edit: stage(func(s *delivery.Stage) { s.After = []string{"Dev"} }), Want: []string{
			"Stages[0].After: must not lead in a circle: the stage can never be deployed", "Stages[1].After: must not lead in a circle: the stage can never be deployed",
		}},
		{Name: "side by side", Edit: func(p *props) { p.Stages[1].After = []string{} }},
		{Name: "failures of a wave", Edit: func(p *props) { p.Stages[1].After, p.Stages[1].OnFailure = []string{}, delivery.Stop }, Want: []string{
			"Stages[1].OnFailure: must be that of Dev, which is deployed side by side with it: ROLLBACK, got FAIL",
		}},
		{Name: "pre", Edit: stage(func(s *delivery.Stage) {
			s.Pre[0] = delivery.Step{Name: "A", Env: map[string]string{"A-B": ""}, Outputs: map[string]string{"U": "Url"}}
		}), Want: []string{
			"Stages[0].Pre[0].Commands: must have a command", `Stages[0].Pre[0].Env["A-B"]: must be named by letters, digits and _, not a digit first`,
			"Stages[0].Pre[0].Outputs: must be empty before the stacks are deployed", `Stages[0].Pre[0].Outputs["U"]: must be the path of an output such as Api/Url, got "Url"`,
		}},
		{Name: "variable twice", Edit: stage(func(s *delivery.Stage) { s.Post[0].Env = map[string]string{"URL": ""} }), Want: []string{`Stages[0].Post[0].Outputs["URL"]: must not be in Env too`}},
		{Name: "variable name", Edit: stage(func(s *delivery.Stage) { s.Post[0].Outputs = map[string]string{"": "A/B"} }), Want: []string{
			`Stages[0].Post[0].Outputs[""]: must be named by letters, digits and _, not a digit first`,
		}},
		{Name: "step twice", Edit: stage(func(s *delivery.Stage) { s.Post[0].Name = "Lint" }), Want: []string{`Stages[0].Post[0].Name: must be unique, got "Lint" again`}},
		{Name: "smoke test", Edit: stage(func(s *delivery.Stage) {
			s.SmokeTests[0] = delivery.SmokeTest{Name: "Load", Output: "Url", Path: "a b", Status: 99, Attempts: 61}
		}), Want: []string{
			`Stages[0].SmokeTests[0].Name: must be unique, got "Load" again`, `Stages[0].SmokeTests[0].Output: must be the path of an output such as Api/Url, got "Url"`,
			`Stages[0].SmokeTests[0].Path: must be letters, digits and ._~/?&=%-, got "a b"`, "Stages[0].SmokeTests[0].Status: must be between 100 and 599, got 99",
			"Stages[0].SmokeTests[0].Attempts: must be between 1 and 60, got 61",
		}},
		{Name: "versions", Edit: func(p *props) { p.CLIVersion, p.AssetsVersion = "latest", "4" }, Want: []string{
			`CLIVersion: must be a version such as 2.1148.1, got "latest"`, `AssetsVersion: must be a version such as 4.7.3, got "4"`,
		}},
		{Name: "days", Edit: func(p *props) { p.ArtifactDays, p.LogDays = -1, 2 }, Want: []string{
			"ArtifactDays: must be 1 or more, got -1", "LogDays: must be one of [1 3 5 7 14 30 60 90 120 150 180 365 400 545 731 1096 1827 2192 2557 2922 3288 3653], got 2",
		}},
		{Name: "duration", Edit: func(p *props) { p.MaxDuration = time.Minute + time.Millisecond }, Want: []string{"MaxDuration: must be whole seconds, got 1m0.001s"}},
		{Name: "long duration", Edit: func(p *props) { p.MaxDuration = 25 * time.Hour }, Want: []string{"MaxDuration: must be between 1m0s and 24h0m0s, got 25h0m0s"}},
	})
	require.EqualError(t, (*delivery.PipelineProps)(nil).Validate(), `invalid delivery.PipelineProps:
  - Source: must have one of Connection and Object
  - Synth.Commands: must have a command
  - Stages: must have a stage`)
}

func TestGitHubRoleProps_Validate(t *testing.T) {
	type props = delivery.GitHubRoleProps
	valid := func() props { return props{Repository: "acme/shop", Branches: []string{"main"}} }
	cdktest.ValidateTable(t, valid, []cdktest.Case[props]{
		{Name: "valid", Edit: func(*props) {}},
		{Name: "repository", Edit: func(p *props) { p.Repository = "acme/*" }, Want: []string{`Repository: must be owner/name, got "acme/*"`}},
		{Name: "nobody", Edit: func(p *props) { p.Branches = nil }, Want: []string{"must have one of Branches, Tags and Environments"}},
		{Name: "wildcards", Edit: func(p *props) {
			p.Branches, p.Tags, p.Environments = []string{"*"}, []string{"*", "v*"}, []string{"prod?"}
		}, Want: []string{
			`Branches[0]: must be a name without *, ?, : and spaces, got "*"`, `Tags[0]: must be a pattern without ?, : and spaces, more than *, got "*"`,
			`Environments[0]: must be a name without *, ?, : and spaces, got "prod?"`,
		}},
		{Name: "no target", Edit: func(p *props) { p.Targets = []delivery.Target{} }, Want: []string{"Targets: must have a target, or be nil for the default"}},
		{Name: "target", Edit: func(p *props) { p.Targets = []delivery.Target{{}} }, Want: []string{
			`Targets[0].Account: must be 12 digits, got ""`, `Targets[0].Region: must be a region such as eu-west-1, got ""`,
		}},
		{Name: "tokens", Edit: func(p *props) {
			p.Targets, p.ProviderARN, p.Name = []delivery.Target{{Account: token, Region: token}}, token, token
		}},
		{Name: "qualifier", Edit: func(p *props) { p.Qualifier = "*" }, Want: []string{`Qualifier: must be 1 to 10 letters, digits, _ and -, got "*"`}},
		{Name: "provider", Edit: func(p *props) { p.ProviderARN = "arn:aws:iam::111111111111:oidc-provider/example.com" }, Want: []string{
			`ProviderARN: must be the ARN of an identity provider for token.actions.githubusercontent.com, got "arn:aws:iam::111111111111:oidc-provider/example.com"`,
		}},
		{Name: "name", Edit: func(p *props) { p.Name = "a b" }, Want: []string{`Name: must be 1 to 64 letters, digits and +=,.@_-, got "a b"`}},
		{Name: "session", Edit: func(p *props) { p.MaxSession = time.Minute + time.Millisecond }, Want: []string{
			"MaxSession: must be between 1h0m0s and 12h0m0s, got 1m0.001s", "MaxSession: must be whole seconds, got 1m0.001s",
		}},
	})
}
