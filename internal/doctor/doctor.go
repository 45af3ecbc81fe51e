// Package doctor says what is missing for a deployment with the CDK: tools, credentials, bootstrap stacks, and principals that
// policies name. It changes nothing.
package doctor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/arn"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/account"
	"github.com/strata-cdk/strata/internal/whoami"
)

// Options say what is looked at.
type Options struct {
	// Envs are environments that must be bootstrapped, as ACCOUNT/REGION or aws://ACCOUNT/REGION.
	// Default: those of the stacks of App, or else the account and region of the credentials.
	Envs []string
	// Qualifier is that of the bootstrap stacks in Envs; the stacks of App name their own.
	// Default: DefaultQualifier.
	Qualifier string
	// App is the directory of a cloud assembly, which cdk synth writes.
	// Default: cdk.out, if there is one and Envs is empty.
	App string
	// AWS is the configuration to use.
	AWS account.Options
}

var (
	env           = regexp.MustCompile(`^(?:aws://)?([0-9]{12})/([a-z]{2,4}(?:-[a-z]+)+-[0-9]+)$`)
	qualifierName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,10}$`)
)

// Validate reports every problem of the options; the fields are named as the flags of strata doctor.
func (o *Options) Validate() error {
	c := check.For("flags")
	for _, e := range o.Envs {
		c.That(env.MatchString(e), "--env", "must be ACCOUNT/REGION such as 111122223333/us-east-1, got %q", e)
	}
	c.That(o.Qualifier == "" || qualifierName.MatchString(o.Qualifier), "--qualifier", "must be 1 to 10 letters, digits, - or _, got %q", o.Qualifier)
	if o.App != "" {
		_, err := os.Stat(filepath.Join(o.App, "manifest.json"))
		c.That(err == nil, "--app", "must be a directory that cdk synth wrote, such as cdk.out: there is no manifest.json in %q", o.App)
	}
	return c.Err()
}

// Run looks at everything and prints what it finds. It returns the number of problems. The error is that of a valid
// assembly which cannot be read, or of writing to w.
func Run(ctx context.Context, w io.Writer, o Options) (problems int, err error) {
	if o.Qualifier == "" {
		o.Qualifier = DefaultQualifier
	}
	if _, err := os.Stat(filepath.Join("cdk.out", "manifest.json")); err == nil && o.App == "" && len(o.Envs) == 0 {
		o.App = "cdk.out"
	}
	app := &assembly{}
	if o.App != "" {
		if app, err = readAssembly(o.App); err != nil {
			return 0, fmt.Errorf("cannot read the cloud assembly; run cdk synth again: %w", err)
		}
	}
	d := &report{w: w}
	d.section("Tools:")
	checkTools(ctx, d)
	d.section("Credentials:")
	cfg, who := checkCredentials(ctx, d, o.AWS)
	if who == nil {
		return d.problems, d.err
	}
	here := place{account: who.Account, region: cfg.Region, partition: "aws"}
	if a, err := arn.Parse(who.ARN); err == nil {
		here.partition = a.Partition
	}

	targets := app.targets
	for _, e := range o.Envs {
		m := env.FindStringSubmatch(e)
		targets = append(targets, newTarget(m[1], m[2], o.Qualifier, "--env"))
	}
	if o.App == "" && len(o.Envs) == 0 {
		targets = append(targets, newTarget(unknownAccount, unknownRegion, o.Qualifier, "the account and region of the credentials"))
	}
	var named []principal
	for _, t := range app.templates {
		named = append(named, t.principals(here.in(t.account, t.region).placeholders())...)
	}
	var verdicts []verdict
	for _, p := range named {
		v := judge(p)
		verdicts = append(verdicts, v)
		if v.target != nil {
			targets = append(targets, *v.target)
		}
	}
	for i := range targets {
		at := here.in(targets[i].account, targets[i].region)
		targets[i].account, targets[i].region = at.account, at.region
	}

	d.section("Bootstrap:")
	if len(targets) == 0 {
		d.ok("no stack needs a bootstrap stack")
	}
	b := bootstraps{cfg: cfg.Config, caller: here, report: d}
	for _, t := range merge(targets) {
		b.check(ctx, t)
	}
	if o.App != "" {
		d.section("Principals of policies:")
		checkPrincipals(d, named, verdicts)
	}
	return d.problems, d.err
}

func checkCredentials(ctx context.Context, d *report, o account.Options) (account.Config, *whoami.Report) {
	cfg, err := account.Load(ctx, o)
	if err == nil {
		var who *whoami.Report
		if who, err = whoami.Describe(ctx, cfg); err == nil {
			d.ok(who.ARN)
			for line := range strings.Lines(who.String()) {
				d.detail(strings.TrimSpace(line))
			}
			return cfg, who
		}
	}
	d.problem(err.Error(), "The rest is about AWS, and waits for credentials.")
	return cfg, nil
}

func checkPrincipals(d *report, named []principal, verdicts []verdict) {
	suspects, seen := 0, map[string]bool{}
	for i, p := range named {
		v := verdicts[i]
		line := fmt.Sprintf("%s: %q %s%s", p.at, p.value, v.problem, v.note)
		if (v.problem == "" && v.note == "") || seen[line] {
			continue
		}
		seen[line] = true
		suspects++
		if v.problem != "" {
			d.problem(line, v.fix)
		} else {
			d.note(line, "")
		}
	}
	if suspects == 0 {
		d.ok("none that CloudFormation could find missing, besides those of bootstrap stacks above")
		return
	}
	d.detail(`"` + InvalidPrincipals + `" is how a deployment fails when one of these does not exist:`)
	d.detail("KMS and IAM take no policy that names a user, role or account which is not there yet.")
}

// place is where a stack goes.
type place struct{ account, region, partition string }

// in is the place of a stack, with what its app leaves open taken from the credentials.
func (p place) in(accountID, region string) place {
	if accountID != unknownAccount {
		p.account = accountID
	}
	if region != unknownRegion {
		p.region = region
	}
	return p
}

func (p place) placeholders() *strings.Replacer {
	suffix := "amazonaws.com"
	if p.partition == "aws-cn" {
		suffix += ".cn"
	}
	return strings.NewReplacer("${AWS::AccountId}", p.account, "${AWS::Region}", p.region, "${AWS::Partition}", p.partition, "${AWS::URLSuffix}", suffix)
}

// report prints findings in the form of make doctor.
type report struct {
	w        io.Writer
	problems int
	err      error
}

func (r *report) line(s string) {
	if _, err := fmt.Fprintln(r.w, s); err != nil {
		r.err = errors.Join(r.err, err)
	}
}

func (r *report) section(title string) { r.line(title) }
func (r *report) ok(text string)       { r.line("  ok       " + text) }

func (r *report) problem(text, fix string) {
	r.problems++
	r.line("  PROBLEM  " + text)
	r.detail(fix)
}

func (r *report) note(text, hint string) {
	r.line("  note     " + text)
	r.detail(hint)
}

func (r *report) detail(text string) {
	if text != "" {
		r.line("           " + text)
	}
}
