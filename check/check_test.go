package check_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/check"
)

func TestList_ReportsEveryProblemWithItsPath(t *testing.T) {
	l := check.For("p.Props")
	check.Range(l, "Timeout", 3*time.Minute, time.Second, time.Minute)
	f := l.At(check.Index("Functions", 1))
	check.OneOf(f, "Architecture", "mips", "arm64", "x86_64")
	f.That(false, "", "needs code")
	f.At("Async").Add("Retries", "too many")
	l.At(check.Key("Models", "Note")).Add("", "odd")
	l.That(true, "Fine", "never shown")

	require.EqualError(t, l.Err(), `invalid p.Props:
  - Timeout: must be between 1s and 1m0s, got 3m0s
  - Functions[1].Architecture: must be one of arm64, x86_64, got mips
  - Functions[1]: needs code
  - Functions[1].Async.Retries: too many
  - Models["Note"]: odd`)
}

func TestList_IsNilWithoutProblems(t *testing.T) {
	l := check.For("p.Props")
	check.Range(l, "Low", 1, 1, 3)
	check.Range(l, "High", 3, 1, 3)
	check.OneOf(l, "Word", "b", "a", "b")
	assert.NoError(t, l.Err())
}

func TestProblem_WithoutFieldIsItsMessage(t *testing.T) {
	assert.Equal(t, "two routes clash", check.Problem{Message: "two routes clash"}.String())
}

func TestMust_PanicsWithPathAndTypedError(t *testing.T) {
	l := check.For("p.Props")
	l.Add("Memory", "too small")

	for path, want := range map[string]string{"Stack/Web": "Stack/Web/Api", "": "Api"} {
		err := recovered(func() { check.Must(&path, "Api", l.Err()) })
		var e *check.Error
		require.True(t, errors.As(err, &e))
		assert.Equal(t, want, e.Path)
		assert.Equal(t, []check.Problem{{Field: "Memory", Message: "too small"}}, e.Problems)
	}
	assert.EqualError(t, recovered(func() { check.Must(new("S"), "Api", errors.New("odd")) }), "S/Api: odd")
	assert.NotPanics(t, func() { check.Must(nil, "Api", nil) })
}

func TestIsToken(t *testing.T) {
	assert.True(t, check.IsToken("arn:${Token[AWS.Partition.3]}:x"))
	assert.False(t, check.IsToken("arn:aws:x"))
}

func recovered(f func()) (err error) {
	defer func() { err, _ = recover().(error) }()
	f()
	return nil
}

func TestWholeSeconds(t *testing.T) {
	c := check.For("p")
	check.WholeSeconds(c, "A", 2*time.Second)
	check.WholeSeconds(c, "B", 1500*time.Millisecond)
	assert.EqualError(t, c.Err(), "invalid p:\n  - B: must be whole seconds, got 1.5s")
}

func TestWholeMinutes(t *testing.T) {
	c := check.For("p")
	check.WholeMinutes(c, "A", 2*time.Minute)
	check.WholeMinutes(c, "B", 90*time.Second)
	assert.EqualError(t, c.Err(), "invalid p:\n  - B: must be whole minutes, got 1m30s")
}

func TestIsConstructID(t *testing.T) {
	for _, id := range []string{"A", "notes2"} {
		assert.True(t, check.IsConstructID(id), id)
	}
	for _, id := range []string{"", "2a", "a-b", "a b", "é", "a\n"} {
		assert.False(t, check.IsConstructID(id), id)
	}
}
