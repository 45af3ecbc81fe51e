package main

import (
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// That files are copied is shown by an end-to-end test. This server sees what the function asks for in several regions, and
// refuses copies into buckets whose name has "closed" in it.
func newServer(t *testing.T) (copier, func() []string) {
	t.Helper()
	var mu sync.Mutex
	var seen []string
	region := regexp.MustCompile(`/\d{8}/([^/]+)/s3/`)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, strings.Join([]string{
			r.Method, r.URL.Path, "from", r.Header.Get("X-Amz-Copy-Source"), "tags", r.Header.Get("X-Amz-Tagging-Directive"),
			"in", region.FindStringSubmatch(r.Header.Get("Authorization"))[1],
		}, " "))
		if strings.Contains(r.URL.Path, "closed") {
			w.WriteHeader(http.StatusForbidden)
			_ = xml.NewEncoder(w).Encode(struct {
				XMLName xml.Name `xml:"Error"`
				Code    string
			}{Code: "AccessDenied"})
			return
		}
		_, _ = w.Write([]byte("<CopyObjectResult><ETag>x</ETag></CopyObjectResult>"))
	}))
	t.Cleanup(server.Close)
	client := s3.New(s3.Options{
		BaseEndpoint: aws.String(server.URL), UsePathStyle: true, Region: "us-east-1",
		Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""), Retryer: aws.NopRetryer{},
	})
	return copier{s3: client}, func() []string {
		slices.Sort(seen)
		return seen
	}
}

func newRequest(buckets ...string) *request {
	r := &request{Properties: properties{Bucket: "source"}}
	r.Properties.Objects = append(r.Properties.Objects, struct{ From, To string }{"p/a b.zip", "1.zip"}, struct{ From, To string }{"2.json", "2.json"})
	for i, bucket := range buckets {
		r.Properties.Targets = append(r.Properties.Targets, struct{ Bucket, Region string }{bucket, []string{"eu-central-1", "us-east-1"}[i]})
	}
	return r
}

func TestCopier_CopiesInEachRegion(t *testing.T) {
	c, seen := newServer(t)
	for _, method := range []func() error{
		func() error { _, err := c.Create(t.Context(), newRequest("one", "two")); return err },
		func() error { _, err := c.Update(t.Context(), newRequest("three")); return err },
		func() error { _, err := c.Delete(t.Context(), newRequest("four")); return err },
	} {
		require.NoError(t, method())
	}
	assert.Equal(t, []string{
		"PUT /one/1.zip from source/p/a%20b.zip tags REPLACE in eu-central-1", "PUT /one/2.json from source/2.json tags REPLACE in eu-central-1",
		"PUT /three/1.zip from source/p/a%20b.zip tags REPLACE in eu-central-1", "PUT /three/2.json from source/2.json tags REPLACE in eu-central-1",
		"PUT /two/1.zip from source/p/a%20b.zip tags REPLACE in us-east-1", "PUT /two/2.json from source/2.json tags REPLACE in us-east-1",
	}, seen(), "and nothing is deleted")
}

func TestCopier_ReportsEverythingThatFails(t *testing.T) {
	c, _ := newServer(t)
	_, err := c.Create(t.Context(), newRequest("closed-one", "open"))
	require.ErrorContains(t, err, "cannot copy p/a b.zip to the bucket closed-one in eu-central-1: ")
	require.ErrorContains(t, err, "cannot copy 2.json to the bucket closed-one in eu-central-1: ")
	require.ErrorContains(t, err, "AccessDenied")
	assert.NotContains(t, err.Error(), "open")
}
