package beanstalk

import (
	"strconv"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awselasticbeanstalk"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/defaults"
	"github.com/strata-cdk/strata/internal/monitor"
)

// WorkerEnvironmentProps configures a WorkerEnvironment.
type WorkerEnvironmentProps struct {
	// EnvironmentProps are the settings that web and worker environments share.
	EnvironmentProps
	// Queue is what the environment works on.
	Queue Queue
}

// Queue is the queue of a worker, and how the daemon on each instance posts its messages to the application.
//
// https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/using-features-managing-env-tiers.html
type Queue struct {
	// Queue is a queue of yours, whose visibility timeout and dead-letter queue are settings of it.
	// Default: nil, a new one, encrypted and for TLS only, with a dead-letter queue.
	Queue awssqs.IQueue
	// Path is the path that messages are posted to.
	// Default: "/".
	Path string
	// MimeType is the type of the messages.
	// Default: "application/json".
	MimeType string
	// Connections is how many messages an instance works on at the same time, 1 to 100.
	// Default: 10.
	Connections int
	// ConnectTimeout is how long to wait for a connection to the application, 1 s to 60 s in whole seconds.
	// Default: 5 s.
	ConnectTimeout time.Duration
	// InactivityTimeout is how long the application may take for a message, 1 s to 10 h in whole seconds.
	// Default: 299 s.
	InactivityTimeout time.Duration
	// VisibilityTimeout is how long a message that is worked on is hidden from others, up to 12 h in whole seconds, and above
	// InactivityTimeout, or the message is worked on twice.
	// Default: InactivityTimeout and a second.
	VisibilityTimeout time.Duration
	// ErrorVisibilityTimeout is how long a message that failed is hidden before the next try, 0 to 12 h in whole seconds.
	// Default: nil, which means 2 s.
	ErrorVisibilityTimeout *time.Duration
	// RetentionPeriod is how long a message may wait, 1 minute to 14 days in whole seconds.
	// Default: 14 days.
	RetentionPeriod time.Duration
	// MaxRetries is how often a message is tried before it goes to the dead-letter queue, 1 to 100.
	// Default: 10.
	MaxRetries int
}

// WorkerEnvironment is an environment that works on a queue, and on the periodic tasks of its bundle. The fields of Resources are
// the underlying constructs.
type WorkerEnvironment struct {
	constructs.Construct
	*Resources
	// Queue has the messages.
	Queue awssqs.IQueue
	// DeadLetters has the messages that failed too often; nil with a queue of yours.
	DeadLetters awssqs.Queue

	props WorkerEnvironmentProps
}

// NewWorkerEnvironment defines a WorkerEnvironment named id in scope.
// It panics with a *check.Error that lists every invalid field of props.
func NewWorkerEnvironment(scope constructs.Construct, id string, props *WorkerEnvironmentProps) *WorkerEnvironment {
	check.Must(scope.Node().Path(), id, props.Validate())
	p := props.withDefaults()
	e := &WorkerEnvironment{Resources: &Resources{}, props: copied(*props)}
	constructs.NewConstruct_Override(e, scope, &id)
	e.addQueue(&p)
	r := e.start(e, &p.EnvironmentProps, true)
	r.queue = *e.Queue.QueueUrl()
	e.grantQueue(&p)
	l := &optionList{}
	p.workerOptions(l, r)
	e.define(e, &p.EnvironmentProps, p.ownConfig(), &awselasticbeanstalk.CfnEnvironmentProps{
		Tier: &awselasticbeanstalk.CfnEnvironment_TierProperty{Name: new("Worker"), Type: new("SQS/HTTP")},
	}, *l)
	watches, graph := e.watches(&p)
	e.observe(e, &p.EnvironmentProps, watches, graph)
	return e
}

// Clone defines a new environment in scope with the configuration of e, of which edit changes a copy. Name, which is of e alone, is
// left out. A new queue is a queue of its own, without the messages; a coupled database is a new, empty one.
// It panics with a *check.Error that lists every invalid field.
func (e *WorkerEnvironment) Clone(scope constructs.Construct, id string, edit func(*WorkerEnvironmentProps)) *WorkerEnvironment {
	p := copied(e.props)
	p.Name = ""
	if edit != nil {
		edit(&p)
	}
	return NewWorkerEnvironment(scope, id, &p)
}

func (e *WorkerEnvironment) addQueue(p *WorkerEnvironmentProps) {
	q := &p.Queue
	e.Queue = q.Queue
	if e.Queue != nil {
		return
	}
	queue := func(id string, retention time.Duration, failed *awssqs.DeadLetterQueue) awssqs.Queue {
		return awssqs.NewQueue(e, &id, &awssqs.QueueProps{
			EncryptionMasterKey: p.App.Key, EnforceSSL: jsii.Bool(true), RetentionPeriod: cdkval.Duration(retention),
			VisibilityTimeout: cdkval.Duration(q.VisibilityTimeout), DeadLetterQueue: failed,
		})
	}
	e.DeadLetters = queue("DeadLetters", 14*24*time.Hour, nil)
	e.Queue = queue("Queue", q.RetentionPeriod, &awssqs.DeadLetterQueue{Queue: e.DeadLetters, MaxReceiveCount: jsii.Number(q.MaxRetries)})
}

