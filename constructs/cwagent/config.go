package cwagent

import (
	"slices"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"

	"github.com/strata-cdk/strata/internal/defaults"
)

// Dimension is a dimension about the instance that the agent adds to metrics.
type Dimension string

const (
	// InstanceID is the id of the instance.
	InstanceID Dimension = "InstanceId"
	// InstanceType is the type of the instance.
	InstanceType Dimension = "InstanceType"
	// ImageID is the image that the instance started from.
	ImageID Dimension = "ImageId"
	// AutoScalingGroupName is the Auto Scaling group of the instance. An instance without a group has no such dimension.
	AutoScalingGroupName Dimension = "AutoScalingGroupName"
)

// Config is what the agent collects on Linux. It is written as the JSON of the agent, the same for the same Config, of at most
// 8192 bytes, which is what Parameter Store takes.
//
// Its sections collectd, Prometheus, JMX, EFA, ethtool, GPUs, Windows, Application Signals, Container Insights and opentelemetry
// are not covered.
//
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Agent-Configuration-File-Details.html
type Config struct {
	// Interval is how often metrics are collected, in whole seconds up to 48 h. Metrics that are collected more often than each
	// minute have a high resolution, and cost more requests.
	// Default: 60 s.
	Interval time.Duration
	// RunAs is the user of the operating system that the agent runs as. Log files that only root reads, and all that there is to
	// know of processes of others, need "root".
	// Default: "cwagent", which the package of the agent creates.
	RunAs string
	// Debug makes the agent's own log verbose.
	// Default: false.
	Debug bool
	// Namespace is that of the metrics, 1 to 255 letters, digits and ., -, _, /, #, :, and not one of AWS.
	// Default: "CWAgent".
	Namespace string
	// Dimensions are added to the metrics, each once.
	// Default: InstanceID and AutoScalingGroupName.
	Dimensions []Dimension
	// Aggregations are sets of dimensions that metrics are sent by too, at most 30 in a set: {"AutoScalingGroupName"} is one metric
	// for a group whatever the number of its instances, and an empty set one for everything. Each set is paid for as metrics of its
	// own. The alarms of groups need {"AutoScalingGroupName"}, those of instances {"InstanceId"}.
	// Default: {"AutoScalingGroupName"}.
	Aggregations [][]string
	// FlushInterval is how long metrics wait to be sent, in whole seconds up to 48 h. An alarm with a period below a minute needs
	// one no longer than that.
	// Default: 60 s, or the shortest period of an alarm if that is less.
	FlushInterval time.Duration
	// DisableMetrics leaves the defaults of Memory, Swap and Disk out when no metrics are given.
	// Default: false.
	DisableMetrics bool
	// CPU is the time of CPUs.
	// Default: nil, not collected.
	CPU *CPU
	// Memory is the memory of the instance.
	// Default: nil, which means used_percent when no other metrics are given.
	Memory *Section
	// Swap is the swap space. An instance without has 0 percent used.
	// Default: nil, which means used_percent when no other metrics are given.
	Swap *Section
	// Disk is the space of file systems.
	// Default: nil, which means used_percent of / when no other metrics are given.
	Disk *Disk
	// DiskIO is what disks read and write.
	// Default: nil, not collected.
	DiskIO *Devices
	// Net is what network interfaces send and receive.
	// Default: nil, not collected.
	Net *Devices
	// Netstat is the number of connections by their state.
	// Default: nil, not collected.
	Netstat *Section
	// Processes is the number of processes by their state.
	// Default: nil, not collected.
	Processes *Section
	// Procstat is what single processes use.
	// Default: none.
	Procstat []Process
	// StatsD receives metrics of programs by the protocol of StatsD.
	// Default: nil, it does not listen.
	StatsD *StatsD
	// OTLP receives metrics of programs by the protocol of OpenTelemetry.
	// Default: nil, it does not listen.
	OTLP *OTLP
	// Logs are the files whose lines are sent to CloudWatch Logs, each once.
	// Default: none.
	Logs []LogFile
	// Traces receives traces of programs for AWS X-Ray.
	// Default: nil, it does not listen.
	Traces *Traces
}

