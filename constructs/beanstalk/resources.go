package beanstalk

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awselasticbeanstalk"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/accesslogs"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/nag"
	"github.com/strata-cdk/strata/internal/sorted"
)

// Resources are the constructs of an environment, for grants and overrides; those that were not asked for are nil. Load balancer,
// Auto Scaling group and log groups are not among them: Elastic Beanstalk makes these.
type Resources struct {
	// Environment is the environment itself.
	Environment awselasticbeanstalk.CfnEnvironment
	// Version is the version that runs.
	Version awselasticbeanstalk.CfnApplicationVersion
	// InstanceRole is what the application may do in AWS.
	InstanceRole awsiam.Role
	// SecurityGroup is that of the instances, and BalancerSecurityGroup that of the load balancer.
	SecurityGroup, BalancerSecurityGroup awsec2.SecurityGroup
	// AccessLogs is the bucket of the access logs.
	AccessLogs awss3.IBucket
	// DatabaseSecret has user and password of a coupled database.
	DatabaseSecret awssecretsmanager.Secret
	// AlarmTopic receives the alarms.
	AlarmTopic awssns.ITopic
	// Alarms are the alarms.
	Alarms []awscloudwatch.Alarm
	// Dashboard shows the environment.
	Dashboard awscloudwatch.Dashboard

	app *App
}

// GrantPrincipal is what is granted to with GrantRead and the like: the role of the instances.
func (r *Resources) GrantPrincipal() awsiam.IPrincipal { return r.InstanceRole }

// EnvironmentName is the name of the environment.
func (r *Resources) EnvironmentName() *string { return r.Environment.Ref() }

// start defines what comes before an environment: the role and security group of its instances.
func (r *Resources) start(scope constructs.Construct, p *EnvironmentProps, worker bool) *references {
	r.app, r.AlarmTopic = p.App, p.App.AlarmTopic
	if p.Alarms.Topic != nil {
		r.AlarmTopic = p.Alarms.Topic
		r.AlarmTopic.GrantPublish(r.app.ServiceRole)
	}
	r.InstanceRole = r.newInstanceRole(scope, p, worker)
	profile := awsiam.NewInstanceProfile(scope, jsii.String("InstanceProfile"), &awsiam.InstanceProfileProps{Role: r.InstanceRole})
	r.SecurityGroup = awsec2.NewSecurityGroup(scope, jsii.String("SecurityGroup"), &awsec2.SecurityGroupProps{
		Vpc: p.VPC, Description: jsii.String("Instances of " + *scope.Node().Path()),
	})
	groups := []string{*r.SecurityGroup.SecurityGroupId()}
	for _, g := range p.Instances.SecurityGroups {
		groups = append(groups, *g.SecurityGroupId())
	}
	refs := &references{
		vpc: *p.VPC.VpcId(), subnets: subnetIDs(p.VPC, p.instanceSubnets()), serviceRole: *r.app.ServiceRole.RoleArn(),
		instanceProfile: *profile.InstanceProfileName(), instanceGroups: strings.Join(groups, ","), topic: *r.AlarmTopic.TopicArn(),
		variables: map[string]string{}, secrets: map[string]string{},
	}
	for name, s := range sorted.All(p.Secrets) {
		s.GrantRead(r.InstanceRole, nil)
		refs.secrets[name] = *s.SecretArn()
	}
	for _, name := range slices.Sorted(maps.Keys(p.Parameters)) {
		p.Parameters[name].GrantRead(r.InstanceRole)
		refs.secrets[name] = *p.Parameters[name].ParameterArn()
	}
	if d := p.Database; d != nil {
		d.allow(scope, r)
		maps.Copy(refs.variables, d.variables())
		refs.secrets[databaseSecret] = *d.Secret.SecretArn()
	}
	if p.CoupledDatabase != nil {
		r.couple(scope, p, refs)
	}
	return refs
}

// instanceSubnets selects the subnets of the instances.
func (p *EnvironmentProps) instanceSubnets() *awsec2.SubnetSelection {
	switch {
	case p.Subnets != nil:
		return p.Subnets
	case p.SingleInstance:
		return &awsec2.SubnetSelection{SubnetType: awsec2.SubnetType_PUBLIC}
	default:
		return &awsec2.SubnetSelection{SubnetType: awsec2.SubnetType_PRIVATE_WITH_EGRESS}
	}
}

