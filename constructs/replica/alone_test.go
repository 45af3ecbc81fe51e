package replica_test

import (
	"testing"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/replica"
)

func TestAlone_Validate(t *testing.T) {
	const table = "Alone: must be left out with OtherRegions and StrongConsistency"
	cdktest.ValidateTable(t, func() replica.GlobalTableProps {
		return replica.GlobalTableProps{Pair: pair(), PartitionKey: replica.Attribute{Name: "id"}, Alone: true}
	}, []cdktest.Case[replica.GlobalTableProps]{
		{Name: "alone", Edit: func(*replica.GlobalTableProps) {}},
		{Name: "others", Edit: func(p *replica.GlobalTableProps) { p.OtherRegions = []string{"eu-west-1"} }, Want: []string{table}},
		{Name: "strong", Edit: func(p *replica.GlobalTableProps) { p.StrongConsistency, p.WitnessRegion = true, "us-east-2" }, Want: []string{table}},
	})
	cdktest.ValidateTable(t, func() replica.ReplicatedBucketProps { return replica.ReplicatedBucketProps{Pair: pair(), Alone: true} },
		[]cdktest.Case[replica.ReplicatedBucketProps]{
			{Name: "alone", Edit: func(*replica.ReplicatedBucketProps) {}},
			{Name: "both ways", Edit: func(p *replica.ReplicatedBucketProps) { p.BothWays = true }, Want: []string{"BothWays: must be left out with Alone"}},
		})
}
