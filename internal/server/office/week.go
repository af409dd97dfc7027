package office

import (
	"errors"
	"net/http"
	"slices"
	"strings"
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
	desk, beside, err := p.desk(c, branch, f, view.WeekView)
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
		doctors, err := p.Store.Doctors(ctx)
		if err != nil {
			return nil, err
		}
		days, err := p.weekDays(c, data, doctors)
		if err != nil {
			return nil, err
		}
		for _, d := range days {
			data.Cancelled += d.cancelled
			data.Days = append(data.Days, d.head)
		}
		for _, doctor := range doctors {
			row, works := make([]view.WeekCell, len(days)), false
			for i, d := range days {
				if cell, ok := d.cells[doctor.ID]; ok {
					row[i], works = cell, true
				} else {
					row[i].Drawn = view.DoctorsDay(data, doctor, row[i])
				}
			}
			if works {
				data.Rows, data.Cells = append(data.Rows, doctor), append(data.Cells, row)
			}
		}
		data.Counts = data.DeskCounts(l)
		return view.WeekTable(data), nil
	})
	if err = errors.Join(err, beside(&data.Desk)); err != nil {
		return err
	}
	status, err := p.afterAct(c, branch, &data.Desk, why)
	if err != nil {
		return err
	}
	page.Saw(c, clinic.SawCalendar, clinic.AboutDays(branch.ID, data.First, data.Last))
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

// weekDay is a day of the week as it was drawn.
type weekDay struct {
	head      view.WeekDay
	cells     map[string]view.WeekCell // by the ids of the doctors who have a slot
	cancelled int
}

// weekDays are the days of a week. They are kept one by one, because a change is of one day, and most of a week is to draw its chips.
func (p *Pages) weekDays(c *gin.Context, data view.Week, doctors []clinic.Doctor) ([]weekDay, error) {
	ctx := c.Request.Context()
	filter := strings.Join([]string{data.DrawnDayAs(), page.Lang(c), string(data.Staff.Role)}, " ")
	return ofDays(p, c, &p.weeks, data.Branch, filter, data.First, data.Last, func(first, last clinic.Date) (out []weekDay, err error) {
		for day := first; !last.Before(day); day = day.AddDays(1) {
			entries, cancelled, err := p.days(c, data.Branch, day, day)
			if err != nil {
				return nil, err
			}
			head, cells := layWeekDay(shown(entries, data.Filter), day, data.Branch.Location(), data.Now)
			head.Holiday = p.HolidayName(day, page.Lang(c))
			for _, doctor := range doctors {
				cell, ok := cells[doctor.ID]
				if !ok {
					continue
				}
				var html strings.Builder
				if err := view.DoctorsDay(data, doctor, cell).Render(ctx, &html); err != nil {
					return nil, err
				}
				cells[doctor.ID] = view.WeekCell{Count: cell.Count, Drawn: templ.Raw(html.String())}
			}
			out = append(out, weekDay{head, cells, len(cancelled)})
		}
		return out, nil
	})
}

// layWeekDay lays the slots of a day out by the ids of their doctors.
func layWeekDay(entries []store.SlotEntry, day clinic.Date, loc *time.Location, now time.Time) (head view.WeekDay, cells map[string]view.WeekCell) {
	head, cells = view.WeekDay{Date: day, Empty: true}, map[string]view.WeekCell{}
	for _, e := range entries {
		cells[e.Slot.DoctorID] = view.WeekCell{}
	}
	for _, e := range shownClosed(entries) {
		of, cell := cells[e.Slot.DoctorID], view.DayCell{Slot: e.Slot, Appointment: e.Appointment, HeldUntil: e.HeldUntil, ByHand: e.ByHand, Reason: e.Reason}
		if at := e.Slot.StartsAt.In(loc); at.Hour()*60+at.Minute() >= afternoon {
			of.Afternoon = append(of.Afternoon, cell)
		} else {
			of.Morning = append(of.Morning, cell)
		}
		if e.Slot.ClosedAt == nil {
			of.Count.Add(cell, now)
			head.Count.Add(cell, now)
		}
		cells[e.Slot.DoctorID] = of
		if e.Slot.ClosedAt == nil || e.ByHand {
			head.Empty = false
		} else if head.Why == "" {
			head.Why = e.Reason
		}
	}
	for id, cell := range cells {
		cell.ShutMorning, cell.ShutAfternoon = shut(cell.Morning), shut(cell.Afternoon)
		if all := shut(slices.Concat(cell.Morning, cell.Afternoon)); all != nil && len(cell.Morning) > 0 && len(cell.Afternoon) > 0 {
			cell.Shut = all
		}
		cells[id] = cell
	}
	return head, cells
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
