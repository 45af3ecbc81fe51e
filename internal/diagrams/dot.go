package main

import (
	"fmt"
	"html"
	"slices"
	"strconv"
	"strings"
)

// dot gives the picture of templates in the language of Graphviz.
func dot(templates []side) (string, error) {
	var b strings.Builder
	b.WriteString(`digraph {
	graph [rankdir=LR fontname="Helvetica,Arial,sans-serif" fontsize=14 nodesep=0.25 ranksep=0.7 compound=true pad=0.2]
	node [shape=box style="rounded,filled" fillcolor=white fontname="Helvetica,Arial,sans-serif" fontsize=11 penwidth=1.5 margin="0.25,0.07"]
	edge [color="#5a6b86" arrowsize=0.7]
`)
	var parts []*part
	for i, s := range templates {
		p, err := read(s, strconv.Itoa(i))
		if err != nil {
			return "", err
		}
		parts = append(parts, p)
		p.write(&b, i)
	}
	for i, from := range parts {
		for j, to := range parts {
			if i != j {
				for _, e := range across(from, to) {
					fmt.Fprintf(&b, "\t%q -> %q [style=dashed color=\"#3f8624\"]\n", e[0], e[1])
				}
			}
		}
	}
	b.WriteString("}\n")
	return b.String(), nil
}

func (p *part) write(b *strings.Builder, i int) {
	fmt.Fprintf(b, "\tsubgraph cluster_%d {\n\t\tlabel=<<b>%s</b><br align=\"left\"/><font point-size=\"10\" color=\"#5a6b86\">%d of %d resources are shown</font><br align=\"left\"/>> labeljust=l color=\"#5a6b86\" style=rounded\n",
		i, html.EscapeString(p.title), len(p.nodes), p.total)
	var patterns []string
	for _, n := range p.nodes {
		if !slices.Contains(patterns, n.pattern) {
			patterns = append(patterns, n.pattern)
		}
	}
	for _, pattern := range patterns {
		siblings := slices.DeleteFunc(slices.Clone(p.nodes), func(n node) bool { return n.pattern != pattern })
		if len(siblings) > 1 {
			fmt.Fprintf(b, "\t\tsubgraph \"cluster_%d%s\" { label=%q labeljust=l fontsize=12 style=\"rounded,filled\" color=\"#d9dee5\" fillcolor=\"#f5f7f9\"\n", i, pattern, pattern)
		}
		for _, n := range siblings {
			fmt.Fprintf(b, "\t\t\t%q [color=%q label=%q]\n", n.id, n.kind.group, n.label(len(siblings) > 1))
		}
		if len(siblings) > 1 {
			b.WriteString("\t\t}\n")
		}
	}
	b.WriteString("\t}\n")
	for _, e := range p.edges {
		fmt.Fprintf(b, "\t%q -> %q\n", e[0], e[1])
	}
}

// label is what is written in a node: its kind, and its name in its pattern.
func (n node) label(inPattern bool) string {
	name := n.name
	if inPattern {
		if rest := strings.TrimPrefix(name, n.pattern); rest != "" {
			name = rest
		}
	}
	label := n.kind.label + "\n" + name // one font, so that Graphviz centres it whatever font the reader has
	if n.alarms > 0 {
		label += fmt.Sprintf("\nalarms: %d", n.alarms)
	}
	return label
}
