package filterpattern

import (
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
)

// node is a part of an expression on a value: the object of a message, or the text of a field.
type node interface {
	match(value any) bool
	String() string
}

type (
	anyOf []node
	allOf []node
	// is is IS NULL, IS TRUE, IS FALSE or NOT EXISTS.
	is struct {
		selector
		what string
	}
	compare struct {
		selector
		op string
		operand
	}
)

func (n anyOf) match(v any) bool {
	for _, m := range n {
		if m.match(v) {
			return true
		}
	}
	return false
}

func (n allOf) match(v any) bool {
	for _, m := range n {
		if !m.match(v) {
			return false
		}
	}
	return true
}

func (n anyOf) String() string { return join(n, " || ") }

func (n allOf) String() string {
	s := make([]string, len(n))
	for i, m := range n {
		s[i] = m.String()
		if _, ok := m.(anyOf); ok {
			s[i] = "(" + s[i] + ")"
		}
	}
	return strings.Join(s, " && ")
}

func (n is) String() string { return n.selector.String() + " " + n.what }

func (n compare) String() string { return n.selector.String() + " " + n.op + " " + n.operand.String() }

func (n is) match(v any) bool {
	found := n.find(v)
	if n.what == "NOT EXISTS" {
		return len(found) == 0
	}
	want := map[string]any{"IS NULL": nil, "IS TRUE": true, "IS FALSE": false}[n.what]
	for _, f := range found {
		switch f.(type) {
		case nil, bool:
			if f == want {
				return true
			}
		}
	}
	return false
}

func (n compare) match(v any) bool {
	for _, f := range n.find(v) {
		switch f := f.(type) {
		case json.Number:
			if n.operand.holds(n.op, f.String()) {
				return true
			}
		case string:
			if n.number == nil || n.op == "=" || n.op == "!=" {
				if (operand{text: n.text, regex: n.regex}).holds(n.op, f) {
					return true
				}
			}
		}
	}
	return false
}

// maxDepth is how deep parentheses and messages may be nested.
const maxDepth = 100

func (s *scanner) json() node {
	s.pos++
	n := s.or(s.jsonCondition, 0)
	s.spaces()
	if !s.take("}") {
		s.fail(s.pos, "expected &&, || or }, got %s", s.found())
	}
	s.end()
	return n
}

// or takes conditions with && and ||, the first of which binds closer.
func (s *scanner) or(condition func(depth int) node, depth int) node {
	var all anyOf
	for {
		var and allOf
		for {
			s.spaces()
			and = appendFlat(and, condition(depth))
			s.spaces()
			if !s.take("&&") {
				break
			}
		}
		all = appendFlat(all, single(and))
		if !s.take("||") {
			return single(all)
		}
	}
}

// appendFlat adds a node to those of a list, or the nodes of one that is such a list too.
func appendFlat[T ~[]node](list T, n node) T {
	if same, ok := any(n).(T); ok {
		return append(list, same...)
	}
	return append(list, n)
}

// single is the list, or the node that is alone in it.
func single[T interface {
	~[]node
	node
}](list T) node {
	if len(list) == 1 {
		return list[0]
	}
	return list
}

func (s *scanner) jsonCondition(depth int) node {
	start := s.pos
	if s.take("(") {
		if depth == maxDepth {
			s.fail(start, "parentheses are nested deeper than %d", maxDepth)
		}
		n := s.or(s.jsonCondition, depth+1)
		if !s.take(")") {
			s.fail(s.pos, "expected &&, || or ), got %s", s.found())
		}
		return n
	}
	sel := s.selector()
	if sel.wildcard() {
		if s.wildcards++; s.wildcards > MaxWildcards {
			s.fail(start, "a pattern has at most %d selectors with a wildcard", MaxWildcards)
		}
	}
	s.spaces()
	at := s.pos
	switch word := s.word(isTerm); word {
	case "":
		c := compare{selector: sel, op: s.operator()}
		s.spaces()
		c.operand = s.operand(c.op)
		return c
	case "IS", "NOT":
		s.spaces()
		what := word + " " + s.word(isTerm)
		switch what {
		case "IS NULL", "IS TRUE", "IS FALSE", "NOT EXISTS":
			return is{selector: sel, what: what}
		}
	}
	s.fail(at, "expected an operator, IS NULL, IS TRUE, IS FALSE or NOT EXISTS")
	return nil
}

