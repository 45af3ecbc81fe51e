package metrics

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/stretchr/testify/require"
)

// parse reads a line back as CloudWatch does: by the references of its directive.
func parse(t *testing.T, line string) (head emfHead, root map[string]any) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(line), &root))
	var doc struct {
		AWS emfHead `json:"_aws"`
	}
	require.NoError(t, json.Unmarshal([]byte(line), &doc))
	require.Len(t, root["_aws"].(map[string]any)["CloudWatchMetrics"], 1)
	d := doc.AWS.CloudWatchMetrics[0]
	for _, name := range d.Dimensions[0] {
		require.IsType(t, "", root[name])
	}
	require.LessOrEqual(t, len(d.Metrics), 100)
	for _, m := range d.Metrics {
		require.Contains(t, root, m.Name)
	}
	require.LessOrEqual(t, len(line), MaxEMFLine)
	return doc.AWS, root
}

func TestEMF_Line(t *testing.T) {
	at := time.Now().Truncate(time.Millisecond)
	dims := []Dimension{{Name: "Service", Value: `or"ders<`}, {Name: "Zone", Value: "a"}}
	var b bytes.Buffer
	require.NoError(t, NewEMF(&b).PutWith(map[string]any{"requestId": "8f1", "nested": map[string]int{"n": 1}, "null": nil},
		Datum{Namespace: "Shop", Name: "Latency", Unit: types.StandardUnitMilliseconds, Dimensions: dims, Value: 12.5, Timestamp: at, Resolution: 1},
		Datum{Namespace: "Shop", Name: "Sizes", Dimensions: dims, Values: []float64{1, 2e100}, Timestamp: at},
	))
	require.Equal(t, 1, strings.Count(b.String(), "\n"))
	require.JSONEq(t, fmt.Sprintf(`{
		"_aws": {"Timestamp": %d, "CloudWatchMetrics": [{"Namespace": "Shop", "Dimensions": [["Service", "Zone"]], "Metrics": [
			{"Name": "Latency", "Unit": "Milliseconds", "StorageResolution": 1}, {"Name": "Sizes", "StorageResolution": 60}]}]},
		"Service": "or\"ders<", "Zone": "a", "Latency": 12.5, "Sizes": [1, 2e100], "requestId": "8f1", "nested": {"n": 1}, "null": null
	}`, at.UnixMilli()), b.String())
	parse(t, b.String())
}

func TestEMF_NoDimensions(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, NewEMF(&b).Put(Datum{Namespace: "Shop", Name: "m"}))
	require.Contains(t, b.String(), `"Dimensions":[[]]`)
	head, root := parse(t, b.String())
	require.InDelta(t, time.Now().UnixMilli(), head.Timestamp, 60_000)
	require.Equal(t, 0.0, root["m"])
}

// Lines part where they must: at another namespace, dimension or time, a name again, 100 metrics, and the size.
func TestEMF_Lines(t *testing.T) {
	at := time.Now()
	d := func(edit func(*Datum)) Datum {
		d := Datum{Namespace: "Shop", Name: "m", Timestamp: at}
		if edit != nil {
			edit(&d)
		}
		return d
	}
	many := func(n, values int, name string) (data []Datum) {
		for i := range n {
			data = append(data, d(func(d *Datum) { d.Name, d.Values = fmt.Sprintf(name, i), slicesOf(-math.Pi*1e-200, values) }))
		}
		return data
	}
	for name, tc := range map[string]struct {
		data []Datum
		want []int
	}{
		"namespace": {[]Datum{d(nil), d(func(d *Datum) { d.Namespace = "Other" }), d(func(d *Datum) { d.Name = "n" })}, []int{2, 1}},
		"dimension": {[]Datum{d(nil), d(func(d *Datum) { d.Dimensions = []Dimension{{"a", "b"}} }), d(func(d *Datum) { d.Dimensions = []Dimension{{"a", "c"}} })}, []int{1, 1, 1}},
		"time":      {[]Datum{d(nil), d(func(d *Datum) { d.Name, d.Timestamp = "n", at.Add(time.Second) })}, []int{1, 1}},
		"again":     {[]Datum{d(nil), d(nil), d(func(d *Datum) { d.Name = "n" })}, []int{1, 2}},
		"100":       {many(250, 0, "m%d"), []int{100, 100, 50}},
		"size":      {many(120, 100, "%0250d"), []int{88, 32}},
		"none":      {nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			require.NoError(t, NewEMF(&b).Put(tc.data...))
			var got []int
			total := 0
			for line := range strings.Lines(b.String()) {
				head, _ := parse(t, line)
				got = append(got, len(head.CloudWatchMetrics[0].Metrics))
				total += got[len(got)-1]
			}
			require.Equal(t, tc.want, got)
			require.Equal(t, len(tc.data), total)
		})
	}
}

func TestEMF_ReportsEveryProblem(t *testing.T) {
	var b bytes.Buffer
	err := NewEMF(&b).PutWith(map[string]any{"p": 1, "_aws": 2, "f": math.NaN()},
		Datum{Name: "good", Namespace: "Shop"},
		Datum{Namespace: "Shop", Name: "p", Values: slicesOf(1, 101), Counts: slicesOf(1, 101), Dimensions: []Dimension{{"p", "v"}}},
		Datum{Namespace: "Shop", Name: "_aws", Statistics: &Statistics{SampleCount: 1}, Dimensions: []Dimension{{"_aws", "v"}}},
		Datum{Name: "none"},
	)
	require.EqualError(t, err, `invalid metrics.Datum:
  - properties["f"]: must be JSON: json: unsupported value: NaN
  - properties["_aws"]: must be left to the format
  - [1].Counts: must be left out of the embedded metric format
  - [1].Values: must be at most 100 in the embedded metric format, got 101
  - [1].Name: must not be the name of a property, got "p"
  - [1].Dimensions[0].Name: must not be the name of the metric, got "p"
  - [1].Dimensions[0].Name: must not be the name of a property, got "p"
  - [2].Statistics: must be left out of the embedded metric format
  - [2].Name: must not be _aws
  - [2].Name: must not be the name of a property, got "_aws"
  - [2].Dimensions[0].Name: must not be _aws
  - [2].Dimensions[0].Name: must not be the name of the metric, got "_aws"
  - [2].Dimensions[0].Name: must not be the name of a property, got "_aws"
  - [3].Namespace: must be 1 to 255 characters, got 0`)
	err = NewEMF(&b).PutWith(map[string]any{"p": strings.Repeat("x", MaxEMFLine)}, Datum{Name: "m", Namespace: "Shop"})
	require.ErrorContains(t, err, "must fit a line of 262144 bytes with the properties, got 262")
	require.Empty(t, b.String())
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestEMF_WriteFails(t *testing.T) {
	err := NewEMF(failing{}).Put(Datum{Name: "m", Namespace: "Shop"}, Datum{Name: "m", Namespace: "Other"})
	require.EqualError(t, err, "metrics: wrote 0 of 2 lines: disk full")
}

// A line is one call of Write, and never mixed with another.
func TestEMF_Concurrent(t *testing.T) {
	var b bytes.Buffer
	emf := NewEMF(&b)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 100 {
				if err := emf.Put(Datum{Namespace: "Shop", Name: fmt.Sprint("m", i)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	n := 0
	for line := range strings.Lines(b.String()) {
		parse(t, line)
		n++
	}
	require.Equal(t, 800, n)
}
