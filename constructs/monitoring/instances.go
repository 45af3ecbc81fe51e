package monitoring

import (
	"strings"
	"time"
)

var instanceServices = []service{{
	kind: "AWS::EC2::Instance", title: "EC2 instances", namespace: "AWS/EC2", dimensions: []dimension{byRef("InstanceId")},
	page: "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/viewing_metrics_with_cloudwatch.html",
	metrics: []metric{{
		name: "StatusCheckFailed", statistic: "Maximum", unit: "checks", graph: "Failed status checks",
		alarm: &alarm{
			text: "The instance does not answer", threshold: 0, datapoints: 2, of: 2, severity: Critical,
			reason: "Nothing replaces an instance that is in no group; a check may fail once while it starts.",
		},
	}, {
		name: "VolumeCheckFailed", metricName: "StatusCheckFailed_AttachedEBS", statistic: "Maximum", unit: "checks", graph: "Failed status checks",
		alarm: &alarm{
			text: "The instance does not reach a volume", threshold: 0, datapoints: 2, of: 2, severity: Critical,
			reason: "What reads or writes the volume hangs.",
		},
	}, {
		// Without detailed monitoring there is a value every five minutes.
		name: "CPUUtilization", statistic: "Average", period: 5 * time.Minute, unit: "%", graph: "CPU, %", alarm: instanceCPU,
	}, {
		name: "CPUCreditBalance", statistic: "Minimum", period: 5 * time.Minute, unit: "credits", graph: "CPU credits", when: isLimited,
		alarm: &alarm{
			text: "The instance uses up its CPU credits", threshold: 10, lessThan: true, datapoints: 1, of: 1, severity: Warning,
			reason: "Ten credits are ten minutes of a whole CPU; then it falls to its baseline.",
		},
	}, {
		name: "NetworkIn", statistic: "Sum", period: 5 * time.Minute, unit: "bytes", graph: "Network, bytes",
	}, {
		name: "NetworkOut", statistic: "Sum", period: 5 * time.Minute, unit: "bytes", graph: "Network, bytes",
	}},
}, {
	kind: "AWS::AutoScaling::AutoScalingGroup", title: "Auto Scaling groups", namespace: "AWS/AutoScaling", dimensions: []dimension{byRef("AutoScalingGroupName")},
	page: "https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-metrics.html",
	metrics: []metric{{
		name: "CPUUtilization", namespace: "AWS/EC2", statistic: "Average", period: 5 * time.Minute, unit: "%", graph: "CPU, %", alarm: instanceCPU,
	}, {
		name: "GroupDesiredCapacity", statistic: "Average", unit: "instances", graph: "Instances", when: hasGroupMetrics,
	}, {
		name: "GroupInServiceInstances", statistic: "Average", unit: "instances", graph: "Instances", when: hasGroupMetrics,
	}, {
		name: "MissingInstances", expression: "{Desired}-{InService}", unit: "instances", graph: "Instances that are missing", when: hasGroupMetrics,
		using: []metric{
			{name: "Desired", metricName: "GroupDesiredCapacity", statistic: "Average"}, {name: "InService", metricName: "GroupInServiceInstances", statistic: "Average"},
		},
		alarm: &alarm{
			text: "Instances do not come into service", threshold: 0, datapoints: 15, of: 15, severity: Warning,
			reason: "An instance starts within minutes; a quarter of an hour means that there is no capacity, or that new ones fail.",
		},
	}, {
		name: "CapacityPercent", expression: "100*{Desired}/{Max}", unit: "%", graph: "Use of the greatest capacity, %",
		when: func(r *resource) bool { return hasGroupMetrics(r) && canGrow(r) },
		using: []metric{
			{name: "Desired", metricName: "GroupDesiredCapacity", statistic: "Average"}, {name: "Max", metricName: "GroupMaxSize", statistic: "Average"},
		},
		alarm: &alarm{
			text: "The group cannot grow any further", threshold: 99, datapoints: 15, of: 15, severity: Warning,
			reason: "At its greatest size more load is not answered with more instances; a quarter of an hour is more than a peak.",
		},
	}},
}, {
	kind: "AWS::ElasticBeanstalk::Environment", title: "Beanstalk environments", namespace: "AWS/ElasticBeanstalk", dimensions: []dimension{byRef("EnvironmentName")},
	page: "https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/health-enhanced-cloudwatch.html",
	metrics: []metric{{
		name: "EnvironmentHealth", statistic: "Maximum", unit: "(0 Ok, 15 Warning, 20 Degraded, 25 Severe)", graph: "Health",
		alarm: &alarm{
			text: "The environment is degraded or severe", threshold: 15, datapoints: 3, of: 5, severity: Critical,
			reason: "A deployment may be a warning; degraded, for three minutes, means that requests fail or instances are out.",
		},
	}, {
		name: "ApplicationRequestsTotal", statistic: "Sum", unit: "requests", graph: "Requests", when: published("ApplicationRequestsTotal"),
	}, {
		name: "ServerErrorPercent", expression: "100*{Bad}/{All}", unit: "%", graph: "Errors, %",
		when: func(r *resource) bool {
			return published("ApplicationRequestsTotal")(r) && published("ApplicationRequests5xx")(r)
		},
		using: []metric{
			{name: "Bad", metricName: "ApplicationRequests5xx", statistic: "Sum"}, {name: "All", metricName: "ApplicationRequestsTotal", statistic: "Sum"},
		},
		alarm: &alarm{
			text: "The application answers with errors", threshold: 1, datapoints: 3, of: 5, severity: Critical,
			reason: "One failed request in a hundred, for three minutes, is more than what clients make up for by trying again.",
		},
	}, {
		name: "ApplicationLatencyP99", statistic: "Average", unit: "s", graph: "Time to answer, p99, s", when: published("ApplicationLatencyP99"),
	}},
}}

var instanceCPU = &alarm{
	text: "The CPU is busy", threshold: 90, datapoints: 3, of: 3, severity: Warning,
	reason: "A quarter of an hour above 90 % is no peak: requests wait for the CPU.",
}

// isLimited tells whether an instance falls to its baseline without credits: t2 unless it is unlimited, the others when they are
// made standard.
func isLimited(r *resource) bool {
	kind, _ := r.text("InstanceType")
	credits, _ := r.text("CreditSpecification", "CPUCredits")
	return strings.HasPrefix(kind, "t2.") && credits != "unlimited" || strings.HasPrefix(kind, "t") && credits == "standard"
}

func hasGroupMetrics(r *resource) bool { return len(r.list("MetricsCollection")) > 0 }

func canGrow(r *resource) bool {
	least, known := count(r, "MinSize")
	most, too := count(r, "MaxSize")
	return !known || !too || most > least
}

// published tells whether an environment sends a metric beyond its health, which costs extra and is an option.
func published(name string) func(*resource) bool {
	return func(r *resource) bool {
		for _, option := range r.list("OptionSettings") {
			if dig(option, "OptionName") != "ConfigDocument" {
				continue
			}
			if document, _ := dig(option, "Value").(string); strings.Contains(document, `"`+name+`"`) {
				return true
			}
		}
		return false
	}
}
