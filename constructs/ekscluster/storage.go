package ekscluster

import (
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsefs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsfsx"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/jsii-runtime-go"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/nag"
	"github.com/strata-cdk/strata/internal/sorted"
)

// FileSystems are the file systems of a cluster, and who may reach them. Each is nil where there is none.
type FileSystems struct {
	// EFS is the file system of the class of EFS, and EFSSecurityGroup its security group.
	EFS              awsefs.FileSystem
	EFSSecurityGroup awsec2.SecurityGroup
	// LustreSecurityGroup is that of the file systems that classes of Lustre make.
	LustreSecurityGroup awsec2.SecurityGroup
	// ONTAP is the file system of the class of ONTAP, SVM its storage virtual machine, ONTAPSecurityGroup its security group and ONTAPSecret
	// the credentials of the SVM, which Trident uses.
	ONTAP              awsfsx.CfnFileSystem
	SVM                awsfsx.CfnStorageVirtualMachine
	ONTAPSecurityGroup awsec2.SecurityGroup
	ONTAPSecret        awssecretsmanager.Secret
}

// class is a StorageClass whose volumes may grow.
func class(name, provisioner string, parameters map[string]string) *storagev1.StorageClass {
	return &storagev1.StorageClass{
		TypeMeta: metav1.TypeMeta{APIVersion: "storage.k8s.io/v1", Kind: "StorageClass"}, ObjectMeta: metav1.ObjectMeta{Name: name},
		Provisioner: provisioner, Parameters: parameters, AllowVolumeExpansion: new(true), ReclaimPolicy: new(corev1.PersistentVolumeReclaimDelete),
		VolumeBindingMode: new(storagev1.VolumeBindingWaitForFirstConsumer),
	}
}

// newStorage defines file systems and applies the classes, each in a manifest of its own, as most of a class cannot be changed.
func (k *Cluster) newStorage() {
	s := k.props.Storage
	if s == nil {
		return
	}
	k.newBlockClasses()
	if s.EFS != nil {
		k.newEFS(s.EFS)
	}
	if len(s.Lustre) > 0 {
		k.newLustre(s.Lustre)
	}
	if s.ONTAP != nil {
		k.newONTAP(s.ONTAP)
	}
}

// newBlockClasses applies gp3, and gp3-auto where Auto Mode is not alone.
func (k *Cluster) newBlockClasses() {
	gp3 := func(name, provisioner string, standard bool) *storagev1.StorageClass {
		c := class(name, provisioner, map[string]string{"type": "gp3", "encrypted": "true", "kmsKeyId": *k.Key.KeyArn(), "csi.storage.k8s.io/fstype": "ext4"})
		if standard {
			c.Annotations = map[string]string{"storageclass.kubernetes.io/is-default-class": "true"}
		}
		return c
	}
	const auto = "ebs.csi.eks.amazonaws.com"
	onAuto := func(c *storagev1.StorageClass) *storagev1.StorageClass {
		c.AllowedTopologies = []corev1.TopologySelectorTerm{{MatchLabelExpressions: []corev1.TopologySelectorLabelRequirement{
			{Key: "eks.amazonaws.com/compute-type", Values: []string{"auto"}},
		}}}
		return c
	}
	switch {
	case len(k.props.NodeGroups) == 0:
		k.Apply("ClassGp3", onAuto(gp3("gp3", auto, true)))
		return
	case k.props.AutoMode != nil:
		k.Apply("ClassGp3Auto", onAuto(gp3("gp3-auto", auto, false)))
	}
	k.Apply("ClassGp3", gp3("gp3", "ebs.csi.aws.com", true)).Node().AddDependency(k.Addons[EBSCSI])
}

// newGroup defines a security group that lets the nodes in.
func (k *Cluster) newGroup(id, description string, ports ...awsec2.Port) awsec2.SecurityGroup {
	g := awsec2.NewSecurityGroup(k, &id, &awsec2.SecurityGroupProps{
		Vpc: k.props.VPC, Description: jsii.String(description + " of " + *k.Node().Path()), AllowAllOutbound: jsii.Bool(false),
	})
	for _, p := range ports {
		g.AddIngressRule(k.SecurityGroup, p, jsii.String("Nodes of "+k.name), jsii.Bool(true))
	}
	return g
}

