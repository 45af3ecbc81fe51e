package monitoring

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

var workflowServices = []service{{
	kind: "AWS::StepFunctions::StateMachine", title: "State machines", namespace: "AWS/States", dimensions: []dimension{byRef("StateMachineArn")},
	page: "https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html",
	metrics: []metric{{
		name: "ExecutionsStarted", statistic: "Sum", unit: "executions", graph: "Executions",
	}, {
		name: "ExecutionsSucceeded", statistic: "Sum", unit: "executions", graph: "Executions",
	}, {
		name: "ExecutionsAborted", statistic: "Sum", unit: "executions", graph: "Executions that end badly",
	}, {
		name: "ExecutionsFailed", statistic: "Sum", unit: "executions", graph: "Executions that end badly", when: not(isExpress),
		alarm: &alarm{
			text: "Executions fail", threshold: 0, datapoints: 1, of: 1, severity: Critical,
			reason: "Retries belong in the states: an execution that fails all the same is work that was given up.",
		},
	}, {
		name: "ExecutionsTimedOut", statistic: "Sum", unit: "executions", graph: "Executions that end badly", when: not(isExpress),
		alarm: &alarm{
			text: "Executions time out", threshold: 0, datapoints: 1, of: 1, severity: Critical,
			reason: "An execution that is cut off is work that was given up, often while it waited for a token that nobody sent.",
		},
	}, {
		name: "FailedPercent", expression: "100*({Failed}+{TimedOut})/{Started}", unit: "%", graph: "Executions that end badly, %", when: isExpress,
		using: []metric{
			{name: "Failed", metricName: "ExecutionsFailed", statistic: "Sum"}, {name: "TimedOut", metricName: "ExecutionsTimedOut", statistic: "Sum"},
			{name: "Started", metricName: "ExecutionsStarted", statistic: "Sum"},
		},
		alarm: &alarm{
			text: "Executions fail or time out", threshold: 1, datapoints: 3, of: 5, severity: Critical,
			reason: "Express workflows run by the thousand and their callers try again: one bad end in a hundred, for three minutes, is more than that.",
		},
	}, {
		name: "ExecutionThrottled", statistic: "Sum", unit: "transitions", graph: "Throttled transitions",
		alarm: &alarm{
			text: "State transitions are throttled", threshold: 0, datapoints: 5, of: 5, severity: Warning,
			reason: "Throttled transitions are tried again and only cost time; five minutes of them mean that the account's quota is too low.",
		},
	}, {
		name: "ExecutionTime", statistic: "Maximum", unit: "ms", graph: "Duration of executions, ms",
	}},
}, {
	kind: "AWS::Events::Rule", title: "EventBridge rules", namespace: "AWS/Events", dimensions: []dimension{byRef("RuleName")},
	page:    "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html",
	metrics: slices.Concat(ruleMetrics("", nil, not(onCustomBus)), ruleMetrics("Bus", customBus, onCustomBus)),
}}

// customBus are the dimensions of a rule on another bus than the default one: its Ref is the bus and its name.
var customBus = []dimension{byProperty("EventBusName", "EventBusName"), {"RuleName", func(r *resource) string {
	return *awscdk.Fn_Select(jsii.Number(1), awscdk.Fn_Split(jsii.String("|"), jsii.String(r.ref()), nil))
}}}

// ruleMetrics are the metrics of the rules for which is holds, with a prefix to their names.
func ruleMetrics(prefix string, dimensions []dimension, is func(*resource) bool) []metric {
	withDeadLetters := func(r *resource) bool { return is(r) && hasDeadLetters(r) }
	metrics := []metric{{
		name: "TriggeredRules", unit: "events", graph: "Events", when: is,
	}, {
		name: "Invocations", unit: "invocations", graph: "Events", when: is,
	}, {
		name: "FailedInvocations", unit: "invocations", graph: "Events that did not get to a target", when: is,
		alarm: &alarm{
			text: "Events could not be delivered", threshold: 0, datapoints: 1, of: 1, severity: Critical,
			reason: "EventBridge has tried for the whole retry policy, or the target refuses it: the event is lost, or is a dead letter.",
		},
	}, {
		name: "InvocationsSentToDlq", unit: "events", graph: "Events that did not get to a target", when: withDeadLetters,
	}, {
		name: "InvocationsFailedToBeSentToDlq", unit: "events", graph: "Events that did not get to a target", when: withDeadLetters,
		alarm: &alarm{
			text: "Undeliverable events could not be put in the dead-letter queue", threshold: 0, datapoints: 1, of: 1, severity: Critical,
			reason: "Each such event is lost for good.",
		},
	}, {
		name: "ThrottledRules", unit: "events", graph: "Throttled", when: is,
		alarm: &alarm{
			text: "Events are throttled", threshold: 0, datapoints: 5, of: 5, severity: Warning,
			reason: "Throttled events are delivered later; five minutes of them mean that the account's quota is too low.",
		},
	}}
	for i := range metrics {
		m := &metrics[i]
		m.statistic, m.metricName, m.name, m.dimensions = "Sum", m.name, prefix+m.name, dimensions
	}
	return metrics
}

func not(is func(*resource) bool) func(*resource) bool {
	return func(r *resource) bool { return !is(r) }
}

func isExpress(r *resource) bool {
	kind, _ := r.text("StateMachineType")
	return kind == "EXPRESS"
}

func onCustomBus(r *resource) bool {
	name, known := r.text("EventBusName")
	return r.has("EventBusName") && (!known || name != "default")
}

// hasDeadLetters tells whether a target of a rule has a dead-letter queue.
func hasDeadLetters(r *resource) bool {
	for _, target := range r.list("Targets") {
		if dig(target, "DeadLetterConfig", "Arn") != nil {
			return true
		}
	}
	return false
}
