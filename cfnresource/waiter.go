package cfnresource

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

// startWaiter returns a function that starts an execution of the state machine.
func startWaiter(arn string) func(ctx context.Context, name string, s *step) error {
	return func(ctx context.Context, name string, s *step) error {
		input, err := json.Marshal(s)
		if err != nil {
			return err
		}
		cfg, err := config.LoadDefaultConfig(ctx)
		if err != nil {
			return err
		}
		_, err = sfn.NewFromConfig(cfg).StartExecution(ctx, &sfn.StartExecutionInput{
			StateMachineArn: &arn, Name: &name, Input: aws.String(string(input)),
		})
		if _, ok := errors.AsType[*types.ExecutionAlreadyExists](err); ok {
			return nil // the same request, for the second time
		}
		return err
	}
}
