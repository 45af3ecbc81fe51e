package replica_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/replica"
)

// fakeTopic stands for a topic in tests that only look at props.
type fakeTopic struct{ awssns.ITopic }

// token is what a value that is known only at deployment looks like.
const token = "${Token[TOKEN.7]}"

const nameRule = "Name: must be 3 to 30 lower-case letters, digits and single hyphens, a letter first and no hyphen last, got "

func pair() replica.Pair {
	return replica.Pair{Name: "orders", Primary: "us-east-1", Standby: "us-west-2"}
}

// zeroPair is what is wrong with the zero value of Pair.
var zeroPair = []string{nameRule + `""`, `Primary: must be a region such as eu-central-1, got ""`, `Standby: must be a region such as eu-central-1, got ""`}

func TestReplicatedBucketProps_Validate(t *testing.T) {
	type props = replica.ReplicatedBucketProps
	cdktest.ValidateTable(t, func() props { return props{Pair: pair()} }, []cdktest.Case[props]{
		{Name: "defaults", Edit: func(*props) {}},
		{Name: "zero", Edit: func(p *props) { *p = props{} }, Want: zeroPair},
		{Name: "shortest name", Edit: func(p *props) { p.Name = "a-1" }},
		{Name: "longest name", Edit: func(p *props) { p.Name = strings.Repeat("a", 30) }},
		{Name: "name too short", Edit: func(p *props) { p.Name = "ab" }, Want: []string{nameRule + `"ab"`}},
		{Name: "name too long", Edit: func(p *props) { p.Name = strings.Repeat("a", 31) }, Want: []string{nameRule + `"` + strings.Repeat("a", 31) + `"`}},
		{Name: "name of other characters", Edit: func(p *props) { p.Name = "Orders" }, Want: []string{nameRule + `"Orders"`}},
		{Name: "digit first", Edit: func(p *props) { p.Name = "1orders" }, Want: []string{nameRule + `"1orders"`}},
		{Name: "hyphen last", Edit: func(p *props) { p.Name = "orders-" }, Want: []string{nameRule + `"orders-"`}},
		{Name: "two hyphens", Edit: func(p *props) { p.Name = "or--ders" }, Want: []string{nameRule + `"or--ders"`}},
		{Name: "same region", Edit: func(p *props) { p.Standby = p.Primary }, Want: []string{"Standby: must be another region than Primary: both would be lost together"}},
		{Name: "token", Edit: func(p *props) { p.Standby = token }, Want: []string{"Standby: must be known at synth: names in the other region are made from it"}},
		{Name: "side", Edit: func(p *props) {
			p.DisableAlarms, p.AlarmTopic, p.RemovalPolicy = true, fakeTopic{}, awscdk.RemovalPolicy_SNAPSHOT
		}, Want: []string{"AlarmTopic: must be left out with DisableAlarms", "RemovalPolicy: must be one of RETAIN, DESTROY, got SNAPSHOT"}},
		{Name: "least", Edit: func(p *props) { p.OldVersionsDays, p.AlarmLag = 1, time.Minute }},
		{Name: "too little", Edit: func(p *props) { p.OldVersionsDays, p.AlarmLag = -1, time.Minute-time.Second }, Want: []string{
			"OldVersionsDays: must be 1 or more, got -1", "AlarmLag: must be between 1m0s and 168h0m0s, got 59s",
		}},
		{Name: "most", Edit: func(p *props) { p.AlarmLag = 7 * 24 * time.Hour }},
		{Name: "too much", Edit: func(p *props) { p.AlarmLag = 7*24*time.Hour + time.Millisecond }, Want: []string{
			"AlarmLag: must be between 1m0s and 168h0m0s, got 168h0m0.001s", "AlarmLag: must be whole seconds, got 168h0m0.001s",
		}},
	})
}

