package beanstalk

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/strata-cdk/strata/internal/near"
)

// finding is a problem or a warning at a line of a file; line 0 is the file as a whole.
type finding struct {
	line    int
	message string
}

func (f finding) at(file string) string {
	if f.line == 0 {
		return file + ": " + f.message
	}
	return fmt.Sprintf("%s:%d: %s", file, f.line, f.message)
}

// yamlReader takes a file of YAML or JSON apart. It never fails: what it cannot use is a problem.
type yamlReader struct {
	problems, warnings []finding
	// lines holds the line of each field that was read, by its path in the Go value.
	lines map[string]int
	// entries counts the entries read: aliases can stand for a lot of them.
	entries int
	stopped bool
}

// count counts n more entries; false means to read no more.
func (r *yamlReader) count(n, line int) bool {
	r.entries += n
	if !r.stopped && r.entries > maxEntries {
		r.stop(line, "has more than %d entries, with all that aliases stand for", maxEntries)
	}
	return !r.stopped
}

// stop reports a problem after which no more is read.
func (r *yamlReader) stop(line int, format string, args ...any) {
	r.problem(line, format, args...)
	r.stopped = true
}

// maxEntries is more than any file needs.
const maxEntries = 100_000

func (r *yamlReader) problem(line int, format string, args ...any) {
	r.problems = append(r.problems, finding{line, fmt.Sprintf(format, args...)})
}

func (r *yamlReader) warn(line int, format string, args ...any) {
	r.warnings = append(r.warnings, finding{line, fmt.Sprintf(format, args...)})
}

// lineOf finds the line of a field, or of what it is in.
func (r *yamlReader) lineOf(field string) int {
	for i := len(field); i > 0; i-- {
		if i < len(field) && field[i] != '.' && field[i] != '[' {
			continue
		}
		if line, ok := r.lines[field[:i]]; ok {
			return line
		}
	}
	return 0
}

var (
	yamlError = regexp.MustCompile(`^(?:yaml: )?line (\d+): (.*)$`)
	// parserError are messages of the parser, which counts lines from 0, unlike the scanner.
	parserError = regexp.MustCompile(`^did not find expected (?:<|node content|key$|'-' indicator|',' or )|^found (?:undefined tag|duplicate %|incompatible)`)
)

// root parses data and returns the mapping at its top; nil when there is none.
func (r *yamlReader) root(data []byte) *yaml.Node {
	if !utf8.Valid(data) {
		r.problem(0, "is not text in UTF-8")
		return nil
	}
	if trimmed := bytes.TrimSpace(data); bytes.HasPrefix(trimmed, []byte("{")) {
		if json.Valid(trimmed) || !isYAML(data) {
			return r.rootJSON(data)
		}
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var doc yaml.Node
	if err := decoder.Decode(&doc); errors.Is(err, io.EOF) {
		r.problem(0, "is empty")
		return nil
	} else if err != nil {
		r.syntax(data, err)
		return nil
	}
	var more yaml.Node
	if err := decoder.Decode(&more); err == nil {
		r.problem(more.Line, "has more than one document")
	} else if !errors.Is(err, io.EOF) {
		r.syntax(data, err)
		return nil
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		r.problem(1, "must be a map of sections")
		return nil
	}
	r.duplicates(doc.Content[0])
	return doc.Content[0]
}

// isYAML tells whether text that starts with a brace is a flow mapping of YAML rather than broken JSON.
func isYAML(data []byte) bool {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var doc yaml.Node
		if err := decoder.Decode(&doc); err != nil {
			return errors.Is(err, io.EOF)
		}
	}
}

func (r *yamlReader) syntax(data []byte, err error) {
	for i, line := range strings.Split(string(data), "\n") {
		if trimmed := strings.TrimLeft(line, " "); strings.HasPrefix(trimmed, "\t") && strings.TrimSpace(trimmed) != "" {
			r.problem(i+1, "has a tab in its indentation: YAML takes spaces only")
			return
		}
	}
	line, message := 1, strings.TrimPrefix(err.Error(), "yaml: ")
	if m := yamlError.FindStringSubmatch(err.Error()); m != nil {
		line, _ = strconv.Atoi(m[1])
		message = m[2]
		if parserError.MatchString(message) {
			line++
		}
	}
	r.problem(line, "is not YAML: %s", message)
}

// duplicates reports keys that a mapping has twice: one of the values would be dropped.
func (r *yamlReader) duplicates(n *yaml.Node) {
	if n.Kind == yaml.MappingNode {
		first := map[string]int{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i]
			if key.Kind != yaml.ScalarNode {
				r.problem(key.Line, "has a key that is not a text")
				continue
			}
			if line, ok := first[key.Value]; ok {
				r.problem(key.Line, "has the key %s a second time (first on line %d): one of the two would be dropped", key.Value, line)
			} else {
				first[key.Value] = key.Line
			}
		}
	}
	for _, child := range n.Content {
		r.duplicates(child)
	}
}

