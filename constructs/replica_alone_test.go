package constructs_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/replica"
)

// What is alone in its region gets a replica later, and is the same resource then.
func TestReplica_Alone(t *testing.T) {
	define := func(stack awscdk.Stack, alone bool) *cdktest.Template {
		table := orderTable()
		table.Alone = alone
		replica.NewGlobalTable(stack, "Table", table)
		replica.NewReplicatedBucket(stack, "Bucket", &replica.ReplicatedBucketProps{Pair: orderPair(), Alone: alone})
		return cdktest.Synth(t, stack)
	}
	alone, both := define(cdktest.Stack(t), true), define(cdktest.Stack(t), false)
	assert.NotContains(t, string(alone.JSON), replicaStandby)
	alone.Count("AWS::CloudWatch::Alarm", 0)
	alone.Count("AWS::IAM::Role", 0)
	for _, kind := range []string{"AWS::DynamoDB::GlobalTable", "AWS::S3::Bucket"} {
		before, after := alone.All(kind), both.All(kind)
		require.Len(t, after, len(before))
		for i := range before {
			assert.Equal(t, before[i].LogicalID, after[i].LogicalID)
			for _, name := range []string{"TableName", "BucketName", "KeySchema"} {
				assert.Equal(t, before[i].Properties[name], after[i].Properties[name])
			}
		}
	}
	assert.Len(t, alone.All("AWS::DynamoDB::GlobalTable")[0].Properties["Replicas"], 1)
	assert.Len(t, both.All("AWS::DynamoDB::GlobalTable")[0].Properties["Replicas"], 2)
	standby := replicaStack(t, replicaStandby)
	for props, f := range map[string]func(){
		"replica.GlobalTableProps": func() {
			table := orderTable()
			table.Alone = true
			replica.NewGlobalTable(standby, "Data", table)
		},
		"replica.ReplicatedBucketProps": func() {
			replica.NewReplicatedBucket(standby, "Data", &replica.ReplicatedBucketProps{Pair: orderPair(), Alone: true})
		},
	} {
		require.EqualError(t, cdktest.Panic(f), "Standby/Data: invalid "+props+":\n  - Alone: must be left out for a stack that is not in Primary")
	}
}
