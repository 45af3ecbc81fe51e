package monitoring

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// tree is the resources that were found in the watched scopes.
type tree struct {
	// seen are the constructs that were there.
	seen map[constructs.IConstruct]bool
	// resources are in the order of their paths.
	resources []*resource
	byKind    map[string][]*resource
	// stacks are the stacks of resources, by path.
	stacks map[string]*stackInfo
}

// stackInfo is what matters of a stack.
type stackInfo struct {
	construct                          awscdk.Stack
	path, name, account, region, stage string
}

// resource is a resource of CloudFormation that was found.
type resource struct {
	tree      *tree
	construct awscdk.CfnResource
	kind      string
	// path in the app, and watch, the index of the scope that it was found in.
	path  string
	watch int
	stack *stackInfo
	// elsewhere tells that the stack is another one than the monitor's, and not nested in it.
	elsewhere bool
	// logicalID is resolved.
	logicalID string
	// raw are the properties, with tokens; resolved are those without, with Ref and Fn::GetAtt in their place.
	raw, resolved map[string]any
}

// walk finds the resources below scopes, but those below excluded ones, for a monitor in the stack home.
func walk(scopes, excluded []constructs.IConstruct, home *stackInfo) *tree {
	t := &tree{seen: map[constructs.IConstruct]bool{}, byKind: map[string][]*resource{}, stacks: map[string]*stackInfo{}}
	out := map[constructs.IConstruct]bool{}
	for _, scope := range excluded {
		for _, c := range *scope.Node().FindAll("") {
			out[c] = true
		}
	}
	for i, scope := range scopes {
		for _, c := range *scope.Node().FindAll("") {
			if t.seen[c] {
				continue
			}
			t.seen[c] = true
			if l1 := cfnResource(c); l1 != nil && !out[c] {
				t.add(&resource{tree: t, construct: l1, kind: *l1.CfnResourceType(), path: *l1.Node().Path(), watch: i}, home)
			}
		}
	}
	slices.SortFunc(t.resources, func(a, b *resource) int { return cmp.Compare(a.path, b.path) })
	for _, r := range t.resources {
		t.byKind[r.kind] = append(t.byKind[r.kind], r)
	}
	return t
}

// cfnResource gives c as a resource, or nil. An L1 of a package that is not part of the program is of no Go type that tells.
func cfnResource(c constructs.IConstruct) awscdk.CfnResource {
	if l1, ok := c.(awscdk.CfnResource); ok {
		return l1
	}
	if !*awscdk.CfnResource_IsCfnResource(c) {
		return nil
	}
	var l1 awscdk.CfnResource
	jsii.UnsafeCast(c, &l1)
	return l1
}

func (t *tree) add(r *resource, home *stackInfo) {
	stack := r.construct.Stack()
	path := *stack.Node().Path()
	if t.stacks[path] == nil {
		t.stacks[path] = infoOf(stack)
	}
	r.stack = t.stacks[path]
	r.elsewhere = !below(path, home.path)
	r.logicalID, _ = stack.Resolve(r.construct.LogicalId()).(string)
	t.resources = append(t.resources, r)
}

func infoOf(stack awscdk.Stack) *stackInfo {
	return &stackInfo{
		construct: stack, path: *stack.Node().Path(), name: *stack.StackName(), account: *stack.Account(), region: *stack.Region(),
		stage: *awscdk.Stage_Of(stack).Node().Path(),
	}
}

// of gives the resources of a type.
func (t *tree) of(kind string) []*resource {
	if t == nil {
		return nil
	}
	return t.byKind[kind]
}

// find gives the resource that a reference in a template of stack is about. Logical ids are those of the stack itself, else
// of another one if only one has it: a reference that crosses stacks does not say which.
func (t *tree) find(stack *stackInfo, logicalID string) *resource {
	var elsewhere []*resource
	for _, r := range t.resources {
		if r.logicalID == logicalID {
			if r.stack == stack {
				return r
			}
			elsewhere = append(elsewhere, r)
		}
	}
	if len(elsewhere) == 1 {
		return elsewhere[0]
	}
	return nil
}

