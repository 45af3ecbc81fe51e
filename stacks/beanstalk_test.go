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
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// packedProgram is the zip of a program for this machine.
func packedProgram(t *testing.T, p program) []byte {
	t.Helper()
	bundle, err := p.bundle("..", t.TempDir(), runtime.GOARCH, true)
	require.NoError(t, err)
	assert.Empty(t, bundle.Warnings())
	assert.Equal(t, p.tasks, bundle.Tasks)
	data, err := bundle.Bytes()
	require.NoError(t, err)
	return data
}

// start does what an instance does with a bundle: it unpacks the zip, with its exec bits, and starts the process "web" of its Procfile in
// that folder with PORT and the environment properties. It returns the address and what the program has written.
func start(t *testing.T, data []byte, properties ...string) (url string, written *os.File) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("the programs are for Linux")
	}
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

// A bundle is the same, byte for byte, wherever it is built.
func TestProgram_IsTheSameEverywhere(t *testing.T) {
	assert.True(t, bytes.Equal(packedProgram(t, greeter), packedProgram(t, greeter)))
}

func TestProgram_ThatDoesNotBuild(t *testing.T) {
	_, err := program{name: "nothing"}.bundle("..", t.TempDir(), "arm64", true)
	assert.Error(t, err)
	b, err := program{name: "nothing"}.bundle("..", t.TempDir(), "arm64", false)
	require.NoError(t, err, "nothing is built when nothing of the stack is wanted")
	assert.NotEmpty(t, b.Hash())
}

func TestBeanstalkStackProps_Validate(t *testing.T) {
	domain := Domain{Name: "a.b.c", HostedZone: "b.c", HostedZoneID: "Z"}
	assert.NoError(t, (&BeanstalkStackProps{Stage: Dev}).Validate())
	assert.NoError(t, (&BeanstalkStackProps{Stage: Prod, Domain: domain, GreenPercent: 100, Architecture: "x86_64"}).Validate())
	assert.EqualError(t, (&BeanstalkStackProps{Domain: Domain{Name: "a"}, Architecture: "mips", GreenPercent: 101}).Validate(), `invalid stacks.BeanstalkStackProps:
  - Stage: must be one of dev, prod, local, got `+`
  - Architecture: must be one of arm64, x86_64, got mips
  - Domain: must have all of Name, HostedZone and HostedZoneID, or none
  - GreenPercent: must be between 0 and 100, got 101`)
	assert.EqualError(t, (&BeanstalkStackProps{Stage: Dev, GreenPercent: 1}).Validate(), "invalid stacks.BeanstalkStackProps:\n  - GreenPercent: needs Domain")
	assert.Error(t, (*BeanstalkStackProps)(nil).Validate())
	assert.Equal(t, Domain{Name: "x.b.c", HostedZone: "b.c", HostedZoneID: "Z"}, domain.Sibling("x"))
	assert.Zero(t, Domain{Name: "a"}.Sibling("x"))
}
