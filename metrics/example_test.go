package metrics_test

import (
	"bytes"
	"fmt"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/strata-cdk/strata/metrics"
)

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
