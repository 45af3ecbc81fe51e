//go:build unix

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// variant is one way of doing the work of a group.
type variant struct {
	name string
	// measure does it once and returns seconds or megabytes.
	measure func(context.Context) (float64, error)
}

// comparison is a row of the table: a against b.
type comparison struct {
	what   string
	a, b   side
	unit   string
	target float64 // of the ratio; 0 for none
	limit  float64 // of a; 0 for none
}

type side struct {
	name   string
	median float64
}

// samples are the measurements of variants, by their names.
type samples map[string][]float64

// interleave does each variant once without counting it, then n times in turn.
func (b *bench) interleave(ctx context.Context, warm bool, variants ...variant) (samples, error) {
	found := samples{}
	rounds := b.n
	if warm {
		rounds++
	}
	for round := range rounds {
		for _, v := range variants {
			waitForQuiet(ctx, b.quiet)
			value, err := v.measure(ctx)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", v.name, err)
			}
			if warm && round == 0 {
				continue
			}
			found[v.name] = append(found[v.name], value)
		}
	}
	for _, v := range variants {
		fmt.Fprintf(os.Stderr, "  %-32s %7.3f\n", v.name, found[v.name])
	}
	return found, nil
}

// compare makes a row of two variants.
func (s samples) compare(what, unit, a, b string, target float64) comparison {
	return comparison{what: what, unit: unit, a: side{a, median(s[a])}, b: side{b, median(s[b])}, target: target}
}

// within sets what a itself should not exceed.
func (c comparison) within(limit float64) comparison {
	c.limit = limit
	return c
}

// median panics when there is none: a name that is not a variant's.
func median(values []float64) float64 {
	if len(values) == 0 {
		panic("bench: no such variant")
	}
	sorted := slices.Sorted(slices.Values(values))
	if mid := len(sorted) / 2; len(sorted)%2 == 1 {
		return sorted[mid]
	}
	mid := len(sorted) / 2
	return (sorted[mid-1] + sorted[mid]) / 2
}

func printTable(w io.Writer, comparisons []comparison) {
	fmt.Fprintln(w, "| What | A | B | A / B | Target | |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|")
	for _, c := range comparisons {
		ratio := c.a.median / c.b.median
		var targets []string
		met := true
		if c.target > 0 {
			targets = append(targets, fmt.Sprintf("<= %.2f", c.target))
			met = rounded(ratio) <= c.target
		}
		if c.limit > 0 {
			targets = append(targets, fmt.Sprintf("A <= %.1f %s", c.limit, c.unit))
			met = met && c.a.median <= c.limit
		}
		verdict := ""
		switch {
		case len(targets) > 0 && met:
			verdict = "met"
		case len(targets) > 0:
			verdict = "missed"
		}
		fmt.Fprintf(w, "| %s | %s %s | %s %s | %s | %s | %s |\n", c.what, c.a.name, amount(c.a.median, c.unit), c.b.name,
			amount(c.b.median, c.unit), short(ratio), strings.Join(targets, ", "), verdict)
	}
}

// rounded is a ratio as targets are written, with two digits after the point.
func rounded(ratio float64) float64 { return float64(int(ratio*100+0.5)) / 100 }

func short(ratio float64) string {
	if ratio < 0.1 {
		return fmt.Sprintf("%.3f", ratio)
	}
	return fmt.Sprintf("%.2f", ratio)
}

func amount(value float64, unit string) string {
	switch {
	case unit == "s" && value < 0.1:
		return fmt.Sprintf("%.1f ms", value*1000)
	case unit == "s":
		return fmt.Sprintf("%.2f s", value)
	default:
		return fmt.Sprintf("%.0f %s", value, unit)
	}
}
