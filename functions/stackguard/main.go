// Command stackguard is the function of constructs/stackguard: when a change of its stack is done, it sets the stack policy that
// the deployed template has in its metadata.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
)

func main() {
	cfg, err := config.LoadDefaultConfig(context.Background(), config.WithRetryMaxAttempts(10))
	if err != nil {
		fmt.Fprintln(os.Stderr, "cannot configure the AWS SDK:", err)
		os.Exit(1)
	}
	lambda.Start(handler{stack: os.Getenv("STRATA_STACK"), cloudformation: cloudformation.NewFromConfig(cfg)}.handle)
}
