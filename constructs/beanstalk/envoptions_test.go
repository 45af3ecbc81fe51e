package beanstalk

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/strata-cdk/strata/check"
)

// Whatever valid props say, the options that come of it are documented ones, with allowed values that fit each other, and none is set
// twice.
func TestEnvironment_OptionsAreDocumented(t *testing.T) {
	n := 0
	verify := func(name string, options optionList) {
		n++
		c := check.For("options")
		CheckOptions(c, "Options", options)
		assert.NoError(t, c.Err(), name)
	}
	edits := map[string]func(*EnvironmentProps){
		"plain": func(*EnvironmentProps) {},
		"much": func(p *EnvironmentProps) {
			p.Instances = Instances{
				Architecture: ARM64, Types: []string{"t4g.small", "m7g.medium"}, Spot: &Spot{OnDemandBase: 1, MaxPrice: 0.05}, ImageID: "ami-1f316660",
				KeyName: "ops", AllowIMDSv1: true, RootVolumeGiB: 100,
			}
			p.Scaling = Scaling{Min: 3, Max: 30, Cooldown: new(time.Duration(0)), Trigger: Trigger{Metric: "RequestCount", Statistic: "Sum", Unit: "Count", Upper: 1e6}, Schedules: []Schedule{
				{Name: "day", Recurrence: "0 6 * * 1-5", Min: new(10), Max: new(30), Desired: new(10), Start: time.Date(2030, 1, 1, 0, 0, 0, 0, time.FixedZone("", 3600)), End: time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC)},
				{Name: "night", Recurrence: "0 20 * * 1-5", Min: new(0), Suspend: true},
			}}
			p.Updates = ManagedUpdates{Start: "Tue:09:00", Level: "patch", RefreshInstances: true}
			p.Health = Health{SuccessThreshold: "Warning", IgnoreApplication4xx: true, Metrics: []string{"InstancesOk"}}
			p.Logs = Logs{RetentionDays: 30, DeleteOnTerminate: true}
			p.Variables = map[string]string{"A": "b"}
			p.CoupledDatabase = &CoupledDatabase{Version: "17.4", Snapshot: "s", DisableMultiAZ: true}
		},
		"little": func(p *EnvironmentProps) {
			p.Updates.Disable, p.Health.Basic, p.Logs.Disable, p.DisableXRay = true, true, true, true
		},
	}
	for edit, apply := range edits {
		for _, policy := range []DeploymentPolicy{AllAtOnce, Rolling, RollingWithAdditionalBatch, Immutable, TrafficSplitting} {
			for _, batch := range []int{0, 2} {
				d := Deployment{Policy: policy}
				if d.rolling() {
					d.BatchSize = batch
				}
				for kind, balancer := range map[string]LoadBalancer{
					"application": {Certificate: fakeCertificate{}, Rules: map[string]Rule{"api": {Hosts: []string{"a.b"}, Paths: []string{"/api"}, Priority: 1, Process: "default"}},
						Processes: map[string]TargetProcess{"default": {Stickiness: time.Hour}}},
					"plaintext": {AllowPlaintext: true, DisableAccessLogs: true, Internal: true},
					"network":   {Type: NetworkLoadBalancer, Certificate: fakeCertificate{}},
					"classic":   {Type: ClassicLoadBalancer, Certificate: fakeCertificate{}},
					"shared":    {Shared: fakeBalancer{}},
					"single":    {},
				} {
					p := WebEnvironmentProps{EnvironmentProps: common(t), LoadBalancer: balancer}
					apply(&p.EnvironmentProps)
					p.Deployment = d
					if kind == "single" {
						p.SingleInstance, p.Scaling, p.Instances.Spot = true, Scaling{}, nil
					}
					if p.Validate() != nil {
						continue // TrafficSplitting without an application load balancer, and the like
					}
					p = p.withDefaults()
					l := optionList{}
					p.webOptions(&l, unresolved)
					verify(fmt.Sprint(edit, policy, batch, kind), l)
				}
				w := WorkerEnvironmentProps{EnvironmentProps: common(t)}
				apply(&w.EnvironmentProps)
				w.Deployment = d
				if w.Validate() != nil {
					continue
				}
				w = w.withDefaults()
				l := optionList{}
				w.workerOptions(&l, unresolved)
				verify(fmt.Sprint(edit, policy, batch, "worker"), l)
			}
		}
	}
	// 3 edits, 5 policies, 2 batches and 7 kinds, less TrafficSplitting on 4 kinds and the rolling ones on a single instance.
	assert.Equal(t, 3*2*(5*7-4-2), n)
}

