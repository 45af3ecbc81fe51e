package constructs_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/expressservice"
)

const (
	expressType  = "AWS::ECS::ExpressGatewayService"
	expressImage = "public.ecr.aws/nginx/nginx:1.29"
)

func synthExpress(t *testing.T, edit func(p *expressservice.ServiceProps)) *cdktest.Template {
	t.Helper()
	stack := cdktest.Stack(t)
	props := &expressservice.ServiceProps{Image: expressImage}
	edit(props)
	expressservice.NewService(stack, "Web", props)
	return cdktest.Synth(t, stack)
}

// expressARN is the reference to the ARN of the resource whose logical id matches.
func expressARN(id string) cdktest.Object {
	return cdktest.Object{"Fn::GetAtt": cdktest.Array{cdktest.Text(id), "Arn"}}
}

// expressRole is the role whose logical id matches, by its own reference in the service.
func expressRole(t *testing.T, tpl *cdktest.Template, property string) cdktest.Resource {
	t.Helper()
	ref := tpl.All(expressType)[0].Properties[property].(cdktest.Object)["Fn::GetAtt"].(cdktest.Array)[0].(string)
	return tpl.Resources[ref]
}

// expressStatements are the statements of the policies of a role.
func expressStatements(tpl *cdktest.Template, role cdktest.Resource) cdktest.Array {
	var all cdktest.Array
	for _, policy := range tpl.All("AWS::IAM::Policy") {
		if policy.Properties["Roles"].(cdktest.Array)[0].(cdktest.Object)["Ref"] == role.LogicalID {
			all = append(all, policy.Properties["PolicyDocument"].(cdktest.Object)["Statement"].(cdktest.Array)...)
		}
	}
	return all
}

func TestExpress_Defaults(t *testing.T) {
	tpl := synthExpress(t, func(*expressservice.ServiceProps) {})
	tpl.Snapshot("expressservice/default")

	logs := tpl.HasResource("AWS::Logs::LogGroup", cdktest.Object{
		"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain",
		"Properties": cdktest.Object{"RetentionInDays": 365, "KmsKeyId": expressARN("^WebKey"), "LogGroupName": cdktest.Absent},
	})
	tpl.HasResource("AWS::KMS::Key", cdktest.Object{"DeletionPolicy": "Retain", "Properties": cdktest.Object{
		"EnableKeyRotation": true,
		"KeyPolicy": cdktest.Object{"Statement": cdktest.ArrayWith(cdktest.Object{
			"Principal": cdktest.Object{"Service": "logs.us-east-1.amazonaws.com"},
		})},
	}})
	tpl.Count(expressType, 1)
	role := func(property string) cdktest.Object {
		return cdktest.Object{"Fn::GetAtt": cdktest.Array{expressRole(t, tpl, property).LogicalID, "Arn"}}
	}
	assert.Equal(t, cdktest.Object{ // and nothing else: the cluster, the network and the name are for AWS to choose
		"Cpu": "256", "Memory": "512", "HealthCheckPath": "/ping",
		"ExecutionRoleArn": role("ExecutionRoleArn"), "InfrastructureRoleArn": role("InfrastructureRoleArn"), "TaskRoleArn": role("TaskRoleArn"),
		"ScalingTarget": cdktest.Object{
			"MinTaskCount": 2., "MaxTaskCount": 20., "AutoScalingMetric": "AVERAGE_CPU", "AutoScalingTargetValue": 60.,
		},
		"PrimaryContainer": cdktest.Object{
			"Image": expressImage, "ContainerPort": 80.,
			"AwsLogsConfiguration": cdktest.Object{"LogGroup": cdktest.Object{"Ref": logs.LogicalID}, "LogStreamPrefix": "ecs"},
		},
	}, tpl.All(expressType)[0].Properties)
}

