package apilambda

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/internal/monitor"
)

// addDashboard shows the alarms on top, then the API, then a row for each function.
func (a *API) addDashboard(p *APIProps) {
	a.Dashboard = awscloudwatch.NewDashboard(a, jsii.String("Dashboard"), nil)
	if len(a.Alarms) > 0 {
		a.Dashboard.AddWidgets(monitor.Status(a.Alarms))
	}
	a.Dashboard.AddWidgets(
		monitor.Graph("Requests a minute", 8, a.apiMetric("Count", "Count", "Sum")),
		monitor.Graph("Errors a minute", 8, a.apiMetric("4XXError", "4xx", "Sum"), a.apiMetric("5XXError", "5xx", "Sum")),
		monitor.Graph("Time to answer, ms", 8, a.apiMetric("Latency", "Latency", "p50"), a.apiMetric("Latency", "Latency", "p99")),
	)
	for i := range p.Functions {
		name := p.Functions[i].Name
		fn := a.Functions[name]
		a.Dashboard.AddWidgets(
			monitor.Graph(name+": invocations a minute", 6, fn.Alias.MetricInvocations(monitor.PerMinute("Sum"))),
			monitor.Graph(name+": errors and throttles a minute", 6, fn.Alias.MetricErrors(monitor.PerMinute("Sum")), fn.Function.MetricThrottles(monitor.PerMinute("Sum"))),
			monitor.Graph(name+": duration, ms", 6, fn.Alias.MetricDuration(monitor.PerMinute("p50")), fn.Alias.MetricDuration(monitor.PerMinute("Maximum"))),
			monitor.Graph(name+": executions at a time", 6, fn.Function.Metric(jsii.String("ConcurrentExecutions"), monitor.PerMinute("Maximum"))),
		)
	}
}
