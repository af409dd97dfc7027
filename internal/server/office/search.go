package office

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	view "madoguchi/web/office"
)

const searchPath = "/office/search"

// ShowSearch shows the empty form.
func (p *Pages) ShowSearch(c *gin.Context) error {
	return page.Show(c, http.StatusOK, view.SearchPage(view.Search{Frame: p.frame(c, clinic.Branch{})}))
}

// Search finds patients and their bookings by what the front desk knows of them, and leads straight to the booking of a reference.
func (p *Pages) Search(c *gin.Context) error {
	text := c.PostForm("q")
	stay(c, searchPath)
	if problem := clinic.BadSign("q", clinic.Tidy(text)); problem != nil {
		data := view.Search{Frame: p.frame(c, clinic.Branch{}), Text: text, Error: problem}
		return page.Show(c, http.StatusUnprocessableEntity, view.SearchPage(data))
	}
	if reference, ok := clinic.ParseReference(text); ok {
		a, err := p.Store.AppointmentByReference(c.Request.Context(), page.Actor(c), reference)
		if err == nil {
			if asksForPart(c) { // while somebody types, the page stays
				page.Saw(c, clinic.SawFound, clinic.AboutBooking(a))
				data := view.Search{Frame: p.frame(c, clinic.Branch{}), Text: text, Asked: true, Found: []clinic.Appointment{a}}
				return page.Show(c, http.StatusOK, view.SearchPage(data))
			}
			return page.GoTo(c, "/office/bookings/"+a.Booking.ID)
		}
		if clinic.CodeOf(err) != clinic.NotFound {
			return err
		}
	}
	found, err := p.Store.Search(c.Request.Context(), page.Actor(c), text)
	if err != nil {
		return err
	}
	data := view.Search{Frame: p.frame(c, clinic.Branch{}), Text: text, Asked: true, Found: found.Appointments, More: found.More}
	if clinic.Tidy(text) != "" {
		people, err := p.Store.SearchPatients(c.Request.Context(), page.Actor(c), text, callHits)
		if err != nil {
			return err
		}
		data.People, data.MorePeople = people.Patients, people.More
		page.SawEach(c, clinic.SawFound, data.People, aboutRecord)
	}
	page.SawEach(c, clinic.SawFound, data.Found, clinic.AboutBooking)
	return page.Show(c, http.StatusOK, view.SearchPage(data))
}
