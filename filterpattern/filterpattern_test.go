package filterpattern_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/filterpattern"
)

func parse(t testing.TB, s string) *filterpattern.Pattern {
	t.Helper()
	p, err := filterpattern.Parse(s)
	require.NoError(t, err, s)
	return p
}

// matches tests which of some messages patterns match, by index.
func matches(t *testing.T, messages []string, want map[string][]int) {
	t.Helper()
	for pattern, indexes := range want {
		var got []int
		p := parse(t, pattern)
		for i, m := range messages {
			if p.Match(m) {
				got = append(got, i)
			}
		}
		assert.Equal(t, indexes, got, pattern)
	}
}

// The examples of AWS's page about filter patterns.

func TestMatch_TermsOfThePage(t *testing.T) {
	matches(t, []string{
		"[ERROR 400] BAD REQUEST", "[ERROR 401] UNAUTHORIZED REQUEST", "[ERROR 419] MISSING ARGUMENTS", "[ERROR 420] INVALID ARGUMENTS",
		"[ERROR 500] INTERNAL SERVER ERROR", "[INFO] REQUEST FAILED", "[SUCCESS 200] AUTHORIZED REQUEST", "ERRORCODE: -1", "[error] request", "plain",
	}, map[string][]int{
		"ERROR":                     {0, 1, 2, 3, 4, 7},
		"ERROR ARGUMENTS":           {2, 3},
		"?ERROR ?ARGUMENTS":         {0, 1, 2, 3, 4, 7},
		"?ERROR ?ARGUMENTS REQUEST": {0, 1, 5, 6},
		"?INFO ?SUCCESS -ERROR":     {5, 6, 8, 9},
		`"INTERNAL SERVER ERROR"`:   {4},
		"ERROR -ARGUMENTS":          {0, 1, 4, 7},
		`ERROR -"BAD REQUEST"`:      {1, 2, 3, 4, 7},
		"-ERROR":                    {5, 6, 8, 9},
		`" "`:                       {0, 1, 2, 3, 4, 5, 6, 7, 8, 9},
		`""`:                        {0, 1, 2, 3, 4, 5, 6, 7, 8, 9},
		"":                          {0, 1, 2, 3, 4, 5, 6, 7, 8, 9},
		`"ERROR" "400"`:             {0},
		"%AUTHORIZED%":              {1, 6},
		`%^\[ERROR 4[0-9]{2}\]%`:    {0, 1, 2, 3},
	})
}

