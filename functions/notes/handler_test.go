package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// memory is a Store that keeps the notes of each owner in the order they were put in.
type memory struct {
	notes map[string][]Note
	err   error // of every call
}

func (m *memory) Put(_ context.Context, owner string, n Note) error {
	m.notes[owner] = append(m.notes[owner], n)
	return m.err
}

func (m *memory) Get(_ context.Context, owner, id string) (Note, error) {
	if i := m.index(owner, id); i >= 0 {
		return m.notes[owner][i], m.err
	}
	return Note{}, cmp.Or(m.err, ErrNotFound)
}

func (m *memory) List(_ context.Context, owner string, limit int, before string) ([]Note, bool, error) {
	page := []Note{}
	for _, n := range slices.Backward(m.notes[owner]) {
		if before != "" && n.ID >= before {
			continue
		}
		if len(page) == limit {
			return page, true, m.err
		}
		page = append(page, n)
	}
	return page, false, m.err
}

func (m *memory) Delete(_ context.Context, owner, id string) error {
	if i := m.index(owner, id); i >= 0 {
		m.notes[owner] = slices.Delete(m.notes[owner], i, i+1)
		return m.err
	}
	return cmp.Or(m.err, ErrNotFound)
}

func (m *memory) index(owner, id string) int {
	return slices.IndexFunc(m.notes[owner], func(n Note) bool { return n.ID == id })
}

func newTestHandler() (*Handler, *memory, *bytes.Buffer) {
	m, log := &memory{notes: map[string][]Note{}}, &bytes.Buffer{}
	return &Handler{store: m, log: slog.New(slog.NewJSONHandler(log, nil))}, m, log
}

// newRequest is a request by owner; id is the path parameter, if the resource has one.
func newRequest(owner, method, resource, id string) request {
	req := request{HTTPMethod: method, Resource: resource, PathParameters: map[string]string{"id": id}}
	req.RequestContext.Identity.UserArn = owner
	req.RequestContext.RequestID = "api-request"
	return req
}

// handle sends a request and checks what every response promises.
func handle(t *testing.T, h *Handler, req request) response {
	t.Helper()
	resp, err := h.Handle(t.Context(), req)
	require.NoError(t, err)
	assert.Equal(t, "no-store", resp.Headers["Cache-Control"])
	if resp.StatusCode == http.StatusNoContent {
		assert.NotContains(t, resp.Headers, "Content-Type")
		assert.Empty(t, resp.Body)
	} else {
		assert.Equal(t, "application/json", resp.Headers["Content-Type"])
		assert.True(t, json.Valid([]byte(resp.Body)), resp.Body)
	}
	return resp
}

func create(t *testing.T, h *Handler, owner, title string) Note {
	t.Helper()
	req := newRequest(owner, "POST", "/notes", "")
	req.Body = `{"title":"` + title + `","body":"text"}`
	resp := handle(t, h, req)
	require.Equal(t, http.StatusCreated, resp.StatusCode, resp.Body)
	var n Note
	require.NoError(t, json.Unmarshal([]byte(resp.Body), &n))
	return n
}

func TestCreate(t *testing.T) {
	h, m, _ := newTestHandler()
	start := time.Now().Truncate(time.Millisecond)
	n := create(t, h, "ann", "one")

	assert.Equal(t, Note{ID: n.ID, Title: "one", Body: "text", Created: n.Created}, n)
	assert.WithinRange(t, n.Created, start, time.Now())
	assert.Equal(t, time.UTC, n.Created.Location())
	assert.Equal(t, []Note{n}, m.notes["ann"], "the note is stored as it was answered")

	id, err := uuid.Parse(n.ID)
	require.NoError(t, err)
	assert.EqualValues(t, 7, id.Version())
	assert.Equal(t, n.Created, time.Unix(id.Time().UnixTime()).UTC(), "created is the time in the id")
	assert.Greater(t, create(t, h, "ann", "two").ID, n.ID)
}

func TestCreate_AnswersExactly(t *testing.T) {
	h, m, _ := newTestHandler()
	req := newRequest("ann", "POST", "/notes", "")
	req.Body = `{"title":"one"}`
	resp := handle(t, h, req)
	n := m.notes["ann"][0]
	assert.JSONEq(t, `{"id":"`+n.ID+`","title":"one","body":"","created":"`+n.Created.Format(time.RFC3339Nano)+`"}`, resp.Body)
}

// The location is relative to the address that was posted to, so it holds below any stage and any base path of a domain.
func TestCreate_Location(t *testing.T) {
	h, m, _ := newTestHandler()
	req := newRequest("ann", "POST", "/notes", "")
	req.Body = `{"title":"one"}`
	resp := handle(t, h, req)
	for posted, want := range map[string]string{
		"https://abc.example/live/notes": "https://abc.example/live/notes/",
		"https://api.example/notes":      "https://api.example/notes/",
	} {
		base, err := url.Parse(posted)
		require.NoError(t, err)
		got, err := base.Parse(resp.Headers["Location"])
		require.NoError(t, err)
		assert.Equal(t, want+m.notes["ann"][0].ID, got.String())
	}
}

