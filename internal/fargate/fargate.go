// Package fargate knows the sizes that AWS Fargate gives to tasks.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
package fargate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/strata-cdk/strata/check"
)

// size is a number of CPU units, of which 1024 are a vCPU, and the memory that goes with it, in MiB: the given values, or
// those from the first to the last in equal steps.
type size struct {
	cpu    int
	memory []int
	step   int
}

var sizes = []size{
	{cpu: 256, memory: []int{512, 1024, 2048}},
	{cpu: 512, memory: []int{1024, 4096}, step: 1024},
	{cpu: 1024, memory: []int{2048, 8192}, step: 1024},
	{cpu: 2048, memory: []int{4096, 16384}, step: 1024},
	{cpu: 4096, memory: []int{8192, 30720}, step: 1024},
	{cpu: 8192, memory: []int{16384, 61440}, step: 4096},
	{cpu: 16384, memory: []int{32768, 122880}, step: 8192},
	{cpu: 32768, memory: []int{61440, 122880, 249856}},
}

// CheckSize records a problem of the field CPU, in CPU units, or Memory, in MiB, unless Fargate has tasks of that size.
// Windows tasks have 1024, 2048 or 4096 CPU units.
func CheckSize(c *check.List, cpu, memory int, windows bool) {
	var cpus []int
	for _, s := range sizes {
		if !windows || 1024 <= s.cpu && s.cpu <= 4096 {
			cpus = append(cpus, s.cpu)
		}
	}
	check.OneOf(c, "CPU", cpu, cpus...)
	if s := of(cpu); s != nil && slices.Contains(cpus, cpu) {
		c.That(s.has(memory), "Memory", "must be %s with %d CPU units, got %d", s.text(), cpu, memory)
	}
}

// LeastMemory is the least memory that goes with a number of CPU units, in MiB; 0 when Fargate has no such number.
func LeastMemory(cpu int) int {
	if s := of(cpu); s != nil {
		return s.memory[0]
	}
	return 0
}

func of(cpu int) *size {
	if i := slices.IndexFunc(sizes, func(s size) bool { return s.cpu == cpu }); i >= 0 {
		return &sizes[i]
	}
	return nil
}

func (s *size) has(memory int) bool {
	if s.step == 0 {
		return slices.Contains(s.memory, memory)
	}
	return s.memory[0] <= memory && memory <= s.memory[1] && memory%s.step == 0
}

func (s *size) text() string {
	if s.step > 0 {
		return fmt.Sprintf("between %d and %d in steps of %d", s.memory[0], s.memory[1], s.step)
	}
	return "one of " + strings.Trim(strings.ReplaceAll(fmt.Sprint(s.memory), " ", ", "), "[]")
}
