package monitoring

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/sorted"
)

// value is a dimension of a metric with its value for a resource, which may be a token.
type value struct{ name, value string }

// planned is a metric of a resource that goes on the dashboard.
type planned struct {
	resource *resource
	service  *service
	metric   metric
	key      string
	// dimensions of the metric, and of those that its expression uses, by their names.
	dimensions map[string][]value
	// alarm is as it will be made; nil when there is none, or when there is one already.
	alarm *effective
	// adopted are the alarms on it that are there already.
	adopted []*existing
}

// effective is an alarm after overrides.
type effective struct {
	alarm
	band float64
}

// plan says what is made for the resources of a tree.
type plan struct {
	metrics  []*planned
	existing []*existing
	// leftOut says which resources are not monitored, and why.
	leftOut []string
}

// newPlan reports in c what cannot be made for the monitor's stack.
func newPlan(t *tree, home *stackInfo, p *MonitorProps, c *check.List) *plan {
	pl := &plan{existing: existingAlarms(t)}
	monitored := pl.monitored(t)
	refuse(monitored, home, c)
	for path := range sorted.All(p.PathOverrides) {
		c.That(slices.ContainsFunc(monitored, func(m match) bool { return below(m.resource.path, path) }), check.Key("PathOverrides", path),
			"no monitored resource is there")
	}
	if c.Err() != nil {
		return pl
	}
	for _, m := range monitored {
		pl.addMetrics(m.resource, m.service, home, p)
	}
	return pl
}

// match is a resource with what is known of its type.
type match struct {
	resource *resource
	service  *service
}

// monitored gives the resources of known types, in the order of the dashboard.
func (pl *plan) monitored(t *tree) []match {
	var matches []match
	for i := range services {
		s := &services[i]
		for _, r := range t.of(s.kind) {
			if !s.matches(r) {
				continue
			}
			if r.construct.CfnOptions().Condition() != nil {
				pl.leftOut = append(pl.leftOut, r.path+" is not monitored: it has a condition, and alarms on what is not there cannot be deployed")
				continue
			}
			matches = append(matches, match{r, s})
		}
	}
	return matches
}

// refuse reports stacks whose resources the monitor cannot look at.
func refuse(matches []match, home *stackInfo, c *check.List) {
	stacks := map[string]*stackInfo{}
	for _, m := range matches {
		stacks[m.resource.stack.path] = m.resource.stack
	}
	for path, s := range sorted.All(stacks) {
		switch {
		case s.stage != home.stage:
			c.Add("Watch", "the stack %s is in another stage than the monitor", path)
		case s.account != home.account || s.region != home.region:
			c.Add("Watch", "the stack %s is in %s, and alarms of the monitor's stack in %s", path, environment(s), environment(home))
		}
	}
}

func environment(s *stackInfo) string {
	name := func(s, unknown string) string {
		if check.IsToken(s) {
			return unknown
		}
		return s
	}
	return name(s.account, "the account of its deployment") + ", " + name(s.region, "the region of its deployment")
}

// below tells whether a path is that of a construct, or of one below it.
func below(path, ancestor string) bool {
	return path == ancestor || strings.HasPrefix(path, ancestor+"/")
}

func (pl *plan) addMetrics(r *resource, s *service, home *stackInfo, p *MonitorProps) {
	for _, m := range s.metrics {
		if m.when != nil && !m.when(r) {
			continue
		}
		m = s.complete(m)
		dimensions := map[string][]value{}
		for _, part := range m.parts() {
			dimensions[part.name] = valuesOf(r, part.dimensions)
		}
		if slices.ContainsFunc(slices.Collect(maps.Values(dimensions)), func(v []value) bool { return v == nil }) {
			continue
		}
		item := &planned{resource: r, service: s, metric: m, key: s.key(&m), dimensions: dimensions}
		if s.region == "" || s.region == home.region {
			item.alarm = p.effective(item)
			item.adopt(pl.existing)
		} else if m.alarm != nil {
			pl.leftOut = append(pl.leftOut, fmt.Sprintf("%s has no alarm on %s: its metrics are in %s, and alarms look at their own region only", r.path, m.name, s.region))
		}
		pl.metrics = append(pl.metrics, item)
	}
}

// valuesOf gives nil when the resource has no value for one of the dimensions.
func valuesOf(r *resource, dimensions []dimension) []value {
	values := make([]value, len(dimensions))
	for i, d := range dimensions {
		values[i] = value{d.name, d.value(r)}
		if values[i].value == "" {
			return nil
		}
	}
	return values
}

// override gives what the props say about the alarm on a metric.
func (p *MonitorProps) override(path, key string) Override {
	o := p.Overrides[key]
	for ancestor, overrides := range sorted.All(p.PathOverrides) { // a path comes before longer ones
		if below(path, ancestor) {
			o = o.over(overrides[key])
		}
	}
	return o
}

