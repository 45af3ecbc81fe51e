//go:build e2e && unix

package e2e

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/e2e/cdkcli"
	"github.com/strata-cdk/strata/e2e/emulator"
)

// Nested stacks, stack sets and macros share an emulator: starting one and making the app takes longer than each of them.
func TestGovernance(t *testing.T) {
	e := startEmulator(t)
	c := newCLI(t, e, root, "")
	c.Config = cdkcli.Config{}
	c.App = program(t, "./e2e/internal/governance") + " " + map[string]string{"amd64": "x86_64", "arm64": "arm64"}[runtime.GOARCH]
	cdk, pruned := synth(t, e, c)
	require.Equal(t, map[string][]string{
		"Baseline": {"AWS::CloudFormation::StackSet"}, "Macros": {"AWS::CloudFormation::Macro"},
	}, pruned, "the rest is deployed")
	require.NoError(t, cdk.Bootstrap(t.Context()))
	for name, test := range map[string]func(*testing.T, *emulator.Emulator, *cdkcli.CLI){
		"nested stacks": nestedStacks, "stack set": stackSet, "macro": macro,
	} {
		t.Run(name, func(t *testing.T) { test(t, e, cdk) })
	}
}

func deployStack(t *testing.T, cdk *cdkcli.CLI, stack string) map[string]string {
	t.Helper()
	d, err := cdk.Deploy(t.Context(), []string{stack}, filepath.Join(t.TempDir(), "outputs.json"))
	require.NoError(t, err)
	return d.Outputs[stack]
}

// More resources than a stack may have are deployed by nested stacks, which get values from their parent and give some back.
func nestedStacks(t *testing.T, e *emulator.Emulator, cdk *cdkcli.CLI) {
	t.Helper()
	outputs := deployStack(t, cdk, "Split")
	require.Regexp(t, `^arn:aws:sns:us-east-1:\d{12}:Split-`, outputs["TopicArn"])
	require.Len(t, splitStacks(t, e), 4, "the parent and three nested ones")

	parameters := func() map[string]string {
		found := map[string]string{}
		pages := ssm.NewGetParametersByPathPaginator(ssm.NewFromConfig(e.Config()), &ssm.GetParametersByPathInput{
			Path: aws.String("/split"), Recursive: aws.Bool(true),
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			require.NoError(t, err)
			for _, p := range page.Parameters {
				found[*p.Name] = *p.Value
			}
		}
		return found
	}
	found := parameters()
	require.Len(t, found, 600)
	for name, value := range found {
		require.Equal(t, outputs["TopicArn"], value, name)
	}
	for part := range 3 {
		require.Equal(t, fmt.Sprintf("/split/%d/000", part), outputs[fmt.Sprintf("First%d", part)], "a value of a nested stack")
	}

	_, err := cdk.Run(t.Context(), "destroy", "Split", "--force")
	require.NoError(t, err)
	require.Empty(t, parameters())
	require.Empty(t, splitStacks(t, e))
}

func splitStacks(t *testing.T, e *emulator.Emulator) []string {
	t.Helper()
	return slices.DeleteFunc(stacks(t, e), func(name string) bool { return !strings.HasPrefix(name, "Split") })
}

// The emulator has no stack sets, but the files of their templates are published and copied for real.
func stackSet(t *testing.T, e *emulator.Emulator, cdk *cdkcli.CLI) {
	t.Helper()
	bucket := deployStack(t, cdk, "Assets")["Bucket"]
	require.Equal(t, "strata-assets-us-east-1", bucket)
	deployStack(t, cdk, "Baseline")

	template, err := filepath.Glob(filepath.Join(cdk.App, "stackset.*", "baseline.template.json"))
	require.NoError(t, err)
	require.Len(t, template, 1)
	text, err := os.ReadFile(template[0])
	require.NoError(t, err)
	var body struct {
		Resources map[string]struct {
			Properties struct{ Code struct{ S3Key string } }
		}
	}
	require.NoError(t, json.Unmarshal(text, &body))
	var key string
	for _, r := range body.Resources {
		if k := r.Properties.Code.S3Key; k != "" {
			key = k
		}
	}

	client := s3.NewFromConfig(e.Config(), func(o *s3.Options) { o.UsePathStyle = true })
	object, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	require.NoError(t, err, "what the template names is where it says")
	copied, err := io.ReadAll(object.Body)
	require.NoError(t, err)
	archive, err := zip.NewReader(bytes.NewReader(copied), int64(len(copied)))
	require.NoError(t, err)
	source, err := archive.Open("main.go")
	require.NoError(t, err)
	got, err := io.ReadAll(source)
	require.NoError(t, err)
	want, err := os.ReadFile(filepath.Join(root, "functions", "copies", "main.go"))
	require.NoError(t, err)
	require.Equal(t, string(want), string(got))

	_, err = cdk.Run(t.Context(), "destroy", "Baseline", "--force")
	require.NoError(t, err)
	_, err = client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	require.NoError(t, err, "stacks of other accounts may need it still")
}

// The emulator has no macros, but the function that CloudFormation would call runs for real.
func macro(t *testing.T, e *emulator.Emulator, cdk *cdkcli.CLI) {
	t.Helper()
	function := deployStack(t, cdk, "Macros")["Function"]
	for request, want := range map[string]string{
		`{"requestId":"r","fragment":{"Resources":{"Topic":{"Type":"AWS::SNS::Topic","Copies":2,"Properties":{"TopicName":"t-%d"}},"Other":{"Type":"T"}}}}`: `{
			"requestId":"r","status":"success","fragment":{"Resources":{
				"Topic1":{"Type":"AWS::SNS::Topic","Properties":{"TopicName":"t-1"}},"Topic2":{"Type":"AWS::SNS::Topic","Properties":{"TopicName":"t-2"}},
				"Other":{"Type":"T"}}}}`,
		`{"requestId":"r","fragment":{"Resources":{"Topic":{"Copies":0}}}}`: `{
			"requestId":"r","status":"failure","errorMessage":"Topic.Copies: must be a number from 1, got 0"}`,
	} {
		resp, err := e.Do(t.Context(), emulator.Request{
			Method: http.MethodPost, URL: e.Endpoint() + "/2015-03-31/functions/" + function + "/invocations",
			Body: []byte(request), Service: "lambda", Credentials: emulator.Root,
		})
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, resp.Status, "%s", resp.Body)
		require.JSONEq(t, want, string(resp.Body))
	}
}
