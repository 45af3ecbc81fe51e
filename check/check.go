// Package check collects the problems of a configuration and reports all of them at once, each with the path of its field.
//
// The constructs of Strata validate their props with it before they define anything. A constructor that is given wrong
// props panics with a *check.Error, as constructors of the AWS CDK do; use errors.As on the recovered value to get at
// the single problems.
package check

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Problem is one invalid field.
type Problem struct {
	// Field is the path of the field from the props, such as "Functions[1].Memory". It is empty when no single field is
	// at fault.
	Field string
	// Message says what is wrong and what is allowed.
	Message string
}

// String gives "field: message".
func (p Problem) String() string {
	if p.Field == "" {
		return p.Message
	}
	return p.Field + ": " + p.Message
}

// Error is every problem of one props value.
type Error struct {
	// Path is the path of the construct that was to be defined; empty when Validate was called by itself.
	Path string
	// Props is the Go type that is invalid, such as "apilambda.APIProps".
	Props string
	// Problems holds at least one problem, in the order of the fields.
	Problems []Problem
}

// Error lists all problems, one a line.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Path != "" {
		b.WriteString(e.Path + ": ")
	}
	b.WriteString("invalid " + e.Props + ":")
	for _, p := range e.Problems {
		b.WriteString("\n  - " + p.String())
	}
	return b.String()
}

// List collects problems. Lists made from another by At share its problems.
type List struct {
	props    string
	prefix   string
	problems *[]Problem
}

// For returns an empty list for the props type of the given name.
func For(props string) *List {
	return &List{props: props, problems: new([]Problem)}
}

// At returns a list that adds to l, with fields below the given one.
func (l *List) At(field string) *List {
	return &List{props: l.props, prefix: l.field(field), problems: l.problems}
}

// Add records a problem of a field. An empty field is the value that l stands for.
func (l *List) Add(field, format string, args ...any) {
	*l.problems = append(*l.problems, Problem{Field: l.field(field), Message: fmt.Sprintf(format, args...)})
}

// That records a problem unless ok.
func (l *List) That(ok bool, field, format string, args ...any) {
	if !ok {
		l.Add(field, format, args...)
	}
}

// Join adds the problems of err, which another Validate returned.
func (l *List) Join(err error) {
	var e *Error
	switch {
	case err == nil:
	case errors.As(err, &e):
		for _, p := range e.Problems {
			l.Add(p.Field, "%s", p.Message)
		}
	default:
		l.Add("", "%v", err)
	}
}

// Err returns an *Error with every problem recorded, or nil when there is none.
func (l *List) Err() error {
	if len(*l.problems) == 0 {
		return nil
	}
	return &Error{Props: l.props, Problems: *l.problems}
}

func (l *List) field(name string) string {
	switch {
	case l.prefix == "":
		return name
	case name == "":
		return l.prefix
	default:
		return l.prefix + "." + name
	}
}

// Index is the path of an element of a field, such as "Functions[1]".
func Index(field string, i int) string { return fmt.Sprintf("%s[%d]", field, i) }

// Key is the path of a value of a field that is a map, such as `Models["Note"]`.
func Key(field, key string) string { return fmt.Sprintf("%s[%q]", field, key) }

// Range records a problem unless lo <= v <= hi.
func Range[T cmp.Ordered](l *List, field string, v, lo, hi T) {
	l.That(lo <= v && v <= hi, field, "must be between %v and %v, got %v", lo, hi, v)
}

// WholeSeconds records a problem unless d is a number of seconds.
func WholeSeconds(l *List, field string, d time.Duration) {
	l.That(d%time.Second == 0, field, "must be whole seconds, got %v", d)
}

// WholeMinutes records a problem unless d is a number of minutes.
func WholeMinutes(l *List, field string, d time.Duration) {
	l.That(d%time.Minute == 0, field, "must be whole minutes, got %v", d)
}

// OneOf records a problem unless v is one of the allowed values.
func OneOf[T comparable](l *List, field string, v T, allowed ...T) {
	for _, a := range allowed {
		if v == a {
			return
		}
	}
	l.Add(field, "must be one of %s, got %v", join(allowed), v)
}

func join[T any](values []T) string {
	s := make([]string, len(values))
	for i, v := range values {
		s[i] = fmt.Sprint(v)
	}
	return strings.Join(s, ", ")
}

// Must panics with err, which Validate returned for the props of the construct id in the scope with the given path. It
// does nothing when err is nil.
func Must(scopePath *string, id string, err error) {
	if err == nil {
		return
	}
	path := id
	if scopePath != nil && *scopePath != "" {
		path = *scopePath + "/" + id
	}
	var e *Error
	if errors.As(err, &e) {
		panic(&Error{Path: path, Props: e.Props, Problems: e.Problems})
	}
	panic(fmt.Errorf("%s: %w", path, err))
}

// IsToken tells whether s holds a CDK token, a value that is known only at deployment. Rules about the content of a
// string let such values through.
func IsToken(s string) bool {
	return strings.Contains(s, "${Token[")
}

var constructID = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*$`)

// IsConstructID tells whether s is a letter, then letters and digits: a construct id of which the logical ids of
// CloudFormation keep every character.
func IsConstructID(s string) bool { return constructID.MatchString(s) }
