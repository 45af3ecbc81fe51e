// Package cfnmacro is the part of a macro of AWS CloudFormation that runs in Lambda: a function in Go gets a template, or a part of
// one, and returns what CloudFormation is to take in its place.
//
//	type params struct {
//		Suffix string
//	}
//
//	func process(ctx context.Context, r *cfnmacro.Request[params]) (any, error) { ... }
//
//	func main() { cfnmacro.Start(process) }
//
// A function that returns an error, panics or does not return in time makes the change set fail with the reason, instead of one of
// Lambda's. Package constructs/macro defines the function and the macro for it.
//
// CloudFormation calls it in each change set, and may do so more than once: the same request must give the same answer.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-macros-author.html
package cfnmacro

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
)

// Handler processes a template or a part of it, and returns what takes its place: a value that can be written as JSON, and is not nil.
type Handler[P any] func(ctx context.Context, r *Request[P]) (any, error)

// Request is what CloudFormation asks for.
type Request[P any] struct {
	// ID is that of the request, the same when it is repeated.
	ID string
	// Macro is the name with which the macro was called. In a stack of another account it starts with this account's id.
	Macro string
	// AccountID is the account of the stack; Region is that of the macro.
	AccountID, Region string
	// Fragment is the template without its section Transform; or, for Fn::Transform, everything beside it, which is empty when
	// there is nothing. Numbers are json.Number. It may be changed and returned.
	Fragment map[string]any
	// Params are the parameters of Fn::Transform. CloudFormation does not resolve what they have of intrinsic functions: a Ref comes as
	// the object that it is. The zero value for a whole template, which has none.
	Params P
	// TemplateParameters are the values of the template's parameters.
	TemplateParameters map[string]any
}

// event is a request as it comes.
type event struct {
	RequestID               string          `json:"requestId"`
	TransformID             string          `json:"transformId"`
	AccountID               string          `json:"accountId"`
	Region                  string          `json:"region"`
	Fragment                map[string]any  `json:"fragment"`
	Params                  json.RawMessage `json:"params"`
	TemplateParameterValues map[string]any  `json:"templateParameterValues"`
}

// answer is what CloudFormation gets. Everything but "success" is a failure.
type answer struct {
	RequestID    string `json:"requestId"`
	Status       string `json:"status"`
	Fragment     any    `json:"fragment,omitempty"`
	ErrorMessage string `json:"errorMessage,omitempty"`
}

// maxAnswer is how many bytes Lambda passes on.
//
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const maxAnswer = 6 << 20

// Start serves CloudFormation's requests in a Lambda function. It does not return.
func Start[P any](h Handler[P]) { lambda.Start(New(h)) }

// New makes a Lambda handler of h, for a main function that does more than Start.
func New[P any](h Handler[P]) lambda.Handler {
	return &function[P]{handler: h, log: slog.New(slog.NewJSONHandler(os.Stderr, nil))}
}

// function serves requests with a handler.
type function[P any] struct {
	handler Handler[P]
	log     *slog.Logger
}

// Invoke serves one request. It returns an error only for what is none of CloudFormation's.
func (f *function[P]) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	var e event
	if err := decode(payload, &e, false); err != nil {
		return nil, fmt.Errorf("this is no request for a macro: %w", err)
	}
	if e.RequestID == "" || e.Fragment == nil {
		return nil, errors.New("this is no request for a macro: it has no requestId or no fragment")
	}
	log := f.log.With("request", e.RequestID, "macro", e.TransformID, "account", e.AccountID)
	text, err := f.process(ctx, log, &e)
	if err == nil && len(text) > maxAnswer {
		err = fmt.Errorf("the answer has %d bytes, Lambda passes on %d", len(text), maxAnswer)
	}
	if err != nil {
		log.ErrorContext(ctx, "failed", "reason", err.Error())
		return encode(&answer{RequestID: e.RequestID, Status: "failure", ErrorMessage: err.Error()})
	}
	log.InfoContext(ctx, "processed", "bytes", len(text))
	return text, nil
}

func (f *function[P]) process(ctx context.Context, log *slog.Logger, e *event) ([]byte, error) {
	r := &Request[P]{
		ID: e.RequestID, Macro: e.TransformID, AccountID: e.AccountID, Region: e.Region,
		Fragment: e.Fragment, TemplateParameters: e.TemplateParameterValues,
	}
	if len(e.Params) > 0 {
		if err := decode(e.Params, &r.Params, true); err != nil {
			return nil, fmt.Errorf("wrong parameters of %s: %w", e.TransformID, err)
		}
	}
	fragment, err := f.call(ctx, log, r)
	if err != nil {
		return nil, err
	}
	if fragment == nil {
		return nil, errors.New("the macro returned nothing to take the template's place")
	}
	return encode(&answer{RequestID: e.RequestID, Status: "success", Fragment: fragment})
}

// call calls the handler, and returns in any case before Lambda ends the function.
func (f *function[P]) call(ctx context.Context, log *slog.Logger, r *Request[P]) (any, error) {
	if deadline, ok := ctx.Deadline(); ok {
		left := time.Until(deadline)
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, left-min(left/4, 2*time.Second)) // the rest is for the answer
		defer cancel()
	}
	type result struct {
		fragment any
		err      error
	}
	done := make(chan result, 1)
	started := time.Now()
	go func() {
		var got result
		defer func() {
			if p := recover(); p != nil {
				log.Error("panic", "panic", fmt.Sprint(p), "trace", string(debug.Stack()))
				got = result{err: fmt.Errorf("panic: %v", p)}
			}
			done <- got
		}()
		got.fragment, got.err = f.handler(ctx, r)
	}()
	select {
	case got := <-done:
		return got.fragment, got.err
	case <-ctx.Done():
		return nil, fmt.Errorf("the macro did not return within %v", time.Since(started).Round(time.Second))
	}
}

// decode reads one JSON value. With strict, a name that into does not have is a problem.
func decode(text []byte, into any, strict bool) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if strict {
		d.DisallowUnknownFields()
	}
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is more after it")
	}
	return nil
}

// encode leaves <, > and & as they are: a template's size counts.
func encode(a *answer) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(a); err != nil {
		return nil, fmt.Errorf("cannot write the answer: %w", err)
	}
	return bytes.TrimSpace(b.Bytes()), nil
}
