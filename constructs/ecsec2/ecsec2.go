// Package ecsec2 defines services of Amazon ECS on EC2 instances: Auto Scaling groups, or Managed Instances. What a task is made
// of is described with the types of package ecsservice, as for package albfargate.
//
// Tasks run on instances in private subnets, whose number follows the tasks. Requests reach an Application Load Balancer over
// TLS, past a web ACL, and go to tasks by their own address, or to ports of the instances that nobody else reaches. Instances
// have encrypted volumes and version 2 of the metadata service, without SSH keys, public addresses or open ports; new images and
// settings replace them one after the other, their tasks drained. A stack with all this deletes: service, providers, groups and
// cluster in this order, though instances are protected from being ended.
//
// It costs, in us-east-1: about 150 USD a month for the two instances of the default, with their volumes and metrics, and what
// package ecsservice says.
//
// See https://docs.aws.amazon.com/AmazonECS/latest/developerguide/getting-started-ecs-ec2-v2.html
package ecsec2

import (
	"strconv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/constructs/ecsservice"
	"github.com/strata-cdk/strata/internal/cdkval"
)

// Service is a service on EC2 instances. The fields of Resources are the underlying constructs.
type Service struct {
	constructs.Construct
	*ecsservice.Resources

	// Providers are the capacity providers, by the names of Capacity.
	Providers map[string]*Provider
	// InstanceSecurityGroup is that of the instances; nil with a given Cluster and AWSVPC.
	InstanceSecurityGroup awsec2.ISecurityGroup

	url *string
}

// NewService defines a Service named id in scope.
// It panics with a *check.Error that lists every invalid field of props.
func NewService(scope constructs.Construct, id string, props *ServiceProps) *Service {
	check.Must(scope.Node().Path(), id, props.Validate())
	p := props.withDefaults()
	// Before the override, and never replaced: jsii takes the address of what is embedded for the construct, for good.
	s := &Service{Resources: &ecsservice.Resources{}, Providers: map[string]*Provider{}}
	constructs.NewConstruct_Override(s, scope, &id)
	s.define(&p)
	return s
}

// URL is the address of the service, with a slash at its end: that of the first name of Domain, or of the load balancer. It is
// nil on a shared listener, and without a load balancer.
func (s *Service) URL() *string { return s.url }

func (s *Service) define(p *ServiceProps) {
	common, lb := &p.CommonProps, p.LoadBalancing
	s.InstanceSecurityGroup = p.InstanceSecurityGroup
	if p.Cluster == nil {
		s.InstanceSecurityGroup = awsec2.NewSecurityGroup(s, jsii.String("InstanceSecurityGroup"), &awsec2.SecurityGroupProps{
			Vpc: p.VPC, Description: jsii.String("Instances of " + *s.Node().Path()),
		})
	}
	targets := elb.TargetType_IP
	if p.NetworkMode != AWSVPC {
		s.SecurityGroup, targets = s.InstanceSecurityGroup, elb.TargetType_INSTANCE
	}
	s.Start(s, common)
	s.addProviders(p)
	s.AddTask(s, common, p.newTask(s))
	if lb != nil {
		s.Balance(s, common, lb, targets)
	}
	options := s.Options(common, lb)
	var service awsecs.BaseService
	if p.managed() {
		service = s.newManagedService(p, options)
	} else {
		service = s.newGroupService(p, options)
	}
	ecsservice.DependOnProviders(service, s.Cluster)
	s.Finish(s, common, lb, service)
	if s.Dashboard != nil {
		s.addWidgets()
	}
	if lb != nil {
		s.url = lb.URL(s.LoadBalancer)
	}
}

func (p *ServiceProps) newTask(scope constructs.Construct) awsecs.TaskDefinition {
	task := &awsecs.TaskDefinitionProps{
		Compatibility: awsecs.Compatibility_EC2, NetworkMode: networkModes[p.NetworkMode], TaskRole: p.TaskRole,
		Cpu: jsii.String(strconv.Itoa(p.CPU)), MemoryMiB: jsii.String(strconv.Itoa(p.Memory)),
	}
	if p.managed() {
		task.Compatibility = awsecs.Compatibility_MANAGED_INSTANCES
		task.RuntimePlatform = &awsecs.RuntimePlatform{CpuArchitecture: awsecs.CpuArchitecture_X86_64(), OperatingSystemFamily: awsecs.OperatingSystemFamily_LINUX()}
		if p.Capacity[0].ManagedInstances.ARM64 {
			task.RuntimePlatform.CpuArchitecture = awsecs.CpuArchitecture_ARM64()
		}
	}
	if p.ConfigureTask != nil {
		p.ConfigureTask(task)
	}
	return awsecs.NewTaskDefinition(scope, jsii.String("Task"), task)
}

