package constructs_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/failover"
)

// inBoth gives the ARN in both regions of a plan.
func inBoth(arn string) []string {
	return []string{strings.ReplaceAll(arn, "REGION", "us-east-1"), strings.ReplaceAll(arn, "REGION", "us-west-2")}
}

func switchFunctions() []string { return inBoth("arn:aws:lambda:REGION:111111111111:function:switch") }

// orderPlan has a step of each kind.
func orderPlan(stack awscdk.Stack) *failover.PlanProps {
	route := apiRoute("")
	clusters, services := inBoth("arn:aws:ecs:REGION:111111111111:cluster/shop"), inBoth("arn:aws:ecs:REGION:111111111111:service/shop/orders")
	operators := awsiam.NewRole(stack, jsii.String("Operators"), &awsiam.RoleProps{AssumedBy: awsiam.NewAccountRootPrincipal()})
	return &failover.PlanProps{
		Name: "orders", Regions: route.Regions, RecoveryTime: 30 * time.Minute,
		Workflows: []failover.Workflow{{Steps: []failover.Step{
			{Name: "Approve", Approval: &failover.Approval{Role: operators}},
			{Name: "Data", Aurora: &failover.Aurora{GlobalCluster: "orders", ClusterARNs: inBoth("arn:aws:rds:REGION:111111111111:cluster:orders")}},
			{Name: "Compute", Parallel: []failover.Step{
				{Name: "Tasks", Timeout: 15 * time.Minute, ScaleECS: &failover.ScaleECS{Services: []failover.Service{
					{ClusterARN: clusters[0], ServiceARN: services[0]}, {ClusterARN: clusters[1], ServiceARN: services[1]},
				}}},
				{Name: "Instances", ScaleEC2: &failover.ScaleEC2{
					GroupARNs: inBoth("arn:aws:autoscaling:REGION:111111111111:autoScalingGroup:0d1b4c2e-0000-1111-2222-333344445555:autoScalingGroupName/app"),
				}},
				{Name: "Pods", ScaleEKS: &failover.ScaleEKS{ClusterARNs: inBoth("arn:aws:eks:REGION:111111111111:cluster/shop"), Namespace: "shop", Name: "orders"}},
			}},
			{Name: "Warm", Description: "Fills caches", Lambda: &failover.Lambda{FunctionARNs: switchFunctions()}},
			{Name: "Others", PlanARN: "arn:aws:arc-region-switch::111111111111:plan/child:abc123"},
			{Name: "Clients", Route: &route},
		}}},
	}
}

