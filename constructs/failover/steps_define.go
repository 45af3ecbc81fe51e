package failover

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsarcregionswitch"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/internal/cdkval"
)

// sampled is how Region switch finds the capacity of the other region by itself.
const sampled = "sampledMaxInLast24Hours"

// define gives what Region switch is told of steps.
func (p *PlanProps) define(steps []Step) []any {
	var all []any
	for _, s := range steps {
		kind, config := s.block(p)
		all = append(all, &awsarcregionswitch.CfnPlan_StepProperty{
			Name: &s.Name, Description: cdkval.Text(s.Description), ExecutionBlockType: &kind, ExecutionBlockConfiguration: config,
		})
	}
	return all
}

func (s *Step) block(p *PlanProps) (string, *awsarcregionswitch.CfnPlan_ExecutionBlockConfigurationProperty) {
	config := &awsarcregionswitch.CfnPlan_ExecutionBlockConfigurationProperty{}
	timeout := jsii.Number(s.Timeout.Minutes())
	switch {
	case s.ScaleECS != nil:
		config.EcsCapacityIncreaseConfig = s.ScaleECS.config(timeout)
		return "ECSServiceScaling", config
	case s.ScaleEC2 != nil:
		config.Ec2AsgCapacityIncreaseConfig = s.ScaleEC2.config(timeout)
		return "EC2AutoScaling", config
	case s.ScaleEKS != nil:
		config.EksResourceScalingConfig = s.ScaleEKS.config(timeout, p.Regions)
		return "EKSResourceScaling", config
	case s.Aurora != nil:
		config.GlobalAuroraConfig = s.Aurora.config(timeout)
		return "AuroraGlobalDatabase", config
	case s.Route != nil:
		var sets []any
		for _, region := range s.Route.Regions { // as in NewRecord
			sets = append(sets, &awsarcregionswitch.CfnPlan_Route53ResourceRecordSetProperty{RecordSetIdentifier: &region, Region: &region})
		}
		config.Route53HealthCheckConfig = &awsarcregionswitch.CfnPlan_Route53HealthCheckConfigurationProperty{
			HostedZoneId: &s.Route.ZoneID, RecordName: &s.Route.Name, RecordSets: sets, TimeoutMinutes: timeout,
		}
		return "Route53HealthCheck", config
	case s.Lambda != nil:
		config.CustomActionLambdaConfig = s.Lambda.config(timeout)
		return "CustomActionLambda", config
	case s.Approval != nil:
		config.ExecutionApprovalConfig = &awsarcregionswitch.CfnPlan_ExecutionApprovalConfigurationProperty{ApprovalRole: s.Approval.Role.RoleArn(), TimeoutMinutes: timeout}
		return "ManualApproval", config
	case s.PlanARN != "":
		config.RegionSwitchPlanConfig = &awsarcregionswitch.CfnPlan_RegionSwitchPlanConfigurationProperty{Arn: &s.PlanARN}
		return "ARCRegionSwitchPlan", config
	default:
		config.ParallelConfig = &awsarcregionswitch.CfnPlan_ParallelExecutionBlockConfigurationProperty{Steps: p.define(s.Parallel)}
		return "Parallel", config
	}
}

func (e *ScaleECS) config(timeout *float64) *awsarcregionswitch.CfnPlan_EcsCapacityIncreaseConfigurationProperty {
	var services []any
	for _, service := range e.Services {
		services = append(services, &awsarcregionswitch.CfnPlan_ServiceProperty{ClusterArn: &service.ClusterARN, ServiceArn: &service.ServiceARN})
	}
	approach := sampled
	if e.ContainerInsights {
		approach = "containerInsightsMaxInLast24Hours"
	}
	config := &awsarcregionswitch.CfnPlan_EcsCapacityIncreaseConfigurationProperty{
		Services: services, TargetPercent: jsii.Number(e.TargetPercent), CapacityMonitoringApproach: &approach, TimeoutMinutes: timeout,
	}
	if e.UngracefulPercent != nil {
		config.Ungraceful = &awsarcregionswitch.CfnPlan_EcsUngracefulProperty{MinimumSuccessPercentage: cdkval.Number(e.UngracefulPercent)}
	}
	return config
}

func (e *ScaleEC2) config(timeout *float64) *awsarcregionswitch.CfnPlan_Ec2AsgCapacityIncreaseConfigurationProperty {
	var groups []any
	for _, arn := range e.GroupARNs {
		groups = append(groups, &awsarcregionswitch.CfnPlan_AsgProperty{Arn: &arn})
	}
	approach := sampled
	if e.GroupMetrics {
		approach = "autoscalingMaxInLast24Hours"
	}
	config := &awsarcregionswitch.CfnPlan_Ec2AsgCapacityIncreaseConfigurationProperty{
		Asgs: groups, TargetPercent: jsii.Number(e.TargetPercent), CapacityMonitoringApproach: &approach, TimeoutMinutes: timeout,
	}
	if e.UngracefulPercent != nil {
		config.Ungraceful = &awsarcregionswitch.CfnPlan_Ec2UngracefulProperty{MinimumSuccessPercentage: cdkval.Number(e.UngracefulPercent)}
	}
	return config
}

