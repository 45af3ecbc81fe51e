//go:build unix

package main

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/internal/fakeaws"
)

// With asCommand this test binary is the command strata; fileSize limits the size of the files that it writes.
const (
	asCommand = "STRATA_TEST_COMMAND"
	fileSize  = "STRATA_TEST_FILE_SIZE"
)

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) == "" {
		os.Exit(m.Run())
	}
	if limit, err := strconv.ParseUint(os.Getenv(fileSize), 10, 64); err == nil {
		signal.Ignore(syscall.SIGXFSZ) // or it would end the process before the write can fail
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: limit, Max: limit}); err != nil {
			panic(err)
		}
	}
	main()
}

const (
	user   = "arn:aws:iam::111122223333:user/jo"
	serial = "arn:aws:iam::111122223333:mfa/jo"
)

// machine is a user's machine with a fake AWS: a home directory, an environment, and nothing of who runs the test.
type machine struct {
	t    *testing.T
	aws  *fakeaws.Server
	home string
	env  map[string]string
}

// newMachine has the access keys of a user with an MFA device in the profile keys.
func newMachine(t *testing.T) *machine {
	t.Helper()
	m := &machine{t: t, aws: fakeaws.New(), home: t.TempDir()}
	t.Cleanup(m.aws.Close)
	m.aws.Keys = []fakeaws.Key{{ID: "AKIAJO", Secret: "secret-of-jo", ARN: user}}
	m.aws.Devices[serial] = &fakeaws.Device{UserARN: user, Codes: []string{"123456", "234567"}}
	m.env = map[string]string{
		"PATH": filepath.Join(m.home, "bin") + ":" + os.Getenv("PATH"), "HOME": m.home, "XDG_CACHE_HOME": filepath.Join(m.home, ".cache"),
		"AWS_EC2_METADATA_DISABLED": "true", asCommand: "1",
	}
	m.endpoint(m.aws.URL)
	m.write(".aws/credentials", "[keys]\naws_access_key_id = AKIAJO\naws_secret_access_key = secret-of-jo\n", 0o600)
	m.write(".aws/config", "[profile keys]\nmfa_serial = "+serial+"\n", 0o600)
	m.write("bin/strata", "#!/bin/sh\nexec '"+os.Args[0]+"' \"$@\"\n", 0o700)
	return m
}

// endpoint is where AWS is. The clients that the SDK itself uses for credentials see only the addresses of their services.
func (m *machine) endpoint(url string) {
	m.env["AWS_ENDPOINT_URL"], m.env["AWS_ENDPOINT_URL_STS"], m.env["AWS_ENDPOINT_URL_SSO"] = url, url, url
}

