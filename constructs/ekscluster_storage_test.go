package constructs_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	kuberesource "k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/ekscluster"
)

// kubectlLayer is a layer that a user brings.
func kubectlLayer(stack awscdk.Stack) awslambda.ILayerVersion {
	return awslambda.LayerVersion_FromLayerVersionArn(stack, jsii.String("Kubectl"), jsii.String("arn:aws:lambda:us-east-1:111111111111:layer:kubectl:1"))
}

// eksStorage has storage of all kinds, and namespaces.
func eksStorage(stack awscdk.Stack) ekscluster.ClusterProps {
	return ekscluster.ClusterProps{
		Name: "storage", KubectlLayer: kubectlLayer(stack), NodeGroups: map[string]ekscluster.NodeGroup{"Base": {}}, AutoMode: &ekscluster.AutoMode{},
		Storage: &ekscluster.Storage{
			EFS: &ekscluster.EFS{},
			Lustre: map[string]ekscluster.Lustre{
				"scratch": {S3Import: "s3://data/in", S3Export: "s3://data/out"}, "fast": {Deployment: ekscluster.Persistent, MBpsPerTiB: 250},
				"linked": {Deployment: ekscluster.Persistent, S3Import: "s3://data"},
			},
			ONTAP: &ekscluster.ONTAP{},
		},
		Namespaces: map[string]ekscluster.Namespace{
			"shop":  {AllowFrom: []string{"web"}},
			"tools": {PodSecurity: ekscluster.Baseline, Quota: map[string]string{"requests.cpu": "20"}, AllowAllIngress: true},
		},
	}
}

// kubeObjects are the objects that are applied, as KIND/NAME, with tokens as they are in the template.
func kubeObjects(t *testing.T, tpl *cdktest.Template) map[string]o {
	t.Helper()
	objects := map[string]o{}
	for _, r := range tpl.All("Custom::AWSCDK-EKS-KubernetesResource") {
		var text strings.Builder
		switch m := r.Properties["Manifest"].(type) {
		case string:
			text.WriteString(m)
		case o:
			for _, part := range m["Fn::Join"].(a)[1].(a) {
				if s, ok := part.(string); ok {
					text.WriteString(s)
					continue
				}
				token, err := json.Marshal(part)
				require.NoError(t, err)
				text.WriteString(strings.ReplaceAll(string(token), `"`, `'`))
			}
		}
		var list []o
		require.NoError(t, json.Unmarshal([]byte(text.String()), &list), text.String())
		for _, object := range list {
			metadata := object["metadata"].(o)
			name := metadata["name"].(string)
			if ns, ok := metadata["namespace"].(string); ok {
				name = ns + "/" + name
			}
			objects[object["kind"].(string)+"/"+name] = object
		}
	}
	return objects
}

