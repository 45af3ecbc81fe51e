// Package nag writes down why a finding of cdk-nag does not apply. It writes the metadata that cdk-nag reads and does not
// depend on it.
package nag

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Suppress suppresses a rule, such as "AwsSolutions-IAM4", for the CloudFormation resource of c. With findings, it
// suppresses only these, such as "Resource::*", or a regular expression of JavaScript between slashes.
func Suppress(c constructs.IConstruct, rule, reason string, findings ...string) {
	suppression := map[string]any{"id": rule, "reason": reason}
	if len(findings) > 0 {
		applies := make([]any, len(findings))
		for i, f := range findings {
			applies[i] = f
			if strings.HasPrefix(f, "/") {
				applies[i] = map[string]any{"regex": f}
			}
		}
		suppression["applies_to"] = applies
	}
	resource, ok := c.(awscdk.CfnResource)
	if !ok {
		resource = c.Node().DefaultChild().(awscdk.CfnResource)
	}
	rules := []any{suppression}
	if old, ok := resource.GetMetadata(jsii.String("cdk_nag")).(map[string]any); ok {
		rules = append(old["rules_to_suppress"].([]any), suppression)
	}
	resource.AddMetadata(jsii.String("cdk_nag"), map[string]any{"rules_to_suppress": rules})
}
