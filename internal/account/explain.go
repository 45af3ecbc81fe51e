package account

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/processcreds"
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	"github.com/aws/smithy-go"

	"github.com/strata-cdk/strata/internal/terminal"
)

// Explain turns the error of a call to AWS into a sentence that says what to do. What AWS says in an error that is not
// about the credentials follows failed.
func Explain(err error, region, failed string) error {
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		return fmt.Errorf("AWS does not answer in region %s; check the network and the region: %w", region, err)
	}
	code, message := api.ErrorCode(), api.ErrorMessage()
	switch {
	case isClock(code, message):
		return fmt.Errorf("the clock of this machine is not that of AWS (%s: %s); set it right, best by NTP", code, message)
	case code == "ExpiredToken", code == "ExpiredTokenException":
		return errors.New("the AWS credentials have expired; get new ones, for example with: aws sso login")
	case code == "InvalidClientTokenId", code == "UnrecognizedClientException", code == "SignatureDoesNotMatch", code == "AuthFailure", code == "InvalidAccessKeyId":
		return fmt.Errorf("AWS does not accept the credentials (%s); check the access key and its secret, or get new ones", code)
	}
	return fmt.Errorf("%s: %s: %s", failed, code, message)
}

// isClock recognises requests that were signed at another time than the server's.
func isClock(code, message string) bool {
	switch code {
	case "RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture":
		return true
	case "SignatureDoesNotMatch", "InvalidSignatureException":
		return strings.Contains(message, "Signature expired") || strings.Contains(message, "Signature not yet current")
	}
	return false
}

// IsDenied tells whether AWS understood a request and refused it to this caller.
func IsDenied(err error) bool {
	api, ok := errors.AsType[smithy.APIError](err)
	return ok && strings.HasPrefix(api.ErrorCode(), "AccessDenied")
}

func explainConfig(err error) error {
	if missing, ok := errors.AsType[config.SharedConfigProfileNotExistError](err); ok {
		return fmt.Errorf("the AWS profile %q does not exist; list yours with: aws configure list-profiles", missing.Profile)
	}
	if _, ok := errors.AsType[config.AssumeRoleTokenProviderNotSetError](err); ok {
		return errors.New("the AWS profile assumes a role with an MFA code, which nobody can be asked for here; use a profile whose source_profile is served by strata mfa")
	}
	return fmt.Errorf("cannot read the AWS configuration: %w", err)
}

// ExplainCredentials turns the error of a credential chain into a sentence that says what to do. What a credential_process
// printed, secrets perhaps, is not in it.
func ExplainCredentials(err error) error {
	cause := lastCause(err)
	if errors.Is(cause, terminal.ErrNone) {
		return fmt.Errorf("the AWS profile assumes a role with MFA: %w", cause)
	}
	if _, failed := errors.AsType[*processcreds.ProviderError](err); failed {
		return fmt.Errorf("the credential_process of the AWS profile failed: %w", cause)
	}
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return fmt.Errorf("AWS gives no credentials: %s: %s", api.ErrorCode(), api.ErrorMessage())
	}
	if _, expired := errors.AsType[*ssocreds.InvalidTokenError](err); expired || strings.Contains(err.Error(), "SSO") {
		return fmt.Errorf("the login of AWS IAM Identity Center is missing or has expired; log in with: aws sso login (details: %w)", cause)
	}
	return fmt.Errorf("there are no AWS credentials: set AWS_PROFILE to a profile that has them, or make one with aws configure sso (details: %w)", cause)
}

// lastCause shortens the SDK's chain of errors to the one that started it.
func lastCause(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}
