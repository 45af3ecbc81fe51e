//go:build e2e && unix

package e2e

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/e2e/cdkcli"
	"github.com/strata-cdk/strata/e2e/emulator"
	"github.com/strata-cdk/strata/logevents"
)

// request calls a JSON API, and decodes its answer into out.
func request(t *testing.T, e *emulator.Emulator, service, target string, in, out any) {
	t.Helper()
	body, err := json.Marshal(in)
	require.NoError(t, err)
	resp, err := e.Do(t.Context(), emulator.Request{
		Method: http.MethodPost, URL: e.Endpoint() + "/", Body: body, Service: service, Credentials: emulator.Root,
		Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}, "X-Amz-Target": {target}},
	})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, resp.Status, "%s", resp.Body)
	if out != nil {
		require.NoError(t, json.Unmarshal(resp.Body, out), "%s", resp.Body)
	}
}

// objects waits until a bucket has objects, and gives their contents by their keys.
func objects(t *testing.T, client *s3.Client, bucket string, want int) map[string][]byte {
	t.Helper()
	found := map[string][]byte{}
	require.Eventually(t, func() bool {
		list, err := client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: &bucket})
		require.NoError(t, err)
		if len(list.Contents) < want {
			return false
		}
		for _, o := range list.Contents {
			got, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: o.Key})
			require.NoError(t, err)
			text, err := io.ReadAll(got.Body)
			require.NoError(t, err)
			found[*o.Key] = text
		}
		return true
	}, time.Minute, 200*time.Millisecond, "no %d objects in %s", want, bucket)
	require.Len(t, found, want)
	return found
}

// Log events reach the function of a subscription filter, those that its pattern takes, and records of a delivery stream reach its bucket.
func TestLogs(t *testing.T) {
	e := startEmulator(t)
	c := newCLI(t, e, root, "")
	c.Config = cdkcli.Config{}
	c.App = fmt.Sprintf("%s %s", program(t, "./e2e/internal/logs"), map[string]string{"amd64": "x86_64", "arm64": "arm64"}[runtime.GOARCH])
	require.NoError(t, c.Bootstrap(t.Context()))
	assembly, pruned := synth(t, e, c)
	require.Empty(t, pruned)
	d, err := assembly.Deploy(t.Context(), []string{"Logs"}, filepath.Join(t.TempDir(), "outputs.json"))
	require.NoError(t, err)
	out := d.Outputs["Logs"]

	var filters struct {
		SubscriptionFilters []struct{ FilterPattern, DestinationArn string }
	}
	request(t, e, "logs", "Logs_20140328.DescribeSubscriptionFilters", map[string]any{"logGroupName": out["GroupName"]}, &filters)
	require.Len(t, filters.SubscriptionFilters, 2)

	now := time.Now().UnixMilli()
	type event struct {
		Timestamp int64  `json:"timestamp"`
		Message   string `json:"message"`
	}
	stream := map[string]any{"logGroupName": out["GroupName"], "logStreamName": "one"}
	request(t, e, "logs", "Logs_20140328.CreateLogStream", stream, nil)
	stream["logEvents"] = []event{{now, "ERROR – first\n"}, {now + 1, "all is well"}, {now + 2, `{"level":"ERROR","n":12345678901234567890}`}}
	request(t, e, "logs", "Logs_20140328.PutLogEvents", stream, nil)

	client := s3.NewFromConfig(e.Config(), func(o *s3.Options) { o.UsePathStyle = true })
	var taken logevents.Batch
	for _, text := range objects(t, client, out["TakenName"], 1) {
		require.NoError(t, json.Unmarshal(text, &taken))
	}
	require.Equal(t, []string{"DATA_MESSAGE", out["GroupName"], "one"}, []string{taken.Type, taken.Group, taken.Stream})
	require.Len(t, taken.Filters, 1)
	var got []event
	for _, e := range taken.Events {
		require.NotEmpty(t, e.ID)
		got = append(got, event{e.Timestamp, e.Message})
	}
	require.Equal(t, []event{{now, "ERROR – first\n"}, {now + 2, `{"level":"ERROR","n":12345678901234567890}`}}, got)

	// The emulator forwards to functions only, and its delivery streams do not unpack: what CloudWatch Logs would send is put into the stream,
	// and comes out as it is.
	text, err := json.Marshal(taken)
	require.NoError(t, err)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, err = z.Write(text)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	request(t, e, "firehose", "Firehose_20150804.PutRecord", map[string]any{
		"DeliveryStreamName": out["StreamName"], "Record": map[string]any{"Data": packed.Bytes()},
	}, nil)
	for key, object := range objects(t, client, out["ArchiveName"], 1) {
		require.Regexp(t, `^logs/`+time.Now().UTC().Format("year=2006/month=01/day=02")+`/.+\.gz$`, key)
		archived, err := logevents.Decoder{}.Decode(object)
		require.NoError(t, err)
		require.Equal(t, &taken, archived)
	}
}
