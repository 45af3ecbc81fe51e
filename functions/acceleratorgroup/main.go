// Command acceleratorgroup is the function of globalentry.SecurityGroup: it finds the security group that Global Accelerator makes in a VPC.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/strata-cdk/strata/cfnresource"
)

func main() {
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, "cannot configure the AWS SDK:", err)
		os.Exit(1)
	}
	cfnresource.Start(handler{ec2: ec2.NewFromConfig(cfg), pause: pause})
}
