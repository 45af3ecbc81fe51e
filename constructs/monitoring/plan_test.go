package monitoring

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func children(n, length int) []child {
	all := make([]child, n)
	for i := range all {
		all[i] = child{fmt.Sprintf("alarm%0*d", length-5, i), length}
	}
	return all
}

func TestSplit(t *testing.T) {
	for _, c := range []struct{ n, length, groups int }{
		{1, 20, 1}, {100, 20, 1}, {101, 20, 2}, {200, 20, 2}, {201, 20, 3},
		{38, 255, 1}, {39, 255, 2}, {76, 255, 2}, {77, 255, 3}, // 38 of the longest names make 10144 characters
	} {
		all := children(c.n, c.length)
		groups := split(all)
		assert.Len(t, groups, c.groups, "%d of %d", c.n, c.length)
		var again []child
		for _, group := range groups {
			assert.LessOrEqual(t, len(group), maxChildren)
			assert.LessOrEqual(t, len(rule(group)), maxRule)
			again = append(again, group...)
		}
		assert.Equal(t, all, again, "each once, in order")
	}
	assert.Equal(t, `ALARM("a") OR ALARM("b")`, rule([]child{{"a", 1}, {"b", 1}}))
}

func TestNameLength(t *testing.T) {
	assert.Equal(t, len("Shop-Alarm1A2B3C4D-123456789012"), nameLength("Shop", "Alarm1A2B3C4D"))
	assert.Equal(t, longestName, nameLength("Shop", strings.Repeat("x", 255)))
	assert.Equal(t, longestName, nameLength("${Token[AWS.StackName.1]}", "A"), "a nested stack's name is not known")
}

func someWidgets(n, width, metrics int) []widget {
	row := make([]widget, n)
	for i := range row {
		row[i] = widget{kind: "metric", width: width, height: graphHeight, metrics: metrics, properties: map[string]any{}}
	}
	return row
}

// check looks for overlaps and quotas.
func checkPage(t *testing.T, p *page) (kinds map[string]int) {
	t.Helper()
	kinds = map[string]int{}
	taken := map[[2]int]bool{}
	for _, w := range p.widgets {
		w := w.(map[string]any)
		kinds[w["type"].(string)]++
		x, y, width, height := w["x"].(int), w["y"].(int), w["width"].(int), w["height"].(int)
		require.LessOrEqual(t, x+width, gridWidth)
		for i := x; i < x+width; i++ {
			for j := y; j < y+height; j++ {
				require.False(t, taken[[2]int{i, j}], "overlap at %d, %d", i, j)
				taken[[2]int{i, j}] = true
			}
		}
	}
	require.LessOrEqual(t, len(p.widgets), maxWidgets)
	require.LessOrEqual(t, p.metrics, maxMetrics)
	return kinds
}

func TestLayout(t *testing.T) {
	name := func(n int) string { return fmt.Sprintf("board-%d", n) }
	rows := func(n, each, metrics int) [][]widget {
		all := make([][]widget, n)
		for i := range all {
			all[i] = someWidgets(each, 6, metrics)
		}
		return all
	}
	for _, c := range []struct{ resources, each, metrics, pages int }{
		{1, 4, 1, 1}, {124, 4, 1, 1}, {125, 4, 1, 2}, {248, 4, 1, 2}, {249, 4, 1, 3}, {10, 5, 50, 1}, {11, 5, 50, 2}, {1000, 3, 1, 7},
	} {
		pages := layout(statusWidgets([]string{"a"}), []section{{"Things", rows(c.resources, c.each, c.metrics)}}, name)
		assert.Len(t, pages, c.pages, "%+v", c)
		graphs := 0
		for i, p := range pages {
			kinds := checkPage(t, p)
			graphs += kinds["metric"]
			assert.Equal(t, i == 0, kinds["alarm"] == 1, "alarms on the first only")
			assert.Equal(t, map[bool]int{false: 1, true: 2}[len(pages) > 1], kinds["text"], "a heading, and links when there are others")
		}
		assert.Equal(t, c.resources*c.each, graphs)
	}
	assert.Equal(t, "Dashboards: [1](#dashboards/dashboard/board-1) **2** [3](#dashboards/dashboard/board-3)", links(2, 3, name))
}

func TestStatusWidgets(t *testing.T) {
	arns := make([]string, 201)
	widgets := statusWidgets(arns)
	require.Len(t, widgets, 3)
	assert.Len(t, widgets[0].properties["alarms"], 100)
	assert.Len(t, widgets[2].properties["alarms"], 1)
	assert.Equal(t, "Alarms from 201", widgets[2].properties["title"])
	assert.Empty(t, statusWidgets(nil))
}

func TestOverrideOver(t *testing.T) {
	base := Override{Threshold: new(1.0), Datapoints: 1, Of: 2, Severity: Info}
	for _, c := range []struct{ upper, want Override }{
		{Override{}, base},
		{Override{Off: true}, Override{Off: true}},
		{Override{AnomalyBand: 3}, Override{AnomalyBand: 3, Datapoints: 1, Of: 2, Severity: Info}},
		{Override{Datapoints: 3, Of: 4}, Override{Threshold: base.Threshold, Datapoints: 3, Of: 4, Severity: Info}},
		{Override{Severity: Critical}, Override{Threshold: base.Threshold, Datapoints: 1, Of: 2, Severity: Critical}},
	} {
		assert.Equal(t, c.want, base.over(c.upper), "%+v", c.upper)
	}
	assert.Equal(t, Override{Off: true}, Override{Off: true}.over(Override{}), "nothing said leaves it off")
	assert.Equal(t, Override{Severity: Info}, Override{Off: true}.over(Override{Severity: Info}))
	threshold := new(2.0)
	assert.Equal(t, Override{Threshold: threshold}, Override{AnomalyBand: 2}.over(Override{Threshold: threshold}))
}

func TestBelow(t *testing.T) {
	assert.True(t, below("Shop/Orders", "Shop"))
	assert.True(t, below("Shop", "Shop"))
	assert.False(t, below("Shop2/Orders", "Shop"))
}
