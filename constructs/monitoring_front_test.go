package constructs_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/albfargate"
	"github.com/strata-cdk/strata/constructs/apilambda"
	"github.com/strata-cdk/strata/constructs/ecsservice"
	"github.com/strata-cdk/strata/constructs/monitoring"
	"github.com/strata-cdk/strata/constructs/network"
)

func newVPC(stack awscdk.Stack) awsec2.Vpc {
	return awsec2.NewVpc(stack, jsii.String("VPC"), &awsec2.VpcProps{NatGateways: jsii.Number(1)})
}

func TestMonitor_LoadBalancers(t *testing.T) {
	stack := cdktest.Stack(t)
	vpc := newVPC(stack)
	alb := elb.NewApplicationLoadBalancer(stack, jsii.String("Web"), &elb.ApplicationLoadBalancerProps{Vpc: vpc})
	listener := alb.AddListener(jsii.String("HTTP"), &elb.BaseApplicationListenerProps{Port: jsii.Number(80)})
	group := func(id string) elb.ApplicationTargetGroup {
		return elb.NewApplicationTargetGroup(stack, &id, &elb.ApplicationTargetGroupProps{Vpc: vpc, Port: jsii.Number(80), TargetType: elb.TargetType_IP})
	}
	first, second, idle := group("First"), group("Second"), group("Idle")
	listener.AddTargetGroups(jsii.String("Default"), &elb.AddApplicationTargetGroupsProps{TargetGroups: &[]elb.IApplicationTargetGroup{first}})
	listener.AddTargetGroups(jsii.String("Beta"), &elb.AddApplicationTargetGroupsProps{
		TargetGroups: &[]elb.IApplicationTargetGroup{second}, Priority: jsii.Number(1), Conditions: &[]elb.ListenerCondition{elb.ListenerCondition_PathPatterns(jsii.Strings("/beta"))},
	})
	_ = idle
	nlb := elb.NewNetworkLoadBalancer(stack, jsii.String("Net"), &elb.NetworkLoadBalancerProps{Vpc: vpc})
	flows := elb.NewNetworkTargetGroup(stack, jsii.String("Flows"), &elb.NetworkTargetGroupProps{Vpc: vpc, Port: jsii.Number(5000)})
	nlb.AddListener(jsii.String("TCP"), &elb.BaseNetworkListenerProps{Port: jsii.Number(5000), DefaultTargetGroups: &[]elb.INetworkTargetGroup{flows}})

	m := monitoring.NewMonitor(stack, "Monitor", &monitoring.MonitorProps{Exclude: []constructs.IConstruct{vpc}})
	assert.Equal(t, []string{
		"First/HealthyHostCount", "First/TargetErrorPercent", "First/TargetResponseTime", "First/UnHealthyHostCount",
		"Flows/NetworkHealthyHostCount", "Flows/NetworkUnHealthyHostCount", "Net/PortAllocationErrorCount", "Net/RejectedFlowCount",
		"Second/HealthyHostCount", "Second/TargetErrorPercent", "Second/TargetResponseTime", "Second/UnHealthyHostCount",
		"Web/BalancerErrorPercent", "Web/RejectedConnectionCount",
	}, alarmNames(m), "a group that nothing sends to has no metrics")
	tpl := cdktest.Synth(t, stack)
	balancer := func(prefix string) o {
		return o{"Fn::GetAtt": a{idOf(t, tpl, "AWS::ElasticLoadBalancingV2::LoadBalancer", prefix), "LoadBalancerFullName"}}
	}
	targets := func(prefix string) o {
		return o{"Fn::GetAtt": a{idOf(t, tpl, "AWS::ElasticLoadBalancingV2::TargetGroup", prefix), "TargetGroupFullName"}}
	}
	for _, name := range []string{"First", "Second"} {
		tpl.Has(alarmType, o{
			"Namespace": "AWS/ApplicationELB", "MetricName": "HealthyHostCount", "Statistic": "Maximum", "ComparisonOperator": "LessThanThreshold", "Threshold": 1,
			"Dimensions": a{o{"Name": "TargetGroup", "Value": targets(name)}, o{"Name": "LoadBalancer", "Value": balancer("Web")}},
		})
	}
	tpl.Has(alarmType, o{"MetricName": "TargetResponseTime", "ExtendedStatistic": "p99", "Statistic": cdktest.Absent, "Threshold": 3})
	tpl.Has(alarmType, o{
		"Namespace": "AWS/NetworkELB", "MetricName": "HealthyHostCount",
		"Dimensions": a{o{"Name": "TargetGroup", "Value": targets("Flows")}, o{"Name": "LoadBalancer", "Value": balancer("Net")}},
	})
	tpl.Has(alarmType, o{"MetricName": "PortAllocationErrorCount", "Dimensions": a{o{"Name": "LoadBalancer", "Value": balancer("Net")}}})
	tpl.Has(alarmType, o{"Threshold": 1, "Metrics": cdktest.ArrayWith(
		o{"Id": "mErrors", "ReturnData": false, "MetricStat": o{"Stat": "Sum", "Metric": o{"MetricName": "HTTPCode_ELB_5XX_Count", "Dimensions": a{o{"Name": "LoadBalancer", "Value": balancer("Web")}}}}},
		o{"Id": "value", "ReturnData": true, "Expression": "100*FILL(mErrors,0)/(FILL(mErrors,0)+FILL(mRequests,0))"},
	)})
}

