package albfargate_test

import (
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/ecsservice"
)

func TestServiceProps_Validate_Deployment(t *testing.T) {
	const day = 24 * time.Hour
	deploy := func(d ecsservice.Deployment) func(*props) { return func(p *props) { p.Deployment = d } }
	const stages = "RECONCILE_SERVICE, PRE_SCALE_UP, POST_SCALE_UP, TEST_TRAFFIC_SHIFT, POST_TEST_TRAFFIC_SHIFT, PRODUCTION_TRAFFIC_SHIFT, POST_PRODUCTION_TRAFFIC_SHIFT"
	cdktest.ValidateTable(t, valid, []row{
		{Name: "largest rolling", Edit: deploy(ecsservice.Deployment{MinHealthyPercent: new(100), MaxPercent: 200, BakeTime: new(day), Alarms: []awscloudwatch.IAlarm{fakeAlarm{}}})},
		{Name: "smallest rolling", Edit: deploy(ecsservice.Deployment{MinHealthyPercent: new(0), MaxPercent: 100, BakeTime: new(time.Duration(0)), DisableCircuitBreaker: true})},
		{Name: "largest canary", Edit: deploy(ecsservice.Deployment{Strategy: ecsservice.Canary, StepPercent: 100, StepBakeTime: new(day), BakeTime: new(9 * time.Hour), TestPort: 65535})},
		{Name: "smallest canary", Edit: deploy(ecsservice.Deployment{Strategy: ecsservice.Canary, StepPercent: 0.1, StepBakeTime: new(time.Duration(0)), TestPort: 1})},
		{Name: "largest linear", Edit: deploy(ecsservice.Deployment{Strategy: ecsservice.Linear, StepPercent: 100, StepBakeTime: new(day), BakeTime: new(day)})},
		{Name: "smallest linear", Edit: deploy(ecsservice.Deployment{Strategy: ecsservice.Linear, StepPercent: 3, StepBakeTime: new(time.Hour), BakeTime: new(time.Duration(0))})},
		{Name: "tenths", Edit: deploy(ecsservice.Deployment{Strategy: ecsservice.Linear, StepPercent: 33.3})},
		{Name: "rolling", Edit: deploy(ecsservice.Deployment{MinHealthyPercent: new(101), MaxPercent: 201, TestPort: 8443}), Want: []string{
			"Deployment.MinHealthyPercent: must be between 0 and 100, got 101", "Deployment.MaxPercent: must be between 100 and 200, got 201",
			"Deployment.TestPort: must be left out with ROLLING: nothing is tested before it goes live",
		}},
		{Name: "nothing to replace", Edit: deploy(ecsservice.Deployment{MaxPercent: 100}), Want: []string{
			"Deployment.MaxPercent: must be more than MinHealthyPercent, 100, or no task could be replaced; got 100",
		}},
		{Name: "percentages with blue/green", Edit: deploy(ecsservice.Deployment{Strategy: ecsservice.BlueGreen, MinHealthyPercent: new(50), MaxPercent: 150}), Want: []string{
			"Deployment.MinHealthyPercent: must be left out with BLUE_GREEN", "Deployment.MaxPercent: must be left out with BLUE_GREEN",
		}},
		{Name: "breaker with canary", Edit: deploy(ecsservice.Deployment{Strategy: ecsservice.Canary, DisableCircuitBreaker: true}), Want: []string{
			"Deployment.DisableCircuitBreaker: must be left out with CANARY: the circuit breaker is for ROLLING",
		}},
		{Name: "steps with rolling", Edit: deploy(ecsservice.Deployment{StepPercent: 5, StepBakeTime: new(time.Minute)}), Want: []string{
			"Deployment.StepPercent: must be left out with ROLLING: it is for LINEAR and CANARY", "Deployment.StepBakeTime: must be left out with ROLLING: it is for LINEAR and CANARY",
		}},
		{Name: "steps with blue/green", Edit: deploy(ecsservice.Deployment{Strategy: ecsservice.BlueGreen, StepPercent: 5}), Want: []string{
			"Deployment.StepPercent: must be left out with BLUE_GREEN: it is for LINEAR and CANARY",
		}},
		{Name: "linear step too small", Edit: deploy(ecsservice.Deployment{Strategy: ecsservice.Linear, StepPercent: 2.9, StepBakeTime: new(day)}), Want: []string{
			"Deployment.StepPercent: must be between 3 and 100, got 2.9",
		}},
		{Name: "linear step too large", Edit: deploy(ecsservice.Deployment{Strategy: ecsservice.Linear, StepPercent: 100.1}), Want: []string{
			"Deployment.StepPercent: must be between 3 and 100, got 100.1",
		}},
		{Name: "canary step too large", Edit: deploy(ecsservice.Deployment{Strategy: ecsservice.Canary, StepPercent: 100.1}), Want: []string{
			"Deployment.StepPercent: must be between 0.1 and 100, got 100.1",
		}},
		{Name: "canary step below a tenth", Edit: deploy(ecsservice.Deployment{Strategy: ecsservice.Canary, StepPercent: 0.09}), Want: []string{
			"Deployment.StepPercent: must be between 0.1 and 100, got 0.09", "Deployment.StepPercent: must be in tenths, got 0.09",
		}},
		{Name: "canary step above a tenth", Edit: deploy(ecsservice.Deployment{Strategy: ecsservice.Canary, StepPercent: 0.12}), Want: []string{
			"Deployment.StepPercent: must be in tenths, got 0.12",
		}},
		{Name: "bake time in parts of minutes", Edit: deploy(ecsservice.Deployment{BakeTime: new(90 * time.Second)}), Want: []string{"Deployment.BakeTime: must be in whole minutes, got 1m30s"}},
		{Name: "bake time", Edit: deploy(ecsservice.Deployment{BakeTime: new(day + time.Minute)}), Want: []string{"Deployment.BakeTime: must be between 0s and 24h0m0s, got 24h1m0s"}},
		{Name: "negative bake time", Edit: deploy(ecsservice.Deployment{BakeTime: new(-time.Minute)}), Want: []string{"Deployment.BakeTime: must be between 0s and 24h0m0s, got -1m0s"}},
		{Name: "linear step bake time", Edit: deploy(ecsservice.Deployment{Strategy: ecsservice.Linear, StepPercent: 50, StepBakeTime: new(day + time.Second)}), Want: []string{
			"Deployment.StepBakeTime: must be between 0s and 24h0m0s, got 24h0m1s", "Deployment.StepBakeTime: must be in whole minutes, got 24h0m1s",
		}},
		{Name: "canary step bake time", Edit: deploy(ecsservice.Deployment{Strategy: ecsservice.Canary, StepBakeTime: new(time.Second)}), Want: []string{
			"Deployment.StepBakeTime: must be in whole minutes, got 1s",
		}},
		{Name: "linear too long", Edit: deploy(ecsservice.Deployment{Strategy: ecsservice.Linear, StepBakeTime: new(day), StepPercent: 50, BakeTime: new(day)}), Want: []string{
			"Deployment.BakeTime: must be shorter: with its steps the deployment would take 48h0m0s, and CloudFormation takes 33h0m0s at most",
		}},
		{Name: "slowest linear too long", Edit: deploy(ecsservice.Deployment{Strategy: ecsservice.Linear, StepBakeTime: new(time.Hour), StepPercent: 3}), Want: []string{
			"Deployment.BakeTime: must be shorter: with its steps the deployment would take 33h10m0s, and CloudFormation takes 33h0m0s at most",
		}},
		{Name: "canary too long", Edit: deploy(ecsservice.Deployment{Strategy: ecsservice.Canary, StepBakeTime: new(day), BakeTime: new(9*time.Hour + time.Minute)}), Want: []string{
			"Deployment.BakeTime: must be shorter: with its steps the deployment would take 33h1m0s, and CloudFormation takes 33h0m0s at most",
		}},
		{Name: "test port", Edit: deploy(ecsservice.Deployment{Strategy: ecsservice.BlueGreen, TestPort: 443}), Want: []string{
			"Deployment.TestPort: must differ from the ports of the load balancer, got 443",
		}},
		{Name: "test port of the redirect", Edit: deploy(ecsservice.Deployment{Strategy: ecsservice.BlueGreen, TestPort: 80}), Want: []string{
			"Deployment.TestPort: must differ from the ports of the load balancer, got 80",
		}},
		{Name: "test port 80 without redirect", Edit: func(p *props) {
			p.Deployment, p.LoadBalancing.DisableRedirect = ecsservice.Deployment{Strategy: ecsservice.BlueGreen, TestPort: 80}, true
		}},
		{Name: "test port 80 in plaintext", Edit: func(p *props) {
			p.Deployment, p.LoadBalancing = ecsservice.Deployment{Strategy: ecsservice.BlueGreen, TestPort: 80}, ecsservice.LoadBalancing{AllowPlaintext: true, Port: 8080}
		}},
		{Name: "test port too large", Edit: deploy(ecsservice.Deployment{Strategy: ecsservice.BlueGreen, TestPort: 65536}), Want: []string{
			"Deployment.TestPort: must be between 1 and 65535, got 65536",
		}},
		{Name: "test port with a shared listener", Edit: func(p *props) {
			p.Deployment = ecsservice.Deployment{Strategy: ecsservice.BlueGreen, TestPort: 8443}
			p.LoadBalancing = ecsservice.LoadBalancing{Listener: fakeListener{}, Rules: []ecsservice.Rule{{Priority: 1, Paths: []string{"/a"}}}}
		}, Want: []string{"Deployment.TestPort: must be left out with a shared Listener, beside which there is no other"}},
		{Name: "testers", Edit: deploy(ecsservice.Deployment{Strategy: ecsservice.BlueGreen, TestCIDRs: []string{"10.0.0.1/8"}}), Want: []string{
			"Deployment.TestCIDRs: must be left out without TestPort", `Deployment.TestCIDRs[0]: ` + cidr + `"10.0.0.1/8"`,
		}},
		{Name: "hooks", Edit: deploy(ecsservice.Deployment{Strategy: ecsservice.BlueGreen, Hooks: []ecsservice.Hook{
			{Function: fakeFunction{}, Pause: true}, {Stages: []ecsservice.Stage{"LATER"}, Pause: true, Timeout: 14*day + time.Minute},
			{Stages: []ecsservice.Stage{ecsservice.PreScaleUp}, Pause: true, ContinueOnTimeout: true}, {Stages: []ecsservice.Stage{ecsservice.PreScaleUp, ecsservice.PreScaleUp}, Timeout: 90 * time.Second},
		}}), Want: []string{
			"Deployment.Hooks[0].Stages: must be one or more", "Deployment.Hooks[0].Function: must be given, or Pause, and not both",
			"Deployment.Hooks[1].Stages[0]: must be one of " + stages + ", got LATER", "Deployment.Hooks[1].Timeout: must be between 1m0s and 336h0m0s, got 336h1m0s",
			"Deployment.Hooks[2].ContinueOnTimeout: needs Timeout", "Deployment.Hooks[3].Stages: must be listed once each, got PRE_SCALE_UP again",
			"Deployment.Hooks[3].Function: must be given, or Pause, and not both", "Deployment.Hooks[3].Timeout: must be in whole minutes, got 1m30s",
		}},
		{Name: "valid hooks", Edit: deploy(ecsservice.Deployment{Strategy: ecsservice.Linear, Hooks: []ecsservice.Hook{
			{Function: fakeFunction{}, Timeout: 14 * day, ContinueOnTimeout: true, Stages: []ecsservice.Stage{
				ecsservice.ReconcileService, ecsservice.PreScaleUp, ecsservice.PostScaleUp, ecsservice.TestTrafficShift, ecsservice.PostTestTrafficShift, ecsservice.ProductionTrafficShift, ecsservice.PostProductionTrafficShift,
			}},
			{Pause: true, Timeout: time.Minute, Stages: []ecsservice.Stage{ecsservice.PostScaleUp}},
		}})},
		{Name: "hooks with rolling", Edit: deploy(ecsservice.Deployment{Hooks: []ecsservice.Hook{{Pause: true, Stages: []ecsservice.Stage{ecsservice.PreScaleUp}}}}), Want: []string{
			"Deployment.Hooks: must be left out with ROLLING: they are for BLUE_GREEN, LINEAR and CANARY",
		}},
		{Name: "nil alarm", Edit: deploy(ecsservice.Deployment{Alarms: []awscloudwatch.IAlarm{nil}}), Want: []string{"Deployment.Alarms[0]: must be an alarm, got nil"}},
		{Name: "configuration of CodeDeploy", Edit: deploy(ecsservice.Deployment{Strategy: ecsservice.Canary, CodeDeployConfig: fakeConfig{}}), Want: []string{
			"Deployment.CodeDeployConfig: must be left out with CANARY: it is for CODE_DEPLOY",
		}},
		{Name: "valid CodeDeploy", Edit: deploy(ecsservice.Deployment{Strategy: ecsservice.CodeDeploy, CodeDeployConfig: fakeConfig{}})},
		{Name: "CodeDeploy", Edit: func(p *props) {
			p.Deployment.Strategy, p.ServiceConnect = ecsservice.CodeDeploy, &ecsservice.ServiceConnect{Namespace: "x"}
			p.LoadBalancing = ecsservice.LoadBalancing{Listener: fakeListener{}, Rules: []ecsservice.Rule{{Priority: 1, Paths: []string{"/a"}}}}
		}, Want: []string{
			"Deployment.Strategy: must not be CODE_DEPLOY with ServiceConnect, which CodeDeploy does not know",
			"Deployment.Strategy: must not be CODE_DEPLOY on a shared listener: CodeDeploy moves all requests of a listener",
			"LoadBalancing.Rules: must be left out with CODE_DEPLOY, which moves all requests of a listener",
		}},
	})
}

