// Package metrics sends metrics to Amazon CloudWatch, from programs that run anywhere, and nothing of the CDK is in it.
//
// A Client keeps what Put accepted until CloudWatch has taken or refused it: it batches by namespace, within the limits of
// PutMetricData, and retries with jitter for as long as it takes; what is denied, for Config.DeniedTimeout. What waits is bounded; when that is full, Put waits, or
// drops and counts. Close sends the rest. In Lambda, and wherever an agent reads logs, EMF writes metrics as lines of the log
// instead, which costs no call.
//
// A request whose answer was lost is sent again, and may count twice: CloudWatch has no means against that.
//
// See https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html.
package metrics

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"

	"github.com/strata-cdk/strata/check"
)

// WhenFull is what Put does with a datum that the queue has no room for.
type WhenFull int

const (
	// Block waits for room until the context ends.
	Block WhenFull = iota
	// DropNew drops the datum, counts it in Stats.Dropped and returns ErrFull, at once.
	DropNew
)

var (
	// ErrFull says that the queue had no room, and data were dropped.
	ErrFull = errors.New("the queue is full")
	// ErrClosed says that the client was closed before.
	ErrClosed = errors.New("the client is closed")
)

// Config configures a Client.
type Config struct {
	// AWS is the configuration of the SDK, as config.LoadDefaultConfig gives it, with a region and credentials. Its retries are
	// not used: the client has its own. The credentials need cloudwatch:PutMetricData.
	AWS aws.Config
	// Namespace is that of data without one.
	// Default: none, each datum must have its own.
	Namespace string
	// FlushInterval is how long a datum waits for others at most, if CloudWatch answers. A batch that is full goes at once. A
	// request is paid for.
	// Default: 10 s. From 100 ms to 10 min.
	FlushInterval time.Duration
	// QueueBytes bounds the memory of what waits and what is being sent: the size in the request, 256 bytes for each datum and
	// 32 for each dimension.
	// Default: 16 MiB. From 2 MiB to 1 GiB.
	QueueBytes int
	// WhenFull is what Put does when there is no room.
	// Default: Block.
	WhenFull WhenFull
	// RequestTimeout is how long a request may take before it counts as failed and is sent again.
	// Default: 10 s. From 1 s to 5 min.
	RequestTimeout time.Duration
	// DeniedTimeout is how long data that CloudWatch denies, for want of a permission or of valid credentials, are sent again.
	// After that they count as refused, and later data of their namespace are tried once, until a request is taken.
	// Default: 15 min. From 1 s to 24 h.
	DeniedTimeout time.Duration
	// OnError is told of each request that failed and is tried again, of each answer that cannot be read, with a *RefusedError of each datum
	// that CloudWatch refused, and with a *DeniedError of data that it denied for DeniedTimeout. It is called by the goroutine
	// that sends, and must not wait for this client.
	// Default: a warning to slog.Default.
	OnError func(error)
	// ConfigureCloudWatch edits the options of the SDK's client last.
	// Default: no edit.
	ConfigureCloudWatch func(*cloudwatch.Options)
}

// Validate reports every invalid field at once.
func (c Config) Validate() error {
	d, l := c.withDefaults(), check.For("metrics.Config")
	l.That(d.AWS.Region != "", "AWS.Region", "must be set")
	l.That(d.AWS.Credentials != nil, "AWS.Credentials", "must be set")
	if d.Namespace != "" {
		checkNamespace(l, d.Namespace)
	}
	check.Range(l, "FlushInterval", d.FlushInterval, 100*time.Millisecond, 10*time.Minute)
	check.Range(l, "QueueBytes", d.QueueBytes, 2<<20, 1<<30)
	check.OneOf(l, "WhenFull", d.WhenFull, Block, DropNew)
	check.Range(l, "RequestTimeout", d.RequestTimeout, time.Second, 5*time.Minute)
	check.Range(l, "DeniedTimeout", d.DeniedTimeout, time.Second, 24*time.Hour)
	return l.Err()
}

