package constructs_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/albfargate"
	"github.com/strata-cdk/strata/constructs/drill"
	"github.com/strata-cdk/strata/constructs/ecsservice"
	"github.com/strata-cdk/strata/constructs/failover"
	"github.com/strata-cdk/strata/constructs/network"
	"github.com/strata-cdk/strata/constructs/recovery"
	"github.com/strata-cdk/strata/constructs/replica"
)

func recoveryPlan(s recovery.Strategy) *recovery.Plan {
	return &recovery.Plan{
		Name: "order-book", Strategy: s, Primary: cdktest.Region, Standby: "us-west-2", RPO: 4 * time.Hour, RTO: 6 * time.Hour, LastDrill: "2026-11-25",
		Data: recovery.Data{
			Tables:   []replica.GlobalTableProps{{Pair: replica.Pair{Name: "items"}, PartitionKey: replica.Attribute{Name: "id"}}},
			Buckets:  []replica.ReplicatedBucketProps{{Pair: replica.Pair{Name: "photos"}}},
			Clusters: []replica.AuroraGlobalProps{{Pair: replica.Pair{Name: "ledger"}, Database: replica.Database{Version: "17.6"}}},
		},
		Services: []recovery.Service{{Cluster: "orders", Name: "web", Tasks: 4}},
	}
}

// recoveryStack is a stack in a region of a plan, in an app of its own.
func recoveryStack(t *testing.T, name, region string) awscdk.Stack {
	t.Helper()
	return awscdk.NewStack(cdktest.App(t, nil), &name, &awscdk.StackProps{
		Env:         &awscdk.Environment{Account: jsii.String(cdktest.Account), Region: &region},
		Synthesizer: awscdk.NewDefaultStackSynthesizer(&awscdk.DefaultStackSynthesizerProps{GenerateBootstrapVersionRule: jsii.Bool(false)}),
	})
}

// recoverySides defines both regions of a plan, each in an app of its own so that neither can refer to the other, with a service that works on the table.
func recoverySides(t *testing.T, plan *recovery.Plan) (primary, standby awscdk.Stack) {
	t.Helper()
	primary, standby = recoveryStack(t, "Primary", plan.Primary), recoveryStack(t, "Standby", plan.Standby)
	vpc := recoveryVPC(primary)
	p := recovery.NewPrimary(primary, "Orders", &recovery.RegionProps{Plan: plan, VPC: vpc})
	recoveryService(primary, vpc, plan.Tasks(recovery.PrimarySide, 4), p.Tables["items"], p.Clusters["ledger"])
	if !plan.Computes(recovery.StandbySide) {
		recovery.NewStandby(standby, "Orders", &recovery.RegionProps{Plan: plan})
		return primary, standby
	}
	vpc = recoveryVPC(standby)
	s := recovery.NewStandby(standby, "Orders", &recovery.RegionProps{Plan: plan, VPC: vpc})
	recoveryService(standby, vpc, plan.Tasks(recovery.StandbySide, 4), s.Tables["items"], s.Clusters["ledger"])
	return primary, standby
}

func recoveryVPC(stack awscdk.Stack) awsec2.IVpc {
	return network.NewVPC(stack, "Network", &network.VPCProps{NAT: network.One, DisableFlowLogs: true, KeepDefaultSecurityGroup: true}).Vpc
}

func recoveryService(stack awscdk.Stack, vpc awsec2.IVpc, tasks int, table *replica.GlobalTable, cluster *replica.AuroraGlobal) {
	service := albfargate.NewService(stack, "Web", &albfargate.ServiceProps{
		CommonProps: ecsservice.CommonProps{
			VPC: vpc, DesiredCount: &tasks,
			Containers: []ecsservice.Container{{
				Name: "web", Image: awsecs.ContainerImage_FromRegistry(jsii.String("public.ecr.aws/docker/library/busybox:1.37"), nil), Ports: []ecsservice.Port{{Number: 8080}},
			}},
			ConfigureCluster: func(c *awsecs.ClusterProps) { c.ClusterName = jsii.String("orders") },
		},
		Task: albfargate.Task{ConfigureService: func(s *awsecs.FargateServiceProps) { s.ServiceName = jsii.String("web") }},
		LoadBalancing: ecsservice.LoadBalancing{
			Internal: true, AllowPlaintext: true, AllowedCIDRs: []string{"10.0.0.0/16"}, DisableWAF: true, DisableAccessLogs: true, DisableDeletionProtection: true,
		},
	})
	if table != nil { // with BackupAndRestore, the standby region has data only once it is restored
		table.Table.GrantReadWriteData(service.TaskDefinition.TaskRole())
		cluster.AllowFrom(service.Service)
	}
}

