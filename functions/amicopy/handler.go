package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/strata-cdk/strata/cfnresource"
)

// properties are those of the custom resource.
type properties struct {
	// Family is what copies of this resource are known by, in the tag familyTag.
	Family string
	// SourceRegion is where the image is that is copied: SourceImage, or else the newest one of SourceOwner whose name matches SourceName.
	SourceRegion, SourceImage, SourceName, SourceOwner string
	// Name is what the names of copies begin with.
	Name string
	// Key is the ARN of the key that encrypts copies.
	Key string
	// Keep is how many copies there are at most.
	Keep int
	// Tags are those of copies and their snapshots, beside those of the source.
	Tags map[string]string
}

type request = cfnresource.Request[properties]

const (
	// familyTag and sourceTag are tags of a copy and its snapshots: they are set with the copy, in one call.
	familyTag = "strata:amicopy"
	sourceTag = "strata:amicopy:source"
	// pause is the time between two looks at a copy.
	pause = 30 * time.Second
	// attempts is how often a copy is made that fails.
	attempts = 3
)

// progress is what a call leaves to the next one.
type progress struct {
	// Source is the image that is copied: another one may be the newest by the next call.
	Source string
	// Failed counts copies that failed.
	Failed int
	// Image is the copy that was asked for; it may not be seen yet.
	Image string
	// Unseen counts looks that did not find Image.
	Unseen int
}

// copier copies images. All that it makes has the tag of the family from the first moment, so whatever happens it is found again: a copy
// that is there is never made anew, whether another call, an earlier deployment or one that failed made it.
type copier struct {
	ec2   *ec2.Client
	pause time.Duration
}

// Create copies the image, and waits for the copy.
func (c copier) Create(ctx context.Context, r *request) (*cfnresource.Response, error) {
	return c.copy(ctx, r)
}

// Update copies another image, and waits for the copy; then it deletes the oldest ones. Back to an image that was copied before, as in a
// rollback, there is nothing to wait for.
func (c copier) Update(ctx context.Context, r *request) (*cfnresource.Response, error) {
	return c.copy(ctx, r)
}

// Delete deletes all copies with their snapshots.
func (c copier) Delete(ctx context.Context, r *request) (*cfnresource.Response, error) {
	return c.prune(ctx, &r.Properties, "", "", 0)
}

func (c copier) copy(ctx context.Context, r *request) (*cfnresource.Response, error) {
	p := &r.Properties
	var state progress
	if err := r.State(&state); err != nil {
		return nil, err
	}
	r.Created(r.PhysicalID)
	images, err := c.family(ctx, p)
	if err != nil {
		return nil, err
	}
	if state.Source == "" {
		state.Source, err = c.source(ctx, p)
		if err != nil {
			newest := slices.IndexFunc(images, available)
			if newest < 0 {
				return nil, err
			}
			// The region of the source may be lost: that is what copies are for.
			slog.WarnContext(ctx, "the newest copy is used, as the source cannot be looked for", "copy", *images[newest].ImageId, "error", err.Error())
			return done(images[newest]), nil
		}
	}
	i := slices.IndexFunc(images, func(image types.Image) bool { return tag(image.Tags, sourceTag) == p.SourceRegion+"/"+state.Source })
	switch {
	case i < 0 && state.Image != "" && state.Unseen < 5: // what was made a moment ago is not always seen
		state.Unseen++
		return c.again(state), nil
	case i < 0:
		return c.start(ctx, r, state)
	case available(images[i]):
		return c.finish(ctx, r, images[i])
	case images[i].State == types.ImageStatePending:
		return c.again(state), nil
	}
	return c.retry(ctx, r, state, images[i])
}

func (c copier) again(state progress) *cfnresource.Response {
	return &cfnresource.Response{Again: &cfnresource.Again{After: c.pause, State: state}}
}

func done(image types.Image) *cfnresource.Response {
	return &cfnresource.Response{Data: map[string]string{"ImageId": aws.ToString(image.ImageId)}}
}