func TestExpress_Roles(t *testing.T) {
	tpl := synthExpress(t, func(*expressservice.ServiceProps) {})
	tpl.Count("AWS::IAM::Role", 3)
	trust := func(service string) cdktest.Object {
		return cdktest.Object{"AssumeRolePolicyDocument": cdktest.Object{"Statement": cdktest.Array{cdktest.Object{"Principal": cdktest.Object{"Service": service}}}}}
	}

	infrastructure := expressRole(t, tpl, "InfrastructureRoleArn")
	assert.Regexp(t, "^WebInfrastructureRole", infrastructure.LogicalID)
	want := trust("ecs.amazonaws.com")
	want["ManagedPolicyArns"] = cdktest.Array{cdktest.Text(`:iam::aws:policy/service-role/AmazonECSInfrastructureRoleforExpressGatewayServices"`)}
	tpl.Has("AWS::IAM::Role", want)
	assert.Empty(t, expressStatements(tpl, infrastructure))

	execution := expressRole(t, tpl, "ExecutionRoleArn")
	assert.Regexp(t, "^WebExecutionRole", execution.LogicalID)
	assert.Nil(t, execution.Properties["ManagedPolicyArns"])
	tpl.Has("AWS::IAM::Policy", cdktest.Object{
		"Roles": cdktest.Array{cdktest.Object{"Ref": execution.LogicalID}},
		"PolicyDocument": cdktest.Object{"Statement": cdktest.Array{
			cdktest.Object{"Action": cdktest.Array{"logs:CreateLogStream", "logs:PutLogEvents"}, "Resource": expressARN("^WebLogs")},
		}},
	})

	task := expressRole(t, tpl, "TaskRoleArn")
	assert.Regexp(t, "^WebTaskRole", task.LogicalID)
	assert.Nil(t, task.Properties["ManagedPolicyArns"])
	assert.Empty(t, expressStatements(tpl, task), "containers may do nothing before they are granted it")
	tpl.Has("AWS::IAM::Role", cdktest.Object{"AssumeRolePolicyDocument": cdktest.Object{"Statement": cdktest.Array{cdktest.Object{
		"Principal": cdktest.Object{"Service": "ecs-tasks.amazonaws.com"},
		"Condition": cdktest.Object{
			"StringEquals": cdktest.Object{"aws:SourceAccount": cdktest.Account},
			"ArnLike":      cdktest.Object{"aws:SourceArn": cdktest.Text(`:ecs:us-east-1:111111111111:\*`)},
		},
	}}}})
}

// A role or policy that was deleted first would leave a load balancer that ECS can no longer delete.
func TestExpress_DependsOnItsRoles(t *testing.T) {
	stack := cdktest.Stack(t)
	service := expressservice.NewService(stack, "Web", &expressservice.ServiceProps{Image: expressImage})
	awss3.NewBucket(stack, jsii.String("Bucket"), nil).GrantRead(service, nil)
	tpl := cdktest.Synth(t, stack)
	tpl.HasResource(expressType, cdktest.Object{"DependsOn": cdktest.ArrayWith(
		cdktest.Text("^WebInfrastructureRole"), cdktest.Text("^WebExecutionRoleDefaultPolicy"), cdktest.Text("^WebTaskRoleDefaultPolicy"),
	)})
}

func TestExpress_IsGrantable(t *testing.T) {
	stack := cdktest.Stack(t)
	service := expressservice.NewService(stack, "Web", &expressservice.ServiceProps{Image: expressImage})
	var grantee awsiam.IGrantable = service
	assert.True(t, *awss3.NewBucket(stack, jsii.String("Bucket"), nil).GrantRead(grantee, nil).Success())
	tpl := cdktest.Synth(t, stack)
	statements := expressStatements(tpl, expressRole(t, tpl, "TaskRoleArn"))
	require.Len(t, statements, 1)
	assert.Contains(t, statements[0].(cdktest.Object)["Action"], "s3:GetObject*")
}

