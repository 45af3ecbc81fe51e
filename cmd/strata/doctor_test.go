//go:build unix

package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/internal/fakeaws"
)

const (
	tools = "Tools:\n  ok       Go 1.26.8\n  ok       Node.js 22 or later\n  ok       CDK command line 2.1148.1\n"
	other = "444455556666"
)

// newPatient is a machine with good tools and credentials of a user in 111122223333.
func newPatient(t *testing.T) *machine {
	t.Helper()
	m := newMachine(t)
	m.write(".aws/credentials", "[default]\naws_access_key_id = AKIAJO\naws_secret_access_key = secret-of-jo\n", 0o600)
	m.env["PATH"] = filepath.Join(m.home, "bin")
	m.prints("go", "go1.26.8")
	m.prints("node", "v24.21.0")
	m.prints("cdk", "2.1148.1 (build 1234567)")
	return m
}

func (m *machine) prints(program, text string) {
	m.write("bin/"+program, "#!/bin/sh\necho '"+text+"'\n", 0o700)
}

// about runs doctor and returns what it says below the tools and the credentials.
func (m *machine) about(args ...string) (string, int) {
	m.t.Helper()
	r := m.run(append([]string{"doctor"}, args...)...)
	_, text, found := strings.Cut(r.out, "\nBootstrap:\n")
	require.True(m.t, found, r.out+r.err)
	if r.code == 0 {
		require.Empty(m.t, r.err)
	}
	return strings.ReplaceAll(text, "           ", "> "), r.code
}

func deployRole(qualifier, account, region string) string {
	return "arn:aws:iam::" + account + ":role/cdk-" + qualifier + "-deploy-role-" + account + "-" + region
}

func TestDoctor_NothingIsMissing(t *testing.T) {
	m := newPatient(t)
	m.aws.Parameters["111122223333/us-east-1/cdk-bootstrap/hnb659fds/version"] = "31"
	r := m.run("doctor")
	require.Equal(t, 0, r.code, r.err)
	require.Empty(t, r.err)
	require.Equal(t, tools+`Credentials:
  ok       arn:aws:iam::111122223333:user/jo
           Account:     111122223333
           ARN:         arn:aws:iam::111122223333:user/jo
           Region:      us-east-1 (none is set, so this is the default)
           Credentials: shared credentials or config profile, profile "default"
           MFA:         no, access keys of a user carry none
           Time left:   no end, until the access key is deleted
           Endpoint:    `+m.aws.URL+` (set by the environment or the AWS configuration: this is not AWS itself)
Bootstrap:
  ok       111122223333/us-east-1: bootstrap version 31 with the qualifier hnb659fds, for the account and region of the credentials
`, r.out)
}

func TestDoctor_Tools(t *testing.T) {
	m := newPatient(t)
	m.aws.Parameters["111122223333/us-east-1/cdk-bootstrap/hnb659fds/version"] = "31"
	m.prints("go", "go1.25.9")
	m.prints("node", "v20.0.0")
	m.prints("cdk", "2.180.0 (build 1)")
	r := m.run("doctor")
	require.Equal(t, exitFailed, r.code)
	require.Equal(t, "Error: there are 3 problems, see above\n", r.err)
	require.Contains(t, r.out, "  PROBLEM  Go is too old: go1.25.9\n           Install Go 1.26 or later from https://go.dev/dl.\n")
	require.Contains(t, r.out, "  PROBLEM  Node.js v20.0.0 is too old for the CDK: ")
	require.Contains(t, r.out, "  PROBLEM  the CDK command line is too old: 2.180.0\n           Install it in your project: npm install --save-dev aws-cdk; npx cdk runs it.\n")

	m.prints("cdk", "hello")
	m.prints("go", "go1.27rc1")
	m.prints("node", "v22.1.0")
	r = m.run("doctor")
	require.Equal(t, "Error: there is a problem, see above\n", r.err)
	require.Contains(t, r.out, "  ok       Go 1.27rc1\n  ok       Node.js 22 or later\n  PROBLEM  the CDK command line has a version that is not known here: \"hello\"\n")

	m.env["PATH"] = t.TempDir()
	r = m.run("doctor")
	require.Equal(t, "Error: there are 3 problems, see above\n", r.err)
	require.Contains(t, r.out, "  PROBLEM  Go cannot be started: ")
	require.Contains(t, r.out, "  PROBLEM  there is no CDK command line, neither cdk on PATH nor in node_modules: ")
	m.write("node_modules/.bin/cdk", "#!/bin/sh\necho '2.1000.0 (build 1)'\n", 0o700)
	require.Contains(t, m.run("doctor").out, "  ok       CDK command line 2.1000.0\n")
}

