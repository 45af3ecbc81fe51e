// Package monitoring makes alarms and a dashboard for the resources that it finds.
//
// A Monitor walks the constructs of its scope, or of other scopes and stacks, and looks at the resources of CloudFormation in
// them, whoever defined them. A table, which Catalog lists, says for each type which metrics are drawn and which have an alarm, at
// which threshold and why. Alarms that are there already are not made twice: they are shown, and count.
//
// Alarms do not notify by themselves. Each scope has a composite alarm for each severity, which notifies the topic of that
// severity once for an incident however many alarms it sets off; critical incidents silence the warnings of their scope.
package monitoring

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/encrypted"
	"github.com/strata-cdk/strata/internal/monitor"
)

// Monitor is the alarms and dashboards of the resources in some scopes.
type Monitor struct {
	constructs.Construct
	// Alarms are those that the monitor made, by the name of the resource and the metric: "Orders/Throttles".
	Alarms map[string]awscloudwatch.CfnAlarm
	// Composites are the composite alarms that notify, by the name of the watched scope and the severity: "Shop/Critical".
	Composites map[string]awscloudwatch.CfnCompositeAlarm
	// Topics are told, by severity. There is none for a severity that nobody is told of.
	Topics map[Severity]awssns.ITopic
	// Key encrypts new topics; nil when there is none.
	Key awskms.IKey
	// Dashboards are one, or several when there is too much for one; none with DisableDashboard.
	Dashboards []awscloudwatch.CfnDashboard

	props   MonitorProps
	home    *stackInfo
	adopted []string
	// shown are the ARNs of all alarms; children are theirs by scope and severity.
	shown    []string
	children []map[Severity][]child
}

// NewMonitor defines a Monitor named id in scope, of what is in the watched scopes by now: define it last. What is defined
// later is reported at synth.
// It panics with a *check.Error that lists every invalid field of props.
func NewMonitor(scope constructs.Construct, id string, props *MonitorProps) *Monitor {
	check.Must(scope.Node().Path(), id, props.Validate())
	var d MonitorProps
	if props != nil {
		d = *props
	}
	if len(d.Watch) == 0 {
		d.Watch = []constructs.IConstruct{scope}
	}
	home := infoOf(awscdk.Stack_Of(scope))
	t := walk(d.Watch, d.Exclude, home)
	c := check.For("monitoring.MonitorProps")
	pl := newPlan(t, home, &d, c)
	check.Must(scope.Node().Path(), id, c.Err())

	m := &Monitor{
		Alarms: map[string]awscloudwatch.CfnAlarm{}, Composites: map[string]awscloudwatch.CfnCompositeAlarm{}, Topics: map[Severity]awssns.ITopic{},
		props: d, home: home, children: make([]map[Severity][]child, len(d.Watch)),
	}
	constructs.NewConstruct_Override(m, scope, &id)
	for _, text := range pl.leftOut {
		awscdk.Annotations_Of(m).AddWarningV2(jsii.String("strata:monitoring:leftOut"), &text)
	}
	m.addTopics()
	m.addAlarms(pl)
	m.addComposites()
	if !d.DisableDashboard {
		m.addDashboards(pl)
	}
	m.Node().AddValidation(&late{m, t.seen})
	return m
}

// Adopted lists the paths of the alarms that were there already: the dashboard shows them, and they set off the composite alarm
// of their severity, that of the metric they are on; of others, Warning.
func (m *Monitor) Adopted() []string { return slices.Clone(m.adopted) }

func (m *Monitor) addTopics() {
	if m.props.DisableNotifications {
		return
	}
	if m.props.makesTopic() {
		m.Key = m.props.Key
		if m.Key == nil {
			m.Key = encrypted.NewKey(m, "Alarms of "+*m.Node().Path(), awscdk.RemovalPolicy_DESTROY)
		}
	}
	for _, severity := range severities {
		topic := m.props.Topics[severity]
		if topic == nil && severity != Info {
			topic = monitor.NewTopic(constructs.NewConstruct(m, jsii.String(string(severity))), m.Key)
		}
		if topic != nil {
			m.Topics[severity] = topic
		}
	}
}

