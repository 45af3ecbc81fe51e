package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/globalaccelerator"
	"github.com/aws/aws-sdk-go-v2/service/globalaccelerator/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/strata-cdk/strata/cfnresource"
)

// properties are those of the custom resource: all of an accelerator.
type properties struct {
	Name     string
	Disabled bool
	// IPAddresses are the user's own; none for those of AWS.
	IPAddresses []string
	// FlowLogsBucket is empty for no flow logs.
	FlowLogsBucket, FlowLogsPrefix string
	Listeners                      []listener
}

type listener struct {
	Ports  []ports
	Groups []group
}

type ports struct{ From, To int32 }

type group struct {
	Region       string
	Destinations []destination
	Subnets      []subnet
}

type destination struct {
	From, To  int32
	Protocols []string
}

type subnet struct {
	ID string
	// Allow admits clients to every address and port of the destinations. Without it an application decides who is admitted where.
	Allow bool
}

type request = cfnresource.Request[properties]

// pause is the time between two calls.
const pause = 10 * time.Second

// handler makes what is there like what is wanted, as far as it gets in a call, and asks for another one until Global Accelerator has
// deployed it all. It looks at what is there first, so that it goes on where another call ended, whatever has ended it.
type handler struct {
	api *globalaccelerator.Client
}

// progress is what a call leaves to the next.
type progress struct {
	ARN string
	// Close has the subnets that must not admit everyone any longer.
	Close []string
	// Settled says that each subnet admits whom it should.
	Settled bool
}

// Create makes an accelerator.
func (h handler) Create(ctx context.Context, r *request) (*cfnresource.Response, error) {
	var p progress
	if err := r.State(&p); err != nil {
		return nil, err
	}
	if p.ARN == "" {
		out, err := h.api.CreateCustomRoutingAccelerator(ctx, &globalaccelerator.CreateCustomRoutingAcceleratorInput{
			Name: &r.Properties.Name, Enabled: aws.Bool(!r.Properties.Disabled), IpAddresses: r.Properties.IPAddresses,
			IpAddressType: types.IpAddressTypeIpv4, IdempotencyToken: token(r.ID),
		})
		if err != nil {
			return again(ctx, p, fmt.Errorf("cannot make the accelerator: %w", err))
		}
		p.ARN = *out.Accelerator.AcceleratorArn
	}
	r.Created(p.ARN)
	return h.converge(ctx, r, p)
}

// Update changes it.
func (h handler) Update(ctx context.Context, r *request) (*cfnresource.Response, error) {
	if !slices.Equal(r.Properties.IPAddresses, r.OldProperties.IPAddresses) {
		return nil, errors.New("the addresses of an accelerator cannot change: make another one, with another construct id")
	}
	var p progress
	if err := r.State(&p); err != nil {
		return nil, err
	}
	p.ARN, p.Close = r.PhysicalID, opened(r.OldProperties.Listeners)
	return h.converge(ctx, r, p)
}

// opened are the subnets that admit everyone.
func opened(listeners []listener) []string {
	var ids []string
	for _, l := range listeners {
		for _, g := range l.Groups {
			for _, s := range g.Subnets {
				if s.Allow {
					ids = append(ids, s.ID)
				}
			}
		}
	}
	return ids
}

func (h handler) converge(ctx context.Context, r *request, p progress) (*cfnresource.Response, error) {
	resp, err := h.reconcile(ctx, r, &p)
	if resp != nil || err != nil && !passes(err) {
		return resp, err
	}
	return again(ctx, p, err)
}

// again asks for another call, when err is nil or will pass.
func again(ctx context.Context, p progress, err error) (*cfnresource.Response, error) {
	if err != nil && !passes(err) {
		return nil, err
	}
	slog.InfoContext(ctx, "to be continued", "accelerator", p.ARN, "because", fmt.Sprint(err))
	return &cfnresource.Response{PhysicalID: p.ARN, Again: &cfnresource.Again{After: pause, State: p}}, nil
}

// reconcile changes what differs. It returns nil while Global Accelerator deploys.
func (h handler) reconcile(ctx context.Context, r *request, p *progress) (*cfnresource.Response, error) {
	want := &r.Properties
	got, err := h.describe(ctx, p.ARN)
	if err != nil {
		return nil, fmt.Errorf("cannot look at the accelerator: %w", err)
	}
	if aws.ToString(got.Name) != want.Name || aws.ToBool(got.Enabled) == want.Disabled {
		if _, err := h.api.UpdateCustomRoutingAccelerator(ctx, &globalaccelerator.UpdateCustomRoutingAcceleratorInput{
			AcceleratorArn: &p.ARN, Name: &want.Name, Enabled: aws.Bool(!want.Disabled),
		}); err != nil {
			return nil, fmt.Errorf("cannot change the accelerator: %w", err)
		}
	}
	if err := h.logTo(ctx, p.ARN, want.FlowLogsBucket, want.FlowLogsPrefix); err != nil {
		return nil, err
	}
	if err := h.listeners(ctx, r.ID, p, want.Listeners); err != nil {
		return nil, err
	}
	p.Settled = true
	if got, err = h.describe(ctx, p.ARN); err != nil {
		return nil, fmt.Errorf("cannot look at the accelerator: %w", err)
	}
	if got.Status != types.CustomRoutingAcceleratorStatusDeployed {
		return nil, nil
	}
	data := map[string]string{"DnsName": aws.ToString(got.DnsName)}
	for _, set := range got.IpSets {
		for i, address := range set.IpAddresses {
			data[fmt.Sprintf("Address%d", i+1)] = address
		}
	}
	return &cfnresource.Response{PhysicalID: p.ARN, Data: data}, nil
}

