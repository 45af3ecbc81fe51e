// Package mfa gets sessions with multi-factor authentication from AWS STS for the access keys of an IAM user, and keeps them
// in files of that user until they are about to end.
//
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
package mfa

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/account"
	"github.com/strata-cdk/strata/internal/terminal"
)

// The limits of GetSessionToken, and what is used where nothing is asked for.
const (
	MinDuration          = 15 * time.Minute
	MaxDuration          = 36 * time.Hour
	DefaultDuration      = time.Hour
	DefaultRefreshBefore = 5 * time.Minute
	attempts             = 3
	// More than this makes SDKs misjudge when a session ends.
	tolerableSkew = time.Minute
)

// Request says which session is wanted.
type Request struct {
	// Config has the access keys of the IAM user; no credentials that are temporary themselves.
	Config aws.Config
	// Serial is the ARN of a virtual MFA device, or the serial number of a hardware device.
	Serial string
	// Duration is how long a new session lasts, in whole seconds between MinDuration and MaxDuration. A session that is
	// kept already is used whatever its duration was.
	Duration time.Duration
	// RefreshBefore is how long before its end a session is replaced.
	RefreshBefore time.Duration
	// Code is the MFA code. Default: Ask is asked.
	Code string
	// Ask asks the user for a code. It returns terminal.ErrNone where there is no user.
	Ask func(ctx context.Context, prompt string) (string, error)
	// Note tells the user what is odd but no error.
	Note func(message string)
}

var (
	codeFormat = regexp.MustCompile(`^[0-9]{6}$`)
	deviceARN  = regexp.MustCompile(`^arn:aws[a-z-]*:iam::[0-9]{12}:mfa/[\w+=,.@/-]+$`)
	hardware   = regexp.MustCompile(`^[\w+=,.@/-]{9,256}$`)
)

// Validate reports every problem of the request that can be seen without AWS. The fields are named as the flags of
// strata mfa.
func (r *Request) Validate() error {
	c := check.For("flags")
	switch {
	case r.Serial == "":
		c.Add("--serial", "is needed, as the profile has no mfa_serial: give the ARN of the MFA device; aws iam list-mfa-devices lists yours")
	case strings.Contains(r.Serial, ":u2f/"):
		c.Add("--serial", "%s is a passkey or security key, which gives no codes; AWS takes only virtual and hardware devices with codes here", r.Serial)
	case !deviceARN.MatchString(r.Serial) && !hardware.MatchString(r.Serial):
		c.Add("--serial", "must be an ARN such as arn:aws:iam::111122223333:mfa/NAME or the serial number of a hardware device, got %q", r.Serial)
	}
	check.Range(c, "--duration", r.Duration, MinDuration, MaxDuration)
	check.WholeSeconds(c, "--duration", r.Duration)
	c.That(r.RefreshBefore >= 0 && r.RefreshBefore < max(r.Duration, MinDuration), "--refresh-before", "must be between 0s and less than --duration, got %v", r.RefreshBefore)
	c.That(r.Code == "" || codeFormat.MatchString(r.Code), "--token-code", "must be six digits")
	return c.Err()
}

// Session is a session as it is kept in a file.
type Session struct {
	Version int
	// Serial and Source, an access key id, are what the session was made with.
	Serial, Source string
	// Endpoint is where, if not AWS itself.
	Endpoint string `json:",omitempty"`

	AccessKeyID     string `json:"AccessKeyId"`
	SecretAccessKey string
	SessionToken    string
	Expiration      time.Time
}

// lasts tells whether the session is there and does not end within d.
func (s *Session) lasts(d time.Duration) bool { return s != nil && time.Until(s.Expiration) > d }

