package constructs_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/cwagent"
	"github.com/strata-cdk/strata/constructs/ecsec2"
	"github.com/strata-cdk/strata/constructs/ecsservice"
	"github.com/strata-cdk/strata/constructs/network"
)

// Another configuration is other user data and another association; the same one is the same, whatever else is in the app.
func TestAgent_Hash(t *testing.T) {
	seen := map[string]string{}
	synth := func(name string, before int, edit func(*cwagent.Config)) (hash string) {
		stack := cdktest.Stack(t)
		for i := range before {
			awslogs.NewLogGroup(stack, jsii.String(fmt.Sprint("Other", i)), nil).LogGroupName() // has tokens of its own
		}
		config := cwagent.Config{Logs: []cwagent.LogFile{{Path: "/var/log/a"}}}
		edit(&config)
		agent := cwagent.NewAgent(stack, "Agent", &cwagent.AgentProps{Config: config})
		agent.AttachToGroup("Fleet", fleet(stack, "Fleet", amazonLinux(), awsec2.UserData_ForLinux(nil)))
		agent.Associate("Others", cwagent.Target{Key: "tag:Fleet", Values: []string{"others"}})
		tpl := cdktest.Synth(t, stack)
		assert.Contains(t, agentData(t, tpl), "# CloudWatch agent, configuration "+agent.Hash()+"\n", name)
		tpl.Has("AWS::SSM::Association", o{"AssociationName": "CloudWatchAgent-" + agent.Hash()})
		assert.NotContains(t, tpl.JSON, "Token[")
		return agent.Hash()
	}
	same := func(*cwagent.Config) {}
	seen["first"] = synth("first", 0, same)
	assert.Regexp(t, "^[0-9a-f]{12}$", seen["first"])
	assert.Equal(t, seen["first"], synth("second", 3, same))
	assert.NotEqual(t, seen["first"], synth("third", 0, func(c *cwagent.Config) { c.Debug = true }))
}

func TestAgent_Associate(t *testing.T) {
	stack := cdktest.Stack(t)
	agent := cwagent.NewAgent(stack, "Agent", nil)
	role := awsiam.NewRole(stack, jsii.String("Role"), &awsiam.RoleProps{AssumedBy: awsiam.NewServicePrincipal(jsii.String("ec2.amazonaws.com"), nil)})
	agent.Permit("Others", role)
	agent.Associate("Association", cwagent.Target{Key: "tag:Fleet", Values: []string{"others", "more"}}, cwagent.Target{Key: "InstanceIds", Values: []string{"i-1"}})
	tpl := cdktest.Synth(t, stack)
	association := tpl.Has("AWS::SSM::Association", o{
		"Name":      "AWS-RunShellScript",
		"Targets":   a{o{"Key": "tag:Fleet", "Values": a{"others", "more"}}, o{"Key": "InstanceIds", "Values": a{"i-1"}}},
		"MaxErrors": "100%", "MaxConcurrency": "10%",
	})
	assert.Equal(t, a{tpl.All("AWS::IAM::Policy")[0].LogicalID}, association.Body["DependsOn"], "it runs at once")
	commands := association.Properties["Parameters"].(o)["commands"].(a)
	require.Len(t, commands, 2)
	assert.Contains(t, joined(t, commands[0]), "configuration "+agent.Hash()+"\n")
	tpl.Has("AWS::IAM::Policy", o{"Roles": a{o{"Ref": tpl.All("AWS::IAM::Role")[0].LogicalID}}})
	assert.Contains(t, agentStatements(t, tpl), "Configuration")

	err := cdktest.Panic(func() { agent.Associate("None") })
	require.EqualError(t, err, "Test/Agent/None: invalid cwagent.Agent:\n  - targets: must be between 1 and 5, got 0")
	err = cdktest.Panic(func() { agent.Associate("Bad", cwagent.Target{Key: "tag:"}) })
	require.EqualError(t, err, `Test/Agent/Bad: invalid cwagent.Agent:
  - targets[0].Key: must be "InstanceIds", "tag:" and the key of a tag, or begin with "resource-groups:", got "tag:"
  - targets[0].Values: must be 1 to 50, got 0`)
}

