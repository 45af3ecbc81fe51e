package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cfnresource"
)

func noDelay(int, error) (time.Duration, error) { return 0, nil }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func of(source string) properties {
	return properties{
		Family: "Standby/Image", SourceRegion: "us-east-1", SourceImage: source, Name: "orders", Key: "arn:aws:kms:us-west-2:1:key/k", Keep: 2,
		Tags: map[string]string{"team": "a"},
	}
}

type outcome struct {
	image string
	calls int
	err   error
}

// create calls the handler for a Create as the state machine does, until it is done.
func create(t *testing.T, c copier, p properties, id string) outcome {
	t.Helper()
	r := &request{Type: cfnresource.Create, ID: id, PhysicalID: "Standby-Image", Properties: p, Call: 1}
	for {
		response, err := c.Create(t.Context(), r)
		switch {
		case err != nil:
			return outcome{calls: r.Call, err: err}
		case response.Again == nil:
			return outcome{image: response.Data["ImageId"], calls: r.Call}
		}
		require.Equal(t, pause, response.Again.After)
		require.Less(t, r.Call, 50, "it ends")
		r = r.After(response.Again)
	}
}

func (s *server) ids() (ids []string) {
	for _, i := range s.images {
		if i.region == "us-west-2" {
			ids = append(ids, i.id)
		}
	}
	return ids
}

func TestCreate_CopiesAndWaits(t *testing.T) {
	s, c := newServer(t)
	s.looks = 3
	got := create(t, c, of("ami-1"), "r1")
	assert.Equal(t, outcome{image: "ami-copy1", calls: 5}, got, "asked for, pending three times, there")
	require.Len(t, s.copies, 1)
	form := s.copies[0]
	for key, want := range map[string]string{
		"SourceRegion": "us-east-1", "SourceImageId": "ami-1", "Encrypted": "true", "KmsKeyId": "arn:aws:kms:us-west-2:1:key/k", "CopyImageTags": "true",
		"Name": "orders-ami-1", "TagSpecification.1.ResourceType": "image", "TagSpecification.2.ResourceType": "snapshot",
	} {
		assert.Equal(t, want, form.Get(key), key)
	}
	tags := map[string]string{familyTag: "Standby/Image", sourceTag: "us-east-1/ami-1", "team": "a"}
	assert.Equal(t, tags, formTags(form, 1))
	assert.Equal(t, tags, formTags(form, 2), "snapshots have the tags from the first moment")
	assert.NotContains(t, strings.Join(s.calls, "\n"), "us-east-1", "the region of the source is not asked")
}

func TestCreate_FindsWhatIsThere(t *testing.T) {
	s, c := newServer(t)
	s.add(&image{id: "ami-old", region: "us-west-2", owner: "self", state: "available", tags: map[string]string{familyTag: "Standby/Image", sourceTag: "us-east-1/ami-1"}})
	s.add(&image{id: "ami-other", region: "us-west-2", owner: "self", state: "available", tags: map[string]string{familyTag: "Other/Image", sourceTag: "us-east-1/ami-1"}})
	assert.Equal(t, outcome{image: "ami-old", calls: 1}, create(t, c, of("ami-1"), "r1"))
	assert.Empty(t, s.copies)
}

// What goes wrong on the way costs a call or two, never a second copy.
func TestCreate_Faults(t *testing.T) {
	for name, fault := range map[string]string{"throttled": "before RequestLimitExceeded", "done, but not heard of": "after"} {
		for _, action := range []string{"DescribeImages", "CopyImage", "DescribeSnapshots"} {
			t.Run(name+" "+action, func(t *testing.T) {
				s, c := newServer(t)
				s.looks = 1
				s.fault = func(a, _ string, n int) string {
					if a == action && n <= 2 {
						return fault
					}
					return ""
				}
				got := create(t, c, of("ami-1"), "r1")
				require.NoError(t, got.err)
				assert.Equal(t, "ami-copy1", got.image)
				assert.Len(t, s.copies, 1)
			})
		}
	}
}

// A call that dies after it has asked for the copy leaves no state. The next one finds the copy.
func TestCreate_AfterADeadCall(t *testing.T) {
	s, c := newServer(t)
	s.looks = 2
	s.fault = func(a, _ string, n int) string {
		if a == "CopyImage" && n <= 4 { // as often as the SDK tries
			return "after"
		}
		return ""
	}
	require.Error(t, create(t, c, of("ami-1"), "r1").err)
	assert.Equal(t, "ami-copy1", create(t, c, of("ami-1"), "r1").image)
	assert.Len(t, s.copies, 1)
}

