package defaults_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/strata-cdk/strata/internal/defaults"
)

func TestOr(t *testing.T) {
	zero, given := 0, 1
	defaults.Or(&zero, 7)
	defaults.Or(&given, 7)
	assert.Equal(t, 7, zero)
	assert.Equal(t, 1, given)
}
