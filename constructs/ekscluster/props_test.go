package ekscluster_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseks"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/ekscluster"
)

// fakeVPC and fakeLayer stand for those of a stack in tests that only look at props.
type (
	fakeVPC   struct{ awsec2.IVpc }
	fakeLayer struct{ awslambda.ILayerVersion }
)

// token is what a value that is known only at deployment looks like.
const token = "${Token[TOKEN.7]}"

type props = ekscluster.ClusterProps

func valid() props { return props{Version: "1.34", VPC: fakeVPC{}} }

func TestClusterProps_Validate(t *testing.T) {
	blocks := []string{}
	for i := range 41 {
		blocks = append(blocks, fmt.Sprintf("198.51.100.%d/32", i))
	}
	const service = "ServiceCIDR: must be of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, between /12 and /24, got "
	cdktest.ValidateTable(t, valid, []cdktest.Case[props]{
		{Name: "defaults", Edit: func(p *props) {}},
		{Name: "nothing", Edit: func(p *props) { *p = props{} }, Want: []string{`Version: must be between 1.30 and 1.36, got ""`, "VPC: must be given"}},
		{Name: "names", Edit: func(p *props) { p.Name = "0" + strings.Repeat("a", 99) }},
		{Name: "long name", Edit: func(p *props) { p.Name = strings.Repeat("a", 101) },
			Want: []string{`Name: must be 1 to 100 letters, digits, _ and -, a letter or digit first, got "` + strings.Repeat("a", 101) + `"`}},
		{Name: "name starts with _", Edit: func(p *props) { p.Name = "_a" }, Want: []string{`Name: must be 1 to 100 letters, digits, _ and -, a letter or digit first, got "_a"`}},
		{Name: "first version", Edit: func(p *props) { p.Version = "1.30" }},
		{Name: "last version", Edit: func(p *props) { p.Version = "1.36" }},
		{Name: "old version", Edit: func(p *props) { p.Version = "1.29" }, Want: []string{`Version: must be between 1.30 and 1.36, got "1.29"`}},
		{Name: "new version", Edit: func(p *props) { p.Version = "1.37" }, Want: []string{`Version: must be between 1.30 and 1.36, got "1.37"`}},
		{Name: "public access", Edit: func(p *props) { p.PublicAccess = append([]string{token, "0.0.0.0/0"}, blocks[:38]...) }},
		{Name: "41 blocks", Edit: func(p *props) { p.PublicAccess = blocks }, Want: []string{"PublicAccess: must be at most 40, got 41"}},
		{Name: "blocks", Edit: func(p *props) {
			p.PublicAccess = []string{"198.51.100.1/24", "10.0.0.0/8", "2001:db8::/32", "x", "198.51.100.0/24", "198.51.100.0/24"}
		}, Want: []string{
			`PublicAccess[0]: must be a public IPv4 CIDR block such as 198.51.100.0/24, got "198.51.100.1/24"`,
			`PublicAccess[1]: must be a public IPv4 CIDR block such as 198.51.100.0/24, got "10.0.0.0/8"`,
			`PublicAccess[2]: must be a public IPv4 CIDR block such as 198.51.100.0/24, got "2001:db8::/32"`,
			`PublicAccess[3]: must be a public IPv4 CIDR block such as 198.51.100.0/24, got "x"`,
			`PublicAccess: must be listed once each, got "198.51.100.0/24" again`,
		}},
		{Name: "widest services", Edit: func(p *props) { p.ServiceCIDR = "172.16.0.0/12" }},
		{Name: "fewest services", Edit: func(p *props) { p.ServiceCIDR = "192.168.1.0/24" }},
		{Name: "too many services", Edit: func(p *props) { p.ServiceCIDR = "10.0.0.0/11" }, Want: []string{service + `"10.0.0.0/11"`}},
		{Name: "too few services", Edit: func(p *props) { p.ServiceCIDR = "10.0.0.0/25" }, Want: []string{service + `"10.0.0.0/25"`}},
		{Name: "public services", Edit: func(p *props) { p.ServiceCIDR = "11.0.0.0/16" }, Want: []string{service + `"11.0.0.0/16"`}},
		{Name: "services with host bits", Edit: func(p *props) { p.ServiceCIDR = "10.0.0.1/16" }, Want: []string{service + `"10.0.0.1/16"`}},
		{Name: "retention", Edit: func(p *props) { p.LogRetentionDays = 30 }},
		{Name: "retention that CloudWatch Logs has not", Edit: func(p *props) { p.LogRetentionDays = 31 }, Want: []string{
			"LogRetentionDays: must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653, got 31",
		}},
		{Name: "removal", Edit: func(p *props) { p.RemovalPolicy = awscdk.RemovalPolicy_SNAPSHOT }, Want: []string{"RemovalPolicy: must be one of RETAIN, DESTROY, got SNAPSHOT"}},
		{Name: "node pools", Edit: func(p *props) {
			p.AutoMode = &ekscluster.AutoMode{NodePools: []ekscluster.NodePool{"gpu", "system", "system"}}
		}, Want: []string{
			`AutoMode.NodePools[0]: must be one of general-purpose, system, got gpu`,
			`AutoMode.NodePools: must be listed once each, got "system" again`,
		}},
	})
}

