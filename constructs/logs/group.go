// Package logs defines log groups of Amazon CloudWatch Logs, and what they send elsewhere.
//
// A SecureLogGroup is encrypted with a key of yours, keeps its events for a year and stays when its stack is deleted; it masks what is
// secret on request. A Fanout sends what groups get to up to two targets: a function of AWS Lambda, a stream of Amazon Kinesis, a bucket
// of Amazon S3 by way of Amazon Data Firehose, or a Destination of another account. An AccountFanout does it for all groups of an account
// and region. Programs read what they are sent with package logevents.
//
// It protects: logs are encrypted at each place, only the log groups of the account may write to a target, what fails raises an alarm,
// and no app is deployed whose logs would be sent in a circle, or that has more subscription filters than CloudWatch Logs takes.
//
// It costs, in us-east-1: 0.50 USD a GB of events (0.25 USD with InfrequentAccess), 0.03 USD a GB and month, 0.12 USD a GB that a data
// protection policy looks at, 1 USD a month for each key; what is sent to Lambda, Kinesis or Firehose costs what these do.
//
// See https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/WhatIsCloudWatchLogs.html
package logs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/encrypted"
)

// SecureLogGroup is an encrypted log group that stays. The fields are the underlying constructs, for overrides and grants.
type SecureLogGroup struct {
	constructs.Construct
	// LogGroup is the log group.
	LogGroup awslogs.LogGroup
	// Key encrypts the events: the given key or a new one.
	Key awskms.IKey
}

// NewSecureLogGroup defines a SecureLogGroup named id in scope. Nil props take every default.
// It panics with a *check.Error that lists every invalid field of props.
func NewSecureLogGroup(scope constructs.Construct, id string, props *SecureLogGroupProps) *SecureLogGroup {
	check.Must(scope.Node().Path(), id, props.Validate())
	p := props.withDefaults()

	g := &SecureLogGroup{}
	constructs.NewConstruct_Override(g, scope, &id)
	inspect(g)
	if g.Key = p.Key; g.Key == nil {
		g.Key = encrypted.NewKey(g, "Events of "+*g.Node().Path(), p.RemovalPolicy)
	}
	encrypted.AllowLogs(g, g.Key)
	l2 := &awslogs.LogGroupProps{
		LogGroupName:  cdkval.Text(p.Name),
		EncryptionKey: g.Key,
		LogGroupClass: awslogs.LogGroupClass(p.Class),
		Retention:     cdkval.Retention(p.RetentionDays), // none with Delivery
		RemovalPolicy: p.RemovalPolicy,
	}
	if p.KeepForever {
		l2.Retention = awslogs.RetentionDays_INFINITE
	}
	if p.Name != "" {
		l2.RemovalPolicy = cdkval.Named(p.RemovalPolicy)
	}
	if len(p.IndexFields) > 0 {
		l2.FieldIndexPolicies = &[]awslogs.FieldIndexPolicy{awslogs.NewFieldIndexPolicy(&awslogs.FieldIndexPolicyProps{Fields: cdkval.Texts(p.IndexFields)})}
	}
	if p.DataProtection != nil {
		l2.DataProtectionPolicy = p.DataProtection.policy(*g.Node().Path())
	}
	if p.ConfigureLogGroup != nil {
		p.ConfigureLogGroup(l2)
	}
	g.LogGroup = awslogs.NewLogGroup(g, jsii.String("LogGroup"), l2)
	return g
}

// GrantWrite lets grantee create log streams and write events.
func (g *SecureLogGroup) GrantWrite(grantee awsiam.IGrantable) awsiam.Grant {
	return g.LogGroup.GrantWrite(grantee)
}

// GrantRead lets grantee read events, as they are masked.
func (g *SecureLogGroup) GrantRead(grantee awsiam.IGrantable) awsiam.Grant {
	return g.LogGroup.GrantRead(grantee)
}

// policy gives the policy that finds what is to be protected and masks it.
func (d *DataProtection) policy(path string) awslogs.DataProtectionPolicy {
	var identifiers []awslogs.DataIdentifier
	for _, id := range d.Identifiers {
		identifiers = append(identifiers, awslogs.NewDataIdentifier(jsii.String(string(id))))
	}
	for _, custom := range d.Custom {
		identifiers = append(identifiers, awslogs.NewCustomDataIdentifier(&custom.Name, &custom.Regex))
	}
	props := &awslogs.DataProtectionPolicyProps{
		Identifiers: &identifiers, Name: jsii.String("Strata"), Description: jsii.String("Masks what is secret in " + path),
		DeliveryStreamNameAuditDestination: cdkval.Text(d.FindingsStream),
	}
	if d.FindingsLogGroup != nil {
		props.LogGroupAuditDestination = d.FindingsLogGroup
	}
	if d.FindingsBucket != nil {
		props.S3BucketAuditDestination = d.FindingsBucket
	}
	return awslogs.NewDataProtectionPolicy(props)
}
