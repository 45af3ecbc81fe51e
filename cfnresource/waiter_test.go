package cfnresource

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
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

// waiter does what the state machine does.
func waiter(t *testing.T, f *function[props], input []byte) (calls int) {
	t.Helper()
	for calls = 1; ; calls++ {
		var s step
		require.NoError(t, json.Unmarshal(input, &s))
		time.Sleep(time.Duration(s.After) * time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		out, err := f.Invoke(ctx, input)
		cancel()
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(out, &s))
		if s.Done {
			return calls
		}
		input = out
	}
}

// polling makes a function whose waiter's input and answers are kept.
func polling(t *testing.T, h Handler[props]) (f *function[props], input *[]byte, answers *[]map[string]any) {
	t.Helper()
	f, _ = newFunction(h)
	input, answers = new([]byte), new([]map[string]any)
	f.wait = func(_ context.Context, name string, s *step) error {
		assert.Regexp(t, "^[0-9a-f]{32}$", name)
		text, err := json.Marshal(s)
		*input = text
		return err
	}
	f.client.Transport = roundTrip(func(req *http.Request) (*http.Response, error) {
		var a map[string]any
		assert.NoError(t, json.NewDecoder(req.Body).Decode(&a))
		*answers = append(*answers, a)
		return &http.Response{StatusCode: 200, Body: http.NoBody}, nil
	})
	return f, input, answers
}

func TestPoll_CallsUntilDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ids []string
		f, input, answers := polling(t, fake{create: func(_ context.Context, r *request) (*Response, error) {
			n := 10
			assert.NoError(t, r.State(&n))
			ids = append(ids, r.PhysicalID)
			switch r.Call {
			case 1:
				return &Response{PhysicalID: "made", Again: &Again{After: 30 * time.Second, State: n + 1}}, nil
			case 2:
				return &Response{Again: &Again{State: n + 1}}, nil
			default:
				return &Response{Data: map[string]string{"N": strconv.Itoa(n)}}, nil
			}
		}})
		ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{InvokedFunctionArn: "arn:f"})
		_, err := f.Invoke(ctx, payload(Create, "https://cfn", "", fine))
		require.NoError(t, err)
		assert.Empty(t, *answers, "the waiter does it all")
		var s step
		require.NoError(t, json.Unmarshal(*input, &s))
		assert.Equal(t, "arn:f", s.Function)
		assert.Equal(t, 0, s.After)

		began := time.Now()
		assert.Equal(t, 3, waiter(t, f, *input))
		assert.Equal(t, 32*time.Second, time.Since(began), "30 s as asked for, 2 s at least")
		assert.Equal(t, []string{stableID, "made", "made"}, ids)
		assert.Equal(t, []map[string]any{answered(map[string]any{"PhysicalResourceId": "made", "Data": map[string]any{"N": "12"}})}, *answers)
	})
}

func TestPoll_EndsWithCloudFormationsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, input, answers := polling(t, fake{delete: returns(&Response{Again: &Again{After: time.Minute}}, nil)})
		began := time.Now()
		_, err := f.Invoke(t.Context(), payload(Delete, "https://cfn", "mine", fine))
		require.NoError(t, err)
		assert.Equal(t, 59, waiter(t, f, *input))
		assert.Equal(t, 58*time.Minute, time.Since(began))
		assert.Equal(t, []map[string]any{answered(map[string]any{
			"Status": "FAILED", "Reason": "not finished within 1h0m0s, after 59 calls", "PhysicalResourceId": "mine",
		})}, *answers)
	})
}

// The time of a call ends with CloudFormation's time, also when Lambda would go on.
func TestPoll_LastCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, input, answers := polling(t, fake{delete: func(ctx context.Context, _ *request) (*Response, error) {
			<-ctx.Done()
			return nil, errors.New("stopped")
		}})
		f.timeout = 100 * time.Second
		began := time.Now()
		_, err := f.Invoke(t.Context(), payload(Delete, "https://cfn", "mine", fine))
		require.NoError(t, err)
		waiter(t, f, *input)
		assert.Equal(t, 80*time.Second, time.Since(began))
		assert.Equal(t, "stopped", (*answers)[0]["Reason"])

		time.Sleep(time.Hour)
		waiter(t, f, *input)
		assert.Equal(t, "not finished within 1m40s, after 0 calls", (*answers)[1]["Reason"], "a call that comes too late does nothing")
	})
}

func TestPoll_StateIsLimited(t *testing.T) {
	for state, want := range map[any]string{
		strings.Repeat("x", 65535): "the handler's state has 65537 bytes, there is room for 65536",
		1i:                         "cannot keep the handler's state: json: unsupported type: complex128",
	} {
		f, _, answers := polling(t, fake{delete: returns(&Response{Again: &Again{State: state}}, nil)})
		in, err := json.Marshal(step{Event: mustParse(t, payload(Delete, "https://cfn", "mine", fine)), Started: time.Now()})
		require.NoError(t, err)
		_, err = f.Invoke(t.Context(), in)
		require.NoError(t, err)
		assert.Equal(t, want, (*answers)[0]["Reason"])
	}
}

// What the waiter saw of a function that died is the reason.
func TestPoll_FunctionThatDied(t *testing.T) {
	f, _, answers := polling(t, fake{})
	s := &step{Event: mustParse(t, payload(Create, "https://cfn", "", fine)), Started: time.Now(), Created: "made"}
	text, err := json.Marshal(s)
	require.NoError(t, err)
	in := strings.Replace(string(text), "{", `{"error":{"Error":"Lambda.Unknown","Cause":"exit status 2"},`, 1)
	out, err := f.Invoke(t.Context(), []byte(in))
	require.NoError(t, err)
	assert.Contains(t, string(out), `"done":true`)
	assert.Equal(t, []map[string]any{answered(map[string]any{
		"Status": "FAILED", "Reason": "the function ended without an answer: Lambda.Unknown: exit status 2", "PhysicalResourceId": "made",
	})}, *answers)
}

func TestPoll_WaiterThatDoesNotStart(t *testing.T) {
	f, _, answers := polling(t, fake{})
	f.wait = func(context.Context, string, *step) error { return errors.New("access denied") }
	_, err := f.Invoke(t.Context(), payload(Create, "https://cfn", "", fine))
	require.NoError(t, err)
	assert.Equal(t, "cannot start the state machine that waits for the resource: access denied", (*answers)[0]["Reason"])
}

// A test of a handler calls it again as the state machine does.
func TestAfter(t *testing.T) {
	old := &props{Name: "old"}
	r := &request{
		Type: Update, ID: "r", StackID: stackID, LogicalID: "Thing", ResourceType: "Custom::Thing", PhysicalID: "p", Properties: props{Name: "new"}, OldProperties: old,
		Call: 1, Deadline: time.Unix(1, 0),
	}
	next := r.After(&Again{State: 7})
	var n int
	require.NoError(t, next.State(&n))
	assert.Equal(t, 7, n)
	assert.Equal(t, 2, next.Call)
	next.state, next.Call = nil, 1
	assert.Equal(t, r, next, "all else is the same")
	assert.Panics(t, func() { r.After(&Again{State: func() {}}) })
}
