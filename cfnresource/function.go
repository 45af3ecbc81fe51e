package cfnresource

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/strata-cdk/strata/internal/provider"
)

const (
	minAfter = 2 * time.Second // or an hour of calls would be too long a history for a state machine
	maxState = 64 << 10
)

// function serves requests with a handler.
type function[P any] struct {
	handler Handler[P]
	client  *http.Client
	log     *slog.Logger
	// timeout is how long CloudFormation waits.
	timeout time.Duration
	// wait starts the waiter with a step; nil without one.
	wait func(ctx context.Context, name string, s *step) error
}

// New makes a Lambda handler of h, for a main function that does more than Start.
func New[P any](h Handler[P]) lambda.Handler {
	f := &function[P]{
		handler: h,
		client:  &http.Client{},
		log:     slog.New(slog.NewJSONHandler(os.Stdout, nil)),
		timeout: time.Hour,
	}
	if seconds, err := strconv.Atoi(os.Getenv(provider.Timeout)); err == nil && seconds > 0 {
		f.timeout = time.Duration(seconds) * time.Second
	}
	if waiter := os.Getenv(provider.Waiter); waiter != "" {
		f.wait = startWaiter(waiter)
	}
	return f
}

// Invoke serves one call of Lambda. It returns an error only when CloudFormation could not be told anything.
func (f *function[P]) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	e, s, err := parse(payload)
	if err != nil {
		return nil, err
	}
	log := f.log.With("request", e.RequestID, "type", e.RequestType, "stack", e.StackID, "resource", e.LogicalResourceID)
	switch {
	case s == nil && f.wait != nil:
		return nil, f.begin(ctx, log, e)
	case s == nil:
		s = &step{Event: e, Started: time.Now()}
	}
	s.Call++
	a := f.serve(ctx, log, s)
	if a == nil {
		log.InfoContext(ctx, "to be continued", "call", s.Call, "after", s.After)
		return json.Marshal(s)
	}
	s.Done = true
	if err := f.answer(ctx, log, e, a); err != nil {
		return nil, err
	}
	return json.Marshal(&step{Done: true})
}

// begin hands a request over to the waiter, which does all calls. The waiter starts once however often the request comes.
func (f *function[P]) begin(ctx context.Context, log *slog.Logger, e *event) error {
	s := &step{Event: e, Started: time.Now()}
	if c, ok := lambdacontext.FromContext(ctx); ok {
		s.Function = c.InvokedFunctionArn
	}
	sum := sha256.Sum256([]byte(e.StackID + "\n" + e.LogicalResourceID + "\n" + e.RequestID))
	limit, _ := margins(ctx, f.timeout)
	start, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err := f.wait(start, hex.EncodeToString(sum[:16]), s)
	if err == nil {
		log.InfoContext(ctx, "handed over to the waiter")
		return nil
	}
	a := newAnswer(s)
	a.fail("cannot start the state machine that waits for the resource: %v", err)
	return f.answer(ctx, log, e, a)
}

// answer tells CloudFormation.
func (f *function[P]) answer(ctx context.Context, log *slog.Logger, e *event, a *answer) error {
	if n := len(a.PhysicalResourceID); n > maxPhysicalID {
		a.PhysicalResourceID = defaultID(e)
		a.fail("the physical id has %d bytes, CloudFormation takes %d", n, maxPhysicalID)
	}
	body, err := a.encode()
	if err != nil {
		return err
	}
	if err := put(ctx, f.client, e.ResponseURL, body); err != nil {
		log.ErrorContext(ctx, err.Error(), "status", a.Status, "reason", a.Reason)
		return err
	}
	log.InfoContext(ctx, "answered", "status", a.Status, "reason", a.Reason, "physicalId", a.PhysicalResourceID, "bytes", len(body))
	return nil
}

// newAnswer is a success of a step's request. A Create that has named no id gets the mark that nothing was made when it fails.
func newAnswer(s *step) *answer {
	e := s.Event
	a := &answer{
		Status: "SUCCESS", PhysicalResourceID: e.PhysicalResourceID,
		StackID: e.StackID, RequestID: e.RequestID, LogicalResourceID: e.LogicalResourceID,
	}
	if e.RequestType == Create {
		a.PhysicalResourceID = s.Created
		if a.PhysicalResourceID == "" {
			a.PhysicalResourceID = createFailed + defaultID(e)
		}
	}
	return a
}

