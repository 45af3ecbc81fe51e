// Command strata helps with what sits between a CDK app and an AWS account: MFA sessions, credentials, bootstrap.
//
//	go install github.com/strata-cdk/strata/cmd/strata@latest
//
// It does not contain the CDK, and so builds and starts fast.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/account"
	"github.com/strata-cdk/strata/internal/terminal"
)

// The exit codes.
const (
	exitFailed      = 1
	exitUsage       = 2
	exitNoTerminal  = 3
	exitInterrupted = 130
)

const exitCodes = `
Exit codes: 0 done, 1 failed, 2 wrong command line, 3 an MFA code is needed and there is no terminal, 130 interrupted.`

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	s := &strata{}
	root := s.command()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return 0
	}
	if ctx.Err() != nil {
		fmt.Fprintln(stderr, "Error: interrupted")
		return exitInterrupted
	}
	fmt.Fprintln(stderr, "Error:", err)
	switch wrong, _ := errors.AsType[*check.Error](err); {
	case wrong != nil || !s.began:
		fmt.Fprintf(stderr, "See: %s --help\n", cmd.CommandPath())
		return exitUsage
	case errors.Is(err, errUsage):
		return exitUsage
	case errors.Is(err, terminal.ErrNone):
		return exitNoTerminal
	}
	return exitFailed
}

// errUsage marks errors of the command line that were found late.
var errUsage = errors.New("wrong use")

// strata is what all subcommands share.
type strata struct {
	profile, region string
	// began tells that the command line was understood.
	began bool
}

func (s *strata) command() *cobra.Command {
	root := &cobra.Command{
		Use:   "strata",
		Short: "MFA sessions, credentials, bootstrap and stack policies for the AWS CDK",
		Long:  "strata helps with what sits between a CDK app and an AWS account.\n" + exitCodes,
		// Errors are printed by run, in one way.
		SilenceErrors: true, SilenceUsage: true,
		Version:          version(),
		PersistentPreRun: func(*cobra.Command, []string) { s.began = true },
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.PersistentFlags().StringVar(&s.profile, "profile", "", "profile of the AWS configuration (default: AWS_PROFILE, or the AWS SDK's)")
	root.PersistentFlags().StringVar(&s.region, "region", "", "region to ask AWS in (default: AWS_REGION, that of the profile, or us-east-1)")
	root.AddCommand(s.mfa(), s.whoami(), s.doctor(), s.stackPolicy())
	return root
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "unknown"
}

var regionName = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-[0-9]+$`)

// validate reports what is wrong with the flags that all commands have, and with those that also are a command's own.
func (s *strata) validate(own ...error) error {
	c := check.For("flags")
	c.That(s.region == "" || regionName.MatchString(s.region), "--region", "must be a region such as us-east-1, got %q", s.region)
	for _, err := range own {
		c.Join(err)
	}
	return c.Err()
}

// options are those of the AWS configuration.
func (s *strata) options(ctx context.Context) account.Options {
	return account.Options{
		Profile: s.profile, Region: s.region,
		Code: func() (string, error) { return terminal.Ask(ctx, "MFA code of the role's device: ") },
	}
}
