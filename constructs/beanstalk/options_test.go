package beanstalk

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/check"
)

// token is what a value that is known only at deployment looks like.
const token = "${Token[TOKEN.7]}"

// optionProblems are the problems of options, one a line.
func optionProblems(options []Option, managed ...Option) []string {
	c := check.For("")
	CheckOptions(c, "Raw", options, managed...)
	return lines(c.Err())
}

func lines(err error) []string {
	var e *check.Error
	if !errors.As(err, &e) {
		return nil
	}
	var out []string
	for _, p := range e.Problems {
		out = append(out, p.String())
	}
	return out
}

// opt reads "namespace|name=value", with what the namespaces start with left out where it is short for
// aws:elasticbeanstalk.
func opt(text string) Option {
	key, value, _ := strings.Cut(text, "=")
	namespace, name, _ := strings.Cut(key, "|")
	if !strings.HasPrefix(namespace, "aws:") {
		namespace = "aws:elasticbeanstalk:" + namespace
	}
	return Option{Namespace: namespace, Name: name, Value: value}
}

func opts(texts ...string) []Option {
	out := make([]Option, len(texts))
	for i, t := range texts {
		out[i] = opt(t)
	}
	return out
}

func TestCheckOptions(t *testing.T) {
	action := func(name, resource string) Option {
		o := opt("aws:autoscaling:scheduledaction|" + name)
		o.ResourceName = resource
		return o
	}
	for name, c := range map[string]struct {
		options []Option
		managed []Option
		want    []string
	}{
		"good": {options: opts("aws:autoscaling:asg|MinSize=2", "aws:autoscaling:asg|MaxSize=4", "application:environment|NODE_ENV=production",
			"environment:process:api|Port=8080", "aws:elbv2:listener:443|Protocol=HTTPS", "aws:elbv2:listener:default|ListenerEnabled=false")},
		"tokens pass": {options: opts("aws:autoscaling:asg|MinSize="+token, "aws:ec2:vpc|VPCId="+token, token+"|"+token+"=x",
			"aws:ec2:vpc|Subnets=`{\"Ref\": \"Subnet\"}`", "application:environmentsecrets|A="+token)},
		"nothing": {options: []Option{{}}, want: []string{"Raw[0].Namespace: is required", "Raw[0].Name: is required"}},
		"namespace": {options: opts("aws:autoscaling:asgg|MinSize=2"),
			want: []string{"Raw[0].Namespace: is not one that Elastic Beanstalk documents: aws:autoscaling:asgg; did you mean aws:autoscaling:asg?"}},
		"namespace unlike any": {options: opts("aws:lambda|MinSize=2"), want: []string{"Raw[0].Namespace: is not one that Elastic Beanstalk documents: aws:lambda"}},
		"option":               {options: opts("aws:autoscaling:asg|minsize=2"), want: []string{"Raw[0].Name: is not an option of aws:autoscaling:asg: minsize; did you mean MinSize?"}},
		"undocumented": {options: []Option{{Namespace: "aws:new", Name: "X", Undocumented: true}, {Namespace: "aws:autoscaling:asg", Name: "New", Undocumented: true},
			{Namespace: "aws:autoscaling:asg", Name: "MinSize", Value: "0", Undocumented: true}},
			want: []string{"Raw[2].Value: must be a whole number between 1 and 10000, got 0"}},
		"listener port": {options: opts("aws:elbv2:listener:https|Protocol=HTTPS"),
			want: []string{"Raw[0].Namespace: is not one that Elastic Beanstalk documents: aws:elbv2:listener:https; it must have the form aws:elbv2:listener:{port}"}},
		"process name": {options: opts("environment:process:a b|Port=1"),
			want: []string{"Raw[0].Namespace: is not one that Elastic Beanstalk documents: aws:elasticbeanstalk:environment:process:a b; it must have the form aws:elasticbeanstalk:environment:process:{process}"}},
		"range":    {options: opts("command|Timeout=3601", "command|Timeout=x"), want: []string{"Raw[0].Value: must be a whole number between 1 and 3600, got 3601", "Raw[1].Value: must be a whole number between 1 and 3600, got x", "Raw[1]: sets aws:elasticbeanstalk:command Timeout, which Raw[0] sets as well"}},
		"no upper": {options: opts("container:python|NumThreads=0"), want: []string{"Raw[0].Value: must be a whole number, 1 or more, got 0"}},
		"number":   {options: opts("aws:ec2:instances|SpotMaxPrice=0", "aws:autoscaling:trigger|UpperThreshold=NaN"), want: []string{"Raw[0].Value: must be a number between 0.001 and 20, or null, got 0", "Raw[1].Value: must be a number between 0 and 20000000, got NaN"}},
		"allowed":  {options: opts("command|DeploymentPolicy=rolling"), want: []string{"Raw[0].Value: must be one of AllAtOnce, Rolling, RollingWithAdditionalBatch, Immutable, TrafficSplitting, got rolling"}},
		"bool":     {options: opts("xray|XRayEnabled=yes", "hostmanager|LogPublicationControl=True"), want: []string{"Raw[0].Value: must be true or false, got yes"}},
		"empty":    {options: opts("xray|XRayEnabled="), want: []string{"Raw[0].Value: must be true or false, got an empty one"}},
		"duration": {options: opts("aws:autoscaling:updatepolicy:rollingupdate|Timeout=PT4M", "aws:autoscaling:updatepolicy:rollingupdate|PauseTime=PT", "aws:autoscaling:updatepolicy:rollingupdate|MaxBatchSize=2"),
			want: []string{"Raw[0].Value: must be a duration of ISO 8601 between 5m0s and 1h0m0s, such as PT5M, got PT4M", "Raw[1].Value: must be a duration of ISO 8601 between 0s and 1h0m0s, such as PT5M, got PT"}},
		"pattern": {options: opts("managedactions|PreferredStartTime=Tue:25:00"), want: []string{"Raw[0].Value: must be day, hour and minute in UTC, such as Tue:09:00, got Tue:25:00"}},
		"list": {options: opts("aws:ec2:instances|InstanceTypes=t4g.small, big", "aws:ec2:instances|SupportedArchitectures=arm64,mips"),
			want: []string{"Raw[0].Value: must be a list of instance types, such as t4g.small, parted by commas, got big", "Raw[1].Value: must be a list of one of arm64, x86_64, i386, parted by commas, got mips"}},
		"long list": {options: opts("aws:ec2:instances|InstanceTypes=" + strings.Repeat("t4g.small,", 40) + "t3.small"), want: []string{"Raw[0].Value: must have at most 40 elements, got 41"}},
		"full list": {options: opts("aws:ec2:instances|InstanceTypes=" + strings.Repeat("t4g.small,", 39) + "t3.small")},
		"json":      {options: opts("healthreporting:system|ConfigDocument={"), want: []string{"Raw[0].Value: must be a JSON document, got {"}},
		"free name": {options: opts("application:environment|A B=1", "environment:proxy:staticfiles|images=x"),
			want: []string{`Raw[0].Name: must be letters, digits and _ . : / + \ - @, got "A B"`, `Raw[1].Name: must be a path that starts with /, got "images"`}},
		"secret": {options: opts("application:environmentsecrets|DB=hunter2", "application:environmentsecrets|A=arn:aws:secretsmanager:eu-central-1:111122223333:secret:db-AbCdEf", "application:environmentsecrets|B=arn:aws:ssm:eu-central-1:111122223333:parameter/db"),
			want: []string{"Raw[0].Value: must be the ARN of a secret of Secrets Manager or of a parameter of Systems Manager"}},
		"twice": {options: opts("xray|XRayEnabled=true", "application:environment|a=1", "application:environment|A=1", "xray|XRayEnabled=true"),
			want: []string{"Raw[3]: sets aws:elasticbeanstalk:xray XRayEnabled, which Raw[0] sets as well"}},
		"managed": {options: opts("xray|XRayEnabled=false"), managed: opts("xray|XRayEnabled=true"),
			want: []string{"Raw[0]: sets aws:elasticbeanstalk:xray XRayEnabled, which the environment sets as well"}},
		"twice by resource name": {options: []Option{{Namespace: "aws:autoscaling:asg", Name: "MinSize", Value: "1", ResourceName: "AWSEBAutoScalingGroup"}, opt("aws:autoscaling:asg|MinSize=1")},
			want: []string{"Raw[1]: sets aws:autoscaling:asg MinSize, which Raw[0] sets as well"}},
		"actions": {options: []Option{action("MinSize=1", "up"), action("MinSize=2", "down"), action("MinSize=3", ""), action("MinSize=3", "up"), action("Recurrence=0 8 * *", "a/b"), action("StartTime=tomorrow", token)},
			want: []string{"Raw[2].ResourceName: is required in aws:autoscaling:scheduledaction: it names the action",
				"Raw[3]: sets aws:autoscaling:scheduledaction MinSize of up, which Raw[0] sets as well",
				`Raw[4].ResourceName: must be at most 255 characters, without : / \ and comma, got "a/b"`,
				`Raw[4].Value: must be a cron expression of five fields, such as "30 4 * * 1-5", got 0 8 * *`,
				"Raw[5].Value: must be a timestamp of ISO 8601, such as 2030-04-28T04:07:00Z, got tomorrow"}},
		"action times": {options: []Option{action("StartTime=2030-04-28T04:07:00Z", "a"), action("EndTime=2030-05-28T04:07:00Z", "a"), action("Recurrence=0 8 * * 1-5", "a")}},
		"resource name elsewhere": {options: []Option{{Namespace: "aws:autoscaling:asg", Name: "MinSize", Value: "1", ResourceName: "mine"}},
			want: []string{"Raw[0].ResourceName: is only for options of aws:autoscaling:scheduledaction, got mine"}},
		"required": {options: opts("managedactions|ManagedActionsEnabled=true", "aws:elbv2:loadbalancer|AccessLogsS3Enabled=TRUE"),
			want: []string{"Raw[0]: aws:elasticbeanstalk:managedactions ManagedActionsEnabled true needs aws:elasticbeanstalk:managedactions PreferredStartTime",
				"Raw[0]: aws:elasticbeanstalk:managedactions ManagedActionsEnabled true needs aws:elasticbeanstalk:managedactions:platformupdate UpdateLevel",
				"Raw[0]: aws:elasticbeanstalk:managedactions ManagedActionsEnabled true needs aws:elasticbeanstalk:healthreporting:system SystemType to be enhanced",
				"Raw[1]: aws:elbv2:loadbalancer AccessLogsS3Enabled true needs aws:elbv2:loadbalancer AccessLogsS3Bucket"}},
		"required and managed": {options: opts("managedactions|ManagedActionsEnabled=true", "managedactions|PreferredStartTime=Tue:09:00"),
			managed: opts("managedactions:platformupdate|UpdateLevel=minor", "healthreporting:system|SystemType="+token)},
		"not required when off": {options: opts("managedactions|ManagedActionsEnabled=false")},
		"required without a value": {options: opts("windows:activedirectory|DirectoryId=d-0123456789"),
			want: []string{"Raw[0]: aws:elasticbeanstalk:windows:activedirectory DirectoryId needs aws:elasticbeanstalk:windows:activedirectory DirectoryName"}},
		"traffic splitting": {options: opts("command|DeploymentPolicy=TrafficSplitting", "environment|LoadBalancerType=network"),
			want: []string{"Raw[0]: aws:elasticbeanstalk:command DeploymentPolicy TrafficSplitting needs aws:elasticbeanstalk:environment LoadBalancerType to be application"}},
		"balancer of another type": {options: opts("aws:elb:policies|ConnectionDrainingEnabled=true"), managed: opts("environment|LoadBalancerType=application"),
			want: []string{"Raw[0]: aws:elb:policies ConnectionDrainingEnabled needs a load balancer of type classic, got application"}},
		"balancer of an unknown type": {options: opts("aws:elb:policies|ConnectionDrainingEnabled=true"), managed: opts("environment|LoadBalancerType=" + token)},
		"single instance": {options: opts("environment|EnvironmentType=SingleInstance", "aws:elbv2:loadbalancer|IdleTimeout=5"),
			want: []string{"Raw[1]: aws:elbv2:loadbalancer IdleTimeout is of a load balancer, which a SingleInstance environment does not have"}},
		"sizes":                       {options: opts("aws:autoscaling:asg|MinSize=5"), want: []string{"Raw: aws:autoscaling:asg MinSize 5 is above MaxSize 4"}},
		"sizes alike":                 {options: opts("aws:autoscaling:asg|MinSize=4")},
		"sizes unknown":               {options: opts("aws:autoscaling:asg|MinSize=5", "aws:autoscaling:asg|MaxSize="+token)},
		"batch of percent":            {options: opts("command|BatchSize=101"), want: []string{"Raw: aws:elasticbeanstalk:command BatchSize 101 is above 100 percent"}},
		"batch of instances":          {options: opts("command|BatchSize=5", "command|BatchSizeType=Fixed"), want: []string{"Raw: aws:elasticbeanstalk:command BatchSize 5 is above MaxSize 4"}},
		"batch of a larger group":     {options: opts("command|BatchSize=5", "command|BatchSizeType=Fixed"), managed: opts("aws:autoscaling:asg|MaxSize=5")},
		"batch of an unknown group":   {options: opts("command|BatchSize=500", "command|BatchSizeType=Fixed"), managed: opts("aws:autoscaling:asg|MaxSize=" + token)},
		"batch of an unknown measure": {options: opts("command|BatchSize=500", "command|BatchSizeType="+token)},
		"gp3":                         {options: opts("aws:autoscaling:launchconfiguration|RootVolumeType=gp3", "aws:autoscaling:launchconfiguration|RootVolumeIOPS=100", "aws:autoscaling:launchconfiguration|RootVolumeSize=9"), want: []string{"Raw: aws:autoscaling:launchconfiguration RootVolumeIOPS must be between 3000 and 16000 for gp3, got 100", "Raw: aws:autoscaling:launchconfiguration RootVolumeSize must be at least 10 for gp3, got 9"}},
		"standard": {options: opts("aws:autoscaling:launchconfiguration|RootVolumeType=standard", "aws:autoscaling:launchconfiguration|RootVolumeSize=1025", "aws:autoscaling:launchconfiguration|RootVolumeThroughput=125"),
			want: []string{"Raw: aws:autoscaling:launchconfiguration RootVolumeSize must be at most 1024 for standard, got 1025", "Raw: aws:autoscaling:launchconfiguration RootVolumeThroughput is only for gp3, got standard"}},
		"environment":          {options: opts("application:environment|A="+strings.Repeat("x", 4094), "application:environment|BB="+token, "healthreporting:system|ConfigDocument={}")},
		"environment too long": {options: opts("application:environment|A="+strings.Repeat("x", 4094), "application:environment|B="), want: []string{"Raw: the environment properties take 4098 bytes, at most 4096 fit"}},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.want, optionProblems(c.options, c.managed...))
		})
	}
}

