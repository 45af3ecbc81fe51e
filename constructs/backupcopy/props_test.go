package backupcopy_test

import (
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/backupcopy"
)

func backups() backupcopy.Backups {
	return backupcopy.Backups{Name: "orders", Region: "us-east-1", CopyRegion: "us-west-2"}
}

const cronOf = "must be a cron expression such as cron(0 5 * * ? *), got "

func TestPlanProps_Validate(t *testing.T) {
	type props = backupcopy.PlanProps
	rule := func(edit func(*backupcopy.Rule)) func(*props) {
		return func(p *props) {
			r := backupcopy.Rule{Name: "R"}
			edit(&r)
			p.Rules = []backupcopy.Rule{r}
		}
	}
	lock := func(l backupcopy.Lock) func(*props) { return func(p *props) { p.Lock = l } }
	cdktest.ValidateTable(t, func() props { return props{Backups: backups(), Tags: map[string]string{"backup": "yes"}} }, []cdktest.Case[props]{
		{Name: "defaults", Edit: func(*props) {}},
		{Name: "zero", Edit: func(p *props) { *p = props{} }, Want: []string{
			`Name: must be 3 to 30 letters, digits and hyphens, a letter first, got ""`,
			`Region: must be a region such as eu-central-1, got ""`,
			`CopyRegion: must be a region such as eu-central-1, got ""`,
			"Constructs: must have what is backed up, or Tags or Resources",
		}},
		{Name: "same region", Edit: func(p *props) { p.CopyRegion = p.Region }, Want: []string{"CopyRegion: must be another region than Region: both would be lost together"}},
		{Name: "accounts", Edit: func(p *props) { p.Account, p.CopyAccount = "111111111111", "222222222222" }},
		{Name: "one account", Edit: func(p *props) { p.Account = "111111111111" }, Want: []string{"CopyAccount: must be given with Account, and this one with it"}},
		{Name: "same account", Edit: func(p *props) { p.Account, p.CopyAccount = "111111111111", "111111111111" }, Want: []string{"CopyAccount: must be left out, with Account, when both are the same"}},
		{Name: "wrong accounts", Edit: func(p *props) { p.Account, p.CopyAccount = "1", "2" }, Want: []string{
			`Account: must be the 12 digits of an account's id, got "1"`, `CopyAccount: must be the 12 digits of an account's id, got "2"`,
		}},
		{Name: "selection", Edit: func(p *props) {
			p.Tags, p.Resources, p.Constructs = map[string]string{"a": ""}, []string{"orders", "arn:aws:dynamodb:us-east-1:111111111111:table/*"}, nil
			p.Constructs = append(p.Constructs, nil)
		}, Want: []string{`Tags["a"]: must have a key and a value`, `Resources[0]: must be an ARN, got "orders"`, "Constructs[0]: must be given"}},
		{Name: "rule", Edit: rule(func(r *backupcopy.Rule) {
			r.Name, r.Schedule, r.StartWindow, r.CompletionWindow = "a b", "daily", 59*time.Minute, 60*time.Minute
		}), Want: []string{
			`Rules[0].Name: must be 1 to 50 letters, digits, hyphens, underscores and dots, got "a b"`,
			"Rules[0].Schedule: " + cronOf + `"daily"`,
			"Rules[0].StartWindow: must be between 1h0m0s and 168h0m0s, got 59m0s",
			"Rules[0].CompletionWindow: must be between 1h59m0s and 2400h0m0s, got 1h0m0s",
		}},
		{Name: "seconds", Edit: rule(func(r *backupcopy.Rule) { r.StartWindow = time.Hour + time.Second }), Want: []string{"Rules[0].StartWindow: must be whole minutes, got 1h0m1s"}},
		{Name: "continuous", Edit: rule(func(r *backupcopy.Rule) { r.Continuous, r.KeepDays, r.CopyKeepDays = true, 35, 365 })},
		{Name: "continuous too long", Edit: rule(func(r *backupcopy.Rule) { r.Continuous, r.KeepDays, r.ColdAfterDays = true, 130, 40 }), Want: []string{
			"Rules[0].ColdAfterDays: must be left out with Continuous: such backups have no cold storage", "Rules[0].KeepDays: must be between 1 and 35, got 130",
		}},
		{Name: "cold", Edit: rule(func(r *backupcopy.Rule) { r.KeepDays, r.ColdAfterDays = 120, 30 })},
		{Name: "too cold", Edit: rule(func(r *backupcopy.Rule) { r.KeepDays, r.ColdAfterDays = 119, 30 }), Want: []string{
			"Rules[0].ColdAfterDays: must be at least 90 days before backups are deleted, after 119, got 30",
		}},
		{Name: "copies too cold", Edit: rule(func(r *backupcopy.Rule) { r.CopyKeepDays, r.CopyColdAfterDays = 60, 1 }), Want: []string{
			"Rules[0].CopyColdAfterDays: must be at least 90 days before backups are deleted, after 60, got 1",
		}},
		{Name: "negative", Edit: rule(func(r *backupcopy.Rule) { r.ColdAfterDays = -1 }), Want: []string{"Rules[0].ColdAfterDays: must be 0 or more, got -1"}},
		{Name: "days", Edit: rule(func(r *backupcopy.Rule) { r.KeepDays, r.CopyKeepDays = 36501, 36501 }), Want: []string{
			"Rules[0].KeepDays: must be between 1 and 36500, got 36501", "Rules[0].CopyKeepDays: must be between 1 and 36500, got 36501",
		}},
		{Name: "no copies", Edit: rule(func(r *backupcopy.Rule) { r.DisableCopy = true }), Want: []string{"Rules: must have one that makes copies"}},
		{Name: "rules", Edit: func(p *props) { p.Rules = []backupcopy.Rule{{Name: "R"}, {Name: "R", DisableCopy: true}} }, Want: []string{
			`Rules: must be listed once each, got "R" again`,
		}},
		{Name: "locked longer", Edit: func(p *props) { p.Lock.MinDays = 36 }, Want: []string{"Rules[0].KeepDays: must be at least the 36 days of Lock.MinDays, got 35"}},
		{Name: "locked shorter", Edit: func(p *props) { p.Lock.MaxDays = 34 }, Want: []string{"Rules[0].KeepDays: must be at most the 34 days of Lock.MaxDays, got 35"}},
		{Name: "copies locked longer", Edit: rule(func(r *backupcopy.Rule) { r.CopyKeepDays = 6 }), Want: []string{"Rules[0].CopyKeepDays: must be at least the 7 days of Lock.MinDays, got 6"}},
		{Name: "lock", Edit: lock(backupcopy.Lock{Mode: "iron", MinDays: -1, MaxDays: 36501}), Want: []string{
			"Lock.Mode: must be one of governance, compliance, unlocked, got iron", "Lock.MinDays: must be between 1 and 36500, got -1", "Lock.MaxDays: must be between 1 and 36500, got 36501",
		}},
		{Name: "compliance", Edit: lock(backupcopy.Lock{Mode: backupcopy.Compliance, ChangeableForDays: 3})},
		{Name: "compliance at once", Edit: lock(backupcopy.Lock{Mode: backupcopy.Compliance, ChangeableForDays: 2}), Want: []string{"Lock.ChangeableForDays: must be between 3 and 36500, got 2"}},
		{Name: "governance with days", Edit: lock(backupcopy.Lock{ChangeableForDays: 3}), Want: []string{
			"Lock.ChangeableForDays: must be left out unless Mode is compliance: other locks can be changed",
		}},
		{Name: "unlocked", Edit: lock(backupcopy.Lock{Mode: backupcopy.Unlocked})},
		{Name: "unlocked with days", Edit: lock(backupcopy.Lock{Mode: backupcopy.Unlocked, MinDays: 1}), Want: []string{"Lock.Mode: must be another one for MinDays, MaxDays or ChangeableForDays"}},
		{Name: "others", Edit: func(p *props) { p.AlarmAfterDays, p.RemovalPolicy = 8, awscdk.RemovalPolicy_SNAPSHOT }, Want: []string{
			"AlarmAfterDays: must be between 1 and 7, got 8", "RemovalPolicy: must be one of RETAIN, DESTROY, got SNAPSHOT",
		}},
	})
	require.Error(t, (*props)(nil).Validate())
}

