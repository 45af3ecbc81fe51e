package beanstalk

import (
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awselasticbeanstalk"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/encrypted"
	"github.com/strata-cdk/strata/internal/monitor"
	"github.com/strata-cdk/strata/internal/nag"
)

// AppProps configures an App. A nil *AppProps, like its zero value, takes every default.
type AppProps struct {
	// Name is the name of the application, 1 to 100 characters without a slash. Another name replaces the application.
	// Default: empty, CloudFormation chooses one.
	Name string
	// Description says what the application is, in at most 200 characters.
	// Default: none.
	Description string
	// Lifecycle says which versions Elastic Beanstalk deletes each time that a new one is made. Versions in use always stay.
	// Default: the last 200 versions stay.
	Lifecycle Lifecycle
	// ServiceRole is what Elastic Beanstalk watches and updates environments with, and deletes versions with. It needs the
	// managed policies AWSElasticBeanstalkEnhancedHealth and AWSElasticBeanstalkManagedUpdatesCustomerRolePolicy.
	// Default: a new role with these.
	//
	// https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/concepts-roles-service.html
	ServiceRole awsiam.IRole
	// Key encrypts the topic of alarms, the queues of workers and new databases. A key from another stack or account must let
	// cloudwatch.amazonaws.com use it; one of the same app is made to.
	// Default: a new key that rotates yearly, 1 USD a month.
	Key awskms.IKey
	// AlarmTopic receives the alarms of the environments, and what Elastic Beanstalk tells about them.
	// Default: a new topic, encrypted and for TLS only; subscribe to App.AlarmTopic.
	AlarmTopic awssns.ITopic
	// RemovalPolicy says what becomes of the key when the stack is deleted.
	// Default: awscdk.RemovalPolicy_RETAIN.
	RemovalPolicy awscdk.RemovalPolicy
	// ConfigureApplication edits the L1 props last, after all defaults.
	// Default: no edit.
	ConfigureApplication func(*awselasticbeanstalk.CfnApplicationProps)
}

// Lifecycle limits the versions of an application by their number or by their age. An account may have 1000 versions in a region,
// of all applications together.
//
// https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/applications-lifecycle.html
type Lifecycle struct {
	// MaxCount is the number of versions to keep, 1 to 1000. It excludes MaxAgeDays.
	// Default: 200, unless MaxAgeDays or KeepAll is set.
	MaxCount int
	// MaxAgeDays is the age in days, 1 to 180, at which a version is deleted. It excludes MaxCount.
	// Default: 0, no limit by age.
	MaxAgeDays int
	// KeepAll deletes no version. Deployments fail when the quota of the account is used up.
	// Default: false.
	KeepAll bool
	// DeleteSourceBundles deletes the source bundle with its version. The bundles are assets of the CDK: to roll back to a deleted
	// one, the CDK has to upload it again. The service role gets the right to delete objects of the bucket of assets.
	// Default: false, bundles stay in the bucket of assets.
	DeleteSourceBundles bool
}

// App is an application: its environments share a service role, a key and a topic. The fields are the underlying constructs.
type App struct {
	constructs.Construct
	// Application is the application itself.
	Application awselasticbeanstalk.CfnApplication
	// ServiceRole is what Elastic Beanstalk acts with.
	ServiceRole awsiam.IRole
	// Key encrypts what the environments keep.
	Key awskms.IKey
	// AlarmTopic receives alarms and notifications.
	AlarmTopic awssns.ITopic

	deleteBundles bool
}

// NewApp defines an App named id in scope. Nil props take every default.
// It panics with a *check.Error that lists every invalid field of props.
func NewApp(scope constructs.Construct, id string, props *AppProps) *App {
	check.Must(scope.Node().Path(), id, props.Validate())
	p := props.withDefaults()
	a := &App{deleteBundles: p.Lifecycle.DeleteSourceBundles}
	constructs.NewConstruct_Override(a, scope, &id)
	a.Key = p.Key
	if a.Key == nil {
		a.Key = encrypted.NewKey(a, "Elastic Beanstalk, "+*a.Node().Path(), p.RemovalPolicy)
	}
	a.ServiceRole = p.ServiceRole
	if a.ServiceRole == nil {
		a.ServiceRole = a.newServiceRole()
	}
	a.AlarmTopic = p.AlarmTopic
	if a.AlarmTopic == nil {
		a.AlarmTopic = monitor.NewTopic(a, a.Key)
		// What GrantPublish would do, without the wildcards in its rights to the key.
		a.ServiceRole.AddToPrincipalPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Actions: jsii.Strings("sns:Publish"), Resources: &[]*string{a.AlarmTopic.TopicArn()},
		}))
		a.Key.Grant(a.ServiceRole, jsii.String("kms:Decrypt"), jsii.String("kms:GenerateDataKey"))
	} else {
		a.AlarmTopic.GrantPublish(a.ServiceRole)
	}
	app := &awselasticbeanstalk.CfnApplicationProps{
		ApplicationName: cdkval.Text(p.Name), Description: cdkval.Text(p.Description),
		ResourceLifecycleConfig: &awselasticbeanstalk.CfnApplication_ApplicationResourceLifecycleConfigProperty{
			ServiceRole: a.ServiceRole.RoleArn(), VersionLifecycleConfig: p.Lifecycle.config(),
		},
	}
	if p.ConfigureApplication != nil {
		p.ConfigureApplication(app)
	}
	a.Application = awselasticbeanstalk.NewCfnApplication(a, jsii.String("Application"), app)
	a.Application.Node().AddDependency(a.ServiceRole)
	return a
}

