package main

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// server is S3 with one bucket of generated versions, on this machine. It keeps a bit for each version, whatever their number.
type server struct {
	// prefix starts every key. Each key has three versions, and every seventh of all is a delete marker.
	prefix string
	// locked tells which versions cannot be deleted without the permission to bypass governance.
	locked func(i int) bool
	// before is called before a request is served; what it returns is the error to answer with.
	before func(r *http.Request) (status int, code string)

	mu        sync.Mutex
	left      []uint64
	count     int
	policy    string
	lifecycle string
	lists     int
	requests  []string
	// deleting is how many deletions are served at a time, and most how many were.
	deleting, most int
}

// newServer serves n versions, and gives a client for them.
func newServer(t testing.TB, n int) (*server, *s3.Client) {
	t.Helper()
	s := &server{prefix: "k", left: make([]uint64, n/64+1)}
	s.add(0, n)
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	return s, s3.New(s3.Options{
		BaseEndpoint: &web.URL, Region: "us-east-1", UsePathStyle: true, RetryMaxAttempts: 2,
		Credentials: credentials.NewStaticCredentialsProvider("AKID", "SECRET", ""),
		HTTPClient:  &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: workers + 1}},
	})
}

// add puts the versions from i to n into the bucket.
func (s *server) add(i, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for ; i < n; i++ {
		s.left[i/64] |= 1 << (i % 64)
		s.count++
	}
}

func (s *server) has(i int) bool { return s.left[i/64]&(1<<(i%64)) != 0 }

func (s *server) remaining() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count
}

func (s *server) key(i int) string { return fmt.Sprintf("%s%08d", s.prefix, i/3) }

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	kind := r.Method + " " + strings.SplitN(r.URL.RawQuery, "=", 2)[0]
	for _, name := range []string{"versions", "policy", "lifecycle", "delete"} {
		if r.URL.Query().Has(name) {
			kind = r.Method + " " + name
		}
	}
	s.mu.Lock()
	if len(s.requests) < 100 {
		s.requests = append(s.requests, kind)
	}
	s.mu.Unlock()
	if s.before != nil {
		if status, code := s.before(r); status != 0 {
			refuse(w, status, code)
			return
		}
	}
	body := func() string { b, _ := io.ReadAll(r.Body); return string(b) }
	switch kind {
	case "GET versions":
		s.list(w, r.URL.Query())
	case "POST delete":
		s.delete(w, r)
	case "GET policy":
		if s.policy == "" {
			refuse(w, http.StatusNotFound, "NoSuchBucketPolicy")
			return
		}
		_, _ = io.WriteString(w, s.policy)
	case "PUT policy":
		s.policy = body()
	case "PUT lifecycle":
		s.lifecycle = body()
	default:
		refuse(w, http.StatusNotImplemented, "NotImplemented")
	}
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, "<Error><Code>%s</Code><Message>because</Message></Error>", code)
}

// list answers with up to 1000 versions after the markers.
func (s *server) list(w http.ResponseWriter, q url.Values) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lists++
	encode := func(key string) string { return key }
	b := bufio.NewWriter(w)
	defer b.Flush()
	fmt.Fprint(b, `<?xml version="1.0" encoding="UTF-8"?><ListVersionsResult><Name>bucket</Name>`)
	if q.Get("encoding-type") == "url" {
		encode = url.QueryEscape
		fmt.Fprint(b, "<EncodingType>url</EncodingType>")
	}
	i := 0
	if id, ok := strings.CutPrefix(q.Get("version-id-marker"), "v"); ok {
		last, _ := strconv.Atoi(id)
		if q.Get("key-marker") != s.key(last) {
			fmt.Fprint(b, "<broken>") // the markers are not those of one version
			return
		}
		i = last + 1
	}
	limit, _ := strconv.Atoi(q.Get("max-keys"))
	last, end := 0, len(s.left)*64
	for n := 0; i < end && n < limit; i++ {
		if s.left[i/64] == 0 {
			i |= 63
			continue
		}
		if !s.has(i) {
			continue
		}
		element := "Version"
		if i%7 == 0 {
			element = "DeleteMarker"
		}
		fmt.Fprintf(b, "<%s><Key>%s</Key><VersionId>v%d</VersionId><IsLatest>false</IsLatest><LastModified>2026-01-01T00:00:00.000Z</LastModified></%s>",
			element, escape(encode(s.key(i))), i, element)
		last = i
		n++
	}
	for ; i < end && !s.has(i); i++ {
		if s.left[i/64] == 0 {
			i |= 63
		}
	}
	if i < end {
		fmt.Fprintf(b, "<IsTruncated>true</IsTruncated><NextKeyMarker>%s</NextKeyMarker><NextVersionIdMarker>v%d</NextVersionIdMarker>", escape(encode(s.key(last))), last)
	}
	fmt.Fprint(b, "</ListVersionsResult>")
}

func escape(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text))
	return b.String()
}

func (s *server) delete(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.deleting++
	s.most = max(s.most, s.deleting)
	s.mu.Unlock()
	var in struct {
		Quiet  bool
		Object []struct {
			Key       string
			VersionID string `xml:"VersionId"`
		}
	}
	err := xml.NewDecoder(r.Body).Decode(&in)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deleting--
	if err != nil || !in.Quiet || len(in.Object) == 0 || len(in.Object) > 1000 {
		refuse(w, http.StatusBadRequest, "MalformedXML")
		return
	}
	fmt.Fprint(w, "<DeleteResult>")
	for _, o := range in.Object {
		i, _ := strconv.Atoi(strings.TrimPrefix(o.VersionID, "v"))
		switch {
		case o.Key != s.key(i):
			fmt.Fprintf(w, "<Error><Key>%s</Key><VersionId>%s</VersionId><Code>NoSuchVersion</Code></Error>", escape(o.Key), o.VersionID)
		case s.locked != nil && s.locked(i) && r.Header.Get("X-Amz-Bypass-Governance-Retention") != "true":
			fmt.Fprintf(w, "<Error><Key>%s</Key><VersionId>%s</VersionId><Code>AccessDenied</Code><Message>Object Lock</Message></Error>", escape(o.Key), o.VersionID)
		case s.has(i):
			s.left[i/64] &^= 1 << (i % 64)
			s.count--
		}
	}
	fmt.Fprint(w, "</DeleteResult>")
}
