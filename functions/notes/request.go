package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/google/uuid"
)

const (
	maxTitle     = 200   // characters
	maxBody      = 10000 // characters
	defaultLimit = 20
	maxLimit     = 100
)

type problem struct {
	Field   string `json:"field"`
	Problem string `json:"problem"`
}

// invalidError is the caller's mistake, and the body of the 400 that tells them.
type invalidError struct {
	Message  string    `json:"message"`
	Problems []problem `json:"problems"`
}

func (e *invalidError) Error() string { return fmt.Sprintf("%s: %v", e.Message, e.Problems) }

func (e *invalidError) add(field, format string, args ...any) {
	e.Problems = append(e.Problems, problem{field, fmt.Sprintf(format, args...)})
}

// owner is who calls, as API Gateway or its authorizer vouches for them.
func owner(req request) string {
	if arn := req.RequestContext.Identity.UserArn; arn != "" {
		return arn
	}
	if principal, _ := req.RequestContext.Authorizer["principalId"].(string); principal != "" {
		return principal
	}
	claims, _ := req.RequestContext.Authorizer["claims"].(map[string]any)
	if sub, _ := claims["sub"].(string); sub != "" {
		return sub
	}
	return "anonymous"
}

// noteID is the id in the path. What is not a UUID in its canonical form cannot be the id of a note.
func noteID(req request) (string, error) {
	raw := req.PathParameters["id"]
	if id, err := uuid.Parse(raw); err != nil || id.String() != raw {
		return "", ErrNotFound
	}
	return raw, nil
}

// decodeNote reads the title and body of a note, or reports all that is wrong with them.
func decodeNote(req request) (Note, error) {
	invalid := &invalidError{Message: "invalid note"}
	data := []byte(req.Body)
	if req.IsBase64Encoded {
		var err error
		if data, err = base64.StdEncoding.DecodeString(req.Body); err != nil {
			invalid.add("", "must be valid base64")
			return Note{}, invalid
		}
	}
	// A map, because decoding into a struct stops at the first problem and takes "TITLE" for "title".
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil || fields == nil {
		invalid.add("", "must be one JSON object")
		return Note{}, invalid
	}
	n := Note{
		Title: decodeText(fields, "title", 1, maxTitle, invalid),
		Body:  decodeText(fields, "body", 0, maxBody, invalid),
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if name != "title" && name != "body" {
			invalid.add(name, "is not a field of a note")
		}
	}
	if len(invalid.Problems) > 0 {
		return Note{}, invalid
	}
	return n, nil
}

// decodeText reads a field that is a string of least to most characters; no field is an empty string.
func decodeText(fields map[string]json.RawMessage, name string, least, most int, invalid *invalidError) string {
	text := new("")
	if raw, ok := fields[name]; ok {
		if err := json.Unmarshal(raw, &text); err != nil || text == nil { // null makes text nil
			invalid.add(name, "must be a string")
			return ""
		}
	}
	if c := utf8.RuneCountInString(*text); c < least || c > most {
		invalid.add(name, "must have %d to %d characters, got %d", least, most, c)
	}
	return *text
}

// decodePage reads the query of a list, or reports all that is wrong with it.
func decodePage(query map[string]string) (limit int, before string, err error) {
	invalid := &invalidError{Message: "invalid query"}
	limit = defaultLimit
	if raw, ok := query["limit"]; ok {
		if limit, err = strconv.Atoi(raw); err != nil || limit < 1 || limit > maxLimit {
			invalid.add("limit", "must be a number from 1 to %d", maxLimit)
		}
	}
	if token, ok := query["next"]; ok {
		if before, ok = decodeToken(token); !ok {
			invalid.add("next", "must be the next of an earlier page")
		}
	}
	if len(invalid.Problems) > 0 {
		return 0, "", invalid
	}
	return limit, before, nil
}

// encodeToken makes the token of the page after the note id. It has no owner in it: a page is always the caller's own.
func encodeToken(id string) (string, error) {
	u, err := uuid.Parse(id)
	if err != nil {
		return "", fmt.Errorf("the store has a note with the id %q: %w", id, err)
	}
	return base64.RawURLEncoding.EncodeToString(u[:]), nil
}

// decodeToken is the id that encodeToken was given. It refuses what encodeToken cannot have made.
func decodeToken(token string) (id string, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return "", false
	}
	u, err := uuid.FromBytes(b)
	if err != nil || u.Version() != 7 || u.Variant() != uuid.RFC4122 {
		return "", false
	}
	// The decoder skips line ends and ignores the last bits.
	return u.String(), base64.RawURLEncoding.EncodeToString(b) == token
}
