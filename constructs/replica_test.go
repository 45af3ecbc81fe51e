package constructs_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/replica"
)

const replicaStandby = "us-west-2"

func orderPair() replica.Pair {
	return replica.Pair{Name: "orders", Primary: cdktest.Region, Standby: replicaStandby}
}

// replicaStack is a stack in a region.
func replicaStack(t *testing.T, region string) awscdk.Stack {
	t.Helper()
	return awscdk.NewStack(cdktest.App(t, nil), jsii.String("Standby"), &awscdk.StackProps{
		Env:         &awscdk.Environment{Account: jsii.String(cdktest.Account), Region: &region},
		Synthesizer: awscdk.NewDefaultStackSynthesizer(&awscdk.DefaultStackSynthesizerProps{GenerateBootstrapVersionRule: jsii.Bool(false)}),
	})
}

// assertAlone asserts that a template refers to nothing of another stack.
func assertAlone(t *testing.T, tpl *cdktest.Template) {
	t.Helper()
	for _, reference := range []string{"Fn::ImportValue", "Fn::GetStackOutput", "resolve:ssm", "AWS::SSM::Parameter", "Custom::CrossRegion"} {
		assert.NotContains(t, string(tpl.JSON), reference)
	}
}

// join is what the CDK makes of an ARN with the partition of the stack.
func join(parts ...any) o {
	return o{"Fn::Join": a{"", append(a{"arn:", o{"Ref": "AWS::Partition"}}, parts...)}}
}

// assertNag asserts that cdk-nag finds nothing.
func assertNag(t *testing.T, stacks ...awscdk.Stack) {
	t.Helper()
	for _, stack := range stacks {
		findings, _ := cdktest.Nag(t, stack)
		assert.Empty(t, findings)
	}
}

// assertRefuses asserts that a construct of replica says what is wrong with its stack, and defines nothing.
func assertRefuses(t *testing.T, props string, define func(awscdk.Stack)) {
	t.Helper()
	elsewhere := replicaStack(t, "eu-west-1")
	require.EqualError(t, cdktest.Panic(func() { define(elsewhere) }), "Standby/Data: invalid "+props+`:
  - Primary: must be the stack's region, or Standby must: the stack is in eu-west-1`)
	agnostic := awscdk.NewStack(cdktest.App(t, nil), jsii.String("Anywhere"), nil)
	require.EqualError(t, cdktest.Panic(func() { define(agnostic) }), "Anywhere/Data: invalid "+props+`:
  - the stack must have a region of its own: set Env`)
	assert.NotContains(t, string(cdktest.Synth(t, elsewhere).JSON), "AWS::KMS::Key", "nothing is half-made")
}
