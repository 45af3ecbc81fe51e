package stackset

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/sorted"
)

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
const (
	maxInline   = 51_200
	maxTemplate = 1_000_000
)

// template is what a stack of the set is made of, as it was synthesised.
type template struct {
	// path is the file of the template; text is what is in it.
	path, text string
	// files are what the template reads from the buckets of assets; images are how many container images it would have to pull.
	files  []file
	images int
	// stacks is how many stacks were defined.
	stacks int
	body   body
}

// body is what this package needs to know of a template.
type body struct {
	Parameters map[string]struct{ Default any }
	Resources  map[string]struct {
		Type       string
		Properties map[string]any
	}
	Transform any
}

// file is an asset of the template.
type file struct {
	// path is the file or folder; key is that of the object that the template names.
	path, key string
}

// synthesise defines the stack in an app of its own, below the folder of the outer assembly, and reads what came of it. The app
// has the context of scope, and builds code only when the outer stack does.
func (p *Props) synthesise(scope constructs.Construct, id string) (*template, error) {
	sum := sha256.Sum256([]byte(*scope.Node().Path() + "/" + id))
	dir := filepath.Join(*awscdk.Stage_Of(scope).Outdir(), "stackset."+hex.EncodeToString(sum[:8]))
	context, _ := scope.Node().GetAllContext(nil).(map[string]any)
	if context == nil {
		context = map[string]any{}
	}
	context["aws:cdk:bundling-stacks"] = []string{}
	if *awscdk.Stack_Of(scope).BundlingRequired() {
		context["aws:cdk:bundling-stacks"] = []string{"**"}
	}
	app := awscdk.NewApp(&awscdk.AppProps{
		Outdir:             &dir,
		AnalyticsReporting: jsii.Bool(false),
		AutoSynth:          jsii.Bool(false),
		TreeMetadata:       jsii.Bool(false),
		Context:            &context,
	})
	stack := awscdk.NewStack(app, &p.Name, &awscdk.StackProps{
		Synthesizer: awscdk.NewDefaultStackSynthesizer(&awscdk.DefaultStackSynthesizerProps{
			FileAssetsBucketName: jsii.String(p.AssetBucketPrefix + "-${AWS::Region}"),
			// Target accounts need no bootstrap.
			GenerateBootstrapVersionRule: jsii.Bool(false),
		}),
	})
	p.Template(stack)
	assembly := app.Synth(nil)
	t := &template{stacks: len(*assembly.StacksRecursively())}
	return t, t.read(dir, *stack.ArtifactId())
}

// read reads the template of a stack and the list of its assets from an assembly.
func (t *template) read(dir, artifact string) error {
	name := artifact + ".template.json"
	t.path = filepath.Join(dir, name)
	text, err := os.ReadFile(t.path)
	if err != nil {
		return err
	}
	t.text = string(text)
	if err := json.Unmarshal(text, &t.body); err != nil {
		return err
	}
	// https://docs.aws.amazon.com/cdk/api/v2/docs/cloud-assembly-schema-readme.html, asset manifests
	var assets struct {
		Files map[string]struct {
			Source       struct{ Path string }
			Destinations map[string]struct{ ObjectKey string }
		}
		DockerImages map[string]any
	}
	text, err = os.ReadFile(filepath.Join(dir, artifact+".assets.json"))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, &assets); err != nil {
		return err
	}
	t.images = len(assets.DockerImages)
	for hash, f := range sorted.All(assets.Files) {
		if f.Source.Path == name {
			continue // the template itself
		}
		a := file{path: f.Source.Path}
		if a.path == "" {
			return fmt.Errorf("the file %s of the template is made by a command at deployment, and cannot be copied", hash)
		}
		if !filepath.IsAbs(a.path) {
			a.path = filepath.Join(dir, a.path)
		}
		for _, d := range f.Destinations {
			a.key = d.ObjectKey // there is one: the stack has no environment
		}
		t.files = append(t.files, a)
	}
	return nil
}

// validate reports what the props and the template that they define make wrong together.
func (p *Props) validateTemplate(t *template) error {
	c := check.For("stackset.Props")
	c.That(t.stacks == 1, "Template", "must define resources in the stack that it gets, and no other stacks: got %d stacks", t.stacks)
	c.That(len(t.body.Resources) > 0, "Template", "must define a resource")
	most := maxTemplate
	if p.InlineTemplate {
		most = maxInline
	}
	c.That(len(t.text) <= most, "Template", "must be at most %d bytes, got %d", most, len(t.text))
	c.That(t.images == 0, "Template", "must not build container images, got %d: push them to a registry that the target accounts can pull from, and name them", t.images)
	c.That(len(t.files) == 0 || p.AssetBucketPrefix != "", "AssetBucketPrefix",
		"must be given: the template has %d files, which the target accounts must be able to read", len(t.files))
	if p.PermissionModel == ServiceManaged {
		c.That(!t.hasMacro(), "Template", "must have no macros or transforms with PermissionModel SERVICE_MANAGED")
		for id, r := range sorted.All(t.body.Resources) {
			c.That(r.Type != nested, "Template", "must have no nested stacks with PermissionModel SERVICE_MANAGED, got %s", id)
		}
	}
	p.validateParameters(c, t)
	return c.Err()
}

func (p *Props) validateParameters(c *check.List, t *template) {
	known := func(field string, parameters map[string]string) {
		for name, value := range sorted.All(parameters) {
			_, ok := t.body.Parameters[name]
			c.That(ok, check.Key(field, name), "is no parameter of the template")
			c.That(len(value) <= 4096, check.Key(field, name), "must be at most 4096 bytes, got %d", len(value))
		}
	}
	known("Parameters", p.Parameters)
	for i, target := range p.Targets {
		known(check.Index("Targets", i)+".Parameters", target.Parameters)
	}
	for name, parameter := range sorted.All(t.body.Parameters) {
		_, given := p.Parameters[name]
		c.That(given || parameter.Default != nil, check.Key("Parameters", name), "must be given: the template has no default")
	}
}

// nested is the type of nested stacks.
const nested = "AWS::CloudFormation::Stack"

// names are the properties that name resources of IAM.
var names = []string{"RoleName", "UserName", "GroupName", "ManagedPolicyName", "InstanceProfileName"}

// capabilities are those that CloudFormation wants to be acknowledged. What nested stacks have is not looked into: they may do
// anything.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStackSet.html
func (t *template) capabilities() []string {
	var iam, named, stacks bool
	for _, r := range t.body.Resources {
		stacks = stacks || r.Type == nested
		if !strings.HasPrefix(r.Type, "AWS::IAM::") {
			continue
		}
		iam = true
		for _, name := range names {
			_, ok := r.Properties[name]
			named = named || ok
		}
	}
	var all []string
	switch {
	case named || stacks:
		all = append(all, "CAPABILITY_NAMED_IAM")
	case iam:
		all = append(all, "CAPABILITY_IAM")
	}
	if t.hasMacro() || stacks {
		all = append(all, "CAPABILITY_AUTO_EXPAND")
	}
	return all
}

// hasMacro tells whether CloudFormation has a macro, of its own or of the account, process the template or a part of it.
func (t *template) hasMacro() bool {
	var whole any
	return t.body.Transform != nil || json.Unmarshal([]byte(t.text), &whole) == nil && calls(whole)
}

func calls(value any) bool {
	switch v := value.(type) {
	case map[string]any:
		for key, inner := range v {
			if key == "Fn::Transform" || calls(inner) {
				return true
			}
		}
	case []any:
		for _, inner := range v {
			if calls(inner) {
				return true
			}
		}
	}
	return false
}
