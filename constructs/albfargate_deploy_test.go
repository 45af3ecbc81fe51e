package constructs_test

import (
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
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
	}}
	albfargate.NewService(stack, "Shop", props)
	tpl := cdktest.Synth(t, stack)
	tpl.Has("AWS::ECS::Service", o{"DeploymentConfiguration": o{"Strategy": "BLUE_GREEN", "LifecycleHooks": a{
		o{"LifecycleStages": a{"POST_TEST_TRAFFIC_SHIFT"}, "TargetType": "AWS_LAMBDA", "HookTargetArn": "arn:aws:lambda:us-east-1:111111111111:function:check", "RoleArn": cdktest.Any, "TimeoutConfiguration": cdktest.Absent},
		o{"LifecycleStages": a{"PRE_SCALE_UP"}, "TargetType": "PAUSE", "TimeoutConfiguration": o{"TimeoutInMinutes": 120, "Action": "CONTINUE"}},
	}}})
	tpl.Has("AWS::IAM::Policy", o{"PolicyDocument": o{"Statement": cdktest.ArrayWith(o{"Action": "lambda:InvokeFunction"})}})
}

func TestFargateService_CodeDeploy(t *testing.T) {
	tpl := synthShop(t, func(p *albfargate.ServiceProps) {
		p.Deployment = ecsservice.Deployment{Strategy: ecsservice.CodeDeploy, TestPort: 8443}
	})
	tpl.Has("AWS::ECS::Service", o{"DeploymentController": o{"Type": "CODE_DEPLOY"}, "DeploymentConfiguration": o{"Strategy": cdktest.Absent}})
	tpl.Has("AWS::CodeDeploy::DeploymentGroup", o{
		"DeploymentConfigName": "CodeDeployDefault.ECSCanary10Percent5Minutes", "AlarmConfiguration": o{"Enabled": true, "Alarms": a{o{"Name": o{"Ref": cdktest.Text("ServerErrors")}}}},
		"AutoRollbackConfiguration": o{"Events": cdktest.ArrayWith("DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_FAILURE")},
		"LoadBalancerInfo": o{"TargetGroupPairInfoList": a{o{
			"ProdTrafficRoute": o{"ListenerArns": a{cdktest.Any}}, "TestTrafficRoute": o{"ListenerArns": a{cdktest.Any}}, "TargetGroups": a{cdktest.Any, cdktest.Any},
		}}},
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
		}},
		Schedules:        []ecsservice.Schedule{{Name: "Morning", Expression: "cron(0 7 ? * MON-FRI *)", TimeZone: "Europe/Berlin", Min: new(6)}},
		ScaleOutCooldown: 30 * time.Second,
	}
	albfargate.NewService(stack, "Shop", props)
	tpl := cdktest.Synth(t, stack)
	// A number in the template would be set anew with every deployment.
	tpl.Has("AWS::ECS::Service", o{"DesiredCount": cdktest.Absent})
	tpl.Has("AWS::ApplicationAutoScaling::ScalableTarget", o{
		"MinCapacity": 3, "MaxCapacity": 12, "ScheduledActions": a{o{
			"Schedule": "cron(0 7 ? * MON-FRI *)", "Timezone": "Europe/Berlin", "ScalableTargetAction": o{"MinCapacity": 6, "MaxCapacity": cdktest.Absent},
		}},
	})
	policy := func(want o) {
		want["ScaleOutCooldown"], want["ScaleInCooldown"] = 30, 300
		tpl.Has("AWS::ApplicationAutoScaling::ScalingPolicy", o{"TargetTrackingScalingPolicyConfiguration": want})
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
	tpl.Has("AWS::ApplicationAutoScaling::ScalingPolicy", o{"StepScalingPolicyConfiguration": o{"StepAdjustments": a{
		o{"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 100, "ScalingAdjustment": 2}, o{"MetricIntervalLowerBound": 100, "ScalingAdjustment": 4},
	}}})
}

func TestFargateService_Alarms(t *testing.T) {
	tpl := synthShop(t, func(p *albfargate.ServiceProps) {
		p.Deployment.Strategy = ecsservice.BlueGreen
		p.Alarms = ecsservice.Alarms{ServerErrorPercent: 5, Latency: 500 * time.Millisecond, CPUPercent: 70, MemoryPercent: 80}
	})
	tpl.Has("AWS::CloudWatch::Alarm", o{"Threshold": 5, "DatapointsToAlarm": 3, "EvaluationPeriods": 5, "Metrics": cdktest.ArrayWith(
		o{"Expression": "100*(FILL(m00,0)+FILL(m01,0))/(FILL(m10,0)+FILL(m11,0))"},
	)})
	tpl.Has("AWS::CloudWatch::Alarm", o{"Threshold": 0.5, "Metrics": cdktest.ArrayWith(o{"Expression": "MAX([m0,m1])"})})
	tpl.Has("AWS::CloudWatch::Alarm", o{"Threshold": 0, "EvaluationPeriods": 5, "Metrics": cdktest.ArrayWith(o{"Expression": "MAX([m0,m1])"})})
	tpl.Has("AWS::CloudWatch::Alarm", o{"Threshold": 70, "MetricName": "CPUUtilization"})
	tpl.Has("AWS::CloudWatch::Alarm", o{"Threshold": 80, "MetricName": "MemoryUtilization"})
	tpl.Has("AWS::CloudWatch::Alarm", o{"Threshold": 0, "EvaluationPeriods": 10, "Metrics": cdktest.ArrayWith(o{"Expression": "wanted-running"})})
}
