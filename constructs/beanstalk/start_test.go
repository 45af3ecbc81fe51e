package beanstalk

import (
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// platformPort is a free port, 5000 when it is one: that is the default of the platforms.
func platformPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:5000")
	if err != nil {
		l, err = net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

// tool is the path of a program that a test needs. Without it the test is skipped, but fails where CI is set, so that none is missed there.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil && os.Getenv("CI") == "" {
		t.Skipf("%s is not installed: the test compares with it", name)
	}
	require.NoError(t, err)
	return path
}

// TestBundle_StartsAsOnThePlatform does on this machine what an instance does with a bundle: unpack it, run the hooks before
// deployment in the order of their names, start each line of the Procfile with PORT and the environment properties.
func TestBundle_StartsAsOnThePlatform(t *testing.T) {
	unzip := tool(t, "unzip")
	source := app{
		".ebextensions/env.config": "option_settings:\n  aws:elasticbeanstalk:application:environment:\n    WHO: nobody\n",
		".ebignore":                "*.txt\n",
		"prepared.txt":             "by the developer",
	}.dir(t)
	build := exec.Command("go", "build", "-o", filepath.Join(source, "bin", "web"), "./testdata/webapp")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	// As in an embed.FS or on Windows, the program has no exec bit: the Procfile gives it back.
	require.NoError(t, os.Chmod(filepath.Join(source, "bin", "web"), 0o600))

	b, err := NewBundle(&BundleProps{
		Directory: source,
		Configs:   map[string]*Config{"later": {Options: []Option{{Namespace: environmentNamespace, Name: "WHO", Value: "world"}}}},
		Hooks: map[string]string{
			"predeploy/10_first.sh":  "#!/bin/sh\nprintf 'prepared by' > prepared.txt\n",
			"predeploy/20_second.sh": "#!/bin/sh\nprintf ' hooks' >> prepared.txt\n",
		},
		Procfile: []Process{{"web", "bin/web"}},
	})
	require.NoError(t, err)
	assert.Equal(t, []string{".ebextensions/env.config:3: aws:elasticbeanstalk:application:environment WHO has no effect: .ebextensions/later.config sets it later"}, b.Warnings())

	dir := t.TempDir()
	require.NoError(t, b.Write(filepath.Join(dir, "app.zip")))
	current := filepath.Join(dir, "current")
	out, err = exec.Command(unzip, "-q", filepath.Join(dir, "app.zip"), "-d", current).CombinedOutput()
	require.NoError(t, err, "%s", out)

	port := platformPort(t)
	env := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "PORT=" + port}
	for _, o := range b.Options() {
		require.Equal(t, environmentNamespace, o.Namespace)
		env = append(env, o.Name+"="+o.Value)
	}
	hooks, err := filepath.Glob(filepath.Join(current, ".platform", "hooks", "predeploy", "*"))
	require.NoError(t, err)
	require.Len(t, hooks, 2)
	for _, hook := range hooks {
		cmd := exec.Command(hook)
		cmd.Dir, cmd.Env = current, env
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s: %s", hook, out)
	}
	procfile, err := os.ReadFile(filepath.Join(current, "Procfile"))
	require.NoError(t, err)
	for line := range strings.Lines(string(procfile)) {
		_, command, ok := strings.Cut(line, ": ")
		require.True(t, ok)
		cmd := exec.Command("sh", "-c", command)
		cmd.Dir, cmd.Env, cmd.Stderr = current, env, os.Stderr
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		require.NoError(t, cmd.Start())
		t.Cleanup(func() {
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			_ = cmd.Wait()
		})
	}
	var body string
	require.Eventually(t, func() bool {
		response, err := http.Get("http://127.0.0.1:" + port + "/")
		if err != nil {
			return false
		}
		defer response.Body.Close()
		data, err := io.ReadAll(response.Body)
		body = string(data)
		return err == nil && response.StatusCode == http.StatusOK
	}, 30*time.Second, 20*time.Millisecond)
	assert.Equal(t, "hello world, prepared by hooks", body)
}