func TestAccess_Validate(t *testing.T) {
	access := func(a ekscluster.Access) func(*props) {
		return func(p *props) { p.Access = map[string]ekscluster.Access{"A": a} }
	}
	const arn = "arn:aws:iam::111122223333:role/path/Admin"
	cdktest.ValidateTable(t, valid, []cdktest.Case[props]{
		{Name: "policy", Edit: access(ekscluster.Access{PrincipalARN: arn, Policy: ekscluster.View, Namespaces: []string{"a", "b-*"}})},
		{Name: "groups of a user", Edit: access(ekscluster.Access{PrincipalARN: "arn:aws-cn:iam::111122223333:user/a", Groups: []string{"team"}})},
		{Name: "token", Edit: access(ekscluster.Access{PrincipalARN: token, Policy: ekscluster.AdminView})},
		{Name: "nothing", Edit: access(ekscluster.Access{}), Want: []string{
			`Access["A"].PrincipalARN: must be the ARN of a role or user of IAM, got ""`, `Access["A"].Policy: must be given, or Groups`,
		}},
		{Name: "wrong", Edit: access(ekscluster.Access{
			PrincipalARN: "arn:aws:sts::111122223333:assumed-role/a/b", Policy: "Owner", Namespaces: []string{"A"},
			Groups: []string{"", "system:masters", "eks:a", "aws:a", "amazon:a", "iam:a", "iams"},
		}), Want: []string{
			`Access["A"].PrincipalARN: must be the ARN of a role or user of IAM, got "arn:aws:sts::111122223333:assumed-role/a/b"`,
			`Access["A"].Policy: must be one of , AmazonEKSViewPolicy, AmazonEKSEditPolicy, AmazonEKSAdminPolicy, AmazonEKSAdminViewPolicy, AmazonEKSClusterAdminPolicy, got Owner`,
			`Access["A"].Namespaces[0]: must be the name of a namespace, got "A"`,
			`Access["A"].Groups[0]: must be the name of a group, without system:, eks:, aws:, amazon: or iam: first, got ""`,
			`Access["A"].Groups[1]: must be the name of a group, without system:, eks:, aws:, amazon: or iam: first, got "system:masters"`,
			`Access["A"].Groups[2]: must be the name of a group, without system:, eks:, aws:, amazon: or iam: first, got "eks:a"`,
			`Access["A"].Groups[3]: must be the name of a group, without system:, eks:, aws:, amazon: or iam: first, got "aws:a"`,
			`Access["A"].Groups[4]: must be the name of a group, without system:, eks:, aws:, amazon: or iam: first, got "amazon:a"`,
			`Access["A"].Groups[5]: must be the name of a group, without system:, eks:, aws:, amazon: or iam: first, got "iam:a"`,
		}},
		{Name: "namespaces of groups", Edit: access(ekscluster.Access{PrincipalARN: arn, Groups: []string{"a"}, Namespaces: []string{"a"}}),
			Want: []string{`Access["A"].Namespaces: must be left out without Policy`}},
		{Name: "ids", Edit: func(p *props) {
			p.Access = map[string]ekscluster.Access{"a-b": {PrincipalARN: arn, Policy: ekscluster.View}, "B": {PrincipalARN: arn, Policy: ekscluster.Edit}}
		}, Want: []string{
			`Access["a-b"]: must have a key of letters and digits, a letter first`, `Access: must be listed once each, got "` + arn + `" again`,
		}},
	})
}

