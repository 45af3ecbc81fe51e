//go:build unix

// Command local deploys the app to an emulator on this machine, with the real CDK command line.
//
//	go run ./e2e/local up [--api REST|HTTP]   start the emulator, deploy all stacks, call the API
//	go run ./e2e/local status                 what runs
//	go run ./e2e/local down                   delete the stacks and check that nothing is left
//	go run ./e2e/local stop                   stop the emulator and check that nothing is left
//
// Everything it writes is below .local; no AWS account, no network and no Docker is needed. See docs/local-deploy.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/strata-cdk/strata/e2e/cdkcli"
	"github.com/strata-cdk/strata/e2e/emulator"
)

const usage = `usage: go run ./e2e/local up [--api REST|HTTP] | status | down | stop`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	dir, err := os.Getwd()
	if err == nil {
		err = run(ctx, dir, os.Stdout, os.Args[1:])
	}
	stop()
	if _, isCDK := errors.AsType[*cdkcli.Error](err); isCDK {
		err = fmt.Errorf("%w; what it printed above says why", err)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		os.Exit(1)
	}
}

// local is one command's view of the checkout.
type local struct {
	root string
	out  io.Writer
}

func run(ctx context.Context, root string, out io.Writer, args []string) error {
	l := &local{root: root, out: out}
	flags := flag.NewFlagSet("local", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	api := flags.String("api", "REST", "")
	if len(args) == 0 {
		return errors.New(usage)
	}
	if err := flags.Parse(args[1:]); err != nil || flags.NArg() > 0 {
		return errors.New(usage)
	}
	commands := map[string]func(context.Context) error{
		"up":     func(ctx context.Context) error { return l.up(ctx, strings.ToUpper(*api)) },
		"status": l.status,
		"down":   l.down,
		"stop":   l.stop,
	}
	command, ok := commands[args[0]]
	if !ok || flags.NFlag() > 0 && args[0] != "up" {
		return errors.New(usage)
	}
	if _, err := os.Stat(filepath.Join(root, "cdk.json")); err != nil {
		return errors.New("there is no cdk.json here; run this command in the root of the checkout")
	}
	unlock, err := emulator.Lock(l.dir())
	if err != nil {
		return err
	}
	defer unlock()
	return command(ctx)
}

func (l *local) dir() string         { return filepath.Join(l.root, ".local") }
func (l *local) assembly() string    { return filepath.Join(l.dir(), "cdk.out") }
func (l *local) outputsFile() string { return filepath.Join(l.dir(), "outputs.json") }

func (l *local) options() emulator.Options {
	return emulator.Options{Root: l.root, Dir: l.dir(), Detached: true}
}

// cdk runs cdk for the app's source; with the assembly as App it runs on what Synth made of it.
func (l *local) cdk(e *emulator.Emulator) *cdkcli.CLI {
	return &cdkcli.CLI{Dir: l.root, Env: e.Env(), Line: func(line string) {
		// jsii's Go runtime waits for its process twice at the end, and the second wait fails with this.
		line = strings.ReplaceAll(line, "Runtime process exited abnormally: waitid: no child processes", "")
		// cdk announces everything twice, at its begin and at its end.
		if strings.TrimSpace(line) != "" && !strings.Contains(line, "_IN_PROGRESS ") {
			fmt.Fprintln(l.out, "  "+line)
		}
	}}
}

func (l *local) say(format string, args ...any) { fmt.Fprintf(l.out, format+"\n", args...) }

// since formats the time that a step took.
func since(start time.Time) string { return fmt.Sprintf("%.1f s", time.Since(start).Seconds()) }

// running returns the emulator of this checkout, or nil after saying that there is none.
func (l *local) running(ctx context.Context) (*emulator.Emulator, error) {
	e, err := emulator.Attach(ctx, l.options())
	if e == nil && err == nil {
		l.say("No emulator runs for this checkout.")
	}
	return e, err
}

func (l *local) status(ctx context.Context) error {
	e, err := l.running(ctx)
	if e == nil || err != nil {
		return err
	}
	stacks, err := e.Stacks(ctx)
	if err != nil {
		return err
	}
	l.say("The emulator runs on %s (process %d).", e.Endpoint(), e.PID())
	if len(stacks) == 0 {
		l.say("No stack is deployed.")
		return nil
	}
	l.say("Deployed: %s.", strings.Join(stacks, ", "))
	client, err := l.client(e)
	if err == nil {
		l.say("URL: %s", client.URL(""))
	}
	return nil
}

func (l *local) down(ctx context.Context) error {
	e, err := l.running(ctx)
	if e == nil || err != nil {
		return err
	}
	start := time.Now()
	stacks, err := e.Stacks(ctx)
	if err != nil {
		return err
	}
	if len(stacks) > 0 {
		l.say("Deleting %s ...", strings.Join(stacks, ", "))
		cdk := l.cdk(e)
		if _, err := os.Stat(filepath.Join(l.assembly(), "manifest.json")); err == nil {
			cdk.App = l.assembly() // what was deployed, whatever the source says by now
		}
		if err := cdk.Destroy(ctx); err != nil {
			return err
		}
	}
	left, err := e.Inventory(ctx)
	if err != nil {
		return err
	}
	if len(left) > 0 {
		return fmt.Errorf("the stacks are deleted, but this is left, perhaps by a removal policy:\n  %s", strings.Join(left, "\n  "))
	}
	l.say("Nothing is left in the account (%s). The emulator still runs; stop it with: make stop-local", since(start))
	return nil
}

func (l *local) stop(ctx context.Context) error {
	e, err := l.running(ctx)
	if e == nil {
		return err
	}
	start := time.Now()
	if err := e.Stop(ctx); err != nil {
		return err
	}
	l.say("The emulator has stopped; no process and no port of it is left (%s). Its account is gone.", since(start))
	return nil
}
