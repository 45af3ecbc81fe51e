// Package asl runs state machines of AWS Step Functions in tests, with a clock and services that the test gives. It knows
// the states Pass, Task, Choice, Wait, Succeed and Fail, with JSONata, and refuses every field that it does not know.
//
// https://states-language.net/spec.html
package asl

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/strata-cdk/strata/internal/sorted"
)

// Machine is a state machine.
type Machine struct {
	Comment, QueryLanguage, StartAt string
	TimeoutSeconds                  int
	States                          map[string]*State
}

// State is a state of any type.
type State struct {
	Type, Next, Resource, Default, Error string
	Arguments, Assign, Seconds, Cause    any
	Timestamp                            string
	TimeoutSeconds                       int
	Retry                                []Retrier
	Catch                                []Catcher
	Choices                              []Rule
}

// Retrier says which errors of a task are tried again.
type Retrier struct {
	ErrorEquals                                   []string
	IntervalSeconds, BackoffRate, MaxDelaySeconds float64
	MaxAttempts                                   *int
	JitterStrategy                                string
}

// Catcher says where an error of a task leads.
type Catcher struct {
	ErrorEquals []string
	Assign      any
	Next        string
}

// Rule is a choice.
type Rule struct{ Condition, Next string }

// fields are the fields that a state of a type may have, and those that it must have.
var fields = map[string]struct{ may, must []string }{
	"Pass":    {[]string{"Assign"}, []string{"Next"}},
	"Task":    {[]string{"Assign", "TimeoutSeconds", "Retry", "Catch"}, []string{"Resource", "Arguments", "Next"}},
	"Choice":  {nil, []string{"Choices", "Default"}},
	"Wait":    {[]string{"Assign", "Seconds", "Timestamp"}, []string{"Next"}},
	"Succeed": {},
	"Fail":    {[]string{"Cause"}, []string{"Error"}},
}

// Parse reads a definition. Each state must be of use: the start leads to it.
func Parse(definition []byte) (*Machine, error) {
	var m Machine
	decoder := json.NewDecoder(bytes.NewReader(definition))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&m); err != nil {
		return nil, err
	}
	var raw struct{ States map[string]map[string]any }
	if err := json.Unmarshal(definition, &raw); err != nil {
		return nil, err
	}
	if m.QueryLanguage != "JSONata" {
		return nil, fmt.Errorf("QueryLanguage is %q", m.QueryLanguage)
	}
	leads := map[string]bool{m.StartAt: true}
	for name, s := range sorted.All(m.States) {
		f, known := fields[s.Type]
		if !known {
			return nil, fmt.Errorf("%s: type %q", name, s.Type)
		}
		for field := range sorted.All(raw.States[name]) {
			if field != "Type" && !slices.Contains(f.may, field) && !slices.Contains(f.must, field) {
				return nil, fmt.Errorf("%s: a %s state has no %s", name, s.Type, field)
			}
		}
		for _, field := range f.must {
			if _, ok := raw.States[name][field]; !ok {
				return nil, fmt.Errorf("%s: no %s", name, field)
			}
		}
		if s.Type == "Wait" && (s.Seconds == nil) == (s.Timestamp == "") {
			return nil, fmt.Errorf("%s: either Seconds or Timestamp", name)
		}
		for _, r := range s.Choices {
			leads[r.Next] = true
		}
		for _, c := range s.Catch {
			leads[c.Next] = true
		}
		leads[s.Next], leads[s.Default] = true, true
	}
	delete(leads, "")
	for name := range sorted.All(leads) {
		if m.States[name] == nil {
			return nil, fmt.Errorf("there is no state %s", name)
		}
	}
	for name := range sorted.All(m.States) {
		if !leads[name] {
			return nil, fmt.Errorf("nothing leads to %s", name)
		}
	}
	return &m, nil
}

// Failure is an error of a task or of an execution.
type Failure struct{ Error, Cause string }

// Service answers the request of a task, which then takes the given time.
type Service func(resource string, arguments any) (result any, took time.Duration, failure *Failure)

// Execution is a run of a machine.
type Execution struct {
	// ID is the ARN.
	ID string
	// Status is RUNNING, SUCCEEDED, FAILED, TIMED_OUT or what the test says.
	Status string
	// Failure is why an execution failed.
	Failure *Failure
	// State is the state that the execution is in, or ended in.
	State string
	// At is when the execution goes on.
	At time.Time
	// Events is the number of events in the history, of which Step Functions allows 25,000.
	Events int

	machine      *Machine
	start, enter time.Time
	variables    map[string]any
	input        any
	arguments    any
	entered      bool
	attempts     []int
	pending      func() // what follows when the request of a task is answered
}

// Start begins an execution.
func (m *Machine) Start(id string, at time.Time) *Execution {
	return &Execution{
		ID: id, Status: "RUNNING", State: m.StartAt, At: at, Events: 1,
		machine: m, start: at, variables: map[string]any{}, input: map[string]any{},
	}
}

