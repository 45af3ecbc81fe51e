package ecsservice

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/defaults"
)

// CommonProps are the settings that a service has on Fargate and on EC2.
type CommonProps struct {
	// VPC is where the tasks run.
	VPC awsec2.IVpc
	// Subnets are where the tasks run.
	// Default: the private subnets of VPC.
	Subnets *awsec2.SubnetSelection
	// Cluster is an existing cluster, such as that of another service. Its own settings say whether Container Insights is
	// on (the alarm on the number of tasks and scaling on a queue need it) and how ECS Exec is logged.
	// Default: a new cluster with Container Insights.
	Cluster awsecs.ICluster
	// Containers are the containers of a task, 1 to 10, each with a name of its own. The first one with a port takes the
	// requests, unless LoadBalancing.Container says otherwise.
	Containers []Container
	// Volumes are what the containers of a task share.
	// Default: none.
	Volumes []Volume
	// DesiredCount is the number of tasks. With Scaling it must be left out: Scaling decides it, and a number in the template
	// would be set anew with every deployment.
	// Default: 2.
	DesiredCount *int
	// Scaling changes the number of tasks with the load.
	// Default: nil, the number stays.
	Scaling *Scaling
	// Deployment is how new tasks take over.
	// Default: rolling, with a circuit breaker that rolls back.
	Deployment Deployment
	// ServiceConnect lets services of the same namespace call each other by name, through proxies that ECS runs.
	// Default: nil, off.
	ServiceConnect *ServiceConnect
	// EnableExec lets operators run commands in a container with ECS Exec, which needs a container with WritableRoot. In a
	// new cluster, sessions are encrypted and logged.
	// Default: false.
	//
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
	EnableExec bool
	// TaskRole is what the containers may do in AWS.
	// Default: a new role without permissions; grant to Resources.TaskDefinition.TaskRole().
	TaskRole awsiam.IRole
	// Key encrypts logs, alarms, managed file systems and the sessions of ECS Exec. A key from another stack or account must
	// let logs.REGION.amazonaws.com and cloudwatch.amazonaws.com use it; one of the same app is made to.
	// Default: a new key that rotates yearly, 1 USD a month.
	Key awskms.IKey
	// LogRetentionDays is how long the logs of the containers are kept: a period that CloudWatch Logs takes (1, 3, 5, 7,
	// 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653 days).
	// Default: 365.
	LogRetentionDays int
	// Alarms sets the thresholds and receiver of the alarms.
	Alarms Alarms
	// DisableDashboard leaves the CloudWatch dashboard out, which costs 3 USD a month beyond the account's third one.
	// Default: false.
	DisableDashboard bool
	// RemovalPolicy says what becomes of logs, managed file systems and the key when the stack is deleted.
	// Default: awscdk.RemovalPolicy_RETAIN.
	RemovalPolicy awscdk.RemovalPolicy
	// ConfigureContainer edits the L2 options of each container last, after all defaults.
	// Default: no edit.
	ConfigureContainer func(name string, options *awsecs.ContainerDefinitionOptions)
	// ConfigureCluster edits the L2 props of a new cluster last, after all defaults.
	// Default: no edit.
	ConfigureCluster func(*awsecs.ClusterProps)
}

// Alarms sets when the alarms fire and whom they tell. A metric without data is fine.
type Alarms struct {
	// Topic receives the alarms.
	// Default: a new topic, encrypted and for TLS only; subscribe to Resources.AlarmTopic.
	Topic awssns.ITopic
	// Disable leaves all alarms out, and with them the rollback of a deployment on alarm.
	// Default: false.
	Disable bool
	// ServerErrorPercent is the share of 5xx answers of the tasks, above 0 up to 100, over which an alarm fires (in 3 of 5
	// minutes) and a deployment is rolled back.
	// Default: 1.
	ServerErrorPercent float64
	// Latency is the 99th percentile of the time to answer over which an alarm fires (in 3 of 5 minutes).
	// Default: 3 s.
	Latency time.Duration
	// CPUPercent and MemoryPercent are the use of what the tasks reserve, 1 to 100, over which an alarm fires (in 10 of 10
	// minutes).
	// Default: 90.
	CPUPercent, MemoryPercent int
}

// ServiceConnect joins a service to a namespace of AWS Cloud Map.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect.html
type ServiceConnect struct {
	// Namespace is the name of the namespace, such as "shop.internal". A new cluster makes it; an existing one must have it.
	Namespace string
	// Offer are the ports that others may call, by the names of container ports.
	// Default: none, the service only calls others.
	Offer []Offer
}

