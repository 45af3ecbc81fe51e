package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// widget is a widget of a dashboard's body.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
type widget struct {
	Type                string
	X, Y, Width, Height int
	Properties          struct {
		Title, View, Markdown, Query string
		Metrics                      []json.RawMessage
		Alarms                       []string
		Annotations                  struct {
			Horizontal []json.RawMessage
			Alarms     []string
		}
	}
}

// UnmarshalJSON reads a widget, with the size that CloudWatch gives to one that has none.
func (w *widget) UnmarshalJSON(text []byte) error {
	type plain widget
	p := plain{Width: 6, Height: 6}
	if err := json.Unmarshal(text, &p); err != nil {
		return err
	}
	*w = widget(p)
	return nil
}

// title is what the widget is called in messages.
func (w *widget) title() string {
	if w.Properties.Title == "" && w.Type == "text" {
		first, _, _ := strings.Cut(strings.TrimLeft(w.Properties.Markdown, "# \n"), "\n")
		return first
	}
	return w.Properties.Title
}

// series is a line of a graph.
type series struct {
	// Label is the one that is given, or what CloudWatch would tell it apart by.
	Label string
	// Named tells that a label is given.
	Named bool
	// Math tells that it is an expression.
	Math  bool
	Right bool

	name, stat string
	dimensions []string
}

// options are the last item of a metric.
type options struct {
	Expression, Label, Stat, YAxis string
	Visible                        *bool
}

// series gives the lines that are shown. A problem is a metric that cannot be read.
func (w *widget) series() (shown []series, problems []string) {
	var last []string
	for i, raw := range w.Properties.Metrics {
		var items []any
		var o options
		if err := json.Unmarshal(raw, &items); err != nil || len(items) == 0 {
			problems = append(problems, fmt.Sprintf("metric %d is no list", i+1))
			continue
		}
		if settings, ok := items[len(items)-1].(map[string]any); ok {
			items = items[:len(items)-1]
			again, err := json.Marshal(settings)
			if err == nil {
				err = json.Unmarshal(again, &o)
			}
			if err != nil {
				problems = append(problems, fmt.Sprintf("metric %d: %v", i+1, err))
			}
		}
		texts := unfold(items, last)
		s := series{Label: o.Label, Named: o.Label != "", Math: o.Expression != "", Right: o.YAxis == "right", stat: o.Stat}
		switch {
		case s.Math:
			s.name = o.Expression
		case len(texts) < 2 || len(texts)%2 != 0:
			problems = append(problems, fmt.Sprintf("metric %d needs a namespace, a name and pairs of dimensions", i+1))
			continue
		default:
			last, s.name, s.dimensions = texts, texts[1], texts[2:]
		}
		if o.Visible == nil || *o.Visible {
			shown = append(shown, s)
		}
	}
	tellApart(shown)
	return shown, problems
}

// unfold gives the items of a metric, with those of the last one where "." or "..." stand for them.
func unfold(items []any, last []string) []string {
	var texts []string
	for i, item := range items {
		text := fmt.Sprint(item)
		switch {
		case text == "..." && len(last) > len(items)-1:
			texts = append(texts, last[len(texts):len(last)-(len(items)-1-i)]...)
		case text == "." && len(texts) < len(last):
			texts = append(texts, last[len(texts)])
		default:
			texts = append(texts, text)
		}
	}
	return texts
}

// tellApart labels the series that have no label: by the name, and by the statistic and the dimensions where they differ.
func tellApart(all []series) {
	var metrics []series
	for _, s := range all {
		if !s.Math {
			metrics = append(metrics, s)
		}
	}
	differ := func(of func(s series) string) bool {
		return slices.ContainsFunc(metrics, func(s series) bool { return of(s) != of(metrics[0]) })
	}
	stat := differ(func(s series) string { return s.stat })
	for i := range all {
		s := &all[i]
		if s.Named {
			continue
		}
		parts := []string{s.name}
		if !s.Math && stat {
			parts = append(parts, cmp.Or(s.stat, "Average"))
		}
		for d := 1; d < len(s.dimensions); d += 2 {
			at := func(s series) string {
				return strings.Join(s.dimensions[min(d-1, len(s.dimensions)):min(d+1, len(s.dimensions))], " ")
			}
			if differ(at) {
				parts = append(parts, s.dimensions[d])
			}
		}
		s.Label = strings.Join(parts, " ")
	}
}

// line is a horizontal line of a graph.
type line struct {
	Label string
	Value float64
}

// text is the label with the value, if that is not in it.
func (l line) text() string {
	value := strconv.FormatFloat(l.Value, 'f', -1, 64)
	if strings.Contains(l.Label, value) {
		return l.Label
	}
	return strings.TrimSpace(l.Label + " " + value)
}

// lines gives the thresholds that a graph shows. A band has two.
func (w *widget) lines() (all []line, problems []string) {
	for i, raw := range w.Properties.Annotations.Horizontal {
		var band []line
		var one line
		if json.Unmarshal(raw, &band) == nil {
			all = append(all, band...)
		} else if err := json.Unmarshal(raw, &one); err == nil {
			all = append(all, one)
		} else {
			problems = append(problems, fmt.Sprintf("annotation %d: %v", i+1, err))
		}
	}
	return all, problems
}
