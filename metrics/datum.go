package metrics

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/strata-cdk/strata/check"
)

// Limits of PutMetricData, which a Datum is checked against.
const (
	MaxDimensions = 30
	MaxValues     = 150
	MaxAge        = 14 * 24 * time.Hour
	MaxAhead      = 2 * time.Hour
)

const (
	maxNameLength      = 255
	maxDimensionLength = 1024
	maxMagnitude       = 0x1p360
)

// Dimension is a part of what a metric is told apart by, such as Service=orders.
type Dimension struct {
	// Name is 1 to 255 characters of printable ASCII, and does not start with a colon.
	Name string
	// Value is 1 to 1024 characters of printable ASCII.
	Value string
}

// Statistics is a summary of samples that were taken before. CloudWatch has no percentiles of it.
type Statistics struct {
	SampleCount, Sum, Minimum, Maximum float64
}

// Datum is what is measured of a metric: a value; or values, with how often each occurred; or a summary.
type Datum struct {
	// Namespace is 1 to 255 characters of printable ASCII; it does not start with "AWS/" or a colon.
	// Default: the namespace of the client's Config.
	Namespace string
	// Name is the name of the metric, 1 to 255 characters.
	Name string
	// Unit is one of CloudWatch's.
	// Default: none.
	Unit types.StandardUnit
	// Dimensions are at most 30, each with another name. A metric with other dimensions is another metric, which is paid for.
	// Default: none.
	Dimensions []Dimension
	// Value is what was measured, from -2^360 to 2^360. It must be 0 when there are Values or Statistics.
	Value float64
	// Values are up to 150 values that were measured, each given once; they keep percentiles.
	// Default: none, which means Value.
	Values []float64
	// Counts says how often each of Values occurred, and has as many elements.
	// Default: none, which means once each.
	Counts []float64
	// Statistics is a summary, instead of Value and Values.
	// Default: nil.
	Statistics *Statistics
	// Timestamp is at most two weeks ago and two hours ahead. It is sent in milliseconds.
	// Default: the time of Put.
	Timestamp time.Time
	// Resolution is how fine CloudWatch stores the metric, in seconds: 1 or 60.
	// Default: 60.
	Resolution int32
}

// Validate reports every invalid field at once.
func (d Datum) Validate() error {
	l := check.For("metrics.Datum")
	now := time.Now()
	d.withDefaults("", now).check(l, now)
	return l.Err()
}

// withDefaults fills in what is left out.
func (d Datum) withDefaults(namespace string, now time.Time) Datum {
	if d.Namespace == "" {
		d.Namespace = namespace
	}
	if d.Timestamp.IsZero() {
		d.Timestamp = now
	}
	if d.Resolution == 0 {
		d.Resolution = 60
	}
	return d
}

// clone shares nothing that the caller can change.
func (d Datum) clone() Datum {
	d.Dimensions, d.Values, d.Counts = slices.Clone(d.Dimensions), slices.Clone(d.Values), slices.Clone(d.Counts)
	if d.Statistics != nil {
		d.Statistics = new(*d.Statistics)
	}
	return d
}

var units = types.StandardUnit("").Values()

func (d Datum) check(l *check.List, now time.Time) {
	checkNamespace(l, d.Namespace)
	if n := utf8.RuneCountInString(d.Name); n == 0 || n > maxNameLength {
		l.Add("Name", "must be 1 to %d characters, got %d", maxNameLength, n)
	}
	if !utf8.ValidString(d.Name) || strings.ContainsFunc(d.Name, unicode.IsControl) {
		l.Add("Name", "must be UTF-8 without control characters, got %q", d.Name)
	}
	if d.Unit != "" && !slices.Contains(units, d.Unit) {
		l.Add("Unit", "must be a unit of CloudWatch, such as Count or Milliseconds, got %q", string(d.Unit))
	}
	d.checkDimensions(l)
	d.checkValues(l)
	if d.Timestamp.Before(now.Add(-MaxAge)) || d.Timestamp.After(now.Add(MaxAhead)) {
		l.Add("Timestamp", "must be at most two weeks ago and two hours ahead, got %s at %s", d.Timestamp.UTC().Format(time.RFC3339), now.UTC().Format(time.RFC3339))
	}
	check.OneOf(l, "Resolution", d.Resolution, 1, 60)
}

func checkNamespace(l *check.List, namespace string) {
	checkText(l, "Namespace", namespace, maxNameLength)
	if strings.HasPrefix(namespace, "AWS/") || strings.HasPrefix(namespace, ":") {
		l.Add("Namespace", "must not start with AWS/, which is for services of AWS, or a colon, got %q", namespace)
	}
}

// checkText reports what is not printable ASCII with a character that can be seen.
func checkText(l *check.List, field, s string, most int) {
	if p := textProblem(s, most); p != "" {
		l.Add(field, "%s", p)
	}
}

