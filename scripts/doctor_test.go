// Package scripts_test tests the scripts of the Makefile.
package scripts_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// doctor runs doctor.sh in an empty folder, on a machine that has but the given commands: name to what they print.
func doctor(t *testing.T, commands map[string]string) (string, int) {
	t.Helper()
	bin := t.TempDir()
	for name, prints := range commands {
		script := "#!/bin/sh\necho '" + prints + "'\n"
		require.NoError(t, os.WriteFile(filepath.Join(bin, name), []byte(script), 0o700))
	}
	path, err := filepath.Abs("doctor.sh")
	require.NoError(t, err)
	cmd := exec.Command("/bin/sh", path)
	cmd.Dir, cmd.Env = t.TempDir(), []string{"PATH=" + bin, "HOME=" + t.TempDir()}
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		require.NoError(t, err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

func TestDoctor_SaysWhatIsMissingAndHowToGetIt(t *testing.T) {
	out, code := doctor(t, nil)
	assert.Equal(t, 1, code)
	for _, want := range []string{
		"MISSING  Go 1.26 or later\n           Install it from https://go.dev/dl",
		"MISSING  npm, to install the pinned Node.js and CDK command line\n           Install Node.js with npm",
		"MISSING  Python 3.10 or later\n           Install it from",
		"later    no AWS credentials found\n           Run aws configure",
	} {
		assert.Contains(t, out, want)
	}
}

func TestDoctor_OldVersions(t *testing.T) {
	out, code := doctor(t, map[string]string{"go": "go1.25.9", "npm": "11.0.0", "python3": "3.9.2"})
	assert.Equal(t, 1, code)
	assert.Contains(t, out, "MISSING  Go 1.26 or later, found 1.25.9")
	assert.Contains(t, out, "MISSING  Python 3.10 or later, found 3.9.2")
}

func TestDoctor_NewMachineWithEverythingNeeded(t *testing.T) {
	out, code := doctor(t, map[string]string{"go": "go1.27rc1", "npm": "11.0.0", "python3": "3.13.1"})
	assert.Equal(t, 0, code, out)
	assert.Equal(t, 3, strings.Count(out, "  ok  "), out)
	assert.Contains(t, out, "the pinned Node.js and CDK command line are not installed yet\n           Run make tools")
	assert.Contains(t, out, "the emulator and cfn-lint are not installed yet\n           Run make python")
}
