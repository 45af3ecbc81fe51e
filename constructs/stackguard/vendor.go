//go:build strata_vendor

package stackguard

// No build sets this tag. "go mod vendor" and "go mod tidy" look at files of every tag: with this one they bring the functions'
// packages to an app that uses this package, so that they can be built there, while the app itself compiles none of them.
import (
	_ "github.com/strata-cdk/strata/functions/stackguard"
	_ "github.com/strata-cdk/strata/functions/stackpolicy"
)
