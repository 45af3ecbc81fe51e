package cwagent_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/cwagent"
)

type (
	props   = cwagent.AgentProps
	section = cwagent.Section
)

// fakeTopic stands for a topic in tests that only look at props.
type fakeTopic struct{ awssns.ITopic }

// token is what a value that is known only at deployment looks like.
const token = "${Token[TOKEN.7]}"

func names(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprint("d", i)
	}
	return all
}

func TestAgentProps_Validate(t *testing.T) {
	const address = "must be an IP address and a port, such as 127.0.0.1:4317, got "
	cdktest.ValidateTable(t, func() props { return props{} }, []cdktest.Case[props]{
		{Name: "defaults", Edit: func(*props) {}},
		{Name: "intervals", Edit: func(p *props) {
			p.Config.Interval, p.Config.FlushInterval, p.Alarms.Disable = 48*time.Hour, time.Second, true
		}},
		{Name: "interval too long", Edit: func(p *props) { p.Config.Interval, p.Alarms.Disable = 48*time.Hour+time.Second, true }, Want: []string{
			"Config.Interval: must be between 1s and 48h0m0s, got 48h0m1s", "Config.Memory.Interval: must be between 1s and 48h0m0s, got 48h0m1s",
			"Config.Swap.Interval: must be between 1s and 48h0m0s, got 48h0m1s", "Config.Disk.Interval: must be between 1s and 48h0m0s, got 48h0m1s",
		}},
		{Name: "interval with a fraction", Edit: func(p *props) { p.Config.Memory = &section{Interval: 1500 * time.Millisecond} },
			Want: []string{"Config.Memory.Interval: must be whole seconds, got 1.5s"}},
		{Name: "flush interval", Edit: func(p *props) { p.Config.FlushInterval = -time.Second }, Want: []string{"Config.FlushInterval: must be between 1s and 48h0m0s, got -1s"}},
		{Name: "user", Edit: func(p *props) { p.Config.RunAs = "Root!" }, Want: []string{`Config.RunAs: must be the name of a user, got "Root!"`}},
		{Name: "namespaces", Edit: func(p *props) { p.Config.Namespace = "Shop.a-b_c/d#e:" + strings.Repeat("1", 240) }},
		{Name: "namespace too long", Edit: func(p *props) { p.Config.Namespace = strings.Repeat("1", 256) }, Want: []string{
			`Config.Namespace: must be 1 to 255 letters, digits and ., -, _, /, #, :, and not begin with AWS/, got "` + strings.Repeat("1", 256) + `"`}},
		{Name: "namespace of AWS", Edit: func(p *props) { p.Config.Namespace = "AWS/EC2" }, Want: []string{
			`Config.Namespace: must be 1 to 255 letters, digits and ., -, _, /, #, :, and not begin with AWS/, got "AWS/EC2"`}},
		{Name: "tokens", Edit: func(p *props) { p.Config.Namespace, p.Config.RunAs, p.ParameterName = token, token, token }},
		{Name: "dimensions", Edit: func(p *props) { p.Config.Dimensions = []cwagent.Dimension{"VolumeId", "ImageId", "ImageId"} }, Want: []string{
			"Config.Dimensions[0]: must be one of InstanceId, InstanceType, ImageId, AutoScalingGroupName, got VolumeId",
			`Config.Dimensions: must be listed once each, got "ImageId" again`}},
		{Name: "aggregations", Edit: func(p *props) {
			p.Config.Aggregations = [][]string{{"a", "b"}, {"b", "a"}, {"c", "c"}, {""}, names(31), {}}
		}, Want: []string{
			"Config.Aggregations[1]: must be another set than those before", `Config.Aggregations[2]: must be listed once each, got "c" again`,
			"Config.Aggregations[3]: must not have an empty name", "Config.Aggregations[4]: must be at most 30, got 31"}},
		{Name: "nothing", Edit: func(p *props) { p.Config.DisableMetrics = true }, Want: []string{"Config: must have metrics, Logs or Traces"}},
		{Name: "traces only", Edit: func(p *props) { p.Config.DisableMetrics, p.Config.Traces = true, &cwagent.Traces{} }},
		{Name: "metrics, and none", Edit: func(p *props) { p.Config.DisableMetrics, p.Config.Swap = true, &section{} },
			Want: []string{"Config.DisableMetrics: must be left out when metrics are given"}},
		{Name: "measurements", Edit: func(p *props) {
			p.Config.CPU = &cwagent.CPU{Section: section{Measurements: []string{"cpu_usage_idle", "used_percent"}}}
			p.Config.Memory = &section{Measurements: []string{"mem_used_percent", "used_percent", "disk_free"}}
			p.Config.Netstat = &section{Measurements: []string{"udp_socket", "tcp_fin_wait2", "tcp_"}}
			p.Config.Procstat = []cwagent.Process{{Exe: "a", Section: section{Measurements: []string{"rlimit_num_fds_soft", "cpu_time_soft_irq", "memory"}}}}
		}, Want: []string{
			`Config.CPU.Measurements[1]: must be a metric of cpu on Linux, got "used_percent"`,
			`Config.Memory.Measurements: must be listed once each, got "used_percent" again`,
			`Config.Memory.Measurements[2]: must be a metric of mem on Linux, got "disk_free"`,
			`Config.Netstat.Measurements[2]: must be a metric of netstat on Linux, got "tcp_"`,
			`Config.Procstat[0].Measurements[2]: must be a metric of procstat on Linux, got "memory"`,
		}},
		{Name: "dropping without aggregations", Edit: func(p *props) {
			p.Config.Aggregations, p.Config.Memory = [][]string{}, &section{DropOriginal: true}
		}, Want: []string{"Config.Memory.DropOriginal: needs Aggregations"}},
		{Name: "paths", Edit: func(p *props) { p.Config.Disk = &cwagent.Disk{Paths: []string{"*", "/data"}} }},
		{Name: "relative path", Edit: func(p *props) {
			p.Config.Disk = &cwagent.Disk{Paths: []string{"data", "/a", "/a"}, IgnoreFileSystemTypes: []string{""}}
		}, Want: []string{
			`Config.Disk.Paths: must be listed once each, got "/a" again`, `Config.Disk.Paths[0]: must be an absolute path or "*", got "data"`,
			"Config.Disk.IgnoreFileSystemTypes: must not have an empty name"}},
		{Name: "many devices", Edit: func(p *props) {
			p.Config.DiskIO, p.Config.Net = &cwagent.Devices{Names: names(257)}, &cwagent.Devices{Names: []string{"a", "a"}}
		}, Want: []string{"Config.DiskIO.Names: must be at most 256, got 257", `Config.Net.Names: must be listed once each, got "a" again`}},
		{Name: "as many devices as can be", Edit: func(p *props) { p.Config.Net = &cwagent.Devices{Names: names(256)} }},
		{Name: "processes", Edit: func(p *props) {
			p.Config.Procstat = []cwagent.Process{
				{}, {Exe: "a", Pattern: "b"}, {Exe: "("}, {PIDFile: "run"}, {Pattern: strings.Repeat("a", 256)},
				{Exe: "a", Section: section{DropOriginal: true, Interval: -1}},
			}
		}, Want: []string{
			"Config.Procstat[0]: must have exactly one of PIDFile, Exe and Pattern", "Config.Procstat[1]: must have exactly one of PIDFile, Exe and Pattern",
			"Config.Procstat[2].Exe: must be a regular expression: error parsing regexp: missing closing ): `(`",
			`Config.Procstat[3].PIDFile: must be an absolute path, got "run"`, "Config.Procstat[4].Pattern: must have at most 255 characters, got 256",
			"Config.Procstat[5].Interval: must be between 1s and 48h0m0s, got -1ns", "Config.Procstat[5].Interval: must be whole seconds, got -1ns",
			"Config.Procstat[5].DropOriginal: must be left out, as the agent does not drop metrics of processes",
		}},
		{Name: "StatsD", Edit: func(p *props) { p.Config.StatsD = &cwagent.StatsD{Interval: 2 * time.Minute} }},
		{Name: "StatsD, wrong", Edit: func(p *props) {
			p.Config.StatsD = &cwagent.StatsD{Address: ":8125", Interval: 30 * time.Second, Aggregation: 10 * time.Second}
		}, Want: []string{"Config.StatsD.Address: " + address + `":8125"`, "Config.StatsD.Aggregation: must not be shorter than Interval, 30s, got 10s"}},
		{Name: "OTLP", Edit: func(p *props) { p.Config.OTLP = &cwagent.OTLP{GRPC: "[::1]:4317", HTTP: "0.0.0.0:65535"} }},
		{Name: "OTLP, wrong", Edit: func(p *props) { p.Config.OTLP = &cwagent.OTLP{GRPC: "localhost:1", HTTP: "1.2.3.4:65536"} }, Want: []string{
			"Config.OTLP.GRPC: " + address + `"localhost:1"`, "Config.OTLP.HTTP: " + address + `"1.2.3.4:65536"`}},
		{Name: "OTLP on one port", Edit: func(p *props) { p.Config.OTLP = &cwagent.OTLP{GRPC: "127.0.0.1:4318"} },
			Want: []string{`Config.OTLP.HTTP: must be another address than GRPC, got "127.0.0.1:4318"`}},
		{Name: "traces", Edit: func(p *props) { p.Config.Traces = &cwagent.Traces{XRay: "x", OTLP: &cwagent.OTLP{GRPC: "1.2.3.4:0"}} }, Want: []string{
			"Config.Traces.XRay: " + address + `"x"`, "Config.Traces.OTLP.GRPC: " + address + `"1.2.3.4:0"`}},
		{Name: "logs", Edit: func(p *props) {
			p.Config.Logs = []cwagent.LogFile{{Path: "/a/**.log"}, {Path: "/b", MultiLineStart: `^\d`, Stream: token}}
		}},
		{Name: "logs, wrong", Edit: func(p *props) {
			p.Config.Logs = []cwagent.LogFile{
				{}, {Path: "/a", Stream: "a:b", TimestampFormat: "YYYY", MultiLineStart: "(", Filters: []cwagent.Filter{{}, {Expression: "["}}},
				{Path: "/a", UTC: true, MultiLineStart: "{timestamp_format}"},
			}
		}, Want: []string{
			`Config.Logs[0].Path: must be an absolute path of at most 4096 characters, got ""`,
			`Config.Logs[1].Stream: must be 1 to 512 characters without : and *, got "a:b"`,
			`Config.Logs[1].TimestampFormat: must have directives such as %H, got "YYYY"`,
			"Config.Logs[1].MultiLineStart: must be a regular expression: error parsing regexp: missing closing ): `(`",
			"Config.Logs[1].Filters[0].Expression: must be given",
			"Config.Logs[1].Filters[1].Expression: must be a regular expression: error parsing regexp: missing closing ]: `[`",
			"Config.Logs[2].UTC: needs TimestampFormat", "Config.Logs[2].MultiLineStart: needs TimestampFormat",
			`Config.Logs: must be listed once each, got "/a" again`,
		}},
		{Name: "reference of Parameter Store", Edit: func(p *props) { p.Config.Procstat = []cwagent.Process{{Exe: "a{{"}} }, Want: []string{
			"Config: must not have {{ in it, which Parameter Store takes for the name of a parameter"}},
		{Name: "parameter names", Edit: func(p *props) { p.ParameterName = "/shop/agent.1_a-b" }},
		{Name: "parameter name with an inner slash", Edit: func(p *props) { p.ParameterName = "shop/agent" },
			Want: []string{`ParameterName: must begin with / when it has one, got "shop/agent"`}},
		{Name: "parameter name of AWS", Edit: func(p *props) { p.ParameterName = "/Aws/a" }, Want: []string{`ParameterName: must not begin with aws or ssm, got "/Aws/a"`}},
		{Name: "parameter name of SSM", Edit: func(p *props) { p.ParameterName = "ssm-a" }, Want: []string{`ParameterName: must not begin with aws or ssm, got "ssm-a"`}},
		{Name: "parameter name with a space", Edit: func(p *props) { p.ParameterName = "a b" },
			Want: []string{`ParameterName: must be 1 to 900 letters, digits, ., -, _ and /, got "a b"`}},
		{Name: "removal", Edit: func(p *props) { p.RemovalPolicy = awscdk.RemovalPolicy_SNAPSHOT },
			Want: []string{"RemovalPolicy: must be one of RETAIN, DESTROY, got SNAPSHOT"}},
	})
}