func TestFailover_Plan(t *testing.T) {
	stack := cdktest.Stack(t)
	p := failover.NewPlan(stack, "Switch", orderPlan(stack))
	assert.NotEmpty(t, p.ARN())
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("failover/plan")
	block := func(name, typ, config string, want o) o {
		return o{"Name": name, "ExecutionBlockType": typ, "ExecutionBlockConfiguration": o{config: want}}
	}
	functions, regions := switchFunctions(), a{"us-east-1", "us-west-2"}
	clusters, services := inBoth("arn:aws:ecs:REGION:111111111111:cluster/shop"), inBoth("arn:aws:ecs:REGION:111111111111:service/shop/orders")
	groups := inBoth("arn:aws:autoscaling:REGION:111111111111:autoScalingGroup:0d1b4c2e-0000-1111-2222-333344445555:autoScalingGroupName/app")
	eks, rds := inBoth("arn:aws:eks:REGION:111111111111:cluster/shop"), inBoth("arn:aws:rds:REGION:111111111111:cluster:orders")
	pods := o{"Namespace": "shop", "Name": "orders"}
	plan := tpl.Has("AWS::ARCRegionSwitch::Plan", o{
		"Name": "orders", "Regions": regions, "PrimaryRegion": "us-east-1", "RecoveryApproach": "activePassive", "RecoveryTimeObjectiveMinutes": 30,
		"ExecutionRole": o{"Fn::GetAtt": a{cdktest.Text("^SwitchRole"), "Arn"}}, "AssociatedAlarms": cdktest.Absent, "Triggers": cdktest.Absent, "ReportConfiguration": cdktest.Absent,
		"Workflows": a{o{"WorkflowTargetAction": "activate", "WorkflowTargetRegion": cdktest.Absent, "Steps": a{
			block("Approve", "ManualApproval", "ExecutionApprovalConfig", o{"ApprovalRole": o{"Fn::GetAtt": a{cdktest.Text("^Operators"), "Arn"}}, "TimeoutMinutes": 60}),
			block("Data", "AuroraGlobalDatabase", "GlobalAuroraConfig", o{
				"Behavior": "switchoverOnly", "GlobalClusterIdentifier": "orders", "DatabaseClusterArns": rds, "Ungraceful": o{"Ungraceful": "failover"}, "TimeoutMinutes": 60,
			}),
			block("Compute", "Parallel", "ParallelConfig", o{"Steps": a{
				block("Tasks", "ECSServiceScaling", "EcsCapacityIncreaseConfig", o{
					"Services": a{o{"ClusterArn": clusters[0], "ServiceArn": services[0]}, o{"ClusterArn": clusters[1], "ServiceArn": services[1]}}, "TargetPercent": 100,
					"CapacityMonitoringApproach": "sampledMaxInLast24Hours", "TimeoutMinutes": 15,
				}),
				block("Instances", "EC2AutoScaling", "Ec2AsgCapacityIncreaseConfig", o{
					"Asgs": a{o{"Arn": groups[0]}, o{"Arn": groups[1]}}, "TargetPercent": 100, "CapacityMonitoringApproach": "sampledMaxInLast24Hours", "TimeoutMinutes": 60,
				}),
				block("Pods", "EKSResourceScaling", "EksResourceScalingConfig", o{
					"EksClusters": a{o{"ClusterArn": eks[0]}, o{"ClusterArn": eks[1]}}, "KubernetesResourceType": o{"ApiVersion": "apps/v1", "Kind": "Deployment"},
					"ScalingResources": a{o{"orders": o{"us-east-1": pods, "us-west-2": pods}}}, "TargetPercent": 100, "CapacityMonitoringApproach": "sampledMaxInLast24Hours", "TimeoutMinutes": 60,
				}),
			}}),
			block("Warm", "CustomActionLambda", "CustomActionLambdaConfig", o{
				"Lambdas": a{o{"Arn": functions[0]}, o{"Arn": functions[1]}}, "RegionToRun": "activatingRegion", "RetryIntervalMinutes": 1, "TimeoutMinutes": 60,
			}),
			block("Others", "ARCRegionSwitchPlan", "RegionSwitchPlanConfig", o{"Arn": "arn:aws:arc-region-switch::111111111111:plan/child:abc123"}),
			block("Clients", "Route53HealthCheck", "Route53HealthCheckConfig", o{
				"HostedZoneId": "Z1D633PJN98FT9", "RecordName": "api.example.com", "TimeoutMinutes": 60, "RecordSets": a{
					o{"RecordSetIdentifier": "us-east-1", "Region": "us-east-1"}, o{"RecordSetIdentifier": "us-west-2", "Region": "us-west-2"},
				},
			}),
		}}},
	})
	tpl.HasResource("AWS::ARCRegionSwitch::Plan", o{"DependsOn": cdktest.ArrayWith(cdktest.Text("^SwitchPolicy"))})
	tpl.Has("AWS::IAM::Role", o{"AssumeRolePolicyDocument": o{"Statement": a{o{"Principal": o{"Service": "arc-region-switch.amazonaws.com"}}}}})
	arn := func(rest string) o { return o{"Fn::Join": a{"", a{"arn:", o{"Ref": "AWS::Partition"}, rest}}} }
	child := "arn:aws:arc-region-switch::111111111111:plan/child:abc123"
	for _, statement := range []o{
		{"Action": a{"arc-region-switch:GetPlan", "arc-region-switch:GetPlanExecution", "arc-region-switch:ListPlanExecutions"}, "Resource": arn(":arc-region-switch::111111111111:plan/orders:*")},
		{"Action": "iam:SimulatePrincipalPolicy", "Resource": o{"Fn::GetAtt": a{cdktest.Text("^SwitchRole"), "Arn"}}},
		{"Action": a{"ecs:DescribeServices", "ecs:UpdateService"}, "Resource": services},
		{"Action": "ecs:DescribeClusters", "Resource": clusters},
		{"Action": cdktest.ArrayWith("application-autoscaling:RegisterScalableTarget", "cloudwatch:GetMetricStatistics"), "Resource": "*"},
		{"Action": "autoscaling:UpdateAutoScalingGroup", "Resource": groups},
		{"Action": "eks:DescribeCluster", "Resource": eks},
		{"Action": "eks:ListAssociatedAccessPolicies", "Resource": inBoth("arn:aws:eks:REGION:111111111111:access-entry/shop/*")},
		{"Action": a{"rds:FailoverGlobalCluster", "rds:SwitchoverGlobalCluster"}, "Resource": a{arn(":rds::111111111111:global-cluster:orders"), rds[0], rds[1]}},
		{"Action": "route53:ListResourceRecordSets", "Resource": arn(":route53:::hostedzone/Z1D633PJN98FT9")},
		{"Action": a{"lambda:GetFunction", "lambda:InvokeFunction"}, "Resource": functions},
		{"Action": cdktest.ArrayWith("arc-region-switch:StartPlanExecution"), "Resource": child},
	} {
		tpl.Has("AWS::IAM::Policy", o{"PolicyDocument": o{"Statement": cdktest.ArrayWith(statement)}})
	}
	tpl.HasNot("AWS::IAM::Policy", o{"PolicyDocument": o{"Statement": cdktest.ArrayWith(o{"Action": "arc-region-switch:StartPlanExecution"})}})
	tpl.Has("AWS::IAM::Policy", o{
		"Roles":          a{o{"Ref": cdktest.Text("^Operators")}},
		"PolicyDocument": o{"Statement": a{o{"Action": "arc-region-switch:ApprovePlanExecutionStep", "Resource": o{"Fn::GetAtt": a{plan.LogicalID, "Arn"}}}}},
	})
}