func TestEKSCluster_Storage(t *testing.T) {
	stack := cdktest.Stack(t)
	eksCluster(stack, eksStorage(stack))
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("ekscluster/storage")
	objects := kubeObjects(t, tpl)
	assert.ElementsMatch(t, []string{
		"StorageClass/gp3", "StorageClass/gp3-auto", "StorageClass/efs", "StorageClass/scratch", "StorageClass/fast", "StorageClass/linked",
		"StorageClass/ontap", "TridentBackendConfig/trident/ontap", "Namespace/shop", "ResourceQuota/shop/quota", "LimitRange/shop/containers",
		"NetworkPolicy/shop/ingress", "Namespace/tools", "ResourceQuota/tools/quota", "LimitRange/tools/containers",
	}, slices.Collect(maps.Keys(objects)))
	key := "{'Fn::GetAtt':['" + tpl.All("AWS::KMS::Key")[0].LogicalID + "','Arn']}"
	group := "{'Fn::GetAtt':['" + tpl.Has("AWS::EC2::SecurityGroup", o{"GroupDescription": cdktest.Text("Lustre")}).LogicalID + "','GroupId']}"
	parameters := func(class string) o { return objects["StorageClass/"+class]["parameters"].(o) }

	assert.Equal(t, o{"type": "gp3", "encrypted": "true", "kmsKeyId": key, "csi.storage.k8s.io/fstype": "ext4"}, parameters("gp3"))
	assert.Equal(t, parameters("gp3"), parameters("gp3-auto"))
	assert.Equal(t, "ebs.csi.aws.com", objects["StorageClass/gp3"]["provisioner"])
	assert.Equal(t, "ebs.csi.eks.amazonaws.com", objects["StorageClass/gp3-auto"]["provisioner"])
	assert.Nil(t, objects["StorageClass/gp3"]["allowedTopologies"])
	assert.Equal(t, a{o{"matchLabelExpressions": a{o{"key": "eks.amazonaws.com/compute-type", "values": a{"auto"}}}}}, objects["StorageClass/gp3-auto"]["allowedTopologies"])
	standard := []string{}
	for name, object := range objects {
		if annotations, ok := object["metadata"].(o)["annotations"].(o); ok && annotations["storageclass.kubernetes.io/is-default-class"] == "true" {
			standard = append(standard, name)
		}
		if strings.HasPrefix(name, "StorageClass/") {
			assert.Equal(t, true, object["allowVolumeExpansion"], name)
			assert.Equal(t, "Delete", object["reclaimPolicy"], name)
			binding := map[bool]string{true: "WaitForFirstConsumer", false: "Immediate"}[strings.Contains(name, "gp3")]
			assert.Equal(t, binding, object["volumeBindingMode"], name)
		}
	}
	assert.Equal(t, []string{"StorageClass/gp3"}, standard, "two would leave claims undecided")

	assert.Equal(t, o{
		"provisioningMode": "efs-ap", "fileSystemId": "{'Ref':'" + tpl.All("AWS::EFS::FileSystem")[0].LogicalID + "'}", "directoryPerms": "700",
		"basePath": "/claims", "ensureUniqueDirectory": "true",
	}, parameters("efs"))
	assert.Equal(t, a{"tls"}, objects["StorageClass/efs"]["mountOptions"])
	lustre := func(more o) o {
		maps.Copy(more, o{"subnetId": "subnet-0000000a", "securityGroupIds": group, "dataCompressionType": "LZ4"})
		return more
	}
	assert.Equal(t, lustre(o{"deploymentType": "SCRATCH_2", "s3ImportPath": "s3://data/in", "s3ExportPath": "s3://data/out", "autoImportPolicy": "NEW_CHANGED"}), parameters("scratch"))
	assert.Equal(t, lustre(o{"deploymentType": "PERSISTENT_2", "kmsKeyId": key, "perUnitStorageThroughput": "250", "automaticBackupRetentionDays": "7"}), parameters("fast"))
	assert.Equal(t, lustre(o{"deploymentType": "PERSISTENT_1", "kmsKeyId": key, "perUnitStorageThroughput": "50", "s3ImportPath": "s3://data", "autoImportPolicy": "NEW_CHANGED"}), parameters("linked"))
	assert.Equal(t, o{"backendType": "ontap-nas", "provisioningType": "thin", "snapshots": "true"}, parameters("ontap"))
	assert.Equal(t, o{
		"version": 1., "storageDriverName": "ontap-nas", "backendName": "ontap", "svm": "kubernetes",
		"aws":         o{"fsxFilesystemID": "{'Ref':'" + tpl.All("AWS::FSx::FileSystem")[0].LogicalID + "'}"},
		"credentials": o{"name": "{'Ref':'" + tpl.All("AWS::SecretsManager::Secret")[0].LogicalID + "'}", "type": "awsarn"},
	}, objects["TridentBackendConfig/trident/ontap"]["spec"])
}

