//go:build unix

package emulator

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLoopback(t *testing.T) {
	for _, local := range []string{
		"http://localhost", "https://localhost:4566", "http://127.0.0.1:4566", "https://127.9.8.7", "http://[::1]:80/path",
	} {
		require.NoError(t, Loopback(local), local)
	}
	for _, other := range []string{
		"", "localhost", "127.0.0.1:4566", "https://sts.us-east-1.amazonaws.com", "http://localhost.example.com",
		"http://127.0.0.1.example.com", "http://127.0.0.1@example.com", "http://example.com#127.0.0.1", "http://0.0.0.0",
		"http://[::]", "http://10.0.0.1", "http://169.254.169.254", "ftp://localhost", "http://127.0.0.1:x", "http://2130706433",
	} {
		require.Error(t, Loopback(other), other)
	}
	require.EqualError(t, Loopback("https://example.com"),
		"https://example.com is not on this machine: only http(s) URLs of localhost, 127.0.0.0/8 and ::1 are allowed here")
}

func TestLocalOnly(t *testing.T) {
	require.NoError(t, LocalOnly([]string{"A=b", "AWS_ENDPOINT_URL=https://127.0.0.1:1"}))
	require.EqualError(t, LocalOnly(nil), "the environment sets no AWS_ENDPOINT_URL, so AWS clients would talk to a real account")
	for _, env := range [][]string{
		{"AWS_ENDPOINT_URL="},
		{"AWS_ENDPOINT_URL=https://example.com"},
		{"AWS_ENDPOINT_URL=http://127.0.0.1", "AWS_ENDPOINT_URL=https://example.com"}, // the last one counts
		{"AWS_ENDPOINT_URL=http://127.0.0.1", "AWS_ENDPOINT_URL_S3=http://127.0.0.1"},
		{"AWS_ENDPOINT_URL=http://127.0.0.1", "AWS_PROFILE=production"},
		{"AWS_ENDPOINT_URL=http://127.0.0.1", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true"},
	} {
		require.Error(t, LocalOnly(env), "%v", env)
	}
}

// stopped is an emulator as after connect, without a process.
func stopped(t *testing.T) *Emulator {
	t.Helper()
	e, err := prepare(Options{Root: "../..", Dir: t.TempDir()})
	require.NoError(t, err)
	require.NoError(t, mkdir(e.file("")))
	require.NoError(t, writeCertificate(e.file("ca.pem"), e.file("key.pem")))
	require.NoError(t, e.connect(1))
	return e
}

func TestEnv_InheritsNothingOfAWS(t *testing.T) {
	for _, name := range []string{
		"AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3", "AWS_REGION", "AWS_CONFIG_FILE", "AWS_WEB_IDENTITY_TOKEN_FILE",
		"AWS_CONTAINER_CREDENTIALS_FULL_URI", "HTTPS_PROXY", "CDK_DEFAULT_ACCOUNT", "GITHUB_TOKEN", "NODE_OPTIONS",
	} {
		t.Setenv(name, "theirs")
	}
	e := stopped(t)
	require.NoError(t, LocalOnly(e.Env()))
	require.NoError(t, LocalOnly(e.serverEnv()))
	env := append(e.Env(), e.serverEnv()...)
	require.NotContains(t, strings.Join(env, "\n"), "theirs")
	require.NotContains(t, env, "HOME="+os.Getenv("HOME"))
	for _, want := range []string{
		"AWS_ENDPOINT_URL=https://127.0.0.1:1", "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_ACCESS_KEY_ID=test", "AWS_REGION=us-east-1", "GOPROXY=off", "BIND_HOST=127.0.0.1", "SFTP_ENABLED=0", "IOT_MTLS_ENABLED=0",
	} {
		require.Contains(t, env, want)
	}
}

func TestDo_RefusesOtherMachines(t *testing.T) {
	_, err := stopped(t).Do(t.Context(), Request{Method: "GET", URL: "https://example.com/"})
	require.ErrorContains(t, err, "https://example.com/ is not on this machine")
}

func TestLocalURL(t *testing.T) {
	e := stopped(t)
	for _, end := range []string{"live", "live/"} {
		url, err := e.LocalURL("https://abc123.execute-api.us-east-1.amazonaws.com/" + end)
		require.NoError(t, err)
		require.Equal(t, "https://127.0.0.1:1/_aws/execute-api/abc123/live/", url)
	}
	for _, bad := range []string{"", "https://example.com/live/", "https://abc.execute-api.us-east-1.amazonaws.com/", "http://abc.execute-api.us-east-1.amazonaws.com/live/"} {
		_, err := e.LocalURL(bad)
		require.ErrorContains(t, err, "is not the URL of an API Gateway stage", bad)
	}
}

func TestOptions_AreRequired(t *testing.T) {
	_, err := Start(t.Context(), Options{Dir: t.TempDir()})
	require.EqualError(t, err, "emulator.Options: Root and Dir are required")
	_, err = Start(t.Context(), Options{Root: t.TempDir(), Dir: t.TempDir()})
	require.EqualError(t, err, "the emulator is not installed: .venv/bin/python is missing; run make python")
}

func TestValues(t *testing.T) {
	names, err := xmlValues([]byte(`<r xmlns="x"><a><Name>one</Name></a><Name>two</Name><Other>three</Other></r>`), "Name")
	require.NoError(t, err)
	require.Equal(t, []string{"one", "two"}, names)
	v := map[string]any{"Names": []any{"one", "two"}, "x": []any{map[string]any{"Names": "three", "y": "four"}}}
	require.ElementsMatch(t, []string{"one", "two", "three"}, jsonValues(v, "Names", false))
}
