package filterpattern

import (
	"slices"
	"strings"
)

// field is a field of a space-delimited pattern. The ellipsis stands for any number of fields.
type field struct {
	name     string
	ellipsis bool
	cond     node
}

// String writes the field as in a pattern.
func (f field) String() string {
	switch {
	case f.ellipsis:
		return "..."
	case f.cond != nil:
		return f.cond.String()
	default:
		return f.name
	}
}

// fieldCompare is a condition on the text of a field.
type fieldCompare struct {
	name string
	op   string
	operand
}

// String writes the condition as in a pattern.
func (c fieldCompare) String() string { return c.name + " " + c.op + " " + c.operand.String() }

func (c fieldCompare) match(v any) bool { return c.holds(c.op, v.(string)) }

func (s *scanner) fields() []field {
	s.pos++
	var fields []field
	for {
		s.spaces()
		at := s.pos
		f := s.field()
		if f.ellipsis && slices.ContainsFunc(fields, func(g field) bool { return g.ellipsis }) {
			s.fail(at, "a pattern has at most one ...")
		}
		if f.name != "" && slices.ContainsFunc(fields, func(g field) bool { return g.name == f.name }) {
			s.fail(at, "two fields are named %s", f.name)
		}
		fields = append(fields, f)
		s.spaces()
		switch {
		case s.take(","):
		case s.take("]"):
			if len(fields) == 1 && f.String() == "" {
				s.fail(at, "expected the name of a field or ...")
			}
			s.end()
			return fields
		default:
			s.fail(s.pos, "expected , or ], got %s", s.found())
		}
	}
}

func (s *scanner) field() field {
	if s.take("...") {
		return field{ellipsis: true}
	}
	start := s.pos
	f := field{name: s.word(isName)}
	s.spaces()
	if r := s.peek(); f.name == "" || r == ',' || r == ']' || r == 0 {
		return f
	}
	s.pos = start
	f.cond = s.or(func(int) node {
		at := s.pos
		c := fieldCompare{name: s.word(isName)}
		if c.name != f.name {
			s.fail(at, "expected a condition on %s", f.name)
		}
		s.spaces()
		c.op = s.operator()
		s.spaces()
		c.operand = s.operand(c.op)
		return c
	}, 0)
	return f
}

// split gives the text of each field of the pattern, or false where the message has too few. Without an ellipsis, the last field
// is the rest of the message.
func (p *Pattern) split(message string) ([]string, bool) {
	ellipsis := slices.IndexFunc(p.fields, func(f field) bool { return f.ellipsis })
	values := make([]string, len(p.fields))
	if ellipsis < 0 {
		for i := range values {
			text, rest, ok := cutField(message)
			if !ok {
				return nil, false
			}
			if i == len(values)-1 && strings.TrimSpace(rest) != "" {
				text = strings.TrimSpace(message)
			}
			values[i], message = text, rest
		}
		return values, true
	}
	var all []string
	for {
		text, rest, ok := cutField(message)
		if !ok {
			break
		}
		all, message = append(all, text), rest
	}
	after := len(p.fields) - ellipsis - 1
	if len(all) < ellipsis+after {
		return nil, false
	}
	copy(values, all[:ellipsis])
	copy(values[ellipsis+1:], all[len(all)-after:])
	return values, true
}

// cutField cuts the first field off a message: what is between brackets or double quotes, or until the next space.
func cutField(message string) (text, rest string, ok bool) {
	message = strings.TrimLeftFunc(message, isSpace)
	if message == "" {
		return "", "", false
	}
	for opening, closing := range map[byte]string{'[': "]", '"': `"`} {
		if message[0] == opening {
			if text, rest, ok := strings.Cut(message[1:], closing); ok {
				return text, rest, true
			}
		}
	}
	if end := strings.IndexFunc(message, isSpace); end >= 0 {
		return message[:end], message[end:], true
	}
	return message, "", true
}
