//go:build unix

package main

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/internal/account"
	"github.com/strata-cdk/strata/internal/fakeaws"
	"github.com/strata-cdk/strata/internal/whoami"
)

const role = "arn:aws:iam::111122223333:role/deployer"

// link is a link of the credential chain, set up on a machine that has no other credentials.
type link struct {
	name string
	set  func(m *machine)
	args []string
	want string
}

const (
	asUser  = "Account:     111122223333\nARN:         " + user + "\nRegion:      us-east-1 \\(none is set, so this is the default\\)\n"
	asRole  = "Account:     111122223333\nARN:         arn:aws:sts::111122223333:assumed-role/deployer/\\S+\nRegion:      us-east-1 \\(none is set, so this is the default\\)\n"
	forever = "MFA:         no, access keys of a user carry none\nTime left:   no end, until the access key is deleted\n"
	anHour  = "MFA:         unknown, AWS does not tell\nTime left:   (5\\dm\\d+s|1h0m0s), until \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ\n"
)

var links = []link{
	{"environment", func(m *machine) {
		m.env["AWS_ACCESS_KEY_ID"], m.env["AWS_SECRET_ACCESS_KEY"] = "AKIAJO", "secret-of-jo"
	}, nil,
		asUser + "Credentials: environment \\(AWS_ACCESS_KEY_ID\\)\n" + forever},
	{"session in the environment", func(m *machine) {
		m.aws.Keys = append(m.aws.Keys, fakeaws.Key{ID: "ASIAENV", Secret: "secret-env", Token: "token-env", ARN: user})
		m.env["AWS_ACCESS_KEY_ID"], m.env["AWS_SECRET_ACCESS_KEY"], m.env["AWS_SESSION_TOKEN"] = "ASIAENV", "secret-env", "token-env"
	}, nil, asUser + "Credentials: environment \\(AWS_ACCESS_KEY_ID\\)\nMFA:         unknown, AWS does not tell\nTime left:   unknown\n"},
	{"web identity", func(m *machine) {
		m.write("token", "token-of-"+role, 0o600)
		m.env["AWS_WEB_IDENTITY_TOKEN_FILE"], m.env["AWS_ROLE_ARN"] = m.home+"/token", role
	}, nil, asRole + "Credentials: web identity \\(AWS_WEB_IDENTITY_TOKEN_FILE\\)\n" + anHour},
	{"web identity of a profile", func(m *machine) {
		m.write("token", "token-of-"+role, 0o600)
		m.write(".aws/config", "[default]\nrole_arn = "+role+"\nweb_identity_token_file = "+m.home+"/token\n", 0o600)
	}, nil, asRole + "Credentials: web identity \\(web_identity_token_file\\), profile \"default\"\n" + anHour},
	{"SSO", func(m *machine) {
		m.write(".aws/config", "[profile sso]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = deployer\n[sso-session corp]\nsso_start_url = https://example.com/start\nsso_region = us-east-1\n", 0o600)
		login(m, "corp")
	}, []string{"--profile", "sso"}, asRole + "Credentials: SSO \\(IAM Identity Center\\), profile \"sso\"\n" + anHour},
	{"SSO of old", func(m *machine) {
		m.write(".aws/config", "[profile sso]\nsso_account_id = 111122223333\nsso_role_name = deployer\nsso_start_url = https://example.com/start\nsso_region = us-east-1\n", 0o600)
		login(m, "https://example.com/start")
	}, []string{"--profile", "sso"}, asRole + "Credentials: SSO \\(IAM Identity Center\\), profile \"sso\"\n" + anHour},
	{"login", func(m *machine) {
		const session = "arn:aws:iam::111122223333:user/jo"
		m.aws.Keys = append(m.aws.Keys, fakeaws.Key{ID: "ASIALOGIN", Secret: "secret-login", Token: "token-login", ARN: user})
		m.write(".aws/config", "[default]\nlogin_session = "+session+"\n", 0o600)
		sum := sha256.Sum256([]byte(session))
		m.write(".aws/login/cache/"+hex.EncodeToString(sum[:])+".json", fmt.Sprintf(`{"accessToken": {"accessKeyId": "ASIALOGIN", "secretAccessKey": "secret-login", "sessionToken": "token-login",
			"accountId": "111122223333", "expiresAt": %q}, "tokenType": "aws_sigv4", "refreshToken": "r", "clientId": "c", "dpopKey": "k"}`, inAnHour()), 0o600)
	}, nil, asUser + "Credentials: login \\(aws login\\), profile \"default\"\n" + anHour},
	{"shared credentials", func(m *machine) {
		m.write(".aws/credentials", "[default]\naws_access_key_id = AKIAJO\naws_secret_access_key = secret-of-jo\n", 0o600)
	}, nil, asUser + "Credentials: shared credentials or config profile, profile \"default\"\n" + forever},
	{"config profile", func(m *machine) {
		m.write(".aws/config", "[profile here]\naws_access_key_id = AKIAJO\naws_secret_access_key = secret-of-jo\nregion = eu-west-1\n", 0o600)
		m.env["AWS_PROFILE"] = "here"
	}, nil, "Account:     111122223333\nARN:         " + user + "\nRegion:      eu-west-1\nCredentials: shared credentials or config profile, profile \"here\"\n" + forever},
	{"a profile in the options wins", func(m *machine) {
		m.env["AWS_ACCESS_KEY_ID"], m.env["AWS_SECRET_ACCESS_KEY"], m.env["AWS_REGION"] = "AKIAWRONG", "wrong", "eu-west-1"
		m.write(".aws/credentials", "[here]\naws_access_key_id = AKIAJO\naws_secret_access_key = secret-of-jo\n", 0o600)
	}, []string{"--profile", "here", "--region", "ap-south-1"}, "Account:     111122223333\nARN:         " + user + "\nRegion:      ap-south-1\nCredentials: shared credentials or config profile, profile \"here\"\n" + forever},
	{"assumed role", func(m *machine) {
		m.aws.Roles[role] = []string{"111122223333"}
		m.write(".aws/credentials", "[keys]\naws_access_key_id = AKIAJO\naws_secret_access_key = secret-of-jo\n", 0o600)
		m.write(".aws/config", "[profile deploy]\nrole_arn = "+role+"\nsource_profile = keys\n", 0o600)
	}, []string{"--profile", "deploy"}, asRole + "Credentials: shared credentials or config profile, then assumed role, profile \"deploy\"\n" + anHour},
	{"role from the environment", func(m *machine) {
		m.aws.Roles[role] = []string{"111122223333"}
		m.env["AWS_ACCESS_KEY_ID"], m.env["AWS_SECRET_ACCESS_KEY"] = "AKIAJO", "secret-of-jo"
		m.write(".aws/config", "[profile deploy]\nrole_arn = "+role+"\ncredential_source = Environment\n", 0o600)
	}, []string{"--profile", "deploy"}, asRole + "Credentials: environment \\(AWS_ACCESS_KEY_ID\\), then assumed role, profile \"deploy\"\n" + anHour},
	{"process", func(m *machine) {
		m.write("keys.json", `{"Version": 1, "AccessKeyId": "AKIAJO", "SecretAccessKey": "secret-of-jo"}`, 0o600)
		m.write(".aws/config", "[default]\ncredential_process = cat "+m.home+"/keys.json\n", 0o600)
	}, nil, asUser + "Credentials: process \\(credential_process\\), profile \"default\"\n" + forever},
	{"container", func(m *machine) {
		m.env["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = endpoint(m, map[string]string{"GET /v1/credentials": fmt.Sprintf(
			`{"AccessKeyId": "ASIATASK", "SecretAccessKey": "secret-task", "Token": "token-task", "Expiration": %q}`, inAnHour())}, "Authorization", "pod") + "/v1/credentials"
		m.env["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "pod"
		m.aws.Keys = append(m.aws.Keys, fakeaws.Key{ID: "ASIATASK", Secret: "secret-task", Token: "token-task", ARN: "arn:aws:sts::111122223333:assumed-role/deployer/task"})
	}, nil, asRole + "Credentials: container\n" + anHour},
	{"instance profile", func(m *machine) {
		delete(m.env, "AWS_EC2_METADATA_DISABLED")
		m.env["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = endpoint(m, map[string]string{
			"PUT /latest/api/token":                                    "imds",
			"GET /latest/meta-data/iam/security-credentials/":          "deployer",
			"GET /latest/meta-data/iam/security-credentials/deployer":  fmt.Sprintf(`{"Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": "ASIAEC2", "SecretAccessKey": "secret-ec2", "Token": "token-ec2", "Expiration": %q}`, inAnHour()),
			"GET /latest/meta-data/iam/security-credentials-extended/": "",
		}, "X-Aws-Ec2-Metadata-Token", "imds")
		m.aws.Keys = append(m.aws.Keys, fakeaws.Key{ID: "ASIAEC2", Secret: "secret-ec2", Token: "token-ec2", ARN: "arn:aws:sts::111122223333:assumed-role/deployer/i-0"})
	}, nil, asRole + "Credentials: instance profile\n" + anHour},
	{"exported session of strata mfa", func(m *machine) {
		m.serves("--token-code", "123456")
		k := m.last()
		m.env["AWS_ACCESS_KEY_ID"], m.env["AWS_SECRET_ACCESS_KEY"], m.env["AWS_SESSION_TOKEN"] = k.ID, k.Secret, k.Token
	}, nil, asUser + "Credentials: environment \\(AWS_ACCESS_KEY_ID\\)\nMFA:         yes, a session of strata mfa with " + serial + "\nTime left:   (59m\\d+s|1h0m0s), until \\S+\n"},
	{"strata mfa", func(m *machine) {
		m.write(".aws/config", "[profile keys]\nmfa_serial = "+serial+"\n[default]\ncredential_process = strata mfa --profile keys --token-code 123456\n", 0o600)
	}, nil, asUser + "Credentials: process \\(credential_process\\), profile \"default\"\nMFA:         yes, a session of strata mfa with " + serial + "\nTime left:   (59m\\d+s|1h0m0s), until \\S+\n"},
}

