package jsiiprime_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/jsiiprime"
)

// An empty cache is primed for real: jsii unpacks the CDK into it and writes its index.
func TestPrime(t *testing.T) {
	t.Setenv("JSII_RUNTIME_PACKAGE_CACHE_ROOT", t.TempDir())
	jsii.Close() // so that the runtime starts with this environment

	done, err := jsiiprime.Done()
	require.NoError(t, err)
	require.False(t, done)

	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	require.NoError(t, jsiiprime.Prime(ctx))
	done, err = jsiiprime.Done()
	require.NoError(t, err)
	assert.True(t, done)

	start := time.Now()
	require.NoError(t, jsiiprime.Prime(ctx))
	assert.Less(t, time.Since(start), time.Second, "a second time does nothing")
}

func TestPrime_GivesUp(t *testing.T) {
	t.Setenv("JSII_RUNTIME_PACKAGE_CACHE_ROOT", t.TempDir())
	jsii.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.ErrorContains(t, jsiiprime.Prime(ctx), "waiting for jsii's type index: context canceled")
}

func TestDone_WhereJsiiKeepsPackages(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("JSII_RUNTIME_PACKAGE_CACHE_ROOT", "")
	done, err := jsiiprime.Done()
	require.NoError(t, err)
	assert.False(t, done)
	entries, err := os.ReadDir(filepath.Clean(home))
	require.NoError(t, err)
	assert.Empty(t, entries, "looking writes nothing")
}
