package policycommand

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/account"
	"github.com/strata-cdk/strata/internal/stackpolicy"
)

// Apply says which policy a stack gets. The fields are named as the flags.
type Apply struct {
	// Stack gets the policy.
	Stack string
	// App is a cloud assembly with a template of Stack that has a policy.
	// Default: DefaultApp; with Allow, the policy in force is the one that is changed.
	App string
	// Policy is a file with a policy, or with a template that has one.
	Policy string
	// Allow are logical ids with which updates may do everything.
	Allow []string
	// AllowAll takes a policy that allows everything.
	AllowAll bool
	// AWS is the configuration to use.
	AWS account.Options
}

// Validate reports every problem.
func (o *Apply) Validate() error {
	c := check.For("flags")
	c.That(stackName.MatchString(o.Stack), "STACK", wantStackName, o.Stack)
	c.That(o.App == "" || o.Policy == "", "", "must have at most one of --app and --policy")
	for _, given := range []string{o.App, o.Policy, strings.Join(o.Allow, "")} {
		c.That(given == "" || !o.AllowAll, "--allow-all", "must be without --app, --policy and --allow")
	}
	for _, allowed := range o.Allow {
		c.That(id.MatchString(allowed), "--allow", "must be a logical id, of letters and digits, got %q", allowed)
	}
	return c.Err()
}

// Run sets the policy and says so.
func (o *Apply) Run(ctx context.Context, w io.Writer) error {
	policy, err := o.given()
	if err != nil {
		return err
	}
	live, err := connect(ctx, o.AWS, o.Stack)
	if err != nil {
		return err
	}
	if policy == nil {
		if policy, err = live.policy(ctx); err != nil {
			return err
		}
		if policy == nil {
			_, err := fmt.Fprintf(w, "The stack %s has no policy: everything is allowed already.\n", o.Stack)
			return err
		}
	}
	if policy, err = policy.Loosen(o.Allow...); err != nil {
		return err
	}
	if err := o.fits(ctx, live, policy); err != nil {
		return err
	}
	if err := live.setPolicy(ctx, policy); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "The policy of the stack %s is set: %d statements, %d bytes.\n", o.Stack, len(policy.Statement), len(policy.JSON()))
	return err
}

// given is the policy that the flags name; nil for the one in force.
func (o *Apply) given() (*stackpolicy.Policy, error) {
	switch {
	case o.AllowAll:
		return stackpolicy.AllowAll(), nil
	case o.Policy != "":
		return readFile(o.Policy, policyFile)
	case o.App == "" && len(o.Allow) > 0:
		return nil, nil
	}
	app := o.App
	if app == "" {
		app = DefaultApp
	}
	path, err := templateOf(app, o.Stack)
	if err != nil {
		return nil, err
	}
	return readFile(path, guardPolicy)
}

// fits reports what CloudFormation would refuse, every problem at once.
func (o *Apply) fits(ctx context.Context, live *stack, policy *stackpolicy.Policy) error {
	var problems []string
	if size := len(policy.JSON()); size > stackpolicy.MaxBytes {
		problems = append(problems, fmt.Sprintf("has %d bytes, CloudFormation takes %d at most", size, stackpolicy.MaxBytes))
	}
	named := append(policy.LogicalIDs(), o.Allow...)
	if len(named) > 0 {
		there, err := live.resources(ctx)
		if err != nil {
			return err
		}
		for _, name := range named {
			if !there[name] {
				there[name] = true // once is enough
				problems = append(problems, "names "+name+", which the stack does not have")
			}
		}
	}
	if len(problems) > 0 {
		return errors.New("the policy cannot be set:\n  - " + strings.Join(problems, "\n  - "))
	}
	return nil
}

// Show says whose policy is shown.
type Show struct {
	Stack string
	// AWS is the configuration to use.
	AWS account.Options
}

// Validate reports every problem.
func (o *Show) Validate() error {
	c := check.For("flags")
	c.That(stackName.MatchString(o.Stack), "STACK", wantStackName, o.Stack)
	return c.Err()
}

// Run prints the policy in force in JSON; a stack without one gives a sentence on notes.
func (o *Show) Run(ctx context.Context, w, notes io.Writer) error {
	live, err := connect(ctx, o.AWS, o.Stack)
	if err != nil {
		return err
	}
	policy, err := live.policy(ctx)
	if err != nil {
		return err
	}
	if policy == nil {
		_, err := fmt.Fprintf(notes, "The stack %s has no policy: every update is allowed.\n", o.Stack)
		return err
	}
	var text bytes.Buffer
	if err := json.Indent(&text, []byte(policy.JSON()), "", "  "); err != nil {
		return err
	}
	_, err = fmt.Fprintln(w, text.String())
	return err
}
