package near

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"kitten", "sitting", 3}, {"same", "same", 0}, {"flaw", "lawn", 2}} {
		assert.Equal(t, c.want, distance(c.a, c.b), "%q %q", c.a, c.b)
	}
}

func TestNames(t *testing.T) {
	assert.Equal(t, []string{"Errors", "Error"}, Names("errors", []string{"Throttles", "Error", "Errors"}, 2))
	assert.Equal(t, []string{"a", "b"}, Names("x", []string{"b", "a"}, 5), "those as near are in order")
	assert.Empty(t, Names("x", nil, 3))
}

func TestSuggestion(t *testing.T) {
	names := []string{"Throttles", "Errors"}
	assert.Equal(t, "; did you mean Errors?", Suggestion("Erors", names))
	assert.Empty(t, Suggestion("Duration", names))
	assert.Empty(t, Suggestion(strings.Repeat("x", 201), names))
}
