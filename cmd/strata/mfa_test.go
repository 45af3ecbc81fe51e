//go:build unix

package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/internal/fakeaws"
)

// served is what a credential_process prints.
type served struct {
	Version                                   int
	AccessKeyID                               string `json:"AccessKeyId"`
	SecretAccessKey, SessionToken, Expiration string
}

// serves runs strata mfa and reads what it prints.
func (m *machine) serves(args ...string) (served, string) {
	m.t.Helper()
	r := m.run(append([]string{"mfa", "--profile", "keys"}, args...)...)
	require.Equal(m.t, 0, r.code, r.err)
	var s served
	require.NoError(m.t, json.Unmarshal([]byte(r.out), &s), r.out)
	require.Equal(m.t, 1, s.Version)
	return s, r.err
}

// last is the key that the fake AWS made last.
func (m *machine) last() fakeaws.Key { return m.aws.Keys[len(m.aws.Keys)-1] }

// kept lists the files of the cache, locks apart.
func (m *machine) kept() []string {
	m.t.Helper()
	files, err := os.ReadDir(m.cache())
	require.NoError(m.t, err)
	var names []string
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".lock") {
			names = append(names, filepath.Join(m.cache(), f.Name()))
		}
	}
	return names
}

func (m *machine) cache() string { return filepath.Join(m.home, ".cache", "strata", "mfa") }

func mode(t *testing.T, path string) os.FileMode {
	t.Helper()
	info, err := os.Lstat(path)
	require.NoError(t, err)
	return info.Mode().Perm()
}

func TestMFA_KeepsTheSessionAndIsSilent(t *testing.T) {
	m := newMachine(t)
	first, noise := m.serves("--token-code", "123456")
	require.Empty(t, noise)
	k := m.last()
	require.Equal(t, []string{k.ID, k.Secret, k.Token}, []string{first.AccessKeyID, first.SecretAccessKey, first.SessionToken})
	end, err := time.Parse(time.RFC3339, first.Expiration)
	require.NoError(t, err)
	require.WithinDuration(t, time.Now().Add(time.Hour), end, 10*time.Second)
	call := m.aws.Calls("GetSessionToken")[0]
	require.Equal(t, []string{serial, "123456", "3600"}, []string{call.Get("SerialNumber"), call.Get("TokenCode"), call.Get("DurationSeconds")})

	require.Len(t, m.kept(), 1)
	require.Equal(t, os.FileMode(0o600), mode(t, m.kept()[0]))
	require.Equal(t, os.FileMode(0o700), mode(t, m.cache()))

	for _, more := range [][]string{nil, {"--token-code", "999999"}, {"--duration", "12h"}} {
		again, noise := m.serves(more...)
		require.Empty(t, noise)
		require.Equal(t, first, again)
	}
	require.Len(t, m.aws.Calls("GetSessionToken"), 1)
}

func TestMFA_Duration(t *testing.T) {
	m := newMachine(t)
	for duration, seconds := range map[string]string{"15m": "900", "36h": "129600"} {
		m.env["XDG_CACHE_HOME"] = t.TempDir()
		m.serves("--duration", duration, "--token-code", m.aws.Devices[serial].Codes[0])
		calls := m.aws.Calls("GetSessionToken")
		require.Equal(t, seconds, calls[len(calls)-1].Get("DurationSeconds"))
	}
}

func TestMFA_RefreshesBeforeTheEnd(t *testing.T) {
	for _, c := range []struct {
		name     string
		lifetime time.Duration
		args     []string
		fresh    bool
	}{
		{"long before", 6 * time.Minute, nil, false},
		{"in the window", 4 * time.Minute, nil, true},
		{"in a wider window", 9 * time.Minute, []string{"--refresh-before", "10m"}, true},
		{"in no window", time.Minute, []string{"--refresh-before", "0s"}, false},
		{"after the end", -time.Minute, []string{"--refresh-before", "0s"}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newMachine(t)
			m.aws.Lifetime = c.lifetime
			first, _ := m.serves("--token-code", "123456")
			second, _ := m.serves(append(c.args, "--token-code", "234567")...)
			require.Equal(t, c.fresh, first.AccessKeyID != second.AccessKeyID)
			require.Len(t, m.kept(), 1)
		})
	}
}

