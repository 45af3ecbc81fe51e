package constructs_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscodeguruprofiler"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/profiling"
)

func TestProfiling_Defaults(t *testing.T) {
	stack := cdktest.Stack(t)
	group := profiling.NewGroup(stack, "Web", nil)
	role := awsiam.NewRole(stack, jsii.String("Role"), &awsiam.RoleProps{AssumedBy: awsiam.NewServicePrincipal(jsii.String("ecs-tasks.amazonaws.com"), nil)})
	assert.True(t, *group.GrantProfile(role).Success())
	assert.Equal(t, map[string]string{
		"AWS_CODEGURU_PROFILER_GROUP_NAME": group.Name, "AWS_CODEGURU_PROFILER_TARGET_REGION": "us-east-1", "AWS_CODEGURU_PROFILER_ENABLED": "true",
	}, group.Environment())
	assert.Equal(t, "-javaagent:/a.jar=profilingGroupName:"+group.Name+",region:us-east-1", group.JavaAgent("/a.jar"))
	assert.Equal(t, []string{"-m", "codeguru_profiler_agent", "-p", group.Name, "-r", "us-east-1"}, group.PythonArguments())
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("profiling/defaults")
	resource := tpl.Has("AWS::CodeGuruProfiler::ProfilingGroup", o{
		"ProfilingGroupName": group.Name, "ComputePlatform": "Default", "AnomalyDetectionNotificationConfiguration": cdktest.Absent,
	})
	tpl.Has("AWS::IAM::Policy", o{"PolicyDocument": o{"Statement": a{o{
		"Effect": "Allow", "Action": a{"codeguru-profiler:ConfigureAgent", "codeguru-profiler:PostAgentProfile"},
		"Resource": o{"Fn::GetAtt": a{resource.LogicalID, "Arn"}},
	}}}})
}

func TestProfiling_Settings(t *testing.T) {
	stack := cdktest.Stack(t)
	topic := awssns.NewTopic(stack, jsii.String("Topic"), nil)
	group := profiling.NewGroup(stack, "Web", &profiling.Props{
		Name: "web", Lambda: true, AnomalyTopics: []awssns.ITopic{topic},
		Settings: profiling.Settings{MaxStackDepth: 200, SamplingInterval: 500 * time.Millisecond, ReportingInterval: 2 * time.Minute, HeapSummary: true},
		ConfigureGroup: func(p *awscodeguruprofiler.CfnProfilingGroupProps) {
			p.Tags = &[]*awscdk.CfnTag{{Key: jsii.String("team"), Value: jsii.String("web")}}
		},
	})
	environment := map[string]string{
		"AWS_CODEGURU_PROFILER_GROUP_NAME": "web", "AWS_CODEGURU_PROFILER_TARGET_REGION": "us-east-1", "AWS_CODEGURU_PROFILER_ENABLED": "true",
		"AWS_CODEGURU_PROFILER_SAMPLING_INTERVAL_MS": "500", "AWS_CODEGURU_PROFILER_REPORTING_INTERVAL_MS": "120000", "PROFILER_MAX_STACK_DEPTH": "200",
		"AWS_CODEGURU_PROFILER_HEAP_SUMMARY_ENABLED": "true",
	}
	assert.Equal(t, environment, group.Environment())
	environment["JAVA_TOOL_OPTIONS"] = "-javaagent:/opt/codeguru-profiler-java-agent-standalone.jar"
	assert.Equal(t, environment, group.JavaLambda())
	assert.Equal(t, "-javaagent:/a.jar=profilingGroupName:web,region:us-east-1,heapSummaryEnabled:true", group.JavaAgent("/a.jar"))
	cdktest.Synth(t, stack).Has("AWS::CodeGuruProfiler::ProfilingGroup", o{
		"ProfilingGroupName": "web", "ComputePlatform": "AWSLambda", "Tags": a{o{"Key": "team", "Value": "web"}},
		"AnomalyDetectionNotificationConfiguration": a{o{"channelUri": o{"Ref": cdktest.Text("^Topic")}}},
	})
}

func TestProfiling_ReportsEveryProblem(t *testing.T) {
	require.EqualError(t, cdktest.Panic(func() {
		profiling.NewGroup(cdktest.Stack(t), "Web", &profiling.Props{Name: "a b", Settings: profiling.Settings{ReportingInterval: time.Second}})
	}), `Test/Web: invalid profiling.Props:
  - Name: must be 1 to 255 letters, digits, _ and -, got "a b"
  - Settings.ReportingInterval: must be 30s or more, got 1s`)
}

func TestProfiling_PassesNag(t *testing.T) {
	stack := cdktest.Stack(t)
	profiling.NewGroup(stack, "Web", nil)
	findings, suppressed := cdktest.Nag(t, stack)
	assert.Empty(t, findings)
	assert.Empty(t, suppressed)
}

func ExampleNewGroup() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Web"), &awscdk.StackProps{Env: &awscdk.Environment{
		Account: jsii.String("111122223333"), Region: jsii.String("eu-central-1"),
	}})
	group := profiling.NewGroup(stack, "Profiles", &profiling.Props{Name: "web"})
	fmt.Println(group.JavaAgent("/app/agent.jar"))
	// Output: -javaagent:/app/agent.jar=profilingGroupName:web,region:eu-central-1
}
