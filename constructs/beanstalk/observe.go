package beanstalk

import (
	"fmt"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/defaults"
	"github.com/strata-cdk/strata/internal/monitor"
)

// Alarms sets when the alarms fire and whom they tell. A metric without data is fine.
type Alarms struct {
	// Topic receives the alarms, and what Elastic Beanstalk tells about the environment.
	// Default: App.AlarmTopic.
	Topic awssns.ITopic
	// Disable leaves all alarms out.
	// Default: false.
	Disable bool
	// ServerErrorPercent is the share of 5xx answers of the application, above 0 up to 100, over which an alarm fires, in 3 of
	// 5 minutes.
	// Default: 1.
	ServerErrorPercent float64
	// Latency is the 99th percentile of the time to answer over which an alarm fires, in 3 of 5 minutes. In a worker it is that to
	// work on a message.
	// Default: 3 s; 1 min in a worker.
	Latency time.Duration
}

func (a *Alarms) setDefaults() {
	defaults.Or(&a.ServerErrorPercent, 1)
	defaults.Or(&a.Latency, 3*time.Second)
}

func (a *Alarms) check(c *check.List) {
	c.That(a.ServerErrorPercent > 0 && a.ServerErrorPercent <= 100, "ServerErrorPercent", "must be above 0, 100 at most, got %v", a.ServerErrorPercent)
	c.That(a.Latency >= time.Millisecond, "Latency", "must be 1ms or more, got %v", a.Latency)
}

// metric is a metric that Elastic Beanstalk sends about the environment each minute.
func (r *Resources) metric(name, statistic string) awscloudwatch.Metric {
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace: jsii.String("AWS/ElasticBeanstalk"), MetricName: &name, Statistic: &statistic, Period: cdkval.Duration(time.Minute),
		DimensionsMap: &map[string]*string{"EnvironmentName": r.Environment.Ref()},
	})
}

// serverErrors is the share of 5xx answers in percent.
func (r *Resources) serverErrors() awscloudwatch.MathExpression {
	return awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
		Expression: jsii.String("100*FILL(errors,0)/requests"), Label: jsii.String("5xx answers, %"), Period: cdkval.Duration(time.Minute),
		UsingMetrics: &map[string]awscloudwatch.IMetric{
			"errors": r.metric("ApplicationRequests5xx", "Maximum"), "requests": r.metric("ApplicationRequestsTotal", "Maximum"),
		},
	})
}

// observe adds alarms and dashboard; watches and widgets are those of the tier.
func (r *Resources) observe(scope constructs.Construct, p *EnvironmentProps, watches []monitor.Watch, graphs ...awscloudwatch.IWidget) {
	if !p.Alarms.Disable {
		r.addAlarms(scope, p, watches)
	}
	if p.DisableDashboard {
		return
	}
	r.Dashboard = awscloudwatch.NewDashboard(scope, jsii.String("Dashboard"), nil)
	if len(r.Alarms) > 0 {
		r.Dashboard.AddWidgets(monitor.Status(r.Alarms))
	}
	r.Dashboard.AddWidgets(monitor.Graph("Health (0 Ok, 15 Warning, 20 Degraded, 25 Severe)", 12, r.metric("EnvironmentHealth", "Maximum")),
		monitor.Graph("Instances that are severe", 12, r.metric("InstancesSevere", "Maximum")))
	if !p.Health.Basic {
		r.Dashboard.AddWidgets(
			monitor.Graph("Answers of the application", 12, r.metric("ApplicationRequestsTotal", "Maximum"),
				r.metric("ApplicationRequests4xx", "Maximum"), r.metric("ApplicationRequests5xx", "Maximum")),
			monitor.Graph("Time to answer, p99, s", 12, r.metric("ApplicationLatencyP99", "Maximum")))
	}
	if len(graphs) > 0 {
		r.Dashboard.AddWidgets(graphs...)
	}
}

func (r *Resources) addAlarms(scope constructs.Construct, p *EnvironmentProps, watches []monitor.Watch) {
	all := []monitor.Watch{{
		ID: "Health", Text: "The environment is degraded or severe", Metric: r.metric("EnvironmentHealth", "Maximum"), Threshold: 15, Minutes: 3, Of: 5,
	}}
	if !p.Health.Basic {
		all = append(all, monitor.Watch{
			ID: "ServerErrors", Text: fmt.Sprintf("More than %v %% of the answers of the application are 5xx", p.Alarms.ServerErrorPercent),
			Metric: r.serverErrors(), Threshold: p.Alarms.ServerErrorPercent, Minutes: 3, Of: 5,
		}, monitor.Watch{
			ID: "Latency", Text: fmt.Sprintf("1 %% of the answers of the application take longer than %v", p.Alarms.Latency),
			Metric: r.metric("ApplicationLatencyP99", "Maximum"), Threshold: p.Alarms.Latency.Seconds(), Minutes: 3, Of: 5,
		})
	}
	in := constructs.NewConstruct(scope, jsii.String("Alarms"))
	for _, w := range append(all, watches...) {
		r.Alarms = append(r.Alarms, monitor.NewAlarm(in, w, r.AlarmTopic))
	}
}
