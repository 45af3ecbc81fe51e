package cdktest

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// Matcher is an expectation that is more than a value. It returns what is wrong with got, or "" when it matches.
type Matcher func(got any) string

// Any matches every value that is there.
var Any Matcher = func(any) string { return "" }

// Absent matches a key that is not there.
var Absent Matcher = func(got any) string { return "want nothing here, got " + show(got) }

// ArrayWith matches an array that has an element for each of want, in any order.
func ArrayWith(want ...any) Matcher {
	return func(got any) string {
		elements, ok := got.(Array)
		if !ok {
			return "want an array, got " + show(got)
		}
		for _, w := range want {
			if !slices.ContainsFunc(elements, func(e any) bool { return len(differences("", w, e)) == 0 }) {
				return fmt.Sprintf("want an element %s in %s", show(w), show(got))
			}
		}
		return ""
	}
}

// Exactly matches a value that is equal to want, without any further key in objects.
func Exactly(want any) Matcher {
	return func(got any) string {
		if !reflect.DeepEqual(plain(want), got) {
			return fmt.Sprintf("want exactly %s, got %s", show(want), show(got))
		}
		return ""
	}
}

// Text matches a string, or an intrinsic function written as JSON such as {"Fn::Join":["",["a",{"Ref":"B"}]]}, in which
// pattern is found.
func Text(pattern string) Matcher {
	re := regexp.MustCompile(pattern)
	return func(got any) string {
		text, ok := got.(string)
		if !ok {
			text = show(got)
		}
		if !re.MatchString(text) {
			return fmt.Sprintf("want text that matches %q, got %s", pattern, show(got))
		}
		return ""
	}
}

// differences says where got does not match want, each with its path.
func differences(path string, want, got any) []string {
	switch w := want.(type) {
	case Matcher:
		if problem := w(got); problem != "" {
			return []string{path + ": " + problem}
		}
		return nil
	case Object:
		g, ok := got.(Object)
		if !ok {
			return []string{fmt.Sprintf("%s: want an object, got %s", path, show(got))}
		}
		var diffs []string
		for _, key := range slices.Sorted(maps.Keys(w)) {
			value, there := g[key]
			switch {
			case there:
				diffs = append(diffs, differences(path+"."+key, w[key], value)...)
			case !isAbsent(w[key]):
				diffs = append(diffs, fmt.Sprintf("%s.%s: want %s, got nothing", path, key, show(w[key])))
			}
		}
		return diffs
	case Array:
		g, ok := got.(Array)
		if !ok || len(g) != len(w) {
			return []string{fmt.Sprintf("%s: want %s, got %s", path, show(want), show(got))}
		}
		var diffs []string
		for i := range w {
			diffs = append(diffs, differences(fmt.Sprintf("%s[%d]", path, i), w[i], g[i])...)
		}
		return diffs
	default:
		if !reflect.DeepEqual(plain(want), got) {
			return []string{fmt.Sprintf("%s: want %s, got %s", path, show(want), show(got))}
		}
		return nil
	}
}

func isAbsent(want any) bool {
	m, ok := want.(Matcher)
	return ok && reflect.ValueOf(m).Pointer() == reflect.ValueOf(Absent).Pointer()
}

// plain gives a value the types that encoding/json decodes to: an int becomes a float64, a []string an Array.
func plain(v any) any {
	text, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("cdktest: %T cannot be part of a template: %v", v, err))
	}
	var out any
	if err := json.Unmarshal(text, &out); err != nil {
		panic(err) // what was just marshalled
	}
	return out
}

func show(v any) string {
	switch v := v.(type) {
	case Matcher:
		return "a match"
	case Object:
		parts := make([]string, 0, len(v))
		for _, k := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, fmt.Sprintf("%q:%s", k, show(v[k])))
		}
		return fmt.Sprintf("{%s}", strings.Join(parts, ","))
	case Array:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = show(v[i])
		}
		return fmt.Sprintf("[%s]", strings.Join(parts, ","))
	default:
		text, _ := json.Marshal(v)
		return string(text)
	}
}