// EC2 does not always list at once what it has made.
func TestCreate_NotSeenAtOnce(t *testing.T) {
	s, c := newServer(t)
	s.hidden = 4
	assert.Equal(t, outcome{image: "ami-copy1", calls: 6}, create(t, c, of("ami-1"), "r1"))
	assert.Len(t, s.copies, 1)

	s, c = newServer(t)
	s.hidden = 6
	got := create(t, c, of("ami-1"), "r1")
	require.NoError(t, got.err)
	assert.Len(t, s.copies, 2, "lost: another one is made")
}

func TestCreate_CopyFails(t *testing.T) {
	s, c := newServer(t)
	s.states = []string{"failed", "error", "available"}
	assert.Equal(t, outcome{image: "ami-copy3", calls: 4}, create(t, c, of("ami-1"), "r1"))
	assert.Equal(t, []string{"ami-copy3"}, s.ids(), "what failed is deleted")
	assert.Equal(t, []string{"snap-copy3"}, sortedKeys(s.snapshots))

	s, c = newServer(t)
	s.states = []string{"failed"}
	require.EqualError(t, create(t, c, of("ami-1"), "r1").err, "the copy ami-copy3 of ami-1 is failed, in attempt 3: broken disk")

	s, c = newServer(t)
	s.fault = func(a, _ string, _ int) string {
		if a == "CopyImage" {
			return "before InvalidAMIID.NotFound"
		}
		return ""
	}
	require.ErrorContains(t, create(t, c, of("ami-1"), "r1").err, "cannot copy ami-1 from us-east-1: ")
}

// A copy of a Create that fails is one that CloudFormation deletes.
func TestCreate_SaysWhatItMade(t *testing.T) {
	s, c := newServer(t)
	s.states = []string{"failed"}
	var ids []string
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var answer struct {
			Status     string
			PhysicalID string `json:"PhysicalResourceId"`
		}
		assert.NoError(t, json.NewDecoder(r.Body).Decode(&answer))
		ids = append(ids, answer.Status, answer.PhysicalID)
	}))
	t.Cleanup(receiver.Close)
	s.fault = func(a, _ string, _ int) string { return map[string]string{"CopyImage": "before InvalidRequest"}[a] }
	_, err := cfnresource.New(c).Invoke(t.Context(), fmt.Appendf(nil, `{"RequestType": "Create", "RequestId": "r1", "ResponseURL": %q, "LogicalResourceId": "Copy",
		"StackId": "arn:aws:cloudformation:us-west-2:111111111111:stack/Standby/0f0e", "ResourceType": "Custom::StrataAMICopy",
		"ResourceProperties": {"Family": "f", "SourceRegion": "us-east-1", "SourceImage": "ami-1", "Name": "n", "Key": "k", "Keep": "2"}}`, receiver.URL))
	require.NoError(t, err)
	require.Len(t, ids, 2)
	assert.Equal(t, "FAILED", ids[0])
	assert.Regexp(t, "^Standby-Copy-", ids[1], "and no mark that nothing was made")
}

func TestKeep(t *testing.T) {
	s, c := newServer(t)
	for i := 1; i <= 4; i++ {
		require.NoError(t, create(t, c, of(fmt.Sprintf("ami-%d", i)), fmt.Sprint("r", i)).err)
		assert.Len(t, s.ids(), min(i, 2))
	}
	assert.Equal(t, []string{"ami-copy3", "ami-copy4"}, s.ids())
	assert.Equal(t, []string{"snap-copy3", "snap-copy4"}, sortedKeys(s.snapshots))

	// A copy that is not done yet, of another deployment, keeps its snapshot, which its image does not name yet.
	s.images[0].looks, s.snapshots["snap-new"] = 3, map[string]string{familyTag: "Standby/Image", sourceTag: "us-east-1/ami-3"}
	require.NoError(t, create(t, c, of("ami-4"), "r4").err)
	assert.Equal(t, []string{"snap-copy3", "snap-copy4", "snap-new"}, sortedKeys(s.snapshots))
	s.images[0].looks = 0

	// A rollback finds the copy of before, and it is not the one that goes.
	assert.Equal(t, outcome{image: "ami-copy3", calls: 1}, create(t, c, of("ami-3"), "r5"))
	assert.Equal(t, []string{"ami-copy3", "ami-copy4"}, s.ids())
	one := of("ami-3")
	one.Keep = 1
	assert.Equal(t, "ami-copy3", create(t, c, one, "r6").image)
	assert.Equal(t, []string{"ami-copy3"}, s.ids(), "the current one stays, though another one is newer")
}

