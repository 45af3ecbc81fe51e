package cwagent

import (
	"net"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/awsid"
	"github.com/strata-cdk/strata/internal/cdkval"
)

// maxConfig is the most that an advanced parameter holds, in bytes.
const maxConfig = 8192

var (
	parameterName = regexp.MustCompile(`^[A-Za-z0-9._/-]{1,900}$`)
	namespace     = regexp.MustCompile(`^[A-Za-z0-9._/#:-]{1,255}$`)
	user          = regexp.MustCompile(`^[a-z_][a-z0-9_-]{0,31}$`)
	streamName    = regexp.MustCompile(`^[^:*]{1,512}$`)
)

// measurements are the metrics of each kind on Linux, as the agent publishes them after the name of the kind.
//
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/metrics-collected-by-CloudWatch-agent.html
var measurements = map[string][]string{
	"cpu":    join(with("time_", cpuStates...), with("usage_", cpuStates...)),
	"mem":    {"active", "available", "available_percent", "buffered", "cached", "free", "inactive", "total", "used", "used_percent"},
	"swap":   {"free", "used", "used_percent"},
	"disk":   {"free", "inodes_free", "inodes_total", "inodes_used", "total", "used", "used_percent"},
	"diskio": {"io_time", "iops_in_progress", "read_bytes", "read_time", "reads", "write_bytes", "write_time", "writes"},
	"net":    {"bytes_recv", "bytes_sent", "drop_in", "drop_out", "err_in", "err_out", "packets_recv", "packets_sent"},
	"netstat": append(with("tcp_", "close", "close_wait", "closing", "established", "fin_wait1", "fin_wait2", "last_ack", "listen", "none",
		"syn_recv", "syn_sent", "time_wait"), "udp_socket"),
	"processes": {"blocked", "dead", "idle", "paging", "running", "sleeping", "stopped", "total", "total_threads", "wait", "zombies"},
	"procstat": join(
		[]string{"cpu_time", "cpu_usage", "involuntary_context_switches", "nice_priority", "num_fds", "num_threads", "pid", "pid_count", "read_bytes",
			"read_count", "realtime_priority", "signals_pending", "voluntary_context_switches", "write_bytes", "write_count"},
		with("cpu_time_", "guest", "guest_nice", "idle", "iowait", "irq", "nice", "soft_irq", "steal", "stolen", "system", "user"),
		with("memory_", "data", "locked", "rss", "stack", "swap", "vms"),
		limits("cpu_time", "file_locks", "memory_data", "memory_locked", "memory_rss", "memory_stack", "memory_vms", "nice_priority", "num_fds",
			"realtime_priority", "signals_pending"),
	),
}

var cpuStates = []string{"active", "guest", "guest_nice", "idle", "iowait", "irq", "nice", "softirq", "steal", "system", "user"}

func with(prefix string, names ...string) []string {
	all := make([]string, len(names))
	for i, n := range names {
		all[i] = prefix + n
	}
	return all
}

func limits(names ...string) []string {
	var all []string
	for _, n := range names {
		all = append(all, "rlimit_"+n+"_hard", "rlimit_"+n+"_soft")
	}
	return all
}

func join(lists ...[]string) []string { return slices.Concat(lists...) }

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *AgentProps) Validate() error {
	d, c := p.withDefaults(), check.For("cwagent.AgentProps")
	d.Config.validate(c.At("Config"))
	if d.ParameterName != "" && !check.IsToken(d.ParameterName) {
		c.That(parameterName.MatchString(d.ParameterName), "ParameterName", "must be 1 to 900 letters, digits, ., -, _ and /, got %q", d.ParameterName)
		c.That(!strings.Contains(d.ParameterName, "/") || strings.HasPrefix(d.ParameterName, "/"), "ParameterName", "must begin with / when it has one, got %q", d.ParameterName)
		lower := strings.ToLower(strings.TrimPrefix(d.ParameterName, "/"))
		c.That(!strings.HasPrefix(lower, "aws") && !strings.HasPrefix(lower, "ssm"), "ParameterName", "must not begin with aws or ssm, got %q", d.ParameterName)
	}
	check.OneOf(c, "LogRetentionDays", d.LogRetentionDays, cdkval.RetentionDays()...)
	d.validateAlarms(c)
	if p != nil && !p.Alarms.Disable {
		for _, w := range (&AgentProps{Config: d.Config, Alarms: p.Alarms}).watchable() {
			unset := w.alarm == Alarm{} || w.alarm.Disable
			c.That(unset || w.section.measures(w.metric), "Alarms."+w.field, "needs used_percent in Config.%s", w.field)
		}
	}
	check.OneOf(c, "RemovalPolicy", d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN, awscdk.RemovalPolicy_DESTROY)
	return c.Err()
}

