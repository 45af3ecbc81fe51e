package cfnresource

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/internal/provider"
)

type props struct {
	Name string
	Size int
}

type (
	request = Request[props]
	method  = func(ctx context.Context, r *request) (*Response, error)
)

// fake is a handler of functions; one that is nil must not be called.
type fake struct{ create, update, delete method }

func (f fake) Create(ctx context.Context, r *request) (*Response, error) { return f.create(ctx, r) }
func (f fake) Update(ctx context.Context, r *request) (*Response, error) { return f.update(ctx, r) }
func (f fake) Delete(ctx context.Context, r *request) (*Response, error) { return f.delete(ctx, r) }

const (
	stackID   = "arn:aws:cloudformation:us-east-1:111111111111:stack/Shop/0f0e"
	stableID  = "Shop-Thing-336671ad84c3d1"
	signature = "X-Amz-Signature=5ec2e7"
)

// receiver stands for CloudFormation's side: it keeps every answer.
type receiver struct {
	*httptest.Server
	mu      sync.Mutex
	answers []map[string]any
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		assert.Equal(t, http.MethodPut, req.Method)
		assert.NotContains(t, req.Header, "Content-Type", "the signature is for none")
		assert.Equal(t, signature, req.URL.RawQuery)
		body, err := io.ReadAll(req.Body)
		assert.NoError(t, err)
		assert.LessOrEqual(t, len(body), 4096)
		assert.EqualValues(t, len(body), req.ContentLength, "S3 takes no chunks")
		r.add(t, body)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) add(t *testing.T, body []byte) {
	var a map[string]any
	assert.NoError(t, json.Unmarshal(body, &a))
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answers = append(r.answers, a)
}

// one is the only answer.
func (r *receiver) one(t *testing.T) map[string]any {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	require.Len(t, r.answers, 1)
	return r.answers[0]
}

func newFunction(h Handler[props]) (*function[props], *bytes.Buffer) {
	var log bytes.Buffer
	return &function[props]{
		handler: h, client: &http.Client{}, timeout: time.Hour, log: slog.New(slog.NewJSONHandler(&log, nil)),
	}, &log
}

// payload is a request of CloudFormation.
func payload(typ RequestType, address, physicalID, properties string) []byte {
	e := map[string]any{
		"RequestType": typ, "ResponseURL": address + "/answer?" + signature, "StackId": stackID, "RequestId": "r-1",
		"ResourceType": "Custom::Thing", "LogicalResourceId": "Thing",
		"ResourceProperties": json.RawMessage(properties),
	}
	if physicalID != "" {
		e["PhysicalResourceId"] = physicalID
	}
	if typ == Update {
		e["OldResourceProperties"] = map[string]any{"ServiceToken": "arn", "Name": "old", "Size": "big"}
	}
	text, err := json.Marshal(e)
	if err != nil {
		panic(err)
	}
	return text
}

const fine = `{"ServiceToken":"arn","ServiceTimeout":"60","Name":"a","Size":"7"}`

// serveOnce sends a request to a handler and gives what CloudFormation was told.
func serveOnce(t *testing.T, h Handler[props], typ RequestType, physicalID, properties string) map[string]any {
	t.Helper()
	r := newReceiver(t)
	f, log := newFunction(h)
	_, err := f.Invoke(t.Context(), payload(typ, r.URL, physicalID, properties))
	require.NoError(t, err)
	assert.NotContains(t, log.String(), signature)
	return r.one(t)
}

// answered are the fields of every answer, with others.
func answered(fields map[string]any) map[string]any {
	all := map[string]any{
		"Status": "SUCCESS", "PhysicalResourceId": stableID, "StackId": stackID, "RequestId": "r-1", "LogicalResourceId": "Thing",
	}
	for k, v := range fields {
		all[k] = v
	}
	return all
}

func returns(resp *Response, err error) method {
	return func(context.Context, *request) (*Response, error) { return resp, err }
}

