package recovery

import (
	"fmt"
	"time"

	"github.com/strata-cdk/strata/constructs/failover"
)

// Switch gives the plan of ARC Region switch that fails PilotLight and WarmStandby over, or back, by one command: clusters move their writer and services are scaled to
// what the other region had, all at once, and then clients are sent there by routes. Give it to failover.NewPlan, in the stack of the standby region.
// It is nil with other strategies: BackupAndRestore has nothing to move, and ActiveActive nothing to wait for.
//
// Region switch adds no instances: those of clusters that PilotLight has none of come by a deployment with FailedOver before. account is the id of
// the account.
//
// https://docs.aws.amazon.com/r53recovery/latest/dg/region-switch.html
func (p *Plan) Switch(account string, routes ...failover.Route) *failover.PlanProps {
	d := p.withDefaults()
	if d.Strategy != PilotLight && d.Strategy != WarmStandby {
		return nil
	}
	regions := []string{d.Primary, d.Standby}
	arn := func(service, region, resource string) string {
		return fmt.Sprintf("arn:%s:%s:%s:%s:%s", partition(region), service, region, account, resource)
	}
	var together []failover.Step
	for _, c := range d.Data.Clusters {
		step := failover.Step{Name: "Move " + c.Name, Aurora: &failover.Aurora{GlobalCluster: d.pair(c.Name).Name}}
		for _, region := range regions {
			step.Aurora.ClusterARNs = append(step.Aurora.ClusterARNs, arn("rds", region, "cluster:"+d.pair(c.Name).Name+"-"+region))
		}
		together = append(together, step)
	}
	for _, s := range d.Services {
		step := failover.Step{Name: "Scale " + s.Cluster + " " + s.Name, ScaleECS: &failover.ScaleECS{}}
		for _, region := range regions {
			step.ScaleECS.Services = append(step.ScaleECS.Services, failover.Service{
				ClusterARN: arn("ecs", region, "cluster/"+s.Cluster), ServiceARN: arn("ecs", region, "service/"+s.Cluster+"/"+s.Name),
			})
		}
		together = append(together, step)
	}
	steps := together
	if len(together) > 1 {
		steps = []failover.Step{{Name: "Move and scale", Parallel: together}}
	}
	for _, route := range routes {
		steps = append(steps, failover.Step{Name: "Route " + route.Name, Route: &route})
	}
	return &failover.PlanProps{
		Name: d.Name, Description: "Moves " + d.Name + " to the other region", Regions: regions, RecoveryTime: max(time.Minute, d.RTO.Round(time.Minute)),
		Workflows: []failover.Workflow{{Steps: steps}},
	}
}