func (k *Cluster) newEFS(e *EFS) {
	fs := &k.FileSystems
	fs.EFSSecurityGroup = k.newGroup("EfsSecurityGroup", "EFS", awsec2.Port_Tcp(jsii.Number(2049)))
	fs.EFS = awsefs.NewFileSystem(k, jsii.String("Efs"), &awsefs.FileSystemProps{
		Vpc: k.props.VPC, VpcSubnets: k.props.Subnets, SecurityGroup: fs.EFSSecurityGroup, Encrypted: jsii.Bool(true), KmsKey: k.Key,
		EnableAutomaticBackups: jsii.Bool(!e.DisableBackups), LifecyclePolicy: awsefs.LifecyclePolicy_AFTER_30_DAYS,
		ThroughputMode: awsefs.ThroughputMode_ELASTIC, RemovalPolicy: k.props.RemovalPolicy,
		// The driver mounts without credentials of IAM: what counts is the security group, and the mount target.
		AllowAnonymousAccess: jsii.Bool(true),
	})
	statement := func(effect awsiam.Effect, actions []string, condition, value string) {
		fs.EFS.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Effect: effect, Principals: &[]awsiam.IPrincipal{awsiam.NewAnyPrincipal()}, Actions: jsii.Strings(actions...),
			Conditions: &map[string]any{"Bool": map[string]any{condition: value}},
		}))
	}
	statement(awsiam.Effect_ALLOW, []string{"elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite", "elasticfilesystem:ClientRootAccess"}, "elasticfilesystem:AccessedViaMountTarget", "true")
	statement(awsiam.Effect_DENY, []string{"*"}, "aws:SecureTransport", "false")
	c := class(e.ClassName, "efs.csi.aws.com", map[string]string{
		"provisioningMode": "efs-ap", "fileSystemId": *fs.EFS.FileSystemId(), "directoryPerms": "700", "basePath": "/claims", "ensureUniqueDirectory": "true",
	})
	c.VolumeBindingMode = new(storagev1.VolumeBindingImmediate) // it is in all zones
	c.MountOptions = []string{"tls"}
	k.Apply("ClassEfs", c).Node().AddDependency(k.Addons[EFSCSI], fs.EFS.MountTargetsAvailable())
}

func (k *Cluster) newLustre(classes map[string]Lustre) {
	fs := &k.FileSystems
	ports := []awsec2.Port{awsec2.Port_Tcp(jsii.Number(988)), awsec2.Port_TcpRange(jsii.Number(1018), jsii.Number(1023))}
	fs.LustreSecurityGroup = k.newGroup("LustreSecurityGroup", "FSx for Lustre", ports...)
	for _, p := range ports { // the servers talk to each other, and to the nodes
		fs.LustreSecurityGroup.AddIngressRule(fs.LustreSecurityGroup, p, jsii.String("Servers of file systems"), nil)
		fs.LustreSecurityGroup.AddEgressRule(fs.LustreSecurityGroup, p, jsii.String("Servers of file systems"), nil)
		fs.LustreSecurityGroup.AddEgressRule(k.SecurityGroup, p, jsii.String("Nodes of "+k.name), jsii.Bool(true))
		k.SecurityGroup.AddIngressRule(fs.LustreSecurityGroup, p, jsii.String("Servers of FSx for Lustre"), jsii.Bool(true))
	}
	for name, l := range sorted.All(classes) {
		parameters := map[string]string{
			"subnetId": *(*k.subnets.SubnetIds)[0], "securityGroupIds": *fs.LustreSecurityGroup.SecurityGroupId(), "deploymentType": string(l.Deployment),
			"dataCompressionType": "LZ4",
		}
		if l.Deployment == Persistent {
			parameters["deploymentType"], parameters["kmsKeyId"] = "PERSISTENT_2", *k.Key.KeyArn()
			parameters["perUnitStorageThroughput"], parameters["automaticBackupRetentionDays"] = strconv.Itoa(l.MBpsPerTiB), "7"
		}
		if l.S3Import != "" {
			parameters["s3ImportPath"], parameters["autoImportPolicy"] = l.S3Import, "NEW_CHANGED"
			if l.Deployment == Persistent { // the second generation has no link of this kind, nor has a file system with one backups
				parameters["deploymentType"] = "PERSISTENT_1"
				delete(parameters, "automaticBackupRetentionDays")
			}
		}
		if l.S3Export != "" {
			parameters["s3ExportPath"] = l.S3Export
		}
		c := class(name, "fsx.csi.aws.com", parameters)
		c.VolumeBindingMode, c.MountOptions = new(storagev1.VolumeBindingImmediate), []string{"flock"}
		k.Apply("Class"+pascal(name), c).Node().AddDependency(k.Addons[FSxCSI])
	}
}

