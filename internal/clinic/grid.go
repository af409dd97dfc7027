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

// GridCell is one start time on one day.
type GridCell struct {
	Mark Mark
	Slot *OpenSlot // the slot a visitor gets by choosing the cell; nil unless free or few
	Free int       // how many free slots begin then
}

// GridRow is one start time of day across the days.
type GridRow struct {
	Minute int // minutes since midnight in the branch's zone
	Cells  []GridCell
}

// Grid is a week (or any run of days) of a branch as visitors see it.
type Grid struct {
	Days []Date
	Rows []GridRow
}

// NewGrid lays slots out by day and start time in the branch's zone. A cell is free when more than one slot or every slot
// of that time is free, few when some are, full when none is, and closed when nothing is offered or it has begun. Slots
// must be in order of start; the first free one of a cell is the one offered.
func NewGrid(slots []OpenSlot, first Date, days int, loc *time.Location, now time.Time) Grid {
	g := Grid{Days: make([]Date, days)}
	for i := range g.Days {
		g.Days[i] = first.AddDays(i)
	}
	rows := map[int]*GridRow{}
	totals := map[[2]int]int{} // by minute and day
	for i := range slots {
		s := &slots[i]
		local := s.StartsAt.In(loc)
		day := slices.Index(g.Days, DateOf(local, loc))
		if day < 0 {
			continue
		}
		minute := local.Hour()*60 + local.Minute()
		row := rows[minute]
		if row == nil {
			row = &GridRow{Minute: minute, Cells: make([]GridCell, days)}
			for c := range row.Cells {
				row.Cells[c].Mark = MarkClosed
			}
			rows[minute] = row
		}
		if !s.StartsAt.After(now) {
			continue
		}
		key := [2]int{minute, day}
		totals[key]++
		cell := &row.Cells[day]
		if s.State == SlotFree {
			if cell.Slot == nil {
				cell.Slot = s
			}
			cell.Free++
		}
		cell.Mark = markOf(cell.Free, totals[key])
	}
	for _, row := range rows {
		g.Rows = append(g.Rows, *row)
	}
	slices.SortFunc(g.Rows, func(a, b GridRow) int { return a.Minute - b.Minute })
	return g
}

// FewAt reports whether the slots that begin at an instant would be marked as few.
func FewAt(slots []OpenSlot, at time.Time) bool {
	total, free := 0, 0
	for _, s := range slots {
		if s.StartsAt.Equal(at) {
			total++
			if s.State == SlotFree {
				free++
			}
		}
	}
	return markOf(free, total) == MarkFew
}

func markOf(free, total int) Mark {
	switch {
	case free == 0:
		return MarkFull
	case free == 1 && total > 1:
		return MarkFew
	}
	return MarkFree
}

// NextFree are the first n free slots that have not begun, at most one for each start time.
func NextFree(slots []OpenSlot, n int, now time.Time) []OpenSlot {
	var out []OpenSlot
	for _, s := range slots {
		if s.State != SlotFree || !s.StartsAt.After(now) {
			continue
		}
		if len(out) > 0 && out[len(out)-1].StartsAt.Equal(s.StartsAt) {
			continue
		}
		if out = append(out, s); len(out) == n {
			break
		}
	}
	return out
}