// Step goes on at the time At: it enters a state, and makes its request, or takes the answer.
func (e *Execution) Step(service Service) {
	if t := e.machine.TimeoutSeconds; t > 0 && e.At.Sub(e.start) > time.Duration(t)*time.Second {
		e.end("TIMED_OUT", &Failure{Error: "States.Timeout"})
		return
	}
	if e.pending != nil {
		then := e.pending
		e.pending = nil
		then()
		return
	}
	s := e.machine.States[e.State]
	if !e.entered {
		e.entered, e.enter, e.Events = true, e.At, e.Events+1
		e.attempts = make([]int, len(s.Retry))
		if s.Type == "Task" {
			var err error
			if e.arguments, err = e.evaluate(s.Arguments, nil); err != nil {
				e.query(err)
				return
			}
		}
	}
	switch s.Type {
	case "Pass":
		e.leave(s.Assign, nil, s.Next)
	case "Wait":
		if at, err := e.wait(s); err != nil {
			e.query(err)
		} else {
			if at.After(e.At) {
				e.At = at
			}
			e.pending = func() { e.leave(s.Assign, nil, s.Next) }
		}
	case "Choice":
		e.choose(s)
	case "Task":
		e.Events += 2
		result, took, failure := service(s.Resource, e.arguments)
		e.At = e.At.Add(took)
		e.pending = func() {
			e.Events++
			if failure != nil {
				e.fail(s, failure)
				return
			}
			e.input = result
			e.leave(s.Assign, map[string]any{"result": result}, s.Next)
		}
	case "Succeed":
		e.end("SUCCEEDED", nil)
	case "Fail":
		cause, err := e.evaluate(s.Cause, nil)
		if err != nil {
			e.query(err)
			return
		}
		e.end("FAILED", &Failure{s.Error, fmt.Sprint(cause)})
	}
}

func (e *Execution) end(status string, failure *Failure) {
	e.Status, e.Failure, e.Events = status, failure, e.Events+1
}

// query ends the execution for an expression that has no value.
func (e *Execution) query(err error) {
	e.end("FAILED", &Failure{"States.QueryEvaluationError", e.State + ": " + err.Error()})
}

// leave evaluates all variables with the values they had before, and goes to the next state.
func (e *Execution) leave(assign any, states map[string]any, next string) {
	if assign != nil {
		values, err := e.evaluate(assign, states)
		if err != nil {
			e.query(err)
			return
		}
		for k, v := range values.(map[string]any) {
			e.variables[k] = v
		}
	}
	e.State, e.entered, e.Events = next, false, e.Events+1
}

func (e *Execution) wait(s *State) (time.Time, error) {
	if s.Timestamp != "" {
		v, err := e.evaluate(s.Timestamp, nil)
		if err != nil {
			return time.Time{}, err
		}
		text, _ := v.(string)
		return time.Parse(time.RFC3339, text)
	}
	v, err := e.evaluate(s.Seconds, nil)
	if err != nil {
		return time.Time{}, err
	}
	seconds, ok := v.(float64)
	if !ok || seconds < 0 || seconds > 99999999 || seconds != float64(int(seconds)) {
		return time.Time{}, fmt.Errorf("cannot wait %v", v)
	}
	return e.At.Add(time.Duration(seconds) * time.Second), nil
}

func (e *Execution) choose(s *State) {
	for _, r := range s.Choices {
		v, err := e.evaluate(r.Condition, nil)
		if err != nil {
			e.query(err)
			return
		}
		holds, ok := v.(bool)
		if !ok {
			e.query(fmt.Errorf("%s is %v", r.Condition, v))
			return
		}
		if holds {
			e.leave(nil, nil, r.Next)
			return
		}
	}
	e.leave(nil, nil, s.Default)
}

// matches tells whether a list of errors names one.
func matches(errors []string, name string) bool {
	return slices.Contains(errors, name) || slices.Contains(errors, "States.ALL") ||
		slices.Contains(errors, "States.TaskFailed") && name != "States.Timeout"
}

func (e *Execution) fail(s *State, failure *Failure) {
	for i, r := range s.Retry {
		if !matches(r.ErrorEquals, failure.Error) {
			continue
		}
		most, interval, rate := 3, 1., 2.
		if r.MaxAttempts != nil {
			most = *r.MaxAttempts
		}
		if e.attempts[i] >= most {
			break
		}
		if r.IntervalSeconds > 0 {
			interval = r.IntervalSeconds
		}
		if r.BackoffRate > 0 {
			rate = r.BackoffRate
		}
		for range e.attempts[i] {
			interval *= rate
		}
		if r.MaxDelaySeconds > 0 {
			interval = min(interval, r.MaxDelaySeconds)
		}
		e.attempts[i]++
		e.At = e.At.Add(time.Duration(interval * float64(time.Second)))
		return
	}
	for _, c := range s.Catch {
		if matches(c.ErrorEquals, failure.Error) {
			output := map[string]any{"Error": failure.Error, "Cause": failure.Cause}
			e.input = output
			e.leave(c.Assign, map[string]any{"errorOutput": output}, c.Next)
			return
		}
	}
	e.end("FAILED", failure)
}

// evaluate gives a value in which the texts between {% and %} are the values of their expressions.
func (e *Execution) evaluate(v any, more map[string]any) (any, error) {
	switch v := v.(type) {
	case string:
		if !strings.HasPrefix(v, "{%") || !strings.HasSuffix(v, "%}") {
			return v, nil
		}
		const layout = "2006-01-02T15:04:05.000Z"
		states := map[string]any{"input": e.input, "context": map[string]any{
			"Execution": map[string]any{"Id": e.ID, "StartTime": e.start.UTC().Format(layout)},
			"State":     map[string]any{"Name": e.State, "EnteredTime": e.enter.UTC().Format(layout)},
		}}
		for k, x := range more {
			states[k] = x
		}
		return query(v[2:len(v)-2], e.variables, states)
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range sorted.All(v) {
			key, err := e.evaluate(x, more)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", k, err)
			}
			out[k] = key
		}
		return out, nil
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			var err error
			if out[i], err = e.evaluate(x, more); err != nil {
				return nil, err
			}
		}
		return out, nil
	default:
		return v, nil
	}
}