func (p *AgentProps) validateAlarms(c *check.List) {
	c.That(!p.Alarms.Disable || p.Alarms.Topic == nil, "Alarms.Topic", "must be left out with Disable")
	for _, w := range p.watched() {
		at := c.At("Alarms." + w.field)
		a := w.alarm
		at.That(0 < a.Above && a.Above < 100, "Above", "must be above 0 and below 100, got %v", a.Above)
		at.That(1 <= a.Periods && a.Periods <= a.Of, "Periods", "must be 1 or more and at most Of (%d), got %d", a.Of, a.Periods)
		known := a.Period == 10*time.Second || a.Period == 30*time.Second || a.Period > 0 && a.Period%minute == 0 && a.Period <= 24*time.Hour
		if !known {
			at.Add("Period", "must be 10s, 30s or whole minutes up to 24h0m0s, got %v", a.Period)
			continue
		}
		at.That(w.section.Interval <= a.Period, "Period", "must not be shorter than the interval of Config.%s, %v, got %v", w.field, w.section.Interval, a.Period)
		span := 24 * time.Hour
		if a.Period >= time.Hour {
			span *= 7
		}
		at.That(time.Duration(a.Of)*a.Period <= span, "Of", "must span at most %v with periods of %v, got %v", span, a.Period, time.Duration(a.Of)*a.Period)
		at.That(a.Period >= minute || p.Config.FlushInterval <= a.Period, "Period",
			"must not be shorter than Config.FlushInterval, %v, when it is below a minute, got %v", p.Config.FlushInterval, a.Period)
	}
}

// validate checks a complete config.
func (c *Config) validate(l *check.List) {
	interval(l, "Interval", c.Interval)
	l.That(user.MatchString(c.RunAs) || check.IsToken(c.RunAs), "RunAs", "must be the name of a user, got %q", c.RunAs)
	l.That(check.IsToken(c.Namespace) || namespace.MatchString(c.Namespace) && !strings.HasPrefix(c.Namespace, "AWS/"), "Namespace",
		"must be 1 to 255 letters, digits and ., -, _, /, #, :, and not begin with AWS/, got %q", c.Namespace)
	for i, d := range c.Dimensions {
		check.OneOf(l, check.Index("Dimensions", i), d, InstanceID, InstanceType, ImageID, AutoScalingGroupName)
		l.That(!slices.Contains(c.Dimensions[:i], d), "Dimensions", "must be listed once each, got %q again", d)
	}
	for i, set := range c.Aggregations {
		field := check.Index("Aggregations", i)
		l.That(len(set) <= 30, field, "must be at most 30, got %d", len(set))
		awsid.OnceEach(l, field, set)
		l.That(!slices.Contains(set, ""), field, "must not have an empty name")
		same := func(other []string) bool {
			return slices.Equal(slices.Sorted(slices.Values(other)), slices.Sorted(slices.Values(set)))
		}
		l.That(!slices.ContainsFunc(c.Aggregations[:i], same), field, "must be another set than those before")
	}
	interval(l, "FlushInterval", c.FlushInterval)
	l.That(!c.DisableMetrics || !c.hasMetrics(), "DisableMetrics", "must be left out when metrics are given")
	l.That(c.hasMetrics() || len(c.Logs) > 0 || c.Traces != nil, "", "must have metrics, Logs or Traces")
	for _, k := range c.kinds() {
		k.section.validate(l.At(k.field), k.name)
		l.That(!k.section.DropOriginal || len(c.Aggregations) > 0, k.field+".DropOriginal", "needs Aggregations")
	}
	if c.Disk != nil {
		resources(l, "Disk.Paths", c.Disk.Paths)
		for i, p := range c.Disk.Paths {
			l.That(p == "*" || path.IsAbs(p), check.Index("Disk.Paths", i), `must be an absolute path or "*", got %q`, p)
		}
		resources(l, "Disk.IgnoreFileSystemTypes", c.Disk.IgnoreFileSystemTypes)
	}
	if c.DiskIO != nil {
		resources(l, "DiskIO.Names", c.DiskIO.Names)
	}
	if c.Net != nil {
		resources(l, "Net.Names", c.Net.Names)
	}
	for i := range c.Procstat {
		c.Procstat[i].validate(l.At(check.Index("Procstat", i)))
	}
	if s := c.StatsD; s != nil {
		at := l.At("StatsD")
		address(at, "Address", s.Address)
		interval(at, "Interval", s.Interval)
		interval(at, "Aggregation", s.Aggregation)
		at.That(s.Interval <= s.Aggregation, "Aggregation", "must not be shorter than Interval, %v, got %v", s.Interval, s.Aggregation)
	}
	c.OTLP.validate(l.At("OTLP"))
	for i := range c.Logs {
		f := &c.Logs[i]
		f.validate(l.At(check.Index("Logs", i)))
		same := func(other LogFile) bool { return other.Path == f.Path }
		l.That(!slices.ContainsFunc(c.Logs[:i], same), "Logs", "must be listed once each, got %q again", f.Path)
	}
	if c.Traces != nil {
		if c.Traces.XRay != "" {
			address(l, "Traces.XRay", c.Traces.XRay)
		}
		c.Traces.OTLP.validate(l.At("Traces.OTLP"))
	}
	text := c.document(func(*LogFile) string { return "" })
	l.That(len(text) <= maxConfig, "", "must be at most %d bytes as JSON, without the names of log groups, got %d", maxConfig, len(text))
	l.That(!strings.Contains(text, "{{"), "", "must not have {{ in it, which Parameter Store takes for the name of a parameter")
}

