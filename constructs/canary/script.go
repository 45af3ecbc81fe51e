package canary

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/strata-cdk/strata/internal/defaults"
)

//go:embed script.js
var script string

func (s *Step) setDefaults(i int) {
	defaults.Or(&s.Name, fmt.Sprintf("step-%d", i+1))
	defaults.Or(&s.Method, "GET")
	if len(s.Status) == 0 {
		s.Status = []int{200}
	}
	defaults.Or(&s.MaxLatency, 5*time.Second)
	if !s.IgnoreCertificateExpiry {
		defaults.Or(&s.CertificateDays, 14)
	}
}

// scriptOf gives the script that runs steps, whose defaults are set.
func scriptOf(steps []Step) string {
	type step struct {
		Name            string            `json:"name"`
		URL             string            `json:"url"`
		Method          string            `json:"method"`
		Headers         map[string]string `json:"headers,omitempty"`
		Body            string            `json:"body,omitempty"`
		Status          []int             `json:"status"`
		BodyContains    string            `json:"bodyContains"`
		MaxLatencyMS    int64             `json:"maxLatencyMs"`
		CertificateDays int               `json:"certificateDays"`
	}
	all := make([]step, len(steps))
	for i, s := range steps {
		all[i] = step{
			Name: s.Name, URL: s.URL, Method: s.Method, Headers: s.Headers, Body: s.Body, Status: s.Status, BodyContains: s.BodyContains,
			MaxLatencyMS: s.MaxLatency.Milliseconds(), CertificateDays: s.CertificateDays,
		}
	}
	// JSON is JavaScript. A token of the CDK must stay what it is, which the escapes for HTML would see to as well.
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(all); err != nil {
		panic(err) // strings and numbers
	}
	return strings.Replace(script, "const steps = STEPS;", "const steps = "+strings.TrimSpace(text.String())+";", 1)
}
