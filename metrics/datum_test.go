package metrics

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/stretchr/testify/require"
)

// The time of the bubble, 2000-01-01, makes the messages exact.
func TestDatum_Validate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		good := func(edit func(d *Datum)) Datum {
			d := Datum{Namespace: "Shop", Name: "Orders"}
			edit(&d)
			return d
		}
		now := time.Now()
		dims := func(n int) (dims []Dimension) {
			for i := range n {
				dims = append(dims, Dimension{Name: fmt.Sprint("D", i), Value: "v"})
			}
			return dims
		}
		for name, tc := range map[string]struct {
			datum Datum
			want  string
		}{
			"the least": {good(func(*Datum) {}), ""},
			"the most": {Datum{
				Namespace: strings.Repeat("n", 255), Name: strings.Repeat("é", 255), Unit: types.StandardUnitCountSecond, Dimensions: append(dims(29),
					Dimension{Name: strings.Repeat("d", 255), Value: strings.Repeat("v", 1024)}),
				Values: append(make([]float64, 148), 0x1p360, -0x1p360), Counts: append([]float64{.5}, slicesOf(1, 149)...), Resolution: 1, Timestamp: now.Add(-14 * 24 * time.Hour),
			}, ""},
			"statistics": {good(func(d *Datum) {
				d.Statistics, d.Timestamp = &Statistics{SampleCount: 1, Sum: -1, Minimum: -1, Maximum: -1}, now.Add(2*time.Hour)
			}), ""},
			"nothing": {Datum{}, `
  - Namespace: must be 1 to 255 characters, got 0
  - Name: must be 1 to 255 characters, got 0`},
			"too long": {Datum{Namespace: strings.Repeat("n", 256), Name: strings.Repeat("é", 256), Dimensions: []Dimension{{}, {Name: strings.Repeat("n", 256), Value: strings.Repeat("v", 1025)}}}, `
  - Namespace: must be 1 to 255 characters, got 256
  - Name: must be 1 to 255 characters, got 256
  - Dimensions[0].Name: must be 1 to 255 characters, got 0
  - Dimensions[0].Value: must be 1 to 1024 characters, got 0
  - Dimensions[1].Name: must be 1 to 255 characters, got 256
  - Dimensions[1].Value: must be 1 to 1024 characters, got 1025`},
			"characters": {Datum{Namespace: ":é", Name: "a\n\xff", Unit: "Furlongs", Dimensions: []Dimension{{Name: ":a", Value: " "}, {Name: ":a", Value: "\t"}}}, `
  - Namespace: must be printable ASCII, got ":é"
  - Namespace: must not start with AWS/, which is for services of AWS, or a colon, got ":é"
  - Name: must be UTF-8 without control characters, got "a\n\xff"
  - Unit: must be a unit of CloudWatch, such as Count or Milliseconds, got "Furlongs"
  - Dimensions[0].Name: must not start with a colon, got ":a"
  - Dimensions[0].Value: must not be blank
  - Dimensions[1].Name: must not start with a colon, got ":a"
  - Dimensions[1].Value: must be printable ASCII, got "\t"
  - Dimensions[1].Name: must be given once, got ":a" again`},
			"too many": {good(func(d *Datum) {
				d.Dimensions, d.Values, d.Counts = dims(31), make([]float64, 151), slicesOf(1, 2)
			}), `
  - Dimensions: must be at most 30, got 31
  - Values: must be at most 150, got 151
  - Counts: must be as many as Values, which are 151, got 2`},
			"numbers": {good(func(d *Datum) {
				d.Value, d.Values, d.Counts = math.NaN(), []float64{math.Inf(1), 1, 0x1p361}, []float64{0, -1, math.NaN()}
				d.Statistics = &Statistics{SampleCount: math.Inf(-1), Sum: math.NaN(), Minimum: 2, Maximum: 1}
			}), `
  - Value: must be a number from -2^360 to 2^360, got NaN
  - Value: must be 0 when there are Values or Statistics, got NaN
  - Values[0]: must be a number from -2^360 to 2^360, got +Inf
  - Values[2]: must be a number from -2^360 to 2^360, got 4.6970851655476665e+108
  - Counts[0]: must be more than 0 and at most 2^360, got 0
  - Counts[1]: must be more than 0 and at most 2^360, got -1
  - Counts[2]: must be more than 0 and at most 2^360, got NaN
  - Statistics: must be left out when there are Values
  - Statistics.SampleCount: must be a number from -2^360 to 2^360, got -Inf
  - Statistics.Sum: must be a number from -2^360 to 2^360, got NaN
  - Statistics.SampleCount: must be more than 0, got -Inf
  - Statistics.Minimum: must be at most Maximum, which is 1, got 2`},
			"counts alone": {good(func(d *Datum) { d.Counts = slicesOf(1, 1) }), `
  - Counts: must be as many as Values, which are 0, got 1`},
			"empty statistics": {good(func(d *Datum) { d.Statistics = &Statistics{} }), `
  - Statistics.SampleCount: must be more than 0, got 0`},
			"old": {good(func(d *Datum) { d.Timestamp, d.Resolution = now.Add(-14*24*time.Hour-time.Second), 5 }), `
  - Timestamp: must be at most two weeks ago and two hours ahead, got 1999-12-17T23:59:59Z at 2000-01-01T00:00:00Z
  - Resolution: must be one of 1, 60, got 5`},
			"ahead": {good(func(d *Datum) { d.Timestamp = now.Add(2*time.Hour + time.Second) }), `
  - Timestamp: must be at most two weeks ago and two hours ahead, got 2000-01-01T02:00:01Z at 2000-01-01T00:00:00Z`},
		} {
			err := tc.datum.Validate()
			if tc.want == "" {
				require.NoError(t, err, name)
			} else {
				require.EqualError(t, err, "invalid metrics.Datum:"+tc.want, name)
			}
		}
	})
}

