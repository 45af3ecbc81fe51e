package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-lambda-go/events"
)

// Invoke answers an event of API Gateway: of payload format 1.0, from a REST API, or 2.0, from an HTTP API.
func (h *Handler) Invoke(ctx context.Context, event json.RawMessage) (response, error) {
	req, err := decodeEvent(event)
	if err != nil {
		return response{}, err
	}
	return h.Handle(ctx, req)
}

func decodeEvent(event json.RawMessage) (request, error) {
	var format struct {
		Version string `json:"version"`
	}
	if err := json.Unmarshal(event, &format); err != nil {
		return request{}, fmt.Errorf("decode the event: %w", err)
	}
	if format.Version == "2.0" {
		var v2 events.APIGatewayV2HTTPRequest
		if err := json.Unmarshal(event, &v2); err != nil {
			return request{}, fmt.Errorf("decode the event, of format 2.0: %w", err)
		}
		return fromV2(&v2), nil
	}
	var v1 request
	if err := json.Unmarshal(event, &v1); err != nil {
		return request{}, fmt.Errorf("decode the event, of format 1.0: %w", err)
	}
	return v1, nil
}

// fromV2 gives an event of format 2.0 in format 1.0, as far as the handler reads it.
func fromV2(v2 *events.APIGatewayV2HTTPRequest) request {
	method, resource, _ := strings.Cut(v2.RouteKey, " ")
	req := request{
		HTTPMethod:            method,
		Resource:              resource,
		PathParameters:        v2.PathParameters,
		QueryStringParameters: v2.QueryStringParameters,
		Body:                  v2.Body,
		IsBase64Encoded:       v2.IsBase64Encoded,
	}
	req.RequestContext.RequestID = v2.RequestContext.RequestID
	if auth := v2.RequestContext.Authorizer; auth != nil {
		switch {
		case auth.IAM != nil:
			req.RequestContext.Identity.UserArn = auth.IAM.UserARN
		case auth.JWT != nil:
			claims := make(map[string]any, len(auth.JWT.Claims))
			for name, value := range auth.JWT.Claims {
				claims[name] = value
			}
			req.RequestContext.Authorizer = map[string]any{"claims": claims}
		default:
			req.RequestContext.Authorizer = auth.Lambda
		}
	}
	return req
}
