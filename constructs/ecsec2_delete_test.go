package constructs_test

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/ecsec2"
	"github.com/strata-cdk/strata/constructs/ecsservice"
)

// before tells which resources the deletion of a stack deletes before others: those that refer to them or depend on them, at any
// remove.
func before(t *testing.T, tpl *cdktest.Template) map[string]map[string]bool {
	t.Helper()
	direct, bodies := map[string]map[string]bool{}, map[string]any{}
	for id, r := range tpl.Resources {
		bodies[id] = r.Body
	}
	var walk func(from string, v any)
	walk = func(from string, v any) {
		switch v := v.(type) {
		case o:
			for key, value := range v {
				switch target := value.(type) {
				case string:
					if key == "Ref" || key == "DependsOn" {
						direct[from][target] = true
					}
				case a:
					if key == "Fn::GetAtt" {
						direct[from][target[0].(string)] = true
					}
					if key == "DependsOn" {
						for _, d := range target {
							direct[from][d.(string)] = true
						}
					}
				}
				walk(from, value)
			}
		case a:
			for _, value := range v {
				walk(from, value)
			}
		}
	}
	for id, body := range bodies {
		direct[id] = map[string]bool{}
		walk(id, body)
	}
	all := map[string]map[string]bool{}
	var reach func(start, id string)
	reach = func(start, id string) {
		for next := range direct[id] {
			if _, is := bodies[next]; is && !all[start][next] {
				all[start][next] = true
				reach(start, next)
			}
		}
	}
	for id := range bodies {
		all[id] = map[string]bool{}
		reach(id, id)
		require.False(t, all[id][id], "%s must not depend on itself", id)
	}
	return all
}

// The order in which CloudFormation deletes: the service, the association of the providers with the cluster, the providers, then
// each group with its instances by the function, what the instances need, the cluster. (aws-cdk#18179, #19275, #36071)
func TestEC2Service_DeletesCleanly(t *testing.T) {
	two := []ecsec2.Capacity{
		{Name: "Steady", Group: &ecsec2.Group{}, Base: 1}, {Name: "Spare", Group: &ecsec2.Group{WarmPool: &ecsec2.WarmPool{Min: 1}}},
	}
	for name, edit := range map[string]func(*ecsec2.ServiceProps){
		"awsvpc": func(p *ecsec2.ServiceProps) { p.Capacity = two },
		"bridge": func(p *ecsec2.ServiceProps) { p.Capacity, p.NetworkMode = two, ecsec2.Bridge },
		"daemon": func(p *ecsec2.ServiceProps) {
			p.Capacity, p.Daemon, p.LoadBalancing = []ecsec2.Capacity{{Name: "Steady", Group: &ecsec2.Group{}}, {Name: "Spare", Group: two[1].Group}}, true, nil
		},
		"without protection": func(p *ecsec2.ServiceProps) {
			p.Capacity = []ecsec2.Capacity{two[1], {Name: "Steady", Group: &ecsec2.Group{DisableTerminationProtection: true}}}
		},
	} {
		tpl := synthDepot(t, edit)
		first := before(t, tpl)
		one := func(typ, pattern string) string {
			t.Helper()
			var ids []string
			for _, r := range tpl.All(typ) {
				if regexp.MustCompile(pattern).MatchString(r.LogicalID) {
					ids = append(ids, r.LogicalID)
				}
			}
			require.Len(t, ids, 1, "%s: %s %s", name, typ, pattern)
			return ids[0]
		}
		cluster, function := one("AWS::ECS::Cluster", ""), one("AWS::Lambda::Function", "Teardown")
		for _, capacity := range []string{"Steady", "Spare"} {
			order := []string{
				one("AWS::ECS::Service", ""), one("AWS::ECS::ClusterCapacityProviderAssociations", ""), one("AWS::ECS::CapacityProvider", capacity),
				one("Custom::AutoScalingGroupTeardown", capacity), one("AWS::AutoScaling::AutoScalingGroup", capacity), one("AWS::EC2::LaunchTemplate", capacity), cluster,
			}
			for i := range order[1:] {
				assert.True(t, first[order[i]][order[i+1]], "%s: %s must be deleted before %s", name, order[i], order[i+1])
			}
			assert.True(t, first[order[3]][function], "%s: the function is there when it is called", name)
			assert.True(t, first[order[3]][one("AWS::IAM::Policy", "TeardownRole")], "%s: and so is what it may do", name)
			assert.True(t, first[order[4]][one("AWS::IAM::Policy", capacity+"Role")], "%s: instances may talk to ECS while they are there", name)
			assert.True(t, first[order[4]][one("AWS::EC2::SecurityGroup", "InstanceSecurityGroup")], name)
			if capacity == "Spare" {
				assert.True(t, first[one("AWS::AutoScaling::WarmPool", "")][order[3]], "%s: the warm pool goes before its group", name)
			}
		}
	}
}

