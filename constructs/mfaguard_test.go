package constructs_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/mfaguard"
)

// iamRequest is a request to AWS. Keys that its context does not have are absent.
type iamRequest struct {
	action, resource string
	context          map[string]string
}

// iamAllows decides as IAM does within an account: a Deny wins, and without an Allow there is nothing. It knows what these policies use,
// and fails the test for anything else.
func iamAllows(t *testing.T, statements []any, r iamRequest) bool {
	t.Helper()
	allowed := false
	for _, s := range statements {
		s := s.(o)
		for key := range s {
			require.Contains(t, []string{"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"}, key)
		}
		if !iamMatches(t, s, "Action", strings.ToLower(r.action), r) || !iamMatches(t, s, "Resource", r.resource, r) || !iamConditions(t, s["Condition"], r) {
			continue
		}
		if s["Effect"] == "Deny" {
			return false
		}
		require.Equal(t, "Allow", s["Effect"])
		allowed = true
	}
	return allowed
}

// iamMatches evaluates Action or Resource, or their opposites.
func iamMatches(t *testing.T, s o, element, value string, r iamRequest) bool {
	not := s["Not"+element]
	require.True(t, (s[element] == nil) != (not == nil), "one of them")
	patterns, ok := s[element].(a)
	if !ok {
		patterns = a{s[element]}
	}
	if not != nil {
		if patterns, ok = not.(a); !ok {
			patterns = a{not}
		}
	}
	matches := slices.ContainsFunc(patterns, func(p any) bool {
		text := iamText(t, p)
		for k, v := range r.context {
			text = strings.ReplaceAll(text, "${"+k+"}", v)
		}
		if element == "Action" {
			text = strings.ToLower(text)
		}
		re := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(text))
		return regexp.MustCompile("^" + re + "$").MatchString(value)
	})
	return matches != (not != nil)
}

// iamText is a pattern, with the partition aws.
func iamText(t *testing.T, v any) string {
	t.Helper()
	switch v := v.(type) {
	case string:
		return v
	case o:
		if v["Ref"] == "AWS::Partition" {
			return "aws"
		}
		join := v["Fn::Join"].(a)
		require.Equal(t, "", join[0])
		var text strings.Builder
		for _, part := range join[1].(a) {
			text.WriteString(iamText(t, part))
		}
		return text.String()
	}
	require.Fail(t, "unknown pattern", "%v", v)
	return ""
}

func iamConditions(t *testing.T, conditions any, r iamRequest) bool {
	if conditions == nil {
		return true
	}
	for operator, keys := range conditions.(o) {
		for key, want := range keys.(o) {
			got, present := r.context[key]
			var holds bool
			switch operator {
			case "BoolIfExists":
				holds = !present || got == want
			case "Bool":
				holds = present && got == want
			case "NumericGreaterThan":
				limit, err := strconv.Atoi(want.(string))
				require.NoError(t, err)
				age, err := strconv.Atoi(got)
				require.True(t, !present || err == nil)
				holds = present && age > limit
			default:
				require.Fail(t, "unknown operator", operator)
			}
			if !holds {
				return false
			}
		}
	}
	return true
}

// statementsOf are those of the one managed policy.
func statementsOf(t *testing.T, props *mfaguard.GuardProps) []any {
	t.Helper()
	stack := cdktest.Stack(t)
	mfaguard.NewGuard(stack, "MFA", props)
	tpl := cdktest.Synth(t, stack)
	tpl.Count("AWS::IAM::ManagedPolicy", 1)
	return tpl.All("AWS::IAM::ManagedPolicy")[0].Properties["PolicyDocument"].(o)["Statement"].(a)
}

const iamArn = "arn:aws:iam::111111111111:"

