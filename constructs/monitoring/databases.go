package monitoring

import (
	"math"
	"strconv"
	"strings"
)

const gibibyte = 1 << 30

var databaseServices = []service{{
	kind: "AWS::RDS::DBInstance", title: "RDS instances", namespace: "AWS/RDS", dimensions: []dimension{byRef("DBInstanceIdentifier")},
	page: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html",
	metrics: []metric{{
		name: "CPUUtilization", statistic: "Average", unit: "%", graph: "CPU, %", alarm: databaseCPU,
	}, {
		name: "DatabaseConnections", statistic: "Maximum", unit: "connections", graph: "Connections",
		alarm: &alarm{
			text: "Connections near the limit of the database", from: connections,
			thresholdText: "60 % of what the engine derives from the memory of the class, for MySQL and PostgreSQL", datapoints: 5, of: 5, severity: Warning,
			reason: "At max_connections the database refuses clients; it is derived from the memory that the system leaves, on small classes three quarters of it.",
		},
	}, {
		name: "FreeStorageSpace", statistic: "Minimum", unit: "bytes", graph: "Free storage, bytes", when: not(ofAurora),
		alarm: &alarm{
			text: "The storage fills up", from: freeStorage, lessThan: true,
			thresholdText: "10 % of the allocated storage, 5 % where it grows by itself", datapoints: 5, of: 5, severity: Critical,
			reason: "A full database stops; storage that grows does so at 10 % free, so that 5 % means that it cannot.",
		},
	}, {
		name: "FreeableMemory", statistic: "Minimum", unit: "bytes", graph: "Freeable memory, bytes",
		alarm: &alarm{
			text: "Memory runs out", lessThan: true, from: func(r *resource) (float64, bool) {
				memory, ok := classMemory(r)
				return math.Floor(0.05 * memory), ok
			},
			thresholdText: "5 % of the memory of the instance class", datapoints: 15, of: 15, severity: Warning,
			reason: "Engines take three quarters of the memory for their cache; a quarter of an hour with a twentieth left comes before swap and restarts.",
		},
	}, {
		name: "BurstBalance", statistic: "Minimum", unit: "%", graph: "Burst balance of the storage, %", when: hasText("gp2", "StorageType"),
		alarm: &alarm{
			text: "The storage uses up its burst credits", threshold: 20, lessThan: true, datapoints: 5, of: 5, severity: Warning,
			reason: "Without credits a gp2 volume falls to 3 IOPS for each GiB; a fifth leaves minutes to reduce the load.",
		},
	}, {
		name: "ReplicaLag", statistic: "Maximum", unit: "s", graph: "Lag of the replica, s", when: func(r *resource) bool { return r.has("SourceDBInstanceIdentifier") },
		alarm: &alarm{
			text: "The replica falls behind", threshold: 60, datapoints: 5, of: 5, severity: Warning,
			reason: "Readers see data that is a minute old, and a promotion would lose it.",
		},
	}, {
		name: "ReadLatency", statistic: "Average", unit: "s", graph: "Time of a disk operation, s",
	}, {
		name: "WriteLatency", statistic: "Average", unit: "s", graph: "Time of a disk operation, s",
	}, {
		name: "DiskQueueDepth", statistic: "Average", unit: "operations", graph: "Waiting disk operations", when: not(ofAurora),
	}},
}, {
	kind: "AWS::RDS::DBCluster", title: "RDS clusters", namespace: "AWS/RDS", dimensions: []dimension{byRef("DBClusterIdentifier")},
	page: "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.AuroraMonitoring.Metrics.html",
	metrics: []metric{{
		// The instances of Aurora are resources with alarms of their own.
		name: "CPUUtilization", statistic: "Average", unit: "%", graph: "CPU, %", when: ofAurora,
	}, {
		name: "ClusterCPUUtilization", metricName: "CPUUtilization", statistic: "Maximum", unit: "%", graph: "CPU, %", when: not(ofAurora), alarm: databaseCPU,
	}, {
		name: "DatabaseConnections", statistic: "Sum", unit: "connections", graph: "Connections",
	}, {
		name: "FreeStorageSpace", statistic: "Minimum", unit: "bytes", graph: "Free storage, bytes", when: not(ofAurora),
		alarm: &alarm{
			text: "The storage fills up", from: freeStorage, lessThan: true,
			thresholdText: "10 % of the allocated storage", datapoints: 5, of: 5, severity: Critical,
			reason: "A full database stops.",
		},
	}, {
		name: "VolumeBytesUsed", statistic: "Average", unit: "bytes", graph: "Volume, bytes", when: ofAurora,
	}, {
		name: "AuroraReplicaLagMaximum", statistic: "Maximum", unit: "ms", graph: "Lag of the replicas, ms", when: ofAurora,
		alarm: &alarm{
			text: "Replicas fall behind the writer", threshold: 2000, datapoints: 5, of: 5, severity: Warning,
			reason: "Replicas share the storage and are usually less than 100 ms behind; twenty times that, for five minutes, means that one is overloaded.",
		},
	}, {
		name: "ServerlessDatabaseCapacity", statistic: "Maximum", unit: "ACU", graph: "Serverless capacity, ACU", when: isServerless,
	}, {
		name: "ACUUtilization", statistic: "Maximum", unit: "%", graph: "Use of the serverless capacity, %", when: isServerless,
		alarm: &alarm{
			text: "The cluster is near its greatest capacity", threshold: 90, datapoints: 10, of: 10, severity: Warning,
			reason: "It cannot grow any further; ten minutes are more than a peak.",
		},
	}},
}}

