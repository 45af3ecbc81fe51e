package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// answers is what a test's fake AWS answers.
type answers struct {
	stsStatus int    // 0 is 200
	stsCode   string // of an error
	ssmCode   string // of an error; without one the account is bootstrapped
}

// fakeAWS points the environment at a fake AWS on this machine, with static credentials and nothing of the caller's.
func fakeAWS(t *testing.T, a answers) {
	t.Helper()
	scrub(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if target := r.Header.Get("X-Amz-Target"); target != "" {
			w.Header().Set("Content-Type", "application/x-amz-json-1.1")
			require.Equal(t, "AmazonSSM.GetParameter", target)
			if a.ssmCode != "" {
				w.WriteHeader(http.StatusBadRequest)
				_, _ = w.Write([]byte(`{"__type":"` + a.ssmCode + `","message":"no"}`))
				return
			}
			_, _ = w.Write([]byte(`{"Parameter":{"Value":"31"}}`))
			return
		}
		w.Header().Set("Content-Type", "text/xml")
		if a.stsStatus != 0 {
			w.WriteHeader(a.stsStatus)
			_, _ = w.Write([]byte(`<ErrorResponse><Error><Code>` + a.stsCode + `</Code><Message>no</Message></Error></ErrorResponse>`))
			return
		}
		_, _ = w.Write([]byte(`<GetCallerIdentityResponse><GetCallerIdentityResult><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`))
	}))
	t.Cleanup(server.Close)
	t.Setenv("AWS_ENDPOINT_URL", server.URL)
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "example")
}

// scrub removes everything about AWS from the environment, and puts a good Node.js into it.
func scrub(t *testing.T) {
	t.Helper()
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "") // restores it afterwards
			require.NoError(t, os.Unsetenv(name))
		}
	}
	t.Setenv("HOME", t.TempDir())
	t.Setenv("AWS_CONFIG_FILE", os.DevNull)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", os.DevNull)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	nodeVersion(t, "v22.0.0")
}

// nodeVersion makes a Node.js of that version the one that jsii would use.
func nodeVersion(t *testing.T, version string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "node")
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\necho "+version+"\n"), 0o755))
	t.Setenv("JSII_NODE", path)
}

// preflight runs with {"stage": "dev"} in cdk.json, unless o says otherwise.
func preflight(t *testing.T, o options) (string, error) {
	t.Helper()
	if o.cdkJSON == "" {
		o.cdkJSON = cdkJSON(t, `{"app": "go run .", "context": {"strata": {"stage": "dev"}}}`)
	}
	var out strings.Builder
	err := run(t.Context(), &out, o)
	return out.String(), err
}

func cdkJSON(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "cdk.json")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestRun_PrintsWhereItWouldDeploy(t *testing.T) {
	fakeAWS(t, answers{})
	t.Setenv("AWS_REGION", "ap-south-1") // the app does not ask for it
	out, err := preflight(t, options{cdkJSON: cdkJSON(t, `{"context": {"strata": {"region": "eu-west-1", "account": "111122223333"}}}`)})
	require.NoError(t, err)
	require.Contains(t, out, "Account: 111122223333\nRegion: eu-west-1\n")
	require.Contains(t, out, "this is not AWS itself")
	require.Contains(t, out, "Bootstrap version: 31\n")

	out, err = preflight(t, options{strata: `{"region": "eu-west-2"}`})
	require.NoError(t, err)
	require.Contains(t, out, "Region: eu-west-2\n")
}

func TestRun_SaysThatTheRegionIsTheDefault(t *testing.T) {
	fakeAWS(t, answers{})
	for _, file := range []string{"", cdkJSON(t, "{}")} {
		out, err := preflight(t, options{bootstrap: true, cdkJSON: file})
		require.NoError(t, err)
		require.Contains(t, out, "Region: us-east-1 (none is set, so this is the default; \"region\" in the context key \"strata\" sets another)\n")
		require.NotContains(t, out, "Bootstrap version")
	}
}

