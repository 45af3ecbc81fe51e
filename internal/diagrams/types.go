package main

// kind is what the picture says of a type of resource.
type kind struct {
	label string
	group group
}

// group colours what does the same for a system.
type group string

const (
	entry   group = "#8c4fff" // where requests arrive, and what leads them
	compute group = "#ed7100" // what runs
	data    group = "#3f8624" // what keeps data
	events  group = "#e7157b" // what carries messages, and what watches
	access  group = "#dd344c" // who may do what
	network group = "#5a6b86" // what connects
)

// kinds are the resources that a picture shows. All others are folded: into the edges that they make, or away.
var kinds = map[string]kind{
	"AWS::ApiGateway::RestApi":                       {"API Gateway REST API", entry},
	"AWS::ApiGatewayV2::Api":                         {"API Gateway HTTP API", entry},
	"AWS::CloudFront::Distribution":                  {"CloudFront distribution", entry},
	"AWS::ElasticLoadBalancingV2::LoadBalancer":      {"Load balancer", entry},
	"AWS::GlobalAccelerator::Accelerator":            {"Global Accelerator", entry},
	"AWS::Route53::RecordSet":                        {"Route 53 record", entry},
	"AWS::Route53::HealthCheck":                      {"Route 53 health check", entry},
	"AWS::ARCRegionSwitch::Plan":                     {"ARC Region switch plan", entry},
	"AWS::WAFv2::WebACL":                             {"WAF web ACL", entry},
	"AWS::AutoScaling::AutoScalingGroup":             {"Auto Scaling group", compute},
	"AWS::EC2::Instance":                             {"EC2 instance", compute},
	"AWS::ECS::Service":                              {"ECS service", compute},
	"AWS::ECS::ExpressGatewayService":                {"ECS Express service", compute},
	"AWS::EKS::Cluster":                              {"EKS cluster", compute},
	"AWS::EKS::FargateProfile":                       {"Fargate profile", compute},
	"AWS::EKS::Nodegroup":                            {"Node group", compute},
	"AWS::ElasticBeanstalk::Environment":             {"Beanstalk environment", compute},
	"AWS::Lambda::Function":                          {"Lambda function", compute},
	"AWS::StepFunctions::StateMachine":               {"Step Functions state machine", compute},
	"AWS::Synthetics::Canary":                        {"Synthetics canary", compute},
	"AWS::Backup::BackupPlan":                        {"Backup plan", data},
	"AWS::Backup::BackupVault":                       {"Backup vault", data},
	"AWS::Backup::LogicallyAirGappedBackupVault":     {"Air-gapped backup vault", data},
	"AWS::Backup::RestoreTestingPlan":                {"Restore testing plan", data},
	"AWS::DynamoDB::GlobalTable":                     {"DynamoDB table", data},
	"AWS::DynamoDB::Table":                           {"DynamoDB table", data},
	"AWS::ECR::Repository":                           {"ECR repository", data},
	"AWS::EFS::FileSystem":                           {"EFS file system", data},
	"AWS::ElastiCache::ReplicationGroup":             {"ElastiCache", data},
	"AWS::RDS::DBCluster":                            {"Aurora cluster", data},
	"AWS::RDS::DBInstance":                           {"RDS instance", data},
	"AWS::RDS::GlobalCluster":                        {"Aurora global cluster", data},
	"AWS::S3::Bucket":                                {"S3 bucket", data},
	"AWS::SecretsManager::Secret":                    {"Secret", data},
	"AWS::CloudWatch::Dashboard":                     {"CloudWatch dashboard", events},
	"AWS::CloudWatch::CompositeAlarm":                {"Composite alarm", events},
	"AWS::Events::Rule":                              {"EventBridge rule", events},
	"AWS::FIS::ExperimentTemplate":                   {"FIS experiment", events},
	"AWS::Kinesis::Stream":                           {"Kinesis stream", events},
	"AWS::KinesisFirehose::DeliveryStream":           {"Firehose stream", events},
	"AWS::SNS::Topic":                                {"SNS topic", events},
	"AWS::SQS::Queue":                                {"SQS queue", events},
	"AWS::Scheduler::Schedule":                       {"EventBridge schedule", events},
	"AWS::ApplicationSignals::ServiceLevelObjective": {"Service level objective", events},
	"AWS::CloudFormation::Macro":                     {"CloudFormation macro", access},
	"AWS::CloudFormation::StackSet":                  {"StackSet", access},
	"AWS::IAM::Group":                                {"IAM group", access},
	"AWS::IAM::ManagedPolicy":                        {"IAM policy", access},
	"AWS::EC2::InternetGateway":                      {"Internet gateway", network},
	"AWS::EC2::NatGateway":                           {"NAT gateway", network},
	"AWS::EC2::Subnet":                               {"Subnet", network},
	"AWS::EC2::VPC":                                  {"VPC", network},
	"AWS::EC2::VPCEndpoint":                          {"VPC endpoint", network},
}