func inAnHour() string { return time.Now().Add(time.Hour).UTC().Format(time.RFC3339) }

// login is what aws sso login leaves behind.
func login(m *machine, key string) {
	m.aws.SSOToken, m.aws.SSORole = "sso-token", "arn:aws:sts::111122223333:assumed-role/deployer/jo"
	sum := sha1.Sum([]byte(key))
	m.write(".aws/sso/cache/"+hex.EncodeToString(sum[:])+".json", fmt.Sprintf(`{"accessToken": "sso-token", "expiresAt": %q}`, inAnHour()), 0o600)
}

// endpoint answers on this machine as a container's or an instance's metadata service; all answers but a token need one.
func endpoint(m *machine, answers map[string]string, header, token string) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, ok := answers[r.Method+" "+r.URL.Path]
		switch {
		case !ok:
			w.WriteHeader(http.StatusNotFound)
		case r.Method == http.MethodGet && r.Header.Get(header) != token:
			w.WriteHeader(http.StatusUnauthorized)
		default:
			w.Header().Set("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", "21600")
			_, _ = w.Write([]byte(text))
		}
	}))
	m.t.Cleanup(s.Close)
	return s.URL
}

func TestWhoami_EachLink(t *testing.T) {
	for _, l := range links {
		t.Run(l.name, func(t *testing.T) {
			m := newMachine(t)
			if l.name != "strata mfa" && l.name != "exported session of strata mfa" {
				m.write(".aws/credentials", "", 0o600)
				m.write(".aws/config", "", 0o600)
			}
			l.set(m)
			r := m.run(append([]string{"whoami"}, l.args...)...)
			require.Equal(t, 0, r.code, r.err)
			require.Empty(t, r.err)
			require.Regexp(t, "^"+l.want+"Endpoint:    "+m.aws.URL+" \\(set by the environment or the AWS configuration: this is not AWS itself\\)\n$", r.out)
			for _, k := range m.aws.Keys {
				require.NotContains(t, r.out, k.Secret)
			}
		})
	}
}