// The copy before is in use until an update has come to an end, though a rollback has left one that is newer.
func TestKeep_WhatTheUpdateComesFrom(t *testing.T) {
	s, c := newServer(t)
	update := func(from, to, id string) {
		t.Helper()
		old := of(from)
		r := &request{Type: cfnresource.Update, ID: id, PhysicalID: "Standby-Image", Properties: of(to), OldProperties: &old, Call: 1}
		for {
			response, err := c.Update(t.Context(), r)
			require.NoError(t, err)
			if response.Again == nil {
				return
			}
			require.Less(t, r.Call, 20)
			r = r.After(response.Again)
		}
	}
	require.NoError(t, create(t, c, of("ami-1"), "r1").err)
	update("ami-1", "ami-2", "r2")
	update("ami-2", "ami-1", "r3") // rolled back
	assert.Equal(t, []string{"ami-copy1", "ami-copy2"}, s.ids())
	update("ami-1", "ami-3", "r4")
	assert.Equal(t, []string{"ami-copy1", "ami-copy3"}, s.ids(), "ami-copy2 is newer, but nothing uses it")
	assert.Equal(t, []string{"snap-copy1", "snap-copy3"}, sortedKeys(s.snapshots))
}

func TestNewestByName(t *testing.T) {
	s, c := newServer(t)
	byName := of("")
	byName.SourceName, byName.SourceOwner = "orders-*", "123456789012"
	s.add(&image{id: "ami-a", region: "us-east-1", owner: "123456789012", name: "orders-1", state: "available"})
	s.add(&image{id: "ami-b", region: "us-east-1", owner: "123456789012", name: "orders-2", state: "available"})
	s.add(&image{id: "ami-c", region: "us-east-1", owner: "999999999999", name: "orders-3", state: "available"})
	s.add(&image{id: "ami-d", region: "us-east-1", owner: "123456789012", name: "carts-4", state: "available"})
	s.looks = 1
	first := create(t, c, byName, "r1")
	require.NoError(t, first.err)
	assert.Equal(t, "ami-b", s.copies[0].Get("SourceImageId"))

	// The region of the source is lost: what was copied before is used.
	s.fault = func(_, region string, _ int) string {
		if region == "us-east-1" {
			return "before Unavailable"
		}
		return ""
	}
	assert.Equal(t, outcome{image: first.image, calls: 1}, create(t, c, byName, "r2"))
	// Without a copy there is nothing to use.
	s, c = newServer(t)
	require.EqualError(t, create(t, c, byName, "r3").err, `no image of 123456789012 in us-east-1 has a name like "orders-*"`)
	s.fault = func(_, region string, _ int) string {
		return map[string]string{"us-east-1": "before AuthFailure"}[region]
	}
	require.ErrorContains(t, create(t, c, byName, "r3").err, `cannot look for "orders-*" of 123456789012 in us-east-1: `)
}

func remove(t *testing.T, c copier) error {
	t.Helper()
	r := &request{Type: cfnresource.Delete, ID: "d", PhysicalID: "Standby-Image", Properties: of("ami-2"), Call: 1}
	for {
		response, err := c.Delete(t.Context(), r)
		if err != nil || response == nil {
			return err
		}
		require.Less(t, r.Call, 20)
		r = r.After(response.Again)
	}
}

func TestDelete(t *testing.T) {
	for name, prepare := range map[string]func(*server){
		"all":              func(*server) {},
		"image gone":       func(s *server) { s.images = s.images[1:] },
		"images gone":      func(s *server) { s.images = nil },
		"snapshot gone":    func(s *server) { delete(s.snapshots, "snap-copy1") },
		"snapshot in use":  func(s *server) { s.busy["snap-copy1"], s.busy["snap-copy2"] = 2, 1 },
		"throttled":        func(s *server) { s.fault = everySecond("before RequestLimitExceeded") },
		"done and unheard": func(s *server) { s.fault = everySecond("after") },
	} {
		t.Run(name, func(t *testing.T) {
			s, c := newServer(t)
			require.NoError(t, create(t, c, of("ami-1"), "r1").err)
			require.NoError(t, create(t, c, of("ami-2"), "r2").err)
			s.add(&image{id: "ami-other", region: "us-west-2", owner: "self", state: "available", tags: map[string]string{familyTag: "Other/Image"}})
			s.snapshots["snap-other"] = map[string]string{familyTag: "Other/Image"}
			prepare(s)
			require.NoError(t, remove(t, c))
			for _, id := range s.ids() {
				assert.Equal(t, "ami-other", id)
			}
			assert.Equal(t, []string{"snap-other"}, sortedKeys(s.snapshots), "others' are left alone")
			require.NoError(t, remove(t, c), "again")
		})
	}
	for _, action := range []string{"DescribeImages", "DeregisterImage", "DescribeSnapshots", "DeleteSnapshot"} {
		s, c := newServer(t)
		require.NoError(t, create(t, c, of("ami-1"), "r1").err)
		s.fault = func(a, _ string, _ int) string { return map[string]string{action: "before UnauthorizedOperation"}[a] }
		require.ErrorContains(t, remove(t, c), "UnauthorizedOperation", action)
	}
}

func everySecond(fault string) func(string, string, int) string {
	return func(_, _ string, n int) string {
		if n%2 == 1 {
			return fault
		}
		return ""
	}
}
