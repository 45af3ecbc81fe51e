package stacks

import (
	"bytes"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// packedProgram is the zip of a program for this machine.
func packedProgram(t *testing.T, p program) []byte {
	t.Helper()
	bundle, err := p.bundle("..", t.TempDir(), runtime.GOARCH, true)
	require.NoError(t, err)
	assert.Empty(t, bundle.Warnings())
	assert.Equal(t, p.tasks, bundle.Tasks)
	data, err := bundle.Bytes()
	require.NoError(t, err)
	return data
}

// A bundle is the same, byte for byte, wherever it is built.
func TestProgram_IsTheSameEverywhere(t *testing.T) {
	assert.True(t, bytes.Equal(packedProgram(t, greeter), packedProgram(t, greeter)))
}

func TestProgram_ThatDoesNotBuild(t *testing.T) {
	_, err := program{name: "nothing"}.bundle("..", t.TempDir(), "arm64", true)
	assert.Error(t, err)
	b, err := program{name: "nothing"}.bundle("..", t.TempDir(), "arm64", false)
	require.NoError(t, err, "nothing is built when nothing of the stack is wanted")
	assert.NotEmpty(t, b.Hash())
}

func TestBeanstalkStackProps_Validate(t *testing.T) {
	domain := Domain{Name: "a.b.c", HostedZone: "b.c", HostedZoneID: "Z"}
	assert.NoError(t, (&BeanstalkStackProps{Stage: Dev}).Validate())
	assert.NoError(t, (&BeanstalkStackProps{Stage: Prod, Domain: domain, GreenPercent: 100, Architecture: "x86_64"}).Validate())
	assert.EqualError(t, (&BeanstalkStackProps{Domain: Domain{Name: "a"}, Architecture: "mips", GreenPercent: 101}).Validate(), `invalid stacks.BeanstalkStackProps:
  - Stage: must be one of dev, prod, local, got `+`
  - Architecture: must be one of arm64, x86_64, got mips
  - Domain: must have all of Name, HostedZone and HostedZoneID, or none
  - GreenPercent: must be between 0 and 100, got 101`)
	assert.EqualError(t, (&BeanstalkStackProps{Stage: Dev, GreenPercent: 1}).Validate(), "invalid stacks.BeanstalkStackProps:\n  - GreenPercent: needs Domain")
	assert.Error(t, (*BeanstalkStackProps)(nil).Validate())
	assert.Equal(t, Domain{Name: "x.b.c", HostedZone: "b.c", HostedZoneID: "Z"}, domain.Sibling("x"))
	assert.Zero(t, Domain{Name: "a"}.Sibling("x"))
}
