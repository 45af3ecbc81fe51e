// Package kubeschema validates objects of Kubernetes against the schemas that each version publishes. scripts/kubeschemas.py writes them.
package kubeschema

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

//go:embed schemas
var files embed.FS

// published is what a version publishes.
type published struct {
	// kinds are the names of definitions, by group/version/kind.
	kinds    map[string]string
	groups   map[string]bool
	compiler *jsonschema.Compiler
}

// versions has a function that reads the schemas of each minor version, once.
var versions = map[int]func() (*published, error){}

func init() {
	for minor := 30; minor <= 36; minor++ {
		versions[minor] = sync.OnceValues(func() (*published, error) { return read(minor) })
	}
}

func read(minor int) (*published, error) {
	packed, err := files.ReadFile(fmt.Sprintf("schemas/%d.json.gz", minor))
	if err != nil {
		return nil, err
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	var file struct {
		Kinds       map[string]string `json:"kinds"`
		Definitions any               `json:"definitions"`
	}
	if err := json.NewDecoder(r).Decode(&file); err != nil {
		return nil, err
	}
	p := &published{kinds: file.Kinds, groups: map[string]bool{}, compiler: jsonschema.NewCompiler()}
	for kind := range file.Kinds {
		p.groups[group(kind)] = true
	}
	p.compiler.DefaultDraft(jsonschema.Draft7)
	return p, p.compiler.AddResource("kubernetes.json", map[string]any{"definitions": file.Definitions})
}

// group is the group of group/version/kind or group/version: empty for the core.
func group(s string) string {
	if strings.Count(s, "/") == 2 {
		s, _, _ = strings.Cut(s, "/")
		return s
	}
	return ""
}

// Validate gives each problem of an object as "field: message", sorted, for Kubernetes 1.minor. Objects of groups that Kubernetes does not have,
// those of custom resources, need nothing but a kind. Fields that the schema does not know are problems.
func Validate(minor int, object map[string]any) ([]string, error) {
	load, ok := versions[minor]
	if !ok {
		return nil, fmt.Errorf("no schemas of Kubernetes 1.%d", minor)
	}
	p, err := load()
	if err != nil {
		return nil, err
	}
	apiVersion, _ := object["apiVersion"].(string)
	kind, _ := object["kind"].(string)
	if apiVersion == "" || kind == "" {
		return []string{"apiVersion and kind: must be given"}, nil
	}
	full := apiVersion + "/" + kind
	name, ok := p.kinds[full]
	if !ok {
		if p.groups[group(full)] {
			return []string{fmt.Sprintf("kind: Kubernetes 1.%d has no %s of %s", minor, kind, apiVersion)}, nil
		}
		return nil, nil
	}
	schema, err := p.compiler.Compile("kubernetes.json#/definitions/" + name)
	if err != nil {
		return nil, err
	}
	var invalid *jsonschema.ValidationError
	if err := schema.Validate(object); errors.As(err, &invalid) {
		return leaves(invalid), nil
	}
	return nil, nil
}

var english = message.NewPrinter(language.English)

// leaves are the problems below e.
func leaves(e *jsonschema.ValidationError) []string {
	if len(e.Causes) == 0 {
		return []string{strings.Join(e.InstanceLocation, ".") + ": " + e.ErrorKind.LocalizedString(english)}
	}
	var all []string
	for _, c := range e.Causes {
		all = append(all, leaves(c)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
