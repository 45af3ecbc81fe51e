package monitoring

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

const (
	kindBalancer = "AWS::ElasticLoadBalancingV2::LoadBalancer"
	kindListener = "AWS::ElasticLoadBalancingV2::Listener"
	kindRule     = "AWS::ElasticLoadBalancingV2::ListenerRule"
	kindTargets  = "AWS::ElasticLoadBalancingV2::TargetGroup"

	albPage = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html"
	nlbPage = "https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-cloudwatch-metrics.html"
)

var balancerDimensions = []dimension{byAttribute("LoadBalancer", "LoadBalancerFullName")}

var targetDimensions = []dimension{
	byAttribute("TargetGroup", "TargetGroupFullName"), {"LoadBalancer", balancerOfTargets},
}

var balancerServices = []service{{
	kind: kindBalancer, title: "Application load balancers", namespace: "AWS/ApplicationELB", dimensions: balancerDimensions, page: albPage,
	when: func(r *resource) bool { return balancerType(r) == "application" },
	metrics: []metric{{
		name: "RequestCount", statistic: "Sum", unit: "requests", graph: "Requests a minute",
	}, {
		name: "ActiveConnectionCount", statistic: "Sum", unit: "connections", graph: "Connections",
	}, {
		name: "RejectedConnectionCount", statistic: "Sum", unit: "connections", graph: "Connections",
		alarm: &alarm{
			text: "The load balancer refuses connections", threshold: 0, datapoints: 2, of: 3, severity: Critical,
			reason: "It does so only at its limit of connections: each is a user who was turned away.",
		},
	}, {
		// RequestCount leaves out requests that found no target.
		name: "BalancerErrorPercent", unit: "%", graph: "Errors of the load balancer, %",
		expression: "100*FILL({Errors},0)/(FILL({Errors},0)+FILL({Requests},0))",
		using:      []metric{{name: "Errors", metricName: "HTTPCode_ELB_5XX_Count", statistic: "Sum"}, {name: "Requests", metricName: "RequestCount", statistic: "Sum"}},
		alarm: &alarm{
			text: "The load balancer answers with 5xx itself", threshold: 1, datapoints: 3, of: 5, severity: Critical,
			reason: "These are requests that no target answered; one in a hundred for three minutes is more than a target that is replaced.",
		},
	}},
}, {
	kind: kindBalancer, title: "Network load balancers", namespace: "AWS/NetworkELB", dimensions: balancerDimensions, page: nlbPage,
	when: func(r *resource) bool { return balancerType(r) == "network" },
	metrics: []metric{{
		name: "NewFlowCount", statistic: "Sum", unit: "flows", graph: "Flows",
	}, {
		name: "ActiveFlowCount", statistic: "Average", unit: "flows", graph: "Flows",
	}, {
		name: "ProcessedBytes", statistic: "Sum", unit: "bytes", graph: "Bytes a minute",
	}, {
		name: "PortAllocationErrorCount", statistic: "Sum", unit: "errors", graph: "Errors",
		alarm: &alarm{
			text: "The load balancer has no ports left for connections to targets", threshold: 0, datapoints: 1, of: 1, severity: Critical,
			reason: "Each such error is a connection that failed; more targets add ports.",
		},
	}, {
		name: "RejectedFlowCount", statistic: "Sum", unit: "flows", graph: "Errors",
		alarm: &alarm{
			text: "The load balancer refuses flows", threshold: 0, datapoints: 3, of: 5, severity: Warning,
			reason: "None is refused while there is a healthy target with room; three minutes let the start of one pass.",
		},
	}},
}, {
	kind: kindTargets, title: "Targets of application load balancers", namespace: "AWS/ApplicationELB", dimensions: targetDimensions, page: albPage,
	when: func(r *resource) bool { return !isNetworkTarget(r) },
	metrics: slices.Concat([]metric{{
		name: "TargetRequestCount", metricName: "RequestCount", statistic: "Sum", unit: "requests", graph: "Requests a minute",
	}, {
		name: "TargetErrorPercent", unit: "%", graph: "Errors, %", expression: "100*FILL({Errors},0)/{Requests}",
		using: []metric{{name: "Errors", metricName: "HTTPCode_Target_5XX_Count", statistic: "Sum"}, {name: "Requests", metricName: "RequestCount", statistic: "Sum"}},
		alarm: &alarm{
			text: "Targets answer with 5xx", threshold: 1, datapoints: 3, of: 5, severity: Critical,
			reason: "One request in a hundred, for three minutes, is more than what clients make up for by trying again.",
		},
	}, {
		name: "TargetResponseTime", statistic: "p99", unit: "s", graph: "Time to answer, s",
		alarm: &alarm{
			text: "Targets answer slowly", threshold: 3, datapoints: 3, of: 5, severity: Warning,
			reason: "People leave a page that takes longer than some three seconds.",
		},
	}, {
		name: "TargetResponseTimeMedian", metricName: "TargetResponseTime", statistic: "p50", unit: "s", graph: "Time to answer, s",
	}}, hostMetrics("")),
}, {
	kind: kindTargets, title: "Targets of network load balancers", namespace: "AWS/NetworkELB", dimensions: targetDimensions, page: nlbPage,
	when:    isNetworkTarget,
	metrics: hostMetrics("Network"),
}}