func TestDoctor_Credentials(t *testing.T) {
	m := newPatient(t)
	m.write(".aws/credentials", "", 0o600)
	r := m.run("doctor")
	require.Equal(t, result{exitFailed, r.out, "Error: there is a problem, see above\n"}, r)
	require.Regexp(t, "^"+tools+"Credentials:\n  PROBLEM  there are no AWS credentials: .*\n           The rest is about AWS, and waits for credentials.\n$", r.out)
	r = m.run("doctor", "--profile", "mistyped")
	require.Contains(t, r.out, "  PROBLEM  the AWS profile \"mistyped\" does not exist; list yours with: aws configure list-profiles\n")
}

const why = `> A policy that names roles of this environment fails to deploy with "Policy contains a statement with one or more invalid principals".
> Bootstrap all target environments first, with the qualifier that the app has.
`

func TestDoctor_Bootstrap(t *testing.T) {
	const (
		here  = "111122223333/eu-west-1"
		there = other + "/eu-west-1"
		param = "/cdk-bootstrap/hnb659fds/version"
	)
	for _, c := range []struct {
		name string
		set  func(a *fakeaws.Server)
		args []string
		code int
		want string
	}{
		{"good", func(a *fakeaws.Server) { a.Parameters[here+param] = "6" }, []string{"--env", "aws://" + here}, 0,
			"  ok       " + here + ": bootstrap version 6 with the qualifier hnb659fds, for --env\n"},
		{"the same twice", func(a *fakeaws.Server) { a.Parameters[here+param] = "6" }, []string{"--env", "aws://" + here, "--env", here}, 0,
			"  ok       " + here + ": bootstrap version 6 with the qualifier hnb659fds, for --env\n"},
		{"too old", func(a *fakeaws.Server) { a.Parameters[here+param] = "5" }, []string{"--env", here}, 1,
			"  PROBLEM  " + here + ": bootstrap version 5 with the qualifier hnb659fds is too old: 6 is needed, for --env\n> Run: cdk bootstrap aws://" + here + "\n"},
		{"no number", func(a *fakeaws.Server) { a.Parameters[here+param] = "x" }, []string{"--env", here}, 1,
			"  PROBLEM  " + here + ": the bootstrap version in " + param + " is \"x\", no number\n> Run: cdk bootstrap aws://" + here + "\n"},
		{"missing", func(*fakeaws.Server) {}, []string{"--env", here}, 1,
			"  PROBLEM  " + here + " is not bootstrapped with the qualifier hnb659fds, for --env\n> Run: cdk bootstrap aws://" + here + "\n" + why},
		{"another qualifier", func(a *fakeaws.Server) {
			a.Parameters[here+param], a.Parameters[here+"/cdk-bootstrap/b/version"] = "20", "20"
			a.Parameters[here+"/cdk-bootstrap/b/other"], a.Parameters["111122223333/us-east-1/cdk-bootstrap/c/version"] = "1", "20"
		}, []string{"--env", here, "--qualifier", "mine"}, 1,
			"  PROBLEM  " + here + " is not bootstrapped with the qualifier mine, for --env; it is bootstrapped with another qualifier: b, hnb659fds\n" +
				"> Run: cdk bootstrap aws://" + here + " --qualifier mine --toolkit-stack-name CDKToolkit-mine\n" + why},
		{"another account", func(a *fakeaws.Server) {
			a.Parameters[there+param] = "21"
			a.Roles[deployRole("hnb659fds", other, "eu-west-1")] = []string{"111122223333"}
		}, []string{"--env", there}, 0, "  ok       " + there + ": bootstrap version 21 with the qualifier hnb659fds, for --env\n"},
		{"another account that does not trust", func(a *fakeaws.Server) { a.Parameters[there+param] = "21" }, []string{"--env", there}, 1,
			"  PROBLEM  " + there + ": cannot assume " + deployRole("hnb659fds", other, "eu-west-1") + ": the account is not bootstrapped with the qualifier hnb659fds, " +
				"does not trust account 111122223333, or these credentials may not assume it\n" +
				"> With credentials of account " + other + ", run: cdk bootstrap aws://" + there + " --trust 111122223333 --cloudformation-execution-policies POLICY_ARN\n" + why},
		{"a parameter that only the role may read", func(a *fakeaws.Server) {
			a.Parameters[here+param] = "21"
			a.Deny = map[string]string{"GetParameter": user}
			a.Roles[deployRole("hnb659fds", "111122223333", "eu-west-1")] = []string{"111122223333"}
		}, []string{"--env", here}, 0, "  ok       " + here + ": bootstrap version 21 with the qualifier hnb659fds, for --env\n"},
		{"a parameter that nobody may read", func(a *fakeaws.Server) { a.Deny = map[string]string{"GetParameter": user} }, []string{"--env", here}, 1,
			"  PROBLEM  " + here + ": these credentials may neither read " + param + " nor assume " + deployRole("hnb659fds", "111122223333", "eu-west-1") + "\n" +
				"> Allow sts:AssumeRole on that role, or, if it does not exist, run: cdk bootstrap aws://" + here + "\n"},
		{"a parameter that the role may not read", func(a *fakeaws.Server) {
			a.Deny = map[string]string{"GetParameter": "arn:aws:sts::" + other + ":assumed-role/cdk-hnb659fds-deploy-role-" + other + "-eu-west-1/strata-doctor"}
			a.Roles[deployRole("hnb659fds", other, "eu-west-1")] = []string{"111122223333"}
		}, []string{"--env", there}, 0, "  note     " + there + ": cannot see the bootstrap version, these credentials may not read " + param + "\n"},
		{"an error of AWS", func(a *fakeaws.Server) {
			a.Fail["GetParameter"] = fakeaws.Failure{Status: 400, Code: "ValidationException", Message: "no"}
		}, []string{"--env", here}, 1, "  PROBLEM  " + here + ": cannot read " + param + " in region eu-west-1: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newPatient(t)
			c.set(m.aws)
			text, code := m.about(c.args...)
			require.Equal(t, c.code, code, text)
			if strings.HasSuffix(c.want, "\n") {
				require.Equal(t, c.want, text)
			} else {
				require.Contains(t, text, c.want)
			}
		})
	}
}

