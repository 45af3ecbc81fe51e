package constructs_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/logarchive"
	"github.com/strata-cdk/strata/internal/asl"
)

// archiveMachine is the state machine in a template, with the names of resources for their references.
func archiveMachine(t *testing.T, tpl *cdktest.Template) *asl.Machine {
	t.Helper()
	var text strings.Builder
	for _, part := range tpl.All("AWS::StepFunctions::StateMachine")[0].Properties["DefinitionString"].(o)["Fn::Join"].(a)[1].(a) {
		switch part := part.(type) {
		case string:
			text.WriteString(part)
		case o:
			name := part["Ref"].(string)
			text.WriteString(strings.Replace(name, "AWS::Partition", "aws", 1))
		}
	}
	m, err := asl.Parse([]byte(text.String()))
	require.NoError(t, err)
	return m
}

var archiveBegin = time.Date(2026, 3, 27, 22, 13, 5, 123e6, time.UTC)

func newExportWorld(seed uint64) *exportWorld {
	return &exportWorld{
		rng: rand.New(rand.NewPCG(seed, 1)), longest: 3 * time.Hour, now: archiveBegin, objects: map[string]any{}, runs: map[string]*asl.Execution{},
		// One group has a name that begins like that of another.
		groups: map[string]time.Time{"/app/a": archiveBegin.Add(-50 * time.Hour), "/app/a2": archiveBegin, "/app/b": archiveBegin.Add(-time.Minute)},
	}
}

// runUntil starts a run each period, and more between, ends runs with some chance after each step, and lets others create tasks.
func (w *exportWorld) runUntil(m *asl.Machine, end time.Time, every time.Duration, crash, more float64) {
	next := w.now
	for {
		w.running = slices.DeleteFunc(w.running, func(r *asl.Execution) bool { return r.Status != "RUNNING" })
		var run *asl.Execution
		for _, r := range w.running {
			if run == nil || r.At.Before(run.At) {
				run = r
			}
		}
		at := next
		if run != nil && run.At.Before(next) {
			at = run.At
		}
		if at.After(end) {
			w.now = end
			return
		}
		w.now = at
		w.late = slices.DeleteFunc(w.late, func(f func(time.Time) bool) bool { return f(w.now) })
		if at.Equal(next) {
			id := fmt.Sprintf("run-%d", len(w.runs))
			w.runs[id] = m.Start(id, w.now)
			w.running = append(w.running, w.runs[id])
			if next = next.Add(every); w.chance(more) {
				next = w.now.Add(w.upTo(10 * time.Second))
			}
			if w.chance(more) && w.active() == nil {
				w.add(&exportTask{name: "of somebody else", group: "/other"}, 5*time.Hour)
			}
			continue
		}
		run.Step(w.service)
		if run.Status == "RUNNING" && w.chance(crash) {
			run.Status = []string{"ABORTED", "TIMED_OUT", "FAILED"}[w.rng.IntN(3)]
		}
		if run.Status == "FAILED" && run.Failure != nil && strings.HasPrefix(run.Failure.Error, "States.") && run.Failure.Error != "States.Timeout" {
			w.problem("%s: %v", run.ID, *run.Failure)
		}
		if run.Events > 25000 {
			w.problem("%s has %d events", run.ID, run.Events)
		}
	}
}

// check compares the tasks and the manifests with the windows that were due.
func (w *exportWorld) check(window, lag time.Duration, groups ...string) {
	for _, group := range groups {
		at := w.groups[group].Add(-14 * 24 * time.Hour).UnixMilli()
		var done []*exportTask
		for _, x := range w.tasks {
			if x.group == group && x.end == "COMPLETED" {
				done = append(done, x)
				if x.created.Before(time.UnixMilli(x.to + 1).Add(lag)) {
					w.problem("%s is too early", x.name)
				}
			}
		}
		for i, x := range done {
			if x.from != at {
				w.problem("%s: window %d starts at %d, not at %d", group, i, x.from, at)
			}
			if at = x.to + 1; at%window.Milliseconds() != 0 || i > 0 && at-x.from != window.Milliseconds() {
				w.problem("%s: window %d ends at %d", group, i, at)
			}
			key := strings.Replace(x.prefix, "exports/", "manifests/", 1) + ".json"
			body, _ := w.objects[key].(map[string]any)
			if body["taskId"] != x.id || body["from"] != float64(x.from) || body["to"] != float64(at) || body["logGroup"] != group || body["prefix"] != x.prefix+"/"+x.id+"/" {
				w.problem("the manifest of %s is %v", x.name, body)
			}
		}
		if due := w.now.Add(-lag-time.Hour).UnixMilli() / window.Milliseconds() * window.Milliseconds(); at < due {
			w.problem("%s is archived up to %d, not up to %d", group, at, due)
		}
		if got := w.item["logs"].(map[string]any)["M"].(map[string]any)[group].(map[string]any)["M"].(map[string]any)["from"].(map[string]any)["N"]; got != strconv.FormatInt(at, 10) {
			w.problem("%s: the checkpoint is %v, not %d", group, got, at)
		}
	}
	manifests := 0
	for _, x := range w.tasks {
		if x.end == "COMPLETED" && slices.Contains(groups, x.group) {
			manifests++
		}
	}
	if len(w.objects) != manifests {
		w.problem("%d manifests of %d windows", len(w.objects), manifests)
	}
}

