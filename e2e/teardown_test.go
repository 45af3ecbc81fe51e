//go:build e2e && unix

package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/e2e/emulator"
)

// The function of ecsec2 that deletes an Auto Scaling group with its instances does so, and tells CloudFormation.
func TestTeardownOfGroups(t *testing.T) {
	e := startEmulator(t)
	call := func(action string, params ...string) string {
		form := url.Values{"Action": {action}, "Version": {"2011-01-01"}}
		for i := 0; i < len(params); i += 2 {
			form.Set(params[i], params[i+1])
		}
		answer, err := e.Do(t.Context(), emulator.Request{
			Method: http.MethodPost, URL: e.Endpoint() + "/", Service: "autoscaling", Credentials: emulator.Root,
			Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, Body: []byte(form.Encode()),
		})
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, answer.Status, string(answer.Body))
		return string(answer.Body)
	}
	for _, name := range []string{"depot", "other"} {
		call("CreateAutoScalingGroup", "AutoScalingGroupName", name, "MinSize", "2", "MaxSize", "2", "NewInstancesProtectedFromScaleIn", "true",
			"AvailabilityZones.member.1", "us-east-1a", "LaunchTemplate.LaunchTemplateName", "x")
	}
	described := call("DescribeAutoScalingGroups", "AutoScalingGroupNames.member.1", "depot")
	_, after, found := strings.Cut(described, "<InstanceId>")
	require.True(t, found, described)
	instance, _, _ := strings.Cut(after, "</InstanceId>")

	// run gives what CloudFormation is told, and the calls to AWS.
	run := func(request, group, instances string) (told map[string]any, calls []map[string]any) {
		t.Helper()
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			assert.NoError(t, err)
			assert.Equal(t, http.MethodPut, r.Method)
			assert.Empty(t, r.Header.Get("Content-Type"), "the URL is signed for none")
			assert.NoError(t, json.Unmarshal(body, &told))
		}))
		defer server.Close()
		event, err := json.Marshal(map[string]any{
			"RequestType": request, "ResponseURL": server.URL, "StackId": "S", "RequestId": "R", "LogicalResourceId": "L", "PhysicalResourceId": "P",
			"ResourceProperties": map[string]any{"Group": group, "Cluster": "cluster"},
		})
		require.NoError(t, err)
		cmd := exec.CommandContext(t.Context(), filepath.Join(root, ".venv", "bin", "python"), "-B", filepath.Join("testdata", "teardown_run.py"),
			filepath.Join(root, "constructs", "ecsec2"), string(event), instances)
		cmd.Env = e.Env()
		out, err := cmd.Output()
		require.NoError(t, err)
		for line := range strings.Lines(string(out)) {
			var c map[string]any
			require.NoError(t, json.Unmarshal([]byte(line), &c), line)
			if c["operation"] != nil {
				calls = append(calls, c)
			}
		}
		return told, calls
	}
	same := map[string]any{"StackId": "S", "RequestId": "R", "LogicalResourceId": "L"}
	want := func(more map[string]any) map[string]any {
		for k, v := range same {
			more[k] = v
		}
		return more
	}

	for _, request := range []string{"Create", "Update"} {
		told, calls := run(request, "depot", "[]")
		assert.Equal(t, want(map[string]any{"Status": "SUCCESS", "PhysicalResourceId": "depot"}), told)
		assert.Empty(t, calls)
	}
	told, calls := run("Delete", "depot", `["`+instance+`", "i-of-another"]`)
	assert.Equal(t, want(map[string]any{"Status": "SUCCESS", "PhysicalResourceId": "P"}), told)
	assert.Contains(t, calls, map[string]any{"operation": "DeleteAutoScalingGroup", "AutoScalingGroupName": "depot", "ForceDelete": true})
	assert.Contains(t, calls, map[string]any{"operation": "DeregisterContainerInstance", "cluster": "cluster", "containerInstance": "cluster/" + instance, "force": true})
	assert.NotContains(t, calls, map[string]any{"operation": "DeregisterContainerInstance", "cluster": "cluster", "containerInstance": "cluster/i-of-another", "force": true})
	left := call("DescribeAutoScalingGroups")
	assert.NotContains(t, left, "<AutoScalingGroupName>depot<")
	assert.Contains(t, left, "<AutoScalingGroupName>other<")

	// Once more: CloudFormation repeats a request whose answer was lost.
	told, calls = run("Delete", "depot", "[]")
	assert.Equal(t, "SUCCESS", told["Status"])
	for _, c := range calls {
		assert.NotEqual(t, "DeleteAutoScalingGroup", c["operation"])
	}
}
