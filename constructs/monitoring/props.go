package monitoring

import (
	"math"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/near"
	"github.com/strata-cdk/strata/internal/sorted"
)

// Severity says how urgent an alarm is, and so where it is told.
type Severity string

const (
	// Critical alarms are about users who are served badly now, or data that is being lost: somebody gets up for them.
	Critical Severity = "Critical"
	// Warning alarms are about what becomes critical unless somebody looks at it in the hours that come.
	Warning Severity = "Warning"
	// Info alarms are shown on the dashboard, and told to nobody unless Topics has a topic for them.
	Info Severity = "Info"
)

var severities = []Severity{Critical, Warning, Info}

// Override changes the alarm of a metric. Its zero value changes nothing.
type Override struct {
	// Off makes no alarm; the metric stays on the dashboard. It goes without all else.
	// Default: false.
	Off bool
	// Threshold is the highest value that is fine, the lowest one where the alarm fires below it, in the unit of the metric.
	// It goes without AnomalyBand.
	// Default: nil, that of the Catalog.
	Threshold *float64
	// Datapoints among the last Of periods must be beyond the threshold; given both or none, 1 or more. All periods together
	// are at most a day.
	// Default: those of the Catalog.
	Datapoints, Of int
	// Severity of the alarm.
	// Default: that of the Catalog.
	Severity Severity
	// AnomalyBand puts a band that CloudWatch learns from the metric in the place of the threshold: its width, in standard
	// deviations, such as 2; at most 100. CloudWatch bills such an alarm as three.
	// Default: 0, a fixed threshold.
	AnomalyBand float64
}

// MonitorProps configures a Monitor. A nil *MonitorProps, like its zero value, takes every default.
type MonitorProps struct {
	// Watch are the scopes in which resources are looked for: constructs, stacks, also other ones than the monitor's, stages or
	// apps. All stacks must be in the stage, the account and the region of the monitor. Each scope has composite alarms of its
	// own. What is in several belongs to the first.
	// Default: the scope that the monitor is defined in.
	Watch []constructs.IConstruct
	// Exclude are constructs that are left out with all below them.
	// Default: none.
	Exclude []constructs.IConstruct
	// Overrides change alarms by type and metric: the keys of the Catalog, such as "AWS::Lambda::Function/Throttles".
	// Default: none.
	Overrides map[string]Override
	// PathOverrides change the alarms of resources by the path of a construct in the app, such as "Shop/Orders", which is
	// meant with all below it, then by type and metric. They prevail over Overrides field by field, and longer paths over
	// shorter ones.
	// Default: none.
	PathOverrides map[string]map[string]Override
	// Topics are told about alarms of their severity. Topics that are encrypted need a key whose policy admits CloudWatch.
	// Default: a new topic each for Critical and Warning, encrypted with Key, and none for Info.
	Topics map[Severity]awssns.ITopic
	// DisableNotifications tells nobody: there are alarms and a dashboard. It goes without Topics and Key.
	// Default: false.
	DisableNotifications bool
	// Key encrypts new topics. It goes without topics for both Critical and Warning.
	// Default: a new key that rotates yearly, when there is a new topic.
	Key awskms.IKey
	// NotifyEachAlarm lets each alarm tell its topic, instead of the composite alarm of its scope and severity. One incident
	// then sends as many notifications as alarms fire.
	// Default: false, composite alarms notify.
	NotifyEachAlarm bool
	// Maintenance is an alarm that silences the composite alarms while it is on; of the monitor's account and region. It goes
	// without NotifyEachAlarm.
	// Default: nil, nothing silences Critical alarms; they silence the Warning ones of their scope.
	Maintenance awscloudwatch.IAlarm
	// RunbookURL is the page that descriptions of alarms lead to, at the anchor of the type and metric: with
	// "https://wiki.example.com/runbook", "https://wiki.example.com/runbook#aws-lambda-function-throttles". At most 500
	// characters, without #.
	// Default: none.
	RunbookURL string
	// DisableDashboard makes no dashboard.
	// Default: false.
	DisableDashboard bool
	// ConfigureAlarm edits the L1 props of each new alarm last, after all defaults. The string is the key of its metric.
	// Default: no edit.
	ConfigureAlarm func(key string, props *awscloudwatch.CfnAlarmProps)
}

const day = 24 * time.Hour

