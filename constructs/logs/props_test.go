package logs

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awskinesis"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
)

// Those of the validation are values that nobody calls.
type (
	anyGroup    struct{ awslogs.ILogGroup }
	anyFunction struct{ awslambda.IFunction }
	anyStream   struct{ awskinesis.IStream }
)

const days = "1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653"

func TestSecureLogGroupProps_Validate(t *testing.T) {
	type edit = func(*SecureLogGroupProps)
	protect := func(d *DataProtection) edit { return func(p *SecureLogGroupProps) { p.DataProtection = d } }
	const badName = "Name: must be 1 to 512 letters, digits and . - _ / #, not beginning with aws/, got "
	many := make([]CustomIdentifier, 11)
	for i := range many {
		many[i] = CustomIdentifier{Name: "n" + string(rune('a'+i)), Regex: "x"}
	}
	cdktest.ValidateTable[SecureLogGroupProps](t, func() SecureLogGroupProps { return SecureLogGroupProps{} }, []cdktest.Case[SecureLogGroupProps]{
		{Name: "default", Edit: func(*SecureLogGroupProps) {}},
		{Name: "name", Edit: func(p *SecureLogGroupProps) { p.Name = "/a.b-c_d/e#1" }},
		{Name: "longest name", Edit: func(p *SecureLogGroupProps) { p.Name = strings.Repeat("a", 512) }},
		{Name: "name of a token", Edit: func(p *SecureLogGroupProps) { p.Name = "x ${Token[A.1]}" }},
		{Name: "too long", Edit: func(p *SecureLogGroupProps) { p.Name = strings.Repeat("a", 513) }, Want: []string{badName + `"` + strings.Repeat("a", 513) + `"`}},
		{Name: "space", Edit: func(p *SecureLogGroupProps) { p.Name = "a b" }, Want: []string{badName + `"a b"`}},
		{Name: "of AWS", Edit: func(p *SecureLogGroupProps) { p.Name = "aws/x" }, Want: []string{badName + `"aws/x"`}},
		{Name: "retention", Edit: func(p *SecureLogGroupProps) { p.RetentionDays = 2 }, Want: []string{"RetentionDays: must be one of " + days + ", got 2"}},
		{Name: "forever", Edit: func(p *SecureLogGroupProps) { p.KeepForever = true }},
		{Name: "forever and not", Edit: func(p *SecureLogGroupProps) { p.KeepForever, p.RetentionDays = true, 30 }, Want: []string{
			"RetentionDays: must be left out with KeepForever",
		}},
		{Name: "class", Edit: func(p *SecureLogGroupProps) { p.Class = "COLD" }, Want: []string{
			"Class: must be one of STANDARD, INFREQUENT_ACCESS, DELIVERY, got COLD",
		}},
		{Name: "delivery", Edit: func(p *SecureLogGroupProps) { p.Class = Delivery }},
		{Name: "delivery with what it has not", Edit: func(p *SecureLogGroupProps) {
			p.Class, p.RetentionDays, p.IndexFields = Delivery, 1, []string{"a"}
			p.DataProtection = &DataProtection{Identifiers: []Identifier{EmailAddress}}
		}, Want: []string{
			"RetentionDays: must be left out with Class DELIVERY", "DataProtection: must be left out with Class DELIVERY",
			"IndexFields: must be left out with Class DELIVERY",
		}},
		{Name: "delivery forever", Edit: func(p *SecureLogGroupProps) { p.Class, p.KeepForever = Delivery, true }, Want: []string{
			"KeepForever: must be left out with Class DELIVERY",
		}},
		{Name: "infrequent access is masked", Edit: func(p *SecureLogGroupProps) {
			p.Class, p.DataProtection = InfrequentAccess, &DataProtection{Identifiers: []Identifier{EmailAddress}}
		}},
		{Name: "infrequent access has no indexes", Edit: func(p *SecureLogGroupProps) { p.Class, p.IndexFields = InfrequentAccess, []string{"a"} }, Want: []string{
			"IndexFields: must be left out with Class INFREQUENT_ACCESS",
		}},
		{Name: "indexes", Edit: func(p *SecureLogGroupProps) {
			p.IndexFields = []string{"", "a", "a", strings.Repeat("é", 101), strings.Repeat("é", 100)}
		}, Want: []string{
			"IndexFields[0]: must have 1 to 100 characters, got 0", "IndexFields[3]: must have 1 to 100 characters, got 101",
			`IndexFields: must be listed once each, got "a" again`,
		}},
		{Name: "many indexes", Edit: func(p *SecureLogGroupProps) {
			p.IndexFields = strings.Split("a b c d e f g h i j k l m n o p q r s t u", " ")
		}, Want: []string{
			"IndexFields: must be at most 20, got 21",
		}},
		{Name: "no identifier", Edit: protect(&DataProtection{}), Want: []string{"DataProtection: must have an identifier"}},
		{Name: "unknown identifier", Edit: protect(&DataProtection{Identifiers: []Identifier{EmailAddress, "Shoe", EmailAddress}}), Want: []string{
			`DataProtection.Identifiers[1]: must be an identifier that AWS manages, such as EmailAddress, got "Shoe"`,
			`DataProtection.Identifiers: must be listed once each, got "EmailAddress" again`,
		}},
		{Name: "custom identifiers", Edit: protect(&DataProtection{Custom: []CustomIdentifier{
			{Name: "a b", Regex: strings.Repeat("x", 201)}, {Name: "EmailAddress"}, {Name: "fine", Regex: "x"}, {Name: "fine", Regex: "y"},
		}}), Want: []string{
			`DataProtection.Custom[0].Name: must be 1 to 128 letters, digits, _ and -, got "a b"`,
			"DataProtection.Custom[0].Regex: must have 1 to 200 characters, got 201",
			"DataProtection.Custom[1].Name: must be another name than that of a managed identifier, EmailAddress",
			"DataProtection.Custom[1].Regex: must have 1 to 200 characters, got 0",
			`DataProtection.Custom: must be listed once each, got "fine" again`,
		}},
		{Name: "many custom identifiers", Edit: protect(&DataProtection{Custom: many}), Want: []string{"DataProtection.Custom: must be at most 10, got 11"}},
		{Name: "removal", Edit: func(p *SecureLogGroupProps) { p.RemovalPolicy = "KEEP" }, Want: []string{"RemovalPolicy: must be one of RETAIN, DESTROY, got KEEP"}},
	})
	assert.NoError(t, (*SecureLogGroupProps)(nil).Validate())
}

