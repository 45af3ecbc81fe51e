package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/strata-cdk/strata/internal/account"
)

// bootstraps looks at bootstrap stacks with the credentials of one caller.
type bootstraps struct {
	cfg    aws.Config
	caller place
	report *report
}

func (b *bootstraps) check(ctx context.Context, t target) {
	where := t.account + "/" + t.region
	cfg := b.cfg.Copy()
	cfg.Region = t.region
	version, err := "", account.ErrMayNotRead
	if t.account == b.caller.account {
		version, err = account.BootstrapVersion(ctx, cfg, t.parameter)
	}
	role := ""
	if errors.Is(err, account.ErrMayNotRead) && t.role != "" {
		// What cdk deploy does.
		role = b.caller.in(t.account, t.region).placeholders().Replace(t.role)
		client := sts.NewFromConfig(cfg)
		cfg.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(client, role, func(o *stscreds.AssumeRoleOptions) {
			o.RoleSessionName = "strata-doctor"
			if t.externalID != "" {
				o.ExternalID = &t.externalID
			}
		}))
		if _, refused := cfg.Credentials.Retrieve(ctx); refused != nil {
			b.refused(t, where, role, refused)
			return
		}
		version, err = account.BootstrapVersion(ctx, cfg, t.parameter)
	}
	number, notNumber := strconv.Atoi(version)
	because := strings.Join(t.because, ", ")
	switch {
	case errors.Is(err, account.ErrNotBootstrapped):
		problem := fmt.Sprintf("%s is not bootstrapped%s, for %s", where, t.withQualifier(), because)
		if others := qualifiers(ctx, cfg); len(others) > 0 {
			problem += "; it is bootstrapped with another qualifier: " + strings.Join(others, ", ")
		}
		b.report.problem(problem, "Run: "+t.bootstrapCommand(""))
		b.invalidPrincipals()
	case errors.Is(err, account.ErrMayNotRead):
		b.report.note(fmt.Sprintf("%s: cannot see the bootstrap version, these credentials may not read %s", where, t.parameter), "")
	case err != nil:
		b.report.problem(fmt.Sprintf("%s: %v", where, err), "Check the network and the region.")
	case notNumber != nil:
		b.report.problem(fmt.Sprintf("%s: the bootstrap version in %s is %q, no number", where, t.parameter, version), "Run: "+t.bootstrapCommand(""))
	case number < t.atLeast:
		b.report.problem(fmt.Sprintf("%s: bootstrap version %d%s is too old: %d is needed, for %s", where, number, t.withQualifier(), t.atLeast, because), "Run: "+t.bootstrapCommand(""))
	default:
		b.report.ok(fmt.Sprintf("%s: bootstrap version %d%s, for %s", where, number, t.withQualifier(), because))
	}
}

// refused reports that the role of a bootstrap stack cannot be assumed.
func (b *bootstraps) refused(t target, where, role string, err error) {
	if !account.IsDenied(err) {
		b.report.problem(fmt.Sprintf("%s: cannot assume %s: %v", where, role, account.ExplainCredentials(err)), "Check the network, the region and the credentials.")
		return
	}
	if t.account == b.caller.account {
		b.report.problem(fmt.Sprintf("%s: these credentials may neither read %s nor assume %s", where, t.parameter, role),
			"Allow sts:AssumeRole on that role, or, if it does not exist, run: "+t.bootstrapCommand(""))
		return
	}
	b.report.problem(fmt.Sprintf("%s: cannot assume %s: the account is not bootstrapped%s, does not trust account %s, or these credentials may not assume it",
		where, role, t.withQualifier(), b.caller.account),
		"With credentials of account "+t.account+", run: "+t.bootstrapCommand(b.caller.account))
	b.invalidPrincipals()
}

func (b *bootstraps) invalidPrincipals() {
	b.report.detail(`A policy that names roles of this environment fails to deploy with "` + InvalidPrincipals + `".`)
	b.report.detail("Bootstrap all target environments first, with the qualifier that the app has.")
}

func (t *target) withQualifier() string {
	if q := t.qualifier(); q != "" {
		return " with the qualifier " + q
	}
	return " (" + t.parameter + ")"
}

// bootstrapCommand makes or updates the bootstrap stack, with trust in an account if one is given.
func (t *target) bootstrapCommand(trust string) string {
	command := "cdk bootstrap aws://" + t.account + "/" + t.region
	if q := t.qualifier(); q != "" && q != DefaultQualifier {
		// Two qualifiers in one environment need two stacks.
		command += " --qualifier " + q + " --toolkit-stack-name CDKToolkit-" + q
	}
	if trust != "" {
		command += " --trust " + trust + " --cloudformation-execution-policies POLICY_ARN"
	}
	return command
}

// qualifiers lists those of the bootstrap stacks in an environment, as far as the credentials may see them.
func qualifiers(ctx context.Context, cfg aws.Config) []string {
	var found []string
	pages := ssm.NewGetParametersByPathPaginator(ssm.NewFromConfig(cfg), &ssm.GetParametersByPathInput{
		Path: aws.String("/cdk-bootstrap/"), Recursive: aws.Bool(true),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			break
		}
		for _, p := range page.Parameters {
			if m := parameterName.FindStringSubmatch(aws.ToString(p.Name)); m != nil {
				found = append(found, m[1])
			}
		}
	}
	slices.Sort(found)
	return found
}
