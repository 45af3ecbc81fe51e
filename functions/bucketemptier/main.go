// Command bucketemptier is the function of constructs/bucketemptier: it empties a bucket of S3 when its stack is deleted.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/strata-cdk/strata/cfnresource"
)

func main() {
	// S3 slows callers down that delete as fast as they can: adaptive retries slow down with it.
	cfg, err := config.LoadDefaultConfig(context.Background(), config.WithRetryMode(aws.RetryModeAdaptive), config.WithRetryMaxAttempts(10))
	if err != nil {
		fmt.Fprintln(os.Stderr, "cannot configure the AWS SDK:", err)
		os.Exit(1)
	}
	cfnresource.Start(handler{s3: s3.NewFromConfig(cfg, pathStyle), stacks: cloudformation.NewFromConfig(cfg)})
}

// pathStyle is for an emulator, whose address is no domain for the names of buckets to stand in front of.
func pathStyle(o *s3.Options) { o.UsePathStyle = os.Getenv("AWS_ENDPOINT_URL") != "" }