func TestMFA_WithoutTerminal(t *testing.T) {
	m := newMachine(t)
	want := result{exitNoTerminal, "", "Error: an MFA code is needed, but there is no terminal to ask for it: run strata mfa --profile keys in a terminal first, or give --token-code\n"}
	require.Equal(t, want, m.run("mfa", "--profile", "keys"))
	require.Empty(t, m.aws.Calls("GetSessionToken"))

	// What still lasts serves, although it is to be replaced.
	m.aws.Lifetime = 3 * time.Minute
	first, _ := m.serves("--token-code", "123456")
	second, noise := m.serves()
	require.Equal(t, first, second)
	require.Regexp(t, `^strata mfa: the MFA session ends in (3m0s|2m5\ds), and there is no terminal to ask for a new code\n$`, noise)

	// What has ended does not.
	m.aws.Lifetime = -time.Second
	m.serves("--token-code", "234567", "--refresh-before", "10m")
	require.Equal(t, want, m.run("mfa", "--profile", "keys"))
}

func TestMFA_WhatAWSRefuses(t *testing.T) {
	for _, c := range []struct {
		name string
		with func(m *machine)
		args []string
		want string
	}{
		{"a wrong code", nil, []string{"--token-code", "000000"}, "AWS does not accept the MFA code: each works once and for about half a minute; try again with the next one"},
		{"another's device", nil, []string{"--token-code", "123456", "--serial", "GAHT12345678"}, "the MFA device GAHT12345678 does not belong to the user of these access keys; aws iam list-mfa-devices lists theirs " +
			"(MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.)"},
		{"a wrong secret", func(m *machine) { m.aws.Keys[0].Secret = "another" }, []string{"--token-code", "123456"},
			"AWS does not accept the credentials (SignatureDoesNotMatch); check the access key and its secret, or get new ones"},
		{"a deleted key", func(m *machine) { m.aws.Keys = nil }, []string{"--token-code", "123456"},
			"AWS does not accept the credentials (InvalidClientTokenId); check the access key and its secret, or get new ones"},
		{"something else", func(m *machine) {
			m.aws.Fail["GetSessionToken"] = fakeaws.Failure{Status: 400, Code: "RegionDisabledException", Message: "STS is off"}
		},
			[]string{"--token-code", "123456"}, "AWS gives no session: RegionDisabledException: STS is off"},
		{"a clock that is wrong", func(m *machine) {
			m.aws.Fail["GetSessionToken"] = fakeaws.Failure{Status: 403, Code: "SignatureDoesNotMatch", Message: "Signature expired: 1 is now earlier than 2"}
		}, []string{"--token-code", "123456"}, "the clock of this machine is not that of AWS (SignatureDoesNotMatch: Signature expired: 1 is now earlier than 2); set it right, best by NTP"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newMachine(t)
			if c.with != nil {
				c.with(m)
			}
			r := m.run(append([]string{"mfa", "--profile", "keys"}, c.args...)...)
			require.Equal(t, result{exitFailed, "", "Error: " + c.want + "\n"}, r)
			require.Empty(t, m.kept())
		})
	}
}

func TestMFA_NothingAnswers(t *testing.T) {
	m := newMachine(t)
	m.endpoint("http://127.0.0.1:1")
	m.env["AWS_MAX_ATTEMPTS"] = "1"
	r := m.run("mfa", "--profile", "keys", "--token-code", "123456")
	require.Equal(t, exitFailed, r.code)
	require.Contains(t, r.err, "Error: AWS does not answer in region us-east-1; check the network and the region: ")
}

func TestMFA_HardwareDevice(t *testing.T) {
	m := newMachine(t)
	m.aws.Devices["GAHT12345678"] = &fakeaws.Device{UserARN: user, Codes: []string{"345678"}}
	m.serves("--serial", "GAHT12345678", "--token-code", "345678")
	require.Equal(t, "GAHT12345678", m.aws.Calls("GetSessionToken")[0].Get("SerialNumber"))
}

func TestMFA_RootGetsAnHour(t *testing.T) {
	m := newMachine(t)
	m.aws.Keys[0].ARN, m.aws.Devices[serial].UserARN = "arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:root"
	_, noise := m.serves("--duration", "12h", "--token-code", "123456")
	require.Equal(t, "strata mfa: AWS gave a session of 1h0m0s instead of 12h0m0s; the root user gets at most 1h0m0s\n", noise)
}

