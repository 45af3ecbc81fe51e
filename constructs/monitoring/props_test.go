package monitoring_test

import (
	"math"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/monitoring"
)

// These stand for constructs in tests that only look at props.
type (
	fakeTopic struct{ awssns.ITopic }
	fakeKey   struct{ awskms.IKey }
	fakeAlarm struct{ awscloudwatch.IAlarm }
)

func TestMonitorProps_Validate(t *testing.T) {
	type props = monitoring.MonitorProps
	const key, daily = "AWS::Lambda::Function/Throttles", "AWS::DynamoDB::Table/ReadCapacityPercent"
	const field = `Overrides["` + key + `"]`
	override := func(o monitoring.Override) func(*props) {
		return func(p *props) { p.Overrides = map[string]monitoring.Override{key: o} }
	}
	both := map[monitoring.Severity]awssns.ITopic{monitoring.Critical: fakeTopic{}, monitoring.Warning: fakeTopic{}}
	cdktest.ValidateTable(t, func() props { return props{} }, []cdktest.Case[props]{
		{Name: "defaults", Edit: func(*props) {}},
		{Name: "nil scopes", Edit: func(p *props) { p.Watch, p.Exclude = []constructs.IConstruct{nil}, []constructs.IConstruct{nil} },
			Want: []string{"Watch[0]: must be given", "Exclude[0]: must be given"}},
		{Name: "an override of nothing", Edit: override(monitoring.Override{})},
		{Name: "a threshold of 0", Edit: override(monitoring.Override{Threshold: new(0.0)})},
		{Name: "no number", Edit: override(monitoring.Override{Threshold: new(math.NaN())}), Want: []string{field + ".Threshold: must be a number"}},
		{Name: "infinity", Edit: override(monitoring.Override{Threshold: new(math.Inf(-1))}), Want: []string{field + ".Threshold: must be a number"}},
		{Name: "off alone", Edit: override(monitoring.Override{Off: true})},
		{Name: "off with more", Edit: override(monitoring.Override{Off: true, Severity: monitoring.Info}), Want: []string{field + ".Off: must be alone"}},
		{Name: "threshold with a band", Edit: override(monitoring.Override{Threshold: new(1.0), AnomalyBand: 2}),
			Want: []string{field + ".Threshold: must be left out with AnomalyBand"}},
		{Name: "widest band", Edit: override(monitoring.Override{AnomalyBand: 100})},
		{Name: "band too wide", Edit: override(monitoring.Override{AnomalyBand: 100.5}), Want: []string{field + ".AnomalyBand: must be between 0 and 100, got 100.5"}},
		{Name: "band below 0", Edit: override(monitoring.Override{AnomalyBand: -1}), Want: []string{field + ".AnomalyBand: must be between 0 and 100, got -1"}},
		{Name: "a day of minutes", Edit: override(monitoring.Override{Datapoints: 1440, Of: 1440})},
		{Name: "more than a day", Edit: override(monitoring.Override{Datapoints: 1, Of: 1441}), Want: []string{field + ".Of: must be between 1 and 1440, got 1441"}},
		{Name: "more than a day of five minutes", Edit: func(p *props) { p.Overrides = map[string]monitoring.Override{daily: {Datapoints: 1, Of: 289}} },
			Want: []string{`Overrides["` + daily + `"].Of: must be between 1 and 288, got 289`}},
		{Name: "more datapoints than periods", Edit: override(monitoring.Override{Datapoints: 3, Of: 2}), Want: []string{field + ".Datapoints: must be between 1 and 2, got 3"}},
		{Name: "datapoints alone", Edit: override(monitoring.Override{Datapoints: 3}), Want: []string{field + ".Of: must be given with Datapoints, and these with it"}},
		{Name: "periods alone", Edit: override(monitoring.Override{Of: 3}), Want: []string{field + ".Of: must be given with Datapoints, and these with it"}},
		{Name: "negative datapoints", Edit: override(monitoring.Override{Datapoints: -1, Of: 3}), Want: []string{field + ".Datapoints: must be between 1 and 3, got -1"}},
		{Name: "severity", Edit: override(monitoring.Override{Severity: "High"}), Want: []string{field + ".Severity: must be one of Critical, Warning, Info, got High"}},
		{Name: "overrides of a path", Edit: func(p *props) {
			p.PathOverrides = map[string]map[string]monitoring.Override{"Shop/Orders": {key: {Severity: "High"}}}
		}, Want: []string{`PathOverrides["Shop/Orders"]["` + key + `"].Severity: must be one of Critical, Warning, Info, got High`}},
		{Name: "a graph has no alarm", Edit: func(p *props) { p.Overrides = map[string]monitoring.Override{"AWS::Lambda::Function/Invocations": {}} },
			Want: []string{`Overrides["AWS::Lambda::Function/Invocations"]: has no alarm`}},
		{Name: "topics", Edit: func(p *props) {
			p.Topics = map[monitoring.Severity]awssns.ITopic{"High": fakeTopic{}, monitoring.Info: nil}
		},
			Want: []string{`Topics["High"]: must be one of Critical, Warning, Info, got High`, `Topics["Info"]: must be given`}},
		{Name: "topics of nobody", Edit: func(p *props) { p.DisableNotifications, p.Topics = true, both }, Want: []string{"Topics: must be left out with DisableNotifications"}},
		{Name: "key", Edit: func(p *props) { p.Key = fakeKey{} }},
		{Name: "key for one topic", Edit: func(p *props) {
			p.Key, p.Topics = fakeKey{}, map[monitoring.Severity]awssns.ITopic{monitoring.Critical: fakeTopic{}}
		}},
		{Name: "key without a new topic", Edit: func(p *props) { p.Key, p.Topics = fakeKey{}, both }, Want: []string{"Key: must be left out when there is no new topic"}},
		{Name: "key of nobody", Edit: func(p *props) { p.Key, p.DisableNotifications = fakeKey{}, true }, Want: []string{"Key: must be left out when there is no new topic"}},
		{Name: "maintenance", Edit: func(p *props) { p.Maintenance = fakeAlarm{} }},
		{Name: "maintenance of each alarm", Edit: func(p *props) { p.Maintenance, p.NotifyEachAlarm = fakeAlarm{}, true },
			Want: []string{"Maintenance: must be left out with NotifyEachAlarm: it silences composite alarms only"}},
		{Name: "runbook", Edit: func(p *props) { p.RunbookURL = "https://wiki" }},
		{Name: "runbook of the deployment", Edit: func(p *props) { p.RunbookURL = "${Token[TOKEN.7]}" }},
		{Name: "runbook without https", Edit: func(p *props) { p.RunbookURL = "wiki" }, Want: []string{`RunbookURL: must start with https://, got "wiki"`}},
		{Name: "runbook with an anchor", Edit: func(p *props) { p.RunbookURL = "https://wiki#x" },
			Want: []string{`RunbookURL: must have no #, as each alarm adds its own, got "https://wiki#x"`}},
		{Name: "longest runbook", Edit: func(p *props) { p.RunbookURL = "https://" + strings.Repeat("x", 492) }},
		{Name: "runbook too long", Edit: func(p *props) { p.RunbookURL = "https://" + strings.Repeat("x", 493) },
			Want: []string{"RunbookURL: must have at most 500 characters, got 501"}},
	})
}

func TestMonitorProps_ValidateNil(t *testing.T) {
	if err := (*monitoring.MonitorProps)(nil).Validate(); err != nil {
		t.Error(err)
	}
}

// A key that is nearly right is told the right one.
func TestMonitorProps_NearKeys(t *testing.T) {
	for typo, want := range map[string]string{
		"AWS::SQS::Queue/DeadLetter":      "AWS::SQS::Queue/DeadLetters",
		"aws::lambda::function/throttles": "AWS::Lambda::Function/Throttles",
	} {
		err := (&monitoring.MonitorProps{Overrides: map[string]monitoring.Override{typo: {}}}).Validate()
		if err == nil || !strings.Contains(err.Error(), `Overrides["`+typo+`"]: no such metric; near ones: `+want+", ") {
			t.Errorf("%s: %v", typo, err)
		}
	}
}
