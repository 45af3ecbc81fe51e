// Package sorted ranges over maps in an order that does not change from run to run, as templates and errors must not.
package sorted

import (
	"cmp"
	"iter"
	"maps"
	"slices"
)

// All ranges over m in the order of its keys.
func All[K cmp.Ordered, V any](m map[K]V) iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		for _, k := range slices.Sorted(maps.Keys(m)) {
			if !yield(k, m[k]) {
				return
			}
		}
	}
}
