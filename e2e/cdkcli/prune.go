//go:build unix

package cdkcli

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/strata-cdk/strata/e2e/emulator"
)

// Prune takes out of the templates of a cloud assembly the resources of types that the emulator does not have, as far as
// nothing that stays refers to them, and returns the types that it took out of each stack. A stack with other resources of
// such types is for Deployable to leave out, and stays as it is.
func Prune(dir string, types emulator.Types) (map[string][]string, error) {
	manifest, err := readManifest(dir)
	if err != nil {
		return nil, err
	}
	pruned := map[string][]string{}
	for name, a := range manifest.Artifacts {
		if a.Type != isStack {
			continue
		}
		path := filepath.Join(dir, a.Properties.TemplateFile)
		var t map[string]any
		if err := readJSON(path, &t); err != nil {
			return nil, err
		}
		resources, _ := t["Resources"].(map[string]any)
		missing := map[string]bool{} // logical ids
		for id, r := range resources {
			if typ, _ := r.(map[string]any)["Type"].(string); !types.Has(typ) {
				missing[id] = true
				pruned[name] = append(pruned[name], typ)
			}
		}
		for id := range missing {
			delete(resources, id)
		}
		for _, r := range resources {
			dropDependencies(r.(map[string]any), missing)
		}
		if len(missing) == 0 || refersTo(t, missing) {
			delete(pruned, name)
			continue
		}
		slices.Sort(pruned[name])
		pruned[name] = slices.Compact(pruned[name])
		text, err := json.Marshal(t)
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return nil, err
		}
	}
	return pruned, nil
}

func dropDependencies(resource map[string]any, on map[string]bool) {
	gone := func(id any) bool { name, _ := id.(string); return on[name] }
	switch d := resource["DependsOn"].(type) {
	case []any:
		resource["DependsOn"] = slices.DeleteFunc(d, gone)
	case string:
		if gone(d) {
			delete(resource, "DependsOn")
		}
	}
}

var inSub = regexp.MustCompile(`\$\{([A-Za-z0-9]+)`)

// refersTo tells whether an intrinsic function in value names one of ids.
func refersTo(value any, ids map[string]bool) bool {
	switch v := value.(type) {
	case []any:
		return slices.ContainsFunc(v, func(e any) bool { return refersTo(e, ids) })
	case map[string]any:
		ref, _ := v["Ref"].(string)
		att, _ := v["Fn::GetAtt"].([]any)
		sub, _ := v["Fn::Sub"].(string)
		if list, ok := v["Fn::Sub"].([]any); ok && len(list) > 0 {
			sub, _ = list[0].(string)
		}
		named := ""
		if len(att) > 0 {
			named, _ = att[0].(string)
		}
		if ids[ref] || ids[named] || slices.ContainsFunc(inSub.FindAllStringSubmatch(sub, -1), func(m []string) bool { return ids[m[1]] }) {
			return true
		}
		return slices.ContainsFunc(slices.Collect(maps.Values(v)), func(e any) bool { return refersTo(e, ids) })
	}
	return false
}
