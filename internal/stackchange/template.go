package stackchange

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/strata-cdk/strata/internal/sorted"
	"github.com/strata-cdk/strata/internal/stackpolicy"
)

type object = map[string]any

// Template is a template of CloudFormation.
type Template struct {
	// Resources by their logical ids.
	Resources map[string]object

	parameters, mappings, conditions object
	transforms                       bool
}

// ReadTemplate reads a template in JSON, which is what the CDK writes.
func ReadTemplate(text []byte) (*Template, error) {
	var raw struct {
		Parameters, Mappings, Conditions object
		Resources                        object
		Transform                        any
	}
	if err := json.Unmarshal(text, &raw); err != nil {
		return nil, fmt.Errorf("it is no template in JSON: %w", err)
	}
	if len(raw.Resources) == 0 {
		return nil, errors.New("it is no template: it has no Resources")
	}
	t := &Template{
		Resources:  map[string]object{},
		parameters: raw.Parameters, mappings: raw.Mappings, conditions: raw.Conditions,
		transforms: raw.Transform != nil,
	}
	for id, r := range sorted.All(raw.Resources) {
		if strings.HasPrefix(id, "Fn::ForEach") {
			return nil, errors.New("it has Fn::ForEach, which only CloudFormation resolves: check a change set")
		}
		resource, ok := r.(object)
		if !ok || str(resource["Type"]) == "" {
			return nil, fmt.Errorf("it is no template: the resource %s has no Type", id)
		}
		t.Resources[id] = resource
	}
	return t, nil
}

// str is v if it is a string, else empty.
func str(v any) string {
	s, _ := v.(string)
	return s
}

// Transforms tells whether macros change the template before it is used.
func (t *Template) Transforms() bool { return t.transforms }

func (t *Template) typeOf(id string) string { return str(t.Resources[id]["Type"]) }

// difference is a part of a resource that changes.
type difference struct {
	// path from the resource: "Properties", a property, ...
	path []string
	// certain tells that the value does change; one that functions give may be the same.
	certain bool
	// cause is why, where it is not the path.
	cause string
}

func (d difference) String() string { return strings.Join(d.path, ".") + d.cause }

// FromTemplates lists the changes of an update from one template to another with the same parameters. What it cannot know it
// reports as what may be: so there may be less to an update, but not more, except for what macros, parameters and the values
// behind SSM parameters do.
func FromTemplates(before, after *Template) []Change {
	differences := map[string][]difference{}
	var changes []Change
	for id, r := range before.Resources {
		next, kept := after.Resources[id]
		switch {
		case !kept:
			changes = append(changes, Change{
				LogicalID: id, Type: before.typeOf(id), Actions: []stackpolicy.Action{stackpolicy.Delete}, Because: []string{"not in the new template"},
			})
		case before.typeOf(id) != after.typeOf(id):
			changes = append(changes, Change{
				LogicalID: id, Type: before.typeOf(id), Actions: []stackpolicy.Action{stackpolicy.Replace}, Because: []string{"Type, which CloudFormation refuses to change"},
			})
		default:
			differences[id] = compare(before.expanded(r), after.expanded(next), nil)
		}
	}
	after.propagate(differences, changes)
	for id, found := range differences {
		if c, ok := newChange(id, before.typeOf(id), found); ok {
			changes = append(changes, c)
		}
	}
	slices.SortFunc(changes, func(a, b Change) int { return strings.Compare(a.LogicalID, b.LogicalID) })
	return changes
}

// newChange says what the differences of a resource come to.
func newChange(id, resourceType string, differences []difference) (Change, bool) {
	c := Change{LogicalID: id, Type: resourceType, Maybe: true, Because: []string{}}
	var modify, mayReplace, replace, mayDelete bool
	for _, d := range differences {
		c.Because = append(c.Because, d.String())
		c.Maybe = c.Maybe && !d.certain
		switch d.path[0] {
		case "DependsOn", "Type":
			continue
		case "Condition":
			mayDelete = true
			continue
		case "Properties":
		default:
			modify = true
			continue
		}
		known := table()[resourceType]
		is, within := hit(d.path[1:], known.replaces)
		may, _ := hit(d.path[1:], known.may)
		switch {
		case is && within && d.certain:
			replace = true
		case is && within:
			mayReplace = true
		case is || may || !Known(resourceType) || resourceType == customResource:
			modify, mayReplace = true, true
		default:
			modify = true
		}
	}
	switch {
	case mayDelete:
		c.Maybe = true
		c.Actions = []stackpolicy.Action{stackpolicy.Modify, stackpolicy.Replace, stackpolicy.Delete}
	case replace:
		c.Actions = []stackpolicy.Action{stackpolicy.Replace}
	default:
		if modify {
			c.Actions = append(c.Actions, stackpolicy.Modify)
		}
		if mayReplace {
			c.Actions = append(c.Actions, stackpolicy.Replace)
		}
	}
	return c, len(c.Actions) > 0
}

