package office

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	view "madoguchi/web/office"
)

// CorrectContact corrects how the patient of a booking is called and reached, and has their letter sent again; or it shows what is
// wrong, or what somebody else has saved since the form was drawn, beside what was typed.
func (p *Pages) CorrectContact(c *gin.Context) error {
	typed := clinic.Contact{
		FamilyName: c.PostForm("family_name"), GivenName: c.PostForm("given_name"), FamilyKana: c.PostForm("family_kana"),
		GivenKana: c.PostForm("given_kana"), Phone: c.PostForm("phone"), Email: c.PostForm("email"),
	}
	a, err := p.Store.Appointment(c.Request.Context(), page.Actor(c), c.Param("id"))
	if err != nil {
		return err
	}
	corrected, errs := a.Patient.Corrected(typed, clinic.DateOf(p.Now(), a.Branch.Location()))
	form := view.ContactForm{Typed: typed, Revision: a.Booking.Revision, Errors: errs}
	if seen, _ := strconv.Atoi(c.PostForm("revision")); seen != a.Booking.Revision { // what is no number was drawn from nothing
		form.Stale = true
		return p.showContact(c, http.StatusConflict, form, clinic.StaleError())
	}
	if len(errs) > 0 {
		return p.showContact(c, http.StatusUnprocessableEntity, form, nil)
	}
	if corrected == a.Patient {
		return page.GoTo(c, "/office/bookings/"+c.Param("id"))
	}
	err = p.Store.CorrectContact(c.Request.Context(), page.Actor(c), c.Param("id"), a.Booking.Revision, corrected)
	if clinic.IsStale(err) { // saved by somebody else since it was read
		return p.CorrectContact(c)
	}
	return p.afterChange(c, err, view.Corrected)
}

// showContact shows the booking with the form as it was typed.
func (p *Pages) showContact(c *gin.Context, status int, form view.ContactForm, problem error) error {
	stay(c, "/office/bookings/"+c.Param("id"))
	var refusal *clinic.Error
	errors.As(problem, &refusal)
	return p.showBooking(c, status, form, refusal)
}
