//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/internal/fakeaws"
)

const (
	guarded = `{"Statement":[{"Effect":"Allow","Principal":"*","Action":["Update:*"],"Resource":["*"]},` +
		`{"Effect":"Deny","Principal":"*","Action":["Update:Replace","Update:Delete"],"Resource":["*"],"Condition":{"StringEquals":{"ResourceType":["AWS::DynamoDB::Table"]}}}]}`
	metadata = `"Metadata":{"Strata::StackPolicy":` + guarded + `},`
)

// templateWith has a table with a name, and what is in more.
func templateWith(name, more string) string {
	return `{` + more + `"Resources":{"Notes":{"Type":"AWS::DynamoDB::Table","Properties":{"TableName":"` + name + `"}},"Topic":{"Type":"AWS::SNS::Topic"}}}`
}

// guardedMachine has the stack Api in AWS, with the table notes and a policy, and in cdk.out with the table books and the policy of a guard.
func guardedMachine(t *testing.T) (*machine, *fakeaws.Stack) {
	t.Helper()
	m := newMachine(t)
	m.env["AWS_PROFILE"] = "keys"
	stack := &fakeaws.Stack{Policy: guarded, Template: templateWith("notes", ""), Resources: []string{"A", "B", "Notes", "C", "Topic"}}
	m.aws.Stacks = map[string]*fakeaws.Stack{"Api": stack}
	m.write("cdk.out/manifest.json", `{"artifacts":{"assembly-Prod":{"type":"cdk:cloud-assembly","properties":{"directoryName":"prod"}},
		"Tree":{"type":"cdk:tree"}}}`, 0o600)
	m.write("cdk.out/prod/manifest.json", `{"artifacts":{"ProdApi":{"type":"aws:cloudformation:stack","displayName":"Prod/Api","properties":{"templateFile":"Api.json","stackName":"Api"}},
		"Other":{"type":"aws:cloudformation:stack","properties":{"templateFile":"Other.json"}}}}`, 0o600)
	m.write("cdk.out/prod/Api.json", templateWith("books", metadata), 0o600)
	m.write("cdk.out/prod/Other.json", templateWith("books", ""), 0o600)
	m.write("policy.json", guarded, 0o600)
	m.write("old.json", templateWith("notes", metadata), 0o600)
	m.write("new.json", templateWith("books", ""), 0o600)
	return m, stack
}

const denied = "Error: the stack policy denies 1 of the changes, see above\n"

// lines removes what pads columns.
func lines(text string) []string {
	var all []string
	for line := range strings.Lines(text) {
		all = append(all, strings.Join(strings.Fields(line), " "))
	}
	return all
}

func TestStackPolicyCheck(t *testing.T) {
	const table = "yes Update:Replace Notes AWS::DynamoDB::Table Statement[1] Properties.TableName"
	m, stack := guardedMachine(t)
	r := m.run("stack-policy", "check", "Api")
	require.Equal(t, exitFailed, r.code)
	require.Equal(t, denied, r.err)
	require.Equal(t, []string{
		"Policy: in force of the stack Api", "Update: deployed template to cdk.out/prod/Api.json", "Changes: 1, of which the policy denies 1",
		"", "DENIED ACTION RESOURCE TYPE BY BECAUSE OF", table,
	}, lines(r.out))
	require.Equal(t, "Original", m.aws.Calls("GetTemplate")[0].Get("TemplateStage"))
	require.Empty(t, m.aws.Calls("SetStackPolicy"))

	// By its other names.
	m.aws.Stacks["arn:aws:cloudformation:us-east-1:111122223333:stack/Api/1"] = stack
	require.Equal(t, exitFailed, m.run("stack-policy", "check", "arn:aws:cloudformation:us-east-1:111122223333:stack/Api/1", "--app", "cdk.out").code)

	stack.Policy = ""
	r = m.run("stack-policy", "check", "Api")
	require.Equal(t, 0, r.code)
	require.Contains(t, lines(r.out), "Note: the stack has no policy: every update is allowed")
	require.Contains(t, lines(m.run("stack-policy", "check", "Api", "--policy", "policy.json").out), table)
}

