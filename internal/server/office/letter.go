package office

import (
	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/web"
	"madoguchi/web/letter"
	view "madoguchi/web/office"
)

// troubled are the letters in trouble of a branch, the oldest first.
func (p *Pages) troubled(c *gin.Context, branchID string) (out []view.TroubledLetter, err error) {
	letters, err := p.Store.LettersInTrouble(c.Request.Context(), page.Actor(c))
	if err != nil {
		return nil, err
	}
	all, err := p.withBookings(c, letters)
	for _, l := range all {
		if branchID == "" || l.Appointment.Branch.ID == branchID {
			out = append(out, l)
		}
	}
	return out, err
}

// ToldByTelephone says that the patient has heard from somebody what a letter would have told them.
func (p *Pages) ToldByTelephone(c *gin.Context) error {
	err := p.Store.SettleLetter(c.Request.Context(), page.Actor(c), c.Param("id"), c.Param("letter"))
	if err != nil {
		return p.afterChange(c, err, "")
	}
	return page.GoTo(c, cameFrom(c, "/office/bookings/"+c.Param("id")).String())
}

// bookingLetter is a letter with the sentence about why it has not arrived.
func bookingLetter(c *gin.Context, l clinic.Letter) view.BookingLetter {
	shown := view.BookingLetter{Letter: l}
	switch {
	case l.Status == clinic.LetterHeld:
		shown.Sentence = web.LocaleOf(c.Request.Context()).T("office.booking.letter.held")
	case l.Failure != "":
		shown.Sentence = letter.Failure(page.Lang(c), l.Failure)
	}
	return shown
}
