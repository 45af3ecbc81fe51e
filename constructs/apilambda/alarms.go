package apilambda

import (
	"fmt"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/internal/cdkval"
)

// newAlarmTopic defines a topic that CloudWatch may publish to with the API's key: the key that SNS has of its own does
// not admit alarms.
func (a *API) newAlarmTopic() awssns.Topic {
	topic := awssns.NewTopic(a, jsii.String("AlarmTopic"), &awssns.TopicProps{MasterKey: a.Key, EnforceSSL: jsii.Bool(true)})
	cloudwatch := awsiam.NewServicePrincipal(jsii.String("cloudwatch.amazonaws.com"), nil)
	topic.GrantPublish(cloudwatch) // and with it, to use the key
	return topic
}

// watch is an alarm: a metric over a threshold in some of the last minutes.
type watch struct {
	id        string
	text      string
	metric    awscloudwatch.Metric
	threshold float64
	minutes   int // that must be over the threshold
	of        int // minutes that are looked at
}

func (a *API) addAlarm(scope constructs.Construct, w watch) awscloudwatch.Alarm {
	alarm := awscloudwatch.NewAlarm(scope, &w.id, &awscloudwatch.AlarmProps{
		AlarmDescription:   jsii.String(fmt.Sprintf("%s, in %d of %d minutes (%s)", w.text, w.minutes, w.of, *scope.Node().Path())),
		Metric:             w.metric,
		Threshold:          &w.threshold,
		ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_THRESHOLD,
		DatapointsToAlarm:  jsii.Number(w.minutes),
		EvaluationPeriods:  jsii.Number(w.of),
		TreatMissingData:   awscloudwatch.TreatMissingData_NOT_BREACHING,
	})
	// What awscloudwatchactions would do, without compiling the five services that it knows.
	resource := alarm.Node().DefaultChild().(awscloudwatch.CfnAlarm)
	resource.SetAlarmActions(&[]*string{a.AlarmTopic.TopicArn()})
	resource.SetOkActions(&[]*string{a.AlarmTopic.TopicArn()})
	a.Alarms = append(a.Alarms, alarm)
	return alarm
}

func perMinute(statistic string) *awscloudwatch.MetricOptions {
	return &awscloudwatch.MetricOptions{Statistic: &statistic, Period: cdkval.Duration(time.Minute)}
}

// apiMetric gives a metric of the API's stage under the names that REST and HTTP APIs have for it.
func (a *API) apiMetric(rest, http, statistic string) awscloudwatch.Metric {
	if a.Rest != nil {
		return a.RestStage.Metric(&rest, perMinute(statistic))
	}
	return a.HTTPStage.Metric(&http, perMinute(statistic))
}

func (a *API) addAlarms(p *APIProps) {
	scope := constructs.NewConstruct(a, jsii.String("Alarms"))
	a.addAlarm(scope, watch{
		id: "ServerErrors", text: fmt.Sprintf("More than %v %% of the requests fail with 5xx", p.Alarms.ServerErrorPercent),
		metric: a.apiMetric("5XXError", "5xx", "Average"), threshold: p.Alarms.ServerErrorPercent / 100, minutes: 3, of: 5,
	})
	a.addAlarm(scope, watch{
		id: "Latency", text: fmt.Sprintf("1 %% of the requests take longer than %v", p.Alarms.Latency),
		metric: a.apiMetric("Latency", "Latency", "p99"), threshold: float64(p.Alarms.Latency.Milliseconds()), minutes: 3, of: 5,
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
	watches := []watch{{
		id: "Errors", text: fmt.Sprintf("More than %d invocations of %s fail in a minute", p.Alarms.FunctionErrors, f.Name),
		metric: fn.Alias.MetricErrors(perMinute("Sum")), threshold: float64(p.Alarms.FunctionErrors), minutes: 2, of: 3,
	}, {
		id: "Throttles", text: fmt.Sprintf("More than %d invocations of %s are refused in a minute", p.Alarms.Throttles, f.Name),
		metric: fn.Function.MetricThrottles(perMinute("Sum")), threshold: float64(p.Alarms.Throttles), minutes: 2, of: 3,
	}, {
		id: "Duration", text: fmt.Sprintf("%s takes longer than %v of its timeout of %v", f.Name, slow, f.Timeout),
		metric: fn.Alias.MetricDuration(perMinute("Maximum")), threshold: float64(slow.Milliseconds()), minutes: 3, of: 5,
	}, {
		id: "Concurrency", text: fmt.Sprintf("%s uses more than %d %% of %d executions at a time", f.Name, p.Alarms.ConcurrencyPercent, concurrency),
		metric:    fn.Function.Metric(jsii.String("ConcurrentExecutions"), perMinute("Maximum")),
		threshold: float64(concurrency*p.Alarms.ConcurrencyPercent) / 100, minutes: 3, of: 5,
	}}
	if fn.DeadLetters != nil {
		watches = append(watches, watch{
			id: "DeadLettersArrived", text: "Events of " + f.Name + " are in its dead-letter queue",
			metric: fn.DeadLetters.MetricApproximateNumberOfMessagesVisible(perMinute("Maximum")), minutes: 1, of: 1,
		})
	}
	for _, w := range watches {
		fn.alarms = append(fn.alarms, a.addAlarm(scope, w))
	}
}