func TestRecovery_Templates(t *testing.T) {
	for _, s := range recovery.Strategies {
		t.Run(string(s), func(t *testing.T) {
			plan := recoveryPlan(s)
			primary, standby := recoverySides(t, plan)
			here, there := cdktest.Synth(t, primary), cdktest.Synth(t, standby)
			here.Snapshot("recovery/" + string(s) + "_primary")
			there.Snapshot("recovery/" + string(s) + "_standby")

			replicas := map[bool]int{true: 1, false: 2}[s == recovery.BackupAndRestore]
			table := here.Has("AWS::DynamoDB::GlobalTable", o{"TableName": "order-book-items"})
			assert.Len(t, table.Properties["Replicas"], replicas)
			bucket := here.Has("AWS::S3::Bucket", o{"BucketName": "order-book-photos-" + cdktest.Account + "-us-east-1"})
			assert.Equal(t, s != recovery.BackupAndRestore, bucket.Properties["ReplicationConfiguration"] != nil)
			here.Has("AWS::ECS::Service", o{"DesiredCount": 4, "ServiceName": "web"})
			here.Has("AWS::Backup::BackupVault", o{"BackupVaultName": "order-book"})
			here.Has("AWS::Backup::BackupSelection", o{"BackupSelection": o{"Resources": a{
				o{"Fn::GetAtt": a{cdktest.Text("^OrdersTableitems"), "Arn"}}, o{"Fn::GetAtt": a{cdktest.Text("^OrdersBucketphotos"), "Arn"}},
				o{"Fn::GetAtt": a{cdktest.Text("^OrdersClusterledger"), "DBClusterArn"}},
			}}})
			here.Has("AWS::Backup::BackupSelection", o{"BackupSelection": o{"ListOfTags": a{o{"ConditionKey": "strata:recovery", "ConditionValue": "order-book"}}}})

			rules := a{o{"RuleName": "Daily", "ScheduleExpression": "cron(0 5 * * ? *)", "StartWindowMinutes": 60}}
			if s == recovery.BackupAndRestore {
				rules = append(rules, o{"RuleName": "Often", "ScheduleExpression": "cron(0 0/1 * * ? *)", "StartWindowMinutes": 60, "Lifecycle": o{"DeleteAfterDays": 7}})
			}
			here.Has("AWS::Backup::BackupPlan", o{"BackupPlan": o{"BackupPlanRule": rules}})
			there.Has("AWS::Backup::BackupVault", o{"BackupVaultName": "order-book"})
			there.Has("AWS::IAM::Role", o{"RoleName": "order-book-restore"})
			for _, kind := range []string{"Aurora", "DynamoDB", "S3"} {
				there.Has("AWS::Backup::RestoreTestingSelection", o{"ProtectedResourceType": kind})
			}
			there.Count("AWS::DynamoDB::GlobalTable", 0)
			if s == recovery.BackupAndRestore {
				there.Count("AWS::S3::Bucket", 0)
				there.Count("AWS::ECS::Service", 0)
				there.Count("AWS::EC2::VPC", 0)
				there.Count("AWS::RDS::DBCluster", 0)
				return
			}
			there.Has("AWS::Backup::RestoreTestingSelection", o{
				"ProtectedResourceType": "Aurora", "RestoreMetadataOverrides": o{"dbSubnetGroupName": o{"Ref": cdktest.Text("^OrdersClusterledgerSubnets")}},
			})
			there.Has("AWS::RDS::DBCluster", o{"DBClusterIdentifier": "order-book-ledger-us-west-2", "GlobalClusterIdentifier": "order-book-ledger"})
			there.Count("AWS::RDS::DBInstance", map[recovery.Strategy]int{recovery.PilotLight: 0, recovery.WarmStandby: 1, recovery.ActiveActive: 2}[s])
			there.Has("AWS::S3::Bucket", o{"BucketName": "order-book-photos-" + cdktest.Account + "-us-west-2"})
			there.Has("AWS::ECS::Service", o{"DesiredCount": map[recovery.Strategy]int{recovery.PilotLight: 0, recovery.WarmStandby: 1, recovery.ActiveActive: 4}[s], "ServiceName": "web"})
		})
	}
}

