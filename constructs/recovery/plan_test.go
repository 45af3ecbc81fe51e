package recovery_test

import (
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/failover"
	"github.com/strata-cdk/strata/constructs/recovery"
	"github.com/strata-cdk/strata/constructs/replica"
)

func orders() recovery.Plan {
	return recovery.Plan{
		Name: "orders", Primary: "us-east-1", Standby: "us-west-2", RPO: time.Minute, RTO: time.Hour,
		Data: recovery.Data{Others: []recovery.Kind{recovery.TableKind, recovery.ClusterKind}},
	}
}

func TestPlan_Validate(t *testing.T) {
	const name = "Name: must be 3 to 20 lower-case letters, digits and single hyphens, a letter first, got "
	const figures = " (RPO/RTO: backup-and-restore 3h0m0s/4h52m30s, pilot-light 1s/28m30s, warm-standby 1s/22m30s, active-active 1s/18m30s)"
	cdktest.ValidateTable(t, orders, []cdktest.Case[recovery.Plan]{
		{Name: "valid", Edit: func(*recovery.Plan) {}},
		{Name: "zero", Edit: func(p *recovery.Plan) { *p = recovery.Plan{} }, Want: []string{
			name + `""`,
			`Primary: must be a region such as eu-central-1, got ""`,
			`Standby: must be a region such as eu-central-1, got ""`,
			"RPO: must be stated: how much of the newest data may be lost",
			"RTO: must be stated: how long it may take until the standby region serves",
		}},
		{Name: "names", Edit: func(p *recovery.Plan) { p.Name = "a-very-long-name-of-a-plan" }, Want: []string{name + `"a-very-long-name-of-a-plan"`}},
		{Name: "longest name", Edit: func(p *recovery.Plan) { p.Name = "abcdefghij-klmnopqrs" }},
		{Name: "name too long by one", Edit: func(p *recovery.Plan) { p.Name = "abcdefghij-klmnopqrst" }, Want: []string{name + `"abcdefghij-klmnopqrst"`}},
		{Name: "hyphen last", Edit: func(p *recovery.Plan) { p.Name = "orders-" }, Want: []string{name + `"orders-"`}},
		{Name: "same region", Edit: func(p *recovery.Plan) { p.Standby = p.Primary }, Want: []string{"Standby: must be another region than Primary: both would be lost together"}},
		{Name: "strategy", Edit: func(p *recovery.Plan) { p.Strategy = "hope" }, Want: []string{"Strategy: must be one of backup-and-restore, pilot-light, warm-standby, active-active, got hope"}},
		{Name: "data", Edit: func(p *recovery.Plan) {
			p.Data.Others = []recovery.Kind{"paper", recovery.BucketKind, recovery.BucketKind}
		}, Want: []string{
			"Data.Others[0]: must be one of DynamoDB table, Aurora cluster, RDS instance, S3 bucket, EFS file system, got paper", `Data.Others[2]: must be there once, got "S3 bucket" again`,
		}},
		{Name: "times", Edit: func(p *recovery.Plan) {
			p.Times = recovery.Times{Decision: -1, BackupEvery: time.Minute, BackupWindow: time.Minute, Restore: 8 * 24 * time.Hour}
		}, Want: []string{
			"Times.Decision: must be between 1s and 24h0m0s, got -1ns",
			"Times.BackupEvery: must be between 1h0m0s and 24h0m0s, got 1m0s",
			"Times.BackupWindow: must be between 1h0m0s and 168h0m0s, got 1m0s",
			"Times.Restore: must be between 1s and 168h0m0s, got 192h0m0s",
		}},
		{Name: "backups", Edit: func(p *recovery.Plan) {
			p.Times = recovery.Times{BackupEvery: 5 * time.Hour, BackupWindow: time.Hour + time.Second}
		}, Want: []string{
			"Times.BackupEvery: must be whole hours that a day is a multiple of, got 5h0m0s", "Times.BackupWindow: must be whole minutes, got 1h0m1s",
		}},
		{Name: "regions known at deployment", Edit: func(p *recovery.Plan) { p.Primary = "${Token[AWS.Region.4]}" }, Want: []string{
			"Primary: must be known now: stacks of a plan need a region",
		}},
		{Name: "tables and buckets", Edit: func(p *recovery.Plan) {
			p.Data.Tables = []replica.GlobalTableProps{items(), items(), {Pair: replica.Pair{Name: "A", Primary: "us-east-1"}, Side: replica.Side{RemovalPolicy: "DESTROY", DisableAlarms: true}}}
			p.Data.Buckets = []replica.ReplicatedBucketProps{{Side: replica.Side{Key: fakeKey{}}}}
		}, Want: []string{
			"Data.Tables[2].Primary: must be left out, with Standby: the plan says them",
			"Data.Tables[2].RemovalPolicy: must be left out: the plan says it",
			"Data.Tables[2].DisableAlarms: must be left out: the plan's topic gets them",
			`Data.Tables[2].Name: must be 3 to 30 lower-case letters, digits and single hyphens, a letter first and no hyphen last, got "orders-A"`,
			"Data.Tables[2].PartitionKey.Name: must be 1 to 255 bytes, got 0",
			"Data.Buckets[0].Key: must be left out, with AlarmTopic: each region has its own",
			`Data.Buckets[0].Name: must be 3 to 30 lower-case letters, digits and single hyphens, a letter first and no hyphen last, got "orders-"`,
			`Data.Tables: must be listed once each, got "items" again`,
		}},
		{Name: "all at once", Edit: func(p *recovery.Plan) {
			p.Strategy, p.RPO, p.Data.Tables, p.Services = "hope", 0, []replica.GlobalTableProps{{Pair: replica.Pair{Name: "items"}}}, []recovery.Service{{Cluster: "a", Name: "b"}}
		}, Want: []string{
			"Data.Tables[0].PartitionKey.Name: must be 1 to 255 bytes, got 0",
			"Strategy: must be one of backup-and-restore, pilot-light, warm-standby, active-active, got hope",
			"Services[0].Tasks: must be between 1 and 5000, got 0",
			"RPO: must be stated: how much of the newest data may be lost",
		}},
		{Name: "clusters", Edit: func(p *recovery.Plan) {
			wrong := ledger()
			wrong.VPC, wrong.StandbyInstances, wrong.Version = struct{ awsec2.IVpc }{}, new(1), ""
			p.Data.Clusters = []replica.AuroraGlobalProps{ledger(), wrong}
		}, Want: []string{
			"Data.Clusters[1].VPC: must be left out, with Subnets: RegionProps has those of each region",
			"Data.Clusters[1].StandbyInstances: must be left out: the strategy says it",
			`Data.Clusters[1].Version: must be a version such as 17.6, got ""`,
			`Data.Clusters: must be listed once each, got "ledger" again`,
		}},
		{Name: "partitions", Edit: func(p *recovery.Plan) { p.Primary = "us-gov-west-1" }, Want: []string{
			"Standby: must be of the same partition as Primary: nothing is replicated from aws-us-gov to aws",
		}},
		{Name: "other partition", Edit: func(p *recovery.Plan) { p.Primary, p.Standby = "cn-north-1", "cn-northwest-1" }},
		{Name: "services", Edit: func(p *recovery.Plan) {
			p.Services = []recovery.Service{{}, {Cluster: "a b", Name: "web", Tasks: 5001}}
		}, Want: []string{
			`Services[0].Cluster: must be 1 to 255 letters, digits, hyphens and underscores, got ""`,
			`Services[0].Name: must be 1 to 255 letters, digits, hyphens and underscores, got ""`,
			"Services[0].Tasks: must be between 1 and 5000, got 0",
			`Services[1].Cluster: must be 1 to 255 letters, digits, hyphens and underscores, got "a b"`,
			"Services[1].Tasks: must be between 1 and 5000, got 5001",
		}},
		{Name: "drill", Edit: func(p *recovery.Plan) { p.LastDrill = "2026-02-30" }, Want: []string{`LastDrill: must be a day such as 2026-11-25, got "2026-02-30"`}},
		{Name: "too slow", Edit: func(p *recovery.Plan) { p.Strategy, p.RTO = recovery.PilotLight, 25*time.Minute }, Want: []string{
			"Strategy: must meet the RPO of 1m0s and the RTO of 25m0s: pilot-light has 1s and 28m30s with this data; warm-standby is the cheapest that meets both" + figures,
		}},
		{Name: "loses too much", Edit: func(p *recovery.Plan) { p.Strategy, p.RTO = recovery.BackupAndRestore, 24*time.Hour }, Want: []string{
			"Strategy: must meet the RPO of 1m0s and the RTO of 24h0m0s: backup-and-restore has 3h0m0s and 4h52m30s with this data; pilot-light is the cheapest that meets both" + figures,
		}},
		{Name: "nobody can", Edit: func(p *recovery.Plan) { p.RPO = time.Millisecond }, Want: []string{
			"Strategy: must meet the RPO of 1ms and the RTO of 1h0m0s: warm-standby has 1s and 22m30s with this data; no strategy meets both" + figures,
		}},
		{Name: "just met", Edit: func(p *recovery.Plan) { p.RPO, p.RTO = time.Second, 22*time.Minute+30*time.Second }},
		{Name: "measured times", Edit: func(p *recovery.Plan) { p.RTO, p.Times.Decision = 10*time.Minute, time.Minute }},
	})
	require.Error(t, (*recovery.Plan)(nil).Validate())
}

