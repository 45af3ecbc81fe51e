package cfnresource

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	// maxAnswer is the size of an answer that CloudFormation takes, in bytes.
	maxAnswer = 4096
	// maxPhysicalID is the length of a physical id that CloudFormation takes, in bytes.
	maxPhysicalID = 1024
	// tryFor is how long one attempt to deliver an answer may take.
	tryFor = 10 * time.Second
)

// answer is what CloudFormation reads.
type answer struct {
	Status             string
	Reason             string            `json:",omitempty"`
	PhysicalResourceID string            `json:"PhysicalResourceId"`
	StackID            string            `json:"StackId"`
	RequestID          string            `json:"RequestId"`
	LogicalResourceID  string            `json:"LogicalResourceId"`
	NoEcho             bool              `json:",omitempty"`
	Data               map[string]string `json:",omitempty"`
}

func (a *answer) failed() bool { return a.Status == "FAILED" }

// fail turns a into a failure. CloudFormation wants a reason.
func (a *answer) fail(format string, args ...any) {
	a.Status, a.Reason, a.Data, a.NoEcho = "FAILED", fmt.Sprintf(format, args...), nil, false
	if a.Reason == "" {
		a.Reason = "unknown reason"
	}
}

// encode gives the text of the answer. Data that does not fit makes it a failure; a reason that does not fit is cut.
func (a *answer) encode() ([]byte, error) {
	body, err := a.text()
	if err != nil {
		return nil, err
	}
	if len(body) > maxAnswer && !a.failed() {
		var sizes []string
		for _, key := range slices.Sorted(maps.Keys(a.Data)) {
			sizes = append(sizes, fmt.Sprintf("%s %d", key, len(a.Data[key])))
		}
		a.fail("the answer has %d bytes, CloudFormation takes %d: return less Data (bytes: %s)", len(body), maxAnswer, strings.Join(sizes, ", "))
		if body, err = a.text(); err != nil {
			return nil, err
		}
	}
	for reason := []rune(a.Reason); len(body) > maxAnswer; {
		if len(reason) == 0 {
			return nil, fmt.Errorf("the answer has %d bytes even without a reason", len(body))
		}
		reason = reason[:len(reason)*9/10]
		a.Reason = string(reason) + "…"
		if body, err = a.text(); err != nil {
			return nil, err
		}
	}
	return body, nil
}

func (a *answer) text() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(a); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// put delivers an answer to the URL that CloudFormation signed for it, and tries again until ctx ends. The URL is a secret: no
// error has it.
func put(ctx context.Context, client *http.Client, address string, body []byte) error {
	wait := 250 * time.Millisecond
	for attempt := 1; ; attempt++ {
		again, err := putOnce(ctx, client, address, body)
		if err == nil {
			return nil
		}
		err = fmt.Errorf("cannot answer CloudFormation (attempt %d): %w", attempt, err)
		if !again {
			return err
		}
		wait = min(2*wait, 8*time.Second)
		select {
		case <-ctx.Done():
			return err
		case <-time.After(wait/2 + rand.N(wait/2)):
		}
	}
}

func putOnce(ctx context.Context, client *http.Client, address string, body []byte) (again bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, tryFor)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, address, bytes.NewReader(body))
	if err != nil {
		return false, withoutURL(err)
	}
	req.Header["Content-Type"] = nil // the signature is for a request without one
	resp, err := client.Do(req)
	if err != nil {
		return true, withoutURL(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if _, err := io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<16)); err != nil && resp.StatusCode == http.StatusOK {
		return true, withoutURL(err)
	}
	switch {
	case resp.StatusCode/100 == 2:
		return false, nil
	case resp.StatusCode/100 == 4 && resp.StatusCode != http.StatusRequestTimeout && resp.StatusCode != http.StatusTooManyRequests:
		return false, fmt.Errorf("status %s", resp.Status) // expired, or signed for another request: it stays so
	default:
		return true, fmt.Errorf("status %s", resp.Status)
	}
}

// withoutURL takes the URL out of an error of net/http.
func withoutURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return withoutURL(e.Err)
	}
	return err
}
