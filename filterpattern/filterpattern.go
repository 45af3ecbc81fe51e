// Package filterpattern reads the filter patterns of Amazon CloudWatch Logs, which metric filters, subscription filters and
// searches have. It reports a mistake with its column, and tells which messages a pattern matches, so that a test can say
// what a filter is about. It is plain Go: nothing of the CDK is in it.
//
// There are three kinds of patterns:
//
//	ERROR -timeout                              terms in any text; a regular expression between % is one too
//	{ $.status >= 500 && $.path = "/api/*" }    conditions on a message that is a JSON object
//	[ip, user, ..., status = 4*, bytes > 1000]  conditions on the fields of a message that spaces divide
//
// CloudWatch Logs itself is not asked. The package follows
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html; docs/logmetrics.md says what that page
// leaves open, and what the package takes it to mean.
package filterpattern

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Limits of a pattern.
const (
	// MaxLength is the number of characters that a pattern has at most.
	MaxLength = 1024
	// MaxRegexes is the number of regular expressions that a pattern has at most.
	MaxRegexes = 2
	// MaxWildcards is the number of selectors with a wildcard that a JSON pattern has at most; each has one at most.
	MaxWildcards = 3
)

// Kind says what messages a pattern is for.
type Kind string

const (
	// Terms is a pattern for any text, also the empty one, which matches everything.
	Terms Kind = "terms"
	// JSON is a pattern for messages that are a JSON object.
	JSON Kind = "JSON"
	// SpaceDelimited is a pattern for messages of fields with spaces between them.
	SpaceDelimited Kind = "space-delimited"
)

// Pattern is a filter pattern. Parse makes one.
type Pattern struct {
	kind    Kind
	regexes int
	terms   []term
	expr    node
	fields  []field
}

// SyntaxError says what is wrong with a pattern, and where.
type SyntaxError struct {
	// Column is the character that cannot be there, from 1; the first after the end where something is missing.
	Column int
	// Message says what is wrong.
	Message string
}

// Error gives "column 14: expected ...".
func (e *SyntaxError) Error() string { return fmt.Sprintf("column %d: %s", e.Column, e.Message) }

// Parse reads a pattern. The error is a *SyntaxError.
func Parse(s string) (p *Pattern, err error) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case *SyntaxError:
			p, err = nil, e
		default:
			panic(e)
		}
	}()
	if !utf8.ValidString(s) {
		return nil, &SyntaxError{Column: 1, Message: "expected UTF-8"}
	}
	sc := &scanner{src: []rune(s)}
	if len(sc.src) > MaxLength {
		sc.fail(MaxLength, "a pattern has at most %d characters, got %d", MaxLength, len(sc.src))
	}
	p = &Pattern{}
	sc.spaces()
	switch sc.peek() {
	case '{':
		p.kind, p.expr = JSON, sc.json()
	case '[':
		p.kind, p.fields = SpaceDelimited, sc.fields()
	default:
		p.kind, p.terms = Terms, sc.terms()
	}
	p.regexes = sc.regexes
	return p, nil
}

// Kind says what messages the pattern is for.
func (p *Pattern) Kind() Kind { return p.kind }

// Regexes is the number of regular expressions in the pattern. A log group has at most 5 filters whose patterns have any.
func (p *Pattern) Regexes() int { return p.regexes }

// String writes the pattern with single spaces and without parentheses that change nothing. Parse reads it as the same
// pattern, unless the spaces make it too long.
func (p *Pattern) String() string {
	switch p.kind {
	case JSON:
		return "{ " + p.expr.String() + " }"
	case SpaceDelimited:
		return "[" + join(p.fields, ", ") + "]"
	default:
		return join(p.terms, " ")
	}
}

// Match tells whether the pattern matches a message.
func (p *Pattern) Match(message string) bool {
	switch p.kind {
	case JSON:
		object, ok := decode(message)
		return ok && p.expr.match(object)
	case SpaceDelimited:
		values, ok := p.split(message)
		if !ok {
			return false
		}
		for i, f := range p.fields {
			if f.cond != nil && !f.cond.match(values[i]) {
				return false
			}
		}
		return true
	default:
		return matchTerms(p.terms, message)
	}
}

// Value is what a reference of a metric filter stands for in a message that the pattern matches: a metric value or a
// dimension such as $.latency of a JSON pattern, or $bytes of a space-delimited one. It is false where the message does not
// match, or has no text, number or boolean there, and for references that CheckReference refuses.
func (p *Pattern) Value(message, reference string) (string, bool) {
	if p.CheckReference(reference) != nil || !p.Match(message) {
		return "", false
	}
	if p.kind == JSON {
		selector, _ := parseSelector(reference)
		object, _ := decode(message)
		for _, v := range selector.find(object) {
			if text, ok := scalar(v); ok {
				return text, true
			}
		}
		return "", false
	}
	values, _ := p.split(message)
	for i, f := range p.fields {
		if f.name == reference[1:] {
			return values[i], true
		}
	}
	return "", false
}

// CheckReference tells what is wrong with a reference to a part of the messages that the pattern matches: $.latency, for a
// JSON pattern, need not be in the pattern; $bytes must be the name of a field of a space-delimited one. Patterns of terms
// have nothing to refer to. Mistakes in $.latency are a *SyntaxError.
func (p *Pattern) CheckReference(reference string) error {
	switch {
	case p.kind == JSON:
		_, err := parseSelector(reference)
		return err
	case p.kind == Terms:
		return errors.New("a pattern of terms has no fields")
	case !strings.HasPrefix(reference, "$"):
		return errors.New("expected $ and the name of a field")
	}
	for _, f := range p.fields {
		if f.name != "" && f.name == reference[1:] {
			return nil
		}
	}
	return fmt.Errorf("the pattern has no field %s", reference[1:])
}

func parseSelector(s string) (sel selector, err error) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case *SyntaxError:
			err = e
		default:
			panic(e)
		}
	}()
	sc := &scanner{src: []rune(s)}
	sel = sc.selector()
	if sel.wildcard() {
		sc.fail(0, "a reference has no wildcard")
	}
	sc.end()
	return sel, nil
}

// IgnoresOptional tells whether the pattern has terms with a question mark that CloudWatch Logs ignores, because there are
// others beside them.
func (p *Pattern) IgnoresOptional() bool {
	optional := 0
	for _, t := range p.terms {
		if t.sign == '?' {
			optional++
		}
	}
	return 0 < optional && optional < len(p.terms)
}

func join[T fmt.Stringer](parts []T, between string) string {
	s := make([]string, len(parts))
	for i, part := range parts {
		s[i] = part.String()
	}
	return strings.Join(s, between)
}