// What is set and later left out is said still, with its default: Elastic Beanstalk keeps what a template no longer has.
func TestEnvironment_SaysWhatIsOff(t *testing.T) {
	names := func(edit func(*webProps)) map[string]string {
		p := validWeb(t)()
		edit(&p)
		p = p.withDefaults()
		l := optionList{}
		p.webOptions(&l, unresolved)
		out := map[string]string{}
		for _, o := range l {
			out[o.key()] = o.Value
		}
		return out
	}
	off := names(func(p *webProps) {
		p.DisableXRay, p.Updates.Disable, p.Logs.Disable = true, true, true
		p.LoadBalancer.DisableAccessLogs, p.LoadBalancer.DisableRedirect = true, true
	})
	for key, want := range map[string]string{
		"aws:elasticbeanstalk:xray|XRayEnabled":                              "false",
		"aws:elasticbeanstalk:managedactions|ManagedActionsEnabled":          "false",
		"aws:elasticbeanstalk:cloudwatch:logs|StreamLogs":                    "false",
		"aws:elasticbeanstalk:cloudwatch:logs:health|HealthStreamingEnabled": "false",
		"aws:elasticbeanstalk:hostmanager|LogPublicationControl":             "false",
		"aws:elbv2:loadbalancer|AccessLogsS3Enabled":                         "false",
		"aws:elbv2:listener:default|ListenerEnabled":                         "false",
		"aws:ec2:instances|EnableSpot":                                       "false",
		"aws:autoscaling:launchconfiguration|DisableIMDSv1":                  "true",
		"aws:rds:dbinstance|HasCoupledDatabase":                              "false",
		"aws:rds:dbinstance|DBDeletionPolicy":                                "Snapshot",
	} {
		assert.Equal(t, want, off[key], key)
	}
	// A policy that needs no batches resets them.
	assert.Equal(t, "25", names(func(*webProps) {})["aws:elasticbeanstalk:command|BatchSize"])
	all := names(func(p *webProps) { p.Deployment.Policy = AllAtOnce })
	assert.Equal(t, "100", all["aws:elasticbeanstalk:command|BatchSize"])
	assert.Equal(t, "Percentage", all["aws:elasticbeanstalk:command|BatchSizeType"])
}

func TestCopied_SharesNothingThatCanChange(t *testing.T) {
	one := WebEnvironmentProps{EnvironmentProps: common(t)}
	one.Variables, one.Instances.Types, one.Instances.Spot = map[string]string{"A": "1"}, []string{"t3.small"}, &Spot{OnDemandBase: 1}
	one.Scaling.Min, one.LoadBalancer.Rules = 3, map[string]Rule{"a": {Hosts: []string{"h"}}}
	one.CoupledDatabase = &CoupledDatabase{Version: "17.4"}
	two := copied(one)
	assert.Equal(t, one, two)
	assert.Same(t, one.App, two.App)
	assert.Same(t, one.Bundle, two.Bundle)
	two.Variables["A"], two.Instances.Types[0], two.Instances.Spot.OnDemandBase, two.CoupledDatabase.Version = "2", "m5.large", 2, "16.1"
	two.LoadBalancer.Rules["a"].Hosts[0] = "other"
	assert.Equal(t, "1", one.Variables["A"])
	assert.Equal(t, "t3.small", one.Instances.Types[0])
	assert.Equal(t, 1, one.Instances.Spot.OnDemandBase)
	assert.Equal(t, "17.4", one.CoupledDatabase.Version)
	assert.Equal(t, "h", one.LoadBalancer.Rules["a"].Hosts[0])
}
