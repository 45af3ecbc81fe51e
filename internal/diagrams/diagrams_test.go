package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const root = "../.."

// The pictures in docs are those of the templates as they are.
func TestPictures(t *testing.T) {
	drawn, err := draw(root)
	require.NoError(t, err)
	files, err := os.ReadDir(filepath.Join(root, "docs", "diagrams"))
	require.NoError(t, err)
	var kept []string
	for _, f := range files {
		kept = append(kept, f.Name())
		text, err := os.ReadFile(filepath.Join(root, "docs", "diagrams", f.Name()))
		require.NoError(t, err)
		assert.True(t, string(text) == string(drawn[f.Name()]), "%s is not what the templates give: make diagrams", f.Name())
	}
	assert.Equal(t, slices.Sorted(maps.Keys(drawn)), kept)
}

func TestRun(t *testing.T) {
	require.ErrorContains(t, run(t.TempDir()), "no templates below ")
	from, folder := t.TempDir(), filepath.Join("constructs", "testdata", "recovery")
	require.NoError(t, os.MkdirAll(filepath.Join(from, folder), 0o755))
	for name, text := range map[string]string{"pilotlight_primary": primary, "pilotlight_standby": standby} {
		require.NoError(t, os.WriteFile(filepath.Join(from, folder, name+"_1.snap.json"), []byte(text), 0o600))
	}
	require.NoError(t, run(from))
	svg, err := os.ReadFile(filepath.Join(from, "docs", "diagrams", "recovery-pilotlight.svg"))
	require.NoError(t, err)
	for _, text := range []string{"Primary region", "Standby region", "8 of 17 resources are shown", "S3 bucket"} {
		assert.Contains(t, string(svg), text)
	}
}

const primary = `{"Resources": {
	"PageLoadBalancer11111111": {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": {"SecurityGroups": [{"Ref": "Group"}]}},
	"PageListener22222222": {"Type": "AWS::ElasticLoadBalancingV2::Listener", "Properties": {
		"LoadBalancerArn": {"Ref": "PageLoadBalancer11111111"}, "DefaultActions": [{"TargetGroupArn": {"Ref": "PageTargets"}}]}},
	"PageTargets": {"Type": "AWS::ElasticLoadBalancingV2::TargetGroup", "Properties": {"VpcId": {"Ref": "Vpc"}}},
	"Vpc": {"Type": "AWS::EC2::VPC", "Properties": {}},
	"Gateway": {"Type": "AWS::EC2::InternetGateway", "Properties": {}},
	"Attachment": {"Type": "AWS::EC2::VPCGatewayAttachment", "Properties": {"VpcId": {"Ref": "Vpc"}, "InternetGatewayId": {"Ref": "Gateway"}}},
	"PageService": {"Type": "AWS::ECS::Service", "Properties": {
		"LoadBalancers": [{"TargetGroupArn": {"Ref": "PageTargets"}}], "TaskDefinition": {"Ref": "PageTask"}, "Cluster": {"Ref": "Cluster"}}},
	"PageTask": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"TaskRoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
		"ContainerDefinitions": [{"Environment": [{"Name": "QUEUE", "Value": {"Fn::Join": ["", ["https://", {"Fn::GetAtt": ["Work", "QueueName"]}]]}}]}]}},
	"Role": {"Type": "AWS::IAM::Role", "Properties": {}},
	"Group": {"Type": "AWS::EC2::SecurityGroup", "Properties": {}},
	"Cluster": {"Type": "AWS::ECS::Cluster", "Properties": {}},
	"Work": {"Type": "AWS::SQS::Queue", "Properties": {}},
	"AlarmTopic": {"Type": "AWS::SNS::Topic", "Properties": {}},
	"Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"AlarmActions": [{"Ref": "AlarmTopic"}], "Dimensions": [{"Value": {"Ref": "Work"}}]}},
	"CustomEmptier": {"Type": "AWS::Lambda::Function", "Properties": {"Environment": {"Q": {"Ref": "Work"}}}},
	"Files": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Fn::Join": ["-", ["files", {"Ref": "AWS::AccountId"}, "us-east-1"]]},
		"ReplicationConfiguration": {"Rules": [{"Destination": {"Bucket": {"Fn::Join": ["", ["arn:aws:s3:::files-", {"Ref": "AWS::AccountId"}, "-us-west-2"]]}}}]}}},
	"Short": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "files"}}
}}`

