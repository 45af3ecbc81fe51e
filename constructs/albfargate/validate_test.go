package albfargate_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscodedeploy"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsefs"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/stretchr/testify/assert"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/albfargate"
	"github.com/strata-cdk/strata/constructs/ecsservice"
	"github.com/strata-cdk/strata/constructs/webacl"
)

// Fakes stand for resources in tests that only look at props.
type (
	fakeVpc         struct{ awsec2.IVpc }
	fakeImage       struct{ awsecs.ContainerImage }
	fakeFile        struct{ awsecs.EnvironmentFile }
	fakeFileSystem  struct{ awsefs.IFileSystem }
	fakeAccessPoint struct{ awsefs.IAccessPoint }
	fakeListener    struct{ elb.IApplicationListener }
	fakeBalancer    struct{ elb.IApplicationLoadBalancer }
	fakeZone        struct{ awsroute53.IHostedZone }
	fakeBucket      struct{ awss3.IBucket }
	fakeCertificate struct {
		awscertificatemanager.ICertificate
	}
	fakeFunction struct{ awslambda.IFunction }
	fakeQueue    struct{ awssqs.IQueue }
	fakeTopic    struct{ awssns.ITopic }
	fakeMetric   struct{ awscloudwatch.IMetric }
	fakeAlarm    struct{ awscloudwatch.IAlarm }
	fakeConfig   struct {
		awscodedeploy.IEcsDeploymentConfig
	}
	fakeParameter struct{ awsssm.IParameter }
	fakeSecret    struct{ awssecretsmanager.ISecret }
)

type (
	props = albfargate.ServiceProps
	row   = cdktest.Case[props]
)

func valid() props {
	return props{
		CommonProps: ecsservice.CommonProps{
			VPC:        fakeVpc{},
			Containers: []ecsservice.Container{{Name: "app", Image: fakeImage{}, Ports: []ecsservice.Port{{Number: 8080, Name: "web"}}}},
		},
		LoadBalancing: ecsservice.LoadBalancing{Certificates: []awscertificatemanager.ICertificate{fakeCertificate{}}},
	}
}

// letters gives n letters.
func letters(n int) string { return strings.Repeat("a", n) }