func textProblem(s string, most int) string {
	switch {
	case len(s) == 0 || len(s) > most:
		return fmt.Sprintf("must be 1 to %d characters, got %d", most, len(s))
	case strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' }):
		return fmt.Sprintf("must be printable ASCII, got %q", s)
	case strings.Trim(s, " ") == "":
		return "must not be blank"
	}
	return ""
}

func (d Datum) checkDimensions(l *check.List) {
	if len(d.Dimensions) > MaxDimensions {
		l.Add("Dimensions", "must be at most %d, got %d", MaxDimensions, len(d.Dimensions))
	}
	for i, dim := range d.Dimensions {
		if p := textProblem(dim.Name, maxNameLength); p != "" {
			l.At(check.Index("Dimensions", i)).Add("Name", "%s", p)
		}
		if strings.HasPrefix(dim.Name, ":") {
			l.At(check.Index("Dimensions", i)).Add("Name", "must not start with a colon, got %q", dim.Name)
		}
		if p := textProblem(dim.Value, maxDimensionLength); p != "" {
			l.At(check.Index("Dimensions", i)).Add("Value", "%s", p)
		}
		if slices.ContainsFunc(d.Dimensions[:i], func(o Dimension) bool { return o.Name == dim.Name }) {
			l.At(check.Index("Dimensions", i)).Add("Name", "must be given once, got %q again", dim.Name)
		}
	}
}

func (d Datum) checkValues(l *check.List) {
	checkNumber(l, "Value", d.Value)
	if d.Value != 0 && (len(d.Values) > 0 || d.Statistics != nil) {
		l.Add("Value", "must be 0 when there are Values or Statistics, got %v", d.Value)
	}
	if len(d.Values) > MaxValues {
		l.Add("Values", "must be at most %d, got %d", MaxValues, len(d.Values))
	}
	for i, v := range d.Values {
		if !isNumber(v) {
			checkNumber(l, check.Index("Values", i), v)
		}
	}
	if len(d.Counts) > 0 && len(d.Counts) != len(d.Values) {
		l.Add("Counts", "must be as many as Values, which are %d, got %d", len(d.Values), len(d.Counts))
	}
	for i, n := range d.Counts {
		if !isNumber(n) || n <= 0 {
			l.Add(check.Index("Counts", i), "must be more than 0 and at most 2^360, got %v", n)
		}
	}
	if s := d.Statistics; s != nil {
		at := l.At("Statistics")
		at.That(len(d.Values) == 0, "", "must be left out when there are Values")
		checkNumber(at, "SampleCount", s.SampleCount)
		checkNumber(at, "Sum", s.Sum)
		checkNumber(at, "Minimum", s.Minimum)
		checkNumber(at, "Maximum", s.Maximum)
		at.That(math.IsNaN(s.SampleCount) || s.SampleCount > 0, "SampleCount", "must be more than 0, got %v", s.SampleCount)
		at.That(!(s.Minimum > s.Maximum), "Minimum", "must be at most Maximum, which is %v, got %v", s.Maximum, s.Minimum)
	}
}

func isNumber(v float64) bool { return math.Abs(v) <= maxMagnitude }

func checkNumber(l *check.List, field string, v float64) {
	if !isNumber(v) {
		l.Add(field, "must be a number from -2^360 to 2^360, got %v", v)
	}
}

// size is at least what the datum takes in a request, in bytes: an upper bound of its CBOR.
func (d Datum) size() int {
	n := 80 + len(d.Name) + len(d.Unit)
	if len(d.Dimensions) > 0 {
		n += 14
	}
	for _, dim := range d.Dimensions {
		n += 19 + len(dim.Name) + len(dim.Value)
	}
	for _, v := range [][]float64{d.Values, d.Counts} {
		if len(v) > 0 {
			n += 10 + 9*len(v)
		}
	}
	if d.Statistics != nil {
		n += 90
	}
	return n
}

// wire is the datum in the SDK's form. It shares the arrays of values.
func (d Datum) wire() types.MetricDatum {
	w := types.MetricDatum{
		MetricName: &d.Name, Unit: d.Unit, Timestamp: &d.Timestamp, StorageResolution: &d.Resolution,
		Values: d.Values, Counts: d.Counts,
	}
	switch s := d.Statistics; {
	case s != nil:
		w.StatisticValues = &types.StatisticSet{SampleCount: &s.SampleCount, Sum: &s.Sum, Minimum: &s.Minimum, Maximum: &s.Maximum}
	case len(d.Values) == 0:
		w.Value = &d.Value
	}
	for _, dim := range d.Dimensions {
		w.Dimensions = append(w.Dimensions, types.Dimension{Name: &dim.Name, Value: &dim.Value})
	}
	return w
}
