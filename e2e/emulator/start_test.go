//go:build unix

package emulator

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/e2e/internal/proc"
)

// A checkout whose python is a script.
func fakeRoot(t *testing.T, script string) string {
	t.Helper()
	root := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(root, ".venv", "bin"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(root, ".venv", "bin", "python"), []byte("#!/bin/sh\n"+script), 0o755))
	return root
}

func TestStart_SaysWhyTheEmulatorEnded(t *testing.T) {
	_, err := Start(t.Context(), Options{Root: fakeRoot(t, "sleep 0.2; echo No module named ministack >&2; exit 1"), Dir: t.TempDir()})
	require.EqualError(t, err, "the emulator ended while it started; its log ends with\n  No module named ministack")
}

func TestAttach(t *testing.T) {
	o := Options{Root: t.TempDir(), Dir: t.TempDir()}
	e, err := Attach(t.Context(), o)
	require.NoError(t, err)
	require.Nil(t, e, "nothing was started")

	record := filepath.Join(o.Dir, "emulator.json")
	require.NoError(t, os.WriteFile(record, []byte(`{"pid": `), 0o600))
	_, err = Attach(t.Context(), o)
	require.ErrorContains(t, err, "emulator.json is damaged")

	// The pid is this test's, the start is not: somebody else's process.
	require.NoError(t, (&Emulator{dir: o.Dir, process: proc.Process{PID: os.Getpid(), Started: "long ago"}, port: 1}).record())
	e, err = Attach(t.Context(), o)
	require.NoError(t, err)
	require.Nil(t, e)
	require.NoFileExists(t, record)
}

func TestLock(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	unlock, err := Lock(dir)
	require.NoError(t, err)
	_, err = Lock(dir)
	require.EqualError(t, err, "another local command works on this checkout; wait until it has finished")
	unlock()
	unlock, err = Lock(dir)
	require.NoError(t, err)
	unlock()
}
