package constructs_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/internal/nag"
)

// A finding between slashes is a regular expression; everything else is itself.
func TestSuppress_Findings(t *testing.T) {
	stack := cdktest.Stack(t)
	queue := awssqs.NewQueue(stack, jsii.String("Queue"), nil)
	nag.Suppress(queue, "AwsSolutions-IAM5", "A reason.", "Resource::*", "/^Resource::arn:.*$/")
	nag.Suppress(queue, "AwsSolutions-SQS3", "Another reason.")
	cdktest.Synth(t, stack).HasResource("AWS::SQS::Queue", o{"Metadata": o{"cdk_nag": o{"rules_to_suppress": a{
		o{"id": "AwsSolutions-IAM5", "reason": "A reason.", "applies_to": a{"Resource::*", o{"regex": "/^Resource::arn:.*$/"}}},
		o{"id": "AwsSolutions-SQS3", "reason": "Another reason.", "applies_to": cdktest.Absent},
	}}}})
}