func TestServiceProps_Validate_Scaling(t *testing.T) {
	scale := func(s ecsservice.Scaling) func(*props) { return func(p *props) { p.Scaling = &s } }
	queue := func(q ecsservice.QueueScaling) func(*props) { return scale(ecsservice.Scaling{Max: 4, Queue: &q}) }
	steps := func(of int, all ...ecsservice.Step) func(*props) {
		return scale(ecsservice.Scaling{Max: 4, Steps: &ecsservice.StepScaling{Metric: fakeMetric{}, OfLast: of, Steps: all}})
	}
	// many gives n steps.
	many := func(n int) []ecsservice.Step {
		all := make([]ecsservice.Step, n)
		for i := range all {
			all[i] = ecsservice.Step{AtLeast: new(float64(i)), Below: new(float64(i + 1)), Change: 1}
		}
		return all
	}
	low, high := ecsservice.Step{Below: new(1.0), Change: -1}, ecsservice.Step{AtLeast: new(2.0), Change: 1}
	const order = "AtLeast: must be where the step before ends, or more: steps rise and do not overlap"
	cdktest.ValidateTable(t, valid, []row{
		{Name: "largest", Edit: scale(ecsservice.Scaling{
			Min: new(4), Max: 4, CPUPercent: 100, MemoryPercent: 100, RequestsPerTarget: 100000, ScaleOutCooldown: 24 * time.Hour, ScaleInCooldown: 24 * time.Hour,
			Queue:     &ecsservice.QueueScaling{Queue: fakeQueue{}, ProcessingTime: time.Hour, AcceptableLatency: time.Hour},
			Steps:     &ecsservice.StepScaling{Metric: fakeMetric{}, Steps: many(40), OfLast: 100},
			Schedules: []ecsservice.Schedule{{Name: "A", Expression: "cron(0 7 ? * MON-FRI *)", Min: new(4), Max: new(4)}, {Name: "B", Expression: "rate(12 hours)", Max: new(4)}},
		})},
		{Name: "smallest", Edit: scale(ecsservice.Scaling{
			Min: new(0), Max: 1, CPUPercent: 1, MemoryPercent: 1, RequestsPerTarget: 1, ScaleOutCooldown: time.Second, ScaleInCooldown: time.Second,
			Queue:     &ecsservice.QueueScaling{Queue: fakeQueue{}, ProcessingTime: 1, AcceptableLatency: 1},
			Steps:     &ecsservice.StepScaling{Metric: fakeMetric{}, Steps: []ecsservice.Step{low, high}, OfLast: 1},
			Schedules: []ecsservice.Schedule{{Name: "A", Expression: "at(2030-01-02T03:04:05)", Min: new(0)}, {Name: "B", Expression: "rate(1 day)", Max: new(0)}},
		})},
		{Name: "defaults", Edit: scale(ecsservice.Scaling{Max: 2})},
		{Name: "queue alone", Edit: scale(ecsservice.Scaling{Max: 1, Queue: &ecsservice.QueueScaling{Queue: fakeQueue{}, ProcessingTime: 1, AcceptableLatency: 1}})},
		{Name: "default number of points", Edit: steps(0, low, high)},
		{Name: "bounds", Edit: scale(ecsservice.Scaling{Min: new(-1), Max: 0}), Want: []string{
			"Scaling.Min: must be 0 or more, got -1", "Scaling.Max: must be 1 or more and not less than Min, -1, got 0",
		}},
		{Name: "more than the most", Edit: scale(ecsservice.Scaling{Min: new(5), Max: 4}), Want: []string{"Scaling.Max: must be 1 or more and not less than Min, 5, got 4"}},
		{Name: "percentages", Edit: scale(ecsservice.Scaling{Max: 4, CPUPercent: 101, MemoryPercent: -1, RequestsPerTarget: -1}), Want: []string{
			"Scaling.CPUPercent: must be between 1 and 100, got 101", "Scaling.MemoryPercent: must be between 1 and 100, got -1", "Scaling.RequestsPerTarget: must be 1 or more, got -1",
		}},
		{Name: "cooldowns", Edit: scale(ecsservice.Scaling{Max: 4, ScaleOutCooldown: 24*time.Hour + time.Millisecond, ScaleInCooldown: -time.Millisecond}), Want: []string{
			"Scaling.ScaleOutCooldown: must be between 0s and 24h0m0s, got 24h0m0.001s", "Scaling.ScaleInCooldown: must be between 0s and 24h0m0s, got -1ms",
			"Scaling.ScaleOutCooldown: must be whole seconds, got 24h0m0.001s", "Scaling.ScaleInCooldown: must be whole seconds, got -1ms",
		}},
		{Name: "no queue", Edit: queue(ecsservice.QueueScaling{}), Want: []string{
			"Scaling.Queue.Queue: must be given", "Scaling.Queue.ProcessingTime: must be above 0, got 0s",
			"Scaling.Queue.AcceptableLatency: must be above 0 and not less than ProcessingTime, 0s, got 0s",
		}},
		{Name: "slow queue", Edit: queue(ecsservice.QueueScaling{Queue: fakeQueue{}, ProcessingTime: time.Minute, AcceptableLatency: time.Second}), Want: []string{
			"Scaling.Queue.AcceptableLatency: must be above 0 and not less than ProcessingTime, 1m0s, got 1s",
		}},
		{Name: "no metric", Edit: scale(ecsservice.Scaling{Max: 4, Steps: &ecsservice.StepScaling{}}), Want: []string{
			"Scaling.Steps.Metric: must be given", "Scaling.Steps.Steps: must be 2 to 40, got 0",
		}},
		{Name: "too many steps", Edit: steps(101, many(41)...), Want: []string{"Scaling.Steps.Steps: must be 2 to 40, got 41", "Scaling.Steps.OfLast: must be between 1 and 100, got 101"}},
		{Name: "steps", Edit: steps(0, ecsservice.Step{}, ecsservice.Step{AtLeast: new(2.0), Below: new(2.0), Change: 1}, ecsservice.Step{AtLeast: new(1.9), Below: new(3.0), Change: 1}, ecsservice.Step{Below: new(4.0), Change: 1}), Want: []string{
			"Scaling.Steps.Steps[0].AtLeast: must be given, or Below", "Scaling.Steps.Steps[0].Change: must not be 0: leave the range out", "Scaling.Steps.Steps[1].Below: must be more than AtLeast, 2, got 2",
			"Scaling.Steps.Steps[1]." + order, "Scaling.Steps.Steps[2]." + order, "Scaling.Steps.Steps[3]." + order,
		}},
		{Name: "schedules", Edit: scale(ecsservice.Scaling{Max: 4, Schedules: []ecsservice.Schedule{
			{Name: "1st", Expression: "daily", Min: new(3), Max: new(2)}, {Name: "B", Expression: "cron(0 7 * * *)", Min: new(-1)}, {Name: "B", Expression: "rate(0 hours)"},
		}}), Want: []string{
			`Scaling.Schedules[0].Name: must be a letter, then letters and digits, got "1st"`, `Scaling.Schedules[0].Expression: must be cron(...) with six fields, rate(...) or at(...), got "daily"`,
			"Scaling.Schedules[0].Max: must not be less than Min, 3, got 2", `Scaling.Schedules[1].Expression: must be cron(...) with six fields, rate(...) or at(...), got "cron(0 7 * * *)"`,
			"Scaling.Schedules[1].Min: must be 0 or more, got -1", `Scaling.Schedules[2].Name: must differ from the others, got "B" again`,
			`Scaling.Schedules[2].Expression: must be cron(...) with six fields, rate(...) or at(...), got "rate(0 hours)"`, "Scaling.Schedules[2].Min: must be given, or Max",
		}},
	})
}
