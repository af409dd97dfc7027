package office

import (
	"net/http"
	"slices"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	"madoguchi/web"
	view "madoguchi/web/office"
)

// afternoon is the time of day from which a slot counts to the afternoon, in minutes: one o'clock, after the last slot of most
// mornings and before the first of most afternoons.
const afternoon = 13 * 60

// ShowWeek shows a branch's week, from Monday on: ?branch=ID&date=YYYY-MM-DD, a day of it.
func (p *Pages) ShowWeek(c *gin.Context) error { return p.showWeek(c, refused{}) }

// showWeek shows the week of the address, with the reason why something was refused, if it was.
func (p *Pages) showWeek(c *gin.Context, why refused) error {
	ctx, l := c.Request.Context(), web.LocaleOf(c.Request.Context())
	branch, _, err := p.branchOf(c, clinic.SeeCalendar, c.Query("branch"))
	if err != nil {
		return err
	}
	f := p.frame(c, branch)
	if branch.ID == "" { // a clinic that begins has none
		return page.Show(c, http.StatusOK, view.WeekPage(view.Week{Frame: f}))
	}
	desk, err := p.desk(c, branch, f, view.WeekView)
	if err != nil {
		return err
	}
	data := view.Week{Frame: f, Desk: desk, Now: p.Now()}
	data.Choosing = c.Query("choose") != ""
	data.First = monday(desk.Date)
	data.Last, data.Label = data.First.AddDays(6), l.T("office.week.slots")
	data.Title = l.DaysOfYear(data.First, data.Last)
	data.Before, data.After = data.First.AddDays(-1), data.First.AddDays(7)
	data.Path = data.Here()
	err = p.draw(c, f, &data.Desk, func() (templ.Component, error) {
		entries, cancelled, err := p.days(c, branch, data.First, data.Last)
		if err != nil {
			return nil, err
		}
		doctors, err := p.Store.Doctors(ctx)
		if err != nil {
			return nil, err
		}
		data.Cancelled = len(cancelled)
		entries = shown(entries, desk.Filter)
		data.Rows = doctorsOf(entries, doctors)
		data.Days, data.Cells = layWeek(entries, data.Rows, data.First, branch.Location(), data.Now)
		for i, d := range data.Days {
			data.Days[i].Holiday = p.HolidayName(d.Date, l.Lang())
		}
		data.Counts = data.DeskCounts(l)
		return view.WeekTable(data), nil
	})
	if err != nil {
		return err
	}
	status, err := p.afterAct(c, branch, &data.Desk, why)
	if err != nil {
		return err
	}
	return p.showDesk(c, f, data.Desk, status, view.WeekPage(data))
}

// shown are the slots that a filter shows.
func shown(entries []store.SlotEntry, filter view.DeskFilter) []store.SlotEntry {
	return slices.DeleteFunc(slices.Clone(entries), func(e store.SlotEntry) bool {
		switch {
		case !filter.Shows(e.Slot.DoctorID):
			return true
		case filter.Free && e.Slot.State != clinic.SlotFree:
			return true
		case filter.Unanswered && (e.Appointment == nil || e.Appointment.Answered):
			return true
		}
		return false
	})
}

// monday is the first day of the week of a day.
func monday(d clinic.Date) clinic.Date { return d.AddDays(-(int(d.Weekday()) + 6) % 7) }

// layWeek lays the slots of a week out by doctor and day.
func layWeek(entries []store.SlotEntry, doctors []clinic.Doctor, first clinic.Date, loc *time.Location, now time.Time) ([]view.WeekDay, [][]view.WeekCell) {
	days, cells := make([]view.WeekDay, 7), make([][]view.WeekCell, len(doctors))
	place := map[clinic.Date]int{}
	for i := range days {
		days[i] = view.WeekDay{Date: first.AddDays(i), Empty: true}
		place[days[i].Date] = i
	}
	for i := range cells {
		cells[i] = make([]view.WeekCell, len(days))
	}
	for _, e := range shownClosed(entries) {
		at := e.Slot.StartsAt.In(loc)
		day := place[clinic.DateOf(at, loc)]
		doctor := slices.IndexFunc(doctors, func(d clinic.Doctor) bool { return d.ID == e.Slot.DoctorID })
		cell := view.DayCell{Slot: e.Slot, Appointment: e.Appointment, HeldUntil: e.HeldUntil, ByHand: e.ByHand, Reason: e.Reason}
		half := &cells[doctor][day].Morning
		if at.Hour()*60+at.Minute() >= afternoon {
			half = &cells[doctor][day].Afternoon
		}
		*half = append(*half, cell)
		if e.Slot.ClosedAt == nil {
			days[day].Count.Add(cell, now)
		}
		if e.Slot.ClosedAt == nil || e.ByHand {
			days[day].Empty = false
		} else if days[day].Why == "" {
			days[day].Why = e.Reason
		}
	}
	for _, row := range cells {
		for i, cell := range row {
			row[i].ShutMorning, row[i].ShutAfternoon = shut(cell.Morning), shut(cell.Afternoon)
			if all := shut(slices.Concat(cell.Morning, cell.Afternoon)); all != nil && len(cell.Morning) > 0 && len(cell.Afternoon) > 0 {
				row[i].Shut = all
			}
		}
	}
	return days, cells
}

// shownClosed are slots without those closed ones over which an open one lies, in the order of their start.
func shownClosed(entries []store.SlotEntry) []store.SlotEntry {
	out := slices.DeleteFunc(slices.Clone(entries), func(e store.SlotEntry) bool {
		return e.Slot.ClosedAt != nil && slices.ContainsFunc(entries, func(o store.SlotEntry) bool {
			return o.Slot.ClosedAt == nil && o.Slot.DoctorID == e.Slot.DoctorID && o.Slot.StartsAt.Before(e.Slot.EndsAt) && e.Slot.StartsAt.Before(o.Slot.EndsAt)
		})
	})
	slices.SortStableFunc(out, func(a, b store.SlotEntry) int { return a.Slot.StartsAt.Compare(b.Slot.StartsAt) })
	return out
}

// shut is some time of a doctor in which everything is closed for the same reason; nil where something is open or nothing is there.
func shut(half []view.DayCell) *view.WeekShut {
	if len(half) == 0 {
		return nil
	}
	out := &view.WeekShut{From: half[0].Slot.StartsAt, ByHand: half[0].ByHand, Reason: half[0].Reason}
	for _, cell := range half {
		if cell.Slot.ClosedAt == nil || cell.ByHand != out.ByHand || cell.Reason != out.Reason {
			return nil
		}
		out.IDs = append(out.IDs, cell.Slot.ID)
		if cell.Slot.EndsAt.After(out.Until) {
			out.Until = cell.Slot.EndsAt
		}
	}
	return out
}
