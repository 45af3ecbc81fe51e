package stackchange

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed replacement.txt
var replacementTable string

// knowledge is what is known of a resource type.
type knowledge struct {
	// replaces are the paths of properties whose change replaces the resource; may those whose change may.
	replaces, may [][]string
	// identifier are the attributes that stay the same while the resource is not replaced.
	identifier []string
}

var table = sync.OnceValue(func() map[string]knowledge {
	all := map[string]knowledge{}
	for line := range strings.Lines(replacementTable) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "|")
		if strings.HasPrefix(line, "#") || len(f) != 4 {
			continue
		}
		all[f[0]] = knowledge{replaces: paths(f[1]), may: paths(f[2]), identifier: strings.Split(f[3], ",")}
	}
	return all
})

// Known tells whether it is known which changes replace resources of a type.
func Known(resourceType string) bool {
	_, ok := table()[resourceType]
	return ok
}

func paths(list string) [][]string {
	var all [][]string
	for name := range strings.SplitSeq(list, ",") {
		if name != "" {
			all = append(all, strings.Split(name, "/"))
		}
	}
	return all
}

// hit tells whether a change at path, which has names and indexes, is one of a property. It is within when the property is that or
// above it; otherwise it is a part of what changed, and may be as before.
func hit(path []string, properties [][]string) (is, within bool) {
	for _, p := range properties {
		n := min(len(p), len(path))
		same := true
		for i := range n {
			same = same && (p[i] == "*" || p[i] == path[i])
		}
		is, within = is || same, within || same && len(p) <= len(path)
	}
	return is, within
}
