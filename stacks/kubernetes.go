package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/constructs/ekscluster"
)

// KubernetesStackProps configures a KubernetesStack.
type KubernetesStackProps struct {
	awscdk.StackProps
	// Stage is what the cluster is for.
	Stage Stage
	// Network is where it runs. Validate does not look at it, so that settings can be checked before any stack is built.
	Network *NetworkStack
	// AdminARN is the ARN of the role of IAM that is administrator of the cluster.
	// Default: none, nobody is.
	AdminARN string
	// KubectlLayerARN is the ARN of a version of a layer with kubectl, with which the cluster gets StorageClasses and the namespace greetings.
	// Default: none, it has AWS resources only.
	KubectlLayerARN string
}

// KubernetesStack is a cluster of Amazon EKS with nodes of all kinds: a group that EKS manages, one on Spot that is an Auto Scaling group of
// its own, Fargate for the namespace jobs, and Auto Mode for what finds no room. Its API is private. Its output is ClusterName.
type KubernetesStack struct {
	awscdk.Stack
	// Cluster is the cluster.
	Cluster *ekscluster.Cluster
}

// NewKubernetesStack defines a KubernetesStack named id in scope. It panics with a *check.Error when props are invalid.
func NewKubernetesStack(scope constructs.Construct, id string, props *KubernetesStackProps) *KubernetesStack {
	check.Must(scope.Node().Path(), id, props.Validate())
	s := &KubernetesStack{}
	awscdk.NewStack_Override(s, scope, &id, &props.StackProps)
	s.Cluster = ekscluster.NewCluster(s, "Cluster", props.cluster(s))
	awscdk.NewCfnOutput(s, jsii.String("ClusterName"), &awscdk.CfnOutputProps{Value: s.Cluster.Name(), Description: jsii.String("Name of the cluster")})
	return s
}

// Name is the name of the cluster.
func (s *KubernetesStack) Name() *string { return s.Cluster.Name() }

// Validate reports every invalid field at once.
func (p *KubernetesStackProps) Validate() error {
	c := check.For("stacks.KubernetesStackProps")
	if p == nil {
		p = &KubernetesStackProps{}
	}
	check.OneOf(c, "Stage", p.Stage, Dev, Prod)
	return c.Err()
}

func (p *KubernetesStackProps) cluster(s *KubernetesStack) *ekscluster.ClusterProps {
	least := map[Stage]int{Dev: 1, Prod: 2}[p.Stage]
	cluster := &ekscluster.ClusterProps{
		Version: "1.35", VPC: p.Network.VPC.Vpc, Subnets: p.Network.VPC.Workloads(), AllowDeletion: p.Stage != Prod, RemovalPolicy: p.Stage.removal(),
		NodeGroups: map[string]ekscluster.NodeGroup{
			"Base": {Min: &least},
			"Spot": {
				SelfManaged: true, Image: ekscluster.Bottlerocket, InstanceTypes: []string{"m7g.large", "m6g.large", "c7g.xlarge"}, SpotPercent: 100,
				Min: new(0), Labels: map[string]string{"capacity": "spot"}, Taints: []ekscluster.Taint{{Key: "spot"}},
			},
		},
		FargateProfiles: map[string]ekscluster.FargateProfile{"Jobs": {Selectors: []ekscluster.Selector{{Namespace: "jobs"}}}},
		AutoMode:        &ekscluster.AutoMode{NodePools: []ekscluster.NodePool{ekscluster.GeneralPurpose}},
		Addons:          []ekscluster.Addon{{Name: ekscluster.CloudWatch}, {Name: ekscluster.SnapshotController}},
	}
	if p.AdminARN != "" {
		cluster.Access = map[string]ekscluster.Access{"Admin": {PrincipalARN: p.AdminARN, Policy: ekscluster.ClusterAdmin}}
	}
	if p.KubectlLayerARN != "" {
		cluster.KubectlLayer = awslambda.LayerVersion_FromLayerVersionArn(s, jsii.String("KubectlLayer"), &p.KubectlLayerARN)
		cluster.Storage = &ekscluster.Storage{EFS: &ekscluster.EFS{}}
		cluster.Namespaces = map[string]ekscluster.Namespace{"greetings": {}}
	}
	return cluster
}