func TestNodeGroup_Validate(t *testing.T) {
	group := func(g ekscluster.NodeGroup) func(*props) {
		return func(p *props) { p.NodeGroups = map[string]ekscluster.NodeGroup{"A": g} }
	}
	cdktest.ValidateTable(t, valid, []cdktest.Case[props]{
		{Name: "defaults", Edit: group(ekscluster.NodeGroup{})},
		{Name: "id", Edit: func(p *props) { p.NodeGroups = map[string]ekscluster.NodeGroup{"1": {}} }, Want: []string{`NodeGroups["1"]: must have a key of letters and digits, a letter first`}},
		{Name: "arm", Edit: group(ekscluster.NodeGroup{InstanceTypes: []string{"a1.large", "c7gn.large", "im4gn.large", "is4gen.large", "g5g.xlarge", "t4g.medium", "x2gd.large"}})},
		{Name: "x86", Edit: group(ekscluster.NodeGroup{InstanceTypes: []string{"m7i.large", "g4dn.xlarge", "g6.xlarge", "u7i-12tb.224xlarge", "m7a.metal-48xl", "gr6.4xlarge"}})},
		{Name: "types", Edit: group(ekscluster.NodeGroup{InstanceTypes: []string{"m7g.large", "m7i.large", "large", "m7g.large"}}), Want: []string{
			`NodeGroups["A"].InstanceTypes[1]: must have the architecture of m7g.large, got m7i.large`,
			`NodeGroups["A"].InstanceTypes[2]: must be a type of instances such as m7g.large, got "large"`,
			`NodeGroups["A"].InstanceTypes[2]: must have the architecture of m7g.large, got large`,
			`NodeGroups["A"].InstanceTypes: must be listed once each, got "m7g.large" again`,
		}},
		{Name: "limits", Edit: group(ekscluster.NodeGroup{Min: new(0), Desired: new(1000), Max: 1000, DiskGiB: 16384, MaxUnavailable: 100})},
		{Name: "beyond", Edit: group(ekscluster.NodeGroup{SpotPercent: 50, OnDemandBase: 1, Min: new(-1), Desired: new(1001), Max: 1001, Image: "AL2", DiskGiB: 19, MaxUnavailablePercent: 101}), Want: []string{
			`NodeGroups["A"].SpotPercent: must be 0 or 100 without SelfManaged, got 50`,
			`NodeGroups["A"].OnDemandBase: must be left out without SelfManaged`,
			`NodeGroups["A"].Min: must be between 0 and 1000, got -1`,
			`NodeGroups["A"].Max: must be between 1 and 1000, got 1001`,
			`NodeGroups["A"].Image: must be one of AL2023, BOTTLEROCKET, got AL2`,
			`NodeGroups["A"].DiskGiB: must be between 20 and 16384, got 19`,
			`NodeGroups["A"].MaxUnavailablePercent: must be between 0 and 100, got 101`,
		}},
		{Name: "spot beyond", Edit: group(ekscluster.NodeGroup{SelfManaged: true, SpotPercent: 101, OnDemandBase: -1}), Want: []string{
			`NodeGroups["A"].SpotPercent: must be between 0 and 100, got 101`, `NodeGroups["A"].OnDemandBase: must be between 0 and 1000, got -1`,
		}},
		{Name: "desired below min", Edit: group(ekscluster.NodeGroup{Min: new(3), Desired: new(2)}), Want: []string{`NodeGroups["A"].Desired: must be between Min and Max, 3 and 10, got 2`}},
		{Name: "desired above max", Edit: group(ekscluster.NodeGroup{Desired: new(5), Max: 4}), Want: []string{`NodeGroups["A"].Desired: must be between Min and Max, 2 and 4, got 5`}},
		{Name: "labels and taints", Edit: group(ekscluster.NodeGroup{
			Labels: map[string]string{"example.com/a": "", "b": "B_.1"}, Taints: []ekscluster.Taint{{Key: "a"}, {Key: "b", Value: "c", Effect: ekscluster.NoExecute}},
		})},
		{Name: "wrong labels and taints", Edit: group(ekscluster.NodeGroup{
			Labels: map[string]string{"a b": "c", "d": "e f"}, Taints: []ekscluster.Taint{{Value: "-", Effect: "Never"}},
		}), Want: []string{
			`NodeGroups["A"].Labels["a b"]: must be a label of Kubernetes, got "c"`, `NodeGroups["A"].Labels["d"]: must be a label of Kubernetes, got "e f"`,
			`NodeGroups["A"].Taints[0].Key: must be a key of Kubernetes, got ""`, `NodeGroups["A"].Taints[0].Value: must be a value of Kubernetes, got "-"`,
			`NodeGroups["A"].Taints[0].Effect: must be one of NoSchedule, PreferNoSchedule, NoExecute, got Never`,
		}},
		{Name: "both limits of updates", Edit: group(ekscluster.NodeGroup{MaxUnavailable: 1, MaxUnavailablePercent: 1}), Want: []string{`NodeGroups["A"].MaxUnavailable: must be left out with MaxUnavailablePercent`}},
		{Name: "too many unavailable", Edit: group(ekscluster.NodeGroup{MaxUnavailable: 101}), Want: []string{`NodeGroups["A"].MaxUnavailable: must be between 0 and 100, got 101`}},
		{Name: "self-managed", Edit: group(ekscluster.NodeGroup{
			SelfManaged: true, SpotPercent: 50, OnDemandBase: 2, ConfigureAutoScalingGroup: func(*awsautoscaling.CfnAutoScalingGroupProps) {},
		})},
		{Name: "self-managed with settings of EKS", Edit: group(ekscluster.NodeGroup{
			SelfManaged: true, MaxUnavailable: 1, ConfigureNodeGroup: func(*awseks.CfnNodegroupProps) {},
		}), Want: []string{`NodeGroups["A"].MaxUnavailable: must be left out with SelfManaged`, `NodeGroups["A"].ConfigureNodeGroup: must be left out with SelfManaged`}},
		{Name: "self-managed with percent", Edit: group(ekscluster.NodeGroup{SelfManaged: true, MaxUnavailablePercent: 1}),
			Want: []string{`NodeGroups["A"].MaxUnavailablePercent: must be left out with SelfManaged`}},
		{Name: "managed with settings of Auto Scaling", Edit: group(ekscluster.NodeGroup{ConfigureAutoScalingGroup: func(*awsautoscaling.CfnAutoScalingGroupProps) {}}),
			Want: []string{`NodeGroups["A"].ConfigureAutoScalingGroup: must be left out without SelfManaged`}},
	})
}

