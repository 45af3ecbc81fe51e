package apilambda

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces/interfacesawscloudwatch"
	"github.com/aws/jsii-runtime-go"
)

// addDashboard shows the alarms on top, then the API, then a row for each function.
func (a *API) addDashboard(p *APIProps) {
	a.Dashboard = awscloudwatch.NewDashboard(a, jsii.String("Dashboard"), nil)
	if len(a.Alarms) > 0 {
		alarms := make([]interfacesawscloudwatch.IAlarmRef, len(a.Alarms))
		for i, alarm := range a.Alarms {
			alarms[i] = alarm
		}
		a.Dashboard.AddWidgets(awscloudwatch.NewAlarmStatusWidget(&awscloudwatch.AlarmStatusWidgetProps{
			Title: jsii.String("Alarms"), Alarms: &alarms, Width: jsii.Number(24),
		}))
	}
	a.Dashboard.AddWidgets(
		graph("Requests a minute", 8, a.apiMetric("Count", "Count", "Sum")),
		graph("Errors a minute", 8, a.apiMetric("4XXError", "4xx", "Sum"), a.apiMetric("5XXError", "5xx", "Sum")),
		graph("Time to answer, ms", 8, a.apiMetric("Latency", "Latency", "p50"), a.apiMetric("Latency", "Latency", "p99")),
	)
	for i := range p.Functions {
		name := p.Functions[i].Name
		fn := a.Functions[name]
		a.Dashboard.AddWidgets(
			graph(name+": invocations a minute", 6, fn.Alias.MetricInvocations(perMinute("Sum"))),
			graph(name+": errors and throttles a minute", 6, fn.Alias.MetricErrors(perMinute("Sum")), fn.Function.MetricThrottles(perMinute("Sum"))),
			graph(name+": duration, ms", 6, fn.Alias.MetricDuration(perMinute("p50")), fn.Alias.MetricDuration(perMinute("Maximum"))),
			graph(name+": executions at a time", 6, fn.Function.Metric(jsii.String("ConcurrentExecutions"), perMinute("Maximum"))),
		)
	}
}

func graph(title string, width int, metrics ...awscloudwatch.Metric) awscloudwatch.GraphWidget {
	left := make([]awscloudwatch.IMetric, len(metrics))
	for i, m := range metrics {
		left[i] = m
	}
	return awscloudwatch.NewGraphWidget(&awscloudwatch.GraphWidgetProps{
		Title: &title, Width: jsii.Number(width), Left: &left,
		LeftYAxis: &awscloudwatch.YAxisProps{Min: jsii.Number(0)},
	})
}
