package expressservice

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/fargate"
)

// Metric is what a service scales by.
type Metric string

const (
	// CPU is the average use of CPU of the tasks, in percent of what they have. The zero value of Metric means this.
	CPU Metric = "AVERAGE_CPU"
	// Memory is the average use of memory of the tasks, in percent of what they have.
	Memory Metric = "AVERAGE_MEMORY"
	// RequestsPerTarget is the number of requests that a task gets from the load balancer.
	RequestsPerTarget Metric = "REQUEST_COUNT_PER_TARGET"
)

// Scaling says how many tasks run. The zero value takes every default.
type Scaling struct {
	// MinTasks is the least number of tasks, 0 to 5000. With 0, a service whose tasks all ended has no metric to start one by.
	// Default: nil, which means 2, so that one zone that fails takes not all.
	MinTasks *int
	// MaxTasks is the greatest number of tasks, 1 to 5000 and not below MinTasks.
	// Default: 20, or MinTasks where that is more.
	MaxTasks int
	// Metric is what tasks are added and removed by: CPU, Memory or RequestsPerTarget.
	// Default: CPU.
	Metric Metric
	// Target is the value that Metric is kept near to: 1 to 100 percent of CPU or Memory, or 1 to 65536 requests.
	// Default: 60 percent. RequestsPerTarget requires it.
	Target int
}

// Secret is a secret of AWS Secrets Manager, or a field of one.
type Secret struct {
	// Secret is the secret. Required.
	Secret awssecretsmanager.ISecret
	// Field is the field of a secret whose value is a JSON object, such as "password", without a colon.
	// Default: the whole value.
	Field string
}

// ServiceProps configures a Service. It asks for Image or for Repository and Tag.
type ServiceProps struct {
	// Name is the name of the service in its cluster: up to 255 letters, digits, _ and -. Another name replaces the service,
	// and with it its address.
	// Default: a name that AWS makes from the image's.
	Name string
	// Cluster is the ECS cluster of the service. Another one replaces the service.
	// Default: the cluster "default" of the account and region, which ECS creates where it is missing.
	Cluster awsecs.ICluster
	// Image is the address of an image for linux/amd64, such as "public.ecr.aws/nginx/nginx:1.29". The execution role may
	// pull public images only: give those of a pull through cache a grant to ExecutionRole. It goes without Repository.
	// Default: none, Repository and Tag are given.
	Image string
	// Repository is the Amazon ECR repository that has the image, for linux/amd64; the service may pull from it. It goes
	// with Tag.
	// Default: none, Image is given.
	Repository awsecr.IRepository
	// Tag is the tag of the image in Repository, such as "1.4.2", or its digest, such as "sha256:...". It goes with
	// Repository. ECS looks up what a tag stands for at each deployment of the service.
	// Default: none.
	Tag string
	// Port is the port that the container listens on for HTTP, 1 to 65535.
	// Default: 80.
	Port int
	// Command replaces the command of the image.
	// Default: the image's own.
	Command []string
	// Environment are environment variables of the container. They are readable in the template and in the ECS console: put
	// nothing secret there.
	// Default: none.
	Environment map[string]string
	// Parameters are environment variables of the container with the values of parameters of the AWS Systems Manager
	// Parameter Store, read when a task starts.
	// Default: none.
	Parameters map[string]awsssm.IParameter
	// Secrets are environment variables of the container with the values of secrets, read when a task starts.
	// Default: none.
	Secrets map[string]Secret
	// CPU is the CPU of a task in units, of which 1024 are a vCPU: 256, 512, 1024, 2048, 4096, 8192, 16384 or 32768.
	// Default: 256.
	CPU int
	// Memory is the memory of a task in MiB: what Fargate has with CPU.
	// Default: the least that goes with CPU, such as 512 with 256 and 2048 with 1024.
	Memory int
	// HealthCheckPath is the path that the load balancer asks for to see whether a task is healthy, and must answer with
	// status 200: it starts with / and may have a query; at most 1024 characters.
	// Default: "/ping".
	HealthCheckPath string
	// Scaling says how many tasks run.
	// Default: 2 to 20 tasks, at 60 percent of CPU.
	Scaling Scaling
	// VPC is the VPC of the tasks and the load balancer. The first Express Mode service of a VPC decides on the zones that
	// its load balancer serves.
	// Default: the default VPC of the account: the service is public, and its tasks have public addresses.
	VPC awsec2.IVpc
	// Subnets selects the subnets of VPC, in two zones or more with 8 free addresses each. In public ones the load
	// balancer is public and tasks have public addresses; in private ones it is internal, and the tasks need a way to what
	// they pull and call. It goes with VPC.
	// Default: the private subnets.
	Subnets *awsec2.SubnetSelection
	// SecurityGroups are further security groups of the tasks. It goes with VPC.
	// Default: only what ECS creates, by which the load balancer reaches Port and tasks reach everywhere.
	SecurityGroups []awsec2.ISecurityGroup
	// LogRetentionDays is how long logs are kept, in days: a period that CloudWatch Logs takes (1, 3, 5, 7, 14, 30, 60, 90,
	// 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653).
	// Default: 365.
	LogRetentionDays int
	// Key encrypts the logs. The policy of a key from elsewhere must let CloudWatch Logs use it.
	// Default: a new key that rotates yearly.
	Key awskms.IKey
	// RemovalPolicy says what becomes of the logs and a new key when the stack is deleted. The service is always deleted.
	// Default: awscdk.RemovalPolicy_RETAIN.
	RemovalPolicy awscdk.RemovalPolicy
	// ConfigureService edits the L1 props last, after all defaults.
	// Default: no edit.
	ConfigureService func(*awsecs.CfnExpressGatewayServiceProps)
}

