package filterpattern

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// scanner reads a pattern. Its methods panic with a *SyntaxError, which Parse returns.
type scanner struct {
	src       []rune
	pos       int
	regexes   int
	wildcards int
}

func (s *scanner) fail(at int, format string, args ...any) {
	panic(&SyntaxError{Column: at + 1, Message: fmt.Sprintf(format, args...)})
}

// peek is the next character, 0 at the end.
func (s *scanner) peek() rune {
	if s.pos < len(s.src) {
		return s.src[s.pos]
	}
	return 0
}

// found names what is next.
func (s *scanner) found() string {
	if s.pos == len(s.src) {
		return "the end"
	}
	return strconv.Quote(string(s.src[s.pos]))
}

func (s *scanner) spaces() {
	for isSpace(s.peek()) {
		s.pos++
	}
}

// end takes spaces until the end.
func (s *scanner) end() {
	s.spaces()
	if s.pos < len(s.src) {
		s.fail(s.pos, "expected the end, got %s", s.found())
	}
}

// take takes text if it is next.
func (s *scanner) take(text string) bool {
	end := s.pos + len(text) // of ASCII
	if end > len(s.src) || string(s.src[s.pos:end]) != text {
		return false
	}
	s.pos = end
	return true
}

// word takes the characters that are of a kind.
func (s *scanner) word(of func(rune) bool) string {
	start := s.pos
	for s.pos < len(s.src) && of(s.src[s.pos]) {
		s.pos++
	}
	return string(s.src[start:s.pos])
}

func isSpace(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\r' }

func isAlphanumeric(r rune) bool {
	return '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
}

func isTerm(r rune) bool { return isAlphanumeric(r) || r == '_' }

func isName(r rune) bool { return isTerm(r) || r == '-' }

func isBare(r rune) bool { return isName(r) || strings.ContainsRune(".*+", r) }

// quoted takes a text in double quotes, in which \" and \\ stand for " and \.
func (s *scanner) quoted() string {
	start := s.pos
	var text strings.Builder
	for s.pos++; s.pos < len(s.src); s.pos++ {
		switch r := s.src[s.pos]; r {
		case '"':
			s.pos++
			return text.String()
		case '\\':
			if s.pos+1 < len(s.src) && strings.ContainsRune(`"\`, s.src[s.pos+1]) {
				s.pos++
				r = s.src[s.pos]
			}
			text.WriteRune(r)
		default:
			text.WriteRune(r)
		}
	}
	s.fail(start, `the " has no other one to close it`)
	return ""
}

func quote(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}

// operand is what a condition compares with.
type operand struct {
	text   string
	quoted bool
	number *float64
	regex  *regexp.Regexp
}

// String writes the operand as in a pattern.
func (o operand) String() string {
	switch {
	case o.regex != nil:
		return "%" + o.text + "%"
	case o.quoted:
		return quote(o.text)
	default:
		return o.text
	}
}

var number = regexp.MustCompile(`^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$`)

// operand takes what a condition compares with, before one of the characters that may follow it.
func (s *scanner) operand(op string) operand {
	start := s.pos
	var o operand
	switch s.peek() {
	case '"':
		o = operand{text: s.quoted(), quoted: true}
	case '%':
		o.text, o.regex = s.regex()
	default:
		o.text = s.word(isBare)
		if r := s.peek(); r != 0 && !isSpace(r) && !strings.ContainsRune(")}],&|", r) {
			s.fail(s.pos, `%s is only in a "quoted string"`, s.found())
		}
		switch {
		case o.text == "":
			s.fail(s.pos, `expected a word, a number, a "quoted string" or %%a regular expression%%, got %s`, s.found())
		case number.MatchString(o.text):
			v, err := strconv.ParseFloat(o.text, 64)
			if err != nil {
				s.fail(start, "%s is out of the range of numbers", o.text)
			}
			o.number = &v
		case strings.ContainsAny(o.text, "+-"):
			s.fail(start, `expected a number or a "quoted string", got %s`, o.text)
		}
	}
	if o.number == nil && op != "=" && op != "!=" {
		s.fail(start, "expected a number after %s", op)
	}
	return o
}

// operators, the longer ones first.
var operators = []string{"!=", "<=", ">=", "=", "<", ">"}

// operator takes an operator.
func (s *scanner) operator() string {
	start := s.pos
	for _, op := range operators {
		if s.take(op) {
			if op == "=" && s.peek() == '=' {
				s.fail(start, "expected = for equal, got ==")
			}
			return op
		}
	}
	s.fail(s.pos, "expected =, !=, <, >, <= or >=, got %s", s.found())
	return ""
}

// holds tells whether a text compares so.
func (o operand) holds(op, text string) bool {
	if o.number != nil {
		if !number.MatchString(text) {
			return op == "!="
		}
		v, _ := strconv.ParseFloat(text, 64) // infinite when out of range
		return holds(op, v, *o.number)
	}
	return o.matches(text) == (op == "=")
}

func holds(op string, v, than float64) bool {
	switch op {
	case "=":
		return v == than
	case "!=":
		return v != than
	case "<":
		return v < than
	case ">":
		return v > than
	case "<=":
		return v <= than
	default:
		return v >= than
	}
}

// matches tells whether the text is that of o, where a * at either end stands for any text.
func (o operand) matches(text string) bool {
	if o.regex != nil {
		return o.regex.MatchString(text)
	}
	want, before := strings.CutPrefix(o.text, "*")
	want, after := strings.CutSuffix(want, "*")
	switch {
	case before && after:
		return strings.Contains(text, want)
	case before:
		return strings.HasSuffix(text, want)
	case after:
		return strings.HasPrefix(text, want)
	default:
		return text == want
	}
}
