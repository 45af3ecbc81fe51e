package canary

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssynthetics"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/awsid"
	"github.com/strata-cdk/strata/internal/defaults"
	"github.com/strata-cdk/strata/internal/sorted"
)

// Step is a request, and what its answer must be. Redirects are answers like others: they are not followed.
type Step struct {
	// Name is the step's name in reports and metrics: 1 to 64 letters, digits, spaces, _ and -, and another one for each step.
	// Default: "step-1" for the first step, "step-2" for the second, ...
	Name string
	// URL is the address that is requested, such as "https://www.example.com/health". It is readable in the template.
	// Required.
	URL string
	// AllowPlaintext lets URL start with http://.
	// Default: false, it starts with https://.
	AllowPlaintext bool
	// Method is the method of HTTP: GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS.
	// Default: "GET".
	Method string
	// Headers are headers of the request. They are readable in the template: Authorization, Cookie and Proxy-Authorization are
	// refused.
	// Default: User-Agent only, which is strata-canary.
	Headers map[string]string
	// Body is the body of the request. It is readable in the template. It goes without GET and HEAD.
	// Default: none.
	Body string
	// Status are the statuses that are fine, 100 to 599 each.
	// Default: 200.
	Status []int
	// BodyContains is a text that the first MiB of the answer's body must contain.
	// Default: none, any body is fine.
	BodyContains string
	// MaxLatency is how long the whole answer may take, from the look-up of the name to the end of the body, in milliseconds
	// at the least and 5 min at the most.
	// Default: 5 s.
	MaxLatency time.Duration
	// CertificateDays is for how many days the server's certificate must still be valid, 1 to 365. A certificate that is not
	// trusted fails the step in any case.
	// Default: 14.
	CertificateDays int
	// IgnoreCertificateExpiry accepts certificates until they expire. It goes without CertificateDays.
	// Default: false.
	IgnoreCertificateExpiry bool
}

// Alarms sets when the alarms fire and whom they tell.
type Alarms struct {
	// Topic receives the alarms.
	// Default: a new topic, encrypted and for TLS only; subscribe to Canary.AlarmTopic.
	Topic awssns.ITopic
	// Disable leaves all alarms out.
	// Default: false.
	Disable bool
	// SuccessPercent is the share of successful runs, above 0 up to 100, under which an alarm fires (in 2 of 3 intervals). An
	// interval without a run counts as one that failed.
	// Default: 100.
	SuccessPercent float64
	// Duration is how long a run may take; an alarm fires over it (in 2 of 3 intervals). At most Props.Timeout.
	// Default: 80 % of Props.Timeout.
	Duration time.Duration
}

// Props configures a Canary.
type Props struct {
	// Name is the canary's name: 1 to 255 lower case letters, digits, _ and -. It is part of the requests that the canary sends.
	// Another name replaces the canary.
	// Default: a name of at most 64 characters that is made from the construct's path.
	Name string
	// Steps are the requests, one after the other: at most 10. A step that fails fails the run, and the next steps run
	// nevertheless. Steps or Script is required.
	Steps []Step
	// Script is a script of your own in JavaScript that exports handler, for what Steps cannot do, such as pages in the
	// browser. It goes without Steps.
	// Default: none.
	Script string
	// Environment are environment variables of Script. They are readable in the template: put nothing secret there. It goes
	// with Script.
	// Default: none.
	Environment map[string]string
	// RuntimeVersion is the runtime, syn-nodejs-puppeteer-13.1 or later: the script asks for the names of modules that it has.
	// Default: "syn-nodejs-puppeteer-15.0".
	RuntimeVersion string
	// Interval is the time between runs in whole minutes, 1 to 60.
	// Default: 5 min.
	Interval time.Duration
	// Timeout is how long a run may take in whole seconds, 15 s to 14 min, and no longer than Interval: 15 s, which the
	// start may need, and MaxLatency of all steps at the least.
	// Default: 60 s, or what the steps need where that is more.
	Timeout time.Duration
	// MaxRetries is how often a run that failed is tried again at once, 0 to 2.
	// Default: 0.
	MaxRetries int
	// DryRunAndUpdate runs the new canary once before an update, which fails with it. An update of the canary then fails as
	// well while what it looks at is down.
	// Default: false.
	DryRunAndUpdate bool
	// DisableStart creates the canary without starting it.
	// Default: false.
	DisableStart bool
	// DisableTracing leaves runs out of AWS X-Ray.
	// Default: false, runs are traced.
	DisableTracing bool
	// RetentionDays is how long the results of runs and a new bucket's artifacts are kept, 1 to 455 days.
	// Default: 31.
	RetentionDays int
	// VPC is the VPC that the canary runs in. From there, it must reach CloudWatch and Amazon S3, by a NAT or endpoints.
	// Default: none, it reaches what is public.
	VPC awsec2.IVpc
	// Subnets are the subnets of VPC to run in.
	// Default: the private ones.
	Subnets *awsec2.SubnetSelection
	// SecurityGroups are those of the canary in VPC.
	// Default: a new one that lets everything out.
	SecurityGroups []awsec2.ISecurityGroup
	// ArtifactsBucket receives logs and reports of runs.
	// Default: a new bucket, encrypted with Key, private and for TLS only, whose objects expire after RetentionDays.
	ArtifactsBucket awss3.IBucket
	// Key encrypts the artifacts and a new topic.
	// Default: a new key that rotates yearly.
	Key awskms.IKey
	// Alarms sets when the alarms fire and whom they tell.
	// Default: all of them, to a new topic.
	Alarms Alarms
	// RemovalPolicy says what becomes of a new bucket and a new key when the stack is deleted. A bucket that has objects is not
	// deleted. The canary is, with its function.
	// Default: awscdk.RemovalPolicy_RETAIN.
	RemovalPolicy awscdk.RemovalPolicy
	// ConfigureCanary edits the L2 props last, after all defaults.
	// Default: no edit.
	ConfigureCanary func(*awssynthetics.CanaryProps)
}

