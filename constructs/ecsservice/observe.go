package ecsservice

import (
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapplicationautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/monitor"
)

// groups are the target groups.
func (r *Resources) groups() []elb.ApplicationTargetGroup {
	if r.AlternateTargetGroup != nil {
		return []elb.ApplicationTargetGroup{r.TargetGroup, r.AlternateTargetGroup}
	}
	return []elb.ApplicationTargetGroup{r.TargetGroup}
}

// groupMetric is a metric of one target group. The load balancer comes from TargetGroup, because an alternate group need not
// be attached to a listener.
func (r *Resources) groupMetric(group elb.ApplicationTargetGroup, name, statistic string) awscloudwatch.Metric {
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace: jsii.String("AWS/ApplicationELB"), MetricName: &name, Statistic: &statistic, Period: cdkval.Duration(time.Minute),
		DimensionsMap: &map[string]*string{"TargetGroup": group.TargetGroupFullName(), "LoadBalancer": r.TargetGroup.FirstLoadBalancerFullName()},
	})
}

// both combines a metric of all target groups by an expression over one, in which %s stands for its id.
func (r *Resources) both(expression, label string, parts ...string) awscloudwatch.MathExpression {
	using := map[string]awscloudwatch.IMetric{}
	args := make([]any, len(parts))
	for i, name := range parts {
		sum := ""
		for j, group := range r.groups() {
			id := fmt.Sprintf("m%d%d", i, j)
			using[id] = r.groupMetric(group, name, "Sum")
			if sum != "" {
				sum += "+"
			}
			sum += "FILL(" + id + ",0)"
		}
		args[i] = "(" + sum + ")"
	}
	return awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
		Expression: jsii.String(fmt.Sprintf(expression, args...)), Label: &label, UsingMetrics: &using, Period: cdkval.Duration(time.Minute),
	})
}

// addErrorAlarm adds the alarm that rolls deployments back. It looks at both target groups.
func (r *Resources) addErrorAlarm(scope constructs.Construct, p *CommonProps) {
	alarm := r.alarm(scope, monitor.Watch{
		ID: "ServerErrors", Text: fmt.Sprintf("More than %v %% of the answers of the tasks are 5xx", p.Alarms.ServerErrorPercent),
		Metric:    r.both("100*%s/%s", "5xx answers, %", "HTTPCode_Target_5XX_Count", "RequestCount"),
		Threshold: p.Alarms.ServerErrorPercent, Minutes: 3, Of: 5,
	})
	r.rollbacks = append(r.rollbacks, alarm.AlarmName())
}

func (r *Resources) alarm(scope constructs.Construct, w monitor.Watch) awscloudwatch.Alarm {
	alarms := scope.Node().TryFindChild(jsii.String("Alarms"))
	if alarms == nil {
		alarms = constructs.NewConstruct(scope, jsii.String("Alarms"))
	}
	alarm := monitor.NewAlarm(alarms.(constructs.Construct), w, r.AlarmTopic)
	r.Alarms = append(r.Alarms, alarm)
	return alarm
}

// tasks is a metric of Container Insights about the number of tasks.
func (r *Resources) tasks(name string) awscloudwatch.Metric {
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace: jsii.String("ECS/ContainerInsights"), MetricName: &name, Statistic: jsii.String("Average"), Period: cdkval.Duration(time.Minute),
		DimensionsMap: &map[string]*string{"ClusterName": r.Cluster.ClusterName(), "ServiceName": r.Service.ServiceName()},
	})
}

