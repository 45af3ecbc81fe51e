package constructs_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
)

// newParameters defines parameters that hold a value, and returns the first.
func newParameters(scope constructs.Construct, from, to int, value *string) awsssm.CfnParameter {
	var first awsssm.CfnParameter
	for i := from; i < to; i++ {
		p := awsssm.NewCfnParameter(scope, jsii.String(fmt.Sprintf("Parameter%03d", i)), &awsssm.CfnParameterProps{Type: jsii.String("String"), Value: value})
		if i == from {
			first = p
		}
	}
	return first
}

// A stack of 600 parameters is refused. In three nested stacks they are not, and the values that cross the borders become parameters and
// outputs of these.
func TestNestedStacks(t *testing.T) {
	flat := cdktest.Stack(t)
	newParameters(flat, 0, 501, jsii.String("x"))
	require.ErrorContains(t, cdktest.Panic(func() { cdktest.Synth(t, flat) }), "Number of resources in stack 'Test': 501 is greater than allowed maximum of 500")

	app := cdktest.App(t, nil)
	stack := cdktest.StackIn(app, "Test")
	topic := awssns.NewTopic(stack, jsii.String("Topic"), nil)
	var files []*string
	for part := range 3 {
		nested := awscdk.NewNestedStack(stack, jsii.String(fmt.Sprintf("Part%d", part)), nil)
		first := newParameters(nested, part*200, part*200+200, topic.TopicArn())
		awscdk.NewCfnOutput(stack, jsii.String(fmt.Sprintf("First%d", part)), &awscdk.CfnOutputProps{Value: first.Ref()})
		files = append(files, nested.TemplateFile())
	}
	parent := cdktest.Synth(t, stack)
	parent.Count("AWS::CloudFormation::Stack", 3)
	assert.Len(t, parent.Resources, 4)
	for part, file := range files {
		nested := cdktest.Read(t, *app.Outdir()+"/"+*file)
		nested.Count("AWS::SSM::Parameter", 200)
		parameters := nested.Body["Parameters"].(o)
		require.Len(t, parameters, 1)
		for name := range parameters {
			nested.Each("AWS::SSM::Parameter", o{"Value": o{"Ref": name}})
			parent.Has("AWS::CloudFormation::Stack", o{"Parameters": o{name: o{"Ref": cdktest.Text("^Topic")}}})
		}
		got := parent.Output(fmt.Sprintf("First%d", part)).(o)["Fn::GetAtt"].(a)
		assert.True(t, strings.HasPrefix(got[1].(string), "Outputs."), "%v", got)
	}
}

// One stack may have 500 resources. More are split over nested stacks: each counts as one in its parent, and is deployed with it.
func Example_nestedStacks() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Shop"), nil)
	topic := awssns.NewTopic(stack, jsii.String("Orders"), nil)
	const all, each = 600, 200
	parts := 0
	for from := 0; from < all; from += each {
		part := awscdk.NewNestedStack(stack, jsii.String(fmt.Sprintf("Settings%03d", from)), nil)
		parts++
		for i := from; i < from+each; i++ {
			// A parameter that needs the topic of the parent: the CDK passes its ARN on.
			awsssm.NewStringParameter(part, jsii.String(fmt.Sprintf("Setting%03d", i)), &awsssm.StringParameterProps{StringValue: topic.TopicArn()})
		}
	}
	app.Synth(nil) // fails when a stack has more than 500 resources
	fmt.Println(parts, "nested stacks")
	// Output: 3 nested stacks
}
