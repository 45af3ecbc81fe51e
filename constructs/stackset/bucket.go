package stackset

import (
	"maps"
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/awsid"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/defaults"
	"github.com/strata-cdk/strata/internal/nag"
)

// AssetBucketProps configures an AssetBucket. At least one of Organization and Accounts is required.
type AssetBucketProps struct {
	// Prefix is what the name of the bucket begins with: the name is PREFIX-REGION, so that one prefix stands for a bucket in each
	// region. Names of buckets are taken worldwide: put something of your own in it. 3 to 48 lower case letters, digits and
	// hyphens. It is required.
	Prefix string
	// Organization is the id of the organization whose accounts may read, such as o-abcde12345.
	// Default: none.
	Organization string
	// Accounts are ids of accounts that may read.
	// Default: none.
	Accounts []string
	// Key encrypts the bucket. Its policy lets the readers decrypt, unless it is from elsewhere; then yours must.
	// Default: a key of Amazon S3.
	Key awskms.IKey
	// RemovalPolicy says what becomes of the bucket when its stack is deleted. One that has files is not deleted.
	// Default: awscdk.RemovalPolicy_RETAIN.
	RemovalPolicy awscdk.RemovalPolicy
	// ConfigureBucket edits the L2 props last, after all defaults.
	// Default: no edit.
	ConfigureBucket func(*awss3.BucketProps)
}

var prefix = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{2,47}$`)

func validatePrefix(c *check.List, field, value string) {
	c.That(prefix.MatchString(value), field, "must be 3 to 48 lower case letters, digits and hyphens, with no hyphen first, got %q", value)
}

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *AssetBucketProps) Validate() error {
	d, c := p.withDefaults(), check.For("stackset.AssetBucketProps")
	validatePrefix(c, "Prefix", d.Prefix)
	c.That(d.Organization != "" || len(d.Accounts) > 0, "", "must have Organization or Accounts")
	if d.Organization != "" {
		awsid.Organization(c, "Organization", d.Organization)
	}
	for i, id := range d.Accounts {
		awsid.Account(c, check.Index("Accounts", i), id)
	}
	awsid.OnceEach(c, "Accounts", d.Accounts)
	check.OneOf(c, "RemovalPolicy", d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN, awscdk.RemovalPolicy_DESTROY)
	return c.Err()
}

func (p *AssetBucketProps) withDefaults() AssetBucketProps {
	var d AssetBucketProps
	if p != nil {
		d = *p
	}
	defaults.Or(&d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN)
	return d
}

// AssetBucket is the bucket of one region from which stacks of stack sets read their files.
type AssetBucket struct {
	constructs.Construct
	// Bucket is the underlying bucket.
	Bucket awss3.Bucket
}

// NewAssetBucket defines an AssetBucket named id in scope, whose stack must be in the region of the stacks that read from it. A
// stack set needs one in each of its regions, all in its own account, before it is deployed.
// It panics with a *check.Error that lists every invalid field of props.
func NewAssetBucket(scope constructs.Construct, id string, props *AssetBucketProps) *AssetBucket {
	check.Must(scope.Node().Path(), id, props.Validate())
	d := props.withDefaults()
	b := &AssetBucket{}
	constructs.NewConstruct_Override(b, scope, &id)
	region := *awscdk.Stack_Of(b).Region()
	bucket := &awss3.BucketProps{
		BucketName:        jsii.String(d.Prefix + "-" + region),
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		EnforceSSL:        jsii.Bool(true),
		Encryption:        awss3.BucketEncryption_S3_MANAGED,
		ObjectOwnership:   awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED,
		RemovalPolicy:     cdkval.Named(d.RemovalPolicy),
		LifecycleRules:    &[]*awss3.LifecycleRule{{AbortIncompleteMultipartUploadAfter: awscdk.Duration_Days(jsii.Number(7))}},
	}
	if d.Key != nil {
		bucket.Encryption, bucket.EncryptionKey, bucket.BucketKeyEnabled = awss3.BucketEncryption_KMS, d.Key, jsii.Bool(true)
	}
	if d.ConfigureBucket != nil {
		d.ConfigureBucket(bucket)
	}
	b.Bucket = awss3.NewBucket(b, jsii.String("Bucket"), bucket)
	nag.Suppress(b.Bucket, "AwsSolutions-S1", "It holds copies of files in the CDK's bucket of assets, which keeps no access logs either.")
	for _, r := range d.readers() {
		b.Bucket.AddToResourcePolicy(statement(r, nil, b.Bucket.ArnForObjects(jsii.String("*")), "s3:GetObject"))
		if d.Key != nil {
			via := map[string]any{"kms:ViaService": "s3." + region + ".amazonaws.com"}
			d.Key.AddToResourcePolicy(statement(r, via, jsii.String("*"), "kms:Decrypt"), nil)
		}
	}
	return b
}

// reader is somebody who may read.
type reader struct {
	principals []awsiam.IPrincipal
	conditions map[string]any
}

// readers are those of other accounts. IAM of these accounts must allow it too.
func (p *AssetBucketProps) readers() []reader {
	var all []reader
	if p.Organization != "" {
		all = append(all, reader{
			principals: []awsiam.IPrincipal{awsiam.NewAnyPrincipal()}, conditions: map[string]any{"aws:PrincipalOrgID": p.Organization},
		})
	}
	if len(p.Accounts) > 0 {
		var r reader
		for _, id := range p.Accounts {
			r.principals = append(r.principals, awsiam.NewAccountPrincipal(id))
		}
		all = append(all, r)
	}
	return all
}

func statement(r reader, extra map[string]any, resource *string, action string) awsiam.PolicyStatement {
	props := &awsiam.PolicyStatementProps{Principals: &r.principals, Actions: jsii.Strings(action), Resources: &[]*string{resource}}
	equals := map[string]any{}
	maps.Copy(equals, r.conditions)
	maps.Copy(equals, extra)
	if len(equals) > 0 {
		props.Conditions = &map[string]any{"StringEquals": equals}
	}
	return awsiam.NewPolicyStatement(props)
}

// Name is the name of the bucket.
func (b *AssetBucket) Name() *string { return b.Bucket.BucketName() }
