package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cfnresource"
)

// network is EC2 on this machine. It answers each call with what answers holds for it, and the last one from then on.
type network struct {
	*httptest.Server
	answers []func(w http.ResponseWriter)
	calls   []map[string]string
}

func newNetwork(t *testing.T, answers ...func(w http.ResponseWriter)) (*network, handler) {
	t.Helper()
	n := &network{answers: answers}
	n.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		call := map[string]string{}
		for k := range r.Form {
			call[k] = r.Form.Get(k)
		}
		n.calls = append(n.calls, call)
		n.answers[min(len(n.calls), len(n.answers))-1](w)
	}))
	t.Cleanup(n.Close)
	client := ec2.New(ec2.Options{
		BaseEndpoint: &n.URL, Region: "eu-west-1", RetryMaxAttempts: 3, Credentials: credentials.NewStaticCredentialsProvider("AKID", "SECRET", ""),
	})
	return n, handler{ec2: client, pause: time.Millisecond}
}

func groups(ids ...string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		fmt.Fprint(w, "<DescribeSecurityGroupsResponse><securityGroupInfo>")
		for _, id := range ids {
			fmt.Fprintf(w, "<item><groupId>%s</groupId><groupName>GlobalAccelerator</groupName></item>", id)
		}
		fmt.Fprint(w, "</securityGroupInfo></DescribeSecurityGroupsResponse>")
	}
}

func refusal(status int, code string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.WriteHeader(status)
		fmt.Fprintf(w, "<Response><Errors><Error><Code>%s</Code><Message>because</Message></Error></Errors></Response>", code)
	}
}

var inVPC = &request{Properties: properties{VpcID: "vpc-1"}}

func TestFind(t *testing.T) {
	for name, find := range map[string]func(handler) (*cfnresource.Response, error){
		"create": func(h handler) (*cfnresource.Response, error) { return h.Create(t.Context(), inVPC) },
		"update": func(h handler) (*cfnresource.Response, error) { return h.Update(t.Context(), inVPC) },
	} {
		t.Run(name, func(t *testing.T) {
			n, h := newNetwork(t, groups("sg-1"))
			got, err := find(h)
			require.NoError(t, err)
			assert.Equal(t, &cfnresource.Response{PhysicalID: "sg-1", Data: map[string]string{"GroupId": "sg-1"}}, got)
			require.Len(t, n.calls, 1)
			assert.Equal(t, map[string]string{
				"Action": "DescribeSecurityGroups", "Version": "2016-11-15",
				"Filter.1.Name": "vpc-id", "Filter.1.Value.1": "vpc-1", "Filter.2.Name": "group-name", "Filter.2.Value.1": "GlobalAccelerator",
			}, n.calls[0])
		})
	}
}

// The group comes some time after the endpoint, and AWS throttles.
func TestFind_Waits(t *testing.T) {
	n, h := newNetwork(t, groups(), refusal(http.StatusServiceUnavailable, "RequestLimitExceeded"), groups(), groups("sg-2"))
	got, err := h.Create(t.Context(), inVPC)
	require.NoError(t, err)
	assert.Equal(t, "sg-2", got.PhysicalID)
	assert.Len(t, n.calls, 4)
}

func TestFind_NeverThere(t *testing.T) {
	n, h := newNetwork(t, groups())
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := h.Create(ctx, inVPC)
	require.ErrorContains(t, err, "vpc-1 has no security group GlobalAccelerator: has an accelerator an endpoint there that preserves the addresses of clients?")
	require.ErrorIs(t, err, context.DeadlineExceeded)
	assert.Greater(t, len(n.calls), 1)
}

func TestFind_Refused(t *testing.T) {
	n, h := newNetwork(t, refusal(http.StatusForbidden, "UnauthorizedOperation"))
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	_, err := h.Create(ctx, inVPC)
	require.ErrorContains(t, err, "cannot look for the security group GlobalAccelerator of vpc-1: ")
	require.ErrorContains(t, err, "UnauthorizedOperation")
	assert.Len(t, n.calls, 1, "what will not pass is not tried again")
}

func TestDelete_LeavesTheGroup(t *testing.T) {
	n, h := newNetwork(t, groups("sg-1"))
	got, err := h.Delete(t.Context(), inVPC)
	require.NoError(t, err)
	assert.Nil(t, got)
	assert.Empty(t, n.calls)
}
