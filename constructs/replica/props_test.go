package replica_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
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
		{Name: "zero", Edit: func(p *props) { *p = props{} }, Want: append(slices.Clone(zeroPair), "PartitionKey.Name: must be 1 to 255 bytes, got 0")},
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

// fakeVPC stands for a network in tests that only look at props.
type fakeVPC struct{ awsec2.IVpc }

// databaseCases are those of what databases have in common; at gives that of props.
func databaseCases[P any](at func(*P) *replica.Database) []cdktest.Case[P] {
	days := make([]string, 0, 22)
	for _, d := range []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653} {
		days = append(days, strconv.Itoa(d))
	}
	return []cdktest.Case[P]{
		{Name: "defaults", Edit: func(*P) {}},
		{Name: "most", Edit: func(p *P) {
			d := at(p)
			d.DatabaseName, d.Username, d.BackupDays, d.LogDays = strings.Repeat("a", 63), strings.Repeat("a", 16), 35, 3653
		}},
		{Name: "least", Edit: func(p *P) { d := at(p); d.DatabaseName, d.Username, d.BackupDays, d.LogDays = "A_1", "a", 1, 1 }},
		{Name: "too much", Edit: func(p *P) {
			d := at(p)
			d.DatabaseName, d.Username, d.BackupDays, d.LogDays = strings.Repeat("a", 64), strings.Repeat("a", 17), 36, 2
		}, Want: []string{
			`DatabaseName: must be 1 to 63 letters, digits and underscores, a letter first, got "` + strings.Repeat("a", 64) + `"`,
			`Username: must be 1 to 16 letters and digits, a letter first, got "` + strings.Repeat("a", 17) + `"`,
			"BackupDays: must be between 1 and 35, got 36", "LogDays: must be one of " + strings.Join(days, ", ") + ", got 2",
		}},
		{Name: "too little", Edit: func(p *P) { d := at(p); d.DatabaseName, d.Username, d.BackupDays = "1a", "a-b", -1 }, Want: []string{
			`DatabaseName: must be 1 to 63 letters, digits and underscores, a letter first, got "1a"`,
			`Username: must be 1 to 16 letters and digits, a letter first, got "a-b"`, "BackupDays: must be between 1 and 35, got -1",
		}},
		{Name: "no network", Edit: func(p *P) { at(p).VPC = nil }, Want: []string{"VPC: must be given"}},
		{Name: "other engine", Edit: func(p *P) { at(p).Engine = "oracle" }, Want: []string{"Engine: must be one of postgresql, mysql, got oracle"}},
	}
}

