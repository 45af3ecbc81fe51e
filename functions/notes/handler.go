package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/google/uuid"
)

type (
	request  = events.APIGatewayProxyRequest
	response = events.APIGatewayProxyResponse
)

// Note is a note as callers see it. ID is a UUIDv7: ids sort by Created.
type Note struct {
	ID      string    `json:"id" dynamodbav:"id"`
	Title   string    `json:"title" dynamodbav:"title"`
	Body    string    `json:"body" dynamodbav:"body"`
	Created time.Time `json:"created" dynamodbav:"created"`
}

// ErrNotFound means that the owner has no note with the id.
var ErrNotFound = errors.New("not found")

// Store keeps the notes of each owner.
type Store interface {
	Put(ctx context.Context, owner string, n Note) error
	// Get returns ErrNotFound if there is no such note.
	Get(ctx context.Context, owner, id string) (Note, error)
	// List returns up to limit notes, newest first, that are older than the id before unless that is empty.
	// more tells whether others follow the last one. notes is never nil, and not empty if there are more.
	List(ctx context.Context, owner string, limit int, before string) (notes []Note, more bool, err error)
	// Delete returns ErrNotFound if there is no such note.
	Delete(ctx context.Context, owner, id string) error
}

// Handler answers the requests that the package comment lists.
type Handler struct {
	store Store
	log   *slog.Logger
}

type message struct {
	Message string `json:"message"`
}

// Handle answers one request. It returns an error only if no response can be encoded.
func (h *Handler) Handle(ctx context.Context, req request) (response, error) {
	resp, err := h.route(ctx, req)
	if err == nil {
		return resp, nil
	}
	if invalid, ok := errors.AsType[*invalidError](err); ok {
		return answer(http.StatusBadRequest, invalid)
	}
	if errors.Is(err, ErrNotFound) {
		return answer(http.StatusNotFound, message{"not found"})
	}
	attrs := []any{"error", err, "apiRequestId", req.RequestContext.RequestID, "method", req.HTTPMethod, "resource", req.Resource}
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		attrs = append(attrs, "requestId", lc.AwsRequestID)
	}
	h.log.ErrorContext(ctx, "request failed", attrs...)
	return answer(http.StatusInternalServerError, message{"internal error"})
}

func (h *Handler) route(ctx context.Context, req request) (response, error) {
	var allow string
	switch req.Resource {
	case "/notes":
		switch req.HTTPMethod {
		case http.MethodGet:
			return h.list(ctx, req)
		case http.MethodPost:
			return h.create(ctx, req)
		}
		allow = "GET, POST"
	case "/notes/{id}":
		switch req.HTTPMethod {
		case http.MethodGet:
			return h.get(ctx, req)
		case http.MethodDelete:
			return h.delete(ctx, req)
		}
		allow = "DELETE, GET"
	default:
		return response{}, ErrNotFound
	}
	resp, err := answer(http.StatusMethodNotAllowed, message{"method not allowed"})
	resp.Headers["Allow"] = allow
	return resp, err
}

func (h *Handler) create(ctx context.Context, req request) (response, error) {
	n, err := decodeNote(req)
	if err != nil {
		return response{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return response{}, err
	}
	n.ID = id.String()
	n.Created = time.Unix(id.Time().UnixTime()).UTC()
	if err := h.store.Put(ctx, owner(req), n); err != nil {
		return response{}, err
	}
	resp, err := answer(http.StatusCreated, n)
	// Relative to the address that was posted to, which ends in /notes: only the caller knows the stage or base path.
	resp.Headers["Location"] = "notes/" + n.ID
	return resp, err
}

func (h *Handler) list(ctx context.Context, req request) (response, error) {
	limit, before, err := decodePage(req.QueryStringParameters)
	if err != nil {
		return response{}, err
	}
	notes, more, err := h.store.List(ctx, owner(req), limit, before)
	if err != nil {
		return response{}, err
	}
	page := struct {
		Notes []Note `json:"notes"`
		Next  string `json:"next,omitempty"`
	}{Notes: notes}
	if more {
		if page.Next, err = encodeToken(notes[len(notes)-1].ID); err != nil {
			return response{}, err
		}
	}
	return answer(http.StatusOK, page)
}

func (h *Handler) get(ctx context.Context, req request) (response, error) {
	id, err := noteID(req)
	if err != nil {
		return response{}, err
	}
	n, err := h.store.Get(ctx, owner(req), id)
	if err != nil {
		return response{}, err
	}
	return answer(http.StatusOK, n)
}

func (h *Handler) delete(ctx context.Context, req request) (response, error) {
	id, err := noteID(req)
	if err != nil {
		return response{}, err
	}
	if err := h.store.Delete(ctx, owner(req), id); err != nil {
		return response{}, err
	}
	return response{StatusCode: http.StatusNoContent, Headers: map[string]string{"Cache-Control": "no-store"}}, nil
}

func answer(status int, body any) (response, error) {
	headers := map[string]string{"Content-Type": "application/json", "Cache-Control": "no-store"}
	b, err := json.Marshal(body)
	return response{StatusCode: status, Headers: headers, Body: string(b)}, err
}