var databaseCPU = &alarm{
	text: "The database lacks CPU", threshold: 90, datapoints: 10, of: 10, severity: Warning,
	reason: "Backups and vacuums have peaks; ten minutes above 90 % are felt by every query.",
}

// hasText tells whether a property is a text that is known at synth.
func hasText(want string, path ...string) func(*resource) bool {
	return func(r *resource) bool {
		text, _ := r.text(path...)
		return text == want
	}
}

func ofAurora(r *resource) bool {
	engine, _ := r.text("Engine")
	return strings.HasPrefix(engine, "aurora")
}

func isServerless(r *resource) bool { return r.has("ServerlessV2ScalingConfiguration") }

// freeStorage is how many bytes must be free. AllocatedStorage is a text in instances and a number in clusters.
func freeStorage(r *resource) (float64, bool) {
	allocated, ok := count(r, "AllocatedStorage")
	share := 0.1
	if r.has("MaxAllocatedStorage") {
		share = 0.05
	}
	return allocated * gibibyte * share, ok
}

// count gives a number that templates may have as a text.
func count(r *resource, path ...string) (float64, bool) {
	if text, ok := r.text(path...); ok {
		n, err := strconv.ParseFloat(text, 64)
		return n, err == nil
	}
	return r.number(path...)
}

// connections is 60 % of the default of max_connections.
func connections(r *resource) (float64, bool) {
	memory, known := classMemory(r)
	engine, _ := r.text("Engine")
	limit := 0.0
	switch engine {
	case "mysql":
		limit = memory / 12582880
	case "postgres", "aurora-postgresql":
		limit = math.Min(memory/9531392, 5000)
	}
	return math.Floor(0.6 * limit), known && limit > 0
}

// perLarge is the memory of the size "large" by the letter of a family, in GiB: those of general purpose, and for memory.
var perLarge = map[string]float64{"m": 8, "r": 16}

// burstable is the memory of the classes t2, t3 and t4g, in GiB.
var burstable = map[string]float64{"micro": 1, "small": 2, "medium": 4, "large": 8, "xlarge": 16, "2xlarge": 32}

// classMemory is the memory of the instance class in bytes, for the families t, m and r.
func classMemory(r *resource) (float64, bool) {
	class, _ := r.text("DBInstanceClass")
	parts := strings.Split(class, ".")
	if len(parts) != 3 || parts[1] == "" {
		return 0, false
	}
	family, size := parts[1], parts[2]
	if family[0] == 't' {
		memory, ok := burstable[size]
		return memory * gibibyte, ok
	}
	large, ok := perLarge[family[:1]]
	if !ok {
		return 0, false
	}
	switch size {
	case "large":
		return large * gibibyte, true
	case "xlarge":
		return 2 * large * gibibyte, true
	}
	times, err := strconv.ParseFloat(strings.TrimSuffix(size, "xlarge"), 64)
	return times * 2 * large * gibibyte, err == nil && strings.HasSuffix(size, "xlarge")
}