var (
	serviceName = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,255}$`)
	tag         = regexp.MustCompile(`^([a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}|sha256:[0-9a-f]{64})$`)
	variable    = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)
)

// mostTasks is the quota of the tasks of a service.
const mostTasks = 5000

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *ServiceProps) Validate() error {
	d, c := p.withDefaults(), check.For("expressservice.ServiceProps")
	c.That(d.Name == "" || serviceName.MatchString(d.Name) || check.IsToken(d.Name), "Name", "must be up to 255 letters, digits, _ and -, got %q", d.Name)
	d.validateImage(c)
	check.Range(c, "Port", d.Port, 1, 65535)
	d.validateVariables(c)
	fargate.CheckSize(c, d.CPU, d.Memory, false)
	c.That(strings.HasPrefix(d.HealthCheckPath, "/") || check.IsToken(d.HealthCheckPath), "HealthCheckPath", "must start with /, got %q", d.HealthCheckPath)
	c.That(len(d.HealthCheckPath) <= 1024, "HealthCheckPath", "must have at most 1024 characters, got %d", len(d.HealthCheckPath))
	d.Scaling.validate(c.At("Scaling"))
	c.That(d.VPC != nil || d.Subnets == nil, "Subnets", "must be left out without VPC")
	c.That(d.VPC != nil || len(d.SecurityGroups) == 0, "SecurityGroups", "must be left out without VPC")
	check.OneOf(c, "LogRetentionDays", d.LogRetentionDays, cdkval.RetentionDays()...)
	check.OneOf(c, "RemovalPolicy", d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN, awscdk.RemovalPolicy_DESTROY)
	return c.Err()
}

func (p *ServiceProps) validateImage(c *check.List) {
	if p.Repository == nil {
		c.That(p.Image != "", "Image", "must be given, or Repository and Tag")
		c.That(!strings.ContainsAny(p.Image, " \t\n") && !strings.Contains(p.Image, "://") || check.IsToken(p.Image), "Image",
			"must be the address of an image, such as public.ecr.aws/nginx/nginx:1.29, got %q", p.Image)
		c.That(p.Tag == "", "Tag", "must be left out without Repository; Image has its own")
		return
	}
	c.That(p.Image == "", "Image", "must be left out with Repository")
	c.That(tag.MatchString(p.Tag) || check.IsToken(p.Tag), "Tag", "must be a tag, or a digest such as sha256:..., got %q", p.Tag)
}

func (p *ServiceProps) validateVariables(c *check.List) {
	seen := map[string]string{}
	field := func(of, name string) string {
		field := check.Key(of, name)
		c.That(variable.MatchString(name), field, "must be named with letters, digits and _, and not start with a digit")
		c.That(seen[name] == "", field, "must not be in %s too", seen[name])
		seen[name] = of
		return field
	}
	for _, name := range slices.Sorted(maps.Keys(p.Environment)) {
		field("Environment", name)
	}
	for _, name := range slices.Sorted(maps.Keys(p.Parameters)) {
		field := field("Parameters", name)
		c.That(p.Parameters[name] != nil, field, "must be given")
	}
	for _, name := range slices.Sorted(maps.Keys(p.Secrets)) {
		field, secret := field("Secrets", name), p.Secrets[name]
		c.That(secret.Secret != nil, field+".Secret", "must be given")
		c.That(!strings.Contains(secret.Field, ":") || check.IsToken(secret.Field), field+".Field", "must have no colon, got %q", secret.Field)
	}
}

func (s *Scaling) validate(c *check.List) {
	check.Range(c, "MinTasks", *s.MinTasks, 0, mostTasks)
	check.Range(c, "MaxTasks", s.MaxTasks, 1, mostTasks)
	c.That(*s.MinTasks <= s.MaxTasks || *s.MinTasks > mostTasks, "MaxTasks", "must not be below MinTasks, %d, got %d", *s.MinTasks, s.MaxTasks)
	check.OneOf(c, "Metric", s.Metric, CPU, Memory, RequestsPerTarget)
	switch {
	case s.Metric != RequestsPerTarget:
		c.That(1 <= s.Target && s.Target <= 100, "Target", "must be between 1 and 100 percent, got %d", s.Target)
	case s.Target == 0:
		c.Add("Target", "must be given with Metric %s", RequestsPerTarget)
	default:
		c.That(1 <= s.Target && s.Target <= 65536, "Target", "must be between 1 and 65536 requests, got %d", s.Target)
	}
}

func (p *ServiceProps) withDefaults() ServiceProps {
	var d ServiceProps
	if p != nil {
		d = *p
	}
	if d.Port == 0 {
		d.Port = 80
	}
	if d.CPU == 0 {
		d.CPU = 256
	}
	if d.Memory == 0 {
		d.Memory = fargate.LeastMemory(d.CPU)
	}
	if d.HealthCheckPath == "" {
		d.HealthCheckPath = "/ping"
	}
	if d.Scaling.MinTasks == nil {
		d.Scaling.MinTasks = new(2)
	}
	if d.Scaling.MaxTasks == 0 {
		d.Scaling.MaxTasks = max(20, min(*d.Scaling.MinTasks, mostTasks))
	}
	if d.Scaling.Metric == "" {
		d.Scaling.Metric = CPU
	}
	if d.Scaling.Target == 0 && d.Scaling.Metric != RequestsPerTarget {
		d.Scaling.Target = 60
	}
	if d.LogRetentionDays == 0 {
		d.LogRetentionDays = 365
	}
	if d.RemovalPolicy == "" {
		d.RemovalPolicy = awscdk.RemovalPolicy_RETAIN
	}
	return d
}