func subnetIDs(vpc awsec2.IVpc, selection *awsec2.SubnetSelection) string {
	var ids []string
	for _, id := range *vpc.SelectSubnets(selection).SubnetIds {
		ids = append(ids, *id)
	}
	return strings.Join(ids, ",")
}

// connect defines how requests reach the instances, and adds what that is to refs.
func (r *Resources) connect(scope constructs.Construct, p *WebEnvironmentProps, refs *references) {
	b := &p.LoadBalancer
	ports := []int{80}
	switch {
	case p.SingleInstance && !b.AllowPlaintext:
		ports = []int{443}
	case !p.SingleInstance:
		ports = nil
		for _, process := range sorted.All(b.Processes) {
			ports = append(ports, process.Port)
		}
		slices.Sort(ports)
		ports = slices.Compact(ports)
	}
	switch {
	case p.SingleInstance || b.Type == NetworkLoadBalancer:
		// Clients reach the instances themselves, with the checks of a network load balancer, which come from the VPC.
		callers := callersOf(p)
		if b.Type == NetworkLoadBalancer && len(b.AllowedCIDRs) > 0 {
			callers = append(callers, awsec2.Peer_Ipv4(p.VPC.VpcCidrBlock()))
		}
		admit(r.SecurityGroup, p, callers, ports)
	case b.shared():
		var groups []string
		for _, g := range *b.Shared.Connections().SecurityGroups() {
			groups = append(groups, *g.SecurityGroupId())
		}
		refs.sharedBalancer, refs.balancerGroups = *b.Shared.LoadBalancerArn(), strings.Join(groups, ",")
		for _, port := range ports {
			b.Shared.Connections().AllowTo(r.SecurityGroup, awsec2.Port_Tcp(jsii.Number(port)), jsii.String("Requests to the instances"))
		}
	default:
		r.BalancerSecurityGroup = awsec2.NewSecurityGroup(scope, jsii.String("BalancerSecurityGroup"), &awsec2.SecurityGroupProps{
			Vpc: p.VPC, Description: jsii.String("Load balancer of " + *scope.Node().Path()), AllowAllOutbound: jsii.Bool(false),
		})
		refs.balancerGroups = *r.BalancerSecurityGroup.SecurityGroupId()
		open := []int{443}
		if b.AllowPlaintext {
			open = []int{80}
		} else if b.redirects() {
			open = []int{80, 443}
		}
		admit(r.BalancerSecurityGroup, p, callersOf(p), open)
		for _, port := range ports {
			r.BalancerSecurityGroup.Connections().AllowTo(r.SecurityGroup, awsec2.Port_Tcp(jsii.Number(port)), jsii.String("Requests to the instances"))
		}
	}
	if p.SingleInstance {
		return
	}
	where := b.Subnets
	if where == nil && b.Internal {
		where = p.instanceSubnets()
	} else if where == nil {
		where = &awsec2.SubnetSelection{SubnetType: awsec2.SubnetType_PUBLIC}
	}
	refs.balancerSubnets = subnetIDs(p.VPC, where)
	if b.Certificate != nil {
		refs.certificate = *b.Certificate.CertificateArn()
	}
	if b.logs() {
		r.AccessLogs = accesslogs.Bucket(scope, b.AccessLogs)
		refs.accessLogs = *r.AccessLogs.BucketName()
	}
}

// callersOf are who may call.
func callersOf(p *WebEnvironmentProps) []awsec2.IPeer {
	b := &p.LoadBalancer
	var all []awsec2.IPeer
	for _, cidr := range b.AllowedCIDRs {
		if strings.Contains(cidr, ":") {
			all = append(all, awsec2.Peer_Ipv6(&cidr))
		} else {
			all = append(all, awsec2.Peer_Ipv4(&cidr))
		}
	}
	switch {
	case len(all) > 0:
		return all
	case b.Internal:
		return []awsec2.IPeer{awsec2.Peer_Ipv4(p.VPC.VpcCidrBlock())}
	default:
		return []awsec2.IPeer{awsec2.Peer_AnyIpv4()}
	}
}