func (e *ScaleEKS) config(timeout *float64, regions []string) *awsarcregionswitch.CfnPlan_EksResourceScalingConfigurationProperty {
	var clusters []any
	for _, arn := range e.ClusterARNs {
		clusters = append(clusters, &awsarcregionswitch.CfnPlan_EksClusterProperty{ClusterArn: &arn})
	}
	in := map[string]any{}
	for _, region := range regions {
		in[region] = &awsarcregionswitch.CfnPlan_KubernetesScalingResourceProperty{Namespace: &e.Namespace, Name: &e.Name, HpaName: cdkval.Text(e.Autoscaler)}
	}
	config := &awsarcregionswitch.CfnPlan_EksResourceScalingConfigurationProperty{
		EksClusters: clusters, KubernetesResourceType: &awsarcregionswitch.CfnPlan_KubernetesResourceTypeProperty{ApiVersion: &e.APIVersion, Kind: &e.Kind},
		ScalingResources: []any{map[string]any{e.Name: in}}, TargetPercent: jsii.Number(e.TargetPercent), CapacityMonitoringApproach: jsii.String(sampled), TimeoutMinutes: timeout,
	}
	if e.UngracefulPercent != nil {
		config.Ungraceful = &awsarcregionswitch.CfnPlan_EksResourceScalingUngracefulProperty{MinimumSuccessPercentage: cdkval.Number(e.UngracefulPercent)}
	}
	return config
}

func (a *Aurora) config(timeout *float64) *awsarcregionswitch.CfnPlan_GlobalAuroraConfigurationProperty {
	config := &awsarcregionswitch.CfnPlan_GlobalAuroraConfigurationProperty{
		Behavior: jsii.String("switchoverOnly"), GlobalClusterIdentifier: &a.GlobalCluster, DatabaseClusterArns: jsii.Strings(a.ClusterARNs...), TimeoutMinutes: timeout,
	}
	if a.Failover {
		config.Behavior = jsii.String("failover")
	}
	if !a.DisableUngracefulFailover {
		config.Ungraceful = &awsarcregionswitch.CfnPlan_GlobalAuroraUngracefulProperty{Ungraceful: jsii.String("failover")}
	}
	return config
}

func (l *Lambda) config(timeout *float64) *awsarcregionswitch.CfnPlan_CustomActionLambdaConfigurationProperty {
	var functions []any
	for _, arn := range l.FunctionARNs {
		functions = append(functions, &awsarcregionswitch.CfnPlan_LambdasProperty{Arn: &arn})
	}
	config := &awsarcregionswitch.CfnPlan_CustomActionLambdaConfigurationProperty{
		Lambdas: functions, RegionToRun: jsii.String(string(l.RunIn)), RetryIntervalMinutes: jsii.Number(l.RetryInterval.Minutes()), TimeoutMinutes: timeout,
	}
	if l.SkipUngraceful {
		config.Ungraceful = &awsarcregionswitch.CfnPlan_LambdaUngracefulProperty{Behavior: jsii.String("skip")}
	}
	return config
}

// allow gives what the role needs for the step to allow, which takes resources and actions.
func (s *Step) allow(stack awscdk.Stack, allow func([]string, ...string)) {
	all := []string{"*"}
	switch {
	case s.ScaleECS != nil:
		var clusters, services []string
		for _, service := range s.ScaleECS.Services {
			clusters, services = append(clusters, service.ClusterARN), append(services, service.ServiceARN)
		}
		allow(services, "ecs:DescribeServices", "ecs:UpdateService")
		allow(clusters, "ecs:DescribeClusters")
		allow(all, "ecs:ListServices", "application-autoscaling:DescribeScalableTargets", "application-autoscaling:RegisterScalableTarget", "cloudwatch:GetMetricStatistics")
	case s.ScaleEC2 != nil:
		allow(s.ScaleEC2.GroupARNs, "autoscaling:UpdateAutoScalingGroup")
		allow(all, "autoscaling:DescribeAutoScalingGroups", "cloudwatch:GetMetricStatistics")
	case s.ScaleEKS != nil:
		allow(s.ScaleEKS.ClusterARNs, "eks:DescribeCluster")
		var entries []string
		for _, arn := range s.ScaleEKS.ClusterARNs {
			entries = append(entries, strings.Replace(arn, ":cluster/", ":access-entry/", 1)+"/*")
		}
		allow(entries, "eks:ListAssociatedAccessPolicies")
	case s.Aurora != nil:
		global := *stack.FormatArn(&awscdk.ArnComponents{
			Service: jsii.String("rds"), Region: jsii.String(""), Resource: jsii.String("global-cluster"), ResourceName: &s.Aurora.GlobalCluster, ArnFormat: awscdk.ArnFormat_COLON_RESOURCE_NAME,
		})
		allow(all, "rds:DescribeGlobalClusters", "rds:DescribeDBClusters")
		allow(append([]string{global}, s.Aurora.ClusterARNs...), "rds:FailoverGlobalCluster", "rds:SwitchoverGlobalCluster")
	case s.Route != nil:
		allow([]string{"arn:" + *awscdk.Aws_PARTITION() + ":route53:::hostedzone/" + s.Route.ZoneID}, "route53:ListResourceRecordSets")
	case s.Lambda != nil:
		allow(s.Lambda.FunctionARNs, "lambda:GetFunction", "lambda:InvokeFunction")
	case s.PlanARN != "":
		allow([]string{s.PlanARN}, "arc-region-switch:StartPlanExecution", "arc-region-switch:GetPlanExecution", "arc-region-switch:CancelPlanExecution",
			"arc-region-switch:UpdatePlanExecution", "arc-region-switch:ListPlanExecutions")
	}
}
