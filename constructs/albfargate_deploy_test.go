package constructs_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscodedeploy"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/albfargate"
	"github.com/strata-cdk/strata/constructs/ecsservice"
)

// productionRule gives the rule that ECS moves requests with, and what else of the template is about listeners.
func productionRule(tpl *cdktest.Template) map[string]any {
	out := map[string]any{}
	for _, typ := range []string{"AWS::ElasticLoadBalancingV2::ListenerRule", "AWS::ElasticLoadBalancingV2::Listener", "AWS::ElasticLoadBalancingV2::TargetGroup"} {
		for _, r := range tpl.All(typ) {
			out[r.LogicalID] = r.Body
		}
	}
	return out
}

func TestFargateService_BlueGreen(t *testing.T) {
	for strategy, want := range map[ecsservice.Strategy]o{
		ecsservice.BlueGreen: {"CanaryConfiguration": cdktest.Absent, "LinearConfiguration": cdktest.Absent},
		ecsservice.Linear:    {"LinearConfiguration": o{"StepPercent": 10, "StepBakeTimeInMinutes": 5}},
		ecsservice.Canary:    {"CanaryConfiguration": o{"CanaryPercent": 10, "CanaryBakeTimeInMinutes": 5}},
	} {
		tpl := synthShop(t, func(p *albfargate.ServiceProps) {
			p.Deployment = ecsservice.Deployment{Strategy: strategy, TestPort: 8443}
		})
		want["Strategy"], want["BakeTimeInMinutes"], want["DeploymentCircuitBreaker"] = string(strategy), 10, cdktest.Absent
		rule := func(listener, group string) string {
			return tpl.Has("AWS::ElasticLoadBalancingV2::ListenerRule", o{
				"Priority": 50000, "ListenerArn": o{"Ref": cdktest.Text(listener)}, "Conditions": a{o{"Field": "path-pattern", "PathPatternConfig": o{"Values": a{"/*"}}}},
				"Actions": a{o{"Type": "forward", "TargetGroupArn": o{"Ref": cdktest.Text(group)}}},
			}).LogicalID
		}
		production, test := rule("^ShopListener", "^ShopTargetGroup"), rule("^ShopTestListener", "^ShopAlternateTargetGroup")
		service := tpl.HasResource("AWS::ECS::Service", o{
			"DependsOn": cdktest.ArrayWith(production, test),
			"Properties": o{"DeploymentConfiguration": want, "LoadBalancers": a{o{"ContainerName": "app", "ContainerPort": 8080, "AdvancedConfiguration": o{
				"AlternateTargetGroupArn": o{"Ref": cdktest.Text("AlternateTargetGroup")}, "ProductionListenerRule": o{"Ref": production},
				"TestListenerRule": o{"Ref": test}, "RoleArn": cdktest.Any,
			}}}},
		})
		assert.NotContains(t, service.Properties["DeploymentConfiguration"], "LifecycleHooks")
		// ECS may move requests before the first deployment starts.
		role := tpl.Has("AWS::IAM::Role", o{
			"AssumeRolePolicyDocument": o{"Statement": a{o{"Principal": o{"Service": "ecs.amazonaws.com"}}}},
			"ManagedPolicyArns":        a{cdktest.Text("AmazonECSInfrastructureRolePolicyForLoadBalancers")},
		})
		tpl.HasResource("AWS::ECS::Service", o{"DependsOn": cdktest.ArrayWith(role.LogicalID), "Properties": o{"AvailabilityZoneRebalancing": cdktest.Absent}})
		tpl.Count("AWS::ElasticLoadBalancingV2::TargetGroup", 2)
		tpl.Has("AWS::EC2::SecurityGroup", o{"SecurityGroupIngress": cdktest.ArrayWith(o{"FromPort": 8443, "CidrIp": o{"Fn::GetAtt": a{cdktest.Text("Vpc"), "CidrBlock"}}})})
		if strategy == ecsservice.Canary {
			tpl.Snapshot("albfargate/canary")
		}
	}
}

