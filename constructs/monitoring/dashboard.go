package monitoring

import (
	"fmt"
	"slices"
	"strings"
)

const (
	// Quotas of a dashboard and of a widget with alarms.
	maxWidgets      = 500
	maxMetrics      = 2500
	maxWidgetAlarms = 100
	// A dashboard is 24 wide.
	gridWidth   = 24
	graphHeight = 6
)

// widget is a widget of a dashboard. Its place is given by the layout.
type widget struct {
	kind          string
	width, height int
	properties    map[string]any
	// metrics counts towards the quota.
	metrics int
}

// section is a part of a dashboard: a heading, and rows of widgets of one resource each.
type section struct {
	title string
	rows  [][]widget
}

// page is one dashboard.
type page struct {
	widgets         []any
	metrics, bottom int
}

func (p *page) add(row []widget) {
	x, height := 0, 0
	for _, w := range row {
		if x+w.width > gridWidth {
			x, p.bottom, height = 0, p.bottom+height, 0
		}
		p.widgets = append(p.widgets, map[string]any{"type": w.kind, "x": x, "y": p.bottom, "width": w.width, "height": w.height, "properties": w.properties})
		x, height, p.metrics = x+w.width, max(height, w.height), p.metrics+w.metrics
	}
	p.bottom += height
}

func (p *page) hasRoom(row []widget, more int) bool {
	metrics := p.metrics
	for _, w := range row {
		metrics += w.metrics
	}
	return len(p.widgets)+len(row)+more <= maxWidgets && metrics <= maxMetrics
}

func text(markdown string, height int) widget {
	return widget{kind: "text", width: gridWidth, height: height, properties: map[string]any{"markdown": markdown, "background": "transparent"}}
}

// layout places the widgets on as few dashboards as their quotas allow: on each a line with links to the others, if there are
// any, on the first the state of the alarms, then the sections. The name of the nth dashboard is name(n).
func layout(status []widget, sections []section, name func(int) string) []*page {
	pages := fill(status, sections, 1, name)
	for len(pages) > 1 {
		// With links there is less room, which may take one more dashboard.
		again := fill(status, sections, len(pages), name)
		if len(again) == len(pages) {
			return again
		}
		pages = again
	}
	return pages
}

func fill(status []widget, sections []section, of int, name func(int) string) []*page {
	var pages []*page
	open := func() *page {
		p := &page{}
		pages = append(pages, p)
		if of > 1 {
			p.add([]widget{text(links(len(pages), of, name), 1)})
		}
		return p
	}
	p := open()
	p.add(status)
	for _, s := range sections {
		for i, row := range s.rows {
			first := i == 0
			if !p.hasRoom(row, 1) {
				p, first = open(), true
			}
			if first {
				p.add([]widget{text("## "+s.title, 1)})
			}
			p.add(row)
		}
	}
	return pages
}

func links(own, of int, name func(int) string) string {
	parts := make([]string, of)
	for i := range parts {
		parts[i] = fmt.Sprintf("[%d](#dashboards/dashboard/%s)", i+1, name(i+1))
		if i+1 == own {
			parts[i] = fmt.Sprintf("**%d**", own)
		}
	}
	return "Dashboards: " + strings.Join(parts, " ")
}

// statusWidgets show the state of alarms, given by their ARNs.
func statusWidgets(arns []string) []widget {
	var widgets []widget
	for part := range slices.Chunk(arns, maxWidgetAlarms) {
		title := "Alarms"
		if len(arns) > maxWidgetAlarms {
			title = fmt.Sprintf("Alarms from %d", len(widgets)*maxWidgetAlarms+1)
		}
		height := 1 + (len(part)+3)/4 // four in a row
		widgets = append(widgets, widget{kind: "alarm", width: gridWidth, height: min(max(height, 2), 12), properties: map[string]any{"title": title, "alarms": part}})
	}
	return widgets
}

// sections gives the graphs of a plan.
func (pl *plan) sections(home *stackInfo) []section {
	var sections []section
	for i := range services {
		s := section{title: services[i].title}
		var row []*planned
		end := func() {
			if len(row) > 0 {
				s.rows = append(s.rows, graphs(row, home))
			}
			row = nil
		}
		for _, item := range pl.metrics {
			if item.service != &services[i] {
				continue
			}
			if len(row) > 0 && row[0].resource != item.resource {
				end()
			}
			row = append(row, item)
		}
		end()
		if len(s.rows) > 0 {
			sections = append(sections, s)
		}
	}
	return sections
}

// graphs gives the graphs of one resource, as many in a row as are read well.
func graphs(items []*planned, home *stackInfo) []widget {
	var titles []string
	byTitle := map[string][]*planned{}
	for _, item := range items {
		title := item.metric.graph
		if byTitle[title] == nil {
			titles = append(titles, title)
		}
		byTitle[title] = append(byTitle[title], item)
	}
	widgets := make([]widget, len(titles))
	for i, title := range titles {
		widgets[i] = graph(byTitle[title], home)
		widgets[i].width = gridWidth / min(4, len(titles))
	}
	return widgets
}

// colors of the lines at thresholds.
var colors = map[Severity]string{Critical: "#d62728", Warning: "#ff7f0e", Info: "#7f7f7f"}

func graph(items []*planned, home *stackInfo) widget {
	var lines, thresholds []any
	for i, item := range items {
		lines = append(lines, item.lines(i)...)
		if a := item.alarm; a != nil && a.band == 0 {
			thresholds = append(thresholds, map[string]any{
				"value": a.threshold, "color": colors[a.severity],
				"label": fmt.Sprintf("%s %s %s, %s", item.metric.name, side(a.lessThan), number(a.threshold), within(a.datapoints, a.of, item.metric.period)),
			})
		}
	}
	region := items[0].service.region
	if region == "" {
		region = home.region
	}
	properties := map[string]any{
		"title": items[0].resource.nameIn(home) + ": " + items[0].metric.graph, "view": "timeSeries", "region": region, "metrics": lines,
		"period": int(items[0].metric.period.Seconds()), "yAxis": map[string]any{"left": map[string]any{"min": 0, "showUnits": false}},
	}
	if len(thresholds) > 0 {
		properties["annotations"] = map[string]any{"horizontal": thresholds}
	}
	return widget{kind: "metric", height: graphHeight, properties: properties, metrics: len(lines)}
}

// lines gives what a graph draws for a metric, which is its nth.
func (item *planned) lines(n int) []any {
	m := &item.metric
	var lines []any
	id := func(name string) string { return fmt.Sprintf("g%d%s", n, name) }
	for _, part := range m.parts() {
		line := []any{part.namespace, part.metricName}
		for _, v := range item.dimensions[part.name] {
			line = append(line, v.name, v.value)
		}
		options := map[string]any{"stat": part.statistic, "period": int(part.period.Seconds()), "id": id(part.name)}
		if m.expression == "" {
			options["label"], options["id"] = m.name, id("value")
		} else {
			options["visible"] = false
		}
		lines = append(lines, append(line, options))
	}
	if m.expression != "" {
		lines = append(lines, []any{map[string]any{"expression": m.expressionWith(id), "label": m.name, "id": id("value"), "period": int(m.period.Seconds())}})
	}
	if item.alarm != nil && item.alarm.band > 0 {
		lines = append(lines, []any{map[string]any{
			"expression": fmt.Sprintf("ANOMALY_DETECTION_BAND(%s, %s)", id("value"), number(item.alarm.band)), "label": m.name + ", usual", "id": id("band"),
		}})
	}
	return lines
}
