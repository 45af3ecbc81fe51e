package monitoring

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The list in docs is what Catalog gives. UPDATE_SNAPS=true go test writes it.
func TestCatalog_IsInDocs(t *testing.T) {
	const path = "../../docs/monitoring-catalog.md"
	if os.Getenv("UPDATE_SNAPS") == "true" {
		require.NoError(t, os.WriteFile(path, []byte(catalogPage()), 0o644))
	}
	page, err := os.ReadFile(path)
	require.NoError(t, err)
	if string(page) != catalogPage() {
		assert.Fail(t, path+" is not what Catalog gives: UPDATE_SNAPS=true go test ./constructs/monitoring writes it")
	}
}

func catalogPage() string {
	var b strings.Builder
	entries := Catalog()
	alarms := 0
	for _, e := range entries {
		if e.Alarm {
			alarms++
		}
	}
	fmt.Fprintf(&b, "# What a Monitor looks at\n\nWritten from `monitoring.Catalog()`: %d metrics, of which %d have an alarm. The name of a metric, with the type before it and a slash\n"+
		"between them, is the key of an override. See [monitoring](monitoring.md).\n", len(entries), alarms)
	section := ""
	for _, e := range entries {
		if e.Service != section {
			section = e.Service
			fmt.Fprintf(&b, "\n## %s\n\n`%s`, [metrics](%s)\n\n| Metric | Value | An alarm fires | Severity | Why there |\n|---|---|---|---|---|\n", section, e.Type, e.Page)
		}
		name := "`" + e.Name + "`"
		if e.RunbookAnchor != "" {
			name = `<a id="` + e.RunbookAnchor + `"></a>` + name
		}
		value := fmt.Sprintf("`%s` %s", e.Namespace, strings.Join(e.Dimensions, ", "))
		if e.Expression != "" {
			value += ": `" + e.Expression + "`"
		}
		value = strings.TrimSpace(fmt.Sprintf("%s, %s %s", value, e.Statistic, e.Unit))
		fires := "no alarm"
		if e.Alarm {
			fires = fmt.Sprintf("%s: %s, %s", e.Text, e.Threshold, within(e.Datapoints, e.Of, e.Period))
			if e.Missing != "notBreaching" {
				fires += "; no data: " + e.Missing
			}
		}
		row := []string{name, value, fires, string(e.Severity), e.Reason}
		for i := range row {
			row[i] = strings.ReplaceAll(row[i], "|", `\|`)
		}
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
	}
	return b.String()
}
