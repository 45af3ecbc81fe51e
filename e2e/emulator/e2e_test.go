//go:build e2e && unix

package emulator_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/e2e/emulator"
	"github.com/strata-cdk/strata/e2e/internal/proc"
)

const root = "../.."

func start(t *testing.T, o emulator.Options) *emulator.Emulator {
	t.Helper()
	e, err := emulator.Start(t.Context(), o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.Stop(context.Background())) })
	return e
}

func TestEmulator_OpensOnePortAndLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	e := start(t, emulator.Options{Root: root, Dir: dir})
	other := start(t, emulator.Options{Root: root, Dir: t.TempDir()})
	require.NotEqual(t, e.Endpoint(), other.Endpoint())

	address := strings.TrimPrefix(e.Endpoint(), "https://")
	if runtime.GOOS == "linux" {
		require.Equal(t, []string{address}, listening(t, e.PID()))
	}
	found, err := e.Inventory(t.Context())
	require.NoError(t, err)
	require.Empty(t, found, "a new account is empty")

	require.NoError(t, e.Stop(t.Context()))
	pids, err := proc.Group(e.PID())
	require.NoError(t, err)
	require.Empty(t, pids)
	_, err = net.DialTimeout("tcp4", address, time.Second)
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
	_, err = other.Inventory(t.Context())
	require.NoError(t, err, "the other one still runs")
	require.NoError(t, e.Stop(t.Context()), "stopping twice is no error")
}

func TestSupportedTypes(t *testing.T) {
	e := start(t, emulator.Options{Root: root, Dir: t.TempDir()})
	types, err := e.SupportedTypes(t.Context())
	require.NoError(t, err)
	require.True(t, types.Has("AWS::Lambda::Function"))
	require.True(t, types.Has("Custom::Anything"))
	require.False(t, types.Has("AWS::EC2::NatGateway"))
	require.Greater(t, len(types), 100)
}

func TestDetached_IsFoundAndSparesOthers(t *testing.T) {
	o := emulator.Options{Root: root, Dir: t.TempDir(), Detached: true}
	e := start(t, o)
	again, err := emulator.Attach(t.Context(), o)
	require.NoError(t, err)
	require.Equal(t, e.Endpoint(), again.Endpoint())
	require.Equal(t, e.Env(), again.Env())

	// A record whose pid has another owner by now: not found, not ended.
	record := filepath.Join(o.Dir, "emulator.json")
	b, err := os.ReadFile(record)
	require.NoError(t, err)
	stale := regexp.MustCompile(`"started": ".*"`).ReplaceAll(b, []byte(`"started": "another time"`))
	require.NotEqual(t, b, stale)
	require.NoError(t, os.WriteFile(record, stale, 0o600))
	none, err := emulator.Attach(t.Context(), o)
	require.NoError(t, err)
	require.Nil(t, none)
	require.True(t, runs(t, e.PID()))

	require.NoError(t, again.Stop(t.Context()))
	require.False(t, runs(t, e.PID()))
	none, err = emulator.Attach(t.Context(), o)
	require.NoError(t, err)
	require.Nil(t, none)
}

// With this variable the test binary only starts an emulator, prints its pid and waits to be killed.
const victim = "STRATA_E2E_VICTIM"

func TestMain(m *testing.M) {
	if dir := os.Getenv(victim); dir != "" {
		e, err := emulator.Start(context.Background(), emulator.Options{Root: root, Dir: dir})
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(e.PID())
		select {}
	}
	os.Exit(m.Run())
}

func TestEmulator_DiesWithTheTest(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux signals the children of a process that was killed")
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), victim+"="+t.TempDir())
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	var pid int
	_, err = fmt.Sscan(line, &pid)
	require.NoError(t, err, line)
	require.True(t, runs(t, pid))

	require.NoError(t, cmd.Process.Kill())
	require.Error(t, cmd.Wait())
	require.Eventually(t, func() bool { return !runs(t, pid) }, 5*time.Second, 20*time.Millisecond)
}

func runs(t *testing.T, group int) bool {
	t.Helper()
	pids, err := proc.Group(group)
	require.NoError(t, err)
	return len(pids) > 0
}

// listening returns the addresses on which the processes of the group accept TCP connections.
func listening(t *testing.T, group int) []string {
	t.Helper()
	pids, err := proc.Group(group)
	require.NoError(t, err)
	var addresses []string
	for _, pid := range pids {
		sockets := map[string]bool{}
		fds, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
		require.NoError(t, err)
		for _, fd := range fds {
			target, err := os.Readlink(fd)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			require.NoError(t, err)
			sockets[strings.TrimSuffix(strings.TrimPrefix(target, "socket:["), "]")] = true
		}
		for _, table := range []string{"tcp", "tcp6"} {
			b, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/%s", pid, table))
			require.NoError(t, err)
			for line := range strings.Lines(string(b)) {
				f := strings.Fields(line)
				if len(f) > 9 && f[3] == "0A" && sockets[f[9]] {
					var ip, port uint32
					_, err := fmt.Sscanf(f[1], "%X:%X", &ip, &port)
					require.NoError(t, err, "%s %s", table, f[1])
					addresses = append(addresses, fmt.Sprintf("%s:%d", net.IPv4(byte(ip), byte(ip>>8), byte(ip>>16), byte(ip>>24)), port))
				}
			}
		}
	}
	return addresses
}
