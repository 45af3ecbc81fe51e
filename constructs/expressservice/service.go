// Package expressservice runs a container image as a web service with Amazon ECS Express Mode, which AWS names as the
// successor of AWS App Runner.
//
// From an image and three roles, ECS creates and looks after the rest: tasks on AWS Fargate, an Application Load Balancer
// with a certificate and an HTTPS address, security groups, scaling, and canary deployments that an alarm rolls back.
// Services of one VPC share the load balancer. Without a VPC of yours, that is the default VPC of the account, where the
// service is public and its tasks have public addresses; in private subnets, which are the default of a VPC of yours, the
// load balancer is internal.
//
// It protects: the address speaks HTTPS only, each role may do no more than its part, values of secrets are read when a
// task starts and are in no template, logs are encrypted, and two tasks at least share the requests.
//
// It costs, in us-east-1: about 9 USD a month for each task of the default size, about 16 USD a month and usage for a load
// balancer, 3.60 USD a month for each public address, 1 USD a month for the key, and 0.50 USD a GB of logs.
//
// See https://docs.aws.amazon.com/AmazonECS/latest/developerguide/express-service-overview.html
package expressservice

import (
	"maps"
	"slices"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/encrypted"
	"github.com/strata-cdk/strata/internal/nag"
)

// Service is an Express Mode service. It is an awsiam.IGrantable: what is granted to it, its containers may do. The fields
// are the underlying constructs, for overrides and grants.
type Service struct {
	constructs.Construct
	// Service is the service. Its attributes name what ECS created: load balancer, target groups, security groups, ...
	Service awsecs.CfnExpressGatewayService
	// TaskRole is the role of the code in the containers.
	TaskRole awsiam.Role
	// ExecutionRole is the role with which ECS starts tasks: it pulls the image, reads parameters and secrets, and writes
	// logs.
	ExecutionRole awsiam.Role
	// InfrastructureRole is the role with which ECS looks after the load balancer, security groups, certificates, and
	// scaling.
	InfrastructureRole awsiam.Role
	// Logs are the logs of the containers.
	Logs awslogs.LogGroup
	// Key encrypts Logs: the given key or a new one.
	Key awskms.IKey
}

// NewService defines a Service named id in scope.
// It panics with a *check.Error that lists every invalid field of props.
func NewService(scope constructs.Construct, id string, props *ServiceProps) *Service {
	check.Must(scope.Node().Path(), id, props.Validate())
	p := props.withDefaults()

	s := &Service{}
	constructs.NewConstruct_Override(s, scope, &id)
	if s.Key = p.Key; s.Key == nil {
		s.Key = encrypted.NewKey(s, "Logs of "+*s.Node().Path(), p.RemovalPolicy)
	}
	encrypted.AllowLogs(s, s.Key)
	s.Logs = encrypted.NewLogGroup(s, "Logs", "", s.Key, p.LogRetentionDays, p.RemovalPolicy)
	s.newRoles(&p)

	l1 := &awsecs.CfnExpressGatewayServiceProps{
		ServiceName:           cdkval.Text(p.Name),
		Cpu:                   jsii.String(strconv.Itoa(p.CPU)),
		Memory:                jsii.String(strconv.Itoa(p.Memory)),
		HealthCheckPath:       &p.HealthCheckPath,
		ExecutionRoleArn:      s.ExecutionRole.RoleArn(),
		InfrastructureRoleArn: s.InfrastructureRole.RoleArn(),
		TaskRoleArn:           s.TaskRole.RoleArn(),
		NetworkConfiguration:  p.network(),
		ScalingTarget: &awsecs.CfnExpressGatewayService_ExpressGatewayScalingTargetProperty{
			MinTaskCount:           jsii.Number(*p.Scaling.MinTasks),
			MaxTaskCount:           jsii.Number(p.Scaling.MaxTasks),
			AutoScalingMetric:      jsii.String(string(p.Scaling.Metric)),
			AutoScalingTargetValue: jsii.Number(p.Scaling.Target),
		},
		PrimaryContainer: &awsecs.CfnExpressGatewayService_ExpressGatewayContainerProperty{
			Image:         p.image(),
			ContainerPort: jsii.Number(p.Port),
			Command:       cdkval.Texts(p.Command),
			Environment:   p.environment(),
			Secrets:       s.secrets(&p),
			AwsLogsConfiguration: &awsecs.CfnExpressGatewayService_ExpressGatewayServiceAwsLogsConfigurationProperty{
				LogGroup: s.Logs.LogGroupName(), LogStreamPrefix: jsii.String("ecs"),
			},
		},
	}
	if p.Cluster != nil {
		l1.Cluster = p.Cluster.ClusterArn()
	}
	if p.ConfigureService != nil {
		p.ConfigureService(l1)
	}
	s.Service = awsecs.NewCfnExpressGatewayService(s, jsii.String("Service"), l1)
	// Not before the policies: the first tasks need them, and ECS deletes with the role what it created.
	s.Service.Node().AddDependency(s.ExecutionRole, s.InfrastructureRole, s.TaskRole)
	return s
}

