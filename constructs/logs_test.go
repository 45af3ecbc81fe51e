package constructs_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/logs"
)

func synthGroup(t *testing.T, props *logs.SecureLogGroupProps) *cdktest.Template {
	t.Helper()
	stack := cdktest.Stack(t)
	logs.NewSecureLogGroup(stack, "App", props)
	return cdktest.Synth(t, stack)
}

func TestLogsGroup_Defaults(t *testing.T) {
	tpl := synthGroup(t, nil)
	tpl.Snapshot("logs/group")
	key := tpl.HasResource("AWS::KMS::Key", o{"DeletionPolicy": "Retain", "Properties": o{
		"EnableKeyRotation": true,
		"KeyPolicy": o{"Statement": cdktest.ArrayWith(o{
			"Principal": o{"Service": "logs.us-east-1.amazonaws.com"},
			"Action":    a{"kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"},
			"Condition": o{"ArnLike": o{"kms:EncryptionContext:aws:logs:arn": cdktest.Text(`:logs:us-east-1:111111111111:\*`)}},
		})},
	}})
	tpl.HasResource("AWS::Logs::LogGroup", o{
		"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain",
		"Properties": cdktest.Exactly(o{
			"KmsKeyId": o{"Fn::GetAtt": a{key.LogicalID, "Arn"}}, "RetentionInDays": 365., "LogGroupClass": "STANDARD",
		}),
	})
}

func TestLogsGroup_Settings(t *testing.T) {
	tpl := synthGroup(t, &logs.SecureLogGroupProps{Name: "/shop/orders", RetentionDays: 30, IndexFields: []string{"requestId", "user"}})
	tpl.HasResource("AWS::Logs::LogGroup", o{"DeletionPolicy": "RetainExceptOnCreate", "Properties": o{
		"LogGroupName": "/shop/orders", "RetentionInDays": 30., "FieldIndexPolicies": a{o{"Fields": a{"requestId", "user"}}},
	}})
	synthGroup(t, &logs.SecureLogGroupProps{KeepForever: true, Class: logs.InfrequentAccess}).Has("AWS::Logs::LogGroup", o{
		"RetentionInDays": cdktest.Absent, "LogGroupClass": "INFREQUENT_ACCESS",
	})
	synthGroup(t, &logs.SecureLogGroupProps{Class: logs.Delivery}).Has("AWS::Logs::LogGroup", o{
		"RetentionInDays": cdktest.Absent, "LogGroupClass": "DELIVERY",
	})
	tpl = synthGroup(t, &logs.SecureLogGroupProps{Name: "/gone", RemovalPolicy: awscdk.RemovalPolicy_DESTROY})
	for _, typ := range []string{"AWS::Logs::LogGroup", "AWS::KMS::Key"} {
		tpl.EachResource(typ, o{"DeletionPolicy": "Delete"})
	}
}

func TestLogsGroup_KeyAndHook(t *testing.T) {
	stack := cdktest.Stack(t)
	key := awskms.NewKey(stack, jsii.String("Mine"), nil)
	logs.NewSecureLogGroup(stack, "App", &logs.SecureLogGroupProps{Key: key, ConfigureLogGroup: func(p *awslogs.LogGroupProps) {
		assert.Equal(t, awslogs.RetentionDays_ONE_YEAR, p.Retention, "the defaults are there to be edited")
		p.DeletionProtectionEnabled = jsii.Bool(true)
	}})
	tpl := cdktest.Synth(t, stack)
	tpl.Count("AWS::KMS::Key", 1)
	tpl.Has("AWS::KMS::Key", o{"KeyPolicy": o{"Statement": cdktest.ArrayWith(o{"Principal": o{"Service": "logs.us-east-1.amazonaws.com"}})}})
	tpl.Has("AWS::Logs::LogGroup", o{"KmsKeyId": o{"Fn::GetAtt": a{cdktest.Text("^Mine"), "Arn"}}, "DeletionProtectionEnabled": true})
}

