package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/strata-cdk/strata/cfnresource"
)

// groupName is what Global Accelerator calls its security group, one a VPC.
//
// https://docs.aws.amazon.com/global-accelerator/latest/dg/best-practices-aga.html
const groupName = "GlobalAccelerator"

// pause is the time between two looks.
const pause = 5 * time.Second

// properties are those of the custom resource.
type properties struct {
	// VpcID is the VPC.
	VpcID string `json:"VpcId"`
}

type request = cfnresource.Request[properties]

// handler finds the security group of a VPC. It makes none, and deletes none.
type handler struct {
	ec2   ec2.DescribeSecurityGroupsAPIClient
	pause time.Duration
}

// Create finds the group.
func (h handler) Create(ctx context.Context, r *request) (*cfnresource.Response, error) {
	return h.find(ctx, r)
}

// Update finds it again, perhaps in another VPC.
func (h handler) Update(ctx context.Context, r *request) (*cfnresource.Response, error) {
	return h.find(ctx, r)
}

// Delete does nothing: the group is Global Accelerator's.
func (handler) Delete(context.Context, *request) (*cfnresource.Response, error) { return nil, nil }

// find looks until the group is there: Global Accelerator makes it some time after the first endpoint that preserves addresses.
func (h handler) find(ctx context.Context, r *request) (*cfnresource.Response, error) {
	vpc := r.Properties.VpcID
	filter := func(name, value string) types.Filter { return types.Filter{Name: &name, Values: []string{value}} }
	in := &ec2.DescribeSecurityGroupsInput{Filters: []types.Filter{filter("vpc-id", vpc), filter("group-name", groupName)}}
	for {
		out, err := h.ec2.DescribeSecurityGroups(ctx, in)
		switch {
		case err != nil && ctx.Err() == nil:
			return nil, fmt.Errorf("cannot look for the security group %s of %s: %w", groupName, vpc, err)
		case err == nil && len(out.SecurityGroups) > 0:
			id := *out.SecurityGroups[0].GroupId
			return &cfnresource.Response{PhysicalID: id, Data: map[string]string{"GroupId": id}}, nil
		}
		slog.InfoContext(ctx, "not there yet", "group", groupName, "vpc", vpc)
		select {
		case <-ctx.Done():
			return nil, errors.Join(fmt.Errorf("%s has no security group %s: has an accelerator an endpoint there that preserves the addresses of clients?", vpc, groupName), ctx.Err())
		case <-time.After(h.pause):
		}
	}
}