func TestFailover_PlanSettings(t *testing.T) {
	stack := cdktest.Stack(t)
	key := awskms.NewKey(stack, jsii.String("Mine"), nil)
	bucket := awss3.NewBucket(stack, jsii.String("Reports"), &awss3.BucketProps{EncryptionKey: key})
	const healthy, down = "arn:aws:cloudwatch:us-east-1:111111111111:alarm:healthy", "arn:aws:cloudwatch:us-west-2:111111111111:alarm:down"
	services := inBoth("arn:aws:ecs:REGION:111111111111:service/shop/orders")
	clusters := inBoth("arn:aws:ecs:REGION:111111111111:cluster/shop")
	scaling := failover.Scaling{TargetPercent: 50, UngracefulPercent: new(0)}
	failover.NewPlan(stack, "Switch", &failover.PlanProps{
		Name: "orders", Description: "Orders", Regions: []string{"us-east-1", "us-west-2"}, Approach: failover.ActiveActive,
		Workflows: []failover.Workflow{
			{Region: "us-east-1", Description: "Back", Steps: []failover.Step{{Name: "Tasks", ScaleECS: &failover.ScaleECS{
				Scaling: scaling, ContainerInsights: true, Services: []failover.Service{{ClusterARN: clusters[0], ServiceARN: services[0]}, {ClusterARN: clusters[1], ServiceARN: services[1]}},
			}}}},
			{Region: "us-west-2", Steps: []failover.Step{{Name: "Instances", ScaleEC2: &failover.ScaleEC2{
				Scaling: scaling, GroupMetrics: true, GroupARNs: inBoth("arn:aws:autoscaling:REGION:111111111111:autoScalingGroup:0d1b4c2e-0000-1111-2222-333344445555:autoScalingGroupName/app"),
			}}}},
			{Action: failover.Deactivate, Steps: []failover.Step{
				{Name: "Pods", ScaleEKS: &failover.ScaleEKS{
					Scaling: scaling, ClusterARNs: inBoth("arn:aws:eks:REGION:111111111111:cluster/shop"), Namespace: "shop", Name: "orders", Autoscaler: "orders-hpa", Kind: "StatefulSet",
				}},
				{Name: "Drain", Lambda: &failover.Lambda{FunctionARNs: switchFunctions(), RunIn: failover.Deactivating, RetryInterval: 2 * time.Minute, SkipUngraceful: true}},
				{Name: "Data", Aurora: &failover.Aurora{
					GlobalCluster: "orders", ClusterARNs: inBoth("arn:aws:rds:REGION:111111111111:cluster:orders"), Failover: true, DisableUngracefulFailover: true,
				}},
				{Name: "Others", PlanARN: "arn:aws:arc-region-switch::111111111111:plan/child:abc123"},
			}},
			{Action: failover.PostRecovery, Steps: []failover.Step{{Name: "Repair", Lambda: &failover.Lambda{FunctionARNs: switchFunctions()}}}},
		},
		HealthAlarms: map[string]string{"healthy": healthy}, TriggerAlarms: map[string]string{"down": down, "up": healthy},
		Triggers: []failover.Trigger{{Region: "us-west-2", Red: []string{"down"}, Green: []string{"up"}}}, Report: &failover.PlanReport{Bucket: bucket},
	})
	tpl := cdktest.Synth(t, stack)
	half := o{"MinimumSuccessPercentage": 0}
	config := func(name string, want o) o { return o{"ExecutionBlockConfiguration": o{name: want}} }
	tpl.Has("AWS::ARCRegionSwitch::Plan", o{
		"Description": "Orders", "RecoveryApproach": "activeActive", "PrimaryRegion": cdktest.Absent, "RecoveryTimeObjectiveMinutes": cdktest.Absent,
		"AssociatedAlarms": cdktest.Exactly(o{
			"healthy": o{"AlarmType": "applicationHealth", "ResourceIdentifier": healthy}, "down": o{"AlarmType": "trigger", "ResourceIdentifier": down},
			"up": o{"AlarmType": "trigger", "ResourceIdentifier": healthy},
		}),
		"Triggers": a{o{"Action": "activate", "TargetRegion": "us-west-2", "MinDelayMinutesBetweenExecutions": 60, "Conditions": a{
			o{"AssociatedAlarmName": "down", "Condition": "red"}, o{"AssociatedAlarmName": "up", "Condition": "green"},
		}}},
		"ReportConfiguration": o{"ReportOutput": a{o{"S3Configuration": o{
			"BucketOwner": cdktest.Account, "BucketPath": o{"Fn::Join": a{"", a{o{"Ref": cdktest.Text("^Reports")}, "/region-switch"}}},
		}}}},
		"Workflows": a{
			o{"WorkflowTargetAction": "activate", "WorkflowTargetRegion": "us-east-1", "WorkflowDescription": "Back", "Steps": a{
				config("EcsCapacityIncreaseConfig", o{"TargetPercent": 50, "CapacityMonitoringApproach": "containerInsightsMaxInLast24Hours", "Ungraceful": half}),
			}},
			o{"WorkflowTargetRegion": "us-west-2", "Steps": a{
				config("Ec2AsgCapacityIncreaseConfig", o{"TargetPercent": 50, "CapacityMonitoringApproach": "autoscalingMaxInLast24Hours", "Ungraceful": half}),
			}},
			o{"WorkflowTargetAction": "deactivate", "Steps": a{
				config("EksResourceScalingConfig", o{
					"KubernetesResourceType": o{"Kind": "StatefulSet"}, "ScalingResources": a{o{"orders": o{"us-west-2": o{"HpaName": "orders-hpa"}}}}, "Ungraceful": half,
				}),
				config("CustomActionLambdaConfig", o{"RegionToRun": "deactivatingRegion", "RetryIntervalMinutes": 2, "Ungraceful": o{"Behavior": "skip"}}),
				config("GlobalAuroraConfig", o{"Behavior": "failover", "Ungraceful": cdktest.Absent}),
				config("RegionSwitchPlanConfig", o{"Arn": cdktest.Any}),
			}},
			o{"WorkflowTargetAction": "postRecovery", "Steps": a{config("CustomActionLambdaConfig", o{"RegionToRun": "activeRegion"})}},
		},
	})
	for _, statement := range []o{
		{"Action": "arc-region-switch:StartPlanExecution"},
		{"Action": a{"cloudwatch:DescribeAlarms", "cloudwatch:DescribeAlarmHistory"}, "Resource": a{healthy, down}},
		{"Action": "s3:PutObject", "Resource": o{"Fn::Join": a{"", a{o{"Fn::GetAtt": a{cdktest.Text("^Reports"), "Arn"}}, "/region-switch*"}}}},
		{"Action": a{"kms:GenerateDataKey", "kms:Encrypt"}, "Resource": o{"Fn::GetAtt": a{cdktest.Text("^Mine"), "Arn"}}},
		{"Action": "arc-region-switch:ListPlanExecutionEvents", "Resource": "arn:aws:arc-region-switch::111111111111:plan/child:abc123"},
	} {
		tpl.Has("AWS::IAM::Policy", o{"PolicyDocument": o{"Statement": cdktest.ArrayWith(statement)}})
	}
}