func TestCopyVaultProps_Validate(t *testing.T) {
	type props = backupcopy.CopyVaultProps
	cdktest.ValidateTable(t, func() props { return props{Backups: backups()} }, []cdktest.Case[props]{
		{Name: "defaults", Edit: func(*props) {}},
		{Name: "tests", Edit: func(p *props) {
			p.RestoreTests = []backupcopy.RestoreTest{{ResourceType: "DynamoDB", ValidationHours: 168}, {ResourceType: "S3"}}
		}},
		{Name: "wrong tests", Edit: func(p *props) {
			p.RestoreTests = []backupcopy.RestoreTest{{ResourceType: "Tape", ValidationHours: 169}, {ResourceType: "S3"}, {ResourceType: "S3"}}
			p.TestSchedule, p.TestWindowDays, p.RemovalPolicy = "weekly", 366, awscdk.RemovalPolicy_SNAPSHOT
		}, Want: []string{
			"RestoreTests[0].ResourceType: must be one of Aurora, DocumentDB, DynamoDB, EBS, EC2, EFS, FSx, Neptune, RDS, S3, got Tape",
			"RestoreTests[0].ValidationHours: must be between 0 and 168, got 169",
			`RestoreTests: must be listed once each, got "S3" again`,
			`TestSchedule: must be a cron expression such as cron(0 6 ? * SUN *), got "weekly"`,
			"TestWindowDays: must be between 1 and 365, got 366",
			"RemovalPolicy: must be one of RETAIN, DESTROY, got SNAPSHOT",
		}},
		{Name: "backups", Edit: func(p *props) { p.Name = "1" }, Want: []string{`Name: must be 3 to 30 letters, digits and hyphens, a letter first, got "1"`}},
	})
	require.Error(t, (*props)(nil).Validate())
}
