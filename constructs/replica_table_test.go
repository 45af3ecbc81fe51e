package constructs_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/replica"
)

func orderTable() *replica.GlobalTableProps {
	return &replica.GlobalTableProps{Pair: orderPair(), PartitionKey: replica.Attribute{Name: "id"}}
}

func TestGlobalTable_Primary(t *testing.T) {
	stack := cdktest.Stack(t)
	table := replica.NewGlobalTable(stack, "Data", orderTable())
	assert.Equal(t, "orders", *table.TableName())
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("replica/table_primary")
	assertAlone(t, tpl)
	side := func(region string, key any) o {
		return o{
			"Region": region, "DeletionProtectionEnabled": true, "SSESpecification": o{"KMSMasterKeyId": key},
			"PointInTimeRecoverySpecification": o{"PointInTimeRecoveryEnabled": true, "RecoveryPeriodInDays": 35},
		}
	}
	tpl.Has("AWS::DynamoDB::GlobalTable", o{
		"TableName": "orders", "KeySchema": a{o{"AttributeName": "id", "KeyType": "HASH"}}, "AttributeDefinitions": a{o{"AttributeName": "id", "AttributeType": "S"}},
		"SSESpecification": o{"SSEEnabled": true, "SSEType": "KMS"}, "BillingMode": "PAY_PER_REQUEST", "MultiRegionConsistency": cdktest.Absent, "TimeToLiveSpecification": cdktest.Absent,
		"Replicas": a{
			side(replicaStandby, join(":kms:us-west-2:"+cdktest.Account+":alias/orders-table")), side(cdktest.Region, o{"Fn::GetAtt": a{cdktest.Text("^DataKey"), "Arn"}}),
		},
	})
	tpl.HasResource("AWS::DynamoDB::GlobalTable", o{"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"})
	tpl.Count("AWS::CloudWatch::Alarm", 1)
	tpl.Has("AWS::CloudWatch::Alarm", o{
		"Namespace": "AWS/DynamoDB", "MetricName": "ReplicationLatency", "Threshold": 60000, "EvaluationPeriods": 5, "DatapointsToAlarm": 5,
		"Dimensions":       a{o{"Name": "ReceivingRegion", "Value": replicaStandby}, o{"Name": "TableName", "Value": "orders"}},
		"AlarmDescription": "The table's replica in us-west-2 is more than 1m0s behind, in 5 of 5 minutes (Test/Data)",
	})
}

func TestGlobalTable_Standby(t *testing.T) {
	stack := replicaStack(t, replicaStandby)
	table := replica.NewGlobalTable(stack, "Data", orderTable())
	assert.Nil(t, table.Global)
	role := awsiam.NewRole(stack, jsii.String("Role"), &awsiam.RoleProps{AssumedBy: awsiam.NewAccountRootPrincipal()})
	table.Table.GrantReadData(role)
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("replica/table_standby")
	assertAlone(t, tpl)
	tpl.Count("AWS::DynamoDB::GlobalTable", 0)
	tpl.Has("AWS::KMS::Alias", o{"AliasName": "alias/orders-table", "TargetKeyId": o{"Fn::GetAtt": a{cdktest.Text("^DataKey"), "Arn"}}})
	tpl.Has("AWS::CloudWatch::Alarm", o{"Dimensions": a{o{"Name": "ReceivingRegion", "Value": cdktest.Region}, o{"Name": "TableName", "Value": "orders"}}})
	here := ":dynamodb:us-west-2:" + cdktest.Account + ":table/orders"
	tpl.Has("AWS::IAM::Policy", o{"PolicyDocument": o{"Statement": cdktest.ArrayWith(
		o{"Action": cdktest.ArrayWith("dynamodb:GetItem"), "Resource": a{join(here), join(here + "/index/*")}},
	)}})
	tpl.Has("AWS::IAM::Policy", o{"PolicyDocument": o{"Statement": cdktest.ArrayWith(o{"Action": cdktest.ArrayWith("kms:Decrypt"), "Resource": o{"Fn::GetAtt": a{cdktest.Text("^DataKey"), "Arn"}}})}})
}

