package monitoring

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The rules of the table, for every metric that anybody adds.
func TestCatalog_Rules(t *testing.T) {
	keys, anchors := map[string]bool{}, map[string]bool{}
	for _, e := range Catalog() {
		t.Run(e.Key, func(t *testing.T) {
			assert.False(t, keys[e.Key], "once")
			keys[e.Key] = true
			assert.Regexp(t, `^(AWS::[A-Za-z0-9]+::[A-Za-z0-9]+|Custom::[A-Za-z-]+)$`, e.Type)
			assert.Regexp(t, `^[A-Za-z][A-Za-z0-9]*$`, e.Name, "it is part of ids")
			assert.Regexp(t, `^https://docs\.aws\.amazon\.com/.+`, e.Page)
			assert.NotEmpty(t, e.Namespace)
			assert.NotEmpty(t, e.Dimensions)
			assert.NotEmpty(t, e.Service)
			assert.NotEmpty(t, e.Graph)
			assert.NotEmpty(t, e.Unit)
			assert.True(t, e.Period >= time.Minute && e.Period%time.Minute == 0, "%v", e.Period)
			if !e.Alarm {
				return
			}
			assert.False(t, anchors[e.RunbookAnchor], "once")
			anchors[e.RunbookAnchor] = true
			assert.Contains(t, severities, e.Severity)
			assert.True(t, 1 <= e.Datapoints && e.Datapoints <= e.Of, "%d of %d", e.Datapoints, e.Of)
			assert.LessOrEqual(t, time.Duration(e.Of)*e.Period, day)
			assert.Contains(t, []string{"breaching", "ignore", "missing", "notBreaching"}, e.Missing)
			assert.Regexp(t, `^(above|below) .+`, e.Threshold)
			assert.Regexp(t, `^[A-Z].*[^.]$`, e.Text, "a sentence without its stop")
			assert.Regexp(t, `^[A-Z].*\.$`, e.Reason, "a sentence")
			assert.LessOrEqual(t, len(e.Text)+len(e.Reason), 400, "there is more in a description")
		})
	}
	require.NotEmpty(t, keys)
}

func TestServices_Rules(t *testing.T) {
	placeholder := regexp.MustCompile(`\{([^}]*)\}`)
	for _, s := range services {
		for _, m := range s.metrics {
			t.Run(s.key(&m), func(t *testing.T) {
				if m.expression == "" {
					assert.NotEmpty(t, m.statistic)
					assert.Empty(t, m.using)
				} else {
					assert.LessOrEqual(t, len(m.using), 10, "as many as an alarm has")
					for _, u := range m.using {
						assert.Contains(t, m.expression, "{"+u.name+"}", "used")
						assert.NotEmpty(t, u.statistic)
						assert.Empty(t, u.expression)
					}
					for _, name := range placeholder.FindAllStringSubmatch(m.expression, -1) {
						assert.True(t, strings.Contains(name[1], " ") || has(m.using, name[1]), "%s is defined", name[1])
					}
				}
				if m.alarm != nil {
					assert.Equal(t, m.alarm.from != nil, m.alarm.thresholdText != "", "a threshold from properties is explained")
				}
			})
		}
	}
}

func has(metrics []metric, name string) bool {
	for i := range metrics {
		if metrics[i].name == name {
			return true
		}
	}
	return false
}
