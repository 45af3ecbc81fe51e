package stackguard

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/strata-cdk/strata/check"
)

// inventory is what the inspector saw.
type inventory struct {
	// begun tells that the stack is being synthesised.
	begun bool
	// resources are those of the guarded stack.
	resources []found
	// snapshots are problems with these.
	snapshots []string
}

// found is a resource of the guarded stack.
type found struct {
	options            awscdk.ICfnResourceOptions
	path, resourceType string
	stateful           bool
	// logicalID is that of a resource which may be named in the policy; empty when it will not be in the template.
	logicalID string
}

// paths are those of the constructs that the guard knows.
type paths struct {
	stack, self            string
	replaceable, retention []string
	deny                   [][]string
}

func newPaths(g *Guard) paths {
	of := func(c constructs.IConstruct) string { return *c.Node().Path() }
	p := paths{stack: of(g.stack), self: of(g)}
	for _, c := range g.props.Replaceable {
		p.replaceable = append(p.replaceable, of(c))
	}
	for _, r := range g.props.Retention {
		p.retention = append(p.retention, of(r.Construct))
	}
	for _, rule := range g.props.Deny {
		var list []string
		for _, c := range rule.Constructs {
			list = append(list, of(c))
		}
		p.deny = append(p.deny, list)
	}
	return p
}

// inPolicy tells whether the policy may name a resource.
func (p *paths) inPolicy(r found) bool {
	return r.within(p.self) || slices.ContainsFunc(slices.Concat(append(p.deny, p.replaceable)...), r.within)
}

// within tells whether a resource is at or below a construct.
func (r found) within(path string) bool {
	return r.path == path || strings.HasPrefix(r.path, path+"/")
}

// inspector is an aspect that collects the resources of the guarded stack and gives them their DeletionPolicy and UpdateReplacePolicy. It
// is called for each construct, and asks each what is needed later: jsii nests the calls that one callback makes, and a walk over a
// stack is more than the stack of its process holds.
type inspector struct{ guard *Guard }

// Visit looks at a construct.
func (a *inspector) Visit(node constructs.IConstruct) {
	g := a.guard
	r, ok := node.(awscdk.CfnResource)
	g.found.begun = true
	if !ok || *r.Stack().Node().Path() != g.named.stack {
		return
	}
	options := r.CfnOptions()
	f := found{options: options, path: *r.Node().Path(), resourceType: *r.CfnResourceType(), stateful: isStateful(r)}
	if g.named.inPolicy(f) && *r.ShouldSynthesize() {
		f.logicalID = r.Stack().Resolve(r.LogicalId()).(string)
	}
	g.found.resources = append(g.found.resources, f)
	if f.stateful {
		onDelete, onReplace := g.policies(f)
		options.SetDeletionPolicy(onDelete)
		options.SetUpdateReplacePolicy(onReplace)
	}
	if !stateful[f.resourceType] && (options.DeletionPolicy() == snapshot || options.UpdateReplacePolicy() == snapshot) {
		g.found.snapshots = append(g.found.snapshots, fmt.Sprintf("%s: %s has no snapshots: CloudFormation would delete it without one", f.path, f.resourceType))
	}
}

const (
	retain   = awscdk.CfnDeletionPolicy_RETAIN
	except   = awscdk.CfnDeletionPolicy_RETAIN_EXCEPT_ON_CREATE
	snapshot = awscdk.CfnDeletionPolicy_SNAPSHOT
	destroy  = awscdk.CfnDeletionPolicy_DELETE
)

// policies are those that a resource which holds data must have. What keeps it already stays.
func (g *Guard) policies(r found) (onDelete, onReplace awscdk.CfnDeletionPolicy) {
	if i := g.named.retains(r); i >= 0 {
		switch g.props.Retention[i].Policy {
		case awscdk.RemovalPolicy_DESTROY:
			return destroy, destroy
		case awscdk.RemovalPolicy_SNAPSHOT:
			return snapshot, snapshot // an error for other types
		case awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE:
			return except, retain
		default:
			return retain, retain
		}
	}
	onDelete, onReplace = r.options.DeletionPolicy(), r.options.UpdateReplacePolicy()
	switch {
	case r.within(g.named.self):
		return onDelete, onReplace
	case g.props.Stage == Ephemeral:
		return destroy, destroy
	}
	keep := retain
	if stateful[r.resourceType] {
		keep = snapshot
	}
	if onDelete == "" || onDelete == destroy {
		onDelete = keep
	}
	if onReplace == "" || onReplace == destroy {
		onReplace = retain
		if onDelete == snapshot {
			onReplace = keep
		}
	}
	return onDelete, onReplace
}

// retains is the index of the innermost construct of Retention that a resource is in; -1 without one.
func (p *paths) retains(r found) int {
	innermost, longest := -1, -1
	for i, path := range p.retention {
		if len(path) > longest && r.within(path) {
			innermost, longest = i, len(path)
		}
	}
	return innermost
}

// retentionProblems says which resources have no retention, or one that does nothing.
func (g *Guard) retentionProblems() []string {
	problems := slices.Clone(g.found.snapshots)
	used := map[int]bool{}
	for _, r := range g.found.resources {
		if !r.stateful {
			continue
		}
		used[g.named.retains(r)] = true
		wantDelete, wantReplace := g.policies(r)
		if r.options.DeletionPolicy() != wantDelete || r.options.UpdateReplacePolicy() != wantReplace {
			problems = append(problems, r.path+": the retention was changed after the guard set it: use Retention")
		}
	}
	for i, path := range g.named.retention {
		if !used[i] {
			problems = append(problems, fmt.Sprintf("%s: %s has no resource that holds data, apart from what others name", check.Index("Retention", i), path))
		}
	}
	return problems
}