func TestStackPolicyCheck_WithoutAWS(t *testing.T) {
	m, _ := guardedMachine(t)
	m.aws.Close()
	for _, args := range []string{"--old old.json --new new.json", "--policy policy.json --old old.json --new new.json", "--policy old.json --old new.json --new old.json"} {
		r := m.run(append([]string{"stack-policy", "check"}, strings.Fields(args)...)...)
		require.Equal(t, exitFailed, r.code, args)
		require.Equal(t, denied, r.err, args)
	}
	r := m.run("stack-policy", "check", "--old", "old.json", "--new", "old.json")
	require.Equal(t, result{0, "Policy:   old.json\nUpdate:   old.json to old.json\nChanges:  0, of which the policy denies 0\n", ""}, r)

	m.write("set.json", `{"Status":"CREATE_COMPLETE","Changes":[{"ResourceChange":{"Action":"Modify","Replacement":"Conditional","LogicalResourceId":"Notes","ResourceType":"AWS::DynamoDB::Table"}},
		{"ResourceChange":{"Action":"Remove","LogicalResourceId":"Old","ResourceType":"AWS::DynamoDB::Table"}}]}`, 0o600)
	r = m.run("stack-policy", "check", "--policy", "policy.json", "--change-set-file", "set.json")
	require.Equal(t, exitFailed, r.code)
	require.Equal(t, "Error: the stack policy denies 1 of the changes and may deny 1, see above\n", r.err)
	require.Contains(t, lines(r.out), "maybe Update:Replace Notes AWS::DynamoDB::Table Statement[1]")
	require.Contains(t, lines(r.out), "yes Update:Delete Old AWS::DynamoDB::Table Statement[1]")

	m.write("custom.json", `{"Transform":"X","Resources":{"C":{"Type":"Custom::A","Properties":{"B":1}},"D":{"Type":"AWS::SNS::Topic"}}}`, 0o600)
	m.write("customer.json", `{"Resources":{"C":{"Type":"Custom::A","Properties":{"B":2}},"D":{"Type":"AWS::SNS::Topic"}}}`, 0o600)
	m.write("strict.json", strings.Replace(guarded, `"AWS::DynamoDB::Table"`, `"Custom::A"`, 1), 0o600)
	r = m.run("stack-policy", "check", "--policy", "strict.json", "--old", "custom.json", "--new", "customer.json", "--json")
	require.Equal(t, exitFailed, r.code)
	require.Equal(t, "Error: the stack policy may deny 1 of the changes, see above\n", r.err)
	require.JSONEq(t, `{"policy":"strict.json","update":"custom.json to customer.json","changes":1,
		"denied":[{"logicalId":"C","type":"Custom::A","actions":["Update:Modify","Update:Replace"],"maybe":false,"because":["Properties.B"],"action":"Update:Replace","certain":false,"reason":"Statement[1]","statement":1}],
		"notes":["which changes replace is not known of Custom::A: each may","what the macros (Transform) make of the template is not known: check a change set"]}`, r.out)
}

func TestStackPolicyCheck_ChangeSet(t *testing.T) {
	m, stack := guardedMachine(t)
	change := func(i int, action string) string {
		return fmt.Sprintf("<member><ResourceChange><Action>%s</Action><LogicalResourceId>T%d</LogicalResourceId><ResourceType>AWS::DynamoDB::Table</ResourceType></ResourceChange></member>", action, i)
	}
	stack.ChangeSets = map[string][]string{"next": {change(1, "Remove"), change(2, "Add"), change(3, "Remove")}}
	r := m.run("stack-policy", "check", "Api", "--change-set", "next", "--json")
	require.Equal(t, exitFailed, r.code)
	var report struct {
		Changes int
		Denied  []struct{ LogicalID string }
	}
	require.NoError(t, json.Unmarshal([]byte(r.out), &report))
	require.Equal(t, 2, report.Changes, "all pages")
	require.Len(t, report.Denied, 2)
	require.Equal(t, "T3", report.Denied[1].LogicalID)
	require.Equal(t, "Error: the stack policy denies 2 of the changes, see above\n", r.err)

	r = m.run("stack-policy", "check", "Api", "--change-set", "last")
	require.Equal(t, result{exitFailed, "", "Error: cannot read the change set last of the stack Api: ChangeSetNotFound: ChangeSet [last] does not exist\n"}, r)
}

