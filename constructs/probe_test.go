package constructs_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/jsii-runtime-go"
	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/apilambda"
	"github.com/strata-cdk/strata/constructs/network"
)

var _ = awsec2.NewVpc

func TestProbe(t *testing.T) {
	for _, kind := range []apilambda.Kind{apilambda.REST, apilambda.HTTP} {
		stack := cdktest.Stack(t)
		v := network.NewVPC(stack, "Network", nil)
		_ = jsii.String("")
		apilambda.NewAPI(stack, "Notes", &apilambda.APIProps{Kind: kind,
			Functions: []apilambda.FunctionProps{{Name: "Hello", GoPackage: "./testdata/hello", VPC: v.Vpc, Async: &apilambda.Async{}}},
			Routes:    []apilambda.Route{{Method: "GET", Path: "/hello"}, {Method: "GET", Path: "/open", Auth: apilambda.NoAuth{}, Throttle: apilambda.Throttle{Rate: 3}}},
			CORS:      &apilambda.CORS{Origins: []string{"https://a.b"}},
		})
		open, sup := cdktest.Nag(t, stack)
		for _, f := range open {
			fmt.Println("OPEN", f)
		}
		for _, f := range sup {
			fmt.Println("SUP", f)
		}
		os.WriteFile("/tmp/probe-"+string(kind)+".json", cdktest.Read(t, *stack.Node().Root().(awscdk.App).Outdir()+"/Test.template.json").JSON, 0o644)
	}
}