func TestInvoke_AnswersWhatTheHandlerReturns(t *testing.T) {
	long := strings.Repeat("x", 1025)
	for _, c := range []struct {
		name       string
		handler    fake
		typ        RequestType
		physicalID string
		want       map[string]any
	}{
		{"create with the stable id", fake{create: returns(nil, nil)}, Create, "", nil},
		{"create with an id and data", fake{create: returns(&Response{PhysicalID: "mine", Data: map[string]string{"K": "<v>"}}, nil)}, Create, "",
			map[string]any{"PhysicalResourceId": "mine", "Data": map[string]any{"K": "<v>"}}},
		{"create with a secret", fake{create: returns(&Response{NoEcho: true, Data: map[string]string{"K": "v"}}, nil)}, Create, "",
			map[string]any{"NoEcho": true, "Data": map[string]any{"K": "v"}}},
		{"create that fails", fake{create: returns(nil, errors.New("no quota"))}, Create, "",
			map[string]any{"Status": "FAILED", "Reason": "no quota", "PhysicalResourceId": "create-failed:" + stableID}},
		{"create that fails half way", fake{create: returns(&Response{PhysicalID: "half"}, errors.New("no quota"))}, Create, "",
			map[string]any{"Status": "FAILED", "Reason": "no quota", "PhysicalResourceId": "half"}},
		{"create that panics", fake{create: func(context.Context, *request) (*Response, error) { panic("oh") }}, Create, "",
			map[string]any{"Status": "FAILED", "Reason": "panic: oh", "PhysicalResourceId": "create-failed:" + stableID}},
		{"create that panics when it has made something", fake{create: func(_ context.Context, r *request) (*Response, error) {
			r.Created("made")
			panic("oh")
		}}, Create, "", map[string]any{"Status": "FAILED", "Reason": "panic: oh", "PhysicalResourceId": "made"}},
		{"create with an id that is too long", fake{create: returns(&Response{PhysicalID: long}, nil)}, Create, "",
			map[string]any{"Status": "FAILED", "Reason": "the physical id has 1025 bytes, CloudFormation takes 1024"}},
		{"create with an error without text", fake{create: returns(nil, errors.New(""))}, Create, "",
			map[string]any{"Status": "FAILED", "Reason": "unknown reason", "PhysicalResourceId": "create-failed:" + stableID}},
		{"create that wants more calls than it gets", fake{create: returns(&Response{Again: &Again{}}, nil)}, Create, "",
			map[string]any{"Status": "FAILED", "Reason": "the handler wants to be called again, for which its provider needs Poll", "PhysicalResourceId": "create-failed:" + stableID}},
		{"update keeps the id", fake{update: returns(nil, nil)}, Update, "mine", map[string]any{"PhysicalResourceId": "mine"}},
		{"update that replaces", fake{update: returns(&Response{PhysicalID: "new"}, nil)}, Update, "mine", map[string]any{"PhysicalResourceId": "new"}},
		{"update that fails keeps the id", fake{update: returns(&Response{PhysicalID: "new"}, errors.New("no"))}, Update, "mine",
			map[string]any{"Status": "FAILED", "Reason": "no", "PhysicalResourceId": "mine"}},
		{"delete", fake{delete: returns(&Response{PhysicalID: "other", Data: map[string]string{"K": "v"}}, nil)}, Delete, "mine",
			map[string]any{"PhysicalResourceId": "mine"}},
		{"delete that fails", fake{delete: returns(nil, errors.New("in use"))}, Delete, "mine",
			map[string]any{"Status": "FAILED", "Reason": "in use", "PhysicalResourceId": "mine"}},
		{"delete after a failed create", fake{}, Delete, "create-failed:" + stableID, map[string]any{"PhysicalResourceId": "create-failed:" + stableID}},
		{"an unknown request", fake{}, "Read", "mine", map[string]any{"Status": "FAILED", "Reason": `unknown request type "Read"`, "PhysicalResourceId": "mine"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			assert.Equal(t, answered(c.want), serveOnce(t, c.handler, c.typ, c.physicalID, fine))
		})
	}
}

func TestInvoke_GivesTheHandlerTheRequest(t *testing.T) {
	var got *request
	keep := func(_ context.Context, r *request) (*Response, error) { got = r; return nil, nil }
	before := time.Now()

	serveOnce(t, fake{create: keep}, Create, "", fine)
	assert.Equal(t, Create, got.Type)
	assert.Equal(t, []string{"r-1", stackID, "Thing", "Custom::Thing", stableID}, []string{got.ID, got.StackID, got.LogicalID, got.ResourceType, got.PhysicalID})
	assert.Equal(t, props{"a", 7}, got.Properties)
	assert.Nil(t, got.OldProperties)
	assert.Equal(t, 1, got.Call)
	assert.WithinRange(t, got.Deadline, before.Add(59*time.Minute), time.Now().Add(59*time.Minute))
	var state string
	require.NoError(t, got.State(&state))
	assert.Empty(t, state)

	serveOnce(t, fake{update: keep}, Update, "mine", fine)
	assert.Equal(t, "mine", got.PhysicalID)
	assert.Equal(t, &props{Name: "old"}, got.OldProperties, "as far as it can be read")

	serveOnce(t, fake{delete: keep}, Delete, "mine", `{"Name":"a","Colour":"red"}`)
	assert.Equal(t, props{Name: "a"}, got.Properties, "an older template does not stop a delete")
}