// actions are those of an alarm of a severity.
func (m *Monitor) actions(severity Severity) *[]any {
	if topic := m.Topics[severity]; topic != nil {
		return &[]any{topic.TopicArn()}
	}
	return nil
}

func (m *Monitor) addAlarms(pl *plan) {
	own := constructs.NewConstruct(m, jsii.String("Alarms"))
	elsewhere := constructs.NewConstruct(m, jsii.String("Elsewhere"))
	for _, item := range pl.metrics {
		if item.alarm == nil {
			continue
		}
		props := item.props(item.description(m.props.RunbookURL))
		if m.props.NotifyEachAlarm {
			props.AlarmActions = m.actions(item.alarm.severity)
			props.OkActions = props.AlarmActions
		}
		if m.props.ConfigureAlarm != nil {
			m.props.ConfigureAlarm(item.key, props)
		}
		name := item.resource.nameIn(m.home) + "/" + item.metric.name
		scope := own
		if item.resource.elsewhere {
			scope = elsewhere
		}
		alarm := awscloudwatch.NewCfnAlarm(scope, jsii.String(strings.ReplaceAll(name, "/", "--")), props)
		m.Alarms[name] = alarm
		m.addChild(item.resource.watch, item.alarm.severity, &resource{construct: alarm, stack: m.home, logicalID: m.logicalID(alarm)})
	}
	for _, e := range pl.existing {
		m.adopted = append(m.adopted, e.resource.path)
		m.addChild(e.resource.watch, e.severity, e.resource)
	}
}

func (m *Monitor) addChild(watch int, severity Severity, alarm *resource) {
	if m.children[watch] == nil {
		m.children[watch] = map[Severity][]child{}
	}
	m.children[watch][severity] = append(m.children[watch][severity], child{alarm.ref(), nameLength(alarm.stack.name, alarm.logicalID)})
	m.shown = append(m.shown, alarm.attribute("Arn"))
}

func (m *Monitor) logicalID(r awscdk.CfnResource) string {
	return m.home.construct.Resolve(r.LogicalId()).(string)
}

// addComposites adds a composite alarm for each watched scope and severity that somebody is told of. Metric alarms and
// composite alarms of parts are all that its rule has, so that there are no cycles.
func (m *Monitor) addComposites() {
	if m.props.NotifyEachAlarm {
		return
	}
	scope := constructs.NewConstruct(m, jsii.String("Composites"))
	for i, children := range m.children {
		name := m.watched(i)
		var louder []child
		if m.props.Maintenance != nil {
			louder = append(louder, child{*m.props.Maintenance.AlarmArn(), 0})
		}
		for _, severity := range severities {
			if len(children[severity]) == 0 || m.Topics[severity] == nil {
				continue
			}
			id := strings.ReplaceAll(name, "/", "--") + "--" + string(severity)
			composite := m.composite(scope, id, children[severity], &awscloudwatch.CfnCompositeAlarmProps{
				AlarmDescription: jsii.String(fmt.Sprintf("%s: alarms of %s are on", severity, name)),
				AlarmActions:     m.actions(severity), OkActions: m.actions(severity),
			}, m.silence(scope, id, louder))
			m.Composites[name+"/"+string(severity)] = composite
			louder = append(louder, child{*composite.AttrArn(), 0})
		}
	}
}

// silence gives what suppresses the actions of a composite alarm while any of louder is on. They are few, so that their rule is
// short.
func (m *Monitor) silence(scope constructs.Construct, id string, louder []child) *string {
	switch len(louder) {
	case 0:
		return nil
	case 1:
		return &louder[0].name
	}
	return awscloudwatch.NewCfnCompositeAlarm(scope, jsii.String(id+"--Silence"), &awscloudwatch.CfnCompositeAlarmProps{
		AlarmRule: jsii.String(rule(louder)), AlarmDescription: jsii.String("Silences " + id),
	}).AttrArn()
}

const (
	// While the suppressor may still come on, actions wait, and after it is off they wait for the alarm to follow; in seconds.
	suppressorWait      = 120
	suppressorExtension = 120
)

