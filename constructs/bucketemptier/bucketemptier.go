// Package bucketemptier empties buckets of S3 when their stack is deleted, as CloudFormation deletes only empty ones.
//
//	delete stack -> custom resource -> function: 1. denies writes to the bucket
//	                                             2. deletes versions and delete markers, 1000 a call, 8 calls at a time
//	                     state machine: again, until the bucket is empty
//	                                             3. near the hour: a lifecycle rule for the rest
//	             -> bucket
//
// It does nothing in an update: not when a bucket is replaced, not when this construct or the bucket leaves the template, not in a
// rollback of an update. It cannot tell what it has deleted from what was not meant to be deleted: nothing brings it back.
//
// It costs 1 USD a month for the key, unless one is given, and 0.005 USD for 1000 listings, each of 1000 versions; deletions
// are free.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/userguide/empty-bucket.html
package bucketemptier

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/constructs/customresource"
	"github.com/strata-cdk/strata/internal/nag"
)

// function is the import path of the function.
const function = "github.com/strata-cdk/strata/functions/bucketemptier"

// Emptier empties buckets when its stack is deleted.
// The fields are the underlying constructs, for overrides.
type Emptier struct {
	constructs.Construct
	// Provider has the function.
	Provider *customresource.Provider
	// Resources are the custom resources, by the names of the buckets in the props.
	Resources map[string]*customresource.Resource
}

// NewEmptier defines an Emptier named id in scope.
// It panics with a *check.Error that lists every invalid field of props, or what the compiler says of the function.
func NewEmptier(scope constructs.Construct, id string, props *EmptierProps) *Emptier {
	path := scope.Node().Path()
	check.Must(path, id, props.Validate())
	check.Must(path, id, props.validateOwners(awscdk.Stack_Of(scope)))
	d := props.withDefaults()

	e := &Emptier{Resources: map[string]*customresource.Resource{}}
	constructs.NewConstruct_Override(e, scope, &id)
	e.Provider = customresource.NewProvider(e, "Provider", &customresource.ProviderProps{
		LibraryPackage:    function,
		Architecture:      d.Architecture,
		Description:       "Empties buckets when their stack is deleted",
		Memory:            512,
		Timeout:           15 * time.Minute,
		Poll:              true,
		Key:               d.Key,
		LogRetentionDays:  d.LogRetentionDays,
		RemovalPolicy:     d.RemovalPolicy,
		ConfigureFunction: d.ConfigureFunction,
	})
	stack := awscdk.Stack_Of(e)
	e.allow(stack.StackId(), "cloudformation:DescribeStacks")
	for _, b := range d.Buckets {
		e.addBucket(&b)
	}
	nag.Suppress(e.Role().Node().FindChild(jsii.String("DefaultPolicy")), "AwsSolutions-IAM5",
		"Which objects are in a bucket is known only when it is emptied.", `/^Resource::.*\/\*$/`)
	return e
}

// Role is the role of the function, which the policy of a bucket of another account must admit.
func (e *Emptier) Role() awsiam.IRole { return e.Provider.Function.Role() }

func (e *Emptier) addBucket(b *Bucket) {
	bucket, objects := b.Bucket.BucketArn(), b.Bucket.ArnForObjects(jsii.String("*"))
	e.allow(bucket, "s3:ListBucketVersions", "s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:PutLifecycleConfiguration")
	e.allow(objects, "s3:DeleteObject", "s3:DeleteObjectVersion")
	if b.BypassGovernance {
		e.allow(objects, "s3:BypassGovernanceRetention")
	}
	resource := customresource.NewResource(e, b.Name, &customresource.ResourceProps{
		Provider: e.Provider,
		Type:     "Custom::StrataBucketEmptier",
		Properties: map[string]any{
			"Bucket": b.Bucket.BucketName(), "Kept": b.EmptyKept, "BypassGovernance": b.BypassGovernance,
		},
	})
	e.Resources[b.Name] = resource
	// The bucket's own policy must go first, or it would take away the one that denies writes.
	awscdk.Aspects_Of(b.Bucket).Add(&policyAfter{resource: resource.Resource}, nil)
	if !b.EmptyKept {
		e.Node().AddValidation(&keptBucket{name: b.Name, bucket: b.Bucket.Node().DefaultChild().(awss3.CfnBucket)})
	}
}

func (e *Emptier) allow(resource *string, actions ...string) {
	e.Provider.Function.AddToRolePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings(actions...), Resources: &[]*string{resource},
	}))
}

// policyAfter is an aspect that has the policy of a bucket made after, and so deleted before, the custom resource.
type policyAfter struct{ resource awscdk.CustomResource }

// Visit adds the dependency to a bucket policy.
func (a *policyAfter) Visit(node constructs.IConstruct) {
	if policy, ok := node.(awss3.CfnBucketPolicy); ok {
		policy.Node().AddDependency(a.resource)
	}
}

// keptBucket is a validation, at synth, when the removal policy of a bucket is final.
type keptBucket struct {
	name   string
	bucket awss3.CfnBucket
}

// Validate reports a bucket that would be emptied and kept.
func (k *keptBucket) Validate() *[]*string {
	if policy := k.bucket.CfnOptions().DeletionPolicy(); policy == awscdk.CfnDeletionPolicy_DELETE || policy == "" {
		return jsii.Strings()
	}
	return jsii.Strings("the bucket " + k.name + " is kept when the stack is deleted, and would be emptied: give it RemovalPolicy DESTROY, or set EmptyKept")
}
