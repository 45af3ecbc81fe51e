// Package whoami says whose the AWS credentials are, which link of the SDK's chain served them, whether they carry MFA, and
// how long they last.
package whoami

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/strata-cdk/strata/internal/account"
	"github.com/strata-cdk/strata/internal/mfa"
)

// Report is the answer, in words for users.
type Report struct {
	Account, ARN, Region string
	// Endpoint is who answered, when that is not AWS itself.
	Endpoint string
	// Credentials is the link of the chain that served.
	Credentials string
	// MFA says yes, no or unknown, and why.
	MFA string
	// TimeLeft is until the credentials end.
	TimeLeft string
}

// Describe asks AWS, and no one else.
func Describe(ctx context.Context, cfg account.Config) (*Report, error) {
	who, err := account.Identify(ctx, cfg.Config)
	if err != nil {
		return nil, err
	}
	have, err := cfg.Credentials.Retrieve(ctx) // kept by the SDK since Identify
	if err != nil {
		return nil, account.ExplainCredentials(err)
	}
	links := sources(cfg)
	kept := mfa.Find(have.AccessKeyID)
	r := &Report{
		Account: who.Account, ARN: who.ARN, Region: cfg.Region, Endpoint: account.Endpoint(cfg.Config),
		Credentials: link(links, cfg), MFA: carriesMFA(have, kept, links, cfg), TimeLeft: timeLeft(have, kept, links),
	}
	if cfg.RegionIsDefault {
		r.Region += " (none is set, so this is the default)"
	}
	return r, nil
}

// String has a line for each answer.
func (r *Report) String() string {
	var b strings.Builder
	for _, l := range [][2]string{
		{"Account", r.Account}, {"ARN", r.ARN}, {"Region", r.Region}, {"Credentials", r.Credentials}, {"MFA", r.MFA}, {"Time left", r.TimeLeft},
	} {
		fmt.Fprintf(&b, "%-13s%s\n", l[0]+":", l[1])
	}
	if r.Endpoint != "" {
		fmt.Fprintf(&b, "%-13s%s (set by the environment or the AWS configuration: this is not AWS itself)\n", "Endpoint:", r.Endpoint)
	}
	return b.String()
}

// sources are the links of the SDK's chain that made the credentials, the first one first.
func sources(cfg account.Config) []aws.CredentialSource {
	p, ok := cfg.Credentials.(aws.CredentialProviderSource)
	if !ok {
		return nil
	}
	links := slices.Clone(p.ProviderSources())
	first := &cfg.Shared
	for first.Source != nil {
		first = first.Source
	}
	// The SDK says container for this, too.
	if i := slices.Index(links, aws.CredentialSourceHTTP); i >= 0 && first.CredentialSource == "Environment" {
		links[i] = aws.CredentialSourceEnvVars
	}
	return links
}

// words name the links that say where credentials are from. The others, left out here, only say that a profile was how the SDK
// came there.
var words = map[aws.CredentialSource]string{
	aws.CredentialSourceCode:                 "options (given by the program)",
	aws.CredentialSourceEnvVars:              "environment (AWS_ACCESS_KEY_ID)",
	aws.CredentialSourceEnvVarsSTSWebIDToken: "web identity (AWS_WEB_IDENTITY_TOKEN_FILE)",
	aws.CredentialSourceProfileSTSWebIDToken: "web identity (web_identity_token_file)",
	aws.CredentialSourceSSO:                  "SSO (IAM Identity Center)",
	aws.CredentialSourceSSOLegacy:            "SSO (IAM Identity Center)",
	aws.CredentialSourceLogin:                "login (aws login)",
	aws.CredentialSourceProfile:              "shared credentials or config profile",
	aws.CredentialSourceProcess:              "process (credential_process)",
	aws.CredentialSourceHTTP:                 "container",
	aws.CredentialSourceIMDS:                 "instance profile",
	aws.CredentialSourceSTSAssumeRole:        "assumed role",
}

// throughProfile are the links to which the SDK comes by a profile.
var throughProfile = []aws.CredentialSource{
	aws.CredentialSourceProfile, aws.CredentialSourceProfileSourceProfile, aws.CredentialSourceProfileNamedProvider,
	aws.CredentialSourceProfileSTSWebIDToken, aws.CredentialSourceProfileSSO, aws.CredentialSourceProfileSSOLegacy,
	aws.CredentialSourceProfileProcess, aws.CredentialSourceProfileLogin,
}

func link(links []aws.CredentialSource, cfg account.Config) string {
	var names []string
	profile := false
	for _, s := range links {
		if w, ok := words[s]; ok {
			names = append(names, w)
		}
		profile = profile || slices.Contains(throughProfile, s)
	}
	if len(names) == 0 {
		return "unknown"
	}
	text := strings.Join(names, ", then ")
	if profile && cfg.Shared.Profile != "" {
		text += fmt.Sprintf(", profile %q", cfg.Shared.Profile)
	}
	return text
}

func carriesMFA(have aws.Credentials, kept *mfa.Session, links []aws.CredentialSource, cfg account.Config) string {
	switch {
	case have.SessionToken == "":
		return "no, access keys of a user carry none"
	case kept != nil:
		return "yes, a session of strata mfa with " + kept.Serial
	case slices.Contains(links, aws.CredentialSourceSTSAssumeRole) && cfg.Shared.MFASerial != "":
		return "yes, the role was assumed with " + cfg.Shared.MFASerial
	}
	return "unknown, AWS does not tell"
}

func timeLeft(have aws.Credentials, kept *mfa.Session, links []aws.CredentialSource) string {
	var end time.Time
	switch {
	case have.CanExpire:
		end = have.Expires
	case kept != nil:
		end = kept.Expiration
	case have.SessionToken == "":
		return "no end, until the access key is deleted"
	case slices.Contains(links, aws.CredentialSourceEnvVars):
		end, _ = time.Parse(time.RFC3339, os.Getenv("AWS_CREDENTIAL_EXPIRATION")) // set by strata mfa --export and by the AWS CLI
	}
	if end.IsZero() {
		return "unknown"
	}
	return fmt.Sprintf("%v, until %s", time.Until(end).Round(time.Second), end.UTC().Format(time.RFC3339))
}