// customResource is a type whose handler decides what an update does; so it is for those named Custom::, which the table does not have.
const customResource = "AWS::CloudFormation::CustomResource"

// compare lists where two values differ.
func compare(a, b any, path []string) []difference {
	am, aok := a.(object)
	bm, bok := b.(object)
	if aok && bok && !isFunction(am) && !isFunction(bm) {
		var all []difference
		for _, k := range slices.Sorted(maps.Keys(union(am, bm))) {
			if k == behind { // what the Condition of a resource stands for
				if canonical(am[k]) != canonical(bm[k]) {
					all = append(all, difference{path: append(slices.Clone(path), "Condition")})
				}
				continue
			}
			all = append(all, compare(am[k], bm[k], append(slices.Clone(path), k))...)
		}
		return all
	}
	al, aok := a.([]any)
	bl, bok := b.([]any)
	if aok && bok && len(al) == len(bl) {
		var all []difference
		for i := range al {
			all = append(all, compare(al[i], bl[i], append(slices.Clone(path), strconv.Itoa(i)))...)
		}
		return all
	}
	if canonical(a) == canonical(b) {
		return nil
	}
	return []difference{{path: path, certain: !hasFunction(a) && !hasFunction(b)}}
}

func union(a, b object) object {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// canonical is a value as text. CloudFormation takes 5 and "5" for the same.
func canonical(v any) string {
	switch v := v.(type) {
	case object:
		var b strings.Builder
		for k, x := range sorted.All(v) {
			b.WriteString(strconv.Quote(k) + ":" + canonical(x) + ",")
		}
		return "{" + b.String() + "}"
	case []any:
		var b strings.Builder
		for _, x := range v {
			b.WriteString(canonical(x) + ",")
		}
		return "[" + b.String() + "]"
	case float64:
		return strconv.Quote(strconv.FormatFloat(v, 'f', -1, 64))
	case nil:
		return "null"
	default:
		return strconv.Quote(fmt.Sprint(v))
	}
}

// isFunction tells whether a value is an intrinsic function.
func isFunction(m object) bool {
	for k := range m {
		if k == "Ref" || strings.HasPrefix(k, "Fn::") {
			return true
		}
	}
	return false
}

func hasFunction(v any) bool {
	switch v := v.(type) {
	case object:
		if isFunction(v) {
			return true
		}
		for _, x := range v {
			if hasFunction(x) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, hasFunction)
	}
	return false
}

// behind is the key under which expanded puts what a function stands for.
const behind = "\x00"

// expanded is a value in which functions carry the parameters, mappings and conditions that they name, so that a change of these
// is a change of the value. CloudFormation refuses cycles among conditions; here they end.
func (t *Template) expanded(v any) any { return t.expand(v, 0) }

func (t *Template) expand(v any, depth int) any {
	if depth > 50 {
		return v
	}
	switch v := v.(type) {
	case []any:
		all := make([]any, len(v))
		for i, x := range v {
			all[i] = t.expand(x, depth+1)
		}
		return all
	case object:
		all := make(object, len(v)+1)
		for k, x := range v {
			all[k] = t.expand(x, depth+1)
		}
		var more []any
		for k, x := range v {
			more = append(more, t.behindOf(k, x, depth)...)
		}
		if len(more) > 0 {
			all[behind] = more
		}
		return all
	default:
		return v
	}
}

// behindOf lists what a function, or the Condition of a resource, names.
func (t *Template) behindOf(function string, arg any, depth int) []any {
	first := str(arg)
	if list, ok := arg.([]any); ok && len(list) > 0 {
		first = str(list[0])
	}
	switch function {
	case "Ref":
		if p, ok := t.parameters[first]; ok {
			return []any{p}
		}
	case "Fn::Sub":
		var more []any
		for _, m := range placeholder.FindAllStringSubmatch(first, -1) {
			if p, ok := t.parameters[m[1]]; ok {
				more = append(more, p)
			}
		}
		return more
	case "Fn::FindInMap":
		if m, ok := t.mappings[first]; ok {
			return []any{m}
		}
	case "Fn::If", "Condition":
		if c, ok := t.conditions[first]; ok {
			return []any{t.expand(c, depth+10)}
		}
	}
	return nil
}

var placeholder = regexp.MustCompile(`\$\{([A-Za-z0-9]+)(?:\.([A-Za-z0-9.:_-]+))?\}`)
