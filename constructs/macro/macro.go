// Package macro defines macros of CloudFormation whose handlers are written in Go, with package cfnmacro: functions that change
// templates before stacks are made of them.
//
//	change set -> template with Transform -> macro -> function: fragment in, fragment out
//	                                              -> template that is deployed
//
// The function has one role, which may do nothing but write its logs and traces. A macro serves stacks of its own account and
// region, and never the stack that defines it. CloudFormation calls it as whoever makes the change set. So these need
// GrantInvoke, and CAPABILITY_AUTO_EXPAND: they agree to what the macro makes of the template, unseen. "cdk deploy" agrees
// always.
//
// It costs 1 USD a month for the key, unless one is given, and what the calls cost: next to nothing.
//
// See https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-macros.html
package macro

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/encrypted"
	"github.com/strata-cdk/strata/internal/gofunction"
)

// Macro changes templates of other stacks.
// The fields are the underlying constructs, for grants and overrides.
type Macro struct {
	constructs.Construct
	// Macro is the resource.
	Macro awscdk.CfnMacro
	// Function runs the handler. Grant it what the handler needs.
	Function awslambda.Function
	// Key encrypts logs and variables.
	Key awskms.IKey
	// Logs are the function's logs, and what CloudFormation has to say of calls that failed.
	Logs awslogs.LogGroup

	name string
}

// NewMacro defines a Macro named id in scope. Its function is built first, unless the CDK needs no code, as for "cdk list".
// It panics with a *check.Error that lists every invalid field of props, or what the compiler says.
func NewMacro(scope constructs.Construct, id string, props *Props) *Macro {
	path := scope.Node().Path()
	check.Must(path, id, props.Validate())
	d := props.withDefaults()
	function := d.function()
	dir, remove, err := function.Build(scope, "macro.Props")
	defer remove()
	check.Must(path, id, err)

	m := &Macro{Key: d.Key, name: d.Name}
	constructs.NewConstruct_Override(m, scope, &id)
	if m.Key == nil {
		m.Key = encrypted.NewKey(m, "Macro "+d.Name, d.RemovalPolicy)
	}
	encrypted.AllowLogs(m, m.Key)
	m.Logs = encrypted.NewLogGroup(m, "Logs", "", m.Key, d.LogRetentionDays, d.RemovalPolicy)
	m.Function = function.New(m, dir, gofunction.NewRole(m, m.Logs), m.Key, m.Logs, d.ConfigureFunction)
	role := awsiam.NewRole(m, jsii.String("LogRole"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("cloudformation.amazonaws.com"), nil),
	})
	m.Logs.GrantWrite(role)
	m.Macro = awscdk.NewCfnMacro(m, jsii.String("Resource"), &awscdk.CfnMacroProps{
		Name: &d.Name, Description: cdkval.Text(d.Description), FunctionName: m.Function.FunctionArn(),
		LogGroupName: m.Logs.LogGroupName(), LogRoleArn: role.RoleArn(),
	})
	m.Macro.Node().AddDependency(role)
	return m
}

// TransformStack has the macro process the whole template of a stack, after those that were asked for before. It panics when the
// macro cannot serve the stack.
func (m *Macro) TransformStack(stack awscdk.Stack) {
	m.serve(stack)
	stack.AddTransform(&m.name)
}

// TransformProperties has the macro process the properties of a resource, with parameters for the macro. It panics when the macro
// cannot serve the resource's stack.
func (m *Macro) TransformProperties(resource awscdk.CfnResource, params map[string]any) {
	m.serve(awscdk.Stack_Of(resource))
	resource.AddPropertyOverride(jsii.String("Fn::Transform"), m.call(params))
	// The CDK takes an override of nothing but an intrinsic function for the whole value, and would drop the properties beside it.
	// With a second one, which deletes what is not there, it leaves them alone.
	resource.AddPropertyDeletionOverride(jsii.String("StrataNoProperty"))
}

// Value is what the macro returns for parameters, as a value in the template of scope's stack. It panics when the macro cannot
// serve that stack.
func (m *Macro) Value(scope constructs.Construct, params map[string]any) awscdk.IResolvable {
	m.serve(awscdk.Stack_Of(scope))
	return awscdk.Token_AsAny(map[string]any{"Fn::Transform": m.call(params)})
}

func (m *Macro) call(params map[string]any) map[string]any {
	call := map[string]any{"Name": m.name}
	if len(params) > 0 {
		call["Parameters"] = params
	}
	return call
}

// serve has a stack deployed after the macro's, as its template cannot be processed before.
func (m *Macro) serve(stack awscdk.Stack) {
	own := awscdk.Stack_Of(m)
	c := check.For("stack for the macro " + m.name)
	c.That(*stack.Node().Path() != *own.Node().Path(), "", "must be another stack than the macro's: a macro must be there before a template is processed")
	c.That(sameOrUnknown(stack.Account(), own.Account()) && sameOrUnknown(stack.Region(), own.Region()), "",
		"must be in the account and region of the macro, %s in %s", *own.Account(), *own.Region())
	check.Must(nil, *stack.Node().Path(), c.Err())
	stack.AddStackDependency(own, jsii.String("its template is processed by the macro "+m.name))
}

func sameOrUnknown(a, b *string) bool {
	return *a == *b || *awscdk.Token_IsUnresolved(a) || *awscdk.Token_IsUnresolved(b)
}

// GrantInvoke lets grantee make change sets whose templates the macro processes.
func (m *Macro) GrantInvoke(grantee awsiam.IGrantable) awsiam.Grant {
	return m.Function.GrantInvoke(grantee)
}
