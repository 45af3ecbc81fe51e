package cdktest

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
)

// Object is a JSON object.
type Object = map[string]any

// Array is a JSON array.
type Array = []any

// Template is a synthesised CloudFormation template. Its methods fail the test that it was made for.
type Template struct {
	t testing.TB
	// JSON is the text of the template, as the CDK wrote it.
	JSON []byte
	// Body is the decoded template.
	Body Object
	// Resources are the resources, by logical id.
	Resources map[string]Resource
}

// Resource is one resource of a template.
type Resource struct {
	// LogicalID is the resource's key in the template.
	LogicalID string
	// Type is the resource's type, such as "AWS::SQS::Queue".
	Type string
	// Properties are the resource's properties; nil when it has none.
	Properties Object
	// Body is the whole resource: Type, Properties, DependsOn, DeletionPolicy, ...
	Body Object
}

// Synth synthesises the app of stack and reads the template of stack. An app can be synthesised once: to look at
// several stacks of an app, use SynthApp.
func Synth(t testing.TB, stack awscdk.Stack) *Template {
	t.Helper()
	return SynthApp(t, awscdk.Stage_Of(stack))[*stack.StackName()]
}

// SynthApp synthesises an app, or a stage of one, and reads the template of each of its stacks, by stack name.
func SynthApp(t testing.TB, app awscdk.Stage) map[string]*Template {
	t.Helper()
	assembly := app.Synth(nil)
	templates := map[string]*Template{}
	for _, artifact := range *assembly.StacksRecursively() {
		templates[*artifact.StackName()] = Read(t, *artifact.TemplateFullPath())
	}
	return templates
}

// Read reads the template in a file.
func Read(t testing.TB, path string) *Template {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("cdktest: %v", err)
	}
	tpl := &Template{t: t, JSON: text, Resources: map[string]Resource{}}
	if err := json.Unmarshal(text, &tpl.Body); err != nil {
		t.Fatalf("cdktest: %s: %v", path, err)
	}
	resources, _ := tpl.Body["Resources"].(Object)
	for id, r := range resources {
		body, _ := r.(Object)
		typ, _ := body["Type"].(string)
		properties, _ := body["Properties"].(Object)
		tpl.Resources[id] = Resource{LogicalID: id, Type: typ, Properties: properties, Body: body}
	}
	return tpl
}

// For returns the same template for another test, such as a subtest.
func (tpl *Template) For(t testing.TB) *Template {
	c := *tpl
	c.t = t
	return &c
}

// All returns the resources of a type, sorted by logical id.
func (tpl *Template) All(typ string) []Resource {
	var found []Resource
	for _, r := range tpl.Resources {
		if r.Type == typ {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(a, b Resource) int { return strings.Compare(a.LogicalID, b.LogicalID) })
	return found
}

// Count fails the test unless the template has n resources of a type.
func (tpl *Template) Count(typ string, n int) {
	tpl.t.Helper()
	if got := tpl.All(typ); len(got) != n {
		tpl.t.Errorf("want %d %s, got %d%s", n, typ, len(got), ids(got))
	}
}

// Has fails the test unless a resource of the type has properties that match want: objects match when they have each
// key of want, everything else when it is equal; see ArrayWith, Absent, Any and Text for other matches. It returns the
// first resource that matches, by logical id.
func (tpl *Template) Has(typ string, want Object) Resource {
	tpl.t.Helper()
	return tpl.has(typ, Object{"Properties": want})
}

// HasResource is Has for the whole resource: Properties, DependsOn, DeletionPolicy, UpdatePolicy, ...
func (tpl *Template) HasResource(typ string, want Object) Resource {
	tpl.t.Helper()
	return tpl.has(typ, want)
}

func (tpl *Template) has(typ string, want Object) Resource {
	tpl.t.Helper()
	all := tpl.All(typ)
	var closest string
	fewest := -1
	for _, r := range all {
		diffs := differences(r.LogicalID, want, withProperties(r.Body))
		if len(diffs) == 0 {
			return r
		}
		if fewest < 0 || len(diffs) < fewest {
			fewest, closest = len(diffs), strings.Join(diffs, "\n  ")
		}
	}
	if len(all) == 0 {
		tpl.t.Errorf("no %s in the template; it has:%s", typ, tpl.types())
	} else {
		tpl.t.Errorf("none of %d %s matches; the closest one:\n  %s", len(all), typ, closest)
	}
	return Resource{}
}

// HasNot fails the test when a resource of the type has properties that match want.
func (tpl *Template) HasNot(typ string, want Object) {
	tpl.t.Helper()
	for _, r := range tpl.All(typ) {
		if len(differences("", Object{"Properties": want}, withProperties(r.Body))) == 0 {
			tpl.t.Errorf("%s %s matches what must not be there", typ, r.LogicalID)
		}
	}
}

// Each fails the test unless the template has a resource of the type, and each has properties that match want.
func (tpl *Template) Each(typ string, want Object) {
	tpl.t.Helper()
	tpl.EachResource(typ, Object{"Properties": want})
}

// EachResource is Each for the whole resource.
func (tpl *Template) EachResource(typ string, want Object) {
	tpl.t.Helper()
	all := tpl.All(typ)
	if len(all) == 0 {
		tpl.t.Errorf("no %s in the template; it has:%s", typ, tpl.types())
	}
	for _, r := range all {
		if diffs := differences(r.LogicalID, want, withProperties(r.Body)); len(diffs) > 0 {
			tpl.t.Errorf("%s does not match:\n  %s", typ, strings.Join(diffs, "\n  "))
		}
	}
}

// Output returns the value of the output whose logical id is or starts with name, and fails the test when there is none
// or more than one.
func (tpl *Template) Output(name string) any {
	tpl.t.Helper()
	outputs, _ := tpl.Body["Outputs"].(Object)
	if o, ok := outputs[name].(Object); ok {
		return o["Value"]
	}
	var values []any
	for id, o := range outputs {
		if strings.HasPrefix(id, name) {
			values = append(values, o.(Object)["Value"])
		}
	}
	if len(values) != 1 {
		tpl.t.Errorf("want one output %s, got %d of %d outputs", name, len(values), len(outputs))
		return nil
	}
	return values[0]
}

// withProperties lets an expectation of no particular property match a resource that has none.
func withProperties(body Object) Object {
	if _, ok := body["Properties"]; ok {
		return body
	}
	c := Object{"Properties": Object{}}
	for k, v := range body {
		c[k] = v
	}
	return c
}

func (tpl *Template) types() string {
	counts := map[string]int{}
	for _, r := range tpl.Resources {
		counts[r.Type]++
	}
	var lines []string
	for typ, n := range counts {
		lines = append(lines, fmt.Sprintf("\n  %d %s", n, typ))
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

func ids(resources []Resource) string {
	var b strings.Builder
	for _, r := range resources {
		b.WriteString("\n  " + r.LogicalID)
	}
	return b.String()
}