func TestLogsGroup_DataProtection(t *testing.T) {
	stack := cdktest.Stack(t)
	findings := logs.NewSecureLogGroup(stack, "Findings", &logs.SecureLogGroupProps{Name: "/findings"})
	bucket := awss3.Bucket_FromBucketName(stack, jsii.String("Bucket"), jsii.String("found"))
	logs.NewSecureLogGroup(stack, "App", &logs.SecureLogGroupProps{DataProtection: &logs.DataProtection{
		Identifiers:      append([]logs.Identifier{logs.EmailAddress}, logs.Credentials()...),
		Custom:           []logs.CustomIdentifier{{Name: "EmployeeId", Regex: `EID-\d{9}`}},
		FindingsLogGroup: findings.LogGroup, FindingsBucket: bucket, FindingsStream: "found",
	}})
	tpl := cdktest.Synth(t, stack)
	group := tpl.Has("AWS::Logs::LogGroup", o{"DataProtectionPolicy": cdktest.Any})
	policy := group.Properties["DataProtectionPolicy"].(o)
	assert.Equal(t, "Masks what is secret in Test/App", policy["Description"])
	assert.Equal(t, o{"CustomDataIdentifier": a{o{"Name": "EmployeeId", "Regex": `EID-\d{9}`}}}, policy["Configuration"])
	statements := policy["Statement"].(a)
	require.Len(t, statements, 2)
	audit, redact := statements[0].(o), statements[1].(o)
	assert.Equal(t, audit["DataIdentifier"], redact["DataIdentifier"])
	assert.Equal(t, o{"Deidentify": o{"MaskConfig": o{}}}, redact["Operation"])
	assert.Equal(t, o{"Audit": o{"FindingsDestination": o{
		"CloudWatchLogs": o{"LogGroup": o{"Ref": tpl.Has("AWS::Logs::LogGroup", o{"LogGroupName": "/findings"}).LogicalID}},
		"S3":             o{"Bucket": "found"}, "Firehose": o{"DeliveryStream": "found"},
	}}}, audit["Operation"])
	ids, err := json.Marshal(audit["DataIdentifier"])
	require.NoError(t, err)
	for _, id := range []string{"EmailAddress", "AwsSecretKey", "OpenSshPrivateKey", "PgpPrivateKey", "PkcsPrivateKey", "PuttyPrivateKey"} {
		assert.Contains(t, string(ids), `:dataprotection::aws:data-identifier/`+id+`"`)
	}
	assert.Contains(t, string(ids), `"EmployeeId"`)
}

func TestLogsGroup_Grants(t *testing.T) {
	stack := cdktest.Stack(t)
	g := logs.NewSecureLogGroup(stack, "App", nil)
	for id, grant := range map[string]func(awsiam.IGrantable) awsiam.Grant{"Writer": g.GrantWrite, "Reader": g.GrantRead} {
		role := awsiam.NewRole(stack, &id, &awsiam.RoleProps{AssumedBy: awsiam.NewServicePrincipal(jsii.String("ecs-tasks.amazonaws.com"), nil)})
		assert.True(t, *grant(role).Success())
	}
	tpl := cdktest.Synth(t, stack)
	group := o{"Fn::GetAtt": a{tpl.All("AWS::Logs::LogGroup")[0].LogicalID, "Arn"}}
	for _, actions := range []a{{"logs:CreateLogStream", "logs:PutLogEvents"}, {"logs:FilterLogEvents", "logs:GetLogEvents", "logs:GetLogGroupFields", "logs:DescribeLogGroups", "logs:DescribeLogStreams"}} {
		tpl.Has("AWS::IAM::Policy", o{"PolicyDocument": o{"Statement": a{o{"Action": actions, "Resource": group}}}})
	}
}

func TestLogsGroup_ReportsEveryProblem(t *testing.T) {
	stack := cdktest.Stack(t)
	err := cdktest.Panic(func() {
		logs.NewSecureLogGroup(stack, "App", &logs.SecureLogGroupProps{Name: "a b", RetentionDays: 30, Class: logs.Delivery})
	})
	require.EqualError(t, err, `Test/App: invalid logs.SecureLogGroupProps:
  - Name: must be 1 to 512 letters, digits and . - _ / #, not beginning with aws/, got "a b"
  - RetentionDays: must be left out with Class DELIVERY`)
	assert.Nil(t, stack.Node().TryFindChild(jsii.String("App")), "nothing was defined")
}

func ExampleNewSecureLogGroup() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Shop"), nil)
	orders := logs.NewSecureLogGroup(stack, "Orders", &logs.SecureLogGroupProps{DataProtection: &logs.DataProtection{
		Identifiers: append(logs.Credentials(), logs.EmailAddress, logs.CreditCardNumber),
	}})
	fmt.Println(*orders.LogGroup.Node().Path())
	// Output: Shop/Orders/LogGroup
}