func TestStackPolicyApply(t *testing.T) {
	m, stack := guardedMachine(t)
	stack.Policy = ""
	r := m.run("stack-policy", "apply", "Api")
	require.Equal(t, result{0, fmt.Sprintf("The policy of the stack Api is set: 2 statements, %d bytes.\n", len(guarded)), ""}, r)
	require.Equal(t, guarded, stack.Policy)

	r = m.run("stack-policy", "show", "Api")
	require.Equal(t, 0, r.code)
	require.JSONEq(t, guarded, r.out)

	// Loosening for one deployment, and what it lets through.
	require.Equal(t, exitFailed, m.run("stack-policy", "check", "Api").code)
	r = m.run("stack-policy", "apply", "Api", "--allow", "Notes", "--allow", "Topic")
	require.Equal(t, 0, r.code, r.err)
	require.Equal(t, strings.Replace(guarded, `["Update:Replace","Update:Delete"],"Resource":["*"]`, `["Update:Replace","Update:Delete"],"NotResource":["LogicalResourceId/Notes","LogicalResourceId/Topic"]`, 1), stack.Policy)
	require.Equal(t, 0, m.run("stack-policy", "check", "Api").code)
	require.Equal(t, 0, m.run("stack-policy", "apply", "Api", "--app", "cdk.out").code)
	require.Equal(t, guarded, stack.Policy, "tight again")
	require.Equal(t, 0, m.run("stack-policy", "apply", "Api", "--policy", "policy.json", "--allow", "Notes").code)
	require.Contains(t, stack.Policy, `"NotResource":["LogicalResourceId/Notes"]`)

	require.Equal(t, 0, m.run("stack-policy", "apply", "Api", "--allow-all").code)
	require.NotContains(t, stack.Policy, "Deny")

	stack.Policy = ""
	calls := len(m.aws.Calls("SetStackPolicy"))
	require.Equal(t, result{0, "The stack Api has no policy: everything is allowed already.\n", ""}, m.run("stack-policy", "apply", "Api", "--allow", "Notes"))
	require.Equal(t, result{0, "", "The stack Api has no policy: every update is allowed.\n"}, m.run("stack-policy", "show", "Api"))
	require.Len(t, m.aws.Calls("SetStackPolicy"), calls)
}

func TestStackPolicyApply_Errors(t *testing.T) {
	m, stack := guardedMachine(t)
	m.write("ids.json", `{"Statement":{"Effect":"Deny","Principal":"*","Action":"Update:*","Resource":["LogicalResourceId/Gone","LogicalResourceId/Notes","LogicalResourceId/Lost*"]}}`, 0o600)
	m.write("wrong.json", `{}`, 0o600)
	m.write("long.json", strings.Replace(guarded, `"AWS::DynamoDB::Table"`, `"`+strings.Repeat("a", 16384)+`"`, 1), 0o600)
	for args, want := range map[string]string{
		"Api --policy ids.json --allow More":   "the policy cannot be set:\n  - names Gone, which the stack does not have\n  - names More, which the stack does not have",
		"Api --policy ids.json --allow LostIt": "Statement[0] denies it to LogicalResourceId/Lost*, among others; change the policy by hand",
		"Api --policy wrong.json":              "wrong.json: invalid stack policy:\n  - Statement: must be given",
		"Api --policy new.json":                "new.json: the template has no policy: its stack has no guard of constructs/stackguard",
		"Api --policy nowhere.json":            "open nowhere.json: no such file or directory",
		"Api --app nowhere":                    "nowhere is not what cdk synth writes: open nowhere/manifest.json: no such file or directory",
		"Other":                                "cdk.out/prod/Other.json: the template has no policy: its stack has no guard of constructs/stackguard",
		"Missing":                              "there is no stack Missing in cdk.out; there are: [Other Api]",
		"Missing --allow-all":                  "cannot set the policy of the stack Missing: ValidationError: Stack [Missing] does not exist",
		"Missing --allow A":                    "cannot read the policy of the stack Missing: ValidationError: Stack [Missing] does not exist",
	} {
		r := m.run(append([]string{"stack-policy", "apply"}, strings.Fields(args)...)...)
		assert.Equal(t, result{exitFailed, "", "Error: " + want + "\n"}, r, args)
	}
	stack.Template = "Resources:"
	assert.Equal(t, "Error: cannot use the template of the stack Api: it is no template in JSON: invalid character 'R' looking for beginning of value; check a change set instead\n", m.run("stack-policy", "check", "Api").err)
	assert.Contains(t, m.run("stack-policy", "apply", "Api", "--policy", "long.json").err, "must be at most 16384 bytes")
	assert.Equal(t, guarded, stack.Policy, "nothing was set")
}

