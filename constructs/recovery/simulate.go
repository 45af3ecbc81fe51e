package recovery

import (
	"cmp"
	"slices"
	"time"
)

// Disaster is what a plan is to survive.
type Disaster string

const (
	// RegionLost is the loss of the primary region.
	RegionLost Disaster = "the primary region is lost"
	// DataCorrupted is wrong data that was written in the primary region, and found at once. Replication has it in the standby region too.
	DataCorrupted Disaster = "data is corrupted"
)

// Event is a step of a failover.
type Event struct {
	id string
	// Start and End are the times since the disaster.
	Start, End time.Duration
	// What happens, and Who does it.
	What, Who string
	// Source is the page of AWS that has the time of the step, or the field of Times that assumes it.
	Source string
}

// Outcome is what a disaster costs.
type Outcome struct {
	// RPO is how much of the newest data is lost at worst, as the time in which it was written, and RTO how long nobody is served.
	RPO, RTO time.Duration
	// Worst is the kind of data that RPO is of; none without data.
	Worst Kind
	// Timeline are the steps until the workload serves again.
	Timeline []Event
}

func (o Outcome) meets(p *Plan) bool { return o.RPO <= p.RPO && o.RTO <= p.RTO }

// Simulate plays a disaster under the plan, with the times that AWS documents and those of Times, and a clock of its own. It does not
// look at whether the plan is valid.
func (p *Plan) Simulate(disaster Disaster) Outcome {
	d := p.withDefaults()
	o := Outcome{Timeline: play(d.steps(disaster))}
	for _, e := range o.Timeline {
		o.RTO = max(o.RTO, e.End)
	}
	for _, kind := range kinds {
		if !d.has(kind) {
			continue
		}
		if lost := d.loss(kind, disaster); lost > o.RPO {
			o.RPO, o.Worst = lost, kind
		}
	}
	return o
}

// step is what a failover does once others are done.
type step struct {
	id, what, who string
	takes         figure
	after         []string
}

// play lets a clock run until all steps are done. What nothing holds up starts at once.
func play(todo []step) []Event {
	var clock time.Duration
	var running, done []Event
	ended := map[string]bool{}
	for len(todo) > 0 || len(running) > 0 {
		var waiting []step
		for _, s := range todo {
			if slices.ContainsFunc(s.after, func(id string) bool { return !ended[id] }) {
				waiting = append(waiting, s)
				continue
			}
			running = append(running, Event{id: s.id, Start: clock, End: clock + s.takes.Duration, What: s.what, Who: s.who, Source: s.takes.source})
		}
		todo = waiting
		slices.SortStableFunc(running, func(a, b Event) int { return cmp.Compare(a.End, b.End) })
		clock = running[0].End
		for len(running) > 0 && running[0].End == clock {
			ended[running[0].id] = true
			done = append(done, running[0])
			running = running[1:]
		}
	}
	slices.SortStableFunc(done, func(a, b Event) int { return cmp.Compare(a.Start, b.Start) })
	return done
}

// people are those who recover.
const people = "the operator on call"

