//go:build unix

package emulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Env is the environment for the CDK command line, for an AWS SDK and for whatever else must reach this emulator and
// nothing else. It is made from scratch: of the caller's environment it has PATH, with the pinned Node.js first, the
// settings of the go command and the place of jsii's cache.
func (e *Emulator) Env() []string { return slices.Clone(e.env) }

func (e *Emulator) clientEnv() ([]string, error) {
	goEnv, err := goSettings()
	if err != nil {
		return nil, err
	}
	cache, err := jsiiCache()
	if err != nil {
		return nil, err
	}
	return slices.Concat(e.awsEnv(), []string{
		"NODE_EXTRA_CA_CERTS=" + e.CACert(),
		"JSII_NODE=" + filepath.Join(e.bin(), "node"),
		"JSII_RUNTIME_PACKAGE_CACHE_ROOT=" + cache,
		"CDK_DISABLE_CLI_TELEMETRY=true",
		"CDK_DISABLE_VERSION_CHECK=true",
		"CI=true",
		"NO_COLOR=1",
	}, goEnv), nil
}

// serverEnv is for the emulator itself, and so for the functions that it runs. It can open these ports: its own, SFTP
// (2222), MQTT (8883), 443 besides its own when it starts its own TLS, and those of containers. Only the first is wanted.
func (e *Emulator) serverEnv() []string {
	return append(e.awsEnv(),
		"BIND_HOST=127.0.0.1",
		"USE_SSL=1", // URLs that it hands out start with https, as those for the answers of custom resources
		"SSL_CERT_FILE="+e.CACert(),
		"GATEWAY_PORT="+strconv.Itoa(e.port),
		"SFTP_ENABLED=0",
		"IOT_MTLS_ENABLED=0",
		"DOCKER_HOST=unix://"+e.file("no-docker.sock"),
		"AUTH=true",
		"MINISTACK_ACCOUNT_ID="+Account,
		"MINISTACK_REGION="+Region,
		"STATE_DIR="+e.file("state"),
		"S3_DATA_DIR="+e.file("s3"),
		"PYTHONDONTWRITEBYTECODE=1",
		"PYTHONUNBUFFERED=1",
	)
}

func (e *Emulator) awsEnv() []string {
	return []string{
		"PATH=" + e.bin() + string(filepath.ListSeparator) + os.Getenv("PATH"),
		"HOME=" + e.file("home"),
		"TMPDIR=" + e.file("tmp"),
		"AWS_ENDPOINT_URL=" + e.Endpoint(),
		"AWS_CA_BUNDLE=" + e.CACert(),
		"AWS_ACCESS_KEY_ID=" + Key,
		"AWS_SECRET_ACCESS_KEY=" + Secret,
		"AWS_REGION=" + Region,
		"AWS_DEFAULT_REGION=" + Region,
		"AWS_CONFIG_FILE=" + os.DevNull,
		"AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull,
		"AWS_EC2_METADATA_DISABLED=true",
	}
}

func (e *Emulator) bin() string { return filepath.Join(e.root, "node_modules", ".bin") }

// jsiiCache is where jsii keeps the CDK for this user: 200 MB that are the same everywhere, and the index that make prime
// writes. See cacheRoot in package jsiiprime.
func jsiiCache() (string, error) {
	if root := os.Getenv("JSII_RUNTIME_PACKAGE_CACHE_ROOT"); root != "" {
		return root, nil
	}
	home, err := os.UserHomeDir()
	if runtime.GOOS == "darwin" {
		return filepath.Join(home, "Library", "Caches", "com.amazonaws.jsii", "package-cache"), err
	}
	return filepath.Join(home, ".cache", "aws", "jsii", "package-cache"), err
}

// goSettings asks the go command for what decides where it finds modules and keeps builds: HOME is another one below. It
// must find all modules there, because nothing else of this environment could reach them; see cdkcli.Prefetch.
var goSettings = sync.OnceValues(func() ([]string, error) {
	names := []string{"GOCACHE", "GOMODCACHE", "GOPATH", "GOFLAGS", "GOTOOLCHAIN"}
	out, err := exec.Command("go", append([]string{"env", "-json"}, names...)...).Output()
	if err != nil {
		return nil, fmt.Errorf("cannot ask go for its settings: %w", err)
	}
	values := map[string]string{}
	if err := json.Unmarshal(out, &values); err != nil {
		return nil, err
	}
	env := []string{"GOPROXY=off"}
	for _, n := range names {
		if values[n] != "" {
			env = append(env, n+"="+values[n])
		}
	}
	return env, nil
})

// Loopback returns an error unless the URL's host is this machine: localhost, 127.0.0.0/8 or ::1.
func Loopback(endpoint string) error {
	u, err := url.Parse(endpoint)
	if err != nil {
		return fmt.Errorf("%q is not a URL", endpoint)
	}
	host := u.Hostname()
	ip, err := netip.ParseAddr(host)
	if (u.Scheme == "http" || u.Scheme == "https") && (host == "localhost" || err == nil && ip.IsLoopback()) {
		return nil
	}
	return fmt.Errorf("%s is not on this machine: only http(s) URLs of localhost, 127.0.0.0/8 and ::1 are allowed here", endpoint)
}

// LocalOnly returns an error unless every AWS client with this environment talks to this machine only.
func LocalOnly(env []string) error {
	var endpoint string
	for _, v := range env {
		name, value, _ := strings.Cut(v, "=")
		switch {
		case name == "AWS_ENDPOINT_URL":
			endpoint = value
		case strings.HasPrefix(name, "AWS_ENDPOINT_URL_"), name == "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", name == "AWS_PROFILE":
			return fmt.Errorf("the environment sets %s, which could lead to a real account", name)
		}
	}
	if endpoint == "" {
		return errors.New("the environment sets no AWS_ENDPOINT_URL, so AWS clients would talk to a real account")
	}
	return Loopback(endpoint)
}
