package beanstalk

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
)

// Fakes stand for resources in tests that only look at props.
type (
	fakeVpc         struct{ awsec2.IVpc }
	fakeBalancer    struct{ elb.IApplicationLoadBalancer }
	fakeBucket      struct{ awss3.IBucket }
	fakeZone        struct{ awsroute53.IHostedZone }
	fakeCertificate struct {
		awscertificatemanager.ICertificate
	}
	fakeSecret    struct{ awssecretsmanager.ISecret }
	fakeParameter struct{ awsssm.IParameter }
)

// bundled is a bundle of files.
func bundled(t *testing.T, files map[string]string) *Bundle {
	t.Helper()
	fsys := fstest.MapFS{"Procfile": {Data: []byte("web: ./app\n")}}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	b, err := NewBundle(&BundleProps{FS: fsys})
	require.NoError(t, err)
	return b
}

func common(t *testing.T) EnvironmentProps {
	return EnvironmentProps{
		App: &App{}, Bundle: bundled(t, nil), VPC: fakeVpc{},
		Platform: Platform{Branch: "Go 1 running on 64bit Amazon Linux 2023", Version: "4.4.0"},
	}
}

func validWeb(t *testing.T) func() WebEnvironmentProps {
	return func() WebEnvironmentProps {
		return WebEnvironmentProps{EnvironmentProps: common(t), LoadBalancer: LoadBalancer{Certificate: fakeCertificate{}}}
	}
}

type webProps = WebEnvironmentProps

// row is a case of cdktest.ValidateTable.
type row[P any] struct {
	name string
	edit func(*P)
	want []string
}

// validate runs rows of valid props.
func validate[P any, V cdktest.Validator[P]](t *testing.T, valid func() P, rows []row[P]) {
	t.Helper()
	var cases []cdktest.Case[P]
	for _, r := range rows {
		cases = append(cases, cdktest.Case[P]{Name: r.name, Edit: r.edit, Want: r.want})
	}
	cdktest.ValidateTable[P, V](t, valid, cases)
}

func single(p *webProps) {
	p.SingleInstance, p.LoadBalancer.Certificate = true, nil
}

