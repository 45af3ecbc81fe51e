// Package canary defines canaries of Amazon CloudWatch Synthetics, which request URLs as users would and tell when the answers
// are not what they should be.
//
// A Canary is a script that Synthetics runs in a Lambda function on a schedule, in a VPC or outside; a bucket for the reports of
// its runs; a role that may write there, its metrics and its logs, and nothing else; and two alarms, for runs that fail or do not
// take place, and for runs that take too long. The script is generated from the Steps of Props: requests with what their
// answers must be. A run costs about a tenth of a US cent, as of the price list of CloudWatch, and what Lambda and S3 cost.
//
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Synthetics_Canaries.html
package canary

import (
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssynthetics"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/encrypted"
	"github.com/strata-cdk/strata/internal/monitor"
	"github.com/strata-cdk/strata/internal/nag"
)

// Canary requests URLs on a schedule. The fields are the underlying constructs, for grants, alarm actions and overrides.
type Canary struct {
	constructs.Construct
	Canary awssynthetics.Canary
	// Role is what the canary runs as.
	Role awsiam.Role
	// Bucket has logs and reports of the runs.
	Bucket awss3.IBucket
	// Key encrypts the artifacts and a new topic.
	Key awskms.IKey
	// AlarmTopic receives the alarms; nil when they are disabled.
	AlarmTopic awssns.ITopic
	// Failing fires when runs fail or do not take place; nil when alarms are disabled.
	Failing awscloudwatch.Alarm
	// Slow fires when runs take too long; nil when alarms are disabled.
	Slow awscloudwatch.Alarm
}

// NewCanary defines a Canary named id in scope.
// It panics with a *check.Error that lists every invalid field of props.
func NewCanary(scope constructs.Construct, id string, props *Props) *Canary {
	check.Must(scope.Node().Path(), id, props.Validate())
	p := props.withDefaults()

	c := &Canary{}
	constructs.NewConstruct_Override(c, scope, &id)
	if p.Name == "" {
		p.Name = strings.ToLower(*awscdk.Names_UniqueResourceName(c, &awscdk.UniqueResourceNameOptions{MaxLength: jsii.Number(64), Separator: jsii.String("-")}))
	}
	if c.Key = p.Key; c.Key == nil {
		c.Key = encrypted.NewKey(c, "Artifacts of a canary, and its alarms ("+*c.Node().Path()+")", p.RemovalPolicy)
	}
	if c.Bucket = p.ArtifactsBucket; c.Bucket == nil {
		c.Bucket = newBucket(c, p)
	}
	c.Role = newRole(c, p)
	c.Canary = awssynthetics.NewCanary(c, jsii.String("Canary"), p.canary(c))
	if !p.Alarms.Disable {
		c.addAlarms(p)
	}
	return c
}

func (p *Props) canary(c *Canary) *awssynthetics.CanaryProps {
	code := p.Script
	if code == "" {
		code = scriptOf(p.Steps)
	}
	retention := awscdk.Duration_Days(jsii.Number(p.RetentionDays))
	props := &awssynthetics.CanaryProps{
		CanaryName: &p.Name,
		Runtime:    awssynthetics.NewRuntime(&p.RuntimeVersion, awssynthetics.RuntimeFamily_NODEJS),
		Test: awssynthetics.Test_Custom(&awssynthetics.CustomTestOptions{
			Code: awssynthetics.Code_FromInline(&code), Handler: jsii.String("index.handler"),
		}),
		EnvironmentVariables:       cdkval.TextMap(p.Environment),
		Schedule:                   awssynthetics.Schedule_Rate(cdkval.Duration(p.Interval)),
		Timeout:                    cdkval.Duration(p.Timeout),
		MaxRetries:                 jsii.Number(p.MaxRetries),
		StartAfterCreation:         jsii.Bool(!p.DisableStart),
		ActiveTracing:              jsii.Bool(!p.DisableTracing),
		SuccessRetentionPeriod:     retention,
		FailureRetentionPeriod:     retention,
		ProvisionedResourceCleanup: jsii.Bool(true),
		ResourcesToReplicateTags:   &[]awssynthetics.ResourceToReplicateTags{awssynthetics.ResourceToReplicateTags_LAMBDA_FUNCTION},
		ArtifactsBucketLocation:    &awssynthetics.ArtifactsBucketLocation{Bucket: c.Bucket},
		ArtifactS3EncryptionMode:   awssynthetics.ArtifactsEncryptionMode_KMS,
		ArtifactS3KmsKey:           c.Key,
		// The role has what it needs from the start: what the L2 adds would come in a policy that may be later than the first run.
		Role: c.Role.WithoutPolicyUpdates(nil),
	}
	if p.DryRunAndUpdate {
		props.DryRunAndUpdate = jsii.Bool(true)
	}
	if p.VPC != nil {
		props.Vpc, props.VpcSubnets = p.VPC, p.Subnets
		if props.VpcSubnets == nil {
			props.VpcSubnets = &awsec2.SubnetSelection{SubnetType: awsec2.SubnetType_PRIVATE_WITH_EGRESS}
		}
		if len(p.SecurityGroups) > 0 {
			props.SecurityGroups = &p.SecurityGroups
		}
	}
	if p.ConfigureCanary != nil {
		p.ConfigureCanary(props)
	}
	return props
}

