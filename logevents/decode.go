// Package logevents reads what subscription filters of Amazon CloudWatch Logs send: to functions of AWS Lambda, to streams of Amazon
// Kinesis and to transformations of Amazon Data Firehose. It is for programs that run there, and has no part of the CDK in it.
//
//	func main() {
//		lambda.Start(logevents.Handler(func(ctx context.Context, b *logevents.Batch) error {
//			for _, e := range b.Events {
//				fmt.Println(b.Group, e.Time(), e.Message)
//			}
//			return nil
//		}))
//	}
//
// A function that reads logs must not write them to a group that it reads: constructs/logs refuses that.
//
// See https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
package logevents

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

// DefaultMaxBytes is the most that a batch may have when it is unpacked, 32 MiB, unless Decoder.MaxBytes says otherwise.
const DefaultMaxBytes = 32 << 20

// ErrTooLarge is the error of a batch that has more than MaxBytes when it is unpacked.
var ErrTooLarge = errors.New("the batch is too large")

// Event is a log event.
type Event struct {
	// ID is the id that CloudWatch Logs gave the event. A batch that is sent again has the same ids.
	ID string `json:"id"`
	// Timestamp is when it happened, in milliseconds since 1970 in UTC.
	Timestamp int64 `json:"timestamp"`
	// Message is the text.
	Message string `json:"message"`
	// Fields are the values that a pattern for fields divided by spaces found, by the names in the pattern; nil with other patterns.
	Fields map[string]string `json:"extractedFields,omitempty"`
}

// Time is Timestamp as a time in UTC.
func (e *Event) Time() time.Time { return time.UnixMilli(e.Timestamp).UTC() }

// Batch is what a subscription filter sends at once: events of a log stream, or a control message.
type Batch struct {
	// Type is DATA_MESSAGE or CONTROL_MESSAGE.
	Type string `json:"messageType"`
	// Owner is the id of the account that the log group is in.
	Owner string `json:"owner"`
	// Group and Stream are the names of log group and log stream.
	Group  string `json:"logGroup"`
	Stream string `json:"logStream"`
	// Filters are the names of the subscription filters that the events passed.
	Filters []string `json:"subscriptionFilters"`
	// PolicyLevel is ACCOUNT_LEVEL_POLICY where an account-level policy sent the batch.
	PolicyLevel string `json:"policyLevel,omitempty"`
	// Events are the log events.
	Events []Event `json:"logEvents"`
}

// IsControl tells whether b is a message by which CloudWatch Logs only tries whether the destination can be reached.
func (b *Batch) IsControl() bool { return b.Type == "CONTROL_MESSAGE" }

// eventList checks each event as it comes, so that a batch of millions of empty ones takes no memory.
type eventList []Event

// UnmarshalJSON reads a list of events. Those of control messages have no ids.
func (l *eventList) UnmarshalJSON(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		return fmt.Errorf("logEvents: want a list, got %.20s", text)
	}
	*l = nil
	for d.More() {
		var e Event
		if err := d.Decode(&e); err != nil {
			return fmt.Errorf("logEvents[%d]: %w", len(*l), err)
		}
		if e.ID == "" && e.Message == "" {
			return fmt.Errorf("logEvents[%d]: has neither id nor message", len(*l))
		}
		*l = append(*l, e)
	}
	return nil
}

// Decoder unpacks batches. Its zero value is ready for use.
type Decoder struct {
	// MaxBytes is the most that a batch may have when it is unpacked, so that one that is packed to nothing does not take all memory.
	// Default: DefaultMaxBytes.
	MaxBytes int64
}

// Decode unpacks a batch that is JSON compressed with gzip, as it is in records of Kinesis and Firehose. An error is of data that is
// no such batch, in part or whole: to try it again does not help.
func (d Decoder) Decode(compressed []byte) (*Batch, error) {
	limit := d.MaxBytes
	if limit <= 0 {
		limit = DefaultMaxBytes
	}
	z, err := gzip.NewReader(bytes.NewReader(compressed))
	if err != nil {
		return nil, fmt.Errorf("unpack log events: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(z, limit+1)) // to the end, where the checksum is
	if err != nil {
		return nil, fmt.Errorf("unpack log events: %w", err)
	}
	if int64(len(text)) > limit {
		return nil, fmt.Errorf("unpack log events: %w: more than %d bytes", ErrTooLarge, limit)
	}
	type fields Batch
	var wire struct {
		fields
		Events eventList `json:"logEvents"` // in place of that of Batch
	}
	if err := json.Unmarshal(text, &wire); err != nil {
		return nil, fmt.Errorf("decode log events: %w", err)
	}
	b := (*Batch)(&wire.fields)
	b.Events = wire.Events
	if b.Type != "DATA_MESSAGE" && !b.IsControl() {
		return nil, fmt.Errorf("decode log events: want a DATA_MESSAGE or a CONTROL_MESSAGE, got %q", b.Type)
	}
	return b, nil
}

// DecodeEvent unpacks a batch that a function of Lambda got.
func (d Decoder) DecodeEvent(e events.CloudwatchLogsEvent) (*Batch, error) {
	compressed, err := base64.StdEncoding.DecodeString(e.AWSLogs.Data)
	if err != nil {
		return nil, fmt.Errorf("unpack log events: %w", err)
	}
	return d.Decode(compressed)
}
