package stacks

import (
	_ "embed"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsefs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/constructs/albfargate"
	"github.com/strata-cdk/strata/constructs/bucketemptier"
	"github.com/strata-cdk/strata/constructs/ecsservice"
	"github.com/strata-cdk/strata/internal/nag"
)

// WebStackProps configures a WebStack.
type WebStackProps struct {
	awscdk.StackProps
	// Stage is what the page is for.
	Stage Stage
	// Network is where it runs. Validate does not look at it, so that settings can be checked before any stack is built.
	Network *NetworkStack
	// Architecture is what functions run on, "arm64" or "x86_64".
	// Default: "arm64".
	Architecture string
	// Domain is the name of the page, served to the internet over HTTPS.
	// Default: the zero value, an internal load balancer that serves HTTP inside the VPC.
	Domain Domain
	// Accelerated makes the load balancer internal and leaves the record of Domain out: both are for an EdgeStack in front. It needs Domain.
	// Default: false, clients come to the load balancer.
	Accelerated bool
}

// Domain is a name in a public hosted zone of Route 53. All fields or none.
type Domain struct {
	// Name is the name, such as "board.example.com".
	Name string
	// HostedZone and HostedZoneID are the name and the id of its zone.
	HostedZone, HostedZoneID string
}

func (d Domain) complete() bool { return d.Name != "" && d.HostedZone != "" && d.HostedZoneID != "" }

// validate records a problem of the field Domain.
func (d Domain) validate(c *check.List) {
	c.That(d == Domain{} || d.complete(), "Domain", "must have all of Name, HostedZone and HostedZoneID, or none")
}

// Sibling is another name in the zone of d, "label.HOSTEDZONE"; none when d is none.
func (d Domain) Sibling(label string) Domain {
	if !d.complete() {
		return Domain{}
	}
	return Domain{Name: label + "." + d.HostedZone, HostedZone: d.HostedZone, HostedZoneID: d.HostedZoneID}
}

// WebStack is a notice board: a page in a shared file system, which Service shows and to which Worker adds what is sent to Queue.
// Its outputs are Url and QueueUrl.
type WebStack struct {
	awscdk.Stack
	// Service shows the page.
	Service *albfargate.Service
	// Worker adds messages to the page.
	Worker *albfargate.Worker
	// Queue has the messages.
	Queue awssqs.Queue
}

// The images are public ones of Amazon ECR.
const (
	pageImage      = "public.ecr.aws/docker/library/busybox:1.37"
	collectorImage = "public.ecr.aws/aws-observability/aws-otel-collector:v0.43.1"
	writerImage    = "public.ecr.aws/aws-cli/aws-cli:2.27.26"
)

//go:embed web/writer.sh
var writer string

// NewWebStack defines a WebStack named id in scope. It panics with a *check.Error when props are invalid.
func NewWebStack(scope constructs.Construct, id string, props *WebStackProps) *WebStack {
	check.Must(scope.Node().Path(), id, props.Validate())
	s := &WebStack{}
	awscdk.NewStack_Override(s, scope, &id, &props.StackProps)
	s.addQueue(props)
	s.Service = albfargate.NewService(s, "Page", props.service(s))
	if props.Stage != Prod {
		s.Service.AccessLogs.ApplyRemovalPolicy(awscdk.RemovalPolicy_DESTROY)
		bucketemptier.NewEmptier(s, "Emptier", &bucketemptier.EmptierProps{
			Buckets: []bucketemptier.Bucket{{Name: "AccessLogs", Bucket: s.Service.AccessLogs}}, Architecture: props.Architecture,
			Key: s.Service.Key, RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
		})
	}
	s.grantTelemetry()
	content := s.Service.FileSystems["content"]
	owner := jsii.String("1000")
	point := content.AddAccessPoint(jsii.String("Writer"), &awsefs.AccessPointOptions{
		Path: jsii.String("/content"), PosixUser: &awsefs.PosixUser{Uid: owner, Gid: owner},
		CreateAcl: &awsefs.Acl{OwnerUid: owner, OwnerGid: owner, Permissions: jsii.String("750")}, // whoever comes first makes it
	})
	s.Worker = albfargate.NewWorker(s, "Writer", props.worker(s, content, point))
	s.Queue.GrantConsumeMessages(s.Worker.TaskDefinition.TaskRole())
	s.Worker.Service.Node().AddDependency(content.MountTargetsAvailable())
	awscdk.NewCfnOutput(s, jsii.String("Url"), &awscdk.CfnOutputProps{Value: s.Service.URL(), Description: jsii.String("Address of the page")})
	awscdk.NewCfnOutput(s, jsii.String("QueueUrl"), &awscdk.CfnOutputProps{Value: s.Queue.QueueUrl(), Description: jsii.String("Queue of what is added to the page")})
	return s
}

