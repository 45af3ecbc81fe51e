// Package near finds the names that a misspelt one was probably meant to be.
package near

import (
	"cmp"
	"slices"
	"strings"
)

// Suggestion ends a message with the name that v was probably meant to be; it is empty when none is near.
func Suggestion(v string, names []string) string {
	if len(v) > 200 {
		return ""
	}
	best, least := "", max(2, len(v)/4)+1
	for _, n := range names {
		if d := distance(strings.ToLower(v), strings.ToLower(n)); d < least {
			best, least = n, d
		}
	}
	if best == "" {
		return ""
	}
	return "; did you mean " + best + "?"
}

// Names gives up to n of names, the one most like v first. It sorts names.
func Names(v string, names []string, n int) []string {
	slices.Sort(names)
	slices.SortStableFunc(names, func(a, b string) int {
		return cmp.Compare(distance(strings.ToLower(v), strings.ToLower(a)), distance(strings.ToLower(v), strings.ToLower(b)))
	})
	return names[:min(n, len(names))]
}

// distance is the number of single characters to insert, delete or replace to turn a into b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(diagonal+cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