func TestMFA_ClockOfTheMachine(t *testing.T) {
	for _, c := range []struct {
		ahead time.Duration
		want  string
	}{
		{0, `^$`},
		{3 * time.Minute, `^strata mfa: the clock of this machine is (2m5\ds|3m0s) behind AWS's, so that tools misjudge when the session ends: set it right, best by NTP\n$`},
		{-3 * time.Minute, `^strata mfa: the clock of this machine is 3m\ds ahead of AWS's, [^\n]*\n$`},
		// The SDK signs again, with AWS's time.
		{20 * time.Minute, `^strata mfa: the clock of this machine is (19m5\ds|20m0s) behind AWS's, [^\n]*\n$`},
	} {
		m := newMachine(t)
		m.aws.Clock = c.ahead
		_, noise := m.serves("--token-code", "123456")
		require.Regexp(t, c.want, noise)
	}
}

func TestMFA_NeedsTheAccessKeysOfAUser(t *testing.T) {
	for _, c := range []struct {
		name, config, profile string
		code                  int
		want                  string
	}{
		{"a role", "[profile role]\nrole_arn = arn:aws:iam::111122223333:role/r\nsource_profile = keys\nmfa_serial = " + serial + "\n", "role", exitFailed,
			`the profile "role" assumes a role, and AWS gives MFA sessions only for the access keys of an IAM user: name the profile with those; the role can then be assumed from the session`},
		{"a session", "[profile session]\naws_access_key_id = ASIAX\naws_secret_access_key = x\naws_session_token = y\nmfa_serial = " + serial + "\n", "session", exitFailed,
			"these credentials are temporary already, and AWS gives MFA sessions only for the access keys of an IAM user: name the profile that has those with --profile"},
		{"nothing", "[profile empty]\nmfa_serial = " + serial + "\n", "empty", exitFailed,
			"an MFA session starts from the access keys of an IAM user, in the profile that --profile names: there are no AWS credentials: set AWS_PROFILE to a profile that has them, or make one with aws configure sso (details: "},
		{"a process that leaks", "[profile leak]\ncredential_process = echo '{\"secret-of-jo'\nmfa_serial = " + serial + "\n", "leak", exitFailed,
			"an MFA session starts from the access keys of an IAM user, in the profile that --profile names: the credential_process of the AWS profile failed: invalid character"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newMachine(t)
			m.write(".aws/config", "[profile keys]\nmfa_serial = "+serial+"\n"+c.config, 0o600)
			r := m.run("mfa", "--profile", c.profile, "--token-code", "123456")
			require.Equal(t, c.code, r.code, r.err)
			require.Contains(t, r.err, "Error: "+c.want)
			require.Empty(t, m.aws.Calls("GetSessionToken"))
		})
	}
}

// Access keys may come from a password manager.
func TestMFA_KeysFromAnotherProcess(t *testing.T) {
	m := newMachine(t)
	m.write("keys.json", `{"Version": 1, "AccessKeyId": "AKIAJO", "SecretAccessKey": "secret-of-jo"}`, 0o600)
	m.write(".aws/config", "[profile manager]\ncredential_process = cat "+m.home+"/keys.json\nmfa_serial = "+serial+"\n", 0o600)
	require.Equal(t, 0, m.run("mfa", "--profile", "manager", "--token-code", "123456").code)
}

func TestMFA_OfItself(t *testing.T) {
	for _, process := range []string{"strata mfa", "strata mfa --profile me", "sh -c 'exec strata mfa --token-code 123456'"} {
		m := newMachine(t)
		m.write(".aws/config", "[profile me]\ncredential_process = "+process+"\nmfa_serial = "+serial+"\n", 0o600)
		m.env["AWS_PROFILE"] = "me"
		start := time.Now()
		r := m.run("mfa", "--token-code", "123456")
		require.Less(t, time.Since(start), 20*time.Second)
		require.Equal(t, exitFailed, r.code)
		require.Equal(t, 1, strings.Count(r.err, "this strata mfa was started by another one, because the profile that should have the access keys has a credential_process "+
			"with strata mfa itself; name the profile with the keys there: credential_process = strata mfa --profile KEYS\n"), r.err)
		require.Contains(t, r.err, "the credential_process of the AWS profile failed: exit status 2\n")
		require.Empty(t, m.aws.Calls("GetSessionToken"))
	}
}