// start asks for a copy. The token makes a repeated call give the same copy.
func (c copier) start(ctx context.Context, r *request, state progress) (*cfnresource.Response, error) {
	p := &r.Properties
	tags := []types.Tag{{Key: aws.String(familyTag), Value: &p.Family}, {Key: aws.String(sourceTag), Value: aws.String(p.SourceRegion + "/" + state.Source)}}
	for key, value := range p.Tags {
		tags = append(tags, types.Tag{Key: &key, Value: &value})
	}
	slices.SortFunc(tags, func(a, b types.Tag) int { return cmp.Compare(*a.Key, *b.Key) })
	token := sha256.Sum256([]byte(r.ID + "/" + strconv.Itoa(state.Failed) + "/" + strconv.Itoa(state.Unseen)))
	made, err := c.ec2.CopyImage(ctx, &ec2.CopyImageInput{
		Name: aws.String(p.Name + "-" + state.Source), Description: aws.String("Copy of " + state.Source + " from " + p.SourceRegion),
		SourceRegion: &p.SourceRegion, SourceImageId: &state.Source, ClientToken: aws.String(hex.EncodeToString(token[:])),
		Encrypted: aws.Bool(true), KmsKeyId: &p.Key, CopyImageTags: aws.Bool(true),
		TagSpecifications: []types.TagSpecification{
			{ResourceType: types.ResourceTypeImage, Tags: tags}, {ResourceType: types.ResourceTypeSnapshot, Tags: tags},
		},
	})
	if err != nil {
		return nil, fmt.Errorf("cannot copy %s from %s: %w", state.Source, p.SourceRegion, err)
	}
	state.Image, state.Unseen = aws.ToString(made.ImageId), 0
	return c.again(state), nil
}

// retry deletes a copy that failed, and makes another one, unless it has failed too often.
func (c copier) retry(ctx context.Context, r *request, state progress, image types.Image) (*cfnresource.Response, error) {
	state.Failed++
	if state.Failed >= attempts {
		return nil, fmt.Errorf("the copy %s of %s is %s, in attempt %d: %s",
			*image.ImageId, state.Source, image.State, state.Failed, aws.ToString(reason(image)))
	}
	if err := c.deregister(ctx, *image.ImageId); err != nil {
		return nil, err
	}
	return c.start(ctx, r, state)
}

func reason(image types.Image) *string {
	if image.StateReason == nil {
		return nil
	}
	return image.StateReason.Message
}

// finish deletes all copies but the newest ones, this one and, in an update, the one before: it is in use until the update has come to an end.
func (c copier) finish(ctx context.Context, r *request, image types.Image) (*cfnresource.Response, error) {
	before := ""
	if old := r.OldProperties; old != nil && old.SourceImage != "" {
		before = old.SourceRegion + "/" + old.SourceImage
	}
	if response, err := c.prune(ctx, &r.Properties, *image.ImageId, before, r.Properties.Keep); response != nil || err != nil {
		return response, err
	}
	return done(image), nil
}

// prune deletes the copies of the family but the current one, that of the source before, and the newest others, keep at most, and snapshots that are left
// of deleted ones. It asks for another call when a snapshot is still in use by an image that was deleted a moment ago.
func (c copier) prune(ctx context.Context, p *properties, current, before string, keep int) (*cfnresource.Response, error) {
	images, err := c.family(ctx, p)
	if err != nil {
		return nil, err
	}
	kept := map[string]bool{} // snapshots, by their ids, and those of copies that are not done, by their source
	left := keep
	stays := func(i types.Image) bool {
		return *i.ImageId == current || before != "" && tag(i.Tags, sourceTag) == before
	}
	for _, image := range images { // the newest first
		if stays(image) {
			left--
		}
	}
	for _, image := range images {
		id := *image.ImageId
		if !stays(image) {
			if left <= 0 {
				if err := c.deregister(ctx, id); err != nil {
					return nil, err
				}
				continue
			}
			left--
		}
		if !available(image) {
			kept[tag(image.Tags, sourceTag)] = true
		}
		for _, device := range image.BlockDeviceMappings {
			if device.Ebs != nil {
				kept[aws.ToString(device.Ebs.SnapshotId)] = true
			}
		}
	}
	inUse := false
	pages := ec2.NewDescribeSnapshotsPaginator(c.ec2, &ec2.DescribeSnapshotsInput{OwnerIds: []string{"self"}, Filters: familyFilter(p)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("cannot list the snapshots of copies: %w", err)
		}
		for _, s := range page.Snapshots {
			if kept[*s.SnapshotId] || kept[tag(s.Tags, sourceTag)] {
				continue
			}
			_, err := c.ec2.DeleteSnapshot(ctx, &ec2.DeleteSnapshotInput{SnapshotId: s.SnapshotId})
			switch code := errorCode(err); {
			case code == "InvalidSnapshot.InUse":
				inUse = true
			case err != nil && code != "InvalidSnapshot.NotFound":
				return nil, fmt.Errorf("cannot delete the snapshot %s: %w", *s.SnapshotId, err)
			}
		}
	}
	if inUse {
		return c.again(progress{}), nil
	}
	return nil, nil
}