// Days of failures of all kinds, then days without: every window is exported once.
func TestLogArchive_ExactlyOnce(t *testing.T) {
	_, tpl := archiveOf(t, 2, nil)
	m := archiveMachine(t, tpl)
	seeds := 60
	if n, err := strconv.Atoi(os.Getenv("LOGARCHIVE_SEEDS")); err == nil {
		seeds = n
	}
	var runs, crashed, tasks, failed, most int
	for seed := range seeds {
		w := newExportWorld(uint64(seed))
		w.flaky = w.rng.Float64() * .3
		w.runUntil(m, w.now.Add(5*24*time.Hour), time.Hour+w.upTo(7*time.Hour), w.rng.Float64()*.05, .3)
		w.flaky = 0
		w.runUntil(m, w.now.Add(3*24*time.Hour), time.Hour, 0, 0)
		w.check(24*time.Hour, 24*time.Hour, "/app/a", "/app/b")
		require.Empty(t, w.problems, "seed %d", seed)
		for _, r := range w.runs {
			runs++
			most = max(most, r.Events)
			if r.Status != "SUCCEEDED" {
				crashed++
			}
		}
		for _, x := range w.tasks {
			if tasks++; x.end != "COMPLETED" {
				failed++
			}
		}
	}
	t.Logf("%d seeds, %d runs of which %d did not end well, %d tasks of which %d failed, at most %d events", seeds, runs, crashed, tasks, failed, most)
	assert.Greater(t, crashed, seeds, "the worlds are bad enough")
	assert.Greater(t, failed, seeds/2)
}

// A run that ends after each of its steps in turn, once without and once with a request on its way, loses and repeats nothing.
func TestLogArchive_EndsAfterEachStep(t *testing.T) {
	_, tpl := archiveOf(t, 1, nil)
	m := archiveMachine(t, tpl)
	for step := 1; ; step++ {
		w := newExportWorld(7)
		w.now = w.now.Add(72 * time.Hour)
		first := m.Start("run-0", w.now)
		w.runs["run-0"] = first
		for range step {
			w.now = first.At
			first.Step(w.service)
			if first.Status != "RUNNING" {
				break
			}
		}
		if first.Status != "RUNNING" {
			assert.Greater(t, step, 50)
			return
		}
		first.Status = "ABORTED"
		w.runUntil(m, w.now.Add(30*time.Hour), 2*time.Hour, 0, 0)
		w.check(24*time.Hour, 24*time.Hour, "/app/a")
		require.Empty(t, w.problems, "step %d, in %s", step, first.State)
	}
}

func TestLogArchive_DefinitionIsTheSameEachTime(t *testing.T) {
	text := func() string {
		_, tpl := archiveOf(t, 3, func(p *logarchive.ArchiveProps) { p.Export.From = archiveBegin })
		b, err := json.Marshal(tpl.All("AWS::StepFunctions::StateMachine")[0].Properties)
		require.NoError(t, err)
		return string(b)
	}
	assert.Equal(t, text(), text())
}