// allowLustre lets the driver of FSx for Lustre make file systems, which have no names beforehand.
//
// https://github.com/kubernetes-sigs/aws-fsx-csi-driver/blob/master/docs/install.md
func (k *Cluster) allowLustre(role awsiam.Role) {
	stack := awscdk.Stack_Of(k)
	linked := stack.FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("iam"), Region: jsii.String(""), Resource: jsii.String("role"),
		ResourceName: jsii.String("aws-service-role/s3.data-source.lustre.fsx.amazonaws.com/*"),
	})
	for _, s := range []*awsiam.PolicyStatementProps{
		{Actions: jsii.Strings("iam:CreateServiceLinkedRole", "iam:AttachRolePolicy", "iam:PutRolePolicy"), Resources: &[]*string{linked}},
		{Actions: jsii.Strings("iam:CreateServiceLinkedRole"), Resources: jsii.Strings("*"), Conditions: &map[string]any{"StringEquals": map[string]any{"iam:AWSServiceName": "fsx.amazonaws.com"}}},
		{Actions: jsii.Strings("s3:ListBucket", "fsx:CreateFileSystem", "fsx:UpdateFileSystem", "fsx:DeleteFileSystem", "fsx:DescribeFileSystems", "fsx:TagResource"), Resources: jsii.Strings("*")},
	} {
		role.AddToPolicy(awsiam.NewPolicyStatement(s))
	}
	k.allowStorageKey(role)
	nag.Suppress(role.Node().FindChild(jsii.String("DefaultPolicy")), "AwsSolutions-IAM5", "The driver makes file systems, which have no names beforehand, and the roles that FSx links to them.")
}

