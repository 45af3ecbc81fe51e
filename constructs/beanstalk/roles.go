package beanstalk

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/internal/nag"
)

// newInstanceRole defines the role of the instances. It has what AWSElasticBeanstalkWebTier and AWSElasticBeanstalkWorkerTier
// give, limited to the account's bucket of Elastic Beanstalk and to the application.
//
// https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/iam-instanceprofile.html
func (r *Resources) newInstanceRole(scope constructs.Construct, p *EnvironmentProps, worker bool) awsiam.Role {
	role := awsiam.NewRole(scope, jsii.String("InstanceRole"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("ec2.amazonaws.com"), nil),
	})
	stack := awscdk.Stack_Of(scope)
	arn := func(service, resource, name string, format awscdk.ArnFormat) string {
		return *stack.FormatArn(&awscdk.ArnComponents{Service: &service, Resource: &resource, ResourceName: &name, ArnFormat: format})
	}
	allow := func(resources []string, actions ...string) {
		role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Actions: jsii.Strings(actions...), Resources: jsii.Strings(resources...),
		}))
	}
	bucket := "arn:" + *stack.Partition() + ":s3:::elasticbeanstalk-" + *stack.Region() + "-" + *stack.Account()
	allow([]string{bucket, bucket + "/resources/environments/*"}, "s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket", "s3:ListBucketVersions")
	findings := []string{`/^Resource::arn:.*:s3:::elasticbeanstalk-.*\*$/`}
	if !p.Logs.Disable {
		allow([]string{bucket + "/resources/environments/logs/*"}, "s3:PutObject")
		allow([]string{arn("logs", "log-group", "/aws/elasticbeanstalk/*", awscdk.ArnFormat_COLON_RESOURCE_NAME)},
			"logs:CreateLogStream", "logs:DescribeLogGroups", "logs:DescribeLogStreams", "logs:PutLogEvents")
		findings = append(findings, `/^Resource::arn:.*:log-group:\/aws\/elasticbeanstalk\/\*$/`)
	}
	if !p.Health.Basic {
		allow([]string{
			arn("elasticbeanstalk", "application", *r.app.Name(), awscdk.ArnFormat_SLASH_RESOURCE_NAME),
			arn("elasticbeanstalk", "environment", *r.app.Name()+"/*", awscdk.ArnFormat_SLASH_RESOURCE_NAME),
		}, "elasticbeanstalk:PutInstanceStatistics")
		findings = append(findings, `/^Resource::arn:.*:elasticbeanstalk:.*:environment\/.*\/\*$/`)
	}
	anything := []string{"*"}
	if !p.DisableXRay {
		allow(anything, "xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets",
			"xray:GetSamplingStatisticSummaries")
	}
	if worker {
		allow(anything, "cloudwatch:PutMetricData")
		if len(p.Bundle.Tasks) > 0 {
			// The instances choose by this table of Elastic Beanstalk who sends the messages of cron.yaml.
			allow([]string{arn("dynamodb", "table", "*-stack-AWSEBWorkerCronLeaderRegistry*", awscdk.ArnFormat_SLASH_RESOURCE_NAME)},
				"dynamodb:BatchGetItem", "dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem",
				"dynamodb:Query", "dynamodb:Scan", "dynamodb:UpdateItem")
			findings = append(findings, `/^Resource::arn:.*:table\/\*-stack-AWSEBWorkerCronLeaderRegistry\*$/`)
		}
	}
	if worker || !p.DisableXRay {
		findings = append(findings, "Resource::*")
	}
	nag.Suppress(role.Node().FindChild(jsii.String("DefaultPolicy")), "AwsSolutions-IAM5",
		"Elastic Beanstalk makes these objects, log groups, tables and names itself; traces and metrics have no resource to name in a policy.", findings...)
	return role
}
