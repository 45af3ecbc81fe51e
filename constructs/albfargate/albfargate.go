// Package albfargate defines services of Amazon ECS on AWS Fargate: a Service behind an Application Load Balancer, and a
// Worker without one.
//
// Requests reach the load balancer over TLS, past a web ACL, and go to tasks in private subnets, whose security group
// admits nobody else. New tasks take over by a rolling deployment with a circuit breaker, or by a blue/green, linear or
// canary deployment of ECS; too many 5xx answers roll it back. Access logs, container logs, alarms and a dashboard come with
// it. What a task is made of is described with the types of package ecsservice.
//
// It costs, in us-east-1: about 9 USD a month for a task of 256 CPU units and 512 MiB, from about 16 USD for the load
// balancer, and what package ecsservice says.
//
// See https://docs.aws.amazon.com/AmazonECS/latest/developerguide/AWS_Fargate.html
package albfargate

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/constructs/ecsservice"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/fargate"
)

// Service is a service behind an Application Load Balancer. The fields of Resources are the underlying constructs.
type Service struct {
	constructs.Construct
	*ecsservice.Resources

	url *string
}

// NewService defines a Service named id in scope.
// It panics with a *check.Error that lists every invalid field of props.
func NewService(scope constructs.Construct, id string, props *ServiceProps) *Service {
	check.Must(scope.Node().Path(), id, props.Validate())
	p := props.withDefaults()
	// Before the override, and never replaced: jsii takes the address of what is embedded for the construct, for good.
	s := &Service{Resources: &ecsservice.Resources{}}
	constructs.NewConstruct_Override(s, scope, &id)
	p.define(s, s.Resources, &p.CommonProps, &p.LoadBalancing)
	s.url = p.LoadBalancing.URL(s.LoadBalancer)
	return s
}

// URL is the address of the service, with its port if it is an unusual one and a slash at its end: that of the first name of
// Domain, or of the load balancer. It is nil on a shared listener.
func (s *Service) URL() *string { return s.url }

// Worker is a service without a load balancer, such as one that works on a queue. The fields of Resources are the
// underlying constructs.
type Worker struct {
	constructs.Construct
	*ecsservice.Resources
}

// NewWorker defines a Worker named id in scope.
// It panics with a *check.Error that lists every invalid field of props.
func NewWorker(scope constructs.Construct, id string, props *WorkerProps) *Worker {
	check.Must(scope.Node().Path(), id, props.Validate())
	p := props.withDefaults()
	w := &Worker{Resources: &ecsservice.Resources{}}
	constructs.NewConstruct_Override(w, scope, &id)
	p.define(w, w.Resources, &p.CommonProps, nil)
	return w
}

// TaskRoleArn is the role that the containers of the worker act with.
func (w *Worker) TaskRoleArn() *string { return w.TaskDefinition.TaskRole().RoleArn() }

// define defines the service in scope and keeps what it is made of in r; lb is nil without a load balancer.
func (t *Task) define(scope constructs.Construct, r *ecsservice.Resources, p *ecsservice.CommonProps, lb *ecsservice.LoadBalancing) {
	r.Start(scope, p)
	task := &awsecs.FargateTaskDefinitionProps{
		Cpu: jsii.Number(t.CPU), MemoryLimitMiB: jsii.Number(t.Memory), TaskRole: p.TaskRole,
		RuntimePlatform: &awsecs.RuntimePlatform{CpuArchitecture: architectures[t.Architecture](), OperatingSystemFamily: awsecs.OperatingSystemFamily_LINUX()},
	}
	if t.EphemeralStorageGiB > 0 {
		task.EphemeralStorageGiB = jsii.Number(t.EphemeralStorageGiB)
	}
	if t.ConfigureTask != nil {
		t.ConfigureTask(task)
	}
	r.AddTask(scope, p, awsecs.NewFargateTaskDefinition(scope, jsii.String("Task"), task))
	if lb != nil {
		r.Balance(scope, p, lb, elb.TargetType_IP)
	}
	props := &awsecs.FargateServiceProps{
		TaskDefinition: r.TaskDefinition, VpcSubnets: p.TaskSubnets(), SecurityGroups: &[]awsec2.ISecurityGroup{r.SecurityGroup},
		AssignPublicIp: jsii.Bool(false),
	}
	cdkval.Inherit(props, r.Options(p, lb))
	props.CapacityProviderStrategies = t.strategies()
	if p.Deployment.Strategy == ecsservice.Rolling && p.Deployment.MaxPercent > 100 {
		props.AvailabilityZoneRebalancing = awsecs.AvailabilityZoneRebalancing_ENABLED
	}
	if t.ConfigureService != nil {
		t.ConfigureService(props)
	}
	service := awsecs.NewFargateService(scope, jsii.String("Service"), props)
	if props.CapacityProviderStrategies != nil {
		ecsservice.DependOnProviders(service, r.Cluster)
	}
	r.Finish(scope, p, lb, service)
}

// strategies spreads the tasks over Fargate and Fargate Spot.
func (t *Task) strategies() *[]*awsecs.CapacityProviderStrategy {
	if t.SpotPercent == 0 {
		return nil
	}
	all := []*awsecs.CapacityProviderStrategy{}
	if t.SpotPercent < 100 || t.OnDemandBase > 0 {
		all = append(all, &awsecs.CapacityProviderStrategy{
			CapacityProvider: jsii.String("FARGATE"), Base: jsii.Number(t.OnDemandBase), Weight: jsii.Number(100 - t.SpotPercent),
		})
	}
	return new(append(all, &awsecs.CapacityProviderStrategy{CapacityProvider: jsii.String("FARGATE_SPOT"), Weight: jsii.Number(t.SpotPercent)}))
}

var architectures = map[Architecture]func() awsecs.CpuArchitecture{
	X86: awsecs.CpuArchitecture_X86_64, ARM64: awsecs.CpuArchitecture_ARM64,
}

// check records what is wrong with the size of a task.
func (t *Task) check(c *check.List, p *ecsservice.CommonProps) {
	fargate.CheckSize(c, t.CPU, t.Memory, false)
	p.CheckSizes(c, t.CPU, t.Memory)
	p.CheckHostPorts(c, "each task has a network interface of its own")
	check.OneOf(c, "Architecture", t.Architecture, X86, ARM64)
	c.That(t.EphemeralStorageGiB == 0 || t.EphemeralStorageGiB >= 21 && t.EphemeralStorageGiB <= 200, "EphemeralStorageGiB",
		"must be between 21 and 200, or 0 for the 20 that each task has, got %d", t.EphemeralStorageGiB)
	check.Range(c, "SpotPercent", t.SpotPercent, 0, 100)
	check.Range(c, "OnDemandBase", t.OnDemandBase, 0, 100000)
	c.That(t.SpotPercent > 0 || t.OnDemandBase == 0, "OnDemandBase", "must be left out without SpotPercent")
	c.That(t.SpotPercent == 0 || p.Deployment.Strategy != ecsservice.CodeDeploy, "SpotPercent", "must be 0 with CODE_DEPLOY")
}
