package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"github.com/strata-cdk/strata/cfnresource"
)

// properties are those of the custom resource.
type properties struct {
	// Bucket is the name of the bucket.
	Bucket string
	// Kept tells that the bucket is not deleted with the stack.
	Kept bool
	// BypassGovernance deletes also what Object Lock holds in governance mode.
	BypassGovernance bool
}

const (
	// reserve is the time at the end of a call for what comes after the deletions.
	reserve = 10 * time.Second
	// lastCall is the time that is left of CloudFormation's hour when another call is not worth it.
	lastCall = 2 * time.Minute
)

type request = cfnresource.Request[properties]

// handler empties buckets.
type handler struct {
	s3     *s3.Client
	stacks cloudformation.DescribeStacksAPIClient
}

// progress is what a call leaves to the next.
type progress struct {
	// Deleted is the number of versions and delete markers that were deleted.
	Deleted int
}

// Create does nothing: there is only something to do at the end.
func (handler) Create(context.Context, *request) (*cfnresource.Response, error) { return nil, nil }

// Update does nothing. Also with another bucket the old one keeps what is in it.
func (handler) Update(context.Context, *request) (*cfnresource.Response, error) { return nil, nil }

// Delete empties the bucket when the stack is deleted.
func (h handler) Delete(ctx context.Context, r *request) (*cfnresource.Response, error) {
	log := slog.With("bucket", r.Properties.Bucket)
	var p progress
	if err := r.State(&p); err != nil {
		return nil, err
	}
	if r.Call == 1 {
		status, err := h.stackStatus(ctx, r.StackID)
		if err != nil {
			return nil, err
		}
		if !empties(status, r.Properties.Kept) {
			log.InfoContext(ctx, "the bucket is left as it is, because the stack is not deleted", "status", status)
			return nil, nil
		}
		if err := h.denyWrites(ctx, r); gone(err) {
			return nil, nil
		} else if err != nil {
			return nil, err
		}
	}
	e := emptier{s3: h.s3, bucket: r.Properties.Bucket, bypass: r.Properties.BypassGovernance}
	done, err := e.empty(ctx, time.Now().Add(timeLeft(ctx)-reserve))
	p.Deleted += e.deleted()
	log.InfoContext(ctx, "deleted versions and delete markers", "number", p.Deleted, "empty", done)
	switch {
	case gone(err):
		return nil, nil
	case err != nil:
		return nil, err
	case done:
		return nil, nil
	case time.Until(r.Deadline) < lastCall:
		return nil, h.leaveToLifecycle(ctx, r, p)
	default:
		return &cfnresource.Response{Again: &cfnresource.Again{State: p}}, nil
	}
}

func timeLeft(ctx context.Context) time.Duration {
	if deadline, ok := ctx.Deadline(); ok {
		return time.Until(deadline)
	}
	return time.Hour
}

// empties tells whether the bucket of a stack with that status is to be emptied. In an update, CloudFormation deletes a
// custom resource that is no longer in the template, or that a rollback takes back: the bucket stays then. When the
// creation of a stack fails, a bucket that goes with it has nothing from before.
func empties(status cfntypes.StackStatus, kept bool) bool {
	return status == cfntypes.StackStatusDeleteInProgress || status == cfntypes.StackStatusRollbackInProgress && !kept
}

func (h handler) stackStatus(ctx context.Context, id string) (cfntypes.StackStatus, error) {
	out, err := h.stacks.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &id})
	if err != nil {
		return "", fmt.Errorf("cannot ask whether the stack is being deleted: %w", err)
	}
	if len(out.Stacks) != 1 {
		return "", fmt.Errorf("cannot ask whether the stack is being deleted: got %d stacks", len(out.Stacks))
	}
	return out.Stacks[0].StackStatus, nil
}

// denySID names the statement in the bucket's policy.
const denySID = "StrataBucketEmptier"

