package stacks

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/constructs/albfargate"
	"github.com/strata-cdk/strata/constructs/drill"
	"github.com/strata-cdk/strata/constructs/ecsservice"
	"github.com/strata-cdk/strata/constructs/failover"
	"github.com/strata-cdk/strata/constructs/network"
	"github.com/strata-cdk/strata/constructs/recovery"
	"github.com/strata-cdk/strata/constructs/replica"
	"github.com/strata-cdk/strata/internal/nag"
	"github.com/strata-cdk/strata/internal/sorted"
)

// RecoveryStackProps configures the stacks RecoveryPrimary and RecoveryStandby, with the same Plan.
type RecoveryStackProps struct {
	awscdk.StackProps
	// Stage is what the workload is for.
	Stage Stage
	// Plan is what is to survive, and how.
	Plan *recovery.Plan
	// Domain is the name of the service, which leads to the region that serves. Each region has a name of its own too, such as
	// orders-us-west-2.example.com.
	// Default: none, internal load balancers that serve HTTP inside the VPC of each region.
	Domain Domain
}

// OrdersPlan is the plan of the stacks RecoveryPrimary and RecoveryStandby: a table, a bucket and a service, of which a quarter of an hour may
// be lost, or half a day with BackupAndRestore.
func OrdersPlan(strategy recovery.Strategy, primary string, stage Stage, failedOver bool) *recovery.Plan {
	plan := &recovery.Plan{
		Name: "strata-orders", Strategy: strategy, Primary: primary, Standby: "us-west-2", RPO: 15 * time.Minute, RTO: time.Hour,
		Data: recovery.Data{
			Tables:  []replica.GlobalTableProps{{Pair: replica.Pair{Name: "items"}, PartitionKey: replica.Attribute{Name: "id"}}},
			Buckets: []replica.ReplicatedBucketProps{{Pair: replica.Pair{Name: "photos"}}},
		},
		Services: []recovery.Service{{Cluster: "strata-orders", Name: "web", Tasks: 2}}, FailedOver: failedOver, RemovalPolicy: stage.removal(),
	}
	if strategy == recovery.BackupAndRestore {
		plan.RPO, plan.RTO = 12*time.Hour, 12*time.Hour
	}
	return plan
}

// RecoveryPrimaryStack is the region of a plan that serves. Its output is Url.
type RecoveryPrimaryStack struct {
	awscdk.Stack
	// Drill cuts it off the standby region for half an hour, when somebody starts it. Alarms of Service stop it.
	Drill *drill.Experiment
	// Recovery has the data.
	Recovery *recovery.Primary
	// Service serves it.
	Service *albfargate.Service
}

// NewRecoveryPrimaryStack defines a RecoveryPrimaryStack named id in scope. It panics with a *check.Error when props are invalid.
func NewRecoveryPrimaryStack(scope constructs.Construct, id string, props *RecoveryStackProps) *RecoveryPrimaryStack {
	check.Must(scope.Node().Path(), id, props.Validate())
	s := &RecoveryPrimaryStack{}
	awscdk.NewStack_Override(s, scope, &id, &props.StackProps)
	s.Recovery = recovery.NewPrimary(s, "Orders", &recovery.RegionProps{Plan: props.Plan})
	s.Service = props.service(s, recovery.PrimarySide, s.Recovery.Tables, s.Recovery.Buckets)
	var alarms []awscloudwatch.IAlarm
	for _, a := range s.Service.Alarms[:min(5, len(s.Service.Alarms))] { // AWS FIS takes no more
		alarms = append(alarms, a)
	}
	s.Drill = drill.NewExperiment(s, "Drill", &drill.ExperimentProps{
		Description: "The region is cut off " + props.Plan.Standby, Actions: s.Recovery.CutActions(30 * time.Minute), StopAlarms: alarms, RemovalPolicy: props.Stage.removal(),
	})
	return s
}

// URL is the address of the service.
func (s *RecoveryPrimaryStack) URL() *string { return s.Service.URL() }

// RecoveryStandbyStack is the region of a plan that is to take over. It refers to nothing of RecoveryPrimaryStack. Its output is Url, unless nothing computes
// there.
type RecoveryStandbyStack struct {
	awscdk.Stack
	// Recovery has the data.
	Recovery *recovery.Standby
	// Service serves it; nil with BackupAndRestore until it is failed over.
	Service *albfargate.Service
}

// NewRecoveryStandbyStack defines a RecoveryStandbyStack named id in scope. It panics with a *check.Error when props are invalid.
func NewRecoveryStandbyStack(scope constructs.Construct, id string, props *RecoveryStackProps) *RecoveryStandbyStack {
	check.Must(scope.Node().Path(), id, props.Validate())
	s := &RecoveryStandbyStack{}
	awscdk.NewStack_Override(s, scope, &id, &props.StackProps)
	s.Recovery = recovery.NewStandby(s, "Orders", &recovery.RegionProps{Plan: props.Plan})
	if props.Plan.Computes(recovery.StandbySide) {
		s.Service = props.service(s, recovery.StandbySide, s.Recovery.Tables, s.Recovery.Buckets)
	}
	return s
}

// URL is the address of the service; nil when nothing computes here.
func (s *RecoveryStandbyStack) URL() *string {
	if s.Service == nil {
		return nil
	}
	return s.Service.URL()
}

