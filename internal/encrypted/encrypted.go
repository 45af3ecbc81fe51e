// Package encrypted defines KMS keys and the log groups that they encrypt.
package encrypted

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/internal/cdkval"
)

// NewKey defines a customer managed key that rotates yearly.
func NewKey(scope constructs.Construct, description string, removal awscdk.RemovalPolicy) awskms.Key {
	return awskms.NewKey(scope, jsii.String("Key"), &awskms.KeyProps{
		Description:       &description,
		EnableKeyRotation: jsii.Bool(true),
		RemovalPolicy:     removal,
	})
}

// AllowLogs lets CloudWatch Logs use key for the log groups of scope's account and region. It does nothing to a key from
// elsewhere, whose policy the CDK cannot change.
//
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
func AllowLogs(scope constructs.Construct, key awskms.IKey) {
	stack := awscdk.Stack_Of(scope)
	logs := awsiam.NewServicePrincipal(jsii.String("logs."+*stack.Region()+".amazonaws.com"), nil)
	key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: &[]awsiam.IPrincipal{logs},
		Actions:    jsii.Strings("kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"),
		Resources:  jsii.Strings("*"),
		Conditions: &map[string]any{"ArnLike": map[string]any{
			"kms:EncryptionContext:aws:logs:arn": stack.FormatArn(&awscdk.ArnComponents{
				Service: jsii.String("logs"), Resource: jsii.String("*"),
			}),
		}},
	}), nil)
}

// NewLogGroup defines a log group that key encrypts and that keeps its events for the given days. Its name is chosen by
// CloudFormation, unless name is given, for a service that asks for a certain one.
func NewLogGroup(scope constructs.Construct, id, name string, key awskms.IKey, days int, removal awscdk.RemovalPolicy) awslogs.LogGroup {
	if name != "" {
		removal = cdkval.Named(removal)
	}
	return awslogs.NewLogGroup(scope, &id, &awslogs.LogGroupProps{
		LogGroupName:  cdkval.Text(name),
		EncryptionKey: key,
		Retention:     cdkval.Retention(days),
		RemovalPolicy: removal,
	})
}