func TestGetAndDelete(t *testing.T) {
	h, m, _ := newTestHandler()
	n := create(t, h, "ann", "one")
	const missing = "0190163d-8694-739b-aea5-966c26f8ad91"

	for _, method := range []string{"GET", "DELETE"} {
		for name, req := range map[string]request{
			"missing":          newRequest("ann", method, "/notes/{id}", missing),
			"another owner's":  newRequest("bob", method, "/notes/{id}", n.ID),
			"no id":            newRequest("ann", method, "/notes/{id}", ""),
			"malformed id":     newRequest("ann", method, "/notes/{id}", "1"),
			"unusual UUID":     newRequest("ann", method, "/notes/{id}", "urn:uuid:"+n.ID),
			"unknown resource": newRequest("ann", method, "/other", ""),
		} {
			t.Run(method+" "+name, func(t *testing.T) {
				resp := handle(t, h, req)
				assert.Equal(t, http.StatusNotFound, resp.StatusCode)
				assert.JSONEq(t, `{"message":"not found"}`, resp.Body)
			})
		}
	}

	resp := handle(t, h, newRequest("ann", "GET", "/notes/{id}", n.ID))
	want, _ := json.Marshal(n)
	assert.Equal(t, http.StatusOK, resp.StatusCode)
	assert.JSONEq(t, string(want), resp.Body)

	assert.Equal(t, http.StatusNoContent, handle(t, h, newRequest("ann", "DELETE", "/notes/{id}", n.ID)).StatusCode)
	assert.Empty(t, m.notes["ann"])
	assert.Equal(t, http.StatusNotFound, handle(t, h, newRequest("ann", "DELETE", "/notes/{id}", n.ID)).StatusCode)
}

// A malformed id is the caller's mistake even if the table is unreachable: it must not cost a read.
func TestMalformedID_DoesNotReachStore(t *testing.T) {
	h, m, _ := newTestHandler()
	m.err = errors.New("reached")
	for _, method := range []string{"GET", "DELETE"} {
		for _, id := range []string{"", "1", "0190163D-8694-739B-AEA5-966C26F8AD91", "{0190163d-8694-739b-aea5-966c26f8ad91}"} {
			resp := handle(t, h, newRequest("ann", method, "/notes/{id}", id))
			assert.Equal(t, http.StatusNotFound, resp.StatusCode, "%s %q", method, id)
		}
	}
}

func TestMethodNotAllowed(t *testing.T) {
	h, _, _ := newTestHandler()
	for resource, tt := range map[string]struct {
		allow   string
		methods []string
	}{
		"/notes":      {"GET, POST", []string{"DELETE", "HEAD", "OPTIONS", "PATCH", "PUT"}},
		"/notes/{id}": {"DELETE, GET", []string{"HEAD", "OPTIONS", "PATCH", "POST", "PUT"}},
	} {
		for _, method := range tt.methods {
			resp := handle(t, h, newRequest("ann", method, resource, "1"))
			assert.Equal(t, http.StatusMethodNotAllowed, resp.StatusCode, "%s %s", method, resource)
			assert.Equal(t, tt.allow, resp.Headers["Allow"], "%s %s", method, resource)
			assert.JSONEq(t, `{"message":"method not allowed"}`, resp.Body)
		}
	}
}

func TestStoreFailure_IsLoggedAndNotShown(t *testing.T) {
	const id = "0190163d-8694-739b-aea5-966c26f8ad91"
	for _, tt := range []struct{ method, resource string }{
		{"POST", "/notes"}, {"GET", "/notes"}, {"GET", "/notes/{id}"}, {"DELETE", "/notes/{id}"},
	} {
		t.Run(tt.method+" "+tt.resource, func(t *testing.T) {
			h, m, log := newTestHandler()
			m.err = errors.New("table secret-table is gone")
			req := newRequest("ann", tt.method, tt.resource, id)
			req.Body = `{"title":"one"}`
			ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: "lambda-request"})

			resp, err := h.Handle(ctx, req)
			require.NoError(t, err)
			assert.Equal(t, http.StatusInternalServerError, resp.StatusCode)
			assert.Equal(t, map[string]string{"Content-Type": "application/json", "Cache-Control": "no-store"}, resp.Headers)
			assert.JSONEq(t, `{"message":"internal error"}`, resp.Body)

			var line map[string]any
			require.NoError(t, json.Unmarshal(log.Bytes(), &line), "one line of JSON: %s", log)
			delete(line, "time")
			assert.Equal(t, map[string]any{
				"level": "ERROR", "msg": "request failed", "error": "table secret-table is gone",
				"requestId": "lambda-request", "apiRequestId": "api-request",
				"method": tt.method, "resource": tt.resource,
			}, line)
		})
	}
}