// A write that was repeated, and that takes effect for the first time when the next task is there, undoes nothing.
func TestLogArchive_LateWrites(t *testing.T) {
	_, tpl := archiveOf(t, 1, nil)
	m := archiveMachine(t, tpl)
	for name, c := range map[string]struct{ write, condition string }{
		"Acquire":  {"SET #h", "attribute_not_exists(#h)"},
		"Register": {"SET #l.#g =", "attribute_not_exists(#l.#g)"},
		"Intend":   {"SET #l.#g.#a", ""},
		"Commit":   {"SET #l.#g =", "#l.#g.#f"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newExportWorld(5)
			w.now = w.now.Add(72 * time.Hour)
			run := m.Start("run-0", w.now)
			w.runs["run-0"] = run
			w.delay = func(api string, args map[string]any) bool {
				return api == "dynamodb:updateItem" && strings.HasPrefix(args["UpdateExpression"].(string), c.write) &&
					strings.Contains(args["ConditionExpression"].(string), c.condition)
			}
			for tasks := -1; tasks < 0 || len(w.tasks) == tasks; {
				w.now = run.At
				run.Step(w.service)
				require.Equal(t, "RUNNING", run.Status)
				if w.held != nil && tasks < 0 {
					tasks = len(w.tasks)
				}
			}
			w.held()
			run.Status = "ABORTED"
			w.now = w.now.Add(4 * time.Hour) // the task is over
			w.runUntil(m, w.now.Add(2*24*time.Hour), time.Hour, 0, 0)
			w.check(24*time.Hour, 24*time.Hour, "/app/a")
			assert.Empty(t, w.problems)
		})
	}
}

// Runs that start together don't disturb each other: one works, and the others end well.
func TestLogArchive_OneRunAtATime(t *testing.T) {
	_, tpl := archiveOf(t, 2, nil)
	m := archiveMachine(t, tpl)
	busy := 0
	for seed := range 6 {
		w := newExportWorld(uint64(seed))
		w.runUntil(m, w.now.Add(3*24*time.Hour), time.Hour, 0, .7)
		w.runUntil(m, w.now.Add(24*time.Hour), time.Hour, 0, 0)
		w.check(24*time.Hour, 24*time.Hour, "/app/a", "/app/b")
		require.Empty(t, w.problems, "seed %d", seed)
		for id, r := range w.runs {
			if r.Status != "RUNNING" {
				assert.Equal(t, "SUCCEEDED", r.Status, "seed %d, %s: %v", seed, id, r.Failure)
			}
			if r.State == "Busy" {
				busy++
			}
		}
	}
	assert.Greater(t, busy, 30)
}

// A log group that is not there fails the run, so that somebody looks, but holds up no other.
func TestLogArchive_OneBadGroup(t *testing.T) {
	_, tpl := archiveOf(t, 3, nil) // there is no /app/c
	m := archiveMachine(t, tpl)
	w := newExportWorld(1)
	w.runUntil(m, w.now.Add(4*24*time.Hour), time.Hour, 0, 0)
	w.check(24*time.Hour, 24*time.Hour, "/app/a", "/app/b")
	require.Empty(t, w.problems)
	assert.Equal(t, &asl.Failure{Error: "Incomplete", Cause: "Not exported: /app/c"}, w.runs["run-0"].Failure)

	// One that goes away later fails its window only, and is tried three times a run.
	_, tpl = archiveOf(t, 2, nil)
	m, w = archiveMachine(t, tpl), newExportWorld(1)
	w.runUntil(m, w.now.Add(2*24*time.Hour), time.Hour, 0, 0)
	delete(w.groups, "/app/a")
	w.runUntil(m, w.now.Add(2*24*time.Hour), time.Hour, 0, 0)
	w.check(24*time.Hour, 24*time.Hour, "/app/b")
	assert.Empty(t, slices.DeleteFunc(w.problems, func(p string) bool { return strings.Contains(p, "manifests of") }))
	assert.Equal(t, &asl.Failure{Error: "Incomplete", Cause: "Not exported: /app/a"}, w.runs[fmt.Sprintf("run-%d", len(w.runs)-2)].Failure)
}

// Days of short windows are exported in several runs, none of which has too long a history; the metric counts what is left.
func TestLogArchive_CatchesUp(t *testing.T) {
	from := archiveBegin.Add(-24 * 24 * time.Hour)
	_, tpl := archiveOf(t, 1, func(p *logarchive.ArchiveProps) {
		p.Export = &logarchive.Export{Window: time.Hour, Lag: 12 * time.Hour, From: from}
	})
	m := archiveMachine(t, tpl)
	w := newExportWorld(3)
	w.longest = 5 * time.Minute
	w.groups["/app/a"] = from.Add(14 * 24 * time.Hour) // as check takes it, with a first window of 14 days
	w.runUntil(m, w.now.Add(time.Minute), time.Hour, 0, 0)
	assert.Equal(t, []float64{0}, w.measured, "nothing is known of the group")
	w.runUntil(m, w.now.Add(3*24*time.Hour), time.Hour, 0, 0)
	w.check(time.Hour, 12*time.Hour, "/app/a")
	require.Empty(t, w.problems)
	assert.InDelta(t, 10*24-12, w.measured[1], 3, "the windows since the first one")
	assert.LessOrEqual(t, w.measured[len(w.measured)-1], 2.)
	long := 0
	for _, r := range w.runs {
		if r.Events > 1000 {
			long++
		}
	}
	assert.GreaterOrEqual(t, long, 2)
}

