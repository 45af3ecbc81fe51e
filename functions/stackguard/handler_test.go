package main

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/internal/stackpolicy"
)

const stackARN = "arn:aws:cloudformation:us-east-1:111122223333:stack/Api/1"

// cloud has one stack.
type cloud struct {
	stacks            []types.Stack
	template          string
	policies          []string
	failing           string
	asked, askedStage string
}

func (c *cloud) fail(call string) error {
	if c.failing == call {
		return errors.New("Throttling: Rate exceeded")
	}
	return nil
}

func (c *cloud) DescribeStacks(_ context.Context, in *cloudformation.DescribeStacksInput, _ ...func(*cloudformation.Options)) (*cloudformation.DescribeStacksOutput, error) {
	c.asked = *in.StackName
	return &cloudformation.DescribeStacksOutput{Stacks: c.stacks}, c.fail("DescribeStacks")
}

func (c *cloud) GetTemplate(_ context.Context, in *cloudformation.GetTemplateInput, _ ...func(*cloudformation.Options)) (*cloudformation.GetTemplateOutput, error) {
	c.askedStage = *in.StackName + " " + string(in.TemplateStage)
	return &cloudformation.GetTemplateOutput{TemplateBody: &c.template}, c.fail("GetTemplate")
}

func (c *cloud) SetStackPolicy(_ context.Context, in *cloudformation.SetStackPolicyInput, _ ...func(*cloudformation.Options)) (*cloudformation.SetStackPolicyOutput, error) {
	if err := c.fail("SetStackPolicy"); err != nil {
		return nil, err
	}
	c.policies = append(c.policies, *in.StackName+" "+*in.StackPolicyBody)
	return &cloudformation.SetStackPolicyOutput{}, nil
}

var (
	created = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	updated = created.Add(time.Hour)
)

func newCloud(status types.StackStatus) *cloud {
	return &cloud{
		stacks:   []types.Stack{{StackStatus: status, CreationTime: &created, LastUpdatedTime: &updated}},
		template: `{"Metadata":{"Strata::StackPolicy":` + stackpolicy.AllowAll().JSON() + `},"Resources":{}}`,
	}
}

func invoke(c *cloud, e event) error {
	return handler{stack: stackARN, cloudformation: c}.handle(context.Background(), e)
}

// The event as AWS's page has it.
func TestEvent(t *testing.T) {
	var e event
	require.NoError(t, json.Unmarshal([]byte(`{"version":"0","source":"aws.cloudformation","account":"111122223333","id":"1","region":"us-east-1",
		"detail-type":"CloudFormation Stack Status Change","time":"2026-01-01T01:00:05Z","resources":["`+stackARN+`"],
		"detail":{"stack-id":"`+stackARN+`","status-details":{"status":"UPDATE_COMPLETE","status-reason":""},"client-request-token":""}}`), &e))
	assert.Equal(t, event{DetailType: statusChange, Time: updated.Add(5 * time.Second)}, e)
}

func TestHandle_SetsThePolicyOfTheTemplate(t *testing.T) {
	for _, status := range settled {
		c := newCloud(status)
		require.NoError(t, invoke(c, event{DetailType: statusChange, Time: updated}))
		require.NoError(t, invoke(c, event{DetailType: "Scheduled Event"}), "again")
		want := stackARN + " " + stackpolicy.AllowAll().JSON()
		assert.Equal(t, []string{want, want}, c.policies, status)
		assert.Equal(t, stackARN+" Original", c.askedStage)
		assert.Equal(t, stackARN, c.asked)
	}
}

func TestHandle_LeavesStacksThatChangeOrFailed(t *testing.T) {
	for _, status := range []types.StackStatus{"ROLLBACK_COMPLETE", "CREATE_FAILED", "UPDATE_ROLLBACK_FAILED", "DELETE_COMPLETE", "REVIEW_IN_PROGRESS"} {
		c := newCloud(status)
		require.NoError(t, invoke(c, event{DetailType: statusChange, Time: updated.Add(-time.Second)}))
		assert.Empty(t, c.policies, status)
	}
	for name, e := range map[string]event{
		"a later change ends with an event of its own": {DetailType: statusChange, Time: updated.Add(-time.Second)},
		"so does what the daily run finds":             {DetailType: "Scheduled Event", Time: updated.Add(time.Hour)},
	} {
		c := newCloud(types.StackStatusUpdateInProgress)
		require.NoError(t, invoke(c, e), name)
		assert.Empty(t, c.policies, name)
	}
}

// CloudFormation may answer with a status from before the event: without another try the stack would stay without its policy.
func TestHandle_TriesAgainWhenTheStatusIsOld(t *testing.T) {
	c := newCloud(types.StackStatusUpdateCompleteCleanupInProgress)
	require.ErrorIs(t, invoke(c, event{DetailType: statusChange, Time: updated.Add(time.Minute)}), errUnsettled)
	c = newCloud(types.StackStatusCreateInProgress)
	c.stacks[0].LastUpdatedTime = nil
	require.ErrorIs(t, invoke(c, event{DetailType: statusChange, Time: created.Add(time.Minute)}), errUnsettled)
	assert.Empty(t, c.policies)
}

func TestHandle_Errors(t *testing.T) {
	for name, c := range map[string]struct {
		edit func(*cloud)
		want string
	}{
		"status":     {func(c *cloud) { c.failing = "DescribeStacks" }, "cannot ask for the stack's status: Throttling: Rate exceeded"},
		"no stack":   {func(c *cloud) { c.stacks = nil }, "cannot ask for the stack's status: got 0 stacks"},
		"template":   {func(c *cloud) { c.failing = "GetTemplate" }, "cannot read the stack's template: Throttling: Rate exceeded"},
		"set":        {func(c *cloud) { c.failing = "SetStackPolicy" }, "cannot set the stack policy: Throttling: Rate exceeded"},
		"no policy":  {func(c *cloud) { c.template = `{}` }, "the stack's template has no policy in its metadata, at Strata::StackPolicy"},
		"bad policy": {func(c *cloud) { c.template = `{"Metadata":{"Strata::StackPolicy":[]}}` }, "cannot read the policy in the stack's template: invalid stack policy:\n  - must be a JSON object: it is none"},
		"no JSON":    {func(c *cloud) { c.template = aws.ToString(nil) }, "cannot read the policy in the stack's template: the template is not in JSON: unexpected end of JSON input"},
	} {
		t.Run(name, func(t *testing.T) {
			cloud := newCloud(types.StackStatusCreateComplete)
			c.edit(cloud)
			assert.EqualError(t, invoke(cloud, event{}), c.want)
			assert.Empty(t, cloud.policies)
		})
	}
}
