package profiling_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/profiling"
)

func TestProps_Validate(t *testing.T) {
	type p = profiling.Props
	cdktest.ValidateTable(t, func() p { return p{} }, []cdktest.Case[p]{
		{Name: "defaults", Edit: func(*p) {}},
		{Name: "name", Edit: func(d *p) { d.Name = strings.Repeat("a", 253) + "_-" }},
		{Name: "bad name", Edit: func(d *p) { d.Name = "a b" }, Want: []string{`Name: must be 1 to 255 letters, digits, _ and -, got "a b"`}},
		{Name: "long name", Edit: func(d *p) { d.Name = strings.Repeat("a", 256) }, Want: []string{
			`Name: must be 1 to 255 letters, digits, _ and -, got "` + strings.Repeat("a", 256) + `"`}},
		{Name: "settings", Edit: func(d *p) {
			d.Settings = profiling.Settings{MaxStackDepth: 1, SamplingInterval: time.Millisecond, ReportingInterval: 30 * time.Second}
		}},
		{Name: "bad settings", Edit: func(d *p) {
			d.Settings = profiling.Settings{MaxStackDepth: -1, SamplingInterval: -time.Second, ReportingInterval: 30*time.Second - time.Microsecond}
		}, Want: []string{
			"Settings.MaxStackDepth: must be 1 or more, got -1", "Settings.SamplingInterval: must be whole milliseconds, 1 or more, got -1s",
			"Settings.ReportingInterval: must be whole milliseconds, got 29.999999s", "Settings.ReportingInterval: must be 30s or more, got 29.999999s"}},
		{Name: "part of a millisecond", Edit: func(d *p) { d.Settings.SamplingInterval = time.Microsecond }, Want: []string{
			"Settings.SamplingInterval: must be whole milliseconds, 1 or more, got 1µs"}},
		{Name: "no sample in a report", Edit: func(d *p) {
			d.Settings = profiling.Settings{SamplingInterval: time.Minute, ReportingInterval: time.Minute}
		}, Want: []string{
			"Settings.SamplingInterval: must be less than ReportingInterval, which is 1m0s, got 1m0s"}},
		{Name: "no topic", Edit: func(d *p) { d.AnomalyTopics = []awssns.ITopic{nil} }, Want: []string{"AnomalyTopics[0]: must be given"}},
	})
}

func TestProps_ValidateNil(t *testing.T) {
	var p *profiling.Props
	require.NoError(t, p.Validate())
}
