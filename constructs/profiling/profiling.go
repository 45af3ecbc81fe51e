// Package profiling defines profiling groups of Amazon CodeGuru Profiler, for services in JVM languages and Python.
//
// A Group receives the profiles of agents that run in the services: GrantProfile lets a role send them, and Environment,
// JavaAgent, JavaLambda and PythonArguments start the agents with the group's settings. Topics hear of anomalies. CodeGuru Profiler bills
// by the hours that agents sample. There is no agent for Go: docs/profiling.md says what there is instead.
//
// https://docs.aws.amazon.com/codeguru/latest/profiler-ug/what-is-codeguru-profiler.html
package profiling

import (
	"regexp"
	"strconv"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscodeguruprofiler"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/defaults"
)

// Settings are those of the agents. The zero value leaves all to the agents and to what CodeGuru Profiler tells them.
type Settings struct {
	// MaxStackDepth is how many frames of a stack are kept, 1 or more. Only Python has it, and only by a line in the program,
	// which reads it from the variable PROFILER_MAX_STACK_DEPTH; see docs/profiling.md.
	// Default: what the agent has, 1000 in that of Python.
	MaxStackDepth int
	// SamplingInterval is the time between samples, in whole milliseconds. The variable for it is in version 1.2.6 of the agent
	// of Python, and not in its documentation.
	// Default: what the agent has, 1 s in that of Python.
	SamplingInterval time.Duration
	// ReportingInterval is the time between reports, in whole milliseconds, 30 s or more: the agent of Python does not start with
	// less. Its variable is as that of SamplingInterval.
	// Default: what the agent has, 5 min in that of Python.
	ReportingInterval time.Duration
	// HeapSummary reports the heap by types. JVM only.
	// Default: false.
	HeapSummary bool
}

// Props configures a Group. A nil *Props, like its zero value, takes every default.
type Props struct {
	// Name is the group's name: 1 to 255 letters, digits, _ and -. Another name replaces the group.
	// Default: a name that is made from the construct's path.
	Name string
	// Lambda says that the services are Lambda functions. Another value replaces the group.
	// Default: false, they run on anything else.
	Lambda bool
	// Settings are those of the agents.
	// Default: what the agents have.
	Settings Settings
	// AnomalyTopics receive anomalies. CodeGuru Profiler publishes with its service-linked role.
	// Default: none.
	AnomalyTopics []awssns.ITopic
	// ConfigureGroup edits the L1 props last, after all defaults.
	// Default: no edit.
	ConfigureGroup func(*awscodeguruprofiler.CfnProfilingGroupProps)
}

var groupName = regexp.MustCompile(`^[\w-]{1,255}$`)

const leastReporting = 30 * time.Second

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *Props) Validate() error {
	var d Props
	if p != nil {
		d = *p
	}
	c := check.For("profiling.Props")
	c.That(d.Name == "" || groupName.MatchString(d.Name), "Name", "must be 1 to 255 letters, digits, _ and -, got %q", d.Name)
	s, c2 := d.Settings, c.At("Settings")
	c2.That(s.MaxStackDepth >= 0, "MaxStackDepth", "must be 1 or more, got %d", s.MaxStackDepth)
	c2.That(s.SamplingInterval >= 0 && s.SamplingInterval%time.Millisecond == 0, "SamplingInterval", "must be whole milliseconds, 1 or more, got %v", s.SamplingInterval)
	c2.That(s.ReportingInterval%time.Millisecond == 0, "ReportingInterval", "must be whole milliseconds, got %v", s.ReportingInterval)
	c2.That(s.ReportingInterval == 0 || s.ReportingInterval >= leastReporting, "ReportingInterval", "must be %v or more, got %v", leastReporting, s.ReportingInterval)
	c2.That(s.ReportingInterval == 0 || s.SamplingInterval < s.ReportingInterval, "SamplingInterval", "must be less than ReportingInterval, which is %v, got %v",
		s.ReportingInterval, s.SamplingInterval)
	for i, topic := range d.AnomalyTopics {
		c.That(topic != nil, check.Index("AnomalyTopics", i), "must be given")
	}
	return c.Err()
}

// Group is a profiling group.
type Group struct {
	constructs.Construct
	Group awscodeguruprofiler.CfnProfilingGroup
	// Name is the group's name.
	Name string

	settings Settings
}