// The names are those of the CDK, whose functions are named by them.
func TestIdentifiers_AreThoseOfTheCDK(t *testing.T) {
	dir, err := exec.Command("go", "list", "-f", "{{.Dir}}", "github.com/aws/aws-cdk-go/awscdk/v2/awslogs").Output()
	require.NoError(t, err)
	source, err := os.ReadFile(strings.TrimSpace(string(dir)) + "/DataIdentifier.go")
	require.NoError(t, err)
	var theirs, ours []string
	for _, m := range regexp.MustCompile(`(?m)^func DataIdentifier_(\w+)\(\)`).FindAllStringSubmatch(string(source), -1) {
		theirs = append(theirs, m[1])
	}
	for id := range managed {
		ours = append(ours, strings.ReplaceAll(strings.ToUpper(string(id)), "-", "_"))
	}
	assert.Greater(t, len(theirs), 90)
	assert.ElementsMatch(t, theirs, ours)
}

func validFanout() FanoutProps {
	return FanoutProps{Sources: []Source{{Name: "App", LogGroup: anyGroup{}}}, Targets: []Target{{Name: "Reader", Function: anyFunction{}}}}
}

const (
	central    = "arn:aws:logs:us-east-1:222222222222:destination:central"
	badNames   = "must be letters and digits with a letter first, got "
	oneTarget  = "must have exactly one of Function, Stream, S3 and DestinationARN, got "
	badAccount = "must be the 12 digits of an account's id, got "
)

