//go:build strata_vendor

package globalentry

// No build sets this tag. "go mod vendor" and "go mod tidy" look at files of every tag: with this one they bring the function's
// packages to an app that uses this package, so that it can be built there, while the app itself compiles none of them.
import (
	_ "github.com/strata-cdk/strata/functions/acceleratorgroup"
	_ "github.com/strata-cdk/strata/functions/customrouting"
)