func TestSortOptions_IsStableAndCopies(t *testing.T) {
	in := []Option{{Namespace: "b"}, {Namespace: "a", Name: "z"}, {Namespace: "a", Name: "y", ResourceName: "r"}, {Namespace: "a", Name: "b"}}
	want := []Option{{Namespace: "a", Name: "b"}, {Namespace: "a", Name: "z"}, {Namespace: "a", Name: "y", ResourceName: "r"}, {Namespace: "b"}}
	before := slices.Clone(in)
	for range 10 {
		assert.Equal(t, want, SortOptions(in))
		rand.Shuffle(len(in), func(i, j int) { in[i], in[j] = in[j], in[i] })
	}
	assert.ElementsMatch(t, before, in)
}

// TestTable holds the table to its own rules: a slip in it would refuse what is right or let through what is wrong.
func TestTable(t *testing.T) {
	table := documented()
	seen := map[string]bool{}
	count := 0
	all := func(yield func(*namespaceSpec)) {
		for _, n := range table.namespaces {
			yield(n)
		}
		for _, n := range table.templates {
			yield(n)
		}
	}
	all(func(n *namespaceSpec) {
		assert.True(t, (n.AnyName.Regexp == nil) == (len(n.Options) > 0), "%s has either options or free names", n.Name)
		assert.True(t, (n.AnyName.Regexp == nil) == (n.AnyForm == ""), n.Name)
		for _, o := range n.Options {
			key := n.Name + "|" + o.Name
			assert.False(t, seen[key], key)
			seen[key] = true
			count++
			assert.Contains(t, []string{"", "bool", "int", "number", "list", "duration", "timestamp", "cron", "json"}, o.Type, key)
			assert.Equal(t, o.Pattern.Regexp == nil, o.Form == "", "%s says what its pattern means", key)
			if o.Default != "" {
				c := check.For("")
				o.check(c, o.Default)
				assert.NoError(t, c.Err(), "the default of %s", key)
			}
			if o.Min != nil && o.Max != nil {
				assert.Less(t, *o.Min, *o.Max, key)
			}
			if o.Type == "duration" {
				assert.NotNil(t, o.Min, key)
				assert.NotNil(t, o.Max, key)
			}
		}
	})
	all(func(n *namespaceSpec) {
		for _, o := range n.Options {
			for _, r := range o.Requires {
				assert.True(t, seen[r.Option], "%s needs %s", o.Name, r.Option)
				assert.NotContains(t, r.Option, "{")
			}
		}
	})
	// A number that changes only when someone changes the table: what is lost in an edit shows.
	assert.Equal(t, 50, len(table.namespaces)+len(table.templates))
	assert.Equal(t, 212, count)
}