var networkModes = map[NetworkMode]awsecs.NetworkMode{
	AWSVPC: awsecs.NetworkMode_AWS_VPC, Bridge: awsecs.NetworkMode_BRIDGE, Host: awsecs.NetworkMode_HOST,
}

func (s *Service) newGroupService(p *ServiceProps, options *awsecs.BaseServiceOptions) awsecs.BaseService {
	props := &awsecs.Ec2ServiceProps{TaskDefinition: s.TaskDefinition, AvailabilityZoneRebalancing: awsecs.AvailabilityZoneRebalancing_DISABLED}
	cdkval.Inherit(props, options)
	if p.NetworkMode == AWSVPC {
		props.VpcSubnets, props.SecurityGroups = p.TaskSubnets(), &[]awsec2.ISecurityGroup{s.SecurityGroup}
		props.AssignPublicIp = jsii.Bool(false)
	}
	if p.Daemon {
		props.Daemon = jsii.Bool(true)
	} else {
		props.CapacityProviderStrategies = s.strategies(p)
		props.PlacementStrategies = placements(p.PlacementStrategies)
	}
	if p.rebalances() {
		props.AvailabilityZoneRebalancing = awsecs.AvailabilityZoneRebalancing_ENABLED
	}
	var constraints []awsecs.PlacementConstraint
	if p.DistinctInstances {
		constraints = append(constraints, awsecs.PlacementConstraint_DistinctInstances())
	}
	if len(p.MemberOf) > 0 {
		constraints = append(constraints, awsecs.PlacementConstraint_MemberOf(*jsii.Strings(p.MemberOf...)...))
	}
	if len(constraints) > 0 {
		props.PlacementConstraints = &constraints
	}
	if p.ConfigureService != nil {
		p.ConfigureService(props)
	}
	service := awsecs.NewEc2Service(s, jsii.String("Service"), props)
	if p.NetworkMode != AWSVPC {
		service.Connections().AddSecurityGroup(s.InstanceSecurityGroup)
	}
	return service
}

// newManagedService uses the L2 of Fargate, which is also that of Managed Instances.
func (s *Service) newManagedService(p *ServiceProps, options *awsecs.BaseServiceOptions) awsecs.BaseService {
	props := &awsecs.FargateServiceProps{
		TaskDefinition: s.TaskDefinition, VpcSubnets: p.TaskSubnets(), SecurityGroups: &[]awsec2.ISecurityGroup{s.SecurityGroup},
		AssignPublicIp: jsii.Bool(false), AvailabilityZoneRebalancing: awsecs.AvailabilityZoneRebalancing_DISABLED,
	}
	cdkval.Inherit(props, options)
	props.CapacityProviderStrategies = s.strategies(p)
	if p.rebalances() {
		props.AvailabilityZoneRebalancing = awsecs.AvailabilityZoneRebalancing_ENABLED
	}
	if p.ConfigureManagedService != nil {
		p.ConfigureManagedService(props)
	}
	return awsecs.NewFargateService(s, jsii.String("Service"), props)
}

// rebalances tells whether ECS may move tasks between Availability Zones to even them out: it starts one more, then stops one, for
// which a daemon has no room.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html
func (p *ServiceProps) rebalances() bool {
	spread := len(p.PlacementStrategies) == 0 || p.PlacementStrategies[0] == SpreadOverZones
	for _, expression := range p.MemberOf {
		spread = spread && !strings.Contains(expression, zoneAttribute)
	}
	return spread && p.Deployment.Strategy == ecsservice.Rolling && p.Deployment.MaxPercent > 100
}

const zoneAttribute = "ecs.availability-zone"

func (s *Service) strategies(p *ServiceProps) *[]*awsecs.CapacityProviderStrategy {
	all := make([]*awsecs.CapacityProviderStrategy, len(p.Capacity))
	for i := range p.Capacity {
		k := &p.Capacity[i]
		all[i] = &awsecs.CapacityProviderStrategy{CapacityProvider: s.Providers[k.Name].Name, Weight: cdkval.Number(k.Weight)}
		if k.Base > 0 {
			all[i].Base = jsii.Number(k.Base)
		}
	}
	return &all
}

// placements turns strategies, which were checked, into those of the CDK.
func placements(strategies []PlacementStrategy) *[]awsecs.PlacementStrategy {
	all := make([]awsecs.PlacementStrategy, len(strategies))
	for i, s := range strategies {
		kind, field, _ := strings.Cut(string(s), ":")
		switch {
		case kind == "random":
			all[i] = awsecs.PlacementStrategy_Randomly()
		case kind == "spread":
			all[i] = awsecs.PlacementStrategy_SpreadAcross(&field)
		case s == BinpackCPU:
			all[i] = awsecs.PlacementStrategy_PackedByCpu()
		default:
			all[i] = awsecs.PlacementStrategy_PackedByMemory()
		}
	}
	return &all
}
