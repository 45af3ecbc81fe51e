package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/strata-cdk/strata/internal/stackpolicy"
)

// event is one of EventBridge: a stack changed its status, or a day has passed.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/eventbridge-events.html
type event struct {
	DetailType string `json:"detail-type"`
	Time       time.Time
}

const statusChange = "CloudFormation Stack Status Change"

// settled are the statuses of a stack that has its resources and that nobody is changing.
var settled = []types.StackStatus{
	types.StackStatusCreateComplete, types.StackStatusUpdateComplete, types.StackStatusUpdateRollbackComplete,
	types.StackStatusImportComplete, types.StackStatusImportRollbackComplete,
}

// api is what the function asks of CloudFormation.
type api interface {
	cloudformation.DescribeStacksAPIClient
	GetTemplate(context.Context, *cloudformation.GetTemplateInput, ...func(*cloudformation.Options)) (*cloudformation.GetTemplateOutput, error)
	SetStackPolicy(context.Context, *cloudformation.SetStackPolicyInput, ...func(*cloudformation.Options)) (*cloudformation.SetStackPolicyOutput, error)
}

// handler sets the policy of a stack.
type handler struct {
	// stack is its ARN.
	stack          string
	cloudformation api
}

// errUnsettled has Lambda try again, a minute and then two later.
var errUnsettled = errors.New("the change of the stack is over, but CloudFormation does not say so yet")

// handle sets the policy that the template has. It can be called as often as one likes.
func (h handler) handle(ctx context.Context, e event) error {
	out, err := h.cloudformation.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &h.stack})
	if err != nil {
		return fmt.Errorf("cannot ask for the stack's status: %w", err)
	}
	if len(out.Stacks) != 1 {
		return fmt.Errorf("cannot ask for the stack's status: got %d stacks", len(out.Stacks))
	}
	stack := out.Stacks[0]
	log := slog.With("stack", h.stack, "status", stack.StackStatus)
	if !slices.Contains(settled, stack.StackStatus) {
		if stale(e, &stack) {
			return errUnsettled
		}
		log.InfoContext(ctx, "the policy is left as it is: the stack is changing, which ends with another event, or has failed")
		return nil
	}
	template, err := h.cloudformation.GetTemplate(ctx, &cloudformation.GetTemplateInput{StackName: &h.stack, TemplateStage: types.TemplateStageOriginal})
	if err != nil {
		return fmt.Errorf("cannot read the stack's template: %w", err)
	}
	policy, err := stackpolicy.FromTemplate([]byte(aws.ToString(template.TemplateBody)))
	if err != nil {
		return fmt.Errorf("cannot read the policy in the stack's template: %w", err)
	}
	if policy == nil {
		return errors.New("the stack's template has no policy in its metadata, at " + stackpolicy.MetadataKey)
	}
	if _, err := h.cloudformation.SetStackPolicy(ctx, &cloudformation.SetStackPolicyInput{StackName: &h.stack, StackPolicyBody: aws.String(policy.JSON())}); err != nil {
		return fmt.Errorf("cannot set the stack policy: %w", err)
	}
	log.InfoContext(ctx, "the stack policy is set", "statements", len(policy.Statement))
	return nil
}

// stale tells whether the status is from before the event, and not of a change that began after it.
func stale(e event, stack *types.Stack) bool {
	began := aws.ToTime(stack.CreationTime)
	if stack.LastUpdatedTime != nil {
		began = *stack.LastUpdatedTime
	}
	return e.DetailType == statusChange && strings.HasSuffix(string(stack.StackStatus), "_IN_PROGRESS") && !began.After(e.Time)
}
