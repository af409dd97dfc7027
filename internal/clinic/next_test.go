package clinic

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestNextTimes_Properties(t *testing.T) {
	tokyo := time.FixedZone("JST", 9*60*60)
	rapid.Check(t, func(t *rapid.T) {
		now := time.Date(2026, 11, 24, rapid.IntRange(0, 23).Draw(t, "now"), 0, 0, 0, tokyo)
		available := available(drawSlots(t, tokyo))
		n := rapid.IntRange(1, 4).Draw(t, "n")
		picked, complete := NextTimes(available, n, tokyo, now)
		var free []Availability
		for _, a := range available {
			if a.Free > 0 && a.StartsAt.After(now) {
				free = append(free, a)
			}
		}
		if len(picked) > max(n, 3) || len(picked) < min(n, len(free)) {
			t.Fatalf("%d of %d free times are picked where %d are wanted", len(picked), len(free), n)
		}
		if !slices.IsSortedFunc(picked, func(a, b NextTime) int { return a.StartsAt.Compare(b.StartsAt) }) {
			t.Fatal("they are not in order")
		}
		first := func(fits func(local time.Time) bool) *Availability {
			i := slices.IndexFunc(free, func(a Availability) bool { return fits(a.StartsAt.In(tokyo)) })
			if i < 0 {
				return nil
			}
			return &free[i]
		}
		for what, want := range map[string]*Availability{
			"earliest": first(func(time.Time) bool { return true }),
			"evening":  first(func(local time.Time) bool { return local.Hour() >= 17 }),
			"Saturday": first(func(local time.Time) bool { return local.Weekday() == time.Saturday }),
		} {
			if want == nil {
				continue
			}
			is := func(p NextTime) bool {
				return p.StartsAt.Equal(want.StartsAt) && (p.Earliest || what != "earliest") && (p.Evening || what != "evening") && (p.Saturday || what != "Saturday")
			}
			if !slices.ContainsFunc(picked, is) {
				t.Fatalf("the %s, %v, is not among %v", what, want.StartsAt, picked)
			}
		}
		// When it is complete, what comes later changes nothing.
		if complete {
			last := available[len(available)-1].StartsAt
			later := append(slices.Clone(available), Availability{StartsAt: last.Add(24 * time.Hour), Slots: 1, Free: 1, SlotID: "later"})
			again, _ := NextTimes(later, n, tokyo, now)
			if !slices.Equal(again, picked) {
				t.Fatalf("%v became %v", picked, again)
			}
		}
	})
}
