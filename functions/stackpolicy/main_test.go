package main

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/internal/stackpolicy"
)

type cloud struct {
	policies []string
	err      error
}

func (c *cloud) SetStackPolicy(_ context.Context, in *cloudformation.SetStackPolicyInput, _ ...func(*cloudformation.Options)) (*cloudformation.SetStackPolicyOutput, error) {
	c.policies = append(c.policies, *in.StackName+" "+*in.StackPolicyBody)
	return nil, c.err
}

func TestHandler(t *testing.T) {
	c := &cloud{}
	h := handler{c}
	r := &request{Properties: properties{Stack: "Api", Policy: stackpolicy.AllowAll().JSON() + " "}}
	_, err := h.Create(t.Context(), r)
	require.NoError(t, err)
	_, err = h.Update(t.Context(), r)
	require.NoError(t, err)
	want := "Api " + stackpolicy.AllowAll().JSON()
	require.Equal(t, []string{want, want}, c.policies)
	_, err = h.Delete(t.Context(), r)
	require.NoError(t, err)
	require.Len(t, c.policies, 2, "the policy stays")
}

func TestHandler_Errors(t *testing.T) {
	c := &cloud{err: errors.New("Stack [Api] does not exist")}
	_, err := handler{c}.Create(t.Context(), &request{Properties: properties{Stack: "Api", Policy: stackpolicy.AllowAll().JSON()}})
	assert.EqualError(t, err, "cannot set the policy of the stack Api: Stack [Api] does not exist")
	c = &cloud{}
	_, err = handler{c}.Create(t.Context(), &request{Properties: properties{Stack: "Api", Policy: "{}"}})
	assert.EqualError(t, err, "invalid stack policy:\n  - Statement: must be given")
	assert.Empty(t, c.policies)
}