// Credentials in the options of a program, which no command line can give.
func TestWhoami_Options(t *testing.T) {
	s := fakeaws.New()
	defer s.Close()
	s.Keys = []fakeaws.Key{{ID: "AKIAJO", Secret: "secret-of-jo", ARN: user}}
	cfg, err := account.Load(t.Context(), account.Options{Region: "eu-west-1", SDK: []func(*config.LoadOptions) error{
		config.WithBaseEndpoint(s.URL), config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("AKIAJO", "secret-of-jo", "")),
	}})
	require.NoError(t, err)
	r, err := whoami.Describe(t.Context(), cfg)
	require.NoError(t, err)
	require.Equal(t, "options (given by the program)", r.Credentials)
	require.Equal(t, []string{"111122223333", user, "eu-west-1"}, []string{r.Account, r.ARN, r.Region})
}

func TestWhoami_ExpirationInTheEnvironment(t *testing.T) {
	m := newMachine(t)
	m.aws.Keys = append(m.aws.Keys, fakeaws.Key{ID: "ASIAENV", Secret: "secret-env", Token: "token-env", ARN: user})
	m.env["AWS_ACCESS_KEY_ID"], m.env["AWS_SECRET_ACCESS_KEY"], m.env["AWS_SESSION_TOKEN"] = "ASIAENV", "secret-env", "token-env"
	m.env["AWS_CREDENTIAL_EXPIRATION"] = inAnHour()
	require.Regexp(t, `Time left:   (59m\d+s|1h0m0s), until `, m.run("whoami").out)
}

