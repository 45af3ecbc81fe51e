//go:build unix

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/strata-cdk/strata/internal/gobuild"
)

// validation is whether the CDK validates templates.
type validation bool

var bothValidations = []validation{false, true}

func (v validation) String() string {
	if v {
		return "validation on"
	}
	return "validation off"
}

// env is how a user of the CDK sets it: on is the default.
func (v validation) env() string {
	if v {
		return "CDK_VALIDATION=true"
	}
	return "CDK_VALIDATION=false"
}

// target chooses between the targets without and with validation.
func (v validation) target(off, on float64) float64 {
	if v {
		return on
	}
	return off
}

// app is a way to synthesise an app.
type app struct {
	name string
	args []string
	dir  string
	env  []string
}

// synth runs an app as the CDK CLI would, and passes the folder of the assembly to look.
func (b *bench) synth(ctx context.Context, a app, v validation, cliContext map[string]any, look func(dir string) error) (result, error) {
	c, err := b.command(a, v, cliContext)
	if err != nil {
		return result{}, err
	}
	out, err := os.MkdirTemp(b.tmp, "cdk.out-")
	if err != nil {
		return result{}, err
	}
	defer os.RemoveAll(out)
	c.env = append(c.env, "CDK_OUTDIR="+out)
	r, err := b.exec(ctx, c)
	if err == nil && look != nil {
		err = look(out)
	}
	return r, err
}

func (b *bench) command(a app, v validation, cliContext map[string]any) (command, error) {
	all := map[string]any{ // what the CLI adds
		"aws:cdk:enable-path-metadata": true, "aws:cdk:enable-asset-metadata": true,
		"aws:cdk:version-reporting": true, "aws:cdk:bundling-stacks": []string{"**"},
	}
	text, err := json.Marshal(union(all, cliContext))
	return command{args: a.args, dir: a.dir, env: append([]string{v.env(), "CDK_CONTEXT_JSON=" + string(text)}, a.env...)}, err
}

// variants gives a variant for each app, without and with validation.
func (b *bench) variants(apps []app, cliContext map[string]any) []variant {
	var all []variant
	for _, v := range bothValidations {
		for _, a := range apps {
			all = append(all, variant{name(a.name, v), func(ctx context.Context) (float64, error) {
				r, err := b.synth(ctx, a, v, cliContext, nil)
				return r.seconds, err
			}})
		}
	}
	return all
}

func name(app string, v validation) string { return fmt.Sprintf("%s, %v", app, v) }

// assemblies synthesises each app once and passes the folders on.
func (b *bench) assemblies(ctx context.Context, apps []app, cliContext map[string]any, look func(dirs []string) error) error {
	var dirs []string
	for _, a := range apps {
		dir := filepath.Join(b.tmp, "assembly-"+a.name)
		_, err := b.synth(ctx, a, false, cliContext, func(out string) error { return os.Rename(out, dir) })
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		dirs = append(dirs, dir)
	}
	return look(dirs)
}

// generatedApps are the app of 500 resources in Go and in JavaScript.
func (b *bench) generatedApps(ctx context.Context) ([]app, error) {
	binary, err := b.build(ctx, "generated", "./bench/generated")
	return []app{
		{name: "Go", args: []string{binary}},
		{name: "JavaScript", args: []string{b.node, b.path("bench", "js", "generated.js")}},
	}, err
}