func TestFanoutProps_Validate(t *testing.T) {
	target := func(t Target) func(*FanoutProps) { return func(p *FanoutProps) { p.Targets = []Target{t} } }
	cdktest.ValidateTable[FanoutProps](t, validFanout, []cdktest.Case[FanoutProps]{
		{Name: "valid", Edit: func(*FanoutProps) {}},
		{Name: "nothing", Edit: func(p *FanoutProps) { *p = FanoutProps{} }, Want: []string{"Sources: must be given", "Targets: must be between 1 and 2, got 0"}},
		{Name: "sources", Edit: func(p *FanoutProps) {
			p.Sources = []Source{{Name: "A", LogGroup: anyGroup{}}, {Name: "A", LogGroup: anyGroup{}}, {Name: "a-b"}}
		}, Want: []string{
			"Sources[2].Name: " + badNames + `"a-b"`, "Sources[2].LogGroup: must be given", `Sources: must be listed once each, got "A" again`,
		}},
		{Name: "three targets", Edit: func(p *FanoutProps) {
			p.Targets = append(p.Targets, Target{Name: "A", Stream: anyStream{}}, Target{Name: "A", DestinationARN: central})
		}, Want: []string{"Targets: must be between 1 and 2, got 3", `Targets: must be listed once each, got "A" again`}},
		{Name: "no target", Edit: target(Target{Name: "1"}), Want: []string{"Targets[0].Name: " + badNames + `"1"`, "Targets[0]: " + oneTarget + "0"}},
		{Name: "all targets", Edit: target(Target{Name: "A", Function: anyFunction{}, Stream: anyStream{}, S3: &S3{}, DestinationARN: central}), Want: []string{
			"Targets[0]: " + oneTarget + "4",
		}},
		{Name: "pattern", Edit: target(Target{Name: "A", Stream: anyStream{}, Pattern: `"` + strings.Repeat("é", 1022) + `"`})},
		{Name: "long pattern", Edit: target(Target{Name: "A", Stream: anyStream{}, Pattern: `"` + strings.Repeat("é", 1023) + `"`}), Want: []string{
			"Targets[0].Pattern: column 1025: a pattern has at most 1024 characters, got 1025",
		}},
		{Name: "wrong pattern", Edit: target(Target{Name: "A", Stream: anyStream{}, Pattern: `{ $.level = "ERROR"`}), Want: []string{
			"Targets[0].Pattern: column 20: expected &&, || or }, got the end",
		}},
		{Name: "settings of others", Edit: target(Target{Name: "A", S3: &S3{}, KeepAsyncConfig: true, Random: true, OfOrganization: true}), Want: []string{
			"Targets[0].KeepAsyncConfig: must be left out without Function", "Targets[0].Random: must be left out without Stream and DestinationARN",
			"Targets[0].OfOrganization: must be left out without DestinationARN",
		}},
		{Name: "random", Edit: func(p *FanoutProps) {
			p.Targets = []Target{{Name: "A", Stream: anyStream{}, Random: true}, {Name: "B", DestinationARN: central, Random: true}}
		}},
		{Name: "S3", Edit: target(Target{Name: "A", S3: &S3{Format: "ORC", BufferInterval: time.Hour, StaleAfter: 2 * time.Hour}}), Want: []string{
			"Targets[0].S3.Format: must be one of JSON, Messages, Parquet, got ORC", "Targets[0].S3.BufferInterval: must be between 1s and 15m0s, got 1h0m0s",
		}},
		{Name: "ARN", Edit: target(Target{Name: "A", DestinationARN: "arn:aws:kinesis:us-east-1:222222222222:stream/x"}), Want: []string{
			`Targets[0].DestinationARN: must be the ARN of a destination of CloudWatch Logs, got "arn:aws:kinesis:us-east-1:222222222222:stream/x"`,
		}},
		{Name: "token", Edit: target(Target{Name: "A", DestinationARN: "${Token[A.1]}"})},
		{Name: "removal", Edit: func(p *FanoutProps) { p.RemovalPolicy = "KEEP" }, Want: []string{"RemovalPolicy: must be one of RETAIN, DESTROY, got KEEP"}},
	})
	assert.Error(t, (*FanoutProps)(nil).Validate())
}

