package monitoring

// The CDK's older construct of a cluster is a custom resource, whose Ref is the name of the cluster too.
var kubernetesServices = []service{
	clusters("AWS::EKS::Cluster", "EKS clusters"),
	clusters("Custom::AWSCDK-EKS-Cluster", "EKS clusters (custom resource)"),
}

func clusters(kind, title string) service {
	return service{
		kind: kind, title: title, namespace: "AWS/EKS", dimensions: []dimension{byRef("ClusterName")},
		page: "https://docs.aws.amazon.com/eks/latest/userguide/cloudwatch.html",
		metrics: []metric{
			{name: "Requests", metricName: "apiserver_request_total", statistic: "Sum", unit: "requests", graph: "Requests to the API server"},
			apiShare("ServerError", "5XX", "The API server answers with errors", "One failed request in a hundred, for five minutes, is more than what controllers make up for by trying again."),
			apiShare("Throttled", "429", "The API server throttles its clients", "One throttled request in a hundred, for five minutes, means that a controller asks too much, and that the others wait."),
			{
				name: "UnschedulablePods", metricName: "scheduler_pending_pods_UNSCHEDULABLE", statistic: "Maximum", unit: "pods", graph: "Pods that fit on no node",
				alarm: &alarm{
					text: "Pods find no node", threshold: 0, datapoints: 15, of: 15, severity: Warning,
					reason: "An autoscaler adds a node within minutes; after a quarter of an hour it cannot, or no node would do.",
				},
			}, {
				name: "StorageSize", metricName: "apiserver_storage_size_bytes", statistic: "Maximum", unit: "bytes", graph: "Size of etcd, bytes",
				alarm: &alarm{
					text: "The database of the cluster is almost full", threshold: 6.4 * gibibyte, datapoints: 5, of: 5, severity: Critical,
					reason: "At 8 GiB, more with a provisioned control plane, the cluster becomes read-only; a fifth leaves time to delete objects.",
				},
			},
			insight("FailedNodes", "cluster_failed_node_count", "Maximum", "nodes", "Failed nodes", "Nodes are not ready", 0, Warning,
				"A node that joins is not ready for a minute or two; five mean that it has failed."),
			insight("NodeCPU", "node_cpu_utilization", "Average", "%", "Nodes, %", "The nodes lack CPU", 80, Warning,
				"The rest is for the failure of a node: above 80 % its pods find no room on the others."),
			insight("NodeMemory", "node_memory_utilization", "Average", "%", "Nodes, %", "The nodes lack memory", 80, Warning,
				"The kubelet evicts pods when memory runs out; above 80 % the pods of a failed node find no room on the others."),
			insight("NodeDisk", "node_filesystem_utilization", "Maximum", "%", "Nodes, %", "The disk of a node fills up", 80, Warning,
				"At 85 % the kubelet deletes images and evicts pods."),
		},
	}
}

// apiShare is the share of the requests to the API server that got an answer.
func apiShare(what, code, text, reason string) metric {
	return metric{
		name: what + "Percent", expression: "100*{Bad}/{All}", unit: "%", graph: "Bad answers of the API server, %",
		using: []metric{
			{name: "Bad", metricName: "apiserver_request_total_" + code, statistic: "Sum"}, {name: "All", metricName: "apiserver_request_total", statistic: "Sum"},
		},
		alarm: &alarm{text: text, threshold: 1, datapoints: 5, of: 5, severity: Warning, reason: reason},
	}
}

// insight is a metric of Container Insights, which the add-on of CloudWatch sends.
func insight(name, metricName, statistic, unit, graph, text string, threshold float64, severity Severity, reason string) metric {
	return metric{
		name: name, metricName: metricName, namespace: "ContainerInsights", statistic: statistic, unit: unit, graph: graph, when: hasInsightsAddon,
		alarm: &alarm{text: text, threshold: threshold, datapoints: 5, of: 5, severity: severity, reason: reason},
	}
}

// hasInsightsAddon tells whether the add-on that sends the metrics of Container Insights is in cluster r.
func hasInsightsAddon(r *resource) bool {
	for _, addon := range r.tree.of("AWS::EKS::Addon") {
		if name, _ := addon.text("AddonName"); name == "amazon-cloudwatch-observability" && addon.target("ClusterName") == r {
			return true
		}
	}
	return false
}