func TestInvoke_BadPropertiesNeverReachTheHandler(t *testing.T) {
	want := answered(map[string]any{
		"Status": "FAILED", "PhysicalResourceId": "create-failed:" + stableID,
		"Reason": `invalid properties: Colour: is no property; there are Name, Size; Size: must be a whole number, got "x"`,
	})
	assert.Equal(t, want, serveOnce(t, fake{}, Create, "", `{"ServiceToken":"arn","Name":"a","Size":"x","Colour":"red"}`))
}

type validated struct{ Name string }

func (v *validated) Validate() error { return fmt.Errorf("Name: must not be %q", v.Name) }

type validatedHandler struct{ Handler[validated] }

func (validatedHandler) Delete(context.Context, *Request[validated]) (*Response, error) {
	return nil, nil
}

func TestInvoke_ValidatesProperties(t *testing.T) {
	r := newReceiver(t)
	f := &function[validated]{handler: validatedHandler{}, client: r.Client(), timeout: time.Hour, log: slog.New(slog.DiscardHandler)}
	_, err := f.Invoke(t.Context(), payload(Create, r.URL, "", `{"Name":"a"}`))
	require.NoError(t, err)
	_, err = f.Invoke(t.Context(), payload(Delete, r.URL, "mine", `{"Name":"a"}`))
	require.NoError(t, err)
	assert.Equal(t, `Name: must not be "a"`, r.answers[0]["Reason"])
	assert.Equal(t, "SUCCESS", r.answers[1]["Status"], "what cannot be created can be deleted")
}

func TestInvoke_TooMuchData(t *testing.T) {
	data := map[string]string{"Big": strings.Repeat("s", 4000), "Small": "s"}
	a := serveOnce(t, fake{create: returns(&Response{PhysicalID: "mine", Data: data}, nil)}, Create, "", fine)
	assert.Equal(t, answered(map[string]any{
		"Status": "FAILED", "PhysicalResourceId": "mine", // so that it is deleted
		"Reason": "the answer has 4198 bytes, CloudFormation takes 4096: return less Data (bytes: Big 4000, Small 1)",
	}), a)
}

func TestInvoke_DataThatJustFits(t *testing.T) {
	r := newReceiver(t)
	size := func(n int) map[string]any {
		r.answers = nil
		f, _ := newFunction(fake{create: returns(&Response{Data: map[string]string{"K": strings.Repeat("s", n)}}, nil)})
		_, err := f.Invoke(t.Context(), payload(Create, r.URL, "", fine))
		require.NoError(t, err)
		return r.one(t)
	}
	empty, err := (&answer{Status: "SUCCESS", PhysicalResourceID: stableID, StackID: stackID, RequestID: "r-1", LogicalResourceID: "Thing", Data: map[string]string{"K": ""}}).text()
	require.NoError(t, err)
	assert.Equal(t, "SUCCESS", size(4096 - len(empty))["Status"])
	assert.Equal(t, "FAILED", size(4097 - len(empty))["Status"])
	a := serveOnce(t, fake{create: returns(&Response{Data: map[string]string{"K": strings.Repeat("<", 3000)}}, nil)}, Create, "", fine)
	assert.Equal(t, "SUCCESS", a["Status"], "< takes one byte")
}

func TestInvoke_CutsALongReason(t *testing.T) {
	a := serveOnce(t, fake{delete: returns(nil, errors.New(strings.Repeat("ü\"", 3000)))}, Delete, "mine", fine)
	reason := a["Reason"].(string)
	assert.True(t, strings.HasPrefix(reason, "ü\"ü\"") && strings.HasSuffix(reason, "…"), reason)
	assert.Greater(t, len(reason), 2000, "most of what fits")
}

func TestInvoke_SNS(t *testing.T) {
	r := newReceiver(t)
	f, _ := newFunction(fake{create: returns(nil, nil)})
	message, err := json.Marshal(string(payload(Create, r.URL, "", fine)))
	require.NoError(t, err)
	_, err = f.Invoke(t.Context(), fmt.Appendf(nil, `{"Records":[{"EventSource":"aws:sns","Sns":{"Message":%s}}]}`, message))
	require.NoError(t, err)
	assert.Equal(t, answered(nil), r.one(t))
}

