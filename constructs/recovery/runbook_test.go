package recovery_test

import (
	"testing"
	"time"

	"github.com/gkampitakis/go-snaps/snaps"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/constructs/recovery"
	"github.com/strata-cdk/strata/constructs/replica"
)

func items() replica.GlobalTableProps {
	return replica.GlobalTableProps{Pair: replica.Pair{Name: "items"}, PartitionKey: replica.Attribute{Name: "id"}}
}

func photos() replica.ReplicatedBucketProps {
	return replica.ReplicatedBucketProps{Pair: replica.Pair{Name: "photos"}}
}

func ledger() replica.AuroraGlobalProps {
	return replica.AuroraGlobalProps{Pair: replica.Pair{Name: "ledger"}, Database: replica.Database{Version: "16.6"}}
}

// full is a plan with all that a plan can have.
func full(s recovery.Strategy) recovery.Plan {
	return recovery.Plan{
		Name: "orders", Strategy: s, Primary: "us-east-1", Standby: "us-west-2", RPO: 6 * time.Hour, RTO: 6 * time.Hour,
		Data: recovery.Data{
			Tables: []replica.GlobalTableProps{items()}, Buckets: []replica.ReplicatedBucketProps{photos()}, Clusters: []replica.AuroraGlobalProps{ledger()},
			Others: []recovery.Kind{recovery.DatabaseKind},
		},
		Services: []recovery.Service{{Cluster: "orders", Name: "web", Tasks: 4}, {Cluster: "orders", Name: "worker", Tasks: 2}},
	}
}

func TestRunbook(t *testing.T) {
	for _, s := range recovery.Strategies {
		p := full(s)
		require.NoError(t, p.Validate())
		text := p.Runbook("OrdersPrimary", "OrdersStandby")
		snaps.WithConfig(snaps.Dir("testdata"), snaps.Filename(string(s)), snaps.Ext(".md")).MatchStandaloneSnapshot(t, text)
		for _, disaster := range []recovery.Disaster{recovery.RegionLost, recovery.DataCorrupted} {
			for _, e := range p.Simulate(disaster).Timeline {
				assert.Contains(t, text, "| "+e.Start.String()+" | "+e.End.String()+" | "+e.What+" |")
			}
		}
		assert.Contains(t, text, "There was no drill yet")
		p.LastDrill = "2026-11-25"
		assert.Contains(t, p.Runbook("OrdersPrimary", "OrdersStandby"), "The last drill was on 2026-11-25.")
	}
}

func TestRunbook_Partitions(t *testing.T) {
	for partition, regions := range map[string][2]string{"aws-cn": {"cn-north-1", "cn-northwest-1"}, "aws-us-gov": {"us-gov-west-1", "us-gov-east-1"}} {
		for _, s := range recovery.Strategies {
			p := full(s)
			p.Primary, p.Standby = regions[0], regions[1]
			text := p.Runbook("OrdersPrimary", "OrdersStandby")
			assert.NotContains(t, text, "arn:aws:")
			assert.Contains(t, text, "arn:"+partition+":")
		}
	}
}