func TestMFA_Export(t *testing.T) {
	m := newMachine(t)
	m.env["AWS_PROFILE"] = "keys"
	m.env["AWS_REGION"] = "eu-west-1"
	r := m.run("mfa", "--token-code", "123456", "--export")
	require.Equal(t, 0, r.code, r.err)
	sh := exec.Command("/bin/sh", "-c", r.out+`printf '%s\n' "${AWS_PROFILE-unset}" "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY" "$AWS_SESSION_TOKEN" "$AWS_REGION"; date -d "$AWS_CREDENTIAL_EXPIRATION" >/dev/null`)
	sh.Env = []string{"AWS_PROFILE=keys", "PATH=" + os.Getenv("PATH")}
	out, err := sh.Output()
	require.NoError(t, err)
	k := m.last()
	require.Equal(t, []string{"unset", k.ID, k.Secret, k.Token, "eu-west-1"}, strings.Split(strings.TrimSpace(string(out)), "\n"))

	delete(m.env, "AWS_REGION")
	require.NotContains(t, m.run("mfa", "--export").out, "AWS_REGION")
}

// A session is for one device, one access key and one endpoint.
func TestMFA_SessionsAreKeptApart(t *testing.T) {
	m := newMachine(t)
	m.aws.Keys = append(m.aws.Keys, fakeaws.Key{ID: "AKIAJO2", Secret: "secret-2", ARN: user})
	m.aws.Devices[serial+"2"] = &fakeaws.Device{UserARN: user, Codes: []string{"345678"}}
	m.write(".aws/credentials", "[keys]\naws_access_key_id = AKIAJO\naws_secret_access_key = secret-of-jo\n[other]\naws_access_key_id = AKIAJO2\naws_secret_access_key = secret-2\n", 0o600)
	first, _ := m.serves("--token-code", "123456")
	second, _ := m.serves("--serial", serial+"2", "--token-code", "345678")
	require.NotEqual(t, first, second)
	require.Equal(t, exitNoTerminal, m.run("mfa", "--profile", "other", "--serial", serial).code)
	require.Equal(t, 0, m.run("mfa", "--profile", "other", "--serial", serial, "--token-code", "234567").code)
	require.Len(t, m.kept(), 3)
	again, _ := m.serves()
	require.Equal(t, first, again)
	m.endpoint(strings.Replace(m.aws.URL, "127.0.0.1", "localhost", 1))
	require.Equal(t, exitNoTerminal, m.run("mfa", "--profile", "keys").code, "a session of another endpoint is none here")
}

func TestMFA_RefusesWhatOthersCanUse(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(m *machine, file string) error
		want string
	}{
		{"readable file", func(_ *machine, file string) error { return os.Chmod(file, 0o640) }, `^Error: \S+\.json, which keeps an MFA session, can be used by others \(mode 0640\); delete it, then try again\n$`},
		{"readable directory", func(m *machine, _ string) error { return os.Chmod(m.cache(), 0o755) }, `^Error: \S+/strata/mfa, the directory of MFA sessions, can be used by others \(mode 0755\); delete it, or make it yours alone with chmod 700\n$`},
		{"link", func(m *machine, file string) error {
			return os.Rename(file, file+".moved") // then a link below
		}, ``},
		{"linked directory", func(m *machine, _ string) error {
			if err := os.Rename(m.cache(), m.cache()+"2"); err != nil {
				return err
			}
			return os.Symlink(m.cache()+"2", m.cache())
		}, `^Error: \S+/strata/mfa is no directory; delete it\n$`},
		{"file of another", func(_ *machine, file string) error { return os.Lchown(file, 12345, -1) }, `^Error: \S+\.json, which keeps an MFA session, belongs to another user \(id 12345\); delete it, then try again\n$`},
		{"directory of another", func(m *machine, _ string) error { return os.Lchown(m.cache(), 12345, -1) }, `^Error: \S+/strata/mfa, the directory of MFA sessions, belongs to another user \(id 12345\); delete it, or make it yours alone with chmod 700\n$`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if strings.Contains(c.name, "another") && os.Geteuid() != 0 {
				t.Skip("only root can give files away")
			}
			m := newMachine(t)
			m.serves("--token-code", "123456")
			file := m.kept()[0]
			require.NoError(t, c.do(m, file))
			if c.name == "link" {
				require.NoError(t, os.Symlink(file+".moved", file))
				c.want = `^Error: cannot read a kept MFA session; delete the file, then try again: open \S+: too many levels of symbolic links\n$`
			}
			r := m.run("mfa", "--profile", "keys", "--token-code", "234567")
			require.Equal(t, exitFailed, r.code)
			require.Empty(t, r.out)
			require.Regexp(t, c.want, r.err)
			require.Len(t, m.aws.Calls("GetSessionToken"), 1, "no code is spent")
		})
	}
}