func TestExpress_Repository(t *testing.T) {
	digest := "sha256:0123456789012345678901234567890123456789012345678901234567890123"
	for tag, end := range map[string]string{"1.4.2": ":1.4.2", digest: "@" + digest} {
		tpl := synthExpress(t, func(p *expressservice.ServiceProps) {
			p.Image, p.Tag = "", tag
			p.Repository = awsecr.Repository_FromRepositoryName(cdktest.Stack(t), jsii.String("Images"), jsii.String("team/web"))
		})
		tpl.Has(expressType, cdktest.Object{"PrimaryContainer": cdktest.Object{"Image": cdktest.Text(`111111111111\.dkr\.ecr\.us-east-1.*/team/web` + end + `"`)}})
		statements := expressStatements(tpl, expressRole(t, tpl, "ExecutionRoleArn"))
		require.Len(t, statements, 3)
		assert.Contains(t, statements[1].(cdktest.Object)["Action"], "ecr:BatchGetImage")
		assert.Equal(t, "ecr:GetAuthorizationToken", statements[2].(cdktest.Object)["Action"])
	}
}

func TestExpress_Container(t *testing.T) {
	stack := cdktest.Stack(t)
	key := awskms.NewKey(stack, jsii.String("SecretsKey"), nil)
	database := awssecretsmanager.NewSecret(stack, jsii.String("Database"), &awssecretsmanager.SecretProps{EncryptionKey: key})
	limit := awsssm.NewStringParameter(stack, jsii.String("Limit"), &awsssm.StringParameterProps{StringValue: jsii.String("7")})
	expressservice.NewService(stack, "Web", &expressservice.ServiceProps{
		Name: "web", Image: expressImage, Port: 8080, Command: []string{"serve", "--fast"}, CPU: 1024, Memory: 3072, HealthCheckPath: "/health",
		Environment: map[string]string{"LEVEL": "info", "COLOR": "blue"},
		Parameters:  map[string]awsssm.IParameter{"LIMIT": limit},
		Secrets:     map[string]expressservice.Secret{"PASSWORD": {Secret: database, Field: "password"}, "DATABASE": {Secret: database}},
		Scaling:     expressservice.Scaling{MinTasks: new(1), MaxTasks: 4, Metric: expressservice.RequestsPerTarget, Target: 500},
	})
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("expressservice/container")

	secret := tpl.All("AWS::SecretsManager::Secret")[0].LogicalID
	tpl.Has(expressType, cdktest.Object{
		"ServiceName": "web", "Cpu": "1024", "Memory": "3072", "HealthCheckPath": "/health", "Cluster": cdktest.Absent,
		"ScalingTarget": cdktest.Object{"MinTaskCount": 1, "MaxTaskCount": 4, "AutoScalingMetric": "REQUEST_COUNT_PER_TARGET", "AutoScalingTargetValue": 500},
		"PrimaryContainer": cdktest.Object{
			"ContainerPort": 8080, "Command": cdktest.Array{"serve", "--fast"},
			"Environment": cdktest.Array{cdktest.Object{"Name": "COLOR", "Value": "blue"}, cdktest.Object{"Name": "LEVEL", "Value": "info"}},
			"Secrets": cdktest.Array{
				cdktest.Object{"Name": "LIMIT", "ValueFrom": cdktest.Text(`:parameter/`)},
				cdktest.Object{"Name": "DATABASE", "ValueFrom": cdktest.Object{"Ref": secret}},
				cdktest.Object{"Name": "PASSWORD", "ValueFrom": cdktest.Object{"Fn::Join": cdktest.Array{"", cdktest.Array{cdktest.Object{"Ref": secret}, ":password::"}}}},
			},
		},
	})
	tpl.Has("AWS::IAM::Policy", cdktest.Object{
		"Roles": cdktest.Array{cdktest.Object{"Ref": expressRole(t, tpl, "ExecutionRoleArn").LogicalID}},
		"PolicyDocument": cdktest.Object{"Statement": cdktest.ArrayWith(
			cdktest.Object{"Action": cdktest.ArrayWith("ssm:GetParameters")},
			cdktest.Object{"Action": cdktest.ArrayWith("secretsmanager:GetSecretValue"), "Resource": cdktest.Object{"Ref": secret}},
		)},
	})
	tpl.Has("AWS::KMS::Key", cdktest.Object{"KeyPolicy": cdktest.Object{"Statement": cdktest.ArrayWith(cdktest.Object{
		"Action": "kms:Decrypt", "Principal": cdktest.Object{"AWS": expressARN("^WebExecutionRole")},
	})}})
	assert.Empty(t, expressStatements(tpl, expressRole(t, tpl, "TaskRoleArn")), "the code gets values, no right to read them")
}