// TestEachOption_HoldsItsBounds tries values inside and outside of each documented option.
func TestEachOption_HoldsItsBounds(t *testing.T) {
	for name, n := range documented().namespaces {
		for _, o := range n.Options {
			wrong := func(v string) {
				c := check.For("")
				o.check(c, v)
				assert.Error(t, c.Err(), "%s %s = %s", name, o.Name, v)
			}
			right := func(v string) {
				c := check.For("")
				o.check(c, v)
				assert.NoError(t, c.Err(), "%s %s = %s", name, o.Name, v)
			}
			right(token)
			for _, v := range o.Values {
				right(v)
			}
			if len(o.Values) > 0 && o.Type != "list" {
				wrong(o.Values[0] + "?")
			}
			switch o.Type {
			case "bool":
				right("true")
				right("false")
				wrong("1")
			case "int", "number":
				wrong("many")
				if o.Min != nil {
					right(plain(*o.Min))
					wrong(plain(*o.Min - 1))
				}
				if o.Max != nil {
					right(plain(*o.Max))
					wrong(plain(*o.Max + 1))
				}
			case "duration":
				right(fmt.Sprintf("PT%dS", int(*o.Max)))
				wrong(fmt.Sprintf("PT%dS", int(*o.Max)+1))
				wrong("5m")
			}
		}
	}
}

