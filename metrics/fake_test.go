package metrics

import (
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/encoding/cbor"
	"github.com/stretchr/testify/require"
)

// fake is CloudWatch's side of PutMetricData, in the protocol that the SDK speaks: RPC v2 with CBOR. It refuses what is
// beyond the limits.
type fake struct {
	// answer says what to do with a call, which are numbered from 1. The zero answer takes the data.
	answer func(call int, data []cbor.Map) answer

	forget bool // keeps no data

	mu    sync.Mutex
	calls []call
}

type answer struct {
	status     int // of an error, with code
	code       string
	retryAfter string
	hold       <-chan struct{} // answer when it is closed
	garbled    bool            // take the data, and answer what is not CBOR
	drop       bool            // end the connection without an answer
	take       bool            // take the data though there is an error, or no answer
}

// call is a request whose data were taken.
type call struct {
	at        time.Time
	namespace string
	data      []cbor.Map
	size      int // before compression
	gzip      bool
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := call{at: time.Now(), gzip: r.Header.Get("Content-Encoding") == "gzip"}
	body := io.Reader(r.Body)
	if c.gzip {
		z, err := gzip.NewReader(body)
		if err != nil {
			f.fail(w, answer{status: 400, code: "BadGzip"})
			return
		}
		body = z
	}
	b, err := io.ReadAll(body)
	value, cborErr := cbor.Decode(b)
	input, ok := value.(cbor.Map)
	if err != nil || cborErr != nil || !ok || r.Header.Get("Smithy-Protocol") != "rpc-v2-cbor" ||
		r.URL.Path != "/service/GraniteServiceVersion20100801/operation/PutMetricData" {
		f.fail(w, answer{status: 404, code: "UnknownOperationException"})
		return
	}
	namespace, _ := input["Namespace"].(cbor.String)
	c.namespace, c.size = string(namespace), len(b)
	list, _ := input["MetricData"].(cbor.List)
	for _, v := range list {
		c.data = append(c.data, v.(cbor.Map))
	}
	if len(b) > 1_000_000 || len(c.data) > 1000 || len(c.data) == 0 || c.namespace == "" {
		f.fail(w, answer{status: 413, code: "RequestEntityTooLarge"})
		return
	}
	f.mu.Lock()
	f.calls = append(f.calls, call{})
	slot := len(f.calls)
	f.mu.Unlock()
	var a answer
	if f.answer != nil {
		a = f.answer(slot, c.data)
	}
	if a.hold != nil {
		select {
		case <-a.hold:
		case <-r.Context().Done():
			return
		}
	}
	c.at = time.Now()
	if !f.forget && (a.take || a.status == 0 && !a.drop) {
		f.mu.Lock()
		f.calls[slot-1] = c
		f.mu.Unlock()
	}
	switch {
	case a.drop:
		panic(http.ErrAbortHandler)
	case a.status != 0:
		f.fail(w, a)
	case a.garbled:
		_, _ = w.Write([]byte("{}"))
	default:
		w.Header().Set("Smithy-Protocol", "rpc-v2-cbor")
		w.Header().Set("Content-Type", "application/cbor")
		_, _ = w.Write(cbor.Encode(cbor.Map{}))
	}
}

func (f *fake) fail(w http.ResponseWriter, a answer) {
	w.Header().Set("Smithy-Protocol", "rpc-v2-cbor")
	w.Header().Set("Content-Type", "application/cbor")
	w.Header().Set("X-Amzn-Query-Error", a.code+";Sender")
	if a.retryAfter != "" {
		w.Header().Set("Retry-After", a.retryAfter)
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(cbor.Encode(cbor.Map{"__type": cbor.String("com.amazonaws.cloudwatch#" + a.code), "message": cbor.String("no")}))
}

// taken are the calls whose data were taken.
func (f *fake) taken() []call {
	f.mu.Lock()
	defer f.mu.Unlock()
	var t []call
	for _, c := range f.calls {
		if c.data != nil {
			t = append(t, c)
		}
	}
	return t
}

// values are those of all data of a namespace, in the order of their arrival.
func (f *fake) values(namespace string) []float64 {
	var v []float64
	for _, c := range f.taken() {
		for _, d := range c.data {
			if c.namespace == namespace {
				v = append(v, float64(d["Value"].(cbor.Float64)))
			}
		}
	}
	return v
}

func awsConfig(url string) aws.Config {
	return aws.Config{
		Region: "eu-west-1", BaseEndpoint: &url, RequestMinCompressSizeBytes: 10240, // as config.LoadDefaultConfig has it
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "a", SecretAccessKey: "s"}, nil
		}),
	}
}

// newClient returns a client of a fake that listens on this machine, and the errors that it was told of.
func newClient(t testing.TB, f *fake, edit func(*Config)) (*Client, *told) {
	t.Helper()
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	told := &told{}
	cfg := Config{AWS: awsConfig(server.URL), Namespace: "Test", FlushInterval: 100 * time.Millisecond, OnError: told.add}
	if edit != nil {
		edit(&cfg)
	}
	c, err := NewClient(cfg)
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = c.Close(ctx)
	})
	return c, told
}

type told struct {
	mu   sync.Mutex
	errs []error
}

func (o *told) add(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.errs = append(o.errs, err)
}

func (o *told) all() []error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.errs
}

// direct calls a handler without a network, for tests with a clock of their own.
type direct struct{ http.Handler }

func (d direct) Do(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w.Result(), nil
}
