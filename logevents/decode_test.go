package logevents_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/logevents"
)

const (
	data = `{"messageType":"DATA_MESSAGE","owner":"111122223333","logGroup":"/app","logStream":"s/1","subscriptionFilters":["errors"],` +
		`"policyLevel":"ACCOUNT_LEVEL_POLICY","logEvents":[{"id":"36","timestamp":1440442987001,"message":"one\n","extractedFields":{"a":"1"}},` +
		`{"id":"37","timestamp":1440442987002,"message":"zwei – ü"}]}`
	control = `{"messageType":"CONTROL_MESSAGE","owner":"CloudwatchLogs","logGroup":"","logStream":"","subscriptionFilters":[],` +
		`"logEvents":[{"id":"","timestamp":1440442987001,"message":"CWL CONTROL MESSAGE: Checking health of destination"}]}`
)

func pack(t testing.TB, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return b.Bytes()
}

func event(t testing.TB, text string) events.CloudwatchLogsEvent {
	t.Helper()
	return events.CloudwatchLogsEvent{AWSLogs: events.CloudwatchLogsRawData{Data: base64.StdEncoding.EncodeToString(pack(t, text))}}
}

func TestDecode(t *testing.T) {
	b, err := logevents.Decoder{}.DecodeEvent(event(t, data))
	require.NoError(t, err)
	assert.Equal(t, &logevents.Batch{
		Type: "DATA_MESSAGE", Owner: "111122223333", Group: "/app", Stream: "s/1", Filters: []string{"errors"}, PolicyLevel: "ACCOUNT_LEVEL_POLICY",
		Events: []logevents.Event{
			{ID: "36", Timestamp: 1440442987001, Message: "one\n", Fields: map[string]string{"a": "1"}},
			{ID: "37", Timestamp: 1440442987002, Message: "zwei – ü"},
		},
	}, b)
	assert.False(t, b.IsControl())
	assert.Equal(t, time.Date(2015, 8, 24, 19, 3, 7, int(time.Millisecond), time.UTC), b.Events[0].Time())
}

// The package reads what the library of Lambda reads, of a message that both know.
func TestDecode_LikeTheLibrary(t *testing.T) {
	e := event(t, data)
	theirs, err := e.AWSLogs.Parse()
	require.NoError(t, err)
	ours, err := logevents.Decoder{}.DecodeEvent(e)
	require.NoError(t, err)
	require.Len(t, ours.Events, len(theirs.LogEvents))
	for i, e := range theirs.LogEvents {
		assert.Equal(t, e, events.CloudwatchLogsLogEvent{ID: ours.Events[i].ID, Timestamp: ours.Events[i].Timestamp, Message: ours.Events[i].Message})
	}
	assert.Equal(t, []string{theirs.Owner, theirs.LogGroup, theirs.LogStream, theirs.MessageType}, []string{ours.Owner, ours.Group, ours.Stream, ours.Type})
}

func TestDecode_ControlMessage(t *testing.T) {
	b, err := logevents.Decoder{}.Decode(pack(t, control))
	require.NoError(t, err)
	assert.True(t, b.IsControl())
}

func TestDecode_Invalid(t *testing.T) {
	good := pack(t, data)
	flipped := bytes.Clone(good)
	flipped[len(flipped)-6] ^= 1 // in the checksum
	for name, c := range map[string]struct {
		in   []byte
		want string
	}{
		"nothing":      {nil, "unpack log events: EOF"},
		"no gzip":      {[]byte(data), "unpack log events: gzip: invalid header"},
		"cut":          {good[:len(good)/2], "unpack log events: unexpected EOF"},
		"cut checksum": {good[:len(good)-4], "unpack log events: unexpected EOF"},
		"bad checksum": {flipped, "unpack log events: gzip: invalid checksum"},
		"no JSON":      {pack(t, "x"), "decode log events: invalid character 'x' looking for beginning of value"},
		"two values":   {pack(t, data+"{}"), "decode log events: invalid character '{' after top-level value"},
		"other type":   {pack(t, `{"messageType":"NEWS"}`), `decode log events: want a DATA_MESSAGE or a CONTROL_MESSAGE, got "NEWS"`},
		"null":         {pack(t, `null`), `decode log events: want a DATA_MESSAGE or a CONTROL_MESSAGE, got ""`},
		"no list":      {pack(t, `{"messageType":"DATA_MESSAGE","logEvents":{}}`), "decode log events: logEvents: want a list, got {}"},
		"no id":        {pack(t, `{"messageType":"DATA_MESSAGE","logEvents":[{"id":"1"},{}]}`), "decode log events: logEvents[1]: has neither id nor message"},
		"wrong number": {
			pack(t, `{"messageType":"DATA_MESSAGE","logEvents":[{"id":"1","timestamp":1.5}]}`),
			"decode log events: logEvents[0]: json: cannot unmarshal number 1.5 into Go struct field Event.timestamp of type int64",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := logevents.Decoder{}.Decode(c.in)
			assert.EqualError(t, err, c.want)
		})
	}
	_, err := logevents.Decoder{}.DecodeEvent(events.CloudwatchLogsEvent{AWSLogs: events.CloudwatchLogsRawData{Data: "*"}})
	assert.EqualError(t, err, "unpack log events: illegal base64 data at input byte 0")
}

