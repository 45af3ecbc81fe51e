package cfnmacro_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/strata-cdk/strata/cfnmacro"
)

// A macro that answers Fn::Transform with its parameter and a suffix. A main function calls Start instead.
func ExampleNew() {
	type params struct{ Text string }
	suffix := func(_ context.Context, r *cfnmacro.Request[params]) (any, error) {
		if r.Params.Text == "" {
			return nil, errors.New("the parameter Text must be given")
		}
		return r.Params.Text + "-" + r.Region, nil
	}
	for _, parameters := range []string{`{"Text":"logs"}`, `{}`} {
		out, err := cfnmacro.New(suffix).Invoke(context.Background(), []byte(`{"requestId":"r","region":"eu-central-1","fragment":{},"params":`+parameters+`}`))
		fmt.Println(string(out), err)
	}
	// Output:
	// {"requestId":"r","status":"success","fragment":"logs-eu-central-1"} <nil>
	// {"requestId":"r","status":"failure","errorMessage":"the parameter Text must be given"} <nil>
}