func (r *Resources) addAlarms(scope constructs.Construct, p *CommonProps) {
	if r.TargetGroup != nil {
		slow, unhealthy := map[string]awscloudwatch.IMetric{}, map[string]awscloudwatch.IMetric{}
		slowest, sick := "", ""
		for i, group := range r.groups() {
			id, comma := fmt.Sprintf("m%d", i), map[bool]string{false: "", true: ","}[i > 0]
			slow[id], unhealthy[id] = r.groupMetric(group, "TargetResponseTime", "p99"), r.groupMetric(group, "UnHealthyHostCount", "Maximum")
			slowest, sick = slowest+comma+id, sick+comma+id
		}
		math := func(expression, label string, using map[string]awscloudwatch.IMetric) awscloudwatch.IMetric {
			return awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
				Expression: &expression, Label: &label, UsingMetrics: &using, Period: cdkval.Duration(time.Minute),
			})
		}
		r.alarm(scope, monitor.Watch{
			ID: "Latency", Text: fmt.Sprintf("1 %% of the requests take longer than %v", p.Alarms.Latency),
			Metric: math("MAX(["+slowest+"])", "p99, s", slow), Threshold: p.Alarms.Latency.Seconds(), Minutes: 3, Of: 5,
		})
		r.alarm(scope, monitor.Watch{
			ID: "UnhealthyTasks", Text: "The load balancer finds tasks unhealthy",
			Metric: math("MAX(["+sick+"])", "unhealthy tasks", unhealthy), Minutes: 5, Of: 5,
		})
	}
	r.alarm(scope, monitor.Watch{
		ID: "CPU", Text: fmt.Sprintf("Tasks use more than %d %% of their CPU", p.Alarms.CPUPercent),
		Metric: r.Service.MetricCpuUtilization(monitor.PerMinute("Average")), Threshold: float64(p.Alarms.CPUPercent), Minutes: 10, Of: 10,
	})
	r.alarm(scope, monitor.Watch{
		ID: "Memory", Text: fmt.Sprintf("Tasks use more than %d %% of their memory", p.Alarms.MemoryPercent),
		Metric: r.Service.MetricMemoryUtilization(monitor.PerMinute("Average")), Threshold: float64(p.Alarms.MemoryPercent), Minutes: 10, Of: 10,
	})
	r.alarm(scope, monitor.Watch{
		ID: "MissingTasks", Text: "Fewer tasks run than are wanted",
		Metric: awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
			Expression: jsii.String("wanted-running"), Label: jsii.String("missing tasks"), Period: cdkval.Duration(time.Minute),
			UsingMetrics: &map[string]awscloudwatch.IMetric{"wanted": r.tasks("DesiredTaskCount"), "running": r.tasks("RunningTaskCount")},
		}),
		Minutes: 10, Of: 10,
	})
}

func (r *Resources) addDashboard(scope constructs.Construct) {
	r.Dashboard = awscloudwatch.NewDashboard(scope, jsii.String("Dashboard"), nil)
	if len(r.Alarms) > 0 {
		r.Dashboard.AddWidgets(monitor.Status(r.Alarms))
	}
	if r.TargetGroup != nil {
		var requests, errors, latency []awscloudwatch.IMetric
		for _, group := range r.groups() {
			requests = append(requests, r.groupMetric(group, "RequestCount", "Sum"))
			errors = append(errors, r.groupMetric(group, "HTTPCode_Target_4XX_Count", "Sum"), r.groupMetric(group, "HTTPCode_Target_5XX_Count", "Sum"))
			latency = append(latency, r.groupMetric(group, "TargetResponseTime", "p50"), r.groupMetric(group, "TargetResponseTime", "p99"))
		}
		r.Dashboard.AddWidgets(
			monitor.Graph("Requests a minute", 8, requests...), monitor.Graph("Errors a minute", 8, errors...), monitor.Graph("Time to answer, s", 8, latency...),
		)
	}
	r.Dashboard.AddWidgets(
		monitor.Graph("CPU of the tasks, %", 8, r.Service.MetricCpuUtilization(monitor.PerMinute("Average")), r.Service.MetricCpuUtilization(monitor.PerMinute("Maximum"))),
		monitor.Graph("Memory of the tasks, %", 8, r.Service.MetricMemoryUtilization(monitor.PerMinute("Average")), r.Service.MetricMemoryUtilization(monitor.PerMinute("Maximum"))),
		monitor.Graph("Tasks", 8, r.tasks("DesiredTaskCount"), r.tasks("RunningTaskCount")),
	)
}

