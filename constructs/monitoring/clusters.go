package monitoring

import "time"

// leastFree is the free storage that AWS names for a domain whose volumes are not known, in MiB: 20 GiB.
const leastFree = 20480

var clusterServices = []service{{
	kind: "AWS::ElastiCache::CacheCluster", title: "ElastiCache clusters", namespace: "AWS/ElastiCache", dimensions: []dimension{byRef("CacheClusterId")},
	page: "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.WhichShouldIMonitor.html",
	metrics: []metric{{
		name: "CPUUtilization", statistic: "Maximum", unit: "%", graph: "CPU, %",
		alarm: &alarm{
			text: "A node lacks CPU", threshold: 90, datapoints: 5, of: 5, severity: Warning,
			reason: "AWS names 90 %: above it commands wait; five minutes are more than a backup's peak.",
		},
	}, {
		name: "EngineCPUUtilization", statistic: "Maximum", unit: "%", graph: "CPU, %", when: not(hasText("memcached", "Engine")),
		alarm: &alarm{
			text: "The engine lacks CPU", threshold: 90, datapoints: 5, of: 5, severity: Warning,
			reason: "Commands run on one thread, which is busy long before all cores are.",
		},
	}, {
		name: "DatabaseMemoryUsagePercentage", statistic: "Maximum", unit: "%", graph: "Memory, %", when: not(hasText("memcached", "Engine")),
		alarm: &alarm{
			text: "The memory of a node fills up", threshold: 85, datapoints: 5, of: 5, severity: Warning,
			reason: "When it is full keys are evicted, or writes are refused; the rest leaves time for a larger node.",
		},
	}, {
		name: "SwapUsage", statistic: "Maximum", unit: "bytes", graph: "Swap, bytes",
		alarm: &alarm{
			text: "A node swaps", threshold: 300 << 20, datapoints: 5, of: 5, severity: Warning,
			reason: "AWS names 300 MB: a cache that is on the disk is none.",
		},
	}, {
		name: "CurrConnections", statistic: "Maximum", unit: "connections", graph: "Connections",
		alarm: &alarm{
			text: "Connections near the limit of a node", threshold: 52_000, datapoints: 5, of: 5, severity: Warning,
			reason: "A node takes 65000 connections; a fifth leaves time to find who does not close them.",
		},
	}, {
		name: "Evictions", statistic: "Sum", unit: "keys", graph: "Evicted keys a minute",
	}},
}, {
	kind: "AWS::OpenSearchService::Domain", title: "OpenSearch domains", namespace: "AWS/ES",
	dimensions: []dimension{byRef("DomainName"), {"ClientId", func(r *resource) string { return r.stack.account }}},
	page:       "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/cloudwatch-alarms.html",
	metrics: []metric{
		state("Red", "ClusterStatus.red", "A primary shard and its replicas are on no node", 1, Critical, "Data is missing, and there are no snapshots until it is back."),
		state("Yellow", "ClusterStatus.yellow", "A replica is on no node", 5, Warning, "AWS names five minutes: a domain is yellow for a moment whenever an index is made."),
		state("ClusterIndexWritesBlocked", "ClusterIndexWritesBlocked", "The domain takes no writes", 5, Critical, "Storage or memory is short, and what cannot be written is lost unless the client keeps it."),
		{
			name: "FreeStorageSpace", statistic: "Minimum", unit: "MiB", graph: "Free storage of the fullest node, MiB",
			alarm: &alarm{
				text: "The storage of a node fills up", lessThan: true, from: func(r *resource) (float64, bool) {
					if !r.has("EBSOptions", "VolumeSize") {
						return leastFree, true
					}
					size, ok := r.number("EBSOptions", "VolumeSize")
					return 0.25 * 1024 * size, ok
				},
				thresholdText: "25 % of the volume of a node, 20480 MiB where it has none", datapoints: 1, of: 1, severity: Critical,
				reason: "AWS names a quarter: with little left, or a shard that grows, the domain blocks its writes.",
			},
		}, {
			name: "Nodes", statistic: "Minimum", period: time.Hour, unit: "nodes", graph: "Nodes",
			alarm: &alarm{
				text: "A node is missing", lessThan: true, from: nodes,
				thresholdText: "the number of data, warm and dedicated master nodes", datapoints: 2, of: 2, severity: Warning,
				reason: "The service replaces a node within the hour; two mean that it cannot.",
			},
		},
		pressure("CPUUtilization", "A node lacks CPU", 80, 15),
		pressure("JVMMemoryPressure", "The memory of a node is almost full", 95, 3),
		pressure("MasterCPUUtilization", "The master node lacks CPU", 50, 15),
		pressure("MasterJVMMemoryPressure", "The memory of the master node is almost full", 95, 3),
		state("AutomatedSnapshotFailure", "AutomatedSnapshotFailure", "The automated snapshot failed", 1, Warning, "The snapshot of an hour is missing; most often the domain was red."),
		state("KMSKeyError", "KMSKeyError", "The domain's key is disabled", 1, Critical, "The domain does not work until the key is enabled."),
		state("KMSKeyInaccessible", "KMSKeyInaccessible", "The domain's key is out of reach", 1, Critical, "The domain is lost when the key is deleted, or its grant is not given back."),
	},
}, {
	kind: "AWS::MSK::Cluster", title: "MSK clusters", namespace: "AWS/Kafka", dimensions: []dimension{byProperty("Cluster Name", "ClusterName")},
	page: "https://docs.aws.amazon.com/msk/latest/developerguide/metrics-details.html",
	metrics: []metric{{
		name: "OfflinePartitionsCount", statistic: "Maximum", unit: "partitions", graph: "Offline partitions",
		alarm: &alarm{
			text: "Partitions have no leader", threshold: 0, datapoints: 3, of: 5, severity: Critical,
			reason: "They take and give no records; a change of leaders is over within seconds.",
		},
	}, {
		name: "ActiveControllerCount", statistic: "Maximum", unit: "controllers", graph: "Active controllers",
		alarm: &alarm{
			text: "The cluster has no controller", threshold: 1, lessThan: true, datapoints: 3, of: 5, severity: Critical,
			reason: "Without one no leader is elected; an election is over within seconds.",
		},
	}, {
		name: "GlobalPartitionCount", statistic: "Maximum", unit: "partitions", graph: "Partitions",
	}},
}}

