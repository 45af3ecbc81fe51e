package constructs_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/webacl"
)

const loadBalancer = "arn:aws:elasticloadbalancing:us-east-1:111111111111:loadbalancer/app/web/1"

// protected is a load balancer behind a web ACL.
func protected(t *testing.T, props *webacl.Props, edit func(*webacl.Options)) *cdktest.Template {
	t.Helper()
	stack := cdktest.Stack(t)
	o := webacl.Options{ResourceArn: loadBalancer, Key: awskms.NewKey(stack, jsii.String("Key"), nil)}
	edit(&o)
	webacl.Protect(stack, props, o)
	return cdktest.Synth(t, stack)
}

func TestWebACL_Defaults(t *testing.T) {
	tpl := protected(t, nil, func(*webacl.Options) {})
	arn := o{"Fn::GetAtt": a{"WebACL", "Arn"}}
	tpl.Has("AWS::WAFv2::WebACL", o{"Scope": "REGIONAL", "Rules": cdktest.ArrayWith(
		o{"Statement": o{"RateBasedStatement": o{"Limit": 2000, "AggregateKeyType": "IP"}}},
	)})
	tpl.Has("AWS::WAFv2::WebACLAssociation", o{"WebACLArn": arn, "ResourceArn": loadBalancer})
	logs := tpl.HasResource("AWS::Logs::LogGroup", o{"DeletionPolicy": "RetainExceptOnCreate", "Properties": o{
		"RetentionInDays": 365, "KmsKeyId": o{"Fn::GetAtt": a{tpl.All("AWS::KMS::Key")[0].LogicalID, "Arn"}},
		"LogGroupName": cdktest.Text("aws-waf-logs-Test-.*AWS::StackId"),
	}})
	tpl.HasResource("AWS::WAFv2::LoggingConfiguration", o{"DependsOn": a{logs.LogicalID}, "Properties": o{
		"ResourceArn": arn, "LogDestinationConfigs": a{cdktest.Text(":log-group:aws-waf-logs-Test-")},
		"RedactedFields": cdktest.Exactly(a{
			o{"SingleHeader": o{"Name": "authorization"}}, o{"SingleHeader": o{"Name": "cookie"}},
			o{"SingleHeader": o{"Name": "x-amz-security-token"}}, o{"SingleHeader": o{"Name": "x-api-key"}},
		}),
	}})
}

func TestWebACL_Options(t *testing.T) {
	tpl := protected(t, nil, func(o *webacl.Options) {
		o.LogRetentionDays, o.RemovalPolicy, o.RedactHeaders = 30, awscdk.RemovalPolicy_DESTROY, []string{"X-Partner", "Cookie", "A"}
	})
	tpl.HasResource("AWS::Logs::LogGroup", o{"DeletionPolicy": "Delete", "Properties": o{"RetentionInDays": 30}})
	tpl.Has("AWS::WAFv2::LoggingConfiguration", o{"RedactedFields": cdktest.Exactly(a{
		o{"SingleHeader": o{"Name": "a"}}, o{"SingleHeader": o{"Name": "authorization"}}, o{"SingleHeader": o{"Name": "cookie"}},
		o{"SingleHeader": o{"Name": "x-amz-security-token"}}, o{"SingleHeader": o{"Name": "x-api-key"}}, o{"SingleHeader": o{"Name": "x-partner"}},
	})})
}

func TestWebACL_ExistingNeedsNoKey(t *testing.T) {
	stack := cdktest.Stack(t)
	const existing = "arn:aws:wafv2:us-east-1:111111111111:regional/webacl/shared/1"
	assert.Nil(t, webacl.Protect(stack, &webacl.Props{WebACLArn: existing}, webacl.Options{ResourceArn: loadBalancer}))
	tpl := cdktest.Synth(t, stack)
	tpl.Has("AWS::WAFv2::WebACLAssociation", o{"WebACLArn": existing, "ResourceArn": loadBalancer})
	tpl.Count("AWS::WAFv2::WebACL", 0)
	tpl.Count("AWS::Logs::LogGroup", 0)
}

func TestWebACL_ReportsEveryProblem(t *testing.T) {
	stack := cdktest.Stack(t)
	require.EqualError(t, cdktest.Panic(func() { webacl.Protect(stack, &webacl.Props{RateLimit: 9}, webacl.Options{}) }),
		"Test/WebACL: invalid webacl.Props:\n  - RateLimit: must be between 10 and 2000000000, got 9")
	require.EqualError(t, cdktest.Panic(func() {
		webacl.Protect(stack, nil, webacl.Options{LogRetentionDays: 2, RemovalPolicy: "SNAPSHOT"})
	}), `Test/WebACL: invalid webacl.Options:
  - ResourceArn: must be given
  - Key: must be given for a new web ACL
  - LogRetentionDays: must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653, got 2
  - RemovalPolicy: must be one of RETAIN, DESTROY, got SNAPSHOT`)
	assert.Nil(t, stack.Node().TryFindChild(jsii.String("WebACL")), "nothing was defined")
}

func ExampleProtect() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Shop"), nil)
	acl := webacl.Protect(stack, &webacl.Props{RateLimit: 500}, webacl.Options{
		ResourceArn: loadBalancer,
		Key:         awskms.NewKey(stack, jsii.String("Key"), nil),
	})
	fmt.Println(*acl.Node().Path(), *acl.Scope())
	// Output: Shop/WebACL REGIONAL
}
