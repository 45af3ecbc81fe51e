package stacks

import (
	"os"
	"path/filepath"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/constructs/beanstalk"
	"github.com/strata-cdk/strata/internal/gobuild"
)

// BeanstalkStackProps configures a BeanstalkStack.
type BeanstalkStackProps struct {
	awscdk.StackProps
	// Stage is what the application is for.
	Stage Stage
	// Network is where it runs. Validate does not look at it, so that settings can be checked before any stack is built.
	Network *NetworkStack
	// Architecture is what its instances have, "arm64" or "x86_64".
	// Default: "arm64".
	Architecture string
	// Domain is the name of the application, served to the internet over HTTPS by two environments, blue and green.
	// Default: the zero value, one environment that serves HTTP inside the VPC.
	Domain Domain
	// GreenPercent is the share of the clients, 0 to 100, that green gets. It needs Domain.
	// Default: 0.
	GreenPercent int
}

// BeanstalkStack is a web application and a worker on Elastic Beanstalk. New versions of the application get a share of the requests
// before they get all. Its outputs are Url and QueueUrl.
type BeanstalkStack struct {
	awscdk.Stack
	// App is the application of all environments.
	App *beanstalk.App
	// Sides are the environments of the web application behind Domain; nil without it.
	Sides *beanstalk.BlueGreen
	// Web is the environment of the web application; nil with Domain.
	Web *beanstalk.WebEnvironment
	// Worker does chores.
	Worker *beanstalk.WorkerEnvironment
}

// goBranch is the branch of platforms that the programs run on, and goVersion its version.
const goBranch, goVersion = "Go 1 running on 64bit Amazon Linux 2023", "4.4.0"

// NewBeanstalkStack defines a BeanstalkStack named id in scope. It panics with a *check.Error when props are invalid, or a program does
// not build.
func NewBeanstalkStack(scope constructs.Construct, id string, props *BeanstalkStackProps) *BeanstalkStack {
	check.Must(scope.Node().Path(), id, props.Validate())
	s := &BeanstalkStack{}
	awscdk.NewStack_Override(s, scope, &id, &props.StackProps)
	dir, err := os.MkdirTemp("", "strata-") // bundles are read from it until they are assets
	check.Must(scope.Node().Path(), id, err)
	defer os.RemoveAll(dir)
	s.App = beanstalk.NewApp(s, "App", &beanstalk.AppProps{RemovalPolicy: props.Stage.removal()})

	web := &beanstalk.WebEnvironmentProps{EnvironmentProps: props.environment(s, dir, greeter)}
	web.Deployment = beanstalk.Deployment{Policy: beanstalk.TrafficSplitting, NewVersionPercent: 20}
	web.Variables = map[string]string{"COLOR": "blue"}
	web.LoadBalancer.Processes = map[string]beanstalk.TargetProcess{"default": {HealthPath: "/health"}}
	url := s.addWeb(props, web)

	worker := &beanstalk.WorkerEnvironmentProps{EnvironmentProps: props.environment(s, dir, chores)}
	worker.Deployment = beanstalk.Deployment{Policy: beanstalk.Immutable}
	s.Worker = beanstalk.NewWorkerEnvironment(s, "Worker", worker)

	awscdk.NewCfnOutput(s, jsii.String("Url"), &awscdk.CfnOutputProps{Value: url, Description: jsii.String("Address of the application")})
	awscdk.NewCfnOutput(s, jsii.String("QueueUrl"), &awscdk.CfnOutputProps{Value: s.Worker.Queue.QueueUrl(), Description: jsii.String("Queue of chores")})
	return s
}