func measureApp(ctx context.Context, b *bench) ([]comparison, error) {
	apps, err := b.generatedApps(ctx)
	if err != nil {
		return nil, err
	}
	typescript := b.path("bench")
	apps = append(apps,
		app{name: "ts-node", dir: typescript, args: []string{"npx", "--no-install", "ts-node", "--prefer-ts-exts", "ts/generated.ts"}},
		// What "cdk init" sets up by now; npx would find the other compiler here.
		app{name: "tsc and tsx", dir: typescript, args: []string{"sh", "-c",
			`"$JSII_NODE" node_modules/typescript7/bin/tsc --noEmit && npx --no-install tsx ts/generated.ts`}},
	)
	err = b.assemblies(ctx, apps, nil, func(dirs []string) error {
		for _, dir := range dirs[1:] {
			if err := sameTemplates(dirs[0], dir); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	s, err := b.interleave(ctx, true, b.variants(apps, nil)...)
	if err != nil {
		return nil, err
	}
	var rows []comparison
	row := func(other string, off, on float64) {
		for _, v := range bothValidations {
			rows = append(rows, s.compare(fmt.Sprintf("10 stacks, 500 resources, %v", v), "s", name("Go", v), name(other, v), v.target(off, on)))
		}
	}
	row("JavaScript", 1.35, 1.15)
	row("ts-node", 0.18, 0.35)
	row("tsc and tsx", 0, 0)
	return plain(rows), nil
}

// plain takes what the first column says out of the names.
func plain(rows []comparison) []comparison {
	for i := range rows {
		for _, v := range bothValidations {
			for _, s := range []*side{&rows[i].a, &rows[i].b} {
				if rest, ok := strings.CutSuffix(s.name, ", "+v.String()); ok {
					s.name = rest
				}
			}
		}
	}
	return rows
}

// shim stands for the go command in an app's synth: it copies what was built before.
const shim = `#!/bin/sh
for arg; do
  case $arg in */bootstrap) exec cp "$BENCH_CODE/bootstrap" "$arg" ;; esac
done
exit 1
`

func measureStrata(ctx context.Context, b *bench) ([]comparison, error) {
	cliContext, err := b.cdkContext()
	if err != nil {
		return nil, err
	}
	binary, err := b.build(ctx, "strata", "./bench/strata")
	if err != nil {
		return nil, err
	}
	code, bin := filepath.Join(b.tmp, "code"), filepath.Join(b.tmp, "bin")
	err = errors.Join(os.Mkdir(code, 0o755), gobuild.Build(b.path("functions", "notes"), "arm64", code),
		os.Mkdir(bin, 0o755), os.WriteFile(filepath.Join(bin, "go"), []byte(shim), 0o755))
	if err != nil {
		return nil, err
	}
	const asItIs, built, twin = "Go, as it is", "Go, function built before", "JavaScript, function built before"
	apps := []app{
		{name: asItIs, args: []string{binary}},
		{name: built, args: []string{binary}, env: []string{"BENCH_CODE=" + code, "PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH")}},
		{name: twin, args: []string{b.node, b.path("bench", "js", "strata.js")}, env: []string{"BENCH_CODE=" + code}},
	}
	err = b.assemblies(ctx, apps, cliContext, func(dirs []string) error {
		return errors.Join(sameTemplates(dirs[0], dirs[1]), sameCounts(dirs[0], dirs[2]))
	})
	if err != nil {
		return nil, err
	}
	s, err := b.interleave(ctx, true, b.variants(apps, cliContext)...)
	if err != nil {
		return nil, err
	}
	var rows []comparison
	for _, ours := range []string{built, asItIs} {
		for _, v := range bothValidations {
			rows = append(rows, s.compare(fmt.Sprintf("the stacks Network and Api, %v", v), "s", name(ours, v), name(twin, v), 0))
		}
	}
	return plain(rows), nil
}

// measureFargate compares a service of albfargate with the one of ecs-patterns, which has fewer resources, and both with
// the same in JavaScript.
func measureFargate(ctx context.Context, b *bench) ([]comparison, error) {
	cliContext, err := b.cdkContext()
	if err != nil {
		return nil, err
	}
	ours, err := b.build(ctx, "fargate", "./bench/fargate")
	if err != nil {
		return nil, err
	}
	theirs, err := b.build(ctx, "fargatepatterns", "./bench/fargatepatterns", "-tags", "ecspatterns")
	if err != nil {
		return nil, err
	}
	const albfargate, twin, patterns, patternsTwin = "albfargate", "the same in JavaScript", "ecs-patterns in Go", "ecs-patterns in JavaScript"
	apps := []app{
		{name: albfargate, args: []string{ours}},
		{name: twin, args: []string{b.node, b.path("bench", "js", "fargate.js")}},
		{name: patterns, args: []string{theirs}},
		{name: patternsTwin, args: []string{b.node, b.path("bench", "js", "fargatepatterns.js")}},
	}
	err = b.assemblies(ctx, apps, cliContext, func(dirs []string) error {
		return errors.Join(sameTemplates(dirs[0], dirs[1]), sameTemplates(dirs[2], dirs[3]))
	})
	if err != nil {
		return nil, err
	}
	s, err := b.interleave(ctx, true, b.variants(apps, cliContext)...)
	if err != nil {
		return nil, err
	}
	var rows []comparison
	for _, pair := range [][2]string{{albfargate, patterns}, {albfargate, twin}, {patterns, patternsTwin}} {
		for _, v := range bothValidations {
			rows = append(rows, s.compare(fmt.Sprintf("one service on Fargate, %v", v), "s", name(pair[0], v), name(pair[1], v), 0))
		}
	}
	return plain(rows), nil
}

// cdkContext is the context in cdk.json.
func (b *bench) cdkContext() (map[string]any, error) {
	text, err := os.ReadFile(b.path("cdk.json"))
	if err != nil {
		return nil, err
	}
	var config struct {
		Context map[string]any `json:"context"`
	}
	err = json.Unmarshal(text, &config)
	return config.Context, err
}
