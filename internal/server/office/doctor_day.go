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

const (
	nextDays   = 7  // how many days after the chosen one are looked through for the next one with a counseling
	shownDays  = 2  // the chosen day and the next one
	comingDays = 28 // how many days the page of the days to come reaches
)

// ShowDoctorDay shows a doctor the counselings of a day (?date=YYYY-MM-DD, today without it) and of the next one that has any, and
// beside them the chart of the next patient.
func (p *Pages) ShowDoctorDay(c *gin.Context) error {
	data, status, err := p.doctorDay(c, c.Query("date"))
	if err != nil {
		return err
	}
	return page.Show(c, status, view.DoctorDayPage(data))
}

// doctorDay is the page of a day that was asked for, and its status.
func (p *Pages) doctorDay(c *gin.Context, asked string) (data view.DoctorDay, status int, err error) {
	loc, err := p.zoneOf(c, page.Staff(c).DoctorID)
	if err != nil {
		return data, 0, err
	}
	chosen := p.chooseDay(asked, loc)
	data, charts, err := p.doctorDays(c, chosen.Date, nextDays, shownDays, loc)
	if err != nil {
		return data, 0, err
	}
	data.Listing, data.Refusal, data.Done = true, chosen.Refusal, view.DoctorDone(web.LocaleOf(c.Request.Context()), c.Query("done"))
	now := p.Now()
	if i := slices.IndexFunc(charts, func(chart store.Chart) bool { return awaited(chart.Appointment, now) }); i >= 0 {
		if data.Chart, err = p.chartWithHistory(c, charts[i].Appointment.Booking.ID); err != nil {
			return data, 0, err
		}
		drawBelow(c, data.Chart)
	}
	return data, dayStatus(chosen), nil
}

// ShowDoctorDays shows a doctor the counselings of the days to come.
func (p *Pages) ShowDoctorDays(c *gin.Context) error {
	loc, err := p.zoneOf(c, page.Staff(c).DoctorID)
	if err != nil {
		return err
	}
	data, _, err := p.doctorDays(c, clinic.DateOf(p.Now(), loc), comingDays, comingDays+1, loc)
	if err != nil {
		return err
	}
	data.Days = data.Days[1:]
	data.Days = slices.DeleteFunc(data.Days, func(d view.CounselingDay) bool { return len(d.Entries) == 0 })
	return page.Show(c, http.StatusOK, view.DoctorDaysPage(data))
}

// awaited reports whether a counseling is still to be held, or being held now.
func awaited(a clinic.Appointment, now time.Time) bool {
	switch a.Booking.Status {
	case clinic.Pending, clinic.Booked, clinic.Arrived, clinic.InProgress:
		return a.Slot.EndsAt.After(now)
	case clinic.Fulfilled, clinic.NoShow, clinic.Cancelled:
	}
	return false
}

// zoneOf is the zone of the first branch a doctor works at; it decides where their day begins.
func (p *Pages) zoneOf(c *gin.Context, doctorID string) (*time.Location, error) {
	_, branchIDs, err := p.Store.Doctor(c.Request.Context(), doctorID)
	if err != nil {
		return nil, err
	}
	branch := clinic.Branch{Zone: clinic.DefaultZone}
	if len(branchIDs) > 0 {
		if branch, err = p.Store.Branch(c.Request.Context(), branchIDs[0]); err != nil {
			return nil, err
		}
	}
	return branch.Location(), nil
}

// doctorDays are the counselings of the doctor who asks: of a day, and of those of the days after it, up to a number of them, that have any. It
// shows so many days at the most, and returns the charts behind them in the order of start.
func (p *Pages) doctorDays(c *gin.Context, date clinic.Date, after, most int, loc *time.Location) (view.DoctorDay, []store.Chart, error) {
	var charts []store.Chart
	ctx, actor := c.Request.Context(), page.Actor(c)
	read := page.Beside(func() (err error) {
		charts, err = p.Store.Charts(ctx, actor, date.In(loc), date.AddDays(after+1).In(loc))
		return err
	})
	frame := p.frame(c, clinic.Branch{})
	if err := read(); err != nil {
		return view.DoctorDay{}, nil, err
	}
	beside, err := p.besideCharts(ctx, actor, charts)
	if err != nil {
		return view.DoctorDay{}, nil, err
	}
	data, err := p.listed(c, frame, date, most, loc, charts, beside)
	return data, charts, err
}

// besideCharts is what a list says of charts that does not stand in them.
type besideCharts struct {
	notes map[string]store.NoteState // how far they are, by booking
	taken map[string]clinic.Handover // of those that the doctor was given
	fresh []store.HandedChart        // that they were given and have not read, on any day
}

