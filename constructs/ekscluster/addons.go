package ekscluster

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awseks"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/awsid"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/nag"
	"github.com/strata-cdk/strata/internal/sorted"
)

// Addon is an add-on of EKS.
//
// https://docs.aws.amazon.com/eks/latest/userguide/eks-add-ons.html
type Addon struct {
	// Name is the add-on's name: one of those named here, which get the roles that they need, or any that EKS offers. Required.
	Name AddonName
	// Version is the add-on's version, such as "v1.20.4-eksbuild.1".
	// Default: the one that AWS recommends for the cluster's version when the add-on is created.
	Version string
	// Configuration is a JSON object of the add-on's settings (aws eks describe-addon-configuration).
	// Default: none, but that VPCCNI enforces network policies, and that CoreDNS is on Fargate where that is all there is.
	Configuration string
	// Roles are roles of the add-on's service accounts, by their names, for pods.eks.amazonaws.com. They replace those that a named add-on gets.
	// Default: none.
	Roles map[string]awsiam.IRole
	// ConfigureAddon edits the L1 props last, after all defaults.
	// Default: no edit.
	ConfigureAddon func(*awseks.CfnAddonProps)
}

// AddonName is the name of an add-on.
type AddonName string

// Add-ons whose needs are known. A cluster with node groups has the first six; one with Fargate profiles only, CoreDNS; one with Auto Mode
// only, MetricsServer, as Auto Mode has the others built in.
const (
	// VPCCNI gives pods addresses of the VPC, and enforces network policies.
	VPCCNI AddonName = "vpc-cni"
	// KubeProxy forwards traffic of services.
	KubeProxy AddonName = "kube-proxy"
	// PodIdentityAgent gives pods credentials of their roles.
	PodIdentityAgent AddonName = "eks-pod-identity-agent"
	// CoreDNS is the DNS of the cluster.
	CoreDNS AddonName = "coredns"
	// MetricsServer has metrics for kubectl top and the scaling of pods.
	MetricsServer AddonName = "metrics-server"
	// EBSCSI provides volumes of Amazon EBS.
	EBSCSI AddonName = "aws-ebs-csi-driver"
	// EFSCSI provides file systems of Amazon EFS.
	EFSCSI AddonName = "aws-efs-csi-driver"
	// FSxCSI provides file systems of Amazon FSx for Lustre.
	FSxCSI AddonName = "aws-fsx-csi-driver"
	// SnapshotController takes snapshots of volumes.
	SnapshotController AddonName = "snapshot-controller"
	// CloudWatch sends metrics, logs and traces to Amazon CloudWatch.
	CloudWatch AddonName = "amazon-cloudwatch-observability"
	// Trident provides volumes of Amazon FSx for NetApp ONTAP. It is NetApp's, subscribed to in the AWS Marketplace.
	Trident AddonName = "netapp_trident-operator"
)

// identity is what a service account of an add-on may do.
type identity struct {
	namespace, account string
	// managed are names of policies that AWS keeps for the add-on.
	managed []string
}

// identities are the service accounts of add-ons that call AWS.
var identities = map[AddonName][]identity{
	VPCCNI: {{"kube-system", "aws-node", []string{"AmazonEKS_CNI_Policy"}}},
	EBSCSI: {{"kube-system", "ebs-csi-controller-sa", []string{"service-role/AmazonEBSCSIDriverPolicy"}}},
	EFSCSI: {
		{"kube-system", "efs-csi-controller-sa", []string{"service-role/AmazonEFSCSIDriverPolicy"}},
		{"kube-system", "efs-csi-node-sa", []string{"service-role/AmazonEFSCSIDriverPolicy"}},
	},
	FSxCSI:     {{"kube-system", "fsx-csi-controller-sa", nil}},
	CloudWatch: {{"amazon-cloudwatch", "cloudwatch-agent", []string{"CloudWatchAgentServerPolicy", "AWSXrayWriteOnlyAccess"}}},
	Trident:    {{"trident", "trident-controller", nil}},
}