// URL is the address of the page.
func (s *WebStack) URL() *string { return s.Service.URL() }

// Validate reports every invalid field at once, those of the services included.
func (p *WebStackProps) Validate() error {
	c := check.For("stacks.WebStackProps")
	if p == nil {
		p = &WebStackProps{}
	}
	p.Stage.validate(c)
	p.Domain.validate(c)
	c.That(!p.Accelerated || p.Domain.complete(), "Accelerated", "must be false without Domain: the entry serves the internet over HTTPS only")
	return c.Err()
}

func (s *WebStack) addQueue(p *WebStackProps) {
	queue := func(id string, failed *awssqs.DeadLetterQueue) awssqs.Queue {
		return awssqs.NewQueue(s, &id, &awssqs.QueueProps{
			EnforceSSL: jsii.Bool(true), Encryption: awssqs.QueueEncryption_SQS_MANAGED, RetentionPeriod: awscdk.Duration_Days(jsii.Number(14)),
			VisibilityTimeout: awscdk.Duration_Minutes(jsii.Number(1)), DeadLetterQueue: failed, RemovalPolicy: p.Stage.removal(),
		})
	}
	s.Queue = queue("Messages", &awssqs.DeadLetterQueue{Queue: queue("Failed", nil), MaxReceiveCount: jsii.Number(5)})
}

func (p *WebStackProps) common() ecsservice.CommonProps {
	return ecsservice.CommonProps{
		VPC: p.Network.VPC.Vpc, Subnets: p.Network.VPC.Workloads(), RemovalPolicy: p.Stage.removal(),
		Alarms: ecsservice.Alarms{Disable: p.Stage == Local}, // the emulator has no metric math
	}
}

