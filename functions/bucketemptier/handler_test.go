package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime/metrics"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cfnresource"
)

const stackID = "arn:aws-cn:cloudformation:cn-north-1:111111111111:stack/Shop/0f0e"

// status is CloudFormation with one stack.
type status types.StackStatus

func (s status) DescribeStacks(_ context.Context, in *cloudformation.DescribeStacksInput, _ ...func(*cloudformation.Options)) (*cloudformation.DescribeStacksOutput, error) {
	if s == "" {
		return nil, errors.New("throttled")
	}
	if *in.StackName != stackID {
		return &cloudformation.DescribeStacksOutput{}, nil
	}
	return &cloudformation.DescribeStacksOutput{Stacks: []types.Stack{{StackStatus: types.StackStatus(s)}}}, nil
}

const deleting = status(types.StackStatusDeleteInProgress)

// deletion is the request to delete a custom resource.
func deletion(edit func(*request)) *request {
	r := &request{
		Type: cfnresource.Delete, StackID: stackID, Call: 1, Deadline: time.Now().Add(time.Hour), Properties: properties{Bucket: "bucket"},
	}
	edit(r)
	return r
}

func same(*request) {}

func TestDelete_EmptiesTheBucket(t *testing.T) {
	s, client := newServer(t, 12345)
	s.prefix = "a b/ü+&<%\"'" // no key may be lost on its way through URLs and XML
	resp, err := handler{client, deleting}.Delete(t.Context(), deletion(same))
	require.NoError(t, err)
	assert.Nil(t, resp)
	assert.Equal(t, 0, s.remaining())
	assert.Equal(t, 14, s.lists, "13 pages of 1000, and one that is empty: no page is read twice")
	assert.Equal(t, []string{"GET policy", "PUT policy", "GET versions"}, s.requests[:3], "writes are denied before anything is deleted")
	assert.LessOrEqual(t, s.most, workers)
	assert.Empty(t, s.lifecycle)
}

func TestDelete_EmptyBucket(t *testing.T) {
	s, client := newServer(t, 0)
	_, err := handler{client, deleting}.Delete(t.Context(), deletion(same))
	require.NoError(t, err)
	assert.Equal(t, []string{"GET policy", "PUT policy", "GET versions"}, s.requests)
}

// What comes after the listing passed by is found by the next one.
func TestDelete_BucketThatFills(t *testing.T) {
	s, client := newServer(t, 1500)
	var once atomic.Bool
	s.before = func(r *http.Request) (int, string) {
		if r.URL.Query().Get("version-id-marker") != "" && once.CompareAndSwap(false, true) {
			s.mu.Lock()
			written := !s.has(0)
			s.mu.Unlock()
			if written {
				s.add(0, 1)
			}
		}
		return 0, ""
	}
	_, err := handler{client, deleting}.Delete(t.Context(), deletion(same))
	require.NoError(t, err)
	assert.Equal(t, 0, s.remaining())
}

// Only the deletion of a stack, or of one whose creation failed, empties a bucket.
func TestDelete_OnlyWithTheStack(t *testing.T) {
	statuses := types.StackStatus("").Values()
	require.Greater(t, len(statuses), 20)
	for _, stack := range statuses {
		for _, kept := range []bool{false, true} {
			s, client := newServer(t, 10)
			_, err := handler{client, status(stack)}.Delete(t.Context(), deletion(func(r *request) { r.Properties.Kept = kept }))
			require.NoError(t, err)
			left := 10
			if stack == "DELETE_IN_PROGRESS" || stack == "ROLLBACK_IN_PROGRESS" && !kept {
				left = 0
			}
			assert.Equal(t, left, s.remaining(), "%s, kept %v", stack, kept)
			assert.Equal(t, left == 10, len(s.requests) == 0, "the bucket is not touched at all")
		}
	}
}

func TestDelete_UnknownStackStatus(t *testing.T) {
	s, client := newServer(t, 10)
	_, err := handler{client, status("")}.Delete(t.Context(), deletion(same))
	require.EqualError(t, err, "cannot ask whether the stack is being deleted: throttled")
	_, err = handler{client, deleting}.Delete(t.Context(), deletion(func(r *request) { r.StackID = "other" }))
	require.EqualError(t, err, "cannot ask whether the stack is being deleted: got 0 stacks")
	assert.Empty(t, s.requests)
}

func TestCreateAndUpdate_DoNothing(t *testing.T) {
	h := handler{} // that has nothing to do anything with
	for _, do := range []func(context.Context, *request) (*cfnresource.Response, error){h.Create, h.Update} {
		resp, err := do(t.Context(), deletion(same))
		assert.NoError(t, err)
		assert.Nil(t, resp)
	}
}

