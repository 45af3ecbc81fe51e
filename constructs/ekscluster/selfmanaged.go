package ekscluster

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseks"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/internal/nag"
	"github.com/strata-cdk/strata/internal/sorted"
)

// selfManaged is what self-managed groups share.
type selfManaged struct {
	profile awsiam.InstanceProfile
	entry   awseks.CfnAccessEntry
}

func (k *Cluster) newSelfManagedShared(principal awsiam.IPrincipal) *selfManaged {
	k.SelfManagedRole = k.newRole("SelfManagedRole", principal, nodePolicies...)
	k.Topic = awssns.NewTopic(k, jsii.String("Topic"), &awssns.TopicProps{MasterKey: k.Key, EnforceSSL: jsii.Bool(true)})
	return &selfManaged{
		profile: awsiam.NewInstanceProfile(k, jsii.String("InstanceProfile"), &awsiam.InstanceProfileProps{Role: k.SelfManagedRole}),
		entry: awseks.NewCfnAccessEntry(k, jsii.String("NodeAccess"), &awseks.CfnAccessEntryProps{
			ClusterName: k.Cluster.Ref(), PrincipalArn: k.SelfManagedRole.RoleArn(), Type: jsii.String("EC2_LINUX"),
		}),
	}
}

func (k *Cluster) newSelfManaged(id string, g *NodeGroup, shared *selfManaged) *Nodes {
	data := &awsec2.CfnLaunchTemplate_LaunchTemplateDataProperty{
		ImageId:            awsssm.StringParameter_ValueForTypedStringParameterV2(k, jsii.String(k.imageParameter(g)), awsssm.ParameterValueType_AWS_EC2_IMAGE_ID, nil),
		IamInstanceProfile: &awsec2.CfnLaunchTemplate_IamInstanceProfileProperty{Arn: shared.profile.InstanceProfileArn()},
		SecurityGroupIds:   &[]*string{k.SecurityGroup.SecurityGroupId()},
		UserData:           awscdk.Fn_Base64(jsii.String(k.userData(g))),
	}
	n := &Nodes{LaunchTemplate: k.newLaunchTemplate(id, g, data)}
	overrides := []any{}
	for _, t := range g.InstanceTypes {
		overrides = append(overrides, &awsautoscaling.CfnAutoScalingGroup_LaunchTemplateOverridesProperty{InstanceType: &t})
	}
	subnets := []any{}
	for _, s := range k.subnetsOf(g) {
		subnets = append(subnets, s)
	}
	distribution := &awsautoscaling.CfnAutoScalingGroup_InstancesDistributionProperty{
		OnDemandBaseCapacity: jsii.Number(g.OnDemandBase), OnDemandPercentageAboveBaseCapacity: jsii.Number(100 - g.SpotPercent),
		OnDemandAllocationStrategy: jsii.String("prioritized"), SpotAllocationStrategy: jsii.String("price-capacity-optimized"),
	}
	props := &awsautoscaling.CfnAutoScalingGroupProps{
		MinSize: jsii.String(strconv.Itoa(*g.Min)), DesiredCapacity: jsii.String(strconv.Itoa(*g.Desired)), MaxSize: jsii.String(strconv.Itoa(g.Max)),
		VpcZoneIdentifier: &subnets, CapacityRebalance: jsii.Bool(g.SpotPercent > 0),
		MixedInstancesPolicy: &awsautoscaling.CfnAutoScalingGroup_MixedInstancesPolicyProperty{
			InstancesDistribution: distribution,
			LaunchTemplate: &awsautoscaling.CfnAutoScalingGroup_LaunchTemplateProperty{
				LaunchTemplateSpecification: &awsautoscaling.CfnAutoScalingGroup_LaunchTemplateSpecificationProperty{
					LaunchTemplateId: n.LaunchTemplate.Ref(), Version: n.LaunchTemplate.AttrLatestVersionNumber(),
				},
				Overrides: &overrides,
			},
		},
		NotificationConfigurations: &[]any{&awsautoscaling.CfnAutoScalingGroup_NotificationConfigurationProperty{
			TopicArn: k.Topic.TopicArn(), NotificationTypes: jsii.Strings("autoscaling:EC2_INSTANCE_LAUNCH", "autoscaling:EC2_INSTANCE_LAUNCH_ERROR",
				"autoscaling:EC2_INSTANCE_TERMINATE", "autoscaling:EC2_INSTANCE_TERMINATE_ERROR"),
		}},
		Tags: &[]*awsautoscaling.CfnAutoScalingGroup_TagPropertyProperty{
			{Key: jsii.String("kubernetes.io/cluster/" + k.name), Value: jsii.String("owned"), PropagateAtLaunch: jsii.Bool(true)},
		},
	}
	if g.ConfigureAutoScalingGroup != nil {
		g.ConfigureAutoScalingGroup(props)
	}
	n.SelfManaged = awsautoscaling.NewCfnAutoScalingGroup(k, &id, props)
	n.SelfManaged.CfnOptions().SetUpdatePolicy(&awscdk.CfnUpdatePolicy{AutoScalingInstanceRefresh: &awscdk.CfnAutoScalingInstanceRefresh{
		Strategy: jsii.String("Rolling"), Preferences: &awscdk.CfnAutoScalingInstanceRefreshPreferences{
			MinHealthyPercentage: jsii.Number(100), MaxHealthyPercentage: jsii.Number(200), SkipMatching: jsii.Bool(true),
		},
	}})
	nag.Suppress(n.SelfManaged, "AwsSolutions-EC26", "The launch template encrypts the volumes, which cdk-nag does not find in a policy of several types.")
	// With their policies and access, or the first instances could not join the cluster.
	n.SelfManaged.Node().AddDependency(k.SelfManagedRole, shared.entry)
	return n
}

