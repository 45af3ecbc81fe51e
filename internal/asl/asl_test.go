package asl_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/internal/asl"
)

// machine is a machine of the given states, which starts at A.
func machine(states string) string {
	return `{"QueryLanguage":"JSONata","StartAt":"A","TimeoutSeconds":100,"States":{` + states + `}}`
}

func TestParse_IsStrict(t *testing.T) {
	for _, c := range []struct{ name, definition, want string }{
		{"unknown field of a machine", `{"QueryLanguage":"JSONata","StartAt":"A","Version":"1","States":{}}`, `json: unknown field "Version"`},
		{"JSONPath", `{"StartAt":"A","States":{}}`, `QueryLanguage is ""`},
		{"no start", machine(``), "there is no state A"},
		{"unknown type", machine(`"A":{"Type":"Map"}`), `A: type "Map"`},
		{"unknown field", machine(`"A":{"Type":"Pass","Next":"B","InputPath":"$"}`), `json: unknown field "InputPath"`},
		{"field of another type", machine(`"A":{"Type":"Pass","Next":"B","Seconds":1}`), "A: a Pass state has no Seconds"},
		{"field in lower case", machine(`"A":{"Type":"Fail","error":"E"}`), "A: a Fail state has no error"},
		{"field that is missing", machine(`"A":{"Type":"Pass"}`), "A: no Next"},
		{"two times", machine(`"A":{"Type":"Wait","Next":"A","Seconds":1,"Timestamp":"x"}`), "A: either Seconds or Timestamp"},
		{"nowhere to", machine(`"A":{"Type":"Pass","Next":"B"}`), "there is no state B"},
		{"caught to nowhere", machine(`"A":{"Type":"Task","Resource":"r","Arguments":{},"Next":"A","Catch":[{"ErrorEquals":["E"],"Next":"B"}]}`), "there is no state B"},
		{"of no use", machine(`"A":{"Type":"Succeed"},"B":{"Type":"Succeed"}`), "nothing leads to B"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := asl.Parse([]byte(c.definition))
			assert.EqualError(t, err, c.want)
		})
	}
}

var begin = time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)

// run runs a machine to its end, with a service that answers with the results in turn; a text is the name of an error.
func run(t *testing.T, states string, results ...any) (e *asl.Execution, requests []any) {
	t.Helper()
	m, err := asl.Parse([]byte(machine(states)))
	require.NoError(t, err)
	e = m.Start("run", begin)
	for e.Status == "RUNNING" {
		e.Step(func(_ string, arguments any) (any, time.Duration, *asl.Failure) {
			requests = append(requests, arguments)
			result := results[0]
			results = results[1:]
			if name, ok := result.(string); ok {
				return nil, time.Second, &asl.Failure{Error: name}
			}
			return result, time.Second, nil
		})
	}
	return e, requests
}

func TestExecution_VariablesAndChoices(t *testing.T) {
	e, requests := run(t, `
		"A":{"Type":"Pass","Next":"B","Assign":{"x":1,"y":[1,"{% $states.context.Execution.Id %}"]}},
		"B":{"Type":"Pass","Next":"C","Assign":{"x":"{% $x + 1 %}","z":"{% $x %}"}},
		"C":{"Type":"Choice","Choices":[{"Condition":"{% $x = 1 %}","Next":"F"},{"Condition":"{% $x = 2 and $z = 1 %}","Next":"D"}],"Default":"F"},
		"D":{"Type":"Task","Resource":"r","Arguments":{"y":"{% $y %}","at":"{% $states.context.State.EnteredTime %}"},"Next":"E","Assign":{"n":"{% $states.result.n %}"}},
		"E":{"Type":"Choice","Choices":[{"Condition":"{% $n = 7 %}","Next":"G"}],"Default":"F"},
		"F":{"Type":"Fail","Error":"F"},"G":{"Type":"Succeed"}`, map[string]any{"n": 7.})
	assert.Equal(t, "SUCCEEDED", e.Status)
	assert.Equal(t, []any{map[string]any{"y": []any{1., "run"}, "at": "2026-01-02T03:04:05.678Z"}}, requests)
	assert.Equal(t, begin.Add(time.Second), e.At)
	// Start and end, entering and leaving of five states, entering of the last, three of the request.
	assert.Equal(t, 1+10+1+3+1, e.Events)
}

const flaky = `"A":{"Type":"Task","Resource":"r","Arguments":{},"Next":"B","Retry":[{"ErrorEquals":["Never"],"MaxAttempts":0},
		{"ErrorEquals":["States.ALL"],"IntervalSeconds":2,"BackoffRate":3,"MaxDelaySeconds":10,"MaxAttempts":3}],
		"Catch":[{"ErrorEquals":["Some"],"Next":"C","Assign":{"e":"{% $states.errorOutput.Error %}"}}]},
	"B":{"Type":"Succeed"},"C":{"Type":"Fail","Error":"Caught","Cause":"{% 'it is ' & $e %}"}`

func TestExecution_RetriesAndCatches(t *testing.T) {
	e, _ := run(t, flaky, "Some", "Other", "Some", map[string]any{})
	assert.Equal(t, "SUCCEEDED", e.Status)
	assert.Equal(t, begin.Add((4+2+6+10)*time.Second), e.At)
	e, _ = run(t, flaky, "Some", "Some", "Some", "Some")
	assert.Equal(t, &asl.Failure{Error: "Caught", Cause: "it is Some"}, e.Failure)
	e, _ = run(t, flaky, "Never")
	assert.Equal(t, &asl.Failure{Error: "Never"}, e.Failure)
}

func TestExecution_Waits(t *testing.T) {
	e, _ := run(t, `"A":{"Type":"Wait","Seconds":"{% 1 + 1 %}","Next":"B"},"B":{"Type":"Wait","Timestamp":"2026-01-02T03:04:10Z","Next":"C"},
		"C":{"Type":"Wait","Timestamp":"2020-01-01T00:00:00Z","Next":"D"},"D":{"Type":"Succeed"}`)
	assert.Equal(t, "2026-01-02T03:04:10Z", e.At.Format(time.RFC3339Nano))
	e, _ = run(t, `"A":{"Type":"Wait","Seconds":60,"Next":"A"}`)
	assert.Equal(t, "TIMED_OUT", e.Status)
	assert.Equal(t, begin.Add(2*time.Minute), e.At)
}

func TestExecution_ExpressionsWithoutValue(t *testing.T) {
	for _, states := range []string{
		`"A":{"Type":"Pass","Next":"A","Assign":{"x":"{% $nothing %}"}}`,
		`"A":{"Type":"Choice","Choices":[{"Condition":"{% 1 %}","Next":"A"}],"Default":"A"}`,
		`"A":{"Type":"Wait","Seconds":"{% 'x' %}","Next":"A"}`,
		`"A":{"Type":"Wait","Seconds":"{% 0.5 %}","Next":"A"}`,
		`"A":{"Type":"Fail","Error":"E","Cause":"{% $nothing %}"}`,
	} {
		e, _ := run(t, states)
		require.NotNil(t, e.Failure, states)
		assert.True(t, strings.HasPrefix(e.Failure.Error+" "+e.Failure.Cause, "States.QueryEvaluationError A: "), "%v", e.Failure)
	}
}