// state is a metric of a domain that is 1 while something is wrong.
func state(name, metricName, text string, minutes int, severity Severity, reason string) metric {
	m := metric{
		name: name, metricName: metricName, statistic: "Maximum", unit: "(1 yes, 0 no)", graph: "State",
		alarm: &alarm{text: text, threshold: 0, datapoints: minutes, of: minutes, severity: severity, reason: reason},
	}
	if name == "KMSKeyError" || name == "KMSKeyInaccessible" {
		m.when = func(r *resource) bool { return r.has("EncryptionAtRestOptions", "KMSKeyId") }
	}
	return m
}

// pressure is a metric of the nodes in percent, with the threshold that AWS recommends.
func pressure(name, text string, threshold float64, minutes int) metric {
	m := metric{
		name: name, statistic: "Maximum", unit: "%", graph: "Nodes, %",
		alarm: &alarm{
			text: text, threshold: threshold, datapoints: minutes, of: minutes, severity: Warning,
			reason: "It is what AWS recommends: below it the domain still copes with the failure of a node.",
		},
	}
	if name == "MasterCPUUtilization" || name == "MasterJVMMemoryPressure" {
		m.graph = "Master node, %"
		m.when = func(r *resource) bool { return r.property("ClusterConfig", "DedicatedMasterEnabled") == true }
	}
	return m
}

// nodes is how many nodes a domain has.
func nodes(r *resource) (float64, bool) {
	all, known := r.numberOr(1, "ClusterConfig", "InstanceCount")
	for enabled, number := range map[string]string{"DedicatedMasterEnabled": "DedicatedMasterCount", "WarmEnabled": "WarmCount"} {
		if r.property("ClusterConfig", enabled) == true {
			n, ok := r.number("ClusterConfig", number)
			all, known = all+n, known && ok
		}
	}
	return all, known
}