func TestExpress_MemoryGoesWithCPU(t *testing.T) {
	synthExpress(t, func(p *expressservice.ServiceProps) { p.CPU = 2048 }).Has(expressType, cdktest.Object{"Cpu": "2048", "Memory": "4096"})
}

func TestExpress_Network(t *testing.T) {
	stack := cdktest.Stack(t)
	vpc := awsec2.NewVpc(stack, jsii.String("Vpc"), &awsec2.VpcProps{MaxAzs: jsii.Number(2)})
	group := awsec2.NewSecurityGroup(stack, jsii.String("Group"), &awsec2.SecurityGroupProps{Vpc: vpc})
	expressservice.NewService(stack, "Private", &expressservice.ServiceProps{Image: expressImage, VPC: vpc, SecurityGroups: []awsec2.ISecurityGroup{group}})
	expressservice.NewService(stack, "Public", &expressservice.ServiceProps{
		Image: expressImage, VPC: vpc, Subnets: &awsec2.SubnetSelection{SubnetType: awsec2.SubnetType_PUBLIC},
	})
	tpl := cdktest.Synth(t, stack)
	subnets := func(kind string) cdktest.Array {
		return cdktest.Array{cdktest.Object{"Ref": cdktest.Text("^Vpc" + kind + "Subnet1")}, cdktest.Object{"Ref": cdktest.Text("^Vpc" + kind + "Subnet2")}}
	}
	tpl.Has(expressType, cdktest.Object{"NetworkConfiguration": cdktest.Object{
		"Subnets": subnets("Private"), "SecurityGroups": cdktest.Array{cdktest.Object{"Fn::GetAtt": cdktest.Array{cdktest.Text("^Group"), "GroupId"}}},
	}})
	tpl.Has(expressType, cdktest.Object{"NetworkConfiguration": cdktest.Object{"Subnets": subnets("Public"), "SecurityGroups": cdktest.Absent}})
}

func TestExpress_Cluster(t *testing.T) {
	stack := cdktest.Stack(t)
	vpc := awsec2.NewVpc(stack, jsii.String("Vpc"), &awsec2.VpcProps{MaxAzs: jsii.Number(2)})
	cluster := awsecs.NewCluster(stack, jsii.String("Cluster"), &awsecs.ClusterProps{Vpc: vpc})
	expressservice.NewService(stack, "Web", &expressservice.ServiceProps{Image: expressImage, VPC: vpc, Cluster: cluster})
	cdktest.Synth(t, stack).Has(expressType, cdktest.Object{"Cluster": expressARN("^Cluster")})
}

func TestExpress_LogsAndKey(t *testing.T) {
	tpl := synthExpress(t, func(p *expressservice.ServiceProps) {
		p.LogRetentionDays, p.RemovalPolicy = 30, awscdk.RemovalPolicy_DESTROY
	})
	tpl.EachResource("AWS::Logs::LogGroup", cdktest.Object{"DeletionPolicy": "Delete", "Properties": cdktest.Object{"RetentionInDays": 30}})
	tpl.EachResource("AWS::KMS::Key", cdktest.Object{"DeletionPolicy": "Delete"})

	stack := cdktest.Stack(t)
	key := awskms.NewKey(stack, jsii.String("Mine"), nil)
	expressservice.NewService(stack, "Web", &expressservice.ServiceProps{Image: expressImage, Key: key})
	own := cdktest.Synth(t, stack)
	own.Count("AWS::KMS::Key", 1)
	own.Has("AWS::Logs::LogGroup", cdktest.Object{"KmsKeyId": expressARN("^Mine")})
	own.Has("AWS::KMS::Key", cdktest.Object{"KeyPolicy": cdktest.Object{"Statement": cdktest.ArrayWith(
		cdktest.Object{"Principal": cdktest.Object{"Service": "logs.us-east-1.amazonaws.com"}},
	)}})
}