func TestFargateProfileAndAddons_Validate(t *testing.T) {
	profile := func(s ...ekscluster.Selector) func(*props) {
		return func(p *props) {
			p.NodeGroups = map[string]ekscluster.NodeGroup{"A": {}}
			p.FargateProfiles = map[string]ekscluster.FargateProfile{"F": {Selectors: s}}
		}
	}
	dns := []string{"FargateProfiles: must have a selector for the namespace kube-system where there are no other nodes, or CoreDNS would not run"}
	alone := func(s ekscluster.Selector) func(*props) {
		return func(p *props) {
			p.FargateProfiles = map[string]ekscluster.FargateProfile{"F": {Selectors: []ekscluster.Selector{{Namespace: "a"}, s}}}
		}
	}
	labels := map[string]string{"a": "1", "b": "2", "c": "3", "d": "4", "e": "5", "f": "6"}
	a := ekscluster.Selector{Namespace: "a"}
	cdktest.ValidateTable(t, valid, []cdktest.Case[props]{
		{Name: "five", Edit: profile(a, a, a, a, a)},
		{Name: "six", Edit: profile(a, a, a, a, a, a), Want: []string{`FargateProfiles["F"].Selectors: must be between 1 and 5, got 6`}},
		{Name: "none", Edit: profile(), Want: []string{`FargateProfiles["F"].Selectors: must be between 1 and 5, got 0`}},
		{Name: "wrong", Edit: profile(ekscluster.Selector{Labels: labels}), Want: []string{
			`FargateProfiles["F"].Selectors[0].Namespace: must be the name of a namespace, got ""`, `FargateProfiles["F"].Selectors[0].Labels: must be at most 5, got 6`,
		}},
		{Name: "alone", Edit: alone(ekscluster.Selector{Namespace: "kube-sys*"})},
		{Name: "alone without DNS", Edit: alone(ekscluster.Selector{Namespace: "b"}), Want: dns},
		{Name: "alone with some pods of the namespace", Edit: alone(ekscluster.Selector{Namespace: "kube-system", Labels: map[string]string{"a": "b"}}), Want: dns},
		{Name: "add-ons", Edit: func(p *props) {
			p.Addons = []ekscluster.Addon{{Name: ekscluster.MetricsServer, Configuration: `{"replicas":3}`}, {Name: "adot", Configuration: token}}
		}},
		{Name: "wrong add-ons", Edit: func(p *props) {
			p.Addons = []ekscluster.Addon{{Name: "a b"}, {Name: "c", Configuration: "[]"}, {Name: "c", Configuration: "{"}, {Name: ekscluster.EBSCSI}}
		}, Want: []string{
			`Addons[0].Name: must be the name of an add-on, got "a b"`, "Addons[1].Configuration: must be a JSON object", "Addons[2].Configuration: must be a JSON object",
			"Addons[3].Name: must be left out with AutoMode alone, which has aws-ebs-csi-driver built in", `Addons: must be listed once each, got "c" again`,
		}},
		{Name: "add-ons of nodes besides Auto Mode", Edit: func(p *props) {
			p.AutoMode, p.NodeGroups = &ekscluster.AutoMode{}, map[string]ekscluster.NodeGroup{"A": {}}
			p.Addons = []ekscluster.Addon{{Name: ekscluster.EBSCSI}}
		}},
	})
}