// The rows follow the list of bad input that the pattern was asked to catch.
func TestWebEnvironmentProps_BadInput(t *testing.T) {
	validate(t, validWeb(t), []row[webProps]{
		{"the defaults are fine", func(*webProps) {}, nil},
		{"TrafficSplit without ALB", func(p *webProps) {
			p.Deployment.Policy, p.LoadBalancer.Type = TrafficSplitting, NetworkLoadBalancer
		}, []string{"Deployment.Policy: TrafficSplitting needs a load balancer of type application, got network"}},
		{"TrafficSplit without a load balancer", func(p *webProps) { single(p); p.Deployment.Policy = TrafficSplitting },
			[]string{"Deployment.Policy: must be AllAtOnce or Immutable for a single instance, got TrafficSplitting"}},
		{"batch larger than the group", func(p *webProps) { p.Scaling.Max, p.Deployment.BatchSize = 6, 7 },
			[]string{"Deployment.BatchSize: must be between 1 and 6 (Scaling.Max), got 7"}},
		{"both platform forms", func(p *webProps) {
			p.Platform.ARN = "arn:aws:elasticbeanstalk:us-east-1::platform/Go 1 running on 64bit Amazon Linux 2023/4.4.0"
		}, []string{"Platform.ARN: must be left out with Branch and Version"}},
		{"load balancer options on a single instance", func(p *webProps) {
			p.SingleInstance, p.LoadBalancer.Type, p.LoadBalancer.IdleTimeout = true, ClassicLoadBalancer, time.Minute
			p.LoadBalancer.Rules = map[string]Rule{"api": {}}
			p.RawOptions = []Option{{Namespace: "aws:elbv2:loadbalancer", Name: "IdleTimeout", Value: "30"}}
		}, []string{
			"LoadBalancer.Certificate: must be left out with SingleInstance, which has no load balancer",
			"LoadBalancer.IdleTimeout: must be left out with SingleInstance, which has no load balancer",
			"LoadBalancer.Rules: must be left out with SingleInstance, which has no load balancer",
			"LoadBalancer.Type: must be left out with SingleInstance, which has no load balancer",
			"RawOptions[0]: aws:elbv2:loadbalancer IdleTimeout is of a load balancer, which a SingleInstance environment does not have",
		}},
		{"the same option twice", func(p *webProps) {
			p.RawOptions = []Option{
				{Namespace: "aws:elasticbeanstalk:environment:proxy", Name: "ProxyServer", Value: "nginx"},
				{Namespace: "aws:elasticbeanstalk:environment:proxy", Name: "ProxyServer", Value: "none"},
				{Namespace: "aws:autoscaling:asg", Name: "MinSize", Value: "3"},
			}
		}, []string{
			"RawOptions[1]: sets aws:elasticbeanstalk:environment:proxy ProxyServer, which RawOptions[0] sets as well",
			"RawOptions[2]: sets aws:autoscaling:asg MinSize, which the environment sets as well",
		}},
		{"cron or sqsd on web", func(p *webProps) {
			p.Bundle = bundled(t, map[string]string{
				"cron.yaml":                "version: 1\ncron:\n  - {name: tidy, url: /tidy, schedule: \"0 3 * * *\"}\n",
				".ebextensions/sqs.config": "option_settings:\n  aws:elasticbeanstalk:sqsd:\n    HttpPath: /work\n",
			})
			p.RawOptions = []Option{{Namespace: "aws:elasticbeanstalk:sqsd", Name: "HttpPath", Value: "/x"}}
		}, []string{
			"Bundle: has periodic tasks (cron.yaml), which only a worker environment runs",
			"Bundle: .ebextensions/sqs.config:3: aws:elasticbeanstalk:sqsd HttpPath is for worker environments only",
			"RawOptions[0]: aws:elasticbeanstalk:sqsd HttpPath is for worker environments only",
		}},
		{"managed updates without enhanced health", func(p *webProps) { p.Health.Basic = true },
			[]string{"Updates: needs enhanced health: leave out Health.Basic, or set Updates.Disable"}},
		{"names outside 4-40", func(p *webProps) { p.Name = "abc" },
			[]string{`Name: must be 4 to 40 letters, digits and hyphens, without a hyphen at an end, got "abc"`}},
		{"long name", func(p *webProps) { p.Name = strings.Repeat("a", 41) },
			[]string{`Name: must be 4 to 40 letters, digits and hyphens, without a hyphen at an end, got "` + strings.Repeat("a", 41) + `"`}},
		{"name with a hyphen at its end", func(p *webProps) { p.Name = "shop-" },
			[]string{`Name: must be 4 to 40 letters, digits and hyphens, without a hyphen at an end, got "shop-"`}},
		{"names of 4 and 40", func(p *webProps) { p.Name = "a--b" }, nil},
		{"unknown namespace or option", func(p *webProps) {
			p.RawOptions = []Option{
				{Namespace: "aws:elasticbeanstalk:environment:proxi", Name: "ProxyServer", Value: "none"},
				{Namespace: "aws:elasticbeanstalk:environment:proxy", Name: "ProxySever", Value: "none"},
				{Namespace: "aws:elasticbeanstalk:environment:proxy", Name: "ProxyServer", Value: "ngnix"},
			}
		}, []string{
			"RawOptions[0].Namespace: is not one that Elastic Beanstalk documents: aws:elasticbeanstalk:environment:proxi; did you mean aws:elasticbeanstalk:environment:proxy?",
			"RawOptions[1].Name: is not an option of aws:elasticbeanstalk:environment:proxy: ProxySever; did you mean ProxyServer?",
			"RawOptions[2].Value: must be one of nginx, apache, apache/2.2, none, got ngnix",
		}},
		{"coupled database not asked for", func(p *webProps) {
			p.Bundle = bundled(t, map[string]string{".ebextensions/db.config": "option_settings:\n  aws:rds:dbinstance:\n    DBEngine: postgres\n"})
			p.RawOptions = []Option{{Namespace: "aws:rds:dbinstance", Name: "DBEngine", Value: "postgres"}}
		}, []string{
			"Bundle: .ebextensions/db.config:3: aws:rds:dbinstance DBEngine couples a database to the environment, which it ends with: use Database, or ask for CoupledDatabase",
			"RawOptions[0]: couples a database to the environment, which it ends with: use Database, or ask for CoupledDatabase",
		}},
		{"another load balancer than at first", func(p *webProps) {
			p.LoadBalancer.Created = &CreatedLoadBalancer{Type: ClassicLoadBalancer, Shared: true}
		}, []string{
			"LoadBalancer.Type: is application, but the environment was created with classic, which an environment keeps: clone it under another id with the new load balancer, " +
				"move the weights of its records to the clone (see BlueGreen), then remove this one",
			"LoadBalancer.Shared: is nil, but the environment was created with a shared load balancer, which an environment keeps: clone it under another id with the new load balancer, " +
				"move the weights of its records to the clone (see BlueGreen), then remove this one",
		}},
		{"the same load balancer as at first", func(p *webProps) { p.LoadBalancer.Created = &CreatedLoadBalancer{Type: ApplicationLoadBalancer} }, nil},
		{"no known load balancer at first", func(p *webProps) { p.LoadBalancer.Created = &CreatedLoadBalancer{Type: "gateway"} }, []string{
			"LoadBalancer.Created.Type: must be one of application, network, classic, got gateway",
			"LoadBalancer.Type: is application, but the environment was created with gateway, " + migration,
		}},
	})
	var none *WebEnvironmentProps
	assert.EqualError(t, none.Validate(), `invalid beanstalk.WebEnvironmentProps:
  - App: must be given
  - Bundle: must be given: what runs
  - Platform: must have Branch and Version, or ARN
  - VPC: must be given: the VPC that the instances run in
  - LoadBalancer.Certificate: must be given for HTTPS; AllowPlaintext does without`)
}

