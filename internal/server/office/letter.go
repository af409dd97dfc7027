package office

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/web"
	"madoguchi/web/letter"
	view "madoguchi/web/office"
)

// ShowLetters lists the letters in trouble, at every branch of whoever asks: nobody else will see to them.
func (p *Pages) ShowLetters(c *gin.Context) error {
	letters, err := p.troubled(c, "")
	if err != nil {
		return err
	}
	data := view.Letters{Frame: p.frame(c, clinic.Branch{}), Now: p.Now(), Letters: letters}
	return page.Show(c, http.StatusOK, view.LettersPage(data))
}

// troubled are the letters in trouble of a branch, the oldest first.
func (p *Pages) troubled(c *gin.Context, branchID string) (out []view.TroubledLetter, err error) {
	letters, err := p.Store.LettersInTrouble(c.Request.Context(), page.Actor(c))
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(letters))
	for i, l := range letters {
		ids[i] = l.BookingID
	}
	appointments, err := p.Store.Appointments(c.Request.Context(), page.Actor(c), ids...)
	for _, l := range letters {
		if a, ok := appointments[l.BookingID]; ok && (branchID == "" || a.Branch.ID == branchID) {
			out = append(out, view.TroubledLetter{BookingLetter: bookingLetter(c, l), Appointment: a})
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