func TestWhoami_Fails(t *testing.T) {
	for _, c := range []struct {
		name string
		set  func(m *machine)
		want string
	}{
		{"nothing", func(*machine) {}, "there are no AWS credentials: set AWS_PROFILE to a profile that has them, or make one with aws configure sso \\(details: .*\\)"},
		{"expired", func(m *machine) {
			m.env["AWS_ACCESS_KEY_ID"], m.env["AWS_SECRET_ACCESS_KEY"] = "AKIAJO", "secret-of-jo"
			m.aws.Fail["GetCallerIdentity"] = fakeaws.Failure{Status: 403, Code: "ExpiredToken", Message: "expired"}
		}, "the AWS credentials have expired; get new ones, for example with: aws sso login"},
		{"role that refuses", func(m *machine) {
			m.write(".aws/config", "[profile keys]\n[default]\nrole_arn = "+role+"\nsource_profile = keys\n", 0o600)
		}, "AWS gives no credentials: AccessDenied: User: " + user + " is not authorized to perform: sts:AssumeRole on resource: " + role},
		{"login that is over", func(m *machine) {
			m.write(".aws/config", "[default]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = deployer\n[sso-session corp]\nsso_start_url = https://example.com/start\nsso_region = us-east-1\n", 0o600)
		}, "the login of AWS IAM Identity Center is missing or has expired; log in with: aws sso login \\(details: .*\\)"},
		{"process that fails", func(m *machine) { m.write(".aws/config", "[default]\ncredential_process = exit 7\n", 0o600) },
			"the credential_process of the AWS profile failed: exit status 7"},
		{"role with MFA and no terminal", func(m *machine) {
			m.write(".aws/config", "[profile keys]\n[default]\nrole_arn = "+role+"\nsource_profile = keys\nmfa_serial = "+serial+"\n", 0o600)
		}, "the AWS profile assumes a role with MFA: an MFA code is needed, but there is no terminal to ask for it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newMachine(t)
			c.set(m)
			r := m.run("whoami")
			want := exitFailed
			if strings.Contains(c.name, "no terminal") {
				want = exitNoTerminal
			}
			require.Equal(t, want, r.code)
			require.Empty(t, r.out)
			require.Regexp(t, "^Error: "+c.want+"\n$", r.err)
		})
	}
}