func TestServiceProps_Validate(t *testing.T) {
	cdktest.ValidateTable(t, valid, []row{
		{Name: "valid", Edit: func(p *props) {}},
		{Name: "largest", Edit: func(p *props) {
			p.CPU, p.Memory, p.EphemeralStorageGiB, p.SpotPercent, p.OnDemandBase, p.LogRetentionDays = 32768, 249856, 200, 100, 100000, 3653
			p.Containers[0].CPU, p.Containers[0].Memory, p.Containers[0].MemoryReservation = 32768, 249856, 249856
			p.DesiredCount = new(5000)
			p.Alarms = ecsservice.Alarms{ServerErrorPercent: 100, Latency: time.Hour, CPUPercent: 100, MemoryPercent: 100}
			p.RemovalPolicy = awscdk.RemovalPolicy_DESTROY
		}},
		{Name: "smallest", Edit: func(p *props) {
			p.CPU, p.Memory, p.Architecture, p.EphemeralStorageGiB, p.SpotPercent, p.LogRetentionDays = 256, 512, albfargate.ARM64, 21, 1, 1
			p.DesiredCount = new(0)
			p.Alarms = ecsservice.Alarms{ServerErrorPercent: 0.01, Latency: time.Millisecond, CPUPercent: 1, MemoryPercent: 1}
		}},
		{Name: "no VPC", Edit: func(p *props) { p.VPC = nil }, Want: []string{"VPC: must be given: the VPC that the tasks run in"}},
		{Name: "CPU", Edit: func(p *props) { p.CPU = 300 }, Want: []string{
			"CPU: must be one of 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, got 300",
		}},
		{Name: "memory", Edit: func(p *props) { p.CPU, p.Memory = 512, 512 }, Want: []string{
			"Memory: must be between 1024 and 4096 in steps of 1024 with 512 CPU units, got 512",
		}},
		{Name: "architecture", Edit: func(p *props) { p.Architecture = "mips" }, Want: []string{"Architecture: must be one of X86_64, ARM64, got mips"}},
		{Name: "too little storage", Edit: func(p *props) { p.EphemeralStorageGiB = 20 }, Want: []string{
			"EphemeralStorageGiB: must be between 21 and 200, or 0 for the 20 that each task has, got 20",
		}},
		{Name: "too much storage", Edit: func(p *props) { p.EphemeralStorageGiB = 201 }, Want: []string{
			"EphemeralStorageGiB: must be between 21 and 200, or 0 for the 20 that each task has, got 201",
		}},
		{Name: "spot", Edit: func(p *props) { p.SpotPercent, p.OnDemandBase = 101, 100001 }, Want: []string{
			"SpotPercent: must be between 0 and 100, got 101", "OnDemandBase: must be between 0 and 100000, got 100001",
		}},
		{Name: "base without spot", Edit: func(p *props) { p.OnDemandBase = 1 }, Want: []string{"OnDemandBase: must be left out without SpotPercent"}},
		{Name: "spot with CodeDeploy", Edit: func(p *props) { p.Deployment.Strategy, p.SpotPercent = ecsservice.CodeDeploy, 50 }, Want: []string{
			"SpotPercent: must be 0 with CODE_DEPLOY",
		}},
		{Name: "count", Edit: func(p *props) { p.DesiredCount = new(-1) }, Want: []string{"DesiredCount: must be 0 or more, got -1"}},
		{Name: "count with scaling", Edit: func(p *props) { p.DesiredCount, p.Scaling = new(3), &ecsservice.Scaling{Max: 4} }, Want: []string{
			"DesiredCount: must be left out with Scaling: it would be set anew with every deployment",
		}},
		{Name: "exec", Edit: func(p *props) { p.EnableExec = true }, Want: []string{
			"EnableExec: needs a container with WritableRoot: the agent of ECS Exec writes to the root file system",
		}},
		{Name: "exec in the first of two", Edit: func(p *props) {
			p.EnableExec, p.Containers[0].WritableRoot = true, true
			p.Containers = append(p.Containers, ecsservice.Container{Name: "b", Image: fakeImage{}})
		}},
		{Name: "alarms", Edit: func(p *props) {
			p.Alarms = ecsservice.Alarms{ServerErrorPercent: 100.5, Latency: time.Microsecond, CPUPercent: 101, MemoryPercent: -1}
		}, Want: []string{
			"Alarms.ServerErrorPercent: must be above 0, 100 at most, got 100.5", "Alarms.Latency: must be 1ms or more, got 1µs",
			"Alarms.CPUPercent: must be between 1 and 100, got 101", "Alarms.MemoryPercent: must be between 1 and 100, got -1",
		}},
		{Name: "share of errors", Edit: func(p *props) { p.Alarms.ServerErrorPercent = -1 }, Want: []string{
			"Alarms.ServerErrorPercent: must be above 0, 100 at most, got -1",
		}},
		{Name: "topic without alarms", Edit: func(p *props) { p.Alarms = ecsservice.Alarms{Disable: true, Topic: fakeTopic{}} }, Want: []string{
			"Alarms.Topic: must be left out when alarms are disabled",
		}},
		{Name: "no alarms", Edit: func(p *props) { p.Alarms.Disable = true }},
		{Name: "topic", Edit: func(p *props) { p.Alarms.Topic = fakeTopic{} }},
		{Name: "removal policy", Edit: func(p *props) { p.RemovalPolicy = awscdk.RemovalPolicy_SNAPSHOT }, Want: []string{
			"RemovalPolicy: must be one of RETAIN, DESTROY, got SNAPSHOT",
		}},
		{Name: "service connect", Edit: func(p *props) {
			p.ServiceConnect = &ecsservice.ServiceConnect{Offer: []ecsservice.Offer{
				{Port: "x", AtPort: 70000}, {Port: "web", DNSName: "shop"}, {Port: "web", DNSName: "shop"}, {Port: ""},
			}}
		}, Want: []string{
			"ServiceConnect.Namespace: must be given", `ServiceConnect.Offer[0].Port: must be the name of a container's port, got "x"`,
			"ServiceConnect.Offer[0].AtPort: must be between 1 and 65535, got 70000", `ServiceConnect.Offer[2].DNSName: must differ from the others, got "shop" again`,
			`ServiceConnect.Offer[3].Port: must be the name of a container's port, got ""`,
		}},
		{Name: "name of a port again", Edit: func(p *props) {
			p.ServiceConnect = &ecsservice.ServiceConnect{Namespace: "x", Offer: []ecsservice.Offer{{Port: "web"}, {Port: "web", DNSName: "web", AtPort: 65535}}}
		}, Want: []string{`ServiceConnect.Offer[1].DNSName: must differ from the others, got "web" again`}},
		{Name: "every part at once", Edit: func(p *props) {
			p.VPC, p.CPU, p.LogRetentionDays, p.SpotPercent = nil, 300, 2, -1
			p.Containers[0].StopTimeout, p.Containers[0].DependsOn = 3*time.Minute, []ecsservice.Dependency{{Container: "b"}}
			p.Volumes = []ecsservice.Volume{{Name: "a b"}}
			p.Scaling = &ecsservice.Scaling{Max: 1}
			p.Deployment = ecsservice.Deployment{Strategy: "ALL_AT_ONCE", MaxPercent: 150}
			p.LoadBalancing = ecsservice.LoadBalancing{Port: 70000, WAF: webacl.Props{RateLimit: 1}}
		}, Want: []string{
			"VPC: must be given: the VPC that the tasks run in", "Containers[0].StopTimeout: must be between 0s and 2m0s, got 3m0s",
			`Containers[0].DependsOn[0].Container: must be the name of one of Containers, got "b"`,
			`Volumes[0].Name: must be 1 to 255 letters, digits, hyphens and underscores, got "a b"`,
			`Volumes[0].Name: must be mounted by a container, got "a b", which none mounts`, "Scaling.Max: must be 1 or more and not less than Min, 2, got 1",
			"Deployment.Strategy: must be one of ROLLING, BLUE_GREEN, LINEAR, CANARY, CODE_DEPLOY, got ALL_AT_ONCE", "Deployment.MaxPercent: must be left out with ALL_AT_ONCE",
			"LogRetentionDays: must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653, got 2",
			"CPU: must be one of 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, got 300", "SpotPercent: must be between 0 and 100, got -1",
			"LoadBalancing.Domain: must be given, or Certificates, for HTTPS; AllowPlaintext does without", "LoadBalancing.Port: must be between 1 and 65535, got 70000",
			"LoadBalancing.WAF.RateLimit: must be between 10 and 2000000000, got 1",
		}},
		{Name: "tokens", Edit: func(p *props) {
			const token = "${Token[X.1]}"
			p.Volumes = []ecsservice.Volume{
				{Name: "old", EFS: &ecsservice.EFS{FileSystem: fakeFileSystem{}, RootDirectory: token}}, {Name: "new", EFS: &ecsservice.EFS{Path: token}},
			}
			p.Containers[0].Mounts = []ecsservice.Mount{{Volume: "old", Path: token}, {Volume: "new", Path: "/new"}}
			p.Containers[0].ScratchDirs = []string{"/tmp/" + token}
			p.Deployment = ecsservice.Deployment{Strategy: ecsservice.BlueGreen, TestPort: 8443, TestCIDRs: []string{token}}
			long := token + letters(1024)
			p.LoadBalancing.AllowedCIDRs, p.LoadBalancing.Health.Path = []string{token}, long
			p.LoadBalancing.Rules = []ecsservice.Rule{{
				Priority: 1, Hosts: []string{token}, Paths: []string{long}, SourceIPs: []string{token}, Headers: map[string][]string{"X": {long}}, Query: map[string]string{long: long},
			}}
		}},
	})
}

