package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sync/errgroup"

	"github.com/strata-cdk/strata/cfnresource"
)

// properties are those of the custom resource.
type properties struct {
	// Bucket is where the files are.
	Bucket string
	// Objects are the keys there and in the targets.
	Objects []struct{ From, To string }
	// Targets are the buckets to copy to, with their regions.
	Targets []struct{ Bucket, Region string }
}

type request = cfnresource.Request[properties]

// workers is the number of copies at a time. S3 copies; the function waits.
const workers = 16

// copier copies objects. A file that is there is copied again: its key says what is in it.
type copier struct{ s3 *s3.Client }

// Create copies all files.
func (c copier) Create(ctx context.Context, r *request) (*cfnresource.Response, error) {
	return nil, c.copy(ctx, &r.Properties)
}

// Update copies all files. The old ones stay, for stacks that are not updated yet or rolled back.
func (c copier) Update(ctx context.Context, r *request) (*cfnresource.Response, error) {
	return nil, c.copy(ctx, &r.Properties)
}

// Delete leaves everything: the stacks of other accounts may be there still.
func (copier) Delete(context.Context, *request) (*cfnresource.Response, error) { return nil, nil }

// copy reports everything that cannot be copied, not the first only.
func (c copier) copy(ctx context.Context, p *properties) error {
	problems := make([]error, len(p.Targets)*len(p.Objects))
	var g errgroup.Group
	g.SetLimit(workers)
	for i, target := range p.Targets {
		for j, object := range p.Objects {
			g.Go(func() error {
				source := p.Bucket + "/" + strings.ReplaceAll(url.PathEscape(object.From), "%2F", "/")
				_, err := c.s3.CopyObject(ctx, &s3.CopyObjectInput{
					Bucket: &target.Bucket, Key: &object.To, CopySource: &source, TaggingDirective: types.TaggingDirectiveReplace,
				}, func(o *s3.Options) { o.Region = target.Region })
				if err != nil {
					problems[i*len(p.Objects)+j] = fmt.Errorf("cannot copy %s to the bucket %s in %s: %w", object.From, target.Bucket, target.Region, err)
				}
				return nil
			})
		}
	}
	return errors.Join(g.Wait(), errors.Join(problems...))
}
