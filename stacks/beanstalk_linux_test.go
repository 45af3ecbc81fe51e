// The programs are for instances, which run Linux: so does what starts them here.

package stacks

import (
	"archive/zip"
	"bytes"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// start does what an instance does with a bundle: it unpacks the zip, with its exec bits, and starts the process "web" of its Procfile in
// that folder with PORT and the environment properties. It returns the address and what the program has written.
func start(t *testing.T, data []byte, properties ...string) (url string, written *os.File) {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	require.NoError(t, err)
	dir := t.TempDir()
	procfile := ""
	for _, f := range r.File {
		in, err := f.Open()
		require.NoError(t, err)
		text, err := io.ReadAll(in)
		require.NoError(t, err)
		require.True(t, filepath.IsLocal(f.Name))
		require.NoError(t, os.WriteFile(filepath.Join(dir, f.Name), text, f.Mode().Perm()))
		if f.Name == "Procfile" {
			procfile = string(text)
		}
	}
	command, ok := strings.CutPrefix(strings.TrimSpace(procfile), "web: ")
	require.True(t, ok, procfile)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := l.Addr().String()
	require.NoError(t, l.Close())
	_, port, err := net.SplitHostPort(address)
	require.NoError(t, err)

	written, err = os.Create(filepath.Join(t.TempDir(), "web.stdout.log"))
	require.NoError(t, err)
	cmd := exec.Command("sh", "-c", "exec "+command)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, append(properties, "PORT="+port), written, written
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
		_ = cmd.Wait()
		_ = written.Close()
	})
	require.Eventually(t, func() bool {
		c, err := net.Dial("tcp", address)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	}, 30*time.Second, 20*time.Millisecond)
	return "http://" + address, written
}

func answer(t *testing.T, r *http.Response, err error) (int, string) {
	t.Helper()
	require.NoError(t, err)
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	return r.StatusCode, string(text)
}

func TestGreeter_StartsFromItsBundle(t *testing.T) {
	url, _ := start(t, packedProgram(t, greeter), "COLOR=green")
	r, err := http.Get(url + "/?name=Ada")
	code, text := answer(t, r, err)
	assert.Equal(t, http.StatusOK, code)
	assert.Equal(t, "<p style=\"color: green\">Hello Ada</p>\n", text)
	r, err = http.Get(url + "/health")
	code, _ = answer(t, r, err)
	assert.Equal(t, http.StatusOK, code, "what the load balancer asks for")
}

func TestChores_StartsFromItsBundle(t *testing.T) {
	data := packedProgram(t, chores)
	url, written := start(t, data)
	r, err := http.Post(url+"/", "application/json", strings.NewReader(`{"do":"dishes"}`))
	code, _ := answer(t, r, err)
	assert.Equal(t, http.StatusOK, code)
	for _, task := range chores.tasks { // each task of cron.yaml has its handler
		r, err := http.Post(url+task.URL, "application/json", nil)
		code, _ := answer(t, r, err)
		assert.Equal(t, http.StatusOK, code, task.URL)
	}
	text, err := os.ReadFile(written.Name())
	require.NoError(t, err)
	assert.Contains(t, string(text), `done: "dishes"`)
}