// admit opens ports of a group to callers.
func admit(group awsec2.SecurityGroup, p *WebEnvironmentProps, callers []awsec2.IPeer, ports []int) {
	for _, port := range ports {
		for _, caller := range callers {
			group.AddIngressRule(caller, awsec2.Port_Tcp(jsii.Number(port)), jsii.String(fmt.Sprintf("Port %d", port)), nil)
		}
	}
	b := &p.LoadBalancer
	switch {
	case !b.Internal && len(b.AllowedCIDRs) == 0:
		nag.Suppress(group, "AwsSolutions-EC23", "The environment is public: AllowedCIDRs limits who may call it.")
	case (b.Internal && len(b.AllowedCIDRs) == 0 || b.Type == NetworkLoadBalancer) && check.IsToken(*p.VPC.VpcCidrBlock()):
		nag.Suppress(group, "CdkNagValidationFailure", "The range of the VPC is known at deployment only.", "AwsSolutions-EC23")
	}
}

// ownConfig is what the environment adds to its bundle, apart from what its tier adds.
func (p *EnvironmentProps) ownConfig() *Config {
	config := &Config{Resources: map[string]any{}}
	if i := p.Instances; i.EncryptRootVolume {
		config.Resources["AWSEBEC2LaunchTemplate"] = map[string]any{
			"Type": "AWS::EC2::LaunchTemplate",
			"Properties": map[string]any{"LaunchTemplateData": map[string]any{"BlockDeviceMappings": []any{map[string]any{
				"DeviceName": "/dev/xvda",
				"Ebs":        map[string]any{"Encrypted": true, "VolumeType": "gp3", "VolumeSize": i.RootVolumeGiB, "DeleteOnTermination": true},
			}}}},
		}
	}
	return config
}

// define defines the version and the environment, which props begin.
func (r *Resources) define(scope constructs.Construct, p *EnvironmentProps, config *Config, props *awselasticbeanstalk.CfnEnvironmentProps, options []Option) {
	bundle := p.Bundle
	if len(config.Resources) > 0 {
		bundle = bundle.with(ownConfig, config)
	}
	r.Version = newVersion(scope, p.App, bundle)
	all := SortOptions(append(options, p.RawOptions...))
	settings := make([]any, len(all))
	for i, o := range all {
		settings[i] = &awselasticbeanstalk.CfnEnvironment_OptionSettingProperty{
			Namespace: &o.Namespace, OptionName: &o.Name, Value: &o.Value, ResourceName: cdkval.Text(o.ResourceName),
		}
	}
	props.ApplicationName, props.VersionLabel = p.App.Application.Ref(), r.Version.Ref()
	props.EnvironmentName, props.Description = cdkval.Text(p.Name), cdkval.Text(p.Description)
	props.PlatformArn, props.OptionSettings = p.Platform.arn(scope), settings
	if p.ConfigureEnvironment != nil {
		p.ConfigureEnvironment(props)
	}
	r.Environment = awselasticbeanstalk.NewCfnEnvironment(scope, jsii.String("Environment"), props)
	// Instances that start before their rights are there fail.
	r.Environment.Node().AddDependency(r.InstanceRole, p.App.ServiceRole)
	if r.AccessLogs != nil && r.AccessLogs.Policy() != nil {
		r.Environment.Node().AddDependency(r.AccessLogs.Policy())
	}
	for i, warning := range append(p.Bundle.Warnings(), p.Bundle.Masked(all)...) {
		awscdk.Annotations_Of(scope).AddWarningV2(jsii.String(fmt.Sprintf("strata:beanstalk.bundle.%d", i)), &warning)
	}
}

// arn is the ARN of the platform.
func (p Platform) arn(scope constructs.Construct) *string {
	if p.ARN != "" {
		return &p.ARN
	}
	return awscdk.Stack_Of(scope).FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("elasticbeanstalk"), Account: jsii.String(""), Resource: jsii.String("platform"),
		ResourceName: jsii.String(p.Branch + "/" + p.Version),
	})
}