type object = map[string]any

// synth writes a cloud assembly as cdk synth does: artifacts and, by stack, resources.
func (m *machine) synth(dir string, artifacts, resources object) {
	m.t.Helper()
	for stack, r := range resources {
		text, err := json.Marshal(object{"Resources": r})
		require.NoError(m.t, err)
		m.write(filepath.Join(dir, stack+".template.json"), string(text), 0o600)
	}
	text, err := json.Marshal(object{"version": "54.0.0", "artifacts": artifacts})
	require.NoError(m.t, err)
	m.write(filepath.Join(dir, "manifest.json"), string(text), 0o600)
}

func stack(name, environment, qualifier string, version int) object {
	p := object{"templateFile": name + ".template.json"}
	if qualifier != "" {
		p["requiresBootstrapStackVersion"], p["bootstrapStackVersionSsmParameter"] = version, "/cdk-bootstrap/"+qualifier+"/version"
		p["assumeRoleArn"] = "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/cdk-" + qualifier + "-deploy-role-${AWS::AccountId}-${AWS::Region}"
		p["assumeRoleExternalId"] = "agreed"
	}
	return object{"type": "aws:cloudformation:stack", "environment": "aws://" + environment, "properties": p, "displayName": name}
}

func TestDoctor_App(t *testing.T) {
	m := newPatient(t)
	m.synth("cdk.out", object{
		"Api":           stack("Api", "unknown-account/unknown-region", "hnb659fds", 6),
		"Web":           stack("Web", "111122223333/us-east-1", "hnb659fds", 8),
		"Legacy":        stack("Legacy", "111122223333/sa-east-1", "", 0),
		"Api.asset":     object{"type": "cdk:asset-manifest", "properties": object{"file": "x"}},
		"assembly-Prod": object{"type": "cdk:cloud-assembly", "properties": object{"directoryName": "assembly-Prod"}},
		"Tree":          object{"type": "cdk:tree", "properties": object{"file": "tree.json"}},
	}, object{"Api": object{}, "Web": object{}, "Legacy": object{}})
	m.synth("cdk.out/assembly-Prod", object{"ProdApi": stack("ProdApi", other+"/eu-west-1", "prod", 6)}, object{"ProdApi": object{}})
	m.aws.Parameters["111122223333/us-east-1/cdk-bootstrap/hnb659fds/version"] = "8"
	m.aws.Parameters[other+"/eu-west-1/cdk-bootstrap/prod/version"] = "6"
	m.aws.Roles[deployRole("prod", other, "eu-west-1")] = []string{"111122223333"}
	want := `  ok       111122223333/us-east-1: bootstrap version 8 with the qualifier hnb659fds, for Api, Web
  ok       444455556666/eu-west-1: bootstrap version 6 with the qualifier prod, for ProdApi
Principals of policies:
  ok       none that CloudFormation could find missing, besides those of bootstrap stacks above
`
	for _, args := range [][]string{nil, {"--app", "cdk.out"}} { // cdk.out is the default
		text, code := m.about(args...)
		require.Equal(t, want, text)
		require.Equal(t, 0, code)
	}
	require.Equal(t, "agreed", m.aws.Calls("AssumeRole")[0].Get("ExternalId"))

	m.aws.Parameters["111122223333/us-east-1/cdk-bootstrap/hnb659fds/version"] = "7"
	text, code := m.about()
	require.Equal(t, exitFailed, code)
	require.Contains(t, text, "111122223333/us-east-1: bootstrap version 7 with the qualifier hnb659fds is too old: 8 is needed, for Api, Web\n")

	text, _ = m.about("--env", "111122223333/us-east-1")
	require.NotContains(t, text, "Principals", "with --env, cdk.out is not looked at")
}

