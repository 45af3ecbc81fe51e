// Command stackpolicy is the function of stackguard.Applier: a custom resource that sets the stack policy of another stack.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"github.com/strata-cdk/strata/cfnresource"
	"github.com/strata-cdk/strata/internal/stackpolicy"
)

func main() {
	cfg, err := config.LoadDefaultConfig(context.Background(), config.WithRetryMaxAttempts(10))
	if err != nil {
		fmt.Fprintln(os.Stderr, "cannot configure the AWS SDK:", err)
		os.Exit(1)
	}
	cfnresource.Start(handler{cloudformation: cloudformation.NewFromConfig(cfg)})
}

// properties are those of the custom resource.
type properties struct {
	// Stack is the name of the stack.
	Stack string
	// Policy is its policy.
	Policy string
}

type request = cfnresource.Request[properties]

type setter interface {
	SetStackPolicy(context.Context, *cloudformation.SetStackPolicyInput, ...func(*cloudformation.Options)) (*cloudformation.SetStackPolicyOutput, error)
}

// handler sets policies.
type handler struct{ cloudformation setter }

// Create sets the policy.
func (h handler) Create(ctx context.Context, r *request) (*cfnresource.Response, error) {
	policy, err := stackpolicy.Parse([]byte(r.Properties.Policy))
	if err != nil {
		return nil, err
	}
	text := policy.JSON()
	_, err = h.cloudformation.SetStackPolicy(ctx, &cloudformation.SetStackPolicyInput{StackName: &r.Properties.Stack, StackPolicyBody: &text})
	if err != nil {
		return nil, fmt.Errorf("cannot set the policy of the stack %s: %w", r.Properties.Stack, err)
	}
	return nil, nil
}

// Update sets the policy.
func (h handler) Update(ctx context.Context, r *request) (*cfnresource.Response, error) {
	return h.Create(ctx, r)
}

// Delete does nothing: a policy cannot be removed, and whoever wants to loosen it must say so.
func (handler) Delete(context.Context, *request) (*cfnresource.Response, error) { return nil, nil }
