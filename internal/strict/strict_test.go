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
  - title: is unknown; known are name, count`)

	_, err = decode("dev")
	assert.EqualError(t, err, "invalid settings:\n  - must be a JSON object, got \"dev\"")
	_, err = decode([]any{1.0})
	assert.EqualError(t, err, "invalid settings:\n  - must be an object, got [1]")
}
