package filterpattern

import (
	"regexp"
	"strconv"
	"strings"
)

const (
	symbols   = ":_#=@/;,-"
	metachars = `^$?[]{}|\*+.`
)

var quantifier = regexp.MustCompile(`^\{([0-9]*)(?:(,)([0-9]*))?\}`)

// regex takes a regular expression between two %. It gives its text, and what Go makes of it.
func (s *scanner) regex() (string, *regexp.Regexp) {
	if s.regexes++; s.regexes > MaxRegexes {
		s.fail(s.pos, "a pattern has at most %d regular expressions", MaxRegexes)
	}
	start := s.pos
	s.pos++
	text := s.word(func(r rune) bool { return r != '%' })
	if !s.take("%") {
		s.fail(start, "the %% has no other one to close it")
	}
	if text == "" {
		s.fail(start, "expected a regular expression between %% and %%")
	}
	source := (&regexReader{s: s, base: start + 1, src: []rune(text)}).read()
	re, err := regexp.Compile(source)
	if err != nil {
		reason, _, _ := strings.Cut(strings.TrimPrefix(err.Error(), "error parsing regexp: "), ":")
		s.fail(start, "the regular expression has an %s", reason)
	}
	return text, re
}

// regexReader holds a regular expression to what CloudWatch Logs supports, and writes it for Go.
type regexReader struct {
	s    *scanner
	base int
	src  []rune
	pos  int
	out  strings.Builder
}

func (r *regexReader) fail(at int, format string, args ...any) { r.s.fail(r.base+at, format, args...) }

func (r *regexReader) read() string {
	for r.pos < len(r.src) {
		switch c := r.src[r.pos]; c {
		case '\\':
			r.escape()
		case '[':
			r.class()
		case '{':
			r.repeat()
		case ']', '}':
			r.fail(r.pos, `expected \%c, as nothing is open`, c)
		default:
			r.plain(metachars)
		}
	}
	return r.out.String()
}

// plain takes a character that is supported, or is one of those allowed besides.
func (r *regexReader) plain(besides string) {
	c := r.src[r.pos]
	if !isAlphanumeric(c) && c != ' ' && !strings.ContainsRune(symbols, c) && !strings.ContainsRune(besides, c) {
		if c == '(' || c == ')' {
			r.fail(r.pos, `a regular expression has no groups; \x%02x is %q itself`, c, c)
		}
		if c >= 0x80 {
			r.fail(r.pos, "a regular expression has only ASCII characters, got %q", c)
		}
		r.fail(r.pos, `%q is not supported in a regular expression; \x%02x stands for it`, c, c)
	}
	r.out.WriteRune(c)
	r.pos++
}

func (r *regexReader) escape() {
	start := r.pos
	r.pos++
	if r.pos == len(r.src) {
		r.fail(start, `nothing follows \`)
	}
	c := r.src[r.pos]
	r.pos++
	switch {
	case c == 'x':
		end := min(r.pos+2, len(r.src))
		hex := string(r.src[r.pos:end])
		code, err := strconv.ParseUint(hex, 16, 8)
		if err != nil || len(hex) < 2 || code > 0x7f {
			r.fail(start, `expected \x and two hexadecimal digits up to 7f`)
		}
		r.pos = end
		r.out.WriteString(`\x` + hex)
	case strings.ContainsRune("dDsSwW", c), strings.ContainsRune(symbols+metachars, c):
		if c == '_' {
			r.out.WriteRune(c) // which Go does not escape
			return
		}
		r.out.WriteString(`\` + string(c))
	default:
		r.fail(start, `\%c is not supported`, c)
	}
}

func (r *regexReader) class() {
	start := r.pos
	r.take()
	if r.pos < len(r.src) && r.src[r.pos] == '^' {
		r.take()
	}
	if r.pos < len(r.src) && r.src[r.pos] == ']' {
		r.fail(r.pos, `expected something in the class, or \] for a bracket`)
	}
	for r.pos < len(r.src) {
		switch r.src[r.pos] {
		case ']':
			r.take()
			return
		case '\\':
			r.escape()
		case '[':
			r.fail(r.pos, `expected \[ in a class`)
		default:
			r.plain(metachars)
		}
	}
	r.fail(start, "the [ has no ] to close it")
}

func (r *regexReader) take() {
	r.out.WriteRune(r.src[r.pos])
	r.pos++
}

func (r *regexReader) repeat() {
	m := quantifier.FindStringSubmatch(string(r.src[r.pos:]))
	if m == nil || m[1] == "" && m[3] == "" {
		r.fail(r.pos, `expected {m}, {m,}, {,n} or {m,n}, or \{ for a brace`)
	}
	if m[1] == "" {
		m[1] = "0"
	}
	r.out.WriteString("{" + m[1] + m[2] + m[3] + "}")
	r.pos += len(m[0])
}
