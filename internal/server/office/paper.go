package office

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	view "madoguchi/web/office"
)

// ShowPaper is what is printed of one of a doctor's own appointments: the questionnaire as it was answered, the record, or both
// (?what=form|record). Another doctor's is not found.
func (p *Pages) ShowPaper(c *gin.Context) error {
	paper, err := p.paper(c, c.Param("id"))
	if err != nil {
		return err
	}
	data := view.Papers{Day: clinic.DateOf(paper.Appointment.Slot.StartsAt, paper.Appointment.Branch.Location()), What: view.ReadPaperWhat(c.Query("what")), People: []view.PaperOf{paper}}
	return page.Show(c, http.StatusOK, view.PaperPage(data))
}

// ShowDayPaper is the same of all to whom a doctor talks on a day (?date=YYYY-MM-DD, today without it), in the order of their times.
func (p *Pages) ShowDayPaper(c *gin.Context) error {
	loc, err := p.zoneOf(c, page.Staff(c).DoctorID)
	if err != nil {
		return err
	}
	if _, ok := clinic.ParseDate(c.Query("date")); !ok && c.Query("date") != "" {
		return store.NotFound() // another day's sheets would be taken for those of this one
	}
	chosen := p.chooseDay(c.Query("date"), loc)
	if chosen.Refusal != nil {
		return chosen.Refusal
	}
	charts, err := p.Store.Charts(c.Request.Context(), page.Actor(c), chosen.Date.In(loc), chosen.Date.AddDays(1).In(loc))
	if err != nil {
		return err
	}
	data := view.Papers{Day: chosen.Date, Whole: true, What: view.ReadPaperWhat(c.Query("what"))}
	for _, chart := range charts {
		if chart.Appointment.Booking.Status == clinic.NoShow {
			continue // nobody came whose sheets could be needed
		}
		paper, err := p.paper(c, chart.Appointment.Booking.ID)
		if err != nil {
			return err
		}
		data.People = append(data.People, paper)
	}
	return page.Show(c, http.StatusOK, view.PaperPage(data))
}

// paper is what is printed of one counseling.
func (p *Pages) paper(c *gin.Context, bookingID string) (view.PaperOf, error) {
	chart, err := p.chartWithHistory(c, bookingID)
	if err != nil {
		return view.PaperOf{}, err
	}
	page.Saw(c, clinic.Printed, clinic.AboutBooking(chart.Appointment))
	note, err := p.Store.NoteFor(c.Request.Context(), page.Actor(c), bookingID)
	return view.PaperOf{Chart: *chart, Signed: note.Newest(), Draft: note.Draft.Open}, err
}
