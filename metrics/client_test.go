package metrics

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/encoding/cbor"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestClient_SendsWhatWasPut(t *testing.T) {
	f := &fake{}
	c, told := newClient(t, f, nil)
	at := time.Now().Add(-time.Hour).Truncate(time.Millisecond)
	dims := []Dimension{{Name: "Service", Value: "orders"}, {Name: "Zone", Value: "a"}}
	values := []float64{1, 2.5}
	require.NoError(t, c.Put(t.Context(),
		Datum{Name: "Latency", Unit: types.StandardUnitMilliseconds, Dimensions: dims, Value: 12.5, Timestamp: at, Resolution: 1},
		Datum{Name: "Sizes", Values: values, Counts: []float64{3, 4}, Timestamp: at},
		Datum{Name: "Summary", Statistics: &Statistics{SampleCount: 4, Sum: 10, Minimum: 1, Maximum: 4}, Timestamp: at},
		Datum{Name: "Zero", Timestamp: at},
		Datum{Namespace: "Other", Name: "Now"},
	))
	dims[0].Value, values[0] = "changed", 99
	require.NoError(t, c.Flush(t.Context()))

	stamp := &cbor.Tag{ID: 1, Value: cbor.Float64(float64(at.UnixMilli()) / 1000)}
	dim := func(name, value string) cbor.Map {
		return cbor.Map{"Name": cbor.String(name), "Value": cbor.String(value)}
	}
	calls := f.taken()
	require.Len(t, calls, 2)
	require.Equal(t, "Test", calls[0].namespace)
	require.Equal(t, []cbor.Map{
		{"MetricName": cbor.String("Latency"), "Unit": cbor.String("Milliseconds"), "Value": cbor.Float64(12.5), "Timestamp": stamp,
			"StorageResolution": cbor.Uint(1), "Dimensions": cbor.List{dim("Service", "orders"), dim("Zone", "a")}},
		{"MetricName": cbor.String("Sizes"), "Timestamp": stamp, "StorageResolution": cbor.Uint(60),
			"Values": cbor.List{cbor.Float64(1), cbor.Float64(2.5)}, "Counts": cbor.List{cbor.Float64(3), cbor.Float64(4)}},
		{"MetricName": cbor.String("Summary"), "Timestamp": stamp, "StorageResolution": cbor.Uint(60),
			"StatisticValues": cbor.Map{"SampleCount": cbor.Float64(4), "Sum": cbor.Float64(10), "Minimum": cbor.Float64(1), "Maximum": cbor.Float64(4)}},
		{"MetricName": cbor.String("Zero"), "Value": cbor.Float64(0), "Timestamp": stamp, "StorageResolution": cbor.Uint(60)},
	}, calls[0].data)
	require.Equal(t, "Other", calls[1].namespace)
	now, err := cbor.AsTime(calls[1].data[0]["Timestamp"])
	require.NoError(t, err)
	require.WithinDuration(t, time.Now(), now, time.Minute)
	require.Equal(t, Stats{Accepted: 5, Sent: 5, Requests: 2}, c.Stats())
	require.Empty(t, told.all())
}

