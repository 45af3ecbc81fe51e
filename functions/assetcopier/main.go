// Command assetcopier is the function of constructs/stackset: it copies files from the CDK's bucket of assets to a bucket in each
// region of a stack set.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/strata-cdk/strata/cfnresource"
)

func main() {
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, "cannot configure the AWS SDK:", err)
		os.Exit(1)
	}
	cfnresource.Start(copier{s3: s3.NewFromConfig(cfg, func(o *s3.Options) {
		// An emulator's address is no domain for the names of buckets to stand in front of.
		o.UsePathStyle = os.Getenv("AWS_ENDPOINT_URL") != ""
	})})
}
