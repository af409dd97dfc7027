package clinic

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Mark is the sign of a cell in the week grid.
type Mark string

// The marks, as Japanese booking pages have them.
const (
	MarkFree   Mark = "free"   // ○ 空きあり
	MarkFew    Mark = "few"    // △ 残りわずか
	MarkFull   Mark = "full"   // × 満席
	MarkClosed Mark = "closed" // － 受付外
)

// Availability is what begins at one instant at a branch, as far as it suits a visitor.
type Availability struct {
	StartsAt time.Time
	Slots    int    // how many slots begin then
	Free     int    // how many of them are free
	SlotID   string // the free slot a visitor gets by choosing this time; empty when there is none
}

// Mark is free when more than one slot or every slot of the time is free, few when some are, full when none is, and
// closed when the time has come.
func (o Availability) Mark(now time.Time) Mark {
	switch {
	case o.Slots == 0 || !o.StartsAt.After(now):
		return MarkClosed
	case o.Free == 0:
		return MarkFull
	case o.Free == 1 && o.Slots > 1:
		return MarkFew
	}
	return MarkFree
}

// Nearest are n of the free times at most, in order of start, that come nearest to a time that is gone: two of its day, then on
// each day after it the one nearest to its hour, an hour apart at most, then whatever lies nearest. free is in order of start.
func Nearest(free []Availability, gone time.Time, loc *time.Location, n int) []Availability {
	day, clock := DateOf(gone, loc), minuteOfDay(gone, loc)
	near := slices.Clone(free)
	slices.SortStableFunc(near, func(a, b Availability) int {
		return cmp.Compare(a.StartsAt.Sub(gone).Abs(), b.StartsAt.Sub(gone).Abs())
	})
	chosen := map[int64]Availability{}
	for _, o := range near {
		if len(chosen) < min(2, n) && DateOf(o.StartsAt, loc) == day {
			chosen[o.StartsAt.Unix()] = o
		}
	}
	best := map[Date]Availability{}
	var days []Date
	apart := func(o Availability) int {
		return max(minuteOfDay(o.StartsAt, loc)-clock, clock-minuteOfDay(o.StartsAt, loc))
	}
	for _, o := range free {
		d := DateOf(o.StartsAt, loc)
		if !day.Before(d) || apart(o) > 60 {
			continue
		}
		had, ok := best[d]
		if !ok {
			days = append(days, d)
		}
		if !ok || apart(o) < apart(had) {
			best[d] = o
		}
	}
	for _, d := range days {
		if len(chosen) < n {
			chosen[best[d].StartsAt.Unix()] = best[d]
		}
	}
	for _, o := range near {
		if len(chosen) < n {
			chosen[o.StartsAt.Unix()] = o
		}
	}
	return slices.SortedFunc(maps.Values(chosen), func(a, b Availability) int { return a.StartsAt.Compare(b.StartsAt) })
}

// minuteOfDay is the time of day of an instant, in minutes since midnight as clocks show it.
func minuteOfDay(t time.Time, loc *time.Location) int {
	local := t.In(loc)
	return local.Hour()*60 + local.Minute()
}

// WeekCell is one start time on one day.
type WeekCell struct {
	Mark   Mark
	SlotID string // what a visitor gets by choosing the cell; empty unless free or few
}

// WeekRow is one start time of day across the days.
type WeekRow struct {
	Minute int // minutes since midnight in the branch's zone
	Cells  []WeekCell
}

// Week is the week grid: seven days (or any run of days) of a branch as visitors see them.
type Week struct {
	Days []Date
	Rows []WeekRow
}

// NewWeek lays what is available, in order of start, out by day and start time in the branch's zone. Two instants share a
// cell when summer time ends between them.
func NewWeek(available []Availability, first Date, days int, loc *time.Location, now time.Time) Week {
	w := Week{Days: make([]Date, days)}
	for i := range w.Days {
		w.Days[i] = first.AddDays(i)
	}
	rows := map[int][]Availability{} // by minute, one for each day
	for _, o := range available {
		local := o.StartsAt.In(loc)
		day := slices.Index(w.Days, DateOf(local, loc))
		if day < 0 {
			continue
		}
		minute := minuteOfDay(local, loc)
		if rows[minute] == nil {
			rows[minute] = make([]Availability, days)
		}
		cell := &rows[minute][day]
		if cell.SlotID == "" {
			cell.SlotID = o.SlotID
		}
		cell.StartsAt, cell.Slots, cell.Free = o.StartsAt, cell.Slots+o.Slots, cell.Free+o.Free
	}
	for minute, cells := range rows {
		row := WeekRow{Minute: minute, Cells: make([]WeekCell, days)}
		for i, o := range cells {
			row.Cells[i].Mark = o.Mark(now)
			if row.Cells[i].Mark == MarkFree || row.Cells[i].Mark == MarkFew {
				row.Cells[i].SlotID = o.SlotID
			}
		}
		w.Rows = append(w.Rows, row)
	}
	slices.SortFunc(w.Rows, func(a, b WeekRow) int { return a.Minute - b.Minute })
	return w
}
