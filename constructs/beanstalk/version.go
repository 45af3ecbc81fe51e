package beanstalk

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awselasticbeanstalk"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3assets"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/internal/nag"
)

// ownConfig is the configuration file that environments add to their bundle. It is read after others.
const ownConfig = ".ebextensions/zz-strata.config"

// with returns the bundle with a further configuration file.
func (b *Bundle) with(name string, config *Config) *Bundle {
	data, err := config.encode()
	if err != nil {
		panic(err) // it is of this package
	}
	sum := sha256.Sum256(data)
	out := *b
	out.entries = append(slices.Clone(b.entries), entry{name: name, mode: 0o644, size: int64(len(data)), open: inMemory(data), ours: true, sum: sum[:]})
	slices.SortFunc(out.entries, byName)
	out.hash = out.hashed()
	return &out
}

// has tells whether the bundle holds a file.
func (b *Bundle) has(name string) bool {
	return slices.ContainsFunc(b.entries, func(e entry) bool { return e.name == name })
}

// newVersion uploads a bundle as an asset and defines a version of it, whose label changes whenever the content does.
func newVersion(scope constructs.Construct, app *App, bundle *Bundle) awselasticbeanstalk.CfnApplicationVersion {
	dir, err := os.MkdirTemp("", "strata-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "bundle.zip")
	if err := bundle.Write(file); err != nil {
		panic(fmt.Errorf("%s: write the source bundle: %w", *scope.Node().Path(), err))
	}
	hash := bundle.Hash()
	asset := awss3assets.NewAsset(scope, jsii.String("Bundle"), &awss3assets.AssetProps{
		Path: &file, AssetHash: &hash, AssetHashType: awscdk.AssetHashType_CUSTOM, DisplayName: jsii.String("Source bundle"),
	})
	version := awselasticbeanstalk.NewCfnApplicationVersion(scope, jsii.String("Version"), &awselasticbeanstalk.CfnApplicationVersionProps{
		ApplicationName: app.Application.Ref(),
		SourceBundle: &awselasticbeanstalk.CfnApplicationVersion_SourceBundleProperty{
			S3Bucket: asset.S3BucketName(), S3Key: asset.S3ObjectKey(),
		},
	})
	// CloudFormation replaces the version when the key of the asset changes. The old one stays, to go back to; the lifecycle of
	// the application deletes it in the end. All of them go with the application.
	version.CfnOptions().SetUpdateReplacePolicy(awscdk.CfnDeletionPolicy_RETAIN)
	version.CfnOptions().SetDeletionPolicy(awscdk.CfnDeletionPolicy_DELETE)
	if app.deleteBundles {
		app.deleteBundles = false // all bundles are in one bucket
		app.ServiceRole.AddToPrincipalPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Actions:   jsii.Strings("s3:DeleteObject", "s3:DeleteObjectVersion", "s3:GetObject"),
			Resources: &[]*string{asset.Bucket().ArnForObjects(jsii.String("*.zip"))},
		}))
		if policy := app.ServiceRole.Node().TryFindChild(jsii.String("DefaultPolicy")); policy != nil {
			nag.Suppress(policy, "AwsSolutions-IAM5", "The bundles of old versions have keys that are hashes of their content.", `/^Resource::arn:.*\*\.zip$/`)
		}
	}
	return version
}
