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
	// resources are those of the guarded stack.
	resources []found
	// snapshots are problems with these.
	snapshots []string
}

// found is a resource of the guarded stack.
type found struct {
	awscdk.CfnResource
	path, resourceType string
	stateful           bool
}

// within tells whether a resource is at or below a construct.
func (r found) within(path string) bool {
	return r.path == path || strings.HasPrefix(r.path, path+"/")
}

// inspector is an aspect that collects the resources of the guarded stack and gives them their DeletionPolicy and UpdateReplacePolicy. It
// is called for each construct, as jsii cannot take more than some 3000 calls from one callback: a walk over the stack would
// be too much.
type inspector struct{ guard *Guard }

// Visit looks at a construct.
func (a *inspector) Visit(node constructs.IConstruct) {
	r, ok := node.(awscdk.CfnResource)
	g := a.guard
	if !ok || *r.Stack().Node().Path() != g.path {
		return
	}
	f := found{CfnResource: r, path: *r.Node().Path(), resourceType: *r.CfnResourceType(), stateful: isStateful(r)}
	g.found.resources = append(g.found.resources, f)
	options := r.CfnOptions()
	if f.stateful {
		onDelete, onReplace := g.policies(f, options)
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
func (g *Guard) policies(r found, options awscdk.ICfnResourceOptions) (onDelete, onReplace awscdk.CfnDeletionPolicy) {
	if i := g.named(r); i >= 0 {
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
	onDelete, onReplace = options.DeletionPolicy(), options.UpdateReplacePolicy()
	switch {
	case r.within(*g.Node().Path()):
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

// named is the index of the innermost construct of Retention that a resource is in; -1 without one.
func (g *Guard) named(r found) int {
	innermost, longest := -1, -1
	for i, named := range g.props.Retention {
		if path := *named.Construct.Node().Path(); len(path) > longest && r.within(path) {
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
		used[g.named(r)] = true
		options := r.CfnOptions()
		wantDelete, wantReplace := g.policies(r, options)
		if options.DeletionPolicy() != wantDelete || options.UpdateReplacePolicy() != wantReplace {
			problems = append(problems, r.path+": the retention was changed after the guard set it: use Retention")
		}
	}
	for i, named := range g.props.Retention {
		if !used[i] {
			problems = append(problems, fmt.Sprintf("%s: %s has no resource that holds data, apart from what others name", check.Index("Retention", i), *named.Construct.Node().Path()))
		}
	}
	return problems
}
