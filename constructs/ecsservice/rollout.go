package ecsservice

import (
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscodedeploy"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces/interfacesawscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/nag"
)

// addHooks adds the hooks through L1: the L2 has neither pauses nor timeouts.
func (r *Resources) addHooks(scope constructs.Construct, p *CommonProps) {
	if len(p.Deployment.Hooks) == 0 {
		return
	}
	hooks := make([]any, len(p.Deployment.Hooks))
	for i := range p.Deployment.Hooks {
		h := &p.Deployment.Hooks[i]
		hook := map[string]any{"LifecycleStages": h.Stages}
		if h.Pause {
			hook["TargetType"] = "PAUSE"
		} else {
			role := awsiam.NewRole(scope, jsii.String("HookRole"+strconv.Itoa(i+1)), &awsiam.RoleProps{
				AssumedBy: awsiam.NewServicePrincipal(jsii.String("ecs.amazonaws.com"), nil),
			})
			h.Function.GrantInvoke(role)
			policy := role.Node().FindChild(jsii.String("DefaultPolicy"))
			nag.Suppress(policy, "AwsSolutions-IAM5", "The hook may be any version of its function.")
			r.Service.Node().AddDependency(policy)
			hook["TargetType"], hook["HookTargetArn"], hook["RoleArn"] = "AWS_LAMBDA", h.Function.FunctionArn(), role.RoleArn()
		}
		if h.Timeout > 0 {
			action := map[bool]string{false: "ROLLBACK", true: "CONTINUE"}[h.ContinueOnTimeout]
			hook["TimeoutConfiguration"] = map[string]any{"TimeoutInMinutes": h.Timeout.Minutes(), "Action": action}
		}
		hooks[i] = hook
	}
	service := r.Service.Node().DefaultChild().(awscdk.CfnResource)
	service.AddPropertyOverride(jsii.String("DeploymentConfiguration.LifecycleHooks"), hooks)
}

// addCodeDeploy lets CodeDeploy move requests between the target groups.
func (r *Resources) addCodeDeploy(scope constructs.Construct, p *CommonProps) {
	d := &p.Deployment
	config := d.CodeDeployConfig
	if config == nil {
		config = awscodedeploy.EcsDeploymentConfig_CANARY_10PERCENT_5MINUTES()
	}
	props := &awscodedeploy.EcsDeploymentGroupProps{
		Service: r.Service, DeploymentConfig: config,
		BlueGreenDeploymentConfig: &awscodedeploy.EcsBlueGreenDeploymentConfig{
			BlueTargetGroup: r.TargetGroup, GreenTargetGroup: r.AlternateTargetGroup, Listener: r.Listener,
			TestListener: r.TestListener, TerminationWaitTime: cdkval.Duration(*d.BakeTime),
		},
		AutoRollback: &awscodedeploy.AutoRollbackConfig{FailedDeployment: jsii.Bool(true), StoppedDeployment: jsii.Bool(true)},
	}
	alarms := make([]interfacesawscloudwatch.IAlarmRef, 0, len(d.Alarms)+1)
	if len(r.Alarms) > 0 {
		alarms = append(alarms, r.Alarms[0]) // that on errors; the others come later
	}
	for _, alarm := range d.Alarms {
		alarms = append(alarms, alarm)
	}
	if len(alarms) > 0 {
		props.Alarms, props.AutoRollback.DeploymentInAlarm = &alarms, jsii.Bool(true)
	}
	group := awscodedeploy.NewEcsDeploymentGroup(scope, jsii.String("DeploymentGroup"), props)
	nag.Suppress(group.Role().Node().DefaultChild(), "AwsSolutions-IAM4", "The policy that AWS keeps for CodeDeploy to deploy to ECS.")
}