func (p *WebStackProps) service(scope constructs.Construct) *albfargate.ServiceProps {
	props := &albfargate.ServiceProps{
		CommonProps:   p.common(),
		Task:          albfargate.Task{CPU: 512, Memory: 1024},
		LoadBalancing: ecsservice.LoadBalancing{DisableDeletionProtection: p.Stage != Prod},
	}
	props.Containers = []ecsservice.Container{
		{
			Name:  "page",
			Image: awsecs.ContainerImage_FromRegistry(jsii.String(pageImage), nil),
			Command: []string{"sh", "-c",
				"[ -e /content/index.html ] || echo '<h1>Notice board</h1>' >/content/index.html; exec httpd -f -p 8080 -h /content"},
			User:      "1000",
			Ports:     []ecsservice.Port{{Number: 8080}},
			Mounts:    []ecsservice.Mount{{Volume: "content", Path: "/content"}},
			DependsOn: []ecsservice.Dependency{{Container: "collector", Condition: ecsservice.Started}},
		},
		{
			Name:         "collector",
			Image:        awsecs.ContainerImage_FromRegistry(jsii.String(collectorImage), nil),
			Command:      []string{"--config=/etc/ecs/ecs-default-config.yaml"},
			NonEssential: true,
			Restart:      &ecsservice.Restart{},
			Memory:       256,
		},
	}
	props.Volumes = []ecsservice.Volume{{Name: "content", EFS: &ecsservice.EFS{}}}
	props.Deployment = ecsservice.Deployment{Strategy: ecsservice.Canary, TestPort: 9000, TestCIDRs: []string{vpcRange}}
	if p.Stage != Prod {
		props.Deployment.BakeTime, props.Deployment.StepBakeTime = new(time.Duration(0)), new(time.Minute)
	}
	props.Scaling = &ecsservice.Scaling{Max: 6, CPUPercent: 60, RequestsPerTarget: 3000}
	if p.Domain == (Domain{}) {
		props.LoadBalancing.Internal, props.LoadBalancing.AllowPlaintext, props.LoadBalancing.AllowedCIDRs = true, true, []string{vpcRange}
		return props
	}
	zone := awsroute53.HostedZone_FromHostedZoneAttributes(scope, jsii.String("Zone"), &awsroute53.HostedZoneAttributes{
		HostedZoneId: &p.Domain.HostedZoneID, ZoneName: &p.Domain.HostedZone,
	})
	props.LoadBalancing.Domain = &ecsservice.Domain{Names: []string{p.Domain.Name}, Zone: zone}
	if p.Accelerated {
		props.LoadBalancing.Internal, props.LoadBalancing.AllowedCIDRs = true, []string{vpcRange}
		props.LoadBalancing.Domain.Zone = nil // without it there is no record
		props.LoadBalancing.Domain.Certificate = awscertificatemanager.NewCertificate(scope, jsii.String("Certificate"), &awscertificatemanager.CertificateProps{
			DomainName: &p.Domain.Name, Validation: awscertificatemanager.CertificateValidation_FromDns(zone),
		})
	}
	return props
}

func (p *WebStackProps) worker(s *WebStack, content awsefs.IFileSystem, point awsefs.IAccessPoint) *albfargate.WorkerProps {
	props := &albfargate.WorkerProps{CommonProps: p.common()}
	props.Cluster, props.Key, props.Alarms.Topic = s.Service.Cluster, s.Service.Key, s.Service.AlarmTopic
	props.Containers = []ecsservice.Container{{
		Name:        "writer",
		Image:       awsecs.ContainerImage_FromRegistry(jsii.String(writerImage), nil),
		EntryPoint:  []string{"sh", "-c"},
		Command:     []string{writer},
		Environment: map[string]string{"QUEUE_URL": *s.Queue.QueueUrl(), "AWS_REGION": *s.Region(), "PAGE": "/content/index.html"},
		User:        "1000",
		Mounts:      []ecsservice.Mount{{Volume: "content", Path: "/content"}},
	}}
	props.Volumes = []ecsservice.Volume{{Name: "content", EFS: &ecsservice.EFS{FileSystem: content, AccessPoint: point}}}
	props.Scaling = &ecsservice.Scaling{Max: 4, Queue: &ecsservice.QueueScaling{
		Queue: s.Queue, ProcessingTime: 2 * time.Second, AcceptableLatency: time.Minute,
	}}
	return props
}

// grantTelemetry lets the collector send traces and metrics.
//
// https://aws-otel.github.io/docs/setup/permissions
func (s *WebStack) grantTelemetry() {
	role := s.Service.TaskDefinition.TaskRole()
	role.AddToPrincipalPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets",
			"xray:GetSamplingStatisticSummaries"),
		Resources: jsii.Strings("*"),
	}))
	role.AddToPrincipalPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"),
		Resources: &[]*string{s.FormatArn(&awscdk.ArnComponents{
			Service: jsii.String("logs"), Resource: jsii.String("log-group"), ResourceName: jsii.String("/aws/ecs/application/metrics*"),
			ArnFormat: awscdk.ArnFormat_COLON_RESOURCE_NAME,
		})},
	}))
	nag.Suppress(role.Node().FindChild(jsii.String("DefaultPolicy")), "AwsSolutions-IAM5",
		"Traces have no resource to name in a policy, and the streams of a log group have names that the collector makes.",
		"Resource::*", `/^Resource::arn:.*:log-group:/aws/ecs/application/metrics\*$/`)
}
