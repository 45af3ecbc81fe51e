package canary_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/canary"
)

type fakeVPC struct{ awsec2.IVpc }

func TestProps_Validate(t *testing.T) {
	type p = canary.Props
	step := func(edit func(*canary.Step)) func(*p) {
		return func(c *p) { edit(&c.Steps[0]) }
	}
	const token = "${Token[TOKEN.1]}"
	cdktest.ValidateTable(t, func() p { return p{Steps: []canary.Step{{URL: "https://example.com"}}} }, []cdktest.Case[p]{
		{Name: "defaults", Edit: func(*p) {}},
		{Name: "name", Edit: func(c *p) { c.Name = "a-b_0" }},
		{Name: "longest name", Edit: func(c *p) { c.Name = strings.Repeat("a", 255) }},
		{Name: "bad name", Edit: func(c *p) { c.Name = "Web" }, Want: []string{`Name: must be 1 to 255 lower case letters, digits, _ and -, got "Web"`}},
		{Name: "too long name", Edit: func(c *p) { c.Name = strings.Repeat("a", 256) }, Want: []string{
			`Name: must be 1 to 255 lower case letters, digits, _ and -, got "` + strings.Repeat("a", 256) + `"`}},
		{Name: "neither", Edit: func(c *p) { c.Steps = nil }, Want: []string{"must have either Steps or Script"}},
		{Name: "both", Edit: func(c *p) { c.Script = "x" }, Want: []string{"must have either Steps or Script"}},
		{Name: "script", Edit: func(c *p) {
			c.Steps, c.Script, c.Environment = nil, "x", map[string]string{"A": "b"}
		}},
		{Name: "environment without script", Edit: func(c *p) { c.Environment = map[string]string{"A": "b"} }, Want: []string{
			"Environment: must be left out without Script"}},
		{Name: "bad variable", Edit: func(c *p) {
			c.Steps, c.Script, c.Environment = nil, "x", map[string]string{"_A": strings.Repeat("b", 4095)}
		}, Want: []string{
			`Environment["_A"]: must be named by a letter, then letters, digits and _`, "Environment: must have at most 4096 bytes in all, got 4097"}},
		{Name: "11 steps", Edit: func(c *p) {
			c.Interval, c.Timeout = 10*time.Minute, 5*time.Minute
			c.Steps = make([]canary.Step, 11)
			for i := range c.Steps {
				c.Steps[i].URL = "https://example.com"
			}
		}, Want: []string{"Steps: must be at most 10, got 11"}},
		{Name: "same names", Edit: func(c *p) {
			c.Steps = []canary.Step{{Name: "a", URL: "https://a.example"}, {Name: "a", URL: "https://b.example"}}
		}, Want: []string{
			`Steps: must be listed once each, got "a" again`}},
		{Name: "step name", Edit: step(func(s *canary.Step) { s.Name = "a/b" }), Want: []string{
			`Steps[0].Name: must be 1 to 64 letters, digits, spaces, _ and -, got "a/b"`}},
		{Name: "no URL", Edit: step(func(s *canary.Step) { s.URL = "" }), Want: []string{
			`Steps[0].URL: must be an address such as https://www.example.com/health, got ""`}},
		{Name: "other scheme", Edit: step(func(s *canary.Step) { s.URL = "ftp://a" }), Want: []string{
			`Steps[0].URL: must be an address such as https://www.example.com/health, got "ftp://a"`}},
		{Name: "plaintext", Edit: step(func(s *canary.Step) { s.URL = "http://a" }), Want: []string{
			"Steps[0].URL: must start with https://, or AllowPlaintext be set"}},
		{Name: "allowed plaintext", Edit: step(func(s *canary.Step) { s.URL, s.AllowPlaintext = "http://a", true })},
		{Name: "token", Edit: step(func(s *canary.Step) { s.URL = "https://" + token + "/health" })},
		{Name: "plaintext token", Edit: step(func(s *canary.Step) { s.URL = "http://" + token }), Want: []string{
			"Steps[0].URL: must start with https://, or AllowPlaintext be set"}},
		{Name: "password", Edit: step(func(s *canary.Step) { s.URL = "https://a:b@c" }), Want: []string{
			"Steps[0].URL: must have no user and password: they would be readable in the template"}},
		{Name: "method", Edit: step(func(s *canary.Step) { s.Method = "get" }), Want: []string{
			"Steps[0].Method: must be one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, got get"}},
		{Name: "headers", Edit: step(func(s *canary.Step) {
			s.Headers = map[string]string{"Accept": "a", "a b": "", "COOKIE": "a", "authorization": "a", "Proxy-Authorization": "", "X": "a\nb"}
		}), Want: []string{
			`Steps[0].Headers["COOKIE"]: must be left out: it would be readable in the template`,
			`Steps[0].Headers["Proxy-Authorization"]: must be left out: it would be readable in the template`,
			`Steps[0].Headers["X"]: must be one line, got "a\nb"`,
			`Steps[0].Headers["a b"]: must be named as a header of HTTP is`,
			`Steps[0].Headers["authorization"]: must be left out: it would be readable in the template`}},
		{Name: "body of a GET", Edit: step(func(s *canary.Step) { s.Body = "a" }), Want: []string{"Steps[0].Body: must be left out with Method GET"}},
		{Name: "HEAD", Edit: step(func(s *canary.Step) { s.Method, s.Body, s.BodyContains = "HEAD", "a", "b" }), Want: []string{
			"Steps[0].Body: must be left out with Method HEAD",
			"Steps[0].BodyContains: must be left out with Method HEAD, whose answers have no body"}},
		{Name: "POST", Edit: step(func(s *canary.Step) { s.Method, s.Body = "POST", "a" })},
		{Name: "status", Edit: step(func(s *canary.Step) { s.Status = []int{100, 599, 99, 600} }), Want: []string{
			"Steps[0].Status[2]: must be between 100 and 599, got 99", "Steps[0].Status[3]: must be between 100 and 599, got 600"}},
		{Name: "latency", Edit: step(func(s *canary.Step) { s.MaxLatency = time.Microsecond }), Want: []string{
			"Steps[0].MaxLatency: must be between 1ms and 5m0s, got 1µs", "Steps[0].MaxLatency: must be whole milliseconds, got 1µs"}},
		{Name: "longest latency", Edit: func(c *p) { c.Interval, c.Steps[0].MaxLatency = time.Hour, 5*time.Minute }},
		{Name: "longer latency", Edit: func(c *p) { c.Interval, c.Steps[0].MaxLatency = time.Hour, 5*time.Minute+time.Second }, Want: []string{
			"Steps[0].MaxLatency: must be between 1ms and 5m0s, got 5m1s"}},
		{Name: "certificate", Edit: step(func(s *canary.Step) { s.CertificateDays = 366 }), Want: []string{
			"Steps[0].CertificateDays: must be between 1 and 365, got 366"}},
		{Name: "negative days", Edit: step(func(s *canary.Step) { s.CertificateDays = -1 }), Want: []string{
			"Steps[0].CertificateDays: must be between 1 and 365, got -1"}},
		{Name: "ignored expiry", Edit: step(func(s *canary.Step) { s.IgnoreCertificateExpiry = true })},
		{Name: "ignored expiry with days", Edit: step(func(s *canary.Step) { s.IgnoreCertificateExpiry, s.CertificateDays = true, 3 }), Want: []string{
			"Steps[0].CertificateDays: must be left out with IgnoreCertificateExpiry"}},
		{Name: "runtime", Edit: func(c *p) { c.RuntimeVersion = "syn-nodejs-puppeteer-13.1" }},
		{Name: "old runtime", Edit: func(c *p) { c.RuntimeVersion = "syn-nodejs-puppeteer-13.0" }, Want: []string{
			`RuntimeVersion: must be syn-nodejs-puppeteer-13.1 or later, got "syn-nodejs-puppeteer-13.0"`}},
		{Name: "other runtime", Edit: func(c *p) { c.RuntimeVersion = "syn-python-selenium-14.0" }, Want: []string{
			`RuntimeVersion: must be syn-nodejs-puppeteer-13.1 or later, got "syn-python-selenium-14.0"`}},
		{Name: "interval", Edit: func(c *p) { c.Interval = 90 * time.Second }, Want: []string{"Interval: must be whole minutes, got 1m30s"}},
		{Name: "least interval", Edit: func(c *p) { c.Interval = time.Minute }},
		{Name: "long interval", Edit: func(c *p) { c.Interval = 61 * time.Minute }, Want: []string{"Interval: must be between 1m0s and 1h0m0s, got 1h1m0s"}},
		{Name: "longest timeout", Edit: func(c *p) { c.Interval, c.Timeout = time.Hour, 14*time.Minute }},
		{Name: "longer timeout", Edit: func(c *p) { c.Interval, c.Timeout = time.Hour, 14*time.Minute+time.Second }, Want: []string{
			"Timeout: must be between 15s and 14m0s, got 14m1s"}},
		{Name: "timeout over interval", Edit: func(c *p) { c.Interval, c.Timeout = time.Minute, 61*time.Second }, Want: []string{
			"Timeout: must be at most Interval, which is 1m0s, got 1m1s"}},
		{Name: "timeout under steps", Edit: func(c *p) { c.Timeout = 19 * time.Second }, Want: []string{
			"Timeout: must be at least 15s and MaxLatency of all steps, 20s, got 19s"}},
		{Name: "part of a second", Edit: func(c *p) { c.Timeout = 20*time.Second + time.Millisecond }, Want: []string{
			"Timeout: must be whole seconds, got 20.001s"}},
		{Name: "retries", Edit: func(c *p) { c.MaxRetries = 3 }, Want: []string{"MaxRetries: must be between 0 and 2, got 3"}},
		{Name: "most retries", Edit: func(c *p) { c.MaxRetries = 2 }},
		{Name: "retention", Edit: func(c *p) { c.RetentionDays = 456 }, Want: []string{"RetentionDays: must be between 1 and 455, got 456"}},
		{Name: "subnets", Edit: func(c *p) {
			c.Subnets, c.SecurityGroups = &awsec2.SubnetSelection{}, make([]awsec2.ISecurityGroup, 1)
		}, Want: []string{
			"Subnets: must be left out without VPC", "SecurityGroups: must be left out without VPC"}},
		{Name: "VPC", Edit: func(c *p) { c.VPC, c.Subnets = fakeVPC{}, &awsec2.SubnetSelection{} }},
		{Name: "alarms", Edit: func(c *p) { c.Alarms.SuccessPercent, c.Alarms.Duration = 101, 61*time.Second }, Want: []string{
			"Alarms.SuccessPercent: must be above 0 and at most 100, got 101",
			"Alarms.Duration: must be above 0s and at most Timeout, which is 1m0s, got 1m1s"}},
		{Name: "negative alarms", Edit: func(c *p) { c.Alarms.SuccessPercent, c.Alarms.Duration = -1, -1 }, Want: []string{
			"Alarms.SuccessPercent: must be above 0 and at most 100, got -1",
			"Alarms.Duration: must be above 0s and at most Timeout, which is 1m0s, got -1ns"}},
		{Name: "removal", Edit: func(c *p) { c.RemovalPolicy = awscdk.RemovalPolicy_SNAPSHOT }, Want: []string{
			"RemovalPolicy: must be one of RETAIN, DESTROY, got SNAPSHOT"}},
	})
}

func TestProps_ValidateNil(t *testing.T) {
	var p *canary.Props
	require.EqualError(t, p.Validate(), "invalid canary.Props:\n  - must have either Steps or Script")
}
