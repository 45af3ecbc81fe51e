package main

import (
	"bytes"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestHandler(t *testing.T) {
	for _, c := range []struct {
		method, path, body string
		code               int
		done               string
	}{
		{"POST", "/", `{"do":"dishes"}`, http.StatusOK, "message 7: done: \"dishes\"\n"},
		{"POST", "/", `{"do":" "}`, http.StatusBadRequest, ""},
		{"POST", "/", `dishes`, http.StatusBadRequest, ""},
		{"POST", "/", `{"do":"` + strings.Repeat("x", 256<<10) + `"}`, http.StatusBadRequest, ""},
		{"POST", "/tidy", ``, http.StatusOK, "task tidy: done\n"},
		{"GET", "/", ``, http.StatusMethodNotAllowed, ""},
	} {
		var out bytes.Buffer
		r := httptest.NewRequest(c.method, c.path, strings.NewReader(c.body))
		r.Header.Set("X-Aws-Sqsd-Msgid", "7")
		r.Header.Set("X-Aws-Sqsd-Taskname", "tidy")
		w := httptest.NewRecorder()
		handler(log.New(&out, "", 0)).ServeHTTP(w, r)
		assert.Equal(t, c.code, w.Code, c.body)
		assert.Equal(t, c.done, out.String(), c.body)
	}
}