// Session returns the session that is kept for the request, or gets a new one and keeps it. Of processes that need a new one
// at the same time, one gets it and the others wait for that.
func (c *Cache) Session(ctx context.Context, r Request) (*Session, error) {
	source, err := r.Config.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, fmt.Errorf("an MFA session starts from the access keys of an IAM user, in the profile that --profile names: %w", account.ExplainCredentials(err))
	}
	if source.SessionToken != "" {
		return nil, errors.New("these credentials are temporary already, and AWS gives MFA sessions only for the access keys of an IAM user: " +
			"name the profile that has those with --profile")
	}
	want := Session{Version: 1, Serial: r.Serial, Source: source.AccessKeyID, Endpoint: account.Endpoint(r.Config)}
	if kept, err := c.read(want); err != nil || kept.lasts(r.RefreshBefore) {
		return kept, err
	}
	unlock, err := c.lock(ctx, want, r.Note)
	if err != nil {
		return nil, err
	}
	defer unlock()
	kept, err := c.read(want) // another process may have been faster
	if err != nil || kept.lasts(r.RefreshBefore) {
		return kept, err
	}
	fresh, err := r.get(ctx, want)
	if errors.Is(err, terminal.ErrNone) && kept.lasts(0) {
		r.Note(fmt.Sprintf("the MFA session ends in %v, and there is no terminal to ask for a new code", time.Until(kept.Expiration).Round(time.Second)))
		return kept, nil
	}
	if err != nil {
		return nil, err
	}
	if err := c.write(fresh); err != nil {
		// The code is spent: hand the session out all the same.
		r.Note(fmt.Sprintf("cannot keep the MFA session, so the next command asks for a code again: %v", err))
	}
	return fresh, nil
}

// get asks for a code, and again while it is wrong, and gets a new session with it.
func (r *Request) get(ctx context.Context, s Session) (*Session, error) {
	ask := "MFA code of " + r.Serial + ": "
	prompt := ask
	for try := 1; ; try++ {
		code, err := r.Code, error(nil)
		if code == "" {
			if code, err = r.Ask(ctx, prompt); err != nil {
				return nil, err
			}
		}
		problem := "A code is six digits."
		if codeFormat.MatchString(code) {
			err := r.call(ctx, code, &s)
			if !errors.Is(err, errWrongCode) {
				return &s, err
			}
			problem = "AWS does not accept this code; each works once and for half a minute. Wait for the next one."
		}
		if r.Code != "" || try == attempts {
			return nil, errWrongCode
		}
		prompt = problem + "\n" + ask
	}
}

var errWrongCode = errors.New("AWS does not accept the MFA code: each works once and for about half a minute; try again with the next one")

// call gets a session from AWS and completes s with it.
func (r *Request) call(ctx context.Context, code string, s *Session) error {
	out, err := sts.NewFromConfig(r.Config).GetSessionToken(ctx, &sts.GetSessionTokenInput{
		DurationSeconds: aws.Int32(int32(r.Duration / time.Second)), SerialNumber: &r.Serial, TokenCode: &code,
	})
	if err != nil {
		return r.explain(err)
	}
	if out.Credentials == nil || out.Credentials.Expiration == nil {
		return errors.New("AWS answers without a session")
	}
	s.AccessKeyID, s.SecretAccessKey = aws.ToString(out.Credentials.AccessKeyId), aws.ToString(out.Credentials.SecretAccessKey)
	s.SessionToken, s.Expiration = aws.ToString(out.Credentials.SessionToken), *out.Credentials.Expiration
	skew, _ := awsmiddleware.GetAttemptSkew(out.ResultMetadata) // AWS's clock, seen from this machine's
	if skew.Abs() > tolerableSkew {
		side := "behind"
		if skew < 0 {
			side = "ahead of"
		}
		r.Note(fmt.Sprintf("the clock of this machine is %v %s AWS's, so that tools misjudge when the session ends: set it right, best by NTP", skew.Abs().Round(time.Second), side))
	}
	if given := time.Until(s.Expiration) - skew; given < r.Duration-time.Minute {
		r.Note(fmt.Sprintf("AWS gave a session of %v instead of %v; the root user gets at most 1h0m0s", given.Round(time.Minute), r.Duration))
	}
	return nil
}

func (r *Request) explain(err error) error {
	if api, ok := errors.AsType[smithy.APIError](err); ok && api.ErrorCode() == "AccessDenied" {
		switch {
		case strings.Contains(api.ErrorMessage(), "invalid MFA one time pass code"):
			return errWrongCode
		case strings.Contains(api.ErrorMessage(), "MultiFactorAuthentication failed"):
			return fmt.Errorf("the MFA device %s does not belong to the user of these access keys; aws iam list-mfa-devices lists theirs (%s)", r.Serial, api.ErrorMessage())
		}
	}
	return account.Explain(err, r.Config.Region, "AWS gives no session")
}
