package stackchange

import (
	"slices"
	"strconv"
	"strings"

	"github.com/strata-cdk/strata/internal/sorted"
	"github.com/strata-cdk/strata/internal/stackpolicy"
)

// reference is a value of a resource that another resource gives.
type reference struct {
	path []string
	// attribute of the other; "" for its physical id.
	target, attribute string
}

// propagate adds what follows from other changes: a replaced resource has another id and other attributes, a modified one may have
// other attributes, except for those that identify it.
func (t *Template) propagate(differences map[string][]difference, changes []Change) {
	refs := map[string][]reference{}
	for id := range differences {
		refs[id] = references(t.Resources[id]["Properties"], []string{"Properties"})
	}
	done := map[string]bool{}
	for again := true; again; {
		again = false
		levels := levels(t, differences, changes)
		for id, list := range sorted.All(refs) {
			for _, r := range list {
				key := id + "\n" + strings.Join(r.path, ".") + "\n" + r.target + "." + r.attribute
				level := levels[r.target]
				if done[key] || level == "" || level == stackpolicy.Modify && t.stable(r) {
					continue
				}
				what := map[stackpolicy.Action]string{stackpolicy.Modify: "is modified", stackpolicy.Replace: "is or may be replaced"}[level]
				differences[id] = append(differences[id], difference{path: r.path, cause: " from " + r.target + ", which " + what})
				done[key], again = true, true
			}
		}
	}
}

// levels are the most that may happen to each resource that stays.
func levels(t *Template, differences map[string][]difference, changes []Change) map[string]stackpolicy.Action {
	all := map[string]stackpolicy.Action{}
	add := func(c Change) {
		for _, a := range c.Actions {
			if a == stackpolicy.Replace || all[c.LogicalID] == "" && a == stackpolicy.Modify {
				all[c.LogicalID] = a
			}
		}
	}
	for _, c := range changes {
		add(c)
	}
	for id, found := range differences {
		if c, ok := newChange(id, t.typeOf(id), found); ok {
			add(c)
		}
	}
	return all
}

// stable tells whether what r names stays the same while its target is not replaced.
func (t *Template) stable(r reference) bool {
	return r.attribute == "" || r.attribute == "Arn" || slices.Contains(table()[t.typeOf(r.target)].identifier, r.attribute)
}

// references lists what a value takes from other resources.
func references(v any, path []string) []reference {
	var all []reference
	switch v := v.(type) {
	case []any:
		for i, x := range v {
			all = append(all, references(x, append(slices.Clone(path), strconv.Itoa(i)))...)
		}
	case object:
		if !isFunction(v) {
			for k, x := range sorted.All(v) {
				all = append(all, references(x, append(slices.Clone(path), k))...)
			}
			return all
		}
		for function, arg := range sorted.All(v) {
			all = append(all, named(function, arg, path)...)
		}
	}
	return all
}

// named lists what a function takes from other resources, at the path of the function.
func named(function string, arg any, path []string) []reference {
	var all []reference
	list, _ := arg.([]any)
	switch function {
	case "Ref":
		return []reference{{path: path, target: str(arg)}}
	case "Fn::GetAtt":
		target, attribute, _ := strings.Cut(str(arg), ".")
		if len(list) == 2 {
			target, attribute = str(list[0]), str(list[1])
		}
		return []reference{{path: path, target: target, attribute: attribute}}
	case "Fn::Sub":
		text := str(arg)
		if len(list) > 0 {
			text = str(list[0])
		}
		for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
			all = append(all, reference{path: path, target: m[1], attribute: m[2]})
		}
	}
	for _, r := range references(arg, nil) {
		all = append(all, reference{path: path, target: r.target, attribute: r.attribute})
	}
	return all
}
