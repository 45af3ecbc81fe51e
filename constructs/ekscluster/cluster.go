// Package ekscluster defines clusters of Amazon EKS, with what they need to run pods.
//
// A Cluster is a control plane, which is reached within the VPC only, and any mix of node groups (managed by EKS or not, on-demand or Spot,
// Amazon Linux or Bottlerocket), Fargate profiles and Auto Mode. Add-ons get their roles by EKS Pod Identity. With a layer of kubectl it has
// StorageClasses too, with the file systems behind them, and namespaces with quotas, network policies and Pod Security.
//
// It protects: secrets, logs and storage are encrypted with a key of yours; all logs of the control plane are kept; nobody has access but by
// access entries; pods do not reach the credentials of their nodes; volumes of nodes are encrypted, and the metadata of instances asks for
// tokens; the cluster is protected from deletion.
//
// It costs, in us-east-1: 0.10 USD an hour for the control plane (0.60 USD with ExtendedSupport), the instances, 1 USD a month for the key,
// 0.50 USD a GB of logs.
//
// See https://docs.aws.amazon.com/eks/latest/best-practices/introduction.html
package ekscluster

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseks"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/encrypted"
	"github.com/strata-cdk/strata/internal/nag"
	"github.com/strata-cdk/strata/internal/sorted"
)

// Cluster is a cluster of Amazon EKS. The fields are the underlying constructs, for grants and overrides.
type Cluster struct {
	constructs.Construct
	// Key encrypts secrets, logs and storage.
	Key awskms.IKey
	// Logs are those of the control plane.
	Logs awslogs.LogGroup
	// Role is that of the control plane.
	Role awsiam.Role
	// Cluster is the cluster.
	Cluster awseks.CfnCluster
	// SecurityGroup is that of the control plane and the nodes. What is in it reaches everything else in it.
	SecurityGroup awsec2.ISecurityGroup
	// AccessEntries are those of props.Access.
	AccessEntries map[string]awseks.CfnAccessEntry
	// NodeRole is the role of managed nodes and SelfManagedRole that of the others; AutoRole is that of the nodes of Auto Mode. Each is nil
	// where there are no such nodes.
	NodeRole, SelfManagedRole, AutoRole awsiam.Role
	// Nodes are the groups of nodes.
	Nodes map[string]*Nodes
	// Topic is told when instances of self-managed groups start and end; nil where there are none.
	Topic awssns.Topic
	// FargateRole is the role that pods on Fargate are started with; nil where there are none.
	FargateRole awsiam.Role
	// FargateProfiles are those of props.FargateProfiles.
	FargateProfiles map[string]awseks.CfnFargateProfile
	// Addons are the add-ons, and AddonRoles the roles that they got, by the names of their service accounts.
	Addons     map[AddonName]awseks.CfnAddon
	AddonRoles map[string]awsiam.Role
	// Kubectl is the cluster as what applies objects of Kubernetes sees it, for charts of Helm; nil without KubectlLayer.
	Kubectl awseksv2.ICluster
	// FileSystems are those of props.Storage.
	FileSystems FileSystems

	kubectlAccess awseks.CfnAccessEntry

	name    string
	props   ClusterProps
	subnets *awsec2.SelectedSubnets
}

// NewCluster defines a Cluster named id in scope. It panics with a *check.Error that lists every invalid field of props.
func NewCluster(scope constructs.Construct, id string, props *ClusterProps) *Cluster {
	check.Must(scope.Node().Path(), id, props.Validate())
	p := props.withDefaults()
	subnets, err := p.selectSubnets(props.Subnets)
	check.Must(scope.Node().Path(), id, err)

	k := &Cluster{
		AccessEntries: map[string]awseks.CfnAccessEntry{}, Nodes: map[string]*Nodes{}, FargateProfiles: map[string]awseks.CfnFargateProfile{},
		Addons: map[AddonName]awseks.CfnAddon{}, AddonRoles: map[string]awsiam.Role{}, props: p, subnets: subnets,
	}
	constructs.NewConstruct_Override(k, scope, &id)
	k.name = p.Name
	if k.name == "" {
		k.name = *awscdk.Names_UniqueResourceName(k, &awscdk.UniqueResourceNameOptions{MaxLength: jsii.Number(100), Separator: jsii.String("-")})
	}
	k.Key = p.Key
	if k.Key == nil {
		k.Key = encrypted.NewKey(k, "Secrets, logs and storage of "+*k.Node().Path(), p.RemovalPolicy)
	}
	encrypted.AllowLogs(k, k.Key)
	k.Logs = encrypted.NewLogGroup(k, "Logs", "/aws/eks/"+k.name+"/cluster", k.Key, p.LogRetentionDays, p.RemovalPolicy)
	k.newControlPlane()
	for id, a := range sorted.All(p.Access) {
		k.AccessEntries[id] = k.newAccess("Access"+id, &a)
	}
	addons := p.addons()
	k.newAddons(addons, true)
	k.newCompute()
	k.newAddons(addons, false)
	k.waitForNodes()
	if p.KubectlLayer != nil {
		k.newKubectl()
		k.newStorage()
		k.newNamespaces()
	}
	return k
}