// Another strategy changes no name and no logical id of what holds data: it is kept.
func TestRecovery_StrategyIsOneWord(t *testing.T) {
	data := map[string]map[recovery.Strategy]string{}
	for _, s := range recovery.Strategies {
		primary, _ := recoverySides(t, recoveryPlan(s))
		for _, kind := range []string{"AWS::DynamoDB::GlobalTable", "AWS::S3::Bucket", "AWS::Backup::BackupVault", "AWS::KMS::Key", "AWS::RDS::DBCluster", "AWS::RDS::GlobalCluster"} {
			for _, r := range cdktest.Synth(t, primary).All(kind) {
				name := fmt.Sprint(r.Properties["TableName"], r.Properties["BucketName"], r.Properties["BackupVaultName"], r.Properties["DBClusterIdentifier"], r.Properties["GlobalClusterIdentifier"])
				if data[r.LogicalID] == nil {
					data[r.LogicalID] = map[recovery.Strategy]string{}
				}
				data[r.LogicalID][s] = name
			}
		}
	}
	assert.Greater(t, len(data), 4)
	for id, names := range data {
		require.Len(t, names, len(recovery.Strategies), id)
		for _, name := range names {
			assert.Equal(t, names[recovery.PilotLight], name, id)
		}
	}
}

// Once failed over, the standby region has all that serves, and the primary region can be gone.
func TestRecovery_FailedOver(t *testing.T) {
	for _, s := range recovery.Strategies {
		plan := recoveryPlan(s)
		plan.FailedOver = true
		_, standby := recoverySides(t, plan)
		there := cdktest.Synth(t, standby)
		there.Has("AWS::ECS::Service", o{"DesiredCount": 4})
		if s != recovery.BackupAndRestore { // which restores data beside the stack
			there.Count("AWS::RDS::DBInstance", 2)
		}
	}
}

// All that a standby template says of the primary region is dimensions and descriptions of alarms, which nothing looks up at deployment, and the region that a cluster
// has its data from. The cluster joins a global database by its name, which is of no region.
func TestRecovery_StandbyStandsAlone(t *testing.T) {
	want := map[bool][]string{true: {
		"AWS::CloudWatch::Alarm us-east-1", // ReceivingRegion of the lag of a table
		"AWS::CloudWatch::Alarm The table's replica in us-east-1 is more than 1m0s behind, in 5 of 5 minutes (Standby/Orders/Table-items)",
		"AWS::CloudWatch::Alarm order-book-photos-111111111111-us-east-1", // SourceBucket of the lag of a bucket
		"AWS::CloudWatch::Alarm The cluster is more than 1m0s behind us-east-1, in 5 of 5 minutes (Standby/Orders/Cluster-ledger)",
		"AWS::RDS::DBCluster us-east-1", // SourceRegion
		"AWS::CloudWatch::Alarm Replicas are more than 15m0s behind us-east-1, in 5 of 5 minutes (Standby/Orders/Bucket-photos)",
	}}
	for _, s := range recovery.Strategies {
		plan := recoveryPlan(s)
		primary, standby := recoverySides(t, plan)
		here, there := cdktest.Synth(t, primary), cdktest.Synth(t, standby)
		text := string(there.JSON)
		for _, reference := range []string{"Fn::ImportValue", "Fn::GetStackOutput", "{{resolve:", "AWS::SSM::Parameter", "Custom::Cross"} {
			assert.NotContains(t, text, reference, s)
		}
		assert.Nil(t, there.Body["Parameters"])
		var refs []string
		for id, r := range there.Resources {
			walkTexts(r.Properties, func(v string) {
				if strings.Contains(v, plan.Primary) {
					refs = append(refs, r.Type+" "+v)
				}
			})
			assert.NotContains(t, fmt.Sprint(r.Properties["Tags"]), plan.Primary, id)
		}
		assert.ElementsMatch(t, want[s != recovery.BackupAndRestore], refs, s)
		for id := range here.Resources {
			if _, same := there.Resources[id]; !same {
				assert.NotContains(t, text, `"`+id+`"`, "%s names a resource of the primary region", s)
			}
		}
	}
}

func walkTexts(v any, f func(string)) {
	switch v := v.(type) {
	case string:
		f(v)
	case []any:
		for _, item := range v {
			walkTexts(item, f)
		}
	case map[string]any:
		for _, item := range v {
			walkTexts(item, f)
		}
	}
}

