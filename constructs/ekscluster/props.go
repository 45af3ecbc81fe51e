package ekscluster

import (
	"maps"
	"net/netip"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseks"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/awsid"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/defaults"
	"github.com/strata-cdk/strata/internal/sorted"
)

// ClusterProps configures a Cluster. Version and VPC are required.
type ClusterProps struct {
	// Name is the name of the cluster in the account and region: 1 to 100 letters, digits, _ and -, a letter or digit first. Another name
	// replaces the cluster.
	// Default: the path of the construct, with a hash.
	Name string
	// Version is the version of Kubernetes, such as "1.34": 1.30 to 1.36. A cluster goes up one minor version at a time; node groups
	// go with it. Required, as a default that moves would upgrade clusters.
	Version string
	// VPC is where nodes run and the API is reached. Another one replaces the cluster. Required.
	VPC awsec2.IVpc
	// Subnets are those of the control plane's network interfaces, of nodes and of pods on Fargate; of two zones or more.
	// Default: the private subnets with a way out.
	Subnets *awsec2.SubnetSelection
	// PublicAccess are CIDR blocks from which the API is reached over the internet, such as "198.51.100.0/24": at most 40. The API stays
	// reachable within the VPC.
	// Default: none, the API is private; Cluster.AllowAPI lets clients of the network in.
	PublicAccess []string
	// ServiceCIDR is the block of the addresses of services: of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, /12 to /24. It must not overlap
	// the VPC. Another one replaces the cluster.
	// Default: 172.20.0.0/16.
	ServiceCIDR string
	// ExtendedSupport keeps a version after its standard support, at six times the price of the control plane, instead of an automatic
	// upgrade.
	// Default: false.
	ExtendedSupport bool
	// AllowDeletion lets the cluster be deleted. CloudFormation cannot delete it otherwise: set it, deploy, then delete.
	// Default: false.
	AllowDeletion bool
	// DisableZonalShift leaves traffic in a zone that Amazon Application Recovery Controller says is impaired.
	// Default: false.
	DisableZonalShift bool
	// Key encrypts Kubernetes secrets, the logs and the storage. Another key replaces the cluster.
	// Default: a new key that rotates yearly.
	Key awskms.IKey
	// LogRetentionDays is how long the logs of the control plane are kept, in days; a value that CloudWatch Logs takes.
	// Default: 365.
	LogRetentionDays int
	// RemovalPolicy says what becomes of the logs, a new key and file systems when the stack is deleted.
	// Default: awscdk.RemovalPolicy_RETAIN.
	RemovalPolicy awscdk.RemovalPolicy
	// Access says who may do what with the Kubernetes API. The keys are construct ids: a letter, then letters and digits.
	// Default: none, nobody; who creates the cluster is no administrator either.
	Access map[string]Access
	// NodeGroups are groups of instances, managed by EKS or not, in any mix. The keys are construct ids.
	// Default: none.
	NodeGroups map[string]NodeGroup
	// FargateProfiles say which pods run on AWS Fargate. The keys are construct ids.
	// Default: none.
	FargateProfiles map[string]FargateProfile
	// AutoMode lets EKS run instances, load balancers and block storage. It can be mixed with NodeGroups and FargateProfiles.
	// Default: nil, none with NodeGroups or FargateProfiles, else both node pools.
	AutoMode *AutoMode
	// Addons are add-ons besides those that the cluster has anyway, or settings of these; each name once.
	// Default: none.
	Addons []Addon
	// KubectlLayer is a layer of AWS Lambda with kubectl and helm of a version near the cluster's. With it, Kubernetes objects are applied
	// at deployment, by a function in Subnets that is an administrator of the cluster. Storage and Namespaces ask for it.
	// Default: none, the stack has AWS resources only.
	KubectlLayer awslambda.ILayerVersion
	// Storage has the StorageClasses and what is behind them. It asks for KubectlLayer.
	// Default: nil, none.
	Storage *Storage
	// Namespaces are namespaces with limits, by their names. They ask for KubectlLayer.
	// Default: none.
	Namespaces map[string]Namespace
	// ConfigureCluster edits the L1 props last, after all defaults.
	// Default: no edit.
	ConfigureCluster func(*awseks.CfnClusterProps)
}

// AutoMode configures EKS Auto Mode.
//
// https://docs.aws.amazon.com/eks/latest/userguide/automode.html
type AutoMode struct {
	// NodePools are the node pools that EKS keeps: GeneralPurpose and System.
	// Default: both.
	NodePools []NodePool
}

// NodePool is a node pool that EKS Auto Mode keeps.
type NodePool string

// The node pools of EKS Auto Mode.
const (
	// GeneralPurpose runs pods that ask for nothing else, on x86_64.
	GeneralPurpose NodePool = "general-purpose"
	// System runs critical add-ons, on arm64 or x86_64; its nodes have the taint CriticalAddonsOnly.
	System NodePool = "system"
)

