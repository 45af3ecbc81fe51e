// Package constructs_test holds what needs a synth of every pattern, a file a pattern: one process of the jsii runtime
// and one link serve them all. What is pure Go is tested beside its code.
package constructs_test

import (
	"testing"

	"github.com/strata-cdk/strata/cdktest"
)

func TestMain(m *testing.M) { cdktest.Main(m) }
