package cfnresource

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// event is what CloudFormation sends.
type event struct {
	RequestType           RequestType
	ResponseURL           string
	StackID               string `json:"StackId"`
	RequestID             string `json:"RequestId"`
	ResourceType          string
	LogicalResourceID     string `json:"LogicalResourceId"`
	PhysicalResourceID    string `json:"PhysicalResourceId,omitempty"`
	ResourceProperties    json.RawMessage
	OldResourceProperties json.RawMessage `json:",omitempty"`
}

// step is a request on its way through the calls that it takes: the input of the waiter and of the calls that the waiter makes, and
// what these return to it.
type step struct {
	Event *event `json:"event"`
	// Function is the ARN that the waiter calls.
	Function string    `json:"function"`
	Started  time.Time `json:"started"`
	Call     int       `json:"call"`
	// Created is the id that a Create named in an earlier call.
	Created string          `json:"created,omitempty"`
	State   json.RawMessage `json:"state,omitempty"`
	// After is the number of seconds to wait before the next call.
	After int  `json:"after"`
	Done  bool `json:"done"`
	// Error is why a call ended without a word, as the waiter saw it.
	Error *struct{ Error, Cause string } `json:"error,omitempty"`
}

// parse reads a payload: an event of CloudFormation, by itself or in a message of SNS, or a step of the waiter.
func parse(payload []byte) (e *event, s *step, err error) {
	var p struct {
		event
		Event   *event `json:"event"`
		Records []struct{ Sns struct{ Message string } }
	}
	if err := json.Unmarshal(payload, &p); err != nil {
		return nil, nil, fmt.Errorf("cannot read the payload: %w", err)
	}
	switch {
	case p.Event != nil:
		s = &step{}
		if err := json.Unmarshal(payload, s); err != nil {
			return nil, nil, fmt.Errorf("cannot read the waiter's payload: %w", err)
		}
		return s.Event, s, nil
	case len(p.Records) == 1: // SNS calls a function with one message at a time
		e = &event{}
		if err := json.Unmarshal([]byte(p.Records[0].Sns.Message), e); err != nil {
			return nil, nil, fmt.Errorf("cannot read the message of SNS: %w", err)
		}
	default:
		e = &p.event
	}
	if e.ResponseURL == "" || e.RequestID == "" {
		return nil, nil, errors.New("the payload is no request of CloudFormation")
	}
	return e, nil, nil
}

// defaultID is the id of a resource that its handler gives none: the same for the same resource of the same stack.
func defaultID(e *event) string {
	// arn:aws:cloudformation:us-east-1:111111111111:stack/NAME/UUID
	stack := e.StackID
	if parts := strings.Split(stack, "/"); len(parts) == 3 {
		stack = parts[1]
	}
	sum := sha256.Sum256([]byte(e.StackID + "\n" + e.LogicalResourceID))
	return fmt.Sprintf("%.24s-%.24s-%s", stack, e.LogicalResourceID, hex.EncodeToString(sum[:7]))
}

// createFailed marks the id of a resource that a failed Create did not make. CloudFormation deletes such a resource too, and
// that Delete has nothing to do.
const createFailed = "create-failed:"
