//go:build unix

package emulator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/strata-cdk/strata/e2e/internal/proc"
)

// saved is what a detached emulator leaves for the next process, in emulator.json.
type saved struct {
	proc.Process
	Port int `json:"port"`
}

func (e *Emulator) recordFile() string { return filepath.Join(e.dir, "emulator.json") }

func (e *Emulator) record() error {
	b, err := json.MarshalIndent(saved{e.process, e.port}, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(e.recordFile(), append(b, '\n'), 0o600)
}

func (e *Emulator) forget() error {
	if err := os.Remove(e.recordFile()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Attach returns the detached emulator that was started with the same options, or nil if it does not run any more.
func Attach(ctx context.Context, o Options) (*Emulator, error) {
	e, err := prepare(o)
	if err != nil {
		return nil, err
	}
	b, err := os.ReadFile(e.recordFile())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var s saved
	if err := json.Unmarshal(b, &s); err != nil {
		return nil, fmt.Errorf("%s is damaged (%w); if no emulator runs, delete it", rel(e.root, e.recordFile()), err)
	}
	if !s.Running() {
		return nil, e.forget()
	}
	e.process = s.Process
	if err := e.connect(s.Port); err != nil {
		return nil, err
	}
	if !e.healthy(ctx) {
		return e, fmt.Errorf("the emulator (process %d) runs, but does not answer on port %d%s", s.PID, s.Port, e.logTail())
	}
	return e, nil
}

// Lock lets one process at a time work with the emulator of dir. It does not wait.
func Lock(dir string) (unlock func(), err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, errors.New("another local command works on this checkout; wait until it has finished")
	}
	return func() { _ = f.Close() }, nil
}
