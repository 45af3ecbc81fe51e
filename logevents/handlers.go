package logevents

import (
	"context"
	"log/slog"

	"github.com/aws/aws-lambda-go/events"
)

// Handler gives a handler for lambda.Start that calls f with each batch of a subscription filter. Control messages are left out. When f or
// the decoding fails, the handler does, and Lambda calls it again with the same batch: twice, unless the function is set up otherwise.
func Handler(f func(context.Context, *Batch) error) func(context.Context, events.CloudwatchLogsEvent) error {
	return func(ctx context.Context, e events.CloudwatchLogsEvent) error {
		b, err := Decoder{}.DecodeEvent(e)
		if err != nil || b.IsControl() {
			return err
		}
		return f(ctx, b)
	}
}

// KinesisHandler gives a handler for lambda.Start that calls f with each batch in the records of a Kinesis stream, in their order, without
// control messages. The first that fails ends it and is logged to slog.Default and reported, so that Lambda calls again from there on: the event source
// needs FunctionResponseTypes ReportBatchItemFailures, and a limit of retries, as a record that cannot be decoded fails always.
//
// https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
func KinesisHandler(f func(context.Context, *Batch) error) func(context.Context, events.KinesisEvent) (events.KinesisEventResponse, error) {
	return func(ctx context.Context, e events.KinesisEvent) (events.KinesisEventResponse, error) {
		for _, r := range e.Records {
			b, err := Decoder{}.Decode(r.Kinesis.Data)
			if err == nil && !b.IsControl() {
				err = f(ctx, b)
			}
			if err != nil {
				slog.ErrorContext(ctx, "log events are not handled", "sequenceNumber", r.Kinesis.SequenceNumber, "error", err)
				return events.KinesisEventResponse{BatchItemFailures: []events.KinesisBatchItemFailure{{ItemIdentifier: r.Kinesis.SequenceNumber}}}, nil
			}
		}
		return events.KinesisEventResponse{}, nil
	}
}

// FirehoseHandler gives a handler for lambda.Start that transforms the records of a Firehose delivery stream: f gives what is delivered
// in place of a batch, or nothing to drop it. Control messages are dropped. A record that cannot be decoded, or that f has an error for,
// fails alone and is logged to slog.Default: Firehose puts it, as it came, under the error prefix. A response has at most 6 MB.
//
// https://docs.aws.amazon.com/firehose/latest/dev/data-transformation-status-model.html
func FirehoseHandler(f func(context.Context, *Batch) ([]byte, error)) func(context.Context, events.KinesisFirehoseEvent) (events.KinesisFirehoseResponse, error) {
	return func(ctx context.Context, e events.KinesisFirehoseEvent) (events.KinesisFirehoseResponse, error) {
		response := events.KinesisFirehoseResponse{Records: make([]events.KinesisFirehoseResponseRecord, len(e.Records))}
		for i, r := range e.Records {
			result := events.KinesisFirehoseTransformedStateOk
			b, err := Decoder{}.Decode(r.Data)
			var data []byte
			if err == nil && !b.IsControl() {
				data, err = f(ctx, b)
			}
			switch {
			case err != nil:
				slog.ErrorContext(ctx, "log events are not transformed", "recordId", r.RecordID, "error", err)
				result, data = events.KinesisFirehoseTransformedStateProcessingFailed, r.Data
			case len(data) == 0:
				result = events.KinesisFirehoseTransformedStateDropped
			}
			response.Records[i] = events.KinesisFirehoseResponseRecord{RecordID: r.RecordID, Result: result, Data: data}
		}
		return response, nil
	}
}