func slicesOf(v float64, n int) (s []float64) {
	for range n {
		s = append(s, v)
	}
	return s
}

// One bad datum keeps all data of a call out; the namespace of the client is filled in before.
func TestClient_PutReportsEveryProblem(t *testing.T) {
	c, _ := newClient(t, &fake{}, nil)
	require.EqualError(t, c.Put(t.Context(), Datum{Name: "m"}, Datum{}, Datum{Name: "m", Value: math.NaN()}), `invalid metrics.Datum:
  - [1].Name: must be 1 to 255 characters, got 0
  - [2].Value: must be a number from -2^360 to 2^360, got NaN`)
	require.EqualError(t, c.Put(t.Context(), Datum{}), `invalid metrics.Datum:
  - Name: must be 1 to 255 characters, got 0`)
	require.Equal(t, Stats{}, c.Stats())
}

// Whatever is put, nothing panics, and what is valid has the size in a request that it says.
func FuzzDatum(f *testing.F) {
	f.Add("ns", "name", "Count", "d", "v", 1.5, math.NaN(), int64(0), int32(1))
	f.Add("", "\xff", "", ":", "\x00", math.Inf(1), 0.0, int64(math.MaxInt64), int32(-1))
	f.Add("AWS/", " ", "None", "é", "~", 0.0, 1.0, int64(math.MinInt64), int32(60))
	f.Fuzz(func(t *testing.T, namespace, name, unit, dim, value string, a, b float64, seconds int64, resolution int32) {
		for _, d := range []Datum{
			{Value: a},
			{Values: []float64{a, b}, Counts: []float64{b}},
			{Statistics: &Statistics{SampleCount: a, Sum: b, Minimum: b, Maximum: a}},
		} {
			d.Namespace, d.Name, d.Unit, d.Resolution = namespace, name, types.StandardUnit(unit), resolution
			d.Timestamp, d.Dimensions = time.Unix(seconds, 0), []Dimension{{Name: dim, Value: value}}
			var b strings.Builder
			_ = d.Validate()
			if err := NewEMF(&b).Put(d); err == nil {
				require.LessOrEqual(t, b.Len(), MaxEMFLine)
			}
		}
	})
}
