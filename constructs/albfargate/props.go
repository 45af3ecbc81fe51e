package albfargate

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/constructs/ecsservice"
	"github.com/strata-cdk/strata/internal/defaults"
	"github.com/strata-cdk/strata/internal/fargate"
)

// Architecture is the processor that tasks run on. The images must be for it.
type Architecture string

// The processors of Fargate.
const (
	X86 Architecture = "X86_64"
	// ARM64 is AWS Graviton, about a fifth cheaper.
	ARM64 Architecture = "ARM64"
)

// Task is what a task gets from Fargate. There are no instances to place tasks on, and so no placement strategies or constraints:
// those are for package ecsec2.
type Task struct {
	// CPU is the CPU of a task in units of 1/1024 vCPU: 256, 512, 1024, 2048, 4096, 8192, 16384 or 32768.
	// Default: 256.
	CPU int
	// Memory is the memory of a task in MiB, one of those that Fargate has for CPU.
	// Default: the least for CPU, 512 for 256.
	//
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
	Memory int
	// Architecture is X86_64 or ARM64.
	// Default: X86_64.
	Architecture Architecture
	// EphemeralStorageGiB is the task's own storage in GiB, 21 to 200, for images and scratch space.
	// Default: 0, which means the 20 that each task has.
	EphemeralStorageGiB int
	// SpotPercent is the share of the tasks, 0 to 100, that run on Fargate Spot: up to 70 % cheaper, and ended with two
	// minutes' notice when AWS needs the capacity. Changing it from or to 0 replaces the service.
	// Default: 0.
	SpotPercent int
	// OnDemandBase is the number of tasks that do not run on Spot whatever SpotPercent says, 0 to 100000.
	// Default: 0.
	OnDemandBase int
	// ConfigureTask edits the L2 props of the task definition last, after all defaults.
	// Default: no edit.
	ConfigureTask func(*awsecs.FargateTaskDefinitionProps)
	// ConfigureService edits the L2 props of the service last, after all defaults.
	// Default: no edit.
	ConfigureService func(*awsecs.FargateServiceProps)
}

// ServiceProps configures a Service.
type ServiceProps struct {
	// CommonProps are the settings that services on Fargate and on EC2 share.
	ecsservice.CommonProps
	// Task is what a task gets from Fargate.
	Task
	// LoadBalancing is how requests reach the tasks. Its HTTPS needs a Domain or Certificates.
	LoadBalancing ecsservice.LoadBalancing
}

// WorkerProps configures a Worker.
type WorkerProps struct {
	// CommonProps are the settings that services on Fargate and on EC2 share.
	ecsservice.CommonProps
	// Task is what a task gets from Fargate.
	Task
}

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *ServiceProps) Validate() error {
	d, c := p.withDefaults(), check.For("albfargate.ServiceProps")
	d.Check(c, &d.LoadBalancing)
	d.Task.check(c, &d.CommonProps)
	d.LoadBalancing.Check(c.At("LoadBalancing"), &d.CommonProps)
	return c.Err()
}

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *WorkerProps) Validate() error {
	d, c := p.withDefaults(), check.For("albfargate.WorkerProps")
	d.Check(c, nil)
	d.Task.check(c, &d.CommonProps)
	return c.Err()
}

func (t *Task) setDefaults() {
	defaults.Or(&t.CPU, 256)
	defaults.Or(&t.Memory, fargate.LeastMemory(t.CPU))
	defaults.Or(&t.Architecture, X86)
}

func (p *ServiceProps) withDefaults() ServiceProps {
	var d ServiceProps
	if p != nil {
		d = *p
	}
	d.CommonProps = d.WithDefaults()
	d.Task.setDefaults()
	d.LoadBalancing = d.LoadBalancing.WithDefaults(&d.CommonProps)
	return d
}

func (p *WorkerProps) withDefaults() WorkerProps {
	var d WorkerProps
	if p != nil {
		d = *p
	}
	d.CommonProps = d.WithDefaults()
	d.Task.setDefaults()
	return d
}