// through are the resources that edges pass: the edge from what refers to them goes on to what they refer to.
var through = map[string]bool{
	"AWS::ApiGateway::Method": true, "AWS::ApiGateway::Stage": true, "AWS::ApiGateway::Authorizer": true,
	"AWS::ApiGatewayV2::Integration": true, "AWS::ApiGatewayV2::Stage": true, "AWS::ApiGatewayV2::Authorizer": true,
	"AWS::AutoScaling::LaunchConfiguration": true, "AWS::EC2::LaunchTemplate": true,
	"AWS::Backup::BackupSelection": true,
	"AWS::CloudWatch::Alarm":       true,
	"AWS::ECS::CapacityProvider":   true, "AWS::ECS::TaskDefinition": true,
	"AWS::EFS::AccessPoint":                 true,
	"AWS::ElasticLoadBalancingV2::Listener": true, "AWS::ElasticLoadBalancingV2::ListenerRule": true, "AWS::ElasticLoadBalancingV2::TargetGroup": true,
	"AWS::GlobalAccelerator::Listener": true, "AWS::GlobalAccelerator::EndpointGroup": true,
	"AWS::Lambda::Alias": true, "AWS::Lambda::Version": true, "AWS::Lambda::EventInvokeConfig": true, "AWS::Lambda::EventSourceMapping": true,
	"AWS::Logs::LogGroup": true, "AWS::Logs::SubscriptionFilter": true,
	"AWS::SNS::Subscription": true, "AWS::WAFv2::WebACLAssociation": true,
	"AWS::EC2::VPCGatewayAttachment": true,
}

// incoming are the properties of resources that name where their edge comes from. An edge goes from a resource to those that its
// other properties name.
var incoming = map[string][]string{
	"AWS::ApiGateway::Method":                   {"RestApiId"},
	"AWS::ApiGatewayV2::Integration":            {"ApiId"},
	"AWS::ECS::Service":                         {"LoadBalancers"},
	"AWS::ElasticLoadBalancingV2::Listener":     {"LoadBalancerArn"},
	"AWS::ElasticLoadBalancingV2::ListenerRule": {"ListenerArn"},
	"AWS::GlobalAccelerator::Listener":          {"AcceleratorArn"},
	"AWS::GlobalAccelerator::EndpointGroup":     {"ListenerArn"},
	"AWS::Lambda::EventInvokeConfig":            {"FunctionName"},
	"AWS::Lambda::EventSourceMapping":           {"EventSourceArn"},
	"AWS::Logs::SubscriptionFilter":             {"LogGroupName"},
	"AWS::SNS::Subscription":                    {"TopicArn"},
	"AWS::WAFv2::WebACLAssociation":             {"WebACLArn"},
	"AWS::AutoScaling::AutoScalingGroup":        {"TargetGroupARNs"},
	"AWS::Backup::BackupSelection":              {"BackupPlanId"},
	"AWS::EC2::NatGateway":                      {"SubnetId"},
	"AWS::EC2::VPCGatewayAttachment":            {"InternetGatewayId"},
	"AWS::EC2::VPCEndpoint":                     {"VpcId"},
	"AWS::EC2::Subnet":                          {"VpcId"},
}

// ignored are properties, of all types or of one, that say where a resource runs or what protects it, not what it talks to.
var ignored = map[string]bool{
	"AWS::ElasticLoadBalancingV2::TargetGroup.VpcId": true,
	"Cluster": true, "KmsKeyId": true, "KmsMasterKeyId": true, "KMSMasterKeyId": true, "KmsKeyArn": true, "Role": true, "RoleArn": true, "ExecutionRoleArn": true, "TaskRoleArn": true,
	"Subnets": true, "SecurityGroups": true, "SecurityGroupIds": true, "NetworkConfiguration": true, "Tags": true, "DashboardBody": true, "LogConfiguration": true, "LoggingConfig": true,
	"Dimensions": true, "Metrics": true, "SubnetIds": true,
}