func TestAlarms_Validate(t *testing.T) {
	every := func(d time.Duration) func(*props) { return func(p *props) { p.Config.Interval = d } }
	memory := func(a cwagent.Alarm) func(*props) { return func(p *props) { p.Alarms.Memory = a } }
	both := func(edits ...func(*props)) func(*props) {
		return func(p *props) {
			for _, e := range edits {
				e(p)
			}
		}
	}
	const second = time.Second
	cdktest.ValidateTable(t, func() props { return props{} }, []cdktest.Case[props]{
		{Name: "each 10 s", Edit: both(every(10*second), memory(cwagent.Alarm{Period: 10 * second}))},
		{Name: "each 30 s of metrics each 10 s", Edit: both(every(10*second), memory(cwagent.Alarm{Period: 30 * second}))},
		{Name: "10 s of metrics each 30 s", Edit: both(every(30*second), memory(cwagent.Alarm{Period: 10 * second})),
			Want: []string{"Alarms.Memory.Period: must not be shorter than the interval of Config.Memory, 30s, got 10s"}},
		{Name: "10 s of metrics each minute", Edit: memory(cwagent.Alarm{Period: 10 * second}),
			Want: []string{"Alarms.Memory.Period: must not be shorter than the interval of Config.Memory, 1m0s, got 10s"}},
		{Name: "a minute of metrics each 61 s", Edit: every(61 * second), Want: []string{
			"Alarms.Memory.Period: must not be shorter than the interval of Config.Memory, 1m1s, got 1m0s",
			"Alarms.Swap.Period: must not be shorter than the interval of Config.Swap, 1m1s, got 1m0s",
			"Alarms.Disk.Period: must not be shorter than the interval of Config.Disk, 1m1s, got 1m0s"}},
		{Name: "a section of its own", Edit: func(p *props) {
			p.Config.Disk, p.Alarms.Disk.Period = &cwagent.Disk{Section: section{Interval: 30 * second}}, 10*second
		}, Want: []string{"Alarms.Disk.Period: must not be shorter than the interval of Config.Disk, 30s, got 10s"}},
		{Name: "20 s", Edit: both(every(10*second), memory(cwagent.Alarm{Period: 20 * second})),
			Want: []string{"Alarms.Memory.Period: must be 10s, 30s or whole minutes up to 24h0m0s, got 20s"}},
		{Name: "90 s", Edit: memory(cwagent.Alarm{Period: 90 * second}), Want: []string{"Alarms.Memory.Period: must be 10s, 30s or whole minutes up to 24h0m0s, got 1m30s"}},
		{Name: "negative", Edit: memory(cwagent.Alarm{Period: -time.Minute}),
			Want: []string{"Alarms.Memory.Period: must be 10s, 30s or whole minutes up to 24h0m0s, got -1m0s"}},
		{Name: "more than a day", Edit: memory(cwagent.Alarm{Period: 24*time.Hour + time.Minute}),
			Want: []string{"Alarms.Memory.Period: must be 10s, 30s or whole minutes up to 24h0m0s, got 24h1m0s"}},
		{Name: "metrics that come late", Edit: both(every(10*second), memory(cwagent.Alarm{Period: 30 * second}), func(p *props) { p.Config.FlushInterval = 31 * second }),
			Want: []string{"Alarms.Memory.Period: must not be shorter than Config.FlushInterval, 31s, when it is below a minute, got 30s"}},
		{Name: "metrics that come just in time", Edit: both(every(10*second), memory(cwagent.Alarm{Period: 30 * second}), func(p *props) { p.Config.FlushInterval = 30 * second })},
		{Name: "a day", Edit: memory(cwagent.Alarm{Periods: 1440})},
		{Name: "more than a day of minutes", Edit: memory(cwagent.Alarm{Periods: 1, Of: 1441}),
			Want: []string{"Alarms.Memory.Of: must span at most 24h0m0s with periods of 1m0s, got 24h1m0s"}},
		{Name: "a day of 10 s", Edit: both(every(10*second), memory(cwagent.Alarm{Period: 10 * second, Periods: 8641})),
			Want: []string{"Alarms.Memory.Of: must span at most 24h0m0s with periods of 10s, got 24h0m10s"}},
		{Name: "seven days of hours", Edit: memory(cwagent.Alarm{Period: time.Hour, Periods: 168})},
		{Name: "more than seven days of hours", Edit: memory(cwagent.Alarm{Period: time.Hour, Periods: 169}),
			Want: []string{"Alarms.Memory.Of: must span at most 168h0m0s with periods of 1h0m0s, got 169h0m0s"}},
		{Name: "periods", Edit: memory(cwagent.Alarm{Periods: 4, Of: 3}), Want: []string{"Alarms.Memory.Periods: must be 1 or more and at most Of (3), got 4"}},
		{Name: "negative periods", Edit: memory(cwagent.Alarm{Periods: -1}), Want: []string{"Alarms.Memory.Periods: must be 1 or more and at most Of (-1), got -1"}},
		{Name: "above", Edit: func(p *props) { p.Alarms.Swap.Above, p.Alarms.Disk.Above = 100, -1 }, Want: []string{
			"Alarms.Swap.Above: must be above 0 and below 100, got 100", "Alarms.Disk.Above: must be above 0 and below 100, got -1"}},
		{Name: "alarms of what is not collected", Edit: func(p *props) {
			p.Config.Memory = &section{Measurements: []string{"available"}}
			p.Alarms.Memory.Period, p.Alarms.Swap.Above, p.Alarms.Disk.Disable = time.Minute, 10, true
		}, Want: []string{"Alarms.Memory: needs used_percent in Config.Memory", "Alarms.Swap: needs used_percent in Config.Swap"}},
		{Name: "nothing is said of what is disabled", Edit: memory(cwagent.Alarm{Disable: true, Period: second, Above: 200})},
		{Name: "all are disabled", Edit: both(memory(cwagent.Alarm{Period: second}), func(p *props) { p.Alarms.Disable = true })},
		{Name: "a topic without alarms", Edit: func(p *props) { p.Alarms.Disable, p.Alarms.Topic = true, fakeTopic{} },
			Want: []string{"Alarms.Topic: must be left out with Disable"}},
	})
}

