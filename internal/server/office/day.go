package office

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	"madoguchi/web"
	view "madoguchi/web/office"
)

// ShowDay shows a branch's day: ?branch=ID&date=YYYY-MM-DD, each of which may be left out, with the booking of ?booking=ID beside it.
func (p *Pages) ShowDay(c *gin.Context) error { return p.showDay(c, refused{}) }

// showDay shows the day of the address, with the reason why something was refused, if it was.
func (p *Pages) showDay(c *gin.Context, why refused) error {
	branch, _, err := p.branchOf(c, clinic.SeeCalendar, c.Query("branch"))
	if err != nil {
		return err
	}
	f := p.frame(c, branch)
	if branch.ID == "" { // a clinic that begins has none
		return page.Show(c, http.StatusOK, view.DayPage(view.Day{Frame: f}))
	}
	data, err := p.day(c, f)
	if err != nil {
		return err
	}
	page.Saw(c, clinic.SawCalendar, clinic.AboutDays(branch.ID, data.First, data.Last))
	if page.IsLive(c) {
		return p.showDesk(c, f, data.Desk, http.StatusOK, nil)
	}
	if err := p.besideDay(c, &data); err != nil {
		return err
	}
	status, err := p.afterAct(c, branch, &data.Desk, why)
	if err != nil {
		return err
	}
	return page.Show(c, status, view.DayPage(data))
}

// day is the calendar of a day.
func (p *Pages) day(c *gin.Context, f view.Frame) (data view.Day, err error) {
	ctx, branch := c.Request.Context(), f.Branch
	data = view.Day{Frame: f, Now: p.Now()}
	var beside func(*view.Desk) error
	if data.Desk, beside, err = p.desk(c, branch, f, view.DayView); err != nil {
		return data, err
	}
	data.Choosing = c.Query("choose") != ""
	data.Holiday = p.HolidayName(data.Date, page.Lang(c))
	data.First, data.Last, data.Label = data.Date, data.Date, web.LocaleOf(ctx).T("office.day.slots")
	if err = p.dayPanel(c, &data, c.Query("booking")); err == nil {
		data.Path = data.Here()
		err = p.draw(c, f, &data.Desk, func() (templ.Component, error) { return p.drawDay(c, &data) })
	}
	return data, errors.Join(err, beside(&data.Desk))
}

// drawDay reads what the calendar of a day shows, and draws it.
func (p *Pages) drawDay(c *gin.Context, data *view.Day) (templ.Component, error) {
	ctx := c.Request.Context()
	entries, cancelled, err := p.days(c, data.Branch, data.Date, data.Date)
	if err != nil {
		return nil, err
	}
	entries = slices.DeleteFunc(entries, func(e store.SlotEntry) bool { return !data.Filter.Shows(e.Slot.DoctorID) })
	doctors, err := p.Store.Doctors(ctx)
	if err != nil {
		return nil, err
	}
	data.Ended, data.Cancelled = cancelled, len(cancelled)
	data.Columns = doctorsOf(entries, doctors)
	data.Rows = layDay(entries, data.Columns)
	data.Rooms = roomsOf(entries)
	data.Counts = data.Count(web.LocaleOf(ctx))
	if err := p.dayMarks(ctx, page.Actor(c), data, entries); err != nil {
		return nil, err
	}
	if len(entries) == 0 {
		data.NextDay, err = p.nextDay(c, data.Branch, data.Date)
	}
	return view.DayCalendar(*data), err
}

// besideDay is what the page of a day shows beside the calendar.
func (p *Pages) besideDay(c *gin.Context, data *view.Day) error {
	runs, err := p.Store.Runs(c.Request.Context(), page.Actor(c))
	if err != nil {
		return err
	}
	data.Runs = len(runs)
	if data.Trouble > 0 {
		data.Troubled, err = p.troubled(c, data.Branch.ID)
	}
	return err
}

// dayMarks are what stands at the bookings and holds of a day beside themselves: other bookings, areas, how often somebody did not come, and
// the names of who holds a slot.
func (p *Pages) dayMarks(ctx context.Context, actor clinic.Actor, data *view.Day, entries []store.SlotEntry) (err error) {
	all := appointmentsOf(entries)
	if data.Others, data.NoShows, err = p.Store.OthersAndNoShows(ctx, actor, all...); err != nil {
		return err
	}
	if data.Areas, err = p.areasOf(ctx, entries); err != nil {
		return err
	}
	var staff []string
	for _, e := range entries {
		staff = append(staff, e.HeldBy)
	}
	data.Names, err = p.Store.StaffNames(ctx, staff...)
	return err
}

// dayPanel puts a booking beside the calendar. One that is not there, or not for whoever looks, leaves the calendar alone.
func (p *Pages) dayPanel(c *gin.Context, data *view.Day, id string) error {
	if id == "" {
		return nil
	}
	a, err := p.Store.Appointment(c.Request.Context(), page.Actor(c), id)
	if clinic.CodeOf(err) == clinic.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	data.Selected = id
	if page.IsLive(c) {
		return nil
	}
	panel, err := p.bookingOf(c, data.Frame, a)
	if err != nil {
		return err
	}
	data.Panel = &panel
	besideCalendar(data.Panel, data.URL(view.DayView, data.Branch.ID, data.Date))
	return nil
}

// lookAhead is how far the next day with slots is looked for.
const lookAhead = 92

