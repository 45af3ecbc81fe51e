package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"github.com/spf13/cobra"

	"github.com/strata-cdk/strata/internal/account"
	"github.com/strata-cdk/strata/internal/mfa"
	"github.com/strata-cdk/strata/internal/terminal"
)

// underway is in the environment of what strata mfa starts: the credential_process of its own profile.
const underway = "STRATA_MFA_UNDERWAY"

func (s *strata) mfa() *cobra.Command {
	r := mfa.Request{Ask: terminal.Ask}
	export := false
	cmd := &cobra.Command{
		Use:   "mfa",
		Short: "Get an MFA session for every AWS tool, and keep it until it ends",
		Long: `mfa gets a session with multi-factor authentication from AWS STS (GetSessionToken) for the access keys of an IAM user,
keeps it, and prints it in the form of a credential_process. While a kept session lasts, nobody is asked for anything.

In ~/.aws/credentials the access keys:          In ~/.aws/config:

    [keys]                                          [profile keys]
    aws_access_key_id = AKIA...                     mfa_serial = arn:aws:iam::111122223333:mfa/NAME
    aws_secret_access_key = ...
                                                    [profile me]
                                                    credential_process = strata mfa --profile keys

Then AWS_PROFILE=me serves cdk and every other AWS tool. The code is asked for on the terminal, never on standard input
or output. Roles that name "source_profile = me" are assumed with MFA, and need no mfa_serial of their own.

A session is kept in a file that only you can read, in strata/mfa below the cache directory ($XDG_CACHE_HOME or ~/.cache).
When standard output is a terminal, no secret is printed unless --export asks for it.
` + exitCodes,
		Example: `  strata mfa --profile keys                                              # log in ahead: ask now, so that later tools don't
  eval "$(strata mfa --profile keys --export)"                           # for this shell
  eval "$(strata mfa --profile keys --token-code "$CODE" --export)"      # in a script`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r.Note = func(message string) { fmt.Fprintln(cmd.ErrOrStderr(), "strata mfa:", message) }
			session, region, err := s.session(cmd, r)
			if errors.Is(err, terminal.ErrNone) {
				return fmt.Errorf("%w: run strata mfa%s in a terminal first, or give --token-code", err, flag("profile", s.profile))
			}
			if err != nil {
				return err
			}
			switch {
			case export:
				return session.WriteExports(cmd.OutOrStdout(), region)
			case isTerminal(cmd.OutOrStdout()):
				_, err := fmt.Fprintf(cmd.OutOrStdout(), "The MFA session of %s lasts %v, until %s. Its secrets are not shown here: pipe this command, or give --export.\n",
					session.Serial, time.Until(session.Expiration).Round(time.Second), session.Expiration.Local().Format(time.DateTime))
				return err
			}
			return session.WriteProcess(cmd.OutOrStdout())
		},
	}
	f := cmd.Flags()
	f.StringVar(&r.Serial, "serial", "", "ARN or serial number of the MFA device (default: mfa_serial of the profile)")
	f.DurationVar(&r.Duration, "duration", mfa.DefaultDuration, "how long a new session lasts, 15m to 36h; 1h at most for the root user")
	f.DurationVar(&r.RefreshBefore, "refresh-before", mfa.DefaultRefreshBefore, "ask for a new code when the kept session ends within this time")
	f.StringVar(&r.Code, "token-code", "", "the MFA code, for scripts; not used while a kept session lasts (default: ask on the terminal)")
	f.BoolVar(&export, "export", false, "print export commands for a POSIX shell")
	return cmd
}

// session loads the access keys and gets the session for them. It also returns the region that was set, if one was.
func (s *strata) session(cmd *cobra.Command, r mfa.Request) (_ *mfa.Session, region string, err error) {
	ctx := cmd.Context()
	if os.Getenv(underway) != "" {
		return nil, "", fmt.Errorf("%w: this strata mfa was started by another one, because the profile that should have the access keys has a "+
			"credential_process with strata mfa itself; name the profile with the keys there: credential_process = strata mfa --profile KEYS", errUsage)
	}
	if err := os.Setenv(underway, "1"); err != nil {
		return nil, "", err
	}
	options := s.options(ctx)
	// An instance profile has no access keys of a user: don't wait for it.
	options.SDK = append(options.SDK, config.WithEC2IMDSClientEnableState(imds.ClientDisabled))
	cfg, err := account.Load(ctx, options)
	if err != nil {
		return nil, "", err
	}
	if cfg.Shared.RoleARN != "" {
		return nil, "", fmt.Errorf("the profile %q assumes a role, and AWS gives MFA sessions only for the access keys of an IAM user: name the profile with those; the role can then be assumed from the session", cfg.Shared.Profile)
	}
	r.Config = cfg.Config
	if r.Serial == "" {
		r.Serial = cfg.Shared.MFASerial
	}
	if err := s.validate(r.Validate()); err != nil {
		return nil, "", err
	}
	cache, err := mfa.OpenCache()
	if err != nil {
		return nil, "", err
	}
	if !cfg.RegionIsDefault {
		region = cfg.Region
	}
	session, err := cache.Session(ctx, r)
	return session, region, err
}

func flag(name, value string) string {
	if value == "" {
		return ""
	}
	return " --" + name + " " + value
}

// isTerminal is true for /dev/null too, where it does not matter.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
