package cdktest

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/strata-cdk/strata/check"
)

// Validator is a pointer to props of type P that can tell what is wrong with them.
type Validator[P any] interface {
	*P
	Validate() error
}

// Case is one row of ValidateTable: an edit of valid props and the problems that it makes.
type Case[P any] struct {
	// Name is the name of the subtest.
	Name string
	// Edit changes the valid props.
	Edit func(*P)
	// Want is each expected problem as "Field: message", in order; none means that the props stay valid.
	Want []string
}

// ValidateTable runs a subtest for each case: it edits props that valid made anew, and compares every problem that
// Validate reports with those that the case wants.
func ValidateTable[P any, V Validator[P]](t *testing.T, valid func() P, cases []Case[P]) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			t.Helper()
			props := valid()
			c.Edit(&props)
			if got := problems(V(&props).Validate()); !slices.Equal(got, c.Want) {
				t.Errorf("want the problems\n  %s\ngot\n  %s", strings.Join(c.Want, "\n  "), strings.Join(got, "\n  "))
			}
		})
	}
}

func problems(err error) []string {
	var e *check.Error
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &e):
		return []string{err.Error()}
	}
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return lines
}
