package delivery

import (
	"fmt"
	"slices"

	"github.com/strata-cdk/strata/check"
)

// waves groups stages, given by their indices, in the order of their deployment: those of a wave wait for none of the others. It records what is wrong
// with the names in After.
func waves(c *check.List, stages []Stage) [][]int {
	byName := map[string]int{}
	for i, s := range stages {
		byName[s.Name] = i
	}
	after := make([][]int, len(stages))
	for i, s := range stages {
		if s.After == nil && i > 0 {
			after[i] = []int{i - 1}
		}
		for j, name := range s.After {
			other, known := byName[name]
			c.That(known, check.Index(check.Index("Stages", i)+".After", j), "must be the name of a stage, got %q", name)
			if known {
				after[i] = append(after[i], other)
			}
		}
	}
	var found [][]int
	done := make([]bool, len(stages))
	for left := len(stages); left > 0; {
		var wave []int
		for i := range stages {
			if !done[i] && !slices.ContainsFunc(after[i], func(other int) bool { return !done[other] }) {
				wave = append(wave, i)
			}
		}
		if wave == nil {
			for i := range stages {
				c.That(done[i], check.Index("Stages", i)+".After", "must not lead in a circle: the stage can never be deployed")
			}
			return nil
		}
		for _, i := range wave {
			done[i] = true
		}
		found, left = append(found, wave), left-len(wave)
	}
	return found
}

// waveName is the name of the pipeline's stage that deploys a wave: that of its only stage, or one with the wave's number.
func waveName(stages []Stage, wave []int, number int) string {
	if len(wave) == 1 {
		return stages[wave[0]].Name
	}
	return fmt.Sprintf("Wave%d", number+1)
}
