package logs

import (
	"encoding/json"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
)

// Destination takes events of log groups of other accounts, which name its ARN in Target.DestinationARN.
//
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CrossAccountSubscriptions.html
type Destination struct {
	constructs.Construct
	// Destination is the destination.
	Destination awslogs.CfnDestination
	// Target has the constructs of what it writes to.
	Target *TargetResources
}

// NewDestination defines a Destination named id in scope.
// It panics with a *check.Error that lists every invalid field of props.
func NewDestination(scope constructs.Construct, id string, props *DestinationProps) *Destination {
	check.Must(scope.Node().Path(), id, props.Validate())
	p := props.withDefaults()

	d := &Destination{}
	constructs.NewConstruct_Override(d, scope, &id)
	inspect(d)
	d.Target = newTarget(d, &Target{Name: "Target", Stream: p.Stream, S3: p.S3}, p.AlarmTopic, p.RemovalPolicy, nil, p.senders(d)...)
	d.Destination = awslogs.NewCfnDestination(d, jsii.String("Destination"), &awslogs.CfnDestinationProps{
		DestinationName: &p.Name, RoleArn: d.Target.Role.RoleArn(), TargetArn: d.Target.arn, DestinationPolicy: p.policy(d),
	})
	d.Destination.Node().AddDependency(d.Target.ready...)
	return d
}

// ARN is the ARN of the destination, for senders.
func (d *Destination) ARN() *string { return d.Destination.AttrArn() }

// senders are the conditions of requests by log groups of the senders, which CloudWatch Logs makes in their names.
func (p *DestinationProps) senders(scope constructs.Construct) []map[string]any {
	var conditions []map[string]any
	if len(p.Accounts) > 0 {
		var arns []*string
		for _, id := range p.Accounts {
			arns = append(arns, logsOf(scope, "*", id))
		}
		conditions = append(conditions, map[string]any{"StringLike": map[string]any{"aws:SourceArn": arns}})
	}
	if p.Organization != "" {
		conditions = append(conditions, map[string]any{"StringEquals": map[string]any{"aws:SourceOrgID": p.Organization}})
	}
	return conditions
}

// policy is the text of the policy that lets the senders make subscription filters.
func (p *DestinationProps) policy(scope constructs.Construct) *string {
	stack := awscdk.Stack_Of(scope)
	statement := func(sid string, principal any, condition any) map[string]any {
		s := map[string]any{
			"Sid": sid, "Effect": "Allow", "Principal": principal, "Action": []string{"logs:PutSubscriptionFilter", "logs:PutAccountPolicy"},
			"Resource": *stack.FormatArn(&awscdk.ArnComponents{
				Service: jsii.String("logs"), Resource: jsii.String("destination"), ResourceName: &p.Name, ArnFormat: awscdk.ArnFormat_COLON_RESOURCE_NAME,
			}),
		}
		if condition != nil {
			s["Condition"] = condition
		}
		return s
	}
	var statements []any
	if len(p.Accounts) > 0 {
		statements = append(statements, statement("Accounts", map[string]any{"AWS": p.Accounts}, nil))
	}
	if p.Organization != "" {
		statements = append(statements, statement("Organization", "*", map[string]any{"StringEquals": map[string]any{"aws:PrincipalOrgID": []string{p.Organization}}}))
	}
	document, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statements})
	if err != nil {
		panic(err) // not of such values
	}
	return jsii.String(string(document))
}
