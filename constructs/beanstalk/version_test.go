package beanstalk

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// What an environment adds changes the hash, and so the version, and leaves the bundle that it was given alone.
func TestBundle_With(t *testing.T) {
	b := bundled(t, nil)
	before := b.Hash()
	config := func(size int) *Config {
		return &Config{Resources: map[string]any{"AWSEBAutoScalingGroup": map[string]any{"Properties": map[string]any{"MaxSize": size}}}}
	}
	one, two := b.with(ownConfig, config(1)), b.with(ownConfig, config(2))
	assert.Equal(t, before, b.Hash())
	assert.False(t, b.has(ownConfig))
	assert.NotEqual(t, before, one.Hash())
	assert.NotEqual(t, one.Hash(), two.Hash())
	assert.Equal(t, one.Hash(), b.with(ownConfig, config(1)).Hash())
	assert.Equal(t, []string{"drwxr-xr-x .ebextensions/", "-rw-r--r-- .ebextensions/zz-strata.config", "-rw-r--r-- Procfile"}, listing(t, one))
}
