package delivery

import (
	"regexp"
	"slices"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscodebuild"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscodepipeline"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/defaults"
	"github.com/strata-cdk/strata/internal/sorted"
)

const (
	maxFilters  = 3
	maxPatterns = 8
	maxStage    = 40
	// cliVersion is that of package.json.
	cliVersion = "2.1148.1"
)

var (
	pipelineName  = regexp.MustCompile(`^[A-Za-z0-9.@_-]{1,100}$`)
	connectionARN = regexp.MustCompile(`^arn:[a-z-]+:(codeconnections|codestar-connections):[a-z0-9-]+:\d{12}:connection/[0-9a-f-]+$`)
	repository    = regexp.MustCompile(`^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)+$`)
	version       = regexp.MustCompile(`^\d+\.\d+\.\d+$`)
	accountID     = regexp.MustCompile(`^\d{12}$`)
	regionName    = regexp.MustCompile(`^[a-z]{2,}(-[a-z]+)+-\d$`)
	variable      = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	outputPath    = regexp.MustCompile(`^[^/]+(/[^/]+)+$`)
	relative      = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$`)
	ownStage      = regexp.MustCompile(`^(Source|Build|UpdatePipeline|Assets|Images|Wave\d+|Approve.*)$`)
	urlPath       = regexp.MustCompile(`^[A-Za-z0-9._~/?&=%-]*$`)
)

// withDefaults gives a copy with every default.
func (p *PipelineProps) withDefaults() *PipelineProps {
	d := PipelineProps{}
	if p != nil {
		d = *p
	}
	defaults.Or(&d.CLIVersion, cliVersion)
	defaults.Or(&d.AssetsVersion, "4.7.3")
	defaults.Or(&d.ArtifactDays, 90)
	defaults.Or(&d.LogDays, 365)
	defaults.Or(&d.MaxDuration, 4*time.Hour)
	defaults.Or(&d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN)
	if d.Events == nil {
		d.Events = []awscodepipeline.PipelineNotificationEvents{
			awscodepipeline.PipelineNotificationEvents_PIPELINE_EXECUTION_FAILED, awscodepipeline.PipelineNotificationEvents_PIPELINE_EXECUTION_SUPERSEDED,
			awscodepipeline.PipelineNotificationEvents_MANUAL_APPROVAL_NEEDED,
		}
	}
	defaults.Or(&d.Synth.Output, "cdk.out")
	defaults.Or(&d.Synth.Timeout, time.Hour)
	defaults.Or(&d.Synth.ComputeType, awscodebuild.ComputeType_MEDIUM)
	if p != nil && p.Source.Connection != nil {
		connection := *p.Source.Connection
		connection.PullRequests = slices.Clone(connection.PullRequests)
		for i := range connection.PullRequests {
			if f := &connection.PullRequests[i]; f.Events == nil {
				f.Events = []awscodepipeline.GitPullRequestEvent{awscodepipeline.GitPullRequestEvent_OPEN, awscodepipeline.GitPullRequestEvent_UPDATED}
			}
		}
		d.Source.Connection = &connection
	}
	d.ImageSources = slices.Clone(d.ImageSources)
	for i := range d.ImageSources {
		defaults.Or(&d.ImageSources[i].Tag, "latest")
		defaults.Or(&d.ImageSources[i].Directory, "images/"+d.ImageSources[i].Name)
	}
	d.Images = slices.Clone(d.Images)
	for i := range d.Images {
		if d.Images[i].Tags == nil {
			d.Images[i].Tags = []string{"#{codepipeline.PipelineExecutionId}"}
		}
	}
	d.Stages = slices.Clone(d.Stages)
	for i := range d.Stages {
		s := &d.Stages[i]
		defaults.Or(&s.OnFailure, Rollback)
		if s.Approval != nil {
			approval := *s.Approval
			defaults.Or(&approval.Comment, "Deploy to "+s.Name)
			s.Approval = &approval
		}
		s.SmokeTests = slices.Clone(s.SmokeTests)
		for j := range s.SmokeTests {
			defaults.Or(&s.SmokeTests[j].Status, 200)
			defaults.Or(&s.SmokeTests[j].Attempts, 6)
		}
	}
	return &d
}

// Validate reports every invalid field at once. It is pure Go: no construct is made. NewPipeline finds, besides, stages without stacks, outputs that are
// not there, and accounts and regions that the stack of the pipeline does not know.
func (p *PipelineProps) Validate() error {
	d, c := p.withDefaults(), check.For("delivery.PipelineProps")
	c.That(d.Name == "" || check.IsToken(d.Name) || pipelineName.MatchString(d.Name), "Name", "must be 1 to 100 letters, digits, ., @, - and _, got %q", d.Name)
	d.Source.validate(c.At("Source"))
	names := map[string]bool{sourceAction: true}
	for i, s := range d.ImageSources {
		at := c.At(check.Index("ImageSources", i))
		identifier(at, "Name", s.Name, names)
		at.That(s.Repository != nil, "Repository", "is required")
		at.That(relative.MatchString(s.Directory), "Directory", "must be a path below the code, got %q", s.Directory)
	}
	d.Synth.validate(c.At("Synth"))
	names = map[string]bool{}
	for i, image := range d.Images {
		at := c.At(check.Index("Images", i))
		identifier(at, "Name", image.Name, names)
		at.That(image.Repository != nil, "Repository", "is required")
		at.That(image.Directory == "" || relative.MatchString(image.Directory), "Directory", "must be a path below the code, got %q", image.Directory)
		at.That(len(image.Tags) > 0, "Tags", "must have a tag, or be nil for the default")
		at.That(image.MaxCritical >= 0, "MaxCritical", "must be 0 or more, got %d", image.MaxCritical)
		at.That(image.MaxHigh >= 0, "MaxHigh", "must be 0 or more, got %d", image.MaxHigh)
	}
	d.validateStages(c)
	c.That(version.MatchString(d.CLIVersion), "CLIVersion", "must be a version such as 2.1148.1, got %q", d.CLIVersion)
	c.That(version.MatchString(d.AssetsVersion), "AssetsVersion", "must be a version such as 4.7.3, got %q", d.AssetsVersion)
	c.That(d.ArtifactDays >= 1, "ArtifactDays", "must be 1 or more, got %d", d.ArtifactDays)
	c.That(slices.Contains(cdkval.RetentionDays(), d.LogDays), "LogDays", "must be one of %v, got %d", cdkval.RetentionDays(), d.LogDays)
	check.Range(c, "MaxDuration", d.MaxDuration, time.Minute, 24*time.Hour)
	check.WholeSeconds(c, "MaxDuration", d.MaxDuration)
	return c.Err()
}

// identifier records a problem unless name is a construct id that names does not have yet.
func identifier(c *check.List, field, name string, names map[string]bool) {
	c.That(check.IsConstructID(name), field, "must be a letter, then letters and digits, got %q", name)
	c.That(!names[name], field, "must be unique, got %q again", name)
	names[name] = true
}

func (s Source) validate(c *check.List) {
	c.That((s.Connection != nil) != (s.Object != nil), "", "must have one of Connection and Object")
	if s.Object != nil {
		at := c.At("Object")
		at.That(s.Object.Bucket != nil, "Bucket", "is required")
		at.That(s.Object.Key != "", "Key", "is required")
	}
	if s.Connection != nil {
		s.Connection.validate(c.At("Connection"))
	}
}

func (n *Connection) validate(c *check.List) {
	c.That(check.IsToken(n.ARN) || connectionARN.MatchString(n.ARN), "ARN", "must be the ARN of a connection, got %q", n.ARN)
	c.That(check.IsToken(n.Repository) || repository.MatchString(n.Repository), "Repository", "must be owner/name, got %q", n.Repository)
	c.That(n.Branch != "", "Branch", "is required")
	c.That(len(n.Push) <= maxFilters, "Push", "must have at most %d filters, got %d", maxFilters, len(n.Push))
	c.That(len(n.PullRequests) <= maxFilters, "PullRequests", "must have at most %d filters, got %d", maxFilters, len(n.PullRequests))
	c.That(!n.DisableTrigger || len(n.Push)+len(n.PullRequests) == 0, "DisableTrigger", "must be false with Push or PullRequests")
	for i, f := range n.Push {
		at := c.At(check.Index("Push", i))
		branches, tags := f.Branches.given(), f.Tags.given()
		at.That(branches != tags, "", "must have one of Branches and Tags")
		at.That(!f.Files.given() || branches, "Files", "must go with Branches")
		f.Branches.validate(at.At("Branches"))
		f.Tags.validate(at.At("Tags"))
		f.Files.validate(at.At("Files"))
	}
	for i, f := range n.PullRequests {
		at := c.At(check.Index("PullRequests", i))
		at.That(f.Branches.given(), "Branches", "must have Include or Exclude")
		f.Branches.validate(at.At("Branches"))
		f.Files.validate(at.At("Files"))
		at.That(len(f.Events) > 0, "Events", "must have an event, or be nil for the default")
		for j, e := range f.Events {
			check.OneOf(at, check.Index("Events", j), e, awscodepipeline.GitPullRequestEvent_OPEN, awscodepipeline.GitPullRequestEvent_UPDATED, awscodepipeline.GitPullRequestEvent_CLOSED)
		}
	}
}

func (p Patterns) given() bool { return len(p.Include)+len(p.Exclude) > 0 }

func (p Patterns) validate(c *check.List) {
	for _, list := range []struct {
		field    string
		patterns []string
	}{{"Include", p.Include}, {"Exclude", p.Exclude}} {
		c.That(len(list.patterns) <= maxPatterns, list.field, "must have at most %d patterns, got %d", maxPatterns, len(list.patterns))
		for i, pattern := range list.patterns {
			c.That(pattern != "" && len(pattern) <= 255, check.Index(list.field, i), "must have 1 to 255 characters, got %q", pattern)
		}
	}
}

func (s Synth) validate(c *check.List) {
	c.That(len(s.Commands) > 0, "Commands", "must have a command")
	c.That(relative.MatchString(s.Output), "Output", "must be a path below the code, got %q", s.Output)
	variables(c, "Env", s.Env)
	check.Range(c, "Timeout", s.Timeout, 5*time.Minute, 8*time.Hour)
	c.That(s.Timeout%time.Minute == 0, "Timeout", "must be whole minutes, got %v", s.Timeout)
}

// variables records a problem for each key that cannot be the name of an environment variable.
func variables(c *check.List, field string, env map[string]string) {
	for name := range sorted.All(env) {
		c.That(variable.MatchString(name), check.Key(field, name), "must be named by letters, digits and _, not a digit first")
	}
}

func (p *PipelineProps) validateStages(c *check.List) {
	pulls := p.Source.Connection != nil && len(p.Source.Connection.PullRequests) > 0
	c.That(!pulls || len(p.Stages) == 0, "Stages", "must be empty with Source.Connection.PullRequests: they would be deployed before they are merged")
	c.That(!pulls || len(p.Images) == 0, "Images", "must be empty with Source.Connection.PullRequests: they would be pushed before they are merged")
	c.That(pulls || len(p.Stages) > 0, "Stages", "must have a stage")
	names := map[string]bool{}
	for i, s := range p.Stages {
		at := c.At(check.Index("Stages", i))
		identifier(at, "Name", s.Name, names)
		at.That(!ownStage.MatchString(s.Name), "Name", "must not be the name of a stage that every pipeline can have, got %q", s.Name)
		at.That(len(s.Name) <= maxStage, "Name", "must have at most %d characters, got %d", maxStage, len(s.Name))
		at.That(s.Account == "" || accountID.MatchString(s.Account), "Account", "must be 12 digits, got %q", s.Account)
		at.That(s.Region == "" || regionName.MatchString(s.Region), "Region", "must be a region such as eu-west-1, got %q", s.Region)
		at.That(s.Define != nil, "Define", "is required")
		check.OneOf(at, "OnFailure", s.OnFailure, Rollback, Retry, Stop)
		s.validateSteps(at)
	}
	for _, wave := range waves(c, p.Stages) {
		for _, i := range wave[1:] {
			first := p.Stages[wave[0]]
			c.That(p.Stages[i].OnFailure == first.OnFailure, check.Index("Stages", i)+".OnFailure", "must be that of %s, which is deployed side by side with it: %s, got %s",
				first.Name, first.OnFailure, p.Stages[i].OnFailure)
		}
	}
}

func (s Stage) validateSteps(c *check.List) {
	names := map[string]bool{}
	for _, list := range []struct {
		field string
		steps []Step
	}{{"Pre", s.Pre}, {"Post", s.Post}} {
		for i, step := range list.steps {
			at := c.At(check.Index(list.field, i))
			identifier(at, "Name", step.Name, names)
			at.That(len(step.Commands) > 0, "Commands", "must have a command")
			variables(at, "Env", step.Env)
			variables(at, "Outputs", step.Outputs)
			at.That(list.field == "Post" || len(step.Outputs) == 0, "Outputs", "must be empty before the stacks are deployed")
			for name, path := range sorted.All(step.Outputs) {
				at.That(outputPath.MatchString(path), check.Key("Outputs", name), "must be the path of an output such as Api/Url, got %q", path)
				_, twice := step.Env[name]
				at.That(!twice, check.Key("Outputs", name), "must not be in Env too")
			}
		}
	}
	for i, test := range s.SmokeTests {
		at := c.At(check.Index("SmokeTests", i))
		identifier(at, "Name", test.Name, names)
		at.That(outputPath.MatchString(test.Output), "Output", "must be the path of an output such as Api/Url, got %q", test.Output)
		at.That(urlPath.MatchString(test.Path), "Path", "must be letters, digits and ._~/?&=%%-, got %q", test.Path)
		check.Range(at, "Status", test.Status, 100, 599)
		check.Range(at, "Attempts", test.Attempts, 1, 60)
	}
}