// What administrators may do with the guard, and what users with no other policy may do, in each state of MFA.
func TestMFAGuard_Decisions(t *testing.T) {
	everything := o{"Effect": "Allow", "Action": "*", "Resource": "*"}
	absent, no, yes := map[string]string{}, map[string]string{"aws:MultiFactorAuthPresent": "false"}, map[string]string{"aws:MultiFactorAuthPresent": "true", "aws:MultiFactorAuthAge": "3600"}
	old := map[string]string{"aws:MultiFactorAuthPresent": "true", "aws:MultiFactorAuthAge": "3601"}
	for name, c := range map[string]struct {
		props *mfaguard.GuardProps
		// want by request: decisions for an administrator with the key absent, false, true (an hour old), true (older); then the same
		// for a user without other policies.
		want map[string]string
	}{
		"default": {nil, map[string]string{
			"s3:GetObject arn:aws:s3:::bucket/key":                "no no yes yes no no no no",
			"iam:CreateUser " + iamArn + "user/new":               "no no yes yes no no no no",
			"sts:GetSessionToken *":                               "yes yes yes yes no no no no",
			"sts:AssumeRole " + iamArn + "role/admin":             "no no yes yes no no no no",
			"iam:EnableMFADevice " + iamArn + "user/jo":           "no no yes yes no no no no",
			"iam:CreateVirtualMFADevice " + iamArn + "mfa/jo":     "no no yes yes no no no no",
			"iam:ListMFADevices " + iamArn + "user/jo":            "no no yes yes no no no no",
			"iam:DeactivateMFADevice " + iamArn + "user/jo":       "no no yes yes no no no no",
			"IAM:enablemfadevice " + iamArn + "user/somebodyelse": "no no yes yes no no no no",
		}},
		"enrolment": {&mfaguard.GuardProps{AllowEnrolment: true}, map[string]string{
			"s3:GetObject arn:aws:s3:::bucket/key":             "no no yes yes no no no no",
			"sts:GetSessionToken *":                            "yes yes yes yes no no no no",
			"iam:EnableMFADevice " + iamArn + "user/jo":        "yes yes yes yes yes yes yes yes",
			"iam:EnableMFADevice " + iamArn + "user/team/jo":   "yes yes yes yes yes yes yes yes",
			"iam:GetUser " + iamArn + "user/jo":                "yes yes yes yes yes yes yes yes",
			"iam:GetMFADevice " + iamArn + "user/jo":           "yes yes yes yes yes yes yes yes",
			"iam:ListMFADevices " + iamArn + "user/jo":         "yes yes yes yes yes yes yes yes",
			"iam:ResyncMFADevice " + iamArn + "user/jo":        "yes yes yes yes yes yes yes yes",
			"iam:CreateVirtualMFADevice " + iamArn + "mfa/jo":  "yes yes yes yes yes yes yes yes",
			"iam:ListVirtualMFADevices " + iamArn + "mfa/":     "yes yes yes yes yes yes yes yes",
			"iam:EnableMFADevice " + iamArn + "user/john":      "no no yes yes no no no no",
			"iam:EnableMFADevice " + iamArn + "user/jo/admin":  "no no yes yes no no no no",
			"iam:EnableMFADevice " + iamArn + "user/banjo":     "no no yes yes no no no no",
			"iam:CreateVirtualMFADevice " + iamArn + "mfa/ann": "no no yes yes no no no no",
			"iam:DeactivateMFADevice " + iamArn + "user/jo":    "no no yes yes no no no no",
			"iam:DeleteVirtualMFADevice " + iamArn + "mfa/jo":  "no no yes yes no no no no",
			"iam:CreateAccessKey " + iamArn + "user/jo":        "no no yes yes no no no no",
		}},
		"age": {&mfaguard.GuardProps{MaxSessionAge: time.Hour}, map[string]string{
			"s3:GetObject arn:aws:s3:::bucket/key":      "no no yes no no no no no",
			"sts:GetSessionToken *":                     "yes yes yes yes no no no no",
			"iam:EnableMFADevice " + iamArn + "user/jo": "no no yes no no no no no",
		}},
		"both": {&mfaguard.GuardProps{MaxSessionAge: time.Hour, AllowEnrolment: true}, map[string]string{
			"s3:GetObject arn:aws:s3:::bucket/key":      "no no yes no no no no no",
			"iam:EnableMFADevice " + iamArn + "user/jo": "yes yes yes no yes yes yes no",
		}},
	} {
		guard := statementsOf(t, c.props)
		for request, want := range c.want {
			action, resource, _ := strings.Cut(request, " ")
			var got []string
			for _, statements := range [][]any{append([]any{everything}, guard...), guard} {
				for _, context := range []map[string]string{absent, no, yes, old} {
					r := iamRequest{action, resource, map[string]string{"aws:username": "jo"}}
					for k, v := range context {
						r.context[k] = v
					}
					got = append(got, map[bool]string{true: "yes", false: "no"}[iamAllows(t, statements, r)])
				}
			}
			assert.Equal(t, want, strings.Join(got, " "), "%s: %s", name, request)
		}
	}
}

