package stacks

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/constructs/cwagent"
	"github.com/strata-cdk/strata/constructs/ecsec2"
	"github.com/strata-cdk/strata/constructs/ecsservice"
)

// ContainersStackProps configures a ContainersStack.
type ContainersStackProps struct {
	awscdk.StackProps
	// Stage is what the service is for.
	Stage Stage
	// Network is where it runs. Validate does not look at it, so that settings can be checked before any stack is built.
	Network *NetworkStack
}

// ContainersStack is a service on EC2 instances that greets callers inside the VPC: many tasks on each instance, some on instances
// that stay, the rest on Spot Instances. Its output is Url.
type ContainersStack struct {
	awscdk.Stack
	// Service greets callers.
	Service *ecsec2.Service
	// Agent sends the memory and disks of the instances that stay; those on Spot have Bottlerocket, which takes no agent.
	Agent *cwagent.Agent
}

// NewContainersStack defines a ContainersStack named id in scope. It panics with a *check.Error when props are invalid.
func NewContainersStack(scope constructs.Construct, id string, props *ContainersStackProps) *ContainersStack {
	check.Must(scope.Node().Path(), id, props.Validate())
	s := &ContainersStack{}
	awscdk.NewStack_Override(s, scope, &id, &props.StackProps)
	s.Service = ecsec2.NewService(s, "Hello", props.service())
	s.Agent = cwagent.NewAgent(s, "Agent", &cwagent.AgentProps{
		Config: cwagent.Config{Memory: &cwagent.Section{Interval: 30 * time.Second}, Disk: &cwagent.Disk{}},
		Alarms: cwagent.Alarms{Topic: s.Service.AlarmTopic, Memory: cwagent.Alarm{Period: 30 * time.Second}},
	})
	s.Agent.AttachToGroup("Steady", s.Service.Providers["Steady"].Group)
	awscdk.NewCfnOutput(s, jsii.String("Url"), &awscdk.CfnOutputProps{Value: s.Service.URL(), Description: jsii.String("Address of the service")})
	return s
}

// URL is the address of the service.
func (s *ContainersStack) URL() *string { return s.Service.URL() }

// Validate reports every invalid field at once.
func (p *ContainersStackProps) Validate() error {
	c := check.For("stacks.ContainersStackProps")
	if p == nil {
		p = &ContainersStackProps{}
	}
	p.Stage.validate(c)
	return c.Err()
}

func (p *ContainersStackProps) service() *ecsec2.ServiceProps {
	least := map[bool]int{false: 1, true: 2}[p.Stage == Prod]
	return &ecsec2.ServiceProps{
		CommonProps: ecsservice.CommonProps{
			VPC: p.Network.VPC.Vpc, Subnets: p.Network.VPC.Workloads(), RemovalPolicy: p.Stage.removal(),
			Containers: []ecsservice.Container{{
				Name:        "hello",
				Image:       awsecs.ContainerImage_FromRegistry(jsii.String(pageImage), nil),
				Command:     []string{"sh", "-c", "echo Hello >/www/index.html; exec httpd -f -p 8080 -h /www"},
				Ports:       []ecsservice.Port{{Number: 8080}},
				ScratchDirs: []string{"/www"},
			}},
			Scaling: &ecsservice.Scaling{Max: 20, CPUPercent: 60},
		},
		CPU: 128, Memory: 128,
		NetworkMode:         ecsec2.Bridge,
		PlacementStrategies: []ecsec2.PlacementStrategy{ecsec2.SpreadOverZones, ecsec2.BinpackMemory},
		MemberOf:            []string{"attribute:ecs.os-type == linux"},
		Capacity: []ecsec2.Capacity{
			{Name: "Steady", Base: 2, Group: &ecsec2.Group{InstanceTypes: []string{"m7g.medium"}, Min: &least, Max: 4}},
			{Name: "Spot", Weight: new(3), Group: &ecsec2.Group{
				InstanceTypes: []string{"m7g.medium", "m6g.medium", "c7g.medium"}, Image: ecsec2.Bottlerocket, SpotPercent: 100, Min: new(0), Max: 8,
			}},
		},
		LoadBalancing: &ecsservice.LoadBalancing{
			Internal: true, AllowPlaintext: true, AllowedCIDRs: []string{vpcRange}, DisableDeletionProtection: p.Stage != Prod,
		},
	}
}