func (m *Monitor) composite(scope constructs.Construct, id string, children []child, props *awscloudwatch.CfnCompositeAlarmProps, suppressor *string) awscloudwatch.CfnCompositeAlarm {
	groups := split(children)
	for level := 1; len(groups) > 1; level++ {
		parts := make([]child, len(groups))
		for i, group := range groups {
			part := awscloudwatch.NewCfnCompositeAlarm(scope, jsii.String(fmt.Sprintf("%s--Part%d-%d", id, level, i+1)), &awscloudwatch.CfnCompositeAlarmProps{
				AlarmRule: jsii.String(rule(group)), AlarmDescription: jsii.String(fmt.Sprintf("Part %d of: %s", i+1, *props.AlarmDescription)),
			})
			parts[i] = child{*part.Ref(), nameLength(m.home.name, m.logicalID(part))}
		}
		groups = split(parts)
	}
	props.AlarmRule = jsii.String(rule(groups[0]))
	if suppressor != nil {
		props.ActionsSuppressor = suppressor
		props.ActionsSuppressorWaitPeriod, props.ActionsSuppressorExtensionPeriod = jsii.Number(suppressorWait), jsii.Number(suppressorExtension)
	}
	return awscloudwatch.NewCfnCompositeAlarm(scope, &id, props)
}

// watched names the ith watched scope.
func (m *Monitor) watched(i int) string {
	switch path := *m.props.Watch[i].Node().Path(); path {
	case "":
		return "App"
	case m.home.stage:
		return "Stage"
	default:
		return strings.TrimPrefix(path, m.home.stage+"/")
	}
}

func (m *Monitor) addDashboards(pl *plan) {
	sections := pl.sections(m.home)
	if len(sections) == 0 && len(m.shown) == 0 {
		return
	}
	stack := m.home.construct
	id := awscdk.Names_UniqueResourceName(m, &awscdk.UniqueResourceNameOptions{MaxLength: jsii.Number(60)})
	name := func(n int) string {
		text := *stack.StackName() + "-" + m.home.region + "-" + *id
		if n > 1 {
			text += fmt.Sprintf("-%d", n)
		}
		return text
	}
	for i, page := range layout(statusWidgets(m.shown), sections, name) {
		id := "Dashboard"
		if i > 0 {
			id += strconv.Itoa(i + 1)
		}
		body := stack.ToJsonString(map[string]any{"widgets": page.widgets}, nil)
		m.Dashboards = append(m.Dashboards, awscloudwatch.NewCfnDashboard(m, &id, &awscloudwatch.CfnDashboardProps{DashboardName: jsii.String(name(i + 1)), DashboardBody: body}))
	}
}

// late is a validation that reports what was defined after the monitor.
type late struct {
	monitor *Monitor
	seen    map[constructs.IConstruct]bool
}

// Validate lists the resources of known types that the monitor has not seen, but those of other monitors.
func (l *late) Validate() *[]*string {
	known := map[string]bool{kindAlarm: true}
	for i := range services {
		known[services[i].kind] = true
	}
	var late []constructs.IConstruct
	skip := map[constructs.IConstruct]bool{}
	leave := func(scope constructs.IConstruct) {
		for _, c := range *scope.Node().FindAll("") {
			skip[c] = true
		}
	}
	for _, scope := range l.monitor.props.Watch {
		for _, c := range *scope.Node().FindAll("") {
			if _, ok := c.(*Monitor); ok {
				leave(c)
			}
			if !l.seen[c] {
				l.seen[c] = true
				late = append(late, c)
			}
		}
	}
	for _, scope := range l.monitor.props.Exclude {
		leave(scope)
	}
	var problems []*string
	for _, c := range late {
		if skip[c] {
			continue
		}
		if r := cfnResource(c); r != nil && known[*r.CfnResourceType()] {
			problems = append(problems, jsii.String(fmt.Sprintf("%s (%s) was defined after the monitor, which does not see it: define the monitor last",
				*r.Node().Path(), *r.CfnResourceType())))
		}
	}
	return &problems
}
