package expressservice_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/expressservice"
)

// These stand for constructs in tests that only look at props.
type (
	fakeVpc        struct{ awsec2.IVpc }
	fakeGroup      struct{ awsec2.ISecurityGroup }
	fakeRepository struct{ awsecr.IRepository }
	fakeParameter  struct{ awsssm.IParameter }
	fakeSecret     struct{ awssecretsmanager.ISecret }
)

// token is what a value that is known only at deployment looks like.
const token = "${Token[TOKEN.7]}"

func TestServiceProps_Validate(t *testing.T) {
	type props = expressservice.ServiceProps
	repository := func(tag string) func(p *props) {
		return func(p *props) { p.Image, p.Repository, p.Tag = "", fakeRepository{}, tag }
	}
	secret := expressservice.Secret{Secret: fakeSecret{}}
	valid := func() props { return props{Image: "public.ecr.aws/nginx/nginx:1.29"} }
	cdktest.ValidateTable(t, valid, []cdktest.Case[props]{
		{Name: "least", Edit: func(p *props) {}},
		{Name: "longest name", Edit: func(p *props) { p.Name = "Web_1-" + strings.Repeat("a", 249) }},
		{Name: "name too long", Edit: func(p *props) { p.Name = strings.Repeat("a", 256) },
			Want: []string{`Name: must be up to 255 letters, digits, _ and -, got "` + strings.Repeat("a", 256) + `"`}},
		{Name: "name", Edit: func(p *props) { p.Name = "web.api" }, Want: []string{`Name: must be up to 255 letters, digits, _ and -, got "web.api"`}},
		{Name: "no image", Edit: func(p *props) { p.Image = "" }, Want: []string{"Image: must be given, or Repository and Tag"}},
		{Name: "image with a scheme", Edit: func(p *props) { p.Image = "https://public.ecr.aws/nginx/nginx" },
			Want: []string{`Image: must be the address of an image, such as public.ecr.aws/nginx/nginx:1.29, got "https://public.ecr.aws/nginx/nginx"`}},
		{Name: "image with a space", Edit: func(p *props) { p.Image = "nginx 1.29" },
			Want: []string{`Image: must be the address of an image, such as public.ecr.aws/nginx/nginx:1.29, got "nginx 1.29"`}},
		{Name: "image and tag", Edit: func(p *props) { p.Tag = "1.29" }, Want: []string{"Tag: must be left out without Repository; Image has its own"}},
		{Name: "repository", Edit: repository("1.4.2")},
		{Name: "longest tag", Edit: repository("_" + strings.Repeat("a", 127))},
		{Name: "digest", Edit: repository("sha256:" + strings.Repeat("0", 64))},
		{Name: "repository alone", Edit: repository(""), Want: []string{`Tag: must be a tag, or a digest such as sha256:..., got ""`}},
		{Name: "tag", Edit: repository("-1"), Want: []string{`Tag: must be a tag, or a digest such as sha256:..., got "-1"`}},
		{Name: "tag too long", Edit: repository(strings.Repeat("a", 129)),
			Want: []string{`Tag: must be a tag, or a digest such as sha256:..., got "` + strings.Repeat("a", 129) + `"`}},
		{Name: "repository and image", Edit: func(p *props) { p.Repository, p.Tag = fakeRepository{}, "1" }, Want: []string{"Image: must be left out with Repository"}},
		{Name: "ports", Edit: func(p *props) { p.Port = 65535 }},
		{Name: "port too low", Edit: func(p *props) { p.Port = -1 }, Want: []string{"Port: must be between 1 and 65535, got -1"}},
		{Name: "port too high", Edit: func(p *props) { p.Port = 65536 }, Want: []string{"Port: must be between 1 and 65535, got 65536"}},
		{Name: "variables", Edit: func(p *props) {
			p.Environment = map[string]string{"_LEVEL": "", "a1": "x"}
			p.Parameters = map[string]awsssm.IParameter{"LIMIT": fakeParameter{}}
			p.Secrets = map[string]expressservice.Secret{"TOKEN": secret, "PASSWORD": {Secret: fakeSecret{}, Field: "password"}}
		}},
		{Name: "variables with other names", Edit: func(p *props) {
			p.Environment = map[string]string{"1A": "", "a-b": "", "": ""}
			p.Parameters = map[string]awsssm.IParameter{"a b": fakeParameter{}}
			p.Secrets = map[string]expressservice.Secret{"a.b": secret}
		}, Want: []string{
			`Environment[""]: must be named with letters, digits and _, and not start with a digit`,
			`Environment["1A"]: must be named with letters, digits and _, and not start with a digit`,
			`Environment["a-b"]: must be named with letters, digits and _, and not start with a digit`,
			`Parameters["a b"]: must be named with letters, digits and _, and not start with a digit`,
			`Secrets["a.b"]: must be named with letters, digits and _, and not start with a digit`,
		}},
		{Name: "variables twice", Edit: func(p *props) {
			p.Environment = map[string]string{"A": "", "B": ""}
			p.Parameters = map[string]awsssm.IParameter{"A": fakeParameter{}, "C": fakeParameter{}}
			p.Secrets = map[string]expressservice.Secret{"B": secret, "C": secret}
		}, Want: []string{
			`Parameters["A"]: must not be in Environment too`,
			`Secrets["B"]: must not be in Environment too`,
			`Secrets["C"]: must not be in Parameters too`,
		}},
		{Name: "nothing to read", Edit: func(p *props) {
			p.Parameters = map[string]awsssm.IParameter{"A": nil}
			p.Secrets = map[string]expressservice.Secret{"B": {Field: "a:b"}}
		}, Want: []string{
			`Parameters["A"]: must be given`,
			`Secrets["B"].Secret: must be given`,
			`Secrets["B"].Field: must have no colon, got "a:b"`,
		}},
		{Name: "tokens", Edit: func(p *props) {
			p.Name, p.Image, p.HealthCheckPath = token, token, token
			p.Secrets = map[string]expressservice.Secret{"A": {Secret: fakeSecret{}, Field: token}}
		}},
		{Name: "tag of a token", Edit: repository(token)},
		{Name: "size", Edit: func(p *props) { p.CPU, p.Memory = 4096, 30720 }},
		{Name: "CPU alone", Edit: func(p *props) { p.CPU = 32768 }},
		{Name: "CPU", Edit: func(p *props) { p.CPU = 128 },
			Want: []string{"CPU: must be one of 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, got 128"}},
		{Name: "memory", Edit: func(p *props) { p.Memory = 4096 }, Want: []string{"Memory: must be one of 512, 1024, 2048 with 256 CPU units, got 4096"}},
		{Name: "memory of more CPU", Edit: func(p *props) { p.CPU, p.Memory = 1024, 1024 },
			Want: []string{"Memory: must be between 2048 and 8192 in steps of 1024 with 1024 CPU units, got 1024"}},
		{Name: "health check with a query", Edit: func(p *props) { p.HealthCheckPath = "/ping?format=json" }},
		{Name: "health check", Edit: func(p *props) { p.HealthCheckPath = "HTTP:80/ping" }, Want: []string{`HealthCheckPath: must start with /, got "HTTP:80/ping"`}},
		{Name: "longest health check", Edit: func(p *props) { p.HealthCheckPath = "/" + strings.Repeat("a", 1023) }},
		{Name: "health check too long", Edit: func(p *props) { p.HealthCheckPath = "/" + strings.Repeat("a", 1024) },
			Want: []string{"HealthCheckPath: must have at most 1024 characters, got 1025"}},
		{Name: "most tasks", Edit: func(p *props) { p.Scaling = expressservice.Scaling{MinTasks: new(5000)} }},
		{Name: "no task", Edit: func(p *props) { p.Scaling = expressservice.Scaling{MinTasks: new(0), MaxTasks: 1} }},
		{Name: "more tasks than the default", Edit: func(p *props) { p.Scaling.MinTasks = new(40) }},
		{Name: "fewer than no task", Edit: func(p *props) { p.Scaling.MinTasks = new(-1) }, Want: []string{"Scaling.MinTasks: must be between 0 and 5000, got -1"}},
		{Name: "too many tasks", Edit: func(p *props) { p.Scaling.MinTasks = new(5001) }, Want: []string{"Scaling.MinTasks: must be between 0 and 5000, got 5001"}},
		{Name: "too many tasks at most", Edit: func(p *props) { p.Scaling.MaxTasks = 5001 }, Want: []string{"Scaling.MaxTasks: must be between 1 and 5000, got 5001"}},
		{Name: "tasks the wrong way round", Edit: func(p *props) { p.Scaling.MaxTasks = 1 }, Want: []string{"Scaling.MaxTasks: must not be below MinTasks, 2, got 1"}},
		{Name: "metric", Edit: func(p *props) { p.Scaling.Metric = "CPU" },
			Want: []string{"Scaling.Metric: must be one of AVERAGE_CPU, AVERAGE_MEMORY, REQUEST_COUNT_PER_TARGET, got CPU"}},
		{Name: "percent", Edit: func(p *props) { p.Scaling.Metric, p.Scaling.Target = expressservice.Memory, 100 }},
		{Name: "percent too low", Edit: func(p *props) { p.Scaling.Target = -1 }, Want: []string{"Scaling.Target: must be between 1 and 100 percent, got -1"}},
		{Name: "percent too high", Edit: func(p *props) { p.Scaling.Metric, p.Scaling.Target = expressservice.Memory, 101 },
			Want: []string{"Scaling.Target: must be between 1 and 100 percent, got 101"}},
		{Name: "requests", Edit: func(p *props) { p.Scaling.Metric, p.Scaling.Target = expressservice.RequestsPerTarget, 65536 }},
		{Name: "requests left out", Edit: func(p *props) { p.Scaling.Metric = expressservice.RequestsPerTarget },
			Want: []string{"Scaling.Target: must be given with Metric REQUEST_COUNT_PER_TARGET"}},
		{Name: "too many requests", Edit: func(p *props) { p.Scaling.Metric, p.Scaling.Target = expressservice.RequestsPerTarget, 65537 },
			Want: []string{"Scaling.Target: must be between 1 and 65536 requests, got 65537"}},
		{Name: "VPC", Edit: func(p *props) {
			p.VPC, p.Subnets, p.SecurityGroups = fakeVpc{}, &awsec2.SubnetSelection{}, []awsec2.ISecurityGroup{fakeGroup{}}
		}},
		{Name: "no VPC", Edit: func(p *props) {
			p.Subnets, p.SecurityGroups = &awsec2.SubnetSelection{}, []awsec2.ISecurityGroup{fakeGroup{}}
		},
			Want: []string{"Subnets: must be left out without VPC", "SecurityGroups: must be left out without VPC"}},
		{Name: "retention", Edit: func(p *props) { p.LogRetentionDays = 2 }, Want: []string{
			"LogRetentionDays: must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653, got 2",
		}},
		{Name: "removal policy", Edit: func(p *props) { p.RemovalPolicy = "SNAPSHOT" },
			Want: []string{"RemovalPolicy: must be one of RETAIN, DESTROY, got SNAPSHOT"}},
		{Name: "several", Edit: func(p *props) {
			*p = props{Name: "#", Tag: "1", Port: 70000, CPU: 512, Memory: 512, HealthCheckPath: "ping", Subnets: &awsec2.SubnetSelection{}, RemovalPolicy: "KEEP",
				Environment: map[string]string{"1": ""}, Scaling: expressservice.Scaling{MinTasks: new(3), MaxTasks: 2, Target: 200}}
		}, Want: []string{
			`Name: must be up to 255 letters, digits, _ and -, got "#"`,
			"Image: must be given, or Repository and Tag",
			"Tag: must be left out without Repository; Image has its own",
			"Port: must be between 1 and 65535, got 70000",
			`Environment["1"]: must be named with letters, digits and _, and not start with a digit`,
			"Memory: must be between 1024 and 4096 in steps of 1024 with 512 CPU units, got 512",
			`HealthCheckPath: must start with /, got "ping"`,
			"Scaling.MaxTasks: must not be below MinTasks, 3, got 2",
			"Scaling.Target: must be between 1 and 100 percent, got 200",
			"Subnets: must be left out without VPC",
			"RemovalPolicy: must be one of RETAIN, DESTROY, got KEEP",
		}},
	})
}

func TestServiceProps_Validate_Nil(t *testing.T) {
	err := (*expressservice.ServiceProps)(nil).Validate()
	if err == nil || err.Error() != "invalid expressservice.ServiceProps:\n  - Image: must be given, or Repository and Tag" {
		t.Error(err)
	}
}