func TestInvoke_RefusesOtherPayloads(t *testing.T) {
	f, _ := newFunction(fake{})
	for text, want := range map[string]string{
		`{}`: "the payload is no request of CloudFormation",
		`[]`: "cannot read the payload: json: cannot unmarshal array into Go value of type struct",
		`{"Records":[{"Sns":{"Message":"hello"}}]}`: "cannot read the message of SNS: invalid character 'h'",
	} {
		_, err := f.Invoke(t.Context(), []byte(text))
		assert.ErrorContains(t, err, want)
	}
}

// A handler that does not return is answered for before Lambda ends the function.
func TestInvoke_Guard(t *testing.T) {
	for _, c := range []struct {
		name    string
		handler method
		want    map[string]any
		after   time.Duration
	}{
		{"deaf", func(context.Context, *request) (*Response, error) { time.Sleep(time.Hour); return nil, nil },
			map[string]any{"Reason": "Create did not return within 50s", "PhysicalResourceId": "create-failed:" + stableID}, 52500 * time.Millisecond},
		{"deaf when it has made something", func(_ context.Context, r *request) (*Response, error) {
			r.Created("made")
			time.Sleep(time.Hour)
			return nil, nil
		}, map[string]any{"Reason": "Create did not return within 50s", "PhysicalResourceId": "made"}, 52500 * time.Millisecond},
		{"polite", func(ctx context.Context, _ *request) (*Response, error) {
			<-ctx.Done()
			return &Response{PhysicalID: "half"}, fmt.Errorf("reading: %w", ctx.Err())
		}, map[string]any{"Reason": "Create did not return within 50s: reading: context deadline exceeded", "PhysicalResourceId": "half"}, 50 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var got map[string]any
				f, _ := newFunction(fake{create: c.handler})
				f.client.Transport = roundTrip(func(req *http.Request) (*http.Response, error) {
					assert.NoError(t, json.NewDecoder(req.Body).Decode(&got))
					return &http.Response{StatusCode: 200, Body: http.NoBody}, nil
				})
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				began := time.Now()
				_, err := f.Invoke(ctx, payload(Create, "https://cfn", "", fine))
				require.NoError(t, err)
				assert.Equal(t, c.after, time.Since(began))
				c.want["Status"] = "FAILED"
				assert.Equal(t, answered(c.want), got)
				time.Sleep(time.Hour) // the deaf handler ends
			})
		})
	}
}

// A function with little time still keeps some of it for the answer.
func TestMargins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, c := range []struct{ left, all, handler, guard time.Duration }{
			{4 * time.Second, time.Hour, 3 * time.Second, 3250 * time.Millisecond},
			{15 * time.Minute, time.Hour, 890 * time.Second, 892500 * time.Millisecond},
			{15 * time.Minute, time.Minute, 50 * time.Second, 52500 * time.Millisecond},
		} {
			ctx, cancel := context.WithTimeout(t.Context(), c.left)
			handler, guard := margins(ctx, c.all)
			cancel()
			assert.Equal(t, []time.Duration{c.handler, c.guard}, []time.Duration{handler, guard})
		}
		handler, _ := margins(t.Context(), time.Minute)
		assert.Equal(t, 50*time.Second, handler, "without a deadline")
	})
}

func mustParse(t *testing.T, payload []byte) *event {
	t.Helper()
	e, s, err := parse(payload)
	require.NoError(t, err)
	require.Nil(t, s)
	return e
}

func TestNew_ReadsItsVariables(t *testing.T) {
	f := New(fake{}).(*function[props])
	assert.Equal(t, time.Hour, f.timeout)
	assert.Nil(t, f.wait)
	t.Setenv(provider.Timeout, "90")
	t.Setenv(provider.Waiter, "arn")
	f = New(fake{}).(*function[props])
	assert.Equal(t, 90*time.Second, f.timeout)
	assert.NotNil(t, f.wait)
}

func TestDefaultID(t *testing.T) {
	e := event{StackID: "arn:aws:cloudformation:us-east-1:111111111111:stack/" + strings.Repeat("s", 128) + "/1", LogicalResourceID: strings.Repeat("l", 200)}
	id := defaultID(&e)
	assert.Len(t, id, 64)
	e.LogicalResourceID += "x"
	assert.NotEqual(t, id, defaultID(&e), "what was cut counts")
}
