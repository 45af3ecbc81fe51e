package cwagent

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"
)

// kind is a section of metrics_collected that is made of a Section.
type kind struct {
	// name is that in the JSON, field that in Config.
	name, field string
	section     *Section
	// more are the other settings of the JSON.
	more map[string]any
}

// kinds are the sections of c but Procstat, in the order of the fields.
func (c *Config) kinds() []kind {
	var all []kind
	add := func(name, field string, s *Section, more map[string]any) {
		all = append(all, kind{name: name, field: field, section: s, more: more})
	}
	if k := c.CPU; k != nil {
		more := map[string]any{"totalcpu": true}
		if k.PerCore {
			more["resources"] = []string{"*"}
		}
		add("cpu", "CPU", &k.Section, more)
	}
	if c.Memory != nil {
		add("mem", "Memory", c.Memory, nil)
	}
	if c.Swap != nil {
		add("swap", "Swap", c.Swap, nil)
	}
	if k := c.Disk; k != nil {
		add("disk", "Disk", &k.Section, map[string]any{
			"resources": k.Paths, "ignore_file_system_types": k.IgnoreFileSystemTypes, "drop_device": !k.KeepDevice,
		})
	}
	if k := c.DiskIO; k != nil {
		add("diskio", "DiskIO", &k.Section, map[string]any{"resources": k.Names})
	}
	if k := c.Net; k != nil {
		add("net", "Net", &k.Section, map[string]any{"resources": k.Names})
	}
	if c.Netstat != nil {
		add("netstat", "Netstat", c.Netstat, nil)
	}
	if c.Processes != nil {
		add("processes", "Processes", c.Processes, nil)
	}
	return all
}

// document gives the JSON of the agent for a complete c. Files without a log group go to the group of the given name.
func (c *Config) document(group func(*LogFile) string) string {
	doc := map[string]any{"agent": map[string]any{
		"metrics_collection_interval": seconds(c.Interval), "run_as_user": c.RunAs, "debug": c.Debug,
	}}
	if collected := c.metrics(); len(collected) > 0 {
		dimensions := map[string]string{}
		for _, d := range c.Dimensions {
			dimensions[string(d)] = "${aws:" + string(d) + "}"
		}
		metrics := map[string]any{"namespace": c.Namespace, "metrics_collected": collected, "force_flush_interval": seconds(c.FlushInterval)}
		if len(dimensions) > 0 {
			metrics["append_dimensions"] = dimensions
		}
		if len(c.Aggregations) > 0 {
			sets := make([][]string, len(c.Aggregations))
			for i, set := range c.Aggregations {
				sets[i] = append([]string{}, set...) // [], never null
			}
			metrics["aggregation_dimensions"] = sets
		}
		doc["metrics"] = metrics
	}
	if len(c.Logs) > 0 {
		files := make([]any, len(c.Logs))
		for i := range c.Logs {
			files[i] = c.Logs[i].document(group(&c.Logs[i]))
		}
		doc["logs"] = map[string]any{"logs_collected": map[string]any{"files": map[string]any{"collect_list": files}}}
	}
	if t := c.Traces; t != nil {
		collected := map[string]any{}
		if t.XRay != "" {
			collected["xray"] = map[string]any{"bind_address": t.XRay, "tcp_proxy": map[string]any{"bind_address": t.XRay}}
		}
		if t.OTLP != nil {
			collected["otlp"] = t.OTLP.document()
		}
		doc["traces"] = map[string]any{"traces_collected": collected}
	}
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false) // as it would spend five characters on each <
	if err := e.Encode(doc); err != nil {
		panic(err) // maps, lists and texts only
	}
	return strings.TrimSuffix(text.String(), "\n")
}

func (c *Config) metrics() map[string]any {
	collected := map[string]any{}
	for _, k := range c.kinds() {
		m := k.section.document(k.name)
		for name, v := range k.more {
			m[name] = v
		}
		collected[k.name] = m
	}
	if len(c.Procstat) > 0 {
		processes := make([]any, len(c.Procstat))
		for i, p := range c.Procstat {
			m := p.document("procstat")
			for name, v := range map[string]string{"pid_file": p.PIDFile, "exe": p.Exe, "pattern": p.Pattern} {
				if v != "" {
					m[name] = v
				}
			}
			processes[i] = m
		}
		collected["procstat"] = processes
	}
	if s := c.StatsD; s != nil {
		collected["statsd"] = map[string]any{
			"service_address": s.Address, "metrics_collection_interval": seconds(s.Interval), "metrics_aggregation_interval": seconds(s.Aggregation),
		}
	}
	if c.OTLP != nil {
		collected["otlp"] = c.OTLP.document()
	}
	return collected
}

func (s *Section) document(kind string) map[string]any {
	names := make([]string, len(s.Measurements))
	for i, m := range s.Measurements {
		names[i] = strings.TrimPrefix(m, kind+"_")
	}
	m := map[string]any{"measurement": names, "metrics_collection_interval": seconds(s.Interval)}
	if s.DropOriginal {
		m["drop_original_metrics"] = names
	}
	return m
}

func (l *OTLP) document() map[string]any {
	return map[string]any{"grpc_endpoint": l.GRPC, "http_endpoint": l.HTTP}
}

func (f *LogFile) document(group string) map[string]any {
	m := map[string]any{"file_path": f.Path, "log_group_name": group, "log_stream_name": f.Stream}
	if f.TimestampFormat != "" {
		m["timestamp_format"], m["timezone"] = f.TimestampFormat, "Local"
		if f.UTC {
			m["timezone"] = "UTC"
		}
	}
	if f.MultiLineStart != "" {
		m["multi_line_start_pattern"] = f.MultiLineStart
	}
	if len(f.Filters) > 0 {
		filters := make([]any, len(f.Filters))
		for i, x := range f.Filters {
			filters[i] = map[string]any{"type": map[bool]string{false: "include", true: "exclude"}[x.Exclude], "expression": x.Expression}
		}
		m["filters"] = filters
	}
	return m
}

// stream is the default log stream of the file with the given path.
func stream(path string) string { return "{instance_id}" + strings.ReplaceAll(path, "*", "_") }

func seconds(d time.Duration) int { return int(d / time.Second) }
