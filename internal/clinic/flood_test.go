package clinic

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestInflow_Flood(t *testing.T) {
	for _, c := range []struct {
		in   Inflow
		want bool
	}{
		{Inflow{}, false},
		{Inflow{Bookings: FloodLeast - 1}, false},
		{Inflow{Bookings: FloodLeast}, true},
		{Inflow{Bookings: 20, Holds: 10, Noticed: map[FormEvent]int{FormTrapped: FloodLeast - 30}}, true},
		{Inflow{Noticed: map[FormEvent]int{FormHasty: 500, FormUnsolved: 500, FormRefused: 500}}, false},
		{Inflow{Bookings: FloodLeast, Earlier: FloodUsual * 2 * FloodLeast}, false},
		{Inflow{Bookings: 2 * FloodLeast, Earlier: FloodUsual * 2 * FloodLeast}, true},
	} {
		if got := c.in.Flood(); got != c.want || c.in.Bits() != map[bool]int{false: PuzzleBits, true: FloodBits}[got] {
			t.Errorf("%+v: %v with %d bits", c.in, got, c.in.Bits())
		}
	}
}

// A booking is in a flood where some window that holds it has enough of them.
func TestFloodRun(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var times []time.Time
		at := time.Date(2026, time.November, 24, 0, 0, 0, 0, time.UTC)
		for _, s := range rapid.SliceOfN(rapid.IntRange(0, 40), 0, 150).Draw(t, "seconds between") {
			at = at.Add(time.Duration(s) * time.Second)
			times = append(times, at)
		}
		var want []int
		for k := range times {
			for i := range times[:k+1] {
				n := 0
				for _, other := range times[i:] {
					if other.Sub(times[i]) <= FloodWindow {
						n++
					}
				}
				if n >= FloodLeast && times[k].Sub(times[i]) <= FloodWindow {
					want = append(want, k)
					break
				}
			}
		}
		if got := FloodRun(times); !slices.Equal(got, want) {
			t.Fatalf("%v, want %v", got, want)
		}
	})
}
