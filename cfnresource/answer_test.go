package cfnresource

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A receiver on this machine that misbehaves in the first attempts.
func TestPut_TriesAgain(t *testing.T) {
	hangUp := func(w http.ResponseWriter) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_ = conn.Close()
		}
	}
	for name, misbehave := range map[string]func(http.ResponseWriter){
		"dropped connection": hangUp,
		"500":                func(w http.ResponseWriter) { w.WriteHeader(http.StatusInternalServerError) },
		"503":                func(w http.ResponseWriter) { w.WriteHeader(http.StatusServiceUnavailable) },
		"429":                func(w http.ResponseWriter) { w.WriteHeader(http.StatusTooManyRequests) },
		"408":                func(w http.ResponseWriter) { w.WriteHeader(http.StatusRequestTimeout) },
		"answer that is cut": func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "10")
			w.WriteHeader(200)
			_, _ = w.Write([]byte("x"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			var attempts atomic.Int32
			var body string
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				b, _ := io.ReadAll(r.Body)
				body = string(b)
				if attempts.Add(1) == 1 {
					misbehave(w)
				}
			}))
			defer s.Close()
			require.NoError(t, put(t.Context(), s.Client(), s.URL+"/?"+signature, []byte("hello")))
			assert.EqualValues(t, 2, attempts.Load())
			assert.Equal(t, "hello", body)
		})
	}
}

func TestPut_GivesUpAtOnce(t *testing.T) {
	var attempts atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		attempts.Add(1)
		w.WriteHeader(http.StatusForbidden)
	}))
	defer s.Close()
	assert.EqualError(t, put(t.Context(), s.Client(), s.URL+"/?"+signature, nil), "cannot answer CloudFormation (attempt 1): status 403 Forbidden")
	assert.EqualValues(t, 1, attempts.Load())
	assert.EqualError(t, put(t.Context(), s.Client(), "ht tp://x?"+signature, nil), "cannot answer CloudFormation (attempt 1): first path segment in URL cannot contain colon")
}

// The URL lets everybody answer in the function's name: it must not be in an error, and so not in a log.
func TestPut_KeepsTheURLSecret(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	address := l.Addr().String()
	require.NoError(t, l.Close())
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	err = put(ctx, &http.Client{}, "http://"+address+"/secret?"+signature, nil)
	assert.EqualError(t, err, "cannot answer CloudFormation (attempt 1): dial tcp "+address+": connect: connection refused")
}

// A receiver that never answers costs 10 s an attempt; attempts go on until the time of the function is over.
func TestPut_SlowReceiver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var attempts int
		client := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			if attempts++; attempts > 3 {
				return &http.Response{StatusCode: 200, Body: http.NoBody}, nil
			}
			<-r.Context().Done()
			return nil, r.Context().Err()
		})}
		began := time.Now()
		require.NoError(t, put(t.Context(), client, "https://cfn", nil))
		assert.Equal(t, 4, attempts)
		assert.InDelta(t, 33, time.Since(began).Seconds(), 1.5, "3 times 10 s, and the pauses")

		attempts = 0
		ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
		defer cancel()
		err := put(ctx, client, "https://cfn", nil)
		require.EqualError(t, err, "cannot answer CloudFormation (attempt 2): context deadline exceeded")
		assert.True(t, errors.Is(err, context.DeadlineExceeded))
	})
}

func TestPut_PausesGrow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at []time.Duration
		began := time.Now()
		client := &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
			at = append(at, time.Since(began))
			return nil, errors.New("no route")
		})}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		require.Error(t, put(ctx, client, "https://cfn", nil))
		longest := 500 * time.Millisecond
		for i := 1; i < len(at); i++ {
			pause := at[i] - at[i-1]
			assert.True(t, longest/2 <= pause && pause <= longest, "pause %d is %v", i, pause)
			longest = min(2*longest, 8*time.Second)
		}
		assert.Greater(t, len(at), 8)
	})
}

func TestInvoke_UndeliveredAnswerIsAnError(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	defer s.Close()
	f, log := newFunction(fake{create: returns(nil, nil)})
	_, err := f.Invoke(t.Context(), payload(Create, s.URL, "", fine))
	require.EqualError(t, err, "cannot answer CloudFormation (attempt 1): status 403 Forbidden")
	assert.Contains(t, log.String(), "status 403 Forbidden")
	assert.NotContains(t, log.String(), signature)
}