// nextDay is the first day after date on which a branch has slots; zero when there is none.
func (p *Pages) nextDay(c *gin.Context, branch clinic.Branch, date clinic.Date) (clinic.Date, error) {
	loc := branch.Location()
	next, err := p.Store.Availability(c.Request.Context(), store.SlotQuery{
		BranchID: branch.ID, From: date.AddDays(1).In(loc), Until: date.AddDays(lookAhead).In(loc), For: page.Actor(c), Limit: 1,
	})
	if err != nil || len(next) == 0 {
		return clinic.Date{}, err
	}
	return clinic.DateOf(next[0].StartsAt, loc), nil
}

// areasOf are the questions whose options name the areas of bookings, by the version that was asked.
func (p *Pages) areasOf(ctx context.Context, entries []store.SlotEntry) (map[string]intake.Question, error) {
	out := map[string]intake.Question{}
	for _, e := range entries {
		if e.Appointment == nil {
			continue
		}
		version := e.Appointment.Booking.QuestionnaireVersion
		q, err := p.QuestionnaireOf(ctx, version)
		if err != nil {
			return nil, err
		}
		out[version] = q.Areas()
	}
	return out, nil
}

// appointmentsOf are the live bookings of a day.
func appointmentsOf(entries []store.SlotEntry) []*clinic.Appointment {
	var out []*clinic.Appointment
	for _, e := range entries {
		if e.Appointment != nil {
			out = append(out, e.Appointment)
		}
	}
	return out
}

// doctorsOf are the doctors who have a slot, in their order.
func doctorsOf(entries []store.SlotEntry, all []clinic.Doctor) []clinic.Doctor {
	return slices.DeleteFunc(slices.Clone(all), func(d clinic.Doctor) bool {
		return !slices.ContainsFunc(entries, func(e store.SlotEntry) bool { return e.Slot.DoctorID == d.ID })
	})
}

// roomsOf are the rooms of doctors who have one and the same all day.
func roomsOf(entries []store.SlotEntry) map[string]string {
	rooms := map[string]string{}
	for _, e := range entries {
		if before, seen := rooms[e.Slot.DoctorID]; seen && before != e.Slot.Room {
			rooms[e.Slot.DoctorID] = ""
		} else {
			rooms[e.Slot.DoctorID] = e.Slot.Room
		}
	}
	return rooms
}

// layDay lays slots out in rows: a row begins wherever a slot begins or ends, and a slot fills as many rows as it lasts.
// A doctor's open slots never overlap, so that a cell holds one at most. Closed slots that follow one another for the same reason are one
// cell; one over which another slot lies is left out.
func layDay(entries []store.SlotEntry, doctors []clinic.Doctor) []view.DayRow {
	shown := shownSlots(entries)
	var times []time.Time
	for _, e := range shown {
		times = append(times, e.Slot.StartsAt, e.Slot.EndsAt)
	}
	slices.SortFunc(times, time.Time.Compare)
	times = slices.CompactFunc(times, time.Time.Equal)
	if len(times) == 0 {
		return nil
	}
	rows := make([]view.DayRow, len(times)-1)
	for i := range rows {
		rows[i] = view.DayRow{StartsAt: times[i], EndsAt: times[i+1], Cells: make([]view.DayCell, len(doctors))}
	}
	for _, e := range shown {
		column := slices.IndexFunc(doctors, func(d clinic.Doctor) bool { return d.ID == e.Slot.DoctorID })
		first := slices.IndexFunc(times, e.Slot.StartsAt.Equal)
		after := slices.IndexFunc(times, e.Slot.EndsAt.Equal)
		rows[first].Cells[column] = view.DayCell{
			Rows: after - first, Slot: e.Slot, Appointment: e.Appointment, HeldUntil: e.HeldUntil, Holder: e.Holder, HeldBy: e.HeldBy,
			Closed: e.closed, ByHand: e.ByHand, Reason: e.Reason,
		}
		for i := first + 1; i < after; i++ {
			rows[i].Cells[column].Covered = true
		}
	}
	return rows
}

// shownSlot is a slot, or a run of closed ones, as it stands in a column.
type shownSlot struct {
	store.SlotEntry
	closed []string // the ids of a run
}

// shownSlots are the slots that stand in the columns of a day.
func shownSlots(entries []store.SlotEntry) []shownSlot {
	out := make([]shownSlot, 0, len(entries))
	for _, e := range entries {
		if e.Slot.ClosedAt == nil {
			out = append(out, shownSlot{SlotEntry: e})
		}
	}
	over := func(e store.SlotEntry) bool {
		return slices.ContainsFunc(out, func(o shownSlot) bool {
			return o.Slot.DoctorID == e.Slot.DoctorID && o.Slot.StartsAt.Before(e.Slot.EndsAt) && e.Slot.StartsAt.Before(o.Slot.EndsAt)
		})
	}
	for _, e := range entries {
		if e.Slot.ClosedAt == nil || over(e) {
			continue
		}
		run := slices.IndexFunc(out, func(o shownSlot) bool {
			return len(o.closed) > 0 && o.Slot.DoctorID == e.Slot.DoctorID && o.Slot.EndsAt.Equal(e.Slot.StartsAt) && o.ByHand == e.ByHand && o.Reason == e.Reason
		})
		if run < 0 {
			out = append(out, shownSlot{SlotEntry: e, closed: []string{e.Slot.ID}})
			continue
		}
		out[run].closed = append(out[run].closed, e.Slot.ID)
		out[run].Slot.EndsAt = e.Slot.EndsAt
	}
	return out
}