func newBucket(c *Canary, p Props) awss3.Bucket {
	bucket := awss3.NewBucket(c, jsii.String("Artifacts"), &awss3.BucketProps{
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		EnforceSSL:        jsii.Bool(true),
		Encryption:        awss3.BucketEncryption_KMS,
		EncryptionKey:     c.Key,
		BucketKeyEnabled:  jsii.Bool(true),
		ObjectOwnership:   awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED,
		RemovalPolicy:     p.RemovalPolicy,
		LifecycleRules: &[]*awss3.LifecycleRule{{
			Expiration:                          awscdk.Duration_Days(jsii.Number(p.RetentionDays)),
			AbortIncompleteMultipartUploadAfter: awscdk.Duration_Days(jsii.Number(1)),
		}},
	})
	nag.Suppress(bucket, "AwsSolutions-S1", "It holds reports that only the canary writes, and that expire.")
	return bucket
}

// newRole defines the role of a canary: what the page of AWS asks for, on the canary's own bucket and logs.
//
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Synthetics_Canaries_CanaryPermissions.html
func newRole(c *Canary, p Props) awsiam.Role {
	// The function's name is made of the canary's, of which it may have the beginning only.
	logs := awscdk.Stack_Of(c).FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("logs"), Resource: jsii.String("log-group"), ArnFormat: awscdk.ArnFormat_COLON_RESOURCE_NAME,
		ResourceName: jsii.String("/aws/lambda/cwsyn-" + p.Name[:min(len(p.Name), 21)] + "*"),
	})
	anything := jsii.String("*")
	statements := []awsiam.PolicyStatement{
		allow(c.Bucket.ArnForObjects(anything), nil, "s3:PutObject"),
		allow(c.Bucket.BucketArn(), nil, "s3:GetBucketLocation"),
		allow(anything, nil, "s3:ListAllMyBuckets"),
		allow(c.Key.KeyArn(), nil, "kms:Decrypt", "kms:GenerateDataKey"),
		allow(anything, &map[string]any{"StringEquals": map[string]any{"cloudwatch:namespace": "CloudWatchSynthetics"}}, "cloudwatch:PutMetricData"),
		allow(logs, nil, "logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"),
	}
	if !p.DisableTracing {
		statements = append(statements, allow(anything, nil, "xray:PutTraceSegments"))
	}
	if p.VPC != nil {
		statements = append(statements, allow(anything, nil, "ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface"))
	}
	role := awsiam.NewRole(c, jsii.String("Role"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
		InlinePolicies: &map[string]awsiam.PolicyDocument{
			"Canary": awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: &statements}),
		},
	})
	nag.Suppress(role, "AwsSolutions-IAM5", "These actions know no resource: metrics of one namespace, names of buckets, traces, network interfaces.", "Resource::*")
	nag.Suppress(role, "AwsSolutions-IAM5", "The names of reports, and the end of the name of the function and its logs, are chosen by Synthetics.",
		`/^Resource::.*\/\*$/`, `/^Resource::arn:.*:logs:.*:log-group:\/aws\/lambda\/cwsyn-.*\*$/`)
	return role
}

func allow(resource *string, conditions *map[string]any, actions ...string) awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings(actions...), Resources: &[]*string{resource}, Conditions: conditions,
	})
}

func (c *Canary) addAlarms(p Props) {
	if c.AlarmTopic = p.Alarms.Topic; c.AlarmTopic == nil {
		c.AlarmTopic = monitor.NewTopic(c, c.Key)
	}
	missing := awscloudwatch.TreatMissingData_BREACHING
	if p.DisableStart {
		missing = awscloudwatch.TreatMissingData_NOT_BREACHING
	}
	c.Failing = monitor.NewAlarm(c, monitor.Watch{
		ID: "Failing", Text: "Runs of the canary fail, or do not take place", Metric: c.metric("SuccessPercent", "Average", p.Interval), Period: p.Interval,
		Threshold: p.Alarms.SuccessPercent, LessThan: true, Minutes: 2, Of: 3, Missing: missing,
	}, c.AlarmTopic)
	c.Slow = monitor.NewAlarm(c, monitor.Watch{
		ID: "Slow", Text: "Runs of the canary take too long", Metric: c.metric("Duration", "Maximum", p.Interval), Period: p.Interval,
		Threshold: float64(p.Alarms.Duration.Milliseconds()), Minutes: 2, Of: 3,
	}, c.AlarmTopic)
}

// metric gives a metric of the canary with a value for each interval. Durations are in milliseconds.
func (c *Canary) metric(name, statistic string, interval time.Duration) awscloudwatch.IMetric {
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace: jsii.String("CloudWatchSynthetics"), MetricName: &name, Statistic: &statistic, Period: cdkval.Duration(interval),
		DimensionsMap: &map[string]*string{"CanaryName": c.Canary.CanaryName()},
	})
}

// StepSuccess gives the metric of the share of a step's runs that were successful, in percent, with a value a minute.
func (c *Canary) StepSuccess(step string) awscloudwatch.IMetric {
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace: jsii.String("CloudWatchSynthetics"), MetricName: jsii.String("SuccessPercent"),
		Statistic: jsii.String("Average"), Period: cdkval.Duration(time.Minute),
		DimensionsMap: &map[string]*string{"CanaryName": c.Canary.CanaryName(), "StepName": &step},
	})
}
