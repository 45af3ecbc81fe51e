package constructs_test

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/canary"
)

// fakeSynthetics is as much of the runtime as the script calls: it runs a step, fails with it, and says so in a line of JSON.
const fakeSynthetics = `
const log = (line) => console.log(JSON.stringify(line));
exports.executeStep = async (name, run, config) => {
  try {
    const result = await run();
    log({ step: name, config });
    return result;
  } catch (err) {
    log({ step: name, error: err.message, code: err.code, config });
    throw err;
  }
};`

const runHandler = `require('./index.js').handler().then(() => console.log(JSON.stringify({ run: 'passed' })),
  (err) => console.log(JSON.stringify({ run: 'failed', error: err.message })));`

// outcome is a line that fakeSynthetics or runHandler wrote.
type outcome struct {
	Step, Run, Error, Code string
	Config                 map[string]bool
}

// runCanary runs the script that a canary with these steps has in its template, in Node.js, which trusts the given certificate.
func runCanary(t *testing.T, trusted []byte, steps ...canary.Step) (run outcome, each []outcome) {
	t.Helper()
	stack := cdktest.Stack(t)
	canary.NewCanary(stack, "Home", &canary.Props{Steps: steps})
	script := cdktest.Synth(t, stack).Has("AWS::Synthetics::Canary", nil).Properties["Code"].(o)["Script"].(string)
	dir := t.TempDir()
	module := filepath.Join(dir, "node_modules", "@aws", "synthetics-puppeteer")
	require.NoError(t, os.MkdirAll(module, 0o755))
	for name, text := range map[string]string{
		filepath.Join(module, "index.js"): fakeSynthetics, filepath.Join(dir, "index.js"): script, filepath.Join(dir, "run.js"): runHandler,
		filepath.Join(dir, "ca.pem"): string(trusted),
	} {
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	}
	cmd := exec.Command(cmp.Or(os.Getenv("JSII_NODE"), "node"), "run.js")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "NODE_EXTRA_CA_CERTS="+filepath.Join(dir, "ca.pem"))
	out, err := cmd.Output()
	require.NoError(t, err)
	for line := range strings.Lines(string(out)) {
		var o outcome
		require.NoError(t, json.Unmarshal([]byte(line), &o), line)
		if o.Run != "" {
			run = o
		} else {
			each = append(each, o)
		}
	}
	require.Len(t, each, len(steps))
	return run, each
}

// newServer serves TLS on the loopback address with a certificate that is valid for some days. It gives the certificate too.
func newServer(t *testing.T, days int, handler http.HandlerFunc) (address string, certificate []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: fmt.Sprintf("valid for %d days", days)}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(0, 0, days).Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // of handshakes that the script broke off
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func serveCanary(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/missing":
		http.NotFound(w, r)
	case "/moved":
		http.Redirect(w, r, "/", http.StatusMovedPermanently)
	case "/slow":
		select {
		case <-r.Context().Done():
		case <-time.After(10 * time.Second):
		}
	case "/slow-body":
		_, _ = io.WriteString(w, "Welc")
		w.(http.Flusher).Flush()
		select {
		case <-r.Context().Done():
		case <-time.After(10 * time.Second):
		}
	case "/broken":
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "Welcome")
	case "/echo":
		body, _ := io.ReadAll(r.Body)
		_, _ = io.WriteString(w, r.Method+" "+r.Header.Get("X-Test")+" "+string(body)+" "+r.Header.Get("User-Agent"))
	case "/long":
		_, _ = io.WriteString(w, "aaa") // so that the first MiB does not end where a piece of the answer does
		w.(http.Flusher).Flush()
		_, _ = io.WriteString(w, strings.Repeat("a", 1<<20-3)+"end"+strings.Repeat("b", 1000))
	default:
		_, _ = io.WriteString(w, "Welcome")
	}
}

