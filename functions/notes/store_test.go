package main

import (
	"errors"
	"hash/crc32"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	noteKey = `{"owner":{"S":"ann"},"id":{"S":"2"}}`
	noteAt  = "2026-01-02T03:04:05.678Z"
)

var created = time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)

// dynamoDB answers every call on loopback and keeps the last one.
type dynamoDB struct {
	status       int
	reply        string
	target, body string
}

func (d *dynamoDB) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b, _ := io.ReadAll(r.Body)
	d.target, d.body = r.Header.Get("X-Amz-Target"), string(b)
	w.Header().Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(d.reply))), 10)) // without it the SDK warns
	w.WriteHeader(d.status)
	_, _ = io.WriteString(w, d.reply)
}

// newTestStore is the store as main wires it, with its calls sent to endpoint.
func newTestStore(t *testing.T, endpoint http.Handler) *dynamoStore {
	t.Helper()
	srv := httptest.NewServer(endpoint)
	t.Cleanup(srv.Close)
	for k, v := range map[string]string{
		"TABLE_NAME": "table", "AWS_ENDPOINT_URL_DYNAMODB": srv.URL, "AWS_REGION": "eu-west-1",
		"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
		"AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
	} {
		t.Setenv(k, v)
	}
	h, err := newHandler(t.Context(), slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	return h.store.(*dynamoStore)
}

func TestNewHandler_NeedsTableName(t *testing.T) {
	t.Setenv("TABLE_NAME", "")
	_, err := newHandler(t.Context(), slog.New(slog.DiscardHandler))
	require.EqualError(t, err, "TABLE_NAME is not set: it must name the DynamoDB table of the notes")
}

func TestDynamoStore_Put(t *testing.T) {
	d := &dynamoDB{status: 200, reply: `{}`}
	s := newTestStore(t, d)
	require.NoError(t, s.Put(t.Context(), "ann", Note{ID: "2", Title: "two", Created: created}))
	assert.Equal(t, "DynamoDB_20120810.PutItem", d.target)
	assert.JSONEq(t, `{"TableName":"table","Item":{"owner":{"S":"ann"},"id":{"S":"2"},
		"title":{"S":"two"},"body":{"S":""},"created":{"S":"`+noteAt+`"}}}`, d.body)
}

func TestDynamoStore_Get(t *testing.T) {
	d := &dynamoDB{status: 200, reply: `{"Item":{"owner":{"S":"ann"},"id":{"S":"2"},
		"title":{"S":"two"},"body":{"S":"text"},"created":{"S":"` + noteAt + `"}}}`}
	s := newTestStore(t, d)
	n, err := s.Get(t.Context(), "ann", "2")
	require.NoError(t, err)
	assert.Equal(t, Note{ID: "2", Title: "two", Body: "text", Created: created}, n)
	assert.Equal(t, "DynamoDB_20120810.GetItem", d.target)
	assert.JSONEq(t, `{"TableName":"table","ConsistentRead":true,"Key":`+noteKey+`}`, d.body)

	d.reply = `{}`
	_, err = s.Get(t.Context(), "ann", "2")
	require.ErrorIs(t, err, ErrNotFound)
}

func TestDynamoStore_List(t *testing.T) {
	const (
		query = `"TableName":"table","KeyConditionExpression":"#owner = :owner","ExpressionAttributeNames":{"#owner":"owner"},
			"ExpressionAttributeValues":{":owner":{"S":"ann"}},"ScanIndexForward":false,"ConsistentRead":true,"Limit":3`
		n3, n2, n1 = `{"id":{"S":"3"}}`, `{"id":{"S":"2"}}`, `{"id":{"S":"1"}}`
	)
	for name, tt := range map[string]struct {
		before, reply, request string
		want                   []Note
		more                   bool
	}{
		"nothing":       {"", `{}`, `{` + query + `}`, []Note{}, false},
		"only a key":    {"", `{"Items":[],"LastEvaluatedKey":` + noteKey + `}`, `{` + query + `}`, []Note{}, false},
		"the last page": {"", `{"Items":[` + n2 + `,` + n1 + `]}`, `{` + query + `}`, []Note{{ID: "2"}, {ID: "1"}}, false},
		"one too many": {"", `{"Items":[` + n3 + `,` + n2 + `,` + n1 + `],"LastEvaluatedKey":` + noteKey + `}`,
			`{` + query + `}`, []Note{{ID: "3"}, {ID: "2"}}, true},
		"cut at 1 MB": {"", `{"Items":[` + n3 + `],"LastEvaluatedKey":` + noteKey + `}`,
			`{` + query + `}`, []Note{{ID: "3"}}, true},
		"a later page": {"2", `{"Items":[` + n1 + `]}`,
			`{` + query + `,"ExclusiveStartKey":` + noteKey + `}`, []Note{{ID: "1"}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			d := &dynamoDB{status: 200, reply: tt.reply}
			notes, more, err := newTestStore(t, d).List(t.Context(), "ann", 2, tt.before)
			require.NoError(t, err)
			assert.Equal(t, tt.want, notes)
			assert.Equal(t, tt.more, more)
			assert.Equal(t, "DynamoDB_20120810.Query", d.target)
			assert.JSONEq(t, tt.request, d.body)
		})
	}
}

func TestDynamoStore_Delete(t *testing.T) {
	d := &dynamoDB{status: 200, reply: `{}`}
	s := newTestStore(t, d)
	require.NoError(t, s.Delete(t.Context(), "ann", "2"))
	assert.Equal(t, "DynamoDB_20120810.DeleteItem", d.target)
	assert.JSONEq(t, `{"TableName":"table","ConditionExpression":"attribute_exists(id)","Key":`+noteKey+`}`, d.body)

	d.status, d.reply = 400, `{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"}`
	require.ErrorIs(t, s.Delete(t.Context(), "ann", "2"), ErrNotFound)
}

// calls are all calls of a store.
func calls(t *testing.T, s *dynamoStore) map[string]func() error {
	return map[string]func() error{
		"put the note":    func() error { return s.Put(t.Context(), "ann", Note{ID: "2"}) },
		"get the note":    func() error { _, err := s.Get(t.Context(), "ann", "2"); return err },
		"query the notes": func() error { _, _, err := s.List(t.Context(), "ann", 2, ""); return err },
		"delete the note": func() error { return s.Delete(t.Context(), "ann", "2") },
	}
}

func TestDynamoStore_Error(t *testing.T) {
	s := newTestStore(t, &dynamoDB{status: 400, reply: `{"__type":"ResourceNotFoundException","message":"no such table"}`})
	for name, call := range calls(t, s) {
		err := call()
		require.ErrorContains(t, err, name+": ")
		require.ErrorContains(t, err, "no such table")
		require.NotErrorIs(t, err, ErrNotFound, "a missing table is no missing note")
	}
}

func TestDynamoStore_Timeout(t *testing.T) {
	s := newTestStore(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // what is unread hides that the client has gone
		<-r.Context().Done()
	}))
	assert.Equal(t, callTimeout, s.timeout)
	s.timeout = 20 * time.Millisecond
	for name, call := range calls(t, s) {
		start := time.Now()
		require.ErrorContains(t, call(), "context deadline exceeded", name)
		assert.Less(t, time.Since(start), attemptTimeout, name)
	}
}

// A request that gets no answer leaves time for another.
func TestDynamoStore_RetriesLostRequest(t *testing.T) {
	d, requests := &dynamoDB{status: 200, reply: `{}`}, atomic.Int32{}
	s := newTestStore(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if requests.Add(1) == 1 {
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
			return
		}
		d.ServeHTTP(w, r)
	}))
	require.NoError(t, s.Put(t.Context(), "ann", Note{ID: "2"}))
	assert.EqualValues(t, 2, requests.Load())
	for attempt := range 10 {
		delay, err := s.client.Options().Retryer.RetryDelay(attempt, errors.New("lost"))
		require.NoError(t, err)
		assert.LessOrEqual(t, delay, maxBackoff)
	}
}
