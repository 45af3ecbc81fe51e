package drill_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/drill"
)

func TestExperimentProps_Validate(t *testing.T) {
	type props = drill.ExperimentProps
	tags := map[string]string{"drill": "yes"}
	valid := func() props {
		return props{Description: "cut", Actions: []drill.Action{{Fault: drill.CutSubnets, Tags: tags}}, DisableStopAlarms: true}
	}
	action := func(a drill.Action) func(*props) {
		return func(p *props) {
			if a.Tags == nil && a.ARNs == nil {
				a.Tags = tags
			}
			p.Actions = []drill.Action{a}
		}
	}
	const stop = "StopAlarms: must have an alarm that stops the experiment; DisableStopAlarms waives that"
	cdktest.ValidateTable(t, valid, []cdktest.Case[props]{
		{Name: "valid", Edit: func(*props) {}},
		{Name: "zero", Edit: func(p *props) { *p = props{} }, Want: []string{"Description: must be 1 to 512 characters, got 0", "Actions: must be 1 to 20, got 0", stop}},
		{Name: "long", Edit: func(p *props) { p.Description = strings.Repeat("a", 513) }, Want: []string{"Description: must be 1 to 512 characters, got 513"}},
		{Name: "no alarms", Edit: func(p *props) { p.DisableStopAlarms = false }, Want: []string{stop}},
		{Name: "nil alarms", Edit: func(p *props) { p.DisableStopAlarms, p.StopAlarms = false, make([]awscloudwatch.IAlarm, 1) }, Want: []string{"StopAlarms[0]: must be given"}},
		{Name: "both", Edit: func(p *props) { p.StopAlarms = make([]awscloudwatch.IAlarm, 1) }, Want: []string{"StopAlarms: must be left out with DisableStopAlarms", "StopAlarms[0]: must be given"}},
		{Name: "unattended", Edit: func(p *props) { p.Schedule = "monthly" }, Want: []string{
			"Schedule: must be left out with DisableStopAlarms: nobody looks on", `Schedule: must be a cron expression such as cron(0 9 ? * TUE#1 *), got "monthly"`,
		}},
		{Name: "many alarms", Edit: func(p *props) { p.DisableStopAlarms, p.StopAlarms = false, make([]awscloudwatch.IAlarm, 6) }, Want: []string{
			"StopAlarms: must be at most 5, got 6", "StopAlarms[0]: must be given", "StopAlarms[1]: must be given", "StopAlarms[2]: must be given", "StopAlarms[3]: must be given",
			"StopAlarms[4]: must be given", "StopAlarms[5]: must be given",
		}},
		{Name: "no fault", Edit: action(drill.Action{Fault: "fire"}), Want: []string{
			"Actions[0].Fault: must be one of aws:dynamodb:global-table-pause-replication, aws:ec2:asg-insufficient-instance-capacity-error, aws:ec2:stop-instances, " +
				"aws:network:disrupt-connectivity, aws:network:route-table-disrupt-cross-region-connectivity, aws:network:transit-gateway-disrupt-cross-region-connectivity, " +
				"aws:rds:failover-db-cluster, aws:s3:bucket-pause-replication, got fire",
		}},
		{Name: "no targets", Edit: func(p *props) { p.Actions[0].Tags = nil }, Want: []string{"Actions[0].Tags: must be given, or ARNs, and not both"}},
		{Name: "two targets", Edit: func(p *props) { p.Actions[0].ARNs = []string{"arn:aws:ec2:us-east-1:111111111111:subnet/subnet-1"} }, Want: []string{
			"Actions[0].Tags: must be given, or ARNs, and not both",
		}},
		{Name: "wrong tags", Edit: action(drill.Action{Fault: drill.CutSubnets, Tags: map[string]string{"a": ""}}), Want: []string{`Actions[0].Tags["a"]: must have a key and a value`}},
		{Name: "wrong ARNs", Edit: action(drill.Action{Fault: drill.PauseTables, ARNs: []string{"a", "arn:aws:dynamodb:us-east-1:111111111111:table/a", "${Token[T.1]}", "b", "c", "d"}}), Want: []string{
			"Actions[0].ARNs: must be at most 5, got 6", `Actions[0].ARNs[0]: must be an ARN, got "a"`, `Actions[0].ARNs[3]: must be an ARN, got "b"`,
			`Actions[0].ARNs[4]: must be an ARN, got "c"`, `Actions[0].ARNs[5]: must be an ARN, got "d"`,
		}},
		{Name: "buckets by ARN", Edit: action(drill.Action{Fault: drill.PauseBuckets, OtherRegion: "us-west-2", ARNs: []string{"arn:aws:s3:::a"}}), Want: []string{
			"Actions[0].ARNs: must be left out with PauseBuckets: only Tags choose its targets",
		}},
		{Name: "short", Edit: action(drill.Action{Fault: drill.CutSubnets, Duration: 59 * time.Second}), Want: []string{
			"Actions[0].Duration: must be between 1m0s and 12h0m0s, got 59s", "Actions[0].Duration: must be whole minutes, got 59s",
		}},
		{Name: "too long", Edit: action(drill.Action{Fault: drill.PauseTables, Duration: 13 * time.Hour}), Want: []string{"Actions[0].Duration: must be between 1m0s and 12h0m0s, got 13h0m0s"}},
		{Name: "instant", Edit: action(drill.Action{Fault: drill.FailoverClusters, Duration: time.Hour}), Want: []string{"Actions[0].Duration: must be left out with FailoverClusters"}},
		{Name: "no other region", Edit: action(drill.Action{Fault: drill.CutRouteTables}), Want: []string{`Actions[0].OtherRegion: must be a region such as eu-central-1, got ""`}},
		{Name: "other region", Edit: action(drill.Action{Fault: drill.CutSubnets, OtherRegion: "us-west-2"}), Want: []string{"Actions[0].OtherRegion: must be left out with CutSubnets"}},
		{Name: "no zone", Edit: action(drill.Action{Fault: drill.RefuseCapacity}), Want: []string{`Actions[0].AvailabilityZone: must be a zone such as us-east-1a, got ""`}},
		{Name: "wrong zone", Edit: action(drill.Action{Fault: drill.StopInstances, AvailabilityZone: "us-east-1"}), Want: []string{
			`Actions[0].AvailabilityZone: must be a zone such as us-east-1a, got "us-east-1"`,
		}},
		{Name: "zone", Edit: action(drill.Action{Fault: drill.PauseTables, AvailabilityZone: "us-east-1a"}), Want: []string{"Actions[0].AvailabilityZone: must be left out with PauseTables"}},
		{Name: "zone by ARN", Edit: action(drill.Action{Fault: drill.StopInstances, AvailabilityZone: "us-east-1a", ARNs: []string{"arn:aws:ec2:us-east-1:111111111111:instance/i-1"}}), Want: []string{
			"Actions[0].AvailabilityZone: must be left out with ARNs: FIS chooses by zone among what has Tags only",
		}},
		{Name: "cut region", Edit: func(p *props) { p.Actions = drill.CutRegion("us-west-2", 0, tags) }},
		{Name: "cut zone", Edit: func(p *props) { p.Actions = drill.CutZone("us-east-1a", time.Hour, tags) }},
		{Name: "ids", Edit: func(p *props) {
			p.Actions = append(p.Actions, p.Actions[0], drill.Action{Fault: drill.CutSubnets, ID: "a-b", Tags: tags})
		}, Want: []string{`Actions[2].ID: must be a letter, then letters and digits, got "a-b"`, `Actions: must be listed once each, got "CutSubnets" again`}},
		{Name: "after", Edit: func(p *props) {
			p.Actions[0].After = []string{"CutSubnets"}
			p.Actions = append(p.Actions, drill.Action{Fault: drill.CutSubnets, ID: "Again", Tags: tags, After: []string{"CutSubnets"}})
		}, Want: []string{`Actions[0].After[0]: must be the ID of an action before this one, got "CutSubnets"`}},
		{Name: "many actions", Edit: func(p *props) {
			for i := range 20 {
				p.Actions = append(p.Actions, drill.Action{Fault: drill.CutSubnets, ID: "A" + strings.Repeat("a", i), Tags: tags})
			}
		}, Want: []string{"Actions: must be 1 to 20, got 21"}},
		{Name: "logs", Edit: func(p *props) { p.LogRetentionDays = 2 }, Want: []string{
			"LogRetentionDays: must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653, got 2",
		}},
		{Name: "report", Edit: func(p *props) {
			p.Report = &drill.Report{DashboardNames: []string{"", "b", "c", "d", "e", "f"}, Before: 13 * time.Hour, After: time.Second}
		}, Want: []string{
			"Report.Bucket: must be given", "Report.DashboardNames: must be at most 5, got 6", "Report.DashboardNames[0]: must be given",
			"Report.Before: must be between 1m0s and 12h0m0s, got 13h0m0s", "Report.After: must be between 1m0s and 12h0m0s, got 1s", "Report.After: must be whole minutes, got 1s",
		}},
		{Name: "others", Edit: func(p *props) { p.VolumeKeys, p.RemovalPolicy = make([]awskms.IKey, 1), awscdk.RemovalPolicy_SNAPSHOT }, Want: []string{
			"VolumeKeys[0]: must be given", "RemovalPolicy: must be one of RETAIN, DESTROY, got SNAPSHOT",
		}},
	})
	require.Error(t, (*props)(nil).Validate())
}