// A listener in the tree of a load balancer that is not in it names it by its own ARN.
func TestMonitor_ImportedLoadBalancer(t *testing.T) {
	stack := cdktest.Stack(t)
	vpc := newVPC(stack)
	group := elb.NewApplicationTargetGroup(stack, jsii.String("Group"), &elb.ApplicationTargetGroupProps{Vpc: vpc, Port: jsii.Number(80), TargetType: elb.TargetType_IP})
	const arn = "arn:aws:elasticloadbalancing:us-east-1:111111111111:loadbalancer/app/web/1234567890123456"
	listener := elb.NewCfnListener(stack, jsii.String("Listener"), &elb.CfnListenerProps{
		LoadBalancerArn: jsii.String(arn), Port: jsii.Number(80), Protocol: jsii.String("HTTP"),
		DefaultActions: []any{&elb.CfnListener_ActionProperty{Type: jsii.String("forward"), TargetGroupArn: group.TargetGroupArn()}},
	})
	monitoring.NewMonitor(stack, "Monitor", nil)
	tpl := cdktest.Synth(t, stack)
	part := func(i int) o {
		return o{"Fn::Select": a{i, o{"Fn::Split": a{"/", o{"Ref": stack.Resolve(listener.LogicalId()).(string)}}}}}
	}
	tpl.Has(alarmType, o{"MetricName": "HealthyHostCount", "Dimensions": a{
		o{"Name": "TargetGroup"}, o{"Name": "LoadBalancer", "Value": o{"Fn::Join": a{"", a{part(1), "/", part(2), "/", part(3)}}}},
	}})
}