func (c Config) withDefaults() Config {
	if c.FlushInterval == 0 {
		c.FlushInterval = 10 * time.Second
	}
	if c.QueueBytes == 0 {
		c.QueueBytes = 16 << 20
	}
	if c.RequestTimeout == 0 {
		c.RequestTimeout = 10 * time.Second
	}
	if c.DeniedTimeout == 0 {
		c.DeniedTimeout = 15 * time.Minute
	}
	if c.OnError == nil {
		c.OnError = func(err error) { slog.Default().Warn("metrics are delayed or refused", "error", err) }
	}
	return c
}

// Stats is what became of the data. Accepted = Sent + Refused + Lost + Waiting.
type Stats struct {
	// Accepted data were taken by Put.
	Accepted int
	// Sent data were taken by CloudWatch.
	Sent int
	// Refused data were refused by CloudWatch, or denied for Config.DeniedTimeout, which was told to OnError.
	Refused int
	// Lost data were not sent, or were being sent, when the context of Close ended.
	Lost int
	// Waiting data were accepted, and nothing else happened to them yet.
	Waiting int
	// WaitingBytes is what Config.QueueBytes bounds.
	WaitingBytes int
	// Dropped data found the queue full, with DropNew. They were not accepted.
	Dropped int
	// Requests were sent, of which Retries repeated one that failed.
	Requests, Retries int
}

// Client sends metrics to CloudWatch. It is safe for concurrent use.
type Client struct {
	cfg     Config
	api     *cloudwatch.Client
	wake    chan struct{} // tells the sender that there may be something to do
	closing chan struct{} // closed by Close
	done    chan struct{} // closed by the sender when it ends
	ctx     context.Context
	abandon context.CancelCauseFunc
	denied  map[string]time.Time // when CloudWatch began to deny a namespace; of the sender

	mu       sync.Mutex
	stats    Stats
	queue    []*batch          // in the order in which they were begun
	open     map[string]*batch // the batches of queue that have room, by namespace
	sending  *batch
	flushTo  int           // the number of the last datum that must not wait for others
	changed  chan struct{} // closed, and replaced, when a batch is done
	isClosed bool
}

// batch is data for one request.
type batch struct {
	namespace string
	data      []Datum
	first     int // the number of the first datum: how many were accepted with it
	size      int // in the request
	weight    int // in the queue
}

// Limits of one request. A megabyte is taken to be the smaller one, before compression.
const (
	maxData  = 1000
	maxBytes = 1_000_000
)

// weight is what a datum takes in the queue, in bytes.
func (d Datum) weight() int { return d.size() + 256 + 32*len(d.Dimensions) }

// NewClient starts a client, which Close ends. It returns a *check.Error with every invalid field of cfg.
func NewClient(cfg Config) (*Client, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	c := &Client{
		cfg: cfg.withDefaults(), open: map[string]*batch{}, denied: map[string]time.Time{}, changed: make(chan struct{}),
		wake: make(chan struct{}, 1), closing: make(chan struct{}), done: make(chan struct{}),
	}
	c.api = cloudwatch.NewFromConfig(cfg.AWS, func(o *cloudwatch.Options) {
		o.Retryer = aws.NopRetryer{}
		if cfg.ConfigureCloudWatch != nil {
			cfg.ConfigureCloudWatch(o)
		}
	})
	c.ctx, c.abandon = context.WithCancelCause(context.Background())
	go c.run()
	return c, nil
}

// Put accepts data, which may be changed when it returns. A *check.Error says what is wrong with them, and then none is
// accepted. Other errors say how many were: there was no room (the error of ctx, or ErrFull with DropNew), or the client is
// closed (ErrClosed).
func (c *Client) Put(ctx context.Context, data ...Datum) error {
	l, now := check.For("metrics.Datum"), time.Now()
	for i, d := range data {
		at := l
		if len(data) > 1 {
			at = l.At(check.Index("", i))
		}
		d.withDefaults(c.cfg.Namespace, now).check(at, now)
	}
	if err := l.Err(); err != nil {
		return err
	}
	var failed error
	accepted := 0
	for _, d := range data {
		err := c.accept(ctx, d.withDefaults(c.cfg.Namespace, now).clone())
		if err == nil {
			accepted++
			continue
		}
		failed = err
		if !errors.Is(err, ErrFull) {
			break
		}
	}
	if failed != nil {
		return fmt.Errorf("metrics: accepted %d of %d data: %w", accepted, len(data), failed)
	}
	return nil
}

