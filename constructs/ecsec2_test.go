package constructs_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/ecsec2"
	"github.com/strata-cdk/strata/constructs/ecsservice"
	"github.com/strata-cdk/strata/constructs/network"
)

// depot is a service behind an internal load balancer: the least that is valid.
func depot(stack constructs.Construct) *ecsec2.ServiceProps {
	return &ecsec2.ServiceProps{
		CommonProps: ecsservice.CommonProps{
			VPC: network.NewVPC(stack, "Network", &network.VPCProps{NAT: network.One, DisableFlowLogs: true, KeepDefaultSecurityGroup: true}).Vpc,
			Containers: []ecsservice.Container{{
				Name: "app", Image: awsecs.ContainerImage_FromRegistry(jsii.String("example/app:1"), nil), Ports: []ecsservice.Port{{Number: 8080, Name: "web"}},
			}},
		},
		LoadBalancing: &ecsservice.LoadBalancing{AllowPlaintext: true, Internal: true},
	}
}

// synthDepot synthesises depot with an edit.
func synthDepot(t *testing.T, edit func(*ecsec2.ServiceProps)) *cdktest.Template {
	t.Helper()
	stack := cdktest.Stack(t)
	props := depot(stack)
	if edit != nil {
		edit(props)
	}
	ecsec2.NewService(stack, "Depot", props)
	return cdktest.Synth(t, stack)
}

func TestEC2Service_Defaults(t *testing.T) {
	tpl := synthDepot(t, nil)
	tpl.Snapshot("ecsec2/default")
}

func TestEC2Service_Nag(t *testing.T) {
	stack := cdktest.Stack(t)
	ecsec2.NewService(stack, "Depot", depot(stack))
	findings, suppressed := cdktest.Nag(t, stack)
	for _, f := range findings {
		assert.Equal(t, "AwsSolutions-VPC7", f.Rule, "only the network of this test, which has no flow logs: %s", f)
	}
	for _, s := range suppressed {
		assert.Greater(t, len(s.Reason), 20, s)
	}
}
