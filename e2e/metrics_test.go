//go:build e2e && unix

package e2e

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/metrics"
)

// What the client sends is what CloudWatch has: values, counts, summaries, dimensions and times.
func TestMetrics(t *testing.T) {
	e := startEmulator(t)
	client, err := metrics.NewClient(metrics.Config{AWS: e.Config(), Namespace: "Shop", OnError: func(err error) { t.Error(err) }})
	require.NoError(t, err)
	at := time.Now().Truncate(time.Minute).Add(-10 * time.Minute)
	orders := []metrics.Dimension{{Name: "Service", Value: "orders"}}
	for i := range 2500 {
		require.NoError(t, client.Put(t.Context(), metrics.Datum{
			Name: "Latency", Unit: types.StandardUnitMilliseconds, Dimensions: orders, Value: float64(i), Resolution: 1, Timestamp: at.Add(time.Duration(i%2) * 10 * time.Second),
		}))
	}
	require.NoError(t, client.Put(t.Context(),
		metrics.Datum{Name: "Sizes", Dimensions: orders, Values: []float64{1, 10}, Counts: []float64{3, 1}, Timestamp: at},
		metrics.Datum{Name: "Summary", Statistics: &metrics.Statistics{SampleCount: 4, Sum: 10, Minimum: 1, Maximum: 4}, Timestamp: at},
		metrics.Datum{Namespace: "Other", Name: "Zero", Timestamp: at},
	))
	require.NoError(t, client.Flush(t.Context()))
	require.Equal(t, metrics.Stats{Accepted: 2503, Sent: 2503, Requests: 4}, client.Stats())

	api := cloudwatch.NewFromConfig(e.Config())
	statistics := func(namespace, name string, period int32, dims ...types.Dimension) []types.Datapoint {
		out, err := api.GetMetricStatistics(t.Context(), &cloudwatch.GetMetricStatisticsInput{
			Namespace: &namespace, MetricName: &name, Dimensions: dims, Period: &period, StartTime: &at, EndTime: aws.Time(at.Add(time.Minute)),
			Statistics: types.Statistic("").Values(),
		})
		require.NoError(t, err)
		for i := range out.Datapoints {
			out.Datapoints[i].Timestamp = aws.Time(out.Datapoints[i].Timestamp.UTC())
		}
		return out.Datapoints
	}
	point := func(at time.Time, unit types.StandardUnit, n, sum, low, high float64) types.Datapoint {
		return types.Datapoint{Timestamp: aws.Time(at.UTC()), Unit: unit, SampleCount: &n, Sum: &sum, Average: aws.Float64(sum / n), Minimum: &low, Maximum: &high}
	}
	service := types.Dimension{Name: aws.String("Service"), Value: aws.String("orders")}
	const n = 1250.0
	require.Equal(t, []types.Datapoint{
		point(at, types.StandardUnitMilliseconds, n, n*(n-1), 0, 2498),
		point(at.Add(10*time.Second), types.StandardUnitMilliseconds, n, n*n, 1, 2499),
	}, statistics("Shop", "Latency", 10, service))
	require.Equal(t, []types.Datapoint{point(at, types.StandardUnitNone, 4, 13, 1, 10)}, statistics("Shop", "Sizes", 60, service))
	require.Equal(t, []types.Datapoint{point(at, types.StandardUnitNone, 4, 10, 1, 4)}, statistics("Shop", "Summary", 60))
	require.Equal(t, []types.Datapoint{point(at, types.StandardUnitNone, 1, 0, 0, 0)}, statistics("Other", "Zero", 60))
	require.Empty(t, statistics("Shop", "Latency", 60, types.Dimension{Name: aws.String("Service"), Value: aws.String("other")}))
	require.NoError(t, client.Close(t.Context()))
}