// imageParameter is the parameter of Systems Manager in which AWS keeps the id of the newest image.
func (k *Cluster) imageParameter(g *NodeGroup) string {
	arch := map[bool]string{true: "arm64", false: "x86_64"}[g.arm()]
	if g.Image == Bottlerocket {
		return fmt.Sprintf("/aws/service/bottlerocket/aws-k8s-%s/%s/latest/image_id", k.props.Version, arch)
	}
	return fmt.Sprintf("/aws/service/eks/optimized-ami/%s/amazon-linux-2023/%s/standard/recommended/image_id", k.props.Version, arch)
}

// userData tells an instance of which cluster it is a node: the configuration of nodeadm, or the settings of Bottlerocket.
//
// https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html and https://bottlerocket.dev/en/os/latest/#/api/settings/kubernetes/
func (k *Cluster) userData(g *NodeGroup) string {
	b := &strings.Builder{}
	if g.Image == Bottlerocket {
		fmt.Fprintf(b, "[settings.kubernetes]\ncluster-name = %q\napi-server = \"%s\"\ncluster-certificate = \"%s\"\ncluster-dns-ip = %q\n",
			k.name, *k.Cluster.AttrEndpoint(), *k.Cluster.AttrCertificateAuthorityData(), dnsAddress(k.props.ServiceCIDR))
		if len(g.Labels) > 0 {
			b.WriteString("[settings.kubernetes.node-labels]\n")
		}
		for name, value := range sorted.All(g.Labels) {
			fmt.Fprintf(b, "%q = %q\n", name, value)
		}
		values := map[string][]string{} // taints of a key are a list
		for _, t := range g.Taints {
			values[t.Key] = append(values[t.Key], fmt.Sprintf("%q", t.Value+":"+string(t.Effect)))
		}
		if len(values) > 0 {
			b.WriteString("[settings.kubernetes.node-taints]\n")
		}
		for key, v := range sorted.All(values) {
			fmt.Fprintf(b, "%q = [%s]\n", key, strings.Join(v, ", "))
		}
		return b.String()
	}
	fmt.Fprintf(b, "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"STRATA\"\n\n--STRATA\nContent-Type: application/node.eks.aws\n\n"+
		"apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n  cluster:\n    name: %s\n    apiServerEndpoint: %s\n    certificateAuthority: %s\n    cidr: %s\n",
		k.name, *k.Cluster.AttrEndpoint(), *k.Cluster.AttrCertificateAuthorityData(), k.props.ServiceCIDR)
	var flags []string
	if labels := pairs(g.Labels); len(labels) > 0 {
		flags = append(flags, "--node-labels="+strings.Join(labels, ","))
	}
	var taints []string
	for _, t := range g.Taints {
		taints = append(taints, fmt.Sprintf("%s=%s:%s", t.Key, t.Value, t.Effect))
	}
	if len(taints) > 0 {
		flags = append(flags, "--register-with-taints="+strings.Join(taints, ","))
	}
	if len(flags) > 0 {
		b.WriteString("  kubelet:\n    flags:\n")
	}
	for _, f := range flags {
		fmt.Fprintf(b, "      - %q\n", f)
	}
	b.WriteString("\n--STRATA--\n")
	return b.String()
}

func pairs(labels map[string]string) []string {
	var s []string
	for name, value := range sorted.All(labels) {
		s = append(s, name+"="+value)
	}
	return s
}

// dnsAddress is the address of the DNS of a cluster: the tenth of its services.
func dnsAddress(cidr string) string {
	b := netip.MustParsePrefix(cidr).Addr().As4()
	b[3] = 10
	return netip.AddrFrom4(b).String()
}

// allowNodes lets Auto Scaling, in whose name the instances of all groups are started, use the key for their volumes and for the topic.
//
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html
func (k *Cluster) allowNodes() {
	stack := awscdk.Stack_Of(k)
	// The role need not be there yet, as it would have to be for a principal.
	role := *stack.FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("iam"), Region: jsii.String(""), Resource: jsii.String("role"),
		ResourceName: jsii.String("aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"),
	})
	statement := func(conditions map[string]any, actions ...string) {
		conditions["ArnEquals"] = map[string]any{"aws:PrincipalArn": role}
		k.Key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Principals: &[]awsiam.IPrincipal{awsiam.NewAnyPrincipal()}, Actions: jsii.Strings(actions...), Resources: jsii.Strings("*"), Conditions: &conditions,
		}), nil)
	}
	statement(map[string]any{}, "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey")
	statement(map[string]any{"Bool": map[string]any{"kms:GrantIsForAWSResource": "true"}}, "kms:CreateGrant")
}