var (
	canaryName = regexp.MustCompile(`^[0-9a-z_-]{1,255}$`)
	stepName   = regexp.MustCompile(`^[0-9A-Za-z_-][0-9A-Za-z _-]{0,63}$`)
	header     = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")
	variable   = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)
	runtime    = regexp.MustCompile(`^syn-nodejs-puppeteer-(13\.[1-9][0-9]*|(1[4-9]|[2-9][0-9])\.[0-9]+)$`)

	methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
	secret  = []string{"authorization", "cookie", "proxy-authorization"}
)

const (
	coldStart   = 15 * time.Second // the least timeout that AWS advises
	longest     = 14 * time.Minute
	environment = 4096 // bytes of all variables
)

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *Props) Validate() error {
	d, c := p.withDefaults(), check.For("canary.Props")
	c.That(d.Name == "" || canaryName.MatchString(d.Name), "Name", "must be 1 to 255 lower case letters, digits, _ and -, got %q", d.Name)
	c.That((len(d.Steps) > 0) != (d.Script != ""), "", "must have either Steps or Script")
	c.That(len(d.Steps) <= 10, "Steps", "must be at most 10, got %d", len(d.Steps))
	names := make([]string, len(d.Steps))
	for i, s := range d.Steps {
		s.validate(c.At(check.Index("Steps", i)))
		names[i] = s.Name
	}
	awsid.OnceEach(c, "Steps", names)
	c.That(d.Script != "" || len(d.Environment) == 0, "Environment", "must be left out without Script")
	size := 0
	for k, v := range sorted.All(d.Environment) {
		c.That(variable.MatchString(k), check.Key("Environment", k), "must be named by a letter, then letters, digits and _")
		size += len(k) + len(v)
	}
	c.That(size <= environment, "Environment", "must have at most %d bytes in all, got %d", environment, size)
	c.That(runtime.MatchString(d.RuntimeVersion), "RuntimeVersion", "must be syn-nodejs-puppeteer-13.1 or later, got %q", d.RuntimeVersion)
	check.Range(c, "Interval", d.Interval, time.Minute, time.Hour)
	check.WholeMinutes(c, "Interval", d.Interval)
	d.validateTimeout(c)
	check.Range(c, "MaxRetries", d.MaxRetries, 0, 2)
	check.Range(c, "RetentionDays", d.RetentionDays, 1, 455)
	c.That(d.VPC != nil || d.Subnets == nil, "Subnets", "must be left out without VPC")
	c.That(d.VPC != nil || len(d.SecurityGroups) == 0, "SecurityGroups", "must be left out without VPC")
	d.Alarms.validate(c.At("Alarms"), d.Timeout)
	check.OneOf(c, "RemovalPolicy", d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN, awscdk.RemovalPolicy_DESTROY)
	return c.Err()
}

