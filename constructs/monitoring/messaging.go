package monitoring

const (
	// defaultRetention of a queue's messages, in seconds.
	defaultRetention = 4 * 24 * 3600
	// maxInFlight is how many messages of a queue may be received and not deleted yet.
	maxInFlight = 120_000
)

var queueServices = []service{{
	kind: "AWS::SQS::Queue", title: "SQS queues", namespace: "AWS/SQS", dimensions: []dimension{byAttribute("QueueName", "QueueName")},
	page: "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html",
	metrics: []metric{{
		name: "NumberOfMessagesSent", statistic: "Sum", unit: "messages", graph: "Messages a minute",
	}, {
		name: "NumberOfMessagesReceived", statistic: "Sum", unit: "messages", graph: "Messages a minute",
	}, {
		name: "NumberOfMessagesDeleted", statistic: "Sum", unit: "messages", graph: "Messages a minute",
	}, {
		name: "ApproximateNumberOfMessagesVisible", statistic: "Maximum", unit: "messages", graph: "Waiting messages",
		when: func(r *resource) bool { return !isDeadLetterQueue(r) },
	}, {
		name: "DeadLetters", metricName: "ApproximateNumberOfMessagesVisible", statistic: "Maximum", unit: "messages", graph: "Waiting messages",
		when: isDeadLetterQueue,
		alarm: &alarm{
			text: "Messages are in the dead-letter queue", threshold: 0, datapoints: 1, of: 1, severity: Warning,
			reason: "A dead letter is work that failed at every try, and that nobody does unless somebody looks.",
		},
	}, {
		// Drawn alone: the line near the quota would flatten others.
		name: "ApproximateNumberOfMessagesNotVisible", statistic: "Maximum", unit: "messages", graph: "Messages in flight",
		alarm: &alarm{
			text: "Messages in flight near the quota", threshold: 0.8 * maxInFlight, datapoints: 5, of: 5, severity: Critical,
			reason: "At 120000 messages in flight a queue may give out no more; a fifth leaves time to find who does not delete them.",
		},
	}, {
		name: "ApproximateAgeOfOldestMessage", statistic: "Maximum", unit: "s", graph: "Age of the oldest message, s",
		when: func(r *resource) bool { return !isDeadLetterQueue(r) },
		alarm: &alarm{
			text: "Messages wait long", from: func(r *resource) (float64, bool) {
				retention, ok := r.numberOr(defaultRetention, "MessageRetentionPeriod")
				return retention * 0.1, ok
			},
			thresholdText: "10 % of the queue's retention period", datapoints: 10, of: 10, severity: Warning,
			reason: "At ten times this age messages are deleted unread; nine tenths leave time to repair who reads them.",
		},
	}},
}}

// deadLetterProperties say where resources of other types send what failed.
var deadLetterProperties = map[string][]string{
	"AWS::SQS::Queue":                 {"RedrivePolicy", "deadLetterTargetArn"},
	"AWS::SNS::Subscription":          {"RedrivePolicy", "deadLetterTargetArn"},
	"AWS::Lambda::Function":           {"DeadLetterConfig", "TargetArn"},
	"AWS::Lambda::EventInvokeConfig":  {"DestinationConfig", "OnFailure", "Destination"},
	"AWS::Lambda::EventSourceMapping": {"DestinationConfig", "OnFailure", "Destination"},
	"AWS::Scheduler::Schedule":        {"Target", "DeadLetterConfig", "Arn"},
}

// isDeadLetterQueue tells whether a resource in the tree sends to queue r what failed.
func isDeadLetterQueue(r *resource) bool {
	for kind, path := range deadLetterProperties {
		for _, other := range r.tree.of(kind) {
			if other.target(path...) == r {
				return true
			}
		}
	}
	for _, rule := range r.tree.of("AWS::Events::Rule") {
		for _, target := range rule.list("Targets") {
			if rule.referent(dig(target, "DeadLetterConfig", "Arn")) == r {
				return true
			}
		}
	}
	return false
}

var topicServices = []service{{
	kind: "AWS::SNS::Topic", title: "SNS topics", namespace: "AWS/SNS", dimensions: []dimension{byAttribute("TopicName", "TopicName")},
	page: "https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html",
	metrics: []metric{{
		name: "NumberOfMessagesPublished", statistic: "Sum", unit: "messages", graph: "Messages a minute",
	}, {
		name: "NumberOfNotificationsDelivered", statistic: "Sum", unit: "messages", graph: "Messages a minute",
	}, {
		name: "NumberOfNotificationsFailed", statistic: "Sum", unit: "messages", graph: "Failures",
		alarm: &alarm{
			text: "Messages are not delivered", threshold: 0, datapoints: 1, of: 1, severity: Warning,
			reason: "SNS counts a message here only after its last try: it is lost, or in a dead-letter queue.",
		},
	}, {
		name: "NumberOfNotificationsFailedToRedriveToDlq", statistic: "Sum", unit: "messages", graph: "Failures",
		alarm: &alarm{
			text: "Messages that were not delivered could not be put in the dead-letter queue", threshold: 0, datapoints: 1, of: 1, severity: Critical,
			reason: "Each such message is lost for good.",
		},
	}},
}}
