// Package cfnresource is the part of a custom resource of AWS CloudFormation that runs in Lambda: a handler in Go says what
// to create, update and delete, and this package answers CloudFormation in every case.
//
//	type properties struct {
//		Name string
//		Size int // "10" in the template's words: CloudFormation sends every value as a string
//	}
//
//	type handler struct{}
//
//	func (handler) Create(ctx context.Context, r *cfnresource.Request[properties]) (*cfnresource.Response, error) { ... }
//	func (handler) Update(ctx context.Context, r *cfnresource.Request[properties]) (*cfnresource.Response, error) { ... }
//	func (handler) Delete(ctx context.Context, r *cfnresource.Request[properties]) (*cfnresource.Response, error) { ... }
//
//	func main() { cfnresource.Start(handler{}) }
//
// A handler that returns an error, panics or does not return in time makes the resource fail with the reason, instead of a stack
// that waits for an hour. Package constructs/customresource defines the function for it.
//
// CloudFormation and Lambda call at least once: the same request may come twice, so what a handler does must be the same when it
// is done again. Delete must succeed when there is nothing to delete.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-custom-resources.html
package cfnresource

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
)

// Handler manages custom resources whose properties are a P, a struct. The name of a property is that of the field, or of its
// json tag.
//
// Fields are strings, bools, numbers, time.Duration ("90s"), what implements encoding.TextUnmarshaler, and structs, slices and
// maps of these. Pointers and the zero value stand for a property that is left out. Create and Update refuse properties that P
// does not have, values of another type and, if *P has a method Validate() error, what that returns. Delete does not refuse
// properties that P does not have.
type Handler[P any] interface {
	// Create makes the resource.
	Create(ctx context.Context, r *Request[P]) (*Response, error)
	// Update changes the resource r.PhysicalID. A Response with another PhysicalID says that a new resource replaces it:
	// CloudFormation then deletes the old one, with a Delete of its own.
	Update(ctx context.Context, r *Request[P]) (*Response, error)
	// Delete deletes the resource r.PhysicalID, and succeeds when it is gone.
	Delete(ctx context.Context, r *Request[P]) (*Response, error)
}

// RequestType is what CloudFormation asks for.
type RequestType string

// The types of requests.
const (
	Create RequestType = "Create"
	Update RequestType = "Update"
	Delete RequestType = "Delete"
)

// Request is one request of CloudFormation.
type Request[P any] struct {
	// Type is Create, Update or Delete.
	Type RequestType
	// ID is unique to the request, and the same when it is repeated: a token for idempotent calls.
	ID string
	// StackID is the ARN of the stack.
	StackID string
	// LogicalID is the name of the resource in the template.
	LogicalID string
	// ResourceType is the type in the template, such as "Custom::Thing".
	ResourceType string
	// PhysicalID is the resource's id. In a Create it is the id that the resource gets unless the handler names another one:
	// made of the names of stack and resource, with at most 64 characters, and the same when the request is repeated.
	PhysicalID string
	// Properties are those of the template.
	Properties P
	// OldProperties are those from before an Update; nil else.
	OldProperties *P
	// Call counts the calls for this request from 1: it grows when the handler asks for another one with Again.
	Call int
	// Deadline is when the request must have been answered, all calls together. The deadline of ctx is that of this call.
	Deadline time.Time

	state   json.RawMessage
	mu      sync.Mutex
	created string
}

// Created says in a Create that the resource id is there now, before the handler returns. When the handler then fails, panics or
// does not return in time, CloudFormation deletes that resource. Without it, and without a PhysicalID beside the error, a
// Create that fails has made nothing, and no Delete follows.
func (r *Request[P]) Created(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.created = id
}

func (r *Request[P]) createdID() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.created
}

// State decodes the state that the call before left with Again. It leaves into alone in the first call.
func (r *Request[P]) State(into any) error {
	if len(r.state) == 0 {
		return nil
	}
	if err := json.Unmarshal(r.state, into); err != nil {
		return fmt.Errorf("cannot read the state of the call before: %w", err)
	}
	return nil
}

// After is the request as it comes after a call that asked for another one: counted, and with its state. It is for tests of handlers. It panics
// when the state cannot be written as JSON.
func (r *Request[P]) After(again *Again) *Request[P] {
	state, err := json.Marshal(again.State)
	if err != nil {
		panic(err)
	}
	return &Request[P]{
		Type: r.Type, ID: r.ID, StackID: r.StackID, LogicalID: r.LogicalID, ResourceType: r.ResourceType, PhysicalID: r.PhysicalID,
		Properties: r.Properties, OldProperties: r.OldProperties, Call: r.Call + 1, Deadline: r.Deadline, state: state,
	}
}

// Response is what a handler answers. A nil *Response, like its zero value, means success with nothing to tell.
type Response struct {
	// PhysicalID is the resource's id, 1024 bytes at most. Ids must differ between the resources of an account and never
	// change while a resource is the same.
	// Default: the request's.
	PhysicalID string
	// Data are the attributes that Fn::GetAtt reads. The whole answer has 4096 bytes at most.
	Data map[string]string
	// NoEcho masks the values of Data where CloudFormation shows them. It is for secrets, which are better left out.
	// Default: false.
	NoEcho bool
	// Again says that the work goes on: the handler is called again. The provider must be made for it, with Poll.
	// Default: nil, the work is done.
	Again *Again
}

// Again asks for another call with the same request.
type Again struct {
	// After is the time until then, in whole seconds: 2 s at least.
	// Default: 2 s.
	After time.Duration
	// State is given to that call: a value that can be written as JSON, in 64 kB.
	// Default: nil.
	State any
}

// Start serves CloudFormation's requests in a Lambda function. It does not return.
func Start[P any](h Handler[P]) { lambda.Start(New(h)) }