// What is behind the classes: file systems, who reaches them and what their drivers may do.
func TestEKSCluster_FileSystems(t *testing.T) {
	stack := cdktest.Stack(t)
	eksCluster(stack, eksStorage(stack))
	tpl := cdktest.Synth(t, stack)
	key := o{"Fn::GetAtt": a{tpl.All("AWS::KMS::Key")[0].LogicalID, "Arn"}}
	tpl.HasResource("AWS::EFS::FileSystem", o{"DeletionPolicy": "Retain", "Properties": o{
		"Encrypted": true, "KmsKeyId": key, "ThroughputMode": "elastic", "BackupPolicy": o{"Status": "ENABLED"},
		"FileSystemPolicy": o{"Statement": a{
			o{"Effect": "Allow", "Action": a{"elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite", "elasticfilesystem:ClientRootAccess"},
				"Condition": o{"Bool": o{"elasticfilesystem:AccessedViaMountTarget": "true"}}},
			o{"Effect": "Deny", "Action": "*", "Condition": o{"Bool": o{"aws:SecureTransport": "false"}}},
		}},
	}})
	tpl.HasResource("AWS::FSx::FileSystem", o{"DeletionPolicy": "Retain", "Properties": o{
		"FileSystemType": "ONTAP", "StorageCapacity": 1024, "KmsKeyId": key, "SubnetIds": a{"subnet-0000000a", "subnet-0000000b"},
		"OntapConfiguration": o{
			"DeploymentType": "MULTI_AZ_1", "PreferredSubnetId": "subnet-0000000a", "RouteTableIds": a{"rtb-0000000a", "rtb-0000000b"},
			"ThroughputCapacity": 128, "AutomaticBackupRetentionDays": 30,
		},
	}})
	tpl.Has("AWS::FSx::StorageVirtualMachine", o{"Name": "kubernetes", "SvmAdminPassword": cdktest.Text(`resolve:secretsmanager:.*:SecretString:password`)})
	tpl.Has("AWS::SecretsManager::Secret", o{"KmsKeyId": key, "GenerateSecretString": o{"SecretStringTemplate": `{"username":"vsadmin"}`}})

	// Nodes reach file systems by the ports of their protocols only.
	ports := map[string][]int{}
	nodes := o{"Fn::GetAtt": a{tpl.All("AWS::EKS::Cluster")[0].LogicalID, "ClusterSecurityGroupId"}}
	for _, r := range tpl.All("AWS::EC2::SecurityGroupIngress") {
		if assert.ObjectsAreEqual(nodes, r.Properties["SourceSecurityGroupId"]) {
			group := r.Properties["GroupId"].(o)["Fn::GetAtt"].(a)[0].(string)
			name := tpl.Resources[group].Properties["GroupDescription"].(string)
			ports[name] = append(ports[name], int(r.Properties["FromPort"].(float64)))
		}
	}
	for _, p := range ports {
		slices.Sort(p)
	}
	assert.Equal(t, map[string][]int{
		"EFS of Test/Cluster": {2049}, "FSx for Lustre of Test/Cluster": {988, 1018},
		"FSx for NetApp ONTAP of Test/Cluster": {111, 111, 443, 635, 635, 2049, 2049, 4045, 4045, 4046, 4046},
	}, ports)

	role := func(addon, account string) any {
		props := tpl.Has("AWS::EKS::Addon", o{"AddonName": addon}).Properties
		for _, p := range props["PodIdentityAssociations"].(a) {
			if p.(o)["ServiceAccount"] == account {
				return o{"Ref": p.(o)["RoleArn"].(o)["Fn::GetAtt"].(a)[0]}
			}
		}
		return nil
	}
	may := func(role any, statements ...any) {
		tpl.Has("AWS::IAM::Policy", o{"Roles": a{role}, "PolicyDocument": o{"Statement": cdktest.ArrayWith(statements...)}})
	}
	storageKey := o{"Action": a{"kms:Decrypt", "kms:GenerateDataKeyWithoutPlaintext", "kms:DescribeKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"}, "Resource": key}
	grants := o{"Action": "kms:CreateGrant", "Resource": key, "Condition": o{"Bool": o{"kms:GrantIsForAWSResource": "true"}}}
	may(role("aws-ebs-csi-driver", "ebs-csi-controller-sa"), storageKey, grants)
	may(role("aws-fsx-csi-driver", "fsx-csi-controller-sa"), storageKey, grants,
		o{"Action": cdktest.ArrayWith("fsx:CreateFileSystem", "fsx:DeleteFileSystem")},
		o{"Action": "iam:CreateServiceLinkedRole", "Condition": o{"StringEquals": o{"iam:AWSServiceName": "fsx.amazonaws.com"}}})
	may(role("netapp_trident-operator", "trident-controller"),
		o{"Action": cdktest.ArrayWith("secretsmanager:GetSecretValue"), "Resource": o{"Ref": tpl.All("AWS::SecretsManager::Secret")[0].LogicalID}},
		o{"Action": cdktest.ArrayWith("fsx:CreateVolume"), "Resource": a{cdktest.Text(":volume/"), cdktest.Text(":storage-virtual-machine/")}})
	assert.NotNil(t, role("aws-efs-csi-driver", "efs-csi-node-sa"))
	tpl.Has("AWS::IAM::Role", o{"AssumeRolePolicyDocument": o{"Statement": a{o{
		"Principal": o{"Service": "pods.eks.amazonaws.com"}, "Action": a{"sts:AssumeRole", "sts:TagSession"},
		"Condition": o{"StringEquals": o{"aws:RequestTag/kubernetes-namespace": "kube-system", "aws:RequestTag/kubernetes-service-account": "ebs-csi-controller-sa"}},
	}}}})
	// The control plane makes the volumes of Auto Mode.
	may(o{"Ref": tpl.All("AWS::EKS::Cluster")[0].Properties["RoleArn"].(o)["Fn::GetAtt"].(a)[0]}, storageKey, grants)
}