func TestRun_AnotherAccount(t *testing.T) {
	fakeAWS(t, answers{})
	_, err := preflight(t, options{strata: `{"account": "444455556666"}`})
	require.EqualError(t, err, `the credentials belong to account 111122223333, but the app is for account 444455556666: `+
		`set AWS_PROFILE to a profile of that account, or correct "account" in the context key "strata"`)
}

func TestRun_ConfigurationThatCannotBeRead(t *testing.T) {
	fakeAWS(t, answers{})
	for want, o := range map[string]options{
		"there is no app here: ":           {cdkJSON: "no.json"},
		"is not valid JSON: ":              {cdkJSON: cdkJSON(t, "{")},
		`the context key "strata" must be`: {strata: "[]"},
		`"strata" must be an object with`:  {cdkJSON: cdkJSON(t, `{"context": {"strata": "dev"}}`)},
	} {
		_, err := preflight(t, o)
		require.ErrorContains(t, err, want)
	}
}

func TestRun_NotBootstrapped(t *testing.T) {
	fakeAWS(t, answers{ssmCode: "ParameterNotFound"})
	_, err := preflight(t, options{})
	require.EqualError(t, err, "account 111122223333 is not bootstrapped for the CDK in region us-east-1; run make bootstrap once, then try again")
	_, err = preflight(t, options{bootstrap: true})
	require.NoError(t, err, "make bootstrap does not need it")
}

func TestRun_BootstrapVersionIsHidden(t *testing.T) {
	fakeAWS(t, answers{ssmCode: "AccessDeniedException"})
	out, err := preflight(t, options{})
	require.NoError(t, err)
	require.Contains(t, out, "Bootstrap version: unknown")
}

func TestRun_CredentialsThatAWSRefuses(t *testing.T) {
	for code, want := range map[string]string{
		"ExpiredToken":         "the AWS credentials have expired; get new ones, for example with: aws sso login",
		"InvalidClientTokenId": "AWS does not accept the credentials (InvalidClientTokenId); check the access key and its secret, or get new ones",
		"SomethingElse":        "AWS does not say who the credentials belong to: SomethingElse: no",
	} {
		fakeAWS(t, answers{stsStatus: http.StatusForbidden, stsCode: code})
		_, err := preflight(t, options{bootstrap: true})
		require.EqualError(t, err, want)
	}
}

func TestRun_NoCredentials(t *testing.T) {
	scrub(t)
	_, err := preflight(t, options{})
	require.ErrorContains(t, err, "there are no AWS credentials: set AWS_PROFILE to a profile that has them, or make one with aws configure sso")
	require.NotContains(t, err.Error(), "\n")
}

func TestRun_ProfileThatDoesNotExist(t *testing.T) {
	scrub(t)
	t.Setenv("AWS_PROFILE", "mistyped")
	_, err := preflight(t, options{})
	require.EqualError(t, err, `the AWS profile "mistyped" does not exist; list yours with: aws configure list-profiles`)
}

func TestRun_SSOLoginIsMissing(t *testing.T) {
	scrub(t)
	home := os.Getenv("HOME")
	require.NoError(t, os.WriteFile(filepath.Join(home, "config"), []byte(`[default]
sso_session = corp
sso_account_id = 111122223333
sso_role_name = deploy
region = us-east-1
[sso-session corp]
sso_start_url = https://example.awsapps.com/start
sso_region = us-east-1
`), 0o600))
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(home, "config"))
	_, err := preflight(t, options{})
	require.ErrorContains(t, err, "the login of AWS IAM Identity Center is missing or has expired; log in with: aws sso login")
}

func TestRun_NothingAnswers(t *testing.T) {
	fakeAWS(t, answers{})
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	_, err := preflight(t, options{})
	require.ErrorContains(t, err, "AWS does not answer in region us-east-1; check the network and the region: ")
}

func TestRun_NodeIsTooOld(t *testing.T) {
	fakeAWS(t, answers{})
	nodeVersion(t, "v20.19.0")
	_, err := preflight(t, options{})
	require.ErrorContains(t, err, "Node.js v20.19.0 is too old for the CDK")
}
