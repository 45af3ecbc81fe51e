// Package stackset deploys a stack to many accounts and regions with AWS CloudFormation StackSets.
//
//	Template -> template, files -> CDK's bucket -> stack set -> stack in each account and region
//	                                  | copied at deployment        | reads code
//	                               bucket of assets in each target region
//
// The stack is defined with constructs, as any other. What is resolved for you: the capabilities that its template needs are found in
// it; its files go where the target accounts can read them, in the region of each stack; what AWS would refuse at
// deployment is refused before. It never deletes the stacks of all accounts unless it is told to.
//
// Stack sets cost nothing. With files there are a function that runs for seconds at deployment, 1 USD a month for the key of its
// logs, and storage.
//
// See https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/what-is-cfnstacksets.html
package stackset

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3assets"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/constructs/customresource"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/sorted"
)

// StackSet is a stack in many accounts and regions.
// The fields are the underlying constructs, for overrides.
type StackSet struct {
	constructs.Construct
	// StackSet is the resource.
	StackSet awscdk.CfnStackSet
	// Copier copies the files of the template to the buckets of assets; nil when there are none.
	Copier *customresource.Provider
	// Capabilities are those that the template needs.
	Capabilities []string
}

// NewStackSet defines a StackSet named id in scope. Its template is synthesised first.
// It panics with a *check.Error that lists every invalid field of props, or everything that is wrong with the template.
func NewStackSet(scope constructs.Construct, id string, props *Props) *StackSet {
	path := scope.Node().Path()
	check.Must(path, id, props.Validate())
	d := props.withDefaults()
	t, err := d.synthesise(scope, id)
	check.Must(path, id, err)
	check.Must(path, id, d.validateTemplate(t))

	s := &StackSet{Capabilities: t.capabilities()}
	constructs.NewConstruct_Override(s, scope, &id)
	l1 := d.resource()
	l1.Capabilities = cdkval.Texts(s.Capabilities)
	if d.InlineTemplate {
		l1.TemplateBody = &t.text
	} else {
		l1.TemplateUrl = awss3assets.NewAsset(s, jsii.String("Template"), &awss3assets.AssetProps{Path: &t.path}).HttpUrl()
	}
	if d.ConfigureStackSet != nil {
		d.ConfigureStackSet(l1)
	}
	s.StackSet = awscdk.NewCfnStackSet(s, jsii.String("Resource"), l1)
	s.StackSet.ApplyRemovalPolicy(cdkval.Named(d.RemovalPolicy), nil)
	if len(t.files) > 0 {
		s.StackSet.Node().AddDependency(s.addCopier(&d, t.files))
	}
	return s
}

// resource has all of the L1's props but the template and its capabilities.
func (p *Props) resource() *awscdk.CfnStackSetProps {
	l1 := &awscdk.CfnStackSetProps{
		StackSetName:         &p.Name,
		Description:          cdkval.Text(p.Description),
		PermissionModel:      jsii.String(string(p.PermissionModel)),
		ManagedExecution:     map[string]any{"Active": !p.DisableManagedExecution},
		OperationPreferences: p.OperationPreferences.property(),
		Parameters:           parameters(p.Parameters),
	}
	if p.AdministrationRole != nil {
		l1.AdministrationRoleArn = p.AdministrationRole.RoleArn()
	}
	if p.ExecutionRoleName != "" {
		l1.ExecutionRoleName = p.ExecutionRoleName
	}
	if p.DelegatedAdmin {
		l1.CallAs = jsii.String("DELEGATED_ADMIN")
	}
	if a := p.AutoDeployment; a != nil {
		property := &awscdk.CfnStackSet_AutoDeploymentProperty{Enabled: &a.Enabled, DependsOn: cdkval.Texts(a.DependsOn)}
		if a.Enabled {
			property.RetainStacksOnAccountRemoval = &a.RetainStacksOnAccountRemoval
		}
		l1.AutoDeployment = property
	}
	groups := make([]any, len(p.Targets))
	for i, t := range p.Targets {
		groups[i] = &awscdk.CfnStackSet_StackInstancesProperty{
			DeploymentTargets: &awscdk.CfnStackSet_DeploymentTargetsProperty{
				Accounts: cdkval.Texts(t.Accounts), OrganizationalUnitIds: cdkval.Texts(t.OrganizationalUnits),
				AccountFilterType: cdkval.Text(string(t.AccountFilter)),
			},
			Regions:            cdkval.Texts(t.Regions),
			ParameterOverrides: parameters(t.Parameters),
		}
	}
	l1.StackInstancesGroup = groups
	if len(p.Tags) > 0 {
		tags := []*awscdk.CfnTag{}
		for key, value := range sorted.All(p.Tags) {
			tags = append(tags, &awscdk.CfnTag{Key: &key, Value: &value})
		}
		l1.Tags = &tags
	}
	return l1
}

func parameters(values map[string]string) any {
	if len(values) == 0 {
		return nil
	}
	list := []any{}
	for key, value := range sorted.All(values) {
		list = append(list, &awscdk.CfnStackSet_ParameterProperty{ParameterKey: &key, ParameterValue: &value})
	}
	return list
}

func (o *OperationPreferences) property() *awscdk.CfnStackSet_OperationPreferencesProperty {
	property := &awscdk.CfnStackSet_OperationPreferencesProperty{
		ConcurrencyMode:       jsii.String(string(o.ConcurrencyMode)),
		RegionConcurrencyType: jsii.String("SEQUENTIAL"),
		RegionOrder:           cdkval.Texts(o.RegionOrder),
	}
	if o.ParallelRegions {
		property.RegionConcurrencyType = jsii.String("PARALLEL")
	}
	if o.FailureTolerancePercentage > 0 {
		property.FailureTolerancePercentage = jsii.Number(o.FailureTolerancePercentage)
	} else {
		property.FailureToleranceCount = jsii.Number(o.FailureToleranceCount)
	}
	if o.MaxConcurrentPercentage > 0 {
		property.MaxConcurrentPercentage = jsii.Number(o.MaxConcurrentPercentage)
	} else {
		property.MaxConcurrentCount = jsii.Number(o.MaxConcurrentCount)
	}
	return property
}

// ARN is the ARN of the stack set, as other stack sets name it in AutoDeployment.DependsOn.
func (s *StackSet) ARN() *string {
	return awscdk.Stack_Of(s).FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("cloudformation"), Resource: jsii.String("stackset"), ResourceName: s.StackSet.Ref(),
	})
}
