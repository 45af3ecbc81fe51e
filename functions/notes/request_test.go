package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDecodeNote_ReportsEveryProblem(t *testing.T) {
	const object = `[{"field":"","problem":"must be one JSON object"}]`
	for name, tt := range map[string]struct {
		body     string
		base64   bool
		problems string
	}{
		"nothing":        {body: ``, problems: object},
		"not JSON":       {body: `title=one`, problems: object},
		"array":          {body: `[]`, problems: object},
		"null":           {body: `null`, problems: object},
		"two objects":    {body: `{"title":"one"}{}`, problems: object},
		"not base64":     {body: `{"title":"one"}`, base64: true, problems: `[{"field":"","problem":"must be valid base64"}]`},
		"no title":       {body: `{}`, problems: `[{"field":"title","problem":"must have 1 to 200 characters, got 0"}]`},
		"empty title":    {body: `{"title":""}`, problems: `[{"field":"title","problem":"must have 1 to 200 characters, got 0"}]`},
		"null title":     {body: `{"title":null}`, problems: `[{"field":"title","problem":"must be a string"}]`},
		"huge number":    {body: `{"title":1e999}`, problems: `[{"field":"title","problem":"must be a string"}]`},
		"another case":   {body: `{"title":"one","Body":""}`, problems: `[{"field":"Body","problem":"is not a field of a note"}]`},
		"read-only id":   {body: `{"title":"one","id":"1"}`, problems: `[{"field":"id","problem":"is not a field of a note"}]`},
		"all wrong type": {body: `{"title":1,"body":["x"]}`, problems: `[{"field":"title","problem":"must be a string"},{"field":"body","problem":"must be a string"}]`},
		"all at once": {
			body: `{"title":"` + strings.Repeat("é", 201) + `","z":1,"a":{},"body":"` + strings.Repeat("é", 10001) + `"}`,
			problems: `[
				{"field":"title","problem":"must have 1 to 200 characters, got 201"},
				{"field":"body","problem":"must have 0 to 10000 characters, got 10001"},
				{"field":"a","problem":"is not a field of a note"},
				{"field":"z","problem":"is not a field of a note"}]`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			h, m, _ := newTestHandler()
			req := newRequest("ann", "POST", "/notes", "")
			req.Body, req.IsBase64Encoded = tt.body, tt.base64
			resp := handle(t, h, req)
			assert.Equal(t, http.StatusBadRequest, resp.StatusCode)
			assert.JSONEq(t, `{"message":"invalid note","problems":`+tt.problems+`}`, resp.Body)
			assert.Empty(t, m.notes)
		})
	}
}

func TestDecodeNote_TakesTheLongest(t *testing.T) {
	title, body := strings.Repeat("é", 200), strings.Repeat("語", 10000)
	raw := `{"title":"` + title + `","body":"` + body + `"}`
	for _, req := range []request{
		{Body: raw},
		{Body: base64.StdEncoding.EncodeToString([]byte(raw)), IsBase64Encoded: true},
	} {
		n, err := decodeNote(req)
		require.NoError(t, err)
		assert.Equal(t, Note{Title: title, Body: body}, n)
	}
}

type page struct {
	Notes []Note
	Next  string
}

func list(t *testing.T, h *Handler, owner string, query map[string]string) page {
	t.Helper()
	req := newRequest(owner, "GET", "/notes", "")
	req.QueryStringParameters = query
	resp := handle(t, h, req)
	require.Equal(t, http.StatusOK, resp.StatusCode, resp.Body)
	var p page
	require.NoError(t, json.Unmarshal([]byte(resp.Body), &p))
	return p
}

func TestList_PagesNewestFirst(t *testing.T) {
	h, _, _ := newTestHandler()
	a, b, c := create(t, h, "ann", "a"), create(t, h, "ann", "b"), create(t, h, "ann", "c")
	create(t, h, "bob", "other")

	first := list(t, h, "ann", map[string]string{"limit": "2"})
	assert.Equal(t, []Note{c, b}, first.Notes)
	require.NotEmpty(t, first.Next)

	last := list(t, h, "ann", map[string]string{"limit": "2", "next": first.Next})
	assert.Equal(t, page{Notes: []Note{a}}, last)
	assert.Equal(t, page{Notes: []Note{c, b, a}}, list(t, h, "ann", map[string]string{"limit": "3"}))
}

