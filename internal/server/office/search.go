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

// Search finds bookings by kana, phone or mail, and leads straight to the booking of a reference.
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
	return page.Show(c, http.StatusOK, view.SearchPage(data))
}
