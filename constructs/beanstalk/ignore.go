package beanstalk

import (
	"regexp"
	"slices"
	"strings"
)

// ignorePattern is a line of .ebignore or .gitignore.
type ignorePattern struct {
	match   *regexp.Regexp
	include bool
}

// ignoreList decides what a list of patterns leaves out, as the EB CLI does: path by path, the last pattern that matches wins,
// and a pattern that matches a folder matches all that is in it. Unlike in git, a pattern with ! thus brings back a file
// from a folder that is left out.
type ignoreList []ignorePattern

// parseIgnore reads lines in the form of gitignore; see https://git-scm.com/docs/gitignore.
func parseIgnore(lines []string) (ignoreList, []finding) {
	var list ignoreList
	var problems []finding
	for i, line := range lines {
		line = strings.TrimSuffix(line, "\r")
		for strings.HasSuffix(line, " ") && !strings.HasSuffix(line, `\ `) {
			line = line[:len(line)-1]
		}
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		var p ignorePattern
		if rest, ok := strings.CutPrefix(line, "!"); ok {
			p.include, line = true, rest
		}
		expression := ignoreExpression(line)
		match, err := regexp.Compile(expression)
		if err != nil || strings.Trim(line, "/") == "" {
			problems = append(problems, finding{i + 1, "is not a pattern of gitignore: " + line})
			continue
		}
		p.match = match
		list = append(list, p)
	}
	return list, problems
}

// ignores tells whether the file with the given path is left out.
func (l ignoreList) ignores(path string) bool {
	for i := len(l) - 1; i >= 0; i-- {
		if l[i].match.MatchString(path) {
			return !l[i].include
		}
	}
	return false
}

// ignoreExpression translates a pattern to a regular expression over paths of files.
func ignoreExpression(pattern string) string {
	folder := strings.HasSuffix(pattern, "/")
	pattern = strings.TrimSuffix(pattern, "/")
	anchored := strings.Contains(pattern, "/")
	parts := strings.Split(strings.TrimPrefix(pattern, "/"), "/")

	var b strings.Builder
	b.WriteString("^")
	if !anchored {
		b.WriteString("(?:.*/)?")
	}
	for i, part := range parts {
		last := i == len(parts)-1
		switch {
		case part == "**" && last:
			b.WriteString(".+")
		case part == "**":
			b.WriteString("(?:.*/)?")
		default:
			b.WriteString(globExpression(part))
			if !last {
				b.WriteString("/")
			}
		}
	}
	if folder {
		b.WriteString("/.*$")
	} else {
		b.WriteString("(?:/.*)?$")
	}
	return "(?s)" + b.String()
}

// globExpression translates a part of a path.
func globExpression(text string) string {
	glob := []rune(text)
	var b strings.Builder
	for i := 0; i < len(glob); i++ {
		switch c := glob[i]; c {
		case '*':
			b.WriteString("[^/]*")
		case '?':
			b.WriteString("[^/]")
		case '[':
			// A closing bracket right after the opening one is an element.
			end := slices.Index(glob[min(i+2, len(glob)):], ']')
			if end < 0 {
				b.WriteString(`\[`)
				continue
			}
			set := string(glob[i+1 : i+2+end])
			i += 2 + end
			if rest, ok := strings.CutPrefix(set, "!"); ok {
				set = "^" + rest
			}
			b.WriteString("[" + strings.NewReplacer(`\`, `\\`, `[`, `\[`, `]`, `\]`).Replace(set) + "]")
		case '\\':
			i = min(i+1, len(glob)-1)
			b.WriteString(regexp.QuoteMeta(string(glob[i])))
		default:
			b.WriteString(regexp.QuoteMeta(string(c)))
		}
	}
	return b.String()
}