// Validate reports every invalid field at once. It is pure Go: no construct is made. What depends on the resources that are
// found is reported by NewMonitor.
func (p *MonitorProps) Validate() error {
	var d MonitorProps
	if p != nil {
		d = *p
	}
	c := check.For("monitoring.MonitorProps")
	for i, scope := range d.Watch {
		c.That(scope != nil, check.Index("Watch", i), "must be given")
	}
	for i, scope := range d.Exclude {
		c.That(scope != nil, check.Index("Exclude", i), "must be given")
	}
	known := map[string]metric{}
	for i := range services {
		for _, m := range services[i].metrics {
			known[services[i].key(&m)] = services[i].complete(m)
		}
	}
	validateOverrides(c, "Overrides", d.Overrides, known)
	for path, overrides := range sorted.All(d.PathOverrides) {
		validateOverrides(c, check.Key("PathOverrides", path), overrides, known)
	}
	for severity, topic := range sorted.All(d.Topics) {
		field := check.Key("Topics", string(severity))
		check.OneOf(c, field, severity, severities...)
		c.That(topic != nil, field, "must be given")
	}
	c.That(!d.DisableNotifications || len(d.Topics) == 0, "Topics", "must be left out with DisableNotifications")
	c.That(d.Key == nil || d.makesTopic(), "Key", "must be left out when there is no new topic")
	c.That(d.Maintenance == nil || !d.NotifyEachAlarm, "Maintenance", "must be left out with NotifyEachAlarm: it silences composite alarms only")
	if d.RunbookURL != "" && !check.IsToken(d.RunbookURL) {
		c.That(strings.HasPrefix(d.RunbookURL, "https://"), "RunbookURL", "must start with https://, got %q", d.RunbookURL)
		c.That(!strings.Contains(d.RunbookURL, "#"), "RunbookURL", "must have no #, as each alarm adds its own, got %q", d.RunbookURL)
	}
	c.That(len(d.RunbookURL) <= 500, "RunbookURL", "must have at most 500 characters, got %d", len(d.RunbookURL))
	return c.Err()
}

// makesTopic tells whether there is a severity whose topic is made.
func (p *MonitorProps) makesTopic() bool {
	return !p.DisableNotifications && (p.Topics[Critical] == nil || p.Topics[Warning] == nil)
}

func validateOverrides(c *check.List, field string, overrides map[string]Override, known map[string]metric) {
	for key, o := range sorted.All(overrides) {
		c := c.At(check.Key(field, key))
		m, ok := known[key]
		if !ok {
			c.Add("", "no such metric; near ones: %s", strings.Join(near.Names(key, withAlarm(known), 3), ", "))
			continue
		}
		c.That(m.alarm != nil, "", "has no alarm")
		o.validate(c, m.period)
	}
}

func (o Override) validate(c *check.List, period time.Duration) {
	c.That(!o.Off || o == Override{Off: true}, "Off", "must be alone")
	c.That(o.Threshold == nil || o.AnomalyBand == 0, "Threshold", "must be left out with AnomalyBand")
	c.That(o.Threshold == nil || !math.IsNaN(*o.Threshold) && !math.IsInf(*o.Threshold, 0), "Threshold", "must be a number")
	c.That((o.Datapoints == 0) == (o.Of == 0), "Of", "must be given with Datapoints, and these with it")
	if o.Datapoints != 0 && o.Of != 0 {
		most := int(day / period)
		check.Range(c, "Of", o.Of, 1, most)
		check.Range(c, "Datapoints", o.Datapoints, 1, max(1, o.Of))
	}
	if o.Severity != "" {
		check.OneOf(c, "Severity", o.Severity, severities...)
	}
	c.That(0 <= o.AnomalyBand && o.AnomalyBand <= 100, "AnomalyBand", "must be between 0 and 100, got %v", o.AnomalyBand)
}

// over gives o with what is set in upper.
func (o Override) over(upper Override) Override {
	if upper.Off {
		return Override{Off: true}
	}
	if upper != (Override{}) {
		o.Off = false
	}
	if upper.Threshold != nil {
		o.Threshold, o.AnomalyBand = upper.Threshold, 0
	}
	if upper.AnomalyBand != 0 {
		o.Threshold, o.AnomalyBand = nil, upper.AnomalyBand
	}
	if upper.Of != 0 {
		o.Datapoints, o.Of = upper.Datapoints, upper.Of
	}
	if upper.Severity != "" {
		o.Severity = upper.Severity
	}
	return o
}

// withAlarm gives the keys of the metrics that have an alarm.
func withAlarm(known map[string]metric) []string {
	var keys []string
	for key, m := range known {
		if m.alarm != nil {
			keys = append(keys, key)
		}
	}
	return keys
}