// ECS sets the weights of the production rule. CloudFormation would set them back, to a target group without tasks, if the rule in
// the template changed with what is deployed (aws-cdk#36649).
func TestFargateService_ProductionRuleStaysTheSame(t *testing.T) {
	synth := func(image string, edit func(*albfargate.ServiceProps)) map[string]any {
		stack := cdktest.Stack(t)
		props := shop(stack, image)
		props.Deployment = ecsservice.Deployment{Strategy: ecsservice.Canary, TestPort: 8443}
		edit(props)
		albfargate.NewService(stack, "Shop", props)
		return productionRule(cdktest.Synth(t, stack))
	}
	before := synth("example/app:1", func(p *albfargate.ServiceProps) {})
	after := synth("example/app:2", func(p *albfargate.ServiceProps) {
		p.Scaling = &ecsservice.Scaling{Max: 20, RequestsPerTarget: 500}
		p.Containers[0].Environment = map[string]string{"LEVEL": "debug"}
		p.CPU, p.Memory = 512, 2048
	})
	require.Len(t, before, 7)
	assert.Equal(t, before, after)
}

func TestFargateService_Hooks(t *testing.T) {
	stack := cdktest.Stack(t)
	props := shop(stack, "example/app:1")
	check := awslambda.Function_FromFunctionArn(stack, jsii.String("Check"), jsii.String("arn:aws:lambda:us-east-1:111111111111:function:check"))
	props.Deployment = ecsservice.Deployment{Strategy: ecsservice.BlueGreen, Hooks: []ecsservice.Hook{
		{Stages: []ecsservice.Stage{ecsservice.PostTestTrafficShift}, Function: check},
		{Stages: []ecsservice.Stage{ecsservice.PreScaleUp}, Pause: true, Timeout: 2 * time.Hour, ContinueOnTimeout: true},
		{Stages: []ecsservice.Stage{ecsservice.PostScaleUp}, Pause: true, Timeout: time.Minute},
	}}
	albfargate.NewService(stack, "Shop", props)
	tpl := cdktest.Synth(t, stack)
	tpl.Has("AWS::ECS::Service", o{"DeploymentConfiguration": o{"Strategy": "BLUE_GREEN", "LifecycleHooks": a{
		o{"LifecycleStages": a{"POST_TEST_TRAFFIC_SHIFT"}, "TargetType": "AWS_LAMBDA", "HookTargetArn": "arn:aws:lambda:us-east-1:111111111111:function:check", "RoleArn": cdktest.Any, "TimeoutConfiguration": cdktest.Absent},
		o{"LifecycleStages": a{"PRE_SCALE_UP"}, "TargetType": "PAUSE", "TimeoutConfiguration": o{"TimeoutInMinutes": 120, "Action": "CONTINUE"}, "HookTargetArn": cdktest.Absent, "RoleArn": cdktest.Absent},
		o{"LifecycleStages": a{"POST_SCALE_UP"}, "TargetType": "PAUSE", "TimeoutConfiguration": o{"TimeoutInMinutes": 1, "Action": "ROLLBACK"}},
	}}})
	// ECS may call the function before the first deployment starts.
	policy := tpl.Has("AWS::IAM::Policy", o{"PolicyDocument": o{"Statement": cdktest.ArrayWith(o{"Action": "lambda:InvokeFunction"})}})
	tpl.HasResource("AWS::ECS::Service", o{"DependsOn": cdktest.ArrayWith(policy.LogicalID)})
}