func (s *Section) validate(l *check.List, kind string) {
	interval(l, "Interval", s.Interval)
	seen := map[string]bool{}
	for i, m := range s.Measurements {
		name := strings.TrimPrefix(m, kind+"_")
		l.That(slices.Contains(measurements[kind], name), check.Index("Measurements", i), "must be a metric of %s on Linux, got %q", kind, m)
		l.That(!seen[name], "Measurements", "must be listed once each, got %q again", m)
		seen[name] = true
	}
}

// measures tells whether a section collects used_percent, whose whole name is metric.
func (s *Section) measures(metric string) bool {
	return s != nil && slices.ContainsFunc(s.Measurements, func(m string) bool { return m == metric || m == "used_percent" })
}

func (p *Process) validate(l *check.List) {
	p.Section.validate(l, "procstat")
	l.That(!p.DropOriginal, "DropOriginal", "must be left out, as the agent does not drop metrics of processes")
	given := 0
	for _, f := range []struct{ name, value string }{{"PIDFile", p.PIDFile}, {"Exe", p.Exe}, {"Pattern", p.Pattern}} {
		if f.value == "" {
			continue
		}
		given++
		l.That(len(f.value) <= 255, f.name, "must have at most 255 characters, got %d", len(f.value))
		if f.name != "PIDFile" {
			expression(l, f.name, f.value)
		}
	}
	l.That(p.PIDFile == "" || path.IsAbs(p.PIDFile), "PIDFile", "must be an absolute path, got %q", p.PIDFile)
	l.That(given == 1, "", "must have exactly one of PIDFile, Exe and Pattern")
}

func (l *OTLP) validate(c *check.List) {
	if l == nil {
		return
	}
	address(c, "GRPC", l.GRPC)
	address(c, "HTTP", l.HTTP)
	c.That(l.GRPC != l.HTTP, "HTTP", "must be another address than GRPC, got %q", l.HTTP)
}

func (f *LogFile) validate(l *check.List) {
	l.That(path.IsAbs(f.Path) && len(f.Path) <= 4096, "Path", "must be an absolute path of at most 4096 characters, got %q", f.Path)
	l.That(streamName.MatchString(f.Stream) || check.IsToken(f.Stream), "Stream", "must be 1 to 512 characters without : and *, got %q", f.Stream)
	l.That(f.TimestampFormat == "" || strings.Contains(f.TimestampFormat, "%"), "TimestampFormat", `must have directives such as %%H, got %q`, f.TimestampFormat)
	l.That(!f.UTC || f.TimestampFormat != "", "UTC", "needs TimestampFormat")
	switch f.MultiLineStart {
	case "":
	case "{timestamp_format}":
		l.That(f.TimestampFormat != "", "MultiLineStart", "needs TimestampFormat")
	default:
		expression(l, "MultiLineStart", f.MultiLineStart)
	}
	for i, x := range f.Filters {
		at := l.At(check.Index("Filters", i))
		at.That(x.Expression != "", "Expression", "must be given")
		expression(at, "Expression", x.Expression)
	}
}

func interval(l *check.List, field string, d time.Duration) {
	check.Range(l, field, d, time.Second, longest)
	check.WholeSeconds(l, field, d)
}

func resources(l *check.List, field string, names []string) {
	l.That(len(names) <= 256, field, "must be at most 256, got %d", len(names))
	awsid.OnceEach(l, field, names)
	l.That(!slices.Contains(names, ""), field, "must not have an empty name")
}

// address records a problem unless s is an IP address and a port.
func address(l *check.List, field, s string) {
	host, port, err := net.SplitHostPort(s)
	n, bad := strconv.ParseUint(port, 10, 16)
	l.That(err == nil && net.ParseIP(host) != nil && bad == nil && n > 0, field, "must be an IP address and a port, such as 127.0.0.1:4317, got %q", s)
}

// expression records a problem unless s is a regular expression, of Go as the agent is.
func expression(l *check.List, field, s string) {
	_, err := regexp.Compile(s)
	l.That(err == nil, field, "must be a regular expression: %v", err)
}
