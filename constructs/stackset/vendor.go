//go:build strata_vendor

package stackset

// See bucketemptier: this brings the function's packages to an app that vendors this package.
import _ "github.com/strata-cdk/strata/functions/assetcopier"
