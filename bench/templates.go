//go:build unix

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
)

// template is a template without what the CDK adds about itself.
type template map[string]any

// readTemplates reads the templates of a cloud assembly by their file names. Metadata is left out: it has paths of assets
// and the versions of the language's runtime.
func readTemplates(dir string) (map[string]template, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.template.json"))
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, errors.New("no templates in " + dir)
	}
	templates := map[string]template{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		var t template
		if err := json.Unmarshal(text, &t); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		delete(t, "Conditions") // whether CDKMetadata is made
		for id, r := range t.resources() {
			delete(r, "Metadata")
			if r["Type"] == "AWS::CDK::Metadata" {
				delete(t["Resources"].(map[string]any), id)
			}
		}
		templates[filepath.Base(path)] = t
	}
	return templates, nil
}

func (t template) resources() map[string]map[string]any {
	all := map[string]map[string]any{}
	resources, _ := t["Resources"].(map[string]any)
	for id, r := range resources {
		all[id], _ = r.(map[string]any)
	}
	return all
}

// sameTemplates returns an error unless two assemblies have the same templates.
func sameTemplates(a, b string) error {
	return eachPair(a, b, func(x, y template) string {
		for id, r := range x.resources() {
			if !reflect.DeepEqual(r, y.resources()[id]) {
				return "the resource " + id + " differs"
			}
		}
		if !reflect.DeepEqual(x, y) {
			return "something beside the resources of the first differs"
		}
		return ""
	})
}

// sameCounts returns an error unless two assemblies have as many resources of each type.
func sameCounts(a, b string) error {
	return eachPair(a, b, func(x, y template) string {
		xs, ys := x.counts(), y.counts()
		var problems []string
		for _, typ := range slices.Sorted(maps.Keys(union(xs, ys))) {
			if xs[typ] != ys[typ] {
				problems = append(problems, fmt.Sprintf("%d and %d %s", xs[typ], ys[typ], typ))
			}
		}
		return strings.Join(problems, ", ")
	})
}

func (t template) counts() map[string]int {
	n := map[string]int{}
	for _, r := range t.resources() {
		n[fmt.Sprint(r["Type"])]++
	}
	return n
}

func eachPair(a, b string, problem func(x, y template) string) error {
	as, err := readTemplates(a)
	if err != nil {
		return err
	}
	bs, err := readTemplates(b)
	if err != nil {
		return err
	}
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(union(as, bs))) {
		if p := problem(as[name], bs[name]); p != "" {
			problems = append(problems, fmt.Errorf("%s: %s", name, p))
		}
	}
	if err := errors.Join(problems...); err != nil {
		return fmt.Errorf("the twins are not the same; bring the ones in JavaScript and TypeScript up to date:\n%w", err)
	}
	return nil
}

// union is a map with the keys of both.
func union[V any](a, b map[string]V) map[string]V {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}