func TestAgent_AttachToInstance(t *testing.T) {
	stack := cdktest.Stack(t)
	vpc := network.NewVPC(stack, "Network", &network.VPCProps{NAT: network.One, DisableFlowLogs: true, KeepDefaultSecurityGroup: true}).Vpc
	instance := awsec2.NewInstance(stack, jsii.String("Instance"), &awsec2.InstanceProps{
		Vpc: vpc, InstanceType: awsec2.NewInstanceType(jsii.String("m7g.medium")), MachineImage: amazonLinux(), UserDataCausesReplacement: jsii.Bool(true),
	})
	agent := cwagent.NewAgent(stack, "Agent", &cwagent.AgentProps{Config: cwagent.Config{Aggregations: [][]string{{"InstanceId"}}}})
	agent.AttachToInstance("Pet", instance)
	err := cdktest.Panic(func() {
		agent.AttachToGroup("Fleet", fleet(stack, "Fleet", amazonLinux(), awsec2.UserData_ForLinux(nil)))
	})
	require.EqualError(t, err, `Test/Agent/Fleet: invalid cwagent.Agent:
  - must have {"AutoScalingGroupName"} in Config.Aggregations for its alarms`)
	other := cwagent.NewAgent(stack, "Other", &cwagent.AgentProps{Config: cwagent.Config{
		Aggregations: [][]string{{"InstanceId"}}, Dimensions: []cwagent.Dimension{cwagent.AutoScalingGroupName},
	}})
	err = cdktest.Panic(func() { other.AttachToInstance("Pet", instance) })
	require.EqualError(t, err, "Test/Other/Pet: invalid cwagent.Agent:\n  - must have InstanceId in Config.Dimensions for its alarms")
	tpl := cdktest.Synth(t, stack)
	got := tpl.All("AWS::EC2::Instance")[0]
	tpl.Count("AWS::CloudWatch::Alarm", 3)
	tpl.Each("AWS::CloudWatch::Alarm", o{"Dimensions": a{o{"Name": "InstanceId", "Value": o{"Ref": got.LogicalID}}}})
	assert.Contains(t, joined(t, got.Properties["UserData"].(o)["Fn::Base64"]), "configuration "+agent.Hash())
	assert.Contains(t, got.Body["DependsOn"], tpl.Has("AWS::IAM::Policy", o{"PolicyName": cdktest.Text("AgentPet")}).LogicalID)
}

func TestAgent_RefusesTargets(t *testing.T) {
	app := cdktest.App(t, nil)
	stack, other := cdktest.StackIn(app, "Test"), cdktest.StackIn(app, "Other")
	agent := cwagent.NewAgent(stack, "Agent", &cwagent.AgentProps{Config: cwagent.Config{Dimensions: []cwagent.Dimension{cwagent.InstanceID}}})
	bottlerocket := awsecs.NewBottleRocketImage(&awsecs.BottleRocketImageProps{})
	err := cdktest.Panic(func() {
		agent.AttachToGroup("the-fleet", fleet(other, "Fleet", bottlerocket, awsec2.UserData_Custom(jsii.String("[settings]"))))
	})
	require.EqualError(t, err, `Test/Agent/the-fleet: invalid cwagent.Agent:
  - id: must be a letter, then letters and digits, got "the-fleet"
  - must be in the stack of the agent
  - must have user data that is a shell script, which Bottlerocket and Windows do not
  - must have AutoScalingGroupName in Config.Dimensions for its alarms`)
	assert.Nil(t, agent.Node().TryFindChild(jsii.String("the-fleet")), "nothing was defined")
}

// A group that makes its own role can wait for the policy of that role.
func TestAgent_GroupWithItsOwnRole(t *testing.T) {
	stack := cdktest.Stack(t)
	group := awsautoscaling.NewAutoScalingGroup(stack, jsii.String("Fleet"), &awsautoscaling.AutoScalingGroupProps{
		Vpc:          network.NewVPC(stack, "Network", &network.VPCProps{NAT: network.One, DisableFlowLogs: true, KeepDefaultSecurityGroup: true}).Vpc,
		InstanceType: awsec2.NewInstanceType(jsii.String("m7g.medium")), MachineImage: amazonLinux(),
	})
	cwagent.NewAgent(stack, "Agent", nil).AttachToGroup("Fleet", group)
	tpl := cdktest.Synth(t, stack)
	policy := tpl.Has("AWS::IAM::Policy", o{"Roles": a{o{"Ref": cdktest.Text("^FleetInstanceRole")}}})
	tpl.HasResource("AWS::AutoScaling::AutoScalingGroup", o{"DependsOn": cdktest.ArrayWith(policy.LogicalID)})
	assert.NotContains(t, tpl.All("AWS::IAM::Role")[0].Body, "DependsOn")
	data := tpl.All("AWS::AutoScaling::LaunchConfiguration")[0].Properties["UserData"].(o)["Fn::Base64"]
	assert.Contains(t, joined(t, data), "amazon-cloudwatch-agent-ctl")
}

