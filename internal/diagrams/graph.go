package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/strata-cdk/strata/internal/sorted"
)

// template is what a picture needs of a template of CloudFormation.
type template struct {
	Resources map[string]resource
}

type resource struct {
	Type       string
	Properties map[string]any
}

// side is a template with the title of its part of the picture.
type side struct {
	title, file string
}

// node is a resource that is shown, in a part of a picture.
type node struct {
	id      string
	kind    kind
	name    string // the logical id without its hash
	pattern string // the first word of the name, which its siblings have too
	alarms  int    // how many alarms tell it
}

// part is a template's share of a picture.
type part struct {
	title string
	nodes []node
	edges [][2]string // ids, without doubles, in order
	total int         // resources of the template, shown or not
	names map[string]string
	texts map[string][]string // of the shown resources
}

var (
	hash      = regexp.MustCompile(`[0-9A-F]{8}$`)
	firstWord = regexp.MustCompile(`^([A-Z]+[a-z0-9]*|.)`)
)

// read gives the part of a picture that a template is; id makes ids of several parts differ.
func read(s side, id string) (*part, error) {
	text, err := os.ReadFile(s.file)
	if err != nil {
		return nil, err
	}
	var tpl template
	if err := json.Unmarshal(text, &tpl); err != nil {
		return nil, fmt.Errorf("%s: %w", s.file, err)
	}
	p := &part{title: s.title, total: len(tpl.Resources), names: map[string]string{}, texts: map[string][]string{}}
	links := tpl.links()
	for name, r := range sorted.All(tpl.Resources) {
		k, shown := kinds[r.Type]
		if !shown || isPlumbing(name, r.Type) {
			continue
		}
		plain := hash.ReplaceAllString(name, "")
		p.nodes = append(p.nodes, node{id: id + name, kind: k, name: plain, pattern: firstWord.FindString(plain), alarms: tpl.alarms(name)})
		for _, to := range tpl.reach(name, links) {
			p.edges = append(p.edges, [2]string{id + name, id + to})
		}
		p.physical(id+name, r)
	}
	return p, nil
}

// isPlumbing tells whether a resource is what a custom resource of the CDK or of this library works with.
func isPlumbing(name, kind string) bool {
	return strings.HasPrefix(name, "Custom") && kind == "AWS::Lambda::Function"
}

// alarms counts the alarms that tell a topic.
func (t *template) alarms(topic string) (n int) {
	for _, r := range t.Resources {
		if r.Type == "AWS::CloudWatch::Alarm" && slices.Contains(references(r.Properties["AlarmActions"]), topic) {
			n++
		}
	}
	return n
}

// links gives what edges go to from each resource.
func (t *template) links() map[string][]string {
	links := map[string][]string{}
	for name, r := range sorted.All(t.Resources) {
		for property, value := range sorted.All(r.Properties) {
			if ignored[property] || ignored[r.Type+"."+property] || r.Type == "AWS::CloudWatch::Alarm" {
				continue
			}
			for _, other := range references(value) {
				from, to := name, other
				if slices.Contains(incoming[r.Type], property) {
					from, to = other, name
				}
				links[from] = append(links[from], to)
			}
		}
	}
	return links
}

// reach gives the shown resources that edges from one lead to, through others.
func (t *template) reach(from string, links map[string][]string) []string {
	seen, found := map[string]bool{from: true}, map[string]bool{}
	todo := slices.Clone(links[from])
	for len(todo) > 0 {
		name := todo[0]
		todo = todo[1:]
		kind := t.Resources[name].Type
		_, shown := kinds[kind]
		switch {
		case seen[name] || isPlumbing(name, kind):
		case shown:
			found[name] = true
		case through[kind]:
			todo = append(todo, links[name]...)
		}
		seen[name] = true
	}
	return slices.Sorted(maps.Keys(found))
}

// references gives the logical ids that a value refers to, in order.
func references(value any) (found []string) {
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			found = append(found, references(item)...)
		}
	case map[string]any:
		if ref, ok := v["Ref"].(string); ok && len(v) == 1 {
			return []string{ref}
		}
		if get, ok := v["Fn::GetAtt"].([]any); ok && len(v) == 1 {
			return []string{get[0].(string)}
		}
		for key, item := range sorted.All(v) {
			if !ignored[key] {
				found = append(found, references(item)...)
			}
		}
	}
	return found
}
