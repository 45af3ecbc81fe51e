//go:build e2e && unix

package e2e

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/e2e/cdkcli"
	"github.com/strata-cdk/strata/e2e/emulator"
)

const standbyRegion = "us-west-2"

// Both regions of a plan are deployed, the standby one first, with backups only. Then the strategy becomes another one, and data stays.
func TestRecovery(t *testing.T) {
	both := startEmulator(t)
	for _, region := range []string{emulator.Region, standbyRegion} {
		bootstrap(t, both, region)
	}
	deployPlan := func(strategy string) {
		cdk := recoveryCLI(t, both, strategy)
		for _, stack := range []string{"RecoveryStandby", "RecoveryPrimary"} {
			require.NotEmpty(t, deployStack(t, cdk, stack)["Topic"])
		}
		require.Regexp(t, "^(CREATE|UPDATE)_COMPLETE$", recoveryStacks(t, both, emulator.Region)["RecoveryPrimary"])
		require.Regexp(t, "^(CREATE|UPDATE)_COMPLETE$", recoveryStacks(t, both, standbyRegion)["RecoveryStandby"])
	}
	deployPlan("backup-and-restore")
	items := dynamodb.NewFromConfig(both.Config())
	key := map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: "1"}}
	_, err := items.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("orders-items"), Item: key})
	require.NoError(t, err)
	_, err = bucketsOf(both, emulator.Region).PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String(primaryBucket), Key: aws.String("a.jpg"), Body: strings.NewReader("photo")})
	require.NoError(t, err)
	require.NotContains(t, buckets(t, both), standbyBucket)

	deployPlan("pilot-light")
	item, err := items.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("orders-items"), Key: key})
	require.NoError(t, err)
	require.Equal(t, key, item.Item, "another strategy keeps what is in the table")
	_, err = bucketsOf(both, emulator.Region).HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String(primaryBucket), Key: aws.String("a.jpg")})
	require.NoError(t, err, "and in the bucket")
	for name, region := range map[string]string{primaryBucket: emulator.Region, standbyBucket: standbyRegion} {
		versions, err := bucketsOf(both, region).GetBucketVersioning(t.Context(), &s3.GetBucketVersioningInput{Bucket: &name})
		require.NoError(t, err)
		require.EqualValues(t, "Enabled", versions.Status, "as replication needs it")
	}
}

// The standby region of each strategy is deployed where there never was a primary one.
func TestRecovery_StandbyAlone(t *testing.T) {
	for _, strategy := range []string{"backup-and-restore", "pilot-light", "warm-standby", "active-active"} {
		t.Run(strategy, func(t *testing.T) {
			alone := startEmulator(t)
			bootstrap(t, alone, standbyRegion)
			topic := deployStack(t, recoveryCLI(t, alone, strategy), "RecoveryStandby")["Topic"]
			require.Regexp(t, "^arn:aws:sns:us-west-2:", topic)
			require.Equal(t, map[string]string{"RecoveryStandby": "CREATE_COMPLETE"}, recoveryStacks(t, alone, standbyRegion))
			require.Empty(t, recoveryStacks(t, alone, emulator.Region))
			require.Equal(t, strategy != "backup-and-restore", slices.Contains(buckets(t, alone), standbyBucket), "data is there before, unless it is restored")
		})
	}
}

const (
	primaryBucket = "orders-photos-" + emulator.Account + "-" + emulator.Region
	standbyBucket = "orders-photos-" + emulator.Account + "-" + standbyRegion
)

// recoveryCLI gives the CLI for an assembly of both stacks.
func recoveryCLI(t *testing.T, e *emulator.Emulator, strategy string) *cdkcli.CLI {
	t.Helper()
	c := newCLI(t, e, root, "")
	c.Config = cdkcli.Config{}
	c.App = program(t, "./e2e/internal/recovery") + " " + strategy
	cdk, pruned := synth(t, e, c)
	for _, types := range pruned {
		for _, name := range types {
			require.Contains(t, []string{"AWS::Backup::BackupSelection", "AWS::Backup::ReportPlan", "AWS::Backup::RestoreTestingPlan", "AWS::Backup::RestoreTestingSelection"}, name, "the rest is deployed")
		}
	}
	return cdk
}

func bootstrap(t *testing.T, e *emulator.Emulator, region string) {
	t.Helper()
	c := newCLI(t, e, root, "")
	c.App, c.Config = "", cdkcli.Config{}
	_, err := c.Run(t.Context(), "bootstrap", "aws://"+emulator.Account+"/"+region)
	require.NoError(t, err)
}

// recoveryStacks gives the status of the stacks in a region, but for that of the bootstrap.
func recoveryStacks(t *testing.T, e *emulator.Emulator, region string) map[string]string {
	t.Helper()
	config := e.Config()
	config.Region = region
	out, err := cloudformation.NewFromConfig(config).DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{})
	require.NoError(t, err)
	found := map[string]string{}
	for _, s := range out.Stacks {
		if *s.StackName != "CDKToolkit" {
			found[*s.StackName] = string(s.StackStatus)
		}
	}
	return found
}

func bucketsOf(e *emulator.Emulator, region string) *s3.Client {
	return s3.NewFromConfig(e.Config(), func(o *s3.Options) { o.UsePathStyle, o.Region = true, region })
}

func buckets(t *testing.T, e *emulator.Emulator) []string {
	t.Helper()
	out, err := bucketsOf(e, emulator.Region).ListBuckets(t.Context(), &s3.ListBucketsInput{})
	require.NoError(t, err)
	var names []string
	for _, b := range out.Buckets {
		names = append(names, *b.Name)
	}
	return names
}
