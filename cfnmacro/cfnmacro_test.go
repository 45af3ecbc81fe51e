package cfnmacro

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type params struct {
	Suffix string
	Times  int
}

const whole = `{"region":"us-east-1","accountId":"111122223333","transformId":"Suffix","requestId":"r-1",
	"fragment":{"Resources":{"Topic":{"Type":"AWS::SNS::Topic","Properties":{"N":12345678901234567890,"T":"<a&b>"}}}},
	"params":{},"templateParameterValues":{"Stage":"prod","Zones":["a","b"]}}`

// invoke calls a macro and gives its answer, and what it logged.
func invoke(t *testing.T, ctx context.Context, payload string, h Handler[params]) (got map[string]any, text, logs string) {
	t.Helper()
	var log bytes.Buffer
	f := New(h).(*function[params])
	f.log = slog.New(slog.NewJSONHandler(&log, nil))
	out, err := f.Invoke(ctx, []byte(payload))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(out, &got))
	return got, string(out), log.String()
}

func TestInvoke_Template(t *testing.T) {
	_, text, logs := invoke(t, t.Context(), whole, func(_ context.Context, r *Request[params]) (any, error) {
		assert.Equal(t, "r-1", r.ID)
		assert.Equal(t, "Suffix", r.Macro)
		assert.Equal(t, "111122223333", r.AccountID)
		assert.Equal(t, "us-east-1", r.Region)
		assert.Equal(t, params{}, r.Params)
		assert.Equal(t, map[string]any{"Stage": "prod", "Zones": []any{"a", "b"}}, r.TemplateParameters)
		r.Fragment["Description"] = "processed"
		return r.Fragment, nil
	})
	assert.Equal(t, `{"requestId":"r-1","status":"success","fragment":{"Description":"processed","Resources":`+
		`{"Topic":{"Properties":{"N":12345678901234567890,"T":"<a&b>"},"Type":"AWS::SNS::Topic"}}}}`, text, "what the macro leaves alone stays as it is")
	assert.Contains(t, logs, `"macro":"Suffix"`)
}

func TestInvoke_Part(t *testing.T) {
	got, _, _ := invoke(t, t.Context(), `{"requestId":"r","transformId":"Suffix","fragment":{},"params":{"Suffix":"-x","Times":2}}`,
		func(_ context.Context, r *Request[params]) (any, error) {
			return strings.Repeat(r.Params.Suffix, r.Params.Times), nil
		})
	assert.Equal(t, map[string]any{"requestId": "r", "status": "success", "fragment": "-x-x"}, got)
}

func TestInvoke_Fails(t *testing.T) {
	const part = `{"requestId":"r","transformId":"Suffix","fragment":{},"params":`
	for name, c := range map[string]struct {
		payload string
		handler Handler[params]
		want    string
	}{
		"error":             {part + `{}}`, func(context.Context, *Request[params]) (any, error) { return 1, errors.New("no such thing") }, "no such thing"},
		"panic":             {part + `{}}`, func(context.Context, *Request[params]) (any, error) { panic("oh") }, "panic: oh"},
		"nothing":           {part + `{}}`, func(context.Context, *Request[params]) (any, error) { return nil, nil }, "the macro returned nothing to take the template's place"},
		"no JSON":           {part + `{}}`, func(context.Context, *Request[params]) (any, error) { return math.Inf(1), nil }, "cannot write the answer: json: unsupported value: +Inf"},
		"unknown parameter": {part + `{"Sufix":"x"}}`, nil, `wrong parameters of Suffix: json: unknown field "Sufix"`},
		"wrong parameter":   {part + `{"Suffix":{"Ref":"A"}}}`, nil, "wrong parameters of Suffix: json: cannot unmarshal object into Go struct field params.Suffix of type string"},
		"large": {part + `{}}`, func(context.Context, *Request[params]) (any, error) { return strings.Repeat("x", maxAnswer), nil },
			"the answer has 6291506 bytes, Lambda passes on 6291456"},
	} {
		t.Run(name, func(t *testing.T) {
			got, _, logs := invoke(t, t.Context(), c.payload, c.handler)
			assert.Equal(t, map[string]any{"requestId": "r", "status": "failure", "errorMessage": c.want}, got)
			assert.Contains(t, logs, `"level":"ERROR"`)
		})
	}
}

func TestInvoke_LogsWhereItPanicked(t *testing.T) {
	_, _, logs := invoke(t, t.Context(), whole, func(context.Context, *Request[params]) (any, error) { panic("oh") })
	assert.Contains(t, logs, "cfnmacro_test.go")
}

// A macro that takes too long is answered for before Lambda ends it; what takes nearly as long is not.
func TestInvoke_Deadline(t *testing.T) {
	for name, c := range map[string]struct {
		takes time.Duration
		want  string
	}{"in time": {27 * time.Second, "success"}, "late": {time.Hour, "failure"}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				started := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
				defer cancel()
				got, _, _ := invoke(t, ctx, whole, func(context.Context, *Request[params]) (any, error) {
					time.Sleep(c.takes) // it does not look at its context
					return "done", nil
				})
				assert.Equal(t, c.want, got["status"])
				assert.LessOrEqual(t, time.Since(started), 28*time.Second)
				if c.want == "failure" {
					assert.Equal(t, "the macro did not return within 28s", got["errorMessage"])
					time.Sleep(c.takes)
				}
			})
		})
	}
}

func TestInvoke_NoRequest(t *testing.T) {
	f := New(func(context.Context, *Request[params]) (any, error) { return 1, nil })
	for payload, want := range map[string]string{
		`{`:                  "this is no request for a macro: unexpected EOF",
		`{"fragment":{}}`:    "this is no request for a macro: it has no requestId or no fragment",
		`{"requestId":"r"}`:  "this is no request for a macro: it has no requestId or no fragment",
		whole + `{"more":1}`: "this is no request for a macro: there is more after it",
	} {
		_, err := f.Invoke(t.Context(), []byte(payload))
		assert.EqualError(t, err, want)
	}
}