func (m *machine) write(name, text string, mode os.FileMode) {
	m.t.Helper()
	path := filepath.Join(m.home, name)
	require.NoError(m.t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(m.t, os.WriteFile(path, []byte(text), mode))
	require.NoError(m.t, os.Chmod(path, mode))
}

// command is strata without a terminal.
func (m *machine) command(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Dir = m.home
	for _, name := range slices.Sorted(maps.Keys(m.env)) {
		cmd.Env = append(cmd.Env, name+"="+m.env[name])
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	return cmd
}

type result struct {
	code     int
	out, err string
}

func (m *machine) run(args ...string) result {
	m.t.Helper()
	return m.finish(m.command(args...))
}

// finish runs a command. Standard error never has a secret.
func (m *machine) finish(cmd *exec.Cmd) result {
	m.t.Helper()
	var out, problem bytes.Buffer
	if cmd.Stdout == nil {
		cmd.Stdout = &out
	}
	cmd.Stderr = &problem
	err := cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		require.NoError(m.t, err, exit)
	}
	for _, k := range m.aws.Keys {
		require.NotContains(m.t, problem.String(), k.Secret)
		if k.Token != "" {
			require.NotContains(m.t, problem.String(), k.Token)
		}
	}
	return result{cmd.ProcessState.ExitCode(), out.String(), problem.String()}
}

func TestBadInput(t *testing.T) {
	for _, c := range []struct {
		args, want string
	}{
		{"frobnicate", "unknown command \"frobnicate\" for \"strata\"\nSee: strata --help"},
		{"mfa now", "unknown command \"now\" for \"strata mfa\"\nSee: strata mfa --help"},
		{"whoami --verbose", "unknown flag: --verbose\nSee: strata whoami --help"},
		{"mfa --duration soon", "invalid argument \"soon\" for \"--duration\" flag: time: invalid duration \"soon\"\nSee: strata mfa --help"},
		{"mfa --profile keys --duration 14m59s", "invalid flags:\n  - --duration: must be between 15m0s and 36h0m0s, got 14m59s\nSee: strata mfa --help"},
		{"mfa --profile keys --duration 36h0m1s", "invalid flags:\n  - --duration: must be between 15m0s and 36h0m0s, got 36h0m1s\nSee: strata mfa --help"},
		{"mfa --profile keys --duration 15m0.5s", "invalid flags:\n  - --duration: must be whole seconds, got 15m0.5s\nSee: strata mfa --help"},
		{"mfa --profile keys --refresh-before 1h", "invalid flags:\n  - --refresh-before: must be between 0s and less than --duration, got 1h0m0s\nSee: strata mfa --help"},
		{"mfa --profile keys --refresh-before -1s", "invalid flags:\n  - --refresh-before: must be between 0s and less than --duration, got -1s\nSee: strata mfa --help"},
		{"mfa --profile keys --token-code 12345", "invalid flags:\n  - --token-code: must be six digits\nSee: strata mfa --help"},
		{"mfa --profile keys --token-code 12345a", "invalid flags:\n  - --token-code: must be six digits\nSee: strata mfa --help"},
		{"mfa --profile keys --serial short", "invalid flags:\n  - --serial: must be an ARN such as arn:aws:iam::111122223333:mfa/NAME or the serial number of a hardware device, got \"short\"\nSee: strata mfa --help"},
		{"mfa --profile keys --serial arn:aws:iam::111122223333:user/jo", "invalid flags:\n  - --serial: must be an ARN such as arn:aws:iam::111122223333:mfa/NAME or the serial number of a hardware device, got \"arn:aws:iam::111122223333:user/jo\"\nSee: strata mfa --help"},
		{"mfa --profile keys --serial arn:aws:iam::111122223333:u2f/user/jo/key-ABC", "invalid flags:\n  - --serial: arn:aws:iam::111122223333:u2f/user/jo/key-ABC is a passkey or security key, which gives no codes; AWS takes only virtual and hardware devices with codes here\nSee: strata mfa --help"},
		{"mfa --profile bare --region mars --duration 1m --token-code x", `invalid flags:
  - --region: must be a region such as us-east-1, got "mars"
  - --serial: is needed, as the profile has no mfa_serial: give the ARN of the MFA device; aws iam list-mfa-devices lists yours
  - --duration: must be between 15m0s and 36h0m0s, got 1m0s
  - --token-code: must be six digits
See: strata mfa --help`},
		{"whoami --region us_east_1", "invalid flags:\n  - --region: must be a region such as us-east-1, got \"us_east_1\"\nSee: strata whoami --help"},
		{"doctor --env prod --env 1111/us-east-1 --qualifier far-too-long --app nowhere --region x", `invalid flags:
  - --region: must be a region such as us-east-1, got "x"
  - --env: must be ACCOUNT/REGION such as 111122223333/us-east-1, got "prod"
  - --env: must be ACCOUNT/REGION such as 111122223333/us-east-1, got "1111/us-east-1"
  - --qualifier: must be 1 to 10 letters, digits, - or _, got "far-too-long"
  - --app: must be a directory that cdk synth wrote, such as cdk.out: there is no manifest.json in "nowhere"
See: strata doctor --help`},
	} {
		t.Run(c.args, func(t *testing.T) {
			m := newMachine(t)
			m.write(".aws/config", "[profile keys]\nmfa_serial = "+serial+"\n[profile bare]\nregion = us-east-1\n", 0o600)
			require.Equal(t, result{exitUsage, "", "Error: " + c.want + "\n"}, m.run(strings.Fields(c.args)...))
			require.Empty(t, m.aws.Calls("GetSessionToken"))
			require.Empty(t, m.aws.Calls("GetCallerIdentity"))
			require.NoDirExists(t, filepath.Join(m.home, ".cache"))
		})
	}
}

func TestBadConfiguration(t *testing.T) {
	for _, command := range []string{"mfa", "whoami"} {
		m := newMachine(t)
		r := m.run(command, "--profile", "mistyped")
		require.Equal(t, result{exitFailed, "", "Error: the AWS profile \"mistyped\" does not exist; list yours with: aws configure list-profiles\n"}, r)
	}
}

func TestHelp(t *testing.T) {
	m := newMachine(t)
	for _, command := range []string{"", "mfa", "whoami", "doctor"} {
		r := m.run(append(strings.Fields(command), "--help")...)
		require.Equal(t, 0, r.code)
		require.Contains(t, r.out, "Exit codes: 0 done")
		require.Contains(t, r.out, "Usage:\n  "+strings.TrimSpace("strata "+command))
		require.Empty(t, r.err)
	}
	require.Contains(t, m.run("doctor", "--help").out, "Policy contains a statement with one or more invalid principals")
	require.Regexp(t, `^strata version \S+\n$`, m.run("--version").out)
}
