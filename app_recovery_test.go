package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
)

func TestApp_Recovery(t *testing.T) {
	for strategy, tasks := range map[string]int{"pilot-light": 0, "warm-standby": 1} {
		app := cdktest.App(t, contextWith(t, map[string]any{"recovery": strategy}))
		require.NoError(t, build(app))
		templates := cdktest.SynthApp(t, app)
		require.Contains(t, templates, "RecoveryPrimary")
		findings, _ := cdktest.ReadNag(t, *app.Outdir())
		assert.Empty(t, findings)
		primary, standby := templates["RecoveryPrimary"], templates["RecoveryStandby"]
		primary.Has("AWS::DynamoDB::GlobalTable", cdktest.Object{"TableName": "strata-orders-items"})
		primary.Has("AWS::ECS::Service", cdktest.Object{"DesiredCount": 2, "ServiceName": "web"})
		standby.Has("AWS::ECS::Service", cdktest.Object{"DesiredCount": tasks, "ServiceName": "web"})
		standby.Has("AWS::ECS::Cluster", cdktest.Object{"ClusterName": "strata-orders"})
		assert.NotContains(t, string(standby.JSON), "ImportValue")
		experiment := primary.Has("AWS::FIS::ExperimentTemplate", cdktest.Object{"Targets": cdktest.Object{"CutRouteTables": cdktest.Object{"ResourceTags": cdktest.Object{"strata:drill": "strata-orders"}}}})
		assert.Len(t, experiment.Properties["StopConditions"], 5)
		assert.Contains(t, experiment.Properties["Actions"], "PauseTables")
		primary.Has("AWS::EC2::Subnet", cdktest.Object{"Tags": cdktest.ArrayWith(cdktest.Object{"Key": "strata:drill", "Value": "strata-orders"})})
		for _, tpl := range []*cdktest.Template{primary, standby} {
			assert.NotNil(t, tpl.Output("Url"))
			tpl.Has("AWS::IAM::Policy", cdktest.Object{"PolicyDocument": cdktest.Object{"Statement": cdktest.ArrayWith(cdktest.Object{"Action": cdktest.ArrayWith("dynamodb:PutItem")})}})
			tpl.Has("AWS::IAM::Policy", cdktest.Object{"PolicyDocument": cdktest.Object{"Statement": cdktest.ArrayWith(cdktest.Object{"Action": cdktest.ArrayWith("s3:PutObject")})}})
		}
	}
}

// With a domain, clients come by one name to the region that serves: to the primary one, and to the other one once the former is unhealthy.
func TestApp_RecoveryRoute(t *testing.T) {
	for strategy, policy := range map[string]cdktest.Object{
		"warm-standby": {"Failover": "PRIMARY"}, "active-active": {"Region": "us-east-1", "Failover": cdktest.Absent},
	} {
		app := cdktest.App(t, contextWith(t, map[string]any{
			"recovery": strategy, "domain": "board.example.com", "hostedZone": "example.com", "hostedZoneId": "Z0123456789EXAMPLE",
		}))
		require.NoError(t, build(app))
		templates := cdktest.SynthApp(t, app)
		findings, _ := cdktest.ReadNag(t, *app.Outdir())
		assert.Empty(t, findings)
		primary, standby := templates["RecoveryPrimary"], templates["RecoveryStandby"]
		policy["Name"], policy["SetIdentifier"] = "orders.example.com.", "us-east-1"
		primary.Has("AWS::Route53::RecordSet", policy)
		primary.Has("AWS::Route53::HealthCheck", cdktest.Object{"HealthCheckConfig": cdktest.Object{"FullyQualifiedDomainName": "orders-us-east-1.example.com", "Type": "HTTPS"}})
		standby.Has("AWS::Route53::RecordSet", cdktest.Object{"Name": "orders.example.com.", "SetIdentifier": "us-west-2"})
		standby.Has("AWS::Route53::RecordSet", cdktest.Object{"Name": "orders-us-west-2.example.com.", "Type": "A"})
		standby.Count("AWS::Route53::HealthCheck", 0)
		for _, tpl := range []*cdktest.Template{primary, standby} {
			tpl.Has("AWS::CertificateManager::Certificate", cdktest.Object{"DomainName": "orders.example.com"})
			tpl.Has("AWS::ElasticLoadBalancingV2::Listener", cdktest.Object{"Port": 443})
		}
		assert.NotContains(t, string(standby.JSON), "us-east-1.example.com")
	}
}

// With backups only, nothing computes in the standby region until it is failed over.
func TestApp_RecoveryFromBackups(t *testing.T) {
	for _, failedOver := range []bool{false, true} {
		app := cdktest.App(t, contextWith(t, map[string]any{"recovery": "backup-and-restore", "failedOver": failedOver}))
		require.NoError(t, build(app))
		standby := cdktest.SynthApp(t, app)["RecoveryStandby"]
		standby.Count("AWS::ECS::Service", map[bool]int{true: 1}[failedOver])
		standby.Count("AWS::EC2::VPC", map[bool]int{true: 1}[failedOver])
		standby.Count("AWS::Backup::BackupVault", 1)
	}
}

func TestApp_RecoveryProblems(t *testing.T) {
	out, code, outdir := runApp(t, ".", `{"recovery":"hope","region":"us-west-2","stage":"local"}`)
	assert.Equal(t, `invalid stacks.RecoveryStackProps:
  - Stage: must be one of dev, prod, got local
  - Plan.Standby: must be another region than Primary: both would be lost together
  - Plan.Strategy: must be one of backup-and-restore, pilot-light, warm-standby, active-active, got hope
`, out)
	assert.Equal(t, 1, code)
	assertNothingWritten(t, outdir)
}