// The largest data and the smallest ones: requests stay within the limits, and are not much smaller than they may be.
func TestClient_Batches(t *testing.T) {
	wide := Datum{Name: strings.Repeat("n", 255), Unit: types.StandardUnitGigabytesSecond, Values: make([]float64, MaxValues), Counts: make([]float64, MaxValues), Resolution: 1}
	for i := range wide.Values {
		wide.Values[i], wide.Counts[i] = math.Pi*float64(i), math.E
	}
	for i := range MaxDimensions {
		wide.Dimensions = append(wide.Dimensions, Dimension{Name: fmt.Sprintf("%0255d", i), Value: strings.Repeat("v", 1024)})
	}
	for name, tc := range map[string]struct {
		datum Datum
		n     int
		sizes []int
	}{
		"small": {Datum{Name: "m"}, 2500, []int{1000, 1000, 500}},
		"wide":  {wide, 50, []int{23, 23, 4}},
		"sets":  {Datum{Name: "m", Statistics: &Statistics{SampleCount: 1, Sum: .1, Minimum: .1, Maximum: .1}}, 1001, []int{1000, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			f := &fake{}
			c, told := newClient(t, f, func(cfg *Config) { cfg.FlushInterval = 10 * time.Minute })
			for range tc.n {
				require.NoError(t, c.Put(t.Context(), tc.datum))
			}
			require.NoError(t, c.Close(t.Context()))
			var sizes []int
			for _, r := range f.taken() {
				sizes = append(sizes, len(r.data))
				assert.Equal(t, r.size > 10240, r.gzip, "%d bytes", r.size)
				estimate := 40 + len("Test") + len(r.data)*tc.datum.size()
				assert.GreaterOrEqual(t, estimate, r.size)
				assert.Less(t, estimate, r.size+r.size/4+64, "the estimate is not far off")
			}
			require.Equal(t, tc.sizes, sizes)
			require.Empty(t, told.all())
		})
	}
}

// Whatever CloudWatch and the network do, everything arrives once, in order.
func TestClient_SurvivesFaults(t *testing.T) {
	faults := map[int]answer{
		1: {status: 500, code: "InternalServiceFault"},
		2: {drop: true},
		3: {status: 400, code: "Throttling"},
		4: {hold: make(chan struct{})},
		5: {status: 403, code: "AccessDenied"},
		7: {status: 503, code: "ServiceUnavailable"},
	}
	f := &fake{answer: func(call int, _ []cbor.Map) answer { return faults[call] }}
	c, told := newClient(t, f, func(cfg *Config) { cfg.RequestTimeout = time.Second })
	var want []float64
	for i := range 2500 {
		want = append(want, float64(i))
		require.NoError(t, c.Put(t.Context(), Datum{Name: "m", Value: float64(i)}))
	}
	require.NoError(t, c.Flush(t.Context()))
	require.Equal(t, want, f.values("Test"))
	s := c.Stats()
	require.Equal(t, 6, s.Retries)
	require.Equal(t, Stats{Accepted: 2500, Sent: 2500, Requests: s.Requests, Retries: 6}, s)
	require.Len(t, told.all(), 6)
	require.ErrorContains(t, told.all()[4], "AccessDenied")
}

// An answer that is lost makes data count twice: the comment of the package says so.
func TestClient_LostAnswerSendsAgain(t *testing.T) {
	f := &fake{answer: func(call int, _ []cbor.Map) answer { return answer{drop: call == 1, take: call == 1} }}
	c, _ := newClient(t, f, nil)
	require.NoError(t, c.Put(t.Context(), Datum{Name: "m", Value: 7}))
	require.NoError(t, c.Flush(t.Context()))
	require.Equal(t, []float64{7, 7}, f.values("Test"))
}

// Data that were taken are not sent again because the answer cannot be read.
func TestClient_AcceptsAnyBodyOfSuccess(t *testing.T) {
	f := &fake{answer: func(int, []cbor.Map) answer { return answer{garbled: true} }}
	c, told := newClient(t, f, nil)
	require.NoError(t, c.Put(t.Context(), Datum{Name: "m", Value: 7}))
	require.NoError(t, c.Flush(t.Context()))
	require.Equal(t, []float64{7}, f.values("Test"))
	require.Len(t, told.all(), 1)
	require.ErrorContains(t, told.all()[0], "metrics: 1 data of Test count as sent, though the answer cannot be read: ")
}

