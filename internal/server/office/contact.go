package office

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	view "madoguchi/web/office"
)

// contactFields are the fields of the form, in their order.
var contactFields = []string{"family_name", "given_name", "family_kana", "given_kana", "phone", "email"}

// contactForm fills the form in.
func contactForm(c clinic.Contact) url.Values {
	return filled("family_name", c.FamilyName, "given_name", c.GivenName, "family_kana", c.FamilyKana, "given_kana", c.GivenKana,
		"phone", c.Phone, "email", c.Email)
}

// shownPhones are numbers as people read them.
func shownPhones(numbers []string) (shown []string) {
	for _, n := range numbers {
		shown = append(shown, clinic.FormatPhone(n))
	}
	return shown
}

func readContact(form url.Values) clinic.Contact {
	return clinic.Contact{
		FamilyName: form.Get("family_name"), GivenName: form.Get("given_name"), FamilyKana: form.Get("family_kana"),
		GivenKana: form.Get("given_kana"), Phone: form.Get("phone"), Email: form.Get("email"),
	}
}

// CorrectContact corrects how the patient of a booking is called and reached, and has their letter sent again; or it shows what is
// wrong, or what somebody else has saved since the form was drawn.
func (p *Pages) CorrectContact(c *gin.Context) error {
	a, err := p.Store.Appointment(c.Request.Context(), page.Actor(c), c.Param("id"))
	if err != nil {
		return err
	}
	path, sent := "/office/bookings/"+c.Param("id"), c.Request.PostForm
	seen, before := page.ReadSeen(sent), contactForm(a.Patient.Contact())
	typed := readContact(decided(sent, before))
	corrected, errs := a.Patient.Corrected(typed, a.Booking.Lang, clinic.DateOf(p.Now(), a.Branch.Location()))
	if question := clinic.AskEmail(corrected.Email, sent.Get("email-asked")); question != nil && corrected.Email != a.Patient.Email {
		errs = append(errs, question)
	}
	if len(errs) > 0 {
		stay(c, path)
		return p.showBooking(c, http.StatusUnprocessableEntity, view.ContactForm{Typed: typed, EmailAsked: typed.Email, Revision: seen.Revision, Errors: errs}, nil)
	}
	if differ := differences(seen, a.Booking.Revision, contactFields, before, contactForm(corrected.Contact())); len(differ) > 0 {
		for i, d := range differ {
			if d.Name == "phone" {
				differ[i].Stored, differ[i].Typed = shownPhones(d.Stored), shownPhones(d.Typed)
			}
		}
		page.Saw(c, clinic.SawBooking, clinic.AboutBooking(a))
		conflict := p.conflict(c, c.Param("id"), sent, a.Booking.Revision, differ)
		stay(c, path)
		return page.Show(c, http.StatusConflict, view.ContactConflictPage(conflict))
	}
	if corrected == a.Patient {
		return page.GoTo(c, path)
	}
	err = p.Store.CorrectContact(c.Request.Context(), page.Actor(c), c.Param("id"), a.Booking.Revision, corrected)
	if clinic.IsStale(err) { // saved by somebody else since it was read: what they saved is compared anew
		return p.CorrectContact(c)
	}
	return p.afterChange(c, err, view.Corrected)
}
