package mfa

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

// WriteProcess writes the session as AWS tools read it from a credential_process.
//
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
func (s *Session) WriteProcess(w io.Writer) error {
	return json.NewEncoder(w).Encode(struct {
		Version                                   int
		AccessKeyID                               string `json:"AccessKeyId"`
		SecretAccessKey, SessionToken, Expiration string
	}{1, s.AccessKeyID, s.SecretAccessKey, s.SessionToken, s.Expiration.UTC().Format(time.RFC3339)})
}

// WriteExports writes commands for a POSIX shell that set the session, and unset the variables that some tools would prefer to
// it.
func (s *Session) WriteExports(w io.Writer, region string) error {
	var b strings.Builder
	b.WriteString("unset AWS_PROFILE AWS_DEFAULT_PROFILE\n")
	for _, v := range [][2]string{
		{"AWS_ACCESS_KEY_ID", s.AccessKeyID},
		{"AWS_SECRET_ACCESS_KEY", s.SecretAccessKey},
		{"AWS_SESSION_TOKEN", s.SessionToken},
		{"AWS_CREDENTIAL_EXPIRATION", s.Expiration.UTC().Format(time.RFC3339)},
		{"AWS_REGION", region},
	} {
		if v[1] != "" {
			fmt.Fprintf(&b, "export %s='%s'\n", v[0], strings.ReplaceAll(v[1], "'", `'\''`))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
