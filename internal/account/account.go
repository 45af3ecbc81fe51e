// Package account says which AWS account the credentials belong to, and whether it is bootstrapped for the CDK. Its errors are
// sentences for users: what is wrong, and what to do.
package account

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"
)

// DefaultRegion is used where neither an option, the environment nor the profile names a region.
const DefaultRegion = "us-east-1"

// Options says which configuration Load reads. The zero value is what every AWS SDK would use.
type Options struct {
	// Profile is a profile of the AWS configuration. It wins over credentials in environment variables.
	// Default: AWS_PROFILE, or the profile "default".
	Profile string
	// Region is where AWS is asked.
	// Default: AWS_REGION, that of the profile, or DefaultRegion.
	Region string
	// Code asks for an MFA code, for profiles that assume a role with one.
	// Default: nil, such profiles are an error.
	Code func() (string, error)
	// SDK are options of the SDK, applied last.
	SDK []func(*config.LoadOptions) error
}

// Config is a loaded configuration.
type Config struct {
	aws.Config
	// RegionIsDefault tells that nothing names a region, so that it is DefaultRegion.
	RegionIsDefault bool
	// Shared is the profile that was read.
	Shared config.SharedConfig
}

// Load reads the AWS configuration with the SDK. It asks nobody for credentials yet.
func Load(ctx context.Context, o Options) (Config, error) {
	// What the SDK would log is in its errors, too.
	opts := []func(*config.LoadOptions) error{config.WithLogger(logging.Nop{}), config.WithDefaultRegion(DefaultRegion)}
	if o.Profile != "" {
		opts = append(opts, config.WithSharedConfigProfile(o.Profile))
	}
	if o.Region != "" {
		opts = append(opts, config.WithRegion(o.Region))
	}
	if o.Code != nil {
		opts = append(opts, config.WithAssumeRoleCredentialOptions(func(a *stscreds.AssumeRoleOptions) { a.TokenProvider = o.Code }))
	}
	loaded, err := config.LoadDefaultConfig(ctx, append(opts, o.SDK...)...)
	if err != nil {
		return Config{}, explainConfig(err)
	}
	cfg := Config{Config: loaded, RegionIsDefault: true}
	for _, source := range loaded.ConfigSources {
		var region string
		switch s := source.(type) {
		case config.LoadOptions:
			region = s.Region
		case config.EnvConfig:
			region = s.Region
		case config.SharedConfig:
			cfg.Shared, region = s, s.Region
		}
		cfg.RegionIsDefault = cfg.RegionIsDefault && region == ""
	}
	return cfg, nil
}

// Endpoint is the address of STS where it is not AWS's own but set by the environment or the profile.
func Endpoint(cfg aws.Config) string {
	return aws.ToString(sts.NewFromConfig(cfg).Options().BaseEndpoint)
}

// Identity is whose credentials they are.
type Identity struct{ Account, ARN string }

// Identify asks AWS whose credentials cfg has.
func Identify(ctx context.Context, cfg aws.Config) (Identity, error) {
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		return Identity{}, ExplainCredentials(err)
	}
	who, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, nil)
	if err != nil {
		return Identity{}, Explain(err, cfg.Region, "AWS does not say who the credentials belong to")
	}
	return Identity{Account: aws.ToString(who.Account), ARN: aws.ToString(who.Arn)}, nil
}

var (
	// ErrNotBootstrapped says that there is no bootstrap stack.
	ErrNotBootstrapped = errors.New("not bootstrapped")
	// ErrMayNotRead says that the credentials may not see whether there is a bootstrap stack.
	ErrMayNotRead = errors.New("may not read the bootstrap version")
)

// VersionParameter is the SSM parameter in which the bootstrap stack of a qualifier keeps its version.
func VersionParameter(qualifier string) string { return "/cdk-bootstrap/" + qualifier + "/version" }

// BootstrapVersion reads the version of a bootstrap stack from its SSM parameter. Two of its errors are ErrNotBootstrapped
// and ErrMayNotRead.
func BootstrapVersion(ctx context.Context, cfg aws.Config, parameter string) (string, error) {
	p, err := ssm.NewFromConfig(cfg).GetParameter(ctx, &ssm.GetParameterInput{Name: &parameter})
	if err == nil && p.Parameter != nil {
		return aws.ToString(p.Parameter.Value), nil
	}
	if _, missing := errors.AsType[*ssmtypes.ParameterNotFound](err); missing {
		return "", ErrNotBootstrapped
	}
	if IsDenied(err) {
		return "", ErrMayNotRead
	}
	return "", fmt.Errorf("cannot read %s in region %s: %w", parameter, cfg.Region, err)
}
