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
	case len(free) == 1 && len(slots) >= 3:
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
	if len(w.Rows) != 1 || w.Rows[0].Minute != 60 || w.Rows[0].Cells[0].Mark != MarkFree || w.Rows[0].Cells[0].SlotID != "first" {
		t.Errorf("%+v", w.Rows)
	}
}

func TestAvailability_FewOnlyWhereThreeOrMoreWork(t *testing.T) {
	now := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		slots, free int
		want        Mark
	}{
		{1, 1, MarkFree}, {2, 1, MarkFree}, {3, 1, MarkFew}, {9, 1, MarkFew}, {3, 2, MarkFree}, {3, 0, MarkFull}, {1, 0, MarkFull}, {0, 0, MarkClosed},
	} {
		if got := (Availability{StartsAt: now.Add(time.Hour), Slots: c.slots, Free: c.free}).Mark(now); got != c.want {
			t.Errorf("%d of %d free: %s, want %s", c.free, c.slots, got, c.want)
		}
	}
}

func TestWeek_DayState(t *testing.T) {
	loc := time.FixedZone("JST", 9*60*60)
	now := time.Date(2026, 11, 24, 15, 0, 0, 0, loc)
	at := func(hour, slots, free int) Availability {
		a := Availability{StartsAt: time.Date(2026, 11, 24, hour, 0, 0, 0, loc), Slots: slots, Free: free}
		if free > 0 {
			a.SlotID = "slot"
		}
		return a
	}
	for want, available := range map[DayState][]Availability{
		DayFree:   {at(10, 1, 1), at(16, 1, 0), at(17, 1, 1)},
		DayFull:   {at(10, 1, 1), at(16, 1, 0)},
		DayPast:   {at(10, 1, 1), at(15, 1, 1)},
		DayClosed: nil,
	} {
		// The next day gives the grid its rows.
		available = append(available, Availability{StartsAt: time.Date(2026, 11, 25, 9, 0, 0, 0, loc), Slots: 1, Free: 1, SlotID: "next"})
		if got := NewWeek(available, Date{2026, 11, 24}, 7, loc, now).DayState(0); got != want {
			t.Errorf("%v is %q, want %q", available, got, want)
		}
	}
}