// serve does one call of the handler. It returns nil when the handler is to be called again; s says when.
func (f *function[P]) serve(ctx context.Context, log *slog.Logger, s *step) *answer {
	a, e := newAnswer(s), s.Event
	if s.Error != nil {
		a.fail("the function ended without an answer: %s: %s", s.Error.Error, s.Error.Cause)
		return a
	}
	r, err := f.request(s)
	if err != nil {
		a.fail("%v", err)
		return a
	}
	if e.RequestType == Delete && strings.HasPrefix(e.PhysicalResourceID, createFailed) {
		log.InfoContext(ctx, "nothing to delete: it was never created")
		return a
	}
	if !time.Now().Before(r.Deadline) {
		a.fail("not finished within %v, after %d calls", f.timeout, s.Call-1)
		return a
	}
	resp, err := f.call(ctx, log, r)
	if e.RequestType == Create {
		if id := r.createdID(); id != "" {
			s.Created = id
		}
		if resp != nil && resp.PhysicalID != "" {
			s.Created = resp.PhysicalID
		}
		if s.Created != "" {
			a.PhysicalResourceID = s.Created
		}
	}
	if err != nil {
		a.fail("%v", err)
		return a
	}
	if resp == nil {
		resp = &Response{}
	}
	if resp.Again != nil {
		if err := f.again(s, r, resp.Again); err != nil {
			a.fail("%v", err)
			return a
		}
		return nil
	}
	succeed(a, r, resp)
	return a
}

// succeed fills in an answer.
func succeed[P any](a *answer, r *Request[P], resp *Response) {
	switch {
	case r.Type == Create:
		if r.createdID() == "" && resp.PhysicalID == "" {
			a.PhysicalResourceID = r.PhysicalID
		}
	case r.Type == Update && resp.PhysicalID != "":
		a.PhysicalResourceID = resp.PhysicalID
	case r.Type == Delete:
		return // the id stays, and nobody reads Data
	}
	a.Data, a.NoEcho = resp.Data, resp.NoEcho
}

// request is what the handler gets.
func (f *function[P]) request(s *step) (*Request[P], error) {
	e := s.Event
	r := &Request[P]{
		Type: e.RequestType, ID: e.RequestID, StackID: e.StackID, LogicalID: e.LogicalResourceID, ResourceType: e.ResourceType,
		PhysicalID: e.PhysicalResourceID, Call: s.Call, Deadline: s.Started.Add(f.timeout - min(time.Minute, f.timeout/10)),
		state: s.State,
	}
	if r.Type == Create {
		r.PhysicalID = s.Created
		if r.PhysicalID == "" {
			r.PhysicalID = defaultID(e)
		}
	}
	if err := decodeProperties(e.ResourceProperties, &r.Properties, r.Type != Delete); err != nil {
		return nil, err
	}
	if v, ok := any(&r.Properties).(interface{ Validate() error }); ok && r.Type != Delete {
		if err := v.Validate(); err != nil {
			return nil, err
		}
	}
	if r.Type == Update {
		r.OldProperties = new(P)
		_ = decodeProperties(e.OldResourceProperties, r.OldProperties, false) // what was once right need not be so now
	}
	return r, nil
}

// again notes when the handler is called again, and with what.
func (f *function[P]) again(s *step, r *Request[P], again *Again) error {
	after := max(again.After, minAfter).Round(time.Second)
	state, err := json.Marshal(again.State)
	switch {
	case f.wait == nil:
		return errors.New("the handler wants to be called again, for which its provider needs Poll")
	case err != nil:
		return fmt.Errorf("cannot keep the handler's state: %w", err)
	case len(state) > maxState:
		return fmt.Errorf("the handler's state has %d bytes, there is room for %d", len(state), maxState)
	case !time.Now().Add(after).Before(r.Deadline):
		return fmt.Errorf("not finished within %v, after %d calls", f.timeout, s.Call)
	}
	s.After, s.State = int(after/time.Second), state
	return nil
}

// margins divides the time that is left of a call: when the handler's context ends, and when it is not waited for any
// longer. The rest is for the answer.
func margins(ctx context.Context, all time.Duration) (handler, guard time.Duration) {
	left := all
	if deadline, ok := ctx.Deadline(); ok {
		left = min(left, time.Until(deadline))
	}
	reserve := min(left/4, 10*time.Second)
	return left - reserve, left - reserve*3/4
}

// call calls the handler, and returns in any case before Lambda ends the function.
func (f *function[P]) call(ctx context.Context, log *slog.Logger, r *Request[P]) (*Response, error) {
	handler, guard := margins(ctx, time.Until(r.Deadline))
	late := fmt.Errorf("%s did not return within %v", r.Type, handler.Round(time.Second))
	ctx, cancel := context.WithTimeout(ctx, handler)
	defer cancel()
	var method func(context.Context, *Request[P]) (*Response, error)
	switch r.Type {
	case Create:
		method = f.handler.Create
	case Update:
		method = f.handler.Update
	case Delete:
		method = f.handler.Delete
	default:
		return nil, fmt.Errorf("unknown request type %q", r.Type)
	}
	type result struct {
		resp *Response
		err  error
	}
	done := make(chan result, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				log.Error("panic", "panic", fmt.Sprint(p), "trace", string(debug.Stack()))
				done <- result{err: fmt.Errorf("panic: %v", p)}
			}
		}()
		resp, err := method(ctx, r)
		done <- result{resp, err}
	}()
	select {
	case got := <-done:
		if errors.Is(got.err, context.DeadlineExceeded) && ctx.Err() != nil {
			got.err = fmt.Errorf("%w: %w", late, got.err)
		}
		return got.resp, got.err
	case <-time.After(guard):
		return nil, late
	}
}
