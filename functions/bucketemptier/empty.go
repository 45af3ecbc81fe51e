package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sync/errgroup"
)

// workers is the number of deletions at a time, of up to 1000 versions each. It bounds the memory: a page of the listing waits until a
// worker is free.
const workers = 8

// emptier empties one bucket.
type emptier struct {
	s3     *s3.Client
	bucket string
	bypass bool

	mu    sync.Mutex
	count int
	// refused counts what could not be deleted in a pass; first is why, of one.
	refused int
	first   string
}

func (e *emptier) deleted() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.count
}

// empty deletes versions and delete markers until none is left, or until the time. It lists from the start again and again, because
// a write that was under way may have come after the listing passed by. It fails when nothing of what is left can be
// deleted.
func (e *emptier) empty(ctx context.Context, until time.Time) (done bool, err error) {
	work, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	for {
		before := e.deleted()
		e.refused, e.first = 0, ""
		listed, err := e.pass(work)
		switch {
		case work.Err() != nil && ctx.Err() == nil:
			return false, nil // the time is over; what the pass says of that is no problem
		case err != nil:
			return false, err
		case listed == 0:
			return true, nil
		case e.deleted() == before:
			return false, fmt.Errorf("%d versions in the bucket %s cannot be deleted: %s", e.refused, e.bucket, e.first)
		}
	}
}

// pass deletes what a listing of the bucket has.
func (e *emptier) pass(ctx context.Context) (listed int, err error) {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(workers)
	err = e.list(ctx, func(page []types.ObjectIdentifier) {
		listed += len(page)
		g.Go(func() error { return e.delete(ctx, page) })
	})
	// When a deletion fails it ends the listing, and is the reason.
	if failed := g.Wait(); failed != nil {
		err = failed
	}
	return listed, err
}

// list gives the pages of the bucket's versions and delete markers.
func (e *emptier) list(ctx context.Context, page func([]types.ObjectIdentifier)) error {
	in := &s3.ListObjectVersionsInput{Bucket: &e.bucket, MaxKeys: aws.Int32(1000), EncodingType: types.EncodingTypeUrl}
	for {
		out, err := e.s3.ListObjectVersions(ctx, in)
		if err != nil {
			return fmt.Errorf("cannot list the bucket: %w", err)
		}
		// Keys may have characters that XML has not.
		decode := func(s *string) *string { return s }
		if out.EncodingType == types.EncodingTypeUrl {
			decode = func(s *string) *string {
				if text, err := url.QueryUnescape(aws.ToString(s)); err == nil && s != nil {
					return &text
				}
				return s
			}
		}
		ids := make([]types.ObjectIdentifier, 0, len(out.Versions)+len(out.DeleteMarkers))
		for _, v := range out.Versions {
			ids = append(ids, types.ObjectIdentifier{Key: decode(v.Key), VersionId: v.VersionId})
		}
		for _, m := range out.DeleteMarkers {
			ids = append(ids, types.ObjectIdentifier{Key: decode(m.Key), VersionId: m.VersionId})
		}
		if len(ids) > 0 {
			page(ids)
		}
		if !aws.ToBool(out.IsTruncated) {
			return nil
		}
		in.KeyMarker, in.VersionIdMarker = decode(out.NextKeyMarker), out.NextVersionIdMarker
		if in.KeyMarker == nil {
			return errors.New("cannot list the bucket: the listing has no next page")
		}
	}
}

// delete deletes a page. Versions that cannot be deleted are counted.
func (e *emptier) delete(ctx context.Context, page []types.ObjectIdentifier) error {
	in := &s3.DeleteObjectsInput{Bucket: &e.bucket, Delete: &types.Delete{Objects: page, Quiet: aws.Bool(true)}}
	if e.bypass {
		in.BypassGovernanceRetention = aws.Bool(true)
	}
	out, err := e.s3.DeleteObjects(ctx, in)
	if err != nil {
		return fmt.Errorf("cannot delete from the bucket: %w", err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.count += len(page) - len(out.Errors)
	e.refused += len(out.Errors)
	if len(out.Errors) > 0 && e.first == "" {
		x := out.Errors[0]
		e.first = fmt.Sprintf("%s (version %s): %s: %s", aws.ToString(x.Key), aws.ToString(x.VersionId), aws.ToString(x.Code), aws.ToString(x.Message))
	}
	return nil
}