func TestMonitor_ECS(t *testing.T) {
	stack := cdktest.Stack(t)
	vpc := newVPC(stack)
	task := awsecs.NewFargateTaskDefinition(stack, jsii.String("Task"), nil)
	task.AddContainer(jsii.String("app"), &awsecs.ContainerDefinitionOptions{Image: awsecs.ContainerImage_FromRegistry(jsii.String("x"), nil)})
	service := func(id string, cluster awsecs.ICluster) {
		awsecs.NewFargateService(stack, &id, &awsecs.FargateServiceProps{Cluster: cluster, TaskDefinition: task})
	}
	service("Seen", awsecs.NewCluster(stack, jsii.String("Full"), &awsecs.ClusterProps{Vpc: vpc, ContainerInsightsV2: awsecs.ContainerInsights_ENHANCED}))
	service("Plain", awsecs.NewCluster(stack, jsii.String("Bare"), &awsecs.ClusterProps{Vpc: vpc, ContainerInsightsV2: awsecs.ContainerInsights_DISABLED}))
	for id, cluster := range map[string]*string{"ByARN": jsii.String("arn:aws:ecs:us-east-1:111111111111:cluster/theirs"), "ByDefault": nil} {
		awsecs.NewCfnService(stack, &id, &awsecs.CfnServiceProps{Cluster: cluster})
	}
	m := monitoring.NewMonitor(stack, "Monitor", &monitoring.MonitorProps{Exclude: []constructs.IConstruct{vpc}})
	assert.Equal(t, []string{
		"ByARN/CPUUtilization", "ByARN/MemoryUtilization", "ByDefault/CPUUtilization", "ByDefault/MemoryUtilization",
		"Plain/Service/CPUUtilization", "Plain/Service/MemoryUtilization", "Seen/Service/CPUUtilization", "Seen/Service/MemoryUtilization", "Seen/Service/MissingTasks",
	}, alarmNames(m), "tasks are counted where the cluster has Container Insights")
	tpl := cdktest.Synth(t, stack)
	name := func(prefix string) o {
		return o{"Name": "ServiceName", "Value": o{"Fn::GetAtt": a{idOf(t, tpl, "AWS::ECS::Service", prefix), "Name"}}}
	}
	tpl.Has(alarmType, o{"Namespace": "AWS/ECS", "MetricName": "CPUUtilization", "Threshold": 85, "Dimensions": a{
		o{"Name": "ClusterName", "Value": o{"Ref": idOf(t, tpl, "AWS::ECS::Cluster", "Full")}}, name("Seen"),
	}})
	tpl.Has(alarmType, o{"MetricName": "CPUUtilization", "Dimensions": a{o{"Name": "ClusterName", "Value": "theirs"}, name("ByARN")}})
	tpl.Has(alarmType, o{"MetricName": "CPUUtilization", "Dimensions": a{o{"Name": "ClusterName", "Value": "default"}, name("ByDefault")}})
	tpl.Has(alarmType, o{"Metrics": cdktest.ArrayWith(
		o{"MetricStat": o{"Metric": o{"Namespace": "ECS/ContainerInsights", "MetricName": "DesiredTaskCount"}}}, o{"Id": "value", "Expression": "mWanted-mRunning"},
	)})
}

func TestMonitor_APIs(t *testing.T) {
	stack := cdktest.Stack(t)
	for id, protocol := range map[string]string{"Http": "HTTP", "Socket": "WEBSOCKET"} {
		api := awsapigatewayv2.NewCfnApi(stack, jsii.String(id+"Api"), &awsapigatewayv2.CfnApiProps{Name: &id, ProtocolType: &protocol})
		awsapigatewayv2.NewCfnStage(stack, &id, &awsapigatewayv2.CfnStageProps{ApiId: api.Ref(), StageName: jsii.String("live")})
	}
	rest := func(id string, properties map[string]any) {
		api := awscdk.NewCfnResource(stack, jsii.String(id+"Api"), &awscdk.CfnResourceProps{Type: jsii.String("AWS::ApiGateway::RestApi"), Properties: &properties})
		awscdk.NewCfnResource(stack, &id, &awscdk.CfnResourceProps{Type: jsii.String("AWS::ApiGateway::Stage"), Properties: &map[string]any{"RestApiId": api.Ref(), "StageName": "live"}})
	}
	rest("Rest", map[string]any{"Name": "shop"})
	rest("Document", map[string]any{"Body": map[string]any{}})
	m := monitoring.NewMonitor(stack, "Monitor", nil)
	assert.Equal(t, []string{
		"Http/Latency", "Http/ServerErrors", "Rest/Latency", "Rest/ServerErrors", "Socket/ExecutionError", "Socket/IntegrationErrorPercent",
	}, alarmNames(m), "the metrics of a REST API whose name is not known cannot be named")
	tpl := cdktest.Synth(t, stack)
	tpl.Has(alarmType, o{"MetricName": "5XXError", "Statistic": "Average", "Threshold": 0.01, "Dimensions": cdktest.Exactly(a{
		o{"Name": "ApiName", "Value": "shop"}, o{"Name": "Stage", "Value": o{"Ref": "Rest"}},
	})})
	tpl.Has(alarmType, o{"MetricName": "5xx", "Dimensions": cdktest.Exactly(a{o{"Name": "ApiId", "Value": o{"Ref": "HttpApi"}}, o{"Name": "Stage", "Value": o{"Ref": "Http"}}})})
	tpl.Has(alarmType, o{"MetricName": "ExecutionError", "Dimensions": cdktest.Exactly(a{o{"Name": "ApiId", "Value": o{"Ref": "SocketApi"}}, o{"Name": "Stage", "Value": o{"Ref": "Socket"}}})})
}