// Section is what is common to the kinds of metrics.
type Section struct {
	// Measurements are the names of the metrics, with or without the prefix of their kind: "used_percent", "mem_used_percent".
	// Each is a metric for each of its resources and instances, and paid for as such.
	//
	// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/metrics-collected-by-CloudWatch-agent.html
	//
	// Default: CPU usage_active, usage_iowait, usage_steal; Memory, Swap, Disk used_percent; DiskIO io_time, read_bytes,
	// write_bytes; Net bytes_recv, bytes_sent, drop_in, drop_out; Netstat tcp_established, tcp_time_wait; Processes blocked, running,
	// zombies; Procstat cpu_usage, memory_rss.
	Measurements []string
	// Interval is how often they are collected, in whole seconds up to 48 h.
	// Default: that of Config.
	Interval time.Duration
	// DropOriginal sends these metrics by the Aggregations only, which are then needed: fewer metrics to pay for.
	// Default: false.
	DropOriginal bool
}

// CPU is the time of CPUs.
type CPU struct {
	Section
	// PerCore collects each CPU besides their total.
	// Default: false.
	PerCore bool
}

// Disk is the space of file systems.
type Disk struct {
	Section
	// Paths are mount points, at most 256, or "*" for all.
	// Default: "/".
	Paths []string
	// IgnoreFileSystemTypes are left out, at most 256.
	// Default: devtmpfs, overlay, squashfs, sysfs and tmpfs.
	IgnoreFileSystemTypes []string
	// KeepDevice adds the device as a dimension. Its name can be another one on each instance.
	// Default: false.
	KeepDevice bool
}

// Devices are disks or network interfaces.
type Devices struct {
	Section
	// Names are devices such as "nvme0n1" or "ens5", at most 256, or "*" for all.
	// Default: "*".
	Names []string
}

// Process tells which processes to look at: exactly one of PIDFile, Exe and Pattern.
type Process struct {
	Section
	// PIDFile is the path of a file with the id of the process, up to 255 characters.
	PIDFile string
	// Exe is a regular expression for the name of the program, up to 255 characters.
	Exe string
	// Pattern is a regular expression for the whole command line, up to 255 characters.
	Pattern string
}

// StatsD listens for metrics of programs by UDP.
//
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Agent-custom-metrics-statsd.html
type StatsD struct {
	// Address is an IP address and a port. Others than 127.0.0.1 are open to whom the security groups let in.
	// Default: "127.0.0.1:8125".
	Address string
	// Interval is how often metrics are read, in whole seconds up to 48 h.
	// Default: 10 s.
	Interval time.Duration
	// Aggregation is the time over which metrics are made one, in whole seconds up to 48 h, and Interval or more; below a minute
	// they have a high resolution.
	// Default: 60 s, or Interval if that is more.
	Aggregation time.Duration
}

// OTLP listens for telemetry of programs by the protocol of OpenTelemetry, without TLS.
//
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Agent-OpenTelemetry-metrics.html
type OTLP struct {
	// GRPC and HTTP are IP addresses with a port. Others than 127.0.0.1 are open to whom the security groups let in. Metrics and
	// traces may share both.
	// Default: "127.0.0.1:4317" and "127.0.0.1:4318".
	GRPC, HTTP string
}

// LogFile is a file whose lines are sent to CloudWatch Logs.
type LogFile struct {
	// Path is the absolute path of the file. With * or ** in it, the newest file that matches is followed. Required.
	Path string
	// Group receives the lines.
	// Default: Agent.LogGroup, a new one for all files without.
	Group awslogs.ILogGroup
	// Stream is the log stream, up to 512 characters without : and *. The agent fills in {instance_id}, {hostname},
	// {local_hostname}, {ip_address} and {date}.
	// Default: "{instance_id}" and Path, with _ for each *.
	Stream string
	// TimestampFormat is how the time stands in a line, such as "%Y-%m-%d %H:%M:%S".
	// Default: "", the time of an event is when it was read.
	TimestampFormat string
	// UTC reads the time as UTC.
	// Default: false, as the time zone of the instance.
	UTC bool
	// MultiLineStart is a regular expression that begins an event, or "{timestamp_format}" for a line with a time.
	// Default: "", a line that does not begin with white space.
	MultiLineStart string
	// Filters select events; all of them must agree.
	// Default: none.
	Filters []Filter
}

// Filter selects events of a file.
type Filter struct {
	// Expression is a regular expression. Required.
	Expression string
	// Exclude leaves out what matches.
	// Default: false, only what matches is sent.
	Exclude bool
}

// Traces listens for traces of programs.
type Traces struct {
	// XRay is the IP address and port of the daemon of X-Ray, for UDP and TCP, such as "127.0.0.1:2000".
	// Default: "", which means 127.0.0.1:2000 without OTLP, and else that it does not listen.
	XRay string
	// OTLP receives traces by the protocol of OpenTelemetry.
	// Default: nil, it does not listen.
	OTLP *OTLP
}