// recoveryImportedVPC is a network of another stack, which cdk-nag does not look at.
func recoveryImportedVPC(stack awscdk.Stack) awsec2.IVpc {
	return awsec2.Vpc_FromVpcAttributes(stack, jsii.String("Vpc"), &awsec2.VpcAttributes{
		VpcId: jsii.String("vpc-1"), AvailabilityZones: jsii.Strings("a", "b"), IsolatedSubnetIds: jsii.Strings("subnet-1", "subnet-2"),
	})
}

func TestRecovery_Findings(t *testing.T) {
	for _, s := range recovery.Strategies {
		plan := recoveryPlan(s)
		primary, standby := recoveryStack(t, "Primary", plan.Primary), recoveryStack(t, "Standby", plan.Standby)
		recovery.NewPrimary(primary, "Orders", &recovery.RegionProps{Plan: plan, VPC: recoveryImportedVPC(primary)})
		recovery.NewStandby(standby, "Orders", &recovery.RegionProps{Plan: plan, VPC: recoveryImportedVPC(standby)})
		for _, stack := range []awscdk.Stack{primary, standby} {
			open, suppressed := cdktest.Nag(t, stack)
			assert.Empty(t, open)
			for _, f := range suppressed {
				assert.Greater(t, len(f.Reason), 20, f)
			}
		}
	}
}

func TestRecovery_CutActions(t *testing.T) {
	const half = 30 * time.Minute
	tags := map[string]string{"strata:drill": "order-book"}
	cut := drill.Action{Fault: drill.CutRouteTables, OtherRegion: "us-west-2", Duration: half, Tags: tags}
	for _, s := range recovery.Strategies {
		plan := recoveryPlan(s)
		plan.Data.Clusters = nil
		for i := range 6 {
			plan.Data.Tables = append(plan.Data.Tables, replica.GlobalTableProps{Pair: replica.Pair{Name: fmt.Sprint("more-", i)}, PartitionKey: replica.Attribute{Name: "id"}})
		}
		stack := recoveryStack(t, "Primary", plan.Primary)
		p := recovery.NewPrimary(stack, "Orders", &recovery.RegionProps{Plan: plan})
		got := p.CutActions(half)
		require.Equal(t, cut, got[0])
		if s == recovery.BackupAndRestore {
			assert.Len(t, got, 1)
			continue
		}
		require.Len(t, got, 4)
		assert.Equal(t, drill.Action{Fault: drill.PauseBuckets, OtherRegion: "us-west-2", Duration: half, Tags: tags}, got[1])
		assert.Equal(t, []string{"PauseTables2", "PauseTables3"}, []string{got[2].ID, got[3].ID})
		assert.Len(t, got[2].ARNs, 5)
		assert.Len(t, got[3].ARNs, 2)
		drill.NewExperiment(stack, "Drill", &drill.ExperimentProps{Description: "The region is cut off", Actions: got, DisableStopAlarms: true})
		tpl := cdktest.Synth(t, stack)
		tpl.Has("AWS::FIS::ExperimentTemplate", o{"Actions": o{"CutRouteTables": o{"Parameters": o{"region": "us-west-2", "duration": "PT30M"}}}})
		tpl.Has("AWS::S3::Bucket", o{"BucketName": "order-book-photos-" + cdktest.Account + "-us-east-1", "Tags": cdktest.ArrayWith(o{"Key": "strata:drill", "Value": "order-book"})})
	}
	stack := recoveryStack(t, "Primary", "us-east-1")
	assert.Equal(t, []drill.Action{cut}, recovery.NewPrimary(stack, "Empty", &recovery.RegionProps{Plan: &recovery.Plan{
		Name: "order-book", Primary: "us-east-1", Standby: "us-west-2", RPO: time.Hour, RTO: time.Hour,
	}}).CutActions(half))
}

func TestRecovery_Switch(t *testing.T) {
	plan := recoveryPlan(recovery.WarmStandby)
	_, standby := recoverySides(t, plan)
	failover.NewPlan(standby, "Switch", plan.Switch(cdktest.Account))
	cdktest.Synth(t, standby).Has("AWS::ARCRegionSwitch::Plan", o{"Name": "order-book", "Regions": a{"us-east-1", "us-west-2"}, "RecoveryTimeObjectiveMinutes": 360})
}