func TestMFA_ReplacesWhatIsNoSession(t *testing.T) {
	const later = `"Expiration": "2999-01-01T00:00:00Z"}`
	for _, text := range []string{
		"", "{", "[]", `{"Version": 1, ` + later, strings.Repeat("x", 100_000),
		`{"Version": 1, "AccessKeyId": "A", "SecretAccessKey": "S", ` + later,
		`{"Version": 1, "AccessKeyId": "A", "SessionToken": "T", ` + later,
		`{"Version": 1, "SecretAccessKey": "S", "SessionToken": "T", ` + later,
		`{"Version": 2, "AccessKeyId": "A", "SecretAccessKey": "S", "SessionToken": "T", ` + later,
	} {
		m := newMachine(t)
		m.serves("--token-code", "123456")
		require.NoError(t, os.WriteFile(m.kept()[0], []byte(text), 0o600))
		second, noise := m.serves("--token-code", "234567")
		require.Empty(t, noise)
		require.Equal(t, m.last().ID, second.AccessKeyID)
		third, _ := m.serves()
		require.Equal(t, second, third)
	}
}

func TestMFA_NoPlaceForSessions(t *testing.T) {
	m := newMachine(t)
	m.env["XDG_CACHE_HOME"] = "/dev/null/cache"
	r := m.run("mfa", "--profile", "keys", "--token-code", "123456")
	require.Equal(t, result{exitFailed, "", "Error: cannot make the directory of MFA sessions; XDG_CACHE_HOME can name another place: mkdir /dev/null: not a directory\n"}, r)
	require.Empty(t, m.aws.Calls("GetSessionToken"))
}

func TestMFA_OutputIsFull(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("there is no /dev/full: ", err)
	}
	m := newMachine(t)
	for _, args := range [][]string{{"mfa", "--profile", "keys", "--token-code", "123456"}, {"mfa", "--profile", "keys", "--export"}, {"whoami", "--profile", "keys"}} {
		cmd := m.command(args...)
		cmd.Stdout = full
		r := m.finish(cmd)
		require.Equal(t, exitFailed, r.code, args)
		require.Contains(t, r.err, "no space left on device")
	}
}

// A write that fails half way leaves what was kept, and the session is handed out all the same: its code is spent.
func TestMFA_FileThatCannotBeWritten(t *testing.T) {
	m := newMachine(t)
	m.aws.Lifetime = 4 * time.Minute
	m.serves("--token-code", "123456")
	file := m.kept()[0]
	before, err := os.ReadFile(file)
	require.NoError(t, err)

	m.env[fileSize] = "100"
	fresh, noise := m.serves("--token-code", "234567")
	require.Equal(t, m.last().ID, fresh.AccessKeyID)
	require.Regexp(t, `(?m)^strata mfa: cannot keep the MFA session, so the next command asks for a code again: write \S+: file too large\n$`, noise)
	require.Equal(t, []string{file}, m.kept(), "no part of a file is left")
	after, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(before), string(after))
}

// The same on a disk that is full: a tiny file system of the test's own.
func TestMFA_FullDisk(t *testing.T) {
	unshare, err := exec.LookPath("unshare")
	if err != nil || exec.Command(unshare, "-rm", "true").Run() != nil {
		t.Skip("this machine cannot mount a file system for a test")
	}
	m := newMachine(t)
	m.aws.Lifetime = 4 * time.Minute
	disk := filepath.Join(m.home, "disk")
	require.NoError(t, os.Mkdir(disk, 0o700))
	m.env["XDG_CACHE_HOME"] = disk
	// 16 KiB: the first session fits, then the disk is filled, then there is no room for the second.
	script := `set -e
mount -t tmpfs -o size=16k,mode=700 none "$XDG_CACHE_HOME"
strata mfa --profile keys --token-code 123456 >first
cp "$XDG_CACHE_HOME"/strata/mfa/*.json before
dd if=/dev/zero of="$XDG_CACHE_HOME/rest" bs=1k 2>/dev/null || true
strata mfa --profile keys --token-code 234567 >second
cmp before "$XDG_CACHE_HOME"/strata/mfa/*.json
ls -A "$XDG_CACHE_HOME/strata/mfa" | grep -v lock`
	cmd := m.command()
	cmd.Path, cmd.Args = unshare, []string{unshare, "-rm", "/bin/sh", "-c", script}
	r := m.finish(cmd)
	require.Equal(t, 0, r.code, r.err)
	require.Regexp(t, `(?m)^strata mfa: cannot keep the MFA session, so the next command asks for a code again: write \S+: no space left on device\n$`, r.err)
	require.Regexp(t, `^[0-9a-f]{32}\.json\n$`, r.out, "no part of a file is left")
	second, err := os.ReadFile(filepath.Join(m.home, "second"))
	require.NoError(t, err)
	require.Contains(t, string(second), m.last().ID)
}