func (h handler) describe(ctx context.Context, arn string) (*types.CustomRoutingAccelerator, error) {
	out, err := h.api.DescribeCustomRoutingAccelerator(ctx, &globalaccelerator.DescribeCustomRoutingAcceleratorInput{AcceleratorArn: &arn})
	if err != nil {
		return nil, err
	}
	return out.Accelerator, nil
}

// logTo has flow logs written to a bucket, or none when that is empty.
func (h handler) logTo(ctx context.Context, arn, bucket, prefix string) error {
	out, err := h.api.DescribeCustomRoutingAcceleratorAttributes(ctx, &globalaccelerator.DescribeCustomRoutingAcceleratorAttributesInput{AcceleratorArn: &arn})
	if err != nil {
		return fmt.Errorf("cannot look at the flow logs: %w", err)
	}
	got, on := out.AcceleratorAttributes, bucket != ""
	if aws.ToBool(got.FlowLogsEnabled) == on && (!on || aws.ToString(got.FlowLogsS3Bucket) == bucket && aws.ToString(got.FlowLogsS3Prefix) == prefix) {
		return nil
	}
	in := &globalaccelerator.UpdateCustomRoutingAcceleratorAttributesInput{AcceleratorArn: &arn, FlowLogsEnabled: &on}
	if on {
		in.FlowLogsS3Bucket, in.FlowLogsS3Prefix = &bucket, &prefix
	}
	if _, err := h.api.UpdateCustomRoutingAcceleratorAttributes(ctx, in); err != nil {
		return fmt.Errorf("cannot change the flow logs: %w", err)
	}
	return nil
}

// Delete deletes an accelerator with all that it has.
func (h handler) Delete(ctx context.Context, r *request) (*cfnresource.Response, error) {
	arn := r.PhysicalID
	err := h.remove(ctx, arn)
	if is(err, "AcceleratorNotFoundException") {
		return nil, nil
	}
	return again(ctx, progress{ARN: arn}, err)
}

// remove does a step of a deletion after the other. It fails with AcceleratorNotFoundException when there is nothing left.
func (h handler) remove(ctx context.Context, arn string) error {
	got, err := h.describe(ctx, arn)
	if err != nil {
		return fmt.Errorf("cannot look at the accelerator: %w", err)
	}
	if err := h.logTo(ctx, arn, "", ""); err != nil {
		return err
	}
	if aws.ToBool(got.Enabled) {
		if _, err := h.api.UpdateCustomRoutingAccelerator(ctx, &globalaccelerator.UpdateCustomRoutingAcceleratorInput{AcceleratorArn: &arn, Enabled: aws.Bool(false)}); err != nil {
			return fmt.Errorf("cannot disable the accelerator: %w", err)
		}
	}
	if err := h.listeners(ctx, "", &progress{ARN: arn}, nil); err != nil {
		return err
	}
	if _, err := h.api.DeleteCustomRoutingAccelerator(ctx, &globalaccelerator.DeleteCustomRoutingAcceleratorInput{AcceleratorArn: &arn}); err != nil {
		return fmt.Errorf("cannot delete the accelerator: %w", err)
	}
	return nil
}

// token is what makes a call that is repeated one call.
func token(parts ...string) *string {
	sum := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(sum, "%q", p)
	}
	return aws.String(hex.EncodeToString(sum.Sum(nil)))
}

// is tells whether AWS answered with that error.
func is(err error, code string) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorCode() == code
}

// passing are errors of Global Accelerator that are over after a while: it has not seen the last change yet. That it works on one is among those of the SDK.
var passing = []string{
	"ConflictException", "AcceleratorNotDisabledException", "AssociatedListenerFoundException", "AssociatedEndpointGroupFoundException",
}

// passes tells whether another call may help.
func passes(err error) bool {
	var api smithy.APIError
	if errors.As(err, &api) {
		_, throttled := retry.DefaultThrottleErrorCodes[api.ErrorCode()]
		return throttled || api.ErrorFault() == smithy.FaultServer || slices.Contains(passing, api.ErrorCode())
	}
	var unsent *smithyhttp.RequestSendError
	return errors.As(err, &unsent) || errors.Is(err, context.DeadlineExceeded)
}