// What depends on other resources and on properties: streams, dead letters, concurrency, capacity.
func TestMonitor_Properties(t *testing.T) {
	stack := cdktest.Stack(t)
	queue := func(id string) awssqs.Queue { return awssqs.NewQueue(stack, &id, nil) }
	kinds := map[string]awssqs.Queue{}
	for _, id := range []string{"OfFunction", "OfTopic", "OfRule", "OfStream", "OfSchedule", "Plain"} {
		kinds[id] = queue(id)
	}
	fn := newFunction(stack, "Orders", func(p *awslambda.FunctionProps) {
		p.DeadLetterQueue, p.ReservedConcurrentExecutions = kinds["OfFunction"], jsii.Number(50)
	})
	alias := awslambda.NewAlias(stack, jsii.String("Live"), &awslambda.AliasProps{AliasName: jsii.String("live"), Version: fn.CurrentVersion()})
	topic := awssns.NewTopic(stack, jsii.String("Topic"), nil)
	awssns.NewSubscription(stack, jsii.String("Subscription"), &awssns.SubscriptionProps{
		Topic: topic, Protocol: awssns.SubscriptionProtocol_LAMBDA, Endpoint: fn.FunctionArn(), DeadLetterQueue: kinds["OfTopic"],
	})
	generic := func(id, kind string, properties map[string]any) {
		awscdk.NewCfnResource(stack, &id, &awscdk.CfnResourceProps{Type: &kind, Properties: &properties})
	}
	generic("Rule", "AWS::Events::Rule", map[string]any{"Targets": []any{map[string]any{"Id": "x", "DeadLetterConfig": map[string]any{"Arn": kinds["OfRule"].QueueArn()}}}})
	generic("Schedule", "AWS::Scheduler::Schedule", map[string]any{"Target": map[string]any{"DeadLetterConfig": map[string]any{"Arn": kinds["OfSchedule"].QueueArn()}}})
	table := awsdynamodb.NewTable(stack, jsii.String("Table"), &awsdynamodb.TableProps{
		PartitionKey: &awsdynamodb.Attribute{Name: jsii.String("id"), Type: awsdynamodb.AttributeType_STRING}, Stream: awsdynamodb.StreamViewType_KEYS_ONLY,
	})
	awslambda.NewCfnEventSourceMapping(stack, jsii.String("Mapping"), &awslambda.CfnEventSourceMappingProps{
		FunctionName: alias.FunctionArn(), EventSourceArn: table.TableStreamArn(),
		DestinationConfig: &awslambda.CfnEventSourceMapping_DestinationConfigProperty{OnFailure: &awslambda.CfnEventSourceMapping_OnFailureProperty{Destination: kinds["OfStream"].QueueArn()}},
	})
	newFunction(stack, "Apart", nil)
	awssqs.NewCfnQueue(stack, jsii.String("Short"), &awssqs.CfnQueueProps{MessageRetentionPeriod: jsii.Number(600)})
	m := monitoring.NewMonitor(stack, "Monitor", nil)
	names := alarmNames(m)
	for id := range kinds {
		assert.Equal(t, id != "Plain", m.Alarms[id+"/DeadLetters"] != nil, id)
		assert.Equal(t, id == "Plain", m.Alarms[id+"/ApproximateAgeOfOldestMessage"] != nil, id)
	}
	assert.InDelta(t, 60, *m.Alarms["Short/ApproximateAgeOfOldestMessage"].Threshold(), 0)
	assert.InDelta(t, 40, *m.Alarms["Orders/ConcurrentExecutions"].Threshold(), 0)
	assert.InDelta(t, 2400, *m.Alarms["Orders/Duration"].Threshold(), 0, "3 s is the default of Lambda")
	for _, name := range []string{"Orders/IteratorAge", "Orders/DeadLetterErrors", "Table/ReadCapacityPercent", "Table/WriteCapacityPercent", "Topic/NumberOfNotificationsFailed"} {
		assert.Contains(t, names, name)
	}
	for _, name := range []string{"Apart/IteratorAge", "Apart/DeadLetterErrors", "Apart/ConcurrentExecutions"} {
		assert.NotContains(t, names, name)
	}
	cdktest.Synth(t, stack).Has(alarmType, o{"Threshold": 85, "EvaluationPeriods": 3, "Metrics": cdktest.ArrayWith(
		o{"Id": "mConsumed", "MetricStat": o{"Period": 300, "Metric": o{"MetricName": "ConsumedReadCapacityUnits"}}},
		o{"Id": "value", "Expression": "100*mConsumed/PERIOD(mConsumed)/mProvisioned"},
	)})
}