// Offer is a port that other services of the namespace may call.
type Offer struct {
	// Port is the name of a port of a container, which must be given there.
	Port string
	// DNSName is the name that others call.
	// Default: Port.
	DNSName string
	// AtPort is the port that others call, 1 to 65535.
	// Default: that of the container.
	AtPort int
}

// WithDefaults gives a copy with every default filled in.
func (p *CommonProps) WithDefaults() CommonProps {
	d := *p
	d.Containers = withDefaults(d.Containers, (*Container).setDefaults)
	d.Volumes = withDefaults(d.Volumes, (*Volume).setDefaults)
	if d.Scaling == nil && d.DesiredCount == nil {
		d.DesiredCount = new(2)
	}
	if d.Scaling != nil {
		s := *d.Scaling
		s.setDefaults()
		d.Scaling = &s
	}
	d.Deployment.setDefaults()
	defaults.Or(&d.LogRetentionDays, 365)
	defaults.Or(&d.Alarms.ServerErrorPercent, 1)
	defaults.Or(&d.Alarms.Latency, 3*time.Second)
	defaults.Or(&d.Alarms.CPUPercent, 90)
	defaults.Or(&d.Alarms.MemoryPercent, 90)
	defaults.Or(&d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN)
	return d
}

// withDefaults copies a slice and sets the defaults of each element of the copy.
func withDefaults[T any](values []T, set func(*T)) []T {
	out := make([]T, len(values))
	for i, v := range values {
		set(&v)
		out[i] = v
	}
	return out
}

// Check records every invalid field of p, which has its defaults. Rules that only hold on Fargate or on EC2 are for the
// packages of those. lb is nil for a service without a load balancer.
func (p *CommonProps) Check(c *check.List, lb *LoadBalancing) {
	c.That(p.VPC != nil, "VPC", "must be given: the VPC that the tasks run in")
	p.checkContainers(c)
	p.checkVolumes(c)
	if p.Scaling != nil {
		c.That(p.DesiredCount == nil, "DesiredCount", "must be left out with Scaling: it would be set anew with every deployment")
		p.Scaling.check(c.At("Scaling"), lb)
	} else {
		c.That(value(p.DesiredCount) >= 0, "DesiredCount", "must be 0 or more, got %d", value(p.DesiredCount))
	}
	p.Deployment.check(c.At("Deployment"), p, lb)
	p.checkServiceConnect(c)
	writable := false
	for i := range p.Containers {
		writable = writable || p.Containers[i].WritableRoot
	}
	c.That(!p.EnableExec || writable, "EnableExec", "needs a container with WritableRoot: the agent of ECS Exec writes to the root file system")
	check.OneOf(c, "LogRetentionDays", p.LogRetentionDays, cdkval.RetentionDays()...)
	a := c.At("Alarms")
	a.That(p.Alarms.ServerErrorPercent > 0 && p.Alarms.ServerErrorPercent <= 100, "ServerErrorPercent", "must be above 0, 100 at most, got %v", p.Alarms.ServerErrorPercent)
	a.That(p.Alarms.Latency >= time.Millisecond, "Latency", "must be 1ms or more, got %v", p.Alarms.Latency)
	check.Range(a, "CPUPercent", p.Alarms.CPUPercent, 1, 100)
	check.Range(a, "MemoryPercent", p.Alarms.MemoryPercent, 1, 100)
	a.That(!p.Alarms.Disable || p.Alarms.Topic == nil, "Topic", "must be left out when alarms are disabled")
	check.OneOf(c, "RemovalPolicy", p.RemovalPolicy, awscdk.RemovalPolicy_RETAIN, awscdk.RemovalPolicy_DESTROY)
}

func (p *CommonProps) checkServiceConnect(c *check.List) {
	if p.ServiceConnect == nil {
		return
	}
	s := c.At("ServiceConnect")
	s.That(p.ServiceConnect.Namespace != "", "Namespace", "must be given")
	names := map[string]bool{}
	for i := range p.Containers {
		for _, port := range p.Containers[i].Ports {
			names[port.Name] = port.Name != ""
		}
	}
	seen := map[string]bool{}
	for i, offer := range p.ServiceConnect.Offer {
		at := s.At(check.Index("Offer", i))
		at.That(names[offer.Port], "Port", "must be the name of a container's port, got %q", offer.Port)
		name := offer.DNSName
		defaults.Or(&name, offer.Port)
		at.That(!seen[name], "DNSName", "must differ from the others, got %q again", name)
		seen[name] = true
		if offer.AtPort != 0 {
			check.Range(at, "AtPort", offer.AtPort, 1, 65535)
		}
	}
}
