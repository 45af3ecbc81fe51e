//go:build unix

// Package proc starts a program in a process group of its own, tells later whether that program still runs, and
// ends the whole group by its id.
//
// A pid alone is no identity: once its process has ended, it can belong to somebody else. A Process therefore also
// has the time of its start, and nothing here signals a group whose leader is not the process that was recorded.
package proc

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Process identifies a group leader for good.
type Process struct {
	PID int `json:"pid"`
	// Started is when the process started, in a form that only Identify makes.
	Started string `json:"started"`
}

// procfs is where Linux describes its processes. Other systems do not have it and are asked with ps.
const procfs = "/proc"

// Start runs cmd as the leader of its own process group. done is closed when it has ended and been waited for.
// A program that is not detached dies with this process, where the system can do that (Linux); a detached one gets a
// session of its own and outlives this process and its terminal.
func Start(cmd *exec.Cmd, detached bool) (p Process, done <-chan struct{}, err error) {
	cmd.SysProcAttr = attributes(detached)
	started, ended := make(chan error), make(chan struct{})
	go func() {
		// Linux sends the signal of a dying parent when the parent's thread ends: keep the thread as long as the child.
		runtime.LockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
		}
		close(ended)
	}()
	if err := <-started; err != nil {
		return Process{}, nil, err
	}
	p, err = Identify(cmd.Process.Pid)
	if err != nil {
		err = fmt.Errorf("%s ended at once: %w", cmd.Path, err)
	}
	return p, ended, err
}

// Identify describes the process that has the pid now.
func Identify(pid int) (Process, error) {
	started, err := startOf(pid)
	return Process{PID: pid, Started: started}, err
}

// Running tells whether p itself, and not another process that got its pid, still runs.
func (p Process) Running() bool {
	if p.PID <= 1 || p.Started == "" {
		return false
	}
	now, err := startOf(p.PID)
	return err == nil && now == p.Started
}

// End ends the group that p leads and waits until none of its processes is left, zombies apart. It asks first and kills
// after grace. If p has ended, the rest of its group gets a second to follow; a group that has another leader by now is
// not touched, and no error.
func End(ctx context.Context, p Process, grace time.Duration) error {
	if now, err := Identify(p.PID); err == nil && now != p {
		return nil
	}
	if p.Running() {
		for _, step := range []struct {
			signal syscall.Signal
			wait   time.Duration
		}{{syscall.SIGTERM, grace}, {syscall.SIGKILL, 5 * time.Second}} {
			if err := syscall.Kill(-p.PID, step.signal); err != nil && !errors.Is(err, syscall.ESRCH) {
				return fmt.Errorf("cannot end process group %d: %w", p.PID, err)
			}
			left, err := drained(ctx, p.PID, step.wait)
			if err != nil || len(left) == 0 {
				return err
			}
		}
	}
	left, err := drained(ctx, p.PID, time.Second)
	if err == nil && len(left) > 0 {
		err = fmt.Errorf("process group %d still has the processes %v", p.PID, left)
	}
	return err
}

// drained waits until the group is empty and returns who is left after the limit.
func drained(ctx context.Context, group int, limit time.Duration) ([]int, error) {
	deadline := time.Now().Add(limit)
	for {
		left, err := Group(group)
		if err != nil || len(left) == 0 || time.Now().After(deadline) {
			return left, err
		}
		select {
		case <-ctx.Done():
			return left, ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Group lists the processes of a group that still run. Zombies do not: they wait for a parent that may never look.
func Group(group int) ([]int, error) {
	if _, err := os.Stat(procfs); err != nil {
		return groupFromPS(group)
	}
	entries, err := os.ReadDir(procfs)
	if err != nil {
		return nil, err
	}
	var pids []int
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		f, err := stat(pid)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
			continue // it ended meanwhile
		}
		if err != nil {
			return nil, err
		}
		if f.group == group && f.state != "Z" {
			pids = append(pids, pid)
		}
	}
	return pids, nil
}

func startOf(pid int) (string, error) {
	if _, err := os.Stat(procfs); err != nil {
		return startFromPS(pid)
	}
	f, err := stat(pid)
	if err != nil {
		return "", err
	}
	if f.state == "Z" {
		return "", fmt.Errorf("process %d has ended", pid)
	}
	// Ticks since the boot say when only together with the boot.
	boot, err := os.ReadFile(procfs + "/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(boot)) + "/" + f.start, err
}

type fields struct {
	state string
	group int
	start string
}

// stat reads what proc(5) says about a process. The second field is a name in parentheses that may hold anything.
func stat(pid int) (fields, error) {
	b, err := os.ReadFile(fmt.Sprintf("%s/%d/stat", procfs, pid))
	if err != nil {
		return fields{}, err
	}
	f := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
	if len(f) < 20 {
		return fields{}, fmt.Errorf("cannot read the state of process %d", pid)
	}
	group, err := strconv.Atoi(f[2])
	return fields{state: f[0], group: group, start: f[19]}, err
}

func groupFromPS(group int) ([]int, error) {
	out, err := ps("-A", "-o", "pid=,pgid=,stat=")
	if err != nil {
		return nil, err
	}
	var pids []int
	for line := range strings.Lines(out) {
		f := strings.Fields(line)
		if len(f) != 3 || f[1] != strconv.Itoa(group) || strings.HasPrefix(f[2], "Z") {
			continue
		}
		pid, err := strconv.Atoi(f[0])
		if err != nil {
			return nil, err
		}
		pids = append(pids, pid)
	}
	slices.Sort(pids)
	return pids, nil
}

func startFromPS(pid int) (string, error) {
	out, err := ps("-o", "stat=,lstart=", "-p", strconv.Itoa(pid))
	f := strings.Fields(out)
	if err != nil || len(f) < 2 || strings.HasPrefix(f[0], "Z") {
		return "", fmt.Errorf("process %d does not run", pid)
	}
	return strings.Join(f[1:], " "), nil
}

func ps(args ...string) (string, error) {
	cmd := exec.Command("ps", args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C", "TZ=UTC")
	out, err := cmd.Output()
	return string(out), err
}
