// Command customrouting is the function of globalentry.CustomRouting: it makes custom routing accelerators, which CloudFormation cannot.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/globalaccelerator"

	"github.com/strata-cdk/strata/cfnresource"
)

// controlRegion is where Global Accelerator is managed.
const controlRegion = "us-west-2"

func main() {
	cfg, err := config.LoadDefaultConfig(context.Background(), config.WithRegion(controlRegion))
	if err != nil {
		fmt.Fprintln(os.Stderr, "cannot configure the AWS SDK:", err)
		os.Exit(1)
	}
	cfnresource.Start(handler{globalaccelerator.NewFromConfig(cfg)})
}