func TestAuroraGlobalProps_Validate(t *testing.T) {
	type props = replica.AuroraGlobalProps
	valid := func() props {
		return props{Pair: pair(), Database: replica.Database{Version: "17.6", VPC: fakeVPC{}}}
	}
	class := "InstanceClass: must be db.serverless or a class r or x, such as db.r7g.large, got "
	cdktest.ValidateTable(t, valid, append(databaseCases(func(p *props) *replica.Database { return &p.Database }), []cdktest.Case[props]{
		{Name: "zero", Edit: func(p *props) { *p = props{} }, Want: append(slices.Clone(zeroPair), `Version: must be a version such as 17.6, got ""`, "VPC: must be given")},
		{Name: "side", Edit: func(p *props) { p.RemovalPolicy = awscdk.RemovalPolicy_SNAPSHOT }, Want: []string{"RemovalPolicy: must be one of RETAIN, DESTROY, got SNAPSHOT"}},
		{Name: "MySQL", Edit: func(p *props) { p.Engine, p.Version = replica.MySQL, "8.0.mysql_aurora.3.10.1" }},
		{Name: "old MySQL", Edit: func(p *props) { p.Engine, p.Version = replica.MySQL, "5.7.mysql_aurora.2.11.1" }, Want: []string{
			`Version: must be a version such as 8.0.mysql_aurora.3.10.1, got "5.7.mysql_aurora.2.11.1"`,
		}},
		{Name: "old PostgreSQL", Edit: func(p *props) { p.Version = "10.21" }, Want: []string{`Version: must be a version such as 17.6, got "10.21"`}},
		{Name: "major version", Edit: func(p *props) { p.Version = "17" }, Want: []string{`Version: must be a version such as 17.6, got "17"`}},
		{Name: "classes", Edit: func(p *props) { p.InstanceClass = "db.x2g.16xlarge" }},
		{Name: "class t", Edit: func(p *props) { p.InstanceClass = "db.t4g.large" }, Want: []string{class + `"db.t4g.large"`}},
		{Name: "class of EC2", Edit: func(p *props) { p.InstanceClass = "r7g.large" }, Want: []string{class + `"r7g.large"`}},
		{Name: "capacity", Edit: func(p *props) { p.MinCapacity, p.MaxCapacity = 1.5, 256 }},
		{Name: "capacity out of range", Edit: func(p *props) { p.MinCapacity, p.MaxCapacity = 0.25, 256.5 }, Want: []string{
			"MinCapacity: must be between 0.5 and 256, got 0.25", "MinCapacity: must be whole or half units, got 0.25", "MaxCapacity: must be between 1 and 256, got 256.5",
		}},
		{Name: "capacity too low", Edit: func(p *props) { p.MaxCapacity = 0.5 }, Want: []string{"MaxCapacity: must be between 1 and 256, got 0.5"}},
		{Name: "capacity turned round", Edit: func(p *props) { p.MinCapacity, p.MaxCapacity = 8, 4 }, Want: []string{"MaxCapacity: must be between 8 and 256, got 4"}},
		{Name: "capacity of a class", Edit: func(p *props) { p.InstanceClass, p.MinCapacity = "db.r7g.large", 1 }, Want: []string{
			"MaxCapacity: must be left out, with MinCapacity, unless InstanceClass is db.serverless",
		}},
		{Name: "instances", Edit: func(p *props) { p.Instances, p.StandbyInstances, p.AlarmLag = 16, new(0), time.Second }},
		{Name: "too few", Edit: func(p *props) { p.Instances, p.StandbyInstances, p.AlarmLag = -1, new(-1), time.Millisecond }, Want: []string{
			"Instances: must be between 1 and 16, got -1", "StandbyInstances: must be between 0 and 16, got -1",
			"AlarmLag: must be between 1s and 24h0m0s, got 1ms", "AlarmLag: must be whole seconds, got 1ms",
		}},
		{Name: "too many", Edit: func(p *props) { p.Instances, p.StandbyInstances, p.AlarmLag = 17, new(17), 25*time.Hour }, Want: []string{
			"Instances: must be between 1 and 16, got 17", "StandbyInstances: must be between 0 and 16, got 17", "AlarmLag: must be between 1s and 24h0m0s, got 25h0m0s",
		}},
	}...))
}

