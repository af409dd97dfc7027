package office

import (
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	office "madoguchi/web/office"
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
	view, charts, err := p.agenda(c, chosen.Date, loc)
	if err != nil {
		return err
	}
	view.Listing, view.Refusal = true, chosen.Refusal
	now := p.Now()
	if i := slices.IndexFunc(charts, func(chart store.Chart) bool { return awaited(chart.Appointment, now) }); i >= 0 {
		view.Chart = p.chart(c, charts[i])
	}
	return page.Show(c, dayStatus(chosen), office.ConsultationPage(view))
}

// ShowChart shows a doctor one of their own appointments with every answer. Another doctor's is not found.
func (p *Pages) ShowChart(c *gin.Context) error {
	chart, err := p.Store.ChartFor(c.Request.Context(), page.Staff(c).DoctorID, c.Param("id"))
	if err != nil {
		return err
	}
	loc := chart.Appointment.Branch.Location()
	view, _, err := p.agenda(c, clinic.DateOf(chart.Appointment.Slot.StartsAt, loc), loc)
	if err != nil {
		return err
	}
	view.Chart = p.chart(c, chart)
	return page.Show(c, http.StatusOK, office.ConsultationPage(view))
}

// awaited reports whether a counseling is still to be held, or being held now.
func awaited(a clinic.Appointment, now time.Time) bool {
	switch a.Booking.Status {
	case clinic.Pending, clinic.Booked, clinic.Arrived:
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

// agenda is the list of the doctor who asks: the day with what is still to come first, then the coming days that have a
// counseling. It returns the charts behind it in the order of start.
func (p *Pages) agenda(c *gin.Context, date clinic.Date, loc *time.Location) (office.Consultation, []store.Chart, error) {
	now := p.Now()
	view := office.Consultation{Frame: p.frame(c, clinic.Branch{}), Today: clinic.DateOf(now, loc), Areas: p.areas()}
	charts, err := p.Store.Charts(c.Request.Context(), page.Staff(c).DoctorID, date.In(loc), date.AddDays(comingDays+1).In(loc))
	if err != nil {
		return view, nil, err
	}
	view.Days = []office.AgendaDay{{Date: date, Holiday: p.HolidayName(date, page.Lang(c))}}
	var over []office.AgendaEntry
	next := !view.Today.Before(date) // on a later day, somebody else may come first
	for _, chart := range charts {
		entry := p.entry(chart, now)
		if entry.Next = next && awaited(chart.Appointment, now); entry.Next {
			next = false
		}
		day := clinic.DateOf(chart.Appointment.Slot.StartsAt, loc)
		switch last := &view.Days[len(view.Days)-1]; {
		case day == date && entry.Over:
			over = append(over, entry)
		case day == last.Date:
			last.Entries = append(last.Entries, entry)
		default:
			view.Days = append(view.Days, office.AgendaDay{Date: day, Holiday: p.HolidayName(day, page.Lang(c)), Entries: []office.AgendaEntry{entry}})
		}
	}
	view.Days[0].Entries = append(view.Days[0].Entries, over...)
	return view, charts, nil
}

func (p *Pages) entry(chart store.Chart, now time.Time) office.AgendaEntry {
	cautions := p.cautions(chart)
	e := office.AgendaEntry{
		Appointment: chart.Appointment, Cautions: len(cautions), Answering: len(chart.Intake.Answers) > 0,
		Begun: !chart.Appointment.Slot.StartsAt.After(now), Over: !chart.Appointment.Slot.EndsAt.After(now),
	}
	if len(cautions) > 0 {
		e.Worst = cautions[0].Severity // the gravest comes first
	}
	return e
}

func (p *Pages) cautions(chart store.Chart) []intake.Caution {
	return intake.Cautions(p.Cautions, p.Questions, chart.Intake.Answers, intake.FactsFor(chart.Appointment))
}

// chart works out what a doctor sees of one appointment.
func (p *Pages) chart(c *gin.Context, chart store.Chart) *office.Chart {
	facts := intake.FactsFor(chart.Appointment)
	view := &office.Chart{
		Appointment: chart.Appointment, Age: facts.Age, Record: chart.Intake, Questions: p.Questions,
		Holiday:  p.HolidayName(clinic.DateOf(chart.Appointment.Slot.StartsAt, chart.Appointment.Branch.Location()), page.Lang(c)),
		Cautions: p.cautions(chart), Causes: intake.Causes(p.Questions, chart.Intake.Answers, facts),
		Visible: p.Questions.Visible(chart.Intake.Answers, facts),
	}
	view.Done, view.Total = p.Questions.Progress(chart.Intake, facts)
	return view
}