func TestStorage_Validate(t *testing.T) {
	storage := func(s ekscluster.Storage) func(*props) {
		return func(p *props) {
			p.KubectlLayer, p.NodeGroups, p.Storage = fakeLayer{}, map[string]ekscluster.NodeGroup{"A": {}}, &s
		}
	}
	lustre := func(l ekscluster.Lustre) func(*props) {
		return storage(ekscluster.Storage{Lustre: map[string]ekscluster.Lustre{"l": l}})
	}
	cdktest.ValidateTable(t, valid, []cdktest.Case[props]{
		{Name: "defaults", Edit: storage(ekscluster.Storage{EFS: &ekscluster.EFS{}, ONTAP: &ekscluster.ONTAP{}, Lustre: map[string]ekscluster.Lustre{"l": {}}})},
		{Name: "without kubectl", Edit: func(p *props) { p.Storage = &ekscluster.Storage{} }, Want: []string{"Storage: needs KubectlLayer"}},
		{Name: "with Fargate alone", Edit: func(p *props) {
			p.KubectlLayer, p.Storage = fakeLayer{}, &ekscluster.Storage{}
			p.FargateProfiles = map[string]ekscluster.FargateProfile{"F": {Selectors: []ekscluster.Selector{{Namespace: "kube-system"}}}}
		}, Want: []string{"Storage: must be left out where there is Fargate alone, which makes no volumes"}},
		{Name: "with Auto Mode alone", Edit: func(p *props) {
			p.KubectlLayer, p.Storage = fakeLayer{}, &ekscluster.Storage{EFS: &ekscluster.EFS{}, ONTAP: &ekscluster.ONTAP{}, Lustre: map[string]ekscluster.Lustre{"l": {}}}
		}, Want: []string{"Storage.Lustre: needs NodeGroups: there is no Lustre client elsewhere", "Storage.ONTAP: needs NodeGroups: Trident does not run elsewhere"}},
		{Name: "class names", Edit: storage(ekscluster.Storage{
			EFS: &ekscluster.EFS{ClassName: "gp3"}, Lustre: map[string]ekscluster.Lustre{"L": {}, "ontap": {}}, ONTAP: &ekscluster.ONTAP{},
		}), Want: []string{
			`Storage.EFS.ClassName: must be another name than those of the other classes, got "gp3"`,
			`Storage.Lustre["L"]: must be the name of a class, got "L"`,
			`Storage.ONTAP.ClassName: must be another name than those of the other classes, got "ontap"`,
		}},
		{Name: "persistent", Edit: lustre(ekscluster.Lustre{Deployment: ekscluster.Persistent, MBpsPerTiB: 1000})},
		{Name: "persistent with a bucket", Edit: lustre(ekscluster.Lustre{Deployment: ekscluster.Persistent, MBpsPerTiB: 200, S3Import: "s3://bucket/a", S3Export: token})},
		{Name: "throughput of scratch", Edit: lustre(ekscluster.Lustre{MBpsPerTiB: 125}), Want: []string{`Storage.Lustre["l"].MBpsPerTiB: must be one of [0] with this deployment, got 125`}},
		{Name: "throughput of persistent", Edit: lustre(ekscluster.Lustre{Deployment: ekscluster.Persistent, MBpsPerTiB: 50}),
			Want: []string{`Storage.Lustre["l"].MBpsPerTiB: must be one of [125 250 500 1000] with this deployment, got 50`}},
		{Name: "throughput with a bucket", Edit: lustre(ekscluster.Lustre{Deployment: ekscluster.Persistent, MBpsPerTiB: 125, S3Import: "s3://bucket"}),
			Want: []string{`Storage.Lustre["l"].MBpsPerTiB: must be one of [50 100 200] with this deployment, got 125`}},
		{Name: "wrong deployment and bucket", Edit: lustre(ekscluster.Lustre{Deployment: "SCRATCH_1", S3Import: "bucket", S3Export: "s3://B"}), Want: []string{
			`Storage.Lustre["l"].Deployment: must be one of SCRATCH_2, PERSISTENT, got SCRATCH_1`,
			`Storage.Lustre["l"].S3Import: must be like s3://bucket/prefix, got "bucket"`, `Storage.Lustre["l"].S3Export: must be like s3://bucket/prefix, got "s3://B"`,
		}},
		{Name: "export alone", Edit: lustre(ekscluster.Lustre{S3Export: "s3://bucket"}), Want: []string{`Storage.Lustre["l"].S3Export: needs S3Import`}},
		{Name: "largest ONTAP", Edit: storage(ekscluster.Storage{ONTAP: &ekscluster.ONTAP{CapacityGiB: 196608, MBps: 4096, BackupDays: 90, RouteTableIDs: []string{"rtb-1"}}})},
		{Name: "ONTAP beyond", Edit: storage(ekscluster.Storage{ONTAP: &ekscluster.ONTAP{CapacityGiB: 1023, MBps: 100, BackupDays: 91, SingleZone: true, RouteTableIDs: []string{"rtb-1"}}}), Want: []string{
			"Storage.ONTAP.CapacityGiB: must be between 1024 and 196608, got 1023", "Storage.ONTAP.MBps: must be one of 128, 256, 512, 1024, 2048, 4096, got 100",
			"Storage.ONTAP.RouteTableIDs: must be left out with SingleZone", "Storage.ONTAP.BackupDays: must be between 1 and 90, got 91",
		}},
	})
}

