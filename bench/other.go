//go:build unix

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// measureMemory compares how much memory all processes of an app have at the same time.
func measureMemory(ctx context.Context, b *bench) ([]comparison, error) {
	if _, err := residentMemory(os.Getpid()); err != nil {
		fmt.Fprintln(os.Stderr, "  left out: this needs Linux:", err)
		return nil, nil
	}
	apps, err := b.generatedApps(ctx)
	if err != nil {
		return nil, err
	}
	var variants []variant
	for _, v := range bothValidations {
		for _, a := range apps {
			variants = append(variants, variant{name(a.name, v), func(ctx context.Context) (float64, error) {
				return b.peakMemory(ctx, a, v)
			}})
		}
	}
	s, err := b.interleave(ctx, false, variants...)
	if err != nil {
		return nil, err
	}
	var rows []comparison
	for _, v := range bothValidations {
		rows = append(rows, s.compare(fmt.Sprintf("peak memory, 10 stacks, 500 resources, %v", v), "MB", name("Go", v), name("JavaScript", v), 0))
	}
	return plain(rows), nil
}

// peakMemory runs an app and returns the largest sum of the resident memory of its processes, in megabytes.
func (b *bench) peakMemory(ctx context.Context, a app, v validation) (float64, error) {
	c, err := b.command(a, v, nil)
	if err != nil {
		return 0, err
	}
	out, err := os.MkdirTemp(b.tmp, "cdk.out-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(out)
	c.env = append(c.env, "CDK_OUTDIR="+out)
	var peak int
	c.watch = func(pid int, done <-chan struct{}) {
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				if kB, err := residentMemory(pid); err == nil {
					peak = max(peak, kB)
				}
			}
		}
	}
	_, err = b.exec(ctx, c)
	if err == nil && peak == 0 {
		err = errors.New("no memory seen")
	}
	return float64(peak) / 1000, err
}

// residentMemory is the resident memory of a process and all below it, in kB. Pages that processes share, such as the
// code of Node.js, count for each.
func residentMemory(pid int) (int, error) {
	proc := filepath.Join("/proc", strconv.Itoa(pid))
	status, err := os.ReadFile(filepath.Join(proc, "status"))
	if err != nil {
		return 0, err
	}
	sum := 0
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			if sum, err = strconv.Atoi(strings.Fields(rest)[0]); err != nil {
				return 0, err
			}
		}
	}
	tasks, err := filepath.Glob(filepath.Join(proc, "task", "*", "children"))
	if err != nil {
		return 0, err
	}
	for _, task := range tasks { // each thread has its own children
		text, err := os.ReadFile(task)
		if err != nil {
			continue // the thread has ended
		}
		for child := range strings.FieldsSeq(string(text)) {
			if id, err := strconv.Atoi(child); err == nil {
				kB, _ := residentMemory(id) // 0 when it has ended
				sum += kB
			}
		}
	}
	return sum, nil
}

func measureAssertions(ctx context.Context, b *bench) ([]comparison, error) {
	binary, err := b.build(ctx, "assertions", "./bench/assertions")
	if err != nil {
		return nil, err
	}
	r, err := b.exec(ctx, command{args: []string{binary, "-n", strconv.Itoa(b.n)}, env: []string{validation(false).env()}})
	if err != nil {
		return nil, err
	}
	first, _, _ := strings.Cut(r.output, "\n") // jsii may say something when it closes
	found := map[string][]float64{}
	if err := json.Unmarshal([]byte(first), &found); err != nil {
		return nil, fmt.Errorf("%w in %s", err, tail(r.output))
	}
	s := samples{"cdktest": found["go"], "CDK's, through jsii": found["jsii"]}
	return []comparison{s.compare("100 assertions on a template", "s", "cdktest", "CDK's, through jsii", 0)}, nil
}

// consumer is a program that imports a pattern of ours, and what makes it heavy.
const consumer = `package main

import (
	_ "github.com/strata-cdk/strata/constructs/albfargate"%s
)

func main() {}
`

func measureCold(ctx context.Context, b *bench) ([]comparison, error) {
	const ours, heavy = "of albfargate", "the same with awsecspatterns"
	imports := map[string]string{ours: "", heavy: "\n\t_ \"github.com/aws/aws-cdk-go/awscdk/v2/awsecspatterns\""}
	var variants []variant
	for i, what := range []string{ours, heavy} {
		source := filepath.Join(b.tmp, fmt.Sprintf("consumer%d.go", i))
		dir := fmt.Sprintf("cold%d", i) // only in the overlay
		overlay, overlayErr := b.overlay(dir, map[string]string{b.path("bench", dir, "main.go"): source})
		if err := errors.Join(overlayErr, os.WriteFile(source, fmt.Appendf(nil, consumer, imports[what]), 0o600)); err != nil {
			return nil, err
		}
		variants = append(variants, variant{what, func(ctx context.Context) (float64, error) {
			cache, err := os.MkdirTemp(b.tmp, "gocache-")
			if err != nil {
				return 0, err
			}
			defer os.RemoveAll(cache)
			r, err := b.exec(ctx, command{env: []string{"GOCACHE=" + cache},
				args: []string{"go", "build", overlay, "-o", filepath.Join(b.tmp, "consumer"), "./bench/" + dir}})
			return r.seconds, err
		}})
	}
	s, err := b.interleave(ctx, false, variants...)
	if err != nil {
		return nil, err
	}
	return []comparison{s.compare("a consumer's cold build", "s", ours, heavy, 0.70)}, nil
}
