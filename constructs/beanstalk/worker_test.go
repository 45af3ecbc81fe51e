package beanstalk

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/stretchr/testify/assert"
)

func TestAppProps_Validate(t *testing.T) {
	type props = AppProps
	validate(t, func() props { return props{} }, []row[AppProps]{
		{"defaults", func(*props) {}, nil},
		{"two lifecycle rules", func(p *props) { p.Lifecycle = Lifecycle{MaxCount: 10, MaxAgeDays: 30} },
			[]string{"Lifecycle: must limit versions by MaxCount or by MaxAgeDays, not by both"}},
		{"too many versions", func(p *props) { p.Lifecycle.MaxCount = 1001 }, []string{"Lifecycle.MaxCount: must be between 1 and 1000, got 1001"}},
		{"1000 versions", func(p *props) { p.Lifecycle.MaxCount = 1000 }, nil},
		{"too old versions", func(p *props) { p.Lifecycle.MaxAgeDays = 181 }, []string{"Lifecycle.MaxAgeDays: must be between 1 and 180, got 181"}},
		{"negative", func(p *props) { p.Lifecycle.MaxAgeDays = -1 }, []string{"Lifecycle.MaxAgeDays: must be between 1 and 180, got -1"}},
		{"all and some", func(p *props) { p.Lifecycle = Lifecycle{KeepAll: true, MaxCount: 1, DeleteSourceBundles: true} }, []string{
			"Lifecycle.KeepAll: must be left out with MaxCount or MaxAgeDays",
			"Lifecycle.DeleteSourceBundles: must be left out with KeepAll: no version is deleted",
		}},
		{"texts", func(p *props) {
			p.Name, p.Description, p.RemovalPolicy = "a/b", strings.Repeat("x", 201), awscdk.RemovalPolicy_SNAPSHOT
		}, []string{
			`Name: must be 1 to 100 characters without a slash, got "a/b"`, "Description: must be at most 200 characters, got 201",
			"RemovalPolicy: must be one of RETAIN, DESTROY, got SNAPSHOT",
		}},
	})
	assert.NoError(t, (*AppProps)(nil).Validate())
}

func TestWorkerEnvironmentProps_Validate(t *testing.T) {
	type props = WorkerEnvironmentProps
	validate(t, func() props { return props{EnvironmentProps: common(t)} }, []row[WorkerEnvironmentProps]{
		{"defaults", func(*props) {}, nil},
		{"worker on Windows", func(p *props) { p.Platform.Branch = "IIS 10.0 running on 64bit Windows Server 2022" },
			[]string{"Platform: is of Windows, which has no workers"}},
		{"TrafficSplit without ALB", func(p *props) { p.Deployment.Policy = TrafficSplitting },
			[]string{"Deployment.Policy: TrafficSplitting needs a load balancer of type application, got none"}},
		{"tasks", func(p *props) {
			p.Bundle = bundled(t, map[string]string{"cron.yaml": "version: 1\ncron:\n  - {name: tidy, url: /tidy, schedule: \"0 3 * * *\"}\n"})
		}, nil},
		{"load balancer", func(p *props) {
			p.Health.IgnoreLoadBalancer4xx = true
		}, []string{"Health.IgnoreLoadBalancer4xx: needs a load balancer"}},
		{"queue", func(p *props) {
			p.Queue = Queue{
				Path: "work", MimeType: "json", Connections: 101, ConnectTimeout: 2 * time.Minute, InactivityTimeout: 11 * time.Hour, VisibilityTimeout: time.Second,
				ErrorVisibilityTimeout: new(13 * time.Hour), RetentionPeriod: time.Second, MaxRetries: 101,
			}
		}, []string{
			`Queue.Path: must be a path that starts with /, got "work"`,
			`Queue.MimeType: must be a MIME type, such as application/json, got "json"`,
			"Queue.Connections: must be between 1 and 100, got 101",
			"Queue.ConnectTimeout: must be between 1s and 1m0s, got 2m0s",
			"Queue.InactivityTimeout: must be between 1s and 10h0m0s, got 11h0m0s",
			"Queue.VisibilityTimeout: must be above 11h0m0s (InactivityTimeout), got 1s",
			"Queue.ErrorVisibilityTimeout: must be between 0s and 12h0m0s, got 13h0m0s",
			"Queue.RetentionPeriod: must be between 1m0s and 336h0m0s, got 1s",
			"Queue.MaxRetries: must be between 1 and 100, got 101",
		}},
		{"fractions of a second", func(p *props) {
			p.Queue = Queue{ConnectTimeout: 1500 * time.Millisecond, InactivityTimeout: 2500 * time.Millisecond, VisibilityTimeout: 3500 * time.Millisecond,
				ErrorVisibilityTimeout: new(time.Millisecond), RetentionPeriod: time.Minute + time.Millisecond}
		}, []string{
			"Queue.ConnectTimeout: must be whole seconds, got 1.5s", "Queue.InactivityTimeout: must be whole seconds, got 2.5s",
			"Queue.VisibilityTimeout: must be whole seconds, got 3.5s", "Queue.ErrorVisibilityTimeout: must be whole seconds, got 1ms",
			"Queue.RetentionPeriod: must be whole seconds, got 1m0.001s",
		}},
		{"visible while it is worked on", func(p *props) { p.Queue.InactivityTimeout, p.Queue.VisibilityTimeout = time.Minute, time.Minute },
			[]string{"Queue.VisibilityTimeout: must be above 1m0s (InactivityTimeout), got 1m0s"}},
		{"visibility above its limit", func(p *props) { p.Queue.VisibilityTimeout = 13 * time.Hour },
			[]string{"Queue.VisibilityTimeout: must be between 0s and 12h0m0s, got 13h0m0s"}},
		{"option twice", func(p *props) { p.RawOptions = []Option{{Namespace: sqsdNamespace, Name: "HttpPath", Value: "/"}} },
			[]string{"RawOptions[0]: sets aws:elasticbeanstalk:sqsd HttpPath, which the environment sets as well"}},
	})
	assert.Error(t, (*WorkerEnvironmentProps)(nil).Validate())
}

