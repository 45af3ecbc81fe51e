package backupcopy

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsrds"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
)

// arns tell how the ARN of a type of resource that AWS Backup knows is had: from an attribute, or, for those of EC2, by their path.
var arns = map[string]struct{ attribute, ec2 string }{
	"AWS::DynamoDB::Table":       {attribute: "Arn"},
	"AWS::DynamoDB::GlobalTable": {attribute: "Arn"},
	"AWS::S3::Bucket":            {attribute: "Arn"},
	"AWS::EFS::FileSystem":       {attribute: "Arn"},
	"AWS::RDS::DBInstance":       {attribute: "DBInstanceArn"},
	"AWS::RDS::DBCluster":        {attribute: "DBClusterArn"},
	"AWS::EC2::Instance":         {ec2: "instance"},
	"AWS::EC2::Volume":           {ec2: "volume"},
}

// resources gives the ARNs of all that is backed up but for tags.
func (p *PlanProps) resources(stack awscdk.Stack) ([]*string, error) {
	c := check.For("backupcopy.PlanProps")
	all := *jsii.Strings(p.Resources...)
	for i, scope := range p.Constructs {
		found := false
		for _, node := range *scope.Node().FindAll("") {
			resource, ok := node.(awscdk.CfnResource)
			if !ok {
				continue
			}
			kind, ok := arns[*resource.CfnResourceType()]
			if instance, isInstance := node.(awsrds.CfnDBInstance); isInstance && instance.DbClusterIdentifier() != nil {
				ok = false // its cluster is backed up
			}
			if !ok {
				continue
			}
			found = true
			if kind.ec2 != "" {
				all = append(all, stack.FormatArn(&awscdk.ArnComponents{Service: jsii.String("ec2"), Resource: &kind.ec2, ResourceName: resource.Ref()}))
				continue
			}
			all = append(all, resource.GetAtt(&kind.attribute, awscdk.ResolutionTypeHint_STRING).ToString())
		}
		c.That(found, check.Index("Constructs", i), "must have a resource that is backed up, %s has none", *scope.Node().Path())
	}
	return all, c.Err()
}
