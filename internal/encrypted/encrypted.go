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

// NewKey defines a customer managed key that rotates yearly and that CloudWatch Logs may use for the log groups of the
// stack's account and region.
//
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
func NewKey(scope constructs.Construct, description string, removal awscdk.RemovalPolicy) awskms.Key {
	key := awskms.NewKey(scope, jsii.String("Key"), &awskms.KeyProps{
		Description:       &description,
		EnableKeyRotation: jsii.Bool(true),
		RemovalPolicy:     removal,
	})
	stack := awscdk.Stack_Of(scope)
	logs := awsiam.NewServicePrincipal(jsii.String("logs."+*stack.Region()+".amazonaws.com"), nil)
	key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        jsii.String("AllowCloudWatchLogs"),
		Principals: &[]awsiam.IPrincipal{logs},
		Actions:    jsii.Strings("kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"),
		Resources:  jsii.Strings("*"),
		Conditions: &map[string]any{"ArnLike": map[string]any{
			"kms:EncryptionContext:aws:logs:arn": stack.FormatArn(&awscdk.ArnComponents{
				Service: jsii.String("logs"), Resource: jsii.String("*"),
			}),
		}},
	}), nil)
	return key
}

// NewLogGroup defines a log group that key encrypts and that keeps its events for the given days.
func NewLogGroup(scope constructs.Construct, id string, key awskms.IKey, days int, removal awscdk.RemovalPolicy) awslogs.LogGroup {
	return awslogs.NewLogGroup(scope, &id, &awslogs.LogGroupProps{
		EncryptionKey: key,
		Retention:     cdkval.Retention(days),
		RemovalPolicy: removal,
	})
}