func TestList_OfNothing(t *testing.T) {
	h, _, _ := newTestHandler()
	resp := handle(t, h, newRequest("ann", "GET", "/notes", ""))
	assert.Equal(t, http.StatusOK, resp.StatusCode)
	assert.JSONEq(t, `{"notes":[]}`, resp.Body)
}

func TestList_Limit(t *testing.T) {
	h, _, _ := newTestHandler()
	for range 101 {
		create(t, h, "ann", "one")
	}
	assert.Len(t, list(t, h, "ann", nil).Notes, 20)
	assert.Len(t, list(t, h, "ann", map[string]string{"limit": "1"}).Notes, 1)
	assert.Len(t, list(t, h, "ann", map[string]string{"limit": "100"}).Notes, 100)
}

func TestList_TokenIsNoKeyToOthersNotes(t *testing.T) {
	h, _, _ := newTestHandler()
	create(t, h, "ann", "a")
	mine := create(t, h, "bob", "mine")
	create(t, h, "ann", "b")
	next := list(t, h, "ann", map[string]string{"limit": "1"}).Next
	require.NotEmpty(t, next)
	assert.Equal(t, page{Notes: []Note{mine}}, list(t, h, "bob", map[string]string{"next": next}))
}

func TestList_RefusesWrongQuery(t *testing.T) {
	const (
		limit = `{"field":"limit","problem":"must be a number from 1 to 100"}`
		next  = `{"field":"next","problem":"must be the next of an earlier page"}`
	)
	id := uuid.Must(uuid.NewV7())
	v4 := uuid.New()
	good := base64.RawURLEncoding.EncodeToString(id[:])
	// 22 characters hold 132 bits: a token whose last four bits are set is not what encodeToken makes.
	padded := good[:21] + map[byte]string{'A': "B", 'Q': "R", 'g': "h", 'w': "x"}[good[21]]

	h, _, _ := newTestHandler()
	list(t, h, "ann", map[string]string{"next": good})
	for i, tt := range []struct {
		query    map[string]string
		problems string
	}{
		{map[string]string{"limit": "0"}, limit},
		{map[string]string{"limit": "101"}, limit},
		{map[string]string{"limit": "-1"}, limit},
		{map[string]string{"limit": "1.5"}, limit},
		{map[string]string{"limit": "ten"}, limit},
		{map[string]string{"limit": ""}, limit},
		{map[string]string{"next": ""}, next},
		{map[string]string{"next": "?"}, next},
		{map[string]string{"next": good[:20]}, next},
		{map[string]string{"next": good + "AA"}, next},
		{map[string]string{"next": good + "\n"}, next},
		{map[string]string{"next": padded}, next},
		{map[string]string{"next": id.String()}, next},
		{map[string]string{"next": base64.RawURLEncoding.EncodeToString(v4[:])}, next},
		{map[string]string{"next": base64.RawURLEncoding.EncodeToString(append(id[:8:8], make([]byte, 8)...))}, next},
		{map[string]string{"limit": "0", "next": "?"}, limit + "," + next},
	} {
		t.Run(fmt.Sprint(i, tt.query), func(t *testing.T) {
			req := newRequest("ann", "GET", "/notes", "")
			req.QueryStringParameters = tt.query
			resp := handle(t, h, req)
			assert.Equal(t, http.StatusBadRequest, resp.StatusCode)
			assert.JSONEq(t, `{"message":"invalid query","problems":[`+tt.problems+`]}`, resp.Body)
		})
	}
}

func TestOwner(t *testing.T) {
	const arn = "arn:aws:iam::111122223333:user/ann"
	for name, tt := range map[string]struct{ event, want string }{
		"IAM":                     {`{"identity":{"userArn":"` + arn + `"},"authorizer":{"principalId":"p"}}`, arn},
		"Lambda authorizer":       {`{"authorizer":{"principalId":"p","claims":{"sub":"s"}}}`, "p"},
		"Cognito or JWT":          {`{"authorizer":{"claims":{"sub":"s"},"scopes":null}}`, "s"},
		"no authorizer":           {`{"identity":{"userArn":null},"authorizer":null}`, "anonymous"},
		"authorizer without user": {`{"authorizer":{"principalId":7,"claims":{"email":"e"}}}`, "anonymous"},
		"claims of another type":  {`{"authorizer":{"claims":"sub"}}`, "anonymous"},
	} {
		t.Run(name, func(t *testing.T) {
			var req request
			require.NoError(t, json.Unmarshal([]byte(`{"requestContext":`+tt.event+`}`), &req))
			assert.Equal(t, tt.want, owner(req))
		})
	}
}