func TestEKSCluster_Namespaces(t *testing.T) {
	stack := cdktest.Stack(t)
	eksCluster(stack, eksStorage(stack))
	objects := kubeObjects(t, cdktest.Synth(t, stack))
	labels := func(name string) o { return objects["Namespace/"+name]["metadata"].(o)["labels"].(o) }
	assert.Equal(t, "restricted", labels("shop")["pod-security.kubernetes.io/enforce"])
	assert.Equal(t, "baseline", labels("tools")["pod-security.kubernetes.io/enforce"])
	assert.Equal(t, o{"hard": o{"pods": "100"}}, objects["ResourceQuota/shop/quota"]["spec"])
	assert.Equal(t, o{"hard": o{"requests.cpu": "20"}}, objects["ResourceQuota/tools/quota"]["spec"])
	assert.Equal(t, o{"limits": a{o{"type": "Container", "default": o{"memory": "512Mi"}, "defaultRequest": o{"cpu": "100m", "memory": "128Mi"}}}}, objects["LimitRange/shop/containers"]["spec"])
	assert.Equal(t, o{
		"podSelector": o{}, "policyTypes": a{"Ingress"},
		"ingress": a{o{"from": a{o{"podSelector": o{}}, o{"namespaceSelector": o{"matchLabels": o{"kubernetes.io/metadata.name": "web"}}}}}},
	}, objects["NetworkPolicy/shop/ingress"]["spec"])
}

// The function that applies objects runs in the cluster's subnets, is an administrator, and is so before it applies any.
func TestEKSCluster_Kubectl(t *testing.T) {
	stack := cdktest.Stack(t)
	eksCluster(stack, eksStorage(stack))
	tpl := cdktest.Synth(t, stack)
	handler := tpl.Has("AWS::Lambda::Function", o{
		"Description": cdktest.Text("kubectl"), "Layers": cdktest.ArrayWith("arn:aws:lambda:us-east-1:111111111111:layer:kubectl:1"),
		"VpcConfig": o{"SubnetIds": a{"subnet-0000000a", "subnet-0000000b"}, "SecurityGroupIds": a{o{"Fn::GetAtt": a{tpl.All("AWS::EKS::Cluster")[0].LogicalID, "ClusterSecurityGroupId"}}}},
	})
	entry := tpl.Has("AWS::EKS::AccessEntry", o{"PrincipalArn": handler.Properties["Role"], "AccessPolicies": a{o{"PolicyArn": cdktest.Text("AmazonEKSClusterAdminPolicy")}}})
	addons := map[string]string{}
	for _, r := range tpl.All("AWS::EKS::Addon") {
		addons[r.Properties["AddonName"].(string)] = r.LogicalID
	}
	for _, r := range tpl.All("Custom::AWSCDK-EKS-KubernetesResource") {
		assert.Contains(t, r.Body["DependsOn"], entry.LogicalID, r.LogicalID)
		text, err := json.Marshal(r.Properties["Manifest"])
		require.NoError(t, err)
		for provisioner, addon := range map[string]string{
			"ebs.csi.aws.com": "aws-ebs-csi-driver", "efs.csi.aws.com": "aws-efs-csi-driver", "fsx.csi.aws.com": "aws-fsx-csi-driver", "trident.netapp.io": "netapp_trident-operator",
		} {
			if strings.Contains(string(text), provisioner) {
				assert.Contains(t, r.Body["DependsOn"], addons[addon], r.LogicalID)
			}
		}
	}
}

// With Auto Mode alone, gp3 is of its own driver.
func TestEKSCluster_StorageOfAutoMode(t *testing.T) {
	stack := cdktest.Stack(t)
	eksCluster(stack, ekscluster.ClusterProps{KubectlLayer: kubectlLayer(stack), Storage: &ekscluster.Storage{EFS: &ekscluster.EFS{ClassName: "shared", DisableBackups: true}}, RemovalPolicy: awscdk.RemovalPolicy_DESTROY})
	tpl := cdktest.Synth(t, stack)
	objects := kubeObjects(t, tpl)
	assert.ElementsMatch(t, []string{"StorageClass/gp3", "StorageClass/shared"}, slices.Collect(maps.Keys(objects)))
	assert.Equal(t, "ebs.csi.eks.amazonaws.com", objects["StorageClass/gp3"]["provisioner"])
	tpl.HasResource("AWS::EFS::FileSystem", o{"DeletionPolicy": "Delete", "Properties": o{"BackupPolicy": cdktest.Absent}})
	assert.ElementsMatch(t, []string{"metrics-server", "aws-efs-csi-driver"}, slices.Collect(maps.Keys(eksAddons(tpl))))
}

