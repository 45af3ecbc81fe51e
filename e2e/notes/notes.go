//go:build unix

// Package notes is a client of the notes API that the app deploys.
package notes

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/strata-cdk/strata/e2e/emulator"
)

// Client calls the notes API of one emulator, signed with Credentials; the zero Credentials call it unsigned.
type Client struct {
	Credentials aws.Credentials
	emulator    *emulator.Emulator
	url         string
}

// Note is a note as the API returns it.
type Note struct {
	ID      string `json:"id"`
	Title   string `json:"title"`
	Body    string `json:"body"`
	Created string `json:"created"`
}

// Page is one page of a list. Next is empty on the last one.
type Page struct {
	Notes []Note `json:"notes"`
	Next  string `json:"next,omitempty"`
}

// New makes a client that calls as the account's root user. awsURL is the stack's Url output.
func New(e *emulator.Emulator, awsURL string) (*Client, error) {
	u, err := e.LocalURL(awsURL)
	if err != nil {
		return nil, err
	}
	return &Client{Credentials: emulator.Root, emulator: e, url: u}, nil
}

// URL is the local URL of a path such as "notes".
func (c *Client) URL(path string) string { return c.url + path }

// Create makes a note.
func (c *Client) Create(ctx context.Context, title, body string) (Note, error) {
	b, err := json.Marshal(map[string]string{"title": title, "body": body})
	if err != nil {
		return Note{}, err
	}
	return call[Note](ctx, c, http.MethodPost, "notes", b, http.StatusCreated)
}

// Get reads a note.
func (c *Client) Get(ctx context.Context, id string) (Note, error) {
	return call[Note](ctx, c, http.MethodGet, "notes/"+url.PathEscape(id), nil, http.StatusOK)
}

// List reads one page of limit notes. next is empty for the first page.
func (c *Client) List(ctx context.Context, limit int, next string) (Page, error) {
	q := url.Values{"limit": {strconv.Itoa(limit)}}
	if next != "" {
		q.Set("next", next)
	}
	return call[Page](ctx, c, http.MethodGet, "notes?"+q.Encode(), nil, http.StatusOK)
}

// Delete deletes a note.
func (c *Client) Delete(ctx context.Context, id string) error {
	_, err := call[struct{}](ctx, c, http.MethodDelete, "notes/"+url.PathEscape(id), nil, http.StatusNoContent)
	return err
}

// Do sends any request to a path of the API.
func (c *Client) Do(ctx context.Context, method, path string, body []byte) (emulator.Response, error) {
	h := http.Header{}
	if len(body) > 0 {
		h.Set("Content-Type", "application/json")
	}
	return c.emulator.Do(ctx, emulator.Request{Method: method, URL: c.URL(path), Header: h, Body: body, Service: "execute-api", Credentials: c.Credentials})
}

// call sends a request that must be answered with the status want, and decodes the answer unless it is empty.
func call[T any](ctx context.Context, c *Client, method, path string, body []byte, want int) (out T, err error) {
	resp, err := c.Do(ctx, method, path, body)
	if err != nil {
		return out, fmt.Errorf("%s /%s: %w", method, path, err)
	}
	if resp.Status != want {
		return out, fmt.Errorf("%s /%s: got status %d instead of %d: %s", method, path, resp.Status, want, resp.Body)
	}
	if len(resp.Body) > 0 {
		if err := json.Unmarshal(resp.Body, &out); err != nil {
			return out, fmt.Errorf("%s /%s: cannot read the answer %q: %w", method, path, resp.Body, err)
		}
	}
	return out, nil
}