// URL is the address of the service, such as "https://we-0a1b2c3d.ecs.us-east-1.on.aws". It is known at deployment, and
// changes when the service is replaced.
func (s *Service) URL() *string { return jsii.String("https://" + *s.Service.AttrEndpoint()) }

// GrantPrincipal is the task role: what is granted to the service, the code in its containers may do.
func (s *Service) GrantPrincipal() awsiam.IPrincipal { return s.TaskRole.GrantPrincipal() }

func (s *Service) newRoles(p *ServiceProps) {
	stack, path := awscdk.Stack_Of(s), *s.Node().Path()
	s.TaskRole = awsiam.NewRole(s, jsii.String("TaskRole"), &awsiam.RoleProps{
		Description: jsii.String("Code in the containers of " + path),
		// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html#create_task_iam_policy_and_role
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("ecs-tasks.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: &map[string]any{
				"StringEquals": map[string]any{"aws:SourceAccount": stack.Account()},
				"ArnLike":      map[string]any{"aws:SourceArn": stack.FormatArn(&awscdk.ArnComponents{Service: jsii.String("ecs"), Resource: jsii.String("*")})},
			},
		}),
	})
	s.ExecutionRole = awsiam.NewRole(s, jsii.String("ExecutionRole"), &awsiam.RoleProps{
		Description: jsii.String("Starts the tasks of " + path),
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String("ecs-tasks.amazonaws.com"), nil),
	})
	s.Logs.GrantWrite(s.ExecutionRole)
	if p.Repository != nil {
		p.Repository.GrantPull(s.ExecutionRole)
		nag.Suppress(s.ExecutionRole.Node().FindChild(jsii.String("DefaultPolicy")), "AwsSolutions-IAM5",
			"ecr:GetAuthorizationToken has no resource to name in a policy.", "Resource::*")
	}
	s.InfrastructureRole = awsiam.NewRole(s, jsii.String("InfrastructureRole"), &awsiam.RoleProps{
		Description: jsii.String("Load balancer, security groups and scaling of " + path),
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String("ecs.amazonaws.com"), nil),
		ManagedPolicies: &[]awsiam.IManagedPolicy{
			awsiam.ManagedPolicy_FromAwsManagedPolicyName(jsii.String("service-role/AmazonECSInfrastructureRoleforExpressGatewayServices")),
		},
	})
	nag.Suppress(s.InfrastructureRole, "AwsSolutions-IAM4",
		"AWS keeps in this policy what Express Mode needs; it is bound to resources that ECS created and tagged.")
}

// image is the address of the image.
func (p *ServiceProps) image() *string {
	if p.Repository != nil {
		return p.Repository.RepositoryUriForTagOrDigest(&p.Tag)
	}
	return &p.Image
}

// network is nil without a VPC: the default one of the account, as AWS chooses.
func (p *ServiceProps) network() any {
	if p.VPC == nil {
		return nil
	}
	selection := p.Subnets
	if selection == nil {
		selection = &awsec2.SubnetSelection{}
	}
	network := &awsecs.CfnExpressGatewayService_ExpressGatewayServiceNetworkConfigurationProperty{
		Subnets: p.VPC.SelectSubnets(selection).SubnetIds,
	}
	if len(p.SecurityGroups) > 0 {
		ids := make([]*string, len(p.SecurityGroups))
		for i, group := range p.SecurityGroups {
			ids[i] = group.SecurityGroupId()
		}
		network.SecurityGroups = &ids
	}
	return network
}

// environment gives nil for no variables, so that the template has none.
func (p *ServiceProps) environment() any {
	if len(p.Environment) == 0 {
		return nil
	}
	var pairs []any
	for _, name := range slices.Sorted(maps.Keys(p.Environment)) {
		pairs = append(pairs, &awsecs.CfnExpressGatewayService_KeyValuePairProperty{Name: &name, Value: jsii.String(p.Environment[name])})
	}
	return pairs
}

// secrets lets ECS read the parameters and secrets when it starts a task.
func (s *Service) secrets(p *ServiceProps) any {
	if len(p.Parameters)+len(p.Secrets) == 0 {
		return nil
	}
	var secrets []any
	for _, name := range slices.Sorted(maps.Keys(p.Parameters)) {
		parameter := p.Parameters[name]
		parameter.GrantRead(s.ExecutionRole)
		secrets = append(secrets, &awsecs.CfnExpressGatewayService_SecretProperty{Name: &name, ValueFrom: parameter.ParameterArn()})
	}
	for _, name := range slices.Sorted(maps.Keys(p.Secrets)) {
		secret := p.Secrets[name]
		secret.Secret.GrantRead(s.ExecutionRole, nil)
		from := *secret.Secret.SecretArn()
		if secret.Field != "" {
			from += ":" + secret.Field + "::"
		}
		secrets = append(secrets, &awsecs.CfnExpressGatewayService_SecretProperty{Name: &name, ValueFrom: &from})
	}
	return secrets
}