func TestClient_IsolatesRefusedData(t *testing.T) {
	f := &fake{answer: func(_ int, data []cbor.Map) answer {
		if slices.ContainsFunc(data, func(d cbor.Map) bool { return strings.HasPrefix(string(d["MetricName"].(cbor.String)), "bad") }) {
			return answer{status: 400, code: "InvalidParameterValue"}
		}
		return answer{}
	}}
	c, told := newClient(t, f, nil)
	var want []float64
	for i := range 1000 {
		name := "good"
		if i == 0 || i == 499 || i == 999 {
			name = fmt.Sprintf("bad%d", i)
		} else {
			want = append(want, float64(i))
		}
		require.NoError(t, c.Put(t.Context(), Datum{Name: name, Value: float64(i)}))
	}
	require.NoError(t, c.Flush(t.Context()))
	require.Equal(t, want, f.values("Test"))
	s := c.Stats()
	require.Equal(t, Stats{Accepted: 1000, Sent: 997, Refused: 3, Requests: s.Requests}, s)
	require.Less(t, s.Requests, 60)
	var names []string
	for _, err := range told.all() {
		var refused *RefusedError
		require.ErrorAs(t, err, &refused)
		names = append(names, refused.Datum.Name)
	}
	require.Equal(t, []string{"bad0", "bad499", "bad999"}, names)
	require.ErrorContains(t, told.all()[0], "metrics: CloudWatch refused bad0 in Test: ")
}

// fill puts data until there is no room.
func fill(t *testing.T, c *Client) int {
	t.Helper()
	for {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		err := c.Put(ctx, Datum{Name: "m"})
		cancel()
		if err != nil {
			return c.Stats().Accepted
		}
	}
}

func TestClient_BlocksWhenFull(t *testing.T) {
	release := make(chan struct{})
	f := &fake{answer: func(int, []cbor.Map) answer { return answer{hold: release} }}
	c, _ := newClient(t, f, func(cfg *Config) { cfg.QueueBytes, cfg.FlushInterval = 2<<20, 10*time.Minute })
	n := fill(t, c)
	require.Equal(t, (2<<20)/Datum{Name: "m"}.weight(), n)
	require.LessOrEqual(t, c.Stats().WaitingBytes, 2<<20)

	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	err := c.Put(ctx, Datum{Name: "m"}, Datum{Name: "m"})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.EqualError(t, err, "metrics: accepted 0 of 2 data: context deadline exceeded")

	put := make(chan error)
	go func() { put <- c.Put(context.Background(), Datum{Name: "m"}) }()
	close(release)
	require.NoError(t, <-put)
	require.NoError(t, c.Close(t.Context()))
	s := c.Stats()
	require.Equal(t, Stats{Accepted: n + 1, Sent: n + 1, Requests: s.Requests}, s)
}

// Many namespaces fill the queue without a full batch; what waits goes before its time.
func TestClient_MakesRoomWithoutFullBatches(t *testing.T) {
	f := &fake{}
	c, _ := newClient(t, f, func(cfg *Config) { cfg.QueueBytes, cfg.FlushInterval = 2<<20, 10*time.Minute })
	const n = 8000
	for i := range n {
		require.NoError(t, c.Put(t.Context(), Datum{Namespace: fmt.Sprint("N", i%100), Name: "m"}))
	}
	require.NoError(t, c.Close(t.Context()))
	require.Equal(t, n, c.Stats().Sent)
}

func TestClient_DropsNewWhenFull(t *testing.T) {
	release := make(chan struct{})
	f := &fake{answer: func(int, []cbor.Map) answer { return answer{hold: release} }}
	c, _ := newClient(t, f, func(cfg *Config) { cfg.QueueBytes, cfg.WhenFull = 2<<20, DropNew })
	n := fill(t, c)
	require.Equal(t, 1, c.Stats().Dropped)
	err := c.Put(t.Context(), Datum{Name: "m"}, Datum{Name: "m"})
	require.ErrorIs(t, err, ErrFull)
	require.EqualError(t, err, "metrics: accepted 0 of 2 data: the queue is full")
	close(release)
	require.NoError(t, c.Close(t.Context()))
	s := c.Stats()
	require.Equal(t, Stats{Accepted: n, Sent: n, Dropped: 3, Requests: s.Requests}, s)
}