func TestDelete_BucketThatIsGone(t *testing.T) {
	for _, at := range []string{"policy", "versions", "delete"} {
		s, client := newServer(t, 10)
		s.before = func(r *http.Request) (int, string) {
			if r.URL.Query().Has(at) {
				return http.StatusNotFound, "NoSuchBucket"
			}
			return 0, ""
		}
		_, err := handler{client, deleting}.Delete(t.Context(), deletion(same))
		assert.NoError(t, err, at)
	}
}

func TestDelete_Refusals(t *testing.T) {
	for _, c := range []struct{ method, query, want string }{
		{"GET", "policy", "cannot read the bucket's policy: "},
		{"PUT", "policy", "cannot deny writes to the bucket: "},
		{"GET", "versions", "cannot list the bucket: "},
		{"POST", "delete", "cannot delete from the bucket: "},
	} {
		s, client := newServer(t, 2500)
		s.before = func(r *http.Request) (int, string) {
			if r.Method == c.method && r.URL.Query().Has(c.query) {
				return http.StatusForbidden, "AccessDenied"
			}
			return 0, ""
		}
		_, err := handler{client, deleting}.Delete(t.Context(), deletion(same))
		require.ErrorContains(t, err, c.want)
		require.ErrorContains(t, err, "AccessDenied")
		assert.Equal(t, 2500, s.remaining())
	}
}

func TestDelete_ObjectLock(t *testing.T) {
	s, client := newServer(t, 2500)
	s.locked = func(i int) bool { return i%1000 == 1 }
	_, err := handler{client, deleting}.Delete(t.Context(), deletion(same))
	require.ErrorContains(t, err, "3 versions in the bucket bucket cannot be deleted: k")
	require.ErrorContains(t, err, ": AccessDenied: Object Lock")
	assert.Equal(t, 3, s.remaining(), "the others are gone")

	_, err = handler{client, deleting}.Delete(t.Context(), deletion(func(r *request) { r.Properties.BypassGovernance = true }))
	require.NoError(t, err)
	assert.Equal(t, 0, s.remaining())
}

// An error of S3 that passes costs another listing at most.
func TestDelete_SlowDown(t *testing.T) {
	s, client := newServer(t, 3000)
	var n atomic.Int32
	s.before = func(r *http.Request) (int, string) {
		if r.URL.Query().Has("delete") && n.Add(1) == 1 {
			return http.StatusServiceUnavailable, "SlowDown"
		}
		return 0, ""
	}
	_, err := handler{client, deleting}.Delete(t.Context(), deletion(same))
	require.NoError(t, err)
	assert.Equal(t, 0, s.remaining())
}

