//go:build unix

// Command bench measures Strata side by side with what else its users could run: twins of the same apps and tests in
// JavaScript and TypeScript. It prints a table of ratios in Markdown; docs/benchmarks.md explains the rows.
//
//	npm ci --prefix bench
//	go run ./bench [-n 5] [-only app,memory] [-cold] [-quiet 30s]
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// group is what is measured interleaved: some variants of the same work, and the comparisons to print.
type group struct {
	name string
	slow bool // only with -cold, or by name
	run  func(context.Context, *bench) ([]comparison, error)
}

var groups = []group{
	{name: "app", run: measureApp},
	{name: "strata", run: measureStrata},
	{name: "fargate", run: measureFargate},
	{name: "suite", run: measureSuite},
	{name: "loop", run: measureLoop},
	{name: "memory", run: measureMemory},
	{name: "assertions", run: measureAssertions},
	{name: "cold", slow: true, run: measureCold},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	n := flag.Int("n", 5, "runs of each variant; their median counts")
	only := flag.String("only", "", "the groups to measure, by name: "+strings.Join(names(), ","))
	cold := flag.Bool("cold", false, "measure a cold build too, which takes minutes")
	quiet := flag.Duration("quiet", 0, "wait up to this long before each run until nothing else keeps the machine busy")
	timeout := flag.Duration("timeout", 90*time.Minute, "end everything after this long")
	flag.Parse()
	chosen, err := choose(*only, *cold)
	if err != nil || *n < 1 || flag.NArg() > 0 {
		flag.Usage()
		return fmt.Errorf("invalid arguments: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, *timeout)
	defer cancel()

	b, err := newBench(ctx, *n, *quiet)
	if err != nil {
		return err
	}
	defer b.close()
	var comparisons []comparison
	for _, g := range chosen {
		fmt.Fprintf(os.Stderr, "%s (load %s)\n", g.name, load())
		found, err := g.run(ctx, b)
		if err != nil {
			return fmt.Errorf("%s: %w", g.name, err)
		}
		comparisons = append(comparisons, found...)
	}
	fmt.Printf("%d cores, Node.js %s, %s; interleaved, medians of %d.\n\n", runtime.NumCPU(), b.nodeVersion, runtime.Version(), *n)
	printTable(os.Stdout, comparisons)
	return nil
}

func names() []string {
	all := make([]string, len(groups))
	for i, g := range groups {
		all[i] = g.name
	}
	return all
}

func choose(only string, cold bool) ([]group, error) {
	if only == "" {
		return slices.DeleteFunc(slices.Clone(groups), func(g group) bool { return g.slow && !cold }), nil
	}
	var chosen []group
	for name := range strings.SplitSeq(only, ",") {
		i := slices.IndexFunc(groups, func(g group) bool { return g.name == name })
		if i < 0 {
			return nil, fmt.Errorf("no group %q among %s", name, strings.Join(names(), ","))
		}
		chosen = append(chosen, groups[i])
	}
	return chosen, nil
}

// bench is where and how things run.
type bench struct {
	root        string // of the repository
	tmp         string
	env         []string
	node        string
	nodeVersion string
	n           int
	quiet       time.Duration
}

// dropped are the variables that would make runs differ from those of others; a prefix ends in an asterisk.
var dropped = []string{"CDK_*", "BENCH_*", "NODE_OPTIONS", "NODE_COMPILE_CACHE", "TMPDIR", "CI", "UPDATE_SNAPS", "GOMAXPROCS", "GOGC", "NODE_ENV"}

func newBench(ctx context.Context, n int, quiet time.Duration) (*bench, error) {
	mod, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return nil, fmt.Errorf("go env GOMOD: %w", err)
	}
	b := &bench{root: filepath.Dir(strings.TrimSpace(string(mod))), n: n, quiet: quiet, node: os.Getenv("JSII_NODE")}
	if b.node == "" {
		b.node = "node"
	}
	if b.node, err = exec.LookPath(b.node); err != nil {
		return nil, err
	}
	if _, err := os.Stat(b.path("bench", "node_modules", "aws-cdk-lib")); err != nil {
		return nil, fmt.Errorf("the twins have no modules; run npm ci --prefix bench (%w)", err)
	}
	if b.tmp, err = os.MkdirTemp("", "strata-bench-"); err != nil {
		return nil, err
	}
	b.env = slices.DeleteFunc(os.Environ(), func(entry string) bool {
		key, _, _ := strings.Cut(entry, "=")
		return slices.ContainsFunc(dropped, func(d string) bool {
			prefix, isPrefix := strings.CutSuffix(d, "*")
			return key == d || isPrefix && strings.HasPrefix(key, prefix)
		})
	})
	b.env = append(b.env, "TMPDIR="+b.tmp, "JSII_NODE="+b.node, "npm_config_update_notifier=false",
		"PATH="+filepath.Dir(b.node)+string(os.PathListSeparator)+os.Getenv("PATH")) // one Node.js for all
	version, err := b.exec(ctx, command{args: []string{b.node, "--version"}})
	if err == nil {
		// A short run ends the worker that writes jsii's type index, and all later ones are slow without it.
		_, err = b.exec(ctx, command{args: []string{"go", "run", "./cmd/jsiiprime"}})
	}
	if err != nil {
		b.close()
		return nil, err
	}
	b.nodeVersion = strings.TrimPrefix(strings.TrimSpace(version.output), "v")
	return b, nil
}

func (b *bench) close() { os.RemoveAll(b.tmp) }

func (b *bench) path(elements ...string) string {
	return filepath.Join(append([]string{b.root}, elements...)...)
}

// build builds a main package and returns the path of the binary.
func (b *bench) build(ctx context.Context, name, pkg string, flags ...string) (string, error) {
	out := filepath.Join(b.tmp, name)
	_, err := b.exec(ctx, command{args: slices.Concat([]string{"go", "build", "-o", out}, flags, []string{pkg})})
	return out, err
}

func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Fields(string(text))[0]
}
