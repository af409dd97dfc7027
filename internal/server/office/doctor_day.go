package office

import (
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	view "madoguchi/web/office"
)

// comingDays are how many days after the chosen one the doctor's list reaches.
const comingDays = 7

// ShowDoctorDay shows a doctor the counselings of a day (?date=YYYY-MM-DD, today without it) and of the coming ones, and
// beside them the chart of the next patient.
func (p *Pages) ShowDoctorDay(c *gin.Context) error {
	loc, err := p.zoneOf(c, page.Staff(c).DoctorID)
	if err != nil {
		return err
	}
	chosen := p.chooseDay(c.Query("date"), loc)
	data, charts, err := p.doctorDay(c, chosen.Date, loc)
	if err != nil {
		return err
	}
	data.Listing, data.Refusal = true, chosen.Refusal
	now := p.Now()
	if i := slices.IndexFunc(charts, func(chart store.Chart) bool { return awaited(chart.Appointment, now) }); i >= 0 {
		if data.Chart, err = p.chart(c, charts[i]); err != nil {
			return err
		}
	}
	return page.Show(c, dayStatus(chosen), view.DoctorDayPage(data))
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

// doctorDay is the list of the doctor who asks: the day with what is still to come first, then the coming days that have a
// counseling. It returns the charts behind it in the order of start.
func (p *Pages) doctorDay(c *gin.Context, date clinic.Date, loc *time.Location) (view.DoctorDay, []store.Chart, error) {
	now := p.Now()
	data := view.DoctorDay{Frame: p.frame(c, clinic.Branch{}), Today: clinic.DateOf(now, loc), Areas: map[string]intake.Question{}}
	charts, err := p.Store.Charts(c.Request.Context(), page.Actor(c), date.In(loc), date.AddDays(comingDays+1).In(loc))
	if err != nil {
		return data, nil, err
	}
	data.Days = []view.CounselingDay{{Date: date, Holiday: p.HolidayName(date, page.Lang(c))}}
	var over []view.Counseling
	next := !data.Today.Before(date) // on a later day, somebody else may come first
	for _, chart := range charts {
		q, err := p.QuestionnaireOf(c.Request.Context(), chart.Appointment.Booking.QuestionnaireVersion)
		if err != nil {
			return data, nil, err
		}
		data.Areas[chart.Appointment.Booking.QuestionnaireVersion] = q.Areas()
		entry := counselingOf(q, chart, now)
		if entry.Next = next && awaited(chart.Appointment, now); entry.Next {
			next = false
		}
		day := clinic.DateOf(chart.Appointment.Slot.StartsAt, loc)
		switch last := &data.Days[len(data.Days)-1]; {
		case day == date && entry.Over:
			over = append(over, entry)
		case day == last.Date:
			last.Entries = append(last.Entries, entry)
		default:
			data.Days = append(data.Days, view.CounselingDay{Date: day, Holiday: p.HolidayName(day, page.Lang(c)), Entries: []view.Counseling{entry}})
		}
	}
	data.Days[0].Entries = append(data.Days[0].Entries, over...)
	return data, charts, nil
}

func counselingOf(q *intake.Questionnaire, chart store.Chart, now time.Time) view.Counseling {
	facts := q.FactsFor(chart.Appointment)
	cautions := q.Cautions(chart.Intake.Answers, facts)
	e := view.Counseling{
		Appointment: chart.Appointment, Cautions: len(cautions), Asks: len(q.Asks(chart.Intake.Answers, facts)), Answering: len(chart.Intake.Answers) > 0,
		Begun: !chart.Appointment.Slot.StartsAt.After(now), Over: !chart.Appointment.Slot.EndsAt.After(now),
	}
	if len(cautions) > 0 {
		e.Worst = cautions[0].Severity // the gravest comes first
	}
	return e
}
