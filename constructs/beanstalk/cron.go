package beanstalk

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"
)

// cronField is one of the five fields of a cron expression.
type cronField struct {
	name   string
	lo, hi int
	names  []string
}

var cronFields = [5]cronField{
	{"minute", 0, 59, nil},
	{"hour", 0, 23, nil},
	{"day of month", 1, 31, nil},
	{"month", 1, 12, []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}},
	{"day of week", 0, 7, []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}},
}

// cronProblem says what is wrong with a cron expression; empty when nothing is. The expression has five fields of *, numbers,
// ranges, lists and steps, and names of months and days.
func cronProblem(expression string) string {
	parts := strings.FieldsFunc(expression, func(r rune) bool { return r == ' ' || r == '\t' })
	if len(parts) != len(cronFields) {
		return fmt.Sprintf("must have five fields (minute, hour, day of month, month, day of week), got %d", len(parts))
	}
	var sets [5]uint64
	for i, f := range cronFields {
		set, ok := f.parse(parts[i])
		if !ok {
			return fmt.Sprintf("has a %s that is not in %d-%d: %s", f.name, f.lo, f.hi, parts[i])
		}
		sets[i] = set
	}
	// With both days given, cron runs on either; with the day of week open, the date has to exist.
	if parts[4] == "*" {
		day := bits.TrailingZeros64(sets[2])
		for month, last := range [...]int{31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31} {
			if sets[3]&(1<<(month+1)) != 0 && day <= last {
				return ""
			}
		}
		return fmt.Sprintf("never happens: no such month has a day %d", day)
	}
	return ""
}

// parse returns the values of a field as a set of bits.
func (f cronField) parse(text string) (set uint64, ok bool) {
	for item := range strings.SplitSeq(text, ",") {
		span, stepText, stepped := strings.Cut(item, "/")
		step := 1
		if stepped {
			n, err := strconv.ParseUint(stepText, 10, 8)
			if err != nil || n == 0 || int(n) > f.hi {
				return 0, false
			}
			step = int(n)
		}
		lo, hi := f.lo, f.hi
		if span != "*" {
			from, to, ranged := strings.Cut(span, "-")
			if lo, ok = f.value(from); !ok {
				return 0, false
			}
			switch {
			case ranged:
				if hi, ok = f.value(to); !ok || hi < lo {
					return 0, false
				}
			case !stepped:
				hi = lo
			}
		}
		for v := lo; v <= hi; v += step {
			set |= 1 << v
		}
	}
	return set, true
}

func (f cronField) value(text string) (int, bool) {
	for i, n := range f.names {
		if strings.EqualFold(n, text) {
			return f.lo + i, true
		}
	}
	n, err := strconv.ParseUint(text, 10, 8)
	if err != nil || int(n) < f.lo || int(n) > f.hi {
		return 0, false
	}
	return int(n), true
}