func (c *Client) accept(ctx context.Context, d Datum) error {
	for {
		changed, err := c.tryAccept(d)
		if changed == nil {
			return err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// tryAccept returns what to wait for when there is no room.
func (c *Client) tryAccept(d Datum) (changed <-chan struct{}, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.isClosed:
		return nil, ErrClosed
	case c.stats.WaitingBytes+d.weight() <= c.cfg.QueueBytes:
		c.add(d)
		return nil, nil
	}
	// What waits for others must go, or there might never be room.
	c.flushTo = c.stats.Accepted
	c.signal()
	if c.cfg.WhenFull == DropNew {
		c.stats.Dropped++
		return nil, ErrFull
	}
	return c.changed, nil
}

func (c *Client) add(d Datum) {
	size, weight := d.size(), d.weight()
	c.stats.Accepted++
	c.stats.Waiting++
	c.stats.WaitingBytes += weight
	b := c.open[d.Namespace]
	if b == nil || b.size+size > maxBytes {
		b = &batch{namespace: d.Namespace, first: c.stats.Accepted, size: 40 + len(d.Namespace)}
		c.open[d.Namespace] = b
		c.queue = append(c.queue, b)
		c.signal()
	}
	b.data, b.size, b.weight = append(b.data, d), b.size+size, b.weight+weight
	if len(b.data) == maxData {
		delete(c.open, d.Namespace)
		c.signal()
	}
}

// signal wakes the sender.
func (c *Client) signal() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// Flush sends what was accepted before it, and returns when CloudWatch took or refused all of that, or ctx ends. A
// *LostError says that Close gave up meanwhile.
func (c *Client) Flush(ctx context.Context) error {
	c.mu.Lock()
	last := c.stats.Accepted
	c.flushTo = max(c.flushTo, last)
	c.signal()
	for c.oldest() <= last {
		changed := c.changed
		c.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("metrics: not all is sent: %w", ctx.Err())
		}
		c.mu.Lock()
	}
	defer c.mu.Unlock()
	return c.lost()
}

func (c *Client) lost() error {
	if c.stats.Lost == 0 {
		return nil
	}
	return &LostError{Data: c.stats.Lost, Err: context.Cause(c.ctx)}
}

// oldest is the number of the first datum that waits.
func (c *Client) oldest() int {
	n := math.MaxInt
	if c.sending != nil {
		n = c.sending.first
	}
	if len(c.queue) > 0 {
		n = min(n, c.queue[0].first)
	}
	return n
}

// Close ends the client: it accepts no more data, sends what it has, and returns when that is done. When ctx ends before, the
// rest is lost, and the error, a *LostError, says how much. It can be called again.
func (c *Client) Close(ctx context.Context) error {
	c.mu.Lock()
	if !c.isClosed {
		c.isClosed = true
		c.flushTo = math.MaxInt
		close(c.closing)
		c.signal()
	}
	c.mu.Unlock()
	select {
	case <-c.done:
	case <-ctx.Done():
		c.abandon(ctx.Err())
		<-c.done
	}
	c.abandon(ErrClosed)
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lost()
}

// LostError says how many data were lost because the context of Close ended.
type LostError struct {
	Data int
	Err  error
}

// Error says how many data were lost.
func (e *LostError) Error() string { return fmt.Sprintf("metrics: lost %d data: %v", e.Data, e.Err) }

// Unwrap is the error of the context.
func (e *LostError) Unwrap() error { return e.Err }

// Stats is what became of the data until now.
func (c *Client) Stats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stats
}

// next takes the first batch that is full or must not wait. There is none, and there never will be, when ended.
func (c *Client) next() (b *batch, ended bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.IndexFunc(c.queue, func(b *batch) bool { return b.first <= c.flushTo || c.open[b.namespace] != b })
	if i < 0 {
		return nil, c.isClosed
	}
	b = c.queue[i]
	c.queue = slices.Delete(c.queue, i, i+1)
	if c.open[b.namespace] == b {
		delete(c.open, b.namespace)
	}
	c.sending = b
	return b, false
}
