package filterpattern

import (
	"regexp"
	"strings"
)

// term is a text that a message contains, or not with the sign -. One of those with the sign ? suffices.
type term struct {
	operand
	sign rune
}

// String writes the term as in a pattern.
func (t term) String() string {
	if t.sign != 0 {
		return string(t.sign) + t.operand.String()
	}
	return t.operand.String()
}

func (s *scanner) terms() []term {
	var terms []term
	for s.spaces(); s.pos < len(s.src); s.spaces() {
		start := s.pos
		var t term
		if r := s.peek(); r == '-' || r == '?' {
			t.sign = r
			s.pos++
		}
		switch s.peek() {
		case '"':
			t.text, t.quoted = s.quoted(), true
		case '%':
			t.text, t.regex = s.regex()
			s.spaces()
			if t.sign != 0 || len(terms) > 0 || s.pos < len(s.src) {
				s.fail(start, "a regular expression stands by itself, without other terms")
			}
		default:
			t.text = s.word(isTerm)
			if t.text == "" && (s.pos == len(s.src) || isSpace(s.peek())) {
				s.fail(s.pos, "expected a term after %c", t.sign)
			}
		}
		if s.pos < len(s.src) && !isSpace(s.peek()) {
			s.fail(s.pos, `%s is only in a "quoted string"`, s.found())
		}
		terms = append(terms, t)
	}
	return terms
}

func matchTerms(terms []term, message string) bool {
	optional, found := 0, false
	for _, t := range terms {
		contains := t.in(message)
		switch t.sign {
		case '?':
			optional++
			found = found || contains
		case '-':
			if contains {
				return false
			}
		default:
			if !contains {
				return false
			}
		}
	}
	return found || optional < len(terms) || len(terms) == 0
}

var blank = regexp.MustCompile(`^\s*$`)

// in tells whether the message has the term. Blanks in quotes are in each.
func (t term) in(message string) bool {
	if t.regex != nil {
		return t.regex.MatchString(message)
	}
	return strings.Contains(message, t.text) || t.quoted && blank.MatchString(t.text)
}
