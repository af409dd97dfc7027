package office

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	view "madoguchi/web/office"
)

// ShowBooking shows one booking, without any medical answer.
func (p *Pages) ShowBooking(c *gin.Context) error {
	return p.showBooking(c, http.StatusOK, view.ContactForm{}, nil)
}

// showBooking shows the booking, with the contact as it was typed, if it was, and the reason why the last request was refused.
func (p *Pages) showBooking(c *gin.Context, status int, contact view.ContactForm, problem *clinic.Error) error {
	ctx, id := c.Request.Context(), c.Param("id")
	a, err := p.Store.Appointment(ctx, page.Actor(c), id)
	if err != nil {
		return err
	}
	q, err := p.QuestionnaireOf(ctx, a.Booking.QuestionnaireVersion)
	if err != nil {
		return err
	}
	letters, err := p.Store.Letters(ctx, page.Actor(c), id)
	if err != nil {
		return err
	}
	data := view.Booking{
		Frame: p.frame(c, a.Branch), Appointment: a, Questions: q.Booking, Now: p.Now(), Problem: problem, Contact: contact,
		Holiday: p.HolidayName(clinic.DateOf(a.Slot.StartsAt, a.Branch.Location()), page.Lang(c)),
	}
	if data.Others, data.Elsewhere, err = p.others(c, a); err != nil {
		return err
	}
	for _, l := range letters {
		data.Letters = append(data.Letters, bookingLetter(c, l))
	}
	if len(contact.Errors) == 0 { // nothing was typed
		typed := a.Patient.Contact()
		typed.Phone = clinic.FormatPhone(typed.Phone)
		data.Contact = view.ContactForm{Typed: typed, Revision: a.Booking.Revision}
	}
	if status == http.StatusOK {
		data.Notice = view.BookingNotice(c.Query("done"))
	}
	return page.Show(c, status, view.BookingPage(data))
}

// others are the other bookings to come of the same person that the reader may see, and how many more there are.
func (p *Pages) others(c *gin.Context, a clinic.Appointment) (seen []clinic.Appointment, elsewhere int, err error) {
	ctx := c.Request.Context()
	others, err := p.Store.Others(ctx, page.Actor(c), a)
	if err != nil {
		return nil, 0, err
	}
	ids := others[a.Booking.ID]
	appointments, err := p.Store.Appointments(ctx, page.Actor(c), ids...)
	for _, id := range ids {
		if o, ok := appointments[id]; ok {
			seen = append(seen, o)
		}
	}
	return seen, len(ids) - len(seen), err
}

// CancelBooking ends a booking.
func (p *Pages) CancelBooking(c *gin.Context) error {
	err := p.Store.Cancel(c.Request.Context(), page.Actor(c), c.Param("id"))
	return p.afterChange(c, err, view.BookingEnded)
}

// ResendLetter makes a letter due again.
func (p *Pages) ResendLetter(c *gin.Context) error {
	err := p.Store.Resend(c.Request.Context(), page.Actor(c), c.Param("id"), c.Param("letter"))
	return p.afterChange(c, err, view.LetterQueued)
}

// afterChange goes back to the booking and says what was done, or shows it with the reason why nothing was.
func (p *Pages) afterChange(c *gin.Context, err error, done view.BookingNotice) error {
	path := "/office/bookings/" + c.Param("id")
	var refusal *clinic.Error
	switch {
	case err == nil:
		return page.GoTo(c, path+"?done="+string(done))
	case errors.As(err, &refusal) && refusal.Code == clinic.Conflict:
		stay(c, path)
		return p.showBooking(c, page.Status(refusal.Code), view.ContactForm{}, refusal)
	}
	return err
}