func (c copier) deregister(ctx context.Context, image string) error {
	_, err := c.ec2.DeregisterImage(ctx, &ec2.DeregisterImageInput{ImageId: &image})
	if code := errorCode(err); err != nil && code != "InvalidAMIID.NotFound" && code != "InvalidAMIID.Unavailable" {
		return fmt.Errorf("cannot delete the copy %s: %w", image, err)
	}
	return nil
}

// source finds the image to copy.
func (c copier) source(ctx context.Context, p *properties) (string, error) {
	if p.SourceImage != "" {
		return p.SourceImage, nil
	}
	images, err := c.images(ctx, p.SourceOwner, []types.Filter{
		{Name: aws.String("name"), Values: []string{p.SourceName}}, {Name: aws.String("state"), Values: []string{"available"}},
	}, func(o *ec2.Options) { o.Region = p.SourceRegion })
	if err != nil {
		return "", fmt.Errorf("cannot look for %q of %s in %s: %w", p.SourceName, p.SourceOwner, p.SourceRegion, err)
	}
	if len(images) == 0 {
		return "", fmt.Errorf("no image of %s in %s has a name like %q", p.SourceOwner, p.SourceRegion, p.SourceName)
	}
	return *images[0].ImageId, nil
}

// family finds all copies, the newest first.
func (c copier) family(ctx context.Context, p *properties) ([]types.Image, error) {
	images, err := c.images(ctx, "self", familyFilter(p))
	if err != nil {
		return nil, fmt.Errorf("cannot list the copies: %w", err)
	}
	return slices.DeleteFunc(images, func(i types.Image) bool { return i.State == types.ImageStateDeregistered }), nil
}

func (c copier) images(ctx context.Context, owner string, filters []types.Filter, edit ...func(*ec2.Options)) (images []types.Image, err error) {
	pages := ec2.NewDescribeImagesPaginator(c.ec2, &ec2.DescribeImagesInput{Owners: []string{owner}, Filters: filters})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx, edit...)
		if err != nil {
			return nil, err
		}
		images = append(images, page.Images...)
	}
	slices.SortFunc(images, func(a, b types.Image) int {
		return cmp.Or(cmp.Compare(aws.ToString(b.CreationDate), aws.ToString(a.CreationDate)), cmp.Compare(*a.ImageId, *b.ImageId))
	})
	return images, nil
}

func familyFilter(p *properties) []types.Filter {
	return []types.Filter{{Name: aws.String("tag:" + familyTag), Values: []string{p.Family}}}
}

func available(image types.Image) bool { return image.State == types.ImageStateAvailable }

func tag(tags []types.Tag, key string) string {
	for _, t := range tags {
		if aws.ToString(t.Key) == key {
			return aws.ToString(t.Value)
		}
	}
	return ""
}

// errorCode is the code of an error of EC2; none when there is no error.
func errorCode(err error) string {
	var e interface{ ErrorCode() string }
	if errors.As(err, &e) {
		return e.ErrorCode()
	}
	return ""
}
