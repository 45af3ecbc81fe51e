package albfargate_test

import (
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/albfargate"
	"github.com/strata-cdk/strata/constructs/ecsservice"
)

// Fakes stand for resources in tests that only look at props.
type (
	fakeVpc         struct{ awsec2.IVpc }
	fakeImage       struct{ awsecs.ContainerImage }
	fakeListener    struct{ elb.IApplicationListener }
	fakeCertificate struct {
		awscertificatemanager.ICertificate
	}
	fakeFunction struct{ awslambda.IFunction }
	fakeQueue    struct{ awssqs.IQueue }
)

func valid() albfargate.ServiceProps {
	return albfargate.ServiceProps{
		CommonProps: ecsservice.CommonProps{
			VPC:        fakeVpc{},
			Containers: []ecsservice.Container{{Name: "app", Image: fakeImage{}, Ports: []ecsservice.Port{{Number: 8080, Name: "web"}}}},
		},
		LoadBalancing: ecsservice.LoadBalancing{Certificates: []awscertificatemanager.ICertificate{fakeCertificate{}}},
	}
}

func TestServiceProps_Validate(t *testing.T) {
	type props = albfargate.ServiceProps
	sidecar := func(p *props, k ecsservice.Container) {
		k.Image = fakeImage{}
		p.Containers = append(p.Containers, k)
	}
	day := 24 * time.Hour
	cdktest.ValidateTable(t, valid, []cdktest.Case[props]{
		{Name: "valid", Edit: func(p *props) {}},
		{Name: "largest task", Edit: func(p *props) { p.CPU, p.Memory = 32768, 249856 }},
		{Name: "size", Edit: func(p *props) { p.CPU, p.Memory = 512, 512 }, Want: []string{"Memory: must be between 1024 and 4096 in steps of 1024 with 512 CPU units, got 512"}},
		{Name: "storage", Edit: func(p *props) { p.EphemeralStorageGiB = 20 }, Want: []string{"EphemeralStorageGiB: must be between 21 and 200, or 0 for the 20 that each task has, got 20"}},
		{Name: "architecture", Edit: func(p *props) { p.Architecture = "mips" }, Want: []string{"Architecture: must be one of X86_64, ARM64, got mips"}},
		{Name: "spot", Edit: func(p *props) { p.SpotPercent = 101 }, Want: []string{"SpotPercent: must be between 0 and 100, got 101"}},
		{Name: "base without spot", Edit: func(p *props) { p.OnDemandBase = 1 }, Want: []string{"OnDemandBase: must be left out without SpotPercent"}},
		{Name: "CPU of containers", Edit: func(p *props) { p.Containers[0].CPU = 300 }, Want: []string{"CPU: must be at least what the containers ask for together, 300, got 256"}},
		{Name: "memory of a container", Edit: func(p *props) { p.Containers[0].Memory = 1024 }, Want: []string{"Containers[0].Memory: must be at most the task's Memory, 512 MiB, got 1024"}},
		{Name: "reservation", Edit: func(p *props) { p.Containers[0].Memory, p.Containers[0].MemoryReservation = 256, 300 }, Want: []string{"Containers[0].MemoryReservation: must be at most Memory, 256 MiB, got 300"}},
		{Name: "no container", Edit: func(p *props) { p.Containers = nil }, Want: []string{
			"Containers: must be 1 to 10, sidecars included, got 0", "LoadBalancing.Container: needs a container with a port",
		}},
		{Name: "too many containers", Edit: func(p *props) {
			for i := range 10 {
				sidecar(p, ecsservice.Container{Name: string(rune('a' + i))})
			}
		}, Want: []string{"Containers: must be 1 to 10, sidecars included, got 11"}},
		{Name: "container", Edit: func(p *props) { sidecar(p, ecsservice.Container{Name: "app"}); p.Containers[1].Image = nil }, Want: []string{
			`Containers[1].Name: must differ from the others, got "app" again`, "Containers[1].Image: must be given",
		}},
		{Name: "duplicate port", Edit: func(p *props) {
			sidecar(p, ecsservice.Container{Name: "b", Ports: []ecsservice.Port{{Number: 8080, Name: "web"}}})
		}, Want: []string{
			"Containers[1].Ports[0].Number: must be used once in a task, got 8080/TCP again", `Containers[1].Ports[0].Name: must differ from the others, got "web" again`,
		}},
		{Name: "host port", Edit: func(p *props) { p.Containers[0].Ports[0].HostPort = 80 }, Want: []string{
			"Containers[0].Ports[0].HostPort: must be left out, or 8080: each task has a network interface of its own; got 80",
		}},
		{Name: "nothing essential", Edit: func(p *props) { p.Containers[0].NonEssential = true }, Want: []string{
			"Containers: must have one that is not NonEssential", "LoadBalancing.Container: must be essential, got app",
		}},
		{Name: "circle", Edit: func(p *props) {
			p.Containers[0].DependsOn = []ecsservice.Dependency{{Container: "b"}}
			sidecar(p, ecsservice.Container{Name: "b", DependsOn: []ecsservice.Dependency{{Container: "app"}}})
		}, Want: []string{"Containers: must not wait for each other in a circle, got app -> b -> app"}},
		{Name: "dependencies", Edit: func(p *props) {
			p.Containers[0].DependsOn = []ecsservice.Dependency{{Container: "c"}, {Container: "b", Condition: ecsservice.Healthy}, {Container: "b", Condition: ecsservice.Succeeded}}
			sidecar(p, ecsservice.Container{Name: "b"})
		}, Want: []string{
			`Containers[0].DependsOn[0].Container: must be the name of one of Containers, got "c"`, "Containers[0].DependsOn[1].Condition: must not be HEALTHY: b has no Health",
			"Containers[0].DependsOn[2].Condition: must not be SUCCESS: b is essential, so the task would end with it",
		}},
		{Name: "health of a container", Edit: func(p *props) {
			p.Containers[0].Health = &ecsservice.ContainerHealth{Command: []string{"/ok"}, Interval: 5 * time.Second, Timeout: 61 * time.Second, Retries: 11, StartPeriod: 301 * time.Second}
		}, Want: []string{
			`Containers[0].Health.Command: must be "CMD" or "CMD-SHELL" and what to run, got ["/ok"]`, "Containers[0].Health.Timeout: must be between 2s and 1m0s, got 1m1s",
			"Containers[0].Health.Timeout: must be less than Interval, 5s, got 1m1s", "Containers[0].Health.Retries: must be between 1 and 10, got 11",
			"Containers[0].Health.StartPeriod: must be between 0s and 5m0s, got 5m1s",
		}},
		{Name: "stop timeout", Edit: func(p *props) { p.Containers[0].StopTimeout = 121 * time.Second }, Want: []string{"Containers[0].StopTimeout: must be between 0s and 2m0s, got 2m1s"}},
		{Name: "variables", Edit: func(p *props) {
			p.Containers[0].Environment = map[string]string{"A": "1"}
			p.Containers[0].Secrets = map[string]ecsservice.Secret{"A": {}}
		}, Want: []string{`Containers[0].Secrets["A"]: must not be in Environment too`, `Containers[0].Secrets["A"].Secret: must be given`}},
		{Name: "mounts", Edit: func(p *props) {
			p.Containers[0].Mounts, p.Containers[0].ScratchDirs = []ecsservice.Mount{{Volume: "x", Path: "data"}}, []string{"/tmp", "/tmp"}
		}, Want: []string{
			`Containers[0].Mounts[0].Volume: must be the name of one of Volumes, got "x"`,
			`Containers[0].Mounts[0].Path: must be an absolute path of letters, digits and ._-/, under 242 characters, got "data"`,
			`Containers[0].ScratchDirs[1]: must be a path of its own, got "/tmp" again`,
		}},
		{Name: "unmounted volume", Edit: func(p *props) { p.Volumes = []ecsservice.Volume{{Name: "x"}} }, Want: []string{`Volumes[0].Name: must be mounted by a container, got "x", which none mounts`}},
		{Name: "two EBS volumes", Edit: func(p *props) {
			p.Volumes = []ecsservice.Volume{{Name: "x", EBS: &ecsservice.EBS{SizeGiB: 1}}, {Name: "y", EBS: &ecsservice.EBS{SizeGiB: 0}}}
			p.Containers[0].Mounts = []ecsservice.Mount{{Volume: "x", Path: "/x"}, {Volume: "y", Path: "/y"}}
		}, Want: []string{"Volumes[1].EBS: must be given once in a service: ECS attaches one volume to a task", "Volumes[1].EBS.SizeGiB: must be between 1 and 16384 with GP3, got 0"}},
		{Name: "exec", Edit: func(p *props) { p.EnableExec = true }, Want: []string{"EnableExec: needs a container with WritableRoot: the agent of ECS Exec writes to the root file system"}},
		{Name: "count with scaling", Edit: func(p *props) { p.DesiredCount, p.Scaling = new(3), &ecsservice.Scaling{Max: 4} }, Want: []string{
			"DesiredCount: must be left out with Scaling: it would be set anew with every deployment",
		}},
		{Name: "scaling", Edit: func(p *props) { p.Scaling = &ecsservice.Scaling{Min: new(5), Max: 4, CPUPercent: 101} }, Want: []string{
			"Scaling.Max: must be 1 or more and not less than Min, 5, got 4", "Scaling.CPUPercent: must be between 1 and 100, got 101",
		}},
		{Name: "queue", Edit: func(p *props) {
			p.Scaling = &ecsservice.Scaling{Max: 4, Queue: &ecsservice.QueueScaling{Queue: fakeQueue{}, ProcessingTime: time.Minute, AcceptableLatency: time.Second}}
		}, Want: []string{"Scaling.Queue.AcceptableLatency: must be above 0 and not less than ProcessingTime, 1m0s, got 1s"}},
		{Name: "schedule", Edit: func(p *props) {
			p.Scaling = &ecsservice.Scaling{Max: 4, Schedules: []ecsservice.Schedule{{Name: "S", Expression: "daily", Min: new(3), Max: new(2)}}}
		}, Want: []string{
			`Scaling.Schedules[0].Expression: must be cron(...) with six fields, rate(...) or at(...), got "daily"`, "Scaling.Schedules[0].Max: must not be less than Min, 3, got 2",
		}},
		{Name: "breaker with canary", Edit: func(p *props) {
			p.Deployment = ecsservice.Deployment{Strategy: ecsservice.Canary, DisableCircuitBreaker: true}
		}, Want: []string{
			"Deployment.DisableCircuitBreaker: must be left out with CANARY: the circuit breaker is for ROLLING",
		}},
		{Name: "linear step", Edit: func(p *props) { p.Deployment = ecsservice.Deployment{Strategy: ecsservice.Linear, StepPercent: 2.9} }, Want: []string{
			"Deployment.StepPercent: must be between 3 and 100, got 2.9",
		}},
		{Name: "canary step in tenths", Edit: func(p *props) { p.Deployment = ecsservice.Deployment{Strategy: ecsservice.Canary, StepPercent: 0.15} }, Want: []string{
			"Deployment.StepPercent: must be in tenths, got 0.15",
		}},
		{Name: "smallest canary step", Edit: func(p *props) { p.Deployment = ecsservice.Deployment{Strategy: ecsservice.Canary, StepPercent: 0.1} }},
		{Name: "bake time", Edit: func(p *props) { p.Deployment.BakeTime = new(90 * time.Second) }, Want: []string{"Deployment.BakeTime: must be in whole minutes, got 1m30s"}},
		{Name: "too long", Edit: func(p *props) {
			p.Deployment = ecsservice.Deployment{Strategy: ecsservice.Linear, StepBakeTime: &day, StepPercent: 50, BakeTime: &day}
		}, Want: []string{"Deployment.BakeTime: must be shorter: with its steps the deployment would take 48h0m0s, and CloudFormation takes 33h0m0s at most"}},
		{Name: "step with rolling", Edit: func(p *props) { p.Deployment.StepPercent = 5 }, Want: []string{"Deployment.StepPercent: must be left out with ROLLING: it is for LINEAR and CANARY"}},
		{Name: "hooks", Edit: func(p *props) {
			p.Deployment = ecsservice.Deployment{Strategy: ecsservice.BlueGreen, Hooks: []ecsservice.Hook{
				{Function: fakeFunction{}, Pause: true}, {Stages: []ecsservice.Stage{"LATER"}, Pause: true, Timeout: 15 * day}, {Stages: []ecsservice.Stage{ecsservice.PreScaleUp}, Pause: true, ContinueOnTimeout: true},
			}}
		}, Want: []string{
			"Deployment.Hooks[0].Stages: must be one or more", "Deployment.Hooks[0].Function: must be given, or Pause, and not both",
			"Deployment.Hooks[1].Stages[0]: must be one of RECONCILE_SERVICE, PRE_SCALE_UP, POST_SCALE_UP, TEST_TRAFFIC_SHIFT, POST_TEST_TRAFFIC_SHIFT, PRODUCTION_TRAFFIC_SHIFT, POST_PRODUCTION_TRAFFIC_SHIFT, got LATER",
			"Deployment.Hooks[1].Timeout: must be between 1m0s and 336h0m0s, got 360h0m0s", "Deployment.Hooks[2].ContinueOnTimeout: needs Timeout",
		}},
		{Name: "test port", Edit: func(p *props) { p.Deployment = ecsservice.Deployment{Strategy: ecsservice.BlueGreen, TestPort: 443} }, Want: []string{
			"Deployment.TestPort: must differ from the ports of the load balancer, got 443",
		}},
		{Name: "HTTPS without certificate", Edit: func(p *props) { p.LoadBalancing.Certificates = nil }, Want: []string{
			"LoadBalancing.Domain: must be given, or Certificates, for HTTPS; AllowPlaintext does without",
		}},
		{Name: "domain", Edit: func(p *props) { p.LoadBalancing.Domain = &ecsservice.Domain{Names: []string{"Shop"}} }, Want: []string{
			`LoadBalancing.Domain.Names[0]: must be a domain name such as shop.example.com, known at synth, got "Shop"`,
			"LoadBalancing.Domain.Zone: must be given, or Certificate: the zone validates the certificate",
		}},
		{Name: "callers", Edit: func(p *props) { p.LoadBalancing.AllowedCIDRs = []string{"10.0.0.1/8", "${Token[X]}"} }, Want: []string{
			`LoadBalancing.AllowedCIDRs[0]: must be a range such as 203.0.113.0/24, starting at its first address, got "10.0.0.1/8"`,
		}},
		{Name: "shared listener", Edit: func(p *props) { p.LoadBalancing = ecsservice.LoadBalancing{Listener: fakeListener{}, Internal: true} }, Want: []string{
			"LoadBalancing.Internal: must be left out with a shared Listener, whose owner decides it",
			"LoadBalancing.Rules: must be given with a shared Listener: they say which requests are this service's",
		}},
		{Name: "rules", Edit: func(p *props) {
			p.LoadBalancing.Rules = []ecsservice.Rule{
				{Priority: 50001, Paths: []string{"a"}}, {Priority: 1, Hosts: []string{"a", "b", "c", "d", "e", "f"}}, {Priority: 1, SourceIPs: []string{"here"}},
			}
		}, Want: []string{
			"LoadBalancing.Rules[0].Priority: must be between 1 and 50000, got 50001", `LoadBalancing.Rules[0].Paths[0]: must start with / and have 128 characters at most, got "a"`,
			"LoadBalancing.Rules[1]: must have 1 to 5 values in its conditions, got 6", "LoadBalancing.Rules[2].Priority: must differ from the others, got 1 again",
			`LoadBalancing.Rules[2].SourceIPs[0]: must be a range such as 203.0.113.0/24, starting at its first address, got "here"`,
		}},
		{Name: "targets", Edit: func(p *props) {
			b := &p.LoadBalancing
			b.Stickiness, b.SlowStart, b.DeregistrationDelay, b.IdleTimeout = 8*day, 29*time.Second, new(2*time.Hour), 4001*time.Second
			b.Health = ecsservice.TargetHealth{Path: "ok", Codes: "100", Interval: 4 * time.Second, HealthyThreshold: 1, UnhealthyThreshold: 11}
		}, Want: []string{
			`LoadBalancing.Health.Path: must start with / and have 1024 characters at most, got "ok"`, `LoadBalancing.Health.Codes: must be numbers and ranges from 200 to 499, such as "200,204", got "100"`,
			"LoadBalancing.Health.Interval: must be between 5s and 5m0s, got 4s", "LoadBalancing.Health.Timeout: must be less than Interval, 4s, got 5s",
			"LoadBalancing.Health.HealthyThreshold: must be between 2 and 10, got 1", "LoadBalancing.Health.UnhealthyThreshold: must be between 2 and 10, got 11",
			"LoadBalancing.Stickiness: must be between 1s and 168h0m0s, got 192h0m0s", "LoadBalancing.SlowStart: must be between 30s and 15m0s, got 29s",
			"LoadBalancing.DeregistrationDelay: must be between 0s and 1h0m0s, got 2h0m0s", "LoadBalancing.IdleTimeout: must be between 1s and 1h6m40s, got 1h6m41s",
		}},
		{Name: "target port", Edit: func(p *props) { p.LoadBalancing.ContainerPort = 9 }, Want: []string{"LoadBalancing.ContainerPort: must be a TCP port of app, got 9"}},
		{Name: "GRPC without TLS", Edit: func(p *props) {
			p.LoadBalancing = ecsservice.LoadBalancing{AllowPlaintext: true, Protocol: ecsservice.GRPC}
		}, Want: []string{
			"LoadBalancing.AllowPlaintext: must be left out with GRPC, which needs HTTPS",
		}},
		{Name: "service connect", Edit: func(p *props) {
			p.ServiceConnect = &ecsservice.ServiceConnect{Offer: []ecsservice.Offer{{Port: "x", AtPort: 70000}}}
		}, Want: []string{
			"ServiceConnect.Namespace: must be given", `ServiceConnect.Offer[0].Port: must be the name of a container's port, got "x"`, "ServiceConnect.Offer[0].AtPort: must be between 1 and 65535, got 70000",
		}},
		{Name: "CodeDeploy", Edit: func(p *props) { p.Deployment.Strategy, p.SpotPercent = ecsservice.CodeDeploy, 50 }, Want: []string{"SpotPercent: must be 0 with CODE_DEPLOY"}},
		{Name: "several", Edit: func(p *props) { p.VPC, p.CPU, p.LogRetentionDays = nil, 300, 2 }, Want: []string{
			"VPC: must be given: the VPC that the tasks run in",
			"LogRetentionDays: must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653, got 2",
			"CPU: must be one of 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, got 300",
		}},
	})
}

func TestWorkerProps_Validate(t *testing.T) {
	valid := func() albfargate.WorkerProps { return albfargate.WorkerProps{CommonProps: valid().CommonProps} }
	type props = albfargate.WorkerProps
	cdktest.ValidateTable(t, valid, []cdktest.Case[props]{
		{Name: "valid", Edit: func(p *props) {}},
		{Name: "canary", Edit: func(p *props) { p.Deployment.Strategy = ecsservice.Canary }, Want: []string{"Deployment.Strategy: must be ROLLING for a service without a load balancer, got CANARY"}},
		{Name: "requests", Edit: func(p *props) { p.Scaling = &ecsservice.Scaling{Max: 3, RequestsPerTarget: 9} }, Want: []string{"Scaling.RequestsPerTarget: needs a load balancer, which this service has not"}},
	})
}
