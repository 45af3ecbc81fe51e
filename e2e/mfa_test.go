//go:build e2e && unix

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/e2e/emulator"
)

// The credentials of cdk are an MFA session that strata mfa gets for the access keys of a user, and nothing else. The
// emulator takes any code.
func TestMFA(t *testing.T) {
	e := startEmulator(t)
	key := newUser(t, e, "deployer", map[string]any{"Effect": "Allow", "Action": "*", "Resource": "*"})
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	serial := "arn:aws:iam::" + emulator.Account + ":mfa/deployer"
	write := func(name, text string, mode os.FileMode) {
		require.NoError(t, os.WriteFile(file(name), []byte(text), mode))
	}
	write("process", fmt.Sprintf("#!/bin/sh\necho >>%q\nexec %q mfa --profile keys --token-code 123456\n", file("asked"), program(t, "./cmd/strata")), 0o700)
	write("config", fmt.Sprintf("[default]\nregion = %s\ncredential_process = %s\n[profile keys]\nmfa_serial = %s\n", emulator.Region, file("process"), serial), 0o600)
	write("credentials", fmt.Sprintf("[keys]\naws_access_key_id = %s\naws_secret_access_key = %s\n", key.AccessKeyID, key.SecretAccessKey), 0o600)
	env := []string{"AWS_CONFIG_FILE=" + file("config"), "AWS_SHARED_CREDENTIALS_FILE=" + file("credentials"), "XDG_CACHE_HOME=" + file("cache")}
	for _, v := range e.Env() {
		if name, _, _ := strings.Cut(v, "="); name != "AWS_ACCESS_KEY_ID" && name != "AWS_SECRET_ACCESS_KEY" && name != "AWS_CONFIG_FILE" && name != "AWS_SHARED_CREDENTIALS_FILE" {
			env = append(env, v)
		}
	}
	strata := func(env []string, args ...string) (string, error) {
		cmd := exec.CommandContext(t.Context(), program(t, "./cmd/strata"), args...)
		cmd.Dir, cmd.Env = dir, env
		out, err := cmd.CombinedOutput()
		t.Logf("strata %v\n%s", args, out)
		return string(out), err
	}
	asked := func() int {
		text, err := os.ReadFile(file("asked"))
		require.NoError(t, err)
		return len(text)
	}
	assembly, _ := synth(t, e, newCLI(t, e, root, "REST"))
	assembly.Env = env
	deployAPI := func() error {
		_, err := assembly.Deploy(t.Context(), []string{"Api"}, file("outputs.json"))
		return err
	}

	// The session needs the access key: with a wrong one there is none, and no deployment.
	write("wrong", fmt.Sprintf("[keys]\naws_access_key_id = %s\naws_secret_access_key = wrong\n", key.AccessKeyID), 0o600)
	wrong := *assembly
	wrong.Env = append(slices.Clone(env), "AWS_SHARED_CREDENTIALS_FILE="+file("wrong"))
	failed := requireFailure(t, wrong.Bootstrap(t.Context()))
	require.Contains(t, failed.Output, "no credentials have been configured", "cdk does not show why; strata whoami does")
	out, err := strata(wrong.Env, "whoami")
	require.Error(t, err)
	require.Contains(t, out, "AWS does not accept the credentials (SignatureDoesNotMatch); check the access key and its secret")

	out, err = strata(env, "doctor", "--app", assembly.App)
	require.Error(t, err)
	require.Contains(t, out, "PROBLEM  "+emulator.Account+"/us-east-1 is not bootstrapped with the qualifier hnb659fds, for Api, Containers, Governance, Network, Observability, Web\n")
	require.NoError(t, assembly.Bootstrap(t.Context()))
	out, err = strata(env, "doctor", "--app", assembly.App)
	require.NoError(t, err, out)
	require.Regexp(t, `ok       `+emulator.Account+`/us-east-1: bootstrap version \d+ with the qualifier hnb659fds, for Api, Containers, Governance, Network, Observability, Web\n`, out)

	before := asked()
	require.NoError(t, deployAPI())
	require.Contains(t, stacks(t, e), "Api")
	require.Greater(t, asked(), before, "cdk ran strata mfa for this deployment")

	sessions, err := filepath.Glob(file("cache/strata/mfa/*.json"))
	require.NoError(t, err)
	require.Len(t, sessions, 1)
	kept, err := os.ReadFile(sessions[0])
	require.NoError(t, err)
	out, err = strata(env, "whoami")
	require.NoError(t, err)
	require.Contains(t, out, "ARN:         arn:aws:iam::"+emulator.Account+":user/deployer\n")
	require.Contains(t, out, "Credentials: process (credential_process), profile \"default\"\nMFA:         yes, a session of strata mfa with "+serial+"\n")
	after, err := os.ReadFile(sessions[0])
	require.NoError(t, err)
	require.Equal(t, string(kept), string(after), "one session served everything")

	// It is this session that deploys: with another secret in it, nothing does.
	forged := strings.Replace(string(kept), `"SecretAccessKey": "`, `"SecretAccessKey": "x`, 1)
	require.NotEqual(t, string(kept), forged)
	require.NoError(t, os.WriteFile(sessions[0], []byte(forged), 0o600))
	requireFailure(t, deployAPI())
	require.NoError(t, os.Remove(sessions[0]))
	require.NoError(t, deployAPI(), "a new session serves again")
	require.NoError(t, assembly.Destroy(t.Context()))
}
