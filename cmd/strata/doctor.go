package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/strata-cdk/strata/internal/doctor"
)

func (s *strata) doctor() *cobra.Command {
	o := doctor.Options{}
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say what is missing for a deployment, and how to get it",
		Long: `doctor looks at the tools (Go, Node.js, the CDK command line), the credentials, and the bootstrap stack of each target
environment: its qualifier and version. It changes nothing. For environments of other accounts it assumes the deploy
role of the bootstrap stack, as cdk deploy does.

The targets are the environments of the stacks in a synthesised app, by default cdk.out; those given with --env; or
the account and region of the credentials.

In a synthesised app it also looks for the cause of

    ` + doctor.InvalidPrincipals + `

KMS and IAM take no policy that names a user, role or account which does not exist yet. doctor lists what the policies of
the app name: roles of bootstrap stacks that are missing or have another qualifier, accounts that are no account because a
variable was empty, service-linked roles, deleted users and roles.
` + exitCodes,
		Example: `  strata doctor
  strata doctor --env 111122223333/us-east-1 --env 444455556666/eu-west-1
  strata doctor --app cdk.out`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := s.validate(o.Validate()); err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), answerWithin)
			defer cancel()
			o.AWS = s.options(ctx)
			problems, err := doctor.Run(ctx, cmd.OutOrStdout(), o)
			switch {
			case err != nil:
				return err
			case problems == 1:
				return errors.New("there is a problem, see above")
			case problems > 1:
				return fmt.Errorf("there are %d problems, see above", problems)
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&o.Envs, "env", nil, "environment ACCOUNT/REGION that must be bootstrapped; can be given many times")
	f.StringVar(&o.Qualifier, "qualifier", "", "qualifier of the bootstrap stacks for --env (default: "+doctor.DefaultQualifier+"); an app names its own")
	f.StringVar(&o.App, "app", "", "directory of a synthesised app (default: cdk.out, if it exists and no --env is given)")
	return cmd
}
