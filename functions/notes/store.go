package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// dynamoStore keeps each note as an item of one table, under its owner and id.
type dynamoStore struct {
	client  *dynamodb.Client
	table   string
	timeout time.Duration // of one call, with its retries
}

type item struct {
	Owner string `dynamodbav:"owner"`
	Note
}

// Put has no condition: a UUIDv7 does not come twice, and a retry after a lost response must not fail.
func (s *dynamoStore) Put(ctx context.Context, owner string, n Note) error {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	av, err := attributevalue.MarshalMap(item{Owner: owner, Note: n})
	if err != nil {
		return fmt.Errorf("encode the note: %w", err)
	}
	if _, err := s.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &s.table, Item: av}); err != nil {
		return fmt.Errorf("put the note: %w", err)
	}
	return nil
}

func (s *dynamoStore) Get(ctx context.Context, owner, id string) (Note, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	out, err := s.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName:      &s.table,
		Key:            key(owner, id),
		ConsistentRead: new(true),
	})
	if err != nil {
		return Note{}, fmt.Errorf("get the note: %w", err)
	}
	if out.Item == nil {
		return Note{}, ErrNotFound
	}
	var n Note
	if err := attributevalue.UnmarshalMap(out.Item, &n); err != nil {
		return Note{}, fmt.Errorf("decode the note: %w", err)
	}
	return n, nil
}

// List asks for one note more than limit: the key that DynamoDB returns at its Limit does not tell whether others follow.
func (s *dynamoStore) List(ctx context.Context, owner string, limit int, before string) ([]Note, bool, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	in := &dynamodb.QueryInput{
		TableName:                 &s.table,
		KeyConditionExpression:    new("#owner = :owner"), // owner is a reserved word
		ExpressionAttributeNames:  map[string]string{"#owner": "owner"},
		ExpressionAttributeValues: map[string]types.AttributeValue{":owner": &types.AttributeValueMemberS{Value: owner}},
		ScanIndexForward:          new(false),
		ConsistentRead:            new(true),
		Limit:                     new(int32(limit + 1)),
	}
	if before != "" {
		in.ExclusiveStartKey = key(owner, before)
	}
	out, err := s.client.Query(ctx, in)
	if err != nil {
		return nil, false, fmt.Errorf("query the notes: %w", err)
	}
	var notes []Note
	if err := attributevalue.UnmarshalListOfMaps(out.Items, &notes); err != nil {
		return nil, false, fmt.Errorf("decode the notes: %w", err)
	}
	if len(notes) > limit {
		return notes[:limit], true, nil
	}
	// DynamoDB stops below Limit only at the last note or after 1 MB.
	return notes, len(out.LastEvaluatedKey) > 0 && len(notes) > 0, nil
}

// Delete is conditional, to tell a note that was not there. A retry after a lost response is told the same.
func (s *dynamoStore) Delete(ctx context.Context, owner, id string) error {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	_, err := s.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName:           &s.table,
		Key:                 key(owner, id),
		ConditionExpression: new("attribute_exists(id)"),
	})
	if _, missing := errors.AsType[*types.ConditionalCheckFailedException](err); missing {
		return ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("delete the note: %w", err)
	}
	return nil
}

func key(owner, id string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{
		"owner": &types.AttributeValueMemberS{Value: owner},
		"id":    &types.AttributeValueMemberS{Value: id},
	}
}