func TestDecode_Limit(t *testing.T) {
	packed := pack(t, data)
	_, err := logevents.Decoder{MaxBytes: int64(len(data))}.Decode(packed)
	require.NoError(t, err)
	_, err = logevents.Decoder{MaxBytes: int64(len(data)) - 1}.Decode(packed)
	require.ErrorIs(t, err, logevents.ErrTooLarge)
	assert.EqualError(t, err, fmt.Sprintf("unpack log events: the batch is too large: more than %d bytes", len(data)-1))
}

// allocated is how many bytes f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// What is packed to nothing takes no more memory than the limit allows, in one stream of gzip or in many.
func TestDecode_Bombs(t *testing.T) {
	large := pack(t, strings.Repeat("a", 200<<20))
	many := bytes.Repeat(pack(t, strings.Repeat("a", 1<<20)), 200)
	for name, bomb := range map[string][]byte{"one stream": large, "many streams": many} {
		require.Less(t, len(bomb), 1<<20, name)
		var err error
		used := allocated(func() { _, err = logevents.Decoder{MaxBytes: 1 << 20}.Decode(bomb) })
		require.ErrorIs(t, err, logevents.ErrTooLarge, name)
		assert.Less(t, used, uint64(16<<20), name)
		_, err = logevents.Decoder{}.Decode(bomb)
		require.ErrorIs(t, err, logevents.ErrTooLarge, "%s has a limit of its own", name)
	}
	empty := pack(t, `{"messageType":"DATA_MESSAGE","logEvents":[`+strings.Repeat("{},", 1<<20)+`{}]}`)
	var err error
	used := allocated(func() { _, err = logevents.Decoder{}.Decode(empty) })
	require.ErrorContains(t, err, "logEvents[0]: has neither id nor message")
	assert.Less(t, used, uint64(64<<20), "no event was made of the million empty ones")
}

// invoke calls a handler as the runtime of Lambda does, with JSON.
func invoke(t *testing.T, handler, in any) (string, error) {
	t.Helper()
	payload, err := json.Marshal(in)
	require.NoError(t, err)
	out, err := lambda.NewHandler(handler).Invoke(t.Context(), payload)
	return string(out), err
}

func TestHandler(t *testing.T) {
	var got []string
	fail := errors.New("no room")
	h := logevents.Handler(func(_ context.Context, b *logevents.Batch) error {
		got = append(got, b.Events[0].Message)
		if b.Group == "/full" {
			return fail
		}
		return nil
	})
	_, err := invoke(t, h, event(t, data))
	require.NoError(t, err)
	_, err = invoke(t, h, event(t, control))
	require.NoError(t, err)
	assert.Equal(t, []string{"one\n"}, got, "no control message")
	_, err = invoke(t, h, event(t, strings.ReplaceAll(data, "/app", "/full")))
	require.ErrorIs(t, err, fail)
	_, err = invoke(t, h, events.CloudwatchLogsEvent{})
	require.EqualError(t, err, "unpack log events: EOF")
}

func TestKinesisHandler(t *testing.T) {
	var got []string
	h := logevents.KinesisHandler(func(_ context.Context, b *logevents.Batch) error {
		got = append(got, b.Group)
		if b.Group == "/full" {
			return errors.New("no room")
		}
		return nil
	})
	record := func(number string, data []byte) events.KinesisEventRecord {
		return events.KinesisEventRecord{Kinesis: events.KinesisRecord{SequenceNumber: number, Data: data}}
	}
	good, checking := record("1", pack(t, data)), record("2", pack(t, control))
	out, err := invoke(t, h, events.KinesisEvent{Records: []events.KinesisEventRecord{good, checking}})
	require.NoError(t, err)
	assert.JSONEq(t, `{"batchItemFailures":null}`, out)
	assert.Equal(t, []string{"/app"}, got)
	for number, bad := range map[string][]byte{"3": pack(t, strings.ReplaceAll(data, "/app", "/full")), "4": []byte("no gzip")} {
		got = nil
		out, err = invoke(t, h, events.KinesisEvent{Records: []events.KinesisEventRecord{good, record(number, bad), good}})
		require.NoError(t, err)
		assert.JSONEq(t, `{"batchItemFailures":[{"itemIdentifier":"`+number+`"}]}`, out)
		assert.Equal(t, "/app", got[0])
		assert.NotEqual(t, []string{"/app", "/app"}, got, "what is behind it waits")
	}
}