func TestEC2Service_Teardown(t *testing.T) {
	tpl := synthDepot(t, nil)
	group := tpl.All("AWS::AutoScaling::AutoScalingGroup")[0].LogicalID
	function := tpl.Has("AWS::Lambda::Function", o{
		"Runtime": "python3.14", "Timeout": 900, "Handler": "index.handler", "LoggingConfig": o{"LogGroup": cdktest.Any},
		"Code": o{"ZipFile": cdktest.Text("ForceDelete=True")},
	})
	code := function.Properties["Code"].(o)["ZipFile"].(string)
	assert.Less(t, len(code), 4096, "what CloudFormation takes inline")
	tpl.Has("Custom::AutoScalingGroupTeardown", o{
		"ServiceToken": o{"Fn::GetAtt": a{function.LogicalID, "Arn"}}, "Group": o{"Ref": group}, "Cluster": o{"Ref": cdktest.Text("Cluster")}, "ServiceTimeout": "960",
	})
	tpl.Has("AWS::IAM::Policy", o{"PolicyDocument": o{"Statement": cdktest.ArrayWith(
		o{
			"Action": "autoscaling:DeleteAutoScalingGroup", "Condition": o{"StringEquals": o{"aws:ResourceTag/aws:cloudformation:stack-id": o{"Ref": "AWS::StackId"}}},
		},
		o{"Action": a{"ecs:ListContainerInstances", "ecs:DeregisterContainerInstance"}, "Resource": o{"Fn::GetAtt": a{cdktest.Text("Cluster"), "Arn"}}},
	)}})
}

func TestEC2Service_Daemon(t *testing.T) {
	stack := cdktest.Stack(t)
	props := depot(stack)
	first := ecsec2.NewService(stack, "Depot", props)
	agent := ecsec2.NewService(stack, "Agent", &ecsec2.ServiceProps{
		CommonProps: ecsservice.CommonProps{VPC: props.VPC, Cluster: first.Cluster, Containers: []ecsservice.Container{{Name: "agent", Image: props.Containers[0].Image}}},
		Daemon:      true, MemberOf: []string{"attribute:ecs.os-type == linux"}, NetworkMode: ecsec2.Host, InstanceSecurityGroup: first.InstanceSecurityGroup,
	})
	assert.Nil(t, agent.URL())
	tpl := cdktest.Synth(t, stack)
	tpl.Snapshot("ecsec2/daemon")
	tpl.Has("AWS::ECS::Service", o{
		"SchedulingStrategy": "DAEMON", "LaunchType": "EC2", "DesiredCount": cdktest.Absent, "CapacityProviderStrategy": cdktest.Absent,
		"PlacementStrategies": cdktest.Absent, "AvailabilityZoneRebalancing": "DISABLED", "PlacementConstraints": a{o{"Type": "memberOf"}},
		"DeploymentConfiguration": o{"MaximumPercent": 100, "MinimumHealthyPercent": 0},
	})
	tpl.Has("AWS::ECS::TaskDefinition", o{"NetworkMode": "host"})
	tpl.Count("AWS::AutoScaling::AutoScalingGroup", 1)
	tpl.Count("AWS::ECS::Cluster", 1)
	order := before(t, tpl)
	for _, service := range tpl.All("AWS::ECS::Service") {
		assert.True(t, order[service.LogicalID][tpl.All("AWS::ECS::ClusterCapacityProviderAssociations")[0].LogicalID], service.LogicalID)
	}
}
