// Command notes is a Lambda function behind API Gateway that keeps short text notes in one DynamoDB table.
//
// It takes proxy events of payload format 1.0, from a REST API, and 2.0, from an HTTP API:
//
//	POST   /notes       {"title","body"}    201, Location and the note
//	GET    /notes       ?limit=20&next=...  200, {"notes":[...],"next":"..."}, newest first; no next on the last page
//	GET    /notes/{id}                      200 and the note
//	DELETE /notes/{id}                      204
//
// A note is {"id","title","body","created"}. It belongs to whoever made it, and nobody else sees it: the IAM ARN of the
// caller, or the authorizer's principalId, or the sub claim of its token. Callers with none of the three share the
// notes of "anonymous"; the sessions of an assumed role are different callers, because the session is part of the ARN.
//
// Errors are {"message":"..."}: 404 for an unknown route or id, 405 with Allow, and 500, whose cause goes only to the
// log. A 400 also lists all that is wrong as "problems":[{"field","problem"}]; field is "" if the whole body is wrong.
//
// Limits: a title has 1 to 200 characters and a body at most 10000; a page has 1 to 100 notes and at most the 1 MB
// that DynamoDB reads at once. A DynamoDB call gets two seconds, retries included: give the function at least three.
//
// The table, named by TABLE_NAME, has the partition key "owner" and the sort key "id", both strings. The function needs
// PutItem, GetItem, Query and DeleteItem on it. Reads are consistent: a caller sees their own writes at once.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// The SDK alone waits for an answer without limit, and up to seconds before a retry.
const (
	attemptTimeout = 800 * time.Millisecond // one HTTP request, so that a lost one leaves time for a retry
	maxBackoff     = 100 * time.Millisecond // before a retry
	callTimeout    = 2 * time.Second        // one store call with its retries, below Lambda's default timeout of 3 s
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: lambdacontext.ReplaceAttr}))
	h, err := newHandler(context.Background(), log)
	if err != nil {
		log.Error("cannot start", "error", err)
		os.Exit(1)
	}
	lambda.Start(h.Invoke)
}

// newHandler wires the handler to the table that the environment names.
func newHandler(ctx context.Context, log *slog.Logger) (*Handler, error) {
	table := os.Getenv("TABLE_NAME")
	if table == "" {
		return nil, errors.New("TABLE_NAME is not set: it must name the DynamoDB table of the notes")
	}
	cfg, err := config.LoadDefaultConfig(ctx,
		config.WithHTTPClient(awshttp.NewBuildableClient().WithTimeout(attemptTimeout)),
		config.WithRetryer(func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxBackoff = maxBackoff })
		}))
	if err != nil {
		return nil, fmt.Errorf("load the AWS configuration: %w", err)
	}
	return &Handler{
		store: &dynamoStore{client: dynamodb.NewFromConfig(cfg), table: table, timeout: callTimeout},
		log:   log,
	}, nil
}
