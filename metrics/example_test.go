package metrics_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/strata-cdk/strata/metrics"
)

// The fake takes CloudWatch's place, so that the example needs no network.
func ExampleNewClient() {
	cloudWatch := roundTripper(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Smithy-Protocol": {"rpc-v2-cbor"}}, Body: http.NoBody}, nil
	})
	client, err := metrics.NewClient(metrics.Config{ // AWS: config.LoadDefaultConfig(ctx)
		AWS:       aws.Config{Region: "eu-central-1", Credentials: aws.AnonymousCredentials{}, HTTPClient: &http.Client{Transport: cloudWatch}},
		Namespace: "Shop",
	})
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	err = client.Put(ctx, metrics.Datum{Name: "Latency", Unit: types.StandardUnitMilliseconds, Value: 12.5})
	fmt.Println(err, client.Close(ctx), client.Stats().Sent)
	// Output: <nil> <nil> 1
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func ExampleNewEMF() {
	var log bytes.Buffer // os.Stdout in Lambda
	emf := metrics.NewEMF(&log)
	err := emf.PutWith(map[string]any{"requestId": "8f1"}, metrics.Datum{
		Namespace: "Shop", Name: "Latency", Unit: types.StandardUnitMilliseconds, Value: 12.5, Resolution: 1,
		Dimensions: []metrics.Dimension{{Name: "Service", Value: "orders"}},
	})
	fmt.Print(err, " ", regexp.MustCompile(`\d{13}`).ReplaceAllString(log.String(), "0"))
	// Output:
	// <nil> {"Latency":12.5,"Service":"orders","_aws":{"Timestamp":0,"CloudWatchMetrics":[{"Namespace":"Shop","Dimensions":[["Service"]],"Metrics":[{"Name":"Latency","Unit":"Milliseconds","StorageResolution":1}]}]},"requestId":"8f1"}
}
