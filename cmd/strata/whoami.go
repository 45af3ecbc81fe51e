package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/strata-cdk/strata/internal/account"
	"github.com/strata-cdk/strata/internal/whoami"
)

// answerWithin is how long a command waits for AWS when it asks nobody for a code.
const answerWithin = time.Minute

func (s *strata) whoami() *cobra.Command {
	return &cobra.Command{
		Use:   "whoami",
		Short: "Say whose the AWS credentials are and where they come from",
		Long: `whoami prints the account and ARN of the AWS credentials, the region, which link of the credential chain served them
(options, environment, web identity, SSO, shared credentials or config profile, process, container, instance
profile), whether they carry MFA, and how long they last. It prints no secret.

AWS does not tell whether a session carries MFA. whoami says yes for sessions of strata mfa and for roles that the
profile assumes with a device, no for access keys, and unknown otherwise.
` + exitCodes,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := s.validate(); err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), answerWithin)
			defer cancel()
			cfg, err := account.Load(ctx, s.options(ctx))
			if err != nil {
				return err
			}
			r, err := whoami.Describe(ctx, cfg)
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(cmd.OutOrStdout(), r)
			return err
		},
	}
}
