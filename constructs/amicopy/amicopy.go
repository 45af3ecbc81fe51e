// Package amicopy copies an AMI from another region, encrypted, so that instances can start where the stack is while the other region is lost.
//
//	deployment -> custom resource -> function: 1. finds the copy by its tags, or has EC2 make one
//	                state machine: again every 30 s, until the copy is available
//	                                           2. deletes the oldest copies
//	ImageID -> launch template
//
// A deployment while the source's region is lost uses the copy that is there. It costs the snapshots of copies (0.05 USD for a GB and month in
// us-east-1), the transfer between the regions, and 1 USD a month for the key, unless one is given.
//
// See https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/CopyingAMIs.html
package amicopy

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/constructs/customresource"
	"github.com/strata-cdk/strata/internal/encrypted"
	"github.com/strata-cdk/strata/internal/nag"
)

const (
	// function is the import path of the function.
	function = "github.com/strata-cdk/strata/functions/amicopy"
	// familyTag is the tag that the function finds copies by.
	familyTag = "strata:amicopy"
)

// Copy is a copy of an AMI in the region of its stack.
// The fields are the underlying constructs, for grants and overrides.
type Copy struct {
	constructs.Construct
	// Provider has the function.
	Provider *customresource.Provider
	// Resource is the custom resource.
	Resource *customresource.Resource
	// Key encrypts copies, logs and variables. Auto Scaling needs a grant of it to start instances; see docs/amicopy.md.
	Key awskms.IKey

	region string
}

// NewCopy defines a Copy named id in scope, whose stack must have a region of its own.
// It panics with a *check.Error that lists every invalid field of props, or what the compiler says of the function.
func NewCopy(scope constructs.Construct, id string, props *CopyProps) *Copy {
	path, stack := scope.Node().Path(), awscdk.Stack_Of(scope)
	check.Must(path, id, props.Validate())
	check.Must(path, id, props.validateStack(stack))
	d := props.withDefaults()

	k := &Copy{Key: d.Key, region: *stack.Region()}
	constructs.NewConstruct_Override(k, scope, &id)
	if k.Key == nil {
		k.Key = encrypted.NewKey(k, "Copies of AMIs of "+*k.Node().Path(), d.RemovalPolicy)
	}
	k.Provider = customresource.NewProvider(k, "Provider", &customresource.ProviderProps{
		LibraryPackage:    function,
		Architecture:      d.Architecture,
		Description:       "Copies an AMI from another region",
		Timeout:           5 * time.Minute,
		Poll:              true,
		Key:               k.Key,
		LogRetentionDays:  d.LogRetentionDays,
		RemovalPolicy:     d.RemovalPolicy,
		ConfigureFunction: d.ConfigureFunction,
	})
	family := *k.Node().Path()
	k.allow(&d, family)
	properties := map[string]any{"Family": family, "SourceRegion": d.SourceRegion, "Name": d.Name, "Key": *k.Key.KeyArn(), "Keep": d.Keep}
	if d.SourceImage != "" {
		properties["SourceImage"] = d.SourceImage
	} else {
		properties["SourceName"], properties["SourceOwner"] = d.SourceName, d.SourceOwner
	}
	if len(d.Tags) > 0 {
		properties["Tags"] = d.Tags
	}
	k.Resource = customresource.NewResource(k, "Copy", &customresource.ResourceProps{
		Provider: k.Provider, Type: "Custom::StrataAMICopy", Properties: properties, RemovalPolicy: d.RemovalPolicy,
	})
	return k
}

// ImageID is the id of the copy, for a launch template.
func (k *Copy) ImageID() *string { return k.Resource.Attribute("ImageId") }

// MachineImage is the copy as an image of Linux, for instances and launch templates of the CDK.
func (k *Copy) MachineImage() awsec2.IMachineImage {
	return awsec2.MachineImage_GenericLinux(&map[string]*string{k.region: k.ImageID()}, nil)
}

// allow gives the function what it needs: to make copies with its tags, to delete copies with its tags, and the keys for both.
func (k *Copy) allow(d *CopyProps, family string) {
	arn := func(resource string) *string {
		return jsii.String("arn:" + *awscdk.Aws_PARTITION() + ":ec2:*::" + resource + "/*")
	}
	add := func(actions, resources []string, conditions map[string]any) {
		props := &awsiam.PolicyStatementProps{Actions: jsii.Strings(actions...), Resources: jsii.Strings(resources...)}
		if conditions != nil {
			props.Conditions = &conditions
		}
		k.Provider.Function.AddToRolePolicy(awsiam.NewPolicyStatement(props))
	}
	images, snapshots := *arn("image"), *arn("snapshot")
	add([]string{"ec2:DescribeImages", "ec2:DescribeSnapshots"}, []string{"*"}, nil)
	add([]string{"ec2:CopyImage"}, []string{images, snapshots}, nil)
	add([]string{"ec2:CreateTags"}, []string{images, snapshots}, map[string]any{"StringEquals": map[string]any{"ec2:CreateAction": "CopyImage"}})
	add([]string{"ec2:DeregisterImage", "ec2:DeleteSnapshot"}, []string{images, snapshots},
		map[string]any{"StringEquals": map[string]any{"aws:ResourceTag/" + familyTag: family}})
	use := []string{"kms:DescribeKey", "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKeyWithoutPlaintext"}
	keys := map[string]string{k.region: *k.Key.KeyArn()}
	if d.SourceKeyARN != "" {
		keys[d.SourceRegion] = d.SourceKeyARN
	}
	for _, region := range []string{k.region, d.SourceRegion} {
		key, ok := keys[region]
		if !ok {
			continue
		}
		through := map[string]any{"kms:ViaService": "ec2." + region + "." + *awscdk.Aws_URL_SUFFIX()}
		add(use, []string{key}, map[string]any{"StringEquals": through})
		add([]string{"kms:CreateGrant"}, []string{key}, map[string]any{"StringEquals": through, "Bool": map[string]any{"kms:GrantIsForAWSResource": "true"}})
	}
	nag.Suppress(k.Provider.Function.Role().Node().FindChild(jsii.String("DefaultPolicy")), "AwsSolutions-IAM5",
		"Images and snapshots have no name before they are made: what may be deleted is bound to the tag of this copy. Lists have no resource. ReEncrypt is two actions, From and To.",
		"/^Resource::arn:.*:ec2:.*$/", "Resource::*", "Action::kms:ReEncrypt*")
}
