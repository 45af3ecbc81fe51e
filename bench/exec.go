//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// command is a process to run to its end.
type command struct {
	args []string
	dir  string   // below the root of the repository, or absolute; default: the root
	env  []string // on top of the bench's own
	// watch is called with the process id while the process runs, and returns when the channel is closed.
	watch func(pid int, done <-chan struct{})
}

// result is what a process did.
type result struct {
	output  string // standard output and error
	seconds float64
}

const limit = 10 * time.Minute // of one process

// exec runs a command in a process group of its own, which ends with it.
func (b *bench) exec(ctx context.Context, c command) (result, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	// A file, not a pipe: nothing here competes with what is measured.
	out, err := os.CreateTemp(b.tmp, "output-")
	if err != nil {
		return result{}, err
	}
	defer os.RemoveAll(out.Name())
	defer func() { _ = out.Close() }()
	cmd := exec.CommandContext(ctx, c.args[0], c.args[1:]...)
	cmd.Dir = b.root
	if c.dir != "" {
		cmd.Dir = c.dir
	}
	cmd.Env = append(b.env[:len(b.env):len(b.env)], c.env...)
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return killGroup(cmd.Process.Pid) }

	start := time.Now()
	if err := cmd.Start(); err != nil {
		return result{}, err
	}
	done, watched := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(watched)
		if c.watch != nil {
			c.watch(cmd.Process.Pid, done)
		}
	}()
	err = cmd.Wait()
	elapsed := time.Since(start)
	close(done)
	<-watched
	if e := killGroup(cmd.Process.Pid); err == nil { // what the process left behind
		err = e
	}
	text, readErr := os.ReadFile(out.Name())
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		return result{}, fmt.Errorf("%s: %w\n%s", strings.Join(c.args, " "), err, tail(string(text)))
	}
	return result{output: string(text), seconds: elapsed.Seconds()}, readErr
}

// killGroup ends all processes of a group; one that has ended is no error.
func killGroup(pid int) error {
	if err := syscall.Kill(-pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return err
	}
	return nil
}

// tail gives the end of a long text.
func tail(text string) string {
	const most = 4000
	if len(text) > most {
		return "... " + text[len(text)-most:]
	}
	return text
}