func TestDoctor_AppWithoutBootstrap(t *testing.T) {
	m := newPatient(t)
	m.synth("out", object{"Legacy": stack("Legacy", "111122223333/sa-east-1", "", 0)}, object{"Legacy": object{}})
	text, code := m.about("--app", "out")
	require.Equal(t, 0, code)
	require.Contains(t, text, "  ok       no stack needs a bootstrap stack\n")
}

func TestDoctor_AppThatCannotBeRead(t *testing.T) {
	for manifest, want := range map[string]string{
		"{":  "out/manifest.json is not what cdk synth writes: ",
		"[]": "out/manifest.json is not what cdk synth writes: ",
		`{"artifacts": {"A": {"type": "aws:cloudformation:stack", "environment": "here"}}}`:                                                 `the environment of the stack A is no aws://ACCOUNT/REGION: "here"`,
		`{"artifacts": {"A": {"type": "aws:cloudformation:stack", "environment": "aws://1/2", "properties": {"templateFile": "no.json"}}}}`: "open out/no.json: no such file or directory",
		`{"artifacts": {"A": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "no"}}}}`:                                       "open out/no/manifest.json: no such file or directory",
	} {
		m := newPatient(t)
		m.write("out/manifest.json", manifest, 0o600)
		r := m.run("doctor", "--app", "out")
		require.Equal(t, exitFailed, r.code)
		require.Empty(t, r.out)
		require.Contains(t, r.err, "Error: cannot read the cloud assembly; run cdk synth again: "+want)
	}
}

// policy is a key with one statement for a principal.
func policy(aws any) object {
	return object{"Type": "AWS::KMS::Key", "Properties": object{"KeyPolicy": object{"Statement": []any{object{"Effect": "Allow", "Action": "kms:*", "Principal": object{"AWS": aws}}}}}}
}

func join(parts ...any) object { return object{"Fn::Join": []any{"", parts}} }

func ref(name string) object { return object{"Ref": name} }

