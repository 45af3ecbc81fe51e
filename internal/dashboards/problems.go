package main

import (
	"fmt"
	"strings"
)

// columns is how wide a dashboard is.
const columns = 24

// problems lists what is wrong with the layout and the widgets.
func (b *board) problems() []string {
	var all []string
	if len(b.Widgets) == 0 {
		all = append(all, "it has no widgets")
	}
	for i := range b.Widgets {
		w := &b.Widgets[i]
		at := fmt.Sprintf("widget %d (%s)", i+1, w.title())
		for _, problem := range w.problems() {
			all = append(all, at+": "+problem)
		}
		for j := range b.Widgets[:i] {
			if w.overlaps(&b.Widgets[j]) {
				all = append(all, fmt.Sprintf("%s: it overlaps widget %d (%s)", at, j+1, b.Widgets[j].title()))
			}
		}
	}
	return append(all, b.gaps()...)
}

func (w *widget) overlaps(o *widget) bool {
	return w.X < o.X+o.Width && o.X < w.X+w.Width && w.Y < o.Y+o.Height && o.Y < w.Y+w.Height
}

// problems lists what is wrong with a widget by itself.
func (w *widget) problems() []string {
	var all []string
	if w.X < 0 || w.Y < 0 || w.Width < 1 || w.Height < 1 || w.X+w.Width > columns {
		all = append(all, fmt.Sprintf("it is %d by %d at %d, %d, which is not within %d columns", w.Width, w.Height, w.X, w.Y, columns))
	}
	shown, problems := w.series()
	_, more := w.lines()
	all = append(append(all, problems...), more...)
	switch w.Type {
	case "metric":
		if len(shown) == 0 && len(w.Properties.Annotations.Alarms) == 0 {
			all = append(all, "it shows no metric and no alarm")
		}
		if w.Properties.Title == "" {
			all = append(all, "it has no title")
		}
	case "alarm":
		if len(w.Properties.Alarms) == 0 {
			all = append(all, "it shows no alarm")
		}
	case "text":
		if strings.TrimSpace(w.Properties.Markdown) == "" {
			all = append(all, "it has no text")
		}
	case "log":
		if strings.TrimSpace(w.Properties.Query) == "" {
			all = append(all, "it has no query")
		}
	}
	labels := map[string]bool{}
	for _, s := range shown {
		switch {
		case s.Math && !s.Named:
			all = append(all, fmt.Sprintf("the expression %s has no label", s.name))
		case labels[s.Label]:
			all = append(all, "two metrics are called "+s.Label)
		}
		labels[s.Label] = true
	}
	return all
}

// gaps lists the rows that are empty above a widget, and those with a hole left of one. What stays free at the right end of a row
// is none.
func (b *board) gaps() []string {
	_, bottom := b.size()
	var all []string
	for y := range bottom {
		right := 0
		var covered [columns]bool
		for i := range b.Widgets {
			w := &b.Widgets[i]
			if y < w.Y || y >= w.Y+w.Height {
				continue
			}
			for x := max(w.X, 0); x < min(w.X+w.Width, columns); x++ {
				covered[x] = true
				right = max(right, x+1)
			}
		}
		switch hole := firstHole(covered[:right]); {
		case right == 0:
			all = append(all, fmt.Sprintf("row %d is empty", y))
		case hole >= 0:
			all = append(all, fmt.Sprintf("row %d has a hole at column %d", y, hole))
		}
	}
	return all
}

// firstHole is the first column that is not covered, or -1.
func firstHole(covered []bool) int {
	for x, is := range covered {
		if !is {
			return x
		}
	}
	return -1
}

// size is the columns and rows that the widgets need, at least the 24 columns of CloudWatch.
func (b *board) size() (width, height int) {
	width = columns
	for i := range b.Widgets {
		w := &b.Widgets[i]
		width, height = max(width, w.X+w.Width), max(height, w.Y+w.Height)
	}
	return width, height
}
