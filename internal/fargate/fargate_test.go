package fargate_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/fargate"
)

func checked(cpu, memory int, windows bool) error {
	c := check.For("x.Props")
	fargate.CheckSize(c, cpu, memory, windows)
	return c.Err()
}

// Each CPU with the first and the last memory that it takes, and what it does not take on either side and between.
func TestCheckSize(t *testing.T) {
	for _, row := range []struct {
		cpu   int
		valid []int
		text  string
		wrong []int
	}{
		{256, []int{512, 1024, 2048}, "one of 512, 1024, 2048", []int{0, 511, 1536, 3072}},
		{512, []int{1024, 2048, 3072, 4096}, "between 1024 and 4096 in steps of 1024", []int{0, 512, 1536, 5120}},
		{1024, []int{2048, 5120, 8192}, "between 2048 and 8192 in steps of 1024", []int{1024, 2560, 9216}},
		{2048, []int{4096, 5120, 16384}, "between 4096 and 16384 in steps of 1024", []int{3072, 4608, 17408}},
		{4096, []int{8192, 9216, 30720}, "between 8192 and 30720 in steps of 1024", []int{7168, 8704, 31744}},
		{8192, []int{16384, 20480, 61440}, "between 16384 and 61440 in steps of 4096", []int{12288, 17408, 65536}},
		{16384, []int{32768, 40960, 122880}, "between 32768 and 122880 in steps of 8192", []int{24576, 36864, 131072}},
		{32768, []int{61440, 122880, 249856}, "one of 61440, 122880, 249856", []int{53248, 65536, 262144}},
	} {
		for _, memory := range row.valid {
			assert.NoError(t, checked(row.cpu, memory, false), "%d, %d", row.cpu, memory)
		}
		for _, memory := range row.wrong {
			err := checked(row.cpu, memory, false)
			require.Error(t, err, "%d, %d", row.cpu, memory)
			assert.Contains(t, err.Error(), "\n  - Memory: must be "+row.text+" with ")
		}
		assert.Equal(t, row.valid[0], fargate.LeastMemory(row.cpu))
	}
}

func TestCheckSize_Messages(t *testing.T) {
	require.EqualError(t, checked(300, 512, false), `invalid x.Props:
  - CPU: must be one of 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, got 300`)
	require.EqualError(t, checked(512, 512, false), `invalid x.Props:
  - Memory: must be between 1024 and 4096 in steps of 1024 with 512 CPU units, got 512`)
	assert.Zero(t, fargate.LeastMemory(300))
}

func TestCheckSize_Windows(t *testing.T) {
	assert.NoError(t, checked(1024, 2048, true))
	assert.NoError(t, checked(4096, 30720, true))
	for _, cpu := range []int{256, 512, 8192, 32768} {
		require.ErrorContains(t, checked(cpu, fargate.LeastMemory(cpu), true), "CPU: must be one of 1024, 2048, 4096, got ")
	}
	require.ErrorContains(t, checked(1024, 1024, true), "Memory: must be between 2048 and 8192 in steps of 1024 with 1024 CPU units, got 1024")
}
