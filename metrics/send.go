package metrics

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Waits between the attempts of a request double from the first one, and are half of that and a random part of the rest.
const (
	firstWait    = 100 * time.Millisecond
	throttleWait = time.Second
	maxWait      = 20 * time.Second
)

// RefusedError is a datum that CloudWatch refused. It is not sent again.
type RefusedError struct {
	Datum Datum
	Err   error
}

// Error names the metric.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("metrics: CloudWatch refused %s in %s: %v", e.Datum.Name, e.Datum.Namespace, e.Err)
}

// Unwrap is CloudWatch's error.
func (e *RefusedError) Unwrap() error { return e.Err }

// run sends batches, one after the other, until the client is closed and nothing is left.
func (c *Client) run() {
	defer close(c.done)
	tick := time.NewTicker(c.cfg.FlushInterval)
	defer tick.Stop()
	for {
		b, ended := c.next()
		switch {
		case b != nil:
			c.deliver(b.namespace, b.data)
			c.finish(b)
		case ended:
			return
		default:
			select {
			case <-tick.C:
				c.flushAll()
			case <-c.wake:
			}
			continue
		}
		select { // also when full batches never end
		case <-tick.C:
			c.flushAll()
		default:
		}
	}
}

func (c *Client) flushAll() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.flushTo = max(c.flushTo, c.stats.Accepted)
}

// finish makes room.
func (c *Client) finish(b *batch) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sending = nil
	c.stats.WaitingBytes -= b.weight
	close(c.changed)
	c.changed = make(chan struct{})
}

// deliver sends data of a namespace until CloudWatch has taken or refused them, or the client is abandoned. CloudWatch refuses
// a request as a whole for one bad datum: the halves are sent by themselves then.
func (c *Client) deliver(namespace string, data []Datum) {
	wire := make([]types.MetricDatum, len(data))
	for i, d := range data {
		wire[i] = d.wire()
	}
	input := &cloudwatch.PutMetricDataInput{Namespace: &namespace, MetricData: wire}
	closing := c.closing
	for attempt := 0; ; attempt++ {
		err := c.request(input, attempt > 0)
		switch {
		case err == nil:
			c.settle(len(data), func(s *Stats) *int { return &s.Sent })
			return
		case c.ctx.Err() != nil:
			c.settle(len(data), func(s *Stats) *int { return &s.Lost })
			return
		case isAboutData(err) && len(data) > 1:
			c.deliver(namespace, data[:len(data)/2])
			c.deliver(namespace, data[len(data)/2:])
			return
		case isAboutData(err):
			c.settle(1, func(s *Stats) *int { return &s.Refused })
			c.cfg.OnError(&RefusedError{Datum: data[0], Err: err})
			return
		}
		wait := waitAfter(err, attempt)
		c.cfg.OnError(fmt.Errorf("metrics: %d data of %s wait %v for attempt %d: %w", len(data), namespace, wait.Round(time.Millisecond), attempt+2, err))
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-closing: // there may be little time left
			closing = nil
		case <-c.ctx.Done():
		}
		timer.Stop()
	}
}

func (c *Client) request(input *cloudwatch.PutMetricDataInput, again bool) error {
	if err := c.ctx.Err(); err != nil {
		return err
	}
	c.mu.Lock()
	c.stats.Requests++
	if again {
		c.stats.Retries++
	}
	c.mu.Unlock()
	ctx, cancel := context.WithTimeout(c.ctx, c.cfg.RequestTimeout)
	defer cancel()
	_, err := c.api.PutMetricData(ctx, input)
	if status(err)/100 == 2 { // sending again would count twice
		c.cfg.OnError(fmt.Errorf("metrics: %d data of %s count as sent, though the answer cannot be read: %w", len(input.MetricData), *input.Namespace, err))
		return nil
	}
	return err
}

func (c *Client) settle(n int, as func(*Stats) *int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	*as(&c.stats) += n
	c.stats.Waiting -= n
}

// aboutData begin the codes of errors that the same data would get again. All others may pass: also a missing permission or
// expired credentials, which somebody can repair.
var aboutData = []string{"InvalidParameter", "InvalidFormat", "MissingParameter", "MissingRequiredParameter", "Validation", "Serialization", "MalformedInput"}

func isAboutData(err error) bool {
	var unwritable *smithy.SerializationError
	if errors.As(err, &unwritable) || status(err) == http.StatusRequestEntityTooLarge {
		return true
	}
	var api smithy.APIError
	if errors.As(err, &api) {
		for _, code := range aboutData {
			if strings.HasPrefix(api.ErrorCode(), code) {
				return true
			}
		}
	}
	return false
}

func status(err error) int {
	var resp *smithyhttp.ResponseError
	if errors.As(err, &resp) {
		return resp.HTTPStatusCode()
	}
	return 0
}

// waitAfter is how long to wait after a failed attempt, the first of which is 0.
func waitAfter(err error, attempt int) time.Duration {
	first := firstWait
	if status(err) == http.StatusTooManyRequests || throttles.IsErrorThrottle(err) == aws.TrueTernary {
		first = throttleWait
	}
	wait := min(first<<min(attempt, 10), maxWait)
	wait = wait/2 + rand.N(wait/2+1)
	var resp *smithyhttp.ResponseError
	if errors.As(err, &resp) && resp.Response != nil {
		if s, err := strconv.Atoi(resp.Response.Header.Get("Retry-After")); err == nil && s > 0 {
			wait = max(wait, min(time.Duration(s)*time.Second, time.Minute))
		}
	}
	return wait
}

var throttles = retry.IsErrorThrottles(retry.DefaultThrottles)