// NewGroup defines a Group named id in scope.
// It panics with a *check.Error that lists every invalid field of props.
func NewGroup(scope constructs.Construct, id string, props *Props) *Group {
	check.Must(scope.Node().Path(), id, props.Validate())
	var p Props
	if props != nil {
		p = *props
	}
	g := &Group{settings: p.Settings}
	constructs.NewConstruct_Override(g, scope, &id)
	g.Name = p.Name
	defaults.Or(&g.Name, *awscdk.Names_UniqueResourceName(g, &awscdk.UniqueResourceNameOptions{MaxLength: jsii.Number(255), Separator: jsii.String("-")}))
	group := &awscodeguruprofiler.CfnProfilingGroupProps{ProfilingGroupName: &g.Name, ComputePlatform: jsii.String("Default")}
	if p.Lambda {
		group.ComputePlatform = jsii.String("AWSLambda")
	}
	if len(p.AnomalyTopics) > 0 {
		var channels []any
		for _, topic := range p.AnomalyTopics {
			channels = append(channels, &awscodeguruprofiler.CfnProfilingGroup_ChannelProperty{ChannelUri: topic.TopicArn()})
		}
		group.AnomalyDetectionNotificationConfiguration = channels
	}
	if p.ConfigureGroup != nil {
		p.ConfigureGroup(group)
	}
	g.Group = awscodeguruprofiler.NewCfnProfilingGroup(g, jsii.String("Group"), group)
	return g
}

// GrantProfile lets the agent of grantee send profiles to the group.
func (g *Group) GrantProfile(grantee awsiam.IGrantable) awsiam.Grant {
	return awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{
		Grantee: grantee, Actions: jsii.Strings("codeguru-profiler:ConfigureAgent", "codeguru-profiler:PostAgentProfile"),
		ResourceArns: &[]*string{g.Group.AttrArn()},
	})
}

// Environment are the environment variables by which agents find the group and their settings.
func (g *Group) Environment() map[string]string {
	env := map[string]string{
		"AWS_CODEGURU_PROFILER_GROUP_NAME": g.Name, "AWS_CODEGURU_PROFILER_TARGET_REGION": g.region(), "AWS_CODEGURU_PROFILER_ENABLED": "true",
	}
	if s := g.settings.SamplingInterval; s > 0 {
		env["AWS_CODEGURU_PROFILER_SAMPLING_INTERVAL_MS"] = strconv.FormatInt(s.Milliseconds(), 10)
	}
	if r := g.settings.ReportingInterval; r > 0 {
		env["AWS_CODEGURU_PROFILER_REPORTING_INTERVAL_MS"] = strconv.FormatInt(r.Milliseconds(), 10)
	}
	if d := g.settings.MaxStackDepth; d > 0 {
		env["PROFILER_MAX_STACK_DEPTH"] = strconv.Itoa(d)
	}
	if g.settings.HeapSummary {
		env["AWS_CODEGURU_PROFILER_HEAP_SUMMARY_ENABLED"] = "true"
	}
	return env
}

// JavaAgent is the option of a JVM that starts the agent in the file jar, such as
// "/app/codeguru-profiler-java-agent-standalone-1.2.6.jar".
func (g *Group) JavaAgent(jar string) string {
	option := "-javaagent:" + jar + "=profilingGroupName:" + g.Name + ",region:" + g.region()
	if g.settings.HeapSummary {
		option += ",heapSummaryEnabled:true"
	}
	return option
}

// JavaLambda are the environment variables of a function in Java, which has the layer AWSCodeGuruProfilerJavaAgentLayer of AWS:
// https://docs.aws.amazon.com/codeguru/latest/profiler-ug/lambda-simple.html
func (g *Group) JavaLambda() map[string]string {
	env := g.Environment()
	env["JAVA_TOOL_OPTIONS"] = "-javaagent:/opt/codeguru-profiler-java-agent-standalone.jar"
	return env
}

// PythonArguments are the arguments of python before those of the program that is profiled.
func (g *Group) PythonArguments() []string {
	return []string{"-m", "codeguru_profiler_agent", "-p", g.Name, "-r", g.region()}
}

func (g *Group) region() string { return *awscdk.Stack_Of(g).Region() }