func (k *Cluster) newONTAP(s *ONTAP) {
	fs := &k.FileSystems
	var ports []awsec2.Port
	for _, p := range []float64{111, 635, 2049, 4045, 4046} { // NFS, its locks and mounts
		ports = append(ports, awsec2.Port_Tcp(&p), awsec2.Port_Udp(&p))
	}
	fs.ONTAPSecurityGroup = k.newGroup("OntapSecurityGroup", "FSx for NetApp ONTAP", append(ports, awsec2.Port_Tcp(jsii.Number(443)))...)
	fs.ONTAPSecret = awssecretsmanager.NewSecret(k, jsii.String("OntapSecret"), &awssecretsmanager.SecretProps{
		EncryptionKey: k.Key, RemovalPolicy: k.props.RemovalPolicy, Description: jsii.String("Administrator of the storage virtual machine of " + k.name),
		GenerateSecretString: &awssecretsmanager.SecretStringGenerator{
			SecretStringTemplate: jsii.String(`{"username":"vsadmin"}`), GenerateStringKey: jsii.String("password"), ExcludePunctuation: jsii.Bool(true), PasswordLength: jsii.Number(32),
		},
	})
	nag.Suppress(fs.ONTAPSecret, "AwsSolutions-SMG4", "ONTAP and Trident would have to change the password at the same time, which nothing does.")
	deployment, ids := "MULTI_AZ_1", (*k.subnets.SubnetIds)[:2]
	if s.SingleZone {
		deployment, ids = "SINGLE_AZ_1", ids[:1]
	}
	configuration := &awsfsx.CfnFileSystem_OntapConfigurationProperty{
		DeploymentType: &deployment, PreferredSubnetId: ids[0], ThroughputCapacity: jsii.Number(s.MBps), AutomaticBackupRetentionDays: jsii.Number(s.BackupDays),
		RouteTableIds: cdkval.Texts(s.RouteTableIDs),
	}
	fs.ONTAP = awsfsx.NewCfnFileSystem(k, jsii.String("Ontap"), &awsfsx.CfnFileSystemProps{
		FileSystemType: jsii.String("ONTAP"), StorageCapacity: jsii.Number(s.CapacityGiB), StorageType: jsii.String("SSD"), SubnetIds: &ids,
		KmsKeyId: k.Key.KeyArn(), SecurityGroupIds: &[]*string{fs.ONTAPSecurityGroup.SecurityGroupId()}, OntapConfiguration: configuration,
	})
	fs.ONTAP.ApplyRemovalPolicy(k.props.RemovalPolicy, nil)
	fs.SVM = awsfsx.NewCfnStorageVirtualMachine(k, jsii.String("Svm"), &awsfsx.CfnStorageVirtualMachineProps{
		FileSystemId: fs.ONTAP.Ref(), Name: jsii.String("kubernetes"), RootVolumeSecurityStyle: jsii.String("UNIX"),
		SvmAdminPassword: fs.ONTAPSecret.SecretValueFromJson(jsii.String("password")).UnsafeUnwrap(),
	})
	fs.SVM.ApplyRemovalPolicy(k.props.RemovalPolicy, nil)
	if role, ok := k.AddonRoles["trident-controller"]; ok { // there is none where the add-on was given roles
		fs.ONTAPSecret.GrantRead(role, nil)
		k.allowTrident(role)
	}

	backend := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "trident.netapp.io/v1", "kind": "TridentBackendConfig", "metadata": map[string]any{"name": s.ClassName, "namespace": "trident"},
		"spec": map[string]any{
			"version": int64(1), "storageDriverName": "ontap-nas", "backendName": s.ClassName, "svm": "kubernetes",
			"aws":         map[string]any{"fsxFilesystemID": *fs.ONTAP.Ref()},
			"credentials": map[string]any{"name": *fs.ONTAPSecret.SecretArn(), "type": "awsarn"},
		},
	}}
	// ONTAP encrypts the file system with the key.
	c := class(s.ClassName, "csi.trident.netapp.io", map[string]string{"backendType": "ontap-nas", "provisioningType": "thin", "snapshots": "true"})
	c.VolumeBindingMode = new(storagev1.VolumeBindingImmediate)
	k.Apply("OntapBackend", backend).Node().AddDependency(k.Addons[Trident], fs.SVM)
	k.Apply("ClassOntap", c).Node().AddDependency(k.Addons[Trident])
}

// routeTables are those of subnets; ok is false where a subnet that was imported does not know its own.
func routeTables(subnets *[]awsec2.ISubnet) (ids []string, ok bool) {
	defer func() { _ = recover() }() // jsii panics where JavaScript has undefined for a required string
	for _, s := range *subnets {
		ids = append(ids, *s.RouteTable().RouteTableId())
	}
	return ids, true
}

// allowTrident lets Trident make volumes of the file system.
//
// https://docs.netapp.com/us-en/trident/trident-use/trident-fsx-storage-backend.html
func (k *Cluster) allowTrident(role awsiam.Role) {
	stack := awscdk.Stack_Of(k)
	arn := func(resource string) *string {
		return stack.FormatArn(&awscdk.ArnComponents{Service: jsii.String("fsx"), Resource: &resource, ResourceName: jsii.String(*k.FileSystems.ONTAP.Ref() + "/*")})
	}
	role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions:   jsii.Strings("fsx:DescribeFileSystems", "fsx:DescribeVolumes", "fsx:DescribeStorageVirtualMachines"),
		Resources: jsii.Strings("*"),
	}))
	role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions:   jsii.Strings("fsx:CreateVolume", "fsx:UpdateVolume", "fsx:DeleteVolume", "fsx:RestoreVolumeFromSnapshot", "fsx:TagResource", "fsx:UntagResource"),
		Resources: &[]*string{arn("volume"), arn("storage-virtual-machine")},
	}))
	nag.Suppress(role.Node().FindChild(jsii.String("DefaultPolicy")), "AwsSolutions-IAM5", "Trident makes volumes, which have no names beforehand, of this file system only.")
}
