package cfnresource

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Step Functions on this machine: it takes an execution, and answers with an error code if there is one.
func stepFunctions(t *testing.T, code string) *map[string]string {
	t.Helper()
	got := new(map[string]string)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "AWSStepFunctions.StartExecution", r.Header.Get("X-Amz-Target"))
		body, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		assert.NoError(t, json.Unmarshal(body, got))
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		if code != "" {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"__type":"`+code+`","message":"because"}`)
			return
		}
		_, _ = io.WriteString(w, `{"executionArn":"arn","startDate":1}`)
	}))
	t.Cleanup(s.Close)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": s.URL, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "SECRET",
		"AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
	} {
		t.Setenv(name, value)
	}
	return got
}

func TestStartWaiter(t *testing.T) {
	s := &step{Event: mustParse(t, payload(Create, "https://cfn", "", fine)), Function: "arn:f", Started: time.Unix(1, 0).UTC()}
	got := stepFunctions(t, "")
	require.NoError(t, startWaiter("arn:machine")(t.Context(), "name", s))
	assert.Equal(t, "arn:machine", (*got)["stateMachineArn"])
	assert.Equal(t, "name", (*got)["name"])
	var input step
	require.NoError(t, json.Unmarshal([]byte((*got)["input"]), &input))
	assert.Equal(t, *s, input, "nothing is lost on the way")

	stepFunctions(t, "ExecutionAlreadyExists")
	require.NoError(t, startWaiter("arn:machine")(t.Context(), "name", s), "the same request again starts nothing, and is no error")
	stepFunctions(t, "StateMachineDoesNotExist")
	require.ErrorContains(t, startWaiter("arn:machine")(t.Context(), "name", s), "StateMachineDoesNotExist")
}
