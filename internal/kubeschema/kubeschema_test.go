package kubeschema_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/internal/kubeschema"
)

func TestValidate(t *testing.T) {
	for name, c := range map[string]struct {
		minor  int
		object string
		want   []string
	}{
		"class": {34, `{"apiVersion":"storage.k8s.io/v1","kind":"StorageClass","metadata":{"name":"a"},"provisioner":"p","parameters":{"a":"b"}}`, nil},
		"required field": {34, `{"apiVersion":"storage.k8s.io/v1","kind":"StorageClass","metadata":{"name":"a"}}`,
			[]string{": missing property 'provisioner'"}},
		"unknown fields": {34, `{"apiVersion":"v1","kind":"Namespace","metadata":{"nam":"a"},"spek":{}}`,
			[]string{": additional properties 'spek' not allowed", "metadata: additional properties 'nam' not allowed"}},
		"wrong type": {34, `{"apiVersion":"apps/v1","kind":"Deployment","spec":{"replicas":"2","selector":{},"template":{"spec":{"containers":[{"name":"a"}]}}}}`,
			[]string{"spec.replicas: got string, want integer"}},
		"integer or string": {34, `{"apiVersion":"v1","kind":"Service","spec":{"ports":[{"port":80,"targetPort":"http"},{"port":81,"targetPort":8081}]}}`, nil},
		"port of another type": {34, `{"apiVersion":"v1","kind":"Service","spec":{"ports":[{"port":80,"targetPort":true}]}}`,
			[]string{"spec.ports.0.targetPort: got boolean, want integer or string"}},
		"removed version": {34, `{"apiVersion":"flowcontrol.apiserver.k8s.io/v1beta3","kind":"FlowSchema"}`,
			[]string{"kind: Kubernetes 1.34 has no FlowSchema of flowcontrol.apiserver.k8s.io/v1beta3"}},
		"version that was there": {31, `{"apiVersion":"flowcontrol.apiserver.k8s.io/v1beta3","kind":"FlowSchema"}`, nil},
		"kind of another group":  {34, `{"apiVersion":"v1","kind":"Deployment"}`, []string{"kind: Kubernetes 1.34 has no Deployment of v1"}},
		"custom resource":        {34, `{"apiVersion":"trident.netapp.io/v1","kind":"TridentBackendConfig","spec":{"any":1}}`, nil},
		"no kind":                {34, `{"apiVersion":"v1"}`, []string{"apiVersion and kind: must be given"}},
	} {
		t.Run(name, func(t *testing.T) {
			var object map[string]any
			require.NoError(t, json.Unmarshal([]byte(c.object), &object))
			got, err := kubeschema.Validate(c.minor, object)
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
		})
	}
}

// Every version that a cluster may have has schemas.
func TestValidate_EachVersion(t *testing.T) {
	for minor := 30; minor <= 36; minor++ {
		got, err := kubeschema.Validate(minor, map[string]any{"apiVersion": "v1", "kind": "Namespace", "wrong": true})
		require.NoError(t, err, minor)
		assert.Equal(t, []string{": additional properties 'wrong' not allowed"}, got, minor)
	}
	_, err := kubeschema.Validate(29, nil)
	assert.EqualError(t, err, "no schemas of Kubernetes 1.29")
}
