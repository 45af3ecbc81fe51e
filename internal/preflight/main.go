// Command preflight says, before anything is deployed to an AWS account, what is missing for it.
//
//	go run ./internal/preflight               before make deploy
//	go run ./internal/preflight --bootstrap   before make bootstrap
//
// It reads only: who the credentials belong to, and whether that account is bootstrapped in the app's region. The region,
// and the account if there is one, are those of the context key "strata" in cdk.json; --strata has what is given to cdk
// with --context strata= instead.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/strata-cdk/strata/internal/node"
)

const (
	// What the app uses when its configuration names no region.
	defaultRegion = "us-east-1"
	// The bootstrap stack of the default qualifier keeps its version here.
	versionParameter = "/cdk-bootstrap/hnb659fds/version"
	answerWithin     = 30 * time.Second
)

// options are the command line.
type options struct {
	bootstrap bool
	strata    string
	cdkJSON   string
}

func main() {
	o := options{cdkJSON: "cdk.json"}
	flag.BoolVar(&o.bootstrap, "bootstrap", false, "do not require that the account is bootstrapped")
	flag.StringVar(&o.strata, "strata", "", "the app's configuration, instead of that in cdk.json")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "Error: usage: go run ./internal/preflight [--bootstrap] [--strata JSON]")
		os.Exit(1)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, o options) error {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	if err := node.Check(); err != nil {
		return err
	}
	app, err := readTarget(o)
	if err != nil {
		return err
	}
	region := app.Region
	if region == "" {
		app.Region = defaultRegion
		region = defaultRegion + ` (none is set, so this is the default; "region" in the context key "strata" sets another)`
	}
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion(app.Region))
	if err != nil {
		return noConfig(err)
	}
	account, err := identify(ctx, cfg)
	if err != nil {
		return err
	}
	if app.Account != "" && app.Account != account {
		return fmt.Errorf(`the credentials belong to account %s, but the app is for account %s: set AWS_PROFILE to a profile of that account, or correct "account" in the context key "strata"`, account, app.Account)
	}
	fmt.Fprintf(out, "Account: %s\nRegion: %s\n", account, region)
	if endpoint := aws.ToString(cfg.BaseEndpoint); endpoint != "" {
		fmt.Fprintf(out, "Endpoint: %s (set by the environment or the AWS configuration: this is not AWS itself)\n", endpoint)
	}
	if o.bootstrap {
		return nil
	}
	return checkBootstrap(ctx, out, cfg, account)
}

// target is where the app's configuration says that it goes. The app itself checks the configuration.
type target struct {
	Account string `json:"account"`
	Region  string `json:"region"`
}

func readTarget(o options) (t target, err error) {
	text := []byte(o.strata)
	if len(text) == 0 {
		var file struct {
			Context struct {
				Strata json.RawMessage `json:"strata"`
			} `json:"context"`
		}
		b, err := os.ReadFile(o.cdkJSON)
		if err != nil {
			return t, fmt.Errorf("there is no app here: %w", err)
		}
		if err := json.Unmarshal(b, &file); err != nil {
			return t, fmt.Errorf("%s is not valid JSON: %w", o.cdkJSON, err)
		}
		text = file.Context.Strata
	}
	if len(text) > 0 && json.Unmarshal(text, &t) != nil {
		return t, errors.New(`the context key "strata" must be an object with strings, such as {"stage": "dev"}`)
	}
	return t, nil
}

// identify returns the account that the credentials belong to.
func identify(ctx context.Context, cfg aws.Config) (string, error) {
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		return "", noCredentials(err)
	}
	who, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, nil)
	if err == nil {
		return aws.ToString(who.Account), nil
	}
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		return "", fmt.Errorf("AWS does not answer in region %s; check the network and the region: %w", cfg.Region, err)
	}
	switch api.ErrorCode() {
	case "ExpiredToken", "ExpiredTokenException", "RequestExpired":
		return "", errors.New("the AWS credentials have expired; get new ones, for example with: aws sso login")
	case "InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "AuthFailure", "InvalidAccessKeyId":
		return "", fmt.Errorf("AWS does not accept the credentials (%s); check the access key and its secret, or get new ones", api.ErrorCode())
	}
	return "", fmt.Errorf("AWS does not say who the credentials belong to: %s: %s", api.ErrorCode(), api.ErrorMessage())
}

func checkBootstrap(ctx context.Context, out io.Writer, cfg aws.Config, account string) error {
	p, err := ssm.NewFromConfig(cfg).GetParameter(ctx, &ssm.GetParameterInput{Name: aws.String(versionParameter)})
	if err == nil && p.Parameter != nil {
		fmt.Fprintf(out, "Bootstrap version: %s\n", aws.ToString(p.Parameter.Value))
		return nil
	}
	if _, missing := errors.AsType[*ssmtypes.ParameterNotFound](err); missing {
		return fmt.Errorf("account %s is not bootstrapped for the CDK in region %s; run make bootstrap once, then try again", account, cfg.Region)
	}
	if api, ok := errors.AsType[smithy.APIError](err); ok && strings.HasPrefix(api.ErrorCode(), "AccessDenied") {
		// The roles that cdk assumes may still read it.
		fmt.Fprintf(out, "Bootstrap version: unknown, these credentials may not read the parameter %s\n", versionParameter)
		return nil
	}
	return fmt.Errorf("cannot see whether account %s is bootstrapped in region %s: %w", account, cfg.Region, err)
}

func noConfig(err error) error {
	if missing, ok := errors.AsType[config.SharedConfigProfileNotExistError](err); ok {
		return fmt.Errorf("the AWS profile %q does not exist; list yours with: aws configure list-profiles", missing.Profile)
	}
	return fmt.Errorf("cannot read the AWS configuration: %w", err)
}

func noCredentials(err error) error {
	cause := lastCause(err)
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