// selector is the path of a property: names, indexes, and one wildcard.
type selector []step

type step struct {
	name  string
	index int
	kind  byte // of the first character: . for a name, [ for an index, ' for a name in brackets; * and ] for any of these
}

// String writes the selector as in a pattern.
func (sel selector) String() string {
	var b strings.Builder
	b.WriteString("$")
	for _, st := range sel {
		switch st.kind {
		case '.':
			b.WriteString("." + st.name)
		case '\'':
			b.WriteString(".['" + st.name + "']")
		case '[':
			b.WriteString("[" + strconv.Itoa(st.index) + "]")
		case '*':
			b.WriteString(".*")
		default:
			b.WriteString("[*]")
		}
	}
	return b.String()
}

func (sel selector) wildcard() bool {
	for _, st := range sel {
		if st.kind == '*' || st.kind == ']' {
			return true
		}
	}
	return false
}

func (s *scanner) selector() selector {
	if !s.take("$") {
		s.fail(s.pos, "expected a selector such as $.name, got %s", s.found())
	}
	if s.peek() != '.' {
		s.fail(s.pos, "expected . after $, got %s", s.found())
	}
	var sel selector
	for {
		at := s.pos
		switch {
		case s.take(".["):
			sel = append(sel, s.bracketed())
		case s.take(".*"):
			sel = append(sel, step{kind: '*'})
		case s.take("."):
			st := step{kind: '.', name: s.word(isName)}
			if st.name == "" {
				s.fail(s.pos, "expected the name of a property, got %s", s.found())
			}
			sel = append(sel, st)
		case s.take("["):
			sel = append(sel, s.index())
		default:
			return sel
		}
		if last := sel[len(sel)-1:]; last.wildcard() && sel[:len(sel)-1].wildcard() {
			s.fail(at, "a selector has at most one wildcard")
		}
	}
}

func (s *scanner) bracketed() step {
	if !s.take("'") {
		s.fail(s.pos, "expected a name in single quotes, got %s", s.found())
	}
	name := s.word(func(r rune) bool { return r != '\'' })
	if name == "" || !s.take("']") {
		s.fail(s.pos, "expected a name and '], got %s", s.found())
	}
	return step{kind: '\'', name: name}
}

func (s *scanner) index() step {
	start := s.pos
	if s.take("*]") {
		return step{kind: ']'}
	}
	i, err := strconv.Atoi(s.word(func(r rune) bool { return '0' <= r && r <= '9' }))
	if err != nil {
		s.fail(start, "expected the number of an element from 0, or *")
	}
	if !s.take("]") {
		s.fail(s.pos, "expected ], got %s", s.found())
	}
	return step{kind: '[', index: i}
}

// find gives what the selector selects; at most one value without a wildcard.
func (sel selector) find(v any) []any {
	values := []any{v}
	for _, st := range sel {
		var next []any
		for _, v := range values {
			switch v := v.(type) {
			case map[string]any:
				if property, ok := v[st.name]; ok && (st.kind == '.' || st.kind == '\'') {
					next = append(next, property)
				}
				if st.kind == '*' {
					for _, property := range v {
						next = append(next, property)
					}
				}
			case []any:
				if st.kind == '[' && st.index < len(v) {
					next = append(next, v[st.index])
				}
				if st.kind == ']' {
					next = append(next, v...)
				}
			}
		}
		values = next
	}
	return values
}

// decode gives the JSON object of a message.
func decode(message string) (map[string]any, bool) {
	d := json.NewDecoder(strings.NewReader(message))
	d.UseNumber()
	var object map[string]any
	if err := d.Decode(&object); err != nil || object == nil {
		return nil, false
	}
	_, err := d.Token()
	return object, errors.Is(err, io.EOF)
}

// scalar writes a text, a number or a boolean.
func scalar(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return strconv.FormatBool(v), true
	}
	return "", false
}
