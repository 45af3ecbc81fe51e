package sorted_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/strata-cdk/strata/internal/sorted"
)

func TestAll(t *testing.T) {
	var keys []string
	sum := 0
	for k, v := range sorted.All(map[string]int{"d": 1, "b": 2, "a": 3, "c": 4}) {
		if k == "d" {
			break
		}
		keys, sum = append(keys, k), sum+v
	}
	assert.Equal(t, []string{"a", "b", "c"}, keys)
	assert.Equal(t, 9, sum)
}
