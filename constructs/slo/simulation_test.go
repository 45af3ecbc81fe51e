package slo_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/strata-cdk/strata/constructs/slo"
)

// simulation goes through time minute by minute, as CloudWatch does, with the share of errors in each minute.
type simulation struct {
	rate        slo.BurnRate
	budget      float64 // the share of errors that uses up the budget in the interval
	threshold   float64
	errors      []float64
	first, last int // the minutes in which the alarm is on, counted from the start of errors; -1 for never
}

// burn is the burn rate of the window that ends with a minute.
func (s *simulation) burn(minute int, window time.Duration) float64 {
	n, sum := int(window.Minutes()), 0.0
	for i := max(0, minute-n+1); i <= minute; i++ {
		sum += s.errors[i]
	}
	return sum / float64(n) / s.budget
}

// simulate runs an objective of 30 days, in which after a long time without errors some share of requests fails for some minutes.
func simulate(b slo.BurnRate, goal, share float64, minutes int) simulation {
	s := simulation{rate: b, budget: (100 - goal) / 100, threshold: b.Rate(30 * day), first: -1, last: -1}
	before := int(b.Long.Minutes())
	s.errors = make([]float64, before+minutes+before)
	for i := range minutes {
		s.errors[before+i] = share
	}
	for i := range s.errors {
		if s.burn(i, b.Long) > s.threshold && s.burn(i, b.Short) > s.threshold {
			if s.first < 0 {
				s.first = i - before + 1
			}
			s.last = i - before + 1
		}
	}
	return s
}

// The alarm is on when errors have used up BudgetPercent of the budget, and off soon after they end; the arithmetic of the budget
// tells when, and that slower errors never fire it.
func TestBurnRate_FiresWhenTheBudgetSaysSo(t *testing.T) {
	fast := slo.BurnRate{BudgetPercent: 2, Long: time.Hour, Short: 5 * time.Minute}
	slow := slo.BurnRate{BudgetPercent: 5, Long: 6 * time.Hour, Short: 30 * time.Minute}
	for _, c := range []struct {
		burn        slo.BurnRate
		goal, share float64
		fires       bool
	}{
		{fast, 99.9, 1, true}, {fast, 99.9, 0.1, true}, {fast, 99.9, 0.02, true}, {fast, 99.9, 0.0145, true}, {fast, 99.9, 0.0143, false},
		{fast, 99, 0.5, true}, {fast, 99, 0.145, true}, {fast, 99, 0.14, false}, {fast, 95, 0.73, true}, {fast, 95, 0.71, false},
		{slow, 99.9, 0.01, true}, {slow, 99.9, 0.0061, true}, {slow, 99.9, 0.0059, false}, {slow, 99, 0.07, true}, {slow, 90, 0.61, true}, {slow, 90, 0.59, false},
	} {
		t.Run(fmt.Sprintf("%v%% goal %v share %v", c.burn.BudgetPercent, c.goal, c.share), func(t *testing.T) {
			minutes := int(c.burn.Long.Minutes()) * 2
			s := simulate(c.burn, c.goal, c.share, minutes)
			if !c.fires {
				assert.Equal(t, -1, s.first)
				return
			}
			// So many minutes of errors make up BudgetPercent of the errors that the interval of 30 days has room for.
			room := s.budget * (30 * day).Minutes()
			expected := c.burn.BudgetPercent / 100 * room / c.share
			// The short window must be over the rate too; it is shorter, and so it is from this minute on.
			expected = max(expected, c.burn.Short.Minutes()*s.threshold*s.budget/c.share)
			assert.InDelta(t, expected, s.first, 1)
			spent := c.share * float64(s.first) / room * 100
			assert.InDelta(t, c.burn.BudgetPercent, spent, c.share/room*100)
			// It ends when the short window has few enough errors in it.
			left := int(math.Ceil(c.burn.Short.Minutes() * (1 - s.threshold*s.budget/c.share)))
			assert.InDelta(t, minutes+left, s.last, 1)
			assert.LessOrEqual(t, s.last, minutes+int(c.burn.Short.Minutes()))
		})
	}
}

// Errors that end before they have used up BudgetPercent tell nobody, however many they are.
func TestBurnRate_LeavesShortOutagesAlone(t *testing.T) {
	b := slo.BurnRate{BudgetPercent: 2, Long: time.Hour, Short: 5 * time.Minute}
	// All requests fail: 2 % of the 43.2 minutes that 99.9 % of 30 days leave is 0.864 minutes, of 99 % 8.64 minutes.
	assert.Equal(t, 1, simulate(b, 99.9, 1, 1).first)
	assert.Equal(t, -1, simulate(b, 99, 1, 8).first)
	assert.Equal(t, 9, simulate(b, 99, 1, 9).first)
}