// rootJSON is root for JSON, which may be indented with tabs.
func (r *yamlReader) rootJSON(data []byte) *yaml.Node {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	line := func() int { return 1 + bytes.Count(data[:min(int(decoder.InputOffset()), len(data))], []byte("\n")) }
	broken := func(err error) *yaml.Node {
		at := line()
		if s := (*json.SyntaxError)(nil); errors.As(err, &s) {
			at = 1 + bytes.Count(data[:min(int(s.Offset), len(data))], []byte("\n"))
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = errors.New("the end is missing")
		}
		r.problem(at, "is not JSON: %v", err)
		return nil
	}
	var value func() (*yaml.Node, error)
	value = func() (*yaml.Node, error) {
		token, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		n := &yaml.Node{Kind: yaml.ScalarNode, Line: line()}
		switch t := token.(type) {
		case json.Delim:
			n.Kind, n.Tag = yaml.SequenceNode, "!!seq"
			if t == '{' {
				n.Kind, n.Tag = yaml.MappingNode, "!!map"
			}
			for decoder.More() {
				child, err := value()
				if err != nil {
					return nil, err
				}
				n.Content = append(n.Content, child)
			}
			_, err = decoder.Token()
			return n, err
		case string:
			n.Tag, n.Value = "!!str", t
		case json.Number:
			n.Tag, n.Value = "!!float", t.String()
			if _, err := strconv.ParseInt(n.Value, 10, 64); err == nil {
				n.Tag = "!!int"
			}
		case bool:
			n.Tag, n.Value = "!!bool", strconv.FormatBool(t)
		default:
			n.Tag, n.Value = "!!null", "null"
		}
		return n, nil
	}
	n, err := value()
	if err != nil {
		return broken(err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		r.problem(line(), "is not JSON: there is more after the closing brace")
		return nil
	}
	r.duplicates(n)
	return n
}

// pair is an entry of a mapping.
type pair struct {
	key   string
	line  int
	value *yaml.Node
}

// pairs lists the entries of a mapping, which may be merged from others; nil is an empty one. Field is its path.
func (r *yamlReader) pairs(n *yaml.Node, field string) []pair {
	var out []pair
	seen := map[string]bool{}
	open := map[*yaml.Node]bool{}
	var add func(n *yaml.Node, merged bool)
	add = func(n *yaml.Node, merged bool) {
		n = target(n)
		switch {
		case !r.count(1+len(n.Content), n.Line):
			return
		case merged && open[n]:
			r.stop(n.Line, "%s merges itself", field)
			return
		case n.Kind == yaml.SequenceNode && merged:
			open[n] = true
			for _, child := range n.Content {
				add(child, true)
			}
			open[n] = false
			return
		case n.Kind != yaml.MappingNode:
			if merged || n.Tag != "!!null" {
				r.problem(n.Line, "%s must be a map", field)
			}
			return
		}
		open[n] = true
		var sources []*yaml.Node
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, v := n.Content[i], n.Content[i+1]
			switch {
			case key.Kind != yaml.ScalarNode || seen[key.Value]:
			case key.Tag == "!!merge":
				sources = append(sources, v)
			default:
				seen[key.Value] = true
				out = append(out, pair{key.Value, key.Line, target(v)})
			}
		}
		for _, m := range sources {
			add(m, true)
		}
		open[n] = false
	}
	add(n, false)
	return out
}

// target is what an alias stands for.
func target(n *yaml.Node) *yaml.Node {
	for i := 0; n.Kind == yaml.AliasNode && n.Alias != nil && i < 8; i++ {
		n = n.Alias
	}
	return n
}

// text reads a scalar. True and false are lower case, null is empty.
func (r *yamlReader) text(n *yaml.Node, field string) string {
	n = target(n)
	r.lines[field] = n.Line
	switch {
	case n.Kind != yaml.ScalarNode:
		r.problem(n.Line, "%s must be a text", field)
		return ""
	case n.Tag == "!!binary":
		r.problem(n.Line, "%s must be text in UTF-8", field)
	case n.Tag == "!!null":
		return ""
	case n.Tag == "!!bool":
		return strings.ToLower(n.Value)
	}
	return n.Value
}

// texts reads a list of scalars, or a single one.
func (r *yamlReader) texts(n *yaml.Node, field string) []string {
	n = target(n)
	r.lines[field] = n.Line
	if n.Kind != yaml.SequenceNode {
		if s := r.text(n, field); s != "" {
			return []string{s}
		}
		return nil
	}
	if !r.count(len(n.Content), n.Line) {
		return nil
	}
	var out []string
	for i, child := range n.Content {
		out = append(out, r.text(child, fmt.Sprintf("%s[%d]", field, i)))
	}
	return out
}

// flag reads true or false.
func (r *yamlReader) flag(n *yaml.Node, field string) bool {
	s := r.text(n, field)
	if s != "true" && s != "false" {
		r.problem(target(n).Line, "%s must be true or false, got %s", field, quoteEmpty(s))
	}
	return s == "true"
}

// unknown reports a key that no section has.
func (r *yamlReader) unknown(p pair, field string, known ...string) {
	where := ""
	if field != "" {
		where = " of " + field
	}
	r.problem(p.line, "has the unknown key %s%s%s", p.key, where, near.Suggestion(p.key, known))
}