func TestFargateService_CodeDeploy(t *testing.T) {
	tpl := synthShop(t, func(p *albfargate.ServiceProps) {
		p.Deployment = ecsservice.Deployment{Strategy: ecsservice.CodeDeploy, TestPort: 8443}
	})
	tpl.Has("AWS::ECS::Service", o{"DeploymentController": o{"Type": "CODE_DEPLOY"}, "DeploymentConfiguration": o{"Strategy": cdktest.Absent}})
	tpl.Has("AWS::CodeDeploy::DeploymentGroup", o{
		"DeploymentConfigName": "CodeDeployDefault.ECSCanary10Percent5Minutes", "AlarmConfiguration": o{"Enabled": true, "Alarms": a{o{"Name": o{"Ref": cdktest.Text("ServerErrors")}}}},
		"AutoRollbackConfiguration": o{"Events": a{"DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_REQUEST", "DEPLOYMENT_STOP_ON_ALARM"}},
		"LoadBalancerInfo": o{"TargetGroupPairInfoList": a{o{
			"ProdTrafficRoute": o{"ListenerArns": a{o{"Ref": cdktest.Text("^ShopListener")}}}, "TestTrafficRoute": o{"ListenerArns": a{o{"Ref": cdktest.Text("^ShopTestListener")}}},
			"TargetGroups": a{o{"Name": o{"Fn::GetAtt": a{cdktest.Text("^ShopTargetGroup"), "TargetGroupName"}}}, o{"Name": o{"Fn::GetAtt": a{cdktest.Text("^ShopAlternateTargetGroup"), "TargetGroupName"}}}},
		}}},
		"BlueGreenDeploymentConfiguration": o{"TerminateBlueInstancesOnDeploymentSuccess": o{"TerminationWaitTimeInMinutes": 10}},
	})
	tpl.Count("AWS::ElasticLoadBalancingV2::ListenerRule", 0)
}

func TestFargateService_CodeDeployOwnChoices(t *testing.T) {
	stack := cdktest.Stack(t)
	props := shop(stack, "example/app:1")
	props.Alarms.Disable = true
	props.Deployment = ecsservice.Deployment{
		Strategy: ecsservice.CodeDeploy, BakeTime: new(7 * time.Minute), Alarms: alarmOfOthers(stack), CodeDeployConfig: awscodedeploy.EcsDeploymentConfig_ALL_AT_ONCE(),
	}
	albfargate.NewService(stack, "Shop", props)
	group := o{
		"DeploymentConfigName": "CodeDeployDefault.ECSAllAtOnce", "AlarmConfiguration": o{"Enabled": true, "Alarms": a{o{"Name": "others"}}},
		"BlueGreenDeploymentConfiguration": o{"TerminateBlueInstancesOnDeploymentSuccess": o{"TerminationWaitTimeInMinutes": 7}},
		"LoadBalancerInfo":                 o{"TargetGroupPairInfoList": a{o{"TestTrafficRoute": cdktest.Absent}}},
	}
	cdktest.Synth(t, stack).Has("AWS::CodeDeploy::DeploymentGroup", group)

	// Without any alarm, failures and stops still roll back.
	tpl := synthShop(t, func(p *albfargate.ServiceProps) {
		p.Alarms.Disable, p.Deployment.Strategy = true, ecsservice.CodeDeploy
	})
	tpl.Has("AWS::CodeDeploy::DeploymentGroup", o{
		"AlarmConfiguration": cdktest.Absent, "AutoRollbackConfiguration": o{"Events": a{"DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_REQUEST"}},
	})
}