type fakeKey struct{ awskms.IKey }

func TestPlan_Tasks(t *testing.T) {
	for strategy, want := range map[recovery.Strategy][]int{
		recovery.BackupAndRestore: {0, 0, 0}, recovery.PilotLight: {0, 0, 0}, "": {1, 1, 2}, recovery.ActiveActive: {1, 4, 5},
	} {
		p := &recovery.Plan{Strategy: strategy}
		for i, full := range []int{1, 4, 5} {
			assert.Equal(t, full, p.Tasks(recovery.PrimarySide, full))
			assert.Equal(t, want[i], p.Tasks(recovery.StandbySide, full), "%s of %d", strategy, full)
			over := &recovery.Plan{Strategy: strategy, FailedOver: true}
			assert.Equal(t, full, over.Tasks(recovery.StandbySide, full), "failed over")
		}
	}
}

func TestPlan_Route(t *testing.T) {
	for _, s := range append([]recovery.Strategy{""}, recovery.Strategies...) {
		p := orders()
		p.Strategy = s
		policy := map[bool]failover.Policy{false: failover.Failover, true: failover.Latency}[s == recovery.ActiveActive]
		assert.Equal(t, failover.Route{
			Name: "shop.example.com", ZoneID: "Z1D633PJN98FT9", ZoneName: "example.com", Policy: policy, Regions: []string{"us-east-1", "us-west-2"},
		}, p.Route("shop.example.com", "Z1D633PJN98FT9", "example.com"), s)
	}
}

func TestPlan_Computes(t *testing.T) {
	for _, s := range recovery.Strategies {
		p := recovery.Plan{Strategy: s}
		assert.True(t, p.Computes(recovery.PrimarySide))
		assert.Equal(t, s != recovery.BackupAndRestore, p.Computes(recovery.StandbySide), s)
		p.FailedOver = true
		assert.True(t, p.Computes(recovery.StandbySide), s)
	}
}
