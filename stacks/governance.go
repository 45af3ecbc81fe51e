package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsaccessanalyzer"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/constructs/macro"
	"github.com/strata-cdk/strata/constructs/mfaguard"
	"github.com/strata-cdk/strata/constructs/stackset"
	"github.com/strata-cdk/strata/internal/nag"
)

// GovernanceStackProps configures a GovernanceStack.
type GovernanceStackProps struct {
	awscdk.StackProps
	// Stage is what the account is for.
	Stage Stage
	// Architecture is what the function of the macro runs on, "arm64" or "x86_64".
	// Default: "arm64".
	Architecture string
}

// GovernanceStack is what an account has beside its workloads: a group whose users can do nothing without MFA, an analyzer of
// access from outside in two regions, and the macro StrataCopies.
type GovernanceStack struct {
	awscdk.Stack
	// Operators is a group of IAM users.
	Operators awsiam.Group
	// MFA denies Operators everything without MFA.
	MFA *mfaguard.Guard
	// Analyzers is a stack set with an analyzer of IAM Access Analyzer in each region.
	Analyzers *stackset.StackSet
	// Copies is the macro.
	Copies *macro.Macro
}

// analyzedRegions are where the account is used.
var analyzedRegions = []string{"us-east-1", "us-west-2"}

// NewGovernanceStack defines a GovernanceStack named id in scope. It panics with a *check.Error when props are invalid.
func NewGovernanceStack(scope constructs.Construct, id string, props *GovernanceStackProps) *GovernanceStack {
	check.Must(scope.Node().Path(), id, props.Validate())
	s := &GovernanceStack{}
	awscdk.NewStack_Override(s, scope, &id, &props.StackProps)
	s.Operators = awsiam.NewGroup(s, jsii.String("Operators"), nil)
	s.MFA = mfaguard.NewGuard(s, "MFA", &mfaguard.GuardProps{Groups: []awsiam.IGroup{s.Operators}, AllowEnrolment: true})
	s.addAnalyzers(props)
	s.Copies = macro.NewMacro(s, "Copies", &macro.Props{
		Name: "StrataCopies", GoPackage: "./functions/copies", Architecture: props.Architecture, RemovalPolicy: props.Stage.removal(),
		Description: `Makes so many of a resource as its "Copies" says`,
	})
	return s
}

// Group is the group whose users need MFA.
func (s *GovernanceStack) Group() awsiam.Group { return s.Operators }

// Validate reports every invalid field at once.
func (p *GovernanceStackProps) Validate() error {
	c := check.For("stacks.GovernanceStackProps")
	if p == nil {
		p = &GovernanceStackProps{}
	}
	p.Stage.validate(c)
	return c.Err()
}

// addAnalyzers defines the stack set with the two roles that it needs, which may do no more.
func (s *GovernanceStack) addAnalyzers(props *GovernanceStackProps) {
	scope := constructs.NewConstruct(s, jsii.String("Analyzers"))
	admin := awsiam.NewRole(scope, jsii.String("AdministrationRole"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("cloudformation.amazonaws.com"), nil),
	})
	name := awscdk.Names_UniqueResourceName(scope, &awscdk.UniqueResourceNameOptions{MaxLength: jsii.Number(64), Separator: jsii.String("-")})
	execution := awsiam.NewRole(scope, jsii.String("ExecutionRole"), &awsiam.RoleProps{
		RoleName: name, AssumedBy: awsiam.NewArnPrincipal(admin.RoleArn()),
	})
	execution.GrantAssumeRole(admin)
	execution.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("cloudformation:*", "access-analyzer:CreateAnalyzer", "access-analyzer:DeleteAnalyzer", "access-analyzer:GetAnalyzer",
			"access-analyzer:UpdateAnalyzer", "access-analyzer:TagResource", "access-analyzer:UntagResource", "access-analyzer:ListTagsForResource",
			"s3:GetObject"),
		Resources: &[]*string{
			s.FormatArn(&awscdk.ArnComponents{Service: jsii.String("cloudformation"), Region: jsii.String("*"), Resource: jsii.String("stack"), ResourceName: jsii.String("StackSet-*")}),
			s.FormatArn(&awscdk.ArnComponents{Service: jsii.String("access-analyzer"), Region: jsii.String("*"), Resource: jsii.String("analyzer"), ResourceName: jsii.String("*")}),
		},
	}))
	nag.Suppress(execution.Node().FindChild(jsii.String("DefaultPolicy")), "AwsSolutions-IAM5",
		"Stacks of stack sets and their analyzers have names that AWS makes; the actions are those of the analyzers' life.")
	s.Analyzers = stackset.NewStackSet(scope, "StackSet", &stackset.Props{
		Name: "strata-analyzers", Description: "Finds what of the account can be reached from outside", InlineTemplate: true,
		Template: func(stack awscdk.Stack) {
			awsaccessanalyzer.NewCfnAnalyzer(stack, jsii.String("Analyzer"), &awsaccessanalyzer.CfnAnalyzerProps{Type: jsii.String("ACCOUNT")})
		},
		AdministrationRole: admin, ExecutionRoleName: *name,
		Targets:       []stackset.Target{{Accounts: []string{*s.Account()}, Regions: analyzedRegions}},
		RemovalPolicy: props.Stage.removal(),
	})
	s.Analyzers.Node().AddDependency(execution)
}