func TestFargateService_Scaling(t *testing.T) {
	stack := cdktest.Stack(t)
	props := shop(stack, "example/app:1")
	queue := awssqs.NewQueue(stack, jsii.String("Queue"), nil)
	props.Deployment.Strategy = ecsservice.BlueGreen
	props.Scaling = &ecsservice.Scaling{
		Min: new(3), Max: 12, CPUPercent: 60, MemoryPercent: 65, RequestsPerTarget: 400,
		Queue: &ecsservice.QueueScaling{Queue: queue, ProcessingTime: 2 * time.Second, AcceptableLatency: time.Minute},
		Steps: &ecsservice.StepScaling{Metric: queue.MetricApproximateAgeOfOldestMessage(nil), Steps: []ecsservice.Step{
			{Below: new(10.0), Change: -1}, {AtLeast: new(100.0), Below: new(200.0), Change: 2}, {AtLeast: new(200.0), Change: 4},
		}, OfLast: 3},
		Schedules: []ecsservice.Schedule{
			{Name: "Morning", Expression: "cron(0 7 ? * MON-FRI *)", TimeZone: "Europe/Berlin", Min: new(6)}, {Name: "Night", Expression: "cron(0 22 * * ? *)", Max: new(4)},
		},
		ScaleOutCooldown: 30 * time.Second, ScaleInCooldown: 2 * time.Minute, DisableScaleIn: true,
	}
	albfargate.NewService(stack, "Shop", props)
	tpl := cdktest.Synth(t, stack)
	// A number in the template would be set anew with every deployment.
	tpl.Has("AWS::ECS::Service", o{"DesiredCount": cdktest.Absent})
	tpl.Has("AWS::ApplicationAutoScaling::ScalableTarget", o{
		"MinCapacity": 3, "MaxCapacity": 12, "ScheduledActions": a{
			o{"Schedule": "cron(0 7 ? * MON-FRI *)", "Timezone": "Europe/Berlin", "ScalableTargetAction": o{"MinCapacity": 6, "MaxCapacity": cdktest.Absent}},
			o{"Schedule": "cron(0 22 * * ? *)", "Timezone": cdktest.Absent, "ScalableTargetAction": o{"MinCapacity": cdktest.Absent, "MaxCapacity": 4}},
		},
	})
	target := o{"Ref": tpl.All("AWS::ApplicationAutoScaling::ScalableTarget")[0].LogicalID}
	policy := func(want o) {
		want["ScaleOutCooldown"], want["ScaleInCooldown"], want["DisableScaleIn"] = 30, 120, true
		tpl.Has("AWS::ApplicationAutoScaling::ScalingPolicy", o{
			"PolicyType": "TargetTrackingScaling", "ScalingTargetId": target, "TargetTrackingScalingPolicyConfiguration": want,
		})
	}
	policy(o{"TargetValue": 60, "PredefinedMetricSpecification": o{"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}})
	policy(o{"TargetValue": 65, "PredefinedMetricSpecification": o{"PredefinedMetricType": "ECSServiceAverageMemoryUtilization"}})
	requests := func(group string) o {
		return o{"ReturnData": false, "MetricStat": o{"Stat": "Sum", "Metric": o{
			"Namespace": "AWS/ApplicationELB", "MetricName": "RequestCountPerTarget", "Dimensions": cdktest.ArrayWith(
				o{"Name": "TargetGroup", "Value": o{"Fn::GetAtt": a{cdktest.Text(group), "TargetGroupFullName"}}}, o{"Name": "LoadBalancer", "Value": cdktest.Any},
			),
		}}}
	}
	policy(o{"TargetValue": 400, "CustomizedMetricSpecification": o{"Metrics": a{
		requests("^ShopTargetGroup"), requests("^ShopAlternateTargetGroup"),
		o{"Id": "target", "Expression": "FILL(m0,0)+FILL(m1,0)", "ReturnData": true},
	}}})
	policy(o{"TargetValue": 30, "CustomizedMetricSpecification": o{"Metrics": a{
		o{"Id": "waiting", "MetricStat": o{"Metric": o{"Namespace": "AWS/SQS", "MetricName": "ApproximateNumberOfMessagesVisible", "Dimensions": a{o{"Name": "QueueName", "Value": cdktest.Any}}}}},
		o{"Id": "running", "MetricStat": o{"Metric": o{"Namespace": "ECS/ContainerInsights", "MetricName": "RunningTaskCount"}}},
		o{"Id": "target", "Expression": "FILL(waiting,0)/IF(FILL(running,0)>0,FILL(running,0),1)"},
	}}})
	tpl.Has("AWS::ApplicationAutoScaling::ScalingPolicy", o{"StepScalingPolicyConfiguration": o{"Cooldown": 30, "AdjustmentType": "ChangeInCapacity", "StepAdjustments": a{
		o{"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 100, "ScalingAdjustment": 2}, o{"MetricIntervalLowerBound": 100, "ScalingAdjustment": 4},
	}}})
	tpl.Has("AWS::ApplicationAutoScaling::ScalingPolicy", o{"StepScalingPolicyConfiguration": o{"StepAdjustments": a{o{"MetricIntervalUpperBound": 0, "ScalingAdjustment": -1}}}})
	tpl.Has("AWS::CloudWatch::Alarm", o{"MetricName": "ApproximateAgeOfOldestMessage", "Threshold": 100, "EvaluationPeriods": 3})
}

// Without a policy tasks follow the use of the CPU; with another one they do not.
func TestFargateService_ScalingDefaults(t *testing.T) {
	tpl := synthShop(t, func(p *albfargate.ServiceProps) { p.Scaling = &ecsservice.Scaling{Max: 4} })
	tpl.Has("AWS::ApplicationAutoScaling::ScalableTarget", o{"MinCapacity": 2, "MaxCapacity": 4})
	tpl.Count("AWS::ApplicationAutoScaling::ScalingPolicy", 1)
	tpl.Has("AWS::ApplicationAutoScaling::ScalingPolicy", o{"TargetTrackingScalingPolicyConfiguration": o{
		"TargetValue": 70, "ScaleOutCooldown": 60, "ScaleInCooldown": 300, "DisableScaleIn": false,
		"PredefinedMetricSpecification": o{"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
	}})
	for name, s := range map[string]ecsservice.Scaling{
		"CPU": {CPUPercent: 60}, "memory": {MemoryPercent: 80}, "requests": {RequestsPerTarget: 100},
		"queue": {Queue: &ecsservice.QueueScaling{ProcessingTime: time.Second, AcceptableLatency: time.Minute}},
		"steps": {Steps: &ecsservice.StepScaling{Steps: []ecsservice.Step{{AtLeast: new(1.0), Below: new(2.0), Change: 1}, {AtLeast: new(2.0), Change: 2}}}},
	} {
		t.Run(name, func(t *testing.T) {
			stack := cdktest.Stack(t)
			queue := awssqs.NewQueue(stack, jsii.String("Queue"), nil)
			if s.Queue != nil {
				s.Queue.Queue = queue
			}
			if s.Steps != nil {
				s.Steps.Metric = queue.MetricApproximateAgeOfOldestMessage(nil)
			}
			s.Max = 4
			props := shop(stack, "example/app:1")
			props.Scaling = &s
			albfargate.NewService(stack, "Shop", props)
			tpl := cdktest.Synth(t, stack)
			tpl.Count("AWS::ApplicationAutoScaling::ScalingPolicy", 1)
			tpl.HasNot("AWS::ApplicationAutoScaling::ScalingPolicy", o{"TargetTrackingScalingPolicyConfiguration": o{"TargetValue": 70}})
			if s.RequestsPerTarget > 0 { // to the only target group of a rolling deployment
				tpl.Has("AWS::ApplicationAutoScaling::ScalingPolicy", o{"TargetTrackingScalingPolicyConfiguration": o{
					"CustomizedMetricSpecification": o{"Metrics": a{cdktest.Any, o{"Expression": "FILL(m0,0)"}}},
				}})
			}
		})
	}
}

// Application Auto Scaling takes names of 256 characters.
func TestFargateService_NameOfPolicyInDeepStack(t *testing.T) {
	stack := cdktest.Stack(t)
	props := shop(stack, "example/app:1")
	props.Scaling = &ecsservice.Scaling{Max: 4, RequestsPerTarget: 100}
	long := strings.Repeat("a", 300)
	albfargate.NewService(constructs.NewConstruct(stack, &long), "Shop", props)
	policy := cdktest.Synth(t, stack).All("AWS::ApplicationAutoScaling::ScalingPolicy")[0]
	assert.Less(t, len(policy.Properties["PolicyName"].(string)), 257)
}

// alarmOfOthers is an alarm that someone else keeps.
func alarmOfOthers(stack constructs.Construct) []awscloudwatch.IAlarm {
	return []awscloudwatch.IAlarm{awscloudwatch.Alarm_FromAlarmArn(stack, jsii.String("Others"), jsii.String("arn:aws:cloudwatch:us-east-1:111111111111:alarm:others"))}
}

func TestFargateService_Rolling(t *testing.T) {
	stack := cdktest.Stack(t)
	props := shop(stack, "example/app:1")
	props.Deployment = ecsservice.Deployment{MinHealthyPercent: new(50), MaxPercent: 150, BakeTime: new(3 * time.Minute), Alarms: alarmOfOthers(stack)}
	props.DesiredCount = new(7)
	albfargate.NewService(stack, "Shop", props)
	cdktest.Synth(t, stack).Has("AWS::ECS::Service", o{"DesiredCount": 7, "AvailabilityZoneRebalancing": "ENABLED", "DeploymentConfiguration": o{
		"MinimumHealthyPercent": 50, "MaximumPercent": 150, "BakeTimeInMinutes": 3,
		"Alarms": o{"Enable": true, "Rollback": true, "AlarmNames": a{o{"Ref": cdktest.Text("ServerErrors")}, "others"}},
	}})

	// ECS cannot move tasks to another zone when no task may be added.
	tpl := synthShop(t, func(p *albfargate.ServiceProps) {
		p.Deployment = ecsservice.Deployment{MinHealthyPercent: new(0), MaxPercent: 100}
	})
	tpl.Has("AWS::ECS::Service", o{"AvailabilityZoneRebalancing": cdktest.Absent, "DeploymentConfiguration": o{"MaximumPercent": 100}})
}

// The CDK warns of a service without a circuit breaker, which is for rolling deployments.
func TestFargateService_NoWarningWithoutCircuitBreaker(t *testing.T) {
	warns := func(edit func(*albfargate.ServiceProps)) (found bool) {
		stack := cdktest.Stack(t)
		props := shop(stack, "example/app:1")
		edit(props)
		s := albfargate.NewService(stack, "Shop", props)
		for _, m := range *s.Service.Node().Metadata() {
			text, _ := m.Data.(string)
			found = found || *m.Type == "aws:cdk:warning" && strings.Contains(text, "shouldUseCircuitBreaker")
		}
		return found
	}
	assert.False(t, warns(func(p *albfargate.ServiceProps) { p.Deployment.Strategy = ecsservice.Canary }))
	assert.True(t, warns(func(p *albfargate.ServiceProps) {
		p.ConfigureService = func(s *awsecs.FargateServiceProps) { s.CircuitBreaker = nil }
	}))
}

// A blue/green deployment without a test listener, by the rule that the service has.
func TestFargateService_BlueGreenRule(t *testing.T) {
	tpl := synthShop(t, func(p *albfargate.ServiceProps) {
		p.Deployment = ecsservice.Deployment{Strategy: ecsservice.Linear, StepPercent: 12.5, StepBakeTime: new(2 * time.Minute), BakeTime: new(time.Minute)}
		p.LoadBalancing.Rules = []ecsservice.Rule{{Priority: 7, Hosts: []string{"shop.example.com"}}}
	})
	tpl.Count("AWS::ElasticLoadBalancingV2::ListenerRule", 1)
	tpl.Count("AWS::ElasticLoadBalancingV2::Listener", 2)
	rule := tpl.Has("AWS::ElasticLoadBalancingV2::ListenerRule", o{"Priority": 7, "Conditions": a{o{"Field": "host-header"}}})
	tpl.Has("AWS::ECS::Service", o{
		"DeploymentConfiguration": o{"BakeTimeInMinutes": 1, "LinearConfiguration": o{"StepPercent": 12.5, "StepBakeTimeInMinutes": 2}},
		"LoadBalancers":           a{o{"AdvancedConfiguration": o{"ProductionListenerRule": o{"Ref": rule.LogicalID}, "TestListenerRule": cdktest.Absent}}},
	})
}

func TestFargateService_Testers(t *testing.T) {
	tpl := synthShop(t, func(p *albfargate.ServiceProps) {
		p.Deployment = ecsservice.Deployment{Strategy: ecsservice.BlueGreen, TestPort: 8443, TestCIDRs: []string{"203.0.113.0/24"}}
	})
	tpl.Has("AWS::EC2::SecurityGroup", o{"SecurityGroupIngress": a{o{"FromPort": 443}, o{"FromPort": 80}, o{"FromPort": 8443, "CidrIp": "203.0.113.0/24"}}})
	tpl.Has("AWS::ElasticLoadBalancingV2::Listener", o{"Port": 8443, "Protocol": "HTTPS", "Certificates": a{cdktest.Any}})
}