func (r *Resources) scale(scope constructs.Construct, p *CommonProps) {
	s := p.Scaling
	r.Scaling = r.Service.AutoScaleTaskCount(&awsapplicationautoscaling.EnableScalingProps{MinCapacity: cdkval.Number(s.Min), MaxCapacity: jsii.Number(s.Max)})
	out, in := cdkval.Duration(s.ScaleOutCooldown), cdkval.Duration(s.ScaleInCooldown)
	if s.CPUPercent > 0 {
		r.Scaling.ScaleOnCpuUtilization(jsii.String("CPU"), &awsecs.CpuUtilizationScalingProps{
			TargetUtilizationPercent: jsii.Number(s.CPUPercent), ScaleOutCooldown: out, ScaleInCooldown: in, DisableScaleIn: &s.DisableScaleIn,
		})
	}
	if s.MemoryPercent > 0 {
		r.Scaling.ScaleOnMemoryUtilization(jsii.String("Memory"), &awsecs.MemoryUtilizationScalingProps{
			TargetUtilizationPercent: jsii.Number(s.MemoryPercent), ScaleOutCooldown: out, ScaleInCooldown: in, DisableScaleIn: &s.DisableScaleIn,
		})
	}
	if s.RequestsPerTarget > 0 {
		// The sum over the groups: the idle one has no requests, and while requests move each has its share.
		var queries []any
		var terms []string
		for i, group := range r.groups() {
			id := fmt.Sprintf("m%d", i)
			queries = append(queries, query(id, r.groupMetric(group, "RequestCountPerTarget", "Sum")))
			terms = append(terms, "FILL("+id+",0)")
		}
		r.track(scope, "Requests", s, strings.Join(terms, "+"), float64(s.RequestsPerTarget), queries)
	}
	if q := s.Queue; q != nil {
		r.track(scope, "Backlog", s, "FILL(waiting,0)/IF(FILL(running,0)>0,FILL(running,0),1)", float64(q.AcceptableLatency)/float64(q.ProcessingTime), []any{
			query("waiting", q.Queue.MetricApproximateNumberOfMessagesVisible(monitor.PerMinute("Average"))), query("running", r.tasks("RunningTaskCount")),
		})
	}
	if s.Steps != nil {
		steps := make([]*awsapplicationautoscaling.ScalingInterval, len(s.Steps.Steps))
		for i, step := range s.Steps.Steps {
			steps[i] = &awsapplicationautoscaling.ScalingInterval{Change: jsii.Number(step.Change), Lower: step.AtLeast, Upper: step.Below}
		}
		r.Scaling.ScaleOnMetric(jsii.String("Steps"), &awsapplicationautoscaling.BasicStepScalingPolicyProps{
			Metric: s.Steps.Metric, ScalingSteps: &steps, EvaluationPeriods: jsii.Number(s.Steps.OfLast), Cooldown: out,
		})
	}
	for i := range s.Schedules {
		schedule := &s.Schedules[i]
		props := &awsapplicationautoscaling.ScalingSchedule{
			Schedule:    awsapplicationautoscaling.Schedule_Expression(&schedule.Expression),
			MinCapacity: cdkval.Number(schedule.Min), MaxCapacity: cdkval.Number(schedule.Max),
		}
		if schedule.TimeZone != "" {
			props.TimeZone = awscdk.TimeZone_Of(&schedule.TimeZone)
		}
		r.Scaling.ScaleOnSchedule(&schedule.Name, props)
	}
}

// query is a metric in a target tracking policy.
func query(id string, metric awscloudwatch.Metric) any {
	var dimensions []any
	for _, d := range *metric.ToMetricConfig().MetricStat.Dimensions {
		dimensions = append(dimensions, map[string]any{"name": d.Name, "value": d.Value})
	}
	return map[string]any{"id": id, "returnData": false, "metricStat": map[string]any{
		"stat": metric.Statistic(), "metric": map[string]any{"namespace": metric.Namespace(), "metricName": metric.MetricName(), "dimensions": dimensions},
	}}
}

// track adds a target tracking policy on an expression, which the L2 does not have.
func (r *Resources) track(scope constructs.Construct, id string, s *Scaling, expression string, target float64, queries []any) {
	scalable := r.Scaling.Node().FindChild(jsii.String("Target")).(awsapplicationautoscaling.ScalableTarget)
	awsapplicationautoscaling.NewCfnScalingPolicy(scope, jsii.String(id+"Scaling"), &awsapplicationautoscaling.CfnScalingPolicyProps{
		PolicyName: jsii.String(*awscdk.Names_UniqueResourceName(scope, &awscdk.UniqueResourceNameOptions{MaxLength: jsii.Number(200)}) + id),
		PolicyType: jsii.String("TargetTrackingScaling"), ScalingTargetId: scalable.ScalableTargetId(),
		TargetTrackingScalingPolicyConfiguration: &awsapplicationautoscaling.CfnScalingPolicy_TargetTrackingScalingPolicyConfigurationProperty{
			TargetValue: &target, ScaleOutCooldown: jsii.Number(s.ScaleOutCooldown.Seconds()), ScaleInCooldown: jsii.Number(s.ScaleInCooldown.Seconds()),
			DisableScaleIn: &s.DisableScaleIn,
			CustomizedMetricSpecification: map[string]any{
				"metrics": append(queries, map[string]any{"id": "target", "expression": expression, "returnData": true}),
			},
		},
	})
}