// Access is what a principal of IAM may do with the Kubernetes API. It asks for Policy or Groups.
//
// https://docs.aws.amazon.com/eks/latest/userguide/access-entries.html
type Access struct {
	// PrincipalARN is the ARN of a role or user, such as "arn:aws:iam::111122223333:role/Admin". A principal has one entry. Required.
	PrincipalARN string
	// Policy is an access policy of EKS: View, Edit, Admin, AdminView or ClusterAdmin.
	// Default: none, Groups decide.
	Policy AccessPolicy
	// Namespaces limit Policy to namespaces.
	// Default: none, the whole cluster.
	Namespaces []string
	// Groups are groups of Kubernetes RBAC, which must not start with "system:", "eks:", "aws:", "amazon:" or "iam:".
	// Default: none.
	Groups []string
}

// AccessPolicy is an access policy of EKS.
//
// https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html
type AccessPolicy string

// The access policies of EKS for people.
const (
	// View reads most objects, but no secrets.
	View AccessPolicy = "AmazonEKSViewPolicy"
	// Edit changes most objects and reads secrets.
	Edit AccessPolicy = "AmazonEKSEditPolicy"
	// Admin changes most objects, roles within namespaces among them.
	Admin AccessPolicy = "AmazonEKSAdminPolicy"
	// AdminView reads every object, secrets among them.
	AdminView AccessPolicy = "AmazonEKSAdminViewPolicy"
	// ClusterAdmin does everything.
	ClusterAdmin AccessPolicy = "AmazonEKSClusterAdminPolicy"
)

// FargateProfile says which pods run on AWS Fargate, in the private subnets of the cluster.
//
// https://docs.aws.amazon.com/eks/latest/userguide/fargate-profile.html
type FargateProfile struct {
	// Selectors match pods; one that matches is enough. 1 to 5. Required.
	Selectors []Selector
	// ConfigureProfile edits the L1 props last, after all defaults. Every change of a profile replaces it.
	// Default: no edit.
	ConfigureProfile func(*awseks.CfnFargateProfileProps)
}

// Selector matches pods.
type Selector struct {
	// Namespace is the namespace of the pods; * and ? stand for any characters and for one. Required.
	Namespace string
	// Labels are labels that pods must have, at most 5.
	// Default: none.
	Labels map[string]string
}

var (
	clusterName = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z_-]{0,99}$`)
	version     = regexp.MustCompile(`^1\.(3[0-6])$`)
	dnsLabel    = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`)
	principal   = regexp.MustCompile(`^arn:[a-z-]+:iam::[0-9]{12}:(role|user)/.+$`)
	pattern     = regexp.MustCompile(`^[a-z0-9*?]([-a-z0-9*?]{0,61}[a-z0-9*?])?$`)
)

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *ClusterProps) Validate() error {
	d, c := p.withDefaults(), check.For("ekscluster.ClusterProps")
	c.That(d.Name == "" || clusterName.MatchString(d.Name), "Name", "must be 1 to 100 letters, digits, _ and -, a letter or digit first, got %q", d.Name)
	c.That(version.MatchString(d.Version), "Version", "must be between 1.30 and 1.36, got %q", d.Version)
	c.That(d.VPC != nil, "VPC", "must be given")
	c.That(len(d.PublicAccess) <= 40, "PublicAccess", "must be at most 40, got %d", len(d.PublicAccess))
	for i, s := range d.PublicAccess {
		validatePublicCIDR(c, check.Index("PublicAccess", i), s)
	}
	awsid.OnceEach(c, "PublicAccess", d.PublicAccess)
	validateServiceCIDR(c, d.ServiceCIDR)
	check.OneOf(c, "LogRetentionDays", d.LogRetentionDays, cdkval.RetentionDays()...)
	check.OneOf(c, "RemovalPolicy", d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN, awscdk.RemovalPolicy_DESTROY)
	principals := []string{}
	for id, access := range sorted.All(d.Access) {
		validateID(c, "Access", id)
		access.validate(c.At(check.Key("Access", id)))
		principals = append(principals, access.PrincipalARN)
	}
	awsid.OnceEach(c, "Access", principals)
	for id, g := range sorted.All(d.NodeGroups) {
		validateID(c, "NodeGroups", id)
		g.validate(c.At(check.Key("NodeGroups", id)))
	}
	for id, f := range sorted.All(d.FargateProfiles) {
		validateID(c, "FargateProfiles", id)
		f.validate(c.At(check.Key("FargateProfiles", id)))
	}
	if d.fargateOnly() {
		dns := slices.ContainsFunc(slices.Collect(maps.Values(d.FargateProfiles)), FargateProfile.runsDNS)
		c.That(dns, "FargateProfiles", "must have a selector for the namespace kube-system where there are no other nodes, or CoreDNS would not run")
	}
	if d.AutoMode != nil {
		d.AutoMode.validate(c.At("AutoMode"))
	}
	d.validateAddons(c)
	if d.Storage != nil {
		c.That(d.KubectlLayer != nil, "Storage", "needs KubectlLayer")
		c.That(!d.fargateOnly(), "Storage", "must be left out where there is Fargate alone, which makes no volumes")
		d.Storage.validate(c.At("Storage"), len(d.NodeGroups) > 0)
	}
	c.That(len(d.Namespaces) == 0 || d.KubectlLayer != nil, "Namespaces", "needs KubectlLayer")
	for name, n := range sorted.All(d.Namespaces) {
		n.validate(c.At(check.Key("Namespaces", name)), name)
	}
	return c.Err()
}

