package office

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	view "madoguchi/web/office"
)

// ShowBooking shows one booking, without any medical answer; beside the calendar, which asks for it as a part of its page, the panel.
func (p *Pages) ShowBooking(c *gin.Context) error {
	return p.showBooking(c, http.StatusOK, view.ContactForm{}, nil)
}

// showBooking shows the booking, with the contact as it was typed, if it was, and the reason why the last request was refused.
func (p *Pages) showBooking(c *gin.Context, status int, contact view.ContactForm, problem *clinic.Error) error {
	data, err := p.booking(c, contact)
	if err != nil {
		return err
	}
	data.Problem = problem
	if status == http.StatusOK {
		data.Notice = view.BookingNotice(c.Query("done"))
		if data.Undo, err = p.undo(c, data.Appointment.Branch); err != nil {
			return err
		}
		if c.GetHeader("HX-Request") != "" {
			besideCalendar(&data, page.OwnPath(c.Query(backField)))
			return page.Show(c, status, view.BookingPanel(data))
		}
	}
	return page.Show(c, status, view.BookingPage(data))
}

// besideCalendar says on which page of a calendar a booking stands: its forms lead back to that page with the booking on it.
func besideCalendar(b *view.Booking, calendar string) {
	b.Close = calendar
	if u, err := url.Parse(calendar); err == nil && strings.HasPrefix(u.Path, "/office/") {
		query := u.Query()
		query.Set("booking", b.Appointment.Booking.ID)
		u.RawQuery = query.Encode()
		b.Back = u.String()
	}
}

// booking is everything that the front desk sees of the booking in the path.
func (p *Pages) booking(c *gin.Context, contact view.ContactForm) (view.Booking, error) {
	a, err := p.Store.Appointment(c.Request.Context(), page.Actor(c), c.Param("id"))
	if err != nil {
		return view.Booking{}, err
	}
	data, err := p.bookingOf(c, p.frame(c, a.Branch), a)
	if len(contact.Errors) > 0 {
		data.Contact = contact
	}
	return data, err
}

// bookingOf is everything that the front desk sees of a booking.
func (p *Pages) bookingOf(c *gin.Context, f view.Frame, a clinic.Appointment) (view.Booking, error) {
	ctx, actor, id := c.Request.Context(), page.Actor(c), a.Booking.ID
	page.Saw(c, clinic.SawBooking, clinic.AboutBooking(a))
	data := view.Booking{
		Frame: f, Appointment: a, Now: p.Now(), Steps: a.Steps(actor, p.Now()),
		Holiday: p.HolidayName(clinic.DateOf(a.Slot.StartsAt, a.Branch.Location()), page.Lang(c)),
	}
	q, err := p.QuestionnaireOf(ctx, a.Booking.QuestionnaireVersion)
	if err != nil {
		return data, err
	}
	data.Questions, data.Guardian = q.Booking, q.Uses.Guardian
	letters, err := p.Store.Letters(ctx, actor, id)
	if err != nil {
		return data, err
	}
	others, noShows, err := p.Store.OthersAndNoShows(ctx, actor, &a)
	if err != nil {
		return data, err
	}
	data.NoShows = noShows[a.Booking.PatientID]
	if data.Others, data.Elsewhere, err = p.seen(c, others[id]); err != nil {
		return data, err
	}
	if a.HandedTo.ID != "" {
		handed, err := p.Store.HandedOver(ctx, actor, id)
		if err != nil {
			return data, err
		}
		data.Handed = handed[id]
	}
	if data.Memo, err = p.Store.BookingMemo(ctx, actor, id); err != nil {
		return data, err
	}
	if data.PatientMemo, err = p.Store.PatientMemo(ctx, actor, a.Booking.PatientID); err != nil {
		return data, err
	}
	if data.Tries, err = p.Store.Tries(ctx, actor, id); err != nil {
		return data, err
	}
	if data.Names, err = p.Store.StaffNames(ctx, a.Booking.StatusBy, data.Memo.UpdatedBy, data.Tries.GivenBy); err != nil {
		return data, err
	}
	for _, l := range letters {
		data.Letters = append(data.Letters, bookingLetter(c, l))
	}
	typed := a.Patient.Contact()
	typed.Phone = clinic.FormatPhone(typed.Phone)
	data.Contact = view.ContactForm{Typed: typed, Revision: a.Booking.Revision}
	return data, nil
}

// seen are those of some bookings that the reader may see, and how many more there are.
func (p *Pages) seen(c *gin.Context, ids []string) (seen []clinic.Appointment, elsewhere int, err error) {
	appointments, err := p.Store.Appointments(c.Request.Context(), page.Actor(c), ids...)
	for _, id := range ids {
		if o, ok := appointments[id]; ok {
			seen = append(seen, o)
		}
	}
	return seen, len(ids) - len(seen), err
}

// ResendLetter makes a letter due again. It leads back to the list of letters, or to the booking.
func (p *Pages) ResendLetter(c *gin.Context) error {
	err := p.Store.Resend(c.Request.Context(), page.Actor(c), c.Param("id"), c.Param("letter"))
	if back := cameFrom(c, ""); err == nil && back.Path == "/office/letters" {
		query := back.Query()
		query.Set("sent", "1")
		back.RawQuery = query.Encode()
		return page.GoTo(c, back.String())
	}
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