func TestWorkerProps_Validate(t *testing.T) {
	type props = albfargate.WorkerProps
	valid := func() props { return props{CommonProps: valid().CommonProps} }
	cdktest.ValidateTable(t, valid, []cdktest.Case[props]{
		{Name: "valid", Edit: func(p *props) {}},
		{Name: "canary", Edit: func(p *props) {
			p.Deployment = ecsservice.Deployment{Strategy: ecsservice.Canary, TestPort: 8443}
		}, Want: []string{"Deployment.Strategy: must be ROLLING for a service without a load balancer, got CANARY"}},
		{Name: "CodeDeploy", Edit: func(p *props) { p.Deployment.Strategy = ecsservice.CodeDeploy }, Want: []string{
			"Deployment.Strategy: must be ROLLING for a service without a load balancer, got CODE_DEPLOY",
		}},
		{Name: "requests", Edit: func(p *props) { p.Scaling = &ecsservice.Scaling{Max: 3, RequestsPerTarget: 9} }, Want: []string{
			"Scaling.RequestsPerTarget: needs a load balancer, which this service has not",
		}},
		{Name: "scaling", Edit: func(p *props) { p.Scaling = &ecsservice.Scaling{Max: 3} }},
		{Name: "size", Edit: func(p *props) { p.CPU = 300 }, Want: []string{"CPU: must be one of 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, got 300"}},
	})
}

// Nil props take every default, so that what is required is reported.
func TestProps_Validate_Nil(t *testing.T) {
	assert.EqualError(t, (*albfargate.ServiceProps)(nil).Validate(), `invalid albfargate.ServiceProps:
  - VPC: must be given: the VPC that the tasks run in
  - Containers: must be 1 to 10, sidecars included, got 0
  - LoadBalancing.Domain: must be given, or Certificates, for HTTPS; AllowPlaintext does without
  - LoadBalancing.Container: needs a container with a port`)
	assert.EqualError(t, (*albfargate.WorkerProps)(nil).Validate(), `invalid albfargate.WorkerProps:
  - VPC: must be given: the VPC that the tasks run in
  - Containers: must be 1 to 10, sidecars included, got 0`)
}
