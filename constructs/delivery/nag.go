package delivery

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/strata-cdk/strata/internal/nag"
)

// wildcards says why the policies that the CDK writes have wildcards: those of which the path from the pipeline's starts so.
var wildcards = []struct {
	below, reason string
	findings      []string
}{
	{"", "The CDK grants the use of the artifacts of this pipeline and of their key by these groups of actions.", []string{
		"Action::s3:GetObject*", "Action::s3:GetBucket*", "Action::s3:List*", "Action::s3:DeleteObject*", "Action::s3:Abort*",
		"Action::kms:ReEncrypt*", "Action::kms:GenerateDataKey*", `/^Resource::<\w*Artifacts\w+\.Arn>\/\*$/`,
	}},
	{"", "Log streams and report groups of a build get their names when it runs.", []string{
		`/^Resource::arn:.+:logs:.+:log-group:\/aws\/code(build|pipeline)\/.*\*$/`, `/^Resource::arn:.+:codebuild:.+:report-group\/.*\*$/`,
	}},
	{"/Delivery/UpdatePipeline/", "It may assume roles of the CDK's bootstrap stack only, which a condition on their tag says. What else it may do, read stacks and list buckets, the " +
		"CDK's command line asks for before it knows the stack.", []string{`/^Resource::arn:\*:iam::.+:role\/\*$/`, "Resource::*"}},
	{"/Delivery/Assets/", "The role starts the builds that use it, so the CDK cannot name them; and a token of ECR is for all repositories.", []string{"Resource::*"}},
	{"/Pipeline/Images/", "Tokens of ECR, and scans of Amazon Inspector, have no resource.", []string{"Resource::*"}},
	{"/Pipeline/Role/", "The artifacts of another region are in a bucket of this pipeline; their key is known by its alias only, which no policy can name.", []string{
		"Resource::*", `/^Resource::arn:.+:s3:::.+\/\*$/`,
	}},
}

// suppress writes the reasons down. It looks at no stack but the pipeline's own.
func suppress(c constructs.IConstruct, root string) {
	if policy, ok := c.(awsiam.CfnPolicy); ok {
		for _, w := range wildcards {
			if strings.HasPrefix(strings.TrimPrefix(*policy.Node().Path(), root), w.below) {
				nag.Suppress(policy, "AwsSolutions-IAM5", w.reason, w.findings...)
			}
		}
		return
	}
	for _, child := range *c.Node().Children() {
		if !*awscdk.Stage_IsStage(child) {
			suppress(child, root)
		}
	}
}
