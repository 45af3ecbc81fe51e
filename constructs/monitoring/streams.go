package monitoring

import "math"

const (
	// shardBytes and shardRecords are what a shard takes in a second.
	shardBytes, shardRecords = 1 << 20, 1000
	// defaultBuffering is how long Firehose collects records for S3, in seconds.
	defaultBuffering = 300
)

var streamServices = []service{{
	kind: "AWS::Kinesis::Stream", title: "Kinesis streams", namespace: "AWS/Kinesis", dimensions: []dimension{byRef("StreamName")},
	page: "https://docs.aws.amazon.com/streams/latest/dev/monitoring-with-cloudwatch.html",
	metrics: []metric{{
		name: "IncomingBytes", statistic: "Sum", unit: "bytes", graph: "Incoming bytes a minute", alarm: shardAlarm("bytes", shardBytes),
	}, {
		name: "IncomingRecords", statistic: "Sum", unit: "records", graph: "Incoming records a minute", alarm: shardAlarm("records", shardRecords),
	}, {
		name: "WriteProvisionedThroughputExceeded", statistic: "Sum", unit: "records", graph: "Rejected",
		alarm: &alarm{
			text: "Writes are throttled", threshold: 0, datapoints: 3, of: 5, severity: Warning,
			reason: "Producers try a rejected record again, so that one burst passes; three minutes of them are a hot shard or too few.",
		},
	}, {
		name: "ReadProvisionedThroughputExceeded", statistic: "Sum", unit: "calls", graph: "Rejected",
		alarm: &alarm{
			text: "Reads are throttled", threshold: 0, datapoints: 5, of: 5, severity: Warning,
			reason: "Consumers poll again; five minutes of rejected calls mean that more of them share a shard than it serves.",
		},
	}, {
		name: "FailedRecords", metricName: "PutRecords.FailedRecords", statistic: "Sum", unit: "records", graph: "Rejected",
		alarm: &alarm{
			text: "Kinesis fails to store records", threshold: 0, datapoints: 3, of: 5, severity: Warning,
			reason: "These are internal failures, which a retry cures; three minutes of them are an event of the service.",
		},
	}, {
		name: "IteratorAge", metricName: "GetRecords.IteratorAgeMilliseconds", statistic: "Maximum", unit: "ms", graph: "Age of records that are read, ms",
		alarm: &alarm{
			text: "Consumers fall behind the stream", threshold: 3_600_000, datapoints: 5, of: 5, severity: Critical,
			reason: "Records are deleted unread after the retention period, a day at least: an hour behind leaves 23 to repair the consumer.",
		},
	}},
}, {
	kind: "AWS::KinesisFirehose::DeliveryStream", title: "Firehose streams", namespace: "AWS/Firehose", dimensions: []dimension{byRef("DeliveryStreamName")},
	page: "https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-metrics.html",
	metrics: []metric{{
		name: "IncomingRecords", statistic: "Sum", unit: "records", graph: "Incoming records a minute",
	}, {
		name: "ThrottledRecords", statistic: "Sum", unit: "records", graph: "Throttled records",
		alarm: &alarm{
			text: "Records are throttled", threshold: 0, datapoints: 3, of: 5, severity: Warning,
			reason: "Producers try a throttled record again, so that one burst passes; three minutes of them mean that the stream's quota is too low.",
		},
	}, {
		name: "S3DataFreshness", metricName: "DeliveryToS3.DataFreshness", statistic: "Maximum", unit: "s", graph: "Age of the oldest record, s", when: deliversTo("S3DestinationConfiguration", "ExtendedS3DestinationConfiguration"),
		alarm: &alarm{
			text: "Records do not get to S3", from: func(r *resource) (float64, bool) {
				interval, ok := r.numberOr(defaultBuffering, "ExtendedS3DestinationConfiguration", "BufferingHints", "IntervalInSeconds")
				if r.has("S3DestinationConfiguration") {
					interval, ok = r.numberOr(defaultBuffering, "S3DestinationConfiguration", "BufferingHints", "IntervalInSeconds")
				}
				return 3 * math.Max(interval, defaultBuffering), ok
			},
			thresholdText: "3 times the buffering interval, 15 minutes at least", datapoints: 5, of: 5, severity: Critical,
			reason: "A record waits for one interval and a retry; three mean that S3, the key or the role refuses, and after 24 hours it is lost.",
		},
	}, {
		name: "S3Success", metricName: "DeliveryToS3.Success", statistic: "Average", unit: "share", graph: "Share of deliveries that succeed",
		when: deliversTo("S3DestinationConfiguration", "ExtendedS3DestinationConfiguration"),
	},
		freshness("HttpEndpoint", "the HTTP endpoint", "HttpEndpointDestinationConfiguration"),
		freshness("AmazonOpenSearchService", "OpenSearch", "AmazonopensearchserviceDestinationConfiguration"),
		freshness("Splunk", "Splunk", "SplunkDestinationConfiguration"),
	},
}}

// shardAlarm fires before the shards of a stream reject what comes in. Streams on demand have no number of shards.
func shardAlarm(what string, perSecond float64) *alarm {
	return &alarm{
		text: "The stream is near what its shards take", from: func(r *resource) (float64, bool) {
			mode, _ := r.text("StreamModeDetails", "StreamMode")
			shards, ok := r.number("ShardCount")
			return 0.8 * shards * perSecond * 60, ok && mode != "ON_DEMAND"
		},
		thresholdText: "80 % of the " + what + " that the shards take in a minute, where their number is set", datapoints: 5, of: 5, severity: Warning,
		reason: "Above it writes are rejected; a fifth leaves time to add shards, and room for an uneven spread over them.",
	}
}

func deliversTo(destinations ...string) func(*resource) bool {
	return func(r *resource) bool {
		for _, d := range destinations {
			if r.has(d) {
				return true
			}
		}
		return false
	}
}

// freshness is how old the oldest record is that did not get to a destination other than S3.
func freshness(destination, name, property string) metric {
	return metric{
		name: destination + "DataFreshness", metricName: "DeliveryTo" + destination + ".DataFreshness", statistic: "Maximum", unit: "s", graph: "Age of the oldest record, s", when: deliversTo(property),
		alarm: &alarm{
			text: "Records do not get to " + name, threshold: 900, datapoints: 5, of: 5, severity: Critical,
			reason: "Buffers are sent within 15 minutes at the latest; what is older is refused, and goes to the backup bucket or is lost after the retries.",
		},
	}
}