func TestDoctor_Principals(t *testing.T) {
	m := newPatient(t)
	m.aws.Parameters["111122223333/us-east-1/cdk-bootstrap/hnb659fds/version"] = "31"
	m.aws.Parameters["111122223333/us-east-1/cdk-bootstrap/young/version"] = "1" // enough for its roles to be there
	m.synth("cdk.out", object{"Api": stack("Api", "unknown-account/unknown-region", "hnb659fds", 6)}, object{"Api": object{
		"Everybody": policy("*"),
		"Own":       policy(join("arn:", ref("AWS::Partition"), ":iam::", ref("AWS::AccountId"), ":root")),
		"Made":      policy(object{"Fn::GetAtt": []any{"Role", "Arn"}}),
		"MadeToo":   policy(join("arn:", ref("AWS::Partition"), ":iam::", ref("Account"), ":root")),
		"Account":   policy([]any{other, "111122223333"}),
		"Service":   object{"Properties": object{"Statement": object{"Effect": "Allow", "Principal": object{"Service": "x.amazonaws.com"}}}},
		"NoPolicy":  object{"Properties": object{"Principal": object{"AWS": "just a property"}}},
		"Empty":     policy(join("arn:", ref("AWS::Partition"), ":iam::", ":root")),
		"Undefined": policy("arn:aws:iam::undefined:role/ci"),
		"Words":     policy([]any{"prod", "prod"}),
		"Deleted":   policy("AROAEXAMPLE123456789X"),
		"Linked":    policy(object{"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"}),
		"Named":     policy("arn:aws:iam::" + other + ":role/ci"),
		"Young":     policy("arn:aws:iam::111122223333:role/cdk-young-lookup-role-111122223333-us-east-1"),
		"Pipeline":  policy([]any{"arn:aws:iam::" + other + ":role/cdk-pipe-deploy-role-" + other + "-eu-west-1", join("arn:", ref("AWS::Partition"), ":iam::111122223333:role/cdk-old-cfn-exec-role-111122223333-us-east-1")}),
	}})
	text, code := m.about()
	require.Equal(t, exitFailed, code)
	require.Equal(t, `  ok       111122223333/us-east-1: bootstrap version 31 with the qualifier hnb659fds, for Api
  PROBLEM  111122223333/us-east-1 is not bootstrapped with the qualifier old, for Api/Pipeline; it is bootstrapped with another qualifier: hnb659fds, young
> Run: cdk bootstrap aws://111122223333/us-east-1 --qualifier old --toolkit-stack-name CDKToolkit-old
`+why+`  ok       111122223333/us-east-1: bootstrap version 1 with the qualifier young, for Api/Young
  PROBLEM  444455556666/eu-west-1: cannot assume `+deployRole("pipe", other, "eu-west-1")+`: the account is not bootstrapped with the qualifier pipe, does not trust account 111122223333, or these credentials may not assume it
> With credentials of account 444455556666, run: cdk bootstrap aws://444455556666/eu-west-1 --qualifier pipe --toolkit-stack-name CDKToolkit-pipe --trust 111122223333 --cloudformation-execution-policies POLICY_ARN
`+why+`Principals of policies:
  PROBLEM  Api/Deleted: "AROAEXAMPLE123456789X" is the id of a user or role that was deleted
> Name the user or role by its ARN.
  PROBLEM  Api/Empty: "arn:aws:iam:::root" has no account of 12 digits
> Look for a variable with an account that is empty where the app is synthesised.
  note     Api/Linked: "arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling" is a service-linked role, which must exist; this makes it: aws iam create-service-linked-role --aws-service-name autoscaling.amazonaws.com
  note     Api/Named: "arn:aws:iam::444455556666:role/ci" must exist before the deployment
  PROBLEM  Api/Undefined: "arn:aws:iam::undefined:role/ci" has no account of 12 digits
> Look for a variable with an account that is empty where the app is synthesised.
  PROBLEM  Api/Words: "prod" is neither an account nor the ARN of a user or role
> Look for a variable that is empty where the app is synthesised.
> "Policy contains a statement with one or more invalid principals" is how a deployment fails when one of these does not exist:
> KMS and IAM take no policy that names a user, role or account which is not there yet.
`, text)
}