func TestStackPolicy_BadInput(t *testing.T) {
	m, _ := guardedMachine(t)
	for args, want := range map[string]string{
		"check": "invalid flags:\n  - STACK: must be given, unless --change-set-file, or --old and --new are",
		"check 1x --app a --old b --change-set c --change-set-file d": `invalid flags:
  - STACK: must be the name or ARN of a stack, got "1x"
  - must have at most one of --change-set, --change-set-file, and --old with --new
  - --app: must not be given beside --change-set, --change-set-file, --old and --new
  - must have both --old and --new, or neither`,
		"check --change-set a":      "invalid flags:\n  - STACK: must be given with --change-set",
		"check --change-set-file a": "invalid flags:\n  - --policy: must be given with --change-set-file and without STACK",
		"check A B":                 "accepts at most 1 arg(s), received 2",
		"apply":                     "accepts 1 arg(s), received 0",
		"apply -x":                  "unknown shorthand flag: 'x' in -x",
		"apply a_b --app a --policy b --allow Notes/Resource --allow-all": `invalid flags:
  - STACK: must be the name or ARN of a stack, got "a_b"
  - must have at most one of --app and --policy
  - --allow-all: must be without --app, --policy and --allow
  - --allow-all: must be without --app, --policy and --allow
  - --allow-all: must be without --app, --policy and --allow
  - --allow: must be a logical id, of letters and digits, got "Notes/Resource"`,
		"show 7": "invalid flags:\n  - STACK: must be the name or ARN of a stack, got \"7\"",
		"frob":   "unknown command \"frob\" for \"strata stack-policy\"",
	} {
		r := m.run(append([]string{"stack-policy"}, strings.Fields(args)...)...)
		assert.Equal(t, exitUsage, r.code, args)
		command := strings.Fields(args)[0]
		help := "\nSee: strata stack-policy " + command + " --help\n"
		if command == "frob" {
			help = "\nSee: strata stack-policy --help\n"
		}
		assert.Equal(t, "Error: "+want+help, r.err, args)
	}
	assert.Empty(t, m.aws.Calls("GetStackPolicy"))
	for _, command := range []string{"", "check", "apply", "show"} {
		r := m.run(append([]string{"stack-policy"}, strings.Fields(command+" --help")...)...)
		assert.Equal(t, 0, r.code)
		assert.Contains(t, r.out, "Exit codes: 0 ")
	}
}

func TestStackPolicy_Credentials(t *testing.T) {
	m, _ := guardedMachine(t)
	m.env["AWS_PROFILE"] = "none"
	m.write(".aws/config", "[profile none]\nregion = eu-west-1\n", 0o600)
	for _, command := range []string{"check", "apply", "show"} {
		r := m.run("stack-policy", command, "Api")
		require.Equal(t, exitFailed, r.code)
		require.Contains(t, r.err, "Error: there are no AWS credentials")
	}
}
