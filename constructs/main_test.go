// Package constructs_test holds what needs a synth of every pattern, a file a pattern: one process of the jsii runtime
// and one link serve them all. What is pure Go is tested beside its code.
//
// The files of a pattern need no others but this one, so that they can be compiled and linked alone, which is quicker: make
// test-pattern PATTERN=network.
package constructs_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/cdktest"
)

type (
	o = cdktest.Object
	a = cdktest.Array
)

func TestMain(m *testing.M) { cdktest.Main(m) }

// unbuilt returns a stack whose functions are not built: that takes long the first time, and the test of the consumer looks at it.
func unbuilt(t *testing.T) awscdk.Stack {
	t.Helper()
	return cdktest.StackIn(cdktest.App(t, map[string]any{"aws:cdk:bundling-stacks": []string{}}), "Test")
}

// newBucket is a bucket for TLS only.
func newBucket(stack awscdk.Stack, id string, removal awscdk.RemovalPolicy) awss3.Bucket {
	return awss3.NewBucket(stack, &id, &awss3.BucketProps{EnforceSSL: jsii.Bool(true), RemovalPolicy: removal})
}

// container gives the definition of a container.
func container(t *testing.T, tpl *cdktest.Template, name string) o {
	t.Helper()
	for _, c := range tpl.All("AWS::ECS::TaskDefinition")[0].Properties["ContainerDefinitions"].(a) {
		if c.(o)["Name"] == name {
			return c.(o)
		}
	}
	t.Fatalf("no container %s", name)
	return nil
}
