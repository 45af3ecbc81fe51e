package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

// image is an AMI of the server, with one snapshot of the id "snap-" and the rest of its own.
type image struct {
	id, region, owner, name, state, created string
	tags                                    map[string]string
	// looks is how many lists show the image as pending until it has state; hidden is how many don't show it at all.
	looks, hidden int
}

// server speaks as much of the API of EC2 as the function uses, for all regions.
type server struct {
	mu     sync.Mutex
	images []*image
	// snapshots have the tags of their image, by id.
	snapshots map[string]map[string]string
	// busy are snapshots that are in use for so many more calls.
	busy   map[string]int
	tokens map[string]string
	calls  []string
	copies []url.Values
	// fault may answer in place of the server, before it acts, or take the answer away after: "before CODE", "after".
	fault func(action, region string, n int) string
	// state is what new copies become, one after the other; the last one stays.
	states []string
	looks  int
	hidden int
}

var regionOf = regexp.MustCompile(`/\d{8}/([^/]+)/ec2/`)

func newServer(t *testing.T) (*server, copier) {
	t.Helper()
	s := &server{snapshots: map[string]map[string]string{}, busy: map[string]int{}, tokens: map[string]string{}, states: []string{"available"}}
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	client := ec2.New(ec2.Options{
		BaseEndpoint: &h.URL, Region: "us-west-2", Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
		Retryer: retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts, o.Backoff = 4, retry.BackoffDelayerFunc(noDelay) }),
	})
	return s, copier{ec2: client, pause: pause}
}

func (s *server) count(action string) (n int) {
	for _, c := range s.calls {
		if strings.HasPrefix(c, action+" ") {
			n++
		}
	}
	return n
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = r.ParseForm()
	action, region := r.Form.Get("Action"), regionOf.FindStringSubmatch(r.Header.Get("Authorization"))[1]
	s.calls = append(s.calls, action+" "+region)
	var fault string
	if s.fault != nil {
		fault = s.fault(action, region, s.count(action))
	}
	if code, ok := strings.CutPrefix(fault, "before "); ok {
		refuse(w, code)
		return
	}
	body, code := s.act(action, region, r.Form)
	switch {
	case fault == "after":
		panic(http.ErrAbortHandler) // it is done, and nobody hears of it
	case code != "":
		refuse(w, code)
	default:
		fmt.Fprintf(w, "<%sResponse>%s</%sResponse>", action, body, action)
	}
}

func refuse(w http.ResponseWriter, code string) {
	status := http.StatusBadRequest
	if code == "RequestLimitExceeded" {
		status = http.StatusServiceUnavailable
	}
	w.WriteHeader(status)
	fmt.Fprintf(w, "<Response><Errors><Error><Code>%s</Code><Message>told so</Message></Error></Errors></Response>", code)
}

func (s *server) act(action, region string, form url.Values) (body, code string) {
	switch action {
	case "DescribeImages":
		return s.describeImages(region, form), ""
	case "CopyImage":
		return s.copyImage(region, form), ""
	case "DeregisterImage":
		i := slices.IndexFunc(s.images, func(i *image) bool { return i.id == form.Get("ImageId") && i.region == region })
		if i < 0 {
			return "", "InvalidAMIID.NotFound"
		}
		s.images = slices.Delete(s.images, i, i+1)
		return "<return>true</return>", ""
	case "DescribeSnapshots":
		var b strings.Builder
		for _, id := range sortedKeys(s.snapshots) {
			if s.snapshots[id][familyTag] == form.Get("Filter.1.Value.1") {
				fmt.Fprintf(&b, "<item><snapshotId>%s</snapshotId>%s</item>", id, tagSet(s.snapshots[id]))
			}
		}
		return "<snapshotSet>" + b.String() + "</snapshotSet>", ""
	case "DeleteSnapshot":
		id := form.Get("SnapshotId")
		if s.busy[id] > 0 {
			s.busy[id]--
			return "", "InvalidSnapshot.InUse"
		}
		if s.snapshots[id] == nil {
			return "", "InvalidSnapshot.NotFound"
		}
		delete(s.snapshots, id)
		return "<return>true</return>", ""
	}
	return "", "InvalidAction"
}

func (s *server) describeImages(region string, form url.Values) string {
	filters := map[string]string{}
	for i := 1; form.Get(fmt.Sprintf("Filter.%d.Name", i)) != ""; i++ {
		filters[form.Get(fmt.Sprintf("Filter.%d.Name", i))] = form.Get(fmt.Sprintf("Filter.%d.Value.1", i))
	}
	var b strings.Builder
	for _, i := range s.images {
		family, byFamily := filters["tag:"+familyTag]
		name, byName := filters["name"]
		if i.region != region || i.owner != form.Get("Owner.1") || byFamily && i.tags[familyTag] != family || byName && !strings.HasPrefix(i.name, strings.TrimSuffix(name, "*")) {
			continue
		}
		if i.hidden > 0 {
			i.hidden--
			continue
		}
		state := i.state
		if i.looks > 0 {
			i.looks--
			state = "pending"
		}
		fmt.Fprintf(&b, "<item><imageId>%s</imageId><imageState>%s</imageState><creationDate>%s</creationDate>%s<stateReason><message>broken disk</message></stateReason>"+
			"<blockDeviceMapping><item><virtualName>ephemeral0</virtualName></item><item><ebs><snapshotId>%s</snapshotId></ebs></item></blockDeviceMapping></item>",
			i.id, state, i.created, tagSet(i.tags), snapshotOf(i.id))
	}
	return "<imagesSet>" + b.String() + "</imagesSet>"
}

func (s *server) copyImage(region string, form url.Values) string {
	token := form.Get("ClientToken")
	if id := s.tokens[token]; id != "" {
		return "<imageId>" + id + "</imageId>"
	}
	s.copies = append(s.copies, form)
	id := fmt.Sprintf("ami-copy%d", len(s.copies))
	s.tokens[token] = id
	s.add(&image{id: id, region: region, owner: "self", state: s.states[0], tags: formTags(form, 1), looks: s.looks, hidden: s.hidden})
	s.snapshots[snapshotOf(id)] = formTags(form, 2)
	if len(s.states) > 1 {
		s.states = s.states[1:]
	}
	return "<imageId>" + id + "</imageId>"
}

func snapshotOf(image string) string { return "snap-" + strings.TrimPrefix(image, "ami-") }

// add adds an image that is newer than all others.
func (s *server) add(i *image) {
	i.created = fmt.Sprintf("2026-01-01T00:00:%02d.000Z", len(s.tokens)+len(s.images))
	s.images = append(s.images, i)
}

func formTags(form url.Values, specification int) map[string]string {
	tags := map[string]string{}
	prefix := fmt.Sprintf("TagSpecification.%d.Tag.", specification)
	for i := 1; form.Get(fmt.Sprint(prefix, i, ".Key")) != ""; i++ {
		tags[form.Get(fmt.Sprint(prefix, i, ".Key"))] = form.Get(fmt.Sprint(prefix, i, ".Value"))
	}
	return tags
}

func tagSet(tags map[string]string) string {
	var b strings.Builder
	for _, key := range sortedKeys(tags) {
		fmt.Fprintf(&b, "<item><key>%s</key><value>%s</value></item>", key, tags[key])
	}
	return "<tagSet>" + b.String() + "</tagSet>"
}
