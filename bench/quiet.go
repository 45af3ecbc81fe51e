//go:build unix

package main

import (
	"context"
	"os"
	"strconv"
	"strings"
	"time"
)

// waitForQuiet waits until the cores were idle for most of half a second, or most has passed. Where there is no /proc it
// does not wait.
func waitForQuiet(ctx context.Context, most time.Duration) {
	const window, busy = 500 * time.Millisecond, 0.1
	for end := time.Now().Add(most); time.Now().Before(end); {
		idle, all, ok := cpuTime()
		if !ok {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(window):
		}
		idle2, all2, _ := cpuTime()
		if all2 > all && 1-float64(idle2-idle)/float64(all2-all) < busy {
			return
		}
	}
}

// cpuTime gives the time that all cores were idle, and that passed for them, in ticks.
func cpuTime() (idle, all int, ok bool) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, 0, false
	}
	first, _, _ := strings.Cut(string(text), "\n")
	for i, field := range strings.Fields(first)[1:] {
		ticks, err := strconv.Atoi(field)
		if err != nil {
			return 0, 0, false
		}
		all += ticks
		if i == 1 || i == 3 || i == 4 { // what gives way (nice), idle, waiting for input or output
			idle += ticks
		}
	}
	return idle, all, true
}