func TestAccountFanoutProps_Validate(t *testing.T) {
	valid := func() AccountFanoutProps {
		return AccountFanoutProps{Name: "all", Target: Target{Name: "Reader", Function: anyFunction{}}}
	}
	cdktest.ValidateTable[AccountFanoutProps](t, valid, []cdktest.Case[AccountFanoutProps]{
		{Name: "valid", Edit: func(*AccountFanoutProps) {}},
		{Name: "nothing", Edit: func(p *AccountFanoutProps) { *p = AccountFanoutProps{} }, Want: []string{
			`Name: must be 1 to 256 characters without : and *, got ""`, "Target.Name: " + badNames + `""`, "Target: " + oneTarget + "0",
		}},
		{Name: "name", Edit: func(p *AccountFanoutProps) { p.Name = "a:b" }, Want: []string{`Name: must be 1 to 256 characters without : and *, got "a:b"`}},
		{Name: "exclude", Edit: func(p *AccountFanoutProps) { p.Exclude = []awslogs.ILogGroup{anyGroup{}, nil} }, Want: []string{"Exclude[1]: must be given"}},
		{Name: "removal", Edit: func(p *AccountFanoutProps) { p.RemovalPolicy = "KEEP" }, Want: []string{"RemovalPolicy: must be one of RETAIN, DESTROY, got KEEP"}},
	})
	assert.Error(t, (*AccountFanoutProps)(nil).Validate())
}

func TestDestinationProps_Validate(t *testing.T) {
	valid := func() DestinationProps {
		return DestinationProps{Name: "central", Stream: anyStream{}, Accounts: []string{"222222222222"}, Organization: "o-abcde12345"}
	}
	cdktest.ValidateTable[DestinationProps](t, valid, []cdktest.Case[DestinationProps]{
		{Name: "valid", Edit: func(*DestinationProps) {}},
		{Name: "accounts only", Edit: func(p *DestinationProps) { p.Organization = "" }},
		{Name: "organization only", Edit: func(p *DestinationProps) { p.Accounts = nil }},
		{Name: "name", Edit: func(p *DestinationProps) { p.Name = "a*" }, Want: []string{`Name: must be 1 to 512 characters without : and *, got "a*"`}},
		{Name: "name of a token", Edit: func(p *DestinationProps) { p.Name = "${Token[A.1]}" }, Want: []string{
			`Name: must be 1 to 512 characters without : and *, got "${Token[A.1]}"`,
		}},
		{Name: "both", Edit: func(p *DestinationProps) { p.S3 = &S3{Format: "ORC"} }, Want: []string{
			"must have exactly one of Stream and S3", "S3.Format: must be one of JSON, Messages, Parquet, got ORC",
		}},
		{Name: "senders", Edit: func(p *DestinationProps) { p.Accounts, p.Organization = []string{"1", "1"}, "x" }, Want: []string{
			"Accounts[0]: " + badAccount + `"1"`, "Accounts[1]: " + badAccount + `"1"`, `Accounts: must be listed once each, got "1" again`,
			`Organization: must be the id of an organization, such as o-abcde12345, got "x"`,
		}},
		{Name: "removal", Edit: func(p *DestinationProps) { p.RemovalPolicy = "KEEP" }, Want: []string{"RemovalPolicy: must be one of RETAIN, DESTROY, got KEEP"}},
	})
}

func TestFunctionIn(t *testing.T) {
	for arn, want := range map[string]string{
		"arn:aws:lambda:us-east-1:111111111111:function:f": "f", "arn:aws:lambda:us-east-1:111111111111:function:f:live": "f",
		"arn:aws:lambda:us-east-1:111111111111:layer:f": "", "arn:aws:kinesis:us-east-1:111111111111:function:f": "", "f": "", "": "",
	} {
		got, ok := functionIn(arn)
		assert.Equal(t, want, got, arn)
		assert.Equal(t, want != "", ok, arn)
	}
}