// beforeNodes are add-ons that nodes need to become ready. The others are not active before there are nodes.
var beforeNodes = []AddonName{VPCCNI, KubeProxy, PodIdentityAgent}

// builtIn are add-ons that EKS Auto Mode has built in.
var builtIn = []AddonName{VPCCNI, KubeProxy, PodIdentityAgent, CoreDNS, EBSCSI}

var addonName = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z_-]*$`)

// autoOnly tells that Auto Mode is all there is to run pods.
func (p *ClusterProps) autoOnly() bool {
	return p.AutoMode != nil && len(p.NodeGroups) == 0 && len(p.FargateProfiles) == 0
}

// fargateOnly tells that Fargate is all there is to run pods.
func (p *ClusterProps) fargateOnly() bool {
	return p.AutoMode == nil && len(p.NodeGroups) == 0 && len(p.FargateProfiles) > 0
}

func (p *ClusterProps) validateAddons(c *check.List) {
	names := make([]string, len(p.Addons))
	for i, a := range p.Addons {
		c := c.At(check.Index("Addons", i))
		names[i] = string(a.Name)
		c.That(addonName.MatchString(string(a.Name)), "Name", "must be the name of an add-on, got %q", a.Name)
		c.That(!p.autoOnly() || !slices.Contains(builtIn, a.Name), "Name", "must be left out with AutoMode alone, which has %s built in", a.Name)
		var object map[string]any
		c.That(a.Configuration == "" || check.IsToken(a.Configuration) || json.Unmarshal([]byte(a.Configuration), &object) == nil, "Configuration", "must be a JSON object")
	}
	awsid.OnceEach(c, "Addons", names)
}

// addons are the add-ons of the cluster, by their names.
func (p *ClusterProps) addons() map[AddonName]Addon {
	names := []AddonName{MetricsServer}
	switch {
	case p.fargateOnly():
		names = []AddonName{CoreDNS}
	case !p.autoOnly():
		names = append(names, builtIn...)
	}
	all := map[AddonName]Addon{}
	for _, n := range names {
		all[n] = Addon{Name: n}
	}
	if s := p.Storage; s != nil {
		for name, wanted := range map[AddonName]bool{EFSCSI: s.EFS != nil, FSxCSI: len(s.Lustre) > 0, Trident: s.ONTAP != nil} {
			if wanted {
				all[name] = Addon{Name: name}
			}
		}
	}
	for _, a := range p.Addons {
		all[a.Name] = a
	}
	configure := func(name AddonName, configuration string) {
		if a, ok := all[name]; ok && a.Configuration == "" {
			a.Configuration = configuration
			all[name] = a
		}
	}
	configure(VPCCNI, `{"enableNetworkPolicy":"true"}`)
	if p.fargateOnly() {
		configure(CoreDNS, `{"computeType":"Fargate"}`)
	}
	return all
}

// newAddons defines the add-ons that are there before the nodes, or those after them.
func (k *Cluster) newAddons(addons map[AddonName]Addon, before bool) {
	for name, a := range sorted.All(addons) {
		if slices.Contains(beforeNodes, name) != before {
			continue
		}
		k.Addons[name] = k.newAddon(&a)
	}
}

func (k *Cluster) newAddon(a *Addon) awseks.CfnAddon {
	roles := a.Roles
	if len(roles) == 0 {
		roles = map[string]awsiam.IRole{}
		for _, i := range identities[a.Name] {
			role := awsiam.NewRole(k, jsii.String("Role"+pascal(i.account)), &awsiam.RoleProps{
				AssumedBy: podPrincipal(i.namespace, i.account), Description: jsii.String("Add-on " + string(a.Name) + " of " + k.name),
			})
			for _, m := range i.managed {
				role.AddManagedPolicy(awsiam.ManagedPolicy_FromAwsManagedPolicyName(&m))
			}
			if len(i.managed) > 0 {
				nag.Suppress(role, "AwsSolutions-IAM4", "The policy that AWS keeps for the add-on.")
			}
			switch a.Name {
			case EBSCSI:
				k.allowStorageKey(role)
			case FSxCSI:
				k.allowLustre(role)
			}
			roles[i.account] = role
			k.AddonRoles[i.account] = role
		}
	}
	associations := []any{}
	for account, role := range sorted.All(roles) {
		associations = append(associations, &awseks.CfnAddon_PodIdentityAssociationProperty{ServiceAccount: &account, RoleArn: role.RoleArn()})
	}
	props := &awseks.CfnAddonProps{
		AddonName: jsii.String(string(a.Name)), ClusterName: k.Cluster.Ref(), AddonVersion: cdkval.Text(a.Version),
		ConfigurationValues: cdkval.Text(a.Configuration), ResolveConflicts: jsii.String("OVERWRITE"),
	}
	if len(associations) > 0 {
		props.PodIdentityAssociations = &associations
	}
	if a.ConfigureAddon != nil {
		a.ConfigureAddon(props)
	}
	return awseks.NewCfnAddon(k, jsii.String("Addon"+pascal(string(a.Name))), props)
}

// pascal turns a name such as aws-node into a construct id.
func pascal(name string) string {
	b := &strings.Builder{}
	for _, part := range strings.FieldsFunc(name, func(r rune) bool { return r == '-' || r == '_' }) {
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return b.String()
}

// podPrincipal is a service account of a namespace, by EKS Pod Identity.
//
// https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html
func podPrincipal(namespace, account string) awsiam.IPrincipal {
	return awsiam.NewServicePrincipal(jsii.String("pods.eks.amazonaws.com"), &awsiam.ServicePrincipalOpts{
		Conditions: &map[string]any{"StringEquals": map[string]any{
			"aws:RequestTag/kubernetes-namespace": namespace, "aws:RequestTag/kubernetes-service-account": account,
		}},
	}).WithSessionTags()
}

// NewServiceAccountRole defines the role of a service account of a namespace, by EKS Pod Identity. It is the child id of the cluster. The
// service account itself is made with the pods.
func (k *Cluster) NewServiceAccountRole(id, namespace, account string) awsiam.Role {
	c := check.For("NewServiceAccountRole")
	c.That(dnsLabel.MatchString(namespace), "namespace", "must be the name of a namespace, got %q", namespace)
	c.That(dnsName.MatchString(account), "account", "must be the name of a service account, got %q", account)
	check.Must(k.Node().Path(), id, c.Err())
	role := awsiam.NewRole(k, &id, &awsiam.RoleProps{AssumedBy: podPrincipal(namespace, account)})
	awseks.NewCfnPodIdentityAssociation(k, jsii.String(id+"Association"), &awseks.CfnPodIdentityAssociationProps{
		ClusterName: k.Cluster.Ref(), Namespace: &namespace, ServiceAccount: &account, RoleArn: role.RoleArn(),
	})
	return role
}

var dnsName = regexp.MustCompile(`^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$`)

// allowStorageKey lets a driver of volumes of EBS use the cluster's key.
func (k *Cluster) allowStorageKey(role awsiam.IRole) {
	k.Key.Grant(role, jsii.String("kms:Decrypt"), jsii.String("kms:GenerateDataKeyWithoutPlaintext"), jsii.String("kms:DescribeKey"), jsii.String("kms:ReEncryptFrom"), jsii.String("kms:ReEncryptTo"))
	awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{
		Grantee: role, Actions: jsii.Strings("kms:CreateGrant"), ResourceArns: &[]*string{k.Key.KeyArn()},
		Conditions: &map[string]*map[string]any{"Bool": {"kms:GrantIsForAWSResource": "true"}},
	})
}