// grantQueue lets the instances work on the queue, and send the messages of periodic tasks.
func (e *WorkerEnvironment) grantQueue(p *WorkerEnvironmentProps) {
	tasks := len(p.Bundle.Tasks) > 0
	if e.DeadLetters == nil {
		e.Queue.GrantConsumeMessages(e.InstanceRole)
		if tasks {
			e.Queue.GrantSendMessages(e.InstanceRole)
		}
		return
	}
	// The same, without the wildcards in the rights to the key.
	actions := []string{"sqs:ReceiveMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueUrl", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
	key := jsii.Strings("kms:Decrypt")
	if tasks {
		actions, key = append(actions, "sqs:SendMessage"), jsii.Strings("kms:Decrypt", "kms:GenerateDataKey")
	}
	e.InstanceRole.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{Actions: jsii.Strings(actions...), Resources: &[]*string{e.Queue.QueueArn()}}))
	p.App.Key.Grant(e.InstanceRole, *key...)
}

// watches are the alarms on the queues, and the graph of these.
func (e *WorkerEnvironment) watches(p *WorkerEnvironmentProps) ([]monitor.Watch, awscloudwatch.IWidget) {
	age := e.Queue.MetricApproximateAgeOfOldestMessage(monitor.PerMinute("Maximum"))
	watches := []monitor.Watch{{
		ID: "OldMessages", Text: "A message waits for more than a quarter of the time that it is kept", Metric: age,
		Threshold: p.Queue.RetentionPeriod.Seconds() / 4, Minutes: 5, Of: 5,
	}}
	metrics := []awscloudwatch.IMetric{e.Queue.MetricApproximateNumberOfMessagesVisible(monitor.PerMinute("Maximum"))}
	if e.DeadLetters != nil {
		failed := e.DeadLetters.MetricApproximateNumberOfMessagesVisible(monitor.PerMinute("Maximum"))
		watches = append(watches, monitor.Watch{ID: "DeadLetters", Text: "Messages failed too often", Metric: failed, Minutes: 1, Of: 1})
		metrics = append(metrics, failed)
	}
	return watches, monitor.Graph("Messages", 24, metrics...)
}

func (p *WorkerEnvironmentProps) workerOptions(l *optionList, r *references) {
	p.EnvironmentProps.options(l, r)
	l.set("aws:ec2:vpc", "AssociatePublicIpAddress", "false")
	q := &p.Queue
	l.set(sqsdNamespace, "WorkerQueueURL", r.queue, "HttpPath", q.Path, "MimeType", q.MimeType, "HttpConnections", strconv.Itoa(q.Connections),
		"ConnectTimeout", seconds(q.ConnectTimeout), "InactivityTimeout", seconds(q.InactivityTimeout), "VisibilityTimeout", seconds(q.VisibilityTimeout),
		"ErrorVisibilityTimeout", seconds(*q.ErrorVisibilityTimeout), "RetentionPeriod", seconds(q.RetentionPeriod), "MaxRetries", strconv.Itoa(q.MaxRetries))
}

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *WorkerEnvironmentProps) Validate() error {
	d, c := p.withDefaults(), check.For("beanstalk.WorkerEnvironmentProps")
	d.EnvironmentProps.check(c, true, "")
	d.Queue.check(c.At("Queue"))
	l := &optionList{}
	d.workerOptions(l, unresolved)
	d.checkRaw(c, *l, true)
	return c.Err()
}

func (q *Queue) check(c *check.List) {
	path, mime := documented().namespace(sqsdNamespace).option("HttpPath"), documented().namespace(sqsdNamespace).option("MimeType")
	c.That(path.element(q.Path), "Path", "must be %s, got %q", path.allowed(), q.Path)
	c.That(mime.element(q.MimeType), "MimeType", "must be %s, got %q", mime.allowed(), q.MimeType)
	check.Range(c, "Connections", q.Connections, 1, 100)
	check.Range(c, "ConnectTimeout", q.ConnectTimeout, time.Second, time.Minute)
	check.WholeSeconds(c, "ConnectTimeout", q.ConnectTimeout)
	check.Range(c, "InactivityTimeout", q.InactivityTimeout, time.Second, 10*time.Hour)
	check.WholeSeconds(c, "InactivityTimeout", q.InactivityTimeout)
	check.Range(c, "VisibilityTimeout", q.VisibilityTimeout, 0, 12*time.Hour)
	check.WholeSeconds(c, "VisibilityTimeout", q.VisibilityTimeout)
	c.That(q.VisibilityTimeout > q.InactivityTimeout, "VisibilityTimeout", "must be above %v (InactivityTimeout), got %v", q.InactivityTimeout, q.VisibilityTimeout)
	check.Range(c, "ErrorVisibilityTimeout", *q.ErrorVisibilityTimeout, 0, 12*time.Hour)
	check.WholeSeconds(c, "ErrorVisibilityTimeout", *q.ErrorVisibilityTimeout)
	check.Range(c, "RetentionPeriod", q.RetentionPeriod, time.Minute, 14*24*time.Hour)
	check.WholeSeconds(c, "RetentionPeriod", q.RetentionPeriod)
	check.Range(c, "MaxRetries", q.MaxRetries, 1, 100)
}

func (p *WorkerEnvironmentProps) withDefaults() WorkerEnvironmentProps {
	var d WorkerEnvironmentProps
	if p != nil {
		d = *p
	}
	defaults.Or(&d.Alarms.Latency, time.Minute)
	d.setDefaults()
	q := &d.Queue
	defaults.Or(&q.Path, "/")
	defaults.Or(&q.MimeType, "application/json")
	defaults.Or(&q.Connections, 10)
	defaults.Or(&q.ConnectTimeout, 5*time.Second)
	defaults.Or(&q.InactivityTimeout, 299*time.Second)
	defaults.Or(&q.VisibilityTimeout, q.InactivityTimeout+time.Second)
	if q.ErrorVisibilityTimeout == nil {
		q.ErrorVisibilityTimeout = new(2 * time.Second)
	}
	defaults.Or(&q.RetentionPeriod, 14*24*time.Hour)
	defaults.Or(&q.MaxRetries, 10)
	return d
}
