// Package customresource defines custom resources of CloudFormation whose handlers are written in Go, with package
// cfnresource.
//
//	CloudFormation -> (topic) -> function: Create, Update, Delete -> answer
//	                                |  with Poll
//	                          state machine: call, wait, call again, until done
//
// A provider has one function and one role, which may do nothing but write its logs and traces: grant it what the handler needs. What
// is resolved for you: CloudFormation always gets an answer, and never waits longer than ServiceTimeout; a request that
// came too late is dropped; the resource is there only while the provider's permissions are.
//
// It costs 1 USD a month for the key, unless one is given, and what the calls cost: next to nothing.
//
// See https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-custom-resources.html
package customresource

import (
	"maps"
	"strconv"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/encrypted"
	"github.com/strata-cdk/strata/internal/gofunction"
	"github.com/strata-cdk/strata/internal/provider"
)

// Provider manages the custom resources of a kind. It must be in the region of their stacks.
// The fields are the underlying constructs, for grants and overrides.
type Provider struct {
	constructs.Construct
	// Function runs the handler. Grant it what the handler needs.
	Function awslambda.Function
	// Key encrypts logs, variables and the topic.
	Key awskms.IKey
	// Logs are the function's logs.
	Logs awslogs.LogGroup
	// Topic is in front of the function; nil without Topic.
	Topic awssns.Topic
	// Waiter calls the function until the work is done; nil without Poll.
	Waiter awsstepfunctions.CfnStateMachine

	timeout time.Duration
}

// NewProvider defines a Provider named id in scope. Its function is built first, unless the CDK needs no code, as for "cdk list".
// It panics with a *check.Error that lists every invalid field of props, or what the compiler says.
func NewProvider(scope constructs.Construct, id string, props *ProviderProps) *Provider {
	path := scope.Node().Path()
	check.Must(path, id, props.Validate())
	d := props.withDefaults()
	function := d.function()
	dir, remove, err := function.Build(scope, "customresource.ProviderProps")
	defer remove()
	check.Must(path, id, err)

	p := &Provider{Key: d.Key, timeout: d.ServiceTimeout}
	constructs.NewConstruct_Override(p, scope, &id)
	if p.Key == nil {
		p.Key = encrypted.NewKey(p, "Custom resources of "+*p.Node().Path(), d.RemovalPolicy)
	}
	encrypted.AllowLogs(p, p.Key)
	p.Logs = encrypted.NewLogGroup(p, "Logs", "", p.Key, d.LogRetentionDays, d.RemovalPolicy)
	function.Environment = map[string]string{provider.Timeout: strconv.Itoa(int(d.ServiceTimeout / time.Second))}
	maps.Copy(function.Environment, d.Environment)
	var waiterRole awsiam.Role
	if d.Poll {
		waiterRole = p.addWaiter(&d)
		function.Environment[provider.Waiter] = *p.Waiter.Ref()
	}
	p.addFunction(&d, function, dir)
	if d.Poll {
		p.connectWaiter(waiterRole)
	}
	if d.Topic {
		p.addTopic()
	}
	return p
}

func (p *Provider) addFunction(d *ProviderProps, function *gofunction.Props, dir string) {
	role := gofunction.NewRole(p, p.Logs)
	if p.Waiter != nil {
		role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Actions: jsii.Strings("states:StartExecution"), Resources: &[]*string{p.Waiter.Ref()},
		}))
	}
	p.Function = function.New(p, dir, role, p.Key, p.Logs, func(f *awslambda.FunctionProps) {
		// The function tries again what may help. Lambda would repeat the handler's work instead, perhaps when CloudFormation
		// waits no longer.
		f.RetryAttempts, f.MaxEventAge = jsii.Number(0), cdkval.Duration(max(d.ServiceTimeout, time.Minute))
	}, d.ConfigureFunction)
}

func (p *Provider) addTopic() {
	stack := awscdk.Stack_Of(p)
	p.Topic = awssns.NewTopic(p, jsii.String("Topic"), &awssns.TopicProps{MasterKey: p.Key, EnforceSSL: jsii.Bool(true)})
	// Who may publish must be able to encrypt: the callers of CloudFormation in this account, through SNS only.
	p.Key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: &[]awsiam.IPrincipal{awsiam.NewAnyPrincipal()},
		Actions:    jsii.Strings("kms:Decrypt", "kms:GenerateDataKey*"),
		Resources:  jsii.Strings("*"),
		Conditions: &map[string]any{"StringEquals": map[string]any{
			"kms:CallerAccount": stack.Account(), "kms:ViaService": "sns." + *stack.Region() + ".amazonaws.com",
		}},
	}), nil)
	p.Function.AddPermission(jsii.String("Topic"), &awslambda.Permission{
		Principal: awsiam.NewServicePrincipal(jsii.String("sns.amazonaws.com"), nil), SourceArn: p.Topic.TopicArn(),
	})
	awssns.NewSubscription(p, jsii.String("Subscription"), &awssns.SubscriptionProps{
		Topic: p.Topic, Protocol: awssns.SubscriptionProtocol_LAMBDA, Endpoint: p.Function.FunctionArn(),
	})
}

// ServiceToken is what CloudFormation calls: the ARN of the topic, or else of the function.
func (p *Provider) ServiceToken() *string {
	if p.Topic != nil {
		return p.Topic.TopicArn()
	}
	return p.Function.FunctionArn()
}

// Resource is one custom resource.
type Resource struct {
	constructs.Construct
	// Resource is the resource in the template.
	Resource awscdk.CustomResource
}

// NewResource defines a Resource named id in scope, which is made when its provider is complete, and deleted before any part of it.
// It panics with a *check.Error that lists every invalid field of props.
func NewResource(scope constructs.Construct, id string, props *ResourceProps) *Resource {
	check.Must(scope.Node().Path(), id, props.Validate())
	d := props.withDefaults()
	r := &Resource{}
	constructs.NewConstruct_Override(r, scope, &id)
	r.Resource = awscdk.NewCustomResource(r, jsii.String("Resource"), &awscdk.CustomResourceProps{
		ServiceToken:  d.Provider.ServiceToken(),
		ResourceType:  cdkval.Text(d.Type),
		Properties:    &d.Properties,
		RemovalPolicy: d.RemovalPolicy,
	})
	// The CDK writes a string, of which its own validation warns.
	resource := r.Resource.Node().DefaultChild().(awscdk.CfnResource)
	resource.AddPropertyOverride(jsii.String("ServiceTimeout"), int(d.Provider.timeout/time.Second))
	r.Node().AddDependency(d.Provider)
	return r
}

// PhysicalID is the id that the handler gave the resource.
func (r *Resource) PhysicalID() *string { return r.Resource.Ref() }

// Attribute is a value of the handler's Data.
func (r *Resource) Attribute(name string) *string { return r.Resource.GetAttString(&name) }
