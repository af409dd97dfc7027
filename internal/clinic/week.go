package clinic

import (
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

// manySlots is from how many slots at one time on a single free one is few. Of two, one is half of what there is.
const manySlots = 3

// Mark is closed when the time has come, full when no slot of the time is free, few when a single one of three or more is,
// and otherwise free.
func (o Availability) Mark(now time.Time) Mark {
	switch {
	case o.Slots == 0 || !o.StartsAt.After(now):
		return MarkClosed
	case o.Free == 0:
		return MarkFull
	case o.Free == 1 && o.Slots >= manySlots:
		return MarkFew
	}
	return MarkFree
}

// Bookable reports whether a time with the mark can be chosen.
func (m Mark) Bookable() bool { return m == MarkFree || m == MarkFew }

// minuteOfDay is the time of day of an instant, in minutes since midnight as clocks show it.
func minuteOfDay(t time.Time, loc *time.Location) int {
	local := t.In(loc)
	return local.Hour()*60 + local.Minute()
}

// WeekCell is one start time on one day.
type WeekCell struct {
	Mark   Mark
	SlotID string // what a visitor gets by choosing the cell; empty unless free or few
	Past   bool   // closed because the time has come, and not because nothing is offered then
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
			row.Cells[i].Past = o.Slots > 0 && row.Cells[i].Mark == MarkClosed
			if row.Cells[i].Mark.Bookable() {
				row.Cells[i].SlotID = o.SlotID
			}
		}
		w.Rows = append(w.Rows, row)
	}
	slices.SortFunc(w.Rows, func(a, b WeekRow) int { return a.Minute - b.Minute })
	return w
}

// DayState says why nothing can be booked on a day of the week grid.
type DayState string

// The states of a day.
const (
	DayFree   DayState = "free"   // something can be booked
	DayFull   DayState = "full"   // all that is left is taken
	DayPast   DayState = "past"   // the times of the day have come
	DayClosed DayState = "closed" // nothing is offered on that day
)

// DayState is the state of the i-th day.
func (w Week) DayState(i int) DayState {
	state := DayClosed
	for _, row := range w.Rows {
		switch cell := row.Cells[i]; {
		case cell.SlotID != "":
			return DayFree
		case cell.Mark == MarkFull:
			state = DayFull
		case cell.Past && state == DayClosed:
			state = DayPast
		}
	}
	return state
}
