//go:build unix

package mfa

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// With this variable the test binary writes two sessions in turn, until it is killed.
const writer = "STRATA_TEST_WRITER"

func TestMain(m *testing.M) {
	if os.Getenv(writer) == "" {
		os.Exit(m.Run())
	}
	c, err := OpenCache()
	if err != nil {
		panic(err)
	}
	for i := 0; ; i++ {
		s := session(i % 2)
		if err := replace(c.path(s), content(i%2)); err != nil {
			panic(err)
		}
		if i == 0 {
			fmt.Println("writing")
		}
	}
}

func session(i int) Session {
	return Session{Version: 1, Serial: "serial", Source: "AKIA", AccessKeyID: fmt.Sprint("ASIA", i), SecretAccessKey: "s", SessionToken: strings.Repeat("t", 1000), Expiration: time.Unix(1e9, 0).UTC()}
}

func content(i int) []byte {
	s := session(i)
	return fmt.Appendf(nil, `{"Version":1,"Serial":"serial","Source":"AKIA","AccessKeyId":%q,"SecretAccessKey":"s","SessionToken":%q,"Expiration":"2001-09-09T01:46:40Z"}`, s.AccessKeyID, s.SessionToken)
}

// Processes are killed while they replace the file, until several died with the new file written and not yet renamed. The
// file is one whole session each time, and the next write leaves nothing behind.
func TestWrite_Killed(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir()) // where macOS has its caches
	c, err := OpenCache()
	require.NoError(t, err)
	want := session(0)
	size := int64(len(content(0)))
	between := 0
	for kills := 0; between < 5; kills++ {
		require.Less(t, kills, 500, "no process was killed between write and rename")
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), writer+"=1")
		out, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		_, err = out.Read(make([]byte, 16))
		require.NoError(t, err)
		time.Sleep(time.Duration(rand.IntN(3000)) * time.Microsecond)
		require.NoError(t, cmd.Process.Signal(syscall.SIGKILL))
		_ = cmd.Wait()

		kept, err := c.read(want)
		require.NoError(t, err)
		require.NotNil(t, kept, "the file is whole")
		require.Contains(t, []Session{session(0), session(1)}, *kept)
		left, err := filepath.Glob(filepath.Join(c.dir, ".*"))
		require.NoError(t, err)
		for _, l := range left {
			info, err := os.Stat(l)
			require.NoError(t, err)
			require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
			if info.Size() == size {
				between++
			}
		}
		require.NoError(t, c.write(&want))
		files, err := os.ReadDir(c.dir)
		require.NoError(t, err)
		require.Len(t, files, 1, "what was left behind is gone")
	}
}

func TestLock_WaitsOnlySoLong(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	c, err := OpenCache()
	require.NoError(t, err)
	require.Equal(t, 2*time.Minute, c.wait)
	c.wait = 200 * time.Millisecond
	var notes []string
	note := func(message string) { notes = append(notes, message) }
	unlock, err := c.lock(t.Context(), session(0), note)
	require.NoError(t, err)
	require.Empty(t, notes)
	_, err = c.lock(t.Context(), session(0), note)
	require.EqualError(t, err, "another strata mfa has been asking for a code for 200ms: enter it there, or end that process")
	require.Len(t, notes, 1)
	time.AfterFunc(50*time.Millisecond, unlock)
	again, err := c.lock(t.Context(), session(0), note)
	require.NoError(t, err)
	again()
}

func TestFind(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	require.Nil(t, Find("ASIA0"))
	c, err := OpenCache()
	require.NoError(t, err)
	for i := range 2 {
		s := session(i)
		s.Source = fmt.Sprint("AKIA", i)
		require.NoError(t, c.write(&s))
	}
	require.Equal(t, "AKIA1", Find("ASIA1").Source)
	require.Nil(t, Find("ASIA2"))
	files, err := filepath.Glob(filepath.Join(c.dir, "*"))
	require.NoError(t, err)
	for _, f := range files {
		require.NoError(t, os.Chmod(f, 0o644))
	}
	require.Nil(t, Find("ASIA1"), "others could have written it")
}