// steps gives what happens after a disaster.
func (p *Plan) steps(disaster Disaster) []step {
	t := p.Times
	steps := []step{{id: "detect", what: "Find that the primary region does not answer", who: "Route 53 health checks", takes: detection}}
	if disaster == DataCorrupted {
		steps[0] = step{id: "wrong", what: "Find that data is wrong", who: "alarms, or those who use it", takes: figure{0, "not counted"}}
	}
	decided := []string{steps[0].id}
	if disaster == DataCorrupted || p.Strategy != ActiveActive || p.has(ClusterKind) || p.has(DatabaseKind) {
		steps = append(steps, step{id: "decide", what: "Decide to recover", who: people, takes: assumed(t.Decision, "Decision"), after: decided})
		decided = []string{"decide"}
	}
	if disaster == DataCorrupted {
		if len(p.Data.kinds()) == 0 {
			return steps
		}
		return append(steps, step{
			id: "beside", what: "Restore the last good state beside the bad one, and switch to it", who: people, takes: assumed(t.Restore, "Restore"), after: decided,
		})
	}
	ready := slices.Clone(decided)
	add := func(s step) {
		steps = append(steps, s)
		ready = append(ready, s.id)
	}
	switch p.Strategy {
	case BackupAndRestore:
		if len(p.Data.kinds()) > 0 {
			add(step{id: "restore", what: "Restore data from the newest copies", who: people + ", AWS Backup", takes: assumed(t.Restore, "Restore"), after: decided})
		}
		// Services that find no data would be unhealthy, and the deployment rolled back.
		add(step{id: "deploy", what: "Deploy what computes in the standby region, at its full size", who: people + ", AWS CDK", takes: assumed(t.Deploy, "Deploy"), after: ready})
		add(step{id: "start", what: "Start what computes", who: "Amazon ECS", takes: assumed(t.Start, "Start"), after: []string{"deploy"}})
	case PilotLight, WarmStandby:
		what := "Scale what computes to its full size"
		if p.Strategy == PilotLight {
			what = "Start what computes, at its full size"
		}
		add(step{id: "start", what: what, who: people + ", Amazon ECS", takes: assumed(t.Start, "Start"), after: decided})
	case ActiveActive:
	}
	if p.Strategy != BackupAndRestore {
		p.promote(add, decided)
	}
	return append(steps, step{id: "route", what: "Send clients to the standby region", who: "Amazon Route 53", takes: dnsTTL, after: ready})
}

// promote adds what makes databases in the standby region writable. Tables, buckets and file systems are, or need a moment only.
func (p *Plan) promote(add func(step), decided []string) {
	if p.has(ClusterKind) {
		ready := decided
		if p.Strategy == PilotLight {
			add(step{id: "instance", what: "Add an instance to the cluster", who: people + ", Amazon Aurora", takes: assumed(p.Times.AddInstance, "AddInstance"), after: decided})
			ready = []string{"instance"}
		}
		add(step{id: "aurora", what: "Fail the global database over", who: people + ", Amazon Aurora", takes: auroraPromotion, after: ready})
	}
	if p.has(DatabaseKind) {
		add(step{id: "replica", what: "Promote the read replica", who: people + ", Amazon RDS", takes: assumed(p.Times.Promote, "Promote"), after: decided})
	}
}

// pitr is how far point-in-time recovery is behind, in the region where the data is.
const pitr = 5 * time.Minute

// loss is how much of the newest data of a kind is lost at worst.
func (p *Plan) loss(kind Kind, disaster Disaster) time.Duration {
	switch {
	case disaster == DataCorrupted:
		if kind == FileSystemKind { // it has snapshots only
			return worst(p.Times.BackupEvery, p.Times.BackupWindow, p.Times.Backup)
		}
		return pitr
	case p.Strategy == BackupAndRestore:
		return worst(p.Times.BackupEvery, p.Times.BackupWindow, p.Times.Backup+p.Times.Copy)
	case kind == DatabaseKind:
		return p.Times.ReplicaLag
	}
	return lags[kind].Duration
}

// worst lets a clock run from backup to backup, which start on time at first, then at the end of their window, and gives the most that a disaster can
// take: just before a backup is usable, all that was written since the start of the one before.
func worst(every, window, usable time.Duration) (most time.Duration) {
	type backup struct{ start, usable time.Duration }
	var backups []backup
	for i := range 12 {
		start := time.Duration(i) * every
		if i >= 6 {
			start += window
		}
		backups = append(backups, backup{start, start + usable})
	}
	for _, next := range backups[2:] {
		clock, newest := next.usable, time.Duration(0)
		for _, b := range backups {
			if b.usable < clock {
				newest = max(newest, b.start)
			}
		}
		most = max(most, clock-newest)
	}
	return most
}
