package cdkval_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/stretchr/testify/assert"

	"github.com/strata-cdk/strata/internal/cdkval"
)

func TestNumber(t *testing.T) {
	assert.Nil(t, cdkval.Number(nil))
	assert.Equal(t, 0.0, *cdkval.Number(new(0)))
}

func TestNamed(t *testing.T) {
	assert.Equal(t, awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, cdkval.Named(awscdk.RemovalPolicy_RETAIN))
	for _, kept := range []awscdk.RemovalPolicy{awscdk.RemovalPolicy_DESTROY, awscdk.RemovalPolicy_SNAPSHOT, ""} {
		assert.Equal(t, kept, cdkval.Named(kept))
	}
}

func TestInherit(t *testing.T) {
	type base struct{ A, B *string }
	type props struct{ C, B, A *string }
	a, b, c := new("a"), new("b"), new("c")
	to := props{B: b, C: c}
	cdkval.Inherit(&to, &base{A: a})
	assert.Equal(t, props{A: a, B: b, C: c}, to)
}
