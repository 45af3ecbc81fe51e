package cdkval_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/strata-cdk/strata/internal/cdkval"
)

func TestNumber(t *testing.T) {
	assert.Nil(t, cdkval.Number(nil))
	assert.Equal(t, 0.0, *cdkval.Number(new(0)))
}