// The evaluator itself tells apart what the guard rests on.
func TestMFAGuard_EvaluatorTellsBoolFromBoolIfExists(t *testing.T) {
	deny := func(operator string) []any {
		return []any{o{"Effect": "Allow", "Action": "*", "Resource": "*"}, o{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": o{operator: o{"aws:MultiFactorAuthPresent": "false"}}}}
	}
	longTerm := iamRequest{"s3:GetObject", "arn:aws:s3:::b", map[string]string{}}
	assert.True(t, iamAllows(t, deny("Bool"), longTerm), "which is why it is not used")
	assert.False(t, iamAllows(t, deny("BoolIfExists"), longTerm))
}

func TestMFAGuard_Template(t *testing.T) {
	stack := cdktest.Stack(t)
	user, group := awsiam.NewUser(stack, jsii.String("Jo"), nil), awsiam.NewGroup(stack, jsii.String("Developers"), nil)
	later, laterGroup := awsiam.NewUser(stack, jsii.String("Ann"), nil), awsiam.NewGroup(stack, jsii.String("Operators"), nil)
	g := mfaguard.NewGuard(stack, "MFA", &mfaguard.GuardProps{
		Users: []awsiam.IUser{user}, Groups: []awsiam.IGroup{group}, AllowEnrolment: true, MaxSessionAge: 12 * time.Hour,
		ConfigurePolicy: func(p *awsiam.ManagedPolicyProps) { p.ManagedPolicyName = jsii.String("RequireMFA") },
	})
	g.AddToUser(later)
	g.AddToGroup(laterGroup)
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("mfaguard/all")
	tpl.Has("AWS::IAM::ManagedPolicy", o{
		"ManagedPolicyName": "RequireMFA",
		"Users":             a{o{"Ref": cdktest.Text("^Jo")}, o{"Ref": cdktest.Text("^Ann")}},
		"Groups":            a{o{"Ref": cdktest.Text("^Developers")}, o{"Ref": cdktest.Text("^Operators")}},
	})

	stack = cdktest.Stack(t)
	mfaguard.NewGuard(stack, "MFA", nil)
	cdktest.Synth(t, stack).Snapshot("mfaguard/default")
}

func TestMFAGuard_PassesNag(t *testing.T) {
	for enrolment, known := range map[bool]int{false: 0, true: 2} {
		stack := cdktest.Stack(t)
		mfaguard.NewGuard(stack, "MFA", &mfaguard.GuardProps{MaxSessionAge: time.Hour, AllowEnrolment: enrolment})
		findings, suppressed := cdktest.Nag(t, stack)
		assert.Empty(t, findings)
		assert.Len(t, suppressed, known, "%v", suppressed)
	}
}

func TestMFAGuard_ReportsEveryProblem(t *testing.T) {
	err := cdktest.Panic(func() {
		mfaguard.NewGuard(cdktest.Stack(t), "MFA", &mfaguard.GuardProps{MaxSessionAge: time.Minute, Users: []awsiam.IUser{nil}})
	})
	require.EqualError(t, err, "Test/MFA: invalid mfaguard.GuardProps:\n  - Users[0]: must be given\n  - MaxSessionAge: must be between 15m0s and 36h0m0s, got 1m0s")
}

func Example_mfaguardNewGuard() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Access"), nil)
	developers := awsiam.NewGroup(stack, jsii.String("Developers"), nil)
	guard := mfaguard.NewGuard(stack, "MFA", &mfaguard.GuardProps{Groups: []awsiam.IGroup{developers}, MaxSessionAge: 12 * time.Hour})
	fmt.Println(*guard.Policy.Node().Path())
	// Output: Access/MFA/Policy
}
