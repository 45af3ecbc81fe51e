package recovery

import (
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/constructs/drill"
	"github.com/strata-cdk/strata/internal/sorted"
)

// DrillTag is the tag, with the name of the plan as its value, of what a drill cuts off: the buckets of the primary region, and the subnets that you give it.
const DrillTag = "strata:drill"

// tablesInAction is how many ARNs an action of AWS FIS takes.
const tablesInAction = 5

// CutActions are the actions of a drill that cuts the primary region off the standby one for a time, all at once: the replication of tables and buckets is paused, and
// subnets with DrillTag, which are yours to give it, no longer reach the other region. Give them to drill.NewExperiment in the same stack. Clusters of Aurora are not in
// it: AWS FIS cannot pause their replication.
func (p *Primary) CutActions(duration time.Duration) []drill.Action {
	tags := map[string]string{DrillTag: p.plan.Name}
	actions := []drill.Action{{Fault: drill.CutRouteTables, OtherRegion: p.plan.Standby, Duration: duration, Tags: tags}}
	if p.plan.Strategy == BackupAndRestore {
		return actions // nothing is replicated
	}
	if len(p.Buckets) > 0 {
		actions = append(actions, drill.Action{Fault: drill.PauseBuckets, OtherRegion: p.plan.Standby, Duration: duration, Tags: tags})
	}
	var arns []string
	for _, t := range sorted.All(p.Tables) {
		arns = append(arns, *t.Global.TableArn())
	}
	for some := range slices.Chunk(arns, tablesInAction) {
		id := "PauseTables"
		if len(arns) > tablesInAction {
			id += strconv.Itoa(len(actions))
		}
		actions = append(actions, drill.Action{Fault: drill.PauseTables, ID: id, Duration: duration, ARNs: some})
	}
	return actions
}

// tagForDrill lets a drill find the buckets.
func (p *Primary) tagForDrill() {
	for _, b := range sorted.All(p.Buckets) {
		awscdk.Tags_Of(b.Bucket).Add(jsii.String(DrillTag), &p.plan.Name, nil)
	}
}
