//go:build unix

package emulator

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// Root are the credentials of the emulated account's root user, who may do everything.
var Root = aws.Credentials{AccessKeyID: Key, SecretAccessKey: Secret}

// Config configures an AWS SDK client for this emulator. Nothing of the environment is read.
func (e *Emulator) Config() aws.Config {
	return aws.Config{
		Region:       Region,
		BaseEndpoint: aws.String(e.Endpoint()),
		Credentials:  aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return Root, nil }),
		HTTPClient:   e.client,
	}
}

// Request is an HTTP request to the emulator. The zero Credentials send it unsigned.
type Request struct {
	Method, URL string
	// Header may have a Host, which the emulator tells load balancers apart by.
	Header http.Header
	Body   []byte
	// Service is the name that the signature is made for, such as "execute-api".
	Service     string
	Credentials aws.Credentials
}

// Response is an answer, read to its end.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// Do sends one request, signed with Signature Version 4. URLs of other machines are refused.
func (e *Emulator) Do(ctx context.Context, r Request) (Response, error) {
	if err := Loopback(r.URL); err != nil {
		return Response{}, err
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return Response{}, err
	}
	for k, v := range r.Header {
		req.Header[k] = v
	}
	req.Host = r.Header.Get("Host") // "" means that of URL
	if r.Credentials.HasKeys() {
		sum := sha256.Sum256(r.Body)
		err := v4.NewSigner().SignHTTP(ctx, r.Credentials, req, hex.EncodeToString(sum[:]), r.Service, Region, time.Now())
		if err != nil {
			return Response{}, err
		}
	}
	resp, err := e.client.Do(req)
	if err != nil {
		return Response{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	return Response{Status: resp.StatusCode, Header: resp.Header, Body: body}, err
}

var executeAPI = regexp.MustCompile(`^([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$`)

// LocalURL is where the emulator serves what AWS serves under the URL of an API stage. It ends in a slash.
func (e *Emulator) LocalURL(awsURL string) (string, error) {
	u, err := url.Parse(awsURL)
	if err != nil {
		return "", err
	}
	m := executeAPI.FindStringSubmatch(u.Host)
	if m == nil || u.Scheme != "https" || u.Path == "" || u.Path == "/" {
		return "", fmt.Errorf("%q is not the URL of an API Gateway stage", awsURL)
	}
	return e.Endpoint() + "/_aws/execute-api/" + m[1] + strings.TrimSuffix(u.EscapedPath(), "/") + "/", nil
}