// Validate reports every invalid field at once, those of the plan included.
func (p *RecoveryStackProps) Validate() error {
	c := check.For("stacks.RecoveryStackProps")
	if p == nil {
		p = &RecoveryStackProps{}
	}
	check.OneOf(c, "Stage", p.Stage, Dev, Prod) // the emulator has one region
	p.Domain.validate(c)
	c.At("Plan").Join(p.Plan.Validate())
	return c.Err()
}

// service defines a network and a service in a region.
func (p *RecoveryStackProps) service(
	s awscdk.Stack, side recovery.Side, tables map[string]*replica.GlobalTable, buckets map[string]*replica.ReplicatedBucket,
) *albfargate.Service {
	vpc := &network.VPCProps{CIDR: vpcRange, RemovalPolicy: p.Stage.removal()}
	if p.Stage != Prod {
		vpc.NAT = network.One
	}
	made, web, own := network.NewVPC(s, "Network", vpc), p.Plan.Services[0], p.Domain.Sibling("orders-"+*s.Region())
	awscdk.Tags_Of(made.Vpc).Add(jsii.String(recovery.DrillTag), &p.Plan.Name, nil)
	service := albfargate.NewService(s, "Web", &albfargate.ServiceProps{
		CommonProps: ecsservice.CommonProps{
			VPC: made.Vpc, Subnets: made.Workloads(), RemovalPolicy: p.Stage.removal(), DesiredCount: new(p.Plan.Tasks(side, web.Tasks)),
			Containers: []ecsservice.Container{{
				Name: "hello", Image: awsecs.ContainerImage_FromRegistry(jsii.String(pageImage), nil),
				Command: []string{"sh", "-c", "echo Hello from " + *s.Region() + " >/www/index.html; exec httpd -f -p 8080 -h /www"},
				Ports:   []ecsservice.Port{{Number: 8080}}, ScratchDirs: []string{"/www"},
			}},
			ConfigureCluster: func(c *awsecs.ClusterProps) { c.ClusterName = &web.Cluster },
		},
		Task:          albfargate.Task{ConfigureService: func(s *awsecs.FargateServiceProps) { s.ServiceName = &web.Name }},
		LoadBalancing: p.balancing(s, own),
	})
	p.route(s, side, service, own)
	for _, table := range sorted.All(tables) {
		table.Table.GrantReadWriteData(service.TaskDefinition.TaskRole())
	}
	for _, bucket := range sorted.All(buckets) {
		bucket.Bucket.GrantReadWrite(service.TaskDefinition.TaskRole(), nil)
	}
	if policy := service.TaskDefinition.TaskRole().Node().TryFindChild(jsii.String("DefaultPolicy")); policy != nil {
		nag.Suppress(policy, "AwsSolutions-IAM5", "The grants of the CDK to read and write all of one table, one bucket and what their keys encrypt.",
			"/^Action::(s3|kms):.*\\*$/", "/^Resource::<OrdersBucket.*>\\/\\*$/", "/^Resource::arn:.*:table\\/strata-orders-items\\/index\\/\\*$/")
	}
	awscdk.NewCfnOutput(s, jsii.String("Url"), &awscdk.CfnOutputProps{Value: service.URL(), Description: jsii.String("Address of the service")})
	return service
}

// balancing serves a name of the region's own, and the one of both.
func (p *RecoveryStackProps) balancing(s awscdk.Stack, own Domain) ecsservice.LoadBalancing {
	b := ecsservice.LoadBalancing{DisableDeletionProtection: p.Stage != Prod}
	if !own.complete() {
		b.Internal, b.AllowPlaintext, b.AllowedCIDRs = true, true, []string{vpcRange}
		return b
	}
	zone := awsroute53.HostedZone_FromHostedZoneAttributes(s, jsii.String("Zone"), &awsroute53.HostedZoneAttributes{
		HostedZoneId: &p.Domain.HostedZoneID, ZoneName: &p.Domain.HostedZone,
	})
	b.Domain = &ecsservice.Domain{Names: []string{own.Name}, Zone: zone}
	b.Certificates = []awscertificatemanager.ICertificate{awscertificatemanager.NewCertificate(s, jsii.String("Certificate"), &awscertificatemanager.CertificateProps{
		DomainName: &p.Domain.Name, Validation: awscertificatemanager.CertificateValidation_FromDns(zone),
	})}
	return b
}

// route sends clients to this region by the name of both while the primary region is healthy, or is not.
func (p *RecoveryStackProps) route(s awscdk.Stack, side recovery.Side, service *albfargate.Service, own Domain) {
	if !own.complete() {
		return
	}
	record := &failover.RecordProps{
		Route: p.Plan.Route(p.Domain.Name, p.Domain.HostedZoneID, p.Domain.HostedZone),
		Alias: &failover.Alias{DNSName: *service.LoadBalancer.LoadBalancerDnsName(), HostedZoneID: *service.LoadBalancer.LoadBalancerCanonicalHostedZoneId()},
	}
	if side == recovery.PrimarySide {
		record.HealthCheck = &failover.HealthCheckProps{Endpoint: &failover.Endpoint{Domain: own.Name}}
	}
	failover.NewRecord(s, "Route", record)
}