// A run takes up to 12 h, and the window that it is at then; the next one takes the rest.
func TestLogArchive_RunIsLimited(t *testing.T) {
	from := archiveBegin.Add(-30 * 24 * time.Hour)
	_, tpl := archiveOf(t, 1, func(p *logarchive.ArchiveProps) { p.Export = &logarchive.Export{From: from} })
	m := archiveMachine(t, tpl)
	w := newExportWorld(8)
	w.longest = 6 * time.Hour
	w.groups["/app/a"] = from.Add(14 * 24 * time.Hour)
	begin := w.now
	run := m.Start("run-0", begin)
	for w.runs["run-0"] = run; run.Status == "RUNNING"; run.Step(w.service) {
		w.now = run.At
	}
	assert.Equal(t, "SUCCEEDED", run.Status)
	took := run.At.Sub(begin)
	assert.Greater(t, took, 12*time.Hour)
	assert.Less(t, took, 19*time.Hour)
	assert.Less(t, len(w.tasks), 20, "of 28 that are due")
	w.runUntil(m, w.now.Add(10*24*time.Hour), time.Hour, 0, 0)
	w.check(24*time.Hour, 24*time.Hour, "/app/a")
	assert.Empty(t, w.problems)
}

// While others export all the time, a run gives up in time for its history, and an archive that is behind says so.
func TestLogArchive_NeverItsTurn(t *testing.T) {
	_, tpl := archiveOf(t, 2, nil)
	m := archiveMachine(t, tpl)
	w := newExportWorld(4)
	w.tasks = append(w.tasks, &exportTask{id: "task-0", name: "of somebody else", group: "/other", ends: w.now.Add(5 * 24 * time.Hour)})
	w.runUntil(m, w.now.Add(5*24*time.Hour), time.Hour, 0, 0)
	assert.Len(t, w.tasks, 1)
	assert.Equal(t, 6., w.measured[len(w.measured)-1], "of the group that is most behind")
	assert.Empty(t, w.problems)
	for id, r := range w.runs {
		assert.Contains(t, []string{"SUCCEEDED", "RUNNING"}, r.Status, id)
		assert.Less(t, r.Events, 6000)
	}
	w.runUntil(m, w.now.Add(3*24*time.Hour), time.Hour, 0, 0)
	w.check(24*time.Hour, 24*time.Hour, "/app/a", "/app/b")
	assert.Empty(t, w.problems)
}

// A run that holds the archive no more, as one that was redriven, stops at its next write.
func TestLogArchive_Lost(t *testing.T) {
	_, tpl := archiveOf(t, 1, nil)
	m := archiveMachine(t, tpl)
	w := newExportWorld(6)
	w.now = w.now.Add(72 * time.Hour)
	run := m.Start("run-0", w.now)
	for run.Status == "RUNNING" {
		w.now = run.At
		run.Step(w.service)
		if len(w.tasks) == 1 {
			w.item["holder"] = map[string]any{"S": "run-1"}
		}
	}
	assert.Equal(t, &asl.Failure{Error: "Lost", Cause: "Another run holds the archive"}, run.Failure)
	assert.Len(t, w.tasks, 1)
	assert.Equal(t, map[string]any{"S": "run-1"}, w.item["holder"])
}

// A window whose task failed is exported again by the same run, within minutes.
func TestLogArchive_FailedTask(t *testing.T) {
	_, tpl := archiveOf(t, 1, nil)
	m := archiveMachine(t, tpl)
	for _, end := range []string{"FAILED", "CANCELLED"} {
		w := newExportWorld(8)
		w.now = w.now.Add(72 * time.Hour)
		run := m.Start("run-0", w.now)
		w.runs["run-0"] = run
		for len(w.tasks) < 2 && run.Status == "RUNNING" {
			w.now = run.At
			run.Step(w.service)
			if len(w.tasks) == 1 {
				w.tasks[0].end = end
			}
		}
		require.Len(t, w.tasks, 2, end)
		assert.Equal(t, w.tasks[0].name, w.tasks[1].name)
		assert.Less(t, w.tasks[1].created.Sub(w.tasks[0].ends), 10*time.Minute, end)
	}
}