const standby = `{"Resources": {
	"Files": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Fn::Join": ["-", ["files", {"Ref": "AWS::AccountId"}, "us-west-2"]]}}}
}}`

func parts(t *testing.T) (*part, *part) {
	t.Helper()
	var all []*part
	for id, text := range map[string]string{"0": primary, "1": standby} {
		file := filepath.Join(t.TempDir(), "t.json")
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		p, err := read(side{title: id, file: file}, id)
		require.NoError(t, err)
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b *part) int { return b.total - a.total })
	return all[0], all[1]
}

func TestRead(t *testing.T) {
	p, _ := parts(t)
	assert.Equal(t, 17, p.total)
	assert.Equal(t, []node{
		{id: "0AlarmTopic", kind: kinds["AWS::SNS::Topic"], name: "AlarmTopic", pattern: "Alarm", alarms: 1},
		{id: "0Files", kind: kinds["AWS::S3::Bucket"], name: "Files", pattern: "Files"},
		{id: "0Gateway", kind: kinds["AWS::EC2::InternetGateway"], name: "Gateway", pattern: "Gateway"},
		{id: "0PageLoadBalancer11111111", kind: kinds["AWS::ElasticLoadBalancingV2::LoadBalancer"], name: "PageLoadBalancer", pattern: "Page"},
		{id: "0PageService", kind: kinds["AWS::ECS::Service"], name: "PageService", pattern: "Page"},
		{id: "0Short", kind: kinds["AWS::S3::Bucket"], name: "Short", pattern: "Short"},
		{id: "0Vpc", kind: kinds["AWS::EC2::VPC"], name: "Vpc", pattern: "Vpc"},
		{id: "0Work", kind: kinds["AWS::SQS::Queue"], name: "Work", pattern: "Work"},
	}, p.nodes)
	assert.Equal(t, [][2]string{{"0Gateway", "0Vpc"}, {"0PageLoadBalancer11111111", "0PageService"}, {"0PageService", "0Work"}}, p.edges,
		"through listener, target group and task definition; not through roles, nor to where targets are")
	_, err := read(side{file: "none.json"}, "0")
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestAcross(t *testing.T) {
	p, s := parts(t)
	assert.Equal(t, [][2]string{{"0Files", "1Files"}}, across(p, s), "the destination of the replication")
	assert.Empty(t, across(s, p))
	assert.NotContains(t, p.names, "0Short", "a short name stands in others by chance")
}

func TestAcross_NamesAreWholeAndTheirOwn(t *testing.T) {
	vault := &part{texts: map[string][]string{}, names: map[string]string{}}
	vault.physical("Vault", resource{Type: "AWS::Backup::BackupVault", Properties: map[string]any{"BackupVaultName": "orderbook"}})
	vault.physical("Endpoint", resource{Type: "AWS::EC2::VPCEndpoint", Properties: map[string]any{"ServiceName": "com.amazonaws.s3"}})
	vault.physical("Cluster", resource{Type: "AWS::RDS::DBCluster", Properties: map[string]any{"DBClusterIdentifier": "orderbook-west", "GlobalClusterIdentifier": "orderbook"}})
	assert.Equal(t, map[string]string{"Vault": "orderbook", "Cluster": "orderbook-west"}, vault.names)
	plan := &part{texts: map[string][]string{}, names: map[string]string{}}
	plan.physical("Plan", resource{Properties: map[string]any{"Rules": []any{"arn:aws:backup:us-west-2:1:backup-vault:orderbook"}}})
	plan.physical("Table", resource{Properties: map[string]any{"TableName": "orderbook-items", "Description": "of orderbook"}})
	plan.physical("Here", resource{Type: "AWS::Backup::BackupVault", Properties: map[string]any{"BackupVaultName": "orderbook"}})
	assert.Equal(t, [][2]string{{"Plan", "Vault"}}, across(plan, vault), "one that has the same name refers to nothing")
}