const (
	minute = time.Minute
	// longest is the longest interval of the agent.
	longest = 48 * time.Hour
)

// withDefaults gives a copy that is complete. Metrics are sent as often as alarms need, the most often of which looks each
// shortest.
func (c *Config) withDefaults(shortest time.Duration) Config {
	d := *c
	defaults.Or(&d.Interval, minute)
	defaults.Or(&d.RunAs, "cwagent")
	defaults.Or(&d.Namespace, "CWAgent")
	defaults.Or(&d.FlushInterval, min(minute, shortest))
	if d.Dimensions == nil {
		d.Dimensions = []Dimension{InstanceID, AutoScalingGroupName}
	}
	if d.Aggregations == nil {
		d.Aggregations = [][]string{{string(AutoScalingGroupName)}}
	}
	if !d.DisableMetrics && !d.hasMetrics() {
		d.Memory, d.Swap, d.Disk = &Section{}, &Section{}, &Disk{}
	}
	if d.CPU != nil {
		d.CPU = new(*d.CPU)
		d.CPU.setDefaults(d.Interval, "usage_active", "usage_iowait", "usage_steal")
	}
	d.Memory = d.Memory.orDefaults(d.Interval, "used_percent")
	d.Swap = d.Swap.orDefaults(d.Interval, "used_percent")
	if d.Disk != nil {
		d.Disk = new(*d.Disk)
		d.Disk.setDefaults(d.Interval, "used_percent")
		orList(&d.Disk.Paths, "/")
		orList(&d.Disk.IgnoreFileSystemTypes, "devtmpfs", "overlay", "squashfs", "sysfs", "tmpfs")
	}
	d.DiskIO = d.DiskIO.orDefaults(d.Interval, "io_time", "read_bytes", "write_bytes")
	d.Net = d.Net.orDefaults(d.Interval, "bytes_recv", "bytes_sent", "drop_in", "drop_out")
	d.Netstat = d.Netstat.orDefaults(d.Interval, "tcp_established", "tcp_time_wait")
	d.Processes = d.Processes.orDefaults(d.Interval, "blocked", "running", "zombies")
	d.Procstat = slices.Clone(d.Procstat)
	for i := range d.Procstat {
		d.Procstat[i].setDefaults(d.Interval, "cpu_usage", "memory_rss")
	}
	if d.StatsD != nil {
		d.StatsD = new(*d.StatsD)
		defaults.Or(&d.StatsD.Address, "127.0.0.1:8125")
		defaults.Or(&d.StatsD.Interval, 10*time.Second)
		defaults.Or(&d.StatsD.Aggregation, max(minute, d.StatsD.Interval))
	}
	d.OTLP = d.OTLP.orDefaults()
	if d.Traces != nil {
		d.Traces = new(*d.Traces)
		if d.Traces.OTLP == nil {
			defaults.Or(&d.Traces.XRay, "127.0.0.1:2000")
		}
		d.Traces.OTLP = d.Traces.OTLP.orDefaults()
	}
	d.Logs = slices.Clone(d.Logs)
	for i := range d.Logs {
		defaults.Or(&d.Logs[i].Stream, stream(d.Logs[i].Path))
	}
	return d
}

func (c *Config) hasMetrics() bool {
	return c.CPU != nil || c.Memory != nil || c.Swap != nil || c.Disk != nil || c.DiskIO != nil || c.Net != nil || c.Netstat != nil ||
		c.Processes != nil || len(c.Procstat) > 0 || c.StatsD != nil || c.OTLP != nil
}

func (s *Section) setDefaults(interval time.Duration, measurements ...string) {
	defaults.Or(&s.Interval, interval)
	orList(&s.Measurements, measurements...)
}

func (s *Section) orDefaults(interval time.Duration, measurements ...string) *Section {
	if s == nil {
		return nil
	}
	d := *s
	d.setDefaults(interval, measurements...)
	return &d
}

func (v *Devices) orDefaults(interval time.Duration, measurements ...string) *Devices {
	if v == nil {
		return nil
	}
	d := *v
	d.setDefaults(interval, measurements...)
	orList(&d.Names, "*")
	return &d
}

func (l *OTLP) orDefaults() *OTLP {
	if l == nil {
		return nil
	}
	d := *l
	defaults.Or(&d.GRPC, "127.0.0.1:4317")
	defaults.Or(&d.HTTP, "127.0.0.1:4318")
	return &d
}

func orList(field *[]string, values ...string) {
	if len(*field) == 0 {
		*field = values
	}
}