func validateID(c *check.List, field, id string) {
	c.That(check.IsConstructID(id), check.Key(field, id), "must have a key of letters and digits, a letter first")
}

func validatePublicCIDR(c *check.List, field, s string) {
	if check.IsToken(s) {
		return
	}
	block, err := netip.ParsePrefix(s)
	c.That(err == nil && block.Addr().Is4() && block == block.Masked() && !block.Addr().IsPrivate(), field, "must be a public IPv4 CIDR block such as 198.51.100.0/24, got %q", s)
}

func validateServiceCIDR(c *check.List, s string) {
	block, err := netip.ParsePrefix(s)
	c.That(err == nil && block == block.Masked() && block.Addr().Is4() && block.Addr().IsPrivate() && 12 <= block.Bits() && block.Bits() <= 24, "ServiceCIDR",
		"must be of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, between /12 and /24, got %q", s)
}

func (a *Access) validate(c *check.List) {
	c.That(principal.MatchString(a.PrincipalARN) || check.IsToken(a.PrincipalARN), "PrincipalARN", "must be the ARN of a role or user of IAM, got %q", a.PrincipalARN)
	check.OneOf(c, "Policy", a.Policy, "", View, Edit, Admin, AdminView, ClusterAdmin)
	c.That(a.Policy != "" || len(a.Groups) > 0, "Policy", "must be given, or Groups")
	c.That(a.Policy != "" || len(a.Namespaces) == 0, "Namespaces", "must be left out without Policy")
	for i, n := range a.Namespaces {
		c.That(pattern.MatchString(n), check.Index("Namespaces", i), "must be the name of a namespace, got %q", n)
	}
	for i, g := range a.Groups {
		reserved := false
		for _, prefix := range []string{"system:", "eks:", "aws:", "amazon:", "iam:"} {
			reserved = reserved || strings.HasPrefix(g, prefix)
		}
		c.That(g != "" && !reserved, check.Index("Groups", i), "must be the name of a group, without system:, eks:, aws:, amazon: or iam: first, got %q", g)
	}
}

func (f *FargateProfile) validate(c *check.List) {
	check.Range(c, "Selectors", len(f.Selectors), 1, 5)
	for i, s := range f.Selectors {
		c := c.At(check.Index("Selectors", i))
		c.That(pattern.MatchString(s.Namespace), "Namespace", "must be the name of a namespace, got %q", s.Namespace)
		c.That(len(s.Labels) <= 5, "Labels", "must be at most 5, got %d", len(s.Labels))
	}
}

// runsDNS tells whether a selector matches the pods of CoreDNS by their namespace alone.
func (f FargateProfile) runsDNS() bool {
	return slices.ContainsFunc(f.Selectors, func(s Selector) bool {
		match, err := path.Match(s.Namespace, "kube-system")
		return err == nil && match && len(s.Labels) == 0
	})
}

func (m *AutoMode) validate(c *check.List) {
	for i, n := range m.NodePools {
		check.OneOf(c, check.Index("NodePools", i), n, GeneralPurpose, System)
	}
	awsid.OnceEach(c, "NodePools", texts(m.NodePools))
}

func texts[T ~string](values []T) []string {
	s := make([]string, len(values))
	for i, v := range values {
		s[i] = string(v)
	}
	return s
}

func (p *ClusterProps) withDefaults() ClusterProps {
	var d ClusterProps
	if p != nil {
		d = *p
	}
	defaults.Or(&d.ServiceCIDR, "172.20.0.0/16")
	defaults.Or(&d.LogRetentionDays, 365)
	defaults.Or(&d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN)
	if d.Subnets == nil {
		d.Subnets = &awsec2.SubnetSelection{SubnetType: awsec2.SubnetType_PRIVATE_WITH_EGRESS}
	}
	if d.AutoMode == nil && len(d.NodeGroups) == 0 && len(d.FargateProfiles) == 0 {
		d.AutoMode = &AutoMode{}
	}
	if d.AutoMode != nil && len(d.AutoMode.NodePools) == 0 {
		d.AutoMode = &AutoMode{NodePools: []NodePool{GeneralPurpose, System}}
	}
	groups := map[string]NodeGroup{}
	for id, g := range d.NodeGroups {
		groups[id] = g.withDefaults()
	}
	d.NodeGroups = groups
	if d.Storage != nil {
		d.Storage = new(d.Storage.withDefaults())
	}
	namespaces := map[string]Namespace{}
	for name, n := range d.Namespaces {
		namespaces[name] = n.withDefaults()
	}
	d.Namespaces = namespaces
	return d
}

// minor is the minor version of Kubernetes.
func (p *ClusterProps) minor() int {
	n, _ := strconv.Atoi(strings.TrimPrefix(p.Version, "1."))
	return n
}
