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
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/strata-cdk/strata/internal/account"
	"github.com/strata-cdk/strata/internal/node"
)

const answerWithin = 30 * time.Second

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
		app.Region = account.DefaultRegion
		region = account.DefaultRegion + ` (none is set, so this is the default; "region" in the context key "strata" sets another)`
	}
	cfg, err := account.Load(ctx, account.Options{Region: app.Region})
	if err != nil {
		return err
	}
	who, err := account.Identify(ctx, cfg.Config)
	if err != nil {
		return err
	}
	if app.Account != "" && app.Account != who.Account {
		return fmt.Errorf(`the credentials belong to account %s, but the app is for account %s: set AWS_PROFILE to a profile of that account, or correct "account" in the context key "strata"`, who.Account, app.Account)
	}
	fmt.Fprintf(out, "Account: %s\nRegion: %s\n", who.Account, region)
	if endpoint := account.Endpoint(cfg.Config); endpoint != "" {
		fmt.Fprintf(out, "Endpoint: %s (set by the environment or the AWS configuration: this is not AWS itself)\n", endpoint)
	}
	if o.bootstrap {
		return nil
	}
	return checkBootstrap(ctx, out, cfg.Config, who.Account)
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

func checkBootstrap(ctx context.Context, out io.Writer, cfg aws.Config, id string) error {
	// The app has the default qualifier.
	parameter := account.VersionParameter("hnb659fds")
	version, err := account.BootstrapVersion(ctx, cfg, parameter)
	switch {
	case errors.Is(err, account.ErrNotBootstrapped):
		return fmt.Errorf("account %s is not bootstrapped for the CDK in region %s; run make bootstrap once, then try again", id, cfg.Region)
	case errors.Is(err, account.ErrMayNotRead):
		// The roles that cdk assumes may still read it.
		fmt.Fprintf(out, "Bootstrap version: unknown, these credentials may not read the parameter %s\n", parameter)
	case err != nil:
		return fmt.Errorf("cannot see whether account %s is bootstrapped: %w", id, err)
	default:
		fmt.Fprintf(out, "Bootstrap version: %s\n", version)
	}
	return nil
}
