package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestHandler(t *testing.T) {
	for _, c := range []struct {
		method, target, color string
		code                  int
		body                  string
	}{
		{"GET", "/", "", http.StatusOK, "<p style=\"color: black\">Hello world</p>\n"},
		{"GET", "/?name=%3Cb%3E", "green", http.StatusOK, "<p style=\"color: green\">Hello &lt;b&gt;</p>\n"},
		{"GET", "/health", "", http.StatusOK, "ok\n"},
		{"GET", "/nothing", "", http.StatusNotFound, "404 page not found\n"},
		{"POST", "/", "", http.StatusMethodNotAllowed, "Method Not Allowed\n"},
	} {
		w := httptest.NewRecorder()
		handler(c.color).ServeHTTP(w, httptest.NewRequest(c.method, c.target, nil))
		assert.Equal(t, c.code, w.Code, c.target)
		assert.Equal(t, c.body, w.Body.String(), c.target)
	}
}
