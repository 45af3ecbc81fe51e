package recovery_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/strata-cdk/strata/constructs/recovery"
)

func simulate(s recovery.Strategy, disaster recovery.Disaster, data ...recovery.Kind) recovery.Outcome {
	p := orders()
	p.Strategy, p.Data.Others = s, data
	return p.Simulate(disaster)
}

func TestSimulate_Timeline(t *testing.T) {
	got := simulate(recovery.PilotLight, recovery.RegionLost, recovery.ClusterKind, recovery.TableKind)
	type line struct {
		start, end time.Duration
		what       string
	}
	var lines []line
	for _, e := range got.Timeline {
		assert.NotEmpty(t, e.Who, e.What)
		assert.NotEmpty(t, e.Source, e.What)
		lines = append(lines, line{e.Start, e.End, e.What})
	}
	at := func(minutes float64) time.Duration { return time.Duration(minutes * float64(time.Minute)) }
	assert.Equal(t, []line{
		{0, at(1.5), "Find that the primary region does not answer"},
		{at(1.5), at(16.5), "Decide to recover"},
		{at(16.5), at(21.5), "Start what computes, at its full size"},
		{at(16.5), at(26.5), "Add an instance to the cluster"},
		{at(26.5), at(27.5), "Fail the global database over"},
		{at(27.5), at(28.5), "Send clients to the standby region"},
	}, lines, "what waits for nothing goes on side by side")
	assert.Equal(t, at(28.5), got.RTO)
}

// Who follows the runbook begins a step that takes long before those that come after a short one.
func TestSimulate_StepsAreInTheOrderOfTheirStart(t *testing.T) {
	p := orders()
	p.Strategy, p.Times.AddInstance = recovery.PilotLight, time.Minute
	var steps []string
	for _, e := range p.Simulate(recovery.RegionLost).Timeline[2:5] {
		steps = append(steps, e.What)
	}
	assert.Equal(t, []string{"Add an instance to the cluster", "Start what computes, at its full size", "Fail the global database over"}, steps)
}

func TestSimulate_Figures(t *testing.T) {
	const m = time.Minute
	for _, c := range []struct {
		strategy recovery.Strategy
		data     []recovery.Kind
		rpo, rto time.Duration
		worst    recovery.Kind
	}{
		{recovery.BackupAndRestore, nil, 0, 1*m + 30*time.Second + 15*m + 30*m + 5*m + m, ""},
		// 1 h between backups, 1 h late, 30 min until it is done and 30 min until it is copied
		{recovery.BackupAndRestore, []recovery.Kind{recovery.BucketKind}, 180 * m, 292*m + 30*time.Second, recovery.BucketKind},
		{recovery.PilotLight, []recovery.Kind{recovery.TableKind}, time.Second, 22*m + 30*time.Second, recovery.TableKind},
		{recovery.PilotLight, []recovery.Kind{recovery.TableKind, recovery.FileSystemKind, recovery.BucketKind}, 15 * m, 22*m + 30*time.Second, recovery.BucketKind},
		{recovery.PilotLight, []recovery.Kind{recovery.DatabaseKind}, m, 27*m + 30*time.Second, recovery.DatabaseKind},
		{recovery.WarmStandby, []recovery.Kind{recovery.ClusterKind}, time.Second, 22*m + 30*time.Second, recovery.ClusterKind},
		{recovery.ActiveActive, nil, 0, 2*m + 30*time.Second, ""},
		{recovery.ActiveActive, []recovery.Kind{recovery.TableKind}, time.Second, 2*m + 30*time.Second, recovery.TableKind},
		{recovery.ActiveActive, []recovery.Kind{recovery.TableKind, recovery.ClusterKind}, time.Second, 18*m + 30*time.Second, recovery.TableKind},
	} {
		got := simulate(c.strategy, recovery.RegionLost, c.data...)
		assert.Equal(t, []any{c.rpo, c.rto, c.worst}, []any{got.RPO, got.RTO, got.Worst}, "%s %v", c.strategy, c.data)
	}
}

// Replication does not help against wrong data: every strategy needs backups too.
func TestSimulate_Corruption(t *testing.T) {
	for _, s := range recovery.Strategies {
		got := simulate(s, recovery.DataCorrupted, recovery.TableKind, recovery.BucketKind)
		assert.Equal(t, []time.Duration{5 * time.Minute, 4*time.Hour + 15*time.Minute}, []time.Duration{got.RPO, got.RTO}, s)
		every := map[bool]time.Duration{true: time.Hour, false: 24 * time.Hour}[s == recovery.BackupAndRestore]
		assert.Equal(t, every+90*time.Minute, simulate(s, recovery.DataCorrupted, recovery.FileSystemKind).RPO, "snapshots only, 1 h late and 30 min long")
		assert.Equal(t, 15*time.Minute, simulate(s, recovery.DataCorrupted).RTO, "nothing to restore")
	}
}

// A longer step never makes the outcome better, and each Times field counts somewhere.
func TestSimulate_TimesCount(t *testing.T) {
	const more = 100 * time.Hour
	for name, edit := range map[string]func(*recovery.Times){
		"Decision": func(v *recovery.Times) { v.Decision = more }, "BackupEvery": func(v *recovery.Times) { v.BackupEvery = more },
		"BackupWindow": func(v *recovery.Times) { v.BackupWindow = more }, "Backup": func(v *recovery.Times) { v.Backup = more },
		"Copy": func(v *recovery.Times) { v.Copy = more }, "Restore": func(v *recovery.Times) { v.Restore = more }, "Deploy": func(v *recovery.Times) { v.Deploy = more },
		"Start": func(v *recovery.Times) { v.Start = more }, "AddInstance": func(v *recovery.Times) { v.AddInstance = more },
		"Promote": func(v *recovery.Times) { v.Promote = more }, "ReplicaLag": func(v *recovery.Times) { v.ReplicaLag = more },
	} {
		worse := 0
		for _, s := range recovery.Strategies {
			p := orders()
			p.Strategy, p.Data.Others = s, []recovery.Kind{recovery.TableKind, recovery.ClusterKind, recovery.DatabaseKind}
			before := p.Simulate(recovery.RegionLost)
			edit(&p.Times)
			after := p.Simulate(recovery.RegionLost)
			assert.GreaterOrEqual(t, after.RPO, before.RPO, name)
			assert.GreaterOrEqual(t, after.RTO, before.RTO, name)
			if after.RPO > before.RPO || after.RTO > before.RTO {
				worse++
			}
		}
		assert.Positive(t, worse, name)
	}
}
