package metrics

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"sync"
	"time"

	"github.com/strata-cdk/strata/check"
)

// Limits of the embedded metric format, besides those of a Datum.
const (
	MaxEMFMetrics = 100 // in a line
	MaxEMFValues  = 100 // of a metric
	// MaxEMFLine is the size of a line in bytes. CloudWatch Logs takes larger events now; agents and Lambda may split them.
	MaxEMFLine = 256 << 10
)

// EMF writes metrics as lines of a log, from which CloudWatch Logs extracts them. In Lambda that log is os.Stdout;
// elsewhere it is what the CloudWatch agent reads. It is safe for concurrent use: each line is one call of Write.
//
// See https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html.
type EMF struct {
	mu sync.Mutex
	w  io.Writer
}

// NewEMF returns a writer of metrics to w. It keeps nothing: there is nothing to flush.
func NewEMF(w io.Writer) *EMF { return &EMF{w: w} }

// Put writes data. Those of the same namespace, dimensions and time share lines. The specification has values only: Counts and
// Statistics are invalid. A *check.Error says what is wrong with the data, and then nothing is written.
func (e *EMF) Put(data ...Datum) error { return e.PutWith(nil, data...) }

// PutWith is Put, with members that each line gets besides: what one searches logs for, such as a request id, and would be too
// many values for a dimension.
func (e *EMF) PutWith(properties map[string]any, data ...Datum) error {
	l, now := check.For("metrics.Datum"), time.Now()
	extra := make(map[string]json.RawMessage, len(properties))
	for name, v := range properties {
		b, err := json.Marshal(v)
		if err != nil {
			l.Add(check.Key("properties", name), "must be JSON: %v", err)
		}
		extra[name] = b
	}
	l.That(extra["_aws"] == nil, check.Key("properties", "_aws"), "must be left to the format")
	lines := map[string]*emfLine{}
	var order []*emfLine
	for i, d := range data {
		at := l
		if len(data) > 1 {
			at = l.At(check.Index("", i))
		}
		d = d.withDefaults("", now)
		d.check(at, now)
		d.checkEMF(at, extra)
		if l.Err() != nil {
			continue
		}
		key := fmt.Sprintf("%q %d %q", d.Namespace, d.Timestamp.UnixMilli(), d.Dimensions)
		line := lines[key]
		if line == nil || !line.fits(d) {
			line = newEMFLine(d, extra)
			lines[key] = line
			order = append(order, line)
		}
		line.add(d)
		at.That(line.size <= MaxEMFLine, "", "must fit a line of %d bytes with the properties, got %d", MaxEMFLine, line.size)
	}
	if err := l.Err(); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for i, line := range order {
		if _, err := e.w.Write(line.bytes()); err != nil {
			return fmt.Errorf("metrics: wrote %d of %d lines: %w", i, len(order), err)
		}
	}
	return nil
}

func (d Datum) checkEMF(l *check.List, extra map[string]json.RawMessage) {
	l.That(len(d.Counts) == 0, "Counts", "must be left out of the embedded metric format")
	l.That(d.Statistics == nil, "Statistics", "must be left out of the embedded metric format")
	l.That(len(d.Values) <= MaxEMFValues, "Values", "must be at most %d in the embedded metric format, got %d", MaxEMFValues, len(d.Values))
	l.That(d.Name != "_aws", "Name", "must not be _aws")
	l.That(extra[d.Name] == nil, "Name", "must not be the name of a property, got %q", d.Name)
	for i, dim := range d.Dimensions {
		at := l.At(check.Index("Dimensions", i))
		at.That(dim.Name != "_aws", "Name", "must not be _aws")
		at.That(dim.Name != d.Name, "Name", "must not be the name of the metric, got %q", dim.Name)
		at.That(extra[dim.Name] == nil, "Name", "must not be the name of a property, got %q", dim.Name)
	}
}

// emfLine is a line that is being put together.
type emfLine struct {
	head    emfHead
	members map[string]json.RawMessage // of the root, besides the head
	size    int
}

type emfHead struct {
	Timestamp         int64
	CloudWatchMetrics [1]emfDirective
}

type emfDirective struct {
	Namespace  string
	Dimensions [1][]string
	Metrics    []emfMetric
}

type emfMetric struct {
	Name              string
	Unit              string `json:",omitempty"`
	StorageResolution int32
}

func newEMFLine(d Datum, extra map[string]json.RawMessage) *emfLine {
	names := make([]string, len(d.Dimensions))
	line := &emfLine{members: make(map[string]json.RawMessage, len(extra)+len(names)+1)}
	maps.Copy(line.members, extra)
	for i, dim := range d.Dimensions {
		names[i] = dim.Name
		line.members[dim.Name] = marshal(dim.Value)
	}
	line.head.Timestamp = d.Timestamp.UnixMilli()
	line.head.CloudWatchMetrics[0] = emfDirective{Namespace: d.Namespace, Dimensions: [1][]string{names}, Metrics: []emfMetric{}}
	line.size = len(line.bytes())
	return line
}

// fits tells whether a line has room for a datum, of which it has not got the metric yet.
func (l *emfLine) fits(d Datum) bool {
	return len(l.head.CloudWatchMetrics[0].Metrics) < MaxEMFMetrics && l.members[d.Name] == nil && l.size+d.emfSize() <= MaxEMFLine
}

func (l *emfLine) add(d Datum) {
	directive := &l.head.CloudWatchMetrics[0]
	directive.Metrics = append(directive.Metrics, emfMetric{Name: d.Name, Unit: string(d.Unit), StorageResolution: d.Resolution})
	l.members[d.Name] = d.emfValue()
	l.size += d.emfSize()
}

func (d Datum) emfValue() json.RawMessage {
	if len(d.Values) > 0 {
		return marshal(d.Values)
	}
	return marshal(d.Value)
}

// emfSize is what a datum adds to a line, at most.
func (d Datum) emfSize() int {
	name := len(marshal(d.Name))
	return name + len(`:,`) + len(d.emfValue()) + name + len(d.Unit) + len(`{"Name":,"Unit":"","StorageResolution":60},`)
}

func (l *emfLine) bytes() []byte {
	members := make(map[string]any, len(l.members)+1)
	for name, v := range l.members {
		members[name] = v
	}
	members["_aws"] = l.head
	return append(marshal(members), '\n')
}

// marshal encodes what cannot fail: texts, numbers that were checked, and what was encoded before.
func marshal(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
