package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/strata-cdk/strata/internal/policycommand"
)

func (s *strata) stackPolicy() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "stack-policy",
		Short: "Say what a stack policy denies an update, set one, show it",
		Long: `A stack policy says what updates may do to the resources of a stack: modify, replace, delete. cdk deploy sets none. The construct
stackguard writes one into the template of its stack; these commands check updates against it, set it and show it.
` + exitCodes,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(s.policyCheck(), s.policyApply(), s.policyShow())
	return cmd
}

// ask gives a command that asks AWS its time.
func (s *strata) ask(cmd *cobra.Command, validate func() error, run func(context.Context) error) error {
	if err := s.validate(validate()); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(cmd.Context(), answerWithin)
	defer cancel()
	return run(ctx)
}

func (s *strata) policyCheck() *cobra.Command {
	o := policycommand.Check{}
	cmd := &cobra.Command{
		Use:   "check [STACK]",
		Short: "List what the stack policy would deny an update, before it is executed",
		Long: `check lists what the stack policy would deny an update. It changes nothing. The update is one of

  - from the deployed template of STACK to its template in a synthesised app (cdk.out): what cdk diff shows
  - a change set, with --change-set, or --change-set-file for the JSON of aws cloudformation describe-change-set
  - from the template --old to the template --new, in JSON, which needs no AWS

The policy is the one in force of STACK, or that of --policy: a policy, or a template with one by the construct stackguard. Without both
it is that in --old.

From templates, check knows which properties replace a resource of AWS, and what follows for resources that name it. Where only
the deployment shows whether a resource changes or is replaced, it says maybe. It takes parameters for unchanged. A change set knows
more.

Exit codes: 0 nothing is denied, 1 something is or may be denied, or check failed, 2 wrong command line, 3 an MFA code is needed and there
is no terminal, 130 interrupted.`,
		Example: `  strata stack-policy check Api
  strata stack-policy check Api --change-set next
  strata stack-policy check --policy policy.json --old before.json --new after.json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				o.Stack = args[0]
			}
			return s.ask(cmd, o.Validate, func(ctx context.Context) error {
				o.AWS = s.options(ctx)
				report, err := o.Run(ctx, cmd.OutOrStdout())
				if err != nil {
					return err
				}
				return report.Err()
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.App, "app", "", "directory of a synthesised app (default: cdk.out)")
	f.StringVar(&o.Policy, "policy", "", "file with the policy, or with a template that has one (default: the policy in force)")
	f.StringVar(&o.ChangeSet, "change-set", "", "name or ARN of a change set of STACK")
	f.StringVar(&o.ChangeSetFile, "change-set-file", "", "file with the JSON of aws cloudformation describe-change-set")
	f.StringVar(&o.Old, "old", "", "file with the template before the update")
	f.StringVar(&o.New, "new", "", "file with the template after the update")
	f.BoolVar(&o.JSON, "json", false, "print JSON")
	return cmd
}

func (s *strata) policyApply() *cobra.Command {
	o := policycommand.Apply{}
	cmd := &cobra.Command{
		Use:   "apply STACK",
		Short: "Set the stack policy, or loosen it for the next update",
		Long: `apply sets the policy of STACK: the one that the construct stackguard wrote into its template in a synthesised app (cdk.out), or that of
--policy. With --allow, it takes the policy in force, unless --app or --policy is given, and lets updates do everything to
some resources: a policy governs the update that changes it, so loosen it before the deployment, and set it again after. Guards with Delivery
Events do that themselves. A policy cannot be removed; --allow-all sets one that allows everything.
` + exitCodes,
		Example: `  strata stack-policy apply Api
  strata stack-policy apply Api --allow NotesTable8E4A1C2B && cdk deploy Api && strata stack-policy apply Api`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Stack = args[0]
			return s.ask(cmd, o.Validate, func(ctx context.Context) error {
				o.AWS = s.options(ctx)
				return o.Run(ctx, cmd.OutOrStdout())
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.App, "app", "", "directory of a synthesised app (default: cdk.out)")
	f.StringVar(&o.Policy, "policy", "", "file with the policy, or with a template that has one")
	f.StringArrayVar(&o.Allow, "allow", nil, "logical id of a resource with which updates may do everything; can be given many times")
	f.BoolVar(&o.AllowAll, "allow-all", false, "set a policy that allows everything")
	return cmd
}

func (s *strata) policyShow() *cobra.Command {
	o := policycommand.Show{}
	return &cobra.Command{
		Use:   "show STACK",
		Short: "Print the stack policy in force",
		Long:  "show prints the stack policy in force, in JSON, or nothing, and a sentence on standard error, when there is none.\n" + exitCodes,
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Stack = args[0]
			return s.ask(cmd, o.Validate, func(ctx context.Context) error {
				o.AWS = s.options(ctx)
				return o.Run(ctx, cmd.OutOrStdout(), cmd.ErrOrStderr())
			})
		},
	}
}
