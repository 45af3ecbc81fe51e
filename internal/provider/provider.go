// Package provider holds what constructs/customresource and the functions that it defines must agree on.
package provider

// The variables with which a function is told about itself.
const (
	// Timeout has the seconds that CloudFormation waits for the answer to a request.
	Timeout = "STRATA_SERVICE_TIMEOUT"
	// Waiter has the ARN of the state machine that calls the function until the work is done.
	Waiter = "STRATA_WAITER"
)
