package metrics

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/aws/smithy-go/encoding/cbor"
	"github.com/stretchr/testify/require"
)

// lastSeen checks the order of each producer's data as they arrive, and keeps nothing else.
type lastSeen struct {
	mu      sync.Mutex
	last    map[string]float64
	got     int
	outside int
}

func (l *lastSeen) take(data []cbor.Map) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, d := range data {
		name, v := string(d["MetricName"].(cbor.String)), float64(d["Value"].(cbor.Float64))
		if l.last[name]+1 != v {
			l.outside++
		}
		l.last[name] = v
		l.got++
	}
}

// Eight producers put as fast as they can, against a CloudWatch that fails one call in seven in turn in every way: nothing
// is lost or sent twice, each producer's data stay in order, and the memory of what waits stays bounded.
func TestClient_UnderLoad(t *testing.T) {
	const producers, each = 8, 10_000
	order := &lastSeen{last: map[string]float64{}}
	faults := []answer{{status: 500, code: "InternalServiceFault"}, {drop: true}, {status: 503, code: "ServiceUnavailable"}}
	f := &fake{forget: true, answer: func(call int, data []cbor.Map) answer {
		if call%7 == 3 {
			return faults[call/7%len(faults)]
		}
		order.take(data)
		return answer{}
	}}
	c, _ := newClient(t, f, func(cfg *Config) { cfg.QueueBytes = 2 << 20 })
	most, stop := 0, make(chan struct{})
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		for {
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
				most = max(most, c.Stats().WaitingBytes)
			}
		}
	}()
	var wg sync.WaitGroup
	for p := range producers {
		wg.Go(func() {
			for i := range each {
				if err := c.Put(context.Background(), Datum{Name: fmt.Sprint("m", p), Value: float64(i + 1)}); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	require.NoError(t, c.Close(t.Context()))
	close(stop)
	<-watched
	s := c.Stats()
	require.Equal(t, Stats{Accepted: producers * each, Sent: producers * each, Requests: s.Requests, Retries: s.Retries}, s)
	require.Positive(t, s.Retries)
	require.Equal(t, producers*each, order.got)
	require.Zero(t, order.outside, "out of order, lost or sent twice")
	require.Greater(t, most, 1<<20, "the queue was used")
	require.LessOrEqual(t, most, 2<<20)
	t.Logf("%d requests, %d retries, at most %d bytes waiting", s.Requests, s.Retries, most)
}

// A queue that is full takes about what QueueBytes says, for small data and large ones.
func TestClient_MemoryIsBounded(t *testing.T) {
	wide := Datum{Name: "m", Values: slicesOf(1, 150), Counts: slicesOf(2, 150)}
	for i := range 30 {
		wide.Dimensions = append(wide.Dimensions, Dimension{Name: fmt.Sprint("d", i), Value: "v"})
	}
	for name, d := range map[string]Datum{"small": {Name: "m"}, "wide": wide, "dimensions": {Name: "m", Dimensions: wide.Dimensions}} {
		t.Run(name, func(t *testing.T) {
			const limit = 32 << 20
			f := &fake{answer: func(int, []cbor.Map) answer { return answer{status: 500, code: "InternalServiceFault"} }}
			c, _ := newClient(t, f, func(cfg *Config) { cfg.QueueBytes, cfg.WhenFull, cfg.OnError = limit, DropNew, func(error) {} })
			before := heap()
			for c.Put(t.Context(), d) == nil {
			}
			used := heap() - before
			s := c.Stats()
			t.Logf("%d data: %d bytes of heap each, %d counted", s.Waiting, used/s.Waiting, s.WaitingBytes/s.Waiting)
			require.Greater(t, s.WaitingBytes, limit*9/10)
			require.Less(t, used, limit*5/4+8<<20, "with the request that is being sent")
		})
	}
}

func heap() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// The time of a datum from Put to CloudWatch's answer, over TCP on this machine. The fake decodes what it gets in the same
// process.
func BenchmarkClient(b *testing.B) {
	f := &fake{forget: true}
	c, _ := newClient(b, f, func(cfg *Config) { cfg.FlushInterval = time.Second })
	d := Datum{Name: "Latency", Unit: "Milliseconds", Dimensions: []Dimension{{Name: "Service", Value: "orders"}}, Value: 1, Resolution: 1}
	b.ReportAllocs()
	most := 0
	for i := range b.N {
		if err := c.Put(b.Context(), d); err != nil {
			b.Fatal(err)
		}
		if i%100_000 == 0 {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, int(m.HeapAlloc))
		}
	}
	if err := c.Close(context.Background()); err != nil {
		b.Fatal(err)
	}
	s := c.Stats()
	b.ReportMetric(float64(b.N-s.Sent), "lost")
	b.ReportMetric(float64(b.N)/float64(s.Requests), "data/request")
	b.ReportMetric(float64(most)/(1<<20), "MiB-heap")
}

// What Put costs the caller.
func BenchmarkPut(b *testing.B) {
	hold := make(chan struct{})
	defer close(hold)
	f := &fake{answer: func(int, []cbor.Map) answer { return answer{hold: hold} }}
	c, _ := newClient(b, f, func(cfg *Config) { cfg.WhenFull = DropNew })
	d := Datum{Name: "Latency", Unit: "Milliseconds", Dimensions: []Dimension{{Name: "Service", Value: "orders"}}, Value: 1, Resolution: 1}
	b.ReportAllocs()
	for b.Loop() {
		_ = c.Put(b.Context(), d)
	}
}