// Of two processes one asks AWS, and both have its session.
func TestMFA_TwoProcesses(t *testing.T) {
	m := newMachine(t)
	asked, go_ := make(chan bool, 2), make(chan bool)
	m.aws.Answering = func(string) { asked <- true; <-go_ }
	results := make(chan result, 2)
	start := func(code string) (waits *os.File) {
		read, write, err := os.Pipe()
		require.NoError(t, err)
		cmd := m.command("mfa", "--profile", "keys", "--token-code", code)
		var out strings.Builder
		cmd.Stdout, cmd.Stderr = &out, write
		require.NoError(t, cmd.Start())
		require.NoError(t, write.Close())
		go func() {
			_ = cmd.Wait()
			results <- result{code: cmd.ProcessState.ExitCode(), out: out.String()}
		}()
		return read
	}
	one := start("123456")
	defer one.Close()
	<-asked
	two := start("234567")
	defer two.Close()
	note := make([]byte, 200)
	n, err := two.Read(note)
	require.NoError(t, err)
	require.Equal(t, "strata mfa: another strata mfa is asking for a code; waiting for it\n", string(note[:n]))
	close(go_)
	a, b := <-results, <-results
	require.Equal(t, 0, a.code)
	require.NotEmpty(t, a.out)
	require.Equal(t, a, b)
	require.Len(t, m.aws.Calls("GetSessionToken"), 1)
}

// Who wants a new session early is not in the way of those for whom the old one does.
func TestMFA_OneAsksAndOthersGoOn(t *testing.T) {
	m := newMachine(t)
	first, _ := m.serves("--token-code", "123456")
	asked, hang := make(chan bool, 1), make(chan bool)
	m.aws.Answering = func(string) { asked <- true; <-hang }
	cmd := m.command("mfa", "--profile", "keys", "--token-code", "234567", "--duration", "12h", "--refresh-before", "2h")
	require.NoError(t, cmd.Start())
	<-asked
	second, noise := m.serves()
	require.Empty(t, noise)
	require.Equal(t, first, second)
	close(hang)
	require.NoError(t, cmd.Wait())
	third, _ := m.serves()
	require.NotEqual(t, first, third)
}

// A process that is killed gives its lock up.
func TestMFA_KilledWhileItAsks(t *testing.T) {
	m := newMachine(t)
	asked := make(chan bool, 1)
	hang := make(chan bool)
	first := true
	m.aws.Answering = func(string) {
		if first {
			first = false
			asked <- true
			<-hang
		}
	}
	defer close(hang)
	cmd := m.command("mfa", "--profile", "keys", "--token-code", "123456")
	require.NoError(t, cmd.Start())
	<-asked
	require.NoError(t, cmd.Process.Signal(syscall.SIGKILL))
	_ = cmd.Wait()
	require.Empty(t, m.kept())
	_, noise := m.serves("--token-code", "234567")
	require.Empty(t, noise)
}

func TestMFA_Interrupted(t *testing.T) {
	m := newMachine(t)
	asked, hang := make(chan bool, 1), make(chan bool)
	m.aws.Answering = func(string) { asked <- true; <-hang }
	defer close(hang)
	cmd := m.command("mfa", "--profile", "keys", "--token-code", "123456")
	go func() {
		<-asked
		_ = cmd.Process.Signal(syscall.SIGTERM)
	}()
	require.Equal(t, result{exitInterrupted, "", "Error: interrupted\n"}, m.finish(cmd))
}
