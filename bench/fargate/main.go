// Command fargate is an app with one service of albfargate, with every default. Its twins are ../js/fargate.js, and those that
// ../fargatepatterns names.
package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/constructs/albfargate"
	"github.com/strata-cdk/strata/constructs/ecsservice"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Fargate"), nil)
	certificate := awscertificatemanager.Certificate_FromCertificateArn(stack, jsii.String("Certificate"),
		jsii.String("arn:aws:acm:us-east-1:111111111111:certificate/00000000-0000-0000-0000-000000000000"))
	albfargate.NewService(stack, "Service", &albfargate.ServiceProps{
		CommonProps: ecsservice.CommonProps{
			VPC: awsec2.NewVpc(stack, jsii.String("Vpc"), nil),
			Containers: []ecsservice.Container{{
				Name: "web", Image: awsecs.ContainerImage_FromRegistry(jsii.String("public.ecr.aws/docker/library/busybox:1.37"), nil),
				Ports: []ecsservice.Port{{Number: 8080}},
			}},
		},
		LoadBalancing: ecsservice.LoadBalancing{Certificates: []awscertificatemanager.ICertificate{certificate}},
	})
	app.Synth(nil)
}
