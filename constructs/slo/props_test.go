package slo_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/slo"
)

type fakeMetric struct{ awscloudwatch.IMetric }

const day = 24 * time.Hour

func TestServiceLevelObjectiveProps_Validate(t *testing.T) {
	type p = slo.ServiceLevelObjectiveProps
	valid := func() p { return p{Service: &slo.Service{Name: "web", Environment: "ecs:main"}} }
	rate := func(edit func(*slo.BurnRate)) func(*p) {
		return func(d *p) {
			b := slo.BurnRate{Name: "Fast", BudgetPercent: 2, Long: time.Hour, Short: 5 * time.Minute}
			edit(&b)
			d.BurnRates = []slo.BurnRate{b}
		}
	}
	periods := func(edit func(*slo.Periods)) func(*p) {
		return func(d *p) {
			d.Service, d.Periods = nil, &slo.Periods{Metric: fakeMetric{}}
			edit(d.Periods)
		}
	}
	excluded := func(e slo.Exclusion) func(*p) { return func(d *p) { d.Exclusions = []slo.Exclusion{e} } }
	const nameRule = "Name: must be 2 to 128 letters, digits, spaces, ., _ and -, with a letter or digit first and last, got "
	cdktest.ValidateTable(t, valid, []cdktest.Case[p]{
		{Name: "defaults", Edit: func(*p) {}},
		{Name: "name", Edit: func(d *p) { d.Name = "a b.c_d-9" }},
		{Name: "longest name", Edit: func(d *p) { d.Name = strings.Repeat("a", 128) }},
		{Name: "short name", Edit: func(d *p) { d.Name = "a" }, Want: []string{nameRule + `"a"`}},
		{Name: "long name", Edit: func(d *p) { d.Name = strings.Repeat("a", 129) }, Want: []string{nameRule + `"` + strings.Repeat("a", 129) + `"`}},
		{Name: "bad end", Edit: func(d *p) { d.Name = "ab-" }, Want: []string{nameRule + `"ab-"`}},
		{Name: "description", Edit: func(d *p) { d.Description = strings.Repeat("a", 1025) }, Want: []string{
			"Description: must have at most 1024 characters, got 1025"}},
		{Name: "no indicator", Edit: func(d *p) { d.Service = nil }, Want: []string{"must have exactly one of Service, Requests and Periods, got 0"}},
		{Name: "two indicators", Edit: func(d *p) { d.Periods = &slo.Periods{Metric: fakeMetric{}} }, Want: []string{
			"must have exactly one of Service, Requests and Periods, got 2"}},
		{Name: "service", Edit: func(d *p) {
			d.Service = &slo.Service{Operation: strings.Repeat("a", 256), LatencyBelow: time.Microsecond}
		}, Want: []string{
			"Service.Name: must be given", "Service.Environment: must be given", "Service.Operation: must have at most 255 characters, got 256",
			"Service.LatencyBelow: must be whole milliseconds, 0 or more, got 1µs"}},
		{Name: "negative latency", Edit: func(d *p) { d.Service.LatencyBelow = -time.Second }, Want: []string{
			"Service.LatencyBelow: must be whole milliseconds, 0 or more, got -1s"}},
		{Name: "latency", Edit: func(d *p) { d.Service.LatencyBelow = 200 * time.Millisecond }},
		{Name: "requests", Edit: func(d *p) { d.Service, d.Requests = nil, &slo.Requests{} }, Want: []string{
			"Requests.Total: must be given", "Requests: must have either Good or Bad"}},
		{Name: "good and bad", Edit: func(d *p) {
			d.Service, d.Requests = nil, &slo.Requests{Total: fakeMetric{}, Good: fakeMetric{}, Bad: fakeMetric{}}
		}, Want: []string{
			"Requests: must have either Good or Bad"}},
		{Name: "bad", Edit: func(d *p) { d.Service, d.Requests = nil, &slo.Requests{Total: fakeMetric{}, Bad: fakeMetric{}} }},
		{Name: "no metric", Edit: periods(func(d *slo.Periods) { d.Metric = nil }), Want: []string{"Periods.Metric: must be given"}},
		{Name: "comparison", Edit: periods(func(d *slo.Periods) { d.Comparison = "Equal" }), Want: []string{
			"Periods.Comparison: must be one of LessThan, LessThanOrEqualTo, GreaterThan, GreaterThanOrEqualTo, got Equal"}},
		{Name: "period", Edit: periods(func(d *slo.Periods) { d.Period = 16 * time.Minute }), Want: []string{
			"Periods.Period: must be between 1m0s and 15m0s, got 16m0s"}},
		{Name: "longest period", Edit: periods(func(d *slo.Periods) { d.Period = 15 * time.Minute })},
		{Name: "part of a minute", Edit: periods(func(d *slo.Periods) { d.Period = 90 * time.Second }), Want: []string{
			"Periods.Period: must be whole minutes, got 1m30s"}},
		{Name: "goal of all", Edit: func(d *p) { d.Goal = 100 }, Want: []string{"Goal: must be above 0 and below 100, got 100"}},
		{Name: "negative goal", Edit: func(d *p) { d.Goal, d.DisableAlarms = -1, true }, Want: []string{"Goal: must be above 0 and below 100, got -1"}},
		{Name: "low goal leaves out Fast and Slow", Edit: func(d *p) { d.Goal = 80 }},
		{Name: "rolling days", Edit: func(d *p) { d.RollingDays = 367 }, Want: []string{"RollingDays: must be between 1 and 366, got 367"}},
		{Name: "one day", Edit: func(d *p) { d.RollingDays = 1 }, Want: []string{
			"BurnRates: must be given, or DisableAlarms be set: none of the defaults can fire with Goal in this interval"}},
		{Name: "one day without alarms", Edit: func(d *p) { d.RollingDays, d.DisableAlarms = 1, true }},
		{Name: "calendar", Edit: func(d *p) { d.Calendar = &slo.Calendar{Start: time.Unix(1764547200, 0)} }},
		{Name: "calendar and days", Edit: func(d *p) { d.RollingDays, d.Calendar = 30, &slo.Calendar{Unit: "WEEK", Count: 1} }, Want: []string{
			"RollingDays: must be left out with Calendar", "Calendar.Start: must be given, after 2000", "Calendar.Unit: must be one of DAY, MONTH, got WEEK"}},
		{Name: "calendar limits", Edit: func(d *p) { d.Calendar = &slo.Calendar{Start: time.Unix(1764547200, 1), Count: 13} }, Want: []string{
			"Calendar.Start: must be whole seconds", "Calendar.Count: must be between 1 and 12, got 13"}},
		{Name: "days of a calendar", Edit: func(d *p) { d.Calendar = &slo.Calendar{Start: time.Unix(1764547200, 0), Unit: slo.Day, Count: 366} }},
		{Name: "warning", Edit: func(d *p) { d.WarningPercent = 100 }, Want: []string{"WarningPercent: must be above 0 and below 100, got 100"}},
		{Name: "alarms", Edit: func(d *p) { d.DisableAlarms, d.BurnRates = true, make([]slo.BurnRate, 1) }, Want: []string{
			"BurnRates: must be left out with DisableAlarms"}},
		{Name: "burn rate", Edit: rate(func(*slo.BurnRate) {})},
		{Name: "no burn rate", Edit: rate(func(b *slo.BurnRate) { *b = slo.BurnRate{} }), Want: []string{
			`BurnRates[0].Name: must be a letter, then letters and digits, got ""`,
			"BurnRates[0].BudgetPercent: must be above 0 and at most 100, got 0",
			"BurnRates[0].Long: must be between 1m0s and 168h0m0s, got 0s", "BurnRates[0].Short: must be between 1m0s and 168h0m0s, got 0s",
			"BurnRates[0].Short: must be shorter than Long, which is 0s, got 0s"}},
		{Name: "windows the wrong way round", Edit: rate(func(b *slo.BurnRate) { b.Long, b.Short = b.Short, b.Long }), Want: []string{
			"BurnRates[0].Short: must be shorter than Long, which is 5m0s, got 1h0m0s"}},
		{Name: "parts of minutes", Edit: rate(func(b *slo.BurnRate) { b.Short = 61 * time.Second }), Want: []string{
			"BurnRates[0].Short: must be whole minutes, got 1m1s"}},
		{Name: "window over 7 days", Edit: rate(func(b *slo.BurnRate) { b.Long, b.BudgetPercent = 8*day, 50 }), Want: []string{
			"BurnRates[0].Long: must be between 1m0s and 168h0m0s, got 192h0m0s"}},
		{Name: "window over interval", Edit: func(d *p) {
			d.RollingDays, d.BurnRates = 1, []slo.BurnRate{{Name: "A", BudgetPercent: 100, Long: 25 * time.Hour, Short: time.Hour}}
		}, Want: []string{
			"BurnRates[0].Long: must be at most the interval, which is 24h0m0s, got 25h0m0s",
			"BurnRates[0].BudgetPercent: must be more, or Long shorter: a rate of 0.96 never misses the goal"}},
		{Name: "too slow", Edit: rate(func(b *slo.BurnRate) { b.BudgetPercent = 0.1 }), Want: []string{
			"BurnRates[0].BudgetPercent: must be more, or Long shorter: a rate of 0.72 never misses the goal"}},
		{Name: "out of reach", Edit: func(d *p) {
			d.Goal, d.BurnRates = 90, []slo.BurnRate{{Name: "A", BudgetPercent: 2, Long: time.Hour, Short: time.Minute}}
		}, Want: []string{
			"BurnRates[0].BudgetPercent: must be less, or Long longer: a rate of 14.4 asks for 144 % of errors"}},
		{Name: "all requests", Edit: func(d *p) {
			d.Goal, d.BurnRates = 90, []slo.BurnRate{{Name: "A", BudgetPercent: 10, Long: 7*time.Hour + 12*time.Minute, Short: time.Minute}}
		}, Want: []string{
			"BurnRates[0].BudgetPercent: must be less, or Long longer: a rate of 10 asks for 100 % of errors"}},
		{Name: "same names", Edit: func(d *p) {
			b := slo.BurnRate{Name: "A", BudgetPercent: 2, Long: time.Hour, Short: time.Minute}
			d.BurnRates = []slo.BurnRate{b, b}
		}, Want: []string{
			`BurnRates[1].Name: must be another one for each, got "A" again`}},
		{Name: "six burn rates", Edit: func(d *p) {
			for _, name := range strings.Split("ABCDEF", "") {
				d.BurnRates = append(d.BurnRates, slo.BurnRate{Name: name, BudgetPercent: 2, Long: time.Hour, Short: time.Minute})
			}
		}, Want: []string{
			"BurnRates: must be at most 5, got 6"}},
		{Name: "exclusion", Edit: excluded(slo.Exclusion{Duration: time.Hour, Every: "cron(0 2 ? * SUN *)", Start: time.Unix(1796000000, 0)})},
		{Name: "rate", Edit: excluded(slo.Exclusion{Duration: time.Hour, Every: "rate(7 days)"})},
		{Name: "bad exclusion", Edit: excluded(slo.Exclusion{Every: "rate(1 week)", Start: time.Unix(0, 1), Reason: strings.Repeat("a", 1025)}), Want: []string{
			"Exclusions[0].Duration: must be whole minutes, 1 or more, got 0s", "Exclusions[0].Start: must be whole seconds",
			`Exclusions[0].Every: must be rate(N hour), rate(N day), rate(N month) or cron with six fields, got "rate(1 week)"`,
			"Exclusions[0].Reason: must have at most 1024 characters, got 1025"}},
		{Name: "cron of five fields", Edit: excluded(slo.Exclusion{Duration: time.Hour, Every: "cron(0 2 * * SUN)"}), Want: []string{
			`Exclusions[0].Every: must be rate(N hour), rate(N day), rate(N month) or cron with six fields, got "cron(0 2 * * SUN)"`}},
		{Name: "11 exclusions", Edit: func(d *p) {
			for range 11 {
				d.Exclusions = append(d.Exclusions, slo.Exclusion{Duration: time.Minute})
			}
		}, Want: []string{
			"Exclusions: must be at most 10, got 11"}},
		{Name: "removal", Edit: func(d *p) { d.RemovalPolicy = awscdk.RemovalPolicy_SNAPSHOT }, Want: []string{
			"RemovalPolicy: must be one of RETAIN, DESTROY, got SNAPSHOT"}},
	})
}

func TestServiceLevelObjectiveProps_ValidateNil(t *testing.T) {
	var p *slo.ServiceLevelObjectiveProps
	require.EqualError(t, p.Validate(), "invalid slo.ServiceLevelObjectiveProps:\n  - must have exactly one of Service, Requests and Periods, got 0")
}

// The rates of the SRE Workbook, for 30 days.
func TestBurnRate_Rate(t *testing.T) {
	for _, c := range []struct {
		percent    float64
		long, over time.Duration
		want       float64
	}{{2, time.Hour, 30 * day, 14.4}, {5, 6 * time.Hour, 30 * day, 6}, {10, 3 * day, 30 * day, 1}, {2, time.Hour, 7 * day, 3.36}} {
		assert.Equal(t, c.want, slo.BurnRate{BudgetPercent: c.percent, Long: c.long}.Rate(c.over))
	}
}