func TestMatch_RegexesOfThePage(t *testing.T) {
	for pattern, of := range map[string]struct{ yes, no []string }{
		"%^[hc]at%":         {[]string{"hat", "cat"}, []string{"a cat"}},
		"%[hc]at$%":         {[]string{"hat", "a cat"}, []string{"cats"}},
		"%colou?r%":         {[]string{"color", "colour"}, []string{"colouur"}},
		"%^[abcx-z]$%":      {[]string{"a", "y"}, []string{"d", "-"}},
		"%^a{3,5}$%":        {[]string{"aaa", "aaaaa"}, []string{"aa", "aaaaaa"}},
		"%^a{,2}$%":         {[]string{"", "aa"}, []string{"aaa"}},
		"%^a{2,}$%":         {[]string{"aa", "aaaa"}, []string{"a"}},
		"%^a{2}$%":          {[]string{"aa"}, []string{"a", "aaa"}},
		"%gra|ey%":          {[]string{"gray", "grey"}, []string{"gry"}},
		"%ab[0-9]*%":        {[]string{"ab", "ab0", "ab129"}, []string{"a0"}},
		"%gray|grey%":       {[]string{"gray", "grey"}, []string{"gry"}},
		"%abcc|ab[^c]$%":    {[]string{"abcc ...", "aba"}, []string{"aac"}},
		`%\[.\]%`:           {[]string{"[a]", "[@]", "[]]", "[ ]"}, []string{"[]", "a"}},
		`%10\.10\.0\.1%`:    {[]string{"10.10.0.1"}, []string{"10010,051"}},
		"%10.10.0.1%":       {[]string{"10.10.0.1", "10010,051"}, nil},
		"%^ab*c$%":          {[]string{"ac", "abc", "abbbc"}, []string{"adc"}},
		"%^ab+c$%":          {[]string{"abc", "abbbc"}, []string{"ac"}},
		"%.at%":             {[]string{"hat", " at"}, []string{"at"}},
		`%^\d\D$%`:          {[]string{"1a"}, []string{"11"}},
		`%^\s\S$%`:          {[]string{"\ta"}, []string{"aa"}},
		`%^\w\W$%`:          {[]string{"_."}, []string{".."}},
		`%\x3A\x28%`:        {[]string{":("}, []string{"("}},
		`%^[\d\x21\]_]+$%`:  {[]string{"1!]_"}, []string{"a"}},
		`%^\_\-\/\=\{\$\\%`: {[]string{`_-/={$\`}, nil},
		"%^starting|^initializing|^shutting down%": {[]string{"starting", "shutting down"}, []string{"skipping initializing"}},
	} {
		p := parse(t, pattern)
		assert.Equal(t, 1, p.Regexes(), pattern)
		for _, m := range of.yes {
			assert.True(t, p.Match(m), "%s %q", pattern, m)
		}
		for _, m := range of.no {
			assert.False(t, p.Match(m), "%s %q", pattern, m)
		}
	}
}

const trail = `{"eventType":"UpdateTrail","sourceIPAddress":"111.111.111.111","arrayKey":["value","another value"],` +
	`"objectList":[{"name":"a","id":1},{"name":"b","id":2}],"SomeObject":null,"cluster.name":"c","ThisFlag":true,"errorCode":400,"n":1000,"text":"1000",` +
	`"say":"a \"b\" \\","o":{"v":7},"stars":"Ev*ent"}`

func TestMatch_JSON(t *testing.T) {
	for _, c := range []struct {
		pattern string
		want    bool
	}{
		// of the page
		{`{ $.eventType = "UpdateTrail" }`, true},
		{`{ $.sourceIPAddress != 123.123.* }`, true},
		{`{ $.sourceIPAddress != 111.111.* }`, false},
		{`{ $.arrayKey[0] = "value" }`, true},
		{`{ $.arrayKey[1] = "value" }`, false},
		{`{ $.arrayKey[2] = "value" }`, false},
		{`{ $.eventType = %Trail% }`, true},
		{`{ $.eventType != %Trail% }`, false},
		{`{ $.arrayKey[*] = %val.{2}% }`, true},
		{`{ $.* = %111\.111\.111\.1[0-9]{1,2}% }`, true},
		{`{ $.* = %112\.111\.111\.1[0-9]{1,2}% }`, false},
		{`{ $.['cluster.name'] = "c" }`, true},
		{`{ $.cluster.name = "c" }`, false},
		{`{ $.SomeObject IS NULL }`, true},
		{`{ $.eventType IS NULL }`, false},
		{`{ $.Other IS NULL }`, false},
		{`{ $.SomeOtherObject NOT EXISTS }`, true},
		{`{ $.SomeObject NOT EXISTS }`, false},
		{`{ $.ThisFlag IS TRUE }`, true},
		{`{ $.ThisFlag IS FALSE }`, false},
		{`{ $.objectList[1].id = 2 }`, true},
		{`{ $.errorCode = 400}`, true},
		{`{ $.errorCode != 500 }`, true},
		{`{ $.errorCode > +399.5 && $.errorCode >= 400 && $.errorCode < 4.1e2 && $.errorCode <= 400 }`, true},
		{`{ $.errorCode > 400 }`, false},
		{`{ $.errorCode < 400 }`, false},
		{`{ $.n = 1e+3 }`, true},
		{`{ $.n != 1e-3 }`, true},
		{`{ $.n <= 10e-3 }`, false},
		{`{ $.objectList = 1 || $.objectList != 1 || $.objectList = "*" }`, false},
		// of the pages before it: a * inside is itself
		{`{ $.eventType = "*Trail" && $.eventType = Update* && $.eventType = "*date*" && $.eventType = * }`, true},
		{`{ $.eventType = "Update*rail" }`, false},
		{`{ $.eventType = "*Trai" }`, false},
		{`{ $.eventType = "pdate*" }`, false},
		{`{ $.stars = "Ev*ent" }`, true},
		// numbers and texts
		{`{ $.n = "1000" }`, true},
		{`{ $.n = "1000.0" }`, false},
		{`{ $.n != "1000.0" }`, true},
		{`{ $.n = 1000.0 }`, true},
		{`{ $.n = 10* }`, true},
		{`{ $.text = 1000 }`, true},
		{`{ $.text > 1 }`, false},
		{`{ $.eventType < 1 }`, false},
		// what is not there, and what is neither text nor number
		{`{ $.Other != "x" }`, false},
		{`{ $.SomeObject != "x" }`, false},
		{`{ $.ThisFlag = true }`, false},
		{`{ $.say = "a \"b\" \\" }`, true},
		{`{ $.o.v = 7 && $.o.* = 7 && $.objectList[*].id = 2 }`, true},
		{`{ $.o[0] NOT EXISTS && $.o.v.x NOT EXISTS }`, true},
		{`{ $.arrayKey[*] != "value" }`, true},
		{`{ $.n = 1 || $.n = 1000 && $.text = "no" }`, false},
		{`{ ($.n = 1000 || $.n = 1) && $.text = "no" }`, false},
		{`{ $.n = 1000 || $.n = 1 && $.text = "no" }`, true},
	} {
		assert.Equal(t, c.want, parse(t, c.pattern).Match(trail), c.pattern)
	}
	users := `{"user":{"id":1,"email":"John.Stiles@example.com"},"users":[{"id":2,"email":"John.Doe@example.com"},{"id":3}],` +
		`"actions":["GET","PUT","DELETE"],"coordinates":[[0,1,2],[4,5,6],[7,8,9]]}`
	for pattern, want := range map[string]bool{
		`{ ($.user.id = 1) && ($.users[0].email = "John.Doe@example.com") }`:                                              true,
		`{ $.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = "nonmatch" && $.actions[2] = "nonmatch" }`:   true,
		`{ ($.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = "nonmatch") && $.actions[2] = "nonmatch" }`: false,
		`{ ($.user.id = 2 && $.users[0].email = "nonmatch") || $.actions[2] = "GET" }`:                                    false,
		`{ $.coordinates[0][1] = 1 && $.coordinates[2][*] = 9 && $.coordinates[*][0] = 4 }`:                               true,
	} {
		assert.Equal(t, want, parse(t, pattern).Match(users), pattern)
	}
	for _, message := range []string{"", "text", "[1]", "null", `{"a":1`, `{"a":1} x`, `{"a":1}{"a":1}`} {
		assert.False(t, parse(t, `{ $.b NOT EXISTS }`).Match(message), message)
	}
	assert.True(t, parse(t, `{ $.b NOT EXISTS }`).Match(" {\"a\":1}\n"))
}

func TestMatch_NumbersOfThePage(t *testing.T) {
	for pattern, of := range map[string][2]string{
		`{ $.bandwidth > 75 }`:                      {`{"bandwidth":76}`, `{"bandwidth":75}`},
		`{ $.latency < 50 }`:                        {`{"latency":49.9}`, `{"latency":50}`},
		`{ $.refreshRate >= 60 }`:                   {`{"refreshRate":60}`, `{"refreshRate":59}`},
		`{ $.responseTime <= 5 }`:                   {`{"responseTime":5}`, `{"responseTime":5.1}`},
		`{ $.errorCode = 400}`:                      {`{"errorCode":400}`, `{"errorCode":401}`},
		`{ $.errorCode != 500 }`:                    {`{"errorCode":400}`, `{"errorCode":500}`},
		`{ $.number[0] = 1e+3 }`:                    {`{"number":[1000]}`, `{"number":[1]}`},
		`{ $.number[0] != 1e-3 }`:                   {`{"number":[1000]}`, `{"number":[0.001]}`},
		`{ $.processes[4].averageRuntime <= 55.5 }`: {`{"processes":[0,0,0,0,{"averageRuntime":-1}]}`, `{"processes":[{"averageRuntime":-1}]}`},
		`{ $.latency > +1000 }`:                     {`{"latency":1e4}`, `{"latency":-1e4}`},
	} {
		assert.True(t, parse(t, pattern).Match(of[0]), pattern)
		assert.False(t, parse(t, pattern).Match(of[1]), pattern)
	}
}

func TestMatch_SpaceDelimitedOfThePage(t *testing.T) {
	matches(t, []string{
		`127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534`,
		`127.0.0.10 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.css HTTP/1.0" 410 200`,
		"127.0.0.3\t-  frank [10/Oct/2000:13:25:15 -0700] \"POST /index.html HTTP/1.0\" 500 2048",
		"INFO 09/25/2014 12:00:00 GET /service/resource/67 1200",
		"INFO 09/25/2014 12:00:01 POST /service/resource/67/part/111 1310",
		"WARNING 09/25/2014 12:00:02 Invalid user request",
		"ERROR 09/25/2014 12:00:02 Failed to process request",
		"ERROR",
		"",
	}, map[string][]int{
		`[ip=%^127\.0\.0\.[1-9]$%, user, username, timestamp, request =*.html*, status_code = 4*, bytes]`:  {0},
		`[..., request =*.html*, status_code = 4*, bytes]`:                                                 {0},
		`[ip, user, username, timestamp, request =*.html*, status_code = 404 || status_code = 410, bytes]`: {0},
		`[ip, user, username, timestamp, request, status_code = 4* && status_code != 404, bytes]`:          {1},
		`[ip, user, ..., status_code, bytes > 1000]`:                                                       {0, 2, 3, 4},
		`[ip, user, username = frank, ...]`:                                                                {0, 1, 2},
		`[w1=ERROR, w2]`:                                                                                   {6},
		`[w1=ERROR || w1=WARNING, w2]`:                                                                     {5, 6},
		`[w1!=ERROR && w1!=WARNING, w2]`:                                                                   {0, 1, 2, 3, 4},
		`[logLevel, date, time, method, url=%/service/resource/[0-9]+$%, response_time]`:                   {3},
		`[logLevel, date, time, method, url=%/service/resource/[0-9]+/part/[0-9]+$%, response_time]`:       {4},
		`[..., request="GET *.html*",,]`:                                                                   nil,
		`[..., request="GET *",,]`:                                                                         {0, 1},
		`[ip, , , time = "10/Oct*", ...]`:                                                                  {0, 1, 2},
		`[...]`:                                                                                            {0, 1, 2, 3, 4, 5, 6, 7, 8},
		`[w1, rest = "*user*"]`:                                                                            {5},
		`[w1, rest != "*request*"]`:                                                                        {0, 1, 2, 3, 4},
		`[..., a, b >= 1310]`:                                                                              {0, 2, 4},
		`[..., b != 1310]`:                                                                                 {0, 1, 2, 3, 5, 6, 7},
	})
}

func TestParse_Errors(t *testing.T) {
	deep := strings.Repeat("(", 101) + "$.a = 1" + strings.Repeat(")", 101)
	for pattern, want := range map[string]string{
		"foo-bar":                             `column 4: "-" is only in a "quoted string"`,
		"ERR*":                                `column 4: "*" is only in a "quoted string"`,
		"a é":                                 `column 3: "é" is only in a "quoted string"`,
		`"a"b`:                                `column 4: "b" is only in a "quoted string"`,
		`a "b`:                                `column 3: the " has no other one to close it`,
		`a -`:                                 `column 4: expected a term after -`,
		`? a`:                                 `column 2: expected a term after ?`,
		`%a% b`:                               `column 1: a regular expression stands by itself, without other terms`,
		`b %a%`:                               `column 3: a regular expression stands by itself, without other terms`,
		`-%a%`:                                `column 1: a regular expression stands by itself, without other terms`,
		"%a":                                  `column 1: the % has no other one to close it`,
		"%%":                                  `column 1: expected a regular expression between % and %`,
		"%a!%":                                `column 3: '!' is not supported in a regular expression; \x21 stands for it`,
		"%(a)%":                               `column 2: a regular expression has no groups; \x28 is '(' itself`,
		"%é%":                                 `column 2: a regular expression has only ASCII characters, got 'é'`,
		`%a\%`:                                `column 3: nothing follows \`,
		`%a\q%`:                               `column 3: \q is not supported`,
		`%\x8%`:                               `column 2: expected \x and two hexadecimal digits up to 7f`,
		`%\x80%`:                              `column 2: expected \x and two hexadecimal digits up to 7f`,
		"%[ab%":                               `column 2: the [ has no ] to close it`,
		"%[a[b]%":                             `column 4: expected \[ in a class`,
		"%[^]a]%":                             `column 4: expected something in the class, or \] for a bracket`,
		"%a]%":                                `column 3: expected \], as nothing is open`,
		"%a{x}%":                              `column 3: expected {m}, {m,}, {,n} or {m,n}, or \{ for a brace`,
		"%a{,}%":                              `column 3: expected {m}, {m,}, {,n} or {m,n}, or \{ for a brace`,
		"%a{3,2}%":                            `column 1: the regular expression has an invalid repeat count`,
		"%a**%":                               `column 1: the regular expression has an invalid nested repetition operator`,
		"{":                                   `column 2: expected a selector such as $.name, got the end`,
		"{ a = 1 }":                           `column 3: expected a selector such as $.name, got "a"`,
		`{ $.a == 1 }`:                        `column 7: expected = for equal, got ==`,
		`{ $.a ~ 1 }`:                         `column 7: expected =, !=, <, >, <= or >=, got "~"`,
		`{ $.a = }`:                           `column 9: expected a word, a number, a "quoted string" or %a regular expression%, got "}"`,
		`{ $.a = a/b }`:                       `column 10: "/" is only in a "quoted string"`,
		`{ $.a = web-1 }`:                     `column 9: expected a number or a "quoted string", got web-1`,
		`{ $.a = 1e999 }`:                     `column 9: 1e999 is out of the range of numbers`,
		`{ $.a > "1" }`:                       `column 9: expected a number after >`,
		`{ $.a >= %1% }`:                      `column 10: expected a number after >=`,
		`{ $.a EXISTS }`:                      `column 7: expected an operator, IS NULL, IS TRUE, IS FALSE or NOT EXISTS`,
		`{ $.a IS NOT NULL }`:                 `column 7: expected an operator, IS NULL, IS TRUE, IS FALSE or NOT EXISTS`,
		`{ $.a = 1 & $.b = 2 }`:               `column 11: expected &&, || or }, got "&"`,
		`{ $.a = 1 AND $.b = 2 }`:             `column 11: expected &&, || or }, got "A"`,
		`{ ($.a = 1 }`:                        `column 12: expected &&, || or ), got "}"`,
		`{ $.a = 1 } x`:                       `column 13: expected the end, got "x"`,
		`{ $a = 1 }`:                          `column 4: expected . after $, got "a"`,
		`{ $[0] = 1 }`:                        `column 4: expected . after $, got "["`,
		`{ $..a = 1 }`:                        `column 5: expected the name of a property, got "."`,
		`{ $.a[-1] = 1 }`:                     `column 7: expected the number of an element from 0, or *`,
		`{ $.a[0:2] = 1 }`:                    `column 8: expected ], got ":"`,
		`{ $.["a"] = 1 }`:                     `column 6: expected a name in single quotes, got "\""`,
		`{ $.['a] = 1 }`:                      `column 15: expected a name and '], got the end`,
		`{ $.a[*].* = 1 }`:                    `column 9: a selector has at most one wildcard`,
		`{ $.*=1||$.*=1||$.*=1||$.*=1 }`:      `column 24: a pattern has at most 3 selectors with a wildcard`,
		`{ $.a = %a% || $.a=%b% || $.a=%c% }`: `column 31: a pattern has at most 2 regular expressions`,
		"{ " + deep + " }":                    `column 103: parentheses are nested deeper than 100`,
		"[":                                   `column 2: expected , or ], got the end`,
		"[]":                                  `column 2: expected the name of a field or ...`,
		"[..., a, ...]":                       `column 10: a pattern has at most one ...`,
		"[a, a]":                              `column 5: two fields are named a`,
		"[a = 1 && b = 2]":                    `column 11: expected a condition on a`,
		"[a = ]":                              `column 6: expected a word, a number, a "quoted string" or %a regular expression%, got "]"`,
		"[a b]":                               `column 4: expected =, !=, <, >, <= or >=, got "b"`,
		"[a.b]":                               `column 3: expected =, !=, <, >, <= or >=, got "."`,
		"[a] b":                               `column 5: expected the end, got "b"`,
		"[a == 1]":                            `column 4: expected = for equal, got ==`,
		"\xff":                                `column 1: expected UTF-8`,
		strings.Repeat("a", 1025):             `column 1025: a pattern has at most 1024 characters, got 1025`,
	} {
		_, err := filterpattern.Parse(pattern)
		var syntax *filterpattern.SyntaxError
		if assert.ErrorAs(t, err, &syntax, pattern) {
			assert.EqualError(t, err, want, pattern)
		}
	}
	parse(t, `"`+strings.Repeat("é", 1022)+`"`)
	parse(t, "{ "+deep[1:len(deep)-1]+" }")
}

func TestString(t *testing.T) {
	for pattern, want := range map[string]string{
		"  a   ?b":   "a ?b",
		`-"a \" \b"`: `-"a \" \\b"`,
		`{(($.a=1)||($.b=2||$.c="x"))&&(($.d!=%x%)&&$.['e f'][*].g[2]   IS   NULL)||$.* NOT EXISTS}`: `{ ($.a = 1 || $.b = 2 || $.c = "x") && $.d != %x% && $.['e f'][*].g[2] IS NULL || $.* NOT EXISTS }`,
		`[a,b=4*&&b!=403||b>+1e3,...,,c="x"]`:                                                        `[a, b = 4* && b != 403 || b > +1e3, ..., , c = "x"]`,
	} {
		p := parse(t, pattern)
		assert.Equal(t, want, p.String())
		assert.Equal(t, want, parse(t, want).String())
	}
}

func TestKind(t *testing.T) {
	assert.Equal(t, filterpattern.Terms, parse(t, "").Kind())
	assert.Equal(t, filterpattern.JSON, parse(t, " {$.a=1}").Kind())
	assert.Equal(t, filterpattern.SpaceDelimited, parse(t, "[a]").Kind())
	assert.Equal(t, 2, parse(t, "[a=%a% || a=%b%]").Regexes())
}

func TestValue(t *testing.T) {
	for _, c := range []struct{ pattern, message, reference, want, problem string }{
		{`{ $.a = * }`, `{"a":1,"b":{"c":[2.50]}}`, "$.b.c[0]", "2.50", ""},
		{`{ $.a = * }`, `{"a":"x"}`, "$.a", "x", ""},
		{`{ $.a IS TRUE }`, `{"a":true}`, "$.a", "true", ""},
		{`{ $.a = * }`, `{"a":1,"b":null}`, "$.b", "", ""},
		{`{ $.a = * }`, `{"a":1,"b":[1]}`, "$.b", "", ""},
		{`{ $.a = 2 }`, `{"a":1}`, "$.a", "", ""},
		{`{ $.a = 1 }`, `{"a":1}`, "$a", "", "column 2: expected . after $, got \"a\""},
		{`{ $.a = 1 }`, `{"a":1}`, "$.a x", "", "column 5: expected the end, got \"x\""},
		{`{ $.a = 1 }`, `{"a":1}`, "$.a[*]", "", "column 1: a reference has no wildcard"},
		{`[a, b > 1]`, `x 2`, "$b", "2", ""},
		{`[a, b > 1]`, `x 1`, "$b", "", ""},
		{`[a, b]`, `x "y z" [w`, "$b", `"y z" [w`, ""},
		{`[..., b, c]`, `x [y z] 2`, "$b", "y z", ""},
		{`[a, b, ...]`, `x`, "$b", "", ""},
		{`[a, b]`, `x 2`, "$c", "", "the pattern has no field c"},
		{`[a, , b]`, `x 2 3`, "$", "", "the pattern has no field "},
		{`[a, b]`, `x 2`, "b", "", "expected $ and the name of a field"},
		{`a`, `a`, "$a", "", "a pattern of terms has no fields"},
	} {
		p := parse(t, c.pattern)
		value, ok := p.Value(c.message, c.reference)
		assert.Equal(t, c.want, value, c)
		assert.Equal(t, c.want != "", ok, c)
		if err := p.CheckReference(c.reference); c.problem != "" {
			assert.EqualError(t, err, c.problem)
		} else {
			assert.NoError(t, err, c)
		}
	}
}

func TestIgnoresOptional(t *testing.T) {
	for pattern, want := range map[string]bool{"?a ?b": false, "?a b": true, "?a -b": true, "a -b": false, "{ $.a = 1 }": false, "": false} {
		assert.Equal(t, want, parse(t, pattern).IgnoresOptional(), pattern)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"", "a -b ?c", `"a \" b"`, "%a{,2}[^b]\\x20%", `{ ($.a[0].* = "x*") && ($.n >= 1e3 || $.['a.b'] IS NULL) || $.x NOT EXISTS }`,
		`[a, b=4* && b!=403, ..., , c="x y"]`, "[a=%b%", "{ $.",
	} {
		f.Add(s, `{"a":[{"b":1}],"n":2000}`)
	}
	f.Fuzz(func(t *testing.T, s, message string) {
		p, err := filterpattern.Parse(s)
		if err != nil {
			var syntax *filterpattern.SyntaxError
			if !errors.As(err, &syntax) || syntax.Column < 1 || syntax.Column > len([]rune(s))+1 {
				t.Fatalf("%q: %v", s, err)
			}
			return
		}
		text := p.String()
		if len([]rune(text)) > filterpattern.MaxLength {
			return
		}
		again, err := filterpattern.Parse(text)
		if err != nil || again.String() != text || again.Match(message) != p.Match(message) {
			t.Fatalf("%q is %q, but that is not the same: %v", s, text, err)
		}
	})
}

func ExampleParse() {
	p, err := filterpattern.Parse(`{ $.status >= 500 && $.path != "/health*" }`)
	if err != nil {
		panic(err)
	}
	fmt.Println(p.Match(`{"status": 503, "path": "/orders"}`), p.Match(`{"status": 503, "path": "/healthz"}`))

	_, err = filterpattern.Parse(`{ $.status == 500 }`)
	fmt.Println(err)
	// Output:
	// true false
	// column 12: expected = for equal, got ==
}
