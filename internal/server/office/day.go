package office

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	"madoguchi/web"
	view "madoguchi/web/office"
)

// ShowDay shows a branch's day: ?branch=ID&date=YYYY-MM-DD, each of which may be left out.
func (p *Pages) ShowDay(c *gin.Context) error {
	ctx := c.Request.Context()
	branch, _, err := p.branchOf(c, clinic.SeeCalendar, c.Query("branch"))
	if err != nil {
		return err
	}
	f := p.frame(c, branch)
	if branch.ID == "" { // a clinic that begins has none
		return page.Show(c, http.StatusOK, view.DayPage(view.Day{Frame: f}))
	}
	desk, err := p.desk(c, branch, f, view.DayView)
	if err != nil {
		return err
	}
	date := desk.Date
	var entries []store.SlotEntry
	var cancelled []clinic.Appointment
	if entries, cancelled, err = p.Store.Day(ctx, page.Actor(c), branch, date); err != nil {
		return err
	}
	doctors, err := p.Store.Doctors(ctx)
	if err != nil {
		return err
	}
	runs, err := p.Store.Runs(ctx, page.Actor(c))
	if err != nil {
		return err
	}
	data := view.Day{
		Frame: f, Desk: desk, Runs: len(runs), Holiday: p.HolidayName(date, page.Lang(c)),
		Ended: cancelled, Now: p.Now(),
	}
	data.Desk.Cancelled = len(cancelled)
	data.Columns = doctorsOf(entries, doctors)
	data.Rows = layDay(entries, data.Columns)
	data.Counts = data.Count(web.LocaleOf(ctx))
	if data.Areas, err = p.areasOf(ctx, entries); err != nil {
		return err
	}
	if data.Others, err = p.Store.Others(ctx, page.Actor(c), appointmentsOf(entries)...); err != nil {
		return err
	}
	if len(entries) == 0 {
		if data.NextDay, err = p.nextDay(c, branch, date); err != nil {
			return err
		}
	}
	data.First, data.Last, data.Label = date, date, web.LocaleOf(ctx).T("office.day.slots")
	data.Calendar = view.DayCalendar(data)
	return p.showDesk(c, f, data.Desk, view.DayPage(data))
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
func appointmentsOf(entries []store.SlotEntry) []clinic.Appointment {
	var out []clinic.Appointment
	for _, e := range entries {
		if e.Appointment != nil {
			out = append(out, *e.Appointment)
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

// layDay lays slots out in rows: a row begins wherever a slot begins or ends, and a slot fills as many rows as it lasts.
// A doctor's slots never overlap, so that a cell holds one at most.
func layDay(entries []store.SlotEntry, doctors []clinic.Doctor) []view.DayRow {
	var times []time.Time
	for _, e := range entries {
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
	for _, e := range entries {
		column := slices.IndexFunc(doctors, func(d clinic.Doctor) bool { return d.ID == e.Slot.DoctorID })
		first := slices.IndexFunc(times, e.Slot.StartsAt.Equal)
		after := slices.IndexFunc(times, e.Slot.EndsAt.Equal)
		rows[first].Cells[column] = view.DayCell{Rows: after - first, Slot: e.Slot, Appointment: e.Appointment, HeldUntil: e.HeldUntil}
		for i := first + 1; i < after; i++ {
			rows[i].Cells[column].Covered = true
		}
	}
	return rows
}
