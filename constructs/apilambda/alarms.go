package apilambda

import (
	"fmt"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/internal/monitor"
)

func (a *API) addAlarm(scope constructs.Construct, w monitor.Watch) awscloudwatch.Alarm {
	alarm := monitor.NewAlarm(scope, w, a.AlarmTopic)
	a.Alarms = append(a.Alarms, alarm)
	return alarm
}

// apiMetric gives a metric of the API's stage under the names that REST and HTTP APIs have for it.
func (a *API) apiMetric(rest, http, statistic string) awscloudwatch.Metric {
	if a.Rest != nil {
		return a.RestStage.Metric(&rest, monitor.PerMinute(statistic))
	}
	return a.HTTPStage.Metric(&http, monitor.PerMinute(statistic))
}

func (a *API) addAlarms(p *APIProps) {
	scope := constructs.NewConstruct(a, jsii.String("Alarms"))
	a.addAlarm(scope, monitor.Watch{
		ID: "ServerErrors", Text: fmt.Sprintf("More than %v %% of the requests fail with 5xx", p.Alarms.ServerErrorPercent),
		Metric: a.apiMetric("5XXError", "5xx", "Average"), Threshold: p.Alarms.ServerErrorPercent / 100, Minutes: 3, Of: 5,
	})
	a.addAlarm(scope, monitor.Watch{
		ID: "Latency", Text: fmt.Sprintf("1 %% of the requests take longer than %v", p.Alarms.Latency),
		Metric: a.apiMetric("Latency", "Latency", "p99"), Threshold: float64(p.Alarms.Latency.Milliseconds()), Minutes: 3, Of: 5,
	})
}

// addFunctionAlarms adds the alarms of a function, the one for errors first.
func (a *API) addFunctionAlarms(scope constructs.Construct, p *APIProps, fn *Function) {
	f := fn.props
	concurrency := p.Alarms.AccountConcurrency
	if f.ReservedConcurrency != nil {
		concurrency = *f.ReservedConcurrency
	}
	slow := f.Timeout * time.Duration(p.Alarms.DurationPercent) / 100
	watches := []monitor.Watch{{
		ID: "Errors", Text: fmt.Sprintf("More than %d invocations of %s fail in a minute", p.Alarms.FunctionErrors, f.Name),
		Metric: fn.Alias.MetricErrors(monitor.PerMinute("Sum")), Threshold: float64(p.Alarms.FunctionErrors), Minutes: 2, Of: 3,
	}, {
		ID: "Throttles", Text: fmt.Sprintf("More than %d invocations of %s are refused in a minute", p.Alarms.Throttles, f.Name),
		Metric: fn.Function.MetricThrottles(monitor.PerMinute("Sum")), Threshold: float64(p.Alarms.Throttles), Minutes: 2, Of: 3,
	}, {
		ID: "Duration", Text: fmt.Sprintf("%s takes longer than %v of its timeout of %v", f.Name, slow, f.Timeout),
		Metric: fn.Alias.MetricDuration(monitor.PerMinute("Maximum")), Threshold: float64(slow.Milliseconds()), Minutes: 3, Of: 5,
	}, {
		ID: "Concurrency", Text: fmt.Sprintf("%s uses more than %d %% of %d executions at a time", f.Name, p.Alarms.ConcurrencyPercent, concurrency),
		Metric:    fn.Function.Metric(jsii.String("ConcurrentExecutions"), monitor.PerMinute("Maximum")),
		Threshold: float64(concurrency*p.Alarms.ConcurrencyPercent) / 100, Minutes: 3, Of: 5,
	}}
	if fn.DeadLetters != nil {
		watches = append(watches, monitor.Watch{
			ID: "DeadLettersArrived", Text: "Events of " + f.Name + " are in its dead-letter queue",
			Metric: fn.DeadLetters.MetricApproximateNumberOfMessagesVisible(monitor.PerMinute("Maximum")), Minutes: 1, Of: 1,
		})
	}
	for _, w := range watches {
		fn.alarms = append(fn.alarms, a.addAlarm(scope, w))
	}
}