func (p *Pages) besideCharts(ctx context.Context, actor clinic.Actor, charts []store.Chart) (b besideCharts, err error) {
	ids := bookingIDs(charts)
	if b.notes, err = p.Store.NoteStates(ctx, actor, ids...); err != nil {
		return b, err
	}
	if b.taken, err = p.Store.TakenOver(ctx, actor, ids...); err != nil {
		return b, err
	}
	b.fresh, err = p.Store.NewCharts(ctx, actor)
	return b, err
}

// bookingIDs are the ids of the bookings of charts.
func bookingIDs(charts []store.Chart) []string {
	ids := make([]string, len(charts))
	for i, chart := range charts {
		ids[i] = chart.Appointment.Booking.ID
	}
	return ids
}

// listed are charts, with what is said beside them, as a list of so many days at the most, the first of which is date.
func (p *Pages) listed(c *gin.Context, frame view.Frame, date clinic.Date, most int, loc *time.Location, charts []store.Chart, beside besideCharts) (view.DoctorDay, error) {
	now := p.Now()
	data := view.DoctorDay{Frame: frame, Today: clinic.DateOf(now, loc), Areas: map[string]intake.Question{}}
	page.SawEach(c, clinic.SawDoctorDay, charts, func(chart store.Chart) clinic.Subject { return clinic.AboutBooking(chart.Appointment) })
	data.Days = []view.CounselingDay{{Date: date, Holiday: p.HolidayName(date, page.Lang(c))}}
	next := !data.Today.Before(date) // on a later day, somebody else may come first
	for _, chart := range charts {
		day := clinic.DateOf(chart.Appointment.Slot.StartsAt, loc)
		if day != data.Days[len(data.Days)-1].Date {
			if len(data.Days) == most {
				break
			}
			data.Days = append(data.Days, view.CounselingDay{Date: day, Holiday: p.HolidayName(day, page.Lang(c))})
		}
		q, err := p.QuestionnaireOf(c.Request.Context(), chart.Appointment.Booking.QuestionnaireVersion)
		if err != nil {
			return data, err
		}
		data.Areas[chart.Appointment.Booking.QuestionnaireVersion] = q.Areas()
		if !q.Set.Signed() && !slices.ContainsFunc(data.ToSign, func(s intake.CautionSet) bool { return s.Version == q.Version }) {
			data.ToSign = append(data.ToSign, q.Set)
		}
		entry := p.counselingOf(q, chart, beside.notes[chart.Appointment.Booking.ID], now)
		if entry.Next = next && awaited(chart.Appointment, now); entry.Next {
			next = false
		}
		last := &data.Days[len(data.Days)-1]
		last.Entries = append(last.Entries, entry)
	}
	return data, p.handed(c, &data, loc, beside)
}

// handed fills in what was handed over: the charts that the doctor was given, those of them that they have not read, whenever they are, and those
// that they have given away on the days of the list.
func (p *Pages) handed(c *gin.Context, data *view.DoctorDay, loc *time.Location, beside besideCharts) error {
	data.Taken = beside.taken
	for _, h := range beside.fresh {
		data.New = append(data.New, view.Handed{Appointment: h.Appointment, Handover: h.Handover})
	}
	given, err := p.Store.GivenCharts(c.Request.Context(), page.Actor(c), data.Days[0].Date.In(loc), data.Days[len(data.Days)-1].Date.AddDays(1).In(loc))
	for _, h := range given {
		data.Given = append(data.Given, view.Handed{Appointment: h.Appointment, Handover: h.Handover, Wrote: h.Wrote})
		if h.Appointment.Booking.ID == c.Query("handed") {
			data.JustGiven = h.Appointment.Booking.ID
		}
	}
	return err
}

// counselingOf is a chart as it stands in the list. What the list does not say of it is not worked out.
func (p *Pages) counselingOf(q *intake.Questionnaire, chart store.Chart, note store.NoteState, now time.Time) view.Counseling {
	e := view.Counseling{
		Appointment: chart.Appointment, Answering: len(chart.Intake.Answers) > 0,
		Unread: chart.Intake.Unread(chart.Read), Begun: !chart.Appointment.Slot.StartsAt.After(now), Over: !chart.Appointment.Slot.EndsAt.After(now),
	}
	e.Signed = note.Version > 0 && !note.Draft
	e.Unsigned = note.Owed
	if e.Over {
		return e
	}
	facts := q.FactsFor(chart.Appointment)
	e.Holds, e.Checks = p.digest(q, chart, facts).Counts()
	switch {
	case !e.Answering: // what the booking says, such as the age, may hold a treatment all the same
	case !chart.Appointment.Answered:
		e.Done, e.Total = q.Progress(chart.Intake, facts)
	case e.Holds+e.Checks == 0:
		e.Asks = len(q.Asks(chart.Said(), facts))
	}
	return e
}