func TestGlobalTable_Settings(t *testing.T) {
	props := orderTable()
	props.SortKey, props.PartitionKey.Type = replica.Attribute{Name: "at", Type: awsdynamodb.AttributeType_NUMBER}, awsdynamodb.AttributeType_BINARY
	props.TimeToLiveAttribute, props.OtherRegions, props.RecoveryDays, props.AlarmLag = "expires", []string{"eu-west-1"}, 7, 90*time.Second
	props.RemovalPolicy = awscdk.RemovalPolicy_DESTROY
	props.ConfigureTable = func(p *awsdynamodb.TablePropsV2) { p.TableClass = awsdynamodb.TableClass_STANDARD_INFREQUENT_ACCESS }
	stack := cdktest.Stack(t)
	props.Key = awskms.NewKey(stack, jsii.String("Mine"), nil)
	replica.NewGlobalTable(stack, "Data", props)
	tpl := cdktest.Synth(t, stack)
	third := tpl.Has("AWS::DynamoDB::GlobalTable", o{
		"KeySchema":               a{o{"AttributeName": "id", "KeyType": "HASH"}, o{"AttributeName": "at", "KeyType": "RANGE"}},
		"AttributeDefinitions":    a{o{"AttributeName": "id", "AttributeType": "B"}, o{"AttributeName": "at", "AttributeType": "N"}},
		"TimeToLiveSpecification": o{"AttributeName": "expires", "Enabled": true},
		"Replicas": cdktest.ArrayWith(o{
			"Region": "eu-west-1", "DeletionProtectionEnabled": false, "PointInTimeRecoverySpecification": o{"RecoveryPeriodInDays": 7}, "TableClass": "STANDARD_INFREQUENT_ACCESS",
			"SSESpecification": o{"KMSMasterKeyId": join(":kms:eu-west-1:" + cdktest.Account + ":alias/orders-table")},
		}),
	})
	assert.Len(t, third.Properties["Replicas"], 3)
	tpl.HasResource("AWS::DynamoDB::GlobalTable", o{"DeletionPolicy": "Delete"})
	tpl.Count("AWS::KMS::Key", 1)
	tpl.Count("AWS::CloudWatch::Alarm", 2)
	tpl.Has("AWS::CloudWatch::Alarm", o{"Threshold": 90000, "Dimensions": cdktest.ArrayWith(o{"Name": "ReceivingRegion", "Value": "eu-west-1"})})

	other := replicaStack(t, "eu-west-1")
	props.Key = nil
	replica.NewGlobalTable(other, "Data", props)
	tpl = cdktest.Synth(t, other)
	tpl.Count("AWS::DynamoDB::GlobalTable", 0)
	tpl.Count("AWS::CloudWatch::Alarm", 2)
}

func TestGlobalTable_StrongConsistency(t *testing.T) {
	for _, edit := range []func(*replica.GlobalTableProps){
		func(p *replica.GlobalTableProps) { p.WitnessRegion = "us-east-2" },
		func(p *replica.GlobalTableProps) { p.OtherRegions = []string{"us-east-2"} },
	} {
		props := orderTable()
		props.StrongConsistency = true
		edit(props)
		stack := cdktest.Stack(t)
		table := replica.NewGlobalTable(stack, "Data", props)
		assert.NotNil(t, table.Topic)
		tpl := cdktest.Synth(t, stack)
		global := tpl.Has("AWS::DynamoDB::GlobalTable", o{"MultiRegionConsistency": "STRONG"})
		if props.WitnessRegion != "" {
			tpl.Has("AWS::DynamoDB::GlobalTable", o{"GlobalTableWitnesses": a{o{"Region": "us-east-2"}}})
			assert.Len(t, global.Properties["Replicas"], 2)
		} else {
			tpl.Has("AWS::DynamoDB::GlobalTable", o{"GlobalTableWitnesses": cdktest.Absent})
			assert.Len(t, global.Properties["Replicas"], 3)
		}
		tpl.Count("AWS::CloudWatch::Alarm", 0)
	}
}

func TestGlobalTable_Refuses(t *testing.T) {
	require.ErrorContains(t, cdktest.Panic(func() { replica.NewGlobalTable(cdktest.Stack(t), "Data", nil) }), "Test/Data: invalid replica.GlobalTableProps:\n  - Name: ")
	assertRefuses(t, "replica.GlobalTableProps", func(stack awscdk.Stack) { replica.NewGlobalTable(stack, "Data", orderTable()) })
}

func TestGlobalTable_Nag(t *testing.T) {
	primary, standby := cdktest.Stack(t), replicaStack(t, replicaStandby)
	replica.NewGlobalTable(primary, "Data", orderTable())
	replica.NewGlobalTable(standby, "Data", orderTable())
	assertNag(t, primary, standby)
}

func ExampleNewGlobalTable() {
	app := awscdk.NewApp(nil)
	for name, region := range map[string]string{"Primary": "us-east-1", "Standby": "us-west-2"} {
		stack := awscdk.NewStack(app, &name, &awscdk.StackProps{Env: &awscdk.Environment{Account: jsii.String("111122223333"), Region: &region}})
		table := replica.NewGlobalTable(stack, "Orders", &replica.GlobalTableProps{
			Pair: replica.Pair{Name: "orders", Primary: "us-east-1", Standby: "us-west-2"}, PartitionKey: replica.Attribute{Name: "id"},
		})
		fmt.Println(*table.Node().Path(), *table.TableName())
	}
	// Unordered output:
	// Primary/Orders orders
	// Standby/Orders orders
}