func TestClient_Close(t *testing.T) {
	f := &fake{}
	c, _ := newClient(t, f, func(cfg *Config) { cfg.FlushInterval = 10 * time.Minute })
	require.NoError(t, c.Put(t.Context(), Datum{Name: "m", Value: 1}, Datum{Namespace: "Other", Name: "m", Value: 2}))
	require.NoError(t, c.Close(t.Context()))
	require.Equal(t, []float64{1}, f.values("Test"))
	require.Equal(t, []float64{2}, f.values("Other"))
	require.ErrorIs(t, c.Put(t.Context(), Datum{Name: "m"}), ErrClosed)
	require.NoError(t, c.Close(t.Context()), "again")
	require.NoError(t, c.Flush(t.Context()))
}

func TestClient_CloseSaysWhatIsLost(t *testing.T) {
	f := &fake{answer: func(call int, _ []cbor.Map) answer {
		if call > 1 {
			return answer{hold: make(chan struct{})}
		}
		return answer{}
	}}
	c, _ := newClient(t, f, func(cfg *Config) { cfg.QueueBytes = 2 << 20 })
	for range 2500 {
		require.NoError(t, c.Put(t.Context(), Datum{Name: "m"}))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	start := time.Now()
	err := c.Close(ctx)
	require.Less(t, time.Since(start), 5*time.Second)
	s := c.Stats()
	require.Positive(t, s.Lost)
	require.Equal(t, 2500, s.Sent+s.Lost)
	require.Zero(t, s.Waiting)
	require.EqualError(t, err, fmt.Sprintf("metrics: lost %d data: context deadline exceeded", s.Lost))
	var lost *LostError
	require.ErrorAs(t, err, &lost)
	require.Equal(t, s.Lost, lost.Data)
	require.Equal(t, err, c.Close(t.Context()), "again")
	require.Equal(t, err, c.Flush(t.Context()))
}

func TestClient_FlushEndsWithItsContext(t *testing.T) {
	f := &fake{answer: func(int, []cbor.Map) answer { return answer{hold: make(chan struct{})} }}
	c, _ := newClient(t, f, nil)
	require.NoError(t, c.Put(t.Context(), Datum{Name: "m"}))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	require.EqualError(t, c.Flush(ctx), "metrics: not all is sent: context deadline exceeded")
}

// inBubble runs a test with a clock of its own.
func inBubble(t *testing.T, f *fake, test func(t *testing.T, c *Client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		cfg := Config{AWS: awsConfig("http://cloudwatch"), Namespace: "Test", OnError: func(error) {}}
		cfg.AWS.HTTPClient = direct{f}
		c, err := NewClient(cfg)
		require.NoError(t, err)
		test(t, c)
		require.NoError(t, c.Close(context.Background()))
	})
}

func TestClient_FlushInterval(t *testing.T) {
	f := &fake{}
	inBubble(t, f, func(t *testing.T, c *Client) {
		time.Sleep(3 * time.Second)
		require.NoError(t, c.Put(t.Context(), Datum{Name: "m"}))
		time.Sleep(6 * time.Second)
		synctest.Wait()
		require.Empty(t, f.taken(), "9 s")
		time.Sleep(2 * time.Second)
		synctest.Wait()
		require.Len(t, f.taken(), 1, "11 s")
	})
}