func TestFailover_PlanRefuses(t *testing.T) {
	stack := cdktest.Stack(t)
	require.ErrorContains(t, cdktest.Panic(func() { failover.NewPlan(stack, "Switch", nil) }), "Test/Switch: invalid failover.PlanProps:\n  - Name: ")
	assert.Empty(t, cdktest.Synth(t, stack).All("AWS::IAM::Role"), "nothing is half-made")
}

func TestFailover_PlanNag(t *testing.T) {
	stack := cdktest.Stack(t)
	failover.NewPlan(stack, "Switch", orderPlan(stack))
	findings, _ := cdktest.Nag(t, stack)
	assert.Empty(t, findings)
}

func ExampleNewPlan_failover() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Edge"), &awscdk.StackProps{Env: &awscdk.Environment{Region: jsii.String("us-west-2")}})
	route := failover.Route{Name: "api.example.com", ZoneID: "Z1D633PJN98FT9", ZoneName: "example.com", Regions: []string{"us-east-1", "us-west-2"}}
	plan := failover.NewPlan(stack, "Switch", &failover.PlanProps{
		Name: "orders", Regions: route.Regions, RecoveryTime: 30 * time.Minute,
		Workflows: []failover.Workflow{{Steps: []failover.Step{
			{Name: "Warm", Lambda: &failover.Lambda{FunctionARNs: []string{
				"arn:aws:lambda:us-east-1:111111111111:function:warm", "arn:aws:lambda:us-west-2:111111111111:function:warm",
			}}},
			{Name: "Clients", Route: &route},
		}}},
	})
	fmt.Println(*plan.Node().Path())
	// Output: Edge/Switch
}