// effective gives the alarm on a metric after overrides, or nil.
func (p *MonitorProps) effective(item *planned) *effective {
	if item.metric.alarm == nil {
		return nil
	}
	o := p.override(item.resource.path, item.key)
	e := &effective{alarm: *item.metric.alarm, band: o.AnomalyBand}
	known := true
	if e.from != nil && o.Threshold == nil && o.AnomalyBand == 0 {
		e.threshold, known = e.from(item.resource)
	}
	if o.Off || !known {
		return nil
	}
	if o.Threshold != nil {
		e.threshold = *o.Threshold
	}
	if o.Of != 0 {
		e.datapoints, e.of = o.Datapoints, o.Of
	}
	if o.Severity != "" {
		e.severity = o.Severity
	}
	return e
}

const kindAlarm = "AWS::CloudWatch::Alarm"

// existing is an alarm on metrics that was found.
type existing struct {
	resource *resource
	// metrics are those that it looks at.
	metrics []signature
	// severity is that of the metric it is on, or Warning.
	severity Severity
}

// signature identifies a metric in a template.
type signature struct {
	namespace, name string
	// dimensions have their values as JSON.
	dimensions map[string]string
}

// existingAlarms gives the alarms in a tree, but those that scale something: these are on in normal times.
func existingAlarms(t *tree) []*existing {
	var found []*existing
	for _, r := range t.of(kindAlarm) {
		if !scales(r) && r.construct.CfnOptions().Condition() == nil {
			found = append(found, &existing{resource: r, metrics: signatures(r), severity: Warning})
		}
	}
	return found
}

func scales(r *resource) bool {
	for _, name := range []string{"AlarmActions", "OKActions"} {
		for _, action := range r.list(name) {
			if to := r.referent(action); to != nil && strings.HasSuffix(to.kind, "::ScalingPolicy") {
				return true
			}
		}
	}
	return false
}

// signatures gives the metrics that an alarm looks at.
func signatures(r *resource) []signature {
	all := []any{r.property()}
	for _, query := range r.list("Metrics") {
		if stat := dig(query, "MetricStat", "Metric"); stat != nil {
			all = append(all, stat)
		}
	}
	var found []signature
	for _, m := range all {
		name, ok := dig(m, "MetricName").(string)
		if !ok {
			continue
		}
		s := signature{name: name, dimensions: map[string]string{}}
		s.namespace, _ = dig(m, "Namespace").(string)
		dimensions, _ := dig(m, "Dimensions").([]any)
		for _, d := range dimensions {
			if name, ok := dig(d, "Name").(string); ok {
				s.dimensions[name] = r.identity(dig(d, "Value"))
			}
		}
		found = append(found, s)
	}
	return found
}

// adopt puts existing alarms on the metric in the place of the one that would be made. An expression counts as its first
// metric: who has an alarm on the number of errors needs none on their share.
func (item *planned) adopt(all []*existing) {
	if item.metric.alarm == nil {
		return
	}
	part := item.metric.parts()[0]
	var own *signature
	for _, e := range all {
		for _, s := range e.metrics {
			if s.name != part.metricName || s.namespace != part.namespace || !item.mayBeAbout(e) {
				continue
			}
			if own == nil {
				own = &signature{dimensions: map[string]string{}}
				for _, v := range item.dimensions[part.name] {
					own.dimensions[v.name] = item.resource.identity(v.value)
				}
			}
			if covers(s.dimensions, own.dimensions) {
				item.adopted = append(item.adopted, e)
				if item.alarm != nil {
					e.severity = item.alarm.severity
				}
				break
			}
		}
	}
	if len(item.adopted) > 0 {
		item.alarm = nil
	}
}

// mayBeAbout tells whether references in e's template by the logical id of the resource mean it.
func (item *planned) mayBeAbout(e *existing) bool {
	r := item.resource
	return r.tree.find(e.resource.stack, r.logicalID) == r
}

// finer are dimensions that narrow a metric down to versions of a resource: an alarm with them is on the resource too.
var finer = map[string]bool{"Resource": true, "ExecutedVersion": true}

// covers tells whether an alarm with some dimensions looks at a metric with others.
func covers(got, want map[string]string) bool {
	for name, v := range want {
		if got[name] != v {
			return false
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok && !finer[name] {
			return false
		}
	}
	return true
}

// nameIn gives the path of a resource for people, and for construct ids: relative to the monitor's stack for what is in it, else
// to the stage.
func (r *resource) nameIn(home *stackInfo) string {
	name := strings.TrimPrefix(r.path, home.stage+"/")
	if !r.elsewhere {
		name = strings.TrimPrefix(r.path, home.path+"/")
	}
	for _, end := range []string{"/Resource", "/Default"} {
		name = strings.TrimSuffix(name, end)
	}
	return name
}