func TestClient_WaitsBetweenAttempts(t *testing.T) {
	for name, tc := range map[string]struct {
		answer answer
		least  []time.Duration // half of it is random
	}{
		"error": {answer{status: 500, code: "InternalServiceFault"},
			[]time.Duration{50 * time.Millisecond, 100 * time.Millisecond, 200 * time.Millisecond, 400 * time.Millisecond, 800 * time.Millisecond, 1600 * time.Millisecond, 3200 * time.Millisecond, 6400 * time.Millisecond, 10 * time.Second, 10 * time.Second}},
		"throttle":    {answer{status: 400, code: "Throttling"}, []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 10 * time.Second}},
		"too many":    {answer{status: 429, code: "Other"}, []time.Duration{500 * time.Millisecond, time.Second}},
		"retry after": {answer{status: 503, code: "ServiceUnavailable", retryAfter: "30"}, []time.Duration{30 * time.Second, 30 * time.Second}},
	} {
		t.Run(name, func(t *testing.T) {
			var at []time.Time
			f := &fake{answer: func(call int, _ []cbor.Map) answer {
				at = append(at, time.Now())
				if call <= len(tc.least) {
					return tc.answer
				}
				return answer{}
			}}
			inBubble(t, f, func(t *testing.T, c *Client) {
				require.NoError(t, c.Put(t.Context(), Datum{Name: "m"}))
				require.NoError(t, c.Flush(t.Context()))
			})
			require.Len(t, at, len(tc.least)+1)
			for i, least := range tc.least {
				wait := at[i+1].Sub(at[i])
				assert.GreaterOrEqual(t, wait, least)
				assert.LessOrEqual(t, wait, 2*least+time.Microsecond)
				if tc.answer.retryAfter == "" {
					assert.NotEqual(t, least, wait, "jitter")
				}
			}
		})
	}
}

// What is denied is given up after a time, so that it holds up other namespaces no longer.
func TestClient_GivesUpWhatIsDenied(t *testing.T) {
	var repaired bool
	answers := []answer{{status: 403, code: "AccessDenied"}, {status: 400, code: "InvalidClientTokenId"}, {status: 401, code: "Other"}, {status: 503, code: "ServiceUnavailable"}}
	calls := map[string]int{}
	f := &fake{answer: func(_ int, data []cbor.Map) answer {
		name := string(data[0]["MetricName"].(cbor.String))
		calls[name]++
		if name == "good" || repaired {
			return answer{}
		}
		return answers[calls[name]%len(answers)]
	}}
	inBubble(t, f, func(t *testing.T, c *Client) {
		start := time.Now()
		put := func(name string) {
			for range 2 {
				require.NoError(t, c.Put(t.Context(), Datum{Namespace: name, Name: name}))
			}
		}
		put("bad")
		put("good")
		require.NoError(t, c.Flush(t.Context()))
		assert.InDelta(t, 15, time.Since(start).Minutes(), 1)
		assert.Greater(t, calls["bad"], 40)
		assert.Equal(t, 2, c.Stats().Sent)
		assert.Equal(t, 2, c.Stats().Refused)

		answers = answers[:1] // later data are tried once, also on Close
		start, calls["bad"] = time.Now(), 0
		put("bad")
		require.NoError(t, c.Flush(t.Context()))
		assert.Less(t, time.Since(start), time.Second)
		assert.Equal(t, 1, calls["bad"])
		assert.Equal(t, 4, c.Stats().Refused)

		repaired = true
		put("bad")
		require.NoError(t, c.Flush(t.Context()))
		assert.Equal(t, 4, c.Stats().Sent)

		repaired, calls["bad"] = false, 0 // and after that, again for some time
		put("bad")
		ctx, cancel := context.WithTimeout(t.Context(), 14*time.Minute)
		defer cancel()
		require.ErrorIs(t, c.Flush(ctx), context.DeadlineExceeded)
		assert.Greater(t, calls["bad"], 40)

		assert.Equal(t, 2, c.Stats().Waiting)
	})
}

func TestClient_KnowsWhatIsDenied(t *testing.T) {
	for a, want := range map[answer]int{
		{status: 401, code: "Other"}:                1,
		{status: 403, code: "Other"}:                1,
		{status: 400, code: "InvalidClientTokenId"}: 1,
		{status: 400, code: "Throttling"}:           0,
		{status: 503, code: "ServiceUnavailable"}:   0,
	} {
		var healed bool
		f := &fake{answer: func(int, []cbor.Map) answer {
			if healed {
				return answer{}
			}
			return a
		}}
		inBubble(t, f, func(t *testing.T, c *Client) {
			require.NoError(t, c.Put(t.Context(), Datum{Name: "m"}))
			time.Sleep(20 * time.Minute)
			synctest.Wait()
			assert.Equal(t, want, c.Stats().Refused, a)
			healed = true
		})
	}
}