func TestEKSCluster_ONTAPInOneZone(t *testing.T) {
	stack := cdktest.Stack(t)
	props := eksStorage(stack)
	props.Storage = &ekscluster.Storage{ONTAP: &ekscluster.ONTAP{SingleZone: true, CapacityGiB: 2048, MBps: 512, BackupDays: 7, ClassName: "files"}}
	eksCluster(stack, props)
	tpl := cdktest.Synth(t, stack)
	tpl.Has("AWS::FSx::FileSystem", o{"SubnetIds": cdktest.Exactly(a{"subnet-0000000a"}), "StorageCapacity": 2048, "OntapConfiguration": o{
		"DeploymentType": "SINGLE_AZ_1", "RouteTableIds": cdktest.Absent, "ThroughputCapacity": 512, "AutomaticBackupRetentionDays": 7,
	}})
	assert.Contains(t, kubeObjects(t, tpl), "StorageClass/files")
}

// Objects of users are checked against the schemas of the cluster's version.
func TestEKSCluster_Apply(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := eksCluster(stack, ekscluster.ClusterProps{KubectlLayer: kubectlLayer(stack)})
	claim := &corev1.PersistentVolumeClaim{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "PersistentVolumeClaim"}, ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "data"},
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce}, StorageClassName: new("gp3"),
			Resources: corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: kuberesource.MustParse("10Gi")}},
		},
	}
	cluster.Apply("Claim", claim)
	err := cdktest.Panic(func() {
		cluster.Apply("Wrong",
			&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "a"}},
			&unstructured.Unstructured{Object: o{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": o{"name": "Upper"}, "spec": o{"replicas": "2"}}},
			&unstructured.Unstructured{Object: o{"apiVersion": "policy/v1beta1", "kind": "PodDisruptionBudget", "metadata": o{"name": "b"}}},
			claim, claim,
		)
	})
	require.EqualError(t, err, `Test/Cluster/Wrong: invalid Apply:
  - objects[0]: apiVersion and kind: must be given
  - objects[1]: spec.replicas: got string, want integer
  - objects[1]: spec: missing properties 'selector', 'template'
  - objects[1].metadata.name: must be the name of an object, got "Upper"
  - objects[2]: kind: Kubernetes 1.34 has no PodDisruptionBudget of policy/v1beta1
  - objects[4]: must be given once, got ["PersistentVolumeClaim","default","data"] again`)
	assert.EqualError(t, cdktest.Panic(func() { cluster.Apply("None") }), "Test/Cluster/None: invalid Apply:\n  - objects: must be given")
	tpl := cdktest.Synth(t, stack)
	assert.Equal(t, o{"accessModes": a{"ReadWriteOnce"}, "storageClassName": "gp3", "resources": o{"requests": o{"storage": "10Gi"}}},
		kubeObjects(t, tpl)["PersistentVolumeClaim/default/data"]["spec"])
}

func TestEKSCluster_ApplyWithoutKubectl(t *testing.T) {
	cluster := eksCluster(cdktest.Stack(t), ekscluster.ClusterProps{})
	err := cdktest.Panic(func() {
		cluster.Apply("None", &corev1.Namespace{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"}, ObjectMeta: metav1.ObjectMeta{Name: "a"}})
	})
	assert.EqualError(t, err, "Test/Cluster/None: invalid Apply:\n  - KubectlLayer: must be given to the cluster")
}

func TestEKSCluster_UnknownRouteTables(t *testing.T) {
	stack := cdktest.Stack(t)
	props := eksStorage(stack)
	props.Version, props.VPC = "1.34", awsec2.Vpc_FromVpcAttributes(stack, jsii.String("Vpc"), &awsec2.VpcAttributes{
		VpcId: jsii.String("vpc-00000001"), AvailabilityZones: jsii.Strings("us-east-1a", "us-east-1b"), PrivateSubnetIds: jsii.Strings("subnet-0000000a", "subnet-0000000b"),
	})
	err := cdktest.Panic(func() { ekscluster.NewCluster(stack, "Cluster", &props) })
	require.EqualError(t, err, "Test/Cluster: invalid ekscluster.ClusterProps:\n  - Storage.ONTAP.RouteTableIDs: must be given, as the VPC does not know those of the subnets")
	props.Storage.ONTAP.RouteTableIDs = []string{"rtb-0000000c"}
	ekscluster.NewCluster(stack, "Cluster", &props)
	cdktest.Synth(t, stack).Has("AWS::FSx::FileSystem", o{"OntapConfiguration": o{"RouteTableIds": a{"rtb-0000000c"}}})
}

func TestEKSCluster_StorageNag(t *testing.T) {
	stack := cdktest.Stack(t)
	eksCluster(stack, eksStorage(stack))
	open, _ := cdktest.Nag(t, stack)
	assert.Empty(t, open)
}
