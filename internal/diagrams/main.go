// Diagrams draws the stacks of the app, as pictures of what they are made of, from templates: make diagrams.
//
// The templates are those of the snapshots, which tests hold to be what a synth gives. A picture shows the resources that matter to a reader;
// roles, permissions, keys, log groups and what else comes with them is left out, and edges go through what only connects.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/goccy/go-graphviz"
)

func main() {
	if err := run("."); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run writes the pictures of the repository in root.
func run(root string) error {
	pictures, err := draw(root)
	if err != nil {
		return err
	}
	folder := filepath.Join(root, "docs", "diagrams")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for name, svg := range pictures {
		if err := os.WriteFile(filepath.Join(folder, name), svg, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// draw gives the pictures of a repository by the names of their files.
func draw(root string) (pictures map[string][]byte, err error) {
	all, err := sides(root)
	if err != nil {
		return nil, err
	}
	ctx := context.Background()
	engine, err := graphviz.New(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, engine.Close()) }()
	pictures = map[string][]byte{}
	for name, templates := range all {
		text, err := dot(templates)
		if err != nil {
			return nil, err
		}
		graph, err := graphviz.ParseBytes([]byte(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		var svg bytes.Buffer
		if err := engine.Render(ctx, graph, graphviz.SVG, &svg); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		pictures[name+".svg"] = svg.Bytes()
	}
	return pictures, nil
}

// sides finds the templates of each picture: the stacks of the app for the stage dev, and the two regions of each strategy of recovery.
func sides(root string) (map[string][]side, error) {
	const suffix = "_1.snap.json"
	found := map[string][]side{}
	stacks, err := filepath.Glob(filepath.Join(root, "testdata", "dev_*"+suffix))
	if err != nil {
		return nil, err
	}
	for _, file := range stacks {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "dev_"), suffix)
		found[name] = []side{{title: "Stack " + strings.ToUpper(name[:1]) + name[1:], file: file}}
	}
	regions, err := filepath.Glob(filepath.Join(root, "constructs", "testdata", "recovery", "*_primary"+suffix))
	if err != nil {
		return nil, err
	}
	for _, file := range regions {
		name := strings.TrimSuffix(filepath.Base(file), "_primary"+suffix)
		found["recovery-"+name] = []side{
			{title: "Primary region", file: file},
			{title: "Standby region", file: strings.Replace(file, "_primary", "_standby", 1)},
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("no templates below %s", root)
	}
	return found, nil
}