func (p *Props) validateTimeout(c *check.List) {
	check.Range(c, "Timeout", p.Timeout, coldStart, longest)
	check.WholeSeconds(c, "Timeout", p.Timeout)
	c.That(p.Timeout <= p.Interval, "Timeout", "must be at most Interval, which is %v, got %v", p.Interval, p.Timeout)
	c.That(p.Timeout >= p.needed(), "Timeout", "must be at least 15s and MaxLatency of all steps, %v, got %v", p.needed(), p.Timeout)
}

// needed is how long a run takes whose steps all take as long as they may.
func (p *Props) needed() time.Duration {
	sum := coldStart
	for _, s := range p.Steps {
		sum += s.MaxLatency
	}
	return sum
}

func (s Step) validate(c *check.List) {
	c.That(stepName.MatchString(s.Name), "Name", "must be 1 to 64 letters, digits, spaces, _ and -, got %q", s.Name)
	s.validateURL(c)
	check.OneOf(c, "Method", s.Method, methods...)
	for k, v := range sorted.All(s.Headers) {
		field := check.Key("Headers", k)
		c.That(header.MatchString(k), field, "must be named as a header of HTTP is")
		c.That(!slices.Contains(secret, strings.ToLower(k)), field, "must be left out: it would be readable in the template")
		c.That(!strings.ContainsAny(v, "\r\n\x00"), field, "must be one line, got %q", v)
	}
	c.That(s.Body == "" || s.Method != "GET" && s.Method != "HEAD", "Body", "must be left out with Method %s", s.Method)
	for i, status := range s.Status {
		check.Range(c, check.Index("Status", i), status, 100, 599)
	}
	c.That(s.BodyContains == "" || s.Method != "HEAD", "BodyContains", "must be left out with Method HEAD, whose answers have no body")
	check.Range(c, "MaxLatency", s.MaxLatency, time.Millisecond, 5*time.Minute)
	c.That(s.MaxLatency%time.Millisecond == 0, "MaxLatency", "must be whole milliseconds, got %v", s.MaxLatency)
	if s.IgnoreCertificateExpiry {
		c.That(s.CertificateDays == 0, "CertificateDays", "must be left out with IgnoreCertificateExpiry")
	} else {
		check.Range(c, "CertificateDays", s.CertificateDays, 1, 365)
	}
}

func (s Step) validateURL(c *check.List) {
	if check.IsToken(s.URL) {
		c.That(!strings.HasPrefix(s.URL, "http://") || s.AllowPlaintext, "URL", "must start with https://, or AllowPlaintext be set")
		return
	}
	u, err := url.Parse(s.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		c.Add("URL", "must be an address such as https://www.example.com/health, got %q", s.URL)
		return
	}
	c.That(u.Scheme == "https" || s.AllowPlaintext, "URL", "must start with https://, or AllowPlaintext be set")
	c.That(u.User == nil, "URL", "must have no user and password: they would be readable in the template")
}

func (a Alarms) validate(c *check.List, timeout time.Duration) {
	c.That(0 < a.SuccessPercent && a.SuccessPercent <= 100, "SuccessPercent", "must be above 0 and at most 100, got %v", a.SuccessPercent)
	c.That(0 < a.Duration && a.Duration <= timeout, "Duration", "must be above 0s and at most Timeout, which is %v, got %v", timeout, a.Duration)
}

func (p *Props) withDefaults() Props {
	var d Props
	if p != nil {
		d = *p
	}
	d.Steps = slices.Clone(d.Steps)
	for i := range d.Steps {
		d.Steps[i].setDefaults(i)
	}
	d.Environment = maps.Clone(d.Environment)
	defaults.Or(&d.RuntimeVersion, "syn-nodejs-puppeteer-15.0")
	defaults.Or(&d.Interval, 5*time.Minute)
	defaults.Or(&d.Timeout, max(time.Minute, d.needed().Truncate(time.Second)+time.Second))
	defaults.Or(&d.RetentionDays, 31)
	defaults.Or(&d.Alarms.SuccessPercent, 100)
	defaults.Or(&d.Alarms.Duration, d.Timeout*4/5)
	defaults.Or(&d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN)
	return d
}
