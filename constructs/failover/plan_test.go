package failover_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/failover"
)

func TestPlanProps_Validate(t *testing.T) {
	type props = failover.PlanProps
	both := func(arn string) []string {
		return []string{strings.ReplaceAll(arn, "REGION", "us-east-1"), strings.ReplaceAll(arn, "REGION", "us-west-2")}
	}
	functions := both("arn:aws:lambda:REGION:111111111111:function:switch")
	step := func(s failover.Step) func(*props) {
		return func(p *props) {
			s.Name = "S"
			p.Workflows = []failover.Workflow{{Steps: []failover.Step{s}}}
		}
	}
	run := func(name string) failover.Step {
		return failover.Step{Name: name, Lambda: &failover.Lambda{FunctionARNs: functions}}
	}
	valid := func() props {
		return props{Name: "orders", Regions: []string{"us-east-1", "us-west-2"}, Workflows: []failover.Workflow{{Steps: []failover.Step{run("S")}}}}
	}
	workflows := func(approach failover.Approach, w ...failover.Workflow) func(*props) {
		return func(p *props) {
			p.Approach, p.Workflows = approach, w
			for i := range w {
				w[i].Steps = []failover.Step{run("S")}
			}
		}
	}
	trigger := func(tr failover.Trigger) func(*props) {
		return func(p *props) {
			p.TriggerAlarms = map[string]string{"down": "arn:aws:cloudwatch:us-west-2:111111111111:alarm:down"}
			p.Triggers = []failover.Trigger{tr}
		}
	}
	const at, one = "Workflows[0].Steps[0]", "must have exactly one of ScaleECS, ScaleEC2, ScaleEKS, Aurora, Route, Lambda, Approval, Parallel and PlanARN"
	const activate, deactivate = "Workflows: must have one for activate of either region, or one for each", "Workflows: must have one for deactivate of either region, or one for each"
	cdktest.ValidateTable(t, valid, []cdktest.Case[props]{
		{Name: "valid", Edit: func(*props) {}},
		{Name: "zero", Edit: func(p *props) { *p = props{} }, Want: []string{
			`Name: must be 1 to 32 letters, digits and hyphens, no hyphen at either end, got ""`, "Regions: must be two, got 0", activate,
		}},
		{Name: "names", Edit: func(p *props) { p.Name = "orders-" }, Want: []string{`Name: must be 1 to 32 letters, digits and hyphens, no hyphen at either end, got "orders-"`}},
		{Name: "same region", Edit: func(p *props) { p.Regions[1] = "us-east-1" }, Want: []string{
			`Regions: must be listed once each, got "us-east-1" again`, at + ".Lambda.FunctionARNs[1]: must be in one of Regions, got us-west-2",
		}},
		{Name: "approach", Edit: func(p *props) { p.Approach = "activeLazy" }, Want: []string{"Approach: must be one of activePassive, activeActive, got activeLazy"}},
		{Name: "each region", Edit: workflows("", failover.Workflow{Region: "us-east-1"}, failover.Workflow{Region: "us-west-2"})},
		{Name: "one region", Edit: workflows("", failover.Workflow{Region: "us-east-1"}), Want: []string{activate}},
		{Name: "either and one", Edit: workflows("", failover.Workflow{}, failover.Workflow{Region: "us-east-1"}), Want: []string{activate}},
		{Name: "twice", Edit: workflows("", failover.Workflow{}, failover.Workflow{}), Want: []string{"Workflows[1]: must be the only one that does activate for the same region", activate}},
		{Name: "another region", Edit: workflows("", failover.Workflow{Region: "eu-west-1"}, failover.Workflow{Region: "us-west-2"}), Want: []string{
			"Workflows[0].Region: must be one of us-east-1, us-west-2, got eu-west-1",
		}},
		{Name: "passive is not deactivated", Edit: workflows("", failover.Workflow{}, failover.Workflow{Action: failover.Deactivate}), Want: []string{
			"Workflows[1].Action: must be another one unless Approach is activeActive",
		}},
		{Name: "action", Edit: workflows("", failover.Workflow{}, failover.Workflow{Action: "rest"}), Want: []string{"Workflows[1].Action: must be one of activate, deactivate, postRecovery, got rest"}},
		{Name: "active", Edit: workflows(failover.ActiveActive, failover.Workflow{}, failover.Workflow{Action: failover.Deactivate}, failover.Workflow{Action: failover.PostRecovery})},
		{Name: "never deactivated", Edit: workflows(failover.ActiveActive, failover.Workflow{}), Want: []string{deactivate}},
		{Name: "no steps", Edit: func(p *props) { p.Workflows[0].Steps = nil }, Want: []string{"Workflows[0].Steps: must be given"}},
		{Name: "names of steps", Edit: func(p *props) {
			p.Workflows[0].Steps = []failover.Step{run("A"), {Name: "B", Parallel: []failover.Step{run("A"), run("C")}}}
		}, Want: []string{`Workflows[0].Steps: must be listed once each, got "A" again`}},
		{Name: "nameless", Edit: func(p *props) { p.Workflows[0].Steps[0].Name = "" }, Want: []string{at + ".Name: must be given"}},
		{Name: "nothing", Edit: step(failover.Step{}), Want: []string{at + ": " + one}},
		{Name: "two things", Edit: step(failover.Step{Lambda: &failover.Lambda{FunctionARNs: functions}, PlanARN: "${Token[Plan.1]}"}), Want: []string{at + ": " + one}},
		{Name: "timeout", Edit: step(failover.Step{Lambda: &failover.Lambda{FunctionARNs: functions}, Timeout: 90 * time.Second}), Want: []string{at + ".Timeout: must be whole minutes, got 1m30s"}},
		{Name: "nested plan", Edit: step(failover.Step{PlanARN: "arn:aws:arc-region-switch::111111111111:plan/child:abc123"})},
		{Name: "wrong nested plan", Edit: step(failover.Step{PlanARN: "child", Timeout: time.Hour}), Want: []string{
			at + ".Timeout: must be left out with Parallel and PlanARN", at + `.PlanARN: must be the ARN of a plan, got "child"`,
		}},
		{Name: "parallel", Edit: step(failover.Step{Parallel: []failover.Step{{Name: "P", Parallel: []failover.Step{run("A"), run("B")}}}}), Want: []string{
			at + ".Parallel: must be two or more, got 1", at + ".Parallel[0].Parallel: must be left out in Parallel",
		}},
		{Name: "ecs", Edit: step(failover.Step{ScaleECS: &failover.ScaleECS{Services: []failover.Service{
			{ClusterARN: "arn:aws:ecs:us-east-1:111111111111:cluster/a", ServiceARN: "arn:aws:ecs:us-east-1:111111111111:service/a/b"}, {ClusterARN: "${Token[C.1]}", ServiceARN: "${Token[S.1]}"},
		}}})},
		{Name: "wrong ecs", Edit: step(failover.Step{ScaleECS: &failover.ScaleECS{
			Scaling:  failover.Scaling{TargetPercent: 101, UngracefulPercent: new(100)},
			Services: []failover.Service{{ClusterARN: "a", ServiceARN: "arn:aws:ecs:us-east-1:111111111111:service/b"}},
		}}), Want: []string{
			at + ".ScaleECS.Services: must be 2, one in each region, got 1",
			at + `.ScaleECS.Services[0]: must be the ARN of a service of ECS, got "arn:aws:ecs:us-east-1:111111111111:service/b"`,
			at + `.ScaleECS.Services[0].ClusterARN: must be the ARN of a cluster of ECS, got "a"`,
			at + ".ScaleECS.TargetPercent: must be between 1 and 100, got 101", at + ".ScaleECS.UngracefulPercent: must be between 0 and 99, got 100",
		}},
		{Name: "ec2", Edit: step(failover.Step{ScaleEC2: &failover.ScaleEC2{GroupARNs: both("arn:aws:autoscaling:REGION:111111111111:autoScalingGroup:0d1b4c2e-0000-1111-2222-333344445555:autoScalingGroupName/app")}})},
		{Name: "wrong ec2", Edit: step(failover.Step{ScaleEC2: &failover.ScaleEC2{GroupARNs: []string{"app", "${Token[G.1]}"}}}), Want: []string{
			at + `.ScaleEC2.GroupARNs[0]: must be the ARN of an Auto Scaling group, got "app"`,
		}},
		{Name: "eks", Edit: step(failover.Step{ScaleEKS: &failover.ScaleEKS{ClusterARNs: both("arn:aws:eks:REGION:111111111111:cluster/app"), Namespace: "shop", Name: "orders"}})},
		{Name: "wrong eks", Edit: step(failover.Step{ScaleEKS: &failover.ScaleEKS{ClusterARNs: []string{"${Token[C.1]}", "arn:aws:eks:us-west-2:111111111111:cluster/app"}, Namespace: "Shop"}}), Want: []string{
			at + ".ScaleEKS.ClusterARNs[0]: must be plain text", at + `.ScaleEKS.Namespace: must be a namespace of Kubernetes, got "Shop"`, at + ".ScaleEKS.Name: must be given",
		}},
		{Name: "aurora", Edit: step(failover.Step{Aurora: &failover.Aurora{GlobalCluster: "orders", ClusterARNs: both("arn:aws:rds:REGION:111111111111:cluster:orders")}})},
		{Name: "wrong aurora", Edit: step(failover.Step{Aurora: &failover.Aurora{GlobalCluster: "1", ClusterARNs: []string{
			"arn:aws:rds:us-east-1:111111111111:cluster:orders", "arn:aws:rds:us-east-1:111111111111:cluster:other",
		}}}), Want: []string{
			at + `.Aurora.GlobalCluster: must be the id of a global database, got "1"`, at + `.Aurora.ClusterARNs: must be listed once each, got "us-east-1" again`,
		}},
		{Name: "route", Edit: step(failover.Step{Route: &failover.Route{Name: "a.example.com", ZoneID: "Z", ZoneName: "example.com", Regions: []string{"us-west-2", "us-east-1"}}}), Want: []string{
			at + `.Route.ZoneID: must be the id of a hosted zone such as Z1D633PJN98FT9, in plain text, got "Z"`, at + ".Route.Regions: must be those of the plan, in the same order",
		}},
		{Name: "lambda", Edit: step(failover.Step{Lambda: &failover.Lambda{FunctionARNs: functions[:1], RunIn: failover.ActiveRegion, RetryInterval: 2 * time.Hour}}), Want: []string{
			at + ".Lambda.FunctionARNs: must be 2, one in each region, got 1", at + ".Lambda.RunIn: must be one of activatingRegion, deactivatingRegion, got activeRegion",
			at + ".Lambda.RetryInterval: must be between 1m0s and 1h0m0s, got 2h0m0s",
		}},
		{Name: "lambda afterwards", Edit: func(p *props) {
			p.Workflows = append(p.Workflows, failover.Workflow{Action: failover.PostRecovery, Steps: []failover.Step{run("S")}})
			p.Workflows[1].Steps[0].Lambda = &failover.Lambda{FunctionARNs: functions, RunIn: failover.Activating}
		}, Want: []string{"Workflows[1].Steps[0].Lambda.RunIn: must be one of activeRegion, inactiveRegion, got activatingRegion"}},
		{Name: "approval", Edit: step(failover.Step{Approval: &failover.Approval{}}), Want: []string{at + ".Approval.Role: must be given"}},
		{Name: "recovery time", Edit: func(p *props) { p.RecoveryTime = 8 * 24 * time.Hour }, Want: []string{"RecoveryTime: must be between 1m0s and 168h0m0s, got 192h0m0s"}},
		{Name: "alarms", Edit: func(p *props) {
			p.HealthAlarms, p.TriggerAlarms = map[string]string{"a": "${Token[A.1]}", "b": "b"}, map[string]string{"a": "arn:aws:cloudwatch:us-east-1:111111111111:alarm:a", "c": "c"}
		}, Want: []string{
			`TriggerAlarms["a"]: must have another name than one of HealthAlarms`, `HealthAlarms["b"]: must be the ARN of an alarm, got "b"`, `TriggerAlarms["c"]: must be the ARN of an alarm, got "c"`,
		}},
		{Name: "trigger", Edit: trigger(failover.Trigger{Region: "us-west-2", Red: []string{"down"}})},
		{Name: "wrong trigger", Edit: trigger(failover.Trigger{Action: failover.Deactivate, Region: "eu-west-1", Red: []string{"down", "up"}, Green: []string{"down"}, MinDelay: time.Second}), Want: []string{
			"Triggers[0].Action: must be another one unless Approach is activeActive", "Triggers[0].Region: must be one of us-east-1, us-west-2, got eu-west-1",
			`Triggers[0].Red: must be listed once each, got "down" again`, `Triggers[0].Red: must be names of TriggerAlarms, as must those of Green, got "up"`,
			"Triggers[0].MinDelay: must be between 1m0s and 168h0m0s, got 1s", "Triggers[0].MinDelay: must be whole minutes, got 1s",
		}},
		{Name: "empty trigger", Edit: trigger(failover.Trigger{Action: failover.PostRecovery, Region: "us-west-2"}), Want: []string{
			"Triggers[0].Action: must be one of activate, deactivate, got postRecovery", "Triggers[0].Red: must be 1 to 10 alarms with Green, got 0",
		}},
		{Name: "report", Edit: func(p *props) { p.Report = &failover.PlanReport{Prefix: "a/b"} }, Want: []string{"Report.Bucket: must be given", `Report.Prefix: must have no slash, got "a/b"`}},
	})
	require.Error(t, (*props)(nil).Validate())
}