func TestDelete_DenyStatement(t *testing.T) {
	deny := map[string]any{
		"Sid": "StrataBucketEmptier", "Effect": "Deny", "Principal": "*",
		"Action":   []any{"s3:PutObject", "s3:ReplicateObject", "s3:ReplicateDelete"},
		"Resource": "arn:aws-cn:s3:::bucket/*",
	}
	for name, c := range map[string]struct {
		policy string
		want   []any
	}{
		"none":   {"", []any{deny}},
		"one":    {`{"Version":"2008-10-17","Id":"x","Statement":{"Sid":"Mine"}}`, []any{map[string]any{"Sid": "Mine"}, deny}},
		"list":   {`{"Version":"2008-10-17","Id":"x","Statement":[{"Sid":"Mine"}]}`, []any{map[string]any{"Sid": "Mine"}, deny}},
		"second": {`{"Version":"2008-10-17","Id":"x","Statement":[{"Sid":"StrataBucketEmptier"}]}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s, client := newServer(t, 0)
			s.policy = c.policy
			_, err := handler{client, deleting}.Delete(t.Context(), deletion(same))
			require.NoError(t, err)
			if c.want == nil {
				assert.Equal(t, c.policy, s.policy)
				assert.NotContains(t, s.requests, "PUT policy")
				return
			}
			var got map[string]any
			require.NoError(t, json.Unmarshal([]byte(s.policy), &got))
			assert.Equal(t, c.want, got["Statement"])
			if c.policy != "" {
				assert.Equal(t, "x", got["Id"], "the rest stays")
			} else {
				assert.Equal(t, "2012-10-17", got["Version"])
			}
		})
	}
	s, client := newServer(t, 1)
	s.policy = "{"
	_, err := handler{client, deleting}.Delete(t.Context(), deletion(same))
	require.EqualError(t, err, "cannot read the bucket's policy: unexpected end of JSON input")
	assert.Equal(t, 1, s.remaining())
}

// The work goes on from call to call, with no more than its share of the time in each.
func TestDelete_Continues(t *testing.T) {
	s, client := newServer(t, 20000)
	s.before = func(*http.Request) (int, string) { time.Sleep(25 * time.Millisecond); return 0, "" }
	r := deletion(same)
	calls, deleted := 0, 0
	for ; ; calls++ {
		ctx, cancel := context.WithTimeout(t.Context(), reserve+400*time.Millisecond)
		resp, err := handler{client, deleting}.Delete(ctx, r)
		assert.NoError(t, ctx.Err(), "there is time left to answer")
		cancel()
		require.NoError(t, err)
		if resp == nil {
			break
		}
		deleted += resp.Again.State.(progress).Deleted
		r.Call++
	}
	assert.Equal(t, 0, s.remaining())
	assert.Positive(t, calls)
	assert.Positive(t, deleted, "21 listings take longer than one call has")
	assert.NotContains(t, s.requests[2:], "PUT policy", "once is enough")
}

// Near the end of CloudFormation's hour S3 is left with the rest.
func TestDelete_LifecycleNearTheHour(t *testing.T) {
	for _, kept := range []bool{false, true} {
		s, client := newServer(t, 5000)
		r := deletion(func(r *request) { r.Deadline, r.Properties.Kept = time.Now().Add(lastCall-time.Second), kept })
		ctx, cancel := context.WithTimeout(t.Context(), reserve)
		_, err := handler{client, deleting}.Delete(ctx, r)
		cancel()
		if kept {
			require.NoError(t, err, "a bucket that stays does not stop the stack")
		} else {
			require.EqualError(t, err, "the bucket bucket is not empty after 0 deletions. A lifecycle rule now deletes the rest within days: delete the stack again then")
		}
		for _, want := range []string{
			"<Rule><AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload><Expiration><Days>1</Days></Expiration>",
			"<NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays></NoncurrentVersionExpiration><Status>Enabled</Status></Rule>",
			"<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>", "<Prefix></Prefix>",
		} {
			assert.Contains(t, s.lifecycle, want)
		}
		assert.Equal(t, 2, strings.Count(s.lifecycle, "<Rule>"))
	}

	s, client := newServer(t, 5000)
	s.before = func(r *http.Request) (int, string) {
		if r.URL.Query().Has("lifecycle") {
			return http.StatusForbidden, "AccessDenied"
		}
		return 0, ""
	}
	ctx, cancel := context.WithTimeout(t.Context(), reserve)
	defer cancel()
	_, err := handler{client, deleting}.Delete(ctx, deletion(func(r *request) { r.Deadline = time.Now().Add(time.Minute) }))
	require.ErrorContains(t, err, "the bucket is not empty after 0 deletions, and the lifecycle rule that would delete the rest cannot be set: ")
}

// Whatever the number of versions, a bounded number of pages is in memory.
func TestEmpty_WaitsForItsWorkers(t *testing.T) {
	s, client := newServer(t, 60000)
	var pages, deletions atomic.Int32
	stop := make(chan struct{})
	s.before = func(r *http.Request) (int, string) {
		if r.URL.Query().Has("delete") {
			deletions.Add(1)
			<-stop
		} else {
			pages.Add(1)
		}
		return 0, ""
	}
	done := make(chan error)
	go func() {
		e := emptier{s3: client, bucket: "bucket"}
		_, err := e.empty(context.Background(), time.Now().Add(time.Minute))
		done <- err
	}()
	require.Eventually(t, func() bool { return deletions.Load() == workers }, 10*time.Second, time.Millisecond)
	time.Sleep(100 * time.Millisecond)
	assert.LessOrEqual(t, int(pages.Load()), workers+1)
	assert.EqualValues(t, workers, deletions.Load())
	close(stop)
	require.NoError(t, <-done)
	assert.Equal(t, 0, s.remaining())
}

// Run it with -bench 5Million -benchtime 1x: it takes minutes.
func BenchmarkEmpty5Million(b *testing.B) { benchmarkEmpty(b, 5_000_000) }

func BenchmarkEmpty100Thousand(b *testing.B) { benchmarkEmpty(b, 100_000) }

func benchmarkEmpty(b *testing.B, n int) {
	var peak uint64
	for b.Loop() {
		s, client := newServer(b, n)
		stop := make(chan struct{})
		sampled := make(chan uint64)
		go samplePeak(stop, sampled)
		e := emptier{s3: client, bucket: "bucket"}
		done, err := e.empty(b.Context(), time.Now().Add(time.Hour))
		close(stop)
		peak = max(peak, <-sampled)
		if err != nil || !done || s.remaining() != 0 || e.deleted() != n {
			b.Fatal(fmt.Errorf("done %v, %d left, %d deleted: %w", done, s.remaining(), e.deleted(), err))
		}
	}
	b.ReportMetric(float64(peak)/(1<<20), "peak-heap-MB")
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "versions/s")
}

// samplePeak gives the most that live and not yet collected objects took, of server and emptier together.
func samplePeak(stop <-chan struct{}, out chan<- uint64) {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	var peak uint64
	for {
		metrics.Read(sample)
		peak = max(peak, sample[0].Value.Uint64())
		select {
		case <-stop:
			out <- peak
			return
		case <-time.After(10 * time.Millisecond):
		}
	}
}
