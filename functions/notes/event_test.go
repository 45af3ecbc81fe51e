package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDecodeEvent_FormatsSayTheSame(t *testing.T) {
	want := request{
		HTTPMethod: "GET", Resource: "/notes/{id}", Body: "aGk=", IsBase64Encoded: true,
		PathParameters: map[string]string{"id": "7"}, QueryStringParameters: map[string]string{"limit": "2"},
	}
	want.RequestContext.RequestID = "r-1"
	want.RequestContext.Identity.UserArn = "arn:aws:iam::1:user/ann"
	for name, event := range map[string]string{
		"1.0": `{"version":"1.0","httpMethod":"GET","resource":"/notes/{id}","pathParameters":{"id":"7"},"queryStringParameters":{"limit":"2"},
			"body":"aGk=","isBase64Encoded":true,"requestContext":{"requestId":"r-1","identity":{"userArn":"arn:aws:iam::1:user/ann"}}}`,
		"1.0 of a REST API": `{"httpMethod":"GET","resource":"/notes/{id}","pathParameters":{"id":"7"},"queryStringParameters":{"limit":"2"},
			"body":"aGk=","isBase64Encoded":true,"requestContext":{"requestId":"r-1","identity":{"userArn":"arn:aws:iam::1:user/ann"}}}`,
		"2.0": `{"version":"2.0","routeKey":"GET /notes/{id}","rawPath":"/live/notes/7","pathParameters":{"id":"7"},"queryStringParameters":{"limit":"2"},
			"body":"aGk=","isBase64Encoded":true,"requestContext":{"requestId":"r-1","http":{"method":"GET"},"authorizer":{"iam":{"userArn":"arn:aws:iam::1:user/ann"}}}}`,
	} {
		got, err := decodeEvent(json.RawMessage(event))
		require.NoError(t, err, name)
		assert.Equal(t, want, got, name)
	}
}

func TestDecodeEvent_OwnersOfFormat2(t *testing.T) {
	for authorizer, want := range map[string]string{
		`{"jwt":{"claims":{"sub":"ann"}}}`:       "ann",
		`{"lambda":{"principalId":"partner-1"}}`: "partner-1",
		`null`:                                   "anonymous",
	} {
		req, err := decodeEvent(json.RawMessage(`{"version":"2.0","routeKey":"GET /notes","requestContext":{"authorizer":` + authorizer + `}}`))
		require.NoError(t, err)
		assert.Equal(t, want, owner(req))
	}
}

func TestInvoke(t *testing.T) {
	h, _, _ := newTestHandler()
	resp, err := h.Invoke(t.Context(), json.RawMessage(`{"version":"2.0","routeKey":"GET /notes"}`))
	require.NoError(t, err)
	assert.Equal(t, 200, resp.StatusCode)
	assert.JSONEq(t, `{"notes":[]}`, resp.Body)

	for _, event := range []string{`7`, `{"version":"2.0","routeKey":7}`, `{"resource":7}`} {
		_, err := h.Invoke(t.Context(), json.RawMessage(event))
		assert.ErrorContains(t, err, "decode the event", event)
	}
}