func FuzzCheckOptions(f *testing.F) {
	f.Add("aws:autoscaling:asg", "MinSize", "1", "", true)
	f.Add("aws:autoscaling:scheduledaction", "Recurrence", "*/5 1-3,7 * jan sun", "night", false)
	f.Add("aws:elbv2:listener:443", "Rules", "a,b", "", false)
	f.Add("aws:autoscaling:updatepolicy:rollingupdate", "PauseTime", "PT1H", "AWSEB", false)
	f.Add("aws:elasticbeanstalk:application:environment", "A", "\"'\x00:\n- yes", "", false)
	f.Fuzz(func(t *testing.T, namespace, name, value, resource string, undocumented bool) {
		o := Option{Namespace: namespace, Name: name, Value: value, ResourceName: resource, Undocumented: undocumented}
		assert.NotEmpty(t, optionProblems([]Option{o, o}), "the same option twice")
		problems := optionProblems([]Option{o})
		assert.Equal(t, problems, optionProblems([]Option{o}), "the same answer each time")
		// What passes alone is written to a configuration file and read back the same.
		c := check.For("")
		checkOption(c, o)
		if c.Err() != nil || undocumented || check.IsToken(namespace) || check.IsToken(name) {
			return
		}
		config := &Config{Options: []Option{o}}
		data, err := config.encode()
		require.NoError(t, err)
		read, r := readConfig(data)
		assert.Empty(t, r.problems, "%s", data)
		assert.Equal(t, config.Options, read.Options, "%s", data)
	})
}

func TestOption_StringKeepsTheValueOut(t *testing.T) {
	o := opt("aws:rds:dbinstance|DBPassword=hunter2")
	assert.Equal(t, "aws:rds:dbinstance DBPassword", o.String())
	o.ResourceName = "r"
	assert.Equal(t, "aws:rds:dbinstance DBPassword of r", o.String())
}
