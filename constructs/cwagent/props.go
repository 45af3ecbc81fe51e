package cwagent

import (
	"slices"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"

	"github.com/strata-cdk/strata/internal/defaults"
)

// AgentProps configures an Agent. A nil *AgentProps, like its zero value, takes every default.
type AgentProps struct {
	// Config is what the agent collects.
	// Default: memory, swap and the disk at /, in use, each minute.
	Config Config
	// ParameterName is the name of the parameter of Systems Manager that holds the configuration: letters, digits, ., -, _ and /,
	// up to 900 characters. It begins with "AmazonCloudWatch-" for roles that have CloudWatchAgentServerPolicy instead of
	// what Permit allows. Another name replaces the parameter.
	// Default: "AmazonCloudWatch-", the name of the stack and a hash of the path of the construct.
	ParameterName string
	// Key encrypts Agent.LogGroup and a new topic.
	// Default: a new key that rotates yearly, where there is one of them.
	Key awskms.IKey
	// LogRetentionDays is how long Agent.LogGroup keeps events: a period that CloudWatch Logs takes.
	// Default: 365.
	LogRetentionDays int
	// Alarms are those of each attached group or instance.
	Alarms Alarms
	// RemovalPolicy says what becomes of Agent.LogGroup and a new key when the stack is deleted.
	// Default: awscdk.RemovalPolicy_RETAIN.
	RemovalPolicy awscdk.RemovalPolicy
	// ConfigureParameter edits the L2 props of the parameter last, after all defaults.
	// Default: no edit.
	ConfigureParameter func(*awsssm.StringParameterProps)
}

// Alarms tell of groups and instances that run out of something. There is one where Config collects used_percent of it: for the
// fullest instance of a group, or the fullest of the paths of Disk. An instance without data raises none.
type Alarms struct {
	// Topic receives the alarms.
	// Default: a new topic, encrypted and for TLS only; subscribe to Agent.AlarmTopic.
	Topic awssns.ITopic
	// Disable leaves all alarms out.
	// Default: false.
	Disable bool
	// Memory, Swap and Disk fire over 90, 50 and 85 percent by default.
	Memory, Swap, Disk Alarm
}

// Alarm is when an alarm fires. One with a period of 10 or 30 s is a high-resolution alarm, which costs three times as much
// (0.30 instead of 0.10 USD a month in us-east-1).
type Alarm struct {
	// Disable leaves the alarm out.
	// Default: false.
	Disable bool
	// Above is the percentage over which it fires, above 0 and below 100.
	// Default: 90 for Memory, 50 for Swap, 85 for Disk.
	Above float64
	// Period is the time that is looked at as one: 10 s, 30 s or whole minutes up to a day. It must not be shorter than the
	// interval at which Config collects the metric. CloudWatch would also take 20 s, which metrics of the CDK do not have.
	// Default: 60 s.
	Period time.Duration
	// Periods is the number of periods, among the last Of, that must be over Above. Of and Period may span a day at most, or
	// seven where Period is an hour or more.
	// Default: 3 of 3.
	Periods, Of int
}

func (p *AgentProps) withDefaults() AgentProps {
	var d AgentProps
	if p != nil {
		d = *p
	}
	a := &d.Alarms
	a.Memory.setDefaults(90)
	a.Swap.setDefaults(50)
	a.Disk.setDefaults(85)
	shortest := minute
	for _, alarm := range []Alarm{a.Memory, a.Swap, a.Disk} {
		if !a.Disable && !alarm.Disable && alarm.Period >= time.Second { // what is less is refused
			shortest = min(shortest, alarm.Period)
		}
	}
	d.Config = d.Config.withDefaults(shortest)
	defaults.Or(&d.LogRetentionDays, 365)
	defaults.Or(&d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN)
	return d
}

func (a *Alarm) setDefaults(above float64) {
	defaults.Or(&a.Above, above)
	defaults.Or(&a.Period, minute)
	if a.Periods == 0 && a.Of == 0 {
		a.Periods, a.Of = 3, 3
	}
	defaults.Or(&a.Periods, a.Of)
	defaults.Or(&a.Of, a.Periods)
}

// watched is a metric that there can be an alarm of.
type watched struct {
	// id is the construct id of the alarm, field that of Alarms and Config, metric the name of the metric, text what is wrong.
	id, field, metric, text string
	alarm                   Alarm
	section                 *Section
}

// watchable are all metrics that there can be an alarm of, in the order of the fields.
func (p *AgentProps) watchable() []watched {
	var disk *Section
	if p.Config.Disk != nil {
		disk = &p.Config.Disk.Section
	}
	return []watched{
		{"MemoryAlarm", "Memory", "mem_used_percent", "An instance runs out of memory", p.Alarms.Memory, p.Config.Memory},
		{"SwapAlarm", "Swap", "swap_used_percent", "An instance runs out of swap space", p.Alarms.Swap, p.Config.Swap},
		{"DiskAlarm", "Disk", "disk_used_percent", "A disk of an instance is nearly full", p.Alarms.Disk, disk},
	}
}

// watched are those that there is an alarm of.
func (p *AgentProps) watched() []watched {
	if p.Alarms.Disable {
		return nil
	}
	return slices.DeleteFunc(p.watchable(), func(w watched) bool { return w.alarm.Disable || !w.section.measures(w.metric) })
}