func TestDeniedError(t *testing.T) {
	f := &fake{answer: func(int, []cbor.Map) answer { return answer{status: 403, code: "AccessDenied"} }}
	c, told := newClient(t, f, func(cfg *Config) { cfg.DeniedTimeout = time.Second })
	require.NoError(t, c.Put(t.Context(), Datum{Name: "m"}))
	require.NoError(t, c.Close(t.Context()))
	var denied *DeniedError
	require.ErrorAs(t, told.all()[len(told.all())-1], &denied)
	require.ErrorContains(t, denied, "metrics: CloudWatch denied 1 data of Test: ")
	var api smithy.APIError
	require.ErrorAs(t, denied, &api)
	require.Equal(t, "AccessDenied", api.ErrorCode())
}

// What may still be sent when the context of Close ends is lost, not refused.
func TestClient_CloseLosesWhatIsDenied(t *testing.T) {
	f := &fake{answer: func(int, []cbor.Map) answer { return answer{status: 403, code: "AccessDenied"} }}
	c, _ := newClient(t, f, nil)
	require.NoError(t, c.Put(t.Context(), Datum{Name: "m"}))
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	var lost *LostError
	require.ErrorAs(t, c.Close(ctx), &lost)
	require.Equal(t, 1, lost.Data)
	require.Zero(t, c.Stats().Refused)
}

// Close does not wait for the time of the next attempt.
func TestClient_CloseTriesAtOnce(t *testing.T) {
	f := &fake{answer: func(call int, _ []cbor.Map) answer {
		if call == 1 {
			return answer{status: 503, code: "ServiceUnavailable", retryAfter: "60"}
		}
		return answer{}
	}}
	inBubble(t, f, func(t *testing.T, c *Client) {
		require.NoError(t, c.Put(t.Context(), Datum{Name: "m"}))
		time.Sleep(11 * time.Second)
		start := time.Now()
		require.NoError(t, c.Close(t.Context()))
		require.Less(t, time.Since(start), time.Second)
		require.Len(t, f.taken(), 1)
	})
}

func TestNewClient_ReportsEveryProblem(t *testing.T) {
	_, err := NewClient(Config{Namespace: "AWS/Lambda", FlushInterval: time.Millisecond, QueueBytes: 1, WhenFull: 7, RequestTimeout: time.Hour, DeniedTimeout: 25 * time.Hour})
	require.EqualError(t, err, `invalid metrics.Config:
  - AWS.Region: must be set
  - AWS.Credentials: must be set
  - Namespace: must not start with AWS/, which is for services of AWS, or a colon, got "AWS/Lambda"
  - FlushInterval: must be between 100ms and 10m0s, got 1ms
  - QueueBytes: must be between 2097152 and 1073741824, got 1
  - WhenFull: must be one of 0, 1, got 7
  - RequestTimeout: must be between 1s and 5m0s, got 1h0m0s
  - DeniedTimeout: must be between 1s and 24h0m0s, got 25h0m0s`)
	require.NoError(t, Config{AWS: awsConfig("http://localhost")}.Validate())
}

// A namespace with full batches all the time does not hold up one without.
func TestClient_NoNamespaceStarves(t *testing.T) {
	f := &fake{answer: func(int, []cbor.Map) answer {
		time.Sleep(10 * time.Millisecond)
		return answer{}
	}}
	c, _ := newClient(t, f, func(cfg *Config) { cfg.QueueBytes = 64 << 20 })
	put := func(namespace string, n int) {
		for range n {
			require.NoError(t, c.Put(t.Context(), Datum{Namespace: namespace, Name: "m"}))
		}
	}
	put("Busy", 20_000)
	put("Quiet", 1)
	put("Busy", 60_000)
	require.Eventually(t, func() bool { return len(f.taken()) == 81 }, 10*time.Second, 10*time.Millisecond) // Close would send all
	i := slices.IndexFunc(f.taken(), func(c call) bool { return c.namespace == "Quiet" })
	require.Greater(t, i, 0)
	require.Less(t, i, 60)
}
