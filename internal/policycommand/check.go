package policycommand

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/account"
	"github.com/strata-cdk/strata/internal/stackchange"
	"github.com/strata-cdk/strata/internal/stackpolicy"
)

// Check says which policy is held against which update. The fields are named as the flags.
type Check struct {
	// Stack is asked for its policy, and for its template or change set.
	Stack string
	// App is a cloud assembly with the new template of Stack.
	// Default: DefaultApp.
	App string
	// Policy is a file with a policy, or with a template that has one.
	// Default: the policy in force of Stack; without one, that in Old.
	Policy string
	// ChangeSet is one of Stack; ChangeSetFile is a file with the description of one.
	ChangeSet, ChangeSetFile string
	// Old and New are files with templates.
	Old, New string
	// JSON prints JSON.
	JSON bool
	// AWS is the configuration to use.
	AWS account.Options
}

// Validate reports every problem.
func (o *Check) Validate() error {
	c := check.For("flags")
	c.That(o.Stack == "" || stackName.MatchString(o.Stack), "STACK", wantStackName, o.Stack)
	updates := 0
	for _, given := range []bool{o.ChangeSet != "", o.ChangeSetFile != "", o.Old != "" || o.New != ""} {
		if given {
			updates++
		}
	}
	c.That(updates <= 1, "", "must have at most one of --change-set, --change-set-file, and --old with --new")
	c.That(updates == 0 || o.App == "", "--app", "must not be given beside --change-set, --change-set-file, --old and --new")
	c.That((o.Old == "") == (o.New == ""), "", "must have both --old and --new, or neither")
	c.That(o.Stack != "" || updates > 0, "STACK", "must be given, unless --change-set-file, or --old and --new are")
	c.That(o.Stack != "" || o.ChangeSet == "", "STACK", "must be given with --change-set")
	c.That(o.Stack != "" || o.ChangeSetFile == "" || o.Policy != "", "--policy", "must be given with --change-set-file and without STACK")
	return c.Err()
}

// Report is what Check finds.
type Report struct {
	// Policy says where the policy is from.
	Policy string `json:"policy"`
	// Update says where the changes are from.
	Update string `json:"update"`
	// Changes is the number of resources that the update changes or may change, those that it adds not counted.
	Changes int `json:"changes"`
	// Denied is what the policy denies.
	Denied []stackchange.Finding `json:"denied"`
	// Notes say what the report does not know.
	Notes []string `json:"notes"`
}

// Run checks, and prints a report.
func (o *Check) Run(ctx context.Context, w io.Writer) (*Report, error) {
	var live *stack
	if o.Stack != "" {
		var err error
		if live, err = connect(ctx, o.AWS, o.Stack); err != nil {
			return nil, err
		}
	}
	r := &Report{Notes: []string{}}
	policy, err := o.policy(ctx, live, r)
	if err != nil {
		return nil, err
	}
	changes, err := o.changes(ctx, live, r)
	if err != nil {
		return nil, err
	}
	r.Changes, r.Denied = len(changes), stackchange.Denied(policy, changes)
	if o.JSON {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return r, e.Encode(r)
	}
	return r, r.print(w)
}

func (o *Check) policy(ctx context.Context, live *stack, r *Report) (*stackpolicy.Policy, error) {
	switch {
	case o.Policy != "":
		r.Policy = o.Policy
		return readFile(o.Policy, policyFile)
	case live == nil:
		r.Policy = o.Old
		return readFile(o.Old, guardPolicy)
	}
	r.Policy = "in force of the stack " + o.Stack
	policy, err := live.policy(ctx)
	if err == nil && policy == nil {
		r.Notes = append(r.Notes, "the stack has no policy: every update is allowed")
	}
	return policy, err
}

func (o *Check) changes(ctx context.Context, live *stack, r *Report) ([]stackchange.Change, error) {
	switch {
	case o.ChangeSetFile != "":
		r.Update = o.ChangeSetFile
		set, err := readFile(o.ChangeSetFile, stackchange.ReadChangeSet)
		if err != nil {
			return nil, err
		}
		return stackchange.FromChangeSet(set)
	case o.ChangeSet != "":
		r.Update = "change set " + o.ChangeSet
		set, err := live.changeSet(ctx, o.ChangeSet)
		if err != nil {
			return nil, err
		}
		return stackchange.FromChangeSet(set)
	}
	var before *stackchange.Template
	var err error
	next := o.New
	if o.Old != "" {
		r.Update = o.Old + " to " + o.New
		before, err = readFile(o.Old, stackchange.ReadTemplate)
	} else {
		app := o.App
		if app == "" {
			app = DefaultApp
		}
		if next, err = templateOf(app, o.Stack); err != nil {
			return nil, err
		}
		r.Update = "deployed template to " + next
		before, err = live.template(ctx)
	}
	if err != nil {
		return nil, err
	}
	after, err := readFile(next, stackchange.ReadTemplate)
	if err != nil {
		return nil, err
	}
	changes := stackchange.FromTemplates(before, after)
	r.Notes = append(r.Notes, unknown(before, after, changes)...)
	return changes, nil
}

// unknown says what two templates do not tell of an update.
func unknown(before, after *stackchange.Template, changes []stackchange.Change) []string {
	var types, notes []string
	for _, c := range changes {
		if slices.Contains(c.Actions, stackpolicy.Modify) && !stackchange.Known(c.Type) {
			types = append(types, c.Type)
		}
	}
	slices.Sort(types)
	if types = slices.Compact(types); len(types) > 0 {
		notes = append(notes, "which changes replace is not known of "+strings.Join(types, ", ")+": each may")
	}
	if before.Transforms() || after.Transforms() {
		notes = append(notes, "what the macros (Transform) make of the template is not known: check a change set")
	}
	return notes
}

// Err says how many changes are denied; nil without one.
func (r *Report) Err() error {
	certain := 0
	for _, f := range r.Denied {
		if f.Certain {
			certain++
		}
	}
	switch maybe := len(r.Denied) - certain; {
	case certain > 0 && maybe > 0:
		return fmt.Errorf("the stack policy denies %d of the changes and may deny %d, see above", certain, maybe)
	case certain > 0:
		return fmt.Errorf("the stack policy denies %d of the changes, see above", certain)
	case maybe > 0:
		return fmt.Errorf("the stack policy may deny %d of the changes, see above", maybe)
	}
	return nil
}

func (r *Report) print(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "Policy:\t%s\nUpdate:\t%s\nChanges:\t%d, of which the policy denies %d\n", r.Policy, r.Update, r.Changes, len(r.Denied))
	for _, n := range r.Notes {
		fmt.Fprintf(t, "Note:\t%s\n", n)
	}
	if err := t.Flush(); err != nil || len(r.Denied) == 0 {
		return err
	}
	fmt.Fprintln(t, "\nDENIED\tACTION\tRESOURCE\tTYPE\tBY\tBECAUSE OF")
	for _, f := range r.Denied {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", map[bool]string{true: "yes", false: "maybe"}[f.Certain], f.Action, f.LogicalID, f.Type, f.Reason, strings.Join(f.Because, "; "))
	}
	return t.Flush()
}