func TestExpress_URL(t *testing.T) {
	stack := cdktest.Stack(t)
	service := expressservice.NewService(stack, "Web", &expressservice.ServiceProps{Image: expressImage})
	awscdk.NewCfnOutput(stack, jsii.String("URL"), &awscdk.CfnOutputProps{Value: service.URL()})
	tpl := cdktest.Synth(t, stack)
	assert.Equal(t, cdktest.Object{"Fn::Join": cdktest.Array{"", cdktest.Array{
		"https://", cdktest.Object{"Fn::GetAtt": cdktest.Array{tpl.All(expressType)[0].LogicalID, "Endpoint"}},
	}}}, tpl.Output("URL"))
}

func TestExpress_Configure(t *testing.T) {
	tpl := synthExpress(t, func(p *expressservice.ServiceProps) {
		p.ConfigureService = func(l1 *awsecs.CfnExpressGatewayServiceProps) {
			assert.Equal(t, "/ping", *l1.HealthCheckPath, "the defaults are there to be edited")
			l1.HealthCheckPath = jsii.String("/edited")
			l1.PrimaryContainer.(*awsecs.CfnExpressGatewayService_ExpressGatewayContainerProperty).ContainerPort = jsii.Number(81)
		}
	})
	tpl.Has(expressType, cdktest.Object{"HealthCheckPath": "/edited", "PrimaryContainer": cdktest.Object{"ContainerPort": 81, "Image": expressImage}})
}

func TestExpress_ReportsEveryProblem(t *testing.T) {
	stack := cdktest.Stack(t)
	err := cdktest.Panic(func() {
		expressservice.NewService(stack, "Web", &expressservice.ServiceProps{CPU: 300, Port: -1, HealthCheckPath: "ping"})
	})
	require.EqualError(t, err, `Test/Web: invalid expressservice.ServiceProps:
  - Image: must be given, or Repository and Tag
  - Port: must be between 1 and 65535, got -1
  - CPU: must be one of 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, got 300
  - HealthCheckPath: must start with /, got "ping"`)
	assert.Nil(t, stack.Node().TryFindChild(jsii.String("Web")), "nothing was defined")
}

func TestExpress_PassesNag(t *testing.T) {
	stack := cdktest.Stack(t)
	images := awsecr.NewRepository(stack, jsii.String("Images"), nil)
	expressservice.NewService(stack, "Web", &expressservice.ServiceProps{Repository: images, Tag: "1", Environment: map[string]string{"LEVEL": "info"}})
	expressservice.NewService(stack, "Proxy", &expressservice.ServiceProps{Image: expressImage})
	findings, suppressed := cdktest.Nag(t, stack)
	assert.Empty(t, findings)
	var rules []string
	for _, s := range suppressed {
		rules = append(rules, s.Rule)
	}
	assert.Equal(t, []string{"AwsSolutions-IAM4", "AwsSolutions-IAM4", "AwsSolutions-IAM5"}, rules)
}

func ExampleNewService_express() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Site"), nil)
	service := expressservice.NewService(stack, "Web", &expressservice.ServiceProps{
		Image: "public.ecr.aws/nginx/nginx:1.29", HealthCheckPath: "/", Scaling: expressservice.Scaling{MaxTasks: 4},
	})
	awscdk.NewCfnOutput(stack, jsii.String("Address"), &awscdk.CfnOutputProps{Value: service.URL()})
	fmt.Println(*service.Service.Cpu(), *service.Service.Memory())
	// Output: 256 512
}