func TestAgentProps_ValidateNil(t *testing.T) {
	var p *props
	require.NoError(t, p.Validate())
}

func TestAgentProps_Size(t *testing.T) {
	size := func(n int) error {
		return (&props{Config: cwagent.Config{Logs: []cwagent.LogFile{{Path: "/a", Filters: []cwagent.Filter{{Expression: strings.Repeat("a", n)}}}}}}).Validate()
	}
	const message = "invalid cwagent.AgentProps:\n  - Config: must be at most 8192 bytes as JSON, without the names of log groups, got %d"
	got := 0
	_, err := fmt.Sscanf(size(9000).Error(), message, &got)
	require.NoError(t, err)
	most := 9000 - (got - 8192)
	require.NoError(t, size(most))
	require.EqualError(t, size(most+1), fmt.Sprintf(message, 8193))
}

// Validation does not change what it is given, so that props can be used twice.
func TestAgentProps_AreNotChanged(t *testing.T) {
	disk, processes := &cwagent.Disk{}, []cwagent.Process{{Exe: "a"}}
	p := &props{Config: cwagent.Config{Disk: disk, Procstat: processes, Logs: []cwagent.LogFile{{Path: "/a"}}}}
	require.NoError(t, p.Validate())
	require.Equal(t, cwagent.Disk{}, *disk)
	require.Equal(t, []cwagent.Process{{Exe: "a"}}, processes)
	require.Empty(t, p.Config.Logs[0].Stream)
}