// A service on EC2 takes the agent in a line.
func TestAgent_OnEC2Service(t *testing.T) {
	stack := cdktest.Stack(t)
	service := ecsec2.NewService(stack, "Depot", &ecsec2.ServiceProps{CommonProps: ecsservice.CommonProps{
		VPC:        network.NewVPC(stack, "Network", &network.VPCProps{NAT: network.One, DisableFlowLogs: true, KeepDefaultSecurityGroup: true}).Vpc,
		Containers: []ecsservice.Container{{Name: "app", Image: awsecs.ContainerImage_FromRegistry(jsii.String("example/app:1"), nil)}},
	}})
	cwagent.NewAgent(stack, "Agent", &cwagent.AgentProps{Alarms: cwagent.Alarms{Topic: service.AlarmTopic}}).
		AttachToGroup("Instances", service.Providers["Instances"].Group)
	tpl := cdktest.Synth(t, stack)
	data := agentData(t, tpl)
	assert.Contains(t, data, "ECS_CLUSTER=")
	assert.Contains(t, data, "amazon-cloudwatch-agent-ctl")
	tpl.Has("AWS::CloudWatch::Alarm", o{"MetricName": "mem_used_percent", "Dimensions": a{
		o{"Name": "AutoScalingGroupName", "Value": o{"Ref": tpl.All("AWS::AutoScaling::AutoScalingGroup")[0].LogicalID}},
	}})
}

// The script runs, with programs in place of the package manager and the agent that say how they were called.
func TestAgent_Script(t *testing.T) {
	stack := cdktest.Stack(t)
	agent := cwagent.NewAgent(stack, "Agent", &cwagent.AgentProps{ParameterName: "AmazonCloudWatch-shop"})
	agent.Associate("Association", cwagent.Target{Key: "tag:Fleet", Values: []string{"others"}})
	commands := cdktest.Synth(t, stack).All("AWS::SSM::Association")[0].Properties["Parameters"].(o)["commands"].(a)
	text, result := joined(t, commands[0]), joined(t, commands[1])
	const install, ctl, sleep = "yum install -y amazon-cloudwatch-agent", "ctl", "sleep 20"
	for _, c := range []struct {
		name, shell string
		programs    []string
		failures    int
		want        []string
	}{
		{"Amazon Linux", "bash", []string{"yum"}, 0, []string{install, ctl}},
		{"Amazon Linux, at the third try", "sh", []string{"yum"}, 2, []string{install, sleep, install, sleep, install, ctl}},
		{"Amazon Linux, never", "bash", []string{"yum"}, 5, []string{install, sleep, install, sleep, install, sleep, install, sleep, install, sleep}},
		{"Ubuntu", "sh", []string{"curl", "dpkg"}, 0, []string{
			"dpkg --print-architecture",
			"curl -fsSo DEB https://amazoncloudwatch-agent-us-east-1.s3.us-east-1.#AWS::URLSuffix#/ubuntu/arm64/latest/amazon-cloudwatch-agent.deb",
			"dpkg -i -E DEB", ctl,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			log := filepath.Join(dir, "log")
			program := func(name, text string) {
				require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/bash\n"+text+"\n"), 0o755))
			}
			says := func(name string) string { return "echo \"" + name + " $*\" >>" + log + "\n" }
			// The control program comes with the package, at the first installation that does not fail.
			program("install", fmt.Sprintf(`n=$(cat %[1]s/n || echo 0); echo $((n+1)) >%[1]s/n; [ $n -ge %[2]d ] && mv %[1]s/later %[1]s/ctl`, dir, c.failures))
			program("later", says("ctl"))
			program("sleep", says("sleep"))
			for _, p := range c.programs {
				program(p, says(p)+`case "$1" in --print-architecture) echo arm64;; install|-i) exec "${0%/*}/install";; esac`)
			}
			for _, tool := range []string{"mktemp", "rm", "cat", "mv"} {
				path, err := exec.LookPath(tool)
				require.NoError(t, err)
				require.NoError(t, os.Symlink(path, filepath.Join(dir, tool)))
			}
			script := strings.ReplaceAll(text, "/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl", "ctl")
			require.NotEqual(t, text, script)
			cmd := exec.Command("/bin/"+c.shell, "-euc", script+"\necho the rest\nif "+result+"; then echo started; fi")
			cmd.Env = []string{"PATH=" + dir, "TMPDIR=" + dir}
			out, err := cmd.CombinedOutput()
			require.NoError(t, err, "%s", out)
			assert.Contains(t, string(out), "the rest\n", "the instance starts in any case")
			assert.Equal(t, c.failures < 5, strings.HasSuffix(string(out), "started\n"), "the association fails when the agent did not start")
			calls, err := os.ReadFile(log)
			require.NoError(t, err)
			lines := strings.Split(strings.TrimSpace(string(calls)), "\n")
			for i, l := range lines {
				for _, word := range strings.Fields(l) {
					if strings.HasSuffix(word, ".deb") && strings.HasPrefix(word, dir) {
						l = strings.ReplaceAll(l, word, "DEB")
						assert.NoFileExists(t, word)
					}
				}
				if strings.HasPrefix(l, "ctl ") {
					assert.Regexp(t, `^ctl -a fetch-config -m ec2 -s -c ssm:#Agent\w+#$`, l)
					l = "ctl"
				}
				lines[i] = l
			}
			assert.Equal(t, c.want, lines)
		})
	}
}
