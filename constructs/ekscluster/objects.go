package ekscluster

import (
	"encoding/json"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/kubeschema"
	"github.com/strata-cdk/strata/internal/nag"
	"github.com/strata-cdk/strata/internal/sorted"
)

// newKubectl defines the function that applies objects, an administrator of the cluster in its subnets.
func (k *Cluster) newKubectl() {
	attributes := &awseksv2.ClusterAttributes{ClusterName: k.Cluster.Ref(), ClusterSecurityGroupId: k.SecurityGroup.SecurityGroupId(), Vpc: k.props.VPC}
	// An import takes no options of kubectl, but what they make.
	provider := awseksv2.NewKubectlProvider(k, jsii.String("Kubectl"), &awseksv2.KubectlProviderProps{
		Cluster:      awseksv2.Cluster_FromClusterAttributes(k, jsii.String("Imported"), attributes),
		KubectlLayer: k.props.KubectlLayer, PrivateSubnets: k.subnets.Subnets, SecurityGroups: &[]awsec2.ISecurityGroup{k.SecurityGroup},
	})
	find := func(ids ...string) constructs.IConstruct {
		var at constructs.IConstruct = provider
		for _, id := range ids {
			at = at.Node().FindChild(&id)
		}
		return at
	}
	nag.Suppress(find("Handler", "ServiceRole"), "AwsSolutions-IAM4", "The CDK's function for kubectl has policies that AWS keeps for functions in a VPC and for reading images of charts.")
	nag.Suppress(find("Handler"), "AwsSolutions-L1", "The CDK chooses the runtime of its function, the newest one that is in every region.")
	framework := []string{"Provider", "framework-onEvent", "ServiceRole"}
	nag.Suppress(find(framework...), "AwsSolutions-IAM4", "The CDK's function for custom resources has the policies that AWS keeps for functions in a VPC.")
	nag.Suppress(find(append(framework, "DefaultPolicy")...), "AwsSolutions-IAM5", "It may invoke any version of the one function for kubectl.")
	attributes.KubectlProvider = provider
	k.Kubectl = awseksv2.Cluster_FromClusterAttributes(k, jsii.String("Kubernetes"), attributes)
	access := Access{PrincipalARN: *provider.Role().RoleArn(), Policy: ClusterAdmin}
	k.kubectlAccess = k.newAccess("KubectlAccess", &access)
}

// Apply applies objects of Kubernetes at deployment, and deletes those that are no longer given. They are types of k8s.io/api, or
// unstructured.Unstructured for custom resources, with their kind and version set. It panics with a *check.Error, which lists every problem,
// where an object is not what the cluster's version takes, or without KubectlLayer.
func (k *Cluster) Apply(id string, objects ...runtime.Object) awseksv2.KubernetesManifest {
	c := check.For("Apply")
	c.That(k.Kubectl != nil, "KubectlLayer", "must be given to the cluster")
	c.That(len(objects) > 0, "objects", "must be given")
	manifest := []*map[string]any{}
	names := map[string]bool{}
	for i, object := range objects {
		c := c.At(check.Index("objects", i))
		m, err := k.encode(c, object)
		if err != nil {
			c.Add("", "%s", err)
			continue
		}
		name := name(m)
		c.That(!names[name], "", "must be given once, got %s again", name)
		names[name] = true
		manifest = append(manifest, &m)
	}
	check.Must(k.Node().Path(), id, c.Err())
	applied := awseksv2.NewKubernetesManifest(k, &id, &awseksv2.KubernetesManifestProps{Cluster: k.Kubectl, Manifest: &manifest})
	applied.Node().AddDependency(k.kubectlAccess)
	return applied
}

// name tells objects of a manifest apart.
func name(m map[string]any) string {
	metadata, _ := m["metadata"].(map[string]any)
	text, _ := json.Marshal([]any{m["kind"], metadata["namespace"], metadata["name"]})
	return string(text)
}

// encode gives an object as JSON and reports its problems.
func (k *Cluster) encode(c *check.List, object runtime.Object) (map[string]any, error) {
	text, err := json.Marshal(object)
	if err != nil {
		return nil, err
	}
	var m map[string]any
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, err
	}
	if status, ok := m["status"].(map[string]any); ok && len(status) == 0 {
		delete(m, "status") // the server's
	}
	problems, err := kubeschema.Validate(k.props.minor(), m)
	for _, p := range problems {
		c.Add("", "%s", p)
	}
	metadata, _ := m["metadata"].(map[string]any)
	label, _ := metadata["name"].(string)
	c.That(check.IsToken(label) || dnsName.MatchString(label), "metadata.name", "must be the name of an object, got %q", label)
	return m, err
}

// quantities reads quantities, and reports those that are none.
func quantities(c *check.List, field string, values map[string]string) map[string]resource.Quantity {
	all := map[string]resource.Quantity{}
	for name, s := range sorted.All(values) {
		q, err := resource.ParseQuantity(s)
		c.That(err == nil && q.Sign() >= 0, check.Key(field, name), "must be a quantity of Kubernetes such as 500m or 2Gi, got %q", s)
		if err == nil {
			all[name] = q
		}
	}
	return all
}

func resourceList(values map[string]string) corev1.ResourceList {
	list := corev1.ResourceList{}
	for name, s := range values {
		list[corev1.ResourceName(name)] = resource.MustParse(s)
	}
	return list
}

func meta(namespace, name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: namespace, Name: name}
}

// objects are the namespace and its limits.
func (n *Namespace) objects(name string) []runtime.Object {
	labels := map[string]string{"pod-security.kubernetes.io/enforce": string(n.PodSecurity), "pod-security.kubernetes.io/warn": string(n.PodSecurity)}
	objects := []runtime.Object{
		&corev1.Namespace{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"}, ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}},
		&corev1.ResourceQuota{
			TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "ResourceQuota"}, ObjectMeta: meta(name, "quota"),
			Spec: corev1.ResourceQuotaSpec{Hard: resourceList(n.Quota)},
		},
		&corev1.LimitRange{
			TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "LimitRange"}, ObjectMeta: meta(name, "containers"),
			Spec: corev1.LimitRangeSpec{Limits: []corev1.LimitRangeItem{{
				Type: corev1.LimitTypeContainer, DefaultRequest: resourceList(n.ContainerRequests), Default: resourceList(n.ContainerLimits),
			}}},
		},
	}
	if n.AllowAllIngress {
		return objects
	}
	from := []networkingv1.NetworkPolicyPeer{{PodSelector: &metav1.LabelSelector{}}}
	for _, other := range n.AllowFrom {
		from = append(from, networkingv1.NetworkPolicyPeer{NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{corev1.LabelMetadataName: other}}})
	}
	return append(objects, &networkingv1.NetworkPolicy{
		TypeMeta: metav1.TypeMeta{APIVersion: "networking.k8s.io/v1", Kind: "NetworkPolicy"}, ObjectMeta: meta(name, "ingress"),
		Spec: networkingv1.NetworkPolicySpec{
			PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeIngress}, Ingress: []networkingv1.NetworkPolicyIngressRule{{From: from}},
		},
	})
}

// newNamespaces applies the namespaces, one manifest each, so that one that goes does not touch the others.
func (k *Cluster) newNamespaces() {
	for name, n := range sorted.All(k.props.Namespaces) {
		k.Apply("Namespace"+pascal(name), n.objects(name)...)
	}
}