// addWeb defines the environments of the web application, and returns its address.
func (s *BeanstalkStack) addWeb(p *BeanstalkStackProps, web *beanstalk.WebEnvironmentProps) *string {
	if p.Domain == (Domain{}) {
		web.LoadBalancer.Internal, web.LoadBalancer.AllowPlaintext, web.LoadBalancer.AllowedCIDRs = true, true, []string{vpcRange}
		s.Web = beanstalk.NewWebEnvironment(s, "Web", web)
		return jsii.String("http://" + *s.Web.EndpointURL() + "/")
	}
	zone := awsroute53.HostedZone_FromHostedZoneAttributes(s, jsii.String("Zone"), &awsroute53.HostedZoneAttributes{
		HostedZoneId: &p.Domain.HostedZoneID, ZoneName: &p.Domain.HostedZone,
	})
	web.LoadBalancer.Certificate = awscertificatemanager.NewCertificate(s, jsii.String("Certificate"), &awscertificatemanager.CertificateProps{
		DomainName: &p.Domain.Name, Validation: awscertificatemanager.CertificateValidation_FromDns(zone),
	})
	// In a real rollout one side keeps the bundle of the last release, until the other has all clients.
	green := *web
	green.Variables = map[string]string{"COLOR": "green"}
	prefix := "strata-" + *s.Account() + "-"
	web.CNAMEPrefix, green.CNAMEPrefix = prefix+"blue", prefix+"green"
	s.Sides = beanstalk.NewBlueGreen(s, "Web", &beanstalk.BlueGreenProps{
		Zone: zone, Domain: p.Domain.Name, Blue: web, Green: &green, GreenPercent: p.GreenPercent,
	})
	return s.Sides.URL()
}

// AlarmTopic is the ARN of the topic that alarms go to.
func (s *BeanstalkStack) AlarmTopic() *string { return s.App.AlarmTopic.TopicArn() }

func (p *BeanstalkStackProps) architecture() beanstalk.Architecture {
	if p.Architecture == "" {
		return beanstalk.ARM64
	}
	return beanstalk.Architecture(p.Architecture)
}

// program is a program in Go that a bundle packs.
type program struct {
	// name is the folder of its main package below functions.
	name string
	// tasks are what it does periodically.
	tasks []beanstalk.PeriodicTask
}

var (
	greeter = program{name: "greeter"}
	chores  = program{name: "chores", tasks: []beanstalk.PeriodicTask{{Name: "tidy", URL: "/tidy", Schedule: "30 3 * * *"}}}
)

// goArchs are the names that Go has for architectures.
var goArchs = map[beanstalk.Architecture]string{beanstalk.ARM64: "arm64", beanstalk.X86: "amd64"}

// bundle builds the program from the functions folder of root and packs it. Its files are in dir. With required false, as for "cdk list"
// and "cdk destroy", nothing is built, and a file of no use stands for the program.
func (p program) bundle(root, dir, goarch string, required bool) (*beanstalk.Bundle, error) {
	dir = filepath.Join(dir, p.name)
	if err := os.Mkdir(dir, 0o755); err != nil {
		return nil, err
	}
	if !required {
		if err := os.WriteFile(filepath.Join(dir, "bootstrap"), []byte("not built"), 0o600); err != nil {
			return nil, err
		}
	} else if err := gobuild.Build(root+"/functions/"+p.name, goarch, dir); err != nil {
		return nil, err
	}
	return beanstalk.NewBundle(&beanstalk.BundleProps{
		Directory: dir, Procfile: []beanstalk.Process{{Name: "web", Command: "./bootstrap"}}, Tasks: p.tasks,
	})
}

// environment are the settings of all environments.
func (p *BeanstalkStackProps) environment(s *BeanstalkStack, dir string, program program) beanstalk.EnvironmentProps {
	bundle, err := program.bundle(".", dir, goArchs[p.architecture()], *s.BundlingRequired())
	if err != nil {
		c := check.For("stacks.BeanstalkStackProps")
		c.Add("", "./functions/%s: %v", program.name, err)
		check.Must(s.Node().Path(), program.name, c.Err())
	}
	e := beanstalk.EnvironmentProps{
		App: s.App, Bundle: bundle, Platform: beanstalk.Platform{Branch: goBranch, Version: goVersion},
		VPC: p.Network.VPC.Vpc, Subnets: p.Network.VPC.Workloads(), Instances: beanstalk.Instances{Architecture: p.architecture()},
	}
	if p.Stage != Prod {
		e.Scaling = beanstalk.Scaling{Min: 1, Max: 2}
	}
	return e
}

// Validate reports every invalid field at once.
func (p *BeanstalkStackProps) Validate() error {
	c := check.For("stacks.BeanstalkStackProps")
	if p == nil {
		p = &BeanstalkStackProps{}
	}
	p.Stage.validate(c)
	check.OneOf(c, "Architecture", string(p.architecture()), "arm64", "x86_64")
	p.Domain.validate(c)
	check.Range(c, "GreenPercent", p.GreenPercent, 0, 100)
	c.That(p.GreenPercent == 0 || p.Domain != (Domain{}), "GreenPercent", "needs Domain")
	return c.Err()
}