func TestCanaryScript_Passes(t *testing.T) {
	address, trusted := newServer(t, 30, serveCanary)
	plain := httptest.NewServer(http.HandlerFunc(serveCanary))
	defer plain.Close()
	run, steps := runCanary(t, trusted,
		canary.Step{URL: address, BodyContains: "Welcome"},
		canary.Step{Name: "not found", URL: address + "/missing", Status: []int{404, 410}},
		canary.Step{Name: "moved", URL: address + "/moved", Status: []int{301}},
		canary.Step{URL: address + "/echo", Method: "POST", Headers: map[string]string{"X-Test": `a "b"`}, Body: "né", BodyContains: `POST a "b" né strata-canary`},
		canary.Step{URL: address + "/echo", Headers: map[string]string{"User-Agent": "mine"}, BodyContains: "GET   mine"},
		canary.Step{URL: plain.URL, AllowPlaintext: true, BodyContains: "Welcome"},
		canary.Step{URL: address, Method: "HEAD"},
	)
	assert.Equal(t, "passed", run.Run, "%+v", steps)
	var names []string
	for _, s := range steps {
		names = append(names, s.Step)
		assert.Equal(t, map[string]bool{"screenshotOnStepStart": false, "screenshotOnStepSuccess": false, "screenshotOnStepFailure": false}, s.Config)
	}
	assert.Equal(t, []string{"step-1", "not found", "moved", "step-4", "step-5", "step-6", "step-7"}, names)
}

// Each of these fails the run, and the step after it takes place nevertheless.
func TestCanaryScript_Fails(t *testing.T) {
	address, trusted := newServer(t, 30, serveCanary)
	expiring, trustedToo := newServer(t, 5, serveCanary)
	trusted = append(trusted, trustedToo...)
	for _, c := range []struct {
		name string
		step canary.Step
		want string
	}{
		{"status", canary.Step{URL: address + "/missing"}, "status 404, want 200"},
		{"redirect", canary.Step{URL: address + "/moved", Status: []int{200, 204}}, "status 301, want 200 or 204"},
		{"body", canary.Step{URL: address, BodyContains: `a "b"`}, `no "a \"b\"" in the body`},
		{"body after the first MiB", canary.Step{URL: address + "/long", BodyContains: "end"}, `no "end" in the body`},
		{"slow", canary.Step{URL: address + "/slow", MaxLatency: 300 * time.Millisecond}, "no whole answer within 300 ms"},
		{"slow body", canary.Step{URL: address + "/slow-body", MaxLatency: 300 * time.Millisecond}, "no whole answer within 300 ms"},
		{"broken off", canary.Step{URL: address + "/broken"}, "aborted"},
		{"certificate", canary.Step{URL: expiring}, "the certificate is valid for 5 more days, want 14"},
		{"nobody there", canary.Step{URL: "https://127.0.0.1:1"}, "connect ECONNREFUSED 127.0.0.1:1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			run, steps := runCanary(t, trusted, c.step, canary.Step{URL: address})
			assert.Equal(t, "failed", run.Run)
			assert.Equal(t, "step-1: "+c.want, run.Error)
			assert.Equal(t, c.want, steps[0].Error)
			assert.Empty(t, steps[1].Error)
		})
	}
}

func TestCanaryScript_ReportsEveryFailure(t *testing.T) {
	address, trusted := newServer(t, 30, serveCanary)
	run, _ := runCanary(t, trusted, canary.Step{URL: address + "/missing"}, canary.Step{URL: address}, canary.Step{URL: address, BodyContains: "x"})
	assert.Equal(t, `step-1: status 404, want 200; step-3: no "x" in the body`, run.Error)
}

func TestCanaryScript_CertificateDays(t *testing.T) {
	address, trusted := newServer(t, 5, serveCanary)
	run, _ := runCanary(t, trusted, canary.Step{URL: address, CertificateDays: 4}, canary.Step{URL: address, IgnoreCertificateExpiry: true})
	assert.Equal(t, "passed", run.Run)
}

func TestCanaryScript_RefusesUntrustedCertificates(t *testing.T) {
	address, _ := newServer(t, 30, serveCanary)
	_, other := newServer(t, 30, serveCanary)
	run, steps := runCanary(t, other, canary.Step{URL: address, IgnoreCertificateExpiry: true})
	assert.Equal(t, "failed", run.Run)
	assert.Contains(t, []string{"DEPTH_ZERO_SELF_SIGNED_CERT", "SELF_SIGNED_CERT_IN_CHAIN", "UNABLE_TO_VERIFY_LEAF_SIGNATURE", "CERT_SIGNATURE_FAILURE"}, steps[0].Code)
}