// What patterns have alarms on gets no second one.
func TestMonitor_PatternsAreNotDoubled(t *testing.T) {
	stack := unbuilt(t)
	image := "example/app:1"
	service := albfargate.NewService(stack, "Shop", &albfargate.ServiceProps{
		CommonProps: ecsservice.CommonProps{
			VPC:        network.NewVPC(stack, "Network", &network.VPCProps{NAT: network.One}).Vpc,
			Containers: []ecsservice.Container{{Name: "app", Image: awsecs.ContainerImage_FromRegistry(&image, nil), Ports: []ecsservice.Port{{Number: 8080, Name: "web"}}}},
		},
		LoadBalancing: ecsservice.LoadBalancing{Domain: &ecsservice.Domain{
			Names: []string{"shop.example.com"},
			Zone: awsroute53.HostedZone_FromHostedZoneAttributes(stack, jsii.String("Zone"), &awsroute53.HostedZoneAttributes{
				HostedZoneId: jsii.String("Z1"), ZoneName: jsii.String("example.com"),
			}),
		}},
	})
	api := apilambda.NewAPI(stack, "Api", &apilambda.APIProps{
		Kind:      apilambda.REST,
		Functions: []apilambda.FunctionProps{{Name: "Hello", Directory: "testdata/script", Runtime: awslambda.Runtime_NODEJS_LATEST(), Handler: "index.handler"}},
		Routes:    []apilambda.Route{{Method: "GET", Path: "/hello"}},
	})
	m := monitoring.NewMonitor(stack, "Monitor", nil)
	assert.Len(t, m.Adopted(), len(service.Alarms)+len(api.Alarms))
	assert.Equal(t, []string{
		"Api/AlarmTopic/NumberOfNotificationsFailed", "Api/AlarmTopic/NumberOfNotificationsFailedToRedriveToDlq",
		"Custom::VpcRestrictDefaultSGCustomResourceProvider/Handler/Duration", "Custom::VpcRestrictDefaultSGCustomResourceProvider/Handler/ErrorPercent",
		"Custom::VpcRestrictDefaultSGCustomResourceProvider/Handler/Throttles", // the CDK's own function
		"Network/Vpc/PublicSubnet1/NATGateway/DroppedPercent", "Network/Vpc/PublicSubnet1/NATGateway/ErrorPortAllocation",
		"Shop/AlarmTopic/NumberOfNotificationsFailed", "Shop/AlarmTopic/NumberOfNotificationsFailedToRedriveToDlq",
		"Shop/Certificate/DaysToExpiry", "Shop/Certificate/LastDays",
		"Shop/LoadBalancer/BalancerErrorPercent", "Shop/LoadBalancer/RejectedConnectionCount", "Shop/TargetGroup/HealthyHostCount",
	}, alarmNames(m), "only what the patterns have no alarm on")
}