func TestWebEnvironmentProps_Validate(t *testing.T) {
	minutes := func(n int) *time.Duration { return new(time.Duration(n) * time.Minute) }
	validate(t, validWeb(t), []row[webProps]{
		{"description", func(p *webProps) { p.Description = strings.Repeat("x", 201) }, []string{"Description: must be at most 200 characters, got 201"}},
		{"token as a name", func(p *webProps) { p.Name = "${Token[X]}" }, nil},
		{"cname prefix", func(p *webProps) { p.CNAMEPrefix = "sho.p" },
			[]string{`CNAMEPrefix: must be 4 to 63 letters, digits and hyphens, without a hyphen at an end, got "sho.p"`}},
		{"platform", func(p *webProps) { p.Platform = Platform{Branch: "Go 1", Version: "4"} }, []string{
			`Platform.Branch: must be a branch such as "Go 1 running on 64bit Amazon Linux 2023", got "Go 1"`,
			`Platform.Version: must be a version such as 4.4.0, got "4"`,
		}},
		{"platform by ARN", func(p *webProps) {
			p.Platform = Platform{ARN: "arn:aws:elasticbeanstalk:us-east-1::platform/Go 1 running on 64bit Amazon Linux 2023/4.4.0"}
		}, nil},
		{"platform by a wrong ARN", func(p *webProps) { p.Platform = Platform{ARN: "arn:aws:s3:::x"} },
			[]string{`Platform.ARN: must be the ARN of a version of a platform, got "arn:aws:s3:::x"`}},
		{"Windows", func(p *webProps) { p.Platform.Branch = "IIS 10.0 running on 64bit Windows Server 2022" }, nil},
		{"architecture", func(p *webProps) { p.Instances.Architecture = "mips" }, []string{"Instances.Architecture: must be one of x86_64, arm64, got mips"}},
		{"types of another architecture", func(p *webProps) {
			p.Instances.Types = []string{"t3.small", "m7gd.large", "a1.large", "g4dn.xlarge", "c7i-flex.large", "small", "${Token[X]}"}
		}, []string{
			"Instances.Types[1]: must be of x86_64 (Architecture), got m7gd.large of arm64",
			"Instances.Types[2]: must be of x86_64 (Architecture), got a1.large of arm64",
			`Instances.Types[5]: must be an instance type such as t3.small, got "small"`,
		}},
		{"types of Graviton", func(p *webProps) {
			p.Instances.Architecture, p.Instances.Types = ARM64, []string{"im4gn.large", "x2gd.medium", "t3.small"}
		}, []string{"Instances.Types[2]: must be of arm64 (Architecture), got t3.small of x86_64"}},
		{"too many types", func(p *webProps) {
			for range 41 {
				p.Instances.Types = append(p.Instances.Types, "t3.small")
			}
		}, []string{"Instances.Types: must be at most 40, got 41"}},
		{"spot", func(p *webProps) {
			p.Instances.Spot = &Spot{OnDemandBase: -1, OnDemandPercent: new(101), MaxPrice: 21, Strategy: "cheap"}
		}, []string{
			"Instances.Spot.OnDemandBase: must be between 0 and 10000, got -1",
			"Instances.Spot.OnDemandPercent: must be between 0 and 100, got 101",
			"Instances.Spot.MaxPrice: must be between 0.001 and 20, or 0 for that of on-demand instances, got 21",
			"Instances.Spot.Strategy: must be one of capacity-optimized, price-capacity-optimized, capacity-optimized-prioritized, lowest-price, got cheap",
		}},
		{"image and volume", func(p *webProps) { p.Instances.ImageID, p.Instances.RootVolumeGiB = "ami", 9 }, []string{
			`Instances.ImageID: must be the id of an AMI, such as ami-1f316660, got "ami"`,
			"Instances.RootVolumeGiB: must be between 10 and 16384, got 9",
		}},
		{"scaling and spot of a single instance", func(p *webProps) {
			single(p)
			p.Scaling.Min, p.Instances.Spot = 1, &Spot{}
		}, []string{"Scaling: must be left out with SingleInstance", "Instances.Spot: must be nil with SingleInstance: it would be away with its only instance"}},
		{"a single instance", single, nil},
		{"rolling a single instance", func(p *webProps) { single(p); p.Deployment.Policy = Rolling },
			[]string{"Deployment.Policy: must be AllAtOnce or Immutable for a single instance, got Rolling", "Deployment.BatchSize: must be between 1 and 0 (Scaling.Max), got 0"}[:1]},
		{"scaling", func(p *webProps) {
			p.Scaling = Scaling{Min: 5, Max: 3, Cooldown: new(1500 * time.Millisecond), Trigger: Trigger{
				Metric: "Load", Statistic: "Median", Unit: "Liters", Upper: -1, UpperIncrement: -1, LowerIncrement: 1, Period: time.Second, Breach: 11 * time.Hour,
			}}
		}, []string{
			"Scaling.Max: must be 5 (Min) or more, got 3",
			"Scaling.Cooldown: must be whole seconds, got 1.5s",
			"Scaling.Trigger.Metric: must be one of CPUUtilization, NetworkIn, NetworkOut, DiskWriteOps, DiskReadBytes, DiskReadOps, DiskWriteBytes, Latency, RequestCount, HealthyHostCount, UnhealthyHostCount, TargetResponseTime, got Load",
			"Scaling.Trigger.Statistic: must be one of Minimum, Maximum, Sum, Average, got Median",
			"Scaling.Trigger.Unit: must be one of Seconds, Percent, Bytes, Bits, Count, Bytes/Second, Bits/Second, Count/Second, None, got Liters",
			"Scaling.Trigger.Upper: must be above 0, 20000000 at most, got -1",
			"Scaling.Trigger.Lower: must be between 0 and Upper, got 0",
			"Scaling.Trigger.UpperIncrement: must be 1 or more, got -1",
			"Scaling.Trigger.LowerIncrement: must be -1 or less, got 1",
			"Scaling.Trigger.Breach: must be whole minutes between 1m0s and 10h0m0s, got 11h0m0s",
			"Scaling.Trigger.Period: must be whole minutes between 1m0s and 10h0m0s, got 1s",
		}},
		{"limits of scaling", func(p *webProps) { p.Scaling = Scaling{Min: -1, Max: 10001, Cooldown: minutes(167)} }, []string{
			"Scaling.Min: must be between 1 and 10000, got -1", "Scaling.Max: must be between 1 and 10000, got 10001",
			"Scaling.Cooldown: must be between 0s and 2h46m40s, got 2h47m0s",
		}},
		{"breach shorter than period", func(p *webProps) { p.Scaling.Trigger = Trigger{Period: 5 * time.Minute, Breach: time.Minute} },
			[]string{"Scaling.Trigger.Breach: must be 5m0s (Period) or more, got 1m0s"}},
		{"schedules", func(p *webProps) {
			now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
			p.Scaling.Schedules = []Schedule{
				{Name: "a:b", Min: new(-1), Max: new(10001)},
				{Name: "day", Recurrence: "0 6 * *", Min: new(5), Max: new(4)},
				{Name: "day", Start: now, End: now},
				{Name: "night", Recurrence: "0 22 * * *", Suspend: true},
			}
		}, []string{
			`Scaling.Schedules[0].Name: must be 1 to 255 letters, digits, _ and -, got "a:b"`,
			"Scaling.Schedules[0].Recurrence: must be given, or Start",
			"Scaling.Schedules[0].Max: must be between 0 and 10000, got 10001",
			"Scaling.Schedules[0].Min: must be between 0 and 10000, got -1",
			"Scaling.Schedules[1].Recurrence: must have five fields (minute, hour, day of month, month, day of week), got 4",
			"Scaling.Schedules[1].Max: must be 5 (Min) or more, got 4",
			"Scaling.Schedules[2].Name: is the name of Schedules[1] as well: day",
			"Scaling.Schedules[2].End: must be after Start",
			"Scaling.Schedules[2]: must change Min, Max or Desired",
		}},
		{"policy", func(p *webProps) { p.Deployment.Policy = "Canary" },
			[]string{"Deployment.Policy: must be one of AllAtOnce, Rolling, RollingWithAdditionalBatch, Immutable, TrafficSplitting, got Canary"}},
		{"both sizes of a batch", func(p *webProps) { p.Deployment.BatchPercent, p.Deployment.BatchSize = 101, 2 },
			[]string{"Deployment.BatchSize: must be left out with BatchPercent"}},
		{"percent of a batch", func(p *webProps) { p.Deployment.BatchPercent = 101 }, []string{"Deployment.BatchPercent: must be between 1 and 100, got 101"}},
		{"negative batch", func(p *webProps) { p.Deployment.BatchSize = -1 }, []string{"Deployment.BatchSize: must be between 1 and 4 (Scaling.Max), got -1"}},
		{"settings of other policies", func(p *webProps) {
			p.Deployment = Deployment{Policy: AllAtOnce, BatchSize: 1, BatchPercent: 1, NewVersionPercent: 1, EvaluationTime: time.Hour, Timeout: 2 * time.Hour}
		}, []string{
			"Deployment.BatchPercent: is for rolling deployments only", "Deployment.BatchSize: is for rolling deployments only",
			"Deployment.NewVersionPercent: is for TrafficSplitting only", "Deployment.EvaluationTime: is for TrafficSplitting only",
			"Deployment.Timeout: must be between 1s and 1h0m0s, got 2h0m0s",
		}},
		{"traffic splitting", func(p *webProps) {
			p.Deployment = Deployment{Policy: TrafficSplitting, NewVersionPercent: 101, EvaluationTime: 90 * time.Second, Timeout: 1500 * time.Millisecond}
		}, []string{
			"Deployment.NewVersionPercent: must be between 1 and 100, got 101",
			"Deployment.EvaluationTime: must be between 3m0s and 10h0m0s, got 1m30s",
			"Deployment.EvaluationTime: must be whole minutes, got 1m30s",
			"Deployment.Timeout: must be whole seconds, got 1.5s",
		}},
		{"updates", func(p *webProps) { p.Updates = ManagedUpdates{Start: "Tuesday", Level: "major"} }, []string{
			`Updates.Start: must be day, hour and minute in UTC, such as Tue:09:00, got "Tuesday"`, "Updates.Level: must be one of minor, patch, got major",
		}},
		{"updates that are off", func(p *webProps) { p.Updates = ManagedUpdates{Disable: true, Level: "patch"} },
			[]string{"Updates.Disable: must be left out with Start, Level or RefreshInstances"}},
		{"basic health", func(p *webProps) { p.Updates.Disable, p.Health = true, Health{Basic: true, IgnoreApplication4xx: true} },
			[]string{"Health.Basic: must be left out with SuccessThreshold, IgnoreApplication4xx, IgnoreLoadBalancer4xx or Metrics: they are of enhanced health"}},
		{"health", func(p *webProps) {
			p.Health = Health{SuccessThreshold: "Info", Metrics: []string{"InstancesOk", "CPU"}}
		}, []string{
			"Health.SuccessThreshold: must be one of Ok, Warning, Degraded, Severe, got Info",
			"Health.Metrics[1]: must be one of " + strings.Join(healthMetrics, ", ") + ", got CPU",
		}},
		{"health of a load balancer that is not", func(p *webProps) { single(p); p.Health.IgnoreLoadBalancer4xx = true },
			[]string{"Health.IgnoreLoadBalancer4xx: needs a load balancer"}},
		{"logs", func(p *webProps) { p.Logs = Logs{RetentionDays: 2, Disable: true, DeleteOnTerminate: true} }, []string{
			"Logs.RetentionDays: must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827, 3653, got 2",
			"Logs.DeleteOnTerminate: must be left out with Disable",
		}},
		{"variables", func(p *webProps) {
			p.Database = &Database{name: "app"}
			p.Variables = map[string]string{"a=b": "", "BOTH": "", "RDS_PORT": ""}
			p.Secrets = map[string]awssecretsmanager.ISecret{"BOTH": fakeSecret{}, "NIL": nil}
			p.Parameters = map[string]awsssm.IParameter{"BOTH": fakeParameter{}, "RDS_SECRET": nil}
		}, []string{
			`Variables["RDS_PORT"]: is set by Database as well`,
			`Variables["a=b"]: must be named with letters, digits and _ . : / + \ - @`,
			`Secrets["BOTH"]: is set by Variables as well`, `Secrets["NIL"]: must not be nil`,
			`Parameters["BOTH"]: is set by Secrets as well`, `Parameters["RDS_SECRET"]: is set by Database as well`, `Parameters["RDS_SECRET"]: must not be nil`,
		}},
		{"too many variables", func(p *webProps) { p.Variables = map[string]string{"A": strings.Repeat("x", 4095)} },
			[]string{"Variables: take 4097 bytes, at most 4096 fit"}},
		{"both databases", func(p *webProps) { p.Database, p.CoupledDatabase = &Database{}, &CoupledDatabase{Version: "17.4"} },
			[]string{"CoupledDatabase: must be nil with Database"}},
		{"coupled database", func(p *webProps) {
			p.CoupledDatabase = &CoupledDatabase{Engine: "mysql", Version: "8", InstanceClass: "db.t4g.micro", StorageGiB: 4}
		}, []string{
			`CoupledDatabase.Version: must be a version of mysql such as 8.4.5, got "8"`,
			`CoupledDatabase.InstanceClass: must be a class without db., such as t4g.micro, got "db.t4g.micro"`,
			"CoupledDatabase.StorageGiB: must be between 5 and 1024, got 4",
		}},
		{"engine", func(p *webProps) { p.CoupledDatabase = &CoupledDatabase{Engine: "db2"} }, []string{"CoupledDatabase.Engine: must be one of postgres, mysql, got db2"}},
		{"alarms", func(p *webProps) { p.Alarms = Alarms{ServerErrorPercent: 101, Latency: time.Microsecond} }, []string{
			"Alarms.ServerErrorPercent: must be above 0, 100 at most, got 101", "Alarms.Latency: must be 1ms or more, got 1µs",
		}},
		{"a file that the environment adds", func(p *webProps) {
			p.Bundle = bundled(t, map[string]string{ownConfig: "commands: {a: {command: ls}}\n"})
		}, []string{"Bundle: must not have .ebextensions/zz-strata.config, which the environment adds"}},
	})
}
