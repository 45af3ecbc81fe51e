package strict_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/strict"
)

type settings struct {
	Name  string `json:"name"`
	Count int    `json:"count"`
	Inner *inner `json:"inner"`
}

type inner struct {
	Place string `json:"place"`
}

func decode(value any) (settings, error) {
	s, c := settings{Name: "default"}, check.For("settings")
	strict.Decode(c, value, &s)
	return s, c.Err()
}

func TestDecode(t *testing.T) {
	for name, value := range map[string]any{
		"context": map[string]any{"count": 3.0},
		"text":    `{"count": 3}`,
	} {
		s, err := decode(value)
		assert.NoError(t, err, name)
		assert.Equal(t, settings{Name: "default", Count: 3}, s, name)
	}
	s, err := decode(nil)
	assert.NoError(t, err)
	assert.Equal(t, settings{Name: "default"}, s)
}

func TestDecode_ReportsEveryProblem(t *testing.T) {
	_, err := decode(map[string]any{"name": 7.0, "count": "many", "title": "x"})
	assert.EqualError(t, err, `invalid settings:
  - count: must be a int, got "many"
  - name: must be a string, got 7
  - title: is unknown; known are name, count, inner`)

	_, err = decode("dev")
	assert.EqualError(t, err, "invalid settings:\n  - must be a JSON object, got \"dev\"")
	_, err = decode([]any{1.0})
	assert.EqualError(t, err, "invalid settings:\n  - must be an object, got [1]")
}

func TestDecode_Nested(t *testing.T) {
	s, err := decode(map[string]any{"inner": map[string]any{"place": "here"}})
	assert.NoError(t, err)
	assert.Equal(t, &inner{Place: "here"}, s.Inner)
	s, err = decode(map[string]any{"inner": nil})
	assert.NoError(t, err)
	assert.Nil(t, s.Inner)
	_, err = decode(map[string]any{"inner": map[string]any{"place": 1.0, "time": "now"}})
	assert.EqualError(t, err, "invalid settings:\n  - inner.place: must be a string, got 1\n  - inner.time: is unknown; known are place")
	_, err = decode(map[string]any{"inner": true})
	assert.EqualError(t, err, "invalid settings:\n  - inner: must be an object, got true")
}
