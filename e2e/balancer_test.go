//go:build e2e && unix

package e2e

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/e2e/cdkcli"
	"github.com/strata-cdk/strata/e2e/emulator"
)

// The emulator runs no containers here, but its load balancers route: servers of this test take the place of tasks.
func TestBalancer(t *testing.T) {
	e := startEmulator(t)
	cdk, pruned := synth(t, e, &cdkcli.CLI{Dir: root, Env: e.Env(), App: program(t, "./e2e/internal/balancer"), Line: func(line string) { t.Log(line) }})
	require.Equal(t, map[string][]string{"Balancer": {
		"AWS::EC2::SecurityGroupEgress", "AWS::EC2::SecurityGroupIngress", "AWS::ECS::ClusterCapacityProviderAssociations",
		"AWS::WAFv2::LoggingConfiguration", "AWS::WAFv2::WebACLAssociation",
	}}, pruned, "the rest is deployed")
	require.NoError(t, cdk.Bootstrap(t.Context()))
	d, err := cdk.Deploy(t.Context(), []string{"Balancer"}, filepath.Join(t.TempDir(), "outputs.json"))
	require.NoError(t, err)
	outputs := d.Outputs["Balancer"]
	for _, name := range []string{"Main", "Alternate", "Shared"} {
		serve(t, e, outputs[name+"Group"], name)
	}
	name := outputs["Name"]

	for what, c := range map[string]struct {
		method, host, path string
		header             http.Header
		want               string
	}{
		"any request":              {"GET", name + ":443", "/", nil, "Main GET /"},
		"its body and query":       {"POST", name + ":443", "/a%20b?x=1&y=2", nil, "Main POST /a%20b?x=1&y=2 body"},
		"a path and a method":      {"POST", name + ":443", "/shared/cart", nil, "Shared POST /shared/cart body"},
		"a path with other method": {"GET", name + ":443", "/shared/cart", nil, "Main GET /shared/cart"},
		"a path and a header":      {"GET", name + ":443", "/shared/cart", http.Header{"X-Version": {"2.1"}}, "Shared GET /shared/cart"},
		"another header":           {"GET", name + ":443", "/shared/cart", http.Header{"X-Version": {"1.2"}}, "Main GET /shared/cart"},
		"the test listener":        {"GET", name + ":9000", "/", nil, "Alternate GET /"},
	} {
		resp := call(t, e, c.method, c.host, c.path, c.header)
		require.Equal(t, http.StatusOK, resp.Status, "%s: %s", what, resp.Body)
		require.Equal(t, c.want, string(resp.Body), what)
	}
	resp := call(t, e, "GET", name, "/cart?id=7", nil)
	require.Equal(t, http.StatusMovedPermanently, resp.Status)
	require.Equal(t, "https://"+name+":443/cart?id=7", resp.Header.Get("Location"))

	require.NoError(t, cdk.Destroy(t.Context()))
	left, err := e.Inventory(t.Context())
	require.NoError(t, err)
	require.Empty(t, left)
}

// call sends a request to the load balancer that host names.
func call(t *testing.T, e *emulator.Emulator, method, host, path string, header http.Header) emulator.Response {
	t.Helper()
	r := emulator.Request{Method: method, URL: e.Endpoint() + path, Header: http.Header{"Host": {host}}}
	for k, v := range header {
		r.Header[k] = v
	}
	if method == http.MethodPost {
		r.Body = []byte("body")
	}
	resp, err := e.Do(t.Context(), r)
	require.NoError(t, err)
	return resp
}

var targetID = regexp.MustCompile(`(?s)<Target>.*?<Id>([^<]+)</Id>.*?<Port>([^<]+)</Port>`)

// serve starts a server that answers with its name and the request, and makes it the only target of a group.
func serve(t *testing.T, e *emulator.Emulator, group, name string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text := name + " " + r.Method + " " + r.URL.RequestURI()
		if body, err := io.ReadAll(r.Body); err == nil && len(body) > 0 {
			text += " " + string(body)
		}
		_, _ = io.WriteString(w, text)
	}))
	t.Cleanup(server.Close)
	host, port, err := net.SplitHostPort(server.Listener.Addr().String())
	require.NoError(t, err)
	health := query(t, e, "elasticloadbalancing", "2015-12-01", url.Values{"Action": {"DescribeTargetHealth"}, "TargetGroupArn": {group}})
	for _, m := range targetID.FindAllStringSubmatch(health, -1) { // of tasks that the emulator only pretends to run
		query(t, e, "elasticloadbalancing", "2015-12-01", url.Values{
			"Action": {"DeregisterTargets"}, "TargetGroupArn": {group}, "Targets.member.1.Id": {m[1]}, "Targets.member.1.Port": {m[2]},
		})
	}
	query(t, e, "elasticloadbalancing", "2015-12-01", url.Values{
		"Action": {"RegisterTargets"}, "TargetGroupArn": {group}, "Targets.member.1.Id": {host}, "Targets.member.1.Port": {port},
	})
}