// selectSubnets finds the subnets and their route tables, which only the VPC knows.
func (p *ClusterProps) selectSubnets(given *awsec2.SubnetSelection) (*awsec2.SelectedSubnets, error) {
	c := check.For("ekscluster.ClusterProps")
	if given == nil && len(*p.VPC.PrivateSubnets()) < 2 {
		c.Add("VPC", "must have private subnets in two zones or more, or Subnets must be given")
		return nil, c.Err()
	}
	selected := p.VPC.SelectSubnets(p.Subnets)
	if s := p.Storage; s != nil && s.ONTAP != nil && !s.ONTAP.SingleZone && len(s.ONTAP.RouteTableIDs) == 0 {
		var ok bool
		s.ONTAP.RouteTableIDs, ok = routeTables(selected.Subnets)
		c.That(ok, "Storage.ONTAP.RouteTableIDs", "must be given, as the VPC does not know those of the subnets")
	}
	return selected, c.Err()
}

// Name is the name of the cluster.
func (k *Cluster) Name() *string { return k.Cluster.Ref() }

// AllowAPI lets peer reach the API of Kubernetes within the network.
func (k *Cluster) AllowAPI(peer awsec2.IPeer, description string) {
	k.SecurityGroup.AddIngressRule(peer, awsec2.Port_Tcp(jsii.Number(443)), &description, nil)
}

// newRole defines a role of a service with policies that AWS keeps for it.
func (k *Cluster) newRole(id string, principal awsiam.IPrincipal, policies ...string) awsiam.Role {
	role := awsiam.NewRole(k, &id, &awsiam.RoleProps{AssumedBy: principal})
	for _, p := range policies {
		role.AddManagedPolicy(awsiam.ManagedPolicy_FromAwsManagedPolicyName(&p))
	}
	nag.Suppress(role, "AwsSolutions-IAM4", "The policies that AWS keeps for EKS and its nodes.")
	return role
}