// denyWrites adds a statement to the bucket's policy that denies everybody to write, services such as log delivery too: a
// bucket that fills while it is emptied is never empty.
func (h handler) denyWrites(ctx context.Context, r *request) error {
	bucket := r.Properties.Bucket
	policy := map[string]any{"Version": "2012-10-17"}
	old, err := h.s3.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: &bucket})
	switch {
	case code(err) == "NoSuchBucketPolicy":
	case err != nil:
		return fmt.Errorf("cannot read the bucket's policy: %w", err)
	default:
		if err := json.Unmarshal([]byte(aws.ToString(old.Policy)), &policy); err != nil {
			return fmt.Errorf("cannot read the bucket's policy: %w", err)
		}
	}
	var statements []any
	switch s := policy["Statement"].(type) {
	case []any:
		statements = s
	case map[string]any: // a single one need not be in a list
		statements = []any{s}
	}
	for _, s := range statements {
		if s, ok := s.(map[string]any); ok && s["Sid"] == denySID {
			return nil
		}
	}
	partition := "aws"
	if parts := strings.Split(r.StackID, ":"); len(parts) > 1 {
		partition = parts[1]
	}
	policy["Statement"] = append(statements, map[string]any{
		"Sid": denySID, "Effect": "Deny", "Principal": "*",
		"Action":   []string{"s3:PutObject", "s3:ReplicateObject", "s3:ReplicateDelete"},
		"Resource": "arn:" + partition + ":s3:::" + bucket + "/*",
	})
	text, err := json.Marshal(policy)
	if err != nil {
		return err
	}
	if _, err := h.s3.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: &bucket, Policy: aws.String(string(text))}); err != nil {
		return fmt.Errorf("cannot deny writes to the bucket: %w", err)
	}
	return nil
}

// leaveToLifecycle lets S3 delete the rest. The error says so, because a bucket that is not empty yet cannot be deleted; one
// that is kept anyway need not stop the stack.
func (h handler) leaveToLifecycle(ctx context.Context, r *request, p progress) error {
	rule := func(id string) types.LifecycleRule {
		return types.LifecycleRule{ID: &id, Status: types.ExpirationStatusEnabled, Filter: &types.LifecycleRuleFilter{Prefix: aws.String("")}}
	}
	expire, markers := rule(denySID), rule(denySID+"Markers")
	expire.Expiration = &types.LifecycleExpiration{Days: aws.Int32(1)}
	expire.NoncurrentVersionExpiration = &types.NoncurrentVersionExpiration{NoncurrentDays: aws.Int32(1)}
	expire.AbortIncompleteMultipartUpload = &types.AbortIncompleteMultipartUpload{DaysAfterInitiation: aws.Int32(1)}
	markers.Expiration = &types.LifecycleExpiration{ExpiredObjectDeleteMarker: aws.Bool(true)}
	_, err := h.s3.PutBucketLifecycleConfiguration(ctx, &s3.PutBucketLifecycleConfigurationInput{
		Bucket:                 &r.Properties.Bucket,
		LifecycleConfiguration: &types.BucketLifecycleConfiguration{Rules: []types.LifecycleRule{expire, markers}},
	})
	switch {
	case err != nil:
		return fmt.Errorf("the bucket is not empty after %d deletions, and the lifecycle rule that would delete the rest cannot be set: %w", p.Deleted, err)
	case r.Properties.Kept:
		slog.InfoContext(ctx, "a lifecycle rule deletes the rest", "bucket", r.Properties.Bucket)
		return nil
	default:
		return fmt.Errorf("the bucket %s is not empty after %d deletions. A lifecycle rule now deletes the rest within days: delete the stack again then",
			r.Properties.Bucket, p.Deleted)
	}
}

// code is the code of an error of AWS; "" for other errors.
func code(err error) string {
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		return e.ErrorCode()
	}
	return ""
}

func gone(err error) bool { return code(err) == "NoSuchBucket" }