// Name is the name of the application.
func (a *App) Name() *string { return a.Application.Ref() }

// newServiceRole defines a role that only Elastic Beanstalk can take, with the policies that AWS keeps for it.
func (a *App) newServiceRole() awsiam.Role {
	role := awsiam.NewRole(a, jsii.String("ServiceRole"), &awsiam.RoleProps{
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String("elasticbeanstalk.amazonaws.com"), nil),
		ExternalIds: jsii.Strings("elasticbeanstalk"),
		ManagedPolicies: &[]awsiam.IManagedPolicy{
			awsiam.ManagedPolicy_FromAwsManagedPolicyName(jsii.String("service-role/AWSElasticBeanstalkEnhancedHealth")),
			awsiam.ManagedPolicy_FromAwsManagedPolicyName(jsii.String("AWSElasticBeanstalkManagedUpdatesCustomerRolePolicy")),
		},
	})
	nag.Suppress(role, "AwsSolutions-IAM4", "The policies that AWS keeps for Elastic Beanstalk to watch and update environments: it needs them as they change.")
	return role
}

// config says both rules, so that one that was turned off does not live on.
func (l Lifecycle) config() *awselasticbeanstalk.CfnApplication_ApplicationVersionLifecycleConfigProperty {
	count := &awselasticbeanstalk.CfnApplication_MaxCountRuleProperty{
		Enabled: jsii.Bool(l.MaxCount > 0), MaxCount: jsii.Number(max(l.MaxCount, 1)), DeleteSourceFromS3: &l.DeleteSourceBundles,
	}
	age := &awselasticbeanstalk.CfnApplication_MaxAgeRuleProperty{
		Enabled: jsii.Bool(l.MaxAgeDays > 0), MaxAgeInDays: jsii.Number(max(l.MaxAgeDays, 1)), DeleteSourceFromS3: &l.DeleteSourceBundles,
	}
	return &awselasticbeanstalk.CfnApplication_ApplicationVersionLifecycleConfigProperty{MaxCountRule: count, MaxAgeRule: age}
}

var appName = regexp.MustCompile(`^[^/]{1,100}$`)

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *AppProps) Validate() error {
	d, c := p.withDefaults(), check.For("beanstalk.AppProps")
	c.That(d.Name == "" || check.IsToken(d.Name) || appName.MatchString(d.Name), "Name", "must be 1 to 100 characters without a slash, got %q", d.Name)
	c.That(len(d.Description) <= 200, "Description", "must be at most 200 characters, got %d", len(d.Description))
	l, at := d.Lifecycle, c.At("Lifecycle")
	at.That(l.MaxCount == 0 || l.MaxAgeDays == 0, "", "must limit versions by MaxCount or by MaxAgeDays, not by both")
	at.That(l.MaxCount >= 0 && l.MaxCount <= 1000, "MaxCount", "must be between 1 and 1000, got %d", l.MaxCount)
	at.That(l.MaxAgeDays >= 0 && l.MaxAgeDays <= 180, "MaxAgeDays", "must be between 1 and 180, got %d", l.MaxAgeDays)
	at.That(!l.KeepAll || l.MaxCount == 0 && l.MaxAgeDays == 0, "KeepAll", "must be left out with MaxCount or MaxAgeDays")
	at.That(!l.KeepAll || !l.DeleteSourceBundles, "DeleteSourceBundles", "must be left out with KeepAll: no version is deleted")
	check.OneOf(c, "RemovalPolicy", d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN, awscdk.RemovalPolicy_DESTROY)
	return c.Err()
}

func (p *AppProps) withDefaults() AppProps {
	var d AppProps
	if p != nil {
		d = *p
	}
	if l := &d.Lifecycle; l.MaxCount == 0 && l.MaxAgeDays == 0 && !l.KeepAll {
		l.MaxCount = 200
	}
	if d.RemovalPolicy == "" {
		d.RemovalPolicy = awscdk.RemovalPolicy_RETAIN
	}
	return d
}