// hostMetrics are those of the health of targets, whose names here begin with prefix. Functions have none.
func hostMetrics(prefix string) []metric {
	checked := func(r *resource) bool {
		kind, _ := r.text("TargetType")
		return kind != "lambda"
	}
	return []metric{{
		name: prefix + "HealthyHostCount", metricName: "HealthyHostCount", statistic: "Maximum", unit: "targets", graph: "Targets", when: checked,
		alarm: &alarm{
			text: "No target is healthy", threshold: 1, lessThan: true, datapoints: 3, of: 3, severity: Critical,
			reason: "The maximum over the zones is below one when no zone has a healthy target; a single target may be replaced in three minutes.",
		},
	}, {
		name: prefix + "UnHealthyHostCount", metricName: "UnHealthyHostCount", statistic: "Maximum", unit: "targets", graph: "Targets", when: checked,
		alarm: &alarm{
			text: "Targets are unhealthy", threshold: 0, datapoints: 5, of: 5, severity: Warning,
			reason: "A target that is replaced is unhealthy for some minutes; five in a row are none that comes back.",
		},
	}}
}

func balancerType(r *resource) string {
	if kind, ok := r.text("Type"); ok {
		return kind
	}
	return "application"
}

func isNetworkTarget(r *resource) bool {
	switch protocol, _ := r.text("Protocol"); protocol {
	case "TCP", "TLS", "UDP", "TCP_UDP", "QUIC", "TCP_QUIC":
		return true
	}
	return false
}

// balancerOfTargets gives the full name of the load balancer that sends to a target group; it is empty when no listener in the
// tree does: a group has no metrics without.
func balancerOfTargets(r *resource) string {
	for _, kind := range []string{kindListener, kindRule} {
		actions := map[string]string{kindListener: "DefaultActions", kindRule: "Actions"}[kind]
		for _, from := range r.tree.of(kind) {
			if from.sendsTo(r, actions) {
				return from.balancerName()
			}
		}
	}
	return ""
}

// sendsTo tells whether a listener, or a rule of one, has an action that sends to a target group.
func (r *resource) sendsTo(group *resource, actions string) bool {
	for _, action := range r.list(actions) {
		if r.referent(dig(action, "TargetGroupArn")) == group {
			return true
		}
		targets, _ := dig(action, "ForwardConfig", "TargetGroups").([]any)
		for _, target := range targets {
			if r.referent(dig(target, "TargetGroupArn")) == group {
				return true
			}
		}
	}
	return false
}

// balancerName gives the full name of the load balancer of a listener, or of a rule of one.
func (r *resource) balancerName() string {
	arn := ""
	if r.kind == kindRule {
		if listener := r.target("ListenerArn"); listener != nil {
			return listener.balancerName()
		}
		arn = r.rawText("ListenerArn")
	} else {
		if balancer := r.target("LoadBalancerArn"); balancer != nil {
			return balancer.attribute("LoadBalancerFullName")
		}
		arn = r.ref()
	}
	// arn:aws:elasticloadbalancing:region:account:listener/app/name/id/listener
	parts := awscdk.Fn_Split(jsii.String("/"), &arn, nil)
	name := func(i int) string { return *awscdk.Fn_Select(jsii.Number(i), parts) }
	return fmt.Sprintf("%s/%s/%s", name(1), name(2), name(3))
}

// balancerIn gives the load balancer that a value of a template names, by its own attribute or by the ARN of a listener; nil when it
// is not in the tree.
func (r *resource) balancerIn(v any) *resource {
	switch v := v.(type) {
	case map[string]any:
		switch to := r.referent(v); {
		case to == nil:
		case to.kind == kindBalancer:
			return to
		case to.kind == kindRule:
			return to.balancerIn(to.property("ListenerArn"))
		case to.kind == kindListener:
			return to.target("LoadBalancerArn")
		}
		for key, inner := range v {
			if strings.HasPrefix(key, "Fn::") {
				if found := r.balancerIn(inner); found != nil {
					return found
				}
			}
		}
	case []any:
		for _, inner := range v {
			if found := r.balancerIn(inner); found != nil {
				return found
			}
		}
	}
	return nil
}