func TestGlobalTableProps_Validate(t *testing.T) {
	type props = replica.GlobalTableProps
	third := "StrongConsistency: must have a third region: one of OtherRegions, or WitnessRegion, got "
	set := "StrongConsistency: must have all regions of one set, [[us-east-1 us-east-2 us-west-2] [eu-west-1 eu-west-2 eu-west-3 eu-central-1] [ap-northeast-1 ap-northeast-2 ap-northeast-3]]"
	cdktest.ValidateTable(t, func() props { return props{Pair: pair(), PartitionKey: replica.Attribute{Name: "id"}} }, []cdktest.Case[props]{
		{Name: "defaults", Edit: func(*props) {}},
		{Name: "zero", Edit: func(p *props) { *p = props{} }, Want: append(zeroPair, "PartitionKey.Name: must be 1 to 255 bytes, got 0")},
		{Name: "side", Edit: func(p *props) { p.RemovalPolicy = awscdk.RemovalPolicy_SNAPSHOT }, Want: []string{"RemovalPolicy: must be one of RETAIN, DESTROY, got SNAPSHOT"}},
		{Name: "longest keys", Edit: func(p *props) {
			p.PartitionKey.Name, p.SortKey.Name, p.TimeToLiveAttribute = strings.Repeat("a", 255), strings.Repeat("b", 255), strings.Repeat("c", 255)
		}},
		{Name: "keys too long", Edit: func(p *props) {
			p.PartitionKey.Name, p.SortKey.Name, p.TimeToLiveAttribute = strings.Repeat("a", 256), strings.Repeat("b", 256), strings.Repeat("c", 256)
		}, Want: []string{
			"PartitionKey.Name: must be 1 to 255 bytes, got 256", "SortKey.Name: must be 1 to 255 bytes, got 256", "TimeToLiveAttribute: must be at most 255 bytes, got 256",
		}},
		{Name: "types", Edit: func(p *props) {
			p.PartitionKey.Type, p.SortKey = awsdynamodb.AttributeType_BINARY, replica.Attribute{Name: "id", Type: "SET"}
		}, Want: []string{"SortKey.Type: must be one of STRING, NUMBER, BINARY, got SET", "SortKey.Name: must be another attribute than PartitionKey"}},
		{Name: "other regions", Edit: func(p *props) {
			p.OtherRegions = []string{"eu-west-1", "eu-west-1", "us-east-1", "us-west-2", "x", token}
		}, Want: []string{
			"OtherRegions[2]: must be neither Primary nor Standby", "OtherRegions[3]: must be neither Primary nor Standby",
			`OtherRegions[4]: must be a region such as eu-central-1, got "x"`, "OtherRegions[5]: must be known at synth: names in the other region are made from it",
			`OtherRegions: must be listed once each, got "eu-west-1" again`,
		}},
		{Name: "witness alone", Edit: func(p *props) { p.WitnessRegion = "us-east-2" }, Want: []string{"WitnessRegion: must be left out without StrongConsistency"}},
		{Name: "strong, witness", Edit: func(p *props) { p.StrongConsistency, p.WitnessRegion = true, "us-east-2" }},
		{Name: "strong, replica", Edit: func(p *props) { p.StrongConsistency, p.OtherRegions = true, []string{"us-east-2"} }},
		{Name: "strong, two regions", Edit: func(p *props) { p.StrongConsistency = true }, Want: []string{third + "0"}},
		{Name: "strong, four regions", Edit: func(p *props) {
			p.StrongConsistency, p.WitnessRegion, p.OtherRegions = true, "us-east-2", []string{"eu-west-1"}
		}, Want: []string{third + "2", set}},
		{Name: "strong, witness in Primary", Edit: func(p *props) { p.StrongConsistency, p.WitnessRegion = true, p.Primary }, Want: []string{"WitnessRegion: must be neither Primary nor Standby"}},
		{Name: "strong, witness in Standby", Edit: func(p *props) { p.StrongConsistency, p.WitnessRegion = true, p.Standby }, Want: []string{"WitnessRegion: must be neither Primary nor Standby"}},
		{Name: "strong, other set", Edit: func(p *props) { p.StrongConsistency, p.WitnessRegion = true, "us-west-1" }, Want: []string{set}},
		{Name: "strong, expiring", Edit: func(p *props) {
			p.StrongConsistency, p.WitnessRegion, p.TimeToLiveAttribute = true, "us-east-2", "expires"
		}, Want: []string{"TimeToLiveAttribute: must be left out with StrongConsistency"}},
		{Name: "least", Edit: func(p *props) { p.RecoveryDays, p.AlarmLag = 1, time.Second }},
		{Name: "most", Edit: func(p *props) { p.RecoveryDays, p.AlarmLag = 35, 24*time.Hour }},
		{Name: "too little", Edit: func(p *props) { p.RecoveryDays, p.AlarmLag = -1, time.Millisecond }, Want: []string{
			"RecoveryDays: must be between 1 and 35, got -1", "AlarmLag: must be between 1s and 24h0m0s, got 1ms", "AlarmLag: must be whole seconds, got 1ms",
		}},
		{Name: "too much", Edit: func(p *props) { p.RecoveryDays, p.AlarmLag = 36, 25*time.Hour }, Want: []string{
			"RecoveryDays: must be between 1 and 35, got 36", "AlarmLag: must be between 1s and 24h0m0s, got 25h0m0s",
		}},
	})
}