func TestNamespace_Validate(t *testing.T) {
	namespace := func(name string, n ekscluster.Namespace) func(*props) {
		return func(p *props) { p.KubectlLayer, p.Namespaces = fakeLayer{}, map[string]ekscluster.Namespace{name: n} }
	}
	cdktest.ValidateTable(t, valid, []cdktest.Case[props]{
		{Name: "defaults", Edit: namespace("shop", ekscluster.Namespace{})},
		{Name: "without kubectl", Edit: func(p *props) { p.Namespaces = map[string]ekscluster.Namespace{"a": {}} }, Want: []string{"Namespaces: needs KubectlLayer"}},
		{Name: "of Kubernetes", Edit: namespace("kube-system", ekscluster.Namespace{}),
			Want: []string{`Namespaces["kube-system"]: must have the name of a namespace of yours, not default or kube-..., got "kube-system"`}},
		{Name: "default", Edit: namespace("default", ekscluster.Namespace{}),
			Want: []string{`Namespaces["default"]: must have the name of a namespace of yours, not default or kube-..., got "default"`}},
		{Name: "wrong", Edit: namespace("Shop", ekscluster.Namespace{
			PodSecurity: "open", Quota: map[string]string{"pods": "many"}, ContainerRequests: map[string]string{"memory": "1Gi", "cpu": "-1"},
			AllowFrom: []string{"A"}, AllowAllIngress: true,
		}), Want: []string{
			`Namespaces["Shop"]: must have the name of a namespace of yours, not default or kube-..., got "Shop"`,
			`Namespaces["Shop"].PodSecurity: must be one of restricted, baseline, privileged, got open`,
			`Namespaces["Shop"].Quota["pods"]: must be a quantity of Kubernetes such as 500m or 2Gi, got "many"`,
			`Namespaces["Shop"].ContainerRequests["cpu"]: must be a quantity of Kubernetes such as 500m or 2Gi, got "-1"`,
			`Namespaces["Shop"].ContainerRequests["memory"]: must be at most ContainerLimits, 512Mi, got 1Gi`,
			`Namespaces["Shop"].AllowFrom[0]: must be the name of a namespace, got "A"`,
			`Namespaces["Shop"].AllowFrom: must be left out with AllowAllIngress`,
		}},
	})
}
