package metrics

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
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

// DeniedError is data of a namespace that CloudWatch denied for Config.DeniedTimeout. They are not sent again.
type DeniedError struct {
	Namespace string
	Data      int
	Err       error
}

// Error names the namespace.
func (e *DeniedError) Error() string {
	return fmt.Sprintf("metrics: CloudWatch denied %d data of %s: %v", e.Data, e.Namespace, e.Err)
}

// Unwrap is CloudWatch's error.
func (e *DeniedError) Unwrap() error { return e.Err }

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
			delete(c.denied, namespace)
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
		case c.isDenied(namespace, err):
			c.settle(len(data), func(s *Stats) *int { return &s.Refused })
			c.cfg.OnError(&DeniedError{Namespace: namespace, Data: len(data), Err: err})
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

// aboutData begin the codes of errors that the same data would get again. All others may pass.
var aboutData = []string{"InvalidParameter", "InvalidFormat", "MissingParameter", "MissingRequiredParameter", "Validation", "Serialization", "MalformedInput"}

func isAboutData(err error) bool {
	var unwritable *smithy.SerializationError
	return errors.As(err, &unwritable) || status(err) == http.StatusRequestEntityTooLarge || hasCode(err, aboutData)
}

// aboutCaller begin the codes of errors for want of a permission or of valid credentials, where their status is not 401 or 403.
var aboutCaller = []string{"AccessDenied", "UnrecognizedClient", "InvalidClientTokenId", "ExpiredToken", "MissingAuthenticationToken", "InvalidSignature",
	"SignatureDoesNotMatch", "IncompleteSignature", "NotAuthorized", "OptInRequired", "RequestExpired"}

// isDenied tells whether CloudWatch has denied the namespace for the time of the configuration, and taken nothing of it since.
// Somebody can repair that, but until then the data hold up other namespaces, and who calls Put.
func (c *Client) isDenied(namespace string, err error) bool {
	if s := status(err); s != http.StatusUnauthorized && s != http.StatusForbidden && !hasCode(err, aboutCaller) {
		return false
	}
	since, again := c.denied[namespace]
	if !again {
		c.denied[namespace] = time.Now()
		return false
	}
	return time.Since(since) >= c.cfg.DeniedTimeout
}

func hasCode(err error, beginnings []string) bool {
	var api smithy.APIError
	return errors.As(err, &api) && slices.ContainsFunc(beginnings, func(b string) bool { return strings.HasPrefix(api.ErrorCode(), b) })
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
