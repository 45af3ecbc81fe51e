package ecsec2

import (
	_ "embed"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/encrypted"
	"github.com/strata-cdk/strata/internal/nag"
)

//go:embed teardown.py
var teardownCode string

// teardown is the function that deletes groups with their instances when their stack is deleted. CloudFormation would wait for
// the instances to go first, and those that are protected from scale-in do not: the protection outlives the capacity provider.
//
// https://github.com/aws/aws-cdk/issues/18179
type teardown struct {
	function awslambda.Function
	role     awsiam.Role
}

func (s *Service) newTeardown(p *ServiceProps) *teardown {
	scope := constructs.NewConstruct(s, jsii.String("Teardown"))
	logs := encrypted.NewLogGroup(scope, "Logs", "", s.Key, p.LogRetentionDays, p.RemovalPolicy)
	role := awsiam.NewRole(scope, jsii.String("Role"), &awsiam.RoleProps{AssumedBy: awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil)})
	logs.GrantWrite(role)
	role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("autoscaling:DescribeAutoScalingGroups"), Resources: jsii.Strings("*"),
	}))
	role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("ecs:ListContainerInstances", "ecs:DeregisterContainerInstance"), Resources: &[]*string{s.Cluster.ClusterArn()},
	}))
	role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("ecs:DescribeContainerInstances"), Resources: jsii.Strings("*"),
		Conditions: &map[string]any{"ArnEquals": map[string]any{"ecs:cluster": s.Cluster.ClusterArn()}},
	}))
	stack := awscdk.Stack_Of(s)
	role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{ // by tag: a group that an update replaces has another name
		Actions: jsii.Strings("autoscaling:DeleteAutoScalingGroup"),
		Resources: &[]*string{stack.FormatArn(&awscdk.ArnComponents{
			Service: jsii.String("autoscaling"), Resource: jsii.String("autoScalingGroup"), ArnFormat: awscdk.ArnFormat_COLON_RESOURCE_NAME,
			ResourceName: jsii.String("*:autoScalingGroupName/*"),
		})},
		Conditions: &map[string]any{"StringEquals": map[string]any{"aws:ResourceTag/aws:cloudformation:stack-id": stack.StackId()}},
	}))
	function := awslambda.NewFunction(scope, jsii.String("Function"), &awslambda.FunctionProps{
		Description: jsii.String("Deletes Auto Scaling groups with the stack of " + *s.Node().Path()),
		Runtime:     awslambda.Runtime_PYTHON_3_14(), Handler: jsii.String("index.handler"), Code: awslambda.Code_FromInline(&teardownCode),
		Architecture: awslambda.Architecture_ARM_64(), Timeout: cdkval.Duration(15 * time.Minute), Role: role, LogGroup: logs,
	})
	nag.Suppress(role.Node().FindChild(jsii.String("DefaultPolicy")), "AwsSolutions-IAM5",
		"Groups are limited by the tag of the stack, and described by no ARN; the instances of the cluster have no names beforehand.")
	return &teardown{function: function, role: role}
}

// add lets the deletion of the stack delete a group.
func (t *teardown) add(scope constructs.Construct, group awsautoscaling.AutoScalingGroup, cluster awsecs.ICluster) awscdk.CustomResource {
	resource := awscdk.NewCustomResource(scope, jsii.String("Teardown"), &awscdk.CustomResourceProps{
		ServiceToken: t.function.FunctionArn(), ResourceType: jsii.String("Custom::AutoScalingGroupTeardown"), ServiceTimeout: cdkval.Duration(16 * time.Minute),
		Properties: &map[string]any{"Group": group.AutoScalingGroupName(), "Cluster": cluster.ClusterName()},
	})
	resource.Node().AddDependency(t.role, t.function)
	return resource
}