func (r *resource) load() {
	if r.resolved != nil {
		return
	}
	r.resolved = map[string]any{}
	if p := r.construct.CfnProperties(); p != nil {
		r.raw = *p
		if resolved, ok := r.stack.construct.Resolve(p).(map[string]any); ok {
			r.resolved = resolved
		}
	}
}

// dig follows names through maps. The case of letters does not matter: L1s have names as in TypeScript, and resources that are
// given by their type those of CloudFormation. It gives nil where there is nothing.
func dig(v any, path ...string) any {
	for _, name := range path {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = nil
		for key, value := range m {
			if strings.EqualFold(key, name) {
				v = value
			}
		}
	}
	return v
}

func (r *resource) property(path ...string) any {
	r.load()
	return dig(r.resolved, path...)
}

// has tells whether a property is set.
func (r *resource) has(path ...string) bool { return r.property(path...) != nil }

// text gives a property that is known at synth.
func (r *resource) text(path ...string) (string, bool) {
	s, ok := r.property(path...).(string)
	return s, ok
}

// number gives a property that is known at synth.
func (r *resource) number(path ...string) (float64, bool) {
	n, ok := r.property(path...).(float64)
	return n, ok
}

// numberOr gives a property, or what AWS takes without one. It is not known when the property is one that is known only at
// deployment.
func (r *resource) numberOr(otherwise float64, path ...string) (float64, bool) {
	if !r.has(path...) {
		return otherwise, true
	}
	return r.number(path...)
}

// list gives a property that is a list.
func (r *resource) list(path ...string) []any {
	l, _ := r.property(path...).([]any)
	return l
}

// rawText gives a property that may have tokens, for templates; it is empty when the property is not set.
func (r *resource) rawText(path ...string) string {
	resolved := r.property(path...)
	if to := r.referent(resolved); to != nil {
		if att, ok := dig(resolved, "Fn::GetAtt").([]any); ok && len(att) == 2 {
			return to.attribute(att[1].(string))
		}
		return to.ref()
	}
	switch raw := dig(r.raw, path...).(type) {
	case string:
		if resolved == nil {
			return ""
		}
		return raw
	case nil:
		text, _ := resolved.(string)
		return text
	default:
		return *awscdk.Token_AsString(raw, nil)
	}
}

func (r *resource) ref() string { return r.reference(r.construct.Ref()) }

func (r *resource) attribute(name string) string {
	return r.reference(awscdk.Token_AsString(r.construct.GetAtt(&name, ""), nil))
}

// reference makes a reference to the resource weak when it leads to another stack: watched stacks stay free to change what the
// monitor looks at, as there are no exports.
func (r *resource) reference(token *string) string {
	if r.elsewhere {
		token = awscdk.Stack_ConsumeReference(token, awscdk.ReferenceStrength_WEAK)
	}
	return *token
}

// target gives the resource that a property refers to, or nil.
func (r *resource) target(path ...string) *resource { return r.referent(r.property(path...)) }

// referent gives the resource that a value of r's template refers to by Ref or Fn::GetAtt, or nil.
func (r *resource) referent(v any) *resource {
	m, ok := v.(map[string]any)
	if !ok || r.tree == nil {
		return nil
	}
	if id, ok := m["Ref"].(string); ok {
		return r.tree.find(r.stack, id)
	}
	if att, ok := m["Fn::GetAtt"].([]any); ok && len(att) > 0 {
		if id, ok := att[0].(string); ok {
			return r.tree.find(r.stack, id)
		}
	}
	return nil
}

// identity gives a value with tokens as text that is the same for what is the same: as the JSON of a template, but for the names of
// load balancers, which the CDK takes from the ARN of a listener.
func (r *resource) identity(v any) string {
	resolved := r.stack.construct.Resolve(v)
	if balancer := r.balancerIn(resolved); balancer != nil {
		return balancer.path
	}
	text, err := json.Marshal(resolved)
	if err != nil {
		panic(err) // it came as JSON
	}
	return string(text)
}
