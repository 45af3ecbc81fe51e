// Command balancer is an app of two services that share a load balancer, for the tests of what albfargate makes of
// LoadBalancing: the emulator routes requests by its listeners and rules.
package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/constructs/albfargate"
	"github.com/strata-cdk/strata/constructs/ecsservice"
	"github.com/strata-cdk/strata/constructs/network"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Balancer"), nil)
	vpc := network.NewVPC(stack, "Network", &network.VPCProps{
		NAT: network.None, DisableFlowLogs: true, KeepDefaultSecurityGroup: true, RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	props := func() *albfargate.ServiceProps {
		return &albfargate.ServiceProps{
			CommonProps: ecsservice.CommonProps{
				VPC: vpc.Vpc, Subnets: vpc.Workloads(),
				Containers: []ecsservice.Container{{
					Name: "web", Image: awsecs.ContainerImage_FromRegistry(jsii.String("public.ecr.aws/docker/library/busybox:1.37"), nil),
					Ports: []ecsservice.Port{{Number: 8080}},
				}},
				Alarms: ecsservice.Alarms{Disable: true}, RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
			},
			LoadBalancing: ecsservice.LoadBalancing{DisableAccessLogs: true, DisableDeletionProtection: true},
		}
	}
	main := props()
	main.LoadBalancing.Certificates = []awscertificatemanager.ICertificate{awscertificatemanager.NewCertificate(stack, jsii.String("Certificate"),
		&awscertificatemanager.CertificateProps{DomainName: jsii.String("shop.example.test")})}
	main.Deployment = ecsservice.Deployment{Strategy: ecsservice.BlueGreen, TestPort: 9000, TestCIDRs: []string{"10.0.0.0/16"}} // the emulator does not know the range of a VPC
	own := albfargate.NewService(stack, "Main", main)

	shared := props()
	shared.Cluster, shared.Key = own.Cluster, own.Key
	shared.LoadBalancing = ecsservice.LoadBalancing{Listener: own.Listener, Rules: []ecsservice.Rule{
		{Priority: 10, Paths: []string{"/shared/*"}, Methods: []string{"POST"}},
		{Priority: 20, Paths: []string{"/shared/*"}, Headers: map[string][]string{"X-Version": {"2*"}}},
		{Priority: 30, Hosts: []string{"api.*"}},
	}}
	other := albfargate.NewService(stack, "Shared", shared)

	for name, group := range map[string]elb.ApplicationTargetGroup{
		"Main": own.TargetGroup, "Alternate": own.AlternateTargetGroup, "Shared": other.TargetGroup,
	} {
		awscdk.NewCfnOutput(stack, jsii.String(name+"Group"), &awscdk.CfnOutputProps{Value: group.TargetGroupArn()})
	}
	awscdk.NewCfnOutput(stack, jsii.String("Name"), &awscdk.CfnOutputProps{Value: own.LoadBalancer.LoadBalancerDnsName()})
	app.Synth(nil)
}