func TestRecovery_Problems(t *testing.T) {
	stack := recoveryStack(t, "Test", "eu-west-1")
	props := &recovery.RegionProps{Plan: recoveryPlan("")}
	require.EqualError(t, cdktest.Panic(func() { recovery.NewPrimary(stack, "Orders", props) }), `Test/Orders: invalid recovery.RegionProps:
  - VPC: must be given: Plan.Data has clusters
  - Plan.Primary: must be the region of the stack, which is eu-west-1, got us-east-1`)
	require.EqualError(t, cdktest.Panic(func() { recovery.NewStandby(stack, "Orders", props) }), `Test/Orders: invalid recovery.RegionProps:
  - VPC: must be given: Plan.Data has clusters
  - Plan.Standby: must be the region of the stack, which is eu-west-1, got us-west-2`)
	props.Plan.Strategy = recovery.BackupAndRestore
	anywhere := awscdk.NewStack(cdktest.App(t, nil), jsii.String("Anywhere"), nil)
	require.EqualError(t, cdktest.Panic(func() { recovery.NewStandby(anywhere, "Orders", props) }), `Anywhere/Orders: invalid recovery.RegionProps:
  - Plan.Standby: must be the region of the stack, which is known at deployment only, got us-west-2`)
	for _, props := range []*recovery.RegionProps{nil, {}} {
		require.ErrorContains(t, cdktest.Panic(func() { recovery.NewPrimary(stack, "Orders", props) }), "Test/Orders: invalid recovery.RegionProps:\n  - Plan.Name: must be")
	}
	assert.Empty(t, *stack.Node().Children())
}

func TestRecovery_Warnings(t *testing.T) {
	warnings := func(edit func(*recovery.Plan)) string {
		plan := recoveryPlan(recovery.ActiveActive)
		plan.Data.Buckets[0].BothWays = true
		edit(plan)
		stack := recoveryStack(t, "Primary", plan.Primary)
		var all []string
		for _, m := range *recovery.NewPrimary(stack, "Orders", &recovery.RegionProps{Plan: plan, VPC: recoveryImportedVPC(stack)}).Node().Metadata() {
			if *m.Type == "aws:cdk:warning" {
				all = append(all, fmt.Sprint(m.Data))
			}
		}
		return strings.Join(all, "\n")
	}
	assert.Empty(t, warnings(func(*recovery.Plan) {}))
	assert.Equal(t, "nobody knows whether this plan works: follow its runbook while nothing is lost, and write the day into LastDrill [ack: @strata/recovery:noDrill]",
		warnings(func(p *recovery.Plan) { p.LastDrill = "" }))
	oneWay := func(p *recovery.Plan) { p.Data.Buckets[0].BothWays = false }
	assert.Equal(t, "what is written in us-west-2 to buckets does not reach us-east-1: set BothWays, once both stacks are deployed, for photos [ack: @strata/recovery:oneWay]", warnings(oneWay))
	assert.Empty(t, warnings(func(p *recovery.Plan) { oneWay(p); p.Strategy = recovery.WarmStandby }))
}

func ExampleNewPrimary() {
	plan := &recovery.Plan{
		Name: "orders", Strategy: recovery.PilotLight, Primary: "us-east-1", Standby: "us-west-2", RPO: 15 * time.Minute, RTO: time.Hour,
		Data: recovery.Data{Tables: []replica.GlobalTableProps{{Pair: replica.Pair{Name: "items"}, PartitionKey: replica.Attribute{Name: "id"}}}},
	}
	app := awscdk.NewApp(nil)
	stack := func(id, region string) awscdk.Stack {
		return awscdk.NewStack(app, &id, &awscdk.StackProps{Env: &awscdk.Environment{Region: &region}})
	}
	primary := recovery.NewPrimary(stack("Primary", plan.Primary), "Orders", &recovery.RegionProps{Plan: plan})
	standby := recovery.NewStandby(stack("Standby", plan.Standby), "Orders", &recovery.RegionProps{Plan: plan})
	fmt.Println(*primary.Tables["items"].TableName(), primary.Tasks(4), standby.Tasks(4))
	// Output: orders-items 4 0
}

func ExampleNewStandby() {
	plan := &recovery.Plan{Name: "orders", Primary: "us-east-1", Standby: "us-west-2", RPO: time.Hour, RTO: time.Hour}
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Standby"), &awscdk.StackProps{Env: &awscdk.Environment{Region: jsii.String("us-west-2")}})
	fmt.Println(recovery.NewStandby(stack, "Orders", &recovery.RegionProps{Plan: plan}).Tasks(4))
	// Output: 1
}
