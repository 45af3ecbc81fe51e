//go:build unix

package proc

import (
	"bufio"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// family starts a shell with a child that ignores SIGTERM, and returns when both run.
func family(t *testing.T) (Process, <-chan struct{}) {
	t.Helper()
	cmd := exec.Command("sh", "-c", "(trap '' TERM; echo ready; while :; do sleep 0.1; done) & wait")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	p, done, err := Start(cmd, false)
	require.NoError(t, err)
	t.Cleanup(func() { _ = End(t.Context(), p, 0) })
	_, err = bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	return p, done
}

func TestEnd_EndsTheWholeGroup(t *testing.T) {
	p, done := family(t)
	require.True(t, p.Running())
	pids, err := Group(p.PID)
	require.NoError(t, err)
	require.Contains(t, pids, p.PID)
	require.GreaterOrEqual(t, len(pids), 2)

	require.NoError(t, End(t.Context(), p, 200*time.Millisecond))
	<-done
	require.False(t, p.Running())
	pids, err = Group(p.PID)
	require.NoError(t, err)
	require.Empty(t, pids)
}

func TestEnd_SparesAProcessThatOnlyHasThePID(t *testing.T) {
	p, _ := family(t)
	other := Process{PID: p.PID, Started: p.Started + "0"}
	require.False(t, other.Running())
	require.NoError(t, End(t.Context(), other, 0))
	require.True(t, p.Running())
	for _, none := range []Process{{}, {PID: 1, Started: "x"}, {PID: -1, Started: "x"}} {
		require.False(t, none.Running())
	}
}

func TestStart_ReportsAMissingProgram(t *testing.T) {
	_, _, err := Start(exec.Command("/nowhere/program"), false)
	require.ErrorIs(t, err, os.ErrNotExist)
}

// The answers of ps are what other systems than Linux rely on; here both must agree.
func TestPS_AgreesWithProcfs(t *testing.T) {
	if _, err := exec.LookPath("ps"); err != nil {
		t.Skip("no ps")
	}
	p, _ := family(t)
	started, err := startFromPS(p.PID)
	require.NoError(t, err)
	require.Contains(t, started, strconv.Itoa(time.Now().UTC().Year()))
	_, err = startFromPS(1 << 30)
	require.Error(t, err)

	pids, err := groupFromPS(p.PID)
	require.NoError(t, err)
	require.Contains(t, pids, p.PID)
	require.GreaterOrEqual(t, len(pids), 2)
}

func TestIdentify_TellsProcessesApart(t *testing.T) {
	self, err := Identify(os.Getpid())
	require.NoError(t, err)
	parent, err := Identify(os.Getppid())
	require.NoError(t, err)
	require.NotEqual(t, self, parent)
	require.True(t, self.Running())
	_, err = Identify(1 << 30)
	require.Error(t, err)
	require.False(t, strings.HasSuffix(self.Started, "/"))
}