func TestFirehoseHandler(t *testing.T) {
	h := logevents.FirehoseHandler(func(_ context.Context, b *logevents.Batch) ([]byte, error) {
		switch b.Group {
		case "/app":
			return []byte(b.Events[0].Message), nil
		case "/full":
			return []byte("part"), errors.New("no room")
		}
		return nil, nil
	})
	var in events.KinesisFirehoseEvent
	for id, data := range [][]byte{
		pack(t, data), pack(t, control), []byte("no gzip"),
		pack(t, strings.ReplaceAll(data, "/app", "/full")), pack(t, strings.ReplaceAll(data, "/app", "/dull")),
	} {
		in.Records = append(in.Records, events.KinesisFirehoseEventRecord{RecordID: string(rune('0' + id)), Data: data})
	}
	text, err := invoke(t, h, in)
	require.NoError(t, err)
	var out events.KinesisFirehoseResponse
	require.NoError(t, json.Unmarshal([]byte(text), &out))
	assert.Equal(t, []events.KinesisFirehoseResponseRecord{
		{RecordID: "0", Result: "Ok", Data: []byte("one\n")},
		{RecordID: "1", Result: "Dropped"},
		{RecordID: "2", Result: "ProcessingFailed", Data: []byte("no gzip")},
		{RecordID: "3", Result: "ProcessingFailed", Data: in.Records[3].Data},
		{RecordID: "4", Result: "Dropped"},
	}, out.Records)
}

// Whatever comes, it is a batch or an error, and a batch is within the limit.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{data, control, "", "{}", `{"messageType":"DATA_MESSAGE","logEvents":null}`} {
		f.Add(pack(f, s))
	}
	f.Add([]byte("no gzip"))
	f.Fuzz(func(t *testing.T, in []byte) {
		b, err := logevents.Decoder{MaxBytes: 4096}.Decode(in)
		if (b == nil) == (err == nil) {
			t.Fatalf("batch %v, error %v", b, err)
		}
		if b != nil && len(b.Events) > 4096 {
			t.Fatal("more events than bytes")
		}
	})
}

func ExampleHandler() {
	handler := logevents.Handler(func(_ context.Context, b *logevents.Batch) error {
		for _, e := range b.Events {
			fmt.Println(b.Group, e.Time().Format(time.RFC3339), e.Message)
		}
		return nil
	})
	// lambda.Start(handler) in a function; here it gets a batch from a test.
	text := strings.ReplaceAll(data, `\n`, "")
	if err := handler(context.Background(), event(&testing.T{}, text)); err != nil {
		fmt.Println(err)
	}
	// Output:
	// /app 2015-08-24T19:03:07Z one
	// /app 2015-08-24T19:03:07Z zwei – ü
}

// Lambda gets no error from these handlers: without a line in its log, nobody would know why a record failed.
func TestHandlers_LogWhatFails(t *testing.T) {
	var text bytes.Buffer
	before := slog.Default()
	t.Cleanup(func() { slog.SetDefault(before) })
	slog.SetDefault(slog.New(slog.NewTextHandler(&text, nil)))
	for _, call := range []func(data []byte){
		func(data []byte) {
			h := logevents.KinesisHandler(func(context.Context, *logevents.Batch) error { return errors.New("no room") })
			_, err := h(t.Context(), events.KinesisEvent{Records: []events.KinesisEventRecord{{Kinesis: events.KinesisRecord{SequenceNumber: "7", Data: data}}}})
			require.NoError(t, err)
		},
		func(data []byte) {
			h := logevents.FirehoseHandler(func(context.Context, *logevents.Batch) ([]byte, error) { return nil, errors.New("no room") })
			_, err := h(t.Context(), events.KinesisFirehoseEvent{Records: []events.KinesisFirehoseEventRecord{{RecordID: "7", Data: data}}})
			require.NoError(t, err)
		},
	} {
		text.Reset()
		call(pack(t, data))
		assert.Regexp(t, `level=ERROR .*=7 error="no room"`, text.String())
		text.Reset()
		call(pack(t, control))
		assert.Empty(t, text.String())
	}
}
