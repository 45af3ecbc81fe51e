// Package mfaguard denies users of IAM everything that they do without multi-factor authentication.
//
//	access key or password alone           -> denied, but sts:GetSessionToken
//	with AllowEnrolment                    -> and enrolling a device of one's own
//	session with MFA (strata mfa, console) -> what other policies allow
//	older than MaxSessionAge               -> denied
//
// It grants nothing, but enrolling when that is allowed. It is for users and groups: roles demand MFA in their trust policies. Nothing
// is charged for it.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_my-sec-creds-self-manage-mfa-only.html
package mfaguard

import (
	"strconv"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces/interfacesawsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/nag"
)

// GuardProps configures a Guard. A nil *GuardProps, like its zero value, takes every default.
type GuardProps struct {
	// Users get the policy.
	// Default: none.
	Users []awsiam.IUser
	// Groups get the policy.
	// Default: none.
	Groups []awsiam.IGroup
	// AllowEnrolment lets a user without MFA enrol a device: a virtual one with the name of the user, a passkey or a security key.
	// Whoever has the user's access key or password alone can do so, too.
	// Default: false, an administrator enrols the first device.
	AllowEnrolment bool
	// MaxSessionAge is the time since the MFA code was given after which everything is denied, 15 min to 36 h, in whole
	// seconds.
	// Default: no limit but the session's own.
	MaxSessionAge time.Duration
	// ConfigurePolicy edits the L2 props of the policy last, after all defaults.
	// Default: no edit.
	ConfigurePolicy func(*awsiam.ManagedPolicyProps)
}

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *GuardProps) Validate() error {
	c := check.For("mfaguard.GuardProps")
	if p == nil {
		return nil
	}
	for i, u := range p.Users {
		c.That(u != nil, check.Index("Users", i), "must be given")
	}
	for i, g := range p.Groups {
		c.That(g != nil, check.Index("Groups", i), "must be given")
	}
	if p.MaxSessionAge != 0 {
		check.Range(c, "MaxSessionAge", p.MaxSessionAge, 15*time.Minute, 36*time.Hour)
		check.WholeSeconds(c, "MaxSessionAge", p.MaxSessionAge)
	}
	return c.Err()
}

// Guard is a managed policy that denies everything without MFA.
type Guard struct {
	constructs.Construct
	// Policy is the managed policy.
	Policy awsiam.ManagedPolicy
}

// What enrolling needs: of the user, of the device, and what has no resource of one's own.
var (
	ofUser   = []string{"iam:EnableMFADevice", "iam:GetMFADevice", "iam:GetUser", "iam:ListMFADevices", "iam:ResyncMFADevice"}
	ofDevice = []string{"iam:CreateVirtualMFADevice"}
	ofAll    = []string{"iam:ListVirtualMFADevices"}
)

// NewGuard defines a Guard named id in scope.
// It panics with a *check.Error that lists every invalid field of props.
func NewGuard(scope constructs.Construct, id string, props *GuardProps) *Guard {
	check.Must(scope.Node().Path(), id, props.Validate())
	var d GuardProps
	if props != nil {
		d = *props
	}
	g := &Guard{}
	constructs.NewConstruct_Override(g, scope, &id)
	statements := statements(awscdk.Stack_Of(g), &d)
	groups := make([]interfacesawsiam.IGroupRef, len(d.Groups))
	for i, group := range d.Groups {
		groups[i] = group
	}
	policy := &awsiam.ManagedPolicyProps{
		Description: jsii.String("Denies everything without multi-factor authentication"),
		Users:       &d.Users, Groups: &groups, Statements: &statements,
	}
	if d.ConfigurePolicy != nil {
		d.ConfigurePolicy(policy)
	}
	g.Policy = awsiam.NewManagedPolicy(g, jsii.String("Policy"), policy)
	if d.AllowEnrolment {
		nag.Suppress(g.Policy, "AwsSolutions-IAM5", "Resources are those of the user who asks, or lists that have no resource.")
	}
	return g
}

func statements(stack awscdk.Stack, d *GuardProps) []awsiam.PolicyStatement {
	// Long-term keys have no MFA in the context of their requests at all: Bool alone would let them through.
	withoutMFA := map[string]any{"BoolIfExists": map[string]any{"aws:MultiFactorAuthPresent": "false"}}
	// GetSessionToken is how one comes by MFA.
	beside := []string{"sts:GetSessionToken"}
	if d.AllowEnrolment {
		beside = append(beside, append(append(ofDevice, ofUser...), ofAll...)...)
	}
	all := []awsiam.PolicyStatement{statement("DenyWithoutMFA", awsiam.Effect_DENY, &awsiam.PolicyStatementProps{
		NotActions: jsii.Strings(beside...), Resources: jsii.Strings("*"), Conditions: &withoutMFA,
	})}
	if d.AllowEnrolment {
		// A user may have a path. Names are unique all the same.
		user := arns(stack, "user/${aws:username}", "user/*/${aws:username}")
		device := arns(stack, "mfa/${aws:username}")
		all = append(all,
			statement("AllowOwnUser", awsiam.Effect_ALLOW, &awsiam.PolicyStatementProps{Actions: jsii.Strings(ofUser...), Resources: &user}),
			statement("AllowOwnDevice", awsiam.Effect_ALLOW, &awsiam.PolicyStatementProps{Actions: jsii.Strings(ofDevice...), Resources: &device}),
			statement("AllowList", awsiam.Effect_ALLOW, &awsiam.PolicyStatementProps{Actions: jsii.Strings(ofAll...), Resources: jsii.Strings("*")}),
			// Another policy may allow it for everybody.
			statement("DenyOtherUsersWithoutMFA", awsiam.Effect_DENY, &awsiam.PolicyStatementProps{Actions: jsii.Strings(ofUser...), NotResources: &user, Conditions: &withoutMFA}),
			statement("DenyOtherDevicesWithoutMFA", awsiam.Effect_DENY, &awsiam.PolicyStatementProps{Actions: jsii.Strings(ofDevice...), NotResources: &device, Conditions: &withoutMFA}),
		)
	}
	if d.MaxSessionAge != 0 {
		all = append(all, statement("DenyOldSessions", awsiam.Effect_DENY, &awsiam.PolicyStatementProps{
			NotActions: jsii.Strings("sts:GetSessionToken"), Resources: jsii.Strings("*"),
			Conditions: &map[string]any{"NumericGreaterThan": map[string]any{
				"aws:MultiFactorAuthAge": strconv.Itoa(int(d.MaxSessionAge / time.Second)),
			}},
		}))
	}
	return all
}

func statement(sid string, effect awsiam.Effect, props *awsiam.PolicyStatementProps) awsiam.PolicyStatement {
	props.Sid, props.Effect = cdkval.Text(sid), effect
	return awsiam.NewPolicyStatement(props)
}

// arns are ARNs of IAM in the account.
func arns(stack awscdk.Stack, resources ...string) []*string {
	var all []*string
	for _, r := range resources {
		all = append(all, stack.FormatArn(&awscdk.ArnComponents{
			Service: jsii.String("iam"), Region: jsii.String(""), Resource: &r, ArnFormat: awscdk.ArnFormat_NO_RESOURCE_NAME,
		}))
	}
	return all
}

// AddToUser gives a user the policy.
func (g *Guard) AddToUser(user awsiam.IUser) { g.Policy.AttachToUser(user) }

// AddToGroup gives a group the policy.
func (g *Guard) AddToGroup(group awsiam.IGroup) { g.Policy.AttachToGroup(group) }