func TestDatabaseProps_Validate(t *testing.T) {
	type props = DatabaseProps
	validate(t, func() props { return props{VPC: fakeVpc{}, Version: "17.4"} }, []row[DatabaseProps]{
		{"defaults", func(*props) {}, nil},
		{"mysql", func(p *props) { p.Engine, p.Version = MySQL, "8.4.5" }, nil},
		{"all", func(p *props) {
			*p = props{Name: "my-app", InstanceClass: "db.t4g.micro", StorageGiB: 19, Port: 80, BackupDays: 36, RemovalPolicy: "keep", Version: "17"}
		}, []string{
			"VPC: must be given: the VPC that the database runs in", `Version: must be a version of postgres such as 17.4, got "17"`,
			`InstanceClass: must be a class without db., such as t4g.micro, got "db.t4g.micro"`,
			`Name: must be a letter, then letters and digits, 63 at most, got "my-app"`,
			"StorageGiB: must be between 20 and 32768, got 19", "Port: must be between 1150 and 65535, got 80",
			"BackupDays: must be between 1 and 35, got 36", "RemovalPolicy: must be one of SNAPSHOT, RETAIN, DESTROY, got keep",
		}},
		{"engine", func(p *props) { p.Engine, p.Port = "oracle", 5000 }, []string{"Engine: must be one of postgres, mysql, got oracle"}},
	})
	assert.Error(t, (*DatabaseProps)(nil).Validate())
}

func TestBlueGreenProps_Validate(t *testing.T) {
	type props = BlueGreenProps
	side := func(prefix string) *WebEnvironmentProps {
		p := validWeb(t)()
		p.CNAMEPrefix = prefix
		return &p
	}
	validate(t, func() props {
		return props{Zone: fakeZone{}, Domain: "shop.example.com", Blue: side("shop-blue"), Green: side("shop-green")}
	}, []row[BlueGreenProps]{
		{"fine", func(*props) {}, nil},
		{"coupled database", func(p *props) { p.Green.CoupledDatabase = &CoupledDatabase{Version: "17.4"} },
			[]string{"Green.CoupledDatabase: must be nil: each side would have data of its own; use Database"}},
		{"all", func(p *props) {
			*p = props{Domain: "shop.", GreenPercent: 101, Blue: side("")}
			p.Blue.Name = "abc"
		}, []string{
			"Zone: must be given: the public hosted zone of Domain", `Domain: must be a domain name such as shop.example.com, got "shop."`,
			"GreenPercent: must be between 0 and 100, got 101", "Blue.CNAMEPrefix: must be given: the record leads to it",
			`Blue.Name: must be 4 to 40 letters, digits and hyphens, without a hyphen at an end, got "abc"`, "Green: must be given",
		}},
		{"the same twice", func(p *props) {
			p.Green.CNAMEPrefix, p.Blue.Name, p.Green.Name = "shop-blue", "shop", "shop"
		}, []string{"Green.CNAMEPrefix: must differ from that of Blue", "Green.Name: must differ from that of Blue"}},
	})
	assert.Error(t, (*BlueGreenProps)(nil).Validate())
}