func TestCrossRegionReplicaProps_Validate(t *testing.T) {
	type props = replica.CrossRegionReplicaProps
	valid := func() props {
		return props{Pair: pair(), Database: replica.Database{Version: "17.6", VPC: fakeVPC{}}}
	}
	cdktest.ValidateTable(t, valid, append(databaseCases(func(p *props) *replica.Database { return &p.Database }), []cdktest.Case[props]{
		{Name: "zero", Edit: func(p *props) { *p = props{} }, Want: append(slices.Clone(zeroPair), `Version: must be a version such as 17.6, got ""`, "VPC: must be given")},
		{Name: "side", Edit: func(p *props) { p.RemovalPolicy = awscdk.RemovalPolicy_SNAPSHOT }, Want: []string{"RemovalPolicy: must be one of RETAIN, DESTROY, got SNAPSHOT"}},
		{Name: "MySQL", Edit: func(p *props) { p.Engine, p.Version = replica.MySQL, "8.4.7" }},
		{Name: "old MySQL", Edit: func(p *props) { p.Engine, p.Version = replica.MySQL, "5.7.44" }, Want: []string{`Version: must be a version such as 8.4.7, got "5.7.44"`}},
		{Name: "Aurora's version", Edit: func(p *props) { p.Engine, p.Version = replica.MySQL, "8.0.mysql_aurora.3.10.1" }, Want: []string{
			`Version: must be a version such as 8.4.7, got "8.0.mysql_aurora.3.10.1"`,
		}},
		{Name: "classes", Edit: func(p *props) { p.InstanceClass = "db.t4g.micro" }},
		{Name: "serverless", Edit: func(p *props) { p.InstanceClass = "db.serverless" }, Want: []string{`InstanceClass: must be a class such as db.m7g.large, got "db.serverless"`}},
		{Name: "least storage", Edit: func(p *props) { p.StorageGiB, p.MaxStorageGiB, p.AlarmLag = 20, 21, time.Second }},
		{Name: "most storage", Edit: func(p *props) { p.StorageGiB, p.AlarmLag = 65536, 24*time.Hour }},
		{Name: "much storage", Edit: func(p *props) { p.StorageGiB = 40000 }},
		{Name: "too little", Edit: func(p *props) { p.StorageGiB, p.MaxStorageGiB, p.AlarmLag = 19, 19, time.Millisecond }, Want: []string{
			"StorageGiB: must be between 20 and 65536, got 19", "MaxStorageGiB: must be between 20 and 65536, got 19",
			"AlarmLag: must be between 1s and 24h0m0s, got 1ms", "AlarmLag: must be whole seconds, got 1ms",
		}},
		{Name: "too much", Edit: func(p *props) { p.StorageGiB, p.MaxStorageGiB = 65537, 70000 }, Want: []string{"StorageGiB: must be between 20 and 65536, got 65537"}},
		{Name: "no growth", Edit: func(p *props) { p.MaxStorageGiB = 100 }, Want: []string{"MaxStorageGiB: must be between 101 and 65536, got 100"}},
	}...))
}

func TestReplicatedSecretProps_Validate(t *testing.T) {
	type props = replica.ReplicatedSecretProps
	cdktest.ValidateTable(t, func() props { return props{Pair: pair()} }, []cdktest.Case[props]{
		{Name: "defaults", Edit: func(*props) {}},
		{Name: "zero", Edit: func(p *props) { *p = props{} }, Want: zeroPair},
		{Name: "side", Edit: func(p *props) { p.RemovalPolicy = awscdk.RemovalPolicy_SNAPSHOT }, Want: []string{"RemovalPolicy: must be one of RETAIN, DESTROY, got SNAPSHOT"}},
	})
}

func TestReplicatedFileSystemProps_Validate(t *testing.T) {
	type props = replica.ReplicatedFileSystemProps
	id := "StandbyFileSystem: must be the id of a file system, such as fs-0123456789abcdef0, got "
	cdktest.ValidateTable(t, func() props { return props{Pair: pair(), VPC: fakeVPC{}} }, []cdktest.Case[props]{
		{Name: "defaults", Edit: func(*props) {}},
		{Name: "zero", Edit: func(p *props) { *p = props{} }, Want: append(slices.Clone(zeroPair), "VPC: must be given")},
		{Name: "side", Edit: func(p *props) { p.DisableAlarms, p.AlarmTopic = true, fakeTopic{} }, Want: []string{"AlarmTopic: must be left out with DisableAlarms"}},
		{Name: "id", Edit: func(p *props) { p.StandbyFileSystem = "fs-01234567" }},
		{Name: "token", Edit: func(p *props) { p.StandbyFileSystem = token }, Want: []string{id + `"` + token + `"`}},
		{Name: "other id", Edit: func(p *props) { p.StandbyFileSystem = "fs-012345678" }, Want: []string{id + `"fs-012345678"`}},
		{Name: "least", Edit: func(p *props) { p.AlarmLag = 15 * time.Minute }},
		{Name: "too little", Edit: func(p *props) { p.AlarmLag = 15*time.Minute - time.Millisecond }, Want: []string{
			"AlarmLag: must be between 15m0s and 24h0m0s, got 14m59.999s", "AlarmLag: must be whole seconds, got 14m59.999s",
		}},
		{Name: "too much", Edit: func(p *props) { p.AlarmLag = 25 * time.Hour }, Want: []string{"AlarmLag: must be between 15m0s and 24h0m0s, got 25h0m0s"}},
	})
}
