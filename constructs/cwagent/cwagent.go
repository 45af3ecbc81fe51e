// Package cwagent defines the configuration of the CloudWatch agent for instances of EC2 with Linux: memory, swap, disks, processes,
// StatsD, OpenTelemetry, log files and traces, which EC2 itself does not see.
//
// The configuration is typed, checked and kept in a parameter of Systems Manager. Instances install the agent and read the
// parameter when they start, by their user data, or by an association of State Manager; both hold a hash of the configuration, so
// that another one reaches all instances. Their role may read this parameter, send metrics of this namespace, and write to
// these log groups, nothing else. Alarms look at the fullest instance, also each 10 or 30 seconds.
//
// It costs, in us-east-1: 0.30 USD a month for each metric (three for each instance and three for each group by default), 0.10 USD for
// each alarm or 0.30 USD with a period below a minute, 0.05 USD for a configuration above 4 KB, and the events of the log files. Metrics of high resolution
// cost more requests of PutMetricData, 0.01 USD for 1000.
//
// See https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Install-CloudWatch-Agent.html
package cwagent

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/encrypted"
	"github.com/strata-cdk/strata/internal/monitor"
)

// Agent is a configuration of the CloudWatch agent, for groups and instances that are attached to it.
// The fields are the underlying constructs.
type Agent struct {
	constructs.Construct
	// Parameter holds the configuration.
	Parameter awsssm.StringParameter
	// LogGroup receives the log files without a group; nil when there are none.
	LogGroup awslogs.ILogGroup
	// AlarmTopic receives the alarms; nil when there are none.
	AlarmTopic awssns.ITopic
	// Key encrypts LogGroup and a new AlarmTopic; nil when there is neither.
	Key awskms.IKey

	props    AgentProps
	hash     string
	policies []awsiam.Policy
}

// NewAgent defines an Agent named id in scope. It does nothing until it is attached.
// It panics with a *check.Error that lists every invalid field of props.
func NewAgent(scope constructs.Construct, id string, props *AgentProps) *Agent {
	check.Must(scope.Node().Path(), id, props.Validate())
	a := &Agent{props: props.withDefaults()}
	constructs.NewConstruct_Override(a, scope, &id)
	p := &a.props

	a.AlarmTopic = p.Alarms.Topic
	newTopic, newLogs := a.AlarmTopic == nil && len(p.watched()) > 0, p.Config.needsGroup()
	if newTopic || newLogs {
		if a.Key = p.Key; a.Key == nil {
			a.Key = encrypted.NewKey(a, "Logs and alarms of "+*a.Node().Path(), p.RemovalPolicy)
		}
	}
	if newTopic {
		a.AlarmTopic = monitor.NewTopic(a, a.Key)
	}
	if newLogs {
		encrypted.AllowLogs(a, a.Key)
		a.LogGroup = encrypted.NewLogGroup(a, "Logs", "", a.Key, p.LogRetentionDays, p.RemovalPolicy)
	}
	text := p.Config.document(func(f *LogFile) string { return *a.group(f).LogGroupName() })
	address := *a.Node().Addr()
	parameter := &awsssm.StringParameterProps{
		ParameterName: jsii.String("AmazonCloudWatch-" + *awscdk.Stack_Of(a).StackName() + "-" + address[len(address)-8:]),
		SimpleName:    jsii.Bool(true),
		Description:   jsii.String("Configuration of the CloudWatch agent (" + *a.Node().Path() + ")"),
		StringValue:   &text,
		// Advanced above 4 KB, and never back to standard, which the service refuses.
		Tier: awsssm.ParameterTier_INTELLIGENT_TIERING,
	}
	if p.ParameterName != "" {
		parameter.ParameterName, parameter.SimpleName = &p.ParameterName, jsii.Bool(!strings.HasPrefix(p.ParameterName, "/"))
	}
	if p.ConfigureParameter != nil {
		p.ConfigureParameter(parameter)
	}
	a.Parameter = awsssm.NewStringParameter(a, jsii.String("Parameter"), parameter)
	a.hash = hash(a, *parameter.StringValue)
	return a
}

// Hash is a hash of the configuration, which is part of the user data and associations.
func (a *Agent) Hash() string { return a.hash }

// group is the log group of a file.
func (a *Agent) group(f *LogFile) awslogs.ILogGroup {
	if f.Group != nil {
		return f.Group
	}
	return a.LogGroup
}

// needsGroup tells whether a file has no log group.
func (c *Config) needsGroup() bool {
	for i := range c.Logs {
		if c.Logs[i].Group == nil {
			return true
		}
	}
	return false
}

// hash is that of text with its tokens as the template has them: their own numbers depend on all else in the app.
func hash(scope constructs.Construct, text string) string {
	resolved, err := json.Marshal(awscdk.Stack_Of(scope).Resolve(text))
	if err != nil {
		panic(err) // texts, lists and maps only
	}
	sum := sha256.Sum256(resolved)
	return hex.EncodeToString(sum[:6])
}
