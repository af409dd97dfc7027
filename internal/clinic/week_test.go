package clinic

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// drawSlots are slots of some doctors around a week, in order of start.
func drawSlots(t *rapid.T, loc *time.Location) []SlotWithState {
	base := time.Date(2026, 11, 23, 9, 0, 0, 0, loc)
	slots := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) SlotWithState {
		start := base.AddDate(0, 0, rapid.IntRange(-1, 8).Draw(t, "day")).Add(time.Duration(rapid.IntRange(0, 8).Draw(t, "half hour")) * 30 * time.Minute)
		return SlotWithState{
			Slot{ID: NewID(), DoctorID: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "doctor"), StartsAt: start.UTC(), EndsAt: start.Add(time.Hour).UTC()},
			rapid.SampledFrom([]SlotState{SlotFree, SlotFree, SlotHeld, SlotBusy}).Draw(t, "state"),
		}
	}), 0, 60).Draw(t, "slots")
	slices.SortStableFunc(slots, func(a, b SlotWithState) int { return a.StartsAt.Compare(b.StartsAt) })
	return slots
}

// available groups slots by their start, as the database does.
func available(slots []SlotWithState) []Availability {
	var out []Availability
	for _, s := range slots {
		if len(out) == 0 || !out[len(out)-1].StartsAt.Equal(s.StartsAt) {
			out = append(out, Availability{StartsAt: s.StartsAt})
		}
		o := &out[len(out)-1]
		o.Slots++
		if s.State == SlotFree {
			o.Free++
			if o.SlotID == "" {
				o.SlotID = s.ID
			}
		}
	}
	return out
}

func TestNewWeek_Properties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		loc, err := time.LoadLocation(rapid.SampledFrom([]string{"Asia/Tokyo", "America/New_York"}).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		slots := drawSlots(t, loc)
		first := Date{2026, 11, 23}
		days := rapid.IntRange(1, 7).Draw(t, "days")
		now := time.Date(2026, 11, 23, rapid.IntRange(0, 47).Draw(t, "hour"), 0, 0, 0, loc)
		w := NewWeek(available(slots), first, days, loc, now)

		if len(w.Days) != days || w.Days[0] != first || !slices.IsSortedFunc(w.Rows, func(a, b WeekRow) int { return a.Minute - b.Minute }) {
			t.Fatalf("%v", w.Days)
		}
		for _, row := range w.Rows {
			if len(row.Cells) != days {
				t.Fatalf("%d cells", len(row.Cells))
			}
			for i, cell := range row.Cells {
				checkCell(t, cell, slotsAt(slots, w.Days[i], row.Minute, loc), now)
			}
		}
		// Every slot of these days has its row.
		for _, s := range slots {
			local := s.StartsAt.In(loc)
			minute := local.Hour()*60 + local.Minute()
			onPage := slices.ContainsFunc(w.Rows, func(r WeekRow) bool { return r.Minute == minute })
			if slices.Contains(w.Days, DateOf(s.StartsAt, loc)) && !onPage {
				t.Fatalf("%v has no row", local)
			}
		}
	})
}

func slotsAt(slots []SlotWithState, d Date, minute int, loc *time.Location) []SlotWithState {
	return slices.DeleteFunc(slices.Clone(slots), func(s SlotWithState) bool {
		local := s.StartsAt.In(loc)
		return DateOf(local, loc) != d || local.Hour()*60+local.Minute() != minute
	})
}

// checkCell says a second time, from all slots of a cell at once, what its mark must be.
func checkCell(t *rapid.T, cell WeekCell, slots []SlotWithState, now time.Time) {
	var free []SlotWithState
	for _, s := range slots {
		if s.State == SlotFree {
			free = append(free, s)
		}
	}
	want := MarkFree
	switch {
	case len(slots) == 0 || !slots[0].StartsAt.After(now):
		want, free = MarkClosed, nil
	case len(free) == 0:
		want = MarkFull
	case len(free) == 1 && len(slots) > 1:
		want = MarkFew
	}
	offers := ""
	if len(free) > 0 {
		offers = free[0].ID
	}
	if cell.Mark != want || cell.SlotID != offers {
		t.Fatalf("%s offering %q, want %s offering %q", cell.Mark, cell.SlotID, want, offers)
	}
}

// Twice the same hour on the day summer time ends: one row, both slots in one cell.
func TestNewWeek_SummerTimeEnds(t *testing.T) {
	loc, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2026, 11, 1, 5, 0, 0, 0, time.UTC) // 01:00 EDT; an hour later it is 01:00 EST
	slots := []SlotWithState{
		{Slot{ID: "first", StartsAt: start, EndsAt: start.Add(time.Hour)}, SlotFree},
		{Slot{ID: "second", StartsAt: start.Add(time.Hour), EndsAt: start.Add(2 * time.Hour)}, SlotBusy},
	}
	w := NewWeek(available(slots), Date{2026, 11, 1}, 1, loc, start.Add(-time.Hour))
	if len(w.Rows) != 1 || w.Rows[0].Minute != 60 || w.Rows[0].Cells[0].Mark != MarkFew || w.Rows[0].Cells[0].SlotID != "first" {
		t.Errorf("%+v", w.Rows)
	}
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
		for _, o := range Nearest(near(loc, c.free...), gone, loc, 4) {
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
		got := Nearest(free, gone, loc, n)
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
