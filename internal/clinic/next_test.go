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

// near are free times by day and hour: 25T14 is the 25th at 14:00.
func near(loc *time.Location, times ...string) []Availability {
	out := make([]Availability, len(times))
	for i, s := range times {
		at, err := time.ParseInLocation("2006-01-02T15:04", "2026-11-"+s, loc)
		if err != nil {
			panic(err) // the test's own
		}
		out[i] = Availability{StartsAt: at.UTC(), Slots: 1, Free: 1, SlotID: s}
	}
	return out
}

func TestNearest(t *testing.T) {
	loc := Branch{Zone: DefaultZone}.Location()
	gone := near(loc, "25T14:00")[0].StartsAt
	for _, c := range []struct {
		what       string
		free, want []string
	}{
		{"the same day and the same hour of the next days", []string{"25T10:00", "25T11:00", "25T13:00", "25T15:00", "26T10:00", "26T14:00", "27T14:00", "28T14:00"}, []string{"25T13:00", "25T15:00", "26T14:00", "27T14:00"}},
		{"the same time with another doctor", []string{"25T10:00", "25T14:00", "26T14:00"}, []string{"25T10:00", "25T14:00", "26T14:00"}},
		{"a full day", []string{"26T10:00", "26T13:00", "27T15:00", "28T10:00", "29T14:00"}, []string{"26T10:00", "26T13:00", "27T15:00", "29T14:00"}},
		{"no such hour", []string{"25T10:00", "26T10:00", "27T10:00", "28T10:00", "29T10:00"}, []string{"25T10:00", "26T10:00", "27T10:00", "28T10:00"}},
		{"nothing", nil, nil},
	} {
		var got []string
		for _, o := range Nearest(near(loc, c.free...), gone, 4, loc, time.Time{}) {
			got = append(got, o.SlotID)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.what, got, c.want)
		}
	}
}

// Whatever is free, the nearest times are some of it, as many as there can be, in order, each once; and where the day or the hour
// of the next day is free, it is among them.
func TestNearest_IsNear(t *testing.T) {
	loc := Branch{Zone: DefaultZone}.Location()
	rapid.Check(t, func(t *rapid.T) {
		hours := rapid.SliceOfNDistinct(rapid.IntRange(0, 10*24-1), 0, 40, rapid.ID).Draw(t, "hours")
		slices.Sort(hours)
		first := near(loc, "20T00:00")[0].StartsAt
		free := make([]Availability, len(hours))
		for i, h := range hours {
			free[i] = Availability{StartsAt: first.Add(time.Duration(h) * time.Hour), Free: 1, Slots: 1}
		}
		wanted := rapid.IntRange(0, 9*24-1).Draw(t, "wanted")
		gone := first.Add(time.Duration(wanted) * time.Hour)
		n := rapid.IntRange(3, 5).Draw(t, "n")
		var got []Availability
		for _, o := range Nearest(free, gone, n, loc, time.Time{}) {
			got = append(got, o.Availability)
		}
		if len(got) != min(n, len(free)) {
			t.Fatalf("%d of %d times, want %d", len(got), len(free), n)
		}
		has := func(list []Availability, h int) bool {
			return slices.ContainsFunc(list, func(o Availability) bool { return o.StartsAt.Equal(first.Add(time.Duration(h) * time.Hour)) })
		}
		for i, o := range got {
			if !slices.Contains(free, o) || i > 0 && !got[i-1].StartsAt.Before(o.StartsAt) {
				t.Fatalf("%v is not one of the free times, or not in order", o.StartsAt)
			}
		}
		if has(free, wanted) && !has(got, wanted) {
			t.Fatal("the very time is free and not offered")
		}
		if has(free, wanted+24) && !has(got, wanted+24) {
			t.Fatal("the hour is free on the next day and not offered")
		}
		sameDay := func(o Availability) bool { return DateOf(o.StartsAt, loc) == DateOf(gone, loc) }
		if slices.ContainsFunc(free, sameDay) && !slices.ContainsFunc(got, sameDay) {
			t.Fatal("the day has a free time and none is offered")
		}
	})
}