func (k *Cluster) newControlPlane() {
	p := &k.props
	eks := awsiam.NewServicePrincipal(jsii.String("eks.amazonaws.com"), nil)
	policies := []string{"AmazonEKSClusterPolicy"}
	if p.AutoMode != nil {
		policies = append(policies, "AmazonEKSComputePolicy", "AmazonEKSBlockStoragePolicy", "AmazonEKSLoadBalancingPolicy", "AmazonEKSNetworkingPolicy")
		k.Role = k.newRole("Role", eks.WithSessionTags(), policies...)
		k.AutoRole = k.newRole("AutoRole", awsiam.NewServicePrincipal(jsii.String("ec2.amazonaws.com"), nil),
			"AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly")
	} else {
		k.Role = k.newRole("Role", eks, policies...)
	}
	k.Key.Grant(k.Role, jsii.String("kms:Encrypt"), jsii.String("kms:Decrypt"), jsii.String("kms:DescribeKey"), jsii.String("kms:ListGrants"), jsii.String("kms:CreateGrant"))

	if p.AutoMode != nil {
		k.allowStorageKey(k.Role)
	}

	types := []any{}
	for _, t := range []string{"api", "audit", "authenticator", "controllerManager", "scheduler"} {
		types = append(types, &awseks.CfnCluster_LoggingTypeConfigProperty{Type: &t})
	}
	props := &awseks.CfnClusterProps{
		Name: &k.name, Version: &p.Version, RoleArn: k.Role.RoleArn(),
		ResourcesVpcConfig: &awseks.CfnCluster_ResourcesVpcConfigProperty{
			SubnetIds: k.subnets.SubnetIds, EndpointPrivateAccess: jsii.Bool(true), EndpointPublicAccess: jsii.Bool(len(p.PublicAccess) > 0),
			PublicAccessCidrs: cdkval.Texts(p.PublicAccess),
		},
		AccessConfig:               &awseks.CfnCluster_AccessConfigProperty{AuthenticationMode: jsii.String("API"), BootstrapClusterCreatorAdminPermissions: jsii.Bool(false)},
		BootstrapSelfManagedAddons: jsii.Bool(false),
		DeletionProtection:         jsii.Bool(!p.AllowDeletion),
		EncryptionConfig: &[]any{&awseks.CfnCluster_EncryptionConfigProperty{
			Provider: &awseks.CfnCluster_ProviderProperty{KeyArn: k.Key.KeyArn()}, Resources: jsii.Strings("secrets"),
		}},
		Logging:          &awseks.CfnCluster_LoggingProperty{ClusterLogging: &awseks.CfnCluster_ClusterLoggingProperty{EnabledTypes: &types}},
		UpgradePolicy:    &awseks.CfnCluster_UpgradePolicyProperty{SupportType: jsii.String(map[bool]string{false: "STANDARD", true: "EXTENDED"}[p.ExtendedSupport])},
		ZonalShiftConfig: &awseks.CfnCluster_ZonalShiftConfigProperty{Enabled: jsii.Bool(!p.DisableZonalShift)},
	}
	auto := jsii.Bool(p.AutoMode != nil)
	compute := &awseks.CfnCluster_ComputeConfigProperty{Enabled: auto}
	if p.AutoMode != nil {
		compute.NodePools, compute.NodeRoleArn = cdkval.Texts(texts(p.AutoMode.NodePools)), k.AutoRole.RoleArn()
	}
	props.ComputeConfig = compute
	props.KubernetesNetworkConfig = &awseks.CfnCluster_KubernetesNetworkConfigProperty{
		IpFamily: jsii.String("ipv4"), ServiceIpv4Cidr: &p.ServiceCIDR, ElasticLoadBalancing: &awseks.CfnCluster_ElasticLoadBalancingProperty{Enabled: auto},
	}
	props.StorageConfig = &awseks.CfnCluster_StorageConfigProperty{BlockStorage: &awseks.CfnCluster_BlockStorageProperty{Enabled: auto}}
	if p.ConfigureCluster != nil {
		p.ConfigureCluster(props)
	}
	k.Cluster = awseks.NewCfnCluster(k, jsii.String("Cluster"), props)
	// The group is there before EKS would make one that is kept for ever; the role with its policies, or EKS could not use the key.
	k.Cluster.Node().AddDependency(k.Logs, k.Role)
	k.SecurityGroup = awsec2.SecurityGroup_FromSecurityGroupId(k, jsii.String("SecurityGroup"), k.Cluster.AttrClusterSecurityGroupId(), nil)
}

func (k *Cluster) newAccess(id string, a *Access) awseks.CfnAccessEntry {
	props := &awseks.CfnAccessEntryProps{ClusterName: k.Cluster.Ref(), PrincipalArn: &a.PrincipalARN, KubernetesGroups: cdkval.Texts(a.Groups)}
	if a.Policy != "" {
		scope := &awseks.CfnAccessEntry_AccessScopeProperty{Type: jsii.String("cluster")}
		if len(a.Namespaces) > 0 {
			scope.Type, scope.Namespaces = jsii.String("namespace"), cdkval.Texts(a.Namespaces)
		}
		props.AccessPolicies = &[]any{&awseks.CfnAccessEntry_AccessPolicyProperty{
			AccessScope: scope, PolicyArn: jsii.String("arn:" + *awscdk.Stack_Of(k).Partition() + ":eks::aws:cluster-access-policy/" + string(a.Policy)),
		}}
	}
	return awseks.NewCfnAccessEntry(k, &id, props)
}
