package recovery_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/constructs/failover"
	"github.com/strata-cdk/strata/constructs/recovery"
)

func TestPlan_Switch(t *testing.T) {
	for _, s := range []recovery.Strategy{recovery.BackupAndRestore, recovery.ActiveActive} {
		p := full(s)
		assert.Nil(t, p.Switch("111111111111"), s)
	}
	p := full(recovery.PilotLight)
	p.RTO = 30*time.Minute + 20*time.Second
	route := p.Route("shop.example.com", "Z1D633PJN98FT9", "example.com")
	got := p.Switch("111111111111", route)
	require.NoError(t, got.Validate())
	service := func(name string) *failover.ScaleECS {
		all := &failover.ScaleECS{}
		for _, region := range []string{"us-east-1", "us-west-2"} {
			all.Services = append(all.Services, failover.Service{
				ClusterARN: "arn:aws:ecs:" + region + ":111111111111:cluster/orders", ServiceARN: "arn:aws:ecs:" + region + ":111111111111:service/orders/" + name,
			})
		}
		return all
	}
	assert.Equal(t, &failover.PlanProps{
		Name: "orders", Description: "Moves orders to the other region", Regions: []string{"us-east-1", "us-west-2"}, RecoveryTime: 30 * time.Minute,
		Workflows: []failover.Workflow{{Steps: []failover.Step{
			{Name: "Move and scale", Parallel: []failover.Step{
				{Name: "Move ledger", Aurora: &failover.Aurora{GlobalCluster: "orders-ledger", ClusterARNs: []string{
					"arn:aws:rds:us-east-1:111111111111:cluster:orders-ledger-us-east-1", "arn:aws:rds:us-west-2:111111111111:cluster:orders-ledger-us-west-2",
				}}},
				{Name: "Scale orders web", ScaleECS: service("web")},
				{Name: "Scale orders worker", ScaleECS: service("worker")},
			}},
			{Name: "Route shop.example.com", Route: &route},
		}}},
	}, got)

	p.Data.Clusters, p.Services, p.RTO, p.Strategy = nil, p.Services[:1], time.Second, ""
	got = p.Switch("111111111111")
	require.NoError(t, got.Validate())
	assert.Equal(t, []failover.Step{{Name: "Scale orders web", ScaleECS: service("web")}}, got.Workflows[0].Steps, "one step needs no other beside it")
	assert.Equal(t, time.Minute, got.RecoveryTime)
}
