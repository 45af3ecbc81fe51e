//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// screen is a terminal with what it shows.
type screen struct {
	t     *testing.T
	side  *os.File // that of the user
	name  string
	mu    sync.Mutex
	shown bytes.Buffer
}

// newScreen opens a pseudo terminal; see pty(7).
func newScreen(t *testing.T) *screen {
	t.Helper()
	side, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("this machine has no pseudo terminals: ", err)
	}
	t.Cleanup(func() { side.Close() })
	require.NoError(t, unix.IoctlSetPointerInt(int(side.Fd()), unix.TIOCSPTLCK, 0))
	n, err := unix.IoctlGetInt(int(side.Fd()), unix.TIOCGPTN)
	require.NoError(t, err)
	s := &screen{t: t, side: side, name: fmt.Sprintf("/dev/pts/%d", n)}
	go func() {
		buf := make([]byte, 1024)
		for {
			n, err := side.Read(buf)
			s.mu.Lock()
			s.shown.Write(buf[:n])
			s.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	return s
}

// start runs a command that has the screen as its terminal, and nothing else of it.
func (s *screen) start(cmd *exec.Cmd) (wait func() int) {
	s.t.Helper()
	tty, err := os.OpenFile(s.name, os.O_RDWR|unix.O_NOCTTY, 0)
	require.NoError(s.t, err)
	cmd.ExtraFiles = []*os.File{tty}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 3}
	require.NoError(s.t, cmd.Start())
	// The terminal stays open here, or Linux would forget its settings with the command.
	s.t.Cleanup(func() { tty.Close() })
	return func() int {
		_ = cmd.Wait()
		return cmd.ProcessState.ExitCode()
	}
}

func (s *screen) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shown.String()
}

// types waits until a text is shown for the nth time, and types.
func (s *screen) types(after string, nth int, keys string) {
	s.t.Helper()
	require.Eventually(s.t, func() bool { return strings.Count(s.text(), after) == nth }, 10*time.Second, 5*time.Millisecond, "%q", s.text())
	_, err := s.side.WriteString(keys)
	require.NoError(s.t, err)
}

const prompt = "MFA code of " + serial + ": "

func TestMFA_AsksOnTheTerminal(t *testing.T) {
	m, s := newMachine(t), newScreen(t)
	cmd := m.command("mfa", "--profile", "keys")
	var out, problem bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader("999999\n"), &out, &problem
	wait := s.start(cmd)
	s.types(prompt, 1, "12 34\n")
	s.types(prompt, 2, "000000\n")
	s.types(prompt, 3, " 123456 \n")
	require.Equal(t, 0, wait(), problem.String())
	require.Contains(t, out.String(), m.last().ID)
	require.NotContains(t, out.String(), prompt)
	require.Empty(t, problem.String())
	require.Equal(t, prompt+"12 34\r\nA code is six digits.\r\n"+prompt+"000000\r\n"+
		"AWS does not accept this code; each works once and for half a minute. Wait for the next one.\r\n"+prompt+" 123456 \r\n", s.text())
	require.Len(t, m.aws.Calls("GetSessionToken"), 2)
}

func TestMFA_GivesUpAfterThreeCodes(t *testing.T) {
	m, s := newMachine(t), newScreen(t)
	cmd := m.command("mfa", "--profile", "keys")
	var problem bytes.Buffer
	cmd.Stderr = &problem
	wait := s.start(cmd)
	for i := range 3 {
		s.types(prompt, i+1, "000000\n")
	}
	require.Equal(t, exitFailed, wait())
	require.Equal(t, "Error: AWS does not accept the MFA code: each works once and for about half a minute; try again with the next one\n", problem.String())
}

func TestMFA_NoAnswer(t *testing.T) {
	for keys, want := range map[string]struct {
		code int
		text string
	}{
		"\x03": {exitInterrupted, "Error: interrupted\n"},
		"\x04": {exitFailed, "Error: no MFA code was entered\n"},
	} {
		m, s := newMachine(t), newScreen(t)
		cmd := m.command("mfa", "--profile", "keys")
		var problem bytes.Buffer
		cmd.Stderr = &problem
		wait := s.start(cmd)
		s.types(prompt, 1, keys)
		require.Equal(t, want.code, wait())
		require.Equal(t, want.text, problem.String())
		require.Empty(t, m.aws.Calls("GetSessionToken"))
	}
}

func TestMFA_ShowsNoSecretOnATerminal(t *testing.T) {
	m, s := newMachine(t), newScreen(t)
	tty, err := os.OpenFile(s.name, os.O_RDWR|unix.O_NOCTTY, 0)
	require.NoError(t, err)
	defer tty.Close()
	cmd := m.command("mfa", "--profile", "keys", "--token-code", "123456")
	cmd.Stdout = tty
	require.Equal(t, 0, m.finish(cmd).code)
	shown := regexp.MustCompile(`^The MFA session of ` + regexp.QuoteMeta(serial) + ` lasts (1h0m0s|59m5\ds), until .*\. Its secrets are not shown here: pipe this command, or give --export\.\r\n$`)
	require.Eventually(t, func() bool { return shown.MatchString(s.text()) }, 5*time.Second, 5*time.Millisecond)
	require.NotContains(t, s.text(), m.last().Secret)
}

// A tool that runs strata mfa as its credential_process, with a role that is assumed from the session.
func TestMFA_ServesTheSDK(t *testing.T) {
	m, s := newMachine(t), newScreen(t)
	m.aws.Roles["arn:aws:iam::444455556666:role/admin"] = []string{"111122223333"}
	m.write(".aws/config", "[profile keys]\nmfa_serial = "+serial+"\n[profile me]\ncredential_process = strata mfa --profile keys\n"+
		"[profile admin]\nrole_arn = arn:aws:iam::444455556666:role/admin\nsource_profile = me\n", 0o600)
	cmd := m.command("whoami", "--profile", "admin")
	var out, problem bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problem
	wait := s.start(cmd)
	s.types(prompt, 1, "123456\n")
	require.Equal(t, 0, wait(), problem.String())
	require.Contains(t, out.String(), "Account:     444455556666\nARN:         arn:aws:sts::444455556666:assumed-role/admin/")
	require.Equal(t, 0, m.run("whoami", "--profile", "admin").code, "silent from now on")
}

func TestWhoami_RoleWithMFA(t *testing.T) {
	m, s := newMachine(t), newScreen(t)
	m.aws.Roles[role] = []string{"111122223333"}
	m.write(".aws/config", "[profile keys]\n[profile deploy]\nrole_arn = "+role+"\nsource_profile = keys\nmfa_serial = "+serial+"\n", 0o600)
	cmd := m.command("whoami", "--profile", "deploy")
	var out bytes.Buffer
	cmd.Stdout = &out
	wait := s.start(cmd)
	s.types("MFA code of the role's device: ", 1, "123456\n")
	require.Equal(t, 0, wait())
	require.Contains(t, out.String(), "MFA:         yes, the role was assumed with "+serial+"\n")
}
