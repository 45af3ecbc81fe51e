package monitoring

import "strings"

const kindCluster = "AWS::ECS::Cluster"

var serviceDimensions = []dimension{{"ClusterName", clusterName}, byAttribute("ServiceName", "Name")}

var ecsServices = []service{{
	kind: "AWS::ECS::Service", title: "ECS services", namespace: "AWS/ECS", dimensions: serviceDimensions,
	page: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html",
	metrics: []metric{{
		name: "CPUUtilization", statistic: "Average", unit: "%", graph: "CPU, %",
		alarm: &alarm{
			text: "Tasks use most of their CPU", threshold: 85, datapoints: 10, of: 10, severity: Warning,
			reason: "Scaling aims lower and takes some minutes; ten above it mean that it does not keep up, or that there is none.",
		},
	}, {
		name: "CPUMaximum", metricName: "CPUUtilization", statistic: "Maximum", unit: "%", graph: "CPU, %",
	}, {
		name: "MemoryUtilization", statistic: "Average", unit: "%", graph: "Memory, %",
		alarm: &alarm{
			text: "Tasks use most of their memory", threshold: 85, datapoints: 10, of: 10, severity: Warning,
			reason: "Tasks that reach their limit are killed; the rest is what a burst of requests takes.",
		},
	}, {
		name: "MemoryMaximum", metricName: "MemoryUtilization", statistic: "Maximum", unit: "%", graph: "Memory, %",
	}},
}, {
	kind: "AWS::ECS::Service", title: "Tasks of ECS services", namespace: "ECS/ContainerInsights", dimensions: serviceDimensions,
	page: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-ECS.html",
	when: countsTasks,
	metrics: []metric{{
		name: "RunningTaskCount", statistic: "Average", unit: "tasks", graph: "Tasks",
	}, {
		name: "PendingTaskCount", statistic: "Average", unit: "tasks", graph: "Tasks",
	}, {
		name: "MissingTasks", expression: "{Wanted}-{Running}", unit: "tasks", graph: "Missing tasks",
		using: []metric{{name: "Wanted", metricName: "DesiredTaskCount", statistic: "Average"}, {name: "Running", metricName: "RunningTaskCount", statistic: "Average"}},
		alarm: &alarm{
			text: "Fewer tasks run than are wanted", threshold: 0, datapoints: 10, of: 10, severity: Critical,
			reason: "A task that is replaced or added is there in some minutes; ten mean that tasks do not start.",
		},
	}},
}}

// clusterName gives the name of a service's cluster, which may be given by its ARN.
func clusterName(r *resource) string {
	if cluster := r.target("Cluster"); cluster != nil && cluster.kind == kindCluster {
		return cluster.ref()
	}
	if name, ok := r.text("Cluster"); ok {
		return name[strings.LastIndex(name, "/")+1:]
	}
	if !r.has("Cluster") {
		return "default"
	}
	return r.rawText("Cluster")
}

// countsTasks tells whether the cluster of a service is in the tree and has Container Insights.
func countsTasks(r *resource) bool {
	cluster := r.target("Cluster")
	if cluster == nil {
		return false
	}
	for _, setting := range cluster.list("ClusterSettings") {
		if dig(setting, "Name") == "containerInsights" && (dig(setting, "Value") == "enabled" || dig(setting, "Value") == "enhanced") {
			return true
		}
	}
	return false
}
