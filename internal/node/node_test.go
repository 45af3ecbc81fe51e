package node_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/internal/node"
)

func TestCheck(t *testing.T) {
	for version, problem := range map[string]string{
		"v24.21.0": "",
		"v22.0.0":  "",
		"v20.20.2": "Node.js v20.20.2 is too old for the CDK: install Node.js 22 or later",
		"hello":    `says "hello"`,
	} {
		fake := filepath.Join(t.TempDir(), "node")
		require.NoError(t, os.WriteFile(fake, []byte("#!/bin/sh\necho "+version+"\n"), 0o700))
		t.Setenv("JSII_NODE", fake)
		if problem == "" {
			assert.NoError(t, node.Check(), version)
		} else {
			assert.ErrorContains(t, node.Check(), problem)
		}
	}
	t.Setenv("JSII_NODE", "")
	t.Setenv("PATH", "")
	assert.ErrorContains(t, node.Check(), "cannot be started")
	assert.ErrorContains(t, node.Check(), "make tools")
}
